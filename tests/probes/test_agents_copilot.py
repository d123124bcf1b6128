"""GitHub Copilot CLI: what it does unasked, rule by rule, as its program 1.0.102 showed."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.copilot.vendor import LOOKING
from probes.agents.look import agents
from scanner.data.shells import shell_of
from scanner.gates import Judge
from scanner.host import Process
from scanner.model import AgentSeen, Autonomy, Command, Gate, Platform
from scanner.testing import HOMES, FakeHost, observe
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CALL,
    CONNECT,
    EXECUTE,
    FREE,
    HOME,
    JUDGED,
    MOSTLY_ASKED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "copilot-cli"
USER, STATE, SAVED = (f"~/.copilot/{name}.json" for name in ("settings", "config", "permissions-config"))
PROJECT, LOCAL = f"{APP}/.github/copilot/settings.json", f"{APP}/.github/copilot/settings.local.json"
MANAGED = "/etc/github-copilot/managed-settings.json"
GIT = {f"{APP}/.git/HEAD": "ref: refs/heads/main\n"}
PARTS = {f"/usr/bin/{name}": "" for name in ("bwrap", "slirp4netns", "unshare", "nsenter", "iptables", "ip6tables")}
SECRET, OUTSIDE = f"{HOME}/.aws/credentials", "/srv/data"
TRUSTED = {STATE: {"trustedFolders": [f"{HOME}/src"]}}
HOOK = {"hooks": {"preToolUse": [{"type": "command", "bash": "./check"}]}}


def runs(*words):
    return Process(7, 1, "MainThread", ("/opt/copilot/copilot", *words), mine=True)


def look(*running, files=None, **more):
    found = {USER: {}, **GIT, **(files or {})}
    return Found(AGENT, found, processes=[runs(*words) for words in running], **more)


def approved(*entries, key=WORK, folders=()):
    return {SAVED: {"locations": {key: {"tool_approvals": list(entries), "allowed_directories": list(folders)}}}}


def commands(*names):
    return {"kind": "commands", "commandIdentifiers": list(names)}


def managed(**rules):
    return {MANAGED: {"permissions": rules}}


OPTIONS = [
    # nothing set
    pytest.param((), READ, f"{WORK}/a", FREE, id="the workspace is read unasked"),
    pytest.param((), READ, "/tmp/x", FREE, id="the temporary folder is a working one"),
    pytest.param((), READ, SECRET, FREE, id="cat ~/.aws/credentials runs unasked: ~ passes the check of paths"),
    pytest.param((), READ, OUTSIDE, ASKED, id="a path outside of the home is asked for"),
    pytest.param((), WRITE, f"{WORK}/a", ASKED, id="changes are asked for"),
    pytest.param((), EXECUTE, "npm test", ASKED, id="commands are asked for"),
    pytest.param((), EXECUTE, "git log -p", FREE, id="commands that only read are not"),
    pytest.param((), EXECUTE, "gh pr list", FREE, id="nor are those of gh, which use its login"),
    pytest.param((), EXECUTE, "gh api user", ASKED, id="gh api is asked for"),
    pytest.param((), EXECUTE, "gh auth token", ASKED, id="the token is asked for"),
    pytest.param((), EXECUTE, "env", ASKED, id="env is asked for, since it starts programs"),
    pytest.param((), EXECUTE, "printenv", FREE, id="printenv is not"),
    pytest.param((), CONNECT, "example.com", ASKED, id="addresses are asked for"),
    pytest.param((), CALL, "git/status", TAKEN, id="a tool that calls itself read-only runs unasked"),
    # --allow-tool
    pytest.param(("--allow-tool", "shell(git push)"), EXECUTE, "git push", FREE, id="a sub-command"),
    pytest.param(("--allow-tool", "shell(git push)"), EXECUTE, "git push origin x", FREE, id="with arguments"),
    pytest.param(("--allow-tool", "shell(git push)"), EXECUTE, "git -c a=b push", ASKED, id="options come between"),
    pytest.param(("--allow-tool", "shell(git push)"), EXECUTE, "git commit", ASKED, id="another sub-command"),
    pytest.param(("--allow-tool", "shell(git:*)"), EXECUTE, "git -c a=b push", FREE, id="all of git"),
    pytest.param(("--allow-tool", "shell(git:*)"), EXECUTE, "gitea", ASKED, id="a name ends at its end"),
    pytest.param(("--allow-tool", "shell(git)"), EXECUTE, "git push", ASKED, id="git alone is no sub-command of it"),
    pytest.param(("--allow-tool", "shell(git*)"), EXECUTE, "git push", ASKED, id="a star without a colon fits nothing"),
    pytest.param(("--allow-tool", "shell(git push origin)"), EXECUTE, "git push origin", ASKED, id="three words"),
    pytest.param(("--allow-tool", "shell(npm run)"), EXECUTE, "npm run x", FREE, id="npm has sub-commands too"),
    pytest.param(("--allow-tool", "shell(npm run test:*)"), EXECUTE, "npm run test", ASKED, id="scripts have no rule"),
    pytest.param(
        ("--allow-tool", "shell(kubectl get)"), EXECUTE, "kubectl get", ASKED, id="kubectl has no second word"
    ),
    pytest.param(("--allow-tool", "shell(kubectl)"), EXECUTE, "kubectl delete x", FREE, id="kubectl whole"),
    pytest.param(("--allow-tool", "shell(python3)"), EXECUTE, "python3 -c 1", FREE, id="an interpreter"),
    pytest.param(("--allow-tool", "shell"), EXECUTE, "rm x", FREE, id="all commands"),
    pytest.param(("--allow-tool", "shell"), CONNECT, "example.com", ASKED, id="which opens no address"),
    pytest.param(("--allow-tool=write,shell(touch)",), EXECUTE, "touch x", FREE, id="a comma divides"),
    pytest.param(("--allow-tool", "write", "shell(touch)"), EXECUTE, "touch x", FREE, id="several words follow"),
    pytest.param(("--allow-tool", "write", "-p", "shell(touch)"), EXECUTE, "touch x", ASKED, id="up to an option"),
    pytest.param(("--allow-tool", "Shell(git:*)"), EXECUTE, "git push", ASKED, id="kinds are in small letters"),
    pytest.param(("--allow-tool", "write"), WRITE, f"{WORK}/a", FREE, id="files of the workspace"),
    pytest.param(("--allow-tool", "write"), WRITE, f"{HOME}/a", ASKED, id="and none outside"),
    pytest.param(("--allow-tool", "write(.env)"), WRITE, f"{WORK}/x/.env", FREE, id="a name in any folder"),
    pytest.param(("--allow-tool", "write(.env)"), WRITE, f"{WORK}/a", ASKED, id="another name"),
    pytest.param(("--allow-tool", "write(*.py)"), WRITE, f"{WORK}/x/a.py", FREE, id="a glob"),
    pytest.param(("--allow-tool", "write(.env)"), WRITE, f"{HOME}/.env", ASKED, id="a name outside asks"),
    pytest.param(("--allow-tool", "mine"), CALL, "mine/x", FREE, id="a server"),
    pytest.param(("--allow-tool", "mine(x)"), CALL, "mine/x", FREE, id="a tool of a server"),
    pytest.param(("--allow-tool", "mine(x)"), CALL, "mine/y", TAKEN, id="another tool of the server"),
    # more options
    pytest.param(("--allow-all-tools",), EXECUTE, "rm x", FREE, id="all tools"),
    pytest.param(("--allow-all-tools",), WRITE, f"{WORK}/a", FREE, id="all tools write the workspace"),
    pytest.param(("--allow-all-tools",), WRITE, f"{HOME}/a", ASKED, id="all tools are not all paths"),
    pytest.param(("--allow-all-tools",), READ, OUTSIDE, ASKED, id="all tools read no other path by themselves"),
    pytest.param(("--allow-all-tools",), CONNECT, "example.com", FREE, id="all tools open addresses"),
    pytest.param(("--allow-all-tools",), CALL, "any/x", FREE, id="all tools of servers"),
    pytest.param(("--allow-all-paths",), READ, OUTSIDE, FREE, id="all paths"),
    pytest.param(("--allow-all-paths",), EXECUTE, "rm x", ASKED, id="all paths are not all tools"),
    pytest.param(("--allow-all-urls",), CONNECT, "example.com", FREE, id="all addresses"),
    pytest.param(("--allow-url", "example.com"), CONNECT, "example.com", FREE, id="one host"),
    pytest.param(("--allow-url", "example.com"), CONNECT, "other.example", ASKED, id="another host"),
    pytest.param(("--yolo",), WRITE, f"{HOME}/a", FREE, id="yolo writes anywhere"),
    pytest.param(("--allow-all",), READ, OUTSIDE, FREE, id="allow-all is yolo"),
    pytest.param(("--yolo", "--deny-tool", "shell(git push)"), EXECUTE, "git push -f", REFUSED, id="deny beats yolo"),
    pytest.param(
        ("--yolo", "--deny-tool", "shell(git:*)"), EXECUTE, "git log", REFUSED, id="deny beats what only reads"
    ),
    pytest.param(
        ("--yolo", "--deny-tool", "shell(git push)"), EXECUTE, "env git push", FREE, id="env is not seen through"
    ),
    pytest.param(("--yolo", "--deny-tool", "write"), WRITE, f"{WORK}/a", REFUSED, id="no changes"),
    pytest.param(("--yolo", "--deny-tool", "write(~/.env)"), WRITE, f"{HOME}/.env", REFUSED, id="no changes to one"),
    pytest.param(("--yolo", "--deny-url", "example.com"), CONNECT, "example.com", REFUSED, id="no such host"),
    pytest.param(("--yolo", "--deny-tool", "mine(x)"), CALL, "mine/x", REFUSED, id="no such tool"),
    pytest.param(("--add-dir", OUTSIDE), READ, f"{OUTSIDE}/x", FREE, id="an added folder"),
    pytest.param(("--disallow-temp-dir",), READ, "/tmp/x", ASKED, id="the temporary folder taken out"),
]

FILES = [
    # settings of the user
    pytest.param({USER: {"defaultPermissionMode": "allow-all"}}, EXECUTE, "rm x", FREE, id="the user's mode"),
    pytest.param({USER: {"defaultPermissionMode": "allow-all"}}, WRITE, f"{HOME}/a", FREE, id="is that of yolo"),
    pytest.param({USER: {"defaultPermissionMode": "assisted"}}, EXECUTE, "rm x", JUDGED, id="a model judges"),
    pytest.param({USER: {"defaultPermissionMode": "manual"}}, EXECUTE, "rm x", ASKED, id="a person is asked"),
    pytest.param({USER: {"defaultPermissionMode": "bold"}}, EXECUTE, "rm x", ASKED, id="an unknown mode is none"),
    pytest.param({PROJECT: {"defaultPermissionMode": "allow-all"}}, EXECUTE, "rm x", ASKED, id="a project's is none"),
    pytest.param({LOCAL: {"defaultPermissionMode": "allow-all"}}, EXECUTE, "rm x", ASKED, id="nor a local one"),
    pytest.param(
        {USER: {"permissions": {"allow": ["Bash"]}}}, EXECUTE, "rm x", ASKED, id="rules are an organisation's"
    ),
    pytest.param(
        {USER: {"allowedUrls": ["https://example.com"]}}, CONNECT, "example.com", FREE, id="allowed addresses"
    ),
    pytest.param({PROJECT: {"allowedUrls": ["example.com"]}}, CONNECT, "example.com", ASKED, id="not by a project"),
    pytest.param({USER: {"deniedUrls": ["example.com"]}}, CONNECT, "example.com", REFUSED, id="denied addresses"),
    pytest.param({PROJECT: {"deniedUrls": ["example.com"]}}, CONNECT, "example.com", REFUSED, id="by a project too"),
    pytest.param({USER: '{"defaultPermissionMode": '}, EXECUTE, "rm x", MOSTLY_ASKED, id="a broken file is told"),
    # saved approvals
    pytest.param(approved(commands("git push", "kubectl")), EXECUTE, "kubectl get x", FREE, id="a saved approval"),
    pytest.param(approved(commands("git push")), EXECUTE, "git commit", ASKED, id="is for what it names"),
    pytest.param(approved(commands("npm:*")), EXECUTE, "npm test", FREE, id="a saved approval with a star"),
    pytest.param(approved(commands("*")), EXECUTE, "touch x", ASKED, id="a star alone fits nothing"),
    pytest.param(approved({"kind": "write"}), WRITE, f"{WORK}/a", FREE, id="saved for changes"),
    pytest.param(approved({"kind": "write"}), WRITE, f"{HOME}/a", ASKED, id="saved for changes, inside"),
    pytest.param(approved(folders=[OUTSIDE]), READ, f"{OUTSIDE}/x", FREE, id="a folder that was added"),
    pytest.param(approved({"kind": "mcp", "serverName": "a", "toolName": "b"}), CALL, "a/b", FREE, id="a saved tool"),
    pytest.param(
        approved({"kind": "mcp", "serverName": "a", "toolName": None}), CALL, "a/z", FREE, id="a saved server"
    ),
    pytest.param(
        approved({"kind": "mcp", "serverName": "*", "toolName": None}), CALL, "a/z", TAKEN, id="no star there"
    ),
    pytest.param(
        approved({"kind": "mcp", "serverName": "shell", "toolName": None}), EXECUTE, "rm x", ASKED, id="no commands"
    ),
    pytest.param(approved(commands("touch"), key=HOME), EXECUTE, "touch x", ASKED, id="another folder's approval"),
    pytest.param(approved(commands("touch"), key=f"{WORK}/"), EXECUTE, "touch x", ASKED, id="the path has no slash"),
    pytest.param(approved({"kind": "odd"}, commands("touch")), EXECUTE, "touch x", TAKEN, id="an unknown kind"),
    pytest.param(
        {SAVED: f'{{"locations": {{"{WORK}": {{"tool_approvals": ['}, EXECUTE, "touch x", MOSTLY_ASKED, id="half a file"
    ),
    # the organisation
    pytest.param(managed(allow=["Bash(git push:*)"]), EXECUTE, "git push", FREE, id="an organisation allows"),
    pytest.param(managed(allow=["Bash(git push:*)"]), EXECUTE, "git status", ASKED, id="and all else is asked for"),
    pytest.param(managed(allow=["Bash(git push:*)"]), READ, f"{WORK}/a", ASKED, id="reading too"),
    pytest.param(managed(deny=["Bash(touch:*)"]), EXECUTE, "touch x", REFUSED, id="an organisation forbids"),
    pytest.param(managed(deny=["Edit(.env)"]), WRITE, f"{WORK}/.env", REFUSED, id="a file too"),
    pytest.param(managed(deny=["Read(~/.aws/credentials)"]), READ, SECRET, REFUSED, id="or reading one"),
    pytest.param(managed(deny=["nonsense("]), READ, f"{WORK}/a", FREE, id="a rule that is none closes nothing"),
    pytest.param(managed(defaultMode="allow-all"), EXECUTE, "rm x", FREE, id="its mode"),
    pytest.param(managed(limitTo=["Domain(*.example.com)"]), CONNECT, "other.example", REFUSED, id="its domains alone"),
    pytest.param(managed(limitTo=["Domain(*.example.com)"]), CONNECT, "a.example.com", ASKED, id="which are asked for"),
    pytest.param(
        {**managed(disableBypassPermissionsMode="disable"), USER: {"defaultPermissionMode": "allow-all"}},
        *(EXECUTE, "rm x", ASKED),
        id="it forbids to lift all",
    ),
    pytest.param(
        {**managed(disableBypassPermissionsMode="odd"), USER: {"defaultPermissionMode": "allow-all"}},
        *(EXECUTE, "rm x", ASKED),
        id="in whatever word",
    ),
    pytest.param(
        {**managed(deny=["Bash(touch:*)"]), **approved(commands("rm"))}, EXECUTE, "rm x", ASKED, id="approvals are void"
    ),
    # hooks
    pytest.param({f"{APP}/.github/hooks/a.json": HOOK}, EXECUTE, "rm x", ASKED, id="an untrusted hook does not run"),
    pytest.param(
        {f"{APP}/.github/hooks/a.json": HOOK, **TRUSTED}, EXECUTE, "rm x", TAKEN, id="a trusted one may allow"
    ),
    pytest.param(
        {f"{APP}/.claude/settings.json": {"hooks": {"PreToolUse": [{}]}}, **TRUSTED},
        EXECUTE,
        "rm x",
        TAKEN,
        id="Claude's too",
    ),
    pytest.param({PROJECT: HOOK, **TRUSTED}, EXECUTE, "rm x", TAKEN, id="a hook in a project's settings"),
    pytest.param({PROJECT: HOOK, **TRUSTED, USER: {"disableAllHooks": True}}, EXECUTE, "rm x", ASKED, id="hooks off"),
    pytest.param({"~/.copilot/hooks/a.json": HOOK}, EXECUTE, "rm x", MOSTLY_ASKED, id="the user's own hook"),
]


@pytest.mark.parametrize(("words", "channel", "target", "wanted"), OPTIONS)
def test_a_running_one_does_what_it_was_told(words, channel, target, wanted):
    assert look(words).gates(channel, target) == wanted


@pytest.mark.parametrize(("files", "channel", "target", "wanted"), FILES)
def test_files_decide(files, channel, target, wanted):
    assert look(files=files).gates(channel, target) == wanted


def test_no_command_that_only_reads_amounts_to_a_shell():
    assert [text for text in LOOKING if shell_of(Command(text, open=True)) is not None] == []


@pytest.mark.parametrize(
    ("value", "wanted"), [("true", FREE), (" YES ", FREE), ("1", FREE), ("no", ASKED), ("", ASKED)]
)
def test_a_variable_lifts_the_prompts_of_tools(value, wanted):
    found = look(env={"COPILOT_ALLOW_ALL": value})
    assert found.gates(EXECUTE, "rm x") == wanted
    assert found.gates(WRITE, f"{HOME}/a") == ASKED


def test_only_the_exact_word_trusts_the_folder():
    hook = {f"{APP}/.github/hooks/a.json": HOOK}
    assert "agent.rights-from-repository" in look(files=hook, env={"COPILOT_ALLOW_ALL": "true"}).weak()
    assert "agent.rights-from-repository" not in look(files=hook, env={"COPILOT_ALLOW_ALL": "yes"}).weak()


def test_a_moved_folder_is_read_in_place_of_the_usual_one():
    files = {
        "~/elsewhere/settings.json": {"defaultPermissionMode": "manual"},
        USER: {"defaultPermissionMode": "allow-all"},
    }
    found = look(files=files, env={"COPILOT_HOME": f"{HOME}/elsewhere"})
    assert found.gates(EXECUTE, "rm x") == ASKED


def test_approvals_are_kept_by_the_root_of_the_repository():
    inner = look(files=approved(commands("touch")), workspace=f"{APP}/inner")
    assert inner.gates(EXECUTE, "touch x") == FREE


def test_the_place_that_decides_is_named():
    found = look(files={USER: '{\n  "defaultPermissionMode": "allow-all"\n}'})
    assert found.place(EXECUTE, "rm x") == (USER, 2, "defaultPermissionMode")
    found = look(files=approved(commands("touch")))
    assert found.place(EXECUTE, "touch x") == (SAVED, 1, "tool_approvals.commands")
    assert look(("--yolo",)).place(EXECUTE, "rm x")[0] == "MainThread (pid 7)"


def test_of_several_that_run_the_laxest_counts():
    strict = ("--deny-tool", "shell(git push)")
    assert look(("--yolo", *strict), ("--yolo",)).gates(EXECUTE, "git push") == FREE
    assert look(("--yolo", *strict), strict).gates(EXECUTE, "git push") == REFUSED


def test_an_organisation_binds_options_as_well():
    found = look(("--yolo",), files=managed(disableBypassPermissionsMode="disable"))
    assert found.gates(EXECUTE, "rm x") == ASKED
    assert look(("--yolo",), files=managed(deny=["Bash(touch:*)"])).gates(EXECUTE, "npm test") == ASKED


def test_by_default_it_is_supervised_and_its_mode_is_the_vendors_word():
    found = look()
    assert found.judge.autonomy() is Autonomy.SUPERVISED
    assert found.seen.policy.mode == "manual"
    assert look(("--yolo",)).judge.autonomy() is Autonomy.FULL


# --- the sandbox

ON = {USER: {"sandbox": {"enabled": True}}, **PARTS}


def sandboxed(**told):
    return {USER: {"sandbox": {"enabled": True, **told}}, **PARTS}


def box(found):
    [tool] = [tool for tool in found.seen.policy.tools if tool.sandbox is not None]
    return tool.sandbox


def test_the_sandbox_hides_the_home_and_opens_the_network():
    inside = box(look(files=ON))
    assert not inside.reads(SECRET)
    assert inside.reads(f"{WORK}/a")
    assert inside.reads(f"{HOME}/.npmrc")  # for builds, with the tokens in it
    assert inside.writes(f"{WORK}/a")
    assert not inside.writes(f"{HOME}/a")
    assert inside.connects("example.com")
    assert not inside.sees("GH_TOKEN")
    assert inside.sees("AWS_SECRET_ACCESS_KEY")
    assert not inside.opens("/run/docker.sock")


def test_commands_ask_in_the_sandbox_as_well():
    assert look(files=ON).gates(EXECUTE, "npm test") == ASKED
    assert look(files=ON).gates(READ, SECRET) == REFUSED
    assert look(("--yolo",), files=ON).gates(WRITE, f"{HOME}/a") == REFUSED


def test_its_settings_widen_and_narrow_it():
    files = {"readwritePaths": [f"{HOME}/lib"], "readonlyPaths": ["~/doc"], "deniedPaths": [f"{WORK}/secret"]}
    network = {"allowedHosts": ["example.com"], "blockedHosts": ["bad.example.com"]}
    inside = box(look(files=sandboxed(userPolicy={"filesystem": files, "network": network})))
    assert inside.writes(f"{HOME}/lib/x")
    assert inside.reads(f"{HOME}/doc/x")
    assert not inside.writes(f"{HOME}/doc/x")
    assert inside.connects("example.com")
    assert not inside.connects("bad.example.com")
    assert not inside.connects("other.example")
    assert not inside.writes(f"{WORK}/secret/x")


def test_no_network_leaves_the_machine_itself():
    inside = box(look(files=sandboxed(userPolicy={"network": {"allowOutbound": False}})))
    assert not inside.connects("example.com")
    assert inside.connects("localhost")


@pytest.mark.parametrize("path", [PROJECT, LOCAL])
def test_a_project_neither_switches_the_sandbox_nor_widens_it(path):
    wider = {"sandbox": {"enabled": False, "userPolicy": {"filesystem": {"readwritePaths": [HOME]}}}}
    assert not box(look(files={**ON, path: wider, **TRUSTED})).reads(SECRET)
    on = look(files={path: {"sandbox": {"enabled": True}}, **PARTS, **TRUSTED})
    assert all(tool.sandbox is None for tool in on.seen.policy.tools)


def test_where_it_cannot_start_commands_fail():
    found = look(files={USER: ON[USER]})
    assert found.gates(EXECUTE, "npm test") == REFUSED
    assert found.weak() == ["agent.sandbox-cannot-start"]


def test_a_command_may_be_let_out_with_leave():
    found = look(("--yolo",), files=sandboxed(allowBypass=True))
    assert found.judge.autonomy() is Autonomy.FULL
    asked = look(files=sandboxed(allowBypass=True))
    assert {tool.name for tool in asked.seen.policy.tools} >= {"bash in the sandbox", "bash out of the sandbox"}
    assert asked.gates(EXECUTE, "npm test") == ASKED


def test_an_option_switches_it_for_those_that_run():
    assert box(look(("--sandbox",), files=PARTS)) is not None
    off = look(("--no-sandbox",), files=ON)
    assert all(tool.sandbox is None for tool in off.seen.policy.tools)
    forced = look(("--no-sandbox",), files={MANAGED: {"sandbox": {"enabled": True}}, **PARTS})
    assert box(forced) is not None


# --- what is told


def test_a_hook_of_the_project_is_told_and_never_run():
    found = look(files={f"{APP}/.github/hooks/a.json": HOOK, **TRUSTED})
    assert found.weak() == ["agent.rights-from-repository"]
    assert found.set(AGENT)["hooks.preToolUse"] == ("1 command, asked before a person is", "project")


def test_what_a_project_sets_in_vain_is_told():
    found = look(files={PROJECT: {"defaultPermissionMode": "allow-all"}})
    assert found.set(AGENT)["defaultPermissionMode"] == ("allow-all, ignored in a project", "project")
    assert found.weak() == []


def test_an_open_agent_is_a_weakness():
    assert look(("--yolo",)).weak() == ["agent.asks-nothing"]
    assert look().weak() == []


def test_the_environment_is_inherited_but_for_what_is_named():
    policy = look(("--secret-env-vars=MINE,OTHER",)).seen.policy
    assert policy.commands.passes("AWS_SECRET_ACCESS_KEY")
    assert not policy.commands.passes("OTHER")
    assert not policy.servers.passes("GITHUB_TOKEN")
    assert policy.servers.passes("GH_TOKEN")


def test_a_broken_file_is_told_and_the_default_stands_in():
    found = look(files={USER: '{"sandbox": {"enabled": tr'})
    assert found.gaps() != []
    assert found.gates(EXECUTE, "rm x") == MOSTLY_ASKED
    assert look(files={PROJECT: "{"}).gates(EXECUTE, "rm x") == ASKED  # a repository's broken file takes nothing away


def test_secrets_in_approvals_are_not_shown():
    found = look(files=approved(commands("curl -H Authorization:Bearer-CANARY-CANARY-CANARY")))
    assert "CANARY" not in repr(found.all)


@pytest.mark.parametrize("platform", Platform)
def test_it_is_judged_on_every_platform(platform):
    host = FakeHost(platform, {"~/.copilot/settings.json": "{}"}, workspace="~/src/app")
    [seen] = [each for each in observe(agents, host) if isinstance(each, AgentSeen)]
    assert seen.agent == AGENT
    judge = Judge(seen.policy, host.machine)
    assert judge.decide(READ, str(HOMES[platform] / ".aws" / "credentials")).effective is Gate.NONE


SHREDS = st.sampled_from(
    [
        *'{}[],:"\\',
        "null",
        "true",
        "1",
        '"locations"',
        '"tool_approvals"',
        '"kind"',
        '"commands"',
        '"hooks"',
        '"sandbox"',
        *[json.dumps(WORK), '"commandIdentifiers"', '"git:*"', '"permissions"', '"allow"', '"defaultPermissionMode"'],
    ]
)


@example('{"locations": {"/home/ada/src/app": {"tool_approvals": [[{"kind": {}}]]}}}')
@example('{"permissions": {"deny": [{"a": 1}, "Bash(", "Domain()"], "limitTo": {}}, "sandbox": {"userPolicy": []}}')
@example('{"hooks": {"preToolUse": {"a": []}}, "allowedUrls": ["://", "http://[", ""]}')
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    files = dict.fromkeys((USER, SAVED, STATE, PROJECT, MANAGED, f"{APP}/.github/hooks/a.json"), text)
    assert look(("--allow-tool", text, "--deny-tool", text), files=files).seen is not None
