"""The files of agents as trees, each read once however many of its parts are wanted."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from msgspec import Struct, field

from probes.agents.above import PROJECT_FILE, above
from probes.agents.tree import Node, parse
from scanner.host import Host, Place, TextFile
from scanner.host.machine import FILE_LIMIT
from scanner.host.paths import braces, within
from scanner.model import Evidence, Gap, GapKind
from scanner.text import printable

FOLDERS = 20_000  # of one file
PER_PATTERN = 2_000  # files of one pattern
LARGE = 16 * FILE_LIMIT
FORMS = {".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}  # by the name's end; else JSON


class Document(Struct, frozen=True):
    """A parsed text: a file, or a variable that holds one; `project` is the folder whose file it is, if one's."""

    root: Node
    path: PurePath | None = None
    place: Place | None = None
    variable: str | None = None
    project: PurePath | None = None

    def at(self, key: str, line: int | None = None) -> Evidence:
        """A place in it."""
        return Evidence(self.path, line, printable(key), self.variable)


class Documents(Struct):
    """Reads and keeps; `gaps` are what was wrong with the files, told once each.

    `large` names patterns of files that grow by themselves, so that more of them is read.
    """

    host: Host
    large: frozenset[str] = frozenset()
    gaps: list[Gap] = field(default_factory=list)
    _parsed: dict[PurePath, Document | None] = field(default_factory=dict)
    _folders: dict[tuple[str, ...], Mapping[PurePath, tuple[Node, ...]]] = field(default_factory=dict)
    _found: dict[str, tuple[Document, ...]] = field(default_factory=dict)

    def read(self, patterns: Iterable[str], form: str = "") -> Iterator[Document]:
        """The files that the patterns name, each once, in their order."""
        met: set[PurePath | None] = set()
        for pattern in patterns:
            if pattern not in self._found:
                self._found[pattern] = tuple(self._of(pattern, form))
            for document in self._found[pattern]:
                if document.path not in met:
                    met.add(document.path)
                    yield document

    def folders(self, patterns: tuple[str, ...], *keys: str, form: str = "") -> Mapping[PurePath, tuple[Node, ...]]:
        """What stands in the files under each folder that is named below these keys."""
        if patterns not in self._folders:
            found: dict[PurePath, tuple[Node, ...]] = {}
            for document in self.read(patterns, form):
                node = document.root.at(*keys)
                for name, inner in node.pairs[:FOLDERS] if node is not None else ():
                    path = type(self.host.home)(name)
                    found[path] = (*found.get(path, ())[:8], inner)
            self._folders[patterns] = found
        return self._folders[patterns]

    def variable(self, name: str) -> Iterator[Document]:
        """The text of a variable."""
        text = self.host.variable(name)
        if text:
            parsed = parse(text, "json", self.host.check_time)
            self.gaps.extend(Gap(fault.kind, name, f"it {fault.why}") for fault in parsed.faults)
            if parsed.root is not None:
                yield Document(parsed.root, variable=name)

    def _of(self, pattern: str, form: str) -> Iterator[Document]:
        files = self.host.read(pattern, limit=LARGE if pattern in self.large else FILE_LIMIT)
        yield from self._documents(files, form, pattern if pattern.startswith("./") else None)
        if pattern.startswith("./"):
            for folder in above(self.host):
                for each in braces(pattern[2:]):
                    yield from self._above(folder, each, form)

    def _above(self, folder: PurePath, name: str, form: str) -> Iterator[Document]:
        """A project's file in a folder above the workspace; it may not lead out of the repository."""
        if "*" in name:
            return
        path = folder / name
        place = self.host.place_named(PROJECT_FILE, path)
        if isinstance(place, Place) and place.link_target is not None and not within(place.link_target, folder):
            self.gaps.append(Gap(GapKind.REFUSED, self.host.shown(path), "a link out of the repository"))
        elif place is not None:
            yield from self._documents(self.host.read_named(PROJECT_FILE, path), form, None, folder)

    def _documents(
        self, files: Iterable[TextFile | Gap], form: str, pattern: str | None, folder: PurePath | None = None
    ) -> Iterator[Document]:
        count = 0
        for file in files:
            if isinstance(file, Gap):
                if file not in self.gaps:
                    self.gaps.append(file)
                continue
            count += 1
            if count > PER_PATTERN:
                self.gaps.append(Gap(GapKind.LIMIT, self.host.shown(file.path), f"more than {PER_PATTERN} such files"))
                return
            project = folder or (self._project(file.path) if pattern is not None else None)
            document = self._document(file, form, project)
            if document is not None:
                yield document

    def _document(self, file: TextFile, form: str, project: PurePath | None) -> Document | None:
        if file.path not in self._parsed:
            parsed = parse(file.text, form or FORMS.get(file.path.suffix.casefold(), "json"), self.host.check_time)
            shown = self.host.shown(file.path)
            if file.text.strip():
                self.gaps.extend(Gap(each.kind, f"{shown}, line {each.line}", each.why) for each in parsed.faults)
            root = parsed.root
            if root is not None and root.members is None:
                self.gaps.append(Gap(GapKind.FAILED, f"{shown}, line {root.line}", "holds no settings under names"))
            self._parsed[file.path] = Document(root, file.path, file.place, project=project) if root else None
        return self._parsed[file.path]

    def _project(self, path: PurePath) -> PurePath | None:
        """The project that a file lies in, the innermost where one lies in another."""
        fitting = [folder for folder in self.host.machine.projects if within(path, folder)]
        return max(fitting, key=lambda folder: len(folder.parts), default=None)
