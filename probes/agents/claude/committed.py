"""Whether git knows a project's local settings: then they came with the repository, and are nobody's own."""

from pathlib import PurePath

from probes.agents.claude.reads import GIT_INDEX
from scanner.host import Host, Place
from scanner.host.machine import FILE_LIMIT
from scanner.host.ports import Content

NAME = b".claude/settings.local.json"
ENTRY = len(NAME).to_bytes(2, "big") + NAME + b"\0"  # as it stands in an index of git, versions 2 and 3


def is_committed(host: Host, folder: PurePath) -> bool:
    """Whether the index in that folder holds them; the names in it are sorted, so that a long one need not be read."""
    places = [each for each in host.places(GIT_INDEX) if isinstance(each, Place) and each.path == folder / GIT_INDEX]
    found = (each for place in places for each in host.content_of(GIT_INDEX, place, FILE_LIMIT))
    return any(isinstance(each, Content) and ENTRY in each.data for each in found)
