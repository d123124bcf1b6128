"""Databases as bytes: rows come out, and nothing that a hostile schema brings along is run."""

import sqlite3
from contextlib import closing

import pytest

from scanner.host.sqlite import ROWS, Row, rows
from scanner.model import Gap, GapKind


def database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        return connection.serialize()


def read(data: bytes, table: str = "t") -> list[Row | Gap]:
    return list(rows(data, "x.db", table))


def test_rows_come_by_the_names_of_their_columns():
    [row] = read(database("CREATE TABLE t (Name TEXT, value BLOB, n)", "INSERT INTO t VALUES ('ada', x'00ff', 7)"))
    assert (row.text("name"), row.text("value"), row.text("n"), row.text("absent")) == ("ada", None, None, None)
    assert "ada" not in repr(row)


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
def test_text_is_read_in_each_encoding(encoding):
    data = database(f"PRAGMA encoding = '{encoding}'", "CREATE TABLE t (x)", "INSERT INTO t VALUES ('é')")
    assert [row.text("x") for row in read(data)] == ["é"]


def test_a_view_in_the_place_of_the_table_is_not_read():
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
    assert read(database(f"CREATE VIEW t AS {endless}")) == []


def test_a_column_that_makes_much_of_nothing_is_a_gap():
    data = database("CREATE TABLE t (a, b AS (zeroblob(900000000)))", "INSERT INTO t (a) VALUES (1)")
    [gap] = read(data)
    assert gap.kind is GapKind.FAILED


def test_columns_that_make_much_of_little_are_bounded_together():
    fill = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 20) INSERT INTO t (a) SELECT x FROM c"
    seen = read(database("CREATE TABLE t (a, b AS (zeroblob(1000000)))", fill))
    assert len(seen) < 8
    assert seen[-1].kind is GapKind.LIMIT


def test_too_many_rows_are_a_gap():
    count = ROWS + 5
    many = (
        f"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT {count}) INSERT INTO t SELECT x FROM c"
    )
    seen = read(database("CREATE TABLE t (a)", many))
    assert len(seen) == ROWS + 1
    assert seen[-1].kind is GapKind.LIMIT


def test_a_virtual_table_is_not_opened():
    data = database("CREATE TABLE t (a)", "PRAGMA writable_schema = ON")
    forged = data.replace(b"CREATE TABLE t (a)", b"CREATE VIRTUAL TA ")
    assert all(isinstance(each, Gap) for each in read(forged))


@pytest.mark.parametrize("data", [b"CANARY", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(200)])
def test_what_is_no_database_is_a_gap_that_quotes_nothing(data):
    [gap] = read(data)
    assert gap.kind is GapKind.FAILED
    assert "CANARY" not in gap.why


def test_no_bytes_are_an_empty_database():
    assert read(b"") == []
