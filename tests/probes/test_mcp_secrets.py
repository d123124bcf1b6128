"""Secrets that agents keep beside their servers: sign-ins of providers, variables they set, clients of a sign-in."""

import json

import pytest

from probes.agents.mcp.look import mcp
from scanner.model import (
    CredentialSeen,
    Platform,
    ServerSeen,
    Weakness,
)
from scanner.testing import NOW, FakeHost, observe
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
