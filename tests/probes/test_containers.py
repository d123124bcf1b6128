"""Addresses of engines and registry logins, each seen with its place and never with its value."""

import base64
import json
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from probes.containers.addresses import Way, address
from probes.containers.certificates import ends_of
from probes.containers.logins import decoded
from probes.containers.look import containers
from probes.containers.registries import UNSHOWN, registry
from probes.environment import environment
from scanner.config import Config
from scanner.data.kinds import kinds
from scanner.graph import build
from scanner.model import (
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    HandleSeen,
    Hint,
    Identity,
    LifetimeKind,
    Platform,
    Protection,
    Weakness,
)
from scanner.testing import HOMES, NOW, FakeFile, FakeHost, observe
from scanner.tokens import token

CONFIG = "~/.docker/config.json"
SECRET = "CANARY-CANARY-CANARY"
TOKEN = token("github-classic", "a")
HUB = "dckr_" + "pat_" + "CANARY" * 5
ROOT_ELSEWHERE = {Capability.EXEC_REMOTE, Capability.HOST_ROOT}
PULL_PUSH = {Capability.DATA_READ, Capability.PUBLISH}
META = "~/.docker/contexts/meta/{}/meta.json"
TLS = "~/.docker/contexts/tls/{}/docker/{}.pem"
KEY = f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END PRIVATE KEY-----\n"
HOUR = timedelta(hours=1)


def basic(user="ada", secret=SECRET):
    return base64.b64encode(f"{user}:{secret}".encode()).decode()


def config(auths=None, **more):
    return json.dumps({"auths": auths or {}} | more)


def look(files=None, platform=Platform.LINUX, **more):
    seen = observe(containers, FakeHost(platform, files or {}, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(files, **more):
    return only(look(files, **more), CredentialSeen)


def rules(seen):
    return [each.rule for each in only(seen, Weakness)]


def opens(seen):
    return {(grant.asset.kind, grant.asset.name): set(grant.capabilities) for grant in seen.grants}


# registry logins


@pytest.mark.parametrize("platform", Platform)
def test_a_login_in_a_file_is_one_credential_of_its_registry(platform):
    files = {CONFIG: FakeFile(config({"https://Registry.example.com/v2/": {"auth": basic()}}), mode=0o600)}
    login, weakness = look(files, platform)
    path = HOMES[platform] / ".docker" / "config.json"
    assert login.kind == "docker.password"
    assert login.evidence == Evidence(path, key='auths["registry.example.com"]')
    assert login.identity == Identity("docker", "registry.example.com", "ada")
    assert login.secret.fingerprint is None  # a password could be guessed from it
    assert login.protection is Protection.PLAINTEXT
    [grant] = login.grants
    assert (grant.asset, set(grant.capabilities)) == (Asset("container-registry", "registry.example.com"), PULL_PUSH)
    assert grant.confidence is Confidence.INFERRED
    assert (weakness.rule, weakness.evidence) == ("containers.inline-login", Evidence(path))
    assert weakness.fix.commands == ("docker logout registry.example.com",)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("https://index.docker.io/v1/", "docker.io"),
        ("docker.io", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("ghcr.io", "ghcr.io"),
        ("ghcr.io/acme/app", "ghcr.io"),
        ("http://localhost:5000/v2/", "localhost:5000"),
        ("registry.example.com:443", "registry.example.com"),
        ("https://ada:CANARY@registry.example.com/v2", "registry.example.com"),
        ("[::1]:5000", "::1:5000"),
        ("REGISTRY.example.com.", "registry.example.com"),
        ("", UNSHOWN),
        ("://", UNSHOWN),
        ("a\nb", "a"),
        ("a" * 300, UNSHOWN),
        (token("github-classic", "a"), UNSHOWN),
        ("https://" + token("github-classic", "a") + "/x", UNSHOWN),
    ],
)
def test_a_registry_has_one_name_and_no_secret_in_it(key, name):
    assert registry(key) == name


AT_CONFIG = "podman logout --authfile ~/.config/containers/auth.json"
AT_RUNTIME = "podman logout --authfile /run/user/1000/containers/auth.json"


@pytest.mark.parametrize(
    ("path", "platform", "env", "logout"),
    [
        (CONFIG, Platform.LINUX, {}, "docker logout"),
        (CONFIG, Platform.LINUX, {"DOCKER_CONFIG": "/home/ada/x"}, "docker --config ~/.docker logout"),
        ("~/x/config.json", Platform.LINUX, {"DOCKER_CONFIG": "/home/ada/x"}, "docker logout"),
        ("~/.config/containers/auth.json", Platform.LINUX, {}, AT_CONFIG),
        ("/run/user/1000/containers/auth.json", Platform.LINUX, {"REGISTRY_AUTH_FILE": "/home/ada/a.json"}, AT_RUNTIME),
        ("/run/user/1000/containers/auth.json", Platform.LINUX, {}, "podman logout"),
        (
            "/run/containers/1000/auth.json",
            Platform.LINUX,
            {},
            "podman logout --authfile /run/containers/1000/auth.json",
        ),
        ("~/a.json", Platform.LINUX, {"REGISTRY_AUTH_FILE": "/home/ada/a.json"}, "podman logout"),
        ("~/.config/containers/auth.json", Platform.MACOS, {}, AT_CONFIG),
        ("~/.config/containers/auth.json", Platform.WINDOWS, {}, AT_CONFIG),
        ("~/.config/helm/registry/config.json", Platform.LINUX, {}, "helm registry logout"),
        ("~/Library/Preferences/helm/registry/config.json", Platform.MACOS, {}, "helm registry logout"),
        ("~/AppData/Roaming/helm/registry/config.json", Platform.WINDOWS, {}, "helm registry logout"),
        ("~/h.json", Platform.LINUX, {"HELM_REGISTRY_CONFIG": "/home/ada/h.json"}, "helm registry logout"),
    ],
)
def test_every_file_of_logins_is_read_once(path, platform, env, logout):
    env = {**env, "XDG_CONFIG_HOME": "/home/ada/.config"} if platform is Platform.LINUX else env
    seen = look({path: config({"ghcr.io": {"auth": basic()}})}, platform, env=env)
    assert [each.kind for each in only(seen, CredentialSeen)] == ["docker.password"]
    assert only(seen, Weakness)[0].fix.commands == (f"{logout} ghcr.io",)


def test_the_old_file_holds_its_logins_without_a_name_around_them():
    files = {"~/.dockercfg": json.dumps({"https://index.docker.io/v1/": {"auth": basic(), "email": "ada@example.com"}})}
    login, weakness = look(files)
    assert opens(login) == {("container-registry", "docker.io"): PULL_PUSH}
    assert weakness.fix.commands == ("docker logout",)


def test_a_github_token_in_a_login_is_the_github_token_that_lies_elsewhere():
    secret = token("github-classic", "a")
    host = FakeHost(files={CONFIG: config({"ghcr.io": {"auth": basic("ada", secret)}})}, env={"GITHUB_TOKEN": secret})
    mine, elsewhere = observe(containers, host), observe(environment, host)
    [login], [variable] = only(mine, CredentialSeen), only(elsewhere, CredentialSeen)
    assert login.kind == variable.kind == "github.classic-token"
    assert login.secret.fingerprint == variable.secret.fingerprint is not None
    [node] = build([*mine, *elsewhere], host.machine, Config()).credentials.values()
    assert len(node.locations) == 2
    assert opens(login)["container-registry", "ghcr.io"] == PULL_PUSH


@pytest.mark.parametrize(
    ("host", "family", "kind", "account"),
    [
        ("docker.io", "docker", "docker.token", ("container-registry", "docker.io")),
        ("registry.gitlab.com", "gitlab", "gitlab.token", ("gitlab-account", "gitlab.com")),
        ("registry.gitlab.example.com:5050", "gitlab", "gitlab.token", ("gitlab-account", "gitlab.example.com")),
    ],
)
def test_a_token_is_of_its_family_whatever_registry_it_is_saved_for(host, family, kind, account):
    [login] = credentials(
        {CONFIG: config({host: {"auth": basic("ada", HUB if family == "docker" else token(family, "a"))}})}
    )
    assert login.kind == kind
    assert account in opens(login)
    assert ("container-registry", host) in opens(login)


def test_a_docker_hub_token_publishes_only_perhaps_since_its_level_does_not_show():
    [login] = credentials({CONFIG: config({"docker.io": {"auth": basic("ada", HUB)}})})
    confidence = {cap: grant.confidence for grant in login.grants for cap in grant.capabilities}
    assert confidence[Capability.PUBLISH] is Confidence.POSSIBLE


def ecr(ends):
    told = {"payload": SECRET, "version": "2", "type": "DATA_KEY", "expiration": ends}
    return base64.b64encode(json.dumps(told).encode()).decode()


ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(("hours", "state"), [(5, CredentialState.UNTESTED), (-5, CredentialState.EXPIRED)])
def test_amazons_registry_token_ends_and_lies_within_its_account(hours, state):
    ends = NOW + hours * HOUR
    seen = look({CONFIG: config({ECR: {"auth": basic("AWS", ecr(int(ends.timestamp())))}})})
    [login], [within] = only(seen, CredentialSeen), only(seen, AssetSeen)
    assert (login.kind, login.lifetime.kind) == ("docker.registry-token", LifetimeKind.EXPIRES)
    assert (login.lifetime.expires_at, login.state) == (ends, state)
    assert login.identity is None
    assert within.asset == Asset("container-registry", ECR)
    assert within.within == (Asset("aws-account", "123456789012"),)
    assert rules(seen) == []


@pytest.mark.parametrize("ends", [True, "soon", None, 10**30, -(10**30), []])
def test_a_registry_token_without_a_proper_end_still_expires(ends):
    [login] = credentials({CONFIG: config({ECR: {"auth": basic("AWS", ecr(ends))}})})
    assert (login.lifetime.kind, login.lifetime.expires_at) == (LifetimeKind.EXPIRES, None)


def test_a_token_that_renews_itself_is_told_as_one():
    auths = {"acme.azurecr.io": {"auth": basic("00000000-0000-0000-0000-000000000000", ""), "identitytoken": SECRET}}
    [login] = credentials({CONFIG: config(auths)})
    assert (login.kind, login.identity) == ("docker.identity-token", None)
    assert login.secret.fingerprint is not None


def test_plain_fields_and_tokens_of_a_registry_count_too():
    auths = {"a.example.com": {"username": "ada", "password": SECRET}, "b.example.com": {"registrytoken": SECRET}}
    assert [each.kind for each in credentials({CONFIG: config(auths)})] == ["docker.password", "docker.registry-token"]


@pytest.mark.parametrize("user", ["AWS", "_json_key", "oauth2accesstoken", "<token>", SECRET, f"x{SECRET}y", "a\nb"])
def test_a_user_that_is_nobody_or_the_secret_is_not_shown(user):
    [login] = credentials({CONFIG: config({"r.example.com": {"username": user, "password": SECRET}})})
    assert login.identity is None


def test_google_s_access_token_as_password_lasts_an_hour_and_is_no_lasting_login():
    seen = look({CONFIG: config({"europe-docker.pkg.dev": {"auth": basic("oauth2accesstoken", SECRET)}})})
    [login] = only(seen, CredentialSeen)
    assert (login.kind, login.lifetime.kind) == ("docker.registry-token", LifetimeKind.EXPIRES)
    assert only(seen, Weakness) == []


def test_a_google_key_file_as_password_is_that_key():
    pem = "-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\n"
    told = {"type": "service_account", "project_id": "shop-prod", "private_key_id": "abc123", "private_key": pem}
    secret = json.dumps(told | {"client_email": "ci@shop-prod.iam.gserviceaccount.com"})
    [login] = credentials({CONFIG: config({"eu.gcr.io": {"auth": basic("_json_key", secret)}})})
    assert (login.kind, login.public_id) == ("gcp.service-account-key", "abc123")
    assert login.identity.name == "ci@shop-prod.iam.gserviceaccount.com"


def test_an_auth_is_masked_as_it_stands_in_the_file():
    host = FakeHost(files={CONFIG: config({"ghcr.io": {"auth": basic("ada.lovelace")}})})
    observe(containers, host)
    assert host.vault.mask(f"x {basic('ada.lovelace')} x".encode())[1] == 1


# what is no login


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"auth": ""},
        {"auth": None},
        {"email": "ada@example.com"},
        {"username": "ada"},
        {"auth": basic("ada", "changeme")},
        {"auth": basic("ada", "<password>")},
        {"auth": basic("ada", "${REGISTRY_TOKEN}")},
        {"auth": basic("ada", "")},
        {"password": "your-token-here"},
    ],
)
def test_an_entry_without_a_secret_is_silent(entry):
    assert look({CONFIG: config({"r.example.com": entry})}) == []


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "",
        " \n",
        config(credsStore="desktop"),
        config(HttpHeaders={"X-Meta-Source": "docker", "User-Agent": "Docker-Client/28"}),
        config(proxies={"default": {"httpProxy": "http://proxy.example.com:3128", "noProxy": "localhost"}}),
        config(plugins={"x": {"hooks": "run me"}}, aliases={"builder": "buildx"}, cliPluginsExtraDirs=["/opt/x"]),
        config(currentContext="default", psFormat="table {{.ID}}", detachKeys="ctrl-q"),
        config({"r.example.com": {}}, credHelpers={"r.example.com": "containers-auth.json"}),
    ],
)
def test_settings_and_helpers_without_a_login_are_silent(text):
    assert look({CONFIG: text}) == []


@pytest.mark.parametrize(
    ("auth", "pair"),
    [
        (basic(), ("ada", SECRET)),
        (basic("ada", "a:b"), ("ada", "a:b")),
        (basic("ada", "x\0\0"), ("ada", "x")),
        (" " + basic() + "\n", ("ada", SECRET)),
        ("CANARY", None),
        ("%%%%", None),
        ("é", None),
        (base64.b64encode(b"no colon").decode(), None),
        (base64.b64encode(b"\xff\xfe:\xff").decode(), None),
        (basic()[:-1], None),
    ],
)
def test_an_auth_is_base64_of_user_and_password(auth, pair):
    assert decoded(auth) == pair


# helpers


@pytest.mark.parametrize(
    ("store", "protection"),
    [
        ("osxkeychain", Protection.KEYCHAIN),
        ("wincred", Protection.KEYCHAIN),
        ("secretservice", Protection.KEYCHAIN),
        ("desktop", Protection.KEYCHAIN),
        ("pass", Protection.ENCRYPTED),
        ("acme-vault", Protection.REFERENCE),
    ],
)
def test_a_login_that_a_helper_holds_is_told_and_the_helper_not_run(store, protection):
    [login] = look({CONFIG: config({"https://index.docker.io/v1/": {}}, credsStore=store)})
    assert (login.kind, login.protection, login.secret) == ("docker.kept-login", protection, None)
    assert "any process" in kinds()[login.kind].why
    assert "can only pull" in kinds()[login.kind].narrow
    assert login.names == (f"docker-credential-{store}",)
    assert opens(login) == {("container-registry", "docker.io"): PULL_PUSH}


def test_a_registrys_own_helper_beats_the_store_and_needs_no_entry():
    text = config({"a.example.com": {}}, credsStore="pass", credHelpers={"a.example.com": "x", "b.example.com": "y"})
    assert [each.names for each in credentials({CONFIG: text})] == [("docker-credential-x",), ("docker-credential-y",)]


def test_the_hosts_of_a_clouds_helper_are_one_credential():
    hosts = ["gcr.io", "eu.gcr.io", "europe-docker.pkg.dev"]
    [login] = look({CONFIG: config(credHelpers=dict.fromkeys(hosts, "gcloud"))})
    assert (login.kind, login.protection) == ("docker.helper-login", Protection.REFERENCE)
    assert set(opens(login)) == {("container-registry", host) for host in hosts}
    assert {grant.confidence for grant in login.grants} == {Confidence.POSSIBLE}
    assert "Google Cloud" in login.names[1]


def test_amazons_helper_opens_the_registry_within_the_account():
    seen = look({CONFIG: config(credHelpers={ECR: "ecr-login"})})
    assert [each.within for each in only(seen, AssetSeen)] == [(Asset("aws-account", "123456789012"),)]
    [login] = only(seen, CredentialSeen)
    assert "AWS" in login.names[1]


def test_a_clouds_helper_for_every_registry_is_told_without_one():
    [login] = look({CONFIG: config(credsStore="ecr-login")})
    assert opens(login) == {("container-registry", "what docker-credential-ecr-login opens"): PULL_PUSH}


def test_a_helper_that_is_no_name_is_not_shown():
    [login] = look({CONFIG: config(credHelpers={"a.example.com": "/bin/sh -c CANARY"})})
    assert login.names == ("docker-credential-of another name",)


# what else lies in the file


def test_a_header_and_a_proxy_with_a_password_are_credentials():
    text = config(
        HttpHeaders={"Authorization": f"Bearer {SECRET}1a", "X-Api-Key": f"{SECRET}2b"},
        proxies={"default": {"httpsProxy": "http://ada:CANARY-7f@proxy.example.com:3128"}},
    )
    found = credentials({CONFIG: text})
    assert {each.evidence.key for each in found} == {
        "HttpHeaders.Authorization",
        "HttpHeaders",
        "proxies.httpsProxy",
    }
    assert "generic.url-password" in {each.kind for each in found}


@pytest.mark.parametrize(("mode", "found"), [(0o644, True), (0o600, False), (None, False)])
def test_a_file_with_logins_that_others_may_read_is_a_weakness(mode, found):
    seen = look({CONFIG: FakeFile(config({"ghcr.io": {"auth": basic()}}), mode=mode)})
    assert ("file.readable-by-others" in rules(seen)) is found


def test_a_readable_file_without_logins_is_none():
    assert look({CONFIG: FakeFile(config(credsStore="desktop"), mode=0o644)}) == []


def test_the_variable_with_logins_is_one_place():
    auths = {f"{name}.example.com": {"auth": basic()} for name in "ab"}
    host = FakeHost(env={"DOCKER_AUTH_CONFIG": config(auths)})
    seen = observe(containers, host)
    assert {each.evidence for each in seen} == {Evidence(variable="DOCKER_AUTH_CONFIG")}
    [node] = build(seen, host.machine, Config()).credentials.values()
    assert node.kind == "docker.password"


# broken files


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ('{"auths": {"ghcr.io": {"auth": "CANARY', GapKind.FAILED, "is no JSON"),
        ("[]", GapKind.FAILED, "is no JSON object"),
        ("[" * 100_000, GapKind.LIMIT, "nested too deeply to read"),
        ('{"auths": [], "credsStore": 7}', GapKind.FAILED, "auths is no object"),
        ('{"credHelpers": "x"}', GapKind.FAILED, "credHelpers is no object"),
        ('{"auths": {"ghcr.io": "CANARY"}}', GapKind.FAILED, "the login of ghcr.io is no object"),
        ('{"auths": {"ghcr.io": {"auth": 7}}}', GapKind.FAILED, "the login of ghcr.io is no text"),
        (
            '{"auths": {"ghcr.io": {"auth": "CANARY!"}}}',
            GapKind.FAILED,
            "the login of ghcr.io is no base64 of a user and a password",
        ),
        (b"\xff\xfe\x00", GapKind.FAILED, None),
    ],
)
def test_a_broken_file_is_a_gap_and_the_next_is_read(text, kind, why):
    seen = look({CONFIG: text, "~/.config/containers/auth.json": config({"quay.io": {"auth": basic()}})})
    gap = only(seen, Gap)[0]
    assert gap.kind is kind
    assert why is None or gap.why == why
    assert gap.place == CONFIG
    assert ("container-registry", "quay.io") in opens(only(seen, CredentialSeen)[0])


def test_one_broken_entry_leaves_the_others():
    auths = {"a.example.com": {"auth": "%"}, "b.example.com": 7, "c.example.com": {"auth": basic()}}
    seen = look({CONFIG: config(auths)})
    assert len(only(seen, Gap)) == 2
    assert [opens(each) for each in only(seen, CredentialSeen)] == [
        {("container-registry", "c.example.com"): PULL_PUSH}
    ]


def test_a_name_that_stands_twice_is_told_and_both_are_taken():
    one, two = (f'"auths": {{"{host}.example.com": {{"auth": "{basic()}"}}}}' for host in "ab")
    seen = look({CONFIG: f"{{{one}, {two}}}"})
    assert [gap.why for gap in only(seen, Gap)] == ["a name stands twice in one object"]
    assert len(only(seen, CredentialSeen)) == 2


def test_a_huge_file_is_one_gap():
    seen = look({CONFIG: config({"ghcr.io": {"auth": basic()}}, padding="x" * 1024 * 1024)})
    assert [gap.kind for gap in seen] == [GapKind.LIMIT]


def test_more_entries_than_are_taken_are_a_gap():
    seen = look({CONFIG: config({f"r{n}.example.com": {"auth": basic()} for n in range(1005)})})
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.LIMIT]
    assert len(only(seen, CredentialSeen)) == 1000


def test_a_locked_file_is_a_gap():
    seen = look({CONFIG: None, "~/.dockercfg": json.dumps({"quay.io": {"auth": basic()}})})
    assert [gap.kind for gap in only(seen, Gap)] == [GapKind.REFUSED]
    assert len(only(seen, CredentialSeen)) == 1


def test_a_machine_without_containers_is_silent():
    for platform in Platform:
        assert look({"~/.bashrc": "alias docker=podman\n", "/etc/group": "root:x:0:\nsudo:x:27:ada\n"}, platform) == []


# addresses


@pytest.mark.parametrize(
    ("text", "way", "host", "port"),
    [
        ("tcp://10.0.0.5:2375", Way.TCP, "10.0.0.5", "2375"),
        ("tcp://Build.example.com", Way.TCP, "build.example.com", ""),
        ("10.0.0.5:2375", Way.TCP, "10.0.0.5", "2375"),
        (":2375", Way.TCP, "127.0.0.1", "2375"),
        ("tcp://:2375", Way.TCP, "127.0.0.1", "2375"),
        ("https://build.example.com:2376/x?y", Way.TCP, "build.example.com", "2376"),
        ("tcp://[2001:db8::1]:2376", Way.TCP, "2001:db8::1", "2376"),
        ("ssh://ada@build.example.com:2222/run/podman/podman.sock", Way.SSH, "build.example.com", "2222"),
        ("ssh://ada:CANARY@build", Way.SSH, "build", ""),
        ("unix:///run/docker.sock", Way.SOCKET, "", ""),
        ("npipe:////./pipe/docker_engine", Way.PIPE, "", ""),
    ],
)
def test_an_address_is_read_as_the_tools_read_it(text, way, host, port):
    found = address(text, FakeHost())
    assert (found.way, found.host, found.port) == (way, host, port)
    assert "CANARY" not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "fd://",
        "hunter2",
        "unix://run/x",
        "tcp://",
        "ssh://@",
        "x://y",
        "a\nb",
        "/run/x",
        "x" * 5000,
        TOKEN,
        f"tcp://{TOKEN}",
        f"ssh://{TOKEN}:22",
    ],
)
def test_what_is_no_address_is_none(text):
    assert address(text, FakeHost()) is None


@pytest.mark.parametrize("variable", ["DOCKER_HOST", "CONTAINER_HOST"])
def test_an_engine_over_plain_tcp_is_everyones(variable):
    seen = look(env={variable: "tcp://build.prod.example.com:2375"})
    [handle] = only(seen, HandleSeen)
    assert (handle.kind, handle.evidence) == ("handle.container-address", Evidence(variable=variable))
    assert handle.channel == "connect tcp://build.prod.example.com:2375"
    [grant] = handle.grants
    assert (grant.asset, set(grant.capabilities)) == (Asset("container-host", "build.prod.example.com"), ROOT_ELSEWHERE)
    assert grant.confidence is Confidence.INFERRED
    assert rules(seen) == ["containers.plain-tcp", "containers.production-default"]


def test_a_plain_engine_on_this_machine_is_root_here():
    seen = look(env={"DOCKER_HOST": "tcp://127.0.0.1:2375"})
    [handle] = only(seen, HandleSeen)
    assert opens(handle) == {("this-machine", "testbed"): {Capability.HOST_ROOT}}
    assert rules(seen) == ["containers.plain-tcp"]


@pytest.mark.parametrize("platform", [Platform.MACOS, Platform.WINDOWS])
def test_a_plain_engine_on_a_desktop_is_its_virtual_machine(platform):
    [handle] = only(look(platform=platform, env={"DOCKER_HOST": "tcp://localhost:2375"}), HandleSeen)
    assert opens(handle) == {("container-vm", "docker-desktop"): {Capability.EXEC_REMOTE}}


def production(found, config_=None):
    """The rules that hold once environments are judged."""
    host = FakeHost()
    return [each.rule for each in build(found, host.machine, config_ or Config()).weaknesses]


@pytest.mark.parametrize(
    ("name", "held"), [("build.prod.example.com", True), ("build.staging.example.com", False), ("10.0.0.5", False)]
)
def test_a_default_is_a_trap_only_where_it_is_production(name, held):
    assert ("containers.production-default" in production(look(env={"DOCKER_HOST": f"ssh://{name}"}))) is held


def test_the_fix_for_a_variable_is_of_the_platforms_shell():
    for platform, command in ((Platform.LINUX, "unset DOCKER_HOST"), (Platform.WINDOWS, "Remove-Item Env:DOCKER_HOST")):
        [weakness] = only(look(platform=platform, env={"DOCKER_HOST": "ssh://prod.example.com"}), Weakness)
        assert weakness.fix.commands == (command,)


def certificate(ends):
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ada")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, ends - 400 * 24 * HOUR, ends)
    return made.sign(key, None).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize(("hours", "state"), [(24, CredentialState.UNTESTED), (-24, CredentialState.EXPIRED)])
def test_a_client_key_is_a_credential_that_ends_with_its_certificate(hours, state):
    ends = NOW + hours * HOUR
    files = {"~/certs/key.pem": KEY, "~/certs/cert.pem": certificate(ends), "~/certs/ca.pem": ""}
    env = {"DOCKER_HOST": "tcp://build.example.com:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "~/certs"}
    seen = look(files, env=env)
    [key] = only(seen, CredentialSeen)
    assert (key.kind, key.evidence.path) == ("docker.client-key", PurePosixPath("/home/ada/certs/key.pem"))
    assert (key.lifetime.expires_at, key.state) == (ends, state)
    assert opens(key)["container-host", "build.example.com"] >= {Capability.EXEC_REMOTE}
    assert rules(seen) == ["containers.production-default"]


def test_a_client_key_without_tls_is_not_used_and_the_port_is_plain():
    env = {"DOCKER_HOST": "tcp://build.example.com:2376", "DOCKER_CERT_PATH": "~/certs"}
    seen = look({"~/certs/key.pem": KEY}, env=env)
    assert only(seen, CredentialSeen) == []
    assert "containers.plain-tcp" in rules(seen)


@pytest.mark.parametrize(
    "text", ["", "x", "-----BEGIN CERTIFICATE-----", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
)
def test_what_is_no_certificate_has_no_end(text):
    assert ends_of(text) is None


def test_a_key_file_that_holds_none_is_a_gap():
    files = {"~/.docker/key.pem": "CANARY"}
    seen = look(files, env={"DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1"})
    assert [gap.why for gap in only(seen, Gap)] == ["holds no private key"]


# contexts


def context(name, host, **more):
    return json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host, **more}}})


def test_a_context_over_ssh_leads_from_the_ssh_host_to_its_engine():
    [seen] = look({META.format("aa"): context("build", "ssh://ada@Build.example.com:22")})
    assert seen.asset == Asset("container-host", "build.example.com")
    assert Hint("context", "build") in seen.asset.hints
    assert seen.within == (Asset("ssh-host", "build.example.com"),)
    assert Capability.EXEC_REMOTE in seen.carries


@pytest.mark.parametrize(
    ("more", "env", "current"),
    [
        ({"currentContext": "prod"}, {}, True),
        ({"currentContext": "default"}, {}, False),
        ({}, {}, False),
        ({"currentContext": "default"}, {"DOCKER_CONTEXT": "prod"}, True),
        ({"currentContext": "prod"}, {"DOCKER_CONTEXT": "default"}, False),
        ({"currentContext": "prod"}, {"DOCKER_HOST": "unix:///run/none.sock"}, False),
        ({"currentContext": ["prod"]}, {}, False),
    ],
)
def test_the_context_in_use_is_the_variables_then_the_files(more, env, current):
    files = {META.format("aa"): context("prod", "ssh://prod.example.com"), CONFIG: json.dumps(more)}
    seen = look(files, env=env)
    assert (rules(seen) == ["containers.production-default"]) is current
    for weakness in only(seen, Weakness):
        assert weakness.fix.commands == ("docker context use default",)


def test_a_contexts_own_key_opens_its_engine():
    files = {META.format("aa"): context("build", "tcp://b.example.com:2376"), TLS.format("aa", "key"): KEY}
    seen = look(files)
    [key] = seen
    assert (key.kind, key.names) == ("docker.client-key", ("context build",))


def test_a_context_with_a_key_of_another_is_plain():
    files = {META.format("aa"): context("build", "tcp://b.example.com:2376"), TLS.format("bb", "key"): KEY}
    assert rules(look(files)) == ["containers.plain-tcp"]


def test_a_context_that_skips_the_servers_name_is_still_encrypted():
    assert look({META.format("aa"): context("build", "tcp://b.example.com:2376", SkipTLSVerify=True)}) == []


@pytest.mark.parametrize(
    "text", ["{", context("x", ""), context("x", 7), '{"Name": "x", "Endpoints": []}', context("x", "what://ever")]
)
def test_a_broken_context_is_a_gap_and_the_next_is_read(text):
    gap, seen = look({META.format("aa"): text, META.format("bb"): context("build", "ssh://build.example.com")})
    assert isinstance(gap, Gap)
    assert gap.kind is GapKind.FAILED
    assert seen.asset.name == "build.example.com"


def test_a_password_in_an_address_is_kept_and_not_shown():
    host = FakeHost(files={META.format("aa"): context("b", "ssh://ada:CANARY-CANARY-CANARY@build.example.com")})
    seen = observe(containers, host)
    assert "CANARY" not in repr(seen)
    assert host.vault.mask(b"x CANARY-CANARY-CANARY x")[1] == 1


def test_a_token_in_the_place_of_a_name_is_not_shown():
    files = {
        META.format("aa"): context(TOKEN, "tcp://build.example.com"),
        CONFIG: json.dumps({"currentContext": TOKEN}),
    }
    files |= {
        "~/.config/containers/podman-connections.json": connections(TOKEN, **{TOKEN: {"URI": URI, "Identity": "k"}})
    }
    seen = look(files, env={"DOCKER_HOST": TOKEN})
    assert len(seen) > 4
    assert TOKEN[4:].lower() not in repr(seen).lower()


# Podman's connections


CONNECTIONS = "~/.config/containers/podman-connections.json"
URI = "ssh://ada@build.example.com:22/run/user/1000/podman/podman.sock"


def connections(default="build", **entries):
    return json.dumps({"Connection": {"Default": default, "Connections": entries}, "Farm": {}})


def test_a_connection_names_its_host_and_its_key():
    seen = look({CONNECTIONS: connections(build={"URI": URI, "Identity": "/home/ada/.ssh/build", "IsMachine": False})})
    [key], [within] = only(seen, CredentialSeen), only(seen, AssetSeen)
    assert (key.kind, key.protection, key.secret) == ("ssh.private-key", Protection.REFERENCE, None)
    assert ("ssh-host", "build.example.com") in opens(key)
    assert within.asset == Asset("container-host", "build.example.com")
    assert rules(seen) == ["containers.production-default"]


def test_a_connection_that_is_not_the_default_is_no_trap():
    assert rules(look({CONNECTIONS: connections("other", build={"URI": URI})})) == []


@pytest.mark.parametrize("name", ["podman-machine-default", "podman-machine-default-root"])
def test_a_machine_of_podman_is_a_virtual_machine_here(name):
    entry = {"URI": "ssh://core@127.0.0.1:53685/run/podman.sock", "Identity": "/home/ada/machine", "IsMachine": True}
    [key] = look({CONNECTIONS: connections(name, **{name: entry})}, Platform.MACOS)
    assert opens(key) == {("container-vm", "podman-machine-default"): {Capability.EXEC_REMOTE}}


@pytest.mark.parametrize("path", ["~/.config/containers/containers.conf", "/etc/containers/containers.conf"])
def test_connections_in_containers_conf_count_too(path):
    text = f'[engine]\nactive_service = "build"\n[engine.service_destinations.build]\nuri = "{URI}"\nidentity = "~/k"\n'
    seen = look({path: text})
    assert {type(each) for each in seen} == {AssetSeen, CredentialSeen, Weakness}


@pytest.mark.parametrize(
    "files",
    [
        {CONNECTIONS: '{"Connection": '},
        {CONNECTIONS: connections(build=7)},
        {CONNECTIONS: connections(build={"URI": 7})},
        {"~/.config/containers/containers.conf": "[engine"},
        {"~/.config/containers/containers.conf": "a = " + "[" * 20_000},
    ],
)
def test_broken_connections_are_gaps(files):
    assert [type(each) for each in look(files)] == [Gap]


@pytest.mark.parametrize(
    "text", ["[containers]\nlog_driver = 'journald'\n", "engine = 7\n", "[engine]\nservice_destinations = 1\n"]
)
def test_other_settings_of_containers_conf_are_silent(text):
    assert look({"/etc/containers/containers.conf": text}) == []


# laws


NAMES = ['"auths":', '"auth":', '"ghcr.io":', '"credsStore":', '"credHelpers":', '"identitytoken":', '"HttpHeaders":']
TEXTS = [f'"{basic()}"', '"CANARY"', '"pass"', '"\\ud800"', '"é"', "7", "null", "true"]
SHREDS = st.sampled_from([*NAMES, *TEXTS, '{"auths":', '"Authorization":', '"proxies":', "{", "}", "[", "]", ","])


@example(['{"auths":', "{", '"\\ud800"', ":", "{", '"auth":', f'"{basic()}"', "}", "}", "}"])
@given(st.lists(SHREDS, max_size=25))
def test_no_text_breaks_the_reader_of_logins(shreds):
    look({CONFIG: "".join(shreds), "~/.dockercfg": "".join(shreds), "~/.config/containers/auth.json": "".join(shreds)})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["CANARY", basic(), "\ud800", "ssh://a@b", "tcp://b:1", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["auths", "auth", "ghcr.io", "Name", "Endpoints", "docker", "Host", "Connection", "Connections"]
            )
            | st.sampled_from(["URI", "Default", "credHelpers", "credsStore", "HttpHeaders", "proxies", "httpProxy"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_no_types_break_a_reader(value):
    text = json.dumps(value)
    look({CONFIG: text, META.format("aa"): text, CONNECTIONS: text})


def test_every_kind_that_is_told_is_in_the_data():
    told = ("handle.container-socket", "handle.container-group", "handle.container-address", "docker.client-key")
    told += ("docker.identity-token", "docker.registry-token", "docker.helper-login", "docker.password")
    assert set(told) <= kinds().keys()
