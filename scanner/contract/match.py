"""Whether a line of a contract is about an exposure, and whether what stands before it is enough."""

from fnmatch import fnmatchcase
from functools import lru_cache

from scanner.data.gates import gates
from scanner.model import Capability, Environment, Gate
from scanner.model.contract import Clause


def matches(clause: Clause, capability: Capability, asset: str, environment: Environment) -> bool:
    """Whether a clause is about that capability on that asset (`kind:name`) in that environment."""
    return includes(clause, capability, environment) and concerns(clause, asset)


def includes(clause: Clause, capability: Capability, environment: Environment) -> bool:
    """Whether a clause is about that capability on some asset there."""
    return (not clause.capabilities or capability in clause.capabilities) and (
        not clause.environments or environment in clause.environments
    )


def concerns(clause: Clause, asset: str) -> bool:
    """Whether a clause names an asset, or all of them."""
    named = not clause.assets or any(fits(pattern, asset) for pattern in clause.assets)
    return named and not any(fits(pattern, asset) for pattern in clause.excluding)


def strong_enough(gate: Gate, least: Gate | None) -> bool:
    """Whether a gate holds back at least as much as another; without another any does."""
    return least is None or gates()[gate].factor <= gates()[least].factor


@lru_cache(maxsize=65536)
def fits(pattern: str, asset: str) -> bool:
    """Whether an asset is of a pattern, both `kind:name`."""
    return pattern == asset or fnmatchcase(asset, pattern)
