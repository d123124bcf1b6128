"""From ways to figures, every term shown: the factors of one way, a severity, and a principal's radius."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from math import fsum, log10

from msgspec import Struct

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
    """One way, ready to be added up: its class, the exposure it belongs to, its score and its score at the worst."""

    capability: Capability
    exposure: str
    score: float
    worst: float


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
    tally, ceiling = Tally(), Tally()
    for way in ways:
        tally.add(way.capability, way.exposure, way.score)
        ceiling.add(way.capability, way.exposure, way.worst)
    return Radius(score=tally.score(), ceiling=ceiling.score(), terms=tuple(tally.terms()))


class Tally:
    """Ways as they are added up, by class."""

    def __init__(self) -> None:
        self._ways: dict[Capability, list[tuple[float, str]]] = {}

    def add(self, capability: Capability, exposure: str, value: float) -> None:
        """One more way; what is worth nothing adds nothing."""
        if value > 0:
            self._ways.setdefault(capability, []).append((value, exposure))

    @staticmethod
    def of(parts: Iterable["Tally"]) -> "Tally":
        """What several add up to that have no exposure in common."""
        whole = Tally()
        for part in parts:
            for capability, ways in part._ways.items():
                whole._ways.setdefault(capability, []).extend(ways)
        return whole

    def score(self) -> int:
        """The figure, from 0 to 100."""
        return _total(self.terms())

    def terms(self) -> list[ClassTerm]:
        """Each class's value: its strongest way, and up to a few percent for a crowd of others."""
        table = weights()
        found = []
        for capability, ways in self._ways.items():
            top, exposure = max(ways)
            value = min(1.0, top * (1 + table.crowd * _crowd(fsum([each for each, _ in ways]), top, table)))
            found.append(ClassTerm(capability, round(value, 6), exposure, len(ways)))
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
