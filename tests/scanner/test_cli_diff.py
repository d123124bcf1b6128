"""`armslength diff` and `--fail-on-increase`: two reports or one and now, exit codes, and what an agent is told."""

import pytest
from msgspec.structs import replace

from reports import Page
from reports.difference_document import load
from reports.document import load as report
from reports.document import render
from scanner.model.difference import Origin
from tests.reports.test_difference import OLD, freer

SCAN = ("--probe", "acme.vault", "--no-env")
BEFORE, AFTER = freer(OLD)


@pytest.fixture
def two(tmp_path):
    """Two saved reports: before and after an agent was let run without asking."""
    paths = tmp_path / "old.json", tmp_path / "new.json"
    for path, each in zip(paths, (BEFORE, AFTER), strict=True):
        path.write_bytes(render(each, Page()))
    return tuple(map(str, paths))


@pytest.fixture
def saved(tmp_path):
    """Where a report of the desk is saved."""
    return str(tmp_path / "report.json")


@pytest.fixture
def desk(cli, saved):
    """A home of which a report was saved while its probe saw a gap, and which holds a credential now."""
    cli.acme("refused")
    assert cli.run("scan", *SCAN, "--quiet", "-o", saved).returncode == 0
    (cli.home / ".acme").write_text("exposure")
    return cli


def told(run):
    return [line.removeprefix("armslength: ") for line in run.stderr.decode().splitlines()]


def test_two_saved_reports_are_compared_in_every_format(cli, two, tmp_path):
    files = [str(tmp_path / name) for name in ("d.json", "d.md", "d.txt")]
    run = cli.run("diff", *two, *(word for each in files for word in ("-o", each)), env={"COLUMNS": "300"})
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"OpenAI Codex's approval_policy is now never" in run.stdout
    assert f"armslength explain codex {two[1]}" in " ".join(run.stdout.decode().split())
    found = load((tmp_path / "d.json").read_bytes())
    assert [cause.origin for cause in found.causes] == [Origin.SETTING]
    assert (tmp_path / "d.md").read_text().startswith("### armslength: More is within reach")
    assert (tmp_path / "d.txt").read_text().startswith("armslength · difference")


@pytest.mark.parametrize(("order", "code"), [((0, 1), 1), ((1, 0), 0), ((0, 0), 0)])
def test_more_within_reach_ends_with_one_where_that_was_asked_for(cli, two, order, code):
    run = cli.run("diff", two[order[0]], two[order[1]], "--fail-on-increase", "--quiet")
    assert (run.returncode, run.stdout) == (code, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "error: name the report to compare with, or --kept."),
        (("gone.json",), "error: gone.json: No such file or directory"),
        (("{old}", "gone.json"), "error: gone.json: No such file or directory"),
        (("{old}", "{old}", "--depth", "quick"), "error: two saved reports were named, so options that say what to"),
        (("{old}", "{old}", "--kept"), "error: with --kept the only argument is the newer report."),
        (("{old}", "{old}", "-o", "x.pdf"), "error: -o x.pdf: no format has that ending"),
        (("{old}", "{old}", "--format", "markdwn"), "error: there is no format markdwn; did you mean markdown?"),
    ],
)
def test_what_cannot_be_compared_ends_with_two(cli, two, arguments, said):
    run = cli.run("diff", *(each.format(old=two[0]) for each in arguments))
    assert (run.returncode, run.stdout) == (2, b"")
    assert told(run)[0].startswith(said)


@pytest.mark.parametrize("data", [b"", b"{}", b'{"schema_version": "9"}', b"[" * 9999])
def test_a_broken_report_ends_a_scan_before_the_look(cli, tmp_path, data):
    broken = tmp_path / "broken.json"
    broken.write_bytes(data)
    run = cli.run("scan", "--fail-on-increase", broken, "-o", tmp_path / "never.json")
    assert (run.returncode, run.stdout) == (2, b"")
    assert told(run)[0].startswith(f"error: --fail-on-increase {broken}: this ")
    assert not (tmp_path / "never.json").exists()


def test_a_report_is_compared_with_now_and_what_could_not_be_read_before_is_not_told_as_new(desk, saved):
    run = desk.run("diff", saved, *SCAN, "--format", "json")
    assert run.returncode == 0, run.stderr
    found = load(run.stdout)
    assert (found.same, found.tally.seen, found.tally.came) == (True, 1, 0)
    assert "CANARY" not in (run.stdout + run.stderr).decode()


def test_a_scan_that_finds_more_says_why_and_ends_with_one(desk, saved):
    run = desk.run("scan", *SCAN, "--quiet", "--fail-on-increase", saved)
    assert run.returncode == 1
    assert "more than before: 0 to 1 items beyond the contract" in told(run)
    (desk.home / ".acme").write_text("exposure and limit")
    assert desk.run("scan", *SCAN, "--quiet", "--fail-on-increase", saved).returncode == 4
    (desk.home / ".acme").write_text("refused")
    assert desk.run("scan", *SCAN, "--quiet", "--fail-on-increase", saved).returncode == 0


def test_a_report_of_another_home_is_said_to_be_one(desk, two):
    run = desk.run("scan", *SCAN, "--quiet", "--fail-on-increase", two[0])
    assert "warning: the report to compare with is of another home or machine" in told(run)


def test_an_agent_is_told_numbers_alone(desk, saved):
    desk.settle('plugins.allow = ["acme-probes"]\n')
    run = desk.run("diff", saved, *SCAN, env={"CLAUDECODE": "1"})
    text = " ".join(run.stdout.decode().split())
    assert "Details are withheld: started by" in text
    assert "excess items 0 → 1" in text
    assert not any(word in text for word in (".acme", "acme.token", "123456789012", "ada"))
    run = desk.run("scan", *SCAN, "--quiet", "--fail-on-increase", saved, env={"CLAUDECODE": "1"})
    assert run.returncode == 1
    assert not any(".acme" in line for line in told(run))


def test_a_secret_that_stands_in_a_saved_report_is_masked_where_it_is_seen_now(desk, saved, tmp_path):
    before = report((tmp_path / "report.json").read_bytes())
    leaky = replace(before, gaps=(replace(before.gaps[0], why="CANARY-CANARY-CANARY"),))
    (tmp_path / "report.json").write_bytes(render(leaky, Page()))
    for name in ("terminal", "json", "markdown"):
        run = desk.run("diff", saved, *SCAN, "--format", name)
        assert run.returncode == 0, run.stderr
        assert b"CANARY" not in run.stdout


def test_the_schema_of_a_difference_is_printed(cli):
    run = cli.run("schema", "difference")
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"urn:armslength:difference:1" in run.stdout
