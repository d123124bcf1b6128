"""Command lines of a shell, taken apart into simple commands."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.command_lines import LIMIT, simple_commands

CASES = [
    ("git status", ("git status",)),
    ("git status; rm -rf x", ("git status", "rm -rf x")),
    ("git status&&rm x", ("git status", "rm x")),
    ("a || b | c |& d & e", ("a", "b", "c", "d", "e")),
    ("a\nb", ("a", "b")),
    ("make 2>&1 | tee log", ("make 2>&1", "tee log")),
    ("make &> log; x", ("make &> log", "x")),
    ("echo 'a; b'", ("echo 'a; b'",)),
    ('echo "a; b"', ('echo "a; b"',)),
    ('echo "$(rm x)"', ("rm x", 'echo "$(rm x)"')),
    ("echo $(cat `which k`)", ("which k", "cat `which k`", "echo $(cat `which k`)")),
    ("diff <(kubectl get pods) b", ("kubectl get pods", "diff <(kubectl get pods) b")),
    ("(cd x && make)", ("cd x", "make")),
    ("{ a; b; }", ("a", "b")),
    ("! a", ("a",)),
    ("a # ; b", ("a",)),
    ("a # ; b\nc", ("a", "c")),
    ("echo a#b; c", ("echo a#b", "c")),
    ("echo \\; b", ("echo \\; b",)),
    ("git status; git status", ("git status",)),
    ("", ()),
    (" ; ; ", ()),
]
BROKEN = ["echo 'a", 'echo "a', "echo $(a", "echo `a", "(a", "$(" * 9 + ")" * 9, "x" * (LIMIT + 1)]


@pytest.mark.parametrize(("line", "expected"), CASES, ids=[line for line, _ in CASES])
def test_a_line_is_taken_apart(line, expected):
    assert simple_commands(line) == expected


@pytest.mark.parametrize("line", BROKEN, ids=range(len(BROKEN)))
def test_of_a_line_that_is_not_whole_nothing_is_told(line):
    assert simple_commands(line) is None


@given(st.lists(st.text(alphabet="abc -_./;|&\"'$()`\n#", min_size=1), min_size=1))
def test_whatever_is_quoted_stays_one_command(words):
    line = shlex.join(["run", *words])
    assert simple_commands(line) == (" ".join(line.split()),)


@given(st.text(alphabet="ab ;|&\"'$()`\n\\<>#{}!", max_size=200))
def test_any_text_is_answered(line):
    found = simple_commands(line)
    assert found is None or all(each and each == each.strip() for each in found)
