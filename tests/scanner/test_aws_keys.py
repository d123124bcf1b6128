"""An access key id tells its account, and nothing else does."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.aws_keys import account_of
from scanner.tokens import aws_key_id, token


@pytest.mark.parametrize(
    ("family", "account"),
    [("aws-key", "123456789012"), ("aws-key-prod", "210987654321"), ("aws-session-key", "123456789012")],
)
def test_a_current_key_id_tells_its_account(family, account):
    assert account_of(token(family, "seed")) == account


@given(st.integers(0, 999_999_999_999), st.sampled_from(["AKIA", "ASIA", "ABIA", "ACCA", "A3TX"]), st.integers())
def test_every_account_comes_back_with_its_zeros(number, prefix, seed):
    assert account_of(aws_key_id(prefix, f"{number:012}", Random(seed))) == f"{number:012}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "AKIA",
        "AKIAI" + "Q" * 15,
        "AKIAJ" + "Q" * 15,
        "ASIAI" + "Q" * 15,
        "ASIAJ" + "Q" * 15,
        "AKIA" + "7" * 16,  # decodes to more than twelve digits
        "AKIA" + "1" * 16,
        "AKIA" + "Q" * 15,
        "AKIA" + "Q" * 17,
        "akia" + "q" * 16,
        "AKIA" + "Q" * 16 + "\n",
        "AKIA" + "Ａ" * 16,
    ],
)
def test_what_cannot_tell_an_account_tells_none(text):
    assert account_of(text) is None


@given(st.text())
def test_no_text_breaks_it(text):
    account_of(text)
    account_of("AKIA" + text)
