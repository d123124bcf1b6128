"""Where a command that somebody typed holds a secret: `typed.toml`."""

from collections.abc import Iterable
from functools import cache

import msgspec
from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError

FILE = "typed.toml"


class Option(Struct, frozen=True, forbid_unknown_fields=True):
    """Options whose value is a secret, judged by `name`; of the value only what stands behind `behind`."""

    programs: tuple[str, ...]
    options: tuple[str, ...]
    name: str
    within: frozenset[str] = frozenset()
    behind: str = ""


class Word(Struct, frozen=True, forbid_unknown_fields=True):
    """The word that is a secret, by its place behind the program or the last word of `within`; up to `until`."""

    programs: tuple[str, ...]
    at: int
    name: str
    within: frozenset[str] = frozenset()
    behind: str = ""
    until: str = ""


class Setter(Struct, frozen=True, forbid_unknown_fields=True):
    """Programs that keep a value under a name, the next two words behind one of `within`."""

    programs: tuple[str, ...]
    within: frozenset[str] = frozenset()


class Piped(Struct, frozen=True, forbid_unknown_fields=True):
    """What takes a secret from the command before it: any of the programs with any of the options."""

    name: str
    programs: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    behind: str = ""


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """Programs, options and headers that are told apart by name, and texts without which no line holds a secret."""

    points: frozenset[str]
    pointing: frozenset[str]
    bodies: frozenset[str]
    speaks: frozenset[str]
    headers: frozenset[str]
    anchors: tuple[str, ...]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    option: tuple[Option, ...]
    word: tuple[Word, ...]
    setter: tuple[Setter, ...]
    piped: tuple[Piped, ...]
    words: Words


@cache
def table() -> Table:
    """The whole table. Raises DataError where it is not whole."""
    try:
        return files.converted(files.table(FILE), Table)
    except msgspec.ValidationError as error:
        raise DataError(f"{FILE}: {error}") from error


@cache
def options_of(program: str) -> tuple[Option, ...]:
    """The rows of a program's options."""
    return tuple(row for row in table().option if program in row.programs)


@cache
def words_of(program: str) -> tuple[Word, ...]:
    """The rows of a program's words."""
    return tuple(row for row in table().word if program in row.programs)


@cache
def programs() -> frozenset[str]:
    """Every program that a row names."""
    rows: Iterable[Option | Word | Setter] = (*table().option, *table().word, *table().setter)
    return frozenset(program for row in rows for program in row.programs).union(
        table().words.points, table().words.speaks, *(row.programs for row in table().piped)
    )
