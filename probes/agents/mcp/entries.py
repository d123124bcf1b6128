"""One server as a client's file writes it, told apart into what may be shown and what is to be judged."""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath
from typing import ClassVar

from msgspec import field

from probes.agents.documents import Document
from probes.agents.mcp.addresses import Address, address
from probes.agents.mcp.hiding import HIDDEN, header_name, key_name, shown, variable_name
from probes.agents.mcp.launch import Launch, launch
from probes.agents.mcp.references import filled, named
from probes.agents.mcp.words import Arguments, Named, Word, leaves
from probes.agents.tree import Node
from scanner.data.known_servers import Known, known_as
from scanner.data.mcp import Client, Source, mcp
from scanner.model import Evidence, Gap, GapKind
from scanner.model.value import Value

SERVER_LIMIT = 300  # of one file
TRANSPORTS = {
    "stdio": "stdio",
    "local": "stdio",
    "http": "http",
    "streamable-http": "http",
    "streamablehttp": "http",
    "streamable_http": "http",
    "remote": "http",
    "sse": "sse",
}


class Entry(Value, frozen=True):
    """One server of one file.

    `folder` is the project that it is for, None for all. `local` and `remote` are what is to be judged: what the
    program is handed, and what goes to the address. `whole` says that it can be started, and is no mere override.
    `takes` names the variables of the client's environment that it is handed by name, `known` is its id among the
    known servers, and `narrowed` the options and variables that these know to leave it fewer tools. `within` is the
    key below which it writes what is to be started, where that is a part of its own.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"node", "local", "remote", "launch", "address"})

    client: Client
    source: Source
    document: Document
    node: Node
    name: str
    key: str
    scope: str
    folder: PurePath | None = None
    launch: Launch | None = None
    address: Address | None = None
    transport: str = "unknown"
    variables: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    local: tuple[Named, ...] = field(default_factory=tuple)
    remote: tuple[Named, ...] = field(default_factory=tuple)
    takes: tuple[str, ...] = ()
    known: str = ""
    narrowed: tuple[str, ...] = ()
    within: str = ""

    @property
    def label(self) -> str:
        """Its name as it may be shown."""
        return server_name(self.name)

    @property
    def whole(self) -> bool:
        """Whether it says what to start or where to connect."""
        return self.launch is not None or self.address is not None or bool(self.texts("url"))

    @property
    def evidence(self) -> Evidence:
        """Where it stands."""
        return self.document.at(self.key, self.node.line if self.document.path is not None else None)

    def texts(self, what: str) -> tuple[str, ...]:
        """The texts under the first of a client's names for a setting that is there."""
        found = first(self.node, getattr(self.client.fields, what))
        return found[1].texts() if found is not None else ()

    def flag(self, what: str) -> bool | None:
        """A switch under one of a client's names for it."""
        found = first(self.node, getattr(self.client.fields, what))
        return found[1].flag if found is not None else None


def entries(client: Client, source: Source, document: Document) -> Iterator[Entry | Gap]:
    """The servers of one document; what is no object is none."""
    if source.single:
        node = document.root.at(*source.at[0])
        if node is not None and node.members is not None:
            name = document.root.said("name") or (document.path.parent.name if document.path else "")
            yield entry(Entry(client, source, document, node, name, ".".join(source.at[0]), source.scope))
        return
    for keys, servers, scope, folder in _maps(source, document):
        last = dict(servers.pairs)
        for name, node in islice(servers.pairs, SERVER_LIMIT):
            if node.members is None or (not keys and not _is_server(node)):
                continue
            key = ".".join((*keys, server_name(name)))
            seen = Entry(client, source, document, node, name, key, scope, folder)
            yield entry(seen if last[name] is node else _replaced(seen))
        if len(servers.pairs) > SERVER_LIMIT:
            place = str(document.path or document.variable)
            yield Gap(GapKind.LIMIT, place, f"more than {SERVER_LIMIT} servers; the rest was not judged")


def _replaced(seen: Entry) -> Entry:
    """A server whose name stands again behind it: no client takes it, and its secrets lie there all the same."""
    from msgspec.structs import replace

    return replace(seen, source=replace(seen.source, servers=False))


def _maps(source: Source, document: Document) -> Iterator[tuple[tuple[str, ...], Node, str, PurePath | None]]:
    """The objects that hold servers, with the keys that lead there."""
    for path in source.at:
        if "*" in path:
            star = path.index("*")
            for name, node in document.root.at(*path[:star]).pairs if document.root.at(*path[:star]) else ():  # type: ignore[union-attr]  # looked at just before
                inner = node.at(*path[star + 1 :])
                if inner is not None and inner.members is not None and document.path is not None:
                    folder = type(document.path)(name)
                    yield (*path[:star], name, *path[star + 1 :]), inner, f"{source.scope} {name}", folder
            return
        found = document.root.at(*path)
        if found is not None and source.listed and found.items is not None:
            found = _of_list(found)
        if found is not None and found.members is not None:
            yield path, found, source.scope, document.project
            return


def _of_list(listed: Node) -> Node:
    """Servers that stand in a list, by their names; a lone text is an address."""
    pairs = []
    for place, each in enumerate(listed.items or ()):
        node = Node(each.line, members=(("url", each),)) if each.text else each
        if node.members is not None:
            pairs.append((node.said("name") or f"server {place + 1}", node))
    return Node(listed.line, members=tuple(pairs))


def _is_server(node: Node) -> bool:
    """Whether an object of a file that holds nothing else is a server."""
    return any(name in {"command", "url", "serverUrl", "httpUrl"} for name, _ in node.pairs)


def first(node: Node, names: tuple[str, ...]) -> tuple[str, Node] | None:
    """The first of these settings that is there."""
    for name in names:
        found = node.get(name)
        if found is not None:
            return name, found
    return None


def entry(bare: Entry) -> Entry:
    """The entry with all that its node says."""
    from msgspec.structs import replace

    bare = _unfolded(bare)
    started = _launch(bare)
    told = started.told if started is not None else Arguments()
    where, place = _address(bare, told)
    headers, from_headers = _headers(bare)
    env, from_env = _environment(bare)
    handed = [*_handed(bare, told, env), *_referred(bare, [*from_env, *from_headers, *told.named])]
    passed = [named for named in told.named if named.header]
    local = [*(each for each in told.named if not each.header), *from_env, *_others(bare, signing_in=False)]
    for word in told.addresses:
        other = address(word.text, bare.client.references)
        if other is not None and other is not where:
            local.extend(Named(name, value, word.key, word.line) for name, value in other.pairs)
    remote = [*_remote(where, place), *from_headers, *passed, *_others(bare, signing_in=True)]
    names_of = (*told.variables, *env, *(where.variables if where else ()), *_referred(bare, [*local, *remote]))
    names = [variable_name(each) for each in (*names_of, *bare.texts("token_variable"), *_header_variables(bare))]
    known = _known(started, where)
    shown_headers = [*headers, *(header_name(each.name) for each in passed)]
    return replace(
        bare,
        launch=started,
        address=where,
        transport=_transport(bare, started, where),
        variables=tuple(dict.fromkeys(filter(None, names))),
        headers=tuple(dict.fromkeys(filter(None, shown_headers))),
        roots=_roots(bare, told),
        local=tuple(local),
        remote=tuple(remote),
        takes=tuple(dict.fromkeys(filter(None, map(variable_name, handed)))),
        known=known.id if known is not None else "",
        narrowed=tuple(_narrowed(bare, known, from_env)) if known is not None else (),
    )


def _unfolded(bare: Entry) -> Entry:
    """The entry with what its client writes in a part of its own as if it stood beside the rest."""
    from msgspec.structs import replace

    found = first(bare.node, bare.client.fields.nested)
    if found is None or found[1].members is None:
        return bare
    rest = tuple((name, node) for name, node in bare.node.pairs if name != found[0])
    return replace(bare, node=Node(bare.node.line, members=(*rest, *found[1].pairs)), within=found[0])


def _handed(bare: Entry, told: Arguments, env: list[str]) -> Iterator[str]:
    """The variables that are named to be handed on as they are."""
    passed = first(bare.node, bare.client.fields.env_names)
    yield from (each.text or each.said("name") for each in (passed[1].items or () if passed is not None else ()))
    yield from (*bare.texts("token_variable"), *_header_variables(bare))
    given = {each.name for each in told.named}
    yield from (name for name in told.variables if name not in given and name not in env)


def _known(started: Launch | None, where: Address | None) -> Known | None:
    """The known server that it is."""
    package = started.fetched.package if started is not None and started.fetched is not None else None
    return known_as(package, started.text if started is not None else "", where.shown if where is not None else None)


def _narrowed(bare: Entry, known: Known, env: list[Named]) -> Iterator[str]:
    """The options and variables of it that leave a known server fewer tools."""
    words = {node.text for node in _words(bare)}
    values = {each.name: each.value.casefold() for each in env}
    for each in known.narrowings:
        if each.option and not {each.option, f"{each.option}=true"}.isdisjoint(words):
            yield each.option
        if each.variable and values.get(each.variable) in {each.value, "true", "1"}:
            yield each.variable


def _launch(bare: Entry) -> Launch | None:
    fields = bare.client.fields
    found = first(bare.node, fields.command)
    if found is None:
        return None
    name, command = found
    words = []
    if command.items is not None:
        words = [Word(each.text, f"{name}[{n}]", each.line) for n, each in enumerate(command.items) if each.text]
    elif command.text:
        words = [Word(command.text, name, command.line)]
    given = first(bare.node, fields.args)
    if given is not None:
        listed = given[1].items if given[1].items is not None else (given[1],)
        words += [Word(_worded(each), f"{given[0]}[{n}]", each.line) for n, each in enumerate(listed)]
    return launch(words) if words and words[0].text else None


def _worded(node: Node) -> str:
    return node.text if not isinstance(node.value, float) else f"{node.value:g}"


def _address(bare: Entry, told: Arguments) -> tuple[Address | None, Named | None]:
    """Where it connects to: the address of its entry, or the one that a bridge is handed."""
    found = first(bare.node, bare.client.fields.url)
    if found is not None and found[1].text:
        place = Named("", found[1].text, found[0], found[1].line)
        return address(found[1].text, bare.client.references), place
    bridging = any(each.text.rpartition("/")[2].partition("@")[0] in mcp().bridges for each in _words(bare))
    if bridging and told.addresses:
        word = told.addresses[0]
        return address(word.text, bare.client.references), Named("", word.text, word.key, word.line)
    return None, None


def _words(bare: Entry) -> Iterator[Node]:
    for names in (bare.client.fields.command, bare.client.fields.args):
        found = first(bare.node, names)
        if found is not None:
            yield found[1]
            yield from found[1].items or ()


def _remote(where: Address | None, place: Named | None) -> Iterator[Named]:
    if where is not None and place is not None:
        for name, value in where.pairs:
            yield Named(name, value, place.key, place.line)


def _headers(bare: Entry) -> tuple[list[str], list[Named]]:
    found = first(bare.node, bare.client.fields.headers)
    if found is None:
        return [], []
    name, node = found
    pairs = [(each, inner) for each, inner in node.pairs if inner.text]
    said = [Named(each, inner.text, f"{name}.{key_name(each)}", inner.line, header=True) for each, inner in pairs]
    written = first(bare.node, bare.client.fields.header_variables)
    more = [each for each, _ in written[1].pairs] if written is not None else []
    return [header_name(each) for each in (*(each for each, _ in node.pairs), *more)], said


def _header_variables(bare: Entry) -> Iterator[str]:
    found = first(bare.node, bare.client.fields.header_variables)
    for _, node in found[1].pairs if found is not None else ():
        yield node.text


def _environment(bare: Entry) -> tuple[list[str], list[Named]]:
    found = first(bare.node, bare.client.fields.env)
    names, said = [], []
    if found is not None:
        name, node = found
        for each, inner in node.pairs:
            names.append(each)
            said.append(Named(each, _worded(inner), f"{name}.{key_name(each)}", inner.line))
        for text in node.texts():  # a list of NAME=value, as compose files write it
            each, equals, value = text.partition("=")
            names.append(each)
            said.extend([Named(each, value, f"{name}.{key_name(each)}", node.line)] if equals else [])
    passed = first(bare.node, bare.client.fields.env_names)
    names.extend(inner.text or inner.said("name") for inner in (passed[1].items or () if passed is not None else ()))
    return names, said


SIGNING_IN = frozenset({"oauth", "auth"})


def _others(bare: Entry, *, signing_in: bool) -> Iterator[Named]:
    """Texts under keys of which nothing else is known: a token may stand anywhere.

    Those of the sign-in to the server go there, and not to the program.
    """
    fields = bare.client.fields
    known = {
        *fields.command,
        *fields.args,
        *fields.env,
        *fields.env_names,
        *fields.url,
        *fields.headers,
        *fields.header_variables,
        *fields.token_variable,
    }
    for name, node in bare.node.pairs:
        if name not in known and (name in SIGNING_IN) is signing_in:
            yield from leaves(node, key_name(name), name)


def _referred(bare: Entry, said: list[Named]) -> Iterator[str]:
    for each in said:
        yield from filled(each.value, bare.client.references).variables
    for node in _words(bare):
        yield from filled(node.text, bare.client.references).variables


def _transport(bare: Entry, started: Launch | None, where: Address | None) -> str:
    said = bare.node.said("type").casefold() or bare.node.said("transport").casefold()
    if said in TRANSPORTS:
        return TRANSPORTS[said]
    if said:
        return "unknown"
    if started is not None:
        return "stdio"
    return bare.client.bare_url if where is not None else "unknown"


def _roots(bare: Entry, told: Arguments) -> tuple[str, ...]:
    """The paths that it is handed, a variable in them as a star."""
    found = [shown(named(word.text, bare.client.references), limit=300) for word in told.roots]
    return tuple(dict.fromkeys(each for each in found if each not in {HIDDEN, ""}))


def server_name(name: str) -> str:
    """The name of a server as it may be shown."""
    return (name and shown(name)) or HIDDEN
