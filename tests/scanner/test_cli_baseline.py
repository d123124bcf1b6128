"""`armslength baseline` as a user runs it, and the contract that a run is judged against."""

import os
import stat
from datetime import UTC, date, datetime

import pytest

from scanner.cli.contracts import chosen, found
from scanner.contract.reading import ContractError, read
from scanner.data import contracts
from scanner.errors import ScannerError

TODAY = datetime.now(UTC).date()
REFUSED = b"is among the programs that started this, and what an agent may reach is a person's to say"


def test_a_contract_to_start_from_is_written_for_its_owner_alone(cli):
    run = cli.run("baseline", "init")
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout == b"mine.yaml is a contract to start from.\n"
    made = cli.home / "mine.yaml"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in cli.home.iterdir() if path.name.startswith(".armslength")] == []
    lint = cli.run("baseline", "lint", "mine.yaml")
    assert (lint.returncode, lint.stdout, lint.stderr) == (0, b"", b"")


def test_every_comment_of_it_that_holds_a_key_is_right_too(cli):
    cli.run("baseline", "init", "--name", "billing", "-o", "c.yaml")
    lines = (cli.home / "c.yaml").read_text().split("\n")
    keys = [
        line for line in lines if line.startswith(("# for:", "# until:", "# allow:", "#   ", "# never:", "# require:"))
    ]
    keys += [
        line for line in lines if line.startswith(("# environment:", "# files:", "# commands:", "# network:", "# mcp:"))
    ]
    keys += [line for line in lines if line.startswith("# waivers:")]
    (cli.home / "c.yaml").write_text("\n".join(line.removeprefix("# ") if line in keys else line for line in lines))
    lint = cli.run("baseline", "lint", "c.yaml")
    assert (lint.returncode, lint.stderr) == (0, b"")
    contract = chosen(str(cli.home / "c.yaml"), TODAY)
    assert contract.name == "billing"
    assert contract.network is not None
    assert contract.require.recovery
    assert contract.waivers


@pytest.mark.parametrize("name", ["yes", "12", "1.5", "null"])
def test_a_name_that_yaml_would_take_for_something_else_is_quoted(cli, name):
    assert cli.run("baseline", "init", "--name", name, "-o", "c.yaml").returncode == 0
    assert chosen(str(cli.home / "c.yaml"), TODAY).name == name


@pytest.mark.parametrize("name", ["", "a b", "../x", "x: y", "é", "-", "x\n"])
def test_a_name_that_is_no_name_is_refused(cli, name):
    run = cli.run("baseline", "init", f"--name={name}")
    assert run.returncode == 2
    assert b"--name takes letters, digits" in run.stderr


def test_a_file_that_is_there_is_kept_unless_force_is_used(cli):
    (cli.home / "mine.yaml").write_text("mine")
    run = cli.run("baseline", "init")
    assert run.returncode == 2
    assert run.stderr.decode().splitlines() == [
        "armslength: error: mine.yaml: is there already",
        "armslength: hint: --force replaces it, -o FILE writes another",
    ]
    assert (cli.home / "mine.yaml").read_text() == "mine"
    assert cli.run("baseline", "init", "--force").returncode == 0
    assert (cli.home / "mine.yaml").read_text().startswith("# What a coding agent may reach")


def test_a_link_is_not_written_through_unasked_and_stays_a_link(cli):
    (cli.home / "real.yaml").write_text("mine")
    (cli.home / "mine.yaml").symlink_to("real.yaml")
    assert cli.run("baseline", "init").returncode == 2
    assert cli.run("baseline", "init", "--force").returncode == 0
    assert (cli.home / "mine.yaml").is_symlink()
    assert (cli.home / "real.yaml").read_text() != "mine"


@pytest.mark.parametrize("place", ["nowhere/c.yaml", "folder", "x" * 300])
def test_a_place_that_cannot_be_written_is_said(cli, place):
    (cli.home / "folder").mkdir()
    run = cli.run("baseline", "init", "--force", "-o", place)
    assert run.returncode == 2
    assert run.stderr.startswith(f"armslength: error: {place}: ".encode())


def test_an_agent_writes_no_contract(cli):
    cli.settle("")
    run = cli.run("baseline", "init", env={"CLAUDECODE": "1"})
    assert run.returncode == 2
    assert REFUSED in run.stderr
    assert not (cli.home / "mine.yaml").exists()
    assert cli.run("baseline", "show", "laptop", env={"CLAUDECODE": "1"}).returncode == 0


def test_lint_tells_every_fault_of_every_file(cli):
    (cli.home / "a.yaml").write_text("version: 1\nnam: x\nextends: [base]\n")
    (cli.home / "base.yml").write_text("version: 1\nname: base\nnever: [{capability: PUBLSH}]\n")
    (cli.home / "b.yaml").write_text("version: 1\nname: b\nextends: [base]\nuntil: 2020-01-01\n")
    run = cli.run("baseline", "lint", "a.yaml", "b.yaml", "none.yaml")
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.decode().splitlines() == [
        "armslength: error: a.yaml:1:1: name is missing",
        "armslength: error: a.yaml:2:1: unknown key nam; did you mean name?",
        "armslength: error: base.yml:3:22: never[0].capability: there is no capability PUBLSH; did you mean PUBLISH?",
        "armslength: error: b.yaml:4:8: until: this contract ended on 2020-01-01",
        "armslength: error: none.yaml: No such file or directory",
    ]


def test_lint_wants_a_file(cli):
    assert cli.run("baseline", "lint").returncode == 2


def test_shipped_contracts_are_listed_and_shown(cli):
    assert cli.run("baseline", "show").stdout.decode().split() == contracts.names()
    for name in contracts.names():
        assert cli.run("baseline", "lint", name).returncode == 0
        shown = cli.run("baseline", "show", name)
        assert shown.stdout.startswith(f"version: 1\nname: {name}\n".encode())


def test_what_is_shown_says_where_it_comes_from_and_can_be_read_again(cli):
    (cli.home / "base.yaml").write_text("version: 1\nname: base\nnetwork: [a]\nstop_if: [b]\n")
    (cli.home / "own.yaml").write_text(
        "version: 1\nname: own\nextends: [laptop, base]\nnever:\n  - {capability: PUBLISH}\n"
    )
    shown = cli.run("baseline", "show", "own.yaml").stdout.decode()
    assert "network: [a]  # base.yaml:3\n" in shown
    assert "  - {capability: [PUBLISH]}  # own.yaml:5\n" in shown
    assert "# laptop:" in shown
    (cli.home / "again.yaml").write_text(shown)
    again, own = chosen(str(cli.home / "again.yaml"), TODAY), chosen(str(cli.home / "own.yaml"), TODAY)
    assert [each.text for each in again.never] == [each.text for each in own.never]
    assert again.stop_if == own.stop_if == ("b",)


def test_a_name_that_is_none_is_said_with_what_there_is(cli):
    run = cli.run("baseline", "show", "laptpo")
    assert run.returncode == 2
    assert run.stderr.decode().splitlines() == [
        "armslength: error: there is no contract laptpo; did you mean laptop?",
        f"armslength: hint: name a file, or one of {', '.join(contracts.names())}",
    ]


def test_without_a_name_laptop_is_chosen_and_is_the_same_by_its_name():
    assert chosen(None, TODAY).name == "laptop"
    assert chosen(None, TODAY) is chosen("laptop", TODAY)


def test_a_file_called_as_a_shipped_contract_is_named_by_its_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "laptop").write_text("version: 1\nname: other\n")
    assert chosen("laptop", TODAY).name == "laptop"
    assert chosen("./laptop", TODAY).name == "other"


def test_a_contract_that_has_ended_is_not_chosen(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("version: 1\nname: x\nuntil: 2026-01-01\n")
    assert chosen(str(path), date(2026, 1, 1)).name == "x"
    with pytest.raises(ContractError, match=r"c\.yaml:3:8: until: this contract ended on 2026-01-01"):
        chosen(str(path), date(2026, 1, 2))


@pytest.mark.parametrize("name", ["../base", "/etc/passwd", "sub/base", "~/base", ".hidden", "", "a\x00b", "c:base"])
def test_a_contract_extends_only_what_lies_in_its_own_folder(tmp_path, name):
    folder = tmp_path / "team"
    (folder / "sub").mkdir(parents=True)
    for path in (tmp_path / "base.yaml", folder / "sub" / "base.yaml", folder / ".hidden"):
        path.write_text("version: 1\nname: base\n")
    assert found(name, str(folder / "c.yaml")) is None


@pytest.mark.parametrize("name", ["base", "base.yaml"])
def test_a_base_is_found_beside_the_contract_with_or_without_its_ending(tmp_path, name):
    (tmp_path / "base.yaml").write_text("version: 1\nname: base\n")
    (tmp_path / "c.yaml").write_text(f"version: 1\nname: x\nextends: [{name}]\nstop_if: [x]\n")
    assert chosen(str(tmp_path / "c.yaml"), TODAY).name == "x"
    assert found(name, str(tmp_path / "c.yaml")).source == str(tmp_path / "base.yaml")


def test_a_shipped_contract_extends_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text("version: 1\nname: base\n")
    assert found("base", "laptop") is None


def test_a_base_that_cannot_be_read_is_a_fault_in_its_place(tmp_path):
    (tmp_path / "base").mkdir()
    path = tmp_path / "c.yaml"
    path.write_text("version: 1\nname: x\nextends: [base]\n")
    with pytest.raises(ContractError, match=r"c\.yaml:3:11: extends: .*base: not a file"):
        chosen(str(path), TODAY)


@pytest.mark.skipif(os.name != "posix", reason="the hostile home needs POSIX files")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "c.yaml")
    with pytest.raises(ScannerError, match="not a file"):
        chosen(str(tmp_path / "c.yaml"), TODAY)


def test_a_huge_file_is_said_and_not_read_whole(tmp_path):
    path = tmp_path / "c.yaml"
    with path.open("wb") as stream:
        stream.truncate(1 << 33)
    with pytest.raises(ContractError, match="1:1: larger than 1 MiB"):
        chosen(str(path), TODAY)


def test_the_text_of_a_shipped_contract_reads_as_it_is_compiled():
    from scanner.contract.shipped import document

    assert read(document("laptop"), found, TODAY) == chosen("laptop", TODAY)


def test_the_schema_of_contracts_is_printed(cli):
    import json

    run = cli.run("schema", "contract")
    assert run.returncode == 0
    assert json.loads(run.stdout)["required"] == ["version", "name"]
    assert cli.run("schema").stdout == cli.run("schema", "report").stdout != run.stdout


WIDE = "version: 1\nname: laptop\nallow: [{asset: '*:*'}]\n"


def test_a_file_that_bears_the_name_of_a_shipped_contract_is_not_taken_for_it(cli):
    (cli.home / "laptop").write_text(WIDE)
    run = cli.run("scan", "--format", "json", "--probe", "agents", "--baseline", "./laptop")
    assert b'"source": "./laptop"' in run.stdout.replace(b"\\\\", b"/")


@pytest.mark.parametrize("command", ["scan", "check"])
def test_an_agent_cannot_choose_the_contract_that_it_is_judged_by(cli, command):
    cli.settle("")
    (cli.home / "laptop").write_text(WIDE)
    for name in ("laptop.yaml", "./laptop"):
        (cli.home / name).write_text(WIDE)
        run = cli.run(command, "--baseline", name, "--probe", "agents", env={"CLAUDECODE": "1"})
        assert (run.returncode, run.stdout) == (2, b"")
        assert b"the contract is a person's to choose" in run.stderr
    assert cli.run(command, "--baseline", "laptop", "--probe", "agents", env={"CLAUDECODE": "1"}).returncode != 2
