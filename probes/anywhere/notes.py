"""Notes, mails and instructions: what they assign, what their tables list, and what their sentences name a secret.

A sentence counts only where what it names looks drawn at random or made up as a password; the word must stand shortly
before it. Of the many sentences about passwords and tokens nothing is left then.
"""

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import PurePath

from probes.anywhere import assigned
from probes.anywhere.likely import Manner, plausible
from probes.anywhere.naming import leftover
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from scanner.model import Evidence
from scanner.patterns import Pattern
from scanner.secrets import Pair

LINE_LIMIT = 4_000
MOST = 2_000  # secrets of one file
SAYS = Pattern(r"(?i)pass|pwd|kennwort|token|secret|\bkey\b|\blogin\b|credential|\bpat\b|bearer")
PASSWORD = Pattern(
    r"(?i)\b(?:password|passphrase|passwd|passwort|kennwort|pwd|pass|pw)\b(?:[ ]{1,4}[a-z]{2,12}){0,4}?"
    r"(?:[ ]{1,4}is[ ]{0,4}:?|[ ]{0,4}[:=]|[ ]{1,4}(?:->|-|\u2013|\u2014))[ ]{0,8}[`\"'*]{0,3}"
    r"([^\s`\"'<>|]{8,100})(?=[`\"'*|]|\s|$)"
)
TOKEN = Pattern(
    r"(?i)\b(token|secret|api[ _-]?key|access[ _-]?key|key|pat|bearer)\b(?:[ ]{1,4}[a-z]{1,12}){0,6}?[ ]{0,4}"
    r"(?:is\b|[:=]|->)?[ ]{0,4}[`\"'(*]{0,3}([A-Za-z0-9][\w+/=~-]{19,300})(?=[`\"')*.,;|]|\s|$)"
)
LOGIN = Pattern(
    r"(?i)\b(?:login|credentials?|account|user(?:name)?)\b[^\n/:=]{0,30}[:=][ ]{0,4}"
    r"[`\"']?[\w.@-]{2,60}[`\"']?[ ]{0,2}/[ ]{0,2}[`\"']?([^\s/`\"'|]{8,100})(?=[`\"'|]|\s|$)"
)
UUID = Pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
COLUMN = Pattern(
    r"(?i)[\W_]{0,8}(?:(?:login|current|old|new)[ _-])?"
    r"(password|passwort|passwd|pass|pwd|kennwort|secret|token|api[ _-]?key)[\W_]{0,8}"
)
LEAST = 6  # characters of what stands in a table
DIGITS, LETTERS = 2, 2  # at least, of what counts as made up
TABLES = frozenset({".csv", ".tsv", ".txt"})


def read(text: str, path: PurePath) -> Read:
    """The secrets that a text for people holds."""
    found: dict[tuple[str, int | None], Pair] = {}
    for each in islice(_pairs(text, path), MOST):
        found.setdefault((each.value, each.evidence.line), each)
    pairs = tuple(sorted(found.values(), key=lambda each: each.evidence.line or 0))
    return Read(pairs, plain(leftover(text, pairs)))


def _pairs(text: str, path: PurePath) -> Iterator[Pair]:
    yield from _listed(text, path)
    for each in assigned.pairs(text, path.with_name("notes.md")):
        yield Pair(each.name, each.value, assigned.moved(each.evidence, path, each.evidence.line or 1))
    for number, line in _telling(text):
        for name, value in _said(line):
            yield Pair(name, value, Evidence(path, number))


def _telling(text: str) -> Iterator[tuple[int, str]]:
    """The lines in which a word for secrets stands, with their numbers."""
    number, at = 1, 0
    for match in SAYS.finditer(text):
        if match.start() < at:
            continue
        start = text.rfind("\n", 0, match.start()) + 1
        number += text.count("\n", at, start)
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield number, text[start : min(end, start + LINE_LIMIT)]
        number, at = number + 1, end + 1


def _said(line: str) -> Iterator[tuple[str, str]]:
    """What a sentence names as a password, a token or a login."""
    for match in PASSWORD.finditer(line):
        if _is_made_up(match[1]):
            yield "password", _without_end(match[1])
    for match in LOGIN.finditer(line):
        if _is_made_up(match[1]):
            yield "login.password", _without_end(match[1])
    for match in TOKEN.finditer(line):
        if _is_drawn(match[2]):
            yield f"{match[1].lower().replace(' ', '_')}.secret", match[2]


def _without_end(value: str) -> str:
    """A value without the comma of its sentence; a full stop may be a part of it."""
    return value.rstrip(",;)")


def _is_made_up(value: str) -> bool:
    """Whether a text could be a password that somebody told, rather than the next word of a sentence."""
    if "://" in value or value[0] in "$<{[(/~%&*." or "…" in value or "**" in value or value.endswith("("):
        return False
    if not any(sign.isalpha() for sign in value) or not any(sign.isdigit() for sign in value):
        return False
    return plausible("password", _without_end(value), Manner.CODE)


def _is_drawn(value: str) -> bool:
    digits = sum(map(str.isdigit, value))
    letters = sum(map(str.isalpha, value))
    if digits < DIGITS or letters < LETTERS or UUID.fullmatch(value) is not None:
        return False
    return len(set(value)) >= len(value) ** 0.5 + 3 and plausible("token", value, Manner.CODE)


def _listed(text: str, path: PurePath) -> Iterator[Pair]:
    """The columns of tables whose heads say that they hold passwords or tokens."""
    lines = text.split("\n")
    head: dict[int, str] = {}
    mark = ""
    for number, line in enumerate(lines, start=1):
        sign = _mark(line, number, path)
        if not sign or sign != mark:
            cells = _cells(line, sign) if sign else []
            told = {at: match[1] for at, cell in enumerate(cells) if (match := COLUMN.fullmatch(cell)) is not None}
            head, mark = (told, sign) if told and len(cells) > 1 else ({}, "")
            continue
        cells = _cells(line, sign)
        for at, name in head.items():
            if at < len(cells) and len(cells[at]) >= LEAST and plausible("password", cells[at], Manner.CODE):
                yield Pair(f"listed.{name.lower().replace(' ', '_')}", cells[at], Evidence(path, number))


def _mark(line: str, number: int, path: PurePath) -> str:
    """What parts the cells of a line, empty where it is none of a table."""
    if line.lstrip().startswith("|"):
        return "|"
    if path.suffix.lower() not in TABLES:
        return ""
    return next((sign for sign in ",;\t" if sign in line), "")


def _cells(line: str, sign: str) -> Sequence[str]:
    line = line[:LINE_LIMIT]
    if sign == "|":
        return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=sign), [])]
    except csv.Error:
        return line.split(sign)
