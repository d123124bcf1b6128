"""The contract as a checklist: what fails and the one step that mends it, what is unknown, and what passes."""

from collections.abc import Mapping, Sequence

from reports import words
from reports.page import Page
from reports.sheet import Sheet, Styled
from scanner.model.report import Clause, Finding, Report

MARKS = {"fail": ("✗", "bold red"), "unknown": ("?", "yellow"), "pass": ("✓", "green")}
STATES = tuple(MARKS)
ITEMS = 4
TEXT = 160


def render(report: Report, page: Page) -> bytes:
    """Every clause of the contract that the report was judged by, those that fail first."""
    sheet = Sheet(page)
    contract = report.contract
    if report.host.withheld is not None or contract is None:
        excess = report.figures.excess
        items = words.count(excess.items, "item") if excess is not None else "nothing that was judged"
        sheet.line(Styled(f"Beyond the contract: {items}.", "bold"))
        if report.host.withheld is not None:
            sheet.line(f"Details are withheld: {words.clipped(report.host.withheld, TEXT)}")
        return sheet.written()
    by_state = {state: [each for each in contract.clauses if each.state == state] for state in STATES}
    _answer(sheet, report, by_state)
    findings = {finding.id: finding for finding in report.findings}
    for state in ("fail", "unknown"):
        for clause in by_state[state]:
            _clause(sheet, clause, findings)
    if by_state["pass"]:
        sheet.gap()
    for clause in by_state["pass"]:
        sheet.line(*_head(clause), hang=2)
    _waived(sheet, report)
    _unused(sheet, contract.unused_allowance)
    return sheet.written()


def _answer(sheet: Sheet, report: Report, by_state: Mapping[str, Sequence[Clause]]) -> None:
    contract = report.contract
    name = words.clipped(contract.name, TEXT) if contract is not None else ""
    failed, unknown = len(by_state["fail"]), len(by_state["unknown"])
    said = "is kept" if not failed else f"is broken in {words.count(failed, 'clause')}"
    if unknown:
        said += f", and {words.count(unknown, 'clause')} could not be decided"
    sheet.line(Styled(f"The contract {name} {said}.", "bold"))
    titles = {each.id: each for each in report.principals}
    judged = [titles[each] for each in (contract.judged if contract is not None else ()) if each in titles]
    told = [f"{words.clipped(each.title, TEXT)}{', as if installed' if each.notional else ''}" for each in judged]
    sheet.line(Styled(f"Judged: {words.listed(told) or 'an unrestricted process'}.", "dim"))


def _head(clause: Clause) -> list[str | Styled]:
    mark, style = MARKS[clause.state]
    return [Styled(f"{mark} ", style), words.clipped(clause.text, TEXT), Styled(f"  {clause.where}", "dim")]


def _clause(sheet: Sheet, clause: Clause, findings: Mapping[str, Finding]) -> None:
    """A clause that does not hold, by what, and how to mend the first of it."""
    sheet.gap()
    sheet.line(*_head(clause), hang=2)
    broken = [findings[each] for each in clause.findings if each in findings]
    for finding in broken[:ITEMS]:
        title = words.clipped(finding.title, TEXT)
        sheet.line(f"{title}: {words.place(finding.evidence)}", Styled(f"  {finding.id}", "dim"), indent=4, hang=2)
    if len(broken) > ITEMS:
        sheet.line(f"and {len(broken) - ITEMS} more", indent=4)
    if not broken and clause.why:
        sheet.line(clause.why, indent=4, hang=2)
    if clause.fix is not None:
        sheet.field("mend", words.clipped(clause.fix.summary, 2 * TEXT))
        for command in clause.fix.commands:
            sheet.field("", Styled(f"$ {command}", "cyan"))


def _waived(sheet: Sheet, report: Report) -> None:
    if not report.waivers:
        return
    sheet.head("Waivers")
    for each in report.waivers:
        told = f"{each.finding}: {each.state}, {each.owner} until {each.until}, {words.clipped(each.reason, TEXT)}"
        sheet.line(told, indent=2, hang=2)


def _unused(sheet: Sheet, allowed: Sequence[str]) -> None:
    if allowed:
        sheet.head("Allowed, and not used by anything here")
        for text in allowed:
            sheet.line(words.clipped(text, TEXT), indent=2, hang=2)
