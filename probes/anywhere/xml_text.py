"""XML by its tags alone: no document type is read, no entity made, nothing fetched; an open end ends with the text."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import PurePath

from msgspec import Struct, field

from probes.anywhere.documents import LOGINS
from probes.anywhere.likely import Manner
from probes.anywhere.naming import leftover, pair
from probes.anywhere.reading import Read
from scanner.secrets import Pair

TAG = re.compile(
    r"<(?:!--(?P<remark>(?:[^-]++|-(?!->))*+)(?:-->)?|!\[CDATA\[(?P<data>(?:[^\]]++|\](?!\]>))*+)(?:\]\]>)?|[!?](?P<told>[^>]*+)>?"
    r"|/(?P<ends>[\w:.-]{1,200})[^<>]*+>|(?P<begins>[\w:.-]{1,200})(?P<rest>[^<>]*+)>)"
)
ATTRIBUTE = re.compile(r"""([\w:.-]{1,200}+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)')""")
DEPTH_LIMIT = 100
TAG_LIMIT = 200_000
OF_LISTS = frozenset({"string", "data"})  # what a `<key>` of a property list names
NAMES = ("key", "name", "Name", "Key", "id", "Include")
VALUES = ("value", "Value")


def read(text: str, path: PurePath) -> Read:
    """Elements and attributes as pairs."""
    pairs = tuple(_Reading(text, path).pairs())
    return Read(pairs, leftover(text, pairs))


class _Element(Struct):
    """An element that is open: its name or what it names itself, where its text begins, and the text."""

    keys: tuple[str, ...]
    start: int
    line: int
    texts: list[str] = field(default_factory=list)
    has_children: bool = False


class _Reading:
    def __init__(self, text: str, path: PurePath) -> None:
        self._text = text
        self._path = path
        self._manner = Manner.VARIABLE if LOGINS.match(path.name) else Manner.DOCUMENT
        self._seals_passwords = path.name.casefold() == "nuget.config"
        self._open: list[_Element] = []
        self._deeper = 0
        self._named = ""  # by the `<key>` before, as property lists write it
        self._line, self._counted = 1, 0

    def pairs(self) -> Iterator[Pair]:
        """All pairs in their order."""
        end = 0
        for count, match in enumerate(TAG.finditer(self._text)):
            if count >= TAG_LIMIT:
                return
            if self._open:
                self._open[-1].texts.append(self._text[end : match.start()])
            end = match.end()
            if match["begins"] is not None:
                yield from self._begins(match)
            elif match["ends"] is not None:
                yield from self._ends()
            elif match["data"] is not None and self._open:
                self._open[-1].texts.append(match["data"])

    def _begins(self, match: re.Match[str]) -> Iterator[Pair]:
        line = self._line_of(match.start())
        told = {name: unescape(double or single) for name, double, single in ATTRIBUTE.findall(match["rest"])}
        name = next((told[each] for each in NAMES if told.get(each)), "")
        parents = self._open[-1].keys[-2:] if self._open else ()
        tag = match["begins"].rpartition(":")[2]
        for each, value in told.items():
            if each in VALUES and name:
                yield from self._pair((*parents, name), value, line)
            elif each not in NAMES:
                yield from self._pair((*parents, tag, each), value, line)
        if match["rest"].endswith("/"):
            return
        if self._open:
            self._open[-1].has_children = True
        if len(self._open) >= DEPTH_LIMIT:
            self._deeper += 1
        else:
            self._open.append(_Element((*parents, name or tag), match.end(), line))

    def _ends(self) -> Iterator[Pair]:
        if self._deeper:
            self._deeper -= 1
        elif self._open:
            done = self._open.pop()
            if not done.has_children:
                yield from self._text_of(done)

    def _text_of(self, done: _Element) -> Iterator[Pair]:
        text = "".join(done.texts)
        told = unescape(text.strip())
        named, self._named = self._named, told if done.keys[-1] == "key" else ""
        keys = (*done.keys[:-1], named) if named and done.keys[-1] in OF_LISTS else done.keys
        if done.keys[-1] != "key":
            skipped = text[: len(text) - len(text.lstrip())].count("\n")
            yield from self._pair(keys, told, self._line_of(done.start) + skipped)

    def _pair(self, keys: tuple[str, ...], value: str, line: int) -> Iterator[Pair]:
        if self._seals_passwords and keys[-1] == "Password":
            return
        found = pair(keys, value, self._path, line, self._manner)
        if found is not None:
            yield found

    def _line_of(self, at: int) -> int:
        if at < self._counted:
            self._line -= self._text.count("\n", at, self._counted)
        else:
            self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line
