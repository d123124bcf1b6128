"""A machine as it would be: what is gone is gone from every figure, and what was learnt by it stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner.config import Config
from scanner.graph import identity_id
from scanner.judgement import judge_all
from scanner.model import (
    AgentSeen,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    Environment,
    Evidence,
    Fix,
    Gate,
    Grant,
    Identity,
    IdentityLink,
    ServerSeen,
    UseKind,
    UseSeen,
    Weakness,
)
from scanner.testing import NOW
from scanner.whatif import (
    AgentGone,
    AgentMended,
    CredentialGone,
    IdentityGone,
    Labelled,
    LinkGone,
    Mended,
    RightGone,
    ServerGone,
    applied,
)
from tests.contracts import (
    ASK,
    HOME,
    LABELS,
    MACHINE,
    NO,
    RUN,
    agent,
    caller,
    grant,
    key,
    shell,
    whole,
)
from tests.scanner.test_judgement_laws import LAPTOP, POLICIES, SEEN

LOOSE, ASKING = agent(shell(RUN)), agent(shell(ASK))
CODEX = agent(shell(RUN), id="codex", title="Codex")
ONE, OTHER = key("K1", at=HOME / ".k1"), key("K2", grant("DATA_READ", "staging"), at=HOME / ".k2")


def node(judged, public_id):
    """The id of a credential."""
    return next(each.id for each in judged.graph.credentials.values() if each.public_id == public_id)


def figures(judged):
    """What a reader is told of a machine."""
    return judged.judgement.excess, [item.id for item in judged.judgement.items], judged.verdicts, judged.exposures


# --- a credential


@pytest.mark.parametrize("text", ["", "never: [{capability: DATA_DESTROY}]", "allow: [{environment: staging}]"])
def test_without_a_credential_all_is_as_if_it_had_not_been_seen(text):
    now = whole(text, LOOSE, ONE, OTHER)
    assert figures(applied(now, [CredentialGone(node(now, "K1"))])) == figures(whole(text, LOOSE, OTHER))


def test_what_was_learnt_by_a_credential_of_an_asset_stays():
    shown = key("K1", grant(where="staging"), at=HOME / ".k1")
    now = whole("", LOOSE, shown, OTHER)
    after = applied(now, [CredentialGone(node(now, "K1"))])
    assert [each.asset.name for each in after.graph.assets.values()] == ["staging"]


def test_nothing_is_thought_away_of_the_machine_that_was_judged():
    now = whole("", LOOSE, ONE, OTHER)
    before = figures(now)
    applied(now, [CredentialGone(node(now, "K1")), AgentMended("claude-code", ("ask",))])
    assert figures(now) == before


# --- identities

ADA, ADMIN = Identity("aws", "1", "user/ada"), Identity("aws", "1", "role/Admin")
BACK = Identity("aws", "1", "role/Back")
KEYS = [key(f"K{number}", at=HOME / f".k{number}", identity=ADA, kind="aws.access-key") for number in (1, 2)]
BARE = [
    CredentialSeen("test.key", Evidence(HOME / f".b{number}", 1), public_id=f"B{number}", identity=ADA)
    for number in (1, 2)
]


def assumes(one, other):
    return IdentityLink(one, other, "assumes", Evidence(HOME / ".aws" / "config", 3))


def of(identity, *classes, where="production"):
    return Grant(grant(where=where).asset, frozenset(map(Capability, classes)), Confidence.VERIFIED, identity)


RIGHTS = of(ADMIN, "DATA_DESTROY")


@pytest.mark.parametrize(
    ("change", "same_as"),
    [
        (IdentityGone(identity_id(ADMIN)), [*BARE]),
        (LinkGone(identity_id(ADA), identity_id(ADMIN)), [*BARE, RIGHTS]),
        (RightGone(identity_id(ADMIN), "a-"), [*BARE, assumes(ADA, ADMIN)]),
    ],
    ids=["identity", "link", "right"],
)
def test_a_way_that_several_share_ends_for_all_of_them(change, same_as):
    now = whole("", LOOSE, *BARE, assumes(ADA, ADMIN), RIGHTS)
    if isinstance(change, RightGone):
        change = RightGone(change.holder, next(iter(now.graph.assets)))
    assert len(now.judgement.items) == 2
    after = applied(now, [change])
    assert after.exposures == ()
    assert after.judgement.excess == whole("", LOOSE, *same_as).judgement.excess


def test_where_there_is_another_way_it_counts():
    links = [assumes(ADA, ADMIN), assumes(ADA, BACK), assumes(BACK, ADMIN)]
    now = whole("", LOOSE, *BARE, *links, RIGHTS)
    after = applied(now, [LinkGone(identity_id(ADA), identity_id(ADMIN))])
    assert figures(after) == figures(whole("", LOOSE, *BARE, *links[1:], RIGHTS))


# --- agents

ALLOW = "allow: [{capability: DATA_DESTROY, gate: prompt}]"
SUPERVISED = "require: {autonomy: {default: supervised}, sandbox: true}"


@pytest.mark.parametrize(
    "text", ["", ALLOW, f"{ALLOW}\n{SUPERVISED}", f"{SUPERVISED}\nallow: [{{environment: staging}}]"]
)
def test_an_agent_that_asks_is_judged_as_one_that_asks(text):
    now = whole(text, LOOSE, CODEX, ONE, OTHER)
    after = applied(now, [AgentMended("claude-code", ("ask", "sandbox"))])
    wanted = whole(text, ASKING, CODEX, ONE, OTHER)
    assert after.judgement.excess == wanted.judgement.excess
    assert [item.id for item in after.judgement.items] == [item.id for item in wanted.judgement.items]
    assert [each.autonomy for each in after.acting] == [each.autonomy for each in wanted.acting]


def test_it_asks_in_all_folders_that_it_works_in():
    folders = [agent(shell(RUN), folder=folder) for folder in ("~/src/app", "~/src/other")]
    now = whole(ALLOW, *folders, ONE)
    assert now.judgement.excess.items == 1
    assert applied(now, [AgentMended("claude-code", ("ask",))]).judgement.excess.items == 0


def test_one_that_is_restricted_uses_nothing():
    now = whole("", LOOSE, ONE)
    assert applied(now, [AgentMended("claude-code", ("restrict",))]).judgement.excess.items == 0


def test_of_a_sandbox_no_more_is_promised_than_that_it_is_there():
    now = whole(f"{ALLOW}\n{SUPERVISED}", LOOSE, ONE)
    after = applied(now, [AgentMended("claude-code", ("sandbox",))])
    assert [item.clauses for item in after.judgement.items] == [("allow.1",), ("require.autonomy.default",)]


def test_where_a_person_always_says_yes_asking_holds_nothing_back():
    told = UseSeen("run", UseKind.PROMPT, 200, NOW, Evidence(HOME / "log"), "claude-code", approved=200, sessions=50)
    now = whole(ALLOW, LOOSE, ONE, told)
    assert applied(now, [AgentMended("claude-code", ("ask",))]).judgement.excess.items == 1


SERVER = ServerSeen(
    *("jira", "claude-code", "user", "stdio", "npx"), Evidence(HOME / ".claude.json", 3, key="mcpServers.jira")
)


def test_what_the_entry_of_a_server_lets_run_is_still_not_asked_about():
    opened = ServerSeen(
        *("jira", "claude-code", "user", "stdio", "npx"), SERVER.evidence, approved=("*",), approval=Gate.NONE
    )
    place = Evidence(HOME / ".claude.json", 4, key="mcpServers.jira.env.TOKEN")
    held = CredentialSeen("test.key", place, public_id="K", grants=(grant(),))
    seen = agent(shell(RUN), caller(ASK))
    now = whole(ALLOW, seen, held, opened)
    after = applied(now, [AgentMended("claude-code", ("ask",))])
    asking = whole(ALLOW, agent(shell(ASK), caller(ASK)), held, opened)
    assert after.judgement.excess == asking.judgement.excess
    assert after.judgement.excess.items == 1


def test_without_an_agent_the_others_are_judged():
    now = whole(f"{ALLOW}\n{SUPERVISED}", LOOSE, CODEX, ONE)
    assert figures(applied(now, [AgentGone("codex")])) == figures(whole(f"{ALLOW}\n{SUPERVISED}", LOOSE, ONE))


# --- servers


def test_a_server_goes_with_the_secret_in_its_entry_and_what_is_wrong_with_it():
    inside = CredentialSeen(
        "test.key",
        Evidence(HOME / ".claude.json", 4, key="mcpServers.jira.env.TOKEN"),
        public_id="K",
        grants=(grant(),),
    )
    weak = Weakness("mcp.floating-version", "t", SERVER.evidence, "w", Fix("pin it"))
    text = "require: {servers: {pinned: true, secrets: false, floating_approval: false}}"
    now = whole(text, LOOSE, SERVER, inside, weak)
    assert now.judgement.excess.items == 2
    assert figures(applied(now, [ServerGone("claude-code", "jira")])) == figures(whole(text, LOOSE))


def test_a_secret_that_lies_elsewhere_too_stays():
    places = [Evidence(HOME / ".claude.json", 4, key="mcpServers.jira.env.TOKEN"), Evidence(HOME / ".env", 1)]
    seen = [CredentialSeen("test.key", place, public_id="K", grants=(grant(),)) for place in places]
    after = applied(whole("", LOOSE, SERVER, *seen), [ServerGone("claude-code", "jira")])
    [left] = after.graph.credentials.values()
    assert left.locations == (places[1],)
    assert after.judgement.excess.items == 1


def test_what_only_its_tools_reach_is_reached_no_more():
    handed = replace(SERVER, takes=("TOKEN",))
    seen = agent(shell(NO), caller(RUN)), key("K", at="$TOKEN")
    now = whole("", *seen, handed)
    assert now.judgement.excess.items == 1
    assert figures(applied(now, [ServerGone("claude-code", "jira")])) == figures(whole("", *seen))


def test_an_entry_is_not_one_whose_name_begins_alike():
    place = Evidence(HOME / ".claude.json", 9, key="mcpServers.jira-cloud.env.TOKEN")
    seen = CredentialSeen("test.key", place, public_id="K", grants=(grant(),))
    after = applied(whole("", LOOSE, SERVER, seen), [ServerGone("claude-code", "jira")])
    assert after.judgement.excess.items == 1


# --- clauses, and names


def test_a_clause_that_is_mended_holds():
    weak = Weakness("ssh.forward-agent", "t", Evidence(HOME / ".ssh" / "config", 2), "w", Fix("f"))
    now = whole("require: {private_keys: encrypted}", LOOSE, weak)
    [item] = now.judgement.items
    broken = item.broken[0]
    after = applied(now, [Mended(broken.cause, item.clauses, broken.evidence)])
    assert (after.judgement.items, after.graph.weaknesses) == ((), [])


def test_a_label_is_as_in_the_configuration():
    inner = AssetSeen(
        grant(where="s3").asset, (grant(where="other").asset,), frozenset(Capability), Evidence(HOME / "x")
    )
    seen = LOOSE, key("K", grant(where="other")), inner
    text = "allow: [{environment: development}]"
    labels = {**LABELS.labels, "aws-account:other": Environment.DEVELOPMENT}
    after = applied(whole(text, *seen), [Labelled("aws-account:other", Environment.DEVELOPMENT)])
    assert figures(after) == figures(whole(text, *seen, config=Config(labels=labels)))


# --- laws


def laptop(observations, *policies):
    seen = [
        AgentSeen(f"agent-{number}", Evidence(HOME / f"{number}"), title="A", policy=each)
        for number, each in enumerate(policies)
    ]
    return judge_all([*observations, *seen], MACHINE, Config(), (LAPTOP,))


def floored(policy):
    """The policy, of which no rule for doing something lets it be done unasked."""
    from scanner.whatif import _floored

    return _floored(AgentSeen("x", Evidence(HOME), policy=policy), Gate.PROMPT).policy


@settings(max_examples=60, deadline=None)
@given(SEEN, POLICIES, POLICIES)
def test_an_agent_that_asks_is_never_thought_better_than_it_would_be(observations, policy, other):
    after = applied(laptop(observations, policy, other), [AgentMended("agent-0", ("ask",))])
    real = laptop(observations, floored(policy), other)
    assert after.judgement.excess.score >= real.judgement.excess.score
    ways = {each.id: each.ways["agent-0"] for each in real.exposures}
    assert all(each.ways["agent-0"].score >= ways[each.id].score for each in after.exposures)


@settings(max_examples=60, deadline=None)
@given(SEEN, POLICIES, st.data())
def test_what_is_taken_away_never_adds_excess(observations, policy, data):
    now = laptop(observations, policy)
    changes = [CredentialGone(each) for each in now.graph.credentials]
    changes += [IdentityGone(each) for each in now.graph.identities]
    changes += [AgentMended("agent-0", ("ask",)), AgentMended("agent-0", ("restrict",)), AgentGone("agent-0")]
    after = applied(now, data.draw(st.lists(st.sampled_from(changes), max_size=3, unique=True)))
    assert after.judgement.excess.score <= now.judgement.excess.score
    assert len(after.judgement.items) <= len(now.judgement.items)
