"""Reads the data files that come with the tool."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from scanner.errors import DataError

FOLDER = Path(__file__).parent


@cache
def table(name: str) -> dict[str, Any]:
    """The TOML file of that name in this folder. Raises DataError with file and line where it is faulty."""
    path = FOLDER / name
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path.name}: {error}") from error


def names(folder: str) -> list[str]:
    """The TOML files in a sub-folder, sorted, as names for `table`."""
    return sorted(f"{folder}/{path.name}" for path in (FOLDER / folder).glob("*.toml"))
