"""What goes beyond the contract: the plan to mend it, then every item with its way, its clause and its mend."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from reports import words
from reports.agents import named, titles
from reports.lookup import SAVED, Lookup, beyond, to_see
from reports.sheet import Sheet, Styled, Words
from scanner.model.report import ANY_AGENT, AdviceStep, ContractInfo, Excess, Finding, Report, Way
from scanner.model.terms import Severity

IN_FULL = 12
IN_SHORT = 30
WINS = 3
NAME = 60
TEXT = 240
CLAUSE = 100
CLAUSES = 3
COMMANDS = 3
STYLES = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
MARKS = {Severity.CRITICAL: "◆", Severity.HIGH: "▲", Severity.MEDIUM: "●", Severity.LOW: "○"}


class Known(Struct, frozen=True):
    """What an item is told with: the clauses, the principals and the report by id, and what commands end with."""

    clauses: Mapping[str, str]
    titles: Mapping[str, str]
    found: Lookup
    same: str


def excess(sheet: Sheet, report: Report, look_up: Lookup) -> None:
    """Every item beyond the contract, those that are waived last."""
    contract, found = report.contract, beyond(report)
    if contract is None and not found:
        return
    known = Known(
        {clause.id: clause.text for clause in contract.clauses} if contract is not None else {},
        titles(report),
        look_up,
        to_see(report, sheet.page),
    )
    counted = [each for each in found if each.waived is None]
    name = f"the contract {words.clipped(contract.name, NAME)}" if contract is not None else "a contract"
    items = f"Beyond {name}: {words.count(len(counted), 'item')}"
    sheet.head(items if counted else f"Nothing goes beyond {name}")
    if contract is not None:
        _terms(sheet, contract, known)
    _items(sheet, counted, known)
    _waived(sheet, report, found)
    _unused(sheet, contract.unused_allowance if contract is not None else ())


def _terms(sheet: Sheet, contract: ContractInfo, known: Known) -> None:
    """What the contract is, over whom it was judged, and until when it holds."""
    until = f" It ends on {words.clipped(contract.until, NAME)}." if contract.until else ""
    judged = named(contract.judged, known.titles) if contract.judged else "any process of yours"
    told = f"The contract says how far agents may reach. Judged here: {judged}.{until}"
    sheet.line(Styled(told, "dim"), indent=2)


def _items(sheet: Sheet, counted: Sequence[Finding], known: Known) -> None:
    for number, each in enumerate(counted[:IN_FULL], start=1):
        sheet.gap()
        _in_full(sheet, number, each, known)
    if counted[IN_FULL:]:
        sheet.gap()
    for number, each in enumerate(counted[IN_FULL : IN_FULL + IN_SHORT], start=IN_FULL + 1):
        sheet.row(f"{number:>3} ", *_level(each), f" {words.clipped(each.title, NAME)}")
        _where(sheet, each)
    left = len(counted) - IN_FULL - IN_SHORT
    if left > 0:
        sheet.line(f"and {left} more; -o {SAVED} holds them all", indent=4)


def wins(sheet: Sheet, report: Report) -> None:
    """What the plan comes to, and its first steps, each with its commands and what is left after it."""
    if not report.advice:
        return
    sheet.head(_comes_to(report.advice, report.figures.excess))
    for number, step in enumerate(report.advice[:WINS], start=1):
        _step(sheet, number, step, report)
    if report.advice[WINS:]:
        sheet.line(Styled(f"and {words.count(len(report.advice) - WINS, 'step')} more below", "dim"), indent=2)


def plan(sheet: Sheet, report: Report) -> None:
    """The steps of the plan behind the first, and what none of them settles."""
    if not report.advice[WINS:]:
        return
    sheet.head(f"The plan, from step {WINS + 1} on")
    for number, step in enumerate(report.advice[WINS:], start=WINS + 1):
        _step(sheet, number, step, report)
    left = report.advice[-1].after
    if left is not None and left.items:
        sheet.line(f"{words.count(left.items, 'item')} more would be left; do these, and look again.", indent=2)


def _comes_to(steps: Sequence[AdviceStep], now: Excess | None) -> str:
    """What all steps leave."""
    told, last = f"Plan: {words.count(len(steps), 'step')}", steps[-1].after
    if last is None or now is None:
        return told
    of = words.count(now.items, "item")
    leaves = "leaves" if len(steps) == 1 else "leave"
    left = f"{leaves} {last.items} of {of}" if last.items else f"{leaves} nothing of {of}"
    return f"{told} {left}, score {now.score} to {last.score}"


def _step(sheet: Sheet, number: int, step: AdviceStep, report: Report) -> None:
    """One step: what to do, what it takes and what would miss it, and what is left then."""
    indent = len(f"{number}. ")
    named = Styled(f"  {words.clipped(step.finding or step.id, NAME)}", "dim")
    sheet.line(f"{number}. {words.cut(step.summary, 3 * TEXT)}", named, indent=2, hang=indent)
    for command in step.commands[:COMMANDS]:
        sheet.line(Styled(f"$ {command}", "cyan"), indent=2 + indent, hang=2)
    then = _left(step, report.advice[number - 2].after if number > 1 else report.figures.excess)
    takes = f"{step.effort}{', by someone elsewhere' if step.elsewhere else ''}" if step.effort else ""
    told = "; ".join(part for part in (then, takes, words.clipped(step.breaks, TEXT)) if part)
    if told:
        sheet.line(Styled(told, "dim"), indent=2 + indent, hang=2)


def _left(step: AdviceStep, before: Excess | None) -> str:
    """What goes beyond the contract once it and all before it are done."""
    if step.after is None:
        return ""
    score = f", score {before.score} to {step.after.score}" if before is not None else f", score {step.after.score}"
    return f"leaves {words.count(step.after.items, 'item')}{score}"


def _level(each: Finding) -> list[Words]:
    urgent = Styled(f"{'urgent' if each.urgent else '':<6}", "bold")
    return [Styled(f"{MARKS[each.severity]} {each.severity:<8}", STYLES[each.severity]), " ", urgent]


def _where(sheet: Sheet, each: Finding) -> None:
    """The place of one that is shown in short, and the id that explains it."""
    place = words.clipped(words.place(each.evidence), max(sheet.width - len(each.id) - 10, 24))
    sheet.line(place, Styled(f"  {each.id}", "dim"), indent=6)


def _in_full(sheet: Sheet, number: int, each: Finding, known: Known) -> None:
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
    _way(sheet, each, known)
    for label, text in zip(["breaks", *[""] * len(each.clauses)], _broken(each, known.clauses), strict=False):
        sheet.field(label, text)
    if each.grew is not None:
        sheet.field("accepted", f"by {words.clipped(each.grew, NAME)}, but less than this")
    sheet.field("mend", words.cut(each.fix.summary, 6 * TEXT))
    for command in each.fix.commands[:COMMANDS]:
        sheet.field("", Styled(f"$ {command}", "cyan"))
    if len(each.fix.commands) > COMMANDS:
        sheet.field("", f"and {len(each.fix.commands) - COMMANDS} more; armslength explain {each.id}{known.same}")


def _way(sheet: Sheet, each: Finding, known: Known) -> None:
    """How the worst placed principal gets there, what stands before it by which rule, and who else can."""
    if each.way:
        sheet.field("way", words.cut(each.way, TEXT))
    who, way = acting(each, known.found)
    if each.gate is not None:
        because = f" ({words.clipped(way.rule, TEXT)})" if way is not None and way.rule else ""
        stands_for = way.stands_for if way is not None else None
        sheet.field("gate", f"{words.before(each.gate, stands_for)}{because}")
    others = [other for other in each.principals if other not in {who, ANY_AGENT}]
    if others:
        sheet.field("also by", named(others, known.titles))
    if each.exposures:
        sheet.field("sure", f"{each.confidence}: {words.SURE[each.confidence]}")


def acting(each: Finding, found: Lookup) -> tuple[str | None, Way | None]:
    """The principal whose way a finding tells, an agent before the upper bound, and that way."""
    exposure = found.by_exposure.get(each.exposure or "")
    names = dict.fromkeys(name for name in (each.principal, *each.principals) if name is not None)
    for name in sorted(names, key=lambda name: name == ANY_AGENT):
        way = exposure.ways.get(name) if exposure is not None else None
        if way is not None and way.gate is each.gate:
            return name, way
    return each.principal, None


def _broken(each: Finding, clauses: Mapping[str, str]) -> Sequence[str]:
    """The clauses that it breaks in plain words, a long list folded; an id that says nothing only where no text is."""
    told = [words.cut(clauses.get(clause, clause), CLAUSE) for clause in each.clauses]
    return told if len(told) <= CLAUSES else [*told[: CLAUSES - 1], f"and {len(told) - CLAUSES + 1} clauses more"]


def _waived(sheet: Sheet, report: Report, found: Sequence[Finding]) -> None:
    """What was accepted, by whom and until when."""
    waived = [each for each in found if each.waived is not None]
    if not waived:
        return
    sheet.gap()
    sheet.line(Styled("Waived, and not counted", "bold"), indent=2)
    ends = {each.finding: each for each in reversed(report.waivers)}
    for each in waived[:IN_SHORT]:
        waiver = ends.get(each.id)
        reason = f": {words.clipped(waiver.reason, NAME)}" if waiver is not None else ""
        title = f"{words.clipped(each.title, NAME)}, {words.clipped(words.place(each.evidence), NAME)}"
        by = f"; by {words.clipped(each.waived or '', NAME)}{reason}"
        sheet.line(f"{title}{by}", Styled(f"  {each.id}", "dim"), indent=4, hang=2)
    if waived[IN_SHORT:]:
        sheet.line(f"and {len(waived) - IN_SHORT} more", indent=4)


def _unused(sheet: Sheet, allowed: Sequence[str]) -> None:
    if allowed:
        sheet.gap()
        told = "; ".join(words.clipped(each, 2 * NAME) for each in allowed[:CLAUSES])
        more = f"; and {len(allowed) - CLAUSES} more" if len(allowed) > CLAUSES else ""
        sheet.field("unused", f"allowed, and needed by nothing here: {told}{more}", indent=2)
