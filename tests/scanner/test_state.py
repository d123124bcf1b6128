import json
import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scanner import state

RAN = state.Ran(datetime(2026, 11, 21, 10, tzinfo=UTC), "scan", "0.1.0", 3, {"credentials": 4})


@pytest.fixture
def place(tmp_path):
    return tmp_path / "kept" / "state"


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_key_is_made_once_for_its_owner_only(place):
    first = state.key(place)
    assert len(first) == 32
    assert state.key(place) == first == state.saved_key(place)
    assert mode(place) == 0o700
    assert mode(place / "key") == 0o600
    assert [path.name for path in place.iterdir()] == ["key"]


def test_runs_that_begin_at_once_agree_on_one_key(place):
    make = "import sys, pathlib; from scanner import state; print(state.key(pathlib.Path(sys.argv[1])).hex())"
    runs = [subprocess.Popen([sys.executable, "-c", make, place], stdout=subprocess.PIPE) for _ in range(6)]
    assert len({run.communicate()[0] for run in runs}) == 1


def test_looking_for_a_key_makes_nothing(place):
    assert state.saved_key(place) is None
    assert not place.exists()


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 33])
def test_a_half_written_key_is_not_used(place, data):
    place.mkdir(mode=0o700, parents=True)
    (place / "key").write_bytes(data)
    (place / "key").chmod(0o600)
    with pytest.raises(state.StateError):
        state.key(place)
    assert (place / "key").read_bytes() == data


def test_a_key_that_others_can_read_is_not_used(place):
    state.key(place)
    (place / "key").chmod(0o644)
    with pytest.raises(state.StateError):
        state.key(place)


def test_a_key_that_is_a_link_or_a_pipe_is_not_used(place, tmp_path):
    place.mkdir(mode=0o700, parents=True)
    (tmp_path / "other").write_bytes(b"x" * 32)
    (place / "key").symlink_to(tmp_path / "other")
    with pytest.raises(state.StateError):
        state.key(place)
    (place / "key").unlink()
    os.mkfifo(place / "key")
    with pytest.raises(state.StateError):
        state.key(place)


def test_a_folder_in_which_others_may_write_is_not_used(place):
    place.mkdir(parents=True)
    place.chmod(0o777)
    with pytest.raises(state.StateError):
        state.key(place)
    with pytest.raises(state.StateError):
        state.log(place, RAN)


def test_a_file_where_the_folder_should_be_is_said(tmp_path):
    (tmp_path / "state").write_text("")
    with pytest.raises(state.StateError):
        state.key(tmp_path / "state")


def test_the_log_holds_a_line_a_run_and_no_more_than_200(place):
    for _ in range(205):
        state.log(place, RAN)
    lines = (place / "log.jsonl").read_text().splitlines()
    assert len(lines) == 200
    assert json.loads(lines[-1]) == {
        "time": "2026-11-21T10:00:00+00:00",
        "command": "scan",
        "version": "0.1.0",
        "exit": 3,
        "counts": {"credentials": 4},
    }
    assert mode(place / "log.jsonl") == 0o600


def test_kept_lists_what_is_there(place):
    assert list(state.kept(place)) == []
    state.key(place)
    state.log(place, RAN)
    assert [(each.path.name, each.mode) for each in state.kept(place)] == [("key", 0o600), ("log.jsonl", 0o600)]


def test_purge_removes_what_is_ours_and_nothing_else(place, tmp_path):
    state.key(place)
    state.log(place, RAN)
    (place / "yours").write_text("")
    (place / ".armslength-00.tmp").write_text("")
    assert {path.name for path in state.purge(place)} == {"key", "log.jsonl", ".armslength-00.tmp"}
    assert [path.name for path in place.iterdir()] == ["yours"]
    (place / "yours").unlink()
    assert state.purge(place) == []
    assert not place.exists()


def test_purge_removes_a_link_and_not_its_target(place, tmp_path):
    place.mkdir(mode=0o700, parents=True)
    (tmp_path / "other").write_text("")
    (place / "log.jsonl").symlink_to(tmp_path / "other")
    state.purge(place)
    assert (tmp_path / "other").exists()


def test_a_variable_names_the_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("ARMSLENGTH_STATE", str(tmp_path))
    assert state.folder() == tmp_path
    monkeypatch.setenv("ARMSLENGTH_STATE", "")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        assert state.folder() == tmp_path / "xdg" / "armslength"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no folders")
def test_a_folder_that_cannot_be_made_is_said():
    with pytest.raises(state.StateError):
        state.key(Path("/proc/armslength"))
