import json
import re
import stat
import subprocess

import pytest

from scanner.config import load
from scanner.model import Platform
from scanner.model.report import Report

ONLY = ("scan", "--probe", "acme.vault")


def test_an_empty_home_is_fine(cli):
    run = cli.run("scan", "--format", "json")
    assert (run.returncode, run.stderr) == (0, b"")
    told = json.loads(run.stdout)
    assert told["host"]["home"] == str(cli.home)
    assert told["credentials"] == []
    assert list(told) == [each for each in Report.__struct_fields__ if each != "what_if"]


def test_stdout_is_for_people_by_default(cli):
    run = cli.run("scan")
    assert run.returncode == 0
    assert run.stdout.startswith(b"armslength")


@pytest.mark.parametrize(
    ("word", "fail_on", "code"),
    [
        ("exposure", "never", 0),
        ("exposure", "low", 1),
        ("exposure", "high", 1),
        ("weakness", "never", 0),
        ("weakness", "low", 1),
        ("weakness", "critical", 0),
        ("refused", "low", 0),
        ("exposure and limit", "never", 3),
        ("exposure and limit", "low", 4),
        ("gap", "never", 3),
        ("gap", "low", 3),
        ("defect", "never", 3),
        ("leak", "never", 3),
        ("interrupt", "never", 130),
    ],
)
def test_how_a_scan_ends(cli, word, fail_on, code):
    cli.acme(word)
    run = cli.run(*ONLY, "--fail-on", fail_on, "--quiet")
    assert run.returncode == code
    assert run.stdout == b""
    assert b"Traceback" not in run.stderr


def test_a_secret_that_was_about_to_be_printed_is_masked_and_said(cli):
    cli.acme("leak")
    for name in ("json", "terminal"):
        run = cli.run(*ONLY, "--format", name, "-o", cli.home / "r.json")
        assert run.returncode == 3
        assert b"CANARY" not in run.stdout + run.stderr
        told = json.loads((cli.home / "r.json").read_bytes())
        assert {"kind": "failed", "probe": "mask", "place": "output"}.items() <= told["gaps"][-1].items()
        assert "[masked]" in json.dumps(told)


@pytest.mark.parametrize("word", ["defect", "warn"])
def test_what_python_says_of_a_probe_holds_no_secret(cli, word):
    cli.acme(word)
    run = cli.run(*ONLY, "-v")
    assert b"CANARY" not in run.stdout + run.stderr


def test_a_warning_is_masked_rather_than_lost(cli):
    cli.acme("warn")
    assert b"look: [masked]" in cli.run(*ONLY).stderr


def test_a_defect_of_ours_is_said_without_its_message(cli):
    (cli.home / "lib").mkdir()
    (cli.home / "lib" / "sitecustomize.py").write_text(
        "import scanner.engine\ndef look(*a, **k): raise KeyError('CANARY-CANARY-CANARY')\nscanner.engine.look = look\n"
    )
    run = cli.run("scan")
    assert run.returncode == 5
    assert re.fullmatch(rb"armslength: error: a defect of armslength: KeyError at scanner\.\S+:\d+\n", run.stderr)
    run = cli.run("scan", "-v")
    assert run.returncode == 5
    assert run.stderr.count(b"through") > 3
    assert b"CANARY" not in run.stdout + run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scan", "--depth", "deepest"], "--depth"),
        (["scan", "--no-such-option"], "--no-such-option"),
        (["scan", "surplus"], "surplus"),
        (["scan", "--probe", "aws.confg"], "there is no probe aws.confg"),
        (["scan", "--skip-probe", "nothing"], "there is no probe nothing"),
        (["scan", "--format", "jsn"], "did you mean json?"),
        (["scan", "--fail-on", "dire"], "--fail-on"),
        (["scan", "--time-limit", "nan"], "seconds"),
        (["scan", "--time-limit", "-1"], "seconds"),
        (["scan", "--time-limit", "inf"], "seconds"),
        (["scan", "--now", "yesterday"], "2026-11-21T10:00:00Z"),
        (["scan", "--home", "no-such-folder"], "no-such-folder"),
        (["scan", "--root", "no-such-folder"], "no-such-folder"),
        (["scan", "--fingerprint-key", "no-such-file"], "no-such-file"),
        (["scn"], "did you mean scan?"),
        ([], "Missing command"),
    ],
)
def test_what_cannot_be_meant_is_usage(cli, arguments, said):
    run = cli.run(*arguments)
    assert run.returncode == 2
    assert run.stdout == b""
    assert said in run.stderr.decode()
    assert all(line.startswith(b"armslength: ") for line in run.stderr.splitlines())
    assert not cli.state.exists() or "fingerprint" not in said


def test_control_codes_of_an_argument_do_not_reach_the_terminal(cli):
    run = cli.run("scan", "--home", "x\x1b[2J\u202e")
    assert run.returncode == 2
    assert b"\x1b" not in run.stderr
    assert "\u202e" not in run.stderr.decode()


def test_a_faulty_configuration_says_every_fault(cli):
    cli.settle("lables = 1\nagents_may_read = 2\n")
    run = cli.run("scan")
    assert run.returncode == 2
    assert run.stderr.count(b"config.toml:") == 2


def test_platforms_of_the_option_are_those_of_the_model():
    from scanner.cli.options import PLATFORMS

    assert tuple(Platform) == PLATFORMS


def test_a_scan_of_this_machine_keeps_a_key_and_a_line_without_values(cli):
    first = cli.run("scan", "--format", "json")
    assert first.returncode == 0
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in cli.state.iterdir()} == {
        "key": 0o600,
        "log.jsonl": 0o600,
    }
    assert stat.S_IMODE(cli.state.stat().st_mode) == 0o700
    [line] = (cli.state / "log.jsonl").read_text().splitlines()
    assert json.loads(line).keys() == {"time", "command", "version", "exit", "counts"}
    assert str(cli.home) not in line


def test_the_key_makes_fingerprints_that_last(cli):
    cli.acme("exposure")
    prints = {json.loads(cli.run(*ONLY, "--format", "json").stdout)["credentials"][0]["fingerprint"] for _ in range(2)}
    (cli.home / "fleet").write_bytes(b"k" * 32)
    other = cli.run(*ONLY, "--format", "json", "--fingerprint-key", "fleet")
    prints.add(json.loads(other.stdout)["credentials"][0]["fingerprint"])
    assert len(prints) == 2


def test_a_short_key_is_refused(cli):
    (cli.home / "short").write_bytes(b"k" * 31)
    run = cli.run("scan", "--fingerprint-key", "short")
    assert run.returncode == 2
    assert b"at least 32 bytes" in run.stderr
    assert b"kkk" not in run.stderr


def test_without_a_state_folder_the_scan_goes_on(cli):
    cli.state.write_text("a file in its place")
    run = cli.run("scan", "--format", "json")
    assert run.returncode == 0
    assert b"warning" in run.stderr
    json.loads(run.stdout)


def test_another_home_leaves_the_state_alone(cli, tmp_path):
    (tmp_path / "bob").mkdir()
    run = cli.run("scan", "--home", tmp_path / "bob", "--format", "json")
    assert json.loads(run.stdout)["host"]["source"] == "image"
    assert not cli.state.exists()


def test_the_same_machine_and_clock_give_the_same_report(cli):
    def report():
        told = json.loads(cli.run("scan", "--format", "json", "--now", "2026-11-21T10:00:00Z").stdout)
        return {key: value for key, value in told.items() if key != "scan"}

    assert report() == report()
    assert report()["host"]["judged_at"] == "2026-11-21T10:00:00Z"


def test_a_label_of_the_configuration_is_judged_with(cli):
    cli.acme("exposure")
    assert cli.run("label", "aws-account:123456789012", "sandbox").returncode == 0
    assert load(cli.config).labels == {"aws-account:123456789012": "sandbox"}
    [asset] = json.loads(cli.run(*ONLY, "--format", "json").stdout)["assets"]
    assert asset["environment"] == "sandbox"


def test_a_terminal_shows_how_far_it_is_and_wipes_it(cli):
    cli.acme("exposure")
    shown, code = cli.on_terminal(*ONLY)
    assert code == 0
    assert b"looking: starting" in shown
    assert re.search(rb"looking: [^\r\n]*\r +\r", shown)


@pytest.mark.parametrize("option", ["--quiet", "2>"])
def test_nobody_is_told_how_far_it_is_when_nobody_looks(cli, option):
    shown = cli.on_terminal("scan", option)[0] if option == "--quiet" else cli.run("scan").stderr
    assert b"looking" not in shown


@pytest.mark.parametrize(
    ("arguments", "env", "colored"),
    [
        ((), {}, True),
        (("--no-color",), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"NO_COLOR": ""}, True),
        ((), {"TERM": "dumb"}, False),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_on_a_terminal(cli, arguments, env, colored):
    shown, _ = cli.on_terminal("demo", *arguments, **env)
    assert (b"\x1b[" in shown) is colored


def test_colour_in_a_pipe_only_when_forced(cli):
    assert b"\x1b[" not in cli.run("demo").stdout
    assert b"\x1b[" in cli.run("demo", env={"FORCE_COLOR": "1"}).stdout


def test_an_interrupt_is_quiet(cli):
    cli.acme("interrupt")
    run = cli.run(*ONLY, stderr=subprocess.PIPE)
    assert run.returncode == 130
    assert run.stderr == b"armslength: interrupted\n"
