"""Follows links one step at a time, so that none leads out of the tree that was asked for."""

import errno
import os
from collections.abc import Sequence
from pathlib import PurePath
from stat import S_ISDIR, S_ISLNK
from typing import Protocol

from msgspec import Struct

from scanner.text import printable

LINK_LIMIT = 40  # as the Linux kernel counts
JUNCTION = 0xA0000003  # IO_REPARSE_TAG_MOUNT_POINT: a folder link of Windows


class Viewer(Struct, frozen=True):
    """The user whose rights are judged by the permission bits, when that is not the user who runs the scan."""

    uid: int
    groups: frozenset[int] = frozenset()

    def may(self, status: os.stat_result, right: int) -> bool:
        """Whether this user has the right (4 read, 2 write, 1 enter) to what has this status."""
        if self.uid == 0:
            return True
        if status.st_uid == self.uid:
            return bool(status.st_mode >> 6 & right)
        if status.st_gid in self.groups:
            return bool(status.st_mode >> 3 & right)
        return bool(status.st_mode & right)


class Tree(Protocol):
    """A tree of files, on this machine or in an image; a `spot` is a path with no link above its last part."""

    @property
    def viewer(self) -> Viewer | None:
        """Whose rights are judged; None for the user who runs the scan, whom the kernel answers."""

    @property
    def whole(self) -> bool:
        """Whether this is the machine's own tree, in which the kernel follows links as the user's programs see it."""

    def status(self, spot: PurePath) -> os.stat_result:
        """What lies there, a link not followed. Raises OSError."""

    def target(self, spot: PurePath) -> PurePath:
        """Where the link there leads, absolute or relative to its folder. Raises OSError."""

    def real(self, spot: PurePath) -> str:
        """The name of that place for this machine's kernel. Raises OSError."""


class Reached(Struct, frozen=True):
    """The end of a path: its spot, what lies there, and whether a link led to it."""

    spot: PurePath
    status: os.stat_result
    linked: bool


class LinkOut(Exception):
    """A link leads out of the tree; `target` says where to."""

    def __init__(self, target: PurePath) -> None:
        super().__init__("a link out of the tree")
        self.target = printable(str(target))


def follow(tree: Tree, path: PurePath, inside: Sequence[tuple[PurePath, PurePath]] = ()) -> Reached:
    """Where the path ends. Raises OSError, and LinkOut where it leaves `inside`.

    `inside` pairs each folder that must not be left with its own spot; a path in one is followed from there, so
    that links above the folder do not count.
    """
    at, parts = _entered(path, inside)
    pending = list(reversed(parts))
    status = tree.status(at)
    links = 0
    while pending:
        part = pending.pop()
        if part == "..":
            at = at.parent
            _confine(at, inside)
            status = tree.status(at)
            continue
        if not S_ISDIR(status.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if tree.viewer is not None and not tree.viewer.may(status, 1):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        spot = at / part
        status = tree.status(spot)
        if not is_link(status):
            at = spot
            continue
        links += 1
        if links > LINK_LIMIT:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        at, parts = _turned(at, tree.target(spot), inside)
        pending.extend(reversed(parts))
        status = tree.status(at)
    return Reached(at, status, links > 0)


def is_link(status: os.stat_result) -> bool:
    """Whether it is a symbolic link, or a junction of Windows."""
    return S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) == JUNCTION


def _entered(path: PurePath, inside: Sequence[tuple[PurePath, PurePath]]) -> tuple[PurePath, tuple[str, ...]]:
    if not inside:
        return type(path)(path.anchor), path.parts[1:]
    for folder, spot in inside:
        for base in (folder, spot):
            if path == base or base in path.parents:
                return spot, path.parts[len(base.parts) :]
    raise LinkOut(path)


def _turned(
    at: PurePath, target: PurePath, inside: Sequence[tuple[PurePath, PurePath]]
) -> tuple[PurePath, tuple[str, ...]]:
    """Where to go on from, and by which parts, after a link in the folder `at` that leads to `target`."""
    if not target.root and not target.drive:
        return at, target.parts
    return _entered(type(at)(at.anchor) / target, inside)


def _confine(spot: PurePath, inside: Sequence[tuple[PurePath, PurePath]]) -> None:
    if inside and not any(spot == base or base in spot.parents for _, base in inside):
        raise LinkOut(spot)
