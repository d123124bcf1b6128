"""The mend of a credential follows what it breaks, and where it lies: in a job nobody signs in."""

import pytest
from msgspec.structs import replace

from scanner.judgement import judge_all
from scanner.model import Asset, Capability, Confidence, CredentialSeen, Evidence, Grant, Lifetime, LifetimeKind, Step
from scanner.testing import fake_machine
from tests.contracts import ASK, HERE, HOME, LABELS, MACHINE, RUN, agent, clauses, contract, grant, judged, key, shell

ASKING, LOOSE = agent(shell(ASK)), agent(shell(RUN))
FOREVER = Lifetime(LifetimeKind.STATIC)
CLUSTER = key("S", kind="kubernetes.service-account", at=HOME / ".kube" / "config", lifetime=FOREVER)
AWS = key(
    "AKIACANARY",
    kind="aws.access-key",
    at=HERE / ".env",
    names=("profile prod",),
)
NPM = key("N", grant("PUBLISH"), kind="npm.token", lifetime=FOREVER)
SSH = key("P", kind="ssh.private-key", at=HOME / ".ssh" / "id")
LIFETIME = "allow: [{environment: [production, unknown]}]\nrequire: {lifetime: {production: 12h}}"
KEPT = "allow: [{environment: [production, unknown]}]\nrequire: {protection: {production: keychain}}"
OUTSIDE = "allow: [{environment: [production, unknown]}]\nrequire: {in_workspace: {production: false}}"
TOKENS = "allow: [{environment: [production, unknown]}]\nrequire: {tokens: {lifetime: 90d}}"

# What is demanded, of what, the first command, and what the words say.
ROWS = [
    (LIFETIME, CLUSTER, "kubectl create token NAME --duration 8h", "delete the secret"),
    (LIFETIME, AWS, "aws configure sso", "ends in time"),
    (KEPT, AWS, "aws-vault add prod", "keychain"),
    (KEPT, NPM, "", "keychain"),
    (KEPT, SSH, "ssh-keygen -p -f ~/.ssh/id", "passphrase"),
    (OUTSIDE, AWS, "", "out of the workspace"),
    (TOKENS, NPM, "npm ", "end that is near"),
]


@pytest.mark.parametrize(("text", "seen", "command", "word"), ROWS)
def test_a_mend_follows_the_demand_that_is_broken(text, seen, command, word):
    [item] = judged(text, ASKING, seen).items
    first = item.fix.commands[0] if item.fix.commands else ""
    assert (first.startswith(command), bool(first), word in item.fix.summary) == (True, bool(command), True), item.fix


def test_where_a_way_is_broken_too_the_mend_is_that_of_the_kind():
    [item] = judged("require: {in_workspace: {production: false}}", LOOSE, AWS).items
    assert item.fix.commands[0] == "aws configure sso"


def test_two_demands_are_mended_by_both():
    both = "require: {protection: {production: keychain}, in_workspace: {production: false}}"
    [item] = judged(f"allow: [{{environment: [production, unknown]}}]\n{both}", ASKING, AWS).items
    assert "keychain" in item.fix.summary
    assert "out of the workspace" in item.fix.summary


@pytest.mark.parametrize("variable", ["GITHUB_ACTIONS", "GITLAB_CI"])
def test_in_a_job_a_key_is_replaced_by_federation_and_nobody_signs_in(variable):
    machine = fake_machine(workspace="~/src/app", env={variable: "true"})
    [item] = judged("", LOOSE, AWS, machine=machine).items
    assert "OIDC" in item.fix.summary
    assert item.fix.commands == ("aws iam delete-access-key --access-key-id AKIACANARY",)


def test_under_the_contract_of_a_runner_a_key_is_replaced_by_federation():
    runner = replace(contract(""), name="ci-runner")
    [item] = judge_all([LOOSE, AWS], MACHINE, LABELS, (runner,)).judgement.items
    assert "OIDC" in item.fix.summary


def test_on_a_laptop_a_person_signs_in():
    [item] = judged("", LOOSE, AWS).items
    assert item.fix.commands[0] == "aws configure sso"


def test_an_environment_that_is_not_known_is_settled_by_a_label_and_not_by_scopes():
    may = Grant(Asset("mail-sender", "sendgrid"), frozenset({Capability.COMMS}), Confidence.INFERRED)
    perhaps = Grant(Asset("mail-sender", "sendgrid"), frozenset({Capability.DATA_READ}), Confidence.POSSIBLE)
    sender = CredentialSeen(
        "sendgrid.key",
        Evidence(HOME / ".env", 1),
        grants=(may, perhaps),
        undecided=Step("its scopes are not known", "see its scopes at app.sendgrid.com"),
    )
    found = clauses(KEPT, ASKING, sender)["require.protection.production"]
    assert (found.state, found.fix.commands) == ("unknown", ("armslength label mail-sender:sendgrid ENVIRONMENT",))


def test_a_heroku_key_is_replaced_and_the_old_one_revoked():
    [item] = judged("", LOOSE, key("H", kind="heroku.key", at="$HEROKU_API_KEY")).items
    made, *rest = item.fix.commands
    assert made.startswith("heroku authorizations:create ")
    assert "heroku authorizations:revoke ID" in rest
