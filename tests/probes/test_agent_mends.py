"""The mend that is told for an agent's settings, put into its files, keeps the clause that it was told for."""

import json
import re

import pytest

from probes.agents.claude import look as claude
from probes.agents.codex import look as codex
from scanner.config import Config
from scanner.data.clauses import agent_mend
from scanner.judgement import judge_all
from scanner.model import AgentSeen, Platform
from scanner.probe import probe
from scanner.testing import FakeHost, fake_machine, observe
from tests.contracts import contract

WORKSPACE = "~/src/app"
CLAUDE, CODEX = "claude-code", "codex"
SEEN = {
    CLAUDE: probe(id="claude", title="Claude Code", reads=claude.READS)(claude.seen),
    CODEX: probe(id="codex", title="Codex", reads=codex.READS)(codex.seen),
}
FILES = {CLAUDE: "~/.claude/settings.json", CODEX: "~/.codex/config.toml"}
TRUST = '\n[projects."/home/ada/src/app"]\ntrust_level = "trusted"\n'
TOOLS = {"/usr/bin/bwrap": "", "/usr/bin/socat": ""}
BYPASS = {"permissions": {"defaultMode": "bypassPermissions"}}
YOLO = 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
DEMANDS = {
    "ask": "require: {autonomy: {default: supervised}}",
    "restrict": "require: {autonomy: {default: restricted}}",
    "sandbox": "require: {sandbox: true}",
}


def told(agent, settings, demand):
    """The clauses and their states, with these settings."""
    files = {FILES[agent]: settings, "~/src/app/.git/HEAD": "ref: refs/heads/main", **TOOLS}
    host = FakeHost(Platform.LINUX, files, workspace=WORKSPACE)
    seen = [each for each in observe(SEEN[agent], host) if isinstance(each, AgentSeen)]
    assert seen
    judgement = judge_all(seen, fake_machine(workspace=WORKSPACE), Config(), (contract(demand),)).judgement
    return [item.clauses for item in judgement.items], [held.open for held in judgement.held]


def merged(summary):
    """Settings of Claude Code that ran all unasked, with every piece of JSON that the words hold put in."""
    settings = {**BYPASS}
    for name, piece in re.findall(r'"(permissions|sandbox)": (\{[^{}]*\})', summary):
        settings[name] = {**settings.get(name, {}), **json.loads(piece)}
    return json.dumps(settings)


def lines(summary):
    """Settings of Codex as the words have them."""
    pairs = re.findall(r'(\w+) = ("[\w-]+")', summary)
    found = {"approval_policy": '"never"', "sandbox_mode": '"danger-full-access"', **dict(pairs)}
    return "\n".join(f"{key} = {value}" for key, value in found.items()) + TRUST


LOOSE = {CLAUDE: json.dumps(BYPASS), CODEX: YOLO + TRUST}
MENDED = {CLAUDE: merged, CODEX: lines}


@pytest.mark.parametrize("kind", DEMANDS)
@pytest.mark.parametrize("agent", FILES)
def test_settings_after_the_mend_keep_the_demand_that_they_broke(agent, kind):
    broken, _ = told(agent, LOOSE[agent], DEMANDS[kind])
    assert len(broken) == 1
    summary = agent_mend(agent, [kind], Platform.LINUX).summary
    assert told(agent, MENDED[agent](summary), DEMANDS[kind])[0] == []


@pytest.mark.parametrize("agent", FILES)
def test_both_mends_together_keep_both_demands(agent):
    demand = "require: {autonomy: {default: supervised}, sandbox: true}"
    [clauses] = told(agent, LOOSE[agent], demand)[0]
    assert len(clauses) == 2
    summary = agent_mend(agent, ["ask", "sandbox"], Platform.LINUX).summary
    assert told(agent, MENDED[agent](summary), demand)[0] == []


def test_files_that_claude_code_never_reads_take_a_rule_and_a_sandbox():
    demand = 'files: {never: ["~/.ssh/**"]}'
    box = json.loads(merged(agent_mend(CLAUDE, ["sandbox"], Platform.LINUX).summary))["sandbox"]
    rule = {"permissions": {"defaultMode": "default", "deny": ["Read(~/.ssh/**)"]}}
    assert told(CLAUDE, json.dumps(rule), demand)[0] == [("files.never",)]
    assert told(CLAUDE, json.dumps({**rule, "sandbox": box}), demand)[0] == []


def test_commands_that_claude_code_never_runs_take_a_mode_that_refuses():
    demand = "commands: {never: [terraform]}"
    rule = {"deny": ["Bash(terraform:*)"]}
    assert told(CLAUDE, json.dumps({"permissions": rule}), demand)[0] == [("commands.never",)]
    assert told(CLAUDE, json.dumps({"permissions": {**rule, "defaultMode": "dontAsk"}}), demand)[0] == []


def test_hosts_of_claude_code_are_those_of_its_sandbox():
    settings = {
        "permissions": {"defaultMode": "default", "deny": ["WebFetch"]},
        "sandbox": {
            "enabled": True,
            "autoAllowBashIfSandboxed": True,
            "allowUnsandboxedCommands": False,
            "failIfUnavailable": True,
            "network": {"allowedDomains": ["github.com"]},
        },
    }
    assert told(CLAUDE, json.dumps(settings), "network: [github.com]")[0] == []
    assert told(CLAUDE, json.dumps(settings), "network: [example.com]")[0] == [("network",)]
    del settings["permissions"]["deny"]
    assert told(CLAUDE, json.dumps(settings), "network: [github.com]")[0] == [("network",)]


def test_files_that_codex_never_reads_take_permissions_of_their_own():
    demand = 'files: {never: ["~/.ssh/**"]}'
    profile = (
        'default_permissions = "work"\n[permissions.work]\nextends = ":workspace"\n'
        '[permissions.work.filesystem]\n"~/.ssh" = "deny"\n'
    )
    whole = 'approval_policy = "never"\nsandbox_mode = "workspace-write"\n'
    assert told(CODEX, whole + TRUST, demand)[0] == [("files.never",)]
    assert told(CODEX, f'approval_policy = "never"\n{profile}{TRUST}', demand)[0] == []


def test_codex_that_may_not_connect_keeps_a_list_of_hosts():
    settings = lines(agent_mend(CODEX, ["ask"], Platform.LINUX).summary)
    assert told(CODEX, settings, "network: [github.com]")[0] == []
    assert told(CODEX, f'web_search = "live"\n{settings}', "network: [github.com]")[0] == [("network",)]
