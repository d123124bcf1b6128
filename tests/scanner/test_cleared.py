import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.cleared import SETTLED, Cleared
from scanner.host.ports import Stamp

KEY, RULES = b"k" * 32, b"rules of today"
LATER = 1 << 62  # a scan that begins when every file is long settled
STAMP = Stamp(device=1, inode=2, size=3, modified=4, changed=5)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="elsewhere no time of change is told")


def opened(saved=None, key=KEY, rules=RULES, begun=LATER):
    return Cleared(saved, key, rules, begun)


def after(*stamps, depth="standard", saved=None, whole=True):
    """What a scan leaves that found these files clean, all of the group `env` at `/a`."""
    cleared = opened(saved)
    for stamp in stamps:
        cleared.add(stamp, "env", "/a")
    return cleared.saved(depth, whole=whole)


def knows(saved, stamp=STAMP, **changed):
    return opened(saved, **changed).knows(stamp, "env", "/a")


def test_a_clean_file_is_known_to_the_next_scan():
    assert knows(after(STAMP))


@pytest.mark.parametrize("part", Stamp.__struct_fields__)
def test_a_file_of_which_anything_changed_is_not_known(part):
    changed = {each: getattr(STAMP, each) + (each == part) for each in Stamp.__struct_fields__}
    assert not knows(after(STAMP), Stamp(**changed))


@pytest.mark.parametrize(("group", "path"), [("compose", "/a"), ("env", "/b"), ("en", "v/a")])
def test_a_file_that_is_read_in_another_way_is_not_known(group, path):
    assert not opened(after(STAMP)).knows(STAMP, group, path)


@pytest.mark.parametrize("changed", [{"rules": b"of tomorrow"}, {"key": b"K" * 32}], ids=str)
def test_other_rules_or_another_key_know_nothing(changed):
    assert not knows(after(STAMP), **changed)


@pytest.mark.parametrize("age", [-1, 0, SETTLED - 1, SETTLED, SETTLED + 1])
def test_only_a_file_that_had_settled_before_the_scan_began_is_remembered(age):
    cleared = opened(begun=STAMP.changed + age)
    cleared.add(STAMP, "env", "/a")
    assert knows(cleared.saved("standard", whole=True)) == (age > SETTLED)


def test_no_path_and_no_group_is_in_what_is_saved():
    cleared = opened()
    cleared.add(STAMP, "group-of-canaries", "/home/ada/.env")
    saved = cleared.saved("standard", whole=True)
    assert b"canaries" not in saved
    assert b".env" not in saved


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_damaged_counts_for_nothing(data):
    saved = after(STAMP)
    place = data.draw(st.integers(0, len(saved) - 1))
    broken = data.draw(st.sampled_from([saved[:place], saved[:place] + b"\xff\xff" + saved[place:], saved + b"\0"]))
    assert not knows(broken)
    assert opened(broken).saved("deep", whole=True) is None


def other(number):
    return Stamp(9, number, 9, 9, 9)


FORGETTING = [  # of the scan before, of this one, whether it was whole, and whether it forgets what it did not meet
    ("standard", "standard", True, True),
    ("standard", "deep", True, True),
    ("quick", "standard", True, True),
    ("deep", "standard", True, False),
    ("standard", "quick", True, False),
    ("standard", "standard", False, False),
    ("standard", "deep", False, False),
]


@pytest.mark.parametrize(("before", "now", "whole", "forgets"), FORGETTING)
def test_a_whole_scan_as_deep_forgets_what_it_did_not_meet(before, now, whole, forgets):
    saved = after(STAMP, depth=before)
    cleared = opened(saved)
    cleared.add(other(1), "env", "/a")
    saved = cleared.saved(now, whole=whole)
    assert knows(saved, other(1))
    assert knows(saved) is not forgets


def test_a_deep_scan_stays_one_for_the_scans_after_a_lesser_one():
    saved = after(other(1), depth="standard", saved=after(STAMP, depth="deep"))
    assert knows(after(other(2), depth="standard", saved=saved))


def test_nothing_is_saved_anew_while_nothing_changed():
    saved = after(*(other(number) for number in range(10)))
    cleared = opened(saved)
    met = [cleared.knows(other(number), "env", "/a") for number in range(10)]
    cleared.add(other(0), "env", "/a")
    assert all(met)
    assert cleared.saved("standard", whole=True) is None
    assert opened().saved("standard", whole=True) is None


def test_what_most_files_left_is_saved_anew():
    cleared = opened(after(*(other(number) for number in range(10))))
    assert cleared.knows(other(3), "env", "/a")
    saved = cleared.saved("standard", whole=True)
    assert [number for number in range(10) if knows(saved, other(number))] == [3]


# A small scan of real files, and all that can happen to them between two of its runs. The pieces are of one length,
# and what counts depends on the name of the file and that of its folder, as readers do.

FOLDERS, NAMES = ("here", "there"), ("a.env", "b.env", "c.txt")
FILES = [Path(folder, name) for folder in FOLDERS for name in NAMES]
PIECES = (b"CANARY", b"plain.", b"wordy.")


def counted(path, data):
    return data.count(b"CANARY") if path.suffix == ".env" and path.parent.name != "there" else data.count(b"wordy.")


def stamp_of(status):
    return Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def scan(root, cleared, reads):
    """What is found in every file below the root; files that are known as clean are not read."""
    found = {}
    for path in sorted(root / each for each in FILES):
        if not path.is_file():
            continue
        with path.open("rb") as stream:
            stamp = stamp_of(os.fstat(stream.fileno()))
            if cleared is not None and cleared.knows(stamp, path.suffix, str(path)):
                continue
            reads[path.name] += 1
            count = counted(path, stream.read())
        if count:
            found[path] = count
        elif cleared is not None:
            cleared.add(stamp, path.suffix, str(path))
    return found


def settle(root):
    """Lets the clock of the file system go on, as it does between two scans that are seconds apart."""
    mark = root / "clock"
    mark.touch()
    seen = mark.stat().st_ctime_ns
    while mark.stat().st_ctime_ns == seen:
        mark.touch()


def overwrite_with_its_times(path, piece):
    """Writes as many bytes, in place where it is there, and sets the times back."""
    if not path.is_file():
        return
    before = path.stat()
    with path.open("r+b") as stream:
        stream.write(piece)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path, piece):
    new = path.with_name("new")
    new.write_bytes(piece)
    if path.is_file():
        before = path.stat()
        os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    new.replace(path)


def linked(path, target, link):
    if path.resolve() != target.resolve() and target.is_file():
        path.unlink(missing_ok=True)
        link(target, path)


def folders_swapped(root):
    here, there, between = root / "here", root / "there", root / "between"
    here.rename(between)
    there.rename(here)
    between.rename(there)


def appended(path, piece):
    with path.open("ab") as stream:
        stream.write(piece)


EDITS = {
    "write": lambda path, piece, target: path.write_bytes(piece),
    "append": lambda path, piece, target: appended(path, piece),
    "overwrite": lambda path, piece, target: overwrite_with_its_times(path, piece),
    "replace": lambda path, piece, target: replaced(path, piece),
    "mode": lambda path, piece, target: path.is_file() and path.chmod(0o640),
    "delete": lambda path, piece, target: path.unlink(missing_ok=True),
    "rename": lambda path, piece, target: target.is_file() and target.rename(path),
    "hard link": lambda path, piece, target: linked(path, target, os.link),
    "link": lambda path, piece, target: linked(path, target, os.symlink),
    "folders": lambda path, piece, target: folders_swapped(path.parents[1]),
    "nothing": lambda path, piece, target: None,
}
STEPS = st.tuples(
    st.sampled_from(sorted(EDITS)), st.sampled_from(FILES), st.sampled_from(PIECES), st.sampled_from(FILES)
)
SCANS = st.tuples(st.lists(STEPS, max_size=3), st.sampled_from(["quick", "standard", "deep"]), st.booleans())
FIRST, SECOND = FILES[0], FILES[5]
SECRET_COMES = [("overwrite", FIRST, b"CANARY", FIRST)]
ALL_PLAIN = [("write", each, b"plain.", each) for each in FILES]


@example([(ALL_PLAIN, "standard", True), (SECRET_COMES, "standard", True)])
@example([([("write", FIRST, b"wordy.", FIRST)], "standard", True), ([("folders", FIRST, b"", FIRST)], "deep", True)])
@example(
    [([("write", SECOND, b"CANARY", FIRST)], "standard", True), ([("hard link", FIRST, b"", SECOND)], "quick", True)]
)
@given(st.lists(SCANS, min_size=2, max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_scan_that_remembers_says_what_one_says_that_does_not(tmp_path_factory, scans):
    root, saved = tmp_path_factory.mktemp("home"), None
    for folder in FOLDERS:
        (root / folder).mkdir()
    for edits, depth, whole in scans:
        for edit, path, piece, target in edits:
            with suppress(
                OSError, RuntimeError
            ):  # links may have come to lead to one another, and nothing is written there
                EDITS[edit](root / path, piece, root / target)
        cleared = opened(saved)
        assert scan(root, cleared, Counter()) == scan(root, None, Counter())
        saved = cleared.saved(depth, whole=whole) or saved
        settle(root)


def test_a_second_scan_reads_only_what_had_a_hit(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "a.env").write_bytes(b"plain.")
    (folder / "b.env").write_bytes(b"CANARY")
    first, reads = opened(), Counter()
    found = scan(tmp_path, first, Counter())
    assert scan(tmp_path, opened(first.saved("standard", whole=True)), reads) == found == {folder / "b.env": 1}
    assert reads == {"b.env": 1}
