"""Our keys in a real secret service: made once, read back, removed, and never by asking a person."""

import json
import os
import subprocess
import sys

import pytest

from tests.keychain_session import BUS_ALONE, LOCKED, UNLOCKED, daemon, launcher, variables

HEAD = """
import json, subprocess, sys
import secretstorage
from contextlib import closing
from scanner import keys
from scanner.keys import Purpose
SEALED = Purpose.SEALED_REPORT
def entries():
    with closing(secretstorage.dbus_init()) as connection:
        return [[each.get_attributes()["username"], each.get_label()]
                for each in secretstorage.search_items(connection, {"service": "armslength"})]
def plant(text, account="sealed-report"):
    with closing(secretstorage.dbus_init()) as connection:
        collection = secretstorage.Collection(connection)
        collection.create_item("x", {"service": "armslength", "username": account}, text.encode())
def told(error):
    return [type(error).__name__, str(error), error.hint]
def tried(call):
    try:
        return call()
    except keys.KeysError as error:
        return told(error)
"""


@pytest.fixture
def session(tmp_path):
    """Runs lines of Python in a session of their own over one home, and gives what they print as JSON."""

    def run(start, lines, **more):
        done = subprocess.run(
            [*launcher(start, sys.executable), "-c", HEAD + lines],
            env=variables(tmp_path) | {"PYTHONPATH": os.pathsep.join(each for each in sys.path if each)} | more,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


@daemon
def test_a_key_is_made_once_and_lasts_beyond_the_session(session, tmp_path):
    first, again, entries = session(
        UNLOCKED, "print(json.dumps([keys.key(SEALED).hex(), keys.key(SEALED).hex(), entries()]))"
    )
    assert len(bytes.fromhex(first)) == 32
    assert first == again == session(UNLOCKED, "print(json.dumps(keys.saved_key(SEALED).hex()))")
    assert entries == [["sealed-report", "armslength: sealed-report"]]
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    assert not any(bytes.fromhex(first) in each or first.encode() in each for each in written)


@daemon
def test_looking_for_a_key_makes_none(session):
    assert session(UNLOCKED, "print(json.dumps([keys.saved_key(SEALED), entries()]))") == [None, []]


@daemon
def test_a_key_that_is_forgotten_is_gone_and_nothing_else(session):
    lines = (
        "plant('not ours to remove', 'other'); keys.key(SEALED)\n"
        "print(json.dumps([keys.forget(SEALED), keys.saved_key(SEALED), keys.forget(SEALED), entries()]))"
    )
    assert session(UNLOCKED, lines) == [True, None, False, [["other", "x"]]]


@daemon
def test_runs_that_begin_at_once_agree_on_one_key(session):
    lines = (
        "code = 'from scanner import keys; print(keys.key(keys.Purpose.SEALED_REPORT).hex())'\n"
        "runs = [subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, text=True) for _ in range(5)]\n"
        "made = {run.communicate()[0].strip() for run in runs}\n"
        "print(json.dumps([len(made), keys.saved_key(SEALED).hex() in made]))"
    )
    assert session(UNLOCKED, lines) == [1, True]


@daemon
def test_of_several_entries_the_oldest_counts_and_all_are_removed(session):
    lines = (
        "for digit in '123': plant(digit * 64)\n"
        "print(json.dumps([keys.saved_key(SEALED).hex(), keys.forget(SEALED), entries()]))"
    )
    assert session(UNLOCKED, lines) == ["1" * 64, True, []]


@daemon
@pytest.mark.parametrize("text", ["", "CANARY-CANARY", "00" * 31, "00" * 33, "0x" + "00" * 31, "é"])
def test_an_entry_that_is_no_key_is_refused_and_not_quoted(session, text):
    kind, said, hint = session(UNLOCKED, f"plant({text!r}); print(json.dumps(tried(lambda: keys.key(SEALED))))")
    assert kind == "KeysError"
    assert said == "the keychain's entry armslength, sealed-report is no key of ours"
    assert hint == "armslength state purge removes it"


@daemon
def test_a_locked_keychain_is_said_at_once_and_stays_locked(session):
    ask = "print(json.dumps([tried(lambda: each(SEALED)) for each in (keys.key, keys.saved_key, keys.forget)]))"
    session(UNLOCKED, "plant('x', 'other'); print(0)")
    empty = session(LOCKED, ask)
    assert [each[0] for each in empty[:2]] == ["Locked", "Locked"]
    assert empty[2] is False
    session(UNLOCKED, "keys.key(SEALED); print(0)")
    assert [each[0] for each in session(LOCKED, ask)] == ["Locked"] * 3
    assert session(UNLOCKED, "print(json.dumps(len(keys.saved_key(SEALED))))") == 32


@daemon
@pytest.mark.parametrize(
    "start",
    [
        "unset DBUS_SESSION_BUS_ADDRESS",
        "export DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere/bus",
        "export DBUS_SESSION_BUS_ADDRESS=CANARY",
        BUS_ALONE,
        LOCKED,
    ],
)
def test_where_there_is_no_keychain_that_is_said_and_no_other_place_is_used(session, tmp_path, start):
    kind, said, hint = session(start, "print(json.dumps(tried(lambda: keys.key(SEALED))))")
    assert kind == "NoKeychain"
    assert hint
    assert "CANARY" not in said + hint
    assert [path.name for path in tmp_path.rglob("*") if path.is_file() and path.parent != tmp_path / "run"] == []


@daemon
def test_no_settings_file_of_keyring_is_heeded(session, tmp_path):
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "evil_backend.py").write_text("raise SystemExit('the file was run')\n")
    for folder in (tmp_path / ".config/python_keyring", tmp_path / ".local/share/python_keyring"):
        folder.mkdir(parents=True)
        (folder / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring=evil_backend.Keyring\nkeyring-path={evil}\n")
    lines = "print(json.dumps(len(keys.key(SEALED))))"
    assert session(UNLOCKED, lines, PYTHON_KEYRING_BACKEND="evil_backend.Keyring") == 32


def test_nothing_of_a_keychain_is_loaded_before_a_key_is_asked_for():
    code = "import sys, scanner.keys; print(sorted({'keyring', 'secretstorage', 'cryptography'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
