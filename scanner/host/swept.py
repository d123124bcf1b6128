"""Files that the walk chose to be read, and their bytes as a probe gets them."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import ClassVar, Protocol

from msgspec import Struct

from scanner.data.sweep import Group
from scanner.host.ports import Stamp, Walker
from scanner.model.value import Value


class Spot(Struct, frozen=True):
    """The files of one folder to be read, by name; the folder is told by its path below the root."""

    below: str
    files: Sequence[tuple[str, Group]]


class Candidates(Struct, frozen=True):
    """The files to be read below one root."""

    root: PurePath
    walker: Walker
    spots: Sequence[Spot]


class Swept(Value, frozen=True):
    """A stretch of a file that the walk chose; it begins after `lines` line ends, None where that is not known.

    `last`: no more of this file follows. `stamp` is None where a link led to it.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"data"})

    path: PurePath
    group: Group
    data: bytes
    lines: int | None
    last: bool
    stamp: Stamp | None


class Cleared(Protocol):
    """Which files were clean before and are unchanged since."""

    def knows(self, stamp: Stamp, group: str, path: str) -> bool:
        """Whether the file in this state, read as one of that group, held nothing."""

    def add(self, stamp: Stamp, group: str, path: str) -> None:
        """Remembers that it held nothing."""


class Unknown:
    """Remembers nothing."""

    def knows(self, stamp: Stamp, group: str, path: str) -> bool:
        """Nothing is known."""
        return False

    def add(self, stamp: Stamp, group: str, path: str) -> None:
        """Nothing is remembered."""


UNKNOWN: Cleared = Unknown()
