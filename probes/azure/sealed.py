"""Sign-ins whose secret is not in plain text here: encrypted, in a keychain, of the machine itself, or ended."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from probes.azure.caches import in_file
from probes.azure.profile import Account
from probes.azure.reads import (
    AZD_SEALED_SECRETS,
    AZD_SEALED_TOKENS,
    ENDPOINTS,
    HIDDEN,
    OLD_TOKENS,
    SEALED_PRINCIPALS,
    SEALED_TOKENS,
    SHARED_TOKENS,
)
from probes.azure.rights import on_tenant, roles_step
from probes.objects import once
from scanner.data.kinds import implied
from scanner.host import FileKind, Host, Place
from scanner.model import (
    Barrier,
    CredentialSeen,
    Evidence,
    Gap,
    Gate,
    Identity,
    Lifetime,
    LifetimeKind,
    Observation,
    Platform,
    Protection,
)

REFRESH, SECRET = "azure.refresh-token", "azure.client-secret"


def sealed(found: list[Account], host: Host) -> Iterator[Observation]:
    """One credential for each identity whose proof lies encrypted in a file, or in the keychain beside a `.sig`.

    `az account get-access-token` hands the token to whatever runs as this user, so neither is a gate.
    """
    for patterns, sort, kind in (
        (SEALED_TOKENS, "user", REFRESH),
        (SEALED_PRINCIPALS, "servicePrincipal", SECRET),
    ):
        for place in _files(host, patterns):
            if isinstance(place, Gap):
                yield place
                continue
            same = [each for each in found if each.file.parent == place.path.parent and each.sort == sort]
            for each in {each.identity.name: each for each in reversed(same) if not each.managed}.values():
                yield _sealed(kind, each, place.path)


def _sealed(kind: str, account: Account, path: PurePath) -> CredentialSeen:
    identity = account.identity
    grants = implied(kind, identity.account)
    if kind == REFRESH:
        grants = on_tenant(kind, identity, subscribed=account.asset is not None)
    return CredentialSeen(
        kind=kind,
        evidence=Evidence(path, key=identity.name),
        identity=identity,
        grants=grants,
        lifetime=Lifetime(LifetimeKind.REFRESHABLE if kind == REFRESH else LifetimeKind.UNKNOWN),
        protection=Protection.KEYCHAIN if path.suffix == ".sig" else Protection.ENCRYPTED,
        names=(f"sign-in of {identity.name}",),
        undecided=roles_step(identity),
    )


def unnamed(host: Host) -> Iterator[Observation]:
    """Caches of azd and of old PowerShell that say nothing of whose they are without being opened."""
    for patterns, kind in (
        (AZD_SEALED_TOKENS, REFRESH),
        (AZD_SEALED_SECRETS, SECRET),
        (OLD_TOKENS, REFRESH),
    ):
        for place in _files(host, patterns):
            if isinstance(place, Gap):
                yield place
                continue
            encrypted = place.path.suffix == ".bin" or host.platform is Platform.WINDOWS
            yield _unnamed(kind, place.path, Protection.ENCRYPTED if encrypted else Protection.OBFUSCATED)


def shared(subscribed: frozenset[Identity], host: Host) -> Iterator[Observation]:
    """The cache that Visual Studio, PowerShell and the SDKs share: sealed on Windows, elsewhere where a keychain is."""
    if host.platform is Platform.WINDOWS:
        for place in _files(host, SHARED_TOKENS):
            yield place if isinstance(place, Gap) else _unnamed(REFRESH, place.path, Protection.ENCRYPTED)
        return
    for file in once(host.read(*SHARED_TOKENS)):
        if isinstance(file, Gap):
            yield file
        elif file.text.lstrip("\ufeff \t\r\n").startswith("{"):
            yield from in_file(file, subscribed, host)
        else:
            yield _unnamed(REFRESH, file.path, Protection.KEYCHAIN)


def _unnamed(kind: str, path: PurePath, protection: Protection) -> CredentialSeen:
    grants = implied(kind, f"of {path.name}")
    return CredentialSeen(kind, Evidence(path), grants=grants, protection=protection)


def managed(found: Iterable[Account], host: Host) -> Iterator[Observation]:
    """Identities that surroundings hand out: one that the profile signed in with, and addresses, never asked."""
    for each in found:
        if each.managed:
            yield _handed(each.evidence, each.identity.account, each.identity)
    for name in HIDDEN:
        if value := host.variable(name):
            host.keep(value)
    for name in ENDPOINTS:
        if host.variable(name):
            yield _handed(Evidence(variable=name), "of this machine's identity", None)


def _handed(evidence: Evidence, tenant: str, identity: Identity | None) -> CredentialSeen:
    return CredentialSeen(
        kind="azure.managed-identity",
        evidence=evidence,
        identity=identity,
        grants=implied("azure.managed-identity", tenant),
        lifetime=Lifetime(LifetimeKind.SESSION),
        protection=Protection.REFERENCE,
    )


def signed_out(found: Iterable[Account], proven: frozenset[str], *, blind: bool) -> Iterator[CredentialSeen]:
    """Identities of the profile whose proof was met nowhere: their subscriptions wait for a person to sign in.

    `blind` says that a cache could not be read, so that a token may well lie there.
    """
    met: set[Identity] = set()
    for each in found:
        if each.managed or each.identity.name in proven or each.identity in met:
            continue
        met.add(each.identity)
        yield CredentialSeen(
            kind="azure.signed-out",
            evidence=each.evidence,
            identity=each.identity,
            lifetime=Lifetime(LifetimeKind.SESSION),
            protection=Protection.REFERENCE,
            barrier=(
                Barrier(Gate.UNKNOWN, "a token cache could not be read")
                if blind
                else Barrier(Gate.PRESENCE, "needs a new sign-in (az login): no token was found")
            ),
            names=(f"sign-in of {each.identity.name}",),
        )


def _files(host: Host, patterns: Iterable[str]) -> Iterator[Place | Gap]:
    met: set[object] = set()
    for found in host.places(*patterns):
        same = found.path if isinstance(found, Place) else (found.place, found.why)
        if same not in met and not (isinstance(found, Place) and found.kind is not FileKind.FILE):
            met.add(same)
            yield found
