"""The order in which the MCP probe tells: servers with what stands in them, logins, connectors, what was not read."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.agents.documents import Document, Documents
from probes.agents.mcp.connectors import connectors
from probes.agents.mcp.entries import Entry, entries
from probes.agents.mcp.seen import told
from probes.agents.mcp.set_for import client_secrets, variables_set
from probes.agents.mcp.states import judged
from probes.agents.mcp.tokens import logins
from probes.modes import readable_by_others
from scanner.data.mcp import Source, mcp
from scanner.host import Host
from scanner.model import CredentialSeen, Gap, GapKind, Observation

SERVERS = 2_000


def all_told(host: Host) -> Iterator[Observation]:
    """All that is to be told of MCP servers on this host; some of it twice."""
    documents = Documents(host, frozenset(mcp().large))
    found = list(_entries(documents))
    if len(found) > SERVERS:
        documents.gaps.append(Gap(GapKind.LIMIT, "", f"more than {SERVERS} servers; the rest was not judged"))
    loose: dict[PurePath | None, Document] = {}
    for each in judged(found[:SERVERS], documents):
        for seen in told(each, host):
            if isinstance(seen, CredentialSeen):
                loose[each.entry.document.path] = each.entry.document
            yield seen
    for document in loose.values():
        if document.place is not None:
            yield from readable_by_others(host, document.place)
    yield from logins(documents, _addresses(found))
    yield from client_secrets(documents, _hosts(found))
    yield from variables_set(documents)
    yield from connectors(documents)
    yield from documents.gaps


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
