"""Git configuration text -> entries with their line numbers, as git's own reader takes it."""

from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct, field

from scanner.model.value import Value

ENTRY_LIMIT = 20_000
ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "\\": "\\", '"': '"'}
BLANK = " \t\r\n"  # what git takes for one
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
NAME = LETTERS | frozenset("0123456789-")
SECTION = NAME | {"."}


class Entry(Value, frozen=True):
    """One `name = value` under `[section "subsection"]`: section and name in lower case, the subsection as written.

    `value` is None where the name stands alone, which means true. A subsection may hold an address with a login.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"value", "subsection"})

    section: str
    subsection: str | None
    name: str
    value: str | None
    line: int

    @property
    def key(self) -> str:
        """The section and the name without the subsection, such as `remote.url`."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def text(self) -> str:
        """The value, empty where there is none."""
        return self.value or ""


class Parsed(Struct, frozen=True):
    """The entries of a text in their order, the lines that git would refuse, and whether there were too many."""

    entries: tuple[Entry, ...]
    broken: tuple[int, ...]
    cut: bool = False


class Broken(Exception):
    """A line that git would refuse."""


def parse(text: str) -> Parsed:
    """The configuration in a text. Nothing raises: where git would stop, the line is noted and the next one read."""
    reading = _Reading(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    entries: list[Entry] = []
    for entry in reading.entries():
        if len(entries) == ENTRY_LIMIT:
            return Parsed(tuple(entries), tuple(reading.broken), cut=True)
        entries.append(entry)
    return Parsed(tuple(entries), tuple(reading.broken))


class _Reading(Struct):
    """How far a text has been read, and under which section."""

    text: str
    at: int = 0
    line: int = 1
    section: str = ""
    subsection: str | None = None
    broken: list[int] = field(default_factory=list)

    def entries(self) -> Iterator[Entry]:
        """Every entry; a line that cannot be read is noted and passed."""
        while self.at < len(self.text):
            char = self._next()
            if char in BLANK:
                continue
            begun = self.line
            try:
                if char in "#;":
                    self._to_line_end()
                elif char == "[":
                    self.section, self.subsection = self._header()
                elif char in LETTERS:
                    yield self._entry(char, begun)
                else:
                    raise Broken
            except Broken:
                self.broken.append(begun)
                self._to_line_end()

    def _next(self) -> str:
        """The next character, a line feed at the end of the text."""
        char = self.text[self.at] if self.at < len(self.text) else "\n"
        self.at += 1
        self.line += char == "\n"
        return char

    def _to_line_end(self) -> None:
        """Passes what is left of the line, which may have been read to its end already."""
        if 0 < self.at <= len(self.text) and self.text[self.at - 1] == "\n":
            return
        end = self.text.find("\n", self.at)
        self.line += end >= 0
        self.at = end + 1 if end >= 0 else len(self.text)

    def _header(self) -> tuple[str, str | None]:
        """What stands between `[` and `]`. Raises Broken."""
        name: list[str] = []
        while (char := self._next()) in SECTION:
            name.append(char.lower())
        if char == "]":
            section, dot, rest = "".join(name).partition(".")
            return section, rest if dot else None
        while char in " \t\r":
            char = self._next()
        if char != '"':
            raise Broken
        subsection = self._quoted()
        if self._next() != "]":
            raise Broken
        section, dot, rest = "".join(name).partition(".")
        return section, f"{rest}.{subsection}" if dot else subsection

    def _quoted(self) -> str:
        """A subsection up to its closing quote. Raises Broken."""
        found: list[str] = []
        while (char := self._next()) != '"':
            if char == "\\":
                char = self._next()
            if char == "\n":
                raise Broken
            found.append(char)
        return "".join(found)

    def _entry(self, first: str, line: int) -> Entry:
        """The entry whose name begins with that letter. Raises Broken."""
        name = [first.lower()]
        while (char := self._next()) in NAME:
            name.append(char.lower())
        while char in " \t":
            char = self._next()
        if char == "\n":
            return Entry(self.section, self.subsection, "".join(name), None, line)
        if char != "=":
            raise Broken
        return Entry(self.section, self.subsection, "".join(name), self._value(), line)

    def _value(self) -> str:
        """A value: quotes and escapes undone, comments and the blanks around it left out. Raises Broken."""
        found: list[str] = []
        kept = 0  # what follows it may be blanks at the end
        quoted = False
        while True:
            char = self._next()
            if char == "\n":
                if quoted:
                    raise Broken
                return "".join(found[:kept])
            if not quoted and char in BLANK:
                if found:
                    found.append(char)
                continue
            if not quoted and char in "#;":
                self._to_line_end()
                return "".join(found[:kept])
            if char == '"':
                quoted = not quoted
                kept = len(found)
                continue
            if char == "\\":
                kept = len(found)
                char = self._next()
                if char == "\n":
                    continue
                if char not in ESCAPES:
                    raise Broken
                char = ESCAPES[char]
            found.append(char)
            kept = len(found)
