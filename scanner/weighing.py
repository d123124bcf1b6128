"""What is left beyond a contract after changes, by the same functions, over no more of a machine than can matter."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from scanner.contract.figures import tally
from scanner.contract.judge import Item, Judgement, held_against, items_of, judge, left_of
from scanner.contract.subject import Broken, Held, Subject
from scanner.contract.whose import judged as judged_by
from scanner.data.advice import prices
from scanner.graph import Graph
from scanner.judgement import Judged, Model, subject_of
from scanner.model import Environment
from scanner.model.contract import CommandRules, Contract, FileRules, Requirements
from scanner.model.report import Excess, Exposure
from scanner.reach import Reached
from scanner.score import Tally
from scanner.whatif import AgentMended, Change, CredentialGone, Mended, changed

STAGED = frozenset({Environment.DEVELOPMENT, Environment.SANDBOX, Environment.STAGING})
LEAST = 0.001  # what an item weighs that no score tells of
MOST = 60  # times that a machine is judged again for one plan, and
EXPOSURES = 60_000  # exposures that are judged for it, whatever the machine


class Worth(Struct, frozen=True):
    """One item: what it weighs and adds up to, the exposures that it is about, and what causes it."""

    weight: float
    tally: Tally
    exposures: frozenset[str]
    causes: frozenset[str]


Left = Mapping[str, Worth]


class Weighing:
    """One machine beyond its contract, asked after changes what is left.

    That a credential is gone or a clause mended takes items away and changes no other, so that only what holds agents
    back, and what ends a way that several share, is judged again.
    """

    def __init__(self, judged: Judged, judgement: Judgement) -> None:
        self._model = _reduced(judged, judgement)
        self._held = judgement.held
        self._about_ways = tuple(map(_about_ways, judged.model.contracts))
        self._agents: dict[str, set[str]] = {}
        for each in judged.acting:
            self._agents.setdefault(each.seen.agent, {each.seen.agent}).add(each.id)
        self._rest = _judged_apart(judged) if _are_alike(self._model, judgement) else ()
        now = _worth(judgement.items, replace(judged.subject, acting=judgement.judged))
        self._known: dict[frozenset[Change], Left] = {frozenset(): now}
        self._left = min(MOST, EXPOSURES // max(1, len(self._model.reached.exposures)))

    @property
    def weights(self) -> dict[str, float]:
        """What each item weighs now."""
        return {name: each.weight for name, each in self.left(()).items()}

    def left(self, changes: Iterable[Change]) -> Left:
        """The items that are left, by their ids."""
        told = list(changes)
        hard = self._hard(told)
        gone = self._causes(each for each in told if each not in hard)
        found = self._judged(hard)
        return {name: worth for name, worth in found.items() if not worth.causes <= gone} if gone else found

    def _causes(self, changes: Iterable[Change]) -> frozenset[str]:
        """What causes nothing any more, of itself."""
        found: set[str] = set()
        for each in changes:
            match each:
                case CredentialGone(id):
                    found.add(id)
                case Mended(cause):
                    found.add(cause)
                case AgentMended(agent):
                    found |= self._agents.get(agent, set())
        return frozenset(found)

    def _hard(self, changes: Sequence[Change]) -> frozenset[Change]:
        """Those of the changes after which other items are to be judged again.

        Where all agents get everywhere alike, what some of them ask about is as it was while another does not.
        """
        hard = frozenset(each for each in changes if not is_plain(each))
        asking = {each.agent for each in hard if isinstance(each, AgentMended)}
        if len(asking) == len(hard) and self._rest and all(each - asking for each in self._rest):
            return frozenset()
        return hard

    def may(self, changes: Sequence[Change]) -> bool:
        """Whether changes can be looked at without judging more than a plan is worth; each new ones count."""
        if self._hard(changes) in self._known:
            return True
        self._left -= 1
        return self._left >= 0

    def _judged(self, changes: frozenset[Change]) -> Left:
        if changes not in self._known:
            subject = subject_of(changed(self._model, self._held, sorted(changes, key=repr)))
            asking = all(isinstance(each, AgentMended) for each in changes)
            self._known[changes] = self._by_ways(subject) if asking else self._anew(subject)
        return self._known[changes]

    def _anew(self, subject: Subject) -> Left:
        found = judge(self._model.contracts, subject)
        return _worth(found.items, replace(subject, acting=found.judged))

    def _by_ways(self, subject: Subject) -> Left:
        """The same where agents ask and nothing else is changed: what no way decides is as it was."""
        acting, held = held_against(self._about_ways, subject)
        again = {each.id for each in held}
        rest = left_of([_going(each, subject) for each in self._held if each.id not in again], subject)
        everyone = replace(subject, acting=acting)
        items, _ = items_of(self._model.contracts, (*held, *rest), everyone)
        return _worth(items, everyone)


def is_plain(change: Change) -> bool:
    """Whether a change takes items away and leaves the others as they are."""
    match change:
        case CredentialGone() | Mended():
            return True
        case AgentMended():
            return change.floor is None
        case _:
            return False


def excess(left: Left) -> Excess:
    """The official figures of what is left."""
    return Excess(len(left), Tally.of(each.tally for each in left.values()).score())


def weight(left: Left) -> float:
    """What is left as a number that grows with every way: the score of 100 says nothing near its end."""
    return sum(each.weight for each in left.values())


def _judged_apart(judged: Judged) -> tuple[frozenset[str], ...]:
    """The agents that each of the contracts is for."""
    model = judged.model
    whose = (judged_by(each, model.acting, narrows=number > 0) for number, each in enumerate(model.contracts))
    return tuple(frozenset(each.seen.agent for each in agents) for agents in whose)


def _are_alike(model: Model, judgement: Judgement) -> bool:
    """Whether all agents get to all that counts with as much in the way, and nothing else hangs on what one asks."""
    scoped = any(each.waiver.agents or each.waiver.workspaces for each in judgement.waivers)
    called = any(each.broken and "mcp." in each.id for each in judgement.held)
    if scoped or called:
        return False
    ids = [each.id for each in model.acting]
    distinct = {id(each.ways): each.ways for each in model.reached.judged}
    return all(len({(ways[each].effective, ways[each].score) for each in ids}) == 1 for ways in distinct.values())


def _about_ways(contract: Contract) -> Contract:
    """Of a contract what hangs on what stands before ways and calls, the lines by their numbers."""
    require = Requirements(autonomy=contract.require.autonomy, sandbox=contract.require.sandbox)
    return replace(
        contract, environment=None, files=FileRules(), commands=CommandRules(), network=None, require=require
    )


def _going(held: Held, subject: Subject) -> Held:
    """A clause, what breaks it with its ways as they are now."""
    return replace(held, broken=tuple(_by_now(each, subject) for each in held.broken)) if held.broken else held


def _by_now(broken: Broken, subject: Subject) -> Broken:
    if broken.exposure is None:
        return broken
    row = subject.opened.get(broken.exposure.credential, ())
    wanted = (broken.exposure.id, broken.exposure.confidence, broken.exposure.path)
    now = next((each for each in row if (each.id, each.confidence, each.path) == wanted), broken.exposure)
    return replace(broken, exposure=now)


def _worth(items: Sequence[Item], subject: Subject) -> Left:
    """The items that count, each with what it is worth."""
    return {item.id: _of(item, subject) for item in items if item.waived is None}


def _of(item: Item, subject: Subject) -> Worth:
    told = tally(item.broken, subject)
    bare = any(each.exposure is None for each in item.broken)
    more = prices().severity[item.severity] if bare else 0.0
    return Worth(
        weight=told.total() + more + LEAST,
        tally=told,
        exposures=frozenset(each.exposure.id for each in item.broken if each.exposure is not None),
        causes=frozenset(each.cause for each in item.broken),
    )


def _reduced(judged: Judged, judgement: Judgement) -> Model:
    """The model without what breaks nothing: no change that takes away or holds back makes it break anything."""
    model = judged.model
    causes = {each.cause for item in judgement.items for each in item.broken}
    broken = {each.exposure.id for item in judgement.items for each in item.broken if each.exposure is not None}
    wanted = broken | _beyond(judged.subject, causes)
    nodes = {name: node for name, node in model.graph.credentials.items() if name in causes}
    graph = model.graph
    reached = Reached(
        [each for each in model.reached.exposures if each.id in wanted],
        {name: row for name, row in model.reached.apart.items() if name in wanted},
        model.reached.gaps,
    )
    part = Graph(nodes, graph.identities, graph.assets, graph.links, graph.rights, graph.weaknesses)
    return Model(
        model.observations,
        model.machine,
        model.config,
        model.contracts,
        model.only,
        part,
        model.acting,
        reached,
        model.settled,
    )


def _beyond(subject: Subject, causes: Iterable[str]) -> set[str]:
    """For each credential one exposure that says that it opens more than what is meant to be broken."""
    found: set[str] = set()
    for name in causes:
        row: Sequence[Exposure] = subject.counting.get(name, ())
        found.update(each.id for each in [each for each in row if each.environment not in STAGED][:1])
    return found
