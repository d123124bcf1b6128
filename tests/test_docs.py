"""What the documents say is so: paths exist, links lead somewhere, commands and examples work, the demo is the demo.

`UPDATE_DOCS=1 python -m pytest tests/test_docs.py` writes what is generated anew.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from difflib import unified_diff
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from scanner.data import kinds
from scanner.host import Host
from scanner.model import Gap, Identity
from scanner.testing import TEST_KEY, FakeHost, load_machine, observe
from scanner.vault import Vault

ROOT = Path(__file__).parent.parent
PACKAGES = ("scanner", "probes", "reports")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
NAMED = re.compile(r"`((?:scanner|probes|reports|tests|bench|docs|\.ci)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
FENCED = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
DEMO = re.compile(r"(?<=<!-- demo -->\n).*?(?=<!-- /demo -->)", re.DOTALL)
DEMO_LINES = 40
ROOMS = re.compile(r"(?<=<!-- rooms -->\n).*?(?=<!-- /rooms -->)", re.DOTALL)

# The rows of the one table in the ADR on dependencies, without its head.
DEPENDENCIES = re.compile(r"(?<=--- \|\n)(?:\| .*\|\n)+")


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def run(*arguments):
    """The command's stdout at 80 columns, without colour."""
    environment = os.environ | {
        "COLUMNS": "80",
        "LINES": "50",
        "NO_COLOR": "1",
        "PYTHONPATH": str(ROOT),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *arguments],
        env=environment,
        cwd=os.environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode in {0, 3}, done.stderr
    return done.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_file_that_a_page_names_is_there(page):
    named = set(NAMED.findall(page.read_text(encoding="utf-8")))
    assert {name for name in named if "..." not in name and not (ROOT / name).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    links = set(LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))))
    assert {link for link in links if not (page.parent / link).exists()} == set()


def kept(page, between, block):
    """Holds a page to a generated block; with UPDATE_DOCS in the environment, writes it first."""
    text = text_of(page)
    if os.environ.get("UPDATE_DOCS"):
        text = between.sub(lambda _: block, text)
        (ROOT / page).write_text(text, encoding="utf-8")
    [found] = between.findall(text)
    stale = list(unified_diff(found.splitlines(), block.splitlines(), page, "as it should be", lineterm="", n=0))
    assert stale == [], "UPDATE_DOCS=1 python -m pytest tests/test_docs.py writes it anew"


def test_the_demo_in_the_readme_is_the_demo():
    lines = run("demo").rstrip("\n").split("\n")
    rest = len(lines) - DEMO_LINES
    shown = [*lines[:DEMO_LINES], *([f"... and {rest} more lines"] if rest > 0 else [])]
    kept("README.md", DEMO, "```text\n" + "\n".join(line.rstrip() for line in shown) + "\n```\n")


def test_the_readme_has_two_commands_that_set_up_everything():
    commands = [body for language, body in FENCED.findall(text_of("README.md")) if language == "sh"]
    assert len(commands) == 2
    for name, body in zip(("scan", "test"), commands, strict=True):
        assert f"<!-- {name} -->\n```sh\n{body}```\n<!-- /{name} -->" in text_of("README.md")
        assert body.count("\n") == 1
    assert commands[0].endswith(".venv/bin/armslength scan\n")
    assert commands[1].endswith(".venv/bin/python -m pytest -n 2\n")


def test_every_option_and_command_of_the_readme_exists():
    readme = FENCED.sub("", text_of("README.md"))
    told = [("scan",), ("explain",), ("check",), ("baseline", "init")]
    scan, commands = "".join(run(*each, "--help") for each in told), run("--help")
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", readme)) - {"--help"}
    assert {option for option in options if option not in scan} == set()
    [listed] = re.findall(r"The commands are (.*?)\.", readme, re.DOTALL)
    assert sorted(re.findall(r"`([\w-]+)`", listed)) == sorted(
        re.findall(r"^  (\w[\w-]*)  +\w", commands, re.MULTILINE)
    )


def test_the_configuration_in_the_readme_is_read():
    from scanner.config import parse

    [text] = [body for language, body in FENCED.findall(text_of("README.md")) if language == "toml"]
    found = parse(text, Path("config.toml"))
    assert found.labels
    assert found.environment_rules
    assert found.crown_jewels


def rooms():
    """A line for each module and folder at the top of a package: the first sentence of its docstring."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).iterdir()):
            source = path / "__init__.py" if path.is_dir() else path
            if path.name.startswith(("_", ".")) or source.suffix != ".py" or not source.exists():
                continue
            said = (ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))) or "").partition("\n")[0]
            yield f"| `{path.relative_to(ROOT).as_posix()}{'/' if path.is_dir() else ''}` | {said} |"


def test_the_architecture_page_lists_the_rooms_that_there_are():
    block = "\n".join(["| room | what it is |", "| --- | --- |", *rooms()]) + "\n"
    kept("docs/architecture.md", ROOMS, block)


# Distribution -> what is imported, where the two differ.
IMPORTED_AS = {"detect-secrets": "detect_secrets", "python-dotenv": "dotenv", "pyyaml": "yaml"}


def test_the_table_of_dependencies_is_true():
    page = "docs/adr/0008-run-time-dependencies.md"
    declared = [Requirement(each).name for each in tomllib.loads(text_of("pyproject.toml"))["project"]["dependencies"]]
    [table] = DEPENDENCIES.findall(text_of(page))
    rows = [row.split(" | ") for row in table.splitlines()]
    assert [row[0].removeprefix("| ") for row in rows] == declared
    source = "\n".join(path.read_text(encoding="utf-8") for each in PACKAGES for path in (ROOT / each).rglob("*.py"))
    for row, name in zip(rows, declared, strict=True):
        used = re.search(rf"^\s*(?:import|from) {IMPORTED_AS.get(name, name)}\b", source, re.MULTILINE)
        row[-1] = "yes |" if used else "not yet |"
    kept(page, DEPENDENCIES, "".join(" | ".join(row) + "\n" for row in rows))


def example_machine(tmp_path):
    [text] = [body for language, body in FENCED.findall(text_of("docs/golden-machines.md")) if language == "toml"]
    folder = tmp_path / "example"
    key = folder / "files/home/ada/.ssh/id_ed25519"
    key.parent.mkdir(parents=True)
    key.write_text("CANARY", encoding="utf-8")
    (folder / "machine.toml").write_text(text, encoding="utf-8")
    return text, load_machine(folder)


def test_the_example_of_a_golden_machine_loads(tmp_path):
    _, machine = example_machine(tmp_path)
    assert machine.name == "build-7"
    assert machine.workspace == machine.home / "src/billing"
    assert "token:" not in machine.launch.values["GITHUB_TOKEN"]
    assert machine.files.place(machine.home / ".ssh/id_ed25519").mode == 0o600
    assert isinstance(machine.files.content(machine.home / ".netrc", 10), Gap)
    assert [process.name for process in machine.processes.table()] == ["claude"]


def test_the_example_of_a_golden_machine_shows_every_key_that_is_read(tmp_path):
    text, _ = example_machine(tmp_path)
    loader = text_of("scanner/testing.py").partition("def load_machine")[2].partition("\ndef _at")[0]
    keys = set(re.findall(r"\b(?:told|p)(?:\[|\.get\()\"(\w+)\"", loader))
    assert {"platform", "ssh_agents", "argv"} <= keys
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()


def guide():
    """The names that the examples of docs/adding-a-probe.md define, with the kind that they speak of."""
    probe, tests = [
        body for language, body in FENCED.findall(text_of("docs/adding-a-probe.md")) if language == "python"
    ]
    names = {
        "__name__": "example",
        "FakeHost": FakeHost,
        "observe": observe,
        "Gap": Gap,
        "Identity": Identity,
        "given": given,
        "st": st,
    }
    exec(compile(probe, "the probe", "exec"), names)
    exec(compile(tests, "its tests", "exec"), names)
    return names


def test_the_guide_s_probe_passes_the_guide_s_tests():
    names = guide()
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 3
    for test in tests:
        test()


def test_the_guide_s_probe_keeps_its_secret():
    names = guide()
    machine = FakeHost(files={names["STORE"]: "quay.example.com CANARY-CANARY-CANARY\n"}).machine
    vault = Vault(TEST_KEY)
    host = Host(machine, vault, frozenset(names["quay_tokens"].reads))
    [seen] = names["quay_tokens"].look(host)
    assert vault.value(seen.secret) == "CANARY-CANARY-CANARY"


def test_every_kind_of_gap_is_explained():
    page = text_of("docs/adding-a-probe.md")
    from scanner.model import GapKind

    assert [kind for kind in GapKind if f"`{kind}`" not in page] == []


def test_every_key_of_a_kind_is_named_in_the_guide():
    page = text_of("docs/adding-a-probe.md").partition("## The kind")[2].partition("## The probe")[0]
    assert {key for key in kinds.REQUIRED if key not in page} == set()
