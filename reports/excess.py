"""What goes beyond the contract: the three quickest wins, then every item with its way, its clause and its mend."""

from collections.abc import Sequence

from reports import words
from reports.lookup import beyond
from reports.sheet import Sheet, Styled
from scanner.model.report import AdviceStep, Finding, Report
from scanner.model.terms import Severity

IN_FULL = 12
IN_SHORT = 30
WINS = 3
NAME = 60
TEXT = 160
COMMANDS = 3
STYLES = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
MARKS = {Severity.CRITICAL: "◆", Severity.HIGH: "▲", Severity.MEDIUM: "●", Severity.LOW: "○"}


def excess(sheet: Sheet, report: Report, saved: str) -> None:
    """Every item beyond the contract, those that are waived last."""
    contract = report.contract
    if contract is None:
        return
    found = beyond(report)
    counted = [each for each in found if each.waived is None]
    name = words.clipped(contract.name, NAME)
    if not counted:
        sheet.head(f"Nothing goes beyond the contract {name}")
    else:
        sheet.head(f"Beyond the contract {name}: {words.count(len(counted), 'item')}")
    clauses = {clause.id: clause.text for clause in contract.clauses}
    for number, each in enumerate(counted[:IN_FULL], start=1):
        sheet.gap()
        _in_full(sheet, number, each, clauses)
    if counted[IN_FULL:]:
        sheet.gap()
    for number, each in enumerate(counted[IN_FULL : IN_FULL + IN_SHORT], start=IN_FULL + 1):
        sheet.row(f"{number:>3} ", *_level(each), f" {_titled(each)}", Styled(f"  {each.id}", "dim"))
    left = len(counted) - IN_FULL - IN_SHORT
    if left > 0:
        sheet.line(f"and {left} more; -o {saved} holds them all", indent=4)
    for each in found:
        if each.waived is not None:
            sheet.line(f"waived by {words.clipped(each.waived, NAME)}: {_titled(each)}  {each.id}", indent=2, hang=2)


def wins(sheet: Sheet, report: Report) -> None:
    """The few changes that take away most, each with its commands."""
    if not report.advice:
        return
    sheet.head("Quick wins")
    for number, step in enumerate(report.advice[:WINS], start=1):
        left = f"  leaves {_left(step)}" if step.after is not None else ""
        sheet.line(f"{number}. {words.clipped(step.summary, 2 * TEXT)}", Styled(left, "dim"), indent=2, hang=3)
        for command in step.commands[:COMMANDS]:
            sheet.line(Styled(f"$ {command}", "cyan"), indent=5, hang=2)


def _left(step: AdviceStep) -> str:
    after = step.after
    return f"{words.count(after.items, 'item')}, score {after.score}" if after is not None else ""


def _level(each: Finding) -> list[str | Styled]:
    urgent = Styled(" urgent" if each.urgent else "       ", "bold")
    return [Styled(f"{MARKS[each.severity]} {each.severity:<8}", STYLES[each.severity]), urgent]


def _titled(each: Finding) -> str:
    return f"{words.clipped(each.title, NAME)}, {words.clipped(words.place(each.evidence), NAME)}"


def _in_full(sheet: Sheet, number: int, each: Finding, clauses: dict[str, str]) -> None:
    """All that a reader needs to judge and mend one item."""
    sheet.line(
        f"{number:>2}. ",
        Styled(f"{MARKS[each.severity]} {each.severity}", STYLES[each.severity]),
        Styled(", urgent" if each.urgent else "", "bold"),
        "  ",
        Styled(words.clipped(each.title, 2 * NAME), "bold"),
        Styled(f"  {each.id}", "dim"),
        hang=4,
    )
    sheet.field("lies in", words.place(each.evidence))
    if each.way:
        gate = f"; gate {each.gate}" if each.gate is not None else ""
        sheet.field("way", f"{words.clipped(each.way, TEXT)}{gate}, {each.confidence}")
    for label, text in zip(["breaks", *[""] * len(each.clauses)], _broken(each, clauses), strict=False):
        sheet.field(label, text)
    sheet.field("mend", words.clipped(each.fix.summary, 2 * TEXT))
    for command in each.fix.commands[:COMMANDS]:
        sheet.field("", Styled(f"$ {command}", "cyan"))


def _broken(each: Finding, clauses: dict[str, str]) -> Sequence[str]:
    """The clauses that it breaks in their own words, a long list folded."""
    told = [words.clipped(clauses.get(clause, clause), 2 * TEXT) for clause in each.clauses]
    return told if len(told) <= 3 else [*told[:2], f"and {len(told) - 2} more clauses"]
