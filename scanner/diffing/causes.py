"""What brought a change about: of all that differs the first that fits, in the order that docs/diff.md gives."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from scanner.diffing.facts import CLIENTS, Facts, SettingChange, Step, alive, places, replaced
from scanner.diffing.looking import Reason, View, place_of_gap
from scanner.diffing.pairs import Pair, either, place_of
from scanner.diffing.ways import Moved
from scanner.diffing.wording import Wording
from scanner.model.difference import Move, Origin
from scanner.model.report import ANY_AGENT, AssetInfo, Credential, Exposure, Finding, Location, Principal, Server, Way
from scanner.model.terms import Confidence, Gate

Thing = TypeVar("Thing")
Key = tuple[Origin, str]
UNLOOKED = frozenset({Move.UNSEEN, Move.SEEN})
OTHERWISE: Key = (Origin.OTHERWISE, "")
ELSEWHERE: Key = (Origin.LOOK, "another workspace")
VERSION: Key = (Origin.VERSION, "")
CONTRACT: Key = (Origin.CONTRACT, "")


class Causes:
    """Finds the cause of each change; what many of them share is found once. `titles` say each in words."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.titles: dict[Key, str] = {}
        self._wording = Wording(facts.pairs)
        self._credentials: dict[str, tuple[Key, Move]] = {}
        self._principals: dict[str, tuple[Key, Move]] = {}
        self._exposures: dict[tuple[object, ...], tuple[Key, Move]] = {}
        self._gates: dict[tuple[object, ...], Key] = {}
        self._steps: dict[tuple[str, ...], Key | None] = {}
        self._versions: dict[str, bool] = {}
        self._kept: dict[str, tuple[list[str], list[str], bool]] = {}
        self._together = self._by_file()
        self._alone = [pair for pair in facts.pairs.credentials if pair[0] is None or pair[1] is None]
        self._standing = {place: pair for pair in self._alone for place in sorted(places(either(pair)))}
        self._in_file = {place[0]: pair for place, pair in self._standing.items()}

    # --- things that stand on one side only, or not as they did

    def of_credential(self, pair: Pair[Credential]) -> tuple[Key, Move]:
        """What brought a credential, took it away, or changed it."""
        known = either(pair).id
        if known not in self._credentials:
            self._credentials[known] = self._of_credential(pair)
        return self._credentials[known]

    def _of_credential(self, pair: Pair[Credential]) -> tuple[Key, Move]:
        one, other = pair
        if one is not None and other is not None:
            if alive(one) is not alive(other):
                key = (Origin.LOGIN, other.id)
                return self._told(key, self._wording.login(other, ended=alive(one))), _way(rises=alive(other))
            key = (Origin.CREDENTIAL, other.id)
            move = Move.ROTATED if replaced(one, other) else Move.CHANGED
            return self._told(key, self._wording.changed(one, other)), move
        thing, view, move = self._side(pair)
        reason = view.of_thing(thing.locations, thing.kind)
        if reason is not None:
            return self._unlooked(reason, move)
        server = next((each for each in self.facts.servers if _in_entry(each, thing, move)), None)
        if server is not None:
            return self.of_server(server)[0], move
        path = thing.locations[0].path if thing.locations else None
        group = self._together.get((move, path or ""), ())
        if len(group) > 1:
            return self._told((Origin.CREDENTIAL, path or ""), self._wording.together(group, path or "", move)), move
        return self._told((Origin.CREDENTIAL, thing.id), self._wording.credential(thing, move)), move

    def of_server(self, pair: Pair[Server]) -> tuple[Key, Move]:
        """What brought an MCP server: as a rule itself."""
        one, other = pair
        if one is not None and other is not None:
            return self._told((Origin.SERVER, other.id), self._wording.server_changed(one, other)), Move.CHANGED
        thing, view, move = self._side(pair)
        reason = view.of_thing([thing.evidence], "mcp.")
        if reason is not None:
            return self._unlooked(reason, move)
        return self._told((Origin.SERVER, thing.id), self._wording.server(thing, move)), move

    def of_principal(self, pair: Pair[Principal]) -> tuple[Key, Move]:
        """What brought an agent: as a rule itself."""
        known = either(pair).id
        if known not in self._principals:
            self._principals[known] = self._of_principal(pair)
        return self._principals[known]

    def _of_principal(self, pair: Pair[Principal]) -> tuple[Key, Move]:
        one, other = pair
        agent = either(pair).agent or either(pair).id
        key = (Origin.AGENT, agent)
        if one is not None and other is not None:
            return self._told(key, self._wording.agent_changed(one, other)), Move.CHANGED
        thing, view, move = self._side(pair)
        reason = view.of_agent(agent, thing.workspace)
        if reason is not None:
            return self._unlooked(reason, move)
        return self._told(key, self._wording.agent(thing, move, known=self._is_known(agent, move))), move

    def of_setting(self, change: SettingChange) -> Key:
        """A setting is its own cause, unless its file could be read at one time only."""
        missing = change.after is None or change.before is None
        view = self.facts.then if change.after is None else self.facts.now
        reason = view.of_thing([change.where]) if missing else None
        if reason is not None:
            return self._unlooked(reason, Move.CAME if change.before is None else Move.WENT)[0]
        return self._told((Origin.SETTING, f"{change.agent} {change.key}"), self._wording.setting(change))

    def of_reason(self, reason: Reason, move: Move) -> Key:
        """That nobody looked."""
        return self._unlooked(reason, move)[0]

    def of_place(self, view: View, locations: Iterable[Location], move: Move) -> tuple[Key, Move] | None:
        """Why something at these places may be there at the other time too, None where it is not."""
        reason = view.of_thing(locations)
        return self._unlooked(reason, move) if reason is not None else None

    def own(self, key: Key, title: str) -> Key:
        """A cause that a change is by itself."""
        return self._told(key, title)

    def rest(self) -> Key:
        """What no other cause explains: another version, where it is one."""
        if self.facts.versions:
            return self._told(VERSION, self._wording.version())
        if self.facts.elsewhere:
            return self._told(ELSEWHERE, self._wording.elsewhere())
        return self._told(OTHERWISE, "Otherwise")

    def contract(self) -> Key:
        """That it was judged by another contract."""
        return self._told(CONTRACT, self._wording.contract())

    # --- ways

    def decided_by(self, old: Exposure | None, new: Exposure | None) -> tuple[object, ...]:
        """All of an exposure that decides its causes, beside its ways: equal for exposures that move alike."""
        if old is None or new is None:
            return self._of_exposure(either((old, new)), Move.CAME if old is None else Move.WENT)
        known = self.facts.pairs.same.get(old.credential, old.credential)
        asset = old.asset if old.environment is not new.environment else ""
        sure = (old.environment, new.environment, old.confidence, new.confidence)
        return (known, asset, *sure, self._of_steps(new))

    def of_way(self, moved: Moved) -> tuple[Key, Move]:
        """What moved one principal's way."""
        if moved.old is None or moved.new is None:
            return self._of_exposure(moved.exposure, moved.move)
        if moved.before is None or moved.after is None:
            pair = self.facts.principals.get(moved.principal)
            if pair is not None and (pair[0] is None or pair[1] is None):
                return self.of_principal(pair)
            return self.rest(), moved.move
        credential = self._credential(moved.exposure)
        if credential is not None and _has_ended(credential):
            return self.of_credential(credential)[0], moved.move
        return self._of_factors(moved, moved.old, moved.new), moved.move

    def _of_exposure(self, exposure: Exposure, move: Move) -> tuple[Key, Move]:
        """What brought an exposure, or took it away: its credential, or what that may do."""
        alike = (exposure.credential, exposure.path, exposure.confidence, move)
        if alike not in self._exposures:
            self._exposures[alike] = self._brought(exposure, move)
        return self._exposures[alike]

    def _brought(self, exposure: Exposure, move: Move) -> tuple[Key, Move]:
        credential = self._credential(exposure)
        if credential is None:
            return self.rest(), move
        one, other = credential
        if one is None or other is None:
            return self.of_credential(credential)
        if replaced(one, other) or one.identity != other.identity:
            return self.of_credential(credential)[0], move
        view = self.facts.then if move is Move.WENT else self.facts.now
        reason = view.asks_less()
        if reason is not None and exposure.confidence is Confidence.VERIFIED:
            return self._unlooked(reason, move)
        path = [self.facts.pairs.same.get(each, each) for each in exposure.path]
        edges = self.facts.evidence[0 if move is Move.WENT else 1]
        where = [place for step in pairwise(path) if _is_new(self.facts, step) for place in edges.get(step, ())]
        unlooked = self.of_place(view, where, move)
        return unlooked if unlooked is not None else (self._of_steps(exposure) or self.rest(), move)

    def _of_factors(self, moved: Moved, old: Exposure, new: Exposure) -> Key:
        """What moved a way that was there before: its gate, what its asset is for, or how sure it is."""
        before, after = moved.before, moved.after
        if (
            before is not None
            and after is not None
            and (before.effective, before.gate) != (after.effective, after.gate)
        ):
            return self._of_gate(moved, before, after, new)
        if old.environment is not new.environment:
            return self.of_asset(new.asset)
        reason = self.facts.then.asks_less() if moved.move is Move.FELL else self.facts.now.asks_less()
        if reason is not None:
            return self._unlooked(reason, Move.WENT if moved.move is Move.FELL else Move.CAME)[0]
        return self._of_steps(new) or self.rest()

    def of_asset(self, asset: str) -> Key:
        """What an asset is for: a label or a name, or other data of ours."""
        pair = self.facts.assets.get(asset, (None, None))
        one, other = pair
        if one is None or other is None or one.environment is other.environment:
            return self.rest()
        own = "your " in (one.environment_rule[:5], other.environment_rule[:5])
        if self.facts.versions and not own:
            return self.rest()
        key = (Origin.ASSET, f"{other.environment_rule}: {one.environment} {other.environment}")
        return self._told(key, self._wording.environment(one, other, self._alike(one, other)))

    def _alike(self, one: AssetInfo, other: AssetInfo) -> int:
        """How many assets are known otherwise by the same rule."""
        told = (one.environment, other.environment, other.environment_rule)
        return sum(
            (was.environment, now.environment, now.environment_rule) == told
            for was, now in self.facts.assets.values()
            if was is not None and now is not None
        )

    def _of_steps(self, exposure: Exposure) -> Key | None:
        """The first step of its path that is not what it was, by whose it is."""
        if exposure.path not in self._steps:
            same = self.facts.pairs.same
            self._steps[exposure.path] = self._changed_step([same.get(each, each) for each in exposure.path])
        return self._steps[exposure.path]

    def _changed_step(self, path: Sequence[str]) -> Key | None:
        before, after = self.facts.steps
        for step in pairwise(path):
            if before.get(step) != after.get(step):
                return self._told((Origin.RIGHTS, step[0]), self._wording.rights(step[0]))
        return None

    def _of_gate(self, moved: Moved, before: Way, after: Way, exposure: Exposure) -> Key:
        credential = self._credential(exposure)
        if credential is not None:
            key = self._of_changed_credential(credential, before, after)
            if key is not None:
                return key
        known = (moved.principal, moved.move, before.rule, before.channel, after.rule, after.channel)
        if moved.principal == ANY_AGENT:
            return self._of_steps(exposure) or self.rest()
        if known not in self._gates:
            self._gates[known] = self._of_agent(moved, before, after) or self._of_steps(exposure) or self.rest()
        return self._gates[known]

    def _of_changed_credential(self, pair: Pair[Credential], before: Way, after: Way) -> Key | None:
        """The credential, where it is kept otherwise, or lies in a new place by which the agent gets to it."""
        one, other = pair
        if one is None or other is None:
            return None
        gained, lost, otherwise = self._kept_otherwise(one, other)
        if otherwise or any(each in after.channel for each in gained) or any(each in before.channel for each in lost):
            return self.of_credential(pair)[0]
        return None

    def _kept_otherwise(self, one: Credential, other: Credential) -> tuple[list[str], list[str], bool]:
        """Where a credential lies now and did not, where it lay and does not, and whether more of it is other."""
        if other.id not in self._kept:
            before, after = places(one), places(other)
            otherwise = one.protection is not other.protection or replaced(one, other)
            lists = [sorted({place for place, _ in each}) for each in (after - before, before - after)]
            self._kept[other.id] = (lists[0], lists[1], otherwise)
        return self._kept[other.id]

    def _of_agent(self, moved: Moved, before: Way, after: Way) -> Key | None:
        """What of an agent's own moved its gate: a server, its settings, or the agent itself."""
        pair = self.facts.principals.get(moved.principal)
        if pair is None or pair[0] is None or pair[1] is None:
            return None
        agent = pair[1].agent or pair[1].id
        server = next((each for each in self.facts.servers if _serves(each, agent, before, after)), None)
        if server is not None:
            return self.of_server(server)[0]
        if pair[0].notional is not pair[1].notional:
            return self.of_principal(pair)[0]
        rules = (after.rule, before.rule) if moved.move is Move.ROSE else (before.rule, after.rule)
        changes = self.facts.settings.get(agent, ())
        change = _deciding(changes, rules)
        if change is not None:
            return self.of_setting(change)
        if changes:
            return self._told((Origin.SETTING, agent), self._wording.settings(changes))
        if Gate.UNKNOWN in (before.gate, after.gate):
            return self._unread(moved)
        if pair[0].mode != pair[1].mode or self._other_version(agent):
            return self.of_principal(pair)[0]
        return None

    def _unread(self, moved: Moved) -> Key | None:
        """A place of which the settings of an agent could be read at one time only."""
        view = self.facts.then if moved.move is Move.ROSE else self.facts.now
        gaps = [gap for gap in view.other.gaps if gap.probe == "agents" and place_of_gap(gap) in view.places]
        if not gaps:
            return None
        move = Move.WENT if view is self.facts.then else Move.CAME
        return self._unlooked(Reason(Origin.PLACE, place_of_gap(gaps[0]), gaps[0].why), move)[0]

    def _other_version(self, agent: str) -> bool:
        if agent not in self._versions:
            mine, theirs = (
                {each.version for each in report.agents if each.id.partition("@")[0] == agent}
                for report in (self.facts.pairs.old, self.facts.pairs.new)
            )
            self._versions[agent] = mine != theirs
        return self._versions[agent]

    # --- findings, by what they rest on

    def of_weakness(self, finding: Finding, move: Move) -> tuple[Key, Move]:
        """What brought a weakness: what stands in its place, or a place that nobody looked at; else itself."""
        view = self.facts.then if move is Move.WENT else self.facts.now
        at = self.at(finding.evidence) or self._named(finding)
        if at is not None:
            return at[0], at[1] if at[1] in UNLOOKED else move
        unlooked = self.of_place(view, [finding.evidence], move)
        if unlooked is not None:
            return unlooked
        changes = next((each for each in self.facts.settings.values() if _is_named(each[0], finding)), None)
        if changes is not None:
            return self.of_setting(changes[0]), move
        principal = next((each for each in self.facts.principals.values() if _is_about(each, finding)), None)
        if principal is not None:
            return self.of_principal(principal)[0], move
        return self._told((Origin.WEAKNESS, finding.rule), self._wording.weakness(finding, move)), move

    def _named(self, finding: Finding) -> tuple[Key, Move] | None:
        """A credential that came or went, and whose file a weakness names."""
        named = next((pair for path, pair in self._in_file.items() if path and path in finding.why), None)
        return self.of_credential(named) if named is not None else None

    def at(self, where: Location) -> tuple[Key, Move] | None:
        """The cause that stands in a place: a server's entry, a setting, a credential that came or went."""
        for pair in self.facts.servers:
            if place_of(either(pair).evidence) == place_of(where):
                return self.of_server(pair)
        for changes in self.facts.settings.values():
            for each in changes:
                if each.where.path == where.path and (where.key is None or where.key in (each.key, each.where.key)):
                    return self.of_setting(each), Move.CHANGED
        one = self._standing.get(place_of(where))
        if one is None and where.key is None:
            one = self._in_file.get(where.path or "")
        return self.of_credential(one) if one is not None else None

    # ---

    def _side(self, pair: Pair[Thing]) -> tuple[Thing, View, Move]:
        """What stands on one side only, what tells whether the other looked for it, and how it moved."""
        one, other = pair
        if one is not None and other is None:
            return one, self.facts.then, Move.WENT
        return either(pair), self.facts.now, Move.CAME

    def _told(self, key: Key, title: str) -> Key:
        self.titles.setdefault(key, title)
        return key

    def _unlooked(self, reason: Reason, move: Move) -> tuple[Key, Move]:
        """What nobody looked at: this time, or before."""
        now = move is Move.WENT
        key = (reason.origin, f"{'now' if now else 'before'} {reason.subject}")
        return self._told(key, self._wording.unlooked(reason, now=now)), Move.UNSEEN if now else Move.SEEN

    def _credential(self, exposure: Exposure) -> Pair[Credential] | None:
        known = self.facts.pairs.same.get(exposure.credential, exposure.credential)
        return self.facts.credentials.get(known)

    def _is_known(self, agent: str, move: Move) -> bool:
        """Whether the agent is there in other folders at the time when this one is not."""
        report = self.facts.pairs.old if move is Move.CAME else self.facts.pairs.new
        return any(each.agent == agent for each in report.principals)

    def _by_file(self) -> Mapping[tuple[Move, str], list[Credential]]:
        """The credentials that came or went with a file."""
        found: dict[tuple[Move, str], list[Credential]] = {}
        for pair in self.facts.pairs.credentials:
            if pair[0] is None or pair[1] is None:
                thing, _, move = self._side(pair)
                path = thing.locations[0].path if thing.locations else None
                if path is not None:
                    found.setdefault((move, path), []).append(thing)
        return found


def _way(*, rises: bool) -> Move:
    return Move.ROSE if rises else Move.FELL


def _has_ended(pair: Pair[Credential]) -> bool:
    """Whether it ended, or was renewed."""
    one, other = pair
    return one is not None and other is not None and alive(one) is not alive(other)


def _in_entry(pair: Pair[Server], credential: Credential, move: Move) -> bool:
    """Whether a credential stands in the entry of a server that came, or went, with it."""
    server = pair[1] if move is Move.CAME else pair[0]
    if server is None or (pair[0] is not None and pair[1] is not None):
        return False
    entry, key = server.evidence.path, server.evidence.key or ""
    first = credential.locations[0] if credential.locations else None
    return first is not None and first.path == entry and (first.key or "").startswith(key)


def _serves(pair: Pair[Server], agent: str, before: Way, after: Way) -> bool:
    """Whether an agent gets there by a server that came, went or changed."""
    server = either(pair)
    if server.client != CLIENTS.get(agent, agent):
        return False
    named = (f"calls {server.name}", f" of {server.name}", f"MCP server {server.name}")
    told = [way.channel for way, there in ((before, pair[0]), (after, pair[1])) if there is not None]
    return any(name in channel for channel in told for name in named)


def _is_new(facts: Facts, step: Step) -> bool:
    return facts.steps[0].get(step) != facts.steps[1].get(step)


def _is_named(change: SettingChange, finding: Finding) -> bool:
    """Whether a finding is about the agent of a setting."""
    return finding.title.startswith(f"{change.title} ")


def _is_about(pair: Pair[Principal], finding: Finding) -> bool:
    """Whether an agent that came or went has the file of a finding, or its name."""
    principal = either(pair)
    return (pair[0] is None or pair[1] is None) and finding.title.startswith(f"{principal.title} ")


def _deciding(changes: Sequence[SettingChange], rules: Sequence[str]) -> SettingChange | None:
    """The setting that a rule names, else the only one of its file that changed."""
    for rule in rules:
        named = next((each for each in changes if each.key in rule), None)
        if named is not None:
            return named
    for rule in rules:
        there = [each for each in changes if each.where.path is not None and each.where.path in rule]
        if len(there) == 1:
            return there[0]
    return changes[0] if len(changes) == 1 else None
