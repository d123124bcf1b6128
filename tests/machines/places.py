"""Files of every subject, whole and valid, and every place in them at which somebody may have put a token."""

import json
import re
from collections.abc import Callable, Iterator

from scanner.tokens import token

APP = "~/src/app"
TENANT = "7b1f7e6a-0000-4000-8000-000000000001"
SUBSCRIPTION = "7b1f7e6a-0000-4000-8000-00000000000a"
LOCAL = {
    "command": "npx",
    "args": [
        *("-y", "@acme/server@1.2.3", "--root", "/srv/data", "--api-key", "abc", "https://mcp.example.com/sse"),
        *("postgres://ada:pw@db.example.com/app", '{"a": "b"}', "NAME=value"),
    ],
    "env": {"REGION": "eu", "API_URL": "https://api.example.com"},
    "cwd": "/srv/x",
    "type": "stdio",
    "alwaysAllow": ["list"],
    "note": "hello",
}
IMAGE = {
    "command": "docker",
    "args": [
        *("run", "-i", "--rm", "-e", "NAME=value", "-e", "PASSED", "-v", "/srv/data:/data", "acme/server:1.2.3"),
        *("--header", "X-Key: v"),
    ],
}
PYTHON = {"command": "uvx", "args": ["--from", "acme-server==1.2.3", "acme-server", "--db", "x"]}
REMOTE = {
    "type": "http",
    "url": "https://user:pw@mcp.example.com:8443/v1/tenant/mcp?region=eu",
    "headers": {"Authorization": "Bearer x", "X-Region": "eu"},
    "headersHelper": "get-headers --x",
}
SHELL = {"command": "sh", "args": ["-c", "FOO=bar node server.js --x y"]}
SERVERS = {"one": LOCAL, "two": IMAGE, "three": PYTHON, "four": REMOTE, "five": SHELL}
IMPERSONATION = (
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@acme-prod.iam.gserviceaccount.com"
    ":generateAccessToken"
)
AUDIENCE = "//iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/providers/forge"
PEM = "-----BEGIN PRIVATE" + f" KEY-----\n{token('hex', 'places') * 3}\n-----END PRIVATE" + " KEY-----\n"

# Path -> the file: an object that is written as JSON, or a text.
FILES: dict[str, object] = {
    "~/.claude.json": {
        "mcpServers": {"three": PYTHON},
        "oauthAccount": {"emailAddress": "ada@example.com"},
        "primaryApiKey": "x",
        "projects": {
            "/home/ada/src/app": {
                "mcpServers": {"two": IMAGE},
                "enabledMcpjsonServers": ["one"],
                "hasTrustDialogAccepted": True,
            }
        },
    },
    f"{APP}/.mcp.json": {"mcpServers": SERVERS},
    "~/.claude/settings.json": {
        "permissions": {"allow": ["mcp__one__list", "mcp__two"], "deny": ["mcp__three__x"]},
        "enabledPlugins": {"p@m": True},
        "env": {"A": "b"},
        "apiKeyHelper": "helper",
    },
    "~/.claude/plugins/cache/market/plug/1.0/.mcp.json": {"mcpServers": {"one": LOCAL}},
    "~/.claude/.credentials.json": {
        "claudeAiOauth": {"accessToken": "a", "refreshToken": "b", "expiresAt": 1, "scopes": ["x"]},
        "mcpOAuth": {
            "linear|abc": {
                "serverName": "linear",
                "serverUrl": "https://mcp.example.com/mcp",
                "accessToken": "abcd",
                "clientId": "cid",
            }
        },
    },
    "~/.cursor/permissions.json": {"mcpAllowlist": ["one:list", "two:*"]},
    "~/.cursor/mcp.json": {"mcpServers": {"one": LOCAL}},
    "~/.config/Code/User/mcp.json": {
        "inputs": [{"id": "k", "type": "promptString", "description": "d"}, {"id": "c", "type": "command"}],
        "servers": {"one": LOCAL, "four": REMOTE},
    },
    "~/.gemini/settings.json": {
        "mcpServers": {
            "one": {**LOCAL, "trust": True, "includeTools": ["a"]},
            "four": {"httpUrl": "https://x.example.com/mcp", "headers": {"A": "b"}},
        },
        "mcp": {"allowed": ["one"]},
    },
    "~/.config/opencode/opencode.json": {
        "mcp": {
            "one": {"type": "local", "command": ["npx", "-y", "pkg@1.0.0"], "environment": {"A": "b"}},
            "two": {"type": "remote", "url": "https://x.example.com/mcp", "headers": {"A": "b"}},
        },
        "permission": {"one_*": "ask"},
    },
    "~/.local/share/opencode/auth.json": {
        "anthropic": {"type": "oauth", "access": "a", "refresh": "b", "expires": 1},
        "mistral": {"type": "api", "key": "k"},
    },
    "~/.codex/config.toml": (
        '[mcp_servers.one]\ncommand = "npx"\nargs = ["-y", "pkg@1.0.0", "--x", "y"]\nenv = { A = "b" }\n'
        'env_vars = ["PASSED"]\nenabled_tools = ["list"]\n'
        '[mcp_servers.two]\nurl = "https://x.example.com/mcp?a=b"\nbearer_token_env_var = "TOK"\n'
        'http_headers = { "X-A" = "b" }\nenv_http_headers = { "X-B" = "VARB" }\n'
        '[projects."/home/ada/src/app"]\ntrust_level = "trusted"\n'
    ),
    "~/.azure/azureProfile.json": {
        "subscriptions": [
            {
                "id": SUBSCRIPTION,
                "name": "acme-prod",
                "tenantId": TENANT,
                "isDefault": True,
                "environmentName": "AzureX",
                "user": {"name": "ada@example.com", "type": "user"},
            },
            {
                "id": TENANT[:-1] + "b",
                "name": "acme",
                "tenantId": TENANT,
                "user": {"name": "x", "type": "servicePrincipal", "assignedIdentityInfo": "MSI"},
            },
        ]
    },
    "~/.azure/msal_token_cache.json": {
        "Account": {"a": {"home_account_id": f"o.{TENANT}", "realm": TENANT, "username": "ada@example.com"}},
        "RefreshToken": {"r": {"home_account_id": f"o.{TENANT}", "secret": "abcdefgh", "family_id": "1"}},
        "AccessToken": {
            "t": {
                "home_account_id": f"o.{TENANT}",
                "realm": TENANT,
                "target": "https://management.core.windows.net//.default",
                "secret": "abcdefg",
                "expires_on": "1900000000",
                "client_id": "cid",
            }
        },
    },
    "~/.azure/service_principal_entries.json": [
        {"client_id": SUBSCRIPTION, "tenant": TENANT, "client_secret": "abcdefgh"},
        {"client_id": "c", "tenant": "t", "certificate": "/home/ada/c.pem"},
    ],
    "~/.azure/accessTokens.json": [
        {
            "_authority": "https://login/x",
            "userId": "ada",
            "refreshToken": "abc",
            "accessToken": "def",
            "resource": "https://graph.example.com",
            "expiresOn": "2027-01-01",
        },
        {"servicePrincipalId": "c", "servicePrincipalTenant": "t", "accessToken": "x"},
    ],
    "~/.azd/config.json": {"defaults": {"subscription": SUBSCRIPTION, "location": "x"}},
    "~/.Azure/AzureRmContext.json": {
        "DefaultContextKey": "k",
        "Contexts": {
            "k": {
                "Account": {
                    "Id": "ada@example.com",
                    "ExtendedProperties": {"ServicePrincipalSecret": "abcdefgh", "AccessToken": "abc"},
                },
                "Tenant": {"Id": TENANT},
                "Subscription": {"Id": SUBSCRIPTION, "Name": "prod"},
                "Environment": {"Name": "AzureCloud"},
            }
        },
    },
    "~/.azure/config": "[cloud]\nname = AzureCloud\n[defaults]\ngroup = rg\nlocation = x\n",
    f"{APP}/service-account.json": {
        "type": "service_account",
        "project_id": "acme-prod",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": PEM,
        "client_email": "robot@acme-prod.iam.gserviceaccount.com",
        "client_id": "1234",
    },
    "~/.config/gcloud/application_default_credentials.json": {
        "type": "authorized_user",
        "client_id": "c",
        "client_secret": "d",
        "refresh_token": "1//0abcdef",
        "quota_project_id": "acme-prod",
        "account": "ada@example.com",
    },
    "~/.config/gcloud/legacy_credentials/ada@example.com/adc.json": {
        "type": "external_account",
        "audience": AUDIENCE,
        "service_account_impersonation_url": IMPERSONATION,
        "credential_source": {
            "executable": {"command": "/opt/get --x y"},
            "url": "http://127.0.0.1/x",
            "headers": {"A": "b"},
        },
    },
    f"{APP}/google-credentials.json": {
        "type": "impersonated_service_account",
        "service_account_impersonation_url": IMPERSONATION,
        "delegates": ["projects/-/serviceAccounts/mid@acme-prod.iam.gserviceaccount.com"],
        "source_credentials": {"type": "authorized_user", "client_secret": "d", "refresh_token": "1//0zzz"},
    },
    f"{APP}/client-credentials.json": {
        "web": {"client_id": "1-a.apps.example.com", "project_id": "acme-prod", "client_secret": "GOC-xyz"}
    },
    "~/.config/gcloud/active_config": "prod",
    "~/.config/gcloud/configurations/config_prod": (
        "[core]\naccount = ada@example.com\nproject = acme-prod\n[auth]\n"
        "impersonate_service_account = robot@acme-prod.iam.gserviceaccount.com\n[billing]\nquota_project = acme-pay\n"
    ),
    f"{APP}/infra/.terraform/terraform.tfstate": {
        "backend": {
            "type": "s3",
            "config": {
                "bucket": "acme-state",
                "key": "prod/app",
                "region": "eu",
                "access_key": "AKIAX",
                "secret_key": "abc",
                "profile": "prod",
            },
        }
    },
    f"{APP}/infra/main.tf": 'terraform {\n backend "s3" {}\n}\n',
    f"{APP}/infra/.terraform/environment": "prod",
    f"{APP}/cloud/.terraform/terraform.tfstate": {
        "backend": {
            "type": "remote",
            "config": {
                "hostname": "app.terraform.io",
                "organization": "acme",
                "token": "abc",
                "workspaces": [{"name": "prod"}],
            },
        }
    },
    f"{APP}/cloud/main.tf": "",
    "~/.terraform.d/credentials.tfrc.json": {"credentials": {"app.terraform.io": {"token": "abcdefgh"}}},
    "~/.terraformrc": (
        'credentials "app.terraform.io" {\n  token = "abcdefgh"\n}\n'
        'credentials_helper "vault" {\n  args = ["--host", "x"]\n}\n'
    ),
    "~/.local/share/python_keyring/keyring_pass.cfg": "[svc_2Ename]\nada = cGFzc3dvcmQxMjM0\n",
    "~/.config/python_keyring/keyringrc.cfg": (
        "[backend]\ndefault-keyring=keyrings.alt.file.PlaintextKeyring\nkeyring-path=/srv/x\n"
    ),
    "~/.local/share/keyrings/login.keyring": (
        "[keyring]\ndisplay-name=login\n\n[1]\ndisplay-name=thing\nsecret=abcdefgh1234\n\n"
        "[1:attribute0]\nname=service\ntype=string\nvalue=gh:github.com\n"
    ),
    f"{APP}/.env": (
        "DATABASE_URL=postgres://ada:pw12345@db.example.com/app\nAPI_URL=https://api.example.com/v1?x=y\n"
        "NODE_ENV=development\nGOOGLE_PROJECT=acme\nAWS_PROFILE=prod\n"
    ),
    "~/.aws/config": (
        "[default]\nregion=eu\n[profile prod]\nrole_arn = arn:aws:iam::123456789012:role/Admin\n"
        "source_profile = default\n[profile x]\nsso_account_id = 123456789012\nsso_role_name = Admin\n"
        "sso_start_url = https://example.awsapps.com/start\nsso_region = eu\n"
    ),
    "~/.kube/config": (
        "apiVersion: v1\nkind: Config\ncurrent-context: prod\n"
        "clusters:\n- name: c\n  cluster: {server: https://k8s.example.com:6443}\n"
        "contexts:\n- name: prod\n  context: {cluster: c, user: u, namespace: shop}\n"
        "users:\n- name: u\n  user: {exec: {command: get-token, args: [x], env: [{name: A, value: b}]}}\n"
    ),
    "~/.docker/config.json": {
        "auths": {"registry.example.com": {"auth": "YWRhOnBhc3N3b3JkMTIz"}},
        "credHelpers": {"other.example.com": "helper"},
        "proxies": {"default": {"httpProxy": "http://ada:pw@proxy.example.com:3128"}},
    },
    "~/.config/gh/hosts.yml": "github.com:\n    user: ada\n    oauth_token: abc\n    git_protocol: https\n",
    "~/.git-credentials": "https://ada:abcdefgh@git.example.com\n",
    "~/.netrc": "machine git.example.com login ada password abcdefgh\n",
    "~/.gitconfig": '[credential "https://git.example.com"]\n\thelper = store\n\tusername = ada\n',
    "~/.ssh/config": "Host prod\n  HostName prod.example.com\n  User ada\n  ProxyCommand connect %h\n",
}
VARIABLES = {
    "TF_WORKSPACE": "prod",
    "TF_TOKEN_app_terraform_io": "abcdefgh",
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
    "AZURE_CLIENT_ID": "c",
    "AZURE_TENANT_ID": TENANT,
    "GOOGLE_CLOUD_PROJECT": "acme-prod",
    "CLOUDSDK_CORE_ACCOUNT": "ada@example.com",
    "ARM_CLIENT_SECRET": "abcdefgh",
    "DATABASE_URL": "postgres://ada:pw12345@db.example.com/app",
    "OPENCODE_CONFIG_CONTENT": '{"mcp":{"zero":{"type":"local","command":["npx","x"]}}}',
    "DOCKER_HOST": "tcp://docker.example.com:2375",
    "AWS_PROFILE": "prod",
}


def beside(path: str) -> dict[str, object]:
    """The files that mean something only together with that one."""
    folder = path.rpartition("/")[0].removesuffix("/.terraform")
    return {other: FILES[other] for other in FILES if other.startswith(f"{folder}/") and folder not in {"~", APP}}


Put = Callable[[str, str], object]
WORD = re.compile(r"[^\s\"'=\[\]{},;]+")
MANNERS = ("whole", "behind", "before")


def put(text: str, secret: str, manner: str) -> str:
    """The text with the secret in its place, glued behind it, or before it as a login is."""
    return {"whole": secret, "behind": f"{text}-{secret}", "before": f"{secret}@{text}"}[manner]


def places(content: object) -> Iterator[tuple[str, Put]]:
    """Each place of a file by name, and what makes the file anew with a secret there."""
    if isinstance(content, str):
        for match in WORD.finditer(content):
            yield f"{match.start()} {match[0]}", _in_text(content, match)
    else:
        yield from _in_tree(content, "")


def written(content: object) -> str:
    """The text of a file."""
    return content if isinstance(content, str) else json.dumps(content, indent=1)


def _in_text(text: str, match: re.Match[str]) -> Put:
    return lambda secret, manner: text[: match.start()] + put(match[0], secret, manner) + text[match.end() :]


def _in_tree(node: object, way: str) -> Iterator[tuple[str, Put]]:
    match node:
        case dict():
            for key, inner in node.items():
                yield f"{way}.{key} as a key", _as_key(node, key)
                for where, made in _in_tree(inner, f"{way}.{key}"):
                    yield where, _at_key(node, key, made)
        case list():
            for place, inner in enumerate(node):
                for where, made in _in_tree(inner, f"{way}[{place}]"):
                    yield where, _at_place(node, place, made)
        case str():
            yield way, lambda secret, manner: put(node, secret, manner)
        case _:
            yield way, lambda secret, manner: secret


def _as_key(node: dict, key: str) -> Put:
    return lambda secret, manner: {put(each, secret, manner) if each == key else each: node[each] for each in node}


def _at_key(node: dict, key: str, made: Put) -> Put:
    return lambda secret, manner: {**node, key: made(secret, manner)}


def _at_place(node: list, place: int, made: Put) -> Put:
    return lambda secret, manner: [*node[:place], made(secret, manner), *node[place + 1 :]]
