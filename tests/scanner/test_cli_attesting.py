"""Attesting a finished check and verifying it elsewhere: options, files, keys, who may, and what is refused."""

import contextlib
import io
import json
import os
import stat
import subprocess
import sys
from datetime import timedelta

import click
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace

from probes import BUILTIN
from scanner.attestation import PAYLOAD, Aside, Terms, account, stated, written
from scanner.cli import attesting
from scanner.cli.attesting import Asked, asked, ready, verify
from scanner.cli.console import Console
from scanner.cli.guard import Facts
from scanner.cli.judging import Task
from scanner.config import Config
from scanner.errors import ScannerError
from scanner.model.attestation import Key
from scanner.model.report import Clause, ContractLayer, Excess, GapInfo
from scanner.model.terms import GapKind
from scanner.signing import from_seed, public_text, signed
from scanner.testing import TEST_KEY, FakeHost
from scanner.vault import Vault
from tests.keychain_session import LOCKED, UNLOCKED, daemon, launcher, variables
from tests.reports.samples import COMPLETE, NOW
from tests.support import LAPTOP

SEEDS = (bytes(range(32)), bytes(32))
KEYID, OTHER = (from_seed(seed).keyid for seed in SEEDS)
MACHINE = FakeHost(env={"HOME": "/home/ada"}).machine
TASK = Task(machines=(MACHINE,), probes=BUILTIN, config=Config(), vault=Vault(TEST_KEY))


def report(*states, gaps=(), contract=COMPLETE.contract):
    host = replace(COMPLETE.host, name=MACHINE.name, user=MACHINE.user, home=str(MACHINE.home))
    clauses = tuple(Clause(f"never.{n}", "never", each, where=f"laptop:{n}") for n, each in enumerate(states, start=1))
    figures = replace(COMPLETE.figures, excess=Excess(states.count("fail"), 0))
    return replace(COMPLETE, host=host, gaps=gaps, figures=figures, contract=replace(contract, clauses=clauses))


class Desk:
    """A folder with a key, and one run after another in it."""

    def __init__(self, folder):
        self.folder = folder
        for name, seed in zip(("key.pem", "other.pem"), SEEDS, strict=True):
            key = Ed25519PrivateKey.from_private_bytes(seed)
            form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            (folder / name).write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
            (folder / name).chmod(0o600)
        self.said = io.StringIO()
        self.console = Console(Facts(), self.said)

    def asked(self, **more):
        told = {"attest": str(self.folder / "ada.json"), "signing_key": str(self.folder / "key.pem"), **more}
        return asked({"now": NOW, **told})

    def attest(self, told=None, task=TASK, now=NOW, **more):
        """Attests, and gives the path of the file."""
        attested = ready(self.asked(now=now, **more), self.console, task)
        self.line = attested.write(told or report("pass"), now)
        return attested.path

    def verify(self, path, **more):
        """The exit code and what was printed."""
        out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with contextlib.redirect_stdout(out):
            code = verify(str(path), asked({"now": NOW, "verify": str(path), **more}), self.console)
        return code, out.buffer.getvalue().decode()


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


# --- there and back


def test_what_was_attested_is_verified_and_told(desk):
    path = desk.attest(nonce="4711")
    assert desk.line == f"{path} attests this check until 2026-12-21, signed by {KEYID}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, text = desk.verify(path, nonce="4711", signer=KEYID)
    assert code == 0
    assert text.startswith("The contract laptop is broken in none of 1 clause.\n")
    assert "the key that --signer names" in text
    assert list(desk.folder.glob(".armslength-*")) == []


LIMIT = (GapInfo(GapKind.LIMIT, "walk", "~/x", "too many"),)
REFUSED = (GapInfo(GapKind.REFUSED, "aws.files", "~/x", "permission denied"),)


@pytest.mark.parametrize(
    ("states", "gaps", "code"),
    [
        (("pass", "unknown"), (), 0),
        (("pass", "fail"), (), 1),
        (("pass",), REFUSED, 0),
        (("pass",), LIMIT, 3),
        (("fail",), LIMIT, 4),
    ],
)
def test_verifying_ends_as_the_check_did(desk, states, gaps, code):
    assert desk.verify(desk.attest(report(*states, gaps=gaps)))[0] == code


def test_the_same_check_attested_again_is_the_same_file(desk):
    one = desk.attest().read_bytes()
    assert desk.attest(attest=str(desk.folder / "again.json")).read_bytes() == one


def test_a_link_is_replaced_and_not_followed(desk):
    target = desk.folder / "target"
    target.write_text("kept")
    (desk.folder / "ada.json").symlink_to(target)
    desk.attest()
    assert target.read_text() == "kept"
    assert not (desk.folder / "ada.json").is_symlink()


def test_whoever_attests_is_told_what_the_attestation_says_of_itself(desk):
    desk.attest()
    said = desk.said.getvalue()
    assert "armslength: Not looked at: " in said
    assert "There was little to judge, so this says little" in said


# --- what a verifier compares


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"nonce": "4712"}, "it has another nonce than --nonce"),
        ({"signer": OTHER}, "which is not the key that --signer names"),
        ({"signer": "k-CANARY"}, "no id of a key"),
        ({"baseline": "laptop"}, "it is of another contract than --baseline laptop"),
        ({"now": NOW + timedelta(days=31)}, "this attestation has expired: it held until 2026-12-21 10:00 UTC"),
        ({"now": NOW - timedelta(minutes=6)}, "this attestation is from the future"),
    ],
)
def test_what_is_not_as_the_verifier_says_is_refused(desk, more, said):
    path = desk.attest(nonce="4711")
    with pytest.raises(ScannerError, match=said) as caught:
        desk.verify(path, **more)
    assert caught.value.code == 2
    assert str(path) in str(caught.value) or "signer" in str(caught.value)


def test_a_nonce_that_was_not_attested_is_not_equal_to_one(desk):
    with pytest.raises(ScannerError, match="another nonce"):
        desk.verify(desk.attest(), nonce="4711")


def test_the_contract_is_compared_by_its_digest(desk):
    path = desk.attest(report("pass", contract=replace(COMPLETE.contract, digest=LAPTOP.digest)))
    code, text = desk.verify(path, baseline="laptop")
    assert code == 0
    assert "It was not compared with a contract of yours" not in text


@pytest.mark.parametrize(("scope", "holds"), [("managed", True), ("user", True), ("repository", False), ("x", False)])
def test_a_contract_that_others_narrow_is_compared_too_but_not_one_of_a_folder_only(desk, scope, holds):
    layers = (ContractLayer(scope, "laptop", "laptop", LAPTOP.digest),)
    path = desk.attest(report("pass", contract=replace(COMPLETE.contract, layers=layers)))
    with contextlib.nullcontext() if holds else pytest.raises(ScannerError, match="of another contract"):
        assert desk.verify(path, baseline="laptop")[0] == 0


def test_without_a_signer_the_key_is_said_to_be_not_known(desk):
    code, text = desk.verify(desk.attest())
    assert code == 0
    assert "a key that is not known here: anyone can make one" in text
    assert f"--signer {KEYID}" in text


def damaged(data):
    document = json.loads(data)
    signature = document["signatures"][0]
    yield "altered", data.replace(b'"sig":"', b'"sig":"AAAA')
    yield (
        "another key",
        json.dumps({**document, "signatures": [{**signature, "keyid": OTHER}]}, separators=(",", ":")).encode() + b"\n",
    )
    yield "another type", data.replace(b"application/vnd.in-toto+json", b"text/plain")
    yield "not JSON", data[: len(data) // 2]
    yield "not JSON", b""
    yield "larger than 4096 KiB", b" " * (4 * 1024 * 1024 + 1)


def test_a_file_that_was_altered_is_refused_and_named(desk):
    path = desk.attest()
    for said, data in damaged(path.read_bytes()):
        path.write_bytes(data)
        for option, run in (("--verify", lambda: desk.verify(path)), ("--after", lambda: _after(desk, path))):
            with pytest.raises(ScannerError, match=said) as caught:
                run()
            assert str(caught.value).startswith(f"{option} {path}: ")


def test_a_statement_that_names_a_key_of_somebody_else_is_refused(desk):
    """What --signer is compared with is the key that signed, whatever the statement says."""
    statement = stated(
        report("pass"),
        Aside(frozenset(), frozenset(), True),
        Terms(Key(OTHER, public_text(from_seed(SEEDS[0]).public)), NOW),
    )
    path = desk.folder / "forged.json"
    path.write_bytes(signed(PAYLOAD, written(statement), from_seed(SEEDS[0])))
    for more in ({}, {"signer": OTHER}, {"signer": KEYID}):
        with pytest.raises(ScannerError, match="it names two keys"):
            desk.verify(path, **more)


def _after(desk, path):
    desk.attest(attest=str(desk.folder / "new.json"), after=str(path))


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.json", "No such file"),
        ("folder", "directory|denied"),
        *([("pipe", "no plain file")] if hasattr(os, "mkfifo") else []),
        ("a\0b", "cannot be used"),
    ],
)
def test_what_is_no_plain_file_is_refused_and_nothing_hangs(desk, name, said):
    (desk.folder / "folder").mkdir()
    if name == "pipe":
        os.mkfifo(desk.folder / name)
    path = desk.folder / name
    for run in (
        lambda: desk.verify(path),
        lambda: _after(desk, path),
        lambda: desk.attest(signing_key=str(path)),
    ):
        with pytest.raises(ScannerError, match=said):
            run()


def test_control_characters_of_a_name_are_escaped_when_it_is_told(desk):
    contract = replace(COMPLETE.contract, name="\x1b[31mCANARY\u202e")
    text = desk.verify(desk.attest(report("pass", contract=contract)))[1]
    assert "\x1b" not in text
    assert "\\x1b[31mCANARY\\u202e" in text


# --- the re-check


def test_a_re_check_after_an_expired_one_tells_what_changed(desk):
    old = desk.attest(report("fail", "pass"))
    later = NOW + timedelta(days=40)
    then = replace(report("pass", "fail"), host=replace(report().host, judged_at=later))
    new = desk.attest(then, now=later, attest=str(desk.folder / "new.json"), after=str(old))
    assert "never.1: fail, now pass" in desk.said.getvalue()
    code, text = desk.verify(new, now=later)
    assert code == 1
    assert "  never.2: pass, now fail" in text
    assert f"signed by {KEYID}" in text


def test_an_earlier_one_of_another_machine_or_from_the_future_is_refused(desk):
    other = report("pass")
    path = desk.attest(replace(other, host=replace(other.host, user="bob")))
    with pytest.raises(ScannerError, match="of another machine or another user"):
        _after(desk, path)
    path = desk.attest()
    with pytest.raises(ScannerError, match="from the future"):
        desk.attest(attest=str(desk.folder / "new.json"), after=str(path), now=NOW - timedelta(days=1))


def test_the_account_of_the_machine_is_the_one_of_its_report(desk):
    host = report().host
    assert account(host.name, host.user, host.home) == account(MACHINE.name, MACHINE.user, str(MACHINE.home))


# --- what is refused before the look


def test_an_agent_may_not_attest(desk):
    for console, task in (
        (Console(Facts(variables=["CLAUDECODE"]), desk.said), TASK),
        (desk.console, replace(TASK, agent="Claude Code", guarded=frozenset({0}))),
    ):
        with pytest.raises(ScannerError, match="Claude Code is among the programs that started this, and --attest"):
            ready(desk.asked(), console, task)
    assert not (desk.folder / "ada.json").exists()
    ready(
        desk.asked(),
        Console(Facts(variables=["CLAUDECODE"]), desk.said),
        replace(TASK, config=Config(agents_may_read=True)),
    )


@pytest.mark.parametrize("nonce", ["", "n" * 129, "a\nb", "\x1b", "\u202e", "\ud800"])
def test_a_nonce_is_a_few_printable_characters(desk, nonce):
    with pytest.raises(ScannerError, match="--nonce takes 1 to 128 printable characters"):
        desk.asked(nonce=nonce)


@pytest.mark.parametrize("nonce", ["n" * 128, "ticket 4711/ä"])
def test_such_a_nonce_comes_back(desk, nonce):
    assert desk.verify(desk.attest(nonce=nonce), nonce=nonce)[0] == 0


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"attest": "a", "verify": "b"}, "--attest and --verify are two runs"),
        ({"nonce": "1"}, "--nonce means nothing without --attest"),
        ({"valid": 3}, "--valid means nothing"),
        ({"verify": "a", "after": "b"}, "--after means nothing"),
        ({"verify": "a", "signing_key": "b"}, "--signing-key means nothing"),
        ({"attest": "a", "signer": "b"}, "--signer means nothing"),
    ],
)
def test_options_that_mean_nothing_together_are_refused(told, said):
    with pytest.raises(ScannerError, match=said):
        asked(told)


def test_options_of_the_look_are_taken_and_others_left():
    told = {"attest": "a", "baseline": "b", "output": ("c",), "now": NOW, "home": ("d",), "valid": None}
    assert asked(told) == Asked(attest="a", baseline="b", output=("c",), now=NOW)


def test_a_place_that_cannot_be_written_is_told_before_the_look(desk):
    (desk.folder / "folder").mkdir()
    for name, said in (("folder", "is no plain file"), ("none/ada.json", "No such file")):
        with pytest.raises(ScannerError, match=said):
            desk.attest(attest=str(desk.folder / name))
    (desk.folder / "x").mkdir()
    same = str(desk.folder / "x" / ".." / "ada.json")
    for more in ({"output": (same,)}, {"after": same}, {"signing_key": same}):
        with pytest.raises(ScannerError, match="another option names the same file"):
            ready(desk.asked(**more), desk.console, TASK)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_read_is_refused_with_the_mend(desk, mode):
    key = desk.folder / "key.pem"
    key.chmod(mode)
    with pytest.raises(ScannerError, match="others can read the key") as caught:
        desk.attest()
    assert caught.value.hint == f"chmod 600 {key}"


def test_a_file_that_is_no_key_is_named_and_not_quoted(desk):
    (desk.folder / "key.pem").write_text("CANARY")
    with pytest.raises(ScannerError, match=r"--signing-key .*key.pem: this is no private key in PEM") as caught:
        desk.attest()
    assert "CANARY" not in str(caught.value)
    (desk.folder / "key.pem").write_bytes(b" " * 17_000)
    with pytest.raises(ScannerError, match="larger than 16 KiB"):
        desk.attest()


def test_a_secret_of_the_machine_is_never_signed(desk):
    vault = Vault(TEST_KEY)
    secrets = ("CANARY-CANARY-CANARY", 'CANARY"CANARY"CANARY')  # the second stands otherwise in JSON
    for each in secrets:
        vault.keep(each)
    named = report("pass", contract=replace(COMPLETE.contract, name=f"of {secrets[0]}"))
    for told, more in ((named, {}), *((None, {"nonce": each}) for each in secrets)):
        with pytest.raises(ScannerError, match="a secret of this machine would stand in it"):
            desk.attest(told, task=replace(TASK, vault=vault), **more)
    assert not (desk.folder / "ada.json").exists()


def test_what_the_options_left_out_is_attested(desk):
    task = replace(
        TASK,
        probes=tuple(each for each in BUILTIN if each.id != "git.config"),
        agents=frozenset({"codex"}),
        machines=(FakeHost(env={}).machine,),
    )
    aside = ready(desk.asked(), desk.console, task).aside
    assert aside.probes - aside.ran == {"git.config"} & aside.probes
    assert aside.agents == {"codex"}
    assert aside.providers == ("aws", "docker", "github", "kubernetes")


def test_the_options_are_those_of_a_command():
    @click.command()
    @attesting.options
    def command(**told):
        raise click.ClickException(repr(asked(told)))

    for words, said in (
        (["--attest", "a", "--valid", "7", "--nonce", "n"], "attest='a', nonce='n', valid=7"),
        (["--attest", "a", "--valid", "31"], "31 is not in the range 1<=x<=30"),
        (["--verify", "a", "--signer", "k-x"], "verify='a', signer='k-x'"),
    ):
        with pytest.raises(click.ClickException) as caught:
            command.main(words, standalone_mode=False)
        assert said in caught.value.format_message()


# --- the keychain

SIGN = """
import io, sys
from tests.scanner.test_cli_attesting import *
desk = Desk(__import__("pathlib").Path(sys.argv[1]))
try:
    desk.attest(signing_key=None)
    print(desk.line)
except ScannerError as error:
    print(error, "|", error.hint)
"""


@daemon
def test_a_key_is_made_in_the_keychain_shown_and_purged(cli):
    root = os.getcwd()

    def run(*words, start=UNLOCKED):
        environment = cli.variables(**variables(cli.home), PYTHONPATH=root)
        done = subprocess.run(
            [*launcher(start, sys.executable), *map(str, words)],
            env=environment,
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout.splitlines()

    state = ("-m", "scanner", "state")
    [line] = run("-c", SIGN, cli.home)
    keyid = line.rpartition(" ")[2]
    assert run(*state, "show")[-1] == f"keychain  the key that signs attestations, {keyid}"
    assert "may be there: the keychain is locked" in run(*state, "show", start=LOCKED)[-1]
    assert run("-c", SIGN, cli.home)[0].endswith(keyid)
    assert run("-c", SIGN, cli.home, start="true")[0].endswith("--signing-key FILE signs with a key of yours")
    assert run(*state, "purge") == []
    assert run(*state, "purge", "--yes")[-1] == "removed the key that signs attestations from the keychain"
    assert run(*state, "show")[0].startswith("nothing is kept")
    assert not run("-c", SIGN, cli.home)[0].endswith(keyid)


# --- the command


def test_a_joiner_attests_and_a_verifier_elsewhere_believes_it(cli, desk):
    cli.acme("exposure")
    words = ("--probe", "acme.vault", "--attest", "ada.json", "--nonce", "4711", "--signing-key")
    checked = cli.run("check", *words, desk.folder / "key.pem")
    assert checked.returncode == 1
    assert b"ada.json attests this check until " in checked.stderr
    file = cli.home / "ada.json"
    told = ("check", "--verify", file, "--nonce", "4711", "--baseline", "laptop", "--signer", KEYID)
    verified = cli.run(*told, env={"CLAUDECODE": "1"})
    assert verified.returncode == 1
    assert b"the key that --signer names" in verified.stdout
    assert b".acme" not in verified.stdout + file.read_bytes()
    file.write_bytes(file.read_bytes().replace(b'"sig":"', b'"sig":"A'))
    assert cli.run(*told).returncode == 2


def test_an_agent_may_not_attest_and_nothing_is_looked_at(cli, desk):
    cli.settle("")
    cli.acme("warn")
    words = ("check", "--attest", "ada.json", "--signing-key", desk.folder / "key.pem")
    run = cli.run(*words, env={"CLAUDECODE": "1"})
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"--attest is a person's to say" in run.stderr
    assert b"look:" not in run.stderr
    assert not (cli.home / "ada.json").exists()
