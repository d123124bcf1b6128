"""Whether a person still decides where an agent asks, by what its records tell of the answers."""

from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from scanner import reach
from scanner.config import Config
from scanner.data.gates import gates, terms_of
from scanner.gates import Judge
from scanner.graph import build
from scanner.habits import Habit, habits
from scanner.model import (
    Asset,
    Autonomy,
    Capability,
    Channel,
    Confidence,
    CredentialSeen,
    Evidence,
    Gate,
    Grant,
    Policy,
    Ruling,
    Tool,
    UseKind,
    UseSeen,
)
from scanner.testing import NOW, fake_machine

LOG = Evidence(PurePosixPath("/home/ada/.claude/projects/x/y.jsonl"))
ASKS = Policy("default", (Tool("Bash", Channel.EXECUTE, Ruling(Gate.PROMPT, "Bash asks (default)")),))
UNSURE = Policy("default", (Tool("Bash", Channel.EXECUTE, Ruling(Gate.UNKNOWN, "its settings", None, Gate.PROMPT)),))
SHUT = Policy("default", (Tool("Bash", Channel.EXECUTE, Ruling(Gate.REFUSED, "deny Bash")),))
BUCKET = Asset("bucket", "orders")
KEY = CredentialSeen(
    "aws.access-key",
    Evidence(PurePosixPath("/home/ada/.aws/credentials"), 2),
    public_id="AKIA",
    grants=(Grant(BUCKET, frozenset({Capability.DATA_DESTROY}), Confidence.GRANTED),),
)


def prompts(asked, approved, sessions, agent="claude-code", *, folder=None, about="execute"):
    """What an agent's records tell of its questions."""
    last = datetime(2026, 11, 1, tzinfo=UTC)
    return UseSeen(about, UseKind.PROMPT, asked, last, LOG, agent, folder, None, sessions, approved)


def way(policy, habit):
    """The one way to destroy the data, with the factor of its gate."""
    machine = fake_machine()
    graph = build([KEY], machine, Config())
    found = reach.exposures(graph, NOW, {"agent": Judge(policy, machine, (), habit)})
    [exposure] = [each for each in found if each.class_ is Capability.DATA_DESTROY]
    return exposure.ways["agent"], terms_of(exposure, exposure.ways["agent"]).gate


# (asked, approved, sessions), the gate, the factor
ANSWERS = [
    ((200, 195, 20), Gate.NONE, 1.0),
    ((200, 190, 20), Gate.PROMPT, 0.95),
    ((100, 80, 9), Gate.PROMPT, 0.8),
    ((100, 50, 9), Gate.PROMPT, 0.6),
    ((49, 49, 9), Gate.PROMPT, 0.6),
    ((500, 500, 4), Gate.PROMPT, 0.6),
    ((0, 0, 0), Gate.PROMPT, 0.6),
]


@pytest.mark.parametrize(("counts", "gate", "factor"), ANSWERS)
def test_a_prompt_that_is_always_answered_with_yes_holds_nothing_back(counts, gate, factor):
    told, found = way(ASKS, Habit(*counts))
    assert (told.gate, found) == (gate, factor)
    assert ("a person said yes to" in told.rule) == (factor != gates()[Gate.PROMPT].factor)


def test_what_stands_in_for_an_unknown_gate_is_answered_too():
    told, factor = way(UNSURE, Habit(200, 200, 20))
    assert (told.gate, told.stands_for, factor) == (Gate.UNKNOWN, Gate.NONE, 1.0)


def test_what_is_refused_is_not_asked():
    assert way(SHUT, Habit(200, 200, 20))[0].gate is Gate.REFUSED


def test_no_habit_lowers_a_way():
    scores = [way(ASKS, Habit(100, approved, 10))[0].score for approved in range(0, 101, 10)]
    assert scores == sorted(scores)
    assert scores[0] == way(ASKS, None)[0].score


def test_its_settings_say_how_freely_an_agent_acts_whatever_a_person_answers():
    assert Judge(ASKS, fake_machine(), (), Habit(200, 200, 20)).autonomy() is Autonomy.SUPERVISED


def test_answers_add_up_over_folders_and_channels_of_one_agent():
    seen = [
        prompts(60, 60, 4, folder="~/src/shop"),
        prompts(20, 19, 3, folder="~/src/shop", about="write"),
        prompts(20, 19, 3, folder="~/src/tools"),
        prompts(9, 1, 1, "codex"),
        prompts(7, None, 1, "gemini-cli"),
    ]
    assert habits(seen) == {"claude-code": Habit(100, 98, 7), "codex": Habit(9, 1, 1)}


def test_more_yes_than_questions_is_no_more_than_always():
    assert habits([prompts(10, 99, 1)]) == {"claude-code": Habit(10, 10, 1)}
