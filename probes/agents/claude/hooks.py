"""Hooks that answer before anybody is asked: one that says "allow" lifts every prompt but those of rules."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING

from msgspec import Struct

from scanner.model import Evidence, Gate

if TYPE_CHECKING:  # reading settings costs more to load than the vendor's defaults need
    from probes.agents.claude.here import Here
    from probes.agents.claude.rules import Listed
    from probes.agents.claude.settings import Found, Settings
    from scanner.host import Host

EVENTS = ("PreToolUse", "PermissionRequest")
TYPES = frozenset({"command", "prompt", "agent", "http", "mcp_tool"})
GROUPS = 500
PLAIN = re.compile(r"[A-Za-z0-9_| ]*")
JUDGED = frozenset({"prompt", "agent"})  # a model answers


class Hook(Struct, frozen=True):
    """What may answer for some tools, None for all; `stand_in` is what it is reckoned to answer, None for nothing.

    A hook is never run: that of a repository, or one whose text speaks of allowing, is reckoned to allow.
    """

    tools: frozenset[str] | None
    words: str
    evidence: Evidence
    stand_in: Gate | None

    def answers(self, tool: str) -> bool:
        """Whether it is asked about that tool."""
        return self.tools is None or tool in self.tools


def hooks_of(settings: "Settings") -> tuple[Hook, ...]:
    """The hooks that may answer, of every scope: those of a repository too, before its folder is trusted."""
    from probes.agents.claude.settings import Scope

    if settings.is_on("disableAllHooks", among=settings.sure.sources):
        return ()
    managed = settings.sure.of(Scope.MANAGED)
    among = managed if settings.is_on("allowManagedHooksOnly", among=managed) else settings.sources
    found = (hook for event in EVENTS for told in settings.each("hooks", event, among=among) for hook in _of(told))
    return tuple(islice(found, GROUPS))


def skills_of(host: "Host", here: "Here", rules: Iterable["Listed"]) -> Iterator[Hook]:
    """Skills of the project that a rule lets in: what their own text allows then runs unasked, trusted or not."""
    from probes.agents.claude.reads import PROJECT_FILE

    told = [rule for rule in rules if rule.tool == "Skill"]
    if not told:
        return
    found = host.matches_named(PROJECT_FILE, here.cwd / ".claude" / "skills" / "*" / "SKILL.md")
    names = {path.parent.name for path in islice(found, GROUPS) if isinstance(path, PurePath)}
    for rule in told:
        if names if rule.spec is None else rule.spec.removesuffix(":*").removesuffix(" *") in names:
            yield Hook(None, f"a skill of the project, let in by {rule.words}, may allow it", rule.evidence, Gate.NONE)


def _of(told: "Found") -> Iterator[Hook]:
    for group in islice(told.node.items or (), GROUPS):
        hooks = group.get("hooks")
        for each in islice(hooks.items or (), GROUPS) if hooks is not None else ():
            kind, text = each.said("type"), each.said("command")
            stand_in = Gate.NONE if told.source.from_project or "allow" in text.casefold() else None
            words = f"a hook of {told.source.name} for {told.key.rpartition('.')[2]} answers first"
            gate = Gate.CLASSIFIER if kind in JUDGED else stand_in
            yield Hook(_tools(group.said("matcher")), words, told.source.at(told.key, each), gate)


def _tools(matcher: str) -> frozenset[str] | None:
    """The tools of a plain list of names; what else is a pattern, and meant for all."""
    if not matcher or not PLAIN.fullmatch(matcher):
        return None
    return frozenset(name.strip() for name in matcher.split("|"))
