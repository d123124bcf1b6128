"""One machine as it would be after changes: a model is changed, and the same functions judge it again."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from msgspec import Struct
from msgspec.structs import replace

from scanner import reach
from scanner.config import Config
from scanner.contract.subject import Held
from scanner.copies import Copies
from scanner.data.gates import gates, shared
from scanner.gates import Judge
from scanner.graph import CredentialNode, Graph, build
from scanner.judgement import Judged, Model, judge_model
from scanner.model import (
    AgentSeen,
    Channel,
    Confidence,
    Environment,
    Evidence,
    Gate,
    Observation,
    Ruling,
    ServerSeen,
    SettingSeen,
    Severity,
    Tool,
    Weakness,
)
from scanner.model.report import Exposure, Way
from scanner.principals import ANY_AGENT, Acting, acting
from scanner.score import product

# What stands at least before all that an agent does, once its settings are mended so.
FLOORS = {"ask": Gate.PROMPT, "restrict": Gate.REFUSED}
DOING = frozenset({Channel.EXECUTE, Channel.WRITE, Channel.CONNECT, Channel.CALL})
MENDED = "once it is mended so"


class CredentialGone(Struct, frozen=True):
    """A credential or handle is gone; what was learnt by it of assets stays."""

    id: str


class IdentityGone(Struct, frozen=True):
    """Nothing becomes an identity any more, and it may do nothing."""

    id: str


class LinkGone(Struct, frozen=True):
    """One identity can no longer become another."""

    source: str
    target: str


class RightGone(Struct, frozen=True):
    """An identity, or a credential by itself, has no rights on an asset any more."""

    holder: str
    asset: str


class AgentMended(Struct, frozen=True):
    """An agent's settings have what they lack (`ask`, `restrict`, `sandbox`, ...), in all folders that it works in.

    One that asks, or is restricted, does nothing with less in the way. Of a sandbox no more is promised than that it is
    there: what it lets through is not known.
    """

    agent: str
    words: tuple[str, ...]

    @property
    def floor(self) -> Gate | None:
        """What then stands at least before all that it does."""
        return next((FLOORS[word] for word in ("restrict", "ask") if word in self.words), None)


class AgentGone(Struct, frozen=True):
    """An agent is not installed any more."""

    agent: str


class ServerGone(Struct, frozen=True):
    """An MCP server is taken out of the files of its client, with the secrets that stand in its entry."""

    client: str
    name: str


class CopiesGone(Struct, frozen=True):
    """The copies that a program made of a file are deleted, with all that lies in them."""

    copies: Copies


class Mended(Struct, frozen=True):
    """A cause breaks these clauses no more: the weaknesses at these places are gone."""

    cause: str
    clauses: tuple[str, ...]
    places: tuple[Evidence, ...] = ()


class Labelled(Struct, frozen=True):
    """An asset, as `kind:name`, is known to be of an environment."""

    asset: str
    environment: Environment


Change = (
    CredentialGone
    | IdentityGone
    | LinkGone
    | RightGone
    | AgentMended
    | AgentGone
    | ServerGone
    | CopiesGone
    | Mended
    | Labelled
)
OF_EDGES = (IdentityGone, LinkGone, RightGone)


def applied(judged: Judged, changes: Sequence[Change]) -> Judged:
    """The machine after these changes, judged as any machine is."""
    held = judged.judgement.held if judged.judgement is not None else ()
    model = changed(judged.model, held, changes)
    model.reached.exposures.sort(key=reach.place)
    return judge_model(model)


def changed(model: Model, held: Sequence[Held], changes: Sequence[Change]) -> Model:
    """The machine after these changes, its exposures in any order; `held` says what breaks which clause now."""
    observations = _seen(model.observations, changes)
    config = _config(model.config, changes)
    graph = _graph(model, observations, config, changes)
    agents = _acting(model, observations, changes)
    return replace(
        model,
        observations=observations,
        config=config,
        graph=graph,
        acting=tuple(each.after for each in agents),
        reached=_reached(model, graph, agents, changes),
        settled=frozenset((*model.settled, *_settled(model, held, changes))),
    )


# --- what was seen


def _seen(observations: Sequence[Observation], changes: Sequence[Change]) -> Sequence[Observation]:
    """What is still to be seen afterwards."""
    agents = {each.agent for each in changes if isinstance(each, AgentGone)}
    servers = {(each.client, each.name) for each in changes if isinstance(each, ServerGone)}
    copies = _copies(changes)
    places = _mended(observations, changes)
    floors = {each.agent: each.floor for each in changes if isinstance(each, AgentMended) and each.floor is not None}
    if not (agents or servers or copies or places or floors):
        return observations
    found: list[Observation] = []
    for seen in observations:
        match seen:
            case AgentSeen():
                if seen.agent not in agents:
                    found.append(_floored(seen, floors.get(seen.agent)))
            case SettingSeen():
                if seen.agent not in agents:
                    found.append(seen)
            case ServerSeen():
                if (seen.client, seen.name) not in servers and seen.client not in agents:
                    found.append(seen)
            case Weakness():
                if seen.evidence not in places and not _lies_in(seen.evidence, copies):
                    found.append(seen)
            case _:
                found.append(seen)
    return found


def _mended(observations: Iterable[Observation], changes: Sequence[Change]) -> Set[Evidence]:
    """The places at which nothing is weak any more."""
    places = {place for each in changes if isinstance(each, Mended) for place in each.places}
    return places | {each.evidence for each in _servers(observations, changes)}


def _servers(observations: Iterable[Observation], changes: Sequence[Change]) -> list[ServerSeen]:
    """The MCP servers that are taken out."""
    named = {(each.client, each.name) for each in changes if isinstance(each, ServerGone)}
    if not named:
        return []
    return [each for each in observations if isinstance(each, ServerSeen) and (each.client, each.name) in named]


def _floored(seen: AgentSeen, floor: Gate | None) -> AgentSeen:
    """An agent by whose rules nothing is done with less in the way; what it reads stays as it is."""
    if floor is None or seen.policy is None:
        return seen
    tools = tuple(_tool(each, floor) if each.channel in DOING else each for each in seen.policy.tools)
    return replace(seen, policy=replace(seen.policy, tools=tools))


def _tool(tool: Tool, floor: Gate) -> Tool:
    rules = tuple(replace(rule, ruling=_ruling(rule.ruling, floor)) for rule in tool.rules)
    return replace(tool, otherwise=_ruling(tool.otherwise, floor), rules=rules)


def _ruling(ruling: Ruling, floor: Gate) -> Ruling:
    """The ruling, or the floor where it holds back more; what is mended is known."""
    weaker = gates()[ruling.effective].factor - gates()[floor].factor
    return Ruling(floor, MENDED) if weaker > 0 or (weaker == 0 and ruling.gate is Gate.UNKNOWN) else ruling


# --- the graph


def _config(config: Config, changes: Sequence[Change]) -> Config:
    labels = {each.asset: each.environment for each in changes if isinstance(each, Labelled)}
    return replace(config, labels={**config.labels, **labels}) if labels else config


def _graph(model: Model, observations: Sequence[Observation], config: Config, changes: Sequence[Change]) -> Graph:
    """The graph without the edges and nodes that are gone."""
    graph = model.graph if config is model.config else build(observations, model.machine, config)
    gone = {each.id for each in changes if isinstance(each, CredentialGone)}
    ended = {each.id for each in changes if isinstance(each, IdentityGone)}
    links = {(each.source, each.target) for each in changes if isinstance(each, LinkGone)}
    rights = {(each.holder, each.asset) for each in changes if isinstance(each, RightGone)}
    places = _mended(model.observations, changes)
    copies = _copies(changes)
    nodes = _credentials(graph, _servers(model.observations, changes), copies, gone)
    left = gone | (graph.credentials.keys() - nodes.keys()) | ended
    return Graph(
        credentials=nodes,
        identities=graph.identities,
        assets=graph.assets,
        links={
            source: [each for each in row if each.target not in ended and (source, each.target) not in links]
            for source, row in graph.links.items()
            if source not in left
        },
        rights={
            holder: [each for each in row if (holder, each.target) not in rights]
            for holder, row in graph.rights.items()
            if holder not in left
        },
        weaknesses=[
            each for each in graph.weaknesses if each.evidence not in places and not _lies_in(each.evidence, copies)
        ],
    )


def _credentials(
    graph: Graph, servers: Sequence[ServerSeen], copies: Sequence[Copies], gone: Set[str]
) -> dict[str, CredentialNode]:
    """The credentials that are left, without the places that went with a server or with copies."""
    nodes = {name: node for name, node in graph.credentials.items() if name not in gone}
    for name, node in list(nodes.items()) if servers or copies else ():
        left = (each for each in node.locations if not any(in_entry(each, server) for server in servers))
        places = tuple(each for each in left if not _lies_in(each, copies))
        if not places:
            del nodes[name]
        elif len(places) < len(node.locations):
            nodes[name] = replace(node, locations=places)
    return nodes


def _copies(changes: Sequence[Change]) -> list[Copies]:
    return [each.copies for each in changes if isinstance(each, CopiesGone)]


def _lies_in(place: Evidence, copies: Sequence[Copies]) -> bool:
    return any(each.holds(place.path) for each in copies)


def in_entry(place: Evidence, server: ServerSeen) -> bool:
    """Whether a place lies in the entry of a server."""
    entry = server.evidence
    if entry.key is None or place.path != entry.path or place.key is None:
        return False
    return place.key == entry.key or place.key.startswith(f"{entry.key}.")


# --- who acts


class _Agent(Struct, frozen=True):
    """An agent as it is afterwards, and the judge by whose word it goes where that does not hold at least so much."""

    after: Acting
    judge: Judge
    floor: Gate | None = None


def _acting(model: Model, observations: Sequence[Observation], changes: Sequence[Change]) -> list[_Agent]:
    """The agents that are there afterwards; those that nothing is changed about keep their judges."""
    floors = {each.agent: each.floor for each in changes if isinstance(each, AgentMended) and each.floor is not None}
    served = {each.client for each in changes if isinstance(each, ServerGone)}
    if not floors and not served and not any(isinstance(each, AgentGone) for each in changes):
        return [_Agent(each, each.judge) for each in model.acting]
    known = {each.id: each for each in model.acting}
    found = []
    for each in acting(observations, model.machine):
        if model.only and each.seen.agent not in model.only:
            continue
        before, floor = known.get(each.id), floors.get(each.seen.agent)
        if before is None or _has_servers(before, served):
            found.append(_Agent(each, each.judge))
        elif floor is None:
            found.append(_Agent(before, before.judge))
        elif any(server.seen.approval is not None for server in before.judge.servers):
            found.append(_Agent(each, each.judge))  # which its own entry lets run unasked all the same
        else:
            found.append(_Agent(each, before.judge, floor))
    return found


def _has_servers(each: Acting, clients: Set[str]) -> bool:
    return any(server.seen.client in clients for server in each.judge.servers)


# --- the ways


def _reached(model: Model, graph: Graph, agents: Sequence[_Agent], changes: Sequence[Change]) -> reach.Reached:
    """What is reached afterwards: looked for anew as far as edges or judges differ, then held back by what asks."""
    again = _affected(model, graph, agents, changes)
    judges = {each.after.id: each.judge for each in agents}
    known = {each.id for each in model.acting}
    lost = known - judges.keys()
    found = _kept(model.reached, lambda each: each.credential in graph.credentials and each.credential not in again)
    if lost:
        found = _by(found, lambda ways: {name: way for name, way in ways.items() if name not in lost})
    if again:
        part = _of_credentials(graph, again)
        new = reach.reached(part, model.machine.now, judges)
        found = reach.Reached([*found.exposures, *new.exposures], {**found.apart, **new.apart}, found.gaps)
    floors = {each.after.id: each for each in agents if each.floor is not None}
    if floors:
        found = _by(found, lambda ways: _held_back(ways, floors))
    return found


def _of_credentials(graph: Graph, names: Set[str]) -> Graph:
    """The graph with these credentials alone."""
    nodes = {name: node for name, node in graph.credentials.items() if name in names}
    return Graph(nodes, graph.identities, graph.assets, graph.links, graph.rights, graph.weaknesses)


def _affected(model: Model, graph: Graph, agents: Sequence[_Agent], changes: Sequence[Change]) -> frozenset[str]:
    """The credentials whose ways are looked for anew."""
    judges = {each.id: each.judge for each in model.acting}
    if any(isinstance(each, Labelled) for each in changes) or any(
        judges.get(each.after.id) is not each.judge for each in agents
    ):
        return frozenset(graph.credentials)
    edges = [each for each in changes if isinstance(each, OF_EDGES)]
    if not edges:
        return frozenset()
    found = {each.credential for each in model.reached.judged if any(_leads(each, edge) for edge in edges)}
    return frozenset(found & graph.credentials.keys())


def _leads(exposure: Exposure, edge: Change) -> bool:
    """Whether a way goes over an edge that is gone."""
    match edge:
        case IdentityGone(id):
            return id in exposure.path
        case LinkGone(source, target):
            return (source, target) in zip(exposure.path, exposure.path[1:], strict=False)
        case RightGone(holder, asset):
            return exposure.path[-2:] == (holder, asset)
        case _:
            return False


def _kept(found: reach.Reached, wanted: Callable[[Exposure], bool]) -> reach.Reached:
    exposures = [each for each in found.exposures if wanted(each)]
    apart = {name: row for name, row in found.apart.items() if wanted(row[0])}
    return reach.Reached(exposures, apart, list(found.gaps))


def _by(found: reach.Reached, change: Callable[[Mapping[str, Way]], dict[str, Way]]) -> reach.Reached:
    """The same exposures by other ways; those that shared their ways still do."""
    known: dict[int, dict[str, Way]] = {}
    urgent: dict[tuple[int, Severity, Confidence], bool] = {}

    def going(exposure: Exposure) -> Exposure:
        name = id(exposure.ways)
        ways = known.get(name)
        if ways is None:
            ways = change(exposure.ways)
            ways = known[name] = exposure.ways if ways == exposure.ways else ways
        if ways is exposure.ways:
            return exposure
        key = (name, exposure.severity, exposure.confidence)
        if key not in urgent:
            urgent[key] = reach.is_urgent(exposure.severity, exposure.confidence, ways)
        return replace(exposure, ways=ways, urgent=urgent[key])

    apart = {name: [going(each) for each in row] for name, row in found.apart.items()}
    return reach.Reached([going(each) for each in found.exposures], apart, found.gaps)


def _held_back(ways: Mapping[str, Way], floors: Mapping[str, _Agent]) -> dict[str, Way]:
    """The ways, with what now stands before those of the agents that ask, or refuse."""
    found = {name: _way(way, ways, floors[name]) if name in floors else way for name, way in ways.items()}
    return shared(found) if any(found[name] is not ways[name] for name in found) else found


def _way(way: Way, ways: Mapping[str, Way], each: _Agent) -> Way:
    """One way behind the floor of its agent; where a person always says yes, asking holds nothing back."""
    habit, factors = each.judge.habit if each.floor is Gate.PROMPT else None, gates()
    if each.floor is None or (habit is not None and habit.is_yes):
        return way
    if factors[way.effective].factor <= factors[each.floor].factor:
        return way
    factor = habit.factor if habit is not None and habit.factor is not None else factors[each.floor].factor
    terms = way.terms or ways[ANY_AGENT].terms
    if terms is None:
        return Way(each.floor, way.channel, MENDED, 0.0)
    here = replace(terms, gate=factor)
    return Way(each.floor, way.channel, MENDED, product(here), here)


# --- the clauses


def _settled(model: Model, held: Sequence[Held], changes: Sequence[Change]) -> Iterable[tuple[str, str]]:
    """The clauses that hold afterwards, each with what broke it."""
    mended = {each.agent: set(each.words) for each in changes if isinstance(each, AgentMended)}
    words = {each.id: mended[each.seen.agent] for each in model.acting if each.seen.agent in mended}
    for clause in held if words else ():
        for each in clause.broken:
            if each.mend and each.mend in words.get(each.cause, ()):
                yield each.cause, clause.id
    for change in changes:
        if isinstance(change, Mended):
            yield from ((change.cause, name) for name in change.clauses)
