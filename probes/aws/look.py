"""The AWS probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.aws.reads import FILES, TOKEN_FILE, VARIABLES
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(
    id="aws",
    title="AWS keys, roles and sign-ins",
    reads=(*FILES, TOKEN_FILE, *(f"env:{name}" for name in VARIABLES)),
)
def aws(host: Host) -> Iterator[Observation]:
    """Finds what AWS's command line and SDKs would act with: keys, cached sessions, sign-ins, and roles behind them.

    **Why it matters.** A key in `~/.aws/credentials` acts from anywhere until it is deleted. A sign-in of IAM Identity
    Center opens every account assigned to the person, whether a profile names it or not. A role is one call away from
    the key that may assume it. None of these asks anybody.

    **What it cannot tell.** The rights of a key stand in policies on AWS's side. Each class is `possible` until a
    role's name, a policy, a label or a live answer says more; names of roles are taken at their word as `inferred`.

    **What it never does.** It runs no `credential_process`, asks no container address, renews no token.

    **Narrow it.** `aws configure sso` with a read-only permission set for agents, and the key deleted; a role that
    wants a second factor (`mfa_serial`) for what may destroy.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not [*host.places(*FILES)] and all(host.variable(name) is None for name in VARIABLES):
        return
    from probes.aws.around import around
    from probes.aws.flow import told

    met: set[Observation] = set()
    for seen in told(around(host)):
        if seen not in met:
            met.add(seen)
            yield seen
