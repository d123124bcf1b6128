"""How to mend what agents inherit and which MCP servers they have: the commands of each, for the machine's shell."""

from collections.abc import Sequence

from scanner.contract.plain import some
from scanner.mends import VARIABLE, quoted
from scanner.model import Fix, Platform, ServerSeen

# How a client takes a server out of its own files; others have it edited.
TAKES_OUT = {
    "claude-code": "claude mcp remove {}",
    "codex": "codex mcp remove {}",
    "gemini-cli": "gemini mcp remove {}",
    "qwen-code": "qwen mcp remove {}",
}


def inherited(names: Sequence[str], platform: Platform) -> Fix:
    """How to start agents without these variables."""
    known = [name for name in names if VARIABLE.fullmatch(name)]
    unset = f"unset {' '.join(known)}"
    if platform is Platform.WINDOWS:
        unset = "; ".join(f"Remove-Item Env:{name}" for name in known)
    told = "Start agents from a shell that does not set them, and take them out of the files that it reads first."
    return Fix(told, (unset,) if known else ())


def strange(servers: Sequence[ServerSeen], platform: Platform) -> Fix:
    """How to be rid of servers that nobody named in the contract."""
    names = sorted({each.name for each in servers})
    words = [(TAKES_OUT.get(each.client), quoted(each.name, platform)) for each in servers]
    commands = dict.fromkeys(told.format(name) for told, name in words if told is not None and name is not None)
    return Fix(
        f"Take {some(names)} out of the files that name them, or list them under mcp in the contract.", tuple(commands)
    )


def tools_of(name: str, tools: Sequence[str]) -> Fix:
    """How to have a server's tools asked about."""
    listed = f"only {some(tools)}" if tools else "none of its tools"
    return Fix(
        f"Approve {listed} by name, in the agent's own rules and in the server's entry, and take out what means all of "
        f"{name} (such as mcp__{name} or trust)."
    )
