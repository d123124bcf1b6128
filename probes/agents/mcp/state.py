"""The state of a server as far as its own entry tells."""

from msgspec import Struct

from probes.agents.mcp.entries import Entry, first
from scanner.model import Gate

ALL = "*"


class State(Struct, frozen=True):
    """Whether it runs (None: that is kept elsewhere, or the client asks), and which tools do so unasked.

    `approval` is what stands before those where the entry itself approves them, None where other settings decide.
    `let_in` says what lets a repository's server in with nobody asked about it, `mend` how to have that asked again;
    `allowed_by` names the setting that lets its tools run unasked.
    """

    enabled: bool | None
    approved: tuple[str, ...] = ()
    let_in: str = ""
    mend: str = ""
    allowed_by: str = ""
    approval: Gate | None = None


def said(entry: Entry) -> State:
    """What the entry itself says, else what its client does by default."""
    enabled: bool | None = True if entry.source.enabled == "yes" else None
    if entry.flag("enabled") is not None and enabled is not None:
        enabled = entry.flag("enabled")
    if entry.flag("disabled") or entry.flag("enabled") is False:
        enabled = False
    approved = entry.texts("approved")
    if entry.source.trusts and entry.flag("approve_all"):
        approved = (ALL,)
    named = first(entry.node, entry.client.fields.approved)
    by = named[0] if named is not None and entry.texts("approved") else "trust" if approved else ""
    return State(enabled, approved, allowed_by=by, approval=entry.client.approval if approved else None)
