import json
import os
import re
import subprocess
import sys

import pytest

import scanner
from scanner.cli.group import SUMMARIES
from scanner.config import load
from scanner.model import Capability, Environment


def test_help_lists_every_command_that_there_is(cli):
    run = cli.run("--help")
    assert run.returncode == 0
    listed = re.findall(r"^  ([a-z][a-z-]*)  ", run.stdout.decode(), re.MULTILINE)
    assert listed == list(SUMMARIES)


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_command_says_how_it_is_used(cli, name):
    run = cli.run(name, "--help")
    assert run.returncode == 0
    assert run.stdout.startswith(f"Usage: armslength {name}".encode())
    assert run.stderr == b""


def test_a_command_that_needs_another_says_so_in_a_line(cli):
    run = cli.run("state")
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.decode().splitlines() == [
        "armslength: error: Missing command.",
        "armslength: hint: armslength state --help",
    ]


def test_help_loads_no_command_and_nothing_heavy():
    code = (
        "import sys; sys.argv = ['armslength', '--help']\n"
        "import atexit, scanner.cli\n"
        "heavy = 'rich msgspec yaml psutil platformdirs tomllib scanner.engine scanner.cli.scan reports probes'\n"
        "atexit.register(lambda: print(*(each for each in heavy.split() if each in sys.modules), file=sys.stderr))\n"
        "scanner.cli.main()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stderr == b"\n"


def test_importing_the_package_loads_nothing_of_it():
    code = "import sys, scanner; print([each for each in sys.modules if each.startswith('scanner.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"[]\n"


def test_the_public_surface_is_there():
    from scanner import engine, host
    from scanner.model import report

    assert (scanner.Host, scanner.Report, scanner.scan) == (host.Host, report.Report, engine.scan)
    assert callable(scanner.probe.probe)
    with pytest.raises(AttributeError):
        scanner.nothing  # noqa: B018 - the look-up is the test


@pytest.mark.parametrize("first", ["", "import scanner.probe; ", "import scanner; scanner.scan; "])
def test_a_public_name_means_the_same_whatever_was_loaded_before(first):
    code = f"{first}from scanner import probe, scan, Host, Report; probe.probe(id='a', title='b', reads=())"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_demo_is_the_same_every_time_and_keeps_nothing(cli):
    def report():
        told = json.loads(cli.run("demo", "--format", "json").stdout)
        return {key: value for key, value in told.items() if key != "scan"}

    assert report() == report()
    assert report()["host"]["source"] == "sample"
    assert not cli.state.exists()


def test_the_demo_is_held_against_the_laptop_as_a_scan_is(cli):
    told = json.loads(cli.run("demo", "--format", "json").stdout)
    assert (told["contract"]["name"], bool(told["advice"])) == ("laptop", True)
    assert b"Beyond the contract laptop: " in cli.run("demo").stdout


def test_the_demo_goes_into_files_too(cli):
    assert cli.run("demo", "-o", "r.json", "--quiet").stdout == b""
    assert json.loads((cli.home / "r.json").read_bytes())["host"]["source"] == "sample"


def test_a_saved_report_is_rendered(cli):
    cli.run("demo", "-o", "r.json", "--quiet")
    shown = cli.run("render", "r.json")
    assert shown.stdout.startswith(b"armslength")
    assert cli.run("render", "-", stdin=(cli.home / "r.json").read_bytes()).stdout == shown.stdout
    again = cli.run("render", "r.json", "--format", "json")
    assert again.stdout == (cli.home / "r.json").read_bytes()
    files = cli.run("render", "r.json", "-o", "r.txt")
    assert (files.returncode, files.stdout) == (0, b"")
    assert (cli.home / "r.txt").exists()


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"CANARY", b'{"schema_version": "CANARY"}', None])
def test_what_is_no_report_is_refused_and_not_quoted(cli, content):
    (cli.home / "other.json").mkdir() if content is None else (cli.home / "other.json").write_bytes(content)
    for arguments in (["render", "other.json"], ["explain", "x", "other.json"]):
        run = cli.run(*arguments)
        assert run.returncode == 2
        assert b"other.json" in run.stderr
        assert b"CANARY" not in run.stderr


def test_a_report_that_is_not_there_is_said(cli):
    run = cli.run("render", "nowhere.json")
    assert run.returncode == 2
    assert b"nowhere.json: No such file or directory" in run.stderr


def test_an_exposure_is_explained_from_a_report_or_by_looking_again(cli):
    cli.acme("exposure")
    cli.run("scan", "--probe", "acme.vault", "--quiet", "-o", "r.json")
    told = json.loads((cli.home / "r.json").read_bytes())
    exposure = told["exposures"][0]["id"]
    saved = cli.run("explain", exposure, "r.json")
    assert (saved.returncode, saved.stderr) == (0, b"")
    assert b"123456789012" in saved.stdout
    again = cli.run("explain", exposure[:-2], "--probe", "acme.vault")
    assert (again.returncode, again.stdout) == (0, saved.stdout)
    assert len(cli.run("explain", exposure, "r.json", "--score").stdout) > len(saved.stdout)


def test_an_explanation_holds_no_secret(cli):
    cli.acme("exposure")
    told = json.loads(cli.run("scan", "--probe", "acme.vault", "--format", "json").stdout)
    run = cli.run("explain", told["credentials"][0]["id"], "--probe", "acme.vault")
    assert run.returncode == 0
    assert b"CANARY" not in run.stdout + run.stderr


@pytest.mark.parametrize("arguments", [["nothing", "r.json"], ["x", "r.json", "--home", "."]])
def test_what_cannot_be_explained_is_said(cli, arguments):
    cli.run("demo", "-o", "r.json", "--quiet")
    assert cli.run("explain", *arguments).returncode == 2


def test_probes_are_listed_with_their_reads_and_pages(cli):
    cli.acme("exposure")
    shown = cli.run("probes").stdout.decode()
    assert "acme.vault  Acme vault (from acme-probes 2.1)\n    ~/.acme\n" in shown
    page = cli.run("probes", "acme.vault").stdout.decode()
    assert page.endswith("**Why it matters.** Tests need a probe that goes wrong.\n")
    [*_, last] = json.loads(cli.run("probes", "--format", "json").stdout)
    assert last["reads"] == ["~/.acme"]
    assert last["distribution"] == "acme-probes 2.1"


def test_an_unknown_probe_is_refused_with_a_guess(cli):
    cli.acme("exposure")
    run = cli.run("probes", "acme.valt")
    assert run.returncode == 2
    assert b"did you mean acme.vault" in run.stderr


def test_a_named_probe_that_is_missing_stops_the_scan(cli):
    cli.settle('[plugins]\nallow = ["acme-probes"]\n')
    run = cli.run("scan")
    assert run.returncode == 2
    assert b"not installed" in run.stderr


def test_schema_prints_the_document_s_form_and_the_words(cli):
    assert json.loads(cli.run("schema").stdout)["title"] == "armslength report"
    shown = cli.run("schema", "capabilities").stdout.decode()
    assert re.findall(r"^(\S+)$", shown, re.MULTILINE) == list(Capability)
    assert cli.run("schema", "kinds").returncode == 0


def test_version_names_all_that_a_figure_depends_on(cli):
    shown = cli.run("version").stdout.decode().splitlines()
    assert shown[0].startswith("armslength ")
    assert {line.split(" ")[0] for line in shown} >= {"report", "weights", "capabilities", "environments"}


def test_a_label_is_written_and_applies(cli):
    cli.settle('# mine\nagents_may_read = true\n\n[labels]\n"a:b" = "shared" # why\n')
    run = cli.run("label", "a:b", "production")
    assert run.stdout.startswith(b"a:b is production from now on")
    assert cli.config.read_text() == '# mine\nagents_may_read = true\n\n[labels]\n"a:b" = "production" # why\n'
    assert cli.config.stat().st_mode & 0o777 == 0o600
    cli.run("label", 'kind:"\\é', "sandbox")
    assert load(cli.config).labels == {"a:b": Environment.PRODUCTION, 'kind:"\\é': Environment.SANDBOX}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["orders", "production"], "kind:name"),
        (["a:b", "prod"], "did you mean production?"),
        (["a:b", "nowhere"], "one of production"),
        (["a:b"], "ENVIRONMENT"),
        ([os.fsdecode(b"a:\xff"), "production"], "not Unicode"),
    ],
)
def test_a_label_that_makes_no_sense_changes_nothing(cli, arguments, said):
    before = cli.config.read_bytes()
    run = cli.run("label", *arguments)
    assert run.returncode == 2
    assert said in run.stderr.decode()
    assert cli.config.read_bytes() == before


def test_a_label_in_a_faulty_configuration_is_refused(cli):
    cli.settle("lables = 1\n")
    assert cli.run("label", "a:b", "production").returncode == 2
    assert cli.config.read_text() == "lables = 1\n"


def test_a_label_follows_a_link_of_the_user_s_own(cli, tmp_path):
    real = tmp_path / "dotfiles.toml"
    cli.config.rename(real)
    cli.config.symlink_to(real)
    assert cli.run("label", "a:b", "production").returncode == 0
    assert cli.config.is_symlink()
    assert load(real).labels == {"a:b": "production"}


def test_a_glob_behind_another_glob_is_said_to_come_second(cli):
    cli.run("label", "a:*", "sandbox")
    run = cli.run("label", "a:b*", "production")
    assert run.returncode == 0
    assert b"a:* stands before it" in run.stderr


def test_state_is_shown_and_removed(cli):
    assert cli.run("state", "show").stdout.startswith(b"nothing is kept")
    cli.run("scan", "--quiet")
    shown = cli.run("state", "show").stdout.decode().splitlines()
    assert shown[0] == str(cli.state)
    assert shown[1].split() == ["0600", "32", "bytes", "key"]
    refused = cli.run("state", "purge")
    assert refused.returncode == 2
    assert b"--yes" in refused.stderr
    assert (cli.state / "key").exists()
    assert cli.run("state", "purge", "--yes").returncode == 0
    assert not cli.state.exists()


def test_a_person_may_say_yes_to_a_purge(cli):
    cli.run("scan", "--quiet")
    assert cli.on_terminal("state", "purge", answer=b"no\n")[1] == 2
    assert cli.state.exists()
    assert cli.on_terminal("state", "purge", answer=b"yes\n")[1] == 0
    assert not cli.state.exists()


@pytest.mark.parametrize(
    ("asset", "said"),
    [
        ("aws-acount:123456789012", b"did you mean aws-account?"),
        ("aws-account:1", None),
        ("git-host:x", None),
        ("*:x", None),
    ],
)
def test_a_kind_of_asset_that_is_mistyped_is_said(cli, asset, said):
    run = cli.run("label", asset, "production")
    assert run.returncode == 0
    assert (b"warning" in run.stderr) == (said is not None)
    assert said is None or said in run.stderr
