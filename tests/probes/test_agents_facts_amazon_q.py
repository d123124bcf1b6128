"""Amazon Q and Kiro's older CLI: rules of their source (aws/amazon-q-developer-cli) that stand nowhere else."""

import pytest

from scanner.host import Process
from scanner.model import Autonomy, Platform
from tests.probes.agent_cases import APP, ASKED, CALL, EXECUTE, FREE, HOME, READ, REFUSED, TAKEN, WORK, WRITE, Found

SETTINGS = "~/.local/share/amazon-q/settings.json"
MINE, BROUGHT = "~/.aws/amazonq/cli-agents/x.json", f"{APP}/.amazonq/cli-agents/x.json"
SECRET = f"{HOME}/.aws/credentials"


def look(files=None, *words, agent="amazon-q", **more):
    name = {"amazon-q": "qchat", "kiro": "kiro-cli"}[agent]
    processes = [Process(7, 1, name, (name, "chat", *words))] if words else []
    here = {"~/.local/bin/qchat": "", "~/.kiro/settings/cli.json": {}}
    return Found(agent, {**here, **(files or {})}, processes=processes, **more)


def of(name, **told):
    return {"name": name, "tools": ["*"], **told}


# --- the tools that a running one was told to trust: they are added to those of its agent (cli/chat/mod.rs)


@pytest.mark.parametrize(
    ("words", "channel", "target", "gates"),
    [
        (("--trust-tools=execute_bash",), EXECUTE, "npm test", FREE),
        (("--trust-tools", "execute_bash"), EXECUTE, "npm test", FREE),
        (("--trust-tools=fs_read,fs_write",), WRITE, SECRET, FREE),
        (("--trust-tools=fs_read,fs_write",), READ, SECRET, FREE),
        (("--trust-tools=fs_read,fs_write",), EXECUTE, "npm test", ASKED),
        (("--trust-tools=",), WRITE, SECRET, ASKED),
        (("--trust-tools=use_aws",), EXECUTE, "aws s3 rm x", FREE),
        (("--trust-tools=@git/push",), CALL, "git/push", FREE),
        (("--trust-tools=@git",), CALL, "git/pull", FREE),
        (("--trust-tools=@git/push",), CALL, "git/pull", ASKED),
        (("--trust-tools=bash",), EXECUTE, "npm test", ASKED),  # no name of a tool
        (("please", "trust-tools=execute_bash"), EXECUTE, "npm test", ASKED),
    ],
)
def test_tools_that_a_running_one_trusts(words, channel, target, gates):
    assert look(None, *words).gates(channel, target) == gates


def test_what_is_denied_stays_so_for_a_tool_that_is_trusted():
    told = of("x", toolsSettings={"execute_bash": {"deniedCommands": ["rm .*"]}})
    found = look({MINE: told, SETTINGS: {"chat.defaultAgent": "x"}}, "--trust-tools=execute_bash")
    assert found.gates(EXECUTE, "rm x") == REFUSED
    assert found.gates(EXECUTE, "ls") == FREE
    assert found.weak() == ["agent.asks-nothing"]
    assert found.set("amazon-q")["--trust-tools"] == ("some tools", "command line")


def test_kiros_command_line_knows_that_option_too():
    found = look(None, "--trust-tools=shell", agent="kiro")
    assert "command line, shell" in found.tools
    assert found.gates(EXECUTE, "npm test") == FREE
    assert found.judge.autonomy() is Autonomy.FULL
    assert look(None, "--trust-tools=read", agent="kiro").gates(EXECUTE, "npm test")[1] is ASKED[1]


# --- which agent is active (cli/agent/mod.rs): --agent, chat.defaultAgent, else the one that is built in


FREE_AGENT = of("x", allowedTools=["execute_bash"])


@pytest.mark.parametrize(
    ("files", "words", "gates", "weak"),
    [
        # the one that is built in is put over a file of its name, unless the settings name it themselves
        ({BROUGHT: of("q_cli_default", allowedTools=["execute_bash"])}, (), ASKED, []),
        (
            {
                BROUGHT: of("q_cli_default", allowedTools=["execute_bash"]),
                SETTINGS: {"chat.defaultAgent": "q_cli_default"},
            },
            *((), FREE, ["agent.asks-nothing", "agent.rights-from-repository"]),
        ),
        # a project's agent takes the place of the user's of the same name
        (
            {MINE: of("x"), BROUGHT: FREE_AGENT, SETTINGS: {"chat.defaultAgent": "x"}},
            *((), FREE, ["agent.asks-nothing", "agent.rights-from-repository"]),
        ),
        (
            {MINE: of("x"), BROUGHT: FREE_AGENT},
            *(("--agent", "x"), FREE, ["agent.asks-nothing", "agent.rights-from-repository"]),
        ),
        ({MINE: FREE_AGENT, BROUGHT: of("y"), SETTINGS: {"chat.defaultAgent": "x"}}, (), FREE, ["agent.asks-nothing"]),
        # nobody starts it
        ({BROUGHT: FREE_AGENT}, (), ASKED, []),
        ({BROUGHT: FREE_AGENT, SETTINGS: {"chat.defaultAgent": "y"}}, (), ASKED, []),
    ],
)
def test_which_agent_counts_and_that_a_project_brings_it(files, words, gates, weak):
    found = look(files, *words)
    assert found.gates(EXECUTE, "npm test") == gates
    assert found.weak() == weak


@pytest.mark.parametrize(
    ("entry", "target", "gates"),
    [
        ("@git", "git/push", FREE),
        ("@git/push", "git/push", FREE),
        ("@git/push", "git/pull", ASKED),
        ("@git/pu*", "git/pull", FREE),
        ("*", "git/push", ASKED),  # a star alone names no tool of a server
        ("git/push", "git/push", ASKED),
    ],
)
def test_tools_of_servers_that_an_agent_allows(entry, target, gates):
    files = {MINE: of("x", allowedTools=[entry]), SETTINGS: {"chat.defaultAgent": "x"}}
    assert look(files).gates(CALL, target) == gates


def test_settings_of_a_tool_are_read_under_the_name_of_the_platform():
    told = of("x", toolsSettings={"execute_cmd": {"allowedCommands": ["dir"]}})
    files = {"~/AppData/Roaming/npm/qchat.cmd": "", "~/.aws/amazonq/cli-agents/x.json": told}
    files["~/AppData/Local/amazon-q/settings.json"] = {"chat.defaultAgent": "x"}
    found = Found("amazon-q", files, platform=Platform.WINDOWS)
    assert found.gates(EXECUTE, "dir") == FREE
    assert look({MINE: told, SETTINGS: {"chat.defaultAgent": "x"}}).gates(EXECUTE, "dir") == ASKED


# --- Kiro's own names for the same settings


@pytest.mark.parametrize(
    ("told", "command", "gates"),
    [
        ({"autoAllowReadonly": True}, "ls", FREE),
        ({"autoAllowReadonly": True}, "npm test", ASKED),
        ({"autoAllowReadonly": False}, "ls", ASKED),
        ({"denyByDefault": True, "allowedCommands": ["ls"]}, "ls", FREE),
        ({"allowedCommands": ["git .*"]}, "git push", FREE),
        ({"allowedCommands": ["git .*"], "deniedCommands": ["git push.*"]}, "git pull", FREE),
    ],
)
def test_settings_of_kiros_shell(told, command, gates):
    files = {
        "~/.kiro/agents/x.json": of("x", toolsSettings={"shell": told}),
        "~/.kiro/settings/cli.json": {"chat.defaultAgent": "x"},
    }
    found = look(files, agent="kiro")
    tool = found.tools["command line, shell of the agent x"]
    ruling = tool.decide(command)
    assert (ruling.gate, ruling.effective) == gates


def test_what_kiros_shell_refuses_unless_it_is_allowed():
    files = {
        "~/.kiro/agents/x.json": of("x", toolsSettings={"shell": {"denyByDefault": True}}),
        "~/.kiro/settings/cli.json": {"chat.defaultAgent": "x"},
    }
    tool = look(files, agent="kiro").tools["command line, shell of the agent x"]
    assert (tool.decide("ls").gate, tool.decide("ls").effective) == REFUSED


def rules(*told):
    return "rules:\n" + "".join(f"  - capability: {name}\n    effect: {effect}\n" for name, effect in told)


@pytest.mark.parametrize(
    ("told", "channel", "target", "opened"),
    [
        ([("sandbox_network", "allow")], EXECUTE, "npm test", False),
        ([("subagent", "allow")], EXECUTE, "npm test", False),
        ([("shell", "allow")], EXECUTE, "npm test", True),
        ([("all", "allow"), ("shell", "ask")], EXECUTE, "npm test", False),
        ([("shell", "ask"), ("all", "allow")], EXECUTE, "npm test", False),  # the order does not count
    ],
)
def test_capabilities_of_kiros_newer_rules(told, channel, target, opened):
    found = look({"~/.kiro/settings/permissions.yaml": rules(*told)}, agent="kiro")
    assert (found.gates(channel, target)[1] is FREE[1]) is opened


def test_a_tool_that_kiros_editor_trusts_by_name():
    files = {"~/.config/Kiro/User/settings.json": {"kiroAgent.trustedTools": ["@git/push"]}}
    assert look(files, agent="kiro").set("kiro")["kiroAgent.trustedTools"] == ("1 entry", "user")


def test_before_and_since_version_1_19_other_files_differ():
    assert look().gates(READ, SECRET) == TAKEN
    assert look().gates(READ, f"{WORK}/a") == FREE
