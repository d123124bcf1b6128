"""What stands before an agent's acts, over policies made by hand: every row of the gate table, and how rows join."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from scanner import reach
from scanner.config import Config
from scanner.data.gates import gates, terms_of
from scanner.data.verbs import opened_by
from scanner.gates import MANY_RULES, Judge, usable
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
    Everything,
    Evidence,
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
    ServerSeen,
    Tool,
)
from scanner.principals import ANY_AGENT
from scanner.score import product
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
    """Evidence of a path, or of a variable written `$NAME`; evidence as it is."""
    text = str(told)
    if isinstance(told, Evidence):
        return told
    return Evidence(variable=text[1:]) if text.startswith("$") else Evidence(told, 1)


def held(kind="aws.access-key", at=KEYS, asset="aws-account:123456789012", **more):
    """A credential at one place and what it opens, as nodes: (graph, credential, asset)."""
    what, _, name = asset.partition(":")
    grants = (Grant(Asset(what, name), EVERY, Confidence.VERIFIED),)
    make = HandleSeen if kind.startswith("handle.") else CredentialSeen
    graph = build([make(kind=kind, evidence=place(at), grants=grants, **more)], MACHINE, Config())
    [credential], [node] = graph.credentials.values(), graph.assets.values()
    return graph, credential, node


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        ({"at": Evidence(KEYS, 9)}, True),
        ({"at": Evidence(KEYS, 1, "other")}, False),
        ({"at": HERE / ".env"}, False),
        ({"kind": "github.classic-token"}, False),
    ],
)
def test_credentials_of_one_kind_and_place_are_used_alike_whatever_their_line(other, alike):
    assert (usable(held()[1]) == usable(held(**other)[1])) is alike


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
        "confined, any host but the provider's",
        [
            shell(
                RUN,
                sandbox=box(**WIDE, barred=(Name("*.amazonaws.com"), Name("*.amazonaws.com.cn"), Name("*.api.aws"))),
            )
        ],
        Gate.OS_BLOCKED,
    ),
    ("confined, any host but another's", [shell(RUN, sandbox=box(**WIDE, barred=(Name("*.example.com"),)))], Gate.NONE),
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
    ("these tests exactly", [shell(ASK, command("npm test", RUN, exactly=True)), writer(RUN)], Gate.NONE),
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
    assert found.channel == "uses ~/.aws/credentials with any command of Bash"


def test_a_rule_that_it_may_rewrite_says_so():
    found = use(judge(shell(OWN_RULE), writer(RUN)))
    assert found.rule == "deny, ~/src/app/.agent/settings.json:3, which it may rewrite"


def test_a_way_by_an_interpreter_tells_why_it_is_one():
    found = use(judge(shell(ASK, command("find", Ruling(Gate.NONE, 'allow "find *"')))))
    assert found.rule == 'allow "find *"'
    assert found.channel.startswith("uses ~/.aws/credentials with any command of Bash, since ")


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
    return exposed(barrier, *tools, at=at, kind=kind).ways


def exposed(barrier, *tools, at=KEYS, kind="aws.access-key"):
    """The exposure itself."""
    graph, _, _ = held(kind, at, barrier=barrier)
    found = reach.exposures(graph, NOW, {"agent": judge(*tools)})
    return next(each for each in found if each.class_ is Capability.IRRECOVERABLE)


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
    exposure = exposed(Barrier(), shell(Ruling(gate, "")))
    told = terms_of(exposure, exposure.ways["agent"])
    assert told.gate == factor == gates()[gate].factor
    assert exposure.ways["agent"].score == product(told)


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
    exposure = next(each for each in found if each.class_ is Capability.IRRECOVERABLE)
    way = exposure.ways["agent"]
    assert (way.gate, way.stands_for, terms_of(exposure, way).gate) == (Gate.UNKNOWN, Gate.PROMPT, 0.6)
    [worst] = [
        each.worst
        for each in reach.weighed(reach.crowds(graph, found), "agent")
        if each.capability is Capability.IRRECOVERABLE
    ]
    assert worst == 1.0  # impact 1, and both gate and environment at their worst


# --- programs, and where they look

# (kind, what is allowed, what it reaches, where the program looks, where it does not)
LOOKS = [
    ("aws.access-key", "aws", "aws-account:1", KEYS, STRAY),
    ("aws.access-key", "aws", "aws-account:1", "$AWS_SECRET_ACCESS_KEY", "$MY_SECRET"),
    ("kubernetes.token", "kubectl get", "kubernetes-cluster:prod", HOME / ".kube" / "config", STRAY),
    ("github.classic-token", "gh api", "git-host:github.com", "$GH_TOKEN", "$OLD_TOKEN"),
    ("github.classic-token", "git push origin", "git-host:github.com", HOME / ".git-credentials", STRAY),
    ("database.password", "pg_dump", "database:db.example.com/orders", HOME / ".pgpass", HERE / ".env"),
    ("railway.account-token", "railway", "railway-account:r", HOME / ".railway" / "config.json", STRAY),
]


@pytest.mark.parametrize(("kind", "text", "asset", "there", "elsewhere"), LOOKS)
def test_a_program_acts_with_what_lies_where_it_looks_and_with_nothing_else(kind, text, asset, there, elsewhere):
    allowed = judge(shell(ASK, command(text, RUN)))
    assert use(allowed, kind=kind, asset=asset, at=there, of=Capability.DISCOVER).gate is Gate.NONE
    assert use(allowed, kind=kind, asset=asset, at=elsewhere, of=Capability.DISCOVER).gate is Gate.PROMPT


def test_a_key_of_which_ssh_is_told_is_found_wherever_it_lies():
    allowed = judge(shell(ASK, command("git push origin", RUN)))
    key = {"kind": "ssh.private-key", "asset": "git-host:git.example.com", "at": HERE / "deploy.pem"}
    assert use(allowed, **key, of=Capability.CODE_WRITE).gate is Gate.NONE


def test_one_place_of_several_is_enough():
    grants = (Grant(Asset("aws-account", "1"), EVERY, Confidence.VERIFIED),)
    seen = [CredentialSeen("aws.access-key", place(at), public_id="AKIA", grants=grants) for at in (STRAY, KEYS)]
    graph = build(seen, MACHINE, Config())
    [credential], [asset] = graph.credentials.values(), graph.assets.values()
    allowed = judge(shell(ASK, command("aws", RUN)))
    assert allowed.use(credential, asset, Capability.DATA_READ).gate is Gate.NONE


# (what is allowed, what that opens of the program's login, what it does not)
SUBCOMMANDS = [
    ("kubectl get", {"DISCOVER", "DATA_READ", "SECRETS_READ"}, {"DATA_DESTROY", "EXEC_REMOTE", "IAM_ESCALATE"}),
    ("kubectl -n prod get pods", {"DATA_READ"}, {"DATA_DESTROY"}),
    ("kubectl delete", {"DATA_DESTROY", "IRRECOVERABLE"}, {"DATA_READ", "IAM_ESCALATE"}),
    ("kubectl exec", {"EXEC_REMOTE", "SECRETS_READ", "DATA_DESTROY"}, {"IAM_ESCALATE", "PUBLISH"}),
    ("kubectl create", {"DATA_WRITE", "IAM_ESCALATE", "EXEC_REMOTE"}, {"DATA_DESTROY"}),
    ("kubectl rollout status", {"DISCOVER"}, {"INFRA_MODIFY"}),
    ("kubectl rollout restart", {"INFRA_MODIFY"}, {"DATA_DESTROY"}),
    ("kubectl apply", {"IRRECOVERABLE", "IAM_ESCALATE"}, {"PUBLISH"}),
    ("kubectl drain", EVERY, set()),  # not known: all
    ("terraform plan", {"DATA_READ"}, {"INFRA_MODIFY", "DATA_DESTROY"}),
    ("terraform fmt", {"DISCOVER"}, {"DATA_READ"}),
    ("terraform destroy", {"DATA_DESTROY", "INFRA_MODIFY"}, {"PUBLISH"}),
    ("aws ec2 describe-instances", {"DISCOVER"}, {"DATA_READ"}),
    ("aws s3api list-buckets", {"DISCOVER"}, {"DATA_READ"}),
    ("aws secretsmanager get-secret-value", {"SECRETS_READ"}, {"DATA_WRITE"}),
    ("aws iam create-access-key", EVERY, set()),  # only what begins to read is known by its beginning
    ("aws ec2 delete-snapshot", EVERY, set()),
    ("aws s3 sync", {"DATA_WRITE", "DATA_DESTROY"}, {"IAM_ESCALATE"}),
    ("gh pr view", {"DATA_READ"}, {"CODE_WRITE"}),
    ("gh pr create", {"CODE_WRITE", "COMMS"}, {"IAM_ESCALATE", "DATA_DESTROY", "PUBLISH"}),
    ("gh run view", {"DATA_READ"}, {"EXEC_REMOTE", "DATA_WRITE"}),
    ("gh workflow run", {"EXEC_REMOTE"}, {"IAM_ESCALATE"}),
    ("gh release list", {"DISCOVER"}, {"PUBLISH"}),
    ("gh release create", {"PUBLISH"}, {"DATA_DESTROY"}),
    ("gh repo delete", {"DATA_DESTROY"}, {"CODE_WRITE"}),
    ("gh api", EVERY, set()),
    ("git push", {"CODE_WRITE", "PUBLISH"}, {"DATA_DESTROY"}),
    ("git commit", set(), EVERY),  # nothing leaves this machine
    ("git stash push", set(), EVERY),
    ("git fetch", {"DATA_READ"}, {"CODE_WRITE"}),
]


@pytest.mark.parametrize(("text", "opens", "not_"), SUBCOMMANDS, ids=[row[0] for row in SUBCOMMANDS])
def test_a_sub_command_opens_its_own_classes(text, opens, not_):
    program, *words = text.split()
    found = opened_by(program, words)
    opened = {str(each) for each in (EVERY if found is None else found)}
    assert (opened >= opens, opened & not_) == (True, set())


TOKEN = {"kind": "github.classic-token", "at": "$GH_TOKEN", "asset": "git-host:github.com"}
CLUSTER = {"kind": "kubernetes.token", "at": HOME / ".kube" / "config", "asset": "kubernetes-cluster:c"}

# (the login, what is allowed, the class that it opens, one that it does not)
BOUNDED = [
    (CLUSTER, "kubectl get", "SECRETS_READ", "DATA_DESTROY"),
    (CLUSTER, "kubectl delete", "DATA_DESTROY", "DATA_READ"),
    (TOKEN, "gh pr view", "DATA_READ", "CODE_WRITE"),
    (TOKEN, "gh pr create", "CODE_WRITE", "PUBLISH"),
    ({}, "aws s3 ls", "DISCOVER", "DATA_READ"),
]


@pytest.mark.parametrize(("login", "text", "opens", "not_"), BOUNDED)
def test_what_no_allowed_sub_command_opens_is_asked_for(login, text, opens, not_):
    policy = judge(shell(ASK, command(text, Ruling(Gate.NONE, f"allow {text}"))))
    open_, shut = (use(policy, **login, of=Capability(of)) for of in (opens, not_))
    assert (open_.gate, open_.rule) == (Gate.NONE, f"allow {text}")
    assert (shut.gate, shut.rule) == (Gate.PROMPT, "asks")


def test_two_sub_commands_open_what_each_opens():
    policy = judge(shell(ASK, command("kubectl get", RUN), command("kubectl delete", JUDGED)))
    classes = (Capability.DATA_READ, Capability.DATA_DESTROY, Capability.IAM_ESCALATE)
    assert [use(policy, **CLUSTER, of=of).gate for of in classes] == [Gate.NONE, Gate.CLASSIFIER, Gate.PROMPT]


# --- variables


DROPS = Inheritance(dropped=(Name("*SECRET*"), Name("GH_TOKEN")), rule="drops secrets", evidence=SETTINGS)
ONLY = Inheritance(only=(Name("PATH"),), rule="passes a list on", evidence=SETTINGS)

# (what, tools, what commands inherit, the gate before the use, the gate before the text)
VARIABLES = [
    ("passed on", [shell(RUN)], Inheritance(), Gate.NONE, Gate.NONE),
    ("another is dropped", [shell(RUN)], Inheritance(dropped=(Name("AWS_*"),)), Gate.NONE, Gate.NONE),
    ("dropped, but the agent's own process has it", [shell(RUN)], DROPS, Gate.RULE_ONLY, Gate.RULE_ONLY),
    ("not in the list of those that pass", [shell(RUN)], ONLY, Gate.RULE_ONLY, Gate.RULE_ONLY),
    ("dropped, and commands are judged", [shell(JUDGED)], DROPS, Gate.RULE_ONLY, Gate.RULE_ONLY),
    ("dropped, and commands are asked for", [shell(ASK)], DROPS, Gate.PROMPT, Gate.PROMPT),
    (
        "passed on, and the program is allowed",
        [shell(ASK, command("gh api", RUN))],
        Inheritance(),
        Gate.NONE,
        Gate.PROMPT,
    ),
    ("dropped, so the program does not find it", [shell(ASK, command("gh api", RUN))], DROPS, Gate.PROMPT, Gate.PROMPT),
    ("files alone show no variable", [reader(RUN)], Inheritance(), Gate.REFUSED, None),
    ("confined, no network", [shell(RUN, sandbox=box())], Inheritance(), Gate.OS_BLOCKED, Gate.NONE),
    ("confined, any host", [shell(RUN, sandbox=box(**WIDE))], Inheritance(), Gate.NONE, Gate.NONE),
    (
        "confined, any host, hidden inside",
        [shell(RUN, sandbox=box(**WIDE, hidden=(Name("GH_*"),)))],
        Inheritance(),
        Gate.OS_BLOCKED,
        Gate.OS_BLOCKED,
    ),
    (
        "confined, any host, another hidden inside",
        [shell(RUN, sandbox=box(**WIDE, hidden=(Name("AWS_*"),)))],
        Inheritance(),
        Gate.NONE,
        Gate.NONE,
    ),
    ("confined, any host, dropped before", [shell(RUN, sandbox=box(**WIDE))], DROPS, Gate.OS_BLOCKED, Gate.OS_BLOCKED),
]


@pytest.mark.parametrize(
    ("tools", "inherits", "used", "read"), [row[1:] for row in VARIABLES], ids=[row[0] for row in VARIABLES]
)
def test_a_variable_of_the_environment(tools, inherits, used, read):
    _, credential, asset = held(**TOKEN)
    policy = judge(*tools, commands=inherits)
    told = policy.reads(credential)
    assert policy.use(credential, asset, Capability.CODE_WRITE).gate is used
    assert (told.gate if told is not None else None) is read


def test_a_dropped_variable_names_the_rule_that_drops_it_and_the_way_round():
    found = use(judge(shell(RUN), commands=DROPS), **TOKEN)
    assert found.rule == "drops secrets, ~/src/app/.agent/settings.json:3"
    assert found.channel.endswith(", which reads the environment of the agent's own process")


# --- what is neither a file nor a variable


KEYCHAIN = Evidence(process="keychain entry gh:github.com")
OTHER = Evidence(process="node (pid 12)")

# (what, tools, where it is, the gate before using it)
ELSEWHERE = [
    ("a keychain, nothing asks", [shell(RUN)], KEYCHAIN, Gate.NONE),
    ("a keychain, and a program that asks it", [shell(ASK, command("gh api", RUN))], KEYCHAIN, Gate.NONE),
    ("a keychain, confined, any host", [shell(RUN, sandbox=box(hosts=(Name("*"),)))], KEYCHAIN, Gate.OS_BLOCKED),
    ("a keychain, confined, any host and socket", [shell(RUN, sandbox=box(**WIDE))], KEYCHAIN, Gate.NONE),
    ("another process, and a program of the kind", [shell(ASK, command("gh api", RUN))], OTHER, Gate.PROMPT),
    ("another process, confined, any host", [shell(RUN, sandbox=box(hosts=(Name("*"),)))], OTHER, Gate.OS_BLOCKED),
    ("another process, and files are read", [shell(NO, command("curl", RUN)), reader(RUN)], OTHER, Gate.REFUSED),
]


@pytest.mark.parametrize(("tools", "at", "expected"), [row[1:] for row in ELSEWHERE], ids=[row[0] for row in ELSEWHERE])
def test_what_is_neither_a_file_nor_a_variable(tools, at, expected):
    grants = (Grant(Asset("git-host", "github.com"), EVERY, Confidence.VERIFIED),)
    graph = build([CredentialSeen("github.oauth-token", at, grants=grants)], MACHINE, Config())
    [credential], [asset] = graph.credentials.values(), graph.assets.values()
    assert judge(*tools).use(credential, asset, Capability.DISCOVER).gate is expected


# --- the text of a secret, and its use

UNREADABLE = (Paths("/home/ada/.aws"),)

# (what, tools, the gate before the text, the gate before the use)
READ_AND_USED = [
    ("nothing asks", [shell(RUN), reader(RUN)], Gate.NONE, Gate.NONE),
    ("a person is asked", [shell(ASK), reader(ASK)], Gate.PROMPT, Gate.PROMPT),
    ("read unasked, run after asking", [shell(ASK), reader(RUN)], Gate.NONE, Gate.PROMPT),
    ("read unasked, never run", [shell(NO), reader(RUN)], Gate.NONE, Gate.REFUSED),
    ("read unasked, nothing to run", [reader(RUN)], Gate.NONE, Gate.REFUSED),
    ("never read, run unasked", [shell(RUN), reader(RUN, files("/home/ada/.aws", NO))], Gate.RULE_ONLY, Gate.RULE_ONLY),
    ("confined without network", [shell(RUN, sandbox=box())], Gate.NONE, Gate.OS_BLOCKED),
    (
        "confined without network, read after asking",
        [shell(RUN, sandbox=box()), reader(ASK)],
        Gate.NONE,
        Gate.OS_BLOCKED,
    ),
    (
        "confined, any host, the file unreadable",
        [shell(RUN, sandbox=box(**WIDE, unreadable=UNREADABLE))],
        Gate.OS_BLOCKED,
        Gate.OS_BLOCKED,
    ),
    (
        "unreadable inside, but not to the reader",
        [shell(RUN, sandbox=box(**WIDE, unreadable=UNREADABLE)), reader(RUN)],
        Gate.NONE,
        Gate.OS_BLOCKED,
    ),
    (
        "unreadable inside, denied to the reader",
        [shell(RUN, sandbox=box(unreadable=UNREADABLE)), reader(RUN, files("/home/ada/.aws", NO))],
        Gate.OS_BLOCKED,
        Gate.OS_BLOCKED,
    ),
    ("only the program", [shell(ASK, command("aws", RUN)), reader(ASK)], Gate.PROMPT, Gate.NONE),
]


@pytest.mark.parametrize(
    ("tools", "read", "used"), [row[1:] for row in READ_AND_USED], ids=[row[0] for row in READ_AND_USED]
)
def test_a_secret_is_read_or_used_and_both_are_told(tools, read, used):
    _, credential, asset = held()
    policy = judge(*tools)
    assert policy.reads(credential).gate is read
    assert policy.use(credential, asset, Capability.DATA_DESTROY).gate is used


@pytest.mark.parametrize("protection", sorted(Protection))
def test_only_what_lies_open_has_a_text_to_read(protection):
    _, credential, _ = held(protection=protection)
    told = judge(shell(RUN), reader(RUN)).reads(credential)
    assert (told is not None) is (protection in {Protection.PLAINTEXT, Protection.OBFUSCATED})


def test_a_key_in_an_unrelated_file_needs_a_command_that_is_made_for_it():
    asks_commands = judge(shell(ASK, command("aws", RUN)), reader(RUN))
    assert use(asks_commands, at=STRAY).gate is Gate.PROMPT
    sends = judge(shell(ASK, command("curl", RUN)), reader(RUN))
    found = use(sends, at=STRAY)
    assert (found.gate, found.channel) == (
        Gate.NONE,
        "reads ~/src/other/.env with Read and sends it by curl with Bash",
    )


# --- handles


SSH = {
    "kind": "handle.ssh-agent",
    "at": "$SSH_AUTH_SOCK",
    "asset": "host:web.example.com",
    "channel": f"connect unix:{AGENT}",
}
DOCKER = {
    "kind": "handle.container-socket",
    "at": PurePosixPath(ENGINE),
    "asset": "this-machine:testbed",
    "channel": f"connect unix:{ENGINE}",
}
REMOTE = {
    "kind": "handle.container-address",
    "at": HOME / ".docker" / "contexts" / "meta.json",
    "asset": "container-engine:10.0.0.5:2375",
    "channel": "connect tcp://10.0.0.5:2375",
}
VENDOR = {
    "kind": "handle.connectors",
    "at": HOME / ".claude.json",
    "asset": "saas:account",
    "channel": "call the tools",
}
ANYWHERE = (Name("*"),)

# (what, tools, the handle, the gate before using it)
HANDLES = [
    ("an ssh agent, nothing asks", [shell(RUN)], SSH, Gate.NONE),
    ("an ssh agent, and ssh is allowed", [shell(ASK, command("ssh", RUN))], SSH, Gate.NONE),
    ("an ssh agent, and git is allowed to push", [shell(ASK, command("git push origin", RUN))], SSH, Gate.PROMPT),
    ("an ssh agent, confined, nothing open", [shell(RUN, sandbox=box())], SSH, Gate.OS_BLOCKED),
    (
        "an ssh agent, confined, its socket only",
        [shell(RUN, sandbox=box(sockets=(Paths(AGENT),)))],
        SSH,
        Gate.OS_BLOCKED,
    ),
    ("an ssh agent, confined, any host only", [shell(RUN, sandbox=box(hosts=ANYWHERE))], SSH, Gate.OS_BLOCKED),
    (
        "an ssh agent, confined, both",
        [shell(RUN, sandbox=box(hosts=ANYWHERE, sockets=(Paths(AGENT),)))],
        SSH,
        Gate.NONE,
    ),
    (
        "an ssh agent, confined, another socket",
        [shell(RUN, sandbox=box(hosts=ANYWHERE, sockets=(Paths(ENGINE),)))],
        SSH,
        Gate.OS_BLOCKED,
    ),
    ("an engine, nothing asks", [shell(RUN)], DOCKER, Gate.NONE),
    ("an engine, and docker is allowed", [shell(ASK, command("docker", RUN))], DOCKER, Gate.NONE),
    ("an engine, and docker is asked for", [shell(RUN, command("docker", ASK))], DOCKER, Gate.RULE_ONLY),
    ("an engine, and a look at it is allowed", [shell(ASK, command("docker ps", RUN))], DOCKER, Gate.PROMPT),
    ("an engine, confined", [shell(RUN, sandbox=box(hosts=ANYWHERE))], DOCKER, Gate.OS_BLOCKED),
    (
        "an engine, confined, no host, its socket",
        [shell(RUN, sandbox=box(sockets=(Paths(ENGINE),)))],
        DOCKER,
        Gate.NONE,
    ),
    ("an engine, read and sent: no way", [shell(NO, command("curl", RUN)), reader(RUN)], DOCKER, Gate.REFUSED),
    ("an engine elsewhere, confined, any host", [shell(RUN, sandbox=box(hosts=ANYWHERE))], REMOTE, Gate.NONE),
    ("an engine elsewhere, confined", [shell(RUN, sandbox=box())], REMOTE, Gate.OS_BLOCKED),
    ("connectors, and a shell that has nothing to do with them", [shell(RUN)], VENDOR, Gate.REFUSED),
    ("connectors, unasked", [Tool("MCP", Channel.CALL, RUN)], VENDOR, Gate.NONE),
    ("connectors, asked", [shell(RUN), Tool("MCP", Channel.CALL, ASK)], VENDOR, Gate.PROMPT),
]


@pytest.mark.parametrize(("tools", "handle", "expected"), [row[1:] for row in HANDLES], ids=[row[0] for row in HANDLES])
def test_the_gate_before_using_a_handle(tools, handle, expected):
    assert use(judge(*tools), of=Capability.HOST_ROOT, **handle).gate is expected


def test_a_handle_has_no_text_to_read():
    _, credential, _ = held(**DOCKER)
    assert judge(shell(RUN), reader(RUN)).reads(credential) is None


# --- Windows


WINDOWS = fake_machine(Platform.WINDOWS, workspace="~/src/app")
WINDOWS_HOME = PureWindowsPath("C:/Users/ada")


def windows_use(*tools, at, kind="aws.access-key", asset="aws-account:1"):
    what, _, name = asset.partition(":")
    grants = (Grant(Asset(what, name), EVERY, Confidence.VERIFIED),)
    graph = build([CredentialSeen(kind=kind, evidence=Evidence(at, 1), grants=grants)], WINDOWS, Config())
    [credential], [node] = graph.credentials.values(), graph.assets.values()
    return judge(*tools, machine=WINDOWS).use(credential, node, Capability.DATA_DESTROY)


WINDOWS_KEYS = WINDOWS_HOME / ".aws" / "credentials"
DENIED = Rule(Paths("c:/users/ada/.AWS/**", fold=True), NO)
OWN_THERE = Ruling(Gate.REFUSED, "deny", Evidence(WINDOWS_HOME / "src" / "app" / ".agent" / "settings.json", 2))
ON_WINDOWS = [
    ("nothing asks", [shell(RUN)], WINDOWS_KEYS, Gate.NONE),
    ("its program, by its file", [shell(ASK, command("aws.exe", RUN))], WINDOWS_KEYS, Gate.NONE),
    ("its program, by its path", [shell(ASK, command("C:\\Tools\\aws.exe", RUN))], WINDOWS_KEYS, Gate.NONE),
    ("its program, a sub-command of it", [shell(ASK, command("aws.exe s3 rm", RUN))], WINDOWS_KEYS, Gate.NONE),
    ("denied in another case", [shell(RUN), reader(RUN, DENIED)], WINDOWS_KEYS, Gate.RULE_ONLY),
    (
        "its own rule",
        [shell(OWN_THERE), writer(ASK, Rule(Paths("c:/users/ada/src", fold=True), RUN))],
        WINDOWS_KEYS,
        Gate.RULE_ONLY,
    ),
    (
        "unreadable inside",
        [shell(RUN, sandbox=box(**WIDE, unreadable=(Paths("C:/Users/ada/.aws", fold=True),)))],
        WINDOWS_KEYS,
        Gate.OS_BLOCKED,
    ),
    ("where no program looks", [shell(ASK, command("aws", RUN))], WINDOWS_HOME / "notes" / ".env", Gate.PROMPT),
]


@pytest.mark.parametrize(
    ("tools", "at", "expected"), [row[1:] for row in ON_WINDOWS], ids=[row[0] for row in ON_WINDOWS]
)
def test_paths_of_windows(tools, at, expected):
    assert windows_use(*tools, at=at).gate is expected


# --- what a server holds


SERVERS = HERE / ".mcp.json"
ENTRY = Evidence(SERVERS, 2, "mcpServers.forge")
FORGE = ServerSeen("forge", "agent", "project", "stdio", "forge-mcp", ENTRY)
# (what, tools, the gate before using a token that stands in the entry of the server "forge")
CALLS = [
    ("all its tools run unasked", [Tool("MCP", Channel.CALL, ASK, (Rule(Name("forge/*"), RUN),))], Gate.NONE),
    ("a person says yes", [Tool("MCP", Channel.CALL, ASK)], Gate.PROMPT),
    ("no server at all", [Tool("MCP", Channel.CALL, NO)], Gate.REFUSED),
    ("only another server", [Tool("MCP", Channel.CALL, NO, (Rule(Name("other/*"), RUN),))], Gate.REFUSED),
    ("one tool unasked, of many", [Tool("MCP", Channel.CALL, ASK, (Rule(Name("forge/get"), RUN),))], Gate.PROMPT),
    (
        "none but one, and that unasked",
        [Tool("MCP", Channel.CALL, ASK, (Rule(Name("forge/push"), RUN), Rule(Name("forge/*"), NO)))],
        Gate.NONE,
    ),
    ("the weakest of a command and a call", [shell(RUN), Tool("MCP", Channel.CALL, ASK)], Gate.NONE),
    (
        "commands without any network, and calls unasked",
        [shell(RUN, sandbox=box()), Tool("MCP", Channel.CALL, RUN)],
        Gate.NONE,
    ),
]


def token(at):
    return held("github.classic-token", at, "github-account:ada")[1:]


@pytest.mark.parametrize(("tools", "wanted"), [row[1:] for row in CALLS], ids=[row[0] for row in CALLS])
def test_a_server_uses_what_stands_in_its_entry(tools, wanted):
    one = Judge(Policy("by hand", tuple(tools)), MACHINE, [FORGE])
    credential, asset = token(Evidence(SERVERS, 4, "mcpServers.forge.env.FORGE_TOKEN"))
    assert one.use(credential, asset, Capability.CODE_WRITE).gate is wanted


@pytest.mark.parametrize("key", ["mcpServers.forge2.env.FORGE_TOKEN", "env.FORGE_TOKEN", None])
def test_a_server_uses_nothing_that_stands_elsewhere(key):
    one = Judge(Policy("by hand", (Tool("MCP", Channel.CALL, RUN),)), MACHINE, [FORGE])
    credential, asset = token(Evidence(SERVERS, 4, key))
    assert one.use(credential, asset, Capability.CODE_WRITE).gate is Gate.REFUSED


@pytest.mark.parametrize(("url", "wanted"), [("https://mcp.example.com/sse", Gate.NONE), (None, Gate.REFUSED)])
def test_the_login_of_a_server_is_used_by_calls_wherever_it_lies(url, wanted):
    server = replace(FORGE, url=url)
    one = Judge(Policy("by hand", (Tool("MCP", Channel.CALL, RUN),)), MACHINE, [server])
    credential, asset = held("mcp.login", KEYS, "mcp-server:mcp.example.com")[1:]
    assert one.use(credential, asset, Capability.DATA_READ).gate is wanted


def test_of_many_places_the_last_may_be_the_open_one():
    closed = tuple(files(f"/home/ada/src/{number}/**", NO) for number in range(40))
    seen = [
        CredentialSeen(
            kind="aws.access-key", evidence=Evidence(PurePosixPath(f"/home/ada/src/{number}/.env"), 1), public_id="A"
        )
        for number in range(41)
    ]
    [credential] = build(seen, MACHINE, Config()).credentials.values()
    told = judge(reader(ASK, *closed, files("/home/ada/src/40/**", RUN))).reads(credential)
    assert told is not None
    assert told.gate in {Gate.NONE, Gate.RULE_ONLY}


# --- single acts

SETTINGS_FILE = str(HERE / ".agent" / "settings.json")
MCP = Tool("MCP", Channel.CALL, ASK, (Rule(Name("linear/get_*"), RUN), Rule(Name("linear/*"), NO)))
WEB = Tool("WebFetch", Channel.CONNECT, ASK, (Rule(Name("docs.example.com"), RUN), Rule(Name("evil.example.com"), NO)))

# (tools, channel, target, gate)
ACTS = [
    ([reader(RUN)], Channel.READ, str(KEYS), Gate.NONE),
    ([reader(RUN, files("/home/ada/.aws", NO))], Channel.READ, str(KEYS), Gate.REFUSED),
    ([reader(RUN, files("/home/ada/.aws", NO)), shell(RUN)], Channel.READ, str(KEYS), Gate.RULE_ONLY),
    ([reader(RUN, files("/home/ada/.aws", NO)), shell(ASK)], Channel.READ, str(KEYS), Gate.PROMPT),
    ([reader(NO), shell(RUN, sandbox=box())], Channel.READ, str(KEYS), Gate.NONE),
    ([shell(RUN, sandbox=box(unreadable=UNREADABLE))], Channel.READ, str(KEYS), Gate.OS_BLOCKED),
    ([writer(RUN, files(SETTINGS_FILE, NO))], Channel.WRITE, SETTINGS_FILE, Gate.REFUSED),
    ([writer(RUN, files(SETTINGS_FILE, NO)), shell(RUN)], Channel.WRITE, SETTINGS_FILE, Gate.RULE_ONLY),
    ([writer(ASK), shell(RUN, sandbox=box())], Channel.WRITE, str(HERE / "main.py"), Gate.NONE),
    ([writer(ASK), shell(RUN, sandbox=box())], Channel.WRITE, str(HOME / ".bashrc"), Gate.PROMPT),
    ([shell(RUN, sandbox=box())], Channel.WRITE, str(HOME / ".bashrc"), Gate.OS_BLOCKED),
    ([shell(ASK, command("git status", RUN))], Channel.EXECUTE, "git status --short", Gate.NONE),
    ([shell(ASK, command("git status", RUN))], Channel.EXECUTE, "git push", Gate.PROMPT),
    ([shell(RUN, command("git push", ASK))], Channel.EXECUTE, "git push origin", Gate.RULE_ONLY),
    ([shell(RUN, command("git push", NO))], Channel.EXECUTE, "git push origin", Gate.RULE_ONLY),
    ([shell(ASK, command("git push", NO))], Channel.EXECUTE, "git push origin", Gate.PROMPT),  # `sh -c` asks only
    ([shell(NO, command("git push", NO))], Channel.EXECUTE, "git push origin", Gate.REFUSED),
    ([shell(RUN, sandbox=box()), shell(ASK, name="free")], Channel.EXECUTE, "ls", Gate.NONE),
    ([WEB], Channel.CONNECT, "docs.example.com", Gate.NONE),
    ([WEB], Channel.CONNECT, "example.com", Gate.PROMPT),
    ([WEB], Channel.CONNECT, "evil.example.com", Gate.REFUSED),
    ([WEB, shell(RUN)], Channel.CONNECT, "example.com", Gate.NONE),
    ([WEB, shell(RUN)], Channel.CONNECT, "evil.example.com", Gate.RULE_ONLY),
    ([WEB, shell(ASK, command("curl", RUN))], Channel.CONNECT, "example.com", Gate.NONE),
    ([WEB, shell(RUN, sandbox=box())], Channel.CONNECT, "example.com", Gate.PROMPT),
    ([shell(RUN, sandbox=box())], Channel.CONNECT, "example.com", Gate.OS_BLOCKED),
    ([shell(RUN, sandbox=box(hosts=(Name("*.example.com"),)))], Channel.CONNECT, "a.example.com", Gate.NONE),
    ([shell(RUN, sandbox=box(hosts=ANYWHERE))], Channel.CONNECT, ENGINE, Gate.OS_BLOCKED),
    ([shell(RUN, sandbox=box(sockets=(Paths(ENGINE),)))], Channel.CONNECT, ENGINE, Gate.NONE),
    ([MCP], Channel.CALL, "linear/get_issue", Gate.NONE),
    ([MCP], Channel.CALL, "linear/save_issue", Gate.REFUSED),
    ([MCP], Channel.CALL, "github/push", Gate.PROMPT),
    ([MCP, shell(RUN)], Channel.CALL, "linear/save_issue", Gate.REFUSED),  # a shell is no way to a server's tools
    ([], Channel.CALL, "linear/get_issue", Gate.REFUSED),
]


@pytest.mark.parametrize(("tools", "channel", "target", "expected"), ACTS)
def test_what_stands_before_one_act(tools, channel, target, expected):
    assert judge(*tools).decide(channel, target).gate is expected


def test_the_usual_acts_are_told_by_name():
    found = judge(
        shell(ASK, name="Bash"),
        shell(RUN, name="Bash in the sandbox", sandbox=box()),
        reader(RUN),
        writer(ASK, files(str(HERE), RUN)),
        WEB,
    ).channels()
    assert {name: told.gate for name, told in found.items()} == {
        "read the workspace": Gate.NONE,
        "read the home": Gate.NONE,
        "change the workspace": Gate.NONE,
        "change the home": Gate.PROMPT,
        "run any command": Gate.PROMPT,  # outside of the sandbox
        "fetch from the web": Gate.PROMPT,
        "call an MCP tool": Gate.REFUSED,
        "run any command in the sandbox": Gate.NONE,
    }


def test_an_agent_that_only_runs_confined_runs_nothing_outside():
    found = judge(shell(RUN, sandbox=box())).channels()
    assert found["run any command"].gate is Gate.OS_BLOCKED
    assert found["run any command in the sandbox"].gate is Gate.NONE


# (what, tools, how much it does unasked)
AUTONOMIES = [
    ("runs unasked", [shell(RUN)], Autonomy.FULL),
    ("a model judges", [shell(JUDGED)], Autonomy.FULL),
    ("asks", [shell(ASK), writer(RUN)], Autonomy.SUPERVISED),
    ("asks, but for an interpreter", [shell(ASK, command("python3", RUN))], Autonomy.FULL),
    ("asks, but for the tests that it edits", [shell(ASK, command("npm test", RUN)), writer(RUN)], Autonomy.FULL),
    ("unknown, reckoned as asking", [shell(UNSURE)], Autonomy.SUPERVISED),
    ("unknown, reckoned as open", [shell(UNSURE_OPEN)], Autonomy.FULL),
    ("confined without network", [shell(RUN, sandbox=box())], Autonomy.SUPERVISED),
    ("confined, one host", [shell(RUN, sandbox=box(hosts=(Name("github.com"),)))], Autonomy.SUPERVISED),
    ("confined, any host", [shell(RUN, sandbox=box(**WIDE))], Autonomy.FULL),
    ("confined to reading", [shell(RUN, sandbox=Sandbox("read-only")), writer(NO)], Autonomy.RESTRICTED),
    ("confined to reading, more after asking", [shell(RUN, sandbox=Sandbox("ro")), shell(ASK)], Autonomy.SUPERVISED),
    ("only edits", [writer(RUN), reader(RUN)], Autonomy.SUPERVISED),
    ("only edits after asking", [writer(ASK)], Autonomy.SUPERVISED),
    ("only reads", [reader(RUN), shell(NO), writer(NO)], Autonomy.RESTRICTED),
    ("nothing", [], Autonomy.RESTRICTED),
]


@pytest.mark.parametrize(("tools", "expected"), [row[1:] for row in AUTONOMIES], ids=[row[0] for row in AUTONOMIES])
def test_how_much_it_does_unasked(tools, expected):
    assert judge(*tools).autonomy() is expected


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        ([shell(RUN)], True),
        ([shell(UNSURE_OPEN)], False),
        ([shell(UNSURE_OPEN), shell(JUDGED, name="Task")], True),
        ([shell(UNSURE_OPEN), shell(ASK, name="Task")], False),  # it runs unasked, if it does, by what is not known
        ([shell(ASK)], True),
        ([shell(UNSURE)], False),
        ([shell(UNSURE), shell(ASK, name="Task")], True),
        ([shell(UNSURE_OPEN), shell(RUN, name="boxed", sandbox=box())], False),
        ([shell(ASK), shell(RUN, name="boxed", sandbox=box())], True),
        ([shell(NO)], True),
        ([reader(RUN)], True),
    ],
)
def test_whether_that_rests_on_what_is_known(tools, expected):
    assert judge(*tools).is_sure() is expected


# --- laws


RULINGS = st.sampled_from([RUN, JUDGED, ASK, NO, UNSURE, OWN_RULE])
PATTERNS = st.sampled_from(
    [
        Everything(),
        Command("aws", open=True),
        Command("aws s3 ls", open=True),
        Command("python3", open=True),
        Command("npm test", open=True),
        Command("curl", open=True),
        Paths("/home/ada/.aws"),
        Paths("/home/ada/src/app"),
        Name("*"),
    ]
)
BOXES = st.sampled_from([None, None, box(), box(**WIDE), box(**WIDE, unreadable=UNREADABLE)])
TOOLS = st.builds(
    lambda channel, otherwise, rules, sandbox: Tool(
        "T", channel, otherwise, tuple(rules), sandbox if channel is Channel.EXECUTE else None
    ),
    st.sampled_from(Channel),
    RULINGS,
    st.lists(st.builds(Rule, PATTERNS, RULINGS), max_size=4),
    BOXES,
)


def factor(told):
    return gates()[told.effective].factor


@given(st.lists(TOOLS, max_size=4))
def test_the_order_of_tools_changes_nothing(tools):
    assert use(judge(*tools)).gate is use(judge(*reversed(tools))).gate


@given(st.lists(TOOLS, max_size=3), st.sampled_from(Capability))
def test_one_more_shell_that_asks_nobody_opens_everything(tools, capability):
    found = use(judge(*tools, shell(RUN)), of=capability)
    assert found.passable


@given(st.lists(TOOLS, max_size=3), TOOLS)
def test_one_more_tool_never_makes_it_harder_but_by_a_rule_that_holds_one_way_only(tools, more):
    before, after = use(judge(*tools)), use(judge(*tools, more))
    assert factor(after) >= factor(before) or (after.gate is Gate.RULE_ONLY and after.passable)


@given(st.lists(TOOLS, max_size=4))
def test_the_unrestricted_is_above_every_agent(tools):
    graph, _, _ = held()
    for exposure in reach.exposures(graph, NOW, {"agent": judge(*tools)}):
        assert exposure.ways["agent"].score <= exposure.ways[ANY_AGENT].score


# --- command lines

GIT, RM = Command("git status", open=True), Command("rm", open=True)
LINES = [
    ("git status -s", Gate.NONE),
    ("git status && git status -s", Gate.NONE),
    ("git status; rm -rf x", Gate.REFUSED),
    ("git status | tee log", Gate.PROMPT),
    ("git status $(rm x)", Gate.REFUSED),
    ("git status 'and rm x'", Gate.NONE),
]


@pytest.mark.parametrize(("line", "gate"), LINES)
def test_of_several_commands_in_a_line_the_one_that_is_held_most_decides(line, gate):
    rules = (Rule(RM, Ruling(Gate.REFUSED, "deny rm")), Rule(GIT, Ruling(Gate.NONE, "allow git status")))
    told = judge(Tool("Bash", Channel.EXECUTE, Ruling(Gate.PROMPT, "default"), rules)).channels([line])
    assert told[f"run {line}"].gate is gate


def test_a_rule_that_another_command_gets_round_is_told_with_the_way():
    shut = Rule(RM, Ruling(Gate.REFUSED, "deny rm"))
    told = judge(Tool("Bash", Channel.EXECUTE, Ruling(Gate.NONE, "default"), (shut,))).channels(["rm x"])
    assert (told["run rm x"].gate, told["run rm x, round that"].gate) == (Gate.REFUSED, Gate.RULE_ONLY)
    assert told["run rm x, round that"].channel == "runs it with any command of Bash"


def test_an_agent_that_takes_no_line_apart_is_open_behind_what_it_allows():
    allowed = Rule(Command("git status", open=True, chained=True), Ruling(Gate.NONE, "allow git status"))
    told = judge(Tool("bash", Channel.EXECUTE, Ruling(Gate.PROMPT, "default"), (allowed,)))
    assert told.decide(Channel.EXECUTE, "git status; rm -rf x").gate is Gate.NONE
    assert told.decide(Channel.EXECUTE, "rm -rf x").gate is Gate.NONE  # since any command can follow
    assert "another command may follow" in told.lanes[0].via


def test_what_is_asked_of_an_agent_is_among_its_acts():
    told = judge(Tool("Bash", Channel.EXECUTE, Ruling(Gate.PROMPT, "default")))
    assert told.channels(["kubectl delete ns shop"])["run kubectl delete ns shop"].gate is Gate.PROMPT


def test_a_rule_that_stops_a_whole_tool_is_got_round_like_any_other():
    here = Evidence(PurePosixPath("/home/ada/.claude/settings.json"), 3)
    for gate in (Gate.REFUSED, Gate.PROMPT):
        shut = Tool("Read", Channel.READ, RUN, (Rule(Everything(), Ruling(gate, "Read", here)),))
        told = judge(shut, Tool("Bash", Channel.EXECUTE, RUN)).decide(Channel.READ, "/home/ada/x")
        assert told.gate is Gate.RULE_ONLY
        assert told.rule.startswith("Read, ~/.claude/settings.json:3 holds one way only")


def test_a_default_that_asks_for_a_tool_is_no_rule():
    asks = Tool("Read", Channel.READ, Ruling(Gate.PROMPT, "default"))
    assert judge(asks, Tool("Bash", Channel.EXECUTE, RUN)).decide(Channel.READ, "/home/ada/x").gate is Gate.NONE


SHOWS = Rule(Command("echo", open=True), RUN)


@pytest.mark.parametrize(
    ("tools", "gate"),
    [
        ([shell(ASK, SHOWS)], Gate.NONE),
        ([shell(ASK)], Gate.PROMPT),
        ([shell(ASK, Rule(Command("echo hello"), RUN))], Gate.PROMPT),
        ([shell(NO, SHOWS)], Gate.NONE),
    ],
)
def test_a_variable_is_shown_by_a_command_that_prints_it(tools, gate):
    _, node, _ = held("github.classic-token", Evidence(variable="GITHUB_TOKEN"))
    assert judge(*tools).reads(node).gate is gate


# --- very many rules

WORDS = st.lists(st.sampled_from(["git", "rm", "g*t", "*", "status", "-s", " ", "x"]), min_size=0, max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(WORDS, st.booleans(), st.sampled_from([RUN, ASK, NO])), max_size=12), WORDS)
def test_to_look_rules_up_by_program_changes_no_answer(rows, line):
    target = " ".join(" ".join(line).replace("*", "i").split())
    few = tuple(Rule(Command(" ".join(words), opened), ruling) for words, opened, ruling in rows)
    filler = tuple(Rule(Command(f"filler{number}", True), RUN) for number in range(MANY_RULES))
    asked = judge(shell(UNSURE, *few, *filler)).channels([target])[f"run {target}"]
    assert asked.gate is Tool("Bash", Channel.EXECUTE, UNSURE, few).decide(target).gate


def test_a_rule_gets_round_another_whether_it_is_sure_or_not():
    shut = command("aws", NO)
    unsure = judge(shell(NO, shut, command("sh", UNSURE_OPEN)))
    told = unsure.use(*held()[1:], Capability.DATA_DESTROY)
    assert (told.gate, told.effective) == (Gate.UNKNOWN, Gate.RULE_ONLY)
