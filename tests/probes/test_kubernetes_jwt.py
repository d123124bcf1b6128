"""What a JSON web token says of itself."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.jwt import Claims, claims
from scanner.model import STATIC, Lifetime, LifetimeKind


def part(told: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")


def made(told: object, head: object = None) -> str:
    return f"{part(head or {'alg': 'RS256'})}.{part(told)}.CANARY"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, Claims()),
        ({"iss": "https://id.example.com", "sub": "1"}, Claims("https://id.example.com", "1")),
        ({"aud": "api"}, Claims(audience=("api",))),
        ({"aud": ["a", 1, "b"]}, Claims(audience=("a", "b"))),
        ({"exp": 1_800_000_000}, Claims(lifetime=Lifetime(LifetimeKind.EXPIRES, datetime.fromtimestamp(1.8e9, UTC)))),
        ({"exp": "soon"}, Claims(lifetime=STATIC)),
        ({"exp": 10**400}, Claims(lifetime=STATIC)),
        ({"email": "ada@example.com", "upn": "x"}, Claims(person="ada@example.com")),
        ({"preferred_username": "ada", "groups": ["a", "b"]}, Claims(person="ada", groups=("a", "b"))),
        (
            {"sub": "system:serviceaccount:shop:web"},
            Claims(subject="system:serviceaccount:shop:web", namespace="shop", service_account="web"),
        ),
        ({"sub": "system:serviceaccount:shop"}, Claims(subject="system:serviceaccount:shop")),
        ({"sub": "a\nb", "iss": ["x"], "groups": {"a": 1}, "aud": None}, Claims()),
    ],
)
def test_claims_are_read_by_their_type(told, expected):
    assert claims(made(told)) == expected


@pytest.mark.parametrize(
    "text",
    ["", "a.b.c", "CANARY", f"{part([])}.{part({})}.x", f"{part({'alg': 'x'})}.{part([])}.x", made({}, {"typ": "JWT"})],
)
def test_what_is_no_token_has_no_claims(text):
    assert claims(text) is None


@given(
    st.lists(st.sampled_from([part({"alg": "x"}), part({"sub": "a"}), ".", "e30", "=", "é", "eyJ", "\n"])).map("".join)
)
def test_no_text_breaks_it(text):
    claims(text)
