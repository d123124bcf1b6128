"""The table of agents: every row is whole, and leads to a reader that is there."""

import importlib.util

import pytest

from scanner.data.agent_places import agent_places, owner, places_of, programs
from scanner.data.agents import agents
from scanner.data.clauses import agents_with_rules
from scanner.errors import DataError
from scanner.model import Channel

ROWS = agent_places()
FACTS = {  # the agents that the table is to know, beside Claude Code, Codex and Cursor, which look for themselves
    *("claude-desktop", "vscode-copilot", "copilot-cli", "gemini-cli", "antigravity", "windsurf", "junie"),
    *("jetbrains-ai", "kiro", "amazon-q", "cline", "cline-cli", "roo-code", "continue", "goose", "opencode", "amp"),
    *("aider", "zed", "qwen-code", "crush", "droid", "warp", "augment", "openhands"),
}


def test_every_agent_is_known():
    assert {row.id for row in ROWS} == FACTS
    assert len(ROWS) == len(FACTS)
    assert set(agents_with_rules()) == FACTS | {"claude-code", "codex", "cursor", "cursor-agent"}


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_row_says_where_it_is_found_how_it_starts_and_what_it_does_by_default(row):
    assert row.programs or row.apps or row.extensions or row.used
    assert row.starts in {"terminal", "desktop", "editor"}
    assert row.default.keys() <= set(Channel)
    assert row.default
    assert not any(pattern.startswith("./") for pattern in row.used), "a repository's file is no sign"


@pytest.mark.parametrize("reader", sorted({row.reader for row in ROWS if row.reader}))
def test_a_reader_is_there(reader):
    assert importlib.util.find_spec(f"probes.agents.{reader}.flow") is not None


@pytest.mark.parametrize("row", [row for row in ROWS if row.programs], ids=[row.id for row in ROWS if row.programs])
def test_a_program_that_runs_is_recognised_by_its_own_name(row):
    marked = {name: marks.id for marks in reversed(agents()) for name in marks.processes}
    assert all(marked[name] == row.id for name in row.programs if name in marked)


@pytest.mark.parametrize(
    ("name", "agent"),
    [
        ("gemini", "gemini-cli"),
        ("gemini.cmd", "gemini-cli"),
        ("droid.exe", "droid"),
        ("Zed.app", "zed"),
        ("saoudrizwan.claude-dev-4.1.13", "cline"),
        ("RooVeterinaryInc.roo-cline-3.52.1", "roo-code"),
        ("gemini-helper", None),
        ("node", None),
    ],
)
def test_a_file_belongs_to_the_agent_that_it_is_named_after(name, agent):
    found = owner(name)
    assert (found.id if found is not None else None) == agent


def test_one_pattern_a_folder_finds_all_programs():
    assert len(programs()) == len(set(programs())) < 30


def test_an_agent_that_is_not_in_the_table_is_an_error():
    with pytest.raises(DataError, match="no agent nobody"):
        places_of("nobody")
