"""TOML read statement by statement, so that a broken one costs itself alone."""

import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import ClassVar

from probes.anywhere.documents import read_under
from probes.anywhere.json_document import Building, text_of
from probes.anywhere.reading import Read
from probes.yaml_text import Node
from scanner.model.value import Value

PART = r"""(?:[A-Za-z0-9_-]{1,100}+|"[^"\n\\]{0,200}+"|'[^'\n]{0,200}+')"""
KEYS = rf"{PART}(?:[ \t]{{0,8}}\.[ \t]{{0,8}}{PART}){{0,20}}"
BLANK = re.compile(r"(?:[ \t\r\n\ufeff]++|#[^\n]*+)*+")
HEADER = re.compile(rf"\[\[?[ \t]*+({KEYS})[ \t]*+\]")
KEY = re.compile(rf"({KEYS})[ \t]*+=[ \t]*+")
EACH = re.compile(PART)
TOKEN = re.compile(
    r'''"""(?P<block>(?:[^"\\]++|\\.|"(?!""))*+)(?:""")?|\'\'\'(?P<literal>(?:[^']++|'(?!''))*+)(?:\'\'\')?|'''
    r""""(?P<double>(?:[^"\\\n]++|\\.)*+)"?|'(?P<single>[^'\n]*+)'?|(?P<remark>\#[^\n]*+)|"""
    r"""(?P<opens>[{\[])|(?P<closes>[}\]])|(?P<sign>[=,])|(?P<word>[^\s{}\[\]=,"'#]++)""",
    re.DOTALL,
)
STATEMENTS = 50_000


def read(text: str, path: PurePath) -> Read:
    """The pairs of a TOML text."""
    return read_under(text, path, statements(text))


def statements(text: str) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Each value with its keys, those of its table first."""
    table: tuple[str, ...] = ()
    reading = _Values(text)
    at = 0
    for _ in range(STATEMENTS):
        at = _behind(BLANK, text, at)
        header, key = HEADER.match(text, at), KEY.match(text, at)
        if header is not None:
            table, at = _parts(header[1]), header.end()
        elif key is not None:
            taken = reading.value(key.end())
            if taken.node is not None:
                yield (*table, *_parts(key[1])), taken.node
            at = taken.end
            continue
        elif at >= len(text):
            return
        at = _line_end(text, at)


def _parts(written: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in EACH.findall(written))


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


class _Taken(Value, frozen=True):
    """A value, None where there is none, and where the reading goes on."""

    concealed: ClassVar[frozenset[str]] = frozenset({"node"})

    node: Node | None
    end: int


class _Values:
    """Reads values of one text; once a bracket was never closed none is followed over lines again."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line, self._counted = 1, 0
        self._nested = True

    def value(self, at: int) -> _Taken:
        """The value that begins there."""
        text = self._text
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup in {"remark", "closes", "sign"}:
            return _Taken(None, _line_end(text, at))
        if match.lastgroup != "opens":
            return _Taken(self._scalar(match), _line_end(text, match.end()))
        if not self._nested:
            return _Taken(None, _line_end(text, at))
        found = self._collection(at)
        self._nested = found is not None
        return found or _Taken(None, _line_end(text, at))

    def _scalar(self, match: re.Match[str]) -> Node:
        kind = match.lastgroup or ""
        written = match[kind]
        line = self._line_of(match.start())
        if kind in {"block", "literal"} and written.startswith("\n"):
            line, written = line + 1, written[1:]
        return Node(line, text_of(written) if kind in {"double", "block"} else written, plain=kind == "word")

    def _collection(self, at: int) -> _Taken | None:
        building = Building()
        depth = 0
        for match in TOKEN.finditer(self._text, at):
            match match.lastgroup:
                case "opens":
                    depth += 1
                    building.opens(match["opens"] == "{", self._line_of(match.start()))
                case "closes":
                    depth -= 1
                    building.closes()
                case "sign":
                    building.sign(":" if match["sign"] == "=" else ",")
                case "remark":
                    continue
                case _:
                    building.value(self._scalar(match))
            if depth == 0:
                break
        if depth:
            return None
        nodes = building.finished()
        return _Taken(nodes[0] if nodes else None, _line_end(self._text, match.end()))

    def _line_of(self, at: int) -> int:
        if at < self._counted:  # a bracket that was never closed has been read ahead
            self._line, self._counted = 1, 0
        self._line += self._text.count("\n", self._counted, at)
        self._counted = at
        return self._line
