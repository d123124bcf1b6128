"""What moved, gathered under its causes: rows of ways, other changes, their numbers, their order and their mends."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.data.gates import gates
from scanner.diffing.causes import Causes, Key
from scanner.diffing.pairs import CONTRACT, Pairs
from scanner.diffing.ways import NOTHING, Level, Met, Moved, level, met, moved
from scanner.model.difference import Apart, Cause, Change, Move, Origin, State, Subject, Tally, WayChange
from scanner.model.report import ANY_AGENT, Credential, Exposure, Finding, FixInfo, Report, Way
from scanner.model.terms import Environment, Gate

UP = frozenset({Move.CAME, Move.ROSE})
DOWN = frozenset({Move.WENT, Move.FELL})
ALARMING = frozenset({Subject.AGENT, Subject.SERVER, Subject.ITEM, Subject.WEAKNESS, Subject.VERDICT, Subject.CLAUSE})
IDS = 3
GAPS = 3  # places of one reason from which on they share a cause


Gates = tuple[Gate | None, Gate | None]  # before and now; None where there is no way


class Group(Struct):
    """The principals whose ways to one exposure moved alike, by one cause; the best way of an agent is told.

    They stand by the gates that they passed and pass.
    """

    principals: dict[Gates, list[str]] = field(default_factory=dict)
    best: str = ""
    gates: Gates = (None, None)  # those of the best
    rank: tuple[bool, Level] = (False, NOTHING)
    unasked: bool = False

    def add(self, moved: Moved) -> None:
        """One more principal."""
        passed = (moved.before.gate if moved.before else None, moved.after.gate if moved.after else None)
        self.principals.setdefault(passed, []).append(moved.principal)
        agent = moved.principal != ANY_AGENT
        rank = (agent, level(1.0, moved.after if moved.after is not None else moved.before))
        if not self.best or rank > self.rank:
            self.best, self.rank, self.gates = moved.principal, rank, passed
        self.unasked = self.unasked or (agent and _passable(moved.after) and not _passable(moved.before))


class Alike(Struct, frozen=True):
    """How exposures moved whose ways are alike: by which cause, whose ways, and `best` of all whose, before and now."""

    key: Key
    move: Move
    principals: tuple[str, ...]
    best: tuple[str, str]
    unasked: bool
    alike: tuple[str, ...]  # those of the principals that pass the gates of the best, and any process
    apart: tuple[Apart, ...]  # the others


class Row(Struct, frozen=True):
    """One exposure that moved by one cause, and how."""

    met: Met
    exposure: Exposure
    how: Alike

    @property
    def key(self) -> Key:
        """The cause."""
        return self.how.key

    @property
    def move(self) -> Move:
        """What became of it."""
        return self.how.move

    @property
    def before(self) -> Way | None:
        """The best way of those that moved, as it was."""
        return self.met.old.ways.get(self.how.best[0]) if self.met.old is not None else None

    @property
    def after(self) -> Way | None:
        """The same now."""
        return self.met.new.ways.get(self.how.best[1]) if self.met.new is not None else None


def gathered(pairs: Pairs, causes: Causes) -> list[Row]:
    """The exposures that moved, by cause and move; those whose ways are alike are judged once."""
    known: dict[tuple[object, ...], list[Alike]] = {}
    found: list[Row] = []
    for each in met(pairs):
        exposure = each.exposure
        # Channels tell apart what rules of a class open; what came or went whole has one cause for all.
        both = each.old is not None and each.new is not None
        channels = [way.channel for way in exposure.ways.values()] if both else ()
        alike = (each.dead, _ways(each.old), _ways(each.new), *channels, causes.decided_by(each.old, each.new))
        hows = known.get(alike)  # looked up once: what is looked up is long
        if hows is None:
            hows = known[alike] = _judged(each, pairs, causes)
        found += [Row(each, exposure, how) for how in hows]
    return found


def _ways(exposure: Exposure | None) -> tuple[object, ...]:
    """What of an exposure's ways can move them."""
    if exposure is None:
        return ()
    ways = exposure.ways.values()
    gates = [way.gate for way in ways]
    stand_ins = [way.stands_for for way in ways] if Gate.UNKNOWN in gates else ()
    return (*exposure.ways, *gates, *stand_ins)


def _judged(each: Met, pairs: Pairs, causes: Causes) -> list[Alike]:
    groups: dict[tuple[Key, Move], Group] = {}
    called = {other: one for one, other in pairs.named.items()}
    for one in moved(each, pairs.named):
        groups.setdefault(causes.of_way(one), Group()).add(one)
    return [_told(*how, group, called) for how, group in groups.items()]


def _told(key: Key, move: Move, group: Group, called: Mapping[str, str]) -> Alike:
    everyone, apart = tuple(chain(*group.principals.values())), tuple(_apart(group))
    others = {name for each in apart for name in each.principals}
    return Alike(
        key=key,
        move=move,
        principals=everyone,
        best=(called.get(group.best, group.best), group.best),
        unasked=group.unasked,
        alike=tuple(name for name in everyone if name not in others),
        apart=apart,
    )


def _apart(group: Group) -> Iterator[Apart]:
    """The principals of a group that pass other gates than the one that is told."""
    for gates_, names in group.principals.items():
        agents = tuple(name for name in names if name != ANY_AGENT)
        if gates_ != group.gates and agents:
            yield Apart(agents, *gates_)


class Told(Struct, frozen=True):
    """What causes are told with: their titles, the reports, and what breaks the contract now, by exposure."""

    causes: Causes
    old: Report
    new: Report
    beyond: Mapping[str, Finding]
    judged: frozenset[str]
    folders: Mapping[str, frozenset[str]]
    known: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def folded(self, principals: tuple[str, ...]) -> tuple[str, ...]:
        """The principals, an agent's id for all its folders where all of them are meant."""
        if principals not in self.known:
            rest, meant = dict.fromkeys(principals), frozenset(principals)
            for agent, folders in self.folders.items():
                if folders <= meant:
                    rest = dict.fromkeys(agent if each in folders else each for each in rest)
            self.known[principals] = tuple(rest)
        return self.known[principals]

    def all(self, rows: Sequence[Row], changes: Sequence[tuple[Key, Change]]) -> list[Cause]:
        """Every cause, worst first."""
        names = _named_assets(self.old) | _named_assets(self.new)
        own: dict[Key, list[Row]] = {}
        other: dict[Key, list[Change]] = {}
        for row in rows:
            own.setdefault(row.key, []).append(row)
        deciding = {key[1].partition(" ")[0]: key for key in own if key[0] is Origin.SETTING}
        for key, change in changes:
            settled = deciding.get(key[1].partition(" ")[0]) if key[0] is Origin.SETTING and key not in own else None
            other.setdefault(settled or key, []).append(change)
        found = [
            self._cause(
                key, sorted(own.get(key, ()), key=_gravity), sorted(other.get(key, ()), key=_itself(key)), names
            )
            for key in dict.fromkeys([*own, *other])
        ]
        return sorted(_joined(found), key=_order)

    def _cause(self, key: Key, rows: Sequence[Row], changes: Sequence[Change], names: Mapping[str, str]) -> Cause:
        worst = rows[0] if rows else None
        changes = sorted(changes, key=_itself(key))
        rises = any(row.move in UP for row in rows) or any(_alarms(each) for each in changes)
        return Cause(
            origin=key[0],
            subject=key[1],
            title=self.causes.titles[key],
            tally=_tally(rows, changes),
            worst=worst.exposure.id if worst is not None else None,
            explain=self._ids(rows, changes),
            mend=_unread(key) or self._mend(rows, changes) if rises else None,
            changes=tuple(changes),
            ways=tuple(self._way(row, names) for row in rows),
        )

    def _way(self, row: Row, names: Mapping[str, str]) -> WayChange:
        exposure = row.exposure
        apart = tuple(replace(each, principals=self.folded(each.principals)) for each in row.how.apart)
        return WayChange(
            move=row.move,
            exposure=exposure.id,
            class_=exposure.class_,
            asset=names.get(exposure.asset, exposure.asset),
            credential=exposure.credential,
            severity=exposure.severity,
            environment=exposure.environment,
            principals=(*self.folded(row.how.alike), *(name for each in apart for name in each.principals)),
            before=_state(row.met.old, row.before),
            after=_state(row.met.new, row.after),
            beyond=exposure.id in self.beyond and not self.judged.isdisjoint(row.how.principals),
            apart=apart,
        )

    def _ids(self, rows: Sequence[Row], changes: Sequence[Change]) -> tuple[str, ...]:
        """What to ask about: the item, the worst exposure, the credential or the agent."""
        item = self._finding(rows, changes)
        found = [each.id for each in changes if each.subject is Subject.SETTING]
        found += [item.id] if item is not None else []
        found += [rows[0].exposure.id, rows[0].exposure.credential] if rows else []
        asked = (Subject.CREDENTIAL, Subject.ITEM, Subject.WEAKNESS, Subject.ASSET)
        found += [each.id for each in changes if each.subject in asked and each.id]
        return tuple(dict.fromkeys(found))[:IDS]

    def _finding(self, rows: Sequence[Row], changes: Sequence[Change]) -> Finding | None:
        """The item of the contract that the worst of it belongs to, an agent's own before a credential's."""
        ids = {each.id for each in changes if each.subject in (Subject.ITEM, Subject.WEAKNESS)}
        named = [each for each in self.new.findings if each.id in ids and each.waived is None]
        own = [each for each in named if each.credential is None and CONTRACT in each.tags]
        rests = (self.beyond[row.exposure.id] for row in rows if row.move in UP and row.exposure.id in self.beyond)
        return next(iter((*own, *rests, *named)), None)

    def _mend(self, rows: Sequence[Row], changes: Sequence[Change]) -> FixInfo | None:
        """How what came or rose is taken back: as the finding says, the credential, or as it was before."""
        settings = [each for each in changes if each.subject is Subject.SETTING]
        finding = self._finding(rows, changes)
        if finding is not None and (not settings or (finding.credential is None and CONTRACT in finding.tags)):
            return finding.fix
        if settings:
            return _undone(settings[0])
        server = next((each for each in changes if each.subject is Subject.SERVER), None)
        if server is not None and finding is None:
            return FixInfo(f"Take {server.title} out of {server.where} unless the work needs it.")
        known = {each.id: each for each in self.new.credentials}
        credential = next((known[row.exposure.credential] for row in rows if row.exposure.credential in known), None)
        return _of_credential(credential)


def _unread(key: Key) -> FixInfo | None:
    """What to do about a place that cannot be read any more; None for any other cause."""
    now, _, place = key[1].partition(" ")
    if key[0] is not Origin.PLACE or now != "now":
        return None
    return FixInfo(f"{place} cannot be read any more: see that it can be, and look again.")


def _undone(setting: Change) -> FixInfo:
    """How a setting is put back; what is only told as a number is looked over."""
    key, where = setting.title.rpartition(": ")[2], setting.where
    if setting.after.endswith(("entry", "entries")):
        return FixInfo(f"Look over {key} in {where}, and take out what the work does not need.")
    back = f"back to {setting.before}" if setting.before else "as it was, not set"
    return FixInfo(f"Put {key} {back} in {where}.")


def _of_credential(credential: Credential | None) -> FixInfo | None:
    if credential is None:
        return None
    if credential.mend is not None:
        return credential.mend
    return FixInfo(credential.narrow) if credential.narrow else None


def _itself(key: Key) -> Callable[[Change], bool]:
    """The change that is the cause itself goes first; the others stay in their order."""
    return lambda change: change.id not in key[1] or change.title.rpartition(": ")[2] not in key[1]


def folders(reports: Iterable[Report]) -> dict[str, frozenset[str]]:
    """The principals of each agent that is judged in several folders."""
    found: dict[str, set[str]] = {}
    for report in reports:
        for each in report.principals:
            if each.agent is not None:
                found.setdefault(each.agent, set()).add(each.id)
    return {agent: frozenset(ids) for agent, ids in found.items() if len(ids) > 1 and agent not in ids}


def breaking(report: Report) -> dict[str, Finding]:
    """The items of the contract that count, by the exposures that they rest on."""
    return {
        exposure: each
        for each in report.findings
        if CONTRACT in each.tags and each.waived is None
        for exposure in each.exposures
    }


def _state(exposure: Exposure | None, way: Way | None) -> State | None:
    if exposure is None or way is None:
        return None
    return State(way.gate, exposure.environment, exposure.confidence, way.rule)


def _passable(way: Way | None) -> bool:
    return way is not None and gates()[way.effective].passable


def _named_assets(report: Report) -> dict[str, str]:
    return {each.id: f"{each.kind}:{each.name}" for each in report.assets}


def _gravity(row: Row) -> tuple[bool, int, bool, bool, float, str]:
    exposure = row.exposure
    production = exposure.environment is Environment.PRODUCTION
    return (
        row.move not in UP,
        -exposure.severity.rank,
        not production,
        not row.how.unasked,
        -max(way.score if way is not None else 0.0 for way in (row.before, row.after)),
        exposure.id,
    )


def _tally(rows: Sequence[Row], changes: Sequence[Change]) -> Tally:
    moves = [row.move for row in rows]
    there = [row.move for row in rows if row.exposure.environment is Environment.PRODUCTION]
    items = [each.move for each in changes if each.subject is Subject.ITEM]
    return Tally(
        came=moves.count(Move.CAME),
        went=moves.count(Move.WENT),
        rose=moves.count(Move.ROSE),
        fell=moves.count(Move.FELL),
        unseen=moves.count(Move.UNSEEN),
        seen=moves.count(Move.SEEN),
        production=sum(each in UP for each in there),
        production_left=sum(each in DOWN for each in there),
        unasked=sum(row.how.unasked for row in rows if row.move in UP),
        items_came=items.count(Move.CAME) + items.count(Move.SEEN),
        items_went=items.count(Move.WENT) + items.count(Move.UNSEEN),
    )


def _alarms(change: Change) -> bool:
    """Whether a change is for the worse by itself."""
    return change.subject in ALARMING and change.move in UP


def rises(cause: Cause) -> bool:
    """Whether something came or rose by it."""
    return bool(cause.tally.came + cause.tally.rose) or any(_alarms(each) for each in cause.changes)


def _order(cause: Cause) -> tuple[bool, bool, int, int, int, int, int, str]:
    worst = cause.ways[0] if cause.ways else None
    tally = cause.tally
    return (
        not rises(cause),
        not any(each.beyond for each in cause.ways) and not tally.items_came,
        -(worst.severity.rank if worst is not None else -1),
        -tally.production,
        -tally.unasked,
        -tally.ways,
        list(Origin).index(cause.origin),
        cause.subject,
    )


def _joined(found: Sequence[Cause]) -> list[Cause]:
    """The causes, places without more to say of them told as one where there are many of a kind."""
    alone = [each for each in found if each.origin is Origin.PLACE and not each.ways and _only_gaps(each)]
    groups: dict[tuple[str, str], list[Cause]] = {}
    for each in alone:
        groups.setdefault((each.subject.partition(" ")[0], each.changes[0].why), []).append(each)
    many = {id(each): group for group in groups.values() if len(group) > GAPS for each in group}
    rest = [each for each in found if id(each) not in many]
    return rest + [_one(group) for group in groups.values() if len(group) > GAPS]


def _only_gaps(cause: Cause) -> bool:
    return all(each.subject is Subject.GAP for each in cause.changes)


def _one(group: Sequence[Cause]) -> Cause:
    first = group[0]
    _, _, rest = first.title.partition(" could ")
    return Cause(
        first.origin,
        f"{first.subject} and others",
        f"{len(group)} places could {rest}",
        changes=tuple(change for each in group for change in each.changes),
    )
