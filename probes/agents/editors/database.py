"""What an editor keeps in its database: single entries by their name, and never one of its secret store."""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from probes.agents.editors.seats import editor_of
from probes.agents.tree import Parsed, parse
from scanner.host import Host, Place
from scanner.host.ports import Content
from scanner.host.sqlite import rows
from scanner.model import Evidence, Gap, GapKind

TABLE, KEY, VALUE = "ItemTable", "key", "value"
LIMIT = 64 * 1024 * 1024  # bytes of a database
HIDDEN = "secret://"  # entries that are sealed, and nobody's business


class Kept(Struct, frozen=True):
    """An entry of one editor's database, None where it has none; `parsed` is its value as JSON."""

    editor: str
    evidence: Evidence
    parsed: Parsed | None = None


def kept(host: Host, patterns: Iterable[str], *names: str) -> Iterator[Kept | Gap]:
    """The entries of these names in each editor's database; a Gap for one that cannot be read whole."""
    for pattern in patterns:
        for place in host.places(pattern):
            if isinstance(place, Gap):
                yield place
            elif place.size > LIMIT:
                why = f"larger than {LIMIT // 1024 // 1024} MiB; it was not read"
                yield Gap(GapKind.LIMIT, host.shown(place.path), why)
            else:
                yield from _of_file(host, pattern, place, names)


def _of_file(host: Host, pattern: str, place: Place, names: Sequence[str]) -> Iterator[Kept | Gap]:
    for found in host.content_of(pattern, place, LIMIT):
        if isinstance(found, Gap):
            yield found
        else:
            yield from (each for name in names if not name.startswith(HIDDEN) for each in _entry(host, found, name))


def _entry(host: Host, found: Content, name: str) -> Iterator[Kept | Gap]:
    path = found.place.path
    shown = host.shown(path)
    editor, evidence = editor_of(path) or "", Evidence(path, key=name)
    for row in rows(found.data, shown, TABLE, (KEY, name)):
        if isinstance(row, Gap):
            yield row
            return
        parsed = parse(row.text(VALUE) or "", "json", host.check_time)
        yield from (Gap(GapKind.FAILED, shown, f"its entry {name} {fault.why}") for fault in parsed.faults[:1])
        yield Kept(editor, evidence, parsed)
        return
    yield Kept(editor, evidence)
