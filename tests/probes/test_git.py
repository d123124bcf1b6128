"""The git probe: logins wherever git keeps them, and the repositories that they write to."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.git.addresses import address
from probes.git.chains import Setting
from probes.git.config_text import Entry
from probes.git.forges import repository
from probes.git.helpers import helper, helping, with_hosts
from probes.git.look import git
from probes.git.netrc import parse as parse_netrc
from probes.git.remotes import rewritten
from probes.github.look import github
from probes.ssh.look import ssh
from scanner.config import Config
from scanner.data import files
from scanner.data.kinds import implied
from scanner.graph import build
from scanner.host import FileKind
from scanner.model import (
    Asset,
    AssetSeen,
    Capability,
    Confidence,
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Gate,
    HandleSeen,
    Hint,
    Identity,
    LifetimeKind,
    Platform,
    Protection,
    UseSeen,
    Weakness,
)
from scanner.reach import exposures
from scanner.testing import HOMES, NOW, FakeFile, FakeHost, observe
from scanner.tokens import fill, token

CREDENTIALS, CONFIG, NETRC = "~/.git-credentials", "~/.gitconfig", "~/.netrc"
REPO = "~/src/billing"
LOCAL = f"{REPO}/.git/config"
CLASSIC, OAUTH, GITLAB = token("github-classic", "g"), token("github-oauth", "g"), token("gitlab", "g")
PUSH = {Capability.DATA_READ, Capability.CODE_WRITE}


def look(files, platform=Platform.LINUX, **more):
    seen = observe(git, FakeHost(platform, files, **more))
    for word in ("CANARY", CLASSIC, OAUTH, GITLAB):
        assert word not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def credentials(seen):
    return only(seen, CredentialSeen)


def local(text, **more):
    """What is seen of a workspace whose repository has that configuration."""
    return look({LOCAL: text, f"{REPO}/.git/HEAD": "ref: refs/heads/main\n"}, workspace=REPO, **more)


def remote(url, name="origin"):
    return f'[remote "{name}"]\n\turl = {url}\n'


def grants(credential):
    return {(f"{grant.asset.kind}:{grant.asset.name}", grant.confidence) for grant in credential.grants}


# --- the store


@pytest.mark.parametrize("platform", Platform)
def test_a_saved_login_is_one_credential(platform):
    [seen] = look({CREDENTIALS: "https://ada:CANARY-CANARY@git.example.com\n"}, platform)
    assert seen.kind == "git.password"
    assert seen.identity == Identity("git", "git.example.com", "ada")
    assert seen.evidence == Evidence(HOMES[platform] / ".git-credentials", 1)
    assert grants(seen) == {("git-host:git.example.com", Confidence.INFERRED)}
    assert seen.secret.fingerprint is None  # a person made it up


@pytest.mark.parametrize(
    ("line", "kind", "asset", "user"),
    [
        (f"https://ada:{CLASSIC}@github.com", "github.classic-token", "github-account:github.com", "ada"),
        (f"https://{CLASSIC}@github.com", "github.classic-token", "github-account:github.com", None),
        (f"https://{CLASSIC}:x-oauth-basic@github.com", "github.classic-token", "github-account:github.com", None),
        (f"https://x-access-token:{CLASSIC}@github.com", "github.classic-token", "github-account:github.com", None),
        (f"https://ada:{CLASSIC}@github.acme.com", "github.classic-token", "github-account:github.acme.com", "ada"),
        ("https://ada:" + "0a1b2c3d4e" * 4 + "@github.com", "github.token", "github-account:github.com", "ada"),
        (f"https://oauth2:{GITLAB}@gitlab.com", "gitlab.token", "gitlab-account:gitlab.com", None),
        (f"https://oauth2:{GITLAB}@git.acme.com", "gitlab.token", "gitlab-account:git.acme.com", None),
        (
            "https://gitlab-ci-token:CANARY-CANARY@gitlab.acme.com",
            "gitlab.job-token",
            "gitlab-account:gitlab.acme.com",
            None,
        ),
        (
            "https://x-token-auth:CANARY-CANARY@bitbucket.org",
            "bitbucket.token",
            "bitbucket-account:bitbucket.org",
            None,
        ),
        (
            "https://ada%40corp:CANARY-CANARY@dev.azure.com/acme/shop/_git/web",
            "azure-devops.token",
            "azure-devops-organization:acme",
            "ada@corp",
        ),
        (
            "https://ada%40corp:CANARY-CANARY@dev.azure.com",
            "azure-devops.token",
            "azure-devops-organization:dev.azure.com",
            "ada@corp",
        ),
        ("https://u:CANARY-CANARY@acme.visualstudio.com", "azure-devops.token", "azure-devops-organization:acme", "u"),
        ("https://ada:CANARY%2F%40CANARY@codeberg.org", "git.password", "git-host:codeberg.org", "ada"),
        ("https://ada:CANARY@git.example.com:8443/x.git", "git.password", "git-host:git.example.com", "ada"),
    ],
)
def test_a_login_is_judged_by_its_shape_and_by_its_host(line, kind, asset, user):
    [seen] = look({CREDENTIALS: line + "\n"})
    assert seen.kind == kind
    assert asset in {name for name, _ in grants(seen)}
    assert (seen.identity.name if seen.identity else None) == user


def test_a_mistyped_token_is_less_sure():
    wrong = CLASSIC[:-1] + ("A" if CLASSIC[-1] != "A" else "B")
    [seen] = observe(git, FakeHost(files={CREDENTIALS: f"https://ada:{wrong}@github.com"}))
    assert Confidence.INFERRED not in {confidence for _, confidence in grants(seen)}


@pytest.mark.parametrize(
    "line",
    [
        "https://ada@github.com",
        "https://x-access-token@github.com",
        "https://x-access-token:@github.com",
        "https://ada:${TOKEN}@github.com",
        "https://ada:$GITHUB_TOKEN@github.com",
        "https://user:password@example.com",
        "https://ada:<token>@github.com",
        "https://ada:YOUR_TOKEN_HERE@github.com",
        "https://ada:ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx@github.com",
    ],
)
def test_what_holds_no_secret_is_silent(line):
    assert not credentials(look({CREDENTIALS: line, LOCAL: remote(line)}, workspace=REPO))


def test_the_files_of_helpers_are_read_wherever_they_lie():
    text = '[credential]\nhelper = store --file ~/one\nhelper = "store --file=/etc/two"\nhelper = \nhelper = store\n'
    line = "https://{}:CANARY-CANARY@git.example.com"
    files = {
        CONFIG: text,
        **{place: line.format(place[-3:]) for place in ("~/one", "/etc/two", "~/.config/git/credentials")},
    }
    assert {seen.identity.name for seen in credentials(look(files))} == {"one", "two", "als"}


def test_a_locked_or_broken_store_is_a_gap_and_the_next_is_read():
    line = "https://ada:CANARY-CANARY@git.example.com"
    locked, seen = look({CREDENTIALS: None, "~/.config/git/credentials": line})
    assert locked.kind is GapKind.REFUSED
    assert seen.evidence.line == 1
    seen, gap = look({CREDENTIALS: f"nonsense CANARY\n\n# x\n{line}\nhttps://[\n"})
    assert gap.why == "no address with a login in line 1, 5"
    assert seen.evidence.line == 4


def test_a_store_that_others_read_is_a_weakness():
    line = "https://ada:CANARY-CANARY@git.example.com"
    [weak] = only(look({CREDENTIALS: FakeFile(line, mode=0o644)}), Weakness)
    assert weak.rule == "file.readable-by-others"
    assert not only(look({CREDENTIALS: FakeFile(line, mode=0o600)}), Weakness)


# --- settings


def test_a_login_in_a_remote_is_a_credential_a_weakness_and_a_repository():
    credential, weak, repo = local(remote(f"https://ada:{CLASSIC}@github.com/acme/billing.git"))
    assert credential.kind == "github.classic-token"
    assert credential.evidence == Evidence(HOMES[Platform.LINUX] / "src/billing/.git/config", 2, "remote.origin.url")
    assert weak.rule == "git.login-in-address"
    assert weak.fix.commands == (
        "git -C /home/ada/src/billing remote set-url origin https://github.com/acme/billing.git",
    )
    assert repo.asset == Asset("github-repository", "acme/billing")


@pytest.mark.parametrize(
    ("text", "kind", "key"),
    [
        (
            f'[url "https://ada:{CLASSIC}@github.com/"]\ninsteadOf = https://github.com/',
            "github.classic-token",
            "url.*.insteadof",
        ),
        (f'[url "https://{CLASSIC}@github.com/"]\npushInsteadOf = x', "github.classic-token", "url.*.pushinsteadof"),
        (
            f'[credential "https://ada:{CLASSIC}@github.com"]\nusername = ada',
            "github.classic-token",
            "credential.*.username",
        ),
        (f"[github]\nuser = ada\ntoken = {CLASSIC}", "github.classic-token", "github.token"),
        ("[github]\nuser = ada\ntoken = " + "0a1b2c3d4e" * 4, "github.token", "github.token"),
        ("[hub]\noauthtoken = CANARY-CANARY-1", "github.token", "hub.oauthtoken"),
        ("[gitlab]\ntoken = CANARY-CANARY-1", "gitlab.token", "gitlab.token"),
        (
            "[sendemail]\nsmtpServer = mail.example.com\nsmtpUser = ada\nsmtpPass = CANARY-CANARY-1",
            "smtp.password",
            "sendemail.smtppass",
        ),
        ("[http]\nproxy = http://ada:CANARY-CANARY@proxy.example.com:3128", "generic.url-password", "http.proxy"),
        ('[submodule "x"]\nurl = https://ada:CANARY-CANARY@git.example.com/x', "git.password", "submodule.x.url"),
        (f"[alias]\nx = {CLASSIC}", "github.classic-token", "alias.x"),
    ],
)
def test_every_place_for_a_login_among_the_settings_is_known(text, kind, key):
    [seen] = credentials(look({CONFIG: text}))
    assert (seen.kind, seen.evidence.key) == (kind, key)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (
            f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{CLASSIC}'.encode()).decode()}",
            "github.classic-token",
        ),
        (f"Authorization: Bearer {CLASSIC}", "github.classic-token"),
        (f"Authorization: token {CLASSIC}", "github.classic-token"),
        (f"PRIVATE-TOKEN: {GITLAB}", "gitlab.token"),
    ],
)
def test_a_header_that_a_checkout_left_is_a_credential(header, kind):
    [seen] = credentials(local(f'[http "https://github.com/"]\n\textraheader = {header}\n'))
    assert seen.kind == kind
    [seen] = credentials(look({CONFIG: f"[http]\nextraHeader = {header}"}))
    assert seen.kind == kind


@pytest.mark.parametrize(
    "header", ["X-Trace: CANARY-CANARY-1", "AUTHORIZATION: basic !!", "AUTHORIZATION: basic eDo=", "", "no header"]
)
def test_other_headers_are_silent(header):
    assert not credentials(look({CONFIG: f"[http]\nextraHeader = {header}"}))


@pytest.mark.parametrize(
    "text",
    [
        remote("https://ada@github.com/acme/billing"),
        remote("git@github.com:acme/billing.git"),
        '[url "https://${TOKEN}@github.com/"]\ninsteadOf = gh:',
        '[url "git@github.com:"]\ninsteadOf = https://github.com/',
        "[user]\nname = Ada\nemail = ada@example.com\nsigningKey = 0123456789abcdef0123456789abcdef01234567",
        "[github]\nuser = ada",
        "[http]\nproxy = http://proxy.example.com:3128",
        "[github]\ntoken = YOUR_TOKEN_HERE",
    ],
)
def test_an_ordinary_configuration_is_silent(text):
    assert not credentials(look({CONFIG: text, LOCAL: text}, workspace=REPO))
    assert not only(look({CONFIG: text}), Weakness)


def test_settings_in_variables_are_read():
    header = base64.b64encode(b"ada:CANARY-CANARY").decode()
    env = {
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "http.https://git.example.com/.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {header}",
        "GIT_CONFIG_KEY_1": "x.y",
        "GIT_CONFIG_PARAMETERS": "'url.https://eve:CANARY-CANARY@git.example.com/.insteadof'='x'",
    }
    seen = look({}, env=env)
    assert {each.evidence.variable for each in credentials(seen)} == {"GIT_CONFIG_VALUE_0", "GIT_CONFIG_PARAMETERS"}
    assert [gap.place for gap in only(seen, Gap)] == ["GIT_CONFIG_KEY_1"]


def test_both_the_file_that_a_variable_names_and_the_one_it_stands_for_are_read():
    line = '[url "https://{}:CANARY-CANARY@git.example.com/"]\ninsteadOf = x\n'
    files = {CONFIG: line.format("eve"), "/etc/mine": line.format("ada")}
    seen = credentials(look(files, env={"GIT_CONFIG_GLOBAL": "/etc/mine"}))
    assert {each.identity.name for each in seen} == {"ada", "eve"}


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.LINUX, "/etc/gitconfig"),
        (Platform.MACOS, "/opt/homebrew/etc/gitconfig"),
        (Platform.WINDOWS, "C:/Program Files/Git/etc/gitconfig"),
        (Platform.WINDOWS, "C:/ProgramData/Git/config"),
        *((platform, "~/.config/git/config") for platform in Platform),
    ],
)
def test_every_scope_of_each_platform_is_read(platform, path):
    [seen] = credentials(look({path: '[url "https://ada:CANARY-CANARY@git.example.com/"]\ninsteadOf = x'}, platform))
    assert seen.identity.name == "ada"


def test_cookies_and_client_keys_that_settings_name_are_read():
    cookies = "# x\n.googlesource.com\tTRUE\t/\tTRUE\t1900000000\to\tgit-ada=CANARY-CANARY\nshort\n"
    text = '[http]\ncookieFile = ~/.gitcookies\n[http "https://git.example.com"]\nsslKey = ~/client.key\n'
    label = "PRIVATE" + " KEY"
    key = f"-----BEGIN ENCRYPTED {label}-----\nCANARYCANARYCANARYCANARY\n-----END ENCRYPTED {label}-----\n"
    found = {
        each.kind: each for each in credentials(look({CONFIG: text, "~/.gitcookies": cookies, "~/client.key": key}))
    }
    assert found["git.cookie"].lifetime.kind is LifetimeKind.EXPIRES
    assert grants(found["git.cookie"]) == {("git-host:googlesource.com", Confidence.INFERRED)}
    assert found["git.client-key"].barrier.gate is Gate.PRESENCE
    assert grants(found["git.client-key"]) == {("git-host:git.example.com", Confidence.POSSIBLE)}


@pytest.mark.parametrize("platform", Platform)
def test_what_the_credential_manager_keeps_in_files_is_seen(platform):
    files = {
        "~/.gcm/store/git/https/github.com/ada.credential": f"{CLASSIC}\nservice=https://github.com\naccount=ada\n",
        "~/.gcm/dpapi_store/git/https/git.example.com/ada.credential": "AAAA",
        "~/.password-store/git/https/gitlab.com/ada.gpg": b"\x85",
        "~/.gcm/store/git/https/empty.example.com/ada.credential": "",
    }
    found = {each.names[0]: each for each in credentials(look(files, platform))}
    assert found["ada at github.com"].kind == "github.classic-token"
    assert found["ada at git.example.com"].protection is Protection.KEYCHAIN
    assert found["ada at gitlab.com"].protection is Protection.ENCRYPTED
    assert len(found) == 3


# --- helpers


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("store", "store"),
        ("cache --timeout=3600", "cache"),
        ("osxkeychain", "osxkeychain"),
        ("manager-core", "manager-core"),
        ("/usr/local/bin/git-credential-manager", "manager"),
        ('"C:/Program Files/Git/mingw64/bin/git-credential-manager.exe"', "manager"),
        ("!gh auth git-credential", "gh"),
        ("!/usr/bin/gh auth git-credential", "gh"),
        ("!f() { echo password=CANARY; }; f", ""),
        ("!'", ""),
    ],
)
def test_a_helper_is_told_by_its_name(text, name):
    assert helper(text).name == name


def setting(key, value, subsection=None):
    section, name = key.split(".")
    return Setting(Entry(section, subsection, name, value, 1), Evidence(variable="x"))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('[remote "r{0}"]\nurl = https://h{0}.example.com/a/b\n', AssetSeen),
        ('[remote]\n[remote "origin"]\nurl = https://h{0}.example.com/a/b\n', AssetSeen),
        ("[credential]\nhelper = prog{0}\n", UseSeen),
        ('[credential "https://h{0}.example.com"]\nhelper = osxkeychain\n', HandleSeen),
        ("[core]\naskPass = prog{0}\n", UseSeen),
        ('[url "https://h{0}.example.com/"]\ninsteadOf = h{0}\n[remote "o"]\nurl = h{0}/a/b\n', AssetSeen),
    ],
)
def test_what_one_configuration_tells_is_bounded(line, told):
    config = "".join(line.format(number) for number in range(1000))
    seen = observe(git, FakeHost(files={"~/src/app/.git/config": config}, workspace="~/src/app"))
    assert 20 <= sum(isinstance(each, told) for each in seen) <= 200
    assert sum(isinstance(each, Gap) for each in seen) <= 2


def test_what_all_clones_lead_to_is_bounded():
    config = "".join(f'[remote "r{n}"]\nurl = https://h.example.com/{{0}}/{n}\n' for n in range(90))
    files = {f"~/src/r{number}/.git/config": config.format(number) for number in range(30)}
    beside = [f"~/src/r{number}" for number in range(1, 30)]
    seen = observe(git, FakeHost(files=files, workspace="~/src/r0", neighbours=beside))
    assert sum(isinstance(each, AssetSeen) for each in seen) == 2000
    assert [each.kind for each in seen if isinstance(each, Gap)] == [GapKind.LIMIT]


def test_an_empty_helper_drops_those_before_it_for_its_hosts():
    every = with_hosts(
        [
            setting("credential.helper", "one"),
            setting("credential.helper", "", "https://github.com"),
            setting("credential.helper", "two", "https://github.com"),
            setting("credential.helper", "three", "https://*.example.com"),
        ]
    )
    assert [each.value for each in helping(every, "github.com")] == ["two"]
    assert [each.value for each in helping(every, "git.example.com")] == ["one", "three"]
    assert [each.value for each in helping(every, "")] == ["one"]


STEPS = {
    "osxkeychain": "security find-internet-password -s github.com",
    "manager": "armslength scan --keychain git --live=github",
    "libsecret": "printf 'protocol=https\\nhost=github.com\\n\\n' | "
    "GIT_ASKPASS=true GIT_TERMINAL_PROMPT=0 git credential fill | grep ^username",
}


@pytest.mark.parametrize(
    ("platform", "name"),
    [(Platform.MACOS, "osxkeychain"), (Platform.WINDOWS, "manager"), (Platform.LINUX, "libsecret")],
)
def test_a_helper_with_a_keychain_is_a_handle_on_the_hosts_that_clones_push_to(platform, name):
    files = {CONFIG: f"[credential]\nhelper = {name}\n", LOCAL: remote("https://github.com/acme/billing")}
    [handle] = only(look(files, platform, workspace=REPO), HandleSeen)
    assert handle.kind == "handle.git-credential-helper"
    assert {(grant.asset.name, grant.confidence) for grant in handle.grants} == {("github.com", Confidence.POSSIBLE)}
    assert handle.undecided.action == STEPS[name]


def test_a_command_as_helper_is_named_and_not_run():
    text = "[credential]\nhelper = !f() { echo CANARY; }; f\nhelper = !gh auth git-credential\n"
    text += "[core]\nsshCommand = ssh -i CANARY\nfsmonitor = /opt/CANARY/watch CANARY\n"
    uses = {
        (use.subject, use.evidence.key) for use in only(look({CONFIG: text}, env={"GIT_ASKPASS": "/opt/ask"}), UseSeen)
    }
    assert uses == {
        ("f()", "credential.helper"),
        ("gh", "credential.helper"),
        ("watch", "core.fsmonitor"),
        ("ask", None),
    }


def test_a_cache_that_runs_is_a_handle_and_is_not_asked():
    socket = FakeFile(kind=FileKind.SOCKET)
    files = {
        "~/.cache/git/credential/socket": socket,
        "~/own": socket,
        CONFIG: "[credential]\nhelper = cache --socket ~/own\n",
    }
    found = look(files)
    assert {each.channel for each in only(found, HandleSeen)} == {
        "connect unix:/home/ada/.cache/git/credential/socket",
        "connect unix:/home/ada/own",
    }
    assert not look({"~/.cache/git/credential/socket": "a file"})


# --- netrc


@pytest.mark.parametrize(
    ("text", "machines"),
    [
        ("machine a login b password c", [("a", "b", "c", 1)]),
        ("machine a\n\tlogin b\n\tpassword c\n", [("a", "b", "c", 3)]),
        ("default login b password c", [("", "b", "c", 1)]),
        ('machine a login b password "c d\\"e"', [("a", "b", 'c d"e', 1)]),
        ("# machine x password y\nmachine a password c # more", [("a", "", "c", 2)]),
        (
            "machine a login b account z password c macdef init\ncd /x\nmachine no password no\n\nmachine d password e",
            [("a", "b", "c", 1), ("d", "", "e", 5)],
        ),
        ("machine a login b password #c", [("a", "b", "#c", 1)]),
        ("machine a password c\r\nmachine b password d\r\n", [("a", "", "c", 1), ("b", "", "d", 2)]),
        ("machine a port 21 user b password c", [("a", "b", "c", 1)]),
        ('machine a password "machine"', [("a", "", "machine", 1)]),
        ("machine a login b", []),
    ],
)
def test_netrc_is_read_as_curl_reads_it(text, machines):
    told = parse_netrc(text)
    assert [(each.name, each.login, each.password, each.line) for each in told.machines] == machines
    assert told.broken == ()


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("nonsense\nmachine a password c", (1,)),
        ("machine a password c\nmachine", (2,)),
        ('machine a password c\nmachine b password "open', (2,)),
        ("password c", (1,)),
    ],
)
def test_a_broken_netrc_says_where(text, broken):
    assert parse_netrc(text).broken == broken


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("name", ["~/.netrc", "~/_netrc"])
def test_logins_of_netrc_are_those_of_forges_or_of_their_host(platform, name):
    text = f"machine api.github.com login ada password {CLASSIC}\n"
    text += "machine ftp.example.com login ada password CANARY-1\ndefault password CANARY-2\n"
    forge, other, rest = credentials(look({name: text}, platform))
    assert (forge.kind, forge.identity) == ("github.classic-token", Identity("github", "github.com", "ada"))
    assert grants(other) == {("host:ftp.example.com", Confidence.POSSIBLE)}
    assert rest.evidence.key == "default"


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(("machine", "kind"), sorted(files.table("machines.toml")["kinds"].items()))
def test_a_machine_of_netrc_that_is_a_known_services_says_the_kind(platform, machine, kind):
    text = f"machine {machine} login ada@example.com password CANARY-CANARY\n"
    text += f"machine {machine}.example.com login ada password CANARY-OTHER\n"
    known, other = credentials(look({"~/.netrc": text}, platform))
    assert (known.kind, known.identity.name, other.kind) == (kind, "ada@example.com", "netrc.password")
    assert {grant.asset.kind for grant in known.grants} == {grant.asset.kind for grant in implied(kind, "x")}


def test_a_login_of_netrc_for_a_host_that_a_clone_pushes_to_pushes_there():
    files = {"/etc/n": "machine git.acme.com login ada password CANARY-1", LOCAL: remote("https://git.acme.com/a/b")}
    [seen] = credentials(look(files, workspace=REPO, env={"NETRC": "/etc/n"}))
    assert seen.kind == "git.password"


# --- repositories


@pytest.mark.parametrize(
    ("url", "asset", "opened_by"),
    [
        ("https://github.com/acme/billing.git", "github-repository:acme/billing", "git-host:github.com"),
        ("git@github.com:acme/billing.git", "github-repository:acme/billing", "github-account:github.com"),
        ("ssh://git@ssh.github.com:443/acme/billing.git", "github-repository:acme/billing", "git-host:github.com"),
        ("git@github-work:acme/billing", "github-repository:acme/billing", "git-host:github.com"),
        ("https://github.acme.com/a/b", "github-repository:github.acme.com/a/b", "github-account:github.acme.com"),
        ("https://gitlab.com/a/b/c.git", "gitlab-project:a/b/c", "gitlab-account:gitlab.com"),
        ("git@gitlab.acme.com:a/b.git", "gitlab-project:gitlab.acme.com/a/b", "git-host:gitlab.acme.com"),
        ("git@bitbucket.org:acme/x.git", "git-repository:bitbucket.org/acme/x", "bitbucket-account:bitbucket.org"),
        (
            "https://dev.azure.com/acme/shop/_git/web",
            "git-repository:dev.azure.com/acme/shop/web",
            "azure-devops-organization:acme",
        ),
        (
            "git@ssh.dev.azure.com:v3/acme/shop/web",
            "git-repository:dev.azure.com/acme/shop/web",
            "git-host:ssh.dev.azure.com",
        ),
        (
            "https://acme.visualstudio.com/shop/_git/web",
            "git-repository:dev.azure.com/acme/shop/web",
            "azure-devops-organization:acme",
        ),
        (
            "ssh://ada@server.example.com/srv/git/x.git",
            "git-repository:server.example.com/srv/git/x",
            "ssh-host:server.example.com",
        ),
        ("https://git.example.com/x/y", "git-repository:git.example.com/x/y", "gitea-account:git.example.com"),
    ],
)
def test_a_remote_is_a_repository_within_what_opens_it(url, asset, opened_by):
    files = {LOCAL: remote(url), "~/.ssh/config": "Host github-work\n  HostName github.com\n"}
    [seen] = only(look(files, workspace=REPO), AssetSeen)
    assert f"{seen.asset.kind}:{seen.asset.name}" == asset
    assert opened_by in {f"{each.kind}:{each.name}" for each in seen.within}
    assert seen.carries >= PUSH
    assert seen.confidence is Confidence.INFERRED


@pytest.mark.parametrize(
    "url",
    [
        "/srv/git/x.git",
        "../x",
        "file:///srv/x",
        "C:/x",
        "C:\\x",
        "ext::sh -c CANARY",
        "DISABLED",
        "https://github.com/" + CLASSIC,
        "",
    ],
)
def test_what_is_no_address_of_a_forge_is_no_repository(url):
    assert not only(local(remote(url)), AssetSeen)


def confidences(text):
    return {seen.asset.name: seen.confidence for seen in only(local(text), AssetSeen)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            remote("git@github.com:ada/x") + remote("https://github.com/up/x", "upstream"),
            {"ada/x": Confidence.INFERRED, "up/x": Confidence.POSSIBLE},
        ),
        (remote("https://github.com/up/x", "upstream"), {"up/x": Confidence.INFERRED}),
        (
            remote("git@github.com:ada/x") + remote("git@github.com:b/x", "b") + "[remote]\npushDefault = b\n",
            {"ada/x": Confidence.POSSIBLE, "b/x": Confidence.INFERRED},
        ),
        (
            remote("https://github.com/up/x") + "pushurl = git@github.com:ada/x\n",
            {"up/x": Confidence.POSSIBLE, "ada/x": Confidence.INFERRED},
        ),
        (remote("https://github.com/up/x") + "pushurl = no_push\n", {"up/x": Confidence.POSSIBLE}),
        (remote("gh:up/x") + '[url "https://github.com/"]\ninsteadOf = gh:\n', {"up/x": Confidence.INFERRED}),
        (
            remote("gh:up/x")
            + '[url "https://github.com/"]\ninsteadOf = gh:\n[url "git@gitlab.com:"]\npushInsteadOf = gh:\n',
            {"up/x": Confidence.POSSIBLE, "gitlab": None},
        ),
    ],
)
def test_how_surely_a_clone_pushes_to_a_remote(text, expected):
    found = confidences(text)
    for name, confidence in expected.items():
        assert found.get(name) is confidence


def test_the_longest_beginning_is_rewritten():
    rules = [setting("url.insteadof", "https://", "a:"), setting("url.insteadof", "https://github.com/", "b:")]
    assert rewritten("https://github.com/x", rules) == "b:x"
    assert rewritten("ssh://x", rules) is None


@pytest.mark.parametrize("platform", Platform)
def test_worktrees_submodules_neighbours_and_folders_above_are_found(platform):
    home = HOMES[platform].as_posix()
    files = {
        "~/src/tree/.git": f"gitdir: {home}/src/main/.git/worktrees/tree\n",
        "~/src/main/.git/worktrees/tree/commondir": "../..\n",
        "~/src/main/.git/worktrees/tree/HEAD": "ref: refs/heads/feature\n",
        "~/src/main/.git/config": remote("git@github.com:acme/main"),
        "~/src/next/.git/config": remote("git@github.com:acme/next"),
        "~/src/next/.git/modules/lib/config": remote("git@github.com:acme/lib"),
        "~/src/next/.git/modules/deep/er/config": remote("git@github.com:acme/deeper"),
    }
    seen = look(files, platform, workspace="~/src/tree", neighbours=["~/src/next"])
    assert {each.asset.name for each in only(seen, AssetSeen)} == {"acme/main", "acme/next", "acme/lib", "acme/deeper"}
    seen = look(files, platform, workspace="~/src/next/services/a")
    assert "acme/next" in {each.asset.name for each in only(seen, AssetSeen)}
    assert not only(
        look({"~/.git/config": remote("git@github.com:acme/dotfiles")}, platform, workspace="~/src"), AssetSeen
    )


def test_a_git_file_that_names_nothing_is_a_gap():
    [gap] = look({f"{REPO}/.git": "nonsense"}, workspace=REPO)
    assert (gap.kind, gap.why) == (GapKind.FAILED, "names no git folder")


WORKFLOW = """\
on: {on}
jobs:
  test:
    steps: [{{run: pytest}}]
  ship:
    environment: {environment}
    steps: [{{run: "kubectl apply -f x"}}]
"""


@pytest.mark.parametrize("on", ["push", "[push, pull_request]", "{push: {branches: [main]}}"])
def test_a_workflow_that_deploys_on_push_is_an_asset_within_the_repository(on):
    files = {
        LOCAL: remote("git@github.com:acme/billing"),
        f"{REPO}/.github/workflows/ship.yml": WORKFLOW.format(on=on, environment="production"),
    }
    [deployed] = [each for each in only(look(files, workspace=REPO), AssetSeen) if each.asset.kind == "deployment"]
    assert deployed.asset.name == "acme/billing/ship.yml"
    assert deployed.asset.hints == (Hint("environment", "production"),)
    assert deployed.within == (Asset("github-repository", "acme/billing"),)
    assert (deployed.confidence, deployed.evidence.line) == (Confidence.POSSIBLE, 6)


@pytest.mark.parametrize(
    "text",
    [
        WORKFLOW.format(on="pull_request", environment="production") + "# push\n",
        "on: push\njobs:\n  test:\n    steps: [{run: pytest}]\n",
        "push deploy",
        "",
    ],
)
def test_a_workflow_that_only_tests_is_none(text):
    files = {LOCAL: remote("git@github.com:acme/billing"), f"{REPO}/.github/workflows/x.yaml": text}
    assert {each.asset.kind for each in only(look(files, workspace=REPO), AssetSeen)} == {"github-repository"}


def test_whatever_signs_in_to_the_forge_writes_the_repository_and_what_signs_in_elsewhere_does_not():
    files = {
        LOCAL: remote("git@github.com:acme/billing.git"),
        CREDENTIALS: f"https://ada:CANARY-CANARY-CANARY@github.com\nhttps://oauth2:{GITLAB}@gitlab.com\n",
        "~/.config/gh/hosts.yml": f"github.com:\n  user: ada\n  oauth_token: {OAUTH}\n",
        "~/.ssh/id_ed25519": fill("{sshkey:plain-ed25519}", "x"),
        "~/.ssh/config": "Host github.com\n  IdentityFile ~/.ssh/id_ed25519\n",
    }
    host = FakeHost(files=files, workspace=REPO)
    seen = [each for probe in (git, github, ssh) for each in observe(probe, host)]
    graph = build(seen, host.machine, Config())
    [target] = [node.id for node in graph.assets.values() if node.asset == Asset("github-repository", "acme/billing")]
    writers = {
        graph.credentials[each.credential].kind: each.confidence
        for each in exposures(graph, NOW)
        if each.asset == target and each.class_ is Capability.CODE_WRITE
    }
    assert writers == dict.fromkeys(["github.oauth-token", "git.password", "ssh.private-key"], Confidence.INFERRED)


# --- hostile text

SHREDS = st.sampled_from(
    [
        *(
            "https://",
            "ada",
            ":",
            "CANARY",
            "@",
            "[",
            "]",
            "github.com",
            "%",
            "%zz",
            "\n",
            "é",
            "/",
            "?",
            "#",
            "git@",
            "\0",
        ),
        *(
            '[remote "origin"]\n',
            "url = ",
            "[include]\npath=",
            "[http]\n",
            "extraHeader = ",
            "Authorization: basic ",
            "=",
        ),
        *(
            "[credential]\n",
            "helper = ",
            "store --file ",
            "!",
            "'",
            '"',
            "~",
            "..",
            "\\",
            '[includeIf "gitdir:',
            '"]\n',
        ),
        *("machine ", "default ", "login ", "password ", "macdef ", "\t", "gitdir: "),
    ]
)
TEXT = st.lists(SHREDS, max_size=30).map("".join)


@example("https://[")
@example('[url "https://ada:CANARY@x"]\ninsteadOf=\n')
@given(TEXT)
def test_no_text_breaks_it(text):
    files = dict.fromkeys(
        [CREDENTIALS, CONFIG, NETRC, LOCAL, f"{REPO}/.git/HEAD", f"{REPO}/.github/workflows/a.yml"], text
    )
    observe(git, FakeHost(files=files, workspace=REPO, env={"GIT_CONFIG_PARAMETERS": text, "GIT_CONFIG_COUNT": "9"}))


@given(TEXT)
def test_no_address_breaks_it(text):
    found = address(text)
    if found is not None:
        assert found.host
        repository(found.host, found.path)


def test_an_empty_machine_yields_nothing():
    assert look({}) == []
    assert look({}, workspace=REPO) == []
