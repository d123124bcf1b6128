"""Whether other users of this machine may read a file with secrets: one rule for all probes."""

import shlex
from collections.abc import Iterator
from pathlib import PurePath

from scanner.host import Host, Place
from scanner.model import Evidence, Fix, Weakness


def readable_by_others(host: Host, place: Place) -> Iterator[Weakness]:
    """The weakness of a file of this user's that others may read; nothing where modes are unknown or keep them out."""
    if place.mode is None or not place.mine or not host.open_to_others(place):
        return
    yield Weakness(
        rule="file.readable-by-others",
        title="Other users can read a file with secrets",
        evidence=Evidence(place.path),
        why=f"Its mode is {place.mode & 0o777:04o}, and no folder above it keeps the other users of this machine out.",
        fix=Fix("Let only the owner read it.", (f"chmod 600 {quoted(place.path, host)}",)),
    )


def quoted(path: PurePath, host: Host) -> str:
    """A path for a shell, below the home as `~/...` so that the shell still expands it."""
    shown = host.shown(path)
    return "~/" + shlex.quote(shown[2:]) if shown.startswith("~/") else shlex.quote(shown)
