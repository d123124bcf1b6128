"""A line that somebody typed into a shell as the words that its programs got; nothing of it is run or filled in."""

import re
from collections.abc import Iterator
from typing import ClassVar

from scanner.model.value import Value
from scanner.patterns import Pattern

LINE_LIMIT = 16 * 1024  # characters of a line that are looked at
NESTING = 2
FILLED_IN = "\0"  # stands for what a shell would put in: a variable, the output of a command

INNER = r"\$\((?P<inner>(?:[^()]|\([^()]*\))*+)\)|\$\{[^{}]*\}|\$[A-Za-z_][\w:]*"
TICKED = r"`(?P<ticked>[^`]*)`|\$[0-9@*\#?!-]"
AROUND = r"(?P<gap>[ \t\r\f\v]+)|(?P<next>\|\||&&|[;|&\n])|(?P<single>'[^']*')"
POSIX = Pattern(
    rf"""{AROUND}|\$'(?P<ansi>(?:[^'\\]|\\.)*+)'|"(?P<double>(?:[^"\\]|\\.)*+)"
    |(?P<filled>{INNER}|{TICKED})|\\(?P<escaped>.)|(?P<bare>[^\s'"\\;|&`$]+)|(?P<any>.)""",
    re.VERBOSE | re.DOTALL,
)
POSIX_DOUBLE = Pattern(rf"{INNER}|{TICKED}|\\(?P<escaped>[$`\"\\\n])", re.DOTALL)
# PowerShell and cmd: a backslash is a sign like others, and a backtick takes the meaning off the next.
WINDOWS = Pattern(
    rf"""{AROUND}|(?P<ansi>(?!))|"(?P<double>(?:[^"`]|`.)*+)"
    |(?P<filled>{INNER}|(?P<ticked>(?!))|%[A-Za-z_]\w*%)|`(?P<escaped>.)|(?P<bare>[^\s'"`;|&$%]+)|(?P<any>.)""",
    re.VERBOSE | re.DOTALL,
)
WINDOWS_DOUBLE = Pattern(rf"{INNER}|(?P<ticked>(?!))|`(?P<escaped>.)", re.DOTALL)


class Command(Value, frozen=True):
    """The words of one simple command; `piped`: it reads what the one before it says."""

    concealed: ClassVar[frozenset[str]] = frozenset({"words"})

    words: tuple[str, ...]
    piped: bool = False


def commands(line: str, *, windows: bool = False, nesting: int = NESTING) -> Iterator[Command]:
    """The simple commands of a line, those of its substitutions too; of a very long line those of its beginning."""
    pieces, double = (WINDOWS, WINDOWS_DOUBLE) if windows else (POSIX, POSIX_DOUBLE)
    words: list[str] = []
    word: str | None = None
    piped = False
    for piece in pieces.finditer(line[:LINE_LIMIT]):
        if piece["gap"] is None and piece["next"] is None:
            word = (word or "") + _text(piece, double)
            for inner in _inner(piece, double) if nesting else ():
                yield from commands(inner, windows=windows, nesting=nesting - 1)
            continue
        if word is not None:
            words.append(word)
            word = None
        if piece["next"] is not None:
            if words:
                yield Command(tuple(words), piped)
            words, piped = [], piece["next"] == "|"
    if word is not None:
        words.append(word)
    if words:
        yield Command(tuple(words), piped)


def _text(piece: re.Match[str], double: Pattern[str]) -> str:
    """What a piece of a word stands for."""
    if piece["filled"] is not None:
        return FILLED_IN
    if piece["single"] is not None:
        return piece["single"][1:-1]
    if piece["double"] is not None:
        return double.sub(lambda found: found["escaped"] or FILLED_IN, piece["double"])
    return piece["ansi"] or piece["escaped"] or piece["bare"] or piece["any"] or ""


def _inner(piece: re.Match[str], double: Pattern[str]) -> Iterator[str]:
    """The command lines within a piece, whose output would be put in."""
    yield from (text for text in (piece["inner"], piece["ticked"]) if text)
    for found in double.finditer(piece["double"] or ""):
        yield from (text for text in (found["inner"], found["ticked"]) if text)
