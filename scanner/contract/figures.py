"""What goes beyond a contract as figures: by the score of the ways that break it, the same function everywhere."""

from collections.abc import Iterable, Mapping, Sequence

from scanner.contract.subject import Broken, Subject
from scanner.model import Capability
from scanner.model.report import Excess, Way
from scanner.principals import ANY_AGENT
from scanner.score import Tally


def excess(counted: Iterable[Sequence[Broken]], subject: Subject) -> Excess:
    """How many items count, each told by what it breaks, and what they add up to."""
    tallies = [tally(broken, subject) for broken in counted]
    return Excess(len(tallies), Tally.of(tallies).score())


def tally(broken: Sequence[Broken], subject: Subject) -> Tally:
    """What one item adds up to: no two items rest on one exposure, since that is of one credential."""
    scores: dict[Capability, dict[str, float]] = {}
    for each in broken:
        if each.exposure is not None:
            row = scores.setdefault(each.exposure.class_, {})
            score = _score(each.exposure.ways, each.principal, subject)
            row[each.exposure.id] = max(score, row.get(each.exposure.id, 0.0))
    told = Tally()
    for capability, row in scores.items():
        told.add(capability, [(score, exposure, 1) for exposure, score in row.items() if score > 0])
    return told


def _score(ways: Mapping[str, Way], principal: str | None, subject: Subject) -> float:
    """What an exposure adds: by the way that breaks the contract, else by the easiest of those who are judged."""
    if principal is not None and principal in ways:
        return ways[principal].score
    return max((ways[each].score for each in subject.judged if each in ways), default=ways[ANY_AGENT].score)
