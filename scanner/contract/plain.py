"""The lines of a contract as a joiner reads them."""

from collections.abc import Sequence, Set
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
MOST = 3  # globs of one line


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
    on = f" on {_globs(clause.assets)}" if clause.assets else ""
    within = _within(clause.environments)
    but = f", {_listed(clause.excluding, 'and')} aside{',' if within else ''}" if clause.excluding else ""
    return f"{_listed(does, 'or') or 'do anything'}{on}{but}{within}"


def _within(environments: Set[Environment]) -> str:
    """Where: "in production", "on this machine", "in staging or unknown environments"."""
    if environments == {Environment.WORKSTATION}:
        return " on this machine"
    if environments == {Environment.UNKNOWN}:
        return " in unknown environments"
    words = [str(each) for each in Environment if each in environments]
    many = " environments" if len(words) > 1 else ""
    return f" in {_listed(words, 'or')}{many}" if words else ""


def _globs(globs: Sequence[str]) -> str:
    """The first few of a line's globs: who wants all of them looks at the line."""
    few = globs if len(globs) <= MOST + 1 else (*globs[:MOST], f"{len(globs) - MOST} more")
    return _listed(few, "or")


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


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
