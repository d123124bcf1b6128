"""The little of HCL that terraform's settings file needs: blocks with labels, and the texts set in them."""

import re
from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct, field

from scanner.model.value import Value

TOKEN_LIMIT = 50_000
TOKEN = re.compile(
    r"""(?P<blank>[ \t\r\f\v\ufeff]+)|(?P<line>\n)|(?P<remark>(?:\#|//)[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))
    |"(?P<text>(?:\\.|[^"\\\n])*)"|(?P<word>[A-Za-z_][\w.-]*)|(?P<sign>[{}\[\]=,():])|(?P<other>[^\s{}\[\]=,():"]+|")""",
    re.VERBOSE | re.ASCII,
)
ESCAPES = {"\\n": "\n", "\\t": "\t", "\\r": "\r", '\\"': '"', "\\\\": "\\"}


class Attribute(Value, frozen=True):
    """One `name = "text"` and its line."""

    concealed: ClassVar[frozenset[str]] = frozenset({"text"})

    name: str
    text: str
    line: int


class Block(Struct, frozen=True):
    """One block: its type, its labels, the texts set in it, and how many items its list `args` has."""

    type: str
    labels: tuple[str, ...]
    line: int
    attributes: tuple[Attribute, ...] = ()
    arguments: int = 0

    def get(self, name: str) -> Attribute | None:
        """The attribute of that name, the last one where it stands more than once."""
        return next((each for each in reversed(self.attributes) if each.name == name), None)


class Read(Struct, frozen=True):
    """The outermost blocks, and the line at which the text stops being HCL; None where all of it is."""

    blocks: tuple[Block, ...]
    broken: int | None


class _Open(Struct):
    type: str
    labels: list[str]
    line: int
    attributes: list[Attribute] = field(default_factory=list)
    arguments: int = 0


def read(text: str) -> Read:
    """The blocks of a text. Nothing raises: what is half written is left out, and its line is told."""
    reading = _Reading()
    for kind, value, line in _tokens(text):
        reading.take(kind, value, line)
        if reading.broken is not None:
            break
    if reading.depth and reading.broken is None:
        reading.broken = reading.opened
    return Read(tuple(reading.blocks), reading.broken)


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line = 1
    for count, match in enumerate(TOKEN.finditer(text)):
        if count >= TOKEN_LIMIT:
            yield "limit", "", line
            return
        kind = match.lastgroup or ""
        if kind not in {"blank", "remark"}:
            yield kind, match[kind], line
        line += match[0].count("\n")


class _Reading:
    """How far a file has been read: the words before a brace, the open block, and the name that awaits its value."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.broken: int | None = None
        self.depth = self.opened = self.brackets = 0
        self.words: list[tuple[str, str]] = []
        self.block: _Open | None = None
        self.name = ""

    def take(self, kind: str, value: str, line: int) -> None:
        """One token."""
        if kind in {"limit", "other"} and not self.name:
            self.broken = line
        elif kind == "sign":
            self._sign(value, line)
        elif kind == "line":
            self.words, self.name = [], self.name if self.brackets else ""
        elif kind in {"word", "text"}:
            self._word(kind, value, line)

    def _word(self, kind: str, value: str, line: int) -> None:
        if not self.name:
            self.words.append((kind, value))
        elif self.brackets:
            if self.block is not None and self.depth == 1 and self.name == "args":
                self.block.arguments += kind == "text"
        elif kind == "text" and self.block is not None and self.depth == 1:
            text = re.sub(r"\\.", lambda match: ESCAPES.get(match[0], match[0]), value)
            self.block.attributes.append(Attribute(self.name, text, line))

    def _sign(self, sign: str, line: int) -> None:
        if sign in "[(":
            self.brackets += 1
        elif sign in "])":
            self.brackets = max(0, self.brackets - 1)
        elif sign in "=:":
            self.name = self.words[-1][1] if self.words and not self.name else self.name
            self.words = []
        elif sign == "{":
            self._opens(line)
        elif sign == "}":
            self._closes(line)

    def _opens(self, line: int) -> None:
        self.depth += 1
        if self.depth == 1:
            self.opened = line
            kinds = [value for _, value in self.words]
            self.block = _Open(kinds[0] if kinds else self.name, kinds[1:], line)
        self.words, self.name, self.brackets = [], "", 0

    def _closes(self, line: int) -> None:
        if not self.depth:
            self.broken = line
            return
        self.depth -= 1
        if self.depth == 0 and self.block is not None:
            told = self.block
            self.blocks.append(Block(told.type, tuple(told.labels), told.line, tuple(told.attributes), told.arguments))
            self.block = None
        self.words, self.name, self.brackets = [], "", 0
