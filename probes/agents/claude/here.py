"""Where Claude Code works: its folder, the root of the repository around it, and its own folder of settings."""

from pathlib import PurePath

from msgspec import Struct

from probes.agents.claude.reads import CONFIG_VARIABLE, PROJECT_FILE
from scanner.host import Host
from scanner.host.paths import pure
from scanner.model import Platform

LEVELS = 16


class Here(Struct, frozen=True):
    """The start folder, the root of its repository (itself, where there is none), the home, and `config`."""

    platform: Platform
    home: PurePath
    cwd: PurePath
    root: PurePath
    config: PurePath
    uid: int | None = None

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
    return Here(host.platform, host.home, cwd, _root(host, cwd), config, host.machine.uid)


def _root(host: Host, cwd: PurePath) -> PurePath:
    """The root of the repository that a folder lies in, as `.git` tells; the folder itself where there is none."""
    for folder in (cwd, *cwd.parents)[:LEVELS]:
        if host.place_named(PROJECT_FILE, folder / ".git") is not None:
            return folder
        if folder == host.home:
            break
    return cwd
