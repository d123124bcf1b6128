"""The walker of a disk: names by listing, bytes by folder, nothing through a link, nothing that is no file opened."""

import os
from pathlib import PurePosixPath

import pytest

from scanner.host import walking
from scanner.host.local import local_files
from scanner.host.ports import Folder, Piece
from scanner.host.walking import CHUNK, TAIL, WHOLE, mounts_below
from scanner.model import Gap, GapKind
from tests.support import dropped


@pytest.fixture
def root(tmp_path):
    """An empty folder."""
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


def walker(folder):
    return local_files().walker(PurePosixPath(folder))


def pieces(folder, *names, below="", limit=WHOLE):
    return list(walker(folder).pieces(below, names, lambda name, stamp: limit))


def test_names_are_told_by_kind_and_no_link_is_followed(root):
    (root / "folder").mkdir()
    (root / "file").write_text("x")
    (root / "link").symlink_to("folder")
    os.mkfifo(root / "pipe")
    found = walker(root).names("")
    assert (found.folders, sorted(found.files)) == (["folder"], ["file", "link", "pipe"])


def test_of_no_folder_nothing_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    assert walker(tmp_path).names("nothing") is None
    assert walker(tmp_path / "nothing") is None
    assert pieces(tmp_path, "a", below="nothing") == []


def test_of_a_folder_with_too_many_names_it_is_said_that_some_were_left_out(root, monkeypatch):
    monkeypatch.setattr(walking, "NAME_LIMIT", 3)
    for number in range(4):
        (root / str(number)).write_text("x")
    found = walker(root).names("")
    assert (len(found.files), found.full) == (3, True)


def deep(folder, levels=24, name="d" * 200):
    """A path longer than the kernel takes at once, made step by step; its parts."""
    at = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir(name, dir_fd=at)
        below = os.open(name, os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    with open(os.open("file", os.O_WRONLY | os.O_CREAT, dir_fd=at), "w") as stream:
        stream.write("CANARY")
    os.close(at)
    return "/".join([name] * levels)


def test_a_path_longer_than_the_kernel_takes_is_listed_and_read(tmp_path):
    below = deep(tmp_path)
    assert walker(tmp_path).names(below) == Folder([], ["file"])
    [piece] = pieces(tmp_path, "file", below=below)
    assert piece.data == b"CANARY"


def test_what_is_no_file_is_never_opened_and_told(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    [gap] = pieces(tmp_path, "pipe", "folder", "gone")
    assert (gap.kind, gap.why) == (GapKind.REFUSED, "a named pipe, not opened")


def test_a_link_is_handed_on_unread(tmp_path):
    (tmp_path / "secret").write_text("CANARY")
    (tmp_path / "link").symlink_to("secret")
    [piece] = pieces(tmp_path, "link")
    assert (piece.linked, piece.data) == (True, b"")


def test_a_folder_that_has_become_a_link_is_not_entered(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real/file").write_text("CANARY")
    (tmp_path / "folder").symlink_to("real")
    assert not [each for each in pieces(tmp_path, "file", below="folder") if isinstance(each, Piece)]


def test_a_file_that_may_not_be_read_is_a_gap_and_the_next_is_read(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    (tmp_path / "a").chmod(0)
    gap, piece = dropped(pieces, tmp_path, "a", "b")
    assert (gap.kind, piece.data) == (GapKind.REFUSED, b"b")


def test_a_giant_is_told_and_not_read(tmp_path):
    with open(tmp_path / "giant", "wb") as stream:
        stream.truncate(WHOLE + 1)
    [gap] = pieces(tmp_path, "giant")
    assert isinstance(gap, Gap)
    assert (gap.kind, gap.why) == (GapKind.LIMIT, "larger than 64 MiB; not read")


LINE = b"0123456789abcdef" * 4 + b"\n"


@pytest.mark.parametrize("size", [1, CHUNK // 2 - 1, CHUNK // 2, CHUNK // 2 + 1, CHUNK, 2 * CHUNK + 17])
def test_the_pieces_of_a_file_are_the_file_each_with_the_number_of_lines_before_it(tmp_path, size):
    data = (LINE * (size // len(LINE) + 1))[:size]
    (tmp_path / "file").write_bytes(data)
    found = pieces(tmp_path, "file")
    at = [piece.lines * len(LINE) for piece in found]
    assert [data[begin : begin + len(piece.data)] for begin, piece in zip(at, found, strict=True)] == [
        piece.data for piece in found
    ]
    assert at[0] == 0
    assert at[-1] + len(found[-1].data) == size
    assert all(begin <= before + len(piece.data) for begin, before, piece in zip(at[1:], at, found, strict=False))
    assert [piece.last for piece in found] == [False] * (len(found) - 1) + [True]


@pytest.mark.parametrize("at", [CHUNK // 2 - 3000, CHUNK // 2 - 10, CHUNK - 2000])
@pytest.mark.parametrize("between", [b"\n", b"-"])
def test_what_lies_across_two_pieces_stands_whole_in_one(tmp_path, at, between):
    key = between.join([b"CANARY" * 10] * 60)
    (tmp_path / "file").write_bytes((LINE * CHUNK)[:at] + key + LINE * 20_000)
    found = pieces(tmp_path, "file", limit=4 * CHUNK)
    assert any(key in piece.data for piece in found)
    assert max(len(piece.data) for piece in found) <= CHUNK


def test_of_a_longer_file_the_beginning_and_the_end_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"first\n" + LINE * 40_000 + b"last\n")
    head, tail = pieces(tmp_path, "file", limit=CHUNK)
    assert (head.data[:6], len(head.data), head.lines, head.last) == (b"first\n", CHUNK, 0, False)
    assert (tail.data[-5:], len(tail.data), tail.lines, tail.last) == (b"last\n", TAIL, None, True)


def test_of_a_file_that_nobody_wants_nothing_is_read(tmp_path):
    (tmp_path / "file").write_text("CANARY")
    assert pieces(tmp_path, "file", limit=0) == []


def test_mounts_are_told_from_the_kernels_table(tmp_path):
    rows = (
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw",
        "30 22 0:40 / /home/ada/nas rw,relatime shared:1 master:2 - nfs4 server:/x rw",
        r"31 22 0:41 / /home/ada/a\040b/c rw - fuse.sshfs host: rw",
        "32 22 0:42 / /home/adam/x rw - tmpfs tmpfs rw",
        "broken",
    )
    (tmp_path / "table").write_text("\n".join(rows))
    assert mounts_below("/home/ada", str(tmp_path / "table")) == {"nas": "nfs4", "a b/c": "fuse.sshfs"}
    assert mounts_below("/home/ada", str(tmp_path / "nothing")) is None
