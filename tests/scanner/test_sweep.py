"""The walk: bounded, never through a link, and silent about nothing."""

import os
from pathlib import PurePosixPath
from time import monotonic

import pytest

from scanner.data.sweep import rules
from scanner.host.local import local_files
from scanner.host.opening import Opening, open_machines
from scanner.host.ports import FileKind
from scanner.model import GapKind, Platform
from scanner.sweep import walk as sweep
from scanner.sweep.walk import Search, walk
from scanner.testing import FakeFile, fake_machine
from tests.support import dropped


def found(files, patterns, *, platform=Platform.LINUX, roots=("/src",)):
    machine = fake_machine(platform, files)
    walked = walk(machine, Search(tuple(patterns)), [type(machine.home)(root) for root in roots], None)
    return {pattern: [path.as_posix() for path in paths] for pattern, paths in walked.matches.items()}


def on_disk(folder, patterns=("**/.env",), deadline=None, roots=None):
    [machine] = open_machines(Opening())
    return walk(machine, Search(tuple(patterns)), [PurePosixPath(root) for root in roots or [folder]], deadline)


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


RULES = [(folder, rule) for rule in rules().pruned for folder in rule.folders]


@pytest.mark.parametrize(("folder", "rule"), [each for each in RULES if not each[0].startswith("~/")])
def test_folders_of_copies_are_left_out(folder, rule):
    beside = {f"/src/{name}": "" for name in rule.beside[:1]}
    files = {f"/src/{folder}/a/b/c/d/.env": "", f"/src/not-{folder}/a/b/c/d/.env": "", **beside}
    assert found(files, ["**/.env"]) == {"**/.env": [f"/src/not-{folder}/a/b/c/d/.env"]}


@pytest.mark.parametrize(("folder", "rule"), [each for each in RULES if each[0].startswith("~/")])
def test_folders_of_the_home_are_left_out_there_alone(folder, rule):
    place = folder[2:].replace("*", "x")
    files = {f"/home/ada/{place}/a/b/.env": "", f"/home/ada/x/{place}/a/b/.env": ""}
    matches = found(files, ["**/.env"], roots=["/home/ada"])
    assert [path.split("/a/b")[0] for path in matches["**/.env"]] in ([f"/home/ada/x/{place}"], [])


def test_a_folder_of_a_build_is_left_out_only_beside_what_builds_it():
    files = {"/src/target/.env": "", "/src/crate/target/.env": "", "/src/crate/Cargo.toml": ""}
    assert found(files, ["**/.env"]) == {"**/.env": ["/src/target/.env"]}


def test_of_a_folder_that_is_left_out_what_its_rule_names_is_looked_at():
    inside = (".git/config", ".git/hooks/pre-push", ".git/modules/lib/config", "node_modules/a/.env")
    inside += ("node_modules/@b/c/.npmrc", ".terraform/terraform.tfstate")
    outside = (".git/objects/config", "node_modules/a/b/.env", "node_modules/@b/c/d/.npmrc", "node_modules/a/config")
    patterns = ["**/config", "**/pre-push", "**/.env", "**/.npmrc", "**/terraform.tfstate"]
    matches = found({f"/src/{name}": "" for name in inside + outside}, patterns)
    assert sorted(path for paths in matches.values() for path in paths) == sorted(f"/src/{name}" for name in inside)


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
    walked = walk(machine, Search(("**/.env",)), [PurePosixPath("/src")], None)
    assert walked.matches["**/.env"] == (PurePosixPath(deep + "/.env"),)
    [gap] = walked.gaps
    assert (gap.kind, gap.place) == (GapKind.LIMIT, deep + "/d")


def test_a_pipe_of_a_wanted_name_is_found_but_never_opened(tmp_path):
    os.mkfifo(tmp_path / ".env")
    [path] = on_disk(tmp_path).matches["**/.env"]
    assert local_files().place(path).kind is FileKind.PIPE


def test_a_locked_folder_of_a_fake_machine_is_a_gap_too():
    machine = fake_machine(files={"/src/a": FakeFile(None, kind=FileKind.FOLDER), "/src/b/.env": ""})
    walked = walk(machine, Search(("**/.env",)), [PurePosixPath("/src")], None)
    assert len(walked.gaps) == len(walked.matches["**/.env"]) == 1
