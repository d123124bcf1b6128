"""The same machine gives the same bytes: twice, in any order of probes, under any seed of Python's hashes."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from random import Random

import pytest
from msgspec.structs import replace as changed

from probes import BUILTIN
from reports import RENDERERS, Page
from scanner.config import Config
from scanner.engine import scan
from scanner.model import Gap, GapKind
from scanner.model.report import Report
from scanner.probe import Probe, probe
from scanner.testing import TEST_KEY
from scanner.vault import Vault
from tests.machines.samples import NAMES, laid_out, machine
from tests.support import FULL_SIZE, LAPTOP

ROOT = Path(__file__).parent.parent
EVERY = (*NAMES, "demo")


def judged(name: str, probes: tuple[Probe, ...] = BUILTIN) -> Report:
    return scan(machine(name), probes, Vault(TEST_KEY), Config(), contracts=(LAPTOP,))


@cache
def first(name: str) -> Report:
    """The scan that each other one of that machine is held against."""
    return judged(name)


def steady(report: Report) -> dict:
    """The document without `scan`, the only part that may differ; coverage lists probes in their order."""
    told = json.loads(RENDERERS["json"](report, Page()))
    del told["scan"]
    return told


def unordered(report: Report) -> dict:
    told = steady(report)
    told["coverage"]["probes"].sort(key=lambda each: each["probe"])
    return told


def terminal(report: Report) -> bytes:
    """What a terminal shows; its last lines may tell how long it took, so all runs took as long."""
    still = changed(report.scan, id="", started_at=report.host.judged_at, finished_at=report.host.judged_at)
    return RENDERERS["terminal"](changed(report, scan=changed(still, duration_ms=0, probes=())), Page())


@pytest.mark.parametrize("name", EVERY)
def test_twice_is_the_same(name):
    second = judged(name)
    assert json.dumps(steady(first(name))) == json.dumps(steady(second))
    assert terminal(first(name)) == terminal(second)


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("seed", range(9 if FULL_SIZE else 2))
def test_the_order_of_probes_changes_nothing(name, seed):
    shuffled = list(reversed(BUILTIN)) if seed == 0 else Random(seed).sample(BUILTIN, len(BUILTIN))
    second = judged(name, tuple(shuffled))
    assert json.dumps(unordered(first(name))) == json.dumps(unordered(second))
    assert terminal(first(name)) == terminal(second)


@pytest.mark.parametrize("name", ["demo", "linux-developer", "windows-developer"])
def test_the_seed_of_hashes_changes_nothing(name, tmp_path, home):
    key = tmp_path / "key"
    key.write_bytes(TEST_KEY)
    (tmp_path / "root").mkdir()
    options = ["demo"]
    if name != "demo":
        options = ["scan", *laid_out(name, tmp_path / "root"), "--fingerprint-key", str(key)]

    def run(seed: str) -> tuple[bytes, dict]:
        """What the terminal shows, and the document that is written beside it."""
        document = tmp_path / f"{seed}.json"
        variables = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "scanner", *options, "--format", "terminal", "-o", str(document)],
            cwd=home,
            env=variables,
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode in {0, 3}, done.stderr
        return done.stdout.replace(str(document).encode(), b"OUTPUT"), json.loads(document.read_bytes())

    shown, documents = zip(*(run(seed) for seed in ("0", "1", "4242")), strict=True)
    for each in documents:
        assert each.pop("scan")
        assert each["credentials"]
    assert json.dumps(documents[0]) == json.dumps(documents[1]) == json.dumps(documents[2])
    assert len(set(shown)) == 1
    assert len(shown[0]) > 1000


def restless(seeds: list[int]) -> Probe:
    def look(host):
        """Says something else each time."""
        seeds.append(0)
        yield Gap(GapKind.FAILED, f"~/{len(seeds)}", "different")

    return probe(id="restless", title="Planted", reads=())(look)


def test_the_check_sees_a_probe_that_says_something_else_each_time():
    planted = (*BUILTIN, restless([]))
    once, again = judged("empty", planted), judged("empty", planted)
    assert steady(once) != steady(again)


def test_the_check_sees_an_order_that_follows_the_probes():
    told = first("linux-developer")
    turned = changed(told, credentials=tuple(reversed(told.credentials)))
    assert len(told.credentials) > 1
    assert unordered(told) != unordered(turned)
