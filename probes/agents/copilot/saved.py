"""Approvals that a person gave for good: `permissions-config.json`, by the folder that they were given in."""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath

from msgspec import Struct

from probes.agents.above import above
from probes.agents.copilot.grammar import Told
from probes.agents.documents import Document, Documents
from probes.agents.tree import Node
from scanner.host import Host
from scanner.model import Evidence, Gap, GapKind

ENTRIES = 2000  # of one folder
SOURCE = "a saved approval"
OTHER = frozenset(
    {
        *("mcp-sampling", "memory", "custom-tool", "extension-management", "extension-permission-access"),
        *("workflow", "extension-env-access"),
    }
)


class Saved(Struct, frozen=True):
    """What was approved for the workspace: permissions, and folders that became working ones."""

    allow: tuple[Told, ...] = ()
    folders: tuple[tuple[str, Evidence], ...] = ()
    gaps: tuple[Gap, ...] = ()


def root(host: Host) -> PurePath:
    """The folder that approvals are kept by: the repository's, or the one it works in."""
    folders = above(host)
    return folders[-1] if folders else host.workspace or host.home


def saved(documents: Documents, patterns: tuple[str, ...]) -> Saved:
    """The approvals for the workspace. A broken file counts for nothing."""
    allow: list[Told] = []
    folders: list[tuple[str, Evidence]] = []
    gaps: list[Gap] = []
    for document in documents.read(patterns):
        if _is_broken(documents, document):
            continue
        here = _here(documents.host, document)
        if here is None:
            continue
        items = here.at("tool_approvals")
        told = [*islice((items.items if items is not None else None) or (), ENTRIES)]
        known = all(_is_known(each) for each in told)
        if not known:
            why = "names a kind of approval that is not known; Copilot 1.0.102 drops all of this folder then"
            gaps.append(Gap(GapKind.FAILED, f"{documents.host.shown(document.path or documents.host.home)}", why))
        allow += [each for node in told for each in _told(document, node, sure=known)]
        listed = here.at("allowed_directories")
        folders += [
            (node.text, document.at("allowed_directories", node.line))
            for node in islice((listed.items if listed is not None else None) or (), ENTRIES)
            if node.text
        ]
    return Saved(tuple(allow), tuple(folders), tuple(gaps))


def _is_broken(documents: Documents, document: Document) -> bool:
    place = documents.host.shown(document.path) if document.path is not None else ""
    return any(gap.place.startswith(f"{place}, line ") and "no whole" in gap.why for gap in documents.gaps)


def _here(host: Host, document: Document) -> Node | None:
    """What is kept for the workspace: its own path, as it is, and no folder above it but the repository's."""
    wanted = root(host)
    locations = document.root.at("locations")
    for name, node in locations.pairs if locations is not None else ():
        if type(wanted)(name) == wanted and not name.endswith("/"):
            return node
    return None


def _is_known(node: Node) -> bool:
    return node.said("kind") in {"commands", "read", "write", "mcp", *OTHER}


def _told(document: Document, node: Node, *, sure: bool) -> Iterator[Told]:
    place = document.at(f"tool_approvals.{node.said('kind')}" if _is_known(node) else "tool_approvals", node.line)
    match node.said("kind"):
        case "commands":
            names = node.at("commandIdentifiers")
            for each in islice(names.texts() if names is not None else (), ENTRIES):
                yield Told("shell", each, SOURCE, place, sure)
        case "read" | "write" as kind:
            yield Told(kind, None, SOURCE, place, sure)
        case "mcp":
            if node.said("serverName"):
                yield Told(node.said("serverName"), node.said("toolName") or None, SOURCE, place, sure, served=True)
