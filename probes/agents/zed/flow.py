"""How Zed's own agent may act; agents that it runs for others follow their own settings.

Its permissions and profiles stand in the user's settings only: what a project's say of the agent is not read by it.
"""

from collections.abc import Iterator

from probes.agents.basis import Basis, asks_nothing, basis, by, of_workspace
from probes.agents.documents import Documents
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT, USER, Found, layered
from probes.agents.zed.permissions import ERASING, KEYS, of_address, of_command, of_path, otherwise, rules
from scanner.host import Host
from scanner.model import (
    Channel,
    Command,
    Gap,
    GapKind,
    Gate,
    Name,
    Observation,
    Policy,
    Rule,
    Ruling,
    SettingSeen,
    Tool,
)

WRITING = ("edit_file", "write_file", "copy_path", "move_path", "delete_path", "create_directory", "save_file")
SHUT = {"ask": frozenset({"terminal", *WRITING}), "minimal": frozenset({"terminal", "fetch", "read_file", *WRITING})}
FIX = 'Set "agent": {"tool_permissions": {"default": "confirm"}} in settings.json, and allow single commands.'
SERVERS = 50


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with its permissions, what a project says in vain, and the programs of other agents that it starts."""
    documents = Documents(host)
    user = tuple(of_workspace(host, documents.read(each.row.files["settings"])))[:1]
    read = basis(host, each, layered(documents, [(USER, user)]))
    policy = Policy(_profile(read), tuple(_tools(read)))
    yield each.seen(host, policy)
    yield from _settings(read)
    yield from _of_project(host, each, documents)
    terminal = otherwise(read, "terminal")
    if terminal.gate is Gate.NONE:
        yield asks_nothing(read.title, terminal, each.evidence, FIX)
    yield Gap(
        GapKind.REFUSED, f"{read.title}'s profile", "a person may choose another one than the default for a thread"
    )
    yield from read.gaps


def _profile(read: Basis) -> str:
    found = read.layers.word("agent", "default_profile")
    return found.node.text if found is not None and found.node.text.isidentifier() else "write"


def _tools(read: Basis) -> Iterator[Tool]:
    yield Tool("read_file", Channel.READ, *_reading(read))
    yield from (Tool(name, Channel.WRITE, *_writing(read, name)) for name in WRITING if _is_told(read, name))
    yield Tool("terminal", Channel.EXECUTE, *_running(read))
    shut = _shut(read, "fetch")
    fetched = () if shut is not None else tuple(rules(read, "fetch", of_address))
    yield Tool("fetch", Channel.CONNECT, shut or otherwise(read, "fetch"), fetched)
    yield Tool("MCP tools", Channel.CALL, otherwise(read, "mcp"), tuple(_called(read)))


def _is_told(read: Basis, name: str) -> bool:
    """Whether a tool that changes files has rules of its own; the first stands for all others."""
    return name == WRITING[0] or next(read.layers.each(*KEYS, "tools", name), None) is not None


def _shut(read: Basis, tool: str) -> Ruling | None:
    """What takes a tool away in the default profile."""
    profile = read.layers.word("agent", "default_profile")
    named = profile.node.text if profile is not None else "write"
    told = read.layers.flag("agent", "profiles", named, "tools", tool)
    if told is not None:
        return by(told, Gate.REFUSED) if told.node.flag is False else None
    if profile is not None and tool in SHUT.get(named, ()):
        return by(profile, Gate.REFUSED)
    return None


def _reading(read: Basis) -> tuple[Ruling, tuple[Rule, ...]]:
    """Files of the project are read unasked, and no others."""
    shut = _shut(read, "read_file")
    if shut is not None:
        return shut, ()
    inside = Rule(read.inside(), read.default(Gate.NONE, "files of the project are read unasked (default)"))
    return Ruling(Gate.REFUSED, "only files of the project are read"), (inside,)


def _writing(read: Basis, name: str) -> tuple[Ruling, tuple[Rule, ...]]:
    shut = _shut(read, name)
    if shut is not None:
        return shut, ()
    asked = Ruling(Gate.PROMPT, "Zed's own settings are confirmed")
    own = (read.host.home / ".config" / "zed", read.workspace / ".zed")
    last = otherwise(read, name)
    inside = Rule(read.inside(), last)
    outside = last if last.effective is not Gate.NONE else Ruling(Gate.PROMPT, "files outside of the project")
    found = tuple(rules(read, name, of_path))
    return outside, (*found[: _stopping(found)], *(Rule(read.inside(each), asked) for each in own), *found, inside)


def _stopping(found: tuple[Rule, ...]) -> int:
    """How many of the rules come before those that allow."""
    return next((at for at, rule in enumerate(found) if rule.ruling.effective is Gate.NONE), len(found))


def _running(read: Basis) -> tuple[Ruling, tuple[Rule, ...]]:
    shut = _shut(read, "terminal")
    if shut is not None:
        return shut, ()
    built_in = Ruling(Gate.REFUSED, "a rule that is built in")
    erasing = (Rule(Command(text.replace("*", "")), built_in) for text in ERASING)
    return otherwise(read, "terminal"), (*erasing, *rules(read, "terminal", of_command))


def _called(read: Basis) -> Iterator[Rule]:
    """Tools of servers are named one by one, and have a default only."""
    for found in read.layers.each(*KEYS, "tools"):
        for key, _ in found.node.pairs:
            parts = key.split(":")
            if len(parts) == 3 and parts[0] == "mcp" and not set(key) & set("*?["):
                yield Rule(Name(f"{parts[1]}/{parts[2]}"), otherwise(read, key))


# --- settings


def _settings(read: Basis) -> Iterator[Observation]:
    tools = (f"agent.tool_permissions.tools.{name}" for name in ("terminal", *WRITING, "fetch"))
    lists = ("default", "always_allow", "always_deny", "always_confirm")
    yield from read.seen("agent.tool_permissions.default", "agent.always_allow_tool_actions", "agent.default_profile")
    yield from read.seen(*(f"{tool}.{name}" for tool in tools for name in lists))
    for found in read.layers.each("agent_servers"):
        for _, node in found.node.pairs[:SERVERS]:
            command = node.get("command")
            if command is not None:
                server = Found(command, found.layer, "agent_servers")
                yield server.seen(read.each.row.id, "a program that Zed starts as an agent")


def _of_project(host: Host, each: Installed, documents: Documents) -> Iterator[SettingSeen]:
    project = [(PROJECT, [one for one in documents.read(each.row.files["project"]) if one.project == host.workspace])]
    for found in layered(documents, project).each("agent"):
        yield found.seen(each.row.id, "ignored in a project")
