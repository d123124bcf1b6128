"""What agents write down of their own work, how much of it is read and how command lines are told: `records.toml`."""

from collections.abc import Mapping
from functools import cache

import msgspec
from msgspec import Struct, field

from scanner.data import files
from scanner.errors import DataError

FILE = "records.toml"


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    """What one scan reads at most, in bytes, files and things told of one agent."""

    total: int
    file: int
    database: int
    line: int
    files: int
    told: int


class Habit(Struct, frozen=True, forbid_unknown_fields=True):
    """How many questions, in how many sessions, make a habit, and from which share of yes on."""

    asked: int
    sessions: int
    percent: int


class Records(Struct, frozen=True, forbid_unknown_fields=True):
    """The records of one agent: patterns of its `files`, those `beside` them, and the name of their `format`.

    A `database` is read whole.
    """

    agent: str
    format: str
    files: tuple[str, ...]
    beside: tuple[str, ...] = ()
    database: bool = False


class History(Struct, frozen=True, forbid_unknown_fields=True):
    """The history of one shell: patterns of its `files`, and the name of their `format`."""

    shell: str
    format: str
    files: tuple[str, ...]


class Tools(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of tools, in lower case, by what they do; `own` are extensions whose tools are the agent's."""

    commands: frozenset[str]
    files: frozenset[str]
    hosts: frozenset[str]
    writes: frozenset[str]
    own: frozenset[str]


class CommandWords(Struct, frozen=True, forbid_unknown_fields=True):
    """The words of command lines that may be told, and what is known of options."""

    programs: frozenset[str]
    plain: frozenset[str]
    words: frozenset[str]
    named: Mapping[str, frozenset[str]]
    valued: frozenset[str]
    readers: frozenset[str]
    files_of: frozenset[str]


class CredentialNames(Struct, frozen=True, forbid_unknown_fields=True):
    """Globs of names of files that may hold a credential, and of their samples, which hold none."""

    names: tuple[str, ...]
    samples: tuple[str, ...]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    version: str
    bounds: Bounds
    habit: Habit
    records: tuple[Records, ...]
    histories: tuple[History, ...]
    tools: Tools
    commands: CommandWords
    credentials: CredentialNames
    refusals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@cache
def table() -> Table:
    """The whole table. Raises DataError where it is not whole."""
    try:
        return files.converted(files.table(FILE), Table)
    except msgspec.ValidationError as error:
        raise DataError(f"{FILE}: {error}") from error


@cache
def patterns() -> tuple[str, ...]:
    """All files that are read, as a probe declares them. Raises DataError where the table is not whole."""
    return tuple(dict.fromkeys(pattern for row in table().records for pattern in (*row.files, *row.beside)))


@cache
def histories() -> tuple[str, ...]:
    """All files of histories of shells, as a probe declares them. Raises DataError where the table is not whole."""
    return tuple(dict.fromkeys(pattern for row in table().histories for pattern in row.files))
