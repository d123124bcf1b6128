"""Google Antigravity on this machine: its vendor's defaults, which nobody checked, and what its files widen of them.

Its program is closed, and its rules are known from others alone: a rule never makes it look safer than its default.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.agents.claude.vendor import GLOB_SIGNS, literal
from probes.agents.documents import Documents
from probes.agents.installed import ACTS, Installed
from probes.agents.layers import PROJECT, USER, Found, Layers, layered
from probes.agents.shown import holds_secret
from scanner.host import Host
from scanner.model import (
    Channel,
    Command,
    Everything,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Gate,
    Name,
    Observation,
    Paths,
    Pattern,
    Platform,
    Policy,
    Rule,
    Ruling,
    Tool,
    Weakness,
)

TITLE = "Google Antigravity"
ENTRY = re.compile(r"([a-z_]{1,40})(?:\((.{0,4000})\))?", re.DOTALL)
ACTIONS = {
    "read_file": Channel.READ,
    "write_file": Channel.WRITE,
    "command": Channel.EXECUTE,
    "unsandboxed": Channel.EXECUTE,
    "read_url": Channel.CONNECT,
    "execute_url": Channel.CONNECT,
    "mcp": Channel.CALL,
}
KINDS = ("deny", "ask", "allow")  # in the order in which they are tried
PROCEEDS, SKIP = "always-proceed", "--dangerously-skip-permissions"
WORDS = 200  # of one command line
BEARING = ("toolPermission", "artifactReviewPolicy", "agentMode", "enableTerminalSandbox")


class Open(Struct, frozen=True):
    """What has it act without asking, and where that stands."""

    rule: str
    evidence: Evidence


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """All that is seen of it."""
    documents = Documents(host)
    files = each.row.files
    user = tuple(documents.read(files["settings"]))
    project = tuple(found for found in documents.read(files["project"]) if found.project == host.workspace)
    layers = layered(documents, [(PROJECT, project), (USER, user)])
    opened = _opened(layers, each)
    mode = opened.rule if opened is not None else "default (assumed)"
    tools = tuple(_tool(host, each, channel, layers, opened) for channel in each.row.default)
    yield each.seen(host, Policy(mode, tools))
    for keys in (*(("permissions", kind) for kind in KINDS), *((key,) for key in BEARING)):
        yield from (found.seen(each.row.id) for found in layers.each(*keys))
    yield from _given(layers)
    why = "how it decides is not published, and what it keeps in a database is not read; defaults stand in"
    yield Gap(GapKind.REFUSED, TITLE, why)
    yield from dict.fromkeys((*documents.gaps, *layers.notes))


def _opened(layers: Layers, each: Installed) -> Open | None:
    """What switches its questions off: an option of a running one, or a setting."""
    for process in each.processes:
        if SKIP in process.argv[1:WORDS]:
            name = f"{process.name} (pid {process.pid})"
            return Open(f"{SKIP} of the running {name}", Evidence(process=name))
    found = next((found for found in layers.each("toolPermission") if found.node.text == PROCEEDS), None)
    return Open(found.words, found.evidence) if found is not None else None


def _tool(host: Host, each: Installed, channel: Channel, layers: Layers, opened: Open | None) -> Tool:
    gate = each.row.default[channel]
    rules = tuple(_rules(host, channel, layers, gate if opened is None else Gate.NONE))
    otherwise = Ruling(Gate.UNKNOWN, f"{TITLE} {ACTS[channel]}, by default", None, gate)
    if opened is not None:
        otherwise = Ruling(Gate.UNKNOWN, opened.rule, opened.evidence, Gate.NONE)
    return Tool(TITLE, channel, otherwise, rules)


def _rules(host: Host, channel: Channel, layers: Layers, default: Gate) -> Iterator[Rule]:
    """Its rules: what allows is reckoned with, and what denies or asks only stands before that."""
    for kind in KINDS:
        for found in layers.entries("permissions", kind):
            match = ENTRY.fullmatch(found.node.text)
            if match is None or ACTIONS.get(match[1]) is not channel:
                continue
            wide = kind == "allow"
            for pattern in _patterns(host, channel, (match[2] or "*").strip(), wide=wide):
                yield Rule(pattern, Ruling(Gate.UNKNOWN, found.words, found.evidence, Gate.NONE if wide else default))


def _patterns(host: Host, channel: Channel, target: str, *, wide: bool) -> tuple[Pattern, ...]:
    """What a target means: whole words of a command, a file or folder, a domain with those below it."""
    if target == "*":
        return (Everything(),)
    if holds_secret(target) or "regex:" in target:
        return (Everything(),) if wide else ()
    plain = target.translate(GLOB_SIGNS)
    match channel:
        case Channel.EXECUTE:
            return (Command(target, open=True, chained=wide),)
        case Channel.READ | Channel.WRITE:
            path = host.resolve(target, host.workspace or host.home)
            return (Paths(literal(path), host.platform is not Platform.LINUX),) if path is not None else ()
        case Channel.CONNECT:
            return (Name(plain), Name(f"*.{plain}"))
        case Channel.CALL:
            return (Name(plain), Name(f"{plain}/*"))


def _given(layers: Layers) -> Iterator[Weakness]:
    """What a project's own file allows, which whoever commits to it decides."""
    found = next((each for each in layers.each("permissions", "allow") if _is_given(each)), None)
    if found is None or found.evidence.path is None:
        return
    where = layers.documents.host.shown(found.evidence.path)
    yield Weakness(
        "agent.rights-from-repository",
        f"A project gives {TITLE} more rights than you do",
        found.evidence,
        f"{found.key} in {where} is meant to hold for all who open the project, and who commits to it decides.",
        Fix("Keep what you allow in your own settings, and let projects deny and ask."),
        ("repository",),
    )


def _is_given(found: Found) -> bool:
    return found.layer.scope == PROJECT and bool(found.node.items)
