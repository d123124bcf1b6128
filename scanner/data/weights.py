"""Every number of the score, as values: `weights.toml`, and `gates.toml` for those of the gates."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

from msgspec import Struct

from scanner.data import files
from scanner.data.gates import gates
from scanner.errors import DataError
from scanner.model import Capability, Confidence, Environment, Gate

Word = TypeVar("Word", Capability, Environment, Confidence)


class Weights(Struct, frozen=True):
    """The tables of the score. Factors lie between 0 and 1; `lifetime_steps` are (at most this long, factor)."""

    version: str
    impact: Mapping[Capability, float]
    impact_on: Mapping[str, Mapping[Capability, float]]
    environment: Mapping[Environment, float]
    gate: Mapping[Gate, float]
    confidence: Mapping[Confidence, float]
    endless: float
    expired: float
    lifetime_steps: tuple[tuple[timedelta, float], ...]
    longer: float
    crowd: float
    crowd_log: float
    others: float
    critical: float
    high: float
    medium: float
    unknown_is_production: frozenset[Capability]


@cache
def weights() -> Weights:
    """The weights in force. Raises DataError where a table is not whole."""
    told = files.table("weights.toml")
    try:
        lifetime, aggregate, severity = told["lifetime"], told["aggregate"], told["severity"]
        return Weights(
            version=str(told["version"]),
            impact=_whole(Capability, told["impact"]),
            impact_on={
                kind: {Capability(name): float(value) for name, value in row.items()}
                for kind, row in told.get("impact_on", {}).items()
            },
            environment=_whole(Environment, told["environment"]),
            gate={gate: info.factor for gate, info in gates().items()},
            confidence=_whole(Confidence, told["confidence"]),
            endless=float(lifetime["endless"]),
            expired=float(lifetime["expired"]),
            lifetime_steps=tuple((timedelta(hours=step["hours"]), float(step["factor"])) for step in lifetime["steps"]),
            longer=float(lifetime["longer"]),
            crowd=float(aggregate["crowd"]),
            crowd_log=float(aggregate["crowd_log"]),
            others=float(aggregate["others"]),
            critical=float(severity["critical"]),
            high=float(severity["high"]),
            medium=float(severity["medium"]),
            unknown_is_production=frozenset(Capability(name) for name in severity["unknown_is_production"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"weights.toml: {error}") from error


def _whole(words: type[Word], row: dict[str, Any]) -> dict[Word, float]:
    """One factor for each word of a closed set, no more and no less."""
    found = {words(name): float(value) for name, value in row.items()}
    missing = [str(word) for word in words if word not in found]
    if missing:
        raise ValueError(f"no factor for {', '.join(missing)}")
    return found
