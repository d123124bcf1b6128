"""What armslength says of the calls of a case: from the same settings, on a made-up machine."""

import re

from model import Call
from rig import Case

from probes.agents.look import agents
from scanner.host import Process
from scanner.model import AgentSeen, Channel, Gate, Policy
from scanner.testing import FakeHost, observe

HOME, REPO, OUTSIDE = "/home/ada", "/home/ada/repo", "/outside"
STRENGTH = (Gate.NONE, Gate.UNKNOWN, Gate.PROMPT, Gate.REFUSED)
PARTS = re.compile(r"&&|[;|&\n]|\$\(|[()]|\bthen\b|\bif true\b|\bfi\b|>.*")
PROGRAMS = ("bwrap", "slirp4netns", "unshare", "nsenter", "iptables", "ip6tables")
CHANNELS = {"view": (Channel.READ, "view"), "create": (Channel.WRITE, "create and edit")}


def worded(text: str) -> str:
    for name, value in {"home": HOME, "repo": REPO, "outside": OUTSIDE}.items():
        text = text.replace("{" + name + "}", value)
    return text


def said(case: Case) -> list[str]:
    files = {worded(name): worded(text) for name, text in case.files.items()}
    files |= {f"/usr/bin/{name}": "" for name in PROGRAMS}
    words = tuple(worded(word) for word in ("/opt/copilot", "-p", "go", *case.arguments))
    host = FakeHost(
        files={**files, f"{REPO}/.git/HEAD": "ref: refs/heads/main\n", "~/.copilot/x": ""},
        workspace=REPO,
        env=case.variables,
        processes=[Process(7, 1, "copilot", words)],
    )
    policy = next(each.policy for each in observe(agents, host) if isinstance(each, AgentSeen))
    return [decided(policy, call) for call in case.calls] if policy is not None else []


def decided(policy: Policy, call: Call) -> str:
    if call.tool.startswith("person-"):
        return _told(policy, Channel.CALL, "MCP tools", f"person/{call.tool.removeprefix('person-')}")
    if call.tool in CHANNELS:
        channel, name = CHANNELS[call.tool]
        return _told(policy, channel, name, worded(call.input["path"]))
    text = worded(call.input["command"])
    parts = [part.strip() for part in PARTS.split(text) if part.strip()]
    names = [tool.name for tool in policy.tools if tool.channel is Channel.EXECUTE]
    found = [_told(policy, Channel.EXECUTE, names[0], part) for part in parts]
    return max(found, key=lambda gate: STRENGTH.index(Gate(gate)))


def _told(policy: Policy, channel: Channel, name: str, target: str) -> str:
    [tool] = [tool for tool in policy.tools if tool.channel is channel and tool.name == name]
    return str(tool.decide(target).gate)
