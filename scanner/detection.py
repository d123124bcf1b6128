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
from string import ascii_lowercase, ascii_uppercase
from types import ModuleType
from typing import ClassVar

from msgspec import Struct

from scanner.anchors import ADDRESS, FAMILY, KEY_BLOCK, PLUGIN, SIGNED, Met, may_have_login, met, shapes_met
from scanner.data.detectors import Detector, Part, detectors
from scanner.data.families import Family, families, family_of
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
    shapes = shapes_met(text)
    if not shapes:
        return ()
    key = blake2b(text.encode("utf-8", "surrogatepass"), key=SALT).digest()
    places = _remembered.get(key)
    if places is not None:
        return tuple(_found(text, [(place, shape) for place in places if (shape := _shape(text, place)) is not None]))
    anchored = [source for source in _sources() if source.id in shapes]
    told = [each for each in _detectors() if each.id in shapes]
    met = {*_places(text, anchored), *_plugin_places(text, _small(text) if told else "", told)}
    shaped = list(_apart(text, met))
    if len(_remembered) >= MEMORY:
        _remembered.clear()
    _remembered[key] = tuple(place for place, _ in shaped)
    return tuple(_found(text, shaped))


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


def _found(text: str, shaped: Iterable[tuple[_Place, Shape]]) -> Iterator[Found]:
    line, at = 1, 0
    for place, shape in shaped:
        line += text.count("\n", at, place.start)
        at = place.start
        yield Found(shape, place.start, place.end, line)


def _shape(text: str, place: _Place) -> Shape | None:
    secret = text[place.start : place.end]
    if not place.kind:
        shape = shape_of(secret)
        return shape if isinstance(shape, Shape) else None
    return Shape(place.kind, secret, doubtful=True)


def _apart(text: str, places: Iterable[_Place]) -> Iterator[tuple[_Place, Shape]]:
    """The places of secrets in order, none that begins inside another; families before addresses, plugins last."""
    end = 0
    for place in sorted(places, key=lambda each: (each.start, bool(each.kind), each.rank, -each.end)):
        shape = _shape(text, place) if place.start >= end else None
        if shape is not None:
            yield place, shape
            end = place.end


# --- our own patterns, around their literals


class _Source(Struct, frozen=True):
    """A pattern and the literals of which one stands in each match; it is compiled when one was met.

    `head` is how a match begins, where the whole may be longer than a window; `trailing` is never its end; `begins`:
    each match begins with the one literal.
    """

    id: str
    anchors: tuple[str, ...]
    pattern: str
    head: str = ""
    trailing: str = ""
    begins: bool = False


STARTS, ENDS = r"(?<![A-Za-z0-9_])", r"(?![A-Za-z0-9_-])"
SIGN = "[A-Za-z0-9_-]"
BEGINS = r"[A-Za-z][A-Za-z0-9+.-]{1,40}://"
ADDRESSES = _Source(
    ADDRESS,
    ("://",),
    rf"{BEGINS}(?:(?![,;|]{BEGINS})[^\s\"'<>`\\]){{3,4000}}",
    head=rf"{STARTS}{BEGINS}[^\s\"'<>`\\]{{3}}",
    trailing=").,;]}",
)
SIGNED_TOKENS = _Source(
    SIGNED,
    ("eyJ",),
    rf"eyJ{SIGN}{{8,8000}}(?:\.{SIGN}{{0,40000}}){{2}}(?:(?:\.{SIGN}{{1,8000}}){{2}})?",
    head=rf"(?<!{SIGN})eyJ{SIGN}{{8}}",
    begins=True,
)
KEY_BLOCKS = _Source(
    KEY_BLOCK,
    ("-----BEGIN ",),
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----(?:[^-]|-(?!----)){40,20000}-----END [A-Z0-9 ]{0,40}-----",
    head=r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY",
    begins=True,
)


@cache
def _sources() -> tuple[_Source, ...]:
    told = (family for family in families() if not family.alone and not family.public)
    return (ADDRESSES, SIGNED_TOKENS, KEY_BLOCKS, *map(_source_of, told))


def _source_of(family: Family) -> _Source:
    begins = len(family.anchors) == 1 and family.pattern.startswith(re.escape(family.anchors[0]))
    pattern = STARTS + f"(?:{family.pattern})" + ENDS
    return _Source(FAMILY + family.id, family.anchors, pattern, begins=begins)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


def _places(text: str, sources: Iterable[_Source]) -> Iterator[_Place]:
    for source in sources:
        pattern, end = _compiled(source.pattern), 0
        for start, stop in _heads(text, source):
            if start < end:  # within the token before
                continue
            whole = pattern.match(text, start)  # the window may have cut it short
            end = whole.end() if whole is not None else stop
            if whole is not None:
                stripped = len(whole[0].rstrip(source.trailing))
                yield _Place(start, start + stripped, rank=1 if source.trailing else 0)


def _heads(text: str, source: _Source) -> Iterator[tuple[int, int]]:
    """Where the head of a source is found, at least wherever none before it reaches."""
    head = _compiled(source.head or source.pattern)
    if source is ADDRESSES:
        return _addresses(text, head)
    return _begun(text, source.anchors[0], head) if source.begins else _windowed(text, source.anchors, head)


def _windowed(text: str, anchors: tuple[str, ...], head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    end = 0
    for start, stop in windows(text, anchors):
        for match in head.finditer(text, max(start, end), stop):
            end = match.end()
            yield match.span()


def _begun(text: str, anchor: str, head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    at = text.find(anchor)
    while at >= 0:
        match = head.match(text, at, at + WINDOW - BEFORE)
        if match is not None:
            yield match.span()
        at = text.find(anchor, at + 1 if match is None else match.end())


ADDRESS_RUN = Pattern(r"[^\s\"'<>`\\]+", re.ASCII)
SCHEME = 42  # the longest scheme, and what stands before it


def _addresses(text: str, head: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where addresses begin, of those that may hold a login; most of a text's do not."""
    at = text.find("://")
    while at >= 0:
        run = ADDRESS_RUN.match(text, at)
        run_end = run.end() if run is not None else at + 1
        if run is not None and may_have_login(run[0].encode("utf-8", "surrogatepass")):
            yield from _schemes_in(text, head, at, run_end)
        at = text.find("://", run_end)


def _schemes_in(text: str, head: re.Pattern[str], at: int, run_end: int) -> Iterator[tuple[int, int]]:
    end = 0
    while 0 <= at < run_end:
        match = head.search(text, max(end, at - SCHEME), at + len("://") + 3)
        if match is not None:
            end = match.end()
            yield match.span()
        at = text.find("://", max(at + 1, end), run_end)


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

    @property
    def id(self) -> str:
        return PLUGIN + self.row.plugin

    def is_met(self, folded: str) -> bool:
        return any(anchor in folded for anchor in self.row.anchors)


@cache
def _detectors() -> tuple[_Asked, ...]:
    return tuple(map(_Asked, detectors()))


# Unlike `lower` it keeps every place; the last four fold to letters of ASCII, and the plugins take them for these.
SMALL = str.maketrans(ascii_uppercase + "\u017f\u212a\u0130\u0131", ascii_lowercase + "skii")


def _small(text: str) -> str:
    return text.lower() if text.isascii() else text.translate(SMALL)


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


def candidates(text: str) -> frozenset[tuple[str, int]]:
    r"""What the plugins tell before anything is filtered: the plugin, and the line from 1.

    It is what the plugins tell of each line alone, of what holds one of their anchors. Lines end as files' do, at
    `\n`, `\r` and both; one with more than WINDOW signs, or BLANKS blanks in a run, is looked at in pieces.
    """
    shapes = shapes_met(text)
    asked = [each for each in _detectors() if each.id in shapes]
    found = ((row, match) for row, match in _matches(text, _small(text), asked) if _is_anchored(row, match))
    return frozenset((row.plugin, len(LINE_END.findall(text, 0, match.start())) + 1) for row, match in found)


def _plugin_places(text: str, folded: str, asked: Iterable[_Asked]) -> Iterator[_Place]:
    last, end = None, 0
    for row, match in _matches(text, folded, asked):
        if match.re is not last:
            last, end = match.re, 0
        if match.start() < end:  # within the token before, which is looked at once
            continue
        told = _span(row, match)
        end = _token_end(text, told.end)
        if _is_whole(row, told, text, end) and _is_drawn(text[told.start : end]):
            yield _Place(told.start, end, row.kind)


def _matches(text: str, folded: str, asked: Iterable[_Asked]) -> Iterator[tuple[Detector, re.Match[str]]]:
    """What the plugins match on the lines that hold one of their anchors, pattern by pattern."""
    for each in asked:
        stretches = list(_stretches(folded, each.row.anchors))
        for pattern in patterns()[each.row.plugin]:
            for start, stop in stretches:
                for match in pattern.finditer(text, start, stop):
                    yield each.row, match


LINE_END = Pattern(r"\r\n|\r|\n")
BLANKS = 24  # the patterns take cubic time in a run of blanks
RUN = Pattern(rf" {{{BLANKS + 1},}}")


def _stretches(folded: str, anchors: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """The lines that hold an anchor, in windows where they are long, and cut where they hold many blanks."""
    anchor, at = _compiled("|".join(map(re.escape, anchors))), 0
    while (hit := anchor.search(folded, at)) is not None:
        start = max(folded.rfind("\n", at, hit.start()), folded.rfind("\r", at, hit.start()), at - 1) + 1
        line_end = LINE_END.search(folded, hit.start())
        at = line_end.start() if line_end is not None else len(folded)
        line = folded[start:at]
        for first, last in windows(line, anchors) if len(line) > WINDOW else [(0, len(line))]:
            for run in RUN.finditer(line, first, last):
                yield start + first, start + run.start()
                first = run.end()  # noqa: PLW2901 - the rest of the window
            yield start + first, start + last


def _is_anchored(row: Detector, match: re.Match[str]) -> bool:
    return any(anchor in _small(match[0]) for anchor in row.anchors)


def _span(row: Detector, match: re.Match[str]) -> _Place:
    """Which part of a match the plugin means, empty where it is not by one of its own literals that it matched."""
    if not _is_anchored(row, match):
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
