"""Clean files from one scan of this machine to the next: by which rules they are clean, and where that is kept."""

import os
import sys
from collections.abc import Iterator
from hashlib import blake2b
from time import monotonic

from scanner import state
from scanner.cleared import Cleared
from scanner.engine import Looked
from scanner.host import Machine
from scanner.model import GapKind

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(state.__file__)))
NOT_OURS = "__pycache__"


def opened(machine: Machine) -> Cleared | None:
    """The clean files of the last scan; None where they cannot be known for sure, and every file is to be read.

    Of another's home or an image nothing is kept; and outside POSIX no time of change is told, without which a file
    could be rewritten unseen.
    """
    decided = rules() if machine.source == "live" and os.name == "posix" else None
    if decided is None:
        return None
    place = state.folder()
    try:
        key = state.key(place)
    except state.StateError:  # said by whoever needed the key first
        return None
    return Cleared(state.cleared(place), key, decided)


def keep(cleared: Cleared | None, looked: Looked, time_limit: float) -> None:
    """Keeps what the look told of clean files; where it cannot be written, the next scan reads them again."""
    if cleared is None:
        return
    cut = any(source == "walk" and gap.kind is GapKind.LIMIT for source, gap in looked.told)
    marks = cleared.saved(looked.depth, whole=not cut and monotonic() < looked.begun + time_limit)
    if marks is None:
        return
    try:
        state.keep_cleared(state.folder(), marks)
    except state.StateError:
        return


def rules(root: str = ROOT) -> bytes | None:
    """A digest of all that decides whether a file is clean: our modules and tables, the libraries, the interpreter.

    None where it cannot be told. What an installer has put there it tells itself, by digests of our files and by the
    versions of the others; in a checkout the state of each file tells.
    """
    try:
        libraries = sorted(name for folder in _packages() for name in os.listdir(folder) if name.endswith("-info"))
        names = [name for name in os.listdir(root) if name.startswith("armslength-") and name.endswith(".dist-info")]
        ours = tuple(_record(os.path.join(root, name)) for name in sorted(names))
        checkout = () if ours else tuple(_stamps(root))
    except OSError:
        return None
    return blake2b(repr((ours, checkout, libraries, sys.version)).encode("utf-8", "surrogateescape")).digest()


def _packages() -> list[str]:
    """The folders into which libraries are installed, as the interpreter tries them."""
    return [folder for folder in sys.path if folder.endswith("-packages") and os.path.isdir(folder)]


def _record(installed: str) -> bytes:
    """The list of our files with their digests. Raises OSError where the installer left none."""
    with open(os.path.join(installed, "RECORD"), "rb") as stream:
        return stream.read()


def _stamps(root: str) -> Iterator[tuple[str, int, int, int, int]]:
    """The state of each of our files. Raises OSError where they do not lie on a disk."""
    folders = [os.path.join(root, name) for name in ("probes", "scanner")]
    while folders:
        with os.scandir(folders.pop()) as listing:
            for entry in sorted(listing, key=lambda each: each.name):
                if entry.is_dir(follow_symlinks=False):
                    folders += [entry.path] if entry.name != NOT_OURS else []
                    continue
                status = entry.stat()
                yield entry.path, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
