"""`--without ID`: the same look, judged as if something were gone, or an item beyond the contract were mended.

For a command that looks at one machine:

    @whatif.WITHOUT                                      # the option, `without` among the command's options
    task = whatif.asked(judging.task(...), without)      # refused under an agent and for several homes
    [report] = judging.look(task, console, shown=...)    # is the one of what is left; `report.what_if` says so

Without an ID nothing changes. Whoever writes the report down for good asks `whatif.refuse(without, "--keep")` first.
Ids come from looks, so that one that is not known is told after it, with exit code 2.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from scanner.errors import ScannerError

if TYPE_CHECKING:
    from scanner.cli.judging import Task
    from scanner.engine import Looked
    from scanner.judgement import Judged
    from scanner.model.report import Report, Supposed
    from scanner.whatif import Change

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
    """Raises ScannerError where the report is to last: it is only supposed."""
    if without:
        raise ScannerError(f"{option} is for a machine as it is, and --without thinks something away")


def tell(task: "Task", looked: "Looked") -> "Report":
    """The report of a look without what is thought away. Raises ScannerError for what is not there."""
    from msgspec.structs import replace

    from scanner.engine import Judging, told
    from scanner.judgement import judge_all
    from scanner.model.report import WhatIf
    from scanner.whatif import applied

    judging = Judging(task.config, task.contracts, task.agents, task.commands)
    judged = judge_all(looked.observations, looked.machine, task.config, task.contracts, task.agents)
    whole = told(looked, judged, task.vault, judging)
    gone, changes = _meant(task.without, whole, judged)
    after = applied(judged, changes)
    left = replace(looked, observations=tuple(after.model.observations))
    report = told(left, after, task.vault, judging)
    return replace(report, what_if=WhatIf(gone, whole.figures.excess))


def _meant(without: Sequence[str], report: "Report", judged: "Judged") -> "tuple[tuple[Supposed, ...], list[Change]]":
    """What was named, each thing once, and what thinking it away changes. Raises ScannerError for what cannot be."""
    from reports.explain import named
    from scanner.model.report import ANY_AGENT
    from scanner.supposing import supposed

    things = {thing.id: thing for thing in (named(report, each) for each in without)}
    changes: list[Change] = []
    for name in things:
        found = supposed(judged, name)
        if not found:
            why = "it is the upper bound, and always there" if name == ANY_AGENT else "nothing that it rests on can be"
            raise ScannerError(f"--without {name}: it cannot be thought away: {why}")
        changes += found
    return tuple(things.values()), changes
