"""Qwen Code: what it does unasked, one row for each rule of its program, as read there and seen of the real one."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.look import agents
from probes.agents.qwen.tools import Mode
from scanner.data.shells import shell_of
from scanner.host import Process
from scanner.model import AgentSeen, Gap, Gate, SettingSeen, Weakness
from scanner.testing import FakeHost, observe
from scanner.tokens import token

APP, WORK = "~/src/app", "/home/ada/src/app"
USER, PROJECT, SYSTEM = "~/.qwen/settings.json", f"{APP}/.qwen/settings.json", "/etc/qwen-code/settings.json"
TRUST = "~/.qwen/trustedFolders.json"
GITHUB = token("github-classic", "qwen")
SHELL, CALL = "run_shell_command", "MCP tools"
NONE, ASK, REFUSED, JUDGED = Gate.NONE, Gate.PROMPT, Gate.REFUSED, Gate.CLASSIFIER
ON = {"security": {"folderTrust": {"enabled": True}}}


def look(files, **more):
    texts = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(files={USER: "{}", **texts}, workspace=APP, **more))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def weak(seen):
    """What is weak in the agent itself; how tidy its rules are is told elsewhere."""
    return [each for each in only(seen, Weakness) if each.rule.startswith("agent.")]


def policy(files, **more):
    [agent] = only(look(files, **more), AgentSeen)
    assert agent.agent == "qwen-code"
    return agent.policy


def decided(gate, tool, target, files, **more):
    ruling = {each.name: each for each in policy(files, **more).tools}[tool].decide(target)
    assert ruling.gate is gate, (target, ruling)
    return ruling


def mode(name, **permissions):
    return {USER: {"tools": {"approvalMode": name}, "permissions": permissions}}


def run(*words):
    return {"processes": [Process(7, 1, "node", ("node", "/usr/bin/qwen", *words))]}


@pytest.mark.parametrize(
    ("name", "tool", "target", "gate"),
    [
        ("default", SHELL, "touch x", ASK),
        ("default", SHELL, "cat /home/ada/.aws/credentials", NONE),
        ("default", SHELL, "printenv", NONE),
        ("default", SHELL, "cat x > y", ASK),
        ("default", SHELL, "git -c core.pager=x status", ASK),
        ("default", "read_file", f"{WORK}/x", NONE),
        ("default", "read_file", "/home/ada/x", ASK),
        ("default", "run_shell_command of cat", "/home/ada/.aws/credentials", NONE),
        ("default", "write_file", f"{WORK}/x", ASK),
        ("default", "web_fetch", "example.com", ASK),
        ("default", CALL, "github/push", ASK),
        ("auto", SHELL, "touch x", JUDGED),
        ("auto", "read_file", "/home/ada/.aws/credentials", NONE),
        ("auto", "write_file", f"{WORK}/x", NONE),
        ("auto", "write_file", f"{WORK}/package.json", JUDGED),
        ("auto", "edit", f"{WORK}/.git/config", JUDGED),
        ("auto", "write_file", "/home/ada/x", ASK),
        ("auto", CALL, "github/push", JUDGED),
        ("auto-edit", "write_file", "/home/ada/x", NONE),
        ("auto-edit", "web_fetch", "example.com", NONE),
        ("auto-edit", SHELL, "touch x", ASK),
        ("plan", SHELL, "touch x", REFUSED),
        ("plan", "write_file", f"{WORK}/x", REFUSED),
        ("yolo", SHELL, "touch x", NONE),
        ("yolo", "write_file", "/home/ada/x", NONE),
        ("yolo", CALL, "github/push", NONE),
    ],
)
def test_each_mode(name, tool, target, gate):
    decided(gate, tool, target, mode(name))


def test_a_model_judges_by_default():
    assert policy({}).mode == "auto"
    assert decided(JUDGED, SHELL, "touch x", {}).rule == "the built-in mode: a model judges what it does"


def test_no_command_that_runs_unasked_by_default_amounts_to_a_shell():
    [shell] = [tool for tool in policy(mode("default")).tools if tool.name == SHELL]
    passing = [rule.pattern for rule in shell.rules if rule.ruling.gate is NONE]
    assert passing
    assert not [each for each in passing if shell_of(each) is not None]


@pytest.mark.parametrize(
    ("permissions", "command", "gate"),
    [
        ({"allow": ["Bash(git push)"]}, "git push -f", NONE),
        ({"allow": ["Bash(git push)"]}, "git pushx", ASK),
        ({"allow": ["Bash(git push:*)"]}, "git push -f", NONE),
        ({"allow": ["Bash(git push *)"]}, "git push", NONE),
        ({"allow": ["ShellTool(git push*)"]}, "git pushx", NONE),
        ({"allow": ["run_shell_command"]}, "touch x", NONE),
        ({"allow": ["Bash(*)"]}, "touch x", NONE),
        ({"allow": ["Bash(git"]}, "git push", ASK),
        ({"allow": ["Bash"], "ask": ["Bash(touch)"]}, "touch x", ASK),
        ({"allow": ["Bash"], "deny": ["Bash(touch)"]}, "touch x", REFUSED),
        ({"ask": ["Bash"], "deny": ["Bash(ls)"]}, "ls", REFUSED),
        ({"ask": ["Bash(ls)"]}, "ls", ASK),
        ({"deny": ["Bash"]}, "ls", REFUSED),
    ],
)
def test_rules_are_denied_then_asked_then_allowed(permissions, command, gate):
    decided(gate, SHELL, command, mode("default", **permissions))


def test_what_stands_in_brackets_behind_an_allowance_is_not_looked_at():
    [shell] = [tool for tool in policy(mode("default", allow=["Bash(git push)"])).tools if tool.name == SHELL]
    assert shell_of(next(rule.pattern for rule in shell.rules if rule.ruling.evidence)) is not None


@pytest.mark.parametrize(
    ("permissions", "command", "gate"),
    [
        ({"allow": ["Bash"]}, "touch x", JUDGED),  # while a model judges these are set aside
        ({"allow": ["Bash(python:*)"]}, "python x", JUDGED),
        ({"allow": ["Bash(npx *)"]}, "npx x", JUDGED),
        ({"allow": ["Bash(touch:*)"]}, "touch x", NONE),
        ({"allow": ["Bash(npm test)"]}, "npm test", NONE),
        ({"ask": ["Bash(touch)"]}, "touch x", ASK),
    ],
)
def test_while_a_model_judges(permissions, command, gate):
    decided(gate, SHELL, command, mode("auto", **permissions))


def test_a_model_may_judge_every_command():
    decided(JUDGED, SHELL, "ls", mode("auto", autoMode={"classifyAllShell": True}))


@pytest.mark.parametrize(
    ("permissions", "gate"),
    [({"ask": ["Bash(touch)"]}, NONE), ({"deny": ["Bash(touch)"]}, REFUSED)],
)
def test_under_yolo_only_refusals_hold(permissions, gate):
    decided(gate, SHELL, "touch x", mode("default", **permissions), **run("--yolo"))


@pytest.mark.parametrize(
    ("rule", "path", "gate"),
    [
        ("Read(~/.aws/**)", "/home/ada/.aws/credentials", REFUSED),
        ("Read(//etc/**)", "/etc/passwd", REFUSED),
        ("Read(secret/**)", f"{WORK}/secret/x", REFUSED),
        ("Read(/secret/**)", f"{WORK}/secret/x", REFUSED),
        ("Read(~/.aws/**)", f"{WORK}/x", NONE),
        ("Read", f"{WORK}/x", REFUSED),
        ("Read({a,b})", f"{WORK}/a", NONE),  # not followed: it may not hold
    ],
)
def test_rules_for_files(rule, path, gate):
    decided(gate, "read_file", path, mode("default", deny=[rule]))


def test_a_refusal_to_read_binds_commands_that_only_look():
    files = mode("default", deny=["Read(~/.aws/**)"])
    decided(REFUSED, "run_shell_command of cat", "/home/ada/.aws/credentials", files)
    decided(NONE, "run_shell_command of cat", "/home/ada/.ssh/id", files)


@pytest.mark.parametrize(
    ("settings", "target", "gate"),
    [
        ({"mcpServers": {"a": {"command": "x", "trust": True}}}, "a/push", NONE),
        ({"mcpServers": {"a": {"command": "x"}}}, "a/push", ASK),
        ({"permissions": {"allow": ["mcp__a"]}}, "a/push", NONE),
        ({"permissions": {"allow": ["mcp__a__*"]}}, "a/push", NONE),
        ({"permissions": {"allow": ["mcp__a__pull"]}}, "a/push", ASK),
        ({"permissions": {"deny": ["mcp__a__push"]}, "mcpServers": {"a": {"trust": True}}}, "a/push", REFUSED),
        ({"mcp": {"allowed": ["a"]}}, "a/push", ASK),  # here it only starts it
        ({"mcp": {"allowed": ["a"]}}, "b/push", REFUSED),
        ({"mcp": {"excluded": ["a"]}}, "a/push", REFUSED),
    ],
)
def test_tools_of_servers(settings, target, gate):
    decided(gate, CALL, target, {USER: {"tools": {"approvalMode": "default"}, **settings}})


def test_tools_that_are_not_kept_are_not_there():
    settings = {"tools": {"approvalMode": "default", "core": ["read_file"]}}
    decided(REFUSED, SHELL, "ls", {USER: settings})
    decided(NONE, "read_file", f"{WORK}/x", {USER: settings})


def test_servers_and_commands_inherit_all():
    found = policy({})
    assert found.commands.passes("GITHUB_TOKEN")
    assert found.servers.passes("GITHUB_TOKEN")


# --- whose settings count


@pytest.mark.parametrize(
    ("files", "name"),
    [
        ({PROJECT: {"tools": {"approvalMode": "yolo"}}}, "yolo"),  # nobody is asked about trust by default
        ({USER: ON, PROJECT: {"tools": {"approvalMode": "yolo"}}}, "default"),
        ({USER: ON, PROJECT: {"tools": {"approvalMode": "yolo"}}, TRUST: {WORK: "TRUST_FOLDER"}}, "yolo"),
        ({USER: {"tools": {"approvalMode": "plan"}}, PROJECT: {"tools": {"approvalMode": "yolo"}}}, "yolo"),
        ({SYSTEM: {"tools": {"approvalMode": "default"}}, PROJECT: {"tools": {"approvalMode": "yolo"}}}, "default"),
        ({USER: {"tools": {"approvalMode": "nonsense"}}}, "auto"),
    ],
)
def test_the_highest_source_tells_the_mode(files, name):
    assert policy(files).mode == name


def test_rules_of_all_sources_are_joined():
    files = {
        USER: {"tools": {"approvalMode": "default"}, "permissions": {"allow": ["Bash(touch)"]}},
        SYSTEM: {"permissions": {"deny": ["Bash(rm)"]}},
        PROJECT: {"permissions": {"allow": ["Bash(mv)"]}},
    }
    for command, gate in (("touch x", NONE), ("rm x", REFUSED), ("mv x", NONE), ("cp x", ASK)):
        decided(gate, SHELL, command, files)


def test_a_variable_moves_its_folder():
    assert policy({"/srv/q/settings.json": mode("yolo")[USER]}, env={"QWEN_HOME": "/srv/q"}).mode == "yolo"
    system = {"/srv/s.json": mode("plan")[USER]}
    assert policy(system, env={"QWEN_CODE_SYSTEM_SETTINGS_PATH": "/srv/s.json"}).mode == "plan"


@pytest.mark.parametrize(
    "settings",
    [
        {"tools": {"approvalMode": "yolo"}},
        {"permissions": {"allow": ["Bash(make)"]}},
        {"mcpServers": {"x": {"command": "y", "trust": True}}},
        {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "CANARY"}]}]}},
        {"tools": {"discoveryCommand": "CANARY"}},
    ],
)
def test_a_project_that_gives_rights_is_told(settings):
    found = [each for each in weak(look({PROJECT: settings})) if each.rule == "agent.rights-from-repository"]
    assert [each.evidence.path.as_posix() for each in found] == [f"{WORK}/.qwen/settings.json"]
    untrusted = look({USER: ON, PROJECT: settings})
    assert not weak(untrusted)
    assert any("until the folder is trusted" in each.value for each in only(untrusted, SettingSeen))


def test_one_that_asks_nothing_is_told():
    assert [each.rule for each in weak(look({}, **run("-y")))] == ["agent.asks-nothing"]


def test_broken_settings_are_a_gap():
    seen = look({USER: "{"})
    assert any("settings.json" in gap.place for gap in only(seen, Gap))
    assert only(seen, AgentSeen)[0].policy.mode == "auto"


def test_a_secret_in_a_rule_is_never_shown():
    for kind in ("allow", "ask", "deny"):
        look(mode("default", **{kind: [f"Bash(deploy --token {GITHUB})", f"Read({GITHUB})", f"WebFetch({GITHUB})"]}))


SHREDS = [
    '{"tools"',
    ":",
    '{"approvalMode"',
    '"yolo"',
    "}",
    '"permissions"',
    '{"allow"',
    "[",
    '"Bash(a*)"',
    "]",
    "7",
    ",",
]
WORDS = ["--yolo", "-y", "--approval-mode", "auto", "--allowed-tools", "Bash(", "=", ""]


@example(["7"], ["--approval-mode"])
@given(st.lists(st.sampled_from(SHREDS)), st.lists(st.sampled_from(WORDS)))
def test_no_text_breaks_it(shreds, words):
    text = "".join(shreds)
    [agent] = only(look({USER: text, PROJECT: text, TRUST: text}, **run(*words)), AgentSeen)
    assert agent.policy.mode in set(Mode)
