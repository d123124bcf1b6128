"""Who acts in Azure and on what: identities, subscriptions and tenants, and what a token's claims say."""

import shlex
from collections.abc import Mapping
from fnmatch import fnmatchcase

from scanner.data.kinds import implied, kinds
from scanner.host import Host
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialState,
    Evidence,
    Grant,
    Hint,
    Identity,
    Lifetime,
    Step,
)
from scanner.shapes import host_of, label

# What the directory itself (Microsoft Graph) may be asked for, apart from any subscription.
DIRECTORY = frozenset(
    {
        *(Capability.DISCOVER, Capability.DATA_READ, Capability.DATA_WRITE),
        *(Capability.IAM_ESCALATE, Capability.COMMS),
    }
)
READ_WRITE = frozenset({Capability.DISCOVER, Capability.DATA_READ, Capability.DATA_WRITE})
DATA = READ_WRITE | {Capability.DATA_DESTROY}
# The address that a token is for, told by its first or last words; any other is some service's data.
AUDIENCES: tuple[tuple[tuple[str, ...], frozenset[Capability]], ...] = (
    (("graph.*", "microsoftgraph.*"), DIRECTORY),
    (("vault.*", "managedhsm.*", "*.vault.*"), DATA | {Capability.SECRETS_READ, Capability.RECOVERY_DESTROY}),
    (("storage.*", "*.blob.*", "*.dfs.*", "ossrdbms-aad.*", "database.*", "*.kusto.*", "*.documents.*"), DATA),
    (("containerregistry.*", "*.azurecr.*"), READ_WRITE | {Capability.PUBLISH, Capability.DATA_DESTROY}),
)
MANAGEMENT = ("management.*", "https://management.*")
GRAPH_ID = "00000003-0000-0000-c000-000000000000"
SCOPES: tuple[tuple[str, frozenset[Capability]], ...] = (
    ("rolemanagement.readwrite*", frozenset({Capability.IAM_ESCALATE})),
    ("approleassignment.readwrite*", frozenset({Capability.IAM_ESCALATE})),
    ("application.readwrite*", frozenset({Capability.IAM_ESCALATE})),
    ("directory.accessasuser*", DIRECTORY - {Capability.COMMS}),
    ("directory.readwrite*", frozenset({Capability.IAM_ESCALATE})),
    ("group*.readwrite*", frozenset({Capability.IAM_ESCALATE})),
    ("mail.send*", frozenset({Capability.COMMS})),
    ("*.readwrite*", READ_WRITE),
    ("*.read*", frozenset({Capability.DISCOVER, Capability.DATA_READ})),
)
# Directory roles that hand out any other: Global, Privileged Role and Privileged Authentication Administrator.
ESCALATING = frozenset(
    {
        "62e90394-69f5-4237-9190-012177145e10",
        "e8611ab8-c189-46e8-94e1-60213ab1f814",
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    }
)
PUBLIC_CLOUD = "AzureCloud"


def every() -> frozenset[Capability]:
    """Every class that a role may give on a subscription."""
    return kinds()["azure.client-secret"].grants[0].capabilities


def who(tenant: str, name: str) -> Identity:
    """A user, or an application by its client id, in a tenant."""
    return Identity("azure", tenant or "of an unnamed tenant", name)


def subscription_asset(number: str, name: str = "", cloud: str = "") -> Asset:
    """A subscription; its name is the word for it that people judge by."""
    hints = (Hint("name", name), Hint("cloud", cloud if cloud != PUBLIC_CLOUD else ""))
    return Asset("azure-subscription", number, tuple(hint for hint in hints if hint.text))


def on_subscription(asset: Asset, identity: Identity, evidence: Evidence) -> Grant:
    """Every class as possible: no file of this machine holds the role assignments."""
    why = f"{identity.name or 'it'} sees the subscription; its roles there are not written on this machine"
    return Grant(asset, every(), Confidence.POSSIBLE, identity, why, evidence)


def on_tenant(kind: str, identity: Identity, *, subscribed: bool) -> tuple[Grant, ...]:
    """What a sign-in opens in its tenant: the directory alone where its subscriptions are known, else all."""
    grants = implied(kind, identity.account)
    if not subscribed:
        return grants
    why = "the directory of its tenant; its subscriptions are told apart"
    return tuple(
        Grant(grant.asset, grant.capabilities & DIRECTORY, grant.confidence, why=why)
        for grant in grants
        if grant.capabilities & DIRECTORY
    )


def audience(scopes: str, claims: Mapping[str, object]) -> str:
    """The host that a token is for, as its claim or the cache's list of scopes says it."""
    told = label(claims.get("aud"))
    if told == GRAPH_ID:
        return "graph.microsoft.com"
    first = next(iter(scopes.split()), "")
    return label(host_of(told if "://" in told else first if "://" in first else told))


def of_management(host: str) -> bool:
    """Whether a token for that host manages subscriptions."""
    return not host or any(fnmatchcase(host, glob) for glob in MANAGEMENT)


def by_claims(host: str, tenant: str, claims: Mapping[str, object]) -> tuple[Grant, ...]:
    """What the token's audience allows at most, and what its claims say of it."""
    asset = Asset("azure-tenant", tenant)
    grants = []
    roles = claims.get("wids")
    if isinstance(roles, list) and any(role in ESCALATING for role in roles if isinstance(role, str)):
        why = "the token says that its user hands out any directory role"
        grants.append(Grant(asset, frozenset({Capability.IAM_ESCALATE}), Confidence.GRANTED, why=why))
    told = _by_scopes(_words(claims.get("roles")))
    if told:
        grants.append(Grant(asset, told, Confidence.GRANTED, why="the token's own roles say it"))
    delegated = _by_scopes(_words(claims.get("scp")))
    if delegated and host.startswith("graph."):
        why = "the token's scopes allow it as far as its user may"
        grants.append(Grant(asset, delegated, Confidence.INFERRED, why=why))
        return tuple(grants)
    rest = (
        every() if of_management(host) else next((caps for globs, caps in AUDIENCES if _fits(host, globs)), READ_WRITE)
    )
    why = f"the token is for {host or 'a service that it does not name'}; the roles behind it are not written there"
    return (*grants, Grant(asset, rest, Confidence.POSSIBLE, why=why))


def _fits(host: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(host, glob) for glob in globs)


def _words(told: object) -> list[str]:
    words = told.split() if isinstance(told, str) else told if isinstance(told, list) else []
    return [word.casefold() for word in words[:200] if isinstance(word, str)]


def _by_scopes(words: list[str]) -> frozenset[Capability]:
    return frozenset(cap for word in words for glob, caps in SCOPES if fnmatchcase(word, glob) for cap in caps)


def roles_step(identity: Identity) -> Step:
    """Looking at the role assignments, and saying what the tenant is for."""
    asset = f"azure-tenant:{identity.account}"
    look = (
        f"az role assignment list --assignee {shlex.quote(identity.name)} --all" if identity.name else "az account show"
    )
    why = "role assignments stand on Azure's side, not on this machine"
    return Step(why, f"{look}, then armslength label {shlex.quote(asset)} ENVIRONMENT")


def state(lifetime: Lifetime, host: Host) -> CredentialState:
    """Whether it is past its end by the clock of this run."""
    return CredentialState.EXPIRED if lifetime.ended(host.now) else CredentialState.UNTESTED
