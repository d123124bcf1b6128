"""The contracts that come with the tool, and what is made of the grammar.

`UPDATE_DATA=1 python -m pytest tests/scanner/test_contract_grammar_shipped.py` makes anew what is compiled of them.
"""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml

from scanner.contract import shipped
from scanner.contract.grammar import CONTRACT, schema
from scanner.contract.reading import read
from scanner.data import contracts
from scanner.errors import DataError
from scanner.model import Capability, Environment
from scanner.model.contract import Contract

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "docs/contract.schema.json"
GUIDE = ROOT / "docs/contract.md"
TODAY = date(2026, 7, 1)


def from_text(name):
    return read(shipped.document(name), lambda name, _: shipped.document(name), TODAY)


def test_the_compiled_contracts_are_the_written_ones():
    whole = {name: from_text(name) for name in contracts.names()}
    written = msgspec.json.format(msgspec.json.encode(whole, order="deterministic"), indent=1) + b"\n"
    if os.environ.get("UPDATE_DATA"):
        contracts.COMPILED.write_bytes(written)
    assert contracts.COMPILED.read_bytes() == written
    shipped.shipped.cache_clear()
    assert shipped.shipped() == whole


def test_damage_to_the_compiled_contracts_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(contracts, "COMPILED", tmp_path / "compiled.json")
    shipped.shipped.cache_clear()
    with pytest.raises(DataError, match="missing"):
        shipped.shipped()
    (tmp_path / "compiled.json").write_bytes(b"{")
    with pytest.raises(DataError, match="damaged"):
        shipped.shipped()


@pytest.mark.parametrize("name", contracts.names())
def test_a_shipped_contract_is_called_as_its_file_and_never_ends(name):
    contract = from_text(name)
    assert (contract.name, contract.source, contract.until) == (name, name, None)


@pytest.mark.parametrize("name", contracts.names())
def test_a_shipped_contract_says_why_above_each_clause(name):
    contract = from_text(name)
    lines = contracts.source(name).decode().split("\n")
    for clause in (*contract.allow, *contract.never):
        assert lines[clause.where.line - 2].lstrip().startswith("# "), clause.text


def bans(contract, capability):
    return {clause.gate for clause in contract.never if capability in clause.capabilities}


def test_laptop_says_what_it_is_for():
    laptop = from_text("laptop")
    for word in ("RECOVERY_DESTROY", "IRRECOVERABLE", "IAM_ESCALATE", "MONEY"):
        assert bans(laptop, Capability[word]) == {"server"}
    assert bans(laptop, Capability.PUBLISH) == {"presence"}
    require = laptop.require
    assert require.autonomy.by_environment == {Environment.PRODUCTION: "restricted"}
    assert (require.autonomy.default, require.autonomy.isolated) == ("supervised", "full")
    for rows in (require.defaults, require.lifetime, require.protection, require.in_workspace):
        assert [row.environment for row in rows] == [Environment.PRODUCTION]
    assert require.sandbox.on
    assert require.private_keys.on
    assert require.tokens.scoped
    assert require.servers.pinned
    assert not require.servers.secrets
    assert not require.servers.floating_approval


def test_the_default_contract_is_loaded_without_a_yaml_parser():
    code = (
        "import sys, datetime; from scanner.cli.contracts import chosen\n"
        "assert chosen(None, datetime.date(2026, 7, 1)).name == 'laptop'\n"
        "print([each for each in ('yaml', 'hashlib', 'difflib') if each in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_the_schema_in_the_docs_is_the_grammar_s():
    text = json.dumps(schema(), indent=2) + "\n"
    if os.environ.get("UPDATE_DATA"):
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", contracts.names())
def test_a_shipped_contract_fits_the_schema(name):
    jsonschema.validate(yaml.load(contracts.source(name), yaml.BaseLoader) | {"version": 1} | flags(name), schema())


def flags(name):
    """`require` with its flags as flags: the loader that leaves dates alone leaves everything alone."""
    return {"require": yaml.safe_load(contracts.source(name))["require"]}


def test_the_guide_names_every_key():
    guide = GUIDE.read_text(encoding="utf-8")
    for keys in (CONTRACT.keys, CONTRACT.keys["require"].form.keys, CONTRACT.keys["allow"].form.item.keys):
        assert [key for key in keys if f"`{key}`" not in guide] == []


def test_every_contract_in_the_guide_is_one():
    from scanner.contract.documents import Document

    blocks = [part.partition("```")[0] for part in GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1:]]
    assert blocks
    for block in blocks:
        found = read(Document("guide", block.encode()), lambda name, _: shipped.document(name), TODAY)
        assert isinstance(found, Contract)
