"""Chats of Gemini CLI and of Qwen Code, which was made from it and writes other lines.

Looked at as Gemini CLI 0.61.0 and Qwen Code 0.15.10 write them. Gemini tells a message again when its calls have ended;
a call that was cancelled may be a person's no or an interruption. Qwen tells how each call was decided.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Calls, Record, at, items, text
from probes.uses.times import moment

DONE = "success"
BY_PERSON = {"accept": True, "modify": True, "reject": False}


def acts(record: Record) -> Iterator[Act]:
    """What Gemini CLI did in one session."""
    calls = Calls()
    for line in record.lines(b'"toolCalls"'):
        for message in [line, *items(line, "$set", "messages")]:
            for call in items(message, "toolCalls"):
                if text(call, "status") == DONE:
                    when = moment(at(call, "timestamp"))
                    given = at(call, "args")
                    calls.add(text(call, "id"), tools.acts(text(call, "name"), given, when, "", record.folder))
    yield from calls.all()


def qwen(record: Record) -> Iterator[Act]:
    """What Qwen Code did in one session, and what a person was asked."""
    calls = Calls()
    folder = record.folder
    for line in record.lines(b'"functionCall"', b'"toolCallResult"', b'"decision"'):
        folder = folder or text(line, "cwd")
        session, when = text(line, "sessionId"), moment(at(line, "timestamp"))
        for part in items(line, "message", "parts"):
            call = at(part, "functionCall")
            if call is not None:
                calls.add(text(call, "id"), tools.acts(text(call, "name"), at(call, "args"), when, session, folder))
        if text(line, "toolCallResult", "status") not in {"", DONE}:
            calls.drop(text(line, "toolCallResult", "callId"))
        event = at(line, "systemPayload", "uiEvent")
        said = BY_PERSON.get(text(event, "decision"))
        if said is not None:
            name = text(event, "function_name")
            yield tools.question(name, approved=said, when=when, session=session, folder=folder)
    yield from calls.all()
