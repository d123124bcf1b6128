"""Clusters: how they are named, and what tells their environment.

A cluster is named by its API server's `host[:port]` and path, since the names in kubeconfigs are each user's own: the
same cluster is `prod` in one file and `gke_acme_europe-west1_main` in the next, and `default` is a different one on
every machine. The address is what all of them share. Where it is this machine's own (a loopback address), the machine's
name stands for it; a cluster of a local tool (kind, k3d, minikube) is named by the tool's name for it on this machine,
since its port changes whenever it is made anew.
"""

import re
from fnmatch import fnmatchcase
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from msgspec import Struct

from probes.kubernetes.kubeconfig import Entry
from scanner.data import files
from scanner.host import Host
from scanner.model import Asset, Capability, Hint
from scanner.shapes import label

LOOPBACK = ("localhost", "*.localhost", "kubernetes.docker.internal", "host.docker.internal", "host.lima.internal")
HOST = re.compile(r"[\w.:-]{1,255}")
MINIKUBE = "minikube.sigs.k8s.io"
INNER = frozenset(
    {
        *(Capability.DATA_READ, Capability.SECRETS_READ, Capability.DATA_WRITE, Capability.DATA_DESTROY),
        *(Capability.EXEC_REMOTE, Capability.INFRA_MODIFY),
    }
)


class Address(Struct, frozen=True, dict=True):
    """Where an API server listens, without user part and query."""

    scheme: str
    host: str
    port: int | None
    path: str

    @cached_property
    def loopback(self) -> bool:
        """Whether it is this machine's own."""
        if any(fnmatchcase(self.host, glob) for glob in LOOPBACK):
            return True
        return _ip(self.host, "is_loopback") or _ip(self.host, "is_unspecified")

    @cached_property
    def near(self) -> bool:
        """Whether it is this machine's own or of a private network."""
        return self.loopback or _ip(self.host, "is_private")

    def named(self, host: str) -> str:
        """The address as a name, with that host in it."""
        usual = {"https": 443, "http": 80, "": 443}.get(self.scheme)
        port = f":{self.port}" if self.port not in (None, usual) else ""
        return f"[{host}]{port}{self.path}" if ":" in host else f"{host}{port}{self.path}"


def address(server: str) -> Address | None:
    """The parts of a `server` setting, None for what is no address."""
    try:
        url = urlsplit(server if "://" in server else f"//{server}")
        host, port = url.hostname, url.port
    except ValueError:  # "[" opens an address and never closes it, or the port is no number
        return None
    if not host or HOST.fullmatch(host) is None or url.scheme not in ("", "http", "https") or not label(host):
        return None
    return Address(url.scheme, host.rstrip("."), port, label(url.path.rstrip("/")))


def _ip(host: str, quality: str) -> bool:
    try:
        return bool(getattr(ip_address(host), quality))
    except ValueError:
        return False


class Cluster(Struct, frozen=True):
    """A cluster of a kubeconfig: its asset, and how it is reached."""

    asset: Asset
    address: Address | None
    local: bool = False

    def hinted(self, *hints: Hint) -> Asset:
        """The asset with further hints."""
        return Asset(self.asset.kind, self.asset.name, (*self.asset.hints, *hints))

    def namespace(self, name: str, *hints: Hint) -> Asset:
        """A namespace of it, which may well be of another environment than the rest."""
        return Asset(
            "kubernetes-namespace",
            f"{self.asset.name}/{name}",
            (*self.asset.hints, *hints, Hint("namespace", name)),
        )


def cluster(entry: Entry, host: Host, within: str = "") -> Cluster:
    """The cluster of an entry; `within` names it behind a proxy that serves many at one address."""
    where = address(entry.body.said("server"))
    if where is None:
        return Cluster(
            Asset("kubernetes-cluster", f"of {entry.shown or 'an unnamed entry'}", _named(entry, None)), None
        )
    verified = label(entry.body.said("tls-server-name"))
    local = where.near and (_is_tool_s(entry.name) or _is_minikube_s(entry))
    if local:
        name = f"{entry.shown or where.host} on {host.machine.name}"
    elif where.loopback:
        name = verified or where.named(host.machine.name)
    else:
        name = where.named(where.host)
    if within:
        name = f"{name}/{within}"
    return Cluster(Asset("kubernetes-cluster", name, _named(entry, where)), where, local)


def of_user(name: str, evidence: str) -> Cluster:
    """The cluster of a user whom no context takes anywhere."""
    return Cluster(
        Asset("kubernetes-cluster", f"that no context names, of user {name or 'without a name'} in {evidence}"), None
    )


def _named(entry: Entry, where: Address | None) -> tuple[Hint, ...]:
    """What tells the environment.

    A cluster that is far away may bear a local tool's name and is none of its clusters, so that name counts for less. A
    loopback address may be a tunnel: it tells something only where no name does.
    """
    local = where is not None and where.near
    hints = [Hint("context" if _is_tool_s(entry.name) and not local else "cluster", entry.shown)]
    if local and _is_minikube_s(entry):
        hints.append(Hint("cluster", "minikube"))
    if where is not None and where.loopback:
        hints.append(Hint("server", "localhost"))
    elif where is not None:
        hints.append(Hint("host", where.host))
    return tuple(hint for hint in hints if hint.text)


def _is_tool_s(name: str) -> bool:
    """Whether a local tool names its clusters so."""
    globs = files.table("environments.toml")["structure"]["development"]
    return any(fnmatchcase(name.casefold(), glob) for glob in globs)


def _is_minikube_s(entry: Entry) -> bool:
    extensions = entry.body.get("extensions")
    return extensions is not None and any(
        each.said("extension", "provider") == MINIKUBE for each in extensions.elements()
    )
