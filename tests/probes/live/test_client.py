import datetime
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
import time

import pytest

from probes.live import client as module
from probes.live.calls import (
    CALLER_IDENTITY,
    CALLS,
    ENGINE_VERSION,
    GITHUB_API,
    RULES_REVIEW,
    SELF_REVIEW,
    USER,
    Provider,
)
from probes.live.client import BODY_LIMIT, CALL_LIMIT, Answer, Client, Place, overrides
from probes.live.tls import DAMAGED
from scanner.errors import ScannerError
from scanner.model import Gap, GapKind
from tests.probes.live.authority import Authority
from tests.probes.live.provider import provider

SECRET = "CANARY-CANARY-CANARY"
# They create nothing: a cluster answers them at once and keeps no object.
REVIEWS = {
    "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
}
HEADERS = {"Authorization": f"Bearer {SECRET}"}


@pytest.fixture
def server():
    with provider() as told:
        yield told


def client_of(server, seconds=5.0):
    where = Place(server.scheme, "127.0.0.1", server.port)
    return Client(time.monotonic() + seconds, {Provider.GITHUB: where, Provider.AWS: where})


def ask(server, seconds=5.0, headers=HEADERS):
    return client_of(server, seconds).ask(USER, GITHUB_API, headers)


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.name)
def test_every_call_reads(call):
    reads_by_post = call.body.startswith("Action=Get") or call.path in REVIEWS
    assert call.method == "GET" or (call.method == "POST" and reads_by_post)
    assert bool(call.hosts) != call.own
    assert not any("*" in host or "{" in host for host in call.hosts)


def test_an_answer_holds_the_headers_that_are_kept_and_no_other(server):
    server.on("GET", "/user", body='{"login": "ada"}', X_OAuth_Scopes="repo", Set_Cookie="CANARY")
    answer = ask(server)
    assert (answer.status, answer.headers, answer.body) == (200, {"x-oauth-scopes": "repo"}, b'{"login": "ada"}')
    assert "ada" not in repr(answer)
    [heard] = server.heard
    assert heard.headers["Authorization"] == f"Bearer {SECRET}"
    assert heard.headers["User-Agent"].startswith("armslength/")
    assert "Cookie" not in heard.headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server, status):
    server.on("GET", "/user", status, Location=f"{server.url}/elsewhere")
    gap = ask(server)
    assert (gap.kind, gap.why) == (GapKind.REFUSED, "answered with a redirect, which is not followed")
    assert len(server.heard) == 1


def test_a_huge_answer_is_not_taken(server):
    server.on("GET", "/user", body=b"x" * (BODY_LIMIT + 1))
    assert ask(server).kind is GapKind.LIMIT


def dribble(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        handler.wfile.write(b"x")
        time.sleep(0.05)


def dribbled_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        handler.wfile.write(b"X: y\r\n")
        time.sleep(0.05)


def silence(handler):
    time.sleep(3)


@pytest.mark.parametrize("slow", [dribble, dribbled_headers, silence], ids=lambda slow: slow.__name__)
def test_who_answers_slowly_is_cut_off(server, slow):
    server.by_hand("GET", "/user", slow)
    begun = time.monotonic()
    gap = ask(server, 0.4)
    assert (gap.kind, gap.why) == (GapKind.LIMIT, "no whole answer in time")
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 100,
        b"HTTP/1.1 CANARY\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"a" * 70_000,
    ],
)
def test_what_is_no_http_is_a_gap_that_repeats_nothing(server, data):
    server.by_hand("GET", "/user", lambda handler: handler.wfile.write(data))
    gap = ask(server)
    assert gap.kind is GapKind.FAILED
    assert "CANARY" not in repr(gap)


@pytest.mark.parametrize("value", ["a\nX-Evil: 1", "a\r\nX: y", "a\0", "ä", "", "x" * 20_000])
def test_a_credential_that_no_header_may_hold_is_not_sent(server, value):
    gap = ask(server, headers={"Authorization": value})
    assert gap.kind is GapKind.REFUSED
    assert server.heard == []


def test_nobody_there_is_a_gap():
    client = Client(time.monotonic() + 5, {Provider.GITHUB: Place("http", "127.0.0.1", 9)})
    gap = client.ask(USER, GITHUB_API, HEADERS)
    assert (gap.kind, gap.why) == (GapKind.FAILED, "could not be reached, or closed the connection")
    assert [each.url for each in client.record] == ["http://127.0.0.1:9/user"]
    assert SECRET not in repr(client.record)


@pytest.mark.parametrize(
    ("call", "host"),
    [
        (USER, "example.com@evil.example"),
        (USER, "10.0.0.1"),
        (USER, "localhost"),
        (USER, "::1"),
        (USER, "a..b"),
        (USER, "git.example.com:8443"),
        (USER, "git.example.com/x"),
        (CALLER_IDENTITY, GITHUB_API),
        (CALLER_IDENTITY, "sts.evil.example"),
        (CALLER_IDENTITY, "git.example.com"),
    ],
)
def test_a_host_that_is_not_the_calls_is_never_asked(server, call, host):
    with pytest.raises(ValueError, match="only what stands in its table"):
        client_of(server).ask(call, host, HEADERS)


def test_a_call_of_ones_own_making_is_never_asked(server):
    from msgspec.structs import replace

    with pytest.raises(ValueError, match="only what stands in its table"):
        client_of(server).ask(replace(USER, method="DELETE"), GITHUB_API, HEADERS)


@pytest.mark.parametrize("base", ["/api/v4", "/../x", "/api/v3/", "x", "/api/v3\n"])
def test_a_path_that_is_not_the_calls_is_never_asked(server, base):
    with pytest.raises(ValueError, match="only what stands in its table"):
        client_of(server).ask(USER, "git.example.com", HEADERS, base)
    assert server.heard == []


@pytest.mark.parametrize("name", ["", "a/b", "A", "a\n", '"', "a" * 64, "-a", "a.b"])
def test_only_a_label_fills_the_hole_of_a_body(name):
    with pytest.raises(ValueError, match="only what stands in its table"):
        Client(time.monotonic() + 5, local=True).ask(
            RULES_REVIEW, Place("https", "k8s.example.com", 443), {}, name=name
        )


@pytest.mark.parametrize(
    ("call", "to"),
    [
        (SELF_REVIEW, "k8s.example.com"),
        (SELF_REVIEW, Place("http", "k8s.example.com", 80)),
        (ENGINE_VERSION, Place("http", "127.0.0.1", 2375)),
        (USER, Place("https", "evil.example", 443)),
        (CALLER_IDENTITY, Place("https", "evil.example", 443)),
    ],
)
def test_only_a_call_to_servers_of_ones_own_goes_to_any_place_and_only_by_tls(call, to):
    with pytest.raises(ValueError, match="only what stands in its table"):
        Client(time.monotonic() + 5, local=True).ask(call, to, {})


@pytest.mark.parametrize(
    ("place", "authority"),
    [
        (Place("https", "sts.us-east-1.amazonaws.com", 443), "sts.us-east-1.amazonaws.com"),
        (Place("https", "k8s.example.com", 6443), "k8s.example.com:6443"),
        (Place("https", "::1", 6443), "[::1]:6443"),
        (Place("http", "localhost", 80), "localhost"),
    ],
)
def test_the_host_header_names_a_port_only_where_it_is_not_the_usual_one(place, authority):
    assert place.authority == authority


@pytest.mark.parametrize(
    ("place", "host"),
    [
        (Place("https", "sts.us-east-1.amazonaws.com", 443), "sts.us-east-1.amazonaws.com"),
        (Place("https", "k8s.example.com", 6443), "k8s.example.com:6443"),
    ],
)
def test_the_host_header_is_what_a_signature_covers(place, host):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        answer = module._spoken(ours, module.Sending(place, USER, "/user", "", {}, False))
        assert answer.status == 200
        lines = theirs.recv(4096).decode().split("\r\n")
    assert [line for line in lines if line.lower().startswith("host:")] == [f"Host: {host}"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_locked_key_asks_nobody_at_the_terminal(tmp_path):
    pair = Authority().issue(("CN", "ada"), password=b"CANARY-pass")
    (tmp_path / "pair.pem").write_text(pair.certificate + pair.key)
    code = (
        "import sys\nfrom probes.live.tls import Tls, context\n"
        "print('told', context(Tls(proof=open(sys.argv[1]).read())))"
    )
    master, slave = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "pair.pem")],
        **dict.fromkeys(("stdin", "stdout", "stderr"), slave),
        start_new_session=True,
    ) as run:
        os.close(slave)
        shown = b""
        while b"\n" not in shown and b"phrase" not in shown:
            shown += os.read(master, 4096)
        os.close(master)
        run.wait(20)
    assert shown.decode().strip() == f"told {DAMAGED}"


def test_what_listens_on_this_machine_is_sent_nothing_unless_a_person_said_so(tls):
    with tls("127.0.0.1", True) as server:
        server.on("GET", "/version")
        place = Place("https", "127.0.0.1", server.port)
        gap = Client(time.monotonic() + 5).ask(ENGINE_VERSION, place, {})
        assert (gap.kind, server.heard) == (GapKind.REFUSED, [])
        assert Client(time.monotonic() + 5, local=True).ask(ENGINE_VERSION, place, {}).status == 200


def test_the_number_of_questions_is_bounded(server):
    server.on("GET", "/user")
    client = client_of(server, 60)
    answers = [client.ask(USER, GITHUB_API, HEADERS) for _ in range(CALL_LIMIT + 2)]
    assert [type(each) for each in answers[-3:]] == [Answer, Gap, Gap]
    assert len(server.heard) == CALL_LIMIT


def test_no_proxy_of_the_environment_is_taken(server, monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server.on("GET", "/user")
    assert ask(server).status == 200


@pytest.mark.parametrize(
    "text",
    [
        *(
            "https://api.github.com",
            "http://10.0.0.1:80",
            "ftp://localhost",
            "http://localhost@evil.example",
            "127.0.0.1",
        ),
        *(
            "http://localhost:port",
            "http://[",
            "http://ada:pw@localhost",
            "http://localhost/path",
            "http://127.0.0.1.evil.io",
        ),
    ],
)
@pytest.mark.parametrize("name", ["ARMSLENGTH_GITHUB_URL", "ARMSLENGTH_AWS_URL"])
def test_an_override_names_this_machine_or_stops_the_run(name, text):
    with pytest.raises(ScannerError, match="may only name this machine") as stopped:
        overrides({name: text})
    assert text not in str(stopped.value)


def test_an_override_on_loopback_is_taken():
    assert overrides({"ARMSLENGTH_GITHUB_URL": "http://[::1]:8080/", "ARMSLENGTH_AWS_URL": ""}) == {
        Provider.GITHUB: Place("http", "::1", 8080)
    }


def certificate(tmp_path, name):
    """A certificate of its own for that name, and its key, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    named = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / f"{name}.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """Starts a server with a certificate for a name; says whether this machine trusts it."""

    def start(name, trusted):
        path = certificate(tmp_path, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        monkeypatch.setenv("SSL_CERT_FILE", str(path if trusted else certificate(tmp_path, "other.example")))
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys.log"))
        return provider(context)

    return start


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("evil.example", True)])
def test_a_certificate_that_is_not_the_hosts_is_sent_nothing(tls, name, trusted):
    with tls(name, trusted) as server:
        gap = ask(server)
        assert (gap.kind, gap.why) == (
            GapKind.FAILED,
            "its certificate is not valid for that host; nothing was sent",
        )
        assert server.heard == []


def test_a_trusted_certificate_is_talked_to_and_no_key_is_logged(tls, tmp_path):
    with tls("127.0.0.1", True) as server:
        server.on("GET", "/user", body="{}")
        assert ask(server).body == b"{}"
    assert not (tmp_path / "keys.log").exists()


def test_a_handshake_that_never_ends_is_cut_off():
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip():
            connection, _ = listener.accept()
            with connection:
                try:
                    connection.sendall(b"\x16\x03\x03\x40\x00")
                    for _ in range(100):
                        connection.sendall(b"\x02")
                        time.sleep(0.05)
                except OSError:
                    pass

        thread = threading.Thread(target=drip)
        thread.start()
        where = Place("https", "127.0.0.1", listener.getsockname()[1])
        begun = time.monotonic()
        gap = Client(begun + 0.4, {Provider.GITHUB: where}).ask(USER, GITHUB_API, HEADERS)
        assert gap.kind in (GapKind.LIMIT, GapKind.FAILED)
        assert time.monotonic() - begun < 2
        thread.join(10)


def test_the_time_of_one_question_is_bounded_too(server, monkeypatch):
    monkeypatch.setattr(module, "CALL_SECONDS", 0.3)
    server.by_hand("GET", "/user", silence)
    begun = time.monotonic()
    assert ask(server, 60).kind is GapKind.LIMIT
    assert time.monotonic() - begun < 2
