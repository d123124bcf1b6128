"""One bounded walk of the project folders, for all probes that ask for files by name (`**/.env`)."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath
from time import monotonic

from scanner.host import FileKind, Machine
from scanner.host.paths import braces, within
from scanner.model import Gap, GapKind, Platform

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


@dataclass(frozen=True, slots=True)
class Walked:
    """What one walk found: the paths for each pattern, sorted, and what it left out."""

    matches: dict[str, tuple[PurePath, ...]]
    gaps: tuple[Gap, ...]
    entries: int


def walk(machine: Machine, patterns: Iterable[str], roots: Iterable[PurePath], deadline: float | None) -> Walked:
    """Finds the files below the roots whose names match the patterns (each begins with `**/`).

    Links are not followed. A root that lies inside another is walked once. Past `deadline` (a `time.monotonic()`
    value), the entry or the depth limit it stops and says so in a Gap.
    """
    names = {pattern: _names(pattern, machine.platform) for pattern in patterns}
    found: dict[str, list[PurePath]] = {pattern: [] for pattern in names}
    if not names:
        return Walked({}, (), 0)
    gaps: list[Gap] = []
    queue = deque((root, 0) for root in _outermost(roots))
    entries = 0
    while queue:
        folder, depth = queue.popleft()
        if entries > ENTRY_LIMIT or (deadline is not None and monotonic() > deadline):
            why = f"{len(queue) + 1} folders were not walked: " + (
                f"more than {ENTRY_LIMIT} names" if entries > ENTRY_LIMIT else "the time was spent"
            )
            gaps.append(Gap(GapKind.LIMIT, str(folder), why))
            break
        listed = machine.files.entries(folder)
        if isinstance(listed, Gap):
            gaps.append(listed)
            continue
        entries += len(listed)
        for entry in listed:
            if entry.kind is FileKind.FOLDER:
                if entry.name in PRUNED:
                    continue
                if depth >= DEPTH_LIMIT:
                    gaps.append(Gap(GapKind.LIMIT, str(folder / entry.name), f"deeper than {DEPTH_LIMIT} folders"))
                    continue
                queue.append((folder / entry.name, depth + 1))
                continue
            name = entry.name if machine.platform is Platform.LINUX else entry.name.casefold()
            for pattern, globs in names.items():
                if any(fnmatchcase(name, glob) for glob in globs):
                    found[pattern].append(folder / entry.name)
    return Walked({pattern: tuple(sorted(paths)) for pattern, paths in found.items()}, tuple(gaps), entries)


def _names(pattern: str, platform: Platform) -> tuple[str, ...]:
    globs = tuple(braces(pattern.removeprefix("**/")))
    return globs if platform is Platform.LINUX else tuple(glob.casefold() for glob in globs)


def _outermost(roots: Iterable[PurePath]) -> list[PurePath]:
    kept: list[PurePath] = []
    for root in sorted(set(roots), key=lambda path: len(path.parts)):
        if not any(within(root, outer) for outer in kept):
            kept.append(root)
    return kept
