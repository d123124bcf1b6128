"""`armslength baseline suggest`: the smallest contract that covers what was used, and what it would mean here."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import replace

from scanner.cli.console import Console, Defect
from scanner.cli.options import VERBOSE, Looking, looking, taken
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.cli.judging import Task
    from scanner.contract.judge import Judgement
    from scanner.engine import Looked
    from scanner.model.contract import Contract
    from scanner.model.report import Excess, Report
    from scanner.suggest import Suggestion, Wanted

SINCE = ("7d", "30d", "90d")
SHOWN = 12


class Written(Struct, frozen=True):
    """Where the contract goes; stdout without a path."""

    output: str | None = None
    force: bool = False


@click.command("suggest")
@click.option("--since", default="30d", show_default=True, metavar="LENGTH", help="How far to look back: 7d, 30d, 90d.")
@click.option(
    *("--include",), multiple=True, metavar="ASSET|ENVIRONMENT", help="Production to cover too: a glob, or a stage."
)
@click.option("--name", default="suggested", metavar="NAME", help="What the contract is called; suggested.")
@click.option("-o", "--output", metavar="FILE", help="Where it is written; stdout.")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@looking
@VERBOSE
@click.pass_obj
def command(console: Console, /, output: str | None, force: bool, **options: Any) -> int:
    """Write the smallest contract that covers what agents and you really used, production left out unless named.

    It is made from agents' own records, and from the names of programs in the histories of your shells. It goes to
    stdout or FILE; what it leaves out, what would be lost and what remains beyond it is said on stderr.
    """
    from scanner.cli import baseline, judging

    wanted = _wanted(options["name"], options["since"], options["include"])
    baseline.by_a_person(console)
    if output is not None:
        baseline.writable(Path(output), force)
    task = judging.task(taken(Looking, options), console)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    looked = judging.taken_look(task, task.machines[0], console, shown=True)
    before = judging.tell(replace(task, commands=_commands(looked)), looked)
    told, data = _drafted(before, wanted, task)
    then = _judgement(looked, _read(data, wanted.name), task)
    _put(data, Written(output, force))
    for line in (*_said(told), *_judged(told, before, then)):
        console.say(line)
    return judging.code_of([before], "never")


def _wanted(name: str, since: str, include: tuple[str, ...]) -> "Wanted":
    """What is asked for. Raises ScannerError for what cannot be."""
    from scanner.cli.baseline import NAME
    from scanner.contract.durations import duration
    from scanner.model import Environment
    from scanner.suggest import Wanted

    length = duration(since)
    if NAME.fullmatch(name) is None:
        raise ScannerError("--name takes letters, digits and . _ -")
    if length is None:
        raise ScannerError(f"--since {printable(since)}: no length of time", f"write it as {', '.join(SINCE)}")
    for each in include:
        if ":" not in each and each not in set(Environment):
            known = ", ".join(Environment)
            raise ScannerError(
                f"--include {printable(each)}: neither an asset nor an environment",
                f"write an asset as kind:name, such as aws-account:123456789012, or one of {known}",
            )
    return Wanted(name, length, include)


def _commands(looked: "Looked") -> tuple[str, ...]:
    """The beginnings of command lines that were used, which agents are asked about."""
    from scanner.model import UseKind, UseSeen
    from scanner.suggest import beginnings

    seen = (each for each in looked.observations if isinstance(each, UseSeen))
    return beginnings(each.subject for each in seen if each.what is UseKind.COMMAND and each.agent)


def _drafted(report: "Report", wanted: "Wanted", task: "Task") -> "tuple[Suggestion, bytes]":
    """The suggestion and its text. Raises ScannerError where nothing was used, Defect where it would hold a secret."""
    from scanner.contract.drafted import text_of_suggestion
    from scanner.contract.grammar import agents
    from scanner.contract.shipped import shipped
    from scanner.suggest import suggested

    told = suggested(report, wanted, agents())
    if told is None:
        raise ScannerError(
            "no agent and no shell has a record of use in that time, and nothing is made up",
            "work with an agent for some days, look back with --since 90d, or begin with armslength baseline init",
        )
    data = text_of_suggestion(told, shipped()["laptop"]).encode()
    if task.mask.over(data, "terminal")[1]:
        raise Defect("the contract would have held a secret; nothing was written")
    return told, data


def _read(data: bytes, name: str) -> "Contract":
    """The contract as anyone will read it. Raises Defect where it cannot be read."""
    from datetime import date

    from scanner.cli.contracts import found
    from scanner.contract.documents import Document
    from scanner.contract.reading import ContractError, read

    try:
        return read(Document(f"{name}.yaml", data), found, date.min)
    except ContractError as error:
        raise Defect(f"the contract that was made cannot be read: {error}") from None


def _judgement(looked: "Looked", contract: "Contract", task: "Task") -> "Judgement":
    """The machine held against the suggestion alone."""
    from scanner.judgement import judge_all

    judged = judge_all(looked.observations, looked.machine, task.config, (contract,), task.agents)
    if judged.judgement is None:
        raise Defect("the contract that was made was not judged")
    return judged.judgement


def _put(data: bytes, where: Written) -> None:
    from scanner.cli import baseline, outputs

    if where.output is None:
        outputs.to_stdout(data)
    else:
        baseline.write(Path(where.output), data, where.force)
        told = printable(where.output)
        outputs.to_stdout(f"{told} is a contract to read: armslength check --baseline {shlex.quote(told)}\n".encode())


def _said(told: "Suggestion") -> list[str]:
    """What to know before it is used, in the order in which a reader asks."""
    lines = [f"seen: {told.seen}"]
    for each in told.left_out[:SHOWN]:
        lines.append(f"left out, {'' if each.sure else 'perhaps '}used: {each.what}; {each.why}")
        lines.append(f"  to cover it too: --include {shlex.quote(each.include)}")
    if len(told.left_out) > SHOWN:
        lines.append(f"left out, and {len(told.left_out) - SHOWN} more")
    lines += [f"lost: {each}" for each in told.lost]
    lines += [f"note: {each}" for each in told.warnings]
    return lines


def _judged(told: "Suggestion", before: "Report", then: "Judgement") -> list[str]:
    """What is beyond it now, and whether it refuses what it was made to allow."""
    from scanner.suggest import refused

    still = len(refused(told, then))
    lines = [f"of what was used and named, {still} ways stay banned by what laptop never lets be"] if still else []
    now = before.figures.excess
    other = f"; beyond {before.contract.name} it is {_items(now)}" if now is not None and before.contract else ""
    return [*lines, f"beyond it on this machine: {_items(then.excess)}{other}"]


def _items(excess: "Excess") -> str:
    return f"{excess.items} {'item' if excess.items == 1 else 'items'}, score {excess.score}"
