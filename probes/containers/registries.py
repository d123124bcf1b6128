"""Registries as logins name them: one name for each, and whose they are where the name tells."""

import re

from scanner.model import Asset, AssetSeen, Capability, Confidence, Evidence, Hint
from scanner.shapes import host_of, label

HUB = "docker.io"
HUB_NAMES = frozenset(
    {"docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com", "registry.hub.docker.com"}
)
ECR = re.compile(r"(\d{12})\.dkr[.-]ecr(?:-fips)?\.[a-z0-9-]{4,30}\.(?:amazonaws\.com(?:\.cn)?|on\.aws)")
UNSHOWN = "a registry that is not shown"
# Helpers that sign in anew with a cloud's own identity; the others keep what they were given.
CLOUD_HELPERS = {
    "ecr-login": "AWS",
    "gcloud": "Google Cloud",
    "gcr": "Google Cloud",
    "acr-env": "Azure",
    "acr-linux": "Azure",
    "acr-darwin": "Azure",
    "acr-windows": "Azure",
    "azure": "Azure",
}
CARRIED = frozenset({Capability.DATA_READ, Capability.PUBLISH, Capability.DATA_DESTROY})


def registry(key: str) -> str:
    """The registry that a login's key names, without its path; `https://index.docker.io/v1/` is docker.io."""
    parts = key.partition("://")[2] or key
    server = parts.partition("/")[0].rpartition("@")[2]
    name = label(host_of("//" + server)).rstrip(".")
    if not name:
        return UNSHOWN
    port = server.rpartition(":")[2]
    named = f"{name}:{port}" if port.isdecimal() and port not in {"443", "80"} and ":" in server else name
    return HUB if name in HUB_NAMES else named


def asset(name: str) -> Asset:
    """The registry as an asset."""
    return Asset("container-registry", name, (Hint("host", name),))


def is_ecr(name: str) -> bool:
    """Whether it is a registry of an AWS account."""
    return ECR.fullmatch(name) is not None


def within_account(name: str, evidence: Evidence) -> AssetSeen | None:
    """That a registry of Amazon's lies within the account in its name."""
    found = ECR.fullmatch(name)
    if found is None:
        return None
    return AssetSeen(
        asset(name),
        within=(Asset("aws-account", found[1]),),
        carries=CARRIED,
        evidence=evidence,
        confidence=Confidence.INFERRED,
        why="the registry belongs to the account, and its keys sign in to it",
    )
