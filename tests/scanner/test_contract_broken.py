"""Broken contracts of every kind: exit code 2 and every error in its place, wherever the contract comes from."""

import os
import re
from datetime import date
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import folders
from scanner.cli import baseline, contracts
from scanner.contract.documents import Document
from scanner.contract.grammar import CONTRACT
from scanner.contract.places import NODE_LIMIT
from scanner.contract.reading import ASKED_LIMIT, BYTE_LIMIT, FILE_LIMIT, ContractError, read
from scanner.errors import ScannerError
from scanner.testing import fake_machine

TODAY = date(2026, 11, 21)
HEAD = "version: 1\nname: x\n"
PLACED = re.compile(r"[^:\n]+:[1-9][0-9]*:[1-9][0-9]*: \S.*|and [0-9]+ more faults")
SCALARS = ("", "~", "true", "7", "-0.5", "word", "''", "2026-02-30", "2026-13-01", "'\\0'", "12 h", "none")
NESTED = (
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[~]",
    "[1, x]",
    "{x: 1}",
    "{production: {}}",
    "{production: [x]}",
    "[{finding: 1}]",
)
ODD = (
    "&a x",
    "*a",
    "!t x",
    "!!str x",
    "<<",
    "? [x]",
    "@x",
    "`x",
    "%x",
    "{x",
    "[x",
    "'x",
    '"x',
    '"\\q"',
    "|",
    "- x",
    "\tx",
)


def paths(keys, at=()):
    """Every key of a contract, with those above it."""
    for name, told in keys.get("properties", {}).items():
        yield (*at, name)
        for below in (told, told.get("items", {}), *told.get("anyOf", ())):
            yield from paths(below, (*at, name))
            yield from paths(below.get("items", {}), (*at, name))


KEYS = sorted(set(paths(CONTRACT.schema())))
WHOLE = {
    "nothing": b"",
    "blanks": b" \n\n",
    "a comment": b"# version: 1\n",
    "a text": b"contract",
    "a list": b"- version: 1\n",
    "no name": b"version: 1\n",
    "no version": b"name: x\n",
    "another version": b"version: 2\nname: x\n",
    "a version in quotes": b"version: '1'\nname: x\n",
    "a key twice": b"version: 1\nname: x\nname: y\nallow: []\nallow: []\n",
    "a tab": b"version: 1\nname: x\nfor:\n\trole: x\n",
    "two documents": b"version: 1\nname: x\n---\nversion: 1\nname: y\n",
    "a directive": b"%YAML 1.1\n---\nversion: 1\nname: x\n",
    "a NUL": b"version: 1\nname: x\0\n",
    "UTF-16": "version: 1\nname: x\n".encode("utf-16"),
    "a mark and no UTF-8": b"\xef\xbb\xbfversion: 1\nname: \xff\n",
    "latin-1": "version: 1\nname: é\n".encode("latin-1"),
    "a lone carriage return": b"version: 1\rname: x\r",
    "a turned text": "version: 1\nname: \u202ex\n".encode(),
    "a next line": "version: 1\nname: a\x85b\n".encode(),
    "aliases of aliases": b"a: &a [x]\nb: &b [*a, *a]\nversion: 1\nname: *b\n",
    "deep": b"version: 1\nname: x\nallow: " + b"[" * 4000,
    "deeper in lines": b"- " * 4000,
    "many values": b"version: 1\nname: x\nnetwork: [" + b"a," * (NODE_LIMIT + 1) + b"]\n",
    "many lines": b"version: 1\nname: x\nnetwork: [" + b"a," * (ASKED_LIMIT + 1) + b"]\n",
    "large": b"version: 1\nname: x\n#" + b"x" * 1024 * 1024,
    "past": b"version: 1\nname: x\nuntil: 2020-01-01\n",
    "extends itself": b"version: 1\nname: x\nextends: [broken.yaml]\n",
    "extends nothing": b"version: 1\nname: x\nextends: [nowhere, ../x, /etc/passwd, '']\n",
    "no such gate": b"version: 1\nname: x\nallow: [{capability: MONEY, gate: unknown}]\nnever: [{below: none}]\n",
    "a waiver by halves": b"version: 1\nname: x\nwaivers: [{finding: f-1}, {covers: [{gate: none}], parts: []}]\n",
}


def errors(call, *arguments):
    """The errors of a call, a line each."""
    with pytest.raises(ScannerError) as caught:
        call(*arguments)
    return str(caught.value).split("\n")


def are_placed(told):
    return told != [] and all(PLACED.fullmatch(line) for line in told)


def in_file(data):
    """The errors of these bytes, none for a contract."""
    try:
        read(Document("broken.yaml", data), lambda name, _: None, TODAY)
    except ContractError as error:
        return str(error).split("\n")
    return []


def nested(path, value):
    """A contract with that value under that key; what stands above it is a mapping, or a list of one."""
    lists = {"allow", "never", "waivers", "covers"}
    *above, last = path
    told = reduce(
        lambda body, key: f"{{{key}: [{body}]}}" if key in lists else f"{{{key}: {body}}}",
        reversed(above),
        f"{{{last}: {value}}}",
    )
    return f"{HEAD}{told[1:-1]}\n".encode()


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_every_key_takes_its_form_alone_and_says_where_it_does_not(path):
    told = [in_file(nested(path, value)) for value in (*SCALARS, *NESTED, *ODD)]
    assert all(are_placed(each) for each in told if each)
    assert sum(map(bool, told)) > len(ODD)


@pytest.mark.parametrize("path", KEYS, ids=".".join)
def test_an_unknown_key_beside_every_one_is_an_error_in_its_place(path):
    told = in_file(nested((*path[:-1], "unheard"), "1"))
    assert are_placed(told)
    assert any("unheard" in line for line in told)


@pytest.fixture
def places(tmp_path, home, monkeypatch):
    """A folder for the user's contract and one for the managed one."""
    managed = tmp_path / "managed"
    managed.mkdir(mode=0o755)
    monkeypatch.setattr(folders, "managed", lambda: managed)
    if os.name == "posix":
        monkeypatch.setattr(contracts, "ADMINISTRATOR", os.geteuid())
    folders.configuration().mkdir(parents=True, exist_ok=True)
    return tmp_path


@pytest.mark.parametrize("case", WHOLE)
def test_a_broken_contract_is_an_error_wherever_it_comes_from(places, case):
    data = WHOLE[case]
    named = places / "broken.yaml"
    own, managed = folders.configuration() / contracts.NAME, folders.managed() / contracts.NAME
    for path in (named, own, managed):
        path.write_bytes(data.replace(b"broken.yaml", path.name.encode()))
        told = errors(contracts.in_effect, str(named) if path == named else None, TODAY)
        assert are_placed([line.replace(str(path), "file") for line in told]), told
        path.unlink()
    text = data.replace(b"broken.yaml", b"armslength.yaml")
    machine = fake_machine(files={"~/src/app/armslength.yaml": text}, workspace="~/src/app")
    told = errors(contracts.of_repositories, machine, TODAY)
    assert case == "large" or are_placed(told), told


@pytest.mark.parametrize("case", WHOLE)
def test_lint_says_every_error_of_every_file(places, case, monkeypatch):
    monkeypatch.chdir(places)
    for name in ("broken.yaml", "other.yaml"):
        (places / name).write_bytes(WHOLE[case].replace(b"broken.yaml", name.encode()))
    told = errors(baseline.lint.callback, ("broken.yaml", "other.yaml"))
    assert are_placed(told)
    assert {line.split(":")[0] for line in told} >= {"broken.yaml", "other.yaml"}


def test_errors_of_files_that_are_extended_come_at_once_and_too_much_of_them_is_one():
    files = {f"f{number}": f"{HEAD}extends: [f{number + 1}]\nnam: x\n" for number in range(FILE_LIMIT + 9)}
    told = errors(
        read, Document("f0", files["f0"].encode()), lambda name, _: Document(name, files[name].encode()), TODAY
    )
    assert are_placed(told)
    assert len(told) == FILE_LIMIT + 1
    size = BYTE_LIMIT // 4
    heavy = {f"f{number}": f"{HEAD}extends: [f{number + 1}]\n#{'x' * size}".encode() for number in range(9)}
    told = errors(read, Document("f0", heavy["f0"]), lambda name, _: Document(name, heavy[name]), TODAY)
    assert [line.partition(": ")[2] for line in told] == ["larger than 2 MiB with all that belongs to it"]


def test_a_broken_contract_ends_a_run_with_two_and_nothing_on_stdout(cli):
    path = cli.home / "broken.yaml"
    path.write_bytes(WHOLE["latin-1"])
    for arguments in (["check", "--baseline", path], ["baseline", "waive", "f-x", "--reason", "x", "--baseline", path]):
        run = cli.run(*arguments)
        assert (run.returncode, run.stdout) == (2, b"")
        assert b"broken.yaml:2:7: no UTF-8 text" in run.stderr


SHREDS = st.sampled_from(
    [*(".".join(path[-1:]) + ": " for path in KEYS), *SCALARS, *NESTED, *ODD, "\n", "\n  ", "\n- "]
)


@given(st.lists(SHREDS, max_size=25).map("".join))
def test_what_is_written_anyhow_is_a_contract_or_errors_in_their_places(text):
    told = in_file((HEAD + text).encode())
    assert not told or are_placed(told)
