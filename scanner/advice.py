"""Advice: the few changes that take most away from what is beyond the contract, in the order to make them."""

from collections.abc import Iterator, Sequence, Set

from msgspec import Struct

from scanner.candidates import Draft, Unit, units, without
from scanner.contract.judge import Judgement
from scanner.judgement import Judged
from scanner.model.report import Excess
from scanner.weighing import Left, Weighing, excess, weight
from scanner.whatif import Change

MOST = 12  # steps of a plan
NOTHING = 1e-9


class Step(Struct, frozen=True):
    """One step of a plan: the change, the items that are gone by it and what they rested on, and the excess after it.

    `after`, `settled` and `removed` are of this step and all before it together.
    """

    draft: Draft
    settled: tuple[str, ...]
    removed: tuple[str, ...]
    after: Excess


def advised(judged: Judged) -> tuple[Step, ...]:
    """The plan: what takes most away for what it costs, without what another step makes superfluous."""
    judgement = judged.judgement
    if judgement is None or not judgement.excess.items:
        return ()
    weighing = Weighing(judged, judgement)
    chosen = _needed(_chosen(units(judged, judgement, weighing.weights), weighing), weighing)
    return tuple(_told([draft for unit in _ordered(chosen, weighing) for draft in unit.drafts], judgement, weighing))


def _changes(units: Sequence[Unit]) -> list[Change]:
    return [change for unit in units for change in unit.changes]


# --- which


def _chosen(candidates: Sequence[Unit], weighing: Weighing) -> list[Unit]:
    """One after the other the unit that takes most away for what it costs, until nothing is left or it is enough."""
    chosen: list[Unit] = []
    promised: dict[Unit, float] = {}
    while True:
        left = weighing.left(_changes(chosen))
        room = MOST - sum(len(each.drafts) for each in chosen)
        open_ = [each for each in candidates if len(each.drafts) <= room and not _is_done(each, chosen)]
        best = _best(open_, chosen, left, weighing, promised) if left else None
        if best is None:
            return chosen
        chosen = [each for each in chosen if not set(each.drafts) <= set(best.drafts)] + [best]


def _is_done(unit: Unit, chosen: Sequence[Unit]) -> bool:
    """Whether all that a unit would do is chosen already."""
    done = {draft for each in chosen for draft in each.drafts}
    return done.issuperset(unit.drafts)


def _best(
    candidates: Sequence[Unit],
    chosen: Sequence[Unit],
    left: Left,
    weighing: Weighing,
    promised: dict[Unit, float],
) -> Unit | None:
    """The unit that takes most away for its cost; what has to be judged again is, while it may still be the best."""
    plain = [(_plain_gain(each, left, weighing) / each.cost, each) for each in candidates if each.is_plain]
    best, unit = max(plain, key=_by_worth, default=(0.0, None))
    others = [each for each in candidates if not each.is_plain]
    others.sort(key=lambda each: (-promised.get(each, each.hope) / each.cost, each.key))
    whole = weight(left)
    for each in others:
        if promised.get(each, each.hope) / each.cost <= best:
            break
        changes = [*_changes(chosen), *each.changes]
        if not weighing.may(changes):
            promised[each] = 0.0
            continue
        after = weighing.left(changes)
        idle = not each.settles and len(after) == len(left)  # what nobody asks for is worth it where it ends something
        promised[each] = 0.0 if idle else whole - weight(after)
        if promised[each] / each.cost > best:
            best, unit = promised[each] / each.cost, each
    return unit if best > NOTHING else None


def _by_worth(one: tuple[float, Unit]) -> tuple[float, float, str]:
    worth, unit = one
    return (worth, -unit.cost, unit.key)


def _plain_gain(unit: Unit, left: Left, weighing: Weighing) -> float:
    """What a unit takes away that only takes items away."""
    gone = unit.causes
    return sum(each.weight for name in unit.settles if (each := left.get(name)) is not None and each.causes <= gone)


def _needed(chosen: Sequence[Unit], weighing: Weighing) -> list[Unit]:
    """The units without those, or without those of their steps, that the others make superfluous; the dearest first."""
    kept = list(chosen)
    whole = weight(weighing.left(_changes(kept)))
    for each in sorted(chosen, key=lambda unit: (-unit.cost, unit.key)):
        others = [other for other in kept if other is not each]
        left = _trimmed(each, others, whole, weighing)
        kept = [*others, left] if left.drafts else others
    return kept


def _trimmed(unit: Unit, others: Sequence[Unit], whole: float, weighing: Weighing) -> Unit:
    """The unit with no more steps than are needed beside the others."""
    for draft in sorted(unit.drafts, key=lambda draft: (-draft.cost, draft.id)):
        less = without(unit, draft)
        changes = _changes([*others, less])
        if weighing.may(changes) and weight(weighing.left(changes)) - whole <= NOTHING:
            unit = less
    return unit


# --- in which order


def _ordered(chosen: Sequence[Unit], weighing: Weighing) -> list[Unit]:
    """The units so that the score falls fastest; where it stands still, so that what is left does."""
    ordered: list[Unit] = []
    rest = sorted(chosen, key=lambda unit: (unit.cost, unit.key))
    while rest:
        now = _height(ordered, weighing)
        falls = [(_fall(now, _height([*ordered, each], weighing), each), -place) for place, each in enumerate(rest)]
        ordered.append(rest.pop(-max(falls)[1]))
    return ordered


def _height(units: Sequence[Unit], weighing: Weighing) -> tuple[int, float]:
    """How much is left, by score and by weight; nothing where that is too much to look at, so that it comes first."""
    changes = _changes(units)
    if not weighing.may(changes):
        return 0, 0.0
    left = weighing.left(changes)
    return excess(left).score, weight(left)


def _fall(now: tuple[int, float], then: tuple[int, float], unit: Unit) -> tuple[float, float]:
    """What a unit takes away, for each of its steps."""
    steps = len(unit.drafts)
    return ((now[0] - then[0]) / steps, round((now[1] - then[1]) / steps, 9))


def _told(drafts: Sequence[Draft], judgement: Judgement, weighing: Weighing) -> Iterator[Step]:
    """Each step with what is left after it and all before it."""
    order = [item.id for item in judgement.items]
    changes: list[Change] = []
    before = weighing.left(())
    for draft in drafts:
        changes += draft.changes
        now = weighing.left(changes)
        gone = [name for name in order if name in before and name not in now]
        yield Step(draft, tuple(gone), tuple(sorted(_exposures(before) - _exposures(now))), excess(now))
        before = now


def _exposures(left: Left) -> Set[str]:
    return {exposure for each in left.values() for exposure in each.exposures}
