"""What the facts say of Codex and no other table has: settings in, gates out. The ids name the section of the facts.

`m` stands for what was measured on 0.169.0.
"""

import json

import pytest
from msgspec import Struct

from probes.agents.codex.project import BARRED
from scanner.host import FileKind, Process
from scanner.model import Channel, Evidence, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.testing import FakeFile
from tests.probes.test_agents_codex import (
    ASK,
    CONFIG,
    DISTRUST,
    GIT,
    IN,
    MANAGED,
    MODEL,
    NO,
    NONE,
    OUT,
    OWN,
    REQUIRED,
    RULES,
    SERVER,
    SYSTEM,
    TRUST,
    UNSURE,
    WORK,
    WRITES,
    YOLO,
    Case,
    agent,
    seen,
    tool,
    user,
)

HOOKS, OWN_HOOKS, SYSTEM_HOOKS = "~/.codex/hooks.json", f"{WORK}/.codex/hooks.json", "/etc/codex/hooks.json"
OWN_RULES = f"{WORK}/.codex/rules/x.rules"
HOME = "/home/ada"
SAYS_YES = "echo '{behavior: allow}'"


def only(observations, kind):
    return [each for each in observations if isinstance(each, kind)]


def weak(files, **more):
    return [(each.rule, each.evidence) for each in only(seen(files, **more), Weakness)]


# --- hooks: PermissionRequest answers before a person or a model; m


def toml_hook(event="PermissionRequest", command="./check"):
    return f'[[hooks.{event}]]\n[[hooks.{event}.hooks]]\ntype = "command"\ncommand = "{command}"\n'


def json_hook(event="PermissionRequest", command="./check"):
    return json.dumps({"hooks": {event: [{"hooks": [{"type": "command", "command": command}]}]}})


def read_once(path, *, more="", at="0:0"):
    return f'[hooks.state."{path}:permission_request:{at}"]\ntrusted_hash = "sha256:00"\n{more}'


OF_USER, OF_PROJECT = read_once(f"{HOME}/.codex/config.toml"), read_once(OWN)
BY_USER = "a hook for PermissionRequest of user settings answers first"


class Answered(Struct, frozen=True):
    """Files, and what stands before a command outside of the sandbox: the gate, what it counts as, the place."""

    id: str
    files: dict
    gate: Gate
    effective: Gate
    where: str = ""
    words: tuple[str, ...] = ()


ANSWERED = [
    Answered("m not read by anybody it does not run", user(toml_hook()), ASK, ASK),
    Answered("m read, it answers", user(toml_hook() + OF_USER), UNSURE, ASK, CONFIG[1:]),
    Answered("m and may say yes", user(toml_hook(command=SAYS_YES) + OF_USER), UNSURE, NONE, CONFIG[1:]),
    Answered(
        "m a file of its own",
        user(read_once(f"{HOME}/.codex/hooks.json"), **{HOOKS: json_hook(command=SAYS_YES)}),
        UNSURE,
        NONE,
        HOOKS[1:],
    ),
    Answered("m the word on another file is none on it", user(OF_USER, **{HOOKS: json_hook()}), ASK, ASK),
    Answered(
        "m the word on another hook is none on it",
        user(toml_hook() + read_once(f"{HOME}/.codex/config.toml", at="1:0")),
        ASK,
        ASK,
    ),
    Answered("m switched off", user(toml_hook() + OF_USER + "enabled = false\n"), ASK, ASK),
    Answered("m hooks switched off", user(f"[features]\nhooks = false\n{toml_hook()}{OF_USER}"), ASK, ASK),
    Answered("another moment answers nothing", user(toml_hook("PreToolUse", SAYS_YES) + OF_USER), ASK, ASK),
    Answered(
        "m before a model too", user(f'approvals_reviewer = "auto_review"\n{toml_hook()}{OF_USER}'), UNSURE, MODEL
    ),
    Answered("m never asks it neither", user(f'approval_policy = "never"\n{toml_hook()}{OF_USER}'), NO, NO),
    Answered("m a trusted project's, not read", {**user(""), OWN: toml_hook()}, ASK, ASK),
    Answered("m a trusted project's, read once", {**user(OF_PROJECT), OWN: toml_hook()}, UNSURE, NONE, OWN),
    Answered(
        "m a trusted project's file of hooks",
        {**user(read_once(OWN_HOOKS)), OWN_HOOKS: json_hook()},
        UNSURE,
        NONE,
        OWN_HOOKS,
    ),
    Answered("m a project has no word on its own", {**user(""), OWN: toml_hook() + OF_PROJECT}, ASK, ASK),
    Answered(
        "m without trust on record it is not even read", {**user(OF_PROJECT, trusted=False), OWN: toml_hook()}, ASK, ASK
    ),
    Answered(
        "3.8 the system's need no reading", {**user(""), SYSTEM: toml_hook(command=SAYS_YES)}, UNSURE, NONE, SYSTEM
    ),
    Answered("3.8 nor in its file of hooks", {**user(""), SYSTEM_HOOKS: json_hook()}, UNSURE, ASK, SYSTEM_HOOKS),
    Answered("3.2 nor the owner's", {**user(""), REQUIRED: toml_hook(command=SAYS_YES)}, UNSURE, NONE, REQUIRED),
    Answered(
        "3.2 the owner's alone",
        {**user(toml_hook(command=SAYS_YES) + OF_USER), REQUIRED: "allow_managed_hooks_only = true\n"},
        ASK,
        ASK,
    ),
    Answered(
        "a broken file of hooks is passed over, whole as its hook is",
        user(read_once(f"{HOME}/.codex/hooks.json"), **{HOOKS: json_hook(command=SAYS_YES) + "}"}),
        ASK,
        ASK,
    ),
    Answered("half a file of hooks is passed over", user(OF_USER, **{HOOKS: '{"hooks": {"Permission'}), ASK, ASK),
]


@pytest.mark.parametrize("case", ANSWERED, ids=lambda case: case.id)
def test_a_hook_answers_in_the_place_of_a_person(case):
    found = agent(seen(case.files))
    for name, target in ((OUT, "make"), ("apply_patch", "/etc/x"), (OUT, "rm -rf x")):
        ruling = tool(found, name).decide(target)
        assert (ruling.gate, ruling.effective) == (case.gate, case.effective), (name, target)
    ruling = tool(found, OUT).decide("make")
    assert ("answers first" in ruling.rule) is (case.gate is UNSURE)
    if case.where:
        assert str(ruling.evidence.path).endswith(case.where)
        assert ruling.evidence.key == "hooks.PermissionRequest"
        assert ruling.evidence.line


def test_m_a_hook_answers_for_rules_and_servers_and_lifts_no_prohibition():
    rules = 'prefix_rule(pattern=["aws"], decision="prompt")\nprefix_rule(pattern=["curl"], decision="forbidden")\n'
    text = SERVER + 'default_tools_approval_mode = "prompt"\n' + toml_hook(command=SAYS_YES) + OF_USER
    found = agent(seen(user(text, **{RULES: rules})))
    assert [tool(found, IN).decide(each).effective for each in ("aws s3 ls", "curl x", "make")] == [NONE, NO, NONE]
    assert tool(found, "MCP tools").decide("gh/x").effective is NONE


def test_m_an_option_has_hooks_run_that_nobody_read():
    files = user(toml_hook(command=SAYS_YES))
    for words, wanted in ((["--dangerously-bypass-hook-trust"], NONE), ([], ASK)):
        found = agent(seen(files, processes=(Process(7, 1, "codex", ("codex", *words)),)))
        assert tool(found, OUT).decide("make").effective is wanted


def test_a_file_of_hooks_that_is_not_read_in_full_leaves_nothing_certain():
    found = seen(user("", **{HOOKS: " " * 1_100_000 + json_hook()}))
    assert GapKind.LIMIT in {each.kind for each in only(found, Gap)}
    assert tool(agent(found), OUT).decide("make").gate is UNSURE
    whole = seen(user("", **{HOOKS: "{"}))
    assert [each.kind for each in only(whole, Gap)] == [GapKind.FAILED]
    assert tool(agent(whole), OUT).decide("make").gate is ASK


TOLD_HOOKS = {
    "the user's, not read": (user(toml_hook("Stop")), "1 entry, which run once you have read them", "user"),
    "the user's, read": (user(toml_hook() + OF_USER), "1 entry", "user"),
    "the system's": ({**user(""), SYSTEM: toml_hook("Stop")}, "1 entry", "system"),
    "a trusted project's": (
        {**user(""), OWN_HOOKS: json_hook("SessionStart")},
        "1 entry, which run once you have read them",
        "project",
    ),
    "an untrusted project's": (
        {**GIT, CONFIG: DISTRUST, OWN: toml_hook()},
        "ignored until the project is trusted",
        "project",
    ),
}


@pytest.mark.parametrize("name", TOLD_HOOKS)
def test_3_8_hooks_are_told(name):
    files, value, scope = TOLD_HOOKS[name]
    [told] = [each for each in only(seen(files), SettingSeen) if each.key == "hooks"]
    assert (told.value, told.scope) == (value, scope)
    assert told.evidence.line


# --- what a trusted project gives is told, with its place; what it says in vain is told too

GIVEN = {
    "sandbox_mode": (OWN, 'sandbox_mode = "danger-full-access"', "sandbox_mode", {"agent.asks-nothing"}),
    "a profile": (OWN, 'default_permissions = ":danger-full-access"', "default_permissions", {"agent.asks-nothing"}),
    "approval never": (OWN, 'approval_policy = "never"', "approval_policy", set()),
    "a model for a person": (OWN, 'approvals_reviewer = "auto_review"', "approvals_reviewer", set()),
    "network": (
        OWN,
        "[sandbox_workspace_write]\nnetwork_access = true",
        "sandbox_workspace_write.network_access",
        set(),
    ),
    "further folders": (
        OWN,
        '[sandbox_workspace_write]\nwritable_roots = ["/srv"]',
        "sandbox_workspace_write.writable_roots",
        set(),
    ),
    "a live search": (OWN, 'web_search = "live"', "web_search", set()),
    "a server": (OWN, SERVER, "mcp_servers.gh", set()),
    "an approved app": (OWN, '[apps.mail]\ndefault_tools_approval_mode = "approve"', "apps.mail", set()),
    "a plugin": (OWN, "[plugins.x]\nenabled = true", "plugins.x", set()),
    "a rule": (OWN_RULES, 'prefix_rule(pattern=["make"], decision="allow")', "prefix_rule", set()),
}


@pytest.mark.parametrize("name", GIVEN)
def test_13_3_what_a_trusted_project_gives_is_a_weakness_with_its_place(name):
    path, text, key, more = GIVEN[name]
    found = dict(weak({**user(""), path: text}))
    assert set(found) == {"agent.rights-from-repository"} | more
    place = found["agent.rights-from-repository"]
    assert (str(place.path), place.key) == (path, key)
    assert place.line
    values = [each.value for each in only(seen({**user(""), path: text}), SettingSeen)]
    assert not any("ignored" in value for value in values)
    assert weak({**GIT, CONFIG: DISTRUST, path: text}) == []
    assert weak({**user("", trusted=False), path: text}) == []


SAME_OR_LESS = {
    "read-only": 'sandbox_mode = "read-only"',
    "what holds anyway": 'sandbox_mode = "workspace-write"\napproval_policy = "on-request"',
    "asks more": 'approval_policy = "untrusted"\napprovals_reviewer = "user"\nweb_search = "disabled"',
    "a profile that only reads": 'default_permissions = ":read-only"',
    "no network": "[sandbox_workspace_write]\nnetwork_access = false\nwritable_roots = []",
    "a server that is off": SERVER + "enabled = false\n",
    "a model": 'model = "x"\nmodel_reasoning_effort = "high"',
    "variables held back": '[shell_environment_policy]\ninherit = "core"',
    "hooks that nobody read": toml_hook(),
}


@pytest.mark.parametrize("name", SAME_OR_LESS)
def test_a_project_that_gives_nothing_is_no_weakness(name):
    assert weak({**user(""), OWN: SAME_OR_LESS[name]}) == []


def test_a_rule_of_a_project_that_holds_back_is_no_weakness():
    for decision in ("prompt", "forbidden"):
        assert weak({**user(""), OWN_RULES: f'prefix_rule(pattern=["make"], decision="{decision}")'}) == []


def test_what_the_user_says_too_is_not_given_by_the_project():
    text = 'approval_policy = "never"\nweb_search = "live"\n[sandbox_workspace_write]\nnetwork_access = true\n'
    assert weak({**user(text), OWN: text}) == []
    profile = 'default_permissions = ":workspace"\n'
    assert weak({**user(profile), OWN: profile}) == []
    assert weak({**user(""), OWN: text, MANAGED: text + WRITES}) == [], "what the owner says counts in its place"


def test_a_project_that_hands_on_what_the_user_holds_back_is_a_weakness():
    held = '[shell_environment_policy]\ninherit = "core"\n'
    [(rule, place)] = weak({**user(held), OWN: '[shell_environment_policy]\ninherit = "all"\n'})
    assert (rule, place.key) == ("agent.rights-from-repository", "shell_environment_policy.inherit")
    assert weak({**user(""), OWN: '[shell_environment_policy]\ninherit = "all"\n'}) == []


def test_a_project_s_hook_that_answers_is_a_weakness():
    [(rule, place)] = weak({**user(OF_PROJECT), OWN: toml_hook()})
    assert (rule, place.key) == ("agent.rights-from-repository", "hooks.PermissionRequest")


def test_x8_a_project_that_is_trusted_by_itself_gives_too():
    found = dict(weak({**user(WRITES, trusted=False), OWN: YOLO}))
    assert found["agent.rights-from-repository"].key == "sandbox_mode"


IGNORED = {
    OWN: ("x = 1", ".codex/config.toml"),
    OWN_HOOKS: ("{}", ".codex/hooks.json"),
    OWN_RULES: ('prefix_rule(pattern=["x"])', ".codex/rules"),
}


@pytest.mark.parametrize("path", IGNORED)
@pytest.mark.parametrize("record", ["", DISTRUST], ids=["nothing on record", "untrusted"])
def test_3_2_what_an_untrusted_project_brings_is_told_as_ignored(path, record):
    text, key = IGNORED[path]
    for content in (text, text[: len(text) // 2], "\0", None, FakeFile(kind=FileKind.PIPE)):
        told = [
            each for each in only(seen({**GIT, CONFIG: record, path: content}), SettingSeen) if each.scope == "project"
        ]
        assert [(each.key, each.value) for each in told] == [(key, "ignored until the project is trusted")]
        assert str(told[0].evidence.path) == path
    assert [each for each in only(seen({**GIT, CONFIG: record}), SettingSeen) if each.scope == "project"] == []


@pytest.mark.parametrize("key", sorted(BARRED))
def test_3_2_what_no_project_may_set_is_told_as_ignored(key):
    quiet, loud = seen(user(WRITES)), seen({**user(WRITES), OWN: f'{key} = "x"\n'})
    [told] = [each for each in only(loud, SettingSeen) if each.scope == "project"]
    assert (told.key, told.value) == (key, "ignored in a project")
    assert told.evidence == Evidence(told.evidence.path, 1, key)
    assert agent(loud) == agent(quiet)


def test_the_user_s_own_folder_is_nobody_s_project():
    files = {CONFIG: YOLO + f'[projects."{HOME}"]\ntrust_level = "trusted"\n', RULES: 'prefix_rule(pattern=["x"])'}
    found = seen(files, workspace=HOME)
    assert [each.rule for each in only(found, Weakness)] == ["agent.asks-nothing"]
    assert [each for each in only(found, SettingSeen) if each.scope == "project"] == []


# --- nobody asks

UNASKED = {
    "m never and full access": (YOLO, True),
    "m full access on request": ('sandbox_mode = "danger-full-access"\n', True),
    "a profile of full access": ('default_permissions = ":danger-full-access"\n', True),
    "full access that asks": ('sandbox_mode = "danger-full-access"\napproval_policy = "untrusted"\n', False),
    "never in a sandbox": ('approval_policy = "never"\n' + WRITES, False),
    "nothing": ("", False),
}


@pytest.mark.parametrize("name", UNASKED)
def test_3_4_an_agent_that_asks_nothing_is_a_weakness(name):
    text, told = UNASKED[name]
    assert [rule for rule, _ in weak(user(text))] == (["agent.asks-nothing"] if told else [])
    running = (Process(7, 1, "codex", ("codex", "--yolo")),)
    assert [rule for rule, _ in weak(user(""), processes=running)] == ["agent.asks-nothing"]


# --- single rules

DECIDED = [
    Case(
        "3.2 an address that the owner lists",
        {
            **user('[mcp_servers.web]\nurl = "https://mcp.example.com/x"\n'),
            REQUIRED: '[mcp_servers.web.identity]\nurl = "https://mcp.example.com/x"',
        },
        (("MCP tools", "web/get", UNSURE, ""),),
    ),
    Case(
        "3.2 another address than the owner lists",
        {
            **user('[mcp_servers.web]\nurl = "https://mcp.example.com/x"\n'),
            REQUIRED: '[mcp_servers.web.identity]\nurl = "https://mcp.example.org/x"',
        },
        (("MCP tools", "web/get", NO, REQUIRED),),
    ),
    Case(
        "3.3 a streamable address",
        user(
            '[mcp_servers.web]\nurl = "https://x.example.com"\nbearer_token_env_var = "T"\n'
            'default_tools_approval_mode = "approve"\n'
        ),
        (("MCP tools", "web/get", NONE, CONFIG[1:]),),
    ),
    Case(
        "3.3 a plugin's servers",
        user(
            '[plugins."x@m"]\nenabled = true\n'
            '[plugins."x@m".mcp_servers.db]\ndefault_tools_approval_mode = "approve"\ndisabled_tools = ["drop"]\n'
            '[plugins."x@m".mcp_servers.db.tools.read]\napproval_mode = "prompt"\n'
            '[plugins."x@m".mcp_servers.web]\nenabled = false\n'
        ),
        (
            ("MCP tools", "db/write", NONE, CONFIG[1:]),
            ("MCP tools", "db/read", ASK, CONFIG[1:]),
            ("MCP tools", "db/drop", NO, CONFIG[1:]),
            ("MCP tools", "web/x", NO, CONFIG[1:]),
            ("MCP tools", "other/x", UNSURE, ""),
        ),
    ),
    Case(
        "3.3 a plugin that is off has no word",
        user('[plugins.x]\nenabled = false\n[plugins.x.mcp_servers.db]\ndefault_tools_approval_mode = "approve"\n'),
        (("MCP tools", "db/write", UNSURE, ""),),
    ),
    Case(
        "3.3 the word on one's own server goes before a plugin's",
        user(
            SERVER
            + 'default_tools_approval_mode = "prompt"\n'
            + '[plugins.x.mcp_servers.gh]\ndefault_tools_approval_mode = "approve"\n'
        ),
        (("MCP tools", "gh/x", ASK, CONFIG[1:]),),
    ),
    Case(
        "3.3 what an app calls destructive is no rule of ours",
        user("[apps.mail]\ndestructive_enabled = true\nopen_world_enabled = true\n"),
        (("MCP tools", "mail/send", UNSURE, ""),),
    ),
    Case(
        "3.4 granular with all its keys",
        user(
            "approval_policy = { granular = { sandbox_approval = true, rules = false, mcp_elicitations = true, "
            "skill_approval = false, request_permissions = false } }\n" + SERVER,
            **{RULES: 'prefix_rule(pattern=["git"], decision="prompt")'},
        ),
        ((OUT, "make", ASK, CONFIG[1:]), (IN, "git x", NO, RULES[1:]), ("MCP tools", "gh/x", UNSURE, "")),
    ),
    Case(
        "3.4 a guardian answers for rules too",
        user(
            'approvals_reviewer = "guardian_subagent"\n', **{RULES: 'prefix_rule(pattern=["aws"], decision="prompt")'}
        ),
        ((IN, "aws x", MODEL, RULES[1:]), ("apply_patch", "/etc/x", MODEL, CONFIG[1:])),
    ),
    Case(
        "3.4 a rule's alternatives",
        user("", **{RULES: 'prefix_rule(pattern=["git", ["push", "pull"]], decision="forbidden")'}),
        ((OUT, "git push x", NO, RULES[1:]), (OUT, "git pull", NO, RULES[1:]), (OUT, "git log", ASK, "")),
    ),
    Case(
        "3.4 a rule holds on a word's end",
        user("", **{RULES: 'prefix_rule(pattern=["my"], decision="allow")'}),
        ((OUT, "my x", NONE, RULES[1:]), (OUT, "mytool", ASK, "")),
    ),
    Case(
        "3.4 a cached search leaves nothing open",
        user('web_search = "cached"\n'),
        (("web_search", "a.example.com", NO, CONFIG[1:]),),
    ),
    Case(
        "3.4 full access searches live", user('sandbox_mode = "danger-full-access"\n'), (("web_search", "x", NONE, ""),)
    ),
    Case(
        "3.4 the root of the repository carries trust",
        {f"{HOME}/src/.git/HEAD": "", CONFIG: f'[projects."{HOME}/src"]\ntrust_level = "trusted"\n', OWN: YOLO},
        ((OUT, "x", NONE, OWN),),
    ),
    Case(
        "3.5 old switches of the sandbox change nothing",
        user("[features]\nuse_legacy_landlock = true\nuse_linux_sandbox_bwrap = false\n" + ""),
        ((IN, "make", NONE, ""), ("apply_patch", "/etc/x", ASK, "")),
    ),
    Case(
        "13.4 forbidden is hard, whoever allows",
        {
            **user(YOLO, **{RULES: 'prefix_rule(pattern=["curl"], decision="forbidden")'}),
            OWN_RULES: 'prefix_rule(pattern=["curl"], decision="allow")',
        },
        ((OUT, "curl x", NO, RULES[1:]),),
    ),
    Case(
        "13.8 a server of Codex has its own policy",
        user(SERVER.replace("gh-mcp", "codex").replace('"codex"', '"codex"\nargs = ["mcp-server", "--yolo"]')),
        ((OUT, "make", ASK, ""), ("MCP tools", "gh/codex", UNSURE, "")),
    ),
]


@pytest.mark.parametrize("case", DECIDED, ids=lambda case: case.id)
def test_settings_decide(case):
    found = agent(seen(case.files))
    for name, target, gate, where in case.decides:
        ruling = tool(found, name).decide(target)
        assert ruling.gate is gate, (name, target, ruling)
        assert ruling.rule
        if where:
            assert str(ruling.evidence.path).endswith(where)
            assert ruling.evidence.line
            assert ruling.evidence.key


def test_3_2_of_a_profile_s_file_and_a_trusted_project_the_project_counts():
    files = {**user("", **{"~/.codex/p.config.toml": YOLO}), OWN: 'approval_policy = "on-request"\n' + WRITES}
    found = agent(seen(files, processes=(Process(7, 1, "codex", ("codex", "--profile", "p")),)))
    assert tool(found, OUT).decide("make").gate is ASK


def test_3_2_an_option_counts_before_a_trusted_project():
    files = {**user(""), OWN: 'sandbox_mode = "read-only"\n'}
    found = agent(seen(files, processes=(Process(7, 1, "codex", ("codex", "-s", "danger-full-access")),)))
    assert tool(found, OUT).decide("make").gate is NONE


def test_3_4_sockets_of_a_profile_are_those_of_macos_alone():
    text = (
        'default_permissions = "mine"\n[permissions.mine]\nextends = ":workspace"\n'
        '[permissions.mine.network.unix_sockets]\n"/var/run/docker.sock" = "allow"\n"/run/x.sock" = "deny"\n'
    )
    work = "/Users/ada/src/billing"
    mac = tool(agent(seen({f"{work}/.git/HEAD": "", CONFIG: text}, Platform.MACOS, workspace=work)), IN).sandbox
    assert [mac.opens(each) for each in ("/var/run/docker.sock", "/run/x.sock")] == [True, False]
    assert not tool(agent(seen(user(text))), IN).sandbox.opens("/var/run/docker.sock"), "m"


def test_3_6_what_the_key_filters_does_is_not_known_and_holds_nothing_back():
    found = seen(user('[shell_environment_policy]\nfilters = { x = "CANARY" }\nexperimental_use_profile = true\n'))
    assert agent(found).policy.commands.passes("AWS_SECRET_ACCESS_KEY")
    assert ("shell_environment_policy.filters", "1 entry") in {
        (each.key, each.value) for each in only(found, SettingSeen)
    }


def test_3_6_an_unset_switch_lets_secrets_pass():
    inherited = agent(seen(user("[shell_environment_policy]\nset = { A = 'b' }\n"))).policy.commands
    assert all(inherited.passes(each) for each in ("FOO_TOKEN", "MY_SECRET", "OPENAI_API_KEY", "DATABASE_PASSWORD"))


@pytest.mark.parametrize("files", [user(WRITES), user('sandbox_mode = "read-only"\n'), user("")], ids=str)
def test_13_7_only_commands_are_in_the_sandbox(files):
    for each in agent(seen(files)).policy.tools:
        assert (each.sandbox is not None) is (each.name == IN)
        assert (each.channel is Channel.EXECUTE) is (each.name in {IN, OUT})


def test_13_5_the_sandbox_reads_the_home():
    for text in (WRITES, 'sandbox_mode = "read-only"\n'):
        assert tool(agent(seen(user(text))), IN).sandbox.reads(f"{HOME}/.aws/credentials")


def test_13_10_a_pipe_in_the_place_of_settings_is_never_opened():
    for path in (CONFIG, HOOKS, RULES, OWN, OWN_HOOKS, OWN_RULES):
        found = seen({**user(""), "~/.codex/auth.json": "{}", path: FakeFile(kind=FileKind.PIPE)})
        assert GapKind.REFUSED in {each.kind for each in only(found, Gap)}, path
        assert tool(agent(found), OUT).decide("make").gate is UNSURE, path


def test_13_3_whoever_writes_a_setting_is_told():
    files = {
        **user('approval_policy = "on-request"\n'),
        SYSTEM: "allow_login_shell = true\n",
        OWN: 'web_search = "cached"\n',
        MANAGED: WRITES,
    }
    told = {each.key: each.scope for each in only(seen(files), SettingSeen)}
    assert told == {
        "approval_policy": "user",
        "sandbox_mode": "managed",
        "web_search": "project",
        "allow_login_shell": "system",
        "trust_level": "user",
    }
    assert TRUST in files[CONFIG]
