"""Settings line by line: INI, `.npmrc`, `.my.cnf`, `.pypirc`, rclone's and their kin, with or without sections."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath

from probes.anywhere.documents import LOGINS, curated
from probes.anywhere.likely import Manner
from probes.anywhere.naming import leftover, pair
from probes.anywhere.reading import Read
from scanner.model import Evidence
from scanner.secrets import Pair
from scanner.shapes import unwrapped

HEADER = re.compile(r"\[\[?([^\]\[]{1,200})\]")
EQUAL = re.compile(r"(?:export[ \t]{1,8}|set[ \t]{1,8})?([^=\s][^=]{0,250}?)[ \t]{0,40}=(.*)")
COLON = re.compile(r"([^:\s][^:]{0,120}?)[ \t]{0,40}:[ \t]{1,40}(.*)")
SPACED = re.compile(r"([A-Za-z][\w.-]{0,80})[ \t]{1,40}(\S.*)")
# `proxy_set_header X-Token value;`, `RequestHeader set X-Token "value"`, `http-request set-header X-Token value`
HEADING = re.compile(
    r"(?i)[\w-]*header[\w-]*[ \t]{1,40}(?:(?:always[ \t]+)?(?:set|add|append)[ \t]{1,40})?"
    r"([A-Za-z][\w-]{1,80})[ \t]{1,40}(\"[^\"]{1,2000}\"|'[^']{1,2000}'|[^\s;\"']{1,2000});?"
)
# `db1 ansible_user=ada ansible_password=X`: several settings behind a word, or behind each other
SEVERAL = re.compile(r"""(?<![^\s,;])([A-Za-z_][\w.-]{0,80})=("[^"]{0,2000}"|'[^']{0,2000}'|[^\s"']{1,2000})""")
SAID = re.compile(
    r"""(?i)\b(password|passphrase|passwd|pass)[ \t]{1,20}("[^"]{1,400}"|'[^']{1,400}')"""
)  # in `.fetchmailrc`
HEADER_OF = re.compile(r"([A-Za-z][\w-]{1,80}):[ \t]{0,8}(.{1,4000})")  # `extraHeader = Authorization: Bearer X`
USER_OF_REDIS = re.compile(r"user[ \t]{1,20}(\S{1,80})[ \t][^>]{0,400}>(\S{1,400})")
COLUMNS = re.compile(
    r"""(\S{1,400})[ \t]{1,40}(?:\S{1,200})[ \t]{1,40}("[^"]{1,400}"|\S{1,400})(?:[ \t].*)?"""
)  # of secrets
COLUMNED = re.compile(r"(?:.*-)?secrets")
OF_PROGRAM = re.compile(r"[._]([a-z]{2,16})rc")
COMMENT = re.compile(r"[ \t][#;].*$")
MOST = 50  # settings of one line
# What the settings of a file are for, where the file says it and its keys do not
OWNERS = {".npmrc": "npm", "npmrc": "npm", ".pypirc": "twine", ".my.cnf": "mysql", "my.cnf": "mysql", ".yarnrc": "npm"}


def read(text: str, path: PurePath) -> Read:
    """The settings of a file."""
    pairs = tuple(_pairs(text, path))
    return Read(pairs, leftover(text, pairs))


def _pairs(text: str, path: PurePath) -> Iterator[Pair]:
    name = path.name.casefold()
    owner, program = OWNERS.get(name, ""), OF_PROGRAM.fullmatch(name)
    default = program[1] if program is not None else ""
    is_columned = COLUMNED.fullmatch(name) is not None
    manner = Manner.VARIABLE if LOGINS.match(path.name) else Manner.DOCUMENT
    section = ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip().lstrip("#;").lstrip()
        header = HEADER.match(line) if line.startswith("[") else None
        if header is not None:
            section = header[1].strip().replace('"', "")
            continue
        for key, value in _columns(line, path) if is_columned else _settings(line):
            keys = (owner, key.rpartition(":")[2]) if owner else (section or default, key)
            if name == "sec.conf" and section == "data":  # where WeeChat keeps what is secret, under any name
                keys = (key, "password")
            found = pair(keys, value, path, number, manner) or curated((key,), value, Evidence(path, number))
            if found is not None:
                yield found


def _columns(line: str, path: PurePath) -> Iterator[tuple[str, str]]:
    """The last column of what davfs2 and PPP keep: an address, a login and its password."""
    match = COLUMNS.fullmatch(line)
    if match is not None and "=" not in match[1]:
        yield f"{path.parent.name.lstrip('.')}.password", unwrapped(match[2])
    else:
        yield from _settings(line)


def _settings(line: str) -> Iterator[tuple[str, str]]:
    """What one line sets: mostly one value."""
    heading = HEADING.fullmatch(line) if "eader" in line else None
    if heading is not None:
        yield heading[1], unwrapped(heading[2])
        return
    of_redis = USER_OF_REDIS.match(line) if line.startswith("user") else None
    if of_redis is not None:
        yield "redis_password", of_redis[2]
        return
    told = _told(line)
    several = told is None or (any(sign.isspace() for sign in told[0]) and SEVERAL.search(line) is not None)
    if told is not None and not several:
        header = HEADER_OF.fullmatch(told[1]) if told[0].lower().endswith("header") else None
        yield (header[1], header[2]) if header is not None else told
        return
    for pattern in (SEVERAL, SAID):
        yield from ((match[1], unwrapped(match[2])) for match in islice(pattern.finditer(line), MOST))


def _told(line: str) -> tuple[str, str] | None:
    """Key and value of a line, None where it is none; what is switched off lies there as readable as the rest."""
    match = EQUAL.match(line) or COLON.match(line)
    if match is None:
        spaced = SPACED.fullmatch(line)
        return (spaced[1], unwrapped(spaced[2])) if spaced is not None and " " not in spaced[2] else None
    value = match[2].strip()
    if not value.startswith(('"', "'")):
        value = COMMENT.sub("", value)
    return match[1].strip("\"' "), unwrapped(value)
