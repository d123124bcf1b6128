"""What each class of capability means, who can undo it, and what it brings along: `capabilities.toml`."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Capability, Confidence, Reversibility


class Carried(StrEnum):
    """How surely an implied class follows."""

    SAME = "same"
    LOWER = "lower"
    POSSIBLE = "possible"

    def of(self, confidence: Confidence) -> Confidence:
        """The confidence of the implied class, from that of the class that implies it."""
        match self:
            case Carried.SAME:
                return confidence
            case Carried.LOWER:
                return confidence.one_lower
            case Carried.POSSIBLE:
                return Confidence.POSSIBLE


class CapabilityClass(Struct, frozen=True):
    """One class: what one does with it, its meaning, who can undo it, and its techniques of MITRE ATT&CK."""

    does: str
    means: str
    reversible: Reversibility
    techniques: tuple[str, ...]


class Implication(Struct, frozen=True):
    """One class brings others along on the same asset."""

    source: Capability
    targets: frozenset[Capability]
    carried: Carried
    why: str


class Capabilities(Struct, frozen=True):
    """All classes and their implications; `attack_release` is the release of MITRE ATT&CK that technique ids follow."""

    version: str
    attack_release: str
    classes: Mapping[Capability, CapabilityClass]
    implications: tuple[Implication, ...]


@cache
def capabilities() -> Capabilities:
    """The classes. Raises DataError where one is missing or a word is unknown."""
    told = files.table("capabilities.toml")
    try:
        return Capabilities(
            version=str(told["version"]),
            attack_release=str(told["attack_release"]),
            classes={
                word: CapabilityClass(
                    row["does"], row["means"], Reversibility(row["reversible"]), tuple(row["techniques"])
                )
                for word in Capability
                for row in [told["class"][word.value]]
            },
            implications=tuple(
                Implication(
                    Capability(row["from"]),
                    frozenset(map(Capability, row["to"])),
                    Carried(row["confidence"]),
                    row["why"],
                )
                for row in told["implies"]
            ),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"capabilities.toml: {error}") from error
