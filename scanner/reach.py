"""From the graph to exposures: what each credential opens, by the best way, with what stands before it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.data.capabilities import capabilities
from scanner.data.gates import shared, whole
from scanner.data.weights import weights
from scanner.gates import Decision, Judge, Usable, needed, usable
from scanner.graph import AssetNode, CredentialNode, Graph, ident
from scanner.model import Barrier, Capability, Confidence, CredentialState, Environment, Gap, GapKind, Gate, Severity
from scanner.model.report import Exposure, Terms, Way
from scanner.principals import ANY_AGENT
from scanner.score import Weighed, lifetime_factor, product, scored, severity, terms_of, urgent, worst
from scanner.trails import DEGREES, Finder, Opened, Row, Trail

MOST = 50_000  # exposures in one report
ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
UNRESTRICTED = "nothing asks an unrestricted process of this user"
FAR = Gap(GapKind.LIMIT, "", "there are more ways than are followed; the nearest were")
MANY = Gap(GapKind.LIMIT, "", f"more than {MOST} exposures; the worst are told")


Place = tuple[bool, int, float, int]


class Reached(Struct):
    """All exposures, worst first, and what was left out.

    Where no way to one is the best in both gate and confidence, `apart` holds it once for each such way, by its id:
    an answer that asks for the one must not be given for the other.
    """

    exposures: list[Exposure]
    apart: dict[str, list[Exposure]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def judged(self) -> list[Exposure]:
        """The exposures as they are judged, one for each way."""
        if not self.apart:
            return self.exposures
        return [each for exposure in self.exposures for each in self.apart.get(exposure.id, [exposure])]


def exposures(graph: Graph, now: datetime, judges: Mapping[str, Judge] | None = None) -> list[Exposure]:
    """Every exposure, each (class, asset, credential) once, sorted as lists are read: worst first.

    Each has a way of any-agent, and one of each principal in `judges`.
    """
    return reached(graph, now, judges or {}).exposures


def reached(graph: Graph, now: datetime, judges: Mapping[str, Judge]) -> Reached:
    """Every exposure, or the worst of them where there are more than anyone would read, and what was left out."""
    finder = Finder(graph)
    opened = list(finder.opened())
    gaps = [FAR] if finder.cut else []
    if sum(len(row) for _, table in opened for row in table.values()) > MOST:
        opened = _worst(graph, opened)
        gaps.append(MANY)
    apart: dict[str, list[Exposure]] = {}
    found: dict[Place, list[Exposure]] = {}
    teller = _Teller(judges, now)
    for credential, table in opened:
        alike = teller.alike(credential)
        for asset, row in table.items():
            for place, exposure, others in teller.told(credential, alike, graph.assets[asset], row):
                found.setdefault(place, []).append(exposure)
                if others:
                    apart[exposure.id] = others
    return Reached([each for place in sorted(found) for each in sorted(found[place], key=_by_id)], apart, gaps)


def place(exposure: Exposure) -> tuple[Place, str]:
    """Where an exposure stands in a list of all."""
    found = _place(
        pressing=exposure.urgent, level=exposure.severity, ways=exposure.ways, confidence=exposure.confidence
    )
    return found, exposure.id


def _place(*, pressing: bool, level: Severity, ways: Mapping[str, Way], confidence: Confidence) -> Place:
    """Where it stands in a list: urgent, severity, the weakest gate of an agent, confidence."""
    factor = max(weights().gate[way.effective] for way in _of_agents(ways))
    return (not pressing, -level.rank, -factor, DEGREES[confidence])


def _of_agents(ways: Mapping[str, Way]) -> list[Way]:
    """The ways of the agents that are here; where there is none, that of an unrestricted one."""
    return [way for principal, way in ways.items() if principal != ANY_AGENT] or list(ways.values())


class Crowd(Struct, frozen=True):
    """Exposures of one class, kind of asset and environment that share their ways, told by the last of them by id."""

    last: Exposure
    kind: str
    count: int


def crowds(graph: Graph, found: Sequence[Exposure]) -> list[Crowd]:
    """The exposures put together, since of thousands only the asset differs."""
    together: dict[tuple[int, Capability, str, Environment], list[Exposure]] = {}
    for each in found:
        kind = graph.assets[each.asset].asset.kind
        together.setdefault((id(each.ways), each.class_, kind, each.environment), []).append(each)
    return [Crowd(max(group, key=_by_id), key[2], len(group)) for key, group in together.items()]


def weighed(found: Sequence[Crowd], principal: str) -> Iterator[Weighed]:
    """What `score.radius` adds up for one principal."""
    for crowd in found:
        last = crowd.last
        way = last.ways.get(principal)
        if way is not None:
            most = worst(last.class_, crowd.kind, last.environment, way.gate)
            yield Weighed(last.class_, last.id, way.score, most, crowd.count)


class _Part(Struct):
    """What exposures have in common that differ by the asset's name alone."""

    place: Place
    severity: Severity
    urgent: bool
    ways: dict[str, Way]


class _Alike(Struct):
    """What credentials have in common that are used alike and have as much left of their life."""

    used: Usable
    lifetime: float
    ended: bool
    parts: dict[tuple[object, ...], _Part] = field(default_factory=dict)
    decided: dict[tuple[object, ...], _Part] = field(default_factory=dict)


class _Teller:
    """Tells exposures; what many of them have in common is worked out once."""

    def __init__(self, judges: Mapping[str, Judge], now: datetime) -> None:
        self.judges = judges
        self.now = now
        self._known: dict[tuple[Usable, float, bool], _Alike] = {}

    def alike(self, credential: CredentialNode) -> _Alike:
        """What a credential has in common with others."""
        lifetime = lifetime_factor(credential.lifetime, credential.state, self.now)
        key = (usable(credential), lifetime, credential.state in ENDED)
        return self._known.setdefault(key, _Alike(*key))

    def told(
        self, credential: CredentialNode, alike: _Alike, asset: AssetNode, row: Row
    ) -> Iterator[tuple[Place, Exposure, list[Exposure]]]:
        """Each exposure on one asset and its place in a list; where there are several ways, also once for each."""
        hosts = needed(asset, credential.kind)
        for capability, trails in row.items():
            parts = [self._part(alike, asset, hosts, capability, trail) for trail in trails]
            first = parts[0]
            if len(parts) == 1:
                yield first.place, _exposure(credential, asset, capability, trails[0], first), []
                continue
            others = [_exposure(credential, asset, capability, *each) for each in zip(trails, parts, strict=True)]
            found = [whole(each.ways) for each in parts]
            ways = {name: max((each[name] for each in found), key=_by_score) for name in first.ways}
            place = _place(pressing=first.urgent, level=first.severity, ways=ways, confidence=trails[0].confidence)
            part = _Part(place, first.severity, first.urgent, shared(ways))
            yield place, _exposure(credential, asset, capability, trails[0], part), others

    def _part(
        self, alike: _Alike, asset: AssetNode, hosts: tuple[str, ...], capability: Capability, trail: Trail
    ) -> _Part:
        """Made once for each class, kind of asset, environment, gate and confidence, and what agents decide of it."""
        kind, environment = asset.asset.kind, asset.judged.environment
        key = (capability, kind, environment, trail.barrier, trail.confidence)
        part = alike.parts.get((hosts, *key))
        if part is None:
            decisions = [each.decided(alike.used, hosts, capability) for each in self.judges.values()]
            decided = (*key, *map(id, decisions))  # each judge keeps its own
            part = alike.decided.get(decided) or self._made(alike, asset, capability, trail, decisions)
            alike.parts[hosts, *key] = alike.decided[decided] = part
        return part

    def _made(
        self, alike: _Alike, asset: AssetNode, capability: Capability, trail: Trail, decisions: Sequence[Decision]
    ) -> _Part:
        kind, environment = asset.asset.kind, asset.judged.environment
        level = Severity.LOW if alike.ended else severity(capability, kind, environment)
        terms = terms_of(
            capability,
            kind,
            environment=environment,
            gate=trail.barrier.gate,
            lifetime=alike.lifetime,
            confidence=trail.confidence,
        )
        ways = {ANY_AGENT: _unrestricted(alike.used.channel, trail.barrier, terms)}
        ways.update(self._ways(trail.barrier, terms, decisions))
        pressing = is_urgent(level, trail.confidence, ways)
        place = _place(pressing=pressing, level=level, ways=ways, confidence=trail.confidence)
        return _Part(place, level, pressing, ways)

    def _ways(self, barrier: Barrier, terms: Terms, decisions: Sequence[Decision]) -> Iterator[tuple[str, Way]]:
        """The way of each agent: by its own gate, or the one outside of it if that is stronger."""
        factors = weights().gate
        outside = product(terms)
        for name, told in zip(self.judges, decisions, strict=True):
            usual = factors[told.effective]
            if terms.gate < usual:
                yield name, Way(barrier.gate, told.channel, barrier.rule, outside)
            elif told.factor is None or told.factor == usual:
                yield name, Way(told.gate, told.channel, told.rule, scored(terms, usual), None, told.stand_in)
            else:
                here = replace(terms, gate=told.factor)
                yield name, Way(told.gate, told.channel, told.rule, product(here), here, told.stand_in)


def _unrestricted(channel: str, barrier: Barrier, terms: Terms) -> Way:
    """The way of any-agent."""
    return Way(barrier.gate, channel, barrier.rule or UNRESTRICTED, product(terms), terms)


def _exposure(
    credential: CredentialNode, asset: AssetNode, capability: Capability, trail: Trail, part: _Part
) -> Exposure:
    return Exposure(
        id=ident("e", capability, asset.id, credential.id),
        class_=capability,
        asset=asset.id,
        credential=credential.id,
        environment=asset.judged.environment,
        confidence=trail.confidence,
        severity=part.severity,
        urgent=part.urgent,
        reversibility=capabilities().classes[capability].reversible,
        why=trail.why,
        path=(credential.id, *trail.nodes),
        ways=part.ways,
    )


def is_urgent(level: Severity, confidence: Confidence, ways: Mapping[str, Way]) -> bool:
    """Whether it is urgent by the easiest way of an agent."""
    if not urgent(level, Gate.NONE, confidence):
        return False
    return any(urgent(level, each.effective, confidence) for each in _of_agents(ways))


def _by_id(exposure: Exposure) -> str:
    return exposure.id


def _by_score(way: Way) -> float:
    return way.score


# --- more than anyone would read


def _worst(graph: Graph, opened: Sequence[tuple[CredentialNode, Opened]]) -> list[tuple[CredentialNode, Opened]]:
    """Of what all credentials open the worst, by the order of lists for an unrestricted process."""
    lists: dict[tuple[int, bool], list[Ranked]] = {}
    for credential, table in opened:
        key = (id(table), credential.state in ENDED)
        if key not in lists:
            lists[key] = sorted(_ranked(graph, table, ended=credential.state in ENDED))
    nodes = {credential.id: (credential, table) for credential, table in opened}
    kept: dict[str, Opened] = {}
    rows = (_owned(node, lists[id(table), node.state in ENDED]) for node, table in nodes.values())
    for ranked, owner in islice(merge(*rows), MOST):
        asset, capability = ranked[-2:]
        kept.setdefault(owner, {}).setdefault(asset, {})[capability] = nodes[owner][1][asset][capability]
    return [(nodes[owner][0], table) for owner, table in kept.items()]


Ranked = tuple[bool, int, float, int, str, Capability]


def _ranked(graph: Graph, table: Opened, *, ended: bool) -> Iterator[Ranked]:
    """What a table opens, each with its place in a list."""
    for asset, row in table.items():
        node = graph.assets[asset]
        for capability, trails in row.items():
            best = trails[0]
            level = severity(capability, node.asset.kind, node.judged.environment)
            level = Severity.LOW if ended else level
            factor = weights().gate[best.barrier.gate]
            pressing = urgent(level, best.barrier.gate, best.confidence)
            yield (not pressing, -level.rank, -factor, DEGREES[best.confidence], asset, capability)


def _owned(node: CredentialNode, ranked: Sequence[Ranked]) -> Iterator[tuple[Ranked, str]]:
    return ((each, node.id) for each in ranked)
