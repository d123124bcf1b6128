"""From the graph to exposures: what each credential opens, by the best way, with what stands before it."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from scanner.data.capabilities import capabilities
from scanner.data.weights import weights
from scanner.gates import Decision, Judge
from scanner.graph import AssetNode, CredentialNode, Graph, ident
from scanner.model import OPEN, Barrier, Capability, Confidence, CredentialState, Gate, Severity
from scanner.model.report import Exposure, Terms, Way
from scanner.principals import ANY_AGENT
from scanner.score import Weighed, lifetime_factor, product, severity, terms_of, urgent, worst

DEEPEST = 12  # identities along one way
ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
UNRESTRICTED = "nothing asks an unrestricted process of this user"
DEGREES = {confidence: index for index, confidence in enumerate(Confidence)}


class Trail(Struct, frozen=True):
    """A way so far: the nodes passed, the strongest gate on it, and the weakest confidence."""

    nodes: tuple[str, ...]
    barrier: Barrier = OPEN
    confidence: Confidence = Confidence.VERIFIED
    why: str = ""

    def through(self, node: str, barrier: Barrier, confidence: Confidence, why: str = "") -> "Trail":
        """The way with one more step."""
        return Trail(
            (*self.nodes, node),
            max(self.barrier, barrier, key=_strength),
            max(self.confidence, confidence, key=DEGREES.__getitem__),
            why,
        )


class By(Struct, frozen=True):
    """What an exposure is judged by: the factor of each credential's life, and the judge of each agent."""

    lifetimes: Mapping[str, float]
    judges: Mapping[str, Judge]


def exposures(graph: Graph, now: datetime, judges: Mapping[str, Judge] | None = None) -> list[Exposure]:
    """Every exposure, each (class, asset, credential) once, sorted as lists are read: worst first.

    Each has a way of any-agent, and one of each principal in `judges`.
    """
    nodes = graph.credentials.values()
    by = By({node.id: lifetime_factor(node.lifetime, node.state, now) for node in nodes}, judges or {})
    found = [
        _exposure(credential, graph.assets[asset], capability, trail, by)
        for credential in nodes
        for (asset, capability), trail in _rights(graph, credential).items()
    ]
    return sorted(found, key=rank)


def rank(exposure: Exposure) -> tuple[bool, int, float, int, str]:
    """Sort key: urgent, severity, the weakest gate of an agent, confidence, then id."""
    factor = max(weights().gate[way.effective] for way in _of_agents(exposure.ways))
    confidence = DEGREES[exposure.confidence]
    return (not exposure.urgent, -exposure.severity.rank, -factor, confidence, exposure.id)


def _of_agents(ways: Mapping[str, Way]) -> list[Way]:
    """The ways of the agents that are here; where there is none, that of an unrestricted one."""
    return [way for principal, way in ways.items() if principal != ANY_AGENT] or list(ways.values())


def weighed(graph: Graph, found: Sequence[Exposure], principal: str) -> list[Weighed]:
    """What `score.radius` adds up for one principal."""
    return [
        Weighed(
            exposure.class_,
            exposure.id,
            exposure.ways[principal].score,
            worst(
                exposure.class_,
                graph.assets[exposure.asset].asset.kind,
                exposure.environment,
                exposure.ways[principal].gate,
            ),
        )
        for exposure in found
        if principal in exposure.ways
    ]


def _exposure(credential: CredentialNode, asset: AssetNode, capability: Capability, trail: Trail, by: By) -> Exposure:
    environment = asset.judged.environment
    level = severity(capability, asset.asset.kind, environment)
    if credential.state in ENDED:
        level = Severity.LOW
    terms = terms_of(
        capability,
        asset.asset.kind,
        environment=environment,
        gate=trail.barrier.gate,
        lifetime=by.lifetimes[credential.id],
        confidence=trail.confidence,
    )
    told = Way(trail.barrier.gate, credential.channel, trail.barrier.rule or UNRESTRICTED, product(terms), terms)
    ways = {ANY_AGENT: told}
    for principal, judge in by.judges.items():
        ways[principal] = _way_of(judge.use(credential, asset, capability), trail.barrier, terms)
    return Exposure(
        id=ident("e", capability, asset.id, credential.id),
        class_=capability,
        asset=asset.id,
        credential=credential.id,
        environment=environment,
        confidence=trail.confidence,
        severity=level,
        urgent=_is_urgent(level, trail.confidence, ways),
        reversibility=capabilities().classes[capability].reversible,
        why=trail.why,
        path=trail.nodes,
        ways=ways,
    )


def _is_urgent(level: Severity, confidence: Confidence, ways: Mapping[str, Way]) -> bool:
    """Whether it is urgent by the easiest way of an agent."""
    if not urgent(level, Gate.NONE, confidence):
        return False
    return any(urgent(level, each.effective, confidence) for each in _of_agents(ways))


def _way_of(told: Decision, barrier: Barrier, terms: Terms) -> Way:
    """An agent's way: its own gate, or the one outside of it where that holds back more."""
    factors = weights().gate
    if factors[barrier.gate] < factors[told.effective]:
        here = replace(terms, gate=factors[barrier.gate])
        return Way(barrier.gate, told.channel, barrier.rule, product(here), here)
    here = replace(terms, gate=factors[told.effective])
    return Way(told.gate, told.channel, told.rule, product(here), here, told.stand_in)


Rights = dict[tuple[str, Capability], list[Trail]]


def _rights(graph: Graph, credential: CredentialNode) -> dict[tuple[str, Capability], Trail]:
    """The best way to each class on each asset that this credential opens, implied classes included."""
    found: Rights = {}
    for trail in _trails(graph, credential):
        for right in graph.rights.get(trail.nodes[-1], ()):
            step = trail.through(right.target, right.barrier, right.confidence, right.why)
            for capability in right.capabilities:
                _added(found.setdefault((right.target, capability), []), step)
    for asset in {asset for asset, _ in found}:
        _imply(found, asset)
    return {key: min(trails, key=_order) for key, trails in found.items()}


def _trails(graph: Graph, credential: CredentialNode) -> Iterator[Trail]:
    """Every way worth having from the credential to an identity, which is: that no other beats."""
    start = Trail((credential.id,), credential.barrier)
    kept: dict[str, list[Trail]] = {credential.id: [start]}
    queue = deque([start])
    while queue:
        trail = queue.popleft()
        for link in graph.links.get(trail.nodes[-1], ()):
            if link.target in trail.nodes or len(trail.nodes) > DEEPEST:
                continue
            step = trail.through(link.target, link.barrier, link.confidence)
            if _added(kept.setdefault(link.target, []), step):
                queue.append(step)
    for trails in kept.values():
        yield from trails


def _imply(found: Rights, asset: str) -> None:
    """Adds the classes that the found ones bring along on the same asset, until nothing changes.

    All ways worth having are carried over, since the best way to a class need not be the best to what it implies.
    """
    changed = True
    while changed:
        changed = False
        for rule in capabilities().implications:
            for source in tuple(found.get((asset, rule.source), ())):
                step = replace(source, confidence=rule.carried.of(source.confidence), why=rule.why)
                for target in rule.targets:
                    changed |= _added(found.setdefault((asset, target), []), step)


def _added(trails: list[Trail], step: Trail) -> bool:
    """Adds a way unless another beats it, drops those that it beats, and says whether it was added."""
    if any(_beats(other, step) for other in trails):
        return False
    trails[:] = [other for other in trails if not _beats(step, other)]
    trails.append(step)
    return True


def _beats(one: Trail, other: Trail) -> bool:
    """Whether a way is at least as good as another in gate, in confidence, and in length and name."""
    return (
        _strength(one.barrier) <= _strength(other.barrier)
        and DEGREES[one.confidence] <= DEGREES[other.confidence]
        and (len(one.nodes), one.nodes, one.why) <= (len(other.nodes), other.nodes, other.why)
    )


def _order(trail: Trail) -> tuple[float, int, tuple[str, ...], str, str]:
    """Sort key, best way first: the greatest product of gate and confidence, then the fewest steps."""
    held_back = -weights().gate[trail.barrier.gate] * weights().confidence[trail.confidence]
    return (held_back, len(trail.nodes), trail.nodes, trail.barrier.rule, trail.why)


def _strength(barrier: Barrier) -> tuple[float, str]:
    """How much a gate holds back: the smaller its factor the stronger, then by its rule."""
    return (-weights().gate[barrier.gate], barrier.rule)
