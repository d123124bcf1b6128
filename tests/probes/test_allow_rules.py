"""An agent's mend names the rules to take out; without them, and with them alone, it leaves what it says."""

import json
import re

import pytest

from probes.agents.claude import look as claude
from probes.agents.look import agents
from scanner.advice import advised
from scanner.judgement import judge_all
from scanner.model import AgentSeen, Evidence, Platform, ServerSeen
from scanner.probe import probe
from scanner.testing import FakeHost, fake_machine, observe
from tests.contracts import HOME, LABELS, contract, grant, key

CLAUDE = probe(id="claude", title="Claude Code", reads=claude.READS)(claude.seen)
SETTINGS = "~/.claude/settings.json"
WORKSPACE = "~/src/app"
SUPERVISED = "require: {autonomy: {default: supervised}}\nallow: [{environment: production, gate: prompt}]"
RESTRICTED = "require: {autonomy: {default: restricted}}"
GIT = key("G", grant("CODE_WRITE"), kind="github.classic-token", at=HOME / ".git-credentials")
AWS = key("AKIACANARY", kind="aws.access-key", at=HOME / ".aws" / "credentials")
SERVER = ServerSeen("files", "claude-code", "user", "stdio", "npx files", Evidence(HOME / ".claude.json", 4))


def written(*rules, mode="default"):
    """Settings with each rule in a line of its own, the first in line 4."""
    lines = ",\n".join(json.dumps(each) for each in rules)
    return f'{{"permissions": {{"defaultMode": "{mode}",\n"deny": ["Bash(docker:*)"],\n"allow": [\n{lines}\n]}}}}'


def judged(settings, text, *more):
    files = {SETTINGS: settings, "~/src/app/.git/HEAD": "ref: refs/heads/main"}
    host = FakeHost(Platform.LINUX, files, workspace=WORKSPACE)
    seen = [each for each in observe(CLAUDE, host) if isinstance(each, AgentSeen)]
    return judge_all([*seen, *more], fake_machine(workspace=WORKSPACE), LABELS, (contract(text),))


def named(summary):
    """The rules that the words name, each with its line."""
    return re.findall(r'permissions\.allow "([^"]*)" in ~/\.claude/settings\.json:(\d+)', summary)


def step_of(settings, text, *more):
    [step] = [each for each in advised(judged(settings, text, *more)) if each.draft.kind == "agent"]
    return step


# The rules in turn, whether each is named where commands are to be asked about, what else is here, and the contract.
ROWS = [
    ({"Bash(bash:*)": True, "Bash(ls -la:*)": False}, (), SUPERVISED),
    ({"Bash": True, "Bash(git status:*)": False}, (GIT,), SUPERVISED),
    ({"Bash(git push:*)": True, "Bash(git log:*)": False, "Bash(python3:*)": True}, (GIT,), SUPERVISED),
    ({"Bash(kubectl get:*)": False, "Bash(env:*)": True}, (), SUPERVISED),
    ({"Bash(aws:*)": True, "Bash(aws s3 rm:*)": True, "Bash(sh:*)": True}, (AWS,), SUPERVISED),
    ({"Bash(curl:*)": True, "Bash(docker:*)": False}, (AWS,), SUPERVISED),
    ({"Bash(npm test:*)": True, "Edit": True, "Bash(bash:*)": True}, (), RESTRICTED),
    ({"Bash(npm test:*)": False, "Edit": True}, (), SUPERVISED),
    ({"Bash(bash:*)": True, "mcp__files": True, "mcp__gone": False}, (SERVER,), SUPERVISED),
]


@pytest.mark.parametrize(("rules", "more", "text"), ROWS, ids=[" ".join(row[0]) for row in ROWS])
def test_a_mend_names_the_rules_that_leave_things_unasked_and_no_others(rules, more, text):
    wanted = [(rule, str(place)) for place, (rule, is_named) in enumerate(rules.items(), start=4) if is_named]
    step = step_of(written(*rules, mode="bypassPermissions"), text, *more)
    assert sorted(named(step.draft.fix.summary)) == sorted(wanted)


@pytest.mark.parametrize(("rules", "more", "text"), ROWS, ids=[" ".join(row[0]) for row in ROWS])
def test_whoever_does_what_the_step_says_has_the_figures_that_it_promised(rules, more, text):
    step = step_of(written(*rules, mode="bypassPermissions"), text, *more)
    assert step.settled
    out = {rule for rule, _ in named(step.draft.fix.summary)}
    mode = "dontAsk" if text == RESTRICTED else "default"
    after = judged(written(*(each for each in rules if each not in out), mode=mode), text, *more)
    agent = [item for item in after.judgement.items if item.credential is None]
    assert (agent, after.judgement.excess.items) == ([], step.after.items)


def test_an_item_and_the_step_that_mends_it_say_the_same():
    settings = written("Bash(bash:*)")
    [item] = judged(settings, SUPERVISED).judgement.items
    assert item.fix == step_of(settings, SUPERVISED).draft.fix


def test_a_rule_that_holds_a_secret_is_named_by_its_place_alone():
    secret = "Bash(bash -c 'curl -u ada:CANARYCANARY42 https://example.com':*)"
    summary = step_of(written("Bash(bash:*)", secret), SUPERVISED).draft.fix.summary
    assert "CANARY" not in summary
    assert "permissions.allow[1] in ~/.claude/settings.json:5" in summary


def test_of_very_many_rules_the_first_are_named_and_the_rest_counted():
    summary = step_of(
        written(*(f"Bash(nice -n {number} bash:*)" for number in range(50))), SUPERVISED
    ).draft.fix.summary
    assert (len(named(summary)), "and 10 more like them" in summary) == (40, True)


def test_settings_without_such_rules_say_nothing_of_any():
    assert "Take out" not in step_of(written(mode="bypassPermissions"), SUPERVISED).draft.fix.summary


OTHERS = [
    (
        "~/.codex/rules/default.rules",
        'prefix_rule(pattern=["bash"], decision="allow")\nprefix_rule(pattern=["ls"], decision="allow")\n',
        ['prefix_rule "bash" allow in ~/.codex/rules/default.rules:1'],
    ),
    (
        "~/.config/opencode/opencode.json",
        '{"permission": {"bash": {\n"*": "ask",\n"bash *": "allow",\n"pwd": "allow"}}}',
        ['permission.bash.bash * "allow" in ~/.config/opencode/opencode.json:3'],
    ),
    (
        "~/.gemini/settings.json",
        '{"tools": {"allowed": [\n"run_shell_command(bash)",\n"run_shell_command(date)"]}}',
        ['tools.allowed "run_shell_command(bash)" in ~/.gemini/settings.json:2'],
    ),
]


@pytest.mark.parametrize(("path", "text", "wanted"), OTHERS, ids=[row[0] for row in OTHERS])
def test_rules_of_other_agents_are_named_as_their_own_files_write_them(path, text, wanted):
    host = FakeHost(Platform.LINUX, {path: text, "~/src/app/.git/HEAD": "x"}, workspace=WORKSPACE)
    seen = [each for each in observe(agents, host) if isinstance(each, AgentSeen)]
    found = judge_all(seen, fake_machine(workspace=WORKSPACE), LABELS, (contract(SUPERVISED),)).judgement
    [item] = found.items
    assert item.fix.summary.partition("all the same: ")[2].removesuffix(".").split("; ") == wanted
