"""What armslength says of the calls of a case, tool by tool: from the same settings, on a made-up machine."""

import json
import re

from model import Call
from rig import Case

from probes.agents.look import agents
from scanner.host import Process
from scanner.model import AgentSeen, Gate, Policy
from scanner.testing import FakeHost, observe

HOME, REPO, OUTSIDE = "/home/ada", "/home/ada/repo", "/outside"
WORDS = {Gate.NONE: "runs", Gate.PROMPT: "asks", Gate.REFUSED: "refuses", Gate.UNKNOWN: "unknown"}
STRENGTH = (Gate.NONE, Gate.UNKNOWN, Gate.PROMPT, Gate.REFUSED)
PARTS = re.compile(r"&&|[;|&\n]|\$\(|`|<\(|[()]|\bthen\b|\bif true\b|\bfi\b")
TARGETS = {"bash": "command", "read": "filePath", "grep": "path", "write": "filePath"}


def worded(text: str) -> str:
    for name, value in {"home": HOME, "repo": REPO, "outside": OUTSIDE, "root": "/made-up"}.items():
        text = text.replace("{" + name + "}", value)
    return text


def said(case: Case) -> list[str]:
    files = {worded(name): worded(text) for name, text in case.files.items()}
    if case.git:
        files[f"{REPO}/.git/HEAD"] = "ref: refs/heads/main\n"
    words = ("opencode", "run", *case.arguments)
    runs = [Process(7, 1, "opencode", words)] if case.arguments else []
    host = FakeHost(
        files={**files, "~/.config/opencode/.gitignore": ""},
        workspace=REPO,
        env=case.variables,
        processes=runs,
    )
    policy = next(each.policy for each in observe(agents, host) if isinstance(each, AgentSeen))
    return [decided(policy, call) for call in case.calls]


def decided(policy: Policy, call: Call, of: str = "") -> str:
    if call.tool == "task":
        inner = json.loads(call.input["prompt"].removeprefix("SUB "))
        return decided(policy, Call(inner["tool"], inner["input"]), f" of the agent {call.input['subagent_type']}")
    name = {"write": "edit"}.get(call.tool, call.tool)
    tools = {tool.name: tool for tool in policy.tools}
    tool = tools.get(name + of) or tools[name]
    target = worded(call.input[TARGETS[call.tool]])
    if call.tool != "bash":
        return WORDS[tool.decide(target).gate]
    parts = [part.strip() for part in PARTS.split(target) if part.strip() and not part.startswith(" <")]
    found = [tool.decide(part).gate for part in parts]
    return WORDS[max(found, key=STRENGTH.index)] if found else "-"
