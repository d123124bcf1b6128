"""Git's configuration from every scope, with what it includes: each setting with its place and its conditions."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import ClassVar

from msgspec import Struct, field

from probes.git.config_text import ENTRY_LIMIT, Entry, parse
from scanner.data.families import holds_token
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind
from scanner.model.value import Value

INCLUDED = "<include.path>"
DEPTH_LIMIT = 10  # as git's own
FILE_LIMIT = 100
SETTING_LIMIT = ENTRY_LIMIT
BAD_LINES = 10  # named in one gap
PLAIN = re.compile(r"[\w.-]{1,40}")
# A web address with a name of a host: labels with a dot between them, of which none is as long as a token.
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,18}[A-Za-z0-9])?"
ADDRESSED = re.compile(rf"https?://(?P<host>{LABEL}(?:\.{LABEL}){{1,4}})(?::[0-9]{{1,5}})?(?:/|\Z)", re.ASCII)
INCLUDES = ("include.path", "includeif.path")


class Setting(Value, frozen=True):
    """One entry, where it stands, and the conditions of the includes that led there.

    The text of a value never shows in a repr; `file` is None for one that a variable holds.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"entry"})

    entry: Entry
    evidence: Evidence
    file: TextFile | None = None
    conditions: tuple["Condition", ...] = ()

    @property
    def key(self) -> str:
        """Section and name, such as `remote.url`."""
        return self.entry.key

    @property
    def subsection(self) -> str | None:
        """What stands in quotes in the section's line."""
        return self.entry.subsection

    @property
    def value(self) -> str:
        """The value, empty where the name stands alone."""
        return self.entry.text


class Condition(Struct, frozen=True):
    """What an `includeIf` asks for, and the folder of the file that asks."""

    text: str
    beside: PurePath | None


class Reading(Struct):
    """One run through files and all that they include."""

    host: Host
    opened: int = 0
    count: int = 0
    files: set[PurePath] = field(default_factory=set)
    said: set[tuple[PurePath | None, str]] = field(default_factory=set)

    def settings(
        self, file: TextFile, outer: tuple[Condition, ...] = (), above: tuple[PurePath, ...] = ()
    ) -> Iterator[Setting | Gap]:
        """Every setting of a file in order, those of included files where the include stands."""
        self.files.add(file.path)
        parsed = parse(file.text)
        if parsed.broken:
            yield Gap(GapKind.FAILED, self.host.shown(file.path), f"not git's format in line {_lines(parsed.broken)}")
        if parsed.cut or self.count + len(parsed.entries) > SETTING_LIMIT:
            yield from self._gap(GapKind.LIMIT, file.path, None, f"more than {SETTING_LIMIT} settings; some were left")
        for entry in parsed.entries:
            if self.count == SETTING_LIMIT:
                return
            self.count += 1
            yield Setting(entry, Evidence(file.path, entry.line, shown_key(entry)), file, outer)
            if entry.key in INCLUDES and entry.value:
                yield from self._included(entry, file.path, outer, (*above, file.path))

    def _included(
        self, entry: Entry, path: PurePath, outer: tuple[Condition, ...], above: tuple[PurePath, ...]
    ) -> Iterator[Setting | Gap]:
        target = self._target(entry, path)
        if target is None:
            yield from self._gap(GapKind.FAILED, path, entry.line, "an include that names no file here")
        elif target in above:
            yield from self._gap(GapKind.FAILED, path, entry.line, "the file includes itself")
        elif len(above) > DEPTH_LIMIT:
            yield from self._gap(GapKind.LIMIT, path, entry.line, f"included more than {DEPTH_LIMIT} deep")
        elif self.opened == FILE_LIMIT:
            yield from self._gap(GapKind.LIMIT, path, entry.line, f"more than {FILE_LIMIT} included files")
        else:
            self.opened += 1
            inner = outer if entry.key == INCLUDES[0] else (*outer, Condition(entry.subsection or "", path.parent))
            for found in self.host.read_named(INCLUDED, target):
                if isinstance(found, Gap):
                    yield found
                else:
                    yield from self.settings(found, inner, above)

    def _gap(self, kind: GapKind, path: PurePath, line: int | None, why: str) -> Iterator[Gap]:
        """A gap, once for each reason, and where a file is at fault once for each file."""
        key = (None if kind is GapKind.LIMIT else path, why)
        if key not in self.said:
            self.said.add(key)
            yield Gap(kind, self.host.shown(path) + (f":{line}" if line is not None else ""), why)

    def _target(self, entry: Entry, path: PurePath) -> PurePath | None:
        text = entry.text
        if "\0" in text or text.startswith("%(prefix)"):
            return None
        found = self.host.resolve(text, path.parent)
        return None if found is None else straight(found)


def straight(path: PurePath) -> PurePath:
    """The path without `..` in it, taken by its words alone."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and len(parts) > 1:
            parts.pop()
        elif part != "..":
            parts.append(part)
    return type(path)(*parts)


def shown_key(entry: Entry) -> str:
    """The key as a report writes it: of a subsection that is no plain name, which may hold a login, the host alone."""
    if entry.subsection is None:
        return entry.key
    return f"{entry.section}.{_shown(entry.subsection)}.{entry.name}"


def _shown(subsection: str) -> str:
    if PLAIN.fullmatch(subsection) is not None and not holds_token(subsection):
        return subsection
    at = ADDRESSED.match(subsection) if "@" not in subsection and not holds_token(subsection) else None
    return at["host"].lower() if at is not None else "*"


def _lines(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers[:BAD_LINES])) + (" and more" if len(numbers) > BAD_LINES else "")
