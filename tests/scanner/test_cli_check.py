"""`armslength check` as a step of a pipeline: formats and files, exit codes, and what it hands on to others."""

import io
import json
from xml.etree import ElementTree as Xml

import click
import pytest

from reports.checklist_document import load
from scanner.cli.check import FAIL_ON, SECONDS, command
from scanner.cli.console import Console
from scanner.cli.guard import Facts

ONLY = ("--probe", "acme.vault")


def test_stdout_gets_one_format_and_each_file_the_one_of_its_ending(cli):
    cli.acme("exposure")
    files = ("c.txt", "c.json", "c.md", "c.junit.xml")
    run = cli.run("check", "--format", "json", *(word for file in files for word in ("-o", file)), *ONLY)
    assert (run.returncode, load(run.stdout).result) == (1, "fail")
    text, document, page, xml = ((cli.home / file).read_bytes() for file in files)
    assert load(document).counts == load(run.stdout).counts
    assert text.startswith(b"The contract laptop is broken in ")
    assert page.startswith(b"# The contract laptop is broken in ")
    assert Xml.fromstring(xml).tag == "testsuites"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("--format=html", b"one of terminal, json, markdown, junit"),
        ("-oc.html", b"known endings: .json .txt .md .junit.xml"),
        ("--fail-on=CANARY", b"'clause'"),
    ],
)
def test_what_no_checklist_can_be_is_refused_before_the_look(cli, option, said):
    cli.acme("interrupt")  # the look would not come back
    run = cli.run("check", option, *ONLY)
    assert (run.returncode, run.stdout, said in run.stderr) == (2, b"", True)


def test_from_which_failing_clause_on_it_ends_with_1(cli):
    cli.acme("exposure")
    codes = {each: cli.run("check", "--quiet", "--fail-on", each, *ONLY).returncode for each in FAIL_ON}
    assert codes == {"never": 0, "clause": 1, "low": 1, "medium": 1, "high": 1, "critical": 1}


def test_a_failing_clause_without_an_item_so_severe_does_not_count(cli):
    settings = cli.home / "image" / "home" / "ada" / ".claude" / "settings.json"  # no container, wherever tests run
    settings.parent.mkdir(parents=True)
    settings.write_text('{"permissions": {"defaultMode": "bypassPermissions"}}')
    only = ("--root", "image", "--probe", "agents", "--agent", "claude-code", "--quiet")
    codes = {each: cli.run("check", "--fail-on", each, *only).returncode for each in ("high", "critical")}
    assert codes == {"high": 1, "critical": 0}


def test_it_takes_less_time_than_a_scan_and_says_how_much(cli):
    assert f"Seconds to look; {SECONDS:g}.".encode() in cli.run("check", "--help").stdout
    assert b"Seconds to look; 60." in cli.run("scan", "--help").stdout


def test_what_is_thought_away_is_gone_from_the_list_and_said_on_top(cli):
    cli.acme("exposure")
    told = json.loads(cli.run("check", "--format", "json", *ONLY).stdout)
    [gone] = told["steps"][0]["items"]
    run = cli.run("check", "--without", gone, *ONLY)
    assert run.returncode == 0
    assert b"Only supposed: as if mended: " in run.stdout
    assert cli.run("check", "--without", gone, "--attest", "a.json", *ONLY).returncode == 2


def test_it_compares_with_a_saved_report(cli):
    cli.acme("refused")
    assert cli.run("scan", "-o", "before.json", "--quiet", *ONLY).returncode == 0
    assert cli.run("check", "--quiet", "--fail-on-increase", "before.json", *ONLY).returncode == 0
    (cli.home / ".acme").write_text("exposure")
    run = cli.run("check", "--quiet", "--fail-on", "never", "--fail-on-increase", "before.json", *ONLY)
    assert (run.returncode, b"more than before" in run.stderr) == (1, True)


def test_verifying_looks_at_nothing(cli):
    cli.acme("interrupt")
    (cli.home / "a.json").write_text("{}")
    run = cli.run("check", "--verify", "a.json", "--nonce", "n", "--no-color", "-v")
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"--verify a.json: " in run.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--root", "/"],
        ["--home", "/home/ada"],
        ["--without", "f-1"],
        ["--depth", "standard"],
        ["--quiet"],
        ["-o", "a.txt"],
        ["--fail-on-increase", "a.json"],
    ],
)
def test_verifying_refuses_what_would_mean_nothing(words):
    option = "--output" if words[0] == "-o" else words[0]
    with pytest.raises(click.UsageError, match=f"^{option} means nothing with --verify"):
        command.main(["--verify", "a.json", *words], obj=Console(Facts(), io.StringIO()), standalone_mode=False)


def test_under_an_agent_every_format_has_counts_alone(cli):
    cli.settle("")
    cli.acme("exposure")
    for form in ("terminal", "json", "markdown", "junit"):
        run = cli.run("check", "--format", form, *ONLY, env={"CLAUDECODE": "1"})
        assert run.returncode == 1
        assert b"123456789012" not in run.stdout
        assert b"f-" not in run.stdout
        assert b"1 item" in run.stdout or b'"items": 1' in run.stdout


def test_the_schema_of_its_document_is_printed(cli):
    assert json.loads(cli.run("schema", "check").stdout)["$id"] == "urn:armslength:checklist:1"
