"""One bounded walk of the home for all probes: finds files by their names (`**/.env`), and those that may hold secrets.

A folder costs one listing and a name the look at its end: kinds come from the listing, nothing is opened and no link is
followed. Folders are left out by name or place alone (`sweep.toml`), never for being hidden or ignored by git.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import PurePath
from time import monotonic

from msgspec import Struct, field

from scanner.data.sweep import Group, Pruned, rules
from scanner.host import Machine
from scanner.host.paths import within
from scanner.host.ports import Folder, Walker
from scanner.host.swept import Candidates, Spot
from scanner.model import Gap, GapKind, Platform
from scanner.progress import SILENT, Progress
from scanner.sweep.names import Names, Wish

ENTRY_LIMIT = 5_000_000
DEPTH_LIMIT = 256
CANDIDATE_LIMIT = 500_000
GAP_LIMIT = 100  # of one kind that are told one by one
CROSS = "--cross-mounts has it walked"
NOT_READ = "none"  # the reader of a group of files that are of no use
TOLD_EVERY = 256  # folders between two words on how far the walk is


class Search(Struct, frozen=True):
    """What a walk looks for: the patterns of probes (each begins with `**/`), and groups of files to read.

    `whole`: not even the folders that only the depth `deep` walks are left out. `cross`: other file systems are walked.
    """

    patterns: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    whole: bool = False
    cross: bool = False


class Walked(Struct, frozen=True):
    """What one walk found: the paths for each pattern, sorted, the files to read, and what it left out."""

    matches: dict[str, tuple[PurePath, ...]]
    gaps: tuple[Gap, ...] = ()
    entries: int = 0
    folders: int = 0
    pruned: int = 0
    candidates: tuple[Candidates, ...] = ()

    @property
    def chosen(self) -> int:
        """How many files are to be read."""
        return sum(len(spot.files) for each in self.candidates for spot in each.spots)


def walk(
    machine: Machine,
    search: Search,
    roots: Iterable[PurePath],
    deadline: float | None,
    progress: Progress = SILENT,
) -> Walked:
    """Finds the files below the roots that are searched for.

    Links are not followed. A root that lies inside another is walked once. Past `deadline` (a `time.monotonic()`
    value), the entry or the depth limit it stops and says so in a Gap.
    """
    if not search.patterns and not search.groups:
        return Walked({})
    fold = machine.platform is not Platform.LINUX
    names, of_glob = _named(search.patterns, search.groups, fold)
    running = _Walk(machine, search, deadline, progress, names, _Pruned(fold=fold, whole=search.whole), of_glob)
    inner = sorted(set(roots))
    for root in _outermost(inner):
        left = running.root(root)
        for each in inner:  # asked for by name, so that no rule leaves it out
            if each != root and any(within(each, folder) for folder in left):
                running.root(each)
    return running.walked()


@lru_cache(maxsize=64)  # of thousands of globs, which several homes of one run are walked for
def _named(patterns: tuple[str, ...], groups: tuple[Group, ...], fold: bool) -> tuple[Names, tuple[Group, ...]]:
    """The names that are searched for, and of each glob of a group that group."""
    wishes = [Wish(each.removeprefix("**/"), fold) for each in patterns]
    globs = [(group, name) for group in groups for name in group.names]
    names = Names([*wishes, *(Wish(name, fold=True) for _, name in globs)], copied=len(wishes))
    return names, tuple(group for group, _ in globs)


class _Walk(Struct):
    """A walk under way."""

    machine: Machine
    search: Search
    deadline: float | None
    progress: Progress
    names: Names
    rules: "_Pruned"
    groups: tuple[Group, ...]
    found: dict[str, list[PurePath]] = field(default_factory=dict)
    candidates: list[Candidates] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    entries: int = 0
    folders: int = 0
    pruned: int = 0
    taken: int = 0
    is_spent: bool = False

    def root(self, root: PurePath) -> list[PurePath]:
        """Walks one root; the folders that it left out."""
        walker = self.machine.files.walker(root)
        if isinstance(walker, Gap):
            self.gaps.append(walker)
        elif walker is not None and not self.is_spent:
            walked = _Root(self, root, walker, home=root == self.machine.home)
            walked.walk()
            return [root / each for each in walked.leaves]
        return []

    def walked(self) -> Walked:
        """What was found."""
        matches = {pattern: tuple(sorted(self.found.get(pattern, ()))) for pattern in self.search.patterns}
        gaps = tuple(_gathered(self.gaps))
        return Walked(matches, gaps, self.entries, self.folders, self.pruned, tuple(self.candidates))

    def spent(self) -> str | None:
        """Why the walk has to end here, if so."""
        if self.entries > ENTRY_LIMIT:
            return f"more than {ENTRY_LIMIT} names"
        if self.taken > CANDIDATE_LIMIT:
            return f"more than {CANDIDATE_LIMIT} files to read"
        return "the time was spent" if self.deadline is not None and monotonic() > self.deadline else None


class _Root(Struct):
    """One root of a walk; its folders are told by their paths from there."""

    run: _Walk
    path: PurePath
    walker: Walker
    home: bool
    leaves: list[str] = field(default_factory=list)
    spots: dict[str, list[tuple[str, Group]]] = field(default_factory=dict)

    def walk(self) -> None:
        """Walks all folders below, the upper ones first."""
        names, of_rule, foreign = self.run.names, self.run.rules.of, self.walker.foreign
        of_name, cross = names.of_name, self.run.search.cross
        queue = deque([("", 0)])
        while queue:
            below, depth = queue.popleft()
            if self._is_spent(below, len(queue) + 1):
                break
            listed = self._listed(below)
            if listed is None:
                continue
            if listed.files:
                here = names.of_folder(below, home=self.home)
                for name in listed.files:
                    wishes = of_name(name, here)
                    if wishes:
                        self._take(below, name, wishes)
            for name in listed.folders:
                path = f"{below}/{name}" if below else name
                rule = of_rule(name, path, listed.files, home=self.home)
                if rule is not None:
                    self._leave(path, rule)
                elif depth == DEPTH_LIMIT:
                    self._say(GapKind.LIMIT, path, f"deeper than {DEPTH_LIMIT} folders")
                elif cross or (kind := foreign(path)) is None:
                    queue.append((path, depth + 1))
                else:
                    self._say(GapKind.REFUSED, path, f"another file system begins here ({kind}); {CROSS}")
        spots = sorted((below, tuple(sorted(files, key=_by_name))) for below, files in self.spots.items())
        self.run.candidates.append(Candidates(self.path, self.walker, tuple(Spot(*each) for each in spots)))

    def _is_spent(self, below: str, left: int) -> bool:
        """Whether the walk has to end here, which is told."""
        why = self.run.spent()
        if why is None:
            return False
        self.run.is_spent = True
        self._say(GapKind.LIMIT, below, f"folders not walked: {left} ({why})")
        return True

    def _say(self, kind: GapKind, below: str, why: str) -> None:
        self.run.gaps.append(Gap(kind, str(self.path / below), why))

    def _listed(self, below: str) -> Folder | None:
        listed, run = self.walker.names(below), self.run
        if not isinstance(listed, Folder):
            if listed is not None:
                run.gaps.append(listed)
            return None
        if run.folders % TOLD_EVERY == 0:
            run.progress.walking(str(self.path / below), run.entries, run.taken)
        run.folders += 1
        run.entries += len(listed.files) + len(listed.folders)
        if listed.full:
            self._say(GapKind.LIMIT, below, "holds more names than are listed")
        return listed

    def _take(self, below: str, name: str, wishes: Iterable[int]) -> None:
        run, patterns = self.run, self.run.search.patterns
        group: int | None = None
        for number in wishes:
            if number < len(patterns):
                run.found.setdefault(patterns[number], []).append(self.path / below / name)
            else:
                group = number if group is None else min(group, number)
        if group is not None and run.groups[group - len(patterns)].reader != NOT_READ:
            run.taken += 1
            self.spots.setdefault(below, []).append((name, run.groups[group - len(patterns)]))

    def _leave(self, path: str, rule: Pruned) -> None:
        """Leaves a folder out, but for what the rule says of its inside."""
        self.run.pruned += 1
        self.leaves.append(path)
        for folder in dict.fromkeys(each for glob in rule.inside for each in self._inside(path, glob.split("/"))):
            if rule.names:
                self.run.folders += 1
                found = self.walker.present(folder, rule.names)
            else:
                listed = self._listed(folder)
                found = listed.files if listed is not None else ()
            if not found:
                continue
            here = self.run.names.of_folder(folder, home=self.home)
            for name in found:
                wishes = self.run.names.of_name(name, here)
                if wishes:
                    self._take(folder, name, wishes)

    def _inside(self, path: str, globs: Sequence[str]) -> list[str]:
        """The folders below a path that globs name, one for each level; without any, the folder itself."""
        if not globs or not globs[0]:
            return [path]
        if "*" not in globs[0]:
            return self._inside(f"{path}/{globs[0]}", globs[1:])
        listed = self.walker.names(path)
        begins = globs[0].removesuffix("*")
        found = [] if not isinstance(listed, Folder) else sorted(listed.folders)
        here = [f"{path}/{name}" for name in found if name.startswith(begins) and name not in self.run.rules.named]
        return here if not globs[1:] else [each for folder in here for each in self._inside(folder, globs[1:])]


class _Pruned:
    """Which folders are left out, by their name, or by their path from the home."""

    def __init__(self, *, fold: bool, whole: bool) -> None:
        self._fold = fold
        self.named: dict[str, list[Pruned]] = {}
        self._placed: dict[str, Pruned] = {}
        self._globbed: list[tuple[str, Pruned]] = []
        for rule in rules().pruned:
            for folder in () if whole and rule.deep else rule.folders:
                folded = self._folded(folder)
                if not folder.startswith("~/"):
                    self.named.setdefault(folded, []).append(rule)
                elif "*" in folder:
                    self._globbed.append((folded[2:], rule))
                else:
                    self._placed[folded[2:]] = rule

    def of(self, name: str, path: str, beside: Sequence[str], *, home: bool) -> Pruned | None:
        """The rule by which a folder is left out; `beside` are the files in the folder that it lies in."""
        if self._fold:
            name, path = name.casefold(), path.casefold()
        for rule in self.named.get(name, ()):
            if not rule.beside or not set(rule.beside).isdisjoint(beside):
                return rule
        if not home:
            return None
        placed = self._placed.get(path)
        if placed is not None:
            return placed
        for glob, rule in self._globbed:
            if path[:2] == glob[:2] and path.count("/") == glob.count("/") and fnmatchcase(path, glob):
                return rule
        return None

    def _folded(self, text: str) -> str:
        return text.casefold() if self._fold else text


def _by_name(file: tuple[str, Group]) -> str:
    return file[0]


def _gathered(gaps: Sequence[Gap]) -> Iterator[Gap]:
    """The gaps, those that are many of a kind told together after the first."""
    counts: dict[tuple[GapKind, str], int] = {}
    for gap in gaps:
        kind = (gap.kind, gap.why)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= GAP_LIMIT:
            yield gap
    for (one, why), number in counts.items():
        if number > GAP_LIMIT:
            yield Gap(one, "", f"{number - GAP_LIMIT} more folders: {why}")


def _outermost(roots: Iterable[PurePath]) -> list[PurePath]:
    kept: list[PurePath] = []
    for root in sorted(set(roots), key=lambda path: len(path.parts)):
        if not any(within(root, outer) for outer in kept):
            kept.append(root)
    return kept
