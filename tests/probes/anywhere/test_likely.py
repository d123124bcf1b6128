"""What documents say of secrets in words is none, nor are the addresses of examples; what they hold is told."""

import pytest

from probes.anywhere.likely import Manner, plausible
from probes.anywhere.look import anywhere
from scanner.model import CredentialSeen
from scanner.testing import FakeHost, observe
from scanner.tokens import fill

SAID = [
    ("login.forgot.password", "Esqueceu-se da palavra-passe?"),
    ("reset.password", "Mot de passe perdu ? Aujourd'hui seulement"),
    ("secretKey", "db-password"),
    ("secretKey", "postgres-admin-token"),
    ("secretKey", "shop-api-key"),
]
HELD = [
    ("secretKey", "zebra-guitar-tulpe25"),
    ("secretKey", "correct-horse"),
    ("app.password", "Xk3 9fJ2-9sL Q8dd-2mn"),
    ("secret_key", "insecure-dev-secret"),
]


@pytest.mark.parametrize(("name", "value"), SAID)
def test_what_a_document_says_is_no_secret(name, value):
    assert not plausible(name, value, Manner.DOCUMENT)


@pytest.mark.parametrize(("name", "value"), HELD)
def test_what_a_document_holds_may_be_one(name, value):
    assert plausible(name, value, Manner.DOCUMENT)


SCRIPT = fill("connect postgres://app:CANARY@db.example.com/x\nuse {token:github-classic}\n", "likely")


@pytest.mark.parametrize(
    ("path", "lines"),
    [("~/src/settings.example.yml", [2]), ("~/src/settings.yml", [1, 2]), ("~/src/a/x.sample.sh", [2])],
)
def test_of_an_example_no_address_with_a_login_counts(path, lines):
    seen = observe(anywhere, FakeHost(files={path: SCRIPT}))
    assert [each.evidence.line for each in seen if isinstance(each, CredentialSeen)] == lines
