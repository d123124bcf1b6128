"""What the rules of a Kubernetes role allow: `kube_rules.toml`."""

from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Capability


class Rule(Struct, frozen=True):
    """A rule as a cluster tells it: every one of these verbs on every one of these resources."""

    verbs: tuple[str, ...]
    groups: tuple[str, ...]
    resources: tuple[str, ...]


class Row(Struct, frozen=True):
    """What some rules allow, and in which words."""

    says: str
    rule: Rule
    told: frozenset[Capability]
    possible: frozenset[Capability]

    def holds(self, told: Rule) -> bool:
        """Whether a cluster's rule allows this."""
        return (
            any(_covers(told.verbs, verb) for verb in self.rule.verbs)
            and any(_covers(told.groups, group) for group in self.rule.groups)
            and any(_covers(told.resources, name) for name in self.rule.resources)
        )


class Allowed(Struct, frozen=True):
    """Each class that rules allow, with the words for what allows it; `possible` depends on more than the rules."""

    told: dict[Capability, tuple[str, ...]]
    possible: dict[Capability, tuple[str, ...]]


@cache
def rows() -> tuple[Row, ...]:
    """All rows. Raises DataError for a faulty one."""
    try:
        return tuple(
            Row(
                str(row["says"]),
                Rule(*(tuple(str(each) for each in row[key]) for key in ("verbs", "groups", "resources"))),
                frozenset(Capability(name) for name in row["capabilities"]),
                frozenset(Capability(name) for name in row.get("possible", ())),
            )
            for row in files.table("kube_rules.toml")["rule"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"kube_rules.toml: {error}") from error


def allowed(rules: Iterable[Rule]) -> Allowed:
    """What these rules allow together."""
    rules = tuple(rules)
    found = [row for row in rows() if any(row.holds(rule) for rule in rules)]
    told = _by_class((row.says, row.told) for row in found)
    possible = _by_class((row.says, row.possible - told.keys()) for row in found)
    return Allowed(told, possible)


def _by_class(found: Iterable[tuple[str, frozenset[Capability]]]) -> dict[Capability, tuple[str, ...]]:
    words: dict[Capability, tuple[str, ...]] = {}
    for says, capabilities in found:
        for each in sorted(capabilities):
            words[each] = (*words.get(each, ()), says)
    return words


def _covers(told: tuple[str, ...], wanted: str) -> bool:
    """As Kubernetes matches: by itself, by `*`, and a part of any resource by `*/part`."""
    part = wanted.partition("/")[2]
    return "*" in told or wanted in told or (bool(part) and f"*/{part}" in told)
