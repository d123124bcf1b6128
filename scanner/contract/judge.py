"""Contracts against a machine: what agents reach beyond them, each item once, and what came of each clause."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from scanner.contract import demands, exposures
from scanner.contract.allowing import taken_out
from scanner.contract.deciding import stepped
from scanner.contract.figures import excess
from scanner.contract.subject import Broken, Held, Subject
from scanner.contract.waivers import Acceptance, Waived
from scanner.contract.whose import judged, unread
from scanner.data.clauses import agent_mend, is_job
from scanner.data.clauses import demands as demanded
from scanner.graph import CredentialNode, ident
from scanner.mends import mend_for
from scanner.model import Confidence, Evidence, Fix, Gate, Severity
from scanner.model.contract import Accepted, Contract
from scanner.model.report import Excess, Exposure
from scanner.principals import ANY_AGENT, Acting

DEGREES = {confidence: index for index, confidence in enumerate(Confidence)}


class Item(Struct, frozen=True):
    """One thing beyond the contract: its cause, all that it breaks, and how to mend it.

    `waived` is who accepts it whole; `grew` the waiver that accepted less of it, and `broken` then is the rest. Of the
    clauses in `lifted` nothing is left, since `by` accepts that.
    """

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
    grew: Accepted | None = None
    lifted: tuple[str, ...] = ()
    by: Accepted | None = None

    @property
    def causes(self) -> frozenset[str]:
        """What it is grouped by: one cause, or that of one agent in each of its folders."""
        return frozenset(each.cause for each in self.broken)

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses that it breaks."""
        return tuple(dict.fromkeys(each.clause for each in self.broken))


class Judgement(Struct, frozen=True):
    """All that the contracts say of a machine: the first, and those that can only narrow it."""

    contracts: tuple[Contract, ...]
    judged: tuple[Acting, ...]
    items: tuple[Item, ...]
    held: tuple[Held, ...]
    excess: Excess
    unused: tuple[str, ...]
    waivers: tuple[Waived, ...]


def _finished(held: Sequence[Held], unfinished: int) -> tuple[Held, ...]:
    """The clauses; where a probe did not come to its end, none is known to hold."""
    if not unfinished:
        return tuple(held)
    why = f"{unfinished} {'probe' if unfinished == 1 else 'probes'} did not come to an end, so there may be more"
    return tuple(each if each.broken or each.open else replace(each, open=why) for each in held)


def judge(contracts: Sequence[Contract], subject: Subject) -> Judgement:
    """Holds the machine against contracts, the first of which counts whole; each further one can only narrow it.

    The subject has all agents that are here; each contract takes those that it is for.
    """
    acting, held = held_against(contracts, subject, step=True)
    everyone = replace(subject, acting=acting)
    items, accepted = items_of(contracts, held, everyone)
    return Judgement(
        contracts=tuple(contracts),
        judged=acting,
        items=items,
        held=held,
        excess=excess((item.broken for item in items if item.waived is None), everyone),
        unused=tuple(told for each in contracts for told in exposures.unused(each, subject)),
        waivers=accepted.told(),
    )


def held_against(
    contracts: Sequence[Contract], subject: Subject, *, step: bool = False
) -> tuple[tuple[Acting, ...], tuple[Held, ...]]:
    """The agents that any of the contracts is for, and what came of each clause, with the step that would decide it."""
    parts = [_part(number, contract, subject, step=step) for number, contract in enumerate(contracts)]
    acting = tuple(dict.fromkeys(each for part, _ in parts for each in part.acting))
    return acting, left_of(_apart(_once([each for _, part in parts for each in part])), subject)


def items_of(
    contracts: Sequence[Contract], held: Iterable[Held], everyone: Subject
) -> tuple[tuple[Item, ...], Acceptance]:
    """What breaks clauses as items, the worst first, and what became of the waivers; over all agents that are meant."""
    everyone = replace(everyone, job=is_job((), (each.name for each in contracts)))
    causes: dict[str, list[Broken]] = {}
    for clause in held:
        for each in clause.broken:
            causes.setdefault(each.cause, []).append(each)
    accepted = Acceptance(contracts, everyone)
    items = [_item(group, broken, accepted, everyone) for group, broken in _alike(causes, everyone).items()]
    return tuple(sorted(items, key=_rank)), accepted


def _part(number: int, contract: Contract, subject: Subject, *, step: bool) -> tuple[Subject, tuple[Held, ...]]:
    """One contract by itself: whom it is held against, and what came of its clauses."""
    acting = judged(contract, subject.acting, narrows=number > 0)
    own = replace(subject, acting=acting, unread=unread(contract, subject.unread))
    lines = exposures.held(contract, own, narrows=number > 0)
    finished = _finished((*lines, *demands.held(contract, own)), subject.unfinished)
    held = tuple(stepped(each, own) for each in finished) if step else finished
    return own, held if number == 0 else tuple(_of_layer(number, contract, each) for each in held)


def _of_layer(number: int, contract: Contract, held: Held) -> Held:
    """A clause of a contract that narrows another, by a name of its own; a waiver names it as it stands there."""
    name = f"{contract.scope}.{held.id}"
    broken = (replace(each, clause=name, layer=number, parts=_waived_as(each)) for each in held.broken)
    return replace(held, id=name, broken=tuple(broken))


def _waived_as(broken: Broken) -> tuple[str, ...]:
    return () if broken.is_way else broken.accepted_as


def _once(held: Sequence[Held]) -> tuple[Held, ...]:
    """The clauses, those that several contracts take from one place once."""
    found: dict[tuple[str, str], Held] = {}
    for each in held:
        key = (each.where, each.text)
        there = found.get(key)
        found[key] = each if there is None else _joined(there, each)
    return tuple(found.values())


def _joined(there: Held, each: Held) -> Held:
    """What two contracts say in the same words as one clause: what breaks both in the same way is told once."""
    broken = {_way(one): one for one in there.broken}
    for one in each.broken:
        known = broken.get(_way(one))
        both = replace(one, clause=there.id) if known is None else replace(known, also=(*known.also, one.layer))
        broken[_way(one)] = both
    doubt = "; ".join(dict.fromkeys(filter(None, (there.open, each.open))))
    return replace(there, broken=tuple(broken.values()), open=doubt, fix=there.fix or each.fix)


def _way(broken: Broken) -> tuple[str, str | None, str | None, Gate | None, tuple[str, ...]]:
    """All that tells one way to break a clause from another."""
    exposure = broken.exposure.id if broken.exposure is not None else None
    return (broken.cause, exposure, broken.principal, broken.gate, _waived_as(broken) and broken.accepted_as)


def _apart(held: Sequence[Held]) -> tuple[Held, ...]:
    """The clauses, each by a name that no other one has: two repositories may each have a first ban."""
    found: dict[str, Held] = {}
    used: Counter[str] = Counter()
    for each in held:
        used[each.id] += 1
        name = each.id if used[each.id] == 1 else f"{each.id}#{used[each.id]}"
        renamed = tuple(replace(one, clause=name) for one in each.broken) if name != each.id else each.broken
        found[name] = replace(each, id=name, broken=renamed)
    return tuple(found.values())


def left_of(held: Sequence[Held], subject: Subject) -> tuple[Held, ...]:
    """The clauses without what is thought to be mended."""
    settled = subject.settled
    if not settled:
        return tuple(held)
    return tuple(
        replace(each, broken=tuple(broken for broken in each.broken if (broken.cause, broken.clause) not in settled))
        for each in held
    )


def _alike(causes: Mapping[str, list[Broken]], subject: Subject) -> dict[tuple[str, ...], list[Broken]]:
    """The causes, those of one agent that lacks the same in several folders as one: one change there mends them all.

    Where these are all its folders the agent itself is the cause; else it is all of them, so that one more is another.
    """
    agents = {each.id: each.seen.agent for each in subject.acting}
    groups: dict[tuple[str, object], list[str]] = {}
    for cause, broken in causes.items():
        lacks = frozenset(map(_lack, broken)) if cause in agents else None
        groups.setdefault((agents.get(cause, cause), lacks), []).append(cause)
    found: dict[tuple[str, ...], list[Broken]] = {}
    for (agent, _), group in groups.items():
        everywhere = len(group) > 1 and set(group) >= {name for name, each in agents.items() if each == agent}
        whole = (agent,) if everywhere and agent not in causes else tuple(group)
        found[whole] = [each for cause in group for each in causes[cause]]
    return found


def _lack(broken: Broken) -> tuple[str, tuple[Evidence, ...], str, tuple[str, ...]]:
    return (broken.clause, broken.evidence, broken.mend, broken.accepted_as)


def _item(group: tuple[str, ...], broken: Sequence[Broken], accepted: Acceptance, subject: Subject) -> Item:
    """One thing beyond the contract; of what is accepted in part the rest, of what is accepted whole all of it."""
    name = ident("f", "contract", *sorted(group))
    rest = accepted.rest(name, broken)
    item = _told(group[0], name, rest.left or broken, subject)
    return replace(item, waived=rest.waived, grew=rest.grew, lifted=rest.lifted, by=rest.by)


def _told(cause: str, name: str, broken: Sequence[Broken], subject: Subject) -> Item:
    credential = subject.graph.credentials.get(cause)
    if credential is not None:
        return _of_credential(credential, name, broken, subject)
    agent = next((each for each in subject.acting if cause in {each.id, each.seen.agent}), None)
    first = broken[0]
    return Item(
        id=name,
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


def _of_credential(credential: CredentialNode, name: str, broken: Sequence[Broken], subject: Subject) -> Item:
    """One credential and all that it breaks, told by the worst of that; what is only possible tells nothing.

    What stands before it is another column: an agent that asks makes nothing less grave, nor graver.
    """
    reached = [each for each in broken if each.exposure is not None]
    sure = [each for each in reached if each.gate is not None] or reached
    opened = [each.exposure for each in reached if each.exposure is not None]
    known = [each for each in opened if each.confidence is not Confidence.POSSIBLE] or opened
    worst_one = min(known, key=_gravity, default=None)
    return Item(
        id=name,
        title=_named(credential),
        severity=worst_one.severity if worst_one is not None else max(map(_severity, broken), key=lambda one: one.rank),
        confidence=worst_one.confidence if worst_one is not None else Confidence.VERIFIED,
        urgent=any(each.exposure.urgent for each in sure if each.exposure is not None),
        evidence=credential.locations[0],
        why="; ".join(dict.fromkeys(each.why for each in broken)),
        fix=_mend(credential, broken, subject),
        broken=tuple(broken),
        credential=credential,
        exposure=worst_one,
        principals=tuple(dict.fromkeys(each.principal for each in broken if each.principal is not None)),
    )


def _mend(credential: CredentialNode, broken: Sequence[Broken], subject: Subject) -> Fix:
    """How it is mended: by what it breaks where that is no way to anything, else as its kind is."""
    identity = subject.graph.identities.get(credential.identity or "")
    demands = () if any(each.is_way for each in broken) else tuple(map(_demand, broken))
    return mend_for(credential, subject.machine, identity, demands, job=subject.job)


def _demand(broken: Broken) -> str:
    """The demand that is broken, whatever the environment that it is about."""
    name = broken.clause.rpartition("require.")[2].partition("#")[0]
    return name if name.startswith("tokens.") else name.partition(".")[0]


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
    name = broken.clause.rpartition("require.")[2].partition("#")[0]
    return table.get(name) or table.get(name.partition(".")[0], Severity.MEDIUM)


def _fix(broken: Sequence[Broken], agent: Acting | None, subject: Subject) -> Fix:
    """How one cause is mended: an agent's settings by all that they lack, anything else by what its clauses say."""
    if agent is not None:
        causes = {each.cause for each in broken}
        own = [each for each in subject.acting if not causes.isdisjoint((each.id, each.seen.agent))]
        words = [each.mend for each in broken if each.mend]
        rules = taken_out(own, words, subject)
        return agent_mend(agent.seen.agent, words, subject.machine.platform, rules)
    fixes = [each.fix for each in broken if each.fix is not None]
    summaries = dict.fromkeys(each.summary for each in fixes)
    commands = dict.fromkeys(command for each in fixes for command in each.commands)
    return Fix(" ".join(summaries), tuple(commands))


def _rank(item: Item) -> tuple[bool, int, int, str]:
    return (not item.urgent, -item.severity.rank, DEGREES[item.confidence], item.id)
