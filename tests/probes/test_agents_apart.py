"""One agent's reader that breaks takes nobody down, and is told without what it stumbled over."""

import pytest

from probes.agents.apart import apart
from scanner.host import DeadlinePassed
from scanner.model import Gap, GapKind, Guardrail
from scanner.model.evidence import Evidence

TOLD, INSTEAD = Guardrail("told", "", Evidence()), Guardrail("instead", "", Evidence())


def breaks(error):
    yield TOLD
    raise error


def test_a_whole_reader_is_told_as_it_is():
    assert list(apart("Agent", lambda: [TOLD], lambda: [INSTEAD])) == [TOLD]


@pytest.mark.parametrize("error", [ValueError("CANARY"), KeyError("CANARY"), RecursionError("CANARY")])
def test_a_broken_one_is_a_gap_that_quotes_nothing_and_something_else_is_told(error):
    gap, *rest = apart("Agent", lambda: breaks(error), lambda: [INSTEAD])
    assert (gap.kind, gap.place, rest) == (GapKind.FAILED, "Agent", [INSTEAD])
    assert isinstance(gap, Gap)
    assert f"a defect: {type(error).__name__} at test_agents_apart.py:" in gap.why
    assert "CANARY" not in gap.why


def test_the_end_of_the_time_is_no_defect():
    with pytest.raises(DeadlinePassed):
        list(apart("Agent", lambda: breaks(DeadlinePassed()), lambda: [INSTEAD]))
