"""Service principals: secrets, certificates and federated tokens, from files and from variables."""

import re
from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from probes.azure.profile import TO_ANOTHER, trap
from probes.azure.reads import (
    CERTIFICATE,
    CERTIFICATES,
    CLIENT,
    FEDERATED,
    PRINCIPALS,
    SUBSCRIPTION,
    TENANT,
    TOKEN_FILES,
)
from probes.azure.rights import on_subscription, roles_step, state, subscription_asset, who
from probes.modes import readable_by_others
from probes.objects import Fields, claims_of, objects
from scanner.data.kinds import implied
from scanner.host import Host, TextFile
from scanner.model import (
    Confidence,
    CredentialSeen,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Platform,
    Protection,
)
from scanner.shapes import host_of, label, moment

PRIVATE = re.compile(r"-----BEGIN ([A-Z ]{0,20})PRIVATE KEY-----[^-]{1,20000}-----END [A-Z ]{0,20}PRIVATE KEY-----")
SEALED_FORMS = (".pfx", ".p12")


class Principal(Struct, frozen=True):
    """A service principal and where it is named."""

    identity: Identity
    evidence: Evidence


def entries(host: Host) -> Iterator[Observation]:
    """The service principals that `az login --service-principal` keeps in plain text."""
    for found in objects(host, *PRINCIPALS):
        if isinstance(found, Gap):
            yield found
            continue
        for row in found.members("entries", host):
            yield from [row] if isinstance(row, Gap) else _entry(row, host)
        if "entries" in found.values:
            yield from readable_by_others(host, found.file.place)


def _entry(row: Fields, host: Host) -> Iterator[Observation]:
    identity = who(row.label("tenant"), row.label("client_id"))
    if row.text("client_secret"):
        yield client_secret(row, "client_secret", identity, host)
    elif row.text("client_assertion"):
        yield from _token(row.text("client_assertion"), Principal(identity, row.at("client_assertion")), host)
    elif row.text("certificate"):
        yield from certificate(row.text("certificate"), Principal(identity, row.at("certificate")), host)
    else:
        yield row.faulty("client_secret", "is absent, and neither certificate nor assertion stands for it", host)


def client_secret(row: Fields, key: str, identity: Identity, host: Host) -> CredentialSeen:
    """An application's secret, which acts as the application from anywhere."""
    return CredentialSeen(
        kind="azure.client-secret",
        evidence=row.at(key),
        secret=host.keep(row.text(key)),
        identity=identity,
        grants=implied("azure.client-secret", identity.account),
        names=(f"application {identity.name}",) if identity.name else (),
        undecided=roles_step(identity),
    )


def certificate(text: str, principal: Principal, host: Host) -> Iterator[Observation]:
    """The file of a certificate with its private key, where another file or a variable names it."""
    path = host.resolve(text)
    if path is None:
        yield Gap(GapKind.FAILED, _where(principal.evidence, host), "names its certificate by a relative path")
    elif path.suffix.casefold() in SEALED_FORMS:
        found = host.place_named(CERTIFICATE, path)
        if isinstance(found, Gap):
            yield found
        elif found is not None:
            yield _certificate(Evidence(path), principal, Protection.ENCRYPTED)
    else:
        for file in host.read_named(CERTIFICATE, path):
            yield from [file] if isinstance(file, Gap) else _pem(file, principal, host)


def _pem(file: TextFile, principal: Principal, host: Host) -> Iterator[Observation]:
    key = PRIVATE.search(file.text)
    if key is None:
        yield Gap(GapKind.FAILED, host.shown(file.path), "holds no private key")
        return
    sealed = "ENCRYPTED" in key[1] or "4,ENCRYPTED" in key[0]
    seen = _certificate(Evidence(file.path), principal, Protection.ENCRYPTED if sealed else Protection.PLAINTEXT)
    lifetime = Lifetime(LifetimeKind.EXPIRES, _not_after(file.text))
    yield replace(seen, secret=host.keep(key[0]), lifetime=lifetime, state=state(lifetime, host))
    yield from readable_by_others(host, file.place)


def _not_after(text: str) -> datetime | None:
    """The end of the certificate beside the key."""
    from cryptography import x509

    start = text.find("-----BEGIN CERTIFICATE-----")
    if start < 0:
        return None
    try:
        return x509.load_pem_x509_certificate(text[start:].encode()).not_valid_after_utc
    except ValueError:  # no certificate, whatever its frame says
        return None


def _certificate(evidence: Evidence, principal: Principal, protection: Protection) -> CredentialSeen:
    identity = principal.identity
    return CredentialSeen(
        kind="azure.certificate",
        evidence=evidence,
        identity=identity,
        grants=implied("azure.certificate", identity.account),
        protection=protection,
        names=(f"application {identity.name}",) if identity.name else (),
        undecided=roles_step(identity),
    )


def _token(token: str, principal: Principal, host: Host) -> Iterator[Observation]:
    """A token of another issuer that is exchanged for the application's."""
    claims = claims_of(token)
    end = moment(claims.get("exp"))
    issuer = label(host_of(label(claims.get("iss")))) or "of an unnamed issuer"
    identity = Identity("oidc", issuer, label(claims.get("sub")))
    lifetime = Lifetime(LifetimeKind.STATIC) if claims and end is None else Lifetime(LifetimeKind.EXPIRES, end)
    yield CredentialSeen(
        kind="azure.federated-token",
        evidence=principal.evidence,
        secret=host.keep(token),
        identity=identity,
        lifetime=lifetime,
        state=state(lifetime, host),
        names=(f"application {principal.identity.name}",),
        undecided=roles_step(principal.identity),
    )
    yield IdentityLink(identity, principal.identity, "signs in as", principal.evidence, Confidence.INFERRED)
    for grant in implied("azure.federated-token", principal.identity.account):
        yield replace(grant, identity=principal.identity, evidence=principal.evidence)


def of_environment(host: Host) -> Iterator[Observation]:
    """What variables name: certificates, federated tokens, and the subscription that programs act on.

    A secret among them is judged with the rest of the environment.
    """
    identity = who(_first(host, TENANT), _first(host, CLIENT))
    for name in CERTIFICATES:
        if text := host.variable(name):
            yield from certificate(text, Principal(identity, Evidence(variable=name)), host)
    for name in TOKEN_FILES:
        if text := host.variable(name):
            yield from _token_file(text, Principal(identity, Evidence(variable=name)), host)
    for name in SUBSCRIPTION:
        number = label(host.variable(name) or "")
        if number:
            evidence, asset = Evidence(variable=name), subscription_asset(number)
            if identity.name:
                yield on_subscription(asset, identity, evidence)
            yield trap(asset, f"{name} names the subscription", evidence, _unset(name, host))


def _token_file(text: str, principal: Principal, host: Host) -> Iterator[Observation]:
    path = host.resolve(text)
    if path is None:
        yield Gap(GapKind.FAILED, _where(principal.evidence, host), "names its token file by a relative path")
        return
    for file in host.read_named(FEDERATED, path):
        if isinstance(file, Gap):
            yield file
        elif not claims_of(file.text.strip()):
            yield Gap(GapKind.FAILED, host.shown(path), "holds no federated token")
        else:
            yield from _token(file.text.strip(), Principal(principal.identity, Evidence(path)), host)
            yield from readable_by_others(host, file.place)


def _first(host: Host, names: tuple[str, ...]) -> str:
    return next((label(value) for name in names if (value := host.variable(name))), "")


def _where(evidence: Evidence, host: Host) -> str:
    return evidence.variable or (host.shown(evidence.path) if evidence.path is not None else "")


def _unset(name: str, host: Host) -> Fix:
    command = f"Remove-Item Env:{name}" if host.platform is Platform.WINDOWS else f"unset {name}"
    return Fix(TO_ANOTHER.summary, (command,))
