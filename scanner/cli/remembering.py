"""Clean files from one scan of this machine to the next: by which rules they are clean, and where that is kept."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from hashlib import blake2b
from time import monotonic, time_ns

from scanner import state
from scanner.cleared import SETTLED, Cleared
from scanner.engine import Looked
from scanner.host import Machine
from scanner.host.machine import SWEEP
from scanner.host.ports import Stamp
from scanner.model import GapKind
from scanner.probe import Probe

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(state.__file__)))
NOT_OURS = "__pycache__"


class Remembered:
    """The clean files of the last scan of this machine and of this one, looked up when the first file is asked for.

    A scan that has no files to read need not know by which rules it would.
    """

    def __init__(self) -> None:
        self._begun = time_ns()

    @cached_property
    def _cleared(self) -> Cleared | None:
        """What is known; None where nothing can be known for sure, and every file is to be read."""
        decided = rules(self._begun - SETTLED)
        if decided is None:
            return None
        place = state.folder()
        try:
            return Cleared(state.cleared(place), state.key(place), decided, self._begun)
        except state.StateError:  # said by whoever needed the key first
            return None

    def knows(self, stamp: Stamp, group: str, path: str) -> bool:
        """Whether that file was clean when it was last read as one of this group, and has not changed since."""
        return self._cleared is not None and self._cleared.knows(stamp, group, path)

    def add(self, stamp: Stamp, group: str, path: str) -> None:
        """Remembers a file that was read whole, in which nothing was found and of which there is no Gap."""
        if self._cleared is not None:
            self._cleared.add(stamp, group, path)

    def keep(self, looked: Looked, time_limit: float) -> None:
        """Keeps what the look told of clean files; where it cannot be written, the next scan reads them again."""
        if "_cleared" not in vars(self) or self._cleared is None:
            return
        cut = any(source == "walk" and gap.kind is GapKind.LIMIT for source, gap in looked.told)
        marks = self._cleared.saved(looked.depth, whole=not cut and monotonic() < looked.begun + time_limit)
        if marks is not None:
            with suppress(state.StateError):
                state.keep_cleared(state.folder(), marks)


def remembered(machine: Machine, probes: Sequence[Probe]) -> Remembered | None:
    """What remembers the clean files of this machine; None where nothing does, and every file is to be read.

    Of another's home or an image nothing is kept; and outside POSIX no time of change is told, without which a file
    could be rewritten unseen.
    """
    sweeps = any(SWEEP in each.reads for each in probes)
    return Remembered() if sweeps and machine.source == "live" and os.name == "posix" else None


def rules(settled: int, root: str = ROOT) -> bytes | None:
    """A digest of all that decides whether a file is clean: our modules and tables, the libraries, the interpreter.

    What an installer has put there it lists itself: the digests of our files, and the libraries with their versions.
    In a checkout the state of each file tells. None where nothing tells, or where something of ours changed after
    `settled` (nanoseconds since 1970): what runs may be what stood there before.
    """
    try:
        libraries = sorted(name for folder in _packages() for name in os.listdir(folder) if name.endswith("-info"))
        listed = sorted(name for name in os.listdir(root) if name.startswith("armslength-") and name.endswith("-info"))
        ours = [_record(os.path.join(root, name, "RECORD")) for name in listed] or list(_files(root))
    except OSError:
        return None
    if any(changed > settled for _, changed in ours):
        return None
    return blake2b(repr((ours, libraries, sys.version)).encode("utf-8", "surrogateescape")).digest()


def _packages() -> list[str]:
    """The folders into which libraries are installed, as the interpreter tries them."""
    return [folder for folder in sys.path if folder.endswith("-packages") and os.path.isdir(folder)]


def _record(path: str) -> tuple[str, int]:
    """The list of our files with their digests, and when it changed. Raises OSError where the installer left none."""
    with open(path, encoding="utf-8", errors="backslashreplace") as stream:
        return stream.read(), os.fstat(stream.fileno()).st_ctime_ns


def _files(root: str) -> Iterator[tuple[str, int]]:
    """The state of each of our files, and when it changed. Raises OSError where they do not lie on a disk."""
    folders = [os.path.join(root, name) for name in ("probes", "scanner")]
    while folders:
        with os.scandir(folders.pop()) as listing:
            for entry in sorted(listing, key=lambda each: each.name):
                if not entry.is_dir(follow_symlinks=False):
                    status = entry.stat()
                    yield f"{entry.path} {status.st_ino} {status.st_size} {status.st_mtime_ns}", status.st_ctime_ns
                elif entry.name != NOT_OURS:
                    folders.append(entry.path)
