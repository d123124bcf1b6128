"""How Cline's command line may act: one switch for all its tools, which is on as the vendor ships it."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import ARGUMENTS, PROCESSES, Basis, asks_nothing, basis
from probes.agents.cline.programs import given, programs
from probes.agents.cline.state import approved_tools, chosen
from probes.agents.documents import Documents
from probes.agents.installed import Installed
from probes.agents.layers import USER, Layers, layered
from scanner.host import Host, Place, Process
from scanner.model import (
    Channel,
    Evidence,
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

SWITCH, OPTION = "toolAutoApprove", "--auto-approve"
ALWAYS = frozenset({"--yolo", "-y", "--zen", "-z"})
HOOKS = 50
INHERITED = Inheritance(rule="Cline hands its whole environment on (default)")
UNASKED = "all tools run unasked (default)"
FIX = "Switch auto-approve off in its settings, or start it with --auto-approve false."
TOOLS = {
    Channel.READ: "read_files",
    Channel.WRITE: "editor",
    Channel.EXECUTE: "run_commands",
    Channel.CONNECT: "fetch_web_content",
}


class Told(Struct, frozen=True):
    """What one running process was told about approvals."""

    free: bool
    evidence: Evidence


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its one rule, what that comes from, and every gap once."""
    documents = Documents(host)
    files = each.row.files
    found = basis(host, each, layered(documents, [(USER, documents.read(chosen(host, files["settings"])))]))
    servers = layered(documents, [(USER, documents.read(chosen(host, files["servers"])))])
    ruling = _ruling(found, each)
    yield each.seen(host, _policy(ruling, servers))
    yield from found.seen(SWITCH, "disabledTools", "disabledPlugins")
    yield from _options(each)
    yield from _programs(host, each)
    if ruling.effective is Gate.NONE:
        yield asks_nothing(each.row.title, ruling, each.evidence, FIX)
    yield from dict.fromkeys((*found.gaps, *servers.notes))
    yield Gap(GapKind.REFUSED, f"{each.row.title}'s options", f"those of its next start, such as {OPTION}, come first")


def _ruling(found: Basis, each: Installed) -> Ruling:
    """An option comes before the switch; of several that run the laxest counts."""
    running = [_told(process) for process in each.processes[:PROCESSES]]
    free = next((one for one in running if one is not None and one.free), None)
    if free is not None:
        return Ruling(Gate.NONE, f"{OPTION} of the running {free.evidence.process}", free.evidence)
    strict = [one for one in running if one is not None]
    if strict and len(strict) == len(running):
        return Ruling(Gate.PROMPT, f"{OPTION} false of the running {strict[0].evidence.process}", strict[0].evidence)
    switch = found.layers.flag(SWITCH)
    if switch is None:
        return found.default(Gate.NONE, UNASKED)
    return Ruling(
        Gate.NONE if switch.node.flag else Gate.PROMPT, f"{SWITCH} {_word(switch.node.flag)}", switch.evidence
    )


def _word(flag: bool | None) -> str:
    return "true" if flag else "false"


def _told(process: Process) -> Told | None:
    """The last of its options that say something; None where none does."""
    place = Evidence(process=f"{process.name} (pid {process.pid})")
    words = process.argv[:ARGUMENTS]
    said: Told | None = None
    for at, word in enumerate(words):
        name, sign, value = word.partition("=")
        if name == OPTION:
            value = value if sign else "".join(words[at + 1 : at + 2])
            said = Told(value.strip().casefold() != "false", place)
    return Told(True, place) if not ALWAYS.isdisjoint(words) else said


def _policy(ruling: Ruling, servers: Layers) -> Policy:
    """One ruling for all; a tool that its server's entry approves may run all the same."""
    tools = [Tool(name, channel, ruling) for channel, name in TOOLS.items()]
    named = [] if ruling.effective is Gate.NONE else [*approved_tools(servers)]
    rules = tuple(
        Rule(
            Name(f"{_literal(each.server)}/{_literal(each.tool)}"),
            Ruling(Gate.UNKNOWN, each.found.words, each.found.evidence, Gate.NONE),
        )
        for each in named
    )
    mode = "auto-approve" if ruling.effective is Gate.NONE else "ask"
    return Policy(mode, (*tools, Tool("MCP tools", Channel.CALL, ruling, rules)), INHERITED, INHERITED)


def _literal(text: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in text) if text != "*" else text


def _options(each: Installed) -> Iterator[SettingSeen]:
    for process in each.processes[:PROCESSES]:
        said = _told(process)
        if said is not None:
            yield SettingSeen(each.row.id, OPTION, _word(said.free), "command line", said.evidence)


def _programs(host: Host, each: Installed) -> Iterator[Observation]:
    """Hooks, plugins and what runs by the clock: files that it runs by itself."""
    found = [*programs(host, each)]
    yield from (program.seen(each.row.id) for program in found)
    yield from given(each.row.title, found)
    for place in [*host.places(*each.row.files["cron"])][:HOOKS]:
        if isinstance(place, Place):
            yield SettingSeen(each.row.id, "cron", "a task by the clock, which it runs", USER, Evidence(place.path))
