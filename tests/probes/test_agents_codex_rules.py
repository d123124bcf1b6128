"""Codex's rules for commands: what a file of them says, without ever running it."""

from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.codex.starlark import PrefixRule, Unread, rules

PATH = PurePosixPath("/home/ada/.codex/rules/default.rules")

READ = [
    ('prefix_rule(pattern=["git", "push"], decision="allow")', [("allow", "git push")]),
    ('prefix_rule(pattern=["git"])', [("allow", "git")]),
    ('prefix_rule(["git"], "forbidden")', [("forbidden", "git")]),
    (
        'prefix_rule(pattern=[["git", "hg"], ["push", "pull"]], decision="prompt")',
        [("prompt", "git push", "git pull", "hg push", "hg pull")],
    ),
    (
        'prefix_rule(pattern=["a"], decision="allow", justification="x", match=["a b"], not_match=[["b"]])',
        [("allow", "a")],
    ),
    ('"""About."""\n# more\nprefix_rule(\n    pattern = ["npm", "test",],\n)\n', [("allow", "npm test")]),
    (
        'network_rule(host="a.example.com", protocol="https", decision="allow")\nhost_executable(name="git", paths=[])',
        [],
    ),
    ("", []),
    ('prefix_rule(pattern=["C:\\\\tools\\\\x.exe"])', [("allow", "C:\\tools\\x.exe")]),
]


@pytest.mark.parametrize(("text", "expected"), READ)
def test_what_is_plain_is_read(text, expected):
    found = list(rules(text, PATH))
    assert [(each.decision, *each.spellings) for each in found if isinstance(each, PrefixRule)] == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    "text",
    [
        'prefix_rule(pattern=["git"], decision="Allow")',
        'prefix_rule(pattern=["git"], decision=1)',
        "prefix_rule(pattern=[])",
        'prefix_rule(pattern=["git", []])',
        'prefix_rule(pattern="git")',
        "prefix_rule()",
        "prefix_rule(**{})",
        'prefix_rule(["git"], "allow", "more")',
        'x = ["git"]',
        'prefix_rule(pattern=["g" + "it"])',
        'prefix_rule(pattern=[f"git"])',
        'for c in ["git"]:\n    prefix_rule(pattern=[c])',
        '[prefix_rule(pattern=[c]) for c in ["git"]]',
        'load("x.star", "y")',
        "__import__('os').system('touch /tmp/never')",
        'prefix_rule(pattern=["git"',
        'prefix_rule(pattern=["g\\d"])',
        "\0",
        "1if x else y",
        "(" * 200 + ")" * 200,
        "prefix_rule(pattern=[" + "[" * 60 + "]" * 60 + "])",
        "-" * 100_000 + "1",
        "x" * 600_000,
    ],
)
def test_what_is_not_plain_is_said_to_be_unread(text):
    found = list(rules(text, PATH))
    assert found
    assert all(isinstance(each, Unread) for each in found)


def test_the_rest_of_a_file_is_read():
    text = 'prefix_rule(pattern=["a"])\nx = 1\nprefix_rule(pattern=["b"])\n'
    first, unread, last = rules(text, PATH)
    assert (first.evidence.line, unread.line, last.evidence.line) == (1, 2, 3)


def test_too_many_rules_are_a_limit():
    found = list(rules('prefix_rule(pattern=["a"])\n' * 2_001, PATH))
    assert len([each for each in found if isinstance(each, PrefixRule)]) == 2_000
    assert [each.line for each in found if isinstance(each, Unread)] == [2_001]


@pytest.mark.parametrize("word", ["Authorization: Bearer CANARY", "token=CANARY", "https://ada:CANARY@example.com/x"])
def test_a_secret_in_a_rule_is_left_out_and_the_rule_is_wider(word):
    [found] = rules(f'prefix_rule(pattern=["curl", "-H", "{word}", "x"])', PATH)
    assert found.spellings == ("curl -H",)
    assert list(rules(f'prefix_rule(pattern=["curl", "-H", "{word}"], decision="forbidden")', PATH)) == []


def test_what_follows_an_option_for_logins_is_left_out():
    [found] = rules('prefix_rule(pattern=["tool", "--password", "CANARY"])', PATH)
    assert found.spellings == ("tool --password",)


def test_an_allowed_command_that_cannot_be_told_is_not_forgotten():
    [found] = rules('prefix_rule(pattern=["some program"])', PATH)
    assert isinstance(found, Unread)


def test_many_alternatives_make_an_allowed_command_wider_and_a_forbidden_one_narrower():
    many = "[" + ", ".join(f'"w{number}"' for number in range(40)) + "]"
    [found] = rules(f'prefix_rule(pattern=["a", {many}, {many}])', PATH)
    assert len(found.spellings) == 40
    [found] = rules(f'prefix_rule(pattern=["a", {many}, {many}], decision="forbidden")', PATH)
    assert len(found.spellings) == 64


SHREDS = st.sampled_from(
    (
        *[
            "prefix_rule",
            "(",
            ")",
            "[",
            "]",
            "pattern",
            "=",
            ",",
            '"git"',
            '"',
            "'",
            "decision",
            '"allow"',
            "\n",
            "\\",
            "#",
        ],
        *[
            "for",
            "in",
            "if",
            "1",
            "lambda",
            ":",
            "*",
            "**",
            "{",
            "}",
            "f'",
            "é",
            "\0",
            "\t",
            "    ",
            "@",
            "-",
            "\ud800",
        ],
    )
)


@example("1if")
@example("\ud800")
@given(st.lists(SHREDS, max_size=40).map("".join))
def test_no_text_breaks_it(text):
    list(rules(text, PATH))
