"""Waivers: what someone accepts for a time, by what it was then; a waiver never hides a way that grew."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from scanner.contract.credentials import ENDLESS
from scanner.contract.lists import ANY
from scanner.contract.match import matches, strong_enough
from scanner.contract.subject import Broken, Subject
from scanner.contract.whose import in_folders, judged
from scanner.data.gates import gates
from scanner.model import Asset, Capability, Environment, Gate
from scanner.model.contract import Accepted, Clause, Contract, Where
from scanner.model.report import Exposure
from scanner.patterns import Pattern
from scanner.principals import Acting

MAGIC = Pattern(r"([*?\[])")
LONE = Pattern("[\ud800-\udfff]")  # half a character, as stands for a byte that is no UTF-8
KIND = Pattern(r"[A-Za-z0-9-][A-Za-z0-9._-]*")


class Waived(Struct, frozen=True):
    """A waiver and what became of it.

    `state` is "in force", "grown" (more than was accepted is there, and counts), "covers nothing" (it does not say what
    was accepted), "expired" or "unused" (what it names is not there any more).
    """

    waiver: Accepted
    state: str


class Rest(Struct, frozen=True):
    """What nobody accepts of a finding: `waived` is the waiver where nothing is left, `grew` the one that covers less.

    `lifted` are the clauses of which nothing is left, since `by` accepts that.
    """

    left: tuple[Broken, ...]
    waived: Accepted | None = None
    grew: Accepted | None = None
    lifted: tuple[str, ...] = ()
    by: Accepted | None = None


class Acceptance:
    """The waivers of all contracts: each accepts only what the contract that it stands in demands."""

    def __init__(self, contracts: Sequence[Contract], subject: Subject) -> None:
        self._subject = subject
        self._today = subject.machine.now.date()
        self._states: dict[int, str] = {}
        self._rows = [(number, each) for number, told in enumerate(contracts) for each in told.waivers]
        self._by_finding: dict[str, list[_Bound]] = {}
        agents = [judged(told, subject.acting, narrows=number > 0) for number, told in enumerate(contracts)]
        for number, each in self._rows:
            if self._today <= each.until:
                bound = _Bound(number, each, subject, agents[number])
                self._by_finding.setdefault(each.finding, []).append(bound)

    def rest(self, finding: str, broken: Sequence[Broken]) -> Rest:
        """What nobody accepts of a finding; every contract that it breaks has to."""
        rows = self._by_finding.get(finding, ())
        if not rows:
            return Rest(tuple(broken))
        lifted = [frozenset(row.number for row in rows if row.covers(each)) for each in broken]
        left = tuple(each for each, by in zip(broken, lifted, strict=True) if not each.layers <= by)
        more = frozenset(number for each, by in zip(broken, lifted, strict=True) for number in each.layers - by)
        for row in rows:
            state = "grown" if row.number in more else "in force"
            self._states[id(row.waiver)] = state if row.says_what else "covers nothing"
        telling = [row for row in rows if row.says_what]
        first = telling[0].waiver if telling and any(lifted) else None
        grown = (row.waiver for row in telling if row.number in more)
        gone = dict.fromkeys(each.clause for each in broken if first is not None)
        for each in left:
            gone.pop(each.clause, None)
        return Rest(left, first if not left else None, next(grown, None), tuple(gone), first)

    def told(self) -> tuple[Waived, ...]:
        """Each waiver and what became of it, once all findings have been asked about."""
        return tuple(Waived(each, self._state(each)) for _, each in self._rows)

    def _state(self, waiver: Accepted) -> str:
        return "expired" if self._today > waiver.until else self._states.get(id(waiver), "unused")


class _Bound:
    """One waiver on this machine: the contract that it stands in by its number, and the agents that this judges."""

    def __init__(self, number: int, waiver: Accepted, subject: Subject, agents: Sequence[Acting]) -> None:
        self.number = number
        self.waiver = waiver
        self._subject = subject
        self._agents = [each.id for each in agents]
        self._inside = frozenset(each.id for each in subject.acting if _in_scope(waiver, each))
        self._outside = [each.id for each in subject.acting if each.id not in self._inside]
        self._parts = frozenset(waiver.parts)

    @property
    def says_what(self) -> bool:
        """Whether it says at all what it accepts."""
        return bool(self.waiver.covers or self.waiver.parts)

    def covers(self, broken: Broken) -> bool:
        """Whether that is what was accepted: a way by its exposure and gate, anything else by its name."""
        if self.number not in broken.layers or not self._is_for(broken.principal):
            return False
        if broken.exposure is None or broken.principal is None:  # no way to something
            return all(part in self._parts or _with_all(part) in self._parts for part in broken.accepted_as)
        if any(_breaks(broken, broken.exposure, each) for each in self._outside):
            return False
        exposure, gate = broken.exposure, before(broken.exposure, self._agents)
        asset = self._subject.graph.assets[exposure.asset].asset
        return any(
            matches(line, exposure.class_, f"{asset.kind}:{asset.name}", exposure.environment)
            and strong_enough(gate, line.gate)
            for line in self.waiver.covers
        )

    def _is_for(self, principal: str | None) -> bool:
        """Whether it is about that principal; one that is not for all is not about an unrestricted process."""
        bounded = self.waiver.agents or self.waiver.workspaces
        return principal is None or not bounded or principal in self._inside


def _with_all(part: str) -> str:
    """What has a part in it: who accepts any command accepts `npm`, and who accepts no end accepts a far one."""
    clause = part.partition(" ")[0]
    return f"{clause} {ENDLESS}" if "lifetime" in clause.split(".") else f"{clause} {ANY.get(clause, '')}"


def _in_scope(waiver: Accepted, each: Acting) -> bool:
    return (not waiver.agents or each.seen.agent in waiver.agents) and (
        not waiver.workspaces or in_folders(waiver.workspaces, each)
    )


def _breaks(broken: Broken, exposure: Exposure, principal: str) -> bool:
    """Whether another breaks the same clause by the same exposure."""
    way = exposure.ways.get(principal)
    if way is None or not gates()[way.effective].factor:
        return False
    return broken.wanted is None or not strong_enough(way.effective, broken.wanted)


def before(exposure: Exposure, agents: Sequence[str]) -> Gate:
    """The least that stands before any of these agents: what the agents refuse, another process may still do."""
    ways = (exposure.ways[each].effective for each in agents if each in exposure.ways)
    least = max(ways, key=lambda gate: gates()[gate].factor, default=Gate.REFUSED)
    return Gate.NONE if least is Gate.UNKNOWN else least


# --- what is accepted today


def accepting(
    finding: str, broken: Sequence[Broken], subject: Subject, *, owner: str, reason: str, until: date
) -> Accepted:
    """A waiver that accepts a finding as it is now, and nothing that is more; the subject has who is judged."""
    ways = [each for each in broken if each.is_way]
    parts = (part for each in broken if not each.is_way for part in each.accepted_as)
    return Accepted(
        where=Where("", 0),
        finding=finding,
        owner=owner,
        reason=reason,
        until=until,
        covers=tuple(_lines(ways, subject)),
        parts=tuple(dict.fromkeys(parts)),
    )


def _lines(ways: Sequence[Broken], subject: Subject) -> Iterator[Clause]:
    """Lines that are about these ways alone: one for all assets to which the same may be done past the same gate."""
    weakest: dict[tuple[Environment, str, Capability], Gate] = {}
    for each in ways:
        if each.exposure is not None and each.principal is not None:
            exposure, gate = each.exposure, before(each.exposure, subject.judged)
            key = (exposure.environment, _named(subject.graph.assets[exposure.asset].asset), exposure.class_)
            if key not in weakest or strong_enough(weakest[key], gate):
                weakest[key] = gate
    by_asset: dict[tuple[Environment, str, Gate], list[Capability]] = {}
    for (environment, asset, capability), gate in sorted(weakest.items()):
        by_asset.setdefault((environment, asset, gate), []).append(capability)
    alike: dict[tuple[Environment, Gate, frozenset[Capability]], list[str]] = {}
    for (environment, asset, gate), classes in by_asset.items():
        alike.setdefault((environment, gate, frozenset(classes)), []).append(asset)
    for (environment, gate, capabilities), assets in alike.items():
        yield Clause(Where("", 0), "", capabilities, tuple(assets), (), frozenset((environment,)), gate)


def _named(asset: Asset) -> str:
    """A glob that means this asset alone; what no text can hold is any one character, and an odd kind any kind."""
    kind = asset.kind if KIND.fullmatch(asset.kind) else "*"
    text = MAGIC.sub(r"[\1]", asset.name)
    return f"{kind}:{LONE.sub('?', text)}"
