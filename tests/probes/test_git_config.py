"""Git's configuration: read as git itself reads it, with lines, includes and their conditions."""

import os
import subprocess
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.git.chains import Condition, Reading, Setting, shown_key, straight
from probes.git.conditions import Context, holding, holds
from probes.git.config_text import Entry, parse
from probes.git.patterns import matches
from probes.git.repositories import Repository
from probes.git.scopes import Scopes, scopes
from scanner.host import TextFile
from scanner.model import Gap, GapKind, Platform
from scanner.testing import FakeFile, FakeHost

CONFIG = "~/.gitconfig"


def full(entry: Entry) -> str:
    middle = f".{entry.subsection}" if entry.subsection is not None else ""
    return f"{entry.section}{middle}.{entry.name}"


def pairs(text):
    return [(full(entry), entry.value) for entry in parse(text).entries]


def git(arguments, folder, **more):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "XDG_CONFIG_HOME": str(folder / "xdg"),
        "GIT_CEILING_DIRECTORIES": str(folder),
        **more,
    }
    return subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False)


def listed(answer: bytes):
    found = []
    for item in answer.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        key, feed, value = item.partition("\n")
        found.append((key, value if feed else None))
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[core]\n\tbare = true\n", [("core.bare", "true")]),
        ("[CORE]\nBare\n", [("core.bare", None)]),
        ("[core] bare = yes ; why", [("core.bare", "yes")]),
        ('[url "git@Host:"]\ninsteadOf = "a b"  # x', [("url.git@Host:.insteadof", "a b")]),
        ('[a "b\\"c\\\\d"]\nx=1', [('a.b"c\\d.x', "1")]),
        ("[Branch.Main]\nremote=o", [("branch.main.remote", "o")]),
        ("[a]\nx = one \\\n  two\n", [("a.x", "one   two")]),
        ('[a]\nx = "q;#" # c\ny = a"b c"d', [("a.x", "q;#"), ("a.y", "ab cd")]),
        ('[a]\nx = t\\tn\\nb\\\\q\\"', [("a.x", 't\tn\nb\\q"')]),
        ("[a]\r\nx = 1\r\n", [("a.x", "1")]),
        ("\ufeff[a]\nx=1", [("a.x", "1")]),
        ('[a]\nx =\ny=""', [("a.x", ""), ("a.y", "")]),
        ("", []),
    ],
)
def test_a_text_has_the_entries_that_git_sees(text, expected):
    assert pairs(text) == expected
    assert parse(text).broken == ()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[a\nx = 1\n[b]\ny = 2", 1),
        ('[b]\n\n[a "x]\n[b]\ny = 2', 3),
        ('[b]\nx = "open\ny = 2', 2),
        ("[b]\nx = \\q\ny = 2", 2),
        ("[b]\n= 1\ny = 2", 2),
        ("[b]\nx 1\ny = 2", 2),
        ("[b]\n<<<<<<< HEAD\ny = 2", 2),
    ],
)
def test_a_broken_line_is_told_and_the_next_ones_are_still_read(text, line):
    parsed = parse(text)
    assert parsed.broken[0] == line
    assert ("b.y", "2") in [(full(entry), entry.value) for entry in parsed.entries]


def test_lines_are_those_of_the_names():
    text = "# one\n[a]\n\n  x = 1 \\\n  more\n  y = 2\n[b] z = 3\n"
    assert [(entry.name, entry.line) for entry in parse(text).entries] == [("x", 4), ("y", 6), ("z", 7)]


SHREDS = st.sampled_from(
    [
        *("[core]", '[remote "origin"]', '[url "https://x/"]', "[a.B]", "[", "]", '"', "\\", "\n", "\n\t", " ", "="),
        *(" = ", "url", "Name", "x", "é", "#", ";", "\\n", "\\\\", '\\"', "\\\n", "\r\n", "true", "a-b", "[include]"),
    ]
)


@given(st.lists(SHREDS, max_size=40).map("".join))
@example("[a]\nx = a \\\n\ny")
@example("[a]\nx = \\")
@example('[a]\nx = " "  ')
def test_git_itself_lists_the_same_entries(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("oracle")
    (folder / "config").write_bytes(text.encode())
    told = git(["config", "-z", "--list", "--no-includes", "-f", "config"], folder)
    parsed = parse(text)
    if told.returncode == 0:
        assert [(full(entry), entry.value) for entry in parsed.entries if entry.section] == [
            pair for pair in listed(told.stdout) if "." in pair[0].lstrip(".")
        ]
        assert parsed.broken == ()
    else:
        assert parsed.broken


@pytest.mark.parametrize(
    "files",
    [
        {".gitconfig": "[include]\npath = more\n[a]\nx=2\n", "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir:~/repo/"]\npath = ~/more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir:repo/"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir:./repo/.git"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir:~/rep*/.git"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir:~/other/"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir:~/REPO/"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "gitdir/i:~/REPO/"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "onbranch:feature/"]\npath = more\n', "more": "[a]\nx=1\n"},
        {".gitconfig": '[includeIf "onbranch:main"]\npath = more\n', "more": "[a]\nx=1\n"},
        {
            ".gitconfig": '[includeIf "hasconfig:remote.*.url:https://git.example.com/**"]\npath = more\n',
            "more": "[a]\nx=1\n",
        },
        {
            ".gitconfig": '[includeIf "hasconfig:remote.*.url:https://git.example.com/*"]\npath = more\n',
            "more": "[a]\nx=1\n",
        },
        {".gitconfig": '[includeIf "moon:full"]\npath = more\n', "more": "[a]\nx=1\n"},
        {
            "xdg/git/config": "[a]\nx=0\n[b]\ny\n",
            ".gitconfig": "[include]\npath=sub/more\n",
            "sub/more": "[include]\npath=../last\n",
            "last": "[a]\nz=9\n",
        },
    ],
)
def test_git_itself_includes_the_same_files(tmp_path, files):
    repo = tmp_path / "repo"
    (repo / ".git" / "objects").mkdir(parents=True)
    (repo / ".git" / "refs").mkdir()
    (repo / ".git" / "HEAD").write_text("ref: refs/heads/feature/x\n")
    (repo / ".git" / "config").write_text('[remote "origin"]\nurl = https://git.example.com/acme/billing\n')
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    told = git(
        ["-C", "repo", "config", "-z", "--list"],
        tmp_path,
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="c.v",
        GIT_CONFIG_VALUE_0="7",
    )
    assert told.returncode == 0, told.stderr
    tree = {f"{tmp_path}/{name}": text for name, text in files.items()}
    env = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "c.v",
        "GIT_CONFIG_VALUE_0": "7",
        "XDG_CONFIG_HOME": f"{tmp_path}/xdg",
    }
    host = FakeHost(Platform.LINUX, tree, env=env)
    from msgspec.structs import replace

    host = replace(host, machine=replace(host.machine, home=PurePosixPath(tmp_path)))
    wide = Scopes()
    assert not list(scopes(host, wide))
    folder = PurePosixPath(repo / ".git")
    own = parse((repo / ".git" / "config").read_text()).entries
    from scanner.model import Evidence

    clone = Repository(folder.parent, folder, "feature/x", [Setting(entry, Evidence(folder)) for entry in own])
    ours = [(full(each.entry), each.entry.value) for each in clone.effective(wide, PurePosixPath(tmp_path))]
    assert ours == listed(told.stdout)


def read(files, start=CONFIG):
    host = FakeHost(files=files)
    [file] = [found for found in host.read(start) if isinstance(found, TextFile)]
    return list(Reading(host).settings(file))


def gaps(found):
    return [each for each in found if isinstance(each, Gap)]


def test_a_file_that_includes_itself_is_one_gap_and_the_rest_is_read():
    found = read({CONFIG: "[include]\npath = .gitconfig\npath = ~/.gitconfig\n[a]\nx = 1\n"})
    [gap] = gaps(found)
    assert gap == Gap(GapKind.FAILED, "~/.gitconfig:2", "the file includes itself")
    assert [each.value for each in found if isinstance(each, Setting)][-1] == "1"


def test_a_circle_over_two_files_is_a_gap():
    found = read({CONFIG: "[include]\npath = b\n", "~/b": "[include]\npath = x/../.gitconfig\n[a]\nx=1"})
    assert [gap.place for gap in gaps(found)] == ["~/b:2"]


def test_files_that_include_many_are_cut_with_one_gap():
    wide = "[include]\n" + "".join(f"path = f{n}\n" for n in range(300))
    found = read({CONFIG: wide, **{f"~/f{n}": wide.replace("f", "g") for n in range(300)}})
    assert [gap.kind for gap in gaps(found)] == [GapKind.LIMIT]


def test_a_locked_include_is_a_gap_and_an_absent_one_is_none():
    found = read({CONFIG: "[include]\npath = locked\npath = absent\n[a]\nx = 1", "~/locked": FakeFile(None)})
    assert [gap.kind for gap in gaps(found)] == [GapKind.REFUSED]


def test_too_many_settings_are_a_gap():
    found = read({CONFIG: "[a]\n" + "x\n" * 30_000})
    assert [gap.kind for gap in gaps(found)] == [GapKind.LIMIT]
    assert len(found) == 20_001


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**/billing/.git", "/home/ada/src/billing/.git", True),
        ("/home/ada/*/.git", "/home/ada/a/b/.git", False),
        ("/home/**/.git", "/home/.git", True),
        ("/a/[!b]c", "/a/xc", True),
        ("/a/[!b]c", "/a/bc", False),
        ("/a/[b", "/a/[b", True),
        ("/a?c", "/a/c", False),
        ("/a\\*c", "/a*c", True),
        ("/a\\*c", "/abc", False),
        ("feature/**", "feature/x/y", True),
    ],
)
def test_patterns_mean_what_git_means(pattern, path, expected):
    assert matches(pattern, path) is expected


@given(
    st.lists(st.sampled_from(["*", "**", "/", "[", "]", "!", "a", "^", "\\", "?", "-", "&&", "~"]), max_size=30).map(
        "".join
    ),
    st.text("ab/", max_size=60),
)
def test_no_pattern_breaks_or_hangs(pattern, path):
    matches(pattern, path)


def test_a_condition_on_windows_takes_its_paths():
    from pathlib import PureWindowsPath

    context = Context(PureWindowsPath("C:/Users/ada"), PureWindowsPath("C:/Users/ada/work/x/.git"))
    assert holds(Condition("gitdir:~/work/", None), context)
    assert holds(Condition("gitdir/i:c:/users/ADA/work/", None), context)
    assert not holds(Condition("gitdir:D:/", None), context)
    assert holding([], context) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[url "https://ada:CANARY-CANARY@host/"]\ninsteadOf=x', "url.*.insteadof"),
        ('[url "https://github.com/acme/"]\ninsteadOf=x', "url.github.com.insteadof"),
        ('[http "https://Git.example.com:8443/CANARY"]\nextraheader=x', "http.git.example.com.extraheader"),
        ('[http "https://CANARYCANARYCANARYCANARY.example.com/"]\nextraheader=x', "http.*.extraheader"),
        ('[http "https://CANARY:x/"]\nextraheader=x', "http.*.extraheader"),
        ('[http "https://CANARY@host.example.com/"]\nextraheader=x', "http.*.extraheader"),
        ('[remote "origin"]\nurl=x', "remote.origin.url"),
        ('[remote "a b\u202e"]\nurl=x', "remote.*.url"),
        ("[core]\nx", "core.x"),
    ],
)
def test_a_key_is_shown_without_what_may_be_a_login(text, expected):
    [entry] = parse(text).entries
    assert shown_key(entry) == expected
    assert "CANARY" not in repr(entry)


def test_dots_are_taken_out_of_paths():
    assert straight(PurePosixPath("/a/b/../../../c")) == PurePosixPath("/c")


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 150 + "b", "a" * 1000),
        ("**/" * 100 + "b", "a/" * 500 + "a"),
        ("**/a/a/a/a/a/a/b", "a/" * 500 + "a"),
        ("**/*a*a*a*a*a*a*a*a*a*a*ab", "x/" + "a" * 900),
    ],
)
def test_no_pattern_tries_a_path_in_too_many_ways(pattern, path):
    """With one try for every way, the universe would end before this test does."""
    assert not matches(pattern, path)
    assert matches(pattern, f"{path}b") is matches(pattern, f"{path}b", fold=True)
