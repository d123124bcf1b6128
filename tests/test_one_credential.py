"""One credential in many places is one credential, with every place in the same order whatever the order of probes."""

import base64
import json
from random import Random

from probes import BUILTIN
from scanner.config import Config
from scanner.engine import scan
from scanner.host import Process
from scanner.testing import TEST_KEY, fake_machine
from scanner.tokens import fill, token
from scanner.vault import Vault
from tests.support import LAPTOP

APP = "~/src/app"
GITHUB = token("github-classic", "one")
KEY_ID, KEY = token("aws-key", "one"), token("aws-secret", "one")
ROBOT = "robot@acme-prod.iam.gserviceaccount.com"
ACCOUNT = json.dumps(
    {
        "type": "service_account",
        "project_id": "acme-prod",
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": json.loads(f'"{fill("{pkcs8:one}", "one")}"'),
        "client_email": ROBOT,
    }
)
AGENT = Process(7, 1, "claude", ("claude",))


def basic(user):
    return base64.b64encode(f"{user}:{GITHUB}".encode()).decode()


def seen(probes, files, env=None, agent=None):
    machine = fake_machine(
        files=files,
        env=env or {},
        workspace=APP,
        processes=[AGENT] if agent else [],
        environments={7: agent} if agent else {},
    )
    return scan(machine, probes, Vault(TEST_KEY), Config(), contracts=(LAPTOP,))


def orders():
    yield BUILTIN
    yield BUILTIN[::-1]
    for seed in range(3):
        yield tuple(Random(seed).sample(BUILTIN, len(BUILTIN)))


def one(files, env=None, agent=None):
    """The places of the only credential, the same in every order of probes."""
    reports = [seen(probes, files, env, agent) for probes in orders()]
    credentials = [report.credentials for report in reports]
    assert [each for each in credentials if each != credentials[0]] == []
    [credential] = [each for each in credentials[0] if not each.kind.startswith("handle.")]
    places = [at.path or at.process or at.variable for at in credential.locations]
    assert len(places) == len(set(credential.locations))
    return credential, set(places)


def test_a_token_of_github_is_one_wherever_it_lies():
    server = {"command": "npx", "args": ["server@1.0.0"], "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": GITHUB}}
    remote = {"type": "http", "url": "https://mcp.example.com", "headers": {"Authorization": f"Bearer {GITHUB}"}}
    claude = json.dumps({"mcpServers": {"local": server, "remote": remote}})
    docker = json.dumps({"auths": {"ghcr.io": {"auth": basic("ada")}}})
    git = f'[remote "origin"]\n\turl = https://x-access-token:{GITHUB}@github.com/acme/app.git\n'
    files = {
        f"{APP}/.env": f"GITHUB_TOKEN={GITHUB}\n# OLD_TOKEN={GITHUB}\n",
        f"{APP}/.git/config": git,
        f"{APP}/.git/HEAD": "ref: refs/heads/main\n",
        "~/.claude.json": claude,
        "~/.claude/backups/.claude.json.backup.1": claude,
        "~/.config/gh/hosts.yml": f"github.com:\n    user: ada\n    oauth_token: {GITHUB}\n",
        "~/.git-credentials": f"https://ada:{GITHUB}@github.com\n",
        "~/.netrc": f"machine github.com login ada password {GITHUB}\n",
        "~/.docker/config.json": docker,
    }
    credential, places = one(files, {"GH_TOKEN": GITHUB}, {"GITHUB_TOKEN": GITHUB})
    assert credential.kind == "github.classic-token"
    assert places == {*files, "GH_TOKEN", "claude (pid 7)"} - {f"{APP}/.git/HEAD"}


def test_a_key_of_amazon_is_one_wherever_it_lies():
    pair = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": KEY}
    files = {
        "~/.aws/credentials": f"[default]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {KEY}\n",
        f"{APP}/.env": "".join(f"{name}={value}\n" for name, value in pair.items()),
        f"{APP}/.mcp.json": json.dumps({"mcpServers": {"s": {"command": "npx", "env": pair}}}),
        f"{APP}/main.tf": "",
        f"{APP}/.terraform/terraform.tfstate": json.dumps(
            {"backend": {"type": "s3", "config": {"bucket": "b", "key": "k", "access_key": KEY_ID, "secret_key": KEY}}}
        ),
    }
    credential, places = one(files, pair, pair)
    assert (credential.kind, credential.public_id) == ("aws.access-key", KEY_ID)
    assert places == {*files, "AWS_SECRET_ACCESS_KEY", "claude (pid 7)"} - {f"{APP}/main.tf"}


def test_a_key_of_a_service_account_is_one_wherever_it_lies():
    lines = json.loads(ACCOUNT)["private_key"].replace("\n", "\\n")
    files = {
        f"{APP}/service-account.json": ACCOUNT,
        "~/.config/gcloud/application_default_credentials.json": ACCOUNT,
        f"~/.config/gcloud/legacy_credentials/{ROBOT}/adc.json": ACCOUNT,
        f"{APP}/.env": f"GOOGLE_CREDENTIALS='{ACCOUNT}'\nGOOGLE_PRIVATE_KEY=\"{lines}\"\n",
        f"{APP}/.mcp.json": json.dumps({"mcpServers": {"s": {"command": "npx", "env": {"GCP_SA_KEY": ACCOUNT}}}}),
    }
    encoded = base64.b64encode(ACCOUNT.encode()).decode()
    credential, places = one(files, {"GOOGLE_CREDENTIALS": ACCOUNT, "GCLOUD_SERVICE_KEY": encoded})
    assert credential.kind == "gcp.service-account-key"
    assert places == {*files, "GOOGLE_CREDENTIALS", "GCLOUD_SERVICE_KEY"}
