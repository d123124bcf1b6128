"""Amp's settings: what the organisation, the command line, the workspace and the user say, in the vendor's order.

A workspace's value stands before the user's, and its rules are tried first: a repository decides.
"""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.above import above
from probes.agents.amp.rules import is_rule
from probes.agents.basis import Basis, Option, basis
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import ENTRIES, MANAGED, PROJECT, USER, Found, layered
from scanner.host import Host
from scanner.model import Evidence, Gate, Ruling

FILE = "AMP_SETTINGS_FILE"
ALL, RULES, GUARDS = "amp.dangerouslyAllowAll", "amp.permissions", "amp.guardedFiles.allowlist"
OFF = "all tools run unasked, since no setting switches permissions on (default)"


class Setup(Struct, frozen=True):
    """What was read for one workspace."""

    basis: Basis
    free: Ruling | None
    rules: tuple[Found, ...]
    unguarded: tuple[str, ...]
    switch: Found | None


def setup(host: Host, each: Installed) -> Setup:
    """Reads all of it; broken files do not count."""
    documents = Documents(host)
    files = each.row.files
    name = "moved" if host.variable(FILE) else "settings"
    sources = [
        (MANAGED, documents.read(files["managed"])),
        (PROJECT, _nearest(documents, files["project"])),
        (USER, documents.read(files[name])),
    ]
    found = basis(host, each, layered(documents, sources))
    switch = found.layers.flag(ALL)
    rules = tuple(_rules(found))
    guards = [one.node.text for one in found.layers.entries(GUARDS) if one.node.text]
    return Setup(found, _free(found, switch), rules, tuple(guards), switch)


def _nearest(documents: Documents, patterns: tuple[str, ...]) -> Iterator[Document]:
    """The settings of the workspace, or of the nearest folder above it that has some."""
    host = documents.host
    found = {document.project: document for document in documents.read(patterns)}
    folders = (host.workspace, *above(host))
    nearest = next((found[folder] for folder in folders if folder in found), None)
    if nearest is not None:
        yield nearest


def _rules(found: Basis) -> Iterator[Found]:
    """The rules of all files, those of the workspace first, and the organisation's before them."""
    for told in found.layers.each(RULES):
        for entry in found.layers.listed(told):
            if is_rule(entry.node):
                yield entry
            elif len(found.layers.notes) < ENTRIES:
                found.layers.note(entry, "has an entry that is no rule; it counts for nothing")


def _free(found: Basis, switch: Found | None) -> Ruling | None:
    """What lets all through: an option, the switch, or that nothing switches permissions on."""
    managed = switch is not None and switch.layer.scope == MANAGED
    option: Option | None = found.option("--dangerously-allow-all")
    if option is not None and not managed:
        return Ruling(Gate.NONE, f"{option.name} of the running {option.evidence.process}", option.evidence)
    if switch is not None and switch.node.flag:
        return Ruling(Gate.NONE, f"{ALL} true", switch.evidence)
    on = switch is not None or any(found.layers.each(RULES)) or any(found.layers.each(GUARDS))
    return None if on else found.default(Gate.NONE, OFF)


def evidence(told: Setup) -> Evidence:
    """Where permissions are switched, or the agent itself is seen."""
    return told.switch.evidence if told.switch is not None else told.basis.each.evidence
