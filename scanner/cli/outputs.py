"""Where a document goes: stdout and named files, checked before the scan, masked, and written whole or not at all."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from reports import REPORT, Forms, Page
from scanner import atomic
from scanner.cli.console import Defect, silence_stdout
from scanner.config import did_you_mean
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.vault import Vault

JSON = "json"


class OutputError(ScannerError):
    """A named output cannot be written."""


class Target(Struct, frozen=True):
    """One place for one document of these forms: a file, or stdout where there is no path."""

    format: str
    page: Page
    path: Path | None = None
    compact: bool = False
    forms: Forms = REPORT

    @property
    def rendered(self) -> Callable[[Any, Page], bytes]:
        """What writes the document in that format."""
        return self.forms.renderers[self.format]


class Written(Struct, frozen=True):
    """A target and the bytes that are for it."""

    target: Target
    data: bytes


def targets(
    files: Sequence[str],
    stdout: str | None,
    color: bool,
    names: Sequence[str],
    again: str = "",
    *,
    forms: Forms = REPORT,
) -> list[list[Target]]:
    """The targets of each document, one list for each of the names; `stdout` is a format, or None for silence.

    With several names a file is a folder, which gets `<name>.json` of each. Raises OutputError for one that cannot
    be written; what it takes to know is tried. `again` are the options of the look.
    """
    if stdout is not None and sys.stdout is None:
        raise OutputError("stdout is closed", "--quiet wants none")
    several = len(names) > 1
    found: list[list[Target]] = [[] for _ in names]
    taken: dict[str, str] = {}
    for text in files:
        paths = _in_folder(text, names, forms) if several or text.endswith(("/", os.sep)) else [Path(text)]
        for path, each in zip(paths, found, strict=True):
            page = Page(100, color=False, again=again)
            each.append(Target(format_of(path, forms), page, _writable(path, text, taken), forms=forms))
    for each in found:
        if stdout is not None:
            page = terminal_page(color, again)
            each.append(Target(stdout, page, compact=several and stdout == JSON, forms=forms))
    return found


def format_of(path: Path, forms: Forms = REPORT) -> str:
    """The format that the end of a file's name asks for. Raises OutputError for one that is not known."""
    name = path.name.casefold()
    for ending in sorted(forms.endings, key=len, reverse=True):
        if name.endswith(ending):
            return forms.endings[ending]
    endings = " ".join(forms.endings)
    raise OutputError(f"-o {printable(str(path))}: no format has that ending", f"known endings: {endings}")


def known_format(name: str, forms: Forms = REPORT) -> str:
    """The name itself, when it is one of a format. Raises OutputError."""
    if name not in forms.renderers:
        known = list(forms.renderers)
        raise OutputError(
            f"there is no format {printable(name)}{did_you_mean(name, known)}", f"one of {', '.join(known)}"
        )
    return name


def wants_color(no_color: bool) -> bool:
    """Whether stdout gets colour: as the option, NO_COLOR, FORCE_COLOR and TERM say, in that order."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") not in ("", "0"):
        return True
    return os.environ.get("TERM") != "dumb" and sys.stdout is not None and sys.stdout.isatty()


def terminal_page(color: bool, again: str = "") -> Page:
    """The page that stdout is, of a look with the options `again`."""
    encoding = (sys.stdout.encoding or "").casefold() if sys.stdout is not None else ""
    return Page(_columns(), color, encoding.startswith("utf"), again)


class Mask(Struct, frozen=True):
    """The vault of a run, and the words that it must leave alone, gathered when there is something to mask."""

    vault: "Vault"
    own_words: Callable[[], frozenset[str]] = frozenset

    def over(self, data: bytes, format: str, forms: Forms = REPORT) -> tuple[bytes, int]:
        """The bytes without any secret of the run, and how many there were. Raises Defect for JSON that it broke."""
        if not self.vault.mask(data, json=format == JSON)[1]:
            return data, 0
        data, hits = self.vault.mask(data, self.own_words(), json=format == JSON)
        if hits and format == JSON:
            _check(data, forms)
        return data, hits


def _check(data: bytes, forms: Forms) -> None:
    try:
        forms.check(data)
    except ScannerError:
        raise Defect("a secret stood where the report's own words stand; nothing was written") from None


def rendered(document: Any, places: Iterable[Target], mask: Mask | None) -> tuple[list[Written], bool]:
    """The final bytes for each target, and whether a secret had to be masked in any. Raises Defect."""
    found, hit = [], False
    for target in places:
        data = target.rendered(document, target.page)
        if mask is not None:
            data, hits = mask.over(data, target.format, target.forms)
            hit = hit or hits > 0
        if target.compact:
            from msgspec import json

            data = json.format(data, indent=-1) + b"\n"
        found.append(Written(target, data))
    return found, hit


def write(all_written: Sequence[Written]) -> None:
    """Writes the files, then stdout. Raises OutputError where one takes no more."""
    for each in all_written:
        if each.target.path is not None:
            _to_file(each.target.path, each.data)
    for each in all_written:
        if each.target.path is None:
            to_stdout(each.data)


def to_stdout(data: bytes) -> None:
    """Writes to stdout; a reader that went away is no error. Raises OutputError where it takes no more."""
    if sys.stdout is None:
        raise OutputError("stdout is closed")
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence_stdout()
    except OSError as error:
        silence_stdout()
        raise OutputError(f"stdout takes no more: {error.strerror}") from None


def _to_file(path: Path, data: bytes) -> None:
    try:
        atomic.replace(path, data)
    except OSError as error:
        raise OutputError(f"-o {printable(str(path))}: {error.strerror}") from None


def _in_folder(text: str, names: Sequence[str], forms: Forms) -> list[Path]:
    """A path below the folder for each name, no two the same on a disk that ignores case."""
    if text.casefold().endswith(tuple(forms.endings)) and not Path(text).is_dir():
        raise OutputError(f"-o {printable(text)}: several homes need a folder", "name a folder; each home gets a file")
    folder = Path(text)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        hint = "with several homes it names a folder" if len(names) > 1 else ""
        raise OutputError(f"-o {printable(text)}: {error.strerror}", hint) from None
    taken: set[str] = set()
    paths = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name).lstrip(".") or "_"
        unique, number = plain, 1
        while unique.casefold() in taken:
            number += 1
            unique = f"{plain}-{number}"
        taken.add(unique.casefold())
        paths.append(folder / f"{unique}.json")
    return paths


def _writable(path: Path, text: str, taken: dict[str, str]) -> Path:
    """The path, after a file was made beside it and removed again. `taken` holds what was named before."""
    shown = printable(text)
    if path.is_dir():
        raise OutputError(f"-o {shown}: is a folder", "end it with / to have a file in it for each home")
    if os.path.lexists(path) and not path.is_symlink() and not path.is_file():
        raise OutputError(f"-o {shown}: is no plain file")
    real = os.path.normcase(os.path.join(os.path.realpath(path.parent), path.name))
    if real in taken:
        raise OutputError(f"-o {shown}: names the same file as -o {printable(taken[real])}")
    taken[real] = text
    try:
        atomic.remove(atomic.beside(path, b""))
    except OSError as error:
        raise OutputError(f"-o {shown}: {error.strerror}") from None
    return path


def _columns() -> int:
    """The width of the terminal; 80 where there is none."""
    told = os.environ.get("COLUMNS", "")
    try:
        columns = int(told) if told.isdecimal() else os.get_terminal_size(sys.stdout.fileno()).columns
    except (OSError, ValueError, AttributeError):
        columns = 80
    return min(max(columns, 40), 400) if columns else 80
