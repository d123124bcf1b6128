"""Every demand of a contract against small machines: it is kept, broken by what, or unknown and why."""

from datetime import timedelta

import pytest

from scanner.contract.samples import commands, inside, named
from scanner.contract.subject import Subject
from scanner.graph import Graph
from scanner.model import (
    Asset,
    Barrier,
    Capability,
    Confidence,
    CredentialState,
    Environment,
    Evidence,
    Fix,
    Gate,
    Grant,
    Guardrail,
    HandleSeen,
    Inheritance,
    Lifetime,
    LifetimeKind,
    Name,
    Paths,
    Platform,
    Protection,
    Rule,
    Sandbox,
    ServerSeen,
    Weakness,
)
from scanner.testing import NOW, fake_machine
from tests.contracts import (
    ASK,
    BOX,
    HERE,
    HOME,
    MACHINE,
    NO,
    RUN,
    SETTINGS,
    UNSURE,
    UNSURE_NO,
    agent,
    caller,
    clauses,
    command,
    fetcher,
    files,
    grant,
    judged,
    key,
    name,
    reader,
    shell,
    state,
    writer,
)

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
OPEN = Sandbox("bubblewrap", writable=(Paths(str(HERE)),), hosts=(Name("*"),))
SOME_HOSTS = Sandbox("bubblewrap", hosts=(Name("*.example.com"), Name("github.com")))


def unread(id="aider", title="Aider"):
    return agent(id=id, title=title, rules=None)


def life(kind="static", **ends):
    return Lifetime(LifetimeKind(kind), **{end: NOW + timedelta(hours=hours) for end, hours in ends.items()})


def server(named="linear", client="claude-code", **more):
    place = Evidence(HOME / ".mcp.json", 2)
    return ServerSeen(named, client, "user", more.pop("transport", "stdio"), "npx linear", place, **more)


def weakness(rule, line=1):
    place = Evidence(HOME / ".config" / rule, line)
    return Weakness(rule, f"It is {rule}", place, "Since it is so.", Fix("Mend it.", (f"mend {line}",)))


AUTONOMY = "require: {autonomy: {%s}}"
ASKING = agent(shell(ASK), writer(ASK))
READING = agent(shell(NO), reader(RUN))
LOOSE = agent(shell(RUN))
BOXED = agent(shell(RUN, sandbox=BOX))
NOTIONAL = agent(shell(RUN), notional=True)
GONE = {"state": CredentialState.REVOKED}

# (what, the clause, the demand, what is on the machine, state, words that say why)
AGENTS = [
    ("nobody was looked at", "require.autonomy.default", AUTONOMY % "default: supervised", [], UNKNOWN, "no agent"),
    ("it runs all unasked", "require.autonomy.default", AUTONOMY % "default: supervised", [LOOSE], FAIL, "unasked"),
    ("it asks", "require.autonomy.default", AUTONOMY % "default: supervised", [ASKING], PASS, ""),
    ("it runs unasked, and may", "require.autonomy.default", AUTONOMY % "default: full", [LOOSE], PASS, ""),
    ("it asks, and should only read", "require.autonomy.default", AUTONOMY % "default: restricted", [ASKING], FAIL, ""),
    ("it only reads", "require.autonomy.default", AUTONOMY % "default: restricted", [READING], PASS, ""),
    ("a closed sandbox", "require.autonomy.default", AUTONOMY % "default: supervised", [BOXED], PASS, ""),
    (
        "an open sandbox",
        "require.autonomy.default",
        AUTONOMY % "default: supervised",
        [agent(shell(RUN, sandbox=OPEN))],
        FAIL,
        "connects unasked",
    ),
    (
        "it asks as far as anyone knows",
        "require.autonomy.default",
        AUTONOMY % "default: supervised",
        [agent(shell(UNSURE))],
        UNKNOWN,
        "how much Claude Code may do unasked is not known",
    ),
    (
        "one of its two shells asks as far as anyone knows",
        "require.autonomy.default",
        AUTONOMY % "default: supervised",
        [agent(shell(ASK), shell(UNSURE))],
        UNKNOWN,
        "how much Claude Code may do unasked is not known",
    ),
    ("not installed", "require.autonomy.default", AUTONOMY % "default: restricted", [NOTIONAL], PASS, ""),
    (
        "one of which nothing is known",
        "require.autonomy.default",
        AUTONOMY % "default: supervised",
        [ASKING, unread()],
        UNKNOWN,
        "the rules of Aider are not known",
    ),
    (
        "isolated, and no word on that",
        "require.autonomy.default",
        AUTONOMY % "default: supervised",
        [agent(shell(RUN), isolated=True)],
        FAIL,
        "",
    ),
    (
        "isolated, and free there",
        "require.autonomy.default",
        AUTONOMY % "default: supervised, isolated: full",
        [agent(shell(RUN), isolated=True)],
        PASS,
        "",
    ),
    (
        "isolated, and bound there alone",
        "require.autonomy.isolated",
        AUTONOMY % "isolated: supervised",
        [agent(shell(RUN), isolated=True)],
        FAIL,
        "unasked",
    ),
    (
        "bound where it is isolated, which it is not",
        "require.autonomy.isolated",
        AUTONOMY % "isolated: supervised",
        [LOOSE],
        PASS,
        "",
    ),
    ("a sandbox is wanted", "require.sandbox", "require: {sandbox: true}", [LOOSE], FAIL, "outside of any sandbox"),
    ("a sandbox is there", "require.sandbox", "require: {sandbox: true}", [BOXED], PASS, ""),
    (
        "one of its two shells is in none",
        "require.sandbox",
        "require: {sandbox: true}",
        [agent(shell(RUN, sandbox=BOX), shell(RUN))],
        FAIL,
        "unasked and outside of any sandbox",
    ),
    ("who asks needs none", "require.sandbox", "require: {sandbox: true}", [ASKING], PASS, ""),
    (
        "nor who is isolated",
        "require.sandbox",
        "require: {sandbox: true}",
        [agent(shell(RUN), isolated=True)],
        PASS,
        "",
    ),
    ("nor who is not here", "require.sandbox", "require: {sandbox: true}", [NOTIONAL], PASS, ""),
    (
        "who may not ask",
        "require.sandbox",
        "require: {sandbox: true}",
        [agent(shell(UNSURE))],
        UNKNOWN,
        "whether Claude Code runs commands unasked is not known",
    ),
]

ON = "require.autonomy.production"
RESTRICTED = AUTONOMY % "production: restricted"
SUPERVISED = AUTONOMY % "production: supervised"
POSSIBLE = grant(confidence=Confidence.POSSIBLE)
BY_ENVIRONMENT = [
    ("asking is not enough", ON, RESTRICTED, [ASKING, key()], FAIL, ""),
    ("refusing is", ON, RESTRICTED, [READING, key()], PASS, ""),
    ("asking is enough", ON, SUPERVISED, [ASKING, key()], PASS, ""),
    ("not asking is not", ON, SUPERVISED, [LOOSE, key()], FAIL, ""),
    ("free there", ON, AUTONOMY % "production: full", [LOOSE, key()], PASS, ""),
    ("reading is no change", ON, SUPERVISED, [LOOSE, key("K", grant("DATA_READ"))], PASS, ""),
    ("another environment", ON, SUPERVISED, [LOOSE, key("K", grant(where="staging"))], PASS, ""),
    ("revoked", ON, SUPERVISED, [LOOSE, key(**GONE)], PASS, ""),
    ("what cannot be undone, somewhere", ON, SUPERVISED, [LOOSE, key("K", grant(where="elsewhere"))], FAIL, ""),
    ("what can be undone, somewhere", ON, SUPERVISED, [LOOSE, key("K", grant("DATA_WRITE", "elsewhere"))], PASS, ""),
    ("perhaps", ON, SUPERVISED, [LOOSE, key("K", POSSIBLE)], UNKNOWN, "a credential's rights are not known"),
    ("perhaps, and it would ask", ON, SUPERVISED, [ASKING, key("K", POSSIBLE)], PASS, ""),
    ("asks as shipped", ON, SUPERVISED, [agent(shell(UNSURE)), key()], UNKNOWN, "what stands before some ways"),
    ("not here, and judged", ON, SUPERVISED, [NOTIONAL, key()], FAIL, ""),
]

LIFETIME = "require: {lifetime: {production: 12h}}"
LIVES = "require.lifetime.production"
KEYCHAIN = "require: {protection: {production: keychain}}"
KEPT = "require.protection.production"
LIES = "require.in_workspace.production"
WORKSPACE = "require: {in_workspace: {production: false}}"
ENDED = {"lifetime": life("expires", expires_at=-1)}
SOURCE = grant(kind="git-repository", where="elsewhere")
CREDENTIALS = [
    ("no end", LIVES, LIFETIME, [key(lifetime=life())], FAIL, "it has no end"),
    ("a far end", LIVES, LIFETIME, [key(lifetime=life("expires", expires_at=13))], FAIL, "it ends in 13h"),
    ("an end to the hour", LIVES, LIFETIME, [key(lifetime=life("expires", expires_at=12))], PASS, ""),
    ("a near end", LIVES, LIFETIME, [key(lifetime=life("expires", expires_at=11))], PASS, ""),
    ("ended", LIVES, LIFETIME, [key(**ENDED)], PASS, ""),
    ("revoked", LIVES, LIFETIME, [key(lifetime=life(), **GONE)], PASS, ""),
    ("renewed for ever", LIVES, LIFETIME, [key(lifetime=life("refreshable"))], FAIL, "it has no end"),
    ("renewed for an hour", LIVES, LIFETIME, [key(lifetime=life("refreshable", refresh_until=1))], PASS, ""),
    ("of a session", LIVES, LIFETIME, [key(lifetime=life("session"))], PASS, ""),
    ("of no known life", LIVES, LIFETIME, [key(lifetime=life("unknown"))], UNKNOWN, "when it ends"),
    ("that ends some day", LIVES, LIFETIME, [key(lifetime=life("expires"))], UNKNOWN, "when it ends"),
    ("in hardware", LIVES, LIFETIME, [key(lifetime=life(), protection=Protection.HARDWARE)], PASS, ""),
    ("with a touch", LIVES, LIFETIME, [key(lifetime=life(), barrier=Barrier(Gate.PRESENCE, "touch"))], PASS, ""),
    ("elsewhere", LIVES, LIFETIME, [key("K", grant(where="staging"), lifetime=life())], PASS, ""),
    ("perhaps on production", LIVES, LIFETIME, [key("K", POSSIBLE, lifetime=life())], FAIL, "it has no end"),
    (
        "what can be undone, somewhere",
        LIVES,
        LIFETIME,
        [key("K", grant("DATA_WRITE", "elsewhere"), lifetime=life())],
        UNKNOWN,
        "the environment of what it opens",
    ),
    ("destroying, somewhere", LIVES, LIFETIME, [key("K", grant(where="elsewhere"), lifetime=life())], FAIL, ""),
    ("source", LIVES, LIFETIME, [key("K", SOURCE, lifetime=life())], PASS, ""),
    ("names alone", LIVES, LIFETIME, [key("K", grant("DISCOVER"), lifetime=life())], PASS, ""),
    ("plain text", KEPT, KEYCHAIN, [key()], FAIL, "it lies in plaintext"),
    ("encrypted, for a keychain", KEPT, KEYCHAIN, [key(protection=Protection.ENCRYPTED)], FAIL, "encrypted"),
    ("in an agent, for a keychain", KEPT, KEYCHAIN, [key(protection=Protection.AGENT)], FAIL, "agent"),
    ("a keychain", KEPT, KEYCHAIN, [key(protection=Protection.KEYCHAIN)], PASS, ""),
    ("hardware, for a keychain", KEPT, KEYCHAIN, [key(protection=Protection.HARDWARE)], PASS, ""),
    ("perhaps, in plain text", KEPT, KEYCHAIN, [key("K", POSSIBLE)], UNKNOWN, "its rights"),
    ("ended, in plain text", KEPT, KEYCHAIN, [key(**ENDED)], PASS, ""),
    ("in the workspace", LIES, WORKSPACE, [key(at=HERE / ".env")], FAIL, "it lies in a workspace"),
    ("in the next one", LIES, WORKSPACE, [key(at=HOME / "src" / "other" / ".env")], FAIL, "it lies in a workspace"),
    ("beside them", LIES, WORKSPACE, [key(at=HOME / "src" / "application")], PASS, ""),
    ("in a variable", LIES, WORKSPACE, [key(at="$TOKEN")], PASS, ""),
    ("a workspace may", LIES, "require: {in_workspace: {staging: false}}", [key(at=HERE / ".env")], None, ""),
]

GRADES = ("plaintext", "obfuscated", "encrypted", "keychain", "hardware")


@pytest.mark.parametrize("wanted", GRADES[1:])
@pytest.mark.parametrize("found", GRADES)
def test_a_secret_is_kept_as_well_as_is_asked_for(found, wanted):
    demand = f"require: {{protection: {{production: {wanted}}}}}"
    kept = GRADES.index(found) >= GRADES.index(wanted)
    assert state(KEPT, demand, key(protection=Protection(found)))[0] == (PASS if kept else FAIL)


TOKENS = "require: {tokens: {scoped: true, lifetime: 90d}}"
SCOPED, ENDS = "require.tokens.scoped", "require.tokens.lifetime"
KEYS = "require: {private_keys: encrypted}"
PINNED = "require: {servers: {pinned: true}}"
UNSEEN = "whether there is a ci was not seen from here"
HABITS = [
    ("a classic token", SCOPED, TOKENS, [key(kind="github.classic-token")], FAIL, "bound to no repository"),
    ("a fine-grained one", SCOPED, TOKENS, [key(kind="github.fine-grained-token")], PASS, ""),
    ("one that does not tell", SCOPED, TOKENS, [key(kind="npm.token")], UNKNOWN, "what it is bound to"),
    ("one of a kind that shows nothing", SCOPED, TOKENS, [key(kind="github.token")], UNKNOWN, "what it is bound to"),
    ("no token", SCOPED, TOKENS, [key(kind="aws.access-key")], PASS, ""),
    ("a token that is revoked", SCOPED, TOKENS, [key(kind="github.classic-token", **GONE)], PASS, ""),
    (
        "a token for a model",
        SCOPED,
        TOKENS,
        [key("K", grant("MONEY", "x", kind="model-api"), kind="github.classic-token")],
        PASS,
        "",
    ),
    ("no end", ENDS, TOKENS, [key(kind="github.fine-grained-token", lifetime=life())], FAIL, "it has no end"),
    ("in a week", ENDS, TOKENS, [key(kind="npm.token", lifetime=life("expires", expires_at=168))], PASS, ""),
    ("in a year", ENDS, TOKENS, [key(kind="npm.token", lifetime=life("expires", expires_at=8760))], FAIL, "365d"),
    ("some day", ENDS, TOKENS, [key(kind="npm.token", lifetime=life("expires"))], UNKNOWN, "when it ends"),
    ("some far day", ENDS, TOKENS, [key(kind="gitlab.token", lifetime=life("expires"))], FAIL, "as a rule"),
    ("a key of a cloud", ENDS, TOKENS, [key(kind="aws.access-key", lifetime=life())], FAIL, "it has no end"),
    ("a bare key", "require.private_keys", KEYS, [key(kind="ssh.private-key")], FAIL, "it has no passphrase"),
    (
        "a key that is hardly hidden",
        "require.private_keys",
        KEYS,
        [key(kind="ssh.private-key", protection=Protection.OBFUSCATED)],
        FAIL,
        "",
    ),
    (
        "a key with a passphrase",
        "require.private_keys",
        KEYS,
        [key(kind="ssh.private-key", protection=Protection.ENCRYPTED)],
        PASS,
        "",
    ),
    ("a revoked key", "require.private_keys", KEYS, [key(kind="ssh.private-key", **GONE)], PASS, ""),
    ("a lent key", "require.private_keys", KEYS, [weakness("ssh.forward-agent")], FAIL, "ssh.forward-agent"),
    ("a floating version", "require.servers.pinned", PINNED, [weakness("mcp.floating-version")], FAIL, ""),
    ("another weakness", "require.servers.pinned", PINNED, [weakness("mcp.secret-in-file")], PASS, ""),
    (
        "a secret of a server",
        "require.servers.secrets",
        "require: {servers: {secrets: false}}",
        [weakness("mcp.secret-in-file")],
        FAIL,
        "",
    ),
    (
        "an approval in advance",
        "require.servers.floating_approval",
        "require: {servers: {floating_approval: false}}",
        [weakness("mcp.auto-approved")],
        FAIL,
        "",
    ),
    (
        "a default on production",
        "require.defaults",
        "require: {defaults: {production: false}}",
        [weakness("aws.production-default")],
        FAIL,
        "aws.production-default",
    ),
    ("no default", "require.defaults", "require: {defaults: {production: false}}", [], PASS, ""),
    (
        "a default on staging",
        "require.defaults.staging",
        "require: {defaults: {staging: false}}",
        [],
        UNKNOWN,
        "only defaults on production are looked for",
    ),
    ("a guardrail not seen", "require.guardrails.ci", "require: {guardrails: [ci]}", [], UNKNOWN, UNSEEN),
    (
        "a guardrail seen",
        "require.guardrails.dotenv.*",
        'require: {guardrails: ["dotenv.*"]}',
        [Guardrail("dotenv.encrypted", "It is encrypted", SETTINGS)],
        PASS,
        "",
    ),
    (
        "a way back",
        "require.recovery.database:orders",
        'require: {recovery: {asset: "database:orders", restore_tested: 2026-06-01, owner: ada}}',
        [],
        UNKNOWN,
        "declared, not checked",
    ),
    (
        "a way back, tried tomorrow",
        "require.recovery.database:orders",
        'require: {recovery: {asset: "database:orders", restore_tested: 2026-11-22, owner: ada}}',
        [],
        UNKNOWN,
        "declared, not checked; that day has not come",
    ),
    ("a ticket", "ticket", "ticket: {goal: stop it, repositories: [acme/app]}", [], UNKNOWN, "declared, not checked"),
    ("a reason to stop", "stop_if", "stop_if: [needs a schema change]", [], UNKNOWN, "declared, not checked"),
]

READ, WRITE, ASKED, NEVER = "files.read", "files.write", "files.ask", "files.never"
IN_APP = f"{HERE}/**"
LISTS = [
    # files.read and files.write: outside of all that is listed nothing is unasked
    ("reads all", READ, 'files: {read: ["~/src/app/**"]}', [agent(reader(RUN))], FAIL, "files elsewhere"),
    (
        "reads one of two",
        READ,
        'files: {read: ["~/src/app/**", "~/src/lib/**"]}',
        [agent(reader(ASK, files(IN_APP, RUN)))],
        PASS,
        "",
    ),
    (
        "reads a third",
        READ,
        'files: {read: ["~/src/app/**", "~/src/lib/**"]}',
        [agent(reader(ASK, files(IN_APP, RUN), files("/srv/data/**", RUN)))],
        FAIL,
        "may read",
    ),
    ("a rule of part of it", READ, 'files: {read: ["src/**"]}', [agent(reader(ASK, files(IN_APP, RUN)))], FAIL, ""),
    (
        "reads where a key lies",
        READ,
        'files: {read: ["~/src/app/**"]}',
        [agent(reader(ASK, files(f"{HOME}/.k*", RUN))), key()],
        FAIL,
        "may read",
    ),
    ("the whole disk may", READ, 'files: {read: ["/**"]}', [agent(reader(RUN))], PASS, ""),
    ("the home may, it reads more", READ, 'files: {read: ["~/**"]}', [agent(reader(RUN))], FAIL, ""),
    ("by any command", READ, 'files: {read: ["~/src/app/**"]}', [agent(reader(ASK), shell(RUN))], FAIL, ""),
    ("reads as shipped", READ, 'files: {read: ["~/src/app/**"]}', [agent(reader(UNSURE))], UNKNOWN, "not set"),
    ("not installed", READ, 'files: {read: ["~/src/app/**"]}', [agent(reader(RUN), notional=True)], PASS, ""),
    ("writes all", WRITE, 'files: {write: ["~/src/app/**"]}', [agent(writer(RUN))], FAIL, "may write"),
    (
        "a sandbox writes more",
        WRITE,
        'files: {write: ["~/src/app/**"]}',
        [agent(shell(RUN, sandbox=Sandbox("box", writable=(Paths(str(HERE)), Paths("/tmp")))))],
        FAIL,
        "/tmp",
    ),
    ("a sandbox writes there", WRITE, 'files: {write: ["~/src/app/**"]}', [BOXED], PASS, ""),
    # files.ask and files.never
    ("asks there", ASKED, 'files: {ask: ["**/migrations/**"]}', [agent(writer(ASK))], PASS, ""),
    ("does not ask", ASKED, 'files: {ask: ["**/migrations/**"]}', [agent(writer(RUN))], FAIL, "migrations"),
    (
        "asks for one level only",
        ASKED,
        'files: {ask: ["**/migrations/**"]}',
        [agent(writer(RUN, files(f"{HERE}/migrations", ASK)))],
        FAIL,
        "",
    ),
    (
        "asks on every level",
        ASKED,
        'files: {ask: ["**/migrations/**"]}',
        [agent(writer(RUN, files("/**/migrations", ASK)))],
        PASS,
        "",
    ),
    (
        "the second of two globs",
        ASKED,
        'files: {ask: ["**/migrations/**", ".github/**"]}',
        [agent(writer(RUN, files("/**/migrations", ASK)))],
        FAIL,
        ".github",
    ),
    ("never, refused", NEVER, 'files: {never: ["**/.env*"]}', [agent(reader(NO), writer(NO))], PASS, ""),
    ("never, asked for", NEVER, 'files: {never: ["**/.env*"]}', [agent(reader(ASK))], FAIL, "gate prompt"),
    ("never read, yet written", NEVER, 'files: {never: ["**/.env*"]}', [agent(reader(NO), writer(RUN))], FAIL, "write"),
    (
        "refused in the workspace alone",
        NEVER,
        'files: {never: ["**/.env"]}',
        [agent(reader(RUN, files(f"{HERE}/**/.env", NO)))],
        FAIL,
        "",
    ),
    (
        "a bare name is meant anywhere",
        NEVER,
        "files: {never: [.env]}",
        [agent(reader(RUN, files(f"{HERE}/.env", NO)))],
        FAIL,
        "",
    ),
    (
        "both of braces",
        NEVER,
        'files: {never: ["~/.{aws,ssh}/**"]}',
        [agent(reader(RUN, files(f"{HOME}/.aws", NO)))],
        FAIL,
        "",
    ),
    (
        "a real file of the glob",
        NEVER,
        'files: {never: ["~/.ke*"]}',
        [agent(reader(NO, files(f"{HOME}/.keys", RUN))), key()],
        FAIL,
        "",
    ),
    (
        "the reader refuses, the shell does not",
        NEVER,
        'files: {never: ["~/.ssh/**"]}',
        [agent(reader(RUN, files(f"{HOME}/.ssh", NO)), shell(ASK))],
        FAIL,
        "",
    ),
    (
        "the sandbox stops the shell",
        NEVER,
        'files: {never: ["~/.ssh/**"]}',
        [
            agent(
                reader(RUN, files(f"{HOME}/.ssh", NO)),
                shell(RUN, sandbox=Sandbox("box", unreadable=(Paths(f"{HOME}/.ssh"),))),
            )
        ],
        PASS,
        "",
    ),
    ("refused as shipped", NEVER, 'files: {never: ["~/.ssh/**"]}', [agent(reader(UNSURE_NO))], UNKNOWN, "not set"),
    ("a glob of nothing", NEVER, 'files: {never: ["~/[!a]"]}', [agent(reader(NO))], UNKNOWN, "could be thought of"),
    # commands
    ("any command", "commands.allow", "commands: {allow: [pytest]}", [LOOSE], FAIL, "any command"),
    ("asks", "commands.allow", "commands: {allow: [pytest]}", [ASKING], PASS, ""),
    (
        "what is allowed",
        "commands.allow",
        "commands: {allow: [pytest, git diff]}",
        [agent(shell(ASK, command("pytest", RUN), command("git diff", RUN)))],
        PASS,
        "",
    ),
    (
        "one more",
        "commands.allow",
        "commands: {allow: [pytest, git diff]}",
        [agent(shell(ASK, command("pytest", RUN), command("terraform apply", RUN)))],
        FAIL,
        "terraform apply",
    ),
    (
        "a wider one",
        "commands.allow",
        "commands: {allow: [git diff]}",
        [agent(shell(ASK, command("git", RUN)))],
        FAIL,
        "git",
    ),
    (
        "one with the same letters",
        "commands.allow",
        "commands: {allow: [git]}",
        [agent(shell(ASK, command("github", RUN)))],
        FAIL,
        "github",
    ),
    ("in a sandbox", "commands.allow", "commands: {allow: [pytest]}", [BOXED], FAIL, "any command"),
    ("as shipped", "commands.allow", "commands: {allow: [pytest]}", [agent(shell(UNSURE))], UNKNOWN, "not set"),
    ("runs it unasked", "commands.ask", "commands: {ask: [git push]}", [LOOSE], FAIL, "git push"),
    ("asks for it", "commands.ask", "commands: {ask: [git push]}", [ASKING], PASS, ""),
    (
        "asks for a part",
        "commands.ask",
        "commands: {ask: [git push]}",
        [agent(shell(ASK, command("git push origin", RUN)))],
        PASS,
        "",
    ),
    (
        "asks for it, not for a shell",
        "commands.ask",
        "commands: {ask: [git push]}",
        [agent(shell(RUN, command("git push", ASK)))],
        FAIL,
        "rule-only",
    ),
    (
        "asks for it, not for a shell in the sandbox",
        "commands.ask",
        "commands: {ask: [git push]}",
        [agent(shell(RUN, command("git push", ASK), sandbox=BOX))],
        FAIL,
        "another command",
    ),
    (
        "the second is not asked for",
        "commands.ask",
        "commands: {ask: [pip install, gh pr]}",
        [agent(shell(ASK, command("gh pr", RUN)))],
        FAIL,
        "gh pr",
    ),
    ("a person may say yes", "commands.never", "commands: {never: [terraform]}", [ASKING], FAIL, "gate prompt"),
    ("no command at all", "commands.never", "commands: {never: [terraform]}", [READING], PASS, ""),
    (
        "a script in the sandbox",
        "commands.never",
        "commands: {never: [terraform]}",
        [agent(shell(RUN, command("terraform", NO), sandbox=BOX))],
        FAIL,
        "another command",
    ),
    (
        "with the option last",
        "commands.never",
        "commands: {never: [gh repo delete --yes]}",
        [agent(shell(NO, command("gh repo delete --yes", NO), command("gh repo delete", RUN)))],
        FAIL,
        "gh repo delete --yes",
    ),
    (
        "with its sub-command",
        "commands.never",
        "commands: {never: [git push]}",
        [agent(shell(NO, command("git diff", RUN)))],
        PASS,
        "",
    ),
    (
        "refused as shipped",
        "commands.never",
        "commands: {never: [terraform]}",
        [agent(shell(UNSURE_NO))],
        UNKNOWN,
        "not set",
    ),
    # network
    ("any host", "network", "network: [github.com]", [LOOSE], FAIL, "any host"),
    ("asks first", "network", "network: [github.com]", [agent(shell(ASK), fetcher(ASK))], PASS, ""),
    ("no host", "network", "network: [github.com]", [BOXED], PASS, ""),
    ("fetches any", "network", "network: [github.com]", [agent(shell(ASK), fetcher(RUN))], FAIL, "any host"),
    (
        "fetches one more",
        "network",
        "network: [github.com]",
        [agent(shell(ASK), fetcher(ASK, name("docs.example.com", RUN), name("github.com", RUN)))],
        FAIL,
        "docs.example.com",
    ),
    (
        "fetches what is listed",
        "network",
        'network: ["*.Example.com"]',
        [agent(shell(ASK), fetcher(ASK, name("docs.example.com", RUN)))],
        PASS,
        "",
    ),
    (
        "a sandbox with more hosts",
        "network",
        'network: ["*.staging.example.com", github.com]',
        [agent(shell(RUN, sandbox=SOME_HOSTS))],
        FAIL,
        "*.example.com",
    ),
    (
        "a sandbox with those hosts",
        "network",
        'network: ["*.example.com", github.com]',
        [agent(shell(RUN, sandbox=SOME_HOSTS))],
        PASS,
        "",
    ),
    (
        "a pattern of one letter is narrower than one of many",
        "network",
        'network: ["?.example.com", github.com]',
        [agent(shell(RUN, sandbox=SOME_HOSTS))],
        FAIL,
        "*.example.com",
    ),
    ("curl", "network", "network: [github.com]", [agent(shell(ASK, command("curl", RUN)))], FAIL, "any host"),
    ("every host may", "network", 'network: ["*"]', [LOOSE], PASS, ""),
    ("as shipped", "network", "network: [github.com]", [agent(shell(ASK), fetcher(UNSURE))], UNKNOWN, "not set"),
    # environment
    ("one more", "environment", "environment: [PATH]", [LOOSE], FAIL, "GITHUB_TOKEN"),
    ("a glob", "environment", 'environment: [PATH, "GITHUB_*"]', [LOOSE], PASS, ""),
    ("case tells", "environment", "environment: [PATH, github_token]", [LOOSE], FAIL, "GITHUB_TOKEN"),
    (
        "dropped",
        "environment",
        "environment: [PATH]",
        [agent(shell(RUN), policy={"commands": Inheritance(dropped=(Name("*TOKEN*"),))})],
        PASS,
        "",
    ),
    (
        "dropped for commands, not for servers",
        "environment",
        "environment: [PATH]",
        [agent(shell(RUN), policy={"commands": Inheritance(dropped=(Name("*TOKEN*"),))}), server()],
        FAIL,
        "GITHUB_TOKEN",
    ),
    ("nobody was looked at", "environment", "environment: [PATH]", [], UNKNOWN, "no agent"),
    # MCP
    ("a further server", "mcp", "mcp: {linear: [list]}", [LOOSE, server("sentry")], FAIL, "sentry"),
    ("that server", "mcp", "mcp: {linear: [list]}", [LOOSE, server()], PASS, ""),
    ("one that is off", "mcp", "mcp: {}", [LOOSE, server(enabled=False)], PASS, ""),
    ("one that may be on", "mcp", "mcp: {}", [LOOSE, server(enabled=None)], FAIL, "linear"),
    ("another agent's", "mcp", "mcp: {}", [LOOSE, server(client="vscode")], PASS, ""),
    ("its other tools ask", "mcp.linear", "mcp: {linear: [list]}", [agent(caller(ASK)), server()], PASS, ""),
    ("its other tools do not", "mcp.linear", "mcp: {linear: [list]}", [agent(caller(RUN)), server()], FAIL, "any tool"),
    (
        "one tool more",
        "mcp.linear",
        "mcp: {linear: [list]}",
        [agent(caller(ASK, name("linear/list", RUN), name("linear/delete", RUN))), server()],
        FAIL,
        "delete",
    ),
    (
        "a tool of another server",
        "mcp.linear",
        "mcp: {linear: [list]}",
        [agent(caller(ASK, name("sentry/delete", RUN))), server()],
        PASS,
        "",
    ),
    (
        "its entry approves more",
        "mcp.linear",
        "mcp: {linear: [list]}",
        [agent(caller(ASK)), server(approved=("list", "delete"))],
        FAIL,
        "delete",
    ),
    (
        "its entry approves all",
        "mcp.linear",
        "mcp: {linear: [list]}",
        [agent(caller(ASK)), server(approved=("*",))],
        FAIL,
        "approves *",
    ),
    (
        "of two agents that have it one asks nobody",
        "mcp.linear",
        "mcp: {linear: [list]}",
        [agent(caller(RUN)), agent(caller(ASK), id="codex"), server(), server(client="codex")],
        FAIL,
        "any tool",
    ),
    ("all may", "mcp.linear", 'mcp: {linear: ["*"]}', [agent(caller(RUN)), server(approved=("*",))], PASS, ""),
    ("as shipped", "mcp.linear", "mcp: {linear: [list]}", [agent(caller(UNSURE)), server()], UNKNOWN, "not set"),
    (
        "connectors",
        "mcp",
        "mcp: {}",
        [LOOSE, HandleSeen("handle.connectors", SETTINGS, "connectors")],
        UNKNOWN,
        "connectors that a vendor keeps",
    ),
]
ROWS = [row for table in (AGENTS, BY_ENVIRONMENT, CREDENTIALS, HABITS, LISTS) for row in table]


@pytest.mark.parametrize(
    ("clause", "demand", "seen", "expected", "words"), [row[1:] for row in ROWS], ids=[f"{r[1]}: {r[0]}" for r in ROWS]
)
def test_a_demand_is_kept_broken_or_unknown(clause, demand, seen, expected, words):
    found = clauses(demand, *seen).get(clause)
    assert (found.state if found is not None else None) == expected
    assert words in (found.why if found is not None else "")
    assert expected != UNKNOWN or found.why


@pytest.mark.parametrize(
    "demand",
    [
        "require: {sandbox: false}",
        "require: {defaults: {production: true}}",
        "require: {in_workspace: {production: true}}",
        "require: {servers: {pinned: false, secrets: true, floating_approval: true}}",
        "require: {tokens: {scoped: false}}",
    ],
)
def test_what_is_not_demanded_is_no_clause(demand):
    assert set(clauses(demand)) == {"allow"}


LISTED = [
    "files: {read: [a/b]}",
    "files: {write: [a/b]}",
    "files: {ask: [a/b]}",
    "files: {never: [a/b]}",
    "commands: {allow: [a]}",
    "commands: {ask: [a]}",
    "commands: {never: [a]}",
    "network: [a]",
    "environment: [PATH, GITHUB_TOKEN]",
    "require: {autonomy: {default: full}}",
    "require: {sandbox: true}",
]


@pytest.mark.parametrize("demand", LISTED)
def test_an_agent_of_unknown_rules_leaves_what_its_settings_say_unknown(demand):
    [found] = [each for each in clauses(demand, agent(shell(NO)), unread()).values() if each.id != "allow"]
    assert (found.state, found.why) == (UNKNOWN, "the rules of Aider are not known")


def test_an_agent_that_the_contract_is_not_for_leaves_nothing_unknown():
    demand = "for: {agents: [claude-code]}\nrequire: {sandbox: true}"
    assert state("require.sandbox", demand, ASKING, unread()) == (PASS, "")


def test_of_one_unknown_credential_the_kind_is_told_of_several_the_number():
    unknown = {"lifetime": life("unknown")}
    one, two = key("K1", **unknown), key("K2", at=HOME / ".keys2", **unknown)
    assert state(LIVES, LIFETIME, one)[1] == "of test.key it is not known: when it ends"
    assert state(LIVES, LIFETIME, one, two)[1] == "of 2 credentials it is not known: when it ends"


@pytest.mark.parametrize("demand", [*LISTED, "mcp: {linear: [list]}", LIFETIME, TOKENS, KEYS, PINNED])
def test_each_clause_says_on_which_line_it_stands(demand):
    found = clauses(demand)
    assert {each.where for name, each in found.items() if name != "allow"} == {"test.yaml:3"}


def test_names_of_variables_have_no_case_on_windows_alone():
    windows = fake_machine(Platform.WINDOWS, env={"Path": "C:/bin"})
    linux = fake_machine(env={"Path": "/bin"})
    assert state("environment", "environment: [PATH]", LOOSE, machine=windows)[0] == PASS
    assert state("environment", "environment: [PATH]", LOOSE, machine=linux)[0] == FAIL


@pytest.mark.parametrize("platform", Platform)
def test_paths_have_case_on_linux_alone(platform):
    machine = fake_machine(platform, workspace="~/src/app")
    reads = agent(
        reader(ASK, Rule(Paths(f"{machine.home.as_posix()}/src/app/**", platform is not Platform.LINUX), RUN))
    )
    found = state("files.read", 'files: {read: ["~/SRC/App/**"]}', reads, machine=machine)[0]
    assert found == (FAIL if platform is Platform.LINUX else PASS)


def test_an_environment_that_was_not_looked_at_is_unknown():
    found = state("environment", "environment: [PATH]", LOOSE, machine=fake_machine())
    assert found == (UNKNOWN, "the environment that agents start from was not looked at")


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("glob", ["~/.ssh/**", "**/.env.production", ".env", "~/.ssh", "src/**/*.sql", "~/[ab]?"])
def test_a_glob_of_files_means_the_paths_that_are_tried(platform, glob):
    machine = fake_machine(platform, workspace="~/src/app")
    reads = agent(reader(RUN))
    assert inside(glob, subject(machine))
    assert state("files.never", f'files: {{never: ["{glob}"]}}', reads, machine=machine)[0] == FAIL


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("terraform", ["terraform", "terraform x"]),
        ("git push", ["git push", "git push x"]),
        ("git push --force", ["git push --force", "git push --force x", "git push x --force"]),
        ("-x", ["-x", "-x x"]),
        ("kubectl * delete", ["kubectl x delete", "kubectl x delete x"]),
    ],
)
def test_a_beginning_of_commands_stands_for_these(item, expected):
    assert commands(item) == expected


@pytest.mark.parametrize(
    ("items", "glob", "expected"),
    [
        (["*"], "*", True),
        (["*.example.com"], "*.example.com", True),
        (["*.example.com"], "a.example.com", True),
        (["*.example.com"], "example.com", False),
        (["a.*", "*.com"], "*.example.com", True),
        (["?.example.com"], "*.example.com", False),
        (["a.example.com"], "*.example.com", False),
        (["*.a.example.com"], "*.example.com", False),
        (["GitHub.com"], "github.com", True),
        ([], "*", False),
    ],
)
def test_a_list_of_hosts_holds_all_that_a_glob_means(items, glob, expected):
    assert named(items, glob) is expected


def subject(machine):
    return Subject(machine, Graph(), (), {}, (), {}, {}, (), ())


def test_one_unasked_server_of_each_agent_is_told_by_the_server():
    seen = [agent(caller(RUN)), server(), server("sentry")]
    found = judged("mcp: {linear: [list]}", *seen)
    assert {item.clauses for item in found.items} == {("mcp",), ("mcp.linear",)}


def test_habits_are_one_item_and_defaults_one_each():
    habits = [weakness("mcp.floating-version", line) for line in (1, 2, 3)]
    [item] = judged(PINNED, *habits).items
    assert item.title == "It is mcp.floating-version, and 2 more of the kind"
    assert item.fix.commands == ("mend 1", "mend 2", "mend 3")
    defaults = [weakness("aws.production-default"), weakness("azure.production-default")]
    assert len(judged("require: {defaults: {production: false}}", *defaults).items) == 2


def test_an_exposure_of_many_environments_breaks_those_that_it_is_in():
    grants = tuple(
        Grant(Asset("aws-account", str(each)), frozenset({Capability.DATA_DESTROY}), Confidence.VERIFIED)
        for each in (Environment.PRODUCTION, Environment.STAGING)
    )
    demand = "require: {lifetime: {production: 12h, staging: 12h, development: 12h}}"
    found = clauses(demand, key("K", *grants, lifetime=life()))
    states = {name.rpartition(".")[2]: each.state for name, each in found.items() if name != "allow"}
    assert states == {"production": FAIL, "staging": FAIL, "development": PASS}


def test_the_machine_of_these_tests_has_two_projects():
    assert len(MACHINE.projects) == 2
