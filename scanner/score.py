"""From ways to figures, every term shown: the factors of one way, a severity, and a principal's radius."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache, lru_cache
from math import fsum, log10

from msgspec import Struct
from msgspec.structs import replace

from scanner.data.weights import Weights, weights
from scanner.model import (
    Capability,
    Confidence,
    CredentialState,
    Environment,
    Gate,
    Lifetime,
    Severity,
)
from scanner.model.report import ClassTerm, Radius, Terms

PASSABLE = frozenset({Gate.NONE, Gate.CLASSIFIER, Gate.RULE_ONLY})
SURE = frozenset({Confidence.GRANTED, Confidence.VERIFIED})


class Weighed(Struct, frozen=True):
    """One way, ready to be added up: its class, the exposure it belongs to, its score and its score at the worst.

    `count` exposures may have it in common, `exposure` being the last of them by its id.
    """

    capability: Capability
    exposure: str
    score: float
    worst: float
    count: int = 1


@cache
def impact_of(capability: Capability, asset_kind: str) -> float:
    """How bad a class is on that kind of asset, from 0 to 1."""
    table = weights()
    return table.impact_on.get(asset_kind, {}).get(capability, table.impact[capability])


def lifetime_factor(lifetime: Lifetime, state: CredentialState, now: datetime) -> float:
    """What is left of a credential's life; a silent refresh counts as the life of the refresh token."""
    table = weights()
    if state in {CredentialState.EXPIRED, CredentialState.REVOKED}:
        return table.expired
    end = lifetime.ends()
    if end is None:
        return table.endless
    if end <= now:
        return table.expired
    left = end - now
    return next((factor for longest, factor in table.lifetime_steps if left <= longest), table.longer)


def terms_of(
    capability: Capability,
    asset_kind: str,
    *,
    environment: Environment,
    gate: Gate,
    lifetime: float,
    confidence: Confidence,
) -> Terms:
    """The factors of one way."""
    table = weights()
    return Terms(
        impact=impact_of(capability, asset_kind),
        environment=table.environment[environment],
        gate=table.gate[gate],
        lifetime=lifetime,
        confidence=table.confidence[confidence],
    )


def product(terms: Terms) -> float:
    """A way's score, from 0 to 1, to six places."""
    return round(terms.impact * terms.environment * terms.gate * terms.lifetime * terms.confidence, 6)


@lru_cache(maxsize=8192)
def scored(terms: Terms, gate: float) -> float:
    """The same of a way with another gate, by its factor."""
    return product(replace(terms, gate=gate))


@cache
def worst(capability: Capability, asset_kind: str, environment: Environment, gate: Gate) -> float:
    """The same way with every unknown at its worst; what a kernel or the agent itself refuses stays refused."""
    table = weights()
    if table.gate[gate] == 0:
        return 0.0
    at = Environment.PRODUCTION if environment is Environment.UNKNOWN else environment
    return round(impact_of(capability, asset_kind) * table.environment[at], 6)


@cache
def severity(capability: Capability, asset_kind: str, environment: Environment) -> Severity:
    """How bad it would be: 100 x impact x environment, where what cannot be undone takes unknown as production."""
    table = weights()
    if environment is Environment.UNKNOWN and capability in table.unknown_is_production:
        environment = Environment.PRODUCTION
    points = round(100 * impact_of(capability, asset_kind) * table.environment[environment], 6)
    if points >= table.critical:
        return Severity.CRITICAL
    if points >= table.high:
        return Severity.HIGH
    return Severity.MEDIUM if points >= table.medium else Severity.LOW


def urgent(level: Severity, gate: Gate, confidence: Confidence) -> bool:
    """Bad, surely possible, and nobody is asked."""
    return level in {Severity.HIGH, Severity.CRITICAL} and gate in PASSABLE and confidence in SURE


def radius(ways: Iterable[Weighed]) -> Radius:
    """A principal's whole reach. Order-free; one more way never lowers it."""
    groups: dict[Capability, list[Weighed]] = {}
    for way in ways:
        groups.setdefault(way.capability, []).append(way)
    scored, ceiling = Tally(), Tally()
    for capability, group in groups.items():
        scored.add(capability, [(way.score, way.exposure, way.count) for way in group if way.score > 0])
        ceiling.add(capability, [(way.worst, way.exposure, way.count) for way in group if way.worst > 0])
    return Radius(score=scored.score(), ceiling=ceiling.score(), terms=tuple(scored.terms()))


class Sum(Struct, frozen=True):
    """Ways of one class added up: the greatest value with its exposure, all values together, and how many."""

    top: tuple[float, str]
    total: float
    ways: int


class Tally:
    """Ways as they are added up, by class."""

    def __init__(self) -> None:
        self._sums: dict[Capability, list[Sum]] = {}

    def add(self, capability: Capability, ways: Sequence[tuple[float, str, int]]) -> None:
        """The ways of one class, each with its exposure and how many have it; what is worth nothing is none."""
        if ways:
            top, exposure, _ = max(ways)
            total, count = fsum([value * number for value, _, number in ways]), sum([number for _, _, number in ways])
            self._sums.setdefault(capability, []).append(Sum((top, exposure), total, count))

    @staticmethod
    def of(parts: Iterable["Tally"]) -> "Tally":
        """What several add up to that have no exposure in common."""
        whole = Tally()
        for part in parts:
            for capability, sums in part._sums.items():
                whole._sums.setdefault(capability, []).extend(sums)
        return whole

    def total(self) -> float:
        """All ways added up as they are, which no figure of 100 holds."""
        return fsum([each.total for sums in self._sums.values() for each in sums])

    def score(self) -> int:
        """The figure, from 0 to 100."""
        return _total(self.terms())

    def terms(self) -> list[ClassTerm]:
        """Each class's value: its strongest way, and up to a few percent for a crowd of others."""
        table = weights()
        found = []
        for capability, sums in self._sums.items():
            top, exposure = max(each.top for each in sums)
            total, ways = fsum([each.total for each in sums]), sum(each.ways for each in sums)
            value = min(1.0, top * (1 + table.crowd * _crowd(total, top, table)))
            found.append(ClassTerm(capability, round(value, 6), exposure, ways))
        return sorted(found, key=lambda term: (-term.value, term.class_))


def _crowd(total: float, top: float, table: Weights) -> float:
    return min(1.0, max(0.0, log10(total / top)) / table.crowd_log)


def _total(terms: Sequence[ClassTerm]) -> int:
    """The strongest class, and of what it leaves a share that the others fill."""
    if not terms:
        return 0
    left = 1.0
    for term in terms[1:]:
        left *= 1 - term.value**2
    first = terms[0].value
    return round(100 * (first + weights().others * (1 - first) * (1 - left)))
