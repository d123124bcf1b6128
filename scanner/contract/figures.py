"""What goes beyond a contract as figures: by the score of the ways that break it, the same function everywhere."""

from collections.abc import Iterable, Sequence

from scanner.contract.subject import Broken, Subject
from scanner.model import Capability
from scanner.model.report import Excess, Exposure, Way
from scanner.principals import ANY_AGENT
from scanner.score import Tally, Weighed, worst


def excess(counted: Iterable[Sequence[Broken]], subject: Subject) -> Excess:
    """How many items count, each told by what it breaks, and what they add up to."""
    tallies = [tally(broken, subject) for broken in counted]
    return Excess(len(tallies), Tally.of(tallies).score())


def tally(broken: Sequence[Broken], subject: Subject) -> Tally:
    """What one item adds up to: no two items rest on one exposure, since that is of one credential."""
    ways: dict[str, Weighed] = {}
    for each in broken:
        if each.exposure is not None:
            weighed = _weighed(each.exposure, each.principal, subject)
            known = ways.get(each.exposure.id)
            if known is None or known.score < weighed.score:
                ways[each.exposure.id] = weighed
    groups: dict[Capability, list[tuple[float, str]]] = {}
    for way in ways.values():
        if way.score > 0:
            groups.setdefault(way.capability, []).append((way.score, way.exposure))
    told = Tally()
    for capability, group in groups.items():
        told.add(capability, group)
    return told


def _weighed(exposure: Exposure, principal: str | None, subject: Subject) -> Weighed:
    """What an exposure adds: by the way that breaks the contract, else by the easiest of those who are judged."""
    best = exposure.ways.get(principal) if principal is not None else None
    if best is None:
        ways: list[Way] = [exposure.ways[each] for each in subject.judged if each in exposure.ways]
        best = max(ways or [exposure.ways[ANY_AGENT]], key=lambda each: each.score)
    kind = subject.graph.assets[exposure.asset].asset.kind
    return Weighed(
        exposure.class_, exposure.id, best.score, worst(exposure.class_, kind, exposure.environment, best.gate)
    )
