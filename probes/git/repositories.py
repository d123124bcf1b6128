"""The repositories of the workspace and its neighbours: their folders, branch and settings."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.git.chains import Reading, Setting, straight
from probes.git.conditions import Context, holding, with_remotes
from probes.git.enclosing import enclosing
from probes.git.reads import GIT_FOLDER, REPOSITORY
from probes.git.scopes import Scopes, kept
from scanner.host import FileKind, Host, Place
from scanner.model import Gap, GapKind

MODULE_LIMIT = 100  # submodules and further worktrees told for one repository
POINTER = re.compile(r"gitdir: ([^\n\0]{1,4096})\n?")
MODULES = ("modules/*/config", "modules/*/*/config", "worktrees/*/config.worktree")


class Repository(Struct):
    """One repository: where it is checked out, its git folder, the branch, and its own settings."""

    root: PurePath
    folder: PurePath
    branch: str = ""
    settings: list[Setting] = field(default_factory=list)

    def effective(self, scopes: Scopes, home: PurePath) -> list[Setting]:
        """All settings that hold in it, in the order in which git reads them."""
        every = [*scopes.files, *self.settings, *scopes.command]
        return holding(every, with_remotes(every, Context(home, self.folder, self.branch)))


def repositories(host: Host) -> Iterator[Repository | Gap]:
    """Each repository with its settings, then its submodules."""
    seen: set[PurePath] = set()
    for place in _places(host):
        if isinstance(place, Gap):
            yield place
            continue
        for found in _folder(host, place):
            if isinstance(found, Gap):
                yield found
            elif found.folder not in seen:
                seen.add(found.folder)
                yield from _opened(host, found)


def _places(host: Host) -> Iterator[Place | Gap]:
    """What lies at `.git` in each project, and in the folders above a workspace that lies within a repository."""
    yield from host.places(REPOSITORY)
    yield from enclosing(host)


def _folder(host: Host, place: Place) -> Iterator[Repository | Gap]:
    """The repository of a `.git`: a folder, or a file that names one (a worktree, a submodule)."""
    root = place.path.parent
    if place.kind is FileKind.FOLDER:
        yield Repository(root, place.path)
        return
    for file in host.read_named(GIT_FOLDER, place.path):
        if isinstance(file, Gap):
            yield file
            continue
        told = POINTER.fullmatch(file.text.replace("\r\n", "\n"))
        folder = host.resolve(told[1], root) if told is not None else None
        if folder is None:
            yield Gap(GapKind.FAILED, host.shown(place.path), "names no git folder")
        else:
            yield Repository(root, straight(folder))


def _opened(host: Host, found: Repository) -> Iterator[Repository | Gap]:
    """The repository with its branch and settings, then those of its submodules and further worktrees."""
    shared = found.folder
    for file in host.read_named(GIT_FOLDER, found.folder / "commondir"):
        if not isinstance(file, Gap):
            named = host.resolve(file.text.strip() or ".", found.folder) if "\0" not in file.text else None
            shared = straight(named) if named is not None else shared
    for file in host.read_named(GIT_FOLDER, found.folder / "HEAD"):
        if not isinstance(file, Gap) and file.text.startswith("ref: refs/heads/"):
            found.branch = file.text.partition("\n")[0].removeprefix("ref: refs/heads/").strip()
    yield from _settings(host, found, (shared / "config", found.folder / "config.worktree"))
    yield found
    if shared == found.folder:
        yield from _modules(host, found)


def _settings(host: Host, found: Repository, paths: tuple[PurePath, ...]) -> Iterator[Gap]:
    reading = Reading(host)
    for path in paths:
        for file in host.read_named(GIT_FOLDER, path):
            if isinstance(file, Gap):
                yield file
            else:
                yield from kept(file, reading, found.settings)


def _modules(host: Host, outer: Repository) -> Iterator[Repository | Gap]:
    count = 0
    for pattern in MODULES:
        for path in host.matches_named(GIT_FOLDER, outer.folder / pattern):
            if isinstance(path, Gap):
                yield path
                continue
            if host.place_named(GIT_FOLDER, path) is None:
                continue
            count += 1
            if count > MODULE_LIMIT:
                why = f"more than {MODULE_LIMIT} submodules and worktrees; the rest was not judged"
                yield Gap(GapKind.LIMIT, host.shown(outer.folder), why)
                return
            module = Repository(outer.root, path.parent)
            yield from _settings(host, module, (path,))
            yield module
