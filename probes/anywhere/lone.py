"""Files that are nothing but a secret, and say so by their names: a token, a key, a login in two lines."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from probes.anywhere import settings
from probes.anywhere.naming import leftover, name_of
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from scanner.model import Evidence
from scanner.originals import original_name
from scanner.secrets import Pair

LEAST = 6
LONGEST = 4_000
TEXTS = re.compile(r"(?i)\.(?:txt|text|conf|auth)$")
USER = re.compile(r"[\w.@+-]{1,80}")
OF_LOGINS = re.compile(r"(?i)login|auth|pass|cred|vpn")
OPEN = re.compile(r"^Encryption: none\r?$", re.MULTILINE)  # of a key of PuTTY that no passphrase guards
LINES = re.compile(r"^Private-Lines: (\d{1,4})\r?\n((?:[A-Za-z0-9+/=]{1,80}\r?\n?){1,400})", re.MULTILINE)


def read(text: str, path: PurePath) -> Read:
    """The secret of a file that holds no other; what holds more is read as settings."""
    pairs = tuple(_secret(text, path))
    if pairs or "-----BEGIN" in text:
        return Read(pairs, plain(leftover(text, pairs)))
    return settings.read(text, path)


def _secret(text: str, path: PurePath) -> Iterator[Pair]:
    if text.startswith("PuTTY-User-Key-File-"):
        yield from _of_putty(text, path)
        return
    rows = [(number, row.strip()) for number, row in enumerate(text.split("\n", 50)[:50], start=1)]
    rows = [(number, row) for number, row in rows if row and not row.startswith("#")]
    if len(rows) == 1 and _is_one(rows[0][1]):
        yield Pair(_name(path), rows[0][1], Evidence(path, rows[0][0]))
    elif len(rows) == 2 and _is_login(rows[0][1], rows[1][1], path):
        yield Pair("login.user", rows[0][1], Evidence(path, rows[0][0]))
        yield Pair("login.password", rows[1][1], Evidence(path, rows[1][0]))


def _of_putty(text: str, path: PurePath) -> Iterator[Pair]:
    """The private part of a key; the public one above it tells nothing that must be kept."""
    lines = LINES.search(text) if OPEN.search(text) is not None else None
    if lines is not None:
        yield Pair("putty.private-key", "".join(lines[2].split()), Evidence(path, 1))


def _is_one(row: str) -> bool:
    return LEAST <= len(row) <= LONGEST and not any(sign.isspace() for sign in row) and "=" not in row[1:].rstrip("=")


def _is_login(user: str, password: str, path: PurePath) -> bool:
    """Whether a user and a password stand in a line each, as OpenVPN and others have it."""
    says = OF_LOGINS.search(path.name) is not None or OF_LOGINS.search(path.parent.name) is not None
    return says and USER.fullmatch(user) is not None and _is_one(password)


def _name(path: PurePath) -> str:
    """What the file is called, behind its folder's name where that may tell more."""
    name = TEXTS.sub("", original_name(path.name)).lstrip("._")
    return name_of((path.parent.name.lstrip("."), name))
