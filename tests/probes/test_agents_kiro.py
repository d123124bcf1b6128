"""Kiro: what its rules and its older settings let it do unasked."""

from hashlib import sha256

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import Process
from scanner.model import Autonomy, Gate, Platform
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

AGENT = "kiro"
RULES = "~/.kiro/settings/permissions.yaml"
LOCAL = f"~/.kiro/workspace-roots/{sha256(WORK.encode()).hexdigest()[:16]}/permissions.yaml"
EDITOR, PROJECT = "~/.config/Kiro/User/settings.json", f"{APP}/.vscode/settings.json"
CLI, OPS, PROJECT_OPS = "~/.kiro/settings/cli.json", "~/.kiro/agents/ops.json", f"{APP}/.kiro/agents/ops.json"


def look(files, **more):
    return Found(AGENT, files, **more)


def rules(*told):
    """Rules as YAML: (effect, capability, match, exclude)."""
    lines = ["rules:"]
    for effect, capability, *globs in told:
        lines.append(f"  - capability: {capability}\n    effect: {effect}")
        lines += [f"    {key}: {list(each)}" for key, each in zip(("match", "exclude"), globs, strict=False) if each]
    return "\n".join(lines) + "\n"


NEWER = [
    pytest.param((), EXECUTE, "ls", MOSTLY_ASKED, id="commands are asked for, as far as pages tell"),
    pytest.param((), READ, f"{WORK}/a", TAKEN, id="files are read unasked, as far as pages tell"),
    pytest.param([("allow", "shell")], EXECUTE, "x", FREE, id="all commands"),
    pytest.param([("allow", "all")], EXECUTE, "x", FREE, id="all there is"),
    pytest.param([("allow", "builtin")], CALL, "a/b", MOSTLY_ASKED, id="servers are not built in"),
    pytest.param([("allow", "all")], CALL, "a/b", FREE, id="but are of all"),
    pytest.param([("allow", "filesystem")], WRITE, f"{HOME}/a", FREE, id="all files"),
    pytest.param([("allow", "filesystem")], EXECUTE, "x", MOSTLY_ASKED, id="and no commands"),
    pytest.param([("allow", "all")], WRITE, f"{HOME}/.kiro/settings/mcp.json", REFUSED, id="never its own settings"),
    pytest.param([("allow", "all")], WRITE, f"{WORK}/.git/hooks/x", ASKED, id="nor git's unasked"),
    pytest.param([("allow", "shell", ["git status"])], EXECUTE, "git status", FREE, id="a command"),
    pytest.param(
        [("allow", "shell", ["git *"])], EXECUTE, "git log", TAKEN, id="a glob, behind which another may follow"
    ),
    pytest.param([("deny", "shell", ["rm *"]), ("allow", "shell")], EXECUTE, "rm a", REFUSED, id="deny before allow"),
    pytest.param(
        [("allow", "shell"), ("ask", "shell", ["git push*"])], EXECUTE, "git push -f", ASKED, id="ask before allow"
    ),
    pytest.param([("ask", "all"), ("deny", "shell", ["rm *"])], EXECUTE, "rm a", REFUSED, id="deny before ask"),
    pytest.param(
        [("deny", "fs_read", ["~/.aws/**"]), ("allow", "all")], READ, f"{HOME}/.aws/a", REFUSED, id="a folder"
    ),
    pytest.param(
        [("deny", "fs_read", ["**/.env"]), ("allow", "all")], READ, f"{WORK}/b/.env", REFUSED, id="a name anywhere"
    ),
    pytest.param([("allow", "fs_write", ["src/**"])], WRITE, f"{WORK}/src/a/b", FREE, id="a folder of the workspace"),
    pytest.param([("allow", "shell", [], ["rm *"])], EXECUTE, "rm a", MOSTLY_ASKED, id="what the only rule leaves out"),
    pytest.param([("allow", "shell", [], ["rm *"])], EXECUTE, "ls", FREE, id="and what it does not"),
    pytest.param(
        [("deny", "shell", [], ["ls"]), ("allow", "shell")], EXECUTE, "ls", FREE, id="a deny rule that leaves out"
    ),
    pytest.param([("allow", "web_fetch", ["docs.rs"])], CONNECT, "docs.rs", FREE, id="a host"),
    pytest.param([("allow", "web_fetch", ["docs.rs"])], CONNECT, "a.example", MOSTLY_ASKED, id="and no other"),
    pytest.param([("allow", "mcp", ["@git/status"])], CALL, "git/status", FREE, id="a server's tool"),
    pytest.param([("allow", "mcp", ["@git"])], CALL, "git/push", FREE, id="a server"),
    pytest.param([("permit", "shell")], EXECUTE, "x", MOSTLY_ASKED, id="an effect that is not known"),
    pytest.param([("allow", "terminal")], EXECUTE, "x", MOSTLY_ASKED, id="a capability that is not known"),
]


@pytest.mark.parametrize(("told", "channel", "target", "gates"), NEWER)
def test_a_rule(told, channel, target, gates):
    assert look({RULES: rules(*told)}).gates(channel, target) == gates


def test_the_place_that_decides_is_named():
    assert look({RULES: "# mine\n" + rules(("allow", "shell"))}).place(EXECUTE, "x") == (RULES, 3, "rules")


def test_rules_for_the_workspace_add_to_the_user_s_and_none_takes_back_a_deny():
    files = {RULES: rules(("deny", "shell", ["rm *"])), LOCAL: rules(("allow", "shell"))}
    assert look(files).gates(EXECUTE, "ls") == FREE
    assert look(files).gates(EXECUTE, "rm a") == REFUSED
    assert look(files).place(EXECUTE, "ls")[0] == LOCAL


def test_rules_for_another_workspace_count_for_nothing():
    other = f"~/.kiro/workspace-roots/{sha256(b'/srv').hexdigest()[:16]}/permissions.yaml"
    assert look({RULES: rules(), other: rules(("allow", "shell"))}).gates(EXECUTE, "x") == MOSTLY_ASKED


def test_of_two_files_of_the_user_the_first_counts():
    files = {RULES: rules(), "~/.kiro/settings/permissions.json": {"rules": [{"capability": "all", "effect": "allow"}]}}
    assert look(files).gates(EXECUTE, "x") == MOSTLY_ASKED


def test_all_allowed_is_weak():
    assert look({RULES: rules(("allow", "all"))}).weak() == ["agent.asks-nothing"]
    assert look({RULES: rules(("allow", "shell", ["ls"]))}).weak() == []


# --- the editor's older settings


def editor(user=None, project=None, **more):
    files = {EDITOR: user if user is not None else {}}
    return look({**files, **({PROJECT: project} if project is not None else {})}, **more)


def trusted(*commands, denied=()):
    return {"kiroAgent.trustedCommands": list(commands), "kiroAgent.commandDenylist": list(denied)}


OLDER = [
    pytest.param({}, EXECUTE, "ls", ASKED, id="commands are asked for"),
    pytest.param({}, WRITE, f"{WORK}/a", TAKEN, id="files are changed unasked, by what is told of it"),
    pytest.param({"kiroAgent.agentAutonomy": "Supervised"}, WRITE, f"{WORK}/a", MOSTLY_ASKED, id="supervised"),
    pytest.param(trusted("*"), EXECUTE, "x", FREE, id="all commands"),
    pytest.param(trusted("npm test"), EXECUTE, "npm test", FREE, id="a command"),
    pytest.param(trusted("npm test"), EXECUTE, "npm test -x", ASKED, id="and no more of it"),
    pytest.param(trusted("npm *"), EXECUTE, "npm run x", FREE, id="a beginning"),
    pytest.param(trusted("*", denied=["push"]), EXECUTE, "git push", ASKED, id="what the deny list names anywhere"),
]


@pytest.mark.parametrize(("user", "channel", "target", "gates"), OLDER)
def test_an_older_setting(user, channel, target, gates):
    assert editor(user).gates(channel, target) == gates


def test_behind_a_trusted_beginning_another_command_may_follow():
    assert editor(trusted("git status *")).judge.autonomy() is Autonomy.FULL
    assert editor(trusted("git status")).judge.autonomy() is Autonomy.SUPERVISED


def test_a_workspace_can_open_everything():
    found = editor(trusted("npm test"), trusted("*"))
    assert found.gates(EXECUTE, "x") == FREE
    assert found.place(EXECUTE, "x") == (PROJECT, 1, "kiroAgent.trustedCommands")
    assert found.weak() == ["agent.asks-nothing", "agent.rights-from-repository"]


def test_a_workspace_s_list_takes_the_place_of_the_user_s():
    assert editor(trusted("*"), trusted("npm test")).gates(EXECUTE, "x") == ASKED


def test_a_workspace_of_another_editor_gives_nothing():
    found = editor({}, {"editor.fontSize": 12, "chat.tools.autoApprove": True})
    assert found.weak() == []
    assert found.gates(EXECUTE, "x") == ASKED


def test_where_newer_rules_are_the_older_settings_may_not_count_any_more():
    assert look({RULES: rules(), EDITOR: trusted("*")}).gates(EXECUTE, "x") == TAKEN


# --- the command line


def agent(**told):
    return {"name": "ops", "tools": ["*"], **told}


LINE = [
    pytest.param(agent(), EXECUTE, "x", ASKED, id="commands are asked for"),
    pytest.param(agent(allowedTools=["shell"]), EXECUTE, "x", FREE, id="a tool by its newer name"),
    pytest.param(agent(allowedTools=["execute_bash"]), EXECUTE, "x", FREE, id="a tool by its older name"),
    pytest.param(agent(toolsSettings={"shell": {"allowedCommands": ["ls"]}}), EXECUTE, "ls", FREE, id="a command"),
    pytest.param(
        agent(toolsSettings={"shell": {"deniedCommands": ["rm .*"]}}), EXECUTE, "rm x", ASKED, id="the editor asks"
    ),
    pytest.param(agent(more=1, allowedTools=["shell"]), EXECUTE, "x", FREE, id="keys that are not known do not matter"),
]


@pytest.mark.parametrize(("told", "channel", "target", "gates"), LINE)
def test_an_agent_of_the_command_line(told, channel, target, gates):
    assert look({CLI: {"chat.defaultAgent": "ops"}, OPS: told}).gates(channel, target) == gates


def test_a_denied_command_is_refused_by_the_command_line():
    told = agent(toolsSettings={"shell": {"deniedCommands": ["rm .*"]}})
    found = look({CLI: {"chat.defaultAgent": "ops"}, OPS: told})
    assert found.tools["command line, shell of the agent ops"].decide("rm x").gate is Gate.REFUSED


def test_the_agent_of_a_project_takes_the_place_of_the_user_s():
    files = {CLI: {"chat.defaultAgent": "ops"}, OPS: agent(), PROJECT_OPS: agent(allowedTools=["shell"])}
    found = look(files)
    assert found.gates(EXECUTE, "x") == FREE
    assert found.weak() == ["agent.asks-nothing", "agent.rights-from-repository"]


def test_a_running_one_may_trust_all_tools():
    found = look({CLI: {}}, processes=[Process(7, 1, "kiro-cli", ("kiro-cli", "chat", "--trust-all-tools"))])
    assert found.gates(EXECUTE, "x") == FREE
    assert found.weak() == ["agent.asks-nothing"]


# --- what acts by itself, and broken files


def test_hooks_are_told_and_agents_in_markdown_are_gaps():
    files = {RULES: rules(), f"{APP}/.kiro/hooks/save.kiro.hook": "CANARY", "~/.kiro/agents/ops.md": "CANARY"}
    found = look(files)
    assert found.set(AGENT)["hooks"] == ("acts by itself", "project")
    assert any("ops.md" in repr(gap) for gap in found.all)


@pytest.mark.parametrize("text", ["rules:\n  - capability: all\n    effect: allow\n  - [", "rules: [{capability: all"])
def test_a_broken_file_is_a_gap_and_the_default_is_judged(text):
    found = look({RULES: text})
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == MOSTLY_ASKED
    assert found.weak() == []


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.MACOS, "~/Library/Application Support/Kiro/User/settings.json"),
        (Platform.WINDOWS, "~/AppData/Roaming/Kiro/User/settings.json"),
    ],
)
def test_where_the_editor_s_settings_lie(platform, path):
    work = "C:/src/app" if platform is Platform.WINDOWS else "/src/app"
    assert look({path: trusted("*")}, platform=platform, workspace=work).gates(EXECUTE, "x") == FREE


def test_no_secret_of_a_rule_is_shown():
    command = "curl -H 'Authorization: Bearer CANARY-CANARY-CANARY' x"
    assert editor(trusted(command)).gates(EXECUTE, "curl x")[1] is Gate.NONE


SHREDS = st.sampled_from(
    ["rules:", "\n", "  - ", "capability: ", "shell", "effect: ", "allow", "    ", "match: ", "[", "]", "*", "{", "'"]
)


@example(["rules:", "\n", "  - ", "[", "]"])
@given(st.lists(SHREDS, max_size=25).map("".join))
def test_no_file_breaks_it(text):
    look({RULES: text, EDITOR: text, CLI: text, OPS: text}).gates(EXECUTE, "x")
