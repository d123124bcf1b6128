"""Reports made by hand: an empty machine, a usual laptop, a crowd of credentials, hostile names, every section."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from scanner.model.report import (
    SCHEMA_VERSION,
    AdviceStep,
    Agent,
    AssetInfo,
    ClassTerm,
    Clause,
    ContractInfo,
    Coverage,
    Credential,
    EdgeInfo,
    Excess,
    Exposure,
    Figures,
    Finding,
    FixInfo,
    GapInfo,
    GuardrailInfo,
    HostInfo,
    IdentityInfo,
    LifetimeInfo,
    Location,
    Principal,
    ProbeCoverage,
    ProbeRun,
    Radius,
    Report,
    ScanInfo,
    Server,
    Setting,
    SeverityCounts,
    Terms,
    ToolInfo,
    Undecided,
    UndecidedStep,
    Use,
    Verdict,
    Waiver,
    Way,
)
from scanner.model.terms import (
    Capability,
    Confidence,
    CredentialState,
    Environment,
    GapKind,
    Gate,
    LifetimeKind,
    Platform,
    Protection,
    Reversibility,
    Severity,
)

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
IMPACT = {
    Capability.DISCOVER: 0.05,
    Capability.DATA_READ: 0.35,
    Capability.SECRETS_READ: 0.75,
    Capability.DATA_WRITE: 0.5,
    Capability.DATA_DESTROY: 0.7,
    Capability.RECOVERY_DESTROY: 0.8,
    Capability.IRRECOVERABLE: 1.0,
    Capability.IAM_ESCALATE: 0.95,
    Capability.CODE_WRITE: 0.55,
    Capability.PUBLISH: 0.85,
    Capability.EXEC_REMOTE: 0.8,
    Capability.HOST_ROOT: 0.85,
    Capability.INFRA_MODIFY: 0.7,
    Capability.DEFENSE_IMPAIR: 0.6,
    Capability.COMMS: 0.45,
    Capability.MONEY: 0.8,
    Capability.PERSIST: 0.6,
}
WEIGHT = {
    Environment.PRODUCTION: 1.0,
    Environment.UNKNOWN: 0.8,
    Environment.SHARED: 0.7,
    Environment.WORKSTATION: 0.6,
    Environment.STAGING: 0.5,
    Environment.DEVELOPMENT: 0.35,
    Environment.SANDBOX: 0.15,
}
GATES = {Gate.NONE: 1.0, Gate.PROMPT: 0.6, Gate.PRESENCE: 0.5, Gate.SERVER: 0.3}
SURE = {Confidence.VERIFIED: 1.0, Confidence.GRANTED: 0.9, Confidence.INFERRED: 0.7, Confidence.POSSIBLE: 0.4}
GRAVE = {
    Capability.IRRECOVERABLE,
    Capability.DATA_DESTROY,
    Capability.RECOVERY_DESTROY,
    Capability.IAM_ESCALATE,
    Capability.PUBLISH,
    Capability.MONEY,
}
UNDONE = {
    Capability.IRRECOVERABLE: Reversibility.NO,
    Capability.RECOVERY_DESTROY: Reversibility.NO,
    Capability.DATA_READ: Reversibility.NO,
    Capability.PUBLISH: Reversibility.NO,
    Capability.COMMS: Reversibility.NO,
    Capability.CODE_WRITE: Reversibility.ACTOR,
    Capability.DISCOVER: Reversibility.ACTOR,
}
EVERY = tuple(each for each in Capability if each not in {Capability.HOST_ROOT, Capability.PERSIST})
FOREVER = LifetimeInfo(LifetimeKind.STATIC)


def way(capability, environment, gate, confidence, rule):
    terms = Terms(IMPACT[capability], WEIGHT[environment], GATES[gate], 1.0, SURE[confidence])
    score = round(terms.impact * terms.environment * terms.gate * terms.lifetime * terms.confidence, 6)
    return Way(gate, "execute", rule or "nothing asks an unrestricted process of this user", score, terms)


def severity(capability, environment):
    grave = environment is Environment.UNKNOWN and capability in GRAVE
    points = 100 * IMPACT[capability] * (1.0 if grave else WEIGHT[environment])
    return (
        Severity.CRITICAL
        if points >= 65
        else Severity.HIGH
        if points >= 45
        else Severity.MEDIUM
        if points >= 25
        else Severity.LOW
    )


def exposures(credential, asset, capabilities, confidence, *, gate=Gate.NONE, rule="", path=None, level=None):
    """The exposures of one credential on one asset."""
    return tuple(
        Exposure(
            id=f"e-{credential.id[2:]}-{asset.id[2:]}-{list(Capability).index(each):02}",
            class_=each,
            asset=asset.id,
            credential=credential.id,
            environment=asset.environment,
            confidence=confidence,
            severity=level or severity(each, asset.environment),
            urgent=level is None
            and severity(each, asset.environment).rank >= 2
            and gate is Gate.NONE
            and confidence in {Confidence.VERIFIED, Confidence.GRANTED},
            reversibility=UNDONE.get(each, Reversibility.OWNER),
            why="the kind of credential says no more" if confidence is Confidence.POSSIBLE else "its scopes say so",
            path=path or (credential.id, asset.id),
            ways={"any-agent": way(each, asset.environment, gate, confidence, rule)},
        )
        for each in capabilities
    )


def credential(id, title, locations, **more):
    told = {
        "kind": "test.token",
        "public_id": None,
        "fingerprint": None,
        "identity": None,
        "names": (),
        "lifetime": FOREVER,
        "protection": Protection.PLAINTEXT,
        "state": CredentialState.UNTESTED,
        "why": "Whoever reads it acts as its owner.",
        "narrow": "Replace it with one that ends and can do less.",
    }
    return Credential(id=id, title=title, locations=tuple(locations), **{**told, **more})


AWS_KEY = credential(
    "c-awskeyprod01",
    "AWS access key without an end",
    [
        Location(path="~/.aws/credentials", line=4, key="prod-admin"),
        Location(path="~/src/billing/.env.production", line=12, key="AWS_ACCESS_KEY_ID"),
        Location(variable="AWS_ACCESS_KEY_ID"),
    ],
    kind="aws.access-key",
    public_id="AKIA-CANARY-0001",
    fingerprint="k1a2b3c:00112233445566778899aabbccddeeff",
    identity="i-deployer0001",
    names=("profile prod-admin",),
    why="The key acts as its user in its account, from anywhere and until someone deletes it.",
    narrow="Sign in with IAM Identity Center (aws configure sso) and a read-only permission set, then delete the key.",
)
GITHUB = credential(
    "c-githubtoken1",
    "GitHub token, classic",
    [Location(path="~/.config/gh/hosts.yml", line=3, key="oauth_token")],
    kind="github.classic-token",
    identity="i-githubada001",
    names=("ada",),
    state=CredentialState.LIVE,
    narrow="Use a fine-grained token bound to the repositories of the ticket, with an end.",
)
SSO = credential(
    "c-ssosession01",
    "IAM Identity Center sign-in",
    [Location(path="~/.aws/sso/cache/d033e22ae348aeb5660fc2140aec35850c4da997.json")],
    kind="aws.sso-session",
    names=("session acme",),
    lifetime=LifetimeInfo(LifetimeKind.REFRESHABLE, NOW - timedelta(days=2, hours=3), NOW + timedelta(days=40)),
    narrow="Sign out after use (aws sso logout), and give agents a permission set of their own.",
)
STAGING = credential(
    "c-dbstaging001",
    "PostgreSQL password",
    [
        Location(path="~/.pgpass", line=2),
        Location(path="~/src/billing/docker-compose.yml", line=31, key="DATABASE_URL"),
    ],
    kind="postgres.password",
    names=("orders at db.staging.example.com",),
    lifetime=LifetimeInfo(LifetimeKind.UNKNOWN),
    narrow="Give the agent a role that can only read, and let the password end.",
)
SSH = credential(
    "c-sshkeywork01",
    "SSH key with a passphrase",
    [Location(path="~/.ssh/id_ed25519")],
    kind="ssh.private-key",
    public_id="SHA256:CANARYcanaryCANARYcanaryCANARYcanary",
    protection=Protection.ENCRYPTED,
    narrow="Keep it in hardware, or let the agent ask for each use (ssh-add -c).",
)
SESSION = credential(
    "c-sessionkey01",
    "AWS session key",
    [Location(process="node (4711)", key="AWS_SESSION_TOKEN")],
    kind="aws.session-key",
    lifetime=LifetimeInfo(LifetimeKind.EXPIRES, NOW - timedelta(hours=5)),
    state=CredentialState.EXPIRED,
    narrow="Delete the cache after use.",
)
CLIENT = credential(
    "c-ssoclient001",
    "Client registration of IAM Identity Center",
    [Location(path="~/.aws/sso/cache/registration.json")],
    kind="aws.sso-client",
    lifetime=LifetimeInfo(LifetimeKind.EXPIRES, NOW + timedelta(days=80)),
    narrow="Leave it; it ends by itself.",
)

ACCOUNT = AssetInfo(
    "a-account00001", "aws-account", "123456789012", Environment.PRODUCTION, "profile name: prod-admin", True
)
OTHER = AssetInfo("a-account00002", "aws-account", "210987654321", Environment.UNKNOWN, "nothing tells", False)
HUB = AssetInfo("a-github00001", "github-host", "github.com", Environment.UNKNOWN, "nothing tells", False)
BILLING = AssetInfo(
    "a-billing00001", "github-repository", "acme/billing", Environment.PRODUCTION, "configuration, line 3", False
)
ORDERS = AssetInfo(
    "a-orders000001", "database", "db.staging.example.com/orders", Environment.STAGING, "host name: staging", False
)
SHELL = AssetInfo("a-shellhost001", "ssh-host", "build.example.com", Environment.UNKNOWN, "nothing tells", False)

EMPTY = Report(
    schema_version=SCHEMA_VERSION,
    weights_version="1",
    data_versions={"capabilities": "1", "environments": "1"},
    tool=ToolInfo("armslength", "0.1.0"),
    scan=ScanInfo(
        id="00000000-0000-4000-8000-000000000001",
        started_at=NOW,
        finished_at=NOW + timedelta(milliseconds=412),
        duration_ms=412,
        probes=(ProbeRun("aws.files", 0, 12),),
    ),
    host=HostInfo(
        name="testbed",
        platform=Platform.LINUX,
        user="ada",
        home="/home/ada",
        workspace=None,
        neighbours=0,
        source="live",
        depth="standard",
        judged_at=NOW,
    ),
    verdicts=(),
    figures=Figures(
        excess=None,
        radius={"any-agent": Radius(0, 0)},
        undecided=Undecided(0),
        coverage=100,
        exposures=SeverityCounts(),
    ),
    principals=(Principal("any-agent", "any agent: an unrestricted process of this user"),),
    agents=(),
    servers=(),
    credentials=(),
    identities=(),
    assets=(),
    edges=(),
    exposures=(),
    findings=(),
    contract=None,
    waivers=(),
    guardrails=(),
    uses=(),
    advice=(),
    gaps=(),
    coverage=Coverage(100, (ProbeCoverage("aws.files", 7, 7),)),
)

FOUND = (
    *exposures(
        AWS_KEY,
        ACCOUNT,
        [Capability.IRRECOVERABLE],
        Confidence.INFERRED,
        path=(AWS_KEY.id, "i-deployer0001", "i-prodadmin001", ACCOUNT.id),
    ),
    *exposures(AWS_KEY, ACCOUNT, [each for each in EVERY if each is not Capability.IRRECOVERABLE], Confidence.POSSIBLE),
    *exposures(GITHUB, BILLING, [Capability.CODE_WRITE, Capability.DATA_READ], Confidence.GRANTED),
    *exposures(
        GITHUB,
        HUB,
        [Capability.CODE_WRITE, Capability.DATA_READ, Capability.PUBLISH],
        Confidence.GRANTED,
        gate=Gate.SERVER,
        rule="a review is required on the default branch",
    ),
    *exposures(SSO, OTHER, EVERY, Confidence.POSSIBLE),
    *exposures(
        STAGING, ORDERS, [Capability.DATA_READ, Capability.DATA_WRITE, Capability.DATA_DESTROY], Confidence.INFERRED
    ),
    *exposures(
        SSH,
        SHELL,
        [Capability.EXEC_REMOTE],
        Confidence.INFERRED,
        gate=Gate.PRESENCE,
        rule="the key asks for its passphrase",
    ),
    *exposures(SESSION, ACCOUNT, EVERY, Confidence.POSSIBLE, level=Severity.LOW),
)

WEAK = (
    Finding(
        id="f-readable0001",
        rule="file.readable-by-others",
        title="A file of secrets is readable by other users",
        severity=Severity.MEDIUM,
        confidence=Confidence.VERIFIED,
        principal=None,
        exposure=None,
        evidence=Location(path="~/.pgpass"),
        why="Every user of this machine can read it.",
        fix=FixInfo("Let only you read it.", ("chmod 600 ~/.pgpass",)),
        tags=("T1552.001",),
    ),
    Finding(
        id="f-persist00001",
        rule="ssh.control-persist",
        title="SSH connections stay open after use",
        severity=Severity.LOW,
        confidence=Confidence.VERIFIED,
        principal=None,
        exposure=None,
        evidence=Location(path="~/.ssh/config", line=9, key="ControlPersist"),
        why="Whoever reaches the socket uses the open connection without the key.",
        fix=FixInfo("Close them with the last session: ControlPersist no."),
    ),
)

LAPTOP = replace(
    EMPTY,
    host=replace(EMPTY.host, name="ada-laptop", workspace="~/src/billing", neighbours=11),
    figures=Figures(
        excess=None,
        radius={
            "any-agent": Radius(
                84,
                100,
                (
                    ClassTerm(Capability.IRRECOVERABLE, 0.7, "e-awskeyprod01-account00001-06", 3),
                    ClassTerm(Capability.EXEC_REMOTE, 0.32, "e-sshkeywork01-shellhost001-10", 3),
                ),
            )
        },
        undecided=Undecided(
            3,
            (
                UndecidedStep(
                    AWS_KEY.id,
                    "the key's policies are not on this machine",
                    "look at the policies of the key's user, then label the account",
                ),
                UndecidedStep(
                    SSO.id,
                    "which accounts and roles the sign-in opens is not on this machine",
                    "open the access portal and see which accounts and roles it lists",
                ),
                UndecidedStep(
                    HUB.id,
                    "the environment of github-host:github.com is not known",
                    "armslength label github-host:github.com ENVIRONMENT",
                ),
            ),
        ),
        coverage=97,
        exposures=SeverityCounts(critical=13, high=6, medium=6, low=5, urgent=1),
    ),
    credentials=(AWS_KEY, GITHUB, SSO, SSH, STAGING, SESSION, CLIENT),
    identities=(
        IdentityInfo("i-deployer0001", "aws", "123456789012", "user/deployer"),
        IdentityInfo("i-prodadmin001", "aws", "123456789012", "role/prod-admin"),
        IdentityInfo("i-githubada001", "github", "github.com", "ada"),
    ),
    assets=(ACCOUNT, OTHER, HUB, BILLING, ORDERS, SHELL),
    edges=(
        EdgeInfo(
            AWS_KEY.id,
            "i-deployer0001",
            "signs in as",
            Gate.NONE,
            "",
            Confidence.GRANTED,
            Location(path="~/.aws/credentials", line=4, key="prod-admin"),
        ),
        EdgeInfo(
            "i-deployer0001",
            "i-prodadmin001",
            "assumes",
            Gate.NONE,
            "",
            Confidence.INFERRED,
            Location(path="~/.aws/config", line=7, key="role_arn"),
        ),
        EdgeInfo(
            "i-prodadmin001",
            ACCOUNT.id,
            "may DATA_DESTROY, RECOVERY_DESTROY, IRRECOVERABLE",
            Gate.NONE,
            "",
            Confidence.INFERRED,
            None,
        ),
        EdgeInfo(
            GITHUB.id,
            "i-githubada001",
            "signs in as",
            Gate.NONE,
            "",
            Confidence.VERIFIED,
            Location(path="~/.config/gh/hosts.yml", line=3, key="oauth_token"),
        ),
        EdgeInfo(
            "i-githubada001",
            HUB.id,
            "may DATA_READ, CODE_WRITE, PUBLISH",
            Gate.SERVER,
            "a review is required on the default branch",
            Confidence.GRANTED,
            None,
        ),
    ),
    exposures=FOUND,
    findings=WEAK,
    guardrails=(
        GuardrailInfo(
            "guardrail.ssh-passphrase", "An SSH key is kept under a passphrase", Location(path="~/.ssh/id_ed25519")
        ),
    ),
    gaps=(
        GapInfo(GapKind.REFUSED, "aws.files", "~/.aws/cli/cache", "permission denied"),
        GapInfo(GapKind.REFUSED, "aws.files", "~/.aws/login/cache", "permission denied"),
        GapInfo(GapKind.FAILED, "git.config", "~/src/old/.git/config", "it is no git configuration"),
        GapInfo(GapKind.LIMIT, "sweep", "~/src/vendor", "more than 200000 entries"),
    ),
    coverage=Coverage(
        97, (ProbeCoverage("aws.files", 7, 6, ("~/.aws/cli/cache",)), ProbeCoverage("git.config", 26, 26))
    ),
)


def _crowd():
    """Two hundred credentials on ninety assets, one of them in a hundred places."""
    environments = (Environment.PRODUCTION, Environment.UNKNOWN, Environment.STAGING, Environment.DEVELOPMENT)
    assets = tuple(
        AssetInfo(f"a-{n:012}", "database", f"db-{n}.example.com/orders", environments[n % 4], "host name", False)
        for n in range(90)
    )
    found, credentials = [], []
    for n in range(200):
        one = credential(
            f"c-{n:012}",
            f"PostgreSQL password number {n}",
            [
                Location(path=f"~/src/project-{n}/config/deeply/nested/folder-{k}/database.yml", line=k + 1, key="url")
                for k in range(100 if n == 3 else 1 + n % 3)
            ],
            names=tuple(f"orders-{n}-{k}" for k in range(n % 6)),
            lifetime=LifetimeInfo(LifetimeKind.EXPIRES, NOW + timedelta(minutes=7 ** (n % 8))) if n % 2 else FOREVER,
        )
        credentials.append(one)
        sure = list(Confidence)[n % 4]
        for k in range(n % 7):
            found += exposures(one, assets[(n * 7 + k) % 90], [Capability.DATA_READ, Capability.DATA_DESTROY], sure)
    return replace(
        EMPTY,
        credentials=tuple(credentials),
        assets=assets,
        exposures=tuple(found),
        findings=tuple(
            replace(WEAK[n % 2], id=f"f-{n:012}", evidence=Location(path=f"~/src/project-{n}/.env", line=n + 1))
            for n in range(30)
        ),
        gaps=tuple(
            GapInfo(list(GapKind)[n % 3], f"probe-{n % 20}", f"~/src/project-{n}/x", "permission denied")
            for n in range(60)
        ),
    )


CROWD = _crowd()

EVIL = (
    "\x1b]0;owned\x07\x1b[31mred\x1b[0m [red]not red[/red] [link=https://x.example.com]y[/link]\r\n"
    "second line \u202egnp.exe"
)
LONG = "n" * 5000


def _hostile():
    one = credential(
        "c-hostile00001",
        EVIL,
        [
            Location(path=f"~/{EVIL}/\u2066.env\x9b2J", line=3, key=EVIL),
            Location(path="~/" + "deep/" * 800 + "the-file-that-matters.env", line=77, key="KEY"),
            Location(variable=EVIL),
            Location(process="node\x1b[2J (1)"),
            Location(path="C:\\Users\\ada\\" + "tief\\" * 60 + "Geheimnis.txt", line=5),
        ],
        public_id="漢字" * 60,
        names=(LONG, EVIL, "👩‍💻 ☺️ e\u0301", "four", "five"),
        narrow="Quote it: " + "word " * 12 + LONG[:300],
    )
    asset = AssetInfo("a-hostile00001", "bucket", EVIL + LONG, Environment.PRODUCTION, EVIL, False)
    return replace(
        EMPTY,
        host=replace(EMPTY.host, name=EVIL, user=LONG, workspace=f"~/{LONG}/{EVIL}", source="image"),
        figures=replace(
            EMPTY.figures, undecided=Undecided(1, (UndecidedStep(one.id, EVIL, f"armslength label '{EVIL}' x"),))
        ),
        credentials=(one,),
        assets=(asset,),
        exposures=exposures(one, asset, [Capability.PUBLISH], Confidence.GRANTED, gate=Gate.PROMPT, rule=EVIL),
        findings=(
            replace(
                WEAK[0],
                title=EVIL,
                why=EVIL,
                evidence=Location(path=f"~/{EVIL}"),
                fix=FixInfo(EVIL, (f"chmod 600 '{EVIL}'",)),
                tags=(EVIL,),
            ),
        ),
        guardrails=(GuardrailInfo("x", EVIL, Location(path=EVIL)),),
        gaps=(GapInfo(GapKind.FAILED, EVIL, f"~/{EVIL}", EVIL),),
    )


HOSTILE = _hostile()

# What later changes fill too, so that the document is seen whole.
COMPLETE = replace(
    LAPTOP,
    verdicts=(
        Verdict("any-agent", "destroy-production", "likely", 1, "e-awskeyprod01-account00001-06"),
        Verdict("any-agent", "ship-code", "yes", 1, "e-githubtoken1-billing00001-08"),
        Verdict("any-agent", "tamper", "none found (4 gaps)", 0, None),
    ),
    figures=replace(LAPTOP.figures, excess=Excess(4, 61)),
    credentials=(AWS_KEY, GITHUB, SSO),
    assets=(ACCOUNT, HUB, BILLING),
    exposures=tuple(each for each in FOUND if each.credential == GITHUB.id or each.confidence is Confidence.INFERRED)[
        :4
    ],
    principals=(*LAPTOP.principals, Principal("p-claudecode01", "Claude Code", "claude-code", "~/src/billing")),
    agents=(
        Agent(
            "claude-code",
            "Claude Code",
            True,
            Location(path="~/.claude/settings.json"),
            (
                Setting(
                    "permissions.defaultMode", "acceptEdits", "user", Location(path="~/.claude/settings.json", line=3)
                ),
            ),
            {"execute": Gate.PROMPT, "read": Gate.NONE},
        ),
    ),
    servers=(
        Server(
            "s-linear000001",
            "linear",
            "claude-code",
            "",
            True,
            Location(path="~/.claude.json", line=12),
            "user",
            "http",
            url="https://mcp.linear.app/mcp",
            headers=("Authorization",),
        ),
        Server(
            "s-ordersdb0001",
            "orders-db",
            "claude-code",
            "npx @modelcontextprotocol/server-postgres",
            None,
            Location(path="~/src/billing/.mcp.json", line=3),
            "project ~/src/billing",
            "stdio",
            package="@modelcontextprotocol/server-postgres",
            pinned=False,
            variables=("PGAPPNAME",),
            roots=("~/src",),
            approved=("*",),
            from_repository=True,
        ),
        Server(
            "s-memory000001",
            "memory",
            "windsurf",
            "npx @modelcontextprotocol/server-memory@1.2.0",
            False,
            Location(path="~/.codeium/windsurf/mcp_config.json", line=3),
            "user",
            "stdio",
            package="@modelcontextprotocol/server-memory@1.2.0",
            pinned=True,
            approved=("read_graph",),
        ),
    ),
    findings=(
        *WEAK,
        replace(
            WEAK[0],
            id="f-excess000001",
            rule="contract.production-write",
            title="Production can be destroyed beyond recovery",
            severity=Severity.CRITICAL,
            confidence=Confidence.INFERRED,
            principal="any-agent",
            exposure="e-awskeyprod01-account00001-06",
            evidence=Location(path="~/.aws/credentials", line=4, key="prod-admin"),
            why="The contract lets nobody destroy data and its recovery in production.",
            fix=FixInfo("Replace the key by a sign-in that can only read.", ("aws configure sso",)),
            tags=("T1485", "T1490"),
        ),
    ),
    contract=ContractInfo(
        "laptop",
        "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        (
            Clause(
                "never.1",
                "nothing that destroys recovery",
                "fail",
                FixInfo("Delete the key.", ("aws iam delete-access-key --access-key-id AKIA-CANARY-0001",)),
            ),
        ),
        ("github-repository:acme/other",),
    ),
    waivers=(Waiver("f-persist00001", "ada", "migrating", "2026-12-01"),),
    uses=(Use(GITHUB.id, "git push", 14, NOW - timedelta(days=1), Location(path="~/.bash_history", line=210)),),
    advice=(
        AdviceStep(
            "d-deletekey01",
            "Delete the access key of deployer",
            ("aws iam delete-access-key --access-key-id AKIA-CANARY-0001",),
            ("e-awskeyprod01-account00001-06",),
        ),
    ),
)

WITHHELD = replace(
    COMPLETE,
    host=replace(LAPTOP.host, withheld="started by Claude Code: verdicts and counts only"),
    credentials=(),
    exposures=(),
    findings=(),
    identities=(),
    assets=(),
    edges=(),
)

ALL = {
    "empty": EMPTY,
    "laptop": LAPTOP,
    "crowd": CROWD,
    "hostile": HOSTILE,
    "complete": COMPLETE,
    "withheld": WITHHELD,
}
