"""Reports with agents and a contract: every gate and answer, an agent that is not installed, and a great crowd."""

from msgspec.structs import replace

from scanner.model.report import (
    AdviceStep,
    Agent,
    Before,
    Clause,
    ContractInfo,
    Excess,
    Finding,
    FixInfo,
    Location,
    Principal,
    Setting,
    UndecidedStep,
    Verdict,
    Waiver,
)
from scanner.model.terms import Autonomy, Confidence, Gate, Severity
from tests.reports import samples
from tests.reports.samples import AWS_KEY, GITHUB, LAPTOP, SSO, STAGING, WEAK

CLAUDE = Principal(
    "claude-code",
    "Claude Code",
    "claude-code",
    "~/src/billing",
    "acceptEdits",
    Autonomy.FULL,
    alone=("leak", "ship-code"),
    asks=("escalate",),
)
CODEX = Principal("codex", "OpenAI Codex", "codex", "~/src/billing", "on-request", Autonomy.SUPERVISED)
CURSOR = Principal("cursor", "Cursor", "cursor", None, "auto", Autonomy.FULL, notional=True)
RULE = 'permissions.allow "Bash(make:*)", ~/.claude/settings.json:7'
MAKE = "uses ~/.config/gh/hosts.yml with any command of Bash, since make runs what is written"
STEP = UndecidedStep(SSO.id, "the token opens each account assigned to the user", "aws sso list-accounts")
SHOWN = GITHUB.id
HUB = "e-githubtoken1-billing00001-08"
REACHED = (HUB, "e-awskeyprod01-account00001-06")


def reached(exposure):
    """The exposure with a way for each agent: nothing asks, a rule that binds one tool, and what is not known."""
    [mine] = exposure.ways.values()
    held = mine.gate is not Gate.NONE
    asked = replace(mine, score=round(mine.score * 0.6, 6), terms=replace(mine.terms, gate=mine.terms.gate * 0.6))
    ways = {
        "any-agent": mine,
        "claude-code": replace(mine, channel=MAKE, rule=RULE, gate=mine.gate if held else Gate.NONE),
        "codex": replace(asked, gate=Gate.PROMPT, channel="runs it outside the sandbox", rule="Codex's default"),
        "cursor": replace(
            asked, gate=Gate.UNKNOWN, stands_for=Gate.PROMPT, channel="runs it", rule="its settings are elsewhere"
        ),
    }
    return replace(exposure, ways=ways)


ASKED = (
    "destroy-production",
    "destroy-backups",
    "leak",
    "ship-code",
    "escalate",
    "run-elsewhere",
    "speak-or-spend",
    "tamper",
)


def answered(principal, **told):
    """All eight answers of a principal: those that are told, and none found."""
    rows = [(each, told.get(each.replace("-", "_"), ("none found", 0, None))) for each in ASKED]
    return tuple(Verdict(principal, each, *row) for each, row in rows)


FIRST = (1, HUB, SHOWN, Gate.NONE, 3)
VERDICTS = (
    *answered("any-agent", leak=("yes", *FIRST), ship_code=("yes", *FIRST)),
    *answered(
        "claude-code",
        destroy_production=("likely", 1, REACHED[1], AWS_KEY.id, Gate.NONE, 1),
        leak=("yes", 1, None, AWS_KEY.id, Gate.RULE_ONLY, 2),
        ship_code=("yes", *FIRST),
        run_elsewhere=("undecided", 0, None, SSO.id, Gate.NONE, 4, STEP),
    ),
    *answered("codex", leak=("if approved", 1, None, AWS_KEY.id, Gate.PROMPT, 2)),
    *answered("cursor", ship_code=("undecided", 0, HUB, SHOWN, Gate.UNKNOWN, 1)),
)
ALLOWED = "only when a person says yes: read data, read secrets, change data, delete data, change source code"


def item(id, title, principal, **more):
    """A finding of the contract."""
    told = {
        "rule": "allow.12",
        "severity": Severity.CRITICAL,
        "confidence": Confidence.GRANTED,
        "exposure": HUB,
        "exposures": (HUB,),
        "evidence": Location(path="~/.config/gh/hosts.yml", line=3, key="oauth_token"),
        "why": ALLOWED,
        "fix": FixInfo("Log it out.", ("gh auth logout", "gh auth login --scopes read:org")),
        "tags": ("contract",),
        "principals": (principal,),
        "clauses": ("allow.12",),
    }
    return Finding(id=id, title=title, principal=principal, **{**told, **more})


ITEMS = (
    item(
        "f-github000001",
        "GitHub token, classic, ada",
        "claude-code",
        urgent=True,
        gate=Gate.NONE,
        credential=GITHUB.id,
        principals=("any-agent", "claude-code", "codex"),
        exposures=(HUB, "e-githubtoken1-billing00001-01", "e-githubtoken1-github00001-08"),
        clauses=("allow.12", "never.1", "require.tokens.lifetime", "require.tokens.scoped"),
        way=f"Claude Code {MAKE}",
    ),
    item(
        "f-awskey000001",
        "AWS access key without an end, profile prod-admin",
        "cursor",
        exposure=REACHED[1],
        exposures=(REACHED[1],),
        gate=Gate.UNKNOWN,
        confidence=Confidence.INFERRED,
        credential=AWS_KEY.id,
        evidence=AWS_KEY.locations[0],
        fix=FixInfo(AWS_KEY.narrow),
        way="Cursor uses ~/.aws/credentials",
    ),
    item(
        "f-autonomy0001",
        "Claude Code runs commands and connects unasked",
        "claude-code",
        severity=Severity.HIGH,
        exposure=None,
        exposures=(),
        clauses=("require.autonomy.default",),
        evidence=Location(path="~/.claude/settings.json", line=7, key="permissions.allow[1]"),
        fix=FixInfo('Set "defaultMode": "default".', ("claude --permission-mode default",)),
    ),
    item("f-waived000001", "PostgreSQL password", "claude-code", waived="ada until 2026-12-01", credential=STAGING.id),
)
CLAUSES = (
    Clause("never.1", "never publish in production, unless a person is there", "fail", ITEMS[0].fix, "laptop:91",
           "", ("f-github000001",)),
    Clause("allow.12", ALLOWED, "fail", ITEMS[0].fix, "laptop:53", "", ("f-github000001", "f-awskey000001")),
    Clause("require.autonomy.default", "agents are at most supervised", "fail", ITEMS[2].fix, "laptop:97",
           "", ("f-autonomy0001",)),
    Clause("never.2", "never destroy backups", "unknown", None, "laptop:75",
           "the rights of 1 credential are not known; aws sso list-accounts"),
    Clause("require.sandbox", "what runs unasked runs in a sandbox", "pass", None, "laptop:108"),
)  # fmt: skip

ACTS = {
    "run any command": Before(Gate.NONE, "runs it with any command of Bash", RULE),
    "read the home": Before(Gate.RULE_ONLY, "reads the file with Bash", "permissions.deny binds one tool"),
    "call an MCP tool": Before(Gate.UNKNOWN, "calls x/x", "kept in its database", Gate.PROMPT),
    "change the home": Before(Gate.OS_BLOCKED, "changes the file with Bash", "the sandbox"),
}
SETTINGS = (
    Setting("permissions.allow", "2 entries", "user", Location(path="~/.claude/settings.json", line=7, key="allow")),
)
AGENTS = (
    Agent(
        "claude-code",
        "Claude Code",
        True,
        Location(path="~/.local/bin/claude"),
        SETTINGS,
        {act: before.gate for act, before in ACTS.items()},
        ACTS,
        "2.1.0",
    ),
    Agent(
        "codex",
        "OpenAI Codex",
        False,
        Location(path="~/.codex/config.toml"),
        channels={"run any command": Gate.PROMPT},
    ),
    Agent("cursor", "Cursor", False, Location(), notional=True, channels={"run any command": Gate.UNKNOWN}),
)

JUDGED = replace(
    LAPTOP,
    verdicts=VERDICTS,
    figures=replace(LAPTOP.figures, excess=Excess(3, 61)),
    principals=(*LAPTOP.principals, CLAUDE, CODEX, CURSOR),
    agents=AGENTS,
    credentials=tuple(
        replace(
            each,
            mend=FixInfo("Sign in, then delete the key.", ("aws configure sso", "aws iam delete-access-key")),
            readings={
                "claude-code": Before(Gate.RULE_ONLY, "reads the file with Bash", "permissions.deny binds one tool"),
                "cursor": Before(Gate.UNKNOWN, "reads the file", "not known", Gate.NONE),
            },
            account_wide=True,
        )
        if each is AWS_KEY
        else each
        for each in LAPTOP.credentials
    ),
    exposures=tuple(map(reached, LAPTOP.exposures)),
    findings=(*ITEMS, *WEAK),
    contract=ContractInfo(
        "laptop",
        "sha256:00",
        CLAUSES,
        ("DATA_READ on github-repository:acme/other",),
        ("claude-code", "codex", "cursor"),
        "laptop",
        "2026-12-31",
    ),
    waivers=(Waiver("f-waived000001", "ada", "migrating", "2026-12-01"),),
    advice=(
        AdviceStep("v-1", "GitHub token: Log it out.", ("gh auth logout",), (HUB,), "f-github000001", Excess(2, 40)),
    ),
)

NOTIONAL = replace(
    JUDGED,
    verdicts=tuple(each for each in answered("cursor", leak=("likely", 1, None, AWS_KEY.id, Gate.UNKNOWN, 2))),
    principals=(CURSOR,),
    agents=AGENTS[2:],
)


def _crowded():
    """Sixty agents that differ, two hundred items, and every question answered by another way."""
    agents = [replace(CLAUDE, id=f"agent-{n:02}", title=f"Agent number {n}", notional=n % 9 == 0) for n in range(60)]
    credentials = [each.id for each in samples.CROWD.credentials]
    answers = ["yes", "likely", "if approved", "undecided"]
    verdicts = []
    for n, agent in enumerate(agents):
        told = {
            each.replace("-", "_"): (answers[(n + k) % 4], n, None, credentials[k], list(Gate)[(n + k) % 5], n)
            for k, each in enumerate(ASKED)
        }
        verdicts += answered(agent.id, **told)
    items = tuple(
        replace(ITEMS[n % 4], id=f"f-{n:012}", evidence=Location(path=f"~/src/project-{n}/.env", line=n + 1))
        for n in range(200)
    )
    return replace(
        samples.CROWD,
        verdicts=tuple(verdicts),
        principals=(*samples.CROWD.principals, *agents),
        agents=tuple(replace(AGENTS[0], id=each.id, title=each.title) for each in agents),
        findings=(*samples.CROWD.findings, *items),
        contract=replace(JUDGED.contract, judged=tuple(each.id for each in agents)),
        figures=replace(samples.CROWD.figures, excess=Excess(150, 99)),
    )


CROWDED = _crowded()
ALL = {"judged": JUDGED, "notional": NOTIONAL, "crowded": CROWDED}
