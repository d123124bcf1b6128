"""A difference as it is read: the answer first, each cause in one glance, and no markup of strangers."""

import re
from html import unescape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reports import Page
from reports.difference import render
from reports.difference_document import load, schema
from reports.difference_document import render as document
from reports.difference_markdown import escaped
from reports.difference_markdown import render as markdown
from scanner.diff import compared
from scanner.errors import ScannerError
from scanner.model.difference import Cause, Change, Move, Origin, Subject, Tally
from scanner.model.report import Finding, Setting
from scanner.model.terms import Environment, Gate
from tests.reports import judged, samples
from tests.reports.strategies import HOSTILE, REPORTS
from tests.reports.test_terminal import PAGES, golden, held

OLD = judged.JUDGED


def freer(report):
    """The same, after Codex was set to ask nobody."""
    ways = [
        replace(
            each, ways=each.ways | {"codex": replace(each.ways["codex"], gate=Gate.NONE, rule="approval_policy never")}
        )
        if "codex" in each.ways
        else each
        for each in report.exposures
    ]

    def told(agent, value):
        place = agent.evidence
        return (
            replace(agent, settings=(Setting("approval_policy", value, "user", place),))
            if agent.id == "codex"
            else agent
        )

    before = replace(report, agents=tuple(told(each, "on-request") for each in report.agents))
    after = replace(report, agents=tuple(told(each, "never") for each in report.agents), exposures=tuple(ways))
    return before, after


RISEN = compared(*freer(OLD))
LESS = compared(
    OLD, replace(OLD, credentials=OLD.credentials[1:], exposures=OLD.exposures[-9:], findings=OLD.findings[1:])
)
SAME = compared(OLD, OLD)
ALL = {
    "risen": RISEN,
    "less": LESS,
    "same": SAME,
    "hostile": compared(samples.ALL["hostile"], OLD) if "hostile" in samples.ALL else RISEN,
    "withheld": compared(OLD, replace(OLD, host=replace(OLD.host, withheld="started by Codex"))),
    "two": compared(OLD, replace(OLD, host=replace(OLD.host, name="other"))),
}


def plain(difference, width=100):
    return " ".join(render(difference, Page(width)).decode().split())


@pytest.mark.parametrize("page", PAGES)
def test_a_difference_reads_as_its_golden_file(page):
    golden(f"difference-{page}.txt", render(RISEN, PAGES[page]))


def test_the_same_in_markdown_reads_as_its_golden_file():
    golden("difference.md", markdown(RISEN, Page()))


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("name", sorted(ALL))
def test_a_difference_keeps_to_its_page(name, width, color):
    page = Page(width, color=color)
    held(render(ALL[name], page), page)


@settings(max_examples=12, deadline=None)
@given(REPORTS, REPORTS, st.builds(Page, st.integers(20, 120), st.booleans(), st.booleans()))
def test_any_difference_keeps_to_its_page(one, other, page):
    found = compared(one, other)
    held(render(found, page), page)
    text = markdown(found, page).decode()
    assert not any(sign in text for sign in HOSTILE if sign not in "\n[red][/]\\")
    assert not re.search(r"<(?!/?(?:sub|code)>|!-- -->)", text)


def test_a_report_and_itself_are_the_same_in_one_line():
    assert "Nothing changed." in render(SAME, Page()).decode().splitlines()
    assert markdown(SAME, Page()).decode().startswith("### armslength: Nothing changed.\n")


def test_the_first_lines_answer_and_the_cause_stands_in_one_glance():
    lines = render(RISEN, Page(100)).decode().splitlines()
    assert lines[2].startswith("More is within reach: ")
    text = plain(RISEN)
    assert "1. ▲ OpenAI Codex's approval_policy is now never, and was on-request" in text
    assert "nobody is asked any more" in text
    assert "a person must say yes → nothing asks (approval_policy never)" in text
    assert "mend Put approval_policy back to on-request in ~/.codex/config.toml." in text
    assert "more armslength explain codex" in text


def test_commands_see_what_the_look_saw():
    assert "armslength explain codex --home /x" in " ".join(
        render(RISEN, Page(200, again="--home /x")).decode().split()
    )


def test_two_homes_are_said_above_the_causes():
    assert "Two different homes: ada on" in plain(ALL["two"])


def test_a_withheld_difference_tells_numbers_and_no_more():
    text = plain(ALL["withheld"])
    assert "Details are withheld: started by Codex" in text
    assert not any(word in text for word in ("ada", "laptop", "codex.", "~/", "c-", "radius"))


def test_what_nobody_looked_at_is_not_told_as_gone():
    found = replace(
        SAME,
        tally=Tally(unseen=2),
        causes=(Cause(Origin.LOOK, "now workspace", "not seen this time, since x", Tally(unseen=2)),),
    )
    text = plain(found)
    assert "Nothing is known to have come or gone" in text
    assert "1. ? Not seen this time, since x 2 ways not seen this time" in text
    assert "no proof that they are gone" in text


@pytest.mark.parametrize(
    ("tally", "told"),
    [
        (Tally(came=2, production=2), "2 production ways came"),
        (Tally(came=3, production=1, unasked=3), "3 ways came, 1 of them to production; on 3 nobody is asked"),
        (Tally(rose=1, unasked=1), "1 way got easier; on 1 nobody is asked any more"),
        (Tally(came=1, rose=1, production=1), "1 way came; 1 way got easier; 1 of these to production"),
        (Tally(went=4, production_left=4), "4 production ways went"),
        (Tally(went=1, fell=2, production_left=1), "1 way went; 2 ways got harder; 1 of these to production"),
        (Tally(seen=1), "1 way seen for the first time"),
    ],
)
def test_a_cause_is_summed_up_in_plain_numbers(tally, told):
    from reports.difference import summary

    assert summary(tally) == told


def test_long_lists_are_folded_and_say_how_much_is_left():
    cause = Cause(
        Origin.OTHERWISE,
        "",
        "otherwise",
        changes=tuple(Change(Subject.WEAKNESS, Move.CAME, f"f-{n}", f"weak {n}") for n in range(9)),
    )
    text = plain(replace(SAME, causes=(cause,) * 40))
    assert "and 6 more" in text
    assert "and 12 more; -o FILE.json holds them all" in text


# --- Markdown

MARKUP = [
    "[x](https://example.com)", "**x**", "`x`", "<img src=x>", "a|b", "https://example.com", "www.example.com", "&lt;",
    "~~x~~", "$x$", "![x](y)", "\\", ":tada:", "_x_", "ada@example.com",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKUP)
def test_markup_of_a_report_means_itself(text):
    assert not re.search(r"[\[\]()`*_|~$\\]|<(?!!-- -->)|://|www\.|:tada", escaped(text))
    assert escaped("a plain text, 2 words") == "a plain text, 2 words"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("@ada", "@<!-- -->ada"),
        ("#12", "#<!-- -->12"),
        ("GH-12", "GH-<!-- -->12"),
        ("a-12", "a-12"),
    ],
)
def test_nobody_is_mentioned_and_nothing_referred_to(text, told):
    assert escaped(text) == told


@given(st.text())
@example("@@##GH-1")
def test_what_is_escaped_reads_as_it_was(text):
    from html import unescape

    from scanner.text import printable

    assert unescape(escaped(text).replace("<!-- -->", "")) == unescape(
        printable(text).replace("\n", " ").replace("&", "&#38;")
    )


def test_a_hostile_name_breaks_no_line_of_the_markdown():
    cause = Cause(Origin.OTHERWISE, "", "x\n\n# head\n<script>|@team")
    text = markdown(replace(SAME, causes=(cause,)), Page()).decode()
    assert "<script>" not in text
    assert "\n# head" not in text
    assert "@team" not in text


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("a new credential: x", "A new credential: x"),
        ("new: 2 credentials in x", "New: 2 credentials in x"),
        ("another workspace was looked at: x in place of y", "Another workspace was looked at: x in place of y"),
        ("railway-account:railway is known as production", "railway-account:railway is known as production"),
        ("opencode's permission is now ask", "opencode's permission is now ask"),
        ("~/.x could not be read before", "~/.x could not be read before"),
    ],
)
def test_a_title_begins_with_a_capital_unless_that_is_a_name(title, told):
    difference = replace(SAME, causes=(Cause(Origin.OTHERWISE, "", title),))
    assert f"1. · {told}" in plain(difference)
    assert f"**{told}**" in unescape(markdown(difference, Page()).decode())


# --- the document


def test_a_difference_is_read_back():
    assert load(document(RISEN, Page())) == RISEN


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b'{"schema_version": "1"}', b"[" * 100_000])
def test_what_is_no_difference_is_refused_and_not_quoted(data):
    with pytest.raises(ScannerError, match="this is no difference"):
        load(data)


def test_a_difference_of_another_version_is_refused():
    with pytest.raises(ScannerError, match="this version reads"):
        load(document(replace(RISEN, schema_version="2"), Page()))


def test_the_schema_names_the_document():
    assert b'"$id": "urn:armslength:difference:1"' in schema()
    assert Environment.PRODUCTION.encode() in schema()
    assert Finding.__name__.encode() not in schema()
