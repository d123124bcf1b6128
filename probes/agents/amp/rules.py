"""Amp's rules as patterns: the first that matches decides, over the whole text of a command and not its parts."""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import literal
from probes.agents.layers import Found
from probes.agents.regexes import commands as of_regex
from probes.agents.shown import holds_secret
from probes.agents.tree import Node
from scanner.host import Host
from scanner.model import Channel, Command, Everything, Gate, Name, Paths, Platform, Ruling
from scanner.model.agents import Pattern, Rule

TOOLS = {
    Channel.READ: ("Read", "Grep", "glob", "Glob", "view_media"),
    Channel.WRITE: ("edit_file", "create_file", "apply_patch", "delete_file"),
    Channel.EXECUTE: ("Bash", "shell_command", "async_shell_command"),
    Channel.CONNECT: ("read_web_page", "web_search"),
}
ABOUT = {
    Channel.READ: frozenset({"path"}),
    Channel.WRITE: frozenset({"path"}),
    Channel.EXECUTE: frozenset({"cmd", "command"}),
    Channel.CONNECT: frozenset({"url"}),
}
GATES = {"allow": Gate.NONE, "ask": Gate.PROMPT, "reject": Gate.REFUSED}
ACTIONS = frozenset({*GATES, "delegate"})
TEXTS, LONG = 500, 1000
SERVED = re.compile(r"mcp__(?P<server>.+?)__(?P<tool>.+)")


class Meant(Struct, frozen=True):
    """What a rule is about; `exact` is false where it may be about less."""

    patterns: tuple[Pattern, ...]
    exact: bool = True


def is_rule(node: Node) -> bool:
    """Whether Amp takes an entry; it passes over others."""
    action = node.said("action")
    return bool(node.said("tool")) and action in ACTIONS and (action != "delegate" or bool(node.said("to")))


def made(found: Found, channel: Channel, host: Host) -> Iterator[Rule]:
    """The rules that an entry makes for the tools of a channel."""
    node = found.node
    meant = _served(node) if channel is Channel.CALL else _meant(node, channel, host)
    if meant is None:
        return
    sure = meant.exact and not node.said("context") and not (channel is Channel.CALL and node.get("matches"))
    ruling = _ruling(found, sure=sure)
    if ruling is not None:
        yield from (Rule(pattern, ruling) for pattern in meant.patterns)


def _ruling(found: Found, *, sure: bool) -> Ruling | None:
    """What it says; one that may be about less than is known stops nothing."""
    action = found.node.said("action")
    words = f'{found.key}, {action} "{shown_tool(found.node)}"'
    if action == "delegate":
        return Ruling(Gate.UNKNOWN, f"{words}: a program decides", found.evidence, Gate.NONE)
    if sure:
        return Ruling(GATES[action], words, found.evidence)
    return Ruling(Gate.UNKNOWN, words, found.evidence, Gate.NONE) if action == "allow" else None


def shown_tool(node: Node) -> str:
    """The tool of a rule, where its name is one."""
    tool = node.said("tool")
    return tool if re.fullmatch(r"[A-Za-z0-9_*?-]{1,80}", tool) else "a tool"


def _meant(node: Node, channel: Channel, host: Host) -> Meant | None:
    tool = _name(node.said("tool"))
    named = [name for name in TOOLS[channel] if tool.matches(name)]
    if not named:
        return None
    whole = len(named) == len(TOOLS[channel]) or channel in {Channel.EXECUTE, Channel.CONNECT}
    matches = node.get("matches")
    pairs = matches.pairs if matches is not None else ()
    if not pairs:
        return Meant((Everything(),), whole)
    about = [inner for key, inner in pairs if key in ABOUT[channel]]
    if not about:
        return None if channel is Channel.EXECUTE else Meant((Everything(),), exact=False)
    found = texts(about[0].texts()[:TEXTS], channel, host)
    return Meant(found.patterns, found.exact and whole and len(pairs) == 1)


def texts(told: tuple[str, ...], channel: Channel, host: Host) -> Meant:
    """What the texts of a rule mean: expressions between slashes, and texts with stars."""
    patterns: list[Pattern] = []
    exact = True
    for text in told:
        each = _text(text, channel, host)
        patterns += each.patterns
        exact = exact and each.exact
    return Meant(tuple(patterns), exact)


def _text(text: str, channel: Channel, host: Host) -> Meant:
    if text == "*":
        return Meant((Everything(),))
    if len(text) > LONG or holds_secret(text):  # a rule may hold a password, which no pattern may
        return Meant((Everything(),), exact=False)
    expression = len(text) >= 3 and text.startswith("/") and text.endswith("/")
    if channel is Channel.EXECUTE:
        found = of_regex(text[1:-1], whole=False, chained=True) if expression else None
        if found is not None:
            return Meant(found.patterns, found.exact)
        return Meant((Everything(),), exact=False) if expression else Meant((Command(text, chained="*" in text),))
    if expression:
        return Meant((Everything(),), exact=False)
    return _path(text, host) if channel in {Channel.READ, Channel.WRITE} else Meant((Everything(),), exact=False)


def _path(text: str, host: Host) -> Meant:
    """A path with stars, each for any characters; `~` and variables stand for nothing there."""
    text = text.replace("\\", "/")
    fold = host.platform is not Platform.LINUX
    if "*" not in text:
        return Meant((Paths(literal(type(host.home)(text)), fold),))
    head, _, last = text.rpartition("/")
    if "*" in head.replace("**", "") or head.count("**") > 3 or "?" in text or "[" in text:
        return Meant((Everything(),), exact=False)
    if not last.strip("*"):
        return Meant((Paths(head or "**", fold),))
    if last.startswith("*"):
        return Meant((Paths(f"{head}/**/{last}" if head else f"**/{last}", fold),))
    return Meant((Paths(text, fold),), exact=False)


def _served(node: Node) -> Meant | None:
    tool = node.said("tool")
    if holds_secret(tool):
        return Meant((Everything(),), exact=False)
    if not tool.strip("*"):
        return Meant((Everything(),))
    if tool in {"mcp__*", "mcp__"}:
        return Meant((Everything(),))
    match = SERVED.fullmatch(tool)
    if match is not None:
        return Meant((Name(f"{_safe(match['server'])}/{_safe(match['tool'])}"),))
    if tool.startswith("mcp__") and tool.endswith("*"):
        return Meant((Name(f"{_safe(tool[5:-1])}*/*"),))
    return None


def _safe(text: str) -> str:
    return re.sub(r"([?\[])", r"[\1]", text)


def _name(text: str) -> Name:
    return Name(text if len(text) <= 100 else "?")
