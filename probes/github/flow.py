"""The order in which the github probe tells: gh, what else is signed in to GitHub, runners, the other forges."""

from collections.abc import Iterator

from probes.github.apps import copilot, desktop, editor
from probes.github.forges import azure_devops, glab, hub, tea
from probes.github.gh import gh
from probes.github.runner import runners
from scanner.host import Host
from scanner.model import Observation


def told(host: Host) -> Iterator[Observation]:
    """All that is to be told; some of it twice."""
    for part in (gh, hub, copilot, desktop, editor, runners, glab, tea, azure_devops):
        yield from part(host)
