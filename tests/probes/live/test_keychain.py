"""The account in gh's file, its entry in the keychain, and what GitHub says of it: one credential."""

import json

import pytest

from probes.github.look import github
from probes.keychain.look import keychain
from probes.live.ask import Live
from probes.live.calls import Provider
from probes.live.client import Place
from scanner.config import Config
from scanner.engine import scan
from scanner.model import Capability, CredentialState, Platform
from scanner.testing import TEST_KEY, fake_machine
from scanner.tokens import token
from scanner.vault import Vault
from tests.probes.live.provider import Reply, provider

HOSTS = "github.com:\n    users:\n        ada:\n        bob:\n    git_protocol: https\n    user: ada\n"
ADA, BOB = token("github-oauth", "ada"), token("github-oauth", "bob")
PLACES = {Platform.WINDOWS: "~/AppData/Roaming/GitHub CLI/hosts.yml"}
ENTRIES = {("gh:github.com", ""): ADA, ("gh:github.com", "ada"): ADA, ("gh:github.com", "bob"): BOB}
WINDOWS = {("gh:github.com:", ""): ADA, ("gh:github.com:ada", "ada"): ADA, ("gh:github.com:bob", "bob"): BOB}


def report(platform=Platform.LINUX, entries=None, ask=None):
    files = {PLACES.get(platform, "~/.config/gh/hosts.yml"): HOSTS}
    machine = fake_machine(platform, files, keychain=entries)
    return scan(machine, [github, keychain], Vault(TEST_KEY), Config(), ask=ask)


@pytest.fixture
def forge():
    with provider() as server:

        def user(heard):
            login, scopes = ("ada", "repo") if heard.headers["Authorization"].endswith(ADA) else ("bob", "gist")
            return Reply(200, {"X-OAuth-Scopes": scopes}, json.dumps({"login": login}).encode())

        server.making("GET", "/user", user)
        yield server


def live(server):
    return Live((Provider.GITHUB,), {Provider.GITHUB: Place("http", "127.0.0.1", server.port)})


@pytest.mark.parametrize("platform", sorted(Platform))
def test_each_account_is_one_credential_before_and_after_its_entry_is_read(platform):
    unread = report(platform)
    read = report(platform, WINDOWS if platform is Platform.WINDOWS else ENTRIES)
    for each in (unread, read):
        assert sorted(one.public_id for one in each.credentials) == [
            *("keychain gh:github.com ada", "keychain gh:github.com bob"),
        ]
    assert {one.id for one in unread.credentials} == {one.id for one in read.credentials}
    assert all(one.fingerprint is None for one in unread.credentials)
    assert all(one.fingerprint is not None for one in read.credentials)
    ada = next(one for one in read.credentials if one.public_id.endswith("ada"))
    assert ada.locations[0].path.endswith("hosts.yml")
    assert [bool(each.process) for each in ada.locations] == [False, True, True]


def test_they_stay_one_credential_each_when_github_has_answered(forge):
    told = report(entries=ENTRIES, ask=live(forge))
    ada, bob = sorted(told.credentials, key=lambda one: one.public_id)
    assert (ada.state, bob.state) == (CredentialState.LIVE, CredentialState.LIVE)
    names = {each.id: each.name for each in told.identities}
    assert (names[ada.identity], names[bob.identity]) == ("ada", "bob")
    assert len(forge.heard) == 2
    reach = {(each.credential, each.class_) for each in told.exposures}
    assert (ada.id, Capability.CODE_WRITE) in reach
    assert (bob.id, Capability.CODE_WRITE) not in reach
    assert told.scan.asked == ("github",)


def test_without_consent_nothing_is_read_and_nobody_asked(forge):
    told = report(ask=live(forge))
    assert {one.state for one in told.credentials} == {CredentialState.UNTESTED}
    assert (forge.heard, told.scan.asked) == ([], ())


def test_a_token_that_lies_in_a_file_too_is_still_that_account(forge):
    files = {
        "~/.config/gh/hosts.yml": HOSTS.replace("        ada:\n", f"        ada:\n            oauth_token: {ADA}\n")
    }
    machine = fake_machine(files=files, keychain=ENTRIES)
    told = scan(machine, [github, keychain], Vault(TEST_KEY), Config(), ask=live(forge))
    assert len(told.credentials) == 2
