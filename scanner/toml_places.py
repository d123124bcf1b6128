"""Where things stand in a TOML text: tomllib says what a file holds, this says at which line and byte."""

import re
import tomllib
from collections.abc import Iterator

from msgspec import Struct

PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
KEY = re.compile(rf"{PART}(?:[ \t]*\.[ \t]*{PART})*")
# A value is read piece by piece; a string may end with up to two quotes more than the three that close it.
PIECE = re.compile(
    r'''"""(?:\\.|[^\\])*?"""(?:"{0,2})|\'\'\'.*?\'\'\'(?:'{0,2})|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|'''
    r"""#[^\n]*|[\[{\]}\n]|[^"'#\[\]{}\n]+""",
    re.DOTALL,
)
BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
SPACE = re.compile(r"[ \t]*")


class Header(Struct, frozen=True):
    """A line `[table]`, or `[[table]]` with its number among those of its name; `end` is behind its line."""

    path: tuple[str, ...]
    index: int | None
    line: int
    end: int


class Pair(Struct, frozen=True):
    """A line `key = value`: its whole path, the header it stands under, and where its value begins and ends."""

    path: tuple[str, ...]
    header: Header | None
    line: int
    value: slice
    end: int


def statements(text: str) -> Iterator[Header | Pair]:
    """The headers and pairs of a text that tomllib accepts, in order."""
    header: Header | None = None
    counts: dict[tuple[str, ...], int] = {}
    line, counted = 1, 0
    at = _behind(BLANK, text, 0)
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        if text[at] == "[":
            many = text.startswith("[[", at)
            path, _ = _key(text, at + 1 + many)
            if many:
                counts[path] = counts.get(path, -1) + 1
            header = Header(path, counts[path] if many else None, line, _line_end(text, at))
            yield header
            at = header.end
        else:
            path, at = _key(text, at)
            value = _value(text, _behind(SPACE, text, text.index("=", at) + 1))
            end = _line_end(text, value.stop)
            yield Pair((*(header.path if header else ()), *path), header, line, value, end)
            at = end
        at = _behind(BLANK, text, at)


def quoted(text: str) -> str:
    """The text as a TOML basic string, right as a key and as a value. Raises ValueError for a lone surrogate."""
    text.encode()  # UnicodeEncodeError is a ValueError
    return (
        '"' + re.sub(r'[\x00-\x1f\x7f-\x9f"\\\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]', _escape, text) + '"'
    )


def _escape(match: re.Match[str]) -> str:
    return f"\\{match[0]}" if match[0] in '"\\' else f"\\u{ord(match[0]):04x}"


def _behind(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    return match.end() if match is not None else at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _key(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """The parts of the dotted key that begins here, and where it ends."""
    match = KEY.match(text, _behind(SPACE, text, at))
    if match is None:
        raise ValueError("no key where tomllib found one")
    parts: list[str] = []
    table: object = tomllib.loads(match[0] + "=0")
    while isinstance(table, dict):
        [(part, table)] = table.items()
        parts.append(part)
    return tuple(parts), match.end()


def _value(text: str, start: int) -> slice:
    """The extent of the value that begins here, without the blanks and the comment behind it."""
    depth, at, end = 0, start, start
    while at < len(text):
        match = PIECE.match(text, at)
        if match is None:
            raise ValueError("no value where tomllib found one")
        piece, at = match[0], match.end()
        if piece == "\n" and not depth:
            break
        if piece[0] in "#\n":
            continue
        depth += (piece in "[{") - (piece in "]}")
        end = match.start() + len(piece.rstrip())
    return slice(start, end)
