"""The policy of Gemini CLI: its rules as each of its tools meets them."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.claude.vendor import GLOB_SIGNS, literal
from probes.agents.gemini.commands import commands
from probes.agents.gemini.engine import MCP, SHELL, Decision, Mode, Told
from probes.agents.gemini.sandbox import NONE, Confined
from probes.agents.gemini.vendor import BUILD_FILES, DANGEROUS, GIT, READING, SAYING, UNSEEN
from scanner.model import (
    INHERITS_ALL,
    Channel,
    Command,
    Everything,
    Evidence,
    Gate,
    Inheritance,
    Name,
    Paths,
    Pattern,
    Policy,
    Rule,
    Ruling,
    Tool,
)

SAFE = "it takes the command for safe, by default"
OUTSIDE = "its own tools reach no file outside of the workspace"
SEARCH = "it only searches"
ANY_FILE = "/x"
SPLITS = 8  # of the name of a server's tool, which says not where the server's ends


class Basis(Struct, frozen=True):
    """All that is known of one session. `mode_rule` and `mode_place` say where its mode comes from.

    `servers` names those that may be started, None where all may; `void` are rules that are not followed here.
    """

    mode: Mode
    mode_rule: str
    mode_place: Evidence | None
    rules: tuple[Told, ...]
    cwd: PurePath
    folders: tuple[PurePath, ...]
    fold: bool = False
    trusted: bool = True
    interactive: bool = True
    confined: Confined = NONE
    servers: tuple[str, ...] | None = None
    commands: Inheritance = INHERITS_ALL
    inherited: Inheritance = INHERITS_ALL

    def about(self, tool: str) -> Iterator[Told]:
        """The rules for a tool of its own that count, in the order in which they are tried."""
        counting = (each for each in self.rules if each.counts(self.mode, interactive=self.interactive))
        return (each for each in counting if each.names(tool))

    def ruling(self, told: Told) -> Ruling:
        """What a rule says; the vendor's for a mode bear the words of the mode."""
        words = told.words or self.mode_rule
        place = told.evidence if told.words else self.mode_place
        match told.decision:
            case Decision.ALLOW if told.unsure or told.claims:
                return Ruling(Gate.UNKNOWN, words, place, Gate.NONE)
            case Decision.ALLOW:
                return Ruling(Gate.NONE, words, place)
            case Decision.ASK if self.interactive:
                return Ruling(Gate.PROMPT, words, place)
            case _:
                return Ruling(Gate.REFUSED, words, place)

    @property
    def default(self) -> Ruling:
        """What holds where no rule matches."""
        if self.mode is Mode.YOLO:
            return Ruling(Gate.NONE, self.mode_rule, self.mode_place)
        if self.interactive:
            return Ruling(Gate.PROMPT, "no rule names it, so that it asks")
        return Ruling(Gate.REFUSED, "no rule names it, and nobody can be asked")


def policy(basis: Basis) -> Policy:
    """All that decides what it may do."""
    shell = _shell(basis)
    tools = (
        *(_filed(basis, name, Channel.READ) for name in ("read_file", "grep_search")),
        *_by_commands(basis, shell),
        *(_filed(basis, name, Channel.WRITE) for name in ("write_file", "replace")),
        *_boxed(basis, shell),
        _web(basis),
        _search(basis),
        _servers(basis),
    )
    return Policy(basis.mode.value, tools, basis.commands, basis.inherited)


# --- commands


def _shell(basis: Basis) -> Tool:
    rules: list[Rule] = []
    last = basis.default
    for told in basis.about(SHELL):
        ruling = basis.ruling(told)
        if told.limited:
            rules += (Rule(pattern, ruling) for pattern in commands(told))
            continue
        last = ruling
        break
    return Tool(SHELL, Channel.EXECUTE, last, (*rules, *_judged(basis, last)))


def _judged(basis: Basis, last: Ruling) -> Iterator[Rule]:
    """What it decides by the command itself, where a rule for all of them has the word."""
    asks = Ruling(Gate.PROMPT if basis.interactive else Gate.REFUSED, "it takes the command for dangerous, by default")
    if last.gate is Gate.REFUSED or basis.mode is Mode.YOLO:
        return
    if not basis.trusted:
        yield Rule(Command("git", open=True), replace(asks, rule="git asks in a folder that is not trusted"))
    if last.gate is Gate.PROMPT:
        yield from _safe(basis, asks)
    else:
        yield from (Rule(Command(text, open=True), asks) for text in DANGEROUS)


def _safe(basis: Basis, asks: Ruling) -> Iterator[Rule]:
    """Commands that it takes for safe: what they are told to read may lie in the workspace only, as far as it sees."""
    free = Ruling(Gate.NONE, SAFE)
    yield Rule(Command("*>*"), replace(asks, rule="it asks where output goes to a file, by default"))
    yield from (Rule(Command(text, open=True), free) for text in SAYING)
    away = replace(asks, rule="it asks about a path outside of the workspace, by default")
    inside = basis.cwd.as_posix()
    for program in READING:
        if "*" not in inside:
            yield Rule(Command(f"{program} {inside}/*"), free)
        yield from (Rule(Command(f"{program} *{sign}*"), away) for sign in ("/..", "../", " /", "~"))
        yield from (Rule(Command(f"{program} {sign}*"), away) for sign in ("/", ".."))
        yield Rule(Command(program, open=True), free)
    yield from (Rule(Command(text, open=True), free) for text in GIT)


def _by_commands(basis: Basis, shell: Tool) -> Iterator[Tool]:
    """What commands that run unasked do to files: they read any, and write any where their output may go there."""
    if shell.otherwise.gate is Gate.NONE:
        return  # any command runs
    seen = shell.decide(READING[0])
    box = basis.confined.box
    if seen.gate is Gate.NONE and (box is None or box.reads(ANY_FILE)):
        yield Tool(f"{SHELL} of {READING[0]}", Channel.READ, Ruling(Gate.NONE, UNSEEN, seen.evidence))
    for told in basis.about(SHELL):
        redirects = told.redirects or basis.mode is Mode.EDIT
        if told.limited and told.decision is Decision.ALLOW and redirects and commands(told):
            ruling = basis.ruling(told)
            yield Tool(f"{SHELL} that writes its output to a file", Channel.WRITE, ruling)
            return


def _boxed(basis: Basis, shell: Tool) -> Iterator[Tool]:
    """Commands in the sandbox, and those that a person lets out of it."""
    confined = basis.confined
    yield replace(shell, sandbox=confined.box)
    if confined.box is not None and confined.tool:
        rule = "a command that fails in the sandbox is asked about"
        gate = Ruling(Gate.PROMPT, rule) if basis.interactive else Ruling(Gate.REFUSED, rule)
        if basis.mode is Mode.YOLO:
            gate = Ruling(Gate.UNKNOWN, f"{rule}; whether in this mode is not known", stand_in=Gate.NONE)
        yield Tool(f"{SHELL} outside of the sandbox", Channel.EXECUTE, gate)


# --- files


def _filed(basis: Basis, name: str, channel: Channel) -> Tool:
    """A tool for files: its own check keeps it in the workspace, and files that build it ask in every mode."""
    told = _weakest(basis, name)
    if told.gate is Gate.REFUSED:
        return Tool(name, channel, told)
    away = Ruling(Gate.REFUSED, OUTSIDE)
    inside = [Rule(Paths(literal(folder), basis.fold), told) for folder in basis.folders]
    if channel is Channel.WRITE and told.effective is Gate.NONE:
        asks = Ruling(Gate.PROMPT if basis.interactive else Gate.REFUSED, "it asks about files that build the project")
        built = [
            Rule(Paths(f"{literal(folder)}/**/{file}", basis.fold), asks)
            for folder in basis.folders
            for file in BUILD_FILES
        ]
        return Tool(name, channel, away, (*built, *inside))
    return Tool(name, channel, away, tuple(inside))


def _weakest(basis: Basis, name: str) -> Ruling:
    """What the rules say of a tool as a whole; what allows some of its calls is taken to allow them all."""
    for told in basis.about(name):
        if not told.limited or told.decision is Decision.ALLOW:
            return basis.ruling(told)
    return basis.default


# --- the web, and servers


def _web(basis: Basis) -> Tool:
    return Tool("web_fetch", Channel.CONNECT, _weakest(basis, "web_fetch"))


def _search(basis: Basis) -> Tool:
    ruling = _weakest(basis, "google_web_search")
    return Tool(
        "google_web_search",
        Channel.CONNECT,
        Ruling(Gate.REFUSED, SEARCH),
        (Rule(Name("generativelanguage.googleapis.com"), ruling),),
    )


def _servers(basis: Basis) -> Tool:
    """The tools of MCP servers: of a folder that is not trusted none, and none of servers that are not listed."""
    name = "MCP tools"
    if not basis.trusted:
        return Tool(name, Channel.CALL, Ruling(Gate.REFUSED, "in a folder that is not trusted no server is started"))
    rules: list[Rule] = []
    last = basis.default
    counting = (each for each in basis.rules if each.counts(basis.mode, interactive=basis.interactive))
    for told in counting:
        if told.decision is not Decision.ALLOW and (told.limited or (told.claims and told.decision is Decision.DENY)):
            continue
        rules += (Rule(pattern, basis.ruling(told)) for pattern in server_tools(told))
        if rules and isinstance(rules[-1].pattern, Everything):
            last = rules.pop().ruling
            break
    return Tool(name, Channel.CALL, last, tuple(_unlisted(basis, rules)))


def _unlisted(basis: Basis, rules: Iterable[Rule]) -> Iterator[Rule]:
    yield from rules
    if basis.servers is not None:
        named = {each for each in basis.servers if each != "*"}
        if len(named) == len(basis.servers):
            yield Rule(Everything(), Ruling(Gate.REFUSED, "mcp.allowed names other servers alone"))


def server_tools(told: Told) -> tuple[Pattern, ...]:
    """The tools of servers that a rule names, as "server/tool"; none where it names none."""
    server = told.server
    if told.tool in {"*", f"{MCP}*"} or (server == "*" and told.tool in {f"{MCP}*_*", "*"}):
        return (Everything(),) if server in {None, "*"} else (Name(f"{_plain(server or '')}/*"),)
    if not told.tool.startswith(MCP):
        return (Name(f"*/{_plain(told.tool)}"),) if server == "*" else ()
    rest = told.tool.removeprefix(MCP)
    if server is not None and server != "*":
        tool = rest.removeprefix(f"{server}_")
        return (Name(f"{_plain(server)}/{_star(tool)}"),)
    if rest.endswith("_*"):
        return (Name(f"{_plain(rest[:-2])}/*"),)
    pieces = rest.split("_")[: SPLITS + 1]
    ends = ("_".join(pieces[:at]) for at in range(1, len(pieces)))
    return tuple(Name(f"{_plain(end)}/{_plain(rest[len(end) + 1 :])}") for end in ends)


def _plain(text: str) -> str:
    return text.translate(GLOB_SIGNS)


def _star(tool: str) -> str:
    return "*" if tool == "*" else _plain(tool)
