"""One line on a terminal that says how far the scan is."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

from scanner.cli.cells import cut_in_the_middle, width
from scanner.cli.console import Console
from scanner.progress import SILENT, Progress
from scanner.text import printable

SECONDS = 1 / 12  # between two drawings: faster is not seen, and each costs a pass of the mask


def starting(console: Console, *, shown: bool) -> None:
    """Says that a scan begins, before all that it needs is loaded."""
    if shown and console.terminal:
        console.draw("looking: starting")


@contextmanager
def told(console: Console, total: int, home: str | None, *, shown: bool) -> Iterator[Progress]:
    """Whom to tell how far a look of so many probes is: a line that is wiped at the end, where a person sees it.

    Folders are named as they lie in the home; without one, none is named.
    """
    if not (shown and console.terminal):
        yield SILENT
        return
    line = _Line(console, total, home)
    try:
        yield line
    finally:
        line.close()


class _Line:
    """Draws what was told last, from any thread and never faster than a person sees; once closed it says no more."""

    def __init__(self, console: Console, total: int, home: str | None) -> None:
        self._console = console
        self._total = total
        self._home = home
        self._to_read = 0
        self._done = 0
        self._seen = 0
        self._next = 0.0
        self._lock = Lock()
        self._open = True

    def walking(self, folder: str, files: int, candidates: int) -> None:
        """Tells of the walk."""
        self._to_read = candidates
        if self._due():
            self._draw(self._named(folder), f"{files:,} files")

    def reading(self, folder: str, files: int, found: int) -> None:
        """Tells of the files that are read."""
        if self._due():
            self._draw(self._named(folder), f"{files:,} of {self._to_read:,} files read, {found:,} found")

    def ended(self, probe: str, seen: int) -> None:
        """Tells of a probe that has come to its end."""
        with self._lock:
            self._done += 1
            self._seen += seen
        if self._due():
            self._draw(probe, f"{self._done} of {self._total} probes, {self._seen:,} observations")

    def close(self) -> None:
        """Wipes the line; a probe that was left behind says no more."""
        with self._lock:
            self._open = False
            self._console.draw("")

    def _due(self) -> bool:
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + SECONDS
        return True

    def _named(self, folder: str) -> str:
        """The folder as it may be shown: not at all where its name is no better than a secret's."""
        from scanner.data.families import holds_token

        if self._home is None or holds_token(folder):
            return ""
        inside = folder == self._home or folder.startswith((f"{self._home}/", f"{self._home}\\"))
        return f"~{folder.removeprefix(self._home)}" if inside else folder

    def _draw(self, place: str, counts: str) -> None:
        """Draws the counts whole, and as much of the place as has room beside them."""
        room = self._console.columns - 1 - width(f"looking:   {counts}")
        with self._lock:
            if self._open:
                shown = cut_in_the_middle(printable(self._console.masked(place)), room)
                self._console.draw(f"looking: {shown}{'  ' if shown else ''}{counts}")
