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
    "expression", ["a\\1", "\\p{L}", "[a", "a**", "(a", "a)", "(?x", "x" * 2000, "(" * 50, "x^y", "$^"]
)
def test_what_no_pattern_says_is_told_as_such(expression):
    assert commands(expression, whole=True) is None


SIDES = [
    ("^make( |$)", [Command("make *"), Command("make")], True),
    ("(^|;)rm ", [Command("rm *"), Command("*;rm *")], True),
    ("^aws s3 (?!rm)", [Command("aws s3 *")], False),  # what only looks ahead narrows what is meant
    ("^(?<x>a)$", [Command("a")], True),
    ("^(?i:a)$", [Command("a")], False),
    ("a\\bb", [Command("*ab*")], False),  # where no word can end
    ("\\b-x", [Command("*-x*")], False),
    ("a(x^)?", [Command("*a*")], True),
]


@pytest.mark.parametrize(("expression", "patterns", "exact"), SIDES)
def test_ends_of_lines_and_words_and_what_only_looks(expression, patterns, exact):
    found = commands(expression, whole=False)
    assert ([*found.patterns], found.exact) == (patterns, exact)


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


PIECES = st.sampled_from(
    [
        *(
            "git",
            " ",
            "push",
            "\\s+",
            ".*",
            "(a|b)",
            "(x)?",
            "\\.",
            "-f",
            "[ab]",
            "\\S+",
            "\\w*",
            ".",
            "( |$)",
            "(^|a)",
        ),
        *("^", "$", "|", "(git )?", "\\s*", "(?!x)", "(?:a b|c)", "(?i:b)", "a+"),
    ]
)
WORDS = st.sampled_from(["git", " ", "push", "a", "b", "x", ".", "-f", "gitpush", ""])


@example(["git", "\\s+", "push"], ["git", " ", "push"], True)
@example(["^", "git", "( |$)"], ["git"], False)
@example(["\\w*", "(^|a)"], [], False)
@example(["$", "^"], ["a"], False)
@given(st.lists(PIECES, max_size=6), st.lists(WORDS, max_size=6), st.booleans())
def test_whatever_an_expression_takes_its_patterns_take_too_and_exact_ones_no_more(pieces, words, whole):
    expression, line = "".join(pieces), "".join(words)
    found = commands(expression, whole=whole)
    if found is not None and "  " not in line and line == line.strip():
        meant = re.search(f"^{expression}$" if whole else expression, line) is not None
        told = any(pattern.matches(line) for pattern in found.patterns)
        assert told or not meant
        assert meant or not told or not found.exact


SHREDS = st.sampled_from(
    ["(", ")", "[", "]", "^", "$", "|", "*", "+", "?", "\\", "\\b", "{2}", "a", " ", ".", "?:", "\x00"]
)


@given(st.lists(SHREDS, max_size=30).map("".join), st.booleans())
def test_no_expression_breaks_it(expression, whole):
    found = commands(expression, whole=whole, fold=True, chained=True)
    assert found is None or found.patterns
    is_broken(expression)
