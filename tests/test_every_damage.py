"""A damaged file, whatever subject it is of, is a Gap; what lies in other files is found as before."""

import json
from functools import cache

import pytest

from probes import BUILTIN
from scanner.config import Config
from scanner.engine import scan
from scanner.model import GapKind
from scanner.testing import TEST_KEY, fake_machine
from scanner.vault import Vault
from tests.machines.places import APP, FILES, VARIABLES, beside, written

MIB = 1024 * 1024
LARGE = "~/.claude.json"  # a larger one is still read
# Not read but for their names; told by what they hold, since any file may be called so.
NAMES = {path for path in FILES if path.endswith(".tf")}
LOOSE = {path for path in FILES if path.startswith(APP) and path.endswith(("credentials.json", "account.json"))}
READ = sorted(FILES.keys() - NAMES - LOOSE)
JSON = [path for path in READ if not isinstance(FILES[path], str)]
# One of each subject, which has to be told whatever happens to another.
OTHERS = (
    *("~/.aws/config", "~/.git-credentials", "~/.docker/config.json", "~/.terraformrc", "~/.kube/config"),
    *("~/.claude/.credentials.json", "~/.codex/config.toml", "~/.azure/service_principal_entries.json"),
    *("~/.config/gcloud/application_default_credentials.json", f"{APP}/service-account.json", f"{APP}/.env"),
    *("~/.local/share/python_keyring/keyring_pass.cfg", "~/.config/gh/hosts.yml"),
)


def half(text):
    return text[: len(text) // 2]


def retyped(node, value):
    """The tree with another type in the place of every text; one key of each object stands twice in its text."""
    match node:
        case dict():
            return {key: retyped(inner, value) for key, inner in node.items()}
        case list():
            return [retyped(inner, value) for inner in node]
        case str():
            return value
        case _:
            return [node]


# Damage that every reader of text meets.
ANY = {
    "locked": lambda text: None,
    "no UTF-8": lambda text: text.encode() + b"\n\xff\xfe\xff\n",
    "huge": lambda text: text + "\n" + ("# " + "x" * 1000 + "\n") * (2 * MIB // 1000),
}
# Damage to what is JSON.
BROKEN = {
    "half": half,
    "nested too deeply": lambda text: '{"a":' * 100_000,
    "no object": lambda text: "[[1], 2, 3",
    "text behind it": lambda text: text + "}{",
}
# What is whole and of no type that anybody expects: nothing to complain of, and nothing to stumble over.
ODD = {
    "numbers": lambda content: json.dumps(retyped(content, 1e308)),
    "nothing": lambda content: json.dumps(retyped(content, None)),
    "lists": lambda content: json.dumps(retyped(content, [["x"]])),
    "objects": lambda content: json.dumps(retyped(content, {"x": {"y": []}})),
    "lone surrogates": lambda content: json.dumps(retyped(content, "\ud800")),
    "escapes": lambda content: json.dumps(retyped(content, "\x1b]0;owned\x07\u202e\x00")),
    "a key twice": lambda content: written(content).replace("{", '{"a": 1, "a": [2], ', 1),
    "long texts": lambda content: json.dumps(retyped(content, "é" * 70_000)),
    "many members": lambda content: json.dumps({str(n): content for n in range(300)})[: MIB - 1],
    "empty": lambda content: "",
    "blank": lambda content: " \n\t\n",
}


def looked(path=None, *content):
    """The report of the machine with that file in its place, or without it where nothing is given."""
    around = beside(path) if path is not None else {}
    files = {other: written(FILES[other]) for other in (*OTHERS, *around) if other != path}
    if content:
        files[path] = content[0]
    machine = fake_machine(files=files, env=VARIABLES, workspace=APP)
    return scan(machine, BUILTIN, Vault(TEST_KEY), Config())


def found(report):
    return {
        (each.kind, at.path or at.variable, at.line, at.key) for each in report.credentials for at in each.locations
    } | {(each.rule, each.evidence.path or each.evidence.variable, each.evidence.line) for each in report.findings}


@cache
def whole():
    return found(looked())


@cache
def without(path):
    return found(looked(path))


def checked(path, content):
    report = looked(path, content)
    defects = [(gap.probe, gap.why) for gap in report.gaps if "defect" in gap.why]
    assert defects == []
    lost = {each for each in whole() & without(path) if each[1] != path} - found(report)
    assert lost == set()
    assert len(report.gaps) < 60
    return [gap for gap in report.gaps if gap.place.startswith(path)]


@pytest.mark.parametrize("path", READ)
def test_a_file_that_cannot_be_read_is_a_gap_and_takes_nothing_along(path):
    text = written(FILES[path])
    for damage, kind in (("locked", GapKind.REFUSED), ("no UTF-8", GapKind.FAILED), ("huge", GapKind.LIMIT)):
        if (path, damage) != (LARGE, "huge"):
            assert kind in {gap.kind for gap in checked(path, ANY[damage](text))}, damage


@pytest.mark.parametrize("path", JSON)
def test_broken_json_is_a_gap_and_takes_nothing_along(path):
    assert [damage for damage in BROKEN if not checked(path, BROKEN[damage](written(FILES[path])))] == []


@pytest.mark.parametrize("path", [*JSON, *sorted(LOOSE)])
def test_values_of_odd_types_take_nothing_along(path):
    for damage in ODD.values():
        checked(path, damage(FILES[path]))


def test_there_is_something_to_lose():
    assert len(whole()) > 20
    assert {each[1] for each in whole()} >= {path for path in OTHERS if path.startswith(("~/.azure", "~/.terraform"))}
