"""Windsurf and Devin: what they do unasked, rule by rule."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.look import agents
from scanner.model import AgentSeen, Channel, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.testing import FakeHost, observe

APP, WORK = "~/src/app", "/home/ada/src/app"
USER = "~/.config/Windsurf/User/settings.json"
FOLDER = f"{APP}/.vscode/settings.json"
DEVIN = "~/.config/devin/config.json"
DEVIN_PROJECT = f"{APP}/.devin/config.json"
ALLOW, DENY, LEVEL = (
    *("windsurf.cascadeCommandsAllowList", "windsurf.cascadeCommandsDenyList"),
    "windsurf.autoExecutionPolicy",
)
OPEN = (Gate.NONE, Gate.NONE)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
JUDGED = (Gate.UNKNOWN, Gate.CLASSIFIER)
ASKED = (Gate.PROMPT, Gate.PROMPT)
MOSTLY_ASKED = (Gate.UNKNOWN, Gate.PROMPT)
REFUSED = (Gate.REFUSED, Gate.REFUSED)


def look(files, platform=Platform.LINUX, **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(platform, {USER: "{}"} | files, workspace=APP, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def agent(files, **more):
    [seen] = [each for each in only(look(files, **more), AgentSeen) if each.agent == "windsurf"]
    return seen


def tools(files):
    return {tool.name: tool for tool in agent(files).policy.tools}


def gates(tool, target):
    ruling = tool.decide(target)
    return ruling.gate, ruling.effective


def line(entries, project=None):
    files = {DEVIN: {"permissions": entries}} | ({DEVIN_PROJECT: {"permissions": project}} if project else {})
    return {tool.channel: tool for tool in agent(files).policy.tools if tool.name.startswith("Devin")}


@pytest.mark.parametrize(
    ("told", "command", "gate"),
    [
        ({}, "ls", MOSTLY_ASKED),
        ({ALLOW: ["git"]}, "git push", TAKEN),  # the level under which the list counts is not read
        ({ALLOW: ["git"]}, "ls", MOSTLY_ASKED),
        ({ALLOW: ["git"], DENY: ["git push"]}, "git push x", ASKED),  # what is denied comes first
        ({DENY: ["rm"]}, "rm x", ASKED),
        ({LEVEL: "turbo"}, "ls", TAKEN),
        ({LEVEL: "turbo", DENY: ["rm"]}, "rm x", ASKED),
        ({LEVEL: "auto"}, "ls", JUDGED),
        ({LEVEL: "off"}, "ls", MOSTLY_ASKED),
        ({LEVEL: "later"}, "ls", MOSTLY_ASKED),
        ({ALLOW: "git"}, "git push", MOSTLY_ASKED),
    ],
)
def test_the_editors_lists(told, command, gate):
    assert gates(tools({USER: told})["terminal"], command) == gate


def test_what_a_list_allows_may_be_followed_by_another_command():
    rules = tools({USER: {ALLOW: ["git"]}})["terminal"].rules
    assert [rule.pattern.chained for rule in rules] == [True]


@pytest.mark.parametrize(
    ("entries", "channel", "target", "gate"),
    [
        ({}, Channel.EXECUTE, "ls", MOSTLY_ASKED),
        ({"allow": ["Exec(git)"]}, Channel.EXECUTE, "git push", OPEN),
        ({"allow": ["Exec(git)"], "ask": ["Exec(git push)"]}, Channel.EXECUTE, "git push x", ASKED),
        ({"allow": ["Exec(git)"], "deny": ["Exec(git push)"]}, Channel.EXECUTE, "git push x", REFUSED),
        ({"ask": ["Exec(git)"], "deny": ["Exec(git)"]}, Channel.EXECUTE, "git x", REFUSED),
        ({"allow": ["Exec(*)"]}, Channel.EXECUTE, "terraform apply", OPEN),
        ({"deny": ["Read(**/.env)"]}, Channel.READ, f"{WORK}/a/.env", REFUSED),
        ({"allow": ["Read(~/notes/**)"]}, Channel.READ, "/home/ada/notes/x", OPEN),
        ({"allow": ["Write(src/**)"]}, Channel.WRITE, f"{WORK}/src/x", OPEN),
        ({"allow": ["Write($HOME/x)"]}, Channel.WRITE, f"{WORK}/src/x", TAKEN),  # cannot be told
        ({"deny": ["Write($HOME/x)"]}, Channel.WRITE, f"{WORK}/src/x", TAKEN),
        ({"allow": ["Fetch(https://*.example.com/*)"]}, Channel.CONNECT, "api.example.com", OPEN),
        ({"deny": ["Fetch(example.com)"]}, Channel.CONNECT, "example.com", REFUSED),
        ({"allow": ["mcp__db__list"]}, Channel.CALL, "db/list", OPEN),
        ({"allow": ["mcp__db__list"]}, Channel.CALL, "db/drop", MOSTLY_ASKED),
        ({"allow": ["Shout(x)", 1]}, Channel.EXECUTE, "x", MOSTLY_ASKED),
    ],
)
def test_permissions_of_the_command_line(entries, channel, target, gate):
    assert gates(line(entries)[channel], target) == gate


def test_a_project_adds_to_the_permissions_and_is_told():
    told = line({"deny": ["Exec(rm)"]}, {"allow": ["Exec(make)", "Exec(rm)"]})[Channel.EXECUTE]
    assert (gates(told, "make x"), gates(told, "rm x")) == (OPEN, REFUSED)
    seen = look({DEVIN_PROJECT: {"permissions": {"allow": ["Exec(make)"]}}})
    assert [each.rule for each in only(seen, Weakness)] == ["agent.rights-from-repository"]
    assert only(look({DEVIN_PROJECT: {"permissions": {"deny": ["Exec(make)"]}}}), Weakness) == []


def test_the_laxest_of_its_profiles_counts():
    files = {"~/.config/Windsurf/User/profiles/x/settings.json": {LEVEL: "turbo"}}
    assert agent(files).policy.mode == "turbo"


def test_what_is_weak_in_the_editors_settings():
    assert only(look({USER: {ALLOW: ["git"]}}), Weakness) == []
    assert [each.rule for each in only(look({FOLDER: {ALLOW: ["git"]}}), Weakness)] == ["agent.rights-from-repository"]
    free = {DEVIN: {"permissions": {"allow": ["Exec(*)"]}}}
    assert [each.rule for each in only(look(free), Weakness)] == ["agent.asks-nothing"]


def test_settings_and_hooks_are_told_without_what_they_say():
    files = {
        USER: {ALLOW: ["curl -u ada:CANARY-CANARY-CANARY"]},
        "~/.codeium/windsurf/hooks.json": {"hooks": {"pre_run_command": [{"command": "CANARY"}]}},
        f"{APP}/.devin/hooks.v1.json": {"SessionStart": [{"command": "CANARY"}]},
    }
    told = {(each.key, each.scope): each.value for each in only(look(files), SettingSeen)}
    assert told == {
        (ALLOW, "user"): "1 entry",
        ("hooks", "user"): "pre_run_command",
        ("hooks", "project"): "SessionStart",
    }


def test_half_written_permissions_are_a_gap_and_do_not_count():
    assert gates(tools({DEVIN: '{"permissions": {"deny": ["Exec(rm)"'})["terminal"], "rm x") == MOSTLY_ASKED
    gaps = only(look({DEVIN: '{"permissions": {"deny": ["Exec(rm)"'}), Gap)
    assert any(gap.kind is GapKind.FAILED and gap.place.startswith(DEVIN) for gap in gaps)


PIECES = st.sampled_from(["{", "}", "[", "]", ":", ",", '"permissions"', '"allow"', '"Exec("', '"Read({a,b})"', "1"])


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_settings_break_it(text):
    assert agent({USER: text, DEVIN: text, DEVIN_PROJECT: text}).agent == "windsurf"
