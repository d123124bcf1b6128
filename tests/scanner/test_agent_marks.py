"""Agents are told from editors, terminals and other programs of the same interpreter."""

import pytest

from scanner.data.agents import agent_marked, agent_of, agents, marks_of
from scanner.host import Process


@pytest.mark.parametrize(
    ("name", "argv", "agent"),
    [
        ("claude", ("claude",), "claude-code"),
        ("claude.exe", ("C:\\Users\\ada\\claude.exe",), "claude-code"),
        ("Claude", ("/Applications/Claude.app/Contents/MacOS/Claude",), "claude-desktop"),
        ("node", ("node", "/usr/lib/node_modules/@anthropic-ai/claude-code/cli.js"), "claude-code"),
        ("node", ("node", "--no-warnings=DEP0040", "/usr/bin/gemini", "-p", "hello"), "gemini-cli"),
        ("node.exe", ("node.exe", "C:\\npm\\node_modules\\@google\\gemini-cli\\dist\\index.js"), "gemini-cli"),
        ("node", ("node", "--require", "/opt/hook.js", "/usr/bin/qwen"), "qwen-code"),
        ("MainThread", ("/usr/bin/copilot",), "copilot-cli"),
        ("MainThread", ("/usr/bin/copilot", "-i", "go"), "copilot-cli"),
        ("python3.12", ("python3", "-m", "aider"), "aider"),
        ("codex", (), "codex"),
        ("cursor-agent", (), "cursor"),
        ("Cursor", (), "cursor"),
        ("node", ("node", "server.js", "gemini"), None),
        ("node", ("node", "my-gemini"), None),
        ("vim", ("vim", "/usr/bin/gemini"), None),
        ("node", (), None),
        ("bash", ("bash", "claude"), None),
        ("", (), None),
    ],
)
def test_a_process_is_the_agent_whose_marks_it_bears(name, argv, agent):
    assert agent_of(Process(1, 0, name, argv)) == agent


@pytest.mark.parametrize("name", ["code", "Code", "idea", "zed", "warp", "Cursor", "Windsurf", "Claude", "qterm"])
def test_an_editor_or_terminal_is_no_agent_among_ancestors(name):
    marks = marks_of(Process(1, 0, name))
    assert marks is not None
    assert not marks.ancestor


@pytest.mark.parametrize(
    ("variable", "agent"),
    [
        ("CLAUDECODE", "claude-code"),
        ("CLAUDE_CODE_ENTRYPOINT", "claude-code"),
        ("CODEX_THREAD_ID", "codex"),
        ("GEMINI_CLI", "gemini-cli"),
        ("COPILOT_AGENT_SESSION_ID", "copilot-cli"),
        ("AI_AGENT", "unnamed"),
        ("GEMINI_CLI_HOME", None),
        ("CODEX_HOME", None),
        ("TERM_PROGRAM", None),
    ],
)
def test_a_command_is_told_by_the_variables_it_inherits(variable, agent):
    assert agent_marked({"HOME": "/home/ada", variable: "1"}) == agent


def test_no_program_or_variable_marks_two_agents():
    for what in ("processes", "argv_ends", "variables"):
        names = [name for marks in agents() for name in getattr(marks, what)]
        assert len(names) == len(set(names))


def test_what_a_command_inherits_marks_only_what_counts_as_ancestor():
    assert all(marks.ancestor for marks in agents() if marks.variables)
