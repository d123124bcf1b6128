"""Observations become nodes and edges; every thing gets its id here."""

import hashlib
import sys
from collections import deque
from collections.abc import Iterable, Sequence, Set
from datetime import UTC, datetime
from functools import lru_cache

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.config import Config
from scanner.data.kinds import Kind, kinds
from scanner.data.weights import weights
from scanner.environments import Judged, is_crown_jewel, judge
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.model import (
    OPEN,
    Asset,
    AssetSeen,
    Barrier,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Gate,
    Grant,
    HandleSeen,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
    Step,
    Weakness,
)
from scanner.text import printable

NESTED = 4  # assets within assets, as far as an environment is handed down
DIGITS = "abcdefghijklmnopqrstuvwxyz234567"
PAIRS = [one + other for one in DIGITS for other in DIGITS]
FOREVER = datetime.max.replace(tzinfo=UTC)
# Of lives without a known end, the longest first.
ENDLESS = (
    LifetimeKind.STATIC,
    LifetimeKind.REFRESHABLE,
    LifetimeKind.UNKNOWN,
    LifetimeKind.EXPIRES,
    LifetimeKind.SESSION,
)


class CredentialNode(Struct, frozen=True):
    """A credential or handle, merged from every place where it was seen.

    `account_wide`: its provider cannot narrow it, so that it reaches every environment of its account.
    """

    id: str
    kind: str
    title: str
    public_id: str | None
    fingerprint: str | None
    identity: str | None
    names: tuple[str, ...]
    lifetime: Lifetime
    protection: Protection
    state: CredentialState
    barrier: Barrier
    channel: str
    why: str
    narrow: str
    locations: tuple[Evidence, ...]
    undecided: Step | None
    account_wide: bool = False


class AssetNode(Struct, frozen=True):
    """An asset with its environment."""

    id: str
    asset: Asset
    judged: Judged
    crown_jewel: bool


class Link(Struct, frozen=True):
    """An edge to an identity: `how` one becomes it."""

    source: str
    target: str
    how: str
    barrier: Barrier
    confidence: Confidence
    evidence: Evidence | None


class Right(Struct, frozen=True):
    """An edge to an asset: the capabilities that its source has there."""

    source: str
    target: str
    capabilities: frozenset[Capability]
    barrier: Barrier
    confidence: Confidence
    why: str
    evidence: Evidence | None


class Graph(Struct):
    """All nodes by id, the edges by the id they start from, and the weaknesses whose conditions hold."""

    credentials: dict[str, CredentialNode] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    assets: dict[str, AssetNode] = field(default_factory=dict)
    links: dict[str, list[Link]] = field(default_factory=dict)
    rights: dict[str, list[Right]] = field(default_factory=dict)
    weaknesses: list[Weakness] = field(default_factory=list)


def ident(letter: str, *natural: str) -> str:
    """An id from a natural key: the same across scans, and across hosts where the thing is the same."""
    digest = hashlib.sha256("\0".join(natural).encode("utf-8", "surrogateescape")).digest()
    number = int.from_bytes(digest[:8], "big")  # of which the first 60 bits are told, in base 32
    first = PAIRS[number >> 54] + PAIRS[number >> 44 & 1023] + PAIRS[number >> 34 & 1023]
    return f"{letter}-{first}{PAIRS[number >> 24 & 1023]}{PAIRS[number >> 14 & 1023]}{PAIRS[number >> 4 & 1023]}"


@lru_cache(maxsize=8192)
def identity_id(identity: Identity) -> str:
    """The id of an identity."""
    return ident("i", identity.provider, identity.account, identity.name)


@lru_cache(maxsize=8192)
def asset_id(asset: Asset) -> str:
    """The id of an asset; hints are no part of it."""
    return ident("a", asset.kind, asset.name)


def build(observations: Sequence[Observation], machine: Machine, config: Config) -> Graph:
    """The graph of everything that was seen. The order of the observations does not matter."""
    graph = Graph()
    grants: list[tuple[str, Grant]] = []
    taken: dict[str, int] = {}
    for group in _merged(observations):
        node = _apart(_credential(group, machine), taken)
        graph.credentials[node.id] = node
        for member in group:
            if member.identity is not None:
                _proves(graph, node, member.identity)
        for member in _telling(group):
            grants.extend((_holder(graph, node, grant), grant) for grant in member.grants)
    for seen in observations:
        if isinstance(seen, IdentityLink):
            _link(graph, seen)
        elif isinstance(seen, Grant) and seen.identity is not None:
            graph.identities[identity_id(seen.identity)] = seen.identity
            grants.append((identity_id(seen.identity), seen))
    hints = _hints([grant for _, grant in grants], observations)
    inner = [seen for seen in observations if isinstance(seen, AssetSeen)]
    for holder, grant in [*grants, *_carried(grants, inner)]:
        _right(graph, holder, grant)
    graph.rights = {holder: list(dict.fromkeys(rights)) for holder, rights in graph.rights.items()}
    judged = within({asset: judge(asset, told, config) for asset, told in hints.items()}, inner)
    for asset in dict.fromkeys([*(grant.asset for _, grant in grants), *(seen.asset for seen in inner)]):
        graph.assets[asset_id(asset)] = AssetNode(asset_id(asset), asset, judged[asset], is_crown_jewel(asset, config))
    graph.weaknesses = [
        seen
        for seen in observations
        if isinstance(seen, Weakness) and all(judged[each.asset].environment in each.environments for each in seen.when)
    ]
    return graph


def within(judged: dict[Asset, Judged], inner: Sequence[AssetSeen]) -> dict[Asset, Judged]:
    """The environments, those that no name tells taken from what the asset lies in, of several the most serious."""
    around: dict[Asset, set[Asset]] = {}
    for seen in inner:
        around.setdefault(seen.asset, set()).update(wider for wider in seen.within if wider != seen.asset)
    serious = weights().environment
    for _ in range(NESTED):
        found = {}
        for asset, wider in around.items():
            known = [(each, judged[each]) for each in wider if each in judged]
            known = [(each, told) for each, told in known if told.environment is not Environment.UNKNOWN]
            if known and judged[asset].environment is Environment.UNKNOWN:
                place, told = max(known, key=lambda one: (serious[one[1].environment], one[0].kind, one[0].name))
                found[asset] = Judged(told.environment, f"it lies in {place.kind}:{place.name}")
        if not found:
            break
        judged = judged | found
    return judged


def _hints(grants: Iterable[Grant], observations: Iterable[Observation]) -> dict[Asset, set[Hint]]:
    """All that was told of each asset, wherever it was named."""
    named = [grant.asset for grant in grants]
    for seen in observations:
        if isinstance(seen, AssetSeen):
            named.append(seen.asset)
        elif isinstance(seen, Weakness):
            named.extend(each.asset for each in seen.when)
    hints: dict[Asset, set[Hint]] = {}
    for asset in named:
        hints.setdefault(asset, set()).update(asset.hints)
    return hints


def _right(graph: Graph, holder: str, grant: Grant) -> None:
    right = Right(
        holder, asset_id(grant.asset), grant.capabilities, grant.barrier, grant.confidence, grant.why, grant.evidence
    )
    graph.rights.setdefault(holder, []).append(right)


def _telling(group: "list[Proof]") -> "list[Proof]":
    """Those of a credential's sightings that say what it may do: where the other side has answered, only its answer."""
    return [seen for seen in group if isinstance(seen, CredentialSeen) and seen.settled] or group


def _carried(grants: Sequence[tuple[str, Grant]], inner: Sequence[AssetSeen]) -> list[tuple[str, Grant]]:
    """What is held on a wider asset, on every asset that lies within it, however deep."""
    within: dict[Asset, list[AssetSeen]] = {}
    for seen in inner:
        for wider in seen.within:
            within.setdefault(wider, []).append(seen)
    found: list[tuple[str, Grant]] = []
    queue = deque((holder, grant, frozenset({grant.asset})) for holder, grant in grants)
    while queue:
        holder, grant, passed = queue.popleft()
        for seen in within.get(grant.asset, ()):
            capabilities = grant.capabilities & seen.carries
            if capabilities and seen.asset not in passed:
                carried = replace(
                    grant,
                    asset=seen.asset,
                    capabilities=seen.gives or capabilities,
                    confidence=max(grant.confidence, seen.confidence, key=list(Confidence).index),
                    why=seen.why or grant.why,
                    evidence=seen.evidence,
                )
                found.append((holder, carried))
                queue.append((holder, carried, passed | {seen.asset}))
    return found


def _proves(graph: Graph, node: CredentialNode, identity: Identity) -> None:
    graph.identities[identity_id(identity)] = identity
    link = Link(node.id, identity_id(identity), "proves", OPEN, Confidence.VERIFIED, None)
    if link not in graph.links.setdefault(node.id, []):
        graph.links[node.id].append(link)


def _holder(graph: Graph, node: CredentialNode, grant: Grant) -> str:
    """Who holds a grant that a credential carries: the identity it names, else the credential itself."""
    if grant.identity is None:
        return node.id
    graph.identities[identity_id(grant.identity)] = grant.identity
    return identity_id(grant.identity)


def _link(graph: Graph, seen: IdentityLink) -> None:
    source, target = identity_id(seen.source), identity_id(seen.target)
    graph.identities[source] = seen.source
    graph.identities[target] = seen.target
    link = Link(source, target, seen.how, seen.barrier, seen.confidence, seen.evidence)
    links = graph.links.setdefault(source, [])
    if link not in links:
        links.append(link)


Proof = CredentialSeen | HandleSeen


def _merged(observations: Sequence[Observation]) -> list[list[Proof]]:
    """The proofs in groups, each of them one credential: the same public id or the same fingerprint."""
    by_key: dict[tuple[str, str], list[Proof]] = {}
    copied = {_spot(seen) for seen in observations if isinstance(seen, CredentialSeen) and seen.copied_from is not None}
    for seen in observations:
        if not isinstance(seen, CredentialSeen | HandleSeen):
            continue
        keys = _keys(seen, copied)
        met = {id(by_key[key]): by_key[key] for key in keys if key in by_key}
        # The smaller groups go into the largest: as many sightings as a hostile file likes may be of one credential.
        group, *others = sorted(met.values(), key=len, reverse=True) or [list[Proof]()]
        for other in others:
            group.extend(other)
            by_key.update((key, group) for member in other for key in _keys(member, copied))
        group.append(seen)
        by_key.update(dict.fromkeys(keys, group))
    groups = {id(group): sorted(group, key=_place) for group in by_key.values()}
    return sorted(groups.values(), key=lambda group: _place(group[0]))


def _keys(seen: Proof, copied: Set[tuple[str, str]]) -> list[tuple[str, str]]:
    """What it is one credential by with others; of a place that there are copies of, the secret itself."""
    here = (seen.kind, "\0".join((*_spot(seen), str(seen.evidence.line or 0))))
    if isinstance(seen, HandleSeen):
        return [here if seen.public_id is None else (seen.kind, seen.public_id)]
    keys = [("public id", seen.public_id)] if seen.public_id is not None else []
    if seen.secret is not None and seen.secret.fingerprint is not None:
        keys.append(("fingerprint", seen.secret.fingerprint))
    elif seen.secret is not None and not keys and _spot(seen) in copied:
        keys.append((seen.kind, "\0".join((*_spot(seen), "secret", str(seen.secret.index)))))
    return keys or [here]


def _at(seen: Proof) -> Evidence:
    """The place that it is known by: of a copy, that of the original."""
    return (seen.copied_from if isinstance(seen, CredentialSeen) else None) or seen.evidence


def _spot(seen: Proof) -> tuple[str, str]:
    """That place and the key there, whatever its line."""
    told = _at(seen)
    return str(told.path or told.variable or told.process or ""), told.key or ""


def _place(seen: Proof) -> tuple[str | tuple[int, ...], ...]:
    """A sort key: files first, then by place, line, key and kind; copies behind their original, the newest first."""
    told = _at(seen)
    rank = "0" if told.path is not None else "1" if told.variable is not None else "2"
    where, key = _spot(seen)
    copy = seen.evidence.path if told is not seen.evidence else None
    who = "\0".join((seen.identity.provider, seen.identity.account, seen.identity.name)) if seen.identity else ""
    fingerprint = seen.secret.fingerprint if isinstance(seen, CredentialSeen) and seen.secret is not None else None
    return (
        rank,
        where,
        tuple(-ord(letter) for letter in copy.name) if copy is not None else (-sys.maxunicode - 1,),
        f"{seen.evidence.line or 0:09}",
        key,
        seen.kind,
        seen.public_id or "",
        who,
        fingerprint or "",
    )


def _credential(group: Sequence[Proof], machine: Machine) -> CredentialNode:
    first = min(group, key=lambda seen: (seen.kind.startswith("generic."), _is_reference(seen), _place(seen)))
    known = kinds().get(first.kind)
    public_id = next((seen.public_id for seen in group if seen.public_id is not None), None)
    identity = _acting(group)
    fingerprint = None
    lifetime, protection, state = Lifetime(LifetimeKind.SESSION), Protection.AGENT, CredentialState.UNTESTED
    proofs = [seen for seen in group if isinstance(seen, CredentialSeen)]
    if proofs:
        fingerprint = next((seen.secret.fingerprint for seen in proofs if seen.secret is not None), None)
        lifetime = _longest(proofs, known)
        protection = min((seen.protection for seen in proofs), key=list(Protection).index)
        state = _state(proofs, lifetime, machine.now)
    barrier = min((seen.barrier for seen in group), key=lambda each: (list(Gate).index(each.gate), each.rule))
    opening = min((seen for seen in group if seen.barrier == barrier), key=_is_reference)
    locations = dict.fromkeys(seen.evidence for seen in group)
    names = dict.fromkeys(printable(name) for seen in group for name in seen.names)
    return CredentialNode(
        id=ident("c", "public", first.kind.partition(".")[0], public_id)
        if public_id is not None and proofs
        else ident("c", first.kind, public_id or "\0".join(_natural(first, machine))),
        kind=first.kind,
        title=known.title if known is not None else first.kind,
        public_id=public_id,
        fingerprint=fingerprint,
        identity=identity_id(identity) if identity is not None else None,
        names=tuple(names),
        lifetime=lifetime,
        protection=protection,
        state=state,
        barrier=barrier,
        channel=_channel(opening, machine),
        why=known.why if known is not None else "",
        narrow=known.narrow if known is not None else "",
        locations=tuple(locations),
        undecided=_step(group, known),
        account_wide=known is not None and known.account_wide,
    )


def _acting(group: Sequence[Proof]) -> Identity | None:
    """Whom it proves: as the other side has said, else as its first place that says so."""
    return next((seen.identity for seen in (*_asked(group), *group) if seen.identity is not None), None)


def _longest(proofs: Sequence[CredentialSeen], known: Kind | None) -> Lifetime:
    """How long it lives: an answer tells; of mere sightings the longest counts, so that none can make it shorter."""
    asked = _asked(proofs)
    answered = [seen.lifetime for seen in asked if seen.lifetime.kind is not LifetimeKind.UNKNOWN]
    sighted = [_lifetime(seen, known) for seen in proofs if seen not in asked]
    return max(
        answered or sighted or [_lifetime(seen, known) for seen in asked],
        key=lambda each: (each.ends() or FOREVER, -ENDLESS.index(each.kind)),
    )


def _asked(group: Sequence[Proof]) -> list[CredentialSeen]:
    """The sightings that hold an answer of the other side."""
    return [
        seen
        for seen in group
        if isinstance(seen, CredentialSeen) and (seen.settled or seen.state is CredentialState.LIVE)
    ]


def _is_reference(seen: Proof) -> bool:
    """Whether a sighting only says where the secret lies, so that another one tells how to get at it."""
    return isinstance(seen, CredentialSeen) and seen.secret is None


def _apart(node: CredentialNode, taken: dict[str, int]) -> CredentialNode:
    """The node under an id of its own, where one place holds several credentials: two tokens in one variable."""
    taken[node.id] = number = taken.get(node.id, 0) + 1
    return node if number == 1 else replace(node, id=ident("c", node.id, str(number)))


def _natural(seen: Proof, machine: Machine) -> tuple[str, ...]:
    """The first place, relative to the home and without a process's number, so that the id outlives both."""
    told = _at(seen)
    process = (told.process or "").partition(" (pid ")[0]
    where = shown(told.path, machine.home) if told.path is not None else told.variable or process
    return (where, told.key or "") if told.key or told.variable else (where, str(told.line or 0))


def _lifetime(seen: CredentialSeen, known: Kind | None) -> Lifetime:
    if seen.lifetime.kind is LifetimeKind.UNKNOWN and known is not None:
        return Lifetime(known.lifetime)
    return seen.lifetime


def _state(proofs: Sequence[CredentialSeen], lifetime: Lifetime, now: datetime) -> CredentialState:
    states = {seen.state for seen in proofs}
    if CredentialState.LIVE in states:
        return CredentialState.LIVE
    if CredentialState.REVOKED in states:
        return CredentialState.REVOKED
    if lifetime.ended(now) or states == {CredentialState.EXPIRED}:
        return CredentialState.EXPIRED
    return CredentialState.UNTESTED


def _channel(seen: Proof, machine: Machine) -> str:
    if isinstance(seen, HandleSeen):
        return printable(seen.channel)
    told = seen.evidence
    if told.path is not None:
        return "read " + printable(shown(told.path, machine.home))
    if told.variable is not None:
        return f"environment {printable(told.variable)}"
    if seen.protection is Protection.KEYCHAIN:
        return "ask the keychain for " + printable((told.process or "").removeprefix("keychain entry "))
    return f"environment of {printable(told.process or '')}"


def _step(group: Sequence[Proof], known: Kind | None) -> Step | None:
    telling = _telling(list(group))
    told = next((seen.undecided for seen in telling if seen.undecided is not None), None)
    settled = any(isinstance(seen, CredentialSeen) and seen.settled for seen in telling)
    if told is not None or settled or known is None or not known.step:
        return told
    return Step("what it may do is not known from here", known.step)
