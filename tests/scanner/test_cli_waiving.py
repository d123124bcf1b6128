"""Waivers written by the command line: `baseline init --from-scan` and `baseline waive`."""

import json
import os
from datetime import UTC, datetime, timedelta

import pytest

from scanner.cli import baseline
from scanner.errors import ScannerError
from tests.support import dropped

ONLY = ("--probe", "acme.vault")
TODAY = datetime.now(UTC).date()
MINE = "# mine\nversion: 1\nname: mine\nextends: [laptop]\n"


def finding(cli, *more):
    told = json.loads(cli.run("scan", "--format", "json", *more, *ONLY).stdout)
    [each] = [each["id"] for each in told["findings"] if "contract" in each["tags"]]
    return each


def test_what_is_there_today_is_accepted_and_what_comes_later_is_not(cli):
    cli.acme("exposure")
    run = cli.run("baseline", "init", "--from-scan", "--name", "today", "--owner", "ada", *ONLY)
    assert (run.returncode, run.stdout) == (
        0,
        f"today.yaml accepts 1 finding until {TODAY + timedelta(30)}.\n".encode(),
    )
    text = (cli.home / "today.yaml").read_text()
    assert ("extends: [laptop]" in text, "owner: ada" in text, "CANARY" in text) == (True, True, False)
    assert cli.run("check", "--baseline", "today.yaml", *ONLY).returncode == 0
    later = ("--now", f"{TODAY + timedelta(31)}T00:00:00Z")
    assert cli.run("check", "--baseline", "today.yaml", *later, *ONLY).returncode == 1
    probe = cli.home / "lib" / "acme_probes.py"
    probe.write_text(
        probe.read_text().replace("Capability.DATA_DESTROY}", "Capability.DATA_DESTROY, Capability.MONEY}")
    )
    run = cli.run("scan", "--format", "json", "--baseline", "today.yaml", *ONLY)
    told = json.loads(run.stdout)
    assert (told["figures"]["excess"]["items"], [each["state"] for each in told["waivers"]]) == (1, ["grown"])


def test_a_waiver_is_written_into_a_contract_which_stays_as_it_is_otherwise(cli):
    cli.acme("exposure")
    path = cli.home / "mine.yaml"
    path.write_text(MINE)
    name = finding(cli)
    run = cli.run("baseline", "waive", name[:8], "--baseline", path, "--reason", "moving: to SSO", *ONLY)
    assert (run.returncode, run.stdout.startswith(f"{path} accepts until ".encode())) == (0, True)
    assert path.read_text().startswith(MINE)
    assert cli.run("check", "--baseline", path, *ONLY).returncode == 0
    renewed = str(TODAY + timedelta(60))
    again = cli.run("baseline", "waive", name, "--baseline", path, "--reason", "x", "--until", renewed, *ONLY)
    assert (again.returncode, path.read_text().count(name), path.read_text().count(renewed)) == (0, 1, 1)
    assert "moving" not in path.read_text()


OTHER = "{finding: f-other, owner: bo, reason: x, until: 2099-01-01}"
LISTS = {
    "in a block": f"waivers:\n    # old\n    - {OTHER}\n",
    "in several lines": "waivers: # some\n- finding: f-other\n  owner: bo\n  reason: x\n  until: 2099-01-01\n\n",
    "before another key": f"waivers:\n  - {OTHER}\nstop_if: [it hurts]\n",
}


@pytest.mark.parametrize("form", LISTS)
def test_a_waiver_stands_beside_those_that_are_there(cli, form):
    cli.acme("exposure")
    path = cli.home / "mine.yaml"
    path.write_text(MINE + LISTS[form])
    run = cli.run("baseline", "waive", finding(cli), "--baseline", path, "--reason", "x", *ONLY)
    assert (run.returncode, run.stderr) == (0, b"")
    assert all(line in path.read_text() for line in (MINE + LISTS[form]).splitlines())
    told = json.loads(cli.run("scan", "--format", "json", "--baseline", path, *ONLY).stdout)
    assert sorted(each["state"] for each in told["waivers"]) == ["in force", "unused"]


def test_what_a_person_wrote_into_the_file_stays_when_a_waiver_is_renewed(cli):
    """Its line ends, its mode, its comments, and a waiver of the same finding in what it extends."""
    cli.acme("exposure")
    name = finding(cli)
    row = f"- finding: {name}\n  owner: bo\n  # agreed with ada\n  reason: x\n  until: 2099-01-01\n"
    (cli.home / "base.yaml").write_text(f"version: 1\nname: base\nextends: [laptop]\nwaivers:\n{row}")
    path = cli.home / "mine.yaml"
    text = f"version: 1\nname: mine\nextends: [base]\nwaivers:\n# old\n{row}\n# end".replace("\n", "\r\n")
    path.write_bytes(text.encode())
    path.chmod(0o640)
    for _ in range(2):
        run = cli.run("baseline", "waive", name, "--baseline", path, "--reason", "y", *ONLY)
        assert (run.returncode, run.stderr) == (0, b"")
    written = path.read_bytes().decode()
    assert written.count("\n") == written.count("\r\n")
    assert [written.count(each) for each in ("# old", "# agreed with ada", "# end", "owner: bo", name)] == [
        1,
        1,
        1,
        0,
        1,
    ]
    assert len([line for line in written.splitlines() if line.startswith("# ")]) == 3  # its title stands there once
    assert os.name != "posix" or path.stat().st_mode & 0o777 == 0o640
    assert cli.run("check", "--baseline", path, *ONLY).returncode == 0


TRAPS = {
    "the same lines in a text": "waivers:\n    - {row}\nticket:\n  goal: |\n    - finding: {name}\n      x\n    y\n",
    "a blank line in a text": "waivers:\n- finding: {name}\n  owner: a\n  until: 2099-01-01\n  reason: |\n   x\n\n   y",
    "a key in a text": "stop_if: ['a\n\n  waivers:\n\n  b']\nwaivers: [{row}]\n",
    "the end of the document": "...\n",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_a_file_in_which_something_else_would_change_is_left_alone(cli, trap):
    cli.acme("exposure")
    name = finding(cli)
    path = cli.home / "mine.yaml"
    path.write_text(MINE + TRAPS[trap].replace("{name}", name).replace("{row}", OTHER.replace("f-other", name)))
    before = path.read_bytes()
    run = cli.run("baseline", "waive", name, "--baseline", path, "--reason", "x", *ONLY)
    assert (run.returncode, path.read_bytes()) == (2, before)
    assert b"add these lines yourself" in run.stderr


@pytest.mark.skipif(os.name != "posix", reason="file modes are posix")
def test_a_file_that_is_not_to_be_written_is_left_alone(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(MINE)
    path.chmod(0o444)
    with pytest.raises(ScannerError, match="is not to be written"):
        dropped(baseline.write, path, b"x", True)
    assert path.read_text() == MINE


def test_a_file_with_the_name_of_a_shipped_contract_is_not_taken_for_that(cli):
    cli.acme("exposure")
    (cli.home / "laptop").write_text("version: 1\nname: other\nallow: [{asset: 'database:*'}]\n")
    run = cli.run("baseline", "init", "--from-scan", "--baseline", "./laptop", *ONLY)
    assert (run.returncode, b"cannot be extended by its name" in run.stderr) == (2, True)
    assert not (cli.home / "mine.yaml").exists()


def test_a_list_that_cannot_be_added_to_is_left_alone_and_the_lines_are_told(cli):
    cli.acme("exposure")
    path = cli.home / "mine.yaml"
    path.write_text(MINE + f"waivers: [{OTHER}]\n")
    before = path.read_bytes()
    run = cli.run("baseline", "waive", finding(cli), "--baseline", path, "--reason", "x", *ONLY)
    assert (run.returncode, path.read_bytes()) == (2, before)
    assert b"add these lines yourself" in run.stderr
    assert b"parts: [" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["waive", "f-nothing", "--reason", "x", "--baseline", "mine.yaml"],
            b"nothing beyond the contract has that id",
        ),
        (["waive", "f-", "--reason", "x"], b"comes with the tool, and takes no waivers"),
        (["waive", "f-", "--reason", "x", "--until", "2020-01-01"], b"a waiver ends between today and"),
        (["waive", "f-", "--reason", "x", "--until", "2999-01-01"], b"a waiver ends between today and"),
        (["waive", "f-", "--reason", "x", "--until", "soon"], b"a day as 2026-12-31"),
        (["init", "--name", "other", "--owner", "ada"], b"go with --from-scan"),
        (["init", "--from-scan", "--name", "mine"], b"mine.yaml: is there already"),
        (["init", "--from-scan", "--baseline", "mine.yaml", "-o", "src/x.yaml"], b"cannot extend mine.yaml"),
    ],
)
def test_what_cannot_be_written_is_said_and_nothing_is(cli, arguments, said):
    cli.acme("exposure")
    (cli.home / "src").mkdir()
    (cli.home / "mine.yaml").write_text(MINE)
    run = cli.run("baseline", *arguments, *ONLY)
    assert (run.returncode, said in run.stderr) == (2, True), run.stderr
    assert sorted(each.name for each in cli.home.rglob("*.yaml")) == ["mine.yaml"]
    assert (cli.home / "mine.yaml").read_text() == MINE


@pytest.mark.parametrize("arguments", [["init", "--from-scan"], ["waive", "f-x", "--reason", "x"]])
def test_an_agent_may_accept_nothing(cli, arguments):
    cli.settle("")
    run = cli.run("baseline", *arguments, env={"CLAUDECODE": "1"})
    assert (run.returncode, b"is a person's to say" in run.stderr, list(cli.home.glob("*.yaml"))) == (2, True, [])


def test_a_contract_may_start_from_another_shipped_one(cli):
    assert cli.run("baseline", "init", "--baseline", "contractor").returncode == 0
    assert "extends: [contractor]" in (cli.home / "mine.yaml").read_text()
    assert cli.run("baseline", "lint", "mine.yaml").returncode == 0
