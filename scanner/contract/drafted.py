"""A suggestion as the text of a contract: every line with why it is there, in words that cannot become lines."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from scanner.contract.written import quoted, text_of
from scanner.listed import Called, Entry, Lists
from scanner.model.contract import Contract
from scanner.suggest import Allowed, Suggestion
from scanner.text import printable

WIDTH = 300  # characters of a comment


def text_of_suggestion(told: Suggestion, basis: Contract) -> str:
    """The contract; what `basis` never lets be and demands of the machine stands in it too, and nothing it allows."""
    return "".join(f"{line}\n" for line in _lines(told, basis))


def _lines(told: Suggestion, basis: Contract) -> Iterator[str]:
    yield _comment(f"Made from what was used: {told.seen}.")
    yield _comment(
        "Read it, take out what nobody needs, and make it anew when it ends: it knows what was done, not what"
    )
    yield _comment("was right.")
    yield "version: 1"
    yield f"name: {_text(told.name)}"
    if told.agents:
        folders = f", workspaces: {_flow(told.workspaces)}" if told.workspaces else ""
        yield f"for: {{agents: {_flow(told.agents)}{folders}}}"
    yield f"until: {told.until}"
    yield ""
    yield from _allow(told.allow)
    yield from _lists(told.lists)
    yield _comment(f"What {basis.name} never lets be, and what it demands of the machine; what it allows is not here.")
    rest = replace(Contract(told.name, "", basis.source), never=basis.never, require=basis.require)
    yield from text_of(rest).splitlines()[2:]  # without version and name


def _allow(lines: Sequence[Allowed]) -> Iterator[str]:
    yield _comment("What no line allows is excess. Of production only what was named is here.")
    yield "allow:" if lines else "allow: []"
    for each in lines:
        gate = f", gate: {each.gate}" if each.gate is not None else ""
        yield _comment(each.why, "  ")
        yield f"  - {{capability: {_flow(each.capabilities)}, asset: {_flow(each.assets)}{gate}}}"
    yield ""


def _lists(lists: Lists) -> Iterator[str]:
    if lists.commands is not None or lists.asking:
        yield _comment("What may run unasked, and what after asking.")
        yield "commands:"
        yield from _items("allow", lists.commands, "  ") if lists.commands is not None else ()
        yield from _items("ask", lists.asking, "  ") if lists.asking else ()
        yield ""
    if lists.folders:
        yield _comment("Where it worked. Files that open production are never to be read.")
        yield "files:"
        yield from _items("read", lists.folders, "  ")
        yield f"  {'write' if lists.changes else 'ask'}: {_flow(each.text for each in lists.folders)}"
        yield from _items("never", lists.secret, "  ") if lists.secret else ()
        yield ""
    if lists.network is not None:
        yield _comment("What it may connect to unasked.")
        yield from _items("network", lists.network, "")
        yield ""
    if lists.mcp is not None:
        yield _comment(
            "MCP servers that were called, with the tools that ran unasked; any other server is one too many."
        )
        yield from _servers(lists.mcp)
        yield ""


def _items(key: str, entries: Sequence[Entry], indent: str) -> Iterator[str]:
    yield f"{indent}{key}:" if entries else f"{indent}{key}: []"
    for each in entries:
        yield f"{indent}  - {_text(each.text)}{_behind(each.why)}"


def _servers(called: Sequence[Called]) -> Iterator[str]:
    yield "mcp:" if called else "mcp: {}"
    for each in called:
        yield f"  {_text(each.server)}: {_flow(each.tools)}{_behind(each.why)}"


def _flow(words: Iterable[str]) -> str:
    return f"[{', '.join(_text(str(word)) for word in words)}]"


def _text(text: str) -> str:
    """A text in its place, its unsafe characters as a report shows them: not every escape can be read again."""
    return quoted(printable(text))


def _comment(text: str, indent: str = "") -> str:
    return f"{indent}# {_one_line(text)}"


def _behind(text: str) -> str:
    return f"  # {_one_line(text)}"


def _one_line(text: str) -> str:
    """A text that stays in its comment: no character in it ends a line or hides one."""
    safe = printable(text)
    return safe if len(safe) <= WIDTH else f"{safe[: WIDTH - 3]}..."
