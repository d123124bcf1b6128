"""Reads a tree of files that may be hostile: bounded, never through a link out of it, never a pipe or a device."""

import errno
import os
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePath

from msgspec import Struct, field

from scanner.host.links import LinkOut, Reached, Tree, follow, is_link
from scanner.host.ports import Content, Entry, FileKind, Place
from scanner.host.walking import KINDS, READ, STEP, DiskWalker, is_elsewhere, mounts_below
from scanner.model import Gap, GapKind
from scanner.text import printable

BLOCK = 64 * 1024  # bytes at least asked for of a file that grows, or tells no size
NAME_LIMIT = 100_000  # a folder with more names is a gap, not work

# Files of the kernel that look ordinary, and block a reader or hand each line out once.
CONSUMED = ("/proc/kmsg", "/sys/kernel/debug", "/sys/kernel/tracing")

# O_NOFOLLOW_ANY is macOS's and refuses a link in any part of the path.
READ_STRAIGHT = READ | getattr(os, "O_NOFOLLOW_ANY", getattr(os, "O_NOFOLLOW", 0))


class Changed(Exception):
    """The file was replaced between the look at it and its opening."""


class DiskFiles(Struct, frozen=True):
    """The files of a tree; `modes` says whether its permission bits mean anything."""

    tree: Tree
    modes: bool = os.name == "posix"
    _spots: dict[PurePath, PurePath] = field(default_factory=dict)

    def entries(self, folder: PurePath) -> Sequence[Entry] | Gap:
        """The names in a folder, sorted; empty when there is no such folder."""
        try:
            with os.scandir(self._listable(folder)) as listing:
                found: list[Entry] = []
                for item in listing:
                    if len(found) == NAME_LIMIT:
                        return Gap(GapKind.LIMIT, printable(str(folder)), f"holds more than {NAME_LIMIT} names")
                    found.append(Entry(item.name, _listed_kind(item)))
        except (OSError, ValueError) as error:
            return complaint(folder, error) or []
        found.sort(key=_by_name)
        return found

    def place(self, path: PurePath, inside: Sequence[PurePath] = ()) -> Place | Gap | None:
        """What lies at the path, links followed; None when nothing does."""
        try:
            return self._place(path, self._reach(path, inside))
        except (OSError, ValueError, LinkOut) as error:
            return complaint(path, error)

    def content(self, path: PurePath, limit: int, inside: Sequence[PurePath] = ()) -> Content | Gap | None:
        """At most `limit` bytes of a regular file; None when there is none; a Gap for all that is not to be opened."""
        try:
            reached = self._reach(path, inside)
            place = self._place(path, reached)
            if place.kind is FileKind.FOLDER:
                return None
            refusal = self._refusal(place, reached)
            if refusal is not None:
                return Gap(GapKind.REFUSED, printable(str(path)), refusal)
            data = _read(self.tree.real(reached.spot), reached.status, limit + 1)
        except (OSError, ValueError, LinkOut, Changed) as error:
            return complaint(path, error)
        return Content(place, data[:limit], len(data) > limit)

    def walker(self, folder: PurePath) -> DiskWalker | Gap | None:
        """What walks the folder; None when there is no such folder, a Gap where it may not be entered."""
        try:
            real = self.tree.real(follow(self.tree, folder).spot)
        except (OSError, ValueError, LinkOut) as error:
            return complaint(folder, error)
        real = real.rstrip("/")
        return DiskWalker(folder, real, complaint, _listed_kind, self.tree.viewer, mounts_below(real))

    def _listable(self, folder: PurePath) -> str:
        if self.tree.whole and self.tree.viewer is None:
            return self.tree.real(folder)
        reached = follow(self.tree, folder)
        if self.tree.viewer is not None and not self.tree.viewer.may(reached.status, 4):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return self.tree.real(reached.spot)

    def _reach(self, path: PurePath, inside: Sequence[PurePath]) -> Reached:
        return follow(self.tree, path, [(folder, self._spot(folder)) for folder in inside])

    def _spot(self, folder: PurePath) -> PurePath:
        """The folder with its own links resolved; a folder that is not there stands for itself."""
        if folder not in self._spots:
            try:
                self._spots[folder] = follow(self.tree, folder).spot
            except OSError:
                self._spots[folder] = folder
        return self._spots[folder]

    def _place(self, path: PurePath, reached: Reached) -> Place:
        status = reached.status
        readable, writable = self._rights(reached)
        return Place(
            path,
            KINDS.get(stat.S_IFMT(status.st_mode), FileKind.DEVICE),
            mode=stat.S_IMODE(status.st_mode) if self.modes else None,
            mine=self._owns(status),
            readable=readable,
            writable=writable,
            link_target=reached.spot if reached.linked else None,
            modified=_moment(status.st_mtime),
            size=status.st_size,
        )

    def _owns(self, status: os.stat_result) -> bool:
        if os.name != "posix":
            return True
        return status.st_uid == (os.geteuid() if self.tree.viewer is None else self.tree.viewer.uid)

    def _rights(self, reached: Reached) -> tuple[bool, bool]:
        if self.tree.viewer is not None:
            return self.tree.viewer.may(reached.status, 4), self.tree.viewer.may(reached.status, 2)
        real = self.tree.real(reached.spot)
        return os.access(real, os.R_OK), os.access(real, os.W_OK)

    def _refusal(self, place: Place, reached: Reached) -> str | None:
        """Why the file is not to be opened, if so."""
        if place.kind is not FileKind.FILE:
            return f"a {place.kind}, not opened"
        if self.tree.viewer is not None and not place.readable:
            return "permission denied"
        if is_elsewhere(reached.status):
            return "kept on a server; not fetched"
        real = self.tree.real(reached.spot)
        if any(real == each or real.startswith(each + "/") for each in CONSUMED):
            return "a file of the kernel, not opened"
        return None


def complaint(path: PurePath, error: Exception) -> Gap | None:
    """The Gap that an error of the file system stands for; None where it only says that nothing is there."""
    place = printable(str(path))
    match error:
        case LinkOut():
            return Gap(GapKind.REFUSED, place, f"a link out of the tree, to {error.target}")
        case Changed():
            return Gap(GapKind.FAILED, place, "it was replaced while it was looked at")
        case OSError(errno=errno.ENOENT | errno.ENOTDIR):
            return None
        case OSError(errno=errno.EACCES | errno.EPERM):
            return Gap(GapKind.REFUSED, place, "permission denied")
        case OSError(errno=errno.EREMOTE):
            return Gap(GapKind.REFUSED, place, "on another machine, not opened")
        case OSError(errno=errno.ELOOP):
            return Gap(GapKind.FAILED, place, "a loop of links")
        case OSError(errno=errno.ENAMETOOLONG):
            return Gap(GapKind.LIMIT, place, "the path is too long")
        case OSError(errno=int(number)):
            return Gap(GapKind.FAILED, place, os.strerror(number).lower())
    return Gap(GapKind.FAILED, place, "a name that no file can have")


def _by_name(entry: Entry) -> str:
    return entry.name


def _listed_kind(item: os.DirEntry[str]) -> FileKind:
    """The kind that the listing itself tells; only what is odd costs a look."""
    if os.name != "nt":  # where a junction would count as a folder
        if item.is_file(follow_symlinks=False):
            return FileKind.FILE
        if item.is_dir(follow_symlinks=False):
            return FileKind.FOLDER
    if item.is_symlink():
        return FileKind.LINK
    try:
        status = item.stat(follow_symlinks=False)
    except OSError:
        return FileKind.DEVICE  # gone again, or of no kind that can be told: not to be opened
    return FileKind.LINK if is_link(status) else KINDS.get(stat.S_IFMT(status.st_mode), FileKind.DEVICE)


def _moment(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):  # a date that no calendar has
        return None


def _read(real: str, seen: os.stat_result, most: int) -> bytes:
    """At most that many bytes of the file that was seen, and of no other that took its place."""
    descriptor = _opened(real)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or (status.st_dev, status.st_ino) != (seen.st_dev, seen.st_ino):
            raise Changed
        data = os.read(descriptor, min(most, status.st_size + 1))
        while len(data) < most and (more := os.read(descriptor, min(most - len(data), len(data) + BLOCK))):
            data += more
        return data
    finally:
        os.close(descriptor)


def _opened(real: str) -> int:
    """A descriptor of the file; where a part of its path has become a link since it was looked at, Changed."""
    try:
        if not hasattr(os, "O_PATH"):
            return os.open(real, READ_STRAIGHT)
        parts = real.split("/")
        folder = os.open("/", STEP)
        try:
            for part in parts[1:-1]:
                if part:
                    deeper = os.open(part, STEP, dir_fd=folder)
                    os.close(folder)
                    folder = deeper
            return os.open(parts[-1], READ_STRAIGHT, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):
            raise Changed from None
        raise
