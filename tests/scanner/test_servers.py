"""MCP servers as ways: shells outside the sandbox, folders that are read, logins that are inherited."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from msgspec.structs import replace

from scanner.config import Config
from scanner.gates import Judge
from scanner.graph import build
from scanner.model import (
    AgentSeen,
    Asset,
    Autonomy,
    Capability,
    Channel,
    Confidence,
    CredentialSeen,
    Evidence,
    Gate,
    Grant,
    Inheritance,
    Name,
    Paths,
    Policy,
    Rule,
    Ruling,
    Sandbox,
    ServerSeen,
    Tool,
)
from scanner.principals import acting
from scanner.testing import fake_machine

HOME = PurePosixPath("/home/ada")
HERE = HOME / "src" / "app"
MACHINE = fake_machine(workspace="~/src/app")
ENTRY = Evidence(HERE / ".mcp.json", 2, "mcpServers.one")
EVERY = frozenset(Capability)

RUN = Ruling(Gate.NONE, "runs it")
ASK = Ruling(Gate.PROMPT, "asks")
NO = Ruling(Gate.REFUSED, "denies it")
UNSURE = Ruling(Gate.UNKNOWN, "not read", stand_in=Gate.PROMPT)
BOX = Sandbox("bubblewrap", "sandbox.enabled", writable=(Paths(str(HERE)),), unreadable=(Paths(str(HOME / ".aws")),))
BASH_BOXED = Tool("Bash", Channel.EXECUTE, RUN, sandbox=BOX)
BASH_ASKS = Tool("Bash", Channel.EXECUTE, ASK)
READ_ASKS = Tool("Read", Channel.READ, ASK)
EDIT_ASKS = Tool("Edit", Channel.WRITE, ASK)


def server(known, **more):
    told = {"name": "one", "client": "agent", "scope": "user", "transport": "stdio", "launcher": "npx x"}
    return ServerSeen(**{**told, **more}, evidence=ENTRY, known=known)


def calls(otherwise, *rules):
    return Tool("MCP", Channel.CALL, otherwise, tuple(Rule(Name(glob), ruling) for glob, ruling in rules))


def judge(servers, *tools, inherited=None, machine=MACHINE):
    more = {"servers": inherited} if inherited is not None else {}
    return Judge(Policy("by hand", tools, **more), machine, servers)


def held(kind, at, asset="github-account:ada"):
    what, _, name = asset.partition(":")
    grants = (Grant(Asset(what, name), EVERY, Confidence.VERIFIED),)
    graph = build([CredentialSeen(kind=kind, evidence=at, grants=grants)], MACHINE, Config())
    [credential], [node] = graph.credentials.values(), graph.assets.values()
    return credential, node


def gate(one, kind, at, of=Capability.DATA_READ):
    credential, node = held(kind, at)
    return one.use(credential, node, of).gate


# --- shells

COMMANDER = server("desktop-commander")
# (what, servers, tools, the gate before any command outside of the sandbox)
SHELLS = [
    ("approved", [COMMANDER], [BASH_BOXED, calls(ASK, ("one/*", RUN))], Gate.NONE),
    ("a person says yes", [COMMANDER], [calls(ASK)], Gate.PROMPT),
    ("only its harmless tools approved", [COMMANDER], [calls(ASK, ("one/get_config", RUN))], Gate.PROMPT),
    ("one of its tools that run approved", [COMMANDER], [calls(ASK, ("one/start_process", RUN))], Gate.NONE),
    ("all refused", [COMMANDER], [calls(RUN, ("one/*", NO))], Gate.REFUSED),
    ("another server approved", [COMMANDER], [calls(ASK, ("two/*", RUN))], Gate.PROMPT),
    ("not known what it asks", [COMMANDER], [calls(UNSURE)], Gate.UNKNOWN),
    ("in a container", [server("desktop-commander", launcher="docker run x")], [calls(RUN)], Gate.REFUSED),
    ("elsewhere", [server("desktop-commander", url="https://mcp.example.com")], [calls(RUN)], Gate.REFUSED),
    ("no shell at all", [server("time")], [calls(RUN)], Gate.REFUSED),
    ("not known at all", [server("")], [calls(RUN)], Gate.REFUSED),
    ("its entry approves it", [replace(COMMANDER, approved=("*",), approval=Gate.NONE)], [calls(ASK)], Gate.NONE),
    (
        "its entry approves another tool",
        [replace(COMMANDER, approved=("get_config",), approval=Gate.NONE)],
        [calls(ASK)],
        Gate.PROMPT,
    ),
    (
        "its entry approves it, where a switch may undo that",
        [replace(COMMANDER, approved=("*",), approval=Gate.UNKNOWN)],
        [calls(ASK)],
        Gate.UNKNOWN,
    ),
    (
        "its entry approves it, and the agent's rules refuse it",
        [replace(COMMANDER, approved=("*",), approval=Gate.NONE)],
        [calls(NO)],
        Gate.REFUSED,
    ),
    (
        "its entry approves it, and a rule asks",
        [replace(COMMANDER, approved=("*",), approval=Gate.NONE)],
        [calls(RUN, ("one/*", ASK))],
        Gate.PROMPT,
    ),
    ("approved by settings that the policy holds", [replace(COMMANDER, approved=("*",))], [calls(ASK)], Gate.PROMPT),
]


@pytest.mark.parametrize(("servers", "tools", "wanted"), [row[1:] for row in SHELLS], ids=[row[0] for row in SHELLS])
def test_a_server_that_is_a_shell_runs_any_command_at_the_gate_of_its_call(servers, tools, wanted):
    assert judge(servers, *tools).decide(Channel.EXECUTE, "kubectl delete ns x").gate is wanted


def test_an_approved_shell_is_outside_of_the_sandbox_and_makes_the_agent_act_alone():
    boxed = judge([], BASH_BOXED, calls(ASK))
    free = judge([COMMANDER], BASH_BOXED, calls(ASK, ("one/*", RUN)))
    keys = Evidence(HOME / ".aws" / "credentials", 1)
    assert gate(boxed, "aws.access-key", keys) is Gate.OS_BLOCKED
    assert gate(free, "aws.access-key", keys) is Gate.NONE
    assert (boxed.autonomy(), free.autonomy()) == (Autonomy.SUPERVISED, Autonomy.FULL)
    told = free.decide(Channel.EXECUTE, "ls")
    assert "of the MCP server one" in told.channel


def test_a_shell_gets_round_a_rule_of_the_agents_own_tools():
    reads = Tool("Read", Channel.READ, RUN, (Rule(Paths(str(HERE / ".env")), NO),))
    one = judge([COMMANDER], reads, calls(ASK, ("one/*", RUN)))
    assert one.decide(Channel.READ, str(HERE / ".env")).gate is Gate.RULE_ONLY


@pytest.mark.parametrize(("passes", "wanted"), [(True, Gate.NONE), (False, Gate.RULE_ONLY)])
def test_what_a_shell_sees_of_the_environment_is_what_servers_inherit(passes, wanted):
    inherited = Inheritance() if passes else Inheritance(only=(Name("PATH"),), rule="a short list")
    one = judge([COMMANDER], BASH_ASKS, calls(RUN), inherited=inherited)
    assert gate(one, "github.classic-token", Evidence(variable="GITHUB_TOKEN")) is wanted


# --- files and addresses

# (roots, path, the gate before reading it)
ROOTS = [
    (("~/notes",), "/home/ada/notes/a.txt", Gate.NONE),
    (("/srv/data",), "/srv/data/x/y", Gate.NONE),
    (("/srv/data",), "/srv/database", Gate.PROMPT),
    (("/",), "/etc/passwd", Gate.NONE),
    (("$HOME/notes", "/srv"), "/home/ada/notes/a", Gate.NONE),
    (("${workspaceFolder}",), str(HERE / ".env"), Gate.NONE),
    ((".",), str(HERE / ".env"), Gate.NONE),
    ((".",), str(HOME / ".aws/credentials"), Gate.PROMPT),
    (("${workspaceFolder}/docs",), str(HERE / ".env"), Gate.PROMPT),
    ((), str(HERE / ".env"), Gate.NONE),
    ((), str(HOME / ".aws/credentials"), Gate.PROMPT),
    (("*",), str(HOME / ".aws/credentials"), Gate.NONE),  # a folder that cannot be told may be the home
    (("$DATA",), str(HOME / ".aws/credentials"), Gate.NONE),
]


@pytest.mark.parametrize(("roots", "path", "wanted"), ROOTS)
def test_a_server_for_files_reads_and_writes_in_its_folders(roots, path, wanted):
    one = judge([server("filesystem", roots=roots)], READ_ASKS, EDIT_ASKS, calls(ASK, ("one/*", RUN)))
    assert one.decide(Channel.READ, path).gate is wanted
    assert one.decide(Channel.WRITE, path).gate is wanted


def test_a_server_for_files_that_may_only_read_writes_nothing_unasked():
    rules = [(f"one/{name}", RUN) for name in ("read_text_file", "list_directory")]
    one = judge([server("filesystem", roots=("/srv",))], EDIT_ASKS, READ_ASKS, calls(ASK, *rules))
    assert one.decide(Channel.READ, "/srv/x").gate is Gate.NONE
    assert one.decide(Channel.WRITE, "/srv/x").gate is Gate.PROMPT


def test_folders_of_windows_ignore_case():
    machine = replace(fake_machine(), home=PureWindowsPath("C:/Users/ada"), workspace=None)
    one = judge([server("filesystem", roots=("c:\\DATA",))], READ_ASKS, calls(RUN), machine=machine)
    assert one.decide(Channel.READ, "C:\\Data\\x").gate is Gate.NONE


@pytest.mark.parametrize(
    ("roots", "path", "wanted"),
    [(("/srv",), "/srv/x", Gate.NONE), (("/srv",), "/etc/x", Gate.PROMPT), ((), "/srv/x", Gate.PROMPT)],
)
def test_a_server_in_a_container_has_the_folders_that_are_mounted(roots, path, wanted):
    one = judge([server("filesystem", roots=roots, launcher="docker run mcp/filesystem")], READ_ASKS, calls(RUN))
    assert one.decide(Channel.READ, path).gate is wanted


@pytest.mark.parametrize(
    ("known", "target", "wanted"),
    [
        ("playwright", "evil.example.com", Gate.NONE),
        ("fetch", "evil.example.com", Gate.NONE),
        ("sentry", "evil.example.com", Gate.REFUSED),
        ("fetch", "/run/docker.sock", Gate.REFUSED),
    ],
)
def test_a_browser_connects_to_any_host(known, target, wanted):
    assert judge([server(known)], calls(RUN)).decide(Channel.CONNECT, target).gate is wanted


def test_a_secret_that_such_a_server_reads_goes_to_the_model():
    credential, _ = held("github.classic-token", Evidence(HOME / "notes" / "t.txt", 1))
    one = judge([server("filesystem", roots=("~/notes",))], READ_ASKS, calls(RUN))
    told = one.reads(credential)
    assert told is not None
    assert told.gate is Gate.NONE
    assert "of one" in told.channel


def test_a_rule_that_it_may_rewrite_stops_nothing():
    own = Ruling(Gate.REFUSED, "deny", Evidence(HERE / ".agent" / "settings.json", 2))
    one = judge([server("filesystem", roots=("${workspaceFolder}",))], Tool("Bash", Channel.EXECUTE, own), calls(RUN))
    assert one.decide(Channel.EXECUTE, "ls").gate is Gate.RULE_ONLY


# --- logins

TOKEN = Evidence(variable="GITHUB_PERSONAL_ACCESS_TOKEN")
OTHER = Evidence(variable="GITHUB_TOKEN")
LITTLE = Inheritance(only=(Name("PATH"), Name("HOME")))
GITHUB = server("github-archived")
# (what, servers, where the token is, what servers inherit, the gate before using it by a call)
FOUND = [
    ("it looks for that variable", [GITHUB], TOKEN, None, Gate.NONE),
    ("it looks for another", [GITHUB], OTHER, None, Gate.REFUSED),
    ("servers do not inherit it", [GITHUB], TOKEN, LITTLE, Gate.REFUSED),
    ("its entry hands it on by name", [replace(GITHUB, takes=("GITHUB_TOKEN",))], OTHER, None, Gate.NONE),
    (
        "handed on by name though none is inherited",
        [replace(GITHUB, takes=("GITHUB_TOKEN",))],
        OTHER,
        LITTLE,
        Gate.NONE,
    ),
    ("an unknown server, by name", [server("", takes=("GITHUB_TOKEN",))], OTHER, None, Gate.NONE),
    ("an unknown server, inherited", [server("")], TOKEN, None, Gate.REFUSED),
    ("its entry sets it to another value", [replace(GITHUB, variables=(TOKEN.variable,))], TOKEN, None, Gate.REFUSED),
    ("a container inherits nothing", [replace(GITHUB, launcher="docker run x")], TOKEN, None, Gate.REFUSED),
    ("a server elsewhere inherits nothing", [replace(GITHUB, url="https://x.example")], TOKEN, None, Gate.REFUSED),
    ("a server of another service", [server("sentry")], TOKEN, None, Gate.REFUSED),
]


@pytest.mark.parametrize(
    ("servers", "at", "inherited", "wanted"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND]
)
def test_a_login_that_a_server_comes_by_is_used_by_calls(servers, at, inherited, wanted):
    assert gate(judge(servers, calls(RUN), inherited=inherited), "github.classic-token", at) is wanted


@pytest.mark.parametrize(
    ("known", "kind", "path", "wanted"),
    [
        ("kubernetes", "kubernetes.token", HOME / ".kube" / "config", Gate.NONE),
        ("kubernetes", "kubernetes.token", HERE / "kubeconfig", Gate.REFUSED),
        ("aws-api", "aws.access-key", HOME / ".aws" / "credentials", Gate.NONE),
        ("aws-api", "kubernetes.token", HOME / ".kube" / "config", Gate.REFUSED),
        ("aws-documentation", "aws.access-key", HOME / ".aws" / "credentials", Gate.REFUSED),
    ],
)
def test_a_server_uses_the_file_that_it_is_known_to_read(known, kind, path, wanted):
    assert gate(judge([server(known)], calls(RUN)), kind, Evidence(path, 1)) is wanted


SECRET = Evidence(HERE / ".mcp.json", 4, "mcpServers.one.env.TOKEN")
READ_ONLY = replace(server("github"), narrowed=("GITHUB_READ_ONLY",))
# (what, server, tools, class, gate)
BOUNDS = [
    ("its tools read", server("github"), [calls(RUN)], Capability.DATA_READ, Gate.NONE),
    ("its tools push", server("github"), [calls(RUN)], Capability.CODE_WRITE, Gate.NONE),
    ("none of its tools spends", server("github"), [calls(RUN)], Capability.MONEY, Gate.REFUSED),
    ("read-only: it reads", READ_ONLY, [calls(RUN)], Capability.DATA_READ, Gate.NONE),
    ("read-only: it pushes nothing", READ_ONLY, [calls(RUN)], Capability.CODE_WRITE, Gate.REFUSED),
    (
        "a tool that reads is approved",
        server("github"),
        [calls(ASK, ("one/get_file_contents", RUN))],
        Capability.DATA_READ,
        Gate.NONE,
    ),
    (
        "and one that pushes is not",
        server("github"),
        [calls(ASK, ("one/get_file_contents", RUN))],
        Capability.CODE_WRITE,
        Gate.PROMPT,
    ),
    ("writing is off by default", server("aws-eks"), [calls(RUN)], Capability.DATA_DESTROY, Gate.REFUSED),
    (
        "until an option allows it",
        server("aws-eks", narrowed=("--allow-write",)),
        [calls(RUN)],
        Capability.DATA_DESTROY,
        Gate.NONE,
    ),
    ("of an unknown server all", server(""), [calls(RUN)], Capability.MONEY, Gate.NONE),
    ("of one whose tools are not known all", server("stripe"), [calls(RUN)], Capability.MONEY, Gate.NONE),
]


@pytest.mark.parametrize(("one", "tools", "of", "wanted"), [row[1:] for row in BOUNDS], ids=[row[0] for row in BOUNDS])
def test_what_a_server_opens_is_bounded_by_what_its_tools_do(one, tools, of, wanted):
    assert gate(judge([one], *tools), "github.classic-token", SECRET, of) is wanted


# --- folders and agents


def agent(name, folder, *tools):
    return AgentSeen(name, Evidence(HOME / ".x"), folder=folder, policy=Policy("by hand", tools))


def test_a_projects_server_holds_in_its_folder_only():
    machine = fake_machine(workspace="~/src/app", neighbours=["~/src/web"], named=1)
    seen = [agent("agent", "~/src/app", calls(RUN)), agent("agent", "~/src/web", calls(RUN))]
    one = acting([*seen, replace(COMMANDER, folder="~/src/web")], machine)
    assert [each.judge.decide(Channel.EXECUTE, "ls").gate for each in one] == [Gate.REFUSED, Gate.NONE]
    everywhere = acting([*seen, COMMANDER], machine)
    assert [each.judge.decide(Channel.EXECUTE, "ls").gate for each in everywhere] == [Gate.NONE, Gate.NONE]


def test_two_agents_that_share_a_server_keep_their_own_ways():
    seen = [agent("claude-code", None, calls(RUN)), agent("codex", None, calls(ASK))]
    shared = [replace(GITHUB, client=each, takes=("GITHUB_TOKEN",)) for each in ("claude-code", "codex")]
    found = acting([*seen, *shared], MACHINE)
    assert [gate(each.judge, "github.classic-token", OTHER) for each in found] == [Gate.NONE, Gate.PROMPT]


def test_a_call_is_told_with_the_approval_of_its_entry():
    one = judge([replace(GITHUB, approved=("get_issue",), approval=Gate.NONE)], calls(ASK))
    assert one.decide(Channel.CALL, "one/get_issue").gate is Gate.NONE
    assert one.decide(Channel.CALL, "one/create_issue").gate is Gate.PROMPT
    assert one.decide(Channel.CALL, "two/get_issue").gate is Gate.PROMPT
