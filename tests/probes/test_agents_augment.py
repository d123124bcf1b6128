"""Augment: what its agent does unasked, rule by rule."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.model import AgentSeen, Channel, Gap, GapKind, Gate, SettingSeen, Weakness
from scanner.testing import FakeHost, observe

APP = "~/src/app"
USER = "~/.augment/settings.json"
PROJECT = f"{APP}/.augment/settings.json"
LOCAL = f"{APP}/.augment/settings.local.json"
OPEN = (Gate.NONE, Gate.NONE)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
ASKED = (Gate.PROMPT, Gate.PROMPT)
REFUSED = (Gate.REFUSED, Gate.REFUSED)


def rule(kind, tool="launch-process", expression=None, **more):
    shell = {"shellInputRegex": expression} if expression is not None else {}
    return {"toolName": tool, "permission": {"type": kind}, **shell, **more}


def look(files, **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(files={USER: "{}"} | files, workspace=APP, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def agent(files):
    [seen] = [each for each in only(look(files), AgentSeen) if each.agent == "augment"]
    return seen


def decide(files, target, channel=Channel.EXECUTE):
    [tool] = [tool for tool in agent(files).policy.tools if tool.channel is channel]
    ruling = tool.decide(target)
    return ruling.gate, ruling.effective


def of(*rules):
    return {USER: {"toolPermissions": [*rules]}}


@pytest.mark.parametrize(
    ("rules", "command", "gate"),
    [
        ([], "ls", TAKEN),  # the vendor's default, as far as it is known
        ([rule("ask-user")], "ls", ASKED),
        ([rule("deny")], "ls", REFUSED),
        ([rule("allow")], "ls", OPEN),
        ([rule("deny", expression="^rm"), rule("allow")], "rm x", REFUSED),
        ([rule("allow"), rule("deny", expression="^rm")], "rm x", OPEN),  # the first that matches
        ([rule("allow", expression="^git (status|log)"), rule("ask-user")], "git log", OPEN),
        ([rule("allow", expression="^git (status|log)"), rule("ask-user")], "git push", ASKED),
        ([rule("allow", expression="^git [a-z]+$"), rule("ask-user")], "git push", TAKEN),
        ([rule("deny", expression="^git [a-z]+$"), rule("ask-user")], "git push", ASKED),  # not told exactly
        ([rule("script-policy"), rule("deny")], "ls", TAKEN),
        ([rule("webhook-policy"), rule("deny")], "ls", TAKEN),
        ([rule("deny", tool="*")], "ls", REFUSED),
        ([rule("deny", eventType="tool-response")], "ls", TAKEN),  # too late
        ([rule("later")], "ls", TAKEN),
        ([{"toolName": "launch-process", "permission": "deny"}], "ls", REFUSED),
        ([{"permission": {"type": "deny"}}, 1, "x", None], "ls", TAKEN),
    ],
)
def test_rules_for_commands(rules, command, gate):
    assert decide(of(*rules), command) == gate


@pytest.mark.parametrize(
    ("rules", "channel", "target", "gate"),
    [
        ([rule("deny", "view")], Channel.READ, "/x", REFUSED),
        ([rule("allow", "save-file")], Channel.WRITE, "/x", OPEN),
        ([rule("deny", "save-file")], Channel.WRITE, "/x", TAKEN),  # another tool changes files too
        ([rule("ask-user", "web-fetch")], Channel.CONNECT, "example.com", TAKEN),
        ([rule("allow", "create_issue")], Channel.CALL, "github/create_issue", TAKEN),
        ([rule("deny", "create_issue")], Channel.CALL, "github/create_issue", TAKEN),
    ],
)
def test_rules_for_other_tools(rules, channel, target, gate):
    assert decide(of(*rules), target, channel) == gate


@pytest.mark.parametrize(
    ("files", "command", "gate"),
    [
        ({USER: [rule("deny")]}, "ls", REFUSED),
        ({PROJECT: [rule("deny")], USER: [rule("allow")]}, "ls", OPEN),  # which comes first is not known
        ({PROJECT: [rule("allow")], USER: [rule("deny")]}, "ls", OPEN),
        ({PROJECT: [rule("ask-user")], USER: [rule("deny")]}, "ls", ASKED),
        ({LOCAL: [rule("deny")], PROJECT: [rule("ask-user")]}, "ls", REFUSED),
    ],
)
def test_of_several_files_what_allows_counts(files, command, gate):
    assert decide({path: {"toolPermissions": rules} for path, rules in files.items()}, command) == gate


def test_what_a_rule_allows_may_be_followed_by_another_command():
    [tool] = [tool for tool in agent(of(rule("allow", expression="^ls"))).policy.tools if tool.rules]
    assert [each.pattern.chained for each in tool.rules] == [True]


@pytest.mark.parametrize(
    ("rules", "weak"),
    [
        ([rule("deny")], []),
        ([rule("ask-user")], []),
        ([rule("allow", expression="^ls$")], ["agent.rights-from-repository"]),
        ([rule("script-policy")], ["agent.rights-from-repository"]),
    ],
)
def test_what_a_project_gives_is_told(rules, weak):
    assert [each.rule for each in only(look({PROJECT: {"toolPermissions": rules}}), Weakness)] == weak
    assert only(look({USER: {"toolPermissions": rules}}), Weakness) == []


def test_settings_programs_and_hooks_are_told():
    told = {
        "toolPermissions": [
            rule("script-policy", script="/CANARY"),
            rule("allow", expression="^curl -u ada:CANARY-CANARY-CANARY"),
        ],
        "hooks": {"PreToolUse": [{"command": "CANARY"}], "empty": []},
    }
    seen = {each.key: each.value for each in only(look({USER: told}), SettingSeen)}
    assert seen == {
        "toolPermissions": "2 entries",
        "toolPermissions.permission": "a program decides",
        "hooks": "PreToolUse",
    }


def test_half_written_rules_are_a_gap_and_do_not_count():
    files = {USER: '{"toolPermissions": [{"toolName": "launch-process", "permission": {"type": "deny"}}'}
    assert decide(files, "ls") == TAKEN
    assert any(gap.kind is GapKind.FAILED and gap.place.startswith(USER) for gap in only(look(files), Gap))


PIECES = st.sampled_from(
    ["{", "}", "[", "]", ":", ",", '"toolPermissions"', '"toolName"', '"permission"', '"allow"', "1"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_settings_break_it(text):
    assert agent({USER: text, PROJECT: text, LOCAL: text}).agent == "augment"
