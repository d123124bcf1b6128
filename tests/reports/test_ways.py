"""Every way to do one thing: who gets there, through what, and what stands before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reports import Page
from reports.ways import ways
from scanner.errors import ScannerError
from scanner.model.terms import Capability, Environment
from tests.reports import judged, samples
from tests.reports.strategies import REPORTS
from tests.reports.test_terminal import MANY, PAGES, golden, held

ALL = samples.ALL | judged.ALL
WRITE, DESTROY = Capability.CODE_WRITE, Capability.DATA_DESTROY
PRODUCTION = Environment.PRODUCTION


def plain(data):
    return " ".join(data.decode().split())


@pytest.mark.parametrize("page", PAGES)
def test_the_ways_read_as_their_golden_file(page):
    golden(f"ways-{page}.txt", ways(judged.JUDGED, WRITE, PRODUCTION, PAGES[page]))


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("name", [name for name in ALL if name != "withheld"])
def test_the_ways_keep_to_their_page(name, width, color):
    page = Page(width, color=color)
    held(ways(ALL[name], DESTROY, None, page), page)


@MANY
@given(
    REPORTS,
    st.builds(Page, st.integers(20, 120), st.booleans(), st.booleans()),
    st.sampled_from(Capability),
    st.none() | st.sampled_from(Environment),
)
def test_any_report_s_ways_keep_to_their_page(report, page, capability, environment):
    shown = replace(report, host=replace(report.host, withheld=None))
    held(ways(shown, capability, environment, page), page)


def test_every_exposure_of_the_class_is_listed_and_no_other():
    text = ways(judged.CROWDED, DESTROY, None, Page(80)).decode()
    meant = [each.id for each in judged.CROWDED.exposures if each.class_ is DESTROY]
    assert len(meant) > 100
    assert all(each in text for each in meant)
    assert not any(each.id in text for each in judged.CROWDED.exposures if each.class_ is not DESTROY)


def test_each_principal_is_named_by_its_title_with_its_gate_and_the_rule_that_decides():
    text = plain(ways(judged.JUDGED, WRITE, PRODUCTION, Page(80)))
    assert 'Claude Code: nothing asks; since permissions.allow "Bash(make:*)", ~/.claude/settings.json:7' in text
    assert "OpenAI Codex: a person must say yes; since Codex's default" in text
    assert "Cursor (if installed): not known, reckoned as: a person must say yes" in text
    assert "any process of yours: nothing asks" in text


def test_principals_that_are_held_alike_are_named_together():
    [exposure] = [each for each in judged.JUDGED.exposures if each.id == judged.HUB]
    same = replace(exposure, ways={f"agent-{n:02}": exposure.ways["codex"] for n in range(60)})
    text = plain(ways(replace(judged.CROWDED, exposures=(same,)), WRITE, None, Page(80)))
    assert "Agent number 4 and 55 more: a person must say yes" in text
    assert text.count("a person must say yes") == 1


def test_a_narrow_question_names_what_was_found_elsewhere():
    assert "on unknown." in plain(ways(judged.JUDGED, WRITE, PRODUCTION, Page(80)))


def test_nothing_found_says_how_many_places_were_not_looked_at():
    text = plain(ways(judged.JUDGED, Capability.HOST_ROOT, None, Page(80)))
    assert text == "Nothing was found by which an agent could become root; 4 places could not be looked at."


def test_a_withheld_report_tells_no_way():
    with pytest.raises(ScannerError, match="withholds"):
        ways(replace(judged.JUDGED, host=replace(judged.JUDGED.host, withheld="because")), WRITE, None, Page(80))
