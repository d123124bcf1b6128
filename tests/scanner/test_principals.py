"""Who acts: which agents are judged, under which names, each with its own rules."""

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import AgentSeen, Autonomy, Channel, Evidence, Gate, Policy, Ruling, ServerSeen, Tool
from scanner.principals import acting
from scanner.testing import fake_machine

MACHINE = fake_machine(workspace="~/src/app")
PLACE = Evidence(PurePosixPath("/home/ada/.agent/settings.json"), 1)


def policy(gate=Gate.PROMPT):
    return Policy("by hand", (Tool("Bash", Channel.EXECUTE, Ruling(gate, "so it is")),))


def seen(agent="claude-code", folder="~/src/app", **more):
    return AgentSeen(agent, PLACE, folder=folder, **({"policy": policy()} | more))


def ids(*observations):
    return [each.id for each in acting(observations, MACHINE)]


# (what, agents that were seen, the principals)
CASES = [
    ("nobody", [], []),
    ("one agent", [seen()], ["claude-code"]),
    ("two agents, sorted", [seen("codex"), seen()], ["claude-code", "codex"]),
    ("one agent seen twice in one folder", [seen(), seen()], ["claude-code"]),
    (
        "one agent in two folders, and another",
        [seen(), seen(folder="~/src/web"), seen("codex")],
        ["claude-code@~/src/app", "claude-code@~/src/web", "codex"],
    ),
    ("in a folder and at home", [seen(), seen(folder=None)], ["claude-code@~", "claude-code@~/src/app"]),
    ("nothing is known of its rules", [seen(policy=None)], []),
    ("nothing is known of one", [seen(policy=None), seen("codex")], ["codex"]),
    ("only a notional one", [seen(notional=True)], ["claude-code"]),
    ("a notional one beside one that is here", [seen(notional=True), seen("codex")], ["codex"]),
    (
        "a notional one beside one of which nothing is known",
        [seen("codex", policy=None), seen(notional=True)],
        ["claude-code"],
    ),
]


@pytest.mark.parametrize(("observations", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_who_acts(observations, expected):
    assert ids(*observations) == expected


@pytest.mark.parametrize(("title", "expected"), [("Claude Code", "Claude Code"), ("", "claude-code")])
def test_a_principal_has_a_name_for_a_reader(title, expected):
    [one] = acting([seen(title=title)], MACHINE)
    assert one.title == expected


def test_each_is_judged_by_its_own_rules():
    found = {each.id: each for each in acting([seen(policy=policy(Gate.NONE)), seen("codex")], MACHINE)}
    assert found["claude-code"].judge.decide(Channel.EXECUTE, "ls").gate is Gate.NONE
    assert found["codex"].judge.decide(Channel.EXECUTE, "ls").gate is Gate.PROMPT
    assert (found["claude-code"].autonomy, found["codex"].autonomy) == (Autonomy.FULL, Autonomy.SUPERVISED)


AGENTS = st.builds(
    seen,
    st.sampled_from(["claude-code", "codex", "cursor"]),
    st.sampled_from([None, "~/src/app", "~/src/web"]),
    notional=st.booleans(),
    policy=st.sampled_from([None, policy()]),
)


@given(st.lists(AGENTS, max_size=8, unique_by=lambda each: (each.agent, each.folder)))
def test_no_two_have_one_name_and_their_order_is_not_that_of_the_observations(observations):
    found = ids(*observations)
    assert len(found) == len(set(found))
    assert found == ids(*reversed(observations))


# (the agent, the client of a server, whether it is on, whether the agent has it)
HAVING = [
    ("claude-code", "claude-code", True, True),
    ("claude-code", "claude-code", None, True),
    ("claude-code", "claude-code", False, False),
    ("claude-code", "codex", True, False),
    ("cursor-agent", "cursor", True, True),
]


@pytest.mark.parametrize(("agent", "client", "enabled", "has"), HAVING)
def test_an_agent_has_the_servers_of_its_own_files(agent, client, enabled, has):
    entry = Evidence(PLACE.path, 1, "servers.forge")
    server = ServerSeen("forge", client, "user", "stdio", "forge", entry, enabled=enabled)
    [one] = acting([seen(agent), server], MACHINE)
    holder = one.judge.holder(Evidence(PLACE.path, 3, "servers.forge.env.TOKEN"))
    assert (holder is not None and holder.name == "forge") is has
