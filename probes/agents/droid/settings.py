"""Droid's settings: of its session's defaults the nearest folder's count first, and lists add up over all.

As its program 0.225 has them: options, the folder, the project, the user, and then the organisation, whose cap on
autonomy holds for all. So a repository raises the level that a session starts with.
"""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct

from probes.agents.above import above
from probes.agents.basis import Basis, Option, basis
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import LOCAL, MANAGED, PROJECT, USER, Found, layered
from scanner.host import Host

LEVELS = ("off", "low", "medium", "high")
MODES = {"normal": "off", "spec": "off", "auto-low": "low", "auto-medium": "medium", "auto-high": "high"}
UNSAFE = "--skip-permissions-unsafe"


class Level(Struct, frozen=True):
    """The autonomy that counts and what sets it, None for the vendor's default."""

    name: str
    found: Found | None = None
    option: Option | None = None
    cap: Found | None = None


def settings(host: Host, each: Installed) -> Basis:
    """All files, those that count first before others; broken ones do not count."""
    documents = Documents(host)
    files = each.row.files
    sources: list[tuple[str, tuple[Document, ...]]] = []
    for folder in (host.workspace, *above(host)):
        if folder is not None:
            sources += [
                (LOCAL, tuple(_of(documents, files["local"], folder))),
                (PROJECT, tuple(_of(documents, files["project"], folder))),
            ]
    sources += [
        (USER, tuple(documents.read(files["own"]))),
        (USER, tuple(documents.read(files["settings"]))),
        (MANAGED, tuple(documents.read(files["managed"]))),
    ]
    return basis(host, each, layered(documents, sources))


def _of(documents: Documents, patterns: tuple[str, ...], folder: PurePath) -> Iterator[Document]:
    return (document for document in documents.read(patterns) if document.project == folder)


def level(found: Basis) -> Level:
    """The level of a session: the highest that any running one was given, else what the files say."""
    cap = next((each for each in found.layers.each("maxAutonomyLevel") if each.layer.scope == MANAGED), None)
    cap = cap if cap is not None and cap.node.text in LEVELS else None
    options = [option for option in found.options("--auto") if option.value in LEVELS]
    top = max(options, key=lambda option: LEVELS.index(option.value), default=None)
    told = _told(found)
    name = _name(told) if told is not None else "off"
    if top is not None and LEVELS.index(top.value) >= LEVELS.index(name):
        name, told = top.value, None
    else:
        top = None
    if cap is not None and LEVELS.index(name) > LEVELS.index(cap.node.text):
        return Level(cap.node.text, None, None, cap)
    return Level(name, told, top, cap)


def _told(found: Basis) -> Found | None:
    """The nearest setting; the older name of it counts where the newer stands nowhere."""
    level = found.layers.word("sessionDefaultSettings", "autonomyLevel", known=LEVELS)
    return level or found.layers.word("sessionDefaultSettings", "autonomyMode", known=MODES)


def _name(found: Found) -> str:
    return MODES.get(found.node.text, found.node.text)
