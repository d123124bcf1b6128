"""What is signed verifies with the key's public half, here and in other tools, and in no other bytes."""

import base64
import json
import pickle
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner import signing
from scanner.signing import SigningError, check, encoded, from_pem, from_seed, key_id, opened, public_of, signed

SEED = bytes(range(32))
SIGNER = from_seed(SEED)
OTHER = from_seed(bytes(32))
KIND = "application/vnd.in-toto+json"
FILE = signed(KIND, b'{"a": 1}', SIGNER)


def pem(key, encryption=None, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, encryption or serialization.NoEncryption())


def believed(data):
    envelope = opened(data)
    check(envelope, SIGNER.public)
    return envelope.payload


def test_the_bytes_that_are_signed_are_those_of_the_example_in_dsse_s_protocol():
    assert encoded("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


@settings(max_examples=50)
@given(st.binary(max_size=300), st.binary(min_size=32, max_size=32))
def test_what_is_signed_comes_back_and_holds(payload, seed):
    signer = from_seed(seed)
    envelope = opened(signed(KIND, payload, signer))
    assert (envelope.kind, envelope.payload, envelope.keyid) == (KIND, payload, key_id(signer.public))
    check(envelope, signer.public)


def test_every_single_byte_counts():
    for at in range(len(FILE)):
        for flip in (1, 2, 0x20, 0x80):
            with pytest.raises(SigningError):
                believed(FILE[:at] + bytes([FILE[at] ^ flip]) + FILE[at + 1 :])


def test_every_cut_and_every_addition_is_refused():
    for part in [*(FILE[:at] for at in range(len(FILE))), FILE + b"\n", b" " + FILE, b"\xef\xbb\xbf" + FILE]:
        with pytest.raises(SigningError):
            believed(part)


def formatted(**more):
    return json.dumps({**json.loads(FILE), **more}, separators=(",", ":")).encode() + b"\n"


def resigned(**more):
    return [{**json.loads(FILE)["signatures"][0], **more}]


PAYLOAD = json.loads(FILE)["payload"]
REFUSED = [
    (b"", "not JSON"),
    (b"CANARY", "not JSON"),
    (b'"\xff"', "not JSON|no envelope"),
    (b"[" * 20_000, "no envelope of DSSE|not JSON"),
    (b'{"payload":' * 20_000, "no envelope of DSSE|not JSON"),
    (b"[]", "no envelope of DSSE"),
    (b'{"payload": 1}', "no envelope of DSSE"),
    (b"9" * 5_000, "no envelope of DSSE|not JSON"),
    (formatted(CANARY=1), "no envelope of DSSE"),
    (formatted(payload=None), "no envelope of DSSE"),
    (formatted(payload="CANARY\ud800"), "not JSON|not base64"),
    (formatted(payloadType="\ud800"), "not JSON|altered"),
    (formatted(payload="CANARY!"), "payload is not base64"),
    (formatted(payload="é"), "payload is not base64"),
    (formatted(payload=PAYLOAD + "===="), "altered|not base64"),
    (formatted(payload=PAYLOAD.replace("=", "") + "\n"), "not base64"),
    (formatted(signatures=resigned(sig="CANARY!")), "signature is not base64"),
    (formatted(signatures=[]), "it has 0 signatures"),
    (formatted(signatures=resigned() * 2), "it has 2 signatures"),
    (formatted(signatures=resigned(CANARY=1)), "no envelope of DSSE"),
    (json.dumps(json.loads(FILE), indent=2).encode(), "altered or formatted anew"),
    (FILE.replace(b'{"payload"', b'{"payload":"","payload"'), "altered or formatted anew"),
    (b" " * (signing.SIZE_LIMIT + 1), "larger than 4 MiB"),
]


@pytest.mark.parametrize(("data", "said"), REFUSED)
def test_what_is_no_envelope_of_ours_is_named_without_quoting_it(data, said):
    with pytest.raises(SigningError, match=said) as caught:
        opened(data)
    assert "CANARY" not in str(caught.value) + caught.value.hint


SHREDS = st.sampled_from(
    ['{"payload":"', '","payloadType":"', '","signatures":[{"keyid":"', '","sig":"', '"}]}', "QQ=="]
)


@example('{"payload":"","payloadType":"","signatures":[{"keyid":"","sig":""}]}\n')
@settings(max_examples=100)
@given(st.lists(SHREDS | st.text(max_size=3), max_size=9).map("".join))
def test_no_text_breaks_it(text):
    with pytest.raises(SigningError):
        believed(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    "envelope",
    [
        signing.Envelope(KIND, b"x", SIGNER.keyid, OTHER.sign(encoded(KIND, b"x"))),
        signing.Envelope(KIND, b"x", OTHER.keyid, SIGNER.sign(encoded(KIND, b"x"))),
        signing.Envelope(KIND, b"x", SIGNER.keyid, SIGNER.sign(encoded("text/plain", b"x"))),
        signing.Envelope(KIND, b"x", SIGNER.keyid, b""),
    ],
)
def test_a_signature_of_another_key_type_or_length_does_not_hold(envelope):
    with pytest.raises(SigningError):
        check(envelope, SIGNER.public)


def test_a_key_has_an_id_of_its_own_and_its_public_half_comes_back():
    assert SIGNER.keyid != OTHER.keyid
    assert signing.KEY_ID.fullmatch(SIGNER.keyid)
    assert public_of(signing.public_text(SIGNER.public)) == SIGNER.public


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CANARY!",
        "\ud800",
        base64.b64encode(SIGNER.public).decode(),
        signing.public_text(SIGNER.public) + "\n",
        signing.public_text(SIGNER.public[:31]),
        signing.public_text(b"\0" * 33),
        signing.public_text(SIGNER.public).replace("A", "B", 1),
    ],
)
def test_another_text_is_no_public_key(text):
    with pytest.raises(SigningError):
        public_of(text)


ED = ed25519.Ed25519PrivateKey.from_private_bytes(SEED)
EC = ec.generate_private_key(ec.SECP256R1())


def test_a_key_in_a_pem_file_signs_as_that_from_the_keychain():
    assert from_pem(pem(ED)).sign(b"x") == SIGNER.sign(b"x")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (pem(EC), "not of ed25519"),
        (pem(EC, form=serialization.PrivateFormat.TraditionalOpenSSL), "no private key in PEM"),
        (pem(ED, form=serialization.PrivateFormat.OpenSSH), "no private key in PEM"),
        (pem(ED, serialization.BestAvailableEncryption(b"x")), "has a passphrase"),
        (pem(ED)[:60] + b"\n-----END PRIVATE KEY-----\n", "damaged"),
        (b"-----BEGIN PRIVATE KEY-----", "damaged"),
        (b"CANARY", "no private key in PEM"),
        (b"", "no private key in PEM"),
    ],
)
def test_another_file_is_no_key_and_the_reason_is_told(data, said):
    with pytest.raises(SigningError, match=said) as caught:
        from_pem(data)
    assert "CANARY" not in str(caught.value)
    assert "openssl genpkey -algorithm ed25519" in caught.value.hint


def test_a_key_is_neither_printed_nor_pickled():
    assert repr(SIGNER) == f"<Signer {SIGNER.keyid}>"
    assert SEED.hex() not in repr(SIGNER)
    with pytest.raises(TypeError):
        pickle.dumps(SIGNER)


def test_another_tool_verifies_it_with_the_key_that_a_document_carries():
    document = json.loads(FILE)
    payload, by = base64.b64decode(document["payload"]), document["signatures"][0]
    key = serialization.load_der_public_key(base64.b64decode(signing.public_text(SIGNER.public)))
    signed_bytes = b" ".join([b"DSSEv1", b"28", KIND.encode(), str(len(payload)).encode(), payload])
    key.verify(base64.b64decode(by["sig"]), signed_bytes)
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(by["sig"]), payload)


def test_the_cipher_is_loaded_when_something_is_signed():
    code = "import sys, scanner.signing; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
