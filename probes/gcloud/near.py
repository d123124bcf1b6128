"""What the parts of the Google Cloud probe share: the host, and JSON objects of its files."""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar

from msgspec import Struct

from scanner.host import Host, TextFile
from scanner.model import CredentialState, Evidence, Gap, GapKind, Lifetime
from scanner.model.value import Value


class Fields(Value, frozen=True):
    """A JSON object and where it stands; a value of a type that nobody expects counts as absent."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    at: Evidence
    values: Mapping[str, object]

    def text(self, name: str) -> str | None:
        """A text that is there and not empty; a lone surrogate is no text, since no output takes it."""
        value = self.values.get(name)
        if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
            return None
        return value or None

    def object(self, name: str) -> "Fields | None":
        """An object within this one."""
        value = self.values.get(name)
        return Fields(self.of(name), value) if isinstance(value, dict) else None

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts of a list, or those between the blanks of one text."""
        value = self.values.get(name)
        if isinstance(value, str):
            return tuple(value.split())
        return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()

    def of(self, name: str) -> Evidence:
        """The place of one of its values."""
        before = f"{self.at.key}." if self.at.key else ""
        return Evidence(self.at.path, self.at.line, before + name, self.at.variable)


class Near(Struct, frozen=True):
    """The host, with the few things that every part does with it."""

    host: Host

    def state(self, lifetime: Lifetime) -> CredentialState:
        """Whether it is past its end by the clock of this run."""
        return CredentialState.EXPIRED if lifetime.ended(self.host.now) else CredentialState.UNTESTED

    def hide(self, *values: str | None) -> None:
        """Takes secrets that no observation carries into the vault, so that no output shows them."""
        for value in values:
            if value:
                self.host.keep(value)

    def failed(self, evidence: Evidence, why: str) -> Gap:
        """A Gap for a broken setting or file."""
        return Gap(GapKind.FAILED, self.where(evidence), why)

    def limit(self, evidence: Evidence, why: str) -> Gap:
        """A Gap for what goes beyond a bound."""
        return Gap(GapKind.LIMIT, self.where(evidence), why)

    def where(self, evidence: Evidence) -> str:
        """A place as a sentence names it: `~/.config/gcloud/properties:12`, or the variable."""
        if evidence.path is None:
            return evidence.variable or ""
        line = "" if evidence.line is None else f":{evidence.line}"
        return self.host.shown(evidence.path) + line

    def parsed(self, text: str, at: Evidence) -> Iterator[Fields | Gap]:
        """The JSON object in a text, and Gaps for what is wrong with it."""
        twice: list[str] = []

        def joined(pairs: list[tuple[str, object]]) -> dict[str, object]:
            found = dict(pairs)
            if len(found) < len(pairs):
                twice.extend(value for _, value in pairs if isinstance(value, str))
            return found

        try:
            data = json.loads(text, object_pairs_hook=joined)
        except RecursionError:
            yield self.limit(at, "nested too deeply to read")
            return
        except ValueError:  # its text quotes the file
            yield self.failed(at, "is no JSON")
            return
        if not isinstance(data, dict):
            yield self.failed(at, "is no JSON object")
            return
        if twice:
            self.hide(*twice)
            yield self.failed(at, "a name stands twice in it; the last one counts")
        yield Fields(at, data)


def once(found: Iterator[TextFile | Gap], met: set[object]) -> Iterator[TextFile | Gap]:
    """Each file and each Gap once, however often it is reached."""
    for each in found:
        same: object = each.path if isinstance(each, TextFile) else (each.place, each.why)
        if same not in met:
            met.add(same)
            yield each
