"""How Amp may act in the workspace, what its policy comes from, and what cannot be told."""

from collections.abc import Iterator

from probes.agents.amp.builtin import COMMANDS
from probes.agents.amp.guarded import GUARDED
from probes.agents.amp.rules import GATES, made, shown_tool, texts
from probes.agents.amp.settings import ALL, FILE, GUARDS, RULES, Setup, evidence, setup
from probes.agents.basis import Basis, asks_nothing, from_repository, literal
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT
from scanner.host import Host
from scanner.model import (
    Channel,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Inheritance,
    Observation,
    Paths,
    Platform,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
    Weakness,
)

TITLE = "Amp"
NAMES = {
    Channel.READ: "Read",
    Channel.WRITE: "edit_file and create_file",
    Channel.EXECUTE: "Bash",
    Channel.CONNECT: "read_web_page",
    Channel.CALL: "MCP tools",
}
BROUGHT = "Amp's own rules"
ALLOWED = "a tool that no rule names runs unasked (Amp's own rules)"
INHERITED = Inheritance(rule="Amp hands its whole environment on (default)")
SET = (ALL, GUARDS, "amp.tools.disable", "amp.tools.enable", "amp.mcpPermissions", "amp.runner.env.enabled")
MORE = ("amp.remoteThreadCreation.enabled", "amp.mcpTrustedServers")
FIX = 'Set "amp.dangerouslyAllowAll": false in ~/.config/amp/settings.json, with rules that ask in "amp.permissions".'
OWN_FIX = "Look at a project's .amp/settings.json before you start Amp there; managed settings stand before it."
SERVER = "what a workspace on the vendor's server sets comes before the files"
PLUGINS = "plugins of the workspace and the user may answer before its rules, and are not read"


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its rules, the settings these come from, what is weak in them, and every gap once."""
    found = setup(host, each)
    policy = _policy(found)
    yield each.seen(host, policy)
    yield from _settings(found)
    yield from _weaknesses(found, policy)
    yield from found.basis.gaps
    yield Gap(GapKind.REFUSED, f"{TITLE}'s workspace", SERVER)
    yield Gap(GapKind.REFUSED, f"{TITLE}'s plugins", PLUGINS)


# --- the policy


def _policy(found: Setup) -> Policy:
    if found.free is not None:
        tools = tuple(Tool(name, channel, found.free) for channel, name in NAMES.items())
        return Policy("allow all", tools, INHERITED, INHERITED)
    tools = tuple(_tool(found, channel) for channel in NAMES)
    return Policy("permission rules", tools, INHERITED, INHERITED)


def _tool(found: Setup, channel: Channel) -> Tool:
    """Guarded files are asked for before any rule is tried; the vendor's rules come behind all others."""
    host = found.basis.host
    guards = _guards(found) if channel is Channel.WRITE else ()
    rules = [rule for each in found.rules for rule in made(each, channel, host)]
    if channel is Channel.EXECUTE:
        otherwise = found.basis.default(Gate.PROMPT, f"{BROUGHT}: any other command")
        return Tool(NAMES[channel], channel, otherwise, (*rules, *_brought(found.basis)))
    otherwise = found.basis.default(Gate.NONE, ALLOWED)
    return Tool(NAMES[channel], channel, otherwise, (*guards, *rules))


def _guards(found: Setup) -> Iterator[Rule]:
    """Files that Amp guards by itself; those that a setting lets out are no longer so."""
    host = found.basis.host
    fold = host.platform is not Platform.LINUX
    open_ = Ruling(Gate.UNKNOWN, f"{GUARDS} lets it out", None, Gate.NONE)
    for text in found.unguarded:
        yield Rule(Paths(_home(host, text), fold), open_)
    asked = Ruling(Gate.PROMPT, "Amp asks before it changes guarded files (default)")
    for glob in GUARDED:
        yield Rule(Paths(_home(host, glob), fold), asked)


def _home(host: Host, text: str) -> str:
    return literal(host.home) + text[1:] if text.startswith("~/") else text


def _brought(basis: Basis) -> Iterator[Rule]:
    """The vendor's rules for commands, but for expressions of which it is not known what they are about.

    All of those stand before the last rule, which asks for whatever no other names; and those of them that allow
    let looking and listing through.
    """
    for action, lines in COMMANDS:
        meant = texts(lines, Channel.EXECUTE, basis.host)
        for pattern in meant.patterns if meant.exact else ():
            yield Rule(pattern, basis.default(GATES[action], f"{BROUGHT}: {action}"))


# --- what is told


def _settings(found: Setup) -> Iterator[SettingSeen]:
    agent = found.basis.each.row.id
    for key in (*SET, *MORE):
        for each in found.basis.layers.each(key):
            yield each.seen(agent)
    for entry in found.rules:
        action = entry.node.said("action")
        runs = ", which runs a program" if action == "delegate" else ""
        yield entry.seen(agent, f"{action} {shown_tool(entry.node)}{runs}")
    for option in found.basis.options("--dangerously-allow-all"):
        yield SettingSeen(agent, option.name, "true", "command line", option.evidence)
    if found.basis.host.variable(FILE):
        yield SettingSeen(agent, FILE, "names another settings file", "environment", Evidence(variable=FILE))


def _weaknesses(found: Setup, policy: Policy) -> Iterator[Weakness]:
    if found.free is not None:
        yield asks_nothing(TITLE, found.free, evidence(found), FIX)
    if found.switch is not None and found.switch.layer.scope == PROJECT and found.switch.node.flag:
        what = "Its switch that lets every tool through stands before yours"
        yield from_repository(TITLE, found.switch.evidence, what, OWN_FIX)
        return
    for entry in found.rules:
        if entry.layer.scope == PROJECT and entry.node.said("action") in {"allow", "delegate"} and found.free is None:
            what = f"Its rules in {RULES} are tried before yours"
            yield from_repository(TITLE, entry.evidence, what, OWN_FIX)
            return
