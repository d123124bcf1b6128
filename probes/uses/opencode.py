"""The database of opencode: sessions with their folders, and parts of messages, of which some are calls.

Looked at as 1.18.33 writes it. All of a session may still lie in the log beside the database. A question leaves no
trace but a no, and a session without a person says no by itself.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Record, at, decoded, text
from probes.uses.tables import rows
from probes.uses.times import moment
from scanner.data.records import table
from scanner.model import Gap

RAN = frozenset({"completed", "error"})


def acts(record: Record) -> Iterator[Act | Gap]:
    """What the agent did in all its sessions."""
    folders: dict[str, str] = {}
    for row in rows(record, "session"):
        if isinstance(row, Gap):
            yield row
        else:
            folders[row.text("id") or ""] = row.text("directory") or ""
    for row in rows(record, "part"):
        if isinstance(row, Gap):
            yield row
            continue
        data = row.values.get("data")
        if isinstance(data, bytes) and b'"tool"' in data:
            session = row.text("session_id") or ""
            yield from _called(decoded(data), session, folders.get(session, ""))


def _called(part: object, session: str, folder: str) -> list[Act]:
    state = at(part, "state")
    refused = text(state, "error").startswith(table().refusals["opencode"])
    if text(part, "type") != "tool" or text(state, "status") not in RAN or refused:
        return []
    return tools.acts(text(part, "tool"), at(state, "input"), moment(at(state, "time", "start")), session, folder)
