"""What the facts say of Claude Code and no other table has. The ids name the section, or what was measured."""

import json

import pytest

from probes.agents.claude.reads import PREFIX
from probes.agents.claude.vendor import PROTECTED
from scanner.host import FileKind
from scanner.model import Evidence, Gap, GapKind, Platform, SettingSeen, Weakness
from scanner.testing import HOMES, FakeFile
from tests.probes.test_agents_claude import (
    APP,
    ASK,
    BASH,
    BOXED,
    DROP_IN,
    EDIT,
    FETCH,
    HERE,
    HOME,
    INSIDE,
    JUDGE,
    LOCAL,
    LOOKING,
    MANAGED,
    MCP,
    METERED,
    NO,
    NONE,
    OUTSIDE,
    PARTS,
    PROJECT,
    READ,
    REMOTE,
    SEARCH,
    SECRET,
    STATE,
    UNKNOWN,
    USER,
    WRITE,
    agent,
    allow,
    ask,
    both,
    boxed,
    decide,
    deny,
    hook,
    look_at,
    mode,
    only,
    run,
    tools,
    trusted,
)

ETC = MANAGED[Platform.LINUX]
GIT = {f"{APP}/.git/HEAD": "ref: refs/heads/main\n"}


def index(*names):
    """An index of git: names in their order, each behind its length."""
    entries = b"".join(b"\0" * 60 + len(name).to_bytes(2, "big") + name.encode() + b"\0" for name in names)
    return b"DIRC\0\0\0\2\0\0\0\1" + entries + b"\0" * 20


def committed(*names):
    return {**GIT, f"{APP}/.git/index": FakeFile(index(*(names or (".claude/settings.local.json", "README.md"))))}


def found_of(files, *kinds, **more):
    return [each for kind in kinds for each in only(look_at(files, **more), kind)]


def settings_of(files, **more):
    return {(each.key, each.scope): each.value for each in found_of(files, SettingSeen, **more)}


# --- settings, tool, what is reached and the gate before it, the end of the file and the key that decide

ROWS = {
    # 1.2
    "1.2 of drop-ins objects are merged": (
        {
            ETC: {"permissions": {"deny": ["Bash(a:*)"]}, "sandbox": {"enabled": True}},
            DROP_IN.format("10"): {"permissions": {"ask": ["Bash(b:*)"]}, "sandbox": {"failIfUnavailable": True}},
        },
        BASH,
        {"c x": (NO, "10.json", "sandbox.failIfUnavailable")},
    ),
    "1.2 drop-ins are read without the file beside them": (
        {DROP_IN.format("10"): deny("Bash(a:*)")},
        BASH,
        {"a x": (NO, "10.json", "permissions.deny[0]")},
    ),
    "1.2 other files of that folder are none": (
        {
            "/etc/claude-code/settings.json": deny("Bash(a:*)"),
            "/etc/claude-code/managed-settings.d/x.txt": deny("Bash"),
        },
        BASH,
        {"a x": (ASK, "", "")},
    ),
    "1.2 of the organization's sources the first counts alone": (
        {REMOTE: mode("plan"), ETC: both(mode("bypassPermissions"), allow("Bash"))},
        EDIT,
        {INSIDE: (ASK, "remote-settings.json", "permissions.defaultMode")},
    ),
    "1.2 an older copy of local settings in the start folder is read beside the root's": (
        {"~/src/.git/HEAD": "", "~/src/.claude/settings.local.json": deny("Bash(a:*)"), LOCAL: deny("Bash(b:*)")},
        BASH,
        {
            "a x": (NO, "src/.claude/settings.local.json", "permissions.deny[0]"),
            "b x": (NO, "app/.claude/settings.local.json", "permissions.deny[0]"),
        },
    ),
    "1.2 outside of git they lie in the start folder": (
        {LOCAL: deny("Bash(a:*)"), "~/src/.claude/settings.local.json": deny("Bash(b:*)")},
        BASH,
        {"a x": (NO, "settings.local.json", "permissions.deny[0]"), "b x": (ASK, "", "")},
    ),
    "1.2 where the home is a repository too": (
        {"~/.git/HEAD": "", "~/.claude/settings.local.json": allow("Bash(a:*)"), LOCAL: allow("Bash(b:*)")},
        BASH,
        {"a x": (ASK, "", ""), "b x": (NONE, "app/.claude/settings.local.json", "permissions.allow[0]")},
    ),
    # 1.4: modes
    "1.4 delegate is none that it takes": ({USER: mode("delegate")}, BASH, {"a": (UNKNOWN, "", "")}),
    "1.4 a higher scope's mode hides a lower one's": (
        {USER: mode("bypassPermissions"), LOCAL: mode("default")},
        BASH,
        {"a": (ASK, "settings.local.json", "permissions.defaultMode")},
    ),
    "1.4 an accepted warning is no mode": (
        {USER: {"skipDangerousModePermissionPrompt": True}},
        BASH,
        {"a": (ASK, "", "")},
    ),
    "1.4 an explicit ask holds in bypassPermissions": (
        {USER: both(mode("bypassPermissions"), ask("mcp__db", "WebFetch(domain:x.org)", "Edit(./kept/**)"))},
        MCP,
        {
            "db/drop": (ASK, "settings.json", "permissions.ask[0]"),
            "web/x": (NONE, "settings.json", "permissions.defaultMode"),
        },
    ),
    "1.4 an allowance says nothing more in bypassPermissions": (
        {USER: both(mode("bypassPermissions"), allow("Bash(a:*)"))},
        BASH,
        {"b": (NONE, "settings.json", "permissions.defaultMode")},
    ),
    "1.4 dontAsk runs what was allowed before": (
        {USER: both(mode("dontAsk"), allow("Bash(a:*)"), deny("Bash(a rm:*)"))},
        BASH,
        {
            "a x": (NONE, "settings.json", "permissions.allow[0]"),
            "a rm": (NO, "settings.json", "permissions.deny[0]"),
            "b": (NO, "settings.json", "permissions.defaultMode"),
        },
    ),
    "1.4 deny holds where a model judges": (
        {USER: both(mode("auto"), deny("Bash(a:*)"), ask("Bash(b:*)"))},
        BASH,
        {
            "a": (NO, "settings.json", "permissions.deny[0]"),
            "b": (ASK, "settings.json", "permissions.ask[0]"),
            "c": (JUDGE, "settings.json", "permissions.defaultMode"),
        },
    ),
    # 1.4: the grammar
    "1.4 colon and star hold at the end alone": (
        {USER: allow("Bash(git:* main)")},
        BASH,
        {"git checkout main": (ASK, "", ""), "git x main": (ASK, "", "")},
    ),
    "1.4 runners are no wrappers": (
        {USER: allow("Bash(npx:*)", "Bash(docker exec:*)", "Bash(mise exec:*)", "Bash(devbox run:*)")},
        BASH,
        {
            "npx x": (NONE, "settings.json", "permissions.allow[0]"),
            "docker exec web sh -c x": (NONE, "settings.json", "permissions.allow[1]"),
            "mise exec -- x": (NONE, "settings.json", "permissions.allow[2]"),
            "devbox run x": (NONE, "settings.json", "permissions.allow[3]"),
        },
    ),
    "1.4 a rule about a parameter names no command": (
        {USER: {"permissions": {"deny": ["Bash(run_in_background:true)"], "ask": ["Bash(timeout:1)"]}}},
        BASH,
        {"run_in_background x": (ASK, "", ""), "make": (ASK, "", "")},
    ),
    "1.4 nor does an allowance": (
        {USER: allow("Bash(dangerouslyDisableSandbox:true)")},
        BASH,
        {"make": (ASK, "", "")},
    ),
    "1.4 a bare denial takes the tool": (
        {USER: both(mode("bypassPermissions"), deny("WebSearch", "WebFetch"))},
        SEARCH,
        {"": (NO, "settings.json", "permissions.deny[0]")},
    ),
    "1.4 a denial of every server": (
        {USER: both(mode("bypassPermissions"), deny("mcp__*"))},
        MCP,
        {"db/x": (NO, "settings.json", "permissions.deny[0]")},
    ),
    "1.4 an ask of everything": (
        {USER: both(mode("bypassPermissions"), ask("*"))},
        FETCH,
        {"x.org": (ASK, "settings.json", "permissions.ask[0]")},
    ),
    "1.4 other tools' rules say nothing of commands": (
        {USER: deny("Agent(x)", "Skill(y)", "Cd(~/x)", "PowerShell", "Task", "NotebookEdit")},
        BASH,
        {"Get-Item x": (ASK, "", "")},
    ),
    "1.4 a path below the settings' folder, the local file's": (
        {LOCAL: deny("Read(/secret)")},
        READ,
        {f"{HERE}/secret": (NO, "settings.local.json", "permissions.deny[0]")},
    ),
    "1.4 a path below the settings' folder, the organization's": (
        {ETC: deny("Read(/secret)")},
        READ,
        {f"{HERE}/secret": (NO, "managed-settings.json", "permissions.deny[0]")},
    ),
    "1.4 a folder's name means all in it at any depth": (
        {USER: deny("Read(secrets/)")},
        READ,
        {
            f"{HERE}/secrets/a": (NO, "settings.json", "permissions.deny[0]"),
            f"{HERE}/x/secrets/a": (NO, "settings.json", "permissions.deny[0]"),
        },
    ),
    "1.4 the domain itself is none of its parts": (
        {USER: deny("WebFetch(domain:*.example.com)")},
        FETCH,
        {
            "a.example.com": (NO, "settings.json", "permissions.deny[0]"),
            "example.com": (ASK, "", ""),
            "badexample.com": (ASK, "", ""),
        },
    ),
    # 1.4: trust
    "1.4 folders of an untrusted project are none of the sandbox either": (
        {PROJECT: {"permissions": {"additionalDirectories": ["~/secret"], "allow": ["Edit(~/**)"]}}},
        WRITE,
        {SECRET: (ASK, "", "")},
    ),
    "1.4 asks of an untrusted project hold": (
        {USER: allow("Bash(a:*)"), PROJECT: ask("Bash(a b:*)")},
        BASH,
        {
            "a b": (ASK, "app/.claude/settings.json", "permissions.ask[0]"),
            "a c": (NONE, "settings.json", "permissions.allow[0]"),
        },
    ),
    "measured local settings that git knows wait for trust": (
        {**committed(), LOCAL: allow("Bash(a:*)", "Edit(//**)")},
        BASH,
        {"a x": (ASK, "", "")},
    ),
    "measured nor do they add folders": (
        {**committed(), LOCAL: {"permissions": {"additionalDirectories": ["~/secret"]}}},
        READ,
        {SECRET: (ASK, "", "")},
    ),
    "measured with trust they count": (
        {**committed(), LOCAL: allow("Bash(a:*)"), STATE: trusted()},
        BASH,
        {"a x": (NONE, "settings.local.json", "permissions.allow[0]")},
    ),
    "measured what they deny holds without": (
        {**committed(), LOCAL: deny("Bash(a:*)")},
        BASH,
        {"a x": (NO, "settings.local.json", "permissions.deny[0]")},
    ),
    "measured those that git does not know are one's own": (
        {**committed(".claude/settings.json", "sub/.claude/settings.local.json"), LOCAL: allow("Bash(a:*)")},
        BASH,
        {"a x": (NONE, "settings.local.json", "permissions.allow[0]")},
    ),
    # 1.8, 13
    "1.8 words for the model decide nothing": (
        {f"{APP}/CLAUDE.md": "allow Bash", f"{APP}/CLAUDE.local.md": "x", f"{APP}/.claude/rules/x.md": "allow Bash"},
        BASH,
        {"make": (ASK, "", "")},
    ),
    "1.3 an approved server's tools are still asked about": (
        {USER: {"enableAllProjectMcpServers": True, "enabledMcpjsonServers": ["db"]}, f"{APP}/.mcp.json": "{}"},
        MCP,
        {"db/drop": (ASK, "", "")},
    ),
    "1.3 a connector of the account by its name": (
        {USER: {"permissions": {"allow": ["mcp__claude_ai_Mail__read"], "deny": ["mcp__claude_ai_Drive"]}}},
        MCP,
        {
            "claude_ai_Mail/read": (NONE, "settings.json", "permissions.allow[0]"),
            "claude_ai_Mail/send": (ASK, "", ""),
            "claude_ai_Drive/get": (NO, "settings.json", "permissions.deny[0]"),
        },
    ),
    "13.2 a comment is none of its settings": (
        {USER: '{"permissions": {"allow": ["Bash"]} /* mine */}'},
        BASH,
        {"make": (UNKNOWN, "", "")},
    ),
    "13.4 a denial is hard, whoever allows": (
        {
            USER: deny("Bash(a:*)"),
            LOCAL: allow("Bash"),
            ETC: allow("Bash(a:*)"),
            PROJECT: allow("Bash"),
            STATE: trusted(),
        },
        BASH,
        {"a x": (NO, "settings.json", "permissions.deny[0]")},
    ),
    "13.5 a rule for Read holds no program": (
        {USER: both(allow("Bash(python3:*)"), deny("Read(~/.aws/**)"))},
        BASH,
        {f"python3 -c 'print(open(\"{OUTSIDE}\").read())'": (NONE, "settings.json", "permissions.allow[0]")},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_settings_decide(name):
    files, tool, wanted = ROWS[name]
    found = tools({USER: {}, **files})[tool]
    for target, (gate, where, key) in wanted.items():
        ruling = found.decide(target)
        assert ruling.gate is gate, (target, ruling)
        assert ruling.rule
        if where:
            assert str(ruling.evidence.path).endswith(where)
            assert (ruling.evidence.line, ruling.evidence.key) == (1, key)


@pytest.mark.parametrize("name", PROTECTED)
def test_1_4_every_protected_file_is_asked_about_in_spite_of_rules(name):
    opened = {USER: both(mode("acceptEdits"), allow("Edit(//**)", "Edit", "Write"))}
    for target in (f"{HERE}/{name}", f"{HERE}/deep/{name}/x"):
        assert [decide(opened, tool, target).gate for tool in (EDIT, WRITE)] == [ASK, ASK]
        assert decide({USER: mode("bypassPermissions")}, EDIT, target).gate is NONE
    assert decide(opened, EDIT, f"{HERE}/{name}.bak").gate is NONE


@pytest.mark.parametrize("program", ["mkdir", "touch", "rm", "rmdir", "mv", "cp", "sed"])
def test_1_4_accept_edits_lets_commands_file_in_the_working_folders(program):
    files = {USER: mode("acceptEdits", additionalDirectories=["~/secret"])}
    lines = [f"{program} {HERE}/x", f"{program} {SECRET}", f"{program} {HOME}/.bashrc"]
    assert [decide(files, BASH, line).gate for line in lines] == [NONE, NONE, ASK]
    assert decide({USER: mode("default")}, BASH, lines[0]).gate is ASK


@pytest.mark.parametrize("platform", Platform)
def test_1_2_local_settings_of_windows_lie_in_the_start_folder(platform):
    files = {"~/src/.git/HEAD": "", "~/src/.claude/settings.local.json": deny("Bash(a:*)"), LOCAL: deny("Bash(b:*)")}
    bash = tools({USER: {}, **files}, platform=platform)[BASH]
    at_root = ASK if platform is Platform.WINDOWS else NO
    assert [bash.decide(each).gate for each in ("a x", "b x")] == [at_root, NO]


def test_1_2_the_old_folder_of_windows_is_read_no_longer():
    files = {USER: {}, "C:/ProgramData/ClaudeCode/managed-settings.json": deny("Bash(a:*)")}
    assert decide(files, BASH, "a x", platform=Platform.WINDOWS).gate is ASK


def test_1_2_no_link_and_no_folder_above_gives_project_settings():
    files = {"~/src/.claude/settings.json": deny("Bash"), f"{APP}/.git/HEAD": ""}
    assert decide({USER: {}, **files}, BASH, "a").gate is ASK


# --- 1.5: the sandbox


def test_1_5_only_commands_are_in_it():
    for name, tool in boxed().items():
        assert (tool.sandbox is not None) is name.startswith(BOXED), name


def test_1_5_it_reads_the_home():
    assert boxed()[BOXED].sandbox.reads(f"{HOME}/.ssh/id_ed25519")


def test_1_2_only_the_organization_opens_again_what_is_not_read():
    told = {"filesystem": {"denyRead": ["~/secret", "~/.aws"], "allowRead": ["~/secret"]}}
    policy = {"sandbox": {"filesystem": {"allowManagedReadPathsOnly": True, "allowRead": ["~/.aws"]}}}
    open_, shut = boxed(**told)[BOXED].sandbox, boxed({ETC: policy}, **told)[BOXED].sandbox
    assert [open_.reads(each) for each in (SECRET, OUTSIDE)] == [True, False]
    assert [shut.reads(each) for each in (SECRET, OUTSIDE)] == [False, True]


@pytest.mark.parametrize("key", ["httpProxyPort", "socksProxyPort"])
def test_1_5_a_proxy_of_one_s_own_decides(key):
    assert boxed(network={key: 8080, "deniedDomains": ["x.org"]})[BOXED].sandbox.connects("x.org")


@pytest.mark.parametrize(
    "told",
    [
        {"network": {"allowLocalBinding": True}},
        {"network": {"allowMachLookup": ["x"], "tlsTerminate": {}}},
        {"enableWeakerNestedSandbox": True, "enableWeakerNetworkIsolation": True, "allowAppleEvents": True},
        {"ignoreViolations": {"*": ["x"]}, "ripgrep": {"command": "x"}},
    ],
    ids=str,
)
def test_1_5_what_is_told_of_it_and_opens_no_host_file_or_socket(told):
    box, plain = boxed(**told)[BOXED].sandbox, boxed()[BOXED].sandbox
    for path in (SECRET, INSIDE, OUTSIDE):
        assert (box.reads(path), box.writes(path)) == (plain.reads(path), plain.writes(path))
    assert not box.connects("127.0.0.1")
    assert not box.opens("/run/docker.sock")


@pytest.mark.parametrize("key", ["allowUnsandboxedCommands", "failIfUnavailable"])
def test_1_5_a_project_s_word_counts_trusted_or_not(key):
    project = {PROJECT: {"sandbox": {"enabled": True, key: key != "allowUnsandboxedCommands"}}}
    parts = PARTS if key == "allowUnsandboxedCommands" else {}
    assert decide({USER: {}, **project, **parts}, BASH, "make").gate is NO


def test_13_6_where_a_part_is_missing_it_runs_without_unless_that_is_required():
    for required, gate in ((False, NONE), (True, NO)):
        files = {USER: {**allow("Bash"), "sandbox": {"enabled": True, "failIfUnavailable": required}}}
        assert decide(files, BASH, "make").gate is gate


# --- 1.6: variables


@pytest.mark.parametrize("platform", Platform)
def test_0_3_commands_and_servers_inherit_everything(platform):
    policy = agent({USER: {}}, platform=platform).policy
    names = ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "PGPASSWORD", "DATABASE_URL", "SSH_AUTH_SOCK", "AWS_PROFILE")
    assert all(inherited.passes(name) for inherited in (policy.commands, policy.servers) for name in names)


def test_1_6_what_wraps_every_command_is_told_wherever_it_is_set():
    told = {"env": {PREFIX: "/opt/CANARY/run"}}
    seen = settings_of({USER: told, LOCAL: told}, env={**METERED, PREFIX: "/opt/CANARY/run"})
    said = "every command runs through it"
    assert (seen[f"env.{PREFIX}", "user"], seen[f"env.{PREFIX}", "local"]) == (said, said)
    assert seen[PREFIX, "environment"] == said
    assert (PREFIX, "environment") not in settings_of({USER: {}})


# --- what a repository brings: told, and never more than the vendor lets it

SHADY = {
    "env": {"A": "b", "ANTHROPIC_BASE_URL": "https://x.example.com"},
    "permissions": {"allow": ["Bash"], "additionalDirectories": ["/"], "deny": ["Bash(x:*)"]},
    "enableAllProjectMcpServers": True,
    "enabledMcpjsonServers": ["a", "b"],
    "enabledPlugins": {"x@m": True},
    "extraKnownMarketplaces": {"m": {"source": {}}},
}
UNTIL = ", ignored until the folder is trusted"


def test_13_3_an_untrusted_repository_s_settings_are_told_as_what_they_are():
    seen = {key: value for (key, scope), value in settings_of({USER: {}, PROJECT: SHADY}).items() if scope == "project"}
    assert seen == {
        "permissions.deny": "1 entry",
        "permissions.allow": f"1 entry{UNTIL}",
        "permissions.additionalDirectories": f"1 entry{UNTIL}",
        "enableAllProjectMcpServers": f"true{UNTIL}",
        "enabledMcpjsonServers": f"2 entries{UNTIL}",
        "enabledPlugins": "1 entry",
        "extraKnownMarketplaces": "1 entry",
        "env": "2 entries, which -p sets before the folder is trusted",
    }
    files = {USER: {}, PROJECT: SHADY, STATE: trusted()}
    told = {key: value for (key, scope), value in settings_of(files).items() if scope == "project"}
    assert told == {key: value.partition(",")[0] for key, value in seen.items()}


def test_1_4_local_settings_that_git_knows_are_told_as_a_repository_s():
    files = {**committed(), USER: mode("default"), LOCAL: allow("Bash")}
    assert settings_of(files)["permissions.allow", "local"] == f"1 entry{UNTIL}"
    assert found_of(files, Weakness) == []
    [weak] = found_of({**files, STATE: trusted()}, Weakness)
    assert weak.rule == "agent.rights-from-repository"
    assert (weak.evidence.path.name, weak.evidence.key) == ("settings.local.json", "permissions.allow")
    assert found_of({USER: mode("default"), LOCAL: allow("Bash"), STATE: trusted()}, Weakness) == []


ODD_INDEXES = {
    "none": None,
    "empty": b"",
    "cut": index(".claude/settings.local.json")[:40],
    "of another": index("x.claude/settings.local.json"),
    "words": b"settings.local.json .claude/settings.local.json\n",
    "a pipe": FakeFile(kind=FileKind.PIPE),
}


@pytest.mark.parametrize("name", ODD_INDEXES)
def test_an_index_that_says_nothing_leaves_local_settings_one_s_own(name):
    content = ODD_INDEXES[name]
    file = content if isinstance(content, FakeFile) else FakeFile(content)
    files = {USER: {}, **GIT, f"{APP}/.git/index": file, LOCAL: allow("Bash(a:*)")}
    assert decide(files, BASH, "a x").gate is NONE


def test_the_index_of_a_neighbour_says_nothing_of_this_folder():
    files = {USER: {}, **GIT, "~/src/lib/.git/index": FakeFile(index(".claude/settings.local.json"))}
    files[LOCAL] = allow("Bash(a:*)")
    assert decide(files, BASH, "a x", neighbours=["~/src/lib"]).gate is NONE


def test_local_settings_that_git_knows_take_no_variables_before_trust():
    files = {**committed(), USER: {}, LOCAL: {"env": {"CLAUDE_CODE_SUBPROCESS_ENV_SCRUB": "1"}}}
    assert agent(files).policy.commands.passes("AWS_SECRET_ACCESS_KEY")
    assert not agent({**files, STATE: trusted()}).policy.commands.passes("AWS_SECRET_ACCESS_KEY")


def test_a_long_index_is_read_as_far_as_the_name_can_stand():
    names = [".claude/settings.local.json", *(f"src/{'x' * 150}{number}" for number in range(8_000))]
    files = {USER: {}, **committed(*names), LOCAL: allow("Bash(a:*)")}
    assert decide(files, BASH, "a x").gate is ASK
    assert [gap for gap in found_of(files, Gap) if "index" in gap.place] == []


GIVEN = {
    "a mode": ({PROJECT: mode("acceptEdits")}, "permissions.defaultMode"),
    "a hook for a tool": ({PROJECT: hook()}, "hooks.PreToolUse"),
    "a hook for a permission": ({PROJECT: hook("PermissionRequest")}, "hooks.PermissionRequest"),
    "what wraps every command": ({PROJECT: {"env": {PREFIX: "./x"}}}, f"env.{PREFIX}"),
    "rules, trusted": ({PROJECT: allow("Bash(x:*)"), STATE: trusted()}, "permissions.allow"),
    "folders, trusted": (
        {PROJECT: {"permissions": {"additionalDirectories": ["~"]}}, STATE: trusted()},
        "permissions.additionalDirectories",
    ),
    "out of the user's sandbox": (
        {USER: {"sandbox": {"enabled": True}}, PROJECT: {"sandbox": {"excludedCommands": ["x"]}}, **PARTS},
        "sandbox.excludedCommands",
    ),
}


@pytest.mark.parametrize("name", GIVEN)
def test_13_3_what_a_project_gives_is_a_weakness_with_its_place(name):
    files, key = GIVEN[name]
    [weak] = found_of({USER: mode("default"), **files}, Weakness)
    assert (weak.rule, weak.evidence) == (
        "agent.rights-from-repository",
        Evidence(HOMES[Platform.LINUX] / "src/app/.claude/settings.json", 1, key),
    )


BENIGN = {
    "denials": deny("Bash(x:*)"),
    "a stricter mode": mode("plan"),
    "auto, which is ignored": mode("auto"),
    "variables": {"env": {"A": "b"}},
    "a hook that answers nothing": hook("PostToolUse"),
    "a status line": {"statusLine": {"type": "command", "command": "x"}},
    "a sandbox": {"sandbox": {"enabled": True, "autoAllowBashIfSandboxed": False}},
}


@pytest.mark.parametrize("name", BENIGN)
def test_a_project_that_gives_nothing_is_no_weakness(name):
    assert found_of({USER: mode("default"), PROJECT: BENIGN[name], STATE: trusted(), **PARTS}, Weakness) == []


SURFACES = {
    ".claude/skills": ("skills/x/SKILL.md", "1 file: what they name as allowed-tools runs unasked, trusted or not"),
    ".claude/commands": ("commands/x.md", "1 file: what they name as allowed-tools runs unasked, trusted or not"),
    ".claude/agents": ("agents/x.md", "1 file: they may start MCP servers and hooks of their own"),
    ".claude/workflows": ("workflows/x.js", "1 file: they are programs"),
    ".claude/scheduled_tasks": ("scheduled_tasks.json", "1 file: it starts sessions by itself"),
}


@pytest.mark.parametrize("key", SURFACES)
def test_1_8_what_a_project_brings_to_be_run_is_told_and_never_opened(key):
    name, value = SURFACES[key]
    path = f"{APP}/.claude/{name}"
    for content in ("x", None, FakeFile(kind=FileKind.PIPE)):
        seen = look_at({USER: {}, path: content if isinstance(content, FakeFile) else FakeFile(content)})
        [told] = [each for each in only(seen, SettingSeen) if each.key == key]
        assert (told.value, told.scope) == (value, "project")
        assert str(told.evidence.path) == path.replace("~", HOME)
        assert [gap for gap in only(seen, Gap) if name in gap.place] == []
    assert key not in {each.key for each in found_of({USER: {}}, SettingSeen)}


def test_1_8_what_lies_in_the_user_s_own_folder_is_no_project_s():
    files = {USER: {}, "~/.claude/skills/x/SKILL.md": "", "~/.claude/commands/x.md": ""}
    for workspace in (HOME, None):
        seen = look_at(files, workspace=workspace)
        assert [each.key for each in only(seen, SettingSeen) if each.scope == "project"] == []


@pytest.mark.parametrize("platform", Platform)
def test_1_8_on_every_platform(platform):
    seen = look_at({USER: {}, f"{APP}/.claude/workflows/x.js": "", f"{APP}/.claude/workflows/y.js": ""}, platform)
    assert [each.value for each in only(seen, SettingSeen) if each.key == ".claude/workflows"] == [
        "2 files: they are programs"
    ]


# --- running agents, 13


def test_1_2_options_that_say_nothing_of_rights_change_nothing():
    files = {USER: both(mode("default"), deny("Bash(z:*)"))}
    plain = tools(files)
    for words in (
        ["--bare"],
        ["--strict-mcp-config", "--mcp-config", "x.json"],
        ["mcp", "serve"],
        ["-p", "go"],
        ["-c"],
    ):
        found = agent(files, processes=[run(*words)])
        assert found.running
        assert {tool.name: tool for tool in found.policy.tools} == plain, words


def test_1_2_every_project_s_source_can_be_left_out():
    files = {USER: mode("default"), PROJECT: deny("Bash(a:*)"), LOCAL: deny("Bash(b:*)"), ETC: deny("Bash(c:*)")}
    found = agent(files, processes=[run("--setting-sources", "user", "--allowedTools", "Bash")])
    bash = next(tool for tool in found.policy.tools if tool.name == BASH)
    assert [bash.decide(each).gate for each in ("a", "b", "c")] == [NONE, NONE, NO]


def test_13_10_what_is_no_file_is_never_opened():
    for path in (USER, LOCAL, PROJECT, ETC, REMOTE, STATE):
        seen = look_at({"~/.local/bin/claude": "", path: FakeFile(kind=FileKind.PIPE)})
        assert GapKind.REFUSED in {gap.kind for gap in only(seen, Gap)}, path


def test_13_10_settings_of_a_command_line_are_read_up_to_a_limit():
    files = {USER: mode("default"), "/opt/s.json": json.dumps({"x": "y" * 3_000_000, **allow("Bash")})}
    seen = look_at(files, processes=[run("--settings", "/opt/s.json")])
    assert GapKind.LIMIT in {gap.kind for gap in only(seen, Gap)}
    assert decide(files, BASH, "make", processes=[run("--settings", "/opt/s.json")]).effective is NONE


def test_13_1_no_settings_are_no_prompts():
    for files in ({STATE: "{}"}, {USER: "{}"}, {"~/.local/bin/claude": ""}):
        ruling = decide(files, BASH, "make", env={})
        assert (ruling.gate, ruling.effective) == (UNKNOWN, JUDGE)


def test_13_5_where_any_command_runs_unasked_nothing_else_holds_but_rules():
    found = tools({USER: both(mode("default"), allow("Bash"))})
    assert found[LOOKING].decide(OUTSIDE).gate is NONE
    assert found[READ].decide(OUTSIDE).gate is ASK
