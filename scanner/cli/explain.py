"""`armslength explain`: one thing of a report, how it is reached, where to see it, and what would cut it."""

from typing import TYPE_CHECKING, Any

import click

from scanner.cli.console import Console
from scanner.cli.options import KEPT, VERBOSE, Looking, looking, taken
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli.judging import Task


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("id", metavar="ID")
@click.argument("saved", metavar="[REPORT]", required=False)
@KEPT
@click.option("--score", is_flag=True, help="Show every term of the score.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same.")
@looking
@VERBOSE
@click.pass_obj
def command(console: Console, /, id: str, saved: str | None, kept: bool, **options: Any) -> int:
    """Explain the finding, exposure, credential or asset with this ID.

    It is taken from a saved REPORT, from the one that scan --keep has kept (explain --kept ID), or this machine is
    looked at again. The beginning of an ID is enough where no
    other begins like it; an asset may be named as kind:name too.
    """
    from reports.explain import explain
    from scanner.cli import judging, outputs
    from scanner.cli.render import named

    page, score = outputs.terminal_page(outputs.wants_color(options["no_color"])), options["score"]
    looking = taken(Looking, options)
    if looking != Looking() and (kept or saved is not None):
        raise ScannerError("a saved report was named, so options that say what to look at mean nothing")
    report = named(saved, kept, console)
    if report is not None:
        outputs.to_stdout(explain(report, id, page, score=score))
        return 0
    task = _task(looking, console)
    [report] = judging.look(task, console, shown=True)
    outputs.to_stdout(task.mask.over(explain(report, id, page, score=score), "terminal")[0])
    return 0


def _task(options: Looking, console: Console) -> "Task":
    """The look that is to be taken. Refused where an agent started us, since it would have the details."""
    from scanner.cli import judging

    task = judging.task(options, console)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    if task.withheld(0):
        raise ScannerError(
            f"{task.agent} is among the programs that started this, so nothing is explained",
            "a person lifts that in a terminal, or by agents_may_read = true in config.toml",
        )
    return task
