"""The first screen of 80 by 24: every answer that matters is on it, and none ever reads as less than it is."""

import re
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from probes import BUILTIN
from reports import Page, words
from reports.answers import agents_of, answers, asks, headline
from reports.document import load
from reports.terminal import render
from scanner.config import Config
from scanner.engine import scan
from scanner.model.report import Agent, Before, Location, Principal, Verdict
from scanner.model.terms import Gate
from scanner.testing import TEST_KEY, load_machine
from scanner.vault import Vault
from tests.machines.samples import NAMES, machine
from tests.reports import judged, samples
from tests.support import LAPTOP

LAPTOPS = Path(__file__).parents[1] / "laptops"
EVERY = (*NAMES, "demo", *sorted(path.parent.name for path in LAPTOPS.glob("*/machine.toml")))
FROZEN = Path(__file__).parent / "report-v1.json"
GRAVE = ("yes", "likely")
SAID = {"yes": "YES", "likely": "LIKELY", "if approved": "IF APPROVED", "undecided": "UNDECIDED"}


@cache
def scanned(name):
    taken = machine(name) if name in NAMES or name == "demo" else load_machine(LAPTOPS / name)
    return scan(taken, BUILTIN, Vault(TEST_KEY), Config(), contracts=(LAPTOP,))


def screen(report):
    return render(report, Page(80)).decode().split("\n")[:24]


def plain(lines):
    return " ".join(" ".join(lines).split())


def held(report):
    """Every question that an agent answers with yes or likely is on the screen, or a line counts those that are not."""
    shown = plain(screen(report))
    told = answers(report)
    grave = [each for block in told.blocks if block.answer in GRAVE for each in block.verdicts]
    missing = [each.verdict for each in grave if asks(each.verdict) not in shown]
    assert not missing or "answers more after these" in shown or "; and " in shown, missing
    return told


@pytest.mark.parametrize("name", EVERY)
def test_a_machine_s_first_screen_holds_every_answer_that_matters(name):
    report = scanned(name)
    lines, told = screen(report), held(report)
    assert len(lines) == 24
    if report.credentials:
        assert plain([headline(told)]) in plain(lines)
    for block in told.blocks:
        assert any(line.startswith(SAID[block.answer]) for line in lines)


@pytest.mark.parametrize("name", EVERY)
def test_a_machine_s_gravest_answer_has_who_by_what_and_one_mend(name):
    """By file and line, where its credential lies in a file."""
    report = scanned(name)
    lines, told = screen(report), answers(report)
    if not told.blocks:
        return
    first = told.blocks[0].first
    [credential] = [each for each in report.credentials if each.id == first.credential]
    by = next(line for line in lines if line.startswith("  by "))
    place = words.place(replace(credential.locations[0], key=None))
    assert words.clipped(place, 48)[-12:] in by
    who = next(line for line in lines if line.startswith("  who "))
    assert told.names(told.blocks[0].principals, 1).partition(" and ")[0] in who
    assert any(line.startswith(("  mend ", "  decide ")) for line in lines)
    if credential.mend is not None and told.blocks[0].answer != "undecided":
        assert f"$ {credential.mend.commands[0]}" in plain(lines)


@pytest.mark.parametrize("name", EVERY)
def test_a_machine_s_first_screen_has_no_radius_and_no_id(name):
    text = plain(screen(scanned(name))[:20])
    assert "radius" not in text
    assert not any(each.id in text for each in scanned(name).credentials)


@pytest.mark.parametrize("name", judged.ALL)
def test_a_made_report_s_first_screen_holds_every_answer_that_matters(name):
    held(judged.ALL[name])


def test_sixty_agents_and_two_hundred_items_stay_readable():
    lines = render(judged.CROWDED, Page(80)).decode().split("\n")
    assert sum(line.startswith("YES") for line in lines[:24]) == 8
    assert "Agent number 0 (if installed), Agent number 4 and 13 more" in plain(lines[:24])
    assert len(lines) < 700
    text = plain(lines)
    assert "Beyond the contract laptop: 150 items" in text
    assert "and 108 more; -o ~/report.json holds them all" in text
    assert "and 20 agents more" in text
    assert text.count("f-0000000000") > 42


SHAPES = st.lists(
    st.builds(
        Verdict,
        principal=st.sampled_from(["any-agent", "claude-code", "codex", "stranger"]),
        verdict=st.sampled_from(["leak", "tamper", "ship-code", "new-question"]),
        answer=st.sampled_from(
            ["yes", "likely", "if approved", "undecided", "none found", "none found (4 gaps)", "sure"]
        ),
        assets=st.integers(0, 3),
        exposure=st.sampled_from([None, judged.HUB, "e-gone"]),
        credential=st.sampled_from([None, samples.GITHUB.id, "c-gone"]),
        gate=st.sampled_from([None, *Gate]),
        ways=st.integers(0, 3),
    ),
    max_size=12,
)
LISTED = st.lists(
    st.sampled_from([judged.CLAUDE, judged.CODEX, judged.CURSOR, samples.EMPTY.principals[0]]),
    unique_by=lambda each: each.id,
)
HARMLESS = ("none found", "none found (4 gaps)")


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(SHAPES, LISTED, st.booleans())
def test_no_answer_of_a_judged_agent_is_told_as_none(verdicts, principals, agents):
    """Whatever is answered, by whom and of whom: an answer that is not none is on the page."""
    report = replace(
        judged.JUDGED,
        verdicts=tuple(verdicts),
        principals=tuple(principals),
        agents=judged.AGENTS if agents else (),
    )
    told = answers(report)
    shown = {each.id for each in told.judged}
    grave = {each.verdict for each in verdicts if each.principal in shown and each.answer not in HARMLESS}
    assert grave == {each.verdict for block in told.blocks for each in block.verdicts}
    assert not grave & {*told.none, *told.untold}
    if grave:
        assert "Nothing was found" not in headline(told)
    assert {each.principal for each in verdicts} - {"any-agent"} <= shown
    if any(each.id not in shown for each in agents_of(report)[1]):
        assert "any-agent" in shown
    page = plain(render(report, Page(80)).decode().split("\n"))
    assert all(asks(each) in page for each in grave)


def alone(**sections):
    return replace(judged.JUDGED, **sections)


def test_agents_without_answers_of_their_own_are_counted_with_what_any_process_could_do():
    told = tuple(each for each in judged.VERDICTS if each.principal == "any-agent")
    lines = plain(screen(alone(verdicts=told)))
    assert "Any process of yours can leak secrets or production data and ship code to others, and no person" in lines
    assert "Of Claude Code, OpenAI Codex and Cursor (if installed) alone this report tells nothing" in lines


def test_an_old_document_whose_agents_were_not_judged_never_reads_as_harmless():
    report = load(FROZEN.read_bytes())
    assert agents_of(report)[1]
    text = plain(render(report, Page(80)).decode().split("\n"))
    assert "Nothing was found" not in text
    assert any(asks(each.verdict) in text for each in report.verdicts if not each.answer.startswith("none"))


def test_a_question_that_is_not_answered_is_not_told_as_none_found():
    told = tuple(each for each in judged.VERDICTS if (each.principal, each.verdict) != ("codex", "tamper"))
    lines = screen(alone(verdicts=told))
    [line] = [line for line in lines if line.startswith("not told")]
    assert asks("tamper") in line
    assert not any(asks("tamper") in line for line in lines if line.startswith("none found"))


def test_no_answer_at_all_is_no_answer():
    told = tuple(replace(each, verdict="tamper") for each in judged.VERDICTS if each.answer == "none found")
    assert "This report does not say what" in plain(screen(alone(verdicts=told)))


def test_an_answer_of_a_later_version_is_unclear_and_stands_before_what_needs_a_yes():
    told = [replace(each, answer="certain") if each.verdict == "leak" else each for each in judged.VERDICTS]
    lines = screen(alone(verdicts=tuple(each for each in told if each.answer not in GRAVE)))
    [line] = [line for line in lines if line.startswith("UNCLEAR")]
    assert asks("leak") in line
    assert 'the report says "certain"' in plain(lines)


@pytest.mark.parametrize(
    ("stands_for", "told"),
    [
        (Gate.PROMPT, "not known, reckoned as: a person must say yes"),
        (Gate.NONE, "not known, reckoned as: nothing asks"),
        (None, "not known, reckoned as if nothing asked"),
        (Gate.UNKNOWN, "not known, reckoned as if nothing asked"),
    ],
)
def test_an_unknown_gate_reads_as_what_it_is_and_what_it_is_reckoned_as(stands_for, told):
    assert words.before(Gate.UNKNOWN, stands_for) == told
    read = {"cursor": Before(Gate.UNKNOWN, "reads the file", "not known", stands_for)}
    credentials = tuple(
        replace(each, readings=read) if each.id == samples.AWS_KEY.id else each for each in judged.NOTIONAL.credentials
    )
    assert told in plain(screen(replace(judged.NOTIONAL, credentials=credentials)))


def test_an_agent_that_is_not_installed_is_said_so_wherever_it_is_named():
    lines = screen(judged.NOTIONAL)
    text = plain(lines)
    assert "If you installed Cursor today, it can probably leak secrets or production data" in text
    assert "who Cursor (if installed):" in text
    assert "Cursor, not installed: judged as its vendor ships it" in plain(
        render(judged.NOTIONAL, Page(80)).decode().split("\n")
    )


def test_each_agent_s_own_answers_stand_below_where_the_first_screen_has_the_gravest_only():
    text = plain(render(judged.JUDGED, Page(80)).decode().split("\n"))
    codex = text[text.index("OpenAI Codex, mode on-request") : text.index("Cursor, not installed")]
    assert "must ask run any command so: leak secrets or production data" in codex


def test_a_command_is_never_cut():
    """Half of one could be copied: it is wrapped, and everything else on its row is cut."""
    long = "aws iam delete-access-key --access-key-id AKIA-CANARY-0001 --user-name " + "deployer-" * 9
    mended = tuple(
        replace(each, mend=samples.FixInfo("Delete it.", (long,))) if each.id == samples.AWS_KEY.id else each
        for each in judged.JUDGED.credentials
    )
    lines = screen(alone(credentials=mended))
    assert long.replace(" ", "") in "".join(lines).replace(" ", "")


def test_more_answers_than_a_screen_holds_are_counted():
    more = tuple(Verdict(f"new-{n}", f"new-{n}", "yes", 0, None, f"c-{n}", Gate.NONE, 1) for n in range(40))
    lines = screen(alone(verdicts=(*judged.VERDICTS, *more)))
    assert re.search(r"and \d+ answers more after these \d+, \d+ of them as grave", plain(lines))


def test_a_principal_that_only_the_verdicts_name_is_shown():
    stranger = Verdict("stranger", "leak", "yes", 2, None, samples.GITHUB.id, Gate.NONE, 1)
    assert "stranger can leak secrets or production data" in plain(
        screen(alone(verdicts=(stranger,), principals=(), agents=()))
    ).replace("Stranger", "stranger")


def test_an_agent_that_no_principal_tells_of_is_counted_as_not_judged():
    lone = Agent("later", "Later Agent", False, Location(path="~/.later"), channels={"run any command": Gate.NONE})
    told = agents_of(alone(agents=(lone,)))
    assert told[1] == [Principal("later", "Later Agent")]
    assert told[0][-1].id == "any-agent"
