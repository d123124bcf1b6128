"""Made-up tokens have the shape and checksum of real ones."""

import base64
import shutil
import subprocess
import zlib

import pytest

from scanner.tokens import BASE62, FAMILIES, fill, placeholders, token


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


def test_a_private_key_and_its_public_line_are_of_one_key():
    text = fill("{sshkey:plain-ed25519}\n{sshpub:plain-ed25519}", "seed")
    block, _, line = text.rpartition("\n")
    blob = base64.b64decode("".join(block.splitlines()[1:-1]))
    assert blob.startswith(b"openssh-key-v1\0")
    assert base64.b64decode(line.split()[1]) in blob


def test_only_an_open_key_tells_its_comment():
    def blob(name):
        return base64.b64decode("".join(fill(f"{{sshkey:{name}}}", "seed").splitlines()[1:-1]))

    assert b"ada@example.com" in blob("plain-ed25519")
    assert b"ada@example.com" not in blob("encrypted-ed25519")


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="no ssh-keygen on this machine")
def test_ssh_keygen_reads_the_public_line(tmp_path):
    (tmp_path / "key.pub").write_text(fill("{sshpub:plain-ed25519} ada@laptop\n", "seed"))
    command = ["ssh-keygen", "-l", "-f", str(tmp_path / "key.pub")]
    assert "ada@laptop" in subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_placeholders_tells_the_secrets_and_no_public_id():
    text = "{token:aws-key} {token:npm.2} {sshpub:plain-ed25519} {sshkey:plain-ed25519}"
    assert [family for family, _ in placeholders(text, "seed")] == ["npm", "plain-ed25519"]
    assert all(value in fill(text, "seed") for _, value in placeholders(text, "seed"))


def test_a_basic_login_holds_its_token():
    text = base64.b64decode(fill("{basic:npm}", "seed")).decode()
    assert text == f"ada:{token('npm', 'seed')}"
    assert placeholders("{basic:npm}", "seed") == [("npm", token("npm", "seed"))]


def test_a_certificate_names_its_subject_and_is_of_the_key_beside_it():
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    certificate = x509.load_pem_x509_certificate(base64.b64decode(fill("{x509cert:admin}", "seed")))
    key = load_pem_private_key(base64.b64decode(fill("{x509key:admin}", "seed")), None)
    assert certificate.public_key() == key.public_key()
    assert certificate.subject.rfc4514_string() == "CN=kubernetes-admin,O=system:masters"
    assert fill("{x509cert:admin}", "seed") == fill("{x509cert:admin}", "seed")


def test_a_key_in_json_is_one_line_that_json_reads_as_a_block():
    import json

    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = json.loads('"' + fill("{pkcs8:deploy}", "seed") + '"')
    load_pem_private_key(text.encode(), None)
