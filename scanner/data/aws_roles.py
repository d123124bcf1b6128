"""What the name of an AWS role tells of its rights: `aws_roles.toml`."""

from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Capability

FILE = "aws_roles.toml"
KEYS = {"names", "capabilities", "except", "possible"}
LONGEST_NAME = 128  # AWS allows 64; a longer one is not matched, since globs over hostile names are slow


class RoleRights(Struct, frozen=True):
    """One row: the globs, the classes that such a name tells of, and the classes that stay possible beside them."""

    names: tuple[str, ...]
    told: frozenset[Capability]
    possible: frozenset[Capability]

    def matches(self, name: str) -> bool:
        """Whether a name, in lower case, is one of these."""
        return any(fnmatchcase(name, glob) for glob in self.names)


def rights_of(name: str) -> RoleRights | None:
    """What a role's name tells, None for a name that tells nothing."""
    if len(name) > LONGEST_NAME:
        return None
    lowered = name.lower()
    return next((row for row in rows() if row.matches(lowered)), None)


@cache
def every() -> frozenset[Capability]:
    """Each class that an identity may have on an account."""
    return _classes(files.table(FILE)["every"])


@cache
def rows() -> tuple[RoleRights, ...]:
    """The rows in the order in which they are tried. Raises DataError that names the row at fault."""
    return tuple(_row(number, row) for number, row in enumerate(files.table(FILE).get("role", ()), start=1))


def _row(number: int, row: dict[str, Any]) -> RoleRights:
    wrong = ({"names", "capabilities"} - row.keys()) | (row.keys() - KEYS)
    if wrong:
        raise DataError(f"{FILE}: role {number}: missing or unknown {', '.join(sorted(wrong))}")
    told = every() if row["capabilities"] == "every" else _classes(row["capabilities"])
    told -= _classes(row.get("except", []))
    names = tuple(str(name).lower() for name in row["names"])
    beside = row.get("possible", [])
    return RoleRights(names, told, (every() if beside == "rest" else _classes(beside)) - told)


def _classes(names: list[str]) -> frozenset[Capability]:
    try:
        return frozenset(Capability(name) for name in names)
    except ValueError as error:
        raise DataError(f"{FILE}: {error}") from error
