"""Codex's settings broken, locked, wrongly typed, huge and hostile: never an error, never a safer answer, no secret."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.codex import look
from scanner.host import FileKind, Host, Process
from scanner.model import AgentSeen, Channel, Gap, GapKind, Gate, Platform, SettingSeen
from scanner.testing import FakeFile, FakeHost
from scanner.tokens import token

WORK = "/home/ada/src/billing"
CONFIG = "~/.codex/config.toml"
RULES = "~/.codex/rules/default.rules"
OWN = f"{WORK}/.codex/config.toml"
REQUIRED = "/etc/codex/requirements.toml"
MANAGED = "/etc/codex/managed_config.toml"
GIT = {f"{WORK}/.git/HEAD": ""}
TRUST = f'[projects."{WORK}"]\ntrust_level = "trusted"\n'
YOLO = 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
SERVER = '[mcp_servers.gh]\ncommand = "gh-mcp"\n'


def seen(files, platform=Platform.LINUX, **more):
    made = FakeHost(platform, {"~/.codex/auth.json": "{}", **GIT, **files}, **{"workspace": WORK, **more})
    return list(look.seen(Host(made.machine, made.vault, frozenset(look.READS))))


def policy(observations):
    [found] = [each for each in observations if isinstance(each, AgentSeen)]
    return found.policy


def gaps(observations):
    return [each for each in observations if isinstance(each, Gap)]


def gates(observations, *channels):
    return {
        ruling.gate
        for tool in policy(observations).tools
        if not channels or tool.channel in channels
        for ruling in (tool.otherwise, *(rule.ruling for rule in tool.rules))
    }


STOPS = [
    'approval_policy = "bogus"',
    "approval_policy = 1",
    "approval_policy = { granular = { sandbox_approval = true } }",
    "approval_policy = { granular = { sandbox_approval = true, rules = 1, mcp_elicitations = true } }",
    "approval_policy = { reject = { sandbox_approval = true, rules = true, mcp_elicitations = true } }",
    'sandbox_mode = "bogus"',
    "sandbox_mode = true",
    'approvals_reviewer = "nobody"',
    'web_search = "on"',
    'profile = "p"',
    '[sandbox_workspace_write]\nnetwork_access = "true"',
    '[sandbox_workspace_write]\nwritable_roots = "/srv"',
    "[sandbox_workspace_write]\nwritable_roots = [1]",
    '[shell_environment_policy]\ninherit = "some"',
    '[shell_environment_policy]\nexclude = "A"',
    '[shell_environment_policy]\nignore_default_excludes = "no"',
    'default_permissions = "nope"',
    'default_permissions = ":nope"',
    '[permissions.mine.filesystem]\n":root" = "read"',
    'default_permissions = "mine"\n[permissions.mine.filesystem]\n":root" = "zzz"',
    'default_permissions = "mine"\n[permissions.mine]\nextends = "mine"',
    'default_permissions = "mine"\n[permissions.mine]\nextends = ":danger-full-access"',
    'default_permissions = "mine"\n[permissions.mine]\nextends = "gone"',
    '[mcp_servers.a]\nenv = { A = "b" }',
    '[mcp_servers.a]\ncommand = "x"\nurl = "https://example.com"',
    '[mcp_servers.a]\nurl = "https://example.com"\nbearer_token = "CANARY"',
    '[mcp_servers.a]\ncommand = "x"\ndefault_tools_approval_mode = "yes"',
    '[mcp_servers.a]\ncommand = "x"\n[mcp_servers.a.tools.t]\napproval_mode = "yes"',
    f'[projects."{WORK}"]\ntrust_level = "maybe"',
]


@pytest.mark.parametrize("text", STOPS)
def test_a_value_that_stops_codex_is_a_gap_and_leaves_nothing_certain(text):
    observations = seen({CONFIG: text + "\n"})
    [gap, *_] = gaps(observations)
    assert gap.kind is GapKind.FAILED
    assert gap.place.startswith("~/.codex/config.toml, line ")
    assert "does not start" in gap.why
    assert gates(observations) == {Gate.UNKNOWN}
    assert "CANARY" not in repr(observations)


def test_a_lower_layers_bad_value_does_not_stop_it_where_a_higher_one_is_good():
    observations = seen({CONFIG: 'approval_policy = "on-request"', "/etc/codex/config.toml": 'approval_policy = "zzz"'})
    assert gaps(observations) == []
    assert Gate.PROMPT in gates(observations)


@pytest.mark.parametrize("path", [CONFIG, REQUIRED, MANAGED, "/etc/codex/config.toml"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("approval_policy = \n[x", GapKind.FAILED),
        ("a = 1\na = 2\n", GapKind.FAILED),
        (None, GapKind.REFUSED),
        (b"\xff\xfea", GapKind.FAILED),
        ("# " + "x" * 1_100_000, GapKind.LIMIT),
        (FakeFile(kind=FileKind.PIPE), GapKind.REFUSED),
    ],
)
def test_a_file_that_cannot_be_read_is_a_gap_and_leaves_nothing_certain(path, content, kind):
    observations = seen({path: content})
    assert kind in {each.kind for each in gaps(observations)}
    assert gates(observations) == {Gate.UNKNOWN}


def test_of_a_broken_file_the_rest_stands_in():
    observations = seen({CONFIG: YOLO + "[broken\n"})
    assert {each.otherwise.stand_in for each in policy(observations).tools} == {Gate.NONE}


def test_what_the_owner_requires_cannot_be_broken_into_nothing():
    for text in (
        'allowed_approval_policies = ["bogus"]',
        'allowed_sandbox_modes = ["workspace-write"]',
        'allowed_permission_profiles = ["x"]',
    ):
        observations = seen({CONFIG: "", REQUIRED: text})
        assert "requirements.toml" in gaps(observations)[0].place
        assert gates(observations) == {Gate.UNKNOWN}
    bad = '[[rules.prefix_rules]]\npattern = [{ token = "git" }]\ndecision = "allow"\n'
    assert gaps(seen({CONFIG: "", REQUIRED: bad}))


@pytest.mark.parametrize("content", ["prefix_rule(pattern=[", "x = 1", None, FakeFile(kind=FileKind.PIPE)])
def test_rules_that_cannot_be_read_leave_commands_unsure_and_nothing_else(content):
    observations = seen({CONFIG: YOLO, RULES: content})
    assert gaps(observations)
    assert gates(observations, Channel.EXECUTE) == {Gate.UNKNOWN}
    assert gates(observations, Channel.WRITE) == {Gate.NONE}


HOSTILE = [
    YOLO,
    TRUST + YOLO,
    "broken [",
    'approval_policy = "bogus"',
    '[mcp_servers.x]\ncommand = "sh"\ndefault_tools_approval_mode = "approve"',
    FakeFile(None),
    FakeFile(kind=FileKind.PIPE),
    "x" * 3_000_000,
]


@pytest.mark.parametrize("trust", ["", TRUST.replace('"trusted"', '"untrusted"')], ids=["no word", "untrusted"])
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_an_untrusted_repositorys_folder_changes_nothing_and_is_told(trust, text):
    files = {CONFIG: trust}
    hostile = {OWN: text, f"{WORK}/.codex/rules/a.rules": 'prefix_rule(pattern=["sh"])'}
    found = seen({**files, **hostile})
    ignored = [each for each in found if isinstance(each, SettingSeen) and each.scope == "project"]
    assert [each for each in found if each not in ignored] == seen(files)
    assert {".codex/config.toml", ".codex/rules"} <= {each.key for each in ignored}
    assert {each.value for each in ignored} == {"ignored until the project is trusted"}


def test_a_trusted_projects_settings_may_not_lead_out_of_it():
    for name in ("config.toml", "rules/a.rules"):
        files = {CONFIG: TRUST, f"{WORK}/.codex/{name}": FakeFile(link="/home/ada/other"), "/home/ada/other": YOLO}
        [gap] = gaps(seen(files))
        assert (gap.kind, gap.why) == (GapKind.REFUSED, "a link out of the project")


SECRETS = [
    f'model = "CANARY"\n[mcp_servers.a]\ncommand = "x"\nargs = ["CANARY"]\nenv = {{ TOKEN = "CANARY" }}\n{TRUST}',
    'approval_policy = "CANARY"',
    'sandbox_mode = "CANARY"',
    'default_permissions = "CANARY"',
    'notify = ["CANARY"]',
    '[shell_environment_policy]\nset = { A = "CANARY" }\nfilters = { x = "CANARY" }',
    '[mcp_servers.a]\nurl = "https://CANARY@example.com"\nbearer_token = "CANARY"',
    '[windows]\nsandbox = "CANARY"',
    'broken = "CANARY',
    'profile = "CANARY"',
]


@pytest.mark.parametrize("text", SECRETS)
def test_no_value_is_shown(text):
    observations = seen({CONFIG: text, REQUIRED: 'allowed_approval_policies = ["CANARY"]'})
    assert "CANARY" not in repr(observations)
    assert any(isinstance(each, AgentSeen) for each in observations)


def test_a_name_that_is_a_secret_is_not_shown():
    key = token("github-classic", "seed")
    text = (
        f'default_permissions = "{key}"\n[permissions.{key}.filesystem]\n":root" = "read"\n'
        f'[mcp_servers.{key}]\ncommand = "x"\ndefault_tools_approval_mode = "prompt"\n'
    )
    observations = seen({CONFIG: text})
    assert policy(observations).mode == "on-request, *"
    for each in policy(observations).tools:
        for rule in each.rules:
            assert key not in rule.ruling.rule
            assert key not in repr(rule.ruling.evidence)
    assert key not in repr([each for each in observations if not isinstance(each, AgentSeen)])


def test_no_word_of_a_command_line_is_shown():
    for words in (
        ["-c", "approval_policy=CANARY"],
        ["-p", "CANARY"],
        ["CANARY"],
        ["-c", "model_providers.x.key=CANARY"],
    ):
        observations = seen({CONFIG: ""}, processes=[Process(7, 1, "codex", ("codex", *words))])
        assert "CANARY" not in repr(observations)


def test_settings_of_odd_types_are_no_settings():
    observations = seen(
        {CONFIG: "sandbox_workspace_write = 1\nmcp_servers = 2\npermissions = 3\nprojects = []\napps = ''\n"}
    )
    assert policy(observations).mode == "on-request, workspace-write"


def test_thousands_of_servers_and_folders_are_bounded():
    text = "".join(f'[mcp_servers.s{number}]\ncommand = "x"\n' for number in range(1_500))
    assert len(policy(seen({CONFIG: text})).tools[-1].rules) == 1_500


KEYS = (
    *("approval_policy", "sandbox_mode", "default_permissions", "profile", "web_search", "approvals_reviewer"),
    *("granular", "extends", "inherit", "set", "exclude", "writable_roots", "network_access", "trust_level"),
    *("command", "tools", "pattern", "decision", "[permissions.mine.filesystem]", "[permissions.mine]"),
    *("[mcp_servers.a]", "[shell_environment_policy]", "[sandbox_workspace_write]", f'[projects."{WORK}"]'),
    *("[apps.x]", "[[rules.prefix_rules]]"),
)
VALUES = [
    '"never"',
    '"mine"',
    '"on-request"',
    "true",
    "1",
    "[]",
    '["a", 1]',
    "{}",
    "{ a = 1 }",
    '"~/../\\u0000"',
    '":root"',
    '"core"',
    '""',
    "nan",
    "1979-05-27",
    '"\\ud800"',
    "{ granular = { rules = true } }",
    '"*"',
    '"["',
]
SHREDS = st.one_of(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES)).map(lambda pair: f"{pair[0]} = {pair[1]}\n"),
    st.sampled_from([key + "\n" for key in KEYS if key.startswith("[")]),
    st.sampled_from(["=", "[", "]", '"', "\n", "é", "\0", "'", "#", ".", ",", "{"]),
)


@example("", "[permissions.mine]\n")
@given(st.lists(SHREDS, max_size=12).map("".join), st.lists(SHREDS, max_size=6).map("".join))
def test_no_settings_break_it(text, more):
    for platform, work in ((Platform.LINUX, WORK), (Platform.WINDOWS, "C:/w"), (Platform.MACOS, "/w")):
        files = {CONFIG: text, REQUIRED: more, OWN: more, "C:/ProgramData/OpenAI/Codex/config.toml": more}
        if platform is Platform.WINDOWS:
            files = {path: content for path, content in files.items() if not path.startswith("/")}
        elif platform is Platform.MACOS:
            files = {path: content for path, content in files.items() if not path.startswith("C:")}
        made = FakeHost(platform, files, workspace=work)
        found = list(look.seen(Host(made.machine, made.vault, frozenset(look.READS))))
        assert len([each for each in found if isinstance(each, AgentSeen)]) == 1


WORDS = st.sampled_from(
    (
        *[
            "-c",
            "-s",
            "-a",
            "-p",
            "-P",
            "-C",
            "--add-dir",
            "--yolo",
            "exec",
            "--",
            "x=y",
            "=",
            "a.b.c=[",
            "-cx",
            "--config=",
        ],
        *["never", "danger-full-access", "", "\0", "../..", "sandbox_mode.x=1", '"', "é", "\ud800"],
    )
)


@given(st.lists(WORDS, max_size=8))
def test_no_command_line_breaks_it(words):
    observations = seen({CONFIG: ""}, processes=[Process(7, 1, "codex", ("codex", *words))])
    assert policy(observations) is not None


def test_a_setting_is_told_once():
    found = [each for each in seen({CONFIG: YOLO + SERVER}) if isinstance(each, SettingSeen)]
    assert len(found) == len({each.key for each in found})
