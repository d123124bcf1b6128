"""One bounded walk of the project folders, for all probes that ask for files by name (`**/.env`)."""

from collections import deque
from collections.abc import Iterable
from fnmatch import fnmatchcase, translate
from pathlib import PurePath
from time import monotonic

from msgspec import Struct

from scanner.host import FileKind, Machine
from scanner.host.paths import braces, within
from scanner.model import Gap, GapKind, Platform
from scanner.patterns import Pattern

ENTRY_LIMIT = 200_000
DEPTH_LIMIT = 24

# Folders that hold copies of other people's files or caches, by the thousand.
PRUNED = frozenset(
    {
        *(".git", ".hg", ".svn", ".venv", "venv", "site-packages", "node_modules", "vendor", "target"),
        *("__pycache__", ".cache", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache"),
        *(".terraform", ".gradle", ".next", ".nuxt"),
    }
)


class Walked(Struct, frozen=True):
    """What one walk found: the paths for each pattern, sorted, and what it left out."""

    matches: dict[str, tuple[PurePath, ...]]
    gaps: tuple[Gap, ...]
    entries: int


def walk(machine: Machine, patterns: Iterable[str], roots: Iterable[PurePath], deadline: float | None) -> Walked:
    """Finds the files below the roots whose names match the patterns (each begins with `**/`).

    Links are not followed. A root that lies inside another is walked once. Past `deadline` (a `time.monotonic()`
    value), the entry or the depth limit it stops and says so in a Gap.
    """
    wanted = _Names(patterns, fold=machine.platform is not Platform.LINUX)
    found: dict[str, list[PurePath]] = {pattern: [] for pattern in wanted.patterns}
    if not found:
        return Walked({}, (), 0)
    gaps: list[Gap] = []
    queue = deque((root, 0) for root in _outermost(roots))
    entries = 0
    while queue:
        folder, depth = queue.popleft()
        spent = _spent(entries, deadline)
        if spent is not None:
            gaps.append(Gap(GapKind.LIMIT, str(folder), f"folders not walked: {len(queue) + 1} ({spent})"))
            break
        listed = machine.files.entries(folder)
        if isinstance(listed, Gap):
            gaps.append(listed)
            continue
        entries += len(listed)
        for entry in listed:
            if entry.kind is not FileKind.FOLDER:
                for pattern in wanted.matching(entry.name):
                    found[pattern].append(folder / entry.name)
            elif wanted.folded(entry.name) in PRUNED:
                continue
            elif depth < DEPTH_LIMIT:
                queue.append((folder / entry.name, depth + 1))
            else:
                gaps.append(Gap(GapKind.LIMIT, str(folder / entry.name), f"deeper than {DEPTH_LIMIT} folders"))
    return Walked({pattern: tuple(sorted(paths)) for pattern, paths in found.items()}, tuple(gaps), entries)


def _spent(entries: int, deadline: float | None) -> str | None:
    if entries > ENTRY_LIMIT:
        return f"more than {ENTRY_LIMIT} names"
    return "the time was spent" if deadline is not None and monotonic() > deadline else None


class _Names:
    """The wanted names: exact ones by look-up, those with wildcards by one expression before each is tried."""

    def __init__(self, patterns: Iterable[str], *, fold: bool) -> None:
        self.patterns = tuple(dict.fromkeys(patterns))
        self._fold = fold
        self._exact: dict[str, list[str]] = {}
        self._globs: list[tuple[str, str]] = []
        for pattern in self.patterns:
            for name in dict.fromkeys(braces(self.folded(pattern.removeprefix("**/")))):
                if any(char in name for char in "*?["):
                    self._globs.append((name, pattern))
                else:
                    self._exact.setdefault(name, []).append(pattern)
        self._any_glob = Pattern("|".join(translate(glob) for glob, _ in self._globs) or "(?!)")

    def folded(self, name: str) -> str:
        """The name as it is compared here."""
        return name.casefold() if self._fold else name

    def matching(self, name: str) -> Iterable[str]:
        """The patterns that want a file of this name, each once."""
        name = self.folded(name)
        exact = self._exact.get(name, ())
        if self._any_glob.match(name) is None:
            return exact
        return dict.fromkeys([*exact, *(pattern for glob, pattern in self._globs if fnmatchcase(name, glob))])


def _outermost(roots: Iterable[PurePath]) -> list[PurePath]:
    kept: list[PurePath] = []
    for root in sorted(set(roots), key=lambda path: len(path.parts)):
        if not any(within(root, outer) for outer in kept):
            kept.append(root)
    return kept
