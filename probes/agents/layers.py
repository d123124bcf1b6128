"""Settings of several files, highest first: who said what, where it stands, and how a report words it."""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct, field

from probes.agents.documents import Document, Documents
from probes.agents.shown import shown
from probes.agents.tree import Node
from scanner.model import Evidence, Gap, GapKind, SettingSeen
from scanner.text import printable

ENTRIES = 5_000  # of one list
MANAGED, COMMAND, ENVIRONMENT, LOCAL, PROJECT, USER = (
    *("managed", "command line", "environment"),
    *("local", "project", "user"),
)


class Layer(Struct, frozen=True):
    """One source of settings and whose it is; `whole` is false where something was wrong with its text."""

    scope: str
    document: Document
    whole: bool = True

    @property
    def from_project(self) -> bool:
        """Whether it lies among the project's files."""
        return self.scope in {PROJECT, LOCAL}


class Found(Struct, frozen=True):
    """A value and whose it is; `key` is its dotted name."""

    node: Node
    layer: Layer
    key: str

    @property
    def evidence(self) -> Evidence:
        """Where it stands."""
        return self.layer.document.at(self.key, self.node.line)

    @property
    def words(self) -> str:
        """How a report names it: the key, and its text where that may be shown."""
        text = shown(self.node.text) if self.node.text else None
        return f'{self.key} "{text}"' if text is not None else self.key

    def seen(self, agent: str, value: str | None = None) -> SettingSeen:
        """It as an observation, told in a word; `value` stands in place of its own."""
        return SettingSeen(agent, printable(self.key), value or worded(self.node), self.layer.scope, self.evidence)


class Layers(Struct, frozen=True):
    """All sources, highest first; `notes` are what was wrong with values in whole files."""

    documents: Documents
    layers: tuple[Layer, ...] = ()
    notes: list[Gap] = field(default_factory=list)

    def each(self, *keys: str) -> Iterator[Found]:
        """What the sources say under a key, highest first."""
        for layer in self.layers:
            node = layer.document.root.at(*keys)
            if node is not None:
                yield Found(node, layer, ".".join(keys))

    def flag(self, *keys: str) -> Found | None:
        """The highest switch under a key; what is no switch is told and passed over."""
        return next((each for each in self.each(*keys) if self._is(each, each.node.flag is not None, "switch")), None)

    def is_on(self, *keys: str, default: bool = False) -> bool:
        """Whether a switch is on."""
        found = self.flag(*keys)
        return default if found is None else found.node.flag is True

    def word(self, *keys: str, known: Iterable[str] = ()) -> Found | None:
        """The highest text under a key, among those known if any are given; another one is told and passed over."""
        words = frozenset(known)
        for each in self.each(*keys):
            if self._is(each, bool(each.node.text) and (not words or each.node.text in words), "value that is known"):
                return each
        return None

    def entries(self, *keys: str) -> Iterator[Found]:
        """The entries of the lists under a key, over all sources."""
        for each in self.each(*keys):
            yield from self.listed(each)

    def listed(self, told: Found) -> Iterator[Found]:
        """The entries of one list, told where it is none or too long."""
        items = told.node.items
        if items is None:
            self._is(told, is_right=False, wanted="list")
            return
        if len(items) > ENTRIES:
            self.note(told, f"has more than {ENTRIES} entries; the rest was not read", GapKind.LIMIT)
        for node in islice(items, ENTRIES):
            yield Found(node, told.layer, told.key)

    def note(self, found: Found, why: str, kind: GapKind = GapKind.FAILED) -> None:
        """Tells once what is wrong with a value."""
        place = _place(self.documents, found.layer.document)
        gap = Gap(kind, f"{place}, line {found.node.line}", printable(f"{found.key} {why}"))
        if gap not in self.notes:
            self.notes.append(gap)

    def _is(self, found: Found, is_right: bool, wanted: str) -> bool:
        if not is_right:
            self.note(found, f"is no {wanted}")
        return is_right


def layered(documents: Documents, sources: Iterable[tuple[str, Iterable[Document]]]) -> Layers:
    """The sources, highest first, as they were read from those documents."""
    found = [(scope, document) for scope, among in sources for document in among]
    return Layers(documents, tuple(Layer(scope, each, _is_whole(documents, each)) for scope, each in found))


def _is_whole(documents: Documents, document: Document) -> bool:
    """Whether nothing was wrong with a text."""
    place = _place(documents, document)
    return not any(gap.place == place or gap.place.startswith(f"{place}, line ") for gap in documents.gaps)


def _place(documents: Documents, document: Document) -> str:
    return documents.host.shown(document.path) if document.path is not None else document.variable or "a setting"


def worded(node: Node) -> str:
    """A value in a word: switches and numbers as they are, lists by their length, texts where they may be shown."""
    if node.flag is not None:
        return "true" if node.flag else "false"
    if node.items is not None:
        count = len(node.items)
        return f"{count} {'entry' if count == 1 else 'entries'}"
    if node.members is not None:
        return f"{len(node.members)} keys"
    return shown(node.text) or "of another value" if node.text else "set"
