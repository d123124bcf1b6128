"""Accounts are told as the C library tells them, without asking it."""

import os

import pytest

from scanner.host import accounts

pwd = pytest.importorskip("pwd")
grp = pytest.importorskip("grp")


@pytest.fixture
def tables(tmp_path, monkeypatch):
    (tmp_path / "passwd").write_text(
        "root:x:0:0:root:/root:/bin/sh\nada:x:1000:100:Ada:/home/ada:/bin/zsh\nbroken\n::::::\n"
    )
    (tmp_path / "group").write_text("users:x:100:\ndocker:x:998:bob,ada\nwheel:x:10:adam\nodd:x:many:ada\n")
    monkeypatch.setattr(accounts, "USERS", tmp_path / "passwd")
    monkeypatch.setattr(accounts, "GROUPS", tmp_path / "group")
    return tmp_path


def test_an_account_has_a_name_a_home_and_groups(tables):
    assert accounts.name_of(1000) == "ada"
    assert accounts.home_of(1000) == "/home/ada"
    assert accounts.groups_of("ada", 100) == {100, 998}


def test_a_number_without_an_account_is_nobody(tables):
    assert accounts.name_of(4242) is None
    assert accounts.home_of(4242) is None
    assert accounts.groups_of(None, 4242) == {4242}


def test_tables_that_are_not_there_name_nobody(tables):
    (tables / "passwd").unlink()
    (tables / "group").unlink()
    assert accounts.name_of(0) is None
    assert accounts.groups_of("root", 0) == {0}


@pytest.mark.parametrize("name", ["root", "daemon", "nobody"])
def test_the_accounts_of_this_machine_are_told_as_the_library_tells_them(name):
    told = pwd.getpwnam(name)
    assert accounts.name_of(told.pw_uid) == told.pw_name
    assert accounts.home_of(told.pw_uid) == told.pw_dir
    assert accounts.groups_of(name, told.pw_gid) == set(os.getgrouplist(name, told.pw_gid))
