"""JSON as programs and people write it: with comments, with a comma too many, half written, on one line."""

import json
import re
from itertools import islice
from pathlib import PurePath

from msgspec import Struct, field

from probes.anywhere.documents import read_trees
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from probes.yaml_text import Node

DEPTH_LIMIT = 60
TOKEN_LIMIT = 200_000
# A key is taken with its colon; commas need not be looked at.
TOKEN = re.compile(
    r""""(?P<double>(?:[^"\\\n]++|\\.)*+)"?(?P<key>\s*+:)?|(?P<word>[^\s{}\[\]:,"'/]++)(?P<named>\s*+:)?|(?P<opens>[{\[])"""
    r"""|(?P<closes>[}\]])|'(?P<single>(?:[^'\\\n]++|\\.)*+)'?(?P<quoted>\s*+:)?|//[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?"""
)


def read(text: str, path: PurePath) -> Read:
    """The pairs of a JSON text."""
    read = read_trees(text, path, tree(text))
    return Read(read.pairs, plain(read.loose))


def tree(text: str) -> tuple[Node, ...]:
    """The values of a text as a tree with lines. Nothing raises: what is not closed ends with the text."""
    building = Building()
    line, at = 1, 0
    for match in islice(TOKEN.finditer(text), TOKEN_LIMIT):
        start = match.start()
        line += text.count("\n", at, start)
        at = start
        match match.lastgroup:
            case "key" | "quoted":
                building.key(text_of(match["double"] or match["single"] or ""))
            case "named":
                building.key(match["word"])
            case "double" | "single" as kind:
                building.value(Node(line, text_of(match[kind])))
            case "word":
                building.value(Node(line, match["word"], plain=True))
            case "opens":
                building.opens(match["opens"] == "{", line)
            case "closes":
                building.closes()
    return building.finished()


def text_of(written: str) -> str:
    """A text without its escapes; as it is written where they are wrong."""
    if "\\" not in written:
        return written
    try:
        text = json.loads(f'"{written}"', strict=False)
    except ValueError:
        return written
    return text if isinstance(text, str) else written


class _Open(Struct):
    """A list or an object that is being read, and the key that awaits its value."""

    line: int
    is_object: bool
    pairs: dict[str, Node] = field(default_factory=dict)
    elements: list[Node] = field(default_factory=list)
    key: str | None = None
    last: Node | None = None


class Building:
    """Makes nodes of tokens."""

    def __init__(self) -> None:
        self._done: list[Node] = []
        self._open: list[_Open] = []
        self._deeper = 0

    def value(self, node: Node) -> None:
        """A scalar or a finished list or object."""
        if self._deeper:
            return
        if not self._open:
            self._done.append(node)
            return
        parent = self._open[-1]
        if not parent.is_object:
            parent.elements.append(node)
        elif parent.key is not None:
            _put(parent.pairs, parent.key, node)
            parent.key = None
        else:
            parent.last = node

    def key(self, key: str) -> None:
        """A key that stands before its colon."""
        if self._open and not self._deeper and self._open[-1].is_object:
            self._open[-1].key = key

    def sign(self, sign: str) -> None:
        """A colon makes a key of what stands before it."""
        if not self._open or self._deeper:
            return
        parent = self._open[-1]
        if sign == ":" and parent.is_object and parent.last is not None:
            parent.key = parent.last.text
        elif sign == ",":
            parent.key = None
        parent.last = None

    def opens(self, is_object: bool, line: int) -> None:
        """A list or an object begins."""
        if len(self._open) >= DEPTH_LIMIT:
            self._deeper += 1
        else:
            self._open.append(_Open(line, is_object))

    def closes(self) -> None:
        """The innermost ends; which bracket ends it does not matter."""
        if self._deeper:
            self._deeper -= 1
        elif self._open:
            done = self._open.pop()
            self.value(Node(done.line, done.pairs if done.is_object else tuple(done.elements)))

    def finished(self) -> tuple[Node, ...]:
        """All that was read."""
        self._deeper = 0
        while self._open:
            self.closes()
        return tuple(self._done)


SAME_LIMIT = 20


def _put(pairs: dict[str, Node], key: str, node: Node) -> None:
    """Files a value; a key that stands twice keeps both, since the text holds both."""
    for number in range(SAME_LIMIT):
        spare = key + " " * number
        if spare not in pairs:
            pairs[spare] = node
            return
    pairs[key] = node
