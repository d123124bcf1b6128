"""Sessions of Copilot CLI: a line of JSON for each event, with every question and who answered it.

Looked at as 1.0.102 writes them; its own schema says that only an answer marked as human is a person's.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Calls, Record, at, text
from probes.uses.times import moment
from scanner.model import Channel, UseKind

HUMAN = "human_response"
NOES = frozenset({"cancelled", "denied-interactively-by-user"})
CHANNELS = {
    "shell": Channel.EXECUTE,
    "commands": Channel.EXECUTE,
    "url": Channel.CONNECT,
    "read": Channel.READ,
    "write": Channel.WRITE,
}


def acts(record: Record) -> Iterator[Act]:
    """What the agent did in one session, what a person was asked, and what they said."""
    calls = Calls()
    asked: dict[str, str] = {}
    refused: list[str] = []
    folder, session = record.folder, ""
    for line in record.lines(b'"session.start"', b'"tool.execution_start"', b'"permission.'):
        data, when = at(line, "data"), moment(at(line, "timestamp"))
        match text(line, "type"):
            case "session.start":
                session, folder = text(data, "sessionId"), folder or text(data, "context", "cwd")
            case "tool.execution_start":
                given = at(data, "arguments")
                calls.add(text(data, "toolCallId"), tools.acts(_name(data), given, when, session, folder))
            case "permission.requested":
                asked[text(data, "requestId")] = text(data, "permissionRequest", "kind")
            case "permission.completed":
                kind = text(data, "result", "kind")
                if not kind.startswith("approved"):
                    refused.append(text(data, "toolCallId"))
                if text(data, "decisionSource") == HUMAN or kind in NOES:
                    channel = CHANNELS.get(asked.get(text(data, "requestId"), ""), Channel.CALL)
                    said = kind.startswith("approved")
                    yield Act(UseKind.PROMPT, channel, when, session, folder, said)
    for each in refused:
        calls.drop(each)
    yield from calls.all()


def _name(data: object) -> str:
    """The name of a tool, behind that of its server where it has one."""
    server, tool = text(data, "mcpServerName"), text(data, "mcpToolName")
    return f"mcp__{server}__{tool}" if server and tool else text(data, "toolName")
