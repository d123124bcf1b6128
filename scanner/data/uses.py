"""Which programs act with a credential by themselves, where they find it, and which hosts that needs: `uses.toml`."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from msgspec import Struct, field

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Name, Paths
from scanner.patterns import Pattern

FILE = "uses.toml"
LISTS = ("kinds", "programs", "places", "hosts")
DOTTED = Pattern(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+\.?|localhost|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+")
BARE = Pattern(r"[a-z0-9][a-z0-9_-]*")
HERE = ("localhost", "127.0.0.1")  # of a cluster that runs on this machine


class Use(Struct, frozen=True):
    """How credentials of some kinds are used.

    `programs` find one by themselves at the `places`, or wherever it lies where no place is told; `hosts` are names
    and globs, empty where the asset tells its host; `local`: no host is needed at all.
    """

    kinds: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    local: bool = False

    def finds(self, where: str) -> bool:
        """Whether the programs look there: a path as a report writes it, `$VARIABLE`, or another word for a place."""
        if not self.programs:
            return False
        return not self.places or any(_is_at(where, place) for place in self.places)


class Addressed(Struct, frozen=True):
    """How the host stands in the names of some kinds of asset.

    `bare`: a lone word is a host too. `usual` are the hosts where the name tells none, `others` what else one needs.
    """

    kinds: tuple[str, ...]
    bare: bool = False
    usual: tuple[str, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def hosts(self, name: str) -> tuple[str, ...]:
        """The hosts that a name tells, none where it tells none."""
        first = _first(name)
        if DOTTED.fullmatch(first) or (self.bare and BARE.fullmatch(first)):
            return (first, *self.others.get(first, ()))
        if self.bare and re.fullmatch(r"\S+ on \S+", name):
            return HERE
        return self.usual


UNKNOWN = Use()


@cache
def uses() -> tuple[Use, ...]:
    """Every use, in the order in which they are tried. Raises DataError that names a faulty row."""
    return tuple(_use(row) for row in _rows("use"))


@cache
def use_of(kind: str) -> Use:
    """How credentials and handles of a kind are used; of one that is not in the data nothing is known."""
    return next((use for use in uses() if any(fnmatchcase(kind, glob) for glob in use.kinds)), UNKNOWN)


def hosts_of(asset_kind: str, asset_name: str, kind: str) -> tuple[str, ...]:
    """The hosts, names and globs, that acting on an asset with a kind of credential needs one of.

    Those that the asset's name tells, else those of the kind; empty where neither says.
    """
    row = addressed().get(asset_kind)
    told = row.hosts(asset_name) if row is not None else ()
    return told or use_of(kind).hosts


@cache
def addressed() -> Mapping[str, Addressed]:
    """How hosts stand in names, by kind of asset. Raises DataError that names a faulty row."""
    found: dict[str, Addressed] = {}
    for entry in _rows("asset"):
        row = _addressed(entry)
        for kind in row.kinds:
            if found.setdefault(kind, row) is not row:
                raise DataError(f"{FILE}: asset {kind} stands twice")
    return found


def _is_at(where: str, place: str) -> bool:
    if place.startswith("$"):
        return where.startswith("$") and Name(place).matches(where)
    if "/" in place:
        return Paths(place, fold=True).matches(where)
    return where.startswith(place)


def _first(name: str) -> str:
    """The first part of a name, without scheme and port; an address of IPv6 without its brackets."""
    part = (name.partition("://")[2] or name).partition("/")[0]
    if part.startswith("["):
        return part[1:].partition("]")[0]
    host, _, port = part.rpartition(":")
    return host if port.isdecimal() and ":" not in host else part


def _rows(name: str) -> list[dict[str, Any]]:
    rows = files.table(FILE).get(name)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{FILE}: [[{name}]] is missing")
    return rows


def _use(row: dict[str, Any]) -> Use:
    unknown = row.keys() - {*LISTS, "local"}
    if unknown:
        raise DataError(f"{_place(row)}: unknown {', '.join(sorted(unknown))}")
    kinds, programs, places, hosts = (_texts(row, name) for name in LISTS)
    local = _flag(row, "local")
    if not kinds or (local and hosts) or (places and not programs):
        raise DataError(f"{_place(row)}: it needs kinds, no hosts where it is local, and programs where it has places")
    return Use(kinds, programs, places, hosts, local)


def _addressed(row: dict[str, Any]) -> Addressed:
    unknown = row.keys() - {"kinds", "bare", "usual", "others"}
    if unknown:
        raise DataError(f"{_place(row)}: unknown {', '.join(sorted(unknown))}")
    others = row.get("others", {})
    if not isinstance(others, dict) or not _texts(row, "kinds"):
        raise DataError(f"{_place(row)}: it needs kinds, and others as a table")
    return Addressed(
        kinds=_texts(row, "kinds"),
        bare=_flag(row, "bare"),
        usual=_texts(row, "usual"),
        others={str(host): _texts(others, host) for host in others},
    )


def _texts(row: dict[str, Any], name: str) -> tuple[str, ...]:
    told = row.get(name, [])
    if not isinstance(told, list) or not all(isinstance(each, str) and each for each in told):
        raise DataError(f"{_place(row)}: {name} is a list of texts")
    return tuple(told)


def _flag(row: dict[str, Any], name: str) -> bool:
    told = row.get(name, False)
    if not isinstance(told, bool):
        raise DataError(f"{_place(row)}: {name} is true or false")
    return told


def _place(row: dict[str, Any]) -> str:
    return f"{FILE}: {row.get('kinds', '?')}"
