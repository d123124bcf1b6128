"""The terraform probe: states, workspaces, backends and tokens on three platforms, and what no text breaks."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.terraform.blocks import read
from probes.terraform.look import terraform
from scanner.config import Config
from scanner.graph import build
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Hint,
    Platform,
    Protection,
    Weakness,
)
from scanner.secrets import Pair, secrets_in
from scanner.testing import HOMES, FakeFile, FakeHost, observe
from scanner.tokens import token

SHOP = "~/src/shop"
INFRA = f"{SHOP}/infra"
CODE = {f"{INFRA}/main.tf": "resource {}\n"}
SECRET = "CANARY-CANARY-CANARY"
KEY = token("aws-key", "a")
S3 = {"type": "s3", "config": {"bucket": "acme-tfstate", "key": "network.tfstate", "access_key": None}, "hash": 1}


def state(backend):
    return json.dumps({"version": 3, "terraform_version": "1.9.5", "backend": backend})


def initialised(backend=None, workspace=None, folder=INFRA):
    files = {f"{folder}/main.tf": "x"}
    if backend is not None:
        files[f"{folder}/.terraform/terraform.tfstate"] = state(backend)
    if workspace is not None:
        files[f"{folder}/.terraform/environment"] = workspace
    return files


def made(files, platform=Platform.LINUX, **more):
    return FakeHost(platform, files, **({"workspace": SHOP} | more))


def look(files, platform=Platform.LINUX, **more):
    seen = observe(terraform, made(files, platform, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(seen, kind=None):
    return [each for each in only(seen, CredentialSeen) if kind is None or each.kind == kind]


def judged(files, platform=Platform.LINUX, config=None, **more):
    host = made(files, platform, **more)
    return [each.rule for each in build(observe(terraform, host), host.machine, config or Config()).weaknesses]


# states and backends


@pytest.mark.parametrize("platform", Platform)
def test_a_folder_is_tied_to_its_state(platform):
    [seen] = look(initialised(S3), platform)
    assert (seen.kind, seen.protection) == ("terraform.state-backend", Protection.REFERENCE)
    path = HOMES[platform] / "src" / "shop" / "infra" / ".terraform" / "terraform.tfstate"
    assert seen.evidence == Evidence(path, key="backend.type")
    [grant] = seen.grants
    assert grant.asset == Asset("terraform-state", "s3/acme-tfstate/network.tfstate")
    assert Hint("bucket", "acme-tfstate") in grant.asset.hints
    assert Hint("folder", "infra") in grant.asset.hints
    assert grant.capabilities == {Capability.DATA_READ, Capability.SECRETS_READ, Capability.INFRA_MODIFY}
    assert grant.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize(
    ("backend", "name"),
    [
        ({"type": "gcs", "config": {"bucket": "b", "prefix": "p/q"}}, "gcs/b/p/q"),
        (
            {"type": "azurerm", "config": {"storage_account_name": "a", "container_name": "c", "key": "k"}},
            "azurerm/a/c/k",
        ),
        (
            {"type": "http", "config": {"address": "https://ada:CANARY@tf.example.com/s?t=CANARY"}},
            "http/tf.example.com",
        ),
        ({"type": "pg", "config": {"conn_str": None}}, "pg/of ~/src/shop/infra"),
        ({"type": "cloud", "config": {"organization": "acme", "workspaces": {"name": "web"}}}, "cloud/acme/web"),
        ({"type": "remote", "config": {"organization": "acme", "workspaces": [{"name": "web"}]}}, "remote/acme/web"),
    ],
)
def test_a_state_is_named_by_where_it_lies(backend, name):
    [seen] = credentials(look(initialised(backend)))
    assert seen.grants[0].asset.name == name


@pytest.mark.parametrize(
    ("backend", "variables"),
    [
        (
            {"type": "s3", "config": {"access_key": KEY, "secret_key": SECRET + "2026xY"}},
            {"AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET + "2026xY"},
        ),
        (
            {"type": "azurerm", "config": {"client_secret": SECRET, "client_id": "c", "tenant_id": "t"}},
            {"AZURE_CLIENT_SECRET": SECRET, "AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t"},
        ),
        ({"type": "azurerm", "config": {"access_key": SECRET}}, {"ARM_ACCESS_KEY": SECRET}),
        ({"type": "remote", "config": {"token": SECRET}}, {"TFE_TOKEN": SECRET}),
        ({"type": "http", "config": {"password": SECRET, "username": "ada"}}, {"TF_HTTP_PASSWORD": SECRET}),
    ],
)
def test_a_key_of_the_backend_is_the_one_that_the_environment_names_and_opens_the_state(backend, variables):
    host = made(initialised(backend))
    [key] = credentials(observe(terraform, host))
    [variable] = secrets_in([Pair(name, text, Evidence(variable=name)) for name, text in variables.items()], host)
    assert key.kind == variable.kind
    assert (key.secret.fingerprint, key.public_id) == (variable.secret.fingerprint, variable.public_id)
    opened = {
        cap: grant.confidence
        for grant in key.grants
        if grant.asset.kind == "terraform-state"
        for cap in grant.capabilities
    }
    assert opened[Capability.SECRETS_READ] is Confidence.INFERRED
    assert opened[Capability.INFRA_MODIFY] is Confidence.POSSIBLE


@pytest.mark.parametrize("platform", Platform)
def test_a_state_beside_the_code_is_told_and_not_opened(platform):
    [seen] = look(CODE | {f"{INFRA}/terraform.tfstate": b"\xff\x00"}, platform)
    assert (seen.kind, seen.protection) == ("terraform.local-state", Protection.PLAINTEXT)
    assert seen.grants[0].asset.name == "local/~/src/shop/infra/terraform.tfstate"


def test_a_workspace_beside_the_code_has_a_state_of_its_own():
    files = initialised(workspace="staging") | {f"{INFRA}/terraform.tfstate.d/staging/terraform.tfstate": "{}"}
    [seen] = credentials(look(files))
    assert seen.names == ("workspace staging",)
    assert "terraform.tfstate.d/staging" in seen.grants[0].asset.name


LOCAL_STATES = [
    ({}, None, "terraform.tfstate"),
    ({}, "production", "terraform.tfstate.d/production/terraform.tfstate"),
    ({"path": "sub/x.tfstate"}, None, "sub/x.tfstate"),
    ({"path": "sub/x.tfstate", "workspace_dir": "ws"}, "production", "ws/production/terraform.tfstate"),
    ({"path": "~/x.tfstate"}, None, "~/x.tfstate"),  # terraform has no home in a path
]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(("config", "workspace", "path"), LOCAL_STATES)
def test_a_local_backend_that_is_written_out_is_a_state_in_a_file(config, workspace, path, platform):
    backend = {"type": "local", "config": {"path": None, "workspace_dir": None} | config, "hash": 1}
    files = initialised(backend, workspace) | {f"{INFRA}/{path}": "{}"}
    [seen] = credentials(look(files, platform))
    assert (seen.kind, seen.grants[0].asset.name) == ("terraform.local-state", f"local/~/src/shop/infra/{path}")
    assert seen.evidence == Evidence(HOMES[platform] / "src" / "shop" / "infra" / path)


def test_a_local_backend_may_keep_its_state_anywhere():
    backend = {"type": "local", "config": {"path": "/srv/states/x.tfstate"}}
    [seen] = credentials(look(initialised(backend) | {"/srv/states/x.tfstate": "{}"}))
    assert seen.grants[0].asset.name == "local//srv/states/x.tfstate"


def test_a_local_backend_without_a_state_tells_nothing():
    assert look(initialised({"type": "local", "config": {"path": 7}})) == []


def test_code_that_was_never_initialised_tells_nothing():
    assert look(CODE) == []
    assert look({f"{SHOP}/readme.md": "terraform"}) == []


def test_the_folder_of_the_workspace_is_read_without_code_in_it():
    [seen] = credentials(look({f"{SHOP}/.terraform/terraform.tfstate": state(S3)}))
    assert seen.kind == "terraform.state-backend"


def test_a_neighbour_is_read_too():
    files = initialised(S3, folder="~/src/net")
    [seen] = credentials(look(files, neighbours=("~/src/net",)))
    assert seen.evidence.path == HOMES[Platform.LINUX] / "src/net/.terraform/terraform.tfstate"


@pytest.mark.parametrize("named", [".tf-data", "/home/ada/src/shop/infra/.tf-data"])
def test_the_data_folder_may_have_another_name(named):
    files = CODE | {f"{INFRA}/.tf-data/terraform.tfstate": state(S3)}
    [seen] = credentials(look(files, env={"TF_DATA_DIR": named}))
    assert seen.kind == "terraform.state-backend"


# the trap


@pytest.mark.parametrize("platform", Platform)
def test_a_workspace_of_production_is_a_trap(platform):
    assert judged(initialised(S3, "prod\n"), platform) == ["terraform.production-workspace"]
    assert judged(initialised(workspace="production"), platform) == ["terraform.production-workspace"]


@pytest.mark.parametrize("workspace", ["dev", "default", "", "blue", "nonprod", "product", "x" * 500, "\x1b[31mprod"])
def test_any_other_workspace_is_none(workspace):
    assert judged(initialised(S3, workspace)) == []


def test_a_folder_of_production_in_its_first_workspace_is_no_trap():
    production = {"type": "s3", "config": {"bucket": "acme-prod", "key": "prod/x"}}
    assert judged(initialised(production, folder=f"{SHOP}/prod")) == []


def test_the_workspace_says_more_than_the_bucket_of_all_stages():
    shared = {"type": "s3", "config": {"bucket": "acme-prod-tfstate", "key": "x"}}
    assert judged(initialised(shared, "dev")) == []


def test_the_trap_says_where_and_how_to_leave_it():
    [weak] = only(look(initialised(S3, "prod", folder=f"{SHOP}/a b")), Weakness)
    assert weak.evidence == Evidence(HOMES[Platform.LINUX] / "src/shop/a b/.terraform/environment", 1)
    assert weak.fix.commands[1] == "cd ~/'src/shop/a b' && terraform workspace select NAME"


@pytest.mark.parametrize("platform", Platform)
def test_a_variable_selects_for_every_folder(platform):
    assert judged({}, platform, env={"TF_WORKSPACE": "prod"}) == ["terraform.production-workspace"]
    assert judged(initialised(S3, "prod"), platform, env={"TF_WORKSPACE": "dev"}) == []
    assert judged({}, platform, env={"TF_WORKSPACE": "default"}) == []


def test_a_label_decides_over_the_name():
    config = Config(labels={"terraform-state:s3/acme-tfstate/*": "sandbox"})
    assert judged(initialised(S3, "prod"), config=config) == []


# tokens


TOKENS = {Platform.WINDOWS: "~/AppData/Roaming/terraform.d/credentials.tfrc.json"}
SETTINGS = {Platform.WINDOWS: "~/AppData/Roaming/terraform.rc"}


@pytest.mark.parametrize("platform", Platform)
def test_a_token_of_the_credentials_file(platform):
    text = json.dumps(
        {"credentials": {"app.terraform.io": {"token": SECRET}, "tfe.example.com": {"token": SECRET + "2"}}}
    )
    first, second = look({TOKENS.get(platform, "~/.terraform.d/credentials.tfrc.json"): text}, platform)
    assert first.kind == second.kind == "terraform.token"
    assert first.grants[0].asset == Asset("terraform-organization", "app.terraform.io")
    assert second.names == ("tfe.example.com",)
    assert first.evidence.key == "credentials[0].token"


@pytest.mark.parametrize("platform", Platform)
def test_a_token_of_the_settings(platform):
    text = f'# mine\nplugin_cache_dir = "$HOME/x"\ncredentials "app.terraform.io" {{\n  token = "{SECRET}" // old\n}}\n'
    [seen] = look({SETTINGS.get(platform, "~/.terraformrc"): text}, platform)
    assert (seen.evidence.line, seen.evidence.key) == (4, "credentials.app.terraform.io.token")
    assert seen.grants[0].asset.name == "app.terraform.io"


def test_settings_that_a_variable_names_are_read():
    text = f'credentials "a.example.com" {{ token = "{SECRET}" }}'
    [seen] = look({"/srv/tf.rc": text}, env={"TF_CLI_CONFIG_FILE": "/srv/tf.rc"})
    assert seen.names == ("a.example.com",)


def test_settings_may_be_json():
    [seen] = look({"~/.tofurc": json.dumps({"credentials": {"a.example.com": {"token": SECRET}}})})
    assert seen.names == ("a.example.com",)


def test_a_variable_spells_its_host():
    [seen] = look({}, env={"TF_TOKEN_my__tfe_example_com": SECRET})
    assert seen.grants[0].asset.name == "my-tfe.example.com"
    assert seen.evidence == Evidence(variable="TF_TOKEN_my__tfe_example_com")


def test_a_helper_is_named_and_its_arguments_are_counted():
    text = f'credentials_helper "vault" {{\n  args = ["--token", "{SECRET}"]\n}}\n'
    [seen] = look({"~/.terraformrc": text})
    assert (seen.kind, seen.protection) == ("terraform.credentials-helper", Protection.REFERENCE)
    assert seen.names == ("program terraform-credentials-vault, 2 arguments",)


@pytest.mark.parametrize("value", ["", "${var.token}", "xxxxxxxx", "<token>", "changeme"])
def test_what_stands_for_a_token_is_none(value):
    assert credentials(look({"~/.terraformrc": f'credentials "a.example.com" {{ token = "{value}" }}'})) == []
    assert look({}, env={"TF_TOKEN_a_example_com": value}) == []


def test_a_name_that_is_no_host_is_not_shown():
    [seen] = look({"~/.terraformrc": f'credentials "{SECRET} x" {{ token = "CANARY-b-CANARY" }}'})
    assert seen.names == ("of an unnamed host",)


def test_a_file_with_tokens_that_others_may_read_is_a_weakness():
    text = json.dumps({"credentials": {"a.example.com": {"token": SECRET}}})
    path = "~/.terraform.d/credentials.tfrc.json"
    assert [each.rule for each in only(look({path: FakeFile(text, mode=0o644)}), Weakness)] == [
        "file.readable-by-others"
    ]
    assert only(look({path: FakeFile(json.dumps({"credentials": {}}), mode=0o640)}), Weakness) == []


# what is broken


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "nested too deeply to read"),
        ('{"backend": 7}', "is no object"),
        ('{"backend": {"type": 7}}', "is no text"),
        ('{"backend": {}, "backend": {"type": "s3", "config": {}}}', "has a key twice; the last one was taken"),
    ],
)
def test_a_broken_backend_is_a_gap_and_the_other_folder_is_told(text, why):
    files = initialised(S3, folder=f"{SHOP}/other") | CODE | {f"{INFRA}/.terraform/terraform.tfstate": text}
    seen = look(files)
    assert [gap.why for gap in only(seen, Gap)] == [why]
    assert any(each.grants[0].asset.name == "s3/acme-tfstate/network.tfstate" for each in credentials(seen))


def test_a_locked_file_is_a_gap():
    seen = look(CODE | {f"{INFRA}/.terraform/environment": None, "~/.terraformrc": None})
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.REFUSED, GapKind.REFUSED]


@pytest.mark.parametrize(
    ("text", "line"),
    [('credentials "b" {\n token = "x', 1), ("}", 1), ("a\n{{{{{{{{{{{{{{{{{{{{", 2), ('\n@ "x" {}', 2)],
)
def test_half_written_settings_are_a_gap_and_what_stands_before_is_told(text, line):
    whole = f'credentials "a.example.com" {{\n  token = "{SECRET}"\n}}\n'
    seen = look({"~/.terraformrc": whole + text})
    assert [gap.why for gap in only(seen, Gap)] == [
        f"line {3 + line} is not what terraform reads; what stands before was read"
    ]
    assert len(credentials(seen)) == 1


def test_a_wrong_type_among_the_tokens_leaves_the_others():
    text = json.dumps({"credentials": {"a": 7, "b": {"token": 7}, "c.example.com": {"token": SECRET}}})
    seen = look({"~/.terraform.d/credentials.tfrc.json": text})
    assert len(only(seen, Gap)) == 2
    assert [each.names for each in credentials(seen)] == [("c.example.com",)]


def test_too_many_folders_are_a_gap():
    files = {f"{SHOP}/m{number}/main.tf": "" for number in range(230)}
    [gap] = look(files)
    assert (gap.kind, gap.why) == (GapKind.LIMIT, "30 folders of terraform beyond the first 200 were not read")


# the reader of blocks


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('credentials "h" { token = "x" }', [("credentials", ("h",), [("token", "x")])]),
        ('credentials h { token = "a\\"b" }', [("credentials", ("h",), [("token", 'a"b')])]),
        ('a = "b"\nc { d { token = "x" } }', [("c", (), [])]),
        ('# c "h" {\n/* c { */ c {}', [("c", (), [])]),
        ('c "h" { token = env("X") }', [("c", ("h",), [])]),
        ('c "h" {\n token = \n x = "y"\n}', [("c", ("h",), [("x", "y")])]),
        ('c "h" { token = "a" \n token = "b" }', [("c", ("h",), [("token", "a"), ("token", "b")])]),
        ("", []),
    ],
)
def test_blocks(text, told):
    got = read(text)
    assert [(b.type, b.labels, [(a.name, a.text) for a in b.attributes]) for b in got.blocks] == told
    assert got.broken is None


SHREDS = st.sampled_from(
    [
        *(
            "credentials ",
            '"h"',
            "{",
            "}",
            "token",
            "=",
            '"CANARY"',
            '"',
            "\\",
            "\n",
            "#",
            "/*",
            "*/",
            "//",
            "[",
            "]",
            ",",
        ),
        *("(", ")", "<<EOF", "EOF", "é", "\ufeff", "\x00", "credentials_helper ", "args", ":", "${", "7"),
    ]
)
JSON_SHREDS = st.sampled_from(
    [
        *('{"backend":', '{"type":', '"s3"', '"config":', "{", "}", "[", "]", ",", '"bucket":', '"x"', "7", "null"),
        *('"workspaces":', '"name":', '"credentials":', '"token":', '"access_key":', "\ufeff", "NaN", '"\\ud800"'),
    ]
)


@example('credentials "h" { token = "CANARY" } {')
@given(st.lists(SHREDS, max_size=40).map("".join))
def test_no_settings_break_it(text):
    list(observe(terraform, FakeHost(files={"~/.terraformrc": text})))


@example('{"backend":{"type":"remote","config":{"workspaces":[7]}}}')
@given(st.lists(JSON_SHREDS, max_size=30).map("".join))
def test_no_json_breaks_it(text):
    files = CODE | {f"{INFRA}/.terraform/terraform.tfstate": text, "~/.terraform.d/credentials.tfrc.json": text}
    list(observe(terraform, made(files)))


@pytest.mark.parametrize("piece", ["a ", '"', "/*", "{", "(", "\\", "*", "x=", '"\\', "/* *"])
def test_a_long_text_is_read_in_linear_time(piece):
    read(piece * 200_000)


def test_settings_with_far_too_many_blocks_are_a_gap():
    text = "".join(f'credentials "h{n}.example.com" {{\n token = "CANARY-{n}"\n}}\n' for n in range(1_100))
    seen = look({"~/.terraformrc": text})
    assert len(only(seen, CredentialSeen)) == 1_000
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.LIMIT]
