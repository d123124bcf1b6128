"""Every contract that comes with the tool against every golden machine, as `armslength check` tells it to a joiner.

`UPDATE_GOLDEN=1 python -m pytest tests/test_contracts_shipped.py` writes what is told, and `UPDATE_DOCS=1` the table of
docs/shipped-contracts.md.
"""

import os
import re
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from probes import BUILTIN
from reports import Page
from reports.checklist import render
from scanner.checklist import checklist
from scanner.cli.contracts import chosen
from scanner.config import Config
from scanner.contract.autonomy import HARMLESS, LEAST
from scanner.contract.credentials import span
from scanner.contract.match import matches
from scanner.data import contracts
from scanner.data.gates import gates
from scanner.data.weights import weights
from scanner.engine import Judging, Looked, look, tell
from scanner.model import Capability, Environment, Gate
from scanner.model.report import Report
from scanner.testing import TEST_KEY
from scanner.vault import Vault
from tests.machines.samples import FOLDER, NAMES, leaks, machine, secrets

TODAY = date(2026, 7, 1)
ROLES = tuple(contracts.names())
EVERY = (*NAMES, "demo")
GUIDE = Path(__file__).parents[1] / "docs/shipped-contracts.md"
TABLE = re.compile(r"(?<=<!-- roles -->\n).*?(?=<!-- /roles -->)", re.DOTALL)


def golden(name: str, role: str) -> Path:
    return (FOLDER / "demo-check" if name == "demo" else FOLDER / name / "check") / f"{role}.txt"


@cache
def looked(name: str) -> tuple[Looked, Vault]:
    """One look at a machine, which serves every judgement."""
    vault = Vault(TEST_KEY)
    return look(machine(name), BUILTIN, vault), vault


@cache
def judged(name: str, role: str) -> Report:
    seen, vault = looked(name)
    return tell(seen, vault, Judging(Config(), (chosen(role, TODAY),)))


def told(name: str, role: str) -> bytes:
    """What a joiner sees, on a terminal of a hundred columns and without colour."""
    return render(checklist(judged(name, role)), Page(100))


@pytest.mark.parametrize("name", EVERY)
def test_the_checklists_of_each_machine_are_its_golden_ones_and_tell_no_secret(name):
    texts = {golden(name, role): told(name, role) for role in ROLES}
    if os.environ.get("UPDATE_GOLDEN") == "1":
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text)
    assert texts == {path: path.read_bytes() for path in texts}
    assert leaks(b"".join(texts.values()), secrets(name)) == []


def test_no_golden_checklist_is_left_over():
    kept = {*FOLDER.glob("*/check/*"), *FOLDER.glob("demo-check/*")}
    assert kept == {golden(name, role) for name in EVERY for role in ROLES}


# --- as a joiner reads them

GOOD = {"ci-runner", "empty"}  # nothing is wrong with these but what a role makes of them
SYNTHETIC = {"every-agent"}  # thirty agents at once: nobody's laptop


@pytest.mark.parametrize("name", EVERY)
def test_a_bad_machine_gives_items_and_not_forty_and_a_good_one_gives_one_at_most(name):
    items = {role: judged(name, role).figures.excess.items for role in ROLES}
    fewest, most = (0, 1) if name in GOOD else (3, 30)
    if name not in SYNTHETIC:
        assert {role: found for role, found in items.items() if not fewest <= found <= most} == {}
    # A reader, a contractor and an agent on a ticket may do less than `laptop` lets them, so that more is beyond.
    assert min(items["agent-readonly"], items["agent-ticket"]) >= items["laptop"]


# --- the page about them


def test_the_page_has_a_chapter_for_each():
    chapters = re.findall(r"^## (\S+)$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(chapters) == sorted(ROLES)


PRODUCTION, STAGING, UNKNOWN = Environment.PRODUCTION, Environment.STAGING, Environment.UNKNOWN
ROWS = (
    ("read production", Capability.DATA_READ, "aws-account:x", PRODUCTION),
    ("change production", Capability.DATA_WRITE, "aws-account:x", PRODUCTION),
    ("read secrets of production", Capability.SECRETS_READ, "aws-account:x", PRODUCTION),
    ("change infrastructure of production", Capability.INFRA_MODIFY, "aws-account:x", PRODUCTION),
    ("delete backups of production", Capability.RECOVERY_DESTROY, "aws-account:x", PRODUCTION),
    ("publish packages", Capability.PUBLISH, "package-registry:x", UNKNOWN),
    ("push source", Capability.CODE_WRITE, "github-repository:x", UNKNOWN),
    ("change staging", Capability.DATA_WRITE, "aws-account:x", STAGING),
    ("read secrets of staging", Capability.SECRETS_READ, "aws-account:x", STAGING),
    ("become root here", Capability.HOST_ROOT, "this-machine:x", Environment.WORKSTATION),
)


def weakest(contract, capability, asset, environment) -> str:
    """The weakest gate past which an agent may get there, all lines of a contract taken together."""
    about = (capability, asset, environment)
    allowed = [each.gate or Gate.NONE for each in contract.allow if matches(each, *about)]
    bans = [each.gate for each in contract.never if matches(each, *about)]
    if not allowed or None in bans:
        return "no"
    wanted = [max(allowed, key=factor), *bans]
    counts_as_production = environment is UNKNOWN and capability in weights().unknown_is_production
    if capability not in HARMLESS and (environment is PRODUCTION or counts_as_production):
        wanted.append(LEAST[contract.require.autonomy.by_environment[PRODUCTION]])
    gate = min(wanted, key=factor)
    return "unasked" if gate is Gate.NONE else str(gate)


def factor(gate: Gate) -> float:
    return gates()[gate].factor


def demands(contract) -> dict[str, str]:
    require = contract.require
    [production] = [row.longest for row in require.lifetime if row.environment is PRODUCTION] or [None]
    return {
        "agents, by default": str(require.autonomy.default),
        "agents in a container": str(require.autonomy.isolated),
        "credentials of production end within": span(production) if production is not None else "-",
        "tokens end within": span(require.tokens.longest),
    }


def table() -> str:
    known = {role: chosen(role, TODAY) for role in ROLES}
    rows = [["", *(f"`{role}`" for role in ROLES)], ["---"] * (len(ROLES) + 1)]
    rows += [[words, *(weakest(each, *about) for each in known.values())] for words, *about in ROWS]
    told = {role: demands(each) for role, each in known.items()}
    rows += [[words, *(told[role][words] for role in ROLES)] for words in told["laptop"]]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_table_of_the_page_is_what_they_say():
    text = GUIDE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_DOCS"):
        text = TABLE.sub(lambda _: table(), text)
        GUIDE.write_text(text, encoding="utf-8")
    assert TABLE.findall(text) == [table()]


def test_every_contract_of_the_page_is_one():
    from scanner.cli.contracts import found
    from scanner.contract.documents import Document
    from scanner.contract.reading import read

    blocks = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    names = [read(Document("page", block.encode()), found, TODAY).name for block in blocks]
    assert names == ["warehouse", "T-123", "northwind-portal"]
