"""What documents say of secrets in words is none; what they hold is told."""

import pytest

from probes.anywhere.likely import Manner, plausible

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
