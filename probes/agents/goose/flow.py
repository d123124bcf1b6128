"""How Goose may act: its mode decides, and in modes that ask the lists of tools that a person has answered for.

In the mode `auto`, which is the default, the lists are not looked at: what is never allowed there runs all the same.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from probes.agents.basis import Basis, allowed, asks_nothing, basis, by, environment, of_workspace, stopped
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import USER, Found, layered
from scanner.host import Host
from scanner.model import Channel, Everything, Gate, Name, Observation, Policy, Rule, Ruling, Tool

MODE = "GOOSE_MODE"
AUTO, APPROVE, SMART, CHAT = MODES = ("auto", "approve", "smart_approve", "chat")
SHELL = frozenset({"developer__shell", "shell"})
EDIT = frozenset({f"{prefix}{name}" for prefix in ("developer__", "") for name in ("text_editor", "write", "edit")})
LISTS = (("never_allow", Gate.REFUSED), ("always_allow", Gate.NONE), ("ask_before", Gate.PROMPT))
READS_ONLY = "tools that say of themselves that they only read run unasked"
FIX = 'Set GOOSE_MODE: "approve" in config.yaml, so that a person sees each command.'


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its mode and lists, and whether it asks at all."""
    read = _read(host, each)
    mode = _mode(read)
    yield each.seen(host, Policy(_named(read), tuple(_tools(read, mode))))
    yield from read.seen(MODE, *(f"user.{name}" for name, _ in LISTS), "smart_approve.always_allow")
    if mode.gate is Gate.NONE:
        yield asks_nothing(read.title, mode, each.evidence, FIX)
    yield from read.gaps


def _read(host: Host, each: Installed) -> Basis:
    """The variable, then the two files of the folder that counts."""
    documents = Documents(host)
    found = [_first(host, documents, each, name) for name in ("config", "permissions")]
    layers = layered(documents, [(USER, one) for one in found])
    return basis(host, each, replace(layers, layers=(*environment(host, [(MODE, MODE)]), *layers.layers)))


def _first(host: Host, documents: Documents, each: Installed, name: str) -> tuple[Document, ...]:
    moved = [*of_workspace(host, documents.read(each.row.files[f"moved_{name}"]))]
    return tuple(moved or of_workspace(host, documents.read(each.row.files[name])))[:1]


def _named(read: Basis) -> str:
    found = next(read.layers.each(MODE), None)
    return found.node.text if found is not None and found.node.text in MODES else AUTO


def _mode(read: Basis) -> Ruling:
    """What the mode says: a word that is none of its modes counts as the default."""
    found = next(read.layers.each(MODE), None)
    if found is None:
        return read.default(Gate.NONE, "the default mode auto")
    if found.node.text not in MODES:
        read.layers.note(found, "is no mode that is known, and counts as auto")
    gates = {APPROVE: Gate.PROMPT, SMART: Gate.CLASSIFIER, CHAT: Gate.REFUSED}
    return by(found, gates.get(found.node.text, Gate.NONE))


def _tools(read: Basis, mode: Ruling) -> Iterator[Tool]:
    off = next(
        (each for each in read.layers.each("extensions", "developer", "enabled") if each.node.flag is False), None
    )
    for name, channel, names in (
        ("developer shell", Channel.EXECUTE, SHELL),
        ("developer text_editor", Channel.WRITE, EDIT),
        ("developer text_editor view", Channel.READ, EDIT),
    ):
        yield Tool(name, channel, _off(off, mode) if off is not None else _answered(read, mode, names))
    yield Tool("MCP tools", Channel.CALL, *_calls(read, mode))


def _off(off: Found, mode: Ruling) -> Ruling:
    """What stands before an extension that is off: Goose can switch it on, and asks for that in modes that ask."""
    if mode.effective is Gate.NONE:
        return by(off, Gate.UNKNOWN, Gate.NONE)
    return by(off, Gate.REFUSED if mode.gate is Gate.REFUSED else Gate.PROMPT)


def _asks(mode: Ruling) -> bool:
    return mode.gate in {Gate.PROMPT, Gate.CLASSIFIER}


def _answered(read: Basis, mode: Ruling, names: frozenset[str]) -> Ruling:
    """The laxest answer for the names that a tool had over time; the mode's where there is none."""
    if not _asks(mode):
        return mode
    order = list(Gate)
    found = [by(entry, gate) for entry, gate in _listed(read) if entry.node.text in names]
    if not found and mode.gate is Gate.CLASSIFIER:
        cached = [entry for entry in read.layers.entries("smart_approve", "always_allow") if entry.node.text in names]
        found = [by(entry, Gate.UNKNOWN, Gate.NONE) for entry in cached]  # older versions go by it
    return min(found, key=lambda ruling: order.index(ruling.effective), default=mode)


def _listed(read: Basis) -> Iterator[tuple[Found, Gate]]:
    """The entries of the lists in the order in which Goose looks at them, of one tool the first."""
    met: set[str] = set()
    for name, gate in LISTS:
        for entry in read.layers.entries("user", name):
            if entry.node.text and entry.node.text not in met:
                met.add(entry.node.text)
                yield entry, gate


def _calls(read: Basis, mode: Ruling) -> tuple[Ruling, tuple[Rule, ...]]:
    if not _asks(mode):
        return mode, ()
    rules: list[Rule] = []
    for entry, gate in _listed(read):
        server, bars, tool = entry.node.text.partition("__")
        if bars and entry.node.text not in SHELL | EDIT:
            pattern = Name(f"{_literal(server)}/{_literal(tool)}")
            rules.extend([allowed(pattern, entry)] if gate is Gate.NONE else stopped([pattern], entry, gate))
    words = f"{mode.rule}: {READS_ONLY}"
    return Ruling(Gate.UNKNOWN, words, mode.evidence, Gate.NONE), tuple(
        rule for rule in rules if not isinstance(rule.pattern, Everything)
    )


def _literal(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
