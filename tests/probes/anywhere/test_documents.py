"""Readers of documents give out what stands under names of secrets, at its line, and not what is said of secrets."""

import base64
import json
from pathlib import PurePosixPath
from typing import NamedTuple

import pytest

from probes.anywhere import (
    hcl,
    ini_lines,
    json_document,
    logins,
    notebooks,
    properties,
    toml_document,
    xml_text,
    yaml_document,
)
from scanner.model import CredentialSeen, Evidence
from scanner.secrets import secrets_in, secrets_in_text
from scanner.testing import FakeHost
from scanner.tokens import fill, token

HOME = PurePosixPath("/home/ada")
READERS = {
    "yaml": yaml_document.read,
    "json": json_document.read,
    "toml": toml_document.read,
    "ini": ini_lines.read,
    "properties": properties.read,
    "xml": xml_text.read,
    "hcl": hcl.read,
    "notebook": notebooks.read,
    "netrc": logins.read_netrc,
    "pgpass": logins.read_pgpass,
}


def seen(reader: str, name: str, text: str) -> list[CredentialSeen]:
    """What the judgement makes of a reader's pairs and of what it leaves to shapes."""
    path = HOME / name
    read = READERS[reader](fill(text, "seed"), path)
    assert read.loose.count("\n") == text.count("\n")
    found = [*secrets_in(read.pairs, FakeHost()), *secrets_in_text(read.loose, Evidence(path, 1), FakeHost())]
    assert all(isinstance(each, CredentialSeen) for each in found)
    return found


B64 = base64.b64encode(b"CANARY-2026!").decode()


class Case(NamedTuple):
    """A text, and the one secret in it: {token:password}, CANARY with what makes a password of it, or a word."""

    reader: str
    name: str
    text: str
    kind: str
    line: int
    key: str | None


SECRETS = [
    Case(
        "yaml",
        "compose.yml",
        ("services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: {token:password}\n"),
        "database.password",
        4,
        "POSTGRES_PASSWORD",
    ),
    Case(
        "yaml",
        "compose.yml",
        ("services:\n  db:\n    environment:\n      - A=b\n      - POSTGRES_PASSWORD={token:password}\n"),
        "database.password",
        5,
        "POSTGRES_PASSWORD",
    ),
    Case(
        "yaml",
        "compose.yml",
        ('a:\n  command: ["redis-server", "--requirepass", "CANARY-2026!"]\n'),
        "redis.password",
        2,
        "requirepass",
    ),
    Case(
        "yaml",
        "secret.yaml",
        (f"kind: Secret\nstringData:\n  a: b\ndata:\n  password: {B64}\n"),
        "generic.password",
        5,
        "password",
    ),
    Case(
        "yaml",
        "secret.yaml",
        ("kind: Secret\nstringData:\n  password: CANARY-2026!\n"),
        "generic.password",
        3,
        "password",
    ),
    Case(
        "yaml",
        "deployment.yaml",
        ("spec:\n  containers:\n  - env:\n    - name: API_TOKEN\n      value: {token:password}\n"),
        "generic.secret",
        5,
        "API_TOKEN",
    ),
    Case(
        "yaml",
        ".gitlab-ci.yml",
        ("variables:\n  DEPLOY_TOKEN: {token:password}\n"),
        "generic.secret",
        2,
        "DEPLOY_TOKEN",
    ),
    Case(
        "yaml",
        "ci.yml",
        ("jobs:\n  a:\n    steps:\n    - run: |\n        echo hello\n        export DEPLOY_TOKEN={token:password}\n"),
        "generic.secret",
        6,
        "DEPLOY_TOKEN",
    ),
    Case(
        "yaml",
        "application.yml",
        ("spring:\n  datasource:\n    username: app\n    password: CANARY-2026!\n"),
        "database.password",
        4,
        "spring.datasource.password",
    ),
    Case(
        "yaml",
        "values.yaml",
        ("auth: &a\n  adminPassword: CANARY-2026!\n"),
        "generic.password",
        2,
        "auth.adminPassword",
    ),
    Case("yaml", "vars.yml", ("ok: 1\n---\nvault_token: {token:password}\n"), "vault.token", 3, "vault_token"),
    Case(
        "yaml",
        "configmap.yaml",
        ("data:\n  app.properties: |\n    a=b\n    db.password=CANARY-2026!\n"),
        "database.password",
        4,
        "db.password",
    ),
    Case(
        "yaml",
        "broken.yaml",
        ('a: b\n{{- if .Values.x }}\ndb_password: "CANARY-2026!"\n'),
        "database.password",
        3,
        "db_password",
    ),
    Case(
        "yaml", "database.yml", ("production:\n  password: swordfish\n"), "generic.password", 2, "production.password"
    ),
    Case(
        "json",
        "appsettings.json",
        ('{\n"ConnectionStrings": {\n"Default": "Server=db;User Id=sa;Password=CANARY-2026!;"}}'),
        "database.password",
        3,
        "ConnectionStrings.Default",
    ),
    Case(
        "json",
        "settings.json",
        ('{ // mine\n"smtp": {"password": "CANARY-2026!"},}'),
        "smtp.password",
        2,
        "smtp.password",
    ),
    Case(
        "json",
        ".mcp.json",
        ('{"mcpServers": {"x": {\n"env": {"OPENAI_API_KEY": "{token:password}"}}}}'),
        "openai.key",
        2,
        "OPENAI_API_KEY",
    ),
    Case(
        "json",
        "export.json",
        ('{"auth": {"bearer": [\n{"key": "token", "value": "{token:password}", "type": "string"}]}}'),
        "generic.secret",
        2,
        "auth.bearer.token",
    ),
    Case(
        "json",
        "export.json",
        ('[{"key": "Authorization",\n"value": "Bearer {token:password}"}]'),
        "generic.secret",
        2,
        "Authorization",
    ),
    Case(
        "json",
        "package.json",
        '{"scripts": {"x": "curl -u ada:{token:password} https://example.com"}}',
        "generic.password",
        1,
        "scripts.x",
    ),
    Case("json", "half.json", ('{"a": {\n"db_password": "CANARY-2026!", "b'), "database.password", 2, "a.db_password"),
    Case(
        "json",
        "auth.json",
        '{"http-basic": {"repo.example.com": {"username": "ada", "password": "swordfish"}}}',
        "generic.password",
        1,
        "http-basic.password",
    ),
    Case(
        "json",
        "config.json",
        '{"auths": {"registry.example.com": {"auth": "{basic:password}"}}}',
        "generic.password",
        1,
        "auth",
    ),
    Case("json", "x.json", '{"note": "see\\n{token:github-classic} for more"}', "github.classic-token", 1, None),
    Case(
        "toml",
        "config.toml",
        ('a = 1\n[smtp]\npassword = "CANARY-2026!" # mine\n'),
        "smtp.password",
        3,
        "smtp.password",
    ),
    Case(
        "toml",
        "config.toml",
        ("broken =\n[db]\nlogin = { user = \"app\", password = 'CANARY-2026!' }\n"),
        "generic.password",
        3,
        "db.login.password",
    ),
    Case("toml", "config.toml", ('x = [\ndb_password = "CANARY-2026!"\n'), "database.password", 2, "db_password"),
    Case(
        "toml",
        "config.toml",
        ('script = """\necho\nexport DEPLOY_TOKEN={token:password}\n"""\n'),
        "generic.secret",
        3,
        "DEPLOY_TOKEN",
    ),
    Case("ini", ".my.cnf", ("[client]\nuser = root\npassword = swordfish\n"), "database.password", 3, "mysql.password"),
    Case(
        "ini",
        ".npmrc",
        ("a=b\n//registry.example.com/:_authToken={token:password}\n"),
        "npm.token",
        2,
        "npm._authToken",
    ),
    Case(
        "ini",
        ".pypirc",
        ("[pypi]\nusername = ada\npassword = {token:password}\n"),
        "registry.publish-password",
        3,
        "twine.password",
    ),
    Case("ini", "redis.conf", "# requirepass CANARY-2026!\n", "redis.password", 1, "requirepass"),
    Case("ini", "app.ini", ("[mail]\npassword: CANARY-2026! ; mine\n"), "smtp.password", 2, "mail.password"),
    Case(
        "properties",
        "application.properties",
        ("a=b\nspring.datasource.password=CANARY\\u002d2026!\n"),
        "database.password",
        2,
        "spring.datasource.password",
    ),
    Case("properties", "db.properties", ("db.password \\\n  : CANARY-2026!\n"), "database.password", 1, "db.password"),
    Case(
        "xml",
        "settings.xml",
        ("<settings><server><username>ada</username>\n<password>CANARY&amp;2026</password></server></settings>"),
        "generic.password",
        2,
        "server.password",
    ),
    Case(
        "xml",
        "web.config",
        ('<appSettings>\n<add key="SmtpPassword" value="CANARY-2026!" />'),
        "smtp.password",
        2,
        "appSettings.SmtpPassword",
    ),
    Case(
        "xml",
        "web.config",
        ('<connectionStrings>\n<add name="x" connectionString="Server=db;Password=CANARY-2026!;" />'),
        "database.password",
        2,
        "connectionStrings.add.connectionString",
    ),
    Case(
        "xml",
        "strings.xml",
        ('<resources>\n<string name="api_key">{token:password}</string>'),
        "generic.secret",
        2,
        None,
    ),
    Case(
        "xml",
        "nuget.config",
        ('<a>\n<add key="ClearTextPassword" value="CANARY-2026!" />'),
        "generic.password",
        2,
        "a.ClearTextPassword",
    ),
    Case(
        "xml",
        "x.xml",
        ("<a><db_password><![CDATA[\nCANARY-2026!]]></db_password></a>"),
        "database.password",
        2,
        "a.db_password",
    ),
    Case("hcl", "prod.tfvars", ('a = 1\ndb_password = "swordfish"\n'), "database.password", 2, "db_password"),
    Case(
        "hcl",
        "main.tf",
        ('variable "db_password" {\n  default = "CANARY-2026!"\n}\n'),
        "database.password",
        2,
        "db_password",
    ),
    Case(
        "hcl",
        "main.tf",
        ('resource "a" "b" {\n  x = {\n    API_TOKEN = "{token:password}"\n  }\n}\n'),
        "generic.secret",
        3,
        "API_TOKEN",
    ),
    Case(
        "hcl",
        "main.tf",
        ('a = jsonencode([{\n  name = "API_TOKEN", value = "{token:password}" }])\n'),
        "generic.secret",
        2,
        "API_TOKEN",
    ),
    Case(
        "hcl",
        "main.tf",
        ("user_data = <<-EOT\n  echo\n  export API_TOKEN={token:password}\nEOT\n"),
        "generic.secret",
        3,
        "API_TOKEN",
    ),
    Case(
        "netrc",
        ".netrc",
        ("machine a.example.com\n  login ada\n  password swordfish\n"),
        "generic.password",
        3,
        "a.example.com.password",
    ),
    Case(
        "pgpass",
        ".pgpass",
        ("#\ndb.example.com:5432:orders:app:sword\\:fish\n"),
        "database.password",
        2,
        "db.example.com.PGPASSWORD",
    ),
    Case(
        "json",
        "terraform.tfstate",
        '{"outputs": {"db_password": {\n"value": "CANARY-2026!", "type": "string"}}}',
        "database.password",
        2,
        "outputs.db_password",
    ),
    Case(
        "xml",
        "Info.plist",
        "<dict><key>ApiToken</key>\n<string>{token:password}</string></dict>",
        "generic.secret",
        2,
        "dict.ApiToken",
    ),
]


@pytest.mark.parametrize("case", SECRETS, ids=lambda case: f"{case.reader}-{case.key}-{case.line}")
def test_a_secret_is_seen_once_at_its_place(case):
    [found] = seen(case.reader, case.name, case.text)
    assert found.kind == case.kind
    assert (found.evidence.path, found.evidence.line) == (HOME / case.name, case.line)
    assert case.key is None or found.evidence.key == case.key


LOOKALIKES = [
    ("yaml", "openapi.yaml", ("properties:\n  password: {type: string, format: password}\n  token: string\n")),
    (
        "yaml",
        "en.yml",
        ("en:\n  password: Password\n  enter_password: Enter your password\n  token: Your token, please!\n"),
    ),
    (
        "yaml",
        "ci.yml",
        (
            "env:\n"
            "  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}\n"
            "  PASSWORD: $DB_PASSWORD\n"
            "with:\n"
            "  token: ${{ github.token }}\n"
        ),
    ),
    ("yaml", "stack.yaml", ("Password: !Ref DbPassword2\nSecret: !Sub 'x-${A}-9f8e7d6c'\n")),
    (
        "yaml",
        "pod.yaml",
        ("env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db-login1, key: password2}\n"),
    ),
    ("yaml", "sealed.yaml", ("kind: SealedSecret\nspec:\n  encryptedData:\n    password: {token:aws-secret}\n")),
    ("yaml", "vault.yml", ("db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61626364\n")),
    (
        "yaml",
        "values.yaml",
        ("existingSecret: my-app-login1\nsecretName: app-tls\nimagePullSecrets: [{name: regcred}]\n"),
    ),
    ("yaml", "mkdocs.yml", ("nav:\n- Password: password.md\n- Tokens: api/tokens2.md\n")),
    ("json", "en.json", '{"password": "Password", "password.hint": "At least 8 signs", "token": "Jeton d\'accès"}'),
    ("json", "schema.json", '{"password": {"type": "string"}, "secretRef": "#/defs/Secret1", "apiKey": "string"}'),
    ("json", "theme.json", '{"token": "keyword.control", "tokenColors": [{"scope": "token1", "settings": "#ff00ff"}]}'),
    ("json", "lock.json", '{"integrity": "sha512-{token:hex}", "resolved": "https://registry.example.com/x"}'),
    ("json", "firebase.json", '{"env": {"NEXT_PUBLIC_FIREBASE_API_KEY": "{token:password}"}}'),
    (
        "json",
        "x.json",
        ('{"tokenUrl": "https://id.example.com/token", "clientId": "{token:uuid}", "keyId": "{token:aws-key}"}'),
    ),
    (
        "json",
        "local.settings.json",
        '{"Values": {"Secret": "@Microsoft.KeyVault(SecretUri=https://x.example.com/s1)"}}',
    ),
    ("toml", "pyproject.toml", ('[tool.x]\npassword = "required"\ntoken = "get-token"\nsecret-key = "{{ key }}"\n')),
    ("ini", "setup.cfg", ("[options]\ntoken = attr: package.token\npassword = %(secret)s\n")),
    ("ini", ".npmrc", ("//registry.example.com/:_authToken=${NPM_TOKEN}\nregistry=https://registry.example.com/\n")),
    (
        "properties",
        "messages.properties",
        ("password=Password\nlogin.password=Your password:\ntoken.invalid=The token is invalid\n"),
    ),
    (
        "xml",
        "settings.xml",
        "<server><password>{COQLCE6DU6GtcS5P=}</password><password>${env.PASSWORD}</password></server>",
    ),
    ("xml", "strings.xml", '<string name="prompt_password">Password</string><string name="token">Token %s</string>'),
    ("xml", "nuget.config", '<add key="Password" value="{token:aws-secret}" />'),
    (
        "hcl",
        "main.tf",
        (
            "password = var.db_password\n"
            'secret = "${random_password.x.result}"\n'
            "token = data.x.y\n"
            'secret_name = "app-db"\n'
        ),
    ),
    (
        "hcl",
        "variables.tf",
        (
            'variable "db_password" {\n'
            "  type = string\n"
            '  description = "The password of the database"\n'
            "  sensitive = true\n"
            "}\n"
        ),
    ),
    ("pgpass", ".pgpass", "host:5432:db:user\n"),
]


@pytest.mark.parametrize(("reader", "name", "text"), LOOKALIKES)
def test_what_is_said_of_secrets_is_none(reader, name, text):
    assert seen(reader, name, text) == []


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"cells": list(cells)}, indent=1)


def test_the_code_of_a_notebook_is_read_and_its_pictures_are_not():
    picture = {"output_type": "display_data", "data": {"image/png": token("github-classic", "picture")}}
    code = {"cell_type": "code", "source": ["import os\n", "API_TOKEN = '{token:password}'\n"], "outputs": [picture]}
    text = notebook(code, {"cell_type": "raw", "source": "x"})
    [found] = seen("notebook", "a.ipynb", text)
    assert found.evidence.line == 1 + fill(text, "seed").split("API_TOKEN")[0].count("\n")


def test_what_a_notebook_printed_counts_by_its_shape():
    shown = {
        "cell_type": "code",
        "source": [],
        "outputs": [{"text": ["password = 'CANARY-2026!'\n", "{token:github-classic}\n"]}],
    }
    [found] = seen("notebook", "a.ipynb", notebook(shown))
    assert found.kind == "github.classic-token"


def test_logins_of_several_hosts_stay_apart():
    text = "machine a.example.com login ada password CANARY-1!\nmachine b.example.com login eve password CANARY-2!\n"
    assert [each.identity and each.identity.login for each in seen("netrc", ".netrc", text)] == [None, None]
    rows = "a.example.com:5432:orders:ada:CANARY-1!\nb.example.com:5432:billing:eve:CANARY-2!\n"
    found = seen("pgpass", ".pgpass", rows)
    assert [each.grants[0].asset.name for each in found] == ["a.example.com/orders", "b.example.com/billing"]


def test_a_key_that_is_a_token_itself_is_not_shown():
    [found] = seen("json", "x.json", '{"{token:github-classic}": {"password": "CANARY-2026!"}}')[:1]
    assert token("github-classic", "seed") not in repr(found)
