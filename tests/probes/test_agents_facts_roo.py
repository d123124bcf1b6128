"""Roo Code: rules of its source (RooCodeInc/Roo-Code) that bear on gates and stand in no other table."""

import json

import pytest

from scanner.testing import database
from tests.probes.agent_cases import APP, ASKED, CALL, EXECUTE, FREE, READ, REFUSED, TAKEN, WORK, WRITE, Found

CODE = "~/.config/Code/User"
EXTENSION = "~/.vscode/extensions/rooveterinaryinc.roo-cline-3.52.1/package.json"
STATE = f"{CODE}/globalStorage/state.vscdb"
SERVERS = f"{CODE}/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json"
PROJECT_SERVERS = f"{APP}/.roo/mcp.json"
ON = {"autoApprovalEnabled": True}


def look(state, files=None):
    table = "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"
    entry = f"INSERT INTO ItemTable VALUES ('RooVeterinaryInc.roo-cline', '{json.dumps(state)}')"
    return Found("roo-code", {EXTENSION: "", STATE: database([table, entry]), **(files or {})})


@pytest.mark.parametrize("switch", ["alwaysAllowModeSwitch", "alwaysAllowSubtasks", "alwaysAllowFollowupQuestions"])
@pytest.mark.parametrize(
    ("channel", "target"), [(READ, f"{WORK}/a"), (WRITE, f"{WORK}/a"), (EXECUTE, "ls"), (CALL, "db/list")]
)
def test_switches_that_are_about_modes_and_questions_open_nothing(switch, channel, target):
    assert look(ON | {switch: True}).gates(channel, target) == ASKED


@pytest.mark.parametrize(
    ("entry", "tool", "gates"),
    [
        ({"alwaysAllow": ["list"]}, "db/list", FREE),
        ({"alwaysAllow": ["*"]}, "db/drop", FREE),
        ({"alwaysAllow": ["list"], "disabled": True}, "db/list", ASKED),
        ({"alwaysAllow": ["list"], "disabled": False}, "db/list", FREE),
        ({"alwaysAllow": ["list"], "disabled": "yes"}, "db/list", FREE),
        ({"alwaysAllow": ["*"], "disabledTools": ["drop"]}, "db/drop", REFUSED),
        ({"alwaysAllow": ["*"], "disabledTools": ["drop"]}, "db/list", FREE),
        ({"disabledTools": [7, {}]}, "db/list", ASKED),
    ],
)
def test_entries_of_servers(entry, tool, gates):
    files = {SERVERS: {"mcpServers": {"db": entry}}}
    assert look(ON | {"alwaysAllowMcp": True}, files).gates(CALL, tool) == gates


def test_a_broken_file_takes_no_tool_away():
    files = {SERVERS: '{"mcpServers": {"db": {"alwaysAllow": ["*"], "disabledTools": ["drop"], "disabled": true'}
    assert look(ON | {"alwaysAllowMcp": True}, files).gates(CALL, "db/drop")[1] is TAKEN[1]


def test_an_entry_of_the_project_takes_the_place_of_the_users():
    files = {
        SERVERS: {"mcpServers": {"db": {"disabledTools": ["drop"]}}},
        PROJECT_SERVERS: {"mcpServers": {"db": {"alwaysAllow": ["drop"]}}},
    }
    found = look(ON | {"alwaysAllowMcp": True}, files)
    assert found.gates(CALL, "db/drop") == FREE
    assert found.weak() == ["agent.rights-from-repository"]


@pytest.mark.parametrize(
    ("lists", "command", "gates"),
    [
        ({"allowedCommands": ["git", "npm"]}, "git push", FREE),
        ({"allowedCommands": ["git"], "deniedCommands": ["git push"]}, "git push", REFUSED),  # the longer one
        ({"allowedCommands": ["git push origin"], "deniedCommands": ["git push"]}, "git push origin", FREE),
        ({"allowedCommands": ["git"], "deniedCommands": ["git"]}, "git push", REFUSED),  # as long: denied
        ({"allowedCommands": ["*"], "deniedCommands": ["rm"]}, "rm x", REFUSED),
        ({"allowedCommands": ["*"], "deniedCommands": ["rm"]}, "npm x", FREE),
        ({}, "git log", FREE),  # of its three defaults
        ({}, "git push", ASKED),
    ],
)
def test_the_longest_beginning_decides(lists, command, gates):
    assert look(ON | {"alwaysAllowExecute": True} | lists).gates(EXECUTE, command) == gates


def test_what_follows_an_allowed_command_is_looked_at_by_itself():
    """A substitution is asked about, and so is a part that no entry names: no rule lets another command follow."""
    found = look(ON | {"alwaysAllowExecute": True, "allowedCommands": ["git log"]})
    assert not any(getattr(rule.pattern, "chained", False) for rule in found.tools["run commands"].rules)
