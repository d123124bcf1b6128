"""The traps of a new laptop: what leads a command or a test to production unnoticed, and what only looks like it."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.aws.look import aws
from probes.dotenv import dotenv
from probes.dotenv_traps import places
from scanner.config import Config
from scanner.data.severities import weaknesses
from scanner.graph import build
from scanner.model import Asset, Environment, Evidence, Gap, GapKind, Platform, Weakness
from scanner.testing import HOMES, FakeHost, observe
from scanner.tokens import token

SHOP = "~/src/shop"
CREDENTIALS, CONFIG = "~/.aws/credentials", "~/.aws/config"
KEY, PROD_KEY = token("aws-key", "a"), token("aws-key-prod", "a")
ACCOUNT, PROD = "123456789012", "210987654321"
TRAPS = {
    "aws.production-default",
    "aws.profile-of-two-accounts",
    "dotenv.production-host",
    "dotenv.shadowed-by-production",
}


def traps(probe, host, config=None):
    seen = observe(probe, host)
    assert "CANARY" not in repr(seen)
    return [each for each in build(seen, host.machine, config or Config()).weaknesses if each.rule in TRAPS]


def rules(*told):
    return [each.rule for each in traps(*told)]


@pytest.mark.parametrize("rule", sorted({*TRAPS, "azure.production-default", "terraform.production-workspace"}))
def test_every_trap_has_a_severity(rule):
    assert rule in weaknesses()


# AWS: the profile in force


def pair(key=KEY):
    return f"aws_access_key_id = {key}\naws_secret_access_key = CANARY-CANARY-CANARY-CANARY-CANARY-CANARY\n"


def role(account, name):
    return f"role_arn = arn:aws:iam::{account}:role/{name}\nsource_profile = base\n"


def of_aws(config="", credentials="", platform=Platform.LINUX, **env):
    files = {path: text for path, text in ((CONFIG, config), (CREDENTIALS, credentials)) if text}
    return FakeHost(platform, files, env=env)


@pytest.mark.parametrize("platform", Platform)
def test_a_default_profile_whose_account_another_profile_calls_production(platform):
    host = of_aws(credentials=f"[default]\n{pair(PROD_KEY)}[prod]\n{pair(PROD_KEY)}", platform=platform)
    [trap] = traps(aws, host)
    assert trap.rule == "aws.production-default"
    assert trap.evidence == Evidence(HOMES[platform] / ".aws" / "credentials", 2, "[default] aws_access_key_id")
    assert PROD in trap.why


@pytest.mark.parametrize("variable", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"])
@pytest.mark.parametrize(
    ("platform", "command"),
    [(Platform.LINUX, "unset {}"), (Platform.MACOS, "unset {}"), (Platform.WINDOWS, "Remove-Item Env:{}")],
)
def test_a_variable_that_chooses_production(variable, platform, command):
    host = of_aws(credentials=f"[prod]\n{pair(PROD_KEY)}", platform=platform, **{variable: "prod"})
    [trap] = traps(aws, host)
    assert trap.evidence == Evidence(variable=variable)
    assert trap.fix.commands == (command.format(variable),)


@pytest.mark.parametrize(
    "text",
    [
        f"[default]\n{role(PROD, 'prod-deploy')}",
        f"[default]\nsso_start_url = https://a.example.com/start\nsso_account_id = {PROD}\nsso_role_name = ProdAdmin\n",
        f"[default]\nlogin_session = arn:aws:iam::{PROD}:user/ada\n[profile prod]\n{role(PROD, 'x')}",
        f"[default]\ncredential_process = /bin/x\naws_account_id = {PROD}\n[profile prod]\n{role(PROD, 'x')}",
    ],
)
def test_a_default_that_ends_in_production_by_role_or_sign_in(text):
    assert rules(aws, of_aws(f"{text}[profile base]\nregion = x\n")) == ["aws.production-default"]


def test_the_role_is_where_it_ends_and_not_the_key_that_assumes_it():
    own = f"role_arn = arn:aws:iam::{ACCOUNT}:role/dev\nsource_profile = default\n"
    config = f"[default]\n{own}[profile prod]\n{role(PROD, 'x')}"
    assert rules(aws, of_aws(config, f"[default]\n{pair(PROD_KEY)}")) == []


@pytest.mark.parametrize(
    "host",
    [
        of_aws(credentials=f"[default]\n{pair()}[prod]\n{pair(PROD_KEY)}"),
        of_aws(credentials=f"[prod]\n{pair(PROD_KEY)}"),
        of_aws(credentials=f"[default]\n{pair(PROD_KEY)}[dev]\n{pair()}[prod]\n{pair(PROD_KEY)}", AWS_PROFILE="dev"),
        of_aws(credentials=f"[prod]\n{pair(PROD_KEY)}", AWS_PROFILE="absent"),
        of_aws(f"[default]\n{role(ACCOUNT, 'nonprod-admin')}"),
        of_aws("[default]\nregion = eu-west-1\n"),
        of_aws("[default]\nrole_arn = prod\n"),
    ],
    ids=["other account", "no default", "dev chosen", "absent chosen", "nonprod", "nobody", "no arn"],
)
def test_what_is_no_default_of_production(host):
    assert rules(aws, host) == []


def test_files_that_variables_name_come_before_the_default_ones():
    files = {CREDENTIALS: f"[default]\n{pair(PROD_KEY)}[prod]\n{pair(PROD_KEY)}", "/srv/c": f"[default]\n{pair()}"}
    assert rules(aws, FakeHost(files=files, env={"AWS_SHARED_CREDENTIALS_FILE": "/srv/c"})) == []


def test_a_label_of_the_account_decides():
    config = Config(labels={f"aws-account:{ACCOUNT}": Environment.PRODUCTION})
    assert rules(aws, of_aws(credentials=f"[default]\n{pair()}"), config) == ["aws.production-default"]


# AWS: one name for two accounts


@pytest.mark.parametrize("platform", Platform)
def test_one_name_for_two_accounts(platform):
    config = (
        f"[profile web]\nsso_start_url = https://a.example.com/start\nsso_account_id = {PROD}\nsso_role_name = Prod\n"
    )
    [trap] = traps(aws, of_aws(config, f"[web]\n{pair()}", platform))
    assert trap.rule == "aws.profile-of-two-accounts"
    assert trap.evidence == Evidence(HOMES[platform] / ".aws" / "config", 3, "[profile web] sso_account_id")
    assert trap.fix.commands == ("aws sts get-caller-identity --profile web",)


def test_the_pattern_of_a_key_that_assumes_its_own_role_is_none():
    config = f"[profile web]\nrole_arn = arn:aws:iam::{PROD}:role/prod\nsource_profile = web\n"
    assert rules(aws, of_aws(config, f"[web]\n{pair()}")) == []


@pytest.mark.parametrize(
    ("config", "credentials"),
    [
        (f"[profile web]\n{role(PROD, 'prod')}[profile base]\nx = y\n", f"[web]\n{pair(PROD_KEY)}"),
        (f"[profile web]\n{role(ACCOUNT, 'dev')}[profile base]\nx = y\n", f"[web]\n{pair(PROD_KEY)}"),
        (f"[profile web]\n{role(PROD, 'prod')}", f"[web]\n{pair('AKIAJ' + KEY[5:])}"),
        ("[profile web]\nregion = eu-west-1\n", f"[web]\n{pair(PROD_KEY)}"),
    ],
    ids=["same account", "no production", "unknown account", "only a region"],
)
def test_one_name_that_is_no_trap(config, credentials):
    assert rules(aws, of_aws(config, credentials)) == []


# .env: a place of production


def shop(files, platform=Platform.LINUX, **more):
    return FakeHost(platform, {f"{SHOP}/{name}": text for name, text in files.items()}, workspace=SHOP, **more)


@pytest.mark.parametrize("platform", Platform)
def test_a_file_of_development_that_names_a_host_of_production(platform):
    [trap] = traps(dotenv, shop({".env": "A=1\nAPI_URL=https://api.prod.example.com/v1?t=CANARY\n"}, platform))
    assert trap.rule == "dotenv.production-host"
    assert trap.evidence == Evidence(HOMES[platform] / "src" / "shop" / ".env", 2, "API_URL")
    assert "api.prod.example.com" in trap.why
    assert trap.fix.commands == ("armslength label host:api.prod.example.com ENVIRONMENT",)


@pytest.mark.parametrize(
    "line",
    [
        "API_URL=https://api.prod.example.com",
        "DATABASE_URL=postgres://ada:CANARY@db.prod.example.com/orders",
        "DATABASE_URL=postgres://ada:CANARY@db.example.com/orders_prod",
        "DATABASE_URL=postgres://db.prod.example.com/orders",
        "DATABASE_URL=postgres://ada:changeme@db.prod.example.com/orders",
        "MONGO=mongodb://a.dev.example.com,b.prod.example.com:27017/x",
        "JDBC=jdbc:postgresql://db-prod.example.com:5432/orders",
        "JDBC=jdbc:sqlserver://db-prod.example.com:1433;database=x",
        "SQL='Server=tcp:db-prod.example.com,1433;Database=x;Password=CANARY'",
        "SQL='Server=tcp:db-prod.example.com,1433;Database=x'",
        "DSN='host=db-prod.example.com port=5432 user=ada'",
        "DB_HOST=db-prod.example.com",
        "DB_HOST=orders-prod",
        "REDIS_ENDPOINT=cache.production.example.com:6379",
        "KAFKA_BROKERS=a.prod.example.com:9092,b.prod.example.com:9092",
        "elasticHost=search.prod.example.com",
        "DATA=s3://acme-prod-data/x",
        "export API_URL='https://prod.example.com' # old",
    ],
)
def test_every_way_to_name_a_place(line):
    found = rules(dotenv, shop({".env": line}))
    assert set(found) == {"dotenv.production-host"}
    assert len(found) == (2 if "BROKERS" in line else 1)


@pytest.mark.parametrize(
    "line",
    [
        "API_URL=https://api.example.com/prod",
        "API_URL=https://api.dev.example.com",
        "API_URL=http://localhost:3000",
        "DB_HOST=127.0.0.1",
        "DB_HOST=production",
        "DB_HOST=prod",
        "API_URL=http://production:3000",
        "NODE_ENV=production",
        "STAGE=prod",
        "PACKAGE=@acme/prod-tools",
        "IMAGE=registry.example.com/prod/web:1.2",
        "SCHEMA=https://json-schema.org/draft/2020-12/schema#prod",
        "LOGIN_URL=https://login.live.com/oauth20",
        "SITE_URL=https://staging.acme.live",
        "API_URL=https://product.example.com",
        "API_URL=https://nonprod.example.com",
        "API_URL=${PROD_URL}",
        "API_URL=https://{{prod}}.example.com",
        "MAIL_ADDRESS=ops@prod.example.com",
        "NOTE=see db.prod.example.com",
        "FILE=file://prod.example.com/x",
        "FEATURES=a=prod.example.com",
        "KEY=redis://se/cret-prod@db.example.com/0",
        "URL=https://[",
        "URL=://",
    ],
)
def test_what_only_looks_like_a_place_of_production(line):
    assert rules(dotenv, shop({".env": line})) == []


@pytest.mark.parametrize(
    "name", [".env", ".env.local", ".env.development", ".env.development.local", ".envrc", ".flaskenv", ".dev.vars"]
)
def test_files_of_development(name):
    assert rules(dotenv, shop({name: "API_URL=https://prod.example.com\n"})) == ["dotenv.production-host"]


@pytest.mark.parametrize(
    "name",
    [
        *(".env.production", ".env.prod", ".env.production.local", "prod.env", ".env.staging", ".env.example"),
        *(".env.sample", ".env.local.example", "deploy/production/.env", "live/.env", ".env.previous"),
    ],
)
def test_files_of_another_stage_and_templates(name):
    assert rules(dotenv, shop({name: "API_URL=https://prod.example.com\n"})) == []


def test_a_home_folder_of_that_name_does_not_make_a_project_production():
    files = {"~/prod/shop/.env": "API_URL=https://prod.example.com\n"}
    assert rules(dotenv, FakeHost(files=files, workspace="~/prod/shop")) == ["dotenv.production-host"]


def test_one_place_is_told_once_a_file():
    text = "API_URL=https://prod.example.com/a\nWEB_URL=https://prod.example.com/b\nDB_HOST=db.prod.example.com\n"
    assert len(traps(dotenv, shop({".env": text, "api/.env": text}))) == 4


def test_places_beyond_the_limit_are_a_gap():
    text = "".join(f"A{number}_URL=https://p{number}.prod.example.com\n" for number in range(80))
    seen = observe(dotenv, shop({".env": text}))
    [gap] = [each for each in seen if isinstance(each, Gap)]
    assert (gap.kind, gap.place) == (GapKind.LIMIT, "~/src/shop/.env")
    assert len([each for each in seen if isinstance(each, Weakness)]) == 50


def test_a_label_says_what_a_name_does_not():
    host = shop({".env": "DB_HOST=db.example.com\n"})
    config = Config(labels={"host:db.example.com": Environment.PRODUCTION})
    assert rules(dotenv, host, config) == ["dotenv.production-host"]


def test_a_database_that_the_file_of_production_names_too():
    line = "DATABASE_URL=postgres://ada:CANARY@db.example.com/orders\n"
    assert rules(dotenv, shop({".env": line, ".env.production": line})) == ["dotenv.production-host"]


def test_the_same_name_in_files_of_two_stages_is_as_it_should_be():
    files = {".env": "DB_HOST=db.dev.example.com\n", ".env.production": "DB_HOST=db.prod.example.com\n"}
    assert rules(dotenv, shop(files)) == []


# .env: a name that the shell has set otherwise


@pytest.mark.parametrize(
    ("exported", "line"),
    [
        ("postgres://ada:CANARY@db.prod.example.com/x", "V_URL=postgres://ada:CANARY@localhost/x"),
        ("postgres://ada:CANARY@db.example.com/x_prod", "V_URL=postgres://ada:CANARY@db.example.com/x_dev"),
        ("https://prod.example.com", "V_URL=http://localhost:3000"),
        ("https://prod.example.com", "V_URL=http://api:3000"),
        ("https://prod.example.com", "V_URL=https://api.example.com"),
    ],
)
def test_an_exported_place_of_production_hides_that_of_the_file(exported, line):
    [trap] = traps(dotenv, shop({".env": line}, env={"V_URL": exported}))
    assert trap.rule == "dotenv.shadowed-by-production"
    assert trap.evidence == Evidence(HOMES[Platform.LINUX] / "src/shop/.env", 1, "V_URL")
    assert trap.fix.commands == ("unset V_URL",)


@pytest.mark.parametrize("name", ["NODE_ENV", "APP_ENV", "AWS_PROFILE", "TF_WORKSPACE", "STAGE"])
@pytest.mark.parametrize("platform", Platform)
def test_an_exported_stage_of_production_hides_that_of_the_file(name, platform):
    host = shop({".env": f"{name}=development\n"}, platform, env={name: "production"})
    assert rules(dotenv, host) == ["dotenv.shadowed-by-production"]


@pytest.mark.parametrize(
    ("files", "env"),
    [
        ({".env": "NODE_ENV=production"}, {"NODE_ENV": "production"}),
        ({".env": "NODE_ENV=production"}, {"NODE_ENV": "development"}),
        ({".env": "NODE_ENV=development"}, {"NODE_ENV": "test"}),
        ({".env": "NODE_ENV=development"}, {"APP_ENV": "production"}),
        ({".env": "NODE_ENV="}, {"NODE_ENV": "production"}),
        ({".env": "NODE_ENV=${STAGE}"}, {"NODE_ENV": "production"}),
        ({".envrc": "export NODE_ENV=development"}, {"NODE_ENV": "production"}),
        ({".env.production": "API_URL=http://localhost"}, {"API_URL": "https://prod.example.com"}),
        ({".env.example": "API_URL=http://localhost"}, {"API_URL": "https://prod.example.com"}),
        ({".env": "COLOUR=red"}, {"COLOUR": "production"}),
        ({".env": "API_KEY=CANARY-CANARY-one-1"}, {"API_KEY": "CANARY-CANARY-prod-2"}),
    ],
)
def test_what_hides_nothing(files, env):
    assert rules(dotenv, shop(files, env=env)) == []


# what no text breaks

SHREDS = st.sampled_from(
    [
        *("DB_HOST", "API_URL", "X", "=", "https://", "jdbc:", "postgres://", "ada", ":", "CANARY-CANARY", "@", "/"),
        *(
            "prod",
            ".",
            "example.com",
            ",",
            ";",
            "Server=",
            "[",
            "]",
            "?",
            "#",
            "\n",
            "'",
            '"',
            "é",
            "\ud800",
            " ",
            "$",
            "{",
        ),
    ]
)


@example("API_URL=https://[\n")
@example("DB_HOST=\ud800.prod.example.com\n")
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    data = text.encode("utf-8", "surrogatepass")
    host = FakeHost(
        files={f"{SHOP}/.env": data}, workspace=SHOP, env={"DB_HOST": text, "API_URL": "https://prod.example.com"}
    )
    build(observe(dotenv, host), host.machine, Config())


WHERE_SECRETS_STAND = [
    "redis://{}/x@db.prod.example.com",
    "https://{}@prod.example.com",
    "postgres://a:{}@h.prod.example.com/b",
]


@pytest.mark.parametrize("form", WHERE_SECRETS_STAND)
@given(st.text(st.sampled_from("CANARYabc123/@:#?.-%"), min_size=6, max_size=30))
def test_no_place_is_called_as_a_secret(form, secret):
    for asset in places("DATABASE_URL", form.format(secret + "CANARY/CANARY")):
        assert "canary" not in asset.name.casefold()


@pytest.mark.parametrize("piece", ["a.", "prod-", "https://a,", "host=a ", "A", ";server="])
def test_a_long_value_is_judged_at_once(piece):
    places("DB_HOST", piece * 100_000)
    places("DB_HOST", (piece * 4096)[:4096])


def test_places_are_told_as_kind_and_name():
    assert places("DB_HOST", "db.example.com:5432") == (Asset("host", "db.example.com"),)
    assert places("X", "s3://acme/x") == ()
    assert places("X", json.dumps({"url": "https://prod.example.com"})) == ()
