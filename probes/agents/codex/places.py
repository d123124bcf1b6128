"""Folders as globs: where commands may write, and what in there they may not."""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from scanner.host import Host
from scanner.model import Paths, Platform

KEPT = (".agents", ".codex", ".git")  # directly below a folder that may be written


def glob(host: Host, path: PurePath, rest: str = "") -> Paths:
    """A folder with all below it, or what `rest` names there; signs of globs in the path mean themselves."""
    literal = re.sub(r"([*?\[])", r"[\1]", path.as_posix().rstrip("/"))
    return Paths(literal + rest, host.platform is not Platform.LINUX)


def writable(host: Host, folders: Iterable[PurePath]) -> tuple[Paths, ...]:
    """All below the folders but what is kept."""
    names = ["/" + name for name in _all_but(KEPT)]
    return tuple(glob(host, folder, name) for folder in dict.fromkeys(folders) for name in names)


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


def _all_but(names: tuple[str, ...]) -> Iterator[str]:
    """Globs that together mean every name but these and their beginnings: one for each place where one leaves them."""
    for start in sorted({name[:end] for name in names for end in range(len(name))}):
        following = sorted({name[len(start)] for name in names if name.startswith(start) and name != start})
        yield f"{start}[!{''.join(following)}]*"
    yield from (f"{name}?*" for name in names)
