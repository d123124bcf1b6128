"""What the settings of the other clients say of a server."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath

from probes.agents.above import LEVELS, PROJECT_FILE
from probes.agents.codex.places import main_repository
from probes.agents.documents import Document, Documents
from probes.agents.mcp.entries import Entry
from probes.agents.mcp.state import ALL, State, said
from probes.agents.tree import Node, parse
from scanner.data.mcp import mcp
from scanner.host import Host
from scanner.host.paths import within

APPROVE = "approve"  # the mode of Codex that never asks


def desktop(entry: Entry, documents: Documents) -> State:
    """Claude Desktop: what is configured runs; an extension has a switch beside it."""
    if entry.source.scope != "extension" or entry.document.path is None:
        return said(entry)
    for settings in documents.read(mcp().settings["desktop_settings"]):
        if settings.path is not None and settings.path.stem == entry.document.path.parent.name:
            switch = settings.root.get("isEnabled")
            return State(switch.flag if switch is not None else None)
    return said(entry)


# --- Codex


def codex(entry: Entry, documents: Documents) -> State:
    """Codex: a project's file counts in a trusted project; requirements name the servers that may run."""
    state = said(entry)
    enabled, let_in, mend = state.enabled, "", ""
    if entry.source.scope == "project":
        trust = _codex_trust(entry.folder, documents)
        enabled = None if trust is None else trust and entry.flag("enabled") is not False
        if enabled:
            let_in = "the project is trusted, and Codex asks no more about what its .codex/config.toml starts"
            mend = f"Set enabled = false under [mcp_servers.{entry.label}], or move it to ~/.codex/config.toml."
    for document in documents.read(mcp().settings["codex_requirements"], "toml"):
        listed = document.root.get("mcp_servers")
        if listed is not None and not _is_listed(entry, listed):
            enabled = False
    approved = _codex_approved(entry.node)
    return State(enabled, approved, let_in, mend, "default_tools_approval_mode" if ALL in approved else "")


def _is_listed(entry: Entry, listed: Node) -> bool:
    """Whether the requirements have a server of that name, and with its command or its address."""
    for key in ("command", "url"):
        wanted, real = listed.said(entry.name, "identity", key), entry.node.said(key)
        if wanted and wanted == real:
            return True
    return False


def _codex_trust(folder: PurePath | None, documents: Documents) -> bool | None:
    """What the user's file says of the folder, the root of its repository, or the one behind a worktree.

    None where it says nothing; what it says of folders above the repository does not count.
    """
    if folder is None:
        return None
    known = documents.folders(mcp().settings["codex_user"], "projects", form="toml")
    root = _root(folder, documents.host)
    for path in dict.fromkeys((folder, root, main_repository(documents.host, root) or root)):
        for node in known.get(path, ()):
            if node.said("trust_level") in {"trusted", "untrusted"}:
                return node.said("trust_level") == "trusted"
    return None


def _root(folder: PurePath, host: Host) -> PurePath:
    """The root of the repository that a folder lies in, itself where there is none."""
    for each in (folder, *folder.parents)[:LEVELS]:
        if each == host.home:
            break
        if host.place_named(PROJECT_FILE, each / ".git") is not None:
            return each
    return folder


def _codex_approved(node: Node) -> tuple[str, ...]:
    if node.said("default_tools_approval_mode") == APPROVE:
        return (ALL,)
    tools = node.get("tools")
    return tuple(name for name, tool in tools.pairs if tool.said("approval_mode") == APPROVE) if tools else ()


# --- Cursor and VS Code: what runs is kept in the editor's own database


def cursor(entry: Entry, documents: Documents) -> State:
    """Cursor: the lists of permissions.json name tools as server:tool; a project's list is added to the user's."""
    allowed: list[str] = []
    for document in documents.read(mcp().settings["cursor_permissions"]):
        if document.project is not None and entry.folder is not None and document.project != entry.folder:
            continue
        listed = document.root.get("mcpAllowlist")
        allowed.extend(_cursor_tools(entry.name, listed.texts() if listed is not None else ()))
    approved = (ALL,) if ALL in allowed else tuple(dict.fromkeys(allowed))
    state = said(entry)
    return State(state.enabled, approved, allowed_by="mcpAllowlist in permissions.json" if approved else "")


def _cursor_tools(name: str, listed: tuple[str, ...]) -> Iterator[str]:
    for each in listed:
        server, _, tool = each.partition(":")
        if fnmatchcase(name.casefold(), server.casefold()):
            yield tool or ALL


def vscode(entry: Entry, documents: Documents) -> State:
    """VS Code: it asks before a server starts, and before a tool runs unless a setting says that nothing is asked."""
    state = said(entry)
    client = entry.client
    files = [source.files for source in client.source if source.scope == "user settings"]
    for document in documents.read(files[0] if files else ()):
        if not entry.source.repository and not _is_of_one_editor(document, entry.document):
            continue
        for key in ("chat.tools.global.autoApprove", "chat.tools.autoApprove"):
            switch = document.root.get(key)
            if switch is not None and switch.flag:
                shown = documents.host.shown(document.path) if document.path is not None else ""
                return State(state.enabled, (ALL,), allowed_by=f"{key} in {shown}")
    return state


def _is_of_one_editor(settings: Document, servers: Document) -> bool:
    """Whether the servers lie in the folder of the settings, or in a profile below it."""
    if settings.path is None or servers.path is None:
        return False
    return settings.path.parent in servers.path.parents


# --- Gemini CLI


def gemini(entry: Entry, documents: Documents) -> State:
    """Gemini CLI: a project's file counts in a trusted folder; lists in any settings switch servers by name."""
    state = said(entry)
    enabled, approved, by = state.enabled, state.approved, state.allowed_by
    let_in = mend = ""
    if entry.source.repository:
        enabled = _gemini_trust(entry.folder, documents)
        approved = approved if enabled else ()
        if enabled:
            let_in = "the folder is trusted, and Gemini CLI asks no more about what its settings start"
            mend = f"Add {entry.label} to mcp.excluded in ~/.gemini/settings.json."
    for document in _gemini_settings(documents):
        allowed, excluded = document.root.at("mcp", "allowed"), document.root.at("mcp", "excluded")
        if excluded is not None and entry.name in excluded.texts():
            enabled = False
        if allowed is not None and allowed.texts():
            listed = not {entry.name, ALL}.isdisjoint(allowed.texts())
            enabled = enabled if listed else False
            if listed and document.project is None:
                shown = documents.host.shown(document.path) if document.path is not None else ""
                approved, by = (ALL,), f"mcp.allowed in {shown}"
    if _is_switched_off(entry.name, documents):
        enabled = False
    return State(enabled, approved, let_in if enabled else "", mend, by)


def _gemini_settings(documents: Documents) -> Iterator[Document]:
    client = next(each for each in mcp().client if each.id == "gemini-cli")
    for source in client.source:
        if source.scope in {"user", "system", "system defaults"}:
            yield from documents.read(source.files)


def _gemini_trust(folder: PurePath | None, documents: Documents) -> bool | None:
    """What was answered for the folder, or for the nearest one above it; trust is asked for unless switched off."""
    for document in _gemini_settings(documents):
        switch = document.root.at("security", "folderTrust", "enabled")
        if switch is not None and switch.flag is False:
            return True
    best: tuple[int, bool] | None = None
    for name, nodes in documents.folders(mcp().settings["gemini_trust"]).items():
        said_of = nodes[-1].text
        path = name.parent if said_of == "TRUST_PARENT" else name
        if folder is not None and within(folder, path):
            best = max(best or (0, False), (len(path.parts), said_of != "DO_NOT_TRUST"))
    return best[1] if best is not None else None


def _is_switched_off(name: str, documents: Documents) -> bool:
    for document in documents.read(mcp().settings["gemini_enablement"]):
        switch = document.root.at(name, "enabled")
        if switch is not None and switch.flag is False:
            return True
    return False


# --- Qwen Code and Copilot CLI


def qwen(entry: Entry, documents: Documents) -> State:
    """Qwen Code: lists in any settings switch servers by name; a project's server waits for a person's approval."""
    state = said(entry)
    enabled = _qwen_approval(entry, documents) if entry.source.repository else state.enabled
    for source in entry.client.source:
        for document in documents.read(source.files) if source.scope in {"user", "project", "system"} else ():
            if document.project not in {None, entry.folder, documents.host.workspace}:
                continue
            allowed, excluded = document.root.at("mcp", "allowed"), document.root.at("mcp", "excluded")
            if excluded is not None and entry.name in excluded.texts():
                enabled = False
            if allowed is not None and allowed.items is not None and {entry.name, ALL}.isdisjoint(allowed.texts()):
                enabled = False
    return State(enabled, state.approved, allowed_by=state.allowed_by)


def _qwen_approval(entry: Entry, documents: Documents) -> bool | None:
    """What a person said of a project's server. It holds for the entry as it was then, of which a digest is kept."""
    if entry.folder is None:
        return None
    known = documents.folders(mcp().settings["qwen_approvals"])
    said_of = {node.said(entry.name, "status") for node in known.get(entry.folder, ())}
    if "rejected" in said_of:
        return False
    return True if "approved" in said_of else None


def copilot(entry: Entry, documents: Documents) -> State:
    """Copilot CLI: a list in its settings switches servers off; what was approved for good is kept by location."""
    state = said(entry)
    enabled = state.enabled
    for document in documents.read(mcp().settings["copilot_settings"]):
        off = document.root.get("disabledMcpServers")
        if off is not None and entry.name in off.texts():
            enabled = False
    approved = tuple(dict.fromkeys(_saved(entry, documents)))
    return State(enabled, approved, allowed_by="tool_approvals in permissions-config.json" if approved else "")


def _saved(entry: Entry, documents: Documents) -> Iterator[str]:
    """The tools that a person approved for good, in the folder that the server is used in."""
    host = documents.host
    here = entry.folder or host.workspace
    for path, nodes in documents.folders(mcp().settings["copilot_saved"], "locations").items():
        if here is None or not within(here, path):
            continue
        for node in nodes:
            listed = node.get("tool_approvals")
            for each in (listed.items or ()) if listed is not None else ():
                if each.said("kind") == "mcp" and each.said("serverName") == entry.name:
                    yield each.said("toolName") or ALL


# --- opencode


def opencode(entry: Entry, documents: Documents) -> State:
    """opencode: all that is configured runs, and every tool unasked, unless a permission says otherwise."""
    state = said(entry)
    enabled = state.enabled
    if entry.source.repository and documents.host.variable("OPENCODE_DISABLE_PROJECT_CONFIG") in {"1", "true"}:
        enabled = False
    approved = (ALL,) if _opencode_action(entry, documents) == "allow" else ()
    for document in _opencode_files(entry, documents):
        tools = document.root.get("tools")
        for name, node in tools.pairs if tools is not None else ():
            if node.flag is False and fnmatchcase(f"{entry.name}_", name):
                enabled = False
    let_in = "opencode starts what an opened folder's configuration names; nothing asks"
    return State(
        enabled,
        approved,
        let_in=let_in if entry.source.repository and enabled else "",
        mend=f"Set mcp.{entry.label}.enabled to false there, or start opencode with OPENCODE_DISABLE_PROJECT_CONFIG=1.",
        allowed_by="opencode's own default" if approved else "",
    )


def _opencode_files(entry: Entry, documents: Documents) -> Iterator[Document]:
    """The configurations that hold where the server does, weakest first."""
    for source in sorted(entry.client.source, key=lambda each: each.rank):
        found = documents.variable(source.variable) if source.variable else documents.read(source.files)
        for document in found:
            if document.project is None or document.project == (entry.folder or documents.host.workspace):
                yield document


def _opencode_action(entry: Entry, documents: Documents) -> str:
    """What becomes of a call of the server's tools: the last pattern that fits decides; nothing said is allow."""
    action = "allow"
    nodes = [document.root.get("permission") for document in _opencode_files(entry, documents)]
    newer = any(document.root.get("permissions") is not None for document in _opencode_files(entry, documents))
    text = documents.host.variable("OPENCODE_PERMISSION")
    nodes.append(parse(text, "json").root if text else None)
    for node in nodes:
        if node is not None and node.text:
            action = node.text
        for name, inner in node.pairs if node is not None else ():
            if inner.text and fnmatchcase(f"{entry.name}_", name):
                action = inner.text
    return "ask" if newer and all(node is None for node in nodes) else action
