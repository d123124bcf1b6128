"""Advice: the changes that take most away from what is beyond the contract."""

from collections.abc import Set

from msgspec import Struct
from msgspec.structs import replace

from scanner.contract.autonomy import LEAST
from scanner.contract.figures import tally
from scanner.contract.judge import Item, Judgement
from scanner.contract.match import strong_enough
from scanner.contract.subject import Broken, Subject
from scanner.model import Environment, Gate
from scanner.model.contract import Contract
from scanner.model.report import Excess
from scanner.score import Tally

WINS = 3
WEIGHED = 60  # items whose mend is weighed
ASKING = frozenset({"ask", "restrict"})  # mends after which an agent asks before any command


class Win(Struct, frozen=True):
    """A change that takes much away: the item that it mends, and what the excess would be after it."""

    item: Item
    after: Excess


def wins(judgement: Judgement, subject: Subject) -> tuple[Win, ...]:
    """The items whose mend, by itself, takes most away: by the score that is left, then by how bad each is."""
    contract = judgement.contracts[0]
    counted = [item for item in judgement.items if item.waived is None]
    tallies = {item.id: tally(item.broken, subject) for item in counted}
    found = []
    for item in counted[:WEIGHED]:
        asking = {each.principal for each in item.broken if each.mend in ASKING}
        left = [(other, _without(other, asking, contract, subject)) for other in counted if other is not item]
        kept = [(other, rest) for other, rest in left if rest.broken]
        after = Tally.of(tallies[rest.id] if rest is other else tally(rest.broken, subject) for other, rest in kept)
        found.append(Win(item, Excess(len(kept), after.score())))
    return tuple(sorted(found, key=lambda win: (win.after.score, win.after.items, counted.index(win.item))))[:WINS]


def _without(other: Item, asking: Set[str | None], contract: Contract, subject: Subject) -> Item:
    """What is left of an item once another is mended: agents that ask no longer break what only wants asking."""
    if not asking:
        return other
    kept = [each for each in other.broken if not _is_asked(each, asking, contract, subject)]
    return replace(other, broken=tuple(kept)) if len(kept) < len(other.broken) else other


def _is_asked(broken: Broken, asking: Set[str | None], contract: Contract, subject: Subject) -> bool:
    """Whether a line holds once these agents ask a person: if that is enough, and no other agent gets there unasked."""
    exposure = broken.exposure
    wanted = _wanted(broken.clause, contract)
    if exposure is None or wanted is None or not strong_enough(Gate.PROMPT, wanted) or broken.principal not in asking:
        return False
    others = [exposure.ways[each] for each in subject.judged if each not in asking and each in exposure.ways]
    return all(strong_enough(way.effective, wanted) for way in others)


def _wanted(clause: str, contract: Contract) -> Gate | None:
    """What a line about exposures wants to stand before agents, None for any other clause."""
    kind, _, rest = clause.partition(".")
    if kind == "allow" and rest:
        return contract.allow[int(rest) - 1].gate
    word, _, environment = rest.partition(".")
    autonomy = contract.require.autonomy
    if kind == "require" and word == "autonomy" and autonomy is not None and environment in set(Environment):
        return LEAST[autonomy.by_environment[Environment(environment)]]
    return None
