"""The guardrails probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from probes.guardrails.reads import PROJECT, READS, SIGNS, TELEMETRY
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe


@probe(id="guardrails", title="Protections of workspaces and of the machine", reads=READS)
def guardrails(host: Host) -> Iterator[Observation]:
    """Looks for what protects: hooks and CI that look for secrets, owners of code, containers, audit trails, gateways.

    **Why it matters.** A constraint changes what can happen, a check looks at what came out. These are checks, but for
    containers and gateways: they move no gate and lower no score, and say what would notice. A hook that is configured
    and was never installed notices nothing, and a gateway changes nothing while a key of one's own lies beside it.

    **What it cannot tell.** What a server enforces: a protected branch, a required review, secret scanning of the
    forge. None of it lies in the clone, so that none of it is claimed.

    **What it never does.** It runs no hook, and no program that a configuration names.

    **Narrow it.** Install the hooks that the repository has, let CI look for secrets too, and delete the keys to what
    a gateway leads to.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not _anything(host):
        return
    from probes.guardrails.flow import told

    yield from told(host)


def _anything(host: Host) -> bool:
    if next(host.places(*SIGNS), None) is not None or any(host.variable(name) for name in TELEMETRY):
        return True
    if host.workspace is None:
        return False
    if next(host.places(*PROJECT), None) is not None:
        return True
    from probes.agents.above import above

    return bool(above(host))
