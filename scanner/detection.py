"""Secrets inside a text: token families, addresses, signed tokens and keys of ours, and detect-secrets' plugins.

A text is searched only around the literals that each pattern needs, in windows of at most WINDOW characters, so that a
hostile line costs what its length costs. detect-secrets is loaded when a literal of one of its plugins was met. Of its
plugins only the patterns are used: `analyze_line` would read the process-wide settings, in which another user of the
library may have allowed it to ask providers, would hash what it finds with SHA-1, and gives back the part of a match
that stands in parentheses, which of a GitHub token is `ghp`. No comment in a text can switch anything off.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from importlib import import_module
from secrets import token_bytes
from types import ModuleType
from typing import ClassVar

from msgspec import Struct

from scanner.anchors import Met, met
from scanner.data.detectors import Detector, Part, detectors
from scanner.data.families import families, family_of
from scanner.model.value import Value
from scanner.patterns import Pattern
from scanner.shapes import Shape, filler, shape_of

__all__ = ("Found", "Met", "found_in", "met", "named_in")

WINDOW = 2048
BEFORE = 256  # how far before its literal a token may begin
OVERLAP = 512  # how much of a token must lie in the window with its literal
TEXT_LIMIT = 1024 * 1024
MEMORY = 4096  # texts of one process whose findings are remembered, as places


class Found(Value, frozen=True):
    """A secret in a text, where it begins and ends, and its line from 1."""

    concealed: ClassVar[frozenset[str]] = frozenset({"shape"})

    shape: Shape
    start: int
    end: int
    line: int

    @property
    def kind(self) -> str:
        """The kind of credential."""
        return self.shape.kind

    @property
    def secret(self) -> str:
        """The part of the text that is secret."""
        return self.shape.secret


def found_in(text: str) -> tuple[Found, ...]:
    """The secrets in the first TEXT_LIMIT characters of a text, in their order, none inside another."""
    text = text[:TEXT_LIMIT]
    anchored = [source for source in _sources() if source.is_met(text)]
    folded = _small(text)
    told = tuple(detector for detector in _detectors() if detector.is_met(folded))
    if not anchored and not told:
        return ()
    key = blake2b(text.encode("utf-8", "surrogatepass"), key=SALT).digest()
    places = _remembered.get(key)
    if places is None:
        met = {*_places(text, anchored), *_plugin_places(text, folded, told)}
        places = tuple(_apart(place for place in met if _shape(text, place) is not None))
        if len(_remembered) >= MEMORY:
            _remembered.clear()
        _remembered[key] = places
    return tuple(_found(text, places))


def named_in(name: str, value: str) -> Shape | None:
    """What detect-secrets tells of a value by the name it stands under; None for a value that fits into no line."""
    if len(value) > WINDOW - BEFORE or any(sign in value for sign in "\"'\r\n"):
        return None
    line = f'{name[:BEFORE]} = "{value}"'
    folded = _small(line)
    told = tuple(each for each in _detectors() if each.row.part is Part.GROUP and each.is_met(folded))
    place = next(
        (place for place in _plugin_places(line, folded, told) if line[place.start : place.end] == value), None
    )
    return _shape(line, place) if place is not None else None


class _Place(Struct, frozen=True):
    """Where a secret stands in a text; of what kind, where a plugin told it, and how far to prefer others to it."""

    start: int
    end: int
    kind: str = ""
    rank: int = 0


# Places of findings by keyed digest of the text: no text and no secret is held here, and the key ends with the process.
SALT = token_bytes(32)
_remembered: dict[bytes, tuple[_Place, ...]] = {}


def _found(text: str, places: Iterable[_Place]) -> Iterator[Found]:
    line, at = 1, 0
    for place in places:
        shape = _shape(text, place)
        if shape is not None:
            line += text.count("\n", at, place.start)
            at = place.start
            yield Found(shape, place.start, place.end, line)


def _shape(text: str, place: _Place) -> Shape | None:
    secret = text[place.start : place.end]
    if not place.kind:
        shape = shape_of(secret)
        return shape if isinstance(shape, Shape) else None
    return Shape(place.kind, secret, doubtful=True)


def _apart(places: Iterable[_Place]) -> Iterator[_Place]:
    """The places in order, none that begins inside another; a family comes before an address, a plugin last."""
    end = 0
    for place in sorted(places, key=lambda each: (each.start, bool(each.kind), each.rank, -each.end)):
        if place.start >= end:
            yield place
            end = place.end


# --- our own patterns, around their literals


class _Source(Struct, frozen=True):
    """A pattern and the literals of which one stands in each match; it is compiled when one was met.

    `head` is how a match begins, where the whole may be longer than a window; `trailing` is never its end.
    """

    anchors: tuple[str, ...]
    pattern: str
    head: str = ""
    trailing: str = ""

    def is_met(self, text: str) -> bool:
        return any(anchor in text for anchor in self.anchors)


STARTS, ENDS = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_-])"
SIGN = "[A-Za-z0-9_-]"
BEGINS = r"[A-Za-z][A-Za-z0-9+.-]{1,40}://"
ADDRESS = _Source(
    ("://",),
    rf"{BEGINS}(?:(?![,;|]{BEGINS})[^\s\"'<>`\\]){{3,4000}}",
    head=rf"{STARTS}{BEGINS}[^\s\"'<>`\\]{{3}}",
    trailing=").,;]}",
)
SIGNED = _Source(
    ("eyJ",),
    rf"eyJ{SIGN}{{8,8000}}(?:\.{SIGN}{{0,40000}}){{2}}(?:(?:\.{SIGN}{{1,8000}}){{2}})?",
    head=rf"(?<!{SIGN})eyJ{SIGN}{{8}}",
)
KEY_BLOCK = _Source(
    ("-----BEGIN ",),
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){40,20000}-----END [A-Z0-9 ]{0,40}-----",
    head=r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY",
)


@cache
def _sources() -> tuple[_Source, ...]:
    told = (family for family in families() if not family.alone and not family.public)
    return (
        ADDRESS,
        SIGNED,
        KEY_BLOCK,
        *(_Source(each.anchors, STARTS + f"(?:{each.pattern})" + ENDS) for each in told),
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _places(text: str, sources: Iterable[_Source]) -> Iterator[_Place]:
    for source in sources:
        pattern, head, end = _compiled(source.pattern), _compiled(source.head or source.pattern), 0
        for start, stop in windows(text, source.anchors):
            for match in head.finditer(text, max(start, end), stop):
                if match.start() < end:  # within the token before
                    continue
                whole = pattern.match(text, match.start())  # the window may have cut it short
                end = whole.end() if whole is not None else match.end()
                if whole is not None:
                    stripped = len(whole[0].rstrip(source.trailing))
                    yield _Place(whole.start(), whole.start() + stripped, rank=1 if source.trailing else 0)


def windows(text: str, anchors: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The stretches of a text around its anchors, each of at most WINDOW characters and most of it beyond the last."""
    following = {anchor: text.find(anchor) for anchor in anchors}
    while True:
        following = {anchor: at for anchor, at in following.items() if at >= 0}
        if not following:
            return
        first = min(following.values())
        start = max(0, first - BEFORE)
        stop = min(len(text), start + WINDOW)
        yield start, stop
        if stop == len(text):
            return
        beyond = max(first + 1, stop - OVERLAP)
        following = {anchor: text.find(anchor, beyond) if at < beyond else at for anchor, at in following.items()}


# --- detect-secrets


class _Asked(Struct, frozen=True):
    """A plugin of detect-secrets to be asked."""

    row: Detector

    def is_met(self, folded: str) -> bool:
        return any(anchor in folded for anchor in self.row.anchors)


@cache
def _detectors() -> tuple[_Asked, ...]:
    return tuple(map(_Asked, detectors()))


SMALL = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}  # unlike `lower`, it keeps every place


def _small(text: str) -> str:
    return text.translate(SMALL)


@cache
def patterns() -> dict[str, tuple[re.Pattern[str], ...]]:
    """The patterns of the plugins that are asked, from instances of our own; the library's registry is not touched."""
    with _without_requests():
        from detect_secrets.plugins.aws import AWSKeyDetector
        from detect_secrets.plugins.azure_storage_key import AzureStorageKeyDetector
        from detect_secrets.plugins.cloudant import CloudantDetector
        from detect_secrets.plugins.github_token import GitHubTokenDetector
        from detect_secrets.plugins.ibm_cloud_iam import IbmCloudIamDetector
        from detect_secrets.plugins.ibm_cos_hmac import IbmCosHmacDetector
        from detect_secrets.plugins.slack import SlackDetector
        from detect_secrets.plugins.softlayer import SoftlayerDetector

    plugins = (
        *(AWSKeyDetector(), AzureStorageKeyDetector(), CloudantDetector(), GitHubTokenDetector()),
        *(IbmCloudIamDetector(), IbmCosHmacDetector(), SlackDetector(), SoftlayerDetector()),
    )
    return {type(plugin).__name__: tuple(plugin.denylist) for plugin in plugins}


class _Later(ModuleType):
    """Stands for a module until something of it is used."""

    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


@contextmanager
def _without_requests() -> Iterator[None]:
    """Has the plugins loaded without the library by which they ask providers: nothing here does, and it opens a socket.

    Whoever has them ask all the same gets it then.
    """
    later = _Later("requests")
    vars(later)["Response"] = object  # which annotations of theirs name
    sys.modules.setdefault("requests", later)
    try:
        yield
    finally:
        if sys.modules.get("requests") is later:
            del sys.modules["requests"]


def _plugin_places(text: str, folded: str, asked: Iterable[_Asked]) -> Iterator[_Place]:
    for each in asked:
        for pattern in patterns()[each.row.plugin]:
            end = 0
            for start, stop in windows(folded, each.row.anchors):
                for match in pattern.finditer(text, max(start, end), stop):
                    if match.start() < end:  # within the token before, which is looked at once
                        continue
                    told = _span(each.row, match)
                    end = _token_end(text, told.end)
                    if _is_whole(each.row, told, text, end) and _is_drawn(text[told.start : end]):
                        yield _Place(told.start, end, each.row.kind)


def _span(row: Detector, match: re.Match[str]) -> _Place:
    """Which part of a match the plugin means, empty where it is not by one of its own literals that it matched."""
    if not any(anchor in _small(match[0]) for anchor in row.anchors):
        return _Place(match.end(), match.end())
    match row.part:
        case Part.MATCH:
            return _Place(*match.span())
        case Part.GROUP:
            return _Place(*match.span(match.lastindex or 0)) if match.lastindex else _Place(match.end(), match.end())
        case Part.ASSIGNED:
            return _Place(match.start() + match[0].index("=") + 1, match.end())


TOKEN_END = Pattern(r"[A-Za-z0-9_-]{0,4000}", re.ASCII)


def _token_end(text: str, end: int) -> int:
    """Where the token ends of which a plugin may have matched no more than the beginning."""
    found = TOKEN_END.match(text, end)
    return found.end() if found is not None else end


def _is_whole(row: Detector, told: _Place, text: str, end: int) -> bool:
    """Whether a match is a token by itself: no part of something longer, and none that a family knows better."""
    if told.start == told.end or (row.part is not Part.MATCH and end > told.end):
        return False
    before = text[told.start - 1] if told.start else " "
    return not (before.isascii() and before.isalnum()) and family_of(text[told.start : end]) is None


def _is_drawn(text: str) -> bool:
    """Whether a text can be a secret of a service: digits and letters, many different signs, and no commit's name."""
    if filler(text) is not None or len(set(text)) < LEAST_SIGNS or COMMIT.fullmatch(text):
        return False
    return any(sign.isdigit() for sign in text) and any(sign.isalpha() for sign in text)


LEAST_SIGNS = 9
COMMIT = Pattern(r"[0-9a-f]{40}")
