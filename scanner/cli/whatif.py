"""`--without ID`: the same look, judged as if something were gone, or an item beyond the contract were mended.

For a command that looks at one machine:

    @whatif.WITHOUT                                      # the option, `without` among the command's options
    task = whatif.asked(judging.task(...), without)      # refused under an agent and for several homes
    [report] = judging.look(task, console, shown=...)    # is the one of what is left; `report.what_if` says so

Without an ID nothing changes. Whoever writes the report down for good asks `whatif.refuse(without, "--keep")` first.
Ids come from looks, so that one that is not known is told after it, with exit code 2.
"""

from typing import TYPE_CHECKING

import click

from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli.judging import Task

WITHOUT = click.option(
    "--without",
    multiple=True,
    metavar="ID",
    help="Judge as if this credential, agent, server or identity were gone, or this finding or step were done.",
)


def asked(task: "Task", without: tuple[str, ...]) -> "Task":
    """The task with what is to be thought away. Raises ScannerError where that cannot be asked."""
    from msgspec.structs import replace

    if not without:
        return task
    if len(task.machines) > 1:
        raise ScannerError(f"--without: there are {len(task.machines)} homes to look at", "name one with --home")
    if task.withheld(0):
        raise ScannerError(
            f"{task.agent} is among the programs that started this, so nothing is thought away",
            "a person lifts that in a terminal, or by agents_may_read = true in config.toml",
        )
    return replace(task, without=without)


def refuse(without: tuple[str, ...], option: str) -> None:
    """Raises ScannerError where the report is to last: it tells of no machine that is."""
    if without:
        raise ScannerError(f"{option} is for a machine as it is, and --without thinks something away")
