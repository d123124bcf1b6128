"""Variables whose name says what they hold, and names that hold nothing: `variables.toml`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.patterns import Pattern

CAMEL = Pattern(r"(?<=[a-z])(?=[A-Z])")
BETWEEN = Pattern(r"[^A-Za-z0-9]+")
NAME_LIMIT = 200


class Row(Struct, frozen=True, forbid_unknown_fields=True):
    """Variables that hold one kind of credential, and the siblings that tell more of it.

    `account`, `within` and `user` name the asset, the part of it and the login; `public_id` may be shown; `parts` are
    secret parts of the same proof; `ends` hold its end. `prefixed`: any prefix may stand before a name; `named`: the
    first words of the variable's name stand for the asset; `hosted`: what stands for the `*` in the name is its host,
    `_` for a dot and `__` for a hyphen; `local`: the asset is the project's own; `pair`: only a
    value `user:password` counts; `address`: the whole address is the secret; `login`: the
    secret is what follows the colon of `user:password`.
    """

    names: Annotated[tuple[str, ...], Meta(min_length=1)]
    kind: str
    account: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    user: tuple[str, ...] = ()
    public_id: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    profile: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    default: str = ""
    prefixed: bool = True
    named: bool = False
    hosted: bool = False
    local: bool = False
    pair: bool = False
    address: bool = False
    login: bool = False


class Quiet(Struct, frozen=True, forbid_unknown_fields=True):
    """Names that hold no secret, and why."""

    names: tuple[str, ...]
    reason: str


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """All of `variables.toml`."""

    version: str
    accounts: dict[str, str]
    variable: tuple[Row, ...]
    quiet: tuple[Quiet, ...]


class Named(Struct, frozen=True):
    """A row that a variable's name found: the curated name, and the prefix that stood before it."""

    row: Row
    name: str
    prefix: str


class Globs(Struct, frozen=True):
    """Names with `*` for any part of them, told by the ends of a text: expressions cost more than a whole small scan.

    `others` are the parts between the `*` of names that are not told by one of their ends alone.
    """

    exact: frozenset[str]
    starts: tuple[str, ...]
    ends: tuple[str, ...]
    others: tuple[tuple[str, ...], ...]

    def match(self, name: str) -> bool:
        """Whether one of them stands for the whole name."""
        if name in self.exact or name.startswith(self.starts) or name.endswith(self.ends):
            return True
        return any(_fits(name, parts) for parts in self.others)


class Variables(Struct, frozen=True):
    """All rows by exact name, those with a glob, the quiet names with their reason, and accounts by provider."""

    exact: Mapping[str, Row]
    globs: tuple[tuple[Globs, Row], ...]
    quiet: tuple[tuple[Globs, str], ...]
    accounts: Mapping[str, str]


@lru_cache(maxsize=4096)
def spelled(name: str) -> str:
    """A name as the rows write it: `spring.datasource.password` and `dbPassword` in capitals with `_` between."""
    return BETWEEN.sub("_", CAMEL.sub("_", name[:NAME_LIMIT])).strip("_").upper()


@lru_cache(maxsize=4096)
def row_of(name: str) -> Named | None:
    """The row for a spelled name: exactly, by glob, or behind a prefix; the longest name counts."""
    known = variables()
    for start in _starts(name):
        tail = name[start:]
        row = known.exact.get(tail) or next((row for globs, row in known.globs if globs.match(tail)), None)
        if row is not None and (start == 0 or row.prefixed):
            return Named(row, tail, name[:start])
    return None


@lru_cache(maxsize=4096)
def quiet_reason(name: str) -> str | None:
    """Why a spelled name holds no secret, None where it may."""
    return next((reason for globs, reason in variables().quiet if globs.match(name)), None)


@cache
def variables() -> Variables:
    """The data. Raises DataError that tells the place of a faulty row."""
    try:
        told = files.converted(files.table("variables.toml"), Table)
    except msgspec.ValidationError as error:
        raise DataError(f"variables.toml: {error}") from error
    # the first row of a name counts
    exact = {name: row for row in reversed(told.variable) for name in row.names if "*" not in name}
    starred = ((row, [name for name in row.names if "*" in name]) for row in told.variable)
    return Variables(
        exact,
        tuple((globs_of(names), row) for row, names in starred if names),
        tuple((globs_of(each.names), each.reason) for each in told.quiet),
        told.accounts,
    )


def _starts(name: str) -> Iterator[int]:
    """Where the words of a name begin, the whole name first."""
    yield 0
    for match in re.finditer("_", name):
        yield match.end()


def globs_of(names: Iterable[str]) -> Globs:
    """Names with `*` for any part of them, sorted into those that one look-up tells and the rest."""
    exact, starts, ends, others = [], [], [], []
    for name in names:
        match name.split("*"):
            case [whole]:
                exact.append(whole)
            case [start, ""]:
                starts.append(start)
            case ["", end]:
                ends.append(end)
            case parts:
                others.append(tuple(parts))
    return Globs(frozenset(exact), tuple(starts), tuple(ends), tuple(others))


def _fits(name: str, parts: tuple[str, ...]) -> bool:
    """Whether a name is made of these parts in their order, with anything between them."""
    first, *middle, last = parts
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    at, end = len(first), len(name) - len(last)
    for part in middle:
        place = name.find(part, at, end)
        if place < 0:
            return False
        at = place + len(part)
    return True
