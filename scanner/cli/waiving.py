"""Waivers written for the user: a contract that accepts what is there today, and one finding accepted in a contract."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import to_builtins
from msgspec.structs import replace

from scanner.cli.console import Console
from scanner.cli.options import Looking, taken
from scanner.errors import ScannerError
from scanner.model.contract import Scope
from scanner.text import printable

if TYPE_CHECKING:
    from scanner.cli.judging import Task
    from scanner.contract.judge import Item, Judgement
    from scanner.contract.subject import Broken, Subject
    from scanner.model.contract import Accepted, Contract

LONGEST = timedelta(days=90)
USUAL = timedelta(days=30)
PLACES = frozenset({"where", "mcp_where", "digest"})
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
    from scanner.contract.written import quoted, remark, waiver_lines

    contract, judgement, subject, task = _judged(options, console)
    base, today = extended(contract, path), subject.machine.now.date()
    head = HEAD.format(
        base=quoted(base),
        today=today,
        owner=remark(owner),
        until=until,
        file=remark(path.name),
        name=quoted(name),
    )
    lines = []
    broken = _by_cause(judgement)
    for item in judgement.items:
        if item.waived is None:
            told = _accepted(item, broken, subject, owner=owner, reason=reason, until=until)
            lines += [f"  # {remark(item.title)}", *(f"  {line}" for line in waiver_lines(told))]
    text = head + ("\nwaivers:\n" + "".join(f"{line}\n" for line in lines) if lines else "")
    data = _without_secrets(text, task)
    _checked(data, _source(path), today)
    return data, sum(item.waived is None for item in judgement.items)


def waived(
    finding: str, options: Mapping[str, Any], console: Console, *, owner: str, reason: str, until: date
) -> tuple[Path, bytes, str]:
    """The file of the contract in effect, its bytes with that finding accepted as it is now, and the finding's title.

    Raises ScannerError where no finding has that id, or the contract is no file that can be added to.
    """
    from scanner.cli import contracts
    from scanner.contract.written import remark, waiver_lines

    contract, judgement, subject, task = _judged(options, console)
    path, today = _file_of(contract), subject.machine.now.date()
    item = _meant(finding, judgement)
    told = _accepted(item, _by_cause(judgement), subject, owner=owner, reason=reason, until=until)
    written = "\n".join([f"# {remark(item.title)}", *waiver_lines(told)])
    lines = _without_secrets(written, task).decode().splitlines()
    old = contracts.document_of(contract.source).data
    if _checked(old, contract.source, today).digest != contract.digest:
        raise ScannerError(f"{printable(str(path))}: has changed while this machine was looked at", "run it again")
    data = "".join(_with(old.decode(), item.id, lines, path)).encode()
    if not _differs_by(told, contract, data, today):
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
    if contract.scope is Scope.MANAGED:
        raise ScannerError(
            f"{printable(contract.source)} is an administrator's, and what it demands is theirs to waive",
            "name a contract of your own with --baseline",
        )
    looked = judging.taken_look(task, task.machines[0], console, shown=True)
    found = judge_all(looked.observations, looked.machine, task.config, (contract,), task.agents)
    if found.judgement is None:
        raise ScannerError("nothing was judged")
    return contract, found.judgement, replace(found.subject, acting=found.judgement.judged), task


def _without_secrets(text: str, task: "Task") -> bytes:
    """The text without what the vault holds, or has the shape of a token: a server may be named by a pasted one."""
    from scanner.scrub import tokens_in

    for token in tokens_in(text):
        task.vault.keep(token)
    return task.mask.over(text.encode(), "terminal")[0]


def _by_cause(judgement: "Judgement") -> "dict[str, list[Broken]]":
    """All that is broken, by its cause, also what a waiver accepts."""
    found: dict[str, list[Broken]] = {}
    for held in judgement.held:
        for each in held.broken:
            found.setdefault(each.cause, []).append(each)
    return found


def _accepted(
    item: "Item", broken: "Mapping[str, Sequence[Broken]]", subject: "Subject", *, owner: str, reason: str, until: date
) -> "Accepted":
    """A waiver of all that a finding breaks, also of what an older one accepts in part."""
    from scanner.contract.waivers import accepting

    mine = [each for cause in sorted(item.causes) for each in broken[cause]]
    return accepting(item.id, mine, subject, owner=owner, reason=reason, until=until)


def extended(contract: "Contract", path: Path) -> str:
    """The name by which a contract in that file extends another. Raises ScannerError where it cannot."""
    from scanner.cli import contracts
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
    if base.name in names() or contracts.BESIDE.fullmatch(base.name) is None:
        raise ScannerError(
            f"{printable(contract.source)} cannot be extended by its name",
            "name it with letters, digits and . _ -, and not as a contract that comes with the tool",
        )
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
    rows, end = text.splitlines(keepends=True), "\r\n" if "\r\n" in text else "\n"
    start = next((number for number, row in enumerate(rows) if BLOCK.fullmatch(row.rstrip("\r\n"))), None)
    if start is None:
        if any(row.startswith(("waivers:", '"waivers"', "'waivers'")) for row in rows):
            raise _by_hand(path, lines)
        yield text if text.endswith("\n") else f"{text}{end}"
        yield f"{end}waivers:{end}"
        yield from (f"  {line}{end}" for line in lines)
        return
    indent = _indent(rows[start + 1 :])
    yield from rows[: start + 1]
    yield from (f"{indent}{line}{end}" for line in lines)
    yield from _without(rows[start + 1 :], finding, indent, lines[0])


def _indent(rows: Sequence[str]) -> str:
    """How far the items of a list stand in, by the first of them."""
    first = next((row for row in rows if row.lstrip().startswith("- ")), "  - ")
    return first[: len(first) - len(first.lstrip())]


def _without(rows: Sequence[str], finding: str, indent: str, title: str) -> Iterator[str]:
    """The rows of a list without the item of that finding, and its title above it; a person's own comments stay.

    What cannot be told apart is found by reading again.
    """
    named = re.compile(rf"{indent}- \{{?\s*finding:\s*[\"']?{re.escape(finding)}[\"']?\s*([,#].*)?")
    leaving, above = False, ""
    for row in rows:
        text = row.rstrip("\r\n")
        inner = text.startswith(f"{indent} ") and not text.startswith(f"{indent}- ")
        starts = bool(named.fullmatch(text))
        leaving = starts or (leaving and inner)
        if not starts:
            yield above
        above = row if text == indent + title else ""
        if not above and (not leaving or text.lstrip().startswith("#")):
            yield row
    yield above


def _source(path: Path) -> str:
    """What errors call the file, which is never the name of a contract that comes with the tool."""
    from scanner.cli import contracts

    return contracts.source_of(path)


def _checked(data: bytes, source: str, today: date) -> "Contract":
    """The contract that these bytes are. Raises ScannerError."""
    from scanner.cli.contracts import found
    from scanner.contract.documents import Document
    from scanner.contract.reading import read

    return read(Document(source, data), found, today)


def _differs_by(told: "Accepted", old: "Contract", data: bytes, today: date) -> bool:
    """Whether these bytes are the contract that it was, but for this one waiver in its own file."""
    try:
        new = _checked(data, old.source, today)
    except ScannerError:
        return False

    def is_mine(each: "Accepted") -> bool:
        return each.finding == told.finding and each.where.file == old.source

    def others(contract: "Contract") -> object:
        kept = tuple(each for each in contract.waivers if not is_mine(each))
        return _placeless(to_builtins(replace(contract, waivers=kept, scope=old.scope), order="deterministic"))

    mine = [each for each in new.waivers if is_mine(each)]
    same = [each for each in mine if (len(each.parts), len(each.covers)) == (len(told.parts), len(told.covers))]
    return len(mine) == len(same) == 1 and others(old) == others(new)


def _placeless(value: object) -> object:
    """A value without the lines in which it stands, and what depends on these."""
    if isinstance(value, dict):
        return {key: _placeless(each) for key, each in value.items() if key not in PLACES}
    return [_placeless(each) for each in value] if isinstance(value, list | tuple) else value


def _by_hand(path: Path, lines: Sequence[str]) -> ScannerError:
    text = "\n".join(f"  {line}" for line in lines)
    return ScannerError(
        f"{printable(str(path))}: nothing can be added to its waivers; add these lines yourself:\n{text}"
    )
