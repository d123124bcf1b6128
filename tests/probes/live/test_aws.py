import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import PurePosixPath

import pytest

from probes.aws.look import aws
from probes.environment import environment
from probes.live.ask import Live
from probes.live.aws import question
from probes.live.calls import Provider
from probes.live.client import Place
from scanner.data.aws_roles import every
from scanner.data.kinds import implied
from scanner.host import Host
from scanner.model import (
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Hint,
    Identity,
)
from scanner.testing import FakeHost, observe
from scanner.tokens import token
from tests.probes.live.provider import provider

ACCOUNT = "123456789012"
KEY_ID = token("aws-key", "live")
SESSION_ID = token("aws-session-key", "live")
ROOT_ID = token("aws-key", "root")
ROOT_SECRET = "CANARY-OF-ROOT"
SECRET = "CANARY" * 6 + "CANA"
SESSION = "CANARYTOKEN" * 20


@pytest.fixture
def server():
    with provider() as told:
        yield told


def says(server, arn):
    server.on(
        *("POST", "/"),
        body=f"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>AIDA</UserId>"
        f"<Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
    )


def refuses(server, code, status=403, **headers):
    server.on(
        "POST",
        "/",
        status,
        f"<ErrorResponse><Error><Code>{code}</Code><Message>CANARY</Message></Error></ErrorResponse>",
        **headers,
    )


def key(host, kind="aws.access-key", public_id=KEY_ID, session=None, **more):
    grants = implied(kind, ACCOUNT, more.pop("hints", ()))
    return CredentialSeen(
        kind,
        Evidence(PurePosixPath("/home/ada/.aws/credentials"), 3),
        host.keep(SECRET),
        public_id,
        grants=grants,
        beside=host.keep(session) if session is not None else None,
        **more,
    )


def asked(server, observations, host, seconds=5.0):
    live = Live((Provider.AWS,), {Provider.AWS: Place("http", "127.0.0.1", server.port)})
    confined = Host(host.machine, host.vault, frozenset(), deadline=time.monotonic() + seconds)
    return list(live(observations).look(confined))


def one(server, **more):
    host = FakeHost()
    [answer] = asked(server, [key(host, **more)], host)
    return answer


def test_a_user_is_named_and_nothing_more_is_claimed(server):
    says(server, f"arn:aws:iam::{ACCOUNT}:user/team/ada")
    answer = one(server)
    assert answer.identity == Identity("aws", ACCOUNT, "user/ada")
    assert (answer.state, answer.grants, answer.settled) == (CredentialState.LIVE, (), False)
    [heard] = server.heard
    assert heard.body == b"Action=GetCallerIdentity&Version=2011-06-15"
    assert f"Credential={KEY_ID}/" in heard.headers["Authorization"]
    assert "us-east-1/sts" in heard.headers["Authorization"]
    assert SECRET not in repr(heard)


def test_a_session_is_asked_with_its_token_and_its_role_says_what_it_did(server):
    says(server, f"arn:aws:sts::{ACCOUNT}:assumed-role/ReadOnlyAccess/ada")
    answer = one(server, kind="aws.session-key", public_id=SESSION_ID, session=SESSION)
    assert answer.identity == Identity("aws", ACCOUNT, "role/ReadOnlyAccess")
    assert {grant.confidence for grant in answer.grants} == {Confidence.INFERRED}
    assert server.heard[0].headers["X-Amz-Security-Token"] == SESSION


def test_the_root_user_may_do_everything(server):
    says(server, f"arn:aws:iam::{ACCOUNT}:root")
    answer = one(server)
    assert answer.settled
    [grant] = answer.grants
    assert (grant.capabilities, grant.confidence) == (every(), Confidence.VERIFIED)


def test_another_account_than_the_id_told_is_taken_from_the_answer(server):
    says(server, "arn:aws:iam::210987654321:user/ada")
    assert {grant.asset.name for grant in one(server).grants} == {"210987654321"}


@pytest.mark.parametrize("arn", [f"arn:aws:sts::{ACCOUNT}:federated-user/ada", "arn:aws-cn:sts::1:x/CANARY-CANARY"])
def test_a_caller_of_another_sort_is_live(server, arn):
    says(server, arn)
    answer = one(server)
    assert (answer.state, answer.identity) == (CredentialState.LIVE, None)


@pytest.mark.parametrize(
    ("code", "status", "state"),
    [
        ("InvalidClientTokenId", 403, CredentialState.REVOKED),
        ("SignatureDoesNotMatch", 403, CredentialState.REVOKED),
        ("ExpiredToken", 403, CredentialState.EXPIRED),
        ("ExpiredToken", 400, CredentialState.EXPIRED),
    ],
)
def test_a_refusal_tells_the_state(server, code, status, state):
    refuses(server, code, status, Date=format_datetime(datetime.now(UTC), usegmt=True))
    assert one(server).state is state


def test_a_wrong_clock_of_ours_is_no_proof_that_a_key_is_dead(server):
    server.replies.clear()
    date = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    body = b"<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"

    def write(handler):
        head = f"HTTP/1.1 403 Forbidden\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n\r\n"
        handler.wfile.write(head.encode() + body)

    server.by_hand("POST", "/", write)
    gap = one(server)
    assert (gap.kind, gap.why) == (GapKind.FAILED, "the clock of this machine is off by more than AWS allows")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("Throttling", 400, GapKind.LIMIT),
        ("x", 429, GapKind.LIMIT),
        ("AccessDenied", 403, GapKind.REFUSED),
        ("<", 500, GapKind.FAILED),
    ],
)
def test_another_refusal_is_a_gap(server, code, status, kind):
    refuses(server, code, status)
    gap = one(server)
    assert (type(gap), gap.kind) == (Gap, kind)
    assert "CANARY" not in repr(gap)


@pytest.mark.parametrize(
    "body", [b"", b"CANARY", b"<Arn></Arn>", b"<Arn>" + b"x" * 5000 + b"</Arn>", b"<Arn>" + b"\xff" * 30 + b"</Arn>"]
)
def test_an_answer_without_a_caller_is_a_gap(server, body):
    server.on("POST", "/", body=body)
    assert one(server).kind is GapKind.FAILED


@pytest.mark.parametrize(
    "more",
    [{"public_id": None}, {"public_id": "not an id"}, {"kind": "aws.session-key"}, {"public_id": SESSION_ID}],
)
def test_half_a_key_is_not_asked_about(server, more):
    assert one(server, **more).kind is GapKind.REFUSED
    assert server.heard == []


def test_a_place_that_knows_the_id_speaks_for_one_that_does_not(server):
    says(server, f"arn:aws:iam::{ACCOUNT}:user/ada")
    host = FakeHost()
    bare = CredentialSeen("aws.access-key", Evidence(PurePosixPath("/home/ada/.aaa"), 1), host.keep(SECRET))
    [answer] = asked(server, [bare, key(host)], host)
    assert (answer.state, answer.public_id) == (CredentialState.LIVE, KEY_ID)


def test_what_no_key_holds_is_not_sent(server):
    host = FakeHost()
    [gap] = asked(server, [key(host, kind="aws.session-key", session="CANARY\r\nX-Evil: 1")], host)
    assert gap.kind is GapKind.REFUSED
    assert server.heard == []


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "sts.us-east-1.amazonaws.com"),
        ("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
        ("us-gov-east-1", "sts.us-gov-west-1.amazonaws.com"),
        ("eusc-de-east-1", "sts.eusc-de-east-1.amazonaws.eu"),
        ("evil.example/", "sts.us-east-1.amazonaws.com"),
    ],
)
def test_the_region_chooses_the_partition_and_never_the_host(region, host):
    fake = FakeHost()
    assert question((key(fake, hints=(Hint("region", region),)),), fake).host == host


FILES = {
    "~/.aws/credentials": f"[work]\naws_access_key_id = {SESSION_ID}\naws_secret_access_key = {SECRET}\n"
    f"aws_session_token = {SESSION}\n",
    "~/.aws/cli/cache/x.json": f'{{"Credentials": {{"AccessKeyId": "{SESSION_ID}", "SecretAccessKey": "{SECRET}",'
    f' "SessionToken": "{SESSION}"}}}}',
    "~/.aws/login/cache/x.json": f'{{"accessToken": {{"accessKeyId": "{SESSION_ID}", "secretAccessKey": "{SECRET}",'
    f' "sessionToken": "{SESSION}"}}}}',
}


@pytest.mark.parametrize("path", sorted(FILES))
def test_the_probe_of_aws_hands_over_the_session_token(path):
    host = FakeHost(files={path: FILES[path]})
    [found] = [each for each in observe(aws, host) if isinstance(each, CredentialSeen)]
    assert host.vault.value(found.beside) == SESSION


def test_the_probe_of_the_environment_hands_over_the_session_token():
    names = {"AWS_ACCESS_KEY_ID": SESSION_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_SESSION_TOKEN": SESSION}
    host = FakeHost(env=names)
    [found] = [each for each in observe(environment, host) if isinstance(each, CredentialSeen)]
    assert host.vault.value(found.beside) == SESSION


# --- an emulator that checks signatures


@pytest.fixture(scope="module")
def ministack(tmp_path_factory):
    """The emulator with root's key pair, on a port of its own."""
    program = shutil.which("ministack")  # it wants a botocore of its own, so it lives in an environment of its own
    if program is None:
        pytest.skip("ministack is not installed")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    folder = tmp_path_factory.mktemp("ministack")
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "AWS_ACCESS_KEY_ID": ROOT_ID,
        "AWS_SECRET_ACCESS_KEY": ROOT_SECRET,
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
    }
    with subprocess.Popen(
        [program], env=variables, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        for _ in range(150):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
                break
            except urllib.error.HTTPError as error:
                error.close()
                break
            except OSError:
                time.sleep(0.2)
        yield port
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def user(ministack):
    """The key pair of a user named ada, who may do nothing."""
    import boto3

    pair = {"aws_access_key_id": ROOT_ID, "aws_secret_access_key": ROOT_SECRET}
    iam = boto3.client("iam", endpoint_url=f"http://127.0.0.1:{ministack}", region_name="us-east-1", **pair)
    iam.create_user(UserName="ada")
    made = iam.create_access_key(UserName="ada")["AccessKey"]
    return made["AccessKeyId"], made["SecretAccessKey"]


def answer_of(port, key_id, secret):
    host = FakeHost()
    told = CredentialSeen("aws.access-key", Evidence(variable="AWS_SECRET_ACCESS_KEY"), host.keep(secret), key_id)
    live = Live((Provider.AWS,), {Provider.AWS: Place("http", "127.0.0.1", port)})
    [answer] = live([told]).look(Host(host.machine, host.vault, frozenset(), deadline=time.monotonic() + 20))
    return answer


def test_a_server_that_checks_signatures_takes_ours(ministack, user):
    answer = answer_of(ministack, *user)
    assert (answer.state, answer.identity.name) == (CredentialState.LIVE, "user/ada")
    assert answer_of(ministack, user[0], "CANARY-CANARY-CANARY").state is CredentialState.REVOKED
    assert answer_of(ministack, KEY_ID, user[1]).state is CredentialState.REVOKED
    assert answer_of(ministack, ROOT_ID, ROOT_SECRET).settled
