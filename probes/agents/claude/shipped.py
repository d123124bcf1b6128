"""Claude Code as its vendor ships it: no settings, no login. Written out, since a scan without agents has little time.

A test compares it with what `tools.py` makes of no settings.
"""

from probes.agents.claude.vendor import (
    AGENT,
    BUILT_IN,
    DOCUMENTATION,
    DOCUMENTS,
    LAST_RESORT,
    LOOKING,
    LOOKS,
    NO_PLAN,
    PROTECTED,
    PROTECTS,
    READING,
    READING_COMMANDS,
    TITLE,
    WORKING,
    last_resorts,
    literal,
)
from scanner.host import Host
from scanner.model import (
    AgentSeen,
    Channel,
    Command,
    Evidence,
    Gate,
    Name,
    Paths,
    Platform,
    Policy,
    Rule,
    Ruling,
    Tool,
)
from scanner.text import printable


def as_shipped(host: Host) -> AgentSeen:
    """The agent on a machine that does not have it, judged by the vendor's defaults."""
    policy = Policy("auto", (*_files(host), *_others(host)))
    place = Evidence(host.home / ".claude")
    return AgentSeen(AGENT, place, title=TITLE, folder=folder(host), policy=policy, notional=True)


def folder(host: Host) -> str | None:
    """The folder in which it works, as a report shows it."""
    return printable(host.shown(host.workspace)) if host.workspace is not None else None


def _files(host: Host) -> tuple[Tool, ...]:
    fold = host.platform is not Platform.LINUX
    inside = Paths(literal(host.workspace or host.home), fold)
    read = (Rule(inside, Ruling(Gate.NONE, WORKING)),)
    guarded = _unsure(Gate.CLASSIFIER, f"{PROTECTS}; {NO_PLAN}")
    write = (*(Rule(Paths(f"**/{name}", fold), guarded) for name in PROTECTED), Rule(inside, _unsure(Gate.NONE)))
    return (
        Tool("Read", Channel.READ, _unsure(Gate.NONE), read),
        Tool(READING_COMMANDS, Channel.READ, _unsure(Gate.CLASSIFIER), read, programs=READING),
        Tool("Edit", Channel.WRITE, _unsure(Gate.CLASSIFIER), write),
        Tool("Write", Channel.WRITE, _unsure(Gate.CLASSIFIER), write),
    )


def _others(host: Host) -> tuple[Tool, ...]:
    last = tuple(Rule(Command(text), Ruling(Gate.PROMPT, LAST_RESORT)) for text in last_resorts(host.home))
    looks = tuple(Rule(Command(text, open=True), Ruling(Gate.NONE, LOOKS)) for text in LOOKING)
    documents = tuple(Rule(Name(name), Ruling(Gate.NONE, DOCUMENTS)) for name in DOCUMENTATION)
    tools = [
        Tool("Bash", Channel.EXECUTE, _unsure(Gate.CLASSIFIER), (*last, *looks)),
        Tool("WebFetch", Channel.CONNECT, _unsure(Gate.CLASSIFIER), documents),
        Tool("WebSearch", Channel.CONNECT, _unsure(Gate.CLASSIFIER)),
        Tool("MCP tools", Channel.CALL, _unsure(Gate.CLASSIFIER)),
    ]
    if host.platform is Platform.WINDOWS:
        tools.append(Tool("PowerShell", Channel.EXECUTE, _unsure(Gate.CLASSIFIER), last))
    return tuple(tools)


def _unsure(gate: Gate, rule: str = BUILT_IN) -> Ruling:
    return Ruling(Gate.UNKNOWN, rule, stand_in=gate)
