"""JSON files -> objects whose values are asked for by type, with a Gap for what is broken or of a wrong type."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind
from scanner.model.value import Value
from scanner.shapes import label

MEMBER_LIMIT = 1_000  # members taken of one list or object
SIGNED = re.compile(r"[\w-]+\.([\w-]+)\.[\w-]*", re.ASCII)


class Fields(Value, frozen=True):
    """One JSON object of a file: the way to it (`subscriptions[0]`, empty for the whole) and its values."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    file: TextFile
    way: str
    values: Mapping[str, object]

    def text(self, name: str) -> str:
        """A text, empty for anything else; a lone surrogate is no text, since no output takes it."""
        value = self.values.get(name)
        if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
            return ""
        return value

    def label(self, name: str) -> str:
        """A text that may be shown: one line of a sane length."""
        return label(self.text(name))

    def holds(self, name: str) -> bool:
        """Whether the value is there and true."""
        return self.values.get(name) is True

    def at(self, name: str) -> Evidence:
        """The place of one of its values."""
        return Evidence(self.file.path, key=self._to(name))

    def object(self, name: str) -> "Fields":
        """An object within this one, empty where there is none."""
        value = self.values.get(name)
        return Fields(self.file, self._to(name), value if isinstance(value, dict) else {})

    def members(self, name: str, host: Host) -> "Iterator[Fields | Gap]":
        """The objects of a list or of an object, and a Gap for each that is none, and for too many."""
        value = self.values.get(name)
        if value is None:
            return
        if not isinstance(value, list | dict):
            yield self.faulty(name, "is neither a list nor an object", host)
            return
        for number, member in enumerate(value if isinstance(value, list) else value.values()):
            if number >= MEMBER_LIMIT:
                yield Gap(
                    GapKind.LIMIT, self._place(name, host), f"more than {MEMBER_LIMIT} members; the rest was not read"
                )
                return
            way = f"{name}[{number}]"
            if isinstance(member, dict):
                yield Fields(self.file, self._to(way), member)
            else:
                yield self.faulty(way, "is no object", host)

    def faulty(self, name: str, why: str, host: Host) -> Gap:
        """A Gap for one of its values."""
        return Gap(GapKind.FAILED, self._place(name, host), why)

    def _to(self, name: str) -> str:
        return f"{self.way}.{name}" if self.way else name

    def _place(self, name: str, host: Host) -> str:
        return f"{host.shown(self.file.path)}, {self._to(name)}"


def objects(host: Host, *patterns: str) -> Iterator[Fields | Gap]:
    """The JSON objects that the patterns name, each file and each Gap once however often it is reached."""
    for found in once(host.read(*patterns)):
        if isinstance(found, Gap):
            yield found
        else:
            yield from parsed(found, host)


def once(found: Iterator[TextFile | Gap]) -> Iterator[TextFile | Gap]:
    """Each file and each Gap once."""
    met: set[object] = set()
    for each in found:
        same = each.path if isinstance(each, TextFile) else (each.place, each.why)
        if same not in met:
            met.add(same)
            yield each


def parsed(file: TextFile, host: Host) -> Iterator[Fields | Gap]:
    """The object of a file; a list stands as the member `entries` of one. A Gap for what is neither."""
    place = host.shown(file.path)
    twice: set[str] = set()

    def collected(pairs: list[tuple[str, object]]) -> dict[str, object]:
        told = dict(pairs)
        if len(told) < len(pairs):
            twice.add(place)
        return told

    try:
        data = json.loads(file.text.removeprefix("\ufeff"), object_pairs_hook=collected)
    except RecursionError:
        yield Gap(GapKind.LIMIT, place, "nested too deeply to read")
        return
    except ValueError:  # its text quotes the file
        yield Gap(GapKind.FAILED, place, "is no JSON")
        return
    if twice:
        yield Gap(GapKind.FAILED, place, "has a key twice; the last one was taken")
    if isinstance(data, list):
        data = {"entries": data}
    yield Fields(file, "", data) if isinstance(data, dict) else Gap(GapKind.FAILED, place, "is no JSON object")


def claims_of(token: str) -> Mapping[str, object]:
    """What a JSON web token says of itself, its signature unchecked; nothing for what is no such token."""
    match = SIGNED.fullmatch(token)
    if match is None:
        return {}
    try:
        told = json.loads(base64.urlsafe_b64decode(match[1] + "=" * (-len(match[1]) % 4)))
    except (ValueError, RecursionError):  # no base64, no UTF-8, no JSON, or nested too deeply
        return {}
    return told if isinstance(told, dict) else {}
