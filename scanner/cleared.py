"""Files in which nothing was found: the next scan takes them as clean, unread, while they stay as they are.

Of a file only a keyed digest is kept: over its path, the group of candidates it was read as, and its stamp, which is
all that the file system tells of a content's identity. Two facts carry this. Nobody can set back the time of change,
so whoever writes, replaces or truncates a file gives it another stamp. And what is found is decided by path, group,
content and rules alone: a judgement that looks at other files has no place here.
"""

from array import array
from bisect import bisect_left
from hashlib import blake2b
from itertools import compress
from time import time_ns

from scanner.host.ports import Stamp

MAGIC = b"armslength clean"
CHECK_BYTES = 16
HEAD_BYTES = len(MAGIC) + CHECK_BYTES + 1
MARK_BYTES = 8
MARK_LIMIT = 1_000_000
BYTES_LIMIT = HEAD_BYTES + MARK_LIMIT * MARK_BYTES
SETTLED = 2_000_000_000  # nanoseconds: a file that is written twice within one tick of a clock can keep its stamp
DEPTHS = ("quick", "standard", "deep")


class Cleared:
    """The clean files of earlier scans, and those of this one. Threads may share it, processes may not.

    A file that changed in the moment before the scan began, or since, is never remembered.
    """

    __slots__ = ("_added", "_begun", "_depth", "_key", "_known", "_met")

    def __init__(self, saved: bytes | None, key: bytes, rules: bytes, begun: int | None = None) -> None:
        """`saved` is what the last scan gave; of another key, of other rules or damaged, it counts for nothing.

        `rules` tells apart all that decides whether a file is clean. `begun` is when this scan began.
        """
        self._key = blake2b(rules, key=key).digest()
        self._begun = time_ns() if begun is None else begun
        self._depth, self._known = self._opened(saved or b"")
        self._met = bytearray(len(self._known))
        self._added: set[int] = set()

    def knows(self, stamp: Stamp, group: str, path: str) -> bool:
        """Whether that file was clean when it was last read as one of this group, and has not changed since."""
        return self._meets(self._mark(stamp, group, path))

    def add(self, stamp: Stamp, group: str, path: str) -> None:
        """Remembers a file that was read whole, in which nothing was found and of which there is no Gap."""
        if stamp.changed >= self._begun - SETTLED or len(self._added) == MARK_LIMIT:
            return
        mark = self._mark(stamp, group, path)
        if not self._meets(mark):
            self._added.add(mark)

    def saved(self, depth: str, *, whole: bool) -> bytes | None:
        """What the next scan is to be given; None where that of the last one will do.

        A whole scan forgets what it did not meet, unless that may have been met by a deeper one.
        """
        deepest = max(depth, self._depth, key=DEPTHS.index)
        full = len(self._known) + len(self._added) > MARK_LIMIT
        stay = list(compress(self._known, self._met)) if full or (whole and depth == deepest) else list(self._known)
        if not self._added and len(stay) * 2 >= len(self._known):
            return None
        marks = array("Q", sorted([*stay, *self._added])[:MARK_LIMIT])
        body = bytes((DEPTHS.index(deepest),)) + marks.tobytes()
        return MAGIC + self._check(body) + body

    def _opened(self, saved: bytes) -> "tuple[str, array[int]]":
        """The depth and the marks of what was saved; none where it is not what these rules saved."""
        marks = array("Q")
        check, body = saved[len(MAGIC) :][:CHECK_BYTES], saved[len(MAGIC) + CHECK_BYTES :]
        if len(saved) > BYTES_LIMIT or not saved.startswith(MAGIC) or check != self._check(body):
            return DEPTHS[0], marks
        marks.frombytes(body[1:])
        return DEPTHS[body[0]], marks

    def _check(self, body: bytes) -> bytes:
        return blake2b(body, digest_size=CHECK_BYTES, key=self._key).digest()

    def _mark(self, stamp: Stamp, group: str, path: str) -> int:
        told = f"{stamp.device} {stamp.inode} {stamp.size} {stamp.modified} {stamp.changed} {group}\0{path}"
        data = told.encode("utf-8", "surrogatepass")
        return int.from_bytes(blake2b(data, digest_size=MARK_BYTES, key=self._key).digest(), "little")

    def _meets(self, mark: int) -> bool:
        place = bisect_left(self._known, mark)
        if place == len(self._known) or self._known[place] != mark:
            return False
        self._met[place] = 1
        return True
