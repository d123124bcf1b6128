"""Groups whose members are root through an engine, whether it runs now or not."""

from collections.abc import Iterable, Iterator

from probes.containers.members import Membership
from probes.containers.sockets import Near
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    Grant,
    HandleSeen,
    Observation,
)

WHY = {
    "docker": "members start containers as root on this machine: the engine's socket belongs to the group",
    "lxd": "members start privileged containers that mount the disk of this machine",
    "incus-admin": "members start privileged containers that mount the disk of this machine",
    "incus": "members start containers; whether privileged ones is for the daemon's setting of projects",
    "libvirt": "members start virtual machines as root, with any disk or file of this machine in them",
}
POSSIBLE = frozenset({"incus"})


def groups(around: Near, found: Iterable[Membership]) -> Iterator[Observation]:
    """One handle for each such group; what an open socket gives is not told twice."""
    for each in found:
        if not (each.group == "docker" and around.rooted):
            yield _handle(around, each)


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
