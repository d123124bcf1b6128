"""JSON as the tools of container engines write it: objects whose values are taken by type, twice-written names told."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import ClassVar

from scanner.host import Host, Place, TextFile
from scanner.model import Evidence, Gap, GapKind
from scanner.model.value import Value

ENTRY_LIMIT = 1000  # entries taken of one object


class Fields(Value, frozen=True):
    """A JSON object; a value of a type that nobody expects counts as absent."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    values: Mapping[str, object]

    def text(self, *names: str) -> str:
        """The first text that is there, else nothing; a lone surrogate is no text, since no output takes it."""
        return next((found for name in names if (found := as_text(self.values.get(name)))), "")

    def flag(self, name: str) -> bool | None:
        """A truth value, None for anything else."""
        found = self.values.get(name)
        return found if isinstance(found, bool) else None

    def object(self, name: str) -> "Fields":
        """An object within this one, an empty one where there is none."""
        found = self.values.get(name)
        return Fields(found) if isinstance(found, dict) else Fields({})

    def objects(self) -> Iterator[tuple[str, "Fields | None"]]:
        """Every entry: its object, or None where it is no object."""
        for name, found in list(self.values.items())[:ENTRY_LIMIT]:
            yield name, Fields(found) if isinstance(found, dict) else None


class Document(Value, frozen=True):
    """The object that a file or a variable holds, and where it lies."""

    concealed: ClassVar[frozenset[str]] = frozenset({"fields"})

    fields: Fields
    evidence: Evidence
    place: Place | None = None

    @property
    def path(self) -> PurePath | None:
        """The file."""
        return self.evidence.path

    def at(self, key: str) -> Evidence:
        """The place of one of its values; a variable is one place."""
        return Evidence(self.path, key=key) if self.path is not None else self.evidence


def as_text(value: object) -> str:
    """A text of which every character can be written, else nothing."""
    if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
        return ""
    return value


def documents(host: Host, *patterns: str) -> Iterator[Document | Gap]:
    """The JSON objects that the patterns name, each file once; a Gap for what is none."""
    seen: set[PurePath] = set()
    for found in host.read(*patterns):
        if isinstance(found, Gap):
            yield found
        elif found.path not in seen:
            seen.add(found.path)
            yield from document(found, host)


def document(file: TextFile, host: Host) -> Iterator[Document | Gap]:
    """The object in one file; one that was cut off was told of already, and an empty one holds nothing."""
    if file.truncated or not file.text.strip():
        return
    yield from parsed(file.text, Evidence(file.path), host.shown(file.path), file.place)


def parsed(text: str, evidence: Evidence, place: str, lies: Place | None = None) -> Iterator[Document | Gap]:
    """The object in a text; where a name stands twice in one object, that is told and both are taken."""
    twice: list[str] = []

    def joined(pairs: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(pairs)
        if len(made) != len(pairs):
            twice.append("")
            made = {}
            for name, value in pairs:
                old = made.get(name)
                made[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
        return made

    try:
        told = json.loads(text, object_pairs_hook=joined)
    except RecursionError:
        yield Gap(GapKind.LIMIT, place, "nested too deeply to read")
        return
    except ValueError:  # its text quotes the file
        yield Gap(GapKind.FAILED, place, "is no JSON")
        return
    if not isinstance(told, dict):
        yield Gap(GapKind.FAILED, place, "is no JSON object")
        return
    if twice:
        yield Gap(GapKind.FAILED, place, "a name stands twice in one object")
    yield Document(Fields(told), evidence, lies)
