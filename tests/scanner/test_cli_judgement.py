"""The commands that judge: check, explain --can, and the options --baseline and --agent."""

import json
import re
import shlex

import pytest

from scanner.cli.options import Looking

ONLY = ("--probe", "acme.vault")
WIDE = """version: 1
name: wide
allow:
  - {environment: [unknown]}
"""


def contract(cli, text, name="mine.yaml"):
    path = cli.home / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("word", "code"), [("refused", 0), ("exposure", 1), ("gap", 3), ("exposure and limit", 4), ("weakness", 0)]
)
def test_how_a_check_ends(cli, word, code):
    cli.acme(word)
    run = cli.run("check", *ONLY)
    assert (run.returncode, b"Traceback" in run.stderr) == (code, False)
    assert run.stdout.startswith(b"The contract laptop is ")
    assert (b"is broken in" in run.stdout) == (code in {1, 4})


def test_a_quiet_check_says_it_by_its_exit_code_alone(cli):
    cli.acme("exposure")
    run = cli.run("check", "--quiet", *ONLY)
    assert (run.returncode, run.stdout) == (1, b"")


def test_another_contract_is_another_answer(cli):
    cli.acme("exposure")
    path = contract(cli, WIDE)
    assert cli.run("check", *ONLY).returncode == 1
    run = cli.run("check", "--baseline", path, *ONLY)
    assert (run.returncode, run.stdout.splitlines()[0]) == (
        0,
        b"The contract wide is kept, but little was here to judge.",
    )
    [strict, loose] = [
        json.loads(cli.run("scan", "--format", "json", *more, *ONLY).stdout) for more in ([], ["--baseline", path])
    ]
    assert (strict["contract"]["name"], loose["contract"]["name"]) == ("laptop", "wide")
    assert strict["figures"]["excess"]["items"] == 1
    assert loose["figures"]["excess"] == {"items": 0, "score": 0}


def test_every_command_that_a_report_prints_sees_the_same_report(cli):
    cli.acme("exposure")
    (cli.home / "a project").mkdir()
    same = (
        "--workspace",
        "a project",
        *ONLY,
        "--baseline",
        contract(cli, "version: 1\nname: mine\nextends: [laptop]\n"),
    )
    wide = {"COLUMNS": "400"}
    checked = cli.run("check", *same, env=wide).stdout
    lines = cli.run("scan", *same, env=wide).stdout.decode().split("\n")
    [first] = [number for number, line in enumerate(lines) if line.startswith("next ")]
    commands = [shlex.split(line.removeprefix("next"))[1:] for line in lines[first:] if line]
    assert [command[0] for command in commands] == ["explain", "explain", "check", "scan"]
    assert cli.run(*commands[0], env=wide).returncode == 0
    assert cli.run(*commands[1], env=wide).stdout.splitlines()[0].startswith(b"1 way ")
    assert cli.run(*commands[2], env=wide).stdout == checked
    repeated = shlex.join([str(each) for each in commands[2][1:]])
    assert f"run armslength check {repeated} again; armslength explain ID {repeated} tells".encode() in checked


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (Looking(), ""),
        (Looking(time_limit=3.0, dry_run=True), ""),
        (Looking(workspace=("~/a b", "c"), agent=("codex",)), "--workspace '~/a b' --workspace c --agent codex"),
        (Looking(no_env=True, depth="deep", live="all"), "--no-env --depth deep --live"),
        (Looking(live="github", skip_probe=("aws",)), "--skip-probe aws --live=github"),
    ],
)
def test_the_options_of_a_look_are_written_as_they_were_given(options, told):
    assert options.again == told


def test_a_waiver_takes_an_item_out_and_says_who_answers_for_it(cli):
    cli.acme("exposure")
    told = json.loads(cli.run("scan", "--format", "json", *ONLY).stdout)
    [finding] = [each["id"] for each in told["findings"] if "contract" in each["tags"]]
    path = contract(cli, "version: 1\nname: mine\nextends: [laptop]\n")
    assert (
        cli.run("baseline", "waive", finding, "--baseline", path, "--owner", "ada", "--reason", "x", *ONLY).returncode
        == 0
    )
    ends = re.search(r"until: (.*)", path.read_text())[1]
    run = cli.run("scan", "--format", "json", "--baseline", path, "--fail-on", "low", *ONLY)
    told = json.loads(run.stdout)
    assert (run.returncode, told["figures"]["excess"]["items"], told["waivers"][0]["state"]) == (0, 0, "in force")
    assert [each["waived"] for each in told["findings"]] == [f"ada until {ends}"]
    contract(cli, path.read_text().replace(ends, "2020-01-01"))
    run = cli.run("scan", "--format", "json", "--baseline", path, "--fail-on", "low", *ONLY)
    told = json.loads(run.stdout)
    assert (run.returncode, told["figures"]["excess"]["items"], told["waivers"][0]["state"]) == (1, 1, "expired")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\nname: x\nallowed: []\n", b"mine.yaml:3:1: "),
        ("version: 1\nname: x\nallow:\n  - {capability: DATA_RAED}\n", b"DATA_READ"),
        ("version: 1\nname: x\nuntil: 2020-01-01\n", b"mine.yaml:3:"),
    ],
)
@pytest.mark.parametrize("verb", ["scan", "check"])
def test_a_broken_contract_stops_before_the_look(cli, verb, text, said):
    cli.acme("interrupt")  # the look would not come back
    run = cli.run(verb, "--baseline", contract(cli, text), *ONLY)
    assert (run.returncode, run.stdout) == (2, b"")
    assert said in run.stderr


@pytest.mark.parametrize(
    ("option", "said"), [("--baseline=lptop", b"laptop"), ("--agent=claude-cod", b"claude-code"), ("--agent=", b"")]
)
def test_a_name_that_is_none_of_ours_is_said_with_what_was_meant(cli, option, said):
    run = cli.run("check", option)
    assert (run.returncode, run.stdout) == (2, b"")
    assert said in run.stderr


def test_only_the_named_agent_is_judged(cli):
    (cli.home / ".claude").mkdir()
    (cli.home / ".claude" / "settings.json").write_text('{"permissions": {"defaultMode": "default"}}')
    (cli.home / ".codex").mkdir()
    (cli.home / ".codex" / "config.toml").write_text('approval_policy = "on-request"\n')
    for more, agents in (
        (["--agent", "codex"], ["codex"]),
        (["--agent", "codex", "--agent", "claude-code"], ["claude-code", "codex"]),
    ):
        told = json.loads(cli.run("scan", "--format", "json", "--probe", "agents", *more).stdout)
        assert [each["id"] for each in told["agents"]] == agents
        assert told["contract"]["judged"] == agents
    told = json.loads(cli.run("scan", "--format", "json", "--probe", "agents").stdout)
    assert {"claude-code", "codex"} <= {each["id"] for each in told["agents"]}  # others may lie in the system's folders


def test_an_agent_that_is_not_here_is_none_that_keeps_the_contract(cli):
    (cli.home / ".claude").mkdir()
    (cli.home / ".claude" / "settings.json").write_text('{"permissions": {"defaultMode": "bypassPermissions"}}')
    run = cli.run("check", "--agent", "cursor")
    assert run.returncode in {3, 4}
    assert b"--agent cursor" in run.stdout


def test_every_way_to_a_class_is_listed(cli):
    cli.acme("exposure")
    everywhere = cli.run("explain", "--can", "data_destroy", *ONLY)
    assert everywhere.returncode == 0
    assert b"1 way to delete data (DATA_DESTROY)" in everywhere.stdout
    assert b"aws-account:123456789012" in everywhere.stdout
    there = cli.run("explain", "--can", "DATA_DESTROY", "--on", "unknown", *ONLY)
    assert b"1 way to delete data on unknown" in there.stdout
    elsewhere = cli.run("explain", "--can", "DATA_DESTROY", "--on", "production", *ONLY)
    assert b"Nothing was found" in elsewhere.stdout
    assert b"1 on unknown" in elsewhere.stdout


def test_the_ways_of_a_saved_report_are_listed_too(cli):
    cli.acme("exposure")
    cli.run("scan", "-o", cli.home / "r.json", "--quiet", *ONLY)
    run = cli.run("explain", "--can", "DATA_DESTROY", "r.json")
    assert (run.returncode, b"aws-account:123456789012" in run.stdout) == (0, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--can", "DATA_RAED"],
        ["--can", "DATA_READ", "--on", "prodution"],
        ["--on", "production", "x"],
        ["--can", "DATA_READ", "x", "r.json"],
        [],
    ],
)
def test_what_cannot_be_asked_is_said(cli, arguments):
    run = cli.run("explain", *arguments)
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr


# --- explain --run

AGENTS = ("--probe", "agents")
RULES = '{"permissions": {"allow": ["Bash(git status:*)", "Bash(make:*)"], "deny": ["Bash(terraform:*)"]}}'


def settled(cli, text=RULES):
    """A home with Claude Code's settings."""
    (cli.home / ".claude").mkdir()
    (cli.home / ".claude" / "settings.json").write_text(text)


def test_an_agent_is_asked_about_a_command_line(cli):
    settled(cli)
    run = cli.run("explain", "claude-code", "--run", "git status -s", *AGENTS)
    told = run.stdout.decode()
    assert (run.returncode, run.stderr) == (0, b"")
    assert told.splitlines()[0] == "git status -s"
    assert "nothing asks" in told
    assert 'permissions.allow "Bash(git status:*)", ~/.claude/settings.json:1' in " ".join(told.split())


def test_what_an_agent_refuses_is_told_with_the_way_round_it(cli):
    settled(cli)
    told = " ".join(cli.run("explain", "claude-code", "--run", "terraform destroy", *AGENTS).stdout.decode().split())
    assert 'decided by permissions.deny "Bash(terraform:*)"' in told
    assert "gets round" in told
    assert "since make runs what" in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["claude-code", "r.json", "--run", "ls"], 2, b"--run goes with an agent alone"),
        (["--run", "ls", "--can", "DATA_DESTROY"], 2, b"--run goes with an agent alone"),
        (["--run", " "], 2, b"--run needs a command line"),
        (["claude", "--run", "ls"], 2, b"did you mean claude-code?"),
        (["codex", "--run", "ls"], 2, b"codex was not found on this machine"),
    ],
)
def test_what_cannot_be_asked_is_refused(cli, arguments, code, said):
    settled(cli)
    run = cli.run("explain", *arguments, *AGENTS)
    assert (run.returncode, run.stdout) == (code, b"")
    assert said in run.stderr


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ls", "nothing asks"),
        ("cat notes.txt", "nothing asks"),
        ("git status -s", "nothing asks"),
        ("cat ~/.aws/credentials", "the agent itself refuses"),
        ("cat /etc/passwd", "a person must say yes"),
        ("cat $SECRET", "a person must say yes"),
        ("cat notes.txt > x", "a person must say yes"),
        ("ls; make", "a person must say yes"),
    ],
)
def test_commands_that_only_read_are_judged_by_what_they_read(cli, line, said):
    settled(cli, '{"permissions": {"defaultMode": "default", "deny": ["Read(~/.aws/**)"]}}')
    (cli.home / "src").mkdir()
    run = cli.run("explain", "claude-code", "--run", line, "--workspace", cli.home / "src", *AGENTS)
    [told] = [each for each in run.stdout.decode().splitlines() if each.startswith("    runs it")]
    assert told.split("runs it")[1].strip() == said
