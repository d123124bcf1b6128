"""The readers of the agents in `agent_places.toml`, each loaded only where its agent is here."""

from collections.abc import Iterator
from importlib import import_module

from probes.agents.installed import Installed, of_defaults
from scanner.host import Host
from scanner.model import Observation


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """All that is told of an agent in the workspace."""
    if each.row.reader:
        yield from import_module(f"probes.agents.{each.row.reader}.flow").told(host, each)
    else:
        yield from of_defaults(host, each)
