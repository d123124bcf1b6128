"""How to take away what a credential has too much of: in words, and where there are any by exact commands."""

from scanner.graph import CredentialNode
from scanner.host import Machine
from scanner.model import Fix


def mend_of(node: CredentialNode, machine: Machine) -> Fix:
    """The mend of a credential on that machine."""
    return Fix(node.narrow)
