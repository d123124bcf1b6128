"""What moved, gathered under its causes: rows of ways, other changes, their numbers, their order and their mends."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct, field

from scanner.data.gates import gates
from scanner.diffing.causes import Causes, Key
from scanner.diffing.pairs import CONTRACT
from scanner.diffing.ways import Moved, level
from scanner.model.difference import Cause, Change, Move, Origin, State, Subject, Tally, WayChange
from scanner.model.report import ANY_AGENT, Credential, Exposure, Finding, FixInfo, Report, Way
from scanner.model.terms import Environment

UP = frozenset({Move.CAME, Move.ROSE})
DOWN = frozenset({Move.WENT, Move.FELL})
ALARMING = frozenset({Subject.AGENT, Subject.SERVER, Subject.ITEM, Subject.WEAKNESS, Subject.VERDICT, Subject.CLAUSE})
IDS = 3
GAPS = 3  # places of one reason from which on they share a cause


class Row(Struct):
    """One exposure that moved by one cause, and whose ways did; the best way of an agent is told."""

    key: Key
    move: Move
    first: Moved
    principals: list[str] = field(default_factory=list)
    best: Moved | None = None
    rank: tuple[bool, float] = (False, -1.0)
    unasked: bool = False

    def add(self, moved: Moved) -> None:
        """One more principal."""
        self.principals.append(moved.principal)
        agent = moved.principal != ANY_AGENT
        way = moved.after if moved.after is not None else moved.before
        rank = (agent, level(1.0, way)[0])
        if rank > self.rank:
            self.best, self.rank = moved, rank
        self.unasked = self.unasked or (agent and _passable(moved.after) and not _passable(moved.before))

    @property
    def exposure(self) -> Exposure:
        """The exposure as the newer report has it, or as it was."""
        return self.first.exposure


def gathered(moved: Iterable[Moved], causes: Causes) -> list[Row]:
    """The ways by exposure, cause and move."""
    rows: dict[tuple[str, Key, Move], Row] = {}
    for each in moved:
        key, move = causes.of_way(each)
        place = (each.exposure.id, key, move)
        row = rows.get(place)
        if row is None:
            rows[place] = row = Row(key, move, each)
        row.add(each)
    return list(rows.values())


class Told(Struct, frozen=True):
    """What causes are told with: their titles, the reports, and what breaks the contract now, by exposure."""

    causes: Causes
    old: Report
    new: Report
    beyond: Mapping[str, Finding]

    def all(self, rows: Sequence[Row], changes: Sequence[tuple[Key, Change]]) -> list[Cause]:
        """Every cause, worst first."""
        names = _named_assets(self.old) | _named_assets(self.new)
        own: dict[Key, list[Row]] = {}
        other: dict[Key, list[Change]] = {}
        for row in rows:
            own.setdefault(row.key, []).append(row)
        for key, change in changes:
            other.setdefault(key, []).append(change)
        found = [
            self._cause(key, sorted(own.get(key, ()), key=_gravity), other.get(key, []), names)
            for key in dict.fromkeys([*own, *other])
        ]
        return sorted(_joined(found), key=_order)

    def _cause(self, key: Key, rows: Sequence[Row], changes: Sequence[Change], names: Mapping[str, str]) -> Cause:
        worst = rows[0] if rows else None
        rises = any(row.move in UP for row in rows) or any(_alarms(each) for each in changes)
        return Cause(
            origin=key[0],
            subject=key[1],
            title=self.causes.titles[key],
            tally=_tally(rows, changes),
            worst=worst.exposure.id if worst is not None else None,
            explain=self._ids(rows, changes),
            mend=self._mend(rows, changes) if rises else None,
            changes=tuple(changes),
            ways=tuple(self._way(row, names) for row in rows),
        )

    def _way(self, row: Row, names: Mapping[str, str]) -> WayChange:
        exposure, best = row.exposure, row.best if row.best is not None else row.first
        return WayChange(
            move=row.move,
            exposure=exposure.id,
            class_=exposure.class_,
            asset=names.get(exposure.asset, exposure.asset),
            credential=exposure.credential,
            severity=exposure.severity,
            environment=exposure.environment,
            principals=tuple(row.principals),
            before=_state(best.old, best.before),
            after=_state(best.new, best.after),
            beyond=best.new is not None and exposure.id in self.beyond,
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
        setting = next((each for each in changes if each.subject is Subject.SETTING), None)
        finding = self._finding(rows, changes)
        if finding is not None and (setting is None or (finding.credential is None and CONTRACT in finding.tags)):
            return finding.fix
        if setting is not None:
            back = f"back to {setting.before}" if setting.before else "as it was, not set"
            return FixInfo(f"Put {setting.title.rpartition(': ')[2]} {back} in {setting.where}.")
        server = next((each for each in changes if each.subject is Subject.SERVER), None)
        if server is not None and finding is None:
            return FixInfo(f"Take {server.title} out of {server.where} unless the work needs it.")
        known = {each.id: each for each in self.new.credentials}
        credential = next((known[row.exposure.credential] for row in rows if row.exposure.credential in known), None)
        return _of_credential(credential)


def _of_credential(credential: Credential | None) -> FixInfo | None:
    if credential is None:
        return None
    if credential.mend is not None:
        return credential.mend
    return FixInfo(credential.narrow) if credential.narrow else None


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
    return State(way.gate, exposure.environment, exposure.confidence)


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
        not row.unasked,
        -max((way.score for way in exposure.ways.values()), default=0.0),
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
        unasked=sum(row.unasked for row in rows if row.move in UP),
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
