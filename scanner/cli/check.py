"""`armslength check`: the contract clause by clause, passed, failed or unknown, with the one step that mends it."""

from typing import TYPE_CHECKING, Any

import click

from reports import CHECKLIST
from scanner.cli.console import Console, ExitCode
from scanner.cli.options import LOOKING, SEVERITIES, VERBOSE, Looking, Printing, composed, taken, time_limit
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli import outputs
    from scanner.model.checklist import Checklist
    from scanner.model.report import Report

SECONDS = 8.0  # of looking: with start and judging the whole is under ten
CLAUSE = "clause"
FAIL_ON = ("never", CLAUSE, *SEVERITIES[1:])
PRINTING = (
    click.option("--format", metavar="NAME", help="What stdout gets: terminal, json, markdown or junit."),
    click.option(
        *("-o", "--output"), multiple=True, metavar="FILE", help="Also write this file: .txt, .json, .md or .junit.xml."
    ),
    click.option(
        "--fail-on",
        type=click.Choice(FAIL_ON),
        default=CLAUSE,
        help="End with 1 for any failed clause, or only for one with an item of this severity; clause.",
    ),
    click.option("--quiet", is_flag=True, help="Nothing on stdout."),
    click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same."),
)


@click.command("check", context_settings={"help_option_names": ["-h", "--help"]})
@composed((*PRINTING, *LOOKING, time_limit(SECONDS), VERBOSE))
@click.pass_obj
def command(console: Console, /, **options: Any) -> int:
    """Hold this machine against a contract, and say of each clause whether it passes, fails or is unknown.

    The clauses stand in the order in which to mend them. Ends with 0 where every clause passes or is unknown, with 1
    where one fails, and with 3 (or 4) where something could not be looked at. Without --baseline the contract is
    laptop; armslength baseline show laptop prints it.
    """
    from scanner.checklist import checklist
    from scanner.cli import judging, outputs

    looking, printing = taken(Looking, options), taken(Printing, options)
    task = judging.task(looking, console)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    [targets] = judging.placed(printing, [task.machines[0].user], task.again, forms=CHECKLIST)
    [report] = judging.look(task, console, shown=not printing.quiet)
    report, written = _masked(report, targets, task.mask)
    outputs.write(written)
    return _code(checklist(report), printing.fail_on)


def _masked(
    report: "Report", targets: "list[outputs.Target]", mask: "outputs.Mask"
) -> "tuple[Report, list[outputs.Written]]":
    """The final bytes; where a secret had to be masked in any of them, every one of them says so."""
    from msgspec.structs import replace

    from scanner.checklist import checklist
    from scanner.cli import judging, outputs

    written, hit = outputs.rendered(checklist(report), targets, mask)
    if not hit:
        return report, written
    report = replace(report, gaps=(*report.gaps, judging.MASKED))
    return report, outputs.rendered(checklist(report), targets, mask)[0]


def _code(checklist: "Checklist", threshold: str) -> ExitCode:
    """The exit code: whether a clause fails that counts, and whether something could not be looked at."""
    from scanner.checklist import is_incomplete

    incomplete = is_incomplete(checklist.not_looked_at.places)
    if _fails(checklist, threshold):
        return ExitCode.BOTH if incomplete else ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if incomplete else ExitCode.FINE


def _fails(checklist: "Checklist", threshold: str) -> bool:
    """Whether a clause fails; for a severity, whether one fails by an item that is so severe.

    Where details are withheld there are no clauses, and any item counts.
    """
    from scanner.model import Severity

    if threshold in {"never", CLAUSE} or checklist.contract is None:
        return threshold != "never" and checklist.result == "fail"
    least = Severity(threshold).rank
    return any(item.severity.rank >= least for clause in checklist.clauses for item in clause.items)
