"""Roo Code: what it does unasked, switch by switch and list by list."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.model import AgentSeen, Gap, Gate, SettingSeen, Weakness
from scanner.testing import FakeHost, database, observe

APP, WORK = "~/src/app", "/home/ada/src/app"
EXTENSION = "~/.vscode/extensions/rooveterinaryinc.roo-cline-3.52.1/package.json"
CODE = "~/.config/Code/User"
STATE = f"{CODE}/globalStorage/state.vscdb"
USER = f"{CODE}/settings.json"
FOLDER = f"{APP}/.vscode/settings.json"
SERVERS = f"{CODE}/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"
PROJECT_SERVERS = f"{APP}/.roo/mcp.json"
OPEN = (Gate.NONE, Gate.NONE)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
ASKED = (Gate.PROMPT, Gate.PROMPT)
MOSTLY_ASKED = (Gate.UNKNOWN, Gate.PROMPT)
REFUSED = (Gate.REFUSED, Gate.REFUSED)
ON = {"autoApprovalEnabled": True}
RUNS = ON | {"alwaysAllowExecute": True}
CALLS = ON | {"alwaysAllowMcp": True}


def kept(value, key="RooVeterinaryInc.roo-cline"):
    table = "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"
    text = value if isinstance(value, str) else json.dumps(value)
    return database([table, f"INSERT INTO ItemTable VALUES ('{key}', '{text}')"])


def look(state, files=None, **more):
    here = {EXTENSION: "{}"} | ({STATE: kept(state) if isinstance(state, dict | str) else state} if state else {})
    here |= {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in (files or {}).items()}
    seen = observe(agents, FakeHost(files=here, workspace=APP, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def agent(state, files=None, **more):
    [seen] = [each for each in only(look(state, files, **more), AgentSeen) if each.agent == "roo-code"]
    return seen


def tools(state, files=None, **more):
    return {tool.name: tool for tool in agent(state, files, **more).policy.tools}


def gates(tool, target):
    ruling = tool.decide(target)
    return ruling.gate, ruling.effective


def test_it_is_started_in_an_editor_and_asks_by_default():
    seen = agent(None)
    assert (seen.starts, seen.version, seen.policy.mode) == ("editor", "3.52.1", "asks")
    assert {gates(tool, "x") for tool in seen.policy.tools} == {ASKED}


@pytest.mark.parametrize(
    ("state", "tool", "target", "gate"),
    [
        ({"alwaysAllowReadOnly": True}, "read files", f"{WORK}/x", ASKED),  # the main switch is off
        (ON | {"alwaysAllowReadOnly": True}, "read files", f"{WORK}/x", OPEN),
        (ON | {"alwaysAllowReadOnly": True}, "read files", "/home/ada/.ssh/x", ASKED),
        (ON | {"alwaysAllowReadOnlyOutsideWorkspace": True}, "read files", "/home/ada/.ssh/x", ASKED),
        (
            ON | {"alwaysAllowReadOnly": True, "alwaysAllowReadOnlyOutsideWorkspace": True},
            *("read files", "/home/ada/.ssh/x", OPEN),
        ),
        (ON | {"alwaysAllowWrite": True}, "edit files", f"{WORK}/x", OPEN),
        (ON | {"alwaysAllowWrite": True}, "edit files", "/home/ada/.bashrc", ASKED),
        (ON | {"alwaysAllowWrite": True}, "edit files", f"{WORK}/.vscode/settings.json", ASKED),
        (ON | {"alwaysAllowWrite": True}, "edit files", f"{WORK}/.roo/mcp.json", ASKED),
        (
            ON | {"alwaysAllowWrite": True, "alwaysAllowWriteProtected": True},
            *("edit files", f"{WORK}/.roo/mcp.json", OPEN),
        ),
        (
            ON | {"alwaysAllowWrite": True, "alwaysAllowWriteOutsideWorkspace": True},
            *("edit files", "/home/ada/.bashrc", OPEN),
        ),
        (ON | {"alwaysAllowExecute": False}, "run commands", "git log", ASKED),
        (ON | {"alwaysAllowBrowser": True}, "browser (older builds)", "example.com", OPEN),
        (CALLS, "MCP tools", "db/list", ASKED),
        ({"autoApprovalEnabled": "yes"}, "read files", f"{WORK}/x", ASKED),
    ],
)
def test_switches(state, tool, target, gate):
    assert gates(tools(state)[tool], target) == gate


@pytest.mark.parametrize(
    ("allow", "deny", "command", "gate"),
    [
        (None, None, "git log", OPEN),  # the extension's own list
        (None, None, "git push", ASKED),
        (["git"], [], "git push", OPEN),
        (["git"], ["git push"], "git push origin", REFUSED),
        (["git push --dry-run"], ["git push"], "git push --dry-run x", OPEN),  # the longest beginning
        (["git push"], ["git push"], "git push", REFUSED),  # of two as long the one that denies
        ([], ["rm"], "rm x", REFUSED),
        (["git"], [], "github-backup", OPEN),  # no end of a word is asked for
        (["*"], [], "terraform apply", OPEN),
        (["*"], ["terraform"], "terraform apply", REFUSED),
        (["*", "npm"], ["n"], "npm test", OPEN),
        (["", " "], [], "ls", ASKED),
        ([1], [], "ls", ASKED),
    ],
)
def test_lists_of_commands(allow, deny, command, gate):
    lists = {"allowedCommands": allow, "deniedCommands": deny}
    state = RUNS | {name: told for name, told in lists.items() if told is not None}
    assert gates(tools(state)["run commands"], command) == gate


@pytest.mark.parametrize(
    ("user", "folder", "command", "gate"),
    [
        (None, None, "git log", OPEN),
        ({"roo-cline.allowedCommands": ["make"]}, None, "make x", OPEN),
        ({"roo-cline.allowedCommands": ["make"]}, None, "git log", ASKED),  # takes the place of the default
        ({"roo-cline.allowedCommands": ["make"]}, {"roo-cline.allowedCommands": ["kubectl"]}, "kubectl x", OPEN),
        ({"roo-cline.allowedCommands": ["make"]}, {"roo-cline.allowedCommands": ["kubectl"]}, "make x", ASKED),
        ({"roo-cline.deniedCommands": ["git"]}, None, "git log", OPEN),  # the longer one
        ({"roo-cline.deniedCommands": ["git log"]}, None, "git log", REFUSED),
    ],
)
def test_lists_of_the_editors_settings_are_added(user, folder, command, gate):
    files = {path: told for path, told in ((USER, user), (FOLDER, folder)) if told is not None}
    assert gates(tools(RUNS | {"allowedCommands": ["ls"]}, files)["run commands"], command) == gate


def test_commands_are_taken_apart_before_the_lists_are_asked():
    rules = tools(RUNS)["run commands"].rules
    assert not any(rule.pattern.chained for rule in rules)


@pytest.mark.parametrize(
    ("user", "project", "tool", "gate"),
    [
        ({"alwaysAllow": ["list"]}, None, "db/list", OPEN),
        ({"alwaysAllow": ["list"]}, None, "db/drop", ASKED),
        ({"alwaysAllow": ["*"]}, None, "db/drop", OPEN),
        ({"alwaysAllow": ["list"]}, {"alwaysAllow": ["drop"]}, "db/drop", OPEN),
        ({"alwaysAllow": ["list"]}, {"alwaysAllow": ["drop"]}, "db/list", ASKED),  # the project's in its place
        ({"alwaysAllow": ["list"]}, {}, "db/list", ASKED),
    ],
)
def test_tools_that_entries_of_servers_allow(user, project, tool, gate):
    files = {SERVERS: {"mcpServers": {"db": user}}}
    files |= {PROJECT_SERVERS: {"mcpServers": {"db": project}}} if project is not None else {}
    assert gates(tools(CALLS, files)["MCP tools"], tool) == gate
    assert gates(tools(ON, files)["MCP tools"], tool) == ASKED


def test_the_state_of_each_editor_is_its_own_and_the_laxest_counts():
    files = {
        "~/.cursor/extensions/rooveterinaryinc.roo-cline-3.52.1/package.json": "{}",
        "~/.config/Cursor/User/globalStorage/state.vscdb": kept(RUNS | {"allowedCommands": ["*"]}),
    }
    assert gates(tools(ON, files)["run commands"], "x") == OPEN
    [told] = [each for each in only(look(ON, files), SettingSeen) if each.key == "editor"]
    assert told.value == "Cursor, where it does most unasked; it is in 2 places"


def test_servers_of_another_editor_are_not_its_own():
    other = SERVERS.replace("Code", "Cursor")
    told = tools(CALLS, {other: {"mcpServers": {"db": {"alwaysAllow": ["list"]}}}})["MCP tools"]
    assert gates(told, "db/list") == ASKED


def test_an_entry_in_lower_case_is_found_too():
    assert agent(kept(ON, "rooveterinaryinc.roo-cline")).policy.mode == "auto-approve"


@pytest.mark.parametrize("state", [b"CANARY, no database", "[1", '{"autoApprovalEnabled": fal'])
def test_a_state_that_cannot_be_read_is_a_gap_and_the_default_stands_in(state):
    assert gates(tools(state)["run commands"], "x") == MOSTLY_ASKED
    assert [gap for gap in only(look(state), Gap) if "state.vscdb" in gap.place]


def test_what_is_weak():
    assert only(look(RUNS), Weakness) == []
    project = {FOLDER: {"roo-cline.allowedCommands": ["make"]}}
    assert only(look(ON, project), Weakness) == []  # where no command runs by lists, a list gives nothing
    assert [each.rule for each in only(look(RUNS, project), Weakness)] == ["agent.rights-from-repository"]
    servers = {PROJECT_SERVERS: {"mcpServers": {"db": {"alwaysAllow": ["x"]}}}}
    assert [each.rule for each in only(look(CALLS, servers), Weakness)] == ["agent.rights-from-repository"]
    free = RUNS | {"allowedCommands": ["*"]}
    assert [each.rule for each in only(look(free), Weakness)] == ["agent.asks-nothing"]


def test_settings_are_told_by_their_value_or_number():
    state = RUNS | {"allowedCommands": ["curl -u ada:CANARY-CANARY-CANARY", "ls"], "apiKey": "CANARY"}
    told = {each.key: each.value for each in only(look(state), SettingSeen)}
    assert told == {"autoApprovalEnabled": "true", "alwaysAllowExecute": "true", "allowedCommands": "2 entries"}


PIECES = st.sampled_from(["{", "}", "[", "]", ":", ",", "true", "null", '"mcpServers"', '"alwaysAllow"', '"a"', "\n"])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_settings_break_it(text):
    files = {SERVERS: text, PROJECT_SERVERS: text, USER: text, FOLDER: text}
    assert agent(CALLS, files).agent == "roo-code"
