"""Crush's settings from all places that it reads, weakest first, and the scripts among them, which are never run."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import PurePath

from msgspec import Struct

from probes.agents.above import PROJECT_FILE, above
from probes.agents.documents import Document, Documents
from probes.agents.layers import MANAGED, PROJECT, USER
from probes.agents.tree import Node, parse
from scanner.data.agent_places import places_of
from scanner.host import Host, Place, TextFile
from scanner.host.paths import within
from scanner.model import Evidence, Gap, GapKind

AGENT = "crush"
MOVED, MOVED_DATA = "CRUSH_GLOBAL_CONFIG", "CRUSH_GLOBAL_DATA"
NAMES = ("crush.json", ".crush.json", "crushrc", ".crushrc")  # weakest first
OWN = ".crush/crush.json"
ALLOWS = re.compile(r"^\s*permissions\s+allow\s+([\w:.\- ]{1,400})$", re.MULTILINE)
LINES = 2_000
TEXTS = 20_000  # values of one file that are looked at


class Source(Struct, frozen=True):
    """A file of settings and whose it is."""

    scope: str
    document: Document


class Script(Struct, frozen=True):
    """A script that makes settings whenever Crush starts; `allows` are tools that it names outright."""

    scope: str
    evidence: Evidence
    allows: tuple[tuple[str, Evidence], ...] = ()


class Sources(Struct, frozen=True):
    """All of them, weakest first."""

    files: tuple[Source, ...]
    scripts: tuple[Script, ...]
    documents: Documents
    broken: bool


def sources(host: Host) -> Sources:
    """Reads all of them; of what lies in the same folder the later name counts for more."""
    row = places_of(AGENT).files
    reader = _Reader(host)
    user = "moved" if host.variable(MOVED) else "user"
    data = "moved-data" if host.variable(MOVED_DATA) else "data"
    for scope, name in ((MANAGED, "system"), (USER, user), (USER, data)):
        for document in reader.documents.read(row[name]):
            reader.files.append(Source(scope, document))
    reader.scripts += (Script(USER, *_script(file)) for file in reader.scripts_at(row[f"{user}-script"]))
    folders = (host.workspace, *above(host)) if host.workspace is not None else ()
    for folder in reversed(folders):
        for name in NAMES:
            reader.take(folder, name)
    for folder in folders[:1]:
        reader.take(folder, OWN)
    gaps = reader.documents.gaps
    broken = any(gap.kind is GapKind.FAILED and "twice" not in gap.why for gap in gaps)
    return Sources(tuple(reader.files), tuple(reader.scripts), reader.documents, broken)


class _Reader:
    """Reads files and keeps what is wrong with them."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.documents = Documents(host)
        self.files: list[Source] = []
        self.scripts: list[Script] = []

    def scripts_at(self, patterns: Iterable[str]) -> Iterator[TextFile]:
        """The user's own scripts."""
        for file in self.host.read(*patterns):
            if isinstance(file, Gap):
                self._note(file)
            else:
                yield file

    def take(self, folder: PurePath, name: str) -> None:
        """A file in one of a project's folders; a link may not lead out of it."""
        path = folder / name
        place = self.host.place_named(PROJECT_FILE, path)
        if isinstance(place, Place) and place.link_target is not None and not within(place.link_target, folder):
            self._note(Gap(GapKind.REFUSED, self.host.shown(path), "a link out of the repository"))
            return
        for file in self.host.read_named(PROJECT_FILE, path) if place is not None else ():
            if isinstance(file, Gap):
                self._note(file)
            elif name.endswith("rc"):
                self.scripts.append(Script(PROJECT, *_script(file)))
            else:
                self._parsed(file, folder)

    def _parsed(self, file: TextFile, project: PurePath) -> None:
        if not file.text.strip():
            return
        parsed = parse(file.text, "json", self.host.check_time)
        for fault in parsed.faults:
            self._note(Gap(fault.kind, f"{self.host.shown(file.path)}, line {fault.line}", fault.why))
        if parsed.root is not None:
            self.files.append(Source(PROJECT, Document(parsed.root, file.path, file.place, project=project)))

    def _note(self, gap: Gap) -> None:
        if gap not in self.documents.gaps:
            self.documents.gaps.append(gap)


def _script(file: TextFile) -> tuple[Evidence, tuple[tuple[str, Evidence], ...]]:
    """Where a script lies, and the tools that its plain lines allow; what it makes up is not known."""
    found = [
        (tool, Evidence(file.path, file.text.count("\n", 0, match.start(1)) + 1, "permissions allow"))
        for match in islice(ALLOWS.finditer(file.text), LINES)
        for tool in match[1].split()
    ]
    return Evidence(file.path), tuple(found)


def texts(node: Node) -> Iterator[Node]:
    """The texts below a value."""
    todo = [node]
    for _ in range(TEXTS):
        if not todo:
            return
        each = todo.pop()
        if each.text:
            yield each
        todo += (*(each.items or ()), *(inner for _, inner in each.pairs))
