import getpass
import subprocess
from pathlib import PurePosixPath

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probes.ssh.client_config import (
    Chain,
    Effective,
    Setting,
    Unbalanced,
    blocks,
    chains,
    effective,
    expanded,
    line_words,
    matches,
    split_words,
)
from probes.ssh.known_hosts import known_names
from probes.ssh.targets import DEFAULT_NAMES, Target, targets
from scanner.host import Host, TextFile
from scanner.host.ports import FileKind, Place
from scanner.model import Confidence, Gap, GapKind, Platform
from scanner.testing import HOMES, FakeFile, FakeHost

CONFIG = "~/.ssh/config"


def read(files, platform=Platform.LINUX):
    """The chains of a machine's configuration, and its gaps."""
    host = FakeHost(platform, files)
    found = list(chains(host))
    return [each for each in found if isinstance(each, Chain)], [each for each in found if isinstance(each, Gap)]


def resolve(text, alias, *, lenient=False, user="ada"):
    [chain], _ = read({CONFIG: text})
    return effective(blocks(chain.settings), alias, user, lenient=lenient)


def hosts(files, *known):
    host = FakeHost(files=files)
    found = [each for each in chains(host) if isinstance(each, Chain)]
    place = TextFile(
        PurePosixPath("/kh"),
        "\n".join(f"{name} ssh-ed25519 AAAA" for name in known),
        Place(PurePosixPath("/kh"), FileKind.FILE),
    )
    return {each.alias: each for each in targets(host, found, known_names(place)) if isinstance(each, Target)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Host a b", ("host", ("a", "b"))),
        ("  HostName=example.com", ("hostname", ("example.com",))),
        ("Port = 22", ("port", ("22",))),
        ('IdentityFile "~/my keys/id"', ("identityfile", ("~/my keys/id",))),
        ("IdentityFile '~/my keys/id' # note", ("identityfile", ("~/my keys/id",))),
        ("IdentityFile ~/my\\ keys/id", ("identityfile", ("~/my keys/id",))),
        ("IdentityFile C:\\Users\\ada\\id", ("identityfile", ("C:\\Users\\ada\\id",))),
        ("ProxyCommand nc 'a b' # %h", ("proxycommand", ("nc 'a b' # %h",))),
        ("# Host a", None),
        ("", None),
        ("Host", None),
        ("Host a\r", ("host", ("a",))),
    ],
)
def test_a_line_is_split_as_openssh_splits_it(line, expected):
    assert line_words(line) == expected


def test_a_quote_that_does_not_end_is_a_gap_and_the_next_line_counts():
    [chain], [gap] = read({CONFIG: 'Host "a\nHost b\n  User eve\n'})
    assert (gap.kind, gap.place) == (GapKind.FAILED, "~/.ssh/config")
    assert "line 1" in gap.why
    assert effective(blocks(chain.settings), "b", "ada").login == "eve"


@pytest.mark.parametrize(
    ("name", "patterns", "meant"),
    [
        ("a.example.com", ("*.example.com",), True),
        ("a.example.com", ("*.example.com", "!a.*"), False),
        ("b", ("!a",), False),
        ("b", ("*", "!a"), True),
        ("ab", ("a?",), True),
        ("a[1]", ("a[1]",), True),
        ("a1", ("a[1]",), False),
        ("A", ("a",), False),
    ],
)
def test_a_pattern_means_what_openssh_means(name, patterns, meant):
    assert matches(name, patterns) is meant


def test_the_first_value_wins_and_key_files_add_up():
    found = resolve(
        "Host web\n User one\n IdentityFile ~/.ssh/a\nHost *\n User two\n IdentityFile ~/.ssh/b\n ForwardAgent yes\n",
        "web",
    )
    assert found.login == "one"
    assert found.word("forwardagent") == "yes"
    assert [each.first for each in found.all("identityfile")] == ["~/.ssh/a", "~/.ssh/b"]


@pytest.mark.parametrize("test", ["exec true", "user root", "final", "tagged x", "localnetwork 10.0.0.0/8"])
def test_a_test_that_we_do_not_make_holds_only_when_we_are_lenient(test):
    text = f"Match {test}\n User root\n"
    assert resolve(text, "web").login == "ada"
    assert resolve(text, "web", lenient=True).login == "root"


def test_a_match_that_fails_by_its_host_is_never_lenient():
    assert resolve('Match host other exec "true"\n User root\n', "web", lenient=True).login == "ada"


def test_an_include_stands_where_it_is_written_and_under_its_host():
    files = {
        CONFIG: "Host web\n  Include extra\nHost *\n  User late\n",
        "~/.ssh/extra": "User early\nHost db\n  User never\n",
    }
    [chain], gaps = read(files)
    assert gaps == []
    assert effective(blocks(chain.settings), "web", "ada").login == "early"
    assert effective(blocks(chain.settings), "db", "ada").login == "late"


def test_an_include_takes_wildcards_and_leaves_hidden_files_out():
    files = {
        CONFIG: "Include ~/.ssh/conf/*\n",
        "~/.ssh/conf/b": "User second\n",
        "~/.ssh/conf/a": "User first\n",
        "~/.ssh/conf/.a.swp": "User hidden\n",
    }
    [chain], _ = read(files)
    assert [each.first for each in chain.settings] == ["first", "second"]


def test_a_system_configuration_includes_beside_itself():
    files = {
        "/etc/ssh/ssh_config": "Include ssh_config.d/*.conf\n",
        "/etc/ssh/ssh_config.d/a.conf": "User shared\n",
    }
    [chain], _ = read(files)
    assert effective(blocks(chain.settings), "web", "ada").login == "shared"


def test_a_file_that_includes_itself_is_a_gap():
    [chain], [gap] = read({CONFIG: "Include config\nUser ada\n"})
    assert "includes itself" in gap.why
    assert len(chain.settings) == 1


def test_a_deep_chain_of_includes_ends_in_a_gap():
    files = {CONFIG: "Include c0\n"} | {f"~/.ssh/c{at}": f"User u{at}\nInclude c{at + 1}\n" for at in range(20)}
    [chain], [gap] = read(files)
    assert gap.kind is GapKind.LIMIT
    assert len(chain.settings) == 8


def test_a_bomb_of_includes_ends_in_a_gap():
    files = {CONFIG: "Include c0 c0 c0\n"} | {f"~/.ssh/c{at}": f"Include {f'c{at + 1} ' * 9}\n" for at in range(9)}
    _, gaps = read(files)
    assert "more than 100 included files" in {gap.why for gap in gaps}
    assert len(gaps) < 100


def test_an_include_may_not_list_the_whole_disk():
    _, [gap] = read({CONFIG: "Include /*/*/*/config\n"})
    assert gap.kind is GapKind.LIMIT


def test_too_many_settings_are_a_gap():
    [chain], [gap] = read({CONFIG: "User a\n" * 6000})
    assert gap.kind is GapKind.LIMIT
    assert len(chain.settings) == 5000


def test_a_file_that_nothing_includes_stands_apart():
    files = {
        CONFIG: "Include config.d/in\nHost web\n  IdentityFile ~/.ssh/a\n",
        "~/.ssh/config.d/in": "User first\n",
        "~/.ssh/config.d/out": "Host spare\n  IdentityFile ~/.ssh/b\n",
    }
    found, _ = read(files)
    assert [chain.spare for chain in found] == [False, True]
    told = hosts(files)
    assert [offer.confidence for offer in told["web"].offers] == [Confidence.INFERRED]
    assert [offer.confidence for offer in told["spare"].offers] == [Confidence.POSSIBLE]


def test_a_windows_configuration_is_found_under_any_case():
    files = {"C:/Users/ada/.SSH/Config": "Host web\n  User eve\n", "C:/ProgramData/ssh/ssh_config": "User late\n"}
    [chain], _ = read(files, Platform.WINDOWS)
    assert effective(blocks(chain.settings), "web", "ada").login == "eve"
    assert effective(blocks(chain.settings), "db", "ada").login == "late"


def test_a_locked_configuration_is_a_gap():
    _, [gap] = read({CONFIG: FakeFile(None)})
    assert gap.kind is GapKind.REFUSED


def test_jump_hosts_are_hosts_too():
    told = hosts({CONFIG: "Host web\n  ProxyJump ada@bastion:2222,[fe80::1]:22\nHost db\n  ProxyJump none\n"})
    assert set(told) == {"web", "bastion", "fe80::1", "db"}


def test_a_pattern_is_a_host_only_where_no_name_answers_to_it():
    told = hosts({CONFIG: "Host *.prod.example.com *.dev.example.com\n  IdentityFile ~/.ssh/k\n"}, "a.prod.example.com")
    assert set(told) == {"a.prod.example.com", "*.dev.example.com"}
    assert told["a.prod.example.com"].offers[0].confidence is Confidence.INFERRED
    assert told["*.dev.example.com"].offers[0].confidence is Confidence.POSSIBLE


def test_a_key_for_every_host_is_no_sign_that_any_trusts_it():
    told = hosts({CONFIG: "Host web\n  User eve\nHost *\n  IdentityFile ~/.ssh/shared\n  IdentityFile ~/.ssh/%h\n"})
    assert [(str(each.path), each.confidence.value) for each in told["web"].offers] == [
        ("/home/ada/.ssh/shared", "possible"),
        ("/home/ada/.ssh/web", "inferred"),
    ]


def test_a_match_that_may_hold_makes_a_second_way_to_the_host():
    host = FakeHost(
        files={CONFIG: "Match originalhost web exec x\n  HostName inner\n  IdentityFile ~/.ssh/k\nHost web\n"}
    )
    found = [each for each in chains(host) if isinstance(each, Chain)]
    told = [each for each in targets(host, found, []) if isinstance(each, Target)]
    assert [each.hostname for each in told] == ["web", "inner"]
    assert {offer.confidence for each in told for offer in each.offers} == {Confidence.POSSIBLE}


@pytest.mark.parametrize(
    ("hostname", "user", "asset"),
    [
        ("github.com", "", "git-host:github.com"),
        ("ssh.github.com", "git", "git-host:github.com"),
        ("GitLab.com.", "", "git-host:gitlab.com"),
        ("git.example.com", "git", "git-host:git.example.com"),
        ("git.example.com", "ada", "ssh-host:git.example.com"),
    ],
)
def test_a_code_host_is_told_from_a_server(hostname, user, asset):
    text = f"Host web\n  HostName {hostname}\n" + (f"  User {user}\n" if user else "")
    found = hosts({CONFIG: text})["web"].asset
    assert f"{found.kind}:{found.name}" == asset


def test_known_hosts_give_one_name_a_line_and_none_when_hashed():
    told = hosts(
        {},
        "10.0.0.1,web.example.com",
        "10.0.0.2",
        "[git.example.com]:2222,[10.0.0.3]:2222",
        "|1|CANARY=|CANARY=",
        "@revoked bad.example.com",
        "@cert-authority *.corp.example.com",
        "# note",
        "*",
        "!x.example.com,y.example.com",
        "bad\u202ename",
    )
    assert set(told) == {
        "web.example.com",
        "10.0.0.2",
        "git.example.com",
        "*.corp.example.com",
        "y.example.com",
    }


def test_five_hundred_hosts_are_enough():
    host = FakeHost(files={CONFIG: "Host " + " ".join(f"h{at}" for at in range(3000))})
    found = [each for each in chains(host) if isinstance(each, Chain)]
    *told, gap = targets(host, found, [])
    assert len(told) == 500
    assert gap.kind is GapKind.LIMIT


@pytest.mark.parametrize(
    ("text", "expected"),
    [("%d/%h%%", "/home/ada/web%"), ("${HOME}/x", "/home/ada/x"), ("%C", None), ("${OTHER}", None), ("%", "%")],
)
def test_tokens_are_filled_in_or_the_path_is_left(text, expected):
    assert expanded(text, {"%": "%", "d": "/home/ada", "h": "web", "HOME": "/home/ada"}) == expected


# What `ssh -G` says is the truth for hostname, user, identityfile and forwardagent. We differ on purpose in Match
# lines that start programs, test the user or ask for a second pass (see the tests above); none is made here.
ALIASES = ["web", "db.example.com", "Upper", "x"]
PATTERNS = st.lists(
    st.sampled_from(["web", "db.*", "*", "?", "!web", "!*.com", "UPPER", "Upper", "*.example.com", "x"]),
    min_size=1,
    max_size=3,
)
VALUES = st.sampled_from(
    [
        *("HostName real.example.com", "HostName=%h.internal", "HostName 10.0.0.1", "User ada", 'User "eve"'),
        *("IdentityFile ~/.ssh/a", "IdentityFile=~/.ssh/b", 'IdentityFile "/k/with space"', "IdentityFile /k/%h # c"),
        *("ForwardAgent yes", "ForwardAgent no", "forwardagent = yes", "  # nothing", "", "Port 2222"),
    ]
)
HEADS = st.one_of(
    PATTERNS.map(lambda words: "Host " + " ".join(words)),
    PATTERNS.map(lambda words: "Host=" + " ".join(words)),
    st.sampled_from(
        ["Match all", "Match originalhost web,x", "Match host *.com,!db.*", "Match !host web", "Match host web"]
    ),
)
BLOCKS = st.lists(st.tuples(HEADS, st.lists(VALUES, max_size=4)), max_size=5)


@settings(max_examples=80)
@given(st.lists(VALUES, max_size=2), BLOCKS, st.sampled_from(ALIASES))
def test_what_holds_for_a_host_is_what_ssh_says(tmp_path, first, blocks, alias):
    text = "\n".join([*first, *(line for head, lines in blocks for line in [head, *lines])]) + "\n"
    path = tmp_path / "config"
    path.write_text(text)
    asked = subprocess.run(["ssh", "-G", "-F", str(path), alias], capture_output=True, text=True, check=True).stdout
    truth = [line.split(" ", 1) for line in asked.splitlines()]
    user = getpass.getuser()
    ours = resolve(text, alias, user=user)
    assert ours.hostname.lower() == dict(truth)["hostname"]
    assert ours.login == dict(truth)["user"]
    assert (ours.word("forwardagent") or "no") == dict(truth)["forwardagent"]
    assert identity_files(ours) == [value for name, value in truth if name == "identityfile"]


def identity_files(found: Effective):
    named = list(dict.fromkeys(each.first for each in found.all("identityfile")))
    return named or [f"~/.ssh/{name}" for name in DEFAULT_NAMES]


SHREDS = st.sampled_from(
    [
        *("Host ", "Match ", "Include ", "IdentityFile ", "HostName ", "ProxyJump ", "ControlPath ", "exec ", "host "),
        *("*", "?", "!", "[", "]", '"', "'", "\\", "=", " ", "\n", "#", "%h", "%", "%%", "${X}", "${", "~", "~/", "/"),
        *("a", "config", "é", "\0", "C:", "all", "final", ",", "@", ":", "\r", "\x85"),
    ]
)


@example("Include config", Platform.LINUX)
@example("IdentityFile C:x:y", Platform.WINDOWS)
@given(st.lists(SHREDS, max_size=25).map("".join), st.sampled_from(Platform))
def test_no_configuration_breaks_the_reader(text, platform):
    host: Host = FakeHost(platform, {CONFIG: text, "~/.ssh/config.d/a": text})
    found = [each for each in chains(host) if isinstance(each, Chain)]
    for chain in found:
        for setting in chain.settings:
            assert isinstance(setting, Setting)
    list(targets(host, found, []))


@given(st.lists(st.sampled_from(["a", "\\", '"', "'", " ", "#", "\t"]), max_size=12).map("".join))
def test_words_are_split_or_refused(text):
    try:
        words = split_words(text)
    except Unbalanced:
        return
    assert all(isinstance(word, str) for word in words)


@given(
    st.lists(st.sampled_from(["a", ",", " ", "[", "]", ":", "|1|", "@", "\n", "*", "é", "=", "\0"]), max_size=30).map(
        "".join
    )
)
def test_no_known_hosts_file_breaks_the_reader(text):
    place = Place(HOMES[Platform.LINUX], FileKind.FILE)
    for known in known_names(TextFile(HOMES[Platform.LINUX], text, place)):
        assert known.name.isascii()


@pytest.mark.parametrize(
    ("text", "more", "looked"),
    [
        ("Host *\n    SendEnv LANG LC_*\n    HashKnownHosts yes\n", {}, False),
        ("Include /etc/ssh/ssh_config.d/*.conf\nHost *\n    SendEnv LANG\n", {}, False),
        ("Include /etc/ssh/ssh_config.d/*.conf\n", {"/etc/ssh/ssh_config.d/50-team.conf": "Host a\n"}, True),
        ("IdentityFile /srv/keys/team\n", {}, True),
        ("Host build\n    HostName build.example.com\n", {}, True),
        ("  controlpath /tmp/%h\n", {}, True),
    ],
)
def test_the_machine_wide_configuration_alone_is_read_on_where_it_says_something(text, more, looked):
    from probes.ssh.look import _anything

    assert _anything(FakeHost(files={"/etc/ssh/ssh_config": text, **more})) is looked
