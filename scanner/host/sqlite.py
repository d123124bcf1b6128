"""Rows of an SQLite database that is held as bytes: no file is opened, and nothing that its schema says is run."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from scanner.model import Gap, GapKind
from scanner.model.value import Value

if TYPE_CHECKING:
    import sqlite3

MAGIC = b"SQLite format 3\0"
HEADER = 100  # bytes
ROLLBACK = b"\x01\x01"  # the file format versions of a database without a write-ahead log
ROWS = 2_000
VALUE = 1024 * 1024  # bytes of one value, and
TOTAL = 4 * VALUE  # of all: generated columns, and cells that share their pages, make much of little
STEPS = 10_000  # of SQLite's machine between two looks at the budget
BUDGET = 500  # such looks in one reading
LOG_MAGIC = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")
LOG_HEADER = 32  # bytes
FRAME_HEADER = 24


class Amount(Struct, frozen=True):
    """How much of one table is read: rows, bytes of one value and of all, and looks at the budget.

    `newest`: the rows that were put in last come first.
    """

    rows: int = ROWS
    value: int = VALUE
    total: int = TOTAL
    budget: int = BUDGET
    newest: bool = False


SMALL = Amount()


class Row(Value, frozen=True):
    """One row: values by the column's name in lower case; texts and blobs are bytes."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    values: Mapping[str, object]

    def text(self, column: str) -> str | None:
        """A column's text, None where it holds none, or bytes that are no UTF-8."""
        value = self.values.get(column)
        try:
            return value.decode() or None if isinstance(value, bytes) else None
        except UnicodeDecodeError:
            return None


def rows(
    data: bytes, place: str, table: str, only: tuple[str, str] | None = None, amount: Amount = SMALL
) -> Iterator[Row | Gap]:
    """The rows of a table, none where there is no such table; a Gap where the bytes are broken.

    `only` is a column and the text that it holds: of a table that may be large, these rows and no others.
    What a database file brings along is not trusted: reading a table is allowed, and no function, view or trigger of
    its schema. Rows that a write-ahead log holds are not seen, unless `with_log` put them in.
    """
    if not data:
        return
    if not data.startswith(MAGIC) or len(data) < HEADER:
        yield Gap(GapKind.FAILED, place, "is no SQLite database")
        return
    try:
        import sqlite3
    except ImportError:  # a Python built without it
        yield Gap(GapKind.FAILED, place, "this Python cannot read SQLite databases")
        return
    with closing(sqlite3.connect(":memory:")) as connection:
        if not hasattr(connection, "deserialize"):
            yield Gap(GapKind.FAILED, place, "this Python cannot read an SQLite database from memory")
            return
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.deserialize(_plain(data))
            _confine(connection, amount)
            yield from _selected(connection, place, table, only, amount)
        except sqlite3.Error as error:  # its text quotes the schema
            stopped = getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT"
            yield (
                Gap(GapKind.LIMIT, place, f"its table {table} takes too long to read")
                if stopped
                else Gap(GapKind.FAILED, place, "is a broken SQLite database; the rows before the break were read")
            )
        except (ValueError, OverflowError, MemoryError):  # names that are no text, sizes that no file has
            yield Gap(GapKind.FAILED, place, "is a broken SQLite database")


def _plain(data: bytes) -> bytes:
    """The bytes with a header that asks for no log beside the file, and for no more pages than there are."""
    return data[:18] + ROLLBACK + data[20:28] + bytes(4) + data[32:]


def _confine(connection: "sqlite3.Connection", amount: Amount) -> None:
    """Allows reading of tables and nothing else, for a bounded while."""
    import sqlite3

    allowed = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
    left = iter(range(amount.budget))
    connection.text_factory = bytes
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, amount.value)
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in allowed else sqlite3.SQLITE_DENY)
    connection.set_progress_handler(lambda: next(left, None) is None, STEPS)


def _selected(
    connection: "sqlite3.Connection", place: str, table: str, only: tuple[str, str] | None, amount: Amount
) -> Iterator[Row | Gap]:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,))
    if known.fetchone() is None:
        return
    order = " ORDER BY rowid DESC" if amount.newest else ""
    column, text = only or ("", "")
    where = f' WHERE "{column}" = ?' if only is not None else ""
    query = f'SELECT * FROM "{table}"{where}{order} LIMIT {amount.rows + 1}'  # noqa: S608 - the probe names these
    found = connection.execute(query, (text,) if only is not None else ())
    names = [str(column[0]).lower() for column in found.description]
    size = 0
    for number, values in enumerate(found):
        size += sum(len(value) for value in values if isinstance(value, bytes))
        if number == amount.rows or size > amount.total:
            yield Gap(GapKind.LIMIT, place, f"more than {amount.rows} rows, or too much in them; the rest was not read")
            return
        yield Row(dict(zip(names, values, strict=True)))


def with_log(data: bytes, log: bytes, limit: int) -> bytes:
    """A database with what its write-ahead log has committed put in; as it is where that is no log of it.

    A program that is still running, or did not end well, leaves most of what it wrote in the log. The format is that
    of the file format documentation, section 4; the salts tell frames of this log from those of an earlier one.
    """
    if log[:4] not in LOG_MAGIC or len(log) < LOG_HEADER:
        return data
    size, salts = int.from_bytes(log[8:12]), log[16:24]
    if size not in {1 << power for power in range(9, 17)}:
        return data
    pages, waiting, count = dict[int, bytes](), dict[int, bytes](), 0
    for at in range(LOG_HEADER, len(log) - FRAME_HEADER - size + 1, FRAME_HEADER + size):
        if log[at + 8 : at + 16] != salts:
            break
        page, committed = int.from_bytes(log[at : at + 4]), int.from_bytes(log[at + 4 : at + 8])
        waiting[page] = log[at + FRAME_HEADER : at + FRAME_HEADER + size]
        if committed:
            pages.update(waiting)
            waiting, count = {}, committed
    if not pages or count * size > limit:
        return data
    whole = [pages.get(each + 1) or data[each * size : (each + 1) * size].ljust(size, b"\0") for each in range(count)]
    return b"".join(whole)
