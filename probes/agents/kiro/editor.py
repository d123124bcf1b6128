"""The older settings of Kiro's editor: what a workspace says counts before what the user says.

A trusted command is a beginning: with a star behind it, whatever follows is trusted, another command too. What the
deny list names anywhere in a line is asked for.
"""

from collections.abc import Iterator

from probes.agents.basis import Basis, allowed, by, stopped
from probes.agents.layers import Found
from scanner.model import Channel, Command, Everything, Gate, Rule, Ruling, Tool

AUTONOMY, TRUSTED = "kiroAgent.agentAutonomy", "kiroAgent.trustedCommands"
DENIED, TOOLS = "kiroAgent.commandDenylist", "kiroAgent.trustedTools"
KEYS = (AUTONOMY, TRUSTED, DENIED, TOOLS)
SUPERVISED = "Supervised"


def tools(basis: Basis) -> Iterator[Tool]:
    """What the editor does by these settings."""
    yield Tool("editor, shell", Channel.EXECUTE, _asked(basis, "commands"), tuple(_commands(basis)))
    yield Tool("editor, changes", Channel.WRITE, _changes(basis), (Rule(basis.inside(), _changes(basis)),))
    for channel, what in ((Channel.READ, "files"), (Channel.CONNECT, "addresses"), (Channel.CALL, "tools of servers")):
        gate = basis.each.row.default.get(channel, Gate.PROMPT)
        yield Tool(f"editor, {what}", channel, Ruling(Gate.UNKNOWN, f"{what}, by default", None, gate))


def _asked(basis: Basis, what: str) -> Ruling:
    return basis.default(Gate.PROMPT, f"{what} that are not trusted are asked for (default)")


def highest(basis: Basis, key: str) -> Found | None:
    """The list that counts: a workspace's takes the place of the user's as a whole."""
    return next(basis.layers.each(key), None)


def _commands(basis: Basis) -> Iterator[Rule]:
    denied, trusted = highest(basis, DENIED), highest(basis, TRUSTED)
    for entry in basis.layers.listed(denied) if denied is not None else ():
        if entry.node.text.strip() and "*" not in entry.node.text:
            yield from stopped([Command(f"*{entry.node.text}*")], entry, Gate.PROMPT)
    for entry in basis.layers.listed(trusted) if trusted is not None else ():
        text = entry.node.text.strip()
        if text:
            pattern = Everything() if text == "*" else Command(text, chained="*" in text)
            yield allowed(pattern, entry)


def _changes(basis: Basis) -> Ruling:
    """In the mode that is the default files are changed unasked, and looked through later."""
    found = basis.layers.word(AUTONOMY)
    if found is not None and found.node.text == SUPERVISED:
        return by(found, Gate.UNKNOWN, Gate.PROMPT)
    words = "files are changed unasked in Autopilot"
    return by(found, Gate.UNKNOWN, Gate.NONE) if found is not None else Ruling(Gate.UNKNOWN, words, None, Gate.NONE)
