"""Roo Code: in which editors it is, what it does unasked in each, and what cannot be told of it."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import allowed, asks_nothing, from_repository, literal, of_workspace, stopped
from probes.agents.documents import Documents
from probes.agents.editors.laxest import laxest
from probes.agents.editors.seats import CODE, editors_with, seats
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT, USER, Found, Layers, layered
from probes.agents.roo.switches import (
    ALLOWED,
    ASKED,
    BROWSES,
    CALLS,
    DENIED,
    OFF,
    PROTECTED,
    READS,
    READS_OUTSIDE,
    RUNS,
    SETTINGS,
    SWITCHES,
    WRITES,
    WRITES_OUTSIDE,
    Switches,
    states,
)
from scanner.host import Host
from scanner.model import (
    Channel,
    Command,
    Everything,
    Evidence,
    Gap,
    Gate,
    Inheritance,
    Name,
    Observation,
    Paths,
    Pattern,
    Platform,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
)
from scanner.text import printable

AGENT = "roo-code"
DEFAULT_ALLOWED = ("git log", "git diff", "git show")
# Files that configure the agent or the editor, from the workspace on; the list of the vendor may have more.
GUARDED = (
    *(".rooignore", ".roomodes", ".roorules*", ".clinerules*", ".roo/**", ".vscode/**", "*.code-workspace"),
    *(".rooprotected", "AGENTS.md", "AGENT.md"),
)
SERVERS = 500
ALL = "*"
INHERITED = Inheritance(rule="Roo Code hands its whole environment on (default)")
WHO = "whoever commits to the project says which commands and tools run unasked, where you let any"


class Seated(Struct, frozen=True):
    """The agent in one editor."""

    switches: Switches
    servers: Layers


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent in the editor in which it does most unasked, with that editor's settings, and every gap once."""
    documents = Documents(host)
    files = each.row.files
    gaps: list[Gap] = []
    among = editors_with(each.signs) or (CODE,)
    known = states(documents, files, gaps)
    found = []
    for seat in seats(documents, files, ASKED, among):
        one = Seated(Switches(seat, known.get(seat.folder, known[""])), _servers(documents, each, seat.folder))
        found.append((one, _policy(one, host)))
    chosen, policy = laxest(found)
    yield each.seen(host, policy)
    if len(found) > 1:
        title = printable(f"{chosen.switches.seat.title}, where it does most unasked; it is in {len(found)} places")
        yield SettingSeen(AGENT, "editor", title, "in force", each.evidence)
    yield from dict.fromkeys(_settings(chosen))
    yield from _weak(each, chosen, policy)
    notes = [note for one, _ in found for note in _notes(one)]
    yield from dict.fromkeys([*documents.gaps, *gaps, *notes])


def _servers(documents: Documents, each: Installed, editor: str) -> Layers:
    """The settings of its servers: the project's, and below them those of the editor."""
    mine = [one for one in documents.read(each.row.files["servers"]) if one.path and editor in one.path.parts]
    project = of_workspace(documents.host, documents.read(each.row.files["project_servers"]))
    return layered(documents, [(PROJECT, [one for one in project if one.project is not None]), (USER, mine)])


def _notes(one: Seated) -> list[Gap]:
    layers = (one.switches.seat.wide, one.switches.seat.own, one.switches.state.layers, one.servers)
    return [note for each in layers for note in each.notes]


# --- the policy


def _policy(one: Seated, host: Host) -> Policy:
    switches = one.switches
    fold = host.platform is not Platform.LINUX
    here = Paths(literal(host.workspace or host.home), fold)
    guarded = tuple(Paths(f"{here.glob}/{glob}", fold) for glob in GUARDED)
    protected = switches.ruling(WRITES, PROTECTED)
    tools = (
        Tool("read files", Channel.READ, switches.ruling(READS, READS_OUTSIDE), (Rule(here, switches.ruling(READS)),)),
        Tool(
            "edit files",
            Channel.WRITE,
            switches.ruling(WRITES, WRITES_OUTSIDE),
            (*(Rule(paths, protected) for paths in guarded), Rule(here, switches.ruling(WRITES))),
        ),
        _commands(switches),
        Tool("browser (older builds)", Channel.CONNECT, switches.ruling(BROWSES)),
        _calls(one),
    )
    on = switches.flag(SWITCHES[0]) is not None
    return Policy("auto-approve" if on else "asks", tools, INHERITED, INHERITED)


def _commands(switches: Switches) -> Tool:
    """The longest beginning decides, and of two as long the one that denies; a part that none names is asked about."""
    ruling = switches.ruling(RUNS)
    if ruling.gate is not Gate.NONE:
        return Tool("run commands", Channel.EXECUTE, ruling)
    rules = [*_denied(switches), *_allowed(switches)]
    rules.sort(key=lambda each: -each[0])  # stable, so that of two as long the denying one stays first
    return Tool("run commands", Channel.EXECUTE, Ruling(Gate.PROMPT, OFF), tuple(rule for _, rule in rules))


def _denied(switches: Switches) -> Iterator[tuple[int, Rule]]:
    for found in switches.listed(DENIED):
        text = found.node.text.strip()
        if text and found.layer.whole:
            yield from ((len(text), rule) for rule in stopped([_beginning(text)], found))


def _allowed(switches: Switches) -> Iterator[tuple[int, Rule]]:
    for found in switches.listed(ALLOWED):
        text = found.node.text.strip()
        if text:
            yield len(text), allowed(_beginning(text), found, exact=text == ALL or ALL not in text)
    if not switches.has(ALLOWED):
        for text in DEFAULT_ALLOWED:
            yield len(text), Rule(_beginning(text), Ruling(Gate.NONE, f'"{text}" runs unasked (default)'))


def _beginning(text: str) -> Pattern:
    """An entry: it is the beginning of a command, also within a word; a star alone is every command."""
    return Everything() if text == ALL else Command(f"{text}{ALL}")


def _calls(one: Seated) -> Tool:
    """A tool runs unasked where the switch is on and the server's entry names it."""
    ruling = one.switches.ruling(CALLS)
    if ruling.gate is not Gate.NONE:
        return Tool("MCP tools", Channel.CALL, ruling)
    rules = (allowed(Name(f"{_plain(server)}/{_plain(tool)}"), found) for server, tool, found in _always(one))
    last = Ruling(Gate.PROMPT, "a tool that no entry allows needs a yes")
    return Tool("MCP tools", Channel.CALL, last, (*_closed(one), *rules))


def _closed(one: Seated) -> Iterator[Rule]:
    """The tools that entries of servers take away."""
    for name, tool, found in _entries(one, "disabledTools"):
        if found.layer.whole:
            yield from stopped([Name(f"{_plain(name)}/{_plain(tool)}")], found)


def _always(one: Seated) -> Iterator[tuple[str, str, Found]]:
    """The tools that entries of servers let run."""
    return _entries(one, "alwaysAllow")


def _entries(one: Seated, kind: str) -> Iterator[tuple[str, str, Found]]:
    """The texts of a list of each server that is on; an entry of the project takes the place of the user's."""
    met: set[str] = set()
    for told in one.servers.each("mcpServers"):
        for name, node in told.node.pairs[:SERVERS]:
            listed, off = node.get(kind), node.get("disabled")
            if name in met:
                continue
            met.add(name)
            if listed is not None and not (off is not None and off.flag is True and told.layer.whole):
                found = Found(listed, told.layer, f"mcpServers.{kind}")
                yield from ((name, each.node.text, each) for each in one.servers.listed(found) if each.node.text)


def _plain(text: str) -> str:
    return text if text == ALL else "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text)


# --- what is told


def _settings(one: Seated) -> Iterator[SettingSeen]:
    for name in (*SWITCHES, ALLOWED, DENIED):
        for found in one.switches.state.layers.each(name):
            yield found.seen(AGENT)
    for key in SETTINGS.values():
        for found in one.switches.seat.wide.each(key):
            yield found.seen(AGENT)
    counted: dict[Evidence, list[Found]] = {}
    for _, _, found in _always(one):
        counted.setdefault(Evidence(found.evidence.path, key=found.key), []).append(found)
    for entries in counted.values():
        yield entries[0].seen(AGENT, f"{len(entries)} {'tool' if len(entries) == 1 else 'tools'} in all")


def _weak(each: Installed, one: Seated, policy: Policy) -> Iterator[Observation]:
    running = policy.tools[2]
    free = next((rule.ruling for rule in running.rules if isinstance(rule.pattern, Everything)), None)
    if free is not None and free.gate is Gate.NONE:
        fix = f'Take "*" out of {ALLOWED}, and allow single commands.'
        yield asks_nothing(each.row.title, free, each.evidence, fix)
    given = next(_given(one), None)
    if given is not None:
        fix = "Keep what you allow in your own settings, and look at what a project brings before you open it."
        yield from_repository(each.row.title, given.evidence, WHO, fix)


def _given(one: Seated) -> Iterator[Found]:
    """What a project lets run, where the user lets anything run by lists."""
    if one.switches.ruling(RUNS).gate is Gate.NONE:
        told = next(one.switches.seat.wide.each(SETTINGS[ALLOWED]), None)
        if told is not None and told.layer.from_project and told.node.items:
            yield told
    if one.switches.ruling(CALLS).gate is Gate.NONE:
        yield from (found for _, _, found in _always(one) if found.layer.from_project)
