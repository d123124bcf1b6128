"""The order in which the Kubernetes probe tells: kubeconfigs with their users, sign-ins, pods, arrangements."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from probes.kubernetes.accounts import Clouds
from probes.kubernetes.arrangements import arrangements, contexts_of_two_clusters
from probes.kubernetes.caches import Issuer, gke_token, sign_ins
from probes.kubernetes.kubeconfig import Entry, Kubeconfig, View, joined, kubeconfig
from probes.kubernetes.plugins import Backing, Command, backing, command, described, secrets
from probes.kubernetes.pods import pods
from probes.kubernetes.proofs import MASTERS, Proof, proofs
from probes.kubernetes.reads import CHOSEN, DEFAULT, PROJECTS, SPARE, SYSTEM
from probes.kubernetes.rights import Reach, grants, of_identity, reaches, step
from probes.modes import readable_by_others
from scanner.host import Host, TextFile
from scanner.model import (
    Confidence,
    CredentialSeen,
    CredentialState,
    Gap,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
)
from scanner.shapes import label

NAME_LIMIT = 20  # contexts by which one user is called
INACTIVE = "in a kubeconfig that is not the active one"


class Holder(Struct, frozen=True):
    """A user of a view, and where its contexts take it."""

    user: Entry
    reaches: tuple[Reach, ...]
    view: View

    def identity(self, reach: Reach, who: str = "") -> Identity:
        """Who it is in a cluster: as a proof says, else known by the name that the file gives it."""
        return Identity("kubernetes", reach.cluster.asset.name, who or f"user {self.user.shown}")

    def names(self) -> tuple[str, ...]:
        """What a person calls it; whether kubectl uses it unless told otherwise."""
        contexts = [each.context.shown for each in self.reaches if each.context is not None]
        names = [f"user {self.user.shown}"] if self.user.shown else []
        names += [f"context {name}" for name in dict.fromkeys(contexts) if name][:NAME_LIMIT]
        if not self.view.active:
            return (*names, INACTIVE)
        return (*names, "current context") if any(each.current for each in self.reaches) else tuple(names)

    def credential(self, proof: Proof, host: Host) -> CredentialSeen:
        """One of its proofs, with all that it opens."""
        return CredentialSeen(
            kind=proof.kind,
            evidence=proof.evidence,
            secret=proof.secret,
            public_id=proof.public_id,
            identity=self.identity(self.reaches[0], proof.who),
            grants=grants(proof, self.reaches),
            lifetime=proof.lifetime,
            protection=proof.protection,
            state=CredentialState.EXPIRED if proof.lifetime.ended(host.now) else CredentialState.UNTESTED,
            barrier=proof.barrier,
            names=(*self.names(), *proof.names),
            undecided=None if proof.admin else step(proof.kind, self.reaches, self.view, host),
        )


def told(host: Host) -> Iterator[Observation]:
    """All that is to be told of Kubernetes on this host; some of it twice."""
    configs: list[Kubeconfig] = []
    active = 0
    for found, is_active in _files(host):
        match found:
            case Gap():
                yield found
            case Kubeconfig():
                configs.append(found)
                active += is_active
    issuers: list[Issuer] = []
    clouds = Clouds(host)
    for view, users in _views(configs, active):
        for user in users:
            host.check_time()
            holder = Holder(user, reaches(user, view, host), view)
            yield from _user(holder, clouds)
            issuers.extend(_issuer(holder))
        yield from arrangements(view, host)
    yield from contexts_of_two_clusters(configs, host)
    yield from sign_ins(issuers, host)
    yield from gke_token(host)
    yield from pods(host)


def _files(host: Host) -> Iterator[tuple[Kubeconfig | Gap, bool]]:
    """What every file says, those that kubectl uses unasked first; KUBECONFIG stands in place of the default."""
    met: set[object] = set()
    chosen = bool(host.variable("KUBECONFIG"))
    patterns = [(CHOSEN, chosen, True), (DEFAULT, not chosen, True)]
    patterns += [(each, False, each in SYSTEM) for each in (*SPARE, *SYSTEM, *PROJECTS)]
    for pattern, active, surely in patterns:
        for found in host.read(pattern):
            same = found.path if isinstance(found, TextFile) else (found.place, found.why)
            if same in met:
                continue
            met.add(same)
            if isinstance(found, Gap):
                yield found, active
            else:
                for each in kubeconfig(found, host, surely=surely):
                    yield each, active


def _views(configs: list[Kubeconfig], active: int) -> Iterator[tuple[View, tuple[Entry, ...]]]:
    """What kubectl sees unasked, then what it would see of each other file by itself; each with its users.

    An entry that a namesake in an earlier file hides from kubectl is still there for whoever reads its file.
    """
    if active:
        view = joined(configs[:active], active=True)
        yield view, tuple(view.users.values())
        for config in configs[:active]:
            alone = joined([config], active=False)
            yield alone, tuple(user for user in config.users if view.users[user.name] is not user)
    for config in configs[active:]:
        yield joined([config], active=False), config.users


def _user(holder: Holder, clouds: Clouds) -> Iterator[Observation]:
    host = clouds.host
    user, actors = holder.user, {holder.identity(each) for each in holder.reaches}
    for found in proofs(user, host):
        if isinstance(found, Gap):
            yield found
            continue
        seen = holder.credential(found, host)
        actors.update({seen.identity} if seen.identity is not None else ())
        yield seen
        if found.evidence.path == user.file.path:
            yield from readable_by_others(host, user.file.place)
    plugin = command(user)
    if plugin is not None:
        yield from secrets(user, plugin, host)
        yield from _plugin(holder, plugin, clouds)
    for each in holder.reaches:
        yield from each.inner()
    yield from _impersonated(holder, actors)


def _plugin(holder: Holder, plugin: Command, clouds: Clouds) -> Iterator[Observation]:
    """A plug-in's way into each cluster: from the identities behind it, else from the file that names it."""
    for found in backing(holder.user, plugin, clouds):
        match found:
            case Gap():
                yield found
            case Backing(sources=()):
                yield holder.credential(_unknown_sign_in(found, plugin, holder.user), clouds.host)
            case Backing():
                for each in holder.reaches:
                    yield from of_identity(holder.identity(each), each.asset, "kubernetes.plugin")
                    yield from _links(found, holder, each)


def _links(found: Backing, holder: Holder, reach: Reach) -> Iterator[IdentityLink]:
    evidence = holder.user.evidence("exec")
    for source in found.sources:
        passed = [source, *found.through]
        for one, other in pairwise(passed):
            yield IdentityLink(one, other, "assumes", evidence, Confidence.INFERRED)
        yield IdentityLink(passed[-1], holder.identity(reach), "signs in to", evidence, Confidence.INFERRED)


def _unknown_sign_in(found: Backing, plugin: Command, user: Entry) -> Proof:
    return Proof(
        "kubernetes.plugin",
        user.evidence("exec"),
        None,
        lifetime=Lifetime(LifetimeKind.SESSION),
        protection=Protection.REFERENCE,
        barrier=found.barrier,
        names=described(plugin),
    )


def _impersonated(holder: Holder, actors: Iterable[Identity]) -> Iterator[Observation]:
    """Whom the user's requests ask to be; whether the cluster lets them is for its roles to say."""
    body = holder.user.body
    name = label(body.said("as"))
    if not name:
        return
    groups = body.get("as-groups")
    masters = groups is not None and MASTERS in [each.text for each in groups.elements()]
    for reach in holder.reaches:
        target = Identity("kubernetes", reach.cluster.asset.name, name)
        for source in sorted(actors, key=str):
            if source.account == target.account and source != target:
                yield IdentityLink(source, target, "impersonates", holder.user.evidence("as"), Confidence.INFERRED)
        certain = masters and reach.context is not None
        yield from of_identity(target, reach.asset, "kubernetes.admin-certificate" if certain else "kubernetes.plugin")


def _issuer(holder: Holder) -> Iterator[Issuer]:
    plugin = command(holder.user)
    if plugin is not None and plugin.oidc:
        yield Issuer(plugin.flag("--oidc-issuer-url"), plugin.flag("--oidc-client-id"), holder.reaches)
