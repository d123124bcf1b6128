"""What a proof opens: the clusters that contexts join it with, and the step that would tell how far it goes."""

import shlex
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from probes.kubernetes.clusters import INNER, Cluster, cluster, of_user
from probes.kubernetes.kubeconfig import Entry, View
from probes.kubernetes.plugins import command, inner_cluster
from probes.kubernetes.proofs import Proof
from scanner.data.kinds import implied, kinds
from scanner.host import Host
from scanner.model import Asset, AssetSeen, Confidence, Grant, Hint, Identity, Platform, Step
from scanner.shapes import label

IN_NO_CONTEXT = "no context uses this user, so no file here says which cluster trusts it"


class Reach(Struct, frozen=True):
    """A context of a user: the cluster it leads to and the namespace it stands in."""

    context: Entry | None
    cluster: Cluster
    namespace: str = ""
    current: bool = False

    @property
    def hints(self) -> tuple[Hint, ...]:
        """What the context's name tells of the cluster."""
        return (Hint("context", self.context.shown),) if self.context is not None and self.context.shown else ()

    @property
    def asset(self) -> Asset:
        """The cluster with all that is told of it."""
        return self.cluster.hinted(*self.hints)

    def inner(self) -> Iterator[AssetSeen]:
        """The namespace, as a part of the cluster."""
        if self.namespace and self.context is not None:
            yield AssetSeen(
                self.cluster.namespace(self.namespace, *self.hints),
                within=(self.asset,),
                carries=INNER,
                evidence=self.context.evidence("namespace"),
            )


def reaches(user: Entry, view: View, host: Host) -> tuple[Reach, ...]:
    """Where the contexts of a view take a user; one cluster that nobody knows where none does."""
    within = inner_cluster(command(user))
    found = [
        Reach(
            context,
            cluster(view.clusters[context.body.said("cluster")], host, within),
            label(context.body.said("namespace")),
            current=context.name == view.current,
        )
        for context in view.contexts_of(user)
    ]
    return tuple(found) or (Reach(None, of_user(user.shown, host.shown(user.file.path))),)


def grants(proof: Proof, found: Iterable[Reach]) -> tuple[Grant, ...]:
    """What a proof opens in each of the clusters; of an administrator all of it, as its kind says."""
    kind = "kubernetes.admin-certificate" if proof.admin else proof.kind
    found = list(found)
    merged = _by_asset(found)
    told = (grant for asset in merged for grant in implied(kind, asset.name, asset.hints))
    if all(each.context is None for each in found):
        return tuple(replace(grant, confidence=Confidence.POSSIBLE, why=IN_NO_CONTEXT) for grant in told)
    if not proof.admin:
        return tuple(told)
    return tuple(_because(grant, proof.admin) for grant in told)


def of_identity(who: Identity, asset: Asset, kind: str) -> tuple[Grant, ...]:
    """What an identity holds in a cluster, whichever way one became it."""
    return tuple(
        Grant(asset, grant.capabilities, grant.confidence, who, grant.why)
        for grant in implied(kind, asset.name, asset.hints)
    )


def _because(grant: Grant, why: str) -> Grant:
    if grant.confidence is not Confidence.GRANTED:
        return grant
    return Grant(grant.asset, grant.capabilities, grant.confidence, why=why)


def _by_asset(found: Iterable[Reach]) -> tuple[Asset, ...]:
    """Each cluster once, with the hints of every context that leads there."""
    hints: dict[Asset, dict[Hint, None]] = {}
    for reach in found:
        hints.setdefault(reach.asset, {}).update(dict.fromkeys(reach.asset.hints))
    return tuple(Asset(asset.kind, asset.name, tuple(told)) for asset, told in hints.items())


def step(proof_kind: str, found: Iterable[Reach], view: View, host: Host) -> Step | None:
    """Asking the cluster itself, by the first context that leads there; None for a kind that needs no asking."""
    if not kinds()[proof_kind].step:
        return None
    context = next((reach.context for reach in found if reach.context is not None and reach.context.shown), None)
    if context is None:
        return None
    told = f"kubectl auth can-i --list --context {quoted(context.name, host)}"
    if not view.active:
        told += f" --kubeconfig {quoted_path(context, host)}"
    return Step("roles are bound on the cluster, and no file here says which", told)


def quoted(text: str, host: Host) -> str:
    """A text for the shell that the platform's commands are for: PowerShell on Windows."""
    return "'" + text.replace("'", "''") + "'" if host.platform is Platform.WINDOWS else shlex.quote(text)


def quoted_path(entry: Entry, host: Host) -> str:
    """The path of an entry's file; in full, since a shell expands no `~` behind an option's quote."""
    return quoted(str(entry.file.path), host)
