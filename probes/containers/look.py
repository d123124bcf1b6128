"""The probe of container engines: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.containers.members import Membership, memberships
from probes.containers.own import own_logins, own_sockets
from probes.containers.reads import FILES, PIPES, READS, RUN_LOGINS, RUNTIME, SOCKETS, VARIABLES
from scanner.host import Host, Place
from scanner.model import Observation
from scanner.probe import probe


@probe(id="containers", title="Container engines and registry logins", reads=READS)
def containers(host: Host) -> Iterator[Observation]:
    """Finds what reaches a container engine (Docker, Podman, containerd ...), and the registry logins of its tools.

    **Why it matters.** Whoever may ask an engine that runs as root to start a container is root on its machine: the
    container mounts `/` and writes there. Nothing asks, and the group `docker` is the same right. An engine behind TCP
    without TLS gives it to everyone who reaches the port. A saved registry login publishes images that others run.

    **What it asks.** A unix socket of this user or of root is asked for its version and for what it is, with `GET`,
    to tell an engine that runs as root from one that runs as this user or in a virtual machine. Nothing is asked over
    TCP or SSH, no credential helper and no plugin is run.

    **Narrow it.** Run a rootless engine for agents, leave the group `docker`, keep production out of the contexts on
    this machine, and let a credential helper hold logins that can only pull.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not _anything(host):
        return
    from probes.containers.flow import told

    met: set[Observation] = set()
    for seen in told(host):
        if seen not in met:
            met.add(seen)
            yield seen


def _anything(host: Host) -> bool:
    if any(host.variable(name) is not None for name in VARIABLES) or [*host.places(*FILES, *SOCKETS)]:
        return True
    if any(host.place_named(RUN_LOGINS, path) is not None for path in own_logins(host)):
        return True
    if any(host.place_named(RUNTIME, path) is not None for path in own_sockets(host)):
        return True
    if any(isinstance(found, Place) for found in host.places(*PIPES)):
        return True
    return any(isinstance(found, Membership) for found in memberships(host))
