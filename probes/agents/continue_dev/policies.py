"""The policies of Continue's command line: `Tool` or `Tool(glob)` with a permission; the first match counts."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from msgspec import Struct

from probes.agents.basis import Basis, allowed, globs, stopped
from probes.agents.layers import Found
from scanner.model import Channel, Command, Everything, Gate, Name, Pattern, Rule

POLICY = re.compile(r"([^(]{1,200})(?:\(([^)]{0,4000})\))?")
LISTS = (("exclude", Gate.REFUSED), ("ask", Gate.PROMPT), ("allow", Gate.NONE))
TOOLS = {
    "Bash": Channel.EXECUTE,
    "Read": Channel.READ,
    "Edit": Channel.WRITE,
    "MultiEdit": Channel.WRITE,
    "Write": Channel.WRITE,
    "Fetch": Channel.CONNECT,
}
OTHERS = frozenset({"List", "Search", "Diff", "Status", "Checklist", "Exit", "AskQuestion", "CheckBackgroundJob"})
HOST = re.compile(r"https?://([A-Za-z0-9.*-]{1,253})(?:/.*)?")


class Policy(Struct, frozen=True):
    """One entry: which tools, what of them (None: all), its permission, and where it stands."""

    tool: str
    about: str | None
    gate: Gate
    found: Found

    def is_for(self, tool: str) -> bool:
        """Whether the tool is meant."""
        return self.tool in {"*", tool} or (
            ("*" in self.tool or "?" in self.tool) and fnmatchcase(tool, self.tool.replace("[", "[[]"))
        )


def policies(basis: Basis) -> Iterator[Policy]:
    """The entries of all lists, in the order in which they are tried."""
    for layer in basis.layers.layers:
        for name, gate in LISTS:
            node = layer.document.root.get(name)
            if node is None or node.items is None:
                continue
            for entry in basis.layers.listed(Found(node, layer, name)):
                match = POLICY.fullmatch(entry.node.text)
                if match is None:
                    basis.layers.note(entry, "is no policy")
                    continue
                yield Policy(match[1].strip(), (match[2] or "").strip() or None, gate, entry)


def rules(basis: Basis, told: tuple[Policy, ...], tool: str) -> Iterator[Rule]:
    """What the entries say of a tool that is built in."""
    for each in told:
        if each.is_for(tool):
            pattern, exact = _pattern(basis, tool, each.about)
            yield from _rules(each, pattern, exact=exact)


def calls(told: tuple[Policy, ...]) -> Iterator[Rule]:
    """What they say of tools of servers, which bear their own names alone."""
    for each in told:
        if each.tool == "*":
            yield from _rules(each, (Everything(),), exact=True)
        elif each.tool not in TOOLS and each.tool not in OTHERS and each.about is None:
            yield from _rules(each, (Name(f"*/{each.tool.replace('[', '[[]')}"),), exact=True)


def _rules(each: Policy, patterns: tuple[Pattern, ...], *, exact: bool) -> Iterator[Rule]:
    if each.gate is Gate.NONE:
        yield from (allowed(pattern, each.found, exact=exact) for pattern in patterns or (None,))
    elif exact:
        yield from stopped(patterns, each.found, each.gate)


def _pattern(basis: Basis, tool: str, about: str | None) -> tuple[tuple[Pattern, ...], bool]:
    """What of a tool is meant, and whether that is sure: a path is held against what the model writes."""
    if about is None or about == "*":
        return (Everything(),), True
    match TOOLS[tool]:
        case Channel.EXECUTE:  # the whole line, so that behind a star another command may follow
            return (Command(about.replace("?", "*"), chained="*" in about or "?" in about),), "?" not in about
        case Channel.CONNECT:
            host = HOST.fullmatch(about)
            return ((Name(host[1]),), True) if host is not None else ((), False)
        case _:
            sure = about.startswith(("*", "/"))
            return globs(basis, about) or (), sure
