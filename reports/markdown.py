"""The checklist as Markdown: a task list for whoever leads, with nothing in it that a page would obey."""

import re
from collections.abc import Iterator, Sequence

from reports import checklist as terminal
from reports import words
from reports.page import Page
from scanner.model.checklist import CheckedClause, CheckedItem, CheckedWaiver, Checklist, Step
from scanner.model.terms import Platform
from scanner.patterns import Pattern
from scanner.text import printable

# What Markdown and HTML obey anywhere in a line; what opens a list or a heading stands at its start.
SIGNS = Pattern(r"[\\`*_{}\[\]<>|~&$^]")
START = Pattern(r"^(\s*)([-+=#]|\d+(?=[.)]))")
# Pages make links of these behind our back, from text that no sign of Markdown marks: a mention calls a person.
CALLS = Pattern(r"@|#(?=\d)|:(?=//)|www(?=\.)", re.IGNORECASE)
APART = "&#8203;"  # a blank without width
TICKS = Pattern("`+")
MARKS = {"fail": "- [ ]", "unknown": "- [ ]", "pass": "- [x]"}
TEXT = 480


def render(checklist: Checklist, page: Page) -> bytes:
    """Every clause as a task, those that fail or are unknown under the step that settles them."""
    return ("\n".join(_lines(checklist, page)).rstrip("\n") + "\n").encode()


def plain(text: str) -> str:
    """Text from elsewhere as a page shows it: no markup, no link, no mention."""
    safe = SIGNS.sub(r"\\\g<0>", printable(text))
    return CALLS.sub(lambda match: match[0] + APART, START.sub(_started, safe))


def code(text: str) -> str:
    """A name or a place as it stands, between more ticks than it has in a row."""
    told = printable(text)
    if not told.strip():
        return ""
    ticks = "`" * (_longest(told) + 1)
    edge = " " if told[0] in "` " or told[-1] in "` " else ""
    return f"{ticks}{edge}{told}{edge}{ticks}"


def fenced(commands: Sequence[str], language: str = "sh") -> list[str]:
    """Commands, a line each, between a fence that none of them closes."""
    told = [printable(command) for command in commands if command]
    fence = "`" * max(3, *(_longest(command) + 1 for command in told)) if told else ""
    return [f"{fence}{language}", *told, fence] if told else []


def _started(match: re.Match[str]) -> str:
    """The sign that would open a list, a heading or a rule, as itself."""
    return f"{match[1]}{match[2]}\\" if match[2].isdecimal() else f"{match[1]}\\{match[2]}"


def _longest(text: str) -> int:
    """The longest run of ticks."""
    return max((len(run) for run in TICKS.findall(text)), default=0)


def _lines(checklist: Checklist, page: Page) -> Iterator[str]:
    if checklist.contract is None:
        count, why = terminal.in_numbers(checklist)
        yield from (f"# {plain(count)}", "", plain(why))
        return
    yield from _answer(checklist, page)
    for kind, head in terminal.HEADS.items():
        steps = [step for step in checklist.steps if step.kind == kind]
        if steps:
            yield from ("", f"## {head.format(words.count(len(steps), 'step'))}")
        told = {each.id: each for each in checklist.clauses}
        for step in steps:
            yield ""
            yield from _step(step, told, checklist)
    kept = [each for each in checklist.clauses if each.state == "pass"]
    if kept:
        yield from ("", f"## Kept: {words.count(len(kept), 'clause')}", "")
    for clause in kept:
        yield _clause(clause, f". {plain(words.cut(clause.why, TEXT))}" if clause.why else "")
    yield from _rest(checklist)


def _answer(checklist: Checklist, page: Page) -> Iterator[str]:
    """Whether the contract is kept, over whom that was judged, of which contract, and what was not looked at."""
    if checklist.what_if is not None:
        yield from (f"**{plain(terminal.supposed(checklist.what_if, checklist.figures.excess))}**", "")
    yield from (f"# {plain(terminal.headline(checklist))}", "")
    if terminal.is_little(checklist):
        yield from (f"**{plain(terminal.basis(checklist.basis))}**", "")
    contract = checklist.contract
    yield plain(terminal.judged(checklist))
    if terminal.lapsed(checklist):
        yield plain(terminal.lapsed(checklist))
    if contract is not None:
        named = f"Contract {code(contract.name)}, {code(contract.digest)}"
        yield f"{named}, held on {words.day(checklist.judged_at)} against {code(checklist.host.name)}."
        if contract.layers:
            yield plain(terminal.layered(contract))
    if checklist.not_looked_at.places:
        yield plain(terminal.unseen(checklist, f"armslength scan{page.same} lists them"))


def _step(step: Step, clauses: dict[str, CheckedClause], checklist: Checklist) -> Iterator[str]:
    """What to do, what it mends, and as tasks the clauses that wait for it first."""
    lead = f"{step.number}. "
    margin = " " * len(lead)
    named = f"{words.cut(step.title, TEXT)}: " if step.title else ""
    yield f"{lead}**{plain(named + words.cut(step.mend.summary, 6 * TEXT))}**"
    commands = [command for command in (step.mend.command, *step.mend.more) if command]
    if commands:
        language = "powershell" if checklist.host.platform is Platform.WINDOWS else "sh"
        yield from ("", *(f"{margin}{line}" for line in fenced(commands, language)))
    items = {item.id: item for name in step.clauses if name in clauses for item in clauses[name].items}
    told = [f"- {_item(items[each])}" for each in step.items if each in items]
    first = [clauses[name] for name in step.clauses if name in clauses and clauses[name].steps[:1] == (step.number,)]
    told += [_clause(each, _more(each, step)) for each in first]
    if told:
        yield from ("", *(f"{margin}{line}" for line in told))
    for line in terminal.costs(step, checklist.figures.excess):
        yield from ("", f"{margin}{plain(line)}")


def _item(item: CheckedItem) -> str:
    urgent = ", urgent" if item.urgent else ""
    place = code(words.clipped(words.place(item.place), TEXT))
    way = f"; {plain(words.clipped(item.way, TEXT))}" if item.way else ""
    return f"{item.severity}{urgent}: {plain(words.clipped(item.title, TEXT))}, in {place} ({code(item.id)}){way}"


def _clause(clause: CheckedClause, more: str = "") -> str:
    where = f", {code(clause.where)}" if clause.where else ""
    unknown = "unknown: " if clause.state == "unknown" else ""
    told = plain(words.cut(clause.text, TEXT))
    return f"{MARKS[clause.state]} {unknown}{told} ({code(clause.id)}{where}){more}"


def _more(clause: CheckedClause, step: Step) -> str:
    """What a clause waits for besides, or why it is not known to hold."""
    waits = terminal.others(clause, step)
    why = plain(words.cut(clause.why, TEXT)) if clause.state == "unknown" else ""
    told = "; ".join(filter(None, (waits, why)))
    return f"; {told}" if told else ""


def _rest(checklist: Checklist) -> Iterator[str]:
    if checklist.waivers:
        yield from ("", "## Waivers", "", *(f"- {_waiver(each)}" for each in checklist.waivers))
    if checklist.unused_allowance:
        unused = [f"- {plain(words.cut(each, TEXT))}" for each in checklist.unused_allowance]
        yield from ("", "## Allowed, and needed by nothing here", "", *unused)


def _waiver(each: CheckedWaiver) -> str:
    told = f"{each.state}, {each.owner} until {each.until}: {words.cut(each.reason, TEXT)}"
    title = f" ({plain(words.cut(each.title, TEXT))})" if each.title else ""
    return f"{code(each.finding)}{title}: {plain(told)}"
