"""The contract that a run is judged against: one that comes with the tool, or a file that the user names."""

import os
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.errors import ScannerError
from scanner.patterns import Pattern
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.contract.documents import Document
    from scanner.model.contract import Contract

DEFAULT = "laptop"
ENDINGS = (".yaml", ".yml")
SIZE_LIMIT = 1024 * 1024
BESIDE = Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # a contract extends what lies in its own folder, and nothing else
OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def chosen(option: str | None, today: date) -> "Contract":
    """The contract that `--baseline NAME|FILE` names, `laptop` without it, with all that it extends.

    `today` is the day in UTC. Raises ScannerError where there is none, and ContractError with every fault of one.
    """
    from scanner.contract.shipped import shipped

    name = option if option is not None else DEFAULT
    known = shipped()
    return known[name] if name in known else _read(name, today)


def checked(name: str, today: date) -> "Contract":
    """The same, read from its text also where it comes with the tool."""
    return _read(name, today)


def _read(name: str, today: date) -> "Contract":
    from scanner.contract.reading import read

    return read(_named(name), found, today)


def found(name: str, source: str) -> "Document | None":
    """What a contract extends by that name: one that comes with the tool, else a file in the folder of the contract.

    Raises ScannerError for a file that cannot be read.
    """
    from scanner.contract import shipped

    known = shipped.document(name)
    if known is not None or BESIDE.fullmatch(name) is None or shipped.document(source) is not None:
        return known
    folder = Path(source).parent
    return next((_document(path) for path in _spellings(folder / name) if os.path.lexists(path)), None)


def _named(name: str) -> "Document":
    """The contract of that name, or the file. Raises ScannerError."""
    from scanner.config import did_you_mean
    from scanner.contract import shipped
    from scanner.data import contracts

    known = shipped.document(name)
    if known is not None:
        return known
    if not os.path.lexists(name) and not name.endswith(ENDINGS) and not re.search(r"[/\\]", name):
        names = contracts.names()
        mean = did_you_mean(name, names)
        raise ScannerError(
            f"there is no contract {printable(name)}{mean}", f"name a file, or one of {', '.join(names)}"
        )
    return _document(Path(name))


def _spellings(path: Path) -> Iterator[Path]:
    yield path
    yield from (path.with_name(path.name + ending) for ending in ENDINGS)


def _document(path: Path) -> "Document":
    """The bytes of a file. Raises ScannerError for what is no plain file, or cannot be read."""
    from scanner.contract.documents import Document

    shown = printable(str(path))
    try:
        if not path.is_file():  # a pipe would never end
            raise ScannerError(f"{shown}: {'not a file' if os.path.lexists(path) else 'No such file or directory'}")
        with open(path, "rb", opener=lambda name, _: os.open(name, OPEN)) as stream:
            return Document(_source(path), stream.read(SIZE_LIMIT + 1))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise ScannerError(f"{shown}: {why or 'cannot be read'}") from None


def _source(path: Path) -> str:
    """The file as a report names it, which is never the name of a contract that comes with the tool."""
    from scanner.data import contracts

    text = str(path)
    return os.path.join(os.curdir, text) if text in contracts.names() else text
