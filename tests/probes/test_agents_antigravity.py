"""Google Antigravity: its defaults, and that no rule which nobody checked makes it look safer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.host import Process
from scanner.model import AgentSeen, Channel, Gap, Gate, Weakness
from scanner.testing import FakeHost, observe
from scanner.tokens import token

APP, WORK = "~/src/app", "/home/ada/src/app"
USER, PROJECT = "~/.gemini/antigravity-cli/settings.json", f"{APP}/.antigravity/settings.json"
GITHUB = token("github-classic", "antigravity")


def look(files, **more):
    texts = {path: text if isinstance(text, str) else json.dumps(text) for path, text in files.items()}
    made = FakeHost(files={"~/.gemini/antigravity/x": "", USER: "{}", **texts}, workspace=APP, **more)
    seen = observe(agents, made)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def decided(channel, target, files, **more):
    [agent] = [each for each in only(look(files, **more), AgentSeen) if each.agent == "antigravity"]
    [tool] = [each for each in agent.policy.tools if each.channel is channel]
    ruling = tool.decide(target)
    assert ruling.gate is Gate.UNKNOWN
    return ruling.effective


@pytest.mark.parametrize(
    ("permissions", "channel", "target", "gate"),
    [
        ({}, Channel.READ, "/home/ada/x", Gate.NONE),
        ({}, Channel.EXECUTE, "ls", Gate.CLASSIFIER),
        ({}, Channel.CALL, "a/b", Gate.PROMPT),
        ({"allow": ["command(git status)"]}, Channel.EXECUTE, "git status -s", Gate.NONE),
        ({"allow": ["command(git status)"]}, Channel.EXECUTE, "git statusx", Gate.CLASSIFIER),
        ({"allow": ["command(git status)"], "deny": ["command(git)"]}, Channel.EXECUTE, "git status", Gate.CLASSIFIER),
        ({"allow": ["command"]}, Channel.EXECUTE, "x", Gate.NONE),
        ({"allow": ["command(*)"]}, Channel.EXECUTE, "x", Gate.NONE),
        ({"allow": ["command(regex:g.t)"]}, Channel.EXECUTE, "x", Gate.NONE),
        ({"deny": ["command(rm)"]}, Channel.EXECUTE, "rm x", Gate.CLASSIFIER),
        ({"deny": ["read_file(~/.aws)"]}, Channel.READ, "/home/ada/.aws/credentials", Gate.NONE),
        ({"ask": ["read_file"]}, Channel.READ, "/home/ada/.aws/credentials", Gate.NONE),
        ({"allow": ["read_url(example.com)"]}, Channel.CONNECT, "www.example.com", Gate.NONE),
        ({"allow": ["read_url(example.com)"]}, Channel.CONNECT, "example.org", Gate.PROMPT),
        ({"allow": ["mcp(github)"]}, Channel.CALL, "github/push", Gate.NONE),
        ({"allow": ["mcp(github/push)"]}, Channel.CALL, "github/pull", Gate.PROMPT),
        ({"allow": ["nonsense(x)", "command(", 7]}, Channel.EXECUTE, "x", Gate.CLASSIFIER),
    ],
)
def test_a_rule_widens_and_never_narrows(permissions, channel, target, gate):
    assert decided(channel, target, {USER: {"permissions": permissions}}) is gate


@pytest.mark.parametrize("more", [{}, {"processes": [Process(7, 1, "agy", ("agy", "--dangerously-skip-permissions"))]}])
def test_questions_may_be_switched_off(more):
    files = {} if more else {USER: {"toolPermission": "always-proceed"}}
    assert decided(Channel.EXECUTE, "x", files, **more) is Gate.NONE
    assert decided(Channel.CALL, "a/b", files, **more) is Gate.NONE


def test_what_a_project_allows_is_told():
    seen = look({PROJECT: {"permissions": {"allow": ["command(make)"]}}})
    assert [each.evidence.path.as_posix() for each in only(seen, Weakness) if each.rule.startswith("agent.")] == [
        f"{WORK}/.antigravity/settings.json"
    ]
    taking = look({PROJECT: {"permissions": {"deny": ["command(make)"]}}})
    assert not [each for each in only(taking, Weakness) if each.rule.startswith("agent.")]


def test_it_is_said_that_nobody_checked():
    assert any("not published" in gap.why for gap in only(look({}), Gap))


@pytest.mark.parametrize("kind", ["allow", "deny"])
def test_a_secret_in_a_rule_is_never_shown(kind):
    look({USER: {"permissions": {kind: [f"command(deploy --token {GITHUB})", f"mcp({GITHUB})"]}}})


SHREDS = ['{"permissions"', ":", '{"allow"', "[", '"command(a"', '"mcp"', "]", "}", "7", ",", '"toolPermission"']


@given(st.lists(st.sampled_from(SHREDS)).map("".join))
def test_no_text_breaks_it(text):
    assert only(look({USER: text, PROJECT: text}), AgentSeen)
