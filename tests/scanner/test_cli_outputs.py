import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from reports import RENDERERS
from reports.document import load
from reports.page import Page
from scanner.cli.console import Console, Defect, MaskedStream
from scanner.cli.guard import Facts
from scanner.cli.outputs import Mask, OutputError, format_of, targets
from scanner.cli.own_words import own_words
from scanner.vault import Vault
from tests.support import dropped

KEY = b"k" * 32


def refused(cli, *arguments):
    """What a run says that must end before it looks: it makes no state folder's log and no output."""
    run = cli.run("scan", *arguments)
    assert run.returncode == 2
    assert run.stdout == b""
    assert not (cli.state / "log.jsonl").exists()
    return run.stderr.decode()


def test_a_file_is_written_whole_for_its_owner_only(cli):
    assert cli.run("scan", "-o", "r.json", "-o", "r.txt", "--quiet").returncode == 0
    load((cli.home / "r.json").read_bytes())
    assert (cli.home / "r.txt").read_bytes().startswith(b"armslength")
    assert {stat.S_IMODE((cli.home / name).stat().st_mode) for name in ("r.json", "r.txt")} == {0o600}
    assert not list(cli.home.glob(".armslength-*"))


def test_a_file_that_was_there_is_replaced_and_its_mode_with_it(cli):
    (cli.home / "r.json").write_text("old")
    (cli.home / "r.json").chmod(0o644)
    cli.run("scan", "-o", "r.json", "--quiet")
    load((cli.home / "r.json").read_bytes())
    assert stat.S_IMODE((cli.home / "r.json").stat().st_mode) == 0o600


def test_a_link_that_lies_there_is_replaced_and_not_followed(cli, tmp_path):
    (tmp_path / "target").write_text("untouched")
    (cli.home / "r.json").symlink_to(tmp_path / "target")
    assert cli.run("scan", "-o", "r.json", "--quiet").returncode == 0
    assert (tmp_path / "target").read_text() == "untouched"
    assert not (cli.home / "r.json").is_symlink()


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["r.pdf"], "no format has that ending"),
        (["json"], "no format has that ending"),
        (["no/such/r.json"], "No such file or directory"),
        (["folder.json"], "is a folder"),
        (["pipe.json"], "is no plain file"),
        (["r.json", "./r.json"], "names the same file"),
        (["r.json", "r.pdf"], "no format has that ending"),
        (["file/r.json"], "Not a directory"),
    ],
)
def test_what_cannot_be_written_is_found_before_the_scan(cli, names, said):
    (cli.home / "folder.json").mkdir()
    os.mkfifo(cli.home / "pipe.json")
    (cli.home / "file").write_text("")
    assert said in refused(cli, *(word for name in names for word in ("-o", name)))
    assert not (cli.home / "r.json").exists()
    assert not list(cli.home.glob(".armslength-*"))


def test_a_folder_without_the_right_to_write_is_found_before_the_scan(cli):
    (cli.home / "locked").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="Permission denied"):
        dropped(targets, [str(cli.home / "locked" / "r.json")], None, False, ["ada"])


def test_several_homes_get_a_file_each_in_the_named_folder(cli, tmp_path):
    for user in ("bob", "eve"):
        (tmp_path / "image" / "home" / user).mkdir(parents=True)
    run = cli.run("scan", "--root", tmp_path / "image", "-o", "out", "--format", "json")
    assert run.returncode == 0
    assert {path.name for path in (cli.home / "out").iterdir()} == {"bob.json", "eve.json"}
    assert load((cli.home / "out" / "eve.json").read_bytes()).host.user == "eve"
    lines = run.stdout.splitlines()
    assert [json.loads(line)["host"]["user"] for line in lines] == ["bob", "eve"]


def test_homes_of_the_same_name_do_not_overwrite_each_other(cli, tmp_path):
    for parent in ("home", "Users"):
        (tmp_path / "image" / parent / "Bob").mkdir(parents=True)
    run = cli.run("scan", "--root", tmp_path / "image", "--platform", "linux", "-o", "out", "--quiet")
    assert run.returncode == 0
    assert {path.name for path in (cli.home / "out").iterdir()} == {"Bob.json", "Bob-2.json"}


def test_for_people_several_homes_are_printed_one_after_another(cli, tmp_path):
    for user in ("bob", "eve"):
        (tmp_path / "image" / "home" / user).mkdir(parents=True)
    shown = cli.run("scan", "--root", tmp_path / "image").stdout
    assert 0 < shown.index(b"bob") < shown.index(b"eve")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", [["scan"], ["--help"], ["schema"], ["version"], ["demo"]])
def test_a_full_disk_is_said(cli, arguments):
    with open("/dev/full", "wb") as full:
        run = cli.run(*arguments, stdout=full)
    assert run.returncode == 2
    assert b"No space left on device" in run.stderr
    assert b"Traceback" not in run.stderr


def test_a_stderr_that_takes_no_more_changes_nothing(cli):
    with open("/dev/full", "wb") as full:
        assert cli.run("scan", "--probe", "nothing", stderr=full).returncode == 2


@pytest.mark.parametrize("arguments", [["demo"], ["demo", "--format", "json"], ["schema"], ["--help"]])
def test_a_reader_that_goes_away_is_no_error(cli, arguments):
    reading, writing = os.pipe()
    os.close(reading)
    run = cli.run(*arguments, stdout=writing)
    os.close(writing)
    assert run.stderr == b""
    assert run.returncode in (0, 3)


def test_a_closed_stdout_is_said_before_the_scan(cli):
    run = subprocess.run(
        ["sh", "-c", '"$0" -m scanner scan >&-', sys.executable],
        check=False,
        env=cli.variables(),
        cwd=cli.home,
        stderr=subprocess.PIPE,
    )
    assert run.returncode == 2
    assert b"stdout is closed" in run.stderr
    assert not (cli.state / "log.jsonl").exists()


def test_with_no_stream_open_a_file_is_still_right(cli):
    line = '"$0" -m scanner scan --quiet -o r.json <&- >&- 2>&-'
    run = subprocess.run(["sh", "-c", line, sys.executable], check=False, env=cli.variables(), cwd=cli.home)
    assert run.returncode == 0
    load((cli.home / "r.json").read_bytes())


def test_an_ascii_stdout_gets_ascii(cli):
    cli.run("demo", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}).stdout.decode("ascii")


def test_the_ending_names_the_format():
    assert {format_of(Path(name)) for name in ("a.json", "a.b.JSON")} == {"json"}
    assert format_of(Path("a.txt")) == "terminal"


@pytest.mark.parametrize("word", ["schema_version", "RECOVERY_DESTROY", "workstation", "fingerprint"])
def test_a_password_that_is_a_word_of_ours_breaks_no_document(word, demo_report):
    vault = Vault(KEY)
    vault.keep(word)
    data = RENDERERS["json"](demo_report, Page())
    assert Mask(vault, lambda: own_words(())).over(data, "json") == (data, 0)


def test_a_document_that_the_mask_would_break_is_a_defect(demo_report):
    vault = Vault(KEY)
    vault.keep("schema_version")
    with pytest.raises(Defect) as caught:
        Mask(vault).over(RENDERERS["json"](demo_report, Page()), "json")
    assert caught.value.code == 5
    assert "schema_version" not in str(caught.value)


@pytest.fixture
def demo_report(cli):
    return load(cli.run("demo", "--format", "json").stdout)


class Screen:
    """A stream that keeps what it was told."""

    encoding = "utf-8"

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return False


def test_whatever_goes_to_stderr_passes_the_mask_even_in_pieces():
    screen = Screen()
    console = Console(Facts(), screen)
    console.vault = Vault(KEY)
    console.vault.keep("CANARY-CANARY-CANARY")
    stream = MaskedStream(console)
    for piece in ("one CANARY-", "CANARY-CANARY two\nthree CANARY-CANARY-", "CANARY"):
        stream.write(piece)
    stream.flush()
    console.error("CANARY-CANARY-CANARY\x1b", "CANARY-CANARY-CANARY")
    assert screen.text == (
        "one [masked] two\nthree [masked]armslength: error: [masked]\\x1b\narmslength: hint: [masked]\n"
    )


def test_several_homes_do_not_fit_one_file(cli, tmp_path):
    for name in ("bob", "eve"):
        (tmp_path / name).mkdir()
    target = tmp_path / "many.json"
    run = cli.run("scan", "--home", tmp_path / "bob", "--home", tmp_path / "eve", "-o", target)
    assert run.returncode == 2
    assert b"several homes need a folder" in run.stderr
    assert not target.exists()
