"""Agents with small readers: rules of their sources and pages that stand in no other table, one row each."""

import json

import pytest

from scanner.host import Process
from scanner.model import Platform
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CALL,
    CONNECT,
    EXECUTE,
    FREE,
    HOME,
    JUDGED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

JUNIE = "~/.junie/allowlist.json"
ANTIGRAVITY, BROUGHT = "~/.gemini/antigravity-cli/settings.json", f"{APP}/.antigravity/settings.json"
QWEN, DROID, AMP = "~/.qwen/settings.json", "~/.factory/settings.json", "~/.config/amp/settings.json"
CONTINUE, ZED, GOOSE = "~/.continue/permissions.yaml", "~/.config/zed/settings.json", "~/.config/goose/config.yaml"
CRUSH, WINDSURF = "~/.config/crush/crush.json", "~/.config/Windsurf/User/settings.json"
AIDER, AUGMENT, WARP = "~/.aider.conf.yml", "~/.augment/settings.json", "~/.config/warp-terminal/settings.toml"


def running(program, *words):
    return {"processes": [Process(7, 1, program, (program, *words))]}


def zed(**tools):
    return {ZED: {"agent": {"tool_permissions": {"tools": tools}}}}


def listed(*entries):
    return [{"pattern": entry} for entry in entries]


ROWS = [
    # Junie: one part of its list is about secrets, which no channel of its own stands for
    ("junie", {JUNIE: {"rules": {"readSecretFile": {"default": "allow"}}}}, {}, WRITE, f"{HOME}/a", ASKED),
    ("junie", {JUNIE: {"rules": {"readOutsideProject": {"default": "allow"}}}}, {}, READ, f"{HOME}/a", FREE),
    ("junie", {JUNIE: {"rules": {"fileEditing": {"default": "allow"}}}}, {}, WRITE, f"{HOME}/a", FREE),
    # Antigravity: deny before ask before allow, by actions
    (
        "antigravity",
        {ANTIGRAVITY: {"permissions": {"allow": ["write_file(*)"]}}},
        {},
        EXECUTE,
        "x",
        (TAKEN[0], JUDGED[1]),
    ),
    # Qwen Code: an option for one start says nothing of the next
    ("qwen-code", {QWEN: {}}, running("qwen", "--bare"), EXECUTE, "npm test", JUDGED),
    ("qwen-code", {QWEN: {"tools": {"approvalMode": "default"}}}, {}, EXECUTE, "npm test", ASKED),
    ("qwen-code", {QWEN: {"tools": {"approvalMode": "yolo"}}}, {}, EXECUTE, "npm test", FREE),
    (
        "qwen-code",
        {
            QWEN: {"security": {"folderTrust": {"enabled": True}}, "tools": {"approvalMode": "yolo"}},
            "~/.qwen/trustedFolders.json": {WORK: "DO_NOT_TRUST"},
        },
        *({}, EXECUTE, "npm test", ASKED),
    ),
    (
        "qwen-code",
        {QWEN: {"tools": {"approvalMode": "yolo"}}, "~/.qwen/trustedFolders.json": {WORK: "DO_NOT_TRUST"}},
        *({}, EXECUTE, "npm test", FREE),  # trust is off by default
    ),
    # droid: blocked before denied before allowed before its level
    (
        "droid",
        {DROID: {"commandAllowlist": ["npm test"], "commandDenylist": ["npm test"]}},
        {},
        EXECUTE,
        "npm test",
        ASKED,
    ),
    ("droid", {DROID: {"commandAllowlist": ["x"], "commandBlocklist": ["x"]}}, {}, EXECUTE, "x", REFUSED),
    # Continue: an option before the file, the file before the defaults
    ("continue", {CONTINUE: "allow:\n  - Bash\n"}, {}, EXECUTE, "npm test", FREE),
    ("continue", {CONTINUE: "allow:\n  - Bash\n"}, running("cn", "--ask", "Bash"), EXECUTE, "npm test", ASKED),
    ("continue", {CONTINUE: "ask:\n  - Bash\nallow:\n  - Bash\n"}, {}, EXECUTE, "npm test", ASKED),
    ("continue", {CONTINUE: "exclude:\n  - Bash\n"}, {}, EXECUTE, "npm test", REFUSED),
    ("continue", {CONTINUE: ""}, running("cn", "--readonly"), EXECUTE, "npm test", FREE),  # commands still run there
    ("continue", {CONTINUE: ""}, running("cn", "--auto"), WRITE, f"{HOME}/a", FREE),
    # Zed: what is built in, denied, to be confirmed, allowed, by default
    ("zed", zed(terminal={"always_allow": listed(".*")}), {}, EXECUTE, "rm -rf /", REFUSED),
    ("zed", zed(terminal={"always_allow": listed(".*"), "always_deny": listed("^npm")}), {}, EXECUTE, "npm x", REFUSED),
    (
        "zed",
        zed(terminal={"always_allow": listed(".*"), "always_confirm": listed("^npm")}),
        {},
        EXECUTE,
        "npm x",
        ASKED,
    ),
    ("zed", zed(terminal={"default": "allow"}), {}, EXECUTE, "npm x", FREE),
    (
        "zed",
        {ZED: {"agent": {"tool_permissions": {"default": "deny", "tools": {"terminal": {"default": "allow"}}}}}},
        {},
        EXECUTE,
        "npm x",
        FREE,
    ),
    ("zed", zed(**{"mcp:git:push": {"default": "allow"}}), {}, CALL, "git/push", FREE),
    ("zed", zed(**{"mcp:git:push": {"default": "allow"}}), {}, CALL, "git/pull", ASKED),
    # Goose: as shipped nobody is asked; in modes that ask its lists count
    ("goose", {GOOSE: ""}, {}, EXECUTE, "x", FREE),
    ("goose", {GOOSE: "GOOSE_MODE: approve\n"}, {}, EXECUTE, "x", ASKED),
    ("goose", {GOOSE: "GOOSE_MODE: smart_approve\n"}, {}, EXECUTE, "x", JUDGED),
    ("goose", {GOOSE: "GOOSE_MODE: chat\n"}, {}, EXECUTE, "x", REFUSED),
    ("goose", {GOOSE: "GOOSE_MODE: approve\n"}, {"env": {"GOOSE_MODE": "auto"}}, EXECUTE, "x", FREE),  # before the file
    # Crush: names of tools as they are, and no list that denies
    ("crush", {CRUSH: {"permissions": {"allowed_tools": ["bash:execute"]}}}, {}, EXECUTE, "python3 x.py", FREE),
    ("crush", {CRUSH: {"permissions": {"denied_tools": ["bash"]}}}, {}, EXECUTE, "python3 x.py", ASKED),
    ("crush", {CRUSH: {}}, running("crush", "--yolo"), WRITE, f"{HOME}/a", FREE),
    # Windsurf: what is denied comes first, and a workspace's file counts
    (
        "windsurf",
        {WINDSURF: {"windsurf.cascadeCommandsAllowList": ["git"], "windsurf.cascadeCommandsDenyList": ["git push"]}},
        *({}, EXECUTE, "git push", ASKED),
    ),
    # Amp: the first that matches; what lets everything run comes before all
    (
        "amp",
        {AMP: {"amp.permissions": [{"tool": "Bash", "action": "ask"}, {"tool": "*", "action": "allow"}]}},
        {},
        EXECUTE,
        "x",
        ASKED,
    ),
    (
        "amp",
        {AMP: {"amp.permissions": [{"tool": "Bash", "action": "reject"}], "amp.dangerouslyAllowAll": True}},
        {},
        EXECUTE,
        "x",
        FREE,
    ),
    (
        "amp",
        {AMP: {"amp.permissions": [{"tool": "Bash", "action": "delegate", "to": "x"}]}},
        {},
        EXECUTE,
        "x",
        (TAKEN[0], TAKEN[1]),
    ),
    # Aider: with yes to everything, but for commands that the model thinks of
    ("aider", {AIDER: "yes-always: true\n"}, {}, WRITE, f"{WORK}/a", FREE),
    ("aider", {AIDER: "yes-always: true\n"}, {}, EXECUTE, "x", REFUSED),
    ("aider", {AIDER: ""}, running("aider", "--yes-always"), WRITE, f"{WORK}/a", FREE),
    # Augment: the first that matches
    (
        "augment",
        {AUGMENT: {"toolPermissions": [{"toolName": "launch-process", "permission": {"type": "deny"}}]}},
        {},
        EXECUTE,
        "x",
        REFUSED,
    ),
    # OpenHands: nobody is asked unless somebody says so
    ("openhands", {"~/.openhands/settings.json": {}}, {}, EXECUTE, "x", TAKEN),
    ("openhands", {"~/.openhands/settings.json": {"confirmation_mode": True}}, {}, EXECUTE, "x", ASKED),
]


@pytest.mark.parametrize(
    ("agent", "files", "more", "act", "gates"),
    [(agent, files, more, act, gates) for agent, files, more, *act, gates in ROWS],
    ids=[f"{row[0]}: {json.dumps(list(row[1].values()))[:60]}" for row in ROWS],
)
def test_a_rule(agent, files, more, act, gates):
    here = {"~/.local/bin/aider": ""} if agent == "aider" else {}
    found = Found(agent, {**here, f"{APP}/.git/HEAD": "x", **files}, **more)
    assert found.gates(*act) == gates


@pytest.mark.parametrize(
    ("agent", "path", "text"),
    [
        ("zed", f"{APP}/.zed/settings.json", {"agent": {"tool_permissions": {"default": "allow"}}}),
        ("goose", f"{APP}/.goosehints", "allow everything"),
        ("goose", f"{APP}/.config/goose/config.yaml", "GOOSE_MODE: auto\n"),
        ("continue", f"{APP}/.continue/permissions.yaml", "allow:\n  - Bash\n"),
        ("continue", f"{APP}/.continuerc.json", {"permissions": {"allow": ["Bash"]}}),
        ("warp", f"{APP}/.warp/settings.toml", '[agents.profiles]\ncommand_allowlist = [".*"]\n'),
        ("junie", f"{APP}/.junie/allowlist.json", {"defaultBehavior": "allow"}),
    ],
)
def test_what_a_project_says_in_vain_changes_nothing_and_is_no_weakness(agent, path, text):
    asking = {
        "zed": {ZED: {}},
        "goose": {GOOSE: "GOOSE_MODE: approve\n"},
        "continue": {CONTINUE: ""},
        "warp": {WARP: ""},
        "junie": {JUNIE: {}},
    }[agent]
    without, found = Found(agent, asking), Found(agent, {**asking, path: text})
    assert found.seen.policy == without.seen.policy
    assert found.weak() == without.weak()


@pytest.mark.parametrize(
    ("entry", "channel", "target"),
    [
        ("read_file(*)", READ, f"{HOME}/a"),
        ("write_file(*)", WRITE, f"{HOME}/a"),
        ("read_url(*)", CONNECT, "example.com"),
        ("execute_url(*)", CONNECT, "example.com"),
        ("command(*)", EXECUTE, "npm test"),
        ("unsandboxed(*)", EXECUTE, "npm test"),
        ("mcp(*)", CALL, "git/push"),
    ],
)
def test_every_action_of_antigravity_has_its_channel(entry, channel, target):
    found = Found("antigravity", {ANTIGRAVITY: {"permissions": {"allow": [entry]}}})
    assert found.gates(channel, target)[1] is FREE[1]
    brought = Found("antigravity", {ANTIGRAVITY: {}, BROUGHT: {"permissions": {"allow": [entry]}}})
    assert brought.weak() == ["agent.rights-from-repository"]


MAKE = {"windsurf.cascadeCommandsAllowList": ["make"]}


@pytest.mark.parametrize(
    ("platform", "path", "settings"),
    [
        (Platform.LINUX, WINDSURF, MAKE),
        (Platform.MACOS, "~/Library/Application Support/Windsurf/User/settings.json", MAKE),
        (Platform.WINDOWS, "~/AppData/Roaming/Windsurf/User/settings.json", MAKE),
        (Platform.LINUX, f"{APP}/.vscode/settings.json", MAKE),
        (Platform.LINUX, f"{APP}/app.code-workspace", {"settings": MAKE}),
    ],
)
def test_where_windsurfs_settings_lie(platform, path, settings):
    here = {"~/.codeium/windsurf/mcp_config.json": {}}
    assert Found("windsurf", {**here, path: settings}, platform=platform).gates(EXECUTE, "make all") == TAKEN
    assert Found("windsurf", here, platform=platform).gates(EXECUTE, "make all")[1] is ASKED[1]


def test_settings_of_amp_that_decide_no_gate_are_told():
    told = {"amp.tools.disable": ["x"], "amp.runner.env.enabled": True, "amp.remoteThreadCreation.enabled": True}
    assert set(told) <= set(Found("amp", {AMP: told}).set("amp"))


def test_settings_of_droid_that_decide_no_gate_are_told():
    told = {"sessionDefaultSettings": {"interactionMode": "spec"}, "enableDroidShield": False}
    found = Found("droid", {DROID: told}).set("droid")
    assert found["sessionDefaultSettings.interactionMode"] == ("spec", "user")
    assert found["enableDroidShield"] == ("false", "user")
