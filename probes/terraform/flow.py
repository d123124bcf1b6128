"""The order in which the terraform probe tells: states and their workspaces, then tokens."""

from collections.abc import Iterator

from probes.terraform.states import states
from probes.terraform.tokens import tokens
from scanner.host import Host
from scanner.model import Observation


def told(host: Host) -> Iterator[Observation]:
    """All that is to be told of terraform on this host."""
    yield from states(host)
    yield from tokens(host)
