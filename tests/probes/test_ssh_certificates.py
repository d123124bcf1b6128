import re
import subprocess
from datetime import UTC, datetime, timedelta
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.ssh.certificates import certificate, program
from probes.ssh.wire import Malformed, public_key, public_line
from scanner.model import STATIC, LifetimeKind
from tests.probes.test_ssh_keys import MADE, keygen, string, told

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def signed(tmp_path, *options, kind="ed25519", size="", name="key"):
    """The path of a certificate for a fresh key, signed by a fresh authority."""
    authority = tmp_path / f"{name}-authority"
    keygen(authority, "ed25519")
    keygen(tmp_path / name, kind, size)
    command = ["ssh-keygen", "-q", "-s", str(authority), "-I", "ada@example.com", *options, f"{tmp_path / name}.pub"]
    subprocess.run(command, check=True, capture_output=True)
    return tmp_path / f"{name}-cert.pub"


def parsed(path):
    blob, _ = public_line(path.read_text())
    return certificate(blob)


def listed(path):
    """What `ssh-keygen -Lf` prints, in UTC."""
    command = ["ssh-keygen", "-Lf", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"TZ": "UTC"}).stdout


@pytest.mark.parametrize(("kind", "size"), MADE)
def test_a_certificate_tells_what_ssh_keygen_tells(tmp_path, kind, size):
    path = signed(tmp_path, "-n", "ada,root", "-V", "20260101000000Z:20270101000000Z", kind=kind, size=size)
    ours, truth = parsed(path), listed(path)
    assert ours.key.fingerprint == told(tmp_path / "key")[1]
    assert ours.authority == re.search(r"Signing CA: \S+ (\S+)", truth)[1]
    assert ours.key_id == re.search(r'Key ID: "(.*)"', truth)[1]
    assert list(ours.principals) == re.search(r"Principals: \n((?: +\S+\n)+?) +Critical", truth)[1].split()
    start, end = re.search(r"Valid: from (\S+) to (\S+)", truth).groups()
    assert f"{datetime.fromtimestamp(ours.valid_after, UTC):%Y-%m-%dT%H:%M:%S}" == start
    assert f"{ours.lifetime.expires_at:%Y-%m-%dT%H:%M:%S}" == end
    assert ours.user
    assert public_key(public_line(path.read_text())[0]) == ours.key


def test_a_certificate_without_an_end_is_static(tmp_path):
    assert parsed(signed(tmp_path)).lifetime == STATIC


def test_a_host_certificate_is_not_a_users(tmp_path):
    assert not parsed(signed(tmp_path, "-h")).user


def test_options_are_told_by_program_and_source(tmp_path):
    path = signed(
        tmp_path, "-O", "force-command=/usr/bin/rrsync --token CANARY", "-O", "source-address=10.0.0.0/8,192.0.2.1/32"
    )
    names = parsed(path).names(NOW)
    assert "only runs rrsync" in names
    assert "only from 10.0.0.0/8,192.0.2.1/32" in names
    assert "CANARY" not in repr(parsed(path))


def test_the_day_it_begins_is_told_before_that_day(tmp_path):
    early = parsed(signed(tmp_path, "-V", "20261201000000Z:20270101000000Z"))
    assert "not valid before 2026-12-01 00:00 UTC" in early.names(NOW)
    assert not any("not valid" in name for name in early.names(NOW + timedelta(days=30)))


ED25519 = string(b"ssh-ed25519") + string(b"p" * 32)


def made(kind=b"ssh-ed25519-cert-v01@openssh.com", fields=(b"p" * 32,), *, before=1, options=b"", rest=b"", who=b""):
    """A certificate of these parts."""
    return (
        string(kind)
        + string(b"nonce")
        + b"".join(string(field) for field in fields)
        + pack(">QI", 1, 1)
        + string(b"key id")
        + string(who)
        + pack(">QQ", 0, before)
        + string(options)
        + string(b"")
        + string(b"")
        + string(ED25519)
        + string(b"signature")
        + rest
    )


@pytest.mark.parametrize("before", [2**64 - 1, 2**64 - 2, 2**62])
def test_an_end_beyond_the_calendar_is_no_end(before):
    assert certificate(made(before=before)).lifetime == STATIC


def test_an_end_in_the_past_is_an_end():
    ends = certificate(made(before=0)).lifetime
    assert ends.kind is LifetimeKind.EXPIRES
    assert ends.ended(NOW)


@pytest.mark.parametrize(
    ("kind", "fields", "label"),
    [
        (b"sk-ssh-ed25519-cert-v01@openssh.com", (b"p" * 32, b"ssh:"), "256 ED25519-SK"),
        (b"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", (b"nistp256", b"point", b"ssh:"), "256 ECDSA-SK"),
        (b"rsa-sha2-512-cert-v01@openssh.com", (b"\1\0\1", b"\0" + b"\xff" * 256), "2048 RSA"),
        (b"ssh-dss-cert-v01@openssh.com", (b"\0" + b"\xff" * 128, b"q", b"g", b"y"), "1024 DSA"),
    ],
)
def test_every_kind_of_certificate_is_read(kind, fields, label):
    assert certificate(made(kind, fields)).key.label == label


@pytest.mark.parametrize(
    "blob",
    [
        pytest.param(made()[:-4], id="cut"),
        pytest.param(made(rest=b"x"), id="too long"),
        pytest.param(made(options=b"\xff\xff\xff\xff"), id="an option of four gigabytes"),
        pytest.param(made(who=string(b"ada") * 60), id="a crowd of principals"),
        pytest.param(made(b"ssh-new-cert-v01@openssh.com"), id="an unknown kind"),
    ],
)
def test_a_certificate_that_lies_is_malformed(blob):
    with pytest.raises(Malformed):
        certificate(blob)


def test_a_plain_key_is_no_certificate():
    assert certificate(ED25519) is None


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("/usr/bin/nc -X %h", "nc"),
        ('"C:\\Program\\nc.exe" x', "nc.exe"),
        ("", ""),
        ("  ", ""),
        ("/", ""),
        ("cloudflared access ssh --token CANARY", "cloudflared"),
        ("TOKEN=CAN/ARY connect", "a program that cannot be named"),
    ],
)
def test_of_a_command_only_the_program_is_named(command, name):
    assert program(command) == name


@given(st.integers(0, len(made()) - 1), st.binary(max_size=6), st.integers(0, len(made())))
def test_no_bent_certificate_breaks_the_reader(at, patch, end):
    sound = made(options=string(b"force-command") + string(string(b"x")))
    blob = (sound[:at] + patch + sound[at + len(patch) :])[:end]
    try:
        found = certificate(blob)
    except Malformed:
        return
    if found is not None:
        found.names(NOW)
        assert found.lifetime.kind in (LifetimeKind.STATIC, LifetimeKind.EXPIRES)
