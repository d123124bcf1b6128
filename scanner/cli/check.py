"""`armslength check`: the contract clause by clause, passed, failed or unknown, with the one step that mends it."""

from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from reports import CHECKLIST
from scanner.cli import attesting, increase, progress, whatif
from scanner.cli.console import Console, ExitCode
from scanner.cli.options import LOOKING, SEVERITIES, VERBOSE, Looking, Printing, composed, taken, time_limit
from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli import outputs
    from scanner.cli.judging import Task
    from scanner.model.checklist import Checklist
    from scanner.model.report import Report

SECONDS = 7.0  # of looking: with start and judging the whole is under ten
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


class Checking(Struct, frozen=True):
    """All that was settled before the look: the task, where the list goes, whether to attest, what to compare with."""

    task: "Task"
    targets: "list[outputs.Target]"
    fail_on: str
    quiet: bool
    attesting: "attesting.Attesting | None"
    before: "Report | None"


@click.command("check", context_settings={"help_option_names": ["-h", "--help"]})
@composed((*PRINTING, *LOOKING, time_limit(SECONDS), whatif.WITHOUT, increase.option))
@attesting.options
@VERBOSE
@click.pass_obj
def command(console: Console, /, **options: Any) -> int:
    """Hold this machine against a contract, and say of each clause whether it passes, fails or is unknown.

    The clauses stand in the order in which to mend them. Ends with 0 where every clause passes or is unknown, with 1
    where one fails, and with 3 (or 4) where something could not be looked at. Without --baseline the contract is
    laptop; armslength baseline show laptop prints it.
    """
    from scanner.cli import judging

    asked = attesting.asked(options)
    if asked.verify is not None:
        attesting.verifying_alone(click.get_current_context())
        return attesting.verify(asked.verify, asked, console)
    run = _settled(options, asked, console)
    [report] = judging.look(run.task, console, shown=not run.quiet)
    found = _written(report, run)
    if run.attesting is not None:
        console.say(run.attesting.write(report, asked.clock))
    grew = run.before is not None and increase.increased(report, run.before, console, run.task)
    return _code(found, run.fail_on, grew=grew)


def _settled(options: dict[str, Any], asked: attesting.Asked, console: Console) -> Checking:
    """All that can be tried before the look. Raises ScannerError for what cannot be."""
    progress.starting(console, shown=not options["quiet"])
    from scanner.cli import judging

    printing, without = taken(Printing, options), options["without"]
    if asked.attest is not None:
        whatif.refuse(without, "--attest")
    before = increase.saved(options["since"], console)
    task = whatif.asked(judging.task(taken(Looking, options), console), without)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    [targets] = judging.placed(printing, [task.machines[0].user], task.again, forms=CHECKLIST)
    ready = attesting.ready(asked, console, task) if asked.attest is not None else None
    return Checking(task, targets, printing.fail_on, printing.quiet, ready, before)


def _written(report: "Report", run: Checking) -> "Checklist":
    """Writes the list; where a secret had to be masked in any output, every one of them says so."""
    from msgspec.structs import replace

    from scanner.checklist import checklist
    from scanner.cli import judging, outputs

    found = checklist(report)
    written, hit = outputs.rendered(found, run.targets, run.task.mask)
    if hit:
        found = checklist(replace(report, gaps=(*report.gaps, judging.MASKED)))
        written = outputs.rendered(found, run.targets, run.task.mask)[0]
    outputs.write(written)
    return found


def _code(checklist: "Checklist", threshold: str, *, grew: bool) -> ExitCode:
    """The exit code: whether a clause fails that counts, or more is within reach, and whether all could be seen."""
    from scanner.checklist import is_incomplete

    incomplete = is_incomplete(checklist.not_looked_at.places)
    if grew or _fails(checklist, threshold):
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
