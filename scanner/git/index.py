"""Git's index: whether it holds a path. Read as git's Documentation/gitformat-index says, versions 2, 3 and 4.

Of a sound index of version 2 or 3 only the asked paths are looked for, at the speed of a search in bytes: that it is
sound, its own checksum tells. All else is walked through from the first entry on.
"""

from collections.abc import Callable, Collection, Iterator
from hashlib import sha1, sha256
from struct import Struct as Layout
from typing import ClassVar

from msgspec import Struct

from scanner.model.value import Value

SIZE_LIMIT = 64 * 1024 * 1024
HEAD = Layout(">4sII")
LONG = Layout(">I")
SHORT = Layout(">H")
WORD = Layout(">Q")
SHA1, SHA256 = 20, 32
STATUS = 40  # bytes of an entry before its object's name: times, device, inode, mode, owner, size
MODE = 24  # where in an entry its mode stands
MODES = frozenset({0o040000, 0o100644, 0o100664, 0o100755, 0o120000, 0o160000})
EXTENDED, LENGTH = 0x4000, 0x0FFF  # of an entry's flags
WIDE = 0x40  # the same in the first byte of these
LONGEST = 16 * 1024  # bytes of a path that any system has
FEW = 20  # paths that are searched for one by one; for more of them a walk is faster
Asked = Callable[[bytes], bool]
TRIES = 1000  # places that look like what is sought, until the index is walked instead
CHAIN = 32  # extensions behind one that is sought


class BrokenIndex(Exception):
    """It is no index that git would read; `why` says what is wrong with it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Held(Struct, frozen=True):
    """Of the paths that were asked about, those that the index holds.

    Of `unsure` it holds only a folder above, in place of all that lies in it (a sparse index).
    """

    tracked: frozenset[bytes]
    unsure: frozenset[bytes] = frozenset()


class Index(Value, frozen=True):
    """The bytes of an index whose head is sound; `proven` where its checksum says that all of it is."""

    concealed: ClassVar[frozenset[str]] = frozenset({"data"})

    data: bytes
    version: int
    count: int
    digest: int
    proven: bool

    @property
    def shared(self) -> str | None:
        """Of a split index the name of the file beside it that holds the most of its entries."""
        link = _extension(self, b"link")
        base = link[: self.digest] if link is not None else b""
        return f"sharedindex.{base.hex()}" if any(base) else None


def read_index(data: bytes, *, digest: int = SHA1) -> Index:
    """The index in these bytes; `digest` is how long the repository's object names are. Raises BrokenIndex."""
    if len(data) < HEAD.size + digest:
        raise BrokenIndex("too short for an index of git")
    sign, version, count = HEAD.unpack_from(data)
    if sign != b"DIRC":
        raise BrokenIndex("not an index of git")
    if version not in (2, 3, 4):
        raise BrokenIndex(f"an index of version {version}, which is not known")
    if count * (STATUS + digest + 3) > len(data):
        raise BrokenIndex("an index that was cut off")
    told, body = data[-digest:], memoryview(data)[:-digest]
    proven = any(told)  # all zeros where `index.skipHash` is set
    made = sha1(body, usedforsecurity=False) if digest == SHA1 else sha256(body)
    if proven and made.digest() != told:
        raise BrokenIndex("an index whose checksum is wrong")
    return Index(data, version, count, digest, proven)


def held(index: Index, paths: Collection[bytes], *, shared: Index | None = None, fold: bool = False) -> Held:
    """Which of the paths (from the top of the work tree, with `/`) are in the index, and in the `shared` one below it.

    `fold` takes upper and lower case for the same, as git does where `core.ignorecase` is set. Raises BrokenIndex.
    """
    above = {path: _folders(path) for path in paths} if b"sdir" in index.data else {}
    asked = {*paths, *(folder for folders in above.values() for folder in folders)}
    wanted = {_folded(each, fold) for each in asked}
    hits = set(_met(index, wanted, fold))
    if shared is not None:
        hits |= _left(shared, wanted, fold, _deleted(index))
    tracked = frozenset(path for path in paths if _folded(path, fold) in hits)
    unsure = (path for path in paths if any(_folded(each, fold) in hits for each in above.get(path, ())))
    return Held(tracked, frozenset(unsure) - tracked)


def _folders(path: bytes) -> list[bytes]:
    """The folders above a path, as a sparse index names them."""
    parts = path.split(b"/")
    return [b"/".join(parts[:depth]) + b"/" for depth in range(1, len(parts))]


def _folded(name: bytes, fold: bool) -> bytes:
    return name.lower() if fold else name


def _met(index: Index, wanted: set[bytes], fold: bool) -> Iterator[bytes]:
    """Those of the wanted names that the index holds."""
    if index.proven and index.version < 4 and len(wanted) <= FEW:
        found = _searched(index, wanted, fold)
        if found is not None:
            yield from found
            return
    yield from (_folded(name, fold) for _, name in _walked(index, _asking(wanted, fold)))


def _asking(wanted: set[bytes], fold: bool) -> Asked:
    return (lambda name: name.lower() in wanted) if fold else wanted.__contains__


def _searched(index: Index, wanted: set[bytes], fold: bool) -> list[bytes] | None:
    """The same by a search for each name; None where too much looks like one."""
    data, tries, found = _folded(index.data, fold), 0, list[bytes]()
    for name in wanted:
        sought = name + b"\0"
        at = data.find(sought, HEAD.size)
        while at >= 0:
            if _is_name(index, at, len(name)):
                found.append(name)
                break
            tries += 1
            if tries > TRIES:
                return None
            at = data.find(sought, at + 1)
    return found


def _is_name(index: Index, at: int, length: int) -> bool:
    """Whether the name of that length there is a whole one: behind an entry's head that says so, in its row of eights.

    The end of a longer name has letters where the mode of an entry would stand.
    """
    for wide in (0, 2):
        start = at - STATUS - index.digest - 2 - wide
        if start < HEAD.size or (start - HEAD.size) % 8:
            continue
        (flags,) = SHORT.unpack_from(index.data, start + STATUS + index.digest)
        (mode,) = LONG.unpack_from(index.data, start + MODE)
        if bool(flags & EXTENDED) == bool(wide) and flags & LENGTH == min(length, LENGTH) and mode in MODES:
            return True
    return False


def _walked(index: Index, asked: Asked) -> list[tuple[int, bytes]]:
    """Those of all names that were asked for, with their places in the order. Raises BrokenIndex."""
    try:
        return _packed(index, asked) if index.version == 4 else _padded(index, asked)
    except (ValueError, IndexError):  # no NUL is left, or nothing at all
        raise BrokenIndex("an index that was cut off") from None


def _padded(index: Index, asked: Asked) -> list[tuple[int, bytes]]:
    """Of versions 2 and 3: each entry is filled up to a multiple of eight bytes. Raises ValueError."""
    data, head, end = index.data, STATUS + index.digest + 2, len(index.data) - index.digest
    at, found = HEAD.size, []
    for place in range(index.count):
        start = at + head
        if data[start - 2] & WIDE:
            start += 2
        stop = data.index(b"\0", start, end)
        name = data[start:stop]
        if asked(name):
            found.append((place, name))
        at = stop + 8 - (stop - at) % 8
    return found


def _packed(index: Index, asked: Asked) -> list[tuple[int, bytes]]:
    """Of version 4: each entry says how many bytes to take off the name before, and what to add. Raises ValueError.

    A name that is longer than any path ends the reading: a hostile index would have each longer than the last.
    """
    data, head, end = index.data, STATUS + index.digest + 2, len(index.data) - index.digest
    at, name, found = HEAD.size, b"", []
    for place in range(index.count):
        start = at + head
        if data[start - 2] & WIDE:
            start += 2
        off = data[start]
        if off & 0x80:
            off, start = _number(data, start)
        stop = data.index(b"\0", start + 1, end)
        if off > len(name) or len(name) - off + stop - start > LONGEST:
            raise ValueError
        name = name[: len(name) - off] + data[start + 1 : stop]
        if asked(name):
            found.append((place, name))
        at = stop + 1
    return found


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of several bytes, as packs write offsets, and where its last byte stands. Raises ValueError."""
    value = data[at] & 0x7F
    for last in range(at + 1, at + 4):
        value = value + 1 << 7 | data[last] & 0x7F
        if not data[last] & 0x80:
            return value, last
    raise ValueError


# --- a split index


def _left(shared: Index, wanted: set[bytes], fold: bool, deleted: tuple[int, ...]) -> set[bytes]:
    """Those of the wanted names that the shared index holds, but for the entries that are deleted."""
    if not deleted:
        return set(_met(shared, wanted, fold))
    found = _walked(shared, _asking(wanted, fold))
    return {_folded(name, fold) for place, name in found if not _is_set(deleted, place)}


def _deleted(index: Index) -> tuple[int, ...]:
    """The words of the compressed bitmap (EWAH) that says which entries of the shared index are gone."""
    link = _extension(index, b"link") or b""
    rest = link[index.digest :]
    if not rest:
        return ()
    if len(rest) < 8 or len(rest) < 8 + 8 * LONG.unpack_from(rest, 4)[0]:
        raise BrokenIndex("a split index whose list of what is gone was cut off")
    (size,) = LONG.unpack_from(rest, 4)
    return tuple(word for (word,) in WORD.iter_unpack(rest[8 : 8 + 8 * size]))


def _is_set(words: tuple[int, ...], place: int) -> bool:
    """Whether that bit is set: a word tells of a run of equal words, and how many words follow as they are."""
    wanted, bit = divmod(place, 64)
    at = before = 0
    while at < len(words):
        word = words[at]
        run, plain = word >> 1 & 0xFFFFFFFF, word >> 33
        if wanted < before + run:
            return bool(word & 1)
        before += run
        if wanted < before + plain:
            follows = at + 1 + wanted - before
            return follows < len(words) and bool(words[follows] >> bit & 1)
        before += plain
        at += 1 + plain
    return False


def _extension(index: Index, sign: bytes) -> bytes | None:
    """What stands in the extension of that name: one from which extension after extension leads to the very end."""
    at = index.data.find(sign, HEAD.size)
    for _ in range(TRIES):
        if at < 0:
            return None
        if _leads_to_end(index, at):
            return index.data[at + 8 : at + 8 + LONG.unpack_from(index.data, at + 4)[0]]
        at = index.data.find(sign, at + 1)
    raise BrokenIndex("an index whose extensions were not found")


def _leads_to_end(index: Index, at: int) -> bool:
    end = len(index.data) - index.digest
    for _ in range(CHAIN):
        if at + 8 > end:
            return at == end
        at += 8 + LONG.unpack_from(index.data, at + 4)[0]
    return False
