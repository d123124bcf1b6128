"""Files of another machine: everything is looked up inside the image."""

import os
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from scanner.host import FileKind
from scanner.host.image import Absent, AbsentRegistry, ImageTree, image_files
from scanner.host.ports import Entry
from scanner.model import Gap, GapKind, Platform
from tests.support import dropped

MIB = 1024 * 1024
HOME = PurePosixPath("/home/ada")


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "image"
    (folder / "home" / "ada").mkdir(parents=True)
    (folder / "etc").mkdir()
    (folder / "etc" / "passwd").write_text("of the image")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("CANARY")
    return folder


def text(root, path, platform=Platform.LINUX, inside=()):
    flavour = PureWindowsPath if platform is Platform.WINDOWS else PurePosixPath
    found = image_files(str(root), platform).content(flavour(path), MIB, inside)
    return found if found is None or isinstance(found, Gap) else found.data.decode()


@pytest.mark.parametrize(
    "target",
    [
        "/etc/passwd",
        "../../etc/passwd",
        "../../../../../../../../etc/passwd",
        "/../../etc/passwd",
        "hop/etc/passwd",
        "climb/../../../etc/passwd",
    ],
)
def test_a_link_leads_to_the_images_own_file(root, target):
    (root / "home/ada/hop").symlink_to("/")
    (root / "home/ada/climb").symlink_to("../..")
    (root / "home/ada/link").symlink_to(target)
    assert text(root, "/home/ada/link") == "of the image"
    seen = image_files(str(root), Platform.LINUX).place(PurePosixPath("/home/ada/link"))
    assert seen.link_target == PurePosixPath("/etc/passwd")


def test_no_link_or_path_reaches_a_file_outside(root, tmp_path):
    outside = tmp_path / "outside"
    names = {
        "absolute": str(outside / "secret"),
        "relative": "../../../outside/secret",
        "folder": str(outside),
        "up": "../../../..",
    }
    for name, target in names.items():
        (root / "home/ada" / name).symlink_to(target)
    for path in ("absolute", "relative", "folder/secret", "up/outside/secret", "../../../outside/secret"):
        assert text(root, HOME / path) is None, path
    files = image_files(str(root), Platform.LINUX)
    assert files.entries(HOME / "folder") == []
    assert [entry.name for entry in files.entries(HOME / "up")] == ["etc", "home"]


def test_a_link_out_of_the_home_is_refused_in_an_image_too(root):
    (root / "home/ada/link").symlink_to("/etc/passwd")
    assert text(root, HOME / "link", inside=[HOME]).why == "a link out of the tree, to /etc/passwd"


def test_links_of_a_live_home_stay_in_the_home_of_the_image(root):
    (root / "home/ada/real").write_text("x")
    (root / "home/ada/link").symlink_to("/home/ada/real")
    assert text(root, HOME / "link", inside=[HOME]) == "x"


def test_a_root_that_is_a_link_is_its_folder(root, tmp_path):
    (tmp_path / "alias").symlink_to(root)
    assert text(tmp_path / "alias", "/etc/passwd") == "of the image"


def test_loops_pipes_and_locked_files_of_an_image_are_gaps(root):
    os.mkfifo(root / "home/ada/pipe")
    (root / "home/ada/loop").symlink_to("loop")
    (root / "home/ada/locked").write_text("CANARY")
    (root / "home/ada/locked").chmod(0)
    assert text(root, HOME / "pipe").why == "a named pipe, not opened"
    assert text(root, HOME / "loop").why == "a loop of links"
    assert dropped(text, root, HOME / "locked").why == "permission denied"


@pytest.mark.parametrize("platform", [Platform.MACOS, Platform.WINDOWS])
def test_an_image_of_macos_or_windows_ignores_case(root, platform):
    (root / "Users/Ada/.AWS").mkdir(parents=True)
    (root / "Users/Ada/.AWS/Credentials").write_text("x")
    start = "C:/" if platform is Platform.WINDOWS else "/"
    assert text(root, start + "users/ADA/.aws/credentials", platform) == "x"
    files = image_files(str(root), platform)
    assert files.entries(files_path(platform, start + "USERS")) == [Entry("Ada", FileKind.FOLDER)]
    assert text(root, "/Users/ada/.aws/credentials") is None


def files_path(platform, path):
    return PureWindowsPath(path) if platform is Platform.WINDOWS else PurePosixPath(path)


def test_an_exact_name_goes_before_one_of_another_case(root):
    (root / "FILE").write_text("upper")
    (root / "file").write_text("lower")
    assert text(root, "/file", Platform.MACOS) == "lower"
    assert text(root, "/FILE", Platform.MACOS) == "upper"


def test_a_composed_name_of_macos_is_found_by_a_decomposed_one(root):
    (root / "Cafe\u0301").write_text("x")
    assert text(root, "/caf\u00e9", Platform.MACOS) == "x"


def test_drive_c_lies_at_c_or_at_the_root(root):
    (root / "Users").mkdir()
    (root / "Users/file").write_text("at the root")
    assert text(root, "C:/Users/file", Platform.WINDOWS) == "at the root"
    assert text(root, "D:/Users/file", Platform.WINDOWS) is None
    (root / "C/Users").mkdir(parents=True)
    (root / "C/Users/file").write_text("at C")
    (root / "d").mkdir()
    (root / "d/file").write_text("at D")
    assert text(root, "c:/Users/file", Platform.WINDOWS) == "at C"
    assert text(root, "D:/file", Platform.WINDOWS) == "at D"


@pytest.mark.parametrize("path", ["//server/share/file", "C:/../../outside/secret", "C:/a\0b"])
def test_no_windows_path_leads_out(root, path):
    found = text(root, path, Platform.WINDOWS)
    assert found is None or found.kind is GapKind.FAILED


@pytest.mark.parametrize("part", ["..", "a\0b"])
def test_a_part_that_would_climb_is_no_name(root, part):
    with pytest.raises(FileNotFoundError):
        ImageTree(str(root), Platform.LINUX).real(PurePosixPath("/home", part))


def test_windows_links_are_read_in_its_own_terms(root):
    (root / "Users/ada").mkdir(parents=True)
    (root / "Users/ada/real").write_text("x")
    for name, target in {"drive": "C:\\Users\\ada\\real", "slash": "/Users/ada/real", "near": "..\\ada\\real"}.items():
        (root / "Users/ada" / name).symlink_to(target)
        assert text(root, f"C:/Users/ada/{name}", Platform.WINDOWS) == "x", name


def test_a_windows_image_has_no_modes(root):
    (root / "file").write_text("x")
    assert image_files(str(root), Platform.WINDOWS).place(PureWindowsPath("C:/file")).mode is None
    assert image_files(str(root), Platform.LINUX).place(PurePosixPath("/file")).mode is not None


def test_what_only_a_live_machine_has_is_a_gap():
    absent = Absent()
    answers = [absent.table(), absent.variables(1), absent.agent_identities(HOME), absent.entry("gh", "ada")]
    answers.append(AbsentRegistry(Platform.WINDOWS).values("HKCU/Environment"))
    assert {(answer.kind, answer.why) for answer in answers} == {(GapKind.REFUSED, "not a live machine")}
    assert AbsentRegistry(Platform.LINUX).values("HKCU/Environment") == {}
