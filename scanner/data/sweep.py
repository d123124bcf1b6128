"""What the walk leaves out, what in there is looked at all the same, and which files may hold secrets: `sweep.toml`."""

from functools import cache

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from scanner.data import files
from scanner.errors import DataError

DEPTHS = ("standard", "deep")


class Pruned(Struct, frozen=True, forbid_unknown_fields=True):
    """Folders that are not walked: by name, or by path where they begin with `~/`.

    `inside` are folders below them (globs; empty is the folder itself) whose files are looked at all the same, those
    of exactly these `names` where there are any; `beside` are files of which one must lie beside the folder; `deep`:
    the depth of that name walks them.
    """

    folders: tuple[str, ...]
    why: str
    inside: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    deep: bool = False


class Group(Struct, frozen=True, forbid_unknown_fields=True):
    """Files that may hold secrets, and how they are read.

    `names` are globs of a file's name, with folders before it (`.git/hooks/*`) or from the home (`~/.x/*/y`), case
    ignored. `reader` is one of `probes.anywhere.readers`, or `none` for files that are of no use. `depth` is the least
    at which they are read; `whole`: not only the first MiB of it and the end.
    """

    id: str
    names: tuple[str, ...]
    reader: str
    why: str
    depth: str = "standard"
    whole: bool = False


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """The table: the first group that names a file takes it."""

    version: str
    pruned: tuple[Pruned, ...]
    group: tuple[Group, ...]


@cache
def rules() -> Rules:
    """The rules of the walk. Raises DataError where the table is broken."""
    try:
        found = files.converted(files.table("sweep.toml"), Rules)
    except msgspec.ValidationError as error:
        raise DataError(f"sweep.toml: {error}") from error
    for each in found.group:
        if each.depth not in DEPTHS:
            raise DataError(f"sweep.toml: {each.id}: there is no depth {each.depth}")
    return found


def groups(depth: str) -> tuple[Group, ...]:
    """The groups of files that are read at that depth, in the order in which they are tried.

    At the depth `deep` files are read whole, under another id: a clean beginning says nothing of the rest.
    """
    allowed = DEPTHS[: DEPTHS.index(depth) + 1]
    found = tuple(each for each in rules().group if each.depth in allowed)
    if depth != "deep":
        return found
    return tuple(each if each.whole else replace(each, id=f"{each.id}, whole", whole=True) for each in found)
