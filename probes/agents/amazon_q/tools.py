"""What one agent of Amazon Q or of Kiro's older command line may do, as its file says.

A denied path or command comes first and holds even where all tools are trusted; then `allowedTools`, which makes a
tool run unasked whatever its own settings say; then those settings; else a person is asked.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.amazon_q.active import Active
from probes.agents.basis import Basis, Option, allowed, by, globs, of_option, stopped
from probes.agents.layers import Found
from probes.agents.regexes import commands, is_broken
from probes.agents.shown import holds_secret
from probes.agents.tree import Node
from scanner.model import Channel, Command, Everything, Gate, Name, Rule, Ruling, Tool

BUILTIN = frozenset({"@builtin", "@builtin/", "@builtin/*"})
READONLY = ("ls", "cat", "echo", "pwd", "which", "head", "tail", "grep", "dir", "type")  # find: see _readonly
CAREFUL = ("*>*", "*$*", "*;*", "*&*", "*`*", "*<(*")  # of a line with these a person is always asked
READING = ("get", "describe", "list", "ls", "search", "batch_get")
GLOB = 200  # characters of a tool's name
TRUST, ADDED = "--trust-tools", 200
PATHS, COMMANDS, SERVICES = "Paths", "Commands", "Services"


class Names(Struct, frozen=True):
    """How a program calls its tools, the name that it prefers first."""

    read: tuple[str, ...]
    write: tuple[str, ...]
    shell: tuple[str, ...]
    aws: tuple[str, ...]
    lax: bool = False  # "*" offers all tools even among others, and so does an agent that names none


Q = Names(("fs_read",), ("fs_write",), ("execute_bash",), ("use_aws",))
Q_ON_WINDOWS = Names(("fs_read",), ("fs_write",), ("execute_cmd",), ("use_aws",))


def tools(basis: Basis, agent: Active, names: Names, trusting: Option | None) -> Iterator[Tool]:
    """All that an agent acts with."""
    for tool in _tools(basis, agent, names):
        named = replace(tool, name=f"{tool.name}{agent.named}")
        yield _trusting(named, trusting) if trusting is not None else named


def _tools(basis: Basis, agent: Active, names: Names) -> Iterator[Tool]:
    if _is_offered(agent, names.read, names):
        yield _reading(basis, agent, names.read)
    if _is_offered(agent, names.write, names):
        yield _writing(basis, agent, names.write)
    if _is_offered(agent, names.shell, names):
        yield from _running(basis, agent, names.shell)
    if _is_offered(agent, names.aws, names):
        yield _aws(basis, agent, names.aws)
    yield _calling(basis, agent)


def _is_offered(agent: Active, called: tuple[str, ...], names: Names) -> bool:
    """Whether the agent has that tool at all."""
    if agent.root is None:
        return True
    told = agent.found("tools")
    listed = told.node.texts() if told is not None else ()
    if listed == ("*",) or (names.lax and (told is None or "*" in listed)):
        return True
    return "@builtin" in listed or any(name in listed or f"@builtin/{name}" in listed for name in called)


def trusted(basis: Basis, agent: Active, called: tuple[str, ...]) -> Ruling | None:
    """What has a tool run unasked: an entry of `allowedTools`, or the option of a running one that adds to them."""
    for option, entry in _added(basis):
        if any(_is_named(entry, name) for name in called):
            return of_option(option, Gate.NONE)
    told = agent.found("allowedTools")
    entries = basis.layers.listed(told) if told is not None else ()
    found = next((each for each in entries if any(_is_named(each.node.text, name) for name in called)), None)
    return by(found, Gate.NONE) if found is not None else None


def _added(basis: Basis) -> Iterator[tuple[Option, str]]:
    """The tools that running ones were told to trust besides."""
    for option in basis.options(TRUST):
        yield from ((option, entry) for entry in option.value.split(",")[:ADDED])


def _is_named(entry: str, name: str) -> bool:
    if entry in BUILTIN:
        return True
    glob = entry.removeprefix("@builtin/")
    return not glob.startswith("@") and _fits(glob, name)


def _fits(glob: str, name: str) -> bool:
    wild = "*" in glob or "?" in glob
    return glob == name or (wild and len(glob) <= GLOB and fnmatchcase(name, glob))


def _settings(agent: Active, called: tuple[str, ...]) -> Found | None:
    """The settings of a tool, under the first of its names that has any."""
    return next((found for name in called if (found := agent.found("toolsSettings", name)) is not None), None)


def _part(told: Found, key: str) -> Found | None:
    node = told.node.get(key)
    return Found(node, told.layer, f"{told.key}.{key}") if node is not None else None


def _is_sound(told: Found | None) -> bool:
    """Whether settings are of the types that the program wants; of others it takes none, and asks."""
    if told is None:
        return True
    return told.node.members is not None and all(_is_right(key, node) for key, node in told.node.pairs)


def _is_right(key: str, node: Node) -> bool:
    if key.startswith(("allowed", "denied")):
        return node.items is not None and all(isinstance(item.value, str) for item in node.items)
    return key not in {"autoAllowReadonly", "denyByDefault", "allowReadOnly"} or node.flag is not None


def _listed(basis: Basis, told: Found | None, kind: str) -> Iterator[Found]:
    part = _part(told, kind) if told is not None else None
    yield from basis.layers.listed(part) if part is not None else ()


def _flag(told: Found | None, key: str) -> Found | None:
    part = _part(told, key) if told is not None else None
    return part if part is not None and part.node.flag is True else None


def _asks(basis: Basis, agent: Active, tool: str) -> Ruling:
    if agent.root is None:
        return basis.default(Gate.PROMPT, f"{tool} asks (default)")
    return Ruling(Gate.PROMPT, f"{tool} is not in allowedTools", agent.evidence())


def _otherwise(basis: Basis, agent: Active, called: tuple[str, ...]) -> Ruling:
    return trusted(basis, agent, called) or _asks(basis, agent, called[0])


# --- files


def _paths(basis: Basis, told: Found | None) -> Iterator[Rule]:
    """Paths that are denied come before those that are allowed; one that cannot be told denies nothing for sure."""
    for entry in _listed(basis, told, f"denied{PATHS}"):
        yield from stopped(globs(basis, entry.node.text) or (), entry)
    for entry in _listed(basis, told, f"allowed{PATHS}"):
        for each in globs(basis, entry.node.text) or (None,):
            yield allowed(each, entry)


def _reading(basis: Basis, agent: Active, called: tuple[str, ...]) -> Tool:
    inside = Rule(basis.inside(), basis.default(Gate.NONE, "files of the current folder are read unasked (default)"))
    if agent.root is None:
        words = "other files are read unasked by older versions, and newer ones ask"
        unsure = Ruling(Gate.UNKNOWN, words, None, Gate.NONE)
        return Tool(called[0], Channel.READ, trusted(basis, agent, called) or unsure, (inside,))
    told = _settings(agent, called)
    if not _is_sound(told):
        return Tool(called[0], Channel.READ, _asks(basis, agent, called[0]))
    free = _flag(told, "allowReadOnly")
    otherwise = by(free, Gate.NONE) if free is not None else _otherwise(basis, agent, called)
    return Tool(called[0], Channel.READ, otherwise, (*_paths(basis, told), inside))


def _writing(basis: Basis, agent: Active, called: tuple[str, ...]) -> Tool:
    told = _settings(agent, called)
    if not _is_sound(told):
        return Tool(called[0], Channel.WRITE, _asks(basis, agent, called[0]))
    return Tool(called[0], Channel.WRITE, _otherwise(basis, agent, called), tuple(_paths(basis, told)))


# --- commands


def _running(basis: Basis, agent: Active, called: tuple[str, ...]) -> Iterator[Tool]:
    told = _settings(agent, called)
    if not _is_sound(told):
        yield Tool(called[0], Channel.EXECUTE, _asks(basis, agent, called[0]))
        return
    denied = tuple(_denied(basis, told))
    free = trusted(basis, agent, called)
    if free is not None:
        yield Tool(called[0], Channel.EXECUTE, free, denied)
        return
    shut = _flag(told, "denyByDefault")
    otherwise = by(shut, Gate.REFUSED) if shut is not None else _asks(basis, agent, called[0])
    careful = tuple(Rule(Command(text), otherwise) for text in CAREFUL)
    readonly = _flag(told, "autoAllowReadonly")
    unasked = tuple(_readonly(readonly)) if readonly is not None else ()
    rules = (*denied, *careful, *_allowed(basis, told), *unasked)
    yield Tool(called[0], Channel.EXECUTE, otherwise, rules)
    if readonly is not None:
        yield Tool(f"{called[0]} cat", Channel.READ, by(readonly, Gate.NONE))


def _denied(basis: Basis, told: Found | None) -> Iterator[Rule]:
    """Expressions bound to the whole line; one that is no expression denies every line."""
    for entry in _listed(basis, told, f"denied{COMMANDS}"):
        if is_broken(entry.node.text):
            yield Rule(Everything(), by(entry, Gate.REFUSED))
            continue
        found = commands(entry.node.text, whole=True)
        if found is not None and found.exact:
            yield from stopped(found.patterns, entry)


def _allowed(basis: Basis, told: Found | None) -> Iterator[Rule]:
    """Expressions that are held against the whole line, pipes and all: behind an open one another command may stand."""
    for entry in _listed(basis, told, f"allowed{COMMANDS}"):
        if is_broken(entry.node.text):
            continue
        found = commands(entry.node.text, whole=True, chained=True)
        if found is not None:
            yield from (allowed(pattern, entry, exact=found.exact) for pattern in found.patterns)
        else:
            yield allowed(None, entry)


def _readonly(told: Found) -> Iterator[Rule]:
    """Commands that only read, and pipes of them. `find` runs others; it asks for those, which no pattern says."""
    yield from (Rule(Command(name, open=True), by(told, Gate.NONE)) for name in READONLY)


# --- the cloud, and servers


def _aws(basis: Basis, agent: Active, called: tuple[str, ...]) -> Tool:
    told = _settings(agent, called)
    if not _is_sound(told):
        rules: tuple[Rule, ...] = (Rule(Command("aws", open=True), _asks(basis, agent, called[0])),)
    else:
        rules = tuple(_services(basis, agent, told, called))
    return Tool(called[0], Channel.EXECUTE, Ruling(Gate.REFUSED, f"{called[0]} runs aws only"), rules)


def _services(basis: Basis, agent: Active, told: Found | None, called: tuple[str, ...]) -> Iterator[Rule]:
    for kind, gate in (("denied", Gate.REFUSED), ("allowed", Gate.NONE)):
        for entry in _listed(basis, told, f"{kind}{SERVICES}"):
            if entry.node.text.replace("-", "").isalnum() and not holds_secret(entry.node.text):
                yield Rule(Command(f"aws {entry.node.text}", open=True), by(entry, gate))
    readonly = _flag(told, "autoAllowReadonly")
    if readonly is not None:
        yield from (Rule(Command(f"aws * {word}*"), by(readonly, Gate.NONE)) for word in READING)
    yield Rule(Command("aws", open=True), _otherwise(basis, agent, called))


def _calling(basis: Basis, agent: Active) -> Tool:
    told = agent.found("allowedTools")
    entries = [*basis.layers.listed(told)] if told is not None else []
    listed = (allowed(Name(_server(each.node.text[1:])), each) for each in entries if _is_served(each.node.text))
    added = (
        Rule(Name(_server(entry[1:])), of_option(option, Gate.NONE))
        for option, entry in _added(basis)
        if _is_served(entry) and not holds_secret(entry)
    )
    return Tool("MCP tools", Channel.CALL, _asks(basis, agent, "the tool"), (*added, *listed))


def _is_served(entry: str) -> bool:
    """Whether an entry names a server or a tool of one."""
    return entry.startswith("@") and not entry.startswith("@builtin") and len(entry) <= GLOB


def _server(entry: str) -> str:
    """An entry for a server or for one of its tools, as a glob."""
    glob = entry.replace("[", "[[]")
    return glob if "/" in glob else f"{glob}/*"


def _trusting(tool: Tool, option: Option) -> Tool:
    """A tool of which all is trusted: nobody is asked, and only what is denied is refused."""
    free = of_option(option, Gate.NONE)
    rules = tuple(replace(rule, ruling=_freed(rule.ruling, free)) for rule in tool.rules)
    return replace(tool, otherwise=_freed(tool.otherwise, free), rules=rules)


def _freed(ruling: Ruling, free: Ruling) -> Ruling:
    return free if ruling.gate in {Gate.PROMPT, Gate.UNKNOWN} else ruling
