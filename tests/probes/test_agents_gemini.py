"""Gemini CLI: what it does unasked, one row for each rule of its program, as read there and seen of the real one."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.gemini.commands import read
from probes.agents.gemini.engine import Mode
from probes.agents.gemini.flags import told
from probes.agents.look import agents
from scanner.data.shells import shell_of
from scanner.host import FileKind, Process
from scanner.model import AgentSeen, Channel, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token

APP, WORK = "~/src/app", "/home/ada/src/app"
USER, PROJECT, SYSTEM = "~/.gemini/settings.json", f"{APP}/.gemini/settings.json", "/etc/gemini-cli/settings.json"
DEFAULTS = "/etc/gemini-cli/system-defaults.json"
POLICY, ADMIN = "~/.gemini/policies/mine.toml", "/etc/gemini-cli/policies/ours.toml"
TRUST = "~/.gemini/trustedFolders.json"
TRUSTED = {TRUST: {WORK: "TRUST_FOLDER"}}
GITHUB = token("github-classic", "gemini")
SHELL, FETCH, CALL = "run_shell_command", "web_fetch", "MCP tools"
NONE, ASK, REFUSED, UNKNOWN = Gate.NONE, Gate.PROMPT, Gate.REFUSED, Gate.UNKNOWN


def look(files, platform=Platform.LINUX, workspace=APP, **more):
    texts = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(platform, {USER: "{}", **texts}, workspace=workspace, **more))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def weak(seen):
    """What is weak in the agent itself; how tidy its rules are is told elsewhere."""
    return [each for each in only(seen, Weakness) if each.rule.startswith("agent.")]


def policy(files, trusted=True, **more):
    [agent] = only(look({**(TRUSTED if trusted else {}), **files}, **more), AgentSeen)
    assert agent.agent == "gemini-cli"
    return agent.policy


def tools(files, **more):
    return {tool.name: tool for tool in policy(files, **more).tools}


def run(*words, name="gemini"):
    return {"processes": [Process(7, 1, "node", ("node", f"/usr/bin/{name}", *words))]}


def rule(decision, priority=100, tool=SHELL, **more):
    fields = {"toolName": tool, "decision": decision, "priority": priority, **more}
    return "[[rule]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in fields.items())


def decided(gate, tool, target, files, **more):
    ruling = tools(files, **more)[tool].decide(target)
    assert ruling.gate is gate, (target, ruling)
    return ruling


# --- as it is shipped


@pytest.mark.parametrize(
    ("tool", "target", "gate"),
    [
        (SHELL, "touch x", ASK),
        (SHELL, "python3 -c x", ASK),
        (SHELL, "ls", NONE),
        (SHELL, "cat inside.txt", NONE),
        (SHELL, f"cat {WORK}/inside.txt", NONE),
        (SHELL, "cat /home/ada/.aws/credentials", ASK),
        (SHELL, "cat ../other", ASK),
        (SHELL, "cat ~/x", ASK),
        (SHELL, "cat ${X:-secret}", NONE),
        (SHELL, "echo $GITHUB_TOKEN", NONE),
        (SHELL, "git status", NONE),
        (SHELL, "git -c core.pager=x status", ASK),
        (SHELL, "git push", ASK),
        (SHELL, "lsof", ASK),
        ("read_file", f"{WORK}/a", NONE),
        ("read_file", "/home/ada/.aws/credentials", REFUSED),
        ("write_file", f"{WORK}/a", ASK),
        ("write_file", "/home/ada/a", REFUSED),
        (FETCH, "example.com", ASK),
        ("google_web_search", "example.com", REFUSED),
        (CALL, "github/push", ASK),
    ],
)
def test_as_it_is_shipped_it_asks_before_it_acts(tool, target, gate):
    decided(gate, tool, target, {})


def test_a_variable_hides_any_file_from_its_check_of_paths():
    reads = {tool.name: tool for tool in policy({}).tools if tool.channel is Channel.READ}
    assert reads["run_shell_command of cat"].decide("/home/ada/.aws/credentials").gate is NONE


def test_a_rule_that_asks_before_each_command_closes_that():
    found = policy({POLICY: rule("ask_user", commandRegex=".*")})
    reads = [tool.decide("/home/ada/.aws/credentials").gate for tool in found.tools if tool.channel is Channel.READ]
    assert set(reads) == {REFUSED}


def test_no_command_that_runs_unasked_by_default_amounts_to_a_shell():
    passing = [rule.pattern for rule in tools({})[SHELL].rules if rule.ruling.gate is NONE]
    assert passing
    assert not [each for each in passing if shell_of(each) is not None]


# --- modes


@pytest.mark.parametrize(
    ("mode", "tool", "target", "gate"),
    [
        ("auto_edit", "write_file", f"{WORK}/a", NONE),
        ("auto_edit", "write_file", f"{WORK}/sub/package.json", ASK),
        ("auto_edit", "write_file", "/home/ada/a", REFUSED),
        ("auto_edit", FETCH, "example.com", NONE),
        ("auto_edit", SHELL, "touch x", ASK),
        ("yolo", SHELL, "touch x", NONE),
        ("yolo", "write_file", f"{WORK}/a", NONE),
        ("yolo", "write_file", f"{WORK}/Dockerfile.dev", ASK),
        ("yolo", "write_file", "/home/ada/a", REFUSED),
        ("yolo", CALL, "github/push", NONE),
    ],
)
def test_a_running_one_is_judged_in_its_mode(mode, tool, target, gate):
    decided(gate, tool, target, {}, **run("--approval-mode", mode))


@pytest.mark.parametrize(
    ("tool", "target", "gate"),
    [
        (SHELL, "ls", REFUSED),
        ("write_file", f"{WORK}/a", REFUSED),
        ("read_file", f"{WORK}/a", NONE),
        (FETCH, "example.com", ASK),
        (CALL, "github/push", ASK),
    ],
)
def test_while_it_plans_it_only_reads(tool, target, gate):
    decided(gate, tool, target, {USER: {"general": {"defaultApprovalMode": "plan"}}})


@pytest.mark.parametrize(
    ("words", "mode"),
    [
        (("--yolo",), "yolo"),
        (("-y",), "yolo"),
        (("-ys",), "yolo"),
        (("--approval-mode=yolo",), "yolo"),
        (("--approval-mode", "auto_edit"), "autoEdit"),
        (("--yolo=false",), "default"),
        (("--no-yolo",), "default"),
        (("fix", "yolo"), "default"),
        (("--approval-mode", "nonsense"), "default"),
    ],
)
def test_the_options_of_a_running_one_tell_its_mode(words, mode):
    assert policy({}, **run(*words)).mode == mode


@pytest.mark.parametrize(
    ("files", "mode"),
    [
        ({USER: {"general": {"defaultApprovalMode": "auto_edit"}}}, "autoEdit"),
        ({USER: {"general": {"defaultApprovalMode": "yolo"}}}, "default"),  # no file switches off all questions
        ({USER: {"general": {"defaultApprovalMode": "plan"}}}, "plan"),
        ({USER: {"general": {"defaultApprovalMode": "plan", "plan": {"enabled": False}}}}, "default"),
        ({USER: {"tools": {"approvalMode": "auto_edit"}}}, "autoEdit"),  # as older versions wrote it
        ({PROJECT: {"general": {"defaultApprovalMode": "auto_edit"}}}, "autoEdit"),
    ],
)
def test_settings_tell_the_mode(files, mode):
    assert policy(files).mode == mode


@pytest.mark.parametrize(
    ("security", "mode"),
    [({"disableYoloMode": True}, "default"), ({"disableYoloMode": False}, "yolo"), ({}, "yolo")],
)
def test_yolo_can_be_switched_off(security, mode):
    assert policy({USER: {"security": security}}, **run("--yolo")).mode == mode


def test_what_a_file_says_under_admin_counts_for_nothing():
    assert policy({USER: {"admin": {"secureModeEnabled": True}}}, **run("--yolo")).mode == "yolo"


def test_the_weakest_of_the_running_ones_counts():
    both = [Process(pid, 1, "node", ("node", "/usr/bin/gemini", *words)) for pid, words in ((7, ()), (8, ("-y",)))]
    assert policy({}, processes=both).mode == "yolo"


def test_where_nobody_can_be_asked_it_refuses():
    both = told(Process(7, 1, "node", ("node", "/usr/bin/gemini", "-p", "go")))
    assert both.headless
    assert not told(Process(7, 1, "node", ("node", "/usr/bin/gemini", "go"))).headless


# --- trust


@pytest.mark.parametrize(
    ("folders", "trusted"),
    [
        ({WORK: "TRUST_FOLDER"}, True),
        ({"/home/ada": "TRUST_FOLDER"}, True),
        ({"/home/ada/src/other": "TRUST_PARENT"}, True),
        ({"/home/ada": "TRUST_FOLDER", WORK: "DO_NOT_TRUST"}, False),
        ({"/home/ada": "DO_NOT_TRUST", WORK: "TRUST_FOLDER"}, True),  # the longer path counts
        ({WORK: "DO_NOT_TRUST"}, False),
        ({"/home/ada/src/ap": "TRUST_FOLDER"}, False),
        ({}, False),
        ({WORK: "yes"}, False),
    ],
)
def test_the_store_tells_which_folders_are_trusted(folders, trusted):
    found = policy({TRUST: folders, PROJECT: {"general": {"defaultApprovalMode": "auto_edit"}}}, trusted=False)
    assert (found.mode == "autoEdit") is trusted


@pytest.mark.parametrize(
    ("more", "trusted"),
    [
        ({"env": {"GEMINI_CLI_TRUST_WORKSPACE": "true"}}, True),
        ({"env": {"GEMINI_CLI_TRUST_WORKSPACE": "false"}}, False),
        ({"env": {"GEMINI_RESTRICTED_MODE": "true", "GEMINI_CLI_TRUST_WORKSPACE": "true"}}, False),
        (run("--skip-trust"), True),
        ({}, False),
    ],
)
def test_variables_and_options_tell_trust(more, trusted):
    found = policy({PROJECT: {"tools": {"allowed": [SHELL]}}}, trusted=False, **more)
    shell = {tool.name: tool for tool in found.tools}[SHELL]
    assert (shell.decide("touch x").gate is NONE) is trusted


def test_folder_trust_is_switched_off_by_the_user_and_not_by_the_project():
    off = {"security": {"folderTrust": {"enabled": False}}}
    allowed = {"tools": {"allowed": [SHELL]}}
    decided(NONE, SHELL, "touch x", {USER: off, PROJECT: allowed}, trusted=False)
    decided(ASK, SHELL, "touch x", {PROJECT: {**off, **allowed}}, trusted=False)


@pytest.mark.parametrize(
    ("tool", "target", "gate"),
    [(SHELL, "git status", ASK), (SHELL, "ls", NONE), (CALL, "github/push", REFUSED), (SHELL, "touch x", ASK)],
)
def test_in_a_folder_that_is_not_trusted_git_asks_and_no_server_is_started(tool, target, gate):
    decided(gate, tool, target, {}, trusted=False)


def test_in_a_folder_that_is_not_trusted_no_mode_counts():
    assert policy({}, trusted=False, **run("--yolo")).mode == "default"


# --- tools.allowed, tools.core, tools.exclude


@pytest.mark.parametrize(
    ("settings", "command", "gate"),
    [
        ({"allowed": [f"{SHELL}(git)"]}, "git push", NONE),
        ({"allowed": [f"{SHELL}(git)"]}, "gitk", REFUSED),
        ({"allowed": [f"{SHELL}(git)"]}, "touch x", REFUSED),  # one command named refuses all others
        ({"allowed": [f"{SHELL}(git)"]}, "ls", REFUSED),
        ({"allowed": ["ShellTool(git status)"]}, "git status -s", NONE),
        ({"allowed": [f"{SHELL}(git:*)"]}, "git status", REFUSED),  # a star is a star
        ({"allowed": [f"{SHELL}()"]}, "ls", REFUSED),
        ({"allowed": [SHELL]}, "touch x", NONE),
        ({"allowed": [SHELL]}, "rm -rf x", ASK),
        ({"allowed": ["ShellTool"]}, "touch x", NONE),
        ({"allowed": ["write_file"]}, "touch x", ASK),
        ({"core": [SHELL]}, "touch x", NONE),  # what is kept runs unasked too
        ({"core": [f"{SHELL}(git)"]}, "git push", NONE),
        ({"core": [f"{SHELL}(git)"]}, "touch x", REFUSED),
        ({"core": ["read_file"]}, "ls", REFUSED),
        ({"core": []}, "ls", REFUSED),
        ({"exclude": [SHELL]}, "ls", REFUSED),
        ({"exclude": [f"{SHELL}(rm)"]}, "rm x", ASK),  # the name of no tool: it refuses nothing
        ({"exclude": [SHELL], "allowed": [SHELL]}, "ls", REFUSED),
        ({"confirmationRequired": [SHELL], "allowed": [SHELL]}, "touch x", ASK),
    ],
)
def test_lists_of_tools(settings, command, gate):
    decided(gate, SHELL, command, {USER: {"tools": settings}})


def test_a_list_of_tools_refuses_servers_that_are_trusted_too():
    settings = {"tools": {"core": ["read_file"]}, "mcpServers": {"github": {"command": "x", "trust": True}}}
    decided(REFUSED, CALL, "github/push", {USER: settings})


def test_options_stand_in_place_of_the_list():
    settings = {USER: {"tools": {"exclude": ["x"], "allowed": ["x"]}}}
    assert decided(NONE, SHELL, "touch x", settings, **run("--allowed-tools", SHELL)).evidence.process is not None
    found = decided(NONE, SHELL, "git push", {}, **run(f"--allowed-tools={SHELL}(git)"))
    assert found.evidence.process == "node (pid 7)"


def test_a_rule_names_its_file_and_line():
    text = '{\n "tools": {\n  // kept\n  "allowed": [\n   "run_shell_command(git)"\n  ]\n }\n}'
    found = decided(NONE, SHELL, "git push", {USER: text})
    assert found.rule == 'tools.allowed "run_shell_command(git)"'
    assert (found.evidence.path.name, found.evidence.line) == ("settings.json", 5)


def test_an_allowance_with_a_variable_in_it_is_not_resolved():
    found = decided(UNKNOWN, SHELL, "anything", {USER: {"tools": {"allowed": [f"{SHELL}($WORD)"]}}})
    assert found.effective is NONE


# --- whose settings count


@pytest.mark.parametrize(
    ("files", "gate"),
    [
        ({USER: {"tools": {"allowed": [SHELL]}}, SYSTEM: {"tools": {"allowed": []}}}, ASK),
        ({USER: {"tools": {"allowed": []}}, DEFAULTS: {"tools": {"allowed": [SHELL]}}}, ASK),
        ({DEFAULTS: {"tools": {"allowed": [SHELL]}}}, NONE),
        ({USER: {"tools": {"allowed": []}}, PROJECT: {"tools": {"allowed": [SHELL]}}}, NONE),
        ({PROJECT: {"tools": {"allowed": [SHELL]}}, SYSTEM: {"tools": {"allowed": []}}}, ASK),
        ({USER: {"tools": {"exclude": [SHELL]}}, SYSTEM: {"tools": {"exclude": []}}}, REFUSED),  # these are joined
    ],
)
def test_the_highest_list_replaces_the_others(files, gate):
    decided(gate, SHELL, "touch x", files)


def test_a_variable_moves_the_home_and_the_settings_of_the_system():
    allowed = {"tools": {"allowed": [SHELL]}}
    moved = {"/srv/g/.gemini/settings.json": allowed, "/srv/g/.gemini/trustedFolders.json": {WORK: "TRUST_FOLDER"}}
    decided(NONE, SHELL, "touch x", moved, trusted=False, env={"GEMINI_CLI_HOME": "/srv/g"})
    named = {"GEMINI_CLI_SYSTEM_SETTINGS_PATH": "/srv/s/settings.json"}
    decided(NONE, SHELL, "touch x", {"/srv/s/settings.json": allowed}, env=named)
    decided(NONE, SHELL, "touch x", {"/srv/s/system-defaults.json": allowed}, env=named)
    decided(ASK, SHELL, "touch x", {SYSTEM: allowed}, env=named)


def test_a_file_of_the_system_that_others_may_change_is_passed_over():
    allowed = json.dumps({"tools": {"allowed": [SHELL]}})
    decided(NONE, SHELL, "touch x", {SYSTEM: FakeFile(allowed, mode=0o644, mine=False)})
    for file in (FakeFile(allowed, mode=0o666, mine=False), FakeFile(allowed, mode=0o644, mine=True)):
        decided(ASK, SHELL, "touch x", {SYSTEM: file})


def test_in_the_home_its_own_settings_are_no_project():
    seen = look({USER: {"tools": {"allowed": [SHELL]}}}, workspace="~")
    assert not weak(seen)


# --- policy files


@pytest.mark.parametrize(
    ("text", "command", "gate"),
    [
        (rule("allow", commandPrefix="git"), "git push", NONE),
        (rule("allow", commandPrefix="git"), "gitk", ASK),
        (rule("allow", commandPrefix=["git", "npm test"]), "npm test x", NONE),
        (rule("allow", commandPrefix="git") + rule("deny", 50), "touch x", REFUSED),
        (rule("allow", commandPrefix="git") + rule("deny", 200), "git push", REFUSED),
        (rule("deny", commandPrefix="git push") + rule("allow", 50), "git push -f", REFUSED),
        (rule("deny", commandPrefix="git push") + rule("allow", 50), "git status", NONE),
        (rule("allow", commandRegex="git (status|log)"), "git log -p", NONE),
        (rule("allow", commandRegex="git (status|log)"), "git push", ASK),
        (rule("allow", commandRegex="git (status|log)"), "git statusx", NONE),  # it wants no word to end
        (rule("allow", commandRegex="git.*"), "gitk", NONE),
        (rule("allow", commandRegex="git|npm"), "rm x", NONE),  # its other half is looked for anywhere
        (rule("allow", commandRegex="^git"), "git push", ASK),  # never true: a command stands within quotes
        (rule("allow", commandRegex="git$"), "git", ASK),
        (rule("deny", commandRegex="git push") + rule("allow", 50), "git push", REFUSED),
        (rule("ask_user", commandRegex=".*"), "ls", ASK),  # a rule for what is called leaves its own judgement out
        (rule("ask_user"), "ls", NONE),
        (rule("deny", commandRegex=".*push") + rule("allow", 50), "git push", NONE),  # not followed: it may not hold
        (rule("allow", argsPattern="git"), "rm x", NONE),  # the model words the description as it likes
        (rule("allow", argsPattern='"command":"git '), "git push", NONE),
        (rule("allow", argsPattern='"command":"git '), "rm x", ASK),
        (rule("allow", tool="*"), "touch x", NONE),
        (rule("allow", tool=["read_file", SHELL]), "touch x", NONE),
        (rule("allow", tool="run_*"), "touch x", ASK),  # stars stand for tools of servers alone
        (rule("allow", modes=["yolo"]), "touch x", ASK),
        (rule("allow", modes=["default"]), "touch x", NONE),
        (rule("allow", interactive=False), "touch x", ASK),
        (rule("deny", interactive=False), "touch x", ASK),
        (rule("deny", subagent="x"), "touch x", ASK),
        (rule("allow", 950) + rule("deny", 949), "touch x", NONE),
        (rule("deny", 100) + rule("allow", 100), "touch x", REFUSED),  # of equals the one that stands first
    ],
)
def test_policy_files(text, command, gate):
    decided(gate, SHELL, command, {POLICY: text})


@pytest.mark.parametrize(
    ("files", "gate"),
    [
        ({ADMIN: rule("deny", 1), POLICY: rule("allow", 999)}, REFUSED),
        ({ADMIN: rule("allow", 1), USER: {"tools": {"exclude": [SHELL]}}}, NONE),
        ({POLICY: rule("allow", 399), USER: {"tools": {"exclude": [SHELL]}}}, REFUSED),
        ({POLICY: rule("allow", 401), USER: {"tools": {"exclude": [SHELL]}}}, NONE),
        ({f"{APP}/.gemini/policies/x.toml": rule("allow", 999, "*")}, ASK),  # not taken from a project
        ({PROJECT: {"policyPaths": ["x.toml"]}, f"{APP}/x.toml": rule("allow")}, NONE),  # but by its settings
        ({PROJECT: {"policyPaths": ["x.toml"]}, f"{APP}/x.toml": rule("ask_user"), POLICY: rule("deny")}, ASK),
        ({PROJECT: {"adminPolicyPaths": ["x.toml"]}, f"{APP}/x.toml": rule("allow"), POLICY: rule("deny")}, NONE),
        ({USER: {"adminPolicyPaths": ["~/x.toml"]}, "~/x.toml": rule("allow"), ADMIN: rule("deny", tool="x")}, ASK),
        ({USER: {"policyPaths": ["~/rules"]}, "~/rules/a.toml": rule("allow")}, NONE),
    ],
)
def test_tiers_of_policy_files(files, gate):
    decided(gate, SHELL, "touch x", files)


def test_rules_of_the_user_hold_under_yolo():
    decided(REFUSED, SHELL, "touch x", {POLICY: rule("deny", 0, commandPrefix="touch")}, **run("-y"))
    decided(NONE, SHELL, "ls", {POLICY: rule("deny", 0, commandPrefix="touch")}, **run("-y"))


def test_what_a_person_always_allowed_can_be_switched_off():
    saved = {"~/.gemini/policies/auto-saved.toml": rule("allow", 950, commandPrefix="touch")}
    decided(NONE, SHELL, "touch x", saved)
    decided(ASK, SHELL, "touch x", {**saved, USER: {"security": {"disableAlwaysAllow": True}}})


@pytest.mark.parametrize(
    "bad",
    [
        rule("maybe"),
        rule("allow", 1000),
        rule("allow", -1),
        rule("allow", 1.5),
        rule("allow", True),
        rule("allow", tool=""),
        rule("allow", modes=["auto_edit"]),
        rule("allow", interactive="no"),
        rule("allow", argsPattern=["x"]),
        "[[rule]]\n",
        "[[rule]\n",
    ],
)
def test_a_file_with_a_fault_in_any_rule_has_none(bad):
    files = {**TRUSTED, POLICY: rule("allow") + bad}
    decided(ASK, SHELL, "touch x", files)
    assert any("mine.toml" in gap.place for gap in only(look(files), Gap))


def test_rules_that_are_no_list_are_told():
    seen = look({**TRUSTED, POLICY: 'rule = "x"\n'})
    assert any("mine.toml" in gap.place for gap in only(seen, Gap))


def test_commands_are_taken_apart_so_that_nothing_follows_an_open_one():
    patterns = [each.pattern for each in tools({POLICY: rule("allow", commandPrefix="git status")})[SHELL].rules]
    assert not any(getattr(each, "chained", False) for each in patterns)


def test_an_allowance_whose_output_may_be_redirected_writes_files():
    files = {POLICY: rule("allow", commandPrefix="mytool", allowRedirection=True)}
    writes = {tool.name: tool for tool in policy(files).tools if tool.channel is Channel.WRITE}
    assert writes["run_shell_command that writes its output to a file"].decide("/home/ada/.bashrc").gate is NONE
    plain = {POLICY: rule("allow", commandPrefix="mytool")}
    assert len([tool for tool in policy(plain).tools if tool.channel is Channel.WRITE]) == 2


# --- servers


SERVER = {"mcpServers": {"git_hub": {"command": "x", "trust": True}, "other": {"command": "y"}}}


@pytest.mark.parametrize(
    ("files", "target", "gate"),
    [
        ({USER: SERVER}, "git_hub/push", NONE),
        ({USER: SERVER}, "other/push", ASK),
        ({PROJECT: SERVER}, "git_hub/push", NONE),
        ({USER: SERVER, SYSTEM: {"mcpServers": {"git_hub": {"command": "x"}}}}, "git_hub/push", ASK),
        ({USER: {"mcp": {"allowed": ["other"]}}}, "other/push", NONE),  # listed is unasked too
        ({USER: {"mcp": {"allowed": ["other"]}}}, "third/push", REFUSED),
        ({USER: {"mcp": {"allowed": ["*"]}}}, "third/push", NONE),
        ({USER: {"mcp": {"excluded": ["git_hub"]}, **SERVER}}, "git_hub/push", REFUSED),
        ({USER: {"mcp": {"excluded": ["*"]}, **SERVER}}, "git_hub/push", REFUSED),
        ({USER: {"tools": {"allowed": ["mcp_git_hub_push"]}}}, "git_hub/push", NONE),
        ({USER: {"tools": {"allowed": ["mcp_git_hub_push"]}}}, "git_hub/pull", ASK),
        ({USER: {"tools": {"exclude": ["mcp_git_hub_push"]}, **SERVER}}, "git_hub/push", REFUSED),
        ({POLICY: rule("allow", tool="mcp_other_*")}, "other/x", NONE),
        ({POLICY: rule("allow", tool="*", mcpName="other")}, "other/x", NONE),
        ({POLICY: rule("allow", tool="*", mcpName="other")}, "third/x", ASK),
        ({POLICY: rule("allow", tool="look", mcpName="other")}, "other/look", NONE),
        ({POLICY: rule("allow", tool="look", mcpName="other")}, "other/x", ASK),
        ({POLICY: rule("allow", tool="mcp_*")}, "other/x", NONE),
        ({POLICY: rule("allow", tool="*")}, "other/x", NONE),
        ({POLICY: rule("deny", tool="mcp_*") + rule("allow", 200, "mcp_other_*")}, "other/x", NONE),
        ({POLICY: rule("deny", tool="mcp_*") + rule("allow", 200, "mcp_other_*")}, "third/x", REFUSED),
        ({POLICY: rule("deny", tool="x", mcpName="other", argsPattern="y")}, "other/x", ASK),
    ],
)
def test_tools_of_servers(files, target, gate):
    decided(gate, CALL, target, files)


def test_what_a_tool_says_of_itself_is_not_known_to_be_true():
    text = rule("allow", 9, "*", mcpName="*") + "toolAnnotations = {readOnlyHint = true}\n"
    assert decided(UNKNOWN, CALL, "other/x", {POLICY: text}).effective is NONE


# --- folders


@pytest.mark.parametrize(
    ("files", "more", "path", "gate"),
    [
        ({USER: {"context": {"includeDirectories": ["~/lib"]}}}, {}, "/home/ada/lib/x", NONE),
        ({PROJECT: {"context": {"includeDirectories": ["../other"]}}}, {}, "/home/ada/src/other/x", REFUSED),
        ({}, run("--include-directories", "/srv/a,/srv/b"), "/srv/b/x", NONE),
        ({}, {}, "/home/ada/lib/x", REFUSED),
        ({}, {}, "/home/ada/.gemini/tmp/app/x", NONE),
    ],
)
def test_folders_that_are_added(files, more, path, gate):
    decided(gate, "read_file", path, files, **more)


# --- the sandbox


@pytest.mark.parametrize(
    ("settings", "there", "more", "name"),
    [
        ({}, (), {}, None),
        ({"sandbox": True}, ("docker",), {}, "Docker"),
        ({"sandbox": True}, ("podman",), {}, "Podman"),
        ({"sandbox": True}, (), {}, None),
        ({"sandbox": "podman"}, ("docker",), {}, None),
        ({"sandbox": "runsc"}, ("runsc", "docker"), {}, "gVisor"),
        ({"sandbox": {"enabled": True, "command": "docker"}}, ("docker",), {}, "Docker"),
        ({"sandbox": {"enabled": False, "command": "docker"}}, ("docker",), {}, None),
        ({}, ("docker",), {"env": {"GEMINI_SANDBOX": "docker"}}, "Docker"),
        ({"sandbox": True}, ("docker",), {"env": {"GEMINI_SANDBOX": "false"}}, None),
        ({"sandbox": True}, ("docker",), {"env": {"SANDBOX": "x"}}, None),
        ({"sandbox": "lxc"}, ("lxc",), {}, None),  # what it lets through is not known here
    ],
)
def test_the_sandbox_is_credited_where_it_can_start(settings, there, more, name):
    files = {USER: {"tools": settings}, **{f"/usr/bin/{each}": "" for each in there}}
    box = tools(files, **more)[SHELL].sandbox
    assert (box.name if box is not None else None) == name


def test_an_option_switches_the_sandbox_on():
    found = tools({"/usr/bin/docker": ""}, **run("--yolo", "--sandbox"))
    assert found[SHELL].sandbox.name == "Docker"


def test_a_container_has_the_workspace_and_not_the_home():
    files = {USER: {"tools": {"sandbox": "docker"}}, "/usr/bin/docker": ""}
    box = tools(files, env={"SANDBOX_MOUNTS": "/srv/data,/srv/out:/srv/out:rw"})[SHELL].sandbox
    assert box.reads(f"{WORK}/x")
    assert not box.reads("/home/ada/.aws/credentials")
    assert box.reads("/home/ada/.config/gcloud/credentials.db")
    assert box.reads("/srv/data/x")
    assert (box.writes("/srv/data/x"), box.writes("/srv/out/x"), box.writes(f"{WORK}/x")) == (False, True, True)
    assert box.connects("example.com")
    assert not box.opens("/run/docker.sock")


def test_an_object_takes_the_network_away():
    off = {"enabled": True, "command": "docker", "networkAccess": False}
    box = tools({USER: {"tools": {"sandbox": off}}, "/usr/bin/docker": ""})[SHELL].sandbox
    assert not box.connects("example.com")
    both = {"tools": {"sandbox": off, "sandboxNetworkAccess": True}}
    assert tools({USER: both, "/usr/bin/docker": ""})[SHELL].sandbox.connects("example.com")


def test_seatbelt_reads_all_but_its_own_logins_by_default():
    more = {"platform": Platform.MACOS, "env": {"GEMINI_CLI_TRUST_WORKSPACE": "true"}}
    box = tools({USER: {"tools": {"sandbox": True}}}, trusted=False, **more)[SHELL].sandbox
    assert box.name == "Seatbelt"
    assert box.reads("/Users/ada/.aws/credentials")
    assert not box.reads("/Users/ada/.gemini/oauth_creds.json")
    assert not box.reads("/Users/ada/src/app/.env")
    assert not box.writes("/Users/ada/.bashrc")
    assert box.connects("example.com")
    more["env"]["SEATBELT_PROFILE"] = "mine"
    assert tools({USER: {"tools": {"sandbox": True}}}, trusted=False, **more)[SHELL].sandbox is None


def test_a_sandbox_around_each_command_reads_all_and_connects_to_nothing():
    files = {USER: {"security": {"toolSandboxing": True}}, "/usr/bin/bwrap": ""}
    found = tools(files)
    box = found[SHELL].sandbox
    assert (box.reads("/home/ada/.aws/credentials"), box.reads(f"{WORK}/.env")) == (True, False)
    assert (box.connects("example.com"), box.writes(f"{WORK}/x"), box.writes("/home/ada/x")) == (False, True, False)
    assert found["run_shell_command outside of the sandbox"].decide("x").gate is ASK
    assert tools(files, **run("-y"))[SHELL].sandbox.connects("example.com")
    assert tools({USER: {"security": {"toolSandboxing": True}}})[SHELL].sandbox is None


def test_a_sandbox_that_cannot_start_is_told():
    seen = look({**TRUSTED, USER: {"tools": {"sandbox": True}}})
    [found] = weak(seen)
    assert found.rule == "agent.sandbox-cannot-start"
    assert "docker and podman are not installed" in found.why


# --- variables


@pytest.mark.parametrize(
    ("settings", "env", "passes", "drops"),
    [
        ({}, {}, ("GITHUB_TOKEN", "DATABASE_URL"), ()),
        ({"enabled": True}, {}, ("PATH", "AWS_PROFILE"), ("GITHUB_TOKEN", "DATABASE_URL", "SSH_AUTH_SOCK")),
        ({"enabled": False, "blocked": ["AWS_PROFILE"]}, {}, ("GITHUB_TOKEN", "AWS_PROFILE"), ()),
        ({"enabled": True, "blocked": ["AWS_PROFILE"]}, {}, ("PATH",), ("AWS_PROFILE",)),
        ({"enabled": True, "allowed": ["GITHUB_TOKEN"]}, {}, ("PATH",), ("GITHUB_TOKEN",)),  # it allows no secret
        ({}, {"GITHUB_SHA": "x"}, ("PATH", "GEMINI_CLI_HOME"), ("AWS_PROFILE", "GITHUB_TOKEN")),
        ({}, {"SURFACE": "Github"}, ("PATH",), ("AWS_PROFILE",)),
        ({}, {"SURFACE": "x"}, ("AWS_PROFILE",), ()),
    ],
)
def test_variables_of_commands(settings, env, passes, drops):
    found = policy({USER: {"security": {"environmentVariableRedaction": settings}}}, env=env).commands
    assert [found.passes(name) for name in (*passes, *drops)] == [True] * len(passes) + [False] * len(drops)


def test_servers_never_get_all_variables():
    found = policy({}).servers
    assert found.passes("AWS_PROFILE")
    assert not any(map(found.passes, ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "SSH_AUTH_SOCK")))
    kept = policy({USER: {"security": {"environmentVariableRedaction": {"allowed": ["GITHUB_TOKEN"]}}}}).servers
    assert kept.passes("GITHUB_TOKEN")


# --- what is told


@pytest.mark.parametrize(
    "settings",
    [
        {"tools": {"allowed": ["write_file"]}},
        {"tools": {"core": [SHELL]}},
        {"tools": {"discoveryCommand": "CANARY"}},
        {"mcp": {"allowed": ["x"]}},
        {"mcpServers": {"x": {"command": "y", "trust": True}}},
        {"general": {"defaultApprovalMode": "auto_edit"}},
        {"hooks": {"BeforeTool": [{"hooks": [{"type": "command", "command": "./x"}]}]}},
        {"policyPaths": ["x.toml"]},
        {"context": {"includeDirectories": ["/"]}},
        {"security": {"disableYoloMode": False}},
    ],
)
def test_a_project_that_gives_rights_is_told_once_it_is_trusted(settings):
    files = {USER: {"security": {"disableYoloMode": True}}, PROJECT: settings}
    [found] = weak(look({**TRUSTED, **files}))
    assert found.rule == "agent.rights-from-repository"
    assert found.evidence.path.as_posix() == f"{WORK}/.gemini/settings.json"
    untrusted = look(files)
    assert not weak(untrusted)
    assert any("until the folder is trusted" in each.value for each in only(untrusted, SettingSeen))


@pytest.mark.parametrize(
    "settings", [{}, {"tools": {"exclude": [SHELL]}}, {"general": {"defaultApprovalMode": "plan"}}]
)
def test_a_project_that_takes_rights_is_no_weakness(settings):
    assert not weak(look({**TRUSTED, PROJECT: settings}))


def test_hooks_and_commands_that_run_something_are_told():
    hook = {"hooks": {"BeforeTool": [{"hooks": [{"type": "command", "command": "echo CANARY"}]}]}}
    files = {
        USER: hook,
        "~/.gemini/commands/look.toml": 'prompt = "!{git log} CANARY"\n',
        "~/.gemini/commands/talk.toml": 'prompt = "hello"\n',
        "~/.gemini/extensions/x/hooks/hooks.json": hook,
    }
    told = {(each.key, each.scope) for each in only(look(files), SettingSeen)}
    assert {("hooks.BeforeTool", "user"), ("command", "user"), ("hooks", "extension")} <= told
    assert sum(key == "command" for key, _ in told) == 1


def test_one_that_asks_nothing_is_told():
    [found] = weak(look(TRUSTED, **run("--yolo")))
    assert found.rule == "agent.asks-nothing"


@pytest.mark.parametrize("text", ["{", "[]", '{"tools": {"allowed": ["run_shell_command"]', "7"])
def test_broken_settings_are_a_gap_and_it_is_judged_without_them(text):
    files = {**TRUSTED, USER: text}
    decided(ASK, SHELL, "touch x", files)
    gaps = [gap for gap in only(look(files), Gap) if "settings.json" in gap.place]
    assert any("judged without it" in gap.why for gap in gaps)


def test_locked_settings_are_a_gap():
    seen = look({USER: FakeFile(None), "~/.gemini/oauth_creds.json": "{}"})
    assert any(gap.kind is GapKind.REFUSED and "settings.json" in gap.place for gap in only(seen, Gap))


def test_a_pipe_in_place_of_the_settings_is_not_opened():
    assert only(look({USER: FakeFile(kind=FileKind.PIPE), "~/.gemini/oauth_creds.json": "{}"}), AgentSeen)


def test_a_secret_in_a_rule_is_never_shown():
    for file, text in (
        (USER, {"tools": {"allowed": [f"{SHELL}(curl -H 'Authorization: Bearer {GITHUB}')"]}}),
        (POLICY, rule("allow", commandPrefix=f"deploy --token {GITHUB}")),
        (POLICY, rule("deny", commandPrefix=f"deploy --token={GITHUB}")),
        (POLICY, rule("allow", commandRegex=f"deploy {GITHUB}")),
    ):
        look({**TRUSTED, file: text})


def test_a_repository_alone_installs_nothing():
    assert not [
        each
        for each in observe(agents, FakeHost(files={PROJECT: "{}"}, workspace=APP))
        if isinstance(each, AgentSeen) and not each.notional
    ]


# --- regular expressions


@pytest.mark.parametrize(
    ("text", "heads", "whole"),
    [
        ("git", ("git",), True),
        (r"git\.x", ("git.x",), True),
        ("a(b|c)d", ("abd", "acd"), True),
        ("(?:npm|yarn) test", ("npm test", "yarn test"), True),
        ("git.*", ("git",), True),
        ("git.*x", ("git",), False),
        ("gits?", ("git",), False),
        (r"git\s+x", ("git",), False),
        ("(a|b)+", ("",), False),
        ("", ("",), True),
        ("git[|]x", ("git",), False),
        ("(a(b|c))", ("",), False),
    ],
)
def test_regular_expressions_are_read_as_far_as_they_are_letters(text, heads, whole):
    found = read(text)
    assert (found.heads, found.whole) == (heads, whole)


PARTS = ["(", ")", "|", "[", "]", "\\", "a", "git", ".*", "+", "?", "{2}", "^", "$", '"', " "]


@example(["("] * 2000)
@example(["(a|b)"] * 300)
@given(st.lists(st.sampled_from(PARTS), max_size=40))
def test_no_regular_expression_breaks_it(parts):
    assert read("".join(parts)).heads


SHREDS = [
    '{"tools"',
    ":",
    '{"allowed"',
    "[",
    '"run_shell_command(git)"',
    "]",
    "}",
    "true",
    ",",
    "7",
    '"mcpServers"',
    "null",
]
LINES = [
    "[[rule]]",
    'toolName = "*"',
    "priority = 1",
    'decision = "allow"',
    "modes = []",
    "rule = 3",
    "toolName = 7",
    "[",
]
WORDS = ["--yolo", "-y", "--approval-mode", "=", "yolo", "--allowed-tools", "a,b(", "--", "-", "--policy", "-p", ""]


@example([], ["[[rule]]", "modes = [7]"], ["--approval-mode"])
@given(st.lists(st.sampled_from(SHREDS)), st.lists(st.sampled_from(LINES)), st.lists(st.sampled_from(WORDS)))
def test_no_text_breaks_it(shreds, lines, words):
    files = {USER: "".join(shreds), PROJECT: "".join(shreds), POLICY: "\n".join(lines), TRUST: "".join(shreds)}
    found = look(files, **run(*words), env={"GEMINI_CLI_TRUST_WORKSPACE": "true"})
    assert only(found, AgentSeen)[0].policy.mode in set(Mode)
