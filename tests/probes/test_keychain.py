import base64
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.keychain.look import keychain
from scanner.config import Config
from scanner.data.keychain import logins, services
from scanner.engine import scan
from scanner.host.local import as_written
from scanner.host.ports import FileKind
from scanner.model import (
    Capability,
    CredentialSeen,
    Gap,
    GapKind,
    Gate,
    HandleSeen,
    Identity,
    Platform,
    Protection,
    Weakness,
)
from scanner.testing import TEST_KEY, FakeFile, FakeHost, fake_machine, observe
from scanner.tokens import token
from scanner.vault import Vault

TOKEN = token("github-oauth", "keychain")
KEYRING = "~/.local/share/keyrings/login.keyring"
PYTHON = "~/.local/share/python_keyring/keyring_pass.cfg"
SETTINGS = "~/.config/python_keyring/keyringrc.cfg"
HOSTS = "~/.config/gh/hosts.yml"
CLOSED = b"GnomeKeyring\n\r\0\n" + bytes(range(256))
SOCKET = FakeFile(kind=FileKind.SOCKET)
SESSION = {"/run/user/1000/keyring/control": SOCKET, "/run/user/1000/bus": SOCKET}
BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus"}


def seen(files=None, platform=Platform.LINUX, **more):
    return observe(keychain, FakeHost(platform, files or {}, **more))


def handles(observations):
    return {each.grants[0].asset.name: each for each in observations if isinstance(each, HandleSeen)}


@pytest.mark.parametrize("platform", Platform)
def test_an_empty_machine_has_nothing_to_tell(platform):
    assert seen(platform=platform) == []


@pytest.mark.parametrize(
    ("platform", "path", "name", "gate"),
    [
        (Platform.LINUX, KEYRING, "gnome-keyring", Gate.PRESENCE),
        (Platform.LINUX, "~/.local/share/kwalletd/kdewallet.kwl", "kwallet", Gate.PRESENCE),
        (Platform.MACOS, "~/Library/Keychains/login.keychain-db", "macos", Gate.NONE),
        (Platform.WINDOWS, "~/AppData/Local/Microsoft/Credentials/DFBE70A7", "windows-credentials", Gate.NONE),
    ],
)
def test_a_store_is_a_handle_that_reads_secrets(platform, path, name, gate):
    [handle] = handles(seen({path: CLOSED}, platform)).values()
    [grant] = handle.grants
    assert (grant.asset.kind, grant.asset.name, handle.barrier.gate) == ("keychain", name, gate)
    assert grant.capabilities == {Capability.SECRETS_READ}


def test_a_keyring_is_open_where_its_daemon_and_the_bus_are_there():
    assert handles(seen({KEYRING: CLOSED, **SESSION}))["gnome-keyring"].barrier.gate is Gate.NONE
    assert handles(seen({KEYRING: CLOSED, **SESSION}, env=BUS))["gnome-keyring"].barrier.gate is Gate.NONE
    assert handles(seen({KEYRING: CLOSED}, env=BUS))["gnome-keyring"].barrier.gate is Gate.PRESENCE
    daemon_only = {KEYRING: CLOSED, "/run/user/1000/keyring/control": SOCKET}
    assert handles(seen(daemon_only))["gnome-keyring"].barrier.gate is Gate.PRESENCE


def test_an_encrypted_keyring_is_not_read_as_text():
    [handle] = seen({KEYRING: CLOSED})
    assert handle.names == ("login",)


def test_the_entries_of_pass_are_counted_and_not_named():
    store = "~/.password-store"
    files = {f"{store}/.gpg-id": "ada", f"{store}/bank.gpg": b"x", f"{store}/work/aws/root.gpg": b"x"}
    [handle] = seen(files)
    assert (handle.kind, handle.names, handle.barrier.gate) == ("handle.password-store", ("2 entries",), Gate.PRESENCE)
    assert "bank" not in repr(handle)


PLAIN = """[keyring]
display-name=Login
ctime=0

[1]
item-type=0
display-name=Password for 'me' on 'x'
secret={token}

[1:attribute0]
name=service
type=string
value=gh:github.com

[1:attribute1]
name=username
type=string
value=

[2]
secret=CANARY with\\sspace
"""


def test_a_keyring_without_a_password_is_a_weakness_and_its_items_are_credentials():
    host = FakeHost(files={KEYRING: PLAIN.format(token=TOKEN)})
    weakness, known, other = observe(keychain, host)
    assert (weakness.rule, weakness.evidence.path) == ("keychain.plaintext", PurePosixPath("/home/ada") / KEYRING[2:])
    assert (known.kind, known.protection, known.evidence.line) == ("github.oauth-token", Protection.PLAINTEXT, 8)
    assert (other.kind, other.evidence.key, other.secret.fingerprint) == ("keychain.entry", None, None)
    assert host.vault.value(other.secret) == "CANARY with space"
    assert "CANARY" not in repr([weakness, known, other])


def python_file(*items):
    lines = ["[keyring-setting]", "scheme = PyCrypto", "[keyring_2Esetting]"]
    for service, user, secret in items:
        text = base64.encodebytes(secret.encode()).decode().rstrip().replace("\n", "\n\t")
        lines += [f"[{service}]", f"{user} = ", f"\t{text}"]
    return "\n".join(lines) + "\n"


def test_keyrings_plaintext_backend_is_turned_back_from_base64():
    text = python_file(("gh_3Agithub_2Ecom", "ada", TOKEN), ("mail", "ada", "CANARY" * 20))
    host = FakeHost(files={PYTHON: text})
    weakness, known, other = observe(keychain, host)
    assert isinstance(weakness, Weakness)
    assert (known.kind, known.protection, known.evidence.key) == (
        "github.oauth-token",
        Protection.OBFUSCATED,
        "gh:github.com",
    )
    assert (other.kind, other.evidence.line) == ("keychain.entry", 8)
    assert host.vault.value(other.secret) == "CANARY" * 20


def test_a_value_that_is_no_base64_is_a_gap_and_the_next_is_still_read():
    gap, _, credential = seen({PYTHON: "[a]\nb = CANARY!\n[mail]\nada = Q0FOQVJZ\n"})
    assert (gap.kind, gap.place) == (GapKind.FAILED, f"{PYTHON}:2")
    assert credential.evidence.line == 4
    assert "CANARY" not in repr(gap)


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("[backend]\ndefault-keyring=keyrings.alt.file.PlaintextKeyring\n", ["keychain.weak-backend"]),
        ("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n", ["keychain.weak-backend"]),
        ("[backend]\nkeyring-path=/tmp/x\n", ["keychain.backend-code"]),
        ("[backend]\ndefault-keyring=keyring.backends.SecretService.Keyring\n", []),
        ("[backend]\ndefault-keyring=keyring.backends.macOS.Keyring\nkeyring-path=\n", []),
        ("[other]\nkeyring-path=/tmp/x\n", []),
        ("", []),
    ],
)
def test_settings_of_keyring_are_judged_and_never_obeyed(text, rules):
    assert [each.rule for each in seen({SETTINGS: text})] == rules


def test_without_consent_nothing_is_read():
    assert seen({HOSTS: "github.com:\n  user: ada\n"}) == []


def test_a_named_login_is_read_by_its_exact_names():
    files = {HOSTS: "github.com:\n  user: ada\n  users:\n    ada:\n    work:\n"}
    other = token("github-oauth", "work")
    entries = {("gh:github.com", ""): TOKEN, ("gh:github.com", "ada"): TOKEN, ("gh:github.com", "work"): other}
    first, ada, work = seen(files, keychain={**entries, ("mail", "ada"): "CANARY"})
    assert first.secret.fingerprint == ada.secret.fingerprint != work.secret.fingerprint
    assert {first.identity, ada.identity} == {Identity("github", "github.com", "ada")}
    assert work.identity == Identity("github", "github.com", "work")
    assert {each.protection for each in (first, ada, work)} == {Protection.KEYCHAIN}
    assert (work.evidence.process, work.evidence.key) == ("keychain entry gh:github.com", "work")


def test_an_enterprise_host_of_gh_is_asked_for_too():
    files = {HOSTS: "git.example.com:\n  user: ada\n"}
    [credential] = seen(files, keychain={("gh:git.example.com", "ada"): TOKEN})
    assert credential.identity == Identity("github", "git.example.com", "ada")
    assert {grant.asset.name for grant in credential.grants} == {"git.example.com"}


def test_on_windows_an_entry_has_the_name_that_go_gives_it():
    files = {"~/AppData/Roaming/GitHub CLI/hosts.yml": "github.com:\n  user: ada\n"}
    [credential] = seen(files, Platform.WINDOWS, keychain={("gh:github.com:ada", "ada"): TOKEN})
    assert credential.kind == "github.oauth-token"


@pytest.mark.parametrize(
    "wrapped",
    [
        TOKEN,
        "go-keyring-base64:" + base64.b64encode(TOKEN.encode()).decode(),
        "go-keyring-encoded:" + TOKEN.encode().hex(),
    ],
)
def test_the_envelopes_of_go_keyring_are_opened(wrapped):
    [credential] = seen(keychain={("gh:github.com", ""): wrapped})
    assert credential.secret.fingerprint == Vault(TEST_KEY).keep(TOKEN).fingerprint


@pytest.mark.parametrize("broken", ["go-keyring-base64:%%%", "go-keyring-base64:/w==", "go-keyring-encoded:zz"])
def test_a_broken_envelope_is_judged_as_it_stands(broken):
    assert "go-keyring" not in repr(seen(keychain={("gh:github.com", ""): broken}))


def test_a_login_kept_as_json_is_judged_field_by_field():
    value = '{"OPENAI_API_KEY": "CANARY-CANARY-CANARY", "tokens": {"access_token": null, "refresh_token": 7}}'
    account = "cli|" + hashlib.sha256(b"/home/ada/.codex").hexdigest()[:16]
    [credential] = seen({"~/.codex/config.toml": ""}, keychain={("Codex Auth", account): value})
    assert (credential.kind, credential.evidence.key) == ("openai.key", "OPENAI_API_KEY")


@pytest.mark.parametrize("value", ["CANARY", "[]", "[" * 100_000, "7"])
def test_a_value_of_another_form_is_a_gap(value):
    [gap] = seen(keychain={("goose", "secrets"): value})
    assert (gap.kind, gap.place) == (GapKind.FAILED, "keychain entry goose")


def test_a_locked_keychain_is_a_gap():
    locked = Gap(GapKind.REFUSED, "keychain entry gh:github.com", "the keychain is locked")
    [gap] = seen(keychain={("gh:github.com", ""): locked})
    assert (gap.kind, gap.why) == (GapKind.REFUSED, "the keychain is locked")


def test_a_named_login_that_is_not_there_is_said():
    [gap] = seen(keychain={("gh:git.example.com", ""): "x"})
    assert gap.why == "the keychain holds no login of GitHub CLI"


def test_the_same_token_in_a_file_is_one_credential():
    machine = fake_machine(files={KEYRING: PLAIN.format(token=TOKEN)}, keychain={("gh:github.com", ""): TOKEN}, env=BUS)
    report = scan(machine, [keychain], Vault(TEST_KEY), Config())
    [one] = [each for each in report.credentials if each.kind == "github.oauth-token"]
    assert len(one.locations) == 2
    assert one.protection is Protection.PLAINTEXT


@pytest.mark.parametrize("login", sorted(logins()))
def test_a_login_names_services_that_consent_is_given_for(login):
    assert services([login])
    assert all("{" not in word and word for word in services([login]))


def test_a_value_that_windows_kept_as_utf8_is_read_as_it_was_written():
    assert as_written(TOKEN.encode().decode("utf-16-le")) == TOKEN
    assert as_written(TOKEN) == TOKEN
    assert as_written("pässword") == "pässword"


SHREDS = st.sampled_from(
    [
        "[keyring]",
        "[1]",
        "[1:attribute0]",
        "\n",
        "secret=",
        "name=service",
        "value=",
        "a = ",
        "\t",
        "Q0FO",
        "=",
        "\\s",
        "[",
        "]",
    ]
)


@given(st.lists(SHREDS).map("".join))
def test_no_text_breaks_the_readers(text):
    for path in (KEYRING, PYTHON, SETTINGS):
        for each in seen({path: text}):
            assert isinstance(each, Gap | Weakness | CredentialSeen)


@given(
    st.lists(st.sampled_from(["github.com", ":", "\n", "  ", "user", "users", "ada", "- ", "&a", "*a", "{"])).map(
        "".join
    )
)
def test_no_hosts_file_breaks_the_named_logins(text):
    seen({HOSTS: text}, keychain={("gh:github.com", ""): TOKEN})


# --- the real one

REAL = """
import secretstorage, sys
from contextlib import closing
with closing(secretstorage.dbus_init()) as connection:
    collection = secretstorage.get_default_collection(connection)
    for service, name, account, secret in (
        ("gh:github.com", "username", "ada", sys.argv[1]),
        ("gh:github.com", "username", "", sys.argv[1]),
        ("gemini-cli-api-key", "account", "default-api-key", "CANARY-CANARY-CANARY"),
        ("mail", "username", "ada", "not to be read"),
    ):
        collection.create_item("x", {"service": service, name: account}, secret.encode())
"""
UNLOCK = """
import secretstorage
from contextlib import closing
with closing(secretstorage.dbus_init()) as connection:
    for collection in secretstorage.get_all_collections(connection):
        collection.unlock()
"""
ASK = """
import json, sys
from scanner.host.local import LocalKeychain
from scanner.model import Gap
open_to = LocalKeychain(frozenset({"gh", "gemini-cli-api-key", "jira-cli"}))
asked = [("gh:github.com", "ada"), ("gh:github.com", ""), ("gemini-cli-api-key", "default-api-key"),
         ("gh:github.com", "x"), ("jira-cli", ""), ("mail", "ada")]
found = [open_to.entry(*each) for each in asked]
print(json.dumps([each.why if isinstance(each, Gap) else each for each in found]))
"""
daemon = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="gnome-keyring is not installed",
)


def session(home, start, *programs):
    """Runs Python programs one after another in a session bus of their own."""
    lines = " && ".join(f'"$PY" -c "${each}" "$TOKEN"' for each in programs)
    run = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", f"{start} >/dev/null 2>&1; {lines}"],
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home / "run"),
            "PYTHONPATH": ":".join(each for each in sys.path if each),
            "PY": sys.executable,
            "TOKEN": TOKEN,
            "REAL": REAL,
            "ASK": ASK,
            "UNLOCK": UNLOCK,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout


@daemon
def test_a_real_keyring_answers_for_what_was_named_and_is_a_gap_when_locked(tmp_path):
    (tmp_path / "run").mkdir(mode=0o700)
    unlock = "printf pw | gnome-keyring-daemon --unlock --components=secrets"
    told = json.loads(session(tmp_path, unlock, "REAL", "ASK"))
    assert told == [TOKEN, TOKEN, "CANARY-CANARY-CANARY", None, None, "needs consent"]
    locked = json.loads(session(tmp_path, "gnome-keyring-daemon --start --components=secrets", "ASK"))
    assert locked == ["the keychain is locked"] * 5 + ["needs consent"]


@daemon
def test_the_real_daemon_reads_the_same_secret_from_a_keyring_without_a_password(tmp_path):
    (tmp_path / "run").mkdir(mode=0o700)
    file = tmp_path / KEYRING[2:]
    file.parent.mkdir(parents=True)
    file.write_text(PLAIN.format(token=TOKEN))
    told = json.loads(session(tmp_path, "gnome-keyring-daemon --start --components=secrets", "UNLOCK", "ASK"))
    assert told[1] == TOKEN
