"""The forms that a contract is made of: each reads its value from a node, or says in its place what is wrong there.

Each also says itself as JSON Schema, so that the schema and the reader are one text.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from difflib import get_close_matches
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from scanner.contract import durations, places
from scanner.contract.places import Fault, Node, Scalar
from scanner.model.contract import Flag, Listed, Where

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
E_co = TypeVar("E_co", bound=StrEnum, covariant=True)
Schema = dict[str, Any]

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ASSET = r"[A-Za-z0-9*?\[\]!-][A-Za-z0-9*?\[\]!._-]*:[\s\S]+"
HARMLESS = re.compile(r"[A-Za-z][A-Za-z_.-]{0,30}")  # what is quoted back; a file that is no contract may hold secrets
NAME_LIMIT = 200
NEAR_LIMIT = 60  # longer words are like none


class Reading:
    """One file that is being read: what its places are called, and the faults so far."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.faults: list[Fault] = []

    def where(self, node: Node) -> Where:
        """Where a node stands."""
        return Where(self.source, node.line)

    def fault(self, node: Node, at: str, text: str, word: str = "", known: Iterable[str] = ()) -> None:
        """Something is wrong with a node; `at` are the keys that lead to it."""
        said = f"{at}: {text}" if at else text
        self.faults.append(Fault(node.line, node.column, said, word, tuple(known)))

    def expected(self, node: Node, at: str, what: str) -> None:
        """Something else stands where `what` is expected."""
        if not isinstance(node, places.Refused):
            self.fault(node, at, f"{what} is expected, not {node.kind}{_mend(node, what)}")


class Form(Protocol[T_co]):
    """One form."""

    def read(self, node: Node, at: str, reading: Reading) -> T_co | None:
        """The value of a node; None where it is faulty, and then that was said."""

    def schema(self) -> Schema:
        """The form as JSON Schema."""


class Text(Struct, frozen=True):
    """A text that is not empty."""

    what: str = "a text"

    def read(self, node: Node, at: str, reading: Reading) -> str | None:
        if not isinstance(node, Scalar) or node.kind != "a text":
            reading.expected(node, at, self.what)
            return None
        if not node.text.strip(" \t\r\n"):
            reading.fault(node, at, "is empty")
            return None
        return node.text

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"[^ \t\r\n]"}


class Word(Struct, Generic[E_co], frozen=True):
    """One of a few words; `noun` says of what kind."""

    noun: str
    of: tuple[E_co, ...]

    def read(self, node: Node, at: str, reading: Reading) -> E_co | None:
        words = [each.value for each in self.of]
        if not isinstance(node, Scalar) or node.kind != "a text":
            reading.expected(node, at, f"one of {', '.join(words)}")
            return None
        if node.text not in words:
            reading.fault(node, at, f"there is no {self.noun} {quoted(node.text)}", node.text, words)
            return None
        return next(each for each in self.of if each.value == node.text)

    def schema(self) -> Schema:
        return {"enum": [each.value for each in self.of]}


class Named(Struct, frozen=True):
    """A text that is one of the names in the data; they change with the data, so the schema does not list them."""

    noun: str
    names: Callable[[], Iterable[str]]

    def read(self, node: Node, at: str, reading: Reading) -> str | None:
        text = Text().read(node, at, reading)
        if text is None or text in (known := sorted(self.names())):
            return text
        reading.fault(node, at, f"there is no {self.noun} {quoted(text)}", text, known)
        return None

    def schema(self) -> Schema:
        return Text().schema()


class AssetGlob(Struct, frozen=True):
    """A glob over `kind:name`, whose kind is `known` or matches one that is, or any kind."""

    known: bool = True

    def read(self, node: Node, at: str, reading: Reading) -> str | None:
        from scanner.data.kinds import asset_kinds

        text = Text("an asset, such as `github-repository:acme/*`,").read(node, at, reading)
        if text is None:
            return None
        if re.fullmatch(ASSET, text) is None:
            reading.fault(node, at, "no asset of the form kind:name, such as github-repository:acme/*")
            return None
        kind, known = text.partition(":")[0], sorted(asset_kinds())
        if self.known and not any(fnmatchcase(each, kind) for each in known):
            reading.fault(node, at, f"there is no kind of asset {quoted(kind)}", kind, known)
            return None
        return text

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{ASSET}$"}


class YesNo(Struct, frozen=True):
    """`true` or `false`."""

    def read(self, node: Node, at: str, reading: Reading) -> bool | None:
        if not isinstance(node, Scalar) or node.kind != "true or false":
            reading.expected(node, at, "true or false")
            return None
        return node.text.casefold() == "true"

    def schema(self) -> Schema:
        return {"type": "boolean"}


class Switch(Struct, frozen=True):
    """`true` or `false`, and where that stands."""

    def read(self, node: Node, at: str, reading: Reading) -> Flag | None:
        on = YesNo().read(node, at, reading)
        return None if on is None else Flag(reading.where(node), on)

    def schema(self) -> Schema:
        return YesNo().schema()


class Constant(Struct, frozen=True):
    """The one number that may stand there."""

    number: int

    def read(self, node: Node, at: str, reading: Reading) -> int | None:
        if not isinstance(node, Scalar) or node.number is None:
            reading.expected(node, at, f"the number {self.number}")
            return None
        if node.number != self.number:
            reading.fault(node, at, f"only {self.number} is known to this armslength")
            return None
        return self.number

    def schema(self) -> Schema:
        return {"const": self.number}


class Day(Struct, frozen=True):
    """A date."""

    def read(self, node: Node, at: str, reading: Reading) -> date | None:
        text = Text("a date such as 2026-12-31").read(node, at, reading)
        if text is None:
            return None
        try:
            return date.fromisoformat(text if DAY.fullmatch(text) else "")
        except ValueError:
            reading.fault(node, at, "no date; write it as 2026-12-31")
            return None

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{DAY.pattern}$", "format": "date"}


class Span(Struct, frozen=True):
    """A length of time."""

    def read(self, node: Node, at: str, reading: Reading) -> timedelta | None:
        text = Text("a length of time such as 12h").read(node, at, reading)
        if text is None:
            return None
        length = durations.duration(text)
        if length is None:
            reading.fault(node, at, "no length of time; write it as 30m, 12h or 90d")
            return None
        return length

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{durations.FORM}$"}


class Many(Struct, Generic[T_co], frozen=True):
    """A list."""

    item: Form[T_co]
    least: int = 0

    def read(self, node: Node, at: str, reading: Reading) -> tuple[T_co, ...] | None:
        if not isinstance(node, places.Sequence):
            reading.expected(node, at, "a list")
            return None
        if len(node.items) < self.least:
            reading.fault(node, at, "is an empty list")
            return None
        return _whole([self.item.read(each, f"{at}[{index}]", reading) for index, each in enumerate(node.items)])

    def schema(self) -> Schema:
        least = {"minItems": self.least} if self.least else {}
        return {"type": "array", "items": self.item.schema(), **least}


class OneOrMany(Struct, Generic[T_co], frozen=True):
    """One value, or a list of at least one."""

    item: Form[T_co]

    def read(self, node: Node, at: str, reading: Reading) -> tuple[T_co, ...] | None:
        if isinstance(node, places.Sequence):
            return Many(self.item, 1).read(node, at, reading)
        return _whole([self.item.read(node, at, reading)])

    def schema(self) -> Schema:
        return {"anyOf": [self.item.schema(), Many(self.item, 1).schema()]}


class NamedGlob(Struct, frozen=True):
    """A glob that means at least one of the names in the data."""

    noun: str
    names: Callable[[], Iterable[str]]

    def read(self, node: Node, at: str, reading: Reading) -> str | None:
        text = Text().read(node, at, reading)
        known = sorted(self.names()) if text is not None else []
        if text is None or any(fnmatchcase(each, text) for each in known):
            return text
        reading.fault(node, at, f"there is no {self.noun} {quoted(text)}", text, known)
        return None

    def schema(self) -> Schema:
        return Text().schema()


class Globs(Struct, frozen=True):
    """A list of texts that may be empty, and where it stands."""

    item: Form[str] = Text()

    def read(self, node: Node, at: str, reading: Reading) -> Listed | None:
        items = Many(self.item).read(node, at, reading)
        return None if items is None else Listed(reading.where(node), items)

    def schema(self) -> Schema:
        return Many(self.item).schema()


class Row(Struct, Generic[T_co], frozen=True):
    """One pair of a mapping: its key, its value, where it stands."""

    where: Where
    key: str
    value: T_co


class Table(Struct, Generic[T_co], frozen=True):
    """A mapping whose keys are words; `noun` says of what kind. Without words any key will do."""

    noun: str
    value: Form[T_co]
    words: tuple[str, ...] = ()
    least: int = 1

    def read(self, node: Node, at: str, reading: Reading) -> tuple[Row[T_co], ...] | None:
        if not isinstance(node, places.Mapping):
            reading.expected(node, at, "a mapping")
            return None
        if len(node.pairs) < self.least:
            reading.fault(node, at, "is an empty mapping")
            return None
        return _whole([self._row(key, value, at, reading) for key, value in node.pairs])

    def _row(self, key: Scalar, node: Node, at: str, reading: Reading) -> Row[T_co] | None:
        if not self.words:
            known = not key.plain or key.kind == "a text"
            if not known or not 0 < len(key.text) <= NAME_LIMIT:
                reading.fault(key, at, f"the name of a {self.noun} is a text of at most {NAME_LIMIT} characters")
                return None
            below = at
        elif key.text in self.words:
            below = f"{at}.{key.text}"
        else:
            reading.fault(key, at, f"there is no {self.noun} {quoted(key.text)}", key.text, self.words)
            return None
        value = self.value.read(node, below, reading)
        return None if value is None else Row(reading.where(key), key.text, value)

    def schema(self) -> Schema:
        told: Schema = {"type": "object", "minProperties": self.least}
        if not self.words:
            return told | {
                "propertyNames": {"minLength": 1, "maxLength": NAME_LIMIT},
                "additionalProperties": self.value.schema(),
            }
        pairs = {word: self.value.schema() for word in self.words}
        return told | {"properties": pairs, "additionalProperties": False}


class Key(Struct, Generic[T_co], frozen=True):
    """A key of a record: the form of its value, and the field that it fills where that is called otherwise."""

    form: Form[T_co]
    field: str = ""
    required: bool = False
    about: str = ""


class Record(Struct, Generic[T_co], frozen=True):
    """A mapping with agreed keys; `make` makes its value of where it stands and of the fields that are written.

    Of the keys in `some` at least one must be there.
    """

    make: Callable[..., T_co]
    keys: Mapping[str, Key[Any]]
    some: tuple[str, ...] = ()

    def read(self, node: Node, at: str, reading: Reading) -> T_co | None:
        if not isinstance(node, places.Mapping):
            reading.expected(node, at, "a mapping")
            return None
        before = len(reading.faults)
        fields = {}
        for key, value in node.pairs:
            known = self.keys.get(key.text)
            if known is None:
                reading.fault(key, at, f"unknown key {quoted(key.text)}", key.text, self.keys)
            else:
                below = f"{at}.{key.text}" if at else key.text
                fields[known.field or key.text] = known.form.read(value, below, reading)
        self._missing(node, at, reading)
        if len(reading.faults) > before or any(each is None for each in fields.values()):
            return None  # of what hangs on an anchor or a tag the fault was told before
        return self.make(where=reading.where(node), **fields)

    def _missing(self, node: places.Mapping, at: str, reading: Reading) -> None:
        written = {key.text for key, _ in node.pairs}
        for name, key in self.keys.items():
            if key.required and name not in written:
                reading.fault(node, at, f"{name} is missing")
        if self.some and written.isdisjoint(self.some):
            reading.fault(node, at, f"at least one of {', '.join(self.some)} is expected")

    def schema(self) -> Schema:
        told: Schema = {"type": "object", "properties": {}, "additionalProperties": False}
        for name, key in self.keys.items():
            told["properties"][name] = key.form.schema() | ({"description": key.about} if key.about else {})
        required = [name for name, key in self.keys.items() if key.required]
        if required:
            told["required"] = required
        if self.some:
            told["anyOf"] = [{"required": [name]} for name in self.some]
        return told


def quoted(word: str) -> str:
    """A word that may be said back; else that it is the one that stands there."""
    return word if HARMLESS.fullmatch(word) else "of this name"


def did_you_mean(word: str, known: tuple[str, ...]) -> str:
    """What may be meant by a word, or all that may stand there where they are few."""
    if not known:
        return ""
    folded = {each.casefold(): each for each in reversed(known)}
    wanted = word.casefold().replace(" ", "_") if any("_" in each for each in known) else word.casefold()
    if len(word) <= NEAR_LIMIT:
        near = get_close_matches(wanted, folded, n=1, cutoff=0.6) or [
            each for each in folded if len(wanted) > 2 and each.startswith(wanted)
        ]
        if near:
            return f"; did you mean {folded[near[0]]}?"
    return f"; it is one of {', '.join(known)}" if len(known) <= 12 else ""


def _whole(values: "list[T | None]") -> tuple[T, ...] | None:
    """The values, when each of them could be read."""
    read = tuple(value for value in values if value is not None)
    return read if len(read) == len(values) else None


def _mend(node: Node, what: str) -> str:
    """What often is the reason."""
    if not isinstance(node, Scalar):
        return ""
    if node.plain and node.text in ("yes", "no", "on", "off") and what == "true or false":
        return f"; did you mean {'true' if node.text in ('yes', 'on') else 'false'}?"
    if what in ("a list", "true or false") or node.kind in ("a text", "nothing"):
        return "; [] is an empty one" if what == "a list" and node.kind == "nothing" else ""
    return "; a text that looks like one stands in quotes" if what == "a text" else ""
