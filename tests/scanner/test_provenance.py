"""Whose contracts hold: an administrator's, the user's own, those of repositories; and what becomes of broken ones."""

import json
import os
from datetime import date

import pytest

from scanner import folders
from scanner.cli import contracts
from scanner.errors import ScannerError
from scanner.model.contract import Scope
from scanner.testing import FakeFile, fake_machine
from tests.support import dropped

TODAY = date(2026, 11, 21)
SANDBOX = "version: 1\nname: sandboxed\nrequire: {sandbox: true}\n"
OWN = "version: 1\nname: own\nallow: [{capability: DISCOVER}]\n"


@pytest.fixture
def managed(tmp_path, monkeypatch):
    """The folder that an administrator writes to; whoever runs the tests is taken for one."""
    monkeypatch.setattr(folders, "managed", lambda: tmp_path / "managed")
    if os.name == "posix" and os.geteuid() != 0:
        monkeypatch.setattr(contracts, "ADMINISTRATOR", os.geteuid())
    (tmp_path / "managed").mkdir(mode=0o755)
    return tmp_path / "managed"


def write(folder, text, name="contract.yaml"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def told(found):
    return [(each.scope, each.name) for each in found]


def test_without_any_the_shipped_one_holds(managed, home):
    assert told(contracts.in_effect(None, TODAY)) == [(Scope.USER, "laptop")]


def test_the_user_s_own_stands_for_the_shipped_one_and_a_named_one_for_both(managed, home):
    write(folders.configuration(), OWN)
    assert told(contracts.in_effect(None, TODAY)) == [(Scope.USER, "own")]
    assert told(contracts.in_effect("laptop", TODAY)) == [(Scope.USER, "laptop")]


def test_a_managed_one_stands_first_whatever_is_named(managed, home):
    write(managed, SANDBOX)
    assert told(contracts.in_effect(None, TODAY)) == [(Scope.MANAGED, "sandboxed")]
    write(folders.configuration(), OWN)
    assert told(contracts.in_effect(None, TODAY)) == [(Scope.MANAGED, "sandboxed"), (Scope.USER, "own")]
    assert told(contracts.in_effect("laptop", TODAY)) == [(Scope.MANAGED, "sandboxed"), (Scope.USER, "laptop")]


@pytest.mark.skipif(os.name != "posix", reason="file modes are posix")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_managed_one_that_others_may_change_is_refused(managed, home, what):
    path = write(managed, SANDBOX)
    (path if what == "file" else managed).chmod(0o777)
    with pytest.raises(ScannerError, match="others than root may change it") as error:
        contracts.in_effect(None, TODAY)
    assert "chmod go-w" in error.value.hint


@pytest.mark.skipif(os.name != "posix", reason="file modes are posix")
def test_a_managed_one_is_guarded_wherever_links_lead_and_with_what_it_extends(managed, home, tmp_path):
    away = tmp_path / "shared" / "team"
    path = write(away, "version: 1\nname: theirs\nextends: [base]\n")
    write(away, SANDBOX, "base.yaml")
    (managed / "contract.yaml").symlink_to(path)
    write(managed, SANDBOX, "base.yaml")
    assert told(contracts.in_effect(None, TODAY)) == [(Scope.MANAGED, "theirs")]
    for loose in (away, away.parent, managed / "base.yaml"):
        mode = loose.stat().st_mode
        loose.chmod(mode | 0o022)
        with pytest.raises(ScannerError, match="others than root may change it"):
            contracts.in_effect(None, TODAY)
        loose.chmod(mode)


@pytest.mark.skipif(os.name != "posix", reason="file modes are posix")
def test_whether_there_is_a_managed_one_must_be_known(managed, home):
    path = managed / "contract.yaml"
    path.symlink_to(path)
    with pytest.raises(ScannerError, match="symbolic links"):
        contracts.in_effect(None, TODAY)
    path.unlink()
    path.symlink_to("nowhere")
    with pytest.raises(ScannerError, match="No such file"):
        contracts.in_effect(None, TODAY)
    path.unlink()
    managed.chmod(0)
    with pytest.raises(ScannerError, match="Permission denied"):
        dropped(contracts.in_effect, None, TODAY)
    managed.chmod(0o755)


def test_where_it_cannot_be_told_who_wrote_it_a_managed_one_stands_for_no_other(managed, home, monkeypatch):
    monkeypatch.setattr(contracts, "GUARDED", False)
    write(managed, "version: 1\nname: planted\nallow: [{asset: '*:*'}]\n")
    assert told(contracts.in_effect(None, TODAY)) == [(Scope.MANAGED, "planted"), (Scope.USER, "laptop")]


def test_a_managed_one_that_cannot_be_read_is_an_error_and_never_left_out(managed, home):
    write(managed, SANDBOX).chmod(0)
    with pytest.raises(ScannerError, match=r"contract\.yaml"):
        dropped(contracts.in_effect, None, TODAY)
    (managed / "contract.yaml").unlink()
    (managed / "contract.yaml").mkdir()
    with pytest.raises(ScannerError, match="not a file"):
        contracts.in_effect(None, TODAY)


# --- repositories

INNER, OUTER = "~/src/app/web/armslength.yaml", "~/src/app/armslength.yaml"
GIT = {"~/src/app/.git/HEAD": ""}


def repositories(files, workspace="~/src/app/web", **more):
    return contracts.of_repositories(fake_machine(files=files, workspace=workspace, **more), TODAY)


def test_a_repository_s_holds_below_its_root_with_those_on_the_way():
    found = repositories({**GIT, INNER: OWN, OUTER: SANDBOX, "~/src/armslength.yaml": SANDBOX})
    assert [(each.name, each.scope, each.folder) for each in found] == [
        ("sandboxed", Scope.REPOSITORY, "~/src/app/web"),
        ("own", Scope.REPOSITORY, "~/src/app/web"),
    ]
    assert [each.source for each in found] == [OUTER, INNER]


def test_outside_of_a_repository_only_the_workspace_s_own_file_counts():
    assert [each.source for each in repositories({INNER: OWN, OUTER: SANDBOX})] == [INNER]
    assert repositories({"~/armslength.yaml": OWN}, workspace="~/src") == ()


def test_each_workspace_has_its_own_and_a_neighbour_has_none():
    files = {f"~/src/{name}/armslength.yaml": SANDBOX for name in ("a", "b", "c")}
    found = repositories(files, workspace="~/src/a", neighbours=["~/src/b", "~/src/c"], named=1)
    assert [each.folder for each in found] == ["~/src/a", "~/src/b"]


def test_it_extends_what_is_shipped_or_lies_beside_it_and_nothing_else():
    own = "version: 1\nname: x\nextends: [laptop, base]\n"
    [found] = repositories({**GIT, OUTER: own, "~/src/app/base.yaml": SANDBOX})
    assert found.require.sandbox.where.file in {"laptop", "~/src/app/base.yaml"}
    for name in ("../base", "/etc/base", "nowhere"):
        with pytest.raises(ScannerError, match="there is no contract"):
            repositories({**GIT, OUTER: own.replace("base", f'"{name}"'), "~/src/base.yaml": SANDBOX})


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("version: 1\nname: x\nallowed: []\n", r"~/src/app/armslength\.yaml:3:1: "),
        ("version: 1\nname: x\nuntil: 2020-01-01\n", r"~/src/app/armslength\.yaml:3:8: until: this contract ended"),
        (None, "permission denied"),
        (FakeFile(link="/etc/passwd"), "link out of the tree|No such file"),
        ("a: " + "x" * contracts.SIZE_LIMIT, "larger than"),
        (b"\xff\xfe\0", r"~/src/app/armslength\.yaml"),
    ],
)
def test_one_that_cannot_be_taken_is_an_error_and_never_left_out(file, said):
    with pytest.raises(ScannerError, match=said) as error:
        repositories({**GIT, OUTER: file, "/etc/passwd": "x"})
    assert error.value.hint == (
        "~/src/app/armslength.yaml belongs to the repository in which ~/src/app/web lies, and nothing is judged there "
        "without it: mend it, or name a --workspace elsewhere"
    )


def test_a_scan_says_whose_contracts_held_and_a_broken_one_stops_it_before_the_look(cli):
    cli.acme("exposure")
    project = cli.home / "src" / "app"
    write(project, "version: 1\nname: theirs\nnever: [{capability: DATA_DESTROY}]\n", "armslength.yaml")
    run = cli.run("scan", "--format", "json", "--probe", "acme.vault", "--workspace", project)
    report = json.loads(run.stdout)
    assert [(each["scope"], each["name"]) for each in report["contract"]["layers"]] == [
        ("user", "laptop"),
        ("repository", "theirs"),
    ]
    assert "repository.never.1" in report["findings"][0]["clauses"]
    shown = cli.run("baseline", "show", "--here", cwd=project).stdout.decode()
    heads = [line.split(",")[0] for line in shown.splitlines() if line.startswith("# ")]
    assert heads == ["# user: laptop", "# repository: ~/src/app/armslength.yaml"]
    write(project, "version: 2\nnamed: x\n", "armslength.yaml")
    (cli.home / ".acme").write_text("interrupt")
    run = cli.run("check", "--probe", "acme.vault", "--workspace", project)
    assert (run.returncode, run.stdout) == (2, b"")
    assert run.stderr.count(b"armslength.yaml:") == 3


def test_an_agent_s_own_repository_does_not_count_where_details_are_withheld(cli):
    """Its counts would tell what is withheld, by one narrow contract after another."""
    cli.acme("exposure")
    cli.settle('plugins.allow = ["acme-probes"]\n')
    project = cli.home / "src" / "app"
    write(
        project,
        "version: 1\nname: theirs\nrequire: {guardrails: [ci]}\nnever: [{capability: MONEY}]\n",
        "armslength.yaml",
    )
    run = cli.run("scan", "--format", "json", "--probe", "acme.vault", "--workspace", project, env={"CLAUDECODE": "1"})
    report = json.loads(run.stdout)
    assert (report["host"]["withheld"] is not None, report["contract"]) == (True, None)
    write(project, "version: 2\n", "armslength.yaml")
    run = cli.run("scan", "--format", "json", "--probe", "acme.vault", "--workspace", project, env={"CLAUDECODE": "1"})
    assert run.returncode == 0
