"""Files that the walk chose, as a probe gets them: in pieces, clean ones left out, and silent about nothing."""

from pathlib import PurePosixPath
from time import monotonic

import pytest

from scanner.data.sweep import Group
from scanner.host import Host, UndeclaredRead
from scanner.host.machine import FILE_LIMIT
from scanner.host.opening import Opening, open_machines
from scanner.host.walking import TAIL
from scanner.model import Gap, GapKind
from scanner.sweep.walk import Search, walk
from scanner.testing import TEST_KEY, FakeFile, fake_machine
from scanner.vault import Vault

NOTES = Group("notes", ("*.note",), "shapes", "for tests")
WHOLE = Group("logs", ("*.log",), "shapes", "for tests", whole=True)


class Known:
    """Remembers files as clean; `paths` are those that it was told of."""

    def __init__(self, *paths):
        self.paths = [*paths]

    def knows(self, stamp, group, path):
        return path in self.paths

    def add(self, stamp, group, path):
        self.paths.append(path)


def host(machine, root=None, **more):
    walked = walk(machine, Search((), (NOTES, WHOLE)), [PurePosixPath(root or machine.home)], None)
    return Host(machine, Vault(TEST_KEY), frozenset({"sweep"}), candidates=walked.candidates, **more)


@pytest.fixture
def live(tmp_path):
    """A folder of this machine and a view of its files."""
    (tmp_path / "root").mkdir()

    def seen(**more):
        [machine] = open_machines(Opening())
        return list(host(machine, tmp_path / "root", **more).swept())

    return tmp_path / "root", seen


def test_files_come_folder_by_folder_in_order():
    files = {f"/home/ada/{name}": "x" for name in ("b/2.note", "b/1.note", "a/z.note", "0.note", "a/other")}
    found = [piece.path.as_posix() for piece in host(fake_machine(files=files)).swept()]
    assert found == [f"/home/ada/{name}" for name in ("0.note", "a/z.note", "b/1.note", "b/2.note")]


def test_a_file_known_to_be_clean_is_left_out():
    machine = fake_machine(files={"/home/ada/a.note": "x", "/home/ada/b.note": "x"})
    found = host(machine, clean=Known("/home/ada/a.note")).swept()
    assert [piece.path.name for piece in found] == ["b.note"]


def test_when_the_time_is_spent_it_is_said_how_much_was_not_read():
    machine = fake_machine(files={f"/home/ada/{name}.note": "x" for name in ("a", "b/c", "b/d")})
    [gap] = host(machine, deadline=monotonic() - 1).swept()
    assert (gap.kind, gap.place, gap.why) == (GapKind.LIMIT, "~/a.note", "files not read: 3 (the time was spent)")


def test_a_link_is_followed_within_the_home_and_not_out_of_it():
    files = {
        "/home/ada/in.note": FakeFile(link="/home/ada/secret"),
        "/home/ada/out.note": FakeFile(link="/etc/secret"),
        "/home/ada/secret": "CANARY",
        "/etc/secret": "CANARY",
    }
    inside, outside = host(fake_machine(files=files)).swept()
    assert (inside.path.name, inside.data, inside.stamp) == ("in.note", b"CANARY", None)
    assert (outside.kind, outside.read) == (GapKind.REFUSED, "sweep")


def test_of_a_long_file_its_group_says_whether_all_is_read(live):
    root, seen = live
    line = b"x" * 63 + b"\n"
    for name in ("a.log", "a.note"):
        (root / name).write_bytes(line * (3 * FILE_LIMIT // len(line)))
    pieces = seen()
    of_notes = [piece for piece in pieces if piece.path.name == "a.note"]
    of_log = [piece for piece in pieces if piece.path.name == "a.log"]
    assert [(len(piece.data), piece.lines) for piece in of_notes] == [(FILE_LIMIT, 0), (TAIL, None)]
    last = of_log[-1]
    assert last.lines * len(line) + len(last.data) == 3 * FILE_LIMIT
    assert max(len(piece.data) for piece in of_log) <= FILE_LIMIT


def test_a_probe_that_does_not_declare_the_sweep_gets_nothing_of_it():
    machine = fake_machine(files={"/home/ada/a.note": "x"})
    with pytest.raises(UndeclaredRead, match="sweep"):
        list(Host(machine, Vault(TEST_KEY), frozenset()).swept())


def test_what_stands_in_a_piece_shows_in_no_repr():
    [piece] = host(fake_machine(files={"/home/ada/a.note": "CANARY"})).swept()
    assert "CANARY" not in repr(piece)
    assert not isinstance(piece, Gap)
