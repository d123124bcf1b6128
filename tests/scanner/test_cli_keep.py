"""`scan --keep` with a real keychain, and what becomes of the report that it keeps."""

import json
import os
import shutil
import stat
import sys

import pytest

from scanner import sealing
from scanner.cli.guard import agent_above, collected
from tests.keychain_session import BUS_ALONE, LOCKED, UNLOCKED, daemon, launcher, variables

HERE = agent_above(collected())
SCAN = ("scan", "--probe", "acme.vault", "--format", "json")
ACCOUNT = "123456789012"
REMOVES_ITS_FOLDER = """
import shutil
from scanner.model import *
from scanner.probe import probe

@probe(id="acme.vault", title="Acme vault", reads=("~/.acme",))
def acme_vault(host):
    \"\"\"Puts a file where the state folder was.\"\"\"
    shutil.rmtree({place!r})
    open({place!r}, "w").close()
    yield Gap(GapKind.REFUSED, "~/.acme", "permission denied")
"""


@pytest.fixture
def desk(cli):
    """A home with an outside probe, and runs of the command in a session whose keychain is open."""
    cli.acme("exposure")

    def run(*arguments, start=UNLOCKED, env=None, **more):
        environment = variables(cli.home) | (env or {})
        return cli.run(*arguments, launcher=launcher(start, sys.executable), env=environment, **more)

    run.cli, run.sealed = cli, cli.state / "last-report.sealed"
    return run


def lines(data):
    return [line for line in data.decode().splitlines() if line.startswith("armslength:")]


def kept(desk):
    """A first report that is kept: its document, and the sealed bytes."""
    run = desk(*SCAN, "--keep")
    assert run.returncode == 0, run.stderr
    return run.stdout, desk.sealed.read_bytes()


@daemon
def test_the_kept_report_is_the_document_and_whatever_takes_a_report_takes_it(desk, tmp_path):
    document, sealed = kept(desk)
    assert sealing.is_sealed(sealed)
    assert stat.S_IMODE(desk.sealed.stat().st_mode) == 0o600
    copy = tmp_path / "copy"
    copy.write_bytes(sealed)
    rendered = desk("render", "--kept", "--format", "json")
    assert rendered.stdout == document
    assert lines(rendered.stderr)[-1].startswith("armslength: the kept report is of ")
    assert desk("render", copy, "--format", "json").stdout == document
    assert desk("render", "-", "--format", "json", stdin=sealed).stdout == document
    desk("render", "--kept", "-o", "r.json", "-o", "r.txt")
    assert (desk.cli.home / "r.json").read_bytes() == document
    [exposure] = json.loads(document)["exposures"]
    pages = [desk("explain", exposure["id"], *more).stdout for more in (["--kept"], [copy], ["--score", "--kept"])]
    assert exposure["id"].encode() in pages[0]
    assert pages[0] == pages[1]
    assert len(pages[2]) > len(pages[0])


@daemon
def test_nothing_of_the_report_lies_on_the_disk_in_the_clear(desk):
    document, _ = kept(desk)
    words = [b".acme", ACCOUNT.encode(), b"schema_version", b"aws-account"]
    assert all(word in document for word in words)
    files = [path for path in desk.cli.state.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"key", "log.jsonl", "last-report.sealed"}
    assert [path for path in files if any(word in path.read_bytes() for word in words)] == []


@daemon
def test_without_the_option_nothing_is_kept_and_the_kept_one_stays(desk):
    assert desk(*SCAN).returncode == 0
    assert not desk.sealed.exists()
    run = desk("explain", "--kept", "e-")
    assert run.returncode == 2
    assert lines(run.stderr) == [
        "armslength: error: no report is kept",
        "armslength: hint: armslength scan --keep keeps one",
    ]
    _, sealed = kept(desk)
    assert desk(*SCAN).returncode == 0
    assert desk.sealed.read_bytes() == sealed


@daemon
def test_the_next_report_takes_the_place_of_the_last(desk):
    _, first = kept(desk)
    (desk.cli.home / ".acme").write_text("refused")
    document, second = kept(desk)
    assert first != second
    assert first[: sealing.NONCE_AT] == second[: sealing.NONCE_AT]  # one key
    assert desk("render", "--kept", "--format", "json").stdout == document
    assert b"permission denied" in document


@daemon
def test_a_run_says_that_it_keeps_and_a_quiet_one_says_nothing(desk):
    assert lines(desk(*SCAN, "--keep").stderr) == [
        "armslength: the report is kept, sealed; armslength explain --kept ID reads it"
    ]
    before = desk.sealed.read_bytes()
    run = desk(*SCAN[:-2], "--keep", "--quiet")
    assert (run.returncode, run.stdout, lines(run.stderr)) == (0, b"", [])
    assert desk.sealed.read_bytes() != before
    assert ACCOUNT.encode() in desk("render", "--kept", "--format", "json").stdout


@daemon
def test_what_a_probe_let_slip_is_masked_before_it_is_sealed(desk):
    (desk.cli.home / ".acme").write_text("leak")
    run = desk(*SCAN, "--keep")
    assert run.returncode == 3
    opened = desk("render", "--kept", "--format", "json").stdout
    assert opened == run.stdout
    assert b"CANARY" not in opened
    assert "mask" in [gap["probe"] for gap in json.loads(opened)["gaps"]]


@daemon
@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("unset DBUS_SESSION_BUS_ADDRESS", "this session has no keychain that answers"),
        (BUS_ALONE, "the keychain has no default collection"),
        (LOCKED, "the keychain is locked"),
    ],
)
def test_without_an_open_keychain_the_run_ends_before_it_looks(desk, start, said):
    if start == LOCKED:
        kept(desk)
    before = desk.sealed.read_bytes() if desk.sealed.exists() else None
    (desk.cli.home / ".acme").write_text("warn")
    run = desk(*SCAN, "--keep", "-o", "r.json", start=start)
    assert (run.returncode, run.stdout) == (2, b"")
    error, hint = lines(run.stderr)
    assert error.startswith(f"armslength: error: --keep: {said}")
    assert hint.endswith("-o FILE writes a report that is not sealed")
    assert b"look:" not in run.stderr
    assert not (desk.cli.home / "r.json").exists()
    assert (desk.sealed.read_bytes() if desk.sealed.exists() else None) == before


@daemon
def test_the_kept_report_is_not_opened_while_the_keychain_is_locked(desk):
    kept(desk)
    run = desk("explain", "--kept", "e-", start=LOCKED)
    assert (run.returncode, run.stdout) == (2, b"")
    assert lines(run.stderr)[0] == "armslength: error: the keychain is locked, or would ask a person"


@daemon
def test_an_interrupted_scan_leaves_the_last_one(desk):
    document, sealed = kept(desk)
    (desk.cli.home / ".acme").write_text("interrupt")
    assert desk(*SCAN, "--keep").returncode == 130
    assert desk.sealed.read_bytes() == sealed
    assert {path.name for path in desk.cli.state.iterdir()} == {"key", "log.jsonl", "last-report.sealed"}
    assert desk("render", "--kept", "--format", "json").stdout == document


@daemon
def test_a_report_that_cannot_be_kept_in_the_end_is_printed_all_the_same(desk):
    (desk.cli.home / "lib" / "acme_probes.py").write_text(REMOVES_ITS_FOLDER.format(place=str(desk.cli.state)))
    run = desk(*SCAN, "--keep")
    assert run.returncode == 2
    assert json.loads(run.stdout)["schema_version"] == "1"
    assert "error" in lines(run.stderr)[-1]


@daemon
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_report_that_cannot_be_printed_is_kept_all_the_same(desk):
    with open("/dev/full", "wb") as full:
        run = desk(*SCAN, "--keep", stdout=full)
    assert run.returncode == 2
    assert ACCOUNT.encode() in desk("render", "--kept", "--format", "json").stdout


def test_a_state_folder_that_cannot_be_used_ends_the_run_before_it_looks(cli):
    cli.acme("warn")
    cli.state.write_text("")
    run = cli.run(*SCAN, "--keep")
    assert (run.returncode, run.stdout) == (2, b"")
    assert "--keep" in lines(run.stderr)[-2]
    assert b"look:" not in run.stderr


@daemon
def test_a_sealed_report_that_is_damaged_or_of_another_key_is_refused(desk, tmp_path):
    _, sealed = kept(desk)
    for change, said in (
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), "damaged"),
        (sealed[:30], "damaged"),
        (sealing.seal(b"{}", bytes(32)), "sealed with another key"),
        (sealed.replace(b"\x1a\n\1", b"\x1a\n\2"), "a format that is not known here"),
        (b"{}", "no sealed report"),
    ):
        desk.sealed.write_bytes(change)
        run = desk("render", "--kept", "--format", "json")
        assert (run.returncode, run.stdout) == (2, b"")
        assert said in lines(run.stderr)[0]


@daemon
def test_state_tells_age_and_key_and_a_purge_removes_both(desk, tmp_path):
    _, sealed = kept(desk)
    copy = tmp_path / "copy"
    shutil.copy(desk.sealed, copy)
    hours_ago = desk.sealed.stat().st_mtime - 3 * 3600
    os.utime(desk.sealed, (hours_ago, hours_ago))

    def shown(**more):
        return desk("state", "show", **more).stdout.decode().splitlines()[-1]

    start = f"0600  {len(sealed):>8} bytes  last-report.sealed  3 h old; "
    assert shown() == start + "its key is in the keychain"
    assert shown(start=LOCKED) == start + "cannot be opened now: the keychain is locked, or would ask a person"
    desk.sealed.write_bytes(sealing.seal(b"{}", bytes(32)))
    assert shown().endswith("less than a minute old; its key is not in the keychain")
    purged = desk("state", "purge", "--yes")
    assert purged.returncode == 0
    assert purged.stdout.decode().splitlines()[-1] == "removed the key of sealed reports from the keychain"
    assert not desk.cli.state.exists()
    assert "removed the key" not in desk("state", "purge", "--yes").stdout.decode()
    run = desk("render", copy, "--format", "json")
    assert run.returncode == 2
    assert "the keychain holds no key for it" in lines(run.stderr)[0]
    desk.cli.state.mkdir(mode=0o700)
    shutil.copy(copy, desk.sealed)
    assert shown().endswith("the keychain holds no key for it")


@daemon
def test_a_purge_that_must_leave_the_key_says_so(desk):
    kept(desk)
    run = desk("state", "purge", "--yes", start=LOCKED)
    assert run.returncode == 2
    assert not desk.sealed.exists()
    assert "may still be in the keychain" in lines(run.stderr)[0]
    assert b"removed the key" in desk("state", "purge", "--yes").stdout


@pytest.fixture
def alone(desk):
    """The same, of a person who settled nothing."""
    document, _ = kept(desk)
    desk.cli.settle("")
    desk.cli.acme("exposure")
    desk.exposure = json.loads(document)["exposures"][0]["id"]
    return desk


@daemon
def test_an_agent_may_neither_keep_nor_open(alone, tmp_path):
    sealed = alone.sealed.read_bytes()
    for arguments in (
        (*SCAN, "--keep"),
        ("explain", alone.exposure, "--kept"),
        ("explain", alone.exposure, alone.sealed),
        ("render", "--kept", "--format", "json"),
        ("render", alone.sealed, "-o", "r.json"),
    ):
        run = alone(*arguments, env={"CLAUDECODE": "1"})
        assert (run.returncode, run.stdout) == (2, b"")
        assert "Claude Code is among the programs that started this" in lines(run.stderr)[0]
    assert not (alone.cli.home / "r.json").exists()
    assert alone.sealed.read_bytes() == sealed
    alone.cli.settle("agents_may_read = true\n")
    assert alone("explain", alone.exposure, "--kept", env={"CLAUDECODE": "1"}).returncode == 0


@daemon
@pytest.mark.skipif(HERE is not None, reason="an agent runs these tests")
def test_a_person_who_settled_nothing_may_open_it(alone):
    assert alone("explain", alone.exposure, "--kept").returncode == 0


@daemon
def test_a_person_may_let_an_agent_open_it_on_the_terminal(alone):
    words = launcher(UNLOCKED, sys.executable)
    for answer, code in ((b"yes\n", 0), (b"no\n", 2)):
        shown, ended = alone.cli.on_terminal(
            "explain",
            alone.exposure,
            "--kept",
            answer=answer,
            launcher=[shutil.which(words[0]), *words[1:]],
            **variables(alone.cli.home),
            CLAUDECODE="1",
        )
        assert ended == code
        assert (ACCOUNT.encode() in shown) is (code == 0)


def test_only_this_user_s_own_report_is_kept(cli, tmp_path):
    (tmp_path / "root" / "home" / "bob").mkdir(parents=True)
    for where in (["--root", tmp_path / "root"], ["--home", tmp_path], ["--home", cli.home, "--home", tmp_path]):
        run = cli.run("scan", "--keep", *where)
        assert (run.returncode, run.stdout) == (2, b"")
        assert lines(run.stderr) == [
            "armslength: error: --keep: only for this user on this machine",
            "armslength: hint: -o FILE writes a report that is not sealed",
        ]
    assert not (cli.state / "last-report.sealed").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("render",),
        ("render", "--kept", "r.json"),
        ("explain", "e-", "r.json", "--kept"),
        ("explain", "e-", "--kept", "--probe", "acme.vault"),
        ("scan", "--live", "--dry-run", "--keep"),
    ],
)
def test_what_means_nothing_together_is_refused(cli, arguments):
    run = cli.run(*arguments)
    assert (run.returncode, run.stdout) == (2, b"")
    assert lines(run.stderr)[0].startswith("armslength: error: ")


def test_the_demo_keeps_nothing(cli):
    assert cli.run("demo", "--keep").returncode == 2


def test_help_says_what_is_kept_and_how_it_is_read(cli):
    def told(*arguments):
        return " ".join(cli.run(*arguments, "--help").stdout.decode().split())

    assert "--keep Keep this report, sealed with a key from the keychain" in told("scan")
    assert "explain --kept ID" in told("explain")
    for command in ("explain", "render"):
        assert "--kept Take the report that scan --keep has kept." in told(command)
    assert "whose key is in the keychain" in told("state")
