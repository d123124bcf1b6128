"""How git stands to files with secrets: told of each as git itself tells it, and weak where git takes them along."""

import os
import subprocess

import pytest
from msgspec.structs import replace

from probes.tracked.look import tracked
from scanner.config import Config
from scanner.engine import scan
from scanner.host.opening import Opening, open_machines
from scanner.model import (
    CredentialSeen,
    CredentialState,
    Evidence,
    Gap,
    GapKind,
    Platform,
    Protection,
    Secret,
    Tracking,
    TrackingSeen,
    Weakness,
)
from scanner.probe import probe
from scanner.testing import TEST_KEY, FakeFile, FakeHost, observe
from scanner.vault import Vault
from tests.scanner.test_git_index import entry, sealed

KEPT = Secret(0, None)
HEAD = {"~/shop/.git/HEAD": "ref: refs/heads/main\n"}
TRACKED, IGNORED, UNTRACKED = "file.tracked-by-git", None, "file.not-ignored-by-git"


def index(*names):
    entries = b"".join(entry(name.encode()) for name in sorted(names))
    return sealed(b"DIRC" + (2).to_bytes(4, "big") + len(names).to_bytes(4, "big") + entries)


def seen_in(files, *places, platform=Platform.LINUX, **more):
    """What the probe tells where another one saw a secret in each of these places."""
    host = FakeHost(platform, files, **more)
    found = [CredentialSeen("generic.token", Evidence(host.resolve(place)), KEPT) for place in places]
    return observe(tracked, replace(host, seen=tuple(found)))


def states(observations):
    return [seen.git for seen in observations if isinstance(seen, TrackingSeen)]


def rules(observations):
    return [seen.rule for seen in observations if isinstance(seen, Weakness)]


def gaps(observations):
    return [(seen.kind, seen.why) for seen in observations if isinstance(seen, Gap)]


@pytest.mark.parametrize("platform", Platform)
def test_a_file_is_tracked_ignored_or_neither(platform):
    files = {
        **HEAD,
        "~/shop/.git/index": index(".env", "app/config.py"),
        "~/shop/.gitignore": "*.local\n",
        **dict.fromkeys(("~/shop/.env", "~/shop/app/.env.local", "~/shop/notes.txt", "~/.netrc"), "x"),
    }
    told = seen_in(files, "~/shop/.env", "~/shop/app/.env.local", "~/shop/notes.txt", "~/.netrc", platform=platform)
    assert [(seen.evidence.path.name, seen.git) for seen in told if isinstance(seen, TrackingSeen)] == [
        (".env", Tracking.TRACKED),
        (".env.local", Tracking.IGNORED),
        ("notes.txt", Tracking.UNTRACKED),
    ]
    assert rules(told) == [TRACKED, UNTRACKED]
    assert gaps(told) == []


WHERE_GIT_LIES = {
    "a worktree": {
        "~/shop/.git": "gitdir: ../main/.git/worktrees/shop\n",
        "~/main/.git/worktrees/shop/HEAD": "ref: refs/heads/x\n",
        "~/main/.git/worktrees/shop/commondir": "../..\n",
        "~/main/.git/worktrees/shop/index": index(".env"),
        "~/main/.git/info/exclude": "notes.txt\n",
    },
    "a submodule": {
        "~/shop/.git": "gitdir: ../.git/modules/shop\n",
        "~/.git/modules/shop/HEAD": "ref: refs/heads/x\n",
        "~/.git/modules/shop/index": index(".env"),
        "~/.git/modules/shop/info/exclude": "notes.txt\n",
    },
    "kept elsewhere": {
        "~/shop/.git": "gitdir: /srv/git/shop\n",
        "/srv/git/shop/HEAD": "ref: refs/heads/x\n",
        "/srv/git/shop/index": index(".env"),
        "/srv/git/shop/info/exclude": "notes.txt\n",
    },
    "a split index": {
        **HEAD,
        "~/shop/.git/index": sealed(
            b"DIRC" + bytes((0, 0, 0, 2, 0, 0, 0, 0)) + b"link" + bytes((0, 0, 0, 20)) + b"\xcd" * 20
        ),
        f"~/shop/.git/sharedindex.{'cd' * 20}": index(".env"),
        "~/shop/.git/info/exclude": "notes.txt\n",
    },
}


@pytest.mark.parametrize("where", sorted(WHERE_GIT_LIES))
def test_wherever_git_keeps_what_belongs_to_a_work_tree(where):
    files = {**WHERE_GIT_LIES[where], "~/shop/.env": "x", "~/shop/notes.txt": "x"}
    told = seen_in(files, "~/shop/.env", "~/shop/notes.txt")
    assert states(told) == [Tracking.TRACKED, Tracking.IGNORED]
    assert gaps(told) == []


EXCLUDES = [
    ({"~/.config/git/ignore": ".env\n"}, {}, Tracking.IGNORED),
    ({"~/.gitconfig": "[core]\nexcludesFile = ~/mine\n", "~/mine": ".env\n"}, {}, Tracking.IGNORED),
    ({"~/.gitconfig": "[core]\nexcludesFile = ~/mine\n", "~/.config/git/ignore": ".env\n"}, {}, Tracking.UNTRACKED),
    ({"~/xdg/git/ignore": ".env\n"}, {"XDG_CONFIG_HOME": "/home/ada/xdg"}, Tracking.IGNORED),
    ({"~/shop/.git/info/exclude": ".env\n"}, {}, Tracking.IGNORED),
    ({"~/shop/.git/info/exclude": ".env\n", "~/shop/.gitignore": "!.env\n"}, {}, Tracking.UNTRACKED),
    ({"~/shop/.gitignore": ".ENV\n"}, {}, Tracking.UNTRACKED),
    ({"~/shop/.gitignore": ".ENV\n", "~/shop/.git/config": "[core]\nignoreCase\n"}, {}, Tracking.IGNORED),
    ({"~/shop/.gitignore": FakeFile(link="../mine"), "~/mine": ".env\n"}, {}, Tracking.UNTRACKED),  # no link counts
]


@pytest.mark.parametrize(("files", "env", "state"), EXCLUDES)
def test_rules_are_taken_from_where_git_takes_them(files, env, state):
    told = seen_in({**HEAD, "~/shop/.env": "x", **files}, "~/shop/.env", env=env)
    assert states(told) == [state]


OUTSIDE = [
    ({"~/shop/.env": "x"}, "~/shop/.env"),
    ({"~/shop/.git/config": "x", "~/shop/.env": "x"}, "~/shop/.env"),  # without HEAD it is no git folder
    ({**HEAD, "~/shop/.git/config": "x"}, "~/shop/.git/config"),
    ({"/home/.git/HEAD": "x", "~/.netrc": "x"}, "~/.netrc"),  # above the home
    ({**HEAD, "~/shop/.env": FakeFile(link="/home/ada/kept"), "~/kept": "x"}, "~/shop/.env"),
]


@pytest.mark.parametrize(("files", "place"), OUTSIDE)
def test_of_a_file_in_no_work_tree_nothing_is_told(files, place):
    assert seen_in(files, place) == []


def test_a_link_into_a_repository_is_what_it_leads_to():
    files = {**HEAD, "~/shop/.git/index": index("netrc"), "~/shop/netrc": "x", "~/.netrc": FakeFile(link="shop/netrc")}
    told = seen_in(files, "~/.netrc")
    assert states(told) == [Tracking.TRACKED]
    assert [seen.evidence.path.name for seen in told] == [".netrc", ".netrc"]


DOTFILES = ["~/.cfg", "~/.dotfiles", "~/.local/share/yadm/repo.git", "~/.config/vcsh/repo.d/zsh.git"]


@pytest.mark.parametrize("folder", DOTFILES)
def test_a_repository_of_the_whole_home_tracks_files_in_it(folder):
    files = {f"{folder}/index": index(".netrc"), "~/.netrc": "x", "~/.pgpass": "x"}
    told = seen_in(files, "~/.netrc", "~/.pgpass")
    assert [(seen.evidence.path.name, seen.git) for seen in told if isinstance(seen, TrackingSeen)] == [
        (".netrc", Tracking.TRACKED)
    ]
    assert rules(told) == [TRACKED]


HARMLESS = [
    CredentialSeen("aws.access-key", Evidence(), None, public_id="AKIA"),
    CredentialSeen("ssh.private-key", Evidence(), KEPT, protection=Protection.ENCRYPTED),
    CredentialSeen("aws.sso-profile", Evidence(), None, protection=Protection.REFERENCE),
    CredentialSeen("generic.token", Evidence(), KEPT, state=CredentialState.EXPIRED),
]


@pytest.mark.parametrize("seen", HARMLESS, ids=lambda seen: seen.kind)
def test_what_opens_nothing_is_not_weak_where_it_is_tracked(seen):
    host = FakeHost(files={**HEAD, "~/shop/.git/index": index("file"), "~/shop/file": "x"})
    seen = replace(seen, evidence=Evidence(host.home / "shop" / "file"))
    assert [type(each) for each in observe(tracked, replace(host, seen=(seen,)))] == [TrackingSeen]


@pytest.mark.parametrize("name", [".env.example", "config.sample.yml", ".env.dist"])
def test_an_example_is_not_weak(name):
    told = seen_in({**HEAD, "~/shop/.git/index": index(name), f"~/shop/{name}": "x"}, f"~/shop/{name}")
    assert (states(told), rules(told)) == ([Tracking.TRACKED], [])


SEALED = [
    ({"~/shop/.gitattributes": "*.key filter=git-crypt diff=git-crypt\n"}, []),
    ({"~/shop/.gitattributes": "keys/** text filter=git-crypt-team\n"}, []),
    ({"~/shop/keys/.gitattributes": "* filter=transcrypt"}, []),
    ({"~/shop/.gitattributes": "*.key filter=lfs diff=lfs\n"}, [TRACKED]),
    ({"~/shop/.gitattributes": "keys filter=git-crypt\n"}, [TRACKED]),  # attributes of a folder are not handed down
    ({"~/shop/.gitattributes": "* filter=git-crypt\n*.key !filter\n"}, [TRACKED]),
    ({"~/shop/.gitattributes": "* filter=git-crypt\n", "~/shop/keys/.gitattributes": "a.key -filter\n"}, [TRACKED]),
    ({"~/shop/.gitattributes": "# *.key filter=git-crypt\n"}, [TRACKED]),
    ({"~/shop/.gitattributes": None}, [TRACKED]),
]


@pytest.mark.parametrize(("files", "found"), SEALED)
def test_what_git_keeps_encrypted_is_not_weak(files, found):
    known = {**HEAD, "~/shop/.git/index": index("keys/a.key"), "~/shop/keys/a.key": "x"}
    told = seen_in({**known, **files}, "~/shop/keys/a.key")
    assert (states(told), rules(told)) == ([Tracking.TRACKED], found)


BROKEN = [
    ({"~/shop/.git/index": "no index, but text of that length"}, GapKind.FAILED, "not an index of git"),
    ({"~/shop/.git/index": index("a")[:-1] + b"X"}, GapKind.FAILED, "checksum"),
    ({"~/shop/.git/index": None}, GapKind.REFUSED, "permission denied"),
    ({"~/shop/.git/index": FakeFile(kind="named pipe")}, GapKind.REFUSED, "named pipe"),
    ({"~/shop/.gitignore": None}, GapKind.REFUSED, "permission denied"),
    ({"~/shop/.git": FakeFile("gitdir: \n")}, GapKind.FAILED, "names no git folder"),
]


@pytest.mark.parametrize(("files", "kind", "why"), BROKEN)
def test_what_cannot_be_read_is_a_gap_and_never_tracked_or_ignored(files, kind, why):
    known = {} if "~/shop/.git" in files else HEAD
    told = seen_in({**known, "~/shop/.env": "x", **files}, "~/shop/.env")
    [(found, told_why)] = gaps(told)
    assert (found, why in told_why) == (kind, True)
    assert set(states(told)) <= {Tracking.UNTRACKED}


def test_a_split_index_without_its_other_part_is_a_gap():
    files = {key: value for key, value in WHERE_GIT_LIES["a split index"].items() if "shared" not in key}
    told = seen_in({**files, "~/shop/.env": "x"}, "~/shop/.env")
    assert gaps(told) == [(GapKind.FAILED, "the shared part of a split index is not there")]
    assert states(told) == []


COMMANDS = [
    (
        Platform.LINUX,
        "~/my shop/it's [x].env",
        [
            "git -C ~/'my shop' rm --cached -- 'it'\"'\"'s [x].env'",
            "printf '%s\\n' '/it'\"'\"'s \\[x].env' >> ~/'my shop/.gitignore'",
        ],
    ),
    (
        Platform.WINDOWS,
        "~/my shop/it's.env",
        [
            "git -C 'C:\\Users\\ada\\my shop' rm --cached -- 'it''s.env'",
            "Add-Content -LiteralPath 'C:\\Users\\ada\\my shop\\.gitignore' -Value '/it''s.env'",
        ],
    ),
    (Platform.LINUX, "~/my shop/a\u202eb.env", []),
]


@pytest.mark.parametrize(("platform", "place", "commands"), COMMANDS)
def test_the_mend_names_the_file_as_one_word_of_the_shell(platform, place, commands):
    name = place.rpartition("/")[2]
    files = {"~/my shop/.git/HEAD": "x", "~/my shop/.git/index": index(name), place: "x"}
    [weakness] = [each for each in seen_in(files, place, platform=platform) if isinstance(each, Weakness)]
    assert list(weakness.fix.commands) == commands


# --- with real git


def git(folder, *words):
    env = os.environ | {"GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, check=True, env=env).stdout


@probe(id="any", title="Sees a secret in every file that is named so", reads=("**/*.key",))
def any_key(host):
    """Sees one in each."""
    for file in host.read("**/*.key"):
        if not isinstance(file, Gap):
            yield CredentialSeen("generic.token", Evidence(file.path, 1, "key"), host.keep(file.text))


def test_the_report_says_of_every_place_what_git_says(home):
    shop = home / "shop"
    for name in ("a.key", "b.key", "é/c.key", "vendor/d.key", "vendor/e.key", "sub/f.key", "sub/out/g.key"):
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(f"CANARY-CANARY-{name}")
    (home / "h.key").write_text("CANARY-CANARY-h")
    (shop / ".gitignore").write_text("vendor/*\n!vendor/e.key\nout/\n")
    git(home, "init", "-q", "shop")
    git(shop, "add", "-f", "a.key", "é/c.key", "vendor/d.key")
    [machine] = open_machines(Opening(no_env=True, workspaces=(str(shop),)))
    report = scan(machine, (any_key, tracked), Vault(TEST_KEY), Config())
    told = {place.path.removeprefix("~/shop/"): place.git for each in report.credentials for place in each.locations}
    known = git(shop, "ls-files", "-z").decode().split("\0")
    others = git(shop, "ls-files", "-z", "--others", "--exclude-standard").decode().split("\0")
    assert told == {
        name: Tracking.TRACKED if name in known else Tracking.UNTRACKED if name in others else Tracking.IGNORED
        for name in told
        if name != "~/h.key"
    } | {"~/h.key": None}
    assert len(told) == 8
    assert [each.rule for each in report.findings] == [TRACKED] * 3 + [UNTRACKED] * 3
