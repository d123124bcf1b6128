"""The variables that Claude Code hands on, and what it is signed in with."""

from collections.abc import Iterator

from probes.agents.claude.here import Here
from probes.agents.claude.modes import Account
from probes.agents.claude.reads import ALLOWLIST, LOGIN, METERED, SCRUB, STATE
from probes.agents.claude.settings import Found, Settings
from probes.agents.documents import Documents
from scanner.host import Host
from scanner.model import INHERITS_ALL, Evidence, Inheritance, Name

ON = frozenset({"1", "true", "yes", "on"})
SUBSCRIPTIONS = frozenset({"pro", "max", "team"})

# What the switch was seen to take from all children. GITHUB_TOKEN and GH_TOKEN stay, and so do addresses.
SCRUBBED = (
    *("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "ANTHROPIC_FOUNDRY_API_KEY"),
    *("ANTHROPIC_AWS_API_KEY", "ANTHROPIC_BEDROCK_MANTLE_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"),
    *(
        "AWS_ACCESS_KEY_ID",
        "SSH_AUTH_SOCK",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
        "GOOGLE_APPLICATION_CREDENTIALS",
    ),
    *("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"),
    *("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL", "ALL_INPUTS"),
    *("OVERRIDE_GITHUB_TOKEN", "DEFAULT_WORKFLOW_TOKEN", "SSH_SIGNING_KEY"),
    *("OPENAI_API_KEY", "GEMINI_API_KEY", "HF_TOKEN", "DATABASE_PASSWORD", "PGPASSWORD", "NPM_TOKEN", "TWINE_PASSWORD"),
    *(
        "CARGO_REGISTRY_TOKEN",
        "SLACK_TOKEN",
        "GITLAB_TOKEN",
        "VAULT_TOKEN",
        "CLOUDFLARE_API_TOKEN",
        "STRIPE_SECRET_KEY",
    ),
)
BASELINE = ("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "CLAUDE_*")


def switched(name: str, host: Host, settings: Settings, *, trusted: bool) -> Inheritance | None:
    """Where a variable is switched on, as an empty filter; None where it is off.

    Settings set variables over those that are inherited. A project's may switch on once its folder is trusted.
    """
    found = next(_set(name, settings, trusted=trusted), None)
    if found is not None:
        return Inheritance(rule=f"env.{name}", evidence=found.evidence) if is_on(found.node.text) else None
    text = host.variable(name)
    return Inheritance(rule=name, evidence=Evidence(variable=name)) if text is not None and is_on(text) else None


def _set(name: str, settings: Settings, *, trusted: bool) -> Iterator[Found]:
    for found in settings.each("env", name):
        if trusted or not found.source.needs_trust or not is_on(found.node.text):
            yield found


def is_on(text: str) -> bool:
    """Whether a variable's text switches something on."""
    return text.strip().casefold() in ON


def of_commands(scrub: Inheritance | None) -> Inheritance:
    """What commands inherit."""
    if scrub is None:
        return INHERITS_ALL
    return Inheritance(dropped=tuple(map(Name, SCRUBBED)), rule=scrub.rule, evidence=scrub.evidence)


def of_servers(scrub: Inheritance | None, baseline: Inheritance | None) -> Inheritance:
    """What MCP servers inherit."""
    if baseline is None:
        return of_commands(scrub)
    return Inheritance(tuple(map(Name, BASELINE)), rule=baseline.rule, evidence=baseline.evidence)


def scrubs(host: Host, settings: Settings, *, trusted: bool) -> Inheritance | None:
    """Where children lose the variables of Anthropic and the clouds."""
    return switched(SCRUB, host, settings, trusted=trusted)


def baselines(host: Host, settings: Settings, *, trusted: bool) -> Inheritance | None:
    """Where servers get no more than the usual variables."""
    return switched(ALLOWLIST, host, settings, trusted=trusted)


def account(documents: Documents, here: Here, settings: Settings) -> Account:
    """What it is signed in with: a plan that stands in its login, or what is paid by use."""
    plan = plan_of(documents, here)
    metered = _metered(documents, here, settings)
    if plan in SUBSCRIPTIONS:
        return Account.UNKNOWN if metered else Account.SUBSCRIPTION  # which of the two it takes, a person is asked
    return Account.METERED if metered or plan == "enterprise" else Account.UNKNOWN


def plan_of(documents: Documents, here: Here) -> str:
    """The plan that the login names, empty where there is none."""
    told = (document.root.said("claudeAiOauth", "subscriptionType") for document in documents.read(here.in_use(LOGIN)))
    return next((plan for plan in told if plan), "")


def _metered(documents: Documents, here: Here, settings: Settings) -> bool:
    if any(documents.host.variable(name) for name in METERED) or settings.word("apiKeyHelper") is not None:
        return True
    if any(next(settings.each("env", name, among=settings.trusted_ones), None) is not None for name in METERED):
        return True
    return any(document.root.said("primaryApiKey") for document in documents.read(here.in_use(STATE)))
