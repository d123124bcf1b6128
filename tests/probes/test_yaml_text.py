"""The reader of YAML: values with lines, no objects, no expense, no exception."""

from textwrap import dedent

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from probes.yaml_text import ALIAS_LIMIT, DEPTH_LIMIT, NODE_LIMIT, parse
from scanner.model import Gap, GapKind


def value(text: str) -> object:
    told = parse(dedent(text))
    assert told.faults == ()
    return told.root.value() if told.root is not None else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: [x, 'y', \"z\"]\n", {"a": 1, "b": ["x", "y", "z"]}),
        ("when: 2026-01-01\nat: 2026-01-01T10:00:00Z\n", {"when": "2026-01-01", "at": "2026-01-01T10:00:00Z"}),
        (
            "a: true\nb: 'true'\nc: yes\nd: null\ne:\nf: ~\n",
            {"a": True, "b": "true", "c": "yes", "d": None, "e": None, "f": None},
        ),
        (
            "a: 0123\nb: 0x10\nc: 1e3\nd: 1.5\ne: -7\nf: 1_000\n",
            {"a": "0123", "b": "0x10", "c": "1e3", "d": 1.5, "e": -7, "f": "1_000"},
        ),
        ("a: !!python/object/apply:os.system [x]\n", {"a": ["x"]}),
        ("a: !!str 5\nb: !unknown text\n", {"a": "5", "b": "text"}),
        ("a: &x {k: v}\nb: *x\n", {"a": {"k": "v"}, "b": {"k": "v"}}),
        ("a: &x {k: v, l: m}\nb: {<<: *x, l: own}\n", {"a": {"k": "v", "l": "m"}, "b": {"k": "v", "l": "own"}}),
        (
            "x: &x {k: 1}\ny: &y {k: 2, l: 3}\nb: {<<: [*x, *y]}\n",
            {"x": {"k": 1}, "y": {"k": 2, "l": 3}, "b": {"k": 1, "l": 3}},
        ),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
        ('{"json": [1, {"is": "yaml"}]}', {"json": [1, {"is": "yaml"}]}),
        ("", None),
        ("# nothing\n", None),
        ("just text", "just text"),
    ],
)
def test_a_text_is_read_as_plain_values(text, expected):
    assert value(text) == expected


def test_every_node_knows_its_line():
    root = parse("users:\n- name: ada\n  user:\n    token: CANARY\n").root
    [user] = root.get("users").elements()
    assert (user.line, user.get("user").line, user.at("user", "token").line) == (2, 4, 4)
    assert user.said("user", "token") == "CANARY"
    assert "CANARY" not in repr(root)


def test_what_is_of_another_type_than_was_thought_is_nothing():
    root = parse("a: [x]\nb: {c: d}\ne: f\n").root
    assert root.said("a") == root.said("b") == root.said("e", "f") == ""
    assert root.at("a", "x") is None
    assert root.get("e").elements() == ()
    assert list(root.get("a").items()) == []


@pytest.mark.parametrize(
    ("text", "flag"), [("true", True), ("yes", True), ("'true'", False), ("false", False), ("[]", False)]
)
def test_a_flag_is_a_plain_word_of_consent(text, flag):
    assert parse(f"a: {text}").root.get("a").flag is flag


def test_a_key_that_is_written_twice_is_told_with_its_line_and_the_later_one_counts():
    told = parse("a: 1\nb: 2\na: 3\n")
    assert told.root.value() == {"a": 3, "b": 2}
    assert [(fault.line, fault.kind) for fault in told.faults] == [(3, GapKind.FAILED)]


def test_what_stands_before_a_fault_of_syntax_is_kept():
    told = parse("a: 1\nb:\n- name: x\n- name: 'CANARY is never closed\n")
    assert told.root.value() == {"a": 1, "b": [{"name": "x"}, {}]}
    [fault] = told.faults
    assert fault.kind is GapKind.FAILED
    assert "CANARY" not in repr(told)


def test_documents_are_told_apart():
    told = parse("a: &x 1\n---\nb: *x\n")
    assert [each.value() for each in told.documents] == [{"a": 1}, {"b": None}]  # an anchor ends with its document
    assert told.root.value() == {"a": 1}
    assert len(told.faults) == 1


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
)
MERGES = "a0: &a0 {k0: v}\n" + "".join(f"a{n}: &a{n} {{<<: *a{n - 1}, k{n}: v}}\n" for n in range(1, 1000))


def size(node) -> int:
    return 1 + sum(size(each) for each in (*node.elements(), *(pair for _, pair in node.items())))


@pytest.mark.parametrize("text", [BOMB, MERGES], ids=["aliases", "merges"])
def test_a_bomb_of_aliases_is_refused_and_the_rest_is_read(text):
    told = parse(text + "last: word\n")
    assert {fault.kind for fault in told.faults} == {GapKind.LIMIT}
    assert told.root.said("last") == "word"
    assert size(told.root) <= 2 * ALIAS_LIMIT


@pytest.mark.parametrize(
    "text", ["a: &a [*a]\nb: c\n", "a: &a {x: *a}\nb: c\n", "a: &a\n  <<: *a\nb: c\n", "a: *nowhere\nb: c\n"]
)
def test_what_holds_itself_is_a_fault(text):
    told = parse(text)
    assert len(told.faults) == 1
    assert told.root.said("b") == "c"


def test_an_alias_may_not_lead_deeper_than_the_text_may():
    half = DEPTH_LIMIT // 2 + 1
    told = parse(f"a: &a {'[' * half}x{']' * half}\nb: {'[' * half}*a{']' * half}\n")
    assert [fault.kind for fault in told.faults] == [GapKind.LIMIT]


@pytest.mark.parametrize(
    "text",
    ["[" * 10**6, "{a: " * 10**5, "- " * 10**5, "? " * 10**5, "- a\n" * 10**5, '{"a":' * 10**5],
    ids=["lists", "mappings", "dashes", "keys", "elements", "json"],
)
def test_what_is_too_deep_or_too_long_is_cut(text):
    told = parse("a: b\n---\n" + text)
    assert GapKind.LIMIT in {fault.kind for fault in told.faults}
    assert sum(size(each) for each in told.documents) <= NODE_LIMIT + 2
    assert told.root.value() == {"a": "b"}


@pytest.mark.parametrize("text", ["a: \x00", "a: \ud800", "\t", "%TAG", "a: b: c", "}", "- a\nb", "&", "!!", "'"])
def test_what_is_no_yaml_is_a_fault_and_no_exception(text):
    assert parse(text).faults


def test_faults_become_gaps_of_their_place():
    [gap] = parse("a: 1\na: 2\n").gaps("~/.kube/config")
    assert gap == Gap(GapKind.FAILED, "~/.kube/config:2", "a key that its mapping has already; the later one counts")


SHREDS = st.sampled_from(
    [
        "a",
        "b: ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&x ",
        "*x",
        "<<: ",
        "'",
        '"',
        "|\n",
        "? ",
        "!t ",
        "---\n",
        "#",
        ":",
        "é",
        "\t",
        "\x00",
    ]
)


@example("? &x a\n*x : b")
@example("- &x\n- *x")
@given(st.lists(SHREDS, max_size=60).map("".join))
def test_no_text_breaks_it(text):
    for document in parse(text).documents:
        document.value()


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**9)
    | st.text(st.characters(codec="ascii", categories=["L", "N", "P"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcxyz-", min_size=1), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc", min_size=1), plain, max_size=5))
def test_what_another_program_wrote_is_read_back(told):
    assert parse(yaml.safe_dump(told)).root.value() == told
