"""The folders between the workspace and the root of its repository: agents take their settings from these too."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from scanner.host import Host
from scanner.host.paths import braces, within

PROJECT_FILE = "<project file>"
LEVELS = 16


def above(host: Host) -> tuple[PurePath, ...]:
    """The folders above the workspace, up to the repository's root, nearest first; none outside of a repository."""
    if host.workspace is None:
        return ()
    folders: list[PurePath] = []
    for folder in _upward(host):
        if folder != host.workspace:
            folders.append(folder)
        if host.place_named(PROJECT_FILE, folder / ".git") is not None:
            return tuple(folders)
    return ()


def project_files_above(host: Host, patterns: Iterable[str]) -> bool:
    """Whether any of a project's files, as `./` patterns name them, lies in those folders."""
    names = [name[2:] for pattern in patterns if pattern.startswith("./") for name in braces(pattern)]
    return any(
        host.place_named(PROJECT_FILE, folder / name) is not None
        for folder in above(host)
        for name in names
        if "*" not in name
    )


def _upward(host: Host) -> Iterator[PurePath]:
    workspace = host.workspace
    if workspace is None:
        return
    for folder in (workspace, *workspace.parents)[:LEVELS]:
        if folder == host.home or not within(folder, host.home):
            return
        yield folder
