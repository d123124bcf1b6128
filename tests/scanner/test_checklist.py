"""The order of a checklist: what is done first, what that settles, and what only a person can say."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from reports.checklist import supposed
from scanner.checklist import checklist, emptiness, is_declared
from scanner.model.report import (
    AdviceStep,
    Clause,
    Excess,
    FixInfo,
    GapInfo,
    Location,
    Principal,
    Supposed,
    Use,
    WhatIf,
    title_of,
)
from scanner.model.terms import GapKind, Severity
from tests.reports import judged

NOW = judged.JUDGED.host.judged_at
CRITICAL, LOW = Severity.CRITICAL, Severity.LOW


def item(name, severity=LOW, commands=(), **more):
    fix = FixInfo(f"mend {name}", tuple(commands))
    return replace(judged.ITEMS[0], id=name, severity=severity, urgent=False, fix=fix, **more)


def broken(name, *items, state="fail", **more):
    return Clause(name, f"clause {name}", state, findings=items, **more)


def listed(clauses, items=(), advice=(), **more):
    contract = replace(judged.JUDGED.contract, clauses=tuple(clauses))
    report = replace(judged.JUDGED, contract=contract, findings=tuple(items), advice=tuple(advice), **more)
    return checklist(report)


def advised(finding, *settles, items=0):
    return AdviceStep("v", "do it", (), (), finding, Excess(items, 0), settles=(finding, *settles), effort="a setting")


def steps(told):
    return [(step.kind, step.items, step.clauses, step.settles) for step in told.steps]


def test_what_is_urgent_comes_first_then_the_grave_then_what_a_command_does():
    items = [item("slow", CRITICAL), item("quick", CRITICAL, ["x"]), item("low"), replace(item("now"), urgent=True)]
    told = listed([broken(each.id, each.id) for each in items], items)
    assert [step.items for step in told.steps] == [("now",), ("quick",), ("slow",), ("low",)]
    assert [clause.id for clause in told.clauses] == ["now", "quick", "slow", "low"]
    assert [step.number for step in told.steps] == [1, 2, 3, 4]


def test_of_the_equally_grave_what_settles_most_comes_first():
    told = listed([broken("a", "one"), broken("b", "many"), broken("c", "many")], [item("one"), item("many")])
    assert [step.items for step in told.steps] == [("many",), ("one",)]


def test_the_steps_of_the_advice_come_first_each_with_all_that_it_settles():
    items = [item("grave", CRITICAL), item("small"), item("settled")]
    clauses = [broken("a", "grave"), broken("b", "small", "settled"), broken("c", "settled")]
    told = listed(clauses, items, [advised("small", "settled", items=1)])
    assert steps(told) == [
        ("mend", ("small", "settled"), ("b", "c"), ("b", "c")),
        ("mend", ("grave",), ("a",), ("a",)),
    ]
    assert (told.steps[0].mend.summary, told.steps[0].effort) == ("mend small", "a setting")
    assert [step.after for step in told.steps] == [Excess(1, 0), None]


def test_a_step_of_the_advice_that_mends_another_thing_is_told_in_its_own_words():
    told = listed([broken("a", "x")], [item("x")], [replace(advised("", "x"), settles=("x",))])
    assert told.steps[0].mend.summary == "do it"


def test_a_step_that_mends_an_agent_is_not_headed_by_the_keys_that_it_settles():
    step = replace(advised("", "key"), summary="Claude Code asks nothing: Set the mode.", settles=("key",))
    [told] = listed([broken("a", "key")], [item("key")], [step]).steps
    assert (told.title, told.mend.summary, told.items) == ("Claude Code asks nothing", "Set the mode.", ("key",))


def test_behind_the_plan_the_rest_goes_by_how_urgent_and_grave_it_is():
    grave = item("grave", Severity.CRITICAL)
    items = [item("planned"), item("mild"), grave, replace(item("now"), urgent=True)]
    told = listed([broken("a", *(each.id for each in items))], items, [advised("planned")])
    assert [step.items for step in told.steps] == [("planned",), ("now",), ("grave",), ("mild",)]


def test_what_is_only_supposed_names_what_is_gone_and_what_is_mended():
    step = AdviceStep("v-1", "Claude Code asks nothing: Set the mode, so that a person sees it.", (), ())
    gone = (Supposed("c-1", "credential", "AWS key"), Supposed("v-1", "step", title_of(step)))
    assert supposed(WhatIf(gone, None), None) == (
        'Only supposed: as if without AWS key (c-1), and as if mended: "Claude Code asks nothing" (v-1).'
    )


def test_one_command_that_mends_several_items_is_one_step():
    same = FixInfo("leave the group", ("gpasswd -d ada docker",))
    items = [replace(item(name), fix=same) for name in ("group", "socket")]
    words = [replace(item(name), fix=FixInfo("narrow it")) for name in ("one", "other")]
    told = listed([broken("a", "group", "one"), broken("b", "socket", "other")], [*items, *words])
    assert [step.items for step in told.steps] == [("group", "socket"), ("one",), ("other",)]


def test_a_clause_waits_for_all_its_steps_and_shows_the_mend_of_the_first():
    told = listed([broken("a", "low", "grave")], [item("low"), item("grave", CRITICAL)])
    [clause] = told.clauses
    assert (clause.steps, clause.mend.summary) == ((1, 2), "mend grave")
    assert [each.id for each in clause.items] == ["grave", "low"]
    assert [step.settles for step in told.steps] == [(), ("a",)]


def test_the_unknown_come_after_the_failing_by_the_step_that_decides_most():
    label, ask = FixInfo("label it"), FixInfo("ask")
    clauses = [
        broken("ticket", state="unknown", fix=FixInfo("confirm")),
        broken("a", state="unknown", fix=ask),
        broken("b", state="unknown", fix=label),
        broken("c", state="unknown", fix=label),
        broken("d", state="unknown"),
        broken("e", state="pass"),
        broken("f", "x"),
    ]
    told = listed(clauses, [item("x")])
    kinds = [(step.kind, step.clauses) for step in told.steps]
    assert kinds == [
        ("mend", ("f",)),
        ("decide", ("b", "c")),
        ("decide", ("a",)),
        ("decide", ("d",)),
        ("confirm", ("ticket",)),
    ]
    assert [each.id for each in told.clauses] == ["f", "b", "c", "a", "d", "ticket", "e"]
    assert "ask who wrote the contract" in told.steps[3].mend.summary


@pytest.mark.parametrize(
    ("clause", "declared"),
    [
        ("ticket", True),
        ("stop_if", True),
        ("repository.stop_if", True),
        ("managed.require.recovery.database:orders", True),
        ("require.guardrails.ci", False),
        ("mcp.ticket", False),
    ],
)
def test_what_is_declared_is_known_in_every_layer(clause, declared):
    assert is_declared(clause) == declared


def test_a_mend_has_one_command_and_the_others_behind_it():
    told = listed([broken("a", "x")], [item("x", commands=["one", "two", "three"])])
    assert (told.next.mend.command, told.next.mend.more) == ("one", ("two", "three"))


def test_a_clause_whose_items_a_report_lacks_still_has_a_step():
    told = listed([broken("a", "gone", fix=FixInfo("mend it"))])
    assert [(each.state, each.mend.summary) for each in told.clauses] == [("fail", "mend it")]


FAILED, REFUSED = (GapInfo(kind, "p", "a", "b") for kind in (GapKind.FAILED, GapKind.REFUSED))


@pytest.mark.parametrize(
    ("states", "gaps", "result"),
    [
        (["pass"], [], "pass"),
        (["pass"], [REFUSED], "pass"),
        (["unknown", "pass"], [], "unknown"),
        (["unknown"], [FAILED], "incomplete"),
        (["pass"], [FAILED], "incomplete"),
        (["fail", "unknown"], [FAILED], "fail"),
    ],
)
def test_what_came_of_it_in_one_word(states, gaps, result):
    told = listed([broken(str(n), state=state) for n, state in enumerate(states)], gaps=tuple(gaps))
    assert told.result == result


def used(days, agent="claude-code"):
    return Use("make", "command", 1, NOW, Location(), agent, first=NOW - timedelta(days=days))


@pytest.mark.parametrize(
    ("change", "little"),
    [
        ({}, False),
        ({"credentials": judged.JUDGED.credentials[:2]}, True),
        ({"principals": (Principal("a", "A", "a", notional=True),)}, True),
        ({"uses": ()}, True),
        ({"uses": (used(3),)}, True),
        ({"uses": (used(30, agent=""),)}, True),
    ],
)
def test_little_was_here_without_an_agent_a_few_credentials_and_a_week_of_records(change, little):
    assert emptiness(replace(judged.JUDGED, uses=(used(30),))).days == 31
    told = emptiness(replace(judged.JUDGED, **{"uses": (used(30),), **change}))
    assert (told.little, str(told.again)) == (little, "2026-12-21")


# --- laws

NAMES = st.sampled_from("abcdef")
CLAUSES = st.lists(
    st.builds(
        lambda name, state, items, fix: Clause(name, name, state, FixInfo(fix) if fix else None, findings=tuple(items)),
        NAMES,
        st.sampled_from(["fail", "unknown", "pass", "?"]),
        st.lists(NAMES, max_size=3, unique=True),
        st.sampled_from(["", "label", "ask"]),
    ),
    max_size=6,
    unique_by=lambda each: each.id,
)
ITEMS = st.lists(st.builds(item, NAMES, st.sampled_from(Severity)), max_size=5, unique_by=lambda each: each.id)
ADVICE = st.lists(st.builds(advised, NAMES, NAMES), max_size=3)


@settings(max_examples=60)
@given(CLAUSES, ITEMS, ADVICE)
def test_every_clause_stands_once_and_waits_for_steps_that_there_are(clauses, items, advice):
    told = listed(clauses, items, advice)
    assert sorted(each.id for each in told.clauses) == sorted(each.id for each in clauses)
    assert [step.number for step in told.steps] == list(range(1, len(told.steps) + 1))
    for clause in told.clauses:
        assert (clause.mend is None) == (clause.state == "pass")
        assert list(clause.steps) == [step.number for step in told.steps if clause.id in step.clauses]
        assert {each.step for each in clause.items} <= set(clause.steps)
    settled = [each for step in told.steps for each in step.settles]
    assert sorted(settled) == sorted(each.id for each in told.clauses if each.state != "pass")
    seen = [each for step in told.steps for each in step.items]
    assert len(seen) == len(set(seen))
    assert listed(clauses, items[::-1], advice).counts == told.counts
