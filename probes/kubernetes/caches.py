"""Tokens that sign-in plug-ins keep beside the kubeconfig."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from probes.jwt import Claims, claims
from probes.kubernetes.proofs import Proof, sign_in
from probes.kubernetes.reads import GKE_CACHE, SIGN_IN_CACHES
from probes.kubernetes.rights import Reach, grants
from probes.modes import readable_by_others
from scanner.data.kinds import implied
from scanner.host import Host, TextFile
from scanner.model import (
    Asset,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Grant,
    Hint,
    Identity,
    Lifetime,
    LifetimeKind,
    Observation,
)
from scanner.shapes import host_of, label, moment

CACHE_LIMIT = 200  # sign-ins
REACH_LIMIT = 200  # contexts that one sign-in opens


class Issuer(Struct, frozen=True):
    """An OpenID provider that a kubeconfig signs in to, for which client, and the clusters that trust it."""

    url: str
    client: str
    reaches: tuple[Reach, ...]

    def issued(self, told: Claims) -> bool:
        """Whether it issued a token, for this client."""
        same = self.url.rstrip("/") == told.issuer.rstrip("/") != ""
        return same and (not self.client or self.client in told.audience)


def sign_ins(issuers: Iterable[Issuer], host: Host) -> Iterator[Observation]:
    """The tokens of `kubectl oidc-login` and of Azure's kubelogin."""
    issuers = tuple(issuers)
    count = 0
    for file, values in _objects(host, *SIGN_IN_CACHES):
        if isinstance(file, Gap):
            yield file
            continue
        count += 1
        if count > CACHE_LIMIT:
            place = host.shown(file.path.parent)
            yield Gap(GapKind.LIMIT, place, f"more than {CACHE_LIMIT} cached sign-ins; the rest was not judged")
            return
        access = _text(values, "id_token") or _text(values, "access_token")
        refresh = _text(values, "refresh_token")
        ends = moment(values.get("expires_on"))
        proof = sign_in(access, refresh, Evidence(file.path), host, ends=ends)
        if proof is not None:
            yield _seen(proof, claims(access) or Claims(), issuers, host)
            yield from readable_by_others(host, file.place)


def _seen(proof: Proof, told: Claims, issuers: tuple[Issuer, ...], host: Host) -> CredentialSeen:
    trusting = (each for issuer in issuers if issuer.issued(told) for each in issuer.reaches)
    reach = tuple(islice(trusting, REACH_LIMIT))
    issuer = host_of(told.issuer)
    unknown = Asset("kubernetes-cluster", f"that trusts {issuer or 'the issuer of a cached sign-in'}")
    opened: tuple[Grant, ...] = grants(proof, reach) if reach else implied(proof.kind, unknown.name)
    return CredentialSeen(
        kind=proof.kind,
        evidence=proof.evidence,
        secret=proof.secret,
        identity=Identity("kubernetes", reach[0].cluster.asset.name if reach else unknown.name, proof.who),
        grants=opened,
        lifetime=proof.lifetime,
        state=CredentialState.EXPIRED if proof.lifetime.ended(host.now) else CredentialState.UNTESTED,
        names=("cached sign-in", *proof.names),
    )


def gke_token(host: Host) -> Iterator[Observation]:
    """The access token that GKE's plug-in keeps: one of Google Cloud, good for more than the cluster."""
    for file, values in _objects(host, GKE_CACHE):
        if isinstance(file, Gap):
            yield file
            continue
        token = _text(values, "access_token") or _text(values, "current_token")
        if not token:
            continue
        context = label(values.get("current_context"))
        project = context.split("_")[1] if context.startswith("gke_") and context.count("_") >= 3 else ""
        ends = moment(values.get("token_expiry"))
        lifetime = Lifetime() if ends is None else Lifetime(LifetimeKind.EXPIRES, ends)
        hints = tuple(Hint(what, text) for what, text in (("project", project), ("context", context)) if text)
        yield CredentialSeen(
            kind="gcp.access-token",
            evidence=Evidence(file.path),
            secret=host.keep(token),
            grants=implied("gcp.access-token", project or "of gke-gcloud-auth-plugin", hints),
            lifetime=lifetime,
            state=CredentialState.EXPIRED if lifetime.ended(host.now) else CredentialState.UNTESTED,
            names=("cached by gke-gcloud-auth-plugin", *((f"context {context}",) if context else ())),
        )
        yield from readable_by_others(host, file.place)


def _text(values: dict[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _objects(host: Host, *patterns: str) -> Iterator[tuple[TextFile | Gap, dict[str, object]]]:
    """Each cache as an object. An empty file is a lock that such a program left."""
    for found in host.read(*patterns):
        if isinstance(found, Gap):
            yield found, {}
        elif found.text.strip():
            values = _object(found.text)
            if values is None:
                yield Gap(GapKind.FAILED, host.shown(found.path), "is no JSON object"), {}
            else:
                yield found, values


def _object(text: str) -> dict[str, object] | None:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):  # half written, a number without end, or nested too deeply
        return None
    return told if isinstance(told, dict) else None
