"""Patterns of agents' rules: what they mean, and that no length of one makes it slow."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Command, Paths

# (the glob, a path, whether it is meant)
GLOBS = [
    ("/a/**/**/b", "/a/b", True),
    ("/a/**/**/b", "/a/x/y/b/c", True),
    ("**/**/b", "/a/b", True),
    ("**/**", "/a", True),
    ("/a/*/b", "/a/b", False),
    ("/a/**/*/b", "/a/x/b", True),
    ("/a/**/*/b", "/a/b", False),
]


@pytest.mark.parametrize(("glob", "path", "meant"), GLOBS)
def test_two_stars_stand_for_any_number_of_folders(glob, path, meant):
    assert Paths(glob).matches(path) is meant


@pytest.mark.parametrize("glob", ["**/" * 20_000 + "x", "**/*a/" * 20_000 + "x", "*a" * 50_000 + "b"])
def test_no_glob_takes_long(glob):
    begun = process_time()
    assert not any(Paths(glob).matches(f"/home/ada/src/{number}/aaaaaaaa") for number in range(50))
    assert process_time() - begun < 5


PIECES = st.text("ab \t", max_size=4)


@given(PIECES, st.booleans(), PIECES)
def test_a_command_without_stars_is_meant_as_one_with_stars_would_be(text, opened, target):
    meant = target == text or (opened and target.startswith(text) and (not text or target[len(text)].isspace()))
    assert Command(text, opened).matches(target) is meant


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("*push", "xpushxpush", True),
        ("*push", "xpushx push now", True),
        ("*push", "xpushx", False),
        ("git * main", "git push main main x", True),
        ("git * main", "git push mainly", False),
        ("git * main", "git main", False),
    ],
)
def test_an_open_pattern_with_a_star_finds_its_last_words_wherever_they_stand(text, line, expected):
    assert Command(text, open=True).matches(line) is expected
