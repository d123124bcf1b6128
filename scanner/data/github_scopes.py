"""What each scope of a GitHub token allows: `github_scopes.toml`."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Capability


class Scope(Struct, frozen=True):
    """A group of scopes: the classes that each allows, and those that depend on a role elsewhere."""

    names: tuple[str, ...]
    told: frozenset[Capability]
    possible: frozenset[Capability]


class Allowed(Struct, frozen=True):
    """What a token's scopes allow together; `unknown` are those that the table does not have."""

    told: frozenset[Capability]
    possible: frozenset[Capability]
    unknown: tuple[str, ...]


@cache
def scopes() -> tuple[Scope, ...]:
    """All rows; the first that fits a name decides. Raises DataError for a faulty one."""
    try:
        return tuple(
            Scope(
                tuple(str(name) for name in row["names"]),
                frozenset(Capability(name) for name in row["capabilities"]),
                frozenset(Capability(name) for name in row.get("possible", ())),
            )
            for row in files.table("github_scopes.toml")["scope"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"github_scopes.toml: {error}") from error


def allowed(names: Iterable[str]) -> Allowed:
    """What these scopes allow. Without any, a token still reads what is public and who it is."""
    told, possible, unknown = {Capability.DISCOVER}, set[Capability](), []
    for name in names:
        row = next((each for each in scopes() if any(fnmatchcase(name, glob) for glob in each.names)), None)
        if row is None:
            unknown.append(name)
            continue
        told |= row.told
        possible |= row.possible
    return Allowed(frozenset(told), frozenset(possible - told), tuple(unknown))
