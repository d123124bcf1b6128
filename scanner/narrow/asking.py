"""Asks an MCP server in the sandbox for its tools: a few lines of JSON each way, every one of theirs bounded."""

from typing import TypeVar

import msgspec
from msgspec import Raw, Struct, field

from scanner.narrow.running import Running, Stopped
from scanner.version import __version__

PROTOCOL = "2025-06-18"
PAGES = 100
TOOLS = 2_000
MESSAGES = 5_000
NOT_KNOWN = -32601

Kind = TypeVar("Kind")


class Annotations(Struct, frozen=True):
    """What a server claims of a tool; nothing checks it."""

    title: str | None = None
    readOnlyHint: bool | None = None  # noqa: N815 - as the protocol writes it
    destructiveHint: bool | None = None  # noqa: N815
    idempotentHint: bool | None = None  # noqa: N815
    openWorldHint: bool | None = None  # noqa: N815


class ToolTold(Struct, frozen=True):
    """A tool as its server tells it."""

    name: str
    title: str | None = None
    description: str | None = None
    annotations: Annotations | None = None


class Page(Struct, frozen=True):
    """One page of the list."""

    tools: tuple[ToolTold, ...]
    nextCursor: str | None = None  # noqa: N815 - as the protocol writes it


class Named(Struct, frozen=True):
    """What a server calls itself."""

    name: str = ""
    version: str = ""


class Welcome(Struct, frozen=True):
    """The answer to the first question."""

    protocolVersion: str = ""  # noqa: N815 - as the protocol writes it
    serverInfo: Named = Named()  # noqa: N815


class Listed(Struct, frozen=True):
    """All that a server told; `cut` says that it had more."""

    server: Named
    tools: tuple[ToolTold, ...]
    cut: bool = False


class _Message(Struct):
    id: int | str | float | None = None
    method: str | None = None
    result: Raw = field(default_factory=Raw)
    error: Raw = field(default_factory=Raw)


def listed(running: Running) -> Listed:
    """Its tools, over all pages. Raises Stopped where it does not answer as the protocol has it."""
    talk = _Talk(running)
    told = _as(
        Welcome,
        talk.asked(
            "initialize",
            {
                "protocolVersion": PROTOCOL,
                "capabilities": {},
                "clientInfo": {"name": "armslength", "version": __version__},
            },
        ),
        "initialize",
    )
    talk.tell("notifications/initialized")
    tools: list[ToolTold] = []
    cursors: set[str] = set()
    cursor: str | None = None
    for _ in range(PAGES):
        page = _as(Page, talk.asked("tools/list", {"cursor": cursor} if cursor is not None else {}), "tools/list")
        tools.extend(page.tools[: TOOLS - len(tools)])
        cursor = page.nextCursor
        if not cursor or cursor in cursors or len(tools) >= TOOLS:
            break
        cursors.add(cursor)
    return Listed(told.serverInfo, tuple(tools), cut=bool(cursor))


class _Talk:
    """Questions by number; what the server asks or tells meanwhile gets no more than it must."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._count = 0
        self._heard = 0

    def asked(self, method: str, parameters: dict[str, object]) -> Raw:
        """The answer to a question."""
        self._count += 1
        self._send({"id": self._count, "method": method, "params": parameters})
        while self._heard < MESSAGES:
            self._heard += 1
            said = _message(self._running.line())
            if said is None:
                continue
            if said.method is not None:
                self._refused(said)
            elif said.id == self._count:
                if len(said.error):
                    raise Stopped(f"the server answers {method} with an error")
                return said.result
        raise Stopped("the server said more than is listened to")

    def tell(self, method: str) -> None:
        """Something that wants no answer."""
        self._send({"method": method})

    def _refused(self, said: _Message) -> None:
        """A question of the server: it is alive when it asks for that, and gets nothing else."""
        if said.id is None:
            return
        if said.method == "ping":
            self._send({"id": said.id, "result": {}})
        else:
            self._send({"id": said.id, "error": {"code": NOT_KNOWN, "message": "not offered"}})

    def _send(self, message: dict[str, object]) -> None:
        self._running.send(msgspec.json.encode({"jsonrpc": "2.0", **message}))


def _message(line: bytes) -> _Message | None:
    """A line as a message; None for what is none, since some servers print other things too."""
    try:
        return msgspec.json.decode(line, type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _as(kind: type[Kind], raw: Raw, method: str) -> Kind:
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Stopped(f"what the server answers to {method} is not what the protocol says") from None
