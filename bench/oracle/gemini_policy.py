"""What armslength says of the same calls, from the home that the agent was given."""

from pathlib import Path, PurePosixPath

from model import Call

from probes.agents.look import agents
from scanner.host import Process
from scanner.model import AgentSeen, Channel, Policy
from scanner.testing import FakeHost, observe

IDS = {"gemini": "gemini-cli", "qwen": "qwen-code"}
NO_SIMPLE = "(no simple command)"  # patterns speak of those alone, and the agent takes the others apart
LISTS = ("; ", "$(", " > ", " | ", "&& ")
TOOLS = {
    "run_shell_command": (Channel.EXECUTE, "command"),
    "read_file": (Channel.READ, "file_path"),
    "write_file": (Channel.WRITE, "file_path"),
}


def said(agent: str, home: Path, repo: Path, calls: tuple[Call, ...], arguments: tuple[str, ...]) -> list[str]:
    """The gate before each call, as the agent's own rules have it, and the rule that decides."""
    files = {
        f"~/{each.relative_to(home)}": each.read_text()
        for each in home.rglob("*")
        if each.is_file() and each.suffix in {".json", ".toml"}
    }
    process = Process(7, 1, "node", ("node", f"/usr/bin/{agent}", *arguments))
    made = PurePosixPath("/home/ada")
    text = {path: content.replace(str(home), str(made)) for path, content in files.items()}
    host = FakeHost(files=text, workspace=f"~/{repo.relative_to(home)}", processes=[process])
    [seen] = [each for each in observe(agents, host) if isinstance(each, AgentSeen) and each.agent == IDS[agent]]
    return [_decided(seen.policy, call, str(home), str(made)) for call in calls] if seen.policy else []


def _decided(policy: Policy, call: Call, home: str, made: str) -> str:
    if call.tool not in TOOLS:
        return "-"
    channel, key = TOOLS[call.tool]
    target = str(call.input[key]).replace(home, made)
    told = [
        tool.decide(target) for tool in policy.tools if tool.channel is channel and tool.name in {call.tool, "Bash"}
    ]
    return f"{told[0].gate}, {told[0].rule}" if told else "-"
