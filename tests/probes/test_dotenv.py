"""Secrets in .env files: exact lines, templates, encrypted files, stages, modes, and hostile text."""

import logging
import shlex

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.dotenv import dotenv
from scanner.model import CredentialSeen, Gap, GapKind, Guardrail, Hint, Platform, Weakness
from scanner.testing import HOMES, FakeFile, FakeHost, observe
from scanner.tokens import fill, token

SHOP = "~/src/shop"


def host(files, platform=Platform.LINUX, **more):
    told = {f"{SHOP}/{name}": fill(text, "seed") if isinstance(text, str) else text for name, text in files.items()}
    return FakeHost(platform, told, workspace=SHOP, **more)


def lines(text, name=".env"):
    return [
        (seen.evidence.line, seen.evidence.key)
        for seen in observe(dotenv, host({name: text}))
        if isinstance(seen, CredentialSeen)
    ]


@pytest.mark.parametrize("platform", Platform)
def test_a_password_is_one_observation(platform):
    [seen] = observe(dotenv, host({".env": "# ours\nDB_PASSWORD=CANARY\n"}, platform))
    assert seen.kind == "database.password"
    assert seen.evidence.path == HOMES[platform] / "src" / "shop" / ".env"
    assert (seen.evidence.line, seen.evidence.key) == (2, "DB_PASSWORD")
    assert "CANARY" not in repr(seen)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\n\n# x\n\nDB_PASSWORD=CANARY", [(5, "DB_PASSWORD")]),
        ("export DB_PASSWORD='CANARY' # why\n", [(1, "DB_PASSWORD")]),
        ('A="one\ntwo\n"\n\nDB_PASSWORD="CANARY"\n', [(5, "DB_PASSWORD")]),
        ("A=1\r\n\r\nDB_PASSWORD=CANARY\r\nREDIS_PASSWORD=CANARY\r\n", [(3, "DB_PASSWORD"), (4, "REDIS_PASSWORD")]),
        (
            "a b\r\nDB_PASSWORD=CANARY\r\nc d\r\n\r\nREDIS_PASSWORD=CANARY\r\n",
            [(2, "DB_PASSWORD"), (5, "REDIS_PASSWORD")],
        ),
        (
            "DB_PASSWORD: CANARY # of Node's\nexport REDIS_PASSWORD: 'CANARY'\n",
            [(1, "DB_PASSWORD"), (2, "REDIS_PASSWORD")],
        ),
        ("\ufeffDB_PASSWORD=CANARY", [(1, "DB_PASSWORD")]),
        ("#DB_PASSWORD=CANARY", []),
        ("DB_PASSWORD=", []),
        ("DB_PASSWORD", []),
        ("DB_PASSWORD=${OTHER}", []),
        ("bad line\nDB_PASSWORD = CANARY", [(2, "DB_PASSWORD")]),
        ("{token:github-classic}\n", [(1, None)]),
        ("", []),
    ],
)
def test_each_secret_is_told_with_its_exact_line(text, found):
    assert lines(text) == found


@pytest.mark.parametrize(
    "name", [".env", ".env.local", ".env.production", "prod.env", ".flaskenv", ".dev.vars", ".env.keys", ".envrc"]
)
def test_every_file_of_the_family_is_read_once(name):
    assert lines("export DB_PASSWORD=CANARY\n", name) == [(1, "DB_PASSWORD")]


def test_a_shell_file_is_read_as_text():
    text = (
        "source_env ../.envrc\n# export GH_TOKEN={token:npm}\nexport A=1 DB_PASSWORD='CANARY'; use nix\n"
        'export GITHUB_TOKEN=$(gh auth token)\nif [ -n "$X" ]; then\n  export NPM_TOKEN="{token:npm}"\nfi\n'
    )
    assert lines(text, ".envrc") == [(3, "DB_PASSWORD"), (6, "NPM_TOKEN"), (2, None)]


@pytest.mark.parametrize(
    "name", [".env.example", ".env.sample", ".env.template", ".env.dist", "example.env", ".env.defaults"]
)
def test_in_a_template_only_a_real_token_counts(name):
    text = (
        "DB_PASSWORD=CANARY\nURL=postgres://app:CANARY@db/x\nGITHUB_TOKEN={token:github-classic}\nX=ghp_" + "aB3dE6" * 6
    )
    assert lines(text, name) == [(3, "GITHUB_TOKEN")]


def test_an_encrypted_file_is_a_guardrail_and_its_key_file_opens_it():
    files = {
        ".env.production": 'DOTENV_PUBLIC_KEY_PRODUCTION="{token:hex}"\nDB_PASSWORD="{token:dotenvx}"\n',
        ".env.keys": "DOTENV_PRIVATE_KEY_PRODUCTION={token:hex.2}\n",
        ".env.vault": "CANARY",
    }
    found = observe(dotenv, host(files))
    assert {seen.evidence.path.name for seen in found if isinstance(seen, Guardrail)} == {
        ".env.production",
        ".env.vault",
    }
    [key] = [seen for seen in found if isinstance(seen, CredentialSeen)]
    assert key.kind == "dotenv.private-key"
    assert key.evidence.path.name == ".env.keys"


def test_a_file_of_sops_is_a_guardrail():
    [seen] = observe(dotenv, host({"app.env": "DB_PASSWORD=ENC[AES256_GCM,data:x]\nsops_version=3.9.0\n"}))
    assert isinstance(seen, Guardrail)


def test_a_plain_secret_in_an_encrypted_file_is_still_told():
    text = "DOTENV_PUBLIC_KEY={token:hex}\nA={token:dotenvx}\nDB_PASSWORD=CANARY\n"
    guardrail, seen = observe(dotenv, host({".env": text}))
    assert isinstance(guardrail, Guardrail)
    assert seen.evidence.line == 3


def test_file_folder_and_stage_variables_are_hints():
    [seen] = observe(dotenv, host({".env.production": "RAILS_ENV=staging\nDB_PASSWORD=CANARY\n"}))
    hints = seen.grants[0].asset.hints
    assert Hint("file", "production") in hints
    assert Hint("folder", "shop") in hints
    assert Hint("variable RAILS_ENV", "staging") in hints


def test_a_line_that_cannot_be_read_is_a_gap_without_its_text():
    gap, seen = observe(dotenv, host({".env": "CANARY CANARY\nDB_PASSWORD=CANARY\n'CANARY"}))
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.FAILED
    assert gap.why == "not NAME=value in line 1, 3"
    assert seen.evidence.line == 2
    assert "CANARY" not in repr([gap, seen])


def test_nothing_is_logged(caplog, capsys):
    caplog.set_level(logging.DEBUG)
    observe(dotenv, host({".env": "CANARY CANARY\n'CANARY\nDB_PASSWORD=${CANARY}\n"}))
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")


def test_a_locked_file_is_a_gap_and_the_next_is_still_read():
    locked, seen = observe(dotenv, host({".env": FakeFile(None), ".env.local": "DB_PASSWORD=CANARY"}))
    assert isinstance(locked, Gap)
    assert locked.kind is GapKind.REFUSED
    assert seen.evidence.path.name == ".env.local"


def test_the_same_token_in_two_files_has_one_fingerprint():
    one, other = observe(dotenv, host({".env": "A={token:npm}", ".env.local": "B={token:npm}"}))
    assert one.secret.fingerprint == other.secret.fingerprint is not None


@pytest.mark.parametrize(
    ("mode", "mine", "text", "weak"),
    [
        (0o644, True, "DB_PASSWORD=CANARY", True),
        (0o640, True, "DB_PASSWORD=CANARY", False),
        (0o600, True, "DB_PASSWORD=CANARY", False),
        (None, True, "DB_PASSWORD=CANARY", False),
        (0o644, False, "DB_PASSWORD=CANARY", False),
        (0o644, True, "NODE_ENV=production", False),
    ],
)
def test_a_file_with_secrets_that_others_may_read_is_a_weakness(mode, mine, text, weak):
    found = observe(dotenv, host({".env": FakeFile(text, mode=mode, mine=mine)}))
    assert [seen.rule for seen in found if isinstance(seen, Weakness)] == ["file.readable-by-others"] * weak


def test_the_fix_is_quoted_for_the_shell():
    path = "~/src/shop/it's; rm -rf x/.env"
    made = FakeHost(files={path: FakeFile("DB_PASSWORD=CANARY", mode=0o644)}, workspace=SHOP)
    [weakness] = [seen for seen in observe(dotenv, made) if isinstance(seen, Weakness)]
    [command] = weakness.fix.commands
    assert shlex.split(command) == ["chmod", "600", "~/src/shop/it's; rm -rf x/.env"]


SHREDS = st.sampled_from(
    [
        *(
            "A",
            "DB_PASSWORD",
            "export ",
            "=",
            "'",
            '"',
            "\\",
            "#",
            " ",
            "\n",
            "\r\n",
            "\r",
            "\ufeff",
            "${X}",
            "$(id)",
            "\x00",
        ),
        # Behind a letter no token begins, so the address ends in a sign.
        *("CANARY1", "é", "\u2028", "`", ";", "postgres://a:CANARY1@h/d/", "encrypted:", "ENC[", "sops_", "\t"),
        token("github-classic", "seed"),
    ]
)


@example("DB_PASSWORD='CANARY1", ".env")
@example("A=" + " " * 5000 + "x", ".env")
@given(st.lists(SHREDS, max_size=20).map("".join), st.sampled_from([".env", ".envrc", ".env.example"]))
def test_no_text_breaks_it_and_no_known_secret_is_shown(text, name):
    for seen in observe(dotenv, host({name: text.replace("{", "{ ")})):
        assert token("github-classic", "seed") not in repr(seen)
        assert not isinstance(seen, Gap) or "CANARY1" not in repr(seen)


def test_a_long_run_of_blanks_is_read_in_linear_time():
    assert lines("A=x" + " " * 500_000 + "y\nDB_PASSWORD=CANARY") == [(2, "DB_PASSWORD")]


def test_a_secret_that_was_commented_out_is_still_one():
    text = f"A=1\n  # OLD_TOKEN={token('github-classic', 'seed')}\n#DATABASE_URL=postgres://a:CANARY-1@db.example.com/x\r\nB=2\n"
    found = observe(dotenv, FakeHost(files={"~/w/.env": text}, workspace="~/w"))
    assert {(each.kind, each.evidence.line) for each in found} == {
        ("github.classic-token", 2),
        ("database.password", 3),
    }


@pytest.mark.parametrize(
    "text",
    [
        "# put your token here: ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        "# see https://example.com/docs?page=2#token and set PASSWORD=yours\n",
        "# DATABASE_URL=postgres://user:password@localhost/db\n",
        "# sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        "# generated by 7d444840-9dc0-11d1-b245-5ffdce74fad2\n",
    ],
)
def test_a_comment_that_explains_is_no_secret(text):
    assert observe(dotenv, FakeHost(files={"~/w/.env": text}, workspace="~/w")) == []
