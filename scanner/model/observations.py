"""What a probe may say: the kinds of observation and the nouns they carry."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from scanner.model.agents import Policy
from scanner.model.evidence import Evidence
from scanner.model.terms import (
    Capability,
    Confidence,
    CredentialState,
    Environment,
    GapKind,
    Gate,
    LifetimeKind,
    Protection,
    Tracking,
    UseKind,
)
from scanner.model.value import Value


class Secret(Value, frozen=True):
    """A handle to a value that the vault of this run holds.

    `fingerprint` is a keyed digest, equal for equal secrets, or None for kinds that could be guessed from it.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"index"})

    index: int
    fingerprint: str | None


class Hint(Struct, frozen=True):
    """A name that may tell an asset's environment: `what` it is ("profile", "host", "file") and its `text`."""

    what: str
    text: str


class Asset(Struct, frozen=True):
    """Something worth reaching, named as `kind:name`; hints help to judge its environment and are no part of its id."""

    kind: str
    name: str
    hints: tuple[Hint, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asset) and (self.kind, self.name) == (other.kind, other.name)

    def __hash__(self) -> int:
        return hash((self.kind, self.name))


class Identity(Struct, frozen=True):
    """Who the other side believes is acting: provider, account (or host, or server) and name within it."""

    provider: str
    account: str
    name: str = ""


class Lifetime(Struct, frozen=True):
    """How long a proof of identity lives: access and refresh apart, both in UTC.

    `refresh_until` bounds the renewal of a refreshable credential; None there means that no end is known.
    """

    kind: LifetimeKind = LifetimeKind.UNKNOWN
    expires_at: datetime | None = None
    refresh_until: datetime | None = None

    def ends(self) -> datetime | None:
        """The moment after which nothing of it works, None where it has no known end."""
        match self.kind:
            case LifetimeKind.REFRESHABLE:
                return self.refresh_until
            case LifetimeKind.EXPIRES:
                return self.expires_at
            case _:
                return None

    def ended(self, now: datetime) -> bool:
        """Whether it is past its end; a dead access token with a live refresh token has not ended."""
        end = self.ends()
        return end is not None and end <= now


STATIC = Lifetime(LifetimeKind.STATIC)


class Barrier(Struct, frozen=True):
    """A gate that lies outside any agent, with the rule that decides and where it stands."""

    gate: Gate = Gate.NONE
    rule: str = ""


OPEN = Barrier()


class Grant(Struct, frozen=True):
    """An identity's capabilities on an asset; `identity` may be left out inside a credential that names its own."""

    asset: Asset
    capabilities: frozenset[Capability]
    confidence: Confidence
    identity: Identity | None = None
    why: str = ""
    evidence: Evidence | None = None
    barrier: Barrier = OPEN


class Step(Struct, frozen=True):
    """The one thing that would decide what is undecided: why it is, and a command or action for the reader."""

    why: str
    action: str


class CredentialSeen(Struct, frozen=True):
    """A proof of identity at one place.

    `settled` says that the grants are the other side's own answer: they stand in place of what its kind implies.
    `kind` names an entry of `data/kinds.toml` where one exists; `public_id` is an identifier that may be shown
    (access key id, key fingerprint). Grants without an identity belong to this credential alone, since another proof
    of the same identity may carry less. `names` are words a person would know it by ("profile prod"). `undecided`
    names the step that would settle what it can do. `beside` is a further secret without which this one proves
    nothing: the session token of an AWS key. `copied_from` is the place that this one is an old copy of: in a backup
    that a program makes by itself, under a name that is another each time.
    """

    kind: str
    evidence: Evidence
    secret: Secret | None = None
    public_id: str | None = None
    identity: Identity | None = None
    grants: tuple[Grant, ...] = ()
    lifetime: Lifetime = Lifetime()
    protection: Protection = Protection.PLAINTEXT
    state: CredentialState = CredentialState.UNTESTED
    barrier: Barrier = OPEN
    names: tuple[str, ...] = ()
    undecided: Step | None = None
    settled: bool = False
    beside: Secret | None = None
    copied_from: Evidence | None = None


class AssetSeen(Struct, frozen=True):
    """An asset that lies within wider ones: what opens one of those opens it too, as far as `carries` goes.

    A repository lies within its forge's host and within the accounts on it; the confidence is at most this one.
    `gives` stands in place of what is carried where it turns into something else: code that is pushed and deploys by
    itself changes infrastructure.
    """

    asset: Asset
    within: tuple[Asset, ...]
    carries: frozenset[Capability]
    evidence: Evidence
    confidence: Confidence = Confidence.INFERRED
    why: str = ""
    gives: frozenset[Capability] = frozenset()


class HandleSeen(Struct, frozen=True):
    """Something that acts for whoever reaches it: an agent socket, an open keychain, a container socket.

    `kind` begins with `handle.`; `channel` says how it is used ("connect unix:/run/user/1000/agent").
    """

    kind: str
    evidence: Evidence
    channel: str
    public_id: str | None = None
    identity: Identity | None = None
    grants: tuple[Grant, ...] = ()
    barrier: Barrier = OPEN
    names: tuple[str, ...] = ()
    undecided: Step | None = None


class IdentityLink(Struct, frozen=True):
    """One identity can become another: `how` is a verb ("assumes", "signs in to", "impersonates")."""

    source: Identity
    target: Identity
    how: str
    evidence: Evidence
    confidence: Confidence = Confidence.GRANTED
    barrier: Barrier = OPEN


class AgentSeen(Struct, frozen=True):
    """A coding agent that is installed or running here, and how it may act in one folder.

    `agent` is its id, `title` its name for a reader, `version` as its own files say, `folder` where it would work,
    as a report shows it, None for the home itself. Without a `policy` nothing is known of its rules. `notional`: it
    is not installed, and judged as its vendor ships it. `isolated`: it lives in a container, which is all it reaches.
    `starts` is where people start it: a "terminal", whose environment it inherits, the "desktop", which gives it that
    of the login, or an "editor".
    """

    agent: str
    evidence: Evidence
    running: bool = False
    title: str = ""
    version: str | None = None
    folder: str | None = None
    policy: Policy | None = None
    notional: bool = False
    isolated: bool = False
    starts: str = "terminal"


class SettingSeen(Struct, frozen=True):
    """One setting of an agent that bears on its gates; `value` is never a secret.

    `folder` is that of the AgentSeen which it bears on, None where it holds in every folder.
    """

    agent: str
    key: str
    value: str
    scope: str
    evidence: Evidence
    folder: str | None = None


class ServerSeen(Struct, frozen=True):
    """An MCP server that a client is configured to use; no field holds a secret, and no argument is told in full.

    `client` is the agent's id ("claude-code"), `scope` where it is configured ("user", "project", "plugin x"),
    `transport` "stdio", "http", "sse" or "unknown". `launcher` is the program and what it is told to run, `url` lacks
    user part and query. `package` is what the launcher fetches, and `pinned` whether its version is fixed, None where
    nothing is fetched. `enabled` is None where the client keeps that elsewhere. `approved` names the tools that run
    unasked, "*" for all; `approval` is what stands before these where its own entry approves them: none, or unknown
    where a switch that cannot be read may undo it. `from_repository`: whoever commits to the workspace decides it.
    `folder` is the one that it holds in, as a report shows it, None for all. `known` is its id in
    `data/known_servers.toml`, `narrowed` the options and variables there that leave it fewer tools. `takes` names the
    variables of the agent's own environment that its entry hands on to it.
    """

    name: str
    client: str
    scope: str
    transport: str
    launcher: str
    evidence: Evidence
    url: str | None = None
    package: str | None = None
    pinned: bool | None = None
    variables: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    enabled: bool | None = True
    approved: tuple[str, ...] = ()
    from_repository: bool = False
    approval: Gate | None = None
    folder: str | None = None
    known: str = ""
    narrowed: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


class Fix(Struct, frozen=True):
    """How to mend it: one sentence, and commands quoted for the shell they are for."""

    summary: str
    commands: tuple[str, ...] = ()


class Staged(Struct, frozen=True):
    """A condition: the asset is judged to be in one of these environments, by its hints and the user's own rules."""

    asset: Asset
    environments: frozenset[Environment]


class Weakness(Struct, frozen=True):
    """A bad arrangement that is no exposure by itself; its severity lies in `data/severities.toml` under `rule`.

    It is one only where every condition of `when` holds: a default is a trap where it points to production.
    """

    rule: str
    title: str
    evidence: Evidence
    why: str
    fix: Fix
    tags: tuple[str, ...] = ()
    when: tuple[Staged, ...] = ()


class TrackingSeen(Struct, frozen=True):
    """How git stands to a file that holds a secret; of one in no work tree nothing is told."""

    evidence: Evidence
    git: Tracking


class UseSeen(Struct, frozen=True):
    """That something was really used, as an agent's own records tell it: names and times, never a value.

    `subject` is what `what` says: a program with its sub-command ("kubectl delete"), a file as a report writes it, a
    host, a tool of an MCP server ("server/tool"), or the channel of prompts. `count` is how often, `sessions` in how
    many; `first` and `last` are in UTC. Of prompts `count` is how often a person was asked, and `approved` how often
    they said yes, None where the records do not tell. `agent` is whose records they are, `folder` where it worked, as
    a report shows it. `how` says in words what uses it, where the kind does not.
    """

    subject: str
    what: UseKind
    count: int
    last: datetime | None
    evidence: Evidence
    agent: str = ""
    folder: str | None = None
    first: datetime | None = None
    sessions: int = 0
    approved: int | None = None
    how: str = ""


class Guardrail(Struct, frozen=True):
    """A protection that is in place; it is reported and never raises a score.

    Where it is not `in_force` it was only begun: a hook that is configured and was never installed. `instead` are the
    assets to which it is a better path than a login of one's own; it is one only while no such login is left.
    """

    rule: str
    title: str
    evidence: Evidence
    in_force: bool = True
    instead: tuple[Asset, ...] = ()


class Gap(Struct, frozen=True):
    """A place that was not looked at, and why; `probe` and `read` are filled by whoever ran it."""

    kind: GapKind
    place: str
    why: str
    probe: str = ""
    read: str = ""


Observation = (
    CredentialSeen
    | AssetSeen
    | HandleSeen
    | IdentityLink
    | Grant
    | AgentSeen
    | SettingSeen
    | ServerSeen
    | Weakness
    | TrackingSeen
    | UseSeen
    | Guardrail
    | Gap
)
