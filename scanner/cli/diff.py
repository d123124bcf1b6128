"""`armslength diff`: what came, went, rose or fell between two reports, or a report and now, and what brought it."""

import gc
import shlex
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.console import Console, ExitCode
from scanner.cli.options import KEPT, VERBOSE, Looking, Printing, looking, taken
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.cli.judging import Task
    from scanner.model.difference import Difference
    from scanner.model.report import Report


@click.command("diff", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@KEPT
@click.option("--format", metavar="NAME", help="What stdout gets: terminal, json or markdown.")
@click.option(
    *("-o", "--output"), multiple=True, metavar="FILE", help="Also write this file: .json, .md or .txt by its ending."
)
@click.option("--fail-on-increase", is_flag=True, help="End with 1 where more is within reach than before.")
@click.option("--quiet", is_flag=True, help="Nothing on stdout.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same.")
@looking
@VERBOSE
@click.pass_obj
def command(
    console: Console, /, old: str | None, new: str | None, kept: bool, fail_on_increase: bool, **options: Any
) -> int:
    """Say what changed from the saved report OLD to NEW, or to now, and what brought each change about.

    Without NEW this machine is looked at, with the options of scan: give those that OLD was made with. OLD may be
    sealed; with --kept it is the report that scan --keep has kept, and the only argument is NEW. What was merely not
    looked at this time is told apart from what is gone. Ends with 0, with 3 where something could not be looked at,
    and with --fail-on-increase with 1 (or 4) where more is within reach.
    """
    from scanner.cli.render import named

    if kept:
        if new is not None:
            raise click.UsageError("with --kept the only argument is the newer report.")
        old, new = None, old
    before = named(old, kept, console)
    if before is None:
        raise click.UsageError("name the report to compare with, or --kept.")
    asked = taken(Looking, options)
    if new is not None and asked != Looking():
        raise ScannerError("two saved reports were named, so options that say what to look at mean nothing")
    if new is not None:
        return _saved(before, new, fail_on_increase, taken(Printing, options), console)
    return _now(before, asked, fail_on_increase, taken(Printing, options), console)


def _saved(before: "Report", new: str, failing: bool, printing: Printing, console: Console) -> int:
    """Two saved reports."""
    from reports import DIFFERENCE
    from scanner.cli import judging, outputs
    from scanner.cli.render import loaded

    after = loaded(new, console)
    [targets] = judging.placed(printing, [after.host.user], shlex.quote(new), forms=DIFFERENCE)
    found = differing(before, after)
    outputs.write(outputs.rendered(found, targets, None)[0])
    return ExitCode.FINDINGS if failing and found.increases else ExitCode.FINE


def _now(before: "Report", asked: Looking, failing: bool, printing: Printing, console: Console) -> int:
    """A saved report, and this machine as it is."""
    from reports import DIFFERENCE
    from scanner.cli import judging, outputs

    task = judging.task(asked, console)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    [targets] = judging.placed(printing, [task.machines[0].user], task.again, forms=DIFFERENCE)
    [after] = judging.look(task, console, shown=not printing.quiet)
    found = differing(before, after, task)
    outputs.write(outputs.rendered(found, targets, task.mask)[0])
    incomplete = judging.code_of([after], "never") is ExitCode.INCOMPLETE
    if failing and found.increases:
        return ExitCode.BOTH if incomplete else ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if incomplete else ExitCode.FINE


def differing(before: "Report", after: "Report", task: "Task | None" = None) -> "Difference":
    """The difference, with what is known of the look that made the newer report."""
    from scanner.diff import compared

    gc.freeze()  # two large reports stay to the end, and the collector would walk them again and again
    return compared(before, after, _reads(task), task.agents if task is not None else frozenset())


def _reads(task: "Task | None") -> "Mapping[str, Sequence[str]]":
    """What each probe of ours declares to read."""
    from probes import BUILTIN

    known = {each.id: each.reads for each in BUILTIN}
    return known | {each.id: each.reads for each in task.probes} if task is not None else known
