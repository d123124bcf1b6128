"""How each client writes its servers: shape, scope, references, switches, approvals; and what is known of a server."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.mcp.look import mcp
from scanner.assembly import servers as told_servers
from scanner.data.agent_places import agent_places
from scanner.data.mcp import mcp as data
from scanner.model import CredentialSeen, Gate, ServerSeen, Weakness
from scanner.testing import FakeHost, fake_machine, observe
from scanner.tokens import token

APP, HOME = "~/src/app", "/home/ada"
CODE = "~/.config/Code/User"
GITHUB = token("github-classic", "mcp-clients")
NPX = {"command": "npx", "args": ["-y", "pkg@1.2.3"]}
LOCAL = {"launcher": "npx pkg@1.2.3", "transport": "stdio", "pinned": True}
REMOTE = {"url": "https://h.example.com/mcp"}


def look(files, **more):
    told = {file: text if isinstance(text, str) else json.dumps(text) for file, text in files.items()}
    return observe(mcp, FakeHost(files=told, **{"workspace": APP, **more}))


def servers(files, client=None, **more):
    seen = [each for each in look(files, **more) if isinstance(each, ServerSeen)]
    return [each for each in seen if client is None or each.client == client]


def of(*files, **tree):
    """The same servers under `mcpServers`, in these files."""
    return {file: {"mcpServers": tree} for file in files}


# (client, files, what is told of the server x)
CLIENTS = [
    # Copilot CLI
    (
        "copilot-cli",
        of("~/.copilot/mcp-config.json", x=NPX | {"type": "local", "tools": ["*"]}),
        LOCAL | {"enabled": True},
    ),
    (
        "copilot-cli",
        of("~/.copilot/mcp-config.json", x=NPX) | {"~/.copilot/settings.json": {"disabledMcpServers": ["x"]}},
        {"enabled": False},
    ),
    (
        "copilot-cli",
        of("~/.copilot/mcp-config.json", x={"type": "http", **REMOTE, "headers": {"A": "${KEY}"}}),
        {"transport": "http", "headers": ("A",), "takes": ("KEY",)},
    ),
    (
        "copilot-cli",
        of(f"{APP}/.github/mcp.json", x=NPX) | {"~/.copilot/config.json": "{}"},
        {"from_repository": True, "enabled": None, "folder": "~/src/app"},
    ),
    (
        "copilot-cli",
        of("~/.copilot/mcp-config.json", x=NPX)
        | {
            "~/.copilot/permissions-config.json": {
                "locations": {
                    f"{HOME}/src/app": {
                        "tool_approvals": [
                            {"kind": "mcp", "serverName": "x", "toolName": "read"},
                            {"kind": "mcp", "serverName": "y", "toolName": "write"},
                            {"kind": "commands", "commandIdentifiers": ["git"]},
                        ]
                    }
                }
            }
        },
        {"approved": ("read",), "approval": None},
    ),
    (
        "copilot-cli",
        of("~/.copilot/mcp-config.json", x=NPX)
        | {
            "~/.copilot/permissions-config.json": {
                "locations": {"/srv": {"tool_approvals": [{"kind": "mcp", "serverName": "x"}]}}
            }
        },
        {"approved": ()},
    ),
    # Qwen Code
    ("qwen-code", of("~/.qwen/settings.json", x=NPX | {"env": {"T": "$TOKEN"}}), LOCAL | {"takes": ("TOKEN",)}),
    ("qwen-code", of("~/.qwen/settings.json", x=NPX | {"trust": True}), {"approved": ("*",), "approval": None}),
    (
        "qwen-code",
        {"~/.qwen/settings.json": {"mcpServers": {"x": NPX}, "mcp": {"excluded": ["x"]}}},
        {"enabled": False},
    ),
    (
        "qwen-code",
        {"~/.qwen/settings.json": {"mcpServers": {"x": NPX}, "mcp": {"allowed": ["y"]}}},
        {"enabled": False},
    ),
    ("qwen-code", of(f"{APP}/.qwen/settings.json", x=NPX), {"from_repository": True, "enabled": None}),
    (
        "qwen-code",
        of(f"{APP}/.qwen/settings.json", x=NPX)
        | {"~/.qwen/mcpApprovals.json": {f"{HOME}/src/app": {"x": {"hash": "00", "status": "approved"}}}},
        {"enabled": True},
    ),
    (
        "qwen-code",
        of(f"{APP}/.mcp.json", x=NPX)
        | {"~/.qwen/mcpApprovals.json": {f"{HOME}/src/app": {"x": {"hash": "00", "status": "rejected"}}}},
        {"enabled": False, "scope": "project, shared"},
    ),
    ("qwen-code", of("/etc/qwen-code/settings.json", x=NPX), LOCAL | {"scope": "system"}),
    # Antigravity
    (
        "antigravity",
        of("~/.gemini/config/mcp_config.json", x={"serverUrl": REMOTE["url"], "disabledTools": ["a"]}),
        {**REMOTE, "transport": "http", "enabled": True},
    ),
    ("antigravity", of("~/.gemini/antigravity/mcp_config.json", x=NPX), LOCAL | {"enabled": None}),
    ("antigravity", of(f"{APP}/.agents/mcp_config.json", x=NPX | {"disabled": True}), {"enabled": False}),
    # Cline
    (
        "cline",
        of(
            "~/.cline/data/settings/cline_mcp_settings.json",
            x={"transport": {"type": "stdio", **NPX}, "disabled": True},
        ),
        LOCAL | {"enabled": False},
    ),
    (
        "cline",
        of("~/.cline/data/settings/cline_mcp_settings.json", x={"transport": {"type": "streamableHttp", **REMOTE}}),
        {**REMOTE, "transport": "http"},
    ),
    ("cline", of("~/.cline/data/settings/cline_mcp_settings.json", x=REMOTE), {"transport": "sse"}),
    (
        "cline",
        of("~/.cline/data/settings/cline_mcp_settings.json", x=NPX | {"autoApprove": ["a", "b"]}),
        LOCAL | {"approved": ("a", "b"), "approval": None},
    ),
    (
        "cline",
        of(f"{CODE}/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", x=NPX),
        LOCAL | {"enabled": None},
    ),
    # Roo Code
    (
        "roo-code",
        of(
            f"{CODE}/globalStorage/rooveterinaryinc.roo-cline/settings/mcp_settings.json",
            x=NPX | {"alwaysAllow": ["*", "a"], "disabledTools": ["a"], "env": {"T": "${env:TOKEN}"}},
        ),
        LOCAL | {"approved": ("*",), "takes": ("TOKEN",), "approval": None},
    ),
    ("roo-code", of(f"{APP}/.roo/mcp.json", x={"type": "streamable-http", **REMOTE}), {"from_repository": True}),
    # Kiro and Amazon Q
    (
        "kiro",
        of("~/.kiro/settings/mcp.json", x=NPX | {"autoApprove": ["a", "b"], "disabledTools": ["b"]}),
        LOCAL | {"approved": ("a",), "approval": Gate.NONE},
    ),
    ("kiro", of(f"{APP}/.kiro/settings/mcp.json", x=NPX | {"env": {"T": "${TOKEN}"}}), {"takes": ("TOKEN",)}),
    ("kiro", of("~/.kiro/agents/reviewer.json", x=NPX), LOCAL | {"enabled": None, "scope": "user agent"}),
    ("amazon-q", of("~/.aws/amazonq/mcp.json", x=NPX | {"disabled": True}), LOCAL | {"enabled": False}),
    ("amazon-q", of(f"{APP}/.amazonq/cli-agents/a.json", x=NPX), {"enabled": None, "from_repository": True}),
    # Continue
    (
        "continue",
        {
            "~/.continue/config.yaml": "name: mine\nmcpServers:\n  - name: x\n    command: npx\n"
            "    args: ['-y', pkg@1.2.3]\n"
            "    env:\n      T: ${{ secrets.TOKEN }}\n"
        },
        LOCAL | {"variables": ("T",)},
    ),
    (
        "continue",
        {
            f"{APP}/.continue/mcpServers/a.yaml": "mcpServers:\n- name: x\n  type: sse\n  url: https://h.example.com/mcp\n"
        },
        {**REMOTE, "transport": "sse", "from_repository": True},
    ),
    ("continue", of(f"{APP}/.continue/mcpServers/b.json", x=NPX), LOCAL | {"from_repository": True}),
    # Goose
    (
        "goose",
        {
            "~/.config/goose/config.yaml": "GOOSE_MODE: auto\nextensions:\n  developer:\n    enabled: true\n"
            "    type: builtin\n  x:\n    type: stdio\n    cmd: npx\n    args:\n    - -y\n    - pkg@1.2.3\n"
            "    envs:\n      A: b\n    env_keys:\n    - TOKEN\n    enabled: false\n"
        },
        LOCAL | {"enabled": False, "variables": ("A", "TOKEN"), "takes": ("TOKEN",)},
    ),
    (
        "goose",
        {
            "~/.config/goose/config.yaml": "extensions:\n  x:\n    type: streamable_http\n"
            "    uri: https://h.example.com/mcp\n    headers: {A: b}\n    enabled: true\n"
        },
        {**REMOTE, "transport": "http", "headers": ("A",), "enabled": True},
    ),
    ("goose", of(f"{APP}/.agents/plugins/p/.mcp.json", x=NPX), LOCAL | {"from_repository": True, "enabled": None}),
    # Zed
    (
        "zed",
        {
            "~/.config/zed/settings.json": '// mine\n{"context_servers": {"x": '
            + json.dumps(NPX | {"enabled": False})
            + "}}"
        },
        LOCAL | {"enabled": False},
    ),
    ("zed", {f"{APP}/.zed/settings.json": {"context_servers": {"x": REMOTE}}}, {**REMOTE, "enabled": None}),
    # Crush
    (
        "crush",
        {"~/.config/crush/crush.json": {"mcp": {"x": NPX | {"type": "stdio", "env": {"T": "$(pass show t)"}}}}},
        LOCAL | {"variables": ("T",), "takes": ()},
    ),
    (
        "crush",
        {f"{APP}/.crush.json": {"mcp": {"x": NPX | {"disabled": True, "env": {"T": "${TOKEN}"}}}}},
        {"enabled": False, "takes": ("TOKEN",), "from_repository": True},
    ),
    # others
    ("droid", of("~/.factory/mcp.json", x=NPX | {"disabled": True}), LOCAL | {"enabled": False}),
    ("droid", of(f"{APP}/.factory/mcp.json", x={"type": "http", **REMOTE}), {**REMOTE, "from_repository": True}),
    ("warp", of("~/.warp/.mcp.json", x=NPX | {"working_directory": "/srv"}), LOCAL | {"enabled": None}),
    ("warp", of(f"{APP}/.warp/.mcp.json", x=NPX), LOCAL | {"from_repository": True, "enabled": None}),
    ("amp", {"~/.config/amp/settings.json": {"amp.mcpServers": {"x": NPX}}}, LOCAL | {"enabled": True}),
    (
        "amp",
        {f"{APP}/.amp/settings.json": {"amp.mcpServers": {"x": REMOTE}}},
        {"enabled": None, "from_repository": True},
    ),
    ("junie", of("~/.junie/mcp/mcp.json", x=NPX), LOCAL | {"enabled": None}),
    ("junie", of(f"{APP}/.junie/mcp/mcp.json", x=REMOTE), {**REMOTE, "from_repository": True}),
    ("jetbrains-ai", of("~/.ai/mcp/mcp.json", x=NPX), LOCAL),
    ("augment", of("~/.augment/settings.json", x=NPX), LOCAL | {"enabled": True}),
    ("augment", of(f"{APP}/.augment/settings.local.json", x=NPX), {"from_repository": False, "enabled": None}),
    ("openhands", of("~/.openhands/mcp.json", x=NPX), LOCAL),
    (
        "openhands",
        {
            f"{APP}/config.toml": "[core]\n[mcp]\n"
            'stdio_servers = [{name = "x", command = "npx", args = ["-y", "pkg@1.2.3"]}]\n'
        },
        LOCAL | {"from_repository": True},
    ),
    # approvals that another switch may undo
    (
        "windsurf",
        of("~/.codeium/windsurf/mcp_config.json", x=NPX | {"alwaysAllow": ["a"]}),
        {"approved": ("a",), "approval": Gate.UNKNOWN},
    ),
]


@pytest.mark.parametrize(("client", "files", "wanted"), CLIENTS)
def test_a_server_of_each_client_is_told(client, files, wanted):
    [server] = [each for each in servers(files, client) if each.name == "x"]
    assert {name: getattr(server, name) for name in wanted} == wanted


def test_a_list_may_hold_no_more_than_addresses():
    second = '{url = "https://i.example.com/mcp", api_key = "CANARY"}'
    text = f'[mcp]\nshttp_servers = ["https://h.example.com/mcp", {second}]\n'
    found = servers({f"{APP}/config.toml": text}, "openhands")
    assert [(each.name, each.url) for each in found] == [
        ("server 1", "https://h.example.com/mcp"),
        ("server 2", "https://i.example.com/mcp"),
    ]
    assert "CANARY" not in repr(found)


def test_a_secret_in_a_part_of_its_own_is_told_where_it_stands():
    entry = {"transport": {"type": "stdio", **NPX, "env": {"GITHUB_TOKEN": GITHUB}}}
    seen = look(of("~/.cline/data/settings/cline_mcp_settings.json", x=entry))
    [secret] = [each for each in seen if isinstance(each, CredentialSeen)]
    assert secret.evidence.key == "mcpServers.x.transport.env.GITHUB_TOKEN"
    [server] = [each for each in seen if isinstance(each, ServerSeen)]
    assert secret.evidence.key.startswith(server.evidence.key)


def test_a_file_that_several_clients_read_is_told_for_those_that_are_here():
    shared = of(f"{APP}/.mcp.json", x=NPX)
    assert [each.client for each in servers(shared)] == ["claude-code"]
    both = servers(shared | {"~/.copilot/config.json": "{}", "~/.qwen/settings.json": "{}"})
    assert sorted(each.client for each in both) == ["claude-code", "copilot-cli", "qwen-code"]


def test_every_agent_with_servers_is_a_client_by_its_own_id():
    known = {row.id for row in agent_places()} | {"claude-code", "codex", "cursor"}
    clients = {each.id for each in data().client}
    assert clients <= known
    assert known - clients == {"aider", "cline-cli"}  # one has no servers, the other shares those of cline


# --- in several workspaces

PLACES = {"neighbours": ["~/src/web", "~/src/other"], "named": 1}


def test_a_projects_server_holds_in_its_workspace():
    files = of(f"{APP}/.mcp.json", a=NPX) | of("~/src/web/.mcp.json", b=NPX) | of("~/src/other/.mcp.json", c=NPX)
    found = {each.name: each.folder for each in servers(files | of("~/.claude.json", d=NPX), **PLACES)}
    assert found == {"a": "~/src/app", "b": "~/src/web", "c": "~/src/other", "d": None}


def test_a_server_from_above_holds_in_the_workspace_below():
    files = of("~/src/.mcp.json", a=NPX) | {"~/src/.git/HEAD": ""}
    assert [each.folder for each in servers(files)] == ["~/src/app"]
    below = servers(files, **PLACES)
    assert sorted(each.folder for each in below) == ["~/src/app", "~/src/web"]


def test_what_one_workspace_says_of_a_users_server_holds_there():
    state = {"mcpServers": {"x": NPX}, "projects": {f"{HOME}/src/web": {"disabledMcpServers": ["x"]}}}
    assert [(each.folder, each.enabled) for each in servers({"~/.claude.json": state})] == [(None, True)]
    found = servers({"~/.claude.json": state}, **PLACES)
    assert sorted((each.folder, each.enabled) for each in found) == [("~/src/app", True), ("~/src/web", False)]


def test_a_local_server_is_told_once_and_for_its_folder():
    state = {"projects": {f"{HOME}/src/web": {"mcpServers": {"x": NPX}}, "/srv/other": {"mcpServers": {"y": NPX}}}}
    found = servers({"~/.claude.json": state}, **PLACES)
    assert sorted((each.name, each.folder) for each in found) == [("x", "~/src/web"), ("y", "/srv/other")]


def test_of_two_servers_of_one_name_the_nearer_runs_in_each_workspace():
    state = {"projects": {f"{HOME}/src/web": {"mcpServers": {"x": NPX}, "enabledMcpjsonServers": ["x"]}}}
    found = servers({"~/.claude.json": state} | of("~/src/web/.mcp.json", x=NPX), **PLACES)
    assert sorted((each.scope.partition(" ")[0], each.enabled) for each in found) == [
        ("local", True),
        ("project", False),
    ]


# --- what is known of a server

# (an entry, its id among the known, what narrows it, the variables that it is handed by name)
KNOWN = [
    ({"command": "npx", "args": ["-y", "@wonderwhy-er/desktop-commander@latest"]}, "desktop-commander", (), ()),
    ({"command": "uvx", "args": ["mcp-server-fetch"]}, "fetch", (), ()),
    ({"command": "uvx", "args": ["--from", "mcp-server-git==1.0", "mcp-server-git"]}, "git", (), ()),
    ({"command": "npx", "args": ["mcp-remote", "https://mcp.sentry.dev/mcp"]}, "sentry", (), ()),
    ({"type": "http", "url": "https://api.githubcopilot.com/mcp/"}, "github", (), ()),
    (
        {
            "command": "docker",
            "args": ["run", "-i", "-e", "GITHUB_PERSONAL_ACCESS_TOKEN", "ghcr.io/github/github-mcp-server"],
        },
        "github",
        (),
        ("GITHUB_PERSONAL_ACCESS_TOKEN",),
    ),
    (
        {
            "command": "docker",
            "args": ["run", "-e", "TOKEN", "ghcr.io/github/github-mcp-server"],
            "env": {"TOKEN": "${GH}", "GITHUB_READ_ONLY": "1"},
        },
        "github",
        ("GITHUB_READ_ONLY",),
        ("GH",),
    ),
    (
        {"command": "npx", "args": ["kubernetes-mcp-server@1.0.0", "--read-only"]},
        "kubernetes-containers",
        ("--read-only",),
        (),
    ),
    ({"command": "npx", "args": ["kubernetes-mcp-server@1.0.0", "--read-only=false"]}, "kubernetes-containers", (), ()),
    (
        {"command": "npx", "args": ["mcp-server-kubernetes"], "env": {"ALLOW_ONLY_READONLY_TOOLS": "false"}},
        "kubernetes",
        (),
        (),
    ),
    (
        {"command": "npx", "args": ["mcp-server-kubernetes"], "env": {"ALLOW_ONLY_READONLY_TOOLS": "${X}"}},
        "kubernetes",
        (),
        ("X",),
    ),
    ({"command": "npx", "args": ["@evil/desktop-commander"]}, "", (), ()),
    ({"command": "node", "args": ["server.js"], "env": {"A": "${TOKEN}", "B": "literal"}}, "", (), ("TOKEN",)),
]


@pytest.mark.parametrize(("entry", "known", "narrowed", "takes"), KNOWN)
def test_a_known_server_is_told_with_what_narrows_it_and_what_it_is_handed(entry, known, narrowed, takes):
    [server] = servers(of("~/.claude.json", x=entry))
    assert (server.known, server.narrowed, server.takes) == (known, narrowed, takes)


SHREDS = st.sampled_from(
    [
        "mcpServers:",
        "\n",
        "  - ",
        "name: ",
        "x",
        "command: npx",
        "[",
        "]",
        "{",
        "}",
        "args: ",
        "*a",
        "&a ",
        "'",
        "\t",
        ": ",
        "extensions:",
    ]
)


@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_of_yaml_breaks_it(text):
    look({"~/.continue/config.yaml": text, "~/.config/goose/config.yaml": text})


# --- tools that run unasked


def weaknesses(entry, **files):
    seen = look(of("~/.kiro/settings/mcp.json", x=entry) | files)
    return {each.rule: each.why for each in seen if isinstance(each, Weakness)}


COMMANDER = {"command": "npx", "args": ["@wonderwhy-er/desktop-commander@0.2.52"]}
KUBERNETES = {"command": "npx", "args": ["kubernetes-mcp-server@0.0.67"]}
# (an entry, what is told of it among its destructive tools, None where nothing is)
UNASKED = [
    (COMMANDER | {"autoApprove": ["start_process", "get_config"]}, "start_process: runs any command"),
    (COMMANDER | {"autoApprove": ["*"]}, "runs any command"),
    (COMMANDER | {"autoApprove": ["get_config", "read_file"]}, None),
    (COMMANDER | {"autoApprove": ["*"], "disabled": True}, None),
    (COMMANDER, None),
    (KUBERNETES | {"autoApprove": ["pods_delete", "pods_list"]}, "pods_delete: deletes infrastructure"),
    (KUBERNETES | {"autoApprove": ["pods_list"]}, None),
    ({"command": "npx", "args": ["kubernetes-mcp-server", "--read-only"], "autoApprove": ["pods_delete"]}, None),
    ({"command": "npx", "args": ["unknown@1.0.0"], "autoApprove": ["delete_all"]}, None),
    ({"command": "docker", "args": ["run", "mcp/desktop-commander:1.0.0"], "autoApprove": ["start_process"]}, None),
]


@pytest.mark.parametrize(("entry", "wanted"), UNASKED)
def test_destructive_tools_of_known_servers_that_run_unasked_are_a_weakness(entry, wanted):
    told = weaknesses(entry).get("mcp.destructive-unasked")
    assert told is None if wanted is None else told is not None and wanted in told


def test_the_report_says_what_a_known_server_does_and_what_of_it_runs_unasked():
    machine = fake_machine()
    seen = servers(of("~/.kiro/settings/mcp.json", x=KUBERNETES | {"autoApprove": ["pods_delete", "pods_list"]}))
    [told] = told_servers(seen, machine)
    assert told.known == "Kubernetes and OpenShift"
    assert "runs code elsewhere" in told.does
    assert told.unasked == {"reads data": ("pods_list",), "deletes infrastructure": ("pods_delete",)}
    [unknown] = told_servers(servers(of("~/.kiro/settings/mcp.json", x=NPX)), machine)
    assert (unknown.known, unknown.does, unknown.unasked) == ("", (), {})


def test_the_report_tells_a_server_twice_only_where_folders_do_not_say_the_same():
    state = {"mcpServers": {"x": NPX}, "projects": {f"{HOME}/src/web": {"disabledMcpServers": ["x"]}}}
    found = told_servers(servers({"~/.claude.json": state}, **PLACES), fake_machine())
    assert sorted((each.folder, each.enabled) for each in found) == [("~/src/app", True), ("~/src/web", False)]
    assert len({each.id for each in found}) == 2
    [once] = told_servers(servers(of("~/.claude.json", x=NPX), **PLACES), fake_machine())
    assert once.folder is None
