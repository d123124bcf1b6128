"""What an editor keeps in its database: single entries by their name, and never one of its secret store."""

from collections.abc import Iterable, Iterator

from msgspec import Struct

from probes.agents.editors.seats import editor_of
from probes.agents.tree import Parsed, parse
from scanner.host import Host
from scanner.host.ports import Content
from scanner.host.sqlite import Row, rows
from scanner.model import Evidence, Gap, GapKind

TABLE, KEY, VALUE = "ItemTable", "key", "value"
LIMIT = 64 * 1024 * 1024  # bytes of a database
HIDDEN = "secret://"  # entries that are sealed, and nobody's business


class Kept(Struct, frozen=True):
    """An entry of one editor's database, None where it has none; `parsed` is its value as JSON."""

    editor: str
    evidence: Evidence
    parsed: Parsed | None = None


def kept(host: Host, patterns: Iterable[str], name: str) -> Iterator[Kept | Gap]:
    """The entry of that name in each editor's database; a Gap for one that cannot be read whole."""
    if name.startswith(HIDDEN):
        return
    for found in host.read_bytes(*patterns, limit=LIMIT):
        if isinstance(found, Gap):
            yield found
        elif not found.truncated:
            yield from _entry(host, found, name)


def _entry(host: Host, found: Content, name: str) -> Iterator[Kept | Gap]:
    path = found.place.path
    shown = host.shown(path)
    seat = Kept(editor_of(path) or "", Evidence(path, key=name))
    for row in rows(found.data, shown, TABLE, (KEY, name)):
        if isinstance(row, Gap):
            yield row
            return
        text = _text(row)
        parsed = parse(text, "json", host.check_time)
        yield from (Gap(GapKind.FAILED, shown, f"its entry {name} {fault.why}") for fault in parsed.faults[:1])
        yield Kept(seat.editor, seat.evidence, parsed)
        return
    yield seat


def _text(row: Row) -> str:
    return row.text(VALUE) or ""
