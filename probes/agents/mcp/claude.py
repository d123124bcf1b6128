"""What Claude Code's settings say of a server: policies, approvals, plugins, permission rules."""

import re
import sys
from bisect import bisect_left
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.above import above
from probes.agents.documents import Document, Documents
from probes.agents.mcp.entries import Entry, first
from probes.agents.mcp.state import ALL, State, said
from probes.agents.tree import Node, parse
from scanner.data.mcp import mcp
from scanner.model import Gap, Platform

LAST = chr(sys.maxunicode)  # sorts behind every sign of a name
POLICY_KEYS = ("HKLM/SOFTWARE/Policies/ClaudeCode", "HKCU/SOFTWARE/Policies/ClaudeCode")


class Setting(Struct, frozen=True):
    """One file of settings, its name for a reader, its project; `allowed` and `held` are its rules about MCP."""

    root: Node
    shown: str
    project: PurePath | None = None
    local: bool = False
    managed: bool = False
    allowed: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    def names(self, *keys: str) -> tuple[str, ...]:
        """The texts of a list in it."""
        node = self.root.at(*keys)
        return node.texts() if node is not None else ()

    def flag(self, *keys: str) -> bool | None:
        """A switch in it."""
        node = self.root.at(*keys)
        return node.flag if node is not None else None


def state(entry: Entry, documents: Documents, told: list[Setting]) -> State:
    """The state of one of Claude Code's servers, as the settings have it."""
    settings = [each for each in told if _bears(each, entry, documents)]
    found = _of_scope(entry, settings, documents)
    if _is_refused(entry, settings, documents):
        found = State(False)
    approved = _approved(entry, settings)
    by = "a permission rule for mcp__" + _plain(entry.label) if approved else ""
    return State(found.enabled, approved, found.let_in, found.mend, by)


def _of_scope(entry: Entry, settings: list[Setting], documents: Documents) -> State:
    match entry.source.scope:
        case "project":
            return _project(entry, settings, documents)
        case "plugin":
            return State(_plugin(entry, settings))
        case _:
            return said(entry)


def known(documents: Documents) -> list[Setting]:
    """Every file of settings, and the policies of the registry."""
    told = mcp().settings
    found = [*_files(documents, told["claude_managed"], managed=True), *_policies(documents)]
    found += _files(documents, told["claude_user"])
    found += _files(documents, told["claude_local"], local=True)
    found += _files(documents, told["claude_project"])
    return [replace(each, allowed=_rules(each, "allow"), held=_rules(each, "deny", "ask")) for each in found]


def _rules(setting: Setting, *kinds: str) -> tuple[str, ...]:
    """The rules that may be about MCP, sorted; most of a list is about commands."""
    rules = {rule for kind in kinds for rule in setting.names("permissions", kind)}
    return tuple(sorted(rule for rule in rules if rule.startswith(("mcp__", ALL))))


def _files(
    documents: Documents, patterns: tuple[str, ...], *, managed: bool = False, local: bool = False
) -> Iterator[Setting]:
    for document in documents.read(patterns):
        shown = documents.host.shown(document.path) if document.path is not None else ""
        yield Setting(document.root, shown, document.project, local, managed)


def _policies(documents: Documents) -> Iterator[Setting]:
    if documents.host.platform is not Platform.WINDOWS:
        return
    for key in POLICY_KEYS:
        values = documents.host.registry(key)
        if isinstance(values, Gap):
            documents.gaps.append(values)
        elif values.get("Settings"):
            root = parse(values["Settings"], "json").root
            if root is not None:
                yield Setting(root, key, managed=key.startswith("HKLM"))


def _bears(setting: Setting, entry: Entry, documents: Documents) -> bool:
    """Whether these settings hold where the server is used: a project's are its own, and the workspace's for all."""
    if setting.project is None:
        return True
    if entry.folder is not None:
        return setting.project == entry.folder
    return setting.project in {documents.host.workspace, *above(documents.host)}


def _is_refused(entry: Entry, settings: list[Setting], documents: Documents) -> bool:
    """Whether a policy or this project's own list leaves it out."""
    managed = next(documents.read(_managed_servers()), None)
    if managed is not None and entry.source.scope != "managed":
        return True
    if any(_fits(rule, entry) for setting in settings for rule in _listed(setting, "deniedMcpServers")):
        return True
    allowing = [setting for setting in settings if setting.root.get("allowedMcpServers") is not None]
    if allowing and not any(_fits(rule, entry) for each in allowing for rule in _listed(each, "allowedMcpServers")):
        return True
    off = [name for node in _project_states(entry, documents) for name in _texts(node, "disabledMcpServers")]
    return entry.name in off


def _managed_servers() -> tuple[str, ...]:
    client = next(each for each in mcp().client if each.id == "claude-code")
    return next(each.files for each in client.source if each.scope == "managed")


def _listed(setting: Setting, key: str) -> tuple[Node, ...]:
    node = setting.root.get(key)
    return (node.items or ()) if node is not None else ()


def _fits(rule: Node, entry: Entry) -> bool:
    """Whether a rule of a policy means this server, by its name, its whole command or its address."""
    if rule.said("serverName"):
        return rule.said("serverName") == entry.name
    command = rule.get("serverCommand")
    if command is not None:
        given = first(entry.node, ("args",))
        words = (entry.node.said("command"), *(given[1].texts() if given is not None else ()))
        return command.texts() == words
    url = rule.said("serverUrl")
    return bool(url) and fnmatchcase(entry.node.said("url"), url)


def _project_states(entry: Entry, documents: Documents) -> Iterator[Node]:
    """What `.claude.json` keeps of the project: the server's own, else the workspace and the folders above it."""
    host = documents.host
    folders = (entry.folder,) if entry.folder is not None else (host.workspace, *above(host))
    known_folders = documents.folders(mcp().settings["claude_state"], "projects")
    for folder in folders:
        yield from known_folders.get(folder, ()) if folder is not None else ()


def _texts(node: Node, key: str) -> tuple[str, ...]:
    found = node.get(key)
    return found.texts() if found is not None else ()


# --- servers of a project


def _project(entry: Entry, settings: list[Setting], documents: Documents) -> State:
    """A project's server runs once someone said so; what the project says itself counts when its folder is trusted."""
    states = list(_project_states(entry, documents))
    trusted = any(_flag(node, "hasTrustDialogAccepted") for node in states)
    counting = [each for each in settings if each.project is None or trusted]
    refused = [name for each in settings for name in each.names("disabledMcpjsonServers")]
    refused += [name for node in states for name in _texts(node, "disabledMcpjsonServers")]
    if entry.name in refused:
        return State(False)
    opened = next((each for each in counting if each.flag("enableAllProjectMcpServers")), None)
    if opened is not None:
        return State(
            True,
            let_in=f"enableAllProjectMcpServers in {opened.shown} lets in whatever the repository brings",
            mend=f"Remove enableAllProjectMcpServers from {opened.shown}; list in enabledMcpjsonServers what you want.",
        )
    named = [each for each in counting if entry.name in each.names("enabledMcpjsonServers")]
    if any(entry.name in _texts(node, "enabledMcpjsonServers") for node in states):
        return State(True)
    if any(each.project is None or each.local for each in named):
        return State(True)
    if named:
        return State(
            True,
            let_in=f"the repository approves it itself, in {named[0].shown}",
            mend=f"Remove {entry.label} from enabledMcpjsonServers in {named[0].shown}, so that each person is asked.",
        )
    return State(None)


def _flag(node: Node, key: str) -> bool:
    found = node.get(key)
    return found is not None and found.flag is True


# --- servers of a plugin


def plugin_of(document: Document) -> str:
    """The plugin that a file of the cache belongs to, as settings name it: plugin@marketplace."""
    parts = document.path.parts if document.path is not None else ()
    if "cache" not in parts:
        return ""
    at = len(parts) - 1 - parts[::-1].index("cache")
    return f"{parts[at + 2]}@{parts[at + 1]}" if at + 3 < len(parts) else ""


def _plugin(entry: Entry, settings: list[Setting]) -> bool | None:
    """Whether the plugin is switched on; the most particular settings that name it decide."""
    plugin = plugin_of(entry.document)
    order = sorted(settings, key=lambda each: (not each.managed, each.project is None, not each.local))
    for each in order:
        switched = each.flag("enabledPlugins", plugin)
        if switched is not None:
            return switched
    return None


# --- tools


def _plain(name: str) -> str:
    """A server's name as the names of its tools begin."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", name)


def _approved(entry: Entry, settings: list[Setting]) -> tuple[str, ...]:
    """The tools that a rule allows and none denies or asks about."""
    server = _plain(entry.name)
    if entry.source.scope == "plugin":
        server = f"plugin_{_plain(plugin_of(entry.document).partition('@')[0])}_{server}"
    start = f"mcp__{server}"
    allowed = _tools(start, [rule for each in settings for rule in _beginning(start, each.allowed)])
    held = [rule for each in settings for rule in _beginning(start, each.held)]
    if ALL in _tools(start, held) or any({"mcp__*", ALL}.intersection(each.held) for each in settings):
        return ()
    stopped = _tools(start, held)
    return tuple(dict.fromkeys(tool for tool in allowed if tool not in stopped))


def _beginning(start: str, rules: tuple[str, ...]) -> tuple[str, ...]:
    """The rules that begin so, of those that are sorted."""
    return rules[bisect_left(rules, start) : bisect_left(rules, start + LAST)]


def _tools(start: str, rules: list[str]) -> list[str]:
    found = []
    for rule in rules:
        if rule in {start, f"{start}__*"}:
            found.append(ALL)
        elif rule.startswith(f"{start}__"):
            found.append(rule[len(start) + 2 :])
    return [ALL] if ALL in found else found
