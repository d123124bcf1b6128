"""What we keep between runs, in one folder: a key, a log without values, marks of clean files, a sealed report."""

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct, json

from scanner import atomic, folders
from scanner.errors import ScannerError
from scanner.text import printable
from scanner.vault import KEY_BYTES

KEY = "key"
LOG = "log.jsonl"
REPORT = "last-report.sealed"
CLEARED = "clean-files"
KEPT = (KEY, LOG, REPORT, CLEARED)
LOG_LINES = 200
LOG_BYTES = 256 * 1024
REPORT_BYTES = 256 * 1024 * 1024
CLEARED_BYTES = 16 * 1024 * 1024
READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class StateError(ScannerError):
    """The state folder cannot be used; a scan goes on without it."""


class KeptFile(Struct, frozen=True):
    """One file that we keep: its size in bytes, its mode, and when it was written, in seconds since 1970."""

    path: Path
    size: int
    mode: int
    written: float


class Ran(Struct, frozen=True):
    """One run as the log keeps it: nothing in it tells what was found, only how much."""

    time: datetime
    command: str
    version: str
    exit_code: int
    counts: Mapping[str, int]


def folder() -> Path:
    """The state folder of this user; `ARMSLENGTH_STATE` names another."""
    named = os.environ.get("ARMSLENGTH_STATE")
    return Path(named).absolute() if named else folders.state()


def key(place: Path) -> bytes:
    """The fingerprint key of this machine, made when there is none. Raises StateError where it cannot be kept."""
    _own_folder(place)
    existing = saved_key(place)
    if existing is not None:
        return existing
    try:
        temporary = atomic.beside(place / KEY, os.urandom(KEY_BYTES))
        try:
            os.link(temporary, place / KEY)  # fails where another run was first, and then its key counts
        except FileExistsError:
            pass
        finally:
            atomic.remove(temporary)
    except OSError as error:
        raise _unusable(place, error) from error
    made = saved_key(place)
    if made is None:
        raise StateError(f"the state folder {printable(str(place))} lost its key")
    return made


def saved_key(place: Path) -> bytes | None:
    """The key that was kept before, None where there is none. Raises StateError for one that must not be used."""
    data = _content(place / KEY, KEY_BYTES + 1, private=True)
    if data is not None and len(data) != KEY_BYTES:
        raise StateError(f"{printable(str(place / KEY))} is no key of ours", "armslength state purge removes it")
    return data


def log(place: Path, ran: Ran) -> None:
    """Adds a run to the log, whose oldest lines go. Raises StateError where it cannot be written."""
    _own_folder(place)
    line = {
        "time": ran.time.astimezone(UTC).isoformat(timespec="seconds"),
        "command": ran.command,
        "version": ran.version,
        "exit": ran.exit_code,
        "counts": dict(ran.counts),
    }
    earlier = (_content(place / LOG, LOG_BYTES) or b"").splitlines()
    lines = [*earlier[-(LOG_LINES - 1) :], json.encode(line)]
    try:
        atomic.replace(place / LOG, b"\n".join(lines) + b"\n")
    except OSError as error:
        raise _unusable(place, error) from error


def ready_for_report(place: Path) -> None:
    """Tries that a report could be kept, so that nobody scans for nothing. Raises StateError."""
    _own_folder(place)
    try:
        atomic.remove(atomic.beside(place / REPORT, b""))
    except OSError as error:
        raise _unusable(place, error) from error


def keep_report(place: Path, sealed: bytes) -> None:
    """Puts a sealed report in place of the one before. Raises StateError, and then that one is still there."""
    _own_folder(place)
    if len(sealed) > REPORT_BYTES:
        raise StateError("the report is too large to be kept", "-o FILE writes it")
    try:
        atomic.replace(place / REPORT, sealed)
    except OSError as error:
        raise _unusable(place / REPORT, error) from error


def kept_report(place: Path) -> bytes | None:
    """The sealed report that is kept, None where there is none. Raises StateError where it cannot be read."""
    sealed = _content(place / REPORT, REPORT_BYTES + 1)
    if sealed is not None and len(sealed) > REPORT_BYTES:
        raise StateError(f"{printable(str(place / REPORT))} is no report of ours", "armslength state purge removes it")
    return sealed


def cleared(place: Path) -> bytes | None:
    """The marks of clean files that the last scan left; None where there are none, or others could have put them."""
    try:
        saved = _content(place / CLEARED, CLEARED_BYTES + 1, private=True)
    except StateError:
        return None
    return saved if saved is not None and len(saved) <= CLEARED_BYTES else None


def keep_cleared(place: Path, marks: bytes) -> None:
    """Puts the marks of clean files in place of those before. Raises StateError where they cannot be written."""
    _own_folder(place)
    try:
        atomic.replace(place / CLEARED, marks)
    except OSError as error:
        raise _unusable(place / CLEARED, error) from error


def kept(place: Path) -> Iterator[KeptFile]:
    """The files that we keep, as they lie there; a link is named, not followed."""
    for path in _ours(place):
        info = path.lstat()
        yield KeptFile(path, info.st_size, stat.S_IMODE(info.st_mode), info.st_mtime)


def purge(place: Path) -> list[Path]:
    """Removes exactly the files that we keep, and the folder when nothing else is in it; says which went."""
    removed = []
    try:
        for path in _ours(place):
            path.unlink()
            removed.append(path)
        if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
            place.rmdir()
    except OSError as error:
        raise StateError(f"{printable(str(place))} cannot be purged: {error.strerror}") from error
    return removed


def _ours(place: Path) -> list[Path]:
    """What is there of ours, with temporary files that an interrupted run left."""
    left = sorted(place.glob(f"{atomic.PREFIX}*{atomic.SUFFIX}"))
    return [path for path in (*(place / name for name in KEPT), *left) if os.path.lexists(path)]


def _own_folder(place: Path) -> None:
    """Makes the folder with mode 0700; refuses one in which others could put a key of theirs."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.mkdir(mode=0o700, exist_ok=True)
        info = place.stat()
    except OSError as error:
        raise _unusable(place, error) from error
    if os.name == "posix" and (info.st_uid != os.geteuid() or info.st_mode & 0o022):
        hint = "only you may write there: chmod 700"
        raise StateError(f"the state folder {printable(str(place))} is open to others", hint)


def _content(path: Path, limit: int, *, private: bool = False) -> bytes | None:
    """The last bytes of one of our files, None where there is none; whatever is not our own plain file is refused."""
    try:
        handle = os.open(path, READ)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unusable(path, error) from error
    with os.fdopen(handle, "rb") as stream:
        info = os.fstat(handle)
        if not stat.S_ISREG(info.st_mode):
            raise StateError(f"{printable(str(path))} is no plain file")
        if private and os.name == "posix" and (info.st_uid != os.geteuid() or info.st_mode & 0o077):
            raise StateError(f"{printable(str(path))} is open to others", "armslength state purge removes it")
        stream.seek(max(0, info.st_size - limit))
        return stream.read(limit)


def _unusable(path: Path, error: OSError) -> StateError:
    return StateError(f"{printable(str(path))} cannot be used: {error.strerror}")
