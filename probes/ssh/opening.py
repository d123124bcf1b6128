"""What a key opens, and what the reader can do where nothing on this machine says so."""

from msgspec import Struct

from probes.ssh.targets import KEY_LIMIT, KeyNames, Opened
from scanner.model import Asset, Capability, Confidence, Gap, GapKind, Grant, Hint, Step


class Opening(Struct, frozen=True):
    """The grants of one key, the step that would settle them, and whether there were too many to tell."""

    grants: tuple[Grant, ...]
    undecided: Step | None
    cut: bool

    def gap(self, place: str) -> Gap:
        """The Gap for the hosts that were left out."""
        return Gap(GapKind.LIMIT, place, f"more than {KEY_LIMIT} hosts for this key; the rest was left")


def openings(opened: Opened, key: KeyNames, called: str) -> Opening:
    """What the key opens; `called` is its fingerprint, or the file it lies in."""
    grants, cut = opened.grants(key)
    if not grants:
        hints = tuple(Hint("file", path.name) for path in sorted(key.paths))
        asset = Asset("ssh-host", f"hosts that trust {called}", hints)
        why = "no host that it may be for is named on this machine"
        grants = (Grant(asset, frozenset({Capability.EXEC_REMOTE}), Confidence.POSSIBLE, why=why),)
    if any(grant.confidence is not Confidence.POSSIBLE for grant in grants):
        return Opening(grants, None, cut)
    step = Step(
        "Which hosts trust this key is written on those hosts, not here.",
        f"Look for {called} in `ssh-keygen -lf ~/.ssh/authorized_keys` on each host, and among the SSH keys of your "
        "accounts on code hosts.",
    )
    return Opening(grants, step, cut)
