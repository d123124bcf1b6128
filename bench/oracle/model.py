"""A model that says what it was told to say: the two vendors' streaming APIs on loopback, and no model behind them.

A session of an agent is one `Script`: the calls to make, in turn. Each request that carries the answer to the last
call gets the next one; after the last the turn ends. Side requests (titles, summaries, a classifier) come without
tools and get `Script.aside`.
"""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One use of a tool, as the model would ask for it."""

    tool: str
    input: Body
    namespace: str = ""


@dataclass
class Script:
    """What to call, and what came back: `answers[i]` is the text that the agent gave for `calls[i]`.

    `asked` holds the numbers of the calls that the agent wanted a person's leave for, where its protocol says so.
    """

    calls: tuple[Call, ...]
    aside: str = "ok"
    answers: dict[int, str] = field(default_factory=dict)
    asked: set[int] = field(default_factory=set)


def name_of(number: int) -> str:
    return f"toolu_oracle_{number}"


def text_of(content: object) -> str:
    """The words in a tool's answer, whether one text or a list of parts."""
    if isinstance(content, list):
        return "\n".join(text_of(part) for part in content)
    if isinstance(content, dict):
        return text_of(content.get("text") or content.get("content") or content.get("output") or "")
    return str(content)


class Anthropic:
    """The Messages API."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def answer(self, body: Body) -> list[tuple[str, Body]]:
        tools = {tool.get("name", "") for tool in body.get("tools") or ()}
        if len(tools) < 3:
            return self.aside(body, tools)
        for message in body["messages"]:
            for part in message["content"] if isinstance(message["content"], list) else ():
                self.note(part)
        turn = len(self.script.answers)
        return self.call(turn) if turn < len(self.script.calls) else self.say("done")

    def note(self, part: Body) -> None:
        if part.get("type") == "tool_result" and part["tool_use_id"].startswith("toolu_oracle_"):
            number = int(part["tool_use_id"].rpartition("_")[2])
            error = "ERROR " if part.get("is_error") else ""
            self.script.answers[number] = error + text_of(part.get("content", ""))

    def aside(self, body: Body, tools: set[str]) -> list[tuple[str, Body]]:
        if tools:  # a side request that wants its answer as a call
            return self.block(
                {"type": "tool_use", "id": "toolu_aside", "name": min(tools), "input": {}}, self.script.aside
            )
        return self.say(self.script.aside)

    def call(self, turn: int) -> list[tuple[str, Body]]:
        call = self.script.calls[turn]
        block = {"type": "tool_use", "id": name_of(turn), "name": call.tool, "input": {}}
        return self.block(block, json.dumps(call.input))

    def say(self, text: str) -> list[tuple[str, Body]]:
        return self.block({"type": "text", "text": ""}, text)

    def block(self, block: Body, content: str) -> list[tuple[str, Body]]:
        calls = block["type"] == "tool_use"
        delta = (
            {"type": "input_json_delta", "partial_json": content} if calls else {"type": "text_delta", "text": content}
        )
        usage = {"input_tokens": 10, "output_tokens": 10}
        message = {
            "id": "msg_oracle",
            "type": "message",
            "role": "assistant",
            "model": "claude-sonnet-4-5",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        end = {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}
        events: list[Body] = [
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": end, "usage": usage},
            {"type": "message_stop"},
        ]
        return [(event["type"], event) for event in events]

    def whole(self, events: list[tuple[str, Body]]) -> Body:
        """The same answer in one piece, for a request that does not stream."""
        message = dict(events[0][1]["message"])
        block, content = events[1][1]["content_block"], events[2][1]["delta"]
        filled = {**block, "text": content.get("text", "")} if block["type"] == "text" else block
        if block["type"] == "tool_use":
            filled["input"] = json.loads(content["partial_json"])
        return {**message, "content": [filled], **events[4][1]["delta"]}


class OpenAI:
    """The Responses API."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def answer(self, body: Body) -> list[tuple[str, Body]]:
        tools = {tool.get("name") or tool.get("type", "") for tool in body.get("tools") or ()}
        if not tools:
            return self.done(self.message(self.script.aside))
        for item in body["input"]:
            self.note(item)
        turn = len(self.script.answers)
        return self.done(self.call(turn) if turn < len(self.script.calls) else self.message("done"))

    def note(self, item: Body) -> None:
        found = re.fullmatch(r"toolu_oracle_(\d+)", str(item.get("call_id", "")))
        if found and str(item.get("type", "")).endswith("_output"):
            self.script.answers[int(found[1])] = text_of(item.get("output", ""))

    def call(self, turn: int) -> Body:
        call = self.script.calls[turn]
        if call.tool == "apply_patch":
            text = call.input["input"]
            return {"type": "custom_tool_call", "call_id": name_of(turn), "name": call.tool, "input": text}
        item = {
            "type": "function_call",
            "call_id": name_of(turn),
            "name": call.tool,
            "arguments": json.dumps(call.input),
        }
        return {**item, "namespace": call.namespace} if call.namespace else item

    def message(self, text: str) -> Body:
        return {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": text}]}

    def done(self, item: Body) -> list[tuple[str, Body]]:
        usage = {"input_tokens": 1, "input_tokens_details": None, "output_tokens": 1, "total_tokens": 2}
        response = {"id": "resp_oracle", "usage": {**usage, "output_tokens_details": None}}
        events: list[Body] = [
            {"type": "response.created", "response": {"id": "resp_oracle"}},
            {"type": "response.output_item.done", "output_index": 0, "item": item},
            {"type": "response.completed", "response": response},
        ]
        return [(event["type"], event) for event in events]


class Handler(BaseHTTPRequestHandler):
    """One request of an agent; everything but a conversation gets an empty answer."""

    protocol_version = "HTTP/1.1"
    api: Anthropic | OpenAI
    lock: threading.Lock

    def do_GET(self) -> None:
        self.reply(b"MARKER-WEB" if "page" in self.path else b'{"data": [], "models": []}', "application/json")

    def do_HEAD(self) -> None:
        self.reply(b"", "text/plain")

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.partition("?")[0]
        if path.endswith("count_tokens"):
            self.reply(b'{"input_tokens": 10}', "application/json")
        elif path.endswith(("/messages", "/responses")):
            self.converse(json.loads(data))
        else:
            self.reply(b"{}", "application/json")

    def converse(self, body: Body) -> None:
        with self.lock:
            events = self.api.answer(body)
        if body.get("stream") or isinstance(self.api, OpenAI):
            lines = (f"event: {name}\ndata: {json.dumps(event)}\n\n" for name, event in events)
            self.reply("".join(lines).encode(), "text/event-stream")
        else:
            self.reply(json.dumps(self.api.whole(events)).encode(), "application/json")

    def reply(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


class Served:
    """The server of one session."""

    def __init__(self, api: Anthropic | OpenAI) -> None:
        handler = type("Bound", (Handler,), {"api": api, "lock": threading.Lock()})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self) -> "Served":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
