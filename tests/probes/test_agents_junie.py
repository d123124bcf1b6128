"""JetBrains Junie: what its allowlist lets it do unasked."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import Process
from scanner.model import Gate
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CALL,
    EXECUTE,
    FREE,
    HOME,
    MOSTLY_ASKED,
    READ,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "junie"
FILE = "~/.junie/allowlist.json"
OUTSIDE = f"{HOME}/notes/a"


def look(settings=None, **more):
    return Found(AGENT, {FILE: settings if settings is not None else {}}, **more)


def of(kind, *rules, **more):
    return {"rules": {kind: {"rules": list(rules), **more}}, "allowReadonlyCommands": False}


def rule(action="allow", **told):
    return {**told, "action": action}


RUN, EDIT, TOOL, SEE = "executables", "fileEditing", "mcpTools", "readOutsideProject"
RULES = [
    pytest.param({}, EXECUTE, "x", ASKED, id="commands are asked for"),
    pytest.param({}, WRITE, f"{WORK}/a", FREE, id="files of the project are changed unasked"),
    pytest.param({}, WRITE, OUTSIDE, ASKED, id="others are asked for"),
    pytest.param({}, READ, OUTSIDE, TAKEN, id="commands that only read may be on"),
    pytest.param({"allowReadonlyCommands": True}, READ, OUTSIDE, TAKEN, id="or are"),
    pytest.param({"allowReadonlyCommands": False}, READ, OUTSIDE, ASKED, id="or off"),
    pytest.param({}, CALL, "a/b", ASKED, id="tools of servers are asked for"),
    pytest.param({"defaultBehavior": "allow"}, EXECUTE, "x", FREE, id="all is allowed"),
    pytest.param({"defaultBehavior": "deny"}, EXECUTE, "x", ASKED, id="there is no deny"),
    pytest.param(of(RUN, default="allow"), EXECUTE, "x", FREE, id="all of a kind"),
    pytest.param(of(RUN, rule(pattern="git status")), EXECUTE, "git status", FREE, id="a command"),
    pytest.param(of(RUN, rule(prefix="git")), EXECUTE, "git log", TAKEN, id="a beginning"),
    pytest.param(of(RUN, rule(prefix="git")), EXECUTE, "github x", TAKEN, id="of a word too"),
    pytest.param(of(RUN, rule(prefix="git")), EXECUTE, "npm x", ASKED, id="not of another"),
    pytest.param(
        of(RUN, rule("ask", pattern="npm install"), rule(prefix="npm")),
        EXECUTE,
        "npm install",
        ASKED,
        id="the first counts",
    ),
    pytest.param(
        of(RUN, rule(prefix="npm"), rule("ask", pattern="npm install")),
        EXECUTE,
        "npm install",
        TAKEN,
        id="not the stricter",
    ),
    pytest.param(of(RUN, rule("deny", prefix="git")), EXECUTE, "git x", ASKED, id="an action that is not known"),
    pytest.param(of(EDIT, rule(prefix="/home/ada/notes/")), WRITE, OUTSIDE, FREE, id="a folder"),
    pytest.param(of(EDIT, rule("ask", prefix="src/")), WRITE, f"{WORK}/src/a", ASKED, id="a folder of the project"),
    pytest.param(of(EDIT, rule(pattern="/home/ada/**")), WRITE, OUTSIDE, FREE, id="a glob"),
    pytest.param(of(EDIT, rule(prefix="../x")), WRITE, OUTSIDE, TAKEN, id="a folder that cannot be told"),
    pytest.param(of(SEE, rule(pattern="/home/ada/notes/*")), READ, OUTSIDE, FREE, id="read a folder"),
    pytest.param(of(TOOL, rule(prefix="github:")), CALL, "github/x", FREE, id="a server"),
    pytest.param(of(TOOL, rule(prefix="github:get_")), CALL, "github/push", ASKED, id="some tools of a server"),
    pytest.param(of(TOOL, rule(prefix="git")), CALL, "github/x", TAKEN, id="a beginning of a server's name"),
]


@pytest.mark.parametrize(("settings", "channel", "target", "gates"), RULES)
def test_a_rule(settings, channel, target, gates):
    assert look(settings).gates(channel, target) == gates


def test_the_place_that_decides_is_named():
    found = look(json.dumps(of(RUN, rule(pattern="git status")), indent=1))
    assert found.place(EXECUTE, "git status") == (FILE, 6, "rules.executables.rules")


def test_behind_a_beginning_another_command_may_follow_for_all_that_is_known():
    assert not look(of(RUN, rule(prefix="git log"))).judge.is_sure()


def test_brave_mode_of_a_running_one():
    found = look(processes=[Process(7, 1, "junie", ("junie", "--brave"))])
    assert found.gates(EXECUTE, "x") == FREE
    assert found.weak() == ["agent.asks-nothing"]


def test_a_project_has_no_say():
    files = {FILE: {}, f"{APP}/.junie/allowlist.json": {"defaultBehavior": "allow"}}
    assert Found(AGENT, files).gates(EXECUTE, "x") == ASKED


def test_another_folder_takes_the_place_of_the_home_s():
    files = {FILE: {}, "/srv/j/allowlist.json": {"defaultBehavior": "allow"}}
    assert Found(AGENT, files, env={"JUNIE_HOME": "/srv/j"}).gates(EXECUTE, "x") == FREE


def test_a_broken_file_is_a_gap_and_the_default_is_judged():
    found = look('{"defaultBehavior": "allow", ')
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == MOSTLY_ASKED
    assert found.weak() == []


def test_no_secret_of_a_rule_is_shown():
    found = look(of(RUN, rule(prefix="curl -H 'Authorization: Bearer CANARY-CANARY-CANARY'")))
    assert found.gates(EXECUTE, "curl x")[1] is Gate.NONE


SHREDS = st.sampled_from(
    [
        '{"rules": {',
        '"executables": {',
        '"rules": [',
        '{"prefix": "',
        "*",
        '", "action": "allow"}',
        "]",
        "}",
        ",",
        "7",
        '"',
    ]
)


@example(['{"rules": {', '"executables": {', '"rules": [', "7", "]", "}", "}", "}"])
@given(st.lists(SHREDS, max_size=25).map("".join))
def test_no_file_breaks_it(text):
    look(text).gates(EXECUTE, "x")
