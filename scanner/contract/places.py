"""YAML text as nodes that know their line and column: strict, for files that a person writes and others may have sent.

It follows PyYAML's events, so that nothing is made of a tag and a scalar stays the text that was written. What YAML 1.2
says of plain scalars is said here, since PyYAML follows 1.1, where `no` is false. Texts of PyYAML's errors may quote
the file and are replaced by our own.
"""

import re

from msgspec import Struct, field
from yaml import YAMLError
from yaml import parse as events
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from scanner.text import UNSAFE

try:
    from yaml import CSafeLoader as Parser
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as Parser  # type: ignore[assignment]

SIZE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 20
NODE_LIMIT = 100_000  # what is accepted on a large machine has many

# The plain scalars of YAML 1.2's core schema that are no text.
NOTHING = re.compile(r"|~|null|Null|NULL")
YES_OR_NO = re.compile(r"true|True|TRUE|false|False|FALSE")
NUMBER = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
KEPT = frozenset("\t\n\r")

# Part of what PyYAML says, with or without libyaml -> what we say. The first that fits counts.
SYNTAX = (
    ("expected ',' or ']'", "a `,` or the `]` of a list is missing"),
    ("expected ',' or '}'", "a `,` or the `}` of a mapping is missing"),
    ("mapping values are not allowed", "a `:` that opens no value; is the line indented right, or a text unquoted?"),
    ("expected ':'", "a line without the `:` of a key"),
    ("end of stream", "a quoted text is not closed"),
    ("document indicator", "a quoted text is not closed"),
    ("unknown escape", "an escape that YAML does not know; single quotes take a text as it is"),
    ("alphabetic or numeric", "a text that begins with `*` or `&` stands in quotes"),
    ("cannot start any token", "a text that begins with this character stands in quotes"),
    ("directive", "a directive is not read"),
    ("incompatible YAML", "a directive is not read"),
    ("<document start>", "what follows belongs to nothing above"),
    ("expected key", "this does not belong to the mapping above; is the line indented right?"),
    ("<block end>", "this does not belong to what stands above; is the line indented right?"),
    ("'-' indicator", "this does not belong to the list above; is the line indented right?"),
    ("sequence entries are not allowed", "a list cannot begin on this line"),
)


class Fault(Struct, frozen=True):
    """What is wrong, and where: line and column from 1. `word` was written where one of `known` is expected."""

    line: int
    column: int
    text: str
    word: str = ""
    known: tuple[str, ...] = ()


class Scalar(Struct, frozen=True):
    """One value: its text as written, and whether it stood without quotes."""

    line: int
    column: int
    text: str
    plain: bool = False

    @property
    def kind(self) -> str:
        """What YAML 1.2 takes it for, in words."""
        if self.plain and NOTHING.fullmatch(self.text):
            return "nothing"
        if self.plain and YES_OR_NO.fullmatch(self.text):
            return "true or false"
        return "a number" if self.plain and NUMBER.fullmatch(self.text) else "a text"

    @property
    def number(self) -> float | None:
        """The number that it is; of one with many digits only that it is large."""
        if self.kind != "a number":
            return None
        base = {"0o": 8, "0x": 16}.get(self.text[:2])
        if base is not None:
            return float(int(self.text[2:], base)) if len(self.text) < 200 else float("inf")
        return float(self.text.casefold().replace(".inf", "inf").replace(".nan", "nan"))


class Sequence(Struct, frozen=True):
    """A list."""

    line: int
    column: int
    items: "tuple[Node, ...]"

    kind = "a list"


class Mapping(Struct, frozen=True):
    """A mapping, its pairs as written; no key stands twice."""

    line: int
    column: int
    pairs: "tuple[tuple[Scalar, Node], ...]"

    kind = "a mapping"


class Refused(Struct, frozen=True):
    """What was told as a fault already."""

    line: int
    column: int

    kind = "refused"


Node = Scalar | Sequence | Mapping | Refused


class Tree(Struct, frozen=True):
    """What a text says, None where nothing could be read, and what is wrong with it as YAML.

    One that is not `whole` breaks off: of its root stands there what is finished before.
    """

    root: Node | None
    faults: tuple[Fault, ...]
    whole: bool = True


def tree(data: bytes) -> Tree:
    """The tree of a file's bytes; nothing is raised."""
    try:
        return _Builder().built(_text(data))
    except _Stopped as stopped:
        return Tree(stopped.root, (*stopped.before, stopped.fault), whole=False)


class _Stopped(Exception):
    """Nothing behind this fault can be read; `root` is what is finished before it."""

    def __init__(self, fault: Fault, before: tuple[Fault, ...] = (), root: Node | None = None) -> None:
        super().__init__()
        self.fault = fault
        self.before = before
        self.root = root


def _text(data: bytes) -> str:
    """The text of the bytes, without a byte order mark, if no character in it hides from a reader."""
    if len(data) > SIZE_LIMIT:
        raise _Stopped(Fault(1, 1, "larger than 1 MiB"))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _Stopped(Fault(1, 1, "UTF-16 text; a contract is UTF-8"))
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _Stopped(_at(data[: error.start].decode(), error.start, "no UTF-8 text")) from None
    for match in UNSAFE.finditer(text):
        if match[0] not in KEPT:
            raise _Stopped(_at(text, match.start(), f"a character that cannot be seen, U+{ord(match[0]):04X}"))
    lone = re.search(r"\r(?!\n)", text)
    if lone is not None:
        raise _Stopped(_at(text, lone.start(), "a carriage return without a line feed"))
    return text


def _at(text: str, index: int, what: str) -> Fault:
    before = text[:index]
    return Fault(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1, what)


class _Open(Struct):
    """A list or mapping that is being read."""

    line: int
    column: int
    mapping: bool
    items: list[Node] = field(default_factory=list)
    pairs: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    key: Scalar | Refused | None = None


class _Builder:
    """Makes nodes of events, counting as it goes."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._open: list[_Open] = []
        self._roots: list[Node] = []
        self._count = 0

    def built(self, text: str) -> Tree:
        """The tree of a text. Raises _Stopped."""
        try:
            for event in events(text, Loader=Parser):
                self._take(event)
        except YAMLError as error:
            finished = _closed(self._open[0]) if self._open else None
            raise _Stopped(_syntax(error, text), tuple(self._faults), finished) from None
        return Tree(self._roots[0] if self._roots else None, tuple(self._faults))

    def _take(self, event: Event) -> None:
        line, column = _place(event)
        match event:
            case DocumentStartEvent():
                if self._roots:
                    raise self._stopped(event, "a second document; a file holds one contract")
                if event.version not in (None, (1, 2)):
                    self._fault(event, "a directive is not read; contracts are YAML 1.2")
            case AliasEvent():
                self._counted(event)
                self._fault(event, "an alias is not read; a text that begins with `*` stands in quotes")
                self._placed(Refused(line, column))
            case ScalarEvent():
                self._counted(event)
                scalar = Scalar(line, column, event.value, plain=not event.style)
                self._placed(scalar if self._bare(event) else Refused(line, column))
            case CollectionStartEvent():
                self._counted(event)
                self._bare(event)
                if len(self._open) == DEPTH_LIMIT:
                    raise self._stopped(event, f"nested deeper than {DEPTH_LIMIT}")
                self._open.append(_Open(line, column, isinstance(event, MappingStartEvent)))
            case MappingEndEvent() | SequenceEndEvent():
                self._placed(_closed(self._open.pop()))

    def _counted(self, event: Event) -> None:
        self._count += 1
        if self._count > NODE_LIMIT:
            raise self._stopped(event, f"more than {NODE_LIMIT} values")

    def _bare(self, event: ScalarEvent | CollectionStartEvent) -> bool:
        """Whether nothing hangs on a node; a contract needs none of it, and a reader would have to look for it."""
        if event.anchor is not None:
            self._fault(event, "an anchor is not read; a text that begins with `&` stands in quotes")
        if event.tag is not None:
            self._fault(event, "a tag is not read; a text that begins with `!` stands in quotes")
        return event.anchor is None and event.tag is None

    def _placed(self, node: Node) -> None:
        """Puts a finished node into the list or mapping that is open, or makes it the root."""
        if not self._open:
            self._roots.append(node)
            return
        parent = self._open[-1]
        if not parent.mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(parent, node)
        else:
            key, parent.key = parent.key, None
            if isinstance(key, Scalar):
                parent.pairs[key.text] = (key, node)

    def _key(self, parent: _Open, node: Node) -> Scalar | Refused:
        if isinstance(node, Scalar) and node.text not in parent.pairs:
            return node
        if isinstance(node, Scalar):
            first = parent.pairs[node.text][0]
            self._faults.append(
                Fault(node.line, node.column, f"this key stands twice in one mapping; first in line {first.line}")
            )
        elif not isinstance(node, Refused):
            self._faults.append(Fault(node.line, node.column, f"{node.kind} is no key"))
        return Refused(node.line, node.column)

    def _fault(self, event: Event, text: str) -> None:
        self._faults.append(Fault(*_place(event), text))

    def _stopped(self, event: Event, text: str) -> _Stopped:
        return _Stopped(Fault(*_place(event), f"{text}; the rest was not read"), tuple(self._faults))


def _closed(done: _Open) -> Node:
    if done.mapping:
        return Mapping(done.line, done.column, tuple(done.pairs.values()))
    return Sequence(done.line, done.column, tuple(done.items))


def _place(event: Event) -> tuple[int, int]:
    mark = event.start_mark
    return (1, 1) if mark is None else (int(mark.line) + 1, int(mark.column) + 1)


def _syntax(error: YAMLError, text: str) -> Fault:
    """A syntax error in our words."""
    mark = getattr(error, "problem_mark", None)
    line, column = (1, 1) if mark is None else (int(mark.line) + 1, int(mark.column) + 1)
    problem = str(getattr(error, "problem", None) or "")
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if "cannot start any token" in problem and here[column - 1 : column] == "\t":
        return Fault(line, column, "a tab; YAML is indented with blanks")
    said = next((ours for theirs, ours in SYNTAX if theirs in problem), "no YAML from here on")
    return Fault(line, column, said + _begun(error, line))


def _begun(error: YAMLError, line: int) -> str:
    """Where what is broken began, when that was on another line."""
    mark = getattr(error, "context_mark", None)
    return f"; it begins in line {int(mark.line) + 1}" if mark is not None and int(mark.line) + 1 != line else ""
