"""A server as a report tells it: what it is, the secrets that stand in its entry, and what is wrong with it."""

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.mcp.claude import plugin_of
from probes.agents.mcp.entries import Entry, server_name
from probes.agents.mcp.hiding import HIDDEN, shown
from probes.agents.mcp.judging import pairs_of
from probes.agents.mcp.state import ALL
from probes.agents.mcp.states import Judged
from scanner.data.kinds import implied
from scanner.data.known_servers import HERE, is_contained, servers, table, unasked
from scanner.host import Host
from scanner.model import CredentialSeen, Fix, Gap, Hint, Observation, ServerSeen, Weakness
from scanner.secrets import Pair, Silent, judge, secrets_in

CLIENT_SECRET = "mcp.client-secret"  # noqa: S105 - a kind
# What only the server's address explains, and what it is there.
VAGUE = {
    "generic.secret": "mcp.token",
    "generic.password": "mcp.token",
    "generic.jwt": "mcp.token",
    "generic.url-password": "mcp.token",
    "identity.client-secret": CLIENT_SECRET,
}


class Found(Struct, frozen=True):
    """What stands in an entry: its credentials, gaps, and the texts that may be shown nowhere."""

    seen: tuple[CredentialSeen | Gap, ...]
    secrets: tuple[str, ...]

    @property
    def credentials(self) -> tuple[CredentialSeen, ...]:
        """Those that are credentials."""
        return tuple(each for each in self.seen if isinstance(each, CredentialSeen))


def told(judged: Judged, host: Host) -> Iterator[Observation]:
    """All that is to be told of one server."""
    entry = judged.entry
    found = secrets_of(entry, host)
    if entry.source.servers and entry.whole:
        server = _server(judged, found.secrets, host)
        yield server
        yield from found.seen
        yield from _weaknesses(judged, server, found, host)
    else:
        yield from found.seen


def secrets_of(entry: Entry, host: Host) -> Found:
    """The credentials in one entry; one that only its server's address explains opens that server."""
    local, remote = list(pairs_of(entry, entry.local)), list(pairs_of(entry, entry.remote))
    name = server_name(entry.name)
    about = [Hint("file", name)] if name != HIDDEN else []
    host_name = entry.address.host if entry.address is not None else ""
    seen = [*secrets_in(local, host, about)]
    seen += [
        _of_server(each, host_name or name) if isinstance(each, CredentialSeen) else each
        for each in secrets_in(remote, host, [*about, *([Hint("host", host_name)] if host_name else [])])
    ]
    return Found(tuple(seen), tuple(_texts([*local, *remote])))


def _of_server(seen: CredentialSeen, name: str) -> CredentialSeen:
    kind = VAGUE.get(seen.kind)
    if kind is None:
        return seen
    return replace(seen, kind=kind, grants=implied(kind, name, [Hint("host", name)]), identity=None)


def _texts(pairs: Sequence[Pair]) -> Iterator[str]:
    for pair in pairs:
        found = judge(pair.name, pair.value)
        if not isinstance(found, Silent):
            yield found.secret
            yield from found.shape.raw if found.shape is not None else ()


def _server(judged: Judged, secrets: Sequence[str], host: Host) -> ServerSeen:
    entry, state = judged.entry, judged.state
    started, where = entry.launch, entry.address
    fetched = started.fetched if started is not None else None
    home = str(host.home)
    return ServerSeen(
        name=server_name(entry.name),
        client=entry.client.id,
        scope=scope_of(entry, host),
        transport=entry.transport,
        launcher=shown(started.text, secrets, 400) if started is not None else "",
        evidence=entry.evidence,
        url=where.shown if where is not None and not _holds(where.shown, secrets) else None,
        package=shown(fetched.package, secrets, 300) if fetched is not None else None,
        pinned=fetched.pinned if fetched is not None else None,
        variables=entry.variables,
        headers=entry.headers,
        roots=tuple(_from_home(each, home) for each in entry.roots if not _holds(each, secrets)),
        enabled=state.enabled,
        approved=tuple(shown(each, secrets) for each in state.approved[:200]),
        from_repository=entry.source.repository,
        approval=state.approval if state.approved else None,
        known=entry.known,
        narrowed=entry.narrowed,
        takes=entry.takes,
    )


def _holds(text: str, secrets: Sequence[str]) -> bool:
    return any(len(each) >= 4 and each in text for each in secrets)


def _from_home(text: str, home: str) -> str:
    """A path below the home with `~` in its place, as every path of a report."""
    inside = text == home or text.startswith((home + "/", home + "\\"))
    return ("~" + text[len(home) :]).replace("\\", "/") if inside else text


def scope_of(entry: Entry, host: Host) -> str:
    """The scope, with the folder or the plugin that it is of."""
    if entry.source.scope == "plugin":
        return f"plugin {plugin_of(entry.document)}".rstrip()
    if entry.folder is not None and entry.scope != entry.source.scope:
        return f"{entry.source.scope} {host.shown(entry.folder)}"
    return entry.source.scope


# --- what is wrong


def _weaknesses(judged: Judged, server: ServerSeen, found: Found, host: Host) -> Iterator[Weakness]:
    if judged.state.enabled is not False:
        yield from _floating(server)
        yield from _plain(judged, server)
        yield from _brought(judged, server)
        yield from _unasked(judged, server, host)
        yield from _destructive(judged, server, host)
    yield from _written(server, found)


def _floating(server: ServerSeen) -> Iterator[Weakness]:
    if server.pinned is not False or server.package is None:
        return
    program = server.launcher.removesuffix(server.package).strip()
    yield Weakness(
        rule="mcp.floating-version",
        title="An MCP server is fetched without a fixed version",
        evidence=server.evidence,
        why=f"{program} fetches {server.package} when the server starts: whoever publishes its next version "
        "runs code here, with the rights of the agent's user.",
        fix=Fix("Write a whole version, or a digest, behind the name of its package."),
        tags=("mcp", "supply-chain"),
    )


def _plain(judged: Judged, server: ServerSeen) -> Iterator[Weakness]:
    where = judged.entry.address
    if where is None or not where.is_plain:
        return
    yield Weakness(
        rule="mcp.plain-http",
        title="An MCP server is reached over plain HTTP",
        evidence=server.evidence,
        why=f"What is sent to {where.host} and what its tools answer can be read and changed on the way.",
        fix=Fix("Write https:// in its address, or put it behind TLS."),
        tags=("mcp",),
    )


def _brought(judged: Judged, server: ServerSeen) -> Iterator[Weakness]:
    if not (judged.entry.source.repository and judged.state.enabled and judged.state.let_in):
        return
    yield Weakness(
        rule="mcp.from-repository",
        title="A repository brings an MCP server, and nobody is asked",
        evidence=server.evidence,
        why=f"Whoever commits to the repository decides what it starts: {judged.state.let_in}.",
        fix=Fix(judged.state.mend),
        tags=("mcp", "supply-chain"),
    )


def _unasked(judged: Judged, server: ServerSeen, host: Host) -> Iterator[Weakness]:
    if ALL not in judged.state.approved:
        return
    by = judged.state.allowed_by
    yield Weakness(
        rule="mcp.auto-approved",
        title="Every tool of an MCP server runs unasked",
        evidence=server.evidence,
        why=f"{by[:1].upper()}{by[1:]} lets the agent call all of them, also those that a later version adds.",
        fix=Fix(_narrower(judged, host)),
        tags=("mcp",),
    )


def _destructive(judged: Judged, server: ServerSeen, host: Host) -> Iterator[Weakness]:
    """Tools that are known to run anything or to delete, and run unasked; a shell elsewhere runs nothing here."""
    away = server.url is not None or is_contained(server.launcher)
    found = unasked(server.known, server.approved, server.narrowed)
    worst = {act: names for act, names in found.items() if act in table().destructive and not (away and act in HERE)}
    if not worst:
        return
    told = "; ".join(f"{', '.join(names[:5])}: {table().words[act]}" for act, names in worst.items())
    yield Weakness(
        rule="mcp.destructive-unasked",
        title="Tools of an MCP server that delete, or do what they are told, run unasked",
        evidence=server.evidence,
        why=f"The agent calls these of {servers()[server.known].title} with nobody asked ({told}).",
        fix=Fix(_narrower(judged, host)),
        tags=("mcp",),
    )


def _gemini_narrower(judged: Judged, host: Host) -> str:
    """Every setting that lets the tools run, each in its own file."""
    entry, path = judged.entry, judged.entry.document.path
    steps = [f"trust from {entry.key} in {host.shown(path)}"] if entry.flag("approve_all") and path is not None else []
    allowed_by = judged.state.allowed_by
    steps += [f"{entry.label} from {allowed_by}"] if allowed_by not in {"", "trust"} else []
    return f"Remove {' and '.join(steps)}."


def _narrower(judged: Judged, host: Host) -> str:
    """Which setting to change, and to what."""
    name = server_name(judged.entry.name)
    match judged.entry.client.id:
        case "opencode":
            document = judged.entry.document
            place = host.shown(document.path) if document.path is not None else document.variable
            return f'Add "{name}_*": "ask" to permission in {place}.'
        case "gemini-cli":
            return _gemini_narrower(judged, host)
        case "codex":
            return f"Set default_tools_approval_mode under [{judged.entry.key}] to auto or prompt."
        case "claude-code":
            return (
                f"In permissions.allow, name the tools that only read (mcp__{name}__TOOL) instead of the whole server."
            )
        case "cursor":
            return f"In mcpAllowlist of permissions.json, name the tools that only read ({name}:TOOL) instead of *."
        case "vscode-copilot":
            return f"Remove {judged.state.allowed_by}."
        case "copilot-cli":
            return f"Remove {name} from tool_approvals in ~/.copilot/permissions-config.json."
        case _:
            return f"In {judged.state.allowed_by} of {judged.entry.key}, name only the tools that read."


def _written(server: ServerSeen, found: Found) -> Iterator[Weakness]:
    keys = dict.fromkeys(each.evidence.key or "" for each in found.credentials)
    if not keys or server.evidence.path is None:
        return
    places = ", ".join(sorted(filter(None, keys))) or str(server.evidence.key)
    rule, why = (
        "mcp.secret-in-file",
        "Every program of this user can read it, and so can the agent that the server is for",
    )
    if server.from_repository:
        rule, why = "mcp.secret-in-repository", "It is handed on to everybody who has the repository, with its history"
    yield Weakness(
        rule=rule,
        title="A secret is written out in the configuration of an MCP server",
        evidence=server.evidence,
        why=f"{why} ({places}).",
        fix=Fix(f"{' '.join(_mends(server.client, found))} Then replace the secret at its issuer."),
        tags=("mcp", "secret"),
    )


def _mends(client: str, found: Found) -> Iterator[str]:
    """How to do without what is written out: a client's secret stands in no other place."""
    kinds = {each.kind for each in found.credentials}
    if CLIENT_SECRET in kinds:
        yield "Register the agent as a public client, which needs no secret."
    if kinds - {CLIENT_SECRET}:
        yield _elsewhere(client)


def _elsewhere(client: str) -> str:
    """Where the client takes a secret from, if not from the file."""
    match client:
        case "claude-code":
            return "Write ${NAME} in its place, and set that variable for the agent alone."
        case "codex":
            return "Name the variable in env_vars, bearer_token_env_var or env_http_headers instead."
        case "vscode-copilot":
            return "Write ${input:NAME} in its place, with an entry of type promptString under inputs."
        case "gemini-cli":
            return "Write ${NAME} in its place, and set that variable for the agent alone."
        case "opencode":
            return "Write {env:NAME} or {file:PATH} in its place."
        case "cursor" | "windsurf":
            return "Write ${env:NAME} in its place, and set that variable for the agent alone."
        case _:
            return "Start the server by a command that fetches the secret from a keychain or a secret manager."
