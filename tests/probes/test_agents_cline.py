"""Cline in editors: what it does unasked, switch by switch."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.cline.state import approved_tools, data
from probes.agents.documents import Documents
from probes.agents.look import agents
from scanner.data.agent_places import places_of
from scanner.model import AgentSeen, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.testing import FakeHost, database, observe

EXTENSION = "~/.vscode/extensions/saoudrizwan.claude-dev-4.1.13/package.json"
STATE = "~/.cline/data/globalState.json"
SERVERS = "~/.cline/data/settings/cline_mcp_settings.json"
OLDER = "~/.config/Code/User/globalStorage/state.vscdb"
OPEN = (Gate.NONE, Gate.NONE)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
ASKED = (Gate.PROMPT, Gate.PROMPT)
KINDS = ("read files", "edit files", "run commands", "browser and web fetch", "MCP tools")


def actions(**switches):
    return {"autoApprovalSettings": {"version": 1, "actions": switches}}


def kept(value):
    table = "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"
    return database([table, f"INSERT INTO ItemTable VALUES ('saoudrizwan.claude-dev', '{json.dumps(value)}')"])


def look(files, platform=Platform.LINUX, workspace="~/src/app", **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(platform, {EXTENSION: "{}"} | files, workspace=workspace, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def agent(files, **more):
    [seen] = [each for each in only(look(files, **more), AgentSeen) if each.agent == "cline"]
    return seen


def gates(files, target="x", **more):
    rulings = [tool.decide(target) for tool in agent(files, **more).policy.tools]
    assert [tool.name for tool in agent(files, **more).policy.tools] == [*KINDS]
    return [(each.gate, each.effective) for each in rulings]


def test_it_is_started_in_an_editor_and_tells_its_version():
    seen = agent({})
    assert (seen.starts, seen.version, seen.policy.mode) == ("editor", "4.1.13", "auto-approve by kind")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, [OPEN, OPEN, ASKED, OPEN, TAKEN]),
        (actions(readFiles=False), [ASKED, OPEN, ASKED, OPEN, TAKEN]),
        (actions(editFiles=False), [OPEN, ASKED, ASKED, OPEN, TAKEN]),
        (actions(executeSafeCommands=True), [OPEN, OPEN, OPEN, OPEN, TAKEN]),
        (actions(executeAllCommands=True), [OPEN, OPEN, ASKED, OPEN, TAKEN]),  # a switch of older builds
        (actions(useBrowser=False), [OPEN, OPEN, ASKED, ASKED, TAKEN]),
        (actions(useMcp=False), [OPEN, OPEN, ASKED, OPEN, ASKED]),
        (actions(readFiles=False, readFilesExternally=True), [ASKED, OPEN, ASKED, OPEN, TAKEN]),
        ({"yoloModeToggled": True}, [TAKEN] * 5),
        ({"yoloModeToggled": False}, [OPEN, OPEN, ASKED, OPEN, TAKEN]),
        (actions(executeSafeCommands=False) | {"yoloModeToggled": True}, [TAKEN] * 5),
        (actions(executeSafeCommands="yes"), [OPEN, OPEN, ASKED, OPEN, TAKEN]),
        ({"autoApprovalSettings": []}, [OPEN, OPEN, ASKED, OPEN, TAKEN]),
    ],
)
def test_each_kind_of_act_has_a_switch(told, expected):
    assert gates({STATE: told}) == expected


def test_a_switch_is_named_with_its_place():
    ruling = agent({STATE: actions(editFiles=False)}).policy.tools[1].otherwise
    assert (ruling.rule, str(ruling.evidence.path)) == (
        "autoApprovalSettings.actions.editFiles false",
        "/home/ada/.cline/data/globalState.json",
    )


@pytest.mark.parametrize(
    ("calls", "entry", "tool", "gate"),
    [
        (True, {"autoApprove": ["list"]}, "db/list", OPEN),
        (True, {"autoApprove": ["list"]}, "db/drop", TAKEN),
        (False, {"autoApprove": ["list"]}, "db/list", TAKEN),  # in builds where one of the two is enough
        (False, {"autoApprove": ["list"]}, "db/drop", ASKED),
        (True, {"autoApprove": ["list"], "disabled": True}, "db/list", TAKEN),
        (True, {"autoApprove": "list"}, "db/list", TAKEN),
    ],
)
def test_tools_that_an_entry_of_a_server_approves(calls, entry, tool, gate):
    files = {STATE: actions(useMcp=calls), SERVERS: {"mcpServers": {"db": entry}}}
    assert gates(files, tool)[-1] == gate


@pytest.mark.parametrize(
    ("env", "state"),
    [
        ({}, STATE),
        ({"CLINE_DIR": "/home/ada/c"}, "~/c/data/globalState.json"),
        ({"CLINE_DATA_DIR": "/home/ada/d"}, "~/d/globalState.json"),
        ({"CLINE_DATA_DIR": "/home/ada/d", "CLINE_DIR": "/home/ada/c"}, "~/d/globalState.json"),
    ],
)
def test_variables_move_the_data_folder(env, state):
    others = {STATE, "~/c/data/globalState.json", "~/d/globalState.json"} - {state}
    files = {state: actions(executeSafeCommands=True), **{each: actions(readFiles=False) for each in sorted(others)}}
    assert gates(files, env=env)[:3] == [OPEN, OPEN, OPEN]


def test_switches_of_older_builds_are_read_from_the_editors_database():
    value = actions(executeSafeCommands=True, editFiles=False)
    assert gates({OLDER: kept(value)})[1:3] == [ASKED, OPEN]
    assert gates({OLDER: kept(value), STATE: {}})[1:3] == [OPEN, ASKED]  # the data folder comes in its place


def test_half_written_switches_are_a_gap_and_close_nothing():
    files = {STATE: '{"autoApprovalSettings": {"actions": {"readFiles": false, "executeSafeCommands": false'}
    assert gates(files)[:3] == [TAKEN, TAKEN, (Gate.UNKNOWN, Gate.PROMPT)]
    assert any(gap.kind is GapKind.FAILED for gap in only(look(files), Gap))


@pytest.mark.parametrize("locked", [None, "[1", ""])
def test_switches_that_cannot_be_read_leave_the_defaults(locked):
    assert [effective for _, effective in gates({STATE: locked})[:3]] == [Gate.NONE, Gate.NONE, Gate.PROMPT]


def test_commands_that_run_unasked_are_weak_and_the_defaults_are_not():
    def weak(switches):
        """Of the extension: the command line, whose folder this is too, has defaults of its own."""
        return [each.rule for each in only(look(switches), Weakness) if each.title.startswith("Cline runs")]

    assert weak({STATE: actions(readFiles=True)}) == []
    assert weak({STATE: actions(executeSafeCommands=True)}) == ["agent.asks-nothing"]


def test_settings_and_hooks_are_told():
    files = {
        STATE: actions(readFiles=True),
        SERVERS: {"mcpServers": {"db": {"autoApprove": ["a", "b"], "env": {"TOKEN": "CANARY"}}}},
        "~/src/app/.clinerules/hooks/PreToolUse": "CANARY",
        "~/other/.clinerules/hooks/PreToolUse": "CANARY",
        "~/Documents/Cline/Hooks/TaskStart": "CANARY",
    }
    seen = only(look(files, neighbours=["~/other"]), SettingSeen)
    assert [(each.key, each.scope, each.value) for each in seen if each.agent == "cline"] == [
        ("autoApprovalSettings.actions.readFiles", "user", "true"),
        ("mcpServers.db.autoApprove", "user", "2 entries"),
        ("hooks", "project", "a hook, which it runs"),
        ("hooks", "user", "a hook, which it runs"),
    ]


HOOK, PLUGIN = "~/src/app/.clinerules/hooks/PreToolUse", "~/src/app/.cline/plugins/evil.ts"


@pytest.mark.parametrize(
    ("files", "weak"),
    [
        ({HOOK: ""}, True),  # apps/vscode/src/core/hooks/hook-factory.ts: no trust is asked for
        ({PLUGIN: ""}, True),  # sdk/packages/core/src/services/local-runtime-bootstrap.ts
        ({"~/src/app/.cline/plugins/evil/index.ts": ""}, True),
        ({HOOK: "", STATE: {"hooksEnabled": False}}, False),
        ({HOOK: "", STATE: {"hooksEnabled": True}}, True),
        ({HOOK: "", STATE: '{"hooksEnabled": false, '}, True),
        ({PLUGIN: "", STATE: {"hooksEnabled": False}}, True),
        ({"~/src/app/.clinerules/hooks/README.md": ""}, False),
        ({"~/src/app/.clinerules/hooks/PreToolUse.md": ""}, False),
        ({"~/src/app/.cline/plugins/README.md": ""}, False),
        ({"~/src/app/.clinerules/style.md": ""}, False),
        ({"~/Documents/Cline/Hooks/PreToolUse": ""}, False),  # the user's own
        ({"~/.cline/plugins/mine.js": ""}, False),
        ({"~/other/.clinerules/hooks/PreToolUse": ""}, False),  # another project's
    ],
)
def test_a_project_that_brings_programs_is_told(files, weak):
    found = [
        each
        for each in only(look(files, neighbours=["~/other"]), Weakness)
        if each.title == "A project gives Cline more rights than you do"
    ]
    assert [each.rule for each in found] == ["agent.rights-from-repository"] * weak


def test_the_data_folder_can_be_read_by_others():
    files = {STATE: json.dumps(actions(readFiles=True)), SERVERS: '{"mcpServers": {"a": {"autoApprove": ["x"]}}}'}
    found = data(Documents(FakeHost(files=files)), places_of("cline").files)
    assert found.action("readFiles").node.flag is True
    assert found.action("editFiles") is None
    assert [(each.server, each.tool) for each in approved_tools(found.servers)] == [("a", "x")]


PIECES = st.sampled_from(
    ["{", "}", "[", "]", ":", ",", "true", "null", '"autoApprovalSettings"', '"actions"', '"readFiles"', "1", "\n"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_state_breaks_it(text):
    assert agent({STATE: text, SERVERS: text}).agent == "cline"
