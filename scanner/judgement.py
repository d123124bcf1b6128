"""From observations to answers, without touching the machine again: graph, ways, verdicts, and the contract's word."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from scanner import reach
from scanner.config import Config
from scanner.contract.exposures import dead
from scanner.contract.judge import Judgement, judge
from scanner.contract.subject import Subject
from scanner.gates import READABLE, Usable, usable
from scanner.graph import CredentialNode, Graph, build
from scanner.guardrails import weighed
from scanner.host import Machine
from scanner.model import AgentSeen, Capability, Gap, GapKind, Gate, Guardrail, Observation, ServerSeen
from scanner.model.contract import Contract
from scanner.model.report import Before, Exposure, UndecidedStep, Verdict
from scanner.principals import ANY_AGENT, Acting, acting
from scanner.undecided import undecided
from scanner.verdicts import Read, verdicts


class Model(Struct, frozen=True):
    """One machine as it is judged: what was seen, and who acts on which graph with which ways.

    `only` names the agents that were asked for, empty for all. `settled` are the clauses that somebody is thought to
    have mended, each with the cause that broke it.
    """

    observations: Sequence[Observation]
    machine: Machine
    config: Config
    contracts: tuple[Contract, ...]
    only: frozenset[str]
    graph: Graph
    acting: tuple[Acting, ...]
    reached: reach.Reached
    settled: frozenset[tuple[str, str]] = frozenset()


class Judged(Struct, frozen=True):
    """All that was made of the observations; `judgement` is None where no contract was held against them.

    `subject` is what contracts are held against, with all agents. `gaps` say what was too much to be followed or told,
    `guardrails` which protections are in force.
    """

    graph: Graph
    acting: tuple[Acting, ...]
    exposures: tuple[Exposure, ...]
    readings: dict[str, dict[str, Before]]
    steps: tuple[UndecidedStep, ...]
    verdicts: tuple[Verdict, ...]
    judgement: Judgement | None
    subject: Subject
    model: Model
    gaps: tuple[Gap, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()


def judge_all(
    observations: Sequence[Observation],
    machine: Machine,
    config: Config,
    contracts: Sequence[Contract],
    only: frozenset[str] = frozenset(),
) -> Judged:
    """Judges what was seen, over all agents or `only` some. The order of the observations does not matter.

    Of the contracts the first counts whole, and each further one can only narrow it.
    """
    graph = build(observations, machine, config)
    agents = tuple(each for each in acting(observations, machine) if not only or each.seen.agent in only)
    reached = reach.reached(graph, machine.now, {each.id: each.judge for each in agents})
    return judge_model(Model(observations, machine, config, tuple(contracts), only, graph, agents, reached))


def judge_model(model: Model) -> Judged:
    """Judges one machine as it is, or as it is thought to be."""
    graph, exposures = model.graph, model.reached.exposures
    readings = _readings(graph, model.acting)
    subject = subject_of(model, readings)
    by_class: dict[Capability, list[Exposure]] = {}
    for exposure in model.reached.judged:
        by_class.setdefault(exposure.class_, []).append(exposure)
    steps = tuple(subject.steps.values())
    read = Read(graph, by_class, subject.opened, readings, subject.steps)
    told = [answer for each in (ANY_AGENT, *(each.id for each in model.acting)) for answer in verdicts(read, each)]
    return Judged(
        graph=graph,
        acting=model.acting,
        exposures=tuple(exposures),
        readings=readings,
        steps=steps,
        verdicts=tuple(told),
        judgement=judge(model.contracts, subject) if model.contracts else None,
        subject=subject,
        model=model,
        gaps=(*model.reached.gaps, *_absent(model.only, model.acting)),
        guardrails=weighed(model.observations, graph, exposures),
    )


def subject_of(model: Model, readings: dict[str, dict[str, Before]] | None = None) -> Subject:
    """What contracts are held against; no clause asks who can read what, so that this may be left out."""
    ways, aside = model.reached.judged, dead(model.graph)
    opened: dict[str, list[Exposure]] = {}
    for exposure in ways:
        opened.setdefault(exposure.credential, []).append(exposure)
    guardrails = weighed(model.observations, model.graph, model.reached.exposures)
    return Subject(
        machine=model.machine,
        graph=model.graph,
        exposures=[each for each in ways if each.credential not in aside and each.asset not in aside],
        opened=opened,
        acting=model.acting,
        readings=readings or {},
        steps={step.subject: step for step in undecided(model.graph, model.reached.exposures)},
        servers=[seen for seen in model.observations if isinstance(seen, ServerSeen)],
        guardrails=[each for each in guardrails if each.in_force],
        unread=[seen for seen in model.observations if isinstance(seen, AgentSeen) and seen.policy is None],
        counting={
            node: [each for each in row if each.asset not in aside] for node, row in opened.items() if node not in aside
        },
        unfinished=sum(isinstance(seen, Gap) and _is_whole(seen) for seen in model.observations),
        settled=model.settled,
    )


def _absent(only: frozenset[str], agents: Sequence[Acting]) -> Iterator[Gap]:
    """The agents that were asked for and could not be judged: that nothing is wrong with them is not known."""
    for each in sorted(only - {each.seen.agent for each in agents}):
        yield Gap(
            GapKind.FAILED, f"--agent {each}", "an agent that was asked for was not found, and nothing of it was judged"
        )


def _readings(graph: Graph, acting: Sequence[Acting]) -> dict[str, dict[str, Before]]:
    """Who can take in the text of each secret, by credential and principal."""
    found: dict[str, dict[str, Before]] = {}
    known: dict[tuple[Usable, bool], dict[str, Before]] = {}
    for node in graph.credentials.values():
        readable = node.protection in READABLE
        key = (usable(node), readable)
        if key not in known:
            known[key] = dict(_readers(node, acting))
        rows = dict(known[key])
        if rows or (node.fingerprint is not None and readable):
            rows[ANY_AGENT] = Before(Gate.NONE, node.channel, "")  # what guards its use does not guard its text
        if rows:
            found[node.id] = rows
    return found


def _readers(node: CredentialNode, acting: Sequence[Acting]) -> Iterator[tuple[str, Before]]:
    """The agents that can take in the text of a secret, or of any other that lies where it does."""
    for each in acting:
        told = each.judge.reads(node)
        if told is not None:
            yield each.id, Before(told.gate, told.channel, told.rule, told.stand_in)


def _is_whole(gap: Gap) -> bool:
    """Whether a gap is of a probe that failed or ran out of time, not of one place."""
    return not gap.place and gap.kind is not GapKind.REFUSED
