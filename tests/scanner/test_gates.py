"""What stands before an agent's acts, over policies made by hand: every row of the gate table, and how rows join."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner import reach
from scanner.config import Config
from scanner.data.gates import gates
from scanner.data.verbs import opened_by
from scanner.gates import Judge
from scanner.graph import build
from scanner.model import (
    Asset,
    Autonomy,
    Barrier,
    Capability,
    Channel,
    Command,
    Confidence,
    CredentialSeen,
    Evidence,
    Everything,
    Gate,
    Grant,
    HandleSeen,
    Inheritance,
    Name,
    Paths,
    Platform,
    Policy,
    Protection,
    Rule,
    Ruling,
    Sandbox,
    Tool,
)
from scanner.principals import ANY_AGENT
from scanner.testing import NOW, fake_machine

HOME = PurePosixPath("/home/ada")
HERE = HOME / "src" / "app"
MACHINE = fake_machine(workspace="~/src/app")
EVERY = frozenset(Capability)

RUN = Ruling(Gate.NONE, "runs it")
ASK = Ruling(Gate.PROMPT, "asks")
NO = Ruling(Gate.REFUSED, "denies it")
JUDGED = Ruling(Gate.CLASSIFIER, "a model decides")
UNSURE = Ruling(Gate.UNKNOWN, "settings could not be read", stand_in=Gate.PROMPT)
UNSURE_OPEN = Ruling(Gate.UNKNOWN, "settings could not be read", stand_in=Gate.NONE)

KEYS = HOME / ".aws" / "credentials"
STRAY = HOME / "src" / "other" / ".env"
AGENT = "/run/user/1000/ssh-agent.socket"
ENGINE = "/var/run/docker.sock"


def shell(otherwise, *rules, name="Bash", sandbox=None):
    return Tool(name, Channel.EXECUTE, otherwise, rules, sandbox)


def reader(otherwise, *rules):
    return Tool("Read", Channel.READ, otherwise, rules)


def writer(otherwise, *rules):
    return Tool("Edit", Channel.WRITE, otherwise, rules)


def command(text, ruling, *, exactly=False):
    """A rule for a command and whatever follows it."""
    return Rule(Command(text, open=not exactly), ruling)


def files(glob, ruling):
    return Rule(Paths(glob), ruling)


def box(**more):
    """A sandbox that starts, of whose inside nothing but the files of the workspace can be changed or reached."""
    return Sandbox("bubblewrap", "sandbox.enabled", writable=(Paths(str(HERE)),), **more)


WIDE = {"hosts": (Name("*"),), "sockets": (Paths("/**"),)}


def judge(*tools, machine=MACHINE, **more):
    return Judge(Policy("by hand", tools, **more), machine)


def place(told):
    """Evidence of a path, or of a variable written `$NAME`."""
    text = str(told)
    return Evidence(variable=text[1:]) if text.startswith("$") else Evidence(told, 1)


def held(kind="aws.access-key", at=KEYS, asset="aws-account:123456789012", **more):
    """A credential at one place and what it opens, as nodes: (graph, credential, asset)."""
    what, _, name = asset.partition(":")
    grants = (Grant(Asset(what, name), EVERY, Confidence.VERIFIED),)
    make = HandleSeen if kind.startswith("handle.") else CredentialSeen
    graph = build([make(kind=kind, evidence=place(at), grants=grants, **more)], MACHINE, Config())
    [credential], [node] = graph.credentials.values(), graph.assets.values()
    return graph, credential, node


def use(policy, *, of=Capability.DATA_DESTROY, **more):
    _, credential, asset = held(**more)
    return policy.use(credential, asset, of)


SETTINGS = Evidence(HERE / ".agent" / "settings.json", 3)
OWN_RULE = Ruling(Gate.REFUSED, "deny", SETTINGS)
BEHIND_ROOT = Ruling(Gate.REFUSED, "deny", Evidence(PurePosixPath("/etc/agent/managed.json"), 3))

# (what, tools, the gate before using an AWS key that lies in ~/.aws/credentials). Of each way the strongest counts, of
# several the weakest.
USES = [
    ("nothing asks", [shell(RUN)], Gate.NONE),
    ("a model judges", [shell(JUDGED)], Gate.CLASSIFIER),
    ("a person says yes", [shell(ASK)], Gate.PROMPT),
    ("the agent refuses", [shell(NO)], Gate.REFUSED),
    ("no tool at all", [], Gate.REFUSED),
    ("only files, no use for what they hold", [reader(RUN), writer(RUN)], Gate.REFUSED),
    ("settings unreadable", [shell(UNSURE)], Gate.UNKNOWN),
    ("the weakest of two tools", [shell(ASK), shell(RUN, name="Task")], Gate.NONE),
    ("the weakest of two tools, turned", [shell(JUDGED), shell(NO, name="Task")], Gate.CLASSIFIER),
    ("unknown, reckoned as prompt, beside one that asks nobody", [shell(UNSURE), shell(RUN, name="Task")], Gate.NONE),
    ("prompt, rather than unknown that is reckoned as it", [shell(UNSURE), shell(ASK, name="Task")], Gate.PROMPT),
    ("unknown, reckoned as open, beside one that asks", [shell(UNSURE_OPEN), shell(ASK, name="Task")], Gate.UNKNOWN),
    # a rule on one tool, and another tool gets there
    ("denied to the reader, open to the shell", [shell(RUN), reader(RUN, files("~aws", NO))], Gate.RULE_ONLY),
    ("asked of the reader, open to the shell", [shell(RUN), reader(RUN, files("~aws", ASK))], Gate.RULE_ONLY),
    ("denied to the reader, judged in the shell", [shell(JUDGED), reader(RUN, files("~aws", NO))], Gate.RULE_ONLY),
    ("denied to the reader, asked in the shell", [shell(ASK), reader(RUN, files("~aws", NO))], Gate.PROMPT),
    ("denied to the reader, and that is all", [reader(RUN, files("~aws", NO))], Gate.REFUSED),
    ("another file is denied", [shell(RUN), reader(RUN, files("/home/ada/.ssh", NO))], Gate.NONE),
    ("the reader denies whatever it is", [shell(RUN), reader(NO)], Gate.NONE),  # no rule against this one
    ("one program is denied, any other is not", [shell(RUN, command("aws", NO))], Gate.RULE_ONLY),
    ("one program is asked for, any other is not", [shell(RUN, command("aws", ASK))], Gate.RULE_ONLY),
    ("a program that has no use for it is denied", [shell(RUN, command("psql", NO))], Gate.NONE),
    ("one program is denied, any other asked for", [shell(ASK, command("aws", NO))], Gate.PROMPT),
    ("everything is denied by a rule, all else open", [shell(RUN, Rule(Everything(), NO))], Gate.REFUSED),
    ("every command is denied by a rule, all else open", [shell(RUN, Rule(Command("*"), NO))], Gate.REFUSED),
    # the agent's own rule, where it may rewrite it
    ("a rule it may rewrite", [shell(OWN_RULE), writer(RUN)], Gate.RULE_ONLY),
    ("a rule it may rewrite after asking", [shell(OWN_RULE), writer(ASK)], Gate.REFUSED),
    ("a rule that a model lets it rewrite", [shell(OWN_RULE), writer(JUDGED)], Gate.RULE_ONLY),
    (
        "a rule in the one file that it may not write",
        [shell(OWN_RULE), writer(RUN, files(str(SETTINGS.path), NO))],
        Gate.REFUSED,
    ),
    (
        "a rule in a file that the sandbox lets it write",
        [shell(OWN_RULE), shell(RUN, name="boxed", sandbox=box())],
        Gate.RULE_ONLY,
    ),
    (
        "a rule in a file that the sandbox keeps from it",
        [shell(BEHIND_ROOT), shell(RUN, name="boxed", sandbox=box())],
        Gate.OS_BLOCKED,
    ),
    (
        "one rule of two that it may rewrite",
        [shell(BEHIND_ROOT), shell(OWN_RULE, name="Task"), writer(NO, files(str(HERE), RUN))],
        Gate.RULE_ONLY,
    ),
    ("a vendor's own refusal, which stands in no file", [shell(NO), writer(RUN)], Gate.REFUSED),
    # sandboxes
    ("confined without network", [shell(RUN, sandbox=box())], Gate.OS_BLOCKED),
    ("confined, any host", [shell(RUN, sandbox=box(**WIDE))], Gate.NONE),
    ("confined, asked, any host", [shell(ASK, sandbox=box(**WIDE))], Gate.PROMPT),
    ("confined, the provider's host", [shell(RUN, sandbox=box(hosts=(Name("*.amazonaws.com"),)))], Gate.NONE),
    ("confined, one host of the provider", [shell(RUN, sandbox=box(hosts=(Name("sts.amazonaws.com"),)))], Gate.NONE),
    ("confined, another host", [shell(RUN, sandbox=box(hosts=(Name("github.com"),)))], Gate.OS_BLOCKED),
    (
        "confined, any host, the file unreadable",
        [shell(RUN, sandbox=box(**WIDE, unreadable=(Paths("/home/ada/.aws"),)))],
        Gate.OS_BLOCKED,
    ),
    (
        "confined, the file readable in a folder that is not",
        [shell(RUN, sandbox=box(**WIDE, unreadable=(Paths("/home/ada"),), readable=(Paths("/home/ada/.aws"),)))],
        Gate.NONE,
    ),
    ("confined, and outside after asking", [shell(RUN, sandbox=box()), shell(ASK, name="free")], Gate.PROMPT),
    ("confined, and outside never", [shell(RUN, sandbox=box()), shell(NO, name="free")], Gate.OS_BLOCKED),
    (
        "confined, and outside a program that takes it by itself",
        [shell(RUN, sandbox=box()), shell(ASK, command("aws", RUN), name="free")],
        Gate.NONE,
    ),
    # rules for commands that amount to a shell
    ("an interpreter is allowed", [shell(ASK, command("python3", RUN))], Gate.NONE),
    ("a runner of packages is allowed", [shell(ASK, command("npx", RUN))], Gate.NONE),
    ("find is allowed, which executes", [shell(ASK, command("find", RUN))], Gate.NONE),
    ("an interpreter is asked for, all else denied", [shell(NO, command("python3", ASK))], Gate.REFUSED),
    ("a model judges an interpreter, all else asks", [shell(ASK, command("python3", JUDGED))], Gate.CLASSIFIER),
    ("only what tells the version", [shell(ASK, command("python3 --version", RUN, exactly=True))], Gate.PROMPT),
    ("a harmless command is allowed", [shell(ASK, command("ls", RUN))], Gate.PROMPT),
    ("the interpreter is denied first", [shell(ASK, command("python3", NO), command("python3", RUN))], Gate.PROMPT),
    ("the interpreter is allowed first", [shell(ASK, command("python3", RUN), command("python3", NO))], Gate.NONE),
    ("all is asked for before it is allowed", [shell(ASK, Rule(Everything(), ASK), command("sh", RUN))], Gate.PROMPT),
    ("all is denied behind the interpreter", [shell(NO, command("sh", RUN), Rule(Everything(), NO))], Gate.NONE),
    ("tests, which it may edit", [shell(ASK, command("npm test", RUN)), writer(RUN)], Gate.NONE),
    ("tests, which it may edit after asking", [shell(NO, command("npm test", RUN)), writer(ASK)], Gate.PROMPT),
    (
        "tests, which it may edit as a model says",
        [shell(ASK, command("npm test", RUN)), writer(JUDGED)],
        Gate.CLASSIFIER,
    ),
    ("tests, which it may not edit", [shell(ASK, command("npm test", RUN)), writer(NO)], Gate.PROMPT),
    ("tests, and nothing to edit with", [shell(ASK, command("npm test", RUN))], Gate.PROMPT),
    (
        "tests, which it may edit elsewhere only",
        [shell(ASK, command("npm test", RUN)), writer(RUN, files(str(HERE), NO))],
        Gate.PROMPT,
    ),
    (
        "tests outside, which it edits in the sandbox",
        [shell(ASK, command("npm test", RUN)), shell(RUN, name="boxed", sandbox=box())],
        Gate.NONE,
    ),
    # one program is allowed
    ("the program that takes it", [shell(ASK, command("aws", RUN))], Gate.NONE),
    ("by its whole path", [shell(ASK, command("/usr/local/bin/aws", RUN))], Gate.NONE),
    ("without any arguments", [shell(ASK, command("aws", RUN, exactly=True))], Gate.PROMPT),
    ("a program of another provider", [shell(ASK, command("gcloud", RUN))], Gate.PROMPT),
    ("denied first, then allowed", [shell(ASK, command("aws", NO), command("aws", RUN))], Gate.PROMPT),
    ("a sub-command that destroys", [shell(ASK, command("aws s3 rm", RUN))], Gate.NONE),
    ("a sub-command that reads", [shell(ASK, command("aws s3 ls", RUN))], Gate.PROMPT),
    ("a sub-command that is not known", [shell(ASK, command("aws iam attach-user-policy", RUN))], Gate.NONE),
    (
        "denied as a whole, one sub-command first",
        [shell(NO, command("aws s3 rm", RUN), command("aws", NO))],
        Gate.RULE_ONLY,
    ),
    # the agent reads it, and another program sends it
    ("read, and sent by curl", [shell(ASK, command("curl", RUN)), reader(RUN)], Gate.NONE),
    ("read after asking, sent by curl", [shell(NO, command("curl", RUN)), reader(ASK)], Gate.PROMPT),
    ("read, sent by curl after asking", [shell(NO, command("curl", ASK)), reader(RUN)], Gate.PROMPT),
    ("never read, sent by curl", [shell(NO, command("curl", RUN)), reader(NO)], Gate.REFUSED),
    ("sent by curl, and nothing to read with", [shell(NO, command("curl", RUN))], Gate.REFUSED),
    (
        "read, and sent by curl in the sandbox",
        [shell(NO, command("curl", RUN), sandbox=box()), reader(RUN)],
        Gate.OS_BLOCKED,
    ),
]


def with_keys(tools):
    """The tools, where the glob `~aws` stands for the folder of the keys."""
    return [
        Tool(
            tool.name,
            tool.channel,
            tool.otherwise,
            tuple(
                files("/home/ada/.aws", rule.ruling) if rule.pattern == Paths("~aws") else rule for rule in tool.rules
            ),
            tool.sandbox,
        )
        for tool in tools
    ]


@pytest.mark.parametrize(("tools", "expected"), [row[1:] for row in USES], ids=[row[0] for row in USES])
def test_the_gate_before_using_a_key(tools, expected):
    assert use(judge(*with_keys(tools))).gate is expected


def test_of_two_gates_the_words_of_the_one_that_decides_and_its_place():
    found = use(judge(shell(RUN), reader(RUN, files("/home/ada/.aws", OWN_RULE))))
    assert found.gate is Gate.RULE_ONLY
    assert found.rule == "deny, ~/src/app/.agent/settings.json:3 holds one way only; runs it"
    assert found.evidence == SETTINGS
    assert found.channel == "takes it from ~/.aws/credentials and uses it with any command of Bash"


def test_a_rule_that_it_may_rewrite_says_so():
    found = use(judge(shell(OWN_RULE), writer(RUN)))
    assert found.rule == "deny, ~/src/app/.agent/settings.json:3, which it may rewrite"


def test_a_way_by_an_interpreter_tells_why_it_is_one():
    found = use(judge(shell(ASK, command("find", Ruling(Gate.NONE, 'allow "find *"')))))
    assert found.rule == 'allow "find *"'
    assert found.channel.startswith("takes it from ~/.aws/credentials and uses it with any command of Bash, since ")


@pytest.mark.parametrize("gate", sorted(Gate))
def test_every_gate_that_a_shell_says_is_the_gate_of_the_way(gate):
    assert use(judge(shell(Ruling(gate, "so it is")))).gate is gate


# --- what stands outside of the agent


PRESENCE, SERVER = Barrier(Gate.PRESENCE, "a touch each time"), Barrier(Gate.SERVER, "two must review")

# (what stands outside, what the agent says, what stands before the way)
OUTSIDE = [
    (Barrier(), RUN, Gate.NONE),
    (Barrier(), ASK, Gate.PROMPT),
    (PRESENCE, RUN, Gate.PRESENCE),
    (PRESENCE, ASK, Gate.PRESENCE),
    (PRESENCE, NO, Gate.REFUSED),
    (SERVER, RUN, Gate.SERVER),
    (SERVER, ASK, Gate.SERVER),
    (SERVER, JUDGED, Gate.SERVER),
    (SERVER, NO, Gate.REFUSED),
    (Barrier(Gate.PROMPT, "the store asks"), JUDGED, Gate.PROMPT),
    (PRESENCE, UNSURE, Gate.PRESENCE),
    (Barrier(), UNSURE, Gate.UNKNOWN),
]


def ways(barrier, *tools, at=KEYS, kind="aws.access-key"):
    """Each way to one exposure of a key with that barrier, of one agent with these tools."""
    graph, _, _ = held(kind, at, barrier=barrier)
    found = reach.exposures(graph, NOW, {"agent": judge(*tools)})
    return next(each.ways for each in found if each.class_ is Capability.IRRECOVERABLE)


@pytest.mark.parametrize(("barrier", "ruling", "expected"), OUTSIDE)
def test_the_strongest_along_a_way_counts_wherever_it_stands(barrier, ruling, expected):
    way = ways(barrier, shell(ruling))["agent"]
    assert way.gate is expected
    assert way.rule == (barrier.rule if expected is barrier.gate and barrier.rule else ruling.rule)


@pytest.mark.parametrize(
    ("gate", "factor"),
    [
        (Gate.NONE, 1),
        (Gate.CLASSIFIER, 0.95),
        (Gate.RULE_ONLY, 0.9),
        (Gate.PROMPT, 0.6),
        (Gate.PRESENCE, 0.5),
        (Gate.SERVER, 0.3),
        (Gate.REFUSED, 0),
        (Gate.OS_BLOCKED, 0),
    ],
)
def test_the_factors_are_those_of_the_table(gate, factor):
    assert ways(Barrier(), shell(Ruling(gate, "")))["agent"].terms.gate == factor == gates()[gate].factor


def test_nobody_is_asked_at_the_first_three_only():
    assert {gate for gate in Gate if gates()[gate].passable} == {
        Gate.NONE,
        Gate.CLASSIFIER,
        Gate.RULE_ONLY,
        Gate.UNKNOWN,
    }


def test_an_unknown_gate_counts_as_the_vendors_default_and_as_open_in_the_ceiling():
    graph, _, _ = held()
    found = reach.exposures(graph, NOW, {"agent": judge(shell(UNSURE))})
    way = next(each.ways["agent"] for each in found if each.class_ is Capability.IRRECOVERABLE)
    assert (way.gate, way.stands_for, way.terms.gate) == (Gate.UNKNOWN, Gate.PROMPT, 0.6)
    [worst] = [
        each.worst for each in reach.weighed(graph, found, "agent") if each.capability is Capability.IRRECOVERABLE
    ]
    assert worst == 1.0  # impact 1, and both gate and environment at their worst
