import json
import os
import shutil
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from scanner.cli import guard
from scanner.cli.guard import Facts
from scanner.host.opening import Opening, open_machines

HERE = guard.agent_above(guard.collected())
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
SCAN = ("scan", "--probe", "acme.vault", "--format", "json")
DETAILS = (
    *("agents", "servers", "credentials", "identities", "assets", "edges", "exposures", "findings", "waivers"),
    *("guardrails", "uses", "advice"),
)


def facts(*ancestors, variables=()):
    return Facts([(9 - at, 8 - at, name, tuple(argv)) for at, (name, *argv) in enumerate(ancestors)], variables)


@pytest.mark.parametrize(
    ("ancestors", "variables", "agent"),
    [
        ([("bash", "-bash"), ("sshd", "sshd: ada")], ["PATH"], None),
        ([("bash", "bash", "-c", "x"), ("claude", "claude")], [], "Claude Code"),
        ([("sh", "sh"), ("node", "node", "/opt/claude-code/cli.js")], [], "Claude Code"),
        ([("MainThread", "node", "/usr/bin/gemini")], [], "Gemini CLI"),
        ([("codex-linux-san", "/opt/codex-linux-sandbox", "x")], [], "OpenAI Codex"),
        ([("bash", "claude", "-c", "x")], [], "Claude Code"),
        ([("zsh", "-zsh"), ("Code", "/usr/share/code/code")], ["TERM_PROGRAM"], None),
        ([("bash", "bash")], ["CLAUDECODE"], "Claude Code"),
        ([("bash", "bash")], ["CODEX_THREAD_ID", "AI_AGENT"], "OpenAI Codex"),
        ([("bash", "bash")], ["AI_AGENT"], "an agent that does not say its name"),
        ([("vim", "vim", "claude")], [], None),
    ],
)
def test_an_agent_is_known_by_its_process_or_by_its_mark(ancestors, variables, agent):
    assert guard.agent_above(facts(*ancestors, variables=variables)) == agent


@LINUX
def test_the_process_tree_is_read_up_to_the_first():
    ancestors = guard.collected().ancestors
    assert ancestors[0][0] == os.getppid()
    assert all(parent == above[0] for (_, parent, *_), above in pairwise(ancestors))


@LINUX
def test_where_there_is_no_proc_the_library_names_the_same_ancestors():
    named = [process.pid for process in guard._processes(Facts(None))]
    assert list(dict.fromkeys(named)) == [pid for pid, *_ in guard.collected().ancestors]


@LINUX
def test_a_process_whose_name_holds_brackets_is_read(tmp_path):
    odd = tmp_path / "a) S (b"
    shutil.copy(shutil.which("sleep"), odd)
    pid = os.posix_spawn(odd, [str(odd), "30"], {})
    try:
        while Path(f"/proc/{pid}/comm").read_text() != "a) S (b\n":
            pass
        first = next(guard._from_proc(pid))
        assert first[1:3] == (os.getpid(), "a) S (b")
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


@pytest.fixture
def alone(cli):
    """The home of a person who settled nothing."""
    cli.settle("")
    cli.acme("exposure")
    return cli


def told(run):
    return json.loads(run.stdout)


def assert_withheld(report, agent="Claude Code"):
    assert report["host"]["withheld"] == f"started by {agent}: verdicts and counts only"
    assert [name for name in DETAILS if report[name]] == []
    assert report["figures"]["undecided"]["steps"] == report["coverage"]["probes"] == report["scan"]["probes"] == []
    assert report["figures"]["exposures"] != {"critical": 0, "high": 0, "medium": 0, "low": 0, "urgent": 0}
    assert "123456789012" not in json.dumps(report)
    assert ".acme" not in json.dumps(report)


@pytest.mark.skipif(HERE is not None, reason="an agent runs these tests")
def test_a_person_gets_the_whole_report(alone):
    report = told(alone.run(*SCAN))
    assert report["host"]["withheld"] is None
    assert report["exposures"]


def test_an_agent_gets_counts_only_on_stdout_and_in_every_file(alone):
    run = alone.run(*SCAN, "-o", "r.json", "-o", "r.txt", env={"CLAUDECODE": "1"})
    assert run.returncode == 0
    assert_withheld(told(run))
    assert_withheld(json.loads((alone.home / "r.json").read_bytes()))
    text = (alone.home / "r.txt").read_text() + alone.run("scan", env={"CLAUDECODE": "1"}).stdout.decode()
    assert "123456789012" not in text
    assert ".acme" not in text
    [line] = run.stderr.decode().splitlines()
    assert "Claude Code" in line
    assert "agents_may_read" in line


def test_the_exit_code_tells_an_agent_no_more_than_the_counts(alone):
    (alone.home / ".acme").write_text("weakness")
    run = alone.run(*SCAN, "--fail-on", "medium", env={"CLAUDECODE": "1"})
    assert (run.returncode, told(run)["figures"]["findings"]["medium"], told(run)["findings"]) == (1, 1, [])
    (alone.home / ".acme").write_text("refused")
    run = alone.run(*SCAN, "--fail-on", "low", env={"CLAUDECODE": "1"})
    assert (run.returncode, set(told(run)["figures"]["findings"].values())) == (0, {0})


def test_an_agent_gets_no_ways_and_no_details_of_a_check(alone):
    (alone.home / ".acme").write_text("exposure")
    only = ("--probe", "acme.vault")
    asked = alone.run("explain", "--can", "DATA_DESTROY", *only, env={"CLAUDECODE": "1"})
    assert (asked.returncode, asked.stdout) == (2, b"")
    checked = alone.run("check", *only, env={"CLAUDECODE": "1"})
    assert checked.returncode == 1
    assert b"1 item" in checked.stdout
    for word in (b"aws-account", b".acme", b" f-", b" c-"):
        assert word not in checked.stdout
    assert b"aws-account" in alone.run("explain", "--can", "DATA_DESTROY", *only).stdout


def test_a_gap_says_an_agent_not_where(alone):
    (alone.home / ".acme").write_text("gap")
    run = alone.run(*SCAN, env={"CLAUDECODE": "1"})
    assert run.returncode == 3
    assert told(run)["gaps"] == [{"kind": "failed", "probe": "", "place": "", "why": "withheld"}]


@LINUX
@pytest.mark.parametrize("kind", ["argv", "copy"])
def test_a_process_named_as_an_agent_is_enough(alone, tmp_path, kind):
    script = tmp_path / "tool.sh"
    script.write_text(f'{sys.executable} "$@"\nexit $?\n')
    bash = shutil.which("bash")
    if kind == "argv":
        launcher = [bash, "-c", f'exec -a claude {bash} {script} "$@"', "x"]
    else:
        shutil.copy(bash, tmp_path / "claude")
        launcher = [tmp_path / "claude", script]
    assert_withheld(told(alone.run(*SCAN, launcher=launcher)))


def test_the_configuration_lets_agents_read(alone):
    alone.settle("agents_may_read = true\n")
    alone.acme("exposure")
    report = told(alone.run(*SCAN, env={"CLAUDECODE": "1"}))
    assert report["host"]["withheld"] is None
    assert report["exposures"]


@pytest.mark.parametrize(("answer", "whole"), [(b"yes\n", True), (b"y\n", False), (b"\n", False), (b"no\n", False)])
def test_a_person_at_the_terminal_decides(alone, answer, whole):
    shown, code = alone.on_terminal(*SCAN, "-o", "r.json", answer=answer, CLAUDECODE="1")
    assert code == 0
    assert b"Claude Code is among the programs that started this." in shown
    report = json.loads((alone.home / "r.json").read_bytes())
    assert (report["host"]["withheld"] is None) is whole
    assert bool(report["exposures"]) is whole


def test_a_pipe_cannot_answer_for_a_person(alone):
    run = alone.run(*SCAN, stdin=b"yes\n", env={"CLAUDECODE": "1"})
    assert_withheld(told(run))


@pytest.mark.parametrize(
    "options", [["--root", "/"], ["--root", "//"], ["--root", "/../"], ["--root", "/proc/self/root"]]
)
def test_this_machine_by_another_name_is_still_this_machine(alone, options):
    run = alone.run(*SCAN, *options, "--home", alone.home, env={"CLAUDECODE": "1"})
    assert_withheld(told(run))


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
@pytest.mark.parametrize(
    "options",
    [
        ["--home", "{other}", "--workspace", "{home}/src/shop"],
        ["--home", "{other}", "--workspace", "{home}/.."],
        ["--home", "{home}/src"],
        ["--home", "{home}/.."],
        ["--root", "/", "--home", "{other}", "--workspace", "{home}/src/shop"],
        ["--root", "{home}/..", "--home", "/{name}/src"],
        ["--root", "{home}", "--home", "/src", "--workspace", "/src/shop"],
    ],
)
def test_a_project_in_this_home_is_this_machine_whatever_home_is_named(alone, tmp_path, options):
    other = tmp_path / "other"
    other.mkdir()
    shop = alone.home / "src" / "shop"
    shop.mkdir(parents=True)
    (shop / ".env").write_text("API_TOKEN=CANARY-CANARY-CANARY\n")
    named = [each.format(home=alone.home, other=other, name=alone.home.name) for each in options]
    run = alone.run("scan", "--format", "json", *named, cwd=shop, env={"CLAUDECODE": "1"})
    assert told(run)["host"]["withheld"]
    assert told(run)["credentials"] == []
    assert b".env" not in run.stdout


def test_the_account_s_home_is_this_machine_whatever_home_says(tmp_path, monkeypatch):
    pwd = pytest.importorskip("pwd")
    real = pwd.getpwuid(os.getuid()).pw_dir
    if not os.path.isdir(real):
        pytest.skip("the account has no home")
    monkeypatch.setenv("HOME", str(tmp_path))
    opening = Opening(homes=(real,))
    [machine] = open_machines(opening)
    assert machine.source == "image"
    assert guard.guarded(machine, opening)


@pytest.mark.parametrize("options", [["--home"], ["--root"]])
def test_another_home_an_image_and_the_demo_stay_whole(alone, tmp_path, options):
    root = tmp_path / "image"
    bob = root / "home" / "bob"
    bob.mkdir(parents=True)
    (bob / ".acme").write_text("exposure")
    run = alone.run(*SCAN, *options, bob if options == ["--home"] else root, env={"CLAUDECODE": "1"})
    report = told(run)
    assert report["host"]["withheld"] is None
    assert report["exposures"]
    assert told(alone.run("demo", "--format", "json", env={"CLAUDECODE": "1"}))["host"]["withheld"] is None


@pytest.mark.parametrize("arguments", [["explain", "x"], ["label", "aws-account:1", "sandbox"]])
def test_an_agent_may_not_ask_for_more_nor_settle_anything(alone, arguments):
    before = alone.config.read_bytes()
    run = alone.run(*arguments, env={"CLAUDECODE": "1"})
    assert run.returncode == 2
    assert b"Claude Code" in run.stderr
    assert run.stdout == b""
    assert alone.config.read_bytes() == before
