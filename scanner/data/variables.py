"""Variables whose name says what they hold, and names that hold nothing: `variables.toml`."""

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.patterns import Pattern

CAMEL = Pattern(r"(?<=[a-z])(?=[A-Z])")
BETWEEN = Pattern(r"[^A-Za-z0-9]+")
NAME_LIMIT = 200
LISTS = ("names", "account", "within", "user", "public_id", "parts", "profile", "ends")
FLAGS = {
    "prefixed": True,
    "named": False,
    "hosted": False,
    "local": False,
    "pair": False,
    "address": False,
    "login": False,
}


class Row(Struct, frozen=True):
    """Variables that hold one kind of credential, and the siblings that tell more of it.

    `account`, `within` and `user` name the asset, the part of it and the login; `public_id` may be shown; `parts` are
    secret parts of the same proof; `ends` hold its end. `prefixed`: any prefix may stand before a name; `named`: the
    first words of the variable's name stand for the asset; `hosted`: what stands for the `*` in the name is its host,
    `_` for a dot and `__` for a hyphen; `local`: the asset is the project's own; `pair`: only a
    value `user:password` counts; `address`: the whole address is the secret; `login`: the
    secret is what follows the colon of `user:password`.
    """

    names: tuple[str, ...]
    kind: str
    account: tuple[str, ...]
    within: tuple[str, ...]
    user: tuple[str, ...]
    public_id: tuple[str, ...]
    parts: tuple[str, ...]
    profile: tuple[str, ...]
    ends: tuple[str, ...]
    default: str
    prefixed: bool
    named: bool
    hosted: bool
    local: bool
    pair: bool
    address: bool
    login: bool


class Named(Struct, frozen=True):
    """A row that a variable's name found: the curated name, and the prefix that stood before it."""

    row: Row
    name: str
    prefix: str


class Variables(Struct, frozen=True):
    """All rows by exact name, those with a glob, the quiet names with their reason, and accounts by provider."""

    exact: Mapping[str, Row]
    globs: tuple[tuple[re.Pattern[str], Row], ...]
    quiet: tuple[tuple[re.Pattern[str], str], ...]
    accounts: Mapping[str, str]


def spelled(name: str) -> str:
    """A name as the rows write it: `spring.datasource.password` and `dbPassword` in capitals with `_` between."""
    return BETWEEN.sub("_", CAMEL.sub("_", name[:NAME_LIMIT])).strip("_").upper()


@lru_cache(maxsize=4096)
def row_of(name: str) -> Named | None:
    """The row for a spelled name: exactly, by glob, or behind a prefix; the longest name counts."""
    known = variables()
    for start in _starts(name):
        tail = name[start:]
        row = known.exact.get(tail) or next((row for glob, row in known.globs if glob.fullmatch(tail)), None)
        if row is not None and (start == 0 or row.prefixed):
            return Named(row, tail, name[:start])
    return None


@lru_cache(maxsize=4096)
def quiet_reason(name: str) -> str | None:
    """Why a spelled name holds no secret, None where it may."""
    return next((reason for glob, reason in variables().quiet if glob.fullmatch(name)), None)


@cache
def variables() -> Variables:
    """The data. Raises DataError that names a faulty row."""
    told = files.table("variables.toml")
    exact: dict[str, Row] = {}
    globs: list[tuple[re.Pattern[str], Row]] = []
    for entry in told.get("variable", ()):
        row = _row(entry)
        for name in row.names:
            if "*" in name:
                globs.append((_glob(name), row))
            else:
                exact.setdefault(name, row)
    try:
        quiet = tuple((_glob(*entry["names"]), str(entry["reason"])) for entry in told["quiet"])
        return Variables(exact, tuple(globs), quiet, {str(k): str(v) for k, v in told["accounts"].items()})
    except (KeyError, TypeError) as error:
        raise DataError(f"variables.toml: {error}") from error


def _row(entry: dict[str, Any]) -> Row:
    place = f"variables.toml: {entry.get('names', '?')}"
    unknown = entry.keys() - {*LISTS, *FLAGS, "kind", "default"}
    if unknown or "kind" not in entry or not entry.get("names"):
        raise DataError(f"{place}: missing or unknown {', '.join(sorted(unknown)) or 'names or kind'}")
    lists: dict[str, Any] = {name: tuple(str(each) for each in entry.get(name, ())) for name in LISTS}
    flags: dict[str, Any] = {name: bool(entry.get(name, default)) for name, default in FLAGS.items()}
    return Row(kind=str(entry["kind"]), default=str(entry.get("default", "")), **lists, **flags)


def _starts(name: str) -> Iterator[int]:
    """Where the words of a name begin, the whole name first."""
    yield 0
    for match in re.finditer("_", name):
        yield match.end()


def _glob(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns))
