"""Which paths the index holds is what `git ls-files` says, in every version of its format; hostile bytes are told."""

import os
import subprocess
from hashlib import sha1
from struct import pack

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanner.git import index
from scanner.git.index import SHA1, SHA256, BrokenIndex, Held, held, read_index

NAMES = st.sampled_from(["a", "b", ".env", "app.py", "AP.py", "é", "x" * 70, "y" * 260, "sdir", "link"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
OBJECT = {SHA1: "ab" * 20, SHA256: "ab" * 32}
ASKED = [b".env", b"a/.env", b"env", b"nothing", b"b/a", b"app.py"]
FEW = (0, 1000)  # paths from which on the index is walked


def git(folder, *words, given=b""):
    env = os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z"}
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "advice.updateSparsePath=false"]
    return subprocess.run(
        ["git", *who, *words], cwd=folder, input=given, capture_output=True, check=True, env=env
    ).stdout


def listed(folder):
    return set(git(folder, "ls-files", "-z").split(b"\0")[:-1])


def add(folder, paths, digest=SHA1):
    lines = "".join(f"100644 {OBJECT[digest]}\t{path}\0" for path in paths)
    git(folder, "update-index", "-z", "--index-info", given=lines.encode())


def of(folder, digest=SHA1):
    return read_index((folder / ".git" / "index").read_bytes(), digest=digest)


@pytest.fixture(scope="module", params=[("sha1", SHA1), ("sha256", SHA256)], ids=["sha1", "sha256"])
def repository(request, tmp_path_factory):
    """An empty repository, and how long its objects' names are."""
    kind, digest = request.param
    folder = tmp_path_factory.mktemp("index")
    git(folder, "init", "-q", f"--object-format={kind}")
    return folder, digest


@settings(max_examples=15)
@example([".env", "xxxxxxxx/.env", "a/xxxxxxxp/.env"], 2, False)  # the end of a longer name is none
@given(st.lists(PATHS, min_size=1, max_size=12, unique=True), st.sampled_from([2, 3, 4]), st.booleans())
def test_every_version_holds_what_git_lists(repository, paths, version, sums):
    folder, digest = repository
    (folder / ".git" / "index").unlink(missing_ok=True)
    add(folder, paths, digest)
    if version == 3:  # which git writes for what is only meant to be added
        (folder / "meant").touch()
        git(folder, "add", "--intent-to-add", "meant")
    skipped = f"index.skipHash={str(not sums).lower()}"
    git(folder, "-c", skipped, "update-index", "--index-version", str(version), "--force-write-index")
    found = of(folder, digest)
    known = listed(folder)
    asked = known | set(ASKED)
    assert found.version == version
    for few in FEW:
        assert held_by(found, asked, few) == Held(frozenset(known))
    assert held(found, {b"A/.ENV", b"APP.PY"}, fold=True).tracked == {
        path for path in (b"A/.ENV", b"APP.PY") if path.lower() in {each.lower() for each in known}
    }


def held_by(found, asked, few, **more):
    """The answer, asked in portions of that many paths: of few each is searched for, many are walked for."""
    if few:
        return held(found, asked | {b"none/%d" % number for number in range(few)}, **more)
    told = [held(found, [path], **more) for path in sorted(asked)]
    return Held(frozenset().union(*(each.tracked for each in told)), frozenset().union(*(each.unsure for each in told)))


@pytest.mark.parametrize("few", FEW)
def test_what_a_split_index_shares_is_held_too(tmp_path, few):
    git(tmp_path, "init", "-q")
    paths = [f"src/{number:03}.py" for number in range(200)]
    add(tmp_path, paths)
    git(tmp_path, "-c", "splitIndex.maxPercentChange=100", "update-index", "--split-index")
    gone = [paths[7], *paths[60:196]]  # of which whole words of the bitmap are made
    git(tmp_path, "rm", "-q", "--cached", *gone)
    add(tmp_path, [".env"])
    found = of(tmp_path)
    shared = read_index((tmp_path / ".git" / found.shared).read_bytes())
    asked = {*(path.encode() for path in paths), b".env", b"nothing"}
    assert b"src/008.py" not in held(found, asked).tracked
    assert held_by(found, asked, few, shared=shared).tracked == listed(tmp_path)


def test_an_index_that_is_not_split_shares_nothing(tmp_path):
    git(tmp_path, "init", "-q")
    add(tmp_path, ["link", "a/link"])
    assert of(tmp_path).shared is None


@pytest.mark.parametrize("few", FEW)
def test_of_a_sparse_index_what_lies_in_a_left_out_folder_is_not_known(tmp_path, few):
    git(tmp_path, "init", "-q")
    for path in ("kept/a", "out/deep/b", "top"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    git(tmp_path, "sparse-checkout", "set", "--cone", "--sparse-index", "kept")
    asked = {b"kept/a", b"top", b"out/deep/b", b"out/new", b"kept/new"}
    told = held_by(of(tmp_path), asked, few)
    assert told == Held(frozenset({b"kept/a", b"top"}), frozenset({b"out/deep/b", b"out/new"}))


def sealed(body):
    return body + sha1(body).digest()


def entry(name, flags=None):
    told = bytes(24) + pack(">I", 0o100644) + bytes(12) + b"\xab" * 20 + pack(">H", flags or len(name)) + name
    return told + bytes(8 - len(told) % 8)


GOOD = sealed(b"DIRC" + pack(">II", 2, 2) + entry(b".env") + entry(b"a"))
BROKEN = [
    (b"", "too short for an index of git"),
    (GOOD[:40], "too short"),
    (b"X" + GOOD[1:], "not an index of git"),
    (sealed(b"DIRC" + pack(">II", 5, 0)), "version 5"),
    (sealed(b"DIRC" + pack(">II", 2, 0xFFFFFFFF)), "cut off"),
    (GOOD[:-1] + b"X", "checksum is wrong"),
    (GOOD[: len(GOOD) // 2] + bytes(20), "cut off"),
    (sealed(b"DIRC" + pack(">II", 4, 1) + entry(b"a")[:62] + b"\x05a\0"), "cut off"),  # takes more off than there is
]


@pytest.mark.parametrize(("data", "why"), BROKEN)
def test_what_is_no_whole_index_is_told(data, why):
    if "too short" in why and len(data) > index.HEAD.size + SHA1:
        why = "cut off"
    with pytest.raises(BrokenIndex, match=why):
        held(read_index(data), {b".env"})


def test_an_index_never_shows_what_it_holds():
    assert ".env" not in repr(read_index(GOOD))


@example(GOOD.replace(b".env\0", b"a\0a\0a"))
@given(
    st.lists(
        st.sampled_from(
            [GOOD[:12], GOOD[12:84], entry(b"a"), b"link\0\0\0\x14", b"sdir", b"a\0", b"\0" * 8, b"\xff" * 8]
        )
    ).map(b"".join)
)
def test_hostile_bytes_are_an_answer_or_broken(body):
    for data in (
        sealed(body),
        b"DIRC" + pack(">II", 2, 1) + body + bytes(20),
        b"DIRC" + pack(">II", 4, 3) + body + bytes(20),
    ):
        try:
            found = read_index(data)
            assert isinstance(held(found, {b"a", b".env"}, shared=found), Held)
            assert found.shared is None or found.shared.startswith("sharedindex.")
        except BrokenIndex:
            continue


def test_what_looks_like_a_name_over_and_over_is_walked_instead():
    found = read_index(sealed(b"DIRC" + pack(">II", 2, 1) + entry(b"b") + b"a\0" * 5000))
    assert held(found, {b"a"}) == Held(frozenset())
    assert held(found, {b"b"}) == Held(frozenset({b"b"}))
