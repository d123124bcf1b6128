"""Made-up tokens have the shape and checksum of real ones."""

import zlib

import pytest

from scanner.tokens import BASE62, FAMILIES, fill, token


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_seed_gives_the_same_token_and_another_seed_another(family):
    assert token(family, "a") == token(family, "a")
    assert token(family, "a") != token(family, "b")
    assert token(f"{family}.2", "a") != token(family, "a")


@pytest.mark.parametrize("family", ["github-classic", "github-oauth", "npm"])
def test_the_checksum_is_right(family):
    text = token(family, "seed")
    body, digits = text.partition("_")[2][:-6], text[-6:]
    number = 0
    for digit in digits:
        number = number * 62 + BASE62.index(digit)
    assert number == zlib.crc32(body.encode())


def test_fill_replaces_every_placeholder_and_leaves_the_rest():
    text = fill("a={token:npm} b={token:npm} c={token:npm.2} {other}", "seed")
    a, b, c, rest = text.split(" ")
    assert a[2:] == b[2:] != c[2:]
    assert rest == "{other}"


def test_an_unknown_family_is_an_error():
    with pytest.raises(KeyError):
        fill("{token:nothing}", "seed")
