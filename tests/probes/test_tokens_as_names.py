"""A token that somebody pasted where a name belongs is never shown, whatever stands around it."""

import base64
import json

import pytest

from probes.containers.look import containers
from probes.git.look import git
from probes.github.look import github
from probes.kubernetes.look import kubernetes
from scanner.data.families import holds_token
from scanner.host import FileKind
from scanner.shapes import host_of, label
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token

TOKEN = token("github-classic", "pasted")
AUTH = base64.b64encode(b"ada:CANARY-CANARY").decode()
REMOTE = '[remote "{0}"]\n url = {1}\n'
USER = (
    "kind: Config\nclusters: [{{name: c, cluster: {{server: '{0}'}}}}]\n"
    "contexts: [{{name: x, context: {{cluster: c, user: u, namespace: '{1}'}}}}]\n"
    "users: [{{name: u, user: {2}}}]\n"
)
SERVER = "https://k.example.com"
KEY = "CANARY-CANARY-CANARY"


def file(**settings: object) -> str:
    return json.dumps(settings)


def context(**told: object) -> str:
    return json.dumps({"Name": "c", "Endpoints": {"docker": {"Host": "tcp://d.example.com:2375"}}} | told)


GIT = {
    "remote": REMOTE.format("§", "https://ada:CANARY-PW@github.com/acme/app"),
    "owner": REMOTE.format("origin", "https://ada:CANARY-PW@github.com/§/app"),
    "repository": REMOTE.format("origin", "https://ada:CANARY-PW@github.com/acme/§.git"),
    "encoded": REMOTE.format("origin", "https://ada:CANARY-PW@github.com/acme/%67" + TOKEN[1:]),
    "host": REMOTE.format("origin", "https://§:8443/acme/app"),
    "first of a host": REMOTE.format("origin", "https://§.example.com/acme/app"),
    "shell host": REMOTE.format("origin", "ssh://git@§:22/acme/app"),
    "alias": REMOTE.format("origin", "git@§:acme/app"),
    "organization": REMOTE.format("origin", "https://§.visualstudio.com/p/_git/r"),
    "user": REMOTE.format("origin", "https://§:CANARY-PW@git.example.com/acme/app"),
    "proxy": "[http]\n proxy = http://ada:CANARY-PW@§:3128\n",
    "gitea": f"[gitea]\n host = §\n token = {KEY}\n",
    "mail server": f'[sendemail "x"]\n smtpServer = §\n smtpUser = ada\n smtpPass = {KEY}\n',
    "mail user": f'[sendemail "x"]\n smtpServer = m.example.com\n smtpUser = §\n smtpPass = {KEY}\n',
    "helper": "[credential]\n helper = §\n",
    "program": "[core]\n askPass = /opt/§\n",
}
KUBE = {
    "path": USER.format(SERVER + "/s/§/x", "", "{token: CANARY-CANARY-CANARY}"),
    "host": USER.format("https://§.example.com", "", "{token: CANARY-CANARY-CANARY}"),
    "namespace": USER.format(SERVER, "§", "{token: CANARY-CANARY-CANARY}"),
    "user name": USER.format(SERVER, "", "{username: §, password: CANARY-CANARY}"),
    "program": USER.format(SERVER, "", "{exec: {command: /opt/§}}"),
    "role": USER.format(
        SERVER, "", "{exec: {command: aws, args: [eks, get-token, --role-arn, 'arn:aws:iam::123456789012:role/§']}}"
    ),
    "issuer": USER.format(
        SERVER, "", "{exec: {command: kubectl, args: [oidc-login, '--oidc-issuer-url=https://u:CANARY-PW@§/x']}}"
    ),
    "provider": USER.format(SERVER, "", "{auth-provider: {name: §, config: {refresh-token: CANARY-CANARY}}}"),
    "as": USER.format(SERVER, "", "{token: CANARY-CANARY-CANARY, as: §}"),
}
CONTAINERS = {
    "registry": ("~/.docker/config.json", file(auths={"§": {"auth": AUTH}})),
    "port": ("~/.docker/config.json", file(auths={"§:5000": {"auth": AUTH}})),
    "broken entry": ("~/.docker/config.json", file(auths={"§:5000": {"auth": "!"}})),
    "proxy user": (
        "~/.docker/config.json",
        file(proxies={"default": {"httpProxy": "http://§:CANARY-PW@p.example.com"}}),
    ),
    "proxy": ("~/.docker/config.json", file(proxies={"default": {"httpProxy": "http://u:CANARY-PW@§"}})),
    "helper": ("~/.docker/config.json", file(credHelpers={"r.example.com": "§"})),
    "context": ("~/.docker/contexts/meta/a/meta.json", context(Name="§")),
    "engine": ("~/.docker/contexts/meta/a/meta.json", context(Endpoints={"docker": {"Host": "ssh://ada@§:22"}})),
}
GITHUB = {
    "account": ("~/.config/gh/hosts.yml", "github.com:\n  user: §\n  users: {§: {}}\n"),
    "host": ("~/.config/gh/hosts.yml", f"§.example.com:\n  user: ada\n  oauth_token: {KEY}\n"),
    "runner": ("~/actions-runner/.runner", '{"agentName": "§", "gitHubUrl": "https://github.com/acme/app"}'),
    "copilot": ("~/.config/github-copilot/apps.json", file(**{"github.com:x": {"user": "§", "oauth_token": KEY}})),
}
CASES = [
    *((git, "~/src/app/.git/config", text, f"git {name}") for name, text in GIT.items()),
    *((kubernetes, "~/.kube/config", text, f"kubernetes {name}") for name, text in KUBE.items()),
    *((containers, path, text, f"containers {name}") for name, (path, text) in CONTAINERS.items()),
    *((github, path, text, f"github {name}") for name, (path, text) in GITHUB.items()),
]
AROUND = {"alone": TOKEN, "behind a word": f"prod-{TOKEN}", "between": f"a_{TOKEN}_b"}


@pytest.mark.parametrize("pasted", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize(("probe", "path", "text"), [case[:3] for case in CASES], ids=[case[3] for case in CASES])
def test_no_output_shows_a_token_in_the_place_of_a_name(probe, path, text, pasted):
    files = {
        path: text.replace("§", pasted),
        "~/actions-runner/.credentials_rsaparams": '{"d": "CANARY-CANARY-CANARY"}',
    }
    seen = observe(probe, FakeHost(files=files, workspace="~/src/app"))
    assert TOKEN[4:].casefold() not in repr(seen).casefold()
    assert "CANARY" not in repr(seen)


@pytest.mark.parametrize("field", ["Name", "OperatingSystem", "ServerVersion"])
def test_an_engine_s_answer_shows_no_token(field):
    answers = {
        "version": "{}",
        "info": json.dumps({field: TOKEN, "DockerRootDir": "/x", "Plugins": {"Authorization": [TOKEN]}}),
    }
    place = "/var/run/docker.sock"
    host = FakeHost(files={place: FakeFile(kind=FileKind.SOCKET)}, engines={place: answers})
    assert TOKEN not in repr(observe(containers, host))


NAMES = [
    *(
        "ada",
        "arn:aws:iam::123456789012:role/deploy",
        "task-force-of-the-billing-department-in-berlin",
        "k.example.com:6443",
    ),
    *(
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "1234567-abcdefghijklmnopqrstuv.apps.googleusercontent.com",
    ),
    *(
        "gke_acme_europe-west1-b_prod-main",
        "ada@example.com",
        "key",
        "d41d8cd98f00b204e9800998ecf8427e",
        "system:masters",
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_token_is_shown(name):
    assert label(name) == name
    assert not holds_token(name)


def test_a_host_that_is_a_token_is_none():
    assert host_of(f"https://ada@{TOKEN}:8080/x") == ""
    assert host_of(f"https://{TOKEN}@git.example.com/x") == "git.example.com"
