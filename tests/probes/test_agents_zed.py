"""Zed's agent: what its permissions let it do unasked."""

import json
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.model import Autonomy, Gate, Platform
from scanner.testing import FakeHost, observe
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CALL,
    CONNECT,
    EXECUTE,
    FREE,
    HOME,
    MOSTLY_ASKED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "zed"
SETTINGS = "~/.config/zed/settings.json"


def permissions(tools=None, **more):
    return {"agent": {"tool_permissions": {**({"tools": tools} if tools is not None else {}), **more}}}


def terminal(**lists):
    return permissions({"terminal": _lists(lists)})


def _lists(lists):
    return {
        name: [{"pattern": text} for text in told] if isinstance(told, list) else told for name, told in lists.items()
    }


def look(settings=None, **more):
    return Found(AGENT, {SETTINGS: settings if settings is not None else {}}, **more)


def edits(**lists):
    return permissions({"edit_file": _lists(lists)})


def fetches(**lists):
    return permissions({"fetch": _lists(lists)})


RULES = [
    pytest.param({}, READ, f"{WORK}/a", FREE, id="files of the project are read unasked"),
    pytest.param({}, READ, f"{HOME}/.aws/credentials", REFUSED, id="others are not read"),
    pytest.param({}, WRITE, f"{WORK}/a", ASKED, id="changes are confirmed"),
    pytest.param({}, EXECUTE, "ls", ASKED, id="commands are confirmed"),
    pytest.param({}, CONNECT, "docs.rs", ASKED, id="addresses are confirmed"),
    pytest.param({}, CALL, "a/b", ASKED, id="tools of servers are confirmed"),
    pytest.param(permissions(default="allow"), EXECUTE, "x", FREE, id="all is allowed"),
    pytest.param(permissions(default="allow"), WRITE, f"{WORK}/a", FREE, id="changes too"),
    pytest.param(
        permissions(default="allow"), WRITE, f"{WORK}/.zed/settings.json", ASKED, id="but for Zed's own settings"
    ),
    pytest.param(permissions(default="allow"), WRITE, f"{HOME}/{SETTINGS[2:]}", ASKED, id="and the user's"),
    pytest.param(permissions(default="allow"), EXECUTE, "rm -rf /", REFUSED, id="what is built in cannot be allowed"),
    pytest.param(permissions(default="deny"), EXECUTE, "x", REFUSED, id="all is denied"),
    pytest.param(permissions(default="always"), EXECUTE, "x", ASKED, id="what is no word counts for nothing"),
    pytest.param(terminal(default="allow"), EXECUTE, "x", FREE, id="a tool's default"),
    pytest.param(terminal(default="allow"), WRITE, f"{WORK}/a", ASKED, id="is not another's"),
    pytest.param(
        permissions({"terminal": {"default": "confirm"}}, default="allow"), EXECUTE, "x", ASKED, id="it comes first"
    ),
    pytest.param(terminal(always_allow=["^cargo (build|test)"]), EXECUTE, "cargo test -v", FREE, id="allowed"),
    pytest.param(terminal(always_allow=["^cargo (build|test)"]), EXECUTE, "cargo run", ASKED, id="not allowed"),
    pytest.param(terminal(always_allow=["^ls$"]), EXECUTE, "ls -l", ASKED, id="bound at the end"),
    pytest.param(terminal(always_allow=["cargo"]), EXECUTE, "run cargo now", FREE, id="found anywhere"),
    pytest.param(
        terminal(always_allow=["^[a-z]+$"]), EXECUTE, "anything", TAKEN, id="what is no plain text may be wider"
    ),
    pytest.param(
        terminal(always_allow=["^\\p{L}+$"]), EXECUTE, "any", TAKEN, id="what cannot be told opens, for all we know"
    ),
    pytest.param(terminal(always_deny=["rm\\s+-rf"], default="allow"), EXECUTE, "rm -rf a", REFUSED, id="denied"),
    pytest.param(terminal(always_deny=["\\brm\\b"], default="allow"), EXECUTE, "rm a", REFUSED, id="a word"),
    pytest.param(terminal(always_deny=["\\brm\\b"], default="allow"), EXECUTE, "storm a", FREE, id="not part of one"),
    pytest.param(
        terminal(always_deny=["[a-z]+"], default="allow"), EXECUTE, "x", FREE, id="what is not sure denies nothing"
    ),
    pytest.param(terminal(always_deny=["a"], always_allow=["a"]), EXECUTE, "a", REFUSED, id="denied before allowed"),
    pytest.param(
        terminal(always_confirm=["push"], always_allow=["^git"]), EXECUTE, "git push", ASKED, id="confirmed first"
    ),
    pytest.param(
        terminal(always_allow=["(?=x)y"], default="allow"), EXECUTE, "y", REFUSED, id="a broken one blocks all"
    ),
    pytest.param(terminal(always_allow=["^RUN$"]), EXECUTE, "run", FREE, id="case counts for nothing"),
    pytest.param(
        permissions({"terminal": {"always_allow": [{"pattern": "^RUN$", "case_sensitive": True}]}}),
        *(EXECUTE, "run", ASKED),
        id="unless it is said to",
    ),
    pytest.param(edits(always_deny=["\\.env"], default="allow"), WRITE, f"{WORK}/a/.env.local", REFUSED, id="a name"),
    pytest.param(
        edits(always_deny=["^src/"], default="allow"), WRITE, f"{WORK}/src/a", FREE, id="a bound path is not sure"
    ),
    pytest.param(edits(always_allow=["^src/"]), WRITE, f"{WORK}/src/a", TAKEN, id="and may allow more"),
    pytest.param(edits(always_allow=["\\.md$"]), WRITE, f"{WORK}/docs/a.md", FREE, id="an ending"),
    pytest.param(
        permissions({"copy_path": {"default": "allow"}}), WRITE, f"{WORK}/a", FREE, id="another tool that writes"
    ),
    pytest.param(fetches(always_allow=["docs\\.rs"]), CONNECT, "evil.example", FREE, id="any address may hold a name"),
    pytest.param(fetches(always_allow=["^https://docs\\.rs/"]), CONNECT, "docs.rs", FREE, id="a host"),
    pytest.param(fetches(always_allow=["^https://docs\\.rs/"]), CONNECT, "evil.example", ASKED, id="and no other"),
    pytest.param(
        fetches(always_allow=["^https://docs\\.rs"]), CONNECT, "docs.rs.evil.example", FREE, id="one not closed"
    ),
    pytest.param(permissions({"mcp:git:status": {"default": "allow"}}), CALL, "git/status", FREE, id="a server's tool"),
    pytest.param(
        permissions({"mcp:git:status": {"default": "allow"}}), CALL, "git/push", ASKED, id="and no other tool"
    ),
    pytest.param({"agent": {"always_allow_tool_actions": True}}, EXECUTE, "x", TAKEN, id="what older versions go by"),
    pytest.param({"agent": {"default_profile": "ask"}}, EXECUTE, "x", REFUSED, id="a profile without tools"),
    pytest.param(
        {"agent": {"default_profile": "mine", "profiles": {"mine": {"tools": {"terminal": False}}}}},
        *(EXECUTE, "x", REFUSED),
        id="a profile of one's own",
    ),
    pytest.param(
        {"agent": {"default_profile": "ask", "profiles": {"ask": {"tools": {"terminal": True}}}}},
        *(EXECUTE, "x", ASKED),
        id="one that is changed",
    ),
]


@pytest.mark.parametrize(("settings", "channel", "target", "gates"), RULES)
def test_a_rule(settings, channel, target, gates):
    assert look(settings).gates(channel, target) == gates


def test_the_place_that_decides_is_named():
    text = "// mine\n" + json.dumps(terminal(always_allow=["^ls$"]), indent=1)
    assert look(text).place(EXECUTE, "ls") == (SETTINGS, 9, "agent.tool_permissions.tools.terminal.always_allow")


def test_a_line_is_taken_apart_so_that_an_open_rule_is_no_shell():
    assert look(terminal(always_allow=["^git status\\b"])).judge.autonomy() is Autonomy.SUPERVISED
    assert look(terminal(always_allow=["cargo"])).judge.autonomy() is Autonomy.FULL


def test_a_project_says_in_vain_what_the_agent_may():
    files = {SETTINGS: {}, f"{APP}/.zed/settings.json": permissions(default="allow")}
    found = Found(AGENT, files)
    assert found.gates(EXECUTE, "x") == ASKED
    assert found.set(AGENT)["agent"] == ("ignored in a project", "project")
    assert found.weak() == []


def test_agents_that_it_starts_are_told_without_their_commands():
    found = look({"agent_servers": {"mine": {"command": "CANARY", "args": ["CANARY"]}}})
    assert found.set(AGENT)["agent_servers"][0] == "a program that Zed starts as an agent"


def test_all_allowed_is_weak():
    assert look(permissions(default="allow")).weak() == ["agent.asks-nothing"]
    assert look().weak() == []


def test_a_broken_file_is_a_gap_and_the_default_is_judged():
    found = look('{"agent": {"tool_permissions": {"default": "allow"')
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == MOSTLY_ASKED


def test_a_key_that_stands_twice_is_told_and_the_later_one_counts():
    found = look('{"agent": {"tool_permissions": {"default": "deny", "default": "allow"}}}')
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == FREE


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.LINUX, "~/.config/zed/settings.json"),
        (Platform.MACOS, "~/.config/zed/settings.json"),
        (Platform.WINDOWS, "~/AppData/Roaming/Zed/settings.json"),
    ],
)
def test_where_its_settings_lie(platform, path):
    work = "C:/src/app" if platform is Platform.WINDOWS else "/src/app"
    found = Found(AGENT, {path: permissions(default="deny")}, platform=platform, workspace=work)
    assert found.gates(EXECUTE, "x") == REFUSED


def test_no_secret_in_a_pattern_is_shown():
    found = look(terminal(always_allow=["^curl -H 'Authorization: Bearer CANARY-CANARY-CANARY'"]))
    assert found.gates(EXECUTE, "curl x")[1] is Gate.NONE


SHREDS = st.sampled_from(
    [
        *('{"agent": {', '"tool_permissions": {', '"tools": {', '"terminal": {', '"always_deny": [', '{"pattern": "'),
        *("(", "[", "^", "\\\\", '"}', "]", "}", ",", '"default": "allow"', "7", "null"),
    ]
)


@example(['{"agent": {', '"tool_permissions": {', '"tools": {', "}", "}", "}", "}"])
@given(st.lists(SHREDS, max_size=25).map("".join))
def test_no_file_breaks_it(text):
    look(text).gates(EXECUTE, "x")


def test_thousands_of_rules_cost_what_their_number_costs():
    patterns = [{"pattern": f"^run{each} "} for each in range(2000)]
    terminal = {"always_allow": patterns, "always_deny": patterns}
    text = json.dumps({"agent": {"tool_permissions": {"tools": {"terminal": terminal}}}})
    begun = process_time()
    observe(agents, FakeHost(files={"~/.config/zed/settings.json": text}, workspace="~/src/app"))
    assert process_time() - begun < 10
