"""What the index of one work tree holds, and what its rules ignore."""

from collections.abc import Sequence
from pathlib import PurePath

from msgspec import Struct, field

from probes.git.reads import GIT_FOLDER
from probes.tracked.reads import EXCLUDES, IGNORE, INDEX
from probes.tracked.settings import Kept
from probes.tracked.trees import ESCAPES, Folders, Tree
from scanner.git.ignore import Ignoring, Rules, TooLong, read_rules
from scanner.git.index import SIZE_LIMIT, BrokenIndex, Held, held, read_index
from scanner.host import FileKind, Host
from scanner.host.ports import Content
from scanner.model import Gap, GapKind, Tracking

RULES_LIMIT = 1024 * 1024


def held_by(tree: Tree, names: Sequence[bytes], kept: Kept, host: Host) -> Held | Gap:
    """What the index of a work tree holds of these names; a repository without one tracks nothing yet."""
    found = _content(INDEX, tree.folder / "index", SIZE_LIMIT, host)
    if not isinstance(found, Content):
        return found or Held(frozenset())
    return kept_in(found, tree.folder, names, kept, host)


def kept_in(content: Content, folder: PurePath, names: Sequence[bytes], kept: Kept, host: Host) -> Held | Gap:
    """What an index holds of these names, with the part of a split one that lies beside it in the git folder."""
    try:
        index, shared = read_index(content.data, digest=kept.digest), None
        if index.shared is not None:
            beside = _content(INDEX, folder / index.shared, SIZE_LIMIT, host)
            if not isinstance(beside, Content):
                return beside or _gap(folder / index.shared, "the shared part of a split index is not there", host)
            shared = read_index(beside.data, digest=kept.digest)
        return held(index, names, shared=shared, fold=kept.fold)
    except BrokenIndex as error:
        return _gap(content.place.path, error.why, host)


class Rulings(Struct):
    """What the rules of a work tree say of what is not tracked; read when they are first asked for."""

    tree: Tree
    kept: Kept
    folders: Folders
    gaps: list[Gap] = field(default_factory=list)
    _rules: Ignoring | None = None
    _over: bool = False

    @property
    def host(self) -> Host:
        """The machine that it lies on."""
        return self.folders.host

    def of(self, name: bytes) -> Tracking | None:
        """Whether git ignores what has that name in the index; None where that takes too long to tell."""
        self.host.check_time()
        if self._over:
            return None
        if self._rules is None:
            self._rules = Ignoring(self._wide(), self._own, self.kept.fold)
        try:
            return Tracking.UNTRACKED if self._rules.ignored(name) is None else Tracking.IGNORED
        except TooLong:
            self._over = True
            why = "its rules of what is ignored take too long; of some files it is not known"
            self.gaps.append(Gap(GapKind.LIMIT, self.host.shown(self.tree.root), why))
            return None

    def _wide(self) -> tuple[Rules, ...]:
        """The rules that hold in the whole tree, the weakest first."""
        places = [(GIT_FOLDER, self.tree.shared / "info" / "exclude")]
        if self.kept.excludes is not None:
            places.insert(0, (EXCLUDES, self.kept.excludes))
        read = (_content(declared, path, RULES_LIMIT, self.host) for declared, path in places)
        return tuple(rules for rules in (self._of(found, b"") for found in read) if rules is not None)

    def _own(self, folder: bytes) -> Rules | None:
        """The rules in a folder of the tree; of a link that git does not follow, none."""
        at = self.tree.root / folder.decode("utf-8", ESCAPES[self.host.platform])
        if self.folders.names(at).rules is not FileKind.FILE:
            return None
        return self._of(_content(IGNORE, at / ".gitignore", RULES_LIMIT, self.host), folder)

    def _of(self, found: Content | Gap | None, base: bytes) -> Rules | None:
        if isinstance(found, Gap):
            self.gaps.append(found)
        if not isinstance(found, Content):
            return None
        rules = read_rules(found.data, base)
        if rules.cut:
            self.gaps.append(
                Gap(
                    GapKind.LIMIT, self.host.shown(found.place.path), "more rules than anyone has; the first were taken"
                )
            )
        return rules


def _content(declared: str, path: PurePath, limit: int, host: Host) -> Content | Gap | None:
    """A whole file; a Gap where it may not be read or is longer than that, nothing where there is none."""
    found = list(host.read_bytes_named(declared, path, limit))
    return next((each for each in found if isinstance(each, Gap)), found[0] if found else None)


def _gap(path: PurePath, why: str, host: Host) -> Gap:
    return Gap(GapKind.FAILED, host.shown(path), why)
