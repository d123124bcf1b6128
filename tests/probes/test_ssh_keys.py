import base64
import subprocess
from struct import pack

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.ssh.keys import Damaged, PrivateKey, derived, private_keys
from probes.ssh.wire import Malformed, public_key, public_line
from scanner.model import GapKind

PASSPHRASE = "CANARY-CANARY-CANARY"
SIZES = {"rsa": ["2048"], "ecdsa": ["256", "384", "521"], "ed25519": [""]}
MADE = [(kind, size) for kind, sizes in SIZES.items() for size in sizes]


def keygen(path, kind, size="", passphrase="", form=""):
    command = ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "ada@laptop", "-f", str(path)]
    command += ["-b", size] if size else []
    command += ["-m", form] if form else []
    subprocess.run(command, check=True, capture_output=True)
    return path


def told(path):
    """Bits, fingerprint and kind as `ssh-keygen -lf` prints them."""
    words = subprocess.run(["ssh-keygen", "-lf", str(path)], check=True, capture_output=True, text=True).stdout.split()
    return words[0], words[1], words[-1].strip("()")


def only(text):
    [found] = private_keys(text)
    return found


@pytest.mark.parametrize(("kind", "size"), MADE)
@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
def test_an_openssh_key_tells_what_ssh_keygen_tells(tmp_path, kind, size, passphrase):
    path = keygen(tmp_path / "key", kind, size, passphrase)
    key = only(path.read_text())
    bits, fingerprint, label = told(path)
    assert key.public.fingerprint == fingerprint
    assert key.public.label == f"{bits} {label}"
    assert key.cipher == ("aes256-ctr" if passphrase else None)
    assert not key.hardware


@pytest.mark.parametrize(("kind", "size"), [("rsa", "2048"), ("ecdsa", "256")])
@pytest.mark.parametrize("form", ["PEM", "PKCS8"])
def test_an_open_pem_key_tells_its_public_half_when_asked(tmp_path, kind, size, form):
    path = keygen(tmp_path / "key", kind, size, form=form)
    key = only(path.read_text())
    assert key.public is None
    assert key.cipher is None
    assert derived(key).fingerprint == told(path)[1]


@pytest.mark.parametrize(
    ("form", "cipher"),
    [("PEM", "aes-128-cbc"), ("PKCS8", "PKCS#8")],
)
def test_a_pem_key_with_a_passphrase_tells_its_cipher_only(tmp_path, form, cipher):
    key = only(keygen(tmp_path / "key", "rsa", "2048", PASSPHRASE, form).read_text())
    assert (key.cipher, key.public) == (cipher, None)


def test_a_key_that_cannot_be_understood_has_no_public_half():
    body = base64.b64encode(b"CANARY" * 20).decode()
    key = only(f"-----BEGIN RSA PRIVATE KEY-----\n{body}\n-----END RSA PRIVATE KEY-----\n")
    assert derived(key) is None


def test_no_repr_of_a_key_holds_its_body(tmp_path):
    key = only(keygen(tmp_path / "key", "ed25519").read_text())
    assert key.body
    assert key.body[-40:] not in repr(key)
    assert "body" not in repr(key)


def string(data):
    return pack(">I", len(data)) + data


def openssh(public, private, cipher=b"none", count=1):
    """An OpenSSH private key file of these parts."""
    data = b"openssh-key-v1\0" + string(cipher) + string(b"none") + string(b"") + pack(">I", count)
    body = base64.b64encode(data + string(public) + string(private)).decode()
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"


ED25519 = string(b"ssh-ed25519") + string(b"p" * 32)
SECURITY_KEY = string(b"sk-ssh-ed25519@openssh.com") + string(b"p" * 32) + string(b"ssh:")
CHECKED = pack(">II", 7, 7)


@pytest.mark.parametrize(("flags", "touch"), [(1, True), (5, True), (0, False), (0x20, False)])
def test_a_security_key_says_whether_it_wants_a_touch(flags, touch):
    private = CHECKED + SECURITY_KEY + bytes([flags]) + string(b"handle") + string(b"")
    key = only(openssh(SECURITY_KEY, private))
    assert key.hardware
    assert key.touch is touch
    assert key.public.label == "256 ED25519-SK"


@pytest.mark.parametrize("flags", [0, 1])
def test_an_ecdsa_security_key_says_so_too(flags):
    fields = string(b"sk-ecdsa-sha2-nistp256@openssh.com") + string(b"nistp256") + string(b"point") + string(b"ssh:")
    key = only(openssh(fields, CHECKED + fields + bytes([flags])))
    assert (key.hardware, key.touch) == (True, bool(flags))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(openssh(ED25519, CHECKED + ED25519)[:-40], id="no end"),
        pytest.param(openssh(ED25519, b""), id="no private half"),
        pytest.param(openssh(ED25519, pack(">II", 7, 8) + ED25519), id="check numbers differ"),
        pytest.param(openssh(ED25519, CHECKED + SECURITY_KEY), id="halves of two kinds"),
        pytest.param(openssh(ED25519 + b"x", CHECKED + ED25519), id="more than a public key"),
        pytest.param(openssh(ED25519, CHECKED + ED25519, count=2), id="two keys"),
        pytest.param(openssh(ED25519, CHECKED + ED25519, cipher=b"\n"), id="a cipher that is no name"),
        pytest.param(openssh(pack(">I", 2**32 - 1), CHECKED), id="a length of four gigabytes"),
        pytest.param("-----BEGIN RSA PRIVATE KEY-----\n\n-----END RSA PRIVATE KEY-----\n", id="empty"),
        pytest.param("-----BEGIN PRIVATE KEY-----\nCANARY?\n-----END PRIVATE KEY-----\n", id="not base64"),
        pytest.param("-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY\n-----END OPENSSH PRIVATE KEY-----", id="cut"),
        pytest.param("PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\n", id="half of a PuTTY key"),
    ],
)
def test_a_damaged_key_is_said_to_be_damaged(text):
    found = only(text)
    assert isinstance(found, Damaged)
    assert "CANARY" not in repr(found)


def test_the_sound_form_of_the_damaged_ones_is_a_key():
    assert isinstance(only(openssh(ED25519, CHECKED + ED25519)), PrivateKey)


def test_every_key_of_a_file_is_found_with_its_line(tmp_path):
    text = keygen(tmp_path / "key", "ed25519").read_text()
    certificate = "-----BEGIN CERTIFICATE-----\nCANARY\n-----END CERTIFICATE-----\n"
    keys = list(private_keys(certificate + text + text))
    assert [key.line for key in keys] == [4, 4 + text.count("\n")]


def test_windows_line_ends_are_no_damage(tmp_path):
    text = keygen(tmp_path / "key", "ed25519").read_text()
    assert only(text.replace("\n", "\r\n")).public == only(text).public


def test_a_file_with_too_many_keys_says_so():
    found = list(private_keys(openssh(ED25519, CHECKED + ED25519) * 25))
    assert len(found) == 21
    assert found[-1].kind is GapKind.LIMIT


@pytest.mark.parametrize(
    "text",
    [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA ada@laptop",
        "-----BEGIN PUBLIC KEY-----\nCANARY\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nCANARY\n-----END PGP PRIVATE KEY BLOCK-----\n",
        "example.com ssh-ed25519 AAAA",
        "",
    ],
)
def test_what_is_no_private_key_is_none(text):
    assert list(private_keys(text)) == []


def putty(public, version=2, encryption="none", comment="ada@laptop", private=b"CANARY-CANARY-CANARY"):
    """A PuTTY key file; the derivation lines are those of version 3."""
    half, body = base64.b64encode(public).decode(), base64.b64encode(private).decode()
    lines = [half[at : at + 64] for at in range(0, len(half), 64)]
    derivation = ["Key-Derivation: Argon2id", "Argon2-Memory: 8192", "Argon2-Salt: 00"] if version == 3 else []
    return "\r\n".join(
        [
            f"PuTTY-User-Key-File-{version}: {public[4 : 4 + public[3]].decode()}",
            f"Encryption: {encryption}",
            f"Comment: {comment}",
            f"Public-Lines: {len(lines)}",
            *lines,
            *(derivation if encryption != "none" else []),
            "Private-Lines: 1",
            body,
            "Private-MAC: 00",
            "",
        ]
    )


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("encryption", ["none", "aes256-cbc"])
def test_a_putty_key_tells_its_public_half_and_comment(tmp_path, version, encryption):
    path = keygen(tmp_path / "key", "rsa", "2048")
    blob, _ = public_line((tmp_path / "key.pub").read_text())
    key = only(putty(blob, version, encryption))
    assert key.public.fingerprint == told(path)[1]
    assert key.cipher == (None if encryption == "none" else encryption)
    assert (key.comment, key.putty) == ("ada@laptop", True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("Public-Lines: 2", "Public-Lines: 9999"),
        ("Public-Lines: 2", "Public-Lines: 99999999999999999999"),
        ("Private-MAC: 00", ""),
        ("ssh-ed25519\r", "ssh-rsa\r"),
        ("Encryption: none", "Encryption: no no"),
    ],
)
def test_a_putty_key_that_lies_is_damaged(wrong):
    text = putty(ED25519)
    assert wrong[0] in text
    assert isinstance(only(text.replace(*wrong)), Damaged)


def test_a_public_line_must_be_what_it_says():
    blob = base64.b64encode(ED25519).decode()
    assert public_line(f"# note\nssh-ed25519 {blob} ada@laptop\n") == (ED25519, "ada@laptop")
    with pytest.raises(Malformed):
        public_line(f"ssh-rsa {blob} ada@laptop")
    with pytest.raises(Malformed):
        public_line("ssh-ed25519 CANARY")


def test_a_comment_cannot_steer_the_terminal():
    blob = base64.b64encode(ED25519).decode()
    assert public_line(f"ssh-ed25519 {blob} ada\x1b[2J\u202e@laptop") == (ED25519, "ada[2J@laptop")


SHREDS = st.sampled_from(
    [
        *("-----BEGIN ", "-----END ", "OPENSSH ", "RSA ", "ENCRYPTED ", "PRIVATE KEY-----", "\n", "\r\n", ":", "="),
        *("Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00", "b3BlbnNzaC1rZXktdjEA", "AAAABG5vbmU", "/////w=="),
        *("PuTTY-User-Key-File-2: ssh-rsa\n", "Encryption: none\n", "Public-Lines: 1\n", "Private-Lines: 99\n", "é"),
        *("Private-MAC: 0\n", "AAAAB3NzaC1yc2E=\n", "Comment: x\n", "\0"),
    ]
)


@example("-----BEGIN PRIVATE KEY-----\nDEK-Info: é,\n-----END PRIVATE KEY-----")
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_the_reader(text):
    for found in private_keys(text):
        assert found.line >= 1


SOUND = base64.b64decode("".join(openssh(ED25519, CHECKED + ED25519).splitlines()[1:-1]))


@given(st.integers(0, len(SOUND) - 1), st.binary(max_size=6), st.integers(0, len(SOUND)))
def test_no_bent_blob_breaks_the_reader(at, patch, end):
    data = (SOUND[:at] + patch + SOUND[at + len(patch) :])[:end]
    body = base64.b64encode(data).decode()
    list(private_keys(f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body}\n-----END OPENSSH PRIVATE KEY-----\n"))


@given(st.lists(st.sampled_from([b"ssh-rsa", b"ssh-ed25519", b"\0\0\0\7", b"\xff\xff\xff\xff", b"", b"x" * 9])))
def test_no_public_blob_breaks_the_reader(pieces):
    for blob in (b"".join(pieces), b"".join(string(piece) for piece in pieces)):
        try:
            assert public_key(blob).fingerprint.startswith("SHA256:")
        except Malformed:
            continue
