"""A damaged file, whatever subject it is of, is a Gap; what lies in other files is found as before.

Every file meets every kind of damage. A few files of different subjects are damaged in the same way at once; with
FULL_SIZE=1 in the environment each file is by itself, and nested ten times as deeply.
"""

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
from tests.support import FULL_SIZE, together

MIB = 1024 * 1024
AT_ONCE = 6  # files that are damaged in one scan
LEVELS = 100_000 if FULL_SIZE else 10_000  # of which either is more than Python could follow
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


def long(content):
    """The tree with texts so long that it is nearly as large as a file may be, and so is read."""
    texts = json.dumps(retyped(content, "\ud800")).count("\\ud800")
    return json.dumps(retyped(content, "é" * (MIB * 3 // 4 // len(json.dumps("é")) // max(texts, 1))))


# Damage that every reader of text meets.
ANY = {
    "locked": lambda text: None,
    "no UTF-8": lambda text: text.encode() + b"\n\xff\xfe\xff\n",
    "huge": lambda text: text + "\n" + ("# " + "x" * 1000 + "\n") * (2 * MIB // 1000),
}
# Damage to what is JSON.
BROKEN = {
    "half": half,
    "nested too deeply": lambda text: '{"a":' * LEVELS,
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
    "long texts": long,
    "many members": lambda content: json.dumps({str(n): content for n in range(300)})[: MIB - 1],
    "empty": lambda content: "",
    "blank": lambda content: " \n\t\n",
}


def looked(damaged, left=()):
    """The report of the machine with these contents in the place of their files; `left` are files that it lacks."""
    gone = {*damaged, *left}
    around = {other for path in gone for other in beside(path)}
    files = {other: written(FILES[other]) for other in (*OTHERS, *around) if other not in gone}
    machine = fake_machine(files=files | damaged, env=VARIABLES, workspace=APP)
    return scan(machine, BUILTIN, Vault(TEST_KEY), Config())


def found(report):
    return {
        (each.kind, at.path or at.variable, at.line, at.key) for each in report.credentials for at in each.locations
    } | {(each.rule, each.evidence.path or each.evidence.variable, each.evidence.line) for each in report.findings}


@cache
def whole():
    return found(looked({}))


@cache
def without(paths):
    return found(looked({}, left=paths))


def checked(damaged):
    """The gaps that are told of each damaged file, when all that lies in others was found."""
    report = looked(damaged)
    defects = [(gap.probe, gap.why) for gap in report.gaps if "defect" in gap.why]
    assert defects == []
    lost = {each for each in whole() & without(tuple(damaged)) if each[1] not in damaged} - found(report)
    assert lost == set()
    assert len(report.gaps) < 60
    return {path: [gap for gap in report.gaps if gap.place.startswith(path)] for path in damaged}


@pytest.mark.parametrize(("damage", "kind"), [("locked", "refused"), ("no UTF-8", "failed"), ("huge", "limit")])
@pytest.mark.parametrize("paths", together(READ, AT_ONCE), ids=" ".join)
def test_a_file_that_cannot_be_read_is_a_gap_and_takes_nothing_along(paths, damage, kind):
    gaps = checked({path: ANY[damage](written(FILES[path])) for path in paths if (path, damage) != (LARGE, "huge")})
    assert [path for path in gaps if GapKind(kind) not in {gap.kind for gap in gaps[path]}] == []


@pytest.mark.parametrize("damage", sorted(BROKEN))
@pytest.mark.parametrize("paths", together(JSON, AT_ONCE), ids=" ".join)
def test_broken_json_is_a_gap_and_takes_nothing_along(paths, damage):
    gaps = checked({path: BROKEN[damage](written(FILES[path])) for path in paths})
    assert [path for path in gaps if not gaps[path]] == []


@pytest.mark.parametrize("damage", sorted(ODD))
@pytest.mark.parametrize("paths", together([*JSON, *sorted(LOOSE)], AT_ONCE), ids=" ".join)
def test_values_of_odd_types_take_nothing_along(paths, damage):
    checked({path: ODD[damage](FILES[path]) for path in paths})


@pytest.mark.parametrize("path", [*JSON, *sorted(LOOSE)])
def test_a_file_of_long_texts_is_one_that_is_read(path):
    assert MIB // 2 < len(long(FILES[path])) < MIB


def test_there_is_something_to_lose():
    assert len(whole()) > 20
    assert {each[1] for each in whole()} >= {path for path in OTHERS if path.startswith(("~/.azure", "~/.terraform"))}
