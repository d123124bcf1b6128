"""The database of Goose: sessions with their folders, and messages, of which some hold calls.

By its source (session_manager.rs; message.rs): a call is a `toolRequest` with the outcome of reading it, and its answer
a `toolResponse`.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Record, at, decoded, text
from probes.uses.tables import rows
from probes.uses.times import moment
from scanner.model import Gap


def acts(record: Record) -> Iterator[Act | Gap]:
    """What the agent did in all its sessions."""
    folders: dict[str, str] = {}
    for row in rows(record, "sessions"):
        if isinstance(row, Gap):
            yield row
        else:
            folders[row.text("id") or ""] = row.text("working_dir") or ""
    for row in rows(record, "messages"):
        if isinstance(row, Gap):
            yield row
            continue
        content = row.values.get("content_json")
        if isinstance(content, bytes) and b'"toolRequest"' in content:
            session = row.text("session_id") or ""
            yield from _called(decoded(content), moment(row.values.get("created_timestamp")), session, folders)


def _called(content: object, when: float | None, session: str, folders: dict[str, str]) -> Iterator[Act]:
    for part in content if isinstance(content, list) else []:
        call = at(part, "toolCall", "value")
        if text(part, "type") == "toolRequest" and call is not None:
            given = at(call, "arguments")
            yield from tools.acts(text(call, "name"), given, when, session, folders.get(session, ""))
