"""`armslength explain`: one thing of a report, how it is reached, where to see it, and what would cut it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from scanner.cli.console import Console
from scanner.cli.options import KEPT, VERBOSE, Looking, looking, taken
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from reports.page import Page
    from scanner.cli.judging import Task
    from scanner.model.report import Report


@click.command("explain", context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("id", metavar="[ID]", required=False)
@click.argument("saved", metavar="[REPORT]", required=False)
@KEPT
@click.option("--can", metavar="CLASS", help="List every way to do this, such as DATA_DESTROY.")
@click.option("--on", metavar="ENVIRONMENT", help="With --can: only there, such as production.")
@click.option("--run", metavar="COMMAND", help="What each agent, or the one named, does when it wants to run this.")
@click.option("--score", is_flag=True, help="Show every term of the score.")
@click.option("--no-color", is_flag=True, help="No colour; NO_COLOR says the same.")
@looking
@VERBOSE
@click.pass_obj
def command(console: Console, /, id: str | None, saved: str | None, kept: bool, **options: Any) -> int:
    """Explain the finding, exposure, credential, agent or asset with this ID, or list every way --can do something.

    It is taken from a saved REPORT, from the one that scan --keep has kept (explain --kept ID), or this machine is
    looked at again. The beginning of an ID is enough where no other begins like it; an asset may be named as
    kind:name too. With --can the only argument is the REPORT, if one is named. With --run the ID is that of an agent,
    such as claude-code, and none asks all; nothing is run.
    """
    from scanner.cli import judging, outputs
    from scanner.cli.render import named

    if options["run"] is not None:
        return _run(id, saved, kept, options, console)
    if options["can"] is not None:
        if saved is not None:
            raise click.UsageError("with --can there is no ID; name at most a report.")
        saved = id
    told = _what(id, options)
    page = outputs.terminal_page(outputs.wants_color(options["no_color"]))
    looking = taken(Looking, options)
    if looking != Looking() and (kept or saved is not None):
        raise ScannerError("a saved report was named, so options that say what to look at mean nothing")
    report = named(saved, kept, console)
    if report is not None:
        outputs.to_stdout(told(report, page))
        return 0
    task = _task(looking, console)
    [report] = judging.look(task, console, shown=True)
    outputs.to_stdout(task.mask.over(told(report, page), "terminal")[0])
    return 0


def _run(id: str | None, saved: str | None, kept: bool, options: dict[str, Any], console: Console) -> int:
    """What agents do with a command line: their rules are in no report, so that this machine is looked at."""
    from msgspec.structs import replace

    from reports.runs import runs
    from scanner.cli import judging, outputs

    if saved is not None or kept or options["can"] is not None or options["score"]:
        raise click.UsageError("--run goes with an agent alone: a saved report does not hold its rules.")
    line = options["run"].strip()
    if not line:
        raise click.UsageError("--run needs a command line.")
    if id is not None:
        judging.known_agents([id.partition("@")[0]])
    task = replace(_task(taken(Looking, options), console), commands=(line,))
    [report] = judging.look(task, console, shown=True)
    page = outputs.terminal_page(outputs.wants_color(options["no_color"]))
    outputs.to_stdout(task.mask.over(runs(report, line, id, page), "terminal")[0])
    return 0


def _what(id: str | None, options: dict[str, Any]) -> "Callable[[Report, Page], bytes]":
    """What is to be told of a report. Raises ScannerError for words that are none of ours."""
    from reports.explain import explain
    from reports.ways import ways
    from scanner.model import Capability, Environment

    can, on = options["can"], options["on"]
    if can is None:
        if on is not None:
            raise click.UsageError("--on goes with --can.")
        if id is None:
            raise click.UsageError("name an ID, or what an agent may --can do.")
        return lambda report, page: explain(report, id, page, score=options["score"])
    class_ = Capability(_known("--can", can.upper(), list(Capability)))
    where = Environment(_known("--on", on.lower(), list(Environment))) if on is not None else None
    return lambda report, page: ways(report, class_, where, page)


def _known(option: str, word: str, words: Sequence[str]) -> str:
    """A word that is one of ours. Raises ScannerError for another."""
    from scanner.config import did_you_mean

    if word in words:
        return word
    raise ScannerError(
        f"{option} {printable(word)}: no such word{did_you_mean(word, words)}", f"one of {', '.join(words)}"
    )


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
