"""Whether a client starts a server, which of its tools run unasked, and which of two servers of one name counts."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.above import above
from probes.agents.documents import Documents
from probes.agents.mcp import claude, others
from probes.agents.mcp.entries import Entry
from probes.agents.mcp.state import ALL, State, said

Decide = Callable[[Entry, Documents], State]
DECIDE: dict[str, Decide] = {
    "claude-desktop": others.desktop,
    "codex": others.codex,
    "cursor": others.cursor,
    "vscode-copilot": others.vscode,
    "copilot-cli": others.copilot,
    "gemini-cli": others.gemini,
    "qwen-code": others.qwen,
    "opencode": others.opencode,
}


class Judged(Struct, frozen=True):
    """A server and the state that it is in."""

    entry: Entry
    state: State


def judged(entries: Sequence[Entry], documents: Documents) -> Iterator[Judged]:
    """Every server with its state; one that another of its name takes the place of here is not enabled."""
    settings = claude.known(documents)
    found: list[Judged] = []
    for each in entries:
        documents.host.check_time()
        found.append(Judged(each, _state(each, documents, settings)))
    groups: dict[tuple[str, str], list[Judged]] = {}
    for one in found:
        if one.entry.source.rank and _is_here(one.entry, documents):
            groups.setdefault((one.entry.client.id, one.entry.name), []).append(one)
    for one in found:
        group = groups.get((one.entry.client.id, one.entry.name), [])
        yield _ranked(one, group) if any(member is one for member in group) else one


def _state(entry: Entry, documents: Documents, settings: list[claude.Setting]) -> State:
    decide = DECIDE.get(entry.client.id)
    if entry.client.id == "claude-code":
        state = claude.state(entry, documents, settings)
    else:
        state = decide(entry, documents) if decide is not None else said(entry)
    if ALL in state.approved and entry.texts("only"):
        state = replace(state, approved=entry.texts("only"))
    off = entry.texts("except_")
    return replace(state, approved=tuple(name for name in state.approved if name not in off))


def _is_here(entry: Entry, documents: Documents) -> bool:
    """Whether an agent in the workspace would come upon it."""
    folders = (documents.host.workspace, *above(documents.host))
    return entry.folder is None or entry.folder in folders


def _ranked(each: Judged, group: Iterable[Judged]) -> Judged:
    """The state beside others of that name: a higher one that may run takes its place, or only switches it."""
    higher = [
        other for other in group if other.entry.source.rank > each.entry.source.rank and other.state.enabled is not None
    ]
    for other in sorted(higher, key=lambda one: -one.entry.source.rank):
        if each.entry.client.merge == "deep" and not other.entry.whole:
            switched = other.entry.flag("enabled")
            if switched is not None:
                return replace(each, state=replace(each.state, enabled=switched))
        elif other.state.enabled:
            return replace(each, state=replace(each.state, enabled=False))
    return each
