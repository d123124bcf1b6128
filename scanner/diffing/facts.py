"""What differs between two reports beside their ways, looked up by what a way could have moved for."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from scanner.diffing.looking import View
from scanner.diffing.pairs import Pair, Pairs, either, place_of
from scanner.diffing.ways import ENDED
from scanner.model.report import Agent, AssetInfo, Credential, EdgeInfo, Location, Principal, Report, Server, Setting

IN_FORCE = "in force"  # settings that sum up others
CLIENTS = {"cursor-agent": "cursor", "cline-cli": "cline"}  # agents that take their servers from another's files
Step = tuple[str, str]


class SettingChange(Struct, frozen=True):
    """One setting of an agent that has another value; null where it is not set."""

    agent: str
    title: str
    key: str
    where: Location
    before: str | None
    after: str | None


class Facts(Struct, frozen=True):
    """Two reports with what differs between them, by what it is of.

    `then` knows what the newer one did not look at, `now` what the older one did not. `versions`: they were made by
    different versions of the tool, its weights or its data; `elsewhere`: another workspace was looked at.
    """

    pairs: Pairs
    then: View
    now: View
    credentials: Mapping[str, Pair[Credential]]
    principals: Mapping[str, Pair[Principal]]
    servers: Sequence[Pair[Server]]  # those that came, went or changed
    settings: Mapping[str, Sequence[SettingChange]]
    steps: tuple[Mapping[Step, frozenset[object]], Mapping[Step, frozenset[object]]]
    evidence: tuple[Mapping[Step, Sequence[Location]], Mapping[Step, Sequence[Location]]]
    assets: Mapping[str, Pair[AssetInfo]]
    versions: bool
    contract: bool
    elsewhere: bool


def facts(pairs: Pairs, then: View, now: View) -> Facts:
    """All that differs, ready to be asked."""
    old, new = pairs.old, pairs.new
    assets: dict[str, Pair[AssetInfo]] = {each.id: (each, None) for each in old.assets}
    assets |= {each.id: (assets.get(each.id, (None, None))[0], each) for each in new.assets}
    return Facts(
        pairs=pairs,
        then=then,
        now=now,
        credentials={either(pair).id: pair for pair in pairs.credentials},
        principals={either(pair).id: pair for pair in pairs.principals},
        servers=[pair for pair in pairs.servers if _entry(pair[0]) != _entry(pair[1])],
        settings=_settings(old, new),
        steps=(_steps(old.edges, pairs.same), _steps(new.edges, {})),
        evidence=(_evidence(old.edges, pairs.same), _evidence(new.edges, {})),
        assets=assets,
        versions=versions(old) != versions(new),
        contract=digest(old) != digest(new),
        elsewhere=old.host.workspace != new.host.workspace,
    )


def versions(report: Report) -> dict[str, str]:
    """All that decides, beside the machine, what a report says."""
    return {"tool": report.tool.version, "weights": report.weights_version, **report.data_versions}


def digest(report: Report) -> str | None:
    """The contract that it was judged by."""
    return report.contract.digest if report.contract is not None else None


def alive(credential: Credential) -> bool:
    """Whether it has not ended."""
    return credential.state not in ENDED


def places(credential: Credential) -> frozenset[tuple[str, str]]:
    """Where it lies; that processes hold it follows from that."""
    return frozenset(place_of(each) for each in credential.locations if each.process is None)


def replaced(one: Credential, other: Credential) -> bool:
    """Whether another secret stands in its place; fingerprints of different keys do not tell."""
    if one.public_id != other.public_id and one.public_id is not None and other.public_id is not None:
        return True
    return same_key(one, other) and one.fingerprint != other.fingerprint


def same_key(one: Credential, other: Credential) -> bool:
    """Whether both have a fingerprint, made with one key."""
    if one.fingerprint is None or other.fingerprint is None:
        return False
    return one.fingerprint.partition(":")[0] == other.fingerprint.partition(":")[0]


def _entry(server: Server | None) -> object:
    """What of a server's entry counts: not its line, nor how often it was used."""
    if server is None:
        return None
    return (
        *(server.launcher, server.url, server.package, server.pinned, server.enabled, server.folder),
        *(frozenset(server.variables), frozenset(server.headers), frozenset(server.roots)),
        *(frozenset(server.approved), frozenset(server.does)),
    )


def _settings(old: Report, new: Report) -> dict[str, list[SettingChange]]:
    """The settings that have other values, by agent; those that only sum up others where nothing else tells."""
    before, after = _set(old.agents), _set(new.agents)
    titles = {each.id.partition("@")[0]: each.title for each in (*old.agents, *new.agents)}
    agents = {each.id.partition("@")[0] for each in old.agents} & {each.id.partition("@")[0] for each in new.agents}
    found: dict[str, list[SettingChange]] = {}
    for place in sorted(before.keys() | after.keys(), key=repr):
        one, other = before.get(place), after.get(place)
        agent, key, scope, _ = place
        if agent in agents and _values(one) != _values(other):
            told = next(iter(other or one or ()))
            change = SettingChange(agent, titles[agent], key, told.evidence, _shown(one), _shown(other))
            found.setdefault(agent + ("" if scope != IN_FORCE else IN_FORCE), []).append(change)
    for agent in agents:
        summed = found.pop(agent + IN_FORCE, None)
        if summed and agent not in found:
            found[agent] = summed
    return found


def _set(agents: Iterable[Agent]) -> dict[tuple[str, str, str, str | None], list[Setting]]:
    found: dict[tuple[str, str, str, str | None], list[Setting]] = {}
    for agent in agents:
        for each in agent.settings:
            found.setdefault((agent.id.partition("@")[0], each.key, each.scope, each.evidence.path), []).append(each)
    return found


def _values(settings: Sequence[Setting] | None) -> frozenset[str]:
    return frozenset(each.value for each in settings or ())


def _shown(settings: Sequence[Setting] | None) -> str | None:
    return ", ".join(sorted(_values(settings))) if settings else None


def _evidence(edges: Iterable[EdgeInfo], same: Mapping[str, str]) -> dict[Step, list[Location]]:
    """Where it stands that a step can be taken."""
    found: dict[Step, list[Location]] = {}
    for each in edges:
        if each.evidence is not None:
            found.setdefault((same.get(each.source, each.source), each.target), []).append(each.evidence)
    return found


def _steps(edges: Iterable[EdgeInfo], same: Mapping[str, str]) -> dict[Step, frozenset[object]]:
    """What each step of a way comes to, without the line that says so."""
    found: dict[Step, set[object]] = {}
    for each in edges:
        step = (same.get(each.source, each.source), each.target)
        found.setdefault(step, set()).add((each.how, each.gate, each.confidence))
    return {step: frozenset(told) for step, told in found.items()}
