"""Accounts of this machine, from its own files: asking the C library would open the socket of a name service.

macOS keeps its people in no file and has no such socket; there the library is asked.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

SIZE_LIMIT = 1024 * 1024
USERS = Path("/etc/passwd")
GROUPS = Path("/etc/group")


def name_of(uid: int) -> str | None:
    """The account of that number; None where it is not to be told, as for accounts of a directory service."""
    return next((name for number, name, _ in _accounts(uid) if number == uid), None)


def home_of(uid: int) -> str | None:
    """The home of the account of that number."""
    return next((home for number, _, home in _accounts(uid) if number == uid and home), None)


def groups_of(name: str | None, own: int) -> frozenset[int]:
    """The numbers of the groups that an account is in, its own among them."""
    named = (row for row in _rows(GROUPS, 4) if name is not None and name in row[3].split(","))
    return frozenset({own, *(int(row[2]) for row in named if row[2].isdecimal())})


def _accounts(uid: int) -> Iterator[tuple[int, str, str]]:
    """Number, name and home of the accounts that come into question."""
    for row in _rows(USERS, 7):
        if row[2].isdecimal():
            yield int(row[2]), row[0], row[5]
    if sys.platform == "darwin":
        import pwd

        try:
            told = pwd.getpwuid(uid)
        except KeyError:  # a number without an account
            return
        yield told.pw_uid, told.pw_name, told.pw_dir


def _rows(path: Path, fields: int) -> Iterator[list[str]]:
    """The lines of a file in the form of passwd(5) or group(5)."""
    try:
        with path.open("rb") as stream:
            text = stream.read(SIZE_LIMIT).decode("utf-8", "surrogateescape")
    except OSError:
        return
    for line in text.splitlines():
        row = line.split(":")
        if len(row) == fields:
            yield row
