"""What the demands of a contract are held against, and how to mend an agent: `clauses.toml`, `agent_mends.toml`."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Fix, Platform, Severity


class Demands(Struct, frozen=True):
    """`weaknesses` are, by demand, the rules that break it; the others are globs over kinds."""

    weaknesses: Mapping[str, frozenset[str]]
    keys: tuple[str, ...]
    tokens: tuple[str, ...]
    unscoped: tuple[str, ...]
    untold: tuple[str, ...]
    lasting: tuple[str, ...]
    source: tuple[str, ...]
    severities: Mapping[str, Severity]

    def is_key(self, kind: str) -> bool:
        """Whether a kind of credential is a private key."""
        return any(fnmatchcase(kind, glob) for glob in self.keys)

    def is_token(self, kind: str) -> bool:
        """Whether a kind of credential is a token of a forge, a registry or a cloud."""
        return any(fnmatchcase(kind, glob) for glob in self.tokens)

    def is_unscoped(self, kind: str) -> bool:
        """Whether such a token is bound to nothing in particular."""
        return any(fnmatchcase(kind, glob) for glob in self.unscoped)

    def is_untold(self, kind: str) -> bool:
        """Whether such a token may be bound to something, which it does not tell."""
        return any(fnmatchcase(kind, glob) for glob in self.untold)

    def is_lasting(self, kind: str) -> bool:
        """Whether such a token does not tell its end, which is far off."""
        return any(fnmatchcase(kind, glob) for glob in self.lasting)

    def is_source(self, kind: str) -> bool:
        """Whether a kind of asset holds source."""
        return _is_any(kind, self.source)


@cache
def _is_any(kind: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(kind, glob) for glob in globs)


@cache
def demands() -> Demands:
    """The table of demands. Raises DataError where it is not whole."""
    told = files.table("clauses.toml")
    try:
        return Demands(
            weaknesses={demand: frozenset(rules) for demand, rules in told["weaknesses"].items()},
            keys=tuple(told["keys"]["kinds"]),
            tokens=tuple(told["tokens"]["kinds"]),
            unscoped=tuple(told["tokens"]["unscoped"]),
            untold=tuple(told["tokens"]["untold"]),
            lasting=tuple(told["tokens"]["lasting"]),
            source=tuple(told["source"]["kinds"]),
            severities={demand: Severity(word) for demand, word in told["severities"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"clauses.toml: {error}") from error


def agent_mend(agent: str, wanted: Sequence[str], platform: Platform, more: str = "") -> Fix:
    """How to mend what an agent's settings lack, each once, and more; for one that is not known, what to look for."""
    rows = {word: _row(agent, word, platform) for word in dict.fromkeys(wanted)}
    covered = {word for row in rows.values() for word in row.get("covers", ())}
    left = [row for word, row in rows.items() if word not in covered]
    summaries = dict.fromkeys(str(row[key]) for key in ("summary", "more") for row in left if key in row)
    commands = dict.fromkeys(str(command) for row in left for command in row.get("commands", ()))
    return Fix(" ".join(filter(None, (*summaries, more))), tuple(commands))


def _row(agent: str, word: str, platform: Platform) -> Mapping[str, Any]:
    """One mend, as it is on that platform."""
    table = files.table("agent_mends.toml")
    row = table["agents"].get(agent, {}).get(word) or table["any"][word]
    return {**row, **row.get(platform.value, {})}


def guardrail_ids() -> tuple[str, ...]:
    """The ids of the guardrails that a contract can ask for."""
    table = files.table("clauses.toml")["guardrail_ids"]
    return (*table["seen"], *table["unseen"])


class CredentialMend(Struct, frozen=True):
    """How to mend a credential by what it breaks, or where it lies in a job; `own` adds the mend of its kind."""

    summary: str
    commands: tuple[str, ...]
    own: bool


def demanded_mend(demand: str, kind: str) -> CredentialMend | None:
    """The mend of a credential of a kind that breaks a demand, where it has one for that."""
    rows = files.table("clauses.toml")["mends"]
    return _first((row for row in rows if row["demand"] == demand), kind)


def unattended_mend(kind: str) -> CredentialMend | None:
    """What takes the place of a credential of a kind in a job, where no person signs in."""
    return _first(files.table("clauses.toml")["unattended"], kind)


def is_job(variables: Iterable[str], contracts: Iterable[str]) -> bool:
    """Whether these variables, or the names of these contracts, tell that no person works here."""
    told = files.table("clauses.toml")["jobs"]
    return not set(told["variables"]).isdisjoint(variables) or not set(told["contracts"]).isdisjoint(contracts)


def _first(rows: Iterable[Mapping[str, Any]], kind: str) -> CredentialMend | None:
    row = next((row for row in rows if _is_any(kind, tuple(row["kinds"]))), None)
    if row is None:
        return None
    return CredentialMend(str(row.get("summary", "")), tuple(row.get("commands", ())), bool(row.get("own")))


def guardrail_mend(name: str, platform: Platform) -> Fix:
    """How to have a guardrail of that name, or the first of those that its glob means."""
    table = files.table("clauses.toml")["guardrails"]
    row = next(
        (told for rule, told in table.items() if fnmatchcase(rule, name) or fnmatchcase(name, rule)), table["any"]
    )
    row = {**row, **row.get(platform.value, {})}
    return Fix(str(row["summary"]), tuple(str(command) for command in row.get("commands", ())))


def agents_with_rules() -> tuple[str, ...]:
    """The ids of the agents that are judged, by their own rules or as their vendors ship them."""
    rows = files.table("agent_places.toml")["agent"]
    return tuple(sorted({*files.table("agent_mends.toml")["agents"], *(row["id"] for row in rows)}))
