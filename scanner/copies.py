"""The copies that programs make by themselves of a file before they change it: what lies in one is of that file."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath

from msgspec import Struct

from scanner.data.mcp import mcp
from scanner.host import Machine


class Copies(Struct, frozen=True):
    """The copies of one file: `pattern` names them, in one folder."""

    pattern: PurePath
    of: PurePath

    def holds(self, path: PurePath | None) -> bool:
        """Whether a file is one of them."""
        return path is not None and path.parent == self.pattern.parent and fnmatchcase(path.name, self.pattern.name)


def copies(machine: Machine) -> tuple[Copies, ...]:
    """All that may be made on this machine, whether there are any or not; a folder has those of one file."""
    found: dict[PurePath, Copies] = {}
    for row in mcp().copies:
        for pattern, original in zip(machine.paths(row.files), machine.paths(row.of), strict=False):
            found[pattern.parent] = Copies(pattern, original)
    return tuple(found.values())


def copies_of(path: PurePath | None, machine: Machine) -> Iterator[Copies]:
    """The copies that may be made of a file."""
    yield from (each for each in copies(machine) if each.of == path)
