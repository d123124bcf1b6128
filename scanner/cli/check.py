"""`armslength check`: the contract clause by clause, passed, failed or unknown, with the one step that mends it."""

from typing import Any

import click

from scanner.cli.console import Console, ExitCode
from scanner.cli.options import VERBOSE, Looking, looking, taken
from scanner.errors import ScannerError


@click.command("check", context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quiet", is_flag=True, help="Nothing on stdout.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same.")
@looking
@VERBOSE
@click.pass_obj
def command(console: Console, /, quiet: bool, no_color: bool, **options: Any) -> int:
    """Hold this machine against a contract, and say of each clause whether it passes, fails or is unknown.

    Ends with 0 where every clause passes or is unknown, with 1 where one fails, and with 3 (or 4) where something
    could not be looked at. Without --baseline the contract is laptop; armslength baseline show laptop prints it.
    """
    from reports.checklist import render
    from scanner.cli import judging, outputs

    task = judging.task(taken(Looking, options), console)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    [report] = judging.look(task, console, shown=not quiet)
    if not quiet:
        page = outputs.terminal_page(outputs.wants_color(no_color), task.again)
        outputs.to_stdout(task.mask.over(render(report, page), "terminal")[0])
    failed = any(clause.state == "fail" for clause in report.contract.clauses) if report.contract is not None else False
    broken = failed or bool(task.withheld(0) and report.figures.excess is not None and report.figures.excess.items)
    incomplete = judging.code_of([report], "never") is ExitCode.INCOMPLETE
    if broken:
        return ExitCode.BOTH if incomplete else ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if incomplete else ExitCode.FINE
