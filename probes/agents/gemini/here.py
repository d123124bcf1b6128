"""Where Gemini CLI works, which of its files count, and whether a person has trusted the folder."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import PurePath

from msgspec import Struct

from probes.agents.documents import Document, Documents
from scanner.data.agent_places import places_of
from scanner.host import Host, Place
from scanner.host.paths import pure, within
from scanner.model import Evidence, Gap, GapKind, Platform
from scanner.text import printable

AGENT = "gemini-cli"
HOME = "GEMINI_CLI_HOME"
SYSTEM, DEFAULTS = "GEMINI_CLI_SYSTEM_SETTINGS_PATH", "GEMINI_CLI_SYSTEM_DEFAULTS_PATH"
STORE = "GEMINI_CLI_TRUSTED_FOLDERS_PATH"
TRUST, RESTRICTED = "GEMINI_CLI_TRUST_WORKSPACE", "GEMINI_RESTRICTED_MODE"
NAMED = "<file of Gemini CLI that another names>"
LEVELS = ("TRUST_FOLDER", "TRUST_PARENT", "DO_NOT_TRUST")
OTHERS = 0o022  # bits of a mode by which others than the owner may change a file
FOLDERS = 5_000


class Trust(StrEnum):
    """What a person has said of the folder."""

    YES = "trusted"
    NO = "not trusted"
    UNASKED = "nobody was asked yet"


class Here(Struct, frozen=True):
    """The folder, the home (which a variable may move), and the folder of Gemini CLI's own files in it."""

    platform: Platform
    cwd: PurePath
    home: PurePath
    workspace: PurePath | None = None

    @property
    def config(self) -> PurePath:
        """The folder of its own files."""
        return self.home / ".gemini"

    @property
    def fold(self) -> bool:
        """Whether the disks here ignore case."""
        return self.platform is not Platform.LINUX


def here(host: Host) -> Here:
    """Where it would be started: in the workspace, or in the home."""
    moved = host.variable(HOME)
    home = pure(host.platform, moved) if moved else host.home
    return Here(host.platform, host.workspace or host.home, home, host.workspace)


def patterns(host: Host, name: str) -> tuple[str, ...]:
    """Of the declared patterns those that count: a variable takes the place of the usual ones."""
    declared = places_of(AGENT).files[name]
    named = tuple(each for each in declared if each.startswith("$"))
    said = tuple(each for each in named if host.variable(each[1:].partition("/")[0]))
    return said[:1] or tuple(each for each in declared if each not in named)


def files(documents: Documents, name: str) -> tuple[Document, ...]:
    """The files under a name of the table that count."""
    return tuple(documents.read(patterns(documents.host, name)))


def of_project(documents: Documents, name: str) -> tuple[Document, ...]:
    """A project's files: those of the workspace alone, and where that is the home they are the user's own."""
    host = documents.host
    found = documents.read(places_of(AGENT).files[name])
    return tuple(each for each in found if each.project == host.workspace and host.workspace != here(host).home)


def system(documents: Documents, name: str) -> Iterator[Document]:
    """Files of the machine's administrator: it passes over one that somebody else may change."""
    for document in files(documents, name):
        if _is_safe(documents.host, document):
            yield document
        else:
            shown = documents.host.shown(document.path) if document.path is not None else name
            why = "Gemini CLI passes over it, since not the administrator alone may change it"
            documents.gaps.append(Gap(GapKind.REFUSED, shown, why))


def _is_safe(host: Host, document: Document) -> bool:
    places = [document.place, host.place_named(NAMED, document.path.parent) if document.path is not None else None]
    if host.platform is Platform.WINDOWS or host.machine.uid == 0:
        return True
    return not any(
        isinstance(each, Place) and each.mode is not None and (each.mine or each.mode & OTHERS) for each in places
    )


def trust(documents: Documents, where: Here, *, enabled: bool) -> tuple[Trust, Evidence | None]:
    """Whether the folder is trusted, and what says so."""
    host = documents.host
    for name, value, said in ((RESTRICTED, "true", Trust.NO), (TRUST, "false", Trust.NO), (TRUST, "true", Trust.YES)):
        if host.variable(name) == value:
            return said, Evidence(variable=name)
    if not enabled:
        return Trust.YES, None
    best: tuple[int, Trust, Evidence] | None = None
    for document in files(documents, "trust"):
        for name, node in document.root.pairs[:FOLDERS]:
            if node.text not in LEVELS:
                why = "is no level of trust, so that Gemini CLI does not start"
                documents.gaps.append(Gap(GapKind.FAILED, f"{_shown(host, document)}, line {node.line}", why))
            elif covers(where.platform, where.cwd, name, node.text) and (best is None or len(name) > best[0]):
                said = Trust.NO if node.text == "DO_NOT_TRUST" else Trust.YES
                best = (len(name), said, document.at(printable(host.shown(pure(host.platform, name))), node.line))
    return (best[1], best[2]) if best is not None else (Trust.UNASKED, None)


def covers(platform: Platform, cwd: PurePath, name: str, level: str) -> bool:
    """Whether what is said of a folder, or of the one above it, holds for the one that is worked in."""
    folder = pure(platform, name)
    if level == "TRUST_PARENT":
        folder = folder.parent
    return folder.is_absolute() and within(_folded(cwd, platform), _folded(folder, platform))


def _folded(path: PurePath, platform: Platform) -> PurePath:
    return path if platform is Platform.LINUX else type(path)(str(path).casefold())


def _shown(host: Host, document: Document) -> str:
    return host.shown(document.path) if document.path is not None else ""
