"""What a pod is handed: the token of its service account, where this machine is a pod."""

from collections.abc import Iterator

from probes.jwt import claims
from probes.kubernetes.clusters import INNER, address
from probes.kubernetes.proofs import bearer_token
from probes.kubernetes.reads import POD_NAMESPACES, POD_TOKENS
from scanner.data.kinds import implied
from scanner.host import Host, TextFile
from scanner.model import (
    Asset,
    AssetSeen,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Hint,
    Identity,
    Observation,
    Step,
)
from scanner.shapes import host_of, label

OURS = "kubernetes.default.svc"  # the issuer of clusters whose owner gave it no address of its own


def pods(host: Host) -> Iterator[Observation]:
    """The tokens that the kubelet mounts; those that clouds exchange for roles are their own probes'."""
    for found in host.read(*POD_TOKENS):
        if isinstance(found, Gap):
            yield found
        elif found.text.strip():
            yield from _mounted(found, host)


def _mounted(file: TextFile, host: Host) -> Iterator[Observation]:
    token = file.text.strip()
    told = claims(token)
    if told is None or not told.service_account:
        host.keep(token)
        yield Gap(GapKind.FAILED, host.shown(file.path), "holds no token of a service account")
        return
    proof = bearer_token(token, told, Evidence(file.path), host)
    name = _cluster(told.issuer)
    namespace = told.namespace or _namespace(host)
    hints = (Hint("host", host_of(told.issuer)),) if name != "of this pod" else ()
    yield CredentialSeen(
        kind=proof.kind,
        evidence=proof.evidence,
        secret=proof.secret,
        identity=Identity("kubernetes", name, told.subject),
        grants=implied(proof.kind, name, hints),
        lifetime=proof.lifetime,
        state=CredentialState.EXPIRED if proof.lifetime.ended(host.now) else CredentialState.UNTESTED,
        names=("handed to this pod", *proof.names),
        undecided=Step("roles are bound on the cluster, and no file here says which", "kubectl auth can-i --list"),
    )
    if namespace:
        cluster = Asset("kubernetes-cluster", name, hints)
        inner = Asset("kubernetes-namespace", f"{name}/{namespace}", (*hints, Hint("namespace", namespace)))
        yield AssetSeen(inner, (cluster,), INNER, Evidence(file.path))


def _cluster(issuer: str) -> str:
    """The address of the issuer, which is one cluster's own; the one that a pod sees is the same in every cluster."""
    where = address(issuer) if "://" in issuer else None
    if where is None or where.host.startswith(OURS):
        return "of this pod"
    return where.named(where.host)


def _namespace(host: Host) -> str:
    texts = (found.text for found in host.read(*POD_NAMESPACES) if isinstance(found, TextFile))
    return next((label(text.strip()) for text in texts), "")
