"""Tokens in transcripts, logs and sources, where a program has written them into a string."""

import json
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.anywhere.plain import plain, read
from scanner.anchors import met
from scanner.detection import found_in
from scanner.tokens import ssh_private_key, token

TOKEN = token("github-classic", "plain")
AROUND = {
    "line ends": "before\n{}\nafter",
    "line ends of Windows": "before\r\n{}\r\nafter",
    "tabs": "\t{}\t",
    "quotes": '"{}"',
    "colours": "\x1b[32m{}\x1b[0m",
    "a colour within": "\x1b[01;31m\x1b[Kghp_\x1b[m\x1b[K" + TOKEN[4:],
    "markup": "<b>{}</b>&{}&",
    "an assignment": "\nexport GITHUB_TOKEN={}\n",
    "a slash": "https:\\/\\/example.com\\/{}\\/x",
}


@pytest.mark.parametrize("depth", [0, 1, 2, 4])
@pytest.mark.parametrize("around", sorted(AROUND))
def test_a_token_is_whole_however_often_it_was_put_into_a_string(around, depth):
    text = AROUND[around].replace("{}", TOKEN)
    for _ in range(depth):
        text = json.dumps({"content": text})
    found = found_in(plain(text))
    assert {each.secret for each in found} == {TOKEN}


@pytest.mark.parametrize("family", sorted({"jwt", "github-classic", "aws-secret", "slack-bot", "anthropic"}))
@pytest.mark.parametrize("around", sorted(set(AROUND) - {"a colour within"}))
def test_the_prefilter_lets_through_what_is_found_behind_an_escape(around, family):
    text = AROUND[around].replace("{}", token(family, "plain"))
    for _ in range(3):
        assert bool(found_in(plain(text))) <= bool(met(text.encode(), names=False))
        text = json.dumps(text)


def test_a_sign_written_as_its_code_is_that_sign():
    assert plain(r'{"key": "a\u002bb\u0026token=' + TOKEN + r'\u0026c\u000ad"}') == (
        '{"key": "a+b&token=' + TOKEN + '&c\rd"}'
    )


def test_a_line_of_a_transcript_stays_one_line():
    lines = [json.dumps({"text": "one\ntwo\n\n"}), json.dumps({"text": f"\n\n{TOKEN}\n"}), "{}"]
    [found] = found_in(plain("\n".join(lines)))
    assert found.line == 2


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_a_key_in_a_string_is_the_same_key_as_in_its_file(depth):
    key = ssh_private_key("plain-one", "plain")
    text = f"cat id_ed25519\n{key}\n"
    for _ in range(depth):
        text = json.dumps({"output": text})
    assert [each.secret for each in found_in(plain(text))] == [key]


def test_text_without_escapes_is_not_touched():
    text = "a line\nanother\n"
    assert plain(text) is text


def test_nothing_but_shapes_counts():
    text = json.dumps({"text": f"password: hunter2hunter2\n{TOKEN}"})
    told = read(text, PurePosixPath("/home/ada/.claude/projects/x/y.jsonl"))
    assert told.pairs == ()
    assert TOKEN in told.loose
    assert TOKEN not in repr(told)


SHREDS = st.sampled_from(
    [
        "\\",
        "\\n",
        "\\u00",
        "\\u000a",
        "\\x1b[",
        "\x1b[3",
        "m",
        '"',
        "\n",
        "\r\n",
        "-----BEGIN PRIVATE KEY-----",
        "-",
        "é",
        "{",
        TOKEN,
    ]
)


@example("\\" * 99)
@example("-----BEGIN PRIVATE KEY-----\\n-----BEGIN PRIVATE KEY-----")
@given(st.lists(SHREDS, max_size=20).map("".join))
def test_any_text_keeps_its_lines_and_no_more_than_its_length(text):
    told = plain(text)
    assert told.count("\n") == text.count("\n")
    assert len(told) <= len(text)
    assert plain(told).count("\n") == text.count("\n")
