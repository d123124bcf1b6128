"""The work trees that files lie in: the nearest `.git` above each, and where git keeps what belongs to it."""

from pathlib import PurePath, PureWindowsPath

from msgspec import Struct, field

from probes.git.chains import straight
from probes.git.reads import GIT_FOLDER
from probes.git.repositories import POINTER
from probes.tracked.reads import ABOVE, HOLDER
from scanner.host import FileKind, Host, Place, TextFile
from scanner.model import Gap, GapKind, Platform

# How what is no Unicode stands in a name.
ESCAPES = {
    Platform.LINUX: "surrogateescape",
    Platform.MACOS: "surrogateescape",
    Platform.WINDOWS: "surrogatepass",
}
ABOVE_LIMIT = 64  # folders above a file


class Tree(Struct, frozen=True):
    """A checkout: its top folder, its git folder, and the one that it shares with other worktrees, mostly the same."""

    root: PurePath
    folder: PurePath
    shared: PurePath

    def name(self, path: PurePath) -> str:
        """The name of a file in it from the top, as git writes names."""
        return below(path, self.root)


def below(path: PurePath, folder: PurePath) -> str:
    """What leads from a folder to a path in it, with forward slashes."""
    rest = str(path)[len(str(folder)) :]
    return (rest.replace("\\", "/") if isinstance(path, PureWindowsPath) else rest).lstrip("/")


class Names(Struct, frozen=True):
    """What one folder holds that counts here: the kinds of what git puts there, and the names of all links."""

    git: FileKind | None = None
    rules: FileKind | None = None
    attributes: FileKind | None = None
    head: bool = False
    links: frozenset[str] = frozenset()


class Folders(Struct):
    """What folders hold, each listed once: that costs less than to look for the one name after the other."""

    host: Host
    gaps: list[Gap] = field(default_factory=list)
    _listed: dict[PurePath, Names] = field(default_factory=dict)
    _linked: dict[PurePath, bool] = field(default_factory=dict)

    def names(self, folder: PurePath) -> Names:
        """What a folder holds; nothing where it may not be listed."""
        if folder not in self._listed:
            self._listed[folder] = self._names(folder)
        return self._listed[folder]

    def _names(self, folder: PurePath) -> Names:
        entries = self.host.entries_named(ABOVE, folder)
        if isinstance(entries, Gap):
            self.gaps.append(entries)
            return Names()
        kinds = {entry.name: entry.kind for entry in entries}
        links = frozenset(entry.name for entry in entries if entry.kind is FileKind.LINK)
        git, rules, attributes = map(kinds.get, (".git", ".gitignore", ".gitattributes"))
        return Names(git, rules, attributes, "HEAD" in kinds, links)

    def spot(self, path: PurePath) -> PurePath:
        """Where a path leads: git keeps a link as such, and nothing of what lies behind it."""
        if path.name not in self.names(path.parent).links and not self._is_linked(path.parent):
            return path
        place = self.host.place_named(HOLDER, path)
        return (place.link_target if isinstance(place, Place) else None) or path

    def _is_linked(self, folder: PurePath) -> bool:
        """Whether a link leads to a folder, that to the home left out."""
        passed: list[PurePath] = []
        found = False
        while folder not in (self.host.home, folder.parent) and not found:
            if folder in self._linked:
                found = self._linked[folder]
                break
            passed.append(folder)
            found = folder.name in self.names(folder.parent).links
            folder = folder.parent
        self._linked.update(dict.fromkeys(passed, found))
        return found


class Trees(Struct):
    """The work trees met so far, by the folders that lie in them; `gaps` are those that could not be read."""

    folders: Folders
    gaps: list[Gap] = field(default_factory=list)
    _known: dict[PurePath, Tree | None] = field(default_factory=dict)

    @property
    def host(self) -> Host:
        """The machine that they lie on."""
        return self.folders.host

    def around(self, path: PurePath) -> Tree | None:
        """The work tree that a file lies in, None where it lies in none or in a git folder itself."""
        passed: list[PurePath] = []
        found, folder, home = None, path.parent, self.host.home
        while folder not in self._known:
            passed.append(folder)
            found = self._at(folder)
            if found is not None or folder in (home, folder.parent) or len(passed) == ABOVE_LIMIT:
                break
            folder = folder.parent
        found = found or self._known.get(folder)
        self._known.update(dict.fromkeys(passed, found))
        return None if found is None or ".git" in found.name(path).split("/") else found

    def _at(self, folder: PurePath) -> Tree | None:
        """The work tree whose top folder it is."""
        kind = self.folders.names(folder).git
        place = self.host.place_named(GIT_FOLDER, folder / ".git") if kind is not None else None
        if not isinstance(place, Place):
            return None
        own = place.kind is FileKind.FOLDER
        git = place.path if own else self._pointed(place, folder)
        if git is None or not self.folders.names(git).head:
            return None
        common = "" if own else _line(self.host, git / "commondir")
        shared = self.host.resolve(common, git) if common else None
        return Tree(folder, git, straight(shared) if shared is not None else git)

    def _pointed(self, place: Place, folder: PurePath) -> PurePath | None:
        """The git folder that a `.git` file names: that of a worktree, of a submodule, or one kept elsewhere."""
        text = _line(self.host, place.path)
        told = POINTER.fullmatch(text)
        git = self.host.resolve(told[1], folder) if told is not None else None
        if git is None:
            self.gaps.append(Gap(GapKind.FAILED, self.host.shown(place.path), "names no git folder"))
            return None
        return straight(git)


def _line(host: Host, path: PurePath) -> str:
    """The text of a file of one line, empty where it is not there or holds what no path does."""
    text = next((file.text for file in host.read_named(GIT_FOLDER, path) if isinstance(file, TextFile)), "")
    return "" if "\0" in text else text.rstrip("\r\n")
