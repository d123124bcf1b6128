"""`--fail-on-increase REPORT`: whether more is within reach than a saved report says; docs/diff.md defines it."""

from typing import TYPE_CHECKING

import click

from scanner.cli.console import Console
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli.judging import Task
    from scanner.model.report import Report

SHOWN = 5

option = click.option(
    "--fail-on-increase", "since", metavar="REPORT", help="End with 1 where more is within reach than REPORT says."
)


def saved(since: str | None, console: Console) -> "Report | None":
    """The report to compare with, before anything is looked at. Raises ScannerError for one that cannot be read."""
    from scanner.cli.render import loaded

    if since is None:
        return None
    try:
        return loaded(since, console)
    except ScannerError as error:
        raise ScannerError(f"--fail-on-increase {error}", error.hint) from None


def only_one(before: "Report | None", task: "Task") -> None:
    """Raises ScannerError where several homes are to be compared with the report of one."""
    if before is not None and len(task.machines) > 1:
        raise ScannerError(
            f"--fail-on-increase: there are {len(task.machines)} homes to look at", "name one with --home"
        )


def increased(after: "Report", before: "Report", console: Console, task: "Task | None" = None) -> bool:
    """Whether more is within reach than before, said on stderr with its reasons."""
    from scanner.cli.diff import differing

    found = differing(before, after, task)
    if not found.same and found.withheld is None:
        console.say("warning: the report to compare with is of another home or machine")
    if found.tally.unseen:
        console.say(f"warning: {found.tally.unseen} ways of the earlier report were not looked at this time")
    for each in found.increases[:SHOWN]:
        console.say(f"more than before: {each.told}")
    if found.increases[SHOWN:]:
        console.say(f"more than before: and {len(found.increases) - SHOWN} reasons more; armslength diff tells them")
    return bool(found.increases)
