"""What people signed in with: tokens of MCP servers and the agents' own logins, with their end."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.documents import Document, Documents
from probes.agents.mcp.entries import server_name
from probes.agents.mcp.hiding import HIDDEN, variable_name
from probes.agents.tree import Node
from scanner.data.families import family_of
from scanner.data.kinds import implied
from scanner.data.mcp import Keys, Tokens, mcp
from scanner.data.variables import spelled
from scanner.host import Host
from scanner.model import (
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    Hint,
    Lifetime,
    LifetimeKind,
)
from scanner.secrets import Pair, secrets_in
from scanner.shapes import host_of, moment, stand_in

ACCESS = ("accessToken", "access_token", "access")
REFRESH = ("refreshToken", "refresh_token", "refresh")
ENDS = ("expiresAt", "expires_at", "expiry_date", "expires")
SERVERS = ("serverUrl", "server_url", "mcpServerUrl", "serverURL")
NAMES = ("serverName", "server_name")
HIDE = (*REFRESH, "clientSecret", "client_secret", "id_token", "idToken")
RECORDS = 2_000
DEPTH = 8


class Record(Struct, frozen=True):
    """An object with an access token, the keys that lead to it, and what names its server."""

    node: Node
    keys: tuple[str, ...]
    url: str
    name: str


def logins(documents: Documents, addresses: Iterable[str]) -> Iterator[CredentialSeen | Gap]:
    """All tokens and keys in the agents' own files; `addresses` are the servers that are known by now."""
    hashed = {hashlib.md5(each.encode(), usedforsecurity=False).hexdigest(): each for each in addresses}
    for row in mcp().tokens:
        for document in documents.read(row.files):
            yield from _tokens(row, document, documents, hashed)
    for keys in mcp().keys:
        for document in (*documents.read(keys.files), *(documents.variable(keys.text) if keys.text else ())):
            yield from secrets_in(_keys(keys, document), documents.host)


def _tokens(
    row: Tokens, document: Document, documents: Documents, hashed: Mapping[str, str]
) -> Iterator[CredentialSeen | Gap]:
    root = document.root.at(*row.at)
    if root is None:
        return
    for record in islice(_records(root, row.at, "", ""), RECORDS):
        if row.providers:
            yield from _apart(row, document, record, documents)
            continue
        seen = _token(row, document, record, documents, hashed)
        if seen is not None:
            yield seen


def _records(node: Node, keys: tuple[str, ...], url: str, name: str) -> Iterator[Record]:
    """The objects with an access token, however deep; what stands above one may name its server."""
    if len(keys) > DEPTH:
        return
    url, name = _first(node, SERVERS) or url, _first(node, NAMES) or name
    if _first(node, ACCESS) or _first(node, REFRESH):
        yield Record(node, keys, url, name)
        return
    for key, inner in node.pairs[:RECORDS]:
        yield from _records(inner, (*keys, key), url, name or key)
    for place, inner in enumerate((node.items or ())[:RECORDS]):
        yield from _records(inner, (*keys, f"[{place}]"), url, name)


def _first(node: Node, names: tuple[str, ...]) -> str:
    return next((node.said(name) for name in names if node.said(name)), "")


def _token(
    row: Tokens, document: Document, record: Record, documents: Documents, hashed: Mapping[str, str]
) -> CredentialSeen | None:
    host, node = documents.host, record.node
    for hidden in HIDE:
        if node.said(hidden):
            host.keep(node.said(hidden))
    access = _first(node, ACCESS) or _first(node, REFRESH)
    if stand_in(access) is not None:
        return None
    where = _where(row, document, record, hashed)
    lifetime = _lifetime(node)
    key = next(name for name in (*ACCESS, *REFRESH) if node.said(name) == access)
    inner = node.get(key)
    return CredentialSeen(
        kind=row.kind,
        evidence=Evidence(document.path, inner.line if inner is not None else None, _key(record, key)),
        secret=host.keep(access),
        grants=implied(row.kind, where, [Hint("host", where)] if "." in where else []),
        lifetime=lifetime,
        state=CredentialState.EXPIRED if lifetime.ended(host.now) else CredentialState.UNTESTED,
        names=(f"sign-in to {where}",) if not row.asset else (),
    )


def _apart(row: Tokens, document: Document, record: Record, documents: Documents) -> Iterator[CredentialSeen | Gap]:
    """The sign-in to a provider: what renews it, and what ends. Of some providers the two are one token."""
    host, node = documents.host, record.node
    provider = record.keys[-1] if record.keys else ""
    refresh, access = _first(node, REFRESH), _first(node, ACCESS)
    for names, token in ((REFRESH, refresh), (ACCESS, access if access != refresh else "")):
        if stand_in(token) is None:
            lifetime = Lifetime(LifetimeKind.REFRESHABLE) if names is REFRESH else _own_end(node)
            key = next(name for name in names if node.said(name) == token)
            inner = node.get(key)
            place = document.at(_key(record, key), inner.line if inner is not None else None)
            for seen in _of_provider(row, provider, Pair("", token, place), host):
                state = CredentialState.EXPIRED if lifetime.ended(host.now) else CredentialState.UNTESTED
                yield seen if isinstance(seen, Gap) else replace(seen, lifetime=lifetime, state=state)


def _of_provider(row: Tokens, provider: str, pair: Pair, host: Host) -> Iterator[CredentialSeen | Gap]:
    """A token whose own shape tells what it is, as anywhere else; else one of the provider that it stands under."""
    if family_of(pair.value) is not None:
        yield from secrets_in([pair], host)
        return
    kind, where = row.providers.get(provider, row.kind), server_name(provider)
    yield CredentialSeen(kind=kind, evidence=pair.evidence, secret=host.keep(pair.value), grants=implied(kind, where))


def _own_end(node: Node) -> Lifetime:
    """The end of an access token by itself; opencode writes 0 where it has none."""
    ends = next((moment(found.value) for name in ENDS if (found := node.get(name)) is not None and found.value), None)
    return Lifetime(LifetimeKind.EXPIRES, ends) if ends is not None else Lifetime()


def _where(row: Tokens, document: Document, record: Record, hashed: Mapping[str, str]) -> str:
    """The server that a token is for: its host, else the name it has in the configuration, else the file's."""
    if row.asset:
        return row.asset
    url = record.url
    if row.hashed and document.path is not None:
        digest = document.path.name.partition("_")[0]
        url = url or hashed.get(digest, "")
        if not url:
            return f"mcp-remote {digest[:8]}"
    host = host_of(url) if "://" in url else ""
    name = server_name(record.name.partition("|")[0])
    return host or (name if name != HIDDEN else "a server without a name")


def _key(record: Record, last: str) -> str:
    """The keys that lead to a token; one that could tell a secret is a star."""
    parts = [*record.keys, last]
    return ".".join(server_name(part.partition("|")[0]) for part in parts).replace(".[", "[")


def _lifetime(node: Node) -> Lifetime:
    """The end of the access token, and whether a refresh token renews it; seconds, milliseconds or a date."""
    found = next((node.get(name) for name in ENDS if node.get(name) is not None), None)
    ends = moment(found.value) if found is not None and found.value else None
    if _first(node, REFRESH):
        return Lifetime(LifetimeKind.REFRESHABLE, ends)
    return Lifetime(LifetimeKind.EXPIRES, ends) if ends is not None else Lifetime()


def _keys(row: Keys, document: Document) -> Iterator[Pair]:
    """The keys of model providers, each under the variable that would hold it."""
    star = row.at.index("*") if "*" in row.at else None
    if star is None:
        node = document.root.at(*row.at)
        if node is not None and node.text:
            yield Pair(row.variable, node.text, document.at(".".join(row.at), _line(document, node)))
        return
    above = document.root.at(*row.at[:star])
    for name, inner in (above.pairs if above is not None else ())[:RECORDS]:
        node = inner.at(*row.at[star + 1 :])
        if node is not None and node.text:
            shown = variable_name(spelled(name)) or "PROVIDER"
            key = ".".join((*row.at[:star], server_name(name), *row.at[star + 1 :]))
            place = document.at(key, _line(document, node))
            yield Pair(row.variable.replace("{}", shown), node.text, place)


def _line(document: Document, node: Node) -> int | None:
    return node.line if document.path is not None else None
