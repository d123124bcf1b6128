"""What is sealed with a key comes back with it, and is refused in every other case."""

import os
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given
from hypothesis import strategies as st

from scanner import sealing
from scanner.errors import ScannerError
from scanner.sealing import OtherKey, SealError, fits, is_sealed, opened, seal

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
KEYS = st.binary(min_size=32, max_size=32)


@given(st.binary(max_size=2000), KEYS)
def test_what_is_sealed_comes_back(data, key):
    sealed = seal(data, key)
    assert is_sealed(sealed)
    assert fits(sealed, key)
    assert opened(sealed, key) == data


@given(st.binary(max_size=100), st.data())
def test_no_byte_can_be_changed_unseen(data, draw):
    sealed = bytearray(seal(data, KEY))
    sealed[draw.draw(st.integers(0, len(sealed) - 1))] ^= draw.draw(st.integers(1, 255))
    with pytest.raises(SealError):
        opened(bytes(sealed), KEY)


def test_every_single_byte_counts():
    sealed = seal(b"report", KEY)
    for at in range(len(sealed)):
        changed = sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]
        with pytest.raises(SealError):
            opened(changed, KEY)


def test_every_cut_and_every_addition_is_refused():
    sealed = seal(b"report", KEY)
    for part in [*(sealed[:at] for at in range(len(sealed))), sealed + b"\0", sealed + sealed]:
        with pytest.raises(SealError):
            opened(part, KEY)


@example(sealing.MARK)
@example(sealing.MARK + b"\1" + bytes(28))
@example(b"")
@given(st.binary(max_size=100).map(lambda end: sealing.MARK + end) | st.binary(max_size=100))
def test_no_file_breaks_it(data):
    with pytest.raises(SealError):
        opened(data, KEY)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda sealed: sealed[:40], "damaged"),
        (lambda sealed: sealed[:-1], "damaged"),
        (lambda sealed: sealed.replace(sealing.MARK + b"\1", sealing.MARK + b"\2"), "a format that is not known here"),
        (lambda sealed: b"{}", "no sealed report"),
        (lambda sealed: seal(b"report", OTHER), "another key"),
    ],
)
def test_what_is_wrong_is_told_apart(change, said):
    with pytest.raises(ScannerError, match=said):
        opened(change(seal(b"report", KEY)), KEY)


@given(KEYS, KEYS)
def test_a_wrong_key_is_not_taken_for_damage(one, other):
    if one != other:
        sealed = seal(b"report", one)
        assert not fits(sealed, other)
        with pytest.raises(OtherKey):
            opened(sealed, other)


def test_a_header_that_is_moved_to_another_body_is_refused():
    one, other = seal(b"one", KEY), seal(b"two", KEY)
    with pytest.raises(SealError):
        opened(one[: sealing.BODY_AT] + other[sealing.BODY_AT :], KEY)


def test_the_header_is_bound_to_the_body():
    sealed = seal(b"report", KEY)
    nonce, body = sealed[sealing.NONCE_AT : sealing.BODY_AT], sealed[sealing.BODY_AT :]
    assert AESGCM(KEY).decrypt(nonce, body, sealed[: sealing.BODY_AT]) == b"report"
    with pytest.raises(InvalidTag):
        AESGCM(KEY).decrypt(nonce, body, None)


def test_the_same_bytes_are_never_sealed_the_same():
    assert len({seal(b"report", KEY) for _ in range(50)}) == 50


@given(st.binary(min_size=8, max_size=200))
def test_neither_data_nor_key_stands_in_what_is_sealed(data):
    sealed = seal(data, KEY)
    assert data not in sealed[sealing.BODY_AT :]
    assert not any(KEY[at : at + 8] in sealed for at in range(24))


def test_what_is_sealed_is_no_text():
    with pytest.raises(UnicodeDecodeError):
        seal(b"{}", KEY).decode()


def test_the_cipher_is_loaded_when_something_is_sealed():
    code = "import sys, scanner.sealing; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "False"
