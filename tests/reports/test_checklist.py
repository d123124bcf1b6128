"""The checklist: in order, with marks, plain clauses, what breaks them by file and line, and one way to mend each."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reports import Page
from reports.checklist import render
from scanner.model.report import Clause, GapInfo
from scanner.model.terms import GapKind
from tests.reports import judged, samples
from tests.reports.strategies import REPORTS
from tests.reports.test_terminal import MANY, PAGES, golden, held

ALL = samples.ALL | judged.ALL
CLAUSE = judged.JUDGED.contract.clauses[0]


def lines(report, width=80):
    return render(report, Page(width)).decode().split("\n")


def plain(report):
    return " ".join(" ".join(lines(report)).split())


@pytest.mark.parametrize("page", PAGES)
def test_a_checklist_reads_as_its_golden_file(page):
    golden(f"check-{page}.txt", render(judged.JUDGED, PAGES[page]))


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("name", ALL)
def test_a_checklist_keeps_to_its_page(name, width, color):
    page = Page(width, color=color)
    held(render(ALL[name], page), page)


@MANY
@given(REPORTS, st.builds(Page, st.integers(20, 120), st.booleans(), st.booleans()))
def test_any_report_s_checklist_keeps_to_its_page(report, page):
    held(render(report, page), page)


def test_what_to_do_next_stands_at_the_end_while_a_clause_is_broken_or_not_decided():
    def last(*states):
        clauses = tuple(replace(CLAUSE, state=state, findings=()) for state in states)
        contract = replace(judged.JUDGED.contract, clauses=clauses)
        page = Page(200, again="--agent codex")
        return render(replace(judged.JUDGED, contract=contract), page).decode().rstrip("\n").split("\n")[-1]

    rest = (
        "the first, run armslength check --agent codex again; "
        "armslength explain ID --agent codex tells more of a line or an item."
    )
    assert last("fail", "unknown") == f"Mend {rest}"
    assert last("pass", "unknown") == f"Decide {rest}"
    assert "armslength" not in last("pass")


def test_what_fails_comes_before_what_is_unknown_and_what_passes():
    marks = [line[0] for line in lines(judged.JUDGED)[6:] if line[:2] in {"✗ ", "? ", "✓ "}]
    assert marks == ["✗", "✗", "✗", "?", "✓"]


def test_the_first_line_counts_what_is_broken_and_what_is_not_decided():
    assert lines(judged.JUDGED)[0] == "The contract laptop is broken in 3 of 5 clauses; 1 could not be decided."


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (["pass", "pass"], "The contract laptop is kept."),
        (["pass", "unknown"], "The contract laptop is not known to be broken; 1 could not be decided."),
        (["fail", "pass"], "The contract laptop is broken in 1 of 2 clauses."),
        (["CANARY"], "The contract laptop is not known to be broken; 1 could not be decided."),
    ],
)
def test_a_contract_is_kept_only_where_every_clause_is_known_to_hold(states, told):
    clauses = tuple(Clause(f"c.{n}", "a clause", state) for n, state in enumerate(states))
    report = replace(judged.JUDGED, contract=replace(judged.JUDGED.contract, clauses=clauses), gaps=())
    assert lines(report)[0] == told


def test_what_was_not_looked_at_is_said_before_any_clause_and_failures_first():
    clauses = (Clause("c.1", "a clause", "pass"),)
    gaps = (GapInfo(GapKind.REFUSED, "p", "a", "locked"), GapInfo(GapKind.FAILED, "p", "b", "broken"))
    report = replace(judged.JUDGED, contract=replace(judged.JUDGED.contract, clauses=clauses), gaps=gaps)
    assert lines(report)[0] == "The contract laptop is kept, as far as was looked."
    assert "2 places not looked at, such as b (broken); armslength scan lists them." in lines(report)
    assert "1 place not looked at: a (locked)." in lines(replace(report, gaps=gaps[:1]))


def test_a_broken_clause_names_file_and_line_and_one_command():
    text = plain(judged.JUDGED)
    assert "~/.config/gh/hosts.yml:3 (oauth_token) GitHub token, classic, ada f-github000001" in text
    assert "mend Log it out. $ gh auth logout $ gh auth login" in text


def test_the_same_mend_is_told_once_and_named_afterwards():
    text = plain(judged.JUDGED)
    assert text.count("$ gh auth logout") == 1
    assert "mend of the first: as in 1" in text


def test_an_unknown_clause_names_the_step_that_would_decide_it():
    assert "the rights of 1 credential are not known; aws sso list-accounts" in plain(judged.JUDGED)


def test_a_degree_of_freedom_is_explained_where_a_clause_names_it():
    assert "agents are at most supervised laptop:97 supervised: asks a person before it acts" in plain(judged.JUDGED)


def test_agents_are_named_by_title_and_one_that_is_not_installed_says_so():
    assert "Judged: Claude Code, OpenAI Codex and Cursor (if installed). It ends on 2026-12-31." in plain(judged.JUDGED)


def test_a_withheld_checklist_tells_a_number_and_no_more():
    report = replace(judged.JUDGED, host=replace(judged.JUDGED.host, withheld="because"))
    assert lines(report) == ["Beyond the contract: 3 items.", "Details are withheld: because", ""]


def test_a_report_without_a_contract_says_so():
    assert lines(samples.LAPTOP) == ["Beyond the contract: not judged.", "This report was judged by no contract.", ""]
