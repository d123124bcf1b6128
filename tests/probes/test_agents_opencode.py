"""opencode: what it does unasked, rule by rule, as version 1.18.33 does it (bench/oracle/RESULTS-opencode.md)."""

import json
import re
from pathlib import PurePosixPath
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.look import agents
from probes.agents.opencode.flags import told as flags
from probes.agents.opencode.rules import behind, fits, globs
from scanner.host import Process
from scanner.model import AgentSeen, Channel, Gap, GapKind, Gate, Paths, Platform, SettingSeen, Weakness
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token

APP, HOME, WORK = "~/src/app", "/home/ada", "/home/ada/src/app"
USER, OLD, COMMENTED = (f"~/.config/opencode/{name}" for name in ("opencode.json", "config.json", "opencode.jsonc"))
PROJECT, PROJECT_COMMENTED = f"{APP}/opencode.json", f"{APP}/opencode.jsonc"
OWN, HOMES, MANAGED = f"{APP}/.opencode/opencode.json", "~/.opencode/opencode.json", "/etc/opencode/opencode.json"
ROOT, GIT = "~/src/opencode.json", {f"{APP}/.git/HEAD": "ref: refs/heads/main\n"}
HERE = {"~/.config/opencode/.gitignore": ""}
GITHUB = token("github-classic", "opencode")
RUNS, ASKS, REFUSES, UNSURE = Gate.NONE, Gate.PROMPT, Gate.REFUSED, Gate.UNKNOWN


def look(files, platform=Platform.LINUX, *, git=True, workspace=APP, **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    inside = GIT if git else {}
    seen = observe(agents, FakeHost(platform, {**HERE, **inside, **files}, workspace=workspace, **more))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def policy(files, **more):
    [agent] = [each for each in only(look(files, **more), AgentSeen) if each.agent == "opencode"]
    return agent.policy


def tools(files, **more):
    return {tool.name: tool for tool in policy(files, **more).tools}


def decided(permission, tool, target, **more):
    return tools({USER: {"permission": permission}}, **more)[tool].decide(target).gate


# --- the default, and the list of rules


@pytest.mark.parametrize(
    ("tool", "target", "gate"),
    [
        ("bash", "rm -rf /", RUNS),
        ("read", f"{WORK}/main.py", RUNS),
        ("read", f"{WORK}/.env", ASKS),
        ("read", f"{WORK}/deep/er/prod.env", ASKS),
        ("read", f"{WORK}/.env.production", ASKS),
        ("read", f"{WORK}/.env.example", RUNS),
        ("read", f"{HOME}/.ssh/id_ed25519", ASKS),
        ("grep", f"{WORK}/.env", RUNS),  # the tool for searching has no rule of its own for it
        ("grep", f"{HOME}/.ssh/id_ed25519", ASKS),
        ("edit", f"{WORK}/main.py", RUNS),
        ("edit", f"{WORK}/.env", RUNS),
        ("edit", f"{HOME}/.bashrc", ASKS),
        ("webfetch", "example.com", RUNS),
        ("MCP tools", "github/create_issue", RUNS),
        ("read of the agent explore", f"{WORK}/.env", RUNS),
    ],
)
def test_by_default_almost_everything_runs(tool, target, gate):
    ruling = tools({})[tool].decide(target)
    assert (ruling.gate, ruling.evidence) == (gate, None)


@pytest.mark.parametrize(
    ("permission", "tool", "target", "gate"),
    [
        ("ask", "bash", "ls", ASKS),
        ("ask", "read", f"{WORK}/main.py", ASKS),
        ("allow", "read", f"{WORK}/.env", RUNS),
        ("allow", "read", f"{HOME}/.ssh/id_ed25519", RUNS),  # a star is about external_directory too
        ("deny", "MCP tools", "github/create_issue", REFUSES),
        ({"bash": "deny"}, "bash", "ls", REFUSES),
        ({"bash": {"git *": "allow"}}, "bash", "rm -rf /", RUNS),  # what no pattern is about stays allowed
        ({"bash": {"*": "ask", "git *": "allow"}}, "bash", "git status", RUNS),
        ({"bash": {"*": "ask", "git *": "allow"}}, "bash", "git", RUNS),
        ({"bash": {"*": "ask", "git *": "allow"}}, "bash", "gitk", ASKS),
        ({"bash": {"*": "ask", "git*": "allow"}}, "bash", "gitk", RUNS),
        ({"bash": {"*": "ask", "git status": "allow"}}, "bash", "git status -s", ASKS),
        ({"bash": {"git *": "allow", "*": "ask"}}, "bash", "git status", ASKS),  # the last that matches
        ({"bash": {"*": "allow", "rm *": "deny"}}, "bash", "rm x", REFUSES),
        ({"bash": {"*": "allow", "rm *": "deny"}, "*": "allow"}, "bash", "rm x", RUNS),
        ({"*": "deny", "bash": "allow"}, "bash", "ls", RUNS),
        ({"b*h": "deny"}, "bash", "ls", REFUSES),
        ({"bas?": "deny"}, "bash", "ls", REFUSES),
        ({"bash": {"*": "deny", "git statu?": "allow"}}, "bash", "git status", RUNS),
        ({"bash": {"*": "ask", "~/bin/x *": "allow"}}, "bash", f"{HOME}/bin/x y", RUNS),
        ({"bash": {"*": "ask", "$HOME/bin/x *": "allow"}}, "bash", f"{HOME}/bin/x y", RUNS),
        ({"edit": "deny"}, "edit", f"{WORK}/main.py", REFUSES),
        ({"edit": {"*": "deny", "docs/*": "allow"}}, "edit", f"{WORK}/docs/a/b.md", RUNS),
        ({"edit": {"*": "deny", "docs/*": "allow"}}, "edit", f"{WORK}/main.py", REFUSES),
        ({"edit": {"*": "deny", "src/*.ts": "allow"}}, "edit", f"{WORK}/src/a/b.ts", RUNS),  # a star crosses folders
        ({"read": {"*secret*": "deny"}}, "read", f"{WORK}/a/secrets/b", REFUSES),
        ({"read": {"*/.ssh/*": "deny"}, "external_directory": "allow"}, "read", f"{HOME}/.ssh/id", REFUSES),
        (
            {"read": {"~/.ssh/*": "deny"}, "external_directory": "allow"},
            "read",
            f"{HOME}/.ssh/id",
            RUNS,
        ),  # never matches
        ({"read": {"*": "deny"}}, "grep", f"{WORK}/main.py", RUNS),
        ({"edit": {"../secret/*": "deny"}, "external_directory": "allow"}, "edit", f"{HOME}/src/secret/x", REFUSES),
        ({"external_directory": "deny"}, "read", f"{HOME}/x", REFUSES),
        ({"external_directory": "deny"}, "read", f"{WORK}/x", RUNS),
        ({"external_directory": {"~/other/*": "allow"}}, "read", f"{HOME}/other/a/b", RUNS),
        ({"external_directory": {"~/other/*": "allow"}}, "read", f"{HOME}/other/.env", ASKS),
        ({"external_directory": {"~/other/**": "allow"}}, "edit", f"{HOME}/other/a", RUNS),
        ({"external_directory": {"~/other": "allow"}}, "read", f"{HOME}/other/a", ASKS),  # needs a star at its end
        ({"external_directory": {"~/oth*": "allow"}}, "read", f"{HOME}/other/a", RUNS),
        ({"external_directory": {"*": "allow", "~/.ssh/*": "deny"}}, "read", f"{HOME}/.ssh/id", REFUSES),
        ({"external_directory": {"*": "allow", "~/.ssh/*": "deny"}}, "read", "/etc/hosts", RUNS),
        ({"webfetch": "deny"}, "webfetch", "example.com", REFUSES),
        ({"github_*": "ask"}, "MCP tools", "github/create_issue", ASKS),
        ({"github_*": "ask"}, "MCP tools", "gitlab/create_issue", RUNS),
        ({"*": "ask", "github_get_issue": "allow"}, "MCP tools", "github/get_issue", RUNS),
        ({"*": "ask", "my_srv_get": "allow"}, "MCP tools", "my.srv/get", RUNS),
        ({"doom_loop": "deny", "external_directory": "deny"}, "MCP tools", "external/directory", RUNS),
    ],
)
def test_the_last_rule_that_matches_decides(permission, tool, target, gate):
    assert decided(permission, tool, target) == gate


def test_a_rule_tells_where_it_stands():
    ruling = tools({USER: '{\n"permission": {"bash": {\n"*": "deny"}}}'})["bash"].decide("ls")
    assert ruling.rule == 'permission.bash.* "deny"'
    assert (ruling.evidence.path, ruling.evidence.line) == (PurePosixPath(f"{HOME}/.config/opencode/opencode.json"), 3)


def test_the_servers_own_name_is_told_from_its_tools():
    files = {USER: {"permission": {"*": "ask", "my_srv_get_x": "allow"}, "mcp": {"my_srv": {"type": "local"}}}}
    found = tools(files)["MCP tools"]
    assert found.decide("my_srv/get_x").gate is RUNS
    assert found.decide("my/srv_get_x").gate is ASKS


@pytest.mark.parametrize(
    ("bash", "writes"),
    [
        ({"*": "ask", "echo *": "allow"}, True),
        ({"*": "ask", "echo*": "allow"}, True),
        ({"*": "ask", "git status": "allow"}, False),
        ({"*": "ask", "echo *": "allow", "* > *": "deny"}, False),
        ("ask", False),
    ],
)
def test_an_open_rule_for_a_command_writes_any_file_by_a_redirection(bash, writes):
    found = tools({USER: {"permission": {"*": "ask", "bash": bash}}})
    assert ("bash with a redirection" in found) is writes
    if writes:
        assert found["bash with a redirection"].decide("/home/ada/.bashrc").gate is RUNS


def test_without_a_repository_paths_are_reckoned_from_the_root():
    permission = {"read": {"home/ada/src/app/a*": "deny", "*.env": "allow"}, "external_directory": "allow"}
    assert decided(permission, "read", f"{WORK}/abc", git=False) is REFUSES
    assert decided(permission, "read", f"{HOME}/.env", git=False) is RUNS
    assert decided({}, "read", f"{HOME}/src/other", git=False) is ASKS


def test_the_whole_repository_is_inside():
    files = {"~/src/.git/HEAD": "x", USER: {"permission": {"edit": {"other/*": "deny"}}}}
    found = tools(files, git=False)
    assert found["read"].decide(f"{HOME}/src/other/x").gate is RUNS
    assert found["edit"].decide(f"{HOME}/src/other/x").gate is REFUSES


# --- where settings come from

DENY, ALLOW, ASK = ({"permission": {"bash": action}} for action in ("deny", "allow", "ask"))


@pytest.mark.parametrize(
    ("files", "gate"),
    [
        ({OLD: DENY, USER: ALLOW}, RUNS),
        ({USER: DENY, COMMENTED: ALLOW}, RUNS),
        ({COMMENTED: '{// a comment\n"permission": {"bash": "deny",},}'}, REFUSES),
        ({USER: DENY, PROJECT: ALLOW}, RUNS),  # a project beats the user
        ({PROJECT: DENY, PROJECT_COMMENTED: ALLOW}, RUNS),
        ({PROJECT: DENY, OWN: ALLOW}, RUNS),
        ({OWN: DENY, HOMES: ALLOW}, RUNS),
        ({HOMES: ALLOW, MANAGED: DENY}, REFUSES),
        ({USER: {"permission": {"bash": "deny"}}, PROJECT: {"permission": {"*": "allow"}}}, RUNS),  # its key is later
        ({USER: {"permission": {"*": "allow", "bash": "deny"}}, PROJECT: {"permission": {"*": "ask"}}}, REFUSES),
        ({MANAGED: DENY, PROJECT: {"permission": {"bash": "ask", "*": "allow"}}}, RUNS),  # even the managed one
        ({MANAGED: DENY, PROJECT: {"agent": {"build": {"permission": {"bash": "allow"}}}}}, RUNS),
        ({USER: {"permission": {"bash": {"*": "ask", "git *": "allow"}}}, PROJECT: DENY}, REFUSES),
        ({USER: {"tools": {"bash": False}}}, REFUSES),
        ({USER: {"tools": {"bash": False}, "permission": {"*": "allow"}}}, RUNS),  # switches come before permissions
        ({USER: {"agent": {"build": {"tools": {"bash": False}}}}}, REFUSES),
        ({USER: {"mode": {"build": {"permission": {"bash": "deny"}}}}}, REFUSES),
        ({f"{APP}/.opencode/agent/build.md": "---\npermission:\n  bash: deny\n---\nhi"}, REFUSES),
        ({f"{APP}/.opencode/modes/build.md": "---\npermission:\n  bash: deny\n---\nhi"}, REFUSES),
        ({"~/.config/opencode/agents/build.md": "---\ntools:\n  bash: false\n---\nhi"}, REFUSES),
        ({f"{APP}/.opencode/agent/x.md": "---\nname: build\npermission:\n  bash: deny\n---\n"}, REFUSES),
        ({f"{APP}/AGENTS.md": "permission: deny"}, RUNS),
        ({"~/src/other/opencode.json": DENY}, RUNS),  # a neighbour's
        ({ROOT: DENY}, RUNS),  # above the repository's root
    ],
)
def test_settings_are_merged_as_opencode_merges_them(files, gate):
    assert tools(files)["bash"].decide("ls").gate is gate


def test_without_a_repository_settings_of_all_folders_above_count():
    assert tools({ROOT: DENY}, git=False)["bash"].decide("ls").gate is REFUSES
    assert tools({"/opencode.json": DENY}, git=False)["bash"].decide("ls").gate is REFUSES


def test_the_nearer_file_of_a_repository_beats_the_one_at_its_root():
    files = {"~/src/.git/HEAD": "x", ROOT: DENY, PROJECT: ALLOW}
    assert tools(files, git=False)["bash"].decide("ls").gate is RUNS


def test_the_folder_at_the_root_beats_the_nearer_one():
    files = {"~/src/.git/HEAD": "x", "~/src/.opencode/opencode.json": DENY, OWN: ALLOW}
    assert tools(files, git=False)["bash"].decide("ls").gate is REFUSES


@pytest.mark.parametrize(
    ("variables", "files", "gate"),
    [
        ({"OPENCODE_PERMISSION": '{"bash": "allow"}'}, {USER: DENY, MANAGED: DENY}, RUNS),
        ({"OPENCODE_PERMISSION": "{no json"}, {USER: DENY}, REFUSES),
        ({"OPENCODE_CONFIG_CONTENT": json.dumps(ALLOW)}, {PROJECT: DENY}, RUNS),
        ({"OPENCODE_CONFIG": "~/mine.json"}, {"~/mine.json": ALLOW, USER: DENY}, RUNS),
        ({"OPENCODE_CONFIG": "~/mine.json"}, {"~/mine.json": ALLOW, PROJECT: DENY}, REFUSES),
        ({"OPENCODE_CONFIG_DIR": "~/mine"}, {"~/mine/opencode.json": ALLOW, OWN: DENY}, RUNS),
        ({"OPENCODE_DISABLE_PROJECT_CONFIG": "1"}, {PROJECT: ALLOW, OWN: ALLOW, USER: DENY}, REFUSES),
        ({"XDG_CONFIG_HOME": "/home/ada/conf"}, {"~/conf/opencode/opencode.json": DENY, USER: ALLOW}, REFUSES),
    ],
)
def test_variables_move_and_replace_settings(variables, files, gate):
    assert tools(files, env=variables)["bash"].decide("ls").gate is gate


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.MACOS, "/Library/Application Support/opencode/opencode.json"),
        (Platform.WINDOWS, "C:/ProgramData/opencode/opencode.jsonc"),
    ],
)
def test_each_platform_has_its_managed_folder(platform, path):
    assert tools({path: DENY}, platform=platform)["bash"].decide("ls").gate is REFUSES


def test_paths_of_windows_are_understood():
    files = {USER: {"permission": {"external_directory": {"~/other/*": "allow"}, "read": {"*.env": "deny"}}}}
    found = tools(files, platform=Platform.WINDOWS)["read"]
    assert found.decide("C:\\Users\\ada\\src\\app\\a\\.ENV").gate is REFUSES
    assert found.decide("C:\\Users\\ada\\other\\x").gate is RUNS
    assert found.decide("C:\\Users\\ada\\x").gate is ASKS


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        ({"one": {"path": "~/other"}}, f"{HOME}/other/x"),
        ({"one": "~/other"}, f"{HOME}/other/x"),
        ({"one": "/etc"}, "/etc/hosts"),
        ({"one": {"path": "../other"}}, f"{HOME}/src/other/x"),  # beside the file that says so
        ({"one": "../other/./x/.."}, f"{HOME}/src/other/x"),
    ],
)
@pytest.mark.parametrize("key", ["references", "reference"])
def test_a_folder_of_reference_is_open_without_leave(key, told, opened):
    found = tools({PROJECT: {key: told}})
    assert found["read"].decide(opened).gate is RUNS
    assert found["edit"].decide(opened).gate is RUNS
    assert found["read"].decide(f"{HOME}/x").gate is ASKS
    assert tools({PROJECT: {key: told}, USER: {"permission": "ask"}})["read"].decide(opened).gate is ASKS


def test_a_repository_of_reference_opens_no_folder():
    assert (
        tools({PROJECT: {"references": {"one": "other/x", "two": {"repository": "/etc"}}}})["read"]
        .decide("/etc/hosts")
        .gate
        is ASKS
    )


# --- agents


def test_the_default_agent_is_judged():
    assert policy({}).mode == "build"
    assert policy({USER: {"default_agent": "plan"}}).mode == "plan"
    assert tools({USER: {"default_agent": "plan"}})["edit"].decide(f"{WORK}/x").gate is REFUSES
    assert policy({USER: {"agent": {"build": {"disable": True}}}}).mode == "plan"
    assert policy({USER: {"default_agent": "nobody"}}).mode == "build"


def test_what_one_agent_may_not_do_another_that_it_calls_may():
    """Only a session's rules are handed on, not those of the agent that calls."""
    found = tools({USER: {"agent": {"build": {"permission": {"bash": "deny"}}}}})
    assert found["bash"].decide("ls").gate is REFUSES
    assert found["bash of the agent general"].decide("ls").gate is RUNS


def test_an_agent_that_may_call_nobody_has_its_own_tools_only():
    own = {"bash": "deny", "task": "deny"}
    found = tools({USER: {"agent": {"build": {"permission": own}}}})
    assert not [name for name in found if "of the agent" in name]


@pytest.mark.parametrize("agents", [{}, {"agent": {"strict": {"permission": {"*": "deny"}}}}])
def test_agents_that_may_do_less_are_left_out(agents):
    """Their rules hold nothing back, since the agent that calls them needs them for nothing."""
    assert [name for name in tools({USER: agents}) if "of the agent" in name] == ["read of the agent explore"]


def test_what_a_called_agent_writes_by_a_redirection_counts():
    called = {"permission": {"*": "deny", "bash": {"echo *": "allow"}}}
    files = {USER: {"permission": "ask", "agent": {"build": {"permission": {"task": "allow"}}, "other": called}}}
    found = tools(files)
    assert found["bash of the agent other"].decide("echo x").gate is RUNS
    assert found["bash of the agent other"].decide("ls").gate is REFUSES
    assert found["bash of the agent other with a redirection"].decide(f"{HOME}/.bashrc").gate is RUNS


def test_a_call_that_asks_makes_what_is_called_ask():
    own = {"bash": "deny", "task": "ask"}
    found = tools({USER: {"agent": {"build": {"permission": own}}}})
    assert found["bash of the agent general"].decide("ls").gate is ASKS


def test_an_agent_in_a_folder_is_named_by_its_path():
    rules = "---\nmode: primary\npermission:\n  bash:\n    '*': deny\n    'git *': allow\n---\nhi"
    files = {USER: {"default_agent": "team/rev"}, f"{APP}/.opencode/agent/team/rev.md": rules}
    assert policy(files).mode == "team/rev"
    assert tools(files)["bash"].decide("git status").gate is RUNS
    assert tools(files)["bash"].decide("ls").gate is REFUSES


# --- running ones


def running(*words):
    return Process(7, 1, "opencode", ("opencode", *words))


@pytest.mark.parametrize("option", ["--auto", "--dangerously-skip-permissions", "--yolo", "--yolo=true"])
def test_a_running_one_that_approves_by_itself_asks_for_nothing(option):
    seen = look({USER: {"permission": {"*": "ask", "bash": {"rm *": "deny"}}}}, processes=[running("run", option, "x")])
    [agent] = only(seen, AgentSeen)
    found = {tool.name: tool for tool in agent.policy.tools}
    assert agent.running
    assert agent.policy.mode == "--auto"
    assert found["edit"].decide(f"{HOME}/x").gate is RUNS
    assert found["bash"].decide("rm x").gate is REFUSES  # what is denied stays so
    assert "agent.asks-nothing" in {each.rule for each in only(seen, Weakness)}


def test_the_agent_that_was_chosen_for_a_running_one_counts_too():
    files = {USER: {"agent": {"free": {"permission": {"bash": "allow"}}}, "permission": {"*": "deny"}}}
    assert policy(files, processes=[running("--agent", "free")]).mode == "build, free"
    assert policy(files, processes=[running("--agent=other")]).mode == "build"


def test_words_behind_two_dashes_are_no_options():
    assert not flags(running("run", "--", "--auto")).unasked


# --- what cannot be known


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (USER, '{"permission": {"bash": "deny"'),
        (PROJECT, '{"permission": {"bash": "deny"'),
        (USER, {"permission": {"edit": "never", "bash": "deny"}}),
        (OWN, "no json at all"),
    ],
)
def test_with_a_broken_file_it_is_judged_by_its_default(path, text):
    seen = look({HOMES: DENY, path: text})
    [agent] = only(seen, AgentSeen)
    assert {tool.name: tool for tool in agent.policy.tools}["bash"].decide("ls").gate is RUNS
    assert any(gap.kind is GapKind.FAILED for gap in only(seen, Gap))
    assert any(each.key == "settings" and "default" in each.value for each in only(seen, SettingSeen))


def test_a_file_that_may_not_be_read_is_a_gap_and_the_rest_is_read():
    seen = look({USER: None, PROJECT: DENY})
    assert [gap for gap in only(seen, Gap) if gap.kind is GapKind.REFUSED and "config/opencode" in gap.place]
    [agent] = only(seen, AgentSeen)
    assert {tool.name: tool for tool in agent.policy.tools}["bash"].decide("ls").gate is REFUSES


def test_a_key_that_is_written_twice_is_no_fault():
    assert tools({USER: '{"permission": {"bash": "allow", "bash": "deny"}}'})["bash"].decide("ls").gate is REFUSES


def test_an_action_put_together_from_elsewhere_is_not_known():
    ruling = tools({USER: {"permission": {"bash": "{env:MODE}"}}})["bash"].decide("ls")
    assert (ruling.gate, ruling.stand_in) == (UNSURE, RUNS)


@pytest.mark.parametrize(
    "files",
    [
        {USER: {"permissions": [{"action": "shell", "resource": "*", "effect": "deny"}]}},
        {USER: {"agents": {"build": {"permissions": []}}}},
    ],
)
def test_rules_of_the_next_major_version_are_not_taken_for_known(files):
    seen = look(files)
    [agent] = only(seen, AgentSeen)
    assert {(tool.otherwise.gate, tool.otherwise.stand_in) for tool in agent.policy.tools} == {(UNSURE, RUNS)}
    assert {tool.channel for tool in agent.policy.tools} == set(Channel)
    assert any(gap.place == "opencode 2" for gap in only(seen, Gap))


def test_settings_that_a_server_sends_are_a_gap():
    login = {"https://example.com": {"type": "wellknown", "key": "KEY", "token": "CANARY"}}
    seen = look({"~/.local/share/opencode/auth.json": login})
    assert any("well-known" in gap.place for gap in only(seen, Gap))
    assert not any("well-known" in gap.place for gap in only(look({}), Gap))


def test_managed_settings_of_macos_are_a_gap():
    path = "/Library/Managed Preferences/ada/ai.opencode.managed.plist"
    assert any("Managed" in gap.place for gap in only(look({path: "bplist00"}, platform=Platform.MACOS), Gap))


def test_a_link_out_of_the_repository_is_not_followed():
    files = {PROJECT: FakeFile(link="/home/ada/other.json"), "~/other.json": DENY}
    seen = look(files)
    assert any("link out" in gap.why for gap in only(seen, Gap))


# --- what is told


@pytest.mark.parametrize(
    "files",
    [
        {PROJECT: ALLOW},
        {PROJECT: {"agent": {"build": {"permission": {"bash": "allow"}}}}},
        {PROJECT: {"plugin": ["some-plugin"]}},
        {PROJECT: {"shell": "/tmp/sh"}},
        {PROJECT: {"mcp": {"x": {"type": "local", "command": ["x"]}}}},
        {PROJECT: {"mcp": {"servers": {"x": {"type": "local", "command": ["x"]}}}}},
        {PROJECT: {"formatter": {"x": {"command": ["x"]}}}},
        {PROJECT: {"lsp": {"x": {"command": ["x"]}}}},
        {PROJECT: {"provider": {"x": {"options": {"headers": {"x": "{file:~/.aws/credentials}"}}}}}},
        {PROJECT: {"references": {"x": "~/.aws"}}},
        {f"{APP}/.opencode/plugin/x.ts": "code"},
        {f"{APP}/.opencode/tools/x.js": "code"},
    ],
)
def test_what_a_repository_adds_to_its_rights_is_told(files):
    assert "agent.rights-from-repository" in {each.rule for each in only(look(files), Weakness)}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {PROJECT: DENY},
        {PROJECT: {"references": {"x": "./docs"}}},
        {PROJECT: {"instructions": ["{file:./docs/x.md}"]}},
        {PROJECT: {"mcp": {"x": {"type": "remote", "url": "https://example.com"}}}},
        {USER: {"plugin": ["some-plugin"], "permission": {"bash": {"git *": "allow"}}}},
        {"~/.config/opencode/plugin/x.ts": "code"},
        {f"{APP}/.opencode/plugin/README.md": "text"},
    ],
)
def test_what_adds_none_is_not(files):
    assert not only(look(files), Weakness)


def test_code_that_is_loaded_is_told():
    seen = look({"~/.config/opencode/plugin/x.ts": "code"})
    [told] = [each for each in only(seen, SettingSeen) if each.key == "plugins and tools"]
    assert (told.scope, told.evidence.path.name) == ("user", "x.ts")


@pytest.mark.parametrize(
    ("files", "more", "open_"),
    [
        ({USER: {"server": {"hostname": "0.0.0.0"}}}, {}, True),
        ({USER: {"server": {"mdns": True}}}, {}, True),
        ({USER: {"server": {"mdns": True, "hostname": "127.0.0.1"}}}, {}, False),
        ({USER: {"server": {"hostname": "127.0.0.1"}}}, {}, False),
        ({PROJECT: {"server": {"hostname": "0.0.0.0"}}}, {}, False),  # projects' do not count
        ({USER: {"server": {"mdns": True}}}, {"env": {"OPENCODE_SERVER_PASSWORD": "CANARY"}}, False),
        ({}, {"processes": [running("serve", "--hostname", "0.0.0.0")]}, True),
        ({}, {"processes": [running("serve", "--hostname=127.0.0.1")]}, False),
        ({}, {"processes": [running("web", "--mdns")]}, True),
    ],
)
def test_a_server_that_others_reach_is_told(files, more, open_):
    assert ("agent.listens" in {each.rule for each in only(look(files, **more), Weakness)}) is open_


def test_settings_that_bear_on_it_are_told_in_a_word():
    seen = look({USER: {"share": "auto", "shell": "/opt/CANARY", "permission": {"bash": "ask"}, "plugin": ["CANARY"]}})
    told = {each.key: each.value for each in only(seen, SettingSeen)}
    assert told == {"share": "auto", "shell": "set", "permission": "1 keys", "plugin": "1 entry"}


def test_no_secret_in_a_rule_is_told():
    look({USER: {"permission": {"bash": {f"curl -H 'Authorization: Bearer {GITHUB}' *": "allow", "*": "ask"}}}})
    look({USER: {"permission": {f"x_{GITHUB}": "allow"}, "default_agent": GITHUB}})


def test_its_version_is_that_of_its_package():
    package = "/usr/local/lib/node_modules/opencode-ai"
    files = {
        "/usr/local/bin/opencode": FakeFile(link=f"{package}/bin/opencode"),
        f"{package}/bin/opencode": "",
        f"{package}/package.json": '{"version": "1.18.33"}',
    }
    [agent] = only(look(files), AgentSeen)
    assert agent.version == "1.18.33"


# --- wildcards, however hostile


@pytest.mark.parametrize(
    ("pattern", "text", "meant"),
    [
        ("*", "anything/at all", True),
        ("git *", "git", True),
        ("git *", "git push", True),
        ("git *", "gitk", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("*.env", "a/b/.env", True),
        ("*.env", "a/b/.envrc", False),
        ("a\\b", "a/b", True),
        ("[a]", "a", False),
        ("", "", True),
    ],
)
def test_wildcards_mean_what_they_mean_to_opencode(pattern, text, meant):
    assert fits(pattern, text) is meant


@given(st.text("ab/.*? ", max_size=12), st.text("ab/. ", max_size=12))
@example("*a*a*a*b", "a" * 12)
def test_a_wildcard_is_the_regular_expression_that_opencode_makes_of_it(pattern, text):
    plain = "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern)
    if pattern.endswith(" *"):
        plain = plain[: -len(re.escape(" ") + ".*")] + "( .*)?"
    assert fits(pattern, text) is (re.fullmatch(plain, text, re.DOTALL) is not None)


def test_many_stars_take_no_time():
    assert not fits("*a" * 400 + "b", "a" * 20_000)


@given(st.text("ab/.*", min_size=1, max_size=8), st.text("ab/", min_size=1, max_size=4), st.text("ab./", max_size=4))
def test_what_is_left_of_a_pattern_matches_what_is_left_of_a_text(pattern, prefix, rest):
    assert any(fits(each, rest) for each in behind(pattern, prefix)) is fits(pattern, prefix + rest)


PARTS = st.lists(st.text("ab.", min_size=1, max_size=3).filter(lambda part: part.strip(".")), min_size=1, max_size=3)


@given(st.text("ab./*", min_size=1, max_size=7), PARTS)
def test_a_glob_means_all_that_its_pattern_means(pattern, parts):
    path = "/".join(parts)
    if "//" not in pattern and not pattern.startswith("/") and fits(pattern, path):
        assert any(Paths(glob).matches(f"/w/{path}") for glob in globs("/w/", pattern))


SHREDS = st.sampled_from(
    (
        *(
            "{",
            "}",
            "[",
            "]",
            '"permission"',
            '"bash"',
            '"*"',
            '"allow"',
            '"deny"',
            ":",
            ",",
            '"agent"',
            '"build"',
            "//",
        ),
        *(
            '"mcp"',
            '"tools"',
            "true",
            "null",
            "1e9",
            '"{file:',
            '"\\ud800"',
            "---",
            "\n",
            '"plugin"',
            '"permissions"',
            "é",
        ),
    )
)


@given(st.lists(SHREDS).map("".join), st.lists(SHREDS).map("".join))
def test_no_text_breaks_it(one, other):
    files = {USER: one, PROJECT: other, f"{APP}/.opencode/agent/x.md": f"---\n{other}\n---\n{one}"}
    look(files, env={"OPENCODE_PERMISSION": one, "OPENCODE_CONFIG_CONTENT": other})


def test_many_rules_and_agents_are_bounded():
    rules = {f"cmd{number} *": "allow" for number in range(3000)}
    named = {f"agent{number}": {"permission": {"bash": "ask"}} for number in range(300)}
    found = policy({USER: {"permission": {"bash": rules}, "agent": named}})
    assert len(found.tools) < 500


def test_thousands_of_rules_for_single_commands_cost_what_they_must():
    rules = {f"mytool run {number}": "allow" for number in range(4_000)}
    begun = process_time()
    assert tools({USER: {"permission": {"bash": {"*": "ask", **rules}}}})["bash"].decide("mytool run 7").gate is RUNS
    assert process_time() - begun < 20
