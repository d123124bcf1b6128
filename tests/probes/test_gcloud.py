"""The Google Cloud probe: sign-ins, keys, tokens and defaults, each seen with its place and never with its value."""

import base64
import json
import sqlite3
from contextlib import closing

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.gcloud.configurations import Configuration
from probes.gcloud.documents import TYPES
from probes.gcloud.look import gcloud
from probes.gcloud.who import account, every, pool, project_of, target_of, within
from scanner.config import Config
from scanner.data.kinds import kinds
from scanner.data.severities import weaknesses
from scanner.graph import build
from scanner.model import (
    STATIC,
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Gap,
    GapKind,
    Grant,
    Hint,
    Identity,
    IdentityLink,
    LifetimeKind,
    Platform,
    Protection,
    Staged,
    Weakness,
)
from scanner.secrets import Pair, secrets_in
from scanner.testing import HOMES, FakeFile, FakeHost, observe

FOLDERS = {
    Platform.LINUX: "~/.config/gcloud",
    Platform.MACOS: "~/.config/gcloud",
    Platform.WINDOWS: "~/AppData/Roaming/gcloud",
}
G = FOLDERS[Platform.LINUX]
ADC = f"{G}/application_default_credentials.json"
ADA, BOB = "ada@example.com", "bob@example.com"
SA, TARGET, DELEGATE = (f"{name}@acme-prod.iam.gserviceaccount.com" for name in ("ci", "deploy", "relay"))
TOKEN = "CANARY-CANARY-CANARY-refresh"
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\n" + "CANARY" * 40 + "\n-----END PRIVATE KEY-----\n"
KEY_ID = "0123456789abcdef0123456789abcdef01234567"
USER = Identity("google", ADA)
ROBOT = Identity("gcp", "acme-prod", SA)
URL = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:generateAccessToken"
AUDIENCE = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/providers/forge"
CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform"


def user(**more):
    return {"type": "authorized_user", "client_id": "x", "client_secret": "CANARY", "refresh_token": TOKEN, **more}


def key(**more):
    return {
        "type": "service_account",
        "project_id": "acme-prod",
        "private_key_id": KEY_ID,
        "private_key": PRIVATE_KEY,
        "client_email": SA,
        **more,
    }


def impersonated(source, target=TARGET, **more):
    url = URL.format(target)
    return {
        "type": "impersonated_service_account",
        "source_credentials": source,
        "service_account_impersonation_url": url,
        **more,
    }


def federated(source, **more):
    return {"type": "external_account", "audience": AUDIENCE, "credential_source": source, **more}


def database(*statements):
    """A real database as SQLite writes it."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement, *values in statements:
            connection.execute(statement, values)
        connection.commit()
        return connection.serialize()


def credentials_db(**by_account):
    return database(
        ('CREATE TABLE "credentials" (account_id TEXT PRIMARY KEY, value BLOB)',),
        *(("INSERT INTO credentials VALUES (?, ?)", name, text) for name, text in by_account.items()),
    )


def tokens_db(*rows_):
    return database(
        (
            'CREATE TABLE "access_tokens" (account_id TEXT PRIMARY KEY, access_token TEXT, token_expiry TIMESTAMP, '
            "rapt_token TEXT, id_token TEXT)",
        ),
        *(("INSERT INTO access_tokens VALUES (?, ?, ?, ?, ?)", *row) for row in rows_),
    )


def look(files, platform=Platform.LINUX, **more):
    seen = observe(gcloud, FakeHost(platform, files, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(seen, kind=None):
    return [each for each in only(seen, CredentialSeen) if kind is None or each.kind == kind]


def links(seen):
    return [(each.source.name or each.source.account, each.target.name, each.how) for each in only(seen, IdentityLink)]


def files_of(platform, files):
    return {f"{FOLDERS[platform]}/{name}": content for name, content in files.items()}


# sign-ins and the databases


@pytest.mark.parametrize("platform", Platform)
def test_a_sign_in_in_the_database_is_a_refresh_token_of_its_account(platform):
    row = json.dumps(user(scopes=["openid", CLOUD_SCOPE]))
    seen = look(files_of(platform, {"credentials.db": credentials_db(**{ADA: row})}), platform)
    [token] = seen
    path = HOMES[platform].joinpath(*FOLDERS[platform].split("/")[1:], "credentials.db")
    assert token.kind == "gcp.refresh-token"
    assert token.evidence == Evidence(path, key=f"{ADA}.refresh_token")
    assert token.identity == USER
    assert token.lifetime.kind is LifetimeKind.REFRESHABLE
    assert token.protection is Protection.PLAINTEXT
    assert token.secret.fingerprint is not None
    assert token.names == (f"account {ADA}",)
    [grant] = token.grants
    assert (grant.asset, grant.capabilities) == (Asset("google-account", ADA), every())
    assert grant.confidence is Confidence.POSSIBLE
    assert token.undecided.action == f"gcloud projects list --account {ADA}"


@pytest.mark.parametrize("platform", Platform)
def test_an_access_token_ends_by_itself(platform):
    rows = (
        (ADA, "CANARY-CANARY-CANARY-access", "2026-11-21 10:30:00.123456", "CANARY-rapt", "CANARY-id"),
        (SA, "CANARY-CANARY-CANARY-robot", "2026-11-21 09:30:00", None, None),
    )
    live, ended = look(files_of(platform, {"access_tokens.db": tokens_db(*rows)}), platform)
    assert (live.kind, live.identity, live.state) == ("gcp.access-token", USER, CredentialState.UNTESTED)
    assert live.lifetime.kind is LifetimeKind.EXPIRES
    assert live.lifetime.expires_at.isoformat() == "2026-11-21T10:30:00.123456+00:00"
    assert (ended.identity, ended.state) == (ROBOT, CredentialState.EXPIRED)
    assert ended.grants[0].asset == Asset("gcp-project", "acme-prod")


def test_a_cache_of_an_old_gcloud_lacks_columns_and_is_read():
    old = database(
        ("CREATE TABLE access_tokens (account_id TEXT PRIMARY KEY, access_token TEXT, token_expiry TIMESTAMP)",),
        ("INSERT INTO access_tokens VALUES (?, 'CANARY-CANARY-CANARY', 'x')", ADA),
    )
    [token] = look({f"{G}/access_tokens.db": old})
    assert token.identity == USER


def test_an_account_of_another_universe_is_named_without_it():
    [token] = look({f"{G}/credentials.db": credentials_db(**{f"{ADA}#cloud.example.com": json.dumps(user())})})
    assert token.identity == USER


def test_a_member_of_a_workforce_has_a_token_too():
    member = "principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/ada"
    [token] = look({f"{G}/access_tokens.db": tokens_db((member, TOKEN, "2026-11-21 10:30:00", None, None))})
    assert token.identity == Identity("google", "of workforce pool staff")


def test_each_type_that_gcloud_stores_is_read():
    rows = {
        ADA: json.dumps(user()),
        SA: json.dumps(key(project_id=None)),
        DELEGATE: json.dumps({"type": "service_account_p12", "client_email": DELEGATE, "private_key": "CANARY" * 9}),
        TARGET: json.dumps({"type": "gce", "service_account_email": TARGET}),
    }
    seen = look({f"{G}/credentials.db": credentials_db(**rows)})
    found = sorted((each.kind, each.identity.name or each.identity.account) for each in credentials(seen))
    assert found == [
        ("gcp.metadata-server", TARGET),
        ("gcp.refresh-token", ADA),
        ("gcp.service-account-key", SA),
        ("gcp.service-account-key", DELEGATE),
    ]
    assert not only(seen, Gap)


@pytest.mark.parametrize("data", [b"", credentials_db(), database(("CREATE TABLE other (x)",))])
def test_an_empty_database_is_silent(data):
    assert look({f"{G}/credentials.db": data, f"{G}/access_tokens.db": data}) == []


@pytest.mark.parametrize("name", ["credentials.db", "access_tokens.db"])
def test_what_is_no_database_is_a_gap_and_the_rest_is_read(name):
    seen = look({f"{G}/{name}": b"CANARY" * 100, ADC: json.dumps(user())})
    [gap] = only(seen, Gap)
    assert (gap.kind, gap.place, gap.why) == (GapKind.FAILED, f"{G}/{name}", "is no SQLite database")
    assert credentials(seen, "gcp.refresh-token")


def test_a_database_that_is_cut_gives_the_rows_before_the_cut():
    rows = {f"user{number}@example.com": json.dumps(user(pad="x" * 900)) for number in range(60)}
    data = credentials_db(**rows)
    seen = look({f"{G}/credentials.db": data[: len(data) // 2]})
    assert 5 < len(credentials(seen)) < 60
    assert {gap.kind for gap in only(seen, Gap)} == {GapKind.FAILED}


def test_a_broken_row_is_a_gap_and_the_others_are_read():
    rows = {ADA: json.dumps(user()), BOB: '{"type": "authorized_', "x@example.com": "[]", "nobody": "{}"}
    seen = look({f"{G}/credentials.db": credentials_db(**rows)})
    assert [each.identity for each in credentials(seen)] == [USER]
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.FAILED] * 3


@pytest.mark.parametrize("name", ["credentials.db-wal", "access_tokens.db-journal"])
def test_changes_that_wait_beside_a_database_are_said(name):
    [gap] = look({f"{G}/{name}": b"x"})
    assert (gap.kind, gap.place) == (GapKind.LIMIT, f"{G}/{name}")
    assert look({f"{G}/{name}": b""}) == []


def test_a_database_in_write_ahead_mode_is_read():
    data = bytearray(credentials_db(**{ADA: json.dumps(user())}))
    data[18:20] = b"\x02\x02"
    assert credentials(look({f"{G}/credentials.db": bytes(data)}))


def test_a_locked_database_is_a_gap():
    [gap] = look({f"{G}/credentials.db": None})
    assert gap.kind is GapKind.REFUSED


# application default credentials


@pytest.mark.parametrize("platform", Platform)
def test_application_default_credentials_of_a_person_have_no_end(platform):
    text = json.dumps(user(quota_project_id="acme-prod"))
    token, within_it = look(files_of(platform, {"application_default_credentials.json": text}), platform)
    assert (token.kind, token.names) == ("gcp.refresh-token", ("application default credentials",))
    assert token.identity == Identity("google", "of the application default credentials")
    assert token.evidence.key == "refresh_token"
    assert "get-iam-policy acme-prod" in token.undecided.action
    assert isinstance(within_it, AssetSeen)
    assert within_it.asset == Asset("gcp-project", "acme-prod")
    assert within_it.within == (token.grants[0].asset,)


def test_the_same_token_in_three_places_is_one_credential_with_its_account():
    text = json.dumps(user())
    host = FakeHost(
        files={
            ADC: text,
            f"{G}/legacy_credentials/{ADA}/adc.json": text,
            f"{G}/credentials.db": credentials_db(**{ADA: text}),
        }
    )
    graph = build(observe(gcloud, host), host.machine, Config())
    [node] = graph.credentials.values()
    assert len(node.locations) == 3
    assert set(graph.identities.values()) == {USER}
    assert [each.asset for each in graph.assets.values()] == [Asset("google-account", ADA)]


def test_a_variable_names_another_file():
    named = {"~/keys/robot.json": json.dumps(key())}
    for name in ("GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE"):
        seen = look(named, env={name: "/home/ada/keys/robot.json"})
        [found] = credentials(seen)
        assert found.names == (f"named by {name}",)


def test_another_folder_is_read_beside_the_usual_one():
    files = {"/srv/gcloud/credentials.db": credentials_db(**{ADA: json.dumps(user())}), ADC: json.dumps(key())}
    seen = look(files, env={"CLOUDSDK_CONFIG": "/srv/gcloud"})
    assert {each.kind for each in credentials(seen)} == {"gcp.refresh-token", "gcp.service-account-key"}


@pytest.mark.parametrize("platform", Platform)
def test_a_service_account_s_key_is_one_credential_without_an_end(platform):
    text = json.dumps(key())
    seen = look(files_of(platform, {"application_default_credentials.json": text}), platform)
    [found], [weakness] = credentials(seen), only(seen, Weakness)
    assert (found.kind, found.public_id, found.identity) == ("gcp.service-account-key", KEY_ID, ROBOT)
    assert found.lifetime == STATIC
    assert found.grants[0].asset == Asset("gcp-project", "acme-prod")
    assert Hint("project", "acme-prod") in found.grants[0].asset.hints
    assert found.grants[0].confidence is Confidence.POSSIBLE
    assert "gcp-project:acme-prod ENVIRONMENT" in found.undecided.action
    assert weakness.rule == "gcloud.service-account-key"
    assert weakness.evidence == found.evidence
    assert f"gcloud iam service-accounts keys delete {KEY_ID} --iam-account={SA}" in weakness.fix.commands
    assert weakness.rule in weaknesses()


def test_a_key_in_a_file_and_in_a_variable_is_one_credential():
    host = FakeHost(files={ADC: json.dumps(key())})
    [in_file] = credentials(observe(gcloud, host))
    in_variable = next(iter(secrets_in([Pair("GOOGLE_CREDENTIALS", json.dumps(key()), Evidence(variable="X"))], host)))
    for name in ("kind", "public_id", "identity", "secret", "lifetime"):
        assert getattr(in_file, name) == getattr(in_variable, name), name
    assert [each.asset for each in in_file.grants] == [each.asset for each in in_variable.grants]
    assert [each.capabilities for each in in_file.grants] == [each.capabilities for each in in_variable.grants]


def test_impersonation_is_a_link_for_each_step_of_its_chain():
    delegates = [f"projects/-/serviceAccounts/{DELEGATE}"]
    seen = look({ADC: json.dumps(impersonated(user(account=ADA), delegates=delegates))})
    assert links(seen) == [(ADA, DELEGATE, "impersonates"), (DELEGATE, TARGET, "impersonates")]
    [token] = credentials(seen)
    assert token.identity == USER
    assert token.evidence.key == "source_credentials.refresh_token"
    [grant] = only(seen, Grant)
    assert (grant.identity.name, grant.asset) == (TARGET, Asset("gcp-project", "acme-prod"))
    assert grant.confidence is Confidence.POSSIBLE


def test_impersonation_within_impersonation_is_followed():
    seen = look({ADC: json.dumps(impersonated(impersonated(key(), DELEGATE)))})
    assert set(links(seen)) == {(SA, DELEGATE, "impersonates"), (DELEGATE, TARGET, "impersonates")}


def test_impersonation_nested_too_deeply_is_a_gap():
    document = user(account=ADA)
    for _ in range(20):
        document = impersonated(document)
    seen = look({ADC: json.dumps(document)})
    assert GapKind.LIMIT in {gap.kind for gap in only(seen, Gap)}


@pytest.mark.parametrize("delegates", [[TARGET], [DELEGATE, DELEGATE], [DELEGATE, TARGET, DELEGATE]])
def test_a_circle_of_impersonation_is_a_gap_and_the_token_is_still_reported(delegates):
    seen = look({ADC: json.dumps(impersonated(user(account=ADA), delegates=delegates))})
    [gap] = only(seen, Gap)
    assert "goes in a circle" in gap.why
    assert credentials(seen, "gcp.refresh-token")


def test_a_delegation_that_is_too_long_is_a_gap():
    many = [f"r{number}@acme-prod.iam.gserviceaccount.com" for number in range(9)]
    [gap] = only(look({ADC: json.dumps(impersonated(user(), delegates=many))}), Gap)
    assert gap.kind is GapKind.LIMIT


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(
    ("source", "told"),
    [
        ({"executable": {"command": "/opt/CANARY/get-token --secret CANARY"}}, "program get-token, 2 arguments"),
        ({"executable": {"command": "A=x/CANARY run"}}, "program that cannot be named, 1 argument"),
        ({"url": "https://u:CANARY@id.example.com/x?k=CANARY", "headers": {"a": "CANARY"}}, "served by id.example.com"),
        ({"environment_id": "aws1", "url": "http://169.254.169.254/x"}, "made of the AWS keys of these surroundings"),
        ({"certificate": {"use_default_certificate_config": True}}, "a certificate of this machine"),
        ({"file": "~/token"}, "a token that lies in a file"),
    ],
)
def test_a_source_elsewhere_is_told_and_never_asked(platform, source, told):
    text = json.dumps(federated(source, service_account_impersonation_url=URL.format(TARGET)))
    seen = look(files_of(platform, {"application_default_credentials.json": text}), platform)
    [reference] = credentials(seen)
    assert (reference.kind, reference.secret, reference.protection) == (
        "gcp.external-account",
        None,
        Protection.REFERENCE,
    )
    assert reference.names[-1] == told
    assert reference.identity == Identity("gcp-pool", "123456789012", "ci")
    assert reference.grants == ()
    assert links(seen) == [("ci", TARGET, "impersonates")]


def test_a_pool_without_a_service_account_acts_by_itself():
    [reference] = look({ADC: json.dumps(federated({"url": "https://id.example.com"}))})
    assert reference.grants[0].asset == Asset("gcp-project", "123456789012")


@pytest.mark.parametrize("form", [None, {"type": "json", "subject_token_field_name": "t"}])
def test_the_token_that_a_federation_reads_from_a_file_is_a_credential(form):
    body = base64.urlsafe_b64encode(json.dumps({"sub": "job", "exp": 1_700_000_000}).encode()).decode().rstrip("=")
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    token = f"{head}.{body}.CANARY"
    text = token if form is None else json.dumps({"t": token})
    source = {"file": "~/token"} if form is None else {"file": "~/token", "format": form}
    seen = look({ADC: json.dumps(federated(source)), "~/token": text})
    [found] = credentials(seen, "gcp.subject-token")
    assert found.evidence == Evidence(HOMES[Platform.LINUX] / "token")
    assert found.state is CredentialState.EXPIRED
    assert found.names == ("of job",)
    assert token not in repr(seen)


def test_a_member_of_a_workforce_is_a_person():
    audience = "//iam.googleapis.com/locations/global/workforcePools/staff/providers/sso"
    document = {"type": "external_account_authorized_user", "audience": audience, "refresh_token": TOKEN}
    [token] = look({ADC: json.dumps(document)})
    assert token.identity == Identity("google", "of workforce pool staff")
    assert token.kind == "gcp.refresh-token"


def test_a_key_of_distributed_cloud_is_of_its_own_kind():
    document = {
        "type": "gdch_service_account",
        "project": "acme-prod",
        "name": "robot",
        "private_key_id": KEY_ID,
        "private_key": PRIVATE_KEY,
    }
    [found] = look({ADC: json.dumps(document)})
    assert (found.kind, found.identity) == ("gcp.gdch-key", Identity("gdch", "acme-prod", "robot"))
    assert found.grants[0].asset == Asset("gdch-project", "acme-prod")


@pytest.mark.parametrize(
    "document",
    [
        user(refresh_token="<your-refresh-token>"),
        user(refresh_token="REPLACE_ME"),
        key(private_key="-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----\n"),
        key(private_key="-----BEGIN PRIVATE KEY-----\n" + "<YOUR PRIVATE KEY>" * 9 + "\n-----END PRIVATE KEY-----\n"),
        key(private_key="your key"),
    ],
)
def test_a_text_in_the_place_of_a_secret_is_silent(document):
    assert look({ADC: json.dumps(document)}) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[]", "is no JSON object"),
        ("{}", "is of no type that Google's libraries know"),
        ('{"type": 7}', "is of no type that Google's libraries know"),
        ('{"type": "authorized_user"}', "holds no refresh_token"),
        ('{"type": "authorized_user", "refresh_token": ["CANARY"]}', "holds no refresh_token"),
        ('{"type": "service_account", "client_email": "ci@x.iam.gserviceaccount.com"}', "without a private_key"),
        (json.dumps(key(client_email=None)), "without a client_email"),
        ('{"type": "external_account"}', "names no pool"),
        ('{"type": "impersonated_service_account"}', "has no source_credentials"),
        (json.dumps(impersonated(user(), "x")), "names no service account"),
        (json.dumps(federated(None)), "is missing, or is no object"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_broken_document_is_a_gap(text, why):
    [gap] = only(look({ADC: text}), Gap)
    assert why in gap.why
    assert gap.place == ADC


def test_a_name_that_stands_twice_is_a_gap_and_both_values_are_hidden():
    host = FakeHost(files={ADC: '{"type": "authorized_user", "refresh_token": "CANARY-one-two", "refresh_token": "b"}'})
    seen = observe(gcloud, host)
    assert "stands twice" in only(seen, Gap)[0].why
    assert host.vault.mask_text("CANARY-one-two") == "[masked]"


# configurations and defaults


def config(project="", account_="", **more):
    lines = ["[core]", *([f"project = {project}"] if project else []), *([f"account = {account_}"] if account_ else [])]
    for name, value in more.items():
        section, _, option = name.partition("__")
        lines += [f"[{section}]", f"{option} = {value}"]
    return "\n".join(lines) + "\n"


def traps(seen):
    return [each for each in only(seen, Weakness) if each.rule == "gcloud.production-default"]


@pytest.mark.parametrize("platform", Platform)
def test_the_active_configuration_s_project_is_a_trap_where_it_is_production(platform):
    files = {
        "active_config": "work",
        "configurations/config_work": config("acme-prod", ADA),
        "configurations/config_play": config("acme-staging", ADA),
    }
    seen = look(files_of(platform, files), platform)
    [trap] = traps(seen)
    path = HOMES[platform].joinpath(*FOLDERS[platform].split("/")[1:], "configurations", "config_work")
    assert trap.evidence == Evidence(path, 2, "[core] project")
    assert trap.when == (Staged(Asset("gcp-project", "acme-prod"), frozenset({Environment.PRODUCTION})),)
    assert trap.fix.commands == ("gcloud config configurations activate play",)
    assert trap.rule in weaknesses()
    assert {each.asset.name for each in only(seen, AssetSeen)} == {"acme-prod", "acme-staging"}


def test_a_trap_stands_only_where_the_project_is_judged_production():
    for project, count in (("acme-prod", 1), ("acme-dev", 0), ("acme", 0)):
        host = FakeHost(files={f"{G}/configurations/config_default": config(project)})
        graph = build(observe(gcloud, host), host.machine, Config())
        assert len(graph.weaknesses) == count, project


def test_without_a_calm_configuration_one_is_to_be_made_under_a_free_name():
    files = {
        f"{G}/configurations/config_default": config("acme-prod"),
        f"{G}/configurations/config_staging": config("acme-live"),
    }
    [trap] = traps(look(files))
    assert trap.fix.commands[0] == "gcloud config configurations create staging-2"


@pytest.mark.parametrize(("platform", "start"), [(Platform.LINUX, "unset "), (Platform.WINDOWS, "Remove-Item Env:")])
def test_a_variable_overrides_the_configuration(platform, start):
    files = files_of(platform, {"configurations/config_default": config("acme-dev")})
    [trap] = traps(look(files, platform, env={"CLOUDSDK_CORE_PROJECT": "acme-prod"}))
    assert trap.evidence == Evidence(variable="CLOUDSDK_CORE_PROJECT")
    assert trap.fix.commands == (start + "CLOUDSDK_CORE_PROJECT",)


@pytest.mark.parametrize("name", ["GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT"])
def test_the_libraries_have_a_default_of_their_own(name):
    [trap] = look({}, env={name: "acme-prod"})
    assert trap.evidence == Evidence(variable=name)
    assert "Google's libraries" in trap.why


def test_a_variable_chooses_the_configuration():
    files = {
        f"{G}/active_config": "one",
        f"{G}/configurations/config_one": config("acme-one"),
        f"{G}/configurations/config_two": config("acme-two"),
    }
    for chosen, project in ((None, "acme-one"), ("two", "acme-two")):
        env = {"CLOUDSDK_ACTIVE_CONFIG_NAME": chosen} if chosen else {}
        [trap] = traps(look(files, env=env))
        assert trap.when[0].asset.name == project
    assert traps(look(files, env={"CLOUDSDK_ACTIVE_CONFIG_NAME": "NONE"})) == []


def test_only_the_folder_that_gcloud_takes_has_a_default():
    files = {
        f"{G}/configurations/config_default": config("acme-prod", ADA),
        "/srv/gcloud/configurations/config_default": config("acme-dev", ADA),
    }
    seen = look(files, env={"CLOUDSDK_CONFIG": "/srv/gcloud"})
    assert [trap.when[0].asset.name for trap in traps(seen)] == ["acme-dev"]
    assert {each.asset.name for each in only(seen, AssetSeen)} == {"acme-prod", "acme-dev"}


def test_the_old_properties_count_until_gcloud_has_moved_them():
    old = config("acme-prod")
    superseded = "# This properties file has been superseded by named configurations.\n" + old
    assert traps(look({f"{G}/properties": old}))
    assert look({f"{G}/properties": superseded}) == []
    assert traps(look({f"{G}/properties": old, f"{G}/configurations/config_default": config()})) == []


def test_an_account_reaches_the_projects_of_its_configurations():
    host = FakeHost(
        files={
            f"{G}/configurations/config_default": config("acme-prod", ADA, billing__quota_project="acme-billing"),
            f"{G}/credentials.db": credentials_db(**{ADA: json.dumps(user())}),
        }
    )
    seen = observe(gcloud, host)
    [token] = credentials(seen)
    assert token.names == (f"account {ADA}", "current account")
    graph = build(seen, host.machine, Config())
    [node] = graph.credentials.values()
    reached = {graph.assets[right.target].asset.name for right in graph.rights[node.id]}
    assert reached == {ADA, "acme-prod", "acme-billing"}


def test_a_configuration_impersonates_along_its_list():
    text = config("acme-dev", ADA, auth__impersonate_service_account=f"{DELEGATE}, {TARGET}")
    seen = look({f"{G}/configurations/config_default": text})
    assert links(seen) == [(ADA, DELEGATE, "impersonates"), (DELEGATE, TARGET, "impersonates")]
    assert only(seen, IdentityLink)[0].evidence.line == 5
    assert {(each.identity.name, each.asset.name) for each in only(seen, Grant)} == {
        (TARGET, "acme-prod"),
        (TARGET, "acme-dev"),
    }


def test_a_variable_makes_the_active_account_impersonate():
    env = {"CLOUDSDK_CORE_ACCOUNT": BOB, "CLOUDSDK_AUTH_IMPERSONATE_SERVICE_ACCOUNT": TARGET}
    seen = look({f"{G}/configurations/config_default": config("acme-dev", ADA)}, env=env)
    assert links(seen) == [(BOB, TARGET, "impersonates")]


def test_impersonating_oneself_is_a_gap():
    text = config("acme-dev", SA, auth__impersonate_service_account=SA)
    seen = look({f"{G}/configurations/config_default": text})
    assert "circle" in only(seen, Gap)[0].why
    assert links(seen) == []


def test_files_that_a_configuration_names_are_read():
    text = config(
        "acme-dev", auth__access_token_file="/run/CANARY-token", auth__credential_file_override="~/override.json"
    )
    files = {
        f"{G}/configurations/config_default": text,
        "/run/CANARY-token": "CANARY-CANARY-CANARY\n",
        "~/override.json": json.dumps(user(account=ADA)),
    }
    seen = observe(gcloud, FakeHost(files=files))
    assert sorted(each.kind for each in credentials(seen)) == ["gcp.access-token", "gcp.refresh-token"]


def test_a_variable_names_a_file_with_a_token():
    env = {"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": "/run/token"}
    [token] = look({"/run/token": "CANARY-CANARY-CANARY"}, env=env)
    assert (token.kind, token.lifetime.kind) == ("gcp.access-token", LifetimeKind.EXPIRES)
    assert look({"/run/token": "\n"}, env=env) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[core]\nproject\n", "neither section nor setting"),
        ("[core]\nproject = Not A Project!\n", "is no id of a project"),
        ("[core]\nproject = acme-a\nproject = acme-b\n", "a second time"),
    ],
)
def test_a_broken_configuration_is_a_gap(text, why):
    [gap] = only(look({f"{G}/configurations/config_default": text}), Gap)
    assert why in gap.why


def test_a_configuration_with_an_odd_name_is_a_gap():
    [gap] = look({f"{G}/configurations/config_Odd Name": config("acme-prod")})
    assert gap.kind is GapKind.FAILED


# machines of Google's


def test_a_metadata_server_is_told_and_never_asked():
    [by_variable] = look({}, env={"GCE_METADATA_HOST": "127.0.0.1:8080"})
    [by_cache] = look({f"{G}/gce": "True"})
    for seen in (by_variable, by_cache):
        assert (seen.kind, seen.secret, seen.protection) == ("gcp.metadata-server", None, Protection.REFERENCE)
    assert look({f"{G}/gce": "False"}) == []


# beside code


KEY_NAMES = [
    "service-account.json",
    "my-service-account-prod.json",
    "serviceAccountKey.json",
    "acme-firebase-adminsdk-x.json",
    "prod-credentials.json",
    "credentials.json",
    "gcp-key.json",
    "gcloud.json",
    "gcloud-ci.json",
    "key.json",
    "sa.json",
    "sa-key.json",
    "acme-sa.json",
    "acme-prod-0123456789ab.json",
]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_key_beside_code_is_found_by_its_name_and_told_by_what_it_holds(platform, name):
    seen = look({f"~/shop/deploy/{name}": json.dumps(key())}, platform, workspace="~/shop")
    [found] = credentials(seen)
    assert (found.kind, found.public_id) == ("gcp.service-account-key", KEY_ID)
    assert Hint("folder", "deploy") in found.grants[0].asset.hints


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1]",
        '{"type": "module"}',
        '{"name": "shop", "type": "commonjs", "private": true}',
        '{"installed": {"client_id": "x", "client_secret": "CANARY-CANARY", "project_id": "acme-prod"}}',
        json.dumps(federated({"url": "https://id.example.com"})),
        json.dumps(user(refresh_token="xxxxxxxxxxxxxxxx")),
        json.dumps(key(private_key="${PRIVATE_KEY}")),
    ],
)
@pytest.mark.parametrize("name", KEY_NAMES)
def test_a_lookalike_beside_code_is_silent(name, text):
    assert look({f"~/shop/{name}": text}, workspace="~/shop") == []


def test_what_is_far_too_large_for_a_key_is_not_read():
    for size in (100_000, 2_000_000):
        assert look({"~/shop/credentials.json": json.dumps(key(pad="x" * size))}, workspace="~/shop") == []


def test_more_files_named_like_keys_than_are_read_is_a_gap():
    files = {f"~/shop/{number}/credentials.json": "{}" for number in range(401)}
    [gap] = look(files, workspace="~/shop")
    assert gap.kind is GapKind.LIMIT


def test_half_a_key_beside_code_is_a_gap():
    [gap] = look({"~/shop/service-account.json": json.dumps(key())[:-20]}, workspace="~/shop")
    assert (gap.kind, gap.why) == (GapKind.FAILED, "is no JSON")


def test_the_client_secret_of_a_server_is_a_credential():
    web = {"client_id": "x", "client_secret": "CANARY-CANARY-CANARY", "project_id": "acme-prod"}
    [found] = look({"~/shop/credentials.json": json.dumps({"web": web})}, workspace="~/shop")
    assert (found.kind, found.evidence.key) == ("google.client-secret", "web.client_secret")


@pytest.mark.parametrize(("mode", "loose"), [(0o644, True), (0o600, False), (None, False)])
def test_a_file_that_others_may_read_is_a_weakness_once(mode, loose):
    files = {
        ADC: FakeFile(json.dumps(user()), mode=mode),
        f"{G}/credentials.db": FakeFile(credentials_db(**{ADA: json.dumps(user())}), mode=mode),
    }
    found = [each for each in only(look(files), Weakness) if each.rule == "file.readable-by-others"]
    assert len(found) == 2 * loose
    if loose:
        assert found[-1].fix.commands == (f"chmod 600 {ADC}",)


# names


@pytest.mark.parametrize(
    ("email", "project"),
    [
        (SA, "acme-prod"),
        ("x@acme.example.com.iam.gserviceaccount.com", "example.com:acme"),
        ("acme-prod@appspot.gserviceaccount.com", "acme-prod"),
        ("123456789012-compute@developer.gserviceaccount.com", "123456789012"),
        ("service-123456789012@compute-system.gserviceaccount.com", "123456789012"),
        (ADA, ""),
    ],
)
def test_a_service_account_s_address_names_its_project(email, project):
    assert project_of(email) == project


@pytest.mark.parametrize(("text", "provider"), [(ADA, "google"), (SA, "gcp"), ("CANARY", None), ("", None)])
def test_an_address_tells_person_from_service_account(text, provider):
    who = account(text)
    assert (who.identity.provider if who else None) == provider


@pytest.mark.parametrize("text", ["", "x", "//iam.googleapis.com/", AUDIENCE + "/more"])
def test_what_is_no_audience_names_no_pool(text):
    assert pool(text) is None
    assert target_of(text) == ""


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ((), every()),
        ((CLOUD_SCOPE,), every()),
        (("openid", "email"), frozenset()),
        ((CLOUD_SCOPE + ".read-only",), {Capability.DISCOVER, Capability.DATA_READ, Capability.SECRETS_READ}),
        ((CLOUD_SCOPE + ".read-only", CLOUD_SCOPE), every()),
    ],
)
def test_scopes_take_away_what_they_do_not_let_through(scopes, expected):
    assert within(scopes) == expected


def test_every_kind_is_in_the_data_and_a_project_s_classes_agree():
    known = kinds()
    for kind in ("refresh-token", "access-token", "service-account-key", "external-account", "metadata-server"):
        [implied] = known[f"gcp.{kind}"].grants
        assert (implied.capabilities, implied.confidence) == (every(), Confidence.POSSIBLE)


# hostile files

SHREDS = st.sampled_from(
    [
        *("[core]\n", "[auth]\n", "[", "]", "\n", "=", "project = acme-prod\n", f"account = {ADA}\n", "é", "\0", "%("),
        *(
            f"impersonate_service_account = {SA}\n",
            ",",
            SA,
            "access_token_file = /x\n",
            "credential_file_override = ~\n",
        ),
    ]
)
FIELDS = [
    *("type", "client_email", "private_key", "private_key_id", "refresh_token", "audience", "credential_source"),
    *("source_credentials", "service_account_impersonation_url", "delegates", "project_id", "quota_project_id"),
    *("executable", "command", "file", "url", "format", "web", "installed", "client_secret", "scopes", "account"),
]
JSON_TEXTS = st.recursive(
    st.sampled_from(
        [None, True, 7, 1e400, "", "CANARY", "\ud800", PRIVATE_KEY, SA, ADA, URL.format(SA), AUDIENCE, *sorted(TYPES)]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=12,
)


@given(st.lists(SHREDS, max_size=20).map("".join))
@example("[core]\nproject = acme-prod\n[core]\nproject = acme-prod")
def test_no_configuration_breaks_it(text):
    files = {f"{G}/configurations/config_default": text, f"{G}/properties": text, f"{G}/active_config": text}
    observe(gcloud, FakeHost(files=files))


@given(st.dictionaries(st.sampled_from(FIELDS), JSON_TEXTS, max_size=10), st.sampled_from(sorted(TYPES)), st.booleans())
def test_values_of_the_wrong_type_break_nothing(told, kind, typed):
    text = json.dumps({**told, "type": kind} if typed else told)
    files = {
        ADC: text,
        "~/shop/credentials.json": text,
        f"{G}/credentials.db": credentials_db(**{ADA: text.encode("utf-8", "replace")}),
    }
    assert "CANARY" not in repr(observe(gcloud, FakeHost(files=files, workspace="~/shop")))


WHOLE = credentials_db(**{ADA: json.dumps(user()), SA: json.dumps(key())})


@given(
    st.integers(0, len(WHOLE)),
    st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=30),
)
@example(len(WHOLE), [(16, 0), (17, 0)])
def test_no_bytes_break_it(end, changes):
    data = bytearray(WHOLE)
    for at, byte in changes:
        data[at] = byte
    observe(gcloud, FakeHost(files={f"{G}/credentials.db": bytes(data[:end])}))


def test_an_empty_machine_has_nothing_to_tell():
    assert look({}) == []


def test_a_configuration_s_name_tells_of_its_project_unless_it_is_the_first():
    folder = HOMES[Platform.LINUX]
    assert Configuration("prod", folder, True, ()).hints == (Hint("profile", "prod"),)
    assert Configuration("default", folder, True, ()).hints == ()
