"""Rollouts of Codex: a line of JSON for each item of a session.

Looked at as 0.169.0 writes them. That a person was asked is not written down as such. A call that wants out of the
sandbox is, and under a policy that leaves that to a person it may be a question: a rule may have answered it too, so
that only a no is known. What was refused says so in its output.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Calls, Record, at, decoded, text, words
from probes.uses.times import moment
from scanner.data.records import table

ASKING = frozenset({"on-request", "on-failure", "untrusted"})
ESCALATED = "require_escalated"
BY_PERSON = "rejected by user"


def acts(record: Record) -> Iterator[Act]:
    """What the agent did in one session, and how often it asked to leave the sandbox."""
    calls = Calls()
    asked: dict[str, Act] = {}
    folder, session, asking = record.folder, "", False
    for line in record.lines(b'"session_meta"', b'"turn_context"', b'_call"', b'_call_output"'):
        payload, when = at(line, "payload"), moment(at(line, "timestamp"))
        kind = text(line, "type") if text(line, "type") != "response_item" else text(payload, "type")
        match kind:
            case "session_meta":
                folder, session = folder or text(payload, "cwd"), session or text(payload, "id")
            case "turn_context":
                reviewer = text(payload, "approvals_reviewer") or "user"
                asking = text(payload, "approval_policy") in ASKING and reviewer == "user"
            case "function_call" | "custom_tool_call" | "local_shell_call":
                name, given = _called(payload)
                call = text(payload, "call_id")
                calls.add(call, tools.acts(name, given, when, session, folder))
                if asking and text(given, "sandbox_permissions") == ESCALATED:
                    asked[call] = tools.question(name, approved=None, when=when, session=session, folder=folder)
            case "function_call_output" | "custom_tool_call_output":
                _answered(payload, calls, asked)
    yield from asked.values()
    yield from calls.all()


def _called(payload: object) -> tuple[str, object]:
    """The name of a tool, behind that of its server, and what it was given."""
    name, server = text(payload, "name"), text(payload, "namespace")
    given = at(payload, "arguments")
    if isinstance(given, str):
        given = decoded(given.encode("utf-8", "replace"))
    if text(payload, "type") == "local_shell_call":
        return "local_shell", at(payload, "action")
    return (f"{server}__{name}" if server.startswith("mcp__") else name), given


def _answered(payload: object, calls: Calls, asked: dict[str, Act]) -> None:
    """Takes back a call that was refused; a question to which a person said no stays one."""
    answer, call = words(at(payload, "output")), text(payload, "call_id")
    if not answer.startswith(table().refusals["codex"]):
        return
    calls.drop(call)
    question = asked.get(call)
    if question is not None and BY_PERSON in answer:
        asked[call] = tools.refused(question)
