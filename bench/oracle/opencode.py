"""What the real opencode does with a call: run it, ask a person, or refuse it, beside what armslength says of it.

It runs by hand, like `oracle.py`, whose first lines say how to give the agent a user of its own and no network:

    npm install --prefix /opt/agents opencode-ai
    unshare --net sh -c 'ip link set lo up; python bench/oracle/opencode.py PROGRAM --user oracle'

`opencode run` answers each question to a person with no: what was asked comes back to the model as "rejected", what a
rule denies as "a rule which prevents", and a tool that is switched off as "unavailable tool". Further words choose the
cases whose names hold one of them. `RESULTS-opencode.md` is what was measured last.
"""

import argparse
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from model import Body, Call, Script, text_of
from opencode_cases import CASES
from rig import NOTHING, Case, Place, Told, run, words_in

sys.path.insert(0, str(Path(__file__).parents[2]))

from opencode_policy import said

ASKED = re.compile(r"The user rejected permission|rejected permission to use")
REFUSED = re.compile(r"specified a rule which prevents|unavailable tool|Model tried to call unavailable")
PROVIDER = {
    "model": "oracle/oracle",
    "small_model": "oracle/oracle",
    "autoupdate": False,
    "share": "disabled",
    "experimental": {"continue_loop_on_deny": True},
    "provider": {
        "oracle": {
            "npm": "@ai-sdk/openai-compatible",
            "name": "oracle",
            "options": {"baseURL": "http://127.0.0.1:{port}/v1", "apiKey": "CANARY"},
            "models": {"oracle": {"name": "oracle", "tool_call": True, "limit": {"context": 200000, "output": 8000}}},
        }
    },
}
VARIABLES = {
    "OPENCODE_CONFIG": "{root}/provider.json",
    "OPENCODE_DISABLE_AUTOUPDATE": "1",
    "OPENCODE_DISABLE_MODELS_FETCH": "1",
    "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
    "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
}
SUB = re.compile(r"SUB (\{.*\})", re.DOTALL)


class Chat:
    """The chat completions API; a conversation whose first words are a call for another agent is that agent's."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def answer(self, body: Body) -> Body:
        if len(body.get("tools") or ()) < 2:
            return self.say(self.script.aside)
        begun = next((text_of(each["content"]) for each in body["messages"] if each["role"] == "user"), "")
        given = SUB.match(begun)
        results = {
            str(each.get("tool_call_id")): text_of(each["content"])
            for each in body["messages"]
            if each["role"] == "tool"
        }
        if given is not None:
            call = json.loads(given[1])
            return (
                self.say(f"SUBRESULT {results['sub_0']}")
                if results
                else self.call("sub_0", Call(call["tool"], call["input"]))
            )
        for name, text in results.items():
            found = re.fullmatch(r"oracle_(\d+)", name)
            if found is not None:
                self.script.answers[int(found[1])] = text
        turn = len(self.script.answers)
        return (
            self.call(f"oracle_{turn}", self.script.calls[turn]) if turn < len(self.script.calls) else self.say("done")
        )

    def call(self, name: str, call: Call) -> Body:
        function = {"name": call.tool, "arguments": json.dumps(call.input)}
        called = {"index": 0, "id": name, "type": "function", "function": function}
        return self.part({"content": None, "tool_calls": [called]}, "tool_calls")

    def say(self, text: str) -> Body:
        return self.part({"content": text}, "stop")

    def part(self, delta: Body, reason: str) -> Body:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason}
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        return {
            "id": "x",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "oracle",
            "choices": [choice],
            "usage": usage,
        }


class Handler(BaseHTTPRequestHandler):
    """One request of the agent."""

    protocol_version = "HTTP/1.1"
    api: Chat
    lock: threading.Lock

    def do_GET(self) -> None:
        self.reply(b"MARKER-WEB", "text/plain")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        with self.lock:
            answer = self.api.answer(body)
        self.reply(f"data: {json.dumps(answer)}\n\ndata: [DONE]\n\n".encode(), "text/event-stream")

    def reply(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def served(api: Chat) -> Iterator[int]:
    handler = type("Bound", (Handler,), {"api": api, "lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def session(case: Case, program: str, user: str | None) -> Told:
    """Runs one case and takes its folders away again."""
    place, script = Place(user), Script((), case.aside)
    try:
        with served(Chat(script)) as port:
            script.calls = tuple(Call(call.tool, words_in(call.input, place, port)) for call in case.calls)
            files = {**case.files, "{root}/provider.json": json.dumps(PROVIDER)}
            ready = Case(case.name, case.calls, files, case.arguments, {**VARIABLES, **case.variables}, case.git)
            place.settle(ready, port)
            output = run(ready, [program, "run", "go"], place, port)
            answers = tuple(script.answers.get(number, NOTHING) for number in range(len(case.calls)))
            return Told(case, answers, frozenset(), output)
    finally:
        subprocess.run(["rm", "-rf", str(place.root)], check=True)


def outcome(answer: str) -> str:
    if answer == NOTHING:
        return "no session"
    if ASKED.search(answer):
        return "asked"
    return "refused" if REFUSED.search(answer) else "ran"


def shown(call: Call) -> str:
    """A call in the words of a table."""
    if call.tool == "task":
        inner = json.loads(call.input["prompt"].removeprefix("SUB "))
        return f"{call.input['subagent_type']}: {shown(Call(inner['tool'], inner['input']))}"
    words = " ".join(str(each) for name, each in call.input.items() if name not in {"content", "description"})
    return f"{'' if call.tool == 'bash' else call.tool} {words}".strip().replace("|", "\\|")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what opencode does with a call.")
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--user")
    parser.add_argument("--answers", action="store_true")
    given = parser.parse_args()
    version = subprocess.run([given.program, "--version"], capture_output=True, text=True, check=True).stdout
    print(f"## opencode {version.strip()}\n")
    for case in CASES:
        if given.names and not any(name in case.name for name in given.names):
            continue
        told = session(case, given.program, given.user)
        print(f"### {case.name}\n\n| call | did | armslength says |\n| --- | --- | --- |")
        decisions = said(case)
        for number, call in enumerate(case.calls):
            print(f"| `{shown(call)}` | {outcome(told.answers[number])} | {decisions[number]} |", flush=True)
        print()
        if given.answers:
            print(json.dumps([*told.answers, told.output[-1500:]], indent=1), flush=True)


if __name__ == "__main__":
    main()
