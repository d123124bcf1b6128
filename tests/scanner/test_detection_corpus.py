"""All that is planted is found under its kind, and nothing that only looks like a secret is told as one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.data.families import families
from scanner.model import CredentialSeen, Evidence, Gap
from scanner.secrets import Pair, Silent, Told, judge, secrets_in, tellings
from scanner.shapes import Quiet, login_of, unwrapped
from scanner.testing import FakeHost
from scanner.tokens import FAMILIES, PUBLIC, ssh_certificate, ssh_private_key, ssh_public_line, token

HEX = token("hex", "seed")
PASSWORD = token("password", "seed")
GITHUB = token("github-classic", "seed")
KEY = ssh_private_key("plain-ed25519", "seed")
PUTTY = (
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {}\nComment: c\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n" + HEX
)
FIXED = {"dotenvx", "uuid", "password", "hex", "aws-secret"}  # shapes that tell nothing without a name


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(**claims: object) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{HEX[:43]}"


def told(name: str, value: str) -> list[tuple[str, str]]:
    found = tellings(name, value)
    return [(each.told.kind, each.told.secret) for each in found] if isinstance(found, tuple) else []


# --- planted


FRAMES = [
    *("{}", '"{}"', "'{}'", "'\"{}\"'", "  {}  ", "{} # pragma: allowlist secret", "Bearer {}", "token {}"),
    *(
        "--token={}",
        "run --token {} --verbose",
        "serve --db-url x --key '{}'",
        "sh -c 'run {}'",
        "A={} B=c",
        "a=b,c={}",
    ),
    *(
        '{{"deep": [{{"token": "{}"}}]}}',
        '["--token", "{}"]',
        "Authorization: Bearer {}",
        "${{HOME}}/x {}",
        "first\n{}\nlast",
    ),
]


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("family", sorted(FAMILIES.keys() - PUBLIC - FIXED))
def test_a_planted_token_is_found_whole_wherever_it_stands(family, frame):
    for seed in range(3):
        value = token(family, f"planted/{seed}")
        [(kind, secret)] = told("X", frame.format(value))
        assert secret == value
        assert kind == judge("X", value).kind


@pytest.mark.parametrize(
    ("name", "value", "kind", "secret"),
    [
        ("AUTHORIZATION", f"Bearer {HEX}", "generic.secret", HEX),
        ("Authorization", f"ApiKey {HEX}", "generic.secret", HEX),
        ("Proxy-Authorization", f"Basic {b64('ada:' + PASSWORD)}", "generic.password", PASSWORD),
        ("authorization", f"Basic {b64(GITHUB + ':')}", "github.classic-token", GITHUB),
        ("authorization", f"Basic {b64(':' + GITHUB)}", "github.classic-token", GITHUB),
        ("authorization", HEX, "generic.secret", HEX),
        ("X-Api-Key", HEX, "generic.secret", HEX),
        ("X", f"Bearer {HEX}", "generic.secret", HEX),
        ("OPENAI_API_KEY", f"Bearer {HEX}", "openai.key", HEX),
        ("HEADERS", f"Accept: text/html\nAuthorization: Bearer {HEX}", "generic.secret", HEX),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"api-key={HEX},team=shop", "generic.secret", HEX),
        ("OTEL_EXPORTER_OTLP_HEADERS", f"authorization=Bearer%20{HEX}", "generic.secret", HEX),
        ("_auth", b64("ada:" + PASSWORD), "generic.password", PASSWORD),
        ("ACME_AUTH", b64("ada:" + PASSWORD), "generic.password", PASSWORD),
        ("BASIC_AUTH", b64("ada:" + PASSWORD), "generic.password", PASSWORD),
        (
            "DOCKER",
            json.dumps({"auths": {"r.example.com": {"auth": b64("ada:" + PASSWORD)}}}),
            "generic.password",
            PASSWORD,
        ),
        ("DUMP_CMD", f"mysqldump -u root -p{PASSWORD} orders", "database.password", PASSWORD),
        ("CMD", f"sudo /usr/bin/sshpass -p {PASSWORD} ssh host", "generic.password", PASSWORD),
        ("CMD", f"redis-cli -h cache -a '{PASSWORD}' ping", "redis.password", PASSWORD),
        ("CMD", f"sh -c \"mysql -p'{PASSWORD}'\"", "database.password", PASSWORD),
        ("CMD", f"curl -u ada:{PASSWORD} https://x.example.com", "generic.password", PASSWORD),
        ("CMD", f"curl -uada:{PASSWORD} https://x.example.com", "generic.password", PASSWORD),
        ("CMD", f"curl --user ada:{PASSWORD} https://x.example.com", "generic.password", PASSWORD),
        ("CMD", f"curl -H 'X-Api-Key: {HEX}' https://x.example.com", "generic.secret", HEX),
        ("CMD", f"PGPASSWORD={PASSWORD} psql -h db orders", "database.password", PASSWORD),
        ("ARGS", "--password hunter", "generic.password", "hunter"),
        ("ARGS", "db_password=hu,nt3r+x;y,team=shop", "database.password", "hu,nt3r+x;y"),
        ("ARGS", f"--db-password={PASSWORD}", "database.password", PASSWORD),
        ("JAVA_OPTS", f"-Xmx1g -Djavax.net.ssl.keyStorePassword={PASSWORD}", "generic.password", PASSWORD),
        ("DATABASE", json.dumps({"username": "app", "password": PASSWORD, "host": "db"}), "generic.password", PASSWORD),
        ("K", KEY.replace("\n", "\\n"), "generic.private-key", KEY),
        ("K", f'"{KEY}"', "generic.private-key", KEY),
        ("K", b64(KEY + "\n"), "generic.private-key", KEY),
        ("K", json.dumps({"key": KEY}), "generic.private-key", KEY),
        ("K", PUTTY.format("none"), "generic.private-key", PUTTY.format("none")),
        ("AGE", "# public key: age1\nAGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2, None, None),
        ("X", f"https://b.example.com/o?X-Amz-Date=20270101T000000Z&X-Amz-Signature={HEX}", "aws.presigned-url", HEX),
        ("GITHUB_TOKEN", f"{GITHUB} # mine", "github.classic-token", GITHUB),
        (
            "CLERK_SECRET_KEY",
            token("stripe-live", "x") + " # mine",
            "identity.client-secret",
            token("stripe-live", "x"),
        ),
    ],
)
def test_a_planted_secret_is_found_by_the_structure_around_it(name, value, kind, secret):
    if kind is None:  # 58 signs make an age key, 64 do not
        value, kind = value[:-6], "age.secret-key"
        secret = value.splitlines()[1]
    assert told(name, value) == [(kind, secret)]


def test_several_secrets_in_one_value_are_each_found():
    first, second = token("gitlab", "a"), token("npm", "b")
    assert told("X", f"{first},{second}") == [("gitlab.token", first), ("npm.token", second)]
    urls = f"postgres://a:{PASSWORD}@one/x,postgres://b:{HEX}@two/y"
    assert told("DATABASE_URLS", urls) == [("database.password", PASSWORD), ("database.password", HEX)]
    assert len(told("CMD", f"run --api-key={HEX} --password {PASSWORD} {first}")) == 3


def test_one_key_is_one_credential_however_it_is_written():
    ways = [KEY, KEY.replace("\n", "\\n"), b64(KEY), f'"{KEY}"', KEY + "\n"]
    pairs = [Pair(f"K{number}", way, Evidence(variable=f"K{number}")) for number, way in enumerate(ways)]
    assert len({seen.secret.fingerprint for seen in secrets_in(pairs, FakeHost())}) == 1


def test_a_presigned_address_tells_when_it_ends():
    url = f"https://b.example.com/o?X-Amz-Date=20270101T000000Z&X-Amz-Expires=3600&X-Amz-Signature={HEX}"
    [seen] = secrets_in([Pair("X", url, Evidence(variable="X"))], FakeHost())
    assert seen.lifetime.ends().isoformat() == "2027-01-01T01:00:00+00:00"
    assert {grant.asset.name for grant in seen.grants} == {"b.example.com"}


def test_what_lies_inside_a_value_tells_its_name_there_and_is_masked_whole():
    host = FakeHost()
    pair = Pair("NODE_OPTIONS", f"--token={HEX} --x", Evidence(variable="NODE_OPTIONS"))
    [seen] = secrets_in([pair], host)
    assert seen.evidence == Evidence(variable="NODE_OPTIONS", key="token")
    assert HEX not in repr(seen)
    header = Pair("H", f"Basic {b64('ada:' + PASSWORD)}", Evidence(variable="H"))
    [basic] = secrets_in([header], host)
    assert basic.identity.name == "ada"
    assert host.vault.mask_text(f"x {b64('ada:' + PASSWORD)} {PASSWORD} {HEX}") == host.vault.mask_text(
        f"x {'y' * 28} {'z' * 20} {'q' * 64}"
    ) or not {PASSWORD, HEX} & set(host.vault.mask_text(f"{b64('ada:' + PASSWORD)} {PASSWORD} {HEX}").split())


@pytest.mark.parametrize("name", [GITHUB, token("gitlab", "n"), HEX])
def test_a_name_inside_a_value_that_could_be_a_secret_is_not_shown(name):
    value = json.dumps({name: {"password": PASSWORD}, "token": {name + "_token": HEX}})
    for seen in secrets_in([Pair("X", value, Evidence(variable="X"))], FakeHost()):
        assert name not in repr(seen)


# --- lookalikes


INTEGRITY = "sha512-" + base64.b64encode(bytes.fromhex(HEX) * 2).decode()
IMAGE = "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 4).decode()
NOTHING_INSIDE = [
    *(HEX[:40], HEX[:32], HEX, INTEGRITY, token("uuid", "a"), "v1.2.3-rc.1+build.5", "1.28.3-eks-a1b2c3d"),
    *(ssh_public_line("plain-ed25519", "x"), ssh_certificate("plain-ed25519", "x"), IMAGE),
    "-----BEGIN CERTIFICATE-----\n" + b64("CANARY" * 40) + "\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\\n" + b64("CANARY" * 20) + "\\n-----END PUBLIC KEY-----",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit; sed do eiusmod tempor incididunt ut labore.",
    "The password is required. Your token: optional, see https://example.com/docs?page=2#token=none",
    "it says BEGIN RSA PRIVATE KEY on top, and -----BEGIN RSA PRIVATE KEY----- at times",
    *(
        "/usr/lib/python3/dist-packages",
        "C:\\Users\\ada\\AppData\\Local",
        "~/.config/app/token.json",
        "/usr/local/bin:/usr/bin",
    ),
    *("arn:aws:iam::123456789012:role/deploy-production", "arn:aws:s3:::orders-eu-west-1"),
    *(
        "billing-api-7d9f8b6c5d-x2x4q",
        "registry.example.com/shop/api@sha256:" + HEX,
        "pod/orders-0",
        "gke_acme-prod_europe-west1_main",
    ),
    *(token("aws-key", "a"), "AKIAIOSFODNN7EXAMPLE", "pk_live_" + HEX[:24], "AC" + HEX[:32], "phc_" + HEX[:43]),
    *("V1StGXR8_Z5jdHi6B-myT", "e.exports=function(t,n){return t._k9xQ2}", "8.8.8.8", "10.0.0.1:8080", "fe80::1%eth0"),
    *(
        "en_US.UTF-8",
        "us-east-1",
        "2026-11-20T10:00:00Z",
        "1700000000:" + HEX[:40],
        "ada@example.com",
        "#ff00aa",
        "application/json",
    ),
    *(
        "--no-password orders",
        "--password-stdin registry",
        "--token-file /run/token",
        "--key-name deploy",
        "--secret-name prod/db",
    ),
    *(
        "sh -c 'col -bx | bat -l man -p'",
        "less -R",
        "--bind ctrl-k:up --color=fg:1",
        "rs=0:di=01;34:ln=01;36:*.tar=01;31",
    ),
    *(
        "mysql -u root -p orders",
        "-Djavax.net.ssl.trustStorePassword=changeit",
        "--password ${DB_PASSWORD}",
        "--password=$(pass db)",
    ),
    *(
        "https://ada@git.example.com/shop.git",
        "postgres://localhost:5432/app",
        "git@github.com:acme/shop.git",
        "redis://cache:6379/0",
    ),
    *(
        '{"password": {"type": "string", "minLength": 8}}',
        '{"token": "${TOKEN}", "key": "<key>"}',
        '["a", "b"]',
        "{}",
        "[]",
    ),
    *(
        "Bearer ${TOKEN}",
        "Bearer <token>",
        "Basic auth",
        "token authentication",
        "Bearer realm=example",
        "bearer",
        "Key management",
    ),
    *("AGE-PLUGIN-YUBIKEY-1" + "QPZRY9X8" * 3, "age1" + "qpzry9x8" * 7 + "gf"),
    *(
        "x" * 3000,
        "a=b;c=d;e=f",
        "k8s.io/api/core/v1",
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
        "eyJ",
        "eyJhIjoxfQ",
        "ghp_",
        "ghp_xxxx",
    ),
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.CANARY",
]


@pytest.mark.parametrize("name", ["X", "APP_CONFIG", "DESCRIPTION", "START_COMMAND"])
@pytest.mark.parametrize("value", NOTHING_INSIDE)
def test_a_lookalike_raises_no_alarm(name, value):
    found = tellings(name, value)
    assert isinstance(found, Silent), [each.told.kind for each in found]


def test_a_lone_header_of_a_key_is_told_and_keeps_nothing():
    [seen] = secrets_in([Pair("K", "-----BEGIN RSA PRIVATE KEY-----", Evidence(variable="K"))], FakeHost())
    assert seen.secret is None


REASONS = {
    Quiet.EMPTY: ("API_TOKEN", '""'),
    Quiet.TOO_LONG: ("API_TOKEN", "x" * 70_000),
    Quiet.PLACEHOLDER: ("API_TOKEN", "Bearer your-token-here"),
    Quiet.DOCUMENTED: ("DB_PASSWORD", "my-secret-pw"),
    Quiet.DEFAULT: ("DATABASE_URL", "postgres://postgres:postgres@localhost/app"),
    Quiet.REFERENCE: ("AUTHORIZATION", "Bearer ${TOKEN}"),
    Quiet.TEMPLATE: ("AUTHORIZATION", "Bearer {{ token }}"),
    Quiet.ENCRYPTED: ("API_TOKEN", token("dotenvx", "x")),
    Quiet.HASH: ("API_TOKEN", INTEGRITY),
    Quiet.PUBLIC_KEY: ("DEPLOY_KEY", ssh_public_line("plain-ed25519", "x")),
    Quiet.PUBLIC_ID: ("API_TOKEN", token("aws-key", "x")),
    Quiet.ADDRESS: ("DATABASE_URL", '"postgres://localhost/app"'),
    Quiet.PLAIN: ("API_TOKEN", "'/run/secrets/token'"),
    Quiet.NAME: ("SORT_KEY", '"created_at"'),
    Quiet.UNTOLD: ("BUILD", HEX),
}


@pytest.mark.parametrize("reason", Quiet)
def test_each_reason_for_silence_is_given(reason):
    assert tellings(*REASONS[reason]) == Silent(reason)
    assert judge(*REASONS[reason]) == Silent(reason)


# --- laws


SHREDS = st.sampled_from(
    [
        *(
            GITHUB,
            PASSWORD,
            HEX,
            KEY,
            jwt(sub="ada"),
            token("npm", "x"),
            b64("ada:" + PASSWORD),
            "ada",
            "postgres://a:",
        ),
        *(
            "@db/x",
            "Bearer ",
            "Basic ",
            "--password ",
            "--token=",
            "-p",
            "mysql ",
            "curl -u ",
            "-H '",
            "Authorization: ",
        ),
        *(
            "'",
            '"',
            " ",
            "\n",
            "=",
            ",",
            ";",
            "&",
            ":",
            "{",
            "}",
            "[",
            "]",
            '{"password": "',
            '"}',
            "\\",
            "%20",
            "é",
            "\ud800",
        ),
        *("# nosec", "$(", "${X}", "\x00", "-----BEGIN ", "-----END X-----", "aws_key", "AccountKey="),
    ]
)
VALUES = st.lists(SHREDS, max_size=12).map("".join)
NAMES = st.sampled_from(
    ["X", "", "DB_PASSWORD", "AUTHORIZATION", "ACME_AUTH", "VITE_X", "AWS_PROD_KEY", "RUN_CMD", "KEY"]
)
SECRETS = (GITHUB, HEX, KEY, token("npm", "x"))


@given(NAMES, VALUES)
def test_judging_never_raises_and_never_shows_a_secret(name, value):
    for found in (judge(name, value), tellings(name, value)):
        assert not [secret for secret in (*SECRETS, PASSWORD) if secret in repr(found) or secret in str(found)]
    for seen in secrets_in([Pair(name, value, Evidence(variable=name))], FakeHost()):
        assert isinstance(seen, CredentialSeen | Gap)
        assert not [secret for secret in SECRETS if secret in repr(seen)]


@given(NAMES, VALUES, st.sampled_from(["# nosec", "# pragma: allowlist secret", "// gitleaks:allow", "; noqa"]))
def test_adding_a_comment_never_silences(name, value, comment):
    if isinstance(tellings(name, value), tuple) and "\x00" not in value:
        assert isinstance(tellings(name, f"{value} {comment}"), tuple)


@given(st.lists(st.tuples(NAMES, VALUES), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_pairs_never_changes_what_is_found(told_pairs, random):
    def found(told_pairs):
        pairs = [Pair(name, value, Evidence(variable=name)) for name, value in told_pairs]
        seen = [each for each in secrets_in(pairs, FakeHost()) if isinstance(each, CredentialSeen)]
        return sorted((each.kind, str(each.secret and each.secret.fingerprint), str(each.evidence)) for each in seen)

    shuffled = list(told_pairs)
    random.shuffle(shuffled)
    assert found(told_pairs) == found(shuffled)


@given(st.text(max_size=60))
def test_quotes_and_logins_of_any_text_are_read(text):
    assert unwrapped(unwrapped(text)) in text
    login = login_of(text)
    assert login is None or any(login)


def test_every_family_has_a_token_that_is_told_or_is_public():
    assert all(family.public or family.kind for family in families())
    assert isinstance(judge("X", GITHUB), Told)
