"""Codex's settings in, what each of its tools decides out; the id of a case is the section of the facts it is from."""

from collections.abc import Mapping

import pytest
from msgspec import Struct

from probes.agents.codex import look
from probes.agents.codex.flags import launch
from probes.agents.codex.layers import Layer, Settings
from probes.agents.tree import parse
from scanner.host import Host, Process
from scanner.model import AgentSeen, Channel, Gap, Gate, Observation, Platform, SettingSeen, Tool, Weakness
from scanner.testing import FakeFile, FakeHost

WORK = "/home/ada/src/billing"
CONFIG = "~/.codex/config.toml"
RULES = "~/.codex/rules/default.rules"
OWN = f"{WORK}/.codex/config.toml"
MANAGED = "/etc/codex/managed_config.toml"
REQUIRED = "/etc/codex/requirements.toml"
SYSTEM = "/etc/codex/config.toml"
GIT = {f"{WORK}/.git/HEAD": "ref: refs/heads/main\n"}
TRUST = f'[projects."{WORK}"]\ntrust_level = "trusted"\n'
DISTRUST = f'[projects."{WORK}"]\ntrust_level = "untrusted"\n'
IN, OUT = "shell in the sandbox", "shell outside the sandbox"
NONE, ASK, NO, MODEL, UNSURE = Gate.NONE, Gate.PROMPT, Gate.REFUSED, Gate.CLASSIFIER, Gate.UNKNOWN
YOLO = 'approval_policy = "never"\nsandbox_mode = "danger-full-access"\n'
WRITES = 'sandbox_mode = "workspace-write"\n'
SERVER = '[mcp_servers.gh]\ncommand = "gh-mcp"\n'


def seen(
    files: Mapping[str, str | FakeFile | None], platform: Platform = Platform.LINUX, **more: object
) -> list[Observation]:
    """What the reader says of a machine, held to its reads."""
    more.setdefault("workspace", WORK)
    made = FakeHost(platform, files, **more)
    host = Host(made.machine, made.vault, frozenset(look.READS))
    assert look.is_here(host)
    return list(look.seen(host))


def agent(observations: list[Observation]) -> AgentSeen:
    """The one agent."""
    [found] = [each for each in observations if isinstance(each, AgentSeen)]
    return found


def tool(found: AgentSeen, name: str) -> Tool | None:
    """A tool of its policy."""
    assert found.policy is not None
    return next((each for each in found.policy.tools if each.name == name), None)


class Case(Struct, frozen=True):
    """Files, and what they come to: (tool, target, gate, the end of the file or the key that decides)."""

    id: str
    files: Mapping[str, str | FakeFile | None]
    decides: tuple[tuple[str, str, Gate, str], ...]


def user(text: str, *, trusted: bool = True, **more: str) -> dict[str, str | FakeFile | None]:
    """A repository, and a user's file."""
    return {**GIT, CONFIG: text + (TRUST if trusted else ""), **more}


DECIDED = [
    # --- 3.2: layers
    Case(
        "3.2 the user's file over the system's",
        {**user('approval_policy = "never"\n'), SYSTEM: 'approval_policy = "on-request"'},
        ((OUT, "x", NO, "config.toml"),),
    ),
    Case(
        "3.2 the system's file where the user's says nothing",
        {**user(""), SYSTEM: 'approval_policy = "never"'},
        ((OUT, "x", NO, SYSTEM),),
    ),
    Case(
        "3.2 managed_config over all",
        {**user(YOLO), MANAGED: 'approval_policy = "on-request"\nsandbox_mode = "read-only"'},
        ((OUT, "x", ASK, MANAGED), ("apply_patch", f"{WORK}/a", ASK, MANAGED)),
    ),
    Case(
        "3.2 a trusted project over the user",
        {**user('approval_policy = "on-request"\n'), OWN: 'approval_policy = "never"'},
        ((OUT, "x", NO, OWN),),
    ),
    Case(
        "3.2 a trusted project may switch the sandbox off",
        {**user(""), OWN: YOLO},
        ((OUT, "x", NONE, OWN), ("apply_patch", "/etc/x", NONE, OWN)),
    ),
    Case(
        "3.2 a project without a word on it changes nothing",
        {**user("", trusted=False), OWN: YOLO},
        ((IN, "x", NONE, ""), (OUT, "x", ASK, "")),
    ),
    Case(
        "3.2 a distrusted project changes nothing",
        {**GIT, CONFIG: DISTRUST, OWN: YOLO},
        ((OUT, "x", ASK, CONFIG[1:]), ("apply_patch", f"{WORK}/a", ASK, CONFIG[1:])),
    ),
    Case("3.2 a project cannot trust itself", {**user("", trusted=False), OWN: TRUST + YOLO}, ((OUT, "x", ASK, ""),)),
    Case(
        "3.2 a project cannot choose a profile",
        {**user(WRITES + '[profiles.p]\napproval_policy = "never"\n'), OWN: 'profile = "p"'},
        ((OUT, "x", ASK, ""),),
    ),
    Case(
        "3.2 tables are merged",
        {**user("[sandbox_workspace_write]\nnetwork_access = true\n"), SYSTEM: WRITES},
        ((IN, "x", NONE, SYSTEM),),
    ),
    Case(
        "3.2 a profile's file counts only when chosen",
        user("", **{"~/.codex/p.config.toml": YOLO}),
        ((OUT, "x", ASK, ""),),
    ),
    Case(
        "3.2 profiles in the file count only when chosen",
        user('[profiles.p]\napproval_policy = "never"\n'),
        ((OUT, "x", ASK, ""),),
    ),
    Case(
        "3.2 an old choice of a profile is laid over, and not certain",
        user('profile = "p"\n[profiles.p]\napproval_policy = "never"\n'),
        ((OUT, "x", UNSURE, CONFIG[1:]),),
    ),
    # --- 3.2: requirements
    Case(
        "3.2 a policy that is not allowed falls to the first allowed",
        {**user('approval_policy = "never"\n'), REQUIRED: 'allowed_approval_policies = ["on-request", "untrusted"]'},
        ((OUT, "x", ASK, REQUIRED),),
    ),
    Case(
        "3.2 the first allowed may be never",
        {**user(""), REQUIRED: 'allowed_approval_policies = ["never"]'},
        ((OUT, "x", NO, REQUIRED),),
    ),
    Case(
        "3.2 on-failure is allowed as on-request",
        {**user('approval_policy = "on-failure"\n'), REQUIRED: 'allowed_approval_policies = ["on-request"]'},
        ((OUT, "x", ASK, CONFIG[1:]),),
    ),
    Case(
        "3.2 a mode that is not allowed falls to read-only",
        {
            **user('sandbox_mode = "danger-full-access"\n'),
            REQUIRED: 'allowed_sandbox_modes = ["workspace-write", "read-only"]',
        },
        ((IN, "x", NONE, REQUIRED), ("apply_patch", f"{WORK}/a", ASK, "")),
    ),
    Case(
        "3.2 a built-in profile is held to allowed modes",
        {**user('default_permissions = ":danger-full-access"\n'), REQUIRED: 'allowed_sandbox_modes = ["read-only"]'},
        ((IN, "x", NONE, REQUIRED),),
    ),
    Case(
        "3.2 allowed profiles take the place of a mode",
        {
            **user('sandbox_mode = "danger-full-access"\n'),
            REQUIRED: ('default_permissions = ":read-only"\n[allowed_permission_profiles]\n":read-only" = true\n'),
        },
        ((IN, "x", NONE, REQUIRED), ("apply_patch", f"{WORK}/a", ASK, "")),
    ),
    Case(
        "3.2 a reviewer that is not allowed is not certain",
        {**user('approvals_reviewer = "auto_review"\n'), REQUIRED: 'allowed_approvals_reviewers = ["user"]'},
        ((OUT, "x", UNSURE, REQUIRED),),
    ),
    Case(
        "3.2 a search that is not allowed is not certain",
        {**user('web_search = "live"\n'), REQUIRED: 'allowed_web_search_modes = ["cached"]'},
        (("web_search", "a.example.com", UNSURE, REQUIRED),),
    ),
    Case(
        "3.2 a server that is not listed does not run",
        {**user(SERVER), REQUIRED: '[mcp_servers.other.identity]\ncommand = "x"'},
        (("MCP tools", "gh/push", NO, REQUIRED),),
    ),
    Case(
        "3.2 a server that is another than the listed does not run",
        {**user(SERVER), REQUIRED: '[mcp_servers.gh.identity]\ncommand = "x"'},
        (("MCP tools", "gh/push", NO, REQUIRED),),
    ),
    Case(
        "3.2 a listed server runs",
        {**user(SERVER), REQUIRED: '[mcp_servers.gh.identity]\ncommand = "gh-mcp"'},
        (("MCP tools", "gh/push", UNSURE, ""),),
    ),
    Case(
        "3.2 the owner's rules forbid and ask",
        {
            **user(""),
            REQUIRED: (
                "[[rules.prefix_rules]]\n"
                'pattern = [{ token = "git" }, { any_of = ["push", "fetch"] }]\ndecision = "prompt"\n'
                '[[rules.prefix_rules]]\npattern = [{ token = "rm" }]\ndecision = "forbidden"\n'
            ),
        },
        ((IN, "git fetch x", ASK, REQUIRED), (IN, "rm x", NO, REQUIRED), (IN, "git log", NONE, "")),
    ),
    # --- 3.3: MCP
    Case("3.3 auto asks for what the server calls harmful", user(SERVER), (("MCP tools", "gh/push", UNSURE, ""),)),
    Case(
        "3.3 approve never asks",
        user(SERVER + 'default_tools_approval_mode = "approve"\n'),
        (("MCP tools", "gh/push", NONE, CONFIG[1:]), ("MCP tools", "other/x", UNSURE, "")),
    ),
    Case(
        "3.3 a tool's own mode goes first",
        user(
            SERVER
            + ('default_tools_approval_mode = "approve"\n[mcp_servers.gh.tools.push]\napproval_mode = "prompt"\n')
        ),
        (("MCP tools", "gh/push", ASK, CONFIG[1:]), ("MCP tools", "gh/get", NONE, CONFIG[1:])),
    ),
    Case(
        "3.3 writes is not certain",
        user(SERVER + 'default_tools_approval_mode = "writes"\n'),
        (("MCP tools", "gh/push", UNSURE, CONFIG[1:]),),
    ),
    Case(
        "3.3 enabled, then disabled tools",
        user(SERVER + 'enabled_tools = ["get", "push"]\ndisabled_tools = ["push"]\n'),
        (
            ("MCP tools", "gh/push", NO, CONFIG[1:]),
            ("MCP tools", "gh/get", UNSURE, ""),
            ("MCP tools", "gh/other", NO, CONFIG[1:]),
        ),
    ),
    Case(
        "3.3 a tool's mode does not switch it on",
        user(SERVER + ('enabled_tools = ["get"]\n[mcp_servers.gh.tools.push]\napproval_mode = "approve"\n')),
        (("MCP tools", "gh/push", NO, CONFIG[1:]),),
    ),
    Case("3.3 a disabled server", user(SERVER + "enabled = false\n"), (("MCP tools", "gh/push", NO, CONFIG[1:]),)),
    Case(
        "3.3 an app's default and its own word",
        user(
            "[apps._default]\n"
            'default_tools_approval_mode = "approve"\n'
            "[apps.mail]\n"
            'default_tools_approval_mode = "prompt"\n'
            "[apps.drive]\n"
            "enabled = true\n"
            "[apps.off]\n"
            "enabled = false\n"
        ),
        (
            ("MCP tools", "mail/send", ASK, CONFIG[1:]),
            ("MCP tools", "drive/get", NONE, CONFIG[1:]),
            ("MCP tools", "off/x", NO, CONFIG[1:]),
        ),
    ),
    Case(
        "3.3 a trusted project brings a server and approves it",
        {**user(""), OWN: SERVER + 'default_tools_approval_mode = "approve"\n'},
        (("MCP tools", "gh/push", NONE, OWN),),
    ),
    Case(
        "3.3 an unknown key is ignored",
        user('surprise = 1\napproval_policy = "never"\n'),
        ((OUT, "x", NO, CONFIG[1:]),),
    ),
    # --- 3.4: approvals
    Case(
        "3.4 untrusted runs known reads only",
        user('approval_policy = "untrusted"\n'),
        (
            (IN, "cat a", NONE, ""),
            (IN, "git status", NONE, ""),
            (IN, "git push", ASK, CONFIG[1:]),
            (IN, "python3 -c x", ASK, CONFIG[1:]),
            (OUT, "cat a", ASK, CONFIG[1:]),
            ("apply_patch", f"{WORK}/a", ASK, CONFIG[1:]),
        ),
    ),
    Case(
        "3.4 a distrusted project is asked about as untrusted",
        {**GIT, CONFIG: DISTRUST},
        ((IN, "cat a", UNSURE, CONFIG[1:]), (IN, "make", ASK, CONFIG[1:])),
    ),
    Case(
        "3.4 what is set goes before distrust",
        {**GIT, CONFIG: 'approval_policy = "on-request"\n' + DISTRUST},
        ((IN, "make", NONE, ""), (OUT, "make", ASK, CONFIG[1:])),
    ),
    Case(
        "3.4 on-request",
        user('approval_policy = "on-request"\n'),
        (
            (IN, "make", NONE, ""),
            (OUT, "make", ASK, CONFIG[1:]),
            ("apply_patch", f"{WORK}/a", NONE, ""),
            ("apply_patch", "/home/ada/.bashrc", ASK, CONFIG[1:]),
        ),
    ),
    Case(
        "3.4 on-failure is on-request",
        user('approval_policy = "on-failure"\n'),
        ((IN, "make", NONE, ""), (OUT, "make", ASK, CONFIG[1:])),
    ),
    Case(
        "3.4 never refuses what is outside",
        user('approval_policy = "never"\n'),
        ((IN, "make", NONE, ""), (OUT, "make", NO, CONFIG[1:]), ("apply_patch", "/home/ada/.bashrc", NO, CONFIG[1:])),
    ),
    Case(
        "3.4 granular asks where it says so",
        user(
            "approval_policy = { granular = { sandbox_approval = true, rules = true, mcp_elicitations = true } }\n"
            + SERVER
        ),
        ((OUT, "make", ASK, CONFIG[1:]), ("MCP tools", "gh/x", UNSURE, "")),
    ),
    Case(
        "3.4 granular refuses where it does not",
        user(
            "approval_policy = { granular = { sandbox_approval = false, rules = false, mcp_elicitations = false } }\n"
            + SERVER,
            **{RULES: 'prefix_rule(pattern=["git"], decision="prompt")'},
        ),
        (
            (OUT, "make", NO, CONFIG[1:]),
            (IN, "git x", NO, RULES[1:]),
            ("MCP tools", "gh/x", NO, CONFIG[1:]),
            ("apply_patch", "/etc/x", NO, CONFIG[1:]),
        ),
    ),
    Case(
        "3.4 a model reviews",
        user('approvals_reviewer = "auto_review"\n'),
        ((OUT, "make", MODEL, CONFIG[1:]), ("apply_patch", "/etc/x", MODEL, CONFIG[1:])),
    ),
    Case(
        "3.4 a guardian reviews",
        user('approvals_reviewer = "guardian_subagent"\n'),
        ((OUT, "make", MODEL, CONFIG[1:]),),
    ),
    Case("3.4 a person reviews", user('approvals_reviewer = "user"\n'), ((OUT, "make", ASK, ""),)),
    Case(
        "3.4 what destroys by force is asked for",
        user(YOLO.replace("never", "on-request")),
        ((OUT, "rm -rf x", ASK, ""), (OUT, "rm x", NONE, "")),
    ),
    Case(
        "3.4 what destroys by force is refused under never",
        user('approval_policy = "never"\n'),
        ((IN, "rm -rf x", NO, CONFIG[1:]),),
    ),
    Case(
        "3.4 a rule may allow it",
        user("", **{RULES: 'prefix_rule(pattern=["rm"])'}),
        ((OUT, "rm -rf x", NONE, RULES[1:]),),
    ),
    Case(
        "3.3 under never what would ask is refused",
        user('approval_policy = "never"\n' + SERVER + 'default_tools_approval_mode = "prompt"\n'),
        (("MCP tools", "gh/x", NO, CONFIG[1:]),),
    ),
    Case(
        "3.3 never without a sandbox calls what would ask",
        user(YOLO + SERVER + 'default_tools_approval_mode = "prompt"\n'),
        (("MCP tools", "gh/x", NONE, CONFIG[1:]),),
    ),
    Case(
        "3.3 full access still asks",
        user('sandbox_mode = "danger-full-access"\n' + SERVER + 'default_tools_approval_mode = "prompt"\n'),
        (("MCP tools", "gh/x", ASK, CONFIG[1:]),),
    ),
    # --- 3.4: modes
    Case(
        "3.4 never and full access: all of it unasked",
        user(YOLO + SERVER),
        (
            (OUT, "make", NONE, CONFIG[1:]),
            ("apply_patch", "/etc/x", NONE, CONFIG[1:]),
            ("web_search", "a.example.com", NONE, ""),
            ("MCP tools", "gh/x", NONE, CONFIG[1:]),
        ),
    ),
    Case(
        "3.4 full access asks for nothing on request",
        user('sandbox_mode = "danger-full-access"\n'),
        ((OUT, "make", NONE, CONFIG[1:]),),
    ),
    Case(
        "3.4 full access in an untrusted policy asks",
        user('sandbox_mode = "danger-full-access"\napproval_policy = "untrusted"\n'),
        ((OUT, "make", ASK, CONFIG[1:]), (OUT, "cat x", NONE, "")),
    ),
    Case(
        "3.4 read-only",
        user('sandbox_mode = "read-only"\n'),
        ((IN, "make", NONE, CONFIG[1:]), ("apply_patch", f"{WORK}/a", ASK, "")),
    ),
    Case("3.4 search is from a store by default", user(""), (("web_search", "a.example.com", NO, ""),)),
    Case("3.4 live search", user('web_search = "live"\n'), (("web_search", "a.example.com", NONE, CONFIG[1:]),)),
    Case(
        "3.4 indexed search is not certain",
        user('web_search = "indexed"\n'),
        (("web_search", "a.example.com", UNSURE, CONFIG[1:]),),
    ),
    Case("3.4 no search", user('web_search = "disabled"\n'), (("web_search", "a.example.com", NO, CONFIG[1:]),)),
    # --- 3.4: profiles of permissions
    Case(
        "3.4 a built-in profile", user('default_permissions = ":read-only"\n'), (("apply_patch", f"{WORK}/a", ASK, ""),)
    ),
    Case(
        "3.4 full access by a profile",
        user('default_permissions = ":danger-full-access"\n'),
        ((OUT, "make", NONE, CONFIG[1:]),),
    ),
    Case(
        "3.4 a higher mode leaves a profile out",
        {**user('default_permissions = ":danger-full-access"\n'), OWN: 'sandbox_mode = "read-only"'},
        ((IN, "make", NONE, OWN), ("apply_patch", f"{WORK}/a", ASK, "")),
    ),
    Case(
        "3.4 of a mode and a profile in one file the profile counts",
        user('sandbox_mode = "read-only"\ndefault_permissions = ":danger-full-access"\n'),
        ((OUT, "make", NONE, CONFIG[1:]),),
    ),
    Case(
        "3.4 where the mode is the looser it is not certain",
        user('sandbox_mode = "danger-full-access"\ndefault_permissions = ":workspace"\n'),
        ((IN, "make", UNSURE, CONFIG[1:]),),
    ),
    Case(
        "3.4 a higher profile leaves a mode out",
        {**user('sandbox_mode = "read-only"\n'), OWN: 'default_permissions = ":danger-full-access"'},
        ((OUT, "make", NONE, OWN),),
    ),
    Case(
        "3.4 the strictest rule wins",
        user(
            "",
            **{
                RULES: (
                    'prefix_rule(pattern=["git"], decision="allow")\n'
                    'prefix_rule(pattern=["git", "push"], decision="forbidden")\n'
                    'prefix_rule(pattern=["git", "fetch"], decision="prompt")\n'
                )
            },
        ),
        (
            (OUT, "git log", NONE, RULES[1:]),
            (OUT, "git push x", NO, RULES[1:]),
            (IN, "git push x", NO, RULES[1:]),
            (OUT, "git fetch", ASK, RULES[1:]),
            (OUT, "gitk", ASK, ""),
        ),
    ),
    Case(
        "3.4 forbidden holds without a sandbox",
        user(YOLO, **{RULES: 'prefix_rule(pattern=["rm"], decision="forbidden")'}),
        ((OUT, "rm x", NO, RULES[1:]),),
    ),
    Case(
        "3.4 allow runs outside under never",
        user('approval_policy = "never"\n', **{RULES: 'prefix_rule(pattern=["aws"], decision="allow")'}),
        ((OUT, "aws s3 ls", NONE, RULES[1:]),),
    ),
    Case(
        "3.4 a rule that asks refuses under never",
        user('approval_policy = "never"\n', **{RULES: 'prefix_rule(pattern=["aws"], decision="prompt")'}),
        ((IN, "aws s3 ls", NO, RULES[1:]),),
    ),
    Case(
        "3.4 a model answers for a rule that asks",
        user('approvals_reviewer = "auto_review"\n', **{RULES: 'prefix_rule(pattern=["aws"], decision="prompt")'}),
        ((IN, "aws s3 ls", MODEL, RULES[1:]),),
    ),
    Case(
        "3.4 a trusted project brings rules",
        {**user(""), f"{WORK}/.codex/rules/ours.rules": 'prefix_rule(pattern=["make"], decision="allow")'},
        ((OUT, "make x", NONE, "ours.rules"),),
    ),
    Case(
        "3.4 an untrusted project brings none",
        {
            **user("", trusted=False),
            f"{WORK}/.codex/rules/ours.rules": 'prefix_rule(pattern=["make"], decision="allow")',
        },
        ((OUT, "make x", ASK, ""),),
    ),
    Case(
        "3.4 the system brings rules",
        {**user(""), "/etc/codex/rules/site.rules": 'prefix_rule(pattern=["make"], decision="forbidden")'},
        ((OUT, "make x", NO, "site.rules"),),
    ),
    # --- 0.2: no settings at all
    Case(
        "0.2 a repository by default",
        {**GIT, "~/.codex/auth.json": "{}"},
        ((IN, "make", NONE, ""), (OUT, "make", ASK, ""), ("apply_patch", f"{WORK}/a", UNSURE, "")),
    ),
    Case(
        "0.2 any other folder by default",
        {"~/.codex/auth.json": "{}", f"{WORK}/a": ""},
        ((IN, "make", NONE, ""), ("apply_patch", f"{WORK}/a", ASK, "")),
    ),
    Case(
        "0.2 a trusted folder is written without version control",
        {CONFIG: TRUST},
        (("apply_patch", f"{WORK}/a", NONE, CONFIG[1:]),),
    ),
]


@pytest.mark.parametrize("case", DECIDED, ids=lambda case: case.id)
def test_settings_decide(case):
    found = agent(seen(case.files))
    for name, target, gate, where in case.decides:
        used = tool(found, name)
        assert used is not None, name
        ruling = used.decide(target)
        assert ruling.gate is gate, (name, target, ruling)
        assert ruling.rule
        assert (ruling.stand_in is not None) is (gate is UNSURE)
        if where:
            assert ruling.evidence is not None
            assert str(ruling.evidence.path).endswith(where)
            assert ruling.evidence.line
            assert ruling.evidence.key


BY_ITSELF = {
    "x8 workspace-write": (WRITES, True),
    "x8 full access": ('sandbox_mode = "danger-full-access"\n', True),
    "x8 a profile that may write": ('default_permissions = ":workspace"\n', True),
    "x8 read-only": ('sandbox_mode = "read-only"\n', False),
    "x8 a profile that only reads": ('default_permissions = ":read-only"\n', False),
    "x8 a policy alone": ('approval_policy = "never"\n', False),
    "x8 nothing": ("", False),
}


@pytest.mark.parametrize("name", BY_ITSELF)
def test_a_folder_without_a_word_on_it_may_be_trusted_by_itself(name):
    text, by_itself = BY_ITSELF[name]
    plain = tool(agent(seen(user(text, trusted=False))), OUT).decide("x")
    found = tool(agent(seen({**user(text, trusted=False), OWN: YOLO})), OUT).decide("x")
    if not by_itself:
        assert found == plain
        return
    assert (found.gate, found.stand_in) == (UNSURE, NONE)
    assert "by themselves" in found.rule
    assert plain.gate is not UNSURE, "it brings nothing"
    assert tool(agent(seen({**GIT, CONFIG: text + DISTRUST, OWN: YOLO})), OUT).decide("x").gate is not UNSURE


def test_of_a_folder_that_is_trusted_by_itself_only_what_lets_through_counts():
    rules = 'prefix_rule(pattern=["make"])\nprefix_rule(pattern=["aws"], decision="forbidden")\n'
    files = {**user(WRITES, trusted=False), f"{WORK}/.codex/rules/x.rules": rules, OWN: 'approval_policy = "never"'}
    out = tool(agent(seen(files)), OUT)
    assert [out.decide(each).effective for each in ("make x", "aws x", "x")] == [NONE, ASK, ASK]


ODD = {
    "more tables than are read": YOLO + "".join(f"[a.b{number}]\n" for number in range(2_500)),
    "a line of dots": "# " + "." * 200 + "\n" + YOLO,
    "larger than is read": "# " + "x" * 2_000_000 + "\n" + YOLO,
    "a link out of the project": FakeFile(link="/srv/other.toml"),
}


@pytest.mark.parametrize("name", ODD)
def test_what_a_trusted_project_brings_and_is_not_read_is_reckoned_as_allowed(name):
    files = {**user('approval_policy = "on-request"\n'), OWN: ODD[name], "/srv/other.toml": YOLO}
    found = agent(seen(files))
    out = tool(found, OUT)
    assert out.decide("make").effective is NONE
    assert tool(found, "apply_patch").decide("/etc/x").effective is NONE
    unknown = {**user(""), OWN: ODD[name], CONFIG: DISTRUST, "/srv/other.toml": YOLO}
    assert tool(agent(seen(unknown)), OUT).decide("make").gate is ASK


def test_full_access_leaves_no_shell_in_a_sandbox():
    assert tool(agent(seen(user(YOLO))), IN) is None


def test_stand_ins_are_what_the_files_come_to():
    found = agent(seen(user(SERVER)))
    assert tool(found, "MCP tools").decide("gh/push").stand_in is ASK
    assert tool(agent(seen(user('approval_policy = "never"\n' + SERVER))), "MCP tools").decide("gh/x").stand_in is NO
    assert tool(agent(seen(user('web_search = "indexed"\n'))), "web_search").decide("x").stand_in is NO


# --- folders, trust


NESTED = f"{WORK}/api"
TREE = {**GIT, f"{WORK}/.codex/config.toml": WRITES + 'approval_policy = "never"', f"{NESTED}/a": ""}


def test_of_several_project_files_the_closest_wins():
    files = {**TREE, f"{NESTED}/.codex/config.toml": 'approval_policy = "on-request"', CONFIG: TRUST}
    found = agent(seen(files, workspace=NESTED))
    assert tool(found, OUT).decide("x").evidence.path.as_posix() == f"{NESTED}/.codex/config.toml"
    assert tool(found, IN).decide("x").evidence.path.as_posix() == f"{WORK}/.codex/config.toml"


def test_distrust_of_an_inner_folder_leaves_the_root_trusted():
    files = {
        **TREE,
        f"{NESTED}/.codex/config.toml": YOLO,
        CONFIG: TRUST + f'[projects."{NESTED}"]\ntrust_level = "untrusted"\n',
    }
    found = agent(seen(files, workspace=NESTED))
    assert tool(found, OUT).decide("x").evidence.path.as_posix() == f"{WORK}/.codex/config.toml"


def test_trust_of_a_folder_above_the_repository_is_no_trust():
    files = {**GIT, OWN: YOLO, CONFIG: '[projects."/home/ada/src"]\ntrust_level = "trusted"\n'}
    assert tool(agent(seen(files)), OUT).decide("x").gate is ASK


def test_a_worktree_is_trusted_as_its_repository():
    tree = "/home/ada/src/billing-fix"
    files = {
        **GIT,
        f"{tree}/.git": f"gitdir: {WORK}/.git/worktrees/billing-fix\n",
        f"{tree}/.codex/config.toml": YOLO,
        CONFIG: TRUST,
    }
    assert tool(agent(seen(files, workspace=tree)), OUT).decide("x").gate is NONE


def test_a_gitdir_elsewhere_borrows_no_trust():
    tree = "/home/ada/src/hostile"
    for named in (f"{WORK}/.git", f"{WORK}/.git/modules/x", WORK, "relative", ""):
        files = {**GIT, f"{tree}/.git": f"gitdir: {named}\n", f"{tree}/.codex/config.toml": YOLO, CONFIG: TRUST}
        assert tool(agent(seen(files, workspace=tree)), OUT).decide("x").gate is ASK


def test_codex_home_takes_the_place_of_the_usual_folder():
    files = {
        **user(YOLO),
        "/opt/cx/config.toml": 'approval_policy = "on-request"\n' + WRITES,
        "/opt/cx/rules/a.rules": 'prefix_rule(pattern=["aws"])',
    }
    found = agent(seen(files, env={"CODEX_HOME": "/opt/cx"}))
    assert tool(found, OUT).decide("x").gate is ASK
    assert tool(found, OUT).decide("aws x").gate is NONE


def test_without_a_workspace_the_home_is_told():
    found = agent(seen({CONFIG: ""}, workspace=None))
    assert found.folder is None
    assert tool(found, "apply_patch").decide("/home/ada/x").gate is ASK


def test_the_users_own_folder_is_no_project():
    found = agent(
        seen(
            {CONFIG: '[projects."/home/ada"]\ntrust_level = "trusted"\napproval_policy = "x"\n'}, workspace="/home/ada"
        )
    )
    assert tool(found, OUT).decide("x").gate is ASK


# --- command lines


def running(*argv: str, name: str = "codex") -> tuple[Process, ...]:
    return (Process(7, 1, name, argv),)


LAUNCHES = [
    ("--dangerously-bypass-approvals-and-sandbox", [], NONE),
    ("--yolo", [], NONE),
    ("-c sets a key", ["-c", "sandbox_mode=danger-full-access"], NONE),
    ("-c takes TOML", ["--config", 'sandbox_mode="danger-full-access"'], NONE),
    ("--config=", ['--config=sandbox_mode="danger-full-access"'], NONE),
    ("-s", ["-s", "danger-full-access"], NONE),
    ("--sandbox=", ["--sandbox=danger-full-access"], NONE),
    ("--approve-for-me", [], MODEL),
    ("-c reviewer", ["-c", "approvals_reviewer=auto_review"], MODEL),
    ("--full-auto", [], ASK),
    ("a prompt is no option", ["--", "--yolo"], ASK),
    ("words of a prompt are none", ["please use --yolo"], ASK),
    ("stricter than the next start", ["-a", "never"], ASK),
    ("another folder, and it keeps to that", ["-C", "/home/ada/other", "-c", "approvals_reviewer=auto_review"], ASK),
    ("another folder, and nothing keeps it there", ["-C", "/home/ada/other", "--yolo"], NONE),
    ("this folder", ["-C", WORK, "--yolo"], NONE),
    ("a profile's file", ["--profile", "p"], NONE),
    ("a profile that is not there", ["--profile", "q"], ASK),
]


@pytest.mark.parametrize(("name", "words", "gate"), LAUNCHES, ids=[each[0] for each in LAUNCHES])
def test_a_command_line_goes_before_files(name, words, gate):
    files = user(WRITES + 'approval_policy = "on-request"\n', **{"~/.codex/p.config.toml": YOLO})
    found = agent(seen(files, processes=running("codex", *(words or [name]))))
    assert found.running
    assert tool(found, OUT).decide("make").gate is gate
    if gate is NONE and name != "a profile's file":
        assert tool(found, OUT).decide("make").evidence.process == "codex (pid 7)"


def test_a_script_that_node_runs_is_codex_too():
    processes = running("node", "/usr/lib/node_modules/@openai/codex/bin/codex.js", "--yolo", name="node")
    assert tool(agent(seen(user(""), processes=processes)), OUT).decide("x").gate is NONE


def test_another_users_process_counts_for_nothing():
    processes = (Process(7, 1, "codex", ("codex", "--yolo"), mine=False),)
    found = agent(seen(user(""), processes=processes))
    assert not found.running
    assert tool(found, OUT).decide("x").gate is ASK


def test_managed_settings_hold_a_command_line():
    files = {**user(""), MANAGED: 'approval_policy = "on-request"\nsandbox_mode = "read-only"'}
    found = agent(seen(files, processes=running("codex", "--yolo")))
    assert tool(found, OUT).decide("x").gate is ASK


def test_a_further_folder_of_a_command_line_may_be_written():
    found = agent(
        seen(user(""), processes=running("codex", "--add-dir", "/srv/data", "-c", "approvals_reviewer=auto_review"))
    )
    assert tool(found, "apply_patch").decide("/srv/data/x").gate is NONE


def test_an_old_profile_on_a_command_line_is_laid_over():
    files = user(WRITES + '[profiles.p]\nsandbox_mode = "danger-full-access"\n')
    assert tool(agent(seen(files, processes=running("codex", "-p", "p"))), OUT).decide("x").gate is NONE


@pytest.mark.parametrize(
    ("words", "word"),
    [(["exec", "x"], "never"), (["e"], "never"), (["exec", "--approve-for-me"], "on-request"), ([], None)],
)
def test_exec_has_nobody_to_ask(words, word):
    found = Settings(launch("codex (pid 7)", words).layers).find("approval_policy")
    assert (found.node.text if found is not None else None) == word


def test_later_words_go_first():
    layers = launch("codex (pid 7)", ["-s", "read-only", "-c", "sandbox_mode=danger-full-access"]).layers
    assert Settings(layers).find("sandbox_mode").node.text == "danger-full-access"


def test_a_value_in_the_place_of_a_table_hides_what_lies_lower():
    layers = [Layer("project", parse(text, "toml").root) for text in ("a = 1", "[a]\nb = 2\nc = 3")]
    assert Settings(tuple(layers)).find("a", "b") is None
    assert Settings(tuple(reversed(layers))).find("a", "b").node.value == 2


# --- 3.5: the sandbox


def box(text: str, platform: Platform = Platform.LINUX, **more: object):
    sandbox = tool(agent(seen(user(text), platform, **more)), IN).sandbox
    assert sandbox is not None
    return sandbox


def test_3_5_the_sandbox_reads_all_and_writes_the_workspace():
    sandbox = box(WRITES)
    assert sandbox.reads("/home/ada/.aws/credentials")
    for path in (f"{WORK}/a", f"{WORK}/.env", f"{WORK}/.github/x", f"{WORK}/.gitignore", f"{WORK}/.config", "/tmp/x"):
        assert sandbox.writes(path), path
    for path in (
        "/home/ada/.bashrc",
        f"{WORK}x",
        f"{WORK}/.git/hooks/x",
        f"{WORK}/.codex/config.toml",
        f"{WORK}/.agents",
        f"{WORK}/.aws/config",
        "/tmp/.git/x",
        "/etc/x",
    ):
        assert not sandbox.writes(path), path
    for path in (f"{WORK}/sub/.git/x", f"{WORK}/sub/.codex/x", f"{WORK}/.cursor/x", f"{WORK}/.gitmodules"):
        assert sandbox.writes(path), path
    assert len(sandbox.writable) == 2


def test_x1_a_patch_of_what_is_kept_is_asked_about():
    patch = tool(
        agent(seen(user(WRITES + '[sandbox_workspace_write]\nwritable_roots = ["/srv/out"]\n'))), "apply_patch"
    )
    assert [patch.decide(f"{folder}/{name}").gate for folder in (WORK, "/srv/out") for name in (".git/p", "p")] == [
        *(ASK, NONE, ASK, NONE)
    ]


def test_x1_the_folder_of_a_worktree_s_repository_is_kept():
    tree, main = "/home/ada/src/billing-fix", "/home/ada/src/billing/.git"
    text = WRITES + '[sandbox_workspace_write]\nwritable_roots = ["/home/ada/src"]\n'
    files = {f"{tree}/.git": f"gitdir: {main}/worktrees/billing-fix\n", CONFIG: text}
    files[f"{main}/worktrees/billing-fix/HEAD"] = ""
    sandbox = tool(agent(seen(files, workspace=tree)), IN).sandbox
    assert [sandbox.writes(f"{main}/worktrees/billing-fix/{name}") for name in ("HEAD", "x")] == [False, False]
    assert sandbox.writes("/home/ada/src/billing/a")


def test_3_5_no_network_and_no_sockets_by_default():
    sandbox = box(WRITES)
    assert not sandbox.connects("api.example.com")
    assert not sandbox.opens("/run/user/1000/agent")


def test_3_4_network_opens_hosts_and_sockets():
    sandbox = box(WRITES + "[sandbox_workspace_write]\nnetwork_access = true\n")
    assert sandbox.connects("api.example.com")
    assert sandbox.opens("/var/run/docker.sock")
    assert not box('sandbox_mode = "read-only"\n[sandbox_workspace_write]\nnetwork_access = true\n').connects("x")


def test_3_4_folders_for_passing_things_can_be_left_out():
    env = {"TMPDIR": "/var/passing"}
    sandbox = box(WRITES, env=env)
    assert sandbox.writes("/tmp/x")
    assert sandbox.writes("/var/passing/x")
    text = WRITES + "[sandbox_workspace_write]\nexclude_slash_tmp = true\nexclude_tmpdir_env_var = true\n"
    sandbox = box(text, env=env)
    assert not sandbox.writes("/tmp/x")
    assert not sandbox.writes("/var/passing/x")


def test_3_4_further_folders_may_be_written():
    sandbox = box(WRITES + '[sandbox_workspace_write]\nwritable_roots = ["/srv/[a]", "~/out", "rel"]\n')
    for path in ("/srv/[a]/x", "/home/ada/out/x", "/home/ada/.codex/rel/x"):
        assert sandbox.writes(path), path
    assert not sandbox.writes("/srv/a/x")


def test_3_4_read_only_writes_nothing():
    assert not box('sandbox_mode = "read-only"\n').writes("/tmp/x")


def test_3_5_macos_has_its_own_sandbox():
    work = "/Users/ada/src/billing"
    files = {f"{work}/.git/HEAD": "", "~/.codex/config.toml": WRITES}
    sandbox = tool(agent(seen(files, Platform.MACOS, workspace=work)), IN).sandbox
    assert "Seatbelt" in sandbox.name
    assert sandbox.writes("/USERS/ada/SRC/billing/x")
    assert sandbox.writes("/private/tmp/x")
    assert not sandbox.opens("/var/run/docker.sock")


WINDOWS = "C:/Users/ada/src/billing"


@pytest.mark.parametrize("word", ["unelevated", "elevated", "mxc"])
def test_3_5_windows_has_a_sandbox_where_it_is_set(word):
    files = {f"{WINDOWS}/.git/HEAD": "", "~/.codex/config.toml": WRITES + f'[windows]\nsandbox = "{word}"\n'}
    sandbox = tool(agent(seen(files, Platform.WINDOWS, workspace=WINDOWS)), IN).sandbox
    assert sandbox.writes("C:\\Users\\Ada\\src\\billing\\x")
    assert not sandbox.writes("C:/Users/ada/src/billing/.git/x")


def test_3_5_windows_without_it_has_none_and_that_is_said():
    files = {f"{WINDOWS}/.git/HEAD": "", "~/.codex/config.toml": WRITES}
    observations = seen(files, Platform.WINDOWS, workspace=WINDOWS)
    ruling = tool(agent(observations), OUT).decide("x")
    assert (ruling.gate, ruling.stand_in) == (UNSURE, NONE)
    [weakness] = [each for each in observations if isinstance(each, Weakness)]
    assert weakness.rule == "agent.sandbox-cannot-start"


def test_3_2_windows_places():
    files = {
        f"{WINDOWS}/.git/HEAD": "",
        "C:/ProgramData/OpenAI/Codex/requirements.toml": 'allowed_approval_policies = ["never"]',
        "C:/ProgramData/OpenAI/Codex/config.toml": 'sandbox_mode = "workspace-write"',
        "~/.codex/managed_config.toml": '[windows]\nsandbox = "elevated"',
        "~/.codex/config.toml": '[projects."c:\\\\users\\\\ADA\\\\src\\\\billing"]\ntrust_level = "trusted"\n',
        f"{WINDOWS}/.codex/config.toml": 'web_search = "live"',
    }
    found = agent(seen(files, Platform.WINDOWS, workspace=WINDOWS))
    assert tool(found, OUT).decide("x").gate is NO
    assert tool(found, IN) is not None
    assert tool(found, "web_search").decide("x").gate is NONE


def test_managed_settings_in_the_home_are_windows_only():
    assert tool(agent(seen({**user(""), "~/.codex/managed_config.toml": YOLO})), OUT).decide("x").gate is ASK


@pytest.mark.parametrize("switch", look.NAMESPACES)
def test_a_kernel_without_namespaces_starts_no_sandbox(switch):
    found = [each for each in seen({**user(WRITES), switch: "0\n"}) if isinstance(each, Weakness)]
    assert [each.rule for each in found] == ["agent.sandbox-cannot-start"]
    assert found[0].evidence.path.as_posix() == switch
    assert not [each for each in seen({**user(WRITES), switch: "1\n"}) if isinstance(each, Weakness)]
    [free] = [each for each in seen({**user(YOLO), switch: "0\n"}) if isinstance(each, Weakness)]
    assert free.rule == "agent.asks-nothing"


# --- 3.4: profiles of permissions


PROFILE = """default_permissions = "mine"
[permissions.mine]
extends = ":workspace"
[permissions.mine.filesystem]
"~/.aws" = "deny"
"~/.aws/config" = "read"
"/srv/out" = "write"
[permissions.mine.filesystem.":workspace_roots"]
"secrets" = "deny"
"**/*.env" = "deny"
"""


def test_3_4_a_profile_denies_and_opens_again_deeper():
    sandbox = box(PROFILE)
    for path in ("/home/ada/.aws/credentials", f"{WORK}/secrets/a", f"{WORK}/x/y.env"):
        assert not sandbox.reads(path), path
    for path in ("/home/ada/.aws/config", "/home/ada/.ssh/id", f"{WORK}/a"):
        assert sandbox.reads(path), path
    assert sandbox.writes(f"{WORK}/a")
    assert sandbox.writes("/srv/out/x")
    assert not sandbox.connects("api.example.com")


def test_3_4_a_profile_without_the_root_reads_what_it_names():
    sandbox = box(
        'default_permissions = "mine"\n'
        "[permissions.mine.filesystem]\n"
        '":workspace_roots" = "write"\n'
        '":minimal" = "read"\n'
    )
    assert not sandbox.reads("/home/ada/.aws/credentials")
    assert sandbox.reads(f"{WORK}/a")
    assert sandbox.writes(f"{WORK}/a")


def test_3_4_of_equal_entries_deny_goes_first():
    sandbox = box(PROFILE + '[permissions.mine.filesystem."/srv"]\n"x" = "read"\n"./x" = "deny"\n')
    assert not sandbox.reads("/srv/x/a")


def test_3_4_a_profile_says_what_may_be_connected_to():
    text = PROFILE + "[permissions.mine.network]\nenabled = true\n"
    assert box(text).connects("any.example.com")
    assert box(text).opens("/var/run/docker.sock")
    text += '[permissions.mine.network.domains]\n"**.example.com" = "allow"\n"evil.example.org" = "deny"\n'
    assert box(text).connects("any.example.org"), "rules by domain need the proxy"
    sandbox = box(text + "[features]\nnetwork_proxy = true\n")
    assert sandbox.connects("example.com")
    assert sandbox.connects("api.example.com")
    assert not sandbox.connects("evil.example.org")
    assert not sandbox.opens("/var/run/docker.sock")


def test_3_4_a_profile_writes_its_own_roots():
    text = (
        'default_permissions = "mine"\n'
        "[permissions.mine]\n"
        "[permissions.mine.workspace_roots]\n"
        '"/srv/two" = true\n'
        '"/srv/not" = false\n'
        "[permissions.mine.filesystem]\n"
        '":root" = "read"\n'
        '":workspace_roots" = "write"\n'
    )
    sandbox = box(text)
    assert sandbox.writes("/srv/two/x")
    assert not sandbox.writes("/srv/not/x")


def test_3_2_the_owner_denies_reads():
    observations = seen(
        {**user(WRITES), REQUIRED: '[permissions.filesystem]\ndeny_read = ["/home/ada/.aws", "/home/**/*.pem"]\n'}
    )
    sandbox = tool(agent(observations), IN).sandbox
    assert not sandbox.reads("/home/ada/.aws/credentials")
    assert not sandbox.reads("/home/ada/x/k.pem")
    assert sandbox.reads("/home/ada/.ssh/id")


# --- 3.6: the environment


ENVIRONMENTS = [
    ("", ["PATH", "AWS_SECRET_ACCESS_KEY", "FOO_TOKEN"], []),
    ("ignore_default_excludes = true", ["FOO_TOKEN"], []),
    ("ignore_default_excludes = false", ["PATH", "AWS_PROFILE"], ["AWS_SECRET_ACCESS_KEY", "FOO_TOKEN", "my_secret"]),
    ('inherit = "all"', ["FOO_TOKEN"], []),
    ('inherit = "core"', ["PATH", "HOME", "TMPDIR"], ["FOO_TOKEN", "SSH_AUTH_SOCK", "AWS_PROFILE"]),
    ('inherit = "none"', [], ["PATH", "FOO_TOKEN"]),
    ('inherit = "none"\nset = { FOO = "CANARY" }', ["FOO"], ["PATH"]),
    ('exclude = ["aws_*", "*TOKEN"]', ["PATH", "MY_SECRET"], ["AWS_PROFILE", "FOO_TOKEN"]),
    ('include_only = ["PATH", "foo*"]', ["PATH", "FOO_TOKEN"], ["AWS_PROFILE", "HOME"]),
    ("include_only = []", ["PATH", "FOO_TOKEN"], []),
    ('inherit = "core"\ninclude_only = ["PATH", "FOO*"]', ["PATH"], ["HOME", "FOO_TOKEN"]),
    ('ignore_default_excludes = false\ninclude_only = ["FOO*"]', ["FOO"], ["FOO_TOKEN"]),
]


@pytest.mark.parametrize(("text", "passed", "held"), ENVIRONMENTS, ids=[each[0] or "nothing" for each in ENVIRONMENTS])
def test_3_6_what_commands_inherit(text, passed, held):
    observations = seen(user(f"[shell_environment_policy]\n{text}\n"))
    inherited = agent(observations).policy.commands
    assert [name for name in passed if not inherited.passes(name)] == []
    assert [name for name in held if inherited.passes(name)] == []
    if held:
        assert inherited.rule.startswith("shell_environment_policy.")
        assert inherited.evidence.line


def test_3_6_servers_inherit_a_short_list_and_what_is_named():
    inherited = agent(
        seen(user(SERVER + 'env_vars = ["GH_TOKEN", { name = "AWS_PROFILE", source = "local" }]\n'))
    ).policy.servers
    assert all(inherited.passes(name) for name in ("HOME", "PATH", "GH_TOKEN", "AWS_PROFILE"))
    assert not any(inherited.passes(name) for name in ("AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK"))
    assert inherited.evidence.key == "mcp_servers.gh.env_vars"


# --- what is said beside the policy


def test_settings_are_told_with_their_places():
    text = (
        'approval_policy = "never"\nsandbox_mode = "workspace-write"\napprovals_reviewer = "user"\n'
        "[sandbox_workspace_write]\nnetwork_access = true\nwritable_roots = ['/a', '/b']\n"
        "[shell_environment_policy]\ninherit = 'core'\n[profiles.p]\n"
    )
    observations = seen(user(text, **{RULES: 'prefix_rule(pattern=["a"])\nprefix_rule(pattern=["b"])\n'}))
    told = {each.key: each.value for each in observations if isinstance(each, SettingSeen)}
    assert told == {
        "approval_policy": "never",
        "sandbox_mode": "workspace-write",
        "approvals_reviewer": "user",
        "sandbox_workspace_write.network_access": "true",
        "sandbox_workspace_write.writable_roots": "2 entries",
        "shell_environment_policy.inherit": "core",
        "profiles": "1 entry",
        "trust_level": "trusted",
        "prefix_rule allow": "2 rules",
    }
    assert all(each.evidence.line for each in observations if isinstance(each, SettingSeen))


def test_a_granular_policy_is_told_by_what_it_asks_for():
    text = "approval_policy = { granular = { sandbox_approval = true, rules = false, mcp_elicitations = true } }\n"
    [told] = [each for each in seen(user(text)) if isinstance(each, SettingSeen) and each.key == "approval_policy"]
    assert told.value == "granular, asks for sandbox_approval, mcp_elicitations"


def test_settings_that_lie_elsewhere_are_gaps_and_leave_defaults_unsure():
    observations = seen({**user(""), "~/.codex/cloud-config-bundle-cache.json": "{}"})
    assert [each.place for each in observations if isinstance(each, Gap)] == ["~/.codex/cloud-config-bundle-cache.json"]
    ruling = tool(agent(observations), OUT).decide("x")
    assert (ruling.gate, ruling.stand_in) == (UNSURE, ASK)
    both = {**user('approval_policy = "never"\n' + WRITES), "~/.codex/cloud-config-bundle-cache.json": "{}"}
    assert tool(agent(seen(both)), OUT).decide("x").gate is NO


def test_a_managed_mac_is_not_certain():
    work = "/Users/ada/src/billing"
    plist = "/Library/Managed Preferences/ada/com.openai.codex.plist"
    files = {f"{work}/.git/HEAD": "", "~/.codex/config.toml": 'approval_policy = "never"\n' + WRITES, plist: "x"}
    observations = seen(files, Platform.MACOS, workspace=work)
    assert [each.place for each in observations if isinstance(each, Gap)] == [plist]
    ruling = tool(agent(observations), OUT).decide("x")
    assert (ruling.gate, ruling.stand_in) == (UNSURE, NO)


def test_a_repository_alone_is_no_codex():
    host = FakeHost(files={**GIT, OWN: YOLO, f"{WORK}/AGENTS.md": "x"}, workspace=WORK)
    assert not look.is_here(Host(host.machine, host.vault, frozenset(look.READS)))


@pytest.mark.parametrize(
    "sign",
    [
        "~/.codex/auth.json",
        "~/.local/bin/codex",
        "~/.vscode/extensions/openai.chatgpt-1.2/package.json",
        "/etc/codex/requirements.toml",
    ],
)
def test_signs_of_codex(sign):
    found = agent(seen({sign: ""}))
    assert (found.agent, found.title, found.running) == ("codex", "OpenAI Codex", False)
    assert found.folder == "~/src/billing"


CASK = "/opt/homebrew/Caskroom/codex/0.169.0/codex-aarch64-apple-darwin"
PACKAGE = "/usr/local/lib/node_modules/@openai/codex"


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({"/opt/homebrew/bin/codex": FakeFile(link=CASK), CASK: ""}, "0.169.0"),
        (
            {
                "/usr/local/bin/codex": FakeFile(link=f"{PACKAGE}/bin/codex.js"),
                f"{PACKAGE}/bin/codex.js": "",
                f"{PACKAGE}/package.json": '{"version": "0.169.0"}',
            },
            "0.169.0",
        ),
        ({"~/.codex/version.json": '{"latest_version": "0.170.0"}'}, None),
        ({"~/.vscode/extensions/openai.chatgpt-26.5.1/package.json": '{"version": "26.5.1"}'}, None),
    ],
)
def test_its_version_is_that_of_its_program(files, version):
    assert agent(seen(files)).version == version


def test_every_tool_has_its_channel():
    found = agent(seen(user("")))
    assert {each.name: each.channel for each in found.policy.tools} == {
        IN: Channel.EXECUTE,
        OUT: Channel.EXECUTE,
        "apply_patch": Channel.WRITE,
        "web_search": Channel.CONNECT,
        "MCP tools": Channel.CALL,
    }
