"""The contract as a checklist: what fails and the one step that mends it, what is unknown, and what passes."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from reports import words
from reports.agents import named, titles
from reports.page import Page
from reports.sheet import Sheet, Styled, Words
from scanner.model.report import Clause, ContractInfo, Finding, FixInfo, GapInfo, Report
from scanner.model.terms import GapKind

MARKS = {"fail": ("✗", "bold red"), "unknown": ("?", "yellow"), "pass": ("✓", "green")}
STATES = tuple(MARKS)
AUTONOMY = "require.autonomy"
ITEMS = 4
COMMANDS = 2
NAME = 60
PLACE = 180
TEXT = 240


class Told(Struct):
    """What is written, and what was said already: a mend is told once, an item in full once."""

    sheet: Sheet
    findings: Mapping[str, Finding]
    mends: dict[FixInfo, int] = field(default_factory=dict)
    items: set[str] = field(default_factory=set)


def render(report: Report, page: Page) -> bytes:
    """Every clause of the contract that the report was judged by, those that fail first."""
    sheet, contract = Sheet(page), report.contract
    if report.host.withheld is not None or contract is None:
        _in_numbers(sheet, report)
        return sheet.written()
    by_state = {state: [each for each in contract.clauses if state_of(each) == state] for state in STATES}
    _answer(sheet, report, contract, by_state)
    told = Told(sheet, {finding.id: finding for finding in report.findings})
    for number, clause in enumerate((*by_state["fail"], *by_state["unknown"]), start=1):
        _clause(told, number, clause)
    if by_state["pass"]:
        sheet.head(f"Kept: {words.count(len(by_state['pass']), 'clause')}")
    for clause in by_state["pass"]:
        sheet.line(*_head(clause), hang=2)
    _waived(sheet, report)
    _unused(sheet, contract.unused_allowance)
    _next(sheet, report, by_state)
    return sheet.written()


def state_of(clause: Clause) -> str:
    """The state of a clause; one that this version does not know is unknown, and never passed."""
    return clause.state if clause.state in MARKS else "unknown"


def _in_numbers(sheet: Sheet, report: Report) -> None:
    """How many items, for want of a contract or of leave to say more."""
    excess = report.figures.excess
    items = words.count(excess.items, "item") if excess is not None else "not judged"
    sheet.line(Styled(f"Beyond the contract: {items}.", "bold"))
    if report.host.withheld is not None:
        sheet.line(f"Details are withheld: {words.clipped(report.host.withheld, TEXT)}")
    else:
        sheet.line("This report was judged by no contract.")


def _answer(sheet: Sheet, report: Report, contract: ContractInfo, by_state: Mapping[str, Sequence[Clause]]) -> None:
    """Whether the contract is kept, and over whom that was judged."""
    failed, unknown = len(by_state["fail"]), len(by_state["unknown"])
    of = f"{failed} of {words.count(len(contract.clauses), 'clause')}"
    kept = "is kept, as far as was looked" if report.gaps else "is kept"
    said = f"is broken in {of}" if failed else kept if not unknown else "is not known to be broken"
    more = f"; {unknown} could not be decided" if unknown else ""
    sheet.line(Styled(f"The contract {words.clipped(contract.name, NAME)} {said}{more}.", "bold"))
    judged = named(contract.judged, titles(report)) if contract.judged else "any process of yours"
    until = f" It ends on {words.clipped(contract.until, NAME)}." if contract.until else ""
    sheet.line(Styled(f"Judged: {judged}.{until}", "dim"))
    _unseen(sheet, report.gaps)
    marks: list[Words] = []
    for mark, means in (("fail", "broken, with what mends it   "), ("unknown", "not decided   "), ("pass", "kept")):
        marks += [Styled(*MARKS[mark]), f" {means}"]
    sheet.line(*marks)


def _unseen(sheet: Sheet, gaps: Sequence[GapInfo]) -> None:
    """Where nobody looked, and the worst of it: what lies there may break the contract."""
    if not gaps:
        return
    first = min(gaps, key=lambda gap: gap.kind is GapKind.REFUSED)
    place, why = words.clipped(first.place, PLACE), words.clipped(first.why, TEXT)
    such = f"{place} ({why})" if place else why
    if len(gaps) > 1:
        lists = f"armslength scan{sheet.page.same} lists them"
        sheet.line(f"{len(gaps)} places not looked at, such as {such}; {lists}.", hang=2)
    else:
        sheet.line(f"1 place not looked at: {such}.", hang=2)


def _head(clause: Clause, number: int = 0) -> list[Words]:
    mark, style = MARKS[state_of(clause)]
    counted = f"{number}. " if number else ""
    where = f"  {words.clipped(clause.where, NAME)}" if clause.where else ""
    return [Styled(f"{mark} ", style), f"{counted}{words.clipped(clause.text, TEXT)}", Styled(where, "dim")]


def _clause(told: Told, number: int, clause: Clause) -> None:
    """A clause that does not hold, by what, and the step that mends or decides it."""
    told.sheet.gap()
    told.sheet.line(*_head(clause, number), hang=2)
    broken = [told.findings[each] for each in clause.findings if each in told.findings]
    if clause.id.startswith(AUTONOMY):
        freedoms = (f"{word}: {means}" for word, means in words.AUTONOMY.items() if word in clause.text.split())
        told.sheet.line(Styled("; ".join(freedoms), "dim"), indent=4, hang=2)
    for finding in broken[:ITEMS]:
        _item(told, finding)
    if len(broken) > ITEMS:
        told.sheet.line(f"and {len(broken) - ITEMS} more; {_explain(told, clause)}", indent=4, hang=2)
    if not broken and clause.why:
        told.sheet.line(words.clipped(clause.why, 2 * TEXT), indent=4, hang=2)
    if clause.fix is not None:
        _mend(told, number, clause, clause.fix)


def _item(told: Told, finding: Finding) -> None:
    """Where to see it, and, for the first time, what it is."""
    place = Styled(words.clipped(words.place(finding.evidence), PLACE), "bold")
    title = "" if finding.id in told.items else f"  {words.clipped(finding.title, 2 * NAME)}"
    told.items.add(finding.id)
    told.sheet.line(place, title, Styled(f"  {words.clipped(finding.id, NAME)}", "dim"), indent=4, hang=2)


def _mend(told: Told, number: int, clause: Clause, fix: FixInfo) -> None:
    """The mend of the first, told once: where a clause above has the same, that is named."""
    of = "" if len(clause.findings) < 2 else "of the first: "
    above = told.mends.setdefault(fix, number)
    if above != number:
        told.sheet.field("mend", f"{of}as in {above}")
        return
    told.sheet.field("mend", f"{of}{words.cut(fix.summary, 2 * TEXT)}")
    for command in fix.commands[:COMMANDS]:
        told.sheet.field("", Styled(f"$ {command}", "cyan"))
    if len(fix.commands) > COMMANDS:
        told.sheet.field("", f"and {len(fix.commands) - COMMANDS} more; {_explain(told, clause)}")


def _explain(told: Told, clause: Clause) -> str:
    return f"armslength explain {clause.id}{told.sheet.page.same}"


def _waived(sheet: Sheet, report: Report) -> None:
    if not report.waivers:
        return
    sheet.head("Waivers")
    for each in report.waivers:
        until = f"{words.clipped(each.owner, NAME)} until {words.clipped(each.until, NAME)}"
        told = f"{words.clipped(each.finding, NAME)}: {words.clipped(each.state, NAME)}, {until}"
        sheet.line(f"{told}: {words.clipped(each.reason, TEXT)}", indent=2, hang=2)


def _unused(sheet: Sheet, allowed: Sequence[str]) -> None:
    if allowed:
        sheet.head("Allowed, and needed by nothing here")
        for text in allowed:
            sheet.line(words.clipped(text, TEXT), indent=2, hang=2)


def _next(sheet: Sheet, report: Report, by_state: Mapping[str, Sequence[Clause]]) -> None:
    """What to do with what is broken, or else with what is not decided."""
    if report.host.source != "live" or not (by_state["fail"] or by_state["unknown"]):
        return
    first = "Mend" if by_state["fail"] else "Decide"
    same = sheet.page.same
    check, explain = f"armslength check{same}", f"armslength explain ID{same}"
    sheet.gap()
    sheet.line(f"{first} the first, run {check} again; {explain} tells more of a line or an item.")
