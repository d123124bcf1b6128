"""Groups whose members are root through an engine, whether it runs now or not."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from probes.containers.reads import ACCOUNTS, GROUPS
from probes.containers.sockets import Near
from scanner.host import Host, TextFile
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    Evidence,
    Gap,
    Grant,
    HandleSeen,
    Observation,
)

LINE_LIMIT = 100_000
WHY = {
    "docker": "members start containers as root on this machine: the engine's socket belongs to the group",
    "lxd": "members start privileged containers that mount the disk of this machine",
    "incus-admin": "members start privileged containers that mount the disk of this machine",
    "incus": "members start containers; whether privileged ones is for the daemon's setting of projects",
    "libvirt": "members start virtual machines as root, with any disk or file of this machine in them",
}
POSSIBLE = frozenset({"incus"})


class Membership(Struct, frozen=True):
    """That this user is in a group, and the line that says so."""

    group: str
    evidence: Evidence


def groups(around: Near, found: Iterable[Membership]) -> Iterator[Observation]:
    """One handle for each such group; what an open socket gives is not told twice."""
    for each in found:
        if not (each.group == "docker" and around.rooted):
            yield _handle(around, each)


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


def _handle(around: Near, found: Membership) -> HandleSeen:
    confidence = Confidence.POSSIBLE if found.group in POSSIBLE else Confidence.GRANTED
    asset = Asset("this-machine", around.host.machine.name)
    grant = Grant(asset, frozenset({Capability.HOST_ROOT}), confidence, why=WHY[found.group], evidence=found.evidence)
    return HandleSeen(
        kind="handle.container-group",
        evidence=found.evidence,
        channel=f"execute a command of the group {found.group}",
        public_id=found.group,
        grants=(grant,),
        names=(f"group {found.group}",),
    )
