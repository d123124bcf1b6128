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


def moved(pairs: Pairs) -> Iterator[Moved]:
    """Every way that came, went, rose or fell."""
    ended = [{each.id for each in report.credentials if each.state in ENDED} for report in (pairs.old, pairs.new)]
    old = {_key(each, pairs.same): each for each in pairs.old.exposures}
    new = {_key(each, {}): each for each in pairs.new.exposures}
    names = {one: other for one, other in pairs.named.items() if one != other}
    for key, each in old.items():
        now = new.get(key)
        if now is None:
            yield from _alone(Move.WENT, each, dead=each.credential in ended[0], names=names)
        else:
            dead = (each.credential in ended[0], now.credential in ended[1])
            if not _alike(each, now, names) or dead[0] is not dead[1]:
                yield from _both(each, now, dead, names)
    for key, each in new.items():
        if key not in old:
            yield from _alone(Move.CAME, each, dead=each.credential in ended[1], names={})


def _key(exposure: Exposure, same: Mapping[str, str]) -> Key:
    return exposure.class_, exposure.asset, same.get(exposure.credential, exposure.credential)


def _alike(one: Exposure, other: Exposure, names: Mapping[str, str]) -> bool:
    """Whether nothing can have moved; most of a machine is as it was."""
    return (
        not names
        and one.environment is other.environment
        and one.confidence is other.confidence
        and one.ways == other.ways
    )


def _alone(move: Move, exposure: Exposure, *, dead: bool, names: Mapping[str, str]) -> Iterator[Moved]:
    """The ways of an exposure that only one of the reports has; those that lead nowhere are none."""
    base = 0.0 if dead else _base(exposure)
    for name, way in exposure.ways.items():
        if level(base, way) == NOTHING:
            continue
        if move is Move.CAME:
            yield Moved(move, name, None, exposure, None, way)
        else:
            yield Moved(move, names.get(name, name), exposure, None, way, None)


def _both(old: Exposure, new: Exposure, dead: tuple[bool, bool], names: Mapping[str, str]) -> Iterator[Moved]:
    was, now = (0.0 if gone else _base(each) for gone, each in zip(dead, (old, new), strict=True))
    before = {names.get(name, name): way for name, way in old.ways.items()} if names else old.ways
    steady = was == now
    for name, way in before.items():
        other = new.ways.get(name)
        if steady and other is not None and other.gate is way.gate and other.stands_for is way.stands_for:
            continue
        one, two = level(was, way), level(now, other)
        if one != two:
            move = Move.WENT if other is None else Move.ROSE if two > one else Move.FELL
            yield Moved(move, name, old, new, way, other)
    for name, way in new.ways.items():
        if name not in before and level(now, way) != NOTHING:
            yield Moved(Move.CAME, name, old, new, None, way)


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
