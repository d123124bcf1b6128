"""Which ways moved: each principal's way to each exposure, before and after."""

from collections.abc import Iterator, Mapping
from functools import cache

from msgspec import Struct

from scanner.data.gates import gates
from scanner.data.weights import weights
from scanner.diffing.pairs import Pairs, either
from scanner.model.difference import Move
from scanner.model.report import Exposure, Way
from scanner.model.terms import Capability, CredentialState, Gate

ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
Level = tuple[float, bool]
NOTHING: Level = (0.0, False)
Key = tuple[Capability, str, str]


class Moved(Struct, frozen=True):
    """One principal's way to one exposure that is not what it was; null where there is none."""

    move: Move
    principal: str
    old: Exposure | None
    new: Exposure | None
    before: Way | None
    after: Way | None

    @property
    def exposure(self) -> Exposure:
        """The exposure as the newer report tells it, or as it was."""
        return either((self.old, self.new))


class Met(Struct, frozen=True):
    """One exposure of which something may have moved, in both reports or in one; `dead`: its credential has ended."""

    old: Exposure | None
    new: Exposure | None
    dead: tuple[bool, bool] = (False, False)

    @property
    def exposure(self) -> Exposure:
        """The exposure as the newer report tells it, or as it was."""
        return either((self.old, self.new))


def met(pairs: Pairs) -> Iterator[Met]:
    """Every exposure that is not what it was; most of a machine is."""
    ended = [{each.id for each in report.credentials if each.state in ENDED} for report in (pairs.old, pairs.new)]
    old = {_key(each, pairs.same): each for each in pairs.old.exposures}
    new = {_key(each, {}): each for each in pairs.new.exposures}
    same = all(one == other for one, other in pairs.named.items())
    for key, each in old.items():
        now = new.get(key)
        gone = each.credential in ended[0]
        if now is None:
            yield Met(each, None, (gone, gone))
            continue
        dead = (gone, now.credential in ended[1])
        if not (same and dead[0] is dead[1] and _alike(each, now)):
            yield Met(each, now, dead)
    for key, each in new.items():
        if key not in old:
            gone = each.credential in ended[1]
            yield Met(None, each, (gone, gone))


def moved(each: Met, named: Mapping[str, str]) -> Iterator[Moved]:
    """Every way to it that came, went, rose or fell; `named` are principals of the older report in the newer one."""
    bases = [
        0.0 if exposure is None or gone else _base(exposure)
        for exposure, gone in zip((each.old, each.new), each.dead, strict=True)
    ]
    before = {named.get(name, name): way for name, way in each.old.ways.items()} if each.old is not None else {}
    after = each.new.ways if each.new is not None else {}
    for name in dict.fromkeys([*before, *after]):
        way, other = before.get(name), after.get(name)
        one, two = level(bases[0], way), level(bases[1], other)
        if one != two:
            move = Move.CAME if way is None else Move.WENT if other is None else Move.ROSE if two > one else Move.FELL
            yield Moved(move, name, each.old, each.new, way, other)


def _key(exposure: Exposure, same: Mapping[str, str]) -> Key:
    return exposure.class_, exposure.asset, same.get(exposure.credential, exposure.credential)


def _alike(one: Exposure, other: Exposure) -> bool:
    """Whether nothing can have moved."""
    return one.environment is other.environment and one.confidence is other.confidence and one.ways == other.ways


def level(base: float, way: Way | None) -> Level:
    """How open a way is; of two that are reckoned alike the one whose gate is not known is the more open."""
    if way is None or not base:
        return NOTHING
    return base * factors()[way.effective], way.gate is Gate.UNKNOWN


@cache
def factors() -> Mapping[Gate, float]:
    """What each gate leaves of a way."""
    return {gate: info.factor for gate, info in gates().items()}


def _base(exposure: Exposure) -> float:
    table = weights()
    return table.environment[exposure.environment] * table.confidence[exposure.confidence]
