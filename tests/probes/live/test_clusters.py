import json
import sys
import time
from contextlib import suppress
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.kubernetes.look import kubernetes
from probes.live.ask import Live
from probes.live.calls import RULES_REVIEW, SELF_REVIEW, Provider
from probes.live.client import BODY_LIMIT, Client, Place
from probes.live.clusters import NOWHERE
from probes.live.reviews import Reviews, Sender, Unanswered
from scanner.config import Config
from scanner.engine import scan
from scanner.host import Host
from scanner.model import Capability, Confidence, CredentialSeen, CredentialState, Gap, GapKind, Identity
from scanner.testing import TEST_KEY, FakeHost, fake_machine, observe
from scanner.tokens import token
from scanner.vault import Vault
from tests.probes.live.authority import Authority, encoded
from tests.probes.live.kube import RULES, WHO, User, cluster

pytestmark = pytest.mark.skipif(find_spec("kubernetes") is None, reason="kubernetes is not installed")
IN_MEMORY = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
TOKEN = "CANARY-CANARY-CANARY-ada"
OTHER = "CANARY-CANARY-CANARY-bob"
CONFIG = "~/.kube/config"
ASTRAY = "not asked: only the kubeconfig in use, outside of projects, may name the file of a token"
READER = """
kind: ClusterRole
metadata: {name: view}
rules: [{verbs: [get, list, watch], apiGroups: [""], resources: [pods, pods/log, configmaps]}]
---
kind: ClusterRoleBinding
metadata: {name: view}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: User, name: ada}]
"""
BUILDER = """
kind: Role
metadata: {name: build, namespace: billing}
rules:
- {verbs: [get, list], apiGroups: [""], resources: [secrets], resourceNames: [registry]}
- {verbs: [create, delete], apiGroups: [apps], resources: [deployments]}
---
kind: RoleBinding
metadata: {name: build, namespace: billing}
roleRef: {kind: Role, name: build}
subjects: [{kind: User, name: ada}]
"""


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def api(authority, tmp_path):
    with cluster(authority.server(tmp_path)) as told:
        told.tokens[TOKEN] = User("ada")
        yield told


def kubeconfig(*, server, authorities="", user=f"token: {TOKEN}", context="", **more):
    """A kubeconfig with one user, cluster and context."""
    ca = f"certificate-authority-data: {authorities}" if authorities else ""
    extra = "".join(f"\n    {key}: {value}" for key, value in more.items())
    return f"""apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: prod
  cluster:
    server: {server}
    {ca}{extra}
contexts:
- name: prod
  context: {{cluster: prod, user: ada{context}}}
users:
- name: ada
  user:
    {user}
"""


def asked(files, *, seconds=10.0, local=True, overrides=None, **more):
    """What the live probe says of what the Kubernetes probe sees on a machine with these files."""
    host = FakeHost(files=files, **more)
    observations = observe(kubernetes, host)
    live = Live((Provider.KUBERNETES,), overrides or {}, local=local)
    probe = live(observations)
    confined = Host(host.machine, host.vault, frozenset(probe.reads), deadline=time.monotonic() + seconds)
    return list(probe.look(confined)), live


def one(api, authority, **more):
    [answer], _ = asked({CONFIG: kubeconfig(server=api.server.url, authorities=authority.data, **more)})
    return answer


def rights(answer, confidence=Confidence.VERIFIED):
    return {
        (grant.asset.kind, each)
        for grant in answer.grants
        for each in grant.capabilities
        if grant.confidence is confidence
    }


def test_a_cluster_says_whom_it_takes_a_token_for_and_what_it_may_do(api, authority):
    api.apply(READER)
    answer = one(api, authority)
    assert (answer.state, answer.settled) == (CredentialState.LIVE, True)
    assert answer.identity.name == "ada"
    assert rights(answer) == {
        ("kubernetes-cluster", Capability.DATA_READ),
        ("kubernetes-cluster", Capability.DISCOVER),
    }
    assert any("read logs and settings" in grant.why for grant in answer.grants)
    assert [(each.method, each.path) for each in api.server.heard] == [("POST", WHO), ("POST", RULES), ("POST", RULES)]
    assert {each.headers["Authorization"] for each in api.server.heard} == {f"Bearer {TOKEN}"}
    assert {each.headers["Host"] for each in api.server.heard} == {f"127.0.0.1:{api.server.port}"}
    assert all(each.headers["User-Agent"].startswith("armslength/") for each in api.server.heard)
    assert TOKEN not in repr(answer)


def test_what_holds_in_a_namespace_is_told_of_the_namespace_alone(api, authority):
    api.apply(READER)
    api.apply(BUILDER)
    answer = one(api, authority, context=", namespace: billing")
    assert {each for kind, each in rights(answer) if kind == "kubernetes-namespace"} == {
        *(Capability.SECRETS_READ, Capability.EXEC_REMOTE, Capability.INFRA_MODIFY),
    }
    assert ("kubernetes-cluster", Capability.SECRETS_READ) not in rights(answer)
    assert ("kubernetes-cluster", Capability.SECRETS_READ) in rights(answer, Confidence.POSSIBLE)
    [space] = {grant.asset.name for grant in answer.grants if grant.asset.kind == "kubernetes-namespace"}
    assert space.endswith("/billing")
    asked = [json.loads(each.body)["spec"]["namespace"] for each in api.server.heard[1:]]
    assert asked == [NOWHERE, "billing"]


def test_an_administrator_may_do_everything_and_nothing_is_left_possible_but_what_depends(api, authority):
    api.tokens[TOKEN] = User("ada", ("system:masters",))
    answer = one(api, authority)
    told = {each for _, each in rights(answer)}
    assert told >= {Capability.IAM_ESCALATE, Capability.DATA_DESTROY, Capability.RECOVERY_DESTROY, Capability.PERSIST}
    assert {each for _, each in rights(answer, Confidence.POSSIBLE)} == {Capability.IRRECOVERABLE, Capability.HOST_ROOT}
    assert "group system:masters" in answer.names


@pytest.mark.parametrize(
    ("incomplete", "error"),
    [(True, ""), (False, "CANARY"), (True, "webhook authorizer does not support user rule resolution")],
)
def test_what_is_incomplete_proves_no_absence(api, authority, incomplete, error):
    api.apply(READER)
    api.incomplete, api.error = incomplete, error
    answer = one(api, authority)
    assert (answer.state, answer.settled) == (CredentialState.LIVE, False)
    assert ("kubernetes-cluster", Capability.DATA_READ) in rights(answer)


def test_the_report_keeps_what_is_possible_until_the_answer_is_whole(api, authority):
    def classes():
        live = Live((Provider.KUBERNETES,), local=True)
        text = kubeconfig(server=api.server.url, authorities=authority.data)
        report = scan(fake_machine(files={CONFIG: text}), [kubernetes], Vault(TEST_KEY), Config(), ask=live)
        [credential] = report.credentials
        assert credential.state is CredentialState.LIVE
        assert report.scan.asked == ("kubernetes",)
        return {each.class_ for each in report.exposures}, bool(report.figures.undecided.items)

    api.apply(READER)
    api.incomplete = True
    possible, undecided = classes()
    assert Capability.IAM_ESCALATE in possible
    assert undecided
    api.incomplete = False
    settled, undecided = classes()
    assert Capability.IAM_ESCALATE not in settled
    assert Capability.DATA_READ in settled
    assert not undecided


@IN_MEMORY
def test_a_client_certificate_is_shown_and_never_lies_in_a_file(api, authority, tmp_path):
    api.apply(READER)
    certificate, key = authority.issue(("O", "builders"), ("CN", "ada")).data
    before = set(tmp_path.rglob("*"))
    answer = one(api, authority, user=f"client-certificate-data: {certificate}\n    client-key-data: {key}")
    assert answer.identity.name == "ada"
    assert "group builders" in answer.names
    assert ("kubernetes-cluster", Capability.DATA_READ) in rights(answer)
    assert "Authorization" not in api.server.heard[0].headers
    assert set(tmp_path.rglob("*")) == before


@IN_MEMORY
def test_certificates_in_files_are_taken_from_the_files_that_the_kubeconfig_names(api, authority):
    pair = authority.issue(("CN", "ada"))
    files = {
        CONFIG: kubeconfig(
            server=api.server.url,
            user="client-certificate: pki/ada.crt\n    client-key: pki/ada.key",
            **{"certificate-authority": "pki/ca.crt"},
        ),
        "~/.kube/pki/ca.crt": authority.root,
        "~/.kube/pki/ada.crt": pair.certificate,
        "~/.kube/pki/ada.key": pair.key,
    }
    [answer], _ = asked(files)
    assert answer.identity.name == "ada"


def test_no_plug_in_is_run_and_none_is_asked_about(api, authority, tmp_path):
    user = f"exec: {{command: touch, args: [{tmp_path / 'ran'}]}}"
    found, _ = asked({CONFIG: kubeconfig(server=api.server.url, authorities=authority.data, user=user)})
    assert found == []
    assert (api.server.heard, (tmp_path / "ran").exists()) == ([], False)


def test_a_token_that_the_cluster_does_not_take_is_revoked(api, authority):
    api.tokens.clear()
    answer = one(api, authority)
    assert (answer.state, answer.settled, answer.grants) == (CredentialState.REVOKED, False, ())
    assert len(api.server.heard) == 1


def test_a_certificate_that_the_cluster_takes_for_nobody_proves_nothing(api, authority, tmp_path):
    api.apply("""
kind: ClusterRoleBinding
metadata: {name: open}
roleRef: {kind: ClusterRole, name: "system:basic-user"}
subjects: [{kind: Group, name: "system:unauthenticated"}]
""")
    api.server.making("POST", WHO, lambda heard: api.reviewed(type(heard)(**{**vars(heard), "headers": {}})))
    gap = one(api, authority)
    assert (type(gap), gap.why) == (Gap, "the cluster takes it for nobody")


def test_an_older_cluster_does_not_say_who_and_still_says_what(api, authority):
    api.apply(READER)
    api.server.on("POST", WHO, 404, "CANARY")
    text = kubeconfig(server=api.server.url, authorities=authority.data)
    [gap, answer], _ = asked({CONFIG: text})
    assert gap.why == "the cluster does not know the question (404)"
    assert (answer.identity, answer.settled) == (None, True)
    assert ("kubernetes-cluster", Capability.DATA_READ) in rights(answer)


@IN_MEMORY
def test_an_older_cluster_proves_nothing_of_a_certificate_that_may_not_have_got_through(api, authority):
    api.server.on("POST", WHO, 404, "CANARY")
    certificate, key = authority.issue(("CN", "ada")).data
    gap = one(api, authority, user=f"client-certificate-data: {certificate}\n    client-key-data: {key}")
    assert gap.why == "the cluster does not know the question (404)"
    assert len(api.server.heard) == 1


def test_a_cluster_that_refuses_its_rules_still_says_who(api, authority):
    api.server.on("POST", RULES, 403, "CANARY")
    [gap, answer], _ = asked({CONFIG: kubeconfig(server=api.server.url, authorities=authority.data)})
    assert gap.why == "the cluster refused the question (403)"
    assert (answer.identity.name, answer.state, answer.settled) == ("ada", CredentialState.LIVE, False)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, GapKind.REFUSED),
        (429, GapKind.LIMIT),
        (500, GapKind.FAILED),
        (302, GapKind.REFUSED),
        (204, GapKind.FAILED),
    ],
)
def test_no_answer_is_no_proof_of_anything(api, authority, status, kind):
    headers = {"Location": f"{api.server.url}/elsewhere"} if status == 302 else {}
    api.server.on("POST", WHO, status, "" if status == 204 else "CANARY", **headers)
    gap = one(api, authority)
    assert (type(gap), gap.kind) == (Gap, kind)
    assert "CANARY" not in repr(gap)
    assert len(api.server.heard) == 1


BAD = [
    *(b"", b"CANARY", b"[]", b"{}", b'{"status": null}', b'{"status": {"userInfo": {}}}', b"[" * 50_000),
    *(b'{"status": {"userInfo": "CANARY"}}', b"\xff\xfe{", b'{"status": {"userInfo": {"username": "a\\nb"}}}'),
]


@pytest.mark.parametrize("body", BAD)
def test_an_answer_that_is_none_is_a_gap_that_repeats_nothing(api, authority, body):
    api.server.on("POST", WHO, 201, body)
    gap = one(api, authority)
    assert (type(gap), gap.kind, gap.why) == (Gap, GapKind.FAILED, "an answer that is none")
    assert "CANARY" not in repr(gap)


@pytest.mark.parametrize(
    "told",
    [
        None,
        "CANARY",
        {"resourceRules": "CANARY", "nonResourceRules": [], "incomplete": False},
        {"resourceRules": [{"verbs": "CANARY"}], "nonResourceRules": [], "incomplete": False},
        {
            "resourceRules": [{"verbs": ["*"], "resources": [{}], "apiGroups": ["*"]}],
            "nonResourceRules": [],
            "incomplete": False,
        },
    ],
)
def test_rules_that_are_none_settle_nothing(api, authority, told):
    api.server.on("POST", RULES, 201, json.dumps({"status": told}))
    [gap, answer], _ = asked({CONFIG: kubeconfig(server=api.server.url, authorities=authority.data)})
    assert gap.why == "an answer that is none"
    assert (answer.settled, answer.grants) == (False, ())


def test_rules_without_a_word_of_completeness_are_not_complete(api, authority):
    api.server.on("POST", RULES, 201, json.dumps({"status": {"resourceRules": [], "nonResourceRules": []}}))
    found, _ = asked({CONFIG: kubeconfig(server=api.server.url, authorities=authority.data)})
    assert not any(each.settled for each in found if isinstance(each, CredentialSeen))


def test_a_huge_answer_is_not_taken(api, authority):
    api.server.on("POST", WHO, 201, b" " * (BODY_LIMIT + 1))
    assert one(api, authority).kind is GapKind.LIMIT


def test_who_dribbles_is_cut_off(api, authority):
    def dribble(handler):
        handler.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n")
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.05)

    api.server.by_hand("POST", WHO, dribble)
    begun = time.monotonic()
    text = kubeconfig(server=api.server.url, authorities=authority.data)
    found, _ = asked({CONFIG: text}, seconds=1.5)
    assert [each.kind for each in found] == [GapKind.LIMIT]
    assert time.monotonic() - begun < 4


@pytest.mark.parametrize("authorities", [encoded("CANARY"), encoded(Authority("evil").root), ""])
def test_a_cluster_that_another_authority_signed_is_sent_nothing(api, authorities):
    [gap], _ = asked({CONFIG: kubeconfig(server=api.server.url, authorities=authorities)})
    assert isinstance(gap, Gap)
    assert "CANARY" not in repr(gap)
    assert api.server.heard == []


def test_a_cluster_of_another_name_is_sent_nothing_unless_the_kubeconfig_expects_that_name(authority, tmp_path):
    with cluster(authority.server(tmp_path, "api.prod.example.com")) as api:
        api.tokens[TOKEN] = User("ada")
        gap = one(api, authority)
        assert gap.why == "its certificate is not valid for that host; nothing was sent"
        assert api.server.heard == []
        answer = one(api, authority, **{"tls-server-name": "api.prod.example.com"})
        assert answer.identity.name == "ada"


def test_the_name_of_the_cluster_is_what_its_certificate_is_held_against(authority, tmp_path):
    with cluster(authority.server(tmp_path, "api.prod.example.com")) as api:
        api.tokens[TOKEN] = User("ada")
        where = {Provider.KUBERNETES: Place("https", "127.0.0.1", api.server.port)}
        for name, who in (("api.prod.example.com", "ada"), ("api.other.example.com", None)):
            text = kubeconfig(server=f"https://{name}:6443", authorities=authority.data)
            [answer], _ = asked({CONFIG: text}, local=False, overrides=where)
            assert (answer.identity.name if isinstance(answer, CredentialSeen) else None) == who
        assert len(api.server.heard) == 3


def test_a_cluster_below_a_path_is_asked_there(authority, tmp_path):
    with cluster(authority.server(tmp_path), "/k8s/clusters/c-abc") as api:
        api.tokens[TOKEN] = User("ada")
        text = kubeconfig(server=f"{api.server.url}/k8s/clusters/c-abc", authorities=authority.data)
        [answer], _ = asked({CONFIG: text})
        assert answer.identity == Identity("kubernetes", answer.identity.account, "ada")


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"server": "http://k8s.example.com"}, "not asked: its cluster is reached without TLS"),
        ({"server": "k8s.example.com"}, "not asked: its cluster is reached without TLS"),
        (
            {"insecure-skip-tls-verify": "true"},
            "not asked: its kubeconfig skips the check of the cluster's certificate",
        ),
        ({"insecure-skip-tls-verify": "yes"}, "not asked: its kubeconfig skips the check of the cluster's certificate"),
        ({"proxy-url": "http://proxy.example.com"}, "not asked: its cluster is reached by a proxy"),
        ({"server": "https://k8s.example.com/a?b=c%0d"}, None),
        ({"server": "https://k8s.example.com/a b"}, "not asked: the address of its cluster is an odd one"),
        ({"tls-server-name": "a/b"}, "not asked: the address of its cluster is an odd one"),
        (
            {"certificate-authority": "none.crt"},
            "not asked: the certificates that its kubeconfig names could not be read",
        ),
        ({"user": "password: CANARY-pw\n    username: ada"}, "not asked: clusters since 1.19 take no passwords"),
        (
            {"user": f"auth-provider: {{name: oidc, config: {{id-token: {TOKEN}, refresh-token: {OTHER}}}}}"},
            "not asked: its sign-in is kubectl's to renew",
        ),
    ],
)
def test_what_is_not_asked_says_why(more, why):
    text = kubeconfig(**{"server": "https://k8s.example.com:6443", **more})
    live = Live((Provider.KUBERNETES,), dry=True)
    host = FakeHost(files={CONFIG: text})
    probe = live(observe(kubernetes, host))
    found = list(probe.look(Host(host.machine, host.vault, frozenset(probe.reads))))
    assert [each.why for each in found] == ([why] if why else [])
    assert [each.kind for each in found] == ([GapKind.REFUSED] if why else [])
    assert len(live.plan) == (not why)


def test_a_cluster_on_this_machine_is_asked_only_when_a_person_says_local(api, authority):
    text = kubeconfig(server=api.server.url, authorities=authority.data)
    [gap], live = asked({CONFIG: text}, local=False)
    assert gap.why == "not asked: it listens on this machine, and --live names no local"
    assert (api.server.heard, live.record, live.asked) == ([], [], ())


def test_a_name_that_leads_to_this_machine_is_sent_nothing_without_local(api):
    place = Place("https", "127.0.0.1", api.server.port)
    gap = Client(time.monotonic() + 5).ask(SELF_REVIEW, place, {})
    assert (gap.kind, gap.why) == (GapKind.REFUSED, "not asked: it listens on this machine, and --live names no local")


def test_a_token_goes_to_the_cluster_of_its_own_file_only(api, authority):
    text = kubeconfig(server=api.server.url, authorities=authority.data)
    users = (
        f"apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers:\n- {{name: ada, user: {{token: {OTHER}}}}}\n"
    )
    elsewhere = text.replace(f"    token: {TOKEN}", "    username: x")
    found, _ = asked(
        {"~/.kube/a": elsewhere, "~/.kube/b": users}, env={"KUBECONFIG": "/home/ada/.kube/a:/home/ada/.kube/b"}
    )
    assert [each.why for each in found] == ["not asked: no kubeconfig of yours pairs it with a cluster"]
    assert api.server.heard == []


def test_a_projects_kubeconfig_cannot_send_a_token_of_another_file_away(api, authority):
    text = kubeconfig(server=api.server.url, authorities=authority.data, user="tokenFile: /home/ada/.secret")
    found, _ = asked(
        {"~/src/x/kubeconfig": text, "~/.secret": TOKEN},
        workspace="~/src/x",
        env={"KUBECONFIG": "/home/ada/src/x/kubeconfig"},
    )
    assert [each.why for each in found] == [ASTRAY]
    found, _ = asked({"~/src/x/kubeconfig": text, "~/.secret": TOKEN}, workspace="~/src/x")
    assert [each.why for each in found] == ["not asked: no kubeconfig of yours pairs it with a cluster"]
    assert api.server.heard == []
    found, _ = asked({"~/.kube/downloaded.yaml": text, "~/.secret": TOKEN})
    assert [each.why for each in found] == [ASTRAY]
    assert api.server.heard == []
    [answer], _ = asked({"~/.kube/config": text, "~/.secret": TOKEN}, workspace="~/src/x")
    assert answer.identity.name == "ada"


@pytest.mark.parametrize("user", ["token: {}", "tokenFile: /home/ada/.secret"])
def test_a_token_of_another_provider_is_never_sent_to_a_cluster(api, authority, user):
    other = token("github-classic", "astray")
    text = kubeconfig(server=api.server.url, authorities=authority.data, user=user.format(other))
    found, _ = asked({CONFIG: text, "~/.secret": other})
    assert [each.why for each in found] == ["not asked: it is a token of another provider"]
    assert api.server.heard == []


def test_one_token_in_two_clusters_keeps_what_the_silent_one_may_allow(api, authority, tmp_path):
    api.apply(READER)
    second = f"""
- name: gone
  cluster:
    server: https://127.0.0.1:9
    certificate-authority-data: {authority.data}
contexts:
- name: gone
  context: {{cluster: gone, user: ada}}
"""
    text = kubeconfig(server=api.server.url, authorities=authority.data).replace("contexts:\n", second.lstrip("\n"), 1)
    [gap, answer], _ = asked({CONFIG: text})
    assert gap.why == "could not be reached, or closed the connection"
    assert answer.settled
    silent = {each for grant in answer.grants if grant.asset.name.endswith(":9") for each in grant.capabilities}
    assert Capability.IAM_ESCALATE in silent
    told = {each for grant in answer.grants if str(api.server.port) in grant.asset.name for each in grant.capabilities}
    assert Capability.IAM_ESCALATE not in told


@IN_MEMORY
@pytest.mark.parametrize("broken", ["key", "certificate", "locked"])
def test_a_damaged_or_locked_key_is_not_sent_and_nobody_is_asked_for_its_passphrase(api, authority, broken):
    pair = authority.issue(("CN", "ada"), password=b"CANARY-pass" if broken == "locked" else None)
    other = authority.issue(("CN", "bob"))
    certificate = other.certificate if broken == "certificate" else pair.certificate
    key = pair.key.replace("\n", "\nAAAA", 1) if broken == "key" else pair.key
    user = f"client-certificate-data: {encoded(certificate)}\n    client-key-data: {encoded(key)}"
    gap = one(api, authority, user=user)
    assert (type(gap), gap.kind) == (Gap, GapKind.REFUSED)
    assert api.server.heard == []


def test_where_a_key_cannot_lie_in_memory_it_is_not_asked(api, authority, monkeypatch):
    monkeypatch.setattr("probes.live.tls.sys.platform", "darwin")
    certificate, key = authority.issue(("CN", "ada")).data
    gap = one(api, authority, user=f"client-certificate-data: {certificate}\n    client-key-data: {key}")
    assert gap.why == "not asked: on this system its key would have to be written to a file"
    assert api.server.heard == []


def test_what_the_package_makes_beside_the_table_is_not_sent(api, authority):
    from kubernetes import client as package

    place = Place("https", "127.0.0.1", api.server.port)
    sender = Sender(Client(time.monotonic() + 5, local=True), place, "", {})
    settings = package.Configuration(host=place.url)
    maker = package.ApiClient(settings)
    maker.rest_client = sender
    calls = [
        lambda: package.CoreV1Api(maker).list_namespace(),
        lambda: package.CoreV1Api(maker).delete_namespace("prod"),
        lambda: package.AuthenticationV1Api(maker).create_self_subject_review(
            package.V1SelfSubjectReview(kind="SelfSubjectReview", metadata=package.V1ObjectMeta(name="x"))
        ),
        lambda: Reviews(package, sender, place.url).rules("a/b"),
        lambda: Reviews(package, sender, place.url).rules(""),
    ]
    for call in calls:
        with pytest.raises((Unanswered, ValueError, AttributeError)):
            call()
    assert api.server.heard == []


def test_the_environments_proxy_is_not_even_looked_at(api, authority, monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "socks5://127.0.0.1:9")
    assert one(api, authority).identity.name == "ada"


TEXTS = st.lists(st.sampled_from(["*", "get", "", "apps", "pods", "*/exec", "CANARY", "\x1b[31m"]), max_size=4)
RULE = st.fixed_dictionaries({"verbs": TEXTS, "apiGroups": TEXTS, "resources": TEXTS})
SHREDS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | RULE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["status", "userInfo", "username", "groups", "resourceRules", "incomplete"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(SHREDS, SHREDS)
def test_no_answer_breaks_the_judgement(who, rules):
    class Answers:
        def ask(self, call, place, headers, base="", *, name=""):
            from probes.live.client import Answer

            return Answer(201, {}, json.dumps(rules if call is RULES_REVIEW else who).encode())

    from probes.live.reviews import reviews

    found = reviews(Answers(), Place("https", "k8s.example.com", 443), "", {})
    for call in (found.who, lambda: found.rules("x")):
        with suppress(Unanswered):
            call()
