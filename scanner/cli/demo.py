"""`armslength demo`: judge the sample machine that comes with the tool."""

from datetime import UTC, datetime
from typing import Any

import click

from scanner.cli.console import Console
from scanner.cli.options import VERBOSE, Printing, printing, taken


@click.command("demo", context_settings={"help_option_names": ["-h", "--help"]})
@printing
@VERBOSE
@click.pass_obj
def command(console: Console, /, **options: Any) -> int:
    """Judge a sample machine that comes with the tool: a made-up laptop with made-up secrets, by the contract laptop.

    Nothing of this machine is looked at, and nothing is kept.
    """
    from scanner import demo, registry
    from scanner.cli import contracts, judging
    from scanner.config import Config
    from scanner.vault import Vault

    console.vault = Vault(demo.KEY)
    laptop = contracts.chosen(None, datetime.now(UTC).date())
    task = judging.Task((demo.machine(),), registry.probes(Config()), Config(), console.vault, contracts=(laptop,))
    return judging.printed(task, taken(Printing, options), console)[1]
