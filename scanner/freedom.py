"""How much of its reach each principal gets to unasked: counted by gate, and as its autonomy on each environment."""

from collections import Counter
from collections.abc import Mapping, Sequence

from scanner.data.gates import gates
from scanner.model import Autonomy, Capability, Confidence, Environment, Gate
from scanner.model.report import Exposure, GateCounts, Way

HARMLESS = frozenset({Capability.DISCOVER, Capability.DATA_READ})  # what looks and changes nothing
UNATTENDED = frozenset({Gate.NONE, Gate.CLASSIFIER})


def counts(exposures: Sequence[Exposure]) -> dict[str, GateCounts]:
    """How many exposures each principal gets to unasked, behind a person, by a rule only, and not at all."""
    found: dict[str, dict[tuple[Gate, Gate], int]] = {}
    for ways, number in _together(exposures):
        for principal, way in ways.items():
            tally = found.setdefault(principal, {})
            gates = (way.gate, way.effective)
            tally[gates] = tally.get(gates, 0) + number
    return {principal: _counted(tally) for principal, tally in sorted(found.items())}


def _counted(tally: Mapping[tuple[Gate, Gate], int]) -> GateCounts:
    """What was counted by the gate as it is and as it is reckoned with."""
    found: Counter[str] = Counter()
    for (gate, effective), number in tally.items():
        found[_group(effective)] += number
        found["unknown"] += number if gate is Gate.UNKNOWN else 0
    return GateCounts(**found)


def _together(exposures: Sequence[Exposure]) -> list[tuple[Mapping[str, Way], int]]:
    """The ways, each with how many exposures share them: thousands are told as one where only the asset differs."""
    shared = Counter(id(exposure.ways) for exposure in exposures)
    return [(ways, shared[each]) for each, ways in {id(each.ways): each.ways for each in exposures}.items()]


def _group(gate: Gate) -> str:
    if gate in UNATTENDED:
        return "unattended"
    match gate:
        case Gate.RULE_ONLY:
            return "rule_only"
        case Gate.REFUSED:
            return "refused"
        case Gate.OS_BLOCKED:
            return "os_blocked"
        case _:
            return "asked"


def on_environments(exposures: Sequence[Exposure]) -> dict[str, dict[Environment, Autonomy]]:
    """The autonomy of each principal on each environment where something can be changed: by what it gets to there."""
    weakest: dict[tuple[str, Environment], float] = {}
    met: set[tuple[int, Environment]] = set()
    for exposure in exposures:
        if exposure.class_ in HARMLESS or exposure.confidence is Confidence.POSSIBLE:
            continue
        if (id(exposure.ways), exposure.environment) in met:
            continue
        met.add((id(exposure.ways), exposure.environment))
        for principal, way in exposure.ways.items():
            key = (principal, exposure.environment)
            weakest[key] = max(weakest.get(key, 0.0), gates()[way.effective].factor)
    found: dict[str, dict[Environment, Autonomy]] = {}
    for (principal, environment), factor in sorted(weakest.items()):
        found.setdefault(principal, {})[environment] = _autonomy(factor)
    return found


def _autonomy(factor: float) -> Autonomy:
    if factor > gates()[Gate.PROMPT].factor:
        return Autonomy.FULL
    return Autonomy.SUPERVISED if factor == gates()[Gate.PROMPT].factor else Autonomy.RESTRICTED
