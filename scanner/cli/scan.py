"""`armslength scan`: look at a machine, judge what an agent could reach, and print it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from scanner.cli import increase, progress, whatif
from scanner.cli.console import Console, ExitCode
from scanner.cli.options import DRY_RUN, KEEP, VERBOSE, Looking, Printing, looking, printing, taken
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli.judging import Task
    from scanner.model.report import Report


@click.command("scan", context_settings={"help_option_names": ["-h", "--help"]})
@looking
@DRY_RUN
@printing
@KEEP
@whatif.WITHOUT
@increase.option
@VERBOSE
@click.pass_obj
def command(console: Console, /, since: str | None, without: tuple[str, ...], **options: Any) -> int:
    """Look at this machine, judge what an agent launched from it could reach, and print it.

    Nothing leaves the machine unless --live asks a provider, no program that is found is run, and no secret is ever
    printed. Nothing detailed is kept either: --keep keeps the last report, for you on this machine only and in place
    of the one before.
    """
    progress.starting(console, shown=not options["quiet"])
    from scanner.cli import judging, outputs

    if options["dry_run"] and taken(Printing, options) != Printing(no_color=options["no_color"]):
        raise ScannerError("--dry-run prints the questions and no report, so options of the report mean nothing")
    for option in ("dry_run", "keep"):
        if options[option]:
            whatif.refuse(without, f"--{option.replace('_', '-')}")
    before = increase.saved(since, console)
    task = whatif.asked(judging.task(taken(Looking, options), console), without)
    increase.only_one(before, task)
    if options["dry_run"]:
        outputs.to_stdout(judging.planned(task, console))
        return 0
    reports, code = judging.printed(task, taken(Printing, options), console)
    if before is not None and increase.increased(reports[0], before, console, task):
        code = ExitCode.BOTH if code in (ExitCode.INCOMPLETE, ExitCode.BOTH) else ExitCode.FINDINGS
    _log(task, reports, code, console)
    return code


def _log(task: "Task", reports: "list[Report]", code: int, console: Console) -> None:
    """One line without values about a scan of this machine."""
    if not any(machine.source == "live" for machine in task.machines):
        return
    from scanner import state
    from scanner.version import __version__

    counts = {
        "homes": len(reports),
        "credentials": sum(len(report.credentials) for report in reports),
        "exposures": sum(len(report.exposures) for report in reports),
        "findings": sum(len(report.findings) for report in reports),
        "gaps": sum(len(report.gaps) for report in reports),
    }
    try:
        state.log(state.folder(), state.Ran(datetime.now(UTC), "scan", __version__, code, counts))
    except state.StateError as error:
        console.say(f"warning: {error}; this run is not in the log")
