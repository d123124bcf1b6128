"""The repository of a workspace: its top folder, its git folder, and the folder that its hooks run from."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.above import above
from probes.git.config_text import parse
from probes.guardrails.reads import GIT_CONFIG, GIT_FOLDER, PROJECT_FILE
from scanner.host import FileKind, Host, Place, TextFile
from scanner.host.paths import within
from scanner.model import Gap, Platform

POINTER = re.compile(r"gitdir: ([^\n\0]{1,4096})\n?")
BLANK_LINE = re.compile(r"(?m)^[ \t]*(?:#|//)[^\n]*$")
MATCHES = 60  # files of one pattern


class Clone(Struct, frozen=True):
    """A checkout: its top folder, git's own folder (of a worktree the shared one), and where its hooks lie.

    `worktree`: it is one of several checkouts of a repository. Outside of a repository there are no hooks.
    """

    root: PurePath
    git: PurePath | None = None
    hooks: PurePath | None = None
    worktree: bool = False


def clone_of(host: Host) -> Clone | None:
    """The checkout that the workspace lies in; the workspace alone where there is none."""
    if host.workspace is None:
        return None
    root = next(reversed(above(host)), host.workspace)
    place = host.place_named(PROJECT_FILE, root / ".git")
    if not isinstance(place, Place):
        return Clone(root)
    git, worktree = _git_folder(host, root, place)
    return Clone(root, git, _hooks(host, root, git) if git is not None else None, worktree)


def _git_folder(host: Host, root: PurePath, place: Place) -> tuple[PurePath | None, bool]:
    if place.kind is FileKind.FOLDER:
        return place.path, False
    text = text_of(host, GIT_FOLDER, place.path)
    named = POINTER.fullmatch(text.replace("\r\n", "\n"))
    folder = host.resolve(named[1].strip(), root) if named is not None else None
    if folder is None or ".." in folder.parts or not _is_near(host, folder, root):
        return None, False
    if folder.parent.name == "worktrees":
        return folder.parent.parent, True
    return folder, False


def _is_near(host: Host, path: PurePath, root: PurePath) -> bool:
    """Whether a look there is one at this user's own disk: a pointer may name another machine's."""
    return within(path, host.home) or within(path, root) or within(path, root.parent)


def _hooks(host: Host, root: PurePath, git: PurePath) -> PurePath | None:
    """The folder that git takes hooks from: the last `core.hooksPath` of its settings, else its own."""
    told = [file.text for file in host.read(*reversed(GIT_CONFIG)) if isinstance(file, TextFile)]
    told.append(text_of(host, GIT_FOLDER, git / "config"))
    named = [
        entry.value
        for text in told
        for entry in parse(text).entries
        if (entry.section, entry.subsection, entry.name) == ("core", None, "hookspath") and entry.value
    ]
    if not named:
        return git / "hooks"
    folder = host.resolve(named[-1], root)
    return folder if folder is not None and ".." not in folder.parts and _is_near(host, folder, root) else None


# --- its files


def text_of(host: Host, declared: str, path: PurePath) -> str:
    """The text of one file, empty where there is none or it may not be read."""
    return next((file.text for file in host.read_named(declared, path) if isinstance(file, TextFile)), "")


def files_of(host: Host, root: PurePath, names: tuple[str, ...]) -> Iterator[TextFile | Gap]:
    """The files of a checkout by their names, `*` in a name for any; none that a link takes out of it."""
    for name in names:
        for path in _paths(host, root / name):
            place = host.place_named(PROJECT_FILE, path)
            if isinstance(place, Place) and place.kind is FileKind.FILE and _is_inside(place, root):
                yield from host.read_named(PROJECT_FILE, path)


def _paths(host: Host, path: PurePath) -> Iterator[PurePath]:
    if "*" not in str(path):
        yield path
        return
    for number, found in enumerate(host.matches_named(PROJECT_FILE, path)):
        if number == MATCHES:
            return
        if not isinstance(found, Gap):
            yield found


def _is_inside(place: Place, root: PurePath) -> bool:
    return place.link_target is None or within(place.link_target, root)


def uncommented(text: str) -> str:
    """The text without the lines that are comments."""
    return BLANK_LINE.sub("", text)


def can_run(host: Host, place: Place) -> bool:
    """Whether git would run it as a hook: on Unix it must be executable."""
    return host.platform is Platform.WINDOWS or place.mode is None or bool(place.mode & 0o111)
