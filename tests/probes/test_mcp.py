"""The MCP probe: servers of each client, what stands in their entries, and what decides whether they run."""

import base64
import hashlib
import json
from time import monotonic

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probes.agents.mcp.look import mcp
from scanner.host import DeadlinePassed, Host
from scanner.model import (
    CredentialSeen,
    CredentialState,
    Gap,
    GapKind,
    HandleSeen,
    LifetimeKind,
    Platform,
    ServerSeen,
    Weakness,
)
from scanner.testing import HOMES, NOW, TEST_KEY, FakeFile, FakeHost, fake_machine, observe
from scanner.tokens import token
from scanner.vault import Vault

GITHUB = token("github-classic", "mcp")
CANARY = "CANARY-CANARY-CANARY-x7"
APP = "~/src/app"
CLAUDE, PROJECT, CODEX, CURSOR = "~/.claude.json", f"{APP}/.mcp.json", "~/.codex/config.toml", "~/.cursor/mcp.json"
GEMINI, OPENCODE = "~/.gemini/settings.json", "~/.config/opencode/opencode.json"
WINDSURF = "~/.codeium/windsurf/mcp_config.json"
DESKTOP = {
    Platform.LINUX: "~/.config/Claude/claude_desktop_config.json",
    Platform.MACOS: "~/Library/Application Support/Claude/claude_desktop_config.json",
    Platform.WINDOWS: "~/AppData/Roaming/Claude/claude_desktop_config.json",
}
VSCODE = {
    Platform.LINUX: "~/.config/Code/User/mcp.json",
    Platform.MACOS: "~/Library/Application Support/Code/User/mcp.json",
    Platform.WINDOWS: "~/AppData/Roaming/Code/User/mcp.json",
}


def look(files, platform=Platform.LINUX, workspace=APP, **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(mcp, FakeHost(platform, files, workspace=workspace, **more))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def servers(seen):
    return {each.name: each for each in only(seen, ServerSeen)}


def rules(seen):
    return sorted(each.rule for each in only(seen, Weakness))


def one(entry, file=CLAUDE, key="mcpServers", **more):
    """What is seen of a single server."""
    return look({file: {key: {"x": entry}}}, **more)


def npx(*args, **more):
    return {"command": "npx", "args": list(args), **more}


# --- each client

LOCAL = {"launcher": "npx pkg@1.2.3", "package": "pkg@1.2.3", "pinned": True, "transport": "stdio"}
CLIENTS = [
    ("claude-code", CLAUDE, {"mcpServers": {"x": npx("-y", "pkg@1.2.3", type="stdio")}}, {**LOCAL, "enabled": True}),
    (
        "claude-code",
        CLAUDE,
        {"mcpServers": {"x": {"type": "sse", "url": "https://h.example.com/sse", "headers": {"X-Key": "${KEY}"}}}},
        {"transport": "sse", "url": "https://h.example.com/sse", "headers": ("X-Key",), "variables": ("KEY",)},
    ),
    (
        "claude-code",
        CLAUDE,
        {"mcpServers": {"x": {"url": "https://h.example.com/mcp"}}},
        {"transport": "unknown", "url": "https://h.example.com/mcp", "launcher": ""},
    ),
    (
        "claude-code",
        PROJECT,
        {"mcpServers": {"x": npx("pkg@1.2.3")}},
        {**LOCAL, "scope": "project", "from_repository": True, "enabled": None},
    ),
    (
        "claude-code",
        "~/.claude/plugins/cache/market/tool/1.0/.mcp.json",
        {"x": npx("pkg@1.2.3")},
        {**LOCAL, "scope": "plugin tool@market", "enabled": None},
    ),
    ("claude-desktop", DESKTOP, {"mcpServers": {"x": npx("pkg@1.2.3", env={"A_KEY": ""})}}, {"variables": ("A_KEY",)}),
    (
        "codex",
        CODEX,
        '[mcp_servers.x]\nurl = "https://h.example.com/mcp"\nbearer_token_env_var = "TOKEN"\n'
        'env_http_headers = { X-Key = "KEY" }\nhttp_headers = { X-Region = "eu" }\nenabled = false\n',
        {
            "transport": "http",
            "headers": ("X-Region", "X-Key"),
            "variables": ("TOKEN", "KEY"),
            "enabled": False,
            "scope": "user",
        },
    ),
    (
        "codex",
        CODEX,
        '[mcp_servers.x]\ncommand = "npx"\nargs = ["pkg@1.2.3"]\nenv_vars = ["A", {name = "B"}]\n'
        'default_tools_approval_mode = "approve"\ndisabled_tools = ["rm"]\n',
        {**LOCAL, "variables": ("A", "B"), "approved": ("*",), "enabled": True},
    ),
    (
        "codex",
        CODEX,
        '[mcp_servers.x]\ncommand = "npx"\nargs = ["pkg@1.2.3"]\n'
        'default_tools_approval_mode = "approve"\nenabled_tools = ["read", "rm"]\ndisabled_tools = ["rm"]\n',
        {**LOCAL, "approved": ("read",)},
    ),
    (
        "codex",
        CODEX,
        '[mcp_servers.x]\ncommand = "npx"\nargs = ["pkg@1.2.3"]\n'
        '[mcp_servers.x.tools.read]\napproval_mode = "approve"\n',
        {**LOCAL, "approved": ("read",)},
    ),
    (
        "cursor",
        CURSOR,
        {"mcpServers": {"x": npx("pkg@1.2.3", "${workspaceFolder}/src", env={"T": "${env:TOKEN}"})}},
        {**LOCAL, "variables": ("T", "TOKEN"), "roots": ("${workspaceFolder}/src",), "enabled": None},
    ),
    (
        "cursor",
        f"{APP}/.cursor/mcp.json",
        {"mcpServers": {"x": npx("pkg@1.2.3")}},
        {**LOCAL, "scope": "project", "from_repository": True, "enabled": None},
    ),
    (
        "vscode-copilot",
        VSCODE,
        '{// mine\n"inputs": [{"type": "promptString", "id": "t", "password": true}],\n'
        '"servers": {"x": {"type": "http", "url": "https://h.example.com/", '
        '"headers": {"Authorization": "Bearer ${input:t}"}},},}',
        {"transport": "http", "headers": ("Authorization",), "enabled": None, "variables": ()},
    ),
    (
        "vscode-copilot",
        f"{APP}/.vscode/mcp.json",
        {"servers": {"x": npx("pkg@1.2.3", type="stdio", env={"K": "${env:KEY}"})}},
        {**LOCAL, "from_repository": True, "variables": ("K", "KEY")},
    ),
    (
        "gemini-cli",
        GEMINI,
        {"mcpServers": {"x": npx("pkg@1.2.3", trust=True, includeTools=["a", "b"], excludeTools=["b"])}},
        {**LOCAL, "approved": ("a",), "enabled": True},
    ),
    (
        "gemini-cli",
        GEMINI,
        {"mcpServers": {"x": {"httpUrl": "https://h.example.com/mcp", "headers": {"A": "$TOKEN"}}}},
        {"transport": "http", "variables": ("TOKEN",), "url": "https://h.example.com/mcp"},
    ),
    (
        "opencode",
        OPENCODE,
        '{"mcp": {"x": {"type": "local", "command": ["npx", "-y", "pkg@1.2.3"], '
        '"environment": {"K": "{env:KEY}"}, "enabled": false}}}',
        {**LOCAL, "variables": ("K", "KEY"), "enabled": False},
    ),
    (
        "opencode",
        f"{APP}/opencode.jsonc",
        '{"mcp": {"x": {"type": "remote", "url": "https://h.example.com/mcp"}}} // there',
        {"transport": "http", "from_repository": True, "enabled": True, "approved": ("*",)},
    ),
    (
        "windsurf",
        WINDSURF,
        {"mcpServers": {"x": {"serverUrl": "https://h.example.com/sse", "disabled": True, "alwaysAllow": ["a"]}}},
        {"transport": "http", "enabled": False, "approved": ("a",)},
    ),
]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(("client", "file", "text", "wanted"), CLIENTS)
def test_a_server_of_each_client_is_told(client, file, text, wanted, platform):
    file = file[platform] if isinstance(file, dict) else file
    server = servers(look({file: text}, platform))["x"]
    assert server.client == client
    assert {name: getattr(server, name) for name in wanted} == wanted
    assert server.evidence.path == HOMES[platform].joinpath(*file[2:].split("/"))
    assert server.evidence.key.endswith(".x") or server.evidence.key == "x"


def test_a_server_of_one_project_names_it():
    told = {"projects": {"/home/ada/src/app": {"mcpServers": {"x": npx("pkg@1.2.3")}}}}
    server = servers(look({CLAUDE: told}))["x"]
    assert (server.scope, server.from_repository, server.enabled) == ("local ~/src/app", False, True)


def test_an_extension_of_claude_desktop_is_one_server_with_its_switch():
    base = "~/.config/Claude/"
    manifest = {
        "name": "files",
        "server": {
            "mcp_config": {"command": "node", "args": ["${__dirname}/index.js"], "env": {"K": "${user_config.k}"}}
        },
    }
    path = f"{base}Claude Extensions/acme.files/manifest.json"
    for told, enabled in ((True, True), (False, False)):
        switch = {f"{base}Claude Extensions Settings/acme.files.json": {"isEnabled": told}}
        server = servers(look({path: manifest, **switch}))["files"]
        assert (server.scope, server.enabled, server.launcher) == ("extension", enabled, "node index.js")


def test_a_variable_may_hold_the_configuration():
    text = json.dumps({"mcp": {"x": {"type": "local", "command": ["npx", "pkg"], "environment": {"GH_TOKEN": GITHUB}}}})
    seen = look({}, env={"OPENCODE_CONFIG_CONTENT": text})
    [credential] = only(seen, CredentialSeen)
    assert servers(seen)["x"].evidence.variable == credential.evidence.variable == "OPENCODE_CONFIG_CONTENT"
    assert credential.evidence.path is None
    assert credential.evidence.line is None


# --- what is started

LAUNCHES = [
    (npx("-y", "@a/b"), "npx @a/b", "@a/b", False),
    (npx("-y", "@a/b@latest"), "npx @a/b@latest", "@a/b@latest", False),
    (npx("b@^1.2.3"), "npx b@^1.2.3", "b@^1.2.3", False),
    (npx("b@1"), "npx b@1", "b@1", False),
    (npx("--package=@a/b@1.2.3", "-y", "run-it"), "npx @a/b@1.2.3", "@a/b@1.2.3", True),
    (npx("-p", "b@1.2.3-beta.1", "tool"), "npx b@1.2.3-beta.1", "b@1.2.3-beta.1", True),
    (npx("github:ada/tool"), "npx github:ada/tool", "github:ada/tool", False),
    (npx("./server"), "npx server", None, None),
    ({"command": "bunx", "args": ["b"]}, "bunx b", "b", False),
    ({"command": "pnpm", "args": ["dlx", "b@1.2.3"]}, "pnpm dlx b@1.2.3", "b@1.2.3", True),
    ({"command": "uvx", "args": ["b"]}, "uvx b", "b", False),
    ({"command": "uvx", "args": ["b@latest"]}, "uvx b@latest", "b@latest", False),
    ({"command": "uvx", "args": ["b==2025.4.25"]}, "uvx b==2025.4.25", "b==2025.4.25", True),
    ({"command": "uvx", "args": ["b>=2"]}, "uvx b>=2", "b>=2", False),
    ({"command": "uvx", "args": ["--from", "b@2.0.1", "serve"]}, "uvx b@2.0.1", "b@2.0.1", True),
    ({"command": "uv", "args": ["tool", "run", "b"]}, "uv tool run b", "b", False),
    ({"command": "pipx", "args": ["run", "b"]}, "pipx run b", "b", False),
    ({"command": "docker", "args": ["run", "-i", "--rm", "a/b"]}, "docker run a/b", "a/b", False),
    ({"command": "docker", "args": ["run", "-i", "a/b:1.2.3"]}, "docker run a/b:1.2.3", "a/b:1.2.3", True),
    ({"command": "docker", "args": ["run", "h:5000/b"]}, "docker run h:5000/b", "h:5000/b", False),
    (
        {"command": "podman", "args": ["run", "-e", "K", "--name", "n", f"b@sha256:{'a' * 64}"]},
        f"podman run b@sha256:{'a' * 64}",
        f"b@sha256:{'a' * 64}",
        True,
    ),
    ({"command": "deno", "args": ["run", "-A", "npm:b@1.2.3"]}, "deno run npm:b@1.2.3", "npm:b@1.2.3", True),
    ({"command": "cmd", "args": ["/c", "npx", "-y", "b"]}, "cmd /c npx b", "b", False),
    ({"command": "C:\\Program Files\\nodejs\\npx.cmd", "args": ["b@1.2.3"]}, "npx b@1.2.3", "b@1.2.3", True),
    ({"command": "bash", "args": ["-c", "cd /x && npx -y b@latest"]}, "bash -c npx b@latest", "b@latest", False),
    ({"command": "npx -y b"}, "npx b", "b", False),
    ({"command": "env", "args": ["A=b", "npx", "b"]}, "env npx b", "b", False),
    ({"command": "op", "args": ["run", "--", "npx", "b@1.2.3"]}, "op npx b@1.2.3", "b@1.2.3", True),
    ({"command": "/opt/ada/bin/server", "args": ["--verbose", "more"]}, "server", None, None),
    ({"command": "python3", "args": ["-m", "ada.server"]}, "python3 -m ada.server", None, None),
    ({"command": "node", "args": ["/srv/x/server.js"]}, "node server.js", None, None),
]


@pytest.mark.parametrize(("entry", "launcher", "package", "pinned"), LAUNCHES)
def test_what_a_command_starts_is_told_by_its_structure(entry, launcher, package, pinned):
    seen = one(entry)
    server = servers(seen)["x"]
    assert (server.launcher, server.package, server.pinned) == (launcher, package, pinned)
    assert ("mcp.floating-version" in rules(seen)) == (pinned is False)


def test_paths_among_the_arguments_are_roots_and_scripts_are_none():
    args = ["pkg@1.2.3", "/home/ada/notes", "~/x", "--db=/srv/db.sqlite", ".", "words", "https://h.example.com/p"]
    assert servers(one(npx(*args)))["x"].roots == ("~/notes", "~/x", "/srv/db.sqlite", ".")
    mounted = {
        "command": "docker",
        "args": ["run", "-v", "/home/ada:/w:ro", "--mount", "type=bind,src=/etc,dst=/e", "b"],
    }
    assert servers(one(mounted))["x"].roots == ("~", "/etc")


def test_a_bridge_is_told_with_the_address_it_leads_to():
    entry = npx("-y", "mcp-remote@0.1.2", "https://h.example.com/sse", "--header", f"Authorization: Bearer {GITHUB}")
    seen = one(entry)
    server = servers(seen)["x"]
    assert (server.transport, server.url, server.headers) == ("stdio", "https://h.example.com/sse", ("Authorization",))
    assert [each.evidence.key for each in only(seen, CredentialSeen)] == ["mcpServers.x.args[4]"]


# --- secrets

SECRETS = [
    (npx("b@1.2.3", env={"GITHUB_TOKEN": GITHUB}), "env.GITHUB_TOKEN", "github.classic-token"),
    (npx("b@1.2.3", "--token", GITHUB), "args[2]", "github.classic-token"),
    (npx("b@1.2.3", f"--token={GITHUB}"), "args[1]", "github.classic-token"),
    (npx("b@1.2.3", GITHUB), "args[1]", "github.classic-token"),
    (npx("b@1.2.3", "--api-key", CANARY), "args[2]", "generic.secret"),
    (npx("b@1.2.3", "postgres://u:CANARY@db.example.com/x"), "args[1]", "database.password"),
    (npx("b@1.2.3", f'{{"auth": {{"token": "{GITHUB}"}}}}'), "args[1].auth.token", "github.classic-token"),
    ({"command": f"env GH_TOKEN={GITHUB} npx b@1.2.3"}, "command", "github.classic-token"),
    ({"command": "docker", "args": ["run", "-e", f"GH_TOKEN={GITHUB}", "b:1.2.3"]}, "args[2]", "github.classic-token"),
    (
        {"command": "uvx", "args": ["--from", "git+https://ada:CANARY-CANARY@g.example.com/b", "b"]},
        "args[1]",
        "generic.url-password",
    ),
    (
        {"type": "http", "url": "https://h.example.com/m", "headers": {"Authorization": f"Bearer {GITHUB}"}},
        "headers.Authorization",
        "github.classic-token",
    ),
    (
        {"type": "http", "url": "https://h.example.com/m", "headers": {"Authorization": f"Bearer {CANARY}"}},
        "headers.Authorization",
        "mcp.token",
    ),
    (
        {"type": "http", "url": "https://h.example.com/m", "headers": {"X-API-Key": CANARY}},
        "headers.X-API-Key",
        "mcp.token",
    ),
    (
        {
            "type": "http",
            "url": "https://h.example.com/m",
            "headers": {"Authorization": "Basic " + base64.b64encode(f"ada:{CANARY}".encode()).decode()},
        },
        "headers.Authorization",
        "mcp.token",
    ),
    ({"type": "http", "url": f"https://ada:{CANARY}@h.example.com/m"}, "url", "mcp.token"),
    ({"type": "http", "url": f"https://h.example.com/m?api_key={CANARY}"}, "url", "mcp.token"),
    ({"type": "http", "url": "https://h.example.com/s/CANARYq7Zt19xKw3Lm5/mcp"}, "url", "mcp.token"),
    ({"type": "http", "url": "https://h.example.com/m", "oauth": {"clientSecret": CANARY}}, "oauth.clientSecret", None),
    (npx("b@1.2.3", env={"GH_TOKEN": "${GH_TOKEN:-" + GITHUB + "}"}), "env.GH_TOKEN", "github.classic-token"),
]


@pytest.mark.parametrize(("entry", "key", "kind"), SECRETS)
def test_a_secret_in_an_entry_is_a_credential_with_its_place(entry, key, kind):
    seen = one(entry)
    [credential] = only(seen, CredentialSeen)
    assert credential.evidence.key == f"mcpServers.x.{key}"
    assert kind is None or credential.kind == kind
    assert "mcp.secret-in-file" in rules(seen)
    if kind == "mcp.token":
        assert {grant.asset.name for grant in credential.grants} == {"h.example.com"}


QUIET = [
    npx("b@1.2.3", env={"GITHUB_TOKEN": "${GITHUB_TOKEN}"}),
    npx("b@1.2.3", env={"GITHUB_TOKEN": "YOUR_TOKEN"}),
    npx("b@1.2.3", env={"GITHUB_TOKEN": "op://vault/item/field"}),
    npx("b@1.2.3", "--token", "${TOKEN}"),
    npx("b@1.2.3", "postgres://u:${PW}@db.example.com/x"),
    npx("b@1.2.3", "--port", "8080", "--level=debug", "--yes"),
    {"type": "http", "url": "https://h.example.com/m", "headers": {"Authorization": "Bearer ${TOKEN}"}},
    {"type": "http", "url": "https://h.example.com/m?region=eu&version=2025-11-01"},
    {"type": "http", "url": "https://h.example.com/api/v2/mcp-server-2025/organizations-eu1/sse"},
    {"type": "http", "url": "https://${HOST}/m", "headers": {"X-Region": "eu-central-1"}},
    {"type": "http", "url": "https://h.example.com/m", "headersHelper": "/opt/ada/headers.sh"},
]


@pytest.mark.parametrize("entry", QUIET)
def test_what_only_names_a_secret_is_silent(entry):
    seen = one(entry)
    assert only(seen, CredentialSeen) == []
    assert rules(seen) == []


@pytest.mark.parametrize(
    ("file", "key", "text"),
    [
        (CURSOR, "mcpServers", "${env:TOKEN}"),
        (GEMINI, "mcpServers", "$TOKEN"),
        (OPENCODE, "mcp", "{env:TOKEN}"),
        (VSCODE[Platform.LINUX], "servers", "${input:token}"),
        (OPENCODE, "mcp", "{file:~/.secrets/token}"),
    ],
)
def test_each_clients_own_references_are_silent(file, key, text):
    entry = {"type": "remote", "url": "https://h.example.com/m", "headers": {"Authorization": f"Bearer {text}"}}
    assert only(look({file: {key: {"x": entry}}}), CredentialSeen) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:CANARY@h.example.com:8443/a/b?token=CANARY#CANARY", "https://h.example.com:8443/a/b"),
        ("https://h.example.com/s/CANARYq7Zt19xKw3Lm5/mcp", "https://h.example.com/s/*/mcp"),
        ("https://h.example.com/c/0f3c2b1a-1111-4222-8333-9e8d7c6b5a49/sse", "https://h.example.com/c/*/sse"),
        (f"https://h.example.com/{GITHUB}", "https://h.example.com/*"),
        ("https://[::1]:99/a", "https://[::1]:99/a"),
        ("https://h.example.com", "https://h.example.com"),
        ("ftp://h.example.com/CANARY", None),
        ("CANARY", None),
        ("https://[", "https://*"),
    ],
)
def test_an_address_is_shown_without_what_could_be_a_secret(url, shown):
    assert servers(one({"type": "http", "url": url}))["x"].url == shown


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("http://h.example.com/m", True),
        ("ws://h.example.com/m", True),
        ("http://10.0.0.8/m", True),
        ("https://h.example.com/m", False),
        ("http://localhost:3000/m", False),
        ("http://127.0.0.1:3000/m", False),
        ("http://[::1]:3000/m", False),
        ("http://host.docker.internal/m", False),
        ("http://${HOST}/m", False),
    ],
)
def test_plain_http_is_a_weakness_where_it_leaves_the_machine(url, plain):
    assert (rules(one({"type": "http", "url": url})) == ["mcp.plain-http"]) == plain


@pytest.mark.parametrize("secret", [GITHUB, f"@scope/{GITHUB}", f"{GITHUB}@1.2.3", f"C:\\{GITHUB}\\x", f"/{GITHUB}/x"])
@pytest.mark.parametrize(
    "place",
    [
        lambda s: {"command": s},
        npx,
        lambda s: npx("b", s),
        lambda s: {"command": "node", "args": [f"{s}.js"]},
    ],
)
def test_a_token_in_an_unlikely_place_is_not_shown(place, secret):
    one(place(secret))


def test_names_that_are_tokens_are_not_shown():
    entry = npx("b@1.2.3", env={GITHUB: "x"}, headers={GITHUB: "y"})
    look({CLAUDE: {"mcpServers": {GITHUB: entry}}})


def test_a_file_that_others_may_read_is_a_weakness_only_where_it_holds_a_secret():
    loose = {"mcpServers": {"x": npx("b@1.2.3", env={"GH_TOKEN": GITHUB})}}
    tidy = {"mcpServers": {"x": npx("b@1.2.3")}}
    seen = look({GEMINI: FakeFile(json.dumps(loose), mode=0o644), CURSOR: FakeFile(json.dumps(tidy), mode=0o644)})
    assert [each.evidence.path.name for each in only(seen, Weakness) if each.rule == "file.readable-by-others"] == [
        "settings.json"
    ]


def test_a_secret_that_a_repository_brings_is_a_graver_matter():
    seen = look({PROJECT: {"mcpServers": {"x": npx("b@1.2.3", env={"GH_TOKEN": GITHUB})}}})
    assert rules(seen) == ["mcp.secret-in-repository"]


def test_the_same_token_in_two_files_has_one_fingerprint():
    entry = {"mcpServers": {"x": npx("b@1.2.3", env={"GH_TOKEN": GITHUB})}}
    seen = look({CURSOR: entry, WINDSURF: entry})
    assert len({each.secret.fingerprint for each in only(seen, CredentialSeen)}) == 1


def test_an_old_copy_holds_secrets_and_no_servers():
    backup = {"mcpServers": {"x": npx("b", env={"GH_TOKEN": GITHUB})}}
    seen = look({"~/.claude/backups/.claude.json.backup.1763700000000": backup})
    assert only(seen, ServerSeen) == []
    assert len(only(seen, CredentialSeen)) == 1


# --- whether it runs

TRUSTED = {"projects": {"/home/ada/src/app": {"hasTrustDialogAccepted": True}}}
SETTINGS, LOCAL_SETTINGS = f"{APP}/.claude/settings.json", f"{APP}/.claude/settings.local.json"
USER_SETTINGS, MANAGED = "~/.claude/settings.json", "/etc/claude-code/managed-settings.json"
ALL_ON = {"enableAllProjectMcpServers": True}
APPROVALS = [
    ({}, None, False),
    ({USER_SETTINGS: ALL_ON}, True, True),
    ({SETTINGS: ALL_ON}, None, False),
    ({SETTINGS: ALL_ON, CLAUDE: TRUSTED}, True, True),
    ({SETTINGS: {"enabledMcpjsonServers": ["x"]}, CLAUDE: TRUSTED}, True, True),
    ({LOCAL_SETTINGS: {"enabledMcpjsonServers": ["x"]}, CLAUDE: TRUSTED}, True, False),
    ({USER_SETTINGS: {"enabledMcpjsonServers": ["x"]}}, True, False),
    ({USER_SETTINGS: {"enabledMcpjsonServers": ["other"]}}, None, False),
    ({CLAUDE: {"projects": {"/home/ada/src/app": {"enabledMcpjsonServers": ["x"]}}}}, True, False),
    ({USER_SETTINGS: ALL_ON, LOCAL_SETTINGS: {"disabledMcpjsonServers": ["x"]}}, False, False),
    ({CLAUDE: {"projects": {"/home/ada/src/app": {"disabledMcpjsonServers": ["x"]}}}}, False, False),
    ({USER_SETTINGS: ALL_ON, MANAGED: {"deniedMcpServers": [{"serverName": "x"}]}}, False, False),
    ({USER_SETTINGS: ALL_ON, MANAGED: {"deniedMcpServers": [{"serverCommand": ["npx", "b@1.2.3"]}]}}, False, False),
    ({USER_SETTINGS: ALL_ON, MANAGED: {"allowedMcpServers": []}}, False, False),
    ({USER_SETTINGS: ALL_ON, MANAGED: {"allowedMcpServers": [{"serverName": "x"}]}}, True, True),
    ({USER_SETTINGS: ALL_ON, "/etc/claude-code/managed-mcp.json": {"mcpServers": {}}}, False, False),
]


@pytest.mark.parametrize(("files", "enabled", "unasked"), APPROVALS)
def test_a_projects_server_runs_as_the_settings_say(files, enabled, unasked):
    seen = look({PROJECT: {"mcpServers": {"x": npx("b@1.2.3")}}, **files})
    assert servers(seen)["x"].enabled is enabled
    assert ("mcp.from-repository" in rules(seen)) == unasked


def test_the_neighbours_approval_is_its_own():
    neighbour = "~/src/other"
    files = {
        f"{neighbour}/.mcp.json": {"mcpServers": {"x": npx("b@1.2.3")}},
        LOCAL_SETTINGS: {"enabledMcpjsonServers": ["x"]},
        CLAUDE: TRUSTED,
    }
    assert servers(look(files, neighbours=[neighbour]))["x"].enabled is None


@pytest.mark.parametrize(("switch", "enabled"), [(True, True), (False, False), (None, None)])
def test_a_plugins_server_runs_where_the_plugin_is_on(switch, enabled):
    told = {} if switch is None else {"enabledPlugins": {"tool@market": switch}}
    files = {
        "~/.claude/plugins/cache/market/tool/1.0/.claude-plugin/plugin.json": {"mcpServers": {"x": npx("b@1.2.3")}},
        USER_SETTINGS: told,
    }
    assert servers(look(files))["x"].enabled is enabled


RULES = [
    ({"allow": ["mcp__x"]}, ("*",)),
    ({"allow": ["mcp__x__*"]}, ("*",)),
    ({"allow": ["mcp__x__read", "mcp__x__write"]}, ("read", "write")),
    ({"allow": ["mcp__x__read", "mcp__x__write"], "deny": ["mcp__x__write"]}, ("read",)),
    ({"allow": ["mcp__x"], "ask": ["mcp__x"]}, ()),
    ({"allow": ["mcp__x"], "deny": ["mcp__*"]}, ()),
    ({"allow": ["mcp__xy", "Bash(x:*)"]}, ()),
]


@pytest.mark.parametrize(("permissions", "approved"), RULES)
def test_permission_rules_say_which_tools_run_unasked(permissions, approved):
    seen = look({CLAUDE: {"mcpServers": {"x": npx("b@1.2.3")}}, USER_SETTINGS: {"permissions": permissions}})
    assert servers(seen)["x"].approved == approved
    assert ("mcp.auto-approved" in rules(seen)) == (approved == ("*",))


@pytest.mark.parametrize(("trust", "enabled"), [("trusted", True), ("untrusted", False), (None, None)])
def test_codex_starts_a_projects_servers_in_a_trusted_project(trust, enabled):
    user = f'[projects."/home/ada/src/app"]\ntrust_level = "{trust}"\n' if trust else "model = 'x'\n"
    seen = look({f"{APP}/.codex/config.toml": '[mcp_servers.x]\ncommand = "serve"\n', CODEX: user})
    assert servers(seen)["x"].enabled is enabled
    assert ("mcp.from-repository" in rules(seen)) == bool(enabled)


TREES = {
    "the root of the repository": ({"~/src/.git/HEAD": ""}, "/home/ada/src", True),
    "a folder above it": ({f"{APP}/.git/HEAD": ""}, "/home/ada/src", None),
    "a folder above what is no repository": ({}, "/home/ada/src", None),
    "the repository behind a worktree": (
        {f"{APP}/.git": "gitdir: /home/ada/src/main/.git/worktrees/app\n"},
        "/home/ada/src/main",
        True,
    ),
    "a repository that is named otherwise": (
        {f"{APP}/.git": "gitdir: /home/ada/src/main\n"},
        "/home/ada/src/main",
        None,
    ),
}


@pytest.mark.parametrize("name", TREES)
def test_codex_looks_for_trust_up_to_the_repository_and_behind_a_worktree(name):
    git, folder, enabled = TREES[name]
    user = f'[projects."{folder}"]\ntrust_level = "trusted"\n'
    files = {f"{APP}/.codex/config.toml": '[mcp_servers.x]\ncommand = "serve"\n', CODEX: user, **git}
    assert servers(look(files))["x"].enabled is enabled


@pytest.mark.parametrize(
    ("identity", "runs"),
    [
        ('command = "serve"', True),
        ('command = "other"', False),
        ('url = "https://mcp.example.com"', False),
        ('url = "serve"', False),
        ("", False),
    ],
)
def test_codex_requirements_compare_the_command_and_the_address(identity, runs):
    required = f"[mcp_servers.x.identity]\n{identity}\n[mcp_servers.z.identity]\nurl = 'https://z.example.com/mcp'\n"
    text = '[mcp_servers.x]\ncommand = "serve"\n[mcp_servers.z]\nurl = "https://z.example.com/mcp"\n'
    found = servers(look({CODEX: text, "/etc/codex/requirements.toml": required}))
    assert (found["x"].enabled, found["z"].enabled) == (runs, True)


def test_codex_requirements_name_the_servers_that_may_run():
    required = '[mcp_servers.y.identity]\ncommand = "serve"\n'
    text = '[mcp_servers.x]\ncommand = "serve"\n[mcp_servers.y]\ncommand = "serve"\n'
    found = servers(look({CODEX: text, "/etc/codex/requirements.toml": required}))
    assert (found["x"].enabled, found["y"].enabled) == (False, True)


@pytest.mark.parametrize(
    ("settings", "more", "enabled", "approved"),
    [
        ({"mcp": {"excluded": ["x"]}}, {}, False, ()),
        ({"mcp": {"allowed": ["y"]}}, {}, False, ()),
        ({"mcp": {"allowed": ["x"]}}, {}, True, ("*",)),
        ({}, {"~/.gemini/mcp-server-enablement.json": {"x": {"enabled": False}}}, False, ()),
        ({}, {}, True, ()),
    ],
)
def test_geminis_lists_switch_servers_by_name(settings, more, enabled, approved):
    server = servers(look({GEMINI: {"mcpServers": {"x": npx("b@1.2.3")}, **settings}, **more}))["x"]
    assert (server.enabled, server.approved) == (enabled, approved)


@pytest.mark.parametrize(
    ("trust", "enabled"),
    [
        ({}, None),
        ({"/home/ada/src/app": "TRUST_FOLDER"}, True),
        ({"/home/ada/src/app/x": "TRUST_PARENT"}, True),
        ({"/home/ada/src": "TRUST_FOLDER", "/home/ada/src/app": "DO_NOT_TRUST"}, False),
    ],
)
def test_gemini_starts_a_projects_servers_in_a_trusted_folder(trust, enabled):
    files = {f"{APP}/.gemini/settings.json": {"mcpServers": {"x": npx("b@1.2.3", trust=True)}}}
    server = servers(look({**files, "~/.gemini/trustedFolders.json": trust}))["x"]
    assert (server.enabled, server.approved) == (enabled, ("*",) if enabled else ())


@pytest.mark.parametrize(
    ("more", "approved"),
    [
        ({}, ("*",)),
        ({"permission": {"x_*": "ask"}}, ()),
        ({"permission": {"*": "ask", "x_*": "allow"}}, ("*",)),
        ({"permission": {"x_*": "allow", "*": "ask"}}, ()),
        ({"permission": "ask"}, ()),
        ({"permissions": []}, ()),
    ],
)
def test_opencode_runs_tools_unasked_unless_the_last_rule_says_otherwise(more, approved):
    entry = {"type": "local", "command": ["npx", "b@1.2.3"]}
    assert servers(look({OPENCODE: {"mcp": {"x": entry}, **more}}))["x"].approved == approved


def test_cursors_list_of_both_scopes_approves():
    files = {
        CURSOR: {"mcpServers": {"x": npx("b@1.2.3"), "y": npx("b@1.2.3")}},
        "~/.cursor/permissions.json": {"mcpAllowlist": ["X:read"]},
        f"{APP}/.cursor/permissions.json": {"mcpAllowlist": ["y:*"]},
    }
    found = servers(look(files))
    assert (found["x"].approved, found["y"].approved) == (("read",), ("*",))


def test_vs_codes_global_switch_approves_every_tool():
    files = {
        VSCODE[Platform.LINUX]: {"servers": {"x": npx("b@1.2.3")}},
        "~/.config/Code/User/settings.json": '{"chat.tools.global.autoApprove": true,}',
    }
    assert servers(look(files))["x"].approved == ("*",)


def test_the_switch_of_one_editor_is_not_that_of_its_forks():
    files = {
        "~/.config/VSCodium/User/mcp.json": {"servers": {"x": npx("b@1.2.3")}},
        "~/.config/Code/User/settings.json": {"chat.tools.global.autoApprove": True},
    }
    assert servers(look(files))["x"].approved == ()


def test_a_name_in_two_scopes_is_told_twice_and_the_nearer_one_runs():
    told = {
        "mcpServers": {"x": npx("b@1.2.3")},
        "projects": {"/home/ada/src/app": {"mcpServers": {"x": npx("c@1.2.3")}}},
    }
    found = {each.scope: each.enabled for each in only(look({CLAUDE: told}), ServerSeen)}
    assert found == {"user": False, "local ~/src/app": True}


def test_a_server_of_another_project_takes_nobodys_place():
    told = {
        "mcpServers": {"x": npx("b@1.2.3")},
        "projects": {"/home/ada/src/else": {"mcpServers": {"x": npx("c@1.2.3")}}},
    }
    assert {each.enabled for each in only(look({CLAUDE: told}), ServerSeen)} == {True}


def test_a_projects_word_switches_a_users_server_off_in_opencode():
    files = {
        OPENCODE: {"mcp": {"x": {"type": "local", "command": ["b"]}}},
        f"{APP}/opencode.json": {"mcp": {"x": {"enabled": False}}},
    }
    [server] = only(look(files), ServerSeen)
    assert (server.scope, server.enabled) == ("user", False)


def test_files_above_the_workspace_count_up_to_the_repositorys_root():
    files = {
        "~/src/repo/.git/HEAD": "ref: refs/heads/main\n",
        "~/src/repo/.mcp.json": {"mcpServers": {"x": npx("b@1.2.3")}},
        "~/src/.mcp.json": {"mcpServers": {"beyond": npx("b@1.2.3")}},
    }
    assert servers(look(files, workspace="~/src/repo/packages/app")).keys() == {"x"}


# --- sign-ins


def signed(path, tree, **more):
    return only(look({path: tree}, **more), CredentialSeen)


LATER, EARLIER = int(NOW.timestamp()) + 3600, int(NOW.timestamp()) - 3600
STORES = [
    (
        "~/.claude/.credentials.json",
        {
            "mcpOAuth": {
                "lin|1": {
                    "serverName": "lin",
                    "serverUrl": "https://mcp.lin.example.com/x",
                    "accessToken": CANARY,
                    "refreshToken": CANARY + "r",
                    "expiresAt": LATER * 1000,
                }
            }
        },
        ("mcp.login", "mcp.lin.example.com", LifetimeKind.REFRESHABLE),
    ),
    (
        "~/.claude/.credentials.json",
        {"claudeAiOauth": {"accessToken": CANARY, "refreshToken": CANARY + "r", "expiresAt": LATER * 1000}},
        ("anthropic.login", "anthropic", LifetimeKind.REFRESHABLE),
    ),
    (
        "~/.gemini/mcp-oauth-tokens.json",
        [{"serverName": "lin", "token": {"accessToken": CANARY, "expiresAt": LATER * 1000}}],
        ("mcp.login", "lin", LifetimeKind.EXPIRES),
    ),
    (
        "~/.local/share/opencode/mcp-auth.json",
        {"lin": {"tokens": {"accessToken": CANARY, "expiresAt": LATER}, "serverUrl": "https://mcp.lin.example.com"}},
        ("mcp.login", "mcp.lin.example.com", LifetimeKind.EXPIRES),
    ),
    (
        "~/.codex/.credentials.json",
        {"lin|2": {"server_name": "lin", "access_token": CANARY, "refresh_token": CANARY + "r", "expires_at": LATER}},
        ("mcp.login", "lin", LifetimeKind.REFRESHABLE),
    ),
    (
        "~/.codex/auth.json",
        {"OPENAI_API_KEY": None, "tokens": {"access_token": CANARY, "refresh_token": CANARY + "r"}},
        ("openai.login", "openai", LifetimeKind.REFRESHABLE),
    ),
    (
        "~/.gemini/oauth_creds.json",
        {"access_token": CANARY, "refresh_token": CANARY + "r", "expiry_date": EARLIER * 1000},
        ("gemini.login", "gemini", LifetimeKind.REFRESHABLE),
    ),
]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(("path", "tree", "wanted"), STORES)
def test_a_sign_in_is_a_credential_with_its_server_and_end(path, tree, wanted, platform):
    [seen] = signed(path, tree, platform=platform)
    assert (seen.kind, {grant.asset.name for grant in seen.grants}, seen.lifetime.kind) == (
        wanted[0],
        {wanted[1]},
        wanted[2],
    )
    assert seen.evidence.line is not None
    assert seen.evidence.key.rpartition(".")[2] in {"accessToken", "access_token"}


def test_a_sign_in_past_its_end_is_expired():
    [seen] = signed("~/.codex/.credentials.json", {"a": {"access_token": CANARY, "expires_at": EARLIER}})
    assert seen.state is CredentialState.EXPIRED


def test_a_bridges_token_is_of_the_server_whose_address_names_its_file():
    url = "https://mcp.lin.example.com/sse"
    digest = hashlib.md5(url.encode()).hexdigest()
    files = {
        CLAUDE: {"mcpServers": {"x": npx("mcp-remote@0.1.2", url)}},
        f"~/.mcp-auth/mcp-remote-0.1.2/{digest}_tokens.json": {"access_token": CANARY},
        f"~/.mcp-auth/mcp-remote-0.1.2/{'0' * 32}_tokens.json": {"access_token": CANARY + "2"},
    }
    names = {grant.asset.name for seen in only(look(files), CredentialSeen) for grant in seen.grants}
    assert names == {"mcp.lin.example.com", "mcp-remote 00000000"}


def test_keys_of_model_providers_are_judged_by_the_variable_they_stand_for():
    [seen] = signed("~/.local/share/opencode/auth.json", {"groq": {"type": "api", "key": CANARY + "q7Zt19"}})
    assert (seen.kind, seen.evidence.key) == ("model-api.key", "groq.key")


def test_connectors_are_one_undecided_handle_a_vendor():
    files = {
        "~/.claude/.credentials.json": {"claudeAiOauth": {"accessToken": CANARY}},
        "~/.codex/auth.json": {"tokens": {"access_token": CANARY + "2"}},
    }
    handles = only(look(files), HandleSeen)
    assert sorted(each.public_id for each in handles) == ["anthropic", "openai"]
    assert all(each.undecided is not None and "open " in each.undecided.action for each in handles)
    assert {grant.asset.kind for each in handles for grant in each.grants} == {"vendor-connectors"}


@pytest.mark.parametrize(
    "files",
    [
        {"~/.codex/auth.json": {"auth_mode": "apikey", "OPENAI_API_KEY": "CANARY-CANARY-CANARY"}},
        {
            "~/.claude/.credentials.json": {"claudeAiOauth": {"accessToken": CANARY}},
            USER_SETTINGS: {"disableClaudeAiConnectors": True},
        },
        {CLAUDE: {"numStartups": 3}},
    ],
)
def test_without_a_sign_in_or_switched_off_there_are_no_connectors(files):
    assert only(look(files), HandleSeen) == []


# --- hostile and unlike files

LOOKALIKES = {
    f"{APP}/package.json": {"mcpServers": {"x": npx("b", env={"GH_TOKEN": GITHUB})}},
    f"{APP}/mcp.json": {"mcpServers": {"x": npx("b")}},
    "~/.claude/mcp.json": {"mcpServers": {"x": npx("b")}},
    "~/.claude/.mcp.json": {"mcpServers": {"x": npx("b")}},
    f"{APP}/docs/.mcp.json": {"mcpServers": {"x": npx("b")}},
}


@pytest.mark.parametrize("path", sorted(LOOKALIKES))
def test_files_that_no_client_reads_are_silent(path):
    assert look({path: LOOKALIKES[path]}) == []


@pytest.mark.parametrize(
    "text", ["{}", "", '{"mcpServers": {}}', '{"mcpServers": []}', '{"mcpServers": {"x": 1}}', '{"servers": {"x": {}}}']
)
def test_files_without_servers_are_silent(text):
    assert look({CURSOR: text}) == []


BROKEN = [
    '{"mcpServers": {"good": {"command": "npx", "args": ["b@1.2.3"]}, "x": {"comm',
    '{"mcpServers": {"good": {"command": "npx", "args": ["b@1.2.3"]}, "x": {"command" "npx"}}}',
    '{"mcpServers": {"x": {"command": npx}, "good": {"command": "npx", "args": ["b@1.2.3"]}}}',
    '{"mcpServers": {"x": {"command": "npx"\n"args": []}, "good": {"command": "npx", "args": ["b@1.2.3"]}}}',
    '{"mcpServers": {"x": ' + "[" * 5000 + "]" * 5000 + ', "good": {"command": "npx", "args": ["b@1.2.3"]}}}',
    '{"mcpServers": {"good": {"command": "y"}, "good": {"command": "npx", "args": ["b@1.2.3"]}}}',
]


@pytest.mark.parametrize("text", BROKEN)
def test_of_a_broken_file_the_other_servers_are_told_and_a_gap(text):
    seen = look({CURSOR: text})
    assert servers(seen)["good"].launcher == "npx b@1.2.3"
    assert [gap.kind in {GapKind.FAILED, GapKind.LIMIT} for gap in only(seen, Gap)] != []


def test_a_broken_toml_file_gives_the_tables_that_are_whole():
    seen = look({CODEX: '[mcp_servers.good]\ncommand = "serve"\n[mcp_servers.x]\ncommand = "npx\n'})
    assert servers(seen).keys() == {"good"}
    assert len(only(seen, Gap)) == 1


@pytest.mark.parametrize(
    "wrong", [None, 7, "text", [], [1], {"command": 7}, {"command": []}, {"url": {}}, {"args": {}}]
)
def test_an_entry_of_the_wrong_type_leaves_its_neighbours_alone(wrong):
    seen = look({CURSOR: {"mcpServers": {"bad": wrong, "good": npx("b@1.2.3")}}})
    assert servers(seen).keys() == {"good"}


@pytest.mark.parametrize("field", ["command", "args", "env", "url", "headers", "type", "trust", "disabled"])
@pytest.mark.parametrize("wrong", [None, 7, True, "text", ["a", 1, None, {}], {"a": {"b": []}}, {"a": None}])
@pytest.mark.parametrize("file", [CLAUDE, CURSOR, GEMINI, WINDSURF])
def test_a_setting_of_the_wrong_type_breaks_nothing(file, field, wrong):
    entry = {**npx("b@1.2.3", type="stdio"), "url": "https://h.example.com/m", field: wrong}
    assert "good" in servers(look({file: {"mcpServers": {"x": entry, "good": npx("b@1.2.3")}}}))


def test_a_file_of_one_client_that_may_not_be_read_leaves_the_others():
    seen = look({CURSOR: None, WINDSURF: {"mcpServers": {"good": npx("b@1.2.3")}}})
    assert servers(seen).keys() == {"good"}
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.REFUSED]


def test_a_byte_order_mark_is_no_fault():
    assert servers(
        look({CURSOR: b"\xef\xbb\xbf" + json.dumps({"mcpServers": {"good": npx("b")}}).encode()})
    ).keys() == {"good"}


def test_a_huge_file_is_read_as_far_as_it_goes():
    text = '{"mcpServers": {"good": {"command": "serve"}, "x": {"command": "' + "y" * 2_000_000
    seen = look({CURSOR: text})
    assert servers(seen).keys() == {"good"}
    assert GapKind.LIMIT in {gap.kind for gap in only(seen, Gap)}


def test_more_servers_than_any_file_has_are_a_gap():
    seen = look({CURSOR: {"mcpServers": {f"s{number}": {"command": "serve"} for number in range(400)}}})
    assert len(servers(seen)) == 300
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.LIMIT]


def test_a_link_out_of_the_repository_is_not_followed():
    files = {
        "~/src/repo/.git/HEAD": "",
        "~/src/repo/.mcp.json": FakeFile(link="/srv/secret.json"),
        "/srv/secret.json": json.dumps({"mcpServers": {"x": npx("b")}}),
    }
    seen = look(files, workspace="~/src/repo/app")
    assert servers(seen) == {}
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.REFUSED]


PIECES = [
    *(
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        '"',
        "\\",
        "\n",
        "//",
        "/*",
        "*/",
        "\ufeff",
        "\\u",
        "\\ud800",
        "1e9",
        "true",
        "null",
    ),
    *('"mcpServers"', '"projects"', '"*"', '"x"', '"command"', '"args"', '"env"', '"url"', '"headers"', '"type"'),
    *('"npx"', '"-y"', '"--token"', '"CANARY-CANARY-x7"', '"https://ada:CANARY@h/s?key=CANARY"', '"${A:-b}"', '"/c"'),
    *("=", "[mcp_servers.x]", "command", "'''", '"""', "a.b", "[[", "é", "\x00"),
]
FILES = (
    CLAUDE,
    PROJECT,
    CODEX,
    CURSOR,
    GEMINI,
    OPENCODE,
    WINDSURF,
    "~/.claude/.credentials.json",
    "~/.codex/auth.json",
)


@example('{"mcpServers":{"x":{"command":"npx -y","args":["https://["]}}}')
@example('{"mcpServers":{"x":{"url":"https://[","headers":{"Authorization":"Basic ===="}}}}')
@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_no_text_breaks_it(text):
    look(dict.fromkeys(FILES, text))


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["npx", "", "-e", "A=b", "/x", "{", "https://[", "cmd", "sh -c x", "b@1"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["command", "args", "env", "url", "headers", "type", "oauth", "tools"]), inner, max_size=5
        )
    ),
    max_leaves=15,
)


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_no_entry_hides_the_one_beside_it(entry):
    for file, key in ((CLAUDE, "mcpServers"), (OPENCODE, "mcp")):
        assert "good" in servers(look({file: {key: {"bad": entry, "good": {"command": ["serve"]}}}}))


def test_an_empty_machine_has_nothing():
    for platform in Platform:
        assert look({}, platform) == []


def test_a_file_that_has_grown_to_several_mib_is_read_whole():
    told = {"history": [{"display": "x" * 50_000} for _ in range(100)], "mcpServers": {"last": {"command": "npx"}}}
    files = {CLAUDE: told, "~/.claude/backups/.claude.json.backup.1": told, CURSOR: told}
    seen = look(files)
    assert [(each.name, each.client) for each in only(seen, ServerSeen)] == [("last", "claude-code")]
    # Cursor keeps nothing else in its file.
    assert {gap.place.partition(",")[0] for gap in only(seen, Gap)} == {"~/.cursor/mcp.json"}


@pytest.mark.parametrize("text", ["[" * 900_000, "{" * 900_000, "1," * 450_000, '{"a":' * 180_000])
def test_a_large_file_of_nothing_but_signs_ends_soon(text):
    gaps = only(look({CLAUDE: text}), Gap)
    assert gaps
    assert len(gaps) < 5


def test_the_time_of_the_run_is_watched_within_a_file():
    host = Host(fake_machine(files={CLAUDE: "[" * 500_000}), Vault(TEST_KEY), deadline=monotonic() + 0.05)
    with pytest.raises(DeadlinePassed):
        list(mcp.look(host))


@pytest.mark.parametrize("package", [f"server@{GITHUB}", f"git+https://{GITHUB}@git.example.com/a/b.git"])
def test_a_token_in_the_place_of_a_package_is_a_credential(package):
    seen = look({CLAUDE: {"mcpServers": {"s": {"command": "npx", "args": ["-y", package]}}}})
    assert [each.kind for each in only(seen, CredentialSeen)] == ["github.classic-token"]


@pytest.mark.parametrize(("second", "pinned"), [("b@1.0.0", True), ("b", False), ("b@latest", False)])
def test_a_server_is_as_fixed_as_the_loosest_of_its_packages(second, pinned):
    args = ["-p", "a@1.2.3", "-p", second, "a"]
    [server] = only(look({CLAUDE: {"mcpServers": {"s": {"command": "npx", "args": args}}}}), ServerSeen)
    assert (server.package, server.pinned) == ("a@1.2.3", pinned)
