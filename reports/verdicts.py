"""The first screen of a report: who can do what, by which shortest way, what stands before it, and the one mend."""

from collections.abc import Sequence

from msgspec import Struct

from reports import words
from reports.lookup import ANY_AGENT, Lookup
from reports.sheet import Sheet, Styled, Words
from scanner.data.gates import gates
from scanner.data.verdicts import questions
from scanner.model.report import Credential, Location, Principal, Report, Verdict
from scanner.model.terms import Gate

BLOCKS = 4  # answers with their way on the first screen
NAME = 60
TEXT = 120
SAYS = {
    "yes": ("YES", "bold red"),
    "likely": ("LIKELY", "red"),
    "if approved": ("IF APPROVED", "yellow"),
    "undecided": ("UNDECIDED", "cyan"),
}
COLUMN = 13  # of the answers
ORDER = {answer: index for index, answer in enumerate(SAYS)}


class Block(Struct, frozen=True):
    """Verdicts that are answered alike, of the same principals by the same credential."""

    answer: str
    verdicts: tuple[Verdict, ...]
    principals: tuple[str, ...]

    @property
    def first(self) -> Verdict:
        """The one whose way is shown."""
        return self.verdicts[0]


def agents_of(report: Report) -> list[Principal]:
    """The agents that were judged; where none was, the unrestricted one."""
    agents = [each for each in report.principals if each.id != ANY_AGENT]
    return agents or [each for each in report.principals if each.id == ANY_AGENT]


def headline(report: Report) -> str:
    """The gravest answer in a sentence."""
    agents = agents_of(report)
    names = words.listed([words.clipped(each.title, NAME) for each in agents])
    if agents and agents[0].notional:
        names = f"If you installed {names} today, it"
    blocks = _blocks(report, agents)
    if not blocks:
        told = "could do nothing here that this report asks about"
        return f"{names or 'An unrestricted process'} {told}."
    gravest = [block for block in blocks if block.answer == blocks[0].answer]
    asked = questions()
    verdicts = dict.fromkeys(each.verdict for block in gravest for each in block.verdicts)
    can = words.listed([asked.asks(each) for each in verdicts][:3])
    who = _names(gravest[0].principals, agents) if not agents[0].notional else names
    match blocks[0].answer:
        case "yes":
            return f"{who} can {can}, and no person is asked."
        case "likely":
            return f"{who} can probably {can}, and no person is asked."
        case "if approved":
            return f"{who} can {can} once a person says yes."
        case _:
            return f"Whether {who} can {can} is not decided."


def verdicts(sheet: Sheet, report: Report, found: Lookup) -> None:
    """The answers of the agents, the gravest with their ways, then those that are left and what none can do."""
    agents = agents_of(report)
    blocks = _blocks(report, agents)
    for block in blocks[:BLOCKS]:
        sheet.gap()
        _block(sheet, block, agents, report, found)
    if blocks[BLOCKS:]:
        sheet.gap()
    for block in blocks[BLOCKS:]:
        _short(sheet, block, agents)
    asked = questions()
    answered = {each.verdict for block in blocks for each in block.verdicts}
    none = [asked.asks(row.id) for row in asked.rows if row.id not in answered]
    if none:
        gaps = f" ({words.count(len(report.gaps), 'gap')})" if report.gaps else ""
        sheet.gap()
        sheet.line(f"{'none found':<{COLUMN}}", f"{'; '.join(none)}{gaps}", hang=COLUMN)


def _blocks(report: Report, agents: Sequence[Principal]) -> list[Block]:
    """Each verdict by its gravest answer among the agents; those with the same answer by the same way share a block."""
    ids = [each.id for each in agents]
    alike: dict[tuple[str, str | None, tuple[str, ...]], list[Verdict]] = {}
    for row in questions().rows:
        told = [each for each in report.verdicts if each.verdict == row.id and each.principal in ids]
        told = sorted((each for each in told if each.answer in SAYS), key=lambda each: ORDER[each.answer])
        same = [each for each in told if each.answer == told[0].answer]
        if same:
            who = tuple(each.principal for each in same)
            alike.setdefault((same[0].answer, same[0].credential, who), []).append(same[0])
    blocks = [Block(answer, tuple(group), who) for (answer, _, who), group in alike.items()]
    return sorted(blocks, key=lambda each: ORDER[each.answer])


def _block(sheet: Sheet, block: Block, agents: Sequence[Principal], report: Report, found: Lookup) -> None:
    """One answer: what, who with what in the way, through what, and how to mend it."""
    said, style = SAYS[block.answer]
    asked = questions()
    can = "; ".join(asked.asks(each.verdict) for each in block.verdicts)
    sheet.line(Styled(f"{said:<{COLUMN}}", style), Styled(can, "bold"), hang=COLUMN)
    sheet.line(*_who(block, agents), indent=COLUMN)
    credential = found.by_id.get(block.first.credential or "")
    if credential is not None:
        sheet.line(*_way(block.first, credential, report, found), indent=COLUMN, hang=2)
    sheet.line(*_mend(block, credential), indent=COLUMN, hang=2)


def _short(sheet: Sheet, block: Block, agents: Sequence[Principal]) -> None:
    said, style = SAYS[block.answer]
    asked = questions()
    can = "; ".join(asked.asks(each.verdict) for each in block.verdicts)
    sheet.line(
        Styled(f"{said:<{COLUMN}}", style), can, Styled(f"  {_names(block.principals, agents)}", "dim"), hang=COLUMN
    )


def _names(principals: Sequence[str], agents: Sequence[Principal]) -> str:
    titles = {each.id: each.title for each in agents}
    return words.listed([words.clipped(titles.get(each, each), NAME) for each in principals])


def _who(block: Block, agents: Sequence[Principal]) -> list[Words]:
    """Who, and what stands before it in plain words."""
    gate = block.first.gate
    before = gates()[gate].means if gate is not None else ""
    most = max(each.assets for each in block.verdicts)
    reach = f"; {words.count(most, 'production asset')}" if most else ""
    ways = max(each.ways for each in block.verdicts)
    reach += f"; {ways} ways" if ways > 1 else ""
    named = "any process of yours" if block.principals == (ANY_AGENT,) else _names(block.principals, agents)
    return [named, f": {before}" if before else "", reach]


def _way(verdict: Verdict, credential: Credential, report: Report, found: Lookup) -> list[Words]:
    """The shortest way: the place of the credential, what it is, and where it leads."""
    place = _place(credential.locations)
    exposure = next((each for each in report.exposures if each.id == verdict.exposure), None)
    asset = found.assets.get(exposure.asset) if exposure is not None else None
    leads = f" → {words.clipped(words.asset(asset), NAME)}" if asset is not None else ""
    return [Styled(place, "bold"), f"  {words.clipped(credential.title, NAME)}{leads}"]


def _place(locations: Sequence[Location]) -> str:
    return words.clipped(words.place(locations[0]), TEXT) if locations else "somewhere"


def _mend(block: Block, credential: Credential | None) -> list[Words]:
    """The one command that mends it, or the one step that would decide it, else what to do in words."""
    step = block.first.step
    if block.answer == "undecided" and step is not None:
        return [Styled("decide  ", "dim"), Styled(words.clipped(step.action, TEXT), "cyan")]
    if credential is None:
        return []
    if credential.mend is not None and credential.mend.commands:
        return [Styled("mend  ", "dim"), Styled(f"$ {credential.mend.commands[0]}", "cyan")]
    return [Styled("mend  ", "dim"), words.clipped(credential.narrow, TEXT)]


# --- agents


def agents(sheet: Sheet, report: Report) -> None:
    """Each agent: its mode, what it does alone, what it asks for, what it cannot, and what decides that."""
    known = {each.id: each for each in report.agents}
    told = [each for each in report.principals if each.id != ANY_AGENT]
    if not told:
        return
    sheet.head("What each agent does" if len(told) > 1 else "What the agent does")
    for each in told:
        sheet.gap()
        agent = known.get(each.id)
        version = f" {words.clipped(agent.version, NAME)}" if agent is not None and agent.version else ""
        state = ", running" if agent is not None and agent.running else ""
        state = ", not installed: as its vendor ships it" if each.notional else state
        mode = f", mode {words.clipped(each.mode, NAME)}" if each.mode else ""
        autonomy = f", {each.autonomy} autonomy" if each.autonomy is not None else ""
        sheet.line(
            Styled(words.clipped(each.title, NAME), "bold"),
            f"{version}{state}{mode}{autonomy}",
            Styled(f"  {words.clipped(each.id, NAME)}", "dim"),
            indent=2,
            hang=2,
        )
        if agent is None:
            continue
        groups: dict[str, list[str]] = {"alone": [], "asks": [], "cannot": []}
        for act, gate in agent.channels.items():
            before = agent.why.get(act)
            groups[_group(before.effective if before is not None else gate)].append(act)
        for label, acts in groups.items():
            if acts:
                sheet.field(label, ", ".join(acts))
        deciding = agent.why.get("run any command")
        if deciding is not None and deciding.rule:
            sheet.field("since", words.clipped(deciding.rule, 2 * TEXT))


def _group(gate: Gate) -> str:
    told = gates()[gate]
    if told.passable:
        return "alone"
    return "cannot" if told.factor == 0 else "asks"
