"""What the real Gemini CLI and Qwen Code do with a call, through the protocol that editors speak with them (ACP).

There each question to a person is a message, which is noted and answered with no. It runs by hand, like `oracle.py`,
whose first lines say how to give the agent a user of its own and no network:

    npm install --prefix /opt/agents @google/gemini-cli @qwen-code/qwen-code
    unshare --net sh -c 'ip link set lo up; python bench/oracle/gemini.py gemini PROGRAM --user oracle'

PROGRAM is the path of the agent's script; further words choose the cases whose names hold one of them. Beside each
call stands what armslength says of it from the same settings, and `RESULTS-gemini.md` is what was measured last.
"""

import argparse
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gemini_cases import CASES, QWEN_CASES
from model import Body, Call, Script, text_of
from rig import NOTHING, PERSON, SECONDS, Case, Place, Told, identity, words_in

sys.path.insert(0, str(Path(__file__).parents[2]))

from gemini_policy import said

Message = dict[str, Any]
REFUSALS = re.compile(
    r"denied by policy|Path not in workspace|not in workspace|not found in registry|not found\. Did you mean"
    r"|denied by permission rules|is not within|must be within|requires explicit user confirmation|is denied"
)
MODEL = {"gemini": "gemini-2.5-flash", "qwen": "oracle"}


class Google:
    """The streamGenerateContent API."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def answer(self, body: Body) -> Body:
        declared = [each for tool in body.get("tools") or () for each in tool.get("functionDeclarations") or ()]
        if not declared:
            return self.say(self.script.aside)
        for content in body["contents"]:
            for part in content.get("parts") or ():
                self.note(part.get("functionResponse") or {})
        turn = len(self.script.answers)
        return self.call(turn) if turn < len(self.script.calls) else self.say("done")

    def note(self, response: Body) -> None:
        found = re.fullmatch(r"oracle_(\d+)", str(response.get("id", "")))
        if found:
            told = response.get("response", "")
            text = told.get("error") or told.get("output") if isinstance(told, dict) else told
            self.script.answers[int(found[1])] = str(text)

    def call(self, turn: int) -> Body:
        call = self.script.calls[turn]
        given = {"id": f"oracle_{turn}", "name": call.tool, "args": call.input}
        return self.whole([{"functionCall": given}])

    def say(self, text: str) -> Body:
        return self.whole([{"text": text}])

    def whole(self, parts: list[Body]) -> Body:
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
        usage = {"promptTokenCount": 10, "candidatesTokenCount": 10, "totalTokenCount": 20}
        return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": MODEL["gemini"]}


class Chat:
    """The chat completions API."""

    def __init__(self, script: Script) -> None:
        self.script = script

    def answer(self, body: Body) -> Body:
        if not body.get("tools"):
            return self.part({"content": self.script.aside}, "stop")
        for message in body["messages"]:
            found = re.fullmatch(r"oracle_(\d+)", str(message.get("tool_call_id", "")))
            if found:
                self.script.answers[int(found[1])] = text_of(message.get("content", ""))
        turn = len(self.script.answers)
        if turn >= len(self.script.calls):
            return self.part({"content": "done"}, "stop")
        call = self.script.calls[turn]
        function = {"name": call.tool, "arguments": json.dumps(call.input)}
        called = {"index": 0, "id": f"oracle_{turn}", "type": "function", "function": function}
        return self.part({"content": None, "tool_calls": [called]}, "tool_calls")

    def part(self, delta: Body, reason: str) -> Body:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": reason}
        usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}
        return {"id": "x", "object": "chat.completion.chunk", "model": "oracle", "choices": [choice], "usage": usage}


class Handler(BaseHTTPRequestHandler):
    """One request of an agent."""

    protocol_version = "HTTP/1.1"
    api: Google | Chat
    lock: threading.Lock

    def do_GET(self) -> None:
        self.reply(b"MARKER-WEB", "text/plain")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        if "countTokens" in self.path:
            self.reply(b'{"totalTokens": 10}', "application/json")
            return
        with self.lock:
            answer = self.api.answer(body)
        if "streamGenerateContent" in self.path or body.get("stream"):
            end = "data: [DONE]\n\n" if isinstance(self.api, Chat) else ""
            self.reply(f"data: {json.dumps(answer)}\n\n{end}".encode(), "text/event-stream")
            return
        if isinstance(self.api, Chat):
            choice = answer["choices"][0]
            answer = {**answer, "choices": [{**choice, "message": choice["delta"]}]}
        self.reply(json.dumps(answer).encode(), "application/json")

    def reply(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def served(api: Google | Chat) -> Iterator[int]:
    handler = type("Bound", (Handler,), {"api": api, "lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


VARIABLES = {
    "gemini": {"GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:{port}", "GEMINI_API_KEY": "CANARY", "NO_BROWSER": "true"},
    "qwen": {"OPENAI_BASE_URL": "http://127.0.0.1:{port}/v1", "OPENAI_API_KEY": "CANARY", "OPENAI_MODEL": "oracle"},
}
SIGNED = {"gemini": "gemini-api-key", "qwen": "openai"}


def prepared(agent: str, case: Case) -> Case:
    """The case with what the agent needs to start: a way to sign in, and the answer about trust."""
    path = f"{{home}}/.{agent}/settings.json"
    settings = json.loads(case.files.get(path, "{}"))
    settings.setdefault("security", {})["auth"] = {"selectedType": SIGNED[agent]}
    files = {**case.files, path: json.dumps(settings, indent=1), "{home}/person.py": PERSON}
    if case.trusted is not None:
        level = "TRUST_FOLDER" if case.trusted else "DO_NOT_TRUST"
        files[f"{{home}}/.{agent}/trustedFolders.json"] = json.dumps({"{repo}": level})
    return replace(case, files=files, variables={**VARIABLES[agent], **case.variables})


def session(agent: str, case: Case, program: str, user: str | None) -> tuple[Told, list[str]]:
    """Runs one case, asks armslength about the same home, and takes the folders away."""
    place, script = Place(user), Script((), case.aside)
    try:
        with served(Google(script) if agent == "gemini" else Chat(script)) as port:
            script.calls = tuple(Call(call.tool, words_in(call.input, place, port)) for call in case.calls)
            place.settle(case, port)
            words = ["node", program, "--acp", *(place.words(each, port) for each in case.arguments)]
            output = talk(agent, words, place, place.environment(case, port), script)
            answers = tuple(script.answers.get(number, NOTHING) for number in range(len(case.calls)))
            told = Told(case, answers, frozenset(script.asked), output)
            arguments = tuple(place.words(each, port) for each in case.arguments)
            return told, said(agent, place.home, place.repo, script.calls, arguments)
    finally:
        subprocess.run(["rm", "-rf", str(place.root)], check=True)


def talk(agent: str, words: list[str], place: Place, environment: dict[str, str], script: Script) -> str:
    child = subprocess.Popen(
        words,
        cwd=place.repo,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        **identity(place.user),
    )
    late = threading.Timer(SECONDS, child.kill)
    late.start()
    try:
        return Talk(child, script).turn(str(place.repo), SIGNED[agent])
    except BrokenPipeError:
        return "(did not start)"
    finally:
        late.cancel()
        child.kill()
        child.communicate()


class Talk:
    """One turn: whatever a person is asked is declined, and noted."""

    def __init__(self, child: "subprocess.Popen[str]", script: Script) -> None:
        self.child, self.script, self.number = child, script, 0

    def turn(self, folder: str, method: str) -> str:
        self.call("initialize", {"protocolVersion": 1, "clientCapabilities": {}})
        begun = self.call("session/new", {"cwd": folder, "mcpServers": []})
        if "result" not in begun:
            self.call("authenticate", {"methodId": method})
            begun = self.call("session/new", {"cwd": folder, "mcpServers": []})
        if "result" not in begun:
            return json.dumps(begun.get("error"))
        words = {"sessionId": begun["result"]["sessionId"], "prompt": [{"type": "text", "text": "go"}]}
        ended = self.call("session/prompt", words)
        while (turn := len(self.script.answers)) < len(self.script.calls) and turn in self.script.asked:
            self.script.answers[turn] = "(declined, which ended the turn)"
            ended = self.call("session/prompt", words)
        return json.dumps((begun["result"].get("modes") or {}).get("currentModeId") or ended.get("error"))

    def call(self, method: str, parameters: Message) -> Message:
        self.number += 1
        mine = self.number
        self.send({"id": mine, "method": method, "params": parameters})
        return self.until(mine)

    def send(self, message: Message) -> None:
        self.child.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
        self.child.stdin.flush()

    def until(self, mine: int) -> Message:
        for line in self.child.stdout:
            if not line.startswith("{"):
                continue
            message = json.loads(line)
            if "id" in message and "method" in message:
                self.decline(message)
            elif message.get("id") == mine:
                return message
        return {"error": "the program ended"}

    def decline(self, question: Message) -> None:
        if question["method"] != "session/request_permission":
            self.send({"id": question["id"], "error": {"code": -32601, "message": "no"}})
            return
        self.script.asked.add(len(self.script.answers))
        options = question["params"]["options"]
        no = next((each["optionId"] for each in options if each["kind"].startswith("reject")), None)
        chosen = {"outcome": "selected", "optionId": no} if no else {"outcome": "cancelled"}
        self.send({"id": question["id"], "result": {"outcome": chosen}})


def outcome(told: Told, number: int) -> str:
    if number in told.asked:
        return "asked"
    if told.answers[number] == NOTHING:
        return "no session"
    return "refused" if REFUSALS.search(told.answers[number]) else "ran"


def shown(call: Call) -> str:
    words = " ".join(str(each) for name, each in call.input.items() if name not in {"content", "description"})
    return f"{'' if call.tool == 'run_shell_command' else call.tool} {words}".strip().replace("|", "\\|")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what Gemini CLI or Qwen Code does with a call.")
    parser.add_argument("agent", choices=("gemini", "qwen"))
    parser.add_argument("program")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--user")
    parser.add_argument("--answers", action="store_true")
    given = parser.parse_args()
    version = subprocess.run(["node", given.program, "--version"], capture_output=True, text=True, check=True).stdout
    print(f"## {given.agent} {version.strip()}\n")
    for case in CASES if given.agent == "gemini" else QWEN_CASES:
        if given.names and not any(name in case.name for name in given.names):
            continue
        told, decisions = session(given.agent, prepared(given.agent, case), given.program, given.user)
        print(f"### {case.name}\n\n| call | did | armslength says |\n| --- | --- | --- |")
        for number, call in enumerate(case.calls):
            print(f"| `{shown(call)}` | {outcome(told, number)} | {decisions[number]} |", flush=True)
        print()
        if given.answers:
            print(json.dumps([*told.answers, told.output[-500:]], indent=1), flush=True)


if __name__ == "__main__":
    main()
