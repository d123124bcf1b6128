"""Waivers: what someone accepts for a time, by what it was then; a waiver never hides a way that grew."""

from collections.abc import Sequence

from msgspec import Struct

from scanner.contract.autonomy import LEAST
from scanner.contract.match import matches, strong_enough
from scanner.contract.subject import Broken, Subject
from scanner.data.gates import gates
from scanner.model import Environment, Gate
from scanner.model.contract import Accepted, Contract
from scanner.model.report import Exposure


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
        """What nobody accepts of a finding, and the first waiver that accepts some of it."""
        rows = self._by_finding.get(finding, ())
        left, first = list(broken), None
        for number, waiver in rows:
            rest = [each for each in left if each.layer != number or not self._covers(waiver, each)]
            if len(rest) < len(left):
                left, first = rest, first or waiver
        for _, waiver in rows:
            says = waiver.covers or waiver.parts
            self._states[id(waiver)] = "covers nothing" if not says else "grown" if left else "in force"
        return left, first

    def told(self) -> tuple[Waived, ...]:
        """Each waiver and what became of it, once all findings have been asked about."""
        return tuple(Waived(each, self._state(each)) for _, each in self._rows)

    def _state(self, waiver: Accepted) -> str:
        return "expired" if self._today > waiver.until else self._states.get(id(waiver), "unused")

    def _covers(self, waiver: Accepted, broken: Broken) -> bool:
        """Whether that is what was accepted: a way by its exposure and gate, anything else by its name."""
        if broken.exposure is None or broken.principal is None:
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
            not waiver.workspaces or each.seen.folder in waiver.workspaces
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
