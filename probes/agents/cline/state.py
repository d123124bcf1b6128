"""Cline's data folder, which all its hosts share: what it approves by itself, and which tools of servers."""

from collections.abc import Iterator, Mapping
from itertools import islice

from msgspec import Struct

from probes.agents.documents import Documents
from probes.agents.layers import ENTRIES, USER, Found, Layers, layered
from probes.agents.shown import shown
from scanner.host import Host

SERVERS = 500
APPROVAL = "autoApprovalSettings"
ALWAYS = "yoloModeToggled"  # of older builds: nothing asks at all


class Data(Struct, frozen=True):
    """One data folder: `settings` is its globalState.json, `servers` its settings of MCP servers."""

    settings: Layers
    servers: Layers

    def action(self, name: str) -> Found | None:
        """The switch of one kind of act ("readFiles"), None where it stands nowhere."""
        return self.settings.flag(APPROVAL, "actions", name)

    @property
    def always(self) -> Found | None:
        """The switch with which older builds approve everything."""
        return self.settings.flag(ALWAYS)


class Approved(Struct, frozen=True):
    """A tool of a server that may run unasked, and the entry that says so."""

    server: str
    tool: str
    found: Found


def data(documents: Documents, files: Mapping[str, tuple[str, ...]]) -> Data:
    """The data folder that counts, of `files` with patterns for its "state" and its "servers"."""
    host = documents.host
    state = documents.read(chosen(host, files["state"]))
    servers = documents.read(chosen(host, files["servers"]))
    return Data(layered(documents, [(USER, state)]), layered(documents, [(USER, servers)]))


def chosen(host: Host, patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The first pattern that a variable which is set moves elsewhere, or the one that needs none."""
    for pattern in patterns:
        if not pattern.startswith("$") or host.variable(pattern[1:].partition("/")[0]):
            return (pattern,)
    return ()


def approved_tools(servers: Layers) -> Iterator[Approved]:
    """The tools that entries of servers name as approved, those of servers that are switched off left out."""
    for told in servers.each("mcpServers"):
        if len(told.node.pairs) > SERVERS:
            servers.note(told, f"has more than {SERVERS} entries; the rest was not read")
        for name, node in told.node.pairs[:SERVERS]:
            listed = node.get("autoApprove")
            off = node.get("disabled")
            if listed is None or (off is not None and off.flag is True):
                continue
            key = f"mcpServers.{shown(name) or 'a server'}.autoApprove"
            for found in islice(servers.listed(Found(listed, told.layer, key)), ENTRIES):
                if found.node.text:
                    yield Approved(name, found.node.text, found)
