"""VS Code's agent mode: what it does unasked, rule by rule."""

import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.editors import database
from probes.agents.look import agents
from probes.agents.vscode.patterns import meant
from scanner.data.clauses import agent_mend
from scanner.model import AgentSeen, Channel, Command, Everything, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.testing import FakeHost, observe
from scanner.testing import database as made

APP = "~/src/app"
WORK = "/home/ada/src/app"
CODE = "~/.config/Code/User"
USER = f"{CODE}/settings.json"
STATE = f"{CODE}/globalStorage/state.vscdb"
FOLDER = f"{APP}/.vscode/settings.json"
EXTENSION = "~/.vscode/extensions/github.copilot-chat-0.42.0/package.json"
POLICY = "/etc/vscode/policy.json"
OPEN = (Gate.NONE, Gate.NONE)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
JUDGED = (Gate.UNKNOWN, Gate.CLASSIFIER)
ASKED = (Gate.PROMPT, Gate.PROMPT)
REFUSED = (Gate.REFUSED, Gate.REFUSED)
ACCEPTED = "chat.tools.terminal.autoApprove.warningAccepted"
GLOBAL = "chat.tools.global.autoApprove"
MODE = "chat.permissions.default"
TERMINAL = "chat.tools.terminal.autoApprove"


def state(entries):
    rows = [f"INSERT INTO ItemTable VALUES ('{key}', '{value}')" for key, value in entries.items()]
    table = "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"
    return made([table, *rows, "INSERT INTO ItemTable VALUES ('secret://x', 'CANARY')"])


def look(files, platform=Platform.LINUX, workspace=APP, **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(platform, files, workspace=workspace, **more))
    assert "CANARY" not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def here(user=None, folder=None, kept=None, **files):
    """The files of a machine on which a person let rules approve commands, unless something else is kept."""
    found = {EXTENSION: "{}", STATE: state({ACCEPTED: "true"} if kept is None else kept)}
    found |= {USER: user} if user is not None else {}
    found |= {FOLDER: folder} if folder is not None else {}
    return found | files


def agent(files, **more):
    [seen] = [each for each in only(look(files, **more), AgentSeen) if each.agent == "vscode-copilot"]
    return seen


def tools(files, **more):
    return {tool.name: tool for tool in agent(files, **more).policy.tools}


def gates(tool, target):
    ruling = tool.decide(target)
    return ruling.gate, ruling.effective


def terminal(command, user=None, folder=None, kept=None, files=None, **more):
    return gates(tools(here(user, folder, kept) | (files or {}), **more)["terminal"], command)


# --- whether it is here


@pytest.mark.parametrize(
    ("files", "is_here"),
    [
        ({}, False),
        ({USER: {GLOBAL: True}}, False),  # the editor alone
        ({FOLDER: {MODE: "autopilot"}}, False),  # a repository's files install nothing
        ({EXTENSION: "{}"}, True),
        ({f"{CODE}/globalStorage/github.copilot-chat/x": ""}, True),  # shipped with the editor, and used
        ({"~/.vscode-server/extensions/github.copilot-chat-0.42.0/package.json": "{}"}, True),
        ({"~/.cursor/extensions/other.thing-1.0.0/package.json": "{}"}, False),
    ],
)
def test_it_is_judged_where_its_extension_is_or_has_left_its_folder(files, is_here):
    assert [each.agent for each in only(look(files), AgentSeen) if each.agent == "vscode-copilot"] == (
        ["vscode-copilot"] if is_here else []
    )


def test_it_is_started_in_an_editor_and_tells_its_version():
    seen = agent(here())
    assert (seen.starts, seen.version, seen.policy.mode, seen.folder) == ("editor", "0.42.0", "default", APP)


@pytest.mark.parametrize(
    ("platform", "base", "work"),
    [
        (Platform.LINUX, "~/.config", "~/src/app"),
        (Platform.MACOS, "~/Library/Application Support", "~/src/app"),
        (Platform.WINDOWS, "~/AppData/Roaming", "~/src/app"),
    ],
)
def test_the_settings_of_each_platform_count(platform, base, work):
    files = {EXTENSION: "{}", f"{base}/Code/User/settings.json": {GLOBAL: True}}
    assert agent(files, platform=platform, workspace=work).policy.mode == "global auto-approve"


# --- all at once


@pytest.mark.parametrize(
    ("files", "mode", "gate"),
    [
        (here(), "default", ASKED),
        (here({GLOBAL: True}), "global auto-approve", OPEN),
        (here({GLOBAL: False}), "default", ASKED),
        (here('{"chat.tools.global.autoApprove": true,} // said'), "global auto-approve", OPEN),
        (here({"chat": {"tools": {"global": {"autoApprove": True}}}}), "global auto-approve", OPEN),
        (here({"chat.tools": {"global.autoApprove": True}}), "global auto-approve", OPEN),
        (here(folder={GLOBAL: True}), "default", ASKED),  # of the application: no folder decides it
        (here({MODE: "autoApprove"}), "autoApprove", OPEN),
        (here({MODE: "autopilot"}), "autopilot", OPEN),
        (here({MODE: "assisted"}), "assisted", JUDGED),
        (here({MODE: "default"}), "default", ASKED),
        (here({MODE: "later"}), "default", ASKED),
        (here({MODE: "default"}, {MODE: "autopilot"}), "autopilot", OPEN),  # a folder comes before the user
        (here({MODE: "autopilot"}, {MODE: "default"}), "default", ASKED),
        (here({"chat.tools.autoApprove": True}), "allow all", TAKEN),
        (here({"chat.defaultConfiguration": {"approvals": "allowAll"}}), "allow all", TAKEN),
        (here({"chat.defaultConfiguration": {"approvals": "manual"}}), "default", ASKED),
        (here({GLOBAL: True}, **{POLICY: {"ChatToolsAutoApprove": False}}), "default", ASKED),
        (here({MODE: "autopilot"}, **{POLICY: {"ChatToolsAutoApprove": False}}), "default", ASKED),
        (here(**{POLICY: {"ChatToolsAutoApprove": True}}), "global auto-approve", OPEN),
        (here({GLOBAL: "yes"}), "default", ASKED),
    ],
)
def test_what_approves_everything(files, mode, gate):
    seen = agent(files)
    assert seen.policy.mode == mode
    told = {tool.name: tool for tool in seen.policy.tools}
    assert gates(told["terminal"], "kubectl delete ns x") == gate
    assert gates(told["MCP tools"], "github/delete_repo") == gate
    assert gates(told["fetch"], "paste.example.com") == gate


def test_a_workspace_file_comes_behind_the_folder_and_before_the_user():
    opened = {f"{APP}/app.code-workspace": {"folders": [], "settings": {MODE: "autopilot"}}}
    assert agent(here({MODE: "default"}) | opened).policy.mode == "autopilot"
    assert agent(here({MODE: "autopilot"}, {MODE: "default"}) | opened).policy.mode == "default"


def test_what_stands_at_a_remote_machine_comes_before_the_user():
    machine = {"~/.vscode-server/data/Machine/settings.json": {TERMINAL: {"make": True}}}
    assert terminal("make x", {TERMINAL: {"make": False}}, files=machine) == OPEN


def test_of_several_profiles_and_editors_the_laxest_counts_and_is_named():
    files = here({}) | {
        f"{CODE}/profiles/1f2e/settings.json": {TERMINAL: {"make": True}},
        "~/.config/Code - Insiders/User/settings.json": {MODE: "autopilot"},
        "~/.vscode-insiders/extensions/github.copilot-chat-0.43.0/package.json": "{}",
    }
    seen = look(files)
    [told] = [each for each in only(seen, SettingSeen) if each.key == "editor"]
    assert told.value == "VS Code Insiders, where it does most unasked; 2 others are here"
    assert agent(files).policy.mode == "autopilot"


def test_settings_of_other_forks_are_not_its_own():
    assert agent(here() | {"~/.config/Cursor/User/settings.json": {GLOBAL: True}}).policy.mode == "default"


# --- commands


@pytest.mark.parametrize(
    ("rules", "command", "gate"),
    [
        ({}, "ls -la", OPEN),  # a default
        ({}, "git push", ASKED),
        ({}, "git status -s", OPEN),
        ({}, "git --no-pager log", OPEN),
        ({}, "curl https://x.example.com", ASKED),
        ({}, "docker ps -a", OPEN),
        ({}, "docker run x", ASKED),
        ({}, "find . -name x", ASKED),  # allowed but for what runs others, so that it only reads
        ({"git push": True}, "git push origin", OPEN),
        ({"git push": True}, "git pull", ASKED),
        ({"git": True, "git push": False}, "git push", ASKED),  # what asks comes before all that allows
        ({"rm": True}, "rm -rf x", OPEN),  # takes the place of the default
        ({"rm": None}, "rm -rf x", ASKED),  # unset, and then nothing allows it
        ({"ls": False}, "ls", ASKED),
        ({"ls": None}, "ls", ASKED),
        ({"/.*/": True}, "terraform apply", OPEN),
        ({"/.*/": True}, "rm x", ASKED),  # the defaults that ask still hold
        ({"/^kubectl (get|describe)\\b/": True}, "kubectl get pods", OPEN),
        ({"/^kubectl (get|describe)\\b/": True}, "kubectl delete pods", ASKED),
        ({"/^make( |$)/i": True}, "make all", OPEN),
        ({"/^kubectl [a-z]+$/": True}, "kubectl x", TAKEN),  # wider than it says
        ({"/^aws s3 (?!rm)/": True}, "aws s3 rm x", TAKEN),
        ({"/(/": True}, "anything", TAKEN),  # not taken apart
        ({"/^aws .*--delete/": False, "aws": True}, "aws s3 sync --delete", ASKED),
        ({"/^aws [x-z]/": False, "aws": True}, "aws y", OPEN),  # what is not told exactly holds nothing
        ({"make": {"approve": True}}, "make x", OPEN),
        ({"make": {"approve": False}}, "make x", ASKED),
        ({"make": {"matchCommandLine": True}}, "make x", ASKED),
        ({"make": {"approve": True, "matchCommandLine": True}}, "make x", OPEN),
        ({"make": 1}, "make x", ASKED),
        ({"": True}, "make x", ASKED),
        ({"bin/x.sh": True}, "./bin/x.sh y", OPEN),
        ([], "make x", ASKED),
        ("all", "make x", ASKED),
    ],
)
def test_rules_for_commands(rules, command, gate):
    assert terminal(command, {TERMINAL: rules}) == gate


@pytest.mark.parametrize(
    ("user", "command", "gate"),
    [
        ({"chat.tools.terminal.enableAutoApprove": False, TERMINAL: {"make": True}}, "make", ASKED),
        ({"chat.tools.terminal.enableAutoApprove": True, TERMINAL: {"make": True}}, "make", OPEN),
        ({"chat.tools.terminal.ignoreDefaultAutoApproveRules": True}, "ls", ASKED),
        ({"chat.tools.terminal.ignoreDefaultAutoApproveRules": True, TERMINAL: {"/.*/": True}}, "rm x", OPEN),
        ({"chat.tools.terminal.ignoreDefaultAutoApproveRules": True, TERMINAL: {"find": True}}, "find x", OPEN),
        ({TERMINAL: {"find": True}}, "find . -exec x", ASKED),
        ({TERMINAL: {r"/^rg\b.*\s(--pre|--hostname-bin)\b/": None}}, "rg x", OPEN),  # lifts what held it
        ({"chat.agent.terminal.autoApprove": {"make": True}}, "make", OPEN),
        ({"chat.tools.eligibleForAutoApproval": {"runInTerminal": False}, TERMINAL: {"make": True}}, "make", ASKED),
        ({"chat.tools.eligibleForAutoApproval": {"execute/runInTerminal": False}}, "ls", ASKED),
    ],
)
def test_switches_of_rules_for_commands(user, command, gate):
    assert terminal(command, user) == gate


@pytest.mark.parametrize(
    ("kept", "gate"),
    [
        ({ACCEPTED: "true"}, OPEN),
        ({ACCEPTED: "false"}, ASKED),
        ({}, ASKED),  # nobody has said yes to rules yet
    ],
)
def test_rules_count_once_a_person_has_let_them(kept, gate):
    assert terminal("make x", {TERMINAL: {"make": True}}, kept=kept) == gate


@pytest.mark.parametrize("broken", [b"no database", b"SQLite format 3\0" + bytes(200), None])
def test_where_the_database_cannot_be_read_rules_are_taken_to_count(broken):
    files = here({TERMINAL: {"make": True}}) | {STATE: broken}
    assert gates(tools(files)["terminal"], "make x") == TAKEN
    assert any(gap.place.endswith("state.vscdb") for gap in only(look(files), Gap))


def test_a_project_extends_the_rules_of_the_user_and_is_told():
    files = here({TERMINAL: {"make": True}}, {TERMINAL: {"kubectl": True}})
    told = tools(files)["terminal"]
    assert gates(told, "make x") == gates(told, "kubectl x") == OPEN
    ruling = told.decide("kubectl x")
    assert (str(ruling.evidence.path), ruling.evidence.line) == (f"{WORK}/.vscode/settings.json", 1)
    assert ruling.rule == 'chat.tools.terminal.autoApprove["kubectl"]'
    [weak] = [each for each in only(look(files), Weakness) if each.rule == "agent.rights-from-repository"]
    assert weak.evidence == ruling.evidence


def test_a_rule_against_a_whole_line_lets_another_command_follow():
    told = tools(here({TERMINAL: {"make": {"approve": True, "matchCommandLine": True}}}))["terminal"]
    assert [rule.pattern for rule in told.rules if rule.pattern.matches("make x")] == [Command("make", True, True)]


def test_a_rule_with_a_secret_in_it_is_named_by_its_setting_alone():
    told = tools(here({TERMINAL: {"curl -H 'Authorization: Bearer CANARY-CANARY-CANARY'": True}}))["terminal"]
    assert "CANARY" not in "".join(rule.ruling.rule for rule in told.rules)


def test_scripts_of_the_project_run_unasked():
    package = {f"{APP}/package.json": {"scripts": {"build": "x", "test": "y", "install": "z"}}}
    for command in ("npm run build", "yarn build", "pnpm run build", "npm test", "npm ci", "yarn run install"):
        assert terminal(command, files=package) == OPEN, command
    for command in ("npm run other", "npm build", "yarn install", "npx x"):
        assert terminal(command, files=package) == ASKED, command
    off = {"chat.tools.terminal.autoApproveWorkspaceNpmScripts": False}
    assert terminal("npm run build", off, files=package) == ASKED
    assert terminal("npm run build", files={"~/other/package.json": package}) == ASKED


# --- files


@pytest.mark.parametrize(
    ("edits", "path", "gate"),
    [
        ({}, f"{WORK}/src/x.py", OPEN),
        ({}, f"{WORK}/.vscode/settings.json", ASKED),
        ({}, f"{WORK}/.github/hooks/x.json", ASKED),
        ({}, f"{WORK}/sub/.env", ASKED),
        ({}, f"{WORK}/package.json", ASKED),
        ({}, f"{WORK}/.git/hooks/pre-commit", ASKED),
        ({}, f"{WORK}/yarn.lock", ASKED),
        ({}, "/home/ada/.bashrc", ASKED),
        ({"**/*": False}, f"{WORK}/src/x.py", ASKED),
        ({"**/*.sql": False}, f"{WORK}/a/b.sql", ASKED),
        ({"**/*.sql": False, "**/a/**": True}, f"{WORK}/a/b.sql", OPEN),  # the last that matches
        ({"**/a/**": True, "**/*.sql": False}, f"{WORK}/a/b.sql", ASKED),
        ({"**/.env": True}, f"{WORK}/.env", OPEN),
        ({"**/*": True}, f"{WORK}/package.json", TAKEN),  # builds differ in what that overrides
        ({"**/*": True}, f"{WORK}/.vscode/settings.json", ASKED),
        ({"/home/ada/**": True}, "/home/ada/.bashrc", ASKED),
        ({"../**": True}, "/home/ada/.bashrc", ASKED),
        ({"{a,b}" * 100: True}, f"{WORK}/src/x.py", TAKEN),  # too many files to tell
        ({"{a,b}" * 100: False}, f"{WORK}/src/x.py", OPEN),
    ],
)
def test_rules_for_changes(edits, path, gate):
    assert gates(tools(here({"chat.tools.edits.autoApprove": edits}))["edit files"], path) == gate


@pytest.mark.parametrize(("approves", "gate"), [(True, TAKEN), (False, OPEN)])
def test_a_project_may_open_files_in_some_builds_and_never_closes_them(approves, gate):
    told = tools(here(folder={"chat.tools.edits.autoApprove": {"**/*.py": approves}}))["edit files"]
    assert gates(told, f"{WORK}/x.py") == gate


def test_files_are_read_in_the_workspace_and_by_cat_everywhere():
    told = tools(here({"github.copilot.chat.additionalReadAccessFolders": ["/srv/docs"]}))
    assert gates(told["read files"], f"{WORK}/x") == gates(told["read files"], "/srv/docs/x") == OPEN
    assert gates(told["read files"], "/home/ada/.aws/credentials") == ASKED
    assert gates(told["cat in the terminal"], "/home/ada/.aws/credentials") == OPEN
    assert "cat in the terminal" not in tools(here({TERMINAL: {"cat": False}}))
    windows = {EXTENSION: "{}"}
    assert "Get-Content in the terminal" in tools(windows, platform=Platform.WINDOWS)


@pytest.mark.parametrize(
    ("held", "inside", "outside"),
    [(None, OPEN, ASKED), ("outsideWorkspace", OPEN, ASKED), ("never", OPEN, OPEN), ("all", None, None)],
)
def test_what_a_command_writes(held, inside, outside):
    told = tools(here({"chat.tools.terminal.blockDetectedFileWrites": held} if held else {}))
    tool = told.get("redirection in the terminal")
    assert (gates(tool, f"{WORK}/x") if tool else None) == inside
    assert (gates(tool, "/home/ada/.bashrc") if tool else None) == outside


# --- addresses and servers


@pytest.mark.parametrize(
    ("urls", "host", "gate"),
    [
        ({}, "example.com", ASKED),
        ({}, "code.visualstudio.com", OPEN),
        ({"https://example.com": True}, "example.com", OPEN),
        ({"https://*.example.com/*": True}, "api.example.com", OPEN),
        ({"https://example.com": {"approveRequest": True, "approveResponse": False}}, "example.com", OPEN),
        ({"https://example.com": {"approveRequest": False, "approveResponse": True}}, "example.com", ASKED),
        ({"https://example.com": False}, "example.com", ASKED),
        ({"https://example.com/docs/*": True}, "example.com", TAKEN),  # of that host a part
        ({"https://*": True}, "example.com", OPEN),
        ({"*": True}, "example.com", OPEN),
        ({"https://[": True}, "example.com", ASKED),
    ],
)
def test_rules_for_addresses(urls, host, gate):
    assert gates(tools(here({"chat.tools.urls.autoApprove": urls}))["fetch"], host) == gate


def test_where_hosts_are_filtered_the_rest_is_refused():
    user = {
        "chat.agent.networkFilter": True,
        "chat.agent.allowedNetworkDomains": ["*.example.com"],
        "chat.agent.deniedNetworkDomains": ["bad.example.com"],
        "chat.tools.urls.autoApprove": {"https://api.example.com": True, "https://other.example.org": True},
    }
    told = tools(here(user))["fetch"]
    found = {
        host: gates(told, host)
        for host in ("api.example.com", "x.example.com", "bad.example.com", "other.example.org", "z.example.net")
    }
    assert list(found.values()) == [OPEN, ASKED, REFUSED, REFUSED, REFUSED]


def test_servers_and_tools_that_are_always_allowed_are_read_from_the_database():
    kept = {"chat/servers/autoconfirm": '["mcp.config.usrlocal.github"]', "chat/autoconfirm": '["mcp_db_query", "x"]'}
    told = tools(here(kept=kept))["MCP tools"]
    assert gates(told, "github/delete_repo") == OPEN
    assert gates(told, "db/query") == TAKEN  # the tool's name is joined to the server's
    assert gates(told, "db/drop") == ASKED
    values = {each.key: each.value for each in only(look(here(kept=kept)), SettingSeen)}
    assert values["chat/servers/autoconfirm"] == "1 always allowed"


# --- the sandbox

BOXED = {"/usr/bin/bwrap": "", "/usr/bin/socat": ""}


def boxed(user, files=BOXED, **more):
    return tools(here(user) | files, **more)


@pytest.mark.parametrize(
    ("user", "on", "opened"),
    [
        ({}, False, False),
        ({"chat.agent.sandbox.enabled": "on"}, True, False),
        ({"chat.agent.sandbox.enabled": True}, True, False),
        ({"chat.agent.sandbox": True}, True, False),
        ({"chat.agent.sandbox.enabled": "off"}, False, False),
        ({"chat.agent.sandbox.enabled": "allowNetwork"}, True, True),
        ({"chat.agent.sandbox.enabled": "on", "chat.agent.sandbox.allowNetwork": True}, True, True),
        ({"chat.agent.sandbox.enabled": "on", "chat.agent.sandbox.network.allowNetwork": True}, True, True),
        ({"chat.agent.sandbox.enabledWindows": "on"}, False, False),
    ],
)
def test_the_sandbox_is_on_as_its_settings_say(user, on, opened):
    told = boxed(user)
    assert ("terminal, sandboxed" in told) is on
    if on:
        assert told["terminal, sandboxed"].sandbox.connects("example.com") is opened
        assert gates(told["terminal, sandboxed"], "anything") == OPEN
        assert gates(told["terminal"], "ls") == ASKED  # outside of it a person says yes


def test_the_sandbox_lets_through_what_its_lists_say():
    lists = {
        "denyRead": ["~/.ssh"],
        "allowRead": ["~/.ssh/known_hosts"],
        "allowWrite": ["/srv/out"],
        "denyWrite": ["x"],
    }
    user = {
        "chat.agent.sandbox.enabled": "on",
        "chat.agent.sandbox.fileSystem.linux": lists,
        "chat.agent.allowedNetworkDomains": ["*.example.com"],
        "chat.agent.deniedNetworkDomains": ["bad.example.com"],
    }
    box = boxed(user)["terminal, sandboxed"].sandbox
    read = [f"/home/ada/{name}" for name in (".ssh/id_ed25519", ".ssh/known_hosts", ".aws/credentials")]
    assert [box.reads(path) for path in read] == [False, True, True]
    written = [f"{WORK}/y", "/srv/out/z", f"{WORK}/x", "/home/ada/.bashrc"]
    assert [box.writes(path) for path in written] == [True, True, False, False]
    hosts = ["api.example.com", "bad.example.com", "example.org"]
    assert [box.connects(host) for host in hosts] == [True, False, False]


def test_where_its_commands_ask_the_sandbox_has_the_rules():
    told = boxed({"chat.agent.sandbox.enabled": "on", "chat.agent.sandbox.allowAutoApprove": False})
    assert gates(told["terminal, sandboxed"], "make") == ASKED
    assert gates(told["terminal, sandboxed"], "ls") == OPEN


@pytest.mark.parametrize(
    ("parts", "missing"),
    [({}, "bwrap and socat are not installed"), ({"/usr/bin/bwrap": ""}, "socat is not installed")],
)
def test_a_sandbox_without_its_parts_is_none_and_is_told(parts, missing):
    files = here({"chat.agent.sandbox.enabled": "on"}) | parts
    assert "terminal, sandboxed" not in tools(files)
    [weak] = [each for each in only(look(files), Weakness) if each.rule == "agent.sandbox-cannot-start"]
    assert missing in weak.why


# --- what is told


@pytest.mark.parametrize(
    ("files", "rules"),
    [
        (here(), []),
        (here({GLOBAL: True}), ["agent.asks-nothing"]),
        (here({MODE: "autopilot"}), ["agent.asks-nothing"]),
        (here({MODE: "assisted"}), []),
        (here({}, {MODE: "autopilot"}), ["agent.asks-nothing", "agent.rights-from-repository"]),
        (here({}, {TERMINAL: {"make": False}}), []),
        (here({}, {TERMINAL: {"make": {"approve": True}}}), ["agent.rights-from-repository"]),
        (here({}, {"chat.tools.urls.autoApprove": {"https://x.example.com": True}}), ["agent.rights-from-repository"]),
        (here({}, {GLOBAL: True}), []),  # ignored there
        (here({"editor.fontSize": 12}, {"editor.tabSize": 2}), []),
        (here({"chat.agent.sandbox.enabled": "on"}, {"chat.agent.sandbox.enabled": "off"}) | BOXED,
         ["agent.rights-from-repository"]),
    ],
)  # fmt: skip
def test_what_is_weak(files, rules):
    assert [each.rule for each in only(look(files), Weakness)] == rules


def test_settings_are_told_with_their_place_and_whether_they_count():
    seen = look(here('{\n"chat.permissions.default": "autopilot"\n}', {GLOBAL: True}))
    told = {(each.key, each.scope): each for each in only(seen, SettingSeen)}
    assert told[MODE, "user"].value == "autopilot"
    assert told[MODE, "user"].evidence.line == 2
    assert told[GLOBAL, "project"].value == "true, ignored in a project"


def test_hooks_of_a_repository_are_told():
    files = here() | {f"{APP}/.github/hooks/x.json": {"hooks": {"sessionStart": [{"bash": "CANARY"}], "empty": []}}}
    [told] = [each for each in only(look(files), SettingSeen) if each.key == "hooks"]
    assert (told.value, told.scope) == ("sessionStart", "project")


def test_half_written_settings_are_a_gap_and_what_they_forbid_does_not_count():
    files = here('{"chat.tools.terminal.enableAutoApprove": false, "chat.tools.terminal.autoApprove": {"make": true')
    assert gates(tools(files)["terminal"], "make") == OPEN
    assert any(gap.kind is GapKind.FAILED and gap.place.startswith(USER) for gap in only(look(files), Gap))


@pytest.mark.parametrize("platform", sorted(Platform))
def test_nothing_that_is_not_read_makes_a_scan_incomplete(platform):
    kinds = {gap.kind for gap in only(look({EXTENSION: "{}"}, platform), Gap)}
    assert kinds == {GapKind.REFUSED}


# --- expressions


@pytest.mark.parametrize(
    ("key", "patterns", "sure"),
    [
        ("git", [Command("git", open=True)], True),
        ("npm  run build", [Command("npm run build", open=True)], True),
        ("echo *", [Command("echo *", open=True)], False),
        ("/.*/", [Everything()], True),
        ("/^/", [Everything()], True),
        ("/^git push$/", [Command("git push")], True),
        (r"/^git (status|show\b.*)$/", [Command("git status"), Command("git show", open=True)], True),
        (r"/^docker\s+(ps|images)\b/", [Command("docker ps", open=True), Command("docker images", open=True)], True),
        ("/git status/", [Command("*git status*")], True),
        (r"/^x(y|z)?$/", [Command("x"), Command("xy"), Command("xz")], True),
        (r"/^a\.b\b/", [Command("a.b", open=True)], True),
        (r"/^\d+/", [Everything()], False),
        ("/[/", [Everything()], False),
        ("/a)/", [Everything()], False),
        ("/^(?<x>a)/", [Command("a*")], True),
        ("/" + "(a|b)" * 30 + "/", [Everything()], False),
        ("/" + "(" * 500 + "/", [Everything()], False),
        ("/" + "a" * 5000 + "/", [Everything()], False),
    ],
)
def test_keys_of_rules_as_patterns(key, patterns, sure):
    told = meant(key)
    assert ([*told.patterns], told.sure) == (patterns, sure) or (
        not sure and not told.sure and all(each.matches("anything") for each in told.patterns)
    )


SHREDS = st.sampled_from(
    ["/", "^", "$", "(", ")", "|", "?", "?:", "*", "+", "{2}", "[a-z]", "\\b", "\\s", "a", "git ", "."]
)


@example(["/", "(", "(", ")", "/"])
@given(st.lists(SHREDS, max_size=40))
def test_no_key_breaks_it(parts):
    meant("".join(parts))


PIECES = st.sampled_from(
    ["{", "}", "[", "]", ":", ",", "true", "null", '"make"', f'"{TERMINAL}"', f'"{MODE}"', '"autopilot"', "//", "\n"]
)


@given(st.lists(PIECES, max_size=25).map("".join))
def test_no_settings_break_it(text):
    assert agent(here(text)).agent == "vscode-copilot"


def test_all_channels_have_a_tool():
    assert {tool.channel for tool in agent(here()).policy.tools} == set(Channel)


@pytest.mark.parametrize("broken", [{GLOBAL: True}, {MODE: "autopilot"}, {TERMINAL: {"/.*/": True}}])
def test_the_mend_that_is_told_has_it_ask(broken):
    summary = agent_mend("vscode-copilot", ["ask"], Platform.LINUX).summary
    mended = {key: json.loads(value) for key, value in re.findall(r'"(chat[\w.]+)": (false|"\w+")', summary)}
    assert len(mended) == 3
    assert gates(tools(here(broken))["terminal"], "terraform apply") == OPEN
    assert gates(tools(here(broken | mended))["terminal"], "terraform apply") == ASKED


def test_a_database_that_is_too_large_is_a_gap_and_its_sealed_entries_are_never_read():
    large = {EXTENSION: "{}", STATE: b"SQLite format 3\0" + bytes(database.LIMIT)}
    [gap] = [gap for gap in only(look(large), Gap) if gap.place.endswith("state.vscdb")]
    assert gap.kind is GapKind.LIMIT
    host = FakeHost(files={STATE: state({})})
    assert list(database.kept(host, [STATE], "secret://x")) == []
    [none] = database.kept(host, [STATE], "x")
    assert none.parsed is None


def test_scripts_of_another_project_are_not_those_of_the_workspace():
    files = {"~/other/package.json": {"scripts": {"build": "x"}}}
    assert terminal("npm run build", files=files, neighbours=["~/other"]) == ASKED


def test_of_very_many_rules_the_first_are_read_and_that_is_told():
    files = here({TERMINAL: {f"program{number}": True for number in range(3000)}})
    assert gates(tools(files)["terminal"], "program7 x") == OPEN
    assert GapKind.LIMIT in {gap.kind for gap in only(look(files), Gap)}
