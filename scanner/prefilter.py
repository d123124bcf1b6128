"""Which groups of literals a file holds, in one look at its bytes: what holds none is clean, and no more work is done.

A group is met where one of its literals stands and its pattern is found. That is judged by `in` and `re` alone. Where
hyperscan is installed, it says first and at once which groups could be; the others need no judging, so both ways tell
the same. It is loaded when so much has been judged that it pays.
"""

import re
from collections.abc import Callable, Iterable
from functools import cache, cached_property
from threading import Lock
from types import ModuleType
from typing import Protocol

from msgspec import Struct

LONG = 16  # signs: no token is shorter, and most words of a text are
PAYS = 256 * 1024  # bytes judged without hyperscan, for which loading it costs as much
RARE = 4  # signs of a literal that stands in few texts by chance


class Group(Struct, frozen=True):
    """Literals of which one stands in each text that is meant, and what else must hold.

    `pattern` is an expression that `re` and hyperscan read alike and that takes linear time. `folded`: case does not
    count, and literals and pattern are in small letters. `long`: a literal counts only in a word of LONG signs or
    more. `confirm` has the last say on the bytes in which the literal was found; one of the expressions of `gate` is
    found, by hyperscan alone, wherever it agrees.
    """

    id: str
    literals: tuple[bytes, ...]
    pattern: bytes = b""
    folded: bool = False
    long: bool = False
    confirm: Callable[[bytes], bool] | None = None
    gate: tuple[bytes, ...] = ()

    @property
    def told_by(self) -> tuple[bytes, ...]:
        """Expressions of which one is found where the group is met; literals cost least to compile."""
        literal = b"|".join(map(re.escape, self.literals))
        is_rare = all(len(each) >= RARE for each in self.literals)
        return self.gate or ((literal,) if is_rare or not self.pattern else (self.pattern,))


# What folds to a letter of ASCII, in UTF-8: long s, the Kelvin sign, I with a dot, i without one, sharp s.
FOLDING = (
    (b"\xc5\xbf", b"s"),
    (b"\xe2\x84\xaa", b"k"),
    (b"\xc4\xb0", b"i"),
    (b"\xc4\xb1", b"i"),
    (b"\xc3\x9f", b"ss"),
    (b"\xe1\xba\x9e", b"ss"),
)


def folded(data: bytes) -> bytes:
    """The bytes in small letters, with what folds to a letter of ASCII as that letter."""
    small = data.lower()
    if not data.isascii():
        for sign, letter in FOLDING:
            small = small.replace(sign, letter)
    return small


# The signs that tokens are made of; any other ends a word.
SIGNS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=.~%:"
WORDS = bytes(sign if sign in SIGNS else ord(" ") for sign in range(256))


def long_words(data: bytes) -> bytes:
    """The words of LONG signs and more, one a line."""
    return b"\n".join([word for word in data.translate(WORDS).split() if len(word) >= LONG])


class _Views:
    """The bytes in the forms in which groups are looked for, each made when it is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def folded(self) -> bytes:
        return folded(self.data)

    @cached_property
    def long(self) -> bytes:
        return long_words(self.data)

    @cached_property
    def long_folded(self) -> bytes:
        return folded(self.long)

    def of(self, group: Group) -> bytes:
        """The form in which a group is looked for."""
        if group.long:
            return self.long_folded if group.folded else self.long
        return self.folded if group.folded else self.data


class Engine(Protocol):
    """Says which groups could be met in some bytes; to judge them is left to others."""

    def possible(self, data: bytes) -> Iterable[Group]:
        """All groups that are met, and perhaps others."""
        ...


class Prefilter:
    """Judges which groups are met; `engine` makes the engine that narrows them down, once that pays.

    Threads may share one.
    """

    def __init__(self, groups: Iterable[Group], engine: Callable[[tuple[Group, ...]], Engine | None] | None = None):
        self._groups = tuple(groups)
        self._literals = {
            fold: [(each, group) for group in self._groups if group.folded is fold for each in group.literals]
            for fold in (False, True)
        }
        self._make = engine if engine is not None else hyperscan_engine
        self._engine: Engine | None = None
        self._judged = 0
        self._lock = Lock()

    def met(self, data: bytes) -> frozenset[str]:
        """The ids of the groups that are met anywhere in the bytes."""
        views = _Views(data)
        return frozenset([group.id for group in self._possible(views) if _is_met(group, views)])

    def is_met(self, data: bytes) -> bool:
        """Whether any group is met."""
        views = _Views(data)
        return any(_is_met(group, views) for group in self._possible(views))

    def _possible(self, views: _Views) -> Iterable[Group]:
        engine = self._engine if self._judged >= PAYS else self._chosen(len(views.data))
        if engine is not None:
            return engine.possible(views.data)
        found = [group for literal, group in self._literals[False] if literal in views.data]
        found += [group for literal, group in self._literals[True] if literal in views.folded]
        return {group.id: group for group in found}.values()

    def _chosen(self, size: int) -> Engine | None:
        with self._lock:
            self._judged += size
            if self._judged >= PAYS and self._engine is None:
                self._engine = self._make(self._groups)
            return self._engine


def _is_met(group: Group, views: _Views) -> bool:
    text = views.of(group)
    for literal in group.literals:
        if literal in text:
            break
    else:
        return False
    if group.pattern and _compiled(group.pattern).search(text) is None:
        return False
    return group.confirm is None or group.confirm(text)


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def portable_engine(groups: tuple[Group, ...]) -> None:
    """No engine: every group is judged."""


def hyperscan_engine(groups: tuple[Group, ...]) -> Engine | None:
    """Hyperscan, None where it is not installed or does not run on this processor."""
    try:
        import hyperscan
    except ImportError:
        return None
    try:
        return _Hyperscan(groups, hyperscan)
    except hyperscan.HyperscanError:
        return None


class _Hyperscan:
    def __init__(self, groups: tuple[Group, ...], hyperscan: ModuleType) -> None:
        told = [(each, group) for group in groups for each in group.told_by]
        self._groups = [group for _, group in told]
        self._lock = Lock()  # a database has one scratch, and threads may share this
        self._database = hyperscan.Database()
        once, caseless = hyperscan.HS_FLAG_SINGLEMATCH, hyperscan.HS_FLAG_CASELESS
        self._database.compile(
            expressions=[each for each, _ in told],
            ids=list(range(len(told))),
            elements=len(told),
            flags=[once | caseless if group.folded else once for _, group in told],
        )

    def possible(self, data: bytes) -> Iterable[Group]:
        """All groups that are met, and perhaps others."""
        found = self._scanned(data)
        if not data.isascii() and any(sign in data for sign, _ in FOLDING):
            found |= self._scanned(folded(data))
        return {group.id: group for group in map(self._groups.__getitem__, sorted(found))}.values()

    def _scanned(self, data: bytes) -> set[int]:
        found: set[int] = set()
        if data:
            with self._lock:
                self._database.scan(data, match_event_handler=lambda number, *_: found.add(number))
        return found
