"""Each principal of a report: how freely it acts, what it decides alone, must ask for and cannot do, and why."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from reports import words
from reports.answers import Answers, asks, kind_of
from reports.sheet import Sheet, Styled
from scanner.data.gates import gates
from scanner.model.report import ANY_AGENT, Agent, GateCounts, Principal, Report
from scanner.model.terms import Gate

IN_FULL = 10
IN_SHORT = 30
NAME = 60
RULE = 240
COLUMN = 15
WHO, NUMBER = 28, 10  # columns of the table
FOLDERS = 3
HEADS = ("unasked", "rule only", "asks", "refused", "blocked")
STARTS = {"desktop": ", from the desktop", "editor": ", in an editor"}
ALONE, ASKS, CANNOT = "decides alone", "must ask", "cannot"
COMMAND = "run any command"
# As a reader asks: a saved report has them in the order of the alphabet.
ACTS = (
    "read the workspace",
    "read the home",
    "change the workspace",
    "change the home",
    COMMAND,
    f"{COMMAND} in the sandbox",
    "fetch from the web",
    "call an MCP tool",
)
DECIDED = {"yes": ALONE, "likely": ALONE, "if approved": ASKS}  # that nothing was found is no proof that it cannot


def agents(sheet: Sheet, report: Report, told: Answers) -> None:
    """Every agent that was judged or listed, the first in full."""
    shown = _together([each for each in (*told.judged, *told.unjudged) if each.id != ANY_AGENT], report)
    if not shown:
        return
    sheet.head("What each agent does" if len(shown) > 1 else "What the agent does")
    if len(shown) > 1:
        _table(sheet, shown, report)
    for each in shown[:IN_FULL]:
        sheet.gap()
        _title(sheet, each, report)
        acts(sheet, each, report)
    if shown[IN_FULL:]:
        sheet.gap()
    for each in shown[IN_FULL : IN_FULL + IN_SHORT]:
        _title(sheet, each, report)
    left = len(shown) - IN_FULL - IN_SHORT
    if left > 0:
        sheet.line(f"and {words.count(left, 'agent')} more", indent=2)
    _unrestricted(sheet, report)


def _table(sheet: Sheet, shown: Sequence[Principal], report: Report) -> None:
    """How much of all that can be reached each agent gets to, by what stands before it."""
    counts = report.figures.gates
    if not any(each.id in counts for each in shown):
        return
    sheet.row(Styled(f"{'reaches':<{WHO}}" + "".join(f"{head:>{NUMBER}}" for head in HEADS), "dim"), indent=2)
    everyone = Principal(ANY_AGENT, "any process of yours")
    for each in (*(each for each in shown if each.id in counts), everyone):
        told = counts.get(each.id)
        if told is not None:
            cells = (told.unattended, told.rule_only, told.asked, told.refused, told.os_blocked)
            name = words.cut(each.title, WHO - 1)
            sheet.row(f"{name:<{WHO}}" + "".join(f"{cell:>{NUMBER}}" for cell in cells), indent=2)
    sheet.gap()


def _order(told: GateCounts) -> tuple[int, int, int]:
    """Those that get furthest unasked come first."""
    return (-told.unattended, -told.rule_only, -told.asked)


def _together(principals: Sequence[Principal], report: Report) -> list[Principal]:
    """The principals, those of one agent that stand alike in several folders as one that names them all."""
    alike: dict[object, list[Principal]] = {}
    for each in principals:
        agent = agent_of(each, report)
        settings = (tuple(agent.channels.items()), tuple(agent.why.items())) if agent is not None else ()
        amounts = tuple((told.verdict, told.answer) for told in report.verdicts if told.principal == each.id)
        stands = (each.mode, each.autonomy, tuple(each.environments.items()), settings, amounts)
        key = (each.agent or each.id, each.title, stands, report.figures.gates.get(each.id))
        alike.setdefault(key, []).append(each)
    found = [_named_once(group, principals) for group in alike.values()]
    counts = report.figures.gates
    return sorted(found, key=lambda each: _order(counts.get(each.id, GateCounts())))


def _named_once(group: Sequence[Principal], among: Sequence[Principal]) -> Principal:
    """The first of principals that stand alike, with their folders where it stands otherwise in another."""
    first = group[0]
    if all(each in group for each in among if (each.agent, each.title) == (first.agent, first.title)):
        return first
    folders = words.some(list(dict.fromkeys(each.workspace or "~" for each in group)), FOLDERS)
    return replace(first, title=f"{first.title} in {folders}")


def _unrestricted(sheet: Sheet, report: Report) -> None:
    """The upper bound: what any process could do that runs as this user."""
    if any(each.principal == ANY_AGENT for each in report.verdicts):
        sheet.gap()
        told = "Any process of yours, with no agent's rules around it"
        sheet.line(Styled(told, "bold"), Styled(f"  {ANY_AGENT}", "dim"), indent=2)
        acts(sheet, Principal(ANY_AGENT, told), report)


def acts(sheet: Sheet, each: Principal, report: Report) -> None:
    """What one principal decides alone, must ask for and cannot do: its acts, and what they amount to."""
    agent = agent_of(each, report)
    sure, unsure = (by_gate(agent, known=known) if agent is not None else {} for known in (True, False))
    found = _amounts(report, each.id)
    for label in (ALONE, ASKS, CANNOT):
        lines = [", ".join(sure.get(label, ()))]
        if unsure.get(label):
            lines.append(f"not known for sure: {', '.join(unsure[label])}")
        if found.get(label):
            lines.append(f"so: {'; '.join(found[label])}")
        for number, line in enumerate(line for line in lines if line):
            sheet.field("" if number else label, line, column=COLUMN)
    for environment, there in each.environments.items():
        sheet.field(f"on {environment}", words.AUTONOMY[there], column=COLUMN)
    deciding = agent.why.get(COMMAND) if agent is not None else None
    if deciding is not None and deciding.rule:
        sheet.field("decided by", words.clipped(deciding.rule, RULE), column=COLUMN)


def by_gate(agent: Agent, *, known: bool) -> dict[str, list[str]]:
    """The acts of an agent of which it is known, or is not, what stands before them, by whether anyone is asked."""
    groups: dict[str, list[str]] = {}
    for act, gate in in_order(agent.channels):
        before = agent.why.get(act)
        if (gate is not Gate.UNKNOWN) is known:
            effective = before.effective if before is not None else gate
            groups.setdefault(_group(effective), []).append(words.clipped(act, NAME))
    return groups


def in_order(channels: Mapping[str, Gate]) -> list[tuple[str, Gate]]:
    """The acts of an agent in the order in which a reader asks for them, what is not known here last."""
    return sorted(channels.items(), key=lambda each: ACTS.index(each[0]) if each[0] in ACTS else len(ACTS))


def agent_of(principal: Principal, report: Report) -> Agent | None:
    """The agent that a principal is."""
    named = {each.id: each for each in reversed(report.agents)}
    return named.get(principal.id) or named.get(principal.agent or "")


def _group(gate: Gate) -> str:
    told = gates()[gate]
    if told.passable:
        return ALONE
    return CANNOT if told.factor == 0 else ASKS


def _amounts(report: Report, principal: str) -> dict[str, list[str]]:
    """The verdicts of one principal by who decides; what is only likely says so."""
    found: dict[str, list[str]] = {}
    for verdict in report.verdicts:
        label = DECIDED.get(kind_of(verdict)) if verdict.principal == principal else None
        if label is not None:
            likely = " (likely)" if verdict.answer == "likely" else ""
            found.setdefault(label, []).append(f"{asks(verdict.verdict)}{likely}")
    return found


def _title(sheet: Sheet, each: Principal, report: Report) -> None:
    """Who it is, whether it is there, and how freely it acts."""
    agent = agent_of(each, report)
    version = f" {words.clipped(agent.version, NAME)}" if agent is not None and agent.version else ""
    notional = each.notional or (agent is not None and agent.notional)
    state = ", not installed: judged as its vendor ships it" if notional else ""
    state = state or (", running" if agent is not None and agent.running else "")
    state += STARTS.get(agent.starts, "") if agent is not None and not notional else ""
    state += ", in a container" if agent is not None and agent.isolated else ""
    mode = f", mode {words.clipped(each.mode, NAME)}" if each.mode else ""
    free = f": {words.AUTONOMY[each.autonomy]}" if each.autonomy is not None else ""
    named = Styled(words.clipped(each.title, NAME), "bold")
    sheet.line(named, f"{version}{state}{mode}{free}", Styled(f"  {words.clipped(each.id, NAME)}", "dim"), indent=2)


def titles(report: Report) -> dict[str, str]:
    """Every principal and agent by its id, as a reader knows it."""
    named = {each.id: words.clipped(each.title, NAME) for each in report.agents}
    named |= {each.id: words.titled(each) for each in report.principals}
    return named | {ANY_AGENT: "any process of yours"}


def named(principals: Sequence[str], known: Mapping[str, str]) -> str:
    """Principals by their titles, a long list folded."""
    return words.some(words.once(known.get(each, words.clipped(each, NAME)) for each in principals), 3)
