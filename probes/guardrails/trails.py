"""Records that agents send to somebody else, and settings that their user cannot change."""

from collections.abc import Iterator

from probes.agents.tree import Node, parse
from probes.guardrails.reads import CLAUDE, CLAUDE_MANAGED, CODEX, CODEX_MANAGED, GEMINI, GEMINI_MANAGED, TELEMETRY
from scanner.host import Host, Place, TextFile
from scanner.model import Evidence, Guardrail

ON = frozenset({"1", "true"})
NOWHERE = frozenset({"", "none", "console"})


def trails(host: Host) -> Iterator[Guardrail]:
    """The audit trails of agents that are switched on, and their managed settings."""
    enabled, exporter = (host.variable(name) or "" for name in TELEMETRY)
    if enabled in ON and exporter.casefold() not in NOWHERE:
        yield _trail("Claude Code", Evidence(variable=TELEMETRY[0]))
    for title, files, form, sends in (
        ("Claude Code", (*CLAUDE, *CLAUDE_MANAGED), "json", _claude),
        ("OpenAI Codex", (*CODEX, *CODEX_MANAGED), "toml", _codex),
        ("Gemini CLI", (*GEMINI, *GEMINI_MANAGED), "json", _gemini),
    ):
        for file in host.read(*files):
            root = parse(file.text, form, host.check_time).root if isinstance(file, TextFile) else None
            node = sends(root) if root is not None else None
            if node is not None and isinstance(file, TextFile):
                yield _trail(title, Evidence(file.path, node.line))
                break
    yield from _managed(host)


def _managed(host: Host) -> Iterator[Guardrail]:
    """Settings that stand above the user's own."""
    for title, files in (
        ("Claude Code", CLAUDE_MANAGED),
        ("OpenAI Codex", CODEX_MANAGED),
        ("Gemini CLI", GEMINI_MANAGED),
    ):
        place = next((each for each in host.places(*files) if isinstance(each, Place)), None)
        if place is not None:
            said = f"Settings that only an administrator changes hold for {title}"
            yield Guardrail("agent-managed-settings", said, Evidence(place.path))


def _trail(title: str, place: Evidence) -> Guardrail:
    return Guardrail("agent-audit-trail", f"{title} sends a record of what it does", place)


def _claude(root: Node) -> Node | None:
    """Its telemetry, where events go somewhere."""
    exporter = root.said("env", "OTEL_LOGS_EXPORTER").casefold()
    node = root.at("env", TELEMETRY[0])
    return node if node is not None and node.text in ON and exporter not in NOWHERE else None


def _codex(root: Node) -> Node | None:
    node = root.at("otel", "exporter")
    if node is None or node.text in NOWHERE - {""}:
        return None
    return node if node.text or node.members else None


def _gemini(root: Node) -> Node | None:
    """Its telemetry; without a target or an address of its own it stays on this machine."""
    node = root.get("telemetry")
    if node is None or (flag := node.get("enabled")) is None or flag.flag is not True:
        return None
    return node if node.said("target") == "gcp" or node.said("otlpEndpoint") else None
