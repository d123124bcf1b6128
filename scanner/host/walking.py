"""Walks the folders of a disk by their names alone, and reads files of one folder without leaving it."""

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import PurePath

from msgspec import Struct

from scanner.host.links import Viewer
from scanner.host.ports import FileKind, Folder, Piece, Stamp
from scanner.model import Gap, GapKind
from scanner.patterns import Pattern
from scanner.text import printable

NAME_LIMIT = 100_000  # names taken of one folder
CHUNK = 1024 * 1024  # bytes of one piece at the most, but for what it shares with the one before
TAIL = 64 * 1024  # bytes of the end of a file whose middle is left out
OVERLAP = 16 * 1024  # bytes that two pieces share: keys go over many lines
WHOLE = 64 * 1024 * 1024  # bytes of a file beyond which it is not read at all
MOUNTS = "/proc/self/mountinfo"

# Files whose bytes lie on a server until they are opened: macOS's SF_DATALESS, Windows' offline and recall marks.
DATALESS = 0x40000000
RECALLED = 0x00001000 | 0x00040000 | 0x00400000

KINDS = {
    stat.S_IFREG: FileKind.FILE,
    stat.S_IFDIR: FileKind.FOLDER,
    stat.S_IFLNK: FileKind.LINK,
    stat.S_IFSOCK: FileKind.SOCKET,
    stat.S_IFIFO: FileKind.PIPE,
}
READ = os.O_RDONLY  # O_BINARY is Windows' own
for _name in ("O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY", "O_NOINHERIT"):
    READ |= getattr(os, _name, 0)
READ_HERE = READ | getattr(os, "O_NOFOLLOW", 0)
LISTED = READ_HERE | getattr(os, "O_DIRECTORY", 0)
STEP = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
BY_FOLDER = os.open in os.supports_dir_fd and os.stat in os.supports_dir_fd
EVERYWHERE = os.name == "posix"  # elsewhere a junction would count as a folder

Complaint = Callable[[PurePath, Exception], Gap | None]
Listed = Callable[["os.DirEntry[str]"], FileKind]


class DiskWalker(Struct, frozen=True):
    """The folders below one that lies at `real` on this disk, and is called `root` in what is told of it.

    `mounts` are the file systems that begin below it, by path from there; None where each folder has to be asked.
    """

    root: PurePath
    real: str
    complaint: Complaint
    listed: Listed
    viewer: Viewer | None = None
    mounts: Mapping[str, str] | None = None

    def names(self, below: str) -> Folder | Gap | None:
        """What a folder holds, no link followed; None when there is no such folder."""
        try:
            if self.viewer is not None and not self._may(os.stat(self._at(below)), 5):
                return Gap(GapKind.REFUSED, self._told(below), "permission denied")
            return self._names(self._at(below))
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG or not BY_FOLDER:
                return self.complaint(self.root / below, error)
        try:
            descriptor = self._opened(below, LISTED)
            try:
                return self._names(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            return self.complaint(self.root / below, error)

    def _names(self, folder: str | int) -> Folder:
        found = Folder([], [])
        folders, files = found.folders, found.files
        with os.scandir(folder) as listing:
            if EVERYWHERE:
                for item in islice(listing, NAME_LIMIT):
                    if item.is_dir(follow_symlinks=False):
                        folders.append(item.name)
                    else:
                        files.append(item.name)
            else:
                for item in islice(listing, NAME_LIMIT):
                    (folders if self.listed(item) is FileKind.FOLDER else files).append(item.name)
            found.full = next(listing, None) is not None
        return found

    def present(self, below: str, names: Sequence[str]) -> Sequence[str]:
        """Those of the names that a folder has; for few names this costs less than to list it."""
        begins = self._at(below) + "/"
        return [name for name in names if os.access(begins + name, os.F_OK)]

    def foreign(self, below: str) -> str | None:
        """The type of the file system that begins at this folder; None where it is that of the folder above it."""
        if self.mounts is not None:
            return self.mounts.get(below)
        try:
            here = os.lstat(self._at(below))
            above = os.lstat(self._at(below.rpartition("/")[0]))
        except OSError:
            return None
        if is_elsewhere(here):
            return "kept on a server"
        return "another disk" if here.st_dev != above.st_dev else None

    def pieces(self, below: str, names: Sequence[str], wanted: Callable[[str, Stamp], int]) -> Iterator[Piece | Gap]:
        """The bytes of these files of one folder, each in pieces. `wanted` says how many bytes of a file to read."""
        try:
            folder = self._opened(below, STEP) if BY_FOLDER else None
        except OSError as error:
            told = self.complaint(self.root / below, error)
            if told is not None:
                yield told
            return
        try:
            for name in names:
                yield from self._file(below, name, folder, wanted)
        finally:
            if folder is not None:
                os.close(folder)

    def _file(
        self, below: str, name: str, folder: int | None, wanted: Callable[[str, Stamp], int]
    ) -> Iterator[Piece | Gap]:
        at = name if folder is not None else f"{self._at(below)}/{name}"
        try:
            seen = os.stat(at, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(seen.st_mode):
                yield Piece(name, _stamp(seen), linked=True)
                return
            refusal = self._refusal(seen)
            if refusal is not None:
                yield Gap(refusal[0], self._told(f"{below}/{name}"), refusal[1])
                return
            limit = wanted(name, _stamp(seen)) if seen.st_size else 0
            if limit > 0:
                yield from self._read(name, at, folder, seen, limit)
        except OSError as error:
            told = self.complaint(self.root / below / name, error)
            if told is not None:
                yield told

    def _refusal(self, seen: os.stat_result) -> tuple[GapKind, str] | None:
        """Why a file is not to be opened, if so."""
        if not stat.S_ISREG(seen.st_mode):
            kind = KINDS.get(stat.S_IFMT(seen.st_mode), FileKind.DEVICE)
            return None if kind is FileKind.FOLDER else (GapKind.REFUSED, f"a {kind}, not opened")
        if self.viewer is not None and not self._may(seen, 4):
            return GapKind.REFUSED, "permission denied"
        if is_elsewhere(seen):
            return GapKind.REFUSED, "kept on a server; not fetched"
        if seen.st_size > WHOLE:
            return GapKind.LIMIT, f"larger than {WHOLE // 1024 // 1024} MiB; not read"
        return None

    def _read(self, name: str, at: str, folder: int | None, seen: os.stat_result, limit: int) -> Iterator[Piece | Gap]:
        descriptor = os.open(at, READ_HERE, dir_fd=folder)
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) != (seen.st_dev, seen.st_ino):
                return  # replaced since the look at it: the next scan sees what stands there
            yield from _pieces(name, _stamp(status), descriptor, limit)
        finally:
            os.close(descriptor)

    def _may(self, status: os.stat_result, rights: int) -> bool:
        return self.viewer is None or all(self.viewer.may(status, right) for right in (4, 1) if rights & right)

    def _at(self, below: str) -> str:
        return f"{self.real}/{below}" if below else self.real or "/"

    def _told(self, below: str) -> str:
        return printable(str(self.root / below))

    def _opened(self, below: str, how: int) -> int:
        """A descriptor of the folder, reached part by part so that no link is on the way."""
        folder = os.open(self.real or "/", STEP if below else how)
        parts = below.split("/") if below else []
        for number, part in enumerate(parts, start=1):
            try:
                deeper = os.open(part, how if number == len(parts) else STEP, dir_fd=folder)
            finally:
                os.close(folder)
            folder = deeper
        return folder


def _pieces(name: str, stamp: Stamp, descriptor: int, limit: int) -> Iterator[Piece]:
    """The first `limit` bytes in pieces that begin with a line where they can, and the end of what is longer.

    Two pieces share some bytes, so that what goes over several lines stands whole in one of them.
    """
    size = limit if limit <= CHUNK else CHUNK // 2  # of long files, since the rest of a line is carried over
    lines, taken, rest = 0, 0, b""
    while True:
        more = _filled(descriptor, min(size, limit - taken, stamp.size - taken))  # no room for what is not there
        taken += len(more)
        data = rest + more
        if len(more) < size or taken >= min(limit, stamp.size):
            break
        yield Piece(name, stamp, data, lines, last=False)
        begins = data.find(b"\n", max(0, len(data) - OVERLAP)) + 1 or max(0, len(data) - OVERLAP)
        lines += data.count(b"\n", 0, begins)
        rest = data[begins:]
    is_cut = taken >= limit and stamp.size > limit
    yield Piece(name, stamp, data, lines, last=not is_cut)
    if is_cut:
        os.lseek(descriptor, max(limit - OVERLAP, stamp.size - TAIL), os.SEEK_SET)
        yield Piece(name, stamp, _filled(descriptor, TAIL), None)


def _filled(descriptor: int, most: int) -> bytes:
    data = os.read(descriptor, most)
    while 0 < len(data) < most and (more := os.read(descriptor, most - len(data))):
        data += more
    return data


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def is_elsewhere(status: os.stat_result) -> bool:
    """Whether the bytes of a file lie on a server until it is opened."""
    return bool(getattr(status, "st_flags", 0) & DATALESS or getattr(status, "st_file_attributes", 0) & RECALLED)


ESCAPED = Pattern(r"\\([0-7]{3})")


def mounts_below(real: str, table: str = MOUNTS) -> Mapping[str, str] | None:
    """The types of the file systems mounted below a folder, by path from there; None where no table tells.

    The format of the table: proc_pid_mountinfo(5).
    """
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as stream:
            rows = [row.split(" ") for row in stream]
    except OSError:
        return None
    found = {}
    for row in rows:
        if len(row) > 6 and "-" in row[6:]:
            at = ESCAPED.sub(lambda match: chr(int(match[1], 8)), row[4])
            if at.startswith(f"{real}/"):
                found[at[len(real) + 1 :]] = row[row.index("-", 6) + 1]
    return found
