"""Crush: what it does unasked, as its source says (charmbracelet/crush at 37f36e9); its program was not run."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.agents.crush.flow import asks_nothing
from probes.agents.crush.policy import BANNED, HARMLESS
from probes.agents.look import agents
from scanner.data.shells import shell_of
from scanner.host import Process
from scanner.model import AgentSeen, Channel, Command, Gap, GapKind, Gate, Platform, SettingSeen, Weakness
from scanner.testing import FakeFile, FakeHost, observe
from scanner.tokens import token

APP, HOME, WORK = "~/src/app", "/home/ada", "/home/ada/src/app"
USER, DATA, SYSTEM = "~/.config/crush/crush.json", "~/.local/share/crush/crush.json", "/etc/crush/crush.json"
PROJECT, HIDDEN, OWN = f"{APP}/crush.json", f"{APP}/.crush.json", f"{APP}/.crush/crush.json"
SCRIPT, PROJECT_SCRIPT = "~/.config/crush/crushrc", f"{APP}/.crushrc"
HERE = {"~/.config/crush/CRUSH.md": "", f"{APP}/.git/HEAD": "ref: refs/heads/main\n"}
GITHUB = token("github-classic", "crush")
RUNS, ASKS, REFUSES = Gate.NONE, Gate.PROMPT, Gate.REFUSED


def look(files, platform=Platform.LINUX, **more):
    files = {path: json.dumps(text) if isinstance(text, dict) else text for path, text in files.items()}
    seen = observe(agents, FakeHost(platform, {**HERE, **files}, workspace=APP, **more))
    assert "CANARY" not in repr(seen)
    assert GITHUB not in repr(seen)
    return seen


def only(seen, kind):
    return [each for each in seen if isinstance(each, kind)]


def policy(files, **more):
    [agent] = [each for each in only(look(files, **more), AgentSeen) if each.agent == "crush"]
    return agent.policy


def gate(files, tool, target, channel=None, **more):
    found = [each for each in policy(files, **more).tools if each.name == tool and channel in {None, each.channel}]
    return found[0].decide(target).gate if found else None


def allowed(*names):
    return {"permissions": {"allowed_tools": list(names)}}


@pytest.mark.parametrize(
    ("tool", "target", "expected"),
    [
        ("view", f"{WORK}/.env", RUNS),
        ("view", f"{HOME}/.ssh/id_ed25519", ASKS),
        ("grep", f"{HOME}/.ssh/id_ed25519", RUNS),  # the tool for searching asks for no folder
        ("edit", f"{WORK}/main.go", ASKS),
        ("write", f"{WORK}/main.go", ASKS),
        ("multiedit", f"{WORK}/main.go", ASKS),
        ("fetch", "example.com", ASKS),
        ("sourcegraph", "sourcegraph.com", RUNS),
        ("sourcegraph", "example.com", REFUSES),
        ("MCP tools", "github/get_issue", ASKS),
        ("bash", "python3 x.py", ASKS),
        ("bash", "git status", RUNS),
        ("bash", "git push", ASKS),
        ("bash", "git config --list", RUNS),
        ("bash", "git config user.name x", ASKS),
        ("bash", "env python3 x.py", RUNS),
        ("bash", "lsof", ASKS),
        ("bash", "curl https://example.com", REFUSES),
        ("bash", "sudo ls", REFUSES),
        ("bash", "brew install x", REFUSES),
        ("bash", "brew list", ASKS),
    ],
)
def test_by_default_it_asks_but_for_what_it_takes_to_be_harmless(tool, target, expected):
    assert gate({}, tool, target) is expected


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_behind_what_it_takes_to_be_harmless_anything_may_follow(name):
    """A line break and a single `&` are not among the signs that it looks for."""
    [rule] = [
        rule
        for tool in policy({}).tools
        if tool.name == "bash"
        for rule in tool.rules
        if rule.pattern == Command(name, open=True, chained=True)
    ]
    assert rule.ruling.gate is RUNS
    assert shell_of(rule.pattern) is not None


def test_the_two_lists_share_no_command():
    assert not set(HARMLESS) & set(BANNED)


@pytest.mark.parametrize(
    ("names", "tool", "target", "expected"),
    [
        (["bash"], "bash", "python3 x.py", RUNS),
        (["bash:execute"], "bash", "python3 x.py", RUNS),
        (["bash:run"], "bash", "python3 x.py", ASKS),
        (["Bash"], "bash", "python3 x.py", ASKS),
        (["*"], "bash", "python3 x.py", ASKS),
        (["bash"], "bash", "curl x", REFUSES),  # never by its name, whatever is allowed
        (["view"], "view", f"{HOME}/x", RUNS),
        (["view:read"], "view", f"{HOME}/x", RUNS),
        (["edit"], "edit", f"{HOME}/x", RUNS),
        (["edit"], "write", f"{HOME}/x", ASKS),
        (["fetch"], "fetch", "example.com", RUNS),
        (["mcp_github_get_issue"], "MCP tools", "github/get_issue", RUNS),
        (["mcp_github_get_issue:execute"], "MCP tools", "github/get_issue", RUNS),
        (["mcp_github_get_issue"], "MCP tools", "github/delete", ASKS),
        (["mcp_github"], "MCP tools", "github/get_issue", ASKS),
        (["mcp_*"], "MCP tools", "github/get_issue", ASKS),  # no wildcards
    ],
)
def test_tools_in_the_list_are_never_asked_for(names, tool, target, expected):
    assert gate({USER: allowed(*names)}, tool, target) is expected


def test_the_servers_own_name_is_told_from_its_tools():
    files = {USER: {**allowed("mcp_my_srv_get_x"), "mcp": {"my_srv": {"type": "stdio"}}}}
    assert gate(files, "MCP tools", "my_srv/get_x") is RUNS
    assert gate(files, "MCP tools", "my/srv_get_x") is ASKS


@pytest.mark.parametrize("path", [SYSTEM, DATA, PROJECT, HIDDEN, OWN])
def test_the_lists_of_all_files_are_one(path):
    files = {USER: allowed("view"), path: allowed("bash")}
    assert gate(files, "view", f"{HOME}/x") is RUNS
    assert gate(files, "bash", "python3 x") is RUNS


def test_files_count_up_to_the_root_of_the_repository():
    here = {"~/.config/crush/CRUSH.md": "", "~/src/.git/HEAD": "x", "~/src/crush.json": json.dumps(allowed("bash"))}
    [agent] = only(observe(agents, FakeHost(files=here, workspace=APP)), AgentSeen)
    bash = next(tool for tool in agent.policy.tools if tool.name == "bash")
    assert bash.decide("python3 x").gate is RUNS


def test_a_rule_tells_where_it_stands():
    [bash] = [
        tool
        for tool in policy({PROJECT: '{"permissions": {\n"allowed_tools": ["bash"]}}'}).tools
        if tool.name == "bash"
    ]
    ruling = bash.decide("python3 x")
    assert ruling.rule == 'permissions.allowed_tools "bash"'
    assert (ruling.evidence.path.name, ruling.evidence.line) == ("crush.json", 2)


@pytest.mark.parametrize("path", ["~/src/other/crush.json", f"{APP}/docs/crush.json", f"{APP}/crush.jsonc"])
def test_what_lies_elsewhere_does_not_count(path):
    assert gate({path: allowed("bash")}, "bash", "python3 x") is ASKS


def test_a_file_above_the_repository_does_not_count():
    assert gate({"~/src/crush.json": allowed("bash")}, "bash", "python3 x") is ASKS


def test_variables_move_its_folders():
    moved = {"CRUSH_GLOBAL_CONFIG": "/home/ada/moved", "CRUSH_GLOBAL_DATA": "/home/ada/data"}
    files = {"~/moved/crush.json": allowed("bash"), "~/data/crush.json": allowed("view"), USER: allowed("edit")}
    assert gate(files, "bash", "python3 x", env=moved) is RUNS
    assert gate(files, "view", f"{HOME}/x", env=moved) is RUNS
    assert gate(files, "edit", f"{HOME}/x", env=moved) is ASKS


def test_a_tool_that_is_switched_off_is_not_there():
    names = {tool.name for tool in policy({USER: {"options": {"disabled_tools": ["bash", "fetch"]}}}).tools}
    assert not {"bash", "fetch"} & names
    assert "view" in names


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--yolo",), True),
        (("-y",), True),
        (("--yolo=false",), False),
        (("run", "explain this"), True),  # has nobody to ask, and approves everything
        (("--cwd", "/x", "run", "explain this"), True),
        (("--cwd", "run"), False),
        ((), False),
        (("logs",), False),
        (("logs", "run"), False),
    ],
)
def test_a_running_one_may_ask_for_nothing(words, expected):
    process = Process(7, 1, "crush", ("crush", *words))
    assert asks_nothing(process) is expected
    seen = look({}, processes=[process])
    [agent] = only(seen, AgentSeen)
    edit = next(tool for tool in agent.policy.tools if tool.name == "edit")
    assert edit.decide(f"{HOME}/x").gate is (RUNS if expected else ASKS)
    assert ("agent.asks-nothing" in {each.rule for each in only(seen, Weakness)}) is expected


# --- what cannot be known


@pytest.mark.parametrize("path", [SCRIPT, PROJECT_SCRIPT, f"{APP}/crushrc"])
def test_a_script_is_told_and_never_run_and_what_it_allows_is_not_known(path):
    seen = look({path: 'token=CANARY\nif x; then\n  permissions allow edit view:read\nfi\npermissions deny "fetch"\n'})
    [agent] = only(seen, AgentSeen)
    found = {tool.name: tool for tool in agent.policy.tools}
    assert found["edit"].decide(f"{HOME}/x").gate is RUNS  # as it stands there, whatever it hangs on
    assert found["edit"].otherwise.evidence.line == 3
    assert (found["write"].otherwise.gate, found["write"].otherwise.stand_in) == (Gate.UNKNOWN, Gate.PROMPT)
    assert "fetch" in found
    assert any(each.key == "crushrc" for each in only(seen, SettingSeen))
    assert any("crushrc" in gap.place for gap in only(seen, Gap))


def test_what_a_hook_answers_is_not_known():
    files = {USER: {"hooks": {"PreToolUse": [{"command": "CANARY"}]}}}
    [write] = [tool for tool in policy(files).tools if tool.name == "write"]
    assert (write.otherwise.gate, write.otherwise.stand_in) == (Gate.UNKNOWN, Gate.PROMPT)


@pytest.mark.parametrize("path", [USER, PROJECT, OWN])
def test_with_a_broken_file_it_is_judged_by_its_default(path):
    seen = look({SYSTEM: {"options": {"disabled_tools": ["bash"]}}, path: '{"permissions": {'})
    [agent] = only(seen, AgentSeen)
    assert "bash" in {tool.name for tool in agent.policy.tools}
    assert any(gap.kind is GapKind.FAILED for gap in only(seen, Gap))
    assert any(each.key == "settings" and "default" in each.value for each in only(seen, SettingSeen))


def test_a_link_out_of_the_repository_is_not_followed():
    seen = look({PROJECT: FakeFile(link="/home/ada/other.json"), "~/other.json": allowed("bash")})
    assert any("link out" in gap.why for gap in only(seen, Gap))


# --- what is told


@pytest.mark.parametrize(
    "files",
    [
        {PROJECT: allowed("bash")},
        {OWN: allowed("edit")},
        {PROJECT_SCRIPT: "true"},
        {PROJECT: {"mcp": {"x": {"type": "stdio", "command": "x"}}}},
        {PROJECT: {"lsp": {"go": {"command": "gopls"}}}},
        {PROJECT: {"hooks": {"PreToolUse": [{"command": "./x"}]}}},
        {PROJECT: {"providers": {"x": {"api_key": "$(cat ~/.secret)"}}}},
    ],
)
def test_what_a_repository_adds_to_its_rights_is_told(files):
    assert "agent.rights-from-repository" in {each.rule for each in only(look(files), Weakness)}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {
            PROJECT: {
                "options": {"disabled_tools": ["bash"]},
                "mcp": {"x": {"type": "http", "url": "https://example.com"}},
            }
        },
        {PROJECT: {"providers": {"x": {"api_key": "$API_KEY"}}}},
        {USER: {**allowed("bash"), "lsp": {"go": {"command": "gopls"}}}},
        {SCRIPT: "true"},
    ],
)
def test_what_adds_none_is_not(files):
    assert not only(look(files), Weakness)


def test_no_secret_in_a_list_is_told():
    look({USER: {**allowed(GITHUB, "bash"), "env": {"X": "CANARY"}}})


@pytest.mark.parametrize("platform", sorted(Platform))
def test_it_is_judged_on_every_platform(platform):
    seen = observe(agents, FakeHost(platform, {"~/.config/crush/crush.json": "{}"}, workspace=APP))
    [agent] = [each for each in only(seen, AgentSeen) if each.agent == "crush"]
    ping = next(tool for tool in agent.policy.tools if tool.channel is Channel.EXECUTE).decide("ping x").gate
    assert ping is (RUNS if platform is Platform.WINDOWS else ASKS)


SHREDS = st.sampled_from(
    ("{", "}", "[", "]", '"permissions"', '"allowed_tools"', '"bash"', ":", ",", '"hooks"', '"PreToolUse"', "null", "é")
)


@given(st.lists(SHREDS).map("".join), st.lists(SHREDS).map("".join))
def test_no_text_breaks_it(one, other):
    look({USER: one, PROJECT: other, PROJECT_SCRIPT: f"permissions allow {one}\n{other}"})
