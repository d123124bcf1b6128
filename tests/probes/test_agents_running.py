"""Agents that the process table shows, whatever files they left."""

import pytest

from probes.agents.look import agents
from scanner.host import Process
from scanner.model import AgentSeen, Gap, GapKind
from scanner.testing import FakeHost, observe

SETTINGS = {"~/.claude/settings.json": '{"permissions": {"defaultMode": "default"}}'}


def seen(*programs, files=None, mine=True):
    """The observations beside running programs, each given by its command line."""
    runs = [Process(pid, 1, argv[0], argv, mine) for pid, argv in enumerate(programs, start=7)]
    return list(observe(agents, FakeHost(files=files or {}, workspace="~/src/app", processes=runs)))


def told(found):
    """Of each agent whether it is known how it acts, and whether it is here at all."""
    return {each.agent: (each.policy is not None, each.running) for each in found if isinstance(each, AgentSeen)}


KNOWN, UNKNOWN, NOT_HERE, AT_REST = (True, True), (False, True), (True, False), (True, False)
# (what, the command lines, the files, what is told)
CASES = [
    ("nothing", [], {}, {"claude-code": NOT_HERE}),
    ("Claude Code, and no file of it", [("claude",)], {}, {"claude-code": KNOWN}),
    ("Codex, and no file of it", [("codex", "--yolo")], {}, {"codex": KNOWN}),
    ("Cursor's, and no file of it", [("cursor-agent",)], {}, {"claude-code": NOT_HERE, "cursor": UNKNOWN}),
    ("one of the table", [("gemini", "--yolo")], {}, {"gemini-cli": KNOWN}),
    ("one of the table beside one that is read", [("aider",)], SETTINGS, {"claude-code": AT_REST, "aider": KNOWN}),
    ("two processes of one", [("aider",), ("aider",)], SETTINGS, {"claude-code": AT_REST, "aider": KNOWN}),
    ("an editor that people type in", [("code",), ("Cursor",)], SETTINGS, {"claude-code": AT_REST}),
]


@pytest.mark.parametrize("case", CASES, ids=[row[0] for row in CASES])
def test_an_agent_that_runs_is_told_whatever_it_left(case):
    _, programs, files, wanted = case
    assert told(seen(*programs, files=files)) == wanted


def test_one_of_unknown_rules_is_a_gap_too():
    gaps = [each for each in seen(("cursor-agent",), ("cursor-agent",)) if isinstance(each, Gap)]
    assert [(each.kind, each.place) for each in gaps] == [(GapKind.REFUSED, "Cursor CLI, cursor-agent (pid 7)")]


def test_one_of_another_user_is_none_of_ours():
    assert told(seen(("gemini",), ("codex", "--yolo"), mine=False)) == {"claude-code": NOT_HERE}
