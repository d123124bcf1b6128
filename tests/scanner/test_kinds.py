"""Every kind is whole, and every family and curated name leads to one."""

import ast
from pathlib import Path

import pytest

from scanner.data.families import families
from scanner.data.kinds import asset_kinds, implied, kinds
from scanner.data.variables import row_of, spelled, variables
from scanner.model import Capability, Confidence

ROOT = Path(__file__).parent.parent.parent
OURS = [kind for kind in kinds().values() if kind.provider not in {"aws", "ssh"}]
ROWS = sorted({*variables().exact.values(), *(row for _, row in variables().globs)}, key=lambda row: row.names)


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.id)
def test_a_kind_says_what_it_opens_and_how_to_hold_less(kind):
    assert kind.grants
    assert kind.title
    for text in (kind.why, kind.narrow, *(grant.why for grant in kind.grants)):
        assert text.endswith(".")
    assert not kind.step.endswith(".")


@pytest.mark.parametrize("kind", OURS, ids=lambda kind: kind.id)
def test_a_kind_says_each_class_once_and_none_of_this_machine(kind):
    said = [(grant.asset, capability) for grant in kind.grants for capability in grant.capabilities]
    assert len(said) == len(set(said))
    assert not {Capability.HOST_ROOT} & {capability for _, capability in said}


def test_every_family_and_every_curated_name_leads_to_a_kind():
    assert {family.kind for family in families() if not family.public} <= kinds().keys()
    assert {row.kind for row in ROWS} <= kinds().keys()


def written() -> set[str]:
    """Every text that stands as one in the code of the probes and of the detection."""
    sources = [*(ROOT / "probes").rglob("*.py"), *(ROOT / "scanner").glob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    return {node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)}


def test_every_kind_of_ours_is_reached_by_a_family_a_name_a_table_or_a_probe():
    reached = {family.kind for family in families()} | {row.kind for row in ROWS}
    tables = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "scanner" / "data").glob("*.toml"))
    rest = {kind.id for kind in OURS} - reached - written()
    assert {kind for kind in rest if f'"{kind}"' not in tables} == set()


def test_every_kind_of_asset_that_a_probe_names_is_known_to_label():
    """A label for a kind that is not known is taken for a slip of the pen."""
    calls = [
        node
        for path in (ROOT / "probes").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Asset"
    ]
    named = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    assert len(named) > 10
    assert named <= asset_kinds()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.names[0])
def test_a_curated_name_is_spelled_as_names_are_looked_up(row):
    for name in row.names:
        assert name == spelled(name.replace("*", "x9")).replace("X9", "*")
        assert row_of(name.replace("*", "X9")) is not None


def test_a_railway_account_token_destroys_beyond_recovery_and_a_project_token_only_perhaps():
    [account] = implied("railway.account-token", "railway")
    assert Capability.IRRECOVERABLE in account.capabilities
    assert account.confidence is Confidence.GRANTED
    project = {cap: grant.confidence for grant in implied("railway.project-token", "p") for cap in grant.capabilities}
    assert project[Capability.IRRECOVERABLE] is Confidence.POSSIBLE
    assert project[Capability.SECRETS_READ] is Confidence.GRANTED


def test_a_database_password_reads_writes_and_destroys_as_far_as_its_kind_tells():
    [grant] = implied("database.password", "db/orders")
    assert grant.capabilities == {Capability.DATA_READ, Capability.DATA_WRITE, Capability.DATA_DESTROY}
    assert grant.confidence is Confidence.INFERRED
    assert kinds()["database.password"].guessable


def test_a_signing_secret_makes_its_holder_any_user_of_its_application_and_no_more():
    [grant] = implied("generic.signing-secret", "shop")
    assert grant.capabilities == {Capability.DATA_READ, Capability.DATA_WRITE}
    assert grant.confidence is Confidence.POSSIBLE


def test_the_families_whose_prefix_several_providers_write_are_marked():
    assert {family.id for family in families() if family.shared} == {
        *("stripe-live", "stripe-restricted", "stripe-test", "stripe-webhook", "stripe-publishable"),
    }
