"""Waivers: what someone accepts for a time, by what it was then; a waiver never hides a way that grew."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from scanner.contract.autonomy import LEAST
from scanner.contract.match import matches, strong_enough
from scanner.contract.subject import Broken, Subject
from scanner.contract.whose import in_folders
from scanner.data.gates import gates
from scanner.data.kinds import asset_kinds
from scanner.model import Asset, Capability, Environment, Gate
from scanner.model.contract import Accepted, Clause, Contract, Where
from scanner.model.report import Exposure
from scanner.patterns import Pattern

MAGIC = Pattern(r"([*?\[])")


class Waived(Struct, frozen=True):
    """A waiver and what became of it.

    `state` is "in force", "grown" (more than was accepted is there, and counts), "covers nothing" (it does not say what
    was accepted), "expired" or "unused" (what it names is not there any more).
    """

    waiver: Accepted
    state: str


class Acceptance:
    """The waivers of all contracts: each accepts only what the contract that it stands in demands."""

    def __init__(self, contracts: Sequence[Contract], subject: Subject) -> None:
        self._contracts = contracts
        self._subject = subject
        self._today = subject.machine.now.date()
        self._states: dict[int, str] = {}
        self._rows = [(number, each) for number, told in enumerate(contracts) for each in told.waivers]
        self._by_finding: dict[str, list[tuple[int, Accepted]]] = {}
        for number, each in self._rows:
            if self._today <= each.until:
                self._by_finding.setdefault(each.finding, []).append((number, each))

    def rest(self, finding: str, broken: Sequence[Broken]) -> tuple[list[Broken], Accepted | None]:
        """What nobody accepts of a finding, and the first waiver that says what of it is accepted."""
        rows = self._by_finding.get(finding, ())
        left = list(broken)
        for number, waiver in rows:
            left = [each for each in left if each.layer != number or not self._covers(waiver, each)]
        telling = [waiver for _, waiver in rows if waiver.covers or waiver.parts]
        for _, waiver in rows:
            state = "grown" if left else "in force"
            self._states[id(waiver)] = state if waiver in telling else "covers nothing"
        return left, next(iter(telling), None)

    def told(self) -> tuple[Waived, ...]:
        """Each waiver and what became of it, once all findings have been asked about."""
        return tuple(Waived(each, self._state(each)) for _, each in self._rows)

    def _state(self, waiver: Accepted) -> str:
        return "expired" if self._today > waiver.until else self._states.get(id(waiver), "unused")

    def _covers(self, waiver: Accepted, broken: Broken) -> bool:
        """Whether that is what was accepted: a way by its exposure and gate, anything else by its name."""
        if broken.exposure is None or broken.principal is None:  # no way to something
            return all(part in waiver.parts for part in broken.accepted_as)
        if not self._in_scope(waiver, broken.principal) or not self._held_elsewhere(waiver, broken, broken.exposure):
            return False
        exposure, way = broken.exposure, broken.exposure.ways[broken.principal]
        asset = self._subject.graph.assets[exposure.asset].asset
        return any(
            matches(line, exposure.class_, f"{asset.kind}:{asset.name}", exposure.environment)
            and strong_enough(way.effective, line.gate)
            for line in waiver.covers
        )

    def _in_scope(self, waiver: Accepted, principal: str) -> bool:
        """Whether a waiver is about that principal; one of any scope but all is not about an unrestricted process."""
        if not waiver.agents and not waiver.workspaces:
            return True
        each = next((each for each in self._subject.acting if each.id == principal), None)
        if each is None:
            return False
        return (not waiver.agents or each.seen.agent in waiver.agents) and (
            not waiver.workspaces or in_folders(waiver.workspaces, each)
        )

    def _held_elsewhere(self, waiver: Accepted, broken: Broken, exposure: Exposure) -> bool:
        """Whether nobody outside of the waiver's scope breaks the same clause by the same exposure."""
        others = (each for each in self._subject.judged if not self._in_scope(waiver, each))
        return not any(self._breaks(broken, exposure, each) for each in others)

    def _breaks(self, broken: Broken, exposure: Exposure, principal: str) -> bool:
        way = exposure.ways.get(principal)
        if way is None or not gates()[way.effective].factor:
            return False
        wanted = wanted_gate(broken.clause, self._contracts[broken.layer])
        return wanted is None or not strong_enough(way.effective, wanted)


def wanted_gate(clause: str, contract: Contract) -> Gate | None:
    """What a line about exposures wants to stand before agents; None for any other clause, and what wants nothing."""
    words = clause.split(".")
    kind = next((word for word in ("allow", "never", "require") if word in words), "")
    rest = words[words.index(kind) + 1 :] if kind else []
    if kind in {"allow", "never"} and rest:
        return (contract.allow if kind == "allow" else contract.never)[int(rest[0]) - 1].gate
    autonomy = contract.require.autonomy
    if rest[:1] == ["autonomy"] and autonomy is not None and rest[1] in set(Environment):
        return LEAST[autonomy.by_environment[Environment(rest[1])]]
    return None


# --- what is accepted today


def accepting(
    finding: str, broken: Sequence[Broken], subject: Subject, *, owner: str, reason: str, until: date
) -> Accepted:
    """A waiver that accepts a finding as it is now, and nothing that is more."""
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
            exposure, gate = each.exposure, each.exposure.ways[each.principal].effective
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
    """A glob that means this asset alone; what a contract cannot write is any one character, or any kind."""
    kind = asset.kind if asset.kind in asset_kinds() else "*"
    text = MAGIC.sub(r"[\1]", asset.name)
    return f"{kind}:" + "".join(each if each.isprintable() else "?" for each in text)
