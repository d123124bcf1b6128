"""Regular expressions of agents' rules as patterns over command lines."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.regexes import commands, is_broken
from scanner.model import Command

WHOLE = [
    ("git status", ["git status"], True),
    ("^git status$", ["git status"], True),
    ("git .*", ["git *"], True),
    ("git\\s+push", ["git push"], True),
    ("git (log|diff)", ["git log", "git diff"], True),
    ("git( --no-pager)? log", ["git log", "git --no-pager log"], True),
    ("(?:a|b)c", ["ac", "bc"], True),
    ("a\\.sh", ["a.sh"], True),
    ("npm run \\S+", ["npm run *"], False),
    ("npm run [a-z]+", ["npm run *"], False),
    ("x?y", ["y", "xy"], True),
    ("a.b", ["a*b"], False),
    ("a{2,3}", ["*"], False),
    # bound at one end only, since a bar divides more than what is written around it
    ("ls|cat x|pwd", ["ls*", "*cat x*", "*pwd"], True),
    # the `^` that is written before it may be left out, so that any line ends in what follows
    ("*", ["*"], True),
    ("*x", ["*x"], True),
    ("+x", ["x"], True),
    ("", [""], True),
]


@pytest.mark.parametrize(("expression", "texts", "exact"), WHOLE)
def test_an_expression_that_is_bound_to_the_line(expression, texts, exact):
    found = commands(expression, whole=True)
    assert ([each.text for each in found.patterns], found.exact) == (texts, exact)
    assert not any(each.open for each in found.patterns)


FREE = [
    ("cargo", [Command("*cargo*")]),
    ("^cargo", [Command("cargo*")]),
    ("^cargo$", [Command("cargo")]),
    ("^cargo\\b", [Command("cargo", open=True)]),
    ("\\brm\\b", [Command("rm", open=True), Command("* rm", open=True), Command("*/rm", open=True)]),
    ("rm\\s+-rf", [Command("*rm -rf*")]),
    ("costs 5\\$", [Command("*costs 5$*")]),
]


@pytest.mark.parametrize(("expression", "patterns"), FREE)
def test_an_expression_that_is_found_anywhere(expression, patterns):
    assert commands(expression, whole=False).patterns == tuple(patterns)


@pytest.mark.parametrize(
    "expression", ["(?=a)b", "(?<!a)b", "a\\1", "\\p{L}", "[a", "a**", "(a", "a)", "x" * 2000, "(" * 50]
)
def test_what_no_pattern_says_is_told_as_such(expression):
    assert commands(expression, whole=True) is None


def test_too_many_choices_are_not_told():
    assert commands("(a|b)" * 20, whole=True) is None


def test_without_regard_to_case_the_small_letters_are_meant_too():
    assert [each.text for each in commands("^SELECT x$", whole=False, fold=True).patterns] == ["SELECT x", "select x"]


@pytest.mark.parametrize(
    ("expression", "chained"),
    [("git .*", True), ("git status", False), ("git \\S+", False), ("git [^;&|]*", False), ("git [^;]*", True)],
)
def test_another_command_may_follow_where_any_text_may(expression, chained):
    assert [each.chained for each in commands(expression, whole=True, chained=True).patterns] == [chained]


@pytest.mark.parametrize("expression", ["(?=a)", "(?!a)b", "(?<=a)b", "(a", "a)", "(a)\\1"])
def test_what_no_reader_of_rust_takes_is_broken(expression):
    assert is_broken(expression)


@pytest.mark.parametrize("expression", ["a", "(a)", "\\(", "[(]", "a|b", "\\p{L}", "(?i)a", "*"])
def test_what_one_may_take_is_not(expression):
    assert not is_broken(expression)


PIECES = st.sampled_from(["git", " ", "push", "\\s+", ".*", "(a|b)", "(x)?", "\\.", "-f", "[ab]", "\\S+", "\\w*", "."])
WORDS = st.sampled_from(["git", " ", "push", "a", "b", "x", ".", "-f", "gitpush", ""])


@example(["git", "\\s+", "push"], ["git", " ", "push"])
@given(st.lists(PIECES, max_size=6), st.lists(WORDS, max_size=6))
def test_whatever_an_expression_takes_its_patterns_take_too(pieces, words):
    expression, line = "".join(pieces), "".join(words)
    found = commands(expression, whole=True)
    if found is not None and "  " not in line and re.fullmatch(expression, line):
        assert any(pattern.matches(line) for pattern in found.patterns)


SHREDS = st.sampled_from(
    ["(", ")", "[", "]", "^", "$", "|", "*", "+", "?", "\\", "\\b", "{2}", "a", " ", ".", "?:", "\x00"]
)


@given(st.lists(SHREDS, max_size=30).map("".join), st.booleans())
def test_no_expression_breaks_it(expression, whole):
    found = commands(expression, whole=whole, fold=True, chained=True)
    assert found is None or found.patterns
    is_broken(expression)
