"""What the graph makes of assets within assets, of answers that settle, and of weaknesses with conditions."""

import sys
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner import reach
from scanner.config import Config
from scanner.graph import build
from scanner.model import (
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Environment,
    Evidence,
    Fix,
    Grant,
    Hint,
    Identity,
    Protection,
    Secret,
    Staged,
    Step,
    Weakness,
)
from scanner.testing import NOW, TEST_KEY, fake_machine
from scanner.vault import Vault

MACHINE = fake_machine()
EMPTY = Config()
HOST = Asset("git-host", "github.com")
ORGANISATION = Asset("github-organization", "acme")
BILLING = Asset("github-repository", "acme/billing")
HERE = Evidence(PurePosixPath("/home/ada/src/billing/.git/config"), 7)
CODE = frozenset({Capability.CODE_WRITE, Capability.DATA_READ})
PRODUCTION = frozenset({Environment.PRODUCTION})


def login(*grants, name="login", settled=False, undecided=None):
    place = Evidence(PurePosixPath("/home/ada/.git-credentials"), 1)
    return CredentialSeen("git.password", place, public_id=name, grants=grants, settled=settled, undecided=undecided)


def push(asset=HOST, *, confidence=Confidence.GRANTED, capabilities=CODE | {Capability.COMMS}):
    return Grant(asset, capabilities, confidence)


def held(*observations):
    found = reach.exposures(build(observations, MACHINE, EMPTY), NOW)
    assets = {node.id: node.asset for node in build(observations, MACHINE, EMPTY).assets.values()}
    return {(assets[each.asset], each.class_): each.confidence for each in found}


def test_what_opens_a_host_opens_the_repositories_on_it_as_far_as_they_carry():
    found = held(login(push()), AssetSeen(BILLING, (HOST,), CODE, HERE))
    assert found[BILLING, Capability.CODE_WRITE] is Confidence.INFERRED
    assert (BILLING, Capability.COMMS) not in found
    assert found[HOST, Capability.CODE_WRITE] is Confidence.GRANTED


def test_the_evidence_of_what_is_carried_is_where_the_inner_asset_was_seen():
    graph = build([login(push()), AssetSeen(BILLING, (HOST,), CODE, HERE)], MACHINE, EMPTY)
    [rights] = graph.rights.values()
    assert [right.evidence for right in rights] == [None, HERE]


def test_a_chain_of_assets_carries_to_its_end():
    found = held(
        login(push()), AssetSeen(ORGANISATION, (HOST,), CODE, HERE), AssetSeen(BILLING, (ORGANISATION,), CODE, HERE)
    )
    assert (BILLING, Capability.DATA_READ) in found


def test_assets_that_lie_within_each_other_end():
    found = held(
        login(push()),
        AssetSeen(ORGANISATION, (HOST, BILLING), CODE, HERE),
        AssetSeen(BILLING, (ORGANISATION,), CODE, HERE),
    )
    assert (BILLING, Capability.DATA_READ) in found


def test_what_is_carried_may_turn_into_something_else():
    pipeline = Asset("deployment", "acme/billing/deploy.yml")
    turns = AssetSeen(
        pipeline, (BILLING,), frozenset({Capability.CODE_WRITE}), HERE, gives=frozenset({Capability.INFRA_MODIFY})
    )
    found = held(login(push()), AssetSeen(BILLING, (HOST,), CODE, HERE), turns)
    assert {capability for asset, capability in found if asset == pipeline} == {Capability.INFRA_MODIFY}
    reader = login(push(capabilities=frozenset({Capability.DATA_READ})))
    assert (pipeline, Capability.INFRA_MODIFY) not in held(reader, AssetSeen(BILLING, (HOST,), CODE, HERE), turns)


def test_an_asset_that_nobody_opens_is_still_in_the_report():
    graph = build([AssetSeen(BILLING, (HOST,), CODE, HERE)], MACHINE, EMPTY)
    assert [node.asset for node in graph.assets.values()] == [BILLING]


def test_a_settled_answer_stands_in_place_of_what_the_kind_implies():
    offline = login(push(confidence=Confidence.POSSIBLE), undecided=Step("not known", "ask"))
    answer = login(push(capabilities=frozenset({Capability.DATA_READ}), confidence=Confidence.VERIFIED), settled=True)
    for order in ([offline, answer], [answer, offline]):
        assert held(*order) == {(HOST, Capability.DATA_READ): Confidence.VERIFIED}
        [node] = build(order, MACHINE, EMPTY).credentials.values()
        assert node.undecided is None


def test_an_answer_for_one_credential_leaves_another_as_it_is():
    answer = login(name="other", settled=True)
    assert (HOST, Capability.CODE_WRITE) in held(login(push()), answer)


def trap(*staged):
    return Weakness("kubernetes.production-default", "t", HERE, "w", Fix("f"), when=staged)


def weak(*observations, config=EMPTY):
    return build(observations, MACHINE, config).weaknesses


CLUSTER = Asset("kubernetes-cluster", "k8s.example.com", (Hint("context", "prod-eu"),))


def test_a_weakness_with_a_condition_is_one_only_where_it_holds():
    seen = trap(Staged(CLUSTER, PRODUCTION))
    assert weak(seen) == [seen]
    assert weak(seen, config=Config(labels={"kubernetes-cluster:k8s.example.com": Environment.SANDBOX})) == []


def test_every_condition_must_hold():
    test = Asset("database", "test-db", (Hint("database", "test"),))
    assert weak(trap(Staged(CLUSTER, PRODUCTION), Staged(test, PRODUCTION))) == []


def test_what_others_know_of_the_asset_counts_for_the_condition():
    bare = Asset("kubernetes-cluster", "k8s.example.com")
    assert weak(trap(Staged(bare, PRODUCTION))) == []
    assert len(weak(trap(Staged(bare, PRODUCTION)), login(push(CLUSTER)))) == 1


def test_an_asset_of_a_condition_alone_is_not_listed():
    assert build([trap(Staged(CLUSTER, PRODUCTION))], MACHINE, EMPTY).assets == {}


@given(st.permutations([login(push()), AssetSeen(BILLING, (HOST,), CODE, HERE), trap(Staged(CLUSTER, PRODUCTION))]))
def test_order_changes_nothing(order):
    assert held(*order) == held(*sorted(order, key=repr))


def proof(line, name, **more):
    who = Identity("github", "github.com", name) if name else None
    return CredentialSeen(
        "github.oauth-token",
        Evidence(PurePosixPath("/home/ada/x"), line),
        Secret(0, "k000000:" + "0" * 32),
        identity=who,
        **more,
    )


@pytest.mark.parametrize("answer", [{"state": CredentialState.LIVE}, {"settled": True}], ids=["live", "settled"])
@pytest.mark.parametrize("lines", [(1, 9), (9, 1)], ids=["file first", "answer first"])
def test_whom_the_other_side_has_named_stands_before_what_a_file_says(answer, lines):
    told, known = proof(lines[1], "ada", **answer), proof(lines[0], "user prod")
    for observations in ((told, known), (known, told)):
        graph = build(observations, MACHINE, EMPTY)
        [node] = graph.credentials.values()
        assert graph.identities[node.identity].name == "ada"
        assert {each.name for each in graph.identities.values()} == {"ada", "user prod"}


def test_an_answer_that_names_nobody_leaves_what_a_file_says():
    graph = build((proof(1, "ada"), proof(2, None, state=CredentialState.LIVE)), MACHINE, EMPTY)
    [node] = graph.credentials.values()
    assert graph.identities[node.identity].name == "ada"


def test_a_reference_and_what_it_refers_to_are_one_credential_that_is_got_where_the_secret_lies():
    hosts = Evidence(PurePosixPath("/home/ada/.config/gh/hosts.yml"), 3)
    entry = Evidence(process="keychain entry gh:github.com", key="ada")
    name = "keychain gh:github.com ada"
    refers = CredentialSeen("github.oauth-token", hosts, public_id=name, protection=Protection.KEYCHAIN)
    held = CredentialSeen(
        "github.classic-token", entry, Secret(0, "k0:0"), public_id=name, protection=Protection.KEYCHAIN
    )
    [alone] = build((refers,), MACHINE, EMPTY).credentials.values()
    for observations in ((refers, held), (held, refers)):
        [node] = build(observations, MACHINE, EMPTY).credentials.values()
        assert (node.id, node.kind, node.locations) == (alone.id, "github.classic-token", (hosts, entry))
        assert node.channel == "ask the keychain for gh:github.com"


def test_two_credentials_of_one_place_are_two_whatever_their_order():
    place = Evidence(variable="TOKENS")
    two = [CredentialSeen("github.token", place, Secret(n, f"k123456:{n}")) for n in range(2)]
    first, second = build(two, MACHINE, EMPTY).credentials, build(two[::-1], MACHINE, EMPTY).credentials
    assert len(first) == 2
    assert {node.id: node.fingerprint for node in first.values()} == {
        node.id: node.fingerprint for node in second.values()
    }


def test_sightings_of_one_credential_are_each_compared_a_few_times():
    """Ten thousand lines with one token were ten thousand times ten thousand comparisons."""
    from scanner import graph

    seen = [CredentialSeen("x.token", Evidence(variable=f"V{number}"), public_id="same") for number in range(300)]
    calls = 0

    def heard(frame, event, _):
        nonlocal calls
        calls += event == "call" and frame.f_code is graph._keys.__code__

    before = sys.getprofile()
    sys.setprofile(heard)
    try:
        [group] = graph._merged(seen)
    finally:
        sys.setprofile(before)
    assert len(group) == 300
    assert calls <= 900


# --- copies that a program makes of its own file

LIVE = PurePosixPath("/home/ada/.claude.json")
PASSWORDS = Vault(TEST_KEY)


def in_file(value, path=LIVE, *, kind="database.password", guessable=True):
    """A secret of one MCP entry: in its file, or in a copy of that."""
    place = Evidence(path, 3 if path == LIVE else 9, "mcpServers.pg.env.PGPASSWORD")
    copied = None if path == LIVE else replace(place, path=LIVE, line=None)
    return CredentialSeen(kind, place, secret=PASSWORDS.keep(value, guessable=guessable), copied_from=copied)


def backup(number):
    return PurePosixPath(f"/home/ada/.claude/backups/.claude.json.backup.{number}")


def credentials(*observations):
    nodes = build(observations, MACHINE, EMPTY).credentials.values()
    return {node.id: [each.path for each in node.locations] for node in nodes}


[ALONE] = credentials(in_file("CANARY"))
OF_COPIES = [
    ("one backup", [("CANARY", LIVE), ("CANARY", backup(1))], [[LIVE, backup(1)]]),
    (
        "several, the newest first",
        [("CANARY", backup(1)), ("CANARY", LIVE), ("CANARY", backup(2))],
        [[LIVE, backup(2), backup(1)]],
    ),
    ("the live entry is gone", [("CANARY", backup(7))], [[backup(7)]]),
    ("two backups of what is gone", [("CANARY", backup(7)), ("CANARY", backup(8))], [[backup(8), backup(7)]]),
    ("another secret before", [("CANARY-OLD", backup(1)), ("CANARY", LIVE)], [[LIVE], [backup(1)]]),
    ("two of them, gone", [("CANARY-OLD", backup(1)), ("CANARY", backup(2))], [[backup(2)], [backup(1)]]),
]


@pytest.mark.parametrize("guessable", [True, False])
@pytest.mark.parametrize(("seen", "places"), [row[1:] for row in OF_COPIES], ids=[row[0] for row in OF_COPIES])
def test_a_secret_in_a_backup_is_that_of_its_entry_whatever_the_backup_s_name(seen, places, guessable):
    long = "-CANARY-CANARY-CANARY"  # long enough for a fingerprint, where it has one
    made = [in_file(value + long, path, guessable=guessable) for value, path in seen]
    for order in (made, made[::-1]):
        found = credentials(*order)
        assert list(found.values()) == places
        assert next(iter(found)) == ALONE


def test_an_older_secret_keeps_its_id_when_more_backups_are_made():
    first = credentials(in_file("CANARY"), in_file("CANARY-OLD", backup(1)))
    later = credentials(
        *(in_file("CANARY", path) for path in (LIVE, backup(5))),
        *(in_file("CANARY-OLD", backup(number)) for number in (3, 4)),
    )
    assert list(first) == list(later)
