"""Clean files that a scan of this machine remembers: of which rules, of which machine, and to what effect."""

import os
from pathlib import Path

import pytest

from probes.anywhere.look import anywhere
from scanner import state
from scanner.cleared import HEAD_BYTES, Cleared
from scanner.cli import remembering
from scanner.engine import look
from scanner.host.opening import Opening, open_machines
from scanner.tokens import token
from scanner.vault import Vault

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere no time of change is told")
KEY = b"k" * 32
LATER = 1 << 62  # a scan that begins when every file is long settled


@pytest.fixture
def root(tmp_path):
    """A checkout of ours."""
    for name in (
        "scanner/data/tables.json",
        "scanner/cli/x.py",
        "probes/x.py",
        "reports/x.py",
        "scanner/__pycache__/x",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a")
    return tmp_path


@pytest.mark.parametrize("name", ["scanner/data/tables.json", "scanner/cli/x.py", "probes/x.py", "probes/new.toml"])
def test_every_file_that_decides_is_of_the_rules(name, root):
    before = remembering.rules(LATER, str(root))
    (root / name).write_text("other")
    assert remembering.rules(LATER, str(root)) != before


@pytest.mark.parametrize("name", ["reports/x.py", "scanner/__pycache__/x", "README.md"])
def test_what_decides_nothing_is_not(name, root):
    before = remembering.rules(LATER, str(root))
    (root / name).write_text("other")
    assert remembering.rules(LATER, str(root)) == before


def test_what_an_installer_put_there_tells_itself(root):
    (root / "armslength-1.0.dist-info").mkdir()
    record = root / "armslength-1.0.dist-info" / "RECORD"
    record.write_text("scanner/x.py,sha256=1,1")
    first = remembering.rules(LATER, str(root))
    record.write_text("scanner/x.py,sha256=2,1")
    assert first is not None
    assert remembering.rules(LATER, str(root)) not in (None, first)


def test_where_our_files_lie_on_no_disk_nothing_is_remembered(tmp_path):
    assert remembering.rules(LATER, str(tmp_path / "armslength.pyz")) is None


def test_while_something_of_ours_changes_nothing_is_remembered(root):
    changed = (root / "probes" / "x.py").stat().st_ctime_ns
    for path in (root / "scanner").rglob("*"):
        assert path.stat().st_ctime_ns <= changed + 10**9
    assert remembering.rules(changed - 1, str(root)) is None
    assert remembering.rules(changed + 10**9, str(root)) is not None


def machine(home, **options):
    [opened] = open_machines(Opening(no_env=True, **options))
    return opened


def test_only_this_machine_s_own_home_is_remembered_and_where_files_are_read(home, tmp_path):
    (tmp_path / "eve").mkdir()
    assert remembering.remembered(machine(home), [anywhere]) is not None
    assert remembering.remembered(machine(home), []) is None
    assert remembering.remembered(machine(home, homes=(str(tmp_path / "eve"),)), [anywhere]) is None


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """A state folder that cannot be used."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ARMSLENGTH_STATE", str(tmp_path / "file"))


def test_a_scan_goes_on_without_where_nothing_can_be_kept(home, elsewhere):
    planted(home)
    clean = remembering.remembered(machine(home), [anywhere])
    seen, found = looked(home, clean)
    clean.keep(found, 3600.0)
    assert seen == looked(home, Cleared(None, KEY, b"rules"))[0]


def test_a_scan_without_files_to_read_keeps_nothing(home):
    clean = remembering.remembered(machine(home), [anywhere])
    clean.keep(looked(home, clean)[1], 3600.0)
    assert not state.folder().exists()


def looked(home, cleared):
    """What a look with the probes of the sweep sees, and the look."""
    found = look(machine(home), [anywhere], Vault(KEY), time_limit=3600.0, clean=cleared)
    return [repr(each) for each in found.observations], found


def planted(home):
    secret = token("github-classic", "seed")
    files = {
        ".bash_history": "ls\n",
        ".zsh_history": f"export GITHUB_TOKEN={secret}\n",
        ".psql_history": b"\xff\xfeL\x00\xff",
        ".python_history": "# plain\n" * 400_000,
        ".mysql_history": f"x {secret} " + "word " * 300_000,  # one line that is read in pieces
    }
    for name, data in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return secret


class Later(remembering.Remembered):
    """As of a scan that begins when every file is long settled."""

    def __init__(self):
        self._begun = LATER


def test_a_look_that_remembers_sees_what_one_sees_that_does_not(home):
    secret = planted(home)
    first = Later()
    seen, found = looked(home, first)
    first.keep(found, 3600.0)
    assert looked(home, Later())[0] == seen
    assert len(state.cleared(state.folder())) > HEAD_BYTES
    (home / ".bash_history").write_text(f"export GITHUB_TOKEN={secret}\n")
    (home / ".zsh_history").write_text("ls\n")
    again = looked(home, Later())[0]
    assert again == looked(home, Cleared(None, KEY, b"rules"))[0]
    assert [len(told) for told in (seen, again)] == [2, 2]
    assert again != seen


def test_nothing_is_written_while_nothing_changed(home):
    planted(home)
    kept = []
    for _ in range(2):
        clean = Later()
        clean.keep(looked(home, clean)[1], 3600.0)
        kept.append(Path(state.folder(), "clean-files").stat().st_ino)
    assert kept[0] == kept[1]
