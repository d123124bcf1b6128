"""Folders as globs: where commands may write, and what in there they may not."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from probes.agents.codex.look import PROJECT_FILE
from probes.agents.mcp.hiding import is_telling
from scanner.host import FileKind, Host, Place, TextFile
from scanner.model import Paths, Platform

FOLDERS = 50  # in which a `.git` is looked for
WORKTREES = ("worktrees", ".git")
KEPT = (".agents", ".aws", ".codex", ".git")  # directly below a folder that may be written


def glob(host: Host, path: PurePath, rest: str = "") -> Paths:
    """A folder with all below it, or what `rest` names there; signs of globs in the path mean themselves."""
    literal = re.sub(r"([*?\[])", r"[\1]", path.as_posix().rstrip("/"))
    return Paths(literal + rest, host.platform is not Platform.LINUX)


def kept(host: Host, folders: Iterable[PurePath]) -> tuple[Paths, ...]:
    """What in these folders stays as it is, though the rest may be written: and what a `.git` there points to."""
    each = tuple(dict.fromkeys(folders))
    pointed = [found for folder in each[:FOLDERS] if (found := gitdir(host, folder)) is not None]
    heads = [
        found
        for found in pointed
        if not is_telling(found.as_posix()) and host.place_named(PROJECT_FILE, found / "HEAD") is not None
    ]
    return tuple(glob(host, path) for path in (*(folder / name for folder in each for name in KEPT), *heads))


def gitdir(host: Host, folder: PurePath) -> PurePath | None:
    """Where a folder's `.git` points to, if it is a file as in a worktree."""
    place = host.place_named(PROJECT_FILE, folder / ".git")
    if not isinstance(place, Place) or place.kind is not FileKind.FILE:
        return None
    for file in host.read_named(PROJECT_FILE, folder / ".git"):
        if isinstance(file, TextFile) and file.text.startswith("gitdir:"):
            return host.resolve(file.text.removeprefix("gitdir:").partition("\n")[0].strip(), folder)
    return None


def main_repository(host: Host, folder: PurePath) -> PurePath | None:
    """The repository that a worktree belongs to: its `.git` names `<main>/.git/worktrees/<name>`."""
    named = gitdir(host, folder)
    if named is not None and tuple(each.name for each in named.parents[:2]) == WORKTREES:
        return named.parents[2]
    return None


def temporary(host: Host, *, slash_tmp: bool, variable: bool) -> Iterator[PurePath]:
    """The folders for passing things that commands may write."""
    home = type(host.home)
    if slash_tmp and host.platform is not Platform.WINDOWS:
        yield home("/tmp")  # noqa: S108 - the folder that is spoken of
        if host.platform is Platform.MACOS:
            yield home("/private/tmp")
    for name in ("TMPDIR", "TEMP", "TMP") if variable else ():
        folder = host.resolve(host.variable(name) or "")
        if folder is not None:
            yield folder
