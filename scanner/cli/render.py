"""`armslength render`: a saved report in another format."""

import sys
from typing import TYPE_CHECKING

import click

from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.model.report import Report

SIZE_LIMIT = 256 * 1024 * 1024


@click.command("render", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("saved", metavar="REPORT")
@click.option("--format", metavar="NAME", help="What stdout gets: terminal or json.")
@click.option("-o", "--output", multiple=True, metavar="FILE", help="Write this file; its ending names the format.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same.")
@VERBOSE
def command(saved: str, format: str | None, output: tuple[str, ...], no_color: bool) -> int:
    """Turn a saved REPORT (`-` is stdin) into another format, on stdout or in files."""
    from scanner.cli import judging, outputs
    from scanner.cli.options import Printing

    report = loaded(saved)
    silent = bool(output) and format is None
    [targets] = judging.placed(Printing(format, output, quiet=silent, no_color=no_color), [report.host.user])
    outputs.write(outputs.rendered(report, targets, None)[0])
    return 0


def loaded(saved: str) -> "Report":
    """The report in a file, or on stdin for `-`. Raises ScannerError where there is none."""
    from reports.document import load

    try:
        return load(_bytes(saved))
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
