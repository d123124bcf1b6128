"""Small machines whose figures were worked out on paper: a function for each case, its reckoning in the docstring.

The tables are those of `scanner/data/weights.toml`. Score of a way = impact x environment x gate x lifetime x
confidence. Severity = 100 x impact x environment, where an unknown environment counts as production for what cannot be
undone: critical from 65, high from 45, medium from 25. Urgent = high or more, sure (granted, verified), nobody asked.
"""

import base64
import json
from collections.abc import Mapping
from struct import pack

from scanner.host import Machine
from scanner.host.ports import FileKind
from scanner.testing import FakeFile, agent_answer, fake_machine
from scanner.tokens import fill

SEED = "hand-worked"
PROGRAM = FakeFile("", mode=0o755)
AGENT = "/run/user/1000/ssh-agent.socket"
ENGINE = "/var/run/docker.sock"
ROOTLESS = "/run/user/1000/docker.sock"
CONFINED = {
    "enabled": True,
    "autoAllowBashIfSandboxed": True,
    "failIfUnavailable": True,
    "allowUnsandboxedCommands": False,
    "network": {"allowedDomains": [], "strictAllowlist": True},  # else it asks a person for each further host
}
# Claude Code's three ways to be set up here.
BYPASS = {"permissions": {"defaultMode": "bypassPermissions"}}  # gate none
ASKING = {"permissions": {"defaultMode": "default"}}  # gate prompt: commands, and files outside of the folder
# Commands run unasked, without any network; what they print goes to the model all the same.
SANDBOX = {"permissions": {"defaultMode": "default"}, "sandbox": CONFINED}

Files = Mapping[str, str | FakeFile]


def machine(settings: dict[str, object], files: Files | None = None, **more: object) -> Machine:
    """A Linux laptop with Claude Code in `~/src/orders`, set up like that, and these files."""
    trusted = {"projects": {"/home/ada/src/orders": {"hasTrustDialogAccepted": True}}, "hasCompletedOnboarding": True}
    tree: dict[str, str | FakeFile] = {
        "/usr/bin/bwrap": PROGRAM,
        "/usr/bin/socat": PROGRAM,
        "~/.local/bin/claude": PROGRAM,
        "~/.claude/settings.json": json.dumps(settings),
        "~/.claude.json": FakeFile(json.dumps(trusted), mode=0o600),
        "~/src/orders/.git/config": "[core]\n\tbare = false\n",
        **{path: fill(each, SEED) if isinstance(each, str) else each for path, each in (files or {}).items()},
    }
    return fake_machine(files=tree, workspace="~/src/orders", **more)  # type: ignore[arg-type]  # passed through


def secret(text: str) -> FakeFile:
    """A file that only its owner reads, its placeholders filled."""
    return FakeFile(fill(text, SEED), mode=0o600)


# --- AWS


def administrators_key() -> Machine:
    """A static key that becomes AdministratorAccess in an account whose profile is called production; nobody asks.

    Every class `inferred` (the role's name says so, one `sts:AssumeRole` away), production, gate none, no end:
    IRRECOVERABLE 1.00 critical, score .70; IAM_ESCALATE .95 critical, .665; PUBLISH .85, .595; RECOVERY_DESTROY,
    EXEC_REMOTE, MONEY .80, .56; SECRETS_READ .75, .525; DATA_DESTROY, INFRA_MODIFY .70, .49 (all critical);
    DEFENSE_IMPAIR .60, .42; CODE_WRITE .55, .385; DATA_WRITE .50, .35; COMMS .45, .315 (high); DATA_READ .35 medium,
    .245; DISCOVER .05 low, .035. Urgent: none, since inferred is not sure.
    Verdicts: destroy-production, destroy-backups, ship-code, escalate, run-elsewhere, speak-or-spend, tamper likely;
    leak yes, since the key's text is read unasked. Decides all alone. Weakness: a long-lived key.
    """
    return machine(
        BYPASS,
        {
            "~/.aws/credentials": secret(
                "[base]\naws_access_key_id = {token:aws-key-prod}\naws_secret_access_key = {token:aws-secret}\n"
            ),
            "~/.aws/config": (
                "[profile production]\nrole_arn = arn:aws:iam::210987654321:role/AdministratorAccess\n"
                "source_profile = base\n"
            ),
        },
    )


def key_of_unknown_rights() -> Machine:
    """A static key of which nothing is known, and an agent that asks.

    Every class `possible`, environment unknown (.8), gate prompt (.6), no end. Severity takes unknown as production
    for what cannot be undone: IRRECOVERABLE 100, IAM_ESCALATE 95, PUBLISH 85, RECOVERY_DESTROY 80, MONEY 80,
    DATA_DESTROY 70 critical; at .8 EXEC_REMOTE 64, SECRETS_READ 60, INFRA_MODIFY 56, DEFENSE_IMPAIR 48 high;
    CODE_WRITE 44, DATA_WRITE 40, COMMS 36, DATA_READ 28 medium; DISCOVER 4 low.
    Scores = impact x .8 x .6 x 1 x .4 = impact x .192: IRRECOVERABLE .192, IAM_ESCALATE .1824, EXEC_REMOTE .1536.
    Ceiling of any-agent: 1.0. Verdicts: undecided, all but leak, which is "if approved": the key's text is read after
    a yes. The step asks AWS, then labels the account. Excess: the key alone, which has no end.
    """
    return machine(
        ASKING,
        {
            "~/.aws/credentials": secret(
                "[default]\naws_access_key_id = {token:aws-key}\naws_secret_access_key = {token:aws-secret}\n"
            )
        },
    )


def read_only_role() -> Machine:
    """A cached session of ReadOnlyAccess in production with fifty minutes left; nobody asks.

    DATA_READ .35 x production = 35 medium; DISCOVER 5 low; nothing else: AWS itself gives the name its meaning.
    Lifetime: up to an hour, .85. Scores: DATA_READ .35 x 1 x 1 x .85 x .7 = .20825 (inferred), DISCOVER .02975.
    Verdicts: leak yes by the key's text, and likely by production's data; all others none found.
    """
    cached = (
        '{"Credentials": {"AccessKeyId": "{token:aws-session-key}", "SecretAccessKey": "{token:aws-secret}",'
        ' "SessionToken": "{token:aws-session-token}", "Expiration": "2026-11-21T10:50:00Z"},'
        ' "AssumedRoleUser": {"AssumedRoleId": "AROAEXAMPLE:ada",'
        ' "Arn": "arn:aws:sts::210987654321:assumed-role/ReadOnlyAccess/ada"}}'
    )
    return machine(
        BYPASS,
        {
            "~/.aws/cli/cache/0c2b9f2f4f1e0a3e7d1d3c5b7a9e8f6d4c2b1a09.json": secret(cached),
            "~/.aws/config": (
                "[profile production-read]\nrole_arn = arn:aws:iam::210987654321:role/ReadOnlyAccess\n"
                "credential_source = Environment\n"
            ),
        },
    )


def key_of_staging() -> Machine:
    """A static key of a profile called staging; nobody asks.

    Every class `possible`, staging (.5), gate none: IRRECOVERABLE 50, IAM_ESCALATE 47.5 high; PUBLISH 42.5,
    RECOVERY_DESTROY, EXEC_REMOTE, MONEY 40, SECRETS_READ 37.5, DATA_DESTROY, INFRA_MODIFY 35, DEFENSE_IMPAIR 30,
    CODE_WRITE 27.5, DATA_WRITE 25 medium; COMMS 22.5, DATA_READ 17.5, DISCOVER 2.5 low.
    Scores = impact x .5 x 1 x 1 x .4 = impact x .2: IRRECOVERABLE .20, IAM_ESCALATE .19.
    Verdicts: destroy-production none found, since staging is none; those that ask about more than production
    undecided; leak yes by the key's text. Excess: the key, which has no end, and the agent that asks nobody.
    """
    return machine(
        BYPASS,
        {
            "~/.aws/credentials": secret(
                "[staging]\naws_access_key_id = {token:aws-key}\naws_secret_access_key = {token:aws-secret}\n"
            )
        },
    )


def expired_sign_in() -> Machine:
    """AdministratorAccess in production by a sign-in that ended last night and cannot renew itself; nobody asks.

    A person has to sign in: presence (.5), though the agent asks nobody. Every class inferred, production, and the
    profile itself has no end: IRRECOVERABLE 100 critical, score 1 x 1 x .5 x 1 x .7 = .35; IAM_ESCALATE .3325;
    DATA_READ 35 medium, .1225. The ended token lies there too: severity low, lifetime .05: IRRECOVERABLE
    1 x 1 x 1 x .05 x .7 = .035. Urgent: none.
    Verdicts: "if approved" wherever AdministratorAccess reaches; leak too at most: what can be read has ended.
    """
    ended = (
        '{"startUrl": "https://acme.awsapps.com/start", "region": "eu-west-1",'
        ' "accessToken": "{token:password.sso}{token:hex.sso}", "expiresAt": "2026-11-20T17:00:00Z"}'
    )
    return machine(
        BYPASS,
        {
            "~/.aws/config": (
                "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n\n"
                "[profile production]\nsso_session = acme\nsso_account_id = 210987654321\n"
                "sso_role_name = AdministratorAccess\n"
            ),
            "~/.aws/sso/cache/1f2e3d4c5b6a798897a6b5c4d3e2f1a0b1c2d3e4.json": secret(ended),
        },
    )


# --- SSH

CONFIG = "Host web\n    HostName web-1.prod.example.com\n    User deploy\n    IdentityFile ~/.ssh/{name}\n"


def key_in_hardware() -> Machine:
    """A security key that wants a touch, for a host of production; the agent asks nobody.

    EXEC_REMOTE .80 x production = 80 critical; a touch each time: presence (.5); inferred from the client's settings.
    Scores: EXEC_REMOTE .80 x 1 x .5 x 1 x .7 = .28; DATA_READ, inferred too, 35 medium, .35 x .5 x .7 = .1225;
    SECRETS_READ, which it brings along one degree lower (possible), 75 critical, .75 x .5 x .4 = .15.
    Verdicts: run-elsewhere "if approved", and leak by what lies on the host; the file holds no key. Urgent: none.
    Excess: only the agent that asks nobody, since presence stands before production.
    """
    return machine(
        BYPASS,
        {
            "~/.ssh/id_ed25519_sk": FakeFile(hardware_key(), mode=0o600),
            "~/.ssh/config": CONFIG.replace("{name}", "id_ed25519_sk"),
        },
    )


def key_behind_a_passphrase() -> Machine:
    """An encrypted key for a host of production, not loaded; the agent asks nobody.

    As with hardware: presence (.5), EXEC_REMOTE 80 critical, score .28. Verdicts: run-elsewhere "if approved".
    Guardrail: the key has a passphrase. Excess: only the agent that asks nobody.
    """
    return machine(
        BYPASS,
        {
            "~/.ssh/id_ed25519": secret("{sshkey:encrypted-ed25519}\n"),
            "~/.ssh/config": CONFIG.replace("{name}", "id_ed25519"),
        },
    )


def key_behind_a_passphrase_and_loaded() -> Machine:
    """The same key, held by an agent that was given the passphrase in the morning; nobody asks.

    The file's gate stays presence; by the socket there is none. EXEC_REMOTE 80 critical, score .80 x 1 x 1 x 1 x .7 =
    .56; twice what the file alone gives. Verdicts: run-elsewhere likely. Urgent: none (inferred). Excess: the loaded
    key runs code in production unasked, where the contract wants a prompt; and the agent that asks nobody.
    """
    files = {
        "~/.ssh/id_ed25519": secret("{sshkey:encrypted-ed25519}\n"),
        "~/.ssh/config": CONFIG.replace("{name}", "id_ed25519"),
        AGENT: FakeFile(kind=FileKind.SOCKET),
    }
    blob = base64.b64decode(fill("{sshpub:encrypted-ed25519}", SEED).split(" ")[1])
    return machine(BYPASS, files, env={"SSH_AUTH_SOCK": AGENT}, agents={AGENT: agent_answer([(blob, "ada@laptop")])})


def hardware_key() -> str:
    """The file of a key in a security key that wants a touch (PROTOCOL.u2f): a handle and no secret."""

    def part(data: bytes) -> bytes:
        return pack(">I", len(data)) + data

    public = hardware_public()
    private = pack(">II", 7, 7) + public + bytes([1]) + part(b"handle") + part(b"") + part(b"ada@laptop")
    data = (
        b"openssh-key-v1\0" + part(b"none") + part(b"none") + part(b"") + pack(">I", 1) + part(public) + part(private)
    )
    label = "OPENSSH PRIVATE" + " KEY"  # in two, so that no scan for keys takes this line for one
    return f"-----BEGIN {label}-----\n{base64.b64encode(data).decode()}\n-----END {label}-----\n"


# --- containers

ANSWER = (
    '{"ServerVersion": "28.3.2", "OperatingSystem": "Debian GNU/Linux 13 (trixie)", "DockerRootDir": "/var/lib/docker",'
    ' "Name": "testbed", "SecurityOptions": ["name=seccomp,profile=builtin"%s]}'
)
VERSION = (
    '{"Version": "28.3.2", "ApiVersion": "1.51", "Os": "linux", "Platform": {"Name": "Docker Engine - Community"}}'
)


def rootful_socket() -> Machine:
    """The socket of an engine that runs as root, which answered; nobody asks.

    HOST_ROOT .85 x workstation (.6) = 51 high, verified, gate none: urgent; score .85 x .6 = .51. It brings along
    SECRETS_READ .75 x .6 = 45 high, urgent, score .45, and PERSIST .60 x .6 = 36 medium, score .36.
    Verdicts: escalate yes; tamper yes; leak yes, of other users' secrets. Excess: HOST_ROOT unasked, and the agent.
    """
    files = {ENGINE: FakeFile(kind=FileKind.SOCKET)}
    return machine(BYPASS, files, engines={ENGINE: {"version": VERSION, "info": ANSWER % ""}})


def rootful_socket_before_a_sandbox() -> Machine:
    """The same socket, and Claude Code whose commands are confined: no unix socket is open to them.

    any-agent as before. claude-code: os-blocked, factor 0, out of the score, since nothing of it runs outside of the
    sandbox. Verdicts of claude-code: escalate none found. Excess: none.
    """
    files = {ENGINE: FakeFile(kind=FileKind.SOCKET)}
    return machine(SANDBOX, files, engines={ENGINE: {"version": VERSION, "info": ANSWER % ""}})


def rootless_socket() -> Machine:
    """The socket of an engine without root, and an agent that asks.

    What it opens is the user's own already: PERSIST .60 x .6 = 36 medium, possible, prompt: score .60 x .6 x .6 x .4 =
    .0864. No HOST_ROOT. Verdicts: escalate none found, tamper undecided. Excess: none.
    """
    files = {ROOTLESS: FakeFile(kind=FileKind.SOCKET)}
    engines = {ROOTLESS: {"version": VERSION, "info": ANSWER % ', "name=rootless"'}}
    return machine(ASKING, files, engines=engines, env={"XDG_RUNTIME_DIR": "/run/user/1000"})


# --- forges


def classic_token_before_a_sandbox() -> Machine:
    """A classic token in the environment, and commands that run unasked without any network.

    Use: os-blocked for claude-code (no network, and nothing runs outside), factor 0. Reading: none, since any command
    prints the variable, and what it prints goes to the model. any-agent: CODE_WRITE .55 x .8 = 44 medium, inferred,
    score .55 x .8 x .7 = .308; DATA_READ 28 medium, .196; COMMS 36 medium, .252; possible: PUBLISH 85 critical,
    .85 x .8 x .4 = .272; IAM_ESCALATE 95 critical, .304; EXEC_REMOTE 64 high, .256; SECRETS_READ 60 high, .24;
    DATA_DESTROY 70 critical, .224; PERSIST, DEFENSE_IMPAIR 48 high, .192. Who can give itself rights has every other
    class too, as possible as that: IRRECOVERABLE 100 critical, .32. Urgent: none.
    Verdicts: claude-code leak yes, ship-code none found; any-agent ship-code likely. Excess: a token without scopes
    and end, whoever uses it.
    """
    return machine(SANDBOX, env={"GITHUB_TOKEN": fill("{token:github-classic}", SEED)})


def classic_token() -> Machine:
    """The same token, and nobody asks: CODE_WRITE .308, gate none; ship-code likely, leak yes."""
    return machine(BYPASS, env={"GITHUB_TOKEN": fill("{token:github-classic}", SEED)})


def fine_grained_token() -> Machine:
    """A fine-grained token in the environment, and an agent that asks.

    DATA_READ .35 x .8 = 28 medium, inferred, prompt, an end that is not known: score .35 x .8 x .6 x 1 x .7 = .1176.
    The rest possible: PUBLISH 85 critical, .85 x .8 x .6 x .4 = .1632; CODE_WRITE 44 medium, .1056. Urgent: none.
    Verdicts: ship-code undecided (--live=github decides), leak "if approved". Excess: none.
    """
    return machine(ASKING, env={"GH_TOKEN": fill("{token:github-fine-grained}", SEED)})


# --- the founding incident, and nothing at all


def volume_and_backups() -> Machine:
    """Railway's account token in the .env file of another project, which stage it is nobody said; nobody asks.

    The provider cannot narrow it: granted, and account-wide. Environment unknown, as production where nothing can be
    undone: IRRECOVERABLE 100 critical, score 1 x .8 x 1 x 1 x .9 = .72, urgent; DATA_DESTROY 70, RECOVERY_DESTROY 80,
    MONEY 80 critical, urgent, .504, .576, .576; EXEC_REMOTE 64, SECRETS_READ 60, INFRA_MODIFY 56 high, urgent, .576,
    .54, .504; DATA_WRITE 40, DATA_READ 28 medium, .36, .252.
    Verdicts: destroy-backups yes, the first line; destroy-production, run-elsewhere, speak-or-spend, leak yes;
    ship-code none found. Excess: `never`, and the token itself.
    """
    return machine(
        BYPASS,
        {
            "~/src/status-page/.git/config": "[core]\n\tbare = false\n",
            "~/src/status-page/.env": secret("# restarts the worker at night\nRAILWAY_API_TOKEN={token:uuid}\n"),
        },
        neighbours=["~/src/status-page"],
    )


def empty() -> Machine:
    """Nothing but a home: no agent, no login. A notional agent is judged, and finds nothing: every figure is 0."""
    return fake_machine(files={"~/src/orders/README.md": "Orders.\n"}, workspace="~/src/orders")


def keeps_its_contract() -> Machine:
    """An agent that asks, whose commands are confined, and logins that want a person each time: excess 0.

    Key in hardware, which the forge may know (presence .5): CODE_WRITE .55 x .8 = 44 medium, possible, score
    .55 x .8 x .5 x .4 = .088; os-blocked for claude-code. Staging by a sign-in that ended (presence): IRRECOVERABLE
    50 high, possible, 1 x .5 x .5 x .4 = .1. A database on this machine: development (.35), DATA_DESTROY 24.5 low,
    .70 x .35 x 1 x .7 = .1715 for any-agent, allowed. Not urgent, nothing in `never`, nothing of `require` is broken.
    Verdicts: none is yes or likely; leak of the development password is a leak that no question counts.
    """
    files = {
        "~/.aws/config": (
            "[sso-session acme]\nsso_start_url = https://acme.awsapps.com/start\nsso_region = eu-west-1\n\n"
            "[profile staging]\nsso_session = acme\nsso_account_id = 444455556666\nsso_role_name = DeveloperAccess\n"
        ),
        "~/.ssh/known_hosts": "github.com {sshpub:plain-ed25519.github}\n",
        "~/src/orders/.git/config": '[remote "origin"]\n\turl = git@github.com:acme/orders.git\n',
        "~/src/orders/.env": "DATABASE_URL=postgresql://orders:orders@localhost:5432/orders\n",
        AGENT: FakeFile(kind=FileKind.SOCKET),
    }
    answer = agent_answer([(hardware_public(), "ada@laptop")])
    return machine(SANDBOX, files, env={"SSH_AUTH_SOCK": AGENT}, agents={AGENT: answer})


def hardware_public() -> bytes:
    """The public half of a key in a security key."""
    parts = (b"sk-ssh-ed25519@openssh.com", b"p" * 32, b"ssh:")
    return b"".join(pack(">I", len(each)) + each for each in parts)


CASES = {
    case.__name__: case
    for case in (
        administrators_key,
        key_of_unknown_rights,
        read_only_role,
        key_of_staging,
        expired_sign_in,
        key_in_hardware,
        key_behind_a_passphrase,
        key_behind_a_passphrase_and_loaded,
        rootful_socket,
        rootful_socket_before_a_sandbox,
        rootless_socket,
        classic_token,
        classic_token_before_a_sandbox,
        fine_grained_token,
        volume_and_backups,
        empty,
        keeps_its_contract,
    )
}
