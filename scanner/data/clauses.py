"""What the demands of a contract are held against, and how to mend an agent: `clauses.toml`, `agent_mends.toml`."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Fix, Severity


class Demands(Struct, frozen=True):
    """`weaknesses` are, by demand, the rules that break it; the others are globs over kinds."""

    weaknesses: Mapping[str, frozenset[str]]
    keys: tuple[str, ...]
    tokens: tuple[str, ...]
    unscoped: tuple[str, ...]
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

    def is_lasting(self, kind: str) -> bool:
        """Whether such a token does not tell its end, which is far off."""
        return any(fnmatchcase(kind, glob) for glob in self.lasting)

    def is_source(self, kind: str) -> bool:
        """Whether a kind of asset holds source."""
        return any(fnmatchcase(kind, glob) for glob in self.source)


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
            lasting=tuple(told["tokens"]["lasting"]),
            source=tuple(told["source"]["kinds"]),
            severities={demand: Severity(word) for demand, word in told["severities"].items()},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"clauses.toml: {error}") from error


def agent_mend(agent: str, what: str) -> Fix:
    """How to make an agent `ask`, or run in a `sandbox`; for one that is not known, what to look for."""
    row = files.table("agent_mends.toml").get(agent, {}).get(what)
    if not isinstance(row, dict):
        wanted = "ask before it runs commands" if what == "ask" else "run commands in a sandbox that has no network"
        return Fix(f"Have it {wanted}, in its own settings.")
    return Fix(str(row["summary"]), tuple(str(command) for command in row.get("commands", ())))


def agents_with_rules() -> tuple[str, ...]:
    """The ids of the agents whose rules are known well enough to judge them."""
    return tuple(name for name, row in files.table("agent_mends.toml").items() if isinstance(row, dict))
