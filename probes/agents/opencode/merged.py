"""opencode's settings as one: permissions keep the order of their keys, since the last rule that matches decides."""

from collections.abc import Iterator
from pathlib import PurePath

from msgspec import Struct, field

from probes.agents.documents import Document
from probes.agents.layers import ENVIRONMENT, PROJECT
from probes.agents.opencode.sources import Source, Sources
from probes.agents.tree import Node
from scanner.model import Evidence, Gap, GapKind
from scanner.text import printable

ALLOW, ASK, DENY = "allow", "ask", "deny"
ACTIONS = frozenset({ALLOW, ASK, DENY})
UNKNOWN = "unknown"  # what a variable or another file puts there
SUBSTITUTED = ("{env:", "{file:")
EDITS = frozenset({"write", "edit", "patch"})
PRIMARY, SUBAGENT = "primary", "subagent"
KEYS = 2_000  # of one permission, and agents of one file


class Said(Struct, frozen=True):
    """An action, who says it and where; `words` are those of the setting."""

    action: str
    words: str
    scope: str
    evidence: Evidence


Patterns = dict[str, Said]
Permission = dict[str, Said | Patterns]


class Agent(Struct):
    """One of the agents that settings make or change; None where nobody says."""

    permission: Permission = field(default_factory=dict)
    disabled: bool | None = None
    mode: str = ""
    hidden: bool | None = None


class Merged(Struct, frozen=True):
    """What holds in the end; `gaps` are values with which opencode does not start, or that are not understood.

    `references` are folders of reference, as patterns: their files are read and changed with no leave for them.
    """

    permission: Permission
    agents: dict[str, Agent]
    references: Patterns
    default_agent: str
    gaps: tuple[Gap, ...]
    native: bool  # written for the next major version
    broken: bool


def merged(told: Sources) -> Merged:
    """All sources as one."""
    host = told.documents.host
    found = _Merger(host.home, host.workspace or host.home)
    for source in told.layers:
        found.add(source)
    if told.permission is not None:
        found.over(Source(ENVIRONMENT, told.permission))
    permission = together(found.switched, found.permission)
    broken = told.broken or bool(found.gaps)
    references = {f"{said[0]}/*": said[1] for said in found.references.values()}
    return Merged(permission, found.agents, references, found.default_agent, tuple(found.gaps), found.native, broken)


def together(low: Permission, high: Permission) -> Permission:
    """Two permissions as one: a key stays where it first stood, with the stronger one's value."""
    joined: Permission = {**low, **high}
    for key, value in high.items():
        weaker = low.get(key)
        if isinstance(weaker, dict) and isinstance(value, dict):
            joined[key] = {**weaker, **value}
    return joined


class _Merger:
    """Takes the sources one by one."""

    def __init__(self, home: PurePath, folder: PurePath) -> None:
        self.home, self.folder = home, folder
        self.references: dict[str, tuple[str, Said]] = {}
        self.permission: Permission = {}
        self.switched: Permission = {}
        self.agents: dict[str, Agent] = {}
        self.default_agent = ""
        self.native = False
        self.gaps: list[Gap] = []

    def add(self, source: Source) -> None:
        """A text of settings."""
        root = source.document.root
        self.native = self.native or _is_native(root)
        node = root.get("permission")
        if node is not None:
            self.permission = together(self.permission, self._permission(node, source, "permission"))
        self.switched.update(self._switches(root.get("tools"), source, "tools"))
        self.default_agent = root.said("default_agent") or self.default_agent
        for key in ("reference", "references"):
            self._references(root.get(key), source, key)
        for key in ("agents", "agent"):
            self._agents(root.get(key), source, key, "")
        self._agents(root.get("mode"), source, "mode", PRIMARY)

    def over(self, source: Source) -> None:
        """The variable that is laid over the permissions of all files."""
        self.permission = together(self.permission, self._permission(source.document.root, source, ""))

    def _references(self, node: Node | None, source: Source, key: str) -> None:
        """Folders of reference; a text is one only where it begins like a path, else a repository to be fetched."""
        for name, inner in node.pairs[:KEYS] if node is not None else ():
            text = inner.said("path") or (inner.text if inner.text.startswith((".", "/", "~")) else "")
            path = source.document.path
            if text:
                folder = located(text, path.parent if path is not None else self.folder, self.home)
                place = source.document.at(worded(f"{key}.{name}"), inner.line)
                said = Said(ALLOW, f"{worded(f'{key}.{name}')}, a folder of reference", source.scope, place)
                self.references[name] = (folder, said)

    def _agents(self, node: Node | None, source: Source, key: str, mode: str) -> None:
        for name, inner in node.pairs[:KEYS] if node is not None else ():
            told = self.agents.setdefault(name, Agent())
            where = f"{key}.{name}"
            own = self._switches(inner.get("tools"), source, f"{where}.tools")
            permission = inner.get("permission")
            if permission is not None:
                own.update(self._permission(permission, source, f"{where}.permission"))
            told.permission = together(told.permission, own)
            told.mode = mode or inner.said("mode") or told.mode
            disabled, hidden = inner.get("disable") or inner.get("disabled"), inner.get("hidden")
            told.disabled = disabled.flag if disabled is not None else told.disabled
            told.hidden = hidden.flag if hidden is not None else told.hidden

    def _switches(self, node: Node | None, source: Source, key: str) -> Permission:
        """The older switches for tools, as permissions."""
        found: Permission = {}
        for name, inner in node.pairs[:KEYS] if node is not None else ():
            if inner.flag is not None:
                words = f"{key}.{name} {'true' if inner.flag else 'false'}"
                place = source.document.at(f"{key}.{name}", inner.line)
                said = Said(ALLOW if inner.flag else DENY, printable(words), source.scope, place)
                found["edit" if name in EDITS else name] = said
        return found

    def _permission(self, node: Node, source: Source, key: str) -> Permission:
        if node.members is None:
            said = self._said(node, source, key)
            return {"*": said} if said is not None else {}
        found: Permission = {}
        for name, inner in node.pairs[:KEYS]:
            where = f"{key}.{name}".lstrip(".")
            if inner.members is None:
                said = self._said(inner, source, where)
                if said is not None:
                    found[name] = said
            else:
                found[name] = dict(self._patterns(inner, source, where))
        return found

    def _patterns(self, node: Node, source: Source, key: str) -> Iterator[tuple[str, Said]]:
        for pattern, inner in node.pairs[:KEYS]:
            said = self._said(inner, source, f"{key}.{pattern}")
            if said is not None:
                yield pattern, said

    def _said(self, node: Node, source: Source, key: str) -> Said | None:
        """One action; opencode does not start with another word, and one that is put together cannot be known."""
        document = source.document
        if node.text in ACTIONS:
            return Said(node.text, f'{worded(key)} "{node.text}"', source.scope, document.at(worded(key), node.line))
        if any(sign in node.text for sign in SUBSTITUTED):
            words = f"{worded(key)}, which is put together from elsewhere"
            return Said(UNKNOWN, words, source.scope, document.at(worded(key), node.line))
        self.gaps.append(Gap(GapKind.FAILED, _place(document, node), f"{worded(key)} is no action that opencode knows"))
        return None


def located(text: str, beside: PurePath, home: PurePath) -> str:
    """A path as settings write it, whole."""
    path = home / text[2:] if text.startswith("~/") else beside / text
    parts: list[str] = []
    for part in path.parts[1:]:
        if part == "..":
            parts = parts[:-1]
        else:
            parts.append(part)
    return type(path)(path.anchor, *parts).as_posix()


def worded(key: str) -> str:
    """The dotted name of a setting as a report may show it: patterns are command lines, and may hold a password."""
    from probes.agents.shown import holds_secret, shown  # of no use where nobody wrote a rule

    parts = key.split(".", 6)  # a pattern may begin behind each
    text = shown(key)
    telling = any(holds_secret(".".join(parts[place:])) for place in range(1, len(parts)))
    return text if text is not None and not telling else f"{key.partition('.')[0]}, a rule that is not shown"


def _place(document: Document, node: Node) -> str:
    where = document.path.name if document.path is not None else document.variable or "a setting"
    return f"opencode's {printable(where)}, line {node.line}"


def _is_native(root: Node) -> bool:
    """Whether it has permissions as opencode 2 writes them, with which opencode 1 does not start."""
    if root.get("permissions") is not None:
        return True
    groups = (root.get(key) for key in ("agents", "agent", "mode"))
    return any(inner.get("permissions") is not None for node in groups if node is not None for _, inner in node.pairs)


def is_of_project(said: Said) -> bool:
    """Whether whoever commits to a repository said it."""
    return said.scope == PROJECT
