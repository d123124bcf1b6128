"""Codex's settings in layers: each file or command line one, and the highest that says a thing counts."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.agents.mcp.hiding import shown
from probes.agents.tree import Node, parse
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind
from scanner.text import printable

NAMES = 2_000  # taken of one table
KEY = 400  # characters of a key that is told


class Layer(Struct, frozen=True):
    """One source of settings, a file or a running process; `scope` is who sets it."""

    scope: str
    root: Node
    path: PurePath | None = None
    process: str | None = None

    def at(self, key: str, line: int | None) -> Evidence:
        """A place in it."""
        if self.path is None:
            return Evidence(key=printable(key), process=self.process)
        return Evidence(self.path, line, printable(key))


class Found(Struct, frozen=True):
    """A setting where it counts."""

    node: Node
    layer: Layer
    key: str

    @property
    def evidence(self) -> Evidence:
        """Where it stands."""
        return self.layer.at(self.key, self.node.line)


class Read(Struct, frozen=True):
    """Layers that were read, and what was wrong with their files."""

    layers: tuple[Layer, ...] = ()
    gaps: tuple[Gap, ...] = ()


class Settings(Struct):
    """The layers, highest first; tables are merged, lists and values are not.

    `stops` are values with which Codex does not start; each is asked for as if it were not there.
    """

    layers: tuple[Layer, ...]
    stops: dict[Evidence, str] = field(default_factory=dict)

    def find(self, *keys: str) -> Found | None:
        """What the highest layer says under these keys; a value in the place of a table hides what lies lower."""
        for layer in self.layers:
            node: Node | None = layer.root
            for key in keys:
                if node is not None and node.members is None:
                    return None
                node = node.get(key) if node is not None else None
            if node is not None:
                return Found(node, layer, ".".join(shown(key, limit=KEY) for key in keys))
        return None

    def names(self, *keys: str) -> tuple[str, ...]:
        """The names in a table, over all layers."""
        found: dict[str, None] = {}
        for layer in self.layers:
            node = layer.root.at(*keys)
            for name, _ in node.pairs[:NAMES] if node is not None else ():
                found.setdefault(name)
        return tuple(found)

    def word(self, allowed: Iterable[str], *keys: str) -> Found | None:
        """A setting that is one of some words."""
        found = self.find(*keys)
        if found is not None and found.node.text not in allowed:
            self.refuse(found, "is none of its values")
            return None
        return found

    def flag(self, *keys: str) -> Found | None:
        """A setting that is true or false."""
        found = self.find(*keys)
        if found is not None and found.node.flag is None:
            self.refuse(found, "is neither true nor false")
            return None
        return found

    def texts(self, *keys: str) -> Found | None:
        """A setting that is a list of texts."""
        found = self.find(*keys)
        if found is None:
            return None
        items = found.node.items
        if items is None or not all(isinstance(item.value, str) for item in items):
            self.refuse(found, "is no list of texts")
            return None
        return found

    def refuse(self, found: Found, why: str) -> None:
        """Notes a value with which Codex does not start."""
        self.stops.setdefault(found.evidence, f"{printable(found.key)} {why}, and Codex does not start with it")


def layers_of(host: Host, files: Iterable[TextFile | Gap], scope: str, barred: frozenset[str] = frozenset()) -> Read:
    """The files as layers, later ones higher; a project may not set what is barred."""
    layers: list[Layer] = []
    gaps: list[Gap] = []
    for file in files:
        if isinstance(file, Gap):
            gaps.append(file)
            continue
        parsed = parse(file.text, "toml", host.check_time)
        place = host.shown(file.path)
        if file.text.strip():
            gaps.extend(Gap(each.kind, f"{place}, line {each.line}", each.why) for each in parsed.faults)
        if parsed.root is not None:
            layers.insert(0, Layer(scope, _without(parsed.root, barred), file.path))
    return Read(tuple(layers), tuple(gaps))


def _without(root: Node, barred: frozenset[str]) -> Node:
    return Node(root.line, members=tuple(pair for pair in root.pairs if pair[0] not in barred))


def stopped(settings: Settings, host: Host) -> Iterator[Gap]:
    """A gap for each value with which Codex does not start."""
    for evidence, why in settings.stops.items():
        line = f", line {evidence.line}" if evidence.line else ""
        place = host.shown(evidence.path) if evidence.path is not None else evidence.process or "its command line"
        yield Gap(GapKind.FAILED, f"{place}{line}", why)
