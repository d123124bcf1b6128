"""Cline's command line: one switch for everything, which is on as the vendor ships it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import Process
from scanner.model import Autonomy, Gate
from tests.probes.agent_cases import APP, ASKED, CALL, CONNECT, EXECUTE, FREE, HOME, READ, TAKEN, WRITE, Found

AGENT = "cline-cli"
SETTINGS, SERVERS = (f"~/.cline/data/settings/{name}.json" for name in ("global-settings", "cline_mcp_settings"))
OFF, ON = {SETTINGS: {"toolAutoApprove": False}}, {SETTINGS: {"toolAutoApprove": True}}
ACTS = [(READ, f"{HOME}/a"), (WRITE, f"{HOME}/a"), (EXECUTE, "rm x"), (CONNECT, "example.com"), (CALL, "a/b")]


def look(*running, files=None, **more):
    processes = [Process(9, 1, "cline", ("cline", *words), mine=True) for words in running]
    return Found(AGENT, {SETTINGS: {}, **(files or {})}, processes=processes, **more)


CASES = [
    pytest.param((), {}, FREE, id="as shipped nothing asks"),
    pytest.param((), OFF, ASKED, id="the switch is off"),
    pytest.param((), ON, FREE, id="the switch is on"),
    pytest.param((("--auto-approve", "false"),), {}, ASKED, id="an option"),
    pytest.param((("--auto-approve=false",),), ON, ASKED, id="an option before the switch"),
    pytest.param((("--auto-approve", "true"),), OFF, FREE, id="an option that opens"),
    pytest.param((("--auto-approve", "false", "--auto-approve", "true"),), OFF, FREE, id="the last one counts"),
    pytest.param((("--auto-approve", "false"), ()), {}, FREE, id="one of two that run was told nothing"),
    pytest.param((("--zen",),), OFF, FREE, id="in the background nobody is asked"),
    pytest.param((("--yolo", "--auto-approve", "false"),), {}, FREE, id="yolo"),
    pytest.param((), {SETTINGS: {"toolAutoApprove": 42}}, FREE, id="another value is none"),
    pytest.param(
        (), {f"{APP}/.cline/data/settings/global-settings.json": {"toolAutoApprove": False}}, FREE, id="no project's"
    ),
]


@pytest.mark.parametrize(("channel", "target"), ACTS)
@pytest.mark.parametrize(("running", "files", "wanted"), CASES)
def test_one_ruling_holds_for_every_tool(running, files, wanted, channel, target):
    assert look(*running, files=files).gates(channel, target) == wanted


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({"CLINE_GLOBAL_SETTINGS_PATH": f"{HOME}/g.json"}, "~/g.json"),
        ({"CLINE_DATA_DIR": f"{HOME}/d"}, "~/d/settings/global-settings.json"),
        ({"CLINE_DIR": f"{HOME}/c"}, "~/c/data/settings/global-settings.json"),
    ],
)
def test_a_variable_moves_the_settings(variables, path):
    found = look(files={path: {"toolAutoApprove": False}, **ON}, env=variables)
    assert found.gates(EXECUTE, "rm x") == ASKED


def test_a_tool_that_its_server_approves_may_run():
    servers = {SERVERS: {"mcpServers": {"a": {"command": "x", "autoApprove": ["b"]}}}}
    assert look(files={**OFF, **servers}).gates(CALL, "a/b") == TAKEN
    assert look(files={**OFF, **servers}).gates(CALL, "a/c") == ASKED


def test_the_place_that_decides_is_named():
    found = look(files={SETTINGS: '{\n "toolAutoApprove": false}'})
    assert found.place(EXECUTE, "ls") == (SETTINGS, 2, "toolAutoApprove")
    assert look().place(EXECUTE, "ls") is None


def test_as_shipped_it_is_a_weakness_and_full_of_its_own():
    found = look()
    assert found.weak() == ["agent.asks-nothing"]
    assert found.judge.autonomy() is Autonomy.FULL
    assert look(files=OFF).weak() == []


def test_a_broken_file_leaves_the_default():
    found = look(files={SETTINGS: '{"toolAutoApprove": fal'})
    assert found.gates(EXECUTE, "ls") == TAKEN
    assert found.gaps() != []


def test_hooks_of_the_project_are_told():
    found = look(files={f"{APP}/.cline/hooks/PreToolUse": "#!/bin/sh\n"})
    assert found.set(AGENT)["hooks"] == ("a hook, which it runs", "project")


@pytest.mark.parametrize(
    ("path", "weak"),
    [
        (".cline/hooks/PreToolUse", True),  # sdk/packages/core/src/hooks/hook-file-config.ts
        (".clinerules/hooks/taskstart.py", True),
        (".cline/plugins/evil.js", True),
        (".cline/hooks/README.md", False),
        (".cline/cron/x.cron.md", False),  # kept for later by the vendor: nothing runs it
    ],
)
def test_a_project_that_brings_programs_is_told(path, weak):
    found = look(files={f"{APP}/{path}": "", **OFF})
    assert found.weak() == ["agent.rights-from-repository"] * weak


def test_the_whole_environment_is_inherited():
    assert look().seen.policy.commands.passes("AWS_SECRET_ACCESS_KEY")


SHREDS = st.sampled_from([*'{}[],:"', "true", "false", '"toolAutoApprove"', '"mcpServers"', '"autoApprove"', '"a"'])


@example('{"mcpServers": {"a": {"autoApprove": [["x"], {"y": 1}]}}}')
@given(st.lists(SHREDS, max_size=20).map("".join))
def test_no_text_breaks_it(text):
    found = look(("--auto-approve", text), files={SETTINGS: text, SERVERS: text})
    assert found.ruling(EXECUTE, "ls").effective in {Gate.NONE, Gate.PROMPT}
