"""Waivers written for the user: a contract that accepts what is there today, and one finding accepted in a contract."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scanner.cli.console import Console
from scanner.cli.options import Looking, taken
from scanner.errors import ScannerError
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.cli.judging import Task
    from scanner.contract.judge import Item, Judgement
    from scanner.contract.subject import Subject
    from scanner.model.contract import Accepted, Contract

LONGEST = timedelta(days=90)
USUAL = timedelta(days=30)
BLOCK = re.compile(r"waivers:[ \t]*(#.*)?")
HEAD = """\
# What is beyond {base} on this machine on {today}, accepted by {owner} until {until}: each waiver names what was
# there, and what comes on top of that counts. Nothing here is allowed: take a waiver out as soon as its finding is
# mended, and run `armslength check --baseline {file}` after it.
version: 1
name: {name}

extends: [{base}]
"""


def from_scan(
    options: Mapping[str, Any], console: Console, *, name: str, path: Path, owner: str, reason: str, until: date
) -> tuple[bytes, int]:
    """A contract that extends the one in effect and accepts what is beyond it, and how many findings that are.

    Raises ScannerError where that contract cannot be extended from there, or the result would be no contract.
    """
    from scanner.contract.written import quoted, waiver_lines

    contract, judgement, subject, task = _judged(options, console)
    base, today = extended(contract, path), subject.machine.now.date()
    head = HEAD.format(
        base=quoted(base),
        today=today,
        owner=printable(owner),
        until=until,
        file=printable(path.name),
        name=quoted(name),
    )
    lines = []
    for item in judgement.items:
        if item.waived is None:
            told = _accepted(item, judgement, subject, owner=owner, reason=reason, until=until)
            lines += [f"  # {printable(item.title)}", *(f"  {line}" for line in waiver_lines(told))]
    text = head + ("\nwaivers:\n" + "".join(f"{line}\n" for line in lines) if lines else "")
    data = _without_secrets(text, task)
    _checked(data, path, today)
    return data, sum(item.waived is None for item in judgement.items)


def waived(
    finding: str, options: Mapping[str, Any], console: Console, *, owner: str, reason: str, until: date
) -> tuple[Path, bytes, str]:
    """The file of the contract in effect, its bytes with that finding accepted as it is now, and the finding's title.

    Raises ScannerError where no finding has that id, or the contract is no file that can be added to.
    """
    from scanner.contract.written import waiver_lines

    contract, judgement, subject, task = _judged(options, console)
    path = _file_of(contract)
    item = _meant(finding, judgement)
    told = _accepted(item, judgement, subject, owner=owner, reason=reason, until=until)
    written = "\n".join([f"# {printable(item.title)}", *waiver_lines(told)])
    lines = _without_secrets(written, task).decode().splitlines()
    old = path.read_bytes()
    data = "".join(_with(old.decode(), item.id, lines, path)).encode()
    new = _checked(data, path, subject.machine.now.date())
    if not _differs_by(told, contract, new):
        raise _by_hand(path, lines)
    return path, data, lines[0].removeprefix("# ")


def ending(until: date | None, today: date) -> date:
    """The last day of a waiver: as asked for, or a month from now. Raises ScannerError for one that is past or far."""
    if until is None:
        return today + USUAL
    if not today <= until <= today + LONGEST:
        raise ScannerError(
            f"--until {until}: a waiver ends between today and {today + LONGEST}", "what stays longer is for allow"
        )
    return until


def _judged(options: Mapping[str, Any], console: Console) -> "tuple[Contract, Judgement, Subject, Task]":
    """The user's own contract, and what it alone says of this machine: a waiver lifts nothing of another."""
    from scanner.cli import judging
    from scanner.judgement import judge_all

    task = judging.task(taken(Looking, options), console)
    if len(task.machines) > 1:
        raise ScannerError(f"there are {len(task.machines)} homes to look at", "name one with --home")
    contract = task.contracts[-1]
    looked = judging.taken_look(task, task.machines[0], console, shown=True)
    found = judge_all(looked.observations, looked.machine, task.config, (contract,), task.agents)
    if found.judgement is None:
        raise ScannerError("nothing was judged")
    return contract, found.judgement, found.subject, task


def _without_secrets(text: str, task: "Task") -> bytes:
    """The text without what the vault holds, or has the shape of a token: a server may be named by a pasted one."""
    from scanner.scrub import tokens_in

    for token in tokens_in(text):
        task.vault.keep(token)
    return task.mask.over(text.encode(), "terminal")[0]


def _accepted(
    item: "Item", judgement: "Judgement", subject: "Subject", *, owner: str, reason: str, until: date
) -> "Accepted":
    """A waiver of all that a finding breaks, also of what an older one accepts in part."""
    from scanner.contract.waivers import accepting

    broken = [each for held in judgement.held for each in held.broken if each.cause in item.causes]
    return accepting(item.id, broken, subject, owner=owner, reason=reason, until=until)


def extended(contract: "Contract", path: Path) -> str:
    """The name by which a contract in that file extends another. Raises ScannerError where it cannot."""
    from scanner.data.contracts import names

    if contract.source in names():
        return contract.source
    base = Path(contract.source)
    if os.path.realpath(base.parent) != os.path.realpath(path.parent):
        raise ScannerError(
            f"{printable(str(path))} cannot extend {printable(contract.source)}, which lies in another folder",
            f"-o {printable(str(base.parent / path.name))}",
        )
    if os.path.realpath(base) == os.path.realpath(path):
        raise ScannerError(f"{printable(str(path))} would extend itself", "name another file with -o")
    return base.name


def _file_of(contract: "Contract") -> Path:
    """The file that a waiver is written into. Raises ScannerError for a contract that comes with the tool."""
    from scanner.data.contracts import names

    if contract.source not in names():
        return Path(contract.source)
    from scanner import folders
    from scanner.cli import contracts

    own = folders.configuration() / contracts.NAME
    raise ScannerError(
        f"{contract.name} comes with the tool, and takes no waivers",
        f"armslength baseline init -o {printable(str(own))} writes one of your own, which then counts",
    )


def _meant(finding: str, judgement: "Judgement") -> "Item":
    """The finding that begins so. Raises ScannerError where none does, or several do."""
    found = [item for item in judgement.items if item.id.startswith(finding)]
    if len(found) == 1 and finding:
        return found[0]
    why = "several findings begin so" if found else "nothing beyond the contract has that id"
    raise ScannerError(f"{printable(finding)}: {why}", "armslength check lists them")


def _with(text: str, finding: str, lines: Sequence[str], path: Path) -> Iterator[str]:
    """The text of a contract with one more waiver, which stands for an older one of the same finding."""
    rows = text.splitlines(keepends=True)
    start = next((number for number, row in enumerate(rows) if BLOCK.fullmatch(row.rstrip("\r\n"))), None)
    if start is None:
        if any(row.startswith(("waivers:", '"waivers"', "'waivers'")) for row in rows):
            raise _by_hand(path, lines)
        yield text if text.endswith("\n") or not text else f"{text}\n"
        yield "\nwaivers:\n"
        yield from (f"  {line}\n" for line in lines)
        return
    indent = _indent(rows[start + 1 :])
    yield from rows[: start + 1]
    yield from (f"{indent}{line}\n" for line in lines)
    yield from _without(rows[start + 1 :], finding, indent)


def _indent(rows: Sequence[str]) -> str:
    """How far the items of a list stand in, by the first of them."""
    first = next((row for row in rows if row.lstrip().startswith("- ")), "  - ")
    return first[: len(first) - len(first.lstrip())]


def _without(rows: Sequence[str], finding: str, indent: str) -> Iterator[str]:
    """The rows of a list without the item of that finding; what cannot be told apart is found by reading again."""
    named = re.compile(rf"{indent}- \{{?\s*finding:\s*[\"']?{re.escape(finding)}[\"']?\s*([,#].*)?")
    leaving = False
    for row in rows:
        text = row.rstrip("\r\n")
        inner = text.startswith(f"{indent} ") and not text.startswith(f"{indent}- ")
        leaving = bool(named.fullmatch(text)) or (leaving and inner)
        if not leaving:
            yield row


def _checked(data: bytes, path: Path, today: date) -> "Contract":
    """The contract that these bytes are. Raises ScannerError."""
    from scanner.cli.contracts import found
    from scanner.contract.documents import Document
    from scanner.contract.reading import read

    return read(Document(str(path), data), found, today)


def _differs_by(told: "Accepted", old: "Contract", new: "Contract") -> bool:
    """Whether a contract is what it was, but for this one waiver."""

    def others(contract: "Contract") -> list[tuple[str, str, date]]:
        return [(each.finding, each.owner, each.until) for each in contract.waivers if each.finding != told.finding]

    mine = [each for each in new.waivers if each.finding == told.finding]
    same = [each for each in mine if (each.parts, len(each.covers)) == (told.parts, len(told.covers))]
    return len(mine) == len(same) == 1 and others(old) == others(new)


def _by_hand(path: Path, lines: Sequence[str]) -> ScannerError:
    text = "\n".join(f"  {line}" for line in lines)
    return ScannerError(
        f"{printable(str(path))}: nothing can be added to its waivers; add these lines yourself:\n{text}"
    )
