"""The newer rules of Kiro, which editor and command line share: capabilities with globs, of which the strictest counts.

Deny comes before ask and ask before allow, over all scopes. Whether a command line is taken apart before it is looked
up is told nowhere, so that behind a glob another command may follow, for all that is known.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import Basis, allowed, by, globs, stopped
from probes.agents.layers import Found
from scanner.model import Channel, Command, Everything, Gate, Name, Pattern, Rule, Ruling, Tool

EFFECTS = {"deny": Gate.REFUSED, "ask": Gate.PROMPT, "allow": Gate.NONE}
ALIASES = {"filesystem": frozenset({"fs_read", "fs_write"})}
CAPABILITIES = {
    "fs_read": Channel.READ,
    "fs_write": Channel.WRITE,
    "shell": Channel.EXECUTE,
    "web_fetch": Channel.CONNECT,
    "mcp": Channel.CALL,
}
OTHERS = frozenset({"web_search", "subagent", "skill", "power", "context", "diagnostics", "sandbox_network"})
BUILTIN = frozenset(CAPABILITIES) - {"mcp"}
HOST = re.compile(r"(?:https?://)?([A-Za-z0-9.*-]{1,253})(?:/.*)?")
GLOB = re.compile(r"\[[^\]]*\]|[?*]+")
OWN = (".kiro/settings", ".kiro/workspace-roots")
ASKED = (".git", ".kiro/agents", ".kiro/hooks", ".vscode")
LISTED = 2_000


class Told(Struct, frozen=True):
    """One rule: its capability, what of it (none: all) but for what, its effect, and where it stands."""

    capability: str
    match: tuple[str, ...]
    exclude: tuple[str, ...]
    gate: Gate
    found: Found

    def is_for(self, capability: str) -> bool:
        """Whether that capability is meant."""
        if self.capability in {"all", capability}:
            return True
        return (self.capability == "builtin" and capability in BUILTIN) or capability in ALIASES.get(
            self.capability, ()
        )


def told(basis: Basis) -> tuple[Told, ...]:
    """The rules of all scopes; what is none is told and left out, as Kiro does."""
    return tuple(_told(basis))


def _told(basis: Basis) -> Iterator[Told]:
    for entry in basis.layers.entries("rules"):
        capability, gate = entry.node.said("capability"), EFFECTS.get(entry.node.said("effect"))
        known = capability in {"all", "builtin", *ALIASES, *CAPABILITIES, *OTHERS}
        if gate is None or not known:
            basis.layers.note(entry, "holds a rule that is not known")
            continue
        yield Told(capability, _texts(entry, "match"), _texts(entry, "exclude"), gate, entry)


def _texts(entry: Found, key: str) -> tuple[str, ...]:
    node = entry.node.get(key)
    return node.texts()[:LISTED] if node is not None else ()


def tools(basis: Basis, listed: tuple[Told, ...]) -> Iterator[Tool]:
    """All that the rules say, a tool for each capability."""
    for capability, channel in CAPABILITIES.items():
        here = [each for each in listed if each.is_for(capability)]
        rules = (*_fixed(basis, channel), *_rules(basis, here, channel))
        yield Tool(f"{capability}", channel, _default(basis, channel), rules)


def _default(basis: Basis, channel: Channel) -> Ruling:
    """What holds where no rule is: the vendor's pages do not say it in full."""
    gate = basis.each.row.default.get(channel, Gate.PROMPT)
    return Ruling(Gate.UNKNOWN, f"no rule for it ({channel}, default)", None, gate)


def _fixed(basis: Basis, channel: Channel) -> Iterator[Rule]:
    """What no rule changes: its own settings are not written, and some folders only with a person's yes."""
    if channel is Channel.WRITE:
        for top in (basis.host.home, basis.workspace):
            for own in OWN:
                yield Rule(basis.inside(top / own), Ruling(Gate.REFUSED, "Kiro does not write its own settings"))
        for folder in ASKED:
            yield Rule(basis.inside(basis.workspace / folder), Ruling(Gate.PROMPT, f"{folder} is asked for"))


def _rules(basis: Basis, here: list[Told], channel: Channel) -> Iterator[Rule]:
    for gate in (Gate.REFUSED, Gate.PROMPT):
        for each in here:
            if each.gate is gate and not each.exclude:  # what it exempts would have to be looked at further
                yield from stopped(_stopping(basis, each, channel), each.found, gate)
    free = [each for each in here if each.gate is Gate.NONE]
    for each in free:
        if len(free) == 1:
            yield from _exempt(basis, each, channel)
        for pattern, exact in _patterns(basis, each.match, channel):
            yield allowed(pattern, each.found, exact=exact and (not each.exclude or len(free) == 1))


def _exempt(basis: Basis, each: Told, channel: Channel) -> Iterator[Rule]:
    """What the only rule that allows something leaves out."""
    for pattern, _ in _patterns(basis, each.exclude, channel) if each.exclude else ():
        if pattern is not None:
            yield Rule(pattern, by(each.found, Gate.UNKNOWN, basis.each.row.default.get(channel, Gate.PROMPT)))


def _stopping(basis: Basis, each: Told, channel: Channel) -> Iterator[Pattern]:
    return (pattern for pattern, _ in _patterns(basis, each.match, channel) if pattern is not None)


def _patterns(basis: Basis, match: tuple[str, ...], channel: Channel) -> Iterator[tuple[Pattern | None, bool]]:
    """The patterns of globs, and whether each is sure; everything where there are none."""
    if not match or "*" in match or "**" in match:
        yield Everything(), True
        return
    for text in match:
        match channel:
            case Channel.EXECUTE:
                line = GLOB.sub("*", text)
                yield Command(line, chained="*" in line), "*" not in line
            case Channel.CONNECT:
                host = HOST.fullmatch(text)
                yield (Name(host[1]) if host is not None else None), True
            case Channel.CALL:
                yield Name(_tool(text)), True
            case _:
                for each in globs(basis, text) or (None,):
                    yield each, True


def _tool(text: str) -> str:
    """A server, or one of its tools, as Kiro writes them: `@server/tool`."""
    plain = text.removeprefix("@")
    return plain if "/" in plain else f"{plain}/*"
