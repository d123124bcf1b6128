"""How much each principal gets to unasked: counted by gate, and as its autonomy on each environment."""

import pytest

from scanner.freedom import counts, on_environments
from scanner.model import Autonomy, Capability, Confidence, Environment, Gate, Reversibility, Severity
from scanner.model.report import Exposure, GateCounts, Way


def exposure(gate, *, class_=Capability.DATA_DESTROY, at=Environment.PRODUCTION, confidence=Confidence.GRANTED, **more):
    """An exposure with one way of an agent."""
    return Exposure(
        id=f"e-{gate}-{class_}",
        class_=class_,
        asset="a-1",
        credential="c-1",
        environment=at,
        confidence=confidence,
        severity=Severity.HIGH,
        urgent=False,
        reversibility=Reversibility.OWNER,
        why="",
        path=(),
        ways={"agent": Way(gate, "", "", 0.5, **more)},
    )


@pytest.mark.parametrize(
    ("gate", "column"),
    [
        (Gate.NONE, "unattended"),
        (Gate.CLASSIFIER, "unattended"),
        (Gate.RULE_ONLY, "rule_only"),
        (Gate.PROMPT, "asked"),
        (Gate.PRESENCE, "asked"),
        (Gate.SERVER, "asked"),
        (Gate.REFUSED, "refused"),
        (Gate.OS_BLOCKED, "os_blocked"),
    ],
)
def test_each_gate_is_counted_in_one_column(gate, column):
    assert counts([exposure(gate)]) == {"agent": GateCounts(**{column: 1})}


def test_an_unknown_gate_counts_as_what_stands_for_it_and_as_unknown():
    found = counts([exposure(Gate.UNKNOWN, stands_for=Gate.PROMPT), exposure(Gate.PROMPT)])
    assert found == {"agent": GateCounts(asked=2, unknown=1)}


def test_exposures_that_share_their_ways_are_each_counted():
    one = exposure(Gate.NONE)
    other = Exposure(**{name: getattr(one, name) for name in Exposure.__struct_fields__} | {"id": "e-2"})
    assert other.ways is one.ways
    assert counts([one, other, exposure(Gate.NONE)]) == {"agent": GateCounts(unattended=3)}


@pytest.mark.parametrize(
    ("gates", "autonomy"),
    [
        ((Gate.NONE,), Autonomy.FULL),
        ((Gate.RULE_ONLY, Gate.PROMPT), Autonomy.FULL),
        ((Gate.PROMPT, Gate.REFUSED), Autonomy.SUPERVISED),
        ((Gate.PRESENCE,), Autonomy.RESTRICTED),
        ((Gate.REFUSED,), Autonomy.RESTRICTED),
    ],
)
def test_the_easiest_change_on_an_environment_tells_the_autonomy_there(gates, autonomy):
    found = on_environments([exposure(gate) for gate in gates])
    assert found == {"agent": {Environment.PRODUCTION: autonomy}}


def test_each_environment_is_told_apart():
    found = on_environments([exposure(Gate.PROMPT), exposure(Gate.NONE, at=Environment.STAGING)])
    assert found["agent"] == {Environment.PRODUCTION: Autonomy.SUPERVISED, Environment.STAGING: Autonomy.FULL}


def test_reading_and_what_is_only_possible_tell_nothing():
    harmless = exposure(Gate.NONE, class_=Capability.DATA_READ)
    guess = exposure(Gate.NONE, confidence=Confidence.POSSIBLE)
    assert on_environments([harmless, guess]) == {}
