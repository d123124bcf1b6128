"""Windsurf, now also called Devin: its editor's lists of commands, and the permissions of its command line.

The vendor's program is not open: how the lists are held against a command line of several parts is told nowhere, so
that what they allow is taken to let another command follow.
"""

import re
from collections.abc import Iterator, Sequence

from probes.agents.basis import Basis, allowed, asks_nothing, basis, from_repository, globs, of_workspace, stopped
from probes.agents.documents import Documents
from probes.agents.editors.laxest import laxest
from probes.agents.editors.seats import Asked, Seat, seats
from probes.agents.installed import ACTS, Installed
from probes.agents.layers import PROJECT, USER, Found, layered
from scanner.host import Host
from scanner.model import (
    Channel,
    Command,
    Everything,
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

EDITOR = "Windsurf"
LEVEL = "windsurf.autoExecutionPolicy"  # unverified, as are its words
ALLOWED, DENIED = "windsurf.cascadeCommandsAllowList", "windsurf.cascadeCommandsDenyList"
ASKED = Asked(frozenset({LEVEL, ALLOWED, DENIED}), {})
LEVELS = {"turbo": Gate.NONE, "auto": Gate.CLASSIFIER}
LISTS = (("deny", Gate.REFUSED), ("ask", Gate.PROMPT), ("allow", Gate.NONE))  # as they are tried
ENTRY = re.compile(r"(?P<tool>Read|Write|Exec|Fetch)\((?P<about>.*)\)", re.DOTALL)
SERVER = re.compile(r"mcp__(?P<server>.+?)__(?P<tool>.+)")
CHANNELS = {"Read": Channel.READ, "Write": Channel.WRITE, "Exec": Channel.EXECUTE, "Fetch": Channel.CONNECT}
EVENT = re.compile(r"[A-Za-z_]{1,40}")
UNREAD = "the level of auto-execution that was chosen, and its saved approvals, are not read; defaults stand in"


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent, the settings that bear on it, and every gap once."""
    documents = Documents(host)
    devin = _devin(host, each, documents)
    editors = [(seat, tuple(_editor(each, seat))) for seat in seats(documents, each.row.files, ASKED, (EDITOR,))]
    lines = tuple(_line(each, devin)) if devin.layers.layers else ()
    found = [(seat, Policy(_mode(seat), (*tools, *lines))) for seat, tools in editors]
    chosen, policy = laxest(found)
    yield each.seen(host, policy)
    yield from (told.seen(each.row.id) for key in (LEVEL, ALLOWED, DENIED) for told in chosen.wide.each(key))
    for name, _ in LISTS:
        yield from devin.seen(f"permissions.{name}")
    yield from _hooks(documents, each)
    yield from _weak(each, policy, [*_given(chosen), *_of_project(devin)])
    yield Gap(GapKind.REFUSED, each.row.title, UNREAD)
    yield from dict.fromkeys([*devin.gaps, *(note for seat, _ in editors for note in seat.wide.notes)])


def _unsure(each: Installed, channel: Channel) -> Ruling:
    gate = each.row.default[channel]
    return Ruling(Gate.UNKNOWN, f"{each.row.title} {ACTS[channel]}, by default", None, gate)


# --- the editor


def _mode(seat: Seat) -> str:
    found = seat.wide.word(LEVEL, known=LEVELS)
    return found.node.text if found is not None else "not known"


def _editor(each: Installed, seat: Seat) -> Iterator[Tool]:
    yield Tool("read files", Channel.READ, _unsure(each, Channel.READ))
    yield Tool("edit files", Channel.WRITE, _unsure(each, Channel.WRITE))
    found = seat.wide.word(LEVEL, known=LEVELS)
    otherwise = _unsure(each, Channel.EXECUTE)
    if found is not None:
        otherwise = Ruling(Gate.UNKNOWN, found.words, found.evidence, LEVELS[found.node.text])
    yield Tool("terminal", Channel.EXECUTE, otherwise, (*_listed(seat, DENIED), *_listed(seat, ALLOWED)))
    yield Tool("web", Channel.CONNECT, _unsure(each, Channel.CONNECT))
    yield Tool("MCP tools", Channel.CALL, _unsure(each, Channel.CALL))


def _listed(seat: Seat, key: str) -> Iterator[Rule]:
    """The rules of a list of beginnings; what is on the list of those that are denied needs a yes."""
    found = next(seat.wide.each(key), None)
    for entry in seat.wide.listed(found) if found is not None else ():
        text = " ".join(entry.node.text.split())
        if text and key == ALLOWED:
            yield allowed(Command(text, open=True, chained=True), entry, exact=False)
        elif text and entry.layer.whole:
            yield from stopped([Command(text, open=True)], entry, Gate.PROMPT)


# --- the command line


def _devin(host: Host, each: Installed, documents: Documents) -> Basis:
    """The settings of the command line that could be read whole."""
    files = each.row.files
    project = [one for one in of_workspace(host, documents.read(files["devin_project"])) if one.project is not None]
    layers = layered(documents, [(PROJECT, project), (USER, documents.read(files["devin"]))])
    return basis(host, each, layers)


def _line(each: Installed, devin: Basis) -> Iterator[Tool]:
    """All entries together: those that deny come before those that ask, and these before those that allow."""
    rules: dict[Channel, list[Rule]] = {channel: [] for channel in (*CHANNELS.values(), Channel.CALL)}
    for name, gate in LISTS:
        for found in devin.layers.entries("permissions", name):
            for channel, rule in _entry(devin, found, gate):
                rules[channel].append(rule)
    for channel, told in rules.items():
        yield Tool(f"Devin in the terminal {ACTS[channel]}", channel, _unsure(each, channel), tuple(told))


def _entry(devin: Basis, found: Found, gate: Gate) -> Iterator[tuple[Channel, Rule]]:
    for channel, patterns in _meant(devin, found.node.text, gate):
        if gate is Gate.NONE:
            known = patterns if patterns is not None else (None,)
            yield from ((channel, allowed(pattern, found)) for pattern in known)
        else:
            yield from ((channel, rule) for rule in stopped(patterns or (), found, gate))


def _meant(devin: Basis, text: str, gate: Gate) -> Iterator[tuple[Channel, Sequence[Pattern] | None]]:
    """What an entry is about; None for what cannot be told."""
    entry, server = ENTRY.fullmatch(text), SERVER.fullmatch(text)
    if server is not None:
        yield Channel.CALL, [Name(f"{server['server']}/{server['tool']}")]
    if entry is None:
        return
    about = entry["about"].strip()
    match CHANNELS[entry["tool"]]:
        case Channel.EXECUTE as channel:
            wide = not about.strip("*")
            beginning = Command(about, open=True, chained=gate is Gate.NONE)
            yield channel, [Everything() if wide else beginning]
        case Channel.CONNECT as channel:
            yield channel, [Name(about.partition("://")[2].partition("/")[0] or about)]
        case channel:
            yield channel, globs(devin, about)


# --- what is told


def _hooks(documents: Documents, each: Installed) -> Iterator[SettingSeen]:
    """The moments at which commands of hooks run."""
    for document in of_workspace(documents.host, documents.read(each.row.files["hooks"])):
        told = document.root.get("hooks") or document.root
        names = [name for name, inner in told.pairs if EVENT.fullmatch(name) and (inner.items or inner.pairs)]
        if names:
            scope = USER if document.project is None else PROJECT
            yield SettingSeen(each.row.id, "hooks", ", ".join(names[:20]), scope, document.at("hooks", told.line))


def _given(seat: Seat) -> list[Found]:
    """What a project's settings of the editor let run."""
    told = (found for key in (ALLOWED, LEVEL) for found in seat.wide.each(key) if found.layer.from_project)
    return [found for found in told if found.node.items or found.node.text in LEVELS]


def _of_project(devin: Basis) -> list[Found]:
    told = devin.layers.each("permissions", "allow")
    return [found for found in told if found.layer.from_project and found.node.items]


def _weak(each: Installed, policy: Policy, given: Sequence[Found]) -> Iterator[Observation]:
    title = each.row.title
    for tool in policy.tools:
        free = next((rule.ruling for rule in tool.rules if isinstance(rule.pattern, Everything)), None)
        if tool.channel is Channel.EXECUTE and free is not None and free.gate is Gate.NONE:
            yield asks_nothing(title, free, each.evidence, "Allow single commands in permissions.allow.")
            break
    if given:
        fix = "Keep what you allow in your own settings."
        yield from_repository(title, given[0].evidence, f"{given[0].key} counts for everybody who opens it", fix)
