import json
import time
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.live.ask import Live
from probes.live.calls import Provider
from probes.live.client import Answer, Place
from probes.live.github import _judged, question
from probes.live.question import Question
from scanner.config import Config
from scanner.data.github_scopes import allowed, scopes
from scanner.data.kinds import implied
from scanner.engine import scan
from scanner.host import Host
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Grant,
    Identity,
    Lifetime,
    LifetimeKind,
)
from scanner.probe import probe
from scanner.testing import TEST_KEY, FakeHost, fake_machine
from scanner.tokens import token
from scanner.vault import Vault
from tests.probes.live.provider import provider

ADA = json.dumps({"login": "ada", "id": 7, "email": "CANARY"})
GH = PurePosixPath("/home/ada/.config/gh/hosts.yml")


@pytest.fixture
def server():
    with provider() as told:
        yield told


def host_with(*values):
    host = FakeHost()
    return host, [host.keep(value) for value in values]


def seen(secret, kind="github.oauth-token", line=1, path=GH, **more):
    grants = more.pop("grants", implied(kind, "github.com"))
    return CredentialSeen(kind, Evidence(path, line), secret, grants=grants, **more)


def asked(server, observations, host, seconds=5.0):
    live = Live((Provider.GITHUB,), {Provider.GITHUB: Place("http", "127.0.0.1", server.port)})
    confined = Host(host.machine, host.vault, frozenset(), deadline=time.monotonic() + seconds)
    return list(live(observations).look(confined)), live


def one(server, kind="github.oauth-token", family="github-oauth", **more):
    host, [secret] = host_with(token(family, "live"))
    [answer], _ = asked(server, [seen(secret, kind, **more)], host)
    return answer


def rights(answer):
    return {(each, grant.confidence) for grant in answer.grants for each in grant.capabilities}


def test_scopes_become_verified_classes(server):
    server.on("GET", "/user", body=ADA, X_OAuth_Scopes="gist, read:org, repo")
    answer = one(server)
    assert (answer.settled, answer.state) == (True, CredentialState.LIVE)
    assert answer.identity == Identity("github", "github.com", "ada")
    assert (Capability.CODE_WRITE, Confidence.VERIFIED) in rights(answer)
    assert (Capability.SECRETS_READ, Confidence.POSSIBLE) in rights(answer)
    assert not {each for each, _ in rights(answer)} & {Capability.DATA_DESTROY, Capability.PUBLISH}
    assert answer.lifetime.kind is LifetimeKind.STATIC
    assert "CANARY" not in repr(answer)


def test_no_scope_at_all_reads_what_is_public(server):
    server.on("GET", "/user", body=ADA, X_OAuth_Scopes="")
    answer = one(server, "github.classic-token", "github-classic")
    assert (answer.settled, rights(answer)) == (True, {(Capability.DISCOVER, Confidence.VERIFIED)})


def test_a_scope_that_nobody_knows_leaves_the_rest_possible(server):
    server.on("GET", "/user", body=ADA, X_OAuth_Scopes="gist, brand:new, \x1b[31m<x>")
    answer = one(server)
    assert (Capability.CODE_WRITE, Confidence.POSSIBLE) in rights(answer)
    assert "\x1b" not in repr(answer)


@pytest.mark.parametrize(
    ("told", "end"),
    [
        ("2026-12-01 10:00:00 UTC", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 10:00:00 +0000", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("2026-12-01 02:00:00 -0800", datetime(2026, 12, 1, 10, tzinfo=UTC)),
        ("never", None),
        ("0001-01-01 00:00:00 +2359", None),
    ],
)
def test_a_fine_grained_token_tells_who_and_when_it_ends(server, told, end):
    server.on("GET", "/user", body=ADA, GitHub_Authentication_Token_Expiration=told)
    answer = one(server, "github.fine-grained-token", "github-fine-grained")
    assert (answer.settled, answer.grants) == (False, ())
    assert answer.lifetime == (Lifetime(LifetimeKind.EXPIRES, end) if end else Lifetime())


def test_a_token_that_github_does_not_take_is_revoked_or_past_its_end(server):
    server.on("GET", "/user", 401, body='{"message": "CANARY"}')
    assert one(server).state is CredentialState.REVOKED
    ended = Lifetime(LifetimeKind.EXPIRES, datetime(2026, 11, 1, tzinfo=UTC))
    assert one(server, lifetime=ended).state is CredentialState.EXPIRED


@pytest.mark.parametrize(
    ("status", "headers", "kind"),
    [
        (403, {}, GapKind.REFUSED),
        (403, {"X_RateLimit_Remaining": "0"}, GapKind.LIMIT),
        (403, {"Retry_After": "60"}, GapKind.LIMIT),
        (429, {}, GapKind.LIMIT),
        (404, {}, GapKind.REFUSED),
        (500, {}, GapKind.FAILED),
        (204, {}, GapKind.FAILED),
    ],
)
def test_no_answer_is_no_proof_of_anything(server, status, headers, kind):
    server.on("GET", "/user", status, body="" if status == 204 else "CANARY", **headers)
    gap = one(server)
    assert (type(gap), gap.kind) == (Gap, kind)
    assert "CANARY" not in repr(gap)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "CANARY",
        "[]",
        "{}",
        '{"login": 7}',
        '{"login": null}',
        '{"login": "a b"}',
        '{"login": "\\u202e"}',
        "[" * 9999,
    ],
)
def test_an_answer_that_names_nobody_is_a_gap(server, body):
    server.on("GET", "/user", body=body, X_OAuth_Scopes="repo")
    gap = one(server)
    assert (gap.kind, gap.why) == (GapKind.FAILED, "the answer does not say who the token is")


def test_a_token_that_was_seen_twice_is_asked_about_once(server):
    server.on("GET", "/user", body=ADA, X_OAuth_Scopes="gist")
    host, [first, other] = host_with(token("github-oauth", "a"), token("github-oauth", "b"))
    answers, live = asked(server, [seen(other, line=9), seen(first, line=2), seen(first, line=1)], host)
    assert [each.evidence.line for each in answers] == [1, 9]
    assert (len(server.heard), len(live.record)) == (2, 2)


def test_a_provider_that_wants_no_more_questions_gets_few(server):
    server.on("GET", "/user", 429)
    host, secrets = host_with(*(token("github-oauth", str(number)) for number in range(40)))
    answers, _ = asked(server, [seen(secret, line=n + 1) for n, secret in enumerate(secrets)], host)
    assert {each.kind for each in answers} == {GapKind.LIMIT}
    assert len(server.heard) <= 8


def test_an_installations_token_is_asked_what_it_may_be_asked(server):
    server.on(
        "GET", "/installation/repositories?per_page=1", body='{"total_count": 3, "repositories": [{"name": "CANARY"}]}'
    )
    answer = one(server, "github.app-token", "github-app")
    assert (answer.state, answer.names, answer.settled) == (CredentialState.LIVE, ("reaches 3 repositories",), False)
    assert "CANARY" not in repr(answer)


def test_one_deadline_holds_for_all(server):
    server.by_hand("GET", "/user", lambda handler: time.sleep(5))
    host, secrets = host_with(*(token("github-oauth", str(number)) for number in range(9)))
    begun = time.monotonic()
    answers, _ = asked(server, [seen(secret, line=n + 1) for n, secret in enumerate(secrets)], host, 0.5)
    assert len(answers) == 9
    assert {each.kind for each in answers} == {GapKind.LIMIT}
    assert time.monotonic() - begun < 2.5


def test_what_a_header_may_not_hold_is_not_sent(server):
    host, [secret] = host_with("CANARY\r\nX-Evil: 1")
    [gap], _ = asked(server, [seen(secret, "github.token")], host)
    assert gap.kind is GapKind.REFUSED
    assert "CANARY" not in repr(gap)
    assert server.heard == []


SERVER = Identity("github", "git.example.com", "ada")
ELSEWHERE = (Grant(Asset("github-account", "git.example.com"), frozenset({Capability.DATA_READ}), Confidence.INFERRED),)


@pytest.mark.parametrize(
    ("more", "host", "base"),
    [
        ({}, "api.github.com", ""),
        ({"grants": ()}, "api.github.com", ""),
        ({"identity": Identity("github", "gist.github.com", "ada")}, "api.github.com", ""),
        ({"identity": SERVER}, "git.example.com", "/api/v3"),
        ({"identity": Identity("github", "acme.ghe.com", "ada")}, "api.acme.ghe.com", ""),
    ],
)
def test_a_token_goes_to_the_host_that_it_belongs_to(more, host, base):
    fake, [secret] = host_with(token("github-oauth", "x"))
    put = question((seen(secret, **more),), fake)
    assert (put.host, put.base) == (host, base)


@pytest.mark.parametrize(
    "more",
    [
        {"identity": SERVER, "path": PurePosixPath("/home/ada/src/x/.env")},
        {"grants": ELSEWHERE, "path": PurePosixPath("/home/ada/src/x/.env")},
        {"grants": ELSEWHERE},
        {"identity": Identity("github", "10.0.0.1", "ada")},
        {"identity": Identity("github", "evil.example:8443", "ada")},
    ],
)
def test_a_host_that_gh_does_not_name_is_not_asked(more):
    fake, [secret] = host_with(token("github-oauth", "x"))
    gap = question((seen(secret, **more),), fake)
    assert (type(gap), gap.kind) == (Gap, GapKind.REFUSED)


def test_a_token_of_a_server_without_a_name_is_not_sent_to_github():
    fake, [secret] = host_with(token("github-oauth", "x"))
    told = CredentialSeen("github.token", Evidence(variable="GH_ENTERPRISE_TOKEN"), secret)
    assert isinstance(question((told,), fake), Gap)
    assert isinstance(
        question((CredentialSeen("github.token", Evidence(variable="GH_TOKEN"), secret),), fake), Question
    )


def test_kinds_that_are_no_tokens_of_the_api_are_left_alone(server):
    host, [secret] = host_with("CANARY-CANARY-CANARY")
    others = [seen(secret, kind, grants=()) for kind in ("github.refresh-token", "gitlab.token", "generic.secret")]
    assert asked(server, [*others, seen(None)], host)[0] == []


def test_an_answer_stands_in_place_of_what_the_kind_implies(server):
    server.on(
        "GET",
        "/user",
        body=ADA,
        X_OAuth_Scopes="gist",
        GitHub_Authentication_Token_Expiration="2026-12-01 10:00:00 UTC",
    )

    @probe(id="x", title="x", reads=())
    def x(host):
        yield seen(host.keep(token("github-oauth", "x")))

    live = Live((Provider.GITHUB,), {Provider.GITHUB: Place("http", "127.0.0.1", server.port)})
    report = scan(fake_machine(), [x], Vault(TEST_KEY), Config(), ask=live)
    [credential] = report.credentials
    assert {each.class_ for each in report.exposures} == {Capability.COMMS, Capability.DISCOVER}
    assert {each.confidence for each in report.exposures} == {Confidence.VERIFIED}
    assert credential.lifetime.expires_at == datetime(2026, 12, 1, 10, tzinfo=UTC)
    assert credential.state is CredentialState.LIVE
    assert [each.id for each in report.scan.probes] == ["x", "live"]


@pytest.mark.parametrize("row", scopes(), ids=lambda row: row.names[0])
def test_a_scope_allows_something_and_nothing_twice(row):
    assert row.told
    assert not row.told & row.possible
    assert allowed(name.replace("*", "x") for name in row.names).unknown == ()


TEXTS = st.text(max_size=200)


@given(TEXTS, TEXTS, st.integers(100, 599), st.binary(max_size=200))
def test_no_answer_breaks_the_judgement(told, end, status, body):
    host, [secret] = host_with("CANARY-CANARY-CANARY")
    put = question((seen(secret),), host)
    headers = {"x-oauth-scopes": told, "github-authentication-token-expiration": end}
    for each in (body, ADA.encode()):
        assert isinstance(_judged(put, Answer(status, headers, each), host), CredentialSeen | Gap)
