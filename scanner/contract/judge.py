"""A contract against a machine: what agents reach beyond it, each item once by its cause, and what each clause says."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from scanner.contract import demands, exposures
from scanner.contract.autonomy import LEAST
from scanner.contract.match import strong_enough
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.clauses import agent_mend
from scanner.data.clauses import demands as demanded
from scanner.graph import CredentialNode, ident
from scanner.mends import mend_of
from scanner.model import (
    AgentSeen,
    Capability,
    Confidence,
    Environment,
    Evidence,
    Fix,
    Gate,
    Observation,
    Paths,
    Platform,
    Severity,
)
from scanner.model.contract import Accepted, Contract
from scanner.model.report import Excess, Exposure, Way
from scanner.principals import ANY_AGENT, Acting
from scanner.score import Tally, Weighed, worst

WINS = 3
WEIGHED = 60  # items whose mend is weighed
ASKING = frozenset({"ask", "restrict"})  # mends after which an agent asks before any command
DEGREES = {confidence: index for index, confidence in enumerate(Confidence)}


class Item(Struct, frozen=True):
    """One thing beyond the contract: its cause, all that it breaks, and how to mend it."""

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    urgent: bool
    evidence: Evidence
    why: str
    fix: Fix
    broken: tuple[Broken, ...]
    credential: CredentialNode | None = None
    exposure: Exposure | None = None
    principals: tuple[str, ...] = ()
    waived: Accepted | None = None

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that it breaks."""
        return tuple(dict.fromkeys(each.clause for each in self.broken))


class Win(Struct, frozen=True):
    """A change that takes much away: the item that it mends, and what the excess would be after it."""

    item: Item
    after: Excess


class Judgement(Struct, frozen=True):
    """All that a contract says of a machine; `waivers` are (waiver, state)."""

    contract: Contract
    judged: tuple[Acting, ...]
    items: tuple[Item, ...]
    held: tuple[Held, ...]
    excess: Excess
    unused: tuple[str, ...]
    waivers: tuple[tuple[Accepted, str], ...]
    wins: tuple["Win", ...] = ()


def judged(contract: Contract, acting: Sequence[Acting]) -> tuple[Acting, ...]:
    """The agents that a contract is for; all of them where none of those that it names is here."""
    named = [each for each in acting if not contract.for_agents or each.seen.agent in contract.for_agents]
    there = [each for each in named if _in_folder(contract, each)]
    return tuple(there or named or acting)


def unread(contract: Contract, observations: Iterable[Observation]) -> tuple[AgentSeen, ...]:
    """The agents that a contract is for, or may be, and of whose rules nothing is known."""
    seen = [each for each in observations if isinstance(each, AgentSeen) and each.policy is None]
    named = [each for each in seen if not contract.for_agents or each.agent in contract.for_agents]
    return tuple({each.agent: each for each in sorted(named, key=lambda each: each.agent)}.values())


def _in_folder(contract: Contract, each: Acting) -> bool:
    """Whether an agent works in one of the folders, or below it."""
    machine = each.judge.machine
    home, fold = machine.home.as_posix(), machine.platform is not Platform.LINUX
    folder = _from_home(each.seen.folder or "~", home)
    return not contract.for_workspaces or any(
        Paths(_from_home(pattern, home), fold).matches(folder) for pattern in contract.for_workspaces
    )


def _from_home(path: str, home: str) -> str:
    text = path.replace("\\", "/")
    return home + text[1:] if text == "~" or text.startswith("~/") else text


def _finished(held: Sequence[Held], unfinished: int) -> tuple[Held, ...]:
    """The clauses; where a probe did not come to its end, none is known to hold."""
    if not unfinished:
        return tuple(held)
    why = f"{unfinished} {'probe' if unfinished == 1 else 'probes'} did not come to an end, so there may be more"
    return tuple(each if each.broken or each.open else replace(each, open=why) for each in held)


def judge(contract: Contract, subject: Subject) -> Judgement:
    """Holds the contract against the machine."""
    held = _finished((*exposures.held(contract, subject), *demands.held(contract, subject)), subject.unfinished)
    items = sorted(_items(held, subject), key=_rank)
    items, waivers = _waived(items, contract.waivers, subject.machine.now)
    excess = _excess(items, subject)
    return Judgement(
        contract=contract,
        judged=tuple(subject.acting),
        items=tuple(items),
        held=held,
        excess=excess,
        unused=exposures.unused(contract, subject),
        waivers=waivers,
        wins=_wins(items, excess, contract, subject),
    )


def _items(held: Iterable[Held], subject: Subject) -> list[Item]:
    """What is broken, grouped by its cause."""
    causes: dict[str, list[Broken]] = {}
    for clause in held:
        for each in clause.broken:
            causes.setdefault(each.cause, []).append(each)
    return [_item(cause, broken, subject) for cause, broken in _alike(causes, subject).items()]


def _alike(causes: Mapping[str, list[Broken]], subject: Subject) -> dict[str, list[Broken]]:
    """The causes, those of one agent that lacks the same in all its folders as one: one change there mends them all."""
    agents = {each.id: each.seen.agent for each in subject.acting}
    groups: dict[tuple[str, object], list[str]] = {}
    for cause, broken in causes.items():
        lacks = frozenset((each.clause, each.evidence, each.mend) for each in broken) if cause in agents else None
        groups.setdefault((agents.get(cause, cause), lacks), []).append(cause)
    found: dict[str, list[Broken]] = {}
    for (agent, _), group in groups.items():
        everywhere = len(group) > 1 and set(group) >= {name for name, each in agents.items() if each == agent}
        name = agent if everywhere and agent not in causes else group[0]
        found[name] = [each for cause in group for each in causes[cause]]
    return found


def _item(cause: str, broken: Sequence[Broken], subject: Subject) -> Item:
    credential = subject.graph.credentials.get(cause)
    if credential is not None:
        return _of_credential(credential, broken, subject)
    agent = next((each for each in subject.acting if cause in {each.id, each.seen.agent}), None)
    first = broken[0]
    return Item(
        id=ident("f", "contract", cause),
        title=first.why,
        severity=max((_severity(each) for each in broken), key=lambda each: each.rank),
        confidence=Confidence.VERIFIED if agent is None or agent.judge.is_sure() else Confidence.INFERRED,
        urgent=False,
        evidence=first.evidence[0] if first.evidence else Evidence(process=cause),
        why="; ".join(dict.fromkeys(each.why for each in broken)),
        fix=_fix(broken, agent, subject),
        broken=tuple(broken),
        principals=tuple(dict.fromkeys(each.principal for each in broken if each.principal is not None)),
    )


def _of_credential(credential: CredentialNode, broken: Sequence[Broken], subject: Subject) -> Item:
    """One credential and all that it breaks: told by the worst of what agents surely reach."""
    reached = [each for each in broken if each.exposure is not None]
    sure = [each for each in reached if each.gate is not None] or reached
    worst_one = min((each.exposure for each in sure if each.exposure is not None), key=_gravity, default=None)
    return Item(
        id=ident("f", "contract", credential.id),
        title=_named(credential),
        severity=worst_one.severity if worst_one is not None else max(map(_severity, broken), key=lambda one: one.rank),
        confidence=worst_one.confidence if worst_one is not None else Confidence.VERIFIED,
        urgent=any(each.exposure.urgent for each in sure if each.exposure is not None),
        evidence=credential.locations[0],
        why="; ".join(dict.fromkeys(each.why for each in broken)),
        fix=mend_of(credential, subject.machine, subject.graph.identities.get(credential.identity or "")),
        broken=tuple(broken),
        credential=credential,
        exposure=worst_one,
        principals=tuple(dict.fromkeys(each.principal for each in broken if each.principal is not None)),
    )


def _gravity(exposure: Exposure) -> tuple[int, bool, int, float, str]:
    terms = exposure.ways[ANY_AGENT].terms
    impact = terms.impact if terms is not None else 0.0
    return (-exposure.severity.rank, not exposure.urgent, DEGREES[exposure.confidence], -impact, exposure.id)


def _named(credential: CredentialNode) -> str:
    """Its title and the one word that tells it best from others of its kind."""
    word = next(iter(credential.names), credential.public_id)
    return f"{credential.title}, {word}" if word else credential.title


def _severity(broken: Broken) -> Severity:
    """How bad a broken demand is by itself."""
    table = demanded().severities
    name = broken.clause.removeprefix("require.")
    return table.get(name) or table.get(name.partition(".")[0], Severity.MEDIUM)


def _fix(broken: Sequence[Broken], agent: Acting | None, subject: Subject) -> Fix:
    """How one cause is mended: an agent's settings by all that they lack, anything else by what its clauses say."""
    if agent is not None:
        return agent_mend(agent.seen.agent, [each.mend for each in broken if each.mend], subject.machine.platform)
    fixes = [each.fix for each in broken if each.fix is not None]
    summaries = dict.fromkeys(each.summary for each in fixes)
    commands = dict.fromkeys(command for each in fixes for command in each.commands)
    return Fix(" ".join(summaries), tuple(commands))


def _rank(item: Item) -> tuple[bool, int, int, str]:
    return (not item.urgent, -item.severity.rank, DEGREES[item.confidence], item.id)


# --- waivers


def _waived(
    items: Sequence[Item], accepted: Sequence[Accepted], now: datetime
) -> tuple[list[Item], tuple[tuple[Accepted, str], ...]]:
    """The items, each with the waiver that is in force for it, and what became of each waiver."""
    states = []
    by_item: dict[str, Accepted] = {}
    for each in accepted:
        meant = [item for item in items if item.id == each.finding]
        if now.date() > each.until:
            states.append((each, "expired"))
        elif not meant:
            states.append((each, "unused"))
        else:
            states.append((each, "in force"))
            by_item.setdefault(meant[0].id, each)
    return [_with(item, by_item.get(item.id)) for item in items], tuple(states)


def _with(item: Item, waiver: Accepted | None) -> Item:
    return replace(item, waived=waiver) if waiver is not None else item


# --- figures


def _excess(items: Sequence[Item], subject: Subject) -> Excess:
    """How many items count, and what they add up to by the score of the ways that break the contract."""
    counted = [item for item in items if item.waived is None]
    return Excess(len(counted), Tally.of(_tally(item, subject) for item in counted).score())


def _tally(item: Item, subject: Subject) -> Tally:
    """What one item adds up to: no two items rest on one exposure, since that is of one credential."""
    ways: dict[str, Weighed] = {}
    for each in item.broken:
        if each.exposure is not None:
            weighed = _weighed(each.exposure, each.principal, subject)
            known = ways.get(each.exposure.id)
            if known is None or known.score < weighed.score:
                ways[each.exposure.id] = weighed
    groups: dict[Capability, list[tuple[float, str]]] = {}
    for way in ways.values():
        if way.score > 0:
            groups.setdefault(way.capability, []).append((way.score, way.exposure))
    tally = Tally()
    for capability, group in groups.items():
        tally.add(capability, group)
    return tally


def _weighed(exposure: Exposure, principal: str | None, subject: Subject) -> Weighed:
    """What an exposure adds: by the way that breaks the contract, else by the easiest of those who are judged."""
    best = exposure.ways.get(principal) if principal is not None else None
    if best is None:
        ways: list[Way] = [exposure.ways[each] for each in subject.judged if each in exposure.ways]
        best = max(ways or [exposure.ways[ANY_AGENT]], key=lambda each: each.score)
    kind = subject.graph.assets[exposure.asset].asset.kind
    return Weighed(
        exposure.class_, exposure.id, best.score, worst(exposure.class_, kind, exposure.environment, best.gate)
    )


# --- quick wins


def _wins(items: Sequence[Item], excess: Excess, contract: Contract, subject: Subject) -> tuple[Win, ...]:
    """The items whose mend, by itself, takes most away: by the score that is left, then by how bad each is."""
    counted = [item for item in items if item.waived is None]
    tallies = {item.id: _tally(item, subject) for item in counted}
    found = []
    for item in counted[:WEIGHED]:
        asking = {each.principal for each in item.broken if each.mend in ASKING}
        left = [(other, _without(other, asking, contract, subject)) for other in counted if other is not item]
        kept = [(other, rest) for other, rest in left if rest.broken]
        after = Tally.of(tallies[rest.id] if rest is other else _tally(rest, subject) for other, rest in kept)
        found.append(Win(item, Excess(len(kept), after.score())))
    return tuple(sorted(found, key=lambda win: (win.after.score, win.after.items, counted.index(win.item))))[:WINS]


def _without(other: Item, asking: Set[str | None], contract: Contract, subject: Subject) -> Item:
    """What is left of an item once another is mended: agents that ask no longer break what only wants asking."""
    if not asking:
        return other
    kept = [each for each in other.broken if not _is_asked(each, asking, contract, subject)]
    return replace(other, broken=tuple(kept)) if len(kept) < len(other.broken) else other


def _is_asked(broken: Broken, asking: Set[str | None], contract: Contract, subject: Subject) -> bool:
    """Whether a line holds once these agents ask a person: if that is enough, and no other agent gets there unasked."""
    exposure = broken.exposure
    wanted = _wanted(broken.clause, contract)
    if exposure is None or wanted is None or not strong_enough(Gate.PROMPT, wanted) or broken.principal not in asking:
        return False
    others = [exposure.ways[each] for each in subject.judged if each not in asking and each in exposure.ways]
    return all(strong_enough(way.effective, wanted) for way in others)


def _wanted(clause: str, contract: Contract) -> Gate | None:
    """What a line about exposures wants to stand before agents, None for any other clause."""
    kind, _, rest = clause.partition(".")
    if kind == "allow" and rest:
        return contract.allow[int(rest) - 1].gate
    word, _, environment = rest.partition(".")
    autonomy = contract.require.autonomy
    if kind == "require" and word == "autonomy" and autonomy is not None and environment in set(Environment):
        return LEAST[autonomy.by_environment[Environment(environment)]]
    return None
