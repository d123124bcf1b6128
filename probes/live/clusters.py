"""Kubernetes: whom a cluster takes a credential for, and which rights it has there. It is asked about itself only."""

import base64
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from probes.kubernetes.clusters import INNER
from probes.kubernetes.kubeconfig import Entry, View, joined, kubeconfig
from probes.kubernetes.proofs import Proof, proofs
from probes.kubernetes.reads import CHOSEN, DEFAULT, NAMED, SPARE, SYSTEM
from probes.kubernetes.rights import Reach, reaches
from probes.live.calls import BELOW, RULES_REVIEW, SELF_REVIEW
from probes.live.client import LABEL, Client
from probes.live.question import Aim, Part, Question, bare, where
from probes.live.reviews import Reviews, Unanswered, Who, reviews
from probes.live.tls import Tls
from scanner.data.families import family_of
from scanner.data.kube_rules import Allowed, allowed
from scanner.host import Host, TextFile
from scanner.host.paths import within
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Gap,
    GapKind,
    Grant,
    Identity,
    Observation,
    Protection,
    Secret,
)
from scanner.shapes import label

KUBECONFIGS = (CHOSEN, DEFAULT, *SPARE, *SYSTEM)  # a project's own may name anyone's server, and is not asked about
READS = (*KUBECONFIGS, NAMED, "env:KUBECONFIG")
CERTIFICATES = frozenset({"kubernetes.client-certificate", "kubernetes.admin-certificate"})
TOKENS = frozenset({"kubernetes.token", "kubernetes.service-account", "kubernetes.sign-in", "openshift.token"})
KINDS = frozenset({*CERTIFICATES, *TOKENS, "kubernetes.password"})
AIM_LIMIT = 5  # clusters that one credential is asked about at
PART_LIMIT = 6  # the whole cluster, and namespaces of it
GROUP_LIMIT = 5
NOWHERE = "armslength-nowhere"  # a namespace that nobody has: what holds there holds everywhere
ANONYMOUS = "system:anonymous"
HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:]{2,39}", re.ASCII)
UNPAIRED = "not asked: no kubeconfig of yours pairs it with a cluster"
ELSEWHERE = "roles that are bound in other namespaces were not asked about"


class Pairs(Struct):
    """What the kubeconfigs pair with each secret: the clusters to ask, and why others are not asked."""

    aims: dict[int, list[Aim]]
    refusals: dict[int, str]


class Holder(Struct, frozen=True):
    """A user of one kubeconfig; the view is `active` where kubectl uses the file unasked."""

    user: Entry
    view: View
    host: Host


class Told(Struct, frozen=True):
    """What one cluster said of a credential; `settled` that its grants are all that there is."""

    aim: Aim
    state: CredentialState
    who: Who | None = None
    grants: tuple[Grant, ...] = ()
    settled: bool = False


def questions(groups: Iterable[tuple[CredentialSeen, ...]], host: Host) -> Iterator[Question | Gap]:
    """For each secret the clusters that kubeconfigs of this user pair it with."""
    groups = tuple(groups)
    wanted = {group[0].secret.index for group in groups if group[0].secret is not None}
    pairs = _pairs(wanted, host) if wanted else Pairs({}, {})
    for group in groups:
        index = group[0].secret.index if group[0].secret is not None else -1
        aims = pairs.aims.get(index, [])
        if aims:
            yield Question(SELF_REVIEW, aims[0].host, group, aims=tuple(aims[:AIM_LIMIT]))
        if len(aims) > AIM_LIMIT:
            why = f"its contexts lead to more than {AIM_LIMIT} clusters; the rest was not asked"
            yield Gap(GapKind.LIMIT, where(group[0]), why)
        if not aims or index in pairs.refusals:
            yield Gap(GapKind.REFUSED, where(group[0]), pairs.refusals.get(index, UNPAIRED))


def _pairs(wanted: set[int], host: Host) -> Pairs:
    """Which secret goes where; cluster, context and user must stand in one file."""
    found = Pairs({}, {})
    for holder in _holders(host):
        for proof in proofs(holder.user, host):
            if isinstance(proof, Proof) and proof.secret is not None and proof.secret.index in wanted:
                _pair(found, proof, holder, proof.secret)
    return found


def _holders(host: Host) -> Iterator[Holder]:
    """Every user of every kubeconfig, each file by itself."""
    met: set[PurePath] = set()
    unasked = CHOSEN if host.variable("KUBECONFIG") else DEFAULT
    for pattern in KUBECONFIGS:
        for file in host.read(pattern):
            if isinstance(file, Gap) or file.path in met:
                continue
            met.add(file.path)
            for config in kubeconfig(file, host, surely=False):
                if not isinstance(config, Gap):
                    view = joined([config], active=pattern == unasked)
                    yield from (Holder(user, view, host) for user in config.users)


def _pair(found: Pairs, proof: Proof, holder: Holder, secret: Secret) -> None:
    unfit = _unfit(proof, secret, holder)
    if unfit:
        found.refusals.setdefault(secret.index, unfit)
        return
    for reach in reaches(holder.user, holder.view, holder.host):
        aim = _aim(proof, reach, holder)
        if isinstance(aim, str):
            found.refusals.setdefault(secret.index, aim)
        else:
            _add(found.aims.setdefault(secret.index, []), aim)


def _add(aims: list[Aim], aim: Aim) -> None:
    """One aim a cluster, with the namespaces of all contexts that lead there."""
    for place, other in enumerate(aims):
        if replace(other, parts=(), asset=aim.asset) == replace(aim, parts=()):
            parts = {part.name: part for part in (*other.parts, *aim.parts)}
            aims[place] = replace(other, parts=tuple(parts.values())[:PART_LIMIT])
            return
    aims.append(aim)


def _unfit(proof: Proof, secret: Secret, holder: Holder) -> str:
    """Why a proof is never sent, empty where it may be."""
    if proof.kind == "kubernetes.password":
        return "not asked: clusters since 1.19 take no passwords"
    if "auth-provider" in (proof.evidence.key or ""):
        return "not asked: its sign-in is kubectl's to renew"
    if proof.protection is Protection.ENCRYPTED:
        return "not asked: its key is locked by a passphrase"
    return "" if proof.kind in CERTIFICATES else _astray(proof, secret, holder)


def _astray(proof: Proof, secret: Secret, holder: Holder) -> str:
    """Why a token may be one that somebody's kubeconfig would send to a server of theirs: a key never leaves."""
    family = family_of(holder.host.vault.value(secret) or "")
    if family is not None and family.kind not in TOKENS:
        return "not asked: it is a token of another provider"
    file = holder.user.file
    if proof.evidence.path == file.path:
        return ""
    place = file.place.link_target or file.path
    if not holder.view.active or any(within(place, each) for each in holder.host.machine.projects):
        return "not asked: only the kubeconfig in use, outside of projects, may name the file of a token"
    return ""


def _aim(proof: Proof, reach: Reach, holder: Holder) -> Aim | str:
    """A cluster to ask, or why it is not asked."""
    user, view, host = holder.user, holder.view, holder.host
    address = reach.cluster.address
    if reach.context is None or address is None:
        return UNPAIRED
    entry = view.clusters[reach.context.body.said("cluster")]
    path = urlsplit(entry.body.said("server")).path.rstrip("/")
    name = entry.body.said("tls-server-name")
    if address.scheme != "https":
        return "not asked: its cluster is reached without TLS"
    if entry.body.said("insecure-skip-tls-verify").strip().lower() not in ("", "false"):
        return "not asked: its kubeconfig skips the check of the cluster's certificate"
    if entry.body.said("proxy-url"):
        return "not asked: its cluster is reached by a proxy"
    if HOST.fullmatch(address.host) is None or re.fullmatch(BELOW, path, re.ASCII) is None or (name and _odd(name)):
        return "not asked: the address of its cluster is an odd one"
    authorities = _pem(entry, "certificate-authority", host)
    certificate = _pem(user, "client-certificate", host) if proof.kind in CERTIFICATES else ""
    key = _pem(user, "client-key", host) if proof.kind in CERTIFICATES else ""
    if authorities is None or certificate is None or key is None:
        return "not asked: the certificates that its kubeconfig names could not be read"
    namespace = reach.namespace or "default"
    part = Part(namespace, reach.cluster.namespace(namespace, *reach.hints))
    return Aim(
        calls=(SELF_REVIEW, RULES_REVIEW),
        host=address.host,
        port=address.port or 443,
        asset=reach.asset,
        base=path,
        parts=(Part(NOWHERE, reach.asset), part)[: 2 if LABEL.fullmatch(namespace) else 1],
        local=address.loopback,
        tls=Tls(authorities, name),
        certificate=certificate,
        key=host.keep(key) if key else None,
    )


def _odd(name: str) -> bool:
    return HOST.fullmatch(name.lower()) is None


def _pem(entry: Entry, key: str, host: Host) -> str | None:
    """The PEM text that stands under a key or lies in the file that it names; None where it cannot be read."""
    written = entry.body.said(f"{key}-data")
    if written:
        try:
            return base64.b64decode("".join(written.split()), validate=True).decode("ascii")
        except ValueError:
            return None
    named = entry.body.said(key)
    if not named:
        return ""
    path = host.resolve(named, entry.file.path.parent)
    found = None if path is None else next(iter(host.read_named(NAMED, path)), None)
    return found.text if isinstance(found, TextFile) and found.text.isascii() else None


def answered(put: Question, client: Client, host: Host) -> Iterator[Observation]:
    """What the clusters say of the credential."""
    told: list[Told] = []
    for aim in put.aims:
        asked = _asked(aim, put, client, host)
        if isinstance(asked, Gap):
            yield asked
            continue
        for found in _of_cluster(aim, put, asked, host):
            if isinstance(found, Gap):
                yield found
            else:
                told.append(found)
    yield from _together(put, told)


def _asked(aim: Aim, put: Question, client: Client, host: Host) -> Reviews | Gap:
    """The reviews of one cluster, with the credential in the header or in the connection."""
    secret, headers, tls = put.seen.secret, {}, aim.tls
    value = host.vault.value(secret) if secret is not None else None
    if aim.key is not None:
        value = host.vault.value(aim.key)
        tls = replace(tls, proof=f"{aim.certificate}\n{value}")
    elif value is not None:
        headers = {"Authorization": f"Bearer {value}"}
    if value is None:
        return Gap(GapKind.LIMIT, where(put.seen), "not asked: it is longer than any token")
    return reviews(client, replace(aim.place, tls=tls), aim.base, headers)


def _of_cluster(aim: Aim, put: Question, asked: Reviews, host: Host) -> Iterator[Told | Gap]:
    """What one cluster says: who it is, then its rights everywhere, then those in each namespace."""
    try:
        who = asked.who()
    except Unanswered as none:
        if none.status == 401:
            ended = any(seen.lifetime.ended(host.now) for seen in put.sightings)
            yield Told(aim, CredentialState.EXPIRED if ended else CredentialState.REVOKED, settled=True)
            return
        yield none.gap
        # A cluster before 1.28 does not say who one is, but which rights one has. Whoever shows a certificate that did
        # not get through is told the rights of anybody.
        if none.status != 404 or aim.key is not None:
            return
        who = None
    if who is not None and who.name == ANONYMOUS:
        yield Gap(GapKind.REFUSED, aim.place.url, "the cluster takes it for nobody")
        return
    try:
        yield _rights(aim, asked, who)
    except Unanswered as none:
        yield none.gap
        if who is not None:
            yield Told(aim, CredentialState.LIVE, who)


def _rights(aim: Aim, asked: Reviews, who: Who | None) -> Told:
    """Its rights there. Raises Unanswered where the cluster does not say."""
    everywhere, *inner = [(part, asked.rules(part.name)) for part in aim.parts]
    rights = allowed(everywhere[1].rules)
    grants = [*_grants(aim.asset, rights, frozenset())]
    for part, here in inner:
        grants += _grants(part.asset, allowed(here.rules), frozenset(rights.told))
    complete = all(told.complete for _, told in (everywhere, *inner))
    if complete:
        grants += _elsewhere(aim.asset, rights)
    return Told(aim, CredentialState.LIVE, who, tuple(grants), complete)


def _grants(asset: Asset, rights: Allowed, known: frozenset[Capability]) -> Iterator[Grant]:
    """One grant a class, with the words for the rules that allow it."""
    for told, confidence in ((rights.told, Confidence.VERIFIED), (rights.possible, Confidence.POSSIBLE)):
        for capability, words in sorted(told.items()):
            if capability not in known:
                why = f"the cluster says that it may {', '.join(words)}"
                yield Grant(asset, frozenset({capability}), confidence, why=why)


def _elsewhere(asset: Asset, rights: Allowed) -> Iterator[Grant]:
    """What a namespace that was not asked about may yet allow."""
    rest = INNER.difference(rights.told, rights.possible)
    if rest:
        yield Grant(asset, rest, Confidence.POSSIBLE, why=ELSEWHERE)


def _together(put: Question, told: Sequence[Told]) -> Iterator[CredentialSeen]:
    """One answer of all clusters; of those that did not answer whole, what was known before still stands."""
    live = [each for each in told if each.state is CredentialState.LIVE]
    if not live:
        if told and len(told) == len(put.aims):
            yield bare(put, told[0].state)
        return
    settled = {each.aim.asset for each in told if each.settled}
    grants = [grant for each in live for grant in each.grants]
    if settled:
        grants += [grant for seen in put.sightings for grant in seen.grants if grant.asset not in settled]
    known = [each for each in live if each.who is not None]
    first = replace(bare(put, CredentialState.LIVE), grants=tuple(dict.fromkeys(grants)), settled=bool(settled))
    yield _as(first, known[0]) if known else first
    for each in known[1:]:
        yield _as(bare(put, CredentialState.LIVE), each)


def _as(seen: CredentialSeen, told: Told) -> CredentialSeen:
    """The answer with whom the cluster takes the credential for."""
    if told.who is None:
        return seen
    identity = Identity("kubernetes", told.aim.asset.name, told.who.name)
    groups = [name for name in map(label, told.who.groups) if name][:GROUP_LIMIT]
    return replace(seen, identity=identity, names=tuple(f"group {name}" for name in groups))
