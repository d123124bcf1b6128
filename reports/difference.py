"""The difference of two reports on a terminal: the answer first, then each cause with what came of it and its mend."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from reports import words
from reports.page import Page
from reports.sheet import Sheet, Styled, Words
from scanner.model.difference import (
    Apart,
    Cause,
    Change,
    Difference,
    Figure,
    Move,
    Origin,
    State,
    Subject,
    Tally,
    WayChange,
)
from scanner.model.moments import utc
from scanner.model.report import ANY_AGENT, FixInfo

IN_FULL = 8
IN_SHORT = 20
LINES = 3  # of one kind below a cause
NAMES = 3
TEXT = 240
NAME = 60
RISES = frozenset({Move.CAME, Move.ROSE})
FALLS = frozenset({Move.WENT, Move.FELL})
UNLOOKED = frozenset({Move.UNSEEN, Move.SEEN})
MARKS = {"up": ("▲", "bold red"), "down": ("✓", "green"), "unseen": ("?", "yellow"), "other": ("·", "dim")}
OPENING = frozenset({"a", "an", "another", "contract", "gone", "new", "not", "only", "the", "what"})
# What is told by a change's cause already, or is of no use by itself.
ALARMING = frozenset({Subject.AGENT, Subject.SERVER, Subject.ITEM, Subject.WEAKNESS, Subject.VERDICT, Subject.CLAUSE})
TOLD = frozenset({Subject.GAP, Subject.CONTRACT, Subject.VERSION, Subject.ASSET})


class Line(Struct, frozen=True):
    """One line below a cause: what it is about, and the text."""

    label: str
    text: str


def render(difference: Difference, page: Page) -> bytes:
    """What changed and why, in plain words."""
    sheet = Sheet(page)
    sheet.line(Styled("armslength", "bold"), " · ", Styled(f"difference · {between(difference)}", "dim"), hang=2)
    sheet.gap()
    sheet.line(Styled(answer(difference), "bold"))
    for text in remarks(difference):
        sheet.line(text)
    for text in figures(difference):
        sheet.line(text, hang=2)
    for number, cause in enumerate(difference.causes[:IN_FULL], start=1):
        _cause(sheet, number, cause, difference)
    _rest(sheet, difference)
    _increases(sheet, difference)
    return sheet.written()


# --- what every text format tells


def between(difference: Difference) -> str:
    """Whose reports, and of when."""
    one, other = difference.before, difference.after
    whose = f"{words.clipped(other.user, 24)} on {words.clipped(other.host, 24)}"
    if difference.withheld is not None:
        whose = "withheld"
    start, end = (utc(each.judged_at) for each in (one, other))
    return f"{whose} · {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} UTC"


def answer(difference: Difference) -> str:
    """The question of the command in a sentence."""
    tally = difference.tally
    if difference.withheld is not None:
        return _in_numbers(difference)
    if not difference.causes:
        return "Nothing changed."
    up, down = tally.came + tally.rose, tally.went + tally.fell
    told = []
    if up:
        told.append(f"More is within reach: {words.count(up, 'way')} came or got easier{_there(tally.production)}")
    if down:
        more = "less is too: " if up else "Less is within reach: "
        told.append(f"{more}{words.count(down, 'way')} went or got harder{_there(tally.production_left)}")
    if told:
        return "; ".join(told) + "."
    if tally.unseen or tally.seen:
        return "Nothing is known to have come or gone: what differs was not looked at both times."
    changed = words.count(sum(len(each.changes) for each in difference.causes), "other thing")
    return f"Nothing more or less is within reach; {changed} changed."


def _there(production: int) -> str:
    return f", {production} of them to production" if production else ""


def _in_numbers(difference: Difference) -> str:
    if not changed_figures(difference):
        return "No number changed."
    return "More than before, by the numbers." if difference.increases else "No more than before, by the numbers."


def remarks(difference: Difference) -> Iterator[str]:
    """What a reader must know before the causes: other machines, what nobody looked at, what cannot be compared."""
    if difference.withheld is not None:
        yield f"Details are withheld: {words.clipped(difference.withheld, TEXT)}"
        return
    if not difference.same:
        one, other = (
            f"{words.clipped(each.user, 24)} on {words.clipped(each.host, 24)}, {words.clipped(each.home, NAME)}"
            for each in (difference.before, difference.after)
        )
        yield f"Two different homes: {one} against {other}. What came is on the second alone, what went on the first."
    if difference.tally.unseen:
        unseen = words.count(difference.tally.unseen, "way")
        yield f"Not seen this time, since nobody looked there: {unseen}. That is no proof that they are gone."
    if difference.tally.seen:
        seen = words.count(difference.tally.seen, "way")
        yield f"Seen for the first time, since nobody looked there before: {seen}."
    for note in difference.notes:
        yield f"{note[:1].upper()}{note[1:]}."


def changed_figures(difference: Difference) -> list[Figure]:
    """The numbers that are others."""
    return [each for each in difference.figures if each.before != each.after]


def figures(difference: Difference) -> Iterator[str]:
    """The numbers, before and after: those of the contract always, of the others what changed."""
    whole = [each for each in difference.figures if not each.principal]
    main = [each for each in whole if each.name.startswith("excess") or each.before != each.after]
    if main:
        yield " · ".join(_figure(each.name, each) for each in main)
    own = [each for each in changed_figures(difference) if each.principal and each.name == "radius"]
    if own:
        told = [
            _figure(words.clipped(difference.names.get(each.principal, each.principal), NAME), each) for each in own
        ]
        yield "radius: " + " · ".join(
            [*told[: 2 * NAMES], *([f"{len(told) - 2 * NAMES} more"] if len(told) > 6 else [])]
        )


def _figure(name: str, figure: Figure) -> str:
    before, after = ("-" if each is None else str(each) for each in (figure.before, figure.after))
    return f"{name} {before}" if before == after else f"{name} {before} → {after}"


def mark(cause: Cause) -> str:
    """Whether a cause is for the worse, for the better, or a want of looking."""
    tally = cause.tally
    if any(each.subject is Subject.GUARDRAIL and each.move is Move.WENT for each in cause.changes):
        return "up"
    if tally.came + tally.rose or any(each.move in RISES and each.subject in ALARMING for each in cause.changes):
        return "up"
    if tally.unseen + tally.seen or cause.origin in (Origin.LOOK, Origin.PLACE):
        return "unseen"
    if tally.went + tally.fell or any(each.move in FALLS for each in cause.changes):
        return "down"
    return "other"


def summary(tally: Tally) -> str:
    """The numbers of a cause: "2 production ways came; 3 ways got easier, 1 to production"."""
    told = [
        _moved(tally.came, "came", tally.production if not tally.rose else 0),
        _moved(tally.rose, "got easier", tally.production if not tally.came else 0),
        f"{tally.production} of these to production" if tally.came and tally.rose and tally.production else "",
        f"on {tally.unasked} nobody is asked any more" if tally.unasked and not tally.came else "",
        f"on {tally.unasked} nobody is asked" if tally.unasked and tally.came else "",
        _moved(tally.went, "went", tally.production_left if not tally.fell else 0),
        _moved(tally.fell, "got harder", tally.production_left if not tally.went else 0),
        f"{tally.production_left} of these to production"
        if tally.went and tally.fell and tally.production_left
        else "",
        f"{words.count(tally.unseen, 'way')} not seen this time" if tally.unseen else "",
        f"{words.count(tally.seen, 'way')} seen for the first time" if tally.seen else "",
    ]
    return "; ".join(each for each in told if each)


def _moved(number: int, verb: str, production: int) -> str:
    if not number:
        return ""
    if production == number:
        return f"{words.count(number, 'production way')} {verb}"
    return f"{words.count(number, 'way')} {verb}" + (f", {production} of them to production" if production else "")


def lines(cause: Cause, difference: Difference) -> Iterator[Line]:
    """What came of a cause, in a few lines: the worst way, answers, items, clauses, and the rest."""
    if cause.ways:
        yield Line("worst", way(cause.ways[0], difference))
    for label, told in (
        ("answers", _answers(cause, difference)),
        ("items", _named(cause, Subject.ITEM)),
        ("clauses", _clauses(cause)),
        ("also", _others(cause)),
    ):
        found = list(told)
        for number, text in enumerate(found[:LINES]):
            yield Line("" if number else label, text)
        if len(found) > LINES:
            yield Line("", f"and {len(found) - LINES} more")


def way(moved: WayChange, difference: Difference) -> str:
    """One way: what it is, whose, and what stood before it then and now."""
    told = {name for each in moved.apart for name in each.principals}
    who = _who([each for each in moved.principals if each not in told], difference)
    what = f"{who}: {words.does(moved.class_)} on {words.clipped(moved.asset, 2 * NAME)}"
    where = f" ({words.environment(moved.environment)})"
    states = _states(moved.before, moved.after)
    others = "".join(f"; {_who(each.principals, difference)}: {_gates(each)}" for each in moved.apart[:NAMES])
    return f"{what}{where if moved.before is None or moved.after is None else ''}: {states}{others}"


def _who(principals: Sequence[str], difference: Difference) -> str:
    """Principals by name: agents, and any process only where it is no agent's."""
    agents = [each for each in principals if each != ANY_AGENT] or principals
    return words.some(words.once(words.clipped(difference.names.get(each, each), NAME) for each in agents), NAMES)


def _gates(apart: Apart) -> str:
    """What stood before their ways and does."""
    before, after = (words.before(each, None) if each is not None else "" for each in (apart.before, apart.after))
    return f"{before} → {after}" if before and after and before != after else before or after


def _states(before: State | None, after: State | None) -> str:
    """What is not as it was: the gate, what the asset is for, or how sure it is."""
    if before is None or after is None:
        known = after if after is not None else before
        return words.before(known.gate, None) if known is not None else "not known"
    told = []
    if before.gate is not after.gate:
        rule = f" ({words.clipped(after.rule, TEXT)})" if after.rule else ""
        told.append(f"{words.before(before.gate, None)} → {words.before(after.gate, None)}{rule}")
    if before.environment is not after.environment:
        told.append(f"{words.environment(before.environment)} → {words.environment(after.environment)}")
    if before.confidence is not after.confidence:
        told.append(f"{before.confidence} → {after.confidence}")
    return "; ".join(told) or words.before(after.gate, None)


def _answers(cause: Cause, difference: Difference) -> Iterator[str]:
    """Answers by principal and what they were and are: "Claude Code can ship code: if approved → yes"."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in cause.changes:
        if each.subject is Subject.VERDICT:
            groups.setdefault((each.id, each.before, each.after), []).append(each.title)
    for (who, before, after), asked in sorted(groups.items(), key=lambda group: group[0][0] == ANY_AGENT):
        name = words.clipped(difference.names.get(who, who), NAME)
        yield f"{name}: {words.some([words.clipped(one, NAME) for one in asked], NAMES)}: {before} → {after}"


def _named(cause: Cause, subject: Subject) -> Iterator[str]:
    for each in cause.changes:
        if each.subject is subject:
            became = f"{each.before} → {each.after}" if each.before and each.after else str(MOVES[each.move])
            yield f"{became}: {words.clipped(each.title, 2 * NAME)}  {words.clipped(each.id, NAME)}"


MOVES = {
    Move.CAME: "new",
    Move.WENT: "gone",
    Move.ROSE: "worse",
    Move.FELL: "milder",
    Move.ROTATED: "replaced",
    Move.CHANGED: "changed",
    Move.UNSEEN: "not seen this time",
    Move.SEEN: "seen for the first time",
}


def _clauses(cause: Cause) -> Iterator[str]:
    for each in sorted(cause.changes, key=lambda one: one.after != "fail"):
        if each.subject is Subject.CLAUSE:
            yield f"{each.before or 'none'} → {each.after or 'none'}: {words.cut(each.title, 2 * NAME)}"


def _others(cause: Cause) -> Iterator[str]:
    """What is not the cause itself: weaknesses, agents that ask less, protections."""
    said = {Subject.VERDICT, Subject.ITEM, Subject.CLAUSE, *TOLD}
    for each in cause.changes:
        if each.subject in said or _is_itself(each, cause):
            continue
        became = f"{each.before} → {each.after}" if each.before and each.after else MOVES[each.move]
        place = f" ({words.clipped(each.where, 2 * NAME)})" if each.where else ""
        yield f"{each.subject} {words.clipped(each.title, 2 * NAME)}: {words.clipped(became, TEXT)}{place}"


def _is_itself(change: Change, cause: Cause) -> bool:
    """Whether a change is what its cause says already."""
    if change.subject is Subject.SETTING:
        return cause.subject == f"{change.id} {change.title.rpartition(': ')[2]}"
    return (change.subject.value == cause.origin.value and change.id == cause.subject) or (
        change.subject is Subject.AGENT and cause.origin is Origin.AGENT and change.move in RISES | FALLS
    )


def mend(fix: FixInfo) -> str:
    """A mend in one line."""
    command = f"  $ {fix.commands[0]}" if fix.commands else ""
    return f"{words.cut(fix.summary, TEXT)}{command}"


# --- the sheet


def _cause(sheet: Sheet, number: int, cause: Cause, difference: Difference) -> None:
    sheet.gap()
    sign, style = MARKS[mark(cause)]
    title: list[Words] = [f"{number}. ", Styled(f"{sign} ", style), Styled(capital(cause.title), "bold")]
    sheet.line(*title, hang=3)
    told = summary(cause.tally)
    if told:
        sheet.line(told, indent=4, hang=2)
    for each in lines(cause, difference):
        sheet.field(each.label, each.text)
    if cause.mend is not None:
        sheet.field("mend", words.cut(cause.mend.summary, TEXT))
        for command in cause.mend.commands[:1]:
            sheet.field("", Styled(f"$ {command}", "cyan"))
    if cause.explain:
        sheet.field(
            "more", Styled(f"armslength explain {words.clipped(cause.explain[0], NAME)}{sheet.page.same}", "dim")
        )


def capital(text: str) -> str:
    """A title as it stands at the start of a sentence: a word of ours has a capital, a name or an id stays as it is."""
    first = text.split(" ", 1)[0].rstrip(":,")
    return text[:1].upper() + text[1:] if first in OPENING else text


def _rest(sheet: Sheet, difference: Difference) -> None:
    """The other causes, a line each."""
    others = difference.causes[IN_FULL:]
    if others:
        sheet.gap()
    for number, cause in enumerate(others[:IN_SHORT], start=IN_FULL + 1):
        told = summary(cause.tally)
        sheet.row(
            f"{number}. ",
            Styled(f"{MARKS[mark(cause)][0]} ", MARKS[mark(cause)][1]),
            capital(cause.title),
            f": {told}" if told else "",
        )
    if others[IN_SHORT:]:
        sheet.line(f"and {len(others) - IN_SHORT} more; -o FILE.json holds them all")


def _increases(sheet: Sheet, difference: Difference) -> None:
    if not difference.increases:
        return
    sheet.head("More than before, so --fail-on-increase ends with 1")
    for text in increases(difference):
        sheet.line(text, indent=2, hang=2)


def increases(difference: Difference, most: int = 8) -> Sequence[str]:
    """Why this counts as an increase."""
    told = [words.clipped(each.told, TEXT) for each in difference.increases]
    return [*told[:most], f"and {len(told) - most} more"] if len(told) > most else told
