"""What changes cost, and how the steps of a plan are told: `advice.toml`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Severity

FILE = "advice.toml"
ANY = "any"


class Effort(Struct, frozen=True):
    """A kind of work: how dear it is, in words, and whether it waits for a person elsewhere."""

    points: float
    words: str
    elsewhere: bool = False


class Words(Struct, frozen=True):
    """How a step is told, with `{...}` for what differs; `windows` are its commands there, where they are others."""

    summary: str
    commands: tuple[str, ...] = ()
    windows: tuple[str, ...] = ()


class Step(Struct, frozen=True):
    """From so many on, something is so many times as dear."""

    count: int
    times: float


class Prices(Struct, frozen=True):
    """The whole table. `used` and `asking` are in falling order of their counts."""

    effort: Mapping[str, Effort]
    used: tuple[Step, ...]
    asking: tuple[Step, ...]
    unknown: float
    severity: Mapping[Severity, float]
    identity: Mapping[str, Words]
    server: Mapping[str, Words]
    copies: Words

    def by_use(self, count: int) -> float:
        """How many times as dear it is to take away what was used so often."""
        return _times(self.used, count)

    def by_prompts(self, count: float) -> float:
        """How many times as dear it is to have a person asked so often a day."""
        return _times(self.asking, count)


def _times(steps: tuple[Step, ...], count: float) -> float:
    return next((step.times for step in steps if count >= step.count), 1.0)


@cache
def prices() -> Prices:
    """The table. Raises DataError where it is not whole."""
    told = files.table(FILE)
    try:
        return Prices(
            effort={name: Effort(**row) for name, row in told["effort"].items()},
            used=tuple(sorted((Step(**row) for row in told["used"]), key=lambda step: -step.count)),
            asking=tuple(sorted((Step(**row) for row in told["asking"]), key=lambda step: -step.count)),
            unknown=float(told["unknown"]["times"]),
            severity={severity: float(told["severity"][severity]) for severity in Severity},
            identity={name: _words(row) for name, row in told["identity"].items()},
            server={name: _words(row) for name, row in told["server"].items()},
            copies=_words(told["copies"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{FILE}: {error}") from error


def _words(row: Mapping[str, Any]) -> Words:
    return Words(str(row["summary"]), tuple(row.get("commands", ())), tuple(row.get("windows", ())))
