"""How Aider may act: what it asks, and the commands that its settings have it run after each change.

Settings stand in the home, the repository's root and the folder, of which the nearest counts; variables come before
them, and those of the folder's `.env` before all. To a command that the model suggests, "yes always" answers no.
"""

import re
from collections.abc import Iterator
from itertools import islice

from msgspec.structs import replace

from probes.agents.above import above
from probes.agents.basis import Basis, Option, allowed, asks_nothing, basis, by, environment, from_repository, of_option
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT, USER, Found, Layer, layered
from probes.agents.shown import holds_secret
from probes.agents.tree import Node
from scanner.host import Host, TextFile
from scanner.model import (
    Channel,
    Command,
    Gate,
    Observation,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
)

YES, SUGGEST = "yes-always", "suggest-shell-commands"
LINT, TEST = ("auto-lint", "lint-cmd"), ("auto-test", "test-cmd")
ON, OFF = frozenset({"true", "yes", "on", "1"}), frozenset({"false", "no", "off", "0"})
RUNS = ("lint-cmd", "test-cmd", "notifications-command", "load", "editor")
TOLD = (YES, SUGGEST, "auto-lint", "auto-test", *RUNS, "set-env", "read")
LANGUAGE = re.compile(r"^[a-z+#]{1,20}:\s*")
VARIABLE = re.compile(r"\s*(?:export\s+)?AIDER_([A-Z_]{1,60})\s*=\s*(.{0,4000})")
LINES = 2_000
FIX = "Take yes-always out of .aider.conf.yml, and start aider without --yes-always."
PROJECT_FIX = "Look at .aider.conf.yml and .env of a project before you start aider there, or start it with --config."


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its settings, and what a repository makes it run."""
    read = _read(host, each)
    yes = _yes(read)
    yield each.seen(host, Policy("yes-always" if yes is not None else "ask", tuple(_tools(read, yes))))
    yield from _settings(read)
    if yes is not None:
        yield asks_nothing(read.title, yes, each.evidence, FIX)
    given = next(_given(read), None)
    if given is not None:
        what = f"{given.key} in the project's own file counts for everybody who starts Aider there"
        yield from_repository(read.title, given.evidence, what, PROJECT_FIX)
    yield from read.gaps


# --- settings


def _read(host: Host, each: Installed) -> Basis:
    """Variables, then the files from the folder up, then the home's; `.env` stands among the variables."""
    documents = Documents(host)
    home = tuple(documents.read(each.row.files["user"]))
    tops = (host.workspace, *above(host)[-1:])
    here = [
        one for one in documents.read(each.row.files["project"]) if one.project in tops and one.path not in _paths(home)
    ]
    here.sort(key=lambda one: len(one.project.parts) if one.project is not None else 0, reverse=True)
    layers = layered(documents, [(PROJECT, here), (USER, home)])
    variables = [(name, name.removeprefix("AIDER_").lower().replace("_", "-")) for name in each.row.variables]
    dotenv = _dotenv(host, each)
    return basis(host, each, replace(layers, layers=(*dotenv, *environment(host, variables), *layers.layers)))


def _paths(documents: tuple[Document, ...]) -> set[object]:
    return {one.path for one in documents}


def _dotenv(host: Host, each: Installed) -> Iterator[Layer]:
    """The lines of the folder's `.env` that are settings of Aider; nothing else of it is looked at."""
    for file in host.read(*each.row.files["dotenv"]):
        if isinstance(file, TextFile) and file.path.parent == host.workspace:
            members = []
            for number, line in enumerate(islice(file.text.splitlines(), LINES), 1):
                match = VARIABLE.fullmatch(line)
                if match is not None:
                    text = match[2].strip().strip("\"'")
                    members.append((match[1].lower().replace("_", "-"), Node(number, text)))
            if members:
                yield Layer(PROJECT, Document(Node(1, members=tuple(members)), file.path, project=host.workspace))


def _switch(read: Basis, key: str) -> tuple[Found, bool] | None:
    """The highest switch under a key, in any of the words that Aider takes for one."""
    for found in read.layers.each(key):
        text = found.node.text.lower()
        if found.node.flag is not None or text in ON | OFF:
            return found, found.node.flag is True or text in ON
        read.layers.note(found, "is no switch")
    return None


def _is_on(read: Basis, key: str, *, default: bool) -> bool:
    option = read.option(f"--{key}", f"--no-{key}")
    if option is not None:
        return option.name == f"--{key}"
    found = _switch(read, key)
    return default if found is None else found[1]


def _yes(read: Basis) -> Ruling | None:
    """What answers every question with yes, if anything does."""
    option: Option | None = read.option("--yes-always", "--yes")
    if option is not None:
        return of_option(option, Gate.NONE)
    found = _switch(read, YES)
    return by(found[0], Gate.NONE) if found is not None and found[1] else None


# --- tools


def _tools(read: Basis, yes: Ruling | None) -> Iterator[Tool]:
    asked = read.default(Gate.PROMPT, "a file is added to the chat by a person (default)")
    near = Rule(read.inside(), yes or asked)
    yield Tool("files of the repository", Channel.READ, asked, (near,))
    edits = read.default(Gate.NONE, "files in the chat are changed unasked (default)")
    confirmed = read.default(Gate.PROMPT, "files that are not in the chat are confirmed (default)")
    yield Tool("edits", Channel.WRITE, yes or confirmed, (Rule(read.inside(), edits),))
    yield Tool("shell commands", Channel.EXECUTE, _suggested(read, yes), tuple(_commands(read)))
    page = read.default(Gate.PROMPT, "an address is added to the chat by a person (default)")
    yield Tool("web pages", Channel.CONNECT, yes or page)


def _suggested(read: Basis, yes: Ruling | None) -> Ruling:
    """What stands before a command that the model suggests: without a person nobody may say yes to it."""
    if yes is not None:
        return Ruling(Gate.REFUSED, f"{yes.rule}: a suggested command is answered with no", yes.evidence)
    found = _switch(read, SUGGEST)
    if found is not None and not found[1]:
        return by(found[0], Gate.REFUSED)
    return read.default(Gate.PROMPT, "a suggested command is run by a person's yes (default)")


def _commands(read: Basis) -> Iterator[Rule]:
    """What runs after each change, in words that the settings fix; a linter gets the names of files too."""
    for (switch, key), default in ((LINT, True), (TEST, False)):
        if not _is_on(read, switch, default=default):
            continue
        for entry in _listed(read, key):
            text = LANGUAGE.sub("", entry.node.text, count=1) if key == LINT[1] else entry.node.text
            if text:
                yield allowed(Command(" ".join(text.split()), open=key == LINT[1]), entry)


def _listed(read: Basis, key: str) -> Iterator[Found]:
    """The texts under a key where it counts: of a list all, of a text itself."""
    found = next(read.layers.each(key), None)
    if found is None:
        return
    if found.node.text:
        yield found
    elif found.node.items is not None:
        yield from read.layers.listed(found)


# --- told


def _settings(read: Basis) -> Iterator[SettingSeen]:
    for key in TOLD:
        for found in read.layers.each(key):
            telling = key in RUNS and (not found.node.text or not holds_secret(found.node.text))
            yield found.seen(read.each.row.id, None if telling or key not in RUNS else "a command")
    for option in read.options("--yes-always", "--yes"):
        yield SettingSeen(read.each.row.id, option.name, "set", "command line", option.evidence)


def _given(read: Basis) -> Iterator[Found]:
    """What a project's file switches on or has run."""
    for key in (YES, *RUNS, "set-env"):
        for found in read.layers.each(key):
            if found.layer.from_project and (key != YES or found.node.flag is True or found.node.text.lower() in ON):
                yield found
