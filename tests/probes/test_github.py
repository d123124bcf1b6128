"""The github probe: whom gh and its neighbours are signed in as, and with what."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.github.look import github
from scanner.config import Config
from scanner.graph import build
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
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
from scanner.testing import HOMES, FakeFile, FakeHost, observe
from scanner.tokens import token

OAUTH, OTHER, FINE = token("github-oauth", "h"), token("github-oauth", "i"), token("github-fine-grained", "h")
CLASSIC, GITLAB = token("github-classic", "h"), token("gitlab", "h")
HOSTS = "~/.config/gh/hosts.yml"
OLD = "0a1b2c3d4e" * 4
PLACES = {
    Platform.LINUX: HOSTS,
    Platform.MACOS: HOSTS,
    Platform.WINDOWS: "~/AppData/Roaming/GitHub CLI/hosts.yml",
}


def look(files, platform=Platform.LINUX, **more):
    seen = observe(github, FakeHost(platform, files, **more))
    for word in ("CANARY", OAUTH, OTHER, FINE, CLASSIC, GITLAB, OLD):
        assert word not in repr(seen)
    return seen


def credentials(seen):
    return [each for each in seen if isinstance(each, CredentialSeen)]


def assets(credential):
    return {f"{grant.asset.kind}:{grant.asset.name}" for grant in credential.grants}


TWO = f"""\
github.com:
    git_protocol: https
    users:
        ada:
            oauth_token: {OAUTH}
        ada-work:
    user: ada
    oauth_token: {OAUTH}
github.acme.com:
    users: {{ada: }}
    user: ada
"""


@pytest.mark.parametrize("platform", Platform)
def test_gh_has_a_token_in_its_file_or_in_the_keychain_for_each_account(platform):
    seen = credentials(look({PLACES[platform]: TWO}, platform))
    path = HOMES[platform].joinpath(*PLACES[platform][2:].split("/"))
    told = {each.evidence.key: (each.evidence.line, each.protection, each.identity.account) for each in seen}
    assert {each.evidence.path for each in seen} == {path}
    assert told == {
        "github.com.users.ada.oauth_token": (5, Protection.PLAINTEXT, "github.com"),
        "github.com.oauth_token": (8, Protection.PLAINTEXT, "github.com"),
        "github.com.users.ada-work": (6, Protection.KEYCHAIN, "github.com"),
        "github.acme.com.users.ada": (10, Protection.KEYCHAIN, "github.acme.com"),
    }


def test_a_token_in_the_keychain_is_a_reference_without_a_gate_and_with_the_step_that_decides():
    [seen] = look({HOSTS: "github.com:\n  users:\n    ada:\n  user: ada\n"})
    assert seen.kind == "github.oauth-token"
    assert seen.evidence == Evidence(HOMES[Platform.LINUX] / ".config/gh/hosts.yml", 3, "github.com.users.ada")
    assert (seen.secret, seen.public_id, seen.barrier.gate) == (None, "keychain gh:github.com ada", "none")
    assert seen.identity == Identity("github", "github.com", "ada")
    assert seen.undecided.action == "armslength scan --keychain gh --live=github"
    assert assets(seen) == {"github-account:github.com"}
    granted = {capability for grant in seen.grants for capability in grant.capabilities}
    assert Capability.CODE_WRITE in granted


def test_the_two_places_of_one_token_are_one_credential():
    host = FakeHost(files={HOSTS: TWO})
    graph = build(observe(github, host), host.machine, Config())
    found = [node for node in graph.credentials.values() if node.protection is Protection.PLAINTEXT]
    assert [len(node.locations) for node in found] == [2]


@pytest.mark.parametrize(
    ("secret", "kind", "lifetime"),
    [
        (OAUTH, "github.oauth-token", "static"),
        (CLASSIC, "github.classic-token", "static"),
        (FINE, "github.fine-grained-token", "expires"),
        (token("github-app", "h"), "github.app-token", "expires"),
        (OLD, "github.token", "static"),
    ],
)
def test_the_kind_of_a_token_is_told_by_its_shape(secret, kind, lifetime):
    host = FakeHost(files={HOSTS: f"github.com:\n  user: ada\n  oauth_token: {secret}\n"})
    [seen] = observe(github, host)
    [node] = build([seen], host.machine, Config()).credentials.values()
    assert (node.kind, node.lifetime.kind) == (kind, lifetime)
    assert node.undecided.action == "armslength scan --live=github"


def test_a_folder_of_its_own_and_the_usual_one_are_both_read():
    files = {
        "/cfg/hosts.yml": f"github.com:\n  user: eve\n  oauth_token: {OTHER}\n",
        HOSTS: f"github.com:\n  user: ada\n  oauth_token: {OAUTH}\n",
    }
    assert {each.identity.name for each in look(files, env={"GH_CONFIG_DIR": "/cfg"})} == {"ada", "eve"}


def test_a_variable_for_servers_is_for_each_of_them_and_not_for_github_com():
    text = "github.com:\n  user: ada\ngit.acme.com:\n  user: ada\n"
    seen = [each for each in look({HOSTS: text}, env={"GH_ENTERPRISE_TOKEN": CLASSIC}) if each.secret]
    assert [assets(each) for each in seen] == [{"github-account:git.acme.com"}]
    env = {"GH_ENTERPRISE_TOKEN": CLASSIC, "GH_HOST": "git.acme.com"}
    assert not [each for each in look({HOSTS: text}, env=env) if each.secret]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "github.com:\n  git_protocol: ssh\n", "github.com:\n  user:\n  users:\n", "github.com: {oauth_token: }"],
)
def test_a_file_without_accounts_is_silent(text):
    assert look({HOSTS: text}) == []


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        (f"github.com:\n  user: ada\n  oauth_token: {OAUTH}\nother: [1\n", 1),
        ("- github.com\n", 0),
        ("github.com: 7\nghe.acme.com:\n  user: ada\n", 1),
        (f"{CLASSIC}:\n  user: ada\nghe.acme.com:\n  user: ada\n", 1),
        (f"github.com:\n  users:\n    {CLASSIC}:\n    ada:\n", 1),
        (f"github.com:\n  user: ada\n  user: ada\n  oauth_token: {OAUTH}\n", 1),
    ],
)
def test_what_is_wrong_is_a_gap_and_the_others_are_still_told(text, accounts):
    seen = look({HOSTS: text})
    assert len(credentials(seen)) == accounts
    assert {each.kind for each in seen if isinstance(each, Gap)} == {GapKind.FAILED}


def test_a_locked_file_is_a_gap():
    assert [each.kind for each in look({HOSTS: None})] == [GapKind.REFUSED]


def test_a_file_that_others_read_is_a_weakness_only_where_a_token_lies_in_it():
    text = f"github.com:\n  user: ada\n  oauth_token: {OAUTH}\n"
    assert [each.rule for each in look({HOSTS: FakeFile(text, mode=0o644)}) if isinstance(each, Weakness)] == [
        "file.readable-by-others"
    ]
    kept = FakeFile("github.com:\n  user: ada\n", mode=0o644)
    assert not [each for each in look({HOSTS: kept}) if isinstance(each, Weakness)]


@pytest.mark.parametrize(
    ("platform", "folder"),
    [(Platform.LINUX, "~/.config"), (Platform.MACOS, "~/.config"), (Platform.WINDOWS, "~/AppData/Local")],
)
def test_copilot_is_signed_in_to_github(platform, folder):
    told = {"github.com:Iv1.b507a08c87ecfe98": {"user": "ada", "oauth_token": OAUTH, "githubAppId": "Iv1"}}
    [seen] = look({f"{folder}/github-copilot/apps.json": json.dumps(told)}, platform)
    assert (seen.kind, seen.identity) == ("github.oauth-token", Identity("github", "github.com", "ada"))
    assert seen.evidence.key == "github.com.oauth_token"


@pytest.mark.parametrize("text", ["{", "[]", '{"github.com": 1}', '{"github.com": {"user": "ada"}}', "[[[["])
def test_copilot_without_a_login_has_none(text):
    assert not credentials(look({"~/.config/github-copilot/hosts.json": text}))


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        (Platform.LINUX, "~/.config"),
        (Platform.MACOS, "~/Library/Application Support"),
        (Platform.WINDOWS, "~/AppData/Roaming"),
    ],
)
def test_github_desktop_may_be_signed_in(platform, folder):
    [seen] = look({f"{folder}/GitHub Desktop/Local Storage/leveldb/LOCK": ""}, platform)
    assert seen.protection is Protection.KEYCHAIN
    assert {grant.confidence for grant in seen.grants} == {Confidence.POSSIBLE}


def test_a_terminal_of_vs_code_answers_git_with_its_login():
    [seen] = look({}, env={"VSCODE_GIT_IPC_HANDLE": "/run/x.sock", "GIT_ASKPASS": "/opt/askpass.sh"})
    assert isinstance(seen, HandleSeen)
    assert {grant.asset for grant in seen.grants} == {Asset("git-host", "github.com")}
    assert not look({}, env={"GIT_ASKPASS": "/opt/askpass.sh"})


def test_the_key_of_a_runner_is_told_with_its_repository():
    files = {
        "~/actions-runner/.credentials": '{"scheme": "OAuth", "data": {"clientId": "x"}}',
        "~/actions-runner/.credentials_rsaparams": '{"d": "CANARY-CANARY-CANARY", "p": "CANARY"}',
        "~/actions-runner/.runner": '{"agentName": "box", "gitHubUrl": "https://github.com/acme/billing-prod"}',
    }
    [seen] = look(files)
    assert seen.kind == "github.runner-key"
    assert seen.names == ("runner box", "acme/billing-prod")
    assert seen.grants[0].asset.hints == (Hint("repository", "acme/billing-prod"),)


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        *((platform, "~/.config/glab-cli") for platform in Platform),
        (Platform.MACOS, "~/Library/Application Support/glab-cli"),
        (Platform.WINDOWS, "~/AppData/Local/glab-cli"),
    ],
)
def test_glab_has_a_token_for_each_host(platform, folder):
    text = f"""\
hosts:
  gitlab.com:
    token: {GITLAB}
    user: ada
  gitlab.acme.com:
    token: CANARY-CANARY-1
    is_oauth2: "true"
    oauth2_refresh_token: CANARY-CANARY-2
    oauth2_expiry_date: 21 Nov 26 12:30 UTC
  git.acme.com:
    token:
"""
    first, second = look({f"{folder}/config.yml": text}, platform)
    assert (first.kind, first.identity) == ("gitlab.token", Identity("gitlab", "gitlab.com", "ada"))
    assert assets(second) == {"gitlab-account:gitlab.acme.com"}
    assert second.lifetime.kind is LifetimeKind.REFRESHABLE
    assert second.lifetime.expires_at.hour == 12


def test_glab_may_leave_its_token_to_the_keychain():
    [seen] = look({"~/.config/glab-cli/config.yml": "hosts:\n  gitlab.com:\n    user: ada\n    use_keyring: true\n"})
    assert seen.protection is Protection.KEYCHAIN


def test_tea_hub_and_azure_devops_keep_theirs_in_plain_text():
    files = {
        "~/.config/tea/config.yml": f"logins:\n- url: https://git.example.com\n  token: {OLD}\n  user: ada\n- url: x\n",
        "~/.config/hub": f"github.com:\n- user: ada\n  oauth_token: {CLASSIC}\n",
        "~/.azure/azuredevops/personalAccessTokens": (
            "[azdevops-cli:https://dev.azure.com/acme]\nPersonal Access Token = CANARY-CANARY\n"
        ),
    }
    found = {each.kind: assets(each) for each in credentials(look(files))}
    assert found == {
        "gitea.token": {"gitea-account:git.example.com"},
        "github.classic-token": {"github-account:github.com"},
        "azure-devops.token": {"azure-devops-organization:acme"},
    }


def test_nothing_is_seen_where_nothing_is():
    assert look({}) == []


SHREDS = st.sampled_from(
    [
        *("github.com:", "users:", "user: ", "oauth_token: ", "ada", "\n", "\n  ", "\n    ", "- ", "{", "}", "[", "]"),
        *(
            "CANARY",
            ": ",
            '"',
            "&a ",
            "*a",
            "<<: *a",
            "!!python/object:os.system",
            "\t",
            "#",
            "hosts:",
            "token: ",
            "logins:",
        ),
        *("url: https://", "é", "\0", "null", "|", ">", "'", "%", "1"),
    ]
)
FILES = (
    *(HOSTS, "~/.config/hub", "~/.config/github-copilot/apps.json", "~/.config/glab-cli/config.yml"),
    *("~/.config/tea/config.yml", "~/actions-runner/.runner", "~/actions-runner/.credentials"),
    "~/.azure/azuredevops/personalAccessTokens",
)


@example("github.com:\n  users: &a\n    ada: *a\n")
@example("[" * 3000)
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    observe(github, FakeHost(files=dict.fromkeys(FILES, text)))
