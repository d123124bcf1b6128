"""opencode's settings from all places that it reads, weakest first, and the agents that its Markdown files make."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePath

from msgspec import Struct

from probes.agents.above import PROJECT_FILE
from probes.agents.documents import Document, Documents
from probes.agents.layers import ENVIRONMENT, MANAGED, PROJECT, USER
from probes.agents.tree import Node, parse
from scanner.data.agent_places import places_of
from scanner.host import Host, Place, TextFile
from scanner.host.paths import within
from scanner.model import Gap, GapKind

AGENT = "opencode"
CONFIG_FILE, CONFIG_FOLDER = "<opencode config>", "<opencode folder>"
CONFIG, FOLDER, CONTENT, PERMISSION, NO_PROJECT, PASSWORD = (
    *("OPENCODE_CONFIG", "OPENCODE_CONFIG_DIR", "OPENCODE_CONFIG_CONTENT", "OPENCODE_PERMISSION"),
    *("OPENCODE_DISABLE_PROJECT_CONFIG", "OPENCODE_SERVER_PASSWORD"),
)
OWN = ".opencode"
FILES = ("opencode.json", "opencode.jsonc")
AGENTS = ("agent", "agents")
MODES = ("mode", "modes")
LEVELS = 24  # folders above the workspace
MARKDOWN = 500  # files of one folder
FRONT = re.compile(r"---[ \t]*\r?\n(.*?)(?:^---[ \t]*$|\Z)", re.DOTALL | re.MULTILINE)
TWICE = "has a key twice"  # no fault for opencode: the later one counts


class Source(Struct, frozen=True):
    """One text and whose it is."""

    scope: str
    document: Document

    @property
    def from_project(self) -> bool:
        """Whether whoever commits to a repository decides it."""
        return self.scope == PROJECT


class Sources(Struct, frozen=True):
    """All of them, weakest first; `own` are the folders whose plugins and tools are loaded, `gaps` what was wrong."""

    layers: tuple[Source, ...]
    permission: Document | None
    own: tuple[tuple[str, PurePath], ...]
    root: PurePath | None
    gaps: tuple[Gap, ...]
    broken: bool
    documents: Documents


def repository(host: Host) -> PurePath | None:
    """The root of the repository that the workspace lies in."""
    folder = host.workspace or host.home
    for each in islice((folder, *folder.parents), LEVELS):
        if host.place_named(PROJECT_FILE, each / ".git") is not None:
            return each
    return None


def upward(host: Host, root: PurePath | None) -> tuple[PurePath, ...]:
    """The folders that project files are taken from, nearest first: without a repository all that lie above."""
    folder = host.workspace or host.home
    found = tuple(islice((folder, *folder.parents), LEVELS))
    return found[: found.index(root) + 1] if root in found else found


def sources(host: Host) -> Sources:
    """Reads all of them."""
    reader = _Reader(host)
    root = repository(host)
    above = () if _is_on(host.variable(NO_PROJECT)) else upward(host, root)
    own = tuple(_own(host, above))
    layers = [Source(USER, each) for each in reader.of_row("user")]
    layers += reader.moved(CONFIG, CONFIG_FILE)
    for folder in reversed(above):
        layers += reader.project(folder, FILES)
    for scope, folder in own:
        layers += reader.folder(scope, folder)
    layers += [Source(ENVIRONMENT, each) for each in reader.documents.variable(CONTENT)]
    layers += [Source(MANAGED, each) for each in reader.of_row("managed")]
    permission = next(iter(reader.documents.variable(PERMISSION)), None)
    gaps = tuple(dict.fromkeys(gap for gap in reader.documents.gaps if TWICE not in gap.why))
    return Sources(tuple(layers), permission, own, root, gaps, any(map(_breaks, gaps)), reader.documents)


def _is_on(value: str | None) -> bool:
    return (value or "").casefold() in {"1", "true"}


def _breaks(gap: Gap) -> bool:
    """Whether opencode does not start: a text that is no JSON, wherever it stands but in that one variable."""
    return gap.kind is GapKind.FAILED and not gap.place.startswith(PERMISSION)


def _own(host: Host, above: Iterable[PurePath]) -> Iterator[tuple[str, PurePath]]:
    """The folders of opencode's own, weakest first: the user's before the projects', and the home's after these."""
    config = host.resolve((host.variable("XDG_CONFIG_HOME") or "~/.config") + "/opencode")
    named = host.variable(FOLDER)
    moved = host.resolve(named, host.workspace or host.home) if named else None
    found = [
        *([(USER, config)] if config is not None else ()),
        *((USER if each == host.home else PROJECT, each / OWN) for each in above),
        (USER, host.home / OWN),
        *([(ENVIRONMENT, moved)] if moved is not None else ()),
    ]
    met: set[PurePath] = set()
    for scope, folder in found:
        if folder not in met:
            met.add(folder)
            yield scope, folder


class _Reader:
    """Reads texts and keeps what is wrong with them."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.documents = Documents(host)

    def of_row(self, name: str) -> Iterator[Document]:
        """The files that the table of agents names."""
        yield from self.documents.read(places_of(AGENT).files[name])

    def moved(self, variable: str, declared: str) -> list[Source]:
        """The file that a variable names."""
        named = self.host.variable(variable)
        path = self.host.resolve(named, self.host.workspace or self.host.home) if named else None
        return [Source(ENVIRONMENT, each) for each in self._documents(declared, path)] if path is not None else []

    def project(self, folder: PurePath, names: Iterable[str]) -> list[Source]:
        """The files of those names in one of a project's folders; a link may not lead out of it."""
        return [
            Source(PROJECT, each)
            for name in names
            for each in self._documents(PROJECT_FILE, folder / name, project=folder)
        ]

    def folder(self, scope: str, folder: PurePath) -> Iterator[Source]:
        """What lies in a folder of opencode's own: its two files, then its agents, then its modes."""
        declared = PROJECT_FILE if scope == PROJECT else CONFIG_FOLDER
        project = folder.parent if scope == PROJECT else None
        if folder.name == OWN or scope == ENVIRONMENT:
            for name in FILES:
                for document in self._documents(declared, folder / name, project=project):
                    yield Source(scope, document)
        for kinds, is_mode in ((AGENTS, False), (MODES, True)):
            for path in self._markdown(declared, folder, kinds, deep=not is_mode):
                for file in self._texts(declared, path, project):
                    yield Source(scope, self._agent(file, folder, is_mode=is_mode))

    def _markdown(self, declared: str, folder: PurePath, kinds: Iterable[str], *, deep: bool) -> Iterator[PurePath]:
        found: list[PurePath] = []
        for kind in kinds:
            for below in ("*.md", "*/*.md") if deep else ("*.md",):
                for path in self.host.matches_named(declared, folder / kind / below):
                    if isinstance(path, Gap):
                        self._note(path)
                    else:
                        found.append(path)
        if len(found) > MARKDOWN:
            self._note(Gap(GapKind.LIMIT, self.host.shown(folder), f"more than {MARKDOWN} files of agents"))
        yield from found[:MARKDOWN]

    def _agent(self, file: TextFile, folder: PurePath, *, is_mode: bool) -> Document:
        """A Markdown file as the settings of the agent that it makes."""
        front = FRONT.match(file.text)
        parsed = parse("\n" + front[1], "yaml", self.host.check_time) if front is not None else None
        head = parsed.root if parsed is not None and parsed.root is not None else Node(1, members=())
        for fault in parsed.faults if parsed is not None else ():
            self._note(Gap(fault.kind, f"{self.host.shown(file.path)}, line {fault.line}", fault.why))
        name = head.said("name") or file.path.relative_to(folder).with_suffix("").as_posix().partition("/")[2]
        mode = (("mode", Node(head.line, "primary")),) if is_mode else ()
        body = Node(head.line, members=(*head.pairs, *mode))
        root = Node(1, members=(("agent", Node(1, members=((name, body),))),))
        project = folder.parent if folder.name == OWN else None
        return Document(root, file.path, file.place, project=project)

    def _documents(self, declared: str, path: PurePath, project: PurePath | None = None) -> Iterator[Document]:
        for file in self._texts(declared, path, project):
            parsed = parse(file.text, "json", self.host.check_time)
            shown = self.host.shown(file.path)
            if file.text.strip():
                for fault in parsed.faults:
                    self._note(Gap(fault.kind, f"{shown}, line {fault.line}", fault.why))
            if parsed.root is not None:
                yield Document(parsed.root, file.path, file.place, project=project)

    def _texts(self, declared: str, path: PurePath, project: PurePath | None) -> Iterator[TextFile]:
        place = self.host.place_named(declared, path)
        if place is None:
            return
        if project is not None and isinstance(place, Place) and _leads_out(place, project):
            self._note(Gap(GapKind.REFUSED, self.host.shown(path), "a link out of the repository"))
            return
        for file in self.host.read_named(declared, path):
            if isinstance(file, Gap):
                self._note(file)
            else:
                yield file

    def _note(self, gap: Gap) -> None:
        if gap not in self.documents.gaps:
            self.documents.gaps.append(gap)


def _leads_out(place: Place, folder: PurePath) -> bool:
    return place.link_target is not None and not within(place.link_target, folder)
