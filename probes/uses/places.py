"""Which files hold records of agents: the newest of them all first, as many as one scan reads."""

from msgspec import Struct

from scanner.data.records import Records, table
from scanner.host import FileKind, Host, Place
from scanner.model import Evidence, Gap, UseKind, UseSeen


class Found(Struct, frozen=True):
    """One file of records: whose, and by which declared pattern it was found."""

    records: Records
    declared: str
    place: Place


class Newest(Struct, frozen=True):
    """The files to read, newest first, what could not be looked at, and which agents have more than is read."""

    files: tuple[Found, ...]
    gaps: tuple[Gap, ...]
    left: tuple[UseSeen, ...] = ()


def newest(host: Host) -> Newest:
    """All files of records that fit within the bounds, by the time of their last change."""
    gaps: list[Gap] = []
    found: dict[str, Found] = {}
    for row in table().records:
        for declared in row.files:
            for place in host.places(declared):
                if isinstance(place, Gap):
                    gaps.append(place)
                elif place.kind is FileKind.FILE and (place.size or not place.readable):
                    found.setdefault(str(place.path), Found(row, declared, place))
    ordered = sorted(found.values(), key=_age)
    kept = list(_kept(ordered))
    return Newest(tuple(kept), tuple(gaps), tuple(_left(host, ordered, kept)))


def _age(each: Found) -> tuple[float, str]:
    changed = each.place.modified
    return (-changed.timestamp() if changed is not None else 0.0, str(each.place.path))


def _kept(ordered: list[Found]) -> list[Found]:
    """The first files whose sizes, each at most what is read of one, stay within the whole."""
    bounds, size = table().bounds, 0
    for count, each in enumerate(ordered[: bounds.files]):
        size += min(each.place.size, bounds.database if each.records.database else bounds.file)
        if size > bounds.total:
            return ordered[:count]
    return ordered[: bounds.files]


def _left(host: Host, ordered: list[Found], kept: list[Found]) -> list[UseSeen]:
    """For each agent of whose records some were left out how many were read, and how many not.

    That is no Gap: years of records are there, and what was used lately is what a scan is for.
    """
    bounds, found = table().bounds, []
    for row in table().records:
        mine, left = ([each for each in part if each.records == row] for part in (kept, ordered[len(kept) :]))
        if left:
            size = sum(each.place.size for each in left) / 1024 / 1024
            how = (
                f"of all records the newest {bounds.total // 1024 // 1024} MiB are read; {len(left)} older files of "
                f"{row.agent}, {size:.0f} MiB, were not"
            )
            folder = left[0].place.path.parent
            found.append(
                UseSeen(host.shown(folder), UseKind.RECORDS, len(mine), None, Evidence(folder), row.agent, how=how)
            )
    return found
