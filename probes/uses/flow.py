"""From files of records to what was used: each read within its bounds, added up by agent."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from time import monotonic

from probes.uses import aider, claude, cline, codex, continued, copilot, gemini, goose, opencode
from probes.uses.acts import Act, Record, decoded, text
from probes.uses.places import Found, Newest
from probes.uses.tally import Tally
from scanner.data.records import Records, table
from scanner.host import Host, Place
from scanner.host.ports import Content
from scanner.model import Evidence, Gap, GapKind, UseKind, UseSeen

Reader = Callable[[Record], Iterator[Act | Gap]]

READERS: Mapping[str, Reader] = {
    "aider": aider.acts,
    "claude": claude.acts,
    "cline": cline.acts,
    "codex": codex.acts,
    "continue": continued.acts,
    "copilot": copilot.acts,
    "gemini": gemini.acts,
    "goose": goose.acts,
    "opencode": opencode.acts,
    "qwen": gemini.qwen,
    "tasks": cline.tasks,
}


def told(host: Host, found: Newest, until: float | None = None) -> Iterator[UseSeen | Gap]:
    """What every agent used, and what of its records could not be read.

    What was counted is told at the end, so reading stops while there is time for that: at `until`, else when half of
    the time that is left is spent.
    """
    yield from found.gaps
    yield from found.left
    tallies: dict[str, Tally] = {}
    beside = _Beside(host)
    until = until or _half(host)
    for number, each in enumerate(found.files):
        if monotonic() > until:
            why = f"half of the time was spent; {len(found.files) - number} older files of records were not read"
            yield Gap(GapKind.LIMIT, host.shown(each.place.path), why, read=each.declared)
            break
        tally = tallies.setdefault(each.records.agent, Tally(host, each.records.agent))
        yield from _read(host, each, tally, beside)
    for agent in sorted(tallies):
        yield from tallies[agent].seen()


def _half(host: Host) -> float:
    now = monotonic()
    return now + (host.deadline - now) / 2 if host.deadline is not None else float("inf")


def _read(host: Host, found: Found, tally: Tally, beside: "_Beside") -> Iterator[UseSeen | Gap]:
    bounds = table().bounds
    limit = bounds.database if found.records.database else bounds.file
    for content in host.content_of(found.declared, found.place, limit):
        match content:
            case Gap() as gap:
                yield gap
            case Content(place, data, truncated):
                name = host.shown(place.path)
                if truncated and found.records.database:
                    why = f"larger than {limit // 1024 // 1024} MiB, and a database is read whole or not at all"
                    yield Gap(GapKind.LIMIT, name, why, read=found.declared)
                    return
                record = Record(data, name, host.check_time, bounds.line, cut=truncated)
                record.folder, record.log = beside.of(found)
                record.changed = place.modified.timestamp() if place.modified is not None else None
                for act in READERS[found.records.format](record):
                    if isinstance(act, Gap):
                        yield act
                    else:
                        tally.add(act, place.path)
                yield from _troubles(record, found, place, limit)


def _troubles(record: Record, found: Found, place: Place, limit: int) -> Iterator[UseSeen | Gap]:
    """What of a file was not read, which is as it was meant, or made no sense."""
    left = []
    if record.cut:
        left.append(f"larger than {limit // 1024 // 1024} MiB; the rest was not read")
    if record.long:
        left.append(f"{record.long} lines are longer than {record.line_limit // 1024} KiB and were not read")
    for how in left:
        yield UseSeen(record.name, UseKind.RECORDS, 1, None, Evidence(place.path), found.records.agent, how=how)
    if record.broken:
        yield Gap(GapKind.FAILED, record.name, f"{record.broken} of its lines are broken", read=found.declared)


class _Beside:
    """Files that belong to records: the folder that they are about, the log of a database."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._found: dict[str, dict[PurePath, bytes]] = {}

    def of(self, found: Found) -> tuple[str, bytes]:
        """The folder that a file beside the records names, and the log of a database."""
        row, path = found.records, found.place.path
        known = self._found.setdefault(row.agent, {})
        if row.beside and not known:
            known.update(self._read(row))
        if found.declared.startswith("./"):  # kept in the project itself
            return str(path.parent), b""
        if row.database:
            return "", known.get(path.with_name(f"{path.name}-wal"), b"")
        told = next((known[folder] for folder in path.parents if folder in known), b"")
        named = text(decoded(told), "cwd") if told.startswith(b"{") else told.decode("utf-8", "replace")
        return named.strip(), b""

    def _read(self, row: Records) -> Iterator[tuple[PurePath, bytes]]:
        limit = table().bounds.database if row.database else table().bounds.line
        for each in self._host.read_bytes(*row.beside, limit=limit):
            if isinstance(each, Content):
                yield (each.place.path if row.database else each.place.path.parent), each.data
