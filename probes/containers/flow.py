"""The order in which the probe of container engines tells: sockets, groups, addresses, registry logins."""

from collections.abc import Iterator

from probes.containers.contexts import addresses
from probes.containers.groups import groups
from probes.containers.logins import logins
from probes.containers.members import Membership, memberships
from probes.containers.sockets import near, sockets
from scanner.host import Host
from scanner.model import Gap, Observation


def told(host: Host) -> Iterator[Observation]:
    """All that is to be told of container engines on this host; some of it twice."""
    mine: list[Membership] = []
    for found in memberships(host):
        if isinstance(found, Gap):
            yield found
        else:
            mine.append(found)
    around = near(host, (each.group for each in mine))
    yield from sockets(around)
    yield from addresses(around)
    yield from groups(around, mine)
    yield from logins(host)
