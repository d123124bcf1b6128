"""The lines of a contract as a joiner reads them."""

from collections.abc import Sequence
from datetime import timedelta

from scanner.data.capabilities import capabilities
from scanner.model import Capability, Environment, Gate
from scanner.model.contract import Clause

# What has to stand before it, for each gate that a contract may name.
UNLESS = {
    Gate.CLASSIFIER: "a model has judged it",
    Gate.RULE_ONLY: "a rule stands before it",
    Gate.PROMPT: "a person says yes",
    Gate.PRESENCE: "a person is there",
    Gate.SERVER: "the other side asks for more",
    Gate.REFUSED: "the agent itself refuses",
    Gate.OS_BLOCKED: "the operating system stops it",
}

SHOWN = 5  # names of a list


def banned(clause: Clause) -> str:
    """A line of `never`: "never publish on production, unless a person is there"."""
    unless = f", unless {UNLESS[clause.gate]}" if clause.gate in UNLESS else ""
    return f"never {_what(clause)}{unless}"


def allowed(clause: Clause) -> str:
    """A line of `allow` that asks for a gate: "only after a person says yes: read data"."""
    return f"only when {UNLESS[clause.gate]}: {_what(clause)}" if clause.gate in UNLESS else f"may {_what(clause)}"


def _what(clause: Clause) -> str:
    """What it is about: the classes as something one does, the assets, the environments."""
    does = [capabilities().classes[each].does for each in Capability if each in clause.capabilities]
    on = f" on {_or(clause.assets)}" if clause.assets else ""
    but = f", {_or(clause.excluding)} aside," if clause.excluding else ""
    within = [str(each) for each in Environment if each in clause.environments]
    return f"{_or(does) or 'do anything'}{on}{but}{f' in {_or(within)}' if within else ''}"


def _or(words: "tuple[str, ...] | list[str]") -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def some(names: Sequence[str]) -> str:
    """The first few of several names, and how many more there are."""
    shown = ", ".join(names[:SHOWN])
    return f"{shown} and {len(names) - SHOWN} more" if len(names) > SHOWN else shown


def span(length: timedelta) -> str:
    """A length of time in the contract's own words: 12h, 7d."""
    hours = int(length.total_seconds() // 3600)
    if hours < 1:
        return f"{int(length.total_seconds() // 60)}m"
    return f"{hours // 24}d" if hours % 24 == 0 or hours > 72 else f"{hours}h"
