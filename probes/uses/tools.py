"""A call of an agent's tool as acts: by the tool's name and what it was given."""

import re
import shlex
from collections.abc import Iterator

from probes.uses.acts import Act, at, decoded
from scanner.data.records import table
from scanner.model import Channel, UseKind

VIEWED = "view"
MOST = 50  # commands, files or addresses of one call
COMMAND_KEYS = ("command", "cmd", "commands")
FILE_KEYS = ("file_path", "filePath", "filepath", "path", "absolute_path", "files", "paths")
ADDRESS_KEYS = ("url", "urls", "uri", "prompt", "requests")
ADDRESS = re.compile(r"https?://[^\s\"'<>]{1,2000}")
CHANNELS = {
    UseKind.COMMAND: Channel.EXECUTE,
    UseKind.FILE: Channel.READ,
    UseKind.HOST: Channel.CONNECT,
    UseKind.TOOL: Channel.CALL,
}


def acts(name: str, given: object, when: float | None, session: str, folder: str) -> list[Act]:
    """What one call of a tool does; nothing of a tool that is not known."""
    if isinstance(given, str):
        given = decoded(given.encode("utf-8", "replace"))
    kind = kind_of(name)
    if kind is UseKind.TOOL:
        return [Act(UseKind.TOOL, _tool(name), when, session, folder)]
    if kind is None:
        return []
    return [Act(kind, each, when, session, folder) for each in list(_texts(kind, given))[:MOST]]


def question(name: str, *, approved: bool | None, when: float | None, session: str, folder: str) -> Act:
    """A person was asked about a call of that tool."""
    return Act(UseKind.PROMPT, channel_of(name), when, session, folder, approved)


def refused(asked: Act) -> Act:
    """The same question, to which a person said no."""
    return Act(asked.what, asked.text, asked.at, asked.session, asked.folder, approved=False)


def channel_of(name: str) -> str:
    """How a tool acts; what is no tool that is known counts as one of a server."""
    if name.lower() in table().tools.writes:
        return Channel.WRITE
    return CHANNELS.get(kind_of(name) or UseKind.TOOL, Channel.CALL)


def kind_of(name: str) -> UseKind | None:
    """What a tool of that name uses."""
    tools, plain = table().tools, name.lower()
    if plain in tools.commands:
        return UseKind.COMMAND
    if plain in tools.files:
        return UseKind.FILE
    if plain in tools.hosts:
        return UseKind.HOST
    return UseKind.TOOL if _tool(name) else None


def _tool(name: str) -> str:
    """`mcp__server__tool`, or `server__tool` of an extension, as "server/tool"."""
    server, parted, tool = name.removeprefix("mcp__").partition("__")
    if not parted or not server or not tool or (not name.startswith("mcp__") and server in table().tools.own):
        return ""
    return f"{server}/{tool}"


def _texts(kind: UseKind, given: object) -> Iterator[str]:
    match kind:
        case UseKind.COMMAND:
            yield from (line for key in COMMAND_KEYS for line in _commands(key, at(given, key)))
        case UseKind.FILE if at(given, "command") not in {None, VIEWED}:  # an editor's tool, told to change it
            return
        case UseKind.FILE:
            yield from (path for key in FILE_KEYS for path in _each(at(given, key), "path"))
        case _:
            told = (each for key in ADDRESS_KEYS for each in _each(at(given, key), "url"))
            yield from (found for each in told for found in ADDRESS.findall(each))


def _commands(key: str, value: object) -> Iterator[str]:
    """A command line, a list of them, or a list of the words of one."""
    if isinstance(value, list) and key != "commands" and all(isinstance(each, str) for each in value):
        yield shlex.join(str(each) for each in value)
    else:
        yield from _each(value, "command")


def _each(value: object, key: str) -> Iterator[str]:
    """The texts of a value: itself, or each of a list, of which each may hold its text under a key."""
    for each in value if isinstance(value, list) else [value]:
        found = at(each, key) if isinstance(each, dict) else each
        if isinstance(found, str) and found:
            yield found
