"""Twelve laptops as people have them, each with what a senior colleague who reads it would raise, and what not.

`raised.toml` beside a machine was written before any tool had looked at it, from the facts and the contract's words.
`about` is the kind of a credential, a clause or the rule of a weakness, `where` the place at which it shows, `key` what
tells two things in one file apart. Several words, or several places, mean one and the same point.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from probes import BUILTIN
from reports import RENDERERS, Page
from scanner.cli.contracts import chosen
from scanner.config import Config
from scanner.data.kinds import kinds
from scanner.data.severities import weaknesses
from scanner.engine import scan
from scanner.model.report import Location, Report
from scanner.testing import TEST_KEY, load_machine
from scanner.tokens import placeholders
from scanner.vault import Vault
from tests.machines.samples import leaks

FOLDER = Path(__file__).parent / "laptops"
NAMES = tuple(sorted(path.parent.name for path in FOLDER.glob("*/machine.toml")))
CLAUSES = {"autonomy", "sandbox", "defaults"}
PAGES = (Page(80), Page(40, unicode=False), Page(160, color=True))


@cache
def judged(name: str) -> Report:
    machine = load_machine(FOLDER / name)
    return scan(machine, BUILTIN, Vault(TEST_KEY), Config(), contracts=(chosen(None, machine.now.date()),))


def table(name: str, file: str) -> dict:
    return tomllib.loads((FOLDER / name / file).read_text(encoding="utf-8"))


def words(row: dict, field: str) -> tuple[str, ...]:
    """One word or several, as a tuple."""
    value = row[field]
    return (value,) if isinstance(value, str) else tuple(value)


def place(location: Location) -> str:
    return location.path or (f"${location.variable}" if location.variable else f"process {location.process}")


def seen(report: Report) -> Iterator[tuple[str, str]]:
    """What the report speaks of, as (kind or rule, place)."""
    for credential in report.credentials:
        for location in credential.locations:
            yield credential.kind, place(location)
    for finding in report.findings:
        yield finding.rule, place(finding.evidence)


def test_there_are_twelve():
    assert len(NAMES) == 12


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_it_is_left_unread(name):
    known = {(row["kind"], row["at"]) for row in table(name, "raised.toml").get("gaps", ())}
    # What an agent's vendor keeps on its server, or an editor in its database, no file tells.
    found = {(str(gap.kind), gap.place) for gap in judged(name).gaps if (gap.probe, gap.kind) != ("agents", "refused")}
    assert found == known


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_of_it_is_told(name):
    text = (FOLDER / name / "machine.toml").read_text(encoding="utf-8")
    values = [value for _, value in placeholders(text, name)]
    told = {f"{form} {page}": RENDERERS[form](judged(name), page) for form in RENDERERS for page in PAGES}
    told["repr"] = repr(judged(name)).encode()
    assert {what: found for what, data in told.items() if (found := leaks(data, values))} == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_colleague_raises_three_to_fifteen_points(name):
    raised = table(name, "raised.toml").get("raised", ())
    assert len(raised) in (range(1) if name == "hardened" else range(3, 16))


@pytest.mark.parametrize("name", NAMES)
def test_each_point_is_in_words_that_the_tool_knows(name):
    rows = [*table(name, "raised.toml").get("raised", ()), *table(name, "raised.toml")["not_raised"]]
    known = CLAUSES | set(kinds()) | set(weaknesses())
    assert {about for row in rows for about in words(row, "about")} - known == set()
    assert all(row["why"] for row in rows)


@pytest.mark.parametrize("name", NAMES)
def test_each_point_about_a_login_or_a_weakness_is_seen(name):
    """Whether it is raised the judgement decides; that it lies there has to be known before."""
    told = set(seen(judged(name)))
    missed = [
        row
        for row in table(name, "raised.toml").get("raised", ())
        if CLAUSES.isdisjoint(words(row, "about"))
        and not any((about, at) in told for about in words(row, "about") for at in words(row, "where"))
    ]
    assert missed == []


def test_a_point_that_is_not_there_would_show():
    """The check itself: without the laptop's own findings every point about a login is missed."""
    told = set(seen(judged("hardened")))
    assert ("github.classic-token", "$GITHUB_TOKEN") not in told
    assert ("github.classic-token", "$GITHUB_TOKEN") in set(seen(judged("backend")))
