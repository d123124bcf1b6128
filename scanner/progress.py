"""How far a look is, told to whoever shows it."""

from typing import Protocol


class Progress(Protocol):
    """Told from any thread how far a look is; it returns at once and never raises.

    Folders are paths as the walk has them, unsafe characters included. To tell costs about a microsecond, so the walk
    tells every few hundred folders and not each.
    """

    def walking(self, folder: str, files: int, candidates: int) -> None:
        """The walk is in this folder; it has met so many files in all, of which so many will be read."""

    def reading(self, folder: str, files: int, found: int) -> None:
        """A file of this folder is next; so many were read before it, and so many secrets found in them."""

    def ended(self, probe: str, seen: int) -> None:
        """A probe has come to its end and saw so much."""


class Silent:
    """Takes what is told and says nothing."""

    def walking(self, folder: str, files: int, candidates: int) -> None:
        """Says nothing."""

    def reading(self, folder: str, files: int, found: int) -> None:
        """Says nothing."""

    def ended(self, probe: str, seen: int) -> None:
        """Says nothing."""


SILENT: Progress = Silent()
