"""Codex, through the protocol that editors speak with it, where each question to a person is a message.

A case whose first argument is "exec" is put to `codex exec` instead, which never asks.
"""

import json
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from model import OpenAI, Script
from rig import PERSON, SECONDS, Case, Place, Told, identity, run, session

Message = dict[str, Any]
PROVIDER = """model = "gpt-5.2"
model_provider = "oracle"
check_for_update_on_startup = false
[model_providers.oracle]
name = "oracle"
base_url = "http://127.0.0.1:{port}/v1"
wire_api = "responses"
env_key = "ORACLE_KEY"
[analytics]
enabled = false
"""
CONFIG = "{home}/.codex/config.toml"
VARIABLES = {"CODEX_HOME": "{home}/.codex", "ORACLE_KEY": "made-up"}


def ask(case: Case, program: str, user: str | None) -> Told:
    """Puts one case to the real program; its own config has the keys first and the tables after a line of dashes."""
    return session(prepared(case), lambda *given: start(program, *given), OpenAI, user)


def prepared(case: Case) -> Case:
    keys, _, tables = case.files.get(CONFIG, "").partition("---\n")
    word = "trusted" if case.trusted else "untrusted"
    trust = "" if case.trusted is None else f'[projects."{{repo}}"]\ntrust_level = "{word}"\n'
    files = {**case.files, CONFIG: f"{keys}\n{PROVIDER}{trust}{tables}", "{home}/person.py": PERSON}
    return replace(case, files=files, variables={**VARIABLES, **case.variables})


def start(program: str, case: Case, place: Place, port: int, script: Script) -> str:
    if case.arguments[:1] == ("exec",):
        return run(case, [program], place, port)
    child = subprocess.Popen(
        [program, "app-server"],
        cwd=place.repo,
        env=place.environment(case, port),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        **identity(place.user),
    )
    late = threading.Timer(SECONDS, child.kill)
    late.start()
    try:
        return Talk(child, script).turn(str(place.repo))
    except BrokenPipeError:
        return "(did not start)"
    finally:
        late.cancel()
        child.kill()
        child.communicate()


class Talk:
    """One turn over the protocol: whatever a person is asked is declined, and noted."""

    def __init__(self, child: subprocess.Popen[str], script: Script) -> None:
        self.child, self.script, self.number = child, script, 0

    def turn(self, folder: str) -> str:
        client = {"name": "oracle", "title": "oracle", "version": "1"}
        self.call("initialize", {"clientInfo": client, "capabilities": {"experimentalApi": True}})
        self.send({"method": "initialized"})
        begun = self.call("thread/start", {"cwd": folder})
        if "result" not in begun:
            return str(begun.get("error"))
        thread = begun["result"]
        words = [{"type": "text", "text": "go"}]
        self.call("turn/start", {"threadId": thread["thread"]["id"], "input": words})
        self.until(lambda message: message.get("method") == "turn/completed")
        return f"{json.dumps(thread['approvalPolicy'])}, {thread['sandbox']['type']}"

    def call(self, method: str, parameters: Message) -> Message:
        self.number += 1
        mine = self.number
        self.send({"id": mine, "method": method, "params": parameters})
        return self.until(lambda message: message.get("id") == mine and "method" not in message)

    def send(self, message: Message) -> None:
        self.child.stdin.write(json.dumps(message) + "\n")
        self.child.stdin.flush()

    def until(self, wanted: Callable[[Message], bool]) -> Message:
        for line in self.child.stdout:
            message = json.loads(line)
            if "id" in message and "method" in message:
                self.decline(message)
            elif wanted(message):
                return message
        return {"error": "the program ended"}

    def decline(self, question: Message) -> None:
        self.script.asked.add(len(self.script.answers))
        elicitation = "elicitation" in question["method"]
        self.send({"id": question["id"], "result": {"action" if elicitation else "decision": "decline"}})
