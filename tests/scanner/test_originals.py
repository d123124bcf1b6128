"""Of which file an old copy is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.originals import ENDINGS, original_name

COPIES = {
    "credentials.bak": "credentials",
    "credentials.BAK": "credentials",
    "credentials.bak1": "credentials",
    "credentials.bak.2": "credentials",
    "credentials.bak-20260102": "credentials",
    "credentials.backup": "credentials",
    "credentials_backup": "credentials",
    "credentials-old": "credentials",
    "credentials.old2": "credentials",
    "credentials.orig": "credentials",
    "credentials.save": "credentials",
    "credentials.save.1": "credentials",
    "credentials.1": "credentials",
    "credentials.rej": "credentials",
    "credentials~": "credentials",
    "credentials~1": "credentials",
    "credentials.~12~": "credentials",
    "#credentials#": "credentials",
    ".credentials.swp": "credentials",
    ".credentials.un~": "credentials",
    "credentials copy": "credentials",
    "credentials copy 2": "credentials",
    "credentials (1)": "credentials",
    "Copy of credentials": "credentials",
    "Copy (2) of credentials": "credentials",
    "Kopie von credentials": "credentials",
    "credentials.2026-01-02": "credentials",
    "credentials.20260102": "credentials",
    "credentials-20260102-101500": "credentials",
    "credentials.2026-01-02T10-15-00": "credentials",
    "credentials.1795000000": "credentials",
    ".claude.json.backup.1795000000000": ".claude.json",
    "pg_hba.conf.dpkg-old": "pg_hba.conf",
    "krb5.conf.rpmsave": "krb5.conf",
    "terraform.tfstate.1795000000.backup": "terraform.tfstate",
    "config copy.json": "config.json",
    "config copy 3.json": "config.json",
    "config (1).json": "config.json",
    "config(1).json": "config.json",
    "config - Copy.json": "config.json",
    "config - Copy (2).json": "config.json",
    "config (copy).json": "config.json",
    "config (another copy).json": "config.json",
    "config (3rd copy).json": "config.json",
    "config (ada's conflicted copy 2026-01-02).json": "config.json",
    "config.sync-conflict-20260102-101500-ABCDEFG.json": "config.json",
    "config.bak.json": "config.json",
    "config_old.yml": "config.yml",
    "config-backup.toml": "config.toml",
    "config_BACKUP_4711.yml": "config.yml",
    "config-2026-01-02.json": "config.json",
    ".env.bak": ".env",
    ".env~": ".env",
    ".env-old": ".env",
    "env.old": "env",
    ".env.local.save": ".env.local",
    "..env.swp": ".env",
    ".env.production.bak.1~": ".env.production",
    "#.env#": ".env",
    ".env copy": ".env",
    ".env (1)": ".env",
    "id_rsa.old": "id_rsa",
}
NONE = [
    *("credentials", ".env", ".env.local", ".env.production", ".env.example", "config.json", "id_rsa", "id_rsa.pub"),
    *("backup.sh", ".bak", "bak", ".old", "old", "~", "#", "##", "", ".", "copy.json", "old.json", "_backup", ".1"),
    *("golden.json", "hold.yml", "behold", "threshold.toml", "copyright", "copybook.cbl", "origin.yml", "original"),
    *("prevent.js", "v2026.json", "2026-01-02.json", "readme.md", "base_settings.py", "local_settings.py", "x.swift"),
    *("a.sync", "conflict.json", "(1)", " copy", "#channel", "c#", "notes 2026.txt", "Copy of ", "terraform.tfstate"),
]


def test_a_copy_is_told_by_its_name():
    assert {name: original_name(name) for name in COPIES} == COPIES


def test_a_name_that_only_looks_like_a_copy_stays():
    assert [(name, told) for name in NONE if (told := original_name(name)) != name] == []


def test_every_ending_of_a_copy_is_one():
    assert [each for each in sorted(ENDINGS) if not each.startswith("sw") and original_name(f"x.{each}") != "x"] == []


SHREDS = st.sampled_from(
    [
        "~",
        "#",
        ".",
        "_",
        "-",
        " ",
        "(1)",
        " copy",
        "bak",
        "old",
        "1",
        "2026-01-02",
        ".env",
        "x",
        "Copy of ",
        ".swp",
        "é",
        "\n",
    ]
)


@given(st.lists(SHREDS, max_size=12).map("".join))
def test_the_original_is_part_of_the_name_and_never_empty(name):
    told = original_name(name)
    assert bool(told) == bool(name)
    assert len(told) <= len(name)
    assert not set(told) - set(name)


@pytest.mark.parametrize("count", [1, 10_000])
def test_a_long_name_is_told_as_a_short_one_is(count):
    assert original_name("x" * count + ".bak") == "x" * count
