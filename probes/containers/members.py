"""Which groups that open an engine this user is in."""

from collections.abc import Iterator

from msgspec import Struct

from probes.containers.reads import ACCOUNTS, GROUPS
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap

LINE_LIMIT = 100_000


class Membership(Struct, frozen=True):
    """That this user is in a group, and the line that says so."""

    group: str
    evidence: Evidence


def memberships(host: Host) -> Iterator[Membership | Gap]:
    """The groups of this user that open an engine, by name or as the account's own group."""
    passwd: TextFile | None = None
    for found in host.read(*ACCOUNTS):
        if isinstance(found, Gap):
            yield found
        elif found.path.name == "passwd":
            passwd = found
        else:
            yield from _members(found, host.machine.user, _own_group(passwd, host.machine.user))


def _own_group(passwd: TextFile | None, user: str) -> str:
    rows = (line.split(":") for line in passwd.text.split("\n")[:LINE_LIMIT]) if passwd is not None else ()
    return next((row[3] for row in rows if len(row) == 7 and row[0] == user and row[3].isdecimal()), "")


def _members(file: TextFile, user: str, own: str) -> Iterator[Membership]:
    for number, line in enumerate(file.text.split("\n")[:LINE_LIMIT], start=1):
        row = line.rstrip("\r").split(":")
        if len(row) == 4 and row[0] in GROUPS and (user in row[3].split(",") or (own and row[2] == own)):
            yield Membership(row[0], Evidence(file.path, number, row[0]))
