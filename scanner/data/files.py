"""Reads the data files that come with the tool: written as TOML, shipped beside it as one file that loads at once.

Parsing 150 kB of TOML costs more than a whole small scan. `tables.json` is made from the TOML files (docs/adr/0010); a
test compares them, and `UPDATE_DATA=1 python -m pytest tests/scanner/test_data.py` makes it anew.
"""

from functools import cache
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

import msgspec

from scanner.errors import DataError

FOLDER = Path(__file__).parent
TABLES = FOLDER / "tables.json"
T = TypeVar("T")
CONVERTING = RLock()
DAMAGED = f"{TABLES.name} is missing or damaged; install armslength again"


@cache
def tables() -> dict[str, msgspec.Raw]:
    """Every table, not yet decoded, by the name of its TOML file below this folder. Raises DataError for a broken file.

    A run needs few of them, and decoding all costs more than those few.
    """
    try:
        return msgspec.json.decode(TABLES.read_bytes(), type=dict[str, msgspec.Raw])
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(DAMAGED) from error


@cache
def table(name: str) -> dict[str, Any]:
    """The table of one TOML file. Raises DataError where there is none of that name."""
    if name not in tables():
        raise DataError(f"{name} is not among the data; install armslength again")
    try:
        return msgspec.json.decode(tables()[name], type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise DataError(DAMAGED) from error


def converted(told: Any, type: type[T]) -> T:
    """A part of a table as values of that type. Raises msgspec.ValidationError where it is none.

    Probes run in threads, and msgspec 0.22 crashes where two threads meet a type for the first time: so one at a time.
    """
    with CONVERTING:
        return msgspec.convert(told, type)


def names(folder: str = "") -> list[str]:
    """The names of the tables in this folder, or in one below it, sorted."""
    return sorted(name for name in tables() if name.rpartition("/")[0] == folder)


def sources() -> dict[str, dict[str, Any]]:
    """What `tables` ought to be: every TOML file, parsed. Raises DataError with file and line where one is faulty."""
    import tomllib

    found = {}
    for path in sorted(FOLDER.rglob("*.toml")):
        name = path.relative_to(FOLDER).as_posix()
        try:
            found[name] = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise DataError(f"{name}: {error}") from error
    return found
