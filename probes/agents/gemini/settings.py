"""The settings of Gemini CLI, merged as it merges them: lists of a higher source replace those of a lower one."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from probes.agents.documents import Document, Documents
from probes.agents.gemini.flags import Running
from probes.agents.gemini.here import DEFAULTS, NAMED, SYSTEM, Here, Trust, files, of_project, system, trust
from probes.agents.layers import ENTRIES, MANAGED, PROJECT, USER, Found, Layers, layered
from probes.agents.tree import parse
from scanner.host import Host, TextFile
from scanner.host.paths import pure
from scanner.model import Evidence, Gap, GapKind

SHIPPED = "system defaults"
BROKEN = "is not taken: Gemini CLI does not start with it, and is judged without it"


class Settings(Struct, frozen=True):
    """All sources that count in the folder, highest first, and what they are read for; `run` a running agent."""

    here: Here
    layers: Layers
    trust: Trust
    trusted_by: Evidence | None = None
    project: tuple[Document, ...] = ()
    run: Running | None = None

    @property
    def trusted(self) -> bool:
        """Whether the folder's own files count."""
        return self.trust is Trust.YES or (self.run is not None and self.run.trusted)

    @property
    def host(self) -> Host:
        """The machine."""
        return self.layers.documents.host

    def listed(self, *keys: str) -> tuple[Found, ...] | None:
        """The entries of the highest list under a key, None where there is none."""
        found = next(iter(self.layers.each(*keys)), None)
        return tuple(self.layers.listed(found)) if found is not None else None

    def servers(self) -> Iterator[tuple[str, Found]]:
        """The entries of MCP servers: of one name the highest."""
        met: set[str] = set()
        for found in self.layers.each("mcpServers"):
            for name, node in islice(found.node.pairs, ENTRIES):
                if name not in met:
                    met.add(name)
                    yield name, Found(node, found.layer, f"mcpServers.{name}")

    def gives(self, found: Found) -> bool:
        """Whether a repository says it."""
        return found.layer.scope == PROJECT


def read(documents: Documents, where: Here, run: Running | None = None) -> Settings:
    """The settings in a folder, as a running agent has them or the next one will."""
    machine = _whole(documents, tuple(system(documents, "system")))
    shipped = _whole(documents, (*system(documents, "defaults"), *_beside(documents)))
    user = _whole(documents, files(documents, "settings"))
    own = layered(documents, [(MANAGED, machine), (USER, user), (SHIPPED, shipped)])
    enabled = own.is_on("security", "folderTrust", "enabled", default=True)
    said, evidence = trust(documents, where, enabled=enabled)
    project = _whole(documents, of_project(documents, "project"))
    trusted = said is Trust.YES or (run is not None and run.trusted)
    sources = [(MANAGED, machine), (PROJECT, project if trusted else ()), (USER, user), (SHIPPED, shipped)]
    return Settings(where, layered(documents, sources), said, evidence, project, run)


def _beside(documents: Documents) -> tuple[Document, ...]:
    """The defaults beside settings of the system that a variable names."""
    host = documents.host
    named = host.variable(SYSTEM)
    if not named or host.variable(DEFAULTS):
        return ()
    path = pure(host.platform, named).parent / "system-defaults.json"
    found = (each for each in host.read_named(NAMED, path) if isinstance(each, TextFile))
    return tuple(document for file in found if (document := parsed(documents, file)) is not None)


def parsed(documents: Documents, file: TextFile, form: str = "json") -> Document | None:
    """A file that another one names, as a document; what is wrong with it is told."""
    tree = parse(file.text, form, documents.host.check_time)
    shown = documents.host.shown(file.path)
    gaps = (Gap(each.kind, f"{shown}, line {each.line}", each.why) for each in tree.faults)
    documents.gaps.extend(each for each in gaps if each not in documents.gaps)
    return Document(tree.root, file.path, file.place) if tree.root is not None else None


def _whole(documents: Documents, found: tuple[Document, ...]) -> tuple[Document, ...]:
    """The sources whose text is whole: with another one Gemini CLI does not start."""
    kept = []
    for layer in layered(documents, [("", found)]).layers:
        if layer.document.root.members is not None and (layer.whole or _is_twice_only(documents, layer.document)):
            kept.append(layer.document)
            continue
        path = layer.document.path
        gap = Gap(GapKind.FAILED, documents.host.shown(path) if path is not None else "settings", BROKEN)
        if gap not in documents.gaps:
            documents.gaps.append(gap)
    return tuple(kept)


def _is_twice_only(documents: Documents, document: Document) -> bool:
    """Whether nothing is wrong but that a key stands twice, of which it takes the later as well."""
    shown = documents.host.shown(document.path) if document.path is not None else ""
    told = [each for each in documents.gaps if each.place == shown or each.place.startswith(f"{shown}, line ")]
    return all("has a key twice" in each.why for each in told)
