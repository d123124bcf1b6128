"""Everything but ways that changed, each with its cause: credentials, agents, servers, findings, clauses, answers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from scanner.data.verdicts import questions
from scanner.diffing import pairs as side_by_side
from scanner.diffing.bundles import UP, Row
from scanner.diffing.causes import UNLOOKED, Causes, Key
from scanner.diffing.facts import Facts, alive, digest, places, replaced
from scanner.diffing.looking import Reason, place_of_gap
from scanner.diffing.pairs import CONTRACT, either
from scanner.diffing.wording import called, place
from scanner.model.difference import Change, Move, Origin, Subject
from scanner.model.report import Clause, Credential, Finding, GapInfo, Location, Principal, Verdict

Thing = TypeVar("Thing")
GRAVITY = {"none found": 0, "undecided": 1, "if approved": 2, "likely": 3, "yes": 4}  # mildest first
STATES = {"pass": 0, "unknown": 1, "fail": 2}
Found = tuple[Key, Change]
Rows = Mapping[str, Sequence[Row]]  # what moved, by the id of the exposure in either report


class Things(Struct, frozen=True):
    """What is looked through, the causes, and those of the ways that moved."""

    facts: Facts
    causes: Causes
    rows: Rows

    def all(self) -> Iterator[Found]:
        """Every change, with its cause."""
        yield from self._credentials()
        yield from self._principals()
        yield from self._servers()
        yield from self._settings()
        yield from self._assets()
        items: dict[str, tuple[Key, Move]] = {}
        for key, change in self._findings():
            items[change.id] = (key, change.move)
            yield key, change
        yield from self._clauses(items)
        yield from self._verdicts()
        yield from self._guardrails()
        yield from self._waivers()
        yield from self._gaps()
        yield from self._made()

    def _credentials(self) -> Iterator[Found]:
        for pair in self.facts.pairs.credentials:
            one, other = pair
            if one is not None and other is not None and not _differs(one, other):
                continue
            key, move = self.causes.of_credential(pair)
            told = either(pair)
            where = place(told.locations[0]) if told.locations else ""
            before, after = (_kept(each) for each in pair) if one is not None and other is not None else ("", "")
            yield key, Change(Subject.CREDENTIAL, move, told.id, called(told), before, after, where)

    def _principals(self) -> Iterator[Found]:
        for pair in self.facts.pairs.principals:
            one, other = pair
            if one is None or other is None:
                key, move = self.causes.of_principal(pair)
                told = either(pair)
                yield key, Change(Subject.AGENT, move, told.id, told.title, where=told.workspace or "")
            elif one.autonomy is not other.autonomy or one.notional is not other.notional:
                yield self._otherwise_acting(one, other)

    def _otherwise_acting(self, one: Principal, other: Principal) -> Found:
        """An agent that asks more, or less: by its settings where one of them changed."""
        changes = self.facts.settings.get(other.agent or other.id, ())
        settled = bool(changes) and one.notional is other.notional
        key = self.causes.of_setting(changes[0]) if settled else self.causes.of_principal((one, other))[0]
        before, after = (each.autonomy for each in (one, other))
        ranks = [each.rank if each is not None else 0 for each in (before, after)]
        move = Move.ROSE if ranks[1] > ranks[0] else Move.FELL if ranks[1] < ranks[0] else Move.CHANGED
        return key, Change(Subject.AGENT, move, other.id, other.title, str(before or ""), str(after or ""))

    def _servers(self) -> Iterator[Found]:
        for pair in self.facts.servers:
            key, move = self.causes.of_server(pair)
            server = either(pair)
            yield (
                key,
                Change(
                    Subject.SERVER, move, server.id, f"{server.name} ({server.client})", where=place(server.evidence)
                ),
            )

    def _settings(self) -> Iterator[Found]:
        for changes in self.facts.settings.values():
            for each in changes:
                move = Move.CAME if each.before is None else Move.WENT if each.after is None else Move.CHANGED
                key = self.causes.of_setting(each)
                move = Move.UNSEEN if move is Move.WENT and key[0] is not Origin.SETTING else move
                move = Move.SEEN if move is Move.CAME and key[0] is not Origin.SETTING else move
                title = f"{each.title}: {each.key}"
                yield (
                    key,
                    Change(
                        Subject.SETTING, move, each.agent, title, each.before or "", each.after or "", place(each.where)
                    ),
                )

    def _assets(self) -> Iterator[Found]:
        """Assets that are for something else."""
        for node, pair in self.facts.assets.items():
            one, other = pair
            if one is not None and other is not None and one.environment is not other.environment:
                key = self.causes.of_asset(node)
                title = f"{other.kind}:{other.name}"
                yield (
                    key,
                    Change(
                        Subject.ASSET,
                        Move.CHANGED,
                        node,
                        title,
                        one.environment,
                        other.environment,
                        "",
                        other.environment_rule,
                    ),
                )

    def _findings(self) -> Iterator[Found]:
        for pair in self.facts.pairs.findings:
            one, other = pair
            told = either(pair)
            subject = Subject.ITEM if CONTRACT in told.tags else Subject.WEAKNESS
            move = _became(one, other)
            if move is None:
                continue
            if subject is Subject.ITEM:
                key, move = self._of_item(one, other, move)
            elif one is not None and other is not None:
                key = self.causes.rest()
            else:
                key, move = self.causes.of_weakness(told, move)
            before, after = _counted(one, other)
            yield key, Change(subject, move, told.id, told.title, before, after, place(told.evidence), _why(told))

    def _of_item(self, one: Finding | None, other: Finding | None, move: Move) -> tuple[Key, Move]:
        """An item of the contract: by the ways that it rests on, its credential, its place, the contract."""
        if one is not None and other is not None and bool(one.waived) is not bool(other.waived):
            return self._of_waiver(other), move
        told = either((one, other))
        rests = (told.exposure or "", *told.exposures)
        moved = [row for each in rests for row in self.rows.get(each, ())]
        if moved:
            row = next((each for each in moved if each.move in UP), moved[0])
            return row.key, _as(row.move, move)
        known = self.facts.pairs.same.get(told.credential or "", told.credential or "")
        pair = self.facts.credentials.get(known)
        if pair is not None and (pair[0] is None or pair[1] is None or _differs(*pair)):
            key, how = self.causes.of_credential(pair)
            return key, _as(how, move)
        key, how = self._of_demand(told, move)
        return key, _as(how, move)

    def _of_demand(self, told: Finding, move: Move) -> tuple[Key, Move]:
        """An item that rests on no way and no credential: on agents' settings, most of all."""
        view = self.facts.then if move is Move.WENT else self.facts.now
        at = self.causes.of_place(view, [told.evidence], move) or self.causes.at(told.evidence)
        if at is not None:
            return at
        for name in told.principals:
            pair = self.facts.principals.get(self.facts.pairs.named.get(name, name))
            if pair is not None and (pair[0] is None or pair[1] is None):
                return self.causes.of_principal(pair)
            changes = self.facts.settings.get(name.partition("@")[0], ())
            if changes:
                return self.causes.of_setting(changes[0]), move
        return (self.causes.contract() if self.facts.contract else self.causes.rest()), move

    def _of_waiver(self, finding: Finding) -> Key:
        return self.causes.own((Origin.WAIVER, finding.id), f"a waiver {'counts now' if finding.waived else 'ended'}")

    def _clauses(self, items: Mapping[str, tuple[Key, Move]]) -> Iterator[Found]:
        for one, other in side_by_side.clauses(self.facts.pairs.old, self.facts.pairs.new):
            before, after = (each.state if each is not None else "" for each in (one, other))
            if before == after:
                continue
            move = Move.CAME if one is None else Move.WENT if other is None else _rank(STATES, before, after)
            told = either((one, other))
            key, how = self._of_clause(one, other, items)
            move = _as(how, move)
            why = told.why if told.state != "pass" else ""
            yield key, Change(Subject.CLAUSE, move, told.id, told.text, before, after, told.where, why)

    def _of_clause(
        self, one: Clause | None, other: Clause | None, items: Mapping[str, tuple[Key, Move]]
    ) -> tuple[Key, Move]:
        """By the items that break it; else the contract, or what nobody looked at."""
        if one is None or other is None:
            return self.causes.contract() if self.facts.contract else self.causes.rest(), Move.CHANGED
        broken = [items[each] for clause in (other, one) for each in clause.findings if each in items]
        if broken:
            return broken[0]
        if self.facts.contract:
            return self.causes.contract(), Move.CHANGED
        return self._likely(_rank(STATES, one.state, other.state))

    def _likely(self, move: Move) -> tuple[Key, Move]:
        """What moved most ways in a direction, for want of one that something rests on; else a place not looked at."""
        moves = (Move.CAME, Move.ROSE, Move.SEEN) if move is Move.ROSE else (Move.WENT, Move.FELL, Move.UNSEEN)
        rows = Counter((row.key, row.move) for found in self.rows.values() for row in found if row.move in moves)
        if rows:
            return min(rows, key=lambda found: (-rows[found], found[0]))
        gap = next((key for key in self.causes.titles if key[0] in (Origin.PLACE, Origin.LOOK)), None)
        return (gap or self.causes.rest()), Move.CHANGED

    def _verdicts(self) -> Iterator[Found]:
        named = self.facts.pairs.named
        old = {
            (named.get(each.principal, each.principal), each.verdict): each for each in self.facts.pairs.old.verdicts
        }
        new = {(each.principal, each.verdict): each for each in self.facts.pairs.new.verdicts}
        for question in dict.fromkeys([*new, *old]):
            one, other = old.get(question), new.get(question)
            before, after = answer(one), answer(other)
            if before == after:
                continue
            move = _rank(GRAVITY, before, after)
            title = questions().asks(question[1])
            key, how = self._of_verdict(question[0], other if move is Move.ROSE else one, move)
            move = _as(how, move)
            yield key, Change(Subject.VERDICT, move, question[0], title, before, after, "", question[1])

    def _of_verdict(self, principal: str, verdict: Verdict | None, move: Move) -> tuple[Key, Move]:
        """What an answer rests on: a way that moved, its credential, its principal."""
        pair = self.facts.principals.get(principal)
        if pair is not None and (pair[0] is None or pair[1] is None):
            return self.causes.of_principal(pair)
        if verdict is not None and verdict.exposure is not None:
            rows = self.rows.get(verdict.exposure, ())
            row = next((each for each in rows if principal in each.how.principals), next(iter(rows), None))
            if row is not None:
                return row.key, row.move
        credential = verdict.credential if verdict is not None else None
        known = self.facts.pairs.same.get(credential or "", credential or "")
        one = self.facts.credentials.get(known)
        if one is not None and (one[0] is None or one[1] is None or _differs(*one)):
            return self.causes.of_credential(one)
        changes = self.facts.settings.get(principal.partition("@")[0], ())
        return (self.causes.of_setting(changes[0]), Move.CHANGED) if changes else self._likely(move)

    def _guardrails(self) -> Iterator[Found]:
        for one, other in side_by_side.guardrails(self.facts.pairs.old, self.facts.pairs.new):
            holds = tuple(each is not None and each.in_force for each in (one, other))
            if (one is None) is (other is None) and holds[0] is holds[1]:
                continue
            told = either((one, other))
            move = Move.CAME if one is None else Move.WENT if other is None else Move.CHANGED
            view = self.facts.then if other is None else self.facts.now
            at = self.causes.of_place(view, [told.evidence], move) if move is not Move.CHANGED else None
            at = at or self.causes.at(Location(path=told.evidence.path))
            words = "is in place now" if holds[1] else "is not in force any more" if holds[0] else "is not in force"
            if at is None:
                key = self.causes.own((Origin.GUARDRAIL, told.rule), f"a protection {words}: {told.title}")
            else:
                key, move = at[0], _as(at[1], move)
            yield key, Change(Subject.GUARDRAIL, move, told.rule, told.title, where=place(told.evidence))

    def _waivers(self) -> Iterator[Found]:
        for one, other in side_by_side.waivers(self.facts.pairs.old, self.facts.pairs.new):
            before, after = (each.state if each is not None else "" for each in (one, other))
            if before == after:
                continue
            told = either((one, other))
            move = Move.CAME if one is None else Move.WENT if other is None else Move.CHANGED
            key = self.causes.own((Origin.WAIVER, told.finding), f"a waiver is {after or 'gone'}: {told.finding}")
            title = f"{told.finding}, accepted by {told.owner} until {told.until}"
            yield key, Change(Subject.WAIVER, move, told.finding, title, before, after, "", told.reason)

    def _gaps(self) -> Iterator[Found]:
        for one, other in side_by_side.gaps(self.facts.pairs.old, self.facts.pairs.new):
            if one is None or other is None:
                yield self._of_gap(either((one, other)), Move.WENT if one is None else Move.CAME)

    def _of_gap(self, gap: GapInfo, move: Move) -> Found:
        """A place that could be read at one time only; `move` is how what lies there would have moved."""
        origin = Origin.PLACE if gap.place else Origin.LOOK
        subject = place_of_gap(gap) if gap.place else f"probe {gap.probe}"
        told = gap.why if gap.place else f"the probe {gap.probe} did not come to its end: {gap.why}"
        key = self.causes.of_reason(Reason(origin, subject, told), move)
        how = Move.CAME if move is Move.WENT else Move.WENT
        return key, Change(Subject.GAP, how, gap.probe, gap.place or gap.probe, "", "", gap.place, gap.why)

    def _made(self) -> Iterator[Found]:
        """The contract and the versions, where they are others."""
        old, new = self.facts.pairs.old, self.facts.pairs.new
        if self.facts.contract:
            names = [each.contract.name if each.contract is not None else "" for each in (old, new)]
            yield (
                self.causes.contract(),
                Change(
                    Subject.CONTRACT,
                    Move.CHANGED,
                    names[1] or names[0],
                    "contract",
                    digest(old) or "",
                    digest(new) or "",
                ),
            )
        if self.facts.versions:
            yield (
                self.causes.rest(),
                Change(Subject.VERSION, Move.CHANGED, "version", "version", old.tool.version, new.tool.version),
            )


def answer(verdict: Verdict | None) -> str:
    """An answer in its own word; without one, nothing was found."""
    if verdict is None or verdict.answer.startswith("none found"):
        return "none found"
    return verdict.answer


def graver(before: str, after: str) -> bool:
    """Whether an answer is worse than it was; one that is not known is taken for the worst."""
    return GRAVITY.get(after, len(GRAVITY)) > GRAVITY.get(before, len(GRAVITY))


def _rank(order: Mapping[str, int], before: str, after: str) -> Move:
    ranks = [order.get(each, len(order)) for each in (before, after)]
    return Move.ROSE if ranks[1] > ranks[0] else Move.FELL if ranks[1] < ranks[0] else Move.CHANGED


def _differs(one: Credential | None, other: Credential | None) -> bool:
    """Whether a credential is not what it was, its age and the lines where it stands aside."""
    if one is None or other is None:
        return True
    return (
        replaced(one, other)
        or one.kind != other.kind
        or alive(one) is not alive(other)
        or one.protection is not other.protection
        or one.lifetime.kind is not other.lifetime.kind
        or places(one) != places(other)
    )


def _kept(credential: Credential | None) -> str:
    """What may differ of a credential, in a few words."""
    if credential is None:
        return ""
    ends = f"life: {credential.lifetime.kind}"
    public = f"{credential.public_id}, " if credential.public_id is not None else ""
    return f"{public}{credential.protection}, {ends}, {credential.state}"


def _became(one: Finding | None, other: Finding | None) -> Move | None:
    """What became of a finding; None where nothing did. What is accepted comes back when that ends."""
    if one is None or other is None:
        return Move.CAME if one is None else Move.WENT
    if bool(one.waived) is not bool(other.waived):
        return Move.CAME if one.waived else Move.WENT
    if one.severity is not other.severity:
        return Move.ROSE if other.severity.rank > one.severity.rank else Move.FELL
    return None


def _counted(one: Finding | None, other: Finding | None) -> tuple[str, str]:
    """How bad it was and is, or whether it counts, where that is what changed."""
    if one is not None and other is not None and one.severity is other.severity:
        words = ["waived" if each.waived else "counts" for each in (one, other)]
        return words[0], words[1]
    return str(one.severity) if one is not None else "", str(other.severity) if other is not None else ""


def _as(how: Move, move: Move) -> Move:
    """How something moved that rests on what moved so: what rests on what nobody looked at was not seen either."""
    return how if how in UNLOOKED else move


def _why(finding: Finding) -> str:
    return finding.way or finding.why
