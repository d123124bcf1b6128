"""The order in which the MCP probe tells: servers with what stands in them, logins, connectors, what was not read.

Where several workspaces were asked for, each is looked at by itself: a project's server holds in its folder only, and
what a client's settings say of a server may differ from one folder to the next.
"""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.above import above
from probes.agents.documents import Document, Documents
from probes.agents.mcp.connectors import connectors
from probes.agents.mcp.entries import Entry, entries
from probes.agents.mcp.seen import told
from probes.agents.mcp.set_for import client_secrets, variables_set
from probes.agents.mcp.states import judged
from probes.agents.mcp.tokens import logins
from probes.modes import readable_by_others
from scanner.copies import Copies, copies
from scanner.data.mcp import Source, mcp
from scanner.host import Host
from scanner.model import CredentialSeen, Evidence, Gap, GapKind, Observation, ServerSeen

SERVERS = 2_000


class View(Struct, frozen=True):
    """What is told of one workspace: servers of its `folders`, and of none that is among the `others`'."""

    host: Host
    folders: frozenset[PurePath | None]
    others: frozenset[PurePath | None]

    def tells(self, folder: PurePath | None) -> bool:
        """Whether a server of that folder is told here."""
        return folder is None or folder in self.folders or folder not in self.others


def all_told(host: Host) -> Iterator[Observation]:
    """All that is to be told of MCP servers on this host; some of it twice."""
    made = copies(host.machine)
    views = _views(host)
    if len(views) == 1:
        yield from (_copied(each, made) for each in _told(views[0]))
        return
    found = [[_copied(each, made) for each in _told(view)] for view in views]
    differing = _differing(found)
    for view, seen in zip(views, found, strict=True):
        for each in seen:
            if isinstance(each, ServerSeen) and (each.client, each.evidence) in differing and each.folder is None:
                yield replace(each, folder=_shown(view.host, view.host.workspace))
            else:
                yield each


def _copied(seen: Observation, made: Sequence[Copies]) -> Observation:
    """What lies in a copy of a file, with the place in that file."""
    if not isinstance(seen, CredentialSeen):
        return seen
    original = next((each.of for each in made if each.holds(seen.evidence.path)), None)
    return seen if original is None else replace(seen, copied_from=replace(seen.evidence, path=original, line=None))


def configured(host: Host) -> Iterator[Entry]:
    """Every server that can be started or reached, as the first workspace has it; each entry once."""
    documents = Documents(host, frozenset(mcp().large))
    for each in _entries(documents):
        if each.source.servers and each.whole:
            yield each


def _views(host: Host) -> list[View]:
    """One for each workspace; what lies in none of their folders is told with the first."""
    hosts = [host.at(each) for each in host.machine.workspaces] or [host]
    folders = [frozenset[PurePath | None]({each.workspace, *above(each)}) for each in hosts]
    every = frozenset[PurePath | None]().union(*folders)
    told = [View(each, own, every) for each, own in zip(hosts, folders, strict=True)]
    rest = frozenset[PurePath | None](each for each in host.machine.projects)
    return [told[0], *(replace(each, others=every | rest) for each in told[1:])]


def _differing(found: Sequence[Sequence[Observation]]) -> set[tuple[str, Evidence]]:
    """The servers of no folder of which the workspaces do not all say the same."""
    said: dict[tuple[str, Evidence], set[ServerSeen]] = {}
    for seen in found:
        for each in seen:
            if isinstance(each, ServerSeen) and each.folder is None:
                said.setdefault((each.client, each.evidence), set()).add(each)
    return {key for key, values in said.items() if len(values) > 1}


def _told(view: View) -> Iterator[Observation]:
    """All of it as one workspace has it."""
    host = view.host
    documents = Documents(host, frozenset(mcp().large))
    found = list(_entries(documents))
    if len(found) > SERVERS:
        documents.gaps.append(Gap(GapKind.LIMIT, "", f"more than {SERVERS} servers; the rest was not judged"))
    loose: dict[PurePath | None, Document] = {}
    for each in judged(found[:SERVERS], documents):
        for seen in told(each, host) if view.tells(each.entry.folder) else ():
            if isinstance(seen, CredentialSeen):
                loose[each.entry.document.path] = each.entry.document
            yield _placed(seen, each.entry.folder, view)
    for document in loose.values():
        if document.place is not None:
            yield from readable_by_others(host, document.place)
    yield from logins(documents, _addresses(found))
    yield from client_secrets(documents, _hosts(found))
    yield from variables_set(documents)
    yield from connectors(documents)
    yield from documents.gaps


def _placed(seen: Observation, folder: PurePath | None, view: View) -> Observation:
    """A server with the folder that it holds in: the workspace, also where it comes from one above that."""
    if not isinstance(seen, ServerSeen) or folder is None:
        return seen
    return replace(seen, folder=_shown(view.host, view.host.workspace if folder in view.folders else folder))


def _shown(host: Host, folder: PurePath | None) -> str | None:
    return host.shown(folder) if folder is not None else None


def _entries(documents: Documents) -> Iterator[Entry]:
    for client in mcp().client:
        for source in client.source:
            for document in _documents(source, documents):
                documents.host.check_time()
                for found in entries(client, source, document):
                    documents.host.check_time()
                    if isinstance(found, Gap):
                        documents.gaps.append(found)
                    else:
                        yield found


def _documents(source: Source, documents: Documents) -> Iterator[Document]:
    if source.where and next(documents.host.places(*source.where), None) is None:
        return
    if source.variable:
        yield from documents.variable(source.variable)
    yield from documents.read(source.files, source.format)


def _hosts(found: list[Entry]) -> dict[tuple[str, str], str]:
    """The host of each server of a client that has one."""
    return {(each.client.id, each.name): each.address.host for each in found if each.address is not None}


def _addresses(found: list[Entry]) -> set[str]:
    """The addresses as they are written, which name the files of tokens."""
    written = {word.text for each in found if each.launch is not None for word in each.launch.told.addresses}
    return written | {each.node.said(name) for each in found for name in each.client.fields.url}
