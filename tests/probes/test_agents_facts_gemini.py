"""Gemini CLI: rules of its program that bear on gates and stand in no other table (google-gemini/gemini-cli)."""

import pytest

from scanner.host import Process
from scanner.model import Gate, Platform
from scanner.testing import FakeFile
from tests.probes.agent_cases import APP, ASKED, CALL, CONNECT, EXECUTE, FREE, READ, REFUSED, WORK, WRITE, Found

AGENT = "gemini-cli"
HOME = "~/.gemini/settings.json"
PROJECT = f"{APP}/.gemini/settings.json"
TRUSTED = {"~/.gemini/trustedFolders.json": {WORK: "TRUST_FOLDER"}}
ALL = '{"tools": {"allowed": ["run_shell_command"]}}'
SERVERS = {"mcpServers": {"git": {"command": "x"}}}
HOOK = {"hooks": {"BeforeTool": [{"hooks": [{"type": "command", "command": "./x"}]}]}}


def look(files, *words, **more):
    processes = [Process(7, 1, "node", ("node", "/usr/bin/gemini", *words))] if words else []
    return Found(AGENT, {HOME: {}, **TRUSTED, **files}, processes=processes, **more)


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.LINUX, "/etc/gemini-cli/settings.json"),
        (Platform.LINUX, "/etc/gemini-cli/system-defaults.json"),
        (Platform.MACOS, "/Library/Application Support/GeminiCli/settings.json"),
        (Platform.MACOS, "/Library/Application Support/GeminiCli/system-defaults.json"),
        (Platform.WINDOWS, "C:/ProgramData/gemini-cli/settings.json"),
        (Platform.WINDOWS, "C:/ProgramData/gemini-cli/system-defaults.json"),
    ],
)
def test_settings_of_the_system_lie_elsewhere_on_each_platform(platform, path):
    """packages/cli/src/config/settings.ts, getSystemSettingsPath."""
    others = FakeFile(ALL, mode=0o644, mine=False)
    assert look({path: others}, platform=platform).gates(EXECUTE, "touch x") == FREE
    assert look({}, platform=platform).gates(EXECUTE, "touch x") == ASKED


def test_a_variable_moves_the_store_of_trust():
    """packages/cli/src/config/trustedFolders.ts."""
    moved = {"GEMINI_CLI_TRUSTED_FOLDERS_PATH": "/srv/trust.json"}
    files = {HOME: {}, PROJECT: ALL, "/srv/trust.json": {WORK: "TRUST_FOLDER"}}
    assert Found(AGENT, files, env=moved).gates(EXECUTE, "touch x") == FREE
    assert Found(AGENT, files).gates(EXECUTE, "touch x") == ASKED
    assert Found(AGENT, {**files, "/srv/trust.json": {}, **TRUSTED}, env=moved).gates(EXECUTE, "touch x") == ASKED


@pytest.mark.parametrize(
    ("settings", "words", "gates"),
    [
        ({"autoAllowInHeadless": True}, ("-p", "go"), FREE),  # 4.1, where nobody can be asked
        ({"autoAllowInHeadless": True}, ("go",), ASKED),
        ({"autoAllowInHeadless": False}, ("-p", "go"), ASKED),
        ({"allowed": ["git"]}, ("go",), FREE),  # 4.1: listed is allowed
        ({"allowed": ["git"]}, ("--approval-mode", "plan"), FREE),  # its next start is none that plans
        ({"excluded": ["git"], "allowed": ["git"]}, ("go",), REFUSED),  # 4.9
    ],
)
def test_settings_for_servers(settings, words, gates):
    assert look({HOME: {**SERVERS, "mcp": settings}}, *words).gates(CALL, "git/push") == gates


def rule(tool, decision, priority, **more):
    fields = {"toolName": tool, "decision": decision, "priority": priority, **more}
    return "[[rule]]\n" + "".join(
        f'{key} = "{value}"\n' if isinstance(value, str) else f"{key} = {value}\n" for key, value in fields.items()
    )


@pytest.mark.parametrize(
    ("files", "words", "channel", "target", "gates"),
    [
        # tiers: user 4 before what settings say by their own numbers, admin 5 before all
        (
            {"~/.gemini/policies/a.toml": rule("run_shell_command", "deny", 999), HOME: ALL},
            (),
            EXECUTE,
            "touch x",
            REFUSED,
        ),
        (
            {"~/.gemini/policies/a.toml": rule("run_shell_command", "deny", 100), HOME: ALL},
            (),
            EXECUTE,
            "touch x",
            FREE,
        ),  # 4.3
        ({"~/.gemini/policies/a.toml": rule("run_shell_command", "deny", 1)}, ("--yolo",), EXECUTE, "touch x", REFUSED),
        ({"~/.gemini/policies/auto-saved.toml": rule("run_shell_command", "allow", 950)}, (), EXECUTE, "touch x", FREE),
        ({"~/.gemini/policies/auto-saved.toml": rule("web_fetch", "allow", 950)}, (), CONNECT, "example.com", FREE),
        # a rule for a mode, and one for a session with a person
        (
            {"~/.gemini/policies/a.toml": rule("write_file", "allow", 500, modes=["yolo"])},
            (),
            WRITE,
            f"{WORK}/a",
            ASKED,
        ),
        (
            {"~/.gemini/policies/a.toml": rule("write_file", "allow", 500, modes=["default"])},
            (),
            WRITE,
            f"{WORK}/a",
            FREE,
        ),
        ({f"{APP}/.gemini/policies/a.toml": rule("*", "allow", 999)}, (), EXECUTE, "touch x", ASKED),  # switched off
        # no tool of its own for a skill is a channel: what one allows opens nothing else
        ({"~/.gemini/policies/a.toml": rule("activate_skill", "allow", 500)}, (), EXECUTE, "touch x", ASKED),
    ],
)
def test_priorities_of_rules(files, words, channel, target, gates):
    assert look(files, *words).gates(channel, target) == gates


@pytest.mark.parametrize("key", ["discoveryCommand", "callCommand"])
def test_programs_that_a_project_names_for_its_tools_are_told(key):
    found = look({PROJECT: {"tools": {key: "./x"}}})
    assert found.weak() == ["agent.rights-from-repository"]
    assert found.set(AGENT)[f"tools.{key}"] == ("a command", "project")


def test_a_program_for_servers_is_told():
    assert look({PROJECT: {"mcp": {"serverCommand": "./x"}}}).weak() == ["agent.rights-from-repository"]


@pytest.mark.parametrize(
    ("own", "weak"),
    [
        ({}, ["agent.rights-from-repository"]),
        ({"hooksConfig": {"enabled": True}}, ["agent.rights-from-repository"]),
        ({"hooksConfig": {"enabled": False}}, []),
    ],
)
def test_hooks_of_a_project_count_unless_hooks_are_switched_off(own, weak):
    """packages/cli/src/config/config.ts: enableHooks is hooksConfig.enabled, true by default."""
    assert look({HOME: own, PROJECT: HOOK}).weak() == weak


def test_a_project_can_switch_hooks_on_again():
    files = {HOME: {"hooksConfig": {"enabled": False}}, PROJECT: {**HOOK, "hooksConfig": {"enabled": True}}}
    assert look(files).weak() == ["agent.rights-from-repository"]


def test_the_sandbox_writes_the_paths_that_are_named():
    settings = {"tools": {"sandbox": "docker", "sandboxAllowedPaths": ["/srv/data"]}}
    found = look({HOME: settings, "/usr/bin/docker": ""})
    box = found.tools["run_shell_command"].sandbox
    assert (box.reads("/srv/data/x"), box.reads("/home/ada/.aws/credentials")) == (True, False)


def test_files_outside_of_the_workspace_are_read_by_no_tool_for_files():
    assert look({}).tools["read_file"].decide("/home/ada/x").gate is Gate.REFUSED
    assert look({}).gates(READ, f"{WORK}/x") == FREE
