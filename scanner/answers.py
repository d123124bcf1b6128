"""The sections of the report that answer: who acts, what each can do, and what of it is beyond the contract."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from scanner import assembly
from scanner.contract.judge import Item, Judgement
from scanner.contract.subject import Held
from scanner.data.advice import prices
from scanner.freedom import on_environments
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.judgement import Judged
from scanner.model import AgentSeen, Fix, Gate, Observation, SettingSeen
from scanner.model.contract import Contract, Scope
from scanner.model.report import (
    AdviceStep,
    Agent,
    Before,
    Clause,
    ContractInfo,
    ContractLayer,
    Finding,
    FixInfo,
    Principal,
    Setting,
    Verdict,
    Waiver,
)
from scanner.principals import ANY_AGENT, UPPER_BOUND, Acting
from scanner.text import printable
from scanner.verdicts import Answer, said

if TYPE_CHECKING:
    from scanner.advice import Step

CONTRACT = "contract"  # the tag of what a contract found, which tells it from a weakness


def principals(judged: Judged, machine: Machine) -> tuple[Principal, ...]:
    """Who acts: the unrestricted one first, then each agent, with what it decides alone, must ask for, and cannot."""
    freedom = on_environments(judged.exposures)
    own: dict[str, list[Verdict]] = {}
    for answer in judged.verdicts:
        own.setdefault(answer.principal, []).append(answer)
    workspace = printable(shown(machine.workspace, machine.home)) if machine.workspace is not None else None
    found = [_principal(Principal(ANY_AGENT, UPPER_BOUND), own.get(ANY_AGENT, []))]
    for each in judged.acting:
        told = Principal(
            each.id,
            printable(each.title),
            each.seen.agent,
            printable(each.seen.folder) if each.seen.folder is not None else workspace,
            printable(each.judge.policy.mode),
            each.autonomy,
            each.seen.notional,
            environments={at: there for at, there in freedom.get(each.id, {}).items() if there is not each.autonomy},
        )
        found.append(_principal(told, own.get(each.id, [])))
    return tuple(found)


def _principal(told: Principal, answers: Sequence[Verdict]) -> Principal:
    return Principal(
        told.id,
        told.title,
        told.agent,
        told.workspace,
        told.mode,
        told.autonomy,
        told.notional,
        alone=said(answers, Answer.YES, Answer.LIKELY),
        asks=said(answers, Answer.IF_APPROVED),
        cannot=said(answers, Answer.NONE_FOUND),
        environments=told.environments,
    )


def agents(
    acting: Sequence[Acting], observations: Sequence[Observation], machine: Machine, commands: Sequence[str] = ()
) -> tuple[Agent, ...]:
    """Each agent with the settings that decide its gates, and what stands before the usual acts and these commands."""
    settings: dict[str, list[SettingSeen]] = {}
    for seen in observations:
        if isinstance(seen, SettingSeen):
            settings.setdefault(seen.agent, []).append(seen)
    return tuple(
        _agent(each, [told for told in settings.get(each.seen.agent, []) if _is_for(told, each)], machine, commands)
        for each in acting
    )


def _is_for(told: SettingSeen, each: Acting) -> bool:
    """Whether a setting holds in the folder that an agent works in."""
    return told.folder is None or told.folder == each.seen.folder


def _agent(each: Acting, settings: Sequence[SettingSeen], machine: Machine, commands: Sequence[str]) -> Agent:
    told = each.judge.channels(commands)
    return Agent(
        id=each.id,
        title=printable(each.title),
        running=each.seen.running,
        evidence=assembly.location(each.seen.evidence, machine),
        settings=tuple(
            dict.fromkeys(
                Setting(
                    printable(seen.key),
                    printable(seen.value),
                    printable(seen.scope),
                    assembly.location(seen.evidence, machine),
                )
                for seen in settings
            )
        ),
        channels={act: found.gate for act, found in told.items()},
        why={act: Before(found.gate, found.channel, found.rule, found.stand_in) for act, found in told.items()},
        version=printable(each.seen.version) if each.seen.version is not None else None,
        notional=each.seen.notional,
        isolated=each.seen.isolated,
        starts=each.seen.starts,
    )


def findings(judgement: Judgement, machine: Machine) -> tuple[Finding, ...]:
    """What is beyond the contract, worst first."""
    return tuple(_finding(item, judgement.judged, machine) for item in judgement.items)


def _finding(item: Item, judged: Sequence[Acting], machine: Machine) -> Finding:
    way, gate = _way(item, judged)
    return Finding(
        id=item.id,
        rule=printable(item.clauses[0]),
        title=printable(item.title),
        severity=item.severity,
        confidence=item.confidence,
        principal=item.principals[0] if item.principals else None,
        exposure=item.exposure.id if item.exposure is not None else None,
        evidence=assembly.location(item.evidence, machine),
        why=printable(item.why),
        fix=fix(item.fix),
        tags=(CONTRACT,),
        urgent=item.urgent,
        gate=gate,
        credential=item.credential.id if item.credential is not None else None,
        principals=item.principals,
        exposures=tuple(dict.fromkeys(each.exposure.id for each in item.broken if each.exposure is not None)),
        clauses=tuple(map(printable, item.clauses)),
        way=way,
        waived=printable(f"{item.waived.owner} until {item.waived.until}") if item.waived is not None else None,
        grew=printable(f"{item.grew.owner} until {item.grew.until}") if item.grew is not None else None,
    )


def _way(item: Item, judged: Sequence[Acting]) -> tuple[str, Gate | None]:
    """How an agent gets to the worst of it, and the gate before it; where none does, how any process would."""
    if item.exposure is None:
        return "", None
    ways = item.exposure.ways
    agents = [(each, ways[each.id]) for each in judged if each.id in ways and ways[each.id].score]
    if agents:
        agent, way = max(agents, key=lambda each: each[1].score)
        return f"{printable(agent.title)} {way.channel}", way.gate
    own = ways.get(ANY_AGENT)
    return (f"any process of yours: {own.channel}", own.gate) if own is not None else ("", None)


def fix(told: Fix) -> FixInfo:
    """A mend as a reader takes it."""
    return FixInfo(printable(told.summary), tuple(printable(command) for command in told.commands))


def contract(judgement: Judgement, unread: Sequence[AgentSeen] = ()) -> ContractInfo:
    """The contracts, and what came of each clause; `unread` are agents of whose rules nothing is known."""
    told, further = judgement.contracts[0], judgement.contracts[1:]
    by_clause: dict[str, list[str]] = {}
    for item in judgement.items:
        if item.waived is None:
            for clause in item.clauses:
                by_clause.setdefault(clause, []).append(item.id)
    ends = [each.until for each in judgement.contracts if each.until is not None]
    return ContractInfo(
        name=printable(" + ".join(each.name for each in judgement.contracts)),
        digest=digest(judgement.contracts),
        clauses=tuple(_clause(each, by_clause.get(each.id, []), judgement) for each in judgement.held),
        unused_allowance=tuple(map(printable, judgement.unused)),
        judged=tuple(each.id for each in judgement.judged),
        source=printable(told.source),
        until=min(ends).isoformat() if ends else None,
        layers=tuple(_layer(each) for each in judgement.contracts) if further or told.scope is not Scope.USER else (),
        unread=tuple(sorted({each.agent for each in unread})),
    )


def digest(contracts: Sequence[Contract]) -> str:
    """What all contracts say, as one digest: of one its own, of several of their digests, in their order."""
    if len(contracts) == 1:
        return contracts[0].digest
    return "sha256:" + sha256("".join(f"{each.scope} {each.digest}\n" for each in contracts).encode()).hexdigest()


def _layer(each: Contract) -> ContractLayer:
    until = each.until.isoformat() if each.until is not None else None
    return ContractLayer(each.scope, printable(each.name), printable(each.source), each.digest, until)


def _clause(held: Held, items: Sequence[str], judgement: Judgement) -> Clause:
    state = "fail" if items else "unknown" if held.open else "pass"
    worst = next((item for item in judgement.items if item.id in items), None)
    why = "; ".join(dict.fromkeys(each.why for each in held.broken)) if items else _why_not(held, judgement)
    return Clause(
        id=printable(held.id),
        text=printable(held.text),
        state=state,
        fix=fix(worst.fix) if worst is not None else fix(held.fix) if held.fix is not None else None,
        where=printable(held.where),
        why=printable(why),
        findings=tuple(items),
    )


def _why_not(held: Held, judgement: Judgement) -> str:
    """What is to be known of a clause that nothing breaks, or only what somebody accepts."""
    by = [each.by for each in judgement.items if each.by is not None and held.id in each.lifted]
    accepted = dict.fromkeys(f"what breaks it is accepted by {each.owner} until {each.until}" for each in by)
    return "; ".join(filter(None, (*accepted, held.open)))


def waivers(judgement: Judgement) -> tuple[Waiver, ...]:
    """Each waiver of the contracts, and whether it is in force."""
    return tuple(
        Waiver(
            printable(each.waiver.finding),
            printable(each.waiver.owner),
            printable(each.waiver.reason),
            each.waiver.until.isoformat(),
            each.state,
            agents=tuple(map(printable, each.waiver.agents)),
            workspaces=tuple(map(printable, each.waiver.workspaces)),
        )
        for each in judgement.waivers
    )


def advice(judged: Judged) -> tuple[AdviceStep, ...]:
    """The plan: the few changes that take most away, each with its commands and what is left after it."""
    if judged.judgement is None or not judged.judgement.excess.items:
        return ()
    from scanner.advice import advised  # loaded, with all that it weighs, when there is something to mend

    return tuple(_step(each) for each in advised(judged))


def _step(told: "Step") -> AdviceStep:
    draft, effort = told.draft, prices().effort[told.draft.effort]
    return AdviceStep(
        id=draft.id,
        summary=printable(f"{draft.title}: {draft.fix.summary}"),
        commands=fix(draft.fix).commands,
        removes=told.removed,
        finding=draft.finding,
        after=told.after,
        kind=draft.kind,
        target=draft.target,
        effort=effort.words,
        elsewhere=effort.elsewhere,
        breaks=printable(draft.breaks),
        settles=told.settled,
    )
