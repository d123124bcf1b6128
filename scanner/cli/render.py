"""`armslength render`: a saved report in another format."""

import sys
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.console import Console
from scanner.cli.options import KEPT, VERBOSE, Printing, taken
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.model.report import Report

SIZE_LIMIT = 256 * 1024 * 1024


@click.command("render", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("saved", metavar="[REPORT]", required=False)
@KEPT
@click.option("--format", metavar="NAME", help="What stdout gets: terminal or json.")
@click.option("-o", "--output", multiple=True, metavar="FILE", help="Write this file; its ending names the format.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same.")
@VERBOSE
@click.pass_obj
def command(console: Console, /, saved: str | None, kept: bool, **options: Any) -> int:
    """Turn a saved REPORT (`-` is stdin) into another format, on stdout or in files.

    It may be a sealed one; --kept takes the one that scan --keep has kept.
    """
    from msgspec.structs import replace

    from scanner.cli import judging, outputs

    report = named(saved, kept, console)
    if report is None:
        raise click.UsageError("name a report, or --kept.")
    asked = taken(Printing, options)
    silent = bool(asked.output) and asked.format is None
    [targets] = judging.placed(replace(asked, quiet=silent), [report.host.user])
    outputs.write(outputs.rendered(report, targets, None)[0])
    return 0


def named(saved: str | None, kept: bool, console: Console) -> "Report | None":
    """The report that was named, in a file or by --kept, and None where none was. Raises ScannerError."""
    if kept and saved is not None:
        raise ScannerError("both a report and --kept were named", "leave one of them out")
    if kept:
        from scanner.cli import keeping

        return keeping.kept(console)
    return loaded(saved, console) if saved is not None else None


def loaded(saved: str, console: Console) -> "Report":
    """The report in a file, or on stdin for `-`; a sealed one is opened. Raises ScannerError where there is none."""
    from reports.document import load
    from scanner.sealing import is_sealed

    try:
        data = _bytes(saved)
        if is_sealed(data):
            from scanner.cli.keeping import unsealed

            data = unsealed(data, console)
        return load(data)
    except ScannerError as error:
        raise ScannerError(f"{printable(saved)}: {error}", error.hint) from None


def _bytes(saved: str) -> bytes:
    try:
        if saved == "-":
            data = sys.stdin.buffer.read(SIZE_LIMIT + 1) if sys.stdin is not None else b""
        else:
            with open(saved, "rb") as stream:
                data = stream.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        raise ScannerError(error.strerror or "cannot be read" if isinstance(error, OSError) else "no path") from None
    if len(data) > SIZE_LIMIT:
        raise ScannerError("larger than 256 MiB")
    return data
