"""A gateway is the better path only while no lasting login goes around it."""

from pathlib import PurePosixPath

import pytest

from scanner.cli.contracts import chosen
from scanner.config import Config
from scanner.judgement import judge_all
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Grant,
    Guardrail,
    Hint,
    Lifetime,
    LifetimeKind,
)
from scanner.testing import NOW, fake_machine

HOME = PurePosixPath("/home/ada")
MACHINE = fake_machine(workspace="~/src/app")
STATIC = Lifetime(LifetimeKind.STATIC)
CLUSTER = Asset("kubernetes-cluster", "9a8b7c.eks.example.com", (Hint("cluster", "prod-eks"),))


def gateway(*leads, name="teleport"):
    return Guardrail(f"gateway.{name}", "Teleport is set up", Evidence(HOME / ".tsh/t.yaml"), instead=leads)


def login(asset=CLUSTER, at=HOME / ".kube/config", lifetime=STATIC, **more):
    grants = (Grant(asset, frozenset({Capability.DATA_READ}), Confidence.GRANTED),)
    return CredentialSeen("generic.secret", Evidence(at, 9, "token"), grants=grants, lifetime=lifetime, **more)


def weighed(*seen, contract=None):
    return judge_all(seen, MACHINE, Config(), (contract,) if contract is not None else ())


def only(*seen):
    [found] = weighed(*seen).guardrails
    return found


def test_a_login_to_the_same_cluster_goes_around_it():
    found = only(gateway(Asset("kubernetes-cluster", "prod-eks")), login())
    assert not found.in_force
    assert found.title == (
        "Teleport is set up, but ~/.kube/config still holds a lasting login to 9a8b7c.eks.example.com"
    )


BESIDE = [
    ("another cluster", Asset("kubernetes-cluster", "staging-eks"), login()),
    ("a session", Asset("kubernetes-cluster", "prod-eks"), login(lifetime=Lifetime(LifetimeKind.SESSION))),
    ("expired", Asset("kubernetes-cluster", "prod-eks"), login(state=CredentialState.EXPIRED)),
    ("another kind", Asset("database", "prod-eks"), login()),
    ("its own", Asset("kubernetes-cluster", "prod-eks"), login(at=HOME / ".tsh/keys/t/ada")),
    ("any, of development", Asset("database", "*"), login(Asset("database", "dev", (Hint("host", "localhost"),)))),
]


@pytest.mark.parametrize(("leads", "beside"), [row[1:] for row in BESIDE], ids=[row[0] for row in BESIDE])
def test_what_does_not_go_around_it_leaves_it_in_force(leads, beside):
    seen = gateway(leads)
    assert only(seen, beside) == seen


def test_one_that_leads_to_any_of_a_kind_is_gone_around_by_a_login_to_production():
    found = only(gateway(Asset("database", "*")), login(Asset("database", "prod")))
    assert not found.in_force


def test_more_than_one_way_around_is_counted():
    found = only(
        gateway(Asset("database", "*")),
        login(Asset("database", "prod")),
        login(Asset("database", "prod-2"), HOME / ".netrc"),
    )
    assert found.title.endswith(", and 1 more")


def test_other_protections_stay_as_they_are():
    plain = Guardrail("ci", "CI is set up", Evidence(HOME / "x"))
    assert only(plain, login()) == plain


@pytest.mark.parametrize(("in_force", "state"), [(True, "pass"), (False, "unknown")])
def test_a_contract_counts_only_what_is_in_force(tmp_path, in_force, state):
    text = "version: 1\nname: x\nrequire: {guardrails: [secret-scan-hook]}\n"
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    seen = Guardrail("secret-scan-hook", "A hook", Evidence(HOME / "x"), in_force)
    judged = weighed(seen, contract=chosen(str(tmp_path / "x.yaml"), NOW.date()))
    [held] = [each for each in judged.judgement.held if each.id == "require.guardrails.secret-scan-hook"]
    assert ("unknown" if held.open else "pass") == state
