"""Sessions of the Cline CLI, and tasks of the extensions Cline and Roo Code.

Sessions looked at as 3.0.65 writes them; tasks by the source of both (ClineMessage). A task tells questions and acts
that needed none alike, and no answer; what a person said in words in place of a yes follows it.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Calls, Record, at, decoded, items, text
from probes.uses.times import moment

INSTEAD = frozenset({"user_feedback", "resume_task", "resume_completed_task"})
OUTPUT = frozenset({"command_output", "checkpoint_created"})
OPENED = "browser_action_launch"


def acts(record: Record) -> Iterator[Act]:
    """What the Cline CLI did in one session."""
    calls = Calls()
    document = record.document()
    session = text(document, "sessionId")
    for message in items(document, "messages"):
        record.tick()
        when = moment(at(message, "ts"))
        for part in items(message, "content"):
            if text(part, "type") == "tool_use":
                given = at(part, "input")
                calls.add(text(part, "id"), tools.acts(text(part, "name"), given, when, session, record.folder))
    yield from calls.all()


def tasks(record: Record) -> Iterator[Act]:
    """What an extension did in one task, without what a person answered with words of their own or not at all."""
    document = record.document()
    messages = [each for each in document if not at(each, "partial")] if isinstance(document, list) else []
    for message, after in zip(messages, [*messages[1:], None], strict=False):
        record.tick()
        kind = text(message, "ask") or text(message, "say")
        behind = text(after, "ask") or text(after, "say")
        if text(message, "type") == "ask" and (not behind or behind in INSTEAD):
            continue
        yield from _told(kind, text(message, "text"), moment(at(message, "ts")), record.folder)


def _told(kind: str, told: str, when: float | None, folder: str) -> list[Act]:
    match kind:
        case "command":
            return tools.acts("execute_command", {"command": told}, when, "", folder)
        case "tool":
            given = decoded(told.encode("utf-8", "replace"))
            return tools.acts(text(given, "tool"), given, when, "", folder)
        case "use_mcp_server":
            given = decoded(told.encode("utf-8", "replace"))
            name = f"mcp__{text(given, 'serverName')}__{text(given, 'toolName')}"
            return tools.acts(name, given, when, "", folder)
        case "browser_action_launch":
            return tools.acts(OPENED, {"url": told}, when, "", folder)
        case _:
            return []
