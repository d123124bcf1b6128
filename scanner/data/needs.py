"""What a use shows to have been needed, at least, and what each program acts on: `needs.toml`."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache

import msgspec
from msgspec import Struct, field

from scanner.data import files
from scanner.data.verbs import verbs
from scanner.errors import DataError
from scanner.model.terms import Capability

FILE = "needs.toml"
UNKNOWN = "unknown"

Classes = frozenset[Capability]


class About(Struct, frozen=True, forbid_unknown_fields=True):
    """Programs, and the kinds of asset that they act on, as globs.

    `through` are those whose login they take only where their own configuration says so, to sign in with.
    """

    programs: tuple[str, ...]
    assets: tuple[str, ...]
    through: tuple[str, ...] = ()


class Forges(Struct, frozen=True, forbid_unknown_fields=True, rename={"writes": "DATA_WRITE", "mirrors": "MIRROR"}):
    """Programs of forges, and the kinds of sub-command of which they need other classes."""

    programs: frozenset[str]
    writes: Classes
    mirrors: Classes


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    kinds: Mapping[str, Classes]
    words: Mapping[str, Classes]
    programs: Mapping[str, Classes]
    forges: Forges
    local: Mapping[str, frozenset[str]]
    about: tuple[About, ...] = field(default=())


@cache
def table() -> Table:
    """The data. Raises DataError where a row is not whole, or a kind of sub-command is missing."""
    try:
        found = files.converted(files.table(FILE), Table)
    except msgspec.ValidationError as error:
        raise DataError(f"{FILE}: {error}") from error
    missing = {*verbs().opens, UNKNOWN} - found.kinds.keys()
    if missing:
        raise DataError(f"{FILE}: [kinds] lacks {', '.join(sorted(missing))}")
    return found


def acts_on(program: str, asset_kind: str) -> bool:
    """Whether a program may have acted on an asset of that kind."""
    row = _row(program)
    return row is None or any(fnmatchcase(asset_kind, glob) for glob in row.assets)


def goes_through(program: str, asset_kind: str) -> bool:
    """Whether a program takes the login to an asset of that kind only where its configuration says so."""
    row = _row(program)
    return row is not None and any(fnmatchcase(asset_kind, glob) for glob in row.through)


def acts_anywhere(program: str) -> bool:
    """Whether a program may have acted on anything that it finds a login for."""
    return _row(program) is None


@cache
def _row(program: str) -> About | None:
    return next((row for row in table().about if program in row.programs), None)


def needed_by(program: str, words: Sequence[str]) -> Classes:
    """The classes that a use of a program, with the words of its sub-command, needs at least."""
    whole = table().programs.get(" ".join((program, *words[:1])))
    if whole is not None or not words:
        return whole or table().kinds[UNKNOWN]
    more = frozenset(each for word in words for each in table().words.get(word, ()))
    for place, word in enumerate(words):
        if word in verbs().local.get(program, ()) or word in table().local.get(program, ()):
            return frozenset()
        kind = verbs().kind(word)
        if kind is not None:
            behind = next(map(verbs().kind, words[place + 1 :]), None) if word in verbs().groups else None
            return _of_kind(program, behind or kind) | more
    return table().kinds[UNKNOWN] | more


def _of_kind(program: str, kind: str) -> Classes:
    forges = table().forges
    if program in forges.programs and kind in {"DATA_WRITE", "MIRROR"}:
        return forges.writes if kind == "DATA_WRITE" else forges.mirrors
    return table().kinds[kind]


def needed_by_tool(tool: str) -> Classes:
    """The classes that a call of a tool needs at least, where only its name is known; none where that tells nothing."""
    kinds = (verbs().kind(word) for word in re.split(r"[^a-z]+", tool.casefold()))
    kind = next((each for each in kinds if each is not None), None)
    if kind is None:
        return frozenset()
    return table().kinds["DATA_READ" if kind == "DISCOVER" else kind]
