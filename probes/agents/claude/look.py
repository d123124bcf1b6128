"""Claude Code: where it and its settings lie, and whether it is here."""

from collections.abc import Iterator

from probes.agents.claude.reads import CONFIG_VARIABLE, READS, SIGNS
from scanner.host import Host
from scanner.model import AgentSeen, Observation

__all__ = ["READS", "is_here", "notional", "seen"]


def is_here(host: Host) -> bool:
    """Whether Claude Code is installed here, or has been used: wherever it ran, its files are left."""
    return bool(host.variable(CONFIG_VARIABLE)) or next(host.places(*SIGNS), None) is not None


def seen(host: Host) -> Iterator[Observation]:
    """Claude Code in the workspace: how it may act there, the settings that say so, and what is wrong with them."""
    from probes.agents.claude.flow import told

    yield from told(host)


def notional(host: Host) -> AgentSeen:
    """Claude Code as its vendor ships it, on a machine without it."""
    from probes.agents.claude.shipped import as_shipped

    return as_shipped(host)
