"""The Kubernetes probe: clusters, proofs, plug-ins that are never run, and arrangements that are traps."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from probes.kubernetes.certificates import NoCertificate, certificate
from probes.kubernetes.clusters import address
from probes.kubernetes.look import kubernetes
from scanner.config import Config
from scanner.data.severities import weaknesses
from scanner.graph import build
from scanner.model import (
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Gap,
    GapKind,
    Gate,
    Grant,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Platform,
    Protection,
    Weakness,
)
from scanner.reach import exposures
from scanner.testing import HOMES, NOW, FakeFile, FakeHost, fake_machine, observe
from scanner.tokens import token

CONFIG = "~/.kube/config"
TOKEN = "CANARY-CANARY-CANARY"
SERVER = "https://k8s.example.com:6443"
LATER, BEFORE = NOW + timedelta(days=30), NOW - timedelta(days=30)
KEY = ec.generate_private_key(ec.SECP256R1())
PEM_KEY = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
LOCKED_KEY = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"CANARY")
).decode()
KEY_BODY = "".join(PEM_KEY.splitlines()[1:-1])


def subject(user: str = "ada", *groups: str) -> x509.Name:
    names = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
    return x509.Name([*names, x509.NameAttribute(NameOID.COMMON_NAME, user)])


def issued(user: str = "ada", *groups: str, ends: datetime = LATER) -> x509.Certificate:
    made = x509.CertificateBuilder(subject("ca"), subject(user, *groups), KEY.public_key(), 7)
    made = made.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    return made.sign(KEY, hashes.SHA256())


def pem(each: x509.Certificate) -> str:
    return each.public_bytes(serialization.Encoding.PEM).decode()


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def jwt(**told: object) -> str:
    parts = ({"alg": "RS256"}, {name.replace("__", "/"): value for name, value in told.items()})
    head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return f"{head}.{body}.CANARY-CANARY"


def config(user: object = None, *, name: str = "prod", server: str = SERVER, **more: object) -> str:
    """A kubeconfig of one context; JSON is YAML."""
    told = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server, **more.pop("cluster", {})}}],
        "users": [{"name": "ada", "user": {"token": TOKEN} if user is None else user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": "ada", **more.pop("context", {})}}],
        **more,
    }
    return json.dumps(told, indent=1)


def look(files, platform=Platform.LINUX, **more):
    seen = observe(kubernetes, FakeHost(platform, files, **more))
    for secret in ("CANARY", KEY_BODY, KEY_BODY[:12]):
        assert secret not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(files, **more):
    return only(look(files, **more), CredentialSeen)


def rules(seen):
    return [each.rule for each in only(seen, Weakness)]


def judged(seen, **more):
    return build(seen, fake_machine(**more), Config())


def environments(seen):
    return {node.asset.name: node.judged.environment for node in judged(seen).assets.values()}


# files


@pytest.mark.parametrize("platform", Platform)
def test_a_token_is_one_credential_on_its_cluster(platform):
    [seen] = credentials({CONFIG: config()}, platform=platform)
    assert seen.kind == "kubernetes.token"
    assert seen.evidence.path == HOMES[platform] / ".kube" / "config"
    assert seen.evidence.line == 17
    assert seen.identity == Identity("kubernetes", "k8s.example.com:6443", "user ada")
    assert {grant.asset for grant in seen.grants} == {Asset("kubernetes-cluster", "k8s.example.com:6443")}
    assert {grant.confidence for grant in seen.grants} == {Confidence.INFERRED, Confidence.POSSIBLE}
    assert seen.names == ("user ada", "context prod", "current context")
    assert seen.secret.fingerprint is not None
    assert seen.undecided.action == "kubectl auth can-i --list --context " + (
        "'prod'" if platform is Platform.WINDOWS else "prod"
    )


def test_a_machine_without_kubernetes_is_silent():
    assert look({"~/.profile": "export X=1"}) == []


@pytest.mark.parametrize("text", ["", "apiVersion: v1\nkind: Config\nclusters: null\nusers: []\n", "{}", "# nothing\n"])
def test_an_empty_kubeconfig_is_silent(text):
    assert look({CONFIG: text}) == []


SEPARATORS = {Platform.LINUX: ":", Platform.MACOS: ":", Platform.WINDOWS: ";"}
FOLDERS = {Platform.LINUX: "/k", Platform.MACOS: "/k", Platform.WINDOWS: "D:/k"}


@pytest.mark.parametrize("platform", Platform)
def test_files_of_the_variable_are_joined_and_the_first_name_wins(platform):
    """As `kubectl config view` joins them: whole entries, the first current context, absent files passed over."""
    folder = FOLDERS[platform]
    first = config({"token": TOKEN + "-1"}, name="shared", server="https://one.example.com")
    second = config({"token": TOKEN + "-2"}, name="shared", server="https://two.example.com")
    second = second.replace('"current-context": "shared"', '"current-context": "other"')
    files = {f"{folder}/a": first, f"{folder}/b": second, CONFIG: config(server="https://default.example.com")}
    named = SEPARATORS[platform].join([f"{folder}/a", f"{folder}/absent", f"{folder}/b"])
    seen = look(files, platform=platform, env={"KUBECONFIG": named})
    told = {each.evidence.path.name: each for each in only(seen, CredentialSeen)}
    assert "current context" in told["a"].names
    assert told["a"].identity.account == "one.example.com"
    assert "in a kubeconfig that is not the active one" in told["b"].names  # hidden by its namesake, and readable
    assert told["b"].identity.account == "two.example.com"
    assert "in a kubeconfig that is not the active one" in told["config"].names
    assert rules(seen).count("kubernetes.context-of-two-clusters") == 1


def test_a_context_of_one_file_may_join_names_of_the_next():
    context = {"kind": "Config", "contexts": [{"name": "c", "context": {"cluster": "prod", "user": "ada"}}]}
    files = {"/k/a": json.dumps(context), "/k/b": config(contexts=[])}
    [seen] = credentials(files, env={"KUBECONFIG": "/k/a:/k/b"})
    assert seen.identity.account == "k8s.example.com:6443"
    assert "context c" in seen.names


def test_a_variable_that_names_nothing_leaves_the_default_file_unused():
    [seen] = credentials({CONFIG: config()}, env={"KUBECONFIG": "/k/absent"})
    assert "in a kubeconfig that is not the active one" in seen.names
    assert "--kubeconfig /home/ada/.kube/config" in seen.undecided.action


@pytest.mark.parametrize(
    "path",
    [
        *("~/.kube/acme.yaml", "~/.kube/acme.yml", "~/.kube/acme.conf", "~/.kube/acme.config", "~/.kube/config.bak"),
        *("~/.kube/configs/acme", "~/.kube/config.d/acme.yaml", "~/.kube/k3s", "~/.kube/config-prod"),
        *("/etc/rancher/k3s/k3s.yaml", "/etc/kubernetes/admin.conf", "/var/lib/kubelet/kubeconfig"),
        *("~/src/app/kubeconfig", "~/src/app/deploy/kubeconfig.yaml", "~/src/app/acme.kubeconfig"),
    ],
)
def test_a_kubeconfig_elsewhere_is_seen_and_said_not_to_be_active(path):
    [seen] = credentials({path: config()}, workspace="~/src/app")
    assert "in a kubeconfig that is not the active one" in seen.names
    assert "current context" not in seen.names


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: v1\nkind: Secret\ndata:\n  token: Q0FOQVJZ\n",
        "kind: CustomResourceDefinition\nspec:\n  users:\n  - name: a\n    user: {token: CANARY-CANARY-CANARY}\n",
        "users:\n- name: ada\n  user: {token: CANARY-CANARY-CANARY}\n",
        "replicaCount: 1\nimage: {tag: v1}\nclusters: [a, b]\n",
        "kind: Kustomization\nusers: []\nclusters: []\ncontexts: []\n",
        "{{ template }}: [",
        "just words",
    ],
)
def test_other_yaml_with_a_kubeconfig_s_name_is_silent(text):
    assert look({"~/src/app/kubeconfig.yaml": text, "~/.kube/notes.yaml": text}, workspace="~/src/app") == []


@pytest.mark.parametrize("platform", Platform)
def test_an_administrator_whom_no_context_uses_may_open_no_cluster_at_all(platform):
    user = {
        "client-certificate-data": b64(pem(issued("ada", "system:masters"))),
        "client-key-data": b64(PEM_KEY),
    }
    text = json.dumps({"apiVersion": "v1", "kind": "Config", "users": [{"name": "x", "user": user}]})
    [seen] = only(look({CONFIG: text}, platform), CredentialSeen)
    assert {grant.confidence for grant in seen.grants} == {Confidence.POSSIBLE}
    assert all("no context uses" in grant.why for grant in seen.grants)
    assert {grant.asset.name for grant in seen.grants} == {"that no context names, of user x in ~/.kube/config"}


@pytest.mark.parametrize("word", ["REDACTED", "DATA+OMITTED", "", "<token>", "${TOKEN}", "changeme"])
def test_what_stands_for_a_secret_is_none(word):
    user = {"token": word, "client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}
    assert look({CONFIG: config({**user, "username": "a", "password": word})}) == [
        *only(look({CONFIG: config({})}), Weakness)
    ]


@pytest.mark.parametrize("mode", [0o644, 0o604])
def test_a_kubeconfig_with_secrets_that_others_may_open_is_a_weakness(mode):
    assert "file.readable-by-others" in rules(look({CONFIG: FakeFile(config(), mode=mode)}))
    assert "file.readable-by-others" not in rules(look({CONFIG: FakeFile(config({}), mode=mode)}))
    assert "file.readable-by-others" not in rules(look({CONFIG: FakeFile(config(), mode=0o600)}))


# clusters


@pytest.mark.parametrize(
    ("server", "name"),
    [
        ("https://k8s.example.com", "k8s.example.com"),
        ("https://K8S.Example.com:443/", "k8s.example.com"),
        ("https://k8s.example.com:6443", "k8s.example.com:6443"),
        ("https://ada:CANARY@k8s.example.com?t=CANARY", "k8s.example.com"),
        ("https://rancher.example.com/k8s/clusters/c-m-1", "rancher.example.com/k8s/clusters/c-m-1"),
        ("k8s.example.com:6443", "k8s.example.com:6443"),
        ("https://[2001:db8::1]:6443", "[2001:db8::1]:6443"),
        ("https://127.0.0.1:6443", "testbed:6443"),
        ("https://localhost:6443", "testbed:6443"),
        ("https://[::1]:6443", "testbed:6443"),
        ("not an address at all", "of prod"),
        ("https://[", "of prod"),
        ("https://a:b", "of prod"),
        ("", "of prod"),
    ],
)
def test_a_cluster_is_named_by_the_address_of_its_server(server, name):
    [seen] = credentials({CONFIG: config(server=server)})
    assert {grant.asset.name for grant in seen.grants} == {name}


def test_a_tunnel_is_named_by_the_name_that_is_verified():
    told = config(server="https://localhost:7443", cluster={"tls-server-name": "api.example.com"})
    assert credentials({CONFIG: told})[0].identity.account == "api.example.com"


def test_one_cluster_in_two_files_is_one_asset():
    files = {CONFIG: config(name="a"), "~/.kube/b.yaml": config({"token": TOKEN + "-b"}, name="b")}
    assert [node.asset.name for node in judged(look(files)).assets.values()] == ["k8s.example.com:6443"]


@pytest.mark.parametrize(
    ("name", "server", "environment"),
    [
        ("kind-dev", "https://127.0.0.1:41235", Environment.DEVELOPMENT),
        ("kind-prod-copy", "https://127.0.0.1:41235", Environment.DEVELOPMENT),
        ("minikube", "https://192.168.49.2:8443", Environment.DEVELOPMENT),
        ("docker-desktop", "https://kubernetes.docker.internal:6443", Environment.DEVELOPMENT),
        ("default", "https://127.0.0.1:6443", Environment.DEVELOPMENT),
        ("prod", "https://127.0.0.1:7443", Environment.PRODUCTION),  # a tunnel
        ("kind-prod", "https://k8s.example.com", Environment.PRODUCTION),  # only called so
        ("main", "https://k8s.example.com", Environment.UNKNOWN),
        (
            "arn:aws:eks:eu-west-1:123456789012:cluster/prod",
            "https://A1.gr7.eu-west-1.eks.amazonaws.com",
            Environment.PRODUCTION,
        ),
        ("gke_acme-staging_europe-west1_main", "https://203.0.113.7", Environment.STAGING),
    ],
)
def test_names_and_addresses_tell_what_a_cluster_is_for(name, server, environment):
    assert set(environments(look({CONFIG: config(name=name, server=server)})).values()) == {environment}


def test_minikube_under_another_name_is_known_by_its_mark():
    mark = {"extensions": [{"name": "cluster_info", "extension": {"provider": "minikube.sigs.k8s.io"}}]}
    seen = look({CONFIG: config(name="orders-prod", server="https://192.168.49.2:8443", cluster=mark)})
    assert set(environments(seen).values()) == {Environment.DEVELOPMENT}


def test_a_namespace_lies_within_its_cluster_and_is_judged_by_itself():
    seen = look({CONFIG: config(name="main", context={"namespace": "orders-prod"})})
    [inner] = only(seen, AssetSeen)
    assert inner.asset == Asset("kubernetes-namespace", "k8s.example.com:6443/orders-prod")
    assert inner.within == (Asset("kubernetes-cluster", "k8s.example.com:6443"),)
    assert environments(seen) == {
        "k8s.example.com:6443": Environment.UNKNOWN,
        "k8s.example.com:6443/orders-prod": Environment.PRODUCTION,
    }


@given(
    st.lists(
        st.sampled_from(["https://", "http://", "[", "]", "@", ":", "/", "?", "#", "host", "443", "é", "\x00", "%"])
    ).map("".join)
)
def test_no_server_breaks_the_reader_of_addresses(text):
    address(text)


# proofs


@pytest.mark.parametrize(
    ("user", "groups", "admin"),
    [
        ("ada", ("developers", "system:authenticated"), False),
        ("kubernetes-admin", ("system:masters",), True),
        ("kubernetes-admin", ("kubeadm:cluster-admins",), True),
        ("kubernetes-admin", (), True),
        ("system:admin", ("system:masters",), True),
        ("minikube-user", ("other", "system:masters"), True),
        ("ada", ("not-system:masters",), False),
    ],
)
def test_a_certificate_makes_its_bearer_a_user_with_groups(user, groups, admin):
    made = issued(user, *groups)
    told = config({"client-certificate-data": b64(pem(made)), "client-key-data": b64(PEM_KEY)})
    [seen] = credentials({CONFIG: told})
    assert seen.kind == ("kubernetes.admin-certificate" if admin else "kubernetes.client-certificate")
    assert seen.identity == Identity("kubernetes", "k8s.example.com:6443", user)
    assert seen.public_id == f"SHA256:{made.fingerprint(hashes.SHA256()).hex()}"
    assert seen.lifetime == Lifetime(LifetimeKind.EXPIRES, LATER)
    assert {f"O {group}" for group in groups} <= {*seen.names}
    granted = {cap for grant in seen.grants if grant.confidence is Confidence.GRANTED for cap in grant.capabilities}
    classes = {Capability.EXEC_REMOTE, Capability.DATA_DESTROY, Capability.SECRETS_READ, Capability.IAM_ESCALATE}
    assert (classes | {Capability.INFRA_MODIFY} <= granted) is admin
    assert (seen.undecided is None) is admin
    assert admin or Confidence.POSSIBLE in {grant.confidence for grant in seen.grants}


def test_a_certificate_past_its_end_is_expired():
    told = config({"client-certificate-data": b64(pem(issued(ends=BEFORE))), "client-key-data": b64(PEM_KEY)})
    assert credentials({CONFIG: told})[0].state is CredentialState.EXPIRED


def test_an_encrypted_key_asks_for_its_passphrase():
    told = config({"client-certificate-data": b64(pem(issued())), "client-key-data": b64(LOCKED_KEY)})
    [seen] = credentials({CONFIG: told})
    assert (seen.protection, seen.barrier.gate) == (Protection.ENCRYPTED, Gate.PRESENCE)


@pytest.mark.parametrize("platform", Platform)
def test_files_that_a_kubeconfig_names_lie_beside_it(platform):
    user = {"client-certificate": "pki/ada.crt", "client-key": "../.kube/pki/./x/../ada.key", "tokenFile": "token"}
    files = {CONFIG: config(user), "~/.kube/token": TOKEN + "\n"}
    files |= {"~/.kube/pki/ada.crt": pem(issued()), "~/.kube/pki/ada.key": PEM_KEY}
    by_certificate, by_token = credentials(files, platform=platform)
    assert by_certificate.evidence.path == HOMES[platform] / ".kube" / "pki" / "ada.key"
    assert by_certificate.identity.name == "ada"
    assert by_token.evidence.path == HOMES[platform] / ".kube" / "token"


def test_absolute_references_as_minikube_writes_them_are_followed():
    folder = "/home/ada/.minikube/profiles/minikube"
    user = {"client-certificate": f"{folder}/client.crt", "client-key": f"{folder}/client.key"}
    files = {CONFIG: config(user, name="minikube", server="https://192.168.49.2:8443")}
    files |= {f"{folder}/client.crt": pem(issued("minikube-user", "system:masters")), f"{folder}/client.key": PEM_KEY}
    [seen] = credentials(files)
    assert seen.kind == "kubernetes.admin-certificate"
    assert environments([seen]) == {"minikube on testbed": Environment.DEVELOPMENT}


def test_a_named_file_that_is_not_there_is_silent_and_one_that_is_locked_a_gap():
    user = {"client-certificate": "a.crt", "client-key": "a.key", "tokenFile": "token"}
    assert only(look({CONFIG: config(user)}), Gap) == []
    [gap] = only(look({CONFIG: config(user), "~/.kube/token": FakeFile(None)}), Gap)
    assert gap.kind is GapKind.REFUSED


def test_one_certificate_and_one_token_in_two_files_are_one_credential_each():
    user = {"client-certificate-data": b64(pem(issued())), "client-key-data": b64(PEM_KEY), "token": TOKEN}
    named = {"client-certificate": "ada.crt", "client-key": "ada.key", "tokenFile": "token"}
    files = {CONFIG: config(user), "~/.kube/copy.yaml": config(named), "~/.kube/token": TOKEN}
    files |= {"~/.kube/ada.crt": pem(issued()), "~/.kube/ada.key": PEM_KEY}
    found = judged(look(files)).credentials.values()
    assert sorted((node.kind, len(node.locations)) for node in found) == [
        ("kubernetes.client-certificate", 2),
        ("kubernetes.token", 2),
    ]


def test_a_service_account_s_token_tells_whose_it_is_and_until_when():
    ends = int(LATER.timestamp())
    told = jwt(iss="https://oidc.example.com", sub="system:serviceaccount:shop:deployer", exp=ends, aud=["api"])
    [seen] = credentials({CONFIG: config({"token": told})})
    assert seen.kind == "kubernetes.service-account"
    assert seen.identity.name == "system:serviceaccount:shop:deployer"
    assert seen.lifetime == Lifetime(LifetimeKind.EXPIRES, LATER)
    assert {"service account shop/deployer", "audience api", "issuer https://oidc.example.com"} <= {*seen.names}


def test_a_legacy_token_never_ends():
    told = jwt(iss="kubernetes/serviceaccount", sub="system:serviceaccount:shop:deployer")
    [seen] = credentials({CONFIG: config({"token": told})})
    assert seen.lifetime.kind is LifetimeKind.STATIC


def test_a_password_has_no_fingerprint():
    [seen] = credentials({CONFIG: config({"username": "root", "password": TOKEN})})
    assert (seen.kind, seen.secret.fingerprint, seen.identity.name) == ("kubernetes.password", None, "root")


def test_an_openshift_login_is_known_by_its_token():
    assert credentials({CONFIG: config({"token": "sha256~" + "CANARY" * 7})})[0].kind == "openshift.token"


def test_an_old_provider_s_tokens_are_a_sign_in_that_renews_itself():
    told = {
        "id-token": jwt(iss="https://id.example.com", sub="1", email="ada@example.com", exp=int(BEFORE.timestamp()))
    }
    told |= {
        "refresh-token": TOKEN,
        "client-secret": "CANARY-CANARY-SECRET",
        "idp-issuer-url": "https://id.example.com",
    }
    [seen] = credentials({CONFIG: config({"auth-provider": {"name": "oidc", "config": told}})})
    assert seen.kind == "kubernetes.sign-in"
    assert seen.lifetime == Lifetime(LifetimeKind.REFRESHABLE, BEFORE)
    assert seen.state is CredentialState.UNTESTED  # the access token is over, and is renewed
    assert seen.identity.name == "ada@example.com"
    assert "auth-provider oidc" in seen.names


def test_a_secret_pasted_as_a_name_is_not_shown():
    pasted = token("github-classic", "a")
    told = config(name=pasted, context={"namespace": pasted}).replace('"ada"', json.dumps(pasted))
    assert pasted not in repr(look({CONFIG: told}))


# certificates

DER = issued("ada", "a", "b").public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "ends", [datetime(2049, 12, 31, tzinfo=UTC), datetime(2050, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)]
)
def test_a_certificate_is_read_as_a_library_reads_it(ends):
    made = issued("ädä", "eins", "zwei", ends=ends)
    told = certificate(made.public_bytes(serialization.Encoding.DER))
    assert (told.user, told.groups, told.ends) == ("ädä", ("eins", "zwei"), made.not_valid_after_utc)


def test_two_digits_of_a_year_from_fifty_on_are_of_the_last_century():
    written = issued(ends=datetime(2049, 12, 31, tzinfo=UTC)).public_bytes(serialization.Encoding.DER)
    assert certificate(written.replace(b"491231", b"551231")).ends == datetime(1955, 12, 31, tzinfo=UTC)


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
def test_a_damaged_certificate_is_a_refusal_and_no_crash(at, byte):
    for text in (DER[:at], DER[:at] + bytes([byte]) + DER[at + 1 :]):
        with suppress(NoCertificate):
            certificate(text)


# plug-ins


def plugin(command: str, *arguments: str, **more: object) -> str:
    return config(
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": command, "args": list(arguments), **more}}
    )


AWS = "[profile prod]\nsso_account_id = 123456789012\nsso_role_name = Admin\nsso_start_url = https://x.awsapps.com/start\n"
AWS += "[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\nsource_profile = prod\n"
EKS = ("eks", "get-token", "--cluster-name", "main", "--region", "eu-west-1")
SSO = Identity("aws", "123456789012", "sso-role/Admin")
DEPLOY = Identity("aws", "123456789012", "role/deploy")
OPS = Identity("aws", "123456789012", "role/ops")
HERE = Identity("kubernetes", "k8s.example.com:6443", "user ada")


def links(seen):
    return {(link.source, link.how, link.target) for link in only(seen, IdentityLink)}


@pytest.mark.parametrize(
    ("arguments", "more", "env", "expected"),
    [
        (("--profile", "prod"), {}, {}, {(SSO, "signs in to", HERE)}),
        (("--profile=deploy",), {}, {}, {(DEPLOY, "signs in to", HERE)}),
        ((), {"env": [{"name": "AWS_PROFILE", "value": "prod"}]}, {}, {(SSO, "signs in to", HERE)}),
        ((), {"env": None}, {"AWS_PROFILE": "prod"}, {(SSO, "signs in to", HERE)}),
        (
            ("--role-arn", "arn:aws:iam::123456789012:role/ops", "--profile", "prod"),
            {},
            {},
            {(SSO, "assumes", OPS), (OPS, "signs in to", HERE)},
        ),
    ],
)
def test_a_plug_in_of_aws_is_a_way_on_from_its_profile(arguments, more, env, expected):
    seen = look({CONFIG: plugin("/usr/local/bin/aws", *EKS, *arguments, **more), "~/.aws/config": AWS}, env=env)
    assert links(seen) == expected
    assert only(seen, CredentialSeen) == []  # nothing here proves anything without the profile
    assert {grant.identity for grant in only(seen, Grant)} == {HERE}


def test_the_authenticator_of_aws_names_its_role_in_its_own_way():
    told = plugin("aws-iam-authenticator", "token", "-i", "main", "-r", "arn:aws:iam::123456789012:role/ops")
    seen = look({CONFIG: told, "~/.aws/config": AWS.replace("profile prod", "default", 1)})
    assert links(seen) == {(SSO, "assumes", OPS), (OPS, "signs in to", HERE)}


def test_a_key_of_the_environment_comes_with_its_secret_to_the_cluster():
    key = token("aws-key", "a")
    told = [
        {"name": "AWS_ACCESS_KEY_ID", "value": key},
        {"name": "AWS_SECRET_ACCESS_KEY", "value": "CANARY" * 6 + "abcd"},
    ]
    seen = look({CONFIG: plugin("aws", *EKS, env=told)})
    [secret] = only(seen, CredentialSeen)
    assert secret.kind == "aws.access-key"
    [(source, how, target)] = links(seen)
    assert (source, how, target) == (secret.identity, "signs in to", HERE)


def test_a_chain_from_a_key_to_the_cluster_is_an_exposure():
    from probes.aws.look import aws

    files = {CONFIG: plugin("aws", *EKS, "--profile", "p")}
    files["~/.aws/credentials"] = (
        f"[p]\naws_access_key_id = {token('aws-key', 'a')}\naws_secret_access_key = {'CANARY' * 6}abcd\n"
    )
    host = FakeHost(files=files)
    graph = build([*observe(kubernetes, host), *observe(aws, host)], host.machine, Config())
    opened = {graph.assets[each.asset].asset.kind for each in exposures(graph, NOW)}
    assert opened == {"aws-account", "kubernetes-cluster"}


def test_a_plug_in_of_google_is_a_way_on_from_gcloud_s_account():
    files = {CONFIG: plugin("gke-gcloud-auth-plugin"), "~/.config/gcloud/active_config": "work"}
    files["~/.config/gcloud/configurations/config_work"] = "[core]\naccount = ada@example.com\nproject = acme\n"
    assert links(look(files)) == {(Identity("google", "ada@example.com"), "signs in to", HERE)}
    [unknown] = credentials({CONFIG: plugin("gke-gcloud-auth-plugin")})
    assert unknown.barrier.gate is Gate.UNKNOWN


@pytest.mark.parametrize(
    ("command", "arguments", "gate", "named"),
    [
        ("kubelogin", ("get-token", "--login", "devicecode"), Gate.PRESENCE, "mode devicecode"),
        ("kubelogin", ("get-token", "-l", "azurecli"), Gate.UNKNOWN, "mode azurecli"),
        (
            "kubectl",
            ("oidc-login", "get-token", "--oidc-issuer-url=https://id.example.com/x"),
            Gate.PRESENCE,
            "issuer id.example.com",
        ),
        (
            "kubelogin",
            ("get-token", "--oidc-issuer-url", "https://id.example.com"),
            Gate.PRESENCE,
            "issuer id.example.com",
        ),
        (
            "doctl",
            ("kubernetes", "cluster", "kubeconfig", "exec-credential", "--context=default"),
            Gate.UNKNOWN,
            "context default",
        ),
        (
            "oci",
            ("ce", "cluster", "generate-token", "--cluster-id", "ocid1.cluster.x"),
            Gate.UNKNOWN,
            "cluster ocid1.cluster.x",
        ),
        ("C:\\bin\\tsh.exe", ("kube", "credentials", "--kube-cluster=prod"), Gate.UNKNOWN, "cluster prod"),
        ("vault", ("read", "x"), Gate.UNKNOWN, "runs vault, 2 arguments"),
        ("./own script", ("CANARY",), Gate.UNKNOWN, "runs a program that cannot be named, 1 argument"),
    ],
)
def test_a_plug_in_with_a_sign_in_of_its_own_is_told_and_not_run(command, arguments, gate, named):
    [seen] = credentials({CONFIG: plugin(command, *arguments)})
    assert seen.kind == "kubernetes.plugin"
    assert (seen.protection, seen.barrier.gate) == (Protection.REFERENCE, gate)
    assert named in seen.names


def test_a_plug_in_that_always_asks_waits_for_a_person():
    assert credentials({CONFIG: plugin("own", interactiveMode="Always")})[0].barrier.gate is Gate.PRESENCE


def test_an_application_of_azure_is_a_way_on_from_its_client_id():
    env = [{"name": "AAD_SERVICE_PRINCIPAL_CLIENT_ID", "value": "1111-app"}]
    seen = look({CONFIG: plugin("kubelogin", "get-token", "--login", "spn", "--tenant-id", "t-1", env=env)})
    assert links(seen) == {(Identity("azure", "t-1", "1111-app"), "signs in to", HERE)}


def test_teleport_s_clusters_behind_one_proxy_are_apart():
    files = {"~/.kube/a.yaml": plugin("tsh", "kube", "credentials", "--kube-cluster=a")}
    files["~/.kube/b.yaml"] = plugin("tsh", "kube", "credentials", "--kube-cluster=b")
    assert {each.identity.account for each in credentials(files)} == {f"k8s.example.com:6443/{each}" for each in "ab"}


def test_a_secret_among_a_plug_in_s_arguments_is_a_credential():
    told = plugin("kubectl", "oidc-login", "get-token", "--oidc-client-secret=" + token("github-classic", "a"))
    assert {each.kind.partition(".")[0] for each in credentials({CONFIG: told})} == {"github", "kubernetes"}


@pytest.mark.parametrize(
    ("groups", "confidence"), [(["system:masters"], Confidence.GRANTED), ([], Confidence.POSSIBLE)]
)
def test_whom_a_user_asks_to_be_is_a_link(groups, confidence):
    told = config({"token": TOKEN, "as": "boss", "as-groups": groups})
    seen = look({CONFIG: told})
    target = Identity("kubernetes", "k8s.example.com:6443", "boss")
    assert links(seen) == {(HERE, "impersonates", target)}
    [held] = [each for each in only(seen, Grant) if Capability.IAM_ESCALATE in each.capabilities]
    assert (held.identity, held.confidence) == (target, confidence)


# caches and pods


def test_a_cached_sign_in_opens_the_clusters_that_trust_its_issuer():
    arguments = ("oidc-login", "get-token", "--oidc-issuer-url=https://id.example.com", "--oidc-client-id=kube")
    told = jwt(iss="https://id.example.com/", aud="kube", sub="1", email="ada@example.com", exp=int(LATER.timestamp()))
    cache = {"id_token": told, "refresh_token": TOKEN}
    files = {CONFIG: plugin("kubectl", *arguments), "~/.kube/cache/oidc-login/abc": json.dumps(cache)}
    [cached] = [each for each in credentials(files) if each.kind == "kubernetes.sign-in"]
    assert cached.identity == Identity("kubernetes", "k8s.example.com:6443", "ada@example.com")
    assert cached.lifetime == Lifetime(LifetimeKind.REFRESHABLE, LATER)
    [other] = credentials({"~/.kube/cache/oidc-login/abc": json.dumps(cache)})
    assert other.identity.account == "that trusts id.example.com"


def test_a_sign_in_without_an_issuer_opens_no_cluster_that_is_known():
    cache = {"id_token": jwt(sub="1"), "refresh_token": TOKEN}
    files = {CONFIG: plugin("kubectl", "oidc-login"), "~/.kube/cache/oidc-login/abc": json.dumps(cache)}
    [cached] = [each for each in credentials(files) if each.kind == "kubernetes.sign-in"]
    assert cached.identity.account == "that trusts the issuer of a cached sign-in"


@pytest.mark.parametrize("name", ["oidc-login", "kubelogin"])
@pytest.mark.parametrize("text", ["{", "[]", "1" * 5000, '{"a":' * 100_000])
def test_a_broken_cache_is_a_gap(name, text):
    assert [gap.kind for gap in look({f"~/.kube/cache/{name}/x": text})] == [GapKind.FAILED]


def test_a_token_that_google_s_plug_in_keeps_is_one_of_the_project():
    told = {
        "current_context": "gke_acme-prod_europe-west1_main",
        "access_token": TOKEN,
        "token_expiry": "2026-11-21T11:00:00Z",
    }
    [seen] = credentials({"~/.kube/gke_gcloud_auth_plugin_cache": json.dumps(told)})
    assert seen.kind == "gcp.access-token"
    assert seen.lifetime.expires_at == NOW + timedelta(hours=1)
    assert {grant.asset.name for grant in seen.grants} == {"acme-prod"}


def test_other_caches_of_kubectl_are_no_credentials():
    files = {
        "~/.kube/cache/discovery/x/servergroups.json": '{"token": "CANARY-CANARY-CANARY"}',
        "~/.kube/cache/oidc-login/abc.lock": "",
    }
    assert look(files) == []


POD = "/var/run/secrets/kubernetes.io/serviceaccount"
SUBJECT = "system:serviceaccount:shop:web"


@pytest.mark.parametrize(
    ("issuer", "name"),
    [
        ("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC", "oidc.eks.eu-west-1.amazonaws.com/id/ABC"),
        ("https://kubernetes.default.svc.cluster.local", "of this pod"),
        ("kubernetes/serviceaccount", "of this pod"),
    ],
)
def test_a_pod_s_token_acts_as_its_service_account(issuer, name):
    told = jwt(iss=issuer, sub=SUBJECT, exp=int(LATER.timestamp()))
    seen = look({f"{POD}/token": told, f"{POD}/namespace": "shop", f"{POD}/ca.crt": "x"})
    [held] = only(seen, CredentialSeen)
    assert (held.kind, held.identity) == ("kubernetes.service-account", Identity("kubernetes", name, SUBJECT))
    assert [each.asset.name for each in only(seen, AssetSeen)] == [f"{name}/shop"]


def test_a_pod_of_windows_has_it_on_its_drive():
    files = {"C:/var/run/secrets/kubernetes.io/serviceaccount/token": jwt(iss="kubernetes/serviceaccount", sub=SUBJECT)}
    assert [each.kind for each in credentials(files, platform=Platform.WINDOWS)] == ["kubernetes.service-account"]


def test_what_is_no_token_in_a_pod_is_a_gap():
    assert [gap.kind for gap in look({f"{POD}/token": TOKEN})] == [GapKind.FAILED]


# arrangements


def both(production: str, other: str, other_server: str) -> str:
    told = json.loads(config(name=production))
    more = json.loads(config(name=other, server=other_server))
    for key in ("clusters", "contexts"):
        told[key] += more[key]
    return json.dumps(told)


@pytest.mark.parametrize("platform", Platform)
def test_a_current_context_on_production_is_a_trap_and_the_way_out_is_a_harmless_one(platform):
    seen = look({CONFIG: both("acme-prod", "kind-my dev", "https://127.0.0.1:4000")}, platform=platform)
    [weak] = [each for each in only(seen, Weakness) if each.rule == "kubernetes.production-default"]
    assert weak.fix.commands == ("kubectl config unset current-context", "kubectl config use-context 'kind-my dev'")
    assert weak.evidence.key == "current-context"
    assert [each.rule for each in judged(seen).weaknesses] == ["kubernetes.production-default"]


@pytest.mark.parametrize("name", ["acme-staging", "main", "kind-dev"])
def test_a_current_context_elsewhere_is_none(name):
    server = "https://127.0.0.1:4000" if name.startswith("kind") else SERVER
    seen = look({CONFIG: config(name=name, server=server)})
    assert judged(seen).weaknesses == []


def test_a_current_namespace_of_production_is_a_trap_too():
    seen = look({CONFIG: config(name="main", context={"namespace": "prod"})})
    assert [each.rule for each in judged(seen).weaknesses] == ["kubernetes.production-default"]


def test_a_kubeconfig_that_is_not_active_has_no_default():
    assert "kubernetes.production-default" not in rules(look({"~/.kube/prod.yaml": config()}))


@pytest.mark.parametrize(
    ("server", "cluster", "expected"),
    [
        (SERVER, {"insecure-skip-tls-verify": True}, ["kubernetes.tls-not-verified"]),
        (SERVER, {"insecure-skip-tls-verify": False}, []),
        (SERVER, {"insecure-skip-tls-verify": "true"}, []),
        ("http://k8s.example.com", {}, ["kubernetes.plain-http"]),
        ("http://localhost:8001", {"insecure-skip-tls-verify": True}, []),
    ],
)
def test_an_unverified_server_is_a_weakness_unless_it_is_this_machine(server, cluster, expected):
    assert rules(look({"~/.kube/a.yaml": config(name="main", server=server, cluster=cluster)})) == expected


def test_one_name_for_two_clusters_is_told_once_and_a_copy_is_none():
    files = {CONFIG: config(name="main"), "~/.kube/config.bak": config(name="main")}
    assert "kubernetes.context-of-two-clusters" not in rules(look(files))
    files["~/.kube/b.yaml"] = config(name="main", server="https://other.example.com")
    [weak] = [each for each in only(look(files), Weakness) if each.rule == "kubernetes.context-of-two-clusters"]
    assert weak.fix.commands == ("kubectl config rename-context main NEW_NAME --kubeconfig /home/ada/.kube/b.yaml",)


def test_every_rule_has_a_severity():
    names = ("production-default", "context-of-two-clusters", "tls-not-verified", "plain-http")
    assert {f"kubernetes.{name}" for name in names} <= weaknesses().keys()


# hostile files

GOOD = {"~/.kube/good.yaml": config({"token": TOKEN + "-good"}, name="main")}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("clusters: [", GapKind.FAILED),
        ("- a list\n", GapKind.FAILED),
        ("just words that are no kubeconfig", GapKind.FAILED),
        ("clusters: {a: b}\n", GapKind.FAILED),
        ("users: [1, [], {name: x, user: [y]}]\n", GapKind.FAILED),
        (
            "users:\n- {name: a, user: {token: CANARY-CANARY-1}}\n- {name: a, user: {token: CANARY-CANARY-2}}\n",
            GapKind.FAILED,
        ),
        ("current-context: a\ncurrent-context: b\n", GapKind.FAILED),
        ("users: []\nx: &u [*u]\n", GapKind.FAILED),
        ("x: " + "[" * 500, GapKind.LIMIT),
        (
            "a: &a [x, x, x, x]\n"
            + "".join(f"{c}: &{c} [{', '.join(['*' + p] * 9)}]\n" for p, c in zip("abcdef", "bcdefg", strict=True)),
            GapKind.LIMIT,
        ),
        ("users:\n" + "- {name: x}\n" * 30_000, GapKind.LIMIT),
        ("# long\n" * 200_000, GapKind.LIMIT),
        (config({"client-key-data": "not base64 at all!"}), GapKind.FAILED),
        (config({"client-key-data": b64("CANARY, no key")}), GapKind.FAILED),
        (config({"client-certificate-data": b64("CANARY, no certificate")}), GapKind.FAILED),
        (
            config(
                {
                    "client-certificate-data": b64(
                        "-----BEGIN CERTIFICATE-----\n" + "A" * 64 + "\n-----END CERTIFICATE-----"
                    ),
                    "client-key-data": b64(PEM_KEY),
                }
            ),
            GapKind.FAILED,
        ),
        (config({"exec": {"command": "aws", "args": [*EKS, "--role-arn", "no-arn"]}}), GapKind.FAILED),
        (None, GapKind.REFUSED),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_broken_file_is_one_gap_and_the_others_are_still_told(text, kind):
    seen = look({CONFIG: text, **GOOD})
    assert {gap.kind for gap in only(seen, Gap)} == {kind}
    assert len(only(seen, Gap)) <= 2
    assert "main" in repr([each.names for each in only(seen, CredentialSeen)])


def test_what_stands_before_a_fault_is_still_told():
    [seen] = credentials({CONFIG: config()[:-20] + '"CANARY'})
    assert seen.kind == "kubernetes.token"


def test_what_is_of_a_wrong_type_is_passed_over():
    for wrong in (1, [], "text", None, True, {"a": []}):
        user = {
            "token": wrong,
            "exec": wrong,
            "auth-provider": wrong,
            "client-key-data": None,
            "as": wrong,
            "as-groups": wrong,
        }
        look({CONFIG: config(user, cluster={"extensions": wrong, "server": wrong}, context={"namespace": wrong})})
        look(
            {
                CONFIG: config({"exec": {"command": wrong, "args": wrong, "env": wrong}}),
                "~/.kube/gke_gcloud_auth_plugin_cache": json.dumps(wrong),
            }
        )
        look(
            {
                "~/.kube/cache/oidc-login/x": json.dumps({"id_token": wrong, "refresh_token": wrong}),
                f"{POD}/token": str(wrong),
            }
        )


SHREDS = st.sampled_from(
    [
        *("clusters:\n", "users:\n", "contexts:\n", "- name: a\n", "  user:\n", "  cluster: {server: 'https://[1'}\n"),
        *(
            "  context: {cluster: a, user: a, namespace: n}\n",
            "    token: CANARY-CANARY\n",
            "    exec: {command: aws, ",
        ),
        *(
            "args: [eks, get-token, --profile]}\n",
            "    client-key-data: LS0tLQ==\n",
            "kind: Config\n",
            "*x",
            "&x ",
            "[",
            "}",
        ),
        *(
            "current-context: a\n",
            "    as: b\n",
            "    tokenFile: ../../../etc/shadow\n",
            "    tokenFile: ~x\n",
            "\x00",
            "'",
        ),
    ]
)


@settings(max_examples=200)
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    look({CONFIG: text, "~/.kube/b.yaml": text})


class Counted:
    """The files of a machine, with the name of each that is opened."""

    def __init__(self, files):
        self.files, self.opened = files, []

    def __getattr__(self, name):
        return getattr(self.files, name)

    def content(self, path, limit, inside=()):
        self.opened.append(path.name)
        return self.files.content(path, limit, inside)


@pytest.mark.parametrize(("command", "place"), [("aws", "~/.aws/config"), ("gcloud", "~/.config/gcloud/active_config")])
def test_many_users_of_one_cloud_read_its_files_once(command, place):
    entry = "- {{name: u{0}, user: {{exec: {{command: {1}, args: [eks, get-token]}}}}}}\n"
    users = "".join(entry.format(number, command) for number in range(50))
    files = {"~/.kube/config": f"kind: Config\nclusters: []\nusers:\n{users}", place: "default\n"}
    host = FakeHost(files=files)
    counted = Counted(host.machine.files)
    observe(kubernetes, replace(host, machine=replace(host.machine, files=counted)))
    assert 1 <= counted.opened.count(place.rpartition("/")[2]) <= 2


def test_sign_ins_and_the_clusters_they_open_are_bounded():
    entries = {"clusters": "cluster: {{server: 'https://h{0}'}}", "contexts": "context: {{cluster: n{0}, user: n0}}"}
    lists = "".join(
        f"{name}:\n" + "".join(f"- {{name: n{n}, {entry.format(n)}}}\n" for n in range(400))
        for name, entry in entries.items()
    )
    user = "users: [{name: n0, user: {exec: {command: kubectl, args: [oidc-login, '--oidc-issuer-url=https://i']}}}]\n"
    token = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2kiLCJzdWIiOiJhIn0.c2ln"  # from https://i, for a
    caches = {f"~/.kube/cache/oidc-login/{n}": json.dumps({"id_token": token}) for n in range(400)}
    seen = observe(kubernetes, FakeHost(files={"~/.kube/config": f"kind: Config\n{lists}{user}", **caches}))
    signed = [each for each in seen if isinstance(each, CredentialSeen) and "cached sign-in" in each.names]
    assert len(signed) == 200
    assert {grant.asset.name for grant in signed[0].grants} == {f"h{n}" for n in range(200)}
    assert all(len(each.names) < 30 for each in seen if isinstance(each, CredentialSeen))
    assert [gap.kind for gap in seen if isinstance(gap, Gap)] == [GapKind.LIMIT]
