"""All protections of the workspaces that were asked for, and of the machine."""

from collections.abc import Iterator

from probes.guardrails.ci import containers, server_side
from probes.guardrails.clone import clone_of
from probes.guardrails.gateways import gateways
from probes.guardrails.hooks import hooks
from probes.guardrails.reads import INSIDE
from probes.guardrails.trails import trails
from scanner.host import Host, Place
from scanner.model import Evidence, Gap, Guardrail


def told(host: Host) -> Iterator[Guardrail | Gap]:
    """Each once, although several workspaces may lie in one repository."""
    met: set[Guardrail | Gap] = set()
    for seen in _all(host):
        if seen not in met:
            met.add(seen)
            yield seen


def _all(host: Host) -> Iterator[Guardrail | Gap]:
    for workspace in host.machine.workspaces:
        beside = host.at(workspace)
        clone = clone_of(beside)
        if clone is not None:
            yield from hooks(beside, clone)
            yield from server_side(beside, clone)
            yield from containers(beside, clone)
    inside = next((each for each in host.places(*INSIDE) if isinstance(each, Place)), None)
    if inside is not None:
        yield Guardrail("container-start", "Agents start inside a container", Evidence(inside.path))
    yield from trails(host)
    yield from gateways(host)
