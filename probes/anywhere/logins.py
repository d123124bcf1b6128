"""Files of logins: `.netrc`, and libpq's `.pgpass`."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from probes.anywhere.naming import leftover
from probes.anywhere.reading import Read
from scanner.model import Evidence
from scanner.secrets import Pair

MACHINE = re.compile(
    r"\b(?:machine[ \t\r\n]{1,40}(?P<host>\S{1,255})|default)"
    r"(?P<rest>(?:[ \t\r\n]{1,40}(?:login|user|account|password|passwd|port)"
    r"[ \t\r\n]{1,40}\S{1,400})+)"
)
WORD = re.compile(r"(login|user|account|password|passwd|port)[ \t\r\n]{1,40}(\S{1,400})")
FIELD = re.compile(r"(?:[^:\\\n]|\\.){0,400}+")
NAMES = ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD")
HOST = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,60}")


def read_netrc(text: str, path: PurePath) -> Read:
    """The logins of a `.netrc`: each machine's are told by its name."""
    pairs = tuple(_machines(text, path))
    return Read(pairs, leftover(text, pairs))


def _machines(text: str, path: PurePath) -> Iterator[Pair]:
    line, counted = 1, 0
    for match in MACHINE.finditer(text):
        host = match["host"] or "default"
        for told in WORD.finditer(match["rest"]):
            at = match.start("rest") + told.start(2)
            line, counted = line + text.count("\n", counted, at), at
            yield _pair(host, told[1].replace("passwd", "password"), told[2].strip("\"'"), Evidence(path, line))


def read_pgpass(text: str, path: PurePath) -> Read:
    """The lines of a `.pgpass`: host, port, database, user and password with colons between."""
    pairs = tuple(_rows(text, path))
    return Read(pairs, leftover(text, pairs))


def _rows(text: str, path: PurePath) -> Iterator[Pair]:
    for number, line in enumerate(text.split("\n"), start=1):
        fields = _fields(line.strip()) if not line.lstrip().startswith("#") else []
        if len(fields) == len(NAMES):
            for name, value in zip(NAMES, fields, strict=True):
                yield _pair(fields[0], name, value, Evidence(path, number))


def _fields(line: str) -> list[str]:
    """What stands between the colons; the last field holds all the rest."""
    fields: list[str] = []
    at = 0
    while len(fields) < len(NAMES) - 1:
        match = FIELD.match(line, at)
        if match is None or line[match.end() : match.end() + 1] != ":":
            return []
        fields.append(match[0].replace("\\", ""))
        at = match.end() + 1
    return [*fields, re.sub(r"\\([:\\])", r"\1", line[at:])]


def _pair(host: str, name: str, value: str, place: Evidence) -> Pair:
    """The pair of one login, behind the host's name so that several in a file stay apart."""
    named = f"{host}.{name}" if HOST.fullmatch(host) else name
    return Pair(named, value, Evidence(place.path, place.line, named))
