"""JSON with comments, TOML and YAML as trees that know their lines; of a broken text, all that can still be read."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field

from scanner.model import GapKind
from scanner.model.value import Value
from scanner.toml_places import Header, statements

if TYPE_CHECKING:
    from probes import yaml_text

DEPTH_LIMIT = 40
NODE_LIMIT = 200_000
TOKEN_LIMIT = 5 * NODE_LIMIT  # a key, a colon, a value and a comma for each, and brackets
TEXT_LIMIT = 64 * 1024  # of one string; a longer one is cut
BETWEEN_CHECKS = 10_000  # tokens, some hundredths of a second


class Node(Value, frozen=True):
    """A value and the line (from 1) where it begins: a scalar, a list (`items`) or an object (`members`).

    A key that is written twice stands twice among the members. No content shows in a repr.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"value", "items", "members"})

    line: int
    value: str | float | bool | None = None
    items: "tuple[Node, ...] | None" = None
    members: "tuple[tuple[str, Node], ...] | None" = None

    @property
    def text(self) -> str:
        """Its text, empty for what is no text."""
        return self.value if isinstance(self.value, str) else ""

    @property
    def flag(self) -> bool | None:
        """Whether it is true or false, None for what is neither."""
        return self.value if isinstance(self.value, bool) else None

    @property
    def pairs(self) -> "tuple[tuple[str, Node], ...]":
        """The members of an object; none of anything else."""
        return self.members or ()

    def get(self, key: str) -> "Node | None":
        """What stands under a key; the last one counts where it stands twice."""
        return next((node for name, node in reversed(self.pairs) if name == key), None)

    def at(self, *keys: str) -> "Node | None":
        """What stands under a key under a key."""
        node: Node | None = self
        for key in keys:
            node = node.get(key) if node is not None else None
        return node

    def said(self, *keys: str) -> str:
        """The text under a key under a key, empty where there is none."""
        node = self.at(*keys)
        return node.text if node is not None else ""

    def texts(self) -> tuple[str, ...]:
        """The texts of a list, or the lone text that stands in its place."""
        if isinstance(self.value, str):
            return (self.value,)
        return tuple(node.text for node in self.items or () if node.text)


class Fault(Struct, frozen=True):
    """What is wrong with a text, and in which line first."""

    line: int
    why: str
    kind: GapKind = GapKind.FAILED


class Parsed(Struct, frozen=True):
    """A tree, None where nothing of it could be read, and what is wrong with its text."""

    root: Node | None
    faults: tuple[Fault, ...] = ()


def parse(text: str, form: str, check: Callable[[], None] = lambda: None) -> Parsed:
    """The tree of a text of that format. `check` is called now and then; nothing is raised but what it raises."""
    if form == "toml":
        return _toml(text, check)
    if form == "yaml":
        return _yaml(text, check)
    reader = _Json(text)
    reader.read(check)
    return Parsed(reader.root, tuple(reader.faults.values()))


# --- JSON

SKIP = re.compile(r"(?:[\s\ufeff]+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)*")
STRING = re.compile(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*"')
SCALAR = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,4})?|[A-Za-z_$][A-Za-z0-9_$]{0,100}")
BROKEN = "is no whole JSON; what could be read of it was taken"
LATER = "the later one counts"
TWICE = f"has a key twice; {LATER}"  # which leaves a text whole
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
RESUME = re.compile(r'[^"\[\]{},\n]*')


class _Open(Struct):
    """A list or an object that is being read."""

    line: int
    is_object: bool
    items: list[Node] = field(default_factory=list)
    members: list[tuple[str, Node]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    key: str | None = None
    colon: bool = False
    full: bool = False  # a value stands there, and a comma has to follow


class _Json:
    """Reads token by token; what is wrong is noted, and the reading goes on behind it."""

    def __init__(self, text: str) -> None:
        self.root: Node | None = None
        self.faults: dict[str, Fault] = {}
        self._text = text
        self._open: list[_Open] = []
        self._line = 1
        self._counted = 0
        self._nodes = 0
        self._deep = 0  # containers open below the deepest that is kept

    def read(self, check: Callable[[], None]) -> None:
        at = tokens = 0
        while self._nodes < NODE_LIMIT and tokens < TOKEN_LIMIT:
            tokens += 1
            if tokens % BETWEEN_CHECKS == 0:
                check()
            at = _end(SKIP, self._text, at)
            if at >= len(self._text) or self._text.startswith("/*", at):
                break
            at = self._token(at)
            if self.root is not None and not self._open:
                break
        if self._nodes >= NODE_LIMIT or tokens >= TOKEN_LIMIT:
            self._fault(f"has more than {NODE_LIMIT} values; the rest was not read", GapKind.LIMIT)
        elif self._open or self.root is None:
            self._fault(BROKEN)
        elif _end(SKIP, self._text, at) < len(self._text):
            self._fault("has more behind its end")
        while self._open:
            self._close()

    def _token(self, at: int) -> int:
        """Takes the token that begins here, and tells where it ends."""
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        sign = self._text[at]
        if sign in "{[":
            self._begin(is_object=sign == "{")
        elif sign in "}]":
            self._end(is_object=sign == "}")
        elif sign in ",:":
            self._between(sign)
        elif sign == '"':
            return self._string(at)
        else:
            return self._scalar(at)
        return at + 1

    def _begin(self, *, is_object: bool) -> None:
        if self._deep or len(self._open) >= DEPTH_LIMIT:
            self._deep += 1
            self._fault(f"is nested deeper than {DEPTH_LIMIT}; what lies there was left out", GapKind.LIMIT)
            return
        self._open.append(_Open(self._line, is_object))

    def _end(self, *, is_object: bool) -> None:
        if self._deep:
            self._deep -= 1
            if not self._deep:
                self._put(Node(self._line))
            return
        if self._open and self._open[-1].is_object is not is_object:
            self._fault(BROKEN)
            if len(self._open) < 2 or self._open[-2].is_object is not is_object:
                return
            self._close()
        if self._open:
            self._close()

    def _close(self) -> None:
        done = self._open.pop()
        if done.is_object:
            self._put(Node(done.line, members=tuple(done.members)))
        else:
            self._put(Node(done.line, items=tuple(done.items)))

    def _between(self, sign: str) -> None:
        if self._deep or not self._open:
            return
        inner = self._open[-1]
        if sign == ":":
            inner.colon = inner.key is not None
        else:
            inner.key, inner.colon, inner.full = None, False, False

    def _string(self, at: int) -> int:
        match = STRING.match(self._text, at)
        if match is None:
            self._fault(BROKEN)
            end = self._text.find("\n", at)
            return len(self._text) if end < 0 else end
        text = _unquoted(match[0])
        if text is None:
            self._fault(BROKEN)
            text = ""
        if not self._deep:
            self._text_seen(text[:TEXT_LIMIT])
        return match.end()

    def _text_seen(self, text: str) -> None:
        """A string is a key where an object waits for one, else a value."""
        inner = self._open[-1] if self._open else None
        if inner is not None and inner.is_object and not inner.colon:
            if inner.key is not None or inner.full:
                self._fault(BROKEN)
            inner.key, inner.full = text, False
            return
        self._put(Node(self._line, text))

    def _scalar(self, at: int) -> int:
        match = SCALAR.match(self._text, at)
        if match is None or (match[0][0] not in "-0123456789" and match[0] not in WORDS):
            self._fault(BROKEN)
            return max(_end(RESUME, self._text, at), at + 1)
        if not self._deep:
            word = match[0]
            self._put(Node(self._line, WORDS[word] if word in WORDS else float(word)))
        return match.end()

    def _put(self, node: Node) -> None:
        """Puts a finished value where it belongs."""
        self._nodes += 1
        if not self._open:
            self.root = self.root or node
            return
        inner = self._open[-1]
        if inner.full:
            self._fault(BROKEN)
        inner.full = True
        if not inner.is_object:
            inner.items.append(node)
        elif inner.key is not None and inner.colon:
            if inner.key in inner.names:
                self._fault(TWICE)
            inner.names.add(inner.key)
            inner.members.append((inner.key, node))
            inner.key, inner.colon = None, False
        else:
            self._fault(BROKEN)

    def _fault(self, why: str, kind: GapKind = GapKind.FAILED) -> None:
        self.faults.setdefault(why, Fault(self._line, why, kind))


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _unquoted(token: str) -> str | None:
    """The text of a string; a lone surrogate in it is replaced, since no output takes it."""
    if "\\" not in token:
        return token[1:-1]
    try:
        text: str = json.loads(token, strict=False)
    except ValueError:
        return None
    return text.encode("utf-8", "replace").decode()


# --- TOML

TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
TABLE_LIMIT = 2_000
DOTS = 100  # in one key; the parser takes them with the square of their number


def _toml(text: str, check: Callable[[], None]) -> Parsed:
    """The tree of a TOML text; of a broken one, the tables that are whole by themselves."""
    whole = _loaded(text)
    if whole is not None:
        return Parsed(whole)
    members: list[tuple[str, Node]] = []
    for start, part in _tables(text):
        check()
        node = _loaded(part, text.count("\n", 0, start))
        members.extend(node.pairs if node is not None else ())
    fault = Fault(1, "is no whole TOML; the tables that could be read were taken")
    return Parsed(_joined(Node(1, members=tuple(members))), (fault,))


def _tables(text: str) -> Iterator[tuple[int, str]]:
    starts = [0, *(match.start() for match in islice(TABLE.finditer(text), TABLE_LIMIT)), len(text)]
    for start, end in pairwise(starts):
        yield start, text[start:end]


def _joined(node: Node, depth: int = 0) -> Node:
    """Objects that stand under one key in several tables, as one."""
    groups: dict[str, list[Node]] = {}
    for name, each in node.pairs:
        groups.setdefault(name, []).append(each)
    members = []
    for name, group in groups.items():
        one = group[-1]
        if len(group) > 1 and depth < 4 and all(each.members is not None for each in group):
            merged = tuple(pair for each in group for pair in each.pairs)
            one = _joined(Node(group[0].line, members=merged), depth + 1)
        members.append((name, one))
    return Node(node.line, members=tuple(members))


def _loaded(text: str, before: int = 0) -> Node | None:
    if text.count("\n[") > TABLE_LIMIT or any(line.partition("=")[0].count(".") > DOTS for line in text.splitlines()):
        return None
    try:
        told = tomllib.loads(text)
        return _node(told, (), _lines(text, before), before + 1, 0)
    except (ValueError, RecursionError):  # its message quotes the text
        return None


def _lines(text: str, before: int) -> dict[tuple[str, ...], int]:
    """The line of each key and table; a table that is only implied begins with the first that lies in it."""
    lines: dict[tuple[str, ...], int] = {}
    for each in statements(text):
        line = each.line + before
        if isinstance(each, Header):
            lines[each.path] = line
        for end in range(1, min(len(each.path), DEPTH_LIMIT) + 1):
            lines.setdefault(each.path[:end], line)
    return lines


def _node(told: object, path: tuple[str, ...], lines: dict[tuple[str, ...], int], line: int, depth: int) -> Node:
    line = lines.get(path, line)
    if depth >= DEPTH_LIMIT:
        return Node(line)
    match told:
        case dict():
            pairs = ((name, _node(each, (*path, name), lines, line, depth + 1)) for name, each in told.items())
            return Node(line, members=tuple(pairs))
        case list():
            return Node(line, items=tuple(_node(each, (), {}, line, depth + 1) for each in told))
        case bool() | str():
            return Node(line, told[:TEXT_LIMIT] if isinstance(told, str) else told)
        case int() | float():
            return Node(line, float(told) if abs(told) < 1e300 else None)
        case _:
            return Node(line, str(told))


# --- YAML


def _yaml(text: str, check: Callable[[], None]) -> Parsed:
    """The tree of the first document; `yes` and `on` stay texts, as they are for most that read settings."""
    from probes import yaml_text  # of no use where no agent writes YAML

    check()
    read = yaml_text.parse(text)
    check()
    faults = [Fault(each.line, TWICE if each.why.endswith(LATER) else each.why, each.kind) for each in read.faults]
    if len(read.documents) > 1:
        faults.append(Fault(read.documents[1].line, "has more than one document; only the first was taken"))
    if read.root is None:
        return Parsed(None, tuple(faults))
    root, deep = _of_yaml(read.root, 0)
    if deep is not None:
        why = f"is nested deeper than {DEPTH_LIMIT}; what lies there was left out"
        faults.append(Fault(deep, why, GapKind.LIMIT))
    return Parsed(root, tuple(faults))


def _of_yaml(told: "yaml_text.Node", depth: int) -> tuple[Node, int | None]:
    """A node, and the line of the first that lies too deep; no text has many, aliases followed."""
    if depth > DEPTH_LIMIT:
        return Node(told.line), told.line
    match told.content:
        case dict() as pairs:
            found = [(name, _of_yaml(each, depth + 1)) for name, each in pairs.items()]
            node = Node(told.line, members=tuple((name, each) for name, (each, _) in found))
            return node, next((deep for _, (_, deep) in found if deep is not None), None)
        case tuple() as nodes:
            items = [_of_yaml(each, depth + 1) for each in nodes]
            node = Node(told.line, items=tuple(each for each, _ in items))
            return node, next((deep for _, deep in items if deep is not None), None)
        case _:
            return Node(told.line, _scalar(told)), None


def _scalar(told: "yaml_text.Node") -> str | float | bool | None:
    match told.value():
        case bool() as flag:
            return flag
        case str() as text:
            return text[:TEXT_LIMIT]
        case int() | float() as number:
            return float(number)
        case _:
            return None
