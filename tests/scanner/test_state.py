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
    state.keep_report(place, b"one")
    os.utime(place / "last-report.sealed", (1_700_000_000, 1_700_000_000))
    state.keep_cleared(place, b"marks")
    names = ["key", "log.jsonl", "last-report.sealed", "clean-files"]
    assert [(each.path.name, each.mode) for each in state.kept(place)] == [(name, 0o600) for name in names]
    report = list(state.kept(place))[2]
    assert (report.size, report.written) == (3, 1_700_000_000)


def test_a_report_replaces_the_one_before_and_is_its_owner_s_only(place):
    assert state.kept_report(place) is None
    assert not place.exists()
    state.keep_report(place, b"one")
    state.keep_report(place, b"two")
    assert state.kept_report(place) == b"two"
    assert mode(place / "last-report.sealed") == 0o600
    assert [path.name for path in place.iterdir()] == ["last-report.sealed"]


def test_to_try_whether_a_report_can_be_kept_leaves_the_old_one(place):
    state.ready_for_report(place)
    assert list(place.iterdir()) == []
    state.keep_report(place, b"one")
    state.ready_for_report(place)
    assert state.kept_report(place) == b"one"
    assert [path.name for path in place.iterdir()] == ["last-report.sealed"]


def test_a_report_is_not_kept_where_others_may_write_or_nobody_can(place, tmp_path):
    place.mkdir(parents=True)
    place.chmod(0o777)
    (tmp_path / "file").write_text("")
    for where in (place, tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(state.StateError):
            state.ready_for_report(where)
        with pytest.raises(state.StateError):
            state.keep_report(where, b"one")
    assert list(place.iterdir()) == []


def test_a_report_that_is_too_large_leaves_the_old_one(place, monkeypatch):
    monkeypatch.setattr(state, "REPORT_BYTES", 3)
    state.keep_report(place, b"one")
    with pytest.raises(state.StateError):
        state.keep_report(place, b"four")
    assert state.kept_report(place) == b"one"
    (place / "last-report.sealed").write_bytes(b"four")
    with pytest.raises(state.StateError):
        state.kept_report(place)


def test_a_kept_report_that_is_a_link_or_a_pipe_is_not_opened_and_a_link_not_written_through(place, tmp_path):
    state.ready_for_report(place)
    (tmp_path / "other").write_bytes(b"other")
    (place / "last-report.sealed").symlink_to(tmp_path / "other")
    with pytest.raises(state.StateError):
        state.kept_report(place)
    state.keep_report(place, b"one")
    assert (tmp_path / "other").read_bytes() == b"other"
    (place / "last-report.sealed").unlink()
    os.mkfifo(place / "last-report.sealed")
    with pytest.raises(state.StateError):
        state.kept_report(place)


def test_an_interruption_while_it_is_written_leaves_the_old_one(place, monkeypatch):
    state.keep_report(place, b"one")

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        state.keep_report(place, b"two")
    monkeypatch.undo()
    assert state.kept_report(place) == b"one"
    assert [path.name for path in place.iterdir()] == ["last-report.sealed"]


def test_marks_of_clean_files_replace_those_before_and_are_their_owner_s_only(place):
    assert state.cleared(place) is None
    assert not place.exists()
    state.keep_cleared(place, b"one")
    state.keep_cleared(place, b"two")
    assert state.cleared(place) == b"two"
    assert mode(place / "clean-files") == 0o600


def test_marks_of_clean_files_that_others_could_have_put_there_are_not_used(place, tmp_path):
    state.keep_cleared(place, b"one")
    (place / "clean-files").chmod(0o640)
    assert state.cleared(place) is None
    (place / "clean-files").unlink()
    (tmp_path / "other").write_bytes(b"other")
    (place / "clean-files").symlink_to(tmp_path / "other")
    assert state.cleared(place) is None
    (place / "clean-files").unlink()
    os.mkfifo(place / "clean-files")
    assert state.cleared(place) is None
    state.keep_cleared(place, b"two")
    assert state.cleared(place) == b"two"


def test_marks_that_are_too_large_are_not_used(place):
    state.keep_cleared(place, b"")
    os.truncate(place / "clean-files", state.CLEARED_BYTES + 1)
    assert state.cleared(place) is None


def test_purge_removes_what_is_ours_and_nothing_else(place, tmp_path):
    state.key(place)
    state.log(place, RAN)
    state.keep_report(place, b"one")
    state.keep_cleared(place, b"marks")
    (place / "yours").write_text("")
    (place / ".armslength-00.tmp").write_text("")
    gone = {path.name for path in state.purge(place)}
    assert gone == {"key", "log.jsonl", "last-report.sealed", "clean-files", ".armslength-00.tmp"}
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
