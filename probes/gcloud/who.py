"""Who acts in Google Cloud, and on what: accounts, projects, pools, and the step that would tell their roles."""

import re
import shlex
from collections.abc import Iterable

from msgspec import Struct

from scanner.data.kinds import kinds
from scanner.model import Asset, Capability, Confidence, Evidence, Grant, Hint, Identity, Step

EMAIL = re.compile(r"[\w.+%~-]{1,128}@[A-Za-z0-9.-]{1,128}", re.ASCII)
PROJECT = re.compile(r"(?:[a-z0-9.-]{1,80}:)?[a-z][a-z0-9-]{2,61}[a-z0-9]|[0-9]{6,20}", re.ASCII)
KEY_ID = re.compile(r"[0-9a-f]{16,64}", re.ASCII)
OF_PROJECT = re.compile(r"([a-z0-9-]+)(?:\.([a-z0-9.-]+))?\.iam\.gserviceaccount\.com", re.ASCII)
OF_ENGINE = re.compile(r"([a-z0-9.:-]+)@appspot\.gserviceaccount\.com", re.ASCII)
OF_NUMBER = re.compile(r"(?:service-)?([0-9]{6,20})(?:-compute)?@[a-z0-9.-]*gserviceaccount\.com", re.ASCII)
AUDIENCE = re.compile(
    r"//iam\.googleapis\.com/(?:projects/([0-9]{1,20})/)?locations/[\w-]{1,40}/"
    r"(?:workforce|workloadIdentity)Pools/([\w-]{1,80})(?:/providers/[\w-]{1,80})?",
    re.ASCII,
)
MEMBER = re.compile(
    r"principal:(//iam\.googleapis\.com/(?:projects/[0-9]{1,20}/)?locations/[\w-]{1,40}/"
    r"(?:workforce|workloadIdentity)Pools/[\w-]{1,80})/subject/[\w.@%:+=~/-]{1,200}",
    re.ASCII,
)
TARGET = re.compile(r"/serviceAccounts/([^/:]{3,260}):generateAccessToken$")

USER = "google"
CLOUD = "gcp"
READING = frozenset({Capability.DISCOVER, Capability.DATA_READ, Capability.SECRETS_READ})
SCOPE = "https://www.googleapis.com/auth/"
SIGN_IN = frozenset({"openid", "email", "profile", SCOPE + "userinfo.email", SCOPE + "userinfo.profile"})


class Actor(Struct, frozen=True):
    """Someone who acts: the identity, and the asset that it is known to act on.

    `scopes` are those that its credential was issued for, where that is told.
    """

    identity: Identity
    asset: Asset
    scopes: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        """The address under which policies name it, empty where that is not known."""
        told = self.identity.name or self.identity.account
        return told if EMAIL.fullmatch(told) else ""

    @property
    def is_person(self) -> bool:
        """Whether it is an account of a person, which reaches every project that it is a member of."""
        return self.identity.provider == USER

    def grants(self, kind: str, hints: Iterable[Hint] = ()) -> tuple[Grant, ...]:
        """What a credential of that kind is given on its asset, as far as its scopes go."""
        asset = Asset(self.asset.kind, self.asset.name, (*self.asset.hints, *hints))
        carried = within(self.scopes)
        return tuple(
            Grant(asset, each.capabilities & carried, each.confidence, why=each.why)
            for each in kinds()[kind].grants
            if each.capabilities & carried
        )


def every() -> frozenset[Capability]:
    """Each class that an identity may have on a project."""
    return frozenset().union(*(each.capabilities for each in kinds()["gcp.refresh-token"].grants))


def within(scopes: Iterable[str]) -> frozenset[Capability]:
    """The classes that a token's scopes let through: none for a mere sign-in, reading where all of them only read."""
    acting = [scope for scope in scopes if scope not in SIGN_IN]
    if not acting:
        return frozenset() if tuple(scopes) else every()
    reads = all(scope.endswith((".readonly", ".read-only", ".read_only")) for scope in acting)
    return READING & every() if reads else every()


def account(text: str, project: str = "") -> Actor | None:
    """Who an account's name means: a service account, a member of a pool, else a person; None for what is no name."""
    member = MEMBER.fullmatch(text)
    if member is not None:
        return pool(member[1])
    if EMAIL.fullmatch(text) is None:
        return None
    if text.endswith("gserviceaccount.com"):
        return service_account(text, project)
    return Actor(Identity(USER, text), Asset("google-account", text))


def service_account(email: str, project: str = "") -> Actor:
    """A service account; its project is told by its key or by its address."""
    home = project if PROJECT.fullmatch(project) else project_of(email)
    asset = project_asset(home, Hint("user", email.partition("@")[0])) if home else Asset("gcp-project", f"of {email}")
    return Actor(Identity(CLOUD, home or f"of {email}", email), asset)


def project_of(email: str) -> str:
    """The project that a service account's address names, by its id or its number; empty where it does not."""
    domain = OF_PROJECT.fullmatch(email.rpartition("@")[2])
    if domain is not None:
        return f"{domain[2]}:{domain[1]}" if domain[2] else domain[1]
    named = OF_ENGINE.fullmatch(email) or OF_NUMBER.fullmatch(email)
    return named[1] if named is not None else ""


def unnamed(label: str) -> Actor:
    """The account behind a token that nothing names: known by where the token lies."""
    return Actor(Identity(USER, f"of {label}"), Asset("google-account", f"of {label}"))


def pool(audience: str) -> Actor | None:
    """Who a federation's audience names: the members of a pool, of a project or of a whole organisation."""
    match = AUDIENCE.fullmatch(audience)
    if match is None:
        return None
    project, name = match.groups()
    if project is None:
        return unnamed(f"workforce pool {name}")
    return Actor(Identity("gcp-pool", project, name), project_asset(project))


def project_asset(name: str, *hints: Hint) -> Asset:
    """A project as an asset."""
    return Asset("gcp-project", name, (Hint("project", name), *hints))


def target_of(url: str) -> str:
    """The service account that an address of impersonation names, empty where it names none."""
    match = TARGET.search(url)
    return match[1] if match is not None and EMAIL.fullmatch(match[1]) else ""


def reached(actor: Actor, asset: Asset, why: str, evidence: Evidence) -> Grant:
    """Every class as possible for an identity on an asset."""
    return Grant(asset, every(), Confidence.POSSIBLE, actor.identity, why, evidence)


def roles_step(actor: Actor, project: str = "") -> Step:
    """Looking at the roles of an account on a project, and saying what the project is for."""
    why = "its roles stand in Google Cloud's policies, not on this machine"
    project = project or (actor.asset.name if PROJECT.fullmatch(actor.asset.name) else "")
    option = f" --account {shlex.quote(actor.email)}" if actor.email and actor.is_person else ""
    if not project:
        return Step(why, f"gcloud projects list{option}")
    member = f" --filter {shlex.quote('bindings.members:' + actor.email)}" if actor.email else ""
    policy = f"gcloud projects get-iam-policy {shlex.quote(project)} --flatten 'bindings[].members'{member}"
    label = shlex.quote(f"gcp-project:{project}")
    return Step(why, f"{policy} --format 'value(bindings.role)'{option}, then armslength label {label} ENVIRONMENT")
