"""Cursor: what its editor and its command line agent do unasked, rule by rule."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.cursor import look as cursor
from probes.agents.cursor.entries import command_shown, of_shell, of_terminal, of_tool
from probes.agents.look import agents as everybody
from scanner.host import FileKind, Process
from scanner.model import AgentSeen, Channel, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.probe import probe
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token

APP = "~/src/app"
HOME = "/home/ada"
WORK = f"{HOME}/src/app"
IDE = {"~/.config/Cursor/User/settings.json": "{}"}
USER, PROJECT = "~/.cursor/permissions.json", f"{APP}/.cursor/permissions.json"
BOX, PROJECT_BOX = "~/.cursor/sandbox.json", f"{APP}/.cursor/sandbox.json"
CLI, PROJECT_CLI = "~/.cursor/cli-config.json", f"{APP}/.cursor/cli.json"
GITHUB = token("github-classic", "cursor")
OPEN = (Gate.NONE, Gate.NONE)
TAKEN = (Gate.UNKNOWN, Gate.NONE)  # for all that is known
JUDGED = (Gate.UNKNOWN, Gate.CLASSIFIER)
ASKED = (Gate.PROMPT, Gate.PROMPT)
MOSTLY_ASKED = (Gate.UNKNOWN, Gate.PROMPT)
REFUSED = (Gate.REFUSED, Gate.REFUSED)


@probe(id="cursor", title="Cursor", reads=cursor.READS)
def found(host):
    """Finds Cursor."""
    if cursor.is_here(host):
        yield from cursor.seen(host)


def look(files, platform=Platform.LINUX, workspace=APP, **more):
    files = {path: json.dumps(text) if isinstance(text, dict | list) else text for path, text in files.items()}
    seen = observe(found, FakeHost(platform, files, workspace=workspace, **more))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def agents(seen):
    return {each.agent: each for each in only(seen, AgentSeen)}


def tools(files, agent="cursor", **more):
    return {tool.name: tool for tool in agents(look(files, **more))[agent].policy.tools}


def gates(tool, target):
    ruling = tool.decide(target)
    return ruling.gate, ruling.effective


def ide(permissions=None, project=None, **more):
    files = {**IDE, **({USER: permissions} if permissions is not None else {})}
    return tools({**files, **({PROJECT: project} if project is not None else {})}, **more)


def cli(config, project=None, **more):
    return tools({CLI: config, **({PROJECT_CLI: project} if project is not None else {})}, "cursor-agent", **more)


def boxed(user=None, project=None, **more):
    files = {**IDE, **({BOX: user} if user is not None else {})}
    told = tools({**files, **({PROJECT_BOX: project} if project is not None else {})}, **more)
    return told["terminal, sandboxed"].sandbox


# --- which of them is here


@pytest.mark.parametrize(
    ("files", "who"),
    [
        ({}, set()),
        ({PROJECT: "{}", PROJECT_CLI: "{}", PROJECT_BOX: "{}"}, set()),  # a repository's files install nothing
        (IDE, {"cursor"}),
        ({"/Applications/Cursor.app/Contents/Info.plist": ""}, {"cursor"}),
        ({"~/.cursor/mcp.json": "{}"}, {"cursor"}),
        ({USER: "{}"}, {"cursor"}),
        ({CLI: "{}"}, {"cursor-agent"}),
        ({CLI: "{}", "~/.cursor/mcp.json": "{}"}, {"cursor-agent"}),  # both of them use that file
        ({"~/.local/bin/cursor-agent": ""}, {"cursor-agent"}),
        ({**IDE, CLI: "{}"}, {"cursor", "cursor-agent"}),
    ],
)
def test_each_agent_is_told_where_it_is_here(files, who):
    assert set(agents(look(files))) == who


@pytest.mark.parametrize(
    ("platform", "file"),
    [
        (Platform.LINUX, "~/.config/Cursor/User/globalStorage/state.vscdb"),
        (Platform.MACOS, "~/Library/Application Support/Cursor/User/globalStorage/state.vscdb"),
        (Platform.WINDOWS, "~/AppData/Roaming/Cursor/User/globalStorage/state.vscdb"),
    ],
)
def test_the_editors_database_is_a_gap_on_each_platform(platform, file):
    seen = look({file: b"SQLite format 3\0CANARY"}, platform)
    [agent] = only(seen, AgentSeen)
    assert (agent.agent, agent.folder, agent.policy.mode) == ("cursor", APP, "auto-review (assumed)")
    assert file in [gap.place for gap in only(seen, Gap)]
    assert {gap.kind for gap in only(seen, Gap)} == {GapKind.REFUSED}  # no scan is incomplete for that


def test_the_command_line_tool_tells_its_version_and_whether_it_runs():
    files = {
        "~/.local/bin/cursor-agent": FakeFile(
            link="/home/ada/.local/share/cursor-agent/versions/2026.11.02-3f9a1c2/cursor-agent"
        ),
        "~/.local/share/cursor-agent/versions/2026.11.02-3f9a1c2/cursor-agent": "",
    }
    [agent] = only(look(files, processes=[Process(7, 1, "cursor-agent")]), AgentSeen)
    assert (agent.version, agent.running) == ("2026.11.02-3f9a1c2", True)
    [agent] = only(look(files, processes=[Process(7, 1, "cursor-agent", mine=False)]), AgentSeen)
    assert not agent.running


RUNS = [("-f", OPEN, REFUSED), ("--force", OPEN, REFUSED), ("--yolo", OPEN, REFUSED), ("-p", ASKED, REFUSED)]


@pytest.mark.parametrize(("option", "other", "denied"), RUNS)
def test_a_running_one_that_was_told_to_runs_all_that_is_not_denied(option, other, denied):
    config = {"approvalMode": "allowlist", "permissions": {"deny": ["Shell(rm)"]}}
    told = cli(config, processes=[Process(7, 1, "cursor-agent", ("cursor-agent", option))])
    assert [gates(told["Shell"], command) for command in ("ls", "rm x")] == [other, denied]
    others = cli(config, processes=[Process(7, 1, "cursor-agent", ("cursor-agent", option), mine=False)])
    assert gates(others["Shell"], "ls") == ASKED


# --- the editor: permissions.json


@pytest.mark.parametrize(
    ("entry", "command", "expected"),
    [
        ("git", "git status", OPEN),
        ("git", "git", OPEN),
        ("git", "gitk", JUDGED),
        ("git", "GIT status", JUDGED),  # case counts
        ("git status", "git status -s", OPEN),
        ("git status", "git stash", JUDGED),
        ("npm:install*", "npm install express", OPEN),
        ("npm:install*", "npm publish", JUDGED),
        ("npm:*", "npm publish", OPEN),
        ("npm run test:unit", "npm run test:unit", OPEN),  # what has blanks before it is no command of its own
        ("*", "terraform destroy", TAKEN),
        ("npm run *", "npm run build", TAKEN),
        ("", "ls", JUDGED),
    ],
)
def test_the_terminal_allowlist_is_a_prefix_that_ends_at_a_word(entry, command, expected):
    assert gates(ide({"terminalAllowlist": [entry]})["terminal"], command) == expected


@pytest.mark.parametrize(
    ("entry", "tool", "expected"),
    [
        ("github:*", "github/create_issue", OPEN),
        ("GitHub:create_issue", "github/Create_Issue", OPEN),  # case does not count
        ("*:search", "notion/search", OPEN),
        ("*:*", "prod/drop", OPEN),
        ("linear:list_*", "linear/list_issues", OPEN),
        ("linear:list_issues", "linear/create_issue", JUDGED),
        ("linear", "linear/create_issue", TAKEN),
    ],
)
def test_the_mcp_allowlist_names_servers_and_tools(entry, tool, expected):
    assert gates(ide({"mcpAllowlist": [entry]})["MCP tools"], tool) == expected


def test_the_lists_of_user_and_repository_are_added():
    terminal = ide({"terminalAllowlist": ["git"]}, {"terminalAllowlist": ["make"]})["terminal"]
    assert [gates(terminal, command) for command in ("git push", "make all", "ls")] == [OPEN, OPEN, JUDGED]
    assert terminal.decide("make all").evidence.path.as_posix() == f"{WORK}/.cursor/permissions.json"
    assert terminal.decide("make all").rule == 'terminalAllowlist "make"'


def test_of_two_entries_that_fit_the_surer_one_is_told():
    terminal = ide({"terminalAllowlist": ["*", "git"]})["terminal"]
    assert [gates(terminal, command) for command in ("git push", "ls")] == [OPEN, TAKEN]


def test_a_neighbours_lists_are_not_for_this_folder():
    files = {**IDE, "~/src/other/.cursor/permissions.json": {"terminalAllowlist": ["make"]}}
    assert gates(tools(files, neighbours=["~/src/other"])["terminal"], "make") == JUDGED


def test_a_list_that_is_there_replaces_the_editors_own_also_when_empty():
    seen = look({**IDE, USER: '{ // nothing\n "terminalAllowlist": [], }'})
    [setting] = only(seen, SettingSeen)
    assert (setting.key, setting.value, setting.scope, setting.evidence.line) == (
        "terminalAllowlist",
        "empty",
        "user",
        2,
    )
    [why] = [gap.why for gap in only(seen, Gap) if "run mode" in gap.why]
    assert "mcpAllowlist" in why
    assert "terminalAllowlist" not in why


def test_comments_and_trailing_commas_are_read_and_what_is_no_text_is_dropped():
    seen = look({**IDE, USER: '{"terminalAllowlist": ["git", 7, null, /* no */ "make",],}'})
    assert [each.value for each in only(seen, SettingSeen)] == ["git, make"]
    assert not [gap for gap in only(seen, Gap) if gap.kind is GapKind.FAILED]


def test_instructions_for_the_model_are_counted_and_not_told():
    seen = look({**IDE, USER: {"autoRun": {"allow_instructions": ["CANARY", "b"], "block_instructions": []}}})
    [setting] = only(seen, SettingSeen)
    assert (setting.key, setting.value) == ("autoRun.allow_instructions", "2 instructions for the model that judges")


# --- the editor: files and the other tools


@pytest.mark.parametrize(
    ("tool", "target", "expected"),
    [
        ("Read", f"{WORK}/a.py", OPEN),
        ("Read", f"{HOME}/.ssh/id_ed25519", TAKEN),
        ("Write", f"{WORK}/a.py", OPEN),
        ("Write", f"{WORK}/.cursor/permissions.json", MOSTLY_ASKED),
        ("Write", f"{WORK}/.cursor/rules/a.mdc", OPEN),
        ("Write", f"{WORK}/.vscode/tasks.json", MOSTLY_ASKED),
        ("Write", f"{WORK}/.git/hooks/pre-commit", MOSTLY_ASKED),
        ("Write", f"{WORK}/.cursorignore", MOSTLY_ASKED),
        ("Write", f"{HOME}/.bashrc", MOSTLY_ASKED),
        ("Fetch", "example.com", JUDGED),
        ("MCP tools", "linear/list", JUDGED),
        ("terminal", "terraform destroy", JUDGED),
        ("terminal, sandboxed", "ls", TAKEN),
    ],
)
def test_the_editor_without_settings_is_at_its_vendors_defaults(tool, target, expected):
    assert gates(ide()[tool], target) == expected


def test_the_read_boundary_of_the_workspace_holds_file_tools_too():
    told = tools({**IDE, BOX: {"readBoundary": "workspace", "additionalReadPaths": ["/opt/tokens", "~/docs"]}})["Read"]
    targets = (f"{WORK}/a", "/opt/tokens/x.json", f"{HOME}/docs/a", f"{HOME}/.ssh/id_rsa", "/etc/passwd")
    assert [gates(told, each) for each in targets] == [OPEN, OPEN, OPEN, MOSTLY_ASKED, MOSTLY_ASKED]


# --- sandbox.json


def test_the_sandbox_reads_all_writes_the_workspace_and_reaches_what_cursor_adds():
    box = boxed()
    assert box.reads(f"{HOME}/.ssh/id_rsa")
    assert [box.writes(path) for path in (f"{WORK}/a", "/tmp/a", f"{HOME}/.bashrc")] == [True, True, False]
    reached = [
        box.connects(host) for host in ("github.com", "storage.googleapis.com", "sts.amazonaws.com", "evil.example.com")
    ]
    assert reached == [True, True, False, False]
    assert box.opens("/var/run/docker.sock")  # no page says that it does not


@pytest.mark.parametrize(
    ("user", "project", "reads", "writes"),
    [
        ({"type": "workspace_readonly"}, None, True, False),
        ({"type": "workspace_readonly"}, {"type": "workspace_readwrite"}, True, True),  # the repository's counts
        ({"readBoundary": "workspace"}, None, False, True),
        ({"readBoundary": "workspace"}, {"readBoundary": "system"}, True, True),
        (None, {"readBoundary": "workspace"}, False, True),
    ],
)
def test_of_single_settings_the_repositorys_counts(user, project, reads, writes):
    box = boxed(user, project)
    assert (box.reads(f"{HOME}/.aws/credentials"), box.writes(f"{WORK}/a")) == (reads, writes)


def test_the_boundary_leaves_the_workspace_the_paths_named_and_the_known_hosts():
    box = boxed(
        {"readBoundary": "workspace", "additionalReadonlyPaths": ["~/docs"]}, {"additionalReadPaths": ["../lib"]}
    )
    readable = (f"{WORK}/a", f"{HOME}/docs/a", f"{HOME}/.ssh/known_hosts", "/usr/lib/libc.so")
    assert all(box.reads(path) for path in readable)
    assert not box.reads(f"{HOME}/.ssh/id_rsa")


def test_paths_of_both_files_are_added_and_one_that_takes_temporary_folders_is_enough():
    box = boxed(
        {"additionalReadwritePaths": ["/srv/a"], "disableTmpWrite": True},
        {"additionalReadwritePaths": ["~/b"], "disableTmpWrite": False},
    )
    written = [box.writes(path) for path in ("/srv/a/x", f"{HOME}/b/x", "/tmp/x")]
    assert written == [True, True, False]


@pytest.mark.parametrize(
    ("user", "project", "reached"),
    [
        ({"networkPolicy": {"allow": ["db.example.com"]}}, None, True),
        ({"networkPolicy": {"allow": ["*.example.com"]}}, None, True),
        (None, {"networkPolicy": {"allow": ["0.0.0.0/0"]}}, True),
        (None, {"networkPolicy": {"default": "allow"}}, True),
        ({"networkPolicy": {"default": "deny"}}, {"networkPolicy": {"default": "allow"}}, False),  # deny beats allow
        ({"networkPolicy": {"allow": ["db.example.com"]}}, {"networkPolicy": {"deny": ["*.example.com"]}}, False),
        (None, {"networkPolicy": {"default": "allow", "deny": ["*.example.com"]}}, False),
        ({"networkPolicy": {"allow": ["*"], "deny": ["db.*"]}}, None, False),
        (None, {"networkPolicy": {"allow": ["*.example.com"], "deny": ["x.example.com"]}}, True),
        (None, None, False),
    ],
)
def test_hosts_are_added_and_deny_beats_allow(user, project, reached):
    assert boxed(user, project).connects("db.example.com") is reached


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (".cursor/hooks.json", False),
        (".cursor/rules/a/b.json", False),
        (".claude/settings.json", False),
        (".vscode/tasks.json", False),
        (".git/hooks/pre-commit", False),
        (".git/config", False),
        (".cursorignore", False),
        (".cursor/rules/x.mdc", True),
        (".git/index", True),
        ("src/a.json", True),
    ],
)
def test_4_5_commands_in_the_sandbox_leave_what_configures_the_workspace(name, written):
    assert boxed({"additionalReadwritePaths": ["~"]}).writes(f"{HOME}/src/app/{name}") is written


def test_a_sandbox_that_is_switched_off_is_no_tool():
    told = tools({**IDE, PROJECT_BOX: {"type": "insecure_none"}})
    assert "terminal, sandboxed" not in told
    assert gates(told["terminal"], "ls") == JUDGED


@pytest.mark.parametrize(
    ("platform", "name", "told"),
    [
        (Platform.LINUX, "Landlock and seccomp", "Linux 6.2"),
        (Platform.WINDOWS, "WSL2", "WSL2"),
        (Platform.MACOS, "Seatbelt", None),
    ],
)
def test_whether_the_sandbox_can_start_is_said_where_it_is_not_known(platform, name, told):
    seen = look({USER: "{}"}, platform)
    [agent] = only(seen, AgentSeen)
    [box] = [tool.sandbox for tool in agent.policy.tools if tool.sandbox is not None]
    assert box.name == name
    gaps = [gap.why for gap in only(seen, Gap) if gap.place == "Cursor's sandbox"]
    assert [told in why for why in gaps] == ([True] if told else [])
    assert (told or "") in box.rule


@pytest.mark.parametrize("platform", [Platform.MACOS, Platform.WINDOWS])
def test_paths_fold_case_where_the_platforms_disks_do(platform):
    [agent] = only(look({USER: "{}"}, platform), AgentSeen)
    reading = next(tool for tool in agent.policy.tools if tool.channel is Channel.READ)
    place = "C:\\Users\\Ada\\SRC\\app\\a.py" if platform is Platform.WINDOWS else "/Users/Ada/SRC/app/a.py"
    assert gates(reading, place) == OPEN


# --- the command line tool


@pytest.mark.parametrize(
    ("entry", "command", "expected"),
    [
        ("Shell(git)", "git push", OPEN),
        ("Shell(git)", "gitk", ASKED),
        ("Shell(curl:*)", "curl https://example.com", OPEN),
        ("Shell(npm:run *)", "npm run build", OPEN),
        ("Shell(npm:run *)", "npm publish", ASKED),
        ("Shell(**)", "terraform destroy", OPEN),
        ("Shell(*)", "terraform destroy", OPEN),
        ("Shell(git push)", "git push", TAKEN),  # no page describes more than one word
        ("Shell(npm*)", "npmx", TAKEN),
        ("Shell()", "ls", ASKED),
        ("Shell", "ls", ASKED),
        ("Read(**)", "ls", ASKED),
    ],
)
def test_what_the_command_line_tool_may_run(entry, command, expected):
    config = {"approvalMode": "allowlist", "permissions": {"allow": [entry], "deny": []}}
    assert gates(cli(config)["Shell"], command) == expected


@pytest.mark.parametrize(
    ("deny", "command", "expected"),
    [
        ("Shell(rm)", "rm -rf x", REFUSED),
        ("Shell(git:push*)", "git push --force", REFUSED),
        ("Shell(git:push*)", "git status", OPEN),
        ("Shell(**)", "git status", REFUSED),
        ("Shell(git push)", "git push", OPEN),  # no page says that such an entry holds anything back
        (f"Shell(git push {GITHUB})", "git push x", OPEN),
        (f"Shell({GITHUB})", "git push x", OPEN),
    ],
)
def test_deny_comes_before_allow_where_it_is_sure(deny, command, expected):
    config = {"approvalMode": "allowlist", "permissions": {"allow": ["Shell(git)", "Shell(rm)"], "deny": [deny]}}
    assert gates(cli(config)["Shell"], command) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (None, MOSTLY_ASKED),  # the default is not verified
        ("allowlist", ASKED),
        ("auto-review", (Gate.CLASSIFIER, Gate.CLASSIFIER)),
        ("unrestricted", OPEN),
        ("yolo", MOSTLY_ASKED),
        (7, MOSTLY_ASKED),
    ],
)
@pytest.mark.parametrize(("tool", "target"), [("Shell", "ls"), ("MCP tools", "a/b"), ("WebFetch", "example.com")])
def test_what_no_permission_names_is_for_the_approval_mode(mode, expected, tool, target):
    assert gates(cli({} if mode is None else {"approvalMode": mode})[tool], target) == expected


def test_a_mode_that_is_not_known_is_told():
    [gap] = [gap for gap in only(look({CLI: {"approvalMode": "CANARY"}}), Gap) if gap.kind is GapKind.FAILED]
    assert gap == Gap(GapKind.FAILED, "~/.cursor/cli-config.json, line 1", "approvalMode has a value that is not known")


def test_nothing_but_permissions_counts_in_a_repositorys_file():
    told = cli(
        {"approvalMode": "allowlist"}, {"approvalMode": "unrestricted", "permissions": {"allow": ["Shell(make)"]}}
    )
    assert [gates(told["Shell"], command) for command in ("ls", "make all")] == [ASKED, OPEN]


def test_unrestricted_keeps_what_is_denied():
    told = cli({"approvalMode": "unrestricted", "permissions": {"deny": ["Shell(rm)", "Write(.env)"]}})
    assert [gates(told["Shell"], command) for command in ("ls", "rm x")] == [OPEN, REFUSED]
    assert [gates(told["Write"], path) for path in (f"{HOME}/.bashrc", f"{WORK}/.env")] == [OPEN, REFUSED]


@pytest.mark.parametrize(
    ("tool", "token_", "target", "expected"),
    [
        ("Read", "Read(.env*)", f"{WORK}/.env.local", REFUSED),
        ("Read", "Read(.env*)", f"{HOME}/.env.local", TAKEN),
        ("Read", "Read(**/*.key)", f"{WORK}/a/b/c.key", REFUSED),
        ("Read", "Read(/etc/passwd)", "/etc/passwd", REFUSED),
        ("Read", "Read(~/.ssh/**)", f"{HOME}/.ssh/id_rsa", TAKEN),  # no page says what ~ means there
        ("Write", "Write(src/**)", f"{WORK}/src/a.py", REFUSED),
        ("MCP tools", "Mcp(github:*)", "github/create", REFUSED),
        ("MCP tools", "Mcp(github, create)", "github/create", REFUSED),
        ("MCP tools", "Mcp(github)", "github/create", ASKED),
        ("WebFetch", "WebFetch(*.example.com)", "a.example.com", REFUSED),
        ("WebFetch", "WebFetch(*)", "example.com", REFUSED),
    ],
)
def test_each_kind_of_token_denies_its_own_tool(tool, token_, target, expected):
    told = cli({"approvalMode": "allowlist", "permissions": {"deny": [token_]}})
    assert gates(told[tool], target) == expected
    assert gates(told["Shell"], "ls") == ASKED


def test_domains_that_may_be_fetched_stand_in_a_list_of_their_own():
    told = cli({"approvalMode": "allowlist", "webFetchDomainAllowlist": ["docs.example.com", "*.example.org"]})[
        "WebFetch"
    ]
    assert [gates(told, host) for host in ("docs.example.com", "a.example.org", "b.test")] == [OPEN, OPEN, ASKED]


def test_permissions_lie_in_each_folder_from_the_repositorys_root_down():
    files = {
        CLI: {"approvalMode": "allowlist"},
        "~/src/mono/.git/config": "",
        "~/src/mono/.cursor/cli.json": {"permissions": {"allow": ["Shell(make)"]}},
        "~/src/mono/app/.cursor/cli.json": {"permissions": {"allow": ["Shell(npm)"]}},
    }
    told = tools(files, "cursor-agent", workspace="~/src/mono/app")["Shell"]
    # Whether the deeper list replaces the one above it is not known.
    assert [gates(told, command) for command in ("npm test", "make all", "ls")] == [OPEN, TAKEN, ASKED]


def test_a_hostile_repository_cannot_make_what_it_may_lift_look_held():
    told = cli(
        {"approvalMode": "allowlist", "permissions": {"allow": ["Shell(git)"], "deny": ["Shell(git)", "Read(.env)"]}},
        {"permissions": {"deny": []}},
    )
    assert gates(told["Shell"], "git push") == OPEN
    assert gates(told["Read"], f"{WORK}/.env") == TAKEN


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"approvalMode": "allowlist"}, None),
        ({"sandbox": {"mode": "disabled"}, "approvalMode": "auto-review"}, None),
        ({"sandbox": {"mode": "enabled"}, "approvalMode": "unrestricted"}, None),
        ({"sandbox": {"mode": "enabled"}, "approvalMode": "allowlist"}, TAKEN),
        ({"sandbox": {"mode": "enabled"}}, TAKEN),
        ({"approvalMode": "auto-review"}, TAKEN),
        ({"sandbox": {"mode": "enabled"}, "approvalMode": "auto-review"}, OPEN),
    ],
)
def test_the_sandbox_of_the_command_line_tool_is_there_where_it_is_switched_on(config, expected):
    told = cli(config).get("Shell, sandboxed")
    assert (gates(told, "ls") if told is not None else None) == expected


@pytest.mark.parametrize(
    ("sandbox", "reached"),
    [
        ({}, [True, False, False]),
        ({"networkAccess": "user_config_with_defaults"}, [True, False, False]),
        ({"networkAccess": "user_config_only"}, [False, False, False]),
        ({"networkAccess": "user_config_only", "networkAllowlist": ["a.example.com"]}, [False, True, False]),
        ({"networkAccess": "allow_all"}, [True, True, True]),
    ],
)
def test_what_its_sandbox_reaches(sandbox, reached):
    box = cli({"sandbox": {"mode": "enabled", **sandbox}})["Shell, sandboxed"].sandbox
    assert [box.connects(host) for host in ("github.com", "a.example.com", "b.example.com")] == reached


@pytest.mark.parametrize(
    ("own", "other", "reads"),
    [
        ("workspace", None, False),
        ("workspace", "system", True),
        ("system", "workspace", True),
        (None, "workspace", False),
    ],
)
def test_a_boundary_holds_where_no_file_opens_it_again(own, other, reads):
    config = {"sandbox": {"mode": "enabled", **({"readBoundary": own} if own else {})}}
    files = {CLI: config, BOX: {"readBoundary": other} if other else {}}
    told = tools(files, "cursor-agent")
    assert told["Shell, sandboxed"].sandbox.reads(f"{HOME}/.aws/credentials") is reads
    assert gates(told["Read"], f"{HOME}/.aws/credentials") == (TAKEN if reads else MOSTLY_ASKED)


@pytest.mark.parametrize(
    ("env", "platform", "expected"),
    [
        ({}, Platform.LINUX, ASKED),
        ({"XDG_CONFIG_HOME": f"{HOME}/.config"}, Platform.LINUX, OPEN),
        ({"CURSOR_CONFIG_DIR": f"{HOME}/elsewhere"}, Platform.LINUX, (Gate.CLASSIFIER, Gate.CLASSIFIER)),
    ],
)
def test_variables_say_where_its_file_lies(env, platform, expected):
    files = {
        CLI: {"approvalMode": "allowlist"},
        "~/.config/cursor/cli-config.json": {"approvalMode": "unrestricted"},
        "~/elsewhere/cli-config.json": {"approvalMode": "auto-review"},
    }
    assert gates(tools(files, "cursor-agent", platform=platform, env=env)["Shell"], "ls") == expected


# --- settings, hooks, and what must not be shown


def test_settings_are_told_with_scope_and_place():
    seen = look(
        {
            CLI: '{\n"approvalMode": "auto-review",\n"permissions": {"allow": [\n"Shell(ls)", "Read(**)"]}}',
            PROJECT_CLI: {"permissions": {"deny": ["Shell(rm)"]}},
        }
    )
    told = {(each.key, each.scope): (each.value, each.evidence.line) for each in only(seen, SettingSeen)}
    assert told == {
        ("approvalMode", "user"): ("auto-review", 2),
        ("permissions.allow", "user"): ("Shell(ls), Read(**)", 4),
        ("permissions.deny", "project"): ("Shell(rm)", 1),
    }


def test_a_long_list_is_counted():
    seen = look({**IDE, USER: {"terminalAllowlist": [f"tool{number}" for number in range(40)]}})
    [setting] = only(seen, SettingSeen)
    assert setting.value.endswith("tool11 and 28 more")


@pytest.mark.parametrize(
    ("file", "scope"),
    [("~/.cursor/hooks.json", "user"), (f"{APP}/.cursor/hooks.json", "project"), ("/etc/cursor/hooks.json", "managed")],
)
def test_hooks_are_told_by_their_moments(file, scope):
    hooks = {"hooks": {"beforeShellExecution": [{"command": "CANARY"}], "stop": []}}
    [setting] = only(look({**IDE, file: hooks}), SettingSeen)
    assert (setting.key, setting.value, setting.scope) == ("hooks", "beforeShellExecution", scope)


@pytest.mark.parametrize(
    "entry",
    [
        "curl -H 'Authorization: Bearer CANARY' https://example.com",
        "curl -u ada:CANARY https://example.com",
        "curl https://ada:CANARY@example.com",
        "mysql -pCANARY7 --host db",
        "mysql --password=CANARY",
        "login --token CANARY",
        "API_KEY=CANARY make deploy",
        "deploy to prod with CANARY",
        f"gh auth {GITHUB}",
        f"gh:{GITHUB}",
    ],
)
def test_no_secret_of_a_command_is_told(entry):
    look({**IDE, USER: {"terminalAllowlist": [entry]}, CLI: {"permissions": {"allow": [f"Shell({entry})"]}}})
    assert command_shown(entry) != entry


@pytest.mark.parametrize(
    "entry", ["git status", "npm run build", "docker compose up -d", "python scripts/check_links.py", "npm:install*"]
)
def test_plain_commands_are_told_as_they_are(entry):
    assert command_shown(entry) == entry


def test_no_secret_in_the_place_of_a_name_is_told():
    look(
        {
            **IDE,
            USER: {"mcpAllowlist": [f"{GITHUB}:*", f"a:{GITHUB}"]},
            BOX: {
                "type": GITHUB,
                "additionalReadPaths": [f"/x/{GITHUB}"],
                "networkPolicy": {"allow": [GITHUB, f"https://ada:{GITHUB}@example.com"]},
            },
            CLI: {"permissions": {"deny": [f"Read({GITHUB})", f"WebFetch({GITHUB})", GITHUB]}, "approvalMode": GITHUB},
            "~/.cursor/hooks.json": {"hooks": {GITHUB: [1]}},
        }
    )


# --- broken and hostile files


@pytest.mark.parametrize("text", ['{"terminalAllowlist": ["git"', '{"terminalAllowlist": ["git"]} x', '{"a": nope}'])
def test_a_broken_file_is_a_gap_and_what_it_allows_is_taken_for_so(text):
    seen = look({**IDE, USER: text, PROJECT: {"terminalAllowlist": ["make"]}})
    assert [gap.place for gap in only(seen, Gap) if gap.kind is GapKind.FAILED] == [f"{USER}, line 1"]
    told = {tool.name: tool for tool in agents(seen)["cursor"].policy.tools}["terminal"]
    assert gates(told, "make") == OPEN
    assert gates(told, "git") == (TAKEN if "git" in text else JUDGED)


def test_a_broken_file_holds_nothing_back():
    told = cli('{"approvalMode": "allowlist", "permissions": {"deny": ["Shell(rm)", "Read(.env)"]}, ')
    assert gates(told["Shell"], "rm") == MOSTLY_ASKED
    assert gates(told["Read"], f"{WORK}/.env") == TAKEN
    box = boxed('{"readBoundary": "workspace", "disableTmpWrite": true, "networkPolicy": {"default": "deny"}, ')
    assert box.reads(f"{HOME}/.aws/credentials")
    assert box.writes("/tmp/x")
    assert boxed('{"networkPolicy": {"deny": ["github.com"]}, ').connects("github.com")
    assert not boxed({"networkPolicy": {"deny": ["github.com"]}}).connects("github.com")


def test_a_locked_file_is_a_gap_and_the_others_are_read():
    seen = look({**IDE, USER: None, PROJECT: {"terminalAllowlist": ["make"]}})
    assert USER in " ".join(gap.place.replace("/home/ada", "~") for gap in only(seen, Gap))
    assert [each.value for each in only(seen, SettingSeen)] == ["make"]


def test_a_repositorys_link_out_of_it_is_not_followed():
    files = {**IDE, PROJECT: FakeFile(link="/etc/other.json"), "/etc/other.json": '{"terminalAllowlist": ["make"]}'}
    seen = look(files)
    assert not only(seen, SettingSeen)
    assert [gap for gap in only(seen, Gap) if "link" in gap.why]


def test_a_pipe_in_the_place_of_a_file_is_not_opened():
    seen = look({**IDE, PROJECT: FakeFile(kind=FileKind.PIPE)})
    assert [gap for gap in only(seen, Gap) if "named pipe" in gap.why]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "7",
        '""',
        '{"terminalAllowlist": "git", "mcpAllowlist": {"a": 1}, "autoRun": []}',
        '{"terminalAllowlist": [["git"], {"a": "git"}]}',
        '{"type": [], "networkPolicy": [], "readBoundary": 1, "disableTmpWrite": "yes", "additionalReadPaths": "x"}',
        '{"permissions": ["Shell(git)"], "sandbox": "enabled", "approvalMode": {}}',
        '{"hooks": {"stop": 1, "": [1]}}',
        "[" * 5000,
    ],
)
def test_wrongly_typed_files_decide_nothing(text):
    files = {**IDE, USER: text, BOX: text, CLI: text, PROJECT: text, PROJECT_CLI: text, "~/.cursor/hooks.json": text}
    seen = agents(look(files))
    told = {tool.name: tool for tool in seen["cursor"].policy.tools}
    assert gates(told["terminal"], "git") == JUDGED
    assert gates({tool.name: tool for tool in seen["cursor-agent"].policy.tools}["Shell"], "git") == MOSTLY_ASKED


def test_a_list_without_end_is_cut():
    seen = look({**IDE, PROJECT: {"terminalAllowlist": [f"t{number}" for number in range(3000)]}})
    assert [gap.kind for gap in only(seen, Gap) if "more than 500" in gap.why] == [GapKind.LIMIT]
    assert len({tool.name: tool for tool in agents(seen)["cursor"].policy.tools}["terminal"].rules) == 500


def test_a_workspace_with_glob_signs_in_its_name_means_itself():
    told = tools(IDE, workspace="~/src/[ab]*")
    assert gates(told["Read"], f"{HOME}/src/[ab]*/x") == OPEN
    assert gates(told["Read"], f"{HOME}/src/abc/x") == TAKEN


def test_without_a_workspace_it_works_in_the_home():
    [agent] = only(look(IDE, workspace=None), AgentSeen)
    assert agent.folder is None
    assert gates(agent.policy.tools[0], f"{HOME}/a") == OPEN


SHREDS = st.sampled_from(
    [
        *("{", "}", "[", "]", ",", ":", '"', "\\", "//", "/*", "*/", "\n", "true", "null", "7", "é", "\ud800"),
        *('"terminalAllowlist"', '"mcpAllowlist"', '"permissions"', '"allow"', '"deny"', '"approvalMode"', '"sandbox"'),
        *('"networkPolicy"', '"type"', '"readBoundary"', '"workspace"', '"unrestricted"', '"hooks"', '"mode"'),
        *('"Shell(git)"', '"Read(**)"', '"Mcp(a:b)"', '"git"', '"npm:*"', '"*"', '"~"', '"/"', '"0.0.0.0/0"'),
    ]
)


@example('{"permissions": {"allow": ["Shell(')
@given(st.lists(SHREDS, max_size=40).map("".join))
def test_no_text_breaks_it_and_both_agents_keep_a_policy(text):
    text = text.encode("utf-8", "replace").decode()
    files = {**IDE, USER: text, BOX: text, CLI: text, PROJECT: text, PROJECT_BOX: text, PROJECT_CLI: text}
    seen = agents(look(files))
    assert {name for name, each in seen.items() if each.policy is not None} == {"cursor", "cursor-agent"}


ENTRY = st.lists(st.sampled_from([*"*?[]():,. /\\~-ab", "git", "push", "**", "[!a]"]), max_size=12).map("".join)


@example("*:[", "a:b")
@example(":", "")
@given(ENTRY, st.text(st.sampled_from("gitpush *[]ab:/"), max_size=30))
def test_no_entry_breaks_what_reads_or_matches_it(entry, target):
    for read in (of_terminal, of_shell, of_tool):
        about = read(entry.strip())
        assert about is None or about.pattern.matches(target) in {True, False}


@given(ENTRY, ENTRY)
def test_an_entry_more_never_holds_back_what_the_list_let_run(one, other):
    fewer = ide({"terminalAllowlist": [one]})["terminal"]
    more = ide({"terminalAllowlist": [one]}, {"terminalAllowlist": [other]})["terminal"]
    for command in ("git push", "a", one, other):
        assert not (gates(fewer, command)[1] is Gate.NONE and gates(more, command)[1] is not Gate.NONE)


# --- what a repository brings

BROUGHT = [
    ("./.cursor/permissions.json", '{"terminalAllowlist": ["bash"]}', "terminalAllowlist"),
    ("./.cursor/permissions.json", '{"mcpAllowlist": ["*:*"]}', "mcpAllowlist"),
    ("./.cursor/sandbox.json", '{"type": "insecure_none"}', "type"),
    ("./.cursor/sandbox.json", '{"networkPolicy": {"default": "allow"}}', "networkPolicy.default"),
    ("./.cursor/sandbox.json", '{"networkPolicy": {"allow": ["example.com"]}}', "networkPolicy.allow"),
    ("./.cursor/sandbox.json", '{"additionalReadwritePaths": ["/srv"]}', "additionalReadwritePaths"),
]
KEPT = [
    ("./.cursor/permissions.json", '{"terminalAllowlist": []}'),
    ("./.cursor/sandbox.json", '{"type": "workspace_readonly", "readBoundary": "workspace"}'),
    ("./.cursor/sandbox.json", '{"networkPolicy": {"default": "deny", "deny": ["example.com"]}}'),
    ("~/.cursor/permissions.json", '{"terminalAllowlist": ["bash"]}'),
]


def brought(path, text):
    """What is told of a repository that brings one file."""
    files = {"~/.config/Cursor/User/settings.json": "{}", path.replace("./", "~/src/app/", 1): text}
    seen = observe(everybody, FakeHost(files=files, workspace="~/src/app"))
    return [each for each in seen if isinstance(each, Weakness) and each.rule == "agent.rights-from-repository"]


@pytest.mark.parametrize(("path", "text", "key"), BROUGHT)
def test_what_a_repository_gives_is_told_where_it_stands(path, text, key):
    [told] = brought(path, text)
    assert (told.title, told.evidence.key) == ("A project gives Cursor more rights than you do", key)
    assert told.evidence.path.as_posix().endswith(path[1:])


@pytest.mark.parametrize(("path", "text"), KEPT)
def test_what_gives_nothing_or_is_the_users_own_is_not_told(path, text):
    assert brought(path, text) == []
