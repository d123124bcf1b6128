"""The Azure probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.azure.reads import CERTIFICATE, FEDERATED, FILES, MARKS, VARIABLES
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(
    id="azure",
    title="Azure sign-ins, tokens and service principals",
    reads=(*FILES, CERTIFICATE, FEDERATED, *(f"env:{name}" for name in VARIABLES)),
)
def azure(host: Host) -> Iterator[Observation]:
    """Finds what Azure's command line, azd, PowerShell and SDKs would act with, and on which subscriptions.

    **Why it matters.** A refresh token of `az login` acts as the person in every tenant and subscription that the
    person may see, and renews itself for months. A service principal's secret acts from anywhere for up to two years.
    One subscription is always the default: a command that names none acts there.

    **What it cannot tell.** Rights stand in role assignments on Azure's side. Each class is `possible` until a claim
    of a token, a label or a live answer says more.

    **What it never does.** It asks no identity endpoint, renews no token, and opens neither DPAPI files nor keychains.

    **Narrow it.** Sign agents in as a service principal with a role on one resource group, by federation instead of a
    secret; keep the default subscription on development.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not [*host.places(*FILES)] and all(host.variable(name) is None for name in MARKS):
        return
    from probes.azure.flow import told

    met: set[Observation] = set()
    for seen in told(host):
        if seen not in met:
            met.add(seen)
            yield seen
