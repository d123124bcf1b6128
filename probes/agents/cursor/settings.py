"""What stands in Cursor's files: lists with where each entry stands, and single settings."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.agents.above import above
from probes.agents.cursor.entries import HOST, Entry, command_shown
from probes.agents.cursor.look import CLI_CONFIG, CLI_PROJECT, VARIABLES
from probes.agents.documents import Document, Documents
from probes.agents.mcp.hiding import is_telling, shown
from probes.agents.tree import Node
from scanner.host import Host
from scanner.model import Evidence, Gap, GapKind, Platform

ENTRIES = 500  # of one list
ANYWHERE = frozenset({"*", "0.0.0.0/0", "::/0"})
CONFIG_DIR, XDG = VARIABLES


class Setting(Struct, frozen=True):
    """One value, and where it stands."""

    value: str
    evidence: Evidence
    scope: str
    whole: bool = True


class Files(Struct, frozen=True):
    """Cursor's files as they are read for one folder; `notes` are what was wrong with values in whole files."""

    documents: Documents
    notes: list[Gap] = field(default_factory=list)

    @property
    def host(self) -> Host:
        """The machine."""
        return self.documents.host

    @property
    def workspace(self) -> PurePath:
        """The folder that the agent works in: the home where there is no other."""
        return self.host.workspace or self.host.home

    def pair(self, patterns: tuple[str, ...]) -> tuple[Document, ...]:
        """A user's file and the workspace's own, the stronger last; those of neighbours are not for here."""
        found = self.documents.read(patterns)
        return tuple(each for each in found if each.project in {None, self.host.workspace})

    def cli(self) -> tuple[Document, ...]:
        """The file of the command line tool: the first of the places that it may lie at."""
        moved = self.host.variable(CONFIG_DIR)
        xdg = self.host.platform is Platform.LINUX and self.host.variable(XDG)
        places = CLI_CONFIG[:1] if moved else CLI_CONFIG[1 if xdg else 2 :]
        return tuple(self.documents.read(places))[:1]

    def cli_projects(self) -> tuple[Document, ...]:
        """The files from the repository's root down to the workspace, the deepest last."""
        folders = {self.host.workspace, *above(self.host)}
        found = [each for each in self.documents.read((CLI_PROJECT,)) if each.project in folders and each.project]
        return tuple(sorted(found, key=lambda each: len(each.project.parts) if each.project else 0))

    def is_whole(self, document: Document) -> bool:
        """Whether nothing was wrong with the text of a file."""
        place = self.host.shown(document.path) if document.path is not None else ""
        return not any(gap.place == place or gap.place.startswith(f"{place}, line ") for gap in self.documents.gaps)

    def note(self, document: Document, line: int | None, why: str, kind: GapKind = GapKind.FAILED) -> None:
        """Tells once what is wrong with a value."""
        place = self.host.shown(document.path) if document.path is not None else "a setting"
        gap = Gap(kind, f"{place}, line {line}" if line is not None else place, why)
        if gap not in self.notes:
            self.notes.append(gap)


def scope_of(document: Document) -> str:
    """Who writes the file: the user, or whoever commits to the repository."""
    return "project" if document.project is not None else "user"


def entries(
    files: Files, document: Document, *keys: str, show: Callable[[str], str] = command_shown
) -> Iterator[Entry]:
    """The texts of a list as they may be shown; what is no text is dropped, as Cursor does."""
    node = document.root.at(*keys)
    if node is None or node.items is None:
        if node is not None:
            files.note(document, node.line, f"{'.'.join(keys)} is no list")
        return
    if len(node.items) > ENTRIES:
        why = f"{'.'.join(keys)} has more than {ENTRIES} entries; the rest was not read"
        files.note(document, node.line, why, GapKind.LIMIT)
    key, whole, scope = ".".join(keys), files.is_whole(document), scope_of(document)
    for item in node.items[:ENTRIES]:
        text = show(item.text.strip())
        if text:
            same = text.split() == item.text.split()
            yield Entry(text, document.at(key, item.line), key, scope, whole and same)


def setting(files: Files, document: Document, *keys: str, known: Iterable[str] = ()) -> Setting | None:
    """A value that is one of those known; another one is told of and left out."""
    node = document.root.at(*keys)
    if node is None:
        return None
    if node.text not in known:
        files.note(document, node.line, f"{'.'.join(keys)} has a value that is not known")
        return None
    return Setting(node.text, document.at(".".join(keys), node.line), scope_of(document), files.is_whole(document))


def flag(files: Files, document: Document, *keys: str) -> Setting | None:
    """A value that is true or false, as those words."""
    node = document.root.at(*keys)
    if node is None:
        return None
    if node.flag is None:
        files.note(document, node.line, f"{'.'.join(keys)} is neither true nor false")
        return None
    evidence = document.at(".".join(keys), node.line)
    return Setting(str(node.flag).lower(), evidence, scope_of(document), files.is_whole(document))


def count(node: Node | None) -> int:
    """How many texts a list holds."""
    return len(node.texts()) if node is not None else 0


def token_shown(text: str) -> str:
    """A permission such as Shell(git), its inside as it may be shown."""
    tool, bracket, about = text.partition("(")
    if not bracket or not about.endswith(")"):
        return shown(text)
    inside = command_shown(about[:-1]) if tool == "Shell" else shown(about[:-1])
    return f"{shown(tool)}({inside})"


def host_shown(text: str) -> str:
    """A domain, empty where it is none."""
    return text if (HOST.fullmatch(text) or text in ANYWHERE) and not is_telling(text) else ""


def path_shown(text: str) -> str:
    """A path, empty where a secret could stand in it."""
    return "" if is_telling(text) or len(text) > 1000 else text
