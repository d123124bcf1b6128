"""The Kubernetes probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.kubernetes.reads import CHOSEN, CLOUDS, FILES, NAMED, POD_NAMESPACES, PROJECTS, VARIABLES
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(
    id="kubernetes",
    title="Kubernetes clusters and who one is there",
    reads=(
        *(CHOSEN, *FILES, *PROJECTS, *POD_NAMESPACES),
        *(NAMED, *CLOUDS, *(f"env:{name}" for name in VARIABLES)),
    ),
)
def kubernetes(host: Host) -> Iterator[Observation]:
    """Reads kubeconfigs: which clusters they lead to, as whom, by which proof; and the tokens of sign-ins and pods.

    **Why it matters.** `kubectl` asks nobody. A certificate of the group `system:masters` is the whole cluster, no
    rule can limit it, and it cannot be revoked. A current context on production is one forgotten flag away from a
    deleted namespace. Copies of a kubeconfig work as well as the one in use.

    **What it cannot tell.** Roles are bound on the cluster. Unless a certificate's groups say more, each class is
    `possible`, with `kubectl auth can-i --list` as the step that decides.

    **What it never does.** It runs no plug-in that a kubeconfig names and asks no server. A plug-in's arguments tell
    whose sign-in it uses; where that is an AWS profile, the way goes on from the profile.

    **Narrow it.** Give an agent a kubeconfig of its own: a service account of one namespace, a role that can read, a
    token that ends (`kubectl create token NAME --duration 1h`). Leave no current context on production.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if host.variable("KUBECONFIG") is None and not any(True for _ in host.places(*FILES, *PROJECTS)):
        return
    from probes.kubernetes.flow import told

    met: set[Observation] = set()
    for seen in told(host):
        if seen not in met:
            met.add(seen)
            yield seen
