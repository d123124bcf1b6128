"""What a report shows of Claude Code's settings, and what is weak in them."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.claude.hooks import EVENTS
from probes.agents.claude.modes import ALIASES, AUTO, BYPASS, EDITS, MODES, Account, is_ignored
from probes.agents.claude.reads import ALLOWLIST, PREFIX, SCRUB
from probes.agents.claude.settings import Found, Scope, Settings, Source
from probes.agents.claude.tools import Basis
from probes.agents.claude.vendor import AGENT
from scanner.model import Evidence, Fix, SettingSeen, Weakness

SHOWN_WORDS = frozenset({*MODES, *ALIASES, "disable"})
BEARING = (
    *(("permissions", key) for key in ("defaultMode", "disableBypassPermissionsMode", "disableAutoMode")),
    ("disableAutoMode",),
    *(("permissions", key) for key in ("deny", "ask", "allow", "additionalDirectories")),
    *(("permissions", key) for key in ("blockReadsOutsideWorkingDirectories", "blockWritesOutsideWorkingDirectories")),
    ("permissions", "denyInsteadOfPrompting"),
    *((key,) for key in ("allowManagedPermissionRulesOnly", "allowManagedHooksOnly", "disableAllHooks")),
    *(("hooks", event) for event in EVENTS),
    *(("sandbox", key) for key in ("enabled", "autoAllowBashIfSandboxed", "allowUnsandboxedCommands")),
    *(("sandbox", key) for key in ("failIfUnavailable", "excludedCommands", "enabledPlatforms")),
    *(("sandbox", key) for key in ("enableWeakerNestedSandbox", "enableWeakerNetworkIsolation", "allowAppleEvents")),
    *(("sandbox", "filesystem", key) for key in ("allowWrite", "denyWrite", "denyRead", "allowRead", "disabled")),
    *(("sandbox", "network", key) for key in ("allowedDomains", "deniedDomains", "strictAllowlist")),
    *(("sandbox", "network", key) for key in ("allowManagedDomainsOnly", "allowUnixSockets", "allowAllUnixSockets")),
    *(("sandbox", "credentials", key) for key in ("files", "envVars")),
    *((key,) for key in ("enableAllProjectMcpServers", "enabledMcpjsonServers", "allowManagedMcpServersOnly")),
    *((key,) for key in ("disableSideloadFlags", "strictPluginOnlyCustomization", "disableSkillShellExecution")),
    *((key,) for key in ("skipDangerousModePermissionPrompt", "enabledPlugins", "extraKnownMarketplaces")),
    ("env",),
    *(("env", key) for key in (SCRUB, ALLOWLIST, PREFIX)),
)
USER_ONLY = frozenset({"permissions.denyInsteadOfPrompting", "sandbox.filesystem.disabled", "sandbox.allowAppleEvents"})
UNTRUSTED = frozenset(
    {
        *("permissions.allow", "permissions.additionalDirectories", "enableAllProjectMcpServers"),
        "enabledMcpjsonServers",
    }
)


class Session(Struct, frozen=True):
    """A session of the agent: what its policy is made of, and what that was read from; `process` where it runs now."""

    basis: Basis
    settings: Settings
    account: Account
    trusted: bool
    process: str | None = None


def settings_seen(session: Session) -> Iterator[SettingSeen]:
    """Each setting that bears on the gates, whoever made it, and what nobody set but counts."""
    for keys in BEARING:
        for found in session.settings.each(*keys):
            value = _value(found)
            if value:
                yield _seen(found.key, value + _note(found, session), found.source.scope, found.evidence)
    yield _trust(session)
    mode = session.basis.mode
    place = mode.evidence or Evidence(session.basis.here.config)
    yield _seen("mode", mode.name + (", not certain" if session.basis.doubt else ""), "in force", place)
    sandbox = session.basis.sandbox
    if sandbox.enabled is not None and sandbox.missing:
        value = "refuses commands: " if sandbox.shut else "does not start: "
        yield _seen("sandbox", value + sandbox.missing, "in force", sandbox.enabled.evidence)


def _seen(key: str, value: str, scope: str, evidence: Evidence) -> SettingSeen:
    return SettingSeen(AGENT, key, value, scope, evidence)


def _value(found: Found) -> str:
    """A setting in a word: switches and modes as they are, lists by their length, nothing that anybody could type."""
    node = found.node
    if node.flag is not None:
        return "true" if node.flag else "false"
    if node.items is not None or node.members is not None:
        count = len(node.items or node.pairs)
        return f"{count} {'entry' if count == 1 else 'entries'}" if count else ""
    if found.key == f"env.{PREFIX}":
        return "every command runs through it"
    if found.key.startswith("env."):
        return "1" if node.text == "1" else "set"
    return node.text if node.text in SHOWN_WORDS else "of another value"


def _note(found: Found, session: Session) -> str:
    """Why a setting does not count."""
    source = found.source
    if found.key == "permissions.defaultMode" and (is_ignored(found) or _is_vain(found)):
        return ", ignored in a project"
    if source.from_project and found.key in USER_ONLY:
        return ", ignored in a project"
    if source.needs_trust and not session.trusted and found.key in UNTRUSTED:
        return ", ignored until the folder is trusted"
    if source.needs_trust and not session.trusted and found.key == "env":
        return ", which -p sets before the folder is trusted"
    return ""


def _is_vain(found: Found) -> bool:
    return found.source.from_project and found.node.text == AUTO


def _trust(session: Session) -> SettingSeen:
    where = session.basis.here
    state = where.home / ".claude.json" if where.config == where.home / ".claude" else where.config / ".claude.json"
    value = "true" if session.trusted else "not yet, so that rules of the project allow nothing"
    return _seen("hasTrustDialogAccepted", value, Scope.USER, Evidence(state, key="projects"))


# --- what is weak


def weaknesses(session: Session) -> Iterator[Weakness]:
    """What is wrong whatever can be reached."""
    yield from _unasked(session)
    yield from _unstarted(session)
    yield from _extended(session)


def _unasked(session: Session) -> Iterator[Weakness]:
    mode = session.basis.mode
    if mode.name != BYPASS or mode.evidence is None or mode.doubt:
        return
    yield Weakness(
        "agent.asks-nothing",
        "Claude Code runs, writes and connects without asking",
        mode.evidence,
        f"{mode.rule}: nobody sees what it does before it is done, and only rules that deny or ask hold it.",
        Fix(
            'Set permissions.defaultMode to "acceptEdits" or "default", and switch on its sandbox for unattended work.'
        ),
        ("autonomy",),
    )


def _unstarted(session: Session) -> Iterator[Weakness]:
    sandbox = session.basis.sandbox
    if sandbox.enabled is None or not sandbox.missing or sandbox.shut:
        return
    yield Weakness(
        "agent.sandbox-cannot-start",
        "Claude Code's sandbox is switched on, and cannot start",
        sandbox.enabled.evidence,
        f"Commands run without it, with a warning that is easily missed: {sandbox.missing}.",
        Fix("Install what it needs, and set sandbox.failIfUnavailable to true, so that commands wait for it."),
        ("sandbox",),
    )


def _extended(session: Session) -> Iterator[Weakness]:
    """What a project's own settings give the agent, which whoever commits to it decides."""
    found = next(_given(session), None)
    if found is None:
        return
    yield Weakness(
        "agent.rights-from-repository",
        "A project gives Claude Code more rights than you do",
        found.evidence,
        f"{found.key} in {found.source.name} holds for everybody who opens the project, and who commits to it decides.",
        Fix("Keep what you allow in .claude/settings.local.json or your own settings, and let projects deny and ask."),
        ("repository",),
    )


def _given(session: Session) -> Iterator[Found]:
    project = tuple(each for each in session.settings.sources if each.needs_trust)
    if session.trusted:
        yield from _filled(session.settings, project)
    for found in session.settings.each("permissions", "defaultMode", among=project):
        if found.node.text == EDITS:
            yield found
    if not session.settings.is_on("disableAllHooks"):
        for event in EVENTS:
            yield from (each for each in session.settings.each("hooks", event, among=project) if each.node.items)
    yield from session.settings.each("env", PREFIX, among=project)
    user = session.settings.of(Scope.USER)
    if session.settings.is_on("sandbox", "enabled", among=user):
        yield from _weakened(session.settings, project)


def _weakened(settings: Settings, project: tuple[Source, ...]) -> Iterator[Found]:
    """What of a project takes from a sandbox that the user has switched on: it counts, trusted or not."""
    for key, on in (("enabled", False), ("failIfUnavailable", False), ("autoAllowBashIfSandboxed", True)):
        yield from (each for each in settings.each("sandbox", key, among=project) if each.node.flag is on)
    for keys in (("excludedCommands",), ("filesystem", "allowWrite"), ("network", "allowedDomains")):
        yield from (each for each in settings.each("sandbox", *keys, among=project) if each.node.items)


def _filled(settings: Settings, project: tuple[Source, ...]) -> Iterator[Found]:
    for key in ("allow", "additionalDirectories"):
        yield from (found for found in settings.each("permissions", key, among=project) if found.node.items)
