"""Sessions of Continue and its CLI: a JSON document each, looked at as `cn` writes them. They hold no times."""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from probes.uses import tools
from probes.uses.acts import Act, Record, at, items, text, words
from scanner.data.records import table

RAN = frozenset({"done", "errored"})


def acts(record: Record) -> Iterator[Act]:
    """What the agent did in one session, each act dated by the file."""
    document = record.document()
    session, folder = text(document, "sessionId"), _folder(text(document, "workspaceDirectory"))
    for message in items(document, "history"):
        record.tick()
        for state in items(message, "toolCallStates"):
            refused = words(at(state, "output")).startswith(table().refusals["continue"])
            if text(state, "status") in RAN and not refused:
                called = at(state, "toolCall", "function")
                given = at(called, "arguments")
                yield from tools.acts(text(called, "name"), given, record.changed, session, folder)


def _folder(written: str) -> str:
    """A folder, which the extension writes as an address."""
    if not written.startswith("file://"):
        return written
    try:
        return unquote(urlsplit(written).path)
    except ValueError:
        return ""
