import json
import sys
import time
from hashlib import sha256
from importlib.util import find_spec

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.containers.look import containers
from probes.live.ask import Live
from probes.live.calls import Provider
from probes.live.client import BODY_LIMIT, Answer, Client, Place
from scanner.config import Config
from scanner.engine import scan
from scanner.host import Host
from scanner.model import Capability, Confidence, CredentialSeen, CredentialState, Gap, GapKind
from scanner.testing import TEST_KEY, FakeHost, fake_machine, observe
from scanner.vault import Vault
from tests.probes.live.authority import Authority
from tests.probes.live.provider import provider

pytestmark = [
    pytest.mark.skipif(find_spec("docker") is None, reason="docker is not installed"),
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]
VERSION = {"Version": "27.1.1", "ApiVersion": "1.46", "Components": [{"Name": "Engine"}]}
ROOTED = {"ServerVersion": "27.1.1", "Name": "build-1", "DockerRootDir": "/var/lib/docker", "SecurityOptions": []}
ROOTLESS = {**ROOTED, "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"]}
INFO = "/v1.46/info"
REFUSED = "not asked: it listens on this machine, and --live names no local"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def server(authority, tmp_path):
    import ssl

    with provider(authority.server(tmp_path, wants=ssl.CERT_REQUIRED)) as told:
        says(told, ROOTED)
        yield told


def says(server, info, version=VERSION):
    server.on("GET", "/version", body=json.dumps(version))
    server.on("GET", INFO, body=json.dumps(info))


def context(authority, address, *, pair=None, authorities=None, **endpoint):
    """The files of a docker context that reaches an address."""
    pair = pair or authority.issue(("CN", "client"))
    ident = sha256(b"build").hexdigest()
    meta = {"Name": "build", "Endpoints": {"docker": {"Host": address, **endpoint}}}
    tls = f"~/.docker/contexts/tls/{ident}/docker"
    return {
        f"~/.docker/contexts/meta/{ident}/meta.json": json.dumps(meta),
        f"{tls}/ca.pem": authority.root if authorities is None else authorities,
        f"{tls}/cert.pem": pair.certificate,
        f"{tls}/key.pem": pair.key,
    }


def asked(files, *, seconds=10.0, local=True, overrides=None, **more):
    host = FakeHost(files=files, **more)
    observations = observe(containers, host)
    live = Live((Provider.DOCKER,), overrides or {}, local=local)
    probe = live(observations)
    confined = Host(host.machine, host.vault, frozenset(probe.reads), deadline=time.monotonic() + seconds)
    return list(probe.look(confined)), live


def address(server):
    return f"tcp://127.0.0.1:{server.port}"


def one(server, authority, **more):
    [answer], _ = asked(context(authority, address(server), **more))
    return answer


def rights(answer):
    return {(g.asset.kind, each, g.confidence) for g in answer.grants for each in g.capabilities}


def test_an_engine_that_runs_as_root_says_so(server, authority):
    answer = one(server, authority)
    assert (answer.state, answer.settled) == (CredentialState.LIVE, True)
    assert rights(answer) == {
        ("container-host", Capability.EXEC_REMOTE, Confidence.VERIFIED),
        ("container-host", Capability.HOST_ROOT, Confidence.VERIFIED),
    }
    assert answer.names == ("Docker 27.1.1",)
    assert [(each.method, each.path) for each in server.heard] == [("GET", "/version"), ("GET", INFO)]
    assert server.heard[0].peer == [("commonName", "client")]
    assert all(each.headers["User-Agent"].startswith("armslength/") for each in server.heard)
    assert "Authorization" not in server.heard[0].headers


def test_a_rootless_engine_gives_no_root(server, authority):
    says(server, ROOTLESS)
    answer = one(server, authority)
    assert rights(answer) == {("container-host", Capability.EXEC_REMOTE, Confidence.VERIFIED)}
    assert "rootless" in answer.names


def test_podman_says_whether_it_is_rootless_in_its_own_way(server, authority):
    says(server, {"Rootless": True, "BuildahVersion": "1.28", "Name": "x"}, {"Version": "4.3.1", "ApiVersion": "1.46"})
    assert "rootless" in one(server, authority).names


def test_a_plugin_that_judges_requests_leaves_root_possible(server, authority):
    says(server, {**ROOTED, "Plugins": {"Authorization": ["opa"]}})
    answer = one(server, authority)
    assert {confidence for _, _, confidence in rights(answer)} == {Confidence.POSSIBLE}
    assert answer.undecided is not None


def test_the_engine_of_this_machine_is_root_here(server, authority):
    says(server, {**ROOTED, "Name": "testbed.example.com"})
    assert rights(one(server, authority)) == {("this-machine", Capability.HOST_ROOT, Confidence.VERIFIED)}


def test_the_answer_is_of_the_credential_that_the_probe_found(server, authority):
    says(server, ROOTLESS)
    live = Live((Provider.DOCKER,), local=True)
    machine = fake_machine(files=context(authority, address(server)))
    report = scan(machine, [containers], Vault(TEST_KEY), Config(), ask=live)
    [credential] = report.credentials
    assert (credential.kind, credential.state) == ("docker.client-key", CredentialState.LIVE)
    classes = {each.class_ for each in report.exposures}
    assert Capability.EXEC_REMOTE in classes
    assert Capability.HOST_ROOT not in classes
    assert report.scan.asked == ("docker",)


def test_the_variables_pair_an_address_with_a_folder(server, authority):
    pair = authority.issue(("CN", "client"))
    files = {"~/tls/ca.pem": authority.root, "~/tls/cert.pem": pair.certificate, "~/tls/key.pem": pair.key}
    env = {"DOCKER_HOST": address(server), "DOCKER_CERT_PATH": "/home/ada/tls", "DOCKER_TLS_VERIFY": "1"}
    [answer], _ = asked(files, env=env)
    assert answer.state is CredentialState.LIVE
    del env["DOCKER_TLS_VERIFY"]
    [gap], _ = asked(files, env={**env, "DOCKER_TLS": "1"})
    assert gap.why == "not asked: its settings skip the check of the engine's certificate"
    assert len(server.heard) == 2


@pytest.mark.parametrize("scheme", ["tcp", "http", "https"])
def test_every_word_for_tcp_is_asked_by_tls(server, authority, scheme):
    [answer], _ = asked(context(authority, f"{scheme}://127.0.0.1:{server.port}"))
    assert answer.state is CredentialState.LIVE


def test_what_skips_the_check_is_not_asked(server, authority):
    gap = one(server, authority, SkipTLSVerify=True)
    assert gap.why == "not asked: its settings skip the check of the engine's certificate"
    assert server.heard == []


@pytest.mark.parametrize("files", [{}, {"DOCKER_HOST": "tcp://{}"}, {"DOCKER_HOST": "ssh://ada@{}"}])
def test_plain_tcp_and_ssh_are_never_asked(files):
    with provider() as plain:
        env = {name: text.format(f"127.0.0.1:{plain.port}") for name, text in files.items()}
        found, live = asked({"~/.docker/config.json": "{}"}, env=env)
        assert (found, live.record, plain.heard) == ([], [], [])


def test_an_engine_on_this_machine_is_asked_only_when_a_person_says_local(server, authority):
    [gap], live = asked(context(authority, address(server)), local=False)
    assert (gap.why, server.heard, live.asked) == (REFUSED, [], ())


def test_the_engine_is_held_to_the_name_and_the_authority_of_its_context(authority, tmp_path):
    with provider(authority.server(tmp_path, "docker.prod.example.com")) as server:
        says(server, ROOTED)
        where = {Provider.DOCKER: Place("https", "127.0.0.1", server.port)}
        gap = one(server, authority)
        assert gap.why == "its certificate is not valid for that host; nothing was sent"
        files = context(authority, "tcp://docker.prod.example.com:2376", authorities=Authority("evil").root)
        [gap], _ = asked(files, local=False, overrides=where)
        assert gap.why == "its certificate is not valid for that host; nothing was sent"
        [answer], _ = asked(context(authority, "tcp://docker.prod.example.com:2376"), local=False, overrides=where)
        assert answer.state is CredentialState.LIVE
        assert len(server.heard) == 2


def test_an_engine_that_does_not_take_the_key_is_a_gap(server, authority):
    pair = Authority("other").issue(("CN", "client"))
    gap = one(server, authority, pair=pair)
    assert (type(gap), gap.kind) == (Gap, GapKind.FAILED)
    assert server.heard == []


def test_a_locked_key_is_not_sent_and_nobody_is_asked_for_its_passphrase(server, authority):
    gap = one(server, authority, pair=authority.issue(("CN", "client"), password=b"CANARY-pass"))
    assert gap.why == "not asked: its key is locked by a passphrase"
    assert server.heard == []


def test_one_engine_that_wants_no_more_questions_does_not_silence_another(server, authority, tmp_path):
    with provider(authority.server(tmp_path)) as other:
        other.on("GET", "/version", 429)
        files = {
            **context(authority, f"tcp://127.0.0.1:{other.port}"),
            "~/tls/ca.pem": authority.root,
            **dict(zip(("~/tls/cert.pem", "~/tls/key.pem"), vars(authority.issue(("CN", "x"))).values(), strict=True)),
        }
        env = {"DOCKER_HOST": address(server), "DOCKER_CERT_PATH": "/home/ada/tls", "DOCKER_TLS_VERIFY": "1"}
        found, _ = asked(files, env=env)
        assert sorted(type(each).__name__ for each in found) == ["CredentialSeen", "Gap"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((401, GapKind.REFUSED), (403, GapKind.REFUSED), (404, GapKind.FAILED), (429, GapKind.LIMIT)),
        *((500, GapKind.FAILED), (302, GapKind.REFUSED)),
    ],
)
@pytest.mark.parametrize("path", ["/version", INFO])
def test_no_answer_is_no_proof_of_anything(server, authority, path, status, kind):
    headers = {"Location": f"{server.url}/elsewhere"} if status == 302 else {}
    server.on("GET", path, status, '{"message": "CANARY"}', **headers)
    gap = one(server, authority)
    assert (type(gap), gap.kind) == (Gap, kind)
    assert "CANARY" not in repr(gap)


@pytest.mark.parametrize(
    "body", ["", "CANARY", "[]", "null", '"CANARY"', "{}", '{"ApiVersion": "../containers"}', "[" * 50_000]
)
def test_an_answer_that_is_none_is_a_gap_that_repeats_nothing(server, authority, body):
    server.on("GET", "/version", body=body)
    server.on("GET", "/v1.24/info", body=body)
    gap = one(server, authority)
    assert (type(gap), gap.kind) == (Gap, GapKind.FAILED)
    assert "CANARY" not in repr(gap)


def test_a_huge_answer_is_not_taken(server, authority):
    server.on("GET", "/version", body=b" " * (BODY_LIMIT + 1))
    assert one(server, authority).kind is GapKind.LIMIT


def test_who_dribbles_is_cut_off(server, authority):
    def dribble(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            handler.wfile.write(b" ")
            time.sleep(0.05)

    server.by_hand("GET", "/version", dribble)
    begun = time.monotonic()
    found, _ = asked(context(authority, address(server)), seconds=1.5)
    assert [each.kind for each in found] == [GapKind.LIMIT]
    assert time.monotonic() - begun < 4


def test_the_package_reads_no_settings_and_takes_no_proxy(server, authority, monkeypatch, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"proxies": {"default": {"httpsProxy": "http://127.0.0.1:9"}}}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert one(server, authority).state is CredentialState.LIVE


def test_what_the_package_makes_beside_the_table_is_not_sent(server, authority):
    from probes.live.engine_client import Sender, Unanswered, engines

    place = Place("https", "127.0.0.1", server.port)
    client = engines(Sender(Client(time.monotonic() + 5, local=True), place), place)
    assert not client.trust_env
    calls = [
        *(client.containers, client.images, lambda: client.remove_container("x"), client.create_volume),
        *(lambda: client.post(f"{server.url}/version"), lambda: client.get(f"{server.url}/version", data="x")),
    ]
    for call in calls:
        with pytest.raises(Unanswered):
            call()
    assert server.heard == []


TEXTS = st.sampled_from(["", "CANARY", "name=rootless", "1.46", "\x1b[31m", "Engine", "Docker Desktop"])
NAMES = st.sampled_from(["ApiVersion", "Version", "Components", "Name", "SecurityOptions", "Rootless", "Plugins"])
SHREDS = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(SHREDS, SHREDS)
def test_no_answer_breaks_the_judgement(version, info):
    from probes.containers.engine import engine
    from probes.live.engine_client import answers

    class Answers:
        def ask(self, call, place, headers, base=""):
            return Answer(200, {}, json.dumps(info if call.path == "/info" else version).encode())

    found = answers(Answers(), Place("https", "docker.example.com", 2376))
    assert isinstance(found, Gap) or engine(*found) is not None


def test_a_key_in_a_folder_that_nothing_names_is_not_asked_about(server, authority):
    host = FakeHost(files=context(authority, address(server)))
    [key] = [each for each in observe(containers, host) if isinstance(each, CredentialSeen)]
    bare = FakeHost()
    probe = Live((Provider.DOCKER,), local=True)([key])
    confined = Host(bare.machine, host.vault, frozenset(probe.reads))
    assert [each.why for each in probe.look(confined)] == ["not asked: no context of yours pairs it with an engine"]
    assert server.heard == []
