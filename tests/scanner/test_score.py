"""The score: worked examples on paper, and the laws that hold for any inventory."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.data.capabilities import capabilities
from scanner.data.weights import weights
from scanner.model import (
    STATIC,
    Capability,
    Confidence,
    CredentialState,
    Environment,
    Gate,
    Lifetime,
    LifetimeKind,
    Severity,
)
from scanner.score import Weighed, lifetime_factor, product, radius, severity, terms_of, urgent, worst

NOW = datetime(2026, 11, 21, tzinfo=UTC)
EVERY = frozenset(Capability)


def way(
    capability,
    *,
    environment=Environment.PRODUCTION,
    gate=Gate.NONE,
    lifetime=1.0,
    confidence=Confidence.VERIFIED,
    kind="asset",
    name="e",
):
    terms = terms_of(capability, kind, environment=environment, gate=gate, lifetime=lifetime, confidence=confidence)
    return Weighed(capability, name, product(terms), worst(capability, kind, environment, gate))


def ways(capabilities, **more):
    return [way(capability, **more) for capability in capabilities]


VOLUME_TOKEN = [
    Capability.IRRECOVERABLE,
    Capability.DATA_DESTROY,
    Capability.RECOVERY_DESTROY,
    Capability.EXEC_REMOTE,
    Capability.SECRETS_READ,
    Capability.INFRA_MODIFY,
]


# (case, ways, score, ceiling), worked on paper. The formula: m, and of the rest half of what the others fill.
WORKED = [
    ("nothing", [], 0, 0),
    ("a production volume and its backups, verified", ways(VOLUME_TOKEN), 100, 100),
    (
        # .8 x .7 = .56 leads; 1 - (1-.392^2)(1-.448^2)(1-.448^2)(1-.42^2)(1-.392^2) = .6225; .56 + .5 x .44 x .6225
        "the same found offline, environment unknown",
        ways(VOLUME_TOKEN, environment=Environment.UNKNOWN, confidence=Confidence.INFERRED),
        70,
        100,
    ),
    ("read-only production data", ways([Capability.DATA_READ]), 35, 35),
    ("root by a container socket", ways([Capability.HOST_ROOT], environment=Environment.WORKSTATION), 51, 51),
    ("a read of members", ways([Capability.DISCOVER]), 5, 5),
    (
        # .35 x .4 = .14
        "possible read of production data behind a passphrase",
        ways([Capability.DATA_READ], confidence=Confidence.POSSIBLE, gate=Gate.PRESENCE),
        7,
        35,
    ),
    ("what the agent refuses", ways(VOLUME_TOKEN, gate=Gate.REFUSED), 0, 0),
]


@pytest.mark.parametrize(("case", "found", "score", "ceiling"), WORKED, ids=[row[0] for row in WORKED])
def test_worked_examples(case, found, score, ceiling):
    got = radius(found)
    assert (got.score, got.ceiling) == (score, ceiling)


def test_a_thousand_trivial_ways_do_not_drown_one_that_matters_and_do_not_raise_it():
    trivial = [way(Capability.DISCOVER, environment=Environment.SANDBOX, name=str(n)) for n in range(1000)]
    grave = [way(Capability.IAM_ESCALATE)]
    assert radius(trivial).score == 1
    assert radius(trivial + grave).score == radius(grave).score == 95


def test_a_thousand_equals_add_at_most_fifteen_percent_of_their_class():
    crowd = [way(Capability.DATA_READ, name=str(n)) for n in range(1000)]
    assert radius(crowd).score == round(100 * 0.35 * 1.15)


SEVERITIES = [
    (Capability.IRRECOVERABLE, Environment.PRODUCTION, Severity.CRITICAL),
    (Capability.IRRECOVERABLE, Environment.UNKNOWN, Severity.CRITICAL),  # unknown counts as production
    (Capability.IRRECOVERABLE, Environment.STAGING, Severity.HIGH),  # 50
    (Capability.IRRECOVERABLE, Environment.SANDBOX, Severity.LOW),  # 15
    (Capability.DATA_DESTROY, Environment.UNKNOWN, Severity.CRITICAL),  # 70
    (Capability.DATA_DESTROY, Environment.DEVELOPMENT, Severity.LOW),  # 24.5
    (Capability.PUBLISH, Environment.UNKNOWN, Severity.CRITICAL),  # 85
    (Capability.DATA_READ, Environment.PRODUCTION, Severity.MEDIUM),  # 35
    (Capability.DATA_READ, Environment.UNKNOWN, Severity.MEDIUM),  # 28
    (Capability.EXEC_REMOTE, Environment.UNKNOWN, Severity.HIGH),  # 64: not among those that unknown raises
    (Capability.CODE_WRITE, Environment.PRODUCTION, Severity.HIGH),  # 55
    (Capability.COMMS, Environment.PRODUCTION, Severity.HIGH),  # 45
    (Capability.HOST_ROOT, Environment.WORKSTATION, Severity.HIGH),  # 51
    (Capability.DISCOVER, Environment.PRODUCTION, Severity.LOW),
]


@pytest.mark.parametrize(("capability", "environment", "expected"), SEVERITIES)
def test_severity_is_impact_times_environment(capability, environment, expected):
    assert severity(capability, "asset", environment) is expected


def test_the_bill_of_a_model_is_no_money_that_moves():
    assert severity(Capability.MONEY, "model-api", Environment.PRODUCTION) is Severity.MEDIUM
    assert severity(Capability.MONEY, "bank", Environment.PRODUCTION) is Severity.CRITICAL


@pytest.mark.parametrize(
    ("level", "gate", "confidence", "expected"),
    [
        (Severity.CRITICAL, Gate.NONE, Confidence.GRANTED, True),
        (Severity.HIGH, Gate.RULE_ONLY, Confidence.VERIFIED, True),
        (Severity.HIGH, Gate.CLASSIFIER, Confidence.VERIFIED, True),
        (Severity.MEDIUM, Gate.NONE, Confidence.VERIFIED, False),
        (Severity.CRITICAL, Gate.PROMPT, Confidence.VERIFIED, False),
        (Severity.CRITICAL, Gate.NONE, Confidence.INFERRED, False),
    ],
)
def test_urgent_is_bad_sure_and_unasked(level, gate, confidence, expected):
    assert urgent(level, gate, confidence) is expected


@pytest.mark.parametrize(
    ("lifetime", "expected"),
    [
        (STATIC, 1.0),
        (Lifetime(), 1.0),
        (Lifetime(LifetimeKind.EXPIRES, NOW), 0.05),
        (Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(seconds=1)), 0.85),
        (Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(hours=1)), 0.85),
        (Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(hours=1, seconds=1)), 0.88),
        (Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=7)), 0.92),
        (Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=90)), 0.95),
        (Lifetime(LifetimeKind.EXPIRES, NOW + timedelta(days=91)), 0.98),
        (Lifetime(LifetimeKind.REFRESHABLE, NOW - timedelta(days=1), NOW + timedelta(days=30)), 0.95),
        (Lifetime(LifetimeKind.REFRESHABLE, NOW - timedelta(days=1)), 1.0),
    ],
)
def test_what_is_left_of_a_life(lifetime, expected):
    assert lifetime_factor(lifetime, CredentialState.UNTESTED, NOW) == expected


def test_an_expired_credential_counts_almost_nothing_whatever_its_kind():
    assert lifetime_factor(STATIC, CredentialState.EXPIRED, NOW) == 0.05


WAYS = st.builds(
    way,
    st.sampled_from(Capability),
    environment=st.sampled_from(Environment),
    gate=st.sampled_from(Gate),
    lifetime=st.sampled_from([1.0, 0.98, 0.85, 0.05]),
    confidence=st.sampled_from(Confidence),
    name=st.text("abc", max_size=3),
)
INVENTORIES = st.lists(WAYS, max_size=30)


@given(INVENTORIES, WAYS)
def test_one_more_way_never_lowers_a_figure(inventory, more):
    before, after = radius(inventory), radius([*inventory, more])
    assert after.score >= before.score
    assert after.ceiling >= before.ceiling


@given(INVENTORIES.flatmap(lambda found: st.tuples(st.just(found), st.permutations(found))))
def test_order_changes_nothing(pair):
    found, shuffled = pair
    assert radius(found) == radius(shuffled)


@given(INVENTORIES)
def test_figures_lie_between_nothing_and_a_hundred_and_the_ceiling_above_the_score(inventory):
    got = radius(inventory)
    assert 0 <= got.score <= got.ceiling <= 100


def no_milder(words, factors):
    """Pairs of words where the second has the factor of the first or a greater one."""
    return st.sampled_from([(low, high) for low in words for high in words if factors[high] >= factors[low]])


@given(
    INVENTORIES,
    no_milder(Environment, weights().environment),
    no_milder(Gate, weights().gate),
    no_milder(Confidence, weights().confidence),
)
def test_raising_the_factors_of_one_way_never_lowers_the_score(inventory, environments, gates, sureness):
    low, high = (
        way(Capability.DATA_WRITE, environment=environment, gate=gate, confidence=confidence)
        for environment, gate, confidence in zip(environments, gates, sureness, strict=True)
    )
    assert radius([*inventory, high]).score >= radius([*inventory, low]).score


def test_the_product_of_the_terms_is_the_score():
    terms = terms_of(
        Capability.IRRECOVERABLE,
        "asset",
        environment=Environment.UNKNOWN,
        gate=Gate.PROMPT,
        lifetime=0.88,
        confidence=Confidence.INFERRED,
    )
    assert product(terms) == pytest.approx(math.prod([1.0, 0.8, 0.6, 0.88, 0.7]))


def test_every_class_has_a_meaning_and_a_factor():
    assert set(capabilities().classes) == EVERY == set(weights().impact)
