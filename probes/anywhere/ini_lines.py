"""Settings line by line: INI, `.npmrc`, `.my.cnf`, `.pypirc`, rclone's and their kin, with or without sections."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from probes.anywhere.documents import LOGINS
from probes.anywhere.likely import Manner
from probes.anywhere.naming import leftover, pair
from probes.anywhere.reading import Read
from scanner.secrets import Pair
from scanner.shapes import unwrapped

HEADER = re.compile(r"\[\[?([^\]\[]{1,200})\]")
EQUAL = re.compile(r"(?:export[ \t]{1,8}|set[ \t]{1,8})?([^=\s][^=]{0,250}?)[ \t]{0,40}=(.*)")
COLON = re.compile(r"([^:\s][^:]{0,120}?)[ \t]{0,40}:[ \t]{1,40}(.*)")
SPACED = re.compile(r"([A-Za-z][\w.-]{0,80})[ \t]{1,40}(\S.*)")
COMMENT = re.compile(r"[ \t][#;].*$")
# What the settings of a file are for, where the file says it and its keys do not
OWNERS = {".npmrc": "npm", "npmrc": "npm", ".pypirc": "twine", ".my.cnf": "mysql", "my.cnf": "mysql", ".yarnrc": "npm"}


def read(text: str, path: PurePath) -> Read:
    """The settings of a file."""
    pairs = tuple(_pairs(text, path))
    return Read(pairs, leftover(text, pairs))


def _pairs(text: str, path: PurePath) -> Iterator[Pair]:
    owner = OWNERS.get(path.name.casefold(), "")
    manner = Manner.VARIABLE if LOGINS.match(path.name) else Manner.DOCUMENT
    section = ""
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip().lstrip("#;").lstrip()
        header = HEADER.match(line) if line.startswith("[") else None
        if header is not None:
            section = header[1].strip().replace('"', "")
            continue
        told = _told(line)
        if told is None:
            continue
        key, value = told
        keys = (owner, key.rpartition(":")[2]) if owner else (section, key)
        found = pair(keys, value, path, number, manner)
        if found is not None:
            yield found


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
