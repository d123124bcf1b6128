"""Cline in editors: what it does unasked there, by the switches of its data folder.

All editors share that folder. Builds before 4.0 kept the same switches in the editor's own database, which counts
where the folder holds none.
"""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import allowed, asks_nothing
from probes.agents.cline.programs import given, programs
from probes.agents.cline.state import ALWAYS, APPROVAL, Data, approved_tools, data
from probes.agents.documents import Document, Documents
from probes.agents.editors.database import kept
from probes.agents.installed import Installed
from probes.agents.layers import USER, Found, layered
from scanner.host import Host
from scanner.model import (
    Channel,
    Gap,
    GapKind,
    Gate,
    Inheritance,
    Name,
    Observation,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
)

AGENT = "cline"
KEPT = "saoudrizwan.claude-dev"  # its entry in the database of an editor
READS, EDITS, RUNS, FETCHES, CALLS = "readFiles", "editFiles", "executeSafeCommands", "useBrowser", "useMcp"
DEFAULTS = {READS: True, EDITS: True, RUNS: False, FETCHES: True, CALLS: True}
ACTS = {READS: "reads files", EDITS: "changes files", RUNS: "runs commands", FETCHES: "fetches and browses"}
INHERITED = Inheritance(rule="Cline hands its whole environment on (default)")
HOOKS = "hooksEnabled"  # true by default
ORGANISATION = "what an organisation sets lies on the vendor's server"
TASK = "a task that is open keeps switches of its own, which are not read"


class Switches(Struct, frozen=True):
    """What counts: the data folder's switches, or those of older builds; `whole` is false where a part is missing."""

    data: Data
    whole: bool


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent, the settings that bear on it, and every gap once."""
    documents = Documents(host)
    gaps: list[Gap] = []
    switches = _switches(documents, each, gaps)
    policy = _policy(switches)
    yield each.seen(host, policy)
    yield from dict.fromkeys(_settings(switches.data))
    yield from _programs(host, each, switches)
    running = policy.tools[2].otherwise
    if running.gate is Gate.NONE:
        yield asks_nothing(
            each.row.title, running, each.evidence, "Switch off auto-approve for commands, in its panel."
        )
    yield Gap(GapKind.REFUSED, f"{each.row.title}'s organisation", ORGANISATION)
    yield Gap(GapKind.REFUSED, f"{each.row.title}'s tasks", TASK)
    notes = [note for layers in (switches.data.settings, switches.data.servers) for note in layers.notes]
    yield from dict.fromkeys([*documents.gaps, *gaps, *notes])


def _switches(documents: Documents, each: Installed, gaps: list[Gap]) -> Switches:
    """The data folder's, or where it is not there yet those that an editor keeps."""
    files = each.row.files
    found = data(documents, files)
    if found.settings.layers:
        return Switches(found, all(layer.whole for layer in found.settings.layers))
    if any(gap.place.endswith("globalState.json") for gap in documents.gaps):
        return Switches(found, whole=False)
    older: list[Document] = []
    whole = True
    for entry in kept(documents.host, files["older"], KEPT):
        if isinstance(entry, Gap):
            gaps.append(entry)
            whole = False
        elif entry.parsed is not None and entry.parsed.root is not None:
            whole = whole and not entry.parsed.faults
            older.append(Document(entry.parsed.root, entry.evidence.path))
    servers = layered(documents, [(USER, documents.read(files["older_servers"]))]) if older else found.servers
    return Switches(Data(layered(documents, [(USER, older[:1])]), servers), whole)


# --- the policy


def _policy(switches: Switches) -> Policy:
    always = switches.data.always
    tools = (
        Tool("read files", Channel.READ, _ruling(switches, READS)),
        Tool("edit files", Channel.WRITE, _ruling(switches, EDITS)),
        Tool("run commands", Channel.EXECUTE, _ruling(switches, RUNS)),
        Tool("browser and web fetch", Channel.CONNECT, _ruling(switches, FETCHES)),
        _calls(switches),
    )
    free = always is not None and always.node.flag is True
    return Policy("yolo" if free else "auto-approve by kind", tools, INHERITED, INHERITED)


def _yolo(switches: Switches) -> Ruling | None:
    """The switch with which builds before 4.0 approve everything; in later ones nothing reads it."""
    always = switches.data.always
    if always is None or always.node.flag is not True:
        return None
    return Ruling(Gate.UNKNOWN, f"{ALWAYS} true (counts in builds before 4.0)", always.evidence, Gate.NONE)


def _ruling(switches: Switches, action: str) -> Ruling:
    """What stands before one kind of act; where a file could not be read whole, what its switches close is open."""
    found = switches.data.action(action)
    if found is None:
        gate = Gate.NONE if DEFAULTS[action] else Gate.PROMPT
        words = f"Cline {ACTS.get(action, 'calls tools')} {'unasked' if gate is Gate.NONE else 'after a yes'} (default)"
        return _yolo(switches) or (Ruling(gate, words) if switches.whole else Ruling(Gate.UNKNOWN, words, None, gate))
    if found.node.flag:
        return Ruling(Gate.NONE, f"{found.key} true", found.evidence)
    if switches.whole:
        return _yolo(switches) or Ruling(Gate.PROMPT, f"{found.key} false", found.evidence)
    return Ruling(Gate.UNKNOWN, f"{found.key} false", found.evidence, Gate.NONE if DEFAULTS[action] else Gate.PROMPT)


def _calls(switches: Switches) -> Tool:
    """Builds differ: in some the switch lets all tools run, in others only those that their server's entry names."""
    free = _yolo(switches)
    if free is not None:
        return Tool("MCP tools", Channel.CALL, free)
    found = switches.data.action(CALLS)
    on = found.node.flag if found is not None else DEFAULTS[CALLS]
    named = [(each.server, each.tool, each.found) for each in approved_tools(switches.data.servers)]
    rules = tuple(_named(server, tool, entry, on=bool(on)) for server, tool, entry in named)
    place = found.evidence if found is not None else None
    words = f"{APPROVAL}.actions.{CALLS} {'true' if on else 'false'}" + ("" if found is not None else " (default)")
    if on:
        otherwise = Ruling(Gate.UNKNOWN, f"{words}, which in some builds lets all tools run", place, Gate.NONE)
    else:
        otherwise = Ruling(Gate.PROMPT, words, place)
    return Tool("MCP tools", Channel.CALL, otherwise, rules)


def _named(server: str, tool: str, entry: Found, *, on: bool) -> Rule:
    """A tool that its server's entry lets run: for sure where the switch is on too."""
    return allowed(Name(f"{_plain(server)}/{'*' if tool == '*' else _plain(tool)}"), entry, exact=on)


def _plain(text: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)


# --- what is told


def _settings(found: Data) -> Iterator[SettingSeen]:
    for action in DEFAULTS:
        told = found.action(action)
        if told is not None:
            yield told.seen(AGENT)
    if found.always is not None:
        yield found.always.seen(AGENT)
    for name in dict.fromkeys(each.found.key for each in approved_tools(found.servers)):
        entries = [each for each in approved_tools(found.servers) if each.found.key == name]
        count = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'}"
        yield entries[0].found.seen(AGENT, count)


def _programs(host: Host, each: Installed, switches: Switches) -> Iterator[Observation]:
    """Hooks and plugins, and that a project brings some; a switch keeps hooks from running."""
    off = switches.data.settings.flag(HOOKS)
    without_hooks = off is not None and off.node.flag is False and switches.whole
    if off is not None:
        yield off.seen(AGENT)
    found = [program for program in programs(host, each) if not (without_hooks and program.key == "hooks")]
    yield from (program.seen(AGENT) for program in found)
    yield from given(each.row.title, found)
