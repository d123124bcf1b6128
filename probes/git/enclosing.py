"""The repository that a workspace lies in, where the workspace is not its top folder."""

from collections.abc import Iterator

from probes.git.reads import ENCLOSING
from scanner.host import Host, Place
from scanner.host.paths import within
from scanner.model import Gap

ABOVE_LIMIT = 24


def enclosing(host: Host) -> Iterator[Place | Gap]:
    """The nearest `.git` in the folders above the workspace, the home and what lies above it left out."""
    if host.workspace is None or host.workspace == host.home:
        return
    if host.place_named(ENCLOSING, host.workspace / ".git") is not None:
        return
    for folder in list(host.workspace.parents)[:ABOVE_LIMIT]:
        if within(host.home, folder):
            return
        found = host.place_named(ENCLOSING, folder / ".git")
        if found is not None:
            yield found
            return
