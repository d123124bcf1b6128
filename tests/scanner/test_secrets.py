"""Pairs become credentials of the right kind, and what is no secret stays silent for the right reason."""

import base64
import json
from datetime import UTC, datetime

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from scanner.config import Config
from scanner.data.families import families
from scanner.data.variables import variables
from scanner.detection import found_in
from scanner.environments import judge as judge_environment
from scanner.model import (
    Asset,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Gap,
    GapKind,
    Hint,
    LifetimeKind,
    Protection,
)
from scanner.secrets import (
    PAIR_LIMIT,
    VALUE_LIMIT,
    Pair,
    Silent,
    Told,
    is_boring,
    judge,
    may_be_shaped,
    secrets_in,
    tellings,
)
from scanner.shapes import Quiet
from scanner.testing import FakeHost
from scanner.tokens import fill, token

RANDOM = token("hex", "seed")
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\n" + "CANARY" * 40 + "\n-----END PRIVATE KEY-----"


def pairs(text: str) -> list[Pair]:
    told = (line.partition("=") for line in fill(text, "seed").strip().splitlines())
    return [Pair(name.strip(), value, Evidence(variable=name.strip())) for name, _, value in told]


def seen(text: str, *hints: Hint, **more: bool) -> list[CredentialSeen]:
    found = list(secrets_in(pairs(text), FakeHost(), hints, **more))
    assert all(isinstance(each, CredentialSeen) for each in found)
    return found


def jwt(**claims: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.CANARYCANARY"


@pytest.mark.parametrize(
    ("family", "kind"),
    [
        ("github-classic", "github.classic-token"),
        ("github-oauth", "github.oauth-token"),
        ("github-app", "github.app-token"),
        ("github-fine-grained", "github.fine-grained-token"),
        ("gitlab", "gitlab.token"),
        ("npm", "npm.token"),
        ("anthropic", "anthropic.key"),
        ("openai", "openai.key"),
        ("slack-bot", "slack.bot-token"),
        ("stripe-live", "stripe.live-key"),
        ("stripe-test", "stripe.test-key"),
        ("sendgrid", "sendgrid.key"),
        ("digitalocean", "digitalocean.token"),
        ("vault", "vault.token"),
        ("huggingface", "huggingface.token"),
        ("pypi", "pypi.token"),
        ("aws-session-token", "aws.session-key"),
    ],
)
@pytest.mark.parametrize("name", ["ANYTHING", "VITE_X", ""])
def test_a_token_tells_its_kind_under_any_name(family, kind, name):
    assert judge(name, token(family, "seed")).kind == kind


@pytest.mark.parametrize("family", [f for f in families() if not f.public], ids=lambda f: f.id)
@settings(max_examples=5)
@given(data=st.data())
def test_every_family_is_found_under_its_kind(family, data):
    text = data.draw(st.from_regex(family.pattern, fullmatch=True).filter(lambda value: len(set(value)) > 8))
    told = judge("X", text)
    assert told == Silent(Quiet.PLACEHOLDER) or told.kind == family.kind


@pytest.mark.parametrize("name", sorted(name for name in variables().exact), ids=str)
def test_every_curated_name_tells_its_kind_with_a_value_that_tells_nothing(name):
    row = variables().exact[name]
    if row.pair or row.address or row.login:
        return
    told = judge(name, RANDOM)
    assert isinstance(told, Told)
    assert told.kind == row.kind
    [again] = secrets_in([Pair(name, RANDOM, Evidence(variable=name))], FakeHost())
    assert again.evidence == Evidence(variable=name)
    assert RANDOM not in repr(again)


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        ("STAGING_DB_PASSWORD", "CANARY", "database.password"),
        ("spring.datasource.password", "CANARY", "database.password"),
        ("dbPassword", "CANARY", "database.password"),
        ("TF_VAR_db_password", "CANARY", "database.password"),
        ("DOTENV_PRIVATE_KEY_PRODUCTION", RANDOM, "dotenv.private-key"),
        ("TF_TOKEN_app_example_com", RANDOM, "terraform.token"),
        ("OP_SESSION_acme", RANDOM, "onepassword.session"),
        ("npm_config_//registry.example.com/:_authToken", RANDOM, "npm.token"),
        ("BUNDLE_GEMS__EXAMPLE__COM", "ada:CANARY", "registry.read-password"),
        ("OPENAI_API_KEY", token("github-classic", "x"), "github.classic-token"),
        ("ACME_TOKEN", RANDOM, "generic.secret"),
        ("CLERK_SECRET_KEY", token("stripe-live", "x"), "identity.client-secret"),
        ("PAYSTACK_SECRET_KEY", token("stripe-live", "x"), "payment.key"),
        ("STRIPE_SECRET_KEY", token("stripe-live", "x"), "stripe.live-key"),
        ("ACME_SECRET_KEY", token("stripe-live", "x"), "stripe.live-key"),
        ("SECRET_KEY", token("stripe-live", "x"), "stripe.live-key"),
        ("VITE_AWS_SECRET_ACCESS_KEY", token("aws-secret", "x"), "aws.access-key"),
        ("LDAP_BIND_PW", "CANARY", "generic.password"),
        ("adminpassword", "CANARY", "generic.password"),
        ("clientsecret", RANDOM, "generic.secret"),
        ("requirepass", "CANARY", "redis.password"),
        ("DB_PW", "CANARY", "database.password"),
        ("BASIC_AUTH", "ada:CANARY", "generic.password"),
        ("HTTP_BASIC_AUTH", "ada:CANARY", "generic.password"),
        ("ACME_BASIC_AUTH", "ada:CANARY", "generic.password"),
        ("ACME_API_KEY_PROD", RANDOM, "generic.secret"),
        ("ACME_SECRET", "CANARY-CANARY-CANARY", "generic.secret"),
        ("ACME_KEY", RANDOM, "generic.secret"),
        ("ADMIN_PASSWORD", "CANARY", "generic.password"),
        ("JWT_SECRET", "my-super-secret-signing-word", "generic.signing-secret"),
        ("KEY", PRIVATE_KEY, "generic.private-key"),
        ("DEPLOY", base64.b64encode(PRIVATE_KEY.encode()).decode(), "generic.private-key"),
        ("DATABASE_URL", "postgres://app:CANARY@db/orders", "database.password"),
        ("X", "postgresql+psycopg2://app:CANARY@db/orders", "database.password"),
        ("X", "jdbc:postgresql://db/orders?user=app&password=CANARY", "database.password"),
        ("X", "mongodb+srv://app:CANARY@cluster0.example.net/orders", "database.password"),
        ("X", "redis://:CANARY@cache:6379/0", "redis.password"),
        ("X", "amqps://app:CANARY@mq/vhost", "queue.password"),
        ("X", "smtp://app:CANARY@mail:587", "smtp.password"),
        ("X", "https://ada:CANARY@git.example.com/x.git", "generic.url-password"),
        ("X", "https://api.example.com/v1?api_key=CANARY", "generic.url-password"),
        ("PIP_INDEX_URL", "https://ada:CANARY@pypi.example.com/simple", "registry.read-password"),
        ("X", "Server=db;Database=orders;User Id=sa;Password=CANARY;", "database.password"),
        ("X", "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=CANARYCANARY==", "azure.storage-key"),
        (
            "X",
            "Endpoint=sb://acme.example.net/;SharedAccessKeyName=root;SharedAccessKey=CANARY=",
            "azure.service-bus-key",
        ),
        ("X", "https://acme.example.net/c?sp=r&se=2027-01-01T00:00:00Z&sig=CANARY", "azure.sas"),
        ("X", "https://hooks.slack.com/services/T0CANARY0/B0CANARY0/CANARYCANARY", "slack.webhook"),
        ("SUPABASE_KEY", jwt(iss="supabase", role="service_role", ref="abc"), "supabase.service-role"),
        ("X", jwt(iss="kubernetes/serviceaccount", sub="system:serviceaccount:a:b"), "kubernetes.service-account"),
    ],
)
def test_a_pair_is_of_its_kind(name, value, kind):
    assert judge(name, value).kind == kind
    [found] = secrets_in([Pair(name, value, Evidence(variable=name))], FakeHost())
    assert found.kind == kind
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("SECRET", "", Quiet.EMPTY),
        ("SECRET", "   ", Quiet.EMPTY),
        ("API_TOKEN", "x" * (VALUE_LIMIT + 1), Quiet.TOO_LONG),
        ("SECRET_KEY", "changeme", Quiet.PLACEHOLDER),
        ("API_KEY", "your-api-key-here", Quiet.PLACEHOLDER),
        ("API_KEY", "xxxxxxxxxxxxxxxx", Quiet.PLACEHOLDER),
        ("GITHUB_TOKEN", "ghp_" + "x" * 36, Quiet.PLACEHOLDER),
        ("AWS_SECRET_ACCESS_KEY", "CANARY/CANARY/EXAMPLEKEY", Quiet.PLACEHOLDER),
        ("DATABASE_URL", "postgres://user:password@localhost/app", Quiet.PLACEHOLDER),
        ("API_TOKEN", "<token>", Quiet.TEMPLATE),
        ("API_TOKEN", "{{ token }}", Quiet.TEMPLATE),
        ("API_TOKEN", "{token:uuid}", Quiet.TEMPLATE),
        ("API_TOKEN", "{COQLCE6DU6GtcS5P=}", Quiet.TEMPLATE),  # as Maven writes what it encrypted
        ("GITHUB_TOKEN", "${GH}", Quiet.REFERENCE),
        ("GITHUB_TOKEN", "$GH_TOKEN", Quiet.REFERENCE),
        ("GITHUB_TOKEN", "op://vault/item/field", Quiet.REFERENCE),
        ("GITHUB_TOKEN", "vault:secret/data/x#key", Quiet.REFERENCE),
        ("GITHUB_TOKEN", "$(pass show github)", Quiet.REFERENCE),
        ("GITHUB_TOKEN", "`pass show github`", Quiet.REFERENCE),
        ("DOPPLER_TOKEN", "secret-" + token("uuid", "s"), Quiet.REFERENCE),
        ("DATABASE_URL", "postgres://${USER}:${PASS}@localhost/app", Quiet.REFERENCE),
        ("DB_SECRET", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db", Quiet.REFERENCE),
        ("DB_PASSWORD", token("dotenvx", "s"), Quiet.ENCRYPTED),
        ("DB_PASSWORD", "ENC[AES256_GCM,data:CANARY]", Quiet.ENCRYPTED),
        ("ADMIN_PASSWORD", "$2b$12$CANARYCANARYCANARY", Quiet.HASH),
        ("ADMIN_PASSWORD_HASH", RANDOM, Quiet.HASH),
        ("COMMIT_SHA", RANDOM[:40], Quiet.HASH),
        ("STRIPE_KEY", "pk_live_CANARYCANARYCANARY", Quiet.PUBLIC_KEY),
        ("SUPABASE_KEY", "sb_publishable_CANARYCANARY", Quiet.PUBLIC_KEY),
        ("SUPABASE_KEY", jwt(iss="supabase", role="anon", ref="abc"), Quiet.PUBLIC_KEY),
        ("DEPLOY_KEY", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICANARY ada@laptop", Quiet.PUBLIC_KEY),
        ("CERTIFICATE", "-----BEGIN CERTIFICATE-----\nCANARY\n-----END CERTIFICATE-----", Quiet.PUBLIC_KEY),
        ("JWT_PUBLIC_KEY", RANDOM, Quiet.PUBLIC_KEY),
        ("GOOGLE_CLIENT_ID", "123456789-abcdefghijklmnopqrstuvwx.apps.googleusercontent.com", Quiet.PUBLIC_ID),
        ("AWS_ACCESS_KEY_ID", token("aws-key", "s"), Quiet.PUBLIC_ID),
        ("SENTRY_DSN", f"https://{RANDOM[:32]}@o1.ingest.sentry.io/2", Quiet.PUBLIC_ID),
        ("DB_SECRET_NAME", "prod/db/password", Quiet.PUBLIC_ID),
        ("TOKEN_TTL", "3600", Quiet.PUBLIC_ID),
        ("AUTH_TOKEN_URL", "https://id.example.com/oauth/token", Quiet.ADDRESS),
        ("DATABASE_URL", "postgres://localhost/app", Quiet.ADDRESS),
        ("REDIS_URL", "redis://localhost:6379/0", Quiet.ADDRESS),
        ("SSL_KEY_PATH", "/etc/ssl/key.pem", Quiet.REFERENCE),
        ("VAULT_TOKEN_FILE", "/run/secrets/vault", Quiet.REFERENCE),
        ("GOOGLE_APPLICATION_CREDENTIALS", "/home/ada/key.json", Quiet.REFERENCE),
        ("API_TOKEN", "/run/secrets/token", Quiet.PLAIN),
        ("API_TOKEN", "86400", Quiet.PLAIN),
        ("USE_TOKEN", "enabled", Quiet.PLAIN),
        ("KUBERNETES_SECRET", "my-app-login", Quiet.PLAIN),
        ("SORT_KEY", "created_at", Quiet.NAME),
        ("SSH_AUTH_SOCK", "/tmp/ssh-1/agent.1", Quiet.NAME),
        ("GPG_AGENT_INFO", "/run/gpg:0:1", Quiet.NAME),
        ("XDG_SESSION_ID", "c2", Quiet.NAME),
        ("KEYBOARD", "us-international-layout", Quiet.NAME),
        ("TOKENIZERS_PARALLELISM", "4", Quiet.NAME),
        ("PWD", "/home/ada", Quiet.NAME),
        ("PATH", "/usr/bin:/bin", Quiet.UNTOLD),
        ("BUILD", RANDOM, Quiet.UNTOLD),
        ("VITE_MAPS_KEY", "AIza" + RANDOM[:35], Quiet.PUBLIC_ID),
        ("NEXT_PUBLIC_ACME_API_KEY", RANDOM, Quiet.PUBLIC_ID),
        ("VITE_SENTRY_DSN", f"https://{RANDOM[:32]}@errors.example.com/2", Quiet.PUBLIC_ID),
        ("VITE_TOKEN", jwt(sub="ada"), Quiet.PUBLIC_ID),
        ("POSTHOG_API_KEY", "phc_" + RANDOM[:43], Quiet.PUBLIC_ID),
        ("MAPBOX_ACCESS_TOKEN", f"pk.eyJ{RANDOM[:40]}.{RANDOM[:22]}", Quiet.PUBLIC_ID),
        *((f"{prefix}CACHE_KEY", RANDOM, Quiet.NAME) for prefix in ("", "ACME_")),
        *(
            (name, RANDOM, Quiet.NAME)
            for name in ("S3_KEY", "REDIS_KEY", "PRIMARY_KEY", "FOREIGN_KEY", "PARTITION_KEY")
        ),
        ("RECAPTCHA_SITE_KEY", RANDOM, Quiet.PUBLIC_KEY),
        ("GITEA_WEBHOOK_SECRET", "gitea-webhook-secret", Quiet.PLACEHOLDER),
        ("BASIC_AUTH", "enabled", Quiet.UNTOLD),
        ("BASIC_AUTH", "ada:$apr1$CANARY$CANARY", Quiet.HASH),
    ],
)
def test_a_lookalike_is_silent_for_its_reason(name, value, reason):
    assert judge(name, value) == Silent(reason)


def test_a_wrong_checksum_lowers_confidence_and_clears_nothing():
    right = token("github-classic", "seed")
    wrong = right[:-1] + ("a" if right[-1] != "a" else "b")
    sound, doubtful = seen(f"A={right}\nB={wrong}")
    assert [grant.confidence for grant in sound.grants] == [Confidence.INFERRED, Confidence.POSSIBLE]
    assert [grant.confidence for grant in doubtful.grants] == [Confidence.POSSIBLE, Confidence.POSSIBLE]


def test_the_parts_of_an_aws_proof_are_one_credential():
    [one] = seen(
        "AWS_ACCESS_KEY_ID={token:aws-session-key}\nAWS_SECRET_ACCESS_KEY={token:aws-secret}\n"
        "AWS_SESSION_TOKEN={token:aws-session-token}\nAWS_PROFILE=prod\nAWS_CREDENTIAL_EXPIRATION=2027-01-01T00:00:00Z"
    )
    assert one.kind == "aws.session-key"
    assert one.public_id == token("aws-session-key", "seed")
    assert {grant.asset.name for grant in one.grants} <= {"123456789012"}
    assert one.names == ("profile prod",)
    assert one.lifetime.ends() == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "names", [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("SCW_ACCESS_KEY", "SCW_SECRET_KEY")]
)
def test_a_secret_in_the_place_of_a_key_id_is_not_shown(names):
    first, second = token("hex", "one"), token("hex", "two")
    found = seen(f"{names[0]}={first}\n{names[1]}={second}")
    assert {one.public_id for one in found} == {None}
    assert first not in repr(found)


def test_two_accounts_in_one_file_stay_apart_by_their_prefix():
    one, other = seen(
        "AWS_ACCESS_KEY_ID={token:aws-key}\nAWS_SECRET_ACCESS_KEY={token:aws-secret}\n"
        "PROD_AWS_ACCESS_KEY_ID={token:aws-key-prod}\nPROD_AWS_SECRET_ACCESS_KEY={token:aws-secret.2}"
    )
    assert one.public_id == token("aws-key", "seed")
    assert other.public_id == token("aws-key-prod", "seed")
    assert one.kind == other.kind == "aws.access-key"


def test_a_key_id_alone_is_no_credential_and_a_session_token_alone_is_one():
    assert seen("AWS_ACCESS_KEY_ID={token:aws-key}") == []
    assert [one.kind for one in seen("AWS_SESSION_TOKEN={token:aws-session-token}")] == ["aws.session-key"]


def test_siblings_name_the_database_and_its_login():
    [one] = seen("DB_HOST=db.prod.example.com:5432\nDB_NAME=orders\nDB_USER=app\nDB_PASSWORD=CANARY")
    [grant] = one.grants
    assert (grant.asset.kind, grant.asset.name) == ("database", "db.prod.example.com/orders")
    assert (one.identity.account, one.identity.name) == ("db.prod.example.com/orders", "app")
    assert one.secret.fingerprint is None


@pytest.mark.parametrize(
    ("url", "account", "user"),
    [
        ("postgres://app:CANARY@db.example.com:5432/orders?sslmode=require", "db.example.com/orders", "app"),
        ("postgres://app:CANARY%40%2F@[::1]:5432/orders", "::1/orders", "app"),
        ("postgres://app:CANARY@CANARY@db/orders", "db/orders", "app"),
        ("postgres://app:CANARY/x@db/orders", "db/orders", "app"),
        ("mongodb://app:CANARY@One.example.com:27017,two:27017/orders", "one.example.com/orders", "app"),
        ("redis://:CANARY@cache:6379/0", "cache", None),
    ],
)
def test_an_address_tells_host_part_and_login_and_never_the_password(url, account, user):
    [one] = seen(f"X={url}")
    assert {grant.asset.name for grant in one.grants} == {account}
    assert (one.identity.name if one.identity else None) == user
    assert "CANARY" not in repr(one)
    assert Hint("host", account.partition("/")[0]) in next(iter(one.grants)).asset.hints


def test_a_signed_token_tells_issuer_subject_and_end():
    ends = int(datetime(2026, 11, 20, tzinfo=UTC).timestamp())
    [one] = seen(f"X={jwt(iss='https://id.example.com/', sub='ada', exp=ends)}")
    assert (one.identity.account, one.identity.name) == ("id.example.com", "ada")
    assert one.state is CredentialState.EXPIRED
    [endless] = seen(f"X={jwt(sub='ada')}")
    assert endless.lifetime.kind is LifetimeKind.STATIC


@pytest.mark.parametrize("exp", [True, "soon", 1e400, -1e30, "DIGITS", [1], None, float("nan")])
def test_an_odd_end_of_a_signed_token_breaks_nothing(exp):
    body = json.dumps({"sub": "ada"})[:-1] + f', "exp": {"9" * 5000 if exp == "DIGITS" else json.dumps(exp)}}}'
    encoded = base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")
    assert len(seen(f"X={jwt().partition('.')[0]}.{encoded}.CANARYCANARY")) == 1


def test_an_account_file_in_a_variable_tells_project_account_and_key_id():
    told = {
        "type": "service_account",
        "project_id": "acme-prod",
        "private_key_id": "0123456789abcdef",
        "private_key": PRIVATE_KEY,
        "client_email": "ci@acme-prod.example.com",
    }
    for value in (json.dumps(told), base64.b64encode(json.dumps(told).encode()).decode()):
        [one] = seen(f"GOOGLE_CREDENTIALS={value}")
        assert one.kind == "gcp.service-account-key"
        assert one.public_id == "0123456789abcdef"
        assert (one.identity.account, one.identity.name) == ("acme-prod", "ci@acme-prod.example.com")
        assert "CANARY" not in repr(one)


def test_a_private_key_tells_its_passphrase_and_a_lone_header_keeps_nothing():
    [locked] = secrets_in([Pair("K", PRIVATE_KEY.replace("PRIVATE", "ENCRYPTED PRIVATE"), Evidence())], FakeHost())
    assert locked.protection is Protection.ENCRYPTED
    [header] = secrets_in([Pair("K", "-----BEGIN RSA PRIVATE KEY-----", Evidence())], FakeHost())
    assert header.secret is None


def test_the_same_secret_under_two_names_has_one_fingerprint():
    one, other = seen("GH_TOKEN={token:github-classic}\nGITHUB_TOKEN={token:github-classic}")
    assert one.secret.fingerprint == other.secret.fingerprint is not None


def test_a_password_of_any_length_has_no_fingerprint():
    for one in seen("DB_PASSWORD={token:password}\nADMIN_PASSWORD={token:password}\nX=redis://:{token:password}@h"):
        assert one.secret.fingerprint is None


def test_stage_variables_are_hints_unless_the_proof_spans_all_stages():
    app, railway = seen("NODE_ENV=production\nACME_TOKEN={token:hex}\nRAILWAY_API_TOKEN={token:uuid}")
    assert Hint("variable NODE_ENV", "production") in app.grants[0].asset.hints
    assert railway.grants[0].asset.hints == ()


def test_a_payment_key_tells_its_mode():
    live, test = seen("A={token:stripe-live}\nB={token:stripe-test}")
    assert [one.grants[0].asset.name for one in (live, test)] == ["live", "sandbox"]


def test_what_nothing_names_is_named_after_its_place():
    [one] = seen("ACME_TOKEN={token:hex}", Hint("folder", "shop"), Hint("file", "production"))
    assert one.grants[0].asset.name == "shop/production/ACME_TOKEN"


def test_in_a_template_only_a_token_of_right_shape_and_checksum_counts():
    text = "A={token:github-classic}\nB=ghp_" + "aB3dE6" * 6 + "\nDB_PASSWORD=CANARY\nC=postgres://a:CANARY@b/c"
    assert [one.evidence.variable for one in seen(text, only_shapes=True)] == ["A"]


def test_a_login_that_is_its_own_password_is_not_shown():
    [one] = seen("DB_HOST=CANARY\nDB_USER=CANARY\nDB_PASSWORD=CANARY")
    assert "CANARY" not in repr(one)


def test_a_name_that_holds_the_secret_is_not_shown():
    name = token("github-classic", "seed")
    [one] = secrets_in([Pair(name, name, Evidence(variable=name))], FakeHost())
    assert name not in repr(one)


def test_too_long_values_and_too_many_names_are_gaps():
    host = FakeHost()
    [gap] = secrets_in([Pair("X", "y" * (VALUE_LIMIT + 1), Evidence(variable="X"))], host)
    assert gap.kind is GapKind.LIMIT
    many = [Pair(f"X{number}", "y", Evidence(variable="X")) for number in range(PAIR_LIMIT + 1)]
    [gap] = secrets_in(many, host)
    assert isinstance(gap, Gap)
    assert str(PAIR_LIMIT) in gap.why


SHREDS = st.sampled_from(
    [
        *(
            "://",
            "postgres",
            "https",
            "ada",
            ":",
            "@",
            "/",
            "[",
            "]",
            "?",
            "&",
            "=",
            ";",
            "password",
            "%",
            "%zz",
            "CANARYx",
        ),
        *(
            ".",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "{",
            '"private_key"',
            "sig",
            "se",
            "${",
            "}",
            "é",
            "\n",
            " ",
            "\ud800",
        ),
        *(jwt(sub="ada"), "eyJ", "AKIA", "LS0tLS1CRUdJTi", "AccountKey", "ey", "#", "\x00", "ghp_", "9" * 30),
    ]
)


@example("X", "https://[")
@example("X", "eyJ.eyJ.")
@example("password", "https://ada:CANARYx@[")
@given(st.lists(SHREDS, max_size=6).map("".join), st.lists(SHREDS, max_size=14).map("".join))
def test_no_value_breaks_it_and_none_is_shown(name, value):
    assume("CANARYx" not in name)
    for found in secrets_in(
        [Pair(name, value, Evidence(variable=name)), Pair("DB_PASSWORD", value, Evidence())], FakeHost()
    ):
        assert isinstance(found, CredentialSeen | Gap)
        if value.count("CANARYx") == 1:
            assert "CANARYx" not in repr(found) or "CANARYx" not in _kept(value)


def _kept(value: str) -> str:
    told = judge("DB_PASSWORD", value)
    return told.secret if isinstance(told, Told) else ""


@given(st.text(max_size=40), st.text(max_size=200))
def test_no_text_breaks_it(name, value):
    list(secrets_in([Pair(name, value, Evidence(variable=name))], FakeHost()))


def test_neither_pair_nor_judgement_shows_its_value():
    assert "CANARY" not in repr(Pair("X", "CANARY", Evidence()))
    assert "CANARY" not in repr(judge("DB_PASSWORD", "CANARY"))
    assert "CANARY" not in repr(judge("X", "postgres://a:CANARY@b/c"))


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        *(("postgres://a:pa/ss@word@db.example.com/x", {"db.example.com"}), ("redis://:pa?ss@db/0", {"db"})),
        *(("postgres://a:p@ss/w@rd@db.example.com/x", set()), ("postgres://a:p@ss/word@db.example.com", set())),
        *(("postgres://a:p@ss?w@rd@db.example.com", set()), ("https://a:p@ss/word@db.example.com/x", set())),
        ("https://a:CANARY77@db.example.com/@scope/name", {"db.example.com"}),
        ("git+https://a:CANARY77@db.example.com/a/b.git@v1.2.3", {"db.example.com"}),
        ("postgres://a:CANARY77@db.example.com/x?tag=a@b", {"db.example.com"}),
    ],
)
def test_a_host_is_told_only_where_the_password_certainly_ends_before_it(url, hosts):
    [one] = seen(f"X={url}")
    assert {hint.text for grant in one.grants for hint in grant.asset.hints if hint.what == "host"} == hosts
    assert not any(part in repr(one) for part in ("'ss", "ss/", "w@rd", "word@"))


@pytest.mark.parametrize("url", ["http://localhost:4873/@acme/name", "https://x.example.com:8443/a/b@1.2"])
def test_a_port_before_a_path_with_an_at_is_no_login(url):
    assert seen(f"REGISTRY_URL={url}") == []


def test_the_variable_of_a_terraform_token_spells_its_host():
    told = seen(f"TF_TOKEN_app_terraform_io={RANDOM}\nTF_TOKEN_my__tfe_example_com={RANDOM}2\nTFE_TOKEN={RANDOM}3")
    assert [one.grants[0].asset.name for one in told] == ["app.terraform.io", "my-tfe.example.com", "app.terraform.io"]


def test_only_the_enterprise_variables_of_gh_are_for_its_other_host():
    told = seen(f"GH_TOKEN={RANDOM}\nGH_ENTERPRISE_TOKEN={RANDOM}2\nGH_HOST=git.example.com")
    assert [one.grants[0].asset.name for one in told] == ["github.com", "git.example.com"]


def test_a_key_file_whose_key_ends_in_a_line_break_is_one_credential():
    told = {"type": "service_account", "private_key": PRIVATE_KEY.strip() + "\n", "client_email": "a@b.example.com"}
    [one] = seen(f"GOOGLE_CREDENTIALS={json.dumps(told)}")
    lines = PRIVATE_KEY.strip().replace("\n", "\\n")
    [alone] = seen(f"GOOGLE_PRIVATE_KEY={lines}")
    assert one.secret.fingerprint == alone.secret.fingerprint


@pytest.mark.parametrize("middle", ["4acc", "acc1", "0a1b"])
def test_an_id_is_of_no_environment(middle):
    asset = Asset("azure-tenant", f"7b1f7e6a-0000-{middle}-8000-00000000000a")
    assert judge_environment(asset, [], Config()).environment is Environment.UNKNOWN


def test_the_stage_of_a_file_says_nothing_of_a_whole_tenant():
    tenant = "AZURE_TENANT_ID=7b1f7e6a-0000-4000-8000-000000000001"
    [one] = seen(f"AZURE_CLIENT_SECRET={RANDOM}\n{tenant}\nNODE_ENV=production")
    assert [hint for grant in one.grants for hint in grant.asset.hints if grant.asset.kind == "azure-tenant"] == []


BORING = st.sampled_from(
    ("PORT", "debug", "name", "image", "host", "url", "a.b.title", "DB_HOST", "", "note", "PUBLIC_X")
)
VALUES = st.sampled_from(
    (
        *(
            "8080",
            "true",
            "=",
            ":",
            " ",
            "-",
            "/",
            "@",
            "?",
            "#",
            "x" * 12,
            "password",
            "Bearer ",
            "https://",
            "ada:x@h",
        ),
        *(RANDOM[:24], token("github-classic", "s"), jwt(sub="ada"), "CANARY", "{", "[", '"', "'", "eyJ", "--token "),
    )
)


@given(BORING, st.lists(VALUES, max_size=5).map("".join))
def test_a_boring_pair_tells_nothing(name, value):
    told = tellings(name, value)
    assert not is_boring(name, value) or isinstance(told, Silent)


@pytest.mark.parametrize(("name", "value"), [("PORT", "8080"), ("debug", "true"), ("image", "registry/team/app-web")])
def test_an_ordinary_setting_is_boring(name, value):
    assert is_boring(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("PASSWORD", "CANARY"), ("PORT", token("github-classic", "s")), ("x", "a=b"), ("KEY", "8080"), ("u", "a://b:c@d")],
)
def test_what_may_tell_is_not_boring(name, value):
    assert not is_boring(name, value)


@given(st.lists(VALUES, max_size=6).map("".join))
def test_where_no_literal_stands_no_shape_is_found(value):
    assert may_be_shaped(value) or found_in(value) == ()
