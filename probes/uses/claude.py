"""Transcripts of Claude Code: a line of JSON for each message, those of its sub-agents in files of their own.

Looked at as 2.1.197 writes them. A refusal by a person stands in place of the answer; a yes leaves no trace.
"""

from collections.abc import Iterator

from probes.uses import tools
from probes.uses.acts import Act, Calls, Record, at, items, text, words
from probes.uses.times import moment
from scanner.data.records import table

BY_PERSON = ("The user doesn't want to", "The user does not want to")


def acts(record: Record) -> Iterator[Act]:
    """What the agent did in one session, and which calls a person refused."""
    calls = Calls()
    names: dict[str, str] = {}
    folder = record.folder
    for line in record.lines(b'"tool_use"', b'"is_error":true', b'"is_error": true'):
        folder = folder or text(line, "cwd")
        session, when = text(line, "sessionId"), moment(at(line, "timestamp"))
        for part in items(line, "message", "content"):
            match text(part, "type"):
                case "tool_use":
                    name = text(part, "name")
                    names[text(part, "id")] = name
                    calls.add(text(part, "id"), tools.acts(name, at(part, "input"), when, session, folder))
                case "tool_result" if at(part, "is_error") is True:
                    answer, call = words(at(part, "content")), text(part, "tool_use_id")
                    if not answer.startswith(table().refusals["claude"]):
                        continue
                    calls.drop(call)
                    if answer.startswith(BY_PERSON):
                        # of the questions only those are known to which somebody said no
                        name = names.get(call, "")
                        yield tools.question(name, approved=None, when=when, session=session, folder=folder)
    yield from calls.all()
