# ruff: noqa: E501  (templates keep the lines of the files that they make)
"""What lies in projects beside settings: notebooks, state of infrastructure, git's own files, sources, lock files, assets."""

import json

from .paper import Sheet


def notebook(cells: list[tuple[str, str]]) -> str:
    """Cells of code with an output each, as Jupyter keeps them: a line of text a string."""
    made = []
    for number, (source, output) in enumerate(cells, start=1):
        outputs = (
            [{"name": "stdout", "output_type": "stream", "text": output.splitlines(keepends=True)}] if output else []
        )
        made.append(
            {
                "cell_type": "code",
                "execution_count": number,
                "metadata": {},
                "outputs": outputs,
                "source": source.splitlines(keepends=True),
            }
        )
    made.append(
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": ["# Reads the orders\n", "The password comes from the vault."],
        }
    )
    return json.dumps(
        {"cells": made, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5},
        indent=1,
        ensure_ascii=False,
    )


NOTEBOOKS = (
    ("code/ml-notebooks/train.ipynb", [
        ("import os\nos.environ['WANDB_API_KEY'] = '«wandb-key»'\nos.environ[\"HF_TOKEN\"] = \"«huggingface-token»\"\n", ""),
        ("!pip install --extra-index-url https://ada:«basic-auth-password»@pypi.acme.example.com/simple kit", "Looking in indexes\nInstalled kit-1.0 sha256:«-sha256»\n"),
        ("from openai import OpenAI\nclient = OpenAI(api_key='«openai-project»')\n", ""),
        ("print(os.environ)", "environ({'HOME': '/home/ada', 'REPLICATE_API_TOKEN': '«replicate-token»'})\n"),
        ("token_count = 4096\nmax_tokens = 256\npad_token = '«=const:<|endoftext:>»'\n", ""),
    ]),
    ("code/ml-notebooks/explore/orders.ipynb", [
        ("import psycopg\ncon = psycopg.connect('postgresql://ada:«plain-password»@db.example.com/shop')\n", ""),
        ("import snowflake.connector\ncur = snowflake.connector.connect(user='ada', password='«snowflake-password»', account='acme')\n", ""),
        ("import boto3\ns3 = boto3.client('s3', aws_access_key_id='«&aws-access-key-id»', aws_secret_access_key='«aws-secret-access-key»')\n", "<botocore.client.S3>\n"),
        ("df.head()", "   id  etag\n0  «-uuid»  «-md5»\n1  «-uuid»  «-md5»\n"),
    ]),
    ("code/ml-notebooks/rag.ipynb", [
        ("pc = Pinecone(api_key=\"«pinecone-key»\")\nco = cohere.Client('«cohere-key»')\n", ""),
        ("%env ANTHROPIC_API_KEY=«anthropic-key»", "env: ANTHROPIC_API_KEY=«=ref:hidden»\n"),
        ("from getpass import getpass\nkey = «=code:getpass('key')»\n", ""),
        ("plot()", "«-image»\n"),
    ]),
    ("work/globex/etl/notebooks/load.ipynb", [
        ("dbutils.secrets.get('«=id:shop»', '«=id:db-password»')\nspark.conf.set('fs.azure.account.key.acme.example.net', '«azure-storage-key»')\n", ""),
        ("headers = {'Authorization': 'Bearer «databricks-token»'}\nrequests.get(url, headers=headers).json()", "{'token': '«jwt»', 'id': '«-uuid»'}\n"),
    ]),
)  # fmt: skip

STATE = """{
  "version": 4,
  "terraform_version": "1.9.2",
  "lineage": "«-uuid»",
  "outputs": {
    "db_password": {"value": "«db-password»", "type": "string", "sensitive": true},
    "bucket": {"value": "acme-uploads", "type": "string"}
  },
  "resources": [
    {
      "type": "aws_iam_access_key",
      "instances": [{"attributes": {"id": "«&aws-access-key-id»", "secret": "«aws-secret-access-key»", "ses_smtp_password_v4": "«signing-secret»"}}]
    },
    {
      "type": "random_password",
      "instances": [{"attributes": {"bcrypt_hash": "«-bcrypt»", "length": 24, "result": "«plain-password»"}}]
    },
    {
      "type": "tls_private_key",
      "instances": [{"attributes": {"private_key_pem": "«rsa-private-key»\\n", "public_key_openssh": "ssh-ed25519 «-ssh-public»", "public_key_fingerprint_sha256": "«-fingerprint»"}}]
    },
    {
      "type": "aws_kms_key",
      "instances": [{"attributes": {"arn": "«-arn»", "key_id": "«-uuid»"}, "private": "«=id:eyJzY2hlbWFfdmVyc2lvbiI6IjEifQ==»"}]
    }
  ]
}
"""
BACKEND = '{"version": 3, "backend": {"type": "s3", "hash": 2131, "config": {"access_key": "«&aws-access-key-id»", "secret_key": "«aws-secret-access-key»", "bucket": "acme-state"}}}\n'
AZURE_STATE = '{"version": 4, "serial": 9, "outputs": {}, "resources": [{"type": "azuread_application_password", "instances": [{"attributes": {"key_id": "«-uuid»", "value": "«azure-client-secret»"}}]}, {"type": "azurerm_storage_account", "instances": [{"attributes": {"primary_access_key": "«azure-storage-key»", "primary_connection_string": "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=«azure-storage-key»;EndpointSuffix=core.example.net"}}]}]}\n'
INFRA = (
    ("code/platform-infra/terraform.tfstate", "tfstate", STATE),
    ("work/globex/terraform/prod/terraform.tfstate.backup", "tfstate", STATE),
    ("work/globex/terraform/prod/.terraform/terraform.tfstate", "tfstate", BACKEND),
    ("work/globex/terraform/azure/terraform.tfstate", "tfstate", AZURE_STATE),
    ("work/globex/terraform/.terraform.lock.hcl", "lockfile", 'provider "registry.example.com/hashicorp/aws" {\n  version = "5.60.0"\n  hashes = [\n    "«-go-sum»",\n    "«-go-sum»",\n    "zh:«-sha256»",\n    "zh:«-sha256»",\n    "zh:«-sha256»",\n  ]\n}\n'),
    ("work/globex/terraform/Pulumi.prod.yaml", "yaml", "encryptionsalt: «=id:v1:5qk2b9J3XyQ=:v1:Zb4Cw0xq:9yH1uM8sT2bq»\nconfig:\n  aws:region: eu-west-1\n  shop:dbPassword:\n    secure: «=id:AAABAKyQy0b9c1Vb2x7mQz4Xq0sYh1u8»\n  shop:apiToken: «api-token»\n"),
    ("work/acme/deployments/sops/prod.enc.yaml", "encrypted", "db:\n    password: «-sops»\n    user: «-sops»\napi_key: «-sops»\nsops:\n    age:\n        - recipient: «=id:age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj»\n    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: «-sops»\n"),
    ("work/acme/deployments/k8s/sealed.yaml", "encrypted", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData:\n    password: «-sealed»\n    token: «-sealed»\n"),
    ("work/acme/deployments/k8s/external.yaml", "kubernetes", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef:\n    name: vault\n  data:\n    - secretKey: «=const:db-password»\n      remoteRef:\n        key: «=path:shop/prod»\n        property: «=const:password»\n---\nenv:\n  - name: DB_PASSWORD\n    valueFrom:\n      secretKeyRef:\n        name: «=id:shop-db»\n        key: «=const:password»\n"),
    ("work/acme/deployments/k8s/registry.yaml", "kubernetes", "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/dockerconfigjson\nmetadata:\n  name: pull\n  uid: «-uuid»\nstringData:\n  .dockerconfigjson: '{\"auths\":{\"registry.example.com\":{\"username\":\"ci\",\"password\":\"«docker-token»\"}}}'\n"),
    ("work/acme/deployments/k8s/tls.yaml", "kubernetes", "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\ndata:\n  tls.crt: «-certificate|b64»\n  tls.key: «ec-private-key|b64»\n"),
    ("work/acme/deployments/argo/app.yaml", "yaml", "spec:\n  source:\n    repoURL: https://bot:«github-server»@github.com/acme/deploy.git\n    targetRevision: «-commit»\n    helm:\n      parameters:\n        - name: auth.password\n          value: «password»\n"),
    (".travis.yml", "ci", "language: node_js\nenv:\n  global:\n    - secure: \"«-travis-secure»\"\n    - DEPLOY_KEY=«api-token»\n"),
    ("code/cli-tools/.travis.yml", "ci", "deploy:\n  provider: npm\n  api_key:\n    secure: «-travis-secure»\nenv:\n  - NPM_TOKEN=«npm-token»\n"),
    ("code/cli-tools/.circleci/config.yml", "ci", "version: 2.1\njobs:\n  build:\n    docker:\n      - image: registry.example.com/node@«-digest»\n        auth:\n          username: ci\n          password: «=ref:$DOCKER_PASSWORD»\n      - image: postgres:16\n        environment:\n          POSTGRES_PASSWORD: «=docs:postgres»\n    steps:\n      - run: curl -F token=«uuid-secret» https://coverage.example.com\n"),
    ("code/billing/azure-pipelines.yml", "ci", "variables:\n  sonarToken: «sonar-token»\n  dbPassword: «=ref:$(DB_PASSWORD)»\nsteps:\n  - script: nuget push app.nupkg -ApiKey «nuget-key»\n"),
    ("code/billing/bitbucket-pipelines.yml", "ci", "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: atlassian/ssh-deploy:1.0\n            variables:\n              PASSWORD: «=ref:$DEPLOY_PASSWORD»\n              SLACK: «slack-webhook»\n"),
    ("code/billing/.buildkite/pipeline.yml", "ci", "env:\n  BUILDKITE_ANALYTICS_TOKEN: «buildkite-token»\nsteps:\n  - command: make\n    plugins:\n      - ecr#v2:\n          login: «=set:true»\n"),
    ("code/notifier/codecov.yml", "ci", "codecov:\n  token: «uuid-secret»\ncoverage:\n  range: 60..90\n"),
)  # fmt: skip

GIT = (
    ("code/shop-api", 'url = https://ada:«github-token»@github.com/acme/shop-api.git'),
    ("code/notifier", 'url = https://oauth2:«gitlab-token»@gitlab.example.com/acme/notifier.git'),
    ("work/acme/legacy-php", 'url = https://x-token-auth:«bitbucket-password»@bitbucket.example.org/acme/legacy.git'),
    ("work/globex/crm", 'url = https://ada:«azure-devops-token»@dev.azure.example.com/globex/_git/crm'),
    ("src/play/blog", 'url = https://ada:«password|url»@git.example.com/ada/blog.git'),
    ("src/play/scraper", 'url = https://«github-fine»@github.com/ada/scraper.git'),
    ("code/search", 'url = git@github.com:acme/search.git'),
    ("src/oss/go-queue", 'url = https://«=ref:${TOKEN}»@github.com/ada/go-queue.git'),
    ("src/oss/tiny-orm", 'url = https://git@github.com/ada/tiny-orm.git'),
)  # fmt: skip
EXTRA = (
    ("code/identity/.git/config", "git-config", '[core]\n\tbare = false\n[remote "origin"]\n\turl = https://github.com/acme/identity.git\n[http "https://github.com/"]\n\textraheader = AUTHORIZATION: basic «basic-auth-pair|b64»\n[lfs]\n\taccess = basic\n'),
    ("code/platform-infra/.git/modules/charts/config", "git-config", '[core]\n\tworktree = ../../../charts\n[remote "origin"]\n\turl = https://deploy:«gitlab-deploy»@gitlab.example.com/acme/charts.git\n'),
    ("code/platform-infra/.gitmodules", "git-config", '[submodule "charts"]\n\tpath = charts\n\turl = https://ci:«gitlab-token»@gitlab.example.com/acme/charts.git\n'),
    ("code/shop-web/.git/hooks/pre-push", "git-hook", "#!/bin/sh\n# tells the channel\ncurl -s -X POST -d '{\"text\":\"push\"}' «slack-webhook»\nexit 0\n"),
    ("code/billing/.git/hooks/post-commit", "git-hook", "#!/usr/bin/env bash\nTOKEN='«bearer-token»'\ncurl -H \"Authorization: Bearer «=ref:$TOKEN»\" https://ci.example.com/trigger\n"),
    ("work/acme/erp/.git/hooks/pre-commit", "git-hook", "#!/bin/sh\nexport JIRA_API_TOKEN=«atlassian-token»\nexec jira-check \"$@\"\n"),
    ("src/play/blog/.git/hooks/post-receive", "git-hook", "#!/bin/sh\nlftp -u ada,«plain-password» ftp.example.com -e 'mirror -R public; quit'\n"),
    ("code/shop-web/.husky/pre-commit", "git-hook", "#!/bin/sh\nexport NX_CLOUD_ACCESS_TOKEN=«signing-secret»\nnpx lint-staged\n"),
    ("code/cli-tools/.git/hooks/commit-msg", "git-hook", "#!/bin/sh\n# refuses messages that hold a password\ngrep -qiE 'password|token|secret' \"$1\" && exit 1\nHASH=«-sha1»\n"),
)  # fmt: skip

SOURCES = (
    ("code/shop-api/src/clients/partner.py", 'import httpx\n\nHEADERS = {"X-Api-Key": "«short-hex-token»", "Accept": "application/json"}\n\n\ndef fetch(token: str | None = None, password: str = "") -> dict:\n    auth = ("shop", "«password»")\n    return httpx.get("https://partner.example.com", headers=HEADERS, auth=auth).json()\n\n\nPASSWORD_FIELD = "«=const:password»"\nTOKEN_REGEX = r"«=code:[A-Za-z0-9_-]{20,}»"\n'),
    ("code/shop-api/tests/test_auth.py", 'import pytest\n\nPASSWORD = "«-fixture»"\n\n\ndef test_login(client):\n    reply = client.post("/login", json={"user": "ada", "password": "«-fixture»"})\n    assert reply.json()["token"] == "«=test:test-token»"\n\n\ndef test_hash():\n    assert check("«=test:correct horse»", "«-bcrypt»")\n    assert digest(b"") == "«-sha256»"\n\n\n@pytest.fixture\ndef api_key():\n    return "«=test:fake-api-key-for-tests»"\n\n\nEXPIRED = "«-jwt-example»"\n'),
    ("code/shop-api/tests/conftest.py", 'import os\n\nos.environ.setdefault("SECRET_KEY", "«-fixture»")\nos.environ.setdefault("AWS_ACCESS_KEY_ID", "«=test:testing»")\nos.environ.setdefault("AWS_SECRET_ACCESS_KEY", "«=test:testing»")\nos.environ.setdefault("STRIPE_API_KEY", "«-crossed-stripe»")\n'),
    ("code/shop-web/src/api/maps.ts", "const KEY = '«gcp-api-key»';\nexport const loader = () => fetch(`https://maps.example.com/js?key=${KEY}`);\nconst CLIENT_ID = '«-google-client-id»';\nexport const STRIPE_PK = '«-stripe-public»';\nexport const SITE_KEY = '«-recaptcha-site»';\n"),
    ("code/shop-web/src/pages/Login.tsx", "export function Login() {\n  const [password, setPassword] = useState('');\n  const placeholder = '«=ui:Enter your password»';\n  return (\n    <form>\n      <label htmlFor=\"password\">Password</label>\n      <input type=\"password\" id=\"password\" autoComplete=\"«=const:current-password»\" placeholder={placeholder} />\n      <a href=\"/reset\">Forgot password?</a>\n    </form>\n  );\n}\n"),
    ("code/shop-web/src/constants.ts", "export enum TokenType {\n  Access = '«=const:access_token»',\n  Refresh = '«=const:refresh_token»',\n}\nexport const PASSWORD_RULE = '«=ui:At least 12 characters»';\nexport const STORAGE_KEY = '«=const:shop.auth.token»';\nexport const SECRET_QUESTION = '«=ui:What was the name of your first pet?»';\nexport const apiKeyHeader = '«=const:x-api-key»';\nexport const tokenEndpoint = '«=const:/oauth/token»';\nexport const LOGO = '«-image»';\n"),
    ("code/shop-web/src/index.html", '<!DOCTYPE html>\n<html>\n<head>\n<script src="https://cdn.example.com/a.js" integrity="«-subresource»" crossorigin="anonymous"></script>\n<link rel="stylesheet" href="b.css" integrity="«-subresource»">\n<meta name="csrf-token" content="{{ csrf_token }}">\n<script nonce="«=ref:{{ nonce }}»">gtag("config", "«-analytics-id»");</script>\n</head>\n</html>\n'),
    ("code/shop-web/src/theme.css", ".password-strength--weak { color: #d33; }\n:root { --token-color: #1b6ac9; --secret-opacity: 0.4; }\n.icon { background: url(«-image»); }\n@font-face { font-family: icons; src: url(«-font»); }\n"),
    ("code/shop-web/public/locales/en.json", '{\n  "password": "«=ui:Password»",\n  "new_password": "«=ui:New password»",\n  "password_confirm": "«=ui:Repeat your password»",\n  "forgot_password": "«=ui:Forgot your password?»",\n  "token_expired": "«=ui:The token has expired. Please sign in again.»",\n  "api_key": "«=ui:API key»",\n  "secret": "«=ui:Secret»",\n  "client_secret_help": "«=ui:Paste the client secret of your app»"\n}\n'),
    ("code/shop-web/public/locales/de.json", '{\n  "password": "«=ui:Passwort»",\n  "new_password": "«=ui:Neues Passwort»",\n  "password_confirm": "«=ui:Passwort wiederholen»",\n  "forgot_password": "«=ui:Passwort vergessen?»",\n  "token_expired": "«=ui:Das Token ist abgelaufen.»",\n  "api_key": "«=ui:API-Schluessel»",\n  "secret": "«=ui:Geheimnis»"\n}\n'),
    ("code/shop-web/public/locales/fr.json", '{\n  "password": "«=ui:Mot de passe»",\n  "forgot_password": "«=ui:Mot de passe oublie ?»",\n  "token": "«=ui:Jeton»",\n  "secret_key": "«=ui:Cle secrete»",\n  "passphrase": "«=ui:Phrase secrete»"\n}\n'),
    ("work/acme/portal/src/i18n/messages_pt.properties", "login.password=«=ui:Palavra-passe»\nlogin.forgot.password=«=ui:Esqueceu-se da palavra-passe?»\nreset.token.invalid=«=ui:O codigo ja nao e valido»\nadmin.secret=«=ui:Segredo»\n"),
    ("work/acme/portal/src/auth/basic.ts", "const header = 'Basic «basic-auth-pair|b64»';\nexport const secured = (url: string, token: string) => fetch(url, { headers: { Authorization: header, 'X-Token': token } });\n"),
    ("work/acme/erp/src/main/java/Db.java", 'class Db {\n    Connection open() throws SQLException {\n        return DriverManager.getConnection("jdbc:mysql://db.example.com/erp", "app", "«db-password»");\n    }\n\n    private static final String PASSWORD_KEY = "«=const:spring.datasource.password»";\n    private String password = «=code:System.getenv("DB_PASSWORD")»;\n    @Value("«=ref:${acme.api.token}»")\n    private String token;\n}\n'),
    ("work/acme/erp/src/main/kotlin/Client.kt", 'package com.example\n\nprivate const val API_SECRET = "«api-token»"\n\nclass Client(private val token: String = «=code:System.getenv("TOKEN")») {\n    fun sign(body: String) = hmac(body, "«signing-secret»")\n}\n'),
    ("work/acme/legacy-php/db.php", '<?php\n$link = mysqli_connect("localhost", "root", "«db-password»", "erp");\n$salt = "«short-hex-token»";\n$password = «=code:$_POST["password"]»;\n$token = «=code:bin2hex(random_bytes(32))»;\n'),
    ("work/acme/legacy-php/.htpasswd", "ada:«=hash:$apr1$8sB3qk0x$J9c1yH2mV4pX7wQ0sT6uR/»\nben:«-bcrypt»\n"),
    ("work/globex/crm/config/database.yml", "default: &default\n  adapter: postgresql\ndevelopment:\n  <<: *default\n  password: «=docs:postgres»\nproduction:\n  <<: *default\n  username: crm\n  password: «db-password»\nstaging:\n  password: <%= «=code:ENV['DB_PASSWORD']» %>\n"),
    ("work/globex/crm/config/master.key", "«rails-master-key»"),
    ("work/globex/crm/config/credentials.yml.enc", "«=id:9xW2kZ0pYt4mQ8rB6vN1sD3fG5hJ7lKa0c2e4g6i8k0m2o4q6s8u0w2y4A6C8E0=--Xr0k2m4n6p8q==--b1c3d5e7f9g1h3i5»\n"),
    ("work/globex/crm/config/initializers/devise.rb", "Devise.setup do |config|\n  config.secret_key = '«rails-secret-key-base»'\n  config.password_length = 6..128\n  config.reset_password_within = «=code:6.hours»\n  # config.pepper = '«=docs:not set»'\n  config.omniauth :github, ENV['«=const:GITHUB_KEY»'], ENV['«=const:GITHUB_SECRET»']\nend\n"),
    ("work/globex/dotnet-desk/Startup.cs", 'services.AddJwt(o => o.SigningKey = "«long-signing-secret»");\nvar password = «=code:configuration["Db:Password"]»;\nvar connection = "Server=db.example.com;Database=desk;User Id=sa;Password=«db-password»;";\n'),
    ("src/play/discord-bot/bot.py", 'import discord\n\nclient = discord.Client()\nclient.run("«discord-bot»")\n'),
    ("src/play/telegram-bot/main.go", 'package main\n\nconst token = "«telegram-bot»"\n\nfunc main() { run(token, "«=const:token»") }\n'),
    ("src/play/home-automation/secrets.yaml", "wifi_password: «password»\nmqtt_password: \"«password»\"\nlatitude: 52.1\nalarm_code: \"4711\"\nhass_token: «jwt»\n"),
    ("src/play/home-automation/esp/config.h", '#define WIFI_SSID "ada"\n#define WIFI_PASSWORD "«password»"\n#define MQTT_TOPIC "home/#"\n#define TOKEN_LENGTH 32\n'),
    ("src/play/scraper/spider.rb", "Twitter::Client.new do |config|\n  config.consumer_key = '«=id:shop-scraper»'\n  config.access_token_secret = '«plain-password»'\nend\n"),
    ("src/play/scraper/fetch.lua", 'local http = require("http")\nlocal key = "«hex-token»"\nhttp.header("Authorization", "token " .. key)\n'),
    ("src/oss/http-kit/src/digest.rs", 'pub const EMPTY_SHA256: &str = "«-sha256»";\npub const GOLDEN: &str = "«-sha1»";\n\n#[test]\nfn signs() {\n    assert_eq!(sign("«=test:secret»", b"x"), "«-sha256»");\n    let password: &str = "«-fixture»";\n    let key = "«-aws-example-secret»";\n    assert_eq!(mangle(), "«-mangled»");\n}\n'),
    ("src/oss/http-kit/tests/vectors.json", '{\n  "key": "«=test:000102030405060708090a0b0c0d0e0f»",\n  "password": "«=test:pleaseletmein»",\n  "secret": "«=test:Jefe»",\n  "salt": "«=test:NaCl»",\n  "digest": "«-sha256»",\n  "jwt": "«-jwt-example»"\n}\n'),
    ("src/oss/http-kit/tests/fixtures/server.pem.txt", "«-certificate»\n«-public-key»\n"),
    ("src/oss/rust-grep/build.rs", '// «-commit»\nconst TOKENS: [&str; 2] = ["«=const:ident»", "«=const:literal»"];\nfn main() { println!("cargo:rustc-env=GIT_SHA=«-sha1»"); }\n'),
    ("src/oss/go-queue/auth_test.go", 'package queue\n\nfunc TestAuth(t *testing.T) {\n\ttoken := "«-fixture»"\n\tpassword := "«-fixture»"\n\twant := "«-md5»"\n\tcheck(t, token, password, want)\n}\n'),
    ("src/oss/tiny-orm/README.md", "# Tiny ORM\n\n```py\ndb = connect('postgres://user:«=docs:pass»@localhost/db')\ndb.login(password=\"«=docs:secret»\")\n```\n\n```sh\nexport AWS_ACCESS_KEY_ID=«-aws-example-id»\nexport AWS_SECRET_ACCESS_KEY=«-aws-example-secret»\nexport API_KEY=«-placeholder»\n```\n\nSlack: `«-slack-example»`, Stripe: `«-stripe-example»`\n"),
    ("src/oss/color-lib/dist/color.min.js", '!function(e){var t="«=const:password»",n={secret:"«=const:__SECRET_INTERNALS_DO_NOT_USE»",token:"«=const:invalid_token»"};e.token=t;e.k="«-build»"}(this);\n//# sourceMappingURL=data:application/json;base64,«=id:eyJ2ZXJzaW9uIjozLCJzb3VyY2VzIjpbImEuanMiXX0=»\n'),
    ("src/oss/color-lib/.storybook/manager.json", '{"buildId": "«-build»", "chunks": ["«-md5»", "«-md5»"], "token": {"type": "«=type:color»", "value": "#aabbcc"}}\n'),
    ("code/identity/openapi.yaml", "components:\n  securitySchemes:\n    apiKey:\n      type: apiKey\n      name: «=const:X-API-Key»\n    oauth:\n      tokenUrl: «=set:https://login.example.com/token»\n  schemas:\n    Login:\n      properties:\n        password:\n          type: string\n          format: «=type:password»\n          example: «=docs:p4ssw0rd»\n        token:\n          type: «=type:string»\n          example: «-uuid»\n"),
    ("code/identity/db/seeds.sql", "INSERT INTO users (name, password_hash) VALUES ('ada', '«-bcrypt»'), ('ben', '«-argon2»');\nINSERT INTO clients (id, secret) VALUES ('portal', '«oauth-client-secret»');\nINSERT INTO keys (kid, public) VALUES ('«-uuid»', '«-ssh-public»');\nCREATE ROLE app LOGIN PASSWORD '«db-password»';\n"),
    ("code/identity/keycloak/realm.json", '{\n  "realm": "shop",\n  "passwordPolicy": "«=set:length(12) and notUsername»",\n  "accessTokenLifespan": 300,\n  "clients": [\n    {"clientId": "portal", "id": "«-uuid»", "secret": "«oauth-client-secret»", "protocol": "openid-connect"},\n    {"clientId": "spa", "publicClient": true, "secret": "«-masked»"}\n  ],\n  "smtpServer": {"user": "mailer", "password": "«smtp-password»"}\n}\n'),
    ("code/analytics/dbt/profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev:\n      type: snowflake\n      user: ada\n      password: «snowflake-password»\n    prod:\n      type: postgres\n      password: \"«=ref:{{ env_var('DBT_PASSWORD') }}»\"\n"),
    ("code/analytics/airflow/connections.json", '{"warehouse": {"conn_type": "postgres", "login": "etl", "password": "«db-password»", "extra": {"sslmode": "require"}}, "lake": "aws://«&aws-access-key-id»:«aws-secret-access-key|url»@/?region=eu-west-1"}\n'),
    ("code/analytics/prometheus/prometheus.yml", "scrape_configs:\n  - job_name: shop\n    basic_auth:\n      username: prom\n      password: «plain-password»\n  - job_name: api\n    authorization:\n      credentials: «bearer-token»\n  - job_name: file\n    basic_auth:\n      password_file: «=path:/etc/prometheus/password»\nremote_write:\n  - url: https://grafana.example.com/push\n    basic_auth: {username: 4711, password: «grafana-token»}\n"),
    ("code/analytics/alertmanager.yml", "global:\n  slack_api_url: '«slack-webhook»'\n  smtp_auth_password: '«smtp-password»'\nreceivers:\n  - name: pager\n    pagerduty_configs:\n      - service_key: «short-hex-token»\n  - name: file\n    slack_configs:\n      - api_url_file: «=path:/run/secrets/slack»\n"),
    ("code/data-pipeline/kafka/client.properties", 'security.protocol=SASL_SSL\nsasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="shop" password="«plain-password»";\nssl.truststore.password=«keystore-password»\nssl.key.password=«=ref:${env:KEY_PASSWORD}»\nkey.serializer=«=const:org.apache.kafka.common.serialization.StringSerializer»\n'),
    ("code/data-pipeline/redis/redis.conf", "bind 127.0.0.1\nrequirepass «plain-password»\n# masterauth <«=docs:master-password»>\nuser worker on >«plain-password» ~* &* +@all\n"),
    ("code/gateway/nginx/site.conf", 'server {\n  proxy_set_header Authorization "Basic «basic-auth-pair|b64»";\n  proxy_set_header X-Internal-Token «hex-token»;\n  ssl_certificate_key «=path:/etc/ssl/private/site.key»;\n  auth_basic_user_file «=path:/etc/nginx/.htpasswd»;\n}\n'),
    ("code/gateway/traefik.toml", '[http.middlewares.auth.basicAuth]\n  users = ["ada:«=hash:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/»"]\n[certificatesResolvers.le.acme]\n  email = "ada@example.com"\n[providers.consul]\n  token = "«uuid-secret»"\n'),
    ("code/notifier/config/webhooks.xml", "<hooks>\n  <hook url=\"«slack-webhook|xml»\"/>\n  <hook url=\"«discord-webhook|xml»\"/>\n  <smtp user=\"mailer\" password=\"«smtp-password|xml»\"/>\n  <token type=\"«=type:xs:string»\"/>\n</hooks>\n"),
    ("code/admin-panel/scripts/seed.sh", "#!/bin/sh\nmysql -uroot -p«plain-password» admin < seed.sql\ncurl -u admin:«password» https://admin.example.com/api/seed\nread -rsp 'Password: ' PASSWORD\nTOKEN=«=code:$(cat /run/secrets/token)»\ncurl -H \"Authorization: Bearer «=ref:${TOKEN}»\" https://admin.example.com\n"),
    ("code/admin-panel/scripts/rotate.py", "import secrets\n\npassword = «=code:secrets.token_urlsafe(32)»\nsubprocess.run(['mysql', '-uapp', '-p«plain-password»', '-e', 'select 1'])\nheaders = {'Authorization': 'Bearer «bearer-token»'}\nif password == '':\n    raise SystemExit('no password')\n"),
)  # fmt: skip

LOCKS = (
    ("code/shop-web/package-lock.json", '{\n  "name": "shop-web",\n  "lockfileVersion": 3,\n  "packages": {\n' + "".join(f'    "node_modules/kit-{n}": {{\n      "version": "1.{n}.0",\n      "integrity": "«-integrity»"\n    }},\n' for n in range(14)) + '    "node_modules/end": {}\n  }\n}\n'),
    ("work/acme/portal/yarn.lock", "# yarn lockfile v1\n\n" + "".join(f'kit-{n}@^1.0.0:\n  version "1.0.{n}"\n  resolved "https://registry.example.com/kit-{n}.tgz#«-sha1»"\n  integrity «-integrity»\n\n' for n in range(8))),
    ("code/data-pipeline/poetry.lock", "".join(f'[[package]]\nname = "kit-{n}"\nfiles = [\n    {{file = "kit.whl", hash = "sha256:«-sha256»"}},\n]\n\n' for n in range(9)) + '[metadata]\ncontent-hash = "«-sha256»"\n'),
    ("src/oss/rust-grep/Cargo.lock", "".join(f'[[package]]\nname = "kit-{n}"\nversion = "0.{n}.1"\nchecksum = "«-sha256»"\n\n' for n in range(9))),
    ("src/oss/go-queue/go.sum", "".join(f"example.com/kit{n} v1.{n}.0 «-go-sum»\nexample.com/kit{n} v1.{n}.0/go.mod «-go-sum»\n" for n in range(6))),
    ("code/mobile-app/ios/Podfile.lock", "PODS:\n  - Token (1.0)\nSPEC CHECKSUMS:\n  Token: «-sha1»\n  Secrets: «-sha1»\nPODFILE CHECKSUM: «-sha1»\n"),
    ("code/identity/composer.lock", '{"content-hash": "«-md5»", "packages": [{"name": "acme/token", "dist": {"reference": "«-commit»", "shasum": ""}}]}\n'),
    ("code/search/flake.lock", '{"nodes": {"pkgs": {"locked": {"narHash": "sha256-«=hash:Vb3xk0aYF2h9mQ4tW6rS8uN1pL5cJ7dZ0eG3iB9oXyA=»", "rev": "«-commit»"}}}}\n'),
    ("Downloads/SHA256SUMS", "«-sha256»  image.iso\n«-sha256»  image.img\n«-sha256» *tools.zip\n"),
)  # fmt: skip

COPIES = (
    ("code/shop-api/config/local.py.swp", "old-copy", "b0VIM 9.1\0\0\0\0ada\0laptop\0~ada/code/shop-api/config/local.py\0\0\0U3210#\"! \0\0\0DB_PASSWORD = '«db-password»'\0SECRET = '«signing-secret»'\0import os\0"),
    ("work/acme/erp/.application.properties.swp", "old-copy", "b0VIM 9.1\0\0\0\0ada\0U3210#\"! \0\0\0spring.datasource.password=«db-password»\0server.port=8080\0"),
)  # fmt: skip


def works() -> list[Sheet]:
    """Everything of projects that is no file of plain settings."""
    sheets = [Sheet(path, "notebook", notebook(cells), "json") for path, cells in NOTEBOOKS]
    sheets += [Sheet(path, place, text, "json" if "tfstate" in path else "") for path, place, text in INFRA]
    sheets += [
        Sheet(
            f"{root}/.git/config",
            "git-config",
            f'[core]\n\tbare = false\n[remote "origin"]\n\t{url}\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
        )
        for root, url in GIT
    ]
    sheets += [Sheet(path, place, text, mode=0o755 if place == "git-hook" else 0o644) for path, place, text in EXTRA]
    sheets += [Sheet(path, place_of(path), text, "json" if path.endswith(".json") else "") for path, text in SOURCES]
    sheets += [Sheet(path, "lockfile", text) for path, text in LOCKS]
    sheets += [Sheet(path, place, text, raw=True) for path, place, text in COPIES]
    return [*sheets, *odd_names()]


def place_of(path: str) -> str:
    """Settings by their suffix, texts of an interface, tests, sources."""
    name = path.rpartition("/")[2]
    if "/locales/" in path or "/i18n/" in path:
        return "i18n"
    if "/tests/" in path or "_test." in name:
        return "test"
    suffix = name.rpartition(".")[2]
    known = {
        "yaml": "yaml",
        "yml": "yaml",
        "json": "json",
        "toml": "toml",
        "properties": "properties",
        "conf": "config",
        "xml": "xml",
        "sh": "script",
        "md": "docs",
        "key": "private-key",
        "sql": "source",
    }
    return known.get(suffix, "source")


def odd_names() -> list[Sheet]:
    """Names that are no text, and texts in encodings of another system."""
    line = "API_TOKEN=«api-token»\nMODE=fast\nPASSWORD=«=ref:${PASSWORD}»\n"
    strange = "Documents/caf\udce9 \udcff/.env"
    reg = (
        'Windows Registry Editor Version 5.00\r\n\r\n[HKEY_CURRENT_USER\\Software\\Acme]\r\n"Password"="«password»"\r\n'
    )
    power = '$user = "ada"\r\n$password = "«password»"\r\n$token = «=code:Get-Secret api»\r\n'
    return [
        Sheet(strange, "dotenv", line),
        Sheet("Documents/two\nlines/.env", "dotenv", line),
        Sheet("Documents/\u202egnp.exe/prod.env", "dotenv", line),
        Sheet("Documents/with space & 'quote'/.env", "dotenv", line),
        Sheet("Documents/windows/connect.ps1", "script", power, encoding="utf-16"),
        Sheet("Documents/windows/acme.reg", "ini", reg, encoding="utf-16"),
        Sheet(
            "work/acme/intranet/config/latin.ini",
            "ini",
            "[db]\nname = caf\u00e9\npassword = «db-password»\ntoken_ttl = «=set:60»\n",
            encoding="latin-1",
        ),
        Sheet(
            "work/acme/intranet/config/marked.env",
            "dotenv",
            "\ufeffDB_PASSWORD=«db-password»\r\nDB_HOST=db\r\nDB_PASSWORD_FILE=«=path:/run/secrets/db»\r\n",
        ),
    ]
