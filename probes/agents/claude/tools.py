"""The policy: each tool of Claude Code with its rules in the order in which they are tried."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import astuple, replace

from probes.agents.claude.here import Here
from probes.agents.claude.hooks import Hook
from probes.agents.claude.modes import AUTO, BYPASS, EDITS, GATES, PLAN, Gates, Mode
from probes.agents.claude.rules import Listed, Rules, below, command, host, paths, server_tool
from probes.agents.claude.sandbox import EVERYWHERE, Wanted, place
from probes.agents.claude.settings import Found
from probes.agents.claude.vendor import (
    DOCUMENTATION,
    DOCUMENTS,
    LAST_RESORT,
    LOOKING,
    LOOKS,
    PROTECTED,
    PROTECTS,
    READING,
    READING_COMMANDS,
    SEARCHING_COMMANDS,
    WORKING,
    last_resorts,
)
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
    Platform,
    Policy,
    Rule,
    Ruling,
    Tool,
)

Translation = Callable[[Listed], Pattern | None]

FILING = ("mkdir", "touch", "rm", "rmdir", "mv", "cp", "sed")  # of acceptEdits, in the working folders
SETTINGS = ("settings.json", "settings.local.json")
ANY_FILE = Paths("**")
ANSWERS = (Gate.NONE, Gate.CLASSIFIER, None)  # weakest first
UNSANDBOXED = "dangerouslyDisableSandbox:true"


class Basis(Struct, frozen=True):
    """All that the policy is made of. `unread` names settings that could not be read, `folders` where it works."""

    here: Here
    mode: Mode
    rules: Rules = Rules()
    sandbox: Wanted = Wanted()
    folders: tuple[PurePath, ...] = ()
    confined: Found | None = None  # reads stay in the working folders
    unread: tuple[str, ...] = ()
    commands: Inheritance = INHERITS_ALL
    servers: Inheritance = INHERITS_ALL
    kept: Found | None = None  # writes stay in the working folders
    silent: Found | None = None  # nobody is asked: what would be is refused
    hooks: tuple[Hook, ...] = ()
    cut: bool = False  # some settings hold more than was read

    @property
    def gates(self) -> Gates:
        """What the mode puts before each kind of act."""
        gates = GATES[self.mode.name]
        if self.silent is None:
            return gates
        return Gates(*(Gate.REFUSED if each is Gate.PROMPT else each for each in astuple(gates)))

    def about(self, *tools: str) -> "Basis":
        """The same with only those hooks that answer for one of these tools."""
        return replace(self, hooks=tuple(hook for hook in self.hooks if any(map(hook.answers, tools))))

    @property
    def doubt(self) -> str:
        """Why what the mode says is not certain, empty where it is."""
        if self.unread:
            return f"{self.unread[0]} could not be read in full"
        return self.mode.doubt

    @property
    def working(self) -> tuple[Paths, ...]:
        """The working folders."""
        return tuple(below(folder, self.here) for folder in self.folders)


def policy(basis: Basis) -> Policy:
    """What Claude Code may do in the folder."""
    bash, mcp = (
        basis.about("Bash"),
        replace(basis, hooks=tuple(each for each in basis.hooks if _is_about_servers(each))),
    )
    tools = [_read(basis.about("Read")), *_looking(bash)]
    tools += [_edit(basis.about("Edit", "MultiEdit"), "Edit", "MultiEdit"), _edit(basis.about("Write"), "Write")]
    tools += [*_bash(bash), _web(basis.about("WebFetch")), _search(basis.about("WebSearch")), _servers(mcp)]
    if basis.here.platform is Platform.WINDOWS:
        tools.append(_shell(basis.about("PowerShell"), "PowerShell"))
    return Policy(basis.mode.name, tuple(tools), basis.commands, basis.servers)


# --- rulings


def _is_about_servers(hook: Hook) -> bool:
    return hook.tools is None or any(name.startswith("mcp__") for name in hook.tools)


def _of_mode(basis: Basis, gate: Gate) -> Ruling:
    """What the mode says, which is not certain where settings could not be read."""
    return _answered(basis, Ruling(gate, *_words_of_mode(basis, gate)))


def _words_of_mode(basis: Basis, gate: Gate) -> tuple[str, Evidence | None]:
    if basis.silent is not None and gate is Gate.REFUSED and GATES[basis.mode.name].asked is not Gate.REFUSED:
        return "permissions.denyInsteadOfPrompting", place(basis.silent)
    return basis.mode.rule, basis.mode.evidence


def _answered(basis: Basis, ruling: Ruling) -> Ruling:
    """What stands before an act that no rule names: a hook may answer in the place of what the mode says."""
    sure = _certain_or_not(basis, ruling)
    if not basis.hooks or sure.effective is Gate.NONE:
        return sure
    hook = min(basis.hooks, key=lambda each: ANSWERS.index(each.stand_in))
    lax = hook.stand_in if hook.stand_in is not None else sure.effective
    if lax is Gate.CLASSIFIER and sure.effective is Gate.CLASSIFIER:
        return sure
    return Ruling(Gate.UNKNOWN, f"{sure.rule}; {hook.words}", hook.evidence, stand_in=lax)


def _certain_or_not(basis: Basis, ruling: Ruling) -> Ruling:
    if not basis.doubt:
        return ruling
    rule = f"{ruling.rule}; {basis.doubt}" if basis.doubt not in ruling.rule else ruling.rule
    return Ruling(Gate.UNKNOWN, rule, ruling.evidence, stand_in=Gate.NONE if basis.cut else ruling.effective)


def _deny(rule: Listed) -> Ruling:
    if rule.taken:
        words = f"{rule.words}, of which a rule with ! in the same list takes some back"
        return Ruling(Gate.UNKNOWN, words, rule.evidence, stand_in=Gate.NONE)
    return Ruling(Gate.REFUSED, rule.words, rule.evidence)


def _allow(rule: Listed) -> Ruling:
    return Ruling(Gate.NONE, rule.words, rule.evidence)


def _ask(basis: Basis) -> Callable[[Listed], Ruling]:
    return lambda rule: Ruling(basis.gates.asked, rule.words, rule.evidence)


def _denied(basis: Basis, names: Iterable[str], made: Translation) -> Iterator[Rule]:
    yield from _made(basis.rules.deny, (*names, "*"), made, _deny)


def _asked(basis: Basis, names: Iterable[str], made: Translation) -> Iterator[Rule]:
    yield from _made(basis.rules.ask, (*names, "*"), made, _ask(basis))


def _allowed(basis: Basis, names: Iterable[str], made: Translation) -> Iterator[Rule]:
    yield from _made(basis.rules.allow, names, made, _allow)


def _made(
    rules: Iterable[Listed], names: Iterable[str], made: Translation, ruling: Callable[[Listed], Ruling]
) -> Iterator[Rule]:
    """The rules about these tools, each with its pattern; `*` for a tool means every one."""
    wanted = frozenset(names)
    for rule in rules:
        if rule.tool in wanted:
            pattern = Everything() if rule.tool == "*" else made(rule)
            if pattern is not None:
                yield Rule(pattern, ruling(rule))


def _only_paths(here: Here) -> Translation:
    """Rules that name files; those for a whole tool say nothing about another."""
    return lambda rule: paths(rule, here) if rule.spec is not None else None


def _all_paths(here: Here) -> Translation:
    return lambda rule: paths(rule, here)


def _whole(rule: Listed) -> Pattern | None:
    """A rule for the whole of a tool."""
    return Everything() if rule.spec is None else None


# --- files


def _read(basis: Basis) -> Tool:
    every = _all_paths(basis.here)
    rules = [*_denied(basis, ("Read",), every), *_asked(basis, ("Read",), every)]
    if basis.confined is not None:
        kept = _certain_or_not(basis, _confined(basis, Gate.REFUSED))
        rules += [*_inside(basis), Rule(ANY_FILE, kept)]
        return Tool("Read", Channel.READ, kept, tuple(rules))
    rules += _allowed(basis, ("Read",), every)
    rules += _allowed(basis, ("Grep",), _whole)
    rules += _inside(basis)
    return Tool("Read", Channel.READ, _of_mode(basis, basis.gates.read), tuple(rules))


def _inside(basis: Basis) -> Iterator[Rule]:
    for folder in basis.working:
        yield Rule(folder, Ruling(Gate.NONE, WORKING))


def _confined(basis: Basis, gate: Gate) -> Ruling:
    return Ruling(gate, "permissions.blockReadsOutsideWorkingDirectories", place(basis.confined))


def _looking(basis: Basis) -> Iterator[Tool]:
    """Commands such as cat, which run unasked as far as they read in the working folders.

    A rule that denies files to Read holds them as well, one that asks does not; neither does a rule for Read as a
    whole, nor one that allows cat. A command that reads a whole folder (`grep -r x .`), or names files by a pattern,
    is not held, unless the sandbox hides what is denied.
    """
    denied = tuple(_denied(basis, ("Read",), _only_paths(basis.here)))
    yield _looking_at(basis, READING_COMMANDS, denied)
    if denied and (basis.sandbox.box is None or not basis.sandbox.box.unreadable):
        yield _looking_at(basis, SEARCHING_COMMANDS, ())


def _looking_at(basis: Basis, name: str, denied: tuple[Rule, ...]) -> Tool:
    some = _only_paths(basis.here)
    programs = READING if name == READING_COMMANDS else ()
    rules = [*_shut(basis), *_denied(basis, ("Bash",), _whole), *denied]
    rules += _asked(basis, ("Bash",), _whole)
    if basis.confined is not None:
        gate = Gate.REFUSED if basis.gates.asked is Gate.REFUSED else Gate.PROMPT
        rules += _inside(basis)
        ruling = _certain_or_not(basis, _confined(basis, gate))
        return Tool(name, Channel.READ, ruling, tuple(rules), programs=programs)
    rules += _allowed(basis, ("Bash",), _whole)
    rules += _allowed(basis, ("Read",), some)
    rules += _inside(basis)
    return Tool(name, Channel.READ, _of_mode(basis, basis.gates.look), tuple(rules), programs=programs)


def _edit(basis: Basis, *names: str) -> Tool:
    """Edit and Write: rules with a path for Edit bind both, a rule for a whole tool only that one.

    What Read is denied neither may change.
    """
    some = _only_paths(basis.here)
    rules = [*_denied(basis, ("Edit", "Read"), some), *_denied(basis, names, _whole)]
    rules += [*_asked(basis, ("Edit",), some), *_asked(basis, names, _whole)]
    if basis.kept is not None:
        return _kept(basis, names[0], rules)
    rules += _protected(basis)
    rules += [*_allowed(basis, ("Edit",), some), *_allowed(basis, names, _whole)]
    if basis.gates.inside is not basis.gates.outside:
        rules += [Rule(folder, _of_mode(basis, basis.gates.inside)) for folder in basis.working]
    return Tool(names[0], Channel.WRITE, _of_mode(basis, basis.gates.outside), tuple(rules))


def _kept(basis: Basis, name: str, rules: list[Rule]) -> Tool:
    """A tool that writes in the working folders only, and none of Claude Code's settings, whatever is allowed."""
    gate = Ruling(Gate.REFUSED, "permissions.blockWritesOutsideWorkingDirectories", place(basis.kept))
    refused = _certain_or_not(basis, gate)
    rules += [Rule(Paths(f"**/.claude/{each}", fold=True), refused) for each in SETTINGS]
    allowed = [*_allowed(basis, ("Edit",), _only_paths(basis.here)), *_allowed(basis, (name,), _whole)]
    for folder in basis.working:
        rules += [replace(rule, pattern=_in(folder, rule.pattern)) for rule in _protected(basis)]
        rules += (Rule(common, rule.ruling) for rule in allowed if (common := _inner(folder, rule.pattern)) is not None)
        rules.append(Rule(folder, _of_mode(basis, basis.gates.inside)))
    return Tool(name, Channel.WRITE, refused, (*rules, Rule(ANY_FILE, refused)))


def _in(folder: Paths, pattern: Pattern) -> Pattern:
    return Paths(f"{folder.glob}/{pattern.glob}", pattern.fold) if isinstance(pattern, Paths) else pattern


def _inner(folder: Paths, pattern: Pattern) -> Pattern | None:
    """What a pattern means of a folder: the whole, or some; None for nothing."""
    if pattern.matches(f"{folder.glob}/x"):
        return folder
    return pattern if isinstance(pattern, Paths) and pattern.glob.startswith(f"{folder.glob}/") else None


def _protected(basis: Basis) -> Iterator[Rule]:
    """Files that are never written because a rule allows it; only bypassPermissions writes them."""
    if basis.mode.name == BYPASS and not basis.doubt:
        return
    ruling = _answered(basis, Ruling(basis.gates.protected, PROTECTS))
    for name in PROTECTED:
        yield Rule(Paths(f"**/{name}", basis.here.fold), ruling)


# --- commands


def _bash(basis: Basis) -> Iterator[Tool]:
    if basis.sandbox.box is None:
        yield _shell(basis, "Bash")
        return
    yield _boxed(basis)
    if not basis.sandbox.strict:
        yield _asking_for_hosts(basis)
    yield _beside(basis)


def _shell(basis: Basis, name: str) -> Tool:
    return Tool(name, Channel.EXECUTE, _command_ruling(basis), (*_shut(basis, name), *_rules_of_commands(basis, name)))


def _rules_of_commands(basis: Basis, name: str, *, whole_ask: bool = True) -> Iterator[Rule]:
    """The rules about command lines. `whole_ask`: also one that asks before every command."""
    yield from _denied(basis, (name,), command)
    yield from _asked(basis, (name,), command if whole_ask else _some)
    yield from _last_resort(basis)
    yield from _allowed(basis, (name,), _opening)
    if name == "Bash":
        for text in LOOKING:
            yield Rule(Command(text, open=True), Ruling(Gate.NONE, LOOKS))
    if basis.mode.name == EDITS:
        yield from _filing(basis)


def _some(rule: Listed) -> Pattern | None:
    return command(rule) if rule.spec is not None else None


def _opening(rule: Listed) -> Pattern | None:
    """The command lines that an allowance really opens."""
    pattern = command(rule)
    if isinstance(pattern, Command) and pattern.text.split(" ")[0].rstrip("*") in READING:
        return None
    return pattern


def _last_resort(basis: Basis) -> Iterator[Rule]:
    """What asks in spite of every rule and mode: to remove the whole disk or home."""
    ruling = Ruling(basis.gates.asked, LAST_RESORT)
    for text in last_resorts(basis.here.home):
        yield Rule(Command(text), ruling)


def _filing(basis: Basis) -> Iterator[Rule]:
    """Commands of acceptEdits that work on files; only where they name them in full is it told where these lie."""
    ruling = _of_mode(basis, basis.gates.inside)
    for program in FILING:
        for folder in basis.folders:
            yield Rule(Command(f"{program} *{folder.as_posix()}/*"), ruling)


def _command_ruling(basis: Basis) -> Ruling:
    """What the mode says of a command. Where there is an automatic mode, planning leaves commands to its judge."""
    if basis.mode.name != PLAN or basis.mode.autonomous is False:
        return _of_mode(basis, basis.gates.command)
    ruling = Ruling(Gate.CLASSIFIER, f"{basis.mode.rule}, where the judge of auto decides", basis.mode.evidence)
    if basis.mode.autonomous is None:
        rule = f"{ruling.rule} if the plan has it; which plan is not told here"
        return Ruling(Gate.UNKNOWN, rule, basis.mode.evidence, stand_in=Gate.CLASSIFIER)
    return _answered(basis, ruling)


def _shut(basis: Basis, name: str = "Bash") -> Iterator[Rule]:
    """No command at all, where the sandbox is required and cannot start."""
    if basis.sandbox.shut and name == "Bash":
        rule = f"sandbox.failIfUnavailable: {basis.sandbox.missing}"
        yield Rule(Everything(), Ruling(Gate.REFUSED, rule, place(basis.sandbox.required)))


def _boxed(basis: Basis) -> Tool:
    """Commands in the sandbox: unasked by default, and then a rule that asks before every command is passed over."""
    wanted = basis.sandbox
    rules = tuple(_rules_of_commands(basis, "Bash", whole_ask=wanted.asks))
    return Tool("Bash in the sandbox", Channel.EXECUTE, _boxed_ruling(basis), rules, wanted.box)


def _boxed_ruling(basis: Basis) -> Ruling:
    """Whether commands in the sandbox are asked about; where nobody says so, it hangs on the version and a server."""
    wanted = basis.sandbox
    if wanted.asks or basis.gates.command is Gate.NONE:
        return _command_ruling(basis)
    if wanted.unasked is not None:
        return _certain_or_not(basis, Ruling(Gate.NONE, "sandbox.autoAllowBashIfSandboxed", place(wanted.unasked)))
    rule = "sandbox.autoAllowBashIfSandboxed is not set, and its default is not the same in every version"
    return Ruling(Gate.UNKNOWN, rule, place(wanted.enabled), stand_in=Gate.NONE)


def _asking_for_hosts(basis: Basis) -> Tool:
    """A command in the sandbox that connects to a host of no list: somebody is asked before it may."""
    box = basis.sandbox.box
    rule = "the sandbox asks before it connects to a host of no list"
    gate = Gate.PROMPT if basis.silent is None else Gate.REFUSED
    if basis.mode.name in {AUTO, BYPASS}:
        ruling = Ruling(Gate.UNKNOWN, f"{rule}; whom in this mode is not known", stand_in=basis.gates.command)
    else:
        ruling = _certain_or_not(basis, Ruling(gate, rule))
    opened = replace(box, hosts=(EVERYWHERE,)) if box is not None else None
    rules = tuple(_denied(basis, ("Bash",), command))
    return Tool("Bash in the sandbox, to any host", Channel.EXECUTE, ruling, rules, opened)


def _beside(basis: Basis) -> Tool:
    """Commands outside of the sandbox: those excluded from it and, where that is left open, every one."""
    stays = next((rule for rule in basis.rules.deny if rule.tool == "Bash" and rule.spec == UNSANDBOXED), None)
    outside = basis.sandbox.outside
    if stays is not None:
        return _excluded(basis, _deny(stays))
    if outside is not None:
        return _excluded(basis, Ruling(Gate.REFUSED, "sandbox.allowUnsandboxedCommands", place(outside)))
    tool = _shell(basis, "Bash")
    asks = next((rule for rule in basis.rules.ask if rule.tool == "Bash" and rule.spec == UNSANDBOXED), None)
    if asks is None:
        return tool
    denied = tuple(_denied(basis, ("Bash",), command))
    return replace(tool, rules=(*denied, Rule(Everything(), _ask(basis)(asks))))


def _excluded(basis: Basis, otherwise: Ruling) -> Tool:
    """Bash where only the excluded commands run outside: a rule opens what it and the list have in common."""
    excluded = basis.sandbox.excluded
    rules = [*_denied(basis, ("Bash",), command), *_asked(basis, ("Bash",), command), *_last_resort(basis)]
    for rule in _allowed(basis, ("Bash",), _opening):
        rules += (Rule(common, rule.ruling) for each in excluded if (common := _common(rule.pattern, each)) is not None)
    rules += (Rule(each, _command_ruling(basis)) for each in excluded)
    return Tool("Bash", Channel.EXECUTE, otherwise, tuple(rules))


def _common(pattern: Pattern, excluded: Command) -> Pattern | None:
    """The command lines that both mean, None where there are none."""
    if not isinstance(pattern, Command) or pattern.matches(excluded.text):
        return excluded
    return pattern if excluded.matches(pattern.text) else None


# --- the web, and servers


def _web(basis: Basis) -> Tool:
    tool = _simple(basis, "WebFetch", Channel.CONNECT, ("WebFetch",), host)
    documents = (Rule(Name(name), Ruling(Gate.NONE, DOCUMENTS)) for name in DOCUMENTATION)
    return replace(tool, rules=(*tool.rules, *documents))


def _search(basis: Basis) -> Tool:
    return _simple(basis, "WebSearch", Channel.CONNECT, ("WebSearch",), _whole)


def _simple(basis: Basis, name: str, channel: Channel, names: tuple[str, ...], made: Translation) -> Tool:
    rules = (*_denied(basis, names, made), *_asked(basis, names, made), *_allowed(basis, names, made))
    return Tool(name, channel, _of_mode(basis, basis.gates.other), rules)


def _servers(basis: Basis) -> Tool:
    """The tools of MCP servers, whose rules bear the server in the name of the tool."""
    told = basis.rules
    names = frozenset(rule.tool for rule in (*told.deny, *told.ask, *told.allow) if rule.tool.startswith("mcp__"))
    return _simple(basis, "MCP tools", Channel.CALL, tuple(sorted(names)), server_tool)
