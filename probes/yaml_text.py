"""YAML as text with its lines: a reader for hostile files that makes no objects and never repeats what it read.

It follows PyYAML's events instead of its loaders. So a tag makes nothing, a date stays text, an alias costs what it
stands for, a key that is written twice is told, and what stands before a syntax error is still there.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

from msgspec import Struct, field
from yaml import YAMLError
from yaml import parse as events
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentEndEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from scanner.model import Gap, GapKind
from scanner.model.value import Value

try:
    from yaml import CSafeLoader as Parser
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as Parser  # type: ignore[assignment]

DEPTH_LIMIT = 60
NODE_LIMIT = 50_000  # as the text writes them
ALIAS_LIMIT = 10_000  # nodes that all aliases of a text stand for together
TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})  # YAML 1.1, as most readers still do
NULL = frozenset({"", "~", "null", "Null", "NULL"})
MERGE = "<<"
NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?", re.ASCII)


class Node(Value, frozen=True):
    """A scalar, a list or a mapping, and the line (from 1) where it begins.

    A scalar's content is its text as written, None where it stands for nothing; `plain` says that it was not quoted.
    No content shows in a repr.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"content"})

    line: int
    content: "str | tuple[Node, ...] | dict[str, Node] | None"
    plain: bool = False

    @property
    def text(self) -> str:
        """A scalar's text, empty for nothing, a list or a mapping; a number or a date is what was written."""
        return self.content if isinstance(self.content, str) else ""

    @property
    def flag(self) -> bool:
        """Whether it is a plain `true` (or `yes`, `on`)."""
        return self.plain and self.content in TRUE

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return isinstance(self.content, dict)

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.content, tuple)

    @property
    def is_nothing(self) -> bool:
        """Whether it is null: `key:` with nothing behind it."""
        return self.content is None

    def get(self, key: str) -> "Node | None":
        """What stands under a key of a mapping; None where it is absent, or this is no mapping."""
        return self.content.get(key) if isinstance(self.content, dict) else None

    def at(self, *keys: str) -> "Node | None":
        """What stands under a key under a key."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node is not None else None
        return node

    def said(self, *keys: str) -> str:
        """The text of the scalar under a key under a key, empty where there is none."""
        node = self.at(*keys)
        return node.text if node is not None else ""

    def items(self) -> "Iterator[tuple[str, Node]]":
        """The pairs of a mapping; none of anything else."""
        if isinstance(self.content, dict):
            yield from self.content.items()

    def elements(self) -> "tuple[Node, ...]":
        """The elements of a list; none of anything else."""
        return self.content if isinstance(self.content, tuple) else ()

    def value(self) -> object:
        """It as plain Python: text, bool, int, float, None, list, dict. A date is text."""
        match self.content:
            case dict() as pairs:
                return {key: node.value() for key, node in pairs.items()}
            case tuple() as nodes:
                return [node.value() for node in nodes]
            case str() as text:
                return _scalar(text) if self.plain else text
            case _:
                return None


class Fault(Struct, frozen=True):
    """What is wrong with the text, and in which line first; the reading went on or stopped there, as `why` says."""

    line: int
    why: str
    kind: GapKind = GapKind.FAILED


class Text(Struct, frozen=True):
    """The documents of a text and its faults; after a fault of syntax the last document ends where it stands."""

    documents: tuple[Node, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def root(self) -> Node | None:
        """The first document, None where there is none."""
        return self.documents[0] if self.documents else None

    def gaps(self, place: str) -> Iterator[Gap]:
        """The faults, told of the file that a report calls `place`."""
        for fault in self.faults:
            yield Gap(fault.kind, f"{place}:{fault.line}", fault.why)


def parse(text: str) -> Text:
    """Every document of a text, however hostile; nothing is raised."""
    builder = _Builder()
    try:
        for event in events(text, Loader=Parser):
            builder.take(event)
    except _TooMuch as stopped:
        builder.fault(stopped.line, f"{stopped.why}; the rest was not read", GapKind.LIMIT)
    except YAMLError as error:
        builder.fault(_line_of(error, text), "is no YAML; the rest was not read")
    except (UnicodeError, RecursionError):
        builder.fault(1, "is no YAML; the rest was not read")
    return builder.finished()


def _line_of(error: YAMLError, text: str) -> int:
    """Where a syntax error lies. Its message quotes the text, so it is not looked at."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is not None:
        return int(mark.line) + 1
    position = getattr(error, "position", None)  # a character that YAML forbids
    return text.count("\n", 0, position) + 1 if isinstance(position, int) else 1


def _scalar(text: str) -> object:
    """A plain scalar of YAML's core schema."""
    if text in ("true", "True", "TRUE"):
        return True
    if text in ("false", "False", "FALSE"):
        return False
    number = NUMBER.fullmatch(text)
    if number is None:
        return text
    return float(text) if number[1] else int(text)


class _TooMuch(Exception):
    """The text is larger than what is read of one."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


class _Size(Struct, frozen=True):
    """How many nodes a node stands for, its aliases followed, and how deep it goes."""

    nodes: int = 1
    depth: int = 1


class _Open(Struct):
    """A list or mapping that is being read."""

    line: int
    anchor: str | None
    mapping: bool
    pairs: "dict[str, Node]" = field(default_factory=dict)
    merged: "dict[str, Node]" = field(default_factory=dict)
    elements: "list[Node]" = field(default_factory=list)
    key: str | None = None
    keyed: bool = False
    nodes: int = 1
    depth: int = 1


class _Builder:
    """Makes nodes of events, counting as it goes."""

    def __init__(self) -> None:
        self._documents: list[Node] = []
        self._faults: dict[str, Fault] = {}
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Node, _Size]] = {}
        self._count = 0
        self._aliased = 0

    def take(self, event: Event) -> None:
        """One event."""
        match event:
            case ScalarEvent():
                self._counted(event)
                nothing = event.implicit[0] and event.value in NULL
                node = Node(_line(event), None if nothing else event.value, event.implicit[0])
                self._anchored(event.anchor, node, _Size())
                self._placed(node, _Size())
            case AliasEvent():
                self._counted(event)
                self._alias(event)
            case CollectionStartEvent():
                self._counted(event)
                if len(self._open) >= DEPTH_LIMIT:
                    raise _TooMuch(_line(event), f"is nested deeper than {DEPTH_LIMIT}")
                self._open.append(_Open(_line(event), event.anchor, isinstance(event, MappingStartEvent)))
            case MappingEndEvent() | SequenceEndEvent():
                self._close()
            case DocumentEndEvent():
                self._anchors.clear()

    def fault(self, line: int, why: str, kind: GapKind = GapKind.FAILED) -> None:
        """Something to tell; the second of a sort says nothing new."""
        self._faults.setdefault(why, Fault(line, why, kind))

    def finished(self) -> Text:
        """All that was read, with what a fault left open closed."""
        while self._open:
            self._close()
        return Text(tuple(self._documents), tuple(self._faults.values()))

    def _counted(self, event: Event) -> None:
        self._count += 1
        if self._count > NODE_LIMIT:
            raise _TooMuch(_line(event), f"has more than {NODE_LIMIT} values")

    def _anchored(self, anchor: str | None, node: Node, size: _Size) -> None:
        if anchor is not None:
            self._anchors[anchor] = (node, size)

    def _alias(self, event: AliasEvent) -> None:
        line = _line(event)
        found = self._anchors.get(event.anchor or "")
        node, size = found or (Node(line, None, plain=True), _Size())
        if found is None:
            self.fault(line, "an alias of nothing, or of what it stands in; it was left out")
        elif len(self._open) + size.depth > DEPTH_LIMIT:
            self.fault(line, f"an alias leads deeper than {DEPTH_LIMIT}; it was left out", GapKind.LIMIT)
        elif self._aliased + size.nodes > ALIAS_LIMIT:
            self.fault(line, f"aliases stand for more than {ALIAS_LIMIT} values; one was left out", GapKind.LIMIT)
        else:
            self._aliased += size.nodes
            self._placed(node, size)
            return
        self._placed(Node(line, None, plain=True), _Size())

    def _close(self) -> None:
        done = self._open.pop()
        content = {**done.merged, **done.pairs} if done.mapping else tuple(done.elements)
        node, size = Node(done.line, content), _Size(done.nodes, done.depth)
        self._anchored(done.anchor, node, size)
        self._placed(node, size)

    def _placed(self, node: Node, size: _Size) -> None:
        """Puts a finished node into the list or mapping that is open, or makes it a document."""
        if not self._open:
            self._documents.append(node)
            return
        parent = self._open[-1]
        parent.nodes += size.nodes
        parent.depth = max(parent.depth, size.depth + 1)
        if not parent.mapping:
            parent.elements.append(node)
        elif not parent.keyed:
            self._key(parent, node)
        else:
            self._pair(parent, node)

    def _key(self, parent: _Open, node: Node) -> None:
        parent.keyed = True
        scalar = node.content is None or isinstance(node.content, str)
        parent.key = node.text if scalar else None
        if not scalar:
            self.fault(node.line, "a key that is a list or a mapping; it was left out")
        elif parent.key in parent.pairs:
            self.fault(node.line, "a key that its mapping has already; the later one counts")

    def _pair(self, parent: _Open, node: Node) -> None:
        key, parent.key, parent.keyed = parent.key, None, False
        if key == MERGE and not isinstance(node.content, str):
            for each in reversed(node.elements() or (node,)):
                self._merge(parent, each)
        elif key is not None:
            parent.pairs[key] = node

    def _merge(self, parent: _Open, node: Node) -> None:
        """Takes over the pairs of another mapping; each counts as if an alias stood there."""
        pairs = dict(node.items())
        self._aliased += len(pairs)
        if self._aliased > ALIAS_LIMIT:
            why = f"aliases stand for more than {ALIAS_LIMIT} values; one was left out"
            self.fault(node.line, why, GapKind.LIMIT)
            return
        parent.merged.update(pairs)
        parent.nodes += len(pairs)


def _line(event: Event) -> int:
    mark = event.start_mark
    return 1 if mark is None else int(mark.line) + 1
