"""Augment: rules for tools, of which the first that matches decides.

The vendor's program is not open. In which order the files come is told nowhere, so that what one of them allows counts
though another one asks; and what a tool does that no rule names is the vendor's default, as far as that is known.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from probes.agents.basis import Basis, allowed, by, from_repository, read, stopped
from probes.agents.installed import ACTS, Installed
from probes.agents.layers import LOCAL, PROJECT, USER, Found
from probes.agents.vscode.patterns import found_by
from scanner.host import Host
from scanner.model import (
    Channel,
    Everything,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Name,
    Observation,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
)
from scanner.model.agents import Pattern

SOURCES = ((LOCAL, "local"), (PROJECT, "project"), (USER, "user"))
RULES = "toolPermissions"
CHANNELS = {
    "launch-process": Channel.EXECUTE,
    "view": Channel.READ,
    "str-replace-editor": Channel.WRITE,
    "save-file": Channel.WRITE,
    "remove-files": Channel.WRITE,
    "web-fetch": Channel.CONNECT,
    "web-search": Channel.CONNECT,
}
ANY = "*"
GATES = {"allow": Gate.NONE, "deny": Gate.REFUSED, "ask-user": Gate.PROMPT}
PROGRAMS = frozenset({"script-policy", "webhook-policy"})  # another program decides, and no person
BEFORE = frozenset({"", "tool-call"})  # rules for what a tool answered come too late to hold it back
EVENT = re.compile(r"[A-Za-z]{1,40}")
WHO = "counts for everybody who works in it"
FIX = "Keep what you allow in ~/.augment/settings.json, and let projects ask and deny."


class Stated(Struct, frozen=True):
    """An entry of the rules: the tool, the gate, and whether a program decides."""

    tool: str
    kind: str
    expression: str
    found: Found


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent, the settings that bear on it, and every gap once."""
    basis = read(host, each, SOURCES)
    stated = _counting([*_stated(basis)])
    tools = tuple(_tool(basis, channel, stated) for channel in Channel)
    yield each.seen(host, Policy("rules for tools", tools))
    yield from basis.seen(RULES)
    yield from _programs(basis, stated)
    yield from _hooks(basis)
    given = next((one.found for one in stated if one.found.layer.scope == PROJECT and _gives(one)), None)
    if given is not None:
        yield from_repository(each.row.title, given.evidence, f"an entry of {RULES} {WHO}", FIX)
    why = "its settings do not tell what tools that no rule names do, nor what was approved; defaults stand in"
    yield Gap(GapKind.REFUSED, each.row.title, why)
    yield from basis.gaps


def _stated(basis: Basis) -> Iterator[Stated]:
    for found in basis.layers.entries(RULES):
        node = found.node
        kind = node.said("permission", "type") or node.said("permission")
        if node.said("eventType") in BEFORE and node.said("toolName") and (kind in GATES or kind in PROGRAMS):
            yield Stated(node.said("toolName"), kind, node.said("shellInputRegex"), found)


def _gives(one: Stated) -> bool:
    return one.kind == "allow" or one.kind in PROGRAMS


def _counting(stated: Sequence[Stated]) -> list[Stated]:
    """The entries that count for all that is known: none that holds back what another file allows."""
    scopes = [one.found.layer.scope for one in stated if _gives(one)]
    return [one for one in stated if _gives(one) or not (set(scopes) - {one.found.layer.scope})]


# --- the policy


def _tool(basis: Basis, channel: Channel, stated: Sequence[Stated]) -> Tool:
    row = basis.each.row
    otherwise = Ruling(Gate.UNKNOWN, f"{row.title} {ACTS[channel]}, by default", None, row.default[channel])
    rules = tuple(rule for one in stated for rule in _rules(one, channel))
    return Tool(f"{row.title} {ACTS[channel]}", channel, otherwise, rules)


def _rules(one: Stated, channel: Channel) -> Iterator[Rule]:
    patterns, exact = _about(one, channel)
    if one.kind in PROGRAMS:
        yield from (Rule(each, by(one.found, Gate.UNKNOWN, Gate.NONE)) for each in patterns)
    elif one.kind == "allow":
        yield from (allowed(each, one.found, exact=exact) for each in patterns)
    elif exact:
        yield from stopped(patterns, one.found, GATES[one.kind])


def _about(one: Stated, channel: Channel) -> tuple[Sequence[Pattern], bool]:
    """What an entry is about on a channel, and whether that is all it says."""
    own = CHANNELS.get(one.tool)
    if one.tool == ANY:
        return [Everything()], not one.expression
    if own is None:  # a tool of a server: its name is told, the server's is not
        return ([Name(f"*/{one.tool}")], False) if channel is Channel.CALL and "/" not in one.tool else ([], True)
    if own is not channel:
        return [], True
    if not one.expression or channel is not Channel.EXECUTE:
        # Of several tools that write, or fetch, an entry names one.
        return [Everything()], one.kind == "allow" or channel in {Channel.EXECUTE, Channel.READ}
    read = found_by(one.expression, line=one.kind == "allow")  # whether it takes a line apart is told nowhere
    return [*read.patterns], read.sure


# --- what is told


def _programs(basis: Basis, stated: Sequence[Stated]) -> Iterator[SettingSeen]:
    for one in stated:
        if one.kind in PROGRAMS:
            value = "a program decides" if one.kind == "script-policy" else "a server decides"
            place: Evidence = one.found.evidence
            yield SettingSeen(basis.each.row.id, f"{RULES}.permission", value, one.found.layer.scope, place)


def _hooks(basis: Basis) -> Iterator[SettingSeen]:
    """The moments at which commands of hooks run."""
    for found in basis.layers.each("hooks"):
        names = [name for name, inner in found.node.pairs if EVENT.fullmatch(name) and inner.items]
        if names:
            yield found.seen(basis.each.row.id, ", ".join(names[:20]))
