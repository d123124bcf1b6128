"""The walk: bounded, never through a link, and silent about nothing."""

import os
from pathlib import PurePosixPath
from time import monotonic

import pytest

from scanner.sweep import walk as sweep
from scanner.host.local import local_files
from scanner.host.opening import Opening, open_machines
from scanner.host.ports import FileKind
from scanner.model import GapKind, Platform
from scanner.sweep.walk import walk
from scanner.testing import FakeFile, fake_machine
from tests.support import dropped


def found(files, patterns, *, platform=Platform.LINUX, roots=("/src",)):
    machine = fake_machine(platform, files)
    walked = walk(machine, patterns, [type(machine.home)(root) for root in roots], None)
    return {pattern: [path.as_posix() for path in paths] for pattern, paths in walked.matches.items()}


def on_disk(folder, patterns=("**/.env",), deadline=None, roots=None):
    [machine] = open_machines(Opening())
    return walk(machine, patterns, [PurePosixPath(root) for root in roots or [folder]], deadline)


def test_each_pattern_gets_its_files_sorted():
    files = {f"/src/{name}": "" for name in ("b/.env", "a/.env", "a/.env.local", "a/x.tfvars", ".envrc", "y.pem")}
    assert found(files, ["**/.env", "**/.env.*", "**/{x,z}.tfvars", "**/.en[v]"]) == {
        "**/.env": ["/src/a/.env", "/src/b/.env"],
        "**/.env.*": ["/src/a/.env.local"],
        "**/{x,z}.tfvars": ["/src/a/x.tfvars"],
        "**/.en[v]": ["/src/a/.env", "/src/b/.env"],
    }


def test_a_file_that_two_choices_name_is_found_once():
    assert found({"/src/.env": ""}, ["**/{.env,.env,.e*}"]) == {"**/{.env,.env,.e*}": ["/src/.env"]}


def test_case_counts_on_linux_only():
    for platform, names in {Platform.LINUX: 0, Platform.MACOS: 2, Platform.WINDOWS: 2}.items():
        root = "C:/src" if platform is Platform.WINDOWS else "/src"
        files = {f"{root}/.ENV": "", f"{root}/Key.PEM": "", f"{root}/Node_Modules/.env": ""}
        matches = found(files, ["**/.env", "**/*.pem"], platform=platform, roots=[root])
        assert sum(map(len, matches.values())) == names + (platform is Platform.LINUX)


@pytest.mark.parametrize("folder", sorted(sweep.PRUNED))
def test_folders_of_copies_are_left_out(folder):
    assert found({f"/src/{folder}/.env": "", f"/src/not-{folder}/.env": ""}, ["**/.env"]) == {
        "**/.env": [f"/src/not-{folder}/.env"]
    }


def test_a_root_of_such_a_name_is_walked_all_the_same():
    assert found({"/src/target/.env": ""}, ["**/.env"], roots=["/src/target"]) == {"**/.env": ["/src/target/.env"]}


def test_a_root_inside_another_is_walked_once():
    files = {"/src/a/.env": ""}
    assert found(files, ["**/.env"], roots=["/src/a", "/src", "/src"]) == {"**/.env": ["/src/a/.env"]}


def test_without_patterns_nothing_is_walked(tmp_path):
    walked = on_disk(tmp_path, patterns=())
    assert (walked.matches, walked.gaps, walked.entries) == ({}, (), 0)


def test_links_are_named_and_not_followed(tmp_path):
    (tmp_path / "root/deep").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/.env").write_text("CANARY")
    (tmp_path / "root/out").symlink_to(tmp_path / "outside")
    (tmp_path / "root/deep/loop").symlink_to("../..")
    (tmp_path / "root/.env").symlink_to("nothing")
    walked = on_disk(tmp_path / "root")
    assert walked.matches["**/.env"] == (PurePosixPath(tmp_path / "root/.env"),)
    assert walked.gaps == ()


def test_a_folder_that_cannot_be_read_is_a_gap_and_the_walk_goes_on(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".env").write_text("x")
    (tmp_path / "b").chmod(0)
    walked = dropped(on_disk, tmp_path)
    (tmp_path / "b").chmod(0o700)
    assert [path.parent.name for path in walked.matches["**/.env"]] == ["a", "c"]
    [gap] = walked.gaps
    assert (gap.kind, gap.place) == (GapKind.REFUSED, str(tmp_path / "b"))


def test_a_root_that_is_not_there_finds_nothing(tmp_path):
    walked = on_disk(tmp_path / "nothing")
    assert (walked.matches, walked.gaps) == ({"**/.env": ()}, ())


def test_odd_names_are_walked_through(tmp_path):
    for name in (b"new\nline", b"\x1b[31m", b"\xff"):
        folder = os.fsencode(tmp_path) + b"/" + name
        os.mkdir(folder)
        with open(folder + b"/.env", "wb"):
            pass
    assert len(on_disk(tmp_path).matches["**/.env"]) == 3


def test_it_stops_at_its_deadline_and_says_so(tmp_path):
    (tmp_path / ".env").write_text("x")
    walked = on_disk(tmp_path, deadline=monotonic() - 1)
    [gap] = walked.gaps
    assert gap.kind is GapKind.LIMIT
    assert gap.why == "folders not walked: 1 (the time was spent)"
    assert walked.matches == {"**/.env": ()}


def test_it_stops_at_its_limit_of_names_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sweep, "ENTRY_LIMIT", 4)
    for number in range(3):
        for below in range(3):
            (tmp_path / "root" / str(number) / str(below)).mkdir(parents=True)
    walked = on_disk(tmp_path / "root")
    assert walked.entries == 6
    assert "more than 4 names" in walked.gaps[-1].why


def test_it_stops_at_its_depth_and_says_so():
    deep = "/src" + "/d" * sweep.DEPTH_LIMIT
    machine = fake_machine(files={deep + "/.env": "", deep + "/d/.env": ""})
    walked = walk(machine, ["**/.env"], [PurePosixPath("/src")], None)
    assert walked.matches["**/.env"] == (PurePosixPath(deep + "/.env"),)
    [gap] = walked.gaps
    assert (gap.kind, gap.place) == (GapKind.LIMIT, deep + "/d")


def test_a_pipe_of_a_wanted_name_is_found_but_never_opened(tmp_path):
    os.mkfifo(tmp_path / ".env")
    [path] = on_disk(tmp_path).matches["**/.env"]
    assert local_files().place(path).kind is FileKind.PIPE


def test_a_locked_folder_of_a_fake_machine_is_a_gap_too():
    machine = fake_machine(files={"/src/a": FakeFile(None, kind=FileKind.FOLDER), "/src/b/.env": ""})
    walked = walk(machine, ["**/.env"], [PurePosixPath("/src")], None)
    assert len(walked.gaps) == len(walked.matches["**/.env"]) == 1
