"""The policy: each tool of Copilot CLI with its rules in the order in which they are tried."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from probes.agents.basis import literal
from probes.agents.copilot.grammar import Told, beginning, command, files, host_of, is_whole_host, tool
from probes.agents.copilot.sandbox import Wanted
from probes.agents.copilot.setup import Hook, Setup
from probes.agents.copilot.vendor import BEYOND, CALLS, HOME, INSIDE, LOOKING, LOOKS
from probes.agents.layers import Found
from scanner.model import (
    Channel,
    Command,
    Gate,
    Inheritance,
    Name,
    Paths,
    Platform,
    Policy,
    Rule,
    Ruling,
    Tool,
)
from scanner.model.agents import Pattern

Reading = Callable[[Told], Iterable[Pattern | None]]


def policy(setup: Setup, sandbox: Wanted | None) -> Policy:
    """What Copilot CLI may do in the folder."""
    tools = (
        *_reading(setup, sandbox),
        *_writing(setup, sandbox),
        *_shell(setup, sandbox),
        _fetching(setup),
        _calling(setup),
    )
    return Policy(mode(setup), tools, *_inherited(setup))


def mode(setup: Setup) -> str:
    """The vendor's word for how much it asks."""
    if setup.lifted_all() is not None:
        return "allow-all"
    if setup.lifted_tools() is not None:
        return "allow-all-tools"
    return setup.chosen.node.text if setup.chosen is not None else "manual"


def _inherited(setup: Setup) -> tuple[Inheritance, Inheritance]:
    """The environment is handed on whole, to servers without one token."""
    hidden = tuple(Name(name) for name in sorted(setup.lines.hidden))
    rule = "--secret-env-vars" if hidden else "Copilot CLI hands its whole environment on (default)"
    return Inheritance(None, hidden, rule), Inheritance(None, (Name("GITHUB_TOKEN"), *hidden), rule)


# --- what holds for all tools


def _asked(setup: Setup) -> Ruling:
    """What stands before an act that no rule names: a hook may answer in the place of a person."""
    ruling = setup.mode
    hook = _hook(setup)
    if hook is None or ruling.effective is Gate.NONE:
        return ruling
    stand_in = Gate.NONE if hook.lax else ruling.effective
    words = f"{ruling.rule}; a hook ({hook.found.layer.scope}, {hook.found.key}) answers first"
    return Ruling(Gate.UNKNOWN, words, hook.found.evidence, stand_in)


def _hook(setup: Setup) -> Hook | None:
    """The hook that is reckoned to let most through."""
    return next((each for each in setup.hooks if each.lax), next(iter(setup.hooks), None))


def _of_kind(told: Iterable[Told], kind: str) -> Iterator[Told]:
    return (each for each in told if each.kind == kind and not each.served)


def _made(told: Iterable[Told], reading: Reading, ruling: Callable[[Told], Ruling]) -> Iterator[Rule]:
    for each in told:
        for pattern in reading(each):
            if pattern is not None:
                yield Rule(pattern, ruling(each))


def _refuse(told: Told) -> Ruling:
    return Ruling(Gate.REFUSED, told.words, told.evidence)


def _allow(told: Told) -> Ruling:
    if told.sure:
        return Ruling(Gate.NONE, told.words, told.evidence)
    return Ruling(Gate.UNKNOWN, told.words, told.evidence, Gate.NONE)


def _ask(told: Told) -> Ruling:
    return Ruling(Gate.PROMPT, told.words, told.evidence)


def _managed(setup: Setup, kind: str, reading: Reading) -> tuple[tuple[Rule, ...], Ruling | None]:
    """The organisation's rules; where there are any, all that they do not allow is asked for, whatever a user said."""
    rules = setup.managed
    made = (
        *_made(_of_kind(rules.deny, kind), reading, _refuse),
        *_made(_of_kind(rules.ask, kind), reading, _ask),
        *_made(_of_kind(rules.allow, kind), reading, _allow),
    )
    return made, _closed(rules.found)


def _closed(found: Found | None) -> Ruling | None:
    if found is None:
        return None
    return Ruling(Gate.PROMPT, "the organisation's rules, which do not allow it", found.evidence)


# --- files


def _reading(setup: Setup, sandbox: Wanted | None) -> Iterator[Tool]:
    """Its own tool, and commands that only read, which no approval is asked for."""
    reading = _file_reader(setup)
    rules, closed = _managed(setup, "read", reading)
    refused = tuple(_made(_of_kind(setup.lines.deny, "read"), reading, _refuse))
    if closed is not None:
        yield Tool("view", Channel.READ, closed, (*refused, *rules))
        return
    inside = tuple(Rule(folder, Ruling(Gate.NONE, INSIDE)) for folder in setup.folders)
    free = setup.lifted("--allow-all-paths") or setup.lifted_all()
    if sandbox is not None and sandbox.box is not None and setup.host.platform is Platform.LINUX:
        yield _view_in(sandbox, refused, inside, free)
        return
    beyond = free or _asked_for(setup, BEYOND)
    yield Tool("view", Channel.READ, beyond, (*refused, *inside))
    if sandbox is None and not any(each.about is None for each in _of_kind(setup.lines.deny, "shell")):
        yield Tool("commands that only read", Channel.READ, beyond, (*inside, Rule(_home(setup), _at_home(setup))))


def _view_in(sandbox: Wanted, refused: tuple[Rule, ...], inside: tuple[Rule, ...], free: Ruling | None) -> Tool:
    """Its own tool where commands are confined: it keeps to what they may read, unless it is let out."""
    held = Ruling(Gate.REFUSED, f"{sandbox.rule}: the built-in tools keep to its paths", sandbox.evidence)
    left = sandbox.leave
    out = (
        Ruling(Gate.NONE if free is not None else Gate.PROMPT, left.words, left.evidence) if left is not None else held
    )
    return Tool("view", Channel.READ, out, (*refused, *inside))


def _asked_for(setup: Setup, words: str) -> Ruling:
    ruling = _asked(setup)
    return Ruling(ruling.gate, words, None, ruling.stand_in) if ruling.evidence is None else ruling


def _home(setup: Setup) -> Paths:
    return Paths(literal(setup.host.home), setup.basis.fold)


def _at_home(setup: Setup) -> Ruling:
    """Seen with bash; how PowerShell's lines are checked is not known."""
    if setup.host.platform is Platform.WINDOWS:
        return Ruling(Gate.UNKNOWN, HOME, None, Gate.NONE)
    return Ruling(Gate.NONE, HOME)


def _file_reader(setup: Setup) -> Reading:
    return lambda told: (files(told.about, setup.host),)


def _writing(setup: Setup, sandbox: Wanted | None) -> Iterator[Tool]:
    """Its own tools that change files: an approval holds in the working folders."""
    rules, closed = _managed(setup, "write", _file_reader(setup))
    refused = tuple(_made(_of_kind(setup.lines.deny, "write"), _file_reader(setup), _refuse))
    if closed is not None:
        yield Tool("create and edit", Channel.WRITE, closed, (*refused, *rules))
        return
    held = _held(sandbox) if setup.host.platform is Platform.LINUX else None
    anywhere = setup.lifted_all() if held is None else None
    if anywhere is not None:
        yield Tool("create and edit", Channel.WRITE, anywhere, refused)
        return
    everything = setup.lifted_tools()
    free = [Rule(folder, everything) for folder in setup.folders] if everything is not None else []
    approved = chain(setup.lines.allow, setup.saved.allow)
    made = _made(_of_kind(approved, "write"), _in_folders(setup), _allow)
    asked = _asked(setup)
    inside = [Rule(folder, asked) for folder in setup.folders] if held is not None else []
    yield Tool("create and edit", Channel.WRITE, held or asked, (*refused, *free, *made, *inside))


def _held(sandbox: Wanted | None) -> Ruling | None:
    """What keeps its own tools to the paths of the sandbox."""
    if sandbox is None or sandbox.box is None or sandbox.leave is not None:
        return None
    return Ruling(Gate.REFUSED, f"{sandbox.rule}: the built-in tools keep to its paths", sandbox.evidence)


def _in_folders(setup: Setup) -> Reading:
    return lambda told: (files(told.about, setup.host, folder) for folder in setup.folders)


# --- commands


def _shell(setup: Setup, sandbox: Wanted | None) -> Iterator[Tool]:
    """Commands, in the sandbox where there is one: approvals are asked for there as well."""
    name = "powershell" if setup.host.platform is Platform.WINDOWS else "bash"
    otherwise, rules = _commands(setup)
    if sandbox is None:
        yield Tool(name, Channel.EXECUTE, otherwise, rules)
        return
    if sandbox.box is None:
        yield Tool(name, Channel.EXECUTE, sandbox.shut)
    else:
        yield Tool(f"{name} in the sandbox", Channel.EXECUTE, otherwise, rules, sandbox.box)
    if sandbox.leave is not None and sandbox.box is not None:
        free = setup.lifted_all()
        gate = free.effective if free is not None else Gate.PROMPT
        out = Ruling(gate, f"{sandbox.leave.key} true: a command may be let out", sandbox.leave.evidence)
        yield Tool(f"{name} out of the sandbox", Channel.EXECUTE, out)


def _names(told: Told) -> Iterator[Pattern | None]:
    yield command(told.about)


def _beginnings(told: Told) -> Iterator[Pattern | None]:
    yield beginning(told.about)


def _commands(setup: Setup) -> tuple[Ruling, tuple[Rule, ...]]:
    managed, closed = _managed(setup, "shell", _beginnings)
    refused = tuple(_made(_of_kind(setup.lines.deny, "shell"), _names, _refuse))
    if closed is not None:
        return closed, (*refused, *managed)
    looks = tuple(Rule(Command(text, open=True), Ruling(Gate.NONE, LOOKS)) for text in LOOKING)
    everything = setup.lifted_tools()
    if everything is not None:
        return everything, refused
    approved = tuple(_made(_of_kind(chain(setup.lines.allow, setup.saved.allow), "shell"), _names, _allow))
    return _asked(setup), (*refused, *looks, *approved)


# --- the network


def _hosts(told: Told) -> Iterator[Pattern | None]:
    yield host_of(told.about)


def _fetching(setup: Setup) -> Tool:
    """Its own tool for addresses; commands that name one pass the same check."""
    managed, closed = _managed(setup, "url", _hosts)
    refused = (*_refused_hosts(setup), *_made(_of_kind(setup.lines.deny, "url"), _hosts, _refuse))
    limit = _limits(setup)
    if closed is not None:
        return Tool("web_fetch", Channel.CONNECT, limit or closed, (*refused, *managed))
    free = setup.lifted("--allow-all-urls") or setup.lifted_tools()
    base = free or _asked(setup)
    within = tuple(Rule(pattern, base) for pattern in _limited_to(setup))
    if free is None:
        told = [*_of_kind(setup.lines.allow, "url"), *_allowed_hosts(setup)]
        within = (*_made(told, _hosts, _allow), *within)
    return Tool("web_fetch", Channel.CONNECT, limit or base, (*refused, *within))


def _refused_hosts(setup: Setup) -> Iterator[Rule]:
    """A repository may forbid addresses, and allow none."""
    for found in setup.basis.layers.entries("deniedUrls"):
        pattern = host_of(found.node.text) if found.node.text else None
        if pattern is not None and is_whole_host(found.node.text):
            yield Rule(pattern, Ruling(Gate.REFUSED, found.words, found.evidence))


def _allowed_hosts(setup: Setup) -> Iterator[Told]:
    for found in setup.own.layers.entries("allowedUrls"):
        if found.node.text:
            yield Told("url", found.node.text, found.key, found.evidence)


def _limits(setup: Setup) -> Ruling | None:
    found = next((each for each in setup.own.layers.each("permissions", "limitTo")), None)
    return Ruling(Gate.REFUSED, found.words, found.evidence) if found is not None else None


def _limited_to(setup: Setup) -> Iterator[Pattern]:
    for found in setup.own.layers.entries("permissions", "limitTo"):
        text = found.node.text.removeprefix("Domain(").removesuffix(")")
        pattern = host_of(text) if text else None
        if pattern is not None:
            yield pattern


# --- servers


def _tools(told: Told) -> Iterator[Pattern | None]:
    yield tool(told)


def _calling(setup: Setup) -> Tool:
    refused = tuple(_made((each for each in setup.lines.deny if each.is_served), _tools, _refuse))
    rules = setup.managed
    if rules.found is not None:
        closed = _closed(rules.found) or _asked(setup)
        pairs = ((rules.deny, _refuse), (rules.ask, _ask), (rules.allow, _allow))
        made = [rule for told, ruling in pairs for rule in _made((t for t in told if t.served), _tools, ruling)]
        return Tool("MCP tools", Channel.CALL, closed, (*refused, *made))
    everything = setup.lifted_tools()
    if everything is not None:
        return Tool("MCP tools", Channel.CALL, everything, refused)
    approved = (each for each in chain(setup.lines.allow, setup.saved.allow) if each.is_served)
    asked = _asked(setup)
    otherwise = Ruling(Gate.UNKNOWN, f"{asked.rule}; {CALLS}", asked.evidence, Gate.NONE)
    return Tool("MCP tools", Channel.CALL, otherwise, (*refused, *_made(approved, _tools, _allow)))
