"""OpenHands: whether anything is asked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import Process
from tests.probes.agent_cases import APP, ASKED, EXECUTE, FREE, JUDGED, READ, TAKEN, WORK, WRITE, Found

AGENT = "openhands"
USER, PROJECT = "~/.openhands/settings.json", f"{APP}/config.toml"


def look(user=None, project=None, **more):
    files = {USER: user if user is not None else {}, **({PROJECT: project} if project is not None else {})}
    return Found(AGENT, files, **more)


RULES = [
    pytest.param({}, None, EXECUTE, TAKEN, id="its command line asks, its server does not"),
    pytest.param({}, None, WRITE, TAKEN, id="nor does that for changes"),
    pytest.param({"confirmation_mode": True}, None, EXECUTE, ASKED, id="the server asks too"),
    pytest.param({"confirmation_mode": True}, None, READ, ASKED, id="for all it does"),
    pytest.param({"confirmation_mode": False}, None, EXECUTE, TAKEN, id="it does not"),
    pytest.param({"confirmation_mode": "maybe"}, None, EXECUTE, TAKEN, id="what is no switch counts for nothing"),
    pytest.param({}, "[security]\nconfirmation_mode = true\n", EXECUTE, ASKED, id="a project has it ask"),
    pytest.param(
        {"confirmation_mode": True},
        "[security]\nconfirmation_mode = false\n",
        EXECUTE,
        TAKEN,
        id="a project has it not ask",
    ),
]


@pytest.mark.parametrize(("user", "project", "channel", "gates"), RULES)
def test_a_rule(user, project, channel, gates):
    assert look(user, project).gates(channel, f"{WORK}/a") == gates


@pytest.mark.parametrize(
    ("option", "gates", "weak"),
    [
        ("--always-approve", FREE, ["agent.asks-nothing"]),
        ("--yolo", FREE, ["agent.asks-nothing"]),
        ("--headless", FREE, ["agent.asks-nothing"]),
        ("--llm-approve", JUDGED, []),
        ("--resume", TAKEN, []),
    ],
)
def test_an_option_of_a_running_one(option, gates, weak):
    found = look(processes=[Process(7, 1, "openhands", ("openhands", option))])
    assert (found.gates(EXECUTE, "x"), found.weak()) == (gates, weak)


def test_a_variable_comes_before_files():
    assert look({"confirmation_mode": False}, env={"SECURITY_CONFIRMATION_MODE": "true"}).gates(EXECUTE, "x") == ASKED


def test_what_a_project_leaves_unasked_and_runs_is_told():
    files = {USER: {}, PROJECT: "[security]\nconfirmation_mode = false\n", f"{APP}/.openhands/setup.sh": "CANARY"}
    found = Found(AGENT, files)
    assert found.weak() == ["agent.rights-from-repository", "agent.rights-from-repository"]
    assert found.set(AGENT)[".openhands/setup.sh"] == ("runs at its start", "project")


def test_another_program_s_config_is_none_of_its_settings():
    found = look({}, 'title = "site"\n[params]\nconfirmation_mode = false\n')
    assert found.weak() == []


def test_a_broken_file_is_a_gap_and_the_default_is_judged():
    found = look('{"confirmation_mode": true')
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == TAKEN


SHREDS = st.sampled_from(["{", '"confirmation_mode"', ":", "true", "}", "[", "]", "7", '"'])


@example(["{", '"confirmation_mode"', ":", "[", "]", "}"])
@given(st.lists(SHREDS, max_size=15).map("".join))
def test_no_file_breaks_it(text):
    look(text, text).gates(EXECUTE, "x")
