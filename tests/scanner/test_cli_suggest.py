"""`armslength baseline suggest` as a user runs it."""

import pytest

from scanner.testing import NOW

HISTORY = "#{when}\ngit push\n#{when}\nhunter2 CANARY-CANARY-CANARY\n"
PROBES = ("--probe", "agents", "--probe", "history", "--probe", "git", "--now", NOW.isoformat())


@pytest.fixture
def used(cli):
    """A home with a history, a login and a repository that has a remote."""
    (cli.home / ".bash_history").write_text(HISTORY.format(when=int(NOW.timestamp()) - 86_400))
    (cli.home / ".git-credentials").write_text("https://ada:CANARY-CANARY@github.com\n")
    clone = cli.home / "src" / "shop" / ".git"
    clone.mkdir(parents=True)
    (clone / "config").write_text('[remote "origin"]\n\turl = https://github.com/acme/shop.git\n')
    return cli


def test_the_contract_goes_to_stdout_and_what_to_know_of_it_to_stderr(used):
    run = used.run("baseline", "suggest", "--workspace", "src/shop", *PROBES)
    assert run.returncode == 0
    assert b'asset: ["github-repository:acme/shop"], gate: prompt}' in run.stdout
    assert b"armslength: seen: bash, 2026-11-20\n" in run.stderr
    assert b"beyond it on this machine: " in run.stderr
    assert b"canary" not in (run.stdout + run.stderr).lower()


def test_a_file_that_is_written_can_be_judged_by(used):
    run = used.run("baseline", "suggest", "--workspace", "src/shop", "-o", "shop.yaml", "--name", "shop", *PROBES)
    assert run.stdout == b"shop.yaml is a contract to read: armslength check --baseline shop.yaml\n"
    assert (used.home / "shop.yaml").read_text().startswith("# Made from what was used: bash, 2026-11-20.\n")
    assert used.run("baseline", "lint", "shop.yaml").returncode == 0


def test_a_file_that_is_there_is_kept(used):
    (used.home / "shop.yaml").write_text("mine")
    run = used.run("baseline", "suggest", "-o", "shop.yaml", *PROBES)
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"shop.yaml: is there already" in run.stderr


def test_without_a_record_of_use_nothing_is_made_up(cli):
    run = cli.run("baseline", "suggest", *PROBES)
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"no agent and no shell has a record of use in that time, and nothing is made up" in run.stderr


def test_an_agent_gets_no_suggestion(used):
    used.settle("")
    run = used.run("baseline", "suggest", *PROBES, env={"CLAUDECODE": "1"})
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"what an agent may reach is a person's to say" in run.stderr


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--since", "soon"), b"--since soon: no length of time"),
        (("--include", "prod"), b"--include prod: neither an asset nor an environment"),
        (("--name", "a b"), b"--name takes letters, digits and . _ -"),
    ],
)
def test_what_makes_no_sense_is_refused(cli, option, said):
    run = cli.run("baseline", "suggest", *option)
    assert run.returncode == 2
    assert said in run.stderr
