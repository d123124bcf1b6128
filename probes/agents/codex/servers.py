"""Tools of MCP servers, of plugins' servers and of apps: which Codex calls unasked."""

import re
from collections.abc import Iterator

from msgspec import Struct

from probes.agents.codex.approval import Approval
from probes.agents.codex.layers import Found, Settings
from scanner.model import Channel, Evidence, Gate, Name, Rule, Ruling, Tool

MODES = ("auto", "prompt", "writes", "approve")
TOOLS = 500  # of one server
DEFAULT = "Codex's default for MCP tools: auto, which asks for what a tool says it destroys or reaches"


class Ground(Struct, frozen=True):
    """What decides: the settings, the constraints, when Codex asks, and whether nothing confines it (`free`)."""

    settings: Settings
    requirements: Settings
    approval: Approval
    free: bool


def calls(ground: Ground) -> Tool:
    """The tools of all servers and apps."""
    rules = [rule for name in ground.settings.names("mcp_servers") for rule in _server(ground, name)]
    rules += [rule for name in ground.settings.names("plugins") for rule in _plugin(ground, name)]
    rules += [rule for name in ground.settings.names("apps") if name != "_default" for rule in _app(ground, name)]
    return Tool("MCP tools", Channel.CALL, _ruling(ground, "auto", DEFAULT), tuple(rules))


def _server(ground: Ground, name: str) -> Iterator[Rule]:
    if not _is_whole(ground.settings, name):
        return
    off = _off(ground, name)
    if off is not None:
        yield Rule(_tool(name, "*"), off)
    else:
        yield from _tools(ground, ("mcp_servers", name))


def _plugin(ground: Ground, plugin: str) -> Iterator[Rule]:
    """The servers of a plugin, which itself says how they start; the settings have the word on their tools."""
    settings, where = ground.settings, ("plugins", plugin, "mcp_servers")
    switch = settings.flag("plugins", plugin, "enabled")
    names = settings.names(*where) if switch is None or switch.node.flag else ()
    switches = {name: settings.flag(*where, name, "enabled") for name in names}
    off = {name: found for name, found in switches.items() if found is not None and found.node.flag is False}
    for name in names:
        if name not in off:
            yield from _tools(ground, (*where, name))
    yield from (Rule(_tool(name, "*"), _refused(found)) for name, found in off.items())


def _tools(ground: Ground, where: tuple[str, ...]) -> Iterator[Rule]:
    """The tools of one server by what stands under its name, the last of `where`."""
    settings, name = ground.settings, where[-1]
    disabled = settings.texts(*where, "disabled_tools")
    enabled = settings.texts(*where, "enabled_tools")
    for tool in _texts(disabled):
        yield Rule(_tool(name, tool), _refused(disabled))
    yield from _own(ground, where, _texts(enabled) if enabled is not None else None)
    default = _default(ground, settings.word(MODES, *where, "default_tools_approval_mode"))
    for tool in _texts(enabled):
        yield Rule(_tool(name, tool), default)
    yield Rule(_tool(name, "*"), default if enabled is None else _refused(enabled))


def _app(ground: Ground, name: str) -> Iterator[Rule]:
    """A connector of the account: its own word, else that for all of them."""
    settings, where = ground.settings, ("apps", name)
    enabled = settings.flag(*where, "enabled") or settings.flag("apps", "_default", "enabled")
    if enabled is not None and enabled.node.flag is False:
        yield Rule(_tool(name, "*"), _refused(enabled))
        return
    yield from _own(ground, where, None)
    mode = settings.word(MODES, *where, "default_tools_approval_mode")
    mode = mode or settings.word(MODES, "apps", "_default", "default_tools_approval_mode")
    yield Rule(_tool(name, "*"), _default(ground, mode))


def _own(ground: Ground, where: tuple[str, ...], only: tuple[str, ...] | None) -> Iterator[Rule]:
    """The tools with a word of their own, if they are switched on."""
    for tool in ground.settings.names(*where, "tools")[:TOOLS]:
        mode = ground.settings.word(MODES, *where, "tools", tool, "approval_mode")
        if mode is not None and (only is None or tool in only):
            yield Rule(_tool(where[-1], tool), _default(ground, mode))


def _is_whole(settings: Settings, name: str) -> bool:
    """Whether Codex takes it for a server: a command or an address, not both, and no token written out."""
    found = settings.find("mcp_servers", name)
    command, url, token = (settings.find("mcp_servers", name, key) for key in ("command", "url", "bearer_token"))
    if found is None:
        return False
    if (command is None) == (url is None):
        settings.refuse(found, "is neither started nor reached, or both")
    elif token is not None:
        settings.refuse(found, "has a token written out")
    else:
        return True
    return False


def _off(ground: Ground, name: str) -> Ruling | None:
    """What switches a server off: its own setting, or a list of those that the machine's owner allows."""
    enabled = ground.settings.flag("mcp_servers", name, "enabled")
    if enabled is not None and enabled.node.flag is False:
        return _refused(enabled)
    listed = ground.requirements.find("mcp_servers")
    if listed is None:
        return None
    for key in ("command", "url"):
        wanted = ground.requirements.find("mcp_servers", name, "identity", key)
        real = ground.settings.find("mcp_servers", name, key)
        if wanted is not None and real is not None and wanted.node.text == real.node.text:
            return None
    return Ruling(Gate.REFUSED, "the requirements list the servers that may run", listed.evidence)


def _refused(found: Found | None) -> Ruling:
    if found is None:
        return Ruling(Gate.REFUSED)
    return Ruling(Gate.REFUSED, found.key + (" = false" if found.node.flag is False else ""), found.evidence)


def _default(ground: Ground, mode: Found | None) -> Ruling:
    if mode is None:
        return _ruling(ground, "auto", DEFAULT)
    return _ruling(ground, mode.node.text, f'{mode.key} = "{mode.node.text}"', mode.evidence)


def _ruling(ground: Ground, mode: str, rule: str, evidence: Evidence | None = None) -> Ruling:
    """What a mode means under the policy; which tools a server calls harmless only the server says."""
    approval = ground.approval
    if mode == "approve":
        return Ruling(Gate.NONE, rule, evidence)
    if approval.word == "never" and ground.free:
        return Ruling(Gate.NONE, f"{approval.rule} without a sandbox", approval.evidence)
    asked = approval.ask(may=approval.tools)
    if mode == "prompt" or not approval.tools:
        return Ruling(Gate.PROMPT, rule, evidence) if asked.gate is Gate.PROMPT else asked
    return Ruling(Gate.UNKNOWN, rule, evidence, asked.effective)


def _texts(found: Found | None) -> tuple[str, ...]:
    return found.node.texts()[:TOOLS] if found is not None else ()


def _tool(server: str, tool: str) -> Name:
    return Name(f"{_literal(server)}/{tool if tool == '*' else _literal(tool)}")


def _literal(text: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", text)
