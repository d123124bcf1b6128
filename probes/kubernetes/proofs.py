"""A user of a kubeconfig -> the proofs that it holds: certificates, tokens, passwords, sign-ins."""

import base64
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from probes.jwt import Claims, claims
from probes.kubernetes.certificates import Certificate, NoCertificate, first_certificate
from probes.kubernetes.kubeconfig import Entry
from probes.kubernetes.reads import NAMED
from probes.ssh.keys import PrivateKey, private_keys
from scanner.host import Host, TextFile
from scanner.model import (
    OPEN,
    STATIC,
    Barrier,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Lifetime,
    LifetimeKind,
    Protection,
    Secret,
)
from scanner.model.value import Value
from scanner.shapes import filler, label, moment

OMITTED = frozenset({"", "DATA+OMITTED", "DATA-OMITTED", "REDACTED"})  # what `kubectl config view` prints
MASTERS = "system:masters"
ADMIN_GROUPS = (MASTERS, "kubeadm:cluster-admins")
ADMIN_USERS = ("kubernetes-admin",)
OPENSHIFT = "sha256~"


class Proof(Struct, frozen=True):
    """One proof of identity: who it says is acting, as far as it says so, and what guards it.

    `admin` says why its bearer rules the whole cluster, and is empty where nothing says so.
    """

    kind: str
    evidence: Evidence
    secret: Secret | None
    who: str = ""
    public_id: str | None = None
    lifetime: Lifetime = Lifetime()
    protection: Protection = Protection.PLAINTEXT
    barrier: Barrier = OPEN
    names: tuple[str, ...] = ()
    admin: str = ""


class Text(Value, frozen=True):
    """A text of a kubeconfig or of a file that it names, and where it stands."""

    concealed: ClassVar[frozenset[str]] = frozenset({"text"})

    text: str
    evidence: Evidence
    file: TextFile
    named: bool


def proofs(user: Entry, host: Host) -> Iterator[Proof | Gap]:
    """Every proof in a user's entry, also those that kubectl passes over for another."""
    yield from _certificate(user, host)
    for found in _texts(user, "token", "tokenFile", host, encoded=False):
        yield found if isinstance(found, Gap) else _token(found, host)
    yield from _password(user, host)
    yield from _provider(user, host)


def _texts(user: Entry, key: str, by_name: str, host: Host, *, encoded: bool) -> Iterator[Text | Gap]:
    """What stands under a key, and what lies in the file that another key names; nothing for a placeholder."""
    written = user.body.said(key).strip()
    if written not in OMITTED and (encoded or claims(written) is not None or filler(written) is None):
        evidence = user.evidence(key)
        text = _decoded(written) if encoded else written
        if text is None:
            yield _failed(host, evidence, f"{key} is not base64")
        else:
            yield Text(text, evidence, user.file, named=False)
    named = user.body.said(by_name)
    path = host.resolve(named, user.file.path.parent) if named and not named.startswith("~") else None
    if path is not None:
        path = _cleaned(path)
        for found in host.read_named(NAMED, path):
            if isinstance(found, Gap):
                yield found
            elif encoded or found.text.strip():
                yield Text(found.text if encoded else found.text.strip(), Evidence(path), found, named=True)


def _cleaned(path: PurePath) -> PurePath:
    """The path without `..`, as kubectl takes it: by its words, links unasked."""
    parts: list[str] = []
    for part in path.parts[1:]:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
    return type(path)(path.parts[0], *parts)


def _decoded(written: str) -> str | None:
    try:
        return base64.b64decode("".join(written.split()), validate=True).decode("utf-8", "replace")
    except ValueError:
        return None


def _failed(host: Host, evidence: Evidence, why: str) -> Gap:
    place = host.shown(evidence.path) if evidence.path is not None else ""
    return Gap(GapKind.FAILED, place if evidence.line is None else f"{place}:{evidence.line}", why)


def _certificate(user: Entry, host: Host) -> Iterator[Proof | Gap]:
    """Each private key with the certificate beside it; without a key a certificate proves nothing."""
    told: Certificate | None = None
    for found in _texts(user, "client-certificate-data", "client-certificate", host, encoded=True):
        if isinstance(found, Gap):
            yield found
            continue
        try:
            told = told or first_certificate(found.text)
        except NoCertificate:
            yield _failed(host, found.evidence, "holds a damaged certificate")
            continue
        if told is None:
            yield _failed(host, found.evidence, "holds no certificate")
    written = user.body.said("client-key-data")
    if written not in OMITTED:
        host.keep(written)
    for found in _texts(user, "client-key-data", "client-key", host, encoded=True):
        if isinstance(found, Gap):
            yield found
            continue
        key = next(private_keys(found.text), None)
        if isinstance(key, PrivateKey):
            evidence = Evidence(found.evidence.path, key.line) if found.named else found.evidence
            yield _bearer(key, told, evidence, host)
        else:
            yield _failed(host, found.evidence, "holds no private key that could be read")


def _bearer(key: PrivateKey, told: Certificate | None, evidence: Evidence, host: Host) -> Proof:
    locked = key.cipher is not None
    admin = _admin(told)
    subject = (
        () if told is None else (f"CN {told.user}" if told.user else "no CN", *(f"O {each}" for each in told.groups))
    )
    return Proof(
        kind="kubernetes.admin-certificate" if admin else "kubernetes.client-certificate",
        evidence=evidence,
        secret=host.keep(key.body),
        who=told.user if told is not None else "",
        public_id=told.public_id if told is not None else None,
        lifetime=Lifetime() if told is None else Lifetime(LifetimeKind.EXPIRES, told.ends),
        protection=Protection.ENCRYPTED if locked else Protection.PLAINTEXT,
        barrier=Barrier(Gate.PRESENCE, f"passphrase: cipher {key.cipher}") if locked else OPEN,
        names=subject,
        admin=admin,
    )


def _admin(told: Certificate | None) -> str:
    if told is None:
        return ""
    group = next((each for each in ADMIN_GROUPS if each in told.groups), None)
    if group is not None:
        beyond = ", whom no rule can limit" if group == MASTERS else ""
        return f"the certificate's group is {group}: administrators of the whole cluster{beyond}"
    if told.user in ADMIN_USERS:
        return f"the certificate's user is {told.user}: kubeadm's administrator of the whole cluster"
    return ""


def _token(found: Text, host: Host) -> Proof:
    told = claims(found.text)
    return bearer_token(found.text, told, found.evidence, host)


def bearer_token(token: str, told: Claims | None, evidence: Evidence, host: Host) -> Proof:
    """A token and what it says of itself, if it says anything."""
    secret = host.keep(token)
    if told is None:
        kind = "openshift.token" if token.startswith(OPENSHIFT) else "kubernetes.token"
        return Proof(kind, evidence, secret)
    kind = "kubernetes.service-account" if told.service_account else "kubernetes.sign-in"
    return Proof(
        kind,
        evidence,
        secret,
        who=told.person or told.subject,
        lifetime=told.lifetime,
        names=described(told),
        admin=f"the token's group is {MASTERS}" if MASTERS in told.groups else "",
    )


def described(told: Claims) -> tuple[str, ...]:
    """What a token says of itself, for a person to know it by."""
    names = [f"issuer {told.issuer}"] if told.issuer else []
    if told.service_account:
        names.append(f"service account {told.namespace}/{told.service_account}")
    names += [f"audience {each}" for each in told.audience[:3]]
    return (*names, *(f"group {each}" for each in told.groups[:5]))


def _password(user: Entry, host: Host) -> Iterator[Proof]:
    password = user.body.said("password")
    if password.strip() in OMITTED or filler(password) is not None:
        return
    name = label(user.body.said("username"))
    yield Proof(
        "kubernetes.password",
        user.evidence("password"),
        host.keep(password, guessable=True),
        who="" if name == password else name,
        lifetime=STATIC,
    )


def _provider(user: Entry, host: Host) -> Iterator[Proof]:
    """The tokens of the old `auth-provider` (oidc, gcp, azure); its command is never run."""
    config = user.body.at("auth-provider", "config")
    if config is None or not config.is_mapping:
        return
    values = {key: node.text for key, node in config.items() if node.text not in OMITTED}
    if values.get("client-secret"):
        host.keep(values["client-secret"])
    access = values.get("id-token") or values.get("access-token") or ""
    refresh = values.get("refresh-token") or ""
    ends = moment(values.get("expiry") or values.get("expires-on"))
    key = "refresh-token" if refresh else "id-token" if values.get("id-token") else "access-token"
    evidence = user.evidence("auth-provider", "config", key)
    provider = label(user.body.said("auth-provider", "name"))
    proof = sign_in(access, refresh, evidence, host, ends=ends)
    if proof is not None:
        yield replace(proof, names=(f"auth-provider {provider}", *proof.names))


def sign_in(access: str, refresh: str, evidence: Evidence, host: Host, *, ends: datetime | None = None) -> Proof | None:
    """A person's sign-in: a token that ends, and perhaps one that renews it; both leave the file as secrets."""
    if not access and not refresh:
        return None
    told = claims(access) or Claims()
    kept = host.keep(access) if access else None
    until = told.lifetime.expires_at or ends
    return Proof(
        "kubernetes.sign-in",
        evidence,
        host.keep(refresh) if refresh else kept,
        who=told.person or told.subject,
        lifetime=Lifetime(
            LifetimeKind.REFRESHABLE if refresh else LifetimeKind.EXPIRES if until else LifetimeKind.UNKNOWN, until
        ),
        names=described(told),
    )


def ended(until: datetime | None) -> Lifetime:
    """The lifetime of what ends then; unknown where nothing says when."""
    return Lifetime() if until is None else Lifetime(LifetimeKind.EXPIRES, until)
