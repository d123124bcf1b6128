"""Tables of an agent's database, with what its log holds, the newest rows first."""

from collections.abc import Iterator

from probes.uses.acts import TICK, Record
from scanner.data.records import table as bounds
from scanner.host import sqlite
from scanner.model import Gap

ROWS = 200_000
VALUE = 16 * 1024 * 1024
LOOKS = 20_000


def rows(record: Record, table: str) -> Iterator[sqlite.Row | Gap]:
    """The rows of a table, none where there is none; a Gap where the database is broken or holds more."""
    limit = bounds().bounds.database
    if record.log:
        record.data, record.log = sqlite.with_log(record.data, record.log, limit), b""
    amount = sqlite.Amount(ROWS, VALUE, 2 * limit, LOOKS, newest=True)
    for number, row in enumerate(sqlite.rows(record.data, record.name, table, None, amount)):
        if number % TICK == 0:
            record.tick()
        yield row
