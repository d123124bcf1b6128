"""A hostile repository gets an agent no more than its vendor lets any repository have, and what it gets is told."""

from functools import cache

import pytest

from probes.agents.look import agents
from probes.agents.mcp.look import mcp
from scanner.data.agent_places import agent_places
from scanner.data.gates import gates
from scanner.model import ServerSeen, Weakness
from scanner.principals import acting
from scanner.testing import FakeHost, observe
from tests.hostile_repository import FILES

WORKSPACE = "~/src/app"
TOLD = "agent.rights-from-repository"
# Each agent of the table is here by one of its programs; the three others by what they leave in a home.
OWN = {
    "~/.claude/settings.json": "{}",
    "~/.claude.json": "{}",
    "~/.codex/config.toml": "",
    "~/.config/Cursor/User/settings.json": "{}",
    "~/.cursor/cli-config.json": "{}",
}
SIGNS = {
    row.id: f"~/.local/bin/{row.programs[0]}"
    if row.programs
    else f"~/.vscode/extensions/{row.extensions[0].lower()}-1.2.3"
    for row in agent_places()
    if row.programs or row.extensions
}
TITLES = {row.id: row.title for row in agent_places()} | {
    "claude-code": "Claude Code",
    "codex": "Codex",
    "cursor": "Cursor",
    "cursor-agent": "Cursor CLI",
}
IDS = sorted({"claude-code", "codex", "cursor", "cursor-agent", *SIGNS})


def host(files):
    home = OWN | {path: "" for path in SIGNS.values()}
    return FakeHost(files=home | {f"{WORKSPACE}/{name}": text for name, text in files.items()}, workspace=WORKSPACE)


@cache
def seen(*, hostile):
    machine = host(FILES if hostile else {"README.md": "", ".git/HEAD": FILES[".git/HEAD"]})
    return machine.machine, [*observe(agents, machine), *observe(mcp, machine)]


@cache
def stands(*, hostile):
    """What stands before each usual act of each agent."""
    machine, found = seen(hostile=hostile)
    return {each.id: each.judge.channels() for each in acting(found, machine)}


def opened(agent):
    """The acts that are easier in the hostile repository than in one that brings nothing."""
    quiet, hostile = stands(hostile=False)[agent], stands(hostile=True)[agent]
    factor = {gate: told.factor for gate, told in gates().items()}
    both = quiet.keys() & hostile.keys()
    return {act for act in both if factor[hostile[act].effective] > factor[quiet[act].effective]}


def test_every_agent_is_here_and_judged():
    assert set(IDS) <= set(stands(hostile=False))
    assert set(stands(hostile=True)) == set(stands(hostile=False))


@pytest.mark.parametrize("agent", IDS)
def test_what_a_repository_opens_is_told(agent):
    _, found = seen(hostile=True)
    titles = {each.title for each in found if isinstance(each, Weakness) and each.rule == TOLD}
    if opened(agent):
        assert any(TITLES[agent] in each for each in titles)


def test_no_server_of_a_repository_is_taken_for_one_of_the_users():
    _, found = seen(hostile=True)
    servers = [each for each in found if isinstance(each, ServerSeen) and each.name == "evil"]
    assert servers
    assert all(each.from_repository for each in servers)
