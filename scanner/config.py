"""The configuration: labels, environment rules, crown jewels, named outside probes, what agents may read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.model import Environment


@dataclass(frozen=True, slots=True)
class EnvironmentRule:
    """A user's own rule: an asset whose `kind:name`, or one of whose hints, matches the glob is of that environment."""

    match: str
    environment: Environment
    line: int = 0


@dataclass(frozen=True, slots=True)
class Config:
    """What the user settled.

    `labels` maps an asset pattern (`kind:name`, globs allowed) to its environment; `crown_jewels` are asset patterns;
    `plugins` the outside probes that may run; `agents_may_read` lifts the guard for scans that an agent started.
    """

    labels: Mapping[str, Environment] = field(default_factory=dict)
    environment_rules: tuple[EnvironmentRule, ...] = ()
    crown_jewels: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    agents_may_read: bool = False
