"""Files replaced whole or not at all, readable by their owner only."""

import os
from contextlib import suppress
from pathlib import Path

PREFIX = ".armslength-"
SUFFIX = ".tmp"
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def replace(path: Path, data: bytes) -> None:
    """Puts the bytes at the path with mode 0600; a reader sees the old file or the new one. Raises OSError."""
    temporary = beside(path, data)
    try:
        os.replace(temporary, path)
    except OSError:
        remove(temporary)
        raise


def beside(path: Path, data: bytes) -> Path:
    """A new file with these bytes in the folder of the path, mode 0600. Raises OSError, and then leaves nothing.

    Its name cannot be guessed and it is made anew, so a link that someone planted is never followed.
    """
    temporary = path.parent / f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}"
    handle = os.open(temporary, NEW, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except BaseException:  # an interrupt too must leave nothing behind
        remove(temporary)
        raise
    return temporary


def remove(path: Path) -> None:
    """Removes a file, if it is there and may be removed."""
    with suppress(OSError):
        path.unlink()
