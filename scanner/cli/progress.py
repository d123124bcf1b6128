"""One line on a terminal that says how far the scan is."""

from threading import Lock

from scanner.cli.console import Console


class Progress:
    """Told of each probe as it ends, from any thread; silent where no person looks, and once it is closed."""

    def __init__(self, console: Console, total: int, *, shown: bool) -> None:
        self._console = console
        self._total = total
        self._shown = shown and console.terminal
        self._done = 0
        self._seen = 0
        self._lock = Lock()
        self._draw("")

    def walking(self, folder: str, files: int, candidates: int) -> None:
        """The walk is on its way."""

    def reading(self, folder: str, files: int, found: int) -> None:
        """Files are read."""

    def ended(self, probe: str, seen: int) -> None:
        """A probe has come to its end and saw so much."""
        with self._lock:
            self._done += 1
            self._seen += seen
            self._draw(f"  {probe}")

    def close(self) -> None:
        """Wipes the line; a probe that was left behind says no more."""
        with self._lock:
            self._draw("", wipe=True)
            self._shown = False

    def _draw(self, last: str, *, wipe: bool = False) -> None:
        if self._shown:
            line = f"looking: {self._done} of {self._total} probes, {self._seen} observations{last}"
            self._console.draw("" if wipe else line)
