"""The graph and what it makes reachable: ways worked by hand, and the laws that hold for any observations."""

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import reach
from scanner.config import Config, EnvironmentRule
from scanner.environments import judge
from scanner.graph import build, identity_id
from scanner.model import (
    OPEN,
    STATIC,
    Asset,
    Barrier,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Gate,
    Grant,
    HandleSeen,
    Hint,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Severity,
)
from scanner.score import radius
from scanner.testing import NOW, fake_machine

MACHINE = fake_machine()
EMPTY = Config()
ADA = Identity("aws", "123456789012", "user/ada")
ADMIN = Identity("aws", "210987654321", "role/Admin")
PROD = Asset("aws-account", "210987654321", (Hint("profile", "prod"),))
ASK = Barrier(Gate.PRESENCE, "mfa_serial in profile prod (~/.aws/config:4)")


def key(name="AKIA1", *, identity=ADA, path="~/.aws/credentials", line=2, **more):
    return CredentialSeen(
        kind="test.key",
        evidence=Evidence(PurePosixPath(path.replace("~", "/home/ada")), line),
        public_id=name,
        identity=identity,
        **more,
    )


def grant(asset=PROD, *capabilities, confidence=Confidence.INFERRED, identity=ADMIN, barrier=OPEN):
    return Grant(asset, frozenset(capabilities or {Capability.DATA_READ}), confidence, identity, barrier=barrier)


def link(source=ADA, target=ADMIN, barrier=OPEN, confidence=Confidence.GRANTED):
    return IdentityLink(
        source, target, "assumes", Evidence(PurePosixPath("/home/ada/.aws/config"), 4), confidence, barrier
    )


def reached(*observations, config=EMPTY, now=NOW):
    graph = build(observations, MACHINE, config)
    return graph, reach.exposures(graph, now)


def only(found, capability):
    [exposure] = [each for each in found if each.class_ is capability]
    return exposure


def test_a_key_reaches_through_a_chain_and_the_path_names_every_step():
    graph, found = reached(key(), link(), grant())
    exposure = only(found, Capability.DATA_READ)
    [credential], [asset] = graph.credentials, graph.assets
    assert exposure.path == (credential, identity_id(ADA), identity_id(ADMIN), asset)
    assert exposure.environment is Environment.PRODUCTION
    assert exposure.ways[reach.ANY_AGENT].channel == "read ~/.aws/credentials"


def test_along_a_way_the_strongest_gate_counts_and_its_rule_is_told():
    _, found = reached(key(), link(barrier=ASK), grant())
    way = only(found, Capability.DATA_READ).ways[reach.ANY_AGENT]
    assert (way.gate, way.rule) == (Gate.PRESENCE, ASK.rule)


def test_across_ways_the_weakest_gate_counts():
    _, found = reached(key(), link(barrier=ASK), link(), grant())
    assert only(found, Capability.DATA_READ).ways[reach.ANY_AGENT].gate is Gate.NONE


def test_a_longer_way_without_a_gate_beats_a_short_one_with_one():
    middle = Identity("aws", "1", "role/Middle")
    _, found = reached(key(), link(barrier=ASK), link(ADA, middle), link(middle, ADMIN), grant())
    exposure = only(found, Capability.DATA_READ)
    assert exposure.ways[reach.ANY_AGENT].gate is Gate.NONE
    assert identity_id(middle) in exposure.path


def test_confidence_is_that_of_the_weakest_step():
    _, found = reached(key(), link(confidence=Confidence.POSSIBLE), grant(confidence=Confidence.VERIFIED))
    assert only(found, Capability.DATA_READ).confidence is Confidence.POSSIBLE


def test_a_cycle_of_roles_ends():
    _, found = reached(key(), link(), link(ADMIN, ADA), grant())
    assert only(found, Capability.DATA_READ)


def test_an_identity_that_no_credential_proves_opens_nothing():
    graph, found = reached(link(), grant())
    assert graph.assets
    assert not found


def test_irrecoverable_brings_both_destructions_along_with_the_reason():
    _, found = reached(key(grants=(grant(PROD, Capability.IRRECOVERABLE, identity=None),)))
    assert {each.class_ for each in found} == {
        Capability.IRRECOVERABLE,
        Capability.DATA_DESTROY,
        Capability.RECOVERY_DESTROY,
    }
    assert "destroying data beyond recovery" in only(found, Capability.DATA_DESTROY).why


def test_escalation_brings_every_class_one_step_less_sure():
    _, found = reached(
        key(grants=(grant(PROD, Capability.IAM_ESCALATE, confidence=Confidence.GRANTED, identity=None),))
    )
    sure = {each.class_: each.confidence for each in found}
    assert set(sure) == set(Capability) - {Capability.HOST_ROOT, Capability.PERSIST}  # an account is not this machine
    assert sure.pop(Capability.IAM_ESCALATE) is Confidence.GRANTED
    assert set(sure.values()) <= {Confidence.INFERRED, Confidence.POSSIBLE}


def test_an_implied_class_never_replaces_a_surer_one():
    rights = (
        grant(PROD, Capability.IAM_ESCALATE, confidence=Confidence.INFERRED, identity=None),
        grant(PROD, Capability.DATA_READ, confidence=Confidence.VERIFIED, identity=None),
    )
    _, found = reached(key(grants=rights))
    assert only(found, Capability.DATA_READ).confidence is Confidence.VERIFIED


def test_the_same_key_in_two_places_is_one_credential_with_both():
    graph, _ = reached(key(), key(path="~/src/.env", line=7), grant(identity=ADA))
    [node] = graph.credentials.values()
    assert [place.line for place in node.locations] == [2, 7]


def test_equal_fingerprints_are_one_credential_and_a_guessable_secret_is_never_merged():
    from scanner.testing import TEST_KEY
    from scanner.vault import Vault

    vault = Vault(TEST_KEY)

    def seen(value, line, guessable):
        place = Evidence(PurePosixPath("/home/ada/.env"), line)
        return CredentialSeen("generic.secret", place, secret=vault.keep(value, guessable=guessable))

    graph, _ = reached(*(seen("CANARY-CANARY-CANARY", line, guessable=False) for line in (1, 2)))
    assert len(graph.credentials) == 1
    graph, _ = reached(*(seen("CANARY-CANARY-CANARY", line, guessable=True) for line in (1, 2)))
    assert len(graph.credentials) == 2


def test_a_kind_that_says_more_names_the_merged_credential():
    plain = CredentialSeen("generic.secret", Evidence(variable="A"), public_id="x")
    named = CredentialSeen("github.classic-pat", Evidence(variable="B"), public_id="x")
    graph, _ = reached(plain, named)
    assert [node.kind for node in graph.credentials.values()] == ["github.classic-pat"]


def test_the_longest_life_of_a_merged_credential_counts():
    soon = Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(hours=1))
    graph, _ = reached(key(lifetime=soon), key(line=9, lifetime=STATIC))
    assert [node.lifetime for node in graph.credentials.values()] == [STATIC]


def test_what_has_expired_is_low_and_never_urgent():
    past = Lifetime(LifetimeKind.EXPIRES, NOW - timedelta(seconds=1))
    rights = (grant(PROD, Capability.IAM_ESCALATE, confidence=Confidence.VERIFIED, identity=None),)
    graph, found = reached(key(lifetime=past, grants=rights))
    assert {node.state for node in graph.credentials.values()} == {CredentialState.EXPIRED}
    assert {each.severity for each in found} == {Severity.LOW}
    assert not any(each.urgent for each in found)


def test_a_handle_is_used_by_its_channel():
    handle = HandleSeen(
        "handle.ssh-agent",
        Evidence(PurePosixPath("/run/user/1000/agent")),
        "connect unix:/run/user/1000/agent",
        public_id="SHA256:x",
        grants=(grant(PROD, Capability.EXEC_REMOTE, identity=None),),
    )
    _, found = reached(handle)
    assert only(found, Capability.EXEC_REMOTE).ways[reach.ANY_AGENT].channel == "connect unix:/run/user/1000/agent"


def test_an_id_outlives_the_process_it_was_seen_in():
    def seen(pid):
        return CredentialSeen("generic.secret", Evidence(process=f"claude (pid {pid})", key="TOKEN"))

    assert reached(seen(12))[0].credentials.keys() == reached(seen(4200))[0].credentials.keys()


def test_lists_are_read_worst_first():
    rights = (
        grant(PROD, Capability.DISCOVER, confidence=Confidence.VERIFIED, identity=None),
        grant(PROD, Capability.MONEY, confidence=Confidence.VERIFIED, identity=None),
        grant(PROD, Capability.PUBLISH, confidence=Confidence.POSSIBLE, identity=None),
    )
    _, found = reached(key(grants=rights))
    assert [found[0].class_, found[0].urgent] == [Capability.MONEY, True]
    assert found[-1].class_ is Capability.DISCOVER


ENVIRONMENTS = [
    (Asset("database", "db.prod.example.com/shop"), (), "production", 'has the word "prod"'),
    (Asset("database", "localhost/shop"), (Hint("host", "localhost"),), "development", "is local"),
    (Asset("aws-account", "1"), (Hint("profile", "acme-prod"), Hint("file", "development")), "production", "profile"),
    (Asset("aws-account", "1"), (Hint("file", "development"),), "development", "file"),
    (Asset("aws-account", "1"), (Hint("profile", "dev"), Hint("profile", "prod")), "production", "prod"),
    (Asset("database", "db.example.com"), (Hint("host", "db.example.com"), Hint("file", "prod")), "production", "file"),
    (Asset("aws-account", "1"), (), "unknown", "no name"),
    (Asset("mcp-server", "mcp.sentry.dev"), (), "unknown", "no name"),
    (Asset("mcp-server", "sentry.dev"), (), "unknown", "no name"),
    (Asset("kubernetes-cluster", "k8s.acme.dev:6443"), (), "unknown", "no name"),
    (Asset("database", "db.prod.acme.dev/orders"), (), "production", 'the word "prod"'),
    (Asset("database", "db.dev.example.com"), (), "development", 'the word "dev"'),
    (Asset("database", "orders.dev"), (), "development", 'the word "dev"'),
    (Asset("application", "x"), (Hint("host", "shop.live"),), "unknown", "no name"),
    (Asset("aws-account", "of AKIAQAPRODDEV22222"), (), "unknown", "no name"),
    (Asset("ssh-host", "hosts that trust SHA256:a/dev+b/prod/x"), (), "unknown", "no name"),
]


@pytest.mark.parametrize(("asset", "hints", "environment", "rule"), ENVIRONMENTS)
def test_environments(asset, hints, environment, rule):
    judged = judge(asset, hints, Config())
    assert judged.environment == environment
    assert rule in judged.rule


def test_what_the_user_settled_comes_first():
    asset, hints = Asset("aws-account", "1"), (Hint("profile", "prod"),)
    label = Config(labels={"aws-account:1": Environment.SANDBOX})
    jewel = Config(crown_jewels=("aws-account:*",))
    rule = Config(environment_rules=(EnvironmentRule("*prod*", Environment.STAGING),))
    assert judge(asset, hints, label).environment is Environment.SANDBOX
    assert judge(asset, (), jewel).environment is Environment.PRODUCTION
    assert judge(asset, hints, rule).environment is Environment.STAGING


IDENTITIES = st.builds(Identity, st.just("p"), st.sampled_from("123"), st.sampled_from("ab"))
NAMES = {"x": "prod", "y": "dev", "z": "unknown"}  # an asset's hints belong to its name, so no new sight relabels it
ASSETS = st.sampled_from([Asset("account", name, (Hint("profile", word),)) for name, word in NAMES.items()])
BARRIERS = st.builds(
    Barrier, st.sampled_from([Gate.NONE, Gate.PROMPT, Gate.PRESENCE, Gate.SERVER]), st.sampled_from("rs")
)
GRANTS = st.builds(
    Grant,
    ASSETS,
    st.frozensets(st.sampled_from(Capability), min_size=1, max_size=3),
    st.sampled_from(Confidence),
    identity=IDENTITIES,
    barrier=BARRIERS,
)
LIFETIMES = st.sampled_from(
    [
        STATIC,
        Lifetime(),
        Lifetime(LifetimeKind.EXPIRES, datetime(2026, 11, 20, tzinfo=UTC)),
        Lifetime(LifetimeKind.EXPIRES, datetime(2026, 12, 20, tzinfo=UTC)),
    ]
)
CREDENTIALS = st.builds(
    CredentialSeen,
    st.just("test.key"),
    st.builds(Evidence, st.just(PurePosixPath("/home/ada/keys")), st.integers(1, 9)),
    public_id=st.sampled_from(["k1", "k2", None]),
    identity=IDENTITIES,
    grants=st.lists(GRANTS, max_size=2).map(tuple),
    lifetime=LIFETIMES,
    barrier=BARRIERS,
)
LINKS = st.builds(
    IdentityLink,
    IDENTITIES,
    IDENTITIES,
    st.just("assumes"),
    st.just(Evidence(variable="X")),
    st.sampled_from(Confidence),
    BARRIERS,
)
SEEN = st.lists(st.one_of(CREDENTIALS, LINKS, GRANTS), max_size=12)


def best_scores(found, graph):
    """The best score of each class on each asset, whichever credential it comes through."""
    best = {}
    for each in found:
        place = (graph.assets[each.asset].asset.name, each.class_)
        best[place] = max(best.get(place, 0), each.ways[reach.ANY_AGENT].score)
    return best


@settings(max_examples=400)
@given(SEEN, st.one_of(CREDENTIALS, LINKS, GRANTS))
def test_an_observation_that_adds_access_never_shrinks_reach(observations, more):
    graph, before = reached(*observations)
    wider, after = reached(*observations, more)
    now = best_scores(after, wider)
    for place, value in best_scores(before, graph).items():
        assert now[place] >= value
    score = radius(reach.weighed(reach.crowds(graph, before), reach.ANY_AGENT)).score
    assert radius(reach.weighed(reach.crowds(wider, after), reach.ANY_AGENT)).score >= score


@settings(max_examples=100)
@given(SEEN)
def test_exposures_that_share_their_ways_add_up_to_what_each_adds_by_itself(observations):
    graph, found = reached(*observations)
    apart = [crowd for each in found for crowd in reach.crowds(graph, [each])]
    together = reach.crowds(graph, found)
    assert sum(crowd.count for crowd in together) == len(apart)
    assert radius(reach.weighed(together, reach.ANY_AGENT)) == radius(reach.weighed(apart, reach.ANY_AGENT))


@settings(max_examples=200)
@given(SEEN.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_the_order_of_observations_changes_nothing(pair):
    found, shuffled = pair
    assert reached(*found)[1] == reached(*shuffled)[1]
