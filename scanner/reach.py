"""From the graph to exposures: what each credential opens, by the best way, with what stands before it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from heapq import merge
from itertools import islice

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.data.capabilities import capabilities
from scanner.data.gates import shared
from scanner.data.weights import weights
from scanner.gates import Decision, Judge
from scanner.graph import AssetNode, CredentialNode, Graph, ident
from scanner.model import Capability, Confidence, CredentialState, Gap, GapKind, Gate, Severity
from scanner.model.report import Exposure, Terms, Way
from scanner.principals import ANY_AGENT
from scanner.score import Weighed, lifetime_factor, product, severity, terms_of, urgent, worst
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
    found: list[tuple[Place, str, Exposure]] = []
    for credential, table in opened:
        teller = _Teller(credential, lifetime_factor(credential.lifetime, credential.state, now), judges)
        for asset, row in table.items():
            node = graph.assets[asset]
            for place, exposure, others in teller.told(node, row):
                found.append((place, exposure.id, exposure))
                if others:
                    apart[exposure.id] = others
    return Reached([exposure for _, _, exposure in sorted(found)], apart, gaps)


def _place(*, pressing: bool, level: Severity, ways: Mapping[str, Way], confidence: Confidence) -> Place:
    """Where it stands in a list: urgent, severity, the weakest gate of an agent, confidence."""
    factor = max(weights().gate[way.effective] for way in _of_agents(ways))
    return (not pressing, -level.rank, -factor, DEGREES[confidence])


def _of_agents(ways: Mapping[str, Way]) -> list[Way]:
    """The ways of the agents that are here; where there is none, that of an unrestricted one."""
    return [way for principal, way in ways.items() if principal != ANY_AGENT] or list(ways.values())


def weighed(graph: Graph, found: Sequence[Exposure], principal: str) -> Iterator[Weighed]:
    """What `score.radius` adds up for one principal."""
    kinds = {node.id: node.asset.kind for node in graph.assets.values()}
    for exposure in found:
        way = exposure.ways.get(principal)
        if way is not None:
            most = worst(exposure.class_, kinds[exposure.asset], exposure.environment, way.gate)
            yield Weighed(exposure.class_, exposure.id, way.score, most)


class _Part(Struct):
    """What exposures of one credential have in common that differ by the asset's name alone.

    `whole` are the ways each with all its terms, `ways` as a report holds them.
    """

    place: Place
    severity: Severity
    urgent: bool
    whole: dict[str, Way]
    ways: dict[str, Way]


class _Teller:
    """Tells the exposures of one credential."""

    def __init__(self, credential: CredentialNode, lifetime: float, judges: Mapping[str, Judge]) -> None:
        self.credential = credential
        self.lifetime = lifetime
        self.judges = judges
        self._parts: dict[tuple[object, ...], _Part] = {}

    def told(self, asset: AssetNode, row: Row) -> Iterator[tuple[Place, Exposure, list[Exposure]]]:
        """Each exposure on one asset and its place in a list; where there are several ways, also once for each."""
        uses = [judge.uses(self.credential, asset) for judge in self.judges.values()]
        for capability, trails in row.items():
            decisions = [use(capability) for use in uses]
            parts = [self._part(asset, capability, trail, decisions) for trail in trails]
            first = parts[0]
            if len(parts) == 1:
                yield first.place, _exposure(self.credential, asset, capability, trails[0], first), []
                continue
            others = [_exposure(self.credential, asset, capability, *each) for each in zip(trails, parts, strict=True)]
            ways = {name: max((each.whole[name] for each in parts), key=_by_score) for name in first.whole}
            place = _place(pressing=first.urgent, level=first.severity, ways=ways, confidence=trails[0].confidence)
            part = _Part(place, first.severity, first.urgent, ways, shared(ways))
            yield place, _exposure(self.credential, asset, capability, trails[0], part), others

    def _part(self, asset: AssetNode, capability: Capability, trail: Trail, decisions: Sequence[Decision]) -> _Part:
        """Made once for each kind of asset, environment, class, gate, confidence and (kept by its judge) decision."""
        kind, environment = asset.asset.kind, asset.judged.environment
        key = (kind, environment, capability, trail.barrier, trail.confidence, *map(id, decisions))
        if key not in self._parts:
            level = severity(capability, kind, environment)
            if self.credential.state in ENDED:
                level = Severity.LOW
            ways = self._ways(asset, capability, trail, decisions)
            pressing = _is_urgent(level, trail.confidence, ways)
            place = _place(pressing=pressing, level=level, ways=ways, confidence=trail.confidence)
            self._parts[key] = _Part(place, level, pressing, ways, shared(ways))
        return self._parts[key]

    def _ways(
        self, asset: AssetNode, capability: Capability, trail: Trail, decisions: Sequence[Decision]
    ) -> dict[str, Way]:
        """The way of any-agent, and of each agent: by its own gate, or the one outside of it if that is stronger."""
        barrier, factors = trail.barrier, weights().gate
        terms = self._termed(asset, capability, barrier.gate, trail.confidence)
        rule = barrier.rule or UNRESTRICTED
        ways = {ANY_AGENT: Way(barrier.gate, self.credential.channel, rule, product(terms), terms)}
        for name, told in zip(self.judges, decisions, strict=True):
            if factors[barrier.gate] < factors[told.effective]:
                ways[name] = Way(barrier.gate, told.channel, barrier.rule, product(terms), terms)
            else:
                here = self._termed(asset, capability, told.effective, trail.confidence)
                here = replace(here, gate=told.factor) if told.factor is not None else here
                ways[name] = Way(told.gate, told.channel, told.rule, product(here), here, told.stand_in)
        return ways

    def _termed(self, asset: AssetNode, capability: Capability, gate: Gate, confidence: Confidence) -> Terms:
        return terms_of(
            capability,
            asset.asset.kind,
            environment=asset.judged.environment,
            gate=gate,
            lifetime=self.lifetime,
            confidence=confidence,
        )


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


def _is_urgent(level: Severity, confidence: Confidence, ways: Mapping[str, Way]) -> bool:
    """Whether it is urgent by the easiest way of an agent."""
    if not urgent(level, Gate.NONE, confidence):
        return False
    return any(urgent(level, each.effective, confidence) for each in _of_agents(ways))


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
