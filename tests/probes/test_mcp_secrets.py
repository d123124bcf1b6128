"""Secrets that agents keep beside their servers: sign-ins of providers, variables they set, clients of a sign-in."""

import json
from pathlib import PurePosixPath

import pytest
from msgspec.structs import replace

from probes.agents.mcp.look import mcp
from probes.dotenv import dotenv
from scanner.model import (
    Capability,
    CredentialSeen,
    CredentialState,
    Evidence,
    LifetimeKind,
    Platform,
    ServerSeen,
    Weakness,
)
from scanner.secrets import Pair, secrets_in
from scanner.testing import NOW, FakeFile, FakeHost, observe
from scanner.tokens import token

GITHUB = token("github-classic", "mcp")
GHO = token("github-oauth", "copilot")
CANARY = "CANARY-CANARY-CANARY-x7"
APP = "~/src/app"
OPENCODE = {
    Platform.LINUX: "~/.local/share/opencode/auth.json",
    Platform.MACOS: "~/.local/share/opencode/auth.json",
    Platform.WINDOWS: "~/.local/share/opencode/auth.json",
}
LATER, EARLIER = int(NOW.timestamp()) + 86_400, int(NOW.timestamp()) - 86_400


def look(files, platform=Platform.LINUX, probe=mcp, **more):
    files = {path: json.dumps(text) if isinstance(text, dict) else text for path, text in files.items()}
    seen = observe(probe, FakeHost(platform, files, **({"workspace": APP} | more)))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    assert GHO not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(files, platform=Platform.LINUX, **more):
    """Kind, assets and place of each credential."""
    return [
        (each.kind, sorted({grant.asset.name for grant in each.grants}), each.evidence.key)
        for each in only(look(files, platform, **more), CredentialSeen)
    ]


# --- sign-ins of opencode


def oauth(refresh, access, expires):
    return {"type": "oauth", "refresh": refresh, "access": access, "expires": expires}


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(
    ("provider", "kind"),
    [
        ("openai", "openai.login"),
        ("anthropic", "anthropic.login"),
        ("google", "gemini.login"),
        ("qwen", "model-api.login"),
    ],
)
def test_a_sign_in_of_opencode_is_two_tokens_of_which_one_ends(provider, kind, platform):
    tree = {provider: oauth(CANARY + "r", CANARY + "a", LATER * 1000)}
    refresh, access = only(look({OPENCODE[platform]: tree}, platform), CredentialSeen)
    assert (refresh.kind, refresh.evidence.key, refresh.lifetime.kind) == (
        kind,
        f"{provider}.refresh",
        LifetimeKind.REFRESHABLE,
    )
    assert (access.kind, access.evidence.key, access.lifetime.kind) == (
        kind,
        f"{provider}.access",
        LifetimeKind.EXPIRES,
    )
    assert access.lifetime.expires_at.timestamp() == LATER
    assert {grant.asset.name for grant in (*refresh.grants, *access.grants)} == {provider}


def test_what_opencode_renews_is_expired_and_what_renews_it_is_not():
    tree = {"openai": oauth(CANARY + "r", CANARY + "a", EARLIER * 1000)}
    refresh, access = only(look({OPENCODE[Platform.LINUX]: tree}), CredentialSeen)
    assert (refresh.state, access.state) == (CredentialState.UNTESTED, CredentialState.EXPIRED)


@pytest.mark.parametrize("access", [GHO, "tid=CANARYCANARYCANARY;exp=1;sku=x"])
def test_copilots_sign_in_in_opencode_is_the_github_token_that_it_is_anywhere(access):
    host = FakeHost(files={OPENCODE[Platform.LINUX]: json.dumps({"github-copilot": oauth(GHO, access, 0)})})
    refresh, *others = only(observe(mcp, host), CredentialSeen)
    [variable] = secrets_in([Pair("GITHUB_TOKEN", GHO, Evidence(variable="GITHUB_TOKEN"))], host)
    assert (refresh.kind, refresh.secret, refresh.state) == (variable.kind, variable.secret, CredentialState.UNTESTED)
    assert {grant.asset.name for grant in refresh.grants} == {grant.asset.name for grant in variable.grants}
    assert [each.kind for each in others] == ([] if access == GHO else ["model-api.login"])
    assert refresh.evidence.key == "github-copilot.refresh"


@pytest.mark.parametrize("row", [{"type": "oauth"}, oauth("", "", 0), oauth(7, None, "x"), {"type": "api"}, []])
def test_a_row_without_a_token_is_no_sign_in(row):
    assert credentials({OPENCODE[Platform.LINUX]: {"openai": row}}) == []


def test_a_key_of_opencode_is_still_read():
    tree = {"groq": {"type": "api", "key": CANARY + "q7Zt19"}}
    assert credentials({OPENCODE[Platform.LINUX]: tree}) == [("model-api.key", ["groq"], "groq.key")]


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://acme.example.com", "https://acme.example.com.token"),
        ("https://ada:CANARYq7Zt19@acme.example.com", "*.token"),
    ],
)
def test_a_token_of_a_company_that_opencode_signed_in_to_is_read_and_the_variables_name_is_none(address, place):
    tree = {address: {"type": "wellknown", "key": "ACME_TOKEN", "token": CANARY + "q7Zt19"}}
    [(kind, _, key)] = credentials({OPENCODE[Platform.LINUX]: tree})
    assert (kind, key) == ("generic.secret", place)


# --- variables that a client sets

CLAUDE_FILES = ["~/.claude/settings.json", f"{APP}/.claude/settings.json", f"{APP}/.claude/settings.local.json"]
MANAGED = {
    Platform.LINUX: "/etc/claude-code/managed-settings.json",
    Platform.MACOS: "/Library/Application Support/ClaudeCode/managed-settings.json",
    Platform.WINDOWS: "C:/Program Files/ClaudeCode/managed-settings.json",
}
KEY = token("aws-key", "settings")


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("file", [*CLAUDE_FILES, MANAGED])
def test_the_variables_in_claude_codes_settings_are_judged_together(file, platform):
    env = {
        "ANTHROPIC_API_KEY": CANARY + "k",
        "GITHUB_TOKEN": GITHUB,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": CANARY + "2026xYCANARYCANARY",
        "NODE_ENV": "test",
        "DEBUG": True,
    }
    path = file[platform] if isinstance(file, dict) else file
    seen = credentials({path: {"env": env, "apiKeyHelper": "/bin/echo CANARY"}}, platform)
    assert {(kind, key) for kind, _, key in seen} == {
        ("anthropic.key", "env.ANTHROPIC_API_KEY"),
        ("github.classic-token", "env.GITHUB_TOKEN"),
        ("aws.access-key", "env.AWS_SECRET_ACCESS_KEY"),
    }


def test_settings_with_a_secret_that_others_may_read_are_a_weakness():
    text = json.dumps({"env": {"GITHUB_TOKEN": GITHUB}})
    seen = look({CLAUDE_FILES[0]: FakeFile(text, mode=0o644)})
    assert [each.rule for each in only(seen, Weakness)] == ["file.readable-by-others"]


@pytest.mark.parametrize("env", [{"GITHUB_TOKEN": "${GITHUB_TOKEN}"}, {"A": "b"}, {"API_TIMEOUT_MS": "3000"}, [], "x"])
def test_settings_without_a_secret_tell_nothing(env):
    assert look({CLAUDE_FILES[0]: FakeFile(json.dumps({"env": env}), mode=0o644)}) == []


@pytest.mark.parametrize("platform", Platform)
def test_the_variables_that_codex_sets_for_commands_are_judged(platform):
    text = f'[shell_environment_policy]\ninherit = "core"\nset = {{ GITHUB_TOKEN = "{GITHUB}", CI = "1" }}\n'
    seen = credentials({"~/.codex/config.toml": text}, platform)
    assert [(kind, key) for kind, _, key in seen] == [
        ("github.classic-token", "shell_environment_policy.set.GITHUB_TOKEN")
    ]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("path", ["~/.config/opencode/opencode.json", f"{APP}/opencode.jsonc"])
def test_a_providers_key_in_opencodes_configuration_is_one_of_that_provider(path, platform):
    options = {"options": {"apiKey": CANARY + "q7Zt19", "baseURL": "https://api.example.com"}}
    tree = {"provider": {"openai": options, "groq": {"options": {"apiKey": "{env:GROQ_API_KEY}"}}}}
    assert credentials({path: tree}, platform) == [("openai.key", ["openai"], "provider.openai.options.apiKey")]


def test_a_providers_key_may_stand_in_a_variable():
    text = json.dumps({"provider": {"openai": {"options": {"apiKey": CANARY + "q7Zt19"}}}})
    [seen] = only(look({}, env={"OPENCODE_CONFIG_CONTENT": text}), CredentialSeen)
    assert (seen.evidence.variable, seen.evidence.line) == ("OPENCODE_CONFIG_CONTENT", None)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("path", ["~/.gemini/.env", "~/.env", f"{APP}/.gemini/.env"])
def test_the_variables_that_gemini_reads_are_judged(path, platform):
    files = {path: f"GEMINI_API_KEY={CANARY}q7Zt19\n", f"{APP}/x.py": ""}
    [seen] = only(look(files, platform, probe=dotenv), CredentialSeen)
    assert (seen.evidence.key, seen.evidence.line) == ("GEMINI_API_KEY", 1)


def test_a_home_that_is_the_workspace_tells_its_file_once():
    assert len(look({"~/.env": f"GEMINI_API_KEY={CANARY}q7Zt19\n"}, probe=dotenv, workspace="~")) == 1


def test_a_backup_of_claude_code_is_a_further_place_of_its_key():
    tree = {"primaryApiKey": CANARY + "q7Zt19"}
    backup = "~/.claude/backups/.claude.json.backup.1795273220883"
    seen = only(look({"~/.claude.json": tree, backup: tree}), CredentialSeen)
    assert len({each.secret for each in seen}) == 1
    assert len({each.evidence.path for each in seen}) == 2
    [original] = [each.evidence for each in seen if each.copied_from is None]
    assert [each.copied_from for each in seen] == [None, replace(original, line=None)]


CONFIGURED = "/home/ada/.claude"
BACKED_UP = [
    ({}, "~/.claude/backups/.claude.json.backup.1", "/home/ada/.claude.json"),
    ({}, "~/.claude/backups/.claude.json.backup", "/home/ada/.claude.json"),
    ({"CLAUDE_CONFIG_DIR": "/srv/c"}, "/srv/c/backups/.claude.json.backup.1", "/srv/c/.claude.json"),
    ({"CLAUDE_CONFIG_DIR": "/srv/c"}, "~/.claude/backups/.claude.json.backup.1", "/home/ada/.claude.json"),
    ({"CLAUDE_CONFIG_DIR": CONFIGURED}, "~/.claude/backups/.claude.json.backup.1", f"{CONFIGURED}/.claude.json"),
    ({}, "~/.claude.json", None),
]


@pytest.mark.parametrize(("env", "path", "original"), BACKED_UP)
def test_what_lies_in_a_backup_is_known_by_the_file_that_it_is_of(env, path, original):
    tree = {"mcpServers": {"pg": {"command": "npx", "args": ["pg"], "env": {"PGPASSWORD": CANARY}}}}
    [seen] = only(look({path: tree}, env=env), CredentialSeen)
    if original is None:
        assert seen.copied_from is None
    else:
        assert seen.copied_from == Evidence(PurePosixPath(original), key="mcpServers.pg.env.PGPASSWORD")


# --- secrets of clients


HOSTED = "https://mcp.example.com/mcp"
SIGN_INS = [
    (
        "~/.codex/config.toml",
        f'[mcp_servers.x]\nurl = "{HOSTED}"\n[mcp_servers.x.oauth]\nclient_id = "a"\nclient_secret = "{CANARY}"\n',
        "mcp_servers.x.oauth.client_secret",
    ),
    (
        "~/.claude.json",
        {"mcpServers": {"x": {"type": "http", "url": HOSTED, "oauth": {"clientId": "a", "clientSecret": CANARY}}}},
        "mcpServers.x.oauth.clientSecret",
    ),
    (
        "~/.config/opencode/opencode.json",
        {"mcp": {"x": {"type": "remote", "url": HOSTED, "oauth": {"clientId": "a", "clientSecret": CANARY}}}},
        "mcp.x.oauth.clientSecret",
    ),
    (
        "~/.cursor/mcp.json",
        {"mcpServers": {"x": {"url": HOSTED, "auth": {"CLIENT_ID": "a", "CLIENT_SECRET": CANARY}}}},
        "mcpServers.x.auth.CLIENT_SECRET",
    ),
]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(("path", "tree", "key"), SIGN_INS)
def test_a_clients_secret_is_for_the_sign_in_of_its_server_alone(path, tree, key, platform):
    assert credentials({path: tree}, platform) == [("mcp.client-secret", ["mcp.example.com"], key)]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(
    ("config", "more", "where"),
    [
        ({"projects": {"/p": {"mcpServers": {"x": {"type": "http", "url": HOSTED}}}}}, {}, "mcp.example.com"),
        ({}, {"mcpOAuth": {"x|4282": {"serverName": "x", "serverUrl": HOSTED}}}, "mcp.example.com"),
        ({}, {}, "x"),
    ],
)
def test_a_clients_secret_that_claude_code_keeps_apart_is_of_the_server_it_is_named_after(
    config, more, where, platform
):
    kept = {"mcpOAuthClientConfig": {"x|4282": {"clientSecret": CANARY}}} | more
    files = {"~/.claude.json": config, "~/.claude/.credentials.json": kept}
    place = "mcpOAuthClientConfig.x.clientSecret"
    assert credentials(files, platform) == [("mcp.client-secret", [where], place)]


@pytest.mark.parametrize("tree", [[], {"x|1": []}, {"x|1": {"clientSecret": 7}}, {"x|1": {"clientSecret": ""}}])
def test_what_is_no_clients_secret_tells_nothing(tree):
    assert look({"~/.claude/.credentials.json": {"mcpOAuthClientConfig": tree}}) == []


def test_a_clients_secret_is_no_way_to_rights_of_others():
    path, tree, _ = SIGN_INS[0]
    [seen] = only(look({path: tree}), CredentialSeen)
    assert {each for grant in seen.grants for each in grant.capabilities} == {Capability.DATA_READ}


def test_the_mend_for_a_clients_secret_names_no_setting_that_holds_none():
    for path, tree, _ in SIGN_INS:
        [weak] = [each for each in only(look({path: tree}), Weakness) if each.rule == "mcp.secret-in-file"]
        assert weak.fix.summary.startswith("Register the agent as a public client, which needs no secret.")


def test_a_sign_in_of_another_service_that_a_server_is_handed_stays_what_it_is():
    entry = {"command": "node", "args": ["x.js"], "env": {"OKTA_CLIENT_SECRET": CANARY}}
    [(kind, _, _)] = credentials({"~/.claude.json": {"mcpServers": {"x": entry}}})
    assert kind == "identity.client-secret"


# --- a secret in a command for a shell

LINES = [
    ("sh", ["-c", "SOME_TOKEN={} node x.js"], "sh -c node x.js"),
    ("bash", ["-lc", "export SOME_TOKEN={} && exec node x.js"], "bash -c exec node x.js"),
    ("sh", ["-c", "export SOME_TOKEN={};node x.js"], "sh -c node x.js"),
    ("sh", ["-c", "A=b SOME_TOKEN='{}' npx -y p@1.2.3;"], "sh -c npx p@1.2.3"),
    ("cmd", ["/c", "set SOME_TOKEN={}&& node x.js"], "cmd /c node x.js"),
    ("cmd", ["/c", 'set "SOME_TOKEN={}" && node x.js'], "cmd /c node x.js"),
    ("powershell", ["-Command", "$env:SOME_TOKEN='{}'; node x.js"], "powershell -c node x.js"),
    ("powershell", ["-NoProfile", "-Command", "$env:SOME_TOKEN = '{}'; node x.js"], "powershell -c node x.js"),
    ("SOME_TOKEN={} node x.js", [], "node x.js"),
    ("env", ["SOME_TOKEN={}", "node", "x.js"], "env node x.js"),
]


@pytest.mark.parametrize(("command", "args", "launcher"), LINES)
def test_a_secret_that_a_command_sets_before_its_program_is_a_credential(command, args, launcher):
    secret = "CANARY8f3a9c1e7b2d4f60CANARY"
    entry = {"command": command.replace("{}", secret), "args": [each.replace("{}", secret) for each in args]}
    seen = look({"~/.claude.json": {"mcpServers": {"x": entry}}})
    [server], [credential] = only(seen, ServerSeen), only(seen, CredentialSeen)
    assert (server.launcher, "SOME_TOKEN" in server.variables) == (launcher, True)
    assert credential.evidence.key.startswith("mcpServers.x.")
    assert "mcp.secret-in-file" in {each.rule for each in only(seen, Weakness)}


@pytest.mark.parametrize("line", ["SOME_TOKEN=$OTHER node x.js", "cd /srv/x && node x.js", "A=b;B=c;node x.js", "';&|"])
def test_a_command_that_sets_no_secret_has_none(line):
    assert credentials({"~/.claude.json": {"mcpServers": {"x": {"command": "sh", "args": ["-c", line]}}}}) == []


# --- what Gemini CLI is to change


def mend(files):
    [weak] = [each for each in only(look(files), Weakness) if each.rule == "mcp.auto-approved"]
    return weak.fix.summary


TRUSTED = {"mcpServers": {"srv": {"command": "node", "args": ["x.js"], "trust": True}}}
ALLOWED = {"mcp": {"allowed": ["srv"]}}
FOLDER = {"~/.gemini/trustedFolders.json": {"/home/ada/src/app": "TRUST_FOLDER"}}


@pytest.mark.parametrize(
    ("files", "mended"),
    [
        (
            {f"{APP}/.gemini/settings.json": TRUSTED} | FOLDER,
            "Remove trust from mcpServers.srv in ~/src/app/.gemini/settings.json.",
        ),
        ({"~/.gemini/settings.json": TRUSTED}, "Remove trust from mcpServers.srv in ~/.gemini/settings.json."),
        (
            {"/etc/gemini-cli/settings.json": ALLOWED, "~/.gemini/settings.json": TRUSTED},
            "Remove trust from mcpServers.srv in ~/.gemini/settings.json"
            " and srv from mcp.allowed in /etc/gemini-cli/settings.json.",
        ),
        (
            {"~/.gemini/settings.json": {"mcpServers": {"srv": {"command": "node"}}} | ALLOWED},
            "Remove srv from mcp.allowed in ~/.gemini/settings.json.",
        ),
    ],
)
def test_the_mend_for_gemini_names_what_is_set_and_the_file_it_is_set_in(files, mended):
    assert mend(files) == mended


def test_the_mend_for_opencode_names_the_file_that_the_server_stands_in():
    server = {"mcp": {"x": {"type": "local", "command": ["node", "x.js"]}}}
    assert mend({"~/.config/opencode/opencode.jsonc": server}) == (
        'Add "x_*": "ask" to permission in ~/.config/opencode/opencode.jsonc.'
    )
