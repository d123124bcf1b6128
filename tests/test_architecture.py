"""The rooms and who may use whom, read from the source; each rule is also seen to fail on a planted one."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("scanner", "probes", "reports")

# A module lies in the room of its longest prefix; what else lies in `scanner` is part of the judgement.
ROOMS = {
    "scanner.model": "model",
    "scanner.errors": "leaf",
    "scanner.version": "leaf",
    "scanner.vault": "leaf",
    "scanner.masking": "leaf",
    "scanner.tokens": "leaf",
    "scanner.text": "leaf",
    "scanner.patterns": "leaf",
    "scanner.originals": "leaf",
    "scanner.progress": "leaf",
    "scanner.folders": "leaf",
    "scanner.sealing": "leaf",
    "scanner.signing": "leaf",
    "scanner.toml_places": "leaf",
    "scanner.command_lines": "leaf",
    "scanner.git": "leaf",
    "scanner.data": "leaf",
    "scanner.host": "host",
    "scanner.probe": "probe",
    "scanner.secrets": "secrets",
    "scanner.shapes": "secrets",
    "scanner.harmless": "secrets",
    "scanner.parts": "secrets",
    "scanner.detection": "secrets",
    "scanner.anchors": "secrets",
    "scanner.prefilter": "secrets",
    "scanner.aws_keys": "secrets",
    "scanner.copies": "copies",
    "scanner.sweep": "sweep",
    "scanner.cleared": "sweep",
    "scanner.config": "config",
    "scanner.atomic": "atomic",
    "scanner.state": "state",
    "scanner.keys": "keys",
    "scanner": "judgement",
    "scanner.contract": "judgement",
    "scanner.engine": "engine",
    "scanner.registry": "registry",
    "scanner.testing": "testing",
    "scanner.demo": "demo",
    "scanner.cli": "cli",
    "scanner.__main__": "cli",
    "scanner.narrow": "cli",
    "scanner.fleet": "cli",
    "probes": "probes",
    "reports": "reports",
}

# model <- host <- probe <- probes.* <- engine, by injection <- cli; model <- reports.* <- cli
BELOW = {
    "model": set(),
    "leaf": {"model"},
    "host": {"model", "leaf"},
    "probe": {"model", "leaf", "host"},
    "copies": {"leaf", "host"},
    "sweep": {"model", "leaf", "host"},
    "config": {"model", "leaf"},
    "atomic": {"model", "leaf"},
    "state": {"model", "leaf", "config", "atomic"},
    "keys": {"leaf", "host"},
    "secrets": {"model", "leaf", "host"},
    "probes": {"model", "leaf", "host", "probe", "secrets", "copies"},
    "registry": {"model", "leaf", "config", "probe", "probes"},
    "judgement": {"model", "leaf", "config", "copies"},
    "engine": {"model", "leaf", "host", "probe", "sweep", "config", "judgement"},
    "testing": {"model", "leaf", "host", "probe", "sweep"},
    "demo": {"model", "leaf", "host", "probe", "testing"},
    "reports": {"model", "leaf"},
    "surface": {"model", "host", "probe", "engine"},
    "cli": set(ROOMS.values()),
}

# These take the Machine's facts (home, name, clock), none of its ports, and some write paths as reports do.
FACTS_OF_THE_MACHINE = (
    *("scanner.graph", "scanner.gates", "scanner.principals", "scanner.judgement", "scanner.mends"),
    *("scanner.assembly", "scanner.answers", "scanner.contract.subject", "scanner.usage", "scanner.candidates"),
)
WRITES_PATHS = (
    *("scanner.graph", "scanner.gates", "scanner.mends", "scanner.assembly", "scanner.answers", "scanner.principals"),
    *("scanner.usage", "scanner.candidates"),
)

# (module, what it imports): why the edge is right although the table above has no such row.
EDGES = {
    ("scanner.data.agents", "scanner.host"): "an agent's mark is looked for on the Process of the host",
    **{(module, "scanner.host"): "takes the Machine's facts" for module in FACTS_OF_THE_MACHINE},
    **{(module, "scanner.host.paths"): "paths as reports write them" for module in WRITES_PATHS},
    ("scanner.contract.allowing", "scanner.host.paths"): "paths as reports write them, in what is to be taken out",
    ("scanner.contract.credentials", "scanner.host.paths"): "whether a place lies in a workspace",
    ("scanner.contract.samples", "scanner.host.paths"): "braces in globs of files",
    ("scanner.contract.weaknesses", "scanner.host.paths"): "paths as reports write them, in what a waiver names",
    ("scanner.diffing.looking", "scanner.host.paths"): "braces in declared reads",
}

# Only these touch files, processes or the network.
DOORS = (
    *("scanner.host", "scanner.sweep", "scanner.config", "scanner.state", "scanner.cli", "scanner.__main__"),
    *("scanner.narrow", "scanner.fleet", "probes.live", "reports.sinks"),
    "scanner.atomic",  # how state and named outputs are written
    "scanner.keys",  # our own entries of the keychain
    "scanner.testing",  # reads golden machines
    "scanner.demo",  # reads the sample machine
    "scanner.folders",  # where our own files lie
    "scanner.data.files",  # reads the data files that came with the tool
    "scanner.data.contracts",  # reads the contracts that came with the tool
)
WORLD = {
    *("os", "io", "subprocess", "socket", "shutil", "tempfile", "glob", "fileinput", "mmap", "ctypes", "winreg"),
    *("urllib.request", "http", "ssl", "ftplib", "smtplib", "socketserver", "asyncio", "select", "selectors"),
    *("multiprocessing", "signal", "pty", "fcntl", "pwd", "grp", "getpass", "platform", "sqlite3", "dbm", "shelve"),
    *("webbrowser", "runpy", "pkgutil", "importlib", "importlib.metadata", "concurrent.futures.process"),
    *("psutil", "keyring", "platformdirs", "requests", "urllib3", "aiohttp", "boto3", "botocore", "kubernetes"),
    *("docker",),
}
IN_MEMORY = {"io.StringIO", "io.BytesIO"}
# (module, what it imports of the world): why.
WORLDLY = {
    ("scanner", "importlib"): "the public names are loaded when they are asked for",
    ("probes.agents.readers", "importlib"): "a reader of our own table is loaded where its agent is here",
    ("reports", "importlib"): "a renderer is loaded when it is asked for",
    ("scanner.registry", "importlib.metadata"): "finds outside probes by their entry point, and only named ones",
    ("scanner.detection", "importlib"): "has detect-secrets loaded without requests, which opens a socket",
}

# Slow to import; each costs more than the rest of the start together.
HEAVY = {
    *("boto3", "botocore", "kubernetes", "docker", "keyring", "detect_secrets", "rich", "requests", "urllib3"),
    *("jinja2", "pydantic", "aiohttp", "cryptography", "psutil", "dotenv"),
}

CATCHES_ALL = {
    "scanner.engine": "a probe's defect becomes a Gap, and the others go on",
    "probes.agents.apart": "a reader's defect becomes a Gap, and the other agents are told",
    "scanner.registry": "an outside probe is foreign code; importing it may raise anything",
    "scanner.cli.running": "a defect of ours becomes an exit code",
}


@dataclass(frozen=True)
class Module:
    """One module of ours and its text."""

    name: str
    text: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        """The text as a tree, made by the first who asks: thousands of tests are collected that never do."""
        return ast.parse(self.text)


@dataclass(frozen=True)
class Imported:
    """One imported name: the module it comes from and, for `from x import y`, the name."""

    module: str
    name: str | None
    line: int


def modules() -> list[Module]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            found.append(Module(name, path.read_text(encoding="utf-8"), is_package))
    return found


MODULES = modules()
NAMES = {module.name for module in MODULES}


def imports(nodes: Iterator[ast.AST]) -> Iterator[Imported]:
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (Imported(alias.name, None, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from (Imported(start, alias.name, node.lineno) for alias in node.names)


def at_import_time(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is imported: not what functions do, nor what only type checkers see."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            continue
        yield child
        yield from at_import_time(child)


def below(name: str, prefixes: object) -> str | None:
    """The longest of the dotted prefixes that the name is or lies under."""
    fitting = [each for each in prefixes if name == each or name.startswith(each + ".")]
    return max(fitting, key=len, default=None)


def room_of(name: str) -> str:
    """The room that a module lies in; `scanner` itself is the public surface."""
    return "surface" if name == "scanner" else ROOMS[below(name, ROOMS)]


def ours(each: Imported) -> str | None:
    """The module of ours that is meant: `from scanner import reach` means scanner.reach."""
    if each.module.partition(".")[0] not in PACKAGES:
        return None
    whole = f"{each.module}.{each.name}"
    return whole if whole in NAMES else each.module


def directions(module: Module) -> Iterator[str]:
    """Imports run one way."""
    room = room_of(module.name)
    for each in imports(ast.walk(module.tree)):
        target = ours(each)
        if target is None or (module.name, target) in EDGES:
            continue
        other = room_of(target)
        if other != room and other not in BELOW[room]:
            yield f"{module.name}:{each.line}: {room} may not use {target} ({other})"


def neighbours(module: Module) -> Iterator[str]:
    """Inside a package one imports the neighbour, never the package's own front door, and by its full name."""
    for each in imports(ast.walk(module.tree)):
        if each.module.startswith("."):
            yield f"{module.name}:{each.line}: write the full name of {each.module}"
        target = ours(each)
        if target is not None and module.name.startswith(target + "."):
            yield f"{module.name}:{each.line}: {target} is the front door of its own package"


def doors(module: Module) -> Iterator[str]:
    """Only the doors touch the world."""
    if below(module.name, DOORS):
        return
    for each in imports(ast.walk(module.tree)):
        whole = f"{each.module}.{each.name}"
        touched = below(whole, WORLD)
        if touched is not None and whole not in IN_MEMORY and (module.name, touched) not in WORLDLY:
            yield f"{module.name}:{each.line}: {touched} touches the world"
        if each.module.partition(".")[0] == "pathlib" and not (each.name or "").startswith("Pure"):
            yield f"{module.name}:{each.line}: only the Pure paths of pathlib touch no file"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"open", "__import__"}:
            yield f"{module.name}:{node.lineno}: {node.func.id}() touches the world"


def lightness(module: Module) -> Iterator[str]:
    """What is slow to import is imported in the function that needs it."""
    for each in imports(at_import_time(module.tree)):
        if each.module.partition(".")[0] in HEAVY:
            yield f"{module.name}:{each.line}: {each.module} is imported with the module"


def catching(module: Module) -> Iterator[str]:
    """`except Exception` stands where a defect is turned into a Gap or an exit code; to clean up and raise is free."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ExceptHandler) or module.name in CATCHES_ALL:
            continue
        if isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None:
            continue
        caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        if any(each is None or ast.unparse(each) in {"Exception", "BaseException"} for each in caught):
            yield f"{module.name}:{node.lineno}: catches everything"


def wildcards(module: Module) -> Iterator[str]:
    """A name's origin can be read."""
    for each in imports(ast.walk(module.tree)):
        if each.name == "*":
            yield f"{module.name}:{each.line}: imports *"


Rule = Callable[[Module], Iterator[str]]
RULES: tuple[Rule, ...] = (directions, neighbours, doors, lightness, catching, wildcards)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(rule):
    assert [fault for module in MODULES for fault in rule(module)] == []


PLANTED = [
    (directions, "scanner.model.terms", "from scanner.vault import Vault"),
    (directions, "scanner.host.disk", "from scanner.probe import probe"),
    (directions, "scanner.probe", "import probes"),
    (directions, "probes.git", "from scanner import engine"),
    (directions, "probes.git", "def look():\n    from scanner.graph import build"),
    (directions, "probes.git", "from reports.terminal import render"),
    (directions, "scanner.engine", "from probes import BUILTIN"),
    (directions, "scanner.engine", "import probes.git"),
    (directions, "scanner.engine", "from reports.document import dump"),
    (directions, "scanner.graph", "from scanner.engine import scan"),
    (directions, "scanner.score", "from scanner.host import Host"),
    (directions, "reports.sarif", "from scanner.engine import scan"),
    (directions, "reports.sarif", "from scanner.host import Host"),
    (directions, "scanner.errors", "from scanner.cli import main"),
    (neighbours, "scanner.host.machine", "from scanner.host import Host"),
    (neighbours, "probes.git", "from probes import BUILTIN"),
    (neighbours, "probes.git", "from .extract import npmrc"),
    (doors, "probes.git", "import os"),
    (doors, "probes.git", "import os.path"),
    (doors, "probes.git", "import io"),
    (doors, "probes.git", "from io import FileIO"),
    (doors, "probes.git", "from os import path"),
    (doors, "probes.git", "from pathlib import Path"),
    (doors, "probes.git", "import pathlib"),
    (doors, "probes.git", "def look():\n    import subprocess"),
    (doors, "probes.git", "from urllib import request"),
    (doors, "probes.git", "import urllib.request"),
    (doors, "probes.git", "text = open('x')"),
    (doors, "scanner.engine", "from http.client import HTTPConnection"),
    (doors, "scanner.registry", "import socket"),
    (doors, "reports.html.page", "from importlib.resources import files"),
    (lightness, "scanner.cli", "import rich.console"),
    (lightness, "scanner.cli", "try:\n    from psutil import Process\nexcept ImportError:\n    pass"),
    (lightness, "scanner.host.local", "class A:\n    import keyring"),
    (lightness, "probes.live.aws", "import boto3"),
    (catching, "probes.git", "try:\n    pass\nexcept Exception:\n    pass"),
    (catching, "probes.git", "try:\n    pass\nexcept (ValueError, BaseException) as error:\n    pass"),
    (catching, "scanner.host.local", "try:\n    pass\nexcept:\n    pass"),
    (catching, "scanner.cli.scan", "try:\n    pass\nexcept Exception:\n    pass"),
    (wildcards, "probes.git", "from scanner.model import *"),
]


@pytest.mark.parametrize(("rule", "name", "text"), PLANTED)
def test_a_planted_fault_is_found(rule, name, text):
    assert len(list(rule(Module(name, text)))) == 1


HARMLESS = [
    ("probes.git", "from pathlib import PurePath, PurePosixPath\nfrom urllib.parse import urlsplit"),
    ("probes.git", "from scanner.host import Host\nfrom scanner.model import Gap\nfrom probes.ini import parse"),
    ("probes.keychain", "def look():\n    from cryptography import x509"),
    ("reports.terminal", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from rich.console import Console"),
    ("scanner.host.local", "import os, socket\nfrom pathlib import Path"),
    ("scanner.engine", "try:\n    pass\nexcept Exception:\n    pass"),
    ("scanner.state", "try:\n    pass\nexcept BaseException:\n    tidy()\n    raise"),
    ("probes.git", "from io import StringIO"),
    ("scanner.graph", "from scanner import score\nfrom scanner.model import Gap"),
]


@pytest.mark.parametrize(("name", "text"), HARMLESS)
def test_what_is_right_is_left_alone(name, text):
    assert [fault for rule in RULES for fault in rule(Module(name, text))] == []


def test_every_allowance_is_still_needed():
    used = {(module.name, ours(each)) for module in MODULES for each in imports(ast.walk(module.tree))}
    worldly = {
        (module.name, below(f"{each.module}.{each.name}", WORLD))
        for module in MODULES
        for each in imports(ast.walk(module.tree))
    }
    assert set(EDGES) - used == set()
    assert set(WORLDLY) - worldly == set()
