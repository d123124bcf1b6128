"""How Junie's command line may act: an allowlist of the user's, of whose rules the first that matches counts.

Nothing there denies. Whether a command line is taken apart before it is looked up is told nowhere, so that a rule
that lets text follow may let another command follow, for all that is known.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from probes.agents.basis import Basis, allowed, asks_nothing, basis, by, globs, literal, of_option, stopped
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import USER, Found, layered
from scanner.host import Host
from scanner.model import (
    Channel,
    Command,
    Gap,
    GapKind,
    Gate,
    Name,
    Observation,
    Paths,
    Pattern,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
)

KINDS = ("executables", "fileEditing", "mcpTools", "readOutsideProject", "readSecretFile")
ACTIONS = {"allow": Gate.NONE, "ask": Gate.PROMPT}
BRAVE = ("--brave", "--brave-mode")
LONG = 1000
FIX = "Switch brave mode off, and allow single commands in ~/.junie/allowlist.json."
Reader = Callable[[Basis, str, bool], tuple[tuple[Pattern, ...], bool]]


class Wanted(Struct, frozen=True):
    """A tool and the part of the allowlist that is for it."""

    name: str
    channel: Channel
    kind: str
    read: Reader


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its allowlist, and what of its modes cannot be seen."""
    documents = Documents(host)
    read = basis(host, each, layered(documents, [(USER, _files(each, documents))]))
    brave = read.option(*BRAVE)
    free = of_option(brave, Gate.NONE) if brave is not None else None
    yield each.seen(host, Policy("brave" if brave is not None else "ask", tuple(_tools(read, free))))
    yield from read.seen("defaultBehavior", "allowReadonlyCommands")
    yield from read.seen(*(f"rules.{kind}.{key}" for kind in KINDS for key in ("default", "rules")))
    if brave is not None and free is not None:
        yield SettingSeen(each.row.id, brave.name, "set", "command line", brave.evidence)
        yield asks_nothing(read.title, free, each.evidence, FIX)
    why = "brave mode may be switched on in its own window; with it nothing is asked"
    yield Gap(GapKind.REFUSED, f"{read.title}'s mode", why)
    yield from dict.fromkeys((*read.gaps, *_of_hooks(host, each)))


def _files(each: Installed, documents: Documents) -> tuple[Document, ...]:
    moved = tuple(documents.read(each.row.files["moved_allowlist"]))
    return (moved or tuple(documents.read(each.row.files["allowlist"])))[:1]


def _of_hooks(host: Host, each: Installed) -> list[Gap]:
    """What is wrong with the file of its hooks, which decides no gate."""
    documents = Documents(host)
    list(documents.read((*each.row.files["moved_config"], *each.row.files["config"])))
    return documents.gaps


def _tools(read: Basis, free: Ruling | None) -> Iterator[Tool]:
    wanted = (
        Wanted("terminal", Channel.EXECUTE, "executables", _of_command),
        Wanted("file editing", Channel.WRITE, "fileEditing", _of_path),
        Wanted("MCP tools", Channel.CALL, "mcpTools", _of_tool),
        Wanted("reading", Channel.READ, "readOutsideProject", _of_path),
    )
    for each in wanted:
        if free is not None:
            yield Tool(each.name, each.channel, free)
            continue
        yield Tool(each.name, each.channel, _otherwise(read, each.kind), (*_rules(read, each), *_inside(read, each)))
    readonly = next(read.layers.each("allowReadonlyCommands"), None)
    if free is None and (readonly is None or readonly.node.flag is not False):
        words = "commands that only read run unasked"
        evidence = readonly.evidence if readonly is not None else None
        yield Tool("terminal, reading", Channel.READ, Ruling(Gate.UNKNOWN, words, evidence, Gate.NONE))


def _inside(read: Basis, each: Wanted) -> Iterator[Rule]:
    """Files of the project are read and changed unasked, but for scripts of its build."""
    if each.channel in {Channel.READ, Channel.WRITE}:
        yield Rule(read.inside(), read.default(Gate.NONE, "files of the project, by default"))


def _otherwise(read: Basis, kind: str) -> Ruling:
    for keys in (("rules", kind, "default"), ("defaultBehavior",)):
        found = read.layers.word(*keys, known=ACTIONS)
        if found is not None:
            return by(found, ACTIONS[found.node.text])
    return read.default(Gate.PROMPT, f"{kind} is asked for (default)")


def _rules(read: Basis, wanted: Wanted) -> Iterator[Rule]:
    for entry in read.layers.entries("rules", wanted.kind, "rules"):
        gate = ACTIONS.get(entry.node.said("action"))
        prefix, pattern = entry.node.get("prefix"), entry.node.get("pattern")
        node = prefix or pattern
        if gate is None or node is None or not node.text or len(node.text) > LONG:
            read.layers.note(entry, "is no rule that is known")
            continue
        told = Found(node, entry.layer, entry.key)
        patterns, exact = wanted.read(read, node.text, prefix is not None)
        if gate is Gate.NONE:
            yield from (allowed(each, told, exact=exact) for each in patterns or (None,))
        elif exact:
            yield from stopped(patterns, told, gate)


def _of_command(read: Basis, text: str, prefix: bool) -> tuple[tuple[Pattern, ...], bool]:
    """A literal beginning, or a glob, over a whole command line."""
    if prefix:
        return (Command(f"{text}*", chained=True),), False
    glob = re.sub(r"\[[^\]]*\]|[?*]+", "*", text)
    return (Command(glob, chained="*" in glob),), "*" not in glob


def _of_path(read: Basis, text: str, prefix: bool) -> tuple[tuple[Pattern, ...], bool]:
    """A path from the project or the root on."""
    if not prefix:
        return globs(read, text) or (), True
    path = text if text.startswith("/") else f"{literal(read.workspace)}/{text}"
    if "*" in text or ".." in text:
        return (), False
    return ((Paths(path.rstrip("/"), read.fold),) if path.endswith("/") else (Paths(f"{path}*", read.fold),)), True


def _of_tool(read: Basis, text: str, prefix: bool) -> tuple[tuple[Pattern, ...], bool]:
    """A server and its tool with a colon between."""
    server, colon, tool = text.partition(":")
    if not colon:
        return ((Name(f"{server}*"),) if prefix else (Name(server),)), False
    return (Name(f"{server}/{tool}*" if prefix else f"{server}/{tool}"),), True
