"""What a start loads, read from the modules of a real process: exact, and free of any clock."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SLOW = {
    *("boto3", "botocore.session", "kubernetes", "docker", "keyring", "detect_secrets", "rich", "requests"),
    *("urllib3", "jinja2", "pydantic", "aiohttp", "cryptography", "secretstorage"),
}
# Help names the commands; it looks at nothing and judges nothing.
NOT_FOR_HELP = {
    *("msgspec", "yaml", "psutil", "dotenv", "platformdirs", "asyncio", "ssl", "http.client", "email"),
    *("scanner.engine", "scanner.graph", "scanner.host", "probes", "reports"),
}

START = """
import atexit, runpy, sys
seen, sys.argv = sys.argv[1], ["armslength", *sys.argv[2:]]
atexit.register(lambda: open(seen, "w").write("\\n".join(sys.modules)))
runpy.run_module("scanner", run_name="__main__", alter_sys=True)
"""


@pytest.fixture
def loaded(tmp_path, home):
    """Runs the command in an empty home and tells what it had loaded when it ended."""
    environment = {
        name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG") if name in os.environ
    } | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "ARMSLENGTH_STATE": str(tmp_path / "state"),
        "PYTHONPATH": str(ROOT),
    }

    def run(*arguments):
        seen = tmp_path / "modules"
        done = subprocess.run(
            [sys.executable, "-c", START, str(seen), *arguments],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in {0, 3}, done.stderr  # 3: this machine keeps something from us
        assert done.stdout
        return set(seen.read_text(encoding="utf-8").split("\n"))

    return run


@pytest.mark.parametrize("arguments", [("--help",), ("scan", "--help"), ("version",)])
def test_help_loads_nothing_slow(loaded, arguments):
    assert loaded(*arguments) & SLOW == set()


def test_help_loads_neither_a_probe_nor_the_judgement(loaded):
    assert loaded("--help") & NOT_FOR_HELP == set()


def test_a_scan_of_an_empty_home_loads_nothing_slow(loaded):
    modules = loaded("scan", "--format", "json")
    assert {"scanner.engine", "probes"} <= modules
    assert modules & SLOW == set()


def test_the_test_would_see_a_slow_module(tmp_path):
    seen = tmp_path / "modules"
    text = f"import cryptography\n{START}".replace('"scanner"', '"this"')
    subprocess.run([sys.executable, "-c", text, str(seen)], capture_output=True, check=True, timeout=60)
    assert set(seen.read_text(encoding="utf-8").split("\n")) & SLOW == {"cryptography"}
