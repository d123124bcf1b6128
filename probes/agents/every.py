"""The settings of agents as they lie in files, whoever's: for what is looked for in all of them alike."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from probes.agents.above import PROJECT_FILE, above
from probes.agents.documents import FORMS, Document, Documents
from probes.agents.tree import parse
from scanner.data.hygiene import hygiene
from scanner.host import Host, Place, TextFile
from scanner.host.paths import braces, within

TREES = (".json", ".jsonc", ".json5", *FORMS)
ELSEWHERE = ("<", "env:", "**/", "./")


class Every:
    """All of them, each read once; what is wrong with a file its agent's own reader tells."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._documents = Documents(host)
        self._found: dict[str, tuple[Document, ...]] = {}

    def of(self, agent: str, reads: Iterable[str]) -> tuple[Document, ...]:
        """The settings of one agent: of what is read for it, and in the workspaces what the table names."""
        if agent not in self._found:
            self._found[agent] = tuple(self._of(agent, reads))
        return self._found[agent]

    def _of(self, agent: str, reads: Iterable[str]) -> Iterator[Document]:
        patterns = list(reads)
        plain = [each for each in patterns if not each.startswith(ELSEWHERE) and any(map(_is_tree, braces(each)))]
        met: set[PurePath | None] = set()
        for document in (*self._documents.read(plain), *self._of_projects(agent, patterns)):
            if document.path not in met:
                met.add(document.path)
                yield document

    def _of_projects(self, agent: str, patterns: list[str]) -> Iterator[Document]:
        """Files of the workspaces, and of the folders above them up to the repository's root."""
        named = [each for each in _expanded(patterns, agent) if each.startswith("./") and "*" not in each]
        for workspace in self._host.machine.workspaces:
            for folder in (workspace, *above(self._host.at(workspace))):
                for name in dict.fromkeys(named):
                    yield from self._project_file(folder, name[2:])

    def _project_file(self, folder: PurePath, name: str) -> Iterator[Document]:
        path = folder / name
        place = self._host.place_named(PROJECT_FILE, path) if path.suffix in TREES else None
        inside = isinstance(place, Place) and (place.link_target is None or within(place.link_target, folder))
        for file in self._host.read_named(PROJECT_FILE, path) if inside else ():
            if isinstance(file, TextFile):
                root = parse(file.text, FORMS.get(path.suffix.casefold(), "json"), self._host.check_time).root
                if root is not None:
                    yield Document(root, path, project=folder)


def _is_tree(pattern: str) -> bool:
    return pattern.endswith(TREES)


def _expanded(patterns: Iterable[str], agent: str) -> Iterator[str]:
    for pattern in (*patterns, *hygiene().of(agent).settings):
        yield from braces(pattern)
