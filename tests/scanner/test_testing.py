"""A golden machine as its folder describes it."""

import sqlite3

from scanner.host import FileKind
from scanner.host.ports import Content
from scanner.testing import load_machine
from scanner.tokens import token

TOLD = """
platform = "linux"

[texts]
"~/src/app/.git/config" = "url = {token:npm}"

[databases]
"~/.tool/state.db" = ["CREATE TABLE logins (name, secret)", "INSERT INTO logins VALUES ('ada', '{token:npm}')"]

[modes]
"~/.tool/state.db" = "0640"

[engines."/var/run/docker.sock"]
version = '{"Version": "28"}'
"""


def made(tmp_path):
    (tmp_path / "machine.toml").write_text(TOLD)
    return load_machine(tmp_path, seed="seed")


def content(machine, path):
    found = machine.files.content(machine.home / path, 1 << 20)
    assert isinstance(found, Content)
    return found


def test_a_text_of_the_table_is_a_file_with_its_tokens(tmp_path):
    assert content(made(tmp_path), "src/app/.git/config").data.decode() == f"url = {token('npm', 'seed')}"


def test_a_database_of_the_table_is_a_real_one(tmp_path):
    found = content(made(tmp_path), ".tool/state.db")
    opened = sqlite3.connect(":memory:")
    opened.deserialize(found.data)
    assert opened.execute("SELECT * FROM logins").fetchall() == [("ada", token("npm", "seed"))]
    assert found.place.mode == 0o640
    opened.close()


def test_an_engine_of_the_table_is_a_socket_that_answers(tmp_path):
    machine = made(tmp_path)
    socket = type(machine.home)("/var/run/docker.sock")
    assert machine.files.place(socket).kind is FileKind.SOCKET
    assert machine.sockets.engine(socket, "version") == b'{"Version": "28"}'
    assert machine.sockets.engine(socket, "info").why == "no answer"
