"""Goose: what its modes and lists let it do unasked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.model import Autonomy, Gate, Platform
from tests.probes.agent_cases import ASKED, CALL, EXECUTE, FREE, JUDGED, READ, REFUSED, TAKEN, WORK, WRITE, Found

AGENT = "goose"
CONFIG, LISTS = "~/.config/goose/config.yaml", "~/.config/goose/permission.yaml"


def look(config="", lists=None, **more):
    return Found(AGENT, {CONFIG: config, **({LISTS: lists} if lists is not None else {})}, **more)


def user(**lists):
    return "user:\n" + "".join(f"  {name}: [{', '.join(tools)}]\n" for name, tools in lists.items())


NEVER = user(never_allow=["developer__shell"])
RULES = [
    pytest.param("", None, EXECUTE, "x", FREE, id="by default it asks nothing"),
    pytest.param("GOOSE_MODE: auto", None, WRITE, "/a", FREE, id="auto"),
    pytest.param("GOOSE_MODE: auto", NEVER, EXECUTE, "x", FREE, id="auto does not look at what is never allowed"),
    pytest.param("GOOSE_MODE: approve", None, EXECUTE, "x", ASKED, id="approve"),
    pytest.param("GOOSE_MODE: approve", None, WRITE, f"{WORK}/a", ASKED, id="approve asks for each change"),
    pytest.param("GOOSE_MODE: approve", None, CALL, "a/b", TAKEN, id="but not for tools that say they only read"),
    pytest.param("GOOSE_MODE: approve", NEVER, EXECUTE, "x", REFUSED, id="never"),
    pytest.param(
        "GOOSE_MODE: approve", user(always_allow=["developer__shell"]), EXECUTE, "x", FREE, id="always, by its name"
    ),
    pytest.param(
        "GOOSE_MODE: approve", user(always_allow=["shell"]), EXECUTE, "x", FREE, id="always, by its newer name"
    ),
    pytest.param("GOOSE_MODE: approve", user(always_allow=["*"]), EXECUTE, "x", ASKED, id="names are no globs"),
    pytest.param(
        "GOOSE_MODE: approve",
        user(never_allow=["developer__shell"], always_allow=["developer__shell"]),
        *(EXECUTE, "x", REFUSED),
        id="never comes first",
    ),
    pytest.param(
        "GOOSE_MODE: approve", user(always_allow=["git__status"]), CALL, "git/status", FREE, id="a server's tool"
    ),
    pytest.param("GOOSE_MODE: approve", user(never_allow=["git__push"]), CALL, "git/push", REFUSED, id="a denied tool"),
    pytest.param("GOOSE_MODE: approve", user(ask_before=["git__push"]), CALL, "git/push", ASKED, id="an asked tool"),
    pytest.param("GOOSE_MODE: smart_approve", None, EXECUTE, "x", JUDGED, id="a model judges"),
    pytest.param("GOOSE_MODE: smart_approve", NEVER, EXECUTE, "x", REFUSED, id="a list comes before the model"),
    pytest.param(
        "GOOSE_MODE: smart_approve",
        "smart_approve:\n  always_allow: [developer__shell]\n",
        *(EXECUTE, "x", TAKEN),
        id="older versions keep what the model found",
    ),
    pytest.param("GOOSE_MODE: chat", None, EXECUTE, "x", REFUSED, id="chat has no tools"),
    pytest.param("GOOSE_MODE: chat", None, READ, f"{WORK}/a", REFUSED, id="chat reads nothing"),
    pytest.param("GOOSE_MODE: careful", None, EXECUTE, "x", FREE, id="what is no mode counts as the default"),
    pytest.param("GOOSE_MODE: Approve", None, EXECUTE, "x", FREE, id="modes are written small"),
    pytest.param("GOOSE_MODE: [approve]", None, EXECUTE, "x", FREE, id="nor is a list"),
    pytest.param(
        "GOOSE_MODE: approve\nextensions:\n  developer:\n    enabled: false\n",
        None,
        EXECUTE,
        "x",
        ASKED,
        id="switched off",
    ),
    pytest.param(
        "extensions:\n  developer:\n    enabled: false\n", None, EXECUTE, "x", TAKEN, id="off, but switched on unasked"
    ),
]


@pytest.mark.parametrize(("config", "lists", "channel", "target", "gates"), RULES)
def test_a_rule(config, lists, channel, target, gates):
    assert look(config, lists).gates(channel, target) == gates


def test_the_variable_comes_before_the_file():
    found = look("GOOSE_MODE: auto", env={"GOOSE_MODE": "approve"})
    assert found.gates(EXECUTE, "x") == ASKED
    assert found.seen.policy.mode == "approve"
    assert found.set(AGENT)["GOOSE_MODE"][1] in {"environment", "user"}


def test_a_variable_that_is_no_mode_makes_it_ask_nothing():
    assert look("GOOSE_MODE: approve", env={"GOOSE_MODE": "safe"}).gates(EXECUTE, "x") == FREE


def test_another_root_takes_the_place_of_the_folder():
    files = {CONFIG: "GOOSE_MODE: approve", "/srv/goose/config/config.yaml": "GOOSE_MODE: chat"}
    assert Found(AGENT, files, env={"GOOSE_PATH_ROOT": "/srv/goose"}).gates(EXECUTE, "x") == REFUSED


def test_its_place_on_windows():
    files = {"~/AppData/Roaming/Block/goose/config/config.yaml": "# mine\nGOOSE_MODE: approve\n"}
    found = Found(AGENT, files, platform=Platform.WINDOWS, workspace="C:/src/app")
    assert found.gates(EXECUTE, "x") == ASKED
    assert found.place(EXECUTE, "x")[1:] == (2, "GOOSE_MODE")


@pytest.mark.parametrize(("config", "weak"), [("", ["agent.asks-nothing"]), ("GOOSE_MODE: approve", [])])
def test_a_mode_that_asks_nothing_is_weak(config, weak):
    assert look(config).weak() == weak


def test_how_much_it_does_unasked():
    assert look().judge.autonomy() is Autonomy.FULL
    assert look("GOOSE_MODE: approve").judge.autonomy() is Autonomy.SUPERVISED
    assert look("GOOSE_MODE: chat").judge.autonomy() is Autonomy.RESTRICTED


def test_a_broken_file_is_a_gap_and_the_default_is_judged():
    found = look("GOOSE_MODE: approve\nextensions: [a")
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == TAKEN


def test_broken_lists_leave_what_is_not_listed():
    found = look("GOOSE_MODE: approve", "user:\n  always_allow: [developer__shell\n")
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == ASKED


def test_a_server_named_as_a_glob_means_only_itself():
    found = look("GOOSE_MODE: approve", user(never_allow=["'*__x'"]))
    assert found.tools["MCP tools"].decide("git/x").gate is Gate.UNKNOWN


SHREDS = st.sampled_from(
    ["GOOSE_MODE: ", "approve", "\n", "user:", "  never_allow:", " [", "]", "- a__b", "a: &a", "*a", '"', "{"]
)


@example(["user:", "\n", "  never_allow:", " [", "]"])
@given(st.lists(SHREDS, max_size=25).map("".join))
def test_no_file_breaks_it(text):
    look(text, text).gates(EXECUTE, "x")
