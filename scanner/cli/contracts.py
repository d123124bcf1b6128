"""The contracts that a run is judged against: an administrator's, the user's, and those of repositories."""

import os
import re
import shlex
import stat
from collections.abc import Iterator
from datetime import date
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from msgspec.structs import replace

from scanner import folders
from scanner.errors import ScannerError
from scanner.model.contract import Scope
from scanner.patterns import Pattern
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.contract.documents import Document, Find
    from scanner.host import Machine
    from scanner.model.contract import Contract

NAME = "contract.yaml"  # in the folders of the managed and of the user's configuration
REPOSITORY = "armslength.yaml"  # in a repository
LEVELS = 64
ROOT = 0
ADMINISTRATOR = ROOT  # who alone may change what is managed
GUARDED = os.name == "posix"  # elsewhere whoever comes first may write to the folder of what is managed
DEFAULT = "laptop"
ENDINGS = (".yaml", ".yml")
SIZE_LIMIT = 1024 * 1024
BESIDE = Pattern(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # a contract extends what lies in its own folder, and nothing else
OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def in_effect(option: str | None, today: date) -> "tuple[Contract, ...]":
    """The contracts that hold wherever this user works: the managed one, then the user's own.

    `--baseline` names another than the user's own; `laptop` is where neither is, and where it cannot be told who wrote
    the managed one. Raises ScannerError and ContractError as `chosen` does, also for a managed contract that others
    than an administrator may change.
    """
    managed, own = folders.managed() / NAME, folders.configuration() / NAME
    found: list[Contract] = []
    if _is_there(managed):
        _guarded(managed)
        found.append(_of_scope(_read(str(managed), today, _managed), Scope.MANAGED))
    if option is None and _is_there(own):
        return (*found, _read(str(own), today))
    return tuple(found) if option is None and found and GUARDED else (*found, chosen(option, today))


def of_repositories(machine: "Machine", today: date) -> "tuple[Contract, ...]":
    """The contracts that repositories bring for whoever works in them, outermost first: each can only narrow.

    Raises ScannerError for one that cannot be read, and ContractError: what was to narrow is never left out unsaid.
    """
    from scanner.host import paths

    return tuple(
        replace(_of_scope(contract, Scope.REPOSITORY), folder=paths.shown(workspace, machine.home))
        for workspace in machine.workspaces
        for contract in _of_repository(machine, workspace, today)
    )


def _is_there(path: Path) -> bool:
    """Whether something has that name. Raises ScannerError where that may not be known: no contract is left out."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise ScannerError(f"{printable(str(path))}: {error.strerror}") from None
    return True


def _of_scope(contract: "Contract", scope: Scope) -> "Contract":
    return replace(contract, scope=scope)


def _guarded(path: Path) -> None:
    """Raises ScannerError for a managed contract that is not an administrator's alone to change, links and all."""
    if not GUARDED:
        return
    for each in _way_to(path):
        if not _is_administrators(each, above=each not in {path, path.parent}):
            raise ScannerError(
                f"{printable(str(each))}: others than root may change it, so it is no managed contract",
                f"sudo chown root {shlex.quote(str(each))} && sudo chmod go-w {shlex.quote(str(each))}",
            )


def _way_to(path: Path) -> tuple[Path, ...]:
    """The file, its folder, and wherever links lead to, with all folders above. Raises ScannerError."""
    try:
        real, folder = (Path(os.path.realpath(each, strict=True)) for each in (path, path.parent))
    except OSError as error:
        raise ScannerError(f"{printable(str(path))}: {error.strerror}") from None
    return tuple(dict.fromkeys((path, path.parent, real, *real.parents, folder, *folder.parents)))


def _is_administrators(path: Path, *, above: bool) -> bool:
    """Whether only an administrator may change it; in a sticky folder above nobody replaces what is another's."""
    status = path.stat()
    sticky = above and stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX
    return status.st_uid in {ROOT, ADMINISTRATOR} and bool(sticky or not status.st_mode & 0o022)


def _managed(name: str, source: str) -> "Document | None":
    """What a managed contract extends, which is as much an administrator's. Raises ScannerError."""
    from scanner.data import contracts

    document = found(name, source)
    if document is not None and document.source not in contracts.names():
        _guarded(Path(document.source))
    return document


def _of_repository(machine: "Machine", workspace: PurePath, today: date) -> "Iterator[Contract]":
    from scanner.contract.reading import read

    for folder in reversed(_upward(machine, workspace)):
        try:
            document = _in_machine(machine, folder / REPOSITORY)
            if document is not None:
                yield read(document, _beside(machine, folder), today)
        except ScannerError as error:
            raise _stopped(error, machine, folder / REPOSITORY, workspace) from None


def _stopped(error: ScannerError, machine: "Machine", path: PurePath, workspace: PurePath) -> ScannerError:
    """The same error with what to do: what was to narrow is never left out, and not everyone can mend it."""
    from scanner.host import paths

    file, here = (printable(paths.shown(each, machine.home)) for each in (path, workspace))
    whose = f"{file} belongs to the repository in which {here} lies, and nothing is judged there without it"
    return type(error)(str(error), f"{whose}: mend it, or name a --workspace elsewhere")


def _upward(machine: "Machine", workspace: PurePath) -> list[PurePath]:
    """The workspace and the folders above it, up to the root of its repository; it alone outside of one."""
    from scanner.host import paths

    found: list[PurePath] = []
    for folder in (workspace, *workspace.parents)[:LEVELS]:
        if folder == machine.home or not paths.within(folder, machine.home):
            break
        found.append(folder)
        if machine.files.place(folder / ".git") is not None:
            return found
    return [workspace]


def _beside(machine: "Machine", folder: PurePath) -> "Find":
    """What a repository's contract extends: one that comes with the tool, else a file in its own folder."""
    from scanner.contract import shipped

    def find(name: str, source: str) -> "Document | None":
        known = shipped.document(name)
        if known is not None or BESIDE.fullmatch(name) is None or shipped.document(source) is not None:
            return known
        there = (_in_machine(machine, folder / (name + ending)) for ending in ("", *ENDINGS))
        return next((each for each in there if each is not None), None)

    return find


def _in_machine(machine: "Machine", path: PurePath) -> "Document | None":
    """The bytes of a file of the machine that is looked at. Raises ScannerError for what is there and not readable."""
    from scanner.contract.documents import Document
    from scanner.host import paths
    from scanner.model import Gap

    shown = paths.shown(path, machine.home)
    content = machine.files.content(path, SIZE_LIMIT + 1, (path.parent,))
    if isinstance(content, Gap):
        raise ScannerError(f"{printable(shown)}: {printable(content.why)}")
    return Document(shown, content.data) if content is not None else None


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


def _read(name: str, today: date, find: "Find | None" = None) -> "Contract":
    from scanner.contract.reading import read

    return read(document_of(name), find or found, today)


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


def document_of(name: str) -> "Document":
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
            return Document(source_of(path), stream.read(SIZE_LIMIT + 1))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise ScannerError(f"{shown}: {why or 'cannot be read'}") from None


def source_of(path: Path) -> str:
    """The file as a report names it, which is never the name of a contract that comes with the tool."""
    from scanner.data import contracts

    text = str(path)
    return os.path.join(os.curdir, text) if text in contracts.names() else text
