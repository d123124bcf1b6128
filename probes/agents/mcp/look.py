"""The MCP probe: what it is, and whether there is anything for it to read."""

from collections.abc import Iterator

from scanner.data.mcp_places import patterns, variables
from scanner.host import Host
from scanner.model import Observation
from scanner.probe import probe

PROJECT_FILE = "<project file>"
POLICIES = ("registry:HKLM/SOFTWARE/Policies/ClaudeCode", "registry:HKCU/SOFTWARE/Policies/ClaudeCode")
SWITCHES = ("OPENCODE_PERMISSION", "OPENCODE_DISABLE_PROJECT_CONFIG")


@probe(
    id="mcp",
    title="MCP servers of coding agents",
    reads=(*patterns(), PROJECT_FILE, *(f"env:{name}" for name in (*variables(), *SWITCHES)), *POLICIES),
)
def mcp(host: Host) -> Iterator[Observation]:
    """Finds the MCP servers that agents are set up to use, and the secrets and sign-ins that these act with.

    **Why it matters.** An MCP server runs with the rights of the user, outside of the agent's sandbox. One that is
    fetched without a fixed version is whatever its author publishes next; one that a repository brings is whatever
    somebody commits. The tokens in these files open accounts, and every agent on the machine reads them.

    **What it cannot tell.** What a server's tools do: that only the server says, and asking it means to start it.
    Approvals that editors keep in their own databases, and connectors that lie on a vendor's account.

    **What it never does.** It starts no server, runs no `command` and no `headersHelper`, and connects nowhere.

    **Narrow it.** Fix versions; name variables instead of writing secrets out; approve tools one by one; give each
    server a token of its own that can do no more than it needs.
    """
    # The readers cost more to load than a look at whether there is anything for them.
    if not _is_there(host):
        return
    from probes.agents.mcp.flow import all_told

    met: set[Observation] = set()
    for seen in all_told(host):
        if seen not in met:
            met.add(seen)
            yield seen


def _is_there(host: Host) -> bool:
    if any(host.variable(name) for name in variables()) or next(host.places(*patterns()), None) is not None:
        return True
    if host.workspace is None:
        return False
    from probes.agents.above import project_files_above

    return project_files_above(host, patterns())
