"""The contract as a checklist: each thing to do in its turn, with the clauses that wait for it, and what is kept."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from reports import words
from reports.page import Page
from reports.sheet import Sheet, Styled, Words
from scanner.model.checklist import Basis, CheckedClause, CheckedContract, CheckedItem, Checklist, Mend, Step
from scanner.model.report import Excess, GapInfo, WhatIf
from scanner.model.terms import GapKind, Severity

MARKS = {"fail": ("✗", "bold red"), "unknown": ("?", "yellow"), "pass": ("✓", "green")}
MEANS = {"fail": "broken   ", "unknown": "not decided   ", "pass": "kept"}
STYLES = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
LEVELS = {Severity.CRITICAL: "◆", Severity.HIGH: "▲", Severity.MEDIUM: "●", Severity.LOW: "○"}
HEADS = {
    "mend": "To mend, in this order: {}",
    "decide": "To find out: {}",
    "confirm": "To be confirmed by a person: {}",
}
LAPSED = {"expired": "expired", "grown": "grew", "covers nothing": "never covered a thing"}  # states of waivers
TO_DO = frozenset({"finding", "clause", "step"})  # kinds of what is mended, not taken away
AUTONOMY = "require.autonomy"
IN_FULL = 15
IN_SHORT = 30
ITEMS = 4
COMMANDS = 2
MEND = 6  # columns of the word before a mend
OTHERS = 4
NAME = 60
PLACE = 180
TEXT = 240


class Told(Struct):
    """What is written, the clauses and items by id, and the clauses and mends that were told: each is told once."""

    sheet: Sheet
    clauses: Mapping[str, CheckedClause]
    items: Mapping[str, CheckedItem]
    list: Checklist
    clauses_told: set[str] = field(default_factory=set)
    mends: dict[Mend, int] = field(default_factory=dict)
    short: bool = False  # whether the step before was told in short


def render(checklist: Checklist, page: Page) -> bytes:
    """Every clause: those that fail under the step that mends them, then what is unknown, and what is kept."""
    sheet = Sheet(page)
    if checklist.contract is None:
        _in_numbers(sheet, checklist)
        return sheet.written()
    _answer(sheet, checklist, checklist.contract)
    items = {item.id: item for clause in checklist.clauses for item in clause.items}
    told = Told(sheet, {each.id: each for each in checklist.clauses}, items, checklist)
    for kind in HEADS:
        _steps(told, kind, [step for step in checklist.steps if step.kind == kind])
    kept = [each for each in checklist.clauses if each.state == "pass"]
    if kept:
        sheet.head(f"Kept: {words.count(len(kept), 'clause')}")
    for clause in kept:
        _clause(sheet, clause)
        if clause.why:
            sheet.line(words.clipped(clause.why, 2 * TEXT), indent=2, hang=2)
    _waived(sheet, checklist)
    _unused(sheet, checklist.unused_allowance)
    _next(sheet, checklist)
    return sheet.written()


def headline(checklist: Checklist) -> str:
    """Whether the contract is kept, in one sentence."""
    counts, contract = checklist.counts, checklist.contract
    name = words.clipped(contract.name, NAME) if contract is not None else ""
    every = counts.passed + counts.failed + counts.unknown
    if counts.failed:
        said = f"is broken in {counts.failed} of {words.count(every, 'clause')}"
    elif counts.unknown:
        said = "is not known to be broken"
    elif is_little(checklist):
        said = "is kept, but little was here to judge"
    else:
        said = "is kept, as far as was looked" if checklist.not_looked_at.places else "is kept"
    more = f"; {counts.unknown} could not be decided" if counts.unknown else ""
    return f"The contract {name} {said}{more}."


def judged(checklist: Checklist) -> str:
    """Over whom it was judged, until when it holds, and what goes beyond it."""
    whom = words.once(
        f"{words.clipped(each.title, NAME)}{' (if installed)' if each.notional else ''}" for each in checklist.agents
    )
    told = [f"Judged: {words.some(whom, 3) if whom else 'any process of yours'}."]
    contract, excess = checklist.contract, checklist.figures.excess
    if contract is not None and contract.until:
        told.append(f"It ends on {words.clipped(contract.until, NAME)}.")
    if excess is not None and excess.items:
        urgent = f", {checklist.figures.urgent} of them urgent" if checklist.figures.urgent else ""
        told.append(f"Beyond it: {words.count(excess.items, 'item')}{urgent}, score {excess.score}.")
    return " ".join(told)


def layered(contract: CheckedContract) -> str:
    """The contracts that count together, in their order."""
    told = [f"{words.clipped(each.name, NAME)} ({each.scope}, {each.source})" for each in contract.layers]
    return f"Held together: {words.listed(told)}; a later one only narrows."


def lapsed(checklist: Checklist) -> str:
    """How many waivers no longer cover all that they are about; nothing where each still does."""
    states = [each.state for each in checklist.waivers]
    told = [f"{states.count(state)} {said}" for state, said in LAPSED.items() if state in states]
    of = words.count(len(states), "waiver")
    return f"Of {of} {words.listed(told)}: what they do not cover counts." if told else ""


def basis(told: Basis) -> str:
    """How little there was to judge, and when to look again."""
    agents = words.count(told.agents, "installed agent") if told.agents else "no installed agent"
    proofs = words.count(told.credentials, "credential") if told.credentials else "no credential"
    days = f"{words.count(told.days, 'day')} of records" if told.days else "no record of what agents did"
    return f"Found here: {agents}, {proofs}, {days}. What is new keeps most contracts; check again on {told.again}."


def is_little(checklist: Checklist) -> bool:
    """Whether that nothing is broken tells little."""
    return checklist.basis.little and not checklist.counts.failed


def supposed(told: WhatIf, now: Excess | None) -> str:
    """What was thought away, and the figures before and after it."""
    gone = [f"{words.cut(each.title, NAME)} ({each.id})" for each in told.gone if each.kind not in TO_DO]
    done = [f'"{words.cut(each.title, NAME)}" ({each.id})' for each in told.gone if each.kind in TO_DO]
    names = [f"as if without {words.some(gone, ITEMS)}"] if gone else []
    names += [f"as if mended: {words.some(done, ITEMS)}"] if done else []
    figures = ""
    if told.before is not None and now is not None:
        before = f"{words.count(told.before.items, 'item')}, score {told.before.score}"
        figures = (
            f" Beyond the contract: {before} as it is; {words.count(now.items, 'item')}, score {now.score} without."
        )
    return f"Only supposed: {', and '.join(names)}.{figures}"


def unseen(checklist: Checklist, lists: str) -> str:
    """Where nobody looked, and the worst of it: what lies there may break the contract."""
    gaps: Sequence[GapInfo] = checklist.not_looked_at.places
    first = min(gaps, key=lambda gap: gap.kind is GapKind.REFUSED)
    place, why = words.clipped(first.place, PLACE), words.clipped(first.why, TEXT)
    such = f"{place} ({why})" if place else why
    if len(gaps) > 1:
        return f"{len(gaps)} places not looked at, such as {such}; {lists}."
    return f"1 place not looked at: {such}."


def others(clause: CheckedClause, step: Step) -> str:
    """The further steps that a clause waits for."""
    more = [str(each) for each in clause.steps if each != step.number]
    if not more:
        return ""
    steps = "steps" if len(more) > 1 else "step"
    return f"{steps} {words.some(more, OTHERS)} too"


def in_numbers(checklist: Checklist) -> tuple[str, str]:
    """How many items, and why no more is said: for want of a contract or of leave to say more."""
    excess = checklist.figures.excess
    items = words.count(excess.items, "item") if excess is not None else "not judged"
    withheld = checklist.host.withheld
    if withheld is not None:
        return f"Beyond the contract: {items}.", f"Details are withheld: {words.clipped(withheld, TEXT)}"
    return f"Beyond the contract: {items}.", "This report was judged by no contract."


def _in_numbers(sheet: Sheet, checklist: Checklist) -> None:
    count, why = in_numbers(checklist)
    sheet.line(Styled(count, "bold"))
    sheet.line(why)


def _answer(sheet: Sheet, checklist: Checklist, contract: CheckedContract) -> None:
    """Whether the contract is kept, over whom that was judged, and what was not looked at."""
    if checklist.what_if is not None:
        sheet.line(Styled(supposed(checklist.what_if, checklist.figures.excess), "bold"), hang=2)
    sheet.line(Styled(headline(checklist), "bold"))
    if is_little(checklist):
        sheet.line(basis(checklist.basis), hang=2)
    sheet.line(Styled(judged(checklist), "dim"), hang=2)
    if lapsed(checklist):
        sheet.line(lapsed(checklist), hang=2)
    if contract.layers:
        sheet.line(Styled(layered(contract), "dim"), hang=2)
    if checklist.not_looked_at.places:
        sheet.line(unseen(checklist, f"armslength scan{sheet.page.same} lists them"), hang=2)
    marks: list[Words] = []
    for state, mark in MARKS.items():
        marks += [Styled(*mark), f" {MEANS[state]}"]
    sheet.line(*marks)


# --- the steps


def _steps(told: Told, kind: str, steps: Sequence[Step]) -> None:
    """The steps of one kind: in full as long as there are few, or one is the first of a clause."""
    if not steps:
        return
    told.sheet.head(HEADS[kind].format(words.count(len(steps), "step")))
    short = 0
    for number, step in enumerate(steps):
        if number < IN_FULL or told.clauses_told.isdisjoint(step.clauses):
            _step(told, step)
        elif short < IN_SHORT:
            short += 1
            _in_short(told, step)
        else:
            short += 1
    if short > IN_SHORT:
        told.sheet.line(f"and {short - IN_SHORT} steps more; -o ~/checklist.md holds them all", indent=3)


def _step(told: Told, step: Step) -> None:
    """What is wrong, what to do about it, and the clauses that wait for it, each where it is told first."""
    told.short = False
    sheet, lead = told.sheet, f"{step.number}. "
    indent, items = len(lead), _some_items(told, step)
    sheet.gap()
    if step.title:
        sheet.line(Styled(f"{lead}{words.cut(step.title, 2 * NAME)}", "bold"), hang=indent)
        lead = ""
    for item in items:
        _item(sheet, item, lead)
        lead = ""
    if len(step.items) > ITEMS:
        sheet.line(f"and {len(step.items) - ITEMS} more that it mends", indent=indent)
    above = told.mends.setdefault(step.mend, step.number)
    summary = words.cut(step.mend.summary, 6 * TEXT) if above == step.number else f"as in {above}"
    if items:
        sheet.field("mend", summary, indent=indent, column=MEND)
    else:
        sheet.line(Styled(lead, "bold"), Styled(summary, "bold"), hang=indent)
    if above == step.number:
        _commands(told, step, indent + MEND if items else indent)
    for name in step.clauses:
        clause = told.clauses.get(name)
        if clause is not None and name not in told.clauses_told:
            told.clauses_told.add(name)
            _clause(sheet, clause, others(clause, step), indent)
            _reason(sheet, clause, indent)
    _after(told, step, indent)


def _commands(told: Told, step: Step, indent: int) -> None:
    commands = [command for command in (step.mend.command, *step.mend.more) if command]
    for command in commands[:COMMANDS]:
        told.sheet.line(Styled(f"$ {command}", "cyan"), indent=indent, hang=2)
    if len(commands) > COMMANDS:
        explain = f"armslength explain {words.clipped([*step.items, *step.clauses, 'ID'][0], NAME)}"
        told.sheet.line(f"and {len(commands) - COMMANDS} more; {explain}{told.sheet.page.same}", indent=indent, hang=2)


def _in_short(told: Told, step: Step) -> None:
    """A step of which every clause is told above: in a line, and where."""
    sheet, items = told.sheet, _some_items(told, step)
    if not told.short:
        sheet.gap()
    told.short = True
    if not items:
        sheet.line(f"{step.number}. {words.cut(step.mend.summary, TEXT)}", hang=4)
        return
    item = items[0]
    sheet.row(f"{step.number}. ", *_level(item), f"  {words.clipped(item.title, NAME)}")
    place = words.clipped(words.place(item.place), max(sheet.width - len(item.id) - 10, 24))
    sheet.line(place, Styled(f"  {item.id}", "dim"), indent=5)


def _some_items(told: Told, step: Step) -> list[CheckedItem]:
    return [told.items[each] for each in step.items[:ITEMS] if each in told.items]


def _level(item: CheckedItem) -> list[Words]:
    urgent = [Styled(", urgent", "bold")] if item.urgent else []
    return [Styled(f"{LEVELS[item.severity]} {item.severity}", STYLES[item.severity]), *urgent]


def _item(sheet: Sheet, item: CheckedItem, lead: str) -> None:
    """What it is, where to see it, and the id that explains it, behind the number of its step."""
    place, indent = words.clipped(words.place(item.place), PLACE), 0 if lead else 3
    title = Styled(f"  {words.clipped(item.title, 2 * NAME)}", "bold")
    told = (*_level(item), title, f", {place}", Styled(f"  {item.id}", "dim"))
    sheet.line(Styled(lead, "bold"), *told, indent=indent, hang=len(lead) or 2)


def _clause(sheet: Sheet, clause: CheckedClause, more: str = "", indent: int = 0) -> None:
    mark, style = MARKS[clause.state]
    where = f" {words.clipped(clause.where, NAME)}" if clause.where else ""
    named = Styled(f"  {clause.id}{where}", "dim")
    waits = f"; {more}" if more else ""
    sheet.line(Styled(f"{mark} ", style), words.clipped(clause.text, TEXT), named, waits, indent=indent, hang=2)


def _reason(sheet: Sheet, clause: CheckedClause, indent: int) -> None:
    """Why it is not known to hold, and what the word means that it is about."""
    if clause.state == "unknown" and clause.why:
        sheet.line(words.clipped(clause.why, 2 * TEXT), indent=indent + 2, hang=2)
    if AUTONOMY in clause.id:
        freedoms = (f"{word}: {means}" for word, means in words.AUTONOMY.items() if word in clause.text.split())
        sheet.line(Styled("; ".join(freedoms), "dim"), indent=indent + 2, hang=2)


def _after(told: Told, step: Step, indent: int) -> None:
    """What is left beyond the contract once it is done."""
    for line in costs(step, told.list.figures.excess):
        told.sheet.line(Styled(line, "dim"), indent=indent, hang=2)


def costs(step: Step, now: Excess | None) -> list[str]:
    """What a step takes, what was seen to need what it takes away, and what it leaves."""
    effort = words.clipped(step.effort, NAME)
    left = ""
    if now is not None and step.after is not None:
        left = f"then {step.after.items} of {words.count(now.items, 'item')} left, score {step.after.score}"
    lines = ["; ".join(filter(None, (effort, left)))]
    if step.breaks:
        lines.append(f"mind: {words.clipped(step.breaks, TEXT)}")
    return [line for line in lines if line]


# --- what stands below


def _waived(sheet: Sheet, checklist: Checklist) -> None:
    if not checklist.waivers:
        return
    sheet.head("Waivers")
    for each in checklist.waivers:
        until = f"{words.clipped(each.owner, NAME)} until {words.clipped(each.until, NAME)}"
        title = f" ({words.clipped(each.title, NAME)})" if each.title else ""
        told = f"{words.clipped(each.finding, NAME)}{title}: {words.clipped(each.state, NAME)}, {until}"
        sheet.line(f"{told}: {words.clipped(each.reason, TEXT)}", indent=2, hang=2)
    if checklist.host.source == "live" and any(each.state in LAPSED for each in checklist.waivers):
        again = f"armslength baseline waive ID --reason TEXT{sheet.page.same}"
        sheet.line(f"Whoever accepts one for longer, or as it is now, runs {again}.")


def _unused(sheet: Sheet, allowed: Sequence[str]) -> None:
    if allowed:
        sheet.head("Allowed, and needed by nothing here")
        for text in allowed:
            sheet.line(words.clipped(text, TEXT), indent=2, hang=2)


def _next(sheet: Sheet, checklist: Checklist) -> None:
    """What to do with what is broken, or else with what is not decided."""
    if checklist.host.source != "live" or checklist.next is None:
        return
    first = {"mend": "Mend the first", "decide": "Find out the first", "confirm": "Confirm the first"}
    same = sheet.page.same
    check, explain = f"armslength check{same}", f"armslength explain ID{same}"
    sheet.gap()
    sheet.line(f"{first[checklist.next.kind]}, run {check} again; {explain} tells more of a clause or an item.")
