"""Java's properties: keys with dots, escapes, and lines that go on."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from probes.anywhere.documents import LOGINS
from probes.anywhere.likely import Manner
from probes.anywhere.naming import leftover, pair
from probes.anywhere.reading import Read
from scanner.secrets import Pair

ENTRY = re.compile(r"[ \t\f]*+[#!]?[ \t\f]*+((?:[^\s=:\\]|\\.){1,200}+)[ \t\f]*+(?:[=:][ \t\f]*+|(?<=[ \t\f]))([^\n]*)")
ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
SIGNS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f"}
GOES_ON = re.compile(r"(?<!\\)(?:\\\\)*+\\$")
JOINED = 100  # lines that one value may go on over


def read(text: str, path: PurePath) -> Read:
    """The entries of a file."""
    pairs = tuple(_pairs(text, path))
    return Read(pairs, leftover(text, pairs))


def _pairs(text: str, path: PurePath) -> Iterator[Pair]:
    manner = Manner.VARIABLE if LOGINS.match(path.name) else Manner.DOCUMENT
    for number, line in _lines(text):
        entry = ENTRY.match(line)
        if entry is None:
            continue
        keys = tuple(part for part in _unescaped(entry[1]).split(".") if part)
        found = pair(keys, _unescaped(entry[2].strip()), path, number, manner)
        if found is not None:
            yield found


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each logical line with the number of its first."""
    held: list[str] = []
    first = 1
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r")
        first = first if held else number
        held.append(line.lstrip(" \t\f") if held else line)
        if line.endswith("\\") and GOES_ON.search(line[-200:]) is not None and len(held) < JOINED:
            held[-1] = held[-1][:-1]
            continue
        yield first, "".join(held)
        held = []
    if held:
        yield first, "".join(held)


def _unescaped(written: str) -> str:
    return ESCAPE.sub(_sign, written) if "\\" in written else written


def _sign(match: re.Match[str]) -> str:
    sign = match[1]
    return chr(int(sign[1:], 16)) if len(sign) == 5 else SIGNS.get(sign, sign)
