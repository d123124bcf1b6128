"""How GitHub Copilot CLI may act in the workspace, what its policy comes from, and what cannot be told."""

from collections.abc import Iterator

from probes.agents.basis import asks_nothing, from_repository
from probes.agents.copilot.policy import policy
from probes.agents.copilot.sandbox import Wanted, wanted
from probes.agents.copilot.setup import ALLOW_ALL, YES, Setup, setup
from probes.agents.copilot.vendor import TITLE
from probes.agents.installed import Installed
from probes.agents.layers import Found
from scanner.host import Host
from scanner.model import Evidence, Fix, Gap, GapKind, Gate, Observation, SettingSeen, Weakness
from scanner.text import printable

BEARING = (
    *(("defaultPermissionMode",), ("defaultMode",), ("allowedUrls",), ("deniedUrls",), ("disableAllHooks",)),
    *(("permissions", key) for key in ("allow", "ask", "deny", "limitTo", "defaultMode")),
    *(("permissions", key) for key in ("disableBypassPermissionsMode", "disableAssistedPermissionsMode")),
    *(("sandbox", key) for key in ("enabled", "allowBypass", "addCurrentWorkingDirectory", "allowDevToolAccess")),
    *(("sandbox", key) for key in ("sandboxMcpServers", "sandboxLspServers")),
    *(("sandbox", "auth", key) for key in ("git", "gh")),
    *(("sandbox", "userPolicy", "filesystem", key) for key in ("readwritePaths", "readonlyPaths", "deniedPaths")),
    *(("sandbox", "userPolicy", "network", key) for key in ("allowOutbound", "allowLocalNetwork", "allowedHosts")),
    ("sandbox", "userPolicy", "network", "blockedHosts"),
    ("sandbox", "userPolicy", "seatbelt", "keychainAccess"),
    *(("statusLine", "command"), ("storeTokenPlaintext",), ("enabledPlugins",), ("extensions",)),
)
OWN_ONLY = ("defaultPermissionMode", "allowedUrls", "permissions", "sandbox", "statusLine", "defaultMode")
MODES = frozenset({"manual", "assisted", "allow-all", "disable", "interactive", "plan", "autopilot"})
SERVER = "what an organisation sets comes from the vendor's server, before every file"
NEXT = "options of its next start, such as --yolo, come before its files"
FIX = "Start it without --yolo and --allow-all-tools, take COPILOT_ALLOW_ALL out, and approve single commands."
HOOK_FIX = (
    "Look at the project's hooks before you trust its folder, or set disableAllHooks in ~/.copilot/settings.json."
)


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its rules, the settings these come from, what is weak in them, and every gap once."""
    found = setup(host, each)
    sandbox = wanted(found)
    yield each.seen(host, policy(found, sandbox))
    yield from _settings(found)
    yield from _approvals(found)
    yield from _weaknesses(found, sandbox)
    yield from dict.fromkeys(found.gaps)
    yield Gap(GapKind.REFUSED, f"{TITLE}'s organisation", SERVER)
    yield Gap(GapKind.REFUSED, f"{TITLE}'s options", NEXT)


def _settings(found: Setup) -> Iterator[SettingSeen]:
    agent = found.basis.each.row.id
    for keys in BEARING:
        for each in found.basis.layers.each(*keys):
            yield each.seen(agent, _value(each))
    yield from _hooks(found, agent)
    trust = "true" if found.trusted is not None else "not yet, so that hooks and servers of the project do not run"
    place = found.trusted or Evidence(found.host.home / ".copilot" / "config.json", key="trustedFolders")
    yield SettingSeen(agent, "trustedFolders", trust, "user", place)
    text = found.host.variable(ALLOW_ALL)
    if text is not None:
        value = "true" if text.strip().casefold() in YES else "of another value"
        yield SettingSeen(agent, ALLOW_ALL, value, "environment", Evidence(variable=ALLOW_ALL))
    for line in found.lines.each:
        for name in sorted(line.switches):
            yield SettingSeen(agent, name, "true", "command line", line.evidence)


def _value(found: Found) -> str | None:
    """A setting in a word; modes as they are, commands only as such, and whether a project's counts."""
    key = found.key
    vain = ", ignored in a project" if found.layer.from_project and key.startswith(OWN_ONLY) else ""
    if key == "statusLine.command":
        return f"a command{vain}"
    node = found.node
    if node.text:
        return (node.text if node.text in MODES else "of another value") + vain
    seen = found.seen("").value
    return f"{seen}{vain}"


def _hooks(found: Setup, agent: str) -> Iterator[SettingSeen]:
    """Hooks run commands: those that may answer for a person, each where it stands."""
    for hook in found.hooks:
        count = len(hook.found.node.items or ())
        value = f"{count} {'command' if count == 1 else 'commands'}, asked before a person is"
        yield SettingSeen(agent, printable(hook.found.key), value, hook.found.layer.scope, hook.found.evidence)


def _approvals(found: Setup) -> Iterator[SettingSeen]:
    """What was approved for good, each once, and the folders that were added."""
    agent = found.basis.each.row.id
    for told in found.saved.allow:
        yield SettingSeen(agent, "tool_approvals", told.words, "user", told.evidence)
    for _, place in found.saved.folders:
        yield SettingSeen(agent, "allowed_directories", "a folder beside the workspace", "user", place)


# --- what is weak


def _weaknesses(found: Setup, sandbox: Wanted | None) -> Iterator[Weakness]:
    free = found.lifted_tools()
    if free is not None and found.managed.found is None and free.gate is Gate.NONE and sandbox is None:
        yield asks_nothing(TITLE, free, found.basis.each.evidence, FIX)
    if sandbox is not None and sandbox.missing:
        yield Weakness(
            "agent.sandbox-cannot-start",
            f"{TITLE} cannot start its sandbox",
            sandbox.evidence,
            f"{sandbox.rule}, but {sandbox.missing}: every command fails, until somebody switches it off.",
            Fix("Install what it needs."),
            ("sandbox",),
        )
    for hook in found.hooks:
        if hook.found.layer.from_project:
            what = "A hook of the project is asked before you are, and may allow every tool"
            yield from_repository(TITLE, hook.found.evidence, what, HOOK_FIX)
            return
