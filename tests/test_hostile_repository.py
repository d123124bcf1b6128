"""A hostile repository gets an agent no more than its vendor lets any repository have, and what it gets is told."""

from functools import cache

import pytest

from probes.agents.look import agents
from probes.agents.mcp.look import mcp
from scanner.data.agent_places import agent_places
from scanner.data.gates import gates
from scanner.model import Gap, Gate, ServerSeen, SettingSeen, Weakness
from scanner.principals import acting
from scanner.testing import FakeHost, observe
from tests.hostile_repository import FILES, NO_TRUST, TRUST

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
RECORDS = {"no record": {}, "trusted": TRUST, "not trusted": NO_TRUST}
QUIET = {"README.md": "", ".git/HEAD": FILES[".git/HEAD"]}
KNOWING_TRUST = ("claude-code", "codex", "copilot-cli", "gemini-cli", "qwen-code")


def cut(text):
    """About half of a text, up to where a string has begun and does not end."""
    ends = (end for end in range(len(text) // 2, 0, -1) if text[:end].count('"') % 2)
    return text[: next(ends, len(text) // 2)]


@cache
def seen(record, *names, half=False):
    """All that is told of a repository with these of the hostile files, each whole or cut in half."""
    files = {name: cut(FILES[name]) if half else FILES[name] for name in names}
    home = OWN | dict.fromkeys(SIGNS.values(), "") | RECORDS[record]
    inside = {f"{WORKSPACE}/{name}": text for name, text in (QUIET | files).items()}
    machine = FakeHost(files=home | inside, workspace=WORKSPACE)
    found = [*observe(agents, machine), *observe(mcp, machine)]
    assert [gap for gap in found if isinstance(gap, Gap) and "defect" in gap.why] == []
    return found, acting(found, machine.machine)


@cache
def stands(record, *names, half=False):
    """What stands before each usual act of each agent."""
    return {each.id: each.judge.channels() for each in seen(record, *names, half=half)[1]}


def opened(agent, record, *names, half=False):
    """The acts that are easier in that repository than in one that brings nothing, and what stands before them."""
    quiet, hostile = stands(record)[agent], stands(record, *names, half=half)[agent]
    factor = {gate: told.factor for gate, told in gates().items()}
    both = quiet.keys() & hostile.keys()
    return {act: hostile[act] for act in both if factor[hostile[act].effective] > factor[quiet[act].effective]}


def told_of(agent, record, *names):
    """Whether it is told that the repository gives that agent rights."""
    found, _ = seen(record, *names)
    return any(TITLES[agent] in each.title for each in found if isinstance(each, Weakness) and each.rule == TOLD)


def test_every_agent_is_here_and_judged():
    for record in RECORDS:
        assert set(IDS) <= set(stands(record))
        assert set(stands(record, *FILES)) == set(stands(record))


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("agent", IDS)
def test_what_a_repository_opens_is_told(agent, record):
    if opened(agent, record, *FILES):
        assert told_of(agent, record, *FILES)


@pytest.mark.parametrize("agent", IDS)
def test_a_repository_without_such_files_opens_nothing(agent):
    for record in RECORDS:
        assert not told_of(agent, record)


@pytest.mark.parametrize("agent", sorted(set(KNOWING_TRUST) - {"copilot-cli", "claude-code"}))
def test_a_person_s_trust_is_what_lets_it_in(agent):
    assert opened(agent, "not trusted", *FILES) == {}
    assert not told_of(agent, "not trusted", *FILES)
    assert opened(agent, "trusted", *FILES)
    assert told_of(agent, "trusted", *FILES)


@pytest.mark.parametrize("agent", KNOWING_TRUST)
def test_what_is_ignored_without_trust_is_told_as_such(agent):
    """Of Copilot CLI nothing is: what a repository says there only narrows."""
    found, _ = seen("not trusted", *FILES)
    values = [each.value for each in found if isinstance(each, SettingSeen) and each.agent == agent]
    assert any("until the" in value for value in values) or agent == "copilot-cli"
    found, _ = seen("trusted", *FILES)
    values = [each.value for each in found if isinstance(each, SettingSeen) and each.agent == agent]
    assert not any("until the" in value for value in values)


# --- each of the files cut in half

READ_AS_FAR = {"aider", "qwen-code"}  # what could be read of a broken file counts, beside a Gap
WORDS = (".md", ".js", "HEAD", "index", ".crushrc", ".rules")  # half of which is as whole as all of it
BROKEN = sorted(name for name in FILES if not name.endswith(WORDS))


@pytest.mark.parametrize("record", ["no record", "trusted"])
@pytest.mark.parametrize("name", sorted(FILES))
def test_half_a_file_breaks_no_reader_and_gives_nothing_for_certain(name, record):
    found, judged = seen(record, name, half=True)
    assert {each.id for each in judged} >= set(IDS)
    new = [each for each in found if isinstance(each, Gap) and each not in seen(record)[0]]
    for agent in IDS:
        acts = opened(agent, record, name, half=True)
        assert not acts or any(name in gap.place for gap in new), agent
        sure = {act for act, told in acts.items() if told.gate is not Gate.UNKNOWN}
        assert not sure or agent in READ_AS_FAR, agent


@pytest.mark.parametrize("name", BROKEN)
def test_half_a_file_is_a_gap_where_anybody_reads_it(name):
    read = any(each not in seen("trusted")[0] for each in seen("trusted", name)[0])
    new = [each for each in seen("trusted", name, half=True)[0] if isinstance(each, Gap)]
    assert not read or any(name in gap.place for gap in new)


@pytest.mark.parametrize("name", BROKEN)
def test_half_a_file_makes_no_agent_look_safer(name):
    factor = {gate: told.factor for gate, told in gates().items()}
    for record in ("no record", "trusted"):
        quiet, broken = stands(record), stands(record, name, half=True)
        for agent in IDS:
            for act in quiet[agent].keys() & broken[agent].keys():
                assert factor[broken[agent][act].effective] >= factor[quiet[agent][act].effective], (agent, act)


def test_no_server_of_a_repository_is_taken_for_one_of_the_users():
    for record in RECORDS:
        servers = [each for each in seen(record, *FILES)[0] if isinstance(each, ServerSeen) and each.name == "evil"]
        assert servers
        assert all(each.from_repository for each in servers)
