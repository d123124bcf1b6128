"""Codex's settings that bear on its gates, as a report tells them: known words and numbers, never a free text."""

from collections.abc import Iterator, Sequence

from probes.agents.codex.approval import REVIEWERS, WORDS
from probes.agents.codex.confinement import MODES, WINDOWS
from probes.agents.codex.environment import KINDS, TABLE
from probes.agents.codex.hooks import awaits_reading, events
from probes.agents.codex.layers import Found, Settings
from probes.agents.codex.policy import SEARCH
from probes.agents.codex.profiles import BUILT_IN
from probes.agents.codex.starlark import DECISIONS, PrefixRule
from scanner.model import SettingSeen

ONE_OF = {
    ("approval_policy",): WORDS,
    ("sandbox_mode",): MODES,
    ("approvals_reviewer",): REVIEWERS,
    ("web_search",): SEARCH,
    ("windows", "sandbox"): WINDOWS,
    (TABLE, "inherit"): KINDS,
    ("default_permissions",): tuple(BUILT_IN),
}
FLAGS = (
    ("sandbox_workspace_write", "network_access"),
    ("sandbox_workspace_write", "exclude_slash_tmp"),
    ("sandbox_workspace_write", "exclude_tmpdir_env_var"),
    (TABLE, "ignore_default_excludes"),
    ("allow_login_shell",),
    ("features", "network_proxy"),
)
COUNTED = (
    ("sandbox_workspace_write", "writable_roots"),
    (TABLE, "exclude"),
    (TABLE, "include_only"),
    (TABLE, "set"),
    (TABLE, "filters"),
    ("permissions",),
    ("profiles",),
    ("mcp_servers",),
    ("notify",),
)
CONSTRAINTS = (
    ("allowed_approval_policies",),
    ("allowed_sandbox_modes",),
    ("allowed_approvals_reviewers",),
    ("allowed_web_search_modes",),
    ("allowed_permission_profiles",),
    ("mcp_servers",),
    ("rules", "prefix_rules"),
    ("permissions", "filesystem", "deny_read"),
)
GRANULAR = ("sandbox_approval", "rules", "mcp_elicitations", "skill_approval", "request_permissions")


def settings_seen(
    agent: str, settings: Settings, requirements: Settings, trusted: Found | None, rules: Sequence[PrefixRule]
) -> Iterator[SettingSeen]:
    """Each where it counts; what a lower layer says of it does not."""
    for keys, words in ONE_OF.items():
        found = settings.find(*keys)
        if found is not None:
            yield _seen(agent, found, _word(found, words))
    for keys in FLAGS:
        found = settings.find(*keys)
        if found is not None and found.node.flag is not None:
            yield _seen(agent, found, "true" if found.node.flag else "false")
    for keys in COUNTED:
        found = settings.find(*keys)
        if found is not None:
            yield _seen(agent, found, _count(found))
    yield from _hooks(agent, settings)
    for keys in CONSTRAINTS:
        found = requirements.find(*keys)
        if found is not None:
            yield _seen(agent, found, _count(found))
    if trusted is not None:
        yield SettingSeen(agent, "trust_level", trusted.node.text, trusted.layer.scope, trusted.evidence)
    yield from _rules(agent, rules)


def _seen(agent: str, found: Found, value: str) -> SettingSeen:
    return SettingSeen(agent, found.key, value, found.layer.scope, found.evidence)


def _word(found: Found, words: Sequence[str]) -> str:
    if found.node.text in words:
        return found.node.text
    granular = found.node.get("granular")
    if granular is None:
        return "a name of its own" if found.key == "default_permissions" else "none of its values"
    on = [key for key in GRANULAR if (node := granular.get(key)) is not None and node.flag is True]
    return f"granular, asks for {', '.join(on)}" if on else "granular, asks for nothing"


def _count(found: Found) -> str:
    node = found.node
    number = len(node.items) if node.items is not None else len(node.pairs)
    return f"{number} {'entry' if number == 1 else 'entries'}"


def _hooks(agent: str, settings: Settings) -> Iterator[SettingSeen]:
    """The hooks of each file: all of them run, whatever a higher one has."""
    for layer in settings.layers:
        node = events(layer)
        if node is not None:
            number = f"{len(node.pairs)} {'entry' if len(node.pairs) == 1 else 'entries'}"
            later = ", which run once you have read them" if awaits_reading(layer, settings) else ""
            yield SettingSeen(agent, "hooks", number + later, layer.scope, layer.at("hooks", node.line))


def _rules(agent: str, rules: Sequence[PrefixRule]) -> Iterator[SettingSeen]:
    for decision in DECISIONS:
        found = [rule for rule in rules if rule.decision == decision]
        if found:
            number = f"{len(found)} {'rule' if len(found) == 1 else 'rules'}"
            yield SettingSeen(agent, f"prefix_rule {decision}", number, "rules", found[0].evidence)
