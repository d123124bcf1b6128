"""All that a policy of Copilot CLI is made from, read once: settings, approvals, options, trust, hooks."""

from collections.abc import Iterator
from itertools import islice
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.basis import Basis, basis, literal
from probes.agents.copilot.flags import Lines, lines
from probes.agents.copilot.grammar import Told, permission
from probes.agents.copilot.saved import Saved, root, saved
from probes.agents.copilot.vendor import temporary
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.layers import ENTRIES, LOCAL, MANAGED, PROJECT, USER, Found, layered
from probes.agents.tree import Node
from scanner.host import Host
from scanner.host.paths import within
from scanner.model import Evidence, Gap, GapKind, Gate, Paths, Ruling

MOVED = "COPILOT_HOME"
ALLOW_ALL = "COPILOT_ALLOW_ALL"
YES = frozenset({"true", "1", "yes", "on", "y"})
MODES = {"manual": Gate.PROMPT, "assisted": Gate.CLASSIFIER, "allow-all": Gate.NONE}
ANSWERING = ("preToolUse", "permissionRequest", "PreToolUse", "PermissionRequest")
HOOKS = 500


class Hook(Struct, frozen=True):
    """What may answer before anybody is asked; it is never run. `lax`: it is reckoned to allow."""

    found: Found
    lax: bool


class Managed(Struct, frozen=True):
    """The organisation's own rules; where there are any, what they do not allow is asked for."""

    allow: tuple[Told, ...] = ()
    ask: tuple[Told, ...] = ()
    deny: tuple[Told, ...] = ()
    found: Found | None = None


class Setup(Struct, frozen=True):
    """What was read for one workspace."""

    basis: Basis
    own: Basis  # what the user and the organisation say, since a repository decides no gate
    lines: Lines
    saved: Saved
    managed: Managed
    trusted: Evidence | None
    hooks: tuple[Hook, ...]
    gaps: tuple[Gap, ...]

    @property
    def host(self) -> Host:
        """The machine."""
        return self.basis.host

    @property
    def sure(self) -> bool:
        """Whether its own settings could be read whole."""
        return self.own.sure

    @property
    def folders(self) -> tuple[Paths, ...]:
        """The working folders, whose files are read unasked."""
        added = [folder for folder, _ in (*self.saved.folders, *self.lines.folders)]
        found = (self.host.resolve(text, self.basis.workspace) for text in added)
        more = [Paths(literal(path), self.basis.fold) for path in found if path is not None]
        beside = () if self.lines.all_told("--disallow-temp-dir") else temporary(self.host)
        return (self.basis.inside(), *more, *beside)

    @property
    def bound(self) -> Found | None:
        """What forbids to lift all prompts at once."""
        found = next(iter(self.own.layers.each("permissions", "disableBypassPermissionsMode")), None)
        return found if found is not None and found.layer.scope == MANAGED else None

    def lifted(self, *switches: str) -> Ruling | None:
        """What lifts prompts: an option of those names, or one for everything."""
        told = self.lines.told(*switches, "--allow-all", "--yolo")
        if told is None or self.bound is not None:
            return None
        return Ruling(Gate.NONE, f"{told[0]} of the running {told[1].process}", told[1])

    def lifted_tools(self) -> Ruling | None:
        """What lifts the prompts of all tools: an option, a variable, or the mode that sessions start in."""
        found = self.lifted("--allow-all-tools")
        if found is not None or self.bound is not None:
            return found
        if (self.host.variable(ALLOW_ALL) or "").strip().casefold() in YES:
            return Ruling(Gate.NONE, ALLOW_ALL, Evidence(variable=ALLOW_ALL))
        return self.lifted_all()

    def lifted_all(self) -> Ruling | None:
        """What lifts every prompt."""
        found = self.lifted()
        if found is not None:
            return found
        mode = self.mode
        return mode if mode.gate is Gate.NONE else None

    @property
    def mode(self) -> Ruling:
        """What stands before an act that nothing else decides."""
        found = self.chosen
        if found is None:
            return self.own.default(
                Gate.PROMPT, "GitHub Copilot CLI asks before commands, changes and connections (default)"
            )
        return Ruling(MODES[found.node.text], found.words, found.evidence)

    @property
    def chosen(self) -> Found | None:
        """The permission mode that new sessions start in, where it counts."""
        managed = next((each for each in self.own.layers.each("permissions", "defaultMode")), None)
        found = managed if managed is not None and managed.layer.scope == MANAGED else None
        if found is None or found.node.text not in MODES:
            found = next((e for e in self.own.layers.each("defaultPermissionMode") if e.layer.scope == USER), None)
        if found is None or found.node.text not in MODES:
            return None
        if found.node.text == "allow-all" and self.bound is not None:
            return None
        judged = self.own.layers.flag("permissions", "disableAssistedPermissionsMode")
        barred = judged is not None and judged.layer.scope == MANAGED and judged.node.flag is True
        return None if found.node.text == "assisted" and barred else found


def setup(host: Host, each: Installed) -> Setup:
    """Reads all of it."""
    documents = Documents(host)
    top = root(host)
    sources = [
        (MANAGED, _own(host, each, documents, "managed")),
        (LOCAL, _project(documents, each, "local", top)),
        (PROJECT, _project(documents, each, "project", top)),
        (USER, _own(host, each, documents, "settings")),
    ]
    state = tuple(_own(host, each, documents, "state"))
    found = basis(host, each, layered(documents, sources))
    own = [layer for layer in found.layers.layers if layer.scope in {MANAGED, USER}]
    run = lines(each.processes)
    trusted = _trusted(host, top, state, run)
    approvals = saved(documents, _patterns(host, each, "saved"))
    hooks = tuple(islice(_hooks(found, each, documents, trusted is not None), HOOKS))
    gaps = (*found.gaps, *approvals.gaps, *_wrong_modes(found))
    whole = _without_project(documents, top)
    kept = Basis(host, each, replace(found.layers, layers=tuple(own), documents=whole))
    return Setup(found, kept, run, approvals, _managed(own_rules(found)), trusted, hooks, gaps)


def _without_project(documents: Documents, top: PurePath) -> Documents:
    """The documents with only those gaps that are about files of the user and the machine."""
    place = documents.host.shown(top)
    gaps = [gap for gap in documents.gaps if not gap.place.startswith(f"{place}/") or f"{place}/.copilot/" in gap.place]
    return Documents(documents.host, gaps=gaps)


def _patterns(host: Host, each: Installed, name: str) -> tuple[str, ...]:
    """The files of its folder: where a variable moves that, the usual one is not looked at."""
    other = "~/.copilot/" if host.variable(MOVED) else f"${MOVED}/"
    return tuple(pattern for pattern in each.row.files[name] if not pattern.startswith(other))


def _own(host: Host, each: Installed, documents: Documents, name: str) -> Iterator[Document]:
    return documents.read(_patterns(host, each, name))


def _project(documents: Documents, each: Installed, name: str, top: PurePath) -> Iterator[Document]:
    """The files at the repository's root."""
    return (found for found in documents.read(each.row.files[name]) if found.project == top)


def _trusted(host: Host, top: PurePath, state: tuple[Document, ...], run: Lines) -> Evidence | None:
    """What says that the folder's own configuration may be loaded: it, or one above, was trusted."""
    told = run.told("--trust-folder")
    if told is not None:
        return told[1]
    if host.variable(ALLOW_ALL) == "true":
        return Evidence(variable=ALLOW_ALL)
    for document in state:
        for key in ("trustedFolders", "trusted_folders"):
            node = document.root.get(key)
            for each in islice(node.items or () if node is not None else (), ENTRIES):
                folder = host.resolve(each.text) if each.text else None
                if folder is not None and within(host.workspace or top, folder):
                    return document.at(key, each.line)
    return None


def own_rules(found: Basis) -> dict[str, list[Found]]:
    """The organisation's rules, by what they do."""
    told: dict[str, list[Found]] = {}
    for name in ("allow", "ask", "deny"):
        for each in found.layers.each("permissions", name):
            if each.layer.scope == MANAGED:
                told.setdefault(name, []).extend(found.layers.listed(each))
    return told


def _managed(rules: dict[str, list[Found]]) -> Managed:
    """They are written as Claude Code's are, or as options of the command line are."""
    made = {name: tuple(_rules(found)) for name, found in rules.items()}
    first = next((each for found in rules.values() for each in found), None)
    any_rule = any(made.values())
    return Managed(made.get("allow", ()), made.get("ask", ()), made.get("deny", ()), first if any_rule else None)


KINDS = {
    **dict.fromkeys(("bash", "shell", "powershell"), "shell"),
    **dict.fromkeys(("edit", "write"), "write"),
    **dict.fromkeys(("domain", "url", "webfetch"), "url"),
    "read": "read",
}


def _rules(found: list[Found]) -> Iterator[Told]:
    for each in found:
        told = permission(each.node.text, each.key, each.evidence) if each.node.text else None
        kind = KINDS.get(told.kind.casefold()) if told is not None else None
        if told is not None and told.kind.casefold() == "mcp" and told.about:
            server, _, name = told.about.partition("/")
            yield Told(server, name or None, told.source, told.evidence, served=True)
        elif told is not None and kind is not None:
            yield replace(told, kind=kind)


def _wrong_modes(found: Basis) -> Iterator[Gap]:
    for each in found.layers.each("defaultPermissionMode"):
        if each.node.text not in MODES and each.layer.scope == USER:
            where = each.layer.document.path
            place = found.host.shown(where) if where is not None else "its settings"
            yield Gap(GapKind.FAILED, f"{place}, line {each.node.line}", f"{each.key} has a value that is not known")


# --- hooks


def _hooks(found: Basis, each: Installed, documents: Documents, trusted: bool) -> Iterator[Hook]:
    """Hooks of the user, and of the repository once its folder is trusted."""
    if found.layers.is_on("disableAllHooks"):
        return
    for told in found.layers.each("hooks"):
        if trusted or not told.layer.from_project:
            yield from _of(told.node, told)
    top = root(found.host)
    for name, scope in (("hooks", USER), ("project_hooks", PROJECT), ("claude_hooks", PROJECT)):
        if scope == PROJECT and not trusted:
            continue
        documents_of = (
            _own(found.host, each, documents, name) if scope == USER else _project(documents, each, name, top)
        )
        for layer in layered(documents, [(scope, documents_of)]).layers:
            node = layer.document.root.get("hooks")
            if node is not None:
                yield from _of(node, Found(node, layer, "hooks"))


def _of(node: Node, told: Found) -> Iterator[Hook]:
    for event in ANSWERING:
        inner = node.get(event)
        if inner is not None and inner.items:
            lax = told.layer.from_project or _speaks_of_allowing(inner)
            yield Hook(Found(inner, told.layer, f"hooks.{event}"), lax)


def _speaks_of_allowing(node: Node, depth: int = 6) -> bool:
    if "allow" in node.text.casefold():
        return True
    inner = (*(node.items or ()), *(each for _, each in node.pairs))[:HOOKS]
    return depth > 0 and any(_speaks_of_allowing(each, depth - 1) for each in inner)
