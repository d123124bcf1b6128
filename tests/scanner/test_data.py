"""The shipped tables are what their TOML files say."""

import os

import msgspec
import pytest

from scanner.data import files
from scanner.errors import DataError


def test_the_shipped_tables_are_those_of_the_toml_files():
    fresh = msgspec.json.format(msgspec.json.encode(files.sources()), indent=1) + b"\n"
    if os.environ.get("UPDATE_DATA"):
        files.TABLES.write_bytes(fresh)
    assert files.TABLES.read_bytes() == fresh, "make it anew: UPDATE_DATA=1 python -m pytest tests/scanner/test_data.py"


def test_tables_are_listed_by_folder():
    assert "kinds/aws.toml" in files.names("kinds")
    assert "weights.toml" in files.names()
    assert not any("/" in name for name in files.names())


def test_a_table_that_is_not_there_is_an_error_that_names_it():
    with pytest.raises(DataError, match=r"nothing\.toml"):
        files.table("nothing.toml")


@pytest.fixture
def other_tables(tmp_path, monkeypatch):
    """Another file of tables, of which nothing is remembered afterwards."""
    monkeypatch.setattr(files, "TABLES", tmp_path / "tables.json")
    for remembered in (files.tables, files.table):
        remembered.cache_clear()
    yield files.TABLES
    for remembered in (files.tables, files.table):
        remembered.cache_clear()


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"a": 1}', b'{"a": {"b": }}'])
def test_a_damaged_file_of_tables_is_an_error(data, other_tables):
    other_tables.write_bytes(data)
    with pytest.raises(DataError, match="install armslength again"):
        files.table("a")


def test_a_missing_file_of_tables_is_an_error(other_tables):
    with pytest.raises(DataError, match="install armslength again"):
        files.names()


def test_a_faulty_source_is_an_error_with_file_and_line(tmp_path, monkeypatch):
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "bad.toml").write_text("a = 1\nb = \n")
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"kinds/bad\.toml.*line 2"):
        files.sources()
