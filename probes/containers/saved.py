"""One registry login as a credential: its kind by its form and by its secret's own shape, and what it opens."""

import base64
import json
from datetime import UTC, datetime
from typing import ClassVar

from msgspec.structs import replace

from probes.containers.registries import asset, is_ecr
from scanner.data.kinds import implied, kinds
from scanner.data.variables import variables
from scanner.host import Host
from scanner.model import (
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Grant,
    Identity,
    Lifetime,
    LifetimeKind,
    Protection,
)
from scanner.model.value import Value
from scanner.shapes import Shape, filler, label, shape_of, stand_in

PASSWORD, REGISTRY_TOKEN, IDENTITY_TOKEN = "docker.password", "docker.registry-token", "docker.identity-token"
# Names that stand for "what follows is a token", so that they are nobody's.
NOBODY = frozenset(
    {"aws", "_json_key", "_json_key_base64", "_token", "_dcgcloud_token", "oauth2accesstoken", "<token>", "oauth2"}
    | {"00000000-0000-0000-0000-000000000000", "token", "x-access-token", "_oauth"}
)
PULL_PUSH = frozenset({Capability.DATA_READ, Capability.PUBLISH})
ECR_LIMIT = 16 * 1024


class Saved(Value, frozen=True):
    """A login: registry, user, secret, and the kind that its form tells; `raw` are further texts of the secret."""

    concealed: ClassVar[frozenset[str]] = frozenset({"user", "secret", "raw"})

    registry: str
    user: str
    secret: str
    evidence: Evidence
    kind: str = PASSWORD
    raw: tuple[str, ...] = ()


def credential(saved: Saved, host: Host) -> CredentialSeen | None:
    """The credential, None where something only stands in its place."""
    for text in (saved.secret, *saved.raw):
        if text:
            host.keep(text)
    if stand_in(saved.secret) is not None or filler(saved.secret) is not None:
        return None
    found = shape_of(saved.secret)
    shape = found if isinstance(found, Shape) else None
    if shape is not None and not shape.vague and shape.kind in kinds():
        return _of_family(saved, shape, host)
    lifetime = _lifetime(saved, shape)
    kind = REGISTRY_TOKEN if saved.kind == PASSWORD and _is_minted(saved) else saved.kind
    name = asset(saved.registry)
    user = _user(saved)
    return CredentialSeen(
        kind=kind,
        evidence=saved.evidence,
        secret=host.keep(saved.secret, guessable=kinds()[kind].guessable),
        identity=Identity("docker", saved.registry, user) if user else None,
        grants=implied(kind, name.name, name.hints),
        lifetime=lifetime,
        state=CredentialState.EXPIRED if lifetime.ended(host.now) else CredentialState.UNTESTED,
    )


def through(
    helper: str, registries: tuple[str, ...], evidence: Evidence, *, cloud: str, protection: Protection
) -> CredentialSeen:
    """A login that a helper holds, or makes anew with a cloud's identity: never asked for."""
    kind = "docker.helper-login" if cloud else "docker.kept-login"
    names = [f"docker-credential-{helper}"] + ([f"signs in with the identity for {cloud}"] if cloud else [])
    return CredentialSeen(
        kind=kind,
        evidence=evidence,
        grants=tuple(grant for name in registries for grant in implied(kind, name, asset(name).hints)),
        protection=protection,
        names=tuple(names),
    )


def _of_family(saved: Saved, shape: Shape, host: Host) -> CredentialSeen:
    """A token whose own shape says whose it is: one credential with every other place where it lies."""
    provider = kinds()[shape.kind].provider
    account = shape.account or _account(provider, saved.registry)
    grants = implied(shape.kind, account, shape.hints)
    name = asset(saved.registry)
    if all(grant.asset != name for grant in grants):
        why = "it is saved as the login of this registry"
        grants = (*grants, Grant(name, PULL_PUSH, Confidence.INFERRED, why=why, evidence=saved.evidence))
    if shape.doubtful:
        grants = tuple(replace(grant, confidence=grant.confidence.one_lower) for grant in grants)
    user = shape.user or _user(saved)
    return CredentialSeen(
        kind=shape.kind,
        evidence=saved.evidence,
        secret=host.keep(shape.secret, guessable=kinds()[shape.kind].guessable),
        public_id=shape.public_id,
        identity=Identity(provider, account, user) if user else None,
        grants=grants,
        lifetime=shape.lifetime,
        protection=shape.protection,
        state=CredentialState.EXPIRED if shape.lifetime.ended(host.now) else CredentialState.UNTESTED,
    )


def _account(provider: str, registry: str) -> str:
    """What a provider's token belongs to: a GitLab of one's own is named by its registry."""
    if provider == "gitlab" and registry.startswith("registry."):
        return registry.removeprefix("registry.").partition(":")[0]
    return variables().accounts.get(provider, provider)


def _user(saved: Saved) -> str:
    """The login, where it is a person's or a robot's and tells nothing of the secret."""
    user, secret = label(saved.user), saved.secret.casefold()
    folded = user.casefold()
    if not user or folded in NOBODY:
        return ""
    return "" if folded == secret or (len(secret) >= 6 and secret in folded) else user


def _lifetime(saved: Saved, shape: Shape | None) -> Lifetime:
    if shape is not None and shape.lifetime.kind is not LifetimeKind.UNKNOWN:
        return shape.lifetime
    if is_ecr(saved.registry):
        return Lifetime(LifetimeKind.EXPIRES, _ecr_end(saved.secret))
    return Lifetime(LifetimeKind.EXPIRES) if _is_minted(saved) else Lifetime()


def _is_minted(saved: Saved) -> bool:
    """Whether a cloud made it for hours: Amazon's for `AWS`, Google's access token for a name of its own."""
    return saved.user == "AWS" if is_ecr(saved.registry) else saved.user == "oauth2accesstoken"


def _ecr_end(secret: str) -> datetime | None:
    """The end that Amazon writes into its token, twelve hours after it was made."""
    if len(secret) > ECR_LIMIT:
        return None
    try:
        told = json.loads(base64.b64decode(secret))
        ends = told.get("expiration") if isinstance(told, dict) else None
        return datetime.fromtimestamp(ends, UTC) if isinstance(ends, int) and not isinstance(ends, bool) else None
    except (ValueError, RecursionError, OverflowError, OSError):
        return None
