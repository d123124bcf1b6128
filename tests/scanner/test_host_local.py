"""The files of this machine, hostile ones among them."""

import os
import socket
import subprocess
import sys
from datetime import UTC
from pathlib import PurePosixPath, PureWindowsPath

import pytest

from scanner.host import FileKind
from scanner.host import disk as disk_module
from scanner.host.links import Viewer
from scanner.host.local import LocalTree, local_files
from scanner.host.ports import Content, Entry
from scanner.model import Gap, GapKind
from tests.support import dropped

MIB = 1024 * 1024


def content(path, *, inside=(), limit=MIB, files=None):
    return (files or local_files()).content(PurePosixPath(path), limit, [PurePosixPath(each) for each in inside])


def place(path, *, inside=()):
    return local_files().place(PurePosixPath(path), [PurePosixPath(each) for each in inside])


def test_a_file_is_read_whole_up_to_the_limit(home):
    (home / "file").write_bytes(b"0123456789")
    assert content(home / "file", limit=10) == Content(place(home / "file"), b"0123456789", truncated=False)
    cut = content(home / "file", limit=9)
    assert cut.data == b"012345678"
    assert cut.truncated


def test_a_place_tells_mode_owner_rights_and_time(home):
    file = home / "file"
    file.write_bytes(b"abc")
    file.chmod(0o640)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    seen = place(file)
    assert (seen.kind, seen.mode, seen.mine, seen.readable, seen.writable) == (FileKind.FILE, 0o640, True, True, True)
    assert (seen.size, seen.link_target, seen.modified.tzinfo) == (3, None, UTC)
    assert seen.modified.timestamp() == 1_700_000_000


def test_what_is_absent_is_none_and_no_gap(home):
    (home / "file").write_text("x")
    assert content(home / "nothing") is None
    assert content(home / "file" / "below") is None
    assert place(home / "nothing") is None
    assert local_files().entries(PurePosixPath(home / "nothing")) == []
    assert local_files().entries(PurePosixPath(home / "file")) == []


def test_a_folder_has_no_content(home):
    assert content(home) is None
    assert place(home).kind is FileKind.FOLDER


def test_a_link_inside_the_tree_is_followed_and_told(home):
    (home / "real").write_text("x")
    (home / "link").symlink_to("real")
    seen = content(home / "link", inside=[home])
    assert seen.data == b"x"
    assert seen.place.path == PurePosixPath(home / "link")
    assert seen.place.link_target == PurePosixPath(os.path.realpath(home / "real"))


@pytest.mark.parametrize("target", ["{out}/secret", "../../out/secret", "hop", "folder/secret"])
def test_a_link_out_of_the_tree_is_refused(home, tmp_path, target):
    out = tmp_path / "out"
    out.mkdir()
    (out / "secret").write_text("CANARY")
    (home / "folder").symlink_to(out)
    (home / "hop").symlink_to(out / "secret")
    (home / "link").symlink_to(target.format(out=out))
    seen = content(home / "link", inside=[home])
    assert isinstance(seen, Gap)
    assert seen.kind is GapKind.REFUSED
    assert seen.why.startswith("a link out of the tree, to ")
    assert place(home / "link", inside=[home]) == seen


def test_the_same_link_is_followed_where_no_tree_was_asked_for(home, tmp_path):
    (tmp_path / "secret").write_text("x")
    (home / "link").symlink_to(tmp_path / "secret")
    assert content(home / "link").data == b"x"


def test_dots_do_not_lead_out_either(home, tmp_path):
    (tmp_path / "home" / "bob").write_text("CANARY")
    assert isinstance(content(home / ".." / "bob", inside=[home]), Gap)
    assert content(home / ".." / "bob").data == b"CANARY"


def test_a_home_that_is_itself_a_link_holds_what_lies_in_it(home, tmp_path):
    (home / "file").write_text("x")
    (home / "absolute").symlink_to(home / "file")
    alias = tmp_path / "alias"
    alias.symlink_to(home)
    (home / "through-alias").symlink_to(alias / "file")
    for name in ("file", "absolute", "through-alias"):
        assert content(alias / name, inside=[alias]).data == b"x", name
    assert content(alias / "file", inside=[alias]).place.link_target is None


def test_a_folder_beside_with_the_homes_name_as_its_start_is_not_in_it(home, tmp_path):
    (tmp_path / "home" / "ada2").write_text("CANARY")
    (home / "link").symlink_to(tmp_path / "home" / "ada2")
    assert isinstance(content(home / "link", inside=[home]), Gap)


def test_a_loop_is_a_failed_gap_and_a_dangling_link_is_nothing(home):
    (home / "a").symlink_to("b")
    (home / "b").symlink_to("a")
    (home / "self").symlink_to("self/self")
    (home / "dangling").symlink_to("nothing")
    for name in ("a", "self"):
        assert content(home / name, inside=[home]) == Gap(GapKind.FAILED, str(home / name), "a loop of links")
    assert content(home / "dangling", inside=[home]) is None


def test_forty_links_in_a_row_are_followed_and_one_more_is_not(home):
    (home / "0").write_text("x")
    for number in range(41):
        (home / str(number + 1)).symlink_to(str(number))
    assert content(home / "40").data == b"x"
    assert isinstance(content(home / "41"), Gap)


def test_a_pipe_a_socket_and_a_device_are_never_opened(home):
    os.mkfifo(home / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "socket"))
        (home / "link").symlink_to("pipe")
        for name, kind in {"pipe": "named pipe", "link": "named pipe", "socket": "socket"}.items():
            assert content(home / name) == Gap(GapKind.REFUSED, str(home / name), f"a {kind}, not opened")
    assert content("/dev/zero") == Gap(GapKind.REFUSED, "/dev/zero", "a device, not opened")
    assert place(home / "socket").kind is FileKind.SOCKET


def test_a_listing_tells_kinds_without_following_links(home):
    (home / "folder").mkdir()
    (home / "file").write_text("x")
    (home / "to-folder").symlink_to("folder")
    os.mkfifo(home / "pipe")
    assert local_files().entries(PurePosixPath(home)) == [
        Entry("file", FileKind.FILE),
        Entry("folder", FileKind.FOLDER),
        Entry("pipe", FileKind.PIPE),
        Entry("to-folder", FileKind.LINK),
    ]


def test_an_unreadable_file_or_folder_is_refused(home):
    (home / "file").write_text("CANARY")
    (home / "file").chmod(0)
    (home / "folder").mkdir()
    (home / "folder" / "file").write_text("CANARY")
    (home / "folder").chmod(0)
    assert dropped(content, home / "file") == Gap(GapKind.REFUSED, str(home / "file"), "permission denied")
    below = home / "folder" / "file"
    assert dropped(content, below) == Gap(GapKind.REFUSED, str(below), "permission denied")
    listed = dropped(local_files().entries, PurePosixPath(home / "folder"))
    assert listed == Gap(GapKind.REFUSED, str(home / "folder"), "permission denied")
    seen = dropped(place, home / "file")
    assert (seen.readable, seen.writable) == (False, False)
    (home / "folder").chmod(0o700)


def test_two_sparse_gigabytes_cost_one_mebibyte(home):
    with (home / "sparse").open("wb") as stream:
        stream.truncate(2 * 1024**3)
    seen = content(home / "sparse")
    assert len(seen.data) == MIB
    assert seen.truncated
    assert seen.place.size == 2 * 1024**3


def test_a_path_too_long_for_the_kernel_is_a_limit(home):
    name = "d" * 250
    start = os.open(home, os.O_RDONLY)
    at = os.dup(start)
    for _ in range(20):
        os.mkdir(name, dir_fd=at)
        deeper = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = deeper
    os.close(at)
    os.close(start)
    path = home.joinpath(*[name] * 20)
    for seen in (content(path / "file"), place(path), local_files().entries(PurePosixPath(path))):
        assert isinstance(seen, Gap)
        assert (seen.kind, seen.why) == (GapKind.LIMIT, "the path is too long")


@pytest.mark.parametrize("name", [b"new\nline", b"\x1b[31mred", b"not-utf8-\xff\xfe", "bidi-\u202e".encode(), b" "])
def test_odd_names_are_listed_and_read(home, name):
    with open(os.fsencode(home) + b"/" + name, "wb") as stream:
        stream.write(b"x")
    [entry] = local_files().entries(PurePosixPath(home))
    assert os.fsencode(entry.name) == name
    assert content(home / entry.name).data == b"x"


def test_odd_names_can_be_printed_in_a_gap(home):
    path = home / os.fsdecode(b"loop-\xff\x1b")
    path.symlink_to(path.name)
    seen = content(path)
    assert seen.place.endswith(r"loop-\xff\x1b")
    seen.place.encode()


@pytest.mark.parametrize("name", ["nul\0", "lone-\ud800"])
def test_a_name_that_no_file_can_have_is_a_gap(home, name):
    for seen in (content(home / name), place(home / name), local_files().entries(PurePosixPath(home / name))):
        assert isinstance(seen, Gap)
        assert seen.kind is GapKind.FAILED


def test_a_file_swapped_for_a_link_between_look_and_opening_is_not_read(home, tmp_path):
    (tmp_path / "secret").write_text("CANARY")
    (home / "file").write_text("harmless")
    seen = os.lstat(home / "file")
    (home / "file").unlink()
    (home / "file").symlink_to(tmp_path / "secret")
    with pytest.raises(disk_module.Changed):
        disk_module._read(str(home / "file"), seen, MIB)


def test_a_folder_swapped_for_a_link_between_look_and_opening_is_not_entered(home, tmp_path):
    outside = tmp_path / "outside"
    for folder in (outside, home / "folder"):
        folder.mkdir()
        (folder / "file").write_text("CANARY")
    seen = os.lstat(home / "folder" / "file")
    (home / "folder").rename(home / "moved")
    (home / "folder").symlink_to(home / "moved")
    with pytest.raises(disk_module.Changed):
        disk_module._read(str(home / "folder" / "file"), seen, MIB)


def test_a_file_swapped_for_another_or_for_a_pipe_is_not_read(home):
    for name in ("file", "other"):
        (home / name).write_text(name)
    seen = os.lstat(home / "file")
    os.rename(home / "other", home / "file")
    with pytest.raises(disk_module.Changed):
        disk_module._read(str(home / "file"), seen, MIB)
    (home / "file").unlink()
    os.mkfifo(home / "file")
    with pytest.raises(disk_module.Changed):
        disk_module._read(str(home / "file"), seen, MIB)


def test_files_of_the_kernel_that_hand_out_each_line_once_are_not_opened():
    if os.path.exists("/proc/kmsg"):
        assert isinstance(content("/proc/kmsg"), Gap)
    assert isinstance(content("/proc/self/status"), Content)  # size 0, and yet there is text


def test_a_path_on_another_machine_is_not_touched():
    with pytest.raises(OSError, match=r".") as caught:
        LocalTree().real(PureWindowsPath(r"\\server\share\file"))
    gap = disk_module.complaint(PureWindowsPath(r"\\server\share\file"), caught.value)
    assert (gap.kind, gap.why) == (GapKind.REFUSED, "on another machine, not opened")


def test_a_date_that_no_calendar_has_is_no_date():
    assert disk_module._moment(10.0**18) is None


def test_an_error_is_told_in_the_systems_words_without_the_path(home):
    gap = disk_module.complaint(PurePosixPath("/x"), OSError(5, "CANARY", "/CANARY"))
    assert gap == Gap(GapKind.FAILED, "/x", os.strerror(5).lower())


def test_another_users_rights_come_from_the_modes(home):
    for name, mode in {"private": 0o600, "shared": 0o644}.items():
        (home / name).write_text("x")
        (home / name).chmod(mode)
    (home / "closed").mkdir(mode=0o700)
    (home / "closed" / "open").write_text("x")
    stranger = local_files(Viewer(os.geteuid() + 4321))
    for above in [home, *home.parents]:
        if str(above).startswith("/tmp/"):
            above.chmod(0o755)
    shared = content(home / "shared", inside=[home], files=stranger)
    assert (shared.data, shared.place.mine, shared.place.writable) == (b"x", False, False)
    assert content(home / "private", inside=[home], files=stranger).why == "permission denied"
    assert content(home / "closed" / "open", inside=[home], files=stranger).why == "permission denied"
    assert stranger.entries(PurePosixPath(home / "closed")).why == "permission denied"


def test_a_folder_of_endless_names_is_a_limit(home, monkeypatch):
    monkeypatch.setattr(disk_module, "NAME_LIMIT", 3)
    for number in range(4):
        (home / str(number)).touch()
    assert local_files().entries(PurePosixPath(home)).kind is GapKind.LIMIT


def test_reading_loads_neither_sockets_nor_psutil_nor_keyring():
    code = (
        "import sys, scanner.host.opening as o\n"
        "[m] = o.open_machines(o.Opening()); m.processes.table(); m.registry.values('HKCU/Environment')\n"
        "print(sorted({'socket', 'psutil', 'keyring', 'secretstorage', 'subprocess'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
