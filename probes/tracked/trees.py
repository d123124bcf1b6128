"""The work trees that files lie in: the nearest `.git` above each, and where git keeps what belongs to it."""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.git.chains import straight
from probes.git.reads import GIT_FOLDER
from probes.git.repositories import POINTER
from probes.tracked.reads import ABOVE
from scanner.host import FileKind, Host, Place, TextFile
from scanner.host.paths import within
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


class Trees(Struct):
    """The work trees met so far, by the folders that lie in them; `gaps` are those that could not be read."""

    host: Host
    gaps: list[Gap] = field(default_factory=list)
    _known: dict[PurePath, Tree | None] = field(default_factory=dict)

    def around(self, path: PurePath) -> Tree | None:
        """The work tree that a file lies in, None where it lies in none or in a git folder itself."""
        passed: list[PurePath] = []
        found: Tree | None = None
        for folder in self._above(path):
            if folder in self._known:
                found = self._known[folder]
                break
            passed.append(folder)
            found = self._at(folder)
            if found is not None:
                break
        self._known.update(dict.fromkeys(passed, found))
        return None if found is None or ".git" in path.relative_to(found.root).parts else found

    def _above(self, path: PurePath) -> Iterator[PurePath]:
        """The folders above a file, nearest first; of one in the home none above that."""
        inside = within(path, self.host.home)
        for folder in path.parents[:ABOVE_LIMIT]:
            yield folder
            if inside and folder == self.host.home:
                return

    def _at(self, folder: PurePath) -> Tree | None:
        """The work tree whose top folder it is."""
        place = self.host.place_named(ABOVE, folder / ".git")
        if not isinstance(place, Place):
            return None
        git = place.path if place.kind is FileKind.FOLDER else self._pointed(place, folder)
        if git is None or self.host.place_named(GIT_FOLDER, git / "HEAD") is None:
            return None
        common = _line(self.host, git / "commondir")
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
