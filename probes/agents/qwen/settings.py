"""The settings of Qwen Code, merged as it merges them: rules are joined over all sources, the mode is the highest's.

A repository's settings count like the user's own wherever trust in folders is not switched on, as it is not by default.
"""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.documents import Document, Documents
from probes.agents.gemini.flags import Running
from probes.agents.gemini.here import Trust, covers
from probes.agents.layers import MANAGED, PROJECT, USER, Found, Layers, layered
from scanner.data.agent_places import places_of
from scanner.host import Host
from scanner.model import Evidence, Platform
from scanner.text import printable

AGENT, TITLE = "qwen-code", "Qwen Code"
SHIPPED = "system defaults"
FOLDERS = 5_000


class Settings(Struct, frozen=True):
    """All sources that count in the folder, highest first; `run` a running agent, None for the next start."""

    host: Host
    cwd: PurePath
    layers: Layers
    trust: Trust
    trusted_by: Evidence | None = None
    project: tuple[Document, ...] = ()
    run: Running | None = None

    @property
    def trusted(self) -> bool:
        """Whether the folder's own files count."""
        return self.trust is Trust.YES

    @property
    def fold(self) -> bool:
        """Whether the disks here ignore case."""
        return self.host.platform is not Platform.LINUX

    def gives(self, found: Found) -> bool:
        """Whether a repository says it."""
        return found.layer.scope == PROJECT

    def servers(self) -> Iterator[tuple[str, Found]]:
        """The entries of MCP servers: of one name the highest."""
        met: set[str] = set()
        for found in self.layers.each("mcpServers"):
            for name, node in found.node.pairs[:FOLDERS]:
                if name not in met:
                    met.add(name)
                    yield name, Found(node, found.layer, f"mcpServers.{name}")


def patterns(host: Host, name: str) -> tuple[str, ...]:
    """Of the declared patterns those that count: a variable takes the place of the usual ones."""
    declared = places_of(AGENT).files[name]
    named = tuple(each for each in declared if each.startswith("$"))
    said = tuple(each for each in named if host.variable(each[1:].partition("/")[0]))
    return said[:1] or tuple(each for each in declared if each not in named)


def read(documents: Documents, run: Running | None = None) -> Settings:
    """The settings in the folder, as a running agent has them or the next one will."""
    host = documents.host
    cwd = host.workspace or host.home
    machine, shipped, user = (
        tuple(documents.read(patterns(host, name))) for name in ("system", "defaults", "settings")
    )
    own = layered(documents, [(MANAGED, machine), (USER, user), (SHIPPED, shipped)])
    said, evidence = _trust(documents, cwd, enabled=own.is_on("security", "folderTrust", "enabled"))
    found = documents.read(places_of(AGENT).files["project"])
    project = tuple(each for each in found if each.project == host.workspace and cwd != host.home)
    sources = [(MANAGED, machine), (PROJECT, project if said is Trust.YES else ()), (USER, user), (SHIPPED, shipped)]
    return Settings(host, cwd, layered(documents, sources), said, evidence, project, run)


def _trust(documents: Documents, cwd: PurePath, *, enabled: bool) -> tuple[Trust, Evidence | None]:
    """Whether the folder is trusted: each one is, until trust is switched on."""
    if not enabled:
        return Trust.YES, None
    host = documents.host
    best: tuple[int, Trust, Evidence] | None = None
    for document in documents.read(patterns(host, "trust")):
        for name, node in document.root.pairs[:FOLDERS]:
            if covers(host.platform, cwd, name, node.text) and (best is None or len(name) > best[0]):
                said = Trust.NO if node.text == "DO_NOT_TRUST" else Trust.YES
                best = (len(name), said, document.at(printable(name), node.line))
    return (best[1], best[2]) if best is not None else (Trust.UNASKED, None)
