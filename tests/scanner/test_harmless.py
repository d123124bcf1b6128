"""What looks like a secret and is none stays silent; what differs from it in what counts is told."""

import base64
import hmac
import json
from hashlib import sha256
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.data import files
from scanner.harmless import is_default_login, is_documented, is_made_up, is_near, is_of_production
from scanner.model import CredentialSeen, Evidence, Hint
from scanner.secrets import Pair, Silent, judge, secrets_in, secrets_in_text
from scanner.shapes import Quiet, filler
from scanner.testing import FakeHost
from scanner.tokens import FAMILIES, token

LOCAL_STACK = (
    "super-secret-jwt-token-with-at-least-32-characters-long"  # as everybody's Supabase on this machine has it
)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(claims: dict[str, object], secret: str) -> str:
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    body = ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    return f"{body}.{encoded(hmac.new(secret.encode(), body.encode(), sha256).digest())}"


DEMO = {"iss": "supabase-demo", "role": "service_role", "exp": 1983812996}


def told_of(*pairs: tuple[str, str], hints: tuple[Hint, ...] = ()) -> int:
    """How many of the pairs are told."""
    found = secrets_in([Pair(name, value, Evidence(variable=name)) for name, value in pairs], FakeHost(), hints)
    return sum(isinstance(each, CredentialSeen) for each in found)


# --- documented examples


@pytest.mark.parametrize(("name", "value"), [("DB_PASSWORD", "my-secret-pw"), ("JWT_SECRET", LOCAL_STACK)])
def test_a_secret_that_a_documentation_gives_to_all_is_none(name, value):
    assert judge(name, value) == Silent(Quiet.DOCUMENTED)
    assert judge(name, value + "7") != Silent(Quiet.DOCUMENTED)


def test_a_token_that_every_copy_of_a_program_has_is_none_anywhere():
    text = f"curl -H 'Authorization: Bearer {signed(DEMO, LOCAL_STACK)}' localhost"
    assert not list(secrets_in_text(text, Evidence(line=1), FakeHost()))
    assert judge("SUPABASE_SERVICE_ROLE_KEY", signed(DEMO, LOCAL_STACK)) == Silent(Quiet.DOCUMENTED)


def test_the_same_claims_signed_by_another_are_told():
    [told] = secrets_in_text(f"key: {signed(DEMO, token('hex', 'own'))}", Evidence(line=1), FakeHost())
    assert told.kind == "supabase.service-role"


def test_each_digest_is_whole_and_stands_once():
    rows = files.table("harmless.toml")["documented"]
    digests = [digest for row in rows for digest in row["digests"]]
    assert len(digests) == len(set(digests))
    assert all(len(bytes.fromhex(digest)) == sha256().digest_size for digest in digests)
    assert all(row["of"] and row["source"] for row in rows)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_no_token_that_was_drawn_is_called_documented_or_made_up(family):
    value = token(family, "drawn")
    assert not is_documented(value)
    assert not is_made_up(value)


# --- made-up sequences

MADE_UP = [
    *(
        "1234567890abcdef",
        "sk-1234567890abcdef",
        "0123456789abcdef" * 2,
        "ABCDEFGHIJKLMNOP",
        "abcdefghijklmnopqrstuvwxyz",
    ),
    *(
        "fedcba9876543210",
        "a1b2c3d4e5f6g7h8",
        "01234567-89ab-cdef-0123-456789abcdef",
        "deadbeef" * 4,
        "cafebabedeadbeef",
    ),
    *("xxxx-xxxx-xxxx-xxxx", "0000-0000-0000-0000", "key_abcdefghijkl"),
]
DRAWN = [
    *(
        "CANARY-CANARY-CANARY",
        "Passw0rd1234",
        "123e4567-e89b-12d3-a456-426614174000",
        "abcd1234",
        "defabc12",
        "tuv-hijk-Rst9",
    ),
    *("correct-horse-battery-staple", "a", "", "deadline-beefcake-cafe"),
]


@pytest.mark.parametrize("value", MADE_UP)
def test_signs_in_their_order_are_made_up(value):
    assert is_made_up(value)
    assert judge("OPENAI_API_KEY", value) in (Silent(Quiet.PLACEHOLDER), Silent(Quiet.PUBLIC_ID))


@pytest.mark.parametrize("value", DRAWN)
def test_signs_that_stand_in_no_order_are_not(value):
    assert not is_made_up(value)


@settings(max_examples=100)
@given(st.text(max_size=250))
def test_no_text_breaks_what_looks_for_sequences(text):
    assert is_made_up(text) in {True, False}
    assert is_documented(text) is False


@pytest.mark.parametrize("count", [6, 8, 16, 32])
def test_random_digits_are_not_made_up(count):
    random = Random(count)
    assert not [value for value in (random.randbytes(count).hex() for _ in range(500)) if is_made_up(value)]


# --- requests


@pytest.mark.parametrize(
    "value",
    [
        *(
            "set-me",
            "set_me",
            "generate-with-openssl",
            "not-a-real-secret",
            "get-from-vault",
            "fake-token",
            "no secret",
        ),
        *("this-is-not-a-real-password", "provided-by-ci", "a mock token", "generated via terraform"),
    ],
)
def test_what_asks_for_a_value_is_none(value):
    assert filler(value) == Quiet.PLACEHOLDER


@pytest.mark.parametrize("value", ["notary-seal", "settlement", "sunset-me-9", "getaway-car", "fakir-7", "nothing2see"])
def test_a_word_that_begins_like_a_request_is_none(value):
    assert filler(value) is None


# --- default logins


@pytest.mark.parametrize(
    "value",
    [
        *("postgres://postgres:postgres@localhost:5432/app", "postgresql+psycopg://postgres:postgres@127.0.0.1/app"),
        *("amqp://guest:guest@localhost", "amqp://guest:guest@rabbitmq:5672/", "mysql://root:root@db/app"),
        *("postgres://postgres:postgres@postgres-test/app", "http://admin:admin@localhost:15672"),
        *("postgres://postgres:postgres@[::1]/app", "Server=localhost;Uid=root;Pwd=root"),
    ],
)
def test_the_login_that_a_server_on_this_machine_comes_with_is_none(value):
    assert judge("APP_URL", value) == Silent(Quiet.DEFAULT)
    assert not list(secrets_in_text(f"x = '{value}'", Evidence(line=1), FakeHost()))


@pytest.mark.parametrize(
    "value",
    [
        *(
            "postgres://postgres:postgres@db.example.com/app",
            "amqp://guest:guest@10.0.4.2",
            "mysql://root:root@prod/app",
        ),
        *("postgres://postgres:postgres@localhost,db.example.com/app", "postgres://app:postgres@localhost/app"),
        *("postgres://postgres:postgres@localhost/app?host=db.example.com", "postgres://ada:ada@localhost/app"),
        *(
            "postgres://postgres:postgres@127.evil.example.com/app",
            "amqp://root:root@localhost",
            "amqp://guest:guest@prod-mq",
        ),
        *("postgres://postgres:CANARY@localhost/app", "Server=db.example.com;Uid=root;Pwd=root"),
    ],
)
def test_a_weak_login_elsewhere_or_one_that_somebody_chose_is_told(value):
    assert not isinstance(judge("APP_URL", value), Silent)


@pytest.mark.parametrize(
    ("host", "near"),
    [
        *(
            ("localhost", True),
            ("api.localhost", True),
            ("127.0.0.1", True),
            ("::1", True),
            ("db", True),
            ("db1", True),
        ),
        *(("postgres-test", True), ("host.docker.internal", True), ("", False), ("-", False), ("db.local", False)),
        *(("prod-db", False), ("server", False), ("10.0.0.1", False), ("127.0.0.1.example.com", False)),
    ],
)
def test_near_is_this_machine_and_a_service_beside_it(host, near):
    assert is_near(host) is near


def test_a_default_of_one_kind_is_none_of_another():
    assert is_default_login("database.password", "root", "root", "localhost")
    assert not is_default_login("smtp.password", "root", "root", "localhost")


@pytest.mark.parametrize(
    ("pairs", "hints"),
    [
        ([("POSTGRES_PASSWORD", "postgres")], ()),
        ([("POSTGRES_PASSWORD", "postgres"), ("POSTGRES_USER", "postgres"), ("POSTGRES_HOST", "db")], ()),
        ([("development.password", "postgres")], (Hint("file", "database"), Hint("folder", "config"))),
        ([("RABBITMQ_DEFAULT_PASS", "guest")], (Hint("file", "compose"),)),
    ],
)
def test_a_default_password_by_itself_is_none(pairs, hints):
    assert told_of(*pairs, hints=hints) == 0


@pytest.mark.parametrize(
    ("pairs", "hints"),
    [
        ([("POSTGRES_PASSWORD", "postgres"), ("POSTGRES_HOST", "db.example.com")], ()),
        ([("POSTGRES_PASSWORD", "postgres"), ("POSTGRES_HOST", "db,db.example.com")], ()),
        ([("POSTGRES_PASSWORD", "postgres"), ("POSTGRES_HOST", "${DB_HOST}")], ()),
        ([("POSTGRES_PASSWORD", "postgres"), ("POSTGRES_USER", "shop")], ()),
        ([("POSTGRES_PASSWORD", "postgres")], (Hint("file", "production"),)),
        ([("POSTGRES_PASSWORD", "postgres"), ("NODE_ENV", "production")], ()),
        ([("production.password", "postgres")], ()),
        ([("development.password", "postgres"), ("development.host", "db.example.com")], ()),
        ([("SMTP_PASSWORD", "root")], ()),
    ],
)
def test_a_default_password_is_told_where_something_says_elsewhere(pairs, hints):
    assert told_of(*pairs, hints=hints) == 1


@pytest.mark.parametrize(
    ("text", "told"), [("prod", True), ("dbProd2", True), ("product", False), ("reproduce", False), ("LIVE_DB", True)]
)
def test_a_word_says_production_and_a_part_of_one_does_not(text, told):
    assert is_of_production(text) is told


# --- hashes and names of keys


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DB_PASSWORD", "md5" + "0a9" * 10 + "ff", Quiet.HASH),
        ("DB_PASSWORD", "SCRAM-SHA-256$4096:CANARY", Quiet.HASH),
        ("DB_PASSWORD", "*" + "0A9" * 13 + "F", Quiet.HASH),
        ("BASIC_AUTH_USERS", "ada:$apr1$CANARY$CANARY", Quiet.HASH),
        ("BASIC_AUTH_USERS", "ada:$$2y$$05$$CANARY", Quiet.HASH),
        ("default-key", "7A3F" * 10, Quiet.PUBLIC_ID),
        ("user.signingkey", "0x7A3F0B1C2D4E5F60", Quiet.PUBLIC_ID),
    ],
)
def test_a_hash_and_the_name_of_a_public_key_are_none(name, value, reason):
    assert judge(name, value) == Silent(reason)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", token("hex", "bare")),
        ("SIGNING_KEY", token("hex", "small")),
        ("BASIC_AUTH", "ada:CANARY$1$x-CANARY"),
        ("API_KEY", "7A3F0B1C2D4E5F60" * 2 + "7A3F0B1C"),
    ],
)
def test_what_only_resembles_a_hash_or_a_name_is_told(name, value):
    assert not isinstance(judge(name, value), Silent)


# --- examples


def test_in_an_example_no_address_with_a_login_counts_and_a_token_and_a_key_do():
    from scanner.tokens import fill

    text = fill("postgres://app:CANARY@db.example.com/x\n{token:github-classic}\n{sshkey:plain-ed25519}\n", "seed")
    found = list(secrets_in_text(text, Evidence(line=1), FakeHost(), only_shapes=True))
    assert [(each.kind, each.evidence.line) for each in found] == [
        ("github.classic-token", 2),
        ("generic.private-key", 3),
    ]
    assert len(list(secrets_in_text(text, Evidence(line=1), FakeHost()))) == 3
