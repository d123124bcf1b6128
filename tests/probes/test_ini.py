"""The INI reader takes AWS's dialect line by line, agrees with the SDK's own reader and is broken by no text."""

import time
from pathlib import Path

import pytest
from botocore.configloader import build_profile_map, raw_config_parse
from botocore.exceptions import ConfigParseError
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from probes.aws.profiles import join, named
from probes.ini import Entry, Ini, Section, parse
from scanner.testing import FakeHost


def entries(text: str) -> list[tuple[str, str, int]]:
    [section] = parse("[s]\n" + text).sections
    return [(entry.key, entry.value, entry.line) for entry in section.entries]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1", [("a", "1", 2)]),
        ("a=1\r\nb=2", [("a", "1", 2), ("b", "2", 3)]),
        ("a=1\rb=2", [("a", "1", 2), ("b", "2", 3)]),
        ("A_Key = Value", [("a_key", "Value", 2)]),
        ("a : 1", [("a", "1", 2)]),
        ("a = b = c", [("a", "b = c", 2)]),
        ("a = https://x", [("a", "https://x", 2)]),
        ("a =", [("a", "", 2)]),
        ("# a = 1\n ; b = 2\nc = 3", [("c", "3", 4)]),
        ("a = 1 # kept", [("a", "1 # kept", 2)]),
        ("a = 1\n  more\n  and more\nb = 2", [("a", "1\nmore\nand more", 2), ("b", "2", 5)]),
        ("a = 1\n\n  more", [("a", "1\n\nmore", 2)]),
        ("a = 1\n\n\nb = 2", [("a", "1", 2), ("b", "2", 5)]),
        ("  a = 1\n  b = 2", [("a", "1", 2), ("b", "2", 3)]),
        ("a = 1\n # said between\n  more", [("a", "1\nmore", 2)]),
        ("a = x\u2028y", [("a", "x\u2028y", 2)]),
    ],
)
def test_entries_are_read_with_their_lines(text, expected):
    assert entries(text) == expected


def test_an_indented_block_is_nested_entries_with_their_own_lines():
    [section] = parse("[services lab]\ns3 =\n  Endpoint_URL = http://localhost:4566\n\n  x = y\nb = 1\n").sections
    assert section == Section(
        "services lab",
        1,
        (
            Entry("s3", "", 2, (Entry("endpoint_url", "http://localhost:4566", 3), Entry("x", "y", 5))),
            Entry("b", "1", 6),
        ),
    )


def test_sections_of_one_name_merge_and_the_later_entry_wins():
    ini = parse("[a]\nx = 1\ny = 2\n[b]\nx = 3\n[a]\nx = 4\n")
    assert [section.name for section in ini.sections] == ["a", "b", "a"]
    merged = ini.merged()
    assert list(merged) == ["a", "b"]
    assert merged["a"].line == 1
    assert merged["a"].entry("x") == Entry("x", "4", 7)
    assert merged["a"].entry("y") == Entry("y", "2", 3)
    assert merged["a"].entry("z") is None


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("a = 1\n", (1,)),
        ("[a]\nword\nb = 1\nother\n", (2, 4)),
        ("[a\n", (1,)),
        ("[]\n", (1,)),
        ("[a]\n= 1\n", (2,)),
        ("[a]\ns3 =\n  word\n  b = 1\n  = 2\n", (3, 5)),
        ("[a]\n# fine\nb = 1\n", ()),
    ],
)
def test_lines_that_are_no_ini_are_named_and_the_rest_is_read(text, broken):
    assert parse(text).broken == broken


def test_a_section_name_loses_its_blanks():
    assert [section.name for section in parse("[ default ]\n[profile x] ; trailing\n").sections] == [
        "default",
        "profile x",
    ]


def test_no_repr_shows_a_value():
    assert "CANARY" not in repr(parse("[a]\nb = CANARY\nc =\n  d = CANARY\ne = 1\n  CANARY\n"))


@pytest.mark.parametrize("line", ["a" + " " * 500_000 + "b", "=" * 500_000, "[" * 500_000, "[a]\n" * 200_000])
def test_a_hostile_text_is_read_in_time(line):
    start = time.process_time()  # a quadratic reader takes minutes
    parse("[s]\n" + line).merged()
    assert time.process_time() - start < 20


SHREDS = st.sampled_from(
    [
        *("[default]", "[profile a]", "[profile b]", '[profile "c d"]', "[sso-session s]", "[services v]", "[other]"),
        *("aws_access_key_id", "aws_secret_access_key", "Region", "role_arn", "s3", "=", " = ", ":", "x", "CANARY"),
        *("\n", "\n", "\n", "\r\n", "\n  ", "\n\t", "#", ";", "[", "]", '"', "é", " "),
    ]
)
TEXTS = st.lists(SHREDS, max_size=40).map("".join)
LINES = st.sampled_from(
    [
        *("[default]", "[profile a]", '[profile "c d"]', "[sso-session s]", "[services v]", "[other]"),
        *("[profile b]", "# note", "  ; note", "", "  ", "region = eu", "ROLE_ARN=x", "aws_access_key_id = CANARY"),
        *("aws_secret_access_key: CANARY", "s3 =", "  endpoint_url = http://localhost", "    b=", "output = a # b"),
        *(" more", "x = [y]", "sso_session = s"),
    ]
)
FILES = st.lists(LINES, unique=True, max_size=25).map(lambda lines: "\n".join(["[first]", *lines]))


@example("[")
@example("[a]\n=")
@example("[a]\nb=\n c")
@given(TEXTS)
def test_no_text_breaks_it(text):
    ini = parse(text)
    assert all(section.line >= 1 for section in ini.sections)
    ini.merged()


def told(ini: Ini) -> dict[str, dict[str, str | dict[str, str]]]:
    """Our reading in the SDK's shape; the SDK leaves the case of nested keys, and so do the texts here."""
    return {
        name: {e.key: {n.key: n.value for n in e.nested} if e.nested else e.value for e in section.entries}
        for name, section in ini.merged().items()
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(FILES)
def test_the_sdk_reads_the_same(tmp_path: Path, text: str):
    """Deliberate differences: where the SDK refuses a whole file (a duplicate, a line that is no INI, no header at the
    top) we read what can be read; we join duplicate sections, as the SDKs for other languages do; `[DEFAULT]` is a
    section like any other; blanks inside a header fall away; an indented block beyond one `key = value` a line is
    broken by the line, not as a whole.
    """
    file = tmp_path / "config"
    file.write_text(text, encoding="utf-8")
    try:
        expected = raw_config_parse(str(file))
    except ConfigParseError:
        assume(False)
    assert told(parse(text)) == expected
    assert parse(text).broken == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much])
@given(FILES)
def test_the_sdk_finds_the_same_profiles_and_sessions(tmp_path: Path, text: str):
    """Deliberate difference: a first word that only begins with `profile` makes no profile here."""
    file = tmp_path / "config"
    file.write_text(text, encoding="utf-8")
    try:
        expected = build_profile_map(raw_config_parse(str(file)))
    except ConfigParseError:
        assume(False)
    [config] = FakeHost(files={"~/.aws/config": text}).read("~/.aws/config")
    shared = join(None, config)
    profiles = {settings.profile: settings for settings in shared.profiles.values() if settings.profile is not None}
    assert profiles.keys() == expected["profiles"].keys()
    assert shared.sessions.keys() == expected["sso_sessions"].keys()
    for name, values in expected["profiles"].items():
        for key, value in values.items():
            if isinstance(value, str):
                assert profiles[name].text(key) == value


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("default", ("profile", "default")),
        ("profile default", ("profile", "default")),
        ("profile x", ("profile", "x")),
        ("profile\tx", ("profile", "x")),
        ("profile 'x y'", ("profile", "x y")),
        ("profile x y", ("", "profile x y")),
        ('profile "x', ("", 'profile "x')),
        ("sso-session s", ("sso-session", "s")),
        ("services v", ("services", "v")),
        ("x", ("", "x")),
        ("DEFAULT", ("", "DEFAULT")),
    ],
)
def test_a_header_tells_what_it_is_for(section, expected):
    assert named(section) == expected
