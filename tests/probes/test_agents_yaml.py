"""YAML as a form of the trees that agents' settings are read as."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.documents import Documents
from probes.agents.tree import DEPTH_LIMIT, TEXT_LIMIT, Parsed, parse
from scanner.model import GapKind, Platform
from scanner.testing import FakeHost

FILES = "~/.agent/*"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("key: true", True),
        ("key: False", False),
        ("key: yes", "yes"),
        ('key: "true"', "true"),
        ("key: 7", 7.0),
        ("key: 2024-01-02", "2024-01-02"),
        ("key: ~", None),
        ("key:", None),
        ("key: !!python/object/apply:os.system [id]", None),
    ],
)
def test_a_scalar_is_what_yaml_s_core_says(text, value):
    found = parse(text, "yaml")
    assert found.faults == ()
    assert found.root.get("key").value == value
    assert type(found.root.get("key").value) is type(value)


def test_lists_and_mappings_know_their_lines():
    root = parse("# settings\nallow:\n  - Read\n  - Bash(ls)\nmode:\n  name: auto\n", "yaml").root
    assert root.get("allow").texts() == ("Read", "Bash(ls)")
    assert [each.line for each in root.get("allow").items] == [3, 4]
    assert (root.said("mode", "name"), root.at("mode", "name").line) == ("auto", 6)


def test_what_stands_before_a_broken_line_is_still_there():
    found = parse("mode: auto\nallow: [a, b\nother: }", "yaml")
    assert found.root.said("mode") == "auto"
    assert [each.kind for each in found.faults] == [GapKind.FAILED]


def test_the_second_document_of_a_text_is_told_and_left_out():
    found = parse("mode: auto\n---\nmode: approve\n", "yaml")
    assert found.root.said("mode") == "auto"
    assert [(each.line, "one document" in each.why) for each in found.faults] == [(3, True)]


def test_a_key_that_stands_twice_is_told():
    found = parse("mode: auto\nmode: approve\n", "yaml")
    assert found.root.said("mode") == "approve"
    assert len(found.faults) == 1


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n"])
def test_a_text_that_says_nothing_is_no_fault(text):
    found = parse(text, "yaml")
    assert found.faults == ()
    assert found.root is None or found.root.value is None


@pytest.mark.parametrize(("levels", "told"), [(DEPTH_LIMIT, []), (DEPTH_LIMIT + 1, [GapKind.LIMIT])])
def test_what_lies_too_deep_is_told_and_left_out(levels, told):
    found = parse("{a: " * levels + "1" + "}" * levels, "yaml")
    assert [each.kind for each in found.faults] == told
    node = found.root
    for _ in range(DEPTH_LIMIT):
        node = node.get("a")
    assert node.value == (None if told else 1.0)


def test_aliases_do_not_grow_without_end():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    found = parse("\n".join(lines), "yaml")
    assert GapKind.LIMIT in {each.kind for each in found.faults}


def test_a_long_text_is_cut():
    assert len(parse("a: " + "x" * (TEXT_LIMIT + 9), "yaml").root.said("a")) == TEXT_LIMIT


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("name", ["settings.yaml", "settings.yml", "SETTINGS.YML"])
def test_a_file_is_yaml_by_its_name(name, platform):
    host = FakeHost(platform, {f"~/.agent/{name}": "# ours\nmode: auto\n"})
    documents = Documents(host)
    [document] = documents.read((FILES,))
    assert document.root.said("mode") == "auto"
    assert document.at("mode", document.root.get("mode").line).line == 2
    assert documents.gaps == []


def test_a_broken_file_is_a_gap_with_its_line():
    documents = Documents(FakeHost(files={"~/.agent/a.yaml": "mode: auto\nallow: [CANARY\n"}))
    [document] = documents.read((FILES,))
    assert document.root.said("mode") == "auto"
    [gap] = documents.gaps
    assert gap.place.startswith("~/.agent/a.yaml, line ")
    assert "CANARY" not in repr(gap)


SHREDS = st.sampled_from(
    [
        "a",
        ":",
        " ",
        "\n",
        "- ",
        "  ",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "!!x ",
        "<<: ",
        '"',
        "'",
        "|",
        "#",
        "---\n",
        "\x00",
        "?",
    ]
)


@example("&a [*a]")
@example("? [a]\n: b")
@given(st.lists(SHREDS, max_size=60).map("".join))
def test_no_text_breaks_it(text):
    assert isinstance(parse(text, "yaml"), Parsed)
