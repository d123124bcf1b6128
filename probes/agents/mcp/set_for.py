"""What a client's settings hold beside its servers: variables that it sets, and secrets for the servers' sign-in."""

from collections.abc import Iterator, Mapping

from probes.agents.documents import Document, Documents
from probes.agents.mcp.entries import server_name
from probes.agents.mcp.hiding import HIDDEN, key_name
from probes.agents.tree import Node
from probes.modes import readable_by_others
from scanner.data.kinds import implied
from scanner.data.mcp import ClientSecrets, mcp
from scanner.model import CredentialSeen, Gap, Hint, Weakness
from scanner.secrets import Pair, secrets_in
from scanner.shapes import host_of, stand_in

MEMBERS = 2_000
CLIENT_SECRET = "mcp.client-secret"  # noqa: S105 - a kind


def variables_set(documents: Documents) -> Iterator[CredentialSeen | Weakness | Gap]:
    """The secrets among the variables that a client sets for what it starts."""
    for row in mcp().variables:
        for document in documents.read(row.files):
            node = document.root.at(*row.at)
            pairs = _pairs(node, ".".join(row.at), document) if node is not None else ()
            hints = [Hint("file", row.client)]
            found = list(secrets_in(pairs, documents.host, hints))
            yield from found
            if document.place is not None and any(isinstance(each, CredentialSeen) for each in found):
                yield from readable_by_others(documents.host, document.place)


def _pairs(table: Node, key: str, document: Document) -> Iterator[Pair]:
    for name, node in table.pairs[:MEMBERS]:
        if node.text:
            yield Pair(name, node.text, document.at(f"{key}.{key_name(name)}", node.line))


def client_secrets(documents: Documents, hosts: Mapping[tuple[str, str], str]) -> Iterator[CredentialSeen]:
    """What clients keep for the sign-in of servers; `hosts` are the hosts of the servers of each client, by name."""
    for row in mcp().client_secrets:
        for document in documents.read(row.files):
            node = document.root.at(*row.at)
            for name, inner in node.pairs[:MEMBERS] if node is not None else ():
                if stand_in(inner.said(row.key)) is None:
                    yield _client_secret(row, document, (name, inner), hosts, documents)


def _client_secret(
    row: ClientSecrets,
    document: Document,
    member: tuple[str, Node],
    hosts: Mapping[tuple[str, str], str],
    documents: Documents,
) -> CredentialSeen:
    name, node = member
    server = name.partition("|")[0]
    signed = host_of(document.root.said("mcpOAuth", name, "serverUrl"))
    shown = server_name(server)
    where = signed or hosts.get((row.client, server)) or (shown if shown != HIDDEN else "a server without a name")
    secret = node.get(row.key)
    return CredentialSeen(
        kind=CLIENT_SECRET,
        evidence=document.at(".".join((*row.at, shown, row.key)), secret.line if secret is not None else None),
        secret=documents.host.keep(node.said(row.key)),
        grants=implied(CLIENT_SECRET, where, [Hint("host", where)] if "." in where else []),
    )
