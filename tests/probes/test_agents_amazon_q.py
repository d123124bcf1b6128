"""Amazon Q Developer CLI: what its active agent does unasked, rule by rule."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.gates import Judge
from scanner.host import Process
from scanner.model import Autonomy, Gate, Platform, Weakness
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CALL,
    EXECUTE,
    FREE,
    HOME,
    MOSTLY_ASKED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "amazon-q"
SETTINGS = "~/.local/share/amazon-q/settings.json"
OPS, PROJECT = "~/.aws/amazonq/cli-agents/ops.json", f"{APP}/.amazonq/cli-agents/ops.json"
DEFAULT = {"chat.defaultAgent": "ops"}
SECRET = f"{HOME}/.aws/credentials"
SHELL = "execute_bash"


def agent(**told):
    return {"name": "ops", "tools": ["*"], **told}


def shell(**told):
    return agent(toolsSettings={SHELL: told})


def look(told=None, *, project=None, settings=DEFAULT, **more):
    files = {SETTINGS: settings, **({OPS: told} if told is not None else {})}
    return Found(AGENT, {**files, **({PROJECT: project} if project is not None else {})}, **more)


RULES = [
    # built in: no agent is chosen, or the one that is chosen is not there
    pytest.param(None, READ, f"{WORK}/a", FREE, id="the current folder is read unasked"),
    pytest.param(None, READ, SECRET, TAKEN, id="before 1.19 all files were read unasked, since then only the folder's"),
    pytest.param(None, WRITE, f"{WORK}/a", ASKED, id="changes are asked for"),
    pytest.param(None, EXECUTE, "ls", ASKED, id="even a command that only reads is asked for"),
    pytest.param(None, EXECUTE, "aws s3 ls", ASKED, id="the cloud is asked for"),
    pytest.param(None, CALL, "git/status", ASKED, id="tools of servers are asked for"),
    # allowedTools
    pytest.param(agent(), READ, SECRET, ASKED, id="an agent of one's own asks for other files"),
    pytest.param(agent(allowedTools=["fs_read"]), READ, SECRET, FREE, id="a tool by its name"),
    pytest.param(agent(allowedTools=["fs_*"]), WRITE, SECRET, FREE, id="a tool by a glob"),
    pytest.param(agent(allowedTools=["fs_?ead"]), WRITE, SECRET, ASKED, id="a glob of one sign"),
    pytest.param(agent(allowedTools=["fs_rea"]), READ, SECRET, ASKED, id="a name is no prefix"),
    pytest.param(agent(allowedTools=["*"]), EXECUTE, "x", FREE, id="a lone star is a glob like others"),
    pytest.param(agent(allowedTools=["@builtin"]), EXECUTE, "x", FREE, id="all that is built in"),
    pytest.param(agent(allowedTools=["@builtin/execute_*"]), EXECUTE, "x", FREE, id="some of what is built in"),
    pytest.param(agent(allowedTools=["@builtin"]), CALL, "git/x", ASKED, id="servers are not built in"),
    pytest.param(agent(allowedTools=["@git"]), CALL, "git/x", FREE, id="a server"),
    pytest.param(agent(allowedTools=["@git/status"]), CALL, "git/push", ASKED, id="another tool of the server"),
    pytest.param(agent(allowedTools=["@git/read_*"]), CALL, "git/read_log", FREE, id="some tools of a server"),
    pytest.param(agent(allowedTools=["@*-mcp/x"]), CALL, "git-mcp/x", FREE, id="some servers"),
    # commands
    pytest.param(shell(allowedCommands=["git status"]), EXECUTE, "git status", FREE, id="a command"),
    pytest.param(shell(allowedCommands=["git status"]), EXECUTE, "git status -s", ASKED, id="bound at its end"),
    pytest.param(shell(allowedCommands=["git .*"]), EXECUTE, "git log -3", FREE, id="an expression"),
    pytest.param(shell(allowedCommands=["git .*"]), EXECUTE, "git log > x", ASKED, id="a redirection is asked for"),
    pytest.param(shell(allowedCommands=["git .*"]), EXECUTE, "git log && x", ASKED, id="a list is asked for"),
    pytest.param(shell(allowedCommands=["git .*"]), EXECUTE, "git log $HOME", ASKED, id="a variable is asked for"),
    pytest.param(
        shell(allowedCommands=["ls|cat x"]), EXECUTE, "ls -l /", FREE, id="a bar at the top is bound at one end"
    ),
    pytest.param(shell(allowedCommands=["(ls|cat) x"]), EXECUTE, "cat x", FREE, id="a bar in brackets"),
    pytest.param(shell(allowedCommands=["[a-z]+ x"]), EXECUTE, "any x", TAKEN, id="what no pattern says may be wider"),
    pytest.param(
        shell(allowedCommands=["\\p{L}x"]), EXECUTE, "zz", TAKEN, id="what cannot be told opens, for all we know"
    ),
    pytest.param(
        shell(allowedCommands=["(?=a)b"]), EXECUTE, "b", ASKED, id="what is no expression of Rust opens nothing"
    ),
    pytest.param(shell(deniedCommands=["git push.*"]), EXECUTE, "git push -f", REFUSED, id="a denied command"),
    pytest.param(shell(deniedCommands=["git push"]), EXECUTE, "git push -f", ASKED, id="a deny rule is bound too"),
    pytest.param(shell(deniedCommands=["(?!a)b"]), EXECUTE, "anything", REFUSED, id="a broken deny rule denies all"),
    pytest.param(shell(deniedCommands=["(a"]), EXECUTE, "anything", REFUSED, id="one that does not close too"),
    pytest.param(
        shell(deniedCommands=["\\p{L}+"]), EXECUTE, "anything", ASKED, id="one that cannot be told denies nothing"
    ),
    pytest.param(
        shell(deniedCommands=["rm .*"], allowedCommands=["rm .*"]), EXECUTE, "rm x", REFUSED, id="denied before allowed"
    ),
    pytest.param(
        agent(allowedTools=[SHELL], toolsSettings={SHELL: {"deniedCommands": ["rm .*"]}}),
        *(EXECUTE, "rm x", REFUSED),
        id="a deny rule holds in an allowed tool",
    ),
    pytest.param(
        agent(allowedTools=[SHELL], toolsSettings={SHELL: {"allowedCommands": ["ls"], "denyByDefault": True}}),
        *(EXECUTE, "x; y", FREE),
        id="an allowed tool does not look at what else its settings say",
    ),
    pytest.param(shell(denyByDefault=True), EXECUTE, "x", REFUSED, id="denied unless allowed"),
    pytest.param(
        shell(denyByDefault=True, allowedCommands=["x"]), EXECUTE, "x", FREE, id="allowed where all is denied"
    ),
    pytest.param(shell(autoAllowReadonly=True), EXECUTE, "cat x", FREE, id="commands that only read"),
    pytest.param(shell(autoAllowReadonly=True), READ, SECRET, FREE, id="and so the files that these print"),
    pytest.param(shell(autoAllowReadonly=True), EXECUTE, "rm x", ASKED, id="others are asked for"),
    pytest.param(
        shell(autoAllowReadonly="yes"), EXECUTE, "cat x", ASKED, id="settings of a wrong type count for nothing"
    ),
    pytest.param(shell(allowedCommands="git .*"), EXECUTE, "git x", ASKED, id="a text is no list"),
    # files
    pytest.param(
        agent(toolsSettings={"fs_read": {"allowedPaths": ["~/notes"]}}), READ, f"{HOME}/notes/a/b", FREE, id="a folder"
    ),
    pytest.param(
        agent(toolsSettings={"fs_read": {"allowedPaths": ["/srv/*.txt"]}}),
        READ,
        "/srv/a/b.txt",
        FREE,
        id="over folders",
    ),
    pytest.param(
        agent(allowedTools=["fs_read"], toolsSettings={"fs_read": {"deniedPaths": ["~/.aws"]}}),
        *(READ, SECRET, REFUSED),
        id="denied paths come first",
    ),
    pytest.param(
        agent(toolsSettings={"fs_read": {"deniedPaths": ["secret"]}}),
        READ,
        f"{WORK}/secret/a",
        REFUSED,
        id="from here on",
    ),
    pytest.param(
        agent(toolsSettings={"fs_read": {"deniedPaths": ["$X/y"]}}),
        READ,
        f"{WORK}/y",
        FREE,
        id="a variable is not told",
    ),
    pytest.param(
        agent(toolsSettings={"fs_read": {"allowedPaths": ["$X/y"]}}), READ, SECRET, TAKEN, id="and may be anything"
    ),
    pytest.param(agent(toolsSettings={"fs_read": {"allowReadOnly": True}}), READ, SECRET, FREE, id="all reading"),
    pytest.param(
        agent(toolsSettings={"fs_write": {"allowedPaths": ["src"]}}), WRITE, f"{WORK}/src/a", FREE, id="change a folder"
    ),
    pytest.param(
        agent(toolsSettings={"fs_write": {"allowedPaths": ["src"]}}), WRITE, f"{WORK}/a", ASKED, id="but no other"
    ),
    # the cloud
    pytest.param(agent(allowedTools=["use_aws"]), EXECUTE, "aws s3 rm x", FREE, id="all of the cloud"),
    pytest.param(
        agent(toolsSettings={"use_aws": {"allowedServices": ["s3"]}}), EXECUTE, "aws s3 rm x", FREE, id="a service"
    ),
    pytest.param(
        agent(toolsSettings={"use_aws": {"allowedServices": ["s3"]}}), EXECUTE, "aws iam x", ASKED, id="another service"
    ),
    pytest.param(
        agent(toolsSettings={"use_aws": {"autoAllowReadonly": True}}),
        EXECUTE,
        "aws s3 list-x",
        FREE,
        id="operations that read",
    ),
    # tools that it has not got
    pytest.param(agent(tools=["fs_read", SHELL]), EXECUTE, "x", ASKED, id="a tool that is offered"),
]


@pytest.mark.parametrize(("told", "channel", "target", "gates"), RULES)
def test_a_rule(told, channel, target, gates):
    assert look(told).gates(channel, target) == gates


def test_a_tool_that_is_not_offered_is_not_there():
    found = look(agent(tools=["fs_read"], allowedTools=["@builtin"]))
    assert sorted(tool.channel for tool in found.tools.values()) == [CALL, READ]


def test_the_denied_service_is_refused_by_that_tool():
    found = look(agent(allowedTools=["use_aws"], toolsSettings={"use_aws": {"deniedServices": ["iam"]}}))
    assert found.tools["use_aws of the agent ops"].decide("aws iam x").gate is Gate.REFUSED


def test_the_place_that_decides_is_named():
    text = json.dumps(agent(allowedTools=["fs_read"]), indent=1)
    assert look(text).place(READ, SECRET) == (OPS, 7, "allowedTools")


def test_behind_an_open_rule_a_pipe_runs_anything():
    assert (
        Judge(look(shell(allowedCommands=["git status .*"])).seen.policy, look().host.machine).autonomy()
        is Autonomy.FULL
    )
    assert look(shell(allowedCommands=["git log"])).judge.autonomy() is Autonomy.SUPERVISED
    assert look(shell(autoAllowReadonly=True)).judge.autonomy() is Autonomy.SUPERVISED


# --- which agent is active


def test_the_agent_of_a_project_takes_the_place_of_the_user_s():
    found = look(agent(), project=agent(allowedTools=["@builtin"], hooks={"agentSpawn": [{"command": "CANARY"}]}))
    assert found.gates(EXECUTE, "x") == FREE
    assert found.place(EXECUTE, "x")[0] == PROJECT
    assert found.weak() == ["agent.asks-nothing", "agent.rights-from-repository"]
    assert found.set(AGENT)["hooks.agentSpawn"] == ("1 entry", "project")


def test_an_agent_of_a_project_that_is_not_chosen_changes_nothing():
    found = look(agent(), project={**agent(allowedTools=["@builtin"]), "name": "other"})
    assert found.gates(EXECUTE, "x") == ASKED
    assert found.weak() == []


def test_one_that_runs_may_use_another_agent():
    process = Process(7, 1, "q", ("q", "chat", "--agent", "open"))
    files = {
        SETTINGS: DEFAULT,
        OPS: agent(),
        "~/.aws/amazonq/cli-agents/o.json": {**agent(allowedTools=["*"]), "name": "open"},
    }
    assert Found(AGENT, files, processes=[process]).gates(EXECUTE, "x") == FREE


@pytest.mark.parametrize("option", ["--trust-all-tools", "-a"])
def test_one_that_runs_may_trust_all_tools_but_not_what_is_denied(option):
    found = look(shell(deniedCommands=["rm .*"]), processes=[Process(7, 1, "q", ("q", "chat", option))])
    assert found.gates(EXECUTE, "x") == FREE
    assert found.gates(EXECUTE, "rm x") == REFUSED
    assert found.place(EXECUTE, "x")[0] == "q (pid 7)"
    assert found.weak() == ["agent.asks-nothing"]


def test_the_process_of_another_user_says_nothing():
    process = Process(7, 1, "q", ("q", "chat", "-a"), mine=False)
    assert look(agent(), processes=[process]).gates(EXECUTE, "x") == ASKED


@pytest.mark.parametrize(
    "broken",
    [
        '{"name": "ops", "allowedTools": ["@builtin"], "tools": ["*"]',
        agent(allowedTools=["*"], more=1),
        {"tools": ["*"]},
    ],
    ids=["half written", "a key that is not known", "without a name"],
)
def test_a_broken_agent_is_a_gap_and_the_one_that_is_built_in_is_judged(broken):
    found = look(broken)
    assert found.gaps()
    assert found.gates(EXECUTE, "x")[1] is Gate.PROMPT
    assert found.weak() == []


def test_where_a_file_cannot_be_read_no_default_is_sure():
    found = look(None, settings='{"chat.defaultAgent": "op')
    assert found.gates(WRITE, f"{WORK}/a") == MOSTLY_ASKED


def test_no_text_of_a_rule_that_may_be_a_secret_is_shown():
    found = look(shell(allowedCommands=["curl -H 'Authorization: Bearer CANARY-CANARY-CANARY' x"]))
    assert "CANARY" not in repr(found.all)


def test_weaknesses_say_what_to_do():
    [weakness] = look(agent(allowedTools=["execute_bash"])).only(Weakness)
    assert (weakness.rule, weakness.evidence.key) == ("agent.asks-nothing", "allowedTools")


SHREDS = st.sampled_from(
    [
        *('{"name": "ops"', ', "allowedTools": [', '"@builtin"', '"*"', "]", "}", ', "toolsSettings": {'),
        *('"execute_bash": {', '"deniedCommands": ["(', '"allowedPaths": ["{a,b}', '"]', "7", "null", "\\", '"', ", "),
    ]
)


@example(['{"name": "ops"', ', "toolsSettings": {', '"execute_bash": {', "}", "}", "}"])
@given(st.lists(SHREDS, max_size=30))
def test_no_file_breaks_it(shreds):
    look("".join(shreds)).gates(EXECUTE, "x")


def test_on_windows_the_shell_has_another_name():
    told = agent(allowedTools=["execute_cmd"], toolsSettings={SHELL: {"deniedCommands": ["x"]}})
    files = {"~/AppData/Local/amazon-q/settings.json": DEFAULT, OPS: told}
    assert Found(AGENT, files, platform=Platform.WINDOWS, workspace="C:/src/app").gates(EXECUTE, "x") == FREE
    assert look(told).gates(EXECUTE, "y") == ASKED
