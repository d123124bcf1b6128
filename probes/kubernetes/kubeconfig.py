"""A kubeconfig's text -> its clusters, users and contexts, with lines; and files joined as kubectl joins them."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from msgspec import Struct

from probes.yaml_text import Fault, Node, Text, parse
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind
from scanner.shapes import label

LISTS = {"clusters": "cluster", "users": "user", "contexts": "context"}
ENTRY_LIMIT = 1_000  # of one list


class Entry(Struct, frozen=True):
    """One named cluster, user or context; `body` is what stands under its name."""

    name: str
    body: Node
    line: int
    file: TextFile

    @property
    def shown(self) -> str:
        """Its name as far as it may be shown: somebody may have pasted a token there."""
        return label(self.name)

    def evidence(self, *keys: str) -> Evidence:
        """The place of one of its settings, or of the entry."""
        node = self.body.at(*keys)
        line = self.line if node is None else node.line
        return Evidence(self.file.path, line, " ".join((self.shown, ".".join(keys))).strip() or None)


class Kubeconfig(Struct, frozen=True):
    """What one file says; `current_line` is where it names the current context."""

    file: TextFile
    clusters: tuple[Entry, ...] = ()
    users: tuple[Entry, ...] = ()
    contexts: tuple[Entry, ...] = ()
    current: str = ""
    current_line: int = 1


class View(Struct, frozen=True, dict=True):
    """What kubectl would see: the first entry of each name, and the current context with the place that names it.

    `active` says that it is what kubectl uses without being told of a file.
    """

    clusters: dict[str, Entry]
    users: dict[str, Entry]
    contexts: dict[str, Entry]
    files: tuple[TextFile, ...]
    active: bool
    current: str = ""
    named_at: Evidence | None = None

    @cached_property
    def _by_user(self) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for context in self.contexts.values():
            if context.body.said("cluster") in self.clusters:
                found.setdefault(context.body.said("user"), []).append(context)
        return found

    def contexts_of(self, user: Entry) -> list[Entry]:
        """The contexts that take a user to a cluster; none where kubectl takes a namesake for it."""
        return self._by_user.get(user.name, []) if self.users.get(user.name) is user else []


def kubeconfig(file: TextFile, host: Host, *, surely: bool) -> Iterator[Kubeconfig | Gap]:
    """The kubeconfig in a file, with a Gap for each fault.

    `surely` says that kubectl takes the file for one whatever it holds; of any other, a text that is none is silent.
    """
    told = parse(file.text)
    place = host.shown(file.path)
    root = told.root
    if root is None or not root.is_mapping:
        if surely and (told.faults or (root is not None and not root.is_nothing)):
            yield from told.gaps(place)
            if not told.faults:
                yield Gap(GapKind.FAILED, place, "holds no kubeconfig")
        return
    if not surely and not _looks_like_one(root):
        return
    yield from told.gaps(place)
    found: dict[str, tuple[Entry, ...]] = {}
    for name, inner in LISTS.items():
        entries, faults = _entries(root, name, inner, file)
        found[name] = entries
        yield from faults.gaps(place)
    current = root.get("current-context")
    yield Kubeconfig(file, **found, current=root.said("current-context"), current_line=current.line if current else 1)


def _looks_like_one(root: Node) -> bool:
    """A file of another kind may well have users; a kubeconfig says that it is a Config, or has two of the lists."""
    kind = root.said("kind")
    listed = sum(node.is_list for node in map(root.get, LISTS) if node is not None)
    return kind == "Config" and listed > 0 if kind else listed >= 2


def _entries(root: Node, name: str, inner: str, file: TextFile) -> tuple[tuple[Entry, ...], Text]:
    """The entries of one list, and each sort of fault once."""
    node = root.get(name)
    if node is None or node.is_nothing:
        return (), Text()
    if not node.is_list:
        return (), Text(faults=(Fault(node.line, f"{name} is no list"),))
    faults: dict[str, Fault] = {}
    found: list[Entry] = []
    names: set[str] = set()
    for each in node.elements()[:ENTRY_LIMIT]:
        body = each.get(inner)
        if not each.is_mapping or (body is not None and not (body.is_mapping or body.is_nothing)):
            why = f"an entry of {name} is not what kubectl expects; it was left out"
            faults.setdefault(why, Fault(each.line, why))
        elif body is not None and body.is_mapping:
            if each.said("name") in names:
                why = f"two entries of {name} have one name; kubectl refuses the file"
                faults.setdefault(why, Fault(each.line, why))
            names.add(each.said("name"))
            found.append(Entry(each.said("name"), body, each.line, file))
    if len(node.elements()) > ENTRY_LIMIT:
        why = f"{name} has more than {ENTRY_LIMIT} entries; the rest was left out"
        faults[why] = Fault(node.line, why, GapKind.LIMIT)
    return tuple(found), Text(faults=tuple(faults.values()))


def joined(configs: Iterable[Kubeconfig], *, active: bool) -> View:
    """The files as kubectl joins them: the first to name a thing decides, also which context is current."""
    configs = tuple(configs)
    naming = next((config for config in configs if config.current), None)
    return View(
        clusters=_first(entry for config in configs for entry in config.clusters),
        users=_first(entry for config in configs for entry in config.users),
        contexts=_first(entry for config in configs for entry in config.contexts),
        files=tuple(config.file for config in configs),
        active=active,
        current=naming.current if naming is not None else "",
        named_at=Evidence(naming.file.path, naming.current_line, "current-context") if naming is not None else None,
    )


def _first(entries: Iterable[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.name, entry)
    return found
