"""The plan on a terminal: its first steps on the first screen, the others below, and a step by its id."""

import pytest
from msgspec.structs import replace

from reports.explain import explain, named
from reports.page import Page
from reports.terminal import render
from scanner.errors import ScannerError
from scanner.model.report import AdviceStep, Excess, Supposed, WhatIf
from tests.reports import judged

FIRST = judged.JUDGED.advice[0]
STEPS = tuple(
    AdviceStep(
        f"v-{number}{number}{number}",
        f"Key {number}: Delete it.",
        (f"rm key{number}",),
        (),
        after=Excess(5 - number, 60 - 10 * number),
        kind="credential",
        effort="one command",
        elsewhere=number == 4,
        breaks="used 14 times, last on 2026-11-20: aws s3" if number == 2 else "",
        settles=("f-github000001",),
    )
    for number in range(1, 5)
)
PLANNED = replace(judged.JUDGED, advice=STEPS)


def lines(report, width=200):
    return [line.strip() for line in render(report, Page(width)).decode().split("\n")]


def test_the_first_screen_says_what_the_plan_comes_to():
    assert "Plan: 1 step leaves 2 of 3 items, score 61 to 40" in lines(judged.JUDGED)
    assert "Plan: 4 steps leave 1 of 3 items, score 61 to 20" in lines(PLANNED)
    done = replace(PLANNED, advice=(*STEPS[:3], replace(STEPS[3], after=Excess(0, 0))))
    assert "Plan: 4 steps leave nothing of 3 items, score 61 to 0" in lines(done)


def test_a_step_says_what_is_left_after_it_and_what_it_takes():
    told = lines(PLANNED)
    at = told.index("2. Key 2: Delete it.  v-222")
    assert told[at + 1 : at + 3] == [
        "$ rm key2",
        "leaves 3 items, score 50 to 40; one command; used 14 times, last on 2026-11-20: aws s3",
    ]


def test_what_mends_an_item_names_it():
    assert "1. GitHub token: Log it out.  f-github000001" in lines(judged.JUDGED)


def test_three_steps_stand_on_the_first_screen_and_the_others_below():
    told = lines(PLANNED)
    assert told.index("and 1 step more below") < told.index("The plan, from step 4 on")
    assert told.index("The plan, from step 4 on") < told.index("4. Key 4: Delete it.  v-444")
    assert "leaves 1 item, score 30 to 20; one command, by someone elsewhere" in told
    assert "1 item more would be left; do these, and look again." in told


def test_a_step_is_explained_by_its_id():
    text = explain(PLANNED, "v-22", Page(200)).decode()
    assert "used 14 times" in text
    assert "3 items, score 40, once it and the 1 step before it are done" in text
    assert "f-github000001" in text


def test_what_is_thought_away_is_told_before_anything_else():
    gone = (Supposed("c-1", "credential", "GitHub token"),)
    told = lines(replace(judged.JUDGED, what_if=WhatIf(gone, Excess(5, 80))))
    said = next(line for line in told if "Only supposed" in line)
    assert told.index(said) <= 2
    assert all(each in said for each in ("GitHub token", "5 items, score 80", "3 items, score 61"))


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [
        (judged.HUB, "exposure"),
        ("f-github", "finding"),
        ("v-1", "step"),
        ("claude-code", "agent"),
        ("never.1", "clause"),
    ],
)
def test_anything_with_an_id_can_be_named(prefix, kind):
    assert named(judged.JUDGED, prefix).kind == kind


def test_what_is_not_there_is_told_with_what_is():
    with pytest.raises(ScannerError, match="nothing in this report has an id that begins with c-nowhere"):
        named(judged.JUDGED, "c-nowhere")


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("in force", "waived by ada until 2026-12-01: migrating"),
        ("grown", "waived in part, by ada until 2026-12-01: migrating"),
        ("expired", "waived no more, by ada until 2026-12-01: migrating"),
        ("covers nothing", "waived not at all, since it does not say what, by ada until 2026-12-01: migrating"),
    ],
)
def test_an_item_says_how_much_of_it_somebody_accepts(state, said):
    report = replace(judged.JUDGED, waivers=(replace(judged.JUDGED.waivers[0], state=state),))
    assert said in " ".join(explain(report, "f-waived000001", Page(200)).decode().split())


def test_an_item_of_which_less_was_accepted_says_so():
    first, *rest = judged.JUDGED.findings
    told = lines(replace(judged.JUDGED, findings=(replace(first, grew="ada until 2026-12-01"), *rest)))
    assert "accepted  by ada until 2026-12-01, but less than this" in told
