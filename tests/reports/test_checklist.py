"""The checklist for a terminal: each step with what it mends, the clauses that wait for it, and what is kept."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from reports import Page
from reports import checklist as terminal
from scanner.checklist import checklist
from scanner.model.report import (
    Clause,
    ContractLayer,
    Excess,
    FixInfo,
    GapInfo,
    Location,
    Supposed,
    Use,
    Waiver,
    WhatIf,
)
from scanner.model.terms import GapKind
from tests.reports import judged, samples
from tests.reports.strategies import REPORTS
from tests.reports.test_terminal import MANY, PAGES, golden, held

ALL = samples.ALL | judged.ALL
CLAUSE = judged.JUDGED.contract.clauses[0]
NOW = judged.JUDGED.host.judged_at
USED = Use("make", "command", 9, NOW, Location(), "claude-code", first=NOW - timedelta(days=9))


def render(report, page):
    return terminal.render(checklist(report), page)


def lines(report, width=80):
    return render(report, Page(width)).decode().split("\n")


def plain(report):
    return " ".join(" ".join(lines(report)).split())


def with_clauses(*clauses, **more):
    contract = replace(judged.JUDGED.contract, clauses=clauses)
    return replace(judged.JUDGED, contract=contract, **{"uses": (USED,), **more})


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
    def last(*states, name="c"):
        clauses = [replace(CLAUSE, id=f"{name}.{n}", state=state, findings=()) for n, state in enumerate(states)]
        page = Page(200, again="--agent codex")
        return render(with_clauses(*clauses), page).decode().rstrip("\n").split("\n")[-1]

    rest = (
        "the first, run armslength check --agent codex again; "
        "armslength explain ID --agent codex tells more of a clause or an item."
    )
    assert last("fail", "unknown") == f"Mend {rest}"
    assert last("pass", "unknown") == f"Find out {rest}"
    assert last("unknown", name="ticket") == f"Confirm {rest}"
    assert "armslength" not in last("pass")


def test_what_fails_comes_before_what_is_unknown_and_what_passes():
    marks = [line.strip()[0] for line in lines(judged.JUDGED)[6:] if line.strip()[:2] in {"✗ ", "? ", "✓ "}]
    assert marks == ["✗", "✗", "✗", "?", "✓"]


def test_every_clause_is_told_once_with_its_id_and_its_line():
    text = plain(judged.JUDGED)
    for clause in judged.JUDGED.contract.clauses:
        assert text.count(f"{clause.id} {clause.where}") == 1


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
    clauses = [Clause(f"c.{n}", "a clause", state) for n, state in enumerate(states)]
    assert lines(with_clauses(*clauses, gaps=()))[0] == told


def test_a_new_machine_is_no_triumph():
    new = {"gaps": (), "principals": (), "agents": (), "credentials": (), "uses": ()}
    report = with_clauses(Clause("c.1", "a clause", "pass"), **new)
    assert lines(report, 200)[:2] == [
        "The contract laptop is kept, but little was here to judge.",
        "Found here: no installed agent, no credential, no record of what agents did. "
        "What is new keeps most contracts; check again on 2026-12-21.",
    ]
    broken = replace(report, contract=replace(report.contract, clauses=(Clause("c.1", "a clause", "fail"),)))
    assert "Found here" not in plain(broken)


def test_a_what_if_says_so_on_top_with_the_figures_before_and_after():
    gone = (Supposed("c-1", "credential", "GitHub token"),)
    report = replace(judged.JUDGED, what_if=WhatIf(gone, Excess(5, 80)))
    assert (
        "Only supposed: as if without GitHub token (c-1). "
        "Beyond the contract: 5 items, score 80 as it is; 3 items, score 61 without."
    ) in plain(report)


def test_what_was_not_looked_at_is_said_before_any_clause_and_failures_first():
    gaps = (GapInfo(GapKind.REFUSED, "p", "a", "locked"), GapInfo(GapKind.FAILED, "p", "b", "broken"))
    report = with_clauses(Clause("c.1", "a clause", "pass"), gaps=gaps)
    assert lines(report)[0] == "The contract laptop is kept, as far as was looked."
    assert "2 places not looked at, such as b (broken); armslength scan lists them." in lines(report)
    assert "1 place not looked at: a (locked)." in lines(replace(report, gaps=gaps[:1]))


def test_a_step_says_what_is_wrong_where_what_to_do_and_which_clauses_wait_for_it():
    text = plain(judged.JUDGED)
    item = "1. ◆ critical, urgent GitHub token, classic, ada, ~/.config/gh/hosts.yml:3 (oauth_token) f-github000001"
    mend = "mend Log it out. $ gh auth logout $ gh auth login --scopes read:org"
    assert f"{item} {mend} ✗ never publish in production" in text


def test_what_a_step_takes_what_it_leaves_and_what_needs_it_are_told():
    told = replace(judged.JUDGED.advice[0], effort="one command", breaks="used twice")
    text = plain(replace(judged.JUDGED, advice=(told,)))
    assert "one command; then 2 of 3 items left, score 40 mind: used twice" in text
    assert "then 2 of 3" not in plain(replace(judged.JUDGED, advice=()))


def test_a_clause_that_waits_for_several_steps_says_so_under_the_first():
    assert "allow.12 laptop:53; step 2 too" in plain(judged.JUDGED)


def test_a_mend_of_many_commands_names_the_one_that_tells_them_all():
    fix = FixInfo("Do it.", ("a", "b", "c", "d"))
    findings = (replace(judged.ITEMS[0], fix=fix), *judged.JUDGED.findings[1:])
    assert "$ a $ b and 2 more; armslength explain f-github000001" in plain(replace(judged.JUDGED, findings=findings))


def test_a_mend_that_two_items_need_is_told_once():
    findings = tuple(replace(each, fix=FixInfo("Narrow it.")) for each in judged.JUDGED.findings)
    text = plain(replace(judged.JUDGED, findings=findings))
    assert (text.count("mend Narrow it."), text.count("mend as in 1")) == (1, 2)


def test_an_unknown_clause_stands_under_the_step_that_would_decide_it():
    step = FixInfo("Label it.", ("armslength label aws-account:1 ENVIRONMENT",))
    unknown = [Clause(f"never.{n}", f"clause {n}", "unknown", step, why="not known") for n in (1, 2)]
    text = plain(with_clauses(*unknown))
    assert "To find out: 1 step 1. Label it. $ armslength label aws-account:1 ENVIRONMENT ? clause 1" in text
    assert text.count("Label it.") == 1


def test_what_only_a_person_can_say_comes_last():
    told = (Clause("ticket", "the work", "unknown", why="declared"), Clause("never.1", "a clause", "unknown"))
    text = plain(with_clauses(*told))
    assert text.index("To find out: 1 step") < text.index("To be confirmed by a person: 1 step")


def test_a_degree_of_freedom_is_explained_where_a_clause_names_it():
    text = plain(judged.JUDGED)
    assert "require.autonomy.default laptop:97 supervised: asks a person before it acts" in text


def test_agents_are_named_by_title_and_one_that_is_not_installed_says_so():
    assert "Judged: Claude Code, OpenAI Codex and Cursor (if installed). It ends on 2026-12-31." in plain(judged.JUDGED)


def test_waivers_that_no_longer_cover_are_told_on_top():
    def told(*states):
        waivers = tuple(Waiver(f"f-{n}", "ada", "r", "2026-12-01", state) for n, state in enumerate(states))
        return plain(with_clauses(CLAUSE, waivers=waivers))

    lapsed = "Of 4 waivers 1 expired and 2 grew: what they do not cover counts."
    assert lapsed in told("in force", "grown", "expired", "grown").partition("To mend")[0]
    assert "Of 1 waiver 1 never covered a thing: what they do not cover counts." in told("covers nothing")
    assert "baseline waive ID --reason TEXT" in told("grown")
    assert "do not cover" not in told("in force", "unused")
    assert "baseline waive" not in told("in force", "unused")


def test_contracts_that_count_together_are_all_named():
    layers = (
        ContractLayer("managed", "acme", "/etc/a.yaml", "sha256:1"),
        ContractLayer("user", "mine", "m", "sha256:2"),
    )
    report = replace(judged.JUDGED, contract=replace(judged.JUDGED.contract, layers=layers))
    told = "Held together: acme (managed, /etc/a.yaml) and mine (user, m); a later one only narrows."
    assert told in plain(report)


def test_a_withheld_checklist_tells_a_number_and_no_more():
    report = replace(judged.JUDGED, contract=None, host=replace(judged.JUDGED.host, withheld="because"))
    assert lines(report) == ["Beyond the contract: 3 items.", "Details are withheld: because", ""]


def test_a_report_without_a_contract_says_so():
    assert lines(samples.LAPTOP) == ["Beyond the contract: not judged.", "This report was judged by no contract.", ""]
