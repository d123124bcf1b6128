"""`--without ID`: what is left of a look without one thing, marked as what it is, and for a person only."""

import json

import pytest

ONLY = ("--probe", "acme.vault")


def document(cli, *options, code=0):
    run = cli.run("scan", "--format", "json", *options, *ONLY)
    assert run.returncode == code, run.stderr
    return json.loads(run.stdout)


def test_without_its_only_credential_nothing_is_beyond_the_contract(cli):
    cli.acme("exposure")
    whole = document(cli)
    [item] = [each for each in whole["findings"] if "contract" in each["tags"]]
    name = whole["credentials"][0]["id"]
    assert "what_if" not in whole
    told = document(cli, "--without", name[:8])
    assert (told["credentials"], told["figures"]["excess"]["items"]) == ([], 0)
    assert told["what_if"]["before"] == whole["figures"]["excess"]
    assert [each["id"] for each in told["what_if"]["gone"]] == [name]
    assert document(cli, "--without", item["id"], "--without", name)["figures"]["excess"]["items"] == 0
    assert document(cli, "--without", whole["advice"][0]["id"])["figures"]["excess"]["items"] == 0


def test_a_check_ends_as_what_is_left_does_and_says_first_that_it_is_none(cli):
    cli.acme("exposure")
    name = document(cli)["credentials"][0]["id"]
    assert cli.run("check", *ONLY).returncode == 1
    run = cli.run("check", "--without", name, *ONLY)
    assert run.returncode == 0
    assert b"Only supposed" in b"".join(run.stdout.splitlines()[:3])
    assert b"Only supposed" in b"".join(cli.run("scan", "--without", name, *ONLY).stdout.splitlines()[:4])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--without", "c-nowhere"], b"nothing in this report has an id that begins with c-nowhere"),
        (["--without", "any-agent"], b"it cannot be thought away"),
        (["--without", "c-", "--keep"], b"--keep is for a machine as it is"),
        (["--without", "c-", "--live", "--dry-run"], b"--dry-run is for a machine as it is"),
    ],
)
def test_what_cannot_be_thought_away_is_an_error(cli, options, told):
    cli.acme("exposure")
    run = cli.run("scan", *options, *ONLY)
    assert (run.returncode, run.stdout) == (2, b"")
    assert told in run.stderr


@pytest.mark.parametrize("verb", ["scan", "check"])
def test_an_agent_that_started_it_is_told_nothing(cli, verb):
    cli.settle("")
    run = cli.run(verb, "--without", "c-", "--probe", "agents", env={"CLAUDECODE": "1"})
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"so nothing is thought away" in run.stderr
