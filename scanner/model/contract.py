"""The least-privilege baseline: what an agent in a role or on a ticket may reach, as its author wrote it."""

from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct, field

from scanner.model.terms import Autonomy, Capability, Environment, Gate, Protection


class Where(Struct, frozen=True):
    """Which line of which contract says so: `file` as its reader named it, or "laptop" for a shipped one."""

    file: str
    line: int


class Clause(Struct, frozen=True):
    """Exposures that a line of `allow` or `never` is about.

    Empty means all: of `capabilities`, of `assets` (globs over `kind:name`, without those in `excluding`), of
    `environments`. `gate` is, for an allowance, what has to stand before it at least; for a ban, the gate from which
    on it does not count (`below`), None where it always counts. `text` is the line in a few words, for a reader.
    """

    where: Where
    text: str
    capabilities: frozenset[Capability] = frozenset()
    assets: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    environments: frozenset[Environment] = frozenset()
    gate: Gate | None = None


class Listed(Struct, frozen=True):
    """Globs of one list of the contract, and where it stands."""

    where: Where
    items: tuple[str, ...]


class FileRules(Struct, frozen=True):
    """`files`: what may be read, written, only after asking, and never. None where the list is not written."""

    read: Listed | None = None
    write: Listed | None = None
    ask: Listed | None = None
    never: Listed | None = None


class CommandRules(Struct, frozen=True):
    """`commands`: the beginnings of command lines."""

    allow: Listed | None = None
    ask: Listed | None = None
    never: Listed | None = None


class Ticket(Struct, frozen=True):
    """`ticket`: what the work is for."""

    goal: str = ""
    repositories: tuple[str, ...] = ()


class Autonomies(Struct, frozen=True):
    """`require.autonomy`: at most this much, by environment, by default, and inside a container, VM or `run`."""

    where: Where
    default: Autonomy | None = None
    isolated: Autonomy | None = None
    by_environment: dict[Environment, Autonomy] = field(default_factory=dict)


class Recovery(Struct, frozen=True):
    """`require.recovery`: a declared way back, which armslength cannot check."""

    where: Where
    asset: str
    restore_tested: date
    owner: str


class ByEnvironment(Struct, frozen=True):
    """A demand on the credentials that open assets of an environment; `value` as the demand has it."""

    where: Where
    environment: Environment
    longest: timedelta | None = None  # `lifetime`
    protection: Protection | None = None  # `protection`: at least this
    allowed: bool | None = None  # `defaults`, `in_workspace`


class Flag(Struct, frozen=True):
    """A demand that is switched on."""

    where: Where
    on: bool


class ServerDemands(Struct, frozen=True):
    """`require.servers`: demands on MCP servers.

    `pinned`: of a fixed version; `secrets` false: none in their files; `floating_approval` false: no approval of
    whatever a server or a repository brings.
    """

    where: Where
    pinned: bool = False
    secrets: bool = True
    floating_approval: bool = True


class TokenDemands(Struct, frozen=True):
    """`require.tokens`: demands on tokens of forges and registries.

    `scoped`: bound to chosen repositories or packages; `longest`: with an end within that time.
    """

    where: Where
    scoped: bool = False
    longest: timedelta | None = None


class Requirements(Struct, frozen=True):
    """`require`: demands on the machine."""

    autonomy: Autonomies | None = None
    defaults: tuple[ByEnvironment, ...] = ()
    recovery: tuple[Recovery, ...] = ()
    sandbox: Flag | None = None
    lifetime: tuple[ByEnvironment, ...] = ()
    protection: tuple[ByEnvironment, ...] = ()
    in_workspace: tuple[ByEnvironment, ...] = ()
    guardrails: Listed | None = None
    private_keys: Flag | None = None
    servers: ServerDemands | None = None
    tokens: TokenDemands | None = None


class Scope(StrEnum):
    """Whose word a contract is, the weightiest first: a later one can only narrow those before it."""

    MANAGED = "managed"
    USER = "user"
    REPOSITORY = "repository"


class Accepted(Struct, frozen=True):
    """A waiver: the finding, who answers for it, why, and the last day (UTC) on which it counts.

    `agents` and `workspaces` bound it, empty for all. `covers` are lines that say which ways were accepted, each past
    which gate at least; `parts` name the other clauses that the finding breaks. What neither names is not accepted.
    """

    where: Where
    finding: str
    owner: str
    reason: str
    until: date
    agents: tuple[str, ...] = ()
    workspaces: tuple[str, ...] = ()
    covers: tuple[Clause, ...] = ()
    parts: tuple[str, ...] = ()


class Contract(Struct, frozen=True):
    """A contract with all that it extends. None where a list is not written, which is not the same as empty.

    `for_agents` and `for_workspaces` empty mean every one. `digest` is of the bytes of all its files. `folder` is the
    workspace, as agents' folders are written, whose repository's contract this is.
    """

    name: str
    digest: str
    source: str
    role: str = ""
    for_agents: tuple[str, ...] = ()
    for_workspaces: tuple[str, ...] = ()
    until: date | None = None
    allow: tuple[Clause, ...] = ()
    never: tuple[Clause, ...] = ()
    environment: Listed | None = None
    files: FileRules = FileRules()
    commands: CommandRules = CommandRules()
    ticket: Ticket | None = None
    stop_if: tuple[str, ...] = ()
    network: Listed | None = None
    mcp: dict[str, tuple[str, ...]] | None = None
    mcp_where: Where | None = None
    require: Requirements = Requirements()
    waivers: tuple[Accepted, ...] = ()
    scope: Scope = Scope.USER
    folder: str | None = None
