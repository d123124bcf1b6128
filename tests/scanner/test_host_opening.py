"""Which machine, home, environment and workspace the options mean."""

import os
from datetime import UTC, datetime
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from scanner.errors import ScannerError
from scanner.host.image import Absent
from scanner.host.local import LocalProcesses
from scanner.host.opening import Opening, environment_file, guessed_platform, open_machines
from scanner.host.ports import Content
from scanner.model import GapKind, Platform

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """The current folder lies in no home."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MARK", "launch")
    return folder


@pytest.fixture
def bob(tmp_path):
    folder = tmp_path / "home" / "bob"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "image"
    for home in ("home/ada", "home/bob", "home/lost+found", "root", "etc"):
        (folder / home).mkdir(parents=True)
    (folder / "etc/hostname").write_text("build-7\n")
    return folder


@pytest.fixture
def env_file(tmp_path):
    file = tmp_path / "env"
    file.write_text("MARK=file\nOTHER=1\n")
    return file


@pytest.fixture
def places(home, bob, root, env_file):
    return {"home": home, "bob": bob, "root": root, "env": env_file}


def filled(options, places):
    """The options with `{home}` and the like in their texts replaced."""

    def fill(value):
        if isinstance(value, tuple):
            return tuple(map(fill, value))
        return value.format(**places) if type(value) is str else value

    return {name: fill(value) for name, value in options.items()}


def one(**options):
    [machine] = open_machines(Opening(**options))
    return machine


def test_nothing_said_is_this_user_live(home):
    machine = one(now=NOW)
    assert (machine.source, str(machine.home), machine.now) == ("live", str(home), NOW)
    assert machine.launch.values == dict(os.environ)
    assert machine.launch.label is None
    assert isinstance(machine.processes, LocalProcesses)
    assert machine.uid == os.geteuid()
    assert machine.keychain.entry("gh:github.com", "ada").why == "needs consent"


@pytest.mark.parametrize(
    ("options", "source", "mark"),
    [
        ({}, "live", "launch"),
        ({"no_env": True}, "live", None),
        ({"env_file": "{env}"}, "live", "file"),
        ({"env_file": "{env}", "no_env": True}, "live", "file"),
        ({"homes": ("~",)}, "live", "launch"),
        ({"homes": ("{home}",)}, "live", "launch"),
        ({"homes": ("{home}/../ada/",)}, "live", "launch"),
        ({"homes": ("{bob}",)}, "image", None),
        ({"homes": ("{bob}",), "env_file": "{env}"}, "image", "file"),
        ({"root": "{root}", "homes": ("/home/ada",)}, "image", None),
        ({"root": "{root}", "homes": ("/home/ada",), "env_file": "{env}"}, "image", "file"),
        ({"root": "/", "homes": ("{home}",)}, "image", None),
    ],
)
def test_the_launch_environment_belongs_to_the_live_home_only(options, source, mark, places):
    machine = one(**filled(options, places))
    assert (machine.source, machine.launch.values.get("MARK")) == (source, mark)
    assert isinstance(machine.processes, Absent) == (source == "image")


def test_a_link_to_my_home_is_my_home(home, tmp_path):
    (tmp_path / "alias").symlink_to(home)
    assert one(homes=(str(tmp_path / "alias"),)).source == "live"


def test_each_home_of_an_image_is_a_machine(root):
    machines = open_machines(Opening(root=str(root)))
    assert [str(machine.home) for machine in machines] == ["/home/ada", "/home/bob", "/root"]
    assert [machine.user for machine in machines] == ["ada", "bob", "root"]
    assert {machine.name for machine in machines} == {"build-7"}


def test_an_image_without_a_hostname_has_its_folders_name(root):
    (root / "etc/hostname").write_text("\x1b[31mno name\n")
    assert one(root=str(root), homes=("/home/ada",)).name == "image"


def test_a_home_is_read_inside_the_root(root, home):
    (home / "file").write_text("CANARY")
    (root / "home/ada/file").write_text("image")
    machine = one(root=str(root), homes=("/home/ada",))
    found = machine.files.content(machine.home / "file", 100)
    assert isinstance(found, Content)
    assert found.data == b"image"


LAYOUTS = {
    "linux": (["home/ada", "usr"], Platform.LINUX, "/home/ada"),
    "macos": (["Users/ada", "Users/Shared", "Library"], Platform.MACOS, "/Users/ada"),
    "windows": (["Users/ada", "Users/Public", "Users/Default", "Windows"], Platform.WINDOWS, "C:/Users/ada"),
    "windows in C": (["C/Users/ada"], Platform.WINDOWS, "C:/Users/ada"),
    "only users": (["Users/ada"], Platform.LINUX, "/Users/ada"),
}


@pytest.mark.parametrize(("folders", "platform", "home"), LAYOUTS.values(), ids=LAYOUTS)
def test_an_images_platform_is_guessed_from_its_layout(tmp_path, folders, platform, home):
    for folder in folders:
        (tmp_path / "x" / folder).mkdir(parents=True)
    assert guessed_platform(str(tmp_path / "x")) is platform
    machine = one(root=str(tmp_path / "x"))
    assert (machine.platform, machine.home) == (platform, type(machine.home)(home))
    assert (machine.uid is None) == (platform is Platform.WINDOWS)


def test_a_home_of_another_platform_on_this_disk_is_an_image(tmp_path):
    (tmp_path / "mnt/c/Users/ada/.aws").mkdir(parents=True)
    (tmp_path / "mnt/c/Users/ada/.aws/credentials").write_text("x")
    machine = one(homes=(str(tmp_path / "mnt/c/Users/ada"),), platform=Platform.WINDOWS)
    assert machine.home == PureWindowsPath("C:/Users/ada")
    assert machine.files.content(PureWindowsPath("C:/users/ADA/.aws/Credentials"), 10).data == b"x"


def test_the_current_folder_is_the_workspace_when_it_lies_in_the_home(home, bob, root, monkeypatch):
    for folder in (home, bob, root / "home/ada"):
        (folder / "src/app").mkdir(parents=True)
    monkeypatch.chdir(home / "src/app")
    assert one().workspace == PurePosixPath(home / "src/app")
    assert one(homes=(str(bob),)).workspace is None
    monkeypatch.chdir(home)
    assert one().workspace is None
    monkeypatch.chdir(bob / "src/app")
    assert one(homes=(str(bob),)).workspace == PurePosixPath(bob / "src/app")
    monkeypatch.chdir(root / "home/ada/src/app")
    machines = open_machines(Opening(root=str(root)))
    assert [machine.workspace for machine in machines] == [PurePosixPath("/home/ada/src/app"), None, None]


def test_a_workspace_below_a_linked_home_is_named_by_that_home(home, tmp_path, monkeypatch):
    (home / "src").mkdir()
    (tmp_path / "alias").symlink_to(home)
    monkeypatch.setenv("HOME", str(tmp_path / "alias"))
    monkeypatch.chdir(home / "src")
    assert one().workspace == PurePosixPath(tmp_path / "alias/src")


def test_workspaces_are_resolved_against_the_current_folder_or_inside_the_root(home, root, elsewhere, monkeypatch):
    (elsewhere / "app").mkdir()
    (root / "src/x").mkdir(parents=True)
    assert one(workspaces=("app",)).workspace == PurePosixPath(elsewhere / "app")
    machine = one(root=str(root), homes=("/home/ada",), workspaces=("/src/x",))
    assert machine.workspace == PurePosixPath("/src/x")
    monkeypatch.chdir(root / "src")
    assert one(root=str(root), homes=("/home/ada",), workspaces=("x",)).workspace == PurePosixPath("/src/x")


def test_a_workspace_in_one_home_is_no_other_homes(root):
    (root / "home/bob/app").mkdir()
    machines = open_machines(Opening(root=str(root), workspaces=("/home/bob/app",)))
    assert [machine.workspace for machine in machines] == [None, PurePosixPath("/home/bob/app"), None]


def test_neighbours_are_the_repositories_beside_and_the_other_workspaces(home):
    for name in ("app", "zeta", "beta", "plain", "later"):
        (home / "src" / name).mkdir(parents=True)
    for name in ("app", "zeta", "later"):
        (home / "src" / name / ".git").mkdir()
    (home / "src/beta/.git").write_text("gitdir: elsewhere")
    (home / "src/link").symlink_to("zeta")
    src = PurePosixPath(home / "src")
    machine = one(workspaces=(str(src / "app"), str(src / "later")))
    assert machine.workspace == src / "app"
    assert machine.neighbours == (src / "later", src / "beta", src / "zeta")
    assert machine.projects == (src / "app", src / "later", src / "beta", src / "zeta")


def test_a_home_as_workspace_has_no_neighbours(home, bob):
    (bob / ".git").mkdir()
    machine = one(workspaces=(str(home),))
    assert (machine.workspace, machine.neighbours) == (PurePosixPath(home), ())


def test_neighbours_end_at_two_hundred(home):
    for number in range(205):
        (home / "src" / f"{number:03}" / ".git").mkdir(parents=True)
    assert len(one(workspaces=(str(home / "src/000"),)).neighbours) == 200


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"platform": Platform.MACOS}, "--platform"),
        ({"platform": Platform.MACOS, "homes": ("~",)}, "--platform"),
        ({"homes": ("/nonexistent",)}, "--home /nonexistent"),
        ({"root": "/nonexistent"}, "--root /nonexistent"),
        ({"root": "{root}/etc/hostname"}, "--root"),
        ({"root": "{root}/etc"}, "no home"),
        ({"root": "{root}", "homes": ("{root}/home/ada",)}, "--home"),
        ({"root": "{root}", "homes": ("/etc/hostname",)}, "--home"),
        ({"workspaces": ("nothing",)}, "--workspace nothing"),
        ({"root": "{root}", "workspaces": ("/nothing",)}, "--workspace /nothing"),
        ({"env_file": "/nonexistent"}, "--env-file /nonexistent"),
        ({"env_file": "{root}"}, "--env-file"),
    ],
)
def test_what_contradicts_itself_or_is_not_there_stops_the_scan(options, said, places):
    with pytest.raises(ScannerError) as caught:
        open_machines(Opening(**filled(options, places)))
    assert said in str(caught.value)
    assert caught.value.code == 2


def test_a_deleted_current_folder_is_no_workspace(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert one().workspace is None


def test_another_users_home_is_judged_as_that_user(bob, home):
    if os.geteuid() != 0:
        pytest.skip("only root may give files away")
    for name, owner in {"theirs": 54321, "ours": 0}.items():
        (bob / name).write_text("x")
        (bob / name).chmod(0o600)
        os.chown(bob / name, owner, owner)
    os.chown(bob, 54321, 54321)
    machine = one(homes=(str(bob),))
    inside = (machine.home,)
    assert (machine.uid, machine.user) == (54321, "bob")
    assert machine.files.place(machine.home / "theirs", inside).mine
    assert not machine.files.place(machine.home / "ours", inside).mine
    assert machine.files.content(machine.home / "theirs", 9, inside).data == b"x"
    assert machine.files.content(machine.home / "ours", 9, inside).kind is GapKind.REFUSED


@pytest.mark.parametrize(
    ("data", "variables"),
    [
        (b"A=1\nB=two words\nC=a=b\nEMPTY=\n", {"A": "1", "B": "two words", "C": "a=b", "EMPTY": ""}),
        (b"A=1\r\nProgramFiles(x86)=C:\\x\r\n", {"A": "1", "ProgramFiles(x86)": "C:\\x"}),
        (b"A=1\0B=two\nlines\0", {"A": "1", "B": "two\nlines"}),
        (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
        ("A=é\n".encode("utf-16"), {"A": "é"}),
        (b"A=\xff\n", {"A": "\udcff"}),
        (b"", {}),
    ],
)
def test_an_environment_is_read_as_env_prints_it(tmp_path, data, variables):
    (tmp_path / "env").write_bytes(data)
    assert environment_file(str(tmp_path / "env")) == variables


@pytest.mark.parametrize(
    ("data", "place"), [(b"A=1\nCANARY\n", "line 2"), (b"=CANARY", "line 1"), (b"A=1\0CANARY\0", "entry 2")]
)
def test_a_bad_line_is_told_by_number_and_never_by_text(tmp_path, data, place):
    (tmp_path / "env").write_bytes(data)
    with pytest.raises(ScannerError, match=place) as caught:
        environment_file(str(tmp_path / "env"))
    assert "CANARY" not in str(caught.value) + caught.value.hint
