"""Where Claude Code works: its folder, the root of the repository around it, and its own folder of settings."""

from pathlib import PurePath

from msgspec import Struct

from probes.agents.claude.reads import CONFIG_VARIABLE, PROJECT_FILE
from scanner.host import FileKind, Host, Place, TextFile
from scanner.host.paths import pure
from scanner.model import Platform

LEVELS = 16


class Here(Struct, frozen=True):
    """The start folder, the root of its repository (itself, where there is none), the home, and `config`.

    `main` is the repository that a worktree belongs to.
    """

    platform: Platform
    home: PurePath
    cwd: PurePath
    root: PurePath
    config: PurePath
    uid: int | None = None
    main: PurePath | None = None

    @property
    def fold(self) -> bool:
        """Whether the disks here ignore case."""
        return self.platform is not Platform.LINUX

    def in_use(self, patterns: tuple[str, ...]) -> tuple[str, ...]:
        """Of the patterns for its own folder those that count: where that is moved, nothing is read in the home."""
        moved = self.config != self.home / ".claude"
        return tuple(each for each in patterns if each.startswith(f"${CONFIG_VARIABLE}") is moved)

    @property
    def local(self) -> tuple[PurePath, ...]:
        """The folders whose `.claude` holds local settings: the repository's root, and the start folder of old."""
        if self.platform is Platform.WINDOWS or self.root == self.home:
            return (self.cwd,)
        return tuple(dict.fromkeys((self.root, self.cwd)))


def here(host: Host) -> Here:
    """Where it would be started: in the workspace, or in the home."""
    cwd = host.workspace or host.home
    moved = host.variable(CONFIG_VARIABLE)
    config = pure(host.platform, moved) if moved else host.home / ".claude"
    root = _root(host, cwd)
    return Here(host.platform, host.home, cwd, root, config, host.machine.uid, _main(host, root))


def _main(host: Host, root: PurePath) -> PurePath | None:
    """The repository of a worktree, which names the worktree as well: a `.git` alone could name any."""
    git = root / ".git"
    place = host.place_named(PROJECT_FILE, git)
    if not isinstance(place, Place) or place.kind is not FileKind.FILE:
        return None
    named = _line(host, git)
    inner = host.resolve(named.removeprefix("gitdir:").strip(), root) if named.startswith("gitdir:") else None
    if inner is None or inner.parent.name != "worktrees" or inner.parent.parent.name != ".git":
        return None
    return inner.parents[2] if _line(host, inner / "gitdir") == str(git) else None


def _line(host: Host, path: PurePath) -> str:
    """The first line of a file, empty where there is none."""
    texts = [each.text for each in host.read_named(PROJECT_FILE, path) if isinstance(each, TextFile)]
    return texts[0].partition("\n")[0].strip() if texts else ""


def _root(host: Host, cwd: PurePath) -> PurePath:
    """The root of the repository that a folder lies in, as `.git` tells; the folder itself where there is none."""
    for folder in (cwd, *cwd.parents)[:LEVELS]:
        if host.place_named(PROJECT_FILE, folder / ".git") is not None:
            return folder
        if folder == host.home:
            break
    return cwd
