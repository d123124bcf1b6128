"""What to do about each kind of clause: no clause fails without a mend, and none is unknown without a step."""

import pytest
from msgspec.structs import replace

from scanner.data.clauses import agent_mend, agents_with_rules
from scanner.model import (
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    Evidence,
    Fix,
    Gap,
    GapKind,
    Grant,
    Guardrail,
    HandleSeen,
    Inheritance,
    Lifetime,
    LifetimeKind,
    Platform,
    ServerSeen,
    Step,
    Weakness,
)
from scanner.testing import fake_machine
from tests.contracts import (
    ASK,
    HOME,
    RUN,
    UNSURE,
    agent,
    caller,
    clauses,
    fetcher,
    grant,
    judged,
    key,
    reader,
    shell,
    writer,
)

FREE = agent(shell(RUN), reader(RUN), writer(RUN), fetcher(RUN), policy={"commands": Inheritance()})
UNSET = agent(shell(UNSURE), reader(UNSURE), writer(UNSURE), fetcher(UNSURE), caller(UNSURE))
STRANGE = agent(id="aider", title="Aider", rules=None)
AWS = key("AKIACANARY", kind="aws.access-key")
TOKEN = key("T", grant("CODE_WRITE"), kind="github.classic-token")
PERHAPS = CredentialSeen(
    "aws.access-key",
    Evidence(HOME / ".aws" / "credentials", 2),
    public_id="AKIACANARY",
    names=("profile prod",),
    grants=(grant(confidence=Confidence.POSSIBLE),),
    undecided=Step("its policies are not known", "aws sts get-caller-identity --profile prod"),
)
SOMEWHERE = key("S", Grant(Asset("database", "orders"), frozenset({Capability.DATA_DESTROY}), Confidence.VERIFIED))
READING = key("R", Grant(Asset("database", "orders"), frozenset({Capability.DATA_READ}), Confidence.VERIFIED))
FOREVER = key("F", kind="npm.token", lifetime=Lifetime(LifetimeKind.UNKNOWN))
PLACE = Evidence(HOME / ".claude.json", 4)
SERVER = ServerSeen("linear", "claude-code", "user", "stdio", "npx linear", PLACE, approved=("*",))
CONNECTED = HandleSeen(
    "handle.connectors",
    Evidence(HOME / ".claude.json"),
    "connectors",
    undecided=Step("they are kept on the account", "open https://vendor.example, and see what is connected there"),
)
WEAK = Weakness(
    "kubernetes.production-default",
    "the context is production",
    Evidence(HOME / ".kube" / "config", 4),
    why="w",
    fix=Fix("Leave no context current.", ("kubectl config unset current-context",)),
)
CLOSED = "require: {autonomy: {default: supervised, production: restricted}}"

# The clause, the contract, what is there, and a word of the mend: a command, or a setting and its file.
FAILING = [
    ("never.1", "never: [{capability: DATA_DESTROY}]", [FREE, AWS], "aws "),
    ("allow", "", [FREE, AWS], "aws "),
    ("allow.1", "allow: [{capability: DATA_DESTROY, gate: prompt}]", [FREE, AWS], "aws "),
    ("environment", "environment: [PATH]", [FREE], "unset GITHUB_TOKEN"),
    ("files.read", 'files: {read: ["~/src/app/**"]}', [FREE], "~/.claude/settings.json"),
    ("files.write", 'files: {write: ["~/src/app/**"]}', [FREE], "~/.claude/settings.json"),
    ("files.ask", 'files: {ask: ["**/migrations/**"]}', [FREE], "~/.claude/settings.json"),
    ("files.never", 'files: {never: ["~/.ssh/**"]}', [FREE], "~/.claude/settings.json"),
    ("commands.allow", "commands: {allow: [pytest]}", [FREE], "~/.claude/settings.json"),
    ("commands.ask", "commands: {ask: [git push]}", [FREE], "~/.claude/settings.json"),
    ("commands.never", "commands: {never: [terraform]}", [FREE], "~/.claude/settings.json"),
    ("network", "network: [github.com]", [FREE], "~/.claude/settings.json"),
    ("mcp", "mcp: {}", [FREE, SERVER], "claude mcp remove linear"),
    ("mcp.linear", "mcp: {linear: [get_issue]}", [FREE, SERVER], "only get_issue by name"),
    ("require.autonomy.default", CLOSED, [FREE], '"defaultMode": "default"'),
    ("require.autonomy.production", CLOSED, [FREE, AWS], "aws "),
    ("require.sandbox", "require: {sandbox: true}", [FREE], '"sandbox": {"enabled": true'),
    ("require.defaults", "require: {defaults: {production: false}}", [WEAK], "kubectl config unset current-context"),
    ("require.lifetime.production", "require: {lifetime: {production: 12h}}", [FREE, AWS], "aws "),
    ("require.protection.production", "require: {protection: {production: keychain}}", [FREE, AWS], "aws "),
    (
        "require.in_workspace.production",
        "require: {in_workspace: {production: false}}",
        [FREE, key("W", kind="aws.access-key", at=HOME / "src" / "app" / ".env")],
        "aws ",
    ),
    ("require.private_keys", "require: {private_keys: encrypted}", [key("P", kind="ssh.private-key")], "ssh-keygen -p"),
    ("require.tokens.scoped", "require: {tokens: {scoped: true}}", [TOKEN], "fine-grained"),
    ("require.tokens.lifetime", "require: {tokens: {lifetime: 90d}}", [TOKEN], "fine-grained"),
    *(
        (
            f"require.servers.{word}",
            f"require: {{servers: {{{word}: {wanted}}}}}",
            [Weakness(rule, "w", Evidence(HOME / ".mcp.json", 3), why="w", fix=Fix("Write a whole version."))],
            "Write a whole version.",
        )
        for word, wanted, rule in [
            ("pinned", "true", "mcp.floating-version"),
            ("secrets", "false", "mcp.secret-in-file"),
            ("floating_approval", "false", "mcp.auto-approved"),
        ]
    ),
]
UNKNOWN = [
    ("never.1", "never: [{capability: DATA_DESTROY}]", [FREE, PERHAPS], "profile prod: aws sts get-caller-identity"),
    ("allow", "", [FREE, PERHAPS], "profile prod: aws sts get-caller-identity"),
    ("allow.1", "allow: [{capability: DATA_DESTROY, gate: prompt}]", [UNSET, AWS], "See it in Claude Code itself"),
    *(
        (clause, text, [UNSET], "See it in Claude Code itself")
        for clause, text in [
            ("files.read", 'files: {read: ["~/src/app/**"]}'),
            ("files.ask", 'files: {ask: ["**/migrations/**"]}'),
            ("commands.ask", "commands: {ask: [git push]}"),
            ("network", "network: [github.com]"),
            ("require.autonomy.default", CLOSED),
            ("require.sandbox", "require: {sandbox: true}"),
        ]
    ),
    ("files.never", 'files: {never: ["~/.ssh/**"]}', [STRANGE], "The rules of Aider are not known"),
    ("require.autonomy.default", CLOSED, [STRANGE, agent(shell(ASK))], "--agent claude-code"),
    ("mcp", "mcp: {}", [FREE, CONNECTED], "open https://vendor.example"),
    ("mcp.linear", "mcp: {linear: [get_issue]}", [UNSET, replace(SERVER, approved=())], "See it in Claude Code itself"),
    ("require.autonomy.production", CLOSED, [FREE, PERHAPS], "aws sts get-caller-identity"),
    ("require.lifetime.production", "require: {lifetime: {production: 12h}}", [SOMEWHERE], "Say which environment"),
    ("require.protection.production", "require: {protection: {production: keychain}}", [READING], "database:orders"),
    ("require.tokens.scoped", "require: {tokens: {scoped: true}}", [FOREVER], "what it is bound to and when it ends"),
    (
        "require.tokens.lifetime",
        "require: {tokens: {lifetime: 90d}}",
        [FOREVER],
        "what it is bound to and when it ends",
    ),
    ("require.defaults.staging", "require: {defaults: {staging: false}}", [], "kubectl config current-context"),
    ("require.guardrails.ci", "require: {guardrails: [ci]}", [], ".github/workflows/ci.yml"),
    (
        "require.recovery.database:orders",
        'require: {recovery: {asset: "database:orders", restore_tested: 2026-06-01, owner: ada}}',
        [],
        "Ask ada",
    ),
    ("ticket", "ticket: {goal: stop duplicate invoices}", [], "Ask whoever gave the ticket"),
    ("stop_if", "stop_if: [needs a schema change]", [], "AGENTS.md"),
    ("network", "network: [github.com]", [agent(shell(ASK)), Gap(GapKind.LIMIT, "", "too long")], "--time-limit"),
]


def told(fix):
    return "\n".join((fix.summary, *fix.commands))


@pytest.mark.parametrize(("clause", "text", "seen", "word"), FAILING, ids=[row[0] for row in FAILING])
def test_what_fails_has_a_mend_that_names_a_command_or_a_setting(clause, text, seen, word):
    found = clauses(text, *seen)[clause]
    assert (found.state, word in told(found.fix)) == ("fail", True), found


@pytest.mark.parametrize(("clause", "text", "seen", "word"), UNKNOWN, ids=[f"{row[0]}: {row[3]}" for row in UNKNOWN])
def test_what_is_unknown_has_the_step_that_would_decide_it(clause, text, seen, word):
    found = clauses(text, *seen)[clause]
    assert (found.state, word in told(found.fix)) == ("unknown", True), found


def test_what_an_outside_probe_alone_knows_has_a_mend_too():
    [item] = judged("", FREE, key()).items
    assert item.fix.summary


def test_an_environment_that_nobody_looked_at_has_a_step():
    machine = fake_machine(workspace="~/src/app", env={})
    found = clauses("environment: [PATH]", FREE, machine=machine)["environment"]
    assert (found.state, "--no-env" in found.fix.summary) == ("unknown", True)


def test_on_windows_a_variable_is_unset_as_powershell_does_it():
    machine = fake_machine(Platform.WINDOWS, env={"GITHUB_TOKEN": "CANARY", "PATH": "x"})
    [item] = judged("environment: [PATH]", FREE, machine=machine).items
    assert item.fix.commands == ("Remove-Item Env:GITHUB_TOKEN",)


GUARDRAILS = (
    *("secret-scan-hook", "secret-scan-ci", "code-scanning-ci", "ci", "code-owners", "protected-default-branch"),
    *("devcontainer", "worktree", "container-start", "agent-audit-trail", "agent-rules", "agent-managed-settings"),
    *("dotenv.encrypted", "gateway.aws-sso", "gateway.teleport", "gateway.granted"),
)


@pytest.mark.parametrize("platform", Platform)
def test_each_guardrail_has_a_step_of_its_own(platform):
    machine = fake_machine(platform)
    names = ", ".join(f'"{name}"' for name in sorted(GUARDRAILS))
    found = clauses(f"require: {{guardrails: [{names}, ssh.key-in-hardware]}}", machine=machine)
    steps = {name: found[f"require.guardrails.{name}"].fix.summary for name in (*GUARDRAILS, "ssh.key-in-hardware")}
    assert len(set(steps.values())) == len(steps) - 1  # one for all gateways but AWS's own
    assert "was not seen" in steps["ssh.key-in-hardware"]


def test_a_guardrail_that_is_there_wants_no_step():
    seen = Guardrail("ci", "CI is set up", Evidence(HOME / "ci.yml"))
    found = clauses("require: {guardrails: [ci]}", seen)["require.guardrails.ci"]
    assert (found.state, found.fix) == ("pass", None)


@pytest.mark.parametrize("id", agents_with_rules())
@pytest.mark.parametrize("text", ["require: {sandbox: true}", CLOSED, 'files: {never: ["~/.ssh/**"]}'])
def test_every_agent_has_a_mend(id, text):
    free = agent(shell(RUN), reader(RUN), writer(RUN), id=id, title="It")
    failing = [each for each in clauses(text, free).values() if each.state == "fail"]
    assert failing
    assert all(each.fix.summary for each in failing)


def test_unknown_clauses_of_one_credential_have_one_step():
    text = "never: [{capability: DATA_DESTROY}, {environment: production}]"
    found = clauses(text, FREE, PERHAPS)
    assert found["never.1"].fix is not None
    assert found["never.1"].fix == found["never.2"].fix


@pytest.mark.parametrize("id", agents_with_rules())
@pytest.mark.parametrize("word", ["ask", "restrict", "sandbox", "never-files", "never-commands", "network"])
def test_no_mend_of_an_agent_is_a_command_that_starts_it_otherwise_once(id, word):
    lasting = ("sudo apt-get install ", "copilot config ")
    assert all(each.startswith(lasting) for each in agent_mend(id, [word], Platform.LINUX).commands)
