"""Finds secrets in final bytes, in whatever encoding they stand, and blanks them without breaking the document."""

import base64
import hashlib
import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import chain, compress, pairwise
from json import dumps
from struct import iter_unpack
from typing import ClassVar
from urllib.parse import quote, quote_plus

from msgspec import Struct, field

from scanner.model.value import Value

MASK = b"[masked]"
MASKABLE = 12  # shorter values would blank ordinary words
LONG = 4096  # of a longer value not every spelling is kept in memory: a file of them would fill it
HEAD = 1024  # of a longer value this much is searched for; its length and digest tell where its end is
FEW = 16  # needles under one gram that are tried one by one

# A needle of MASKABLE bytes or more covers a whole gram at some multiple of STRIDE, wherever it stands.
GRAM = 6
STRIDE = MASKABLE - GRAM + 1

PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
FORM = re.compile(rb"%([0-9A-Fa-f]{2})|\+")
JSON_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^u])", re.DOTALL
)
ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
JSON_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
MOMENT = re.compile(rb'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,}(?:Z|[+-][0-9:]+)"')  # with a mask in it, no time
JSON_SHORT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t"}
BASE64_END = re.compile(rb"[A-Za-z0-9+/_-]*=*")
BASE64_BYTES = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")

PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")  # what no encoder touches

# A line of a key's body; such a line is a secret without its neighbours too.
KEY_LINE = re.compile(r"^[A-Za-z0-9+/=_-]{24,}$", re.MULTILINE)


def raw_forms(value: str) -> Iterator[bytes]:
    """The value's bytes: as an output that keeps odd bytes writes them, and as one that keeps surrogates does."""
    for errors in spellings(value):
        yield value.encode("utf-8", errors)


def spellings(value: str) -> Iterator[str]:
    """The ways to write a value's odd characters that give bytes of their own."""
    yield "surrogatepass"
    try:
        escaped = value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a surrogate pair, which stands for no byte
        return
    if escaped != value.encode("utf-8", "surrogatepass"):
        yield "surrogateescape"


def base64_cores(raw: bytes) -> Iterator[bytes]:
    """What base64 of any text that contains `raw` must contain: the three alignments without their mixed ends."""
    for shift in range(3):
        padded = b"\0" * shift + raw
        core = base64.b64encode(padded[: len(padded) // 3 * 3])[(0, 2, 3)[shift] :]
        yield core
        safe = core.replace(b"+", b"-").replace(b"/", b"_")
        if safe != core:
            yield safe


class Whole(Value, frozen=True):
    """What tells all of a value where only its beginning is held: its length in bytes, and their digest."""

    concealed: ClassVar[frozenset[str]] = frozenset({"size", "digest"})

    size: int
    digest: bytes


class Beginning(Value, frozen=True):
    """The first bytes of one raw form of a value, and what tells the whole of it."""

    concealed: ClassVar[frozenset[str]] = frozenset({"form", "whole"})

    form: bytes
    whole: Whole


class Cut(Value, frozen=True):
    """A value of which the beginning is held alone: of each raw form, and of its lines; `spaces` if it has any."""

    concealed: ClassVar[frozenset[str]] = frozenset({"text", "beginnings"})

    text: str
    beginnings: tuple[Beginning, ...]
    spaces: bool


def cut(value: str) -> Cut:
    """The value, cut to its first HEAD characters."""
    return Cut(value[:HEAD], tuple(_beginning(value, errors) for errors in spellings(value)), " " in value)


def _beginning(value: str, errors: str) -> Beginning:
    raw = value.encode("utf-8", errors)
    return Beginning(value[:HEAD].encode("utf-8", errors), Whole(len(raw), hashlib.sha256(raw).digest()))


class Needle(Value, frozen=True):
    """One form of a value; `spread` when the run of base64 around it belongs to it, `whole` when it only begins it."""

    concealed: ClassVar[frozenset[str]] = frozenset({"form", "whole"})

    form: bytes
    owner: int
    spread: bool
    whole: Whole | None = None


def escaped_forms(value: str) -> Iterator[bytes]:
    """The spellings that common encoders give, for a place where what stands before makes an escape ambiguous."""
    if PLAIN.fullmatch(value):
        return
    for raw in raw_forms(value):
        percent = {quote(raw, safe=""), quote(raw, safe="/"), quote(raw, safe="!'()*"), quote_plus(raw)}
        lower = {re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), text) for text in percent}
        yield from (text.encode() for text in percent | lower)
    for text in (dumps(value)[1:-1], dumps(value, ensure_ascii=False)[1:-1], html.escape(value)):
        yield text.encode("utf-8", "surrogatepass")
        yield text.replace("&#x27;", "&#39;").encode("utf-8", "surrogatepass")


def encodings(value: str) -> Iterator[bytes]:
    """The forms in which a value could stand in an output, longest first; each at least 12 bytes."""
    cores = (core for raw in raw_forms(value) for core in base64_cores(raw))
    forms = {form for form in (*raw_forms(value), *escaped_forms(value), *cores) if len(form) >= MASKABLE}
    yield from sorted(forms, key=len, reverse=True)


def needles(value: str | Cut, owner: int) -> Iterator[Needle]:
    """What the bytes are searched for: every form of the value, and the lines of a key in it."""
    text = value if isinstance(value, str) else value.text
    if isinstance(value, str) and len(value) <= LONG:
        cores = {core for raw in raw_forms(value) for core in base64_cores(raw)}
        yield from (Needle(form, owner, spread=form in cores) for form in encodings(value))
    else:
        yield from _long_needles(value if isinstance(value, Cut) else cut(value), owner)
    if "\n" in text:
        for match in KEY_LINE.finditer(text[:LONG]):
            yield Needle(match[0].encode(), owner, spread=False)


def _long_needles(value: Cut, owner: int) -> Iterator[Needle]:
    for beginning in value.beginnings:
        yield Needle(beginning.form, owner, spread=False, whole=beginning.whole)
        yield from (Needle(core, owner, spread=True) for core in base64_cores(beginning.form))


def _end(data: bytes, start: int, form: bytes, wholes: Iterable[Whole]) -> int:
    """The end of the longest value that begins with `form` there, or of the form where none stands there whole."""
    end, at, digest = start + len(form), start, hashlib.sha256()
    for whole in wholes:  # the shortest first, so that no byte is digested twice
        if start + whole.size > len(data):
            break
        digest.update(data[at : start + whole.size])
        at = start + whole.size
        if digest.digest() == whole.digest:
            end = at
    return end


class Crowd:
    """Needles that share a gram at one place in them, sorted, so that the number of them costs next to nothing."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        owners: dict[bytes, list[int]] = {}
        spread: set[bytes] = set()
        wholes: dict[bytes, set[Whole]] = {}
        for needle in needles:
            owners.setdefault(needle.form, []).append(needle.owner)
            if needle.spread:
                spread.add(needle.form)
            if needle.whole is not None:
                wholes.setdefault(needle.form, set()).add(needle.whole)
        self._forms = sorted(owners)
        self._owners = [owners[form] for form in self._forms]
        self._wholes = {form: sorted(told, key=lambda whole: whole.size) for form, told in wholes.items()}
        self._longest = max(map(len, self._forms))
        self._shorter: list[int] = []  # for each form the longest other one that it begins with, -1 for none
        self._spread: list[bool] = []
        for at, form in enumerate(self._forms):
            before = at - 1
            while before >= 0 and not form.startswith(self._forms[before]):
                before = self._shorter[before]
            self._shorter.append(before)
            self._spread.append(form in spread or (before >= 0 and self._spread[before]))

    def __repr__(self) -> str:
        return f"<Crowd of {len(self._forms)}>"

    def find(self, data: bytes, start: int, spared: Set[int]) -> tuple[int, bool] | None:
        """The end of the longest needle that begins there, and whether the run around it belongs to it."""
        at = bisect_right(self._forms, data[start : start + self._longest]) - 1
        while at >= 0:
            form = self._forms[at]
            if data.startswith(form, start) and any(owner not in spared for owner in self._owners[at]):
                return _end(data, start, form, self._wholes.get(form, ())), self._spread[at]
            at = self._shorter[at]
        return None


class Index(Struct):
    """Every needle under the grams that it begins with, so that one pass over the bytes finds them all."""

    _grams: dict[bytes, list[tuple[int, Needle]]] = field(default_factory=dict)
    _crowds: dict[bytes, tuple[int, dict[int, Crowd]]] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Index of {len(self._grams)} grams>"

    def add(self, needle: Needle) -> None:
        """Files a needle of at least MASKABLE bytes."""
        for offset in range(STRIDE):
            self._grams.setdefault(needle.form[offset : offset + GRAM], []).append((offset, needle))

    def find(self, data: bytes, spared: Set[int]) -> Iterator[tuple[int, int]]:
        """Start and end of every needle in the bytes but for those of the spared owners."""
        runs = Runs(data)
        for at in self._met(data):
            gram = data[at : at + GRAM]
            here = self._grams[gram]
            if len(here) > FEW:
                yield from self._crowded(gram, runs, at, spared)
                continue
            for offset, needle in here:
                start = at - offset
                if start >= 0 and data.startswith(needle.form, start) and needle.owner not in spared:
                    end = _end(data, start, needle.form, (needle.whole,) if needle.whole is not None else ())
                    yield runs.around(start, end) if needle.spread else (start, end)

    def _met(self, data: bytes) -> Iterator[int]:
        """Where a filed gram stands at a multiple of STRIDE; in a large document few do, so none but these costs."""
        whole = len(data) // STRIDE * STRIDE
        grams = chain.from_iterable(iter_unpack(f"{GRAM}s{STRIDE - GRAM}x", memoryview(data)[:whole]))
        yield from compress(range(0, whole, STRIDE), map(self._grams.__contains__, grams))
        if data[whole : whole + GRAM] in self._grams:
            yield whole

    def _crowded(self, gram: bytes, runs: "Runs", at: int, spared: Set[int]) -> Iterator[tuple[int, int]]:
        for offset, crowd in self._crowds_of(gram).items():
            found = crowd.find(runs.data, at - offset, spared) if at >= offset else None
            if found is not None:
                end, spread = found
                yield runs.around(at - offset, end) if spread else (at - offset, end)

    def _crowds_of(self, gram: bytes) -> dict[int, Crowd]:
        """The needles of that gram by where in them it stands; sorted anew when there are more of them."""
        filed = self._grams[gram]
        size, crowds = self._crowds.get(gram, (0, {}))
        if size != len(filed):
            crowds = {each: Crowd(needle for at, needle in filed if at == each) for each in {at for at, _ in filed}}
            self._crowds[gram] = (len(filed), crowds)
        return crowds


class Runs:
    """The runs of base64 in some bytes; a run that many cores stand in is measured once."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._last = (0, 0)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """The whole run that surrounds a core."""
        if self._last[0] <= start and end <= self._last[1]:
            return self._last
        while start and self.data[start - 1] in BASE64_BYTES:
            start -= 1
        match = BASE64_END.match(self.data, end)
        self._last = (start, match.end() if match else end)
        return self._last


class View(Struct, frozen=True):
    """Bytes with one layer of encoding taken off, and how to find the way back.

    Of each escape `here` holds where its decoded bytes begin, `origin` where it begins in the source, `widths` how
    long it is there and here.
    """

    data: bytes
    source: "View | None" = None
    here: tuple[int, ...] = ()
    origin: tuple[int, ...] = ()
    widths: tuple[tuple[int, int], ...] = ()

    def __repr__(self) -> str:
        return f"<View of {len(self.data)} bytes>"

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The same stretch in the bytes that were given, escapes taken whole."""
        if self.source is None:
            return start, end
        return self.source.span(self._back(start, last=False), self._back(end - 1, last=True) + 1)

    def _back(self, at: int, *, last: bool) -> int:
        before = bisect_right(self.here, at) - 1
        if before < 0:
            return at
        wide, narrow = self.widths[before]
        into = at - self.here[before]
        if into >= narrow:
            return self.origin[before] + wide + into - narrow
        return self.origin[before] + (wide - 1 if last else 0)


Layer = tuple["re.Pattern[bytes]", Callable[["re.Match[bytes]"], bytes]]


def decoded(view: View, layer: Layer) -> View | None:
    """The view without that layer; None where there is nothing of it."""
    pattern, decode = layer
    parts: list[bytes] = []
    here: list[int] = []
    origin: list[int] = []
    widths: list[tuple[int, int]] = []
    done = length = 0
    for match in pattern.finditer(view.data):
        plain = decode(match)
        parts += (view.data[done : match.start()], plain)
        length += match.start() - done
        here.append(length)
        origin.append(match.start())
        widths.append((match.end() - match.start(), len(plain)))
        length += len(plain)
        done = match.end()
    if not parts:
        return None
    parts.append(view.data[done:])
    return View(b"".join(parts), view, tuple(here), tuple(origin), tuple(widths))


def _percent(match: "re.Match[bytes]") -> bytes:
    return bytes((int(match[1], 16),))


def _json(match: "re.Match[bytes]") -> bytes:
    escape = match[0][1:]
    if not escape.startswith(b"u"):
        return JSON_SHORT.get(escape, escape)
    units = [int(digits, 16) for digits in match[0].split(b"\\u")[1:]]
    raw = b"".join(unit.to_bytes(2, "big") for unit in units)
    return raw.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


def _entity(match: "re.Match[bytes]") -> bytes:
    text = match[0].decode()
    if text.startswith("&#"):
        number = int(text[3:-1], 16) if text[2] in "xX" else int(text[2:-1])
        if number < 32:  # a control code, which html.unescape would drop
            return bytes((number,))
    return html.unescape(text).encode("utf-8", "surrogatepass")


def _form(match: "re.Match[bytes]") -> bytes:
    return b" " if match[0] == b"+" else _percent(match)


LAYERS: tuple[Layer, ...] = ((PERCENT, _percent), (JSON_ESCAPE, _json), (ENTITY, _entity))


def views(data: bytes, *, json: bool, spaces: bool) -> Iterator[View]:
    """The bytes, and what they are without percent, JSON and HTML escapes, one layer off and two.

    Of a JSON document only what its strings mean is looked at. `spaces` says that a `+` may stand for a space.
    """
    given = View(data)
    if json:
        given = decoded(given, (JSON_ESCAPE, _json)) or given
    yield from _peeled(given, (*LAYERS, (FORM, _form)) if spaces else LAYERS, 2)


def _peeled(view: View, layers: tuple[Layer, ...], depth: int) -> Iterator[View]:
    yield view
    if depth:
        for layer in layers:
            plain = decoded(view, layer)
            if plain is not None:
                yield from _peeled(plain, layers, depth - 1)


def by_string(data: bytes, spans: Iterable[tuple[int, int]]) -> dict[bytes, list[tuple[int, int]]]:
    """The spans within each string of JSON, from where it begins; those of structure and of a time are left out."""
    told: dict[bytes, list[tuple[int, int]]] = {}
    found = sorted(spans)
    strings = [match.span() for match in JSON_STRING.finditer(data)] if found else []
    starts = [start for start, _ in strings]
    for start, end in found:
        at = bisect_right(starts, start) - 1
        if at >= 0 and strings[at][0] < start and end < strings[at][1] and not MOMENT.fullmatch(data, *strings[at]):
            begins, ends = strings[at]
            told.setdefault(data[begins:ends], []).append((start - begins, end - begins))
    return told


def blanked(data: bytes, spans: Iterable[tuple[int, int]]) -> tuple[bytes, int]:
    """The bytes with each span replaced by the mask, those that touch as one, and how many were."""
    merged: list[list[int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    if not merged:
        return data, 0
    edges = [0, *(edge for span in merged for edge in span), len(data)]
    kept = [data[start:end] for start, end in list(pairwise(edges))[::2]]
    return MASK.join(kept), len(merged)


class Masker:
    """Blanks filed values out of bytes; filing is done once a value, searching once a document."""

    def __init__(self) -> None:
        self._needles = Index()
        self._filed = 0
        self._spaces = False

    def file(self, values: Sequence[str | Cut]) -> None:
        """Files what was added to the values since the last call."""
        for owner, value in enumerate(values[self._filed :], start=self._filed):
            self._spaces = self._spaces or (value.spaces if isinstance(value, Cut) else " " in value)
            if isinstance(value, Cut) or len(value) >= MASKABLE:
                for needle in needles(value, owner):
                    self._needles.add(needle)
            self._filed = owner + 1

    def mask(self, data: bytes, spared: Set[int], *, json: bool) -> tuple[bytes, int]:
        """The bytes without the filed values, and how many were found; `spared` are places of values to leave."""
        return self._in_strings(data, spared) if json else blanked(data, self._spans(data, spared, json=False))

    def _in_strings(self, data: bytes, spared: Set[int]) -> tuple[bytes, int]:
        """The same for JSON, of which each string is searched once: most of a large document stand in it often."""
        strings = b"\n".join(sorted(set(map(re.Match.group, JSON_STRING.finditer(data)))))
        spans = by_string(strings, self._spans(strings, spared, json=True))
        if not spans:
            return data, 0
        masked = {string: blanked(string, found) for string, found in spans.items()}
        hits = sum(masked[each][1] for each in map(re.Match.group, JSON_STRING.finditer(data)) if each in masked)
        return JSON_STRING.sub(lambda match: masked.get(match[0], (match[0], 0))[0], data), hits

    def _spans(self, data: bytes, spared: Set[int], *, json: bool) -> set[tuple[int, int]]:
        """Where filed values stand, in whatever encoding."""
        return {
            view.span(start, end)
            for view in views(data, json=json, spaces=self._spaces)
            for start, end in self._needles.find(view.data, spared)
        }
