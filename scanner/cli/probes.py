"""`armslength probes`: what is looked at, and one probe's handbook page."""

from typing import TYPE_CHECKING

import click

from scanner.cli.options import VERBOSE
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.probe import Probe

FORMATS = ("text", "json")


@click.command("probes", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("id", metavar="[ID]", required=False)
@click.option("--format", type=click.Choice(FORMATS), default="text", help="Text for people, or json.")
@VERBOSE
def command(id: str | None, format: str) -> int:
    """List every probe with its title and what it reads, or show the handbook page of the one with this ID."""
    from scanner import config, registry
    from scanner.cli import outputs

    found = registry.probes(config.load(config.default_path()))
    if id is not None:
        found = registry.chosen(found, (id,), ())
    if format == "json":
        outputs.to_stdout(_json(found))
    elif id is not None:
        outputs.to_stdout(_page(found[0]).encode())
    else:
        outputs.to_stdout("".join(_entry(probe) for probe in found).encode())
    return 0


def _entry(probe: "Probe") -> str:
    """A probe with its title and reads, a line each."""
    outside = f" (from {printable(probe.distribution)})" if probe.distribution else ""
    reads = "".join(f"    {printable(read)}\n" for read in probe.reads)
    return f"{printable(probe.id)}  {printable(probe.title)}{outside}\n{reads}"


def _page(probe: "Probe") -> str:
    """The handbook page: the entry, then what the author says."""
    from inspect import cleandoc

    text = "\n".join(printable(line) for line in cleandoc(probe.handbook).splitlines())
    if not text:
        raise ScannerError(f"{printable(probe.id)} has no handbook page")
    return f"{_entry(probe)}\n{text}\n"


def _json(found: "tuple[Probe, ...]") -> bytes:
    import json
    from inspect import cleandoc

    told = [
        {
            "id": probe.id,
            "title": probe.title,
            "reads": probe.reads,
            "distribution": probe.distribution,
            "handbook": cleandoc(probe.handbook),
        }
        for probe in found
    ]
    return json.dumps(told, indent=2).encode() + b"\n"
