"""The editors of this machine as seats of an extension: in each, the settings that count for the workspace."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.documents import Document, Documents
from probes.agents.layers import MANAGED, PROJECT, USER, Found, Layers, layered
from probes.agents.shown import shown
from probes.agents.tree import Node
from scanner.host import Place
from scanner.model import Gap, GapKind
from scanner.text import printable

REMOTE = "remote"
CODE, INSIDERS = "Code", "Code - Insiders"
TITLES = {CODE: "VS Code", INSIDERS: "VS Code Insiders"}
# Where an editor keeps extensions, and what its folder of settings is called.
EXTENSION_HOMES = {
    ".vscode": CODE,
    ".vscode-server": CODE,
    ".vscode-insiders": INSIDERS,
    ".vscode-server-insiders": INSIDERS,
    ".vscode-oss": "VSCodium",
    ".cursor": "Cursor",
    ".cursor-server": "Cursor",
    ".windsurf": "Windsurf",
    ".windsurf-server": "Windsurf",
    ".kiro": "Kiro",
    ".antigravity": "Antigravity",
}
PROFILES, MEMBERS = 50, 2_000
Files = Mapping[str, tuple[str, ...]]
Source = tuple[str, Iterable[Document]]


class Asked(Struct, frozen=True):
    """Which settings are asked for: their keys, and the policies that decide some of them."""

    keys: frozenset[str]
    policies: Mapping[str, str]


class Seat(Struct, frozen=True):
    """One editor, or one of its profiles: `wide` has the settings of all who may say, `own` none of a project.

    `folder` is what the editor's folder of settings is called.
    """

    folder: str
    title: str
    wide: Layers
    own: Layers


def seats(documents: Documents, files: Files, asked: Asked, among: Iterable[str]) -> tuple[Seat, ...]:
    """A seat for each of these editors, and for each of their profiles; none that says nothing is left out."""
    users = _by_editor(documents.read(files["user"]))
    profiles = _by_editor(documents.read(files["profiles"]))
    remote = _by_editor(documents.read(files.get("remote", ())))
    found: list[Seat] = []
    for name in dict.fromkeys(among):
        sources = _Sources(documents, files, asked, remote.get(name, ()))
        own = layered(documents, sources.below((), users.get(name, ())))
        found.append(Seat(name, TITLES.get(name, name), _wide(sources, users.get(name, ())), own))
        for document in profiles.get(name, ())[:PROFILES]:
            title = f"{TITLES.get(name, name)}, profile {_profile(document.path)}"
            # What an application has but once stands among the settings of the default profile.
            found.append(Seat(name, title, _wide(sources, (document,)), own))
    return tuple(found)


class _Sources(Struct, frozen=True):
    documents: Documents
    files: Files
    asked: Asked
    remote: Sequence[Document]

    def flat(self, found: Iterable[Document]) -> list[Document]:
        """Documents with their keys as one asks for them."""
        return [replace(each, root=flattened(each.root, self.asked.keys)) for each in found]

    def below(self, project: Iterable[Source], user: Iterable[Document]) -> list[Source]:
        """All sources, highest first."""
        mine: list[Source] = [(REMOTE, self.flat(self.remote)), (USER, self.flat(user))]
        return [(MANAGED, self.managed), *project, *mine]

    @property
    def managed(self) -> list[Document]:
        """What an administrator has decided."""
        found = self.documents.read(self.files.get("policy", ()))
        return [replace(each, root=_renamed(each.root, self.asked.policies)) for each in found]

    @property
    def project(self) -> list[Document]:
        """The folder's settings, and below them those of a workspace file in it."""
        workspace = self.documents.host.workspace
        folder = [each for each in self.documents.read(self.files["folder"]) if each.project == workspace]
        opened = [each for each in self.documents.read(self.files["workspace"]) if each.project == workspace]
        inner = [replace(each, root=node) for each in opened if (node := each.root.get("settings")) is not None]
        return self.flat([*folder, *inner])


def _wide(sources: _Sources, user: Iterable[Document]) -> Layers:
    return layered(sources.documents, sources.below([(PROJECT, sources.project)], user))


def _by_editor(found: Iterable[Document]) -> dict[str, tuple[Document, ...]]:
    named: dict[str, tuple[Document, ...]] = {}
    for document in found:
        name = editor_of(document.path)
        if name is not None:
            named[name] = (*named.get(name, ()), document)
    return named


def editor_of(path: PurePath | None) -> str | None:
    """The editor in whose folder something lies: `.../Code/User/...`, or `~/.vscode-server/data/...`."""
    if path is None:
        return None
    for index, part in enumerate(path.parts):
        if part in EXTENSION_HOMES:
            return EXTENSION_HOMES[part]
        if part == "User" and index:
            return path.parts[index - 1]
    return None


def editors_with(signs: Iterable[Place | Gap]) -> tuple[str, ...]:
    """The editors in which something was found, in the order of their names."""
    named = (editor_of(each.path) for each in signs if isinstance(each, Place))
    return tuple(sorted({name for name in named if name is not None}))


def _profile(path: PurePath | None) -> str:
    return printable(path.parent.name) if path is not None else ""


# --- settings


def flattened(root: Node, keys: frozenset[str]) -> Node:
    """Settings by the keys that are asked for: an editor reads `{"a": {"b": 1}}` as it reads `{"a.b": 1}`."""
    return Node(root.line, members=tuple(_flat(root, "", keys)))


def _flat(node: Node, before: str, keys: frozenset[str]) -> Iterator[tuple[str, Node]]:
    for name, inner in node.pairs:
        key = before + name
        if key in keys:
            yield key, inner
        elif inner.members is not None and any(each.startswith(f"{key}.") for each in keys):
            yield from _flat(inner, f"{key}.", keys)


def _renamed(root: Node, policies: Mapping[str, str]) -> Node:
    return Node(root.line, members=tuple((policies[name], inner) for name, inner in root.pairs if name in policies))


def merged(layers: Layers, key: str) -> dict[str, Found]:
    """The members of an object that several sources fill: a higher one replaces a member where it stands."""
    told: dict[str, Found] = {}
    for found in reversed([*layers.each(key)]):
        if found.node.members is None:
            layers.note(found, "is no object")
        if len(found.node.pairs) > MEMBERS:
            layers.note(found, f"has more than {MEMBERS} members; the rest was not read", GapKind.LIMIT)
        for name, node in found.node.pairs[:MEMBERS]:
            told[name] = Found(node, found.layer, _named(key, name))
    return told


@lru_cache(maxsize=4 * MEMBERS)
def _named(key: str, name: str) -> str:
    """A member as it may be told: its name is what somebody typed, a command line or an address."""
    text = shown(name)
    return f'{key}["{text}"]' if text is not None else key
