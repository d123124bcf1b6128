"""The readers of the agents in `agent_places.toml`, each loaded only where its agent is here."""

from collections.abc import Iterator

from probes.agents.installed import Installed, of_defaults
from scanner.host import Host
from scanner.model import Observation


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """All that is told of an agent in the workspace."""
    match each.row.reader:
        case _:
            yield from of_defaults(host, each)
