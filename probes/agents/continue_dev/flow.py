"""How Continue may act: its command line by its own file, the editors' extension by what only the editor knows."""

from collections.abc import Iterator

from probes.agents.basis import Basis, Option, asks_nothing, basis, of_option
from probes.agents.continue_dev.policies import TOOLS, Policy, calls, policies, rules
from probes.agents.documents import Document, Documents
from probes.agents.installed import ACTS, Installed
from probes.agents.layers import USER, layered
from scanner.host import Host, Place
from scanner.model import Channel, Evidence, Gap, GapKind, Gate, Observation, Ruling, SettingSeen, Tool
from scanner.model import Policy as AgentPolicy

AUTO, PLAN, PRINT = ("--auto",), ("--readonly",), ("-p", "--print")
FLAGS = (("--exclude", Gate.REFUSED), ("--ask", Gate.PROMPT), ("--allow", Gate.NONE))
KNOWN = frozenset({"allow", "ask", "exclude"})
FREE = frozenset({"Read", "Fetch"})
FIX = "Start cn without --auto, and keep Bash out of allow in ~/.continue/permissions.yaml."


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """Its two ways of acting where they are here, its lists, and code that it runs at its start."""
    documents = Documents(host)
    read = basis(host, each, layered(documents, [(USER, [one for one in _files(each, documents) if _is_valid(one)])]))
    listed = tuple(policies(read))
    tools = (*(_command_line(read, listed) if _has_line(each, documents) else ()), *(_editor(each)))
    mode = next((option.name for option in read.options(*AUTO, *PLAN, *PRINT)), "normal")
    yield each.seen(host, AgentPolicy(mode, tools))
    yield from read.seen(*sorted(KNOWN))
    for option in read.options(*AUTO, *PLAN, *PRINT, *(name for name, _ in FLAGS)):
        yield SettingSeen(each.row.id, option.name, "set", "command line", option.evidence)
    yield from _code(host, each)
    free = next((tool.otherwise for tool in tools if tool.channel is Channel.EXECUTE), None)
    if free is not None and free.gate is Gate.NONE:
        yield asks_nothing(read.title, free, each.evidence, FIX)
    yield from _unread(each, documents)
    yield from read.gaps


def _files(each: Installed, documents: Documents) -> tuple[Document, ...]:
    moved = tuple(documents.read(each.row.files["moved_permissions"]))
    return (moved or tuple(documents.read(each.row.files["permissions"])))[:1]


def _is_valid(document: Document) -> bool:
    """A file with another key, or with what is no list, counts for nothing as a whole."""
    pairs = document.root.pairs
    return document.root.members is not None and all(
        name in KNOWN and (node.items is not None or node.value in (None, "", False)) for name, node in pairs
    )


def _unread(each: Installed, documents: Documents) -> Iterator[Gap]:
    for document in _files(each, documents):
        if not _is_valid(document) and document.path is not None:
            why = "it holds more than the lists allow, ask and exclude, and so counts for nothing; defaults are judged"
            yield Gap(GapKind.FAILED, documents.host.shown(document.path), why)
    if _is_in_editor(each):
        yield Gap(GapKind.REFUSED, "Continue's extension", "the editor keeps its tool policies; defaults stand in")


def _is_in_editor(each: Installed) -> bool:
    return any(isinstance(sign, Place) and sign.path.parent.name == "extensions" for sign in each.signs)


def _has_line(each: Installed, documents: Documents) -> bool:
    """Whether `cn` is here: by its program, a process or its file; where nothing tells, it may be."""
    names = {sign.path.name for sign in each.signs if isinstance(sign, Place)}
    return bool({"cn", "cn.cmd", "cn.exe"} & names or each.processes or _files(each, documents)) or not _is_in_editor(
        each
    )


# --- cn


def _command_line(read: Basis, listed: tuple[Policy, ...]) -> Iterator[Tool]:
    for name, channel in TOOLS.items():
        forced = _forced(read, name)
        if forced is not None:
            yield Tool(f"cn {name}", channel, forced)
        else:
            yield Tool(f"cn {name}", channel, _default(read, name), tuple(rules(read, listed, name)))
    forced = _forced(read, "")
    yield Tool("cn MCP tools", Channel.CALL, forced or _default(read, ""), () if forced else tuple(calls(listed)))


def _forced(read: Basis, tool: str) -> Ruling | None:
    """What a mode or an option on a command line says before all lists."""
    auto = read.option(*AUTO)
    if auto is not None:
        return of_option(auto, Gate.NONE)
    plan = read.option(*PLAN)
    if plan is not None:  # of this mode only its writing tools are gone: commands run unasked
        return of_option(plan, Gate.REFUSED if TOOLS.get(tool) is Channel.WRITE else Gate.NONE)
    return next(
        (
            _flagged(option, gate)
            for name, gate in FLAGS
            for option in read.options(name)
            if option.value in {tool, "*"}
        ),
        None,
    )


def _flagged(option: Option, gate: Gate) -> Ruling:
    return of_option(option, gate)


def _default(read: Basis, tool: str) -> Ruling:
    headless = read.option(*PRINT)
    if tool in FREE:
        return read.default(Gate.NONE, f"{tool} runs unasked (default)")
    if headless is not None and TOOLS.get(tool) is not Channel.WRITE:
        return of_option(headless, Gate.NONE)
    return read.default(Gate.PROMPT, f"{tool or 'a tool of a server'} asks (default)")


# --- the extension, and code


def _editor(each: Installed) -> Iterator[Tool]:
    """The tools of the extension: their policies lie in the editor's own storage."""
    if not _is_in_editor(each):
        return
    for channel, gate in each.row.default.items():
        words = f"Continue's extension {ACTS[channel]}, by default"
        yield Tool(f"extension, {channel}", channel, Ruling(Gate.UNKNOWN, words, None, gate))


def _code(host: Host, each: Installed) -> Iterator[SettingSeen]:
    for place in host.places(*each.row.files["code"]):
        if isinstance(place, Place):
            yield SettingSeen(each.row.id, "config.ts", "code that runs at its start", "user", Evidence(place.path))
