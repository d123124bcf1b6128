"""HCL: the texts that terraform's code and its files of variables set, by the blocks they stand in."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.anywhere.documents import NAMES, VALUES, read_under
from probes.anywhere.json_document import text_of
from probes.anywhere.reading import Read
from probes.yaml_text import Node

TOKEN = re.compile(
    r"""(?P<line>\n)|(?P<remark>(?:\#|//)[^\n]*+|/\*(?:[^*]++|\*(?!/))*+(?:\*/)?)|"(?P<text>(?:[^"\\\n]++|\\.)*+)"?
    |<<[-~]?(?P<mark>[A-Za-z_]\w{0,60})[ \t\r]*+\n
    |(?P<word>[A-Za-z_][\w.-]*+)|(?P<opens>[{\[(])|(?P<closes>[}\])])|(?P<sign>[=:,])""",
    re.VERBOSE,
)
TOKEN_LIMIT = 200_000
DEPTH_LIMIT = 60
WORD_LIMIT = 8


def read(text: str, path: PurePath) -> Read:
    """The pairs of an HCL text; a variable's default stands under the variable's name."""
    return read_under(text, path, _settings(text))


class _Open(Struct):
    """A block or list, and what names what stands in it."""

    keys: tuple[str, ...] = ()
    is_block: bool = True
    words: list[str] = field(default_factory=list)
    name: str = ""
    named: str = ""


def _settings(text: str) -> Iterator[tuple[tuple[str, ...], Node]]:
    stack = [_Open()]
    line, counted, at = 1, 0, 0
    for _ in range(TOKEN_LIMIT):
        match = TOKEN.search(text, at)
        if match is None:
            return
        at = match.end()
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        inner = stack[-1]
        match match.lastgroup:
            case "text":
                if inner.name or not inner.is_block:
                    yield _keys(inner), Node(line, text_of(match["text"]))
                _worded(inner, match["text"])
                inner.named = match["text"] if inner.name in NAMES else inner.named
            case "mark":
                end = _heredoc_end(text, at, match["mark"])
                yield _keys(inner), Node(line, text[at:end])
                at = end
            case "word":
                _worded(inner, match["word"])
            case "line":
                if inner.is_block:
                    inner.words, inner.name = [], ""
            case "sign":
                _signed(inner, match["sign"])
            case "opens":
                _opened(stack, match["opens"])
            case "closes" if len(stack) > 1:
                stack.pop()


def _worded(inner: _Open, word: str) -> None:
    if len(inner.words) < WORD_LIMIT:
        inner.words.append(word)


def _signed(inner: _Open, sign: str) -> None:
    if sign == ",":
        inner.words, inner.name = [], inner.name if not inner.is_block else ""
    elif inner.words and not inner.name:
        inner.name, inner.words = inner.words[-1], []


def _opened(stack: list[_Open], bracket: str) -> None:
    inner = stack[-1]
    named = (inner.name,) if inner.name else tuple(inner.words)
    keys = (*inner.keys, *named)[-WORD_LIMIT:]
    if len(stack) < DEPTH_LIMIT:
        is_block = bracket == "{"
        stack.append(_Open(keys if is_block else inner.keys, is_block, name="" if is_block else inner.name))
    if inner.is_block:
        inner.words = []


def _keys(inner: _Open) -> tuple[str, ...]:
    """The keys of a value: `variable "x" { default = ... }` sets x."""
    if len(inner.keys) == 2 and inner.keys[0] == "variable" and inner.name == "default":
        return (inner.keys[1],)
    if inner.named and inner.name in VALUES:
        return (*inner.keys, inner.named)
    return (*inner.keys, inner.name) if inner.name else inner.keys


def _heredoc_end(text: str, at: int, mark: str) -> int:
    found = re.compile(rf"^[ \t]*{mark}\b", re.MULTILINE).search(text, at)
    return found.start() if found is not None else len(text)
