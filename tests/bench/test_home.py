"""The generated home: the key tells the truth about it, and it is what a walker has to fear."""

import hashlib
import json
import os
import stat
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from bench.planted.ground import index
from bench.planted.paper import Press, Row, Sheet
from bench.planted.plan import plan
from bench.planted.values import LOOKALIKES, SECRETS

HOME = Path(__file__).parents[2] / "bench" / "home.py"
FILES = 3500


@pytest.fixture(scope="module")
def planted() -> list[tuple[Sheet, bytes, list[Row]]]:
    press = Press(3)
    return [(sheet, *press.printed(sheet)) for sheet in plan(Random(4))]


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "home"
    subprocess.run(
        [sys.executable, HOME, folder, "--files", str(FILES), "--seed", "3"], check=True, capture_output=True
    )
    return folder


def rows_of(planted) -> list[Row]:
    return [row for _, _, rows in planted for row in rows]


def test_every_planted_text_stands_on_the_line_that_the_key_names(planted):
    for sheet, data, rows in planted:
        text = data.decode(sheet.encoding)
        lines = text.split("\n")
        for row in rows:
            there = "\n".join(lines[row.line - 1 : row.end_line]) if row.line else text
            assert row.written in there, (row.path, row.line, row.kind)


def test_no_secret_stands_twice_in_the_home(planted):
    secrets = Counter(row.value for row in rows_of(planted) if row.secret)
    assert max(secrets.values()) == 1


def test_there_are_about_seven_hundred_secrets_and_twice_as_many_lookalikes(planted):
    secrets = [row for row in rows_of(planted) if row.secret]
    assert len(secrets) in range(650, 851)
    assert len(rows_of(planted)) - len(secrets) in range(1400, 1701)
    assert len({row.kind for row in secrets}) > 60


def test_each_row_says_either_why_not_or_that_it_is_a_secret(planted):
    for row in rows_of(planted):
        assert row.secret is not bool(row.why)
        assert row.value_sha256 == hashlib.sha256(row.value.encode()).hexdigest()


def test_documents_can_be_read_by_their_own_programs(planted):
    for sheet, data, _ in planted:
        text = data.decode(sheet.encoding)
        match Path(sheet.path).suffix:
            case ".jsonl":
                assert all(json.loads(line) for line in text.splitlines())
            case ".json" | ".ipynb" | ".tfstate" if "\n  // " not in text:
                assert json.loads(text)
            case ".toml":
                assert tomllib.loads(text)


def test_equal_seeds_plant_the_same_and_others_do_not():
    first, again, other = ([Press(seed).printed(sheet) for sheet in plan(Random(seed))] for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("kind", sorted({**SECRETS, **LOOKALIKES}))
def test_every_kind_can_be_planted_within_a_line_or_a_block(kind):
    sign = "-" if kind in LOOKALIKES else ""
    data, [row] = Press(5).printed(Sheet("a", "dotenv", f"one\nX=«{sign}{kind}»\nthree\n"))
    assert row.line == 2
    assert data.count(b"\n") == 3 + row.end_line - row.line


def test_a_value_is_known_raw_and_as_it_is_written():
    data, [row] = Press(5).printed(Sheet("a", "kubernetes", "key: «password|b64»"))
    assert row.value != row.written
    assert data.decode() == f"key: {row.written}"


def test_the_id_of_a_key_pair_goes_with_its_secret():
    _, [row] = Press(5).printed(Sheet("a", "dotenv", "A=«&aws-access-key-id»\nB=«aws-secret-access-key»\n"))
    assert row.line == 2
    assert len(row.also) == 1


def test_the_index_of_a_repository_is_one_that_git_reads():
    data = index(["code/a/b.py", "code/a/.gitignore"], len("code/a/"), Random(1))
    assert data[:12] == b"DIRC" + bytes([0, 0, 0, 2, 0, 0, 0, 2])
    assert data[-20:] == hashlib.sha1(data[:-20]).digest()
    assert data.index(b".gitignore") < data.index(b"b.py")


def test_the_home_has_as_many_files_as_were_asked_for(home):
    count = sum(len(files) for _, _, files in os.walk(home))
    assert abs(count - FILES) < FILES // 10


def test_the_key_lies_beside_the_home_for_its_owner_alone_and_names_what_is_there(home):
    key = home.with_name("home.key.jsonl")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    rows = [json.loads(line) for line in key.read_text().splitlines()]
    assert rows
    missing = [row["path"] for row in rows if not os.path.isfile(os.fsencode(home) + b"/" + os.fsencode(row["path"]))]
    assert missing == []


def test_the_key_is_refused_inside_the_home(tmp_path):
    asked = [sys.executable, HOME, tmp_path / "home", "--key", tmp_path / "home" / "key.jsonl"]
    assert subprocess.run(asked, check=False, capture_output=True).returncode == 2
    assert not (tmp_path / "home").exists()


def test_the_home_holds_what_a_walk_must_survive(home):
    kinds = Counter(
        stat.S_IFMT(os.lstat(home / path).st_mode)
        for path in ("code/here", "mnt/root", ".local/run/agent.fifo", ".local/run/agent.sock")
    )
    assert kinds == {stat.S_IFLNK: 2, stat.S_IFIFO: 1, stat.S_IFSOCK: 1}
    giant = os.stat(home / "code/search/.env")
    assert giant.st_size == 2 << 30
    assert giant.st_blocks * 512 < 1 << 20
    assert stat.S_IMODE((home / "work/locked").stat().st_mode) == 0
    names = [os.fsencode(entry.name) for entry in os.scandir(home / "Documents")]
    assert b"caf\xe9 \xff" in names
    assert b"two\nlines" in names


def test_one_path_of_the_home_is_longer_than_a_call_takes(home):
    depth, handle = 0, os.open(home, os.O_RDONLY)
    while deeper := [name for name in os.listdir(handle) if name.startswith("deep-")]:
        below = os.open(deeper[0], os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle, depth = below, depth + 1
    assert os.listdir(handle) == ["bottom.txt"]
    os.close(handle)
    assert depth * 200 > 4096
