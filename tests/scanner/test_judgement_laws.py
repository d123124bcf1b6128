"""Laws of the whole judgement, from observations to figures, answers and excess, for any small machine."""

from datetime import UTC, date, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from scanner import reach, score, trails
from scanner.cli.contracts import chosen
from scanner.config import Config
from scanner.data.gates import gates
from scanner.judgement import judge_all
from scanner.model import (
    OPEN,
    STATIC,
    AgentSeen,
    Asset,
    AssetSeen,
    Barrier,
    Capability,
    Channel,
    Command,
    Confidence,
    CredentialSeen,
    Environment,
    Everything,
    Evidence,
    GapKind,
    Gate,
    Grant,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Name,
    Paths,
    Policy,
    Rule,
    Ruling,
    Sandbox,
    Tool,
)
from scanner.model.contract import Clause, Where
from scanner.principals import ANY_AGENT
from scanner.testing import fake_machine
from scanner.verdicts import GRAVITY, Answer

MACHINE = fake_machine()
LAPTOP = chosen(None, date(2026, 11, 21))
DEGREES = list(Confidence)
HERE = Evidence(PurePosixPath("/home/ada/.aws/config"), 4)

# --- small machines

IDENTITIES = st.builds(Identity, st.just("p"), st.sampled_from("123"), st.sampled_from("ab"))
STAGES = {"x": "prod", "y": "dev", "z": "unknown"}  # an asset's hints belong to its name, so no new sight relabels it
ASSETS = st.sampled_from(
    [
        Asset(kind, f"db.{name}", (Hint("profile", word),))
        for kind in ("account", "model-api")
        for name, word in STAGES.items()
    ]
)
OUTSIDE = [Gate.NONE, Gate.PROMPT, Gate.PRESENCE, Gate.SERVER]
BARRIERS = st.builds(Barrier, st.sampled_from(OUTSIDE), st.sampled_from("rs"))
CLASSES = st.frozensets(st.sampled_from(Capability), min_size=1, max_size=3)
GRANTS = st.builds(Grant, ASSETS, CLASSES, st.sampled_from(Confidence), identity=IDENTITIES, barrier=BARRIERS)
ENDS = [datetime(2026, month, 20, tzinfo=UTC) for month in (11, 12)]
LIFETIMES = st.sampled_from([STATIC, Lifetime(), *(Lifetime(LifetimeKind.EXPIRES, end) for end in ENDS)])
CREDENTIALS = st.builds(
    CredentialSeen,
    st.sampled_from(["test.key", "railway.account-token"]),
    st.builds(Evidence, st.sampled_from([PurePosixPath("/home/ada/.env"), PurePosixPath("/srv/k")]), st.integers(1, 3)),
    public_id=st.sampled_from(["k1", "k2", None]),
    identity=IDENTITIES,
    grants=st.lists(GRANTS, max_size=2).map(tuple),
    lifetime=LIFETIMES,
    barrier=BARRIERS,
)
LINKS = st.builds(
    IdentityLink, IDENTITIES, IDENTITIES, st.just("assumes"), st.just(HERE), st.sampled_from(Confidence), BARRIERS
)
# What lies in a wider asset takes that one's environment where its own is unknown, which is no access.
NAMED = ASSETS.filter(lambda asset: asset.hints[0].text != "unknown")
INNER = st.builds(AssetSeen, NAMED, ASSETS.map(lambda asset: (asset,)), CLASSES, st.just(HERE))
ACCESS = st.one_of(CREDENTIALS, LINKS, GRANTS, INNER)
SEEN = st.lists(ACCESS, min_size=1, max_size=8)

# --- agents

OWN = [Gate.NONE, Gate.CLASSIFIER, Gate.PROMPT, Gate.REFUSED]  # weakest first
RULINGS = st.builds(Ruling, st.sampled_from(OWN), st.sampled_from(["default", "a rule"]))
COMMANDS = [Everything(), *(Command(text, True) for text in ("curl", "aws", "railway", "kubectl get", "python", "*"))]
FILES = [Everything(), *(Paths(glob) for glob in ("**/.env", "/srv/**", "/home/ada/**"))]
SANDBOXES = st.none() | st.builds(
    Sandbox,
    st.just("box"),
    unreadable=st.lists(st.sampled_from([Paths("/srv/**"), Paths("**/.env")]), max_size=1).map(tuple),
    hosts=st.lists(st.sampled_from([Name("*"), Name("*.prod"), Name("db.x")]), max_size=1).map(tuple),
)


def tools(name, channel, patterns, sandboxes):
    rules = st.lists(st.builds(Rule, st.sampled_from(patterns), RULINGS), max_size=3).map(tuple)
    return st.builds(Tool, st.just(name), st.just(channel), RULINGS, rules, sandboxes)


POLICIES = st.tuples(
    tools("Bash", Channel.EXECUTE, COMMANDS, SANDBOXES),
    tools("Read", Channel.READ, FILES, st.none()),
    tools("Edit", Channel.WRITE, FILES, st.none()),
).map(lambda found: Policy("default", found))


def judged(observations, *policies, contracts=(LAPTOP,), config=None):
    agents = [
        AgentSeen(f"agent-{number}", Evidence(PurePosixPath(f"/usr/bin/agent-{number}")), title="A", policy=policy)
        for number, policy in enumerate(policies)
    ]
    return judge_all([*observations, *agents], MACHINE, config or Config(), contracts)


def radii(found):
    names = [ANY_AGENT, *(each.id for each in found.acting)]
    return {name: score.radius(reach.weighed(reach.crowds(found.graph, found.exposures), name)) for name in names}


def answers(found):
    return {(each.principal, each.verdict): Answer(each.answer) for each in found.verdicts}


def excess(found):
    """The exposures that are beyond the contract by a principal's way; a demand on a credential names but its worst."""
    broken = [each for item in found.judgement.items for each in item.broken if each.principal is not None]
    return {each.exposure.id for each in broken if each.exposure is not None}


def factor(way):
    return gates()[way.effective].factor


def no_less(before, after):
    """That nothing a reader is told of a machine is milder than before."""
    for name, told in radii(before).items():
        assert radii(after)[name].score >= told.score
        assert radii(after)[name].ceiling >= told.ceiling
    now = answers(after)
    for question, answer in answers(before).items():
        assert GRAVITY[now[question]] <= GRAVITY[answer], question
    assert len(excess(after)) >= len(excess(before))


@settings(max_examples=250)
@given(SEEN, ACCESS, POLICIES)
def test_what_adds_access_never_makes_anything_milder(observations, more, policy):
    no_less(judged(observations, policy), judged([*observations, more], policy))


@settings(max_examples=60)
@given(SEEN.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))), POLICIES)
def test_the_order_of_observations_changes_no_answer(pair, policy):
    one, other = (judged(found, policy) for found in pair)
    assert (one.exposures, one.verdicts, one.steps) == (other.exposures, other.verdicts, other.steps)
    assert radii(one) == radii(other)
    assert [item.id for item in one.judgement.items] == [item.id for item in other.judgement.items]
    assert one.judgement.excess == other.judgement.excess


WORSE = {
    "gate": lambda grant: structs.replace(grant, barrier=OPEN),
    "confidence": lambda grant: structs.replace(grant, confidence=DEGREES[max(0, DEGREES.index(grant.confidence) - 1)]),
    "classes": lambda grant: structs.replace(grant, capabilities=grant.capabilities | {Capability.MONEY}),
}


@settings(max_examples=100)
@pytest.mark.parametrize("what", sorted(WORSE))
@given(SEEN, GRANTS, POLICIES)
def test_one_grant_that_is_more_never_lowers_a_figure(what, observations, grant, policy):
    no_less(judged([*observations, grant], policy), judged([*observations, WORSE[what](grant)], policy))


@settings(max_examples=100)
@given(SEEN, CREDENTIALS, POLICIES)
def test_a_life_without_end_never_lowers_a_figure(observations, credential, policy):
    endless = structs.replace(credential, lifetime=STATIC)
    no_less(judged([*observations, credential], policy), judged([*observations, endless], policy))


MILDEST_FIRST = [Environment.SANDBOX, Environment.DEVELOPMENT, Environment.STAGING, Environment.PRODUCTION]


@settings(max_examples=100)
@given(SEEN, ASSETS, st.integers(0, 2), POLICIES)
def test_an_asset_that_is_worth_more_never_lowers_a_score(observations, asset, place, policy):
    named = f"{asset.kind}:{asset.name}"
    one, other = (
        judged(observations, policy, config=Config(labels={named: MILDEST_FIRST[each]})) for each in (place, place + 1)
    )
    for name, told in radii(one).items():
        assert radii(other)[name].score >= told.score


# --- agents and their policies


def weaker(policy, tool, number, gate):
    """The policy with a lower gate in one of its rules; without one of that number, in what holds otherwise."""
    changed = policy.tools[tool]
    if number < len(changed.rules):
        rules = list(changed.rules)
        lowered = min(rules[number].ruling.gate, gate, key=OWN.index)
        rules[number] = Rule(rules[number].pattern, Ruling(lowered, rules[number].ruling.rule))
        changed = structs.replace(changed, rules=tuple(rules))
    else:
        lowered = min(changed.otherwise.gate, gate, key=OWN.index)
        changed = structs.replace(changed, otherwise=Ruling(lowered, changed.otherwise.rule))
    return structs.replace(policy, tools=(*policy.tools[:tool], changed, *policy.tools[tool + 1 :]))


def allowing(policy, tool, pattern):
    changed = policy.tools[tool]
    rules = (Rule(pattern, Ruling(Gate.NONE, "allow")), *changed.rules)
    return structs.replace(
        policy, tools=(*policy.tools[:tool], structs.replace(changed, rules=rules), *policy.tools[tool + 1 :])
    )


def unconfined(policy):
    return structs.replace(policy, tools=tuple(structs.replace(each, sandbox=None) for each in policy.tools))


WEAKER = st.one_of(
    st.tuples(st.integers(0, 2), st.integers(0, 3), st.sampled_from(OWN)).map(
        lambda how: lambda policy: weaker(policy, *how)
    ),
    st.sampled_from(COMMANDS).map(lambda pattern: lambda policy: allowing(policy, 0, pattern)),
    st.sampled_from(FILES).map(lambda pattern: lambda policy: allowing(policy, 1, pattern)),
    st.just(unconfined),
)


@settings(max_examples=300)
@given(SEEN, POLICIES, WEAKER)
def test_a_weaker_policy_never_makes_a_gate_stronger(observations, policy, change):
    one, other = judged(observations, policy), judged(observations, change(policy))
    now = {each.id: each for each in other.exposures}
    for exposure in one.exposures:
        assert factor(now[exposure.id].ways["agent-0"]) >= factor(exposure.ways["agent-0"])


@settings(max_examples=150)
@given(SEEN, POLICIES)
def test_nothing_holds_an_unrestricted_process_back_that_does_not_hold_an_agent(observations, policy):
    found = judged(observations, policy)
    for exposure in found.exposures:
        assert factor(exposure.ways[ANY_AGENT]) >= factor(exposure.ways["agent-0"])
        assert exposure.ways[ANY_AGENT].score >= exposure.ways["agent-0"].score


def doubted(policy):
    """The same, of which only the stand-ins are known."""

    def unsure(ruling):
        return Ruling(Gate.UNKNOWN, ruling.rule, stand_in=ruling.gate)

    return structs.replace(
        policy, tools=tuple(structs.replace(each, otherwise=unsure(each.otherwise), rules=()) for each in policy.tools)
    )


def without_rules(policy):
    return structs.replace(policy, tools=tuple(structs.replace(each, rules=()) for each in policy.tools))


@settings(max_examples=100)
@given(SEEN, POLICIES)
def test_an_unknown_gate_never_looks_safer_than_what_stands_for_it(observations, policy):
    one, other = (radii(judged(observations, each))["agent-0"] for each in (without_rules(policy), doubted(policy)))
    assert other.ceiling >= one.ceiling
    assert other.score >= one.score


@settings(max_examples=100)
@given(SEEN, POLICIES)
def test_every_figure_lies_between_nothing_and_a_hundred(observations, policy):
    found = judged(observations, policy)
    for told in radii(found).values():
        assert 0 <= told.score <= told.ceiling <= 100
    assert 0 <= found.judgement.excess.score <= 100
    for each in found.exposures:
        assert all(0 <= way.score <= 1 for way in each.ways.values())


# --- crowds

GRAVE = [
    (Capability.IRRECOVERABLE, Confidence.VERIFIED),
    (Capability.IAM_ESCALATE, Confidence.GRANTED),
    (Capability.PUBLISH, Confidence.INFERRED),
]


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(GRAVE), POLICIES)
def test_a_thousand_trivial_exposures_neither_drown_nor_raise_one_that_matters(grave, policy):
    capability, confidence = grave
    prod = Asset("account", "shop", (Hint("profile", "prod"),))
    matters = CredentialSeen(
        "test.key", HERE, public_id="k", grants=(Grant(prod, frozenset({capability}), confidence),)
    )
    crowd = tuple(
        Grant(
            Asset("account", f"play-{number}", (Hint("profile", "sandbox"),)),
            frozenset({Capability.DISCOVER, Capability.DATA_READ}),
            Confidence.VERIFIED,
        )
        for number in range(500)
    )
    trivial = CredentialSeen("test.key", Evidence(HERE.path, 9), public_id="t", grants=crowd)
    one, other = judged([matters], policy), judged([matters, trivial], policy)
    assert len(other.exposures) == len(one.exposures) + 1000
    assert [item.id for item in other.judgement.items][:1] == [item.id for item in one.judgement.items][:1]
    assert other.judgement.excess == one.judgement.excess
    said = {(each.principal, each.verdict): (each.answer, each.exposure) for each in other.verdicts}
    assert said == {(each.principal, each.verdict): (each.answer, each.exposure) for each in one.verdicts}
    for name, told in radii(one).items():
        assert told.score <= radii(other)[name].score <= told.score + 1


# --- contracts

CLAUSES = st.builds(
    Clause,
    st.just(Where("contract.yaml", 3)),
    st.just("a line"),
    st.frozensets(st.sampled_from(Capability), max_size=3),
    st.lists(st.sampled_from(["account:*", "*:db.x", "model-api:*"]), max_size=1).map(tuple),
    environments=st.frozensets(st.sampled_from(Environment), max_size=2),
    gate=st.none() | st.sampled_from([Gate.PROMPT, Gate.PRESENCE, Gate.SERVER]),
)


@settings(max_examples=150)
@given(SEEN, POLICIES, st.lists(CLAUSES, max_size=3), st.lists(CLAUSES, max_size=3), st.data())
def test_a_wider_contract_never_adds_excess(observations, policy, allow, never, data):
    contract = structs.replace(LAPTOP, allow=tuple(allow), never=tuple(never))
    if never and data.draw(st.booleans()):
        number = data.draw(st.integers(0, len(never) - 1))
        wider = structs.replace(contract, never=tuple(never[:number] + never[number + 1 :]))
    else:
        wider = structs.replace(contract, allow=(*allow, data.draw(CLAUSES)))
    one, other = (judged(observations, policy, contracts=(each,)) for each in (contract, wider))
    assert excess(other) <= excess(one)
    assert len(other.judgement.items) <= len(one.judgement.items)
    assert other.judgement.excess.score <= one.judgement.excess.score


# --- several ways, and too many

ADA, ADMIN = Identity("aws", "1", "user/ada"), Identity("aws", "1", "role/Admin")
PROD = Asset("aws-account", "1", (Hint("profile", "prod"),))
KEY = CredentialSeen("test.key", HERE, public_id="AKIA", identity=ADA)


def held(confidence, gate, *classes):
    return Grant(PROD, frozenset(classes), confidence, ADA, barrier=Barrier(gate, "a rule"))


def test_a_way_that_is_only_possible_does_not_hide_a_surer_one_behind_a_gate():
    surer = held(Confidence.VERIFIED, Gate.SERVER, Capability.PUBLISH)
    guess = held(Confidence.POSSIBLE, Gate.NONE, Capability.PUBLISH)
    for observations in ([KEY, surer], [KEY, surer, guess]):
        assert answers(judged(observations))[ANY_AGENT, "ship-code"] is Answer.IF_APPROVED


def test_each_principal_is_told_its_own_best_way():
    asking = Policy("default", (Tool("Bash", Channel.EXECUTE, Ruling(Gate.PROMPT, "default")),))
    sure = held(Confidence.VERIFIED, Gate.PRESENCE, Capability.MONEY)
    easy = held(Confidence.INFERRED, Gate.NONE, Capability.MONEY)
    [exposure] = judged([KEY, sure, easy], asking).exposures
    assert (exposure.ways[ANY_AGENT].gate, exposure.ways[ANY_AGENT].terms.confidence) == (Gate.NONE, 0.7)
    assert (exposure.ways["agent-0"].gate, exposure.ways["agent-0"].terms.confidence) == (Gate.PRESENCE, 1.0)


def test_of_too_many_exposures_the_worst_are_told_and_a_gap_says_so(monkeypatch):
    monkeypatch.setattr(reach, "MOST", 2)
    worst = held(Confidence.VERIFIED, Gate.NONE, Capability.IAM_ESCALATE)
    small = held(Confidence.VERIFIED, Gate.NONE, Capability.DISCOVER)
    found = judged([KEY, worst, small])
    assert len(found.exposures) == 2
    assert found.exposures[0].class_ is Capability.IAM_ESCALATE
    assert [gap.kind for gap in found.gaps] == [GapKind.LIMIT]


def test_of_too_many_links_the_nearest_are_followed_and_a_gap_says_so(monkeypatch):
    monkeypatch.setattr(trails, "STEPS", 0)
    monkeypatch.setattr(trails, "LEAST_STEPS", 2)
    roles = [Identity("aws", "1", f"role/{number}") for number in range(4)]
    chain = [IdentityLink(one, other, "assumes", HERE) for one, other in zip([ADA, *roles], roles, strict=False)]
    near = held(Confidence.VERIFIED, Gate.NONE, Capability.DISCOVER)
    far = structs.replace(near, identity=roles[-1], capabilities=frozenset({Capability.MONEY}))
    found = judged([KEY, *chain, near, far])
    assert [each.class_ for each in found.exposures] == [Capability.DISCOVER]
    assert {gap.kind for gap in found.gaps} == {GapKind.LIMIT}
