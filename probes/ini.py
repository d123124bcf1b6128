"""INI text -> sections and entries with their line numbers, in the dialect of AWS's shared files."""

import re
from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct

from scanner.model.value import Value

LINE_BREAK = re.compile(r"\r\n|\r|\n")  # str.splitlines also breaks at form feeds and U+2028, which these files do not
HEADER = re.compile(r"\[(.+)\]")
DELIMITER = re.compile("[=:]")


class Entry(Value, frozen=True):
    """One `key = value`: the key as written but in lower case, and the entries of an indented block below it.

    A value that goes on over indented lines holds them all, joined by line feeds.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"value"})

    key: str
    value: str
    line: int
    nested: tuple["Entry", ...] = ()


class Section(Struct, frozen=True):
    """One `[name]` and what stands below it, in the order of the file."""

    name: str
    line: int
    entries: tuple[Entry, ...] = ()

    def entry(self, key: str) -> Entry | None:
        """The entry of that key, in lower case; the last one where it stands more than once."""
        return next((entry for entry in reversed(self.entries) if entry.key == key), None)


class Ini(Struct, frozen=True):
    """The sections as they stand, one of a name as often as the file has it, and the lines that are no INI."""

    sections: tuple[Section, ...]
    broken: tuple[int, ...]

    def merged(self) -> dict[str, Section]:
        """The sections by name; those of one name are one, and the later entry of a key wins."""
        alike: dict[str, list[Section]] = {}
        for section in self.sections:
            alike.setdefault(section.name, []).append(section)
        return {
            name: Section(name, same[0].line, tuple(entry for section in same for entry in section.entries))
            for name, same in alike.items()
        }


def parse(text: str) -> Ini:
    """The INI in a text. Nothing raises: a line that is neither header, entry, comment nor continuation is broken.

    A comment is a line that begins with `#` or `;`; behind a value these signs belong to the value. A line that is
    indented deeper than the entry above it continues that entry.
    """
    reading = _Reading()
    for number, raw in enumerate(LINE_BREAK.split(text), start=1):
        line = raw.strip()
        if not line.startswith(("#", ";")):
            reading.take(number, len(raw) - len(raw.lstrip()), line)
    reading.close()
    sections = tuple(Section(name, line, tuple(entries)) for name, line, entries in reading.sections)
    return Ini(sections, tuple(sorted(reading.broken)))


class _Reading:
    """How far a file has been read: its sections, and the entry whose value may go on."""

    def __init__(self) -> None:
        self.sections: list[tuple[str, int, list[Entry]]] = []
        self.broken: list[int] = []
        self.key: str | None = None
        self.indent = 0
        self.values: list[tuple[int, str]] = []

    def take(self, number: int, indent: int, line: str) -> None:
        """One line that is no comment, without its indentation."""
        if self.key is not None and (not line or indent > self.indent):
            self.values.append((number, line))
        elif header := HEADER.match(line):
            self.close()
            self.sections.append((header[1].strip(), number, []))
        elif self.sections and (delimiter := DELIMITER.search(line)) and delimiter.start() > 0:
            self.close()
            self.key, self.indent = line[: delimiter.start()].rstrip().lower(), indent
            self.values.append((number, line[delimiter.end() :].strip()))
        elif line:
            self.broken.append(number)

    def close(self) -> None:
        """Ends the entry that is being read and files it under its section."""
        if self.key is None:
            return
        while len(self.values) > 1 and not self.values[-1][1]:
            self.values.pop()
        (line, first), *rest = self.values
        if first or not rest:
            entry = Entry(self.key, "\n".join(value for _, value in self.values), line)
        else:
            entry = Entry(self.key, "", line, tuple(self._nested(rest)))
        self.sections[-1][2].append(entry)
        self.key = None
        self.values.clear()

    def _nested(self, lines: list[tuple[int, str]]) -> Iterator[Entry]:
        """The entries of an indented block; they part at `=` only, since addresses hold colons."""
        for number, line in lines:
            key, _, value = line.partition("=")
            if "=" in line and key.strip():
                yield Entry(key.strip().lower(), value.strip(), number)
            elif line:
                self.broken.append(number)
