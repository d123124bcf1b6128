"""Whole machines, judged: all that a person would want to be told is found, what is harmless stays unsaid."""

import json
import os
import re
import tomllib
from collections.abc import Iterator

import pytest

from probes import BUILTIN
from reports import RENDERERS, Page
from scanner import demo
from scanner.config import Config
from scanner.engine import scan
from scanner.model.report import Location, Report
from scanner.testing import TEST_KEY
from scanner.tokens import PUBLIC, fill, token
from scanner.vault import Vault
from tests.machines.samples import FOLDER, NAMES, folder_of, machine
from tests.support import LAPTOP

UPDATE = os.environ.get("UPDATE_GOLDEN") == "1"
EVERY = (*NAMES, "demo")


def judged(name: str, key: bytes = TEST_KEY) -> Report:
    return scan(machine(name), BUILTIN, Vault(key), Config(), contracts=(LAPTOP,))


def golden(report: Report) -> bytes:
    """The report as the tool writes it, without what differs from run to run; each thing in it on a line of its own."""
    told = json.loads(RENDERERS["json"](report, Page()))
    del told["scan"]
    return ("{\n" + ",\n".join(section(name, value) for name, value in told.items()) + "\n}\n").encode()


def section(name: str, value: object) -> str:
    if not isinstance(value, list) or not value:
        return f"{line(name)}: {line(value)}"
    return f"{line(name)}: [\n" + ",\n".join(f"  {line(each)}" for each in value) + "\n]"


def line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def place(location: Location) -> str:
    return location.path or (f"${location.variable}" if location.variable else f"process {location.process}")


def seen(report: Report) -> Iterator[tuple[str, str, int | None]]:
    """Each credential and handle at each of its places, as (kind, place, line)."""
    for credential in report.credentials:
        for location in credential.locations:
            at = place(location)
            if location.variable and location.process:
                at = f"${location.variable} of {location.process}"
            yield credential.kind, at, location.line


def wanted(name: str) -> dict:
    path = FOLDER / "demo-must.toml" if name == "demo" else folder_of(name) / "must.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def rows(table: dict) -> set[tuple[str, str, int | None]]:
    return {(row["kind"], row["at"], row.get("line")) for row in table.get("found", ())}


@pytest.mark.parametrize("name", EVERY)
def test_all_that_matters_is_found_and_nothing_else(name):
    found, must = set(seen(judged(name))), rows(wanted(name))
    assert must - found == set(), "missed"
    assert found - must == set(), "a false alarm, or a row that must.toml lacks"


@pytest.mark.parametrize("name", EVERY)
def test_what_is_harmless_stays_silent(name):
    """The list says why each is harmless; no credential, weakness or gap may name the place."""
    report = judged(name)
    named = {at for _, at, _ in seen(report)} | {place(finding.evidence) for finding in report.findings}
    named |= {gap.place for gap in report.gaps}
    assert named & {row["at"] for row in wanted(name).get("silent", ())} == set()


@pytest.mark.parametrize("name", EVERY)
def test_each_agent_can_do_what_was_worked_out_by_hand(name):
    told: dict[str, dict[str, str]] = {}
    for each in judged(name).verdicts:
        told.setdefault(each.principal, {})[each.verdict] = each.answer
    del told["any-agent"]
    assert told == wanted(name)["verdicts"]


@pytest.mark.parametrize("name", EVERY)
def test_the_gaps_are_the_ones_we_know_of(name):
    known = {(row["kind"], row["at"]) for row in wanted(name).get("gaps", ())}
    assert {(str(gap.kind), gap.place) for gap in judged(name).gaps} == known


def unfilled(text: str, seed: str) -> str:
    """The text with made-up key ids as placeholders again: no file in the repository looks as if it held one."""
    written = "".join(path.read_text(errors="replace") for path in folder_of(seed).rglob("*") if path.is_file())
    for name in set(re.findall(r"\{token:([a-z0-9.-]+)\}", written)):
        if name.partition(".")[0] in PUBLIC:
            text = text.replace(token(name, seed), f"{{token:{name}}}")
    return text


@pytest.mark.parametrize("name", NAMES)
def test_the_report_is_the_golden_one(name):
    path = folder_of(name) / "expected.json"
    data = golden(judged(name))
    if UPDATE:
        path.write_text(unfilled(data.decode(), name), encoding="utf-8")
    assert data == fill(path.read_text(encoding="utf-8"), name).encode(), (
        "run with UPDATE_GOLDEN=1, read the difference, and say in the commit why"
    )


def test_an_empty_machine_has_nothing():
    report = judged("empty")
    assert report.credentials == report.exposures == report.findings == report.gaps == ()
    assert report.figures.radius["any-agent"].score == 0
    assert report.coverage.percent == 100


def test_the_demo_tells_its_story():
    report = judged("demo", demo.KEY)
    assert 8 <= len(report.credentials) <= 14
    environments = {asset.id: asset.environment for asset in report.assets}
    assert "production" in {environments[exposure.asset] for exposure in report.exposures}
    assert report.figures.exposures.urgent > 0


def test_a_missing_find_would_show(tmp_path):
    """The check itself: without its credentials file the laptop must fail the comparison, and only for that."""
    found, must = set(seen(judged("linux-developer"))), rows(wanted("linux-developer"))
    without = {row for row in found if row[1] != "~/.aws/credentials"}
    assert {at for _, at, _ in must - without} == {"~/.aws/credentials"}
    assert rows(wanted("empty")) != found
