"""What stands before an agent's reach for one thing: of all its ways there the weakest, of each way the strongest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import merge
from itertools import compress
from operator import itemgetter
from pathlib import PurePath
from posixpath import normpath

from msgspec import Struct, field
from msgspec.structs import replace

from scanner.command_lines import simple_commands
from scanner.data.gates import gates
from scanner.data.known_servers import BROWSE, READ_FILES, SHELL, WRITE_FILES
from scanner.data.shells import shell_of
from scanner.data.uses import hosts_of, use_of
from scanner.data.verbs import opened_by
from scanner.graph import AssetNode, CredentialNode
from scanner.habits import Habit
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.model import (
    Autonomy,
    Capability,
    Channel,
    Command,
    Everything,
    Evidence,
    Gate,
    Inheritance,
    Name,
    Pattern,
    Policy,
    Protection,
    Rule,
    Ruling,
    Sandbox,
    ServerSeen,
    Tool,
)
from scanner.servers import Serving
from scanner.text import printable

MANY_RULES = 64  # from here on they are looked up by program
PLACES = 1000  # of one credential; a rule may close all but the last
BELOW = 8  # levels of an entry of a server at which its secrets are looked for
SAMPLE = "x"  # stands for any argument, file or folder
PLACE = {gate: index for index, gate in enumerate(Gate)}
ANY_HOST = "any-host.example"
ANY_TOOL = "any-server/any-tool"
LOGINS = "mcp."  # kinds of what opens a server
LIFTER = "curl"  # what carries a secret that was read to where it counts


class Decision(Struct, frozen=True):
    """What stands before one act: the gate, what decides it and where, and how the agent would go about it.

    `stand_in` is what an unknown gate is reckoned as. `classes` bounds what is opened so, None for all. `partial`: a
    rule on one step only, which opens nothing by itself. `factor` is what a prompt leaves of a way where it is mostly
    said yes to.
    """

    gate: Gate
    rule: str
    channel: str
    stand_in: Gate | None = None
    classes: frozenset[Capability] | None = None
    evidence: Evidence | None = None
    of_rule: bool = False
    partial: bool = False
    factor: float | None = None

    @property
    def effective(self) -> Gate:
        """The gate that is reckoned with."""
        return self.stand_in or self.gate

    @property
    def passable(self) -> bool:
        """Whether no person is asked."""
        return gates()[self.effective].passable


class Lane(Struct, frozen=True):
    """One way to run any command at all; `inherited` is what its commands inherit of the agent's environment."""

    tool: str
    ruling: Ruling
    sandbox: Sandbox | None
    via: str
    inherited: Inheritance


class Opened(Struct, frozen=True):
    """An allow rule for one program or one of its sub-commands, and what it opens."""

    tool: Tool
    ruling: Ruling
    text: str
    classes: frozenset[Capability] | None


class Usable(Struct, frozen=True):
    """All of a credential that decides how it is used: of many in one file each is used alike."""

    kind: str
    channel: str
    places: tuple[Evidence, ...]


def usable(credential: CredentialNode) -> Usable:
    """How a credential is used, as far as its kind and its places tell; in which line it stands does not matter."""
    places = (replace(each, line=None) for each in credential.locations[:PLACES])
    return Usable(credential.kind, credential.channel, tuple(dict.fromkeys(places)))


class _Answers(Struct):
    """The ways to use one credential, and the weakest by class: one for all classes that the same ways lead to."""

    found: list[Decision]
    weakest: Callable[[Sequence[Decision]], Decision]
    of: dict[tuple[bool, ...], Decision] = field(default_factory=dict)

    def to(self, capability: Capability) -> Decision:
        """The weakest way to use it for that."""
        opened = tuple([each.classes is None or capability in each.classes for each in self.found])
        if opened not in self.of:
            self.of[opened] = self.weakest(list(compress(self.found, opened)))
        return self.of[opened]


class Judge:
    """One agent in one folder, asked about one thing after the other; answers are kept.

    The policy says what each tool's own rules say. What only the whole shows is decided here: that a rule which
    amounts to a shell opens every command, that another tool gets round a rule, that a sandbox stops the use of what
    it lets be read, and that an agent can rewrite the rule which stops it.
    """

    def __init__(
        self, policy: Policy, machine: Machine, servers: Sequence[ServerSeen] = (), habit: Habit | None = None
    ) -> None:
        self.policy = policy
        self.habit = habit if habit is not None and habit.factor is not None else None
        self.machine = machine
        self.servers = [Serving(each) for each in servers]
        self._entries = {(each.seen.evidence.path, each.seen.evidence.key): each for each in self.servers}
        self._remote = {_host(each.seen.url): each for each in self.servers if each.seen.url is not None}
        self._confined = any(tool.sandbox is not None for tool in policy.tools)
        self._lanes: list[Lane] | None = None
        self._autonomy: Autonomy | None = None
        self._programs: dict[str, list[Opened]] | None = None
        self._uses: dict[tuple[Usable, tuple[str, ...]], _Answers] = {}
        self._rules: dict[tuple[int, str], Rule | None] = {}
        self._indexed: dict[int, dict[str, list[tuple[int, Rule]]]] = {}

    # --- single acts

    def decide(self, channel: Channel, target: str) -> Decision:
        """What stands before one act, over all tools that get there; the answer of one (channel, target)."""
        match channel:
            case Channel.EXECUTE:
                found = [*self._directly(target), *self._by_any_command()]
            case Channel.READ:
                found = list(self._reading(target))
            case Channel.WRITE:
                found = list(self._writing(target))
            case Channel.CONNECT:
                found = list(self._connecting(target))
            case Channel.CALL:
                found = list(self._calling(target))
        return self._weakest(found)

    def _of(self, channel: Channel) -> Iterator[Tool]:
        return (tool for tool in self.policy.tools if tool.channel is channel)

    def _told(self, tool: Tool, target: str, how: str) -> Decision:
        rule = self._deciding(tool, target)
        ruling = rule.ruling if rule is not None else tool.otherwise
        return self._decision(ruling, f"{how} with {tool.name}", of_rule=_is_own(rule))

    def _deciding(self, tool: Tool, target: str) -> Rule | None:
        """The rule of a tool that decides; looked up once, since many credentials lie in one file."""
        key = (id(tool), target)
        if key not in self._rules:
            rules = self._candidates(tool, target)
            self._rules[key] = next((rule for rule in rules if rule.pattern.matches(target)), None)
        return self._rules[key]

    def _candidates(self, tool: Tool, target: str) -> Iterable[Rule]:
        """The rules that may mean a target, in their order: of very many about commands those for its program."""
        if tool.channel is not Channel.EXECUTE or len(tool.rules) < MANY_RULES:
            return tool.rules
        if id(tool) not in self._indexed:
            self._indexed[id(tool)] = _by_program(tool.rules)
        index = self._indexed[id(tool)]
        program = (target.split(maxsplit=1) or [""])[0]
        found = merge(index.get(program, ()), index.get("", ()), key=itemgetter(0))
        return (rule for _, rule in found)

    def _ruling(self, tool: Tool, target: str) -> Ruling:
        """What a tool's own rules say of a target."""
        rule = self._deciding(tool, target)
        return rule.ruling if rule is not None else tool.otherwise

    def _decision(
        self, ruling: Ruling, how: str, *, of_rule: bool = False, classes: frozenset[Capability] | None = None
    ) -> Decision:
        told = Decision(ruling.gate, self._rule(ruling), how, ruling.stand_in, classes, ruling.evidence, of_rule)
        if self.habit is not None and told.effective is Gate.PROMPT:
            return _answered(told, self.habit)
        return told

    def _rule(self, ruling: Ruling) -> str:
        """The words of a rule and where it stands."""
        told = ruling.evidence
        if told is None or told.path is None:
            return printable(ruling.rule)
        line = f":{told.line}" if told.line is not None else ""
        return printable(f"{ruling.rule}, {_shown(str(told.path), told.path, self.machine.home)}{line}")

    def _calling(self, target: str) -> Iterator[Decision]:
        """A tool of a server, as "server/tool"."""
        name, _, called = target.partition("/")
        for tool in self._of(Channel.CALL):
            yield self._told(tool, target, f"calls {target}")
            for server in self.servers:
                if server.name == name and server.seen.approval is not None:
                    yield self._decision(server.call(tool, called), f"calls {target} with {tool.name}")

    def _served(self, act: str, what: str, path: str | None = None) -> Iterator[Decision]:
        """By tools of servers that do that outside of any sandbox; with files only in the folders they are handed."""
        for server in self.servers:
            names = server.doing(act)
            if not names or (path is not None and not server.covers(path, self.machine.home, self.machine.workspace)):
                continue
            for tool in self._of(Channel.CALL):
                name = min(names, key=lambda each: _rank(server.call(tool, each)))
                yield self._decision(server.call(tool, name), f"{what} with {name} of {printable(server.name)}")

    def _reading(self, path: str) -> Iterator[Decision]:
        for tool in self._of(Channel.READ):
            yield self._told(tool, path, "reads the file")
        yield from self._served(READ_FILES, "reads the file", path)
        for lane in self.lanes:
            if lane.sandbox is None or lane.sandbox.reads(path):
                yield self._by(lane, "reads the file")
            else:
                yield _stopped(lane.sandbox, "reads the file")

    def _writing(self, path: str) -> Iterator[Decision]:
        for tool in self._of(Channel.WRITE):
            yield self._told(tool, path, "changes the file")
        yield from self._served(WRITE_FILES, "changes the file", path)
        for lane in self.lanes:
            if lane.sandbox is None or lane.sandbox.writes(path):
                yield self._by(lane, "changes the file")
            else:
                yield _stopped(lane.sandbox, "changes the file")

    def _connecting(self, target: str) -> Iterator[Decision]:
        """To a host, or to a unix socket by its path."""
        for tool in self._of(Channel.CONNECT):
            yield self._told(tool, target, f"connects to {target}")
        if "/" not in target:
            yield from self._served(BROWSE, f"connects to {target}")
        for lane in self.lanes:
            sandbox = lane.sandbox
            if sandbox is None or (sandbox.opens(target) if "/" in target else _reaches(sandbox, [target])):
                yield self._by(lane, f"connects to {target}")
            else:
                yield _stopped(sandbox, f"connects to {target}")
        for tool, told in self._program(LIFTER, f"connects to {target} by"):
            if tool.sandbox is None:
                yield told

    def _directly(self, line: str) -> Iterator[Decision]:
        """What each tool says of a command line: of one that runs several commands, the strongest word on any."""
        parts = simple_commands(line) or (line,)
        for tool in self._of(Channel.EXECUTE):
            commands = (line,) if any(_is_chained(rule.pattern) for rule in tool.rules) else parts
            told = max((self._single(tool, each) for each in commands), key=_rank)
            yield replace(told, channel=f"{told.channel}{_confined(tool.sandbox)}")

    def _single(self, tool: Tool, command: str) -> Decision:
        """One simple command: by the rules for commands, or by those for files where it is one that only reads."""
        reader = next((each for each in self._of(Channel.READ) if _reads_by(each, tool, command)), None)
        if reader is None:
            return self._told(tool, command, f"runs {command}")
        named = [word for word in command.split()[1:] if not word.startswith("-")]
        paths = [self._path(word.strip("'\"")) for word in named] or [self._folder()]
        return max((self._told(reader, path, f"runs {command}") for path in paths), key=_rank)

    def _path(self, text: str) -> str:
        """A path as a command names it, from the folder that the agent works in."""
        home = self.machine.home.as_posix()
        text = f"{home}{text[1:]}" if text == "~" or text.startswith("~/") else text
        return normpath(text if type(self.machine.home)(text).is_absolute() else f"{self._folder()}/{text}")

    def _by_any_command(self) -> Iterator[Decision]:
        for lane in self.lanes:
            if lane.sandbox is None:
                yield self._by(lane, "runs it")

    def _by(self, lane: Lane, what: str) -> Decision:
        how = f"{what} with any command of {lane.tool}" + (f", {lane.via}" if lane.via else "")
        return self._decision(lane.ruling, how)

    # --- any command

    @property
    def lanes(self) -> list[Lane]:
        """Each way to run any command: the agent's own tools, and servers that are a shell."""
        if self._lanes is None:
            self._lanes = [self._lane(tool) for tool in self._of(Channel.EXECUTE)]
            self._lanes += self._shells()
        return self._lanes

    def _shells(self) -> Iterator[Lane]:
        """Servers with tools that run any command, outside of the agent's sandbox."""
        for server in self.servers:
            names = server.doing(SHELL)
            for tool in self._of(Channel.CALL) if names else ():
                name = min(names, key=lambda each: _rank(server.call(tool, each)))
                title = f"{name} of the MCP server {printable(server.name)}"
                yield Lane(title, server.call(tool, name), None, "", self.policy.servers)

    def _lane(self, tool: Tool) -> Lane:
        best, via = tool.otherwise, ""
        for rule in tool.rules:
            if _is_all(rule.pattern):
                if not via or not _weaker(best, rule.ruling):
                    best, via = rule.ruling, ""
                break
            ruling = self._shell(tool, rule)
            if ruling is not None and _weaker(ruling[0], best):
                best, via = ruling
        return Lane(tool.name, best, tool.sandbox, via, self.policy.commands)

    def _shell(self, tool: Tool, rule: Rule) -> tuple[Ruling, str] | None:
        """The ruling for any command that a rule amounts to, and why it does."""
        if not isinstance(rule.pattern, Command) or not gates()[rule.ruling.effective].passable:
            return None
        shell = shell_of(rule.pattern)
        if shell is None or self._ruling(tool, _sample(rule.pattern)) != rule.ruling:
            return None  # one before it has another word for it
        ruling = rule.ruling
        if shell.edited:
            ruling = _strongest(ruling, self._edit())
        return ruling, f"since {shell.why}"

    def _edit(self) -> Ruling:
        """What stands before changing what a command of the workspace runs."""
        inside = self._folder() + "/" + SAMPLE
        found = [tool.decide(inside) for tool in self._of(Channel.WRITE)]
        confined = (tool for tool in self._of(Channel.EXECUTE) if tool.sandbox is not None)
        found += [tool.otherwise for tool in confined if tool.sandbox and tool.sandbox.writes(inside)]
        return min(found, key=_rank, default=Ruling(Gate.REFUSED))

    def _folder(self) -> str:
        return (self.machine.workspace or self.machine.home).as_posix()

    # --- programs

    @property
    def programs(self) -> dict[str, list[Opened]]:
        """The programs that rules open, each with what is opened of it; those that a rule closes are not here."""
        if self._programs is None:
            self._programs = {}
            for tool in self._of(Channel.EXECUTE):
                for rule in tool.rules:
                    opened = self._opened(tool, rule)
                    if opened is not None:
                        self._programs.setdefault(opened.text.split(" ")[0], []).append(opened)
        return self._programs

    def _program(self, program: str, what: str) -> Iterator[tuple[Tool, Decision]]:
        """What stands before running a program, as its rules say, whole and by sub-command."""
        for tool in self._of(Channel.EXECUTE):
            target = f"{program} {SAMPLE}"
            if _is_named(self._deciding(tool, target)):
                yield tool, self._told(tool, target, f"{what} {program}")
        for opened in self.programs.get(program.partition(" ")[0], ()):
            if not f"{opened.text} ".startswith(f"{program} "):  # another sub-command than the one that uses it
                continue
            how = f"{what} {opened.text} with {opened.tool.name}"
            yield opened.tool, self._decision(opened.ruling, how, of_rule=True, classes=opened.classes)

    def _opened(self, tool: Tool, rule: Rule) -> Opened | None:
        """What an allow rule for a sub-command opens of its program, or one for a program that is named by its path."""
        if not isinstance(rule.pattern, Command) or not gates()[rule.ruling.effective].passable:
            return None
        words = rule.pattern.text.partition("*")[0].split()
        if not words:
            return None
        program = words[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
        if len(words) == 1 and (program == words[0] or not _goes_on(rule.pattern)):
            return None  # by its bare name it is asked directly, and alone it only says how it is used
        if self._ruling(tool, _sample(rule.pattern)) != rule.ruling:
            return None
        return Opened(tool, rule.ruling, " ".join([program, *words[1:]]), opened_by(program, words[1:]))

    # --- credentials

    def use(self, credential: CredentialNode, asset: AssetNode, capability: Capability) -> Decision:
        """What stands before using a credential on an asset, its own gates left aside."""
        return self.decided(usable(credential), needed(asset, credential.kind), capability)

    def decided(self, credential: Usable, hosts: tuple[str, ...], capability: Capability) -> Decision:
        """The same for all that is used alike against the same hosts, which are asked for by sandboxes and logins."""
        hosts = hosts if self._confined or credential.kind.startswith(LOGINS) else ()
        answers = self._uses.get((credential, hosts))
        if answers is None:
            answers = self._uses[credential, hosts] = _Answers(list(self._using(credential, hosts)), self._weakest)
        return answers.to(capability)

    def _using(self, credential: Usable, hosts: tuple[str, ...]) -> Iterator[Decision]:
        if credential.kind == "handle.connectors":
            for tool in self._of(Channel.CALL):
                yield self._decision(tool.otherwise, f"calls them with {tool.name}")
            return
        for place in credential.places:
            yield from self._from(place, credential, hosts)
        if credential.kind.startswith(LOGINS):  # kept beside its entry, by whoever asks the server
            for host in sorted(host for host in hosts if host in self._remote):
                yield from self._called(self._remote[host], "which holds it")

    def _from(self, place: Evidence, credential: Usable, hosts: tuple[str, ...]) -> Iterator[Decision]:
        """The ways to use what lies at one place."""
        known = use_of(credential.kind)
        handle = credential.channel if credential.kind.startswith("handle.") else ""
        where = _where(place, self.machine)
        what = "uses it" if handle else f"uses {where}"
        for lane in self.lanes:
            stopped = self._held(lane.sandbox, place, hosts, local=known.local, handle=handle)
            yield _stopped(lane.sandbox, what) if stopped and lane.sandbox else self._seen(lane, place, what)
        if known.finds(where) and not self._dropped(place):
            for program in known.programs:
                for tool, found in self._program(program, f"uses {where} by" if not handle else "runs"):
                    stopped = self._held(tool.sandbox, place, hosts, local=known.local, handle=handle)
                    yield _stopped(tool.sandbox, what) if stopped and tool.sandbox else found
        if place.path is not None and not handle and not known.local:
            yield from self._carried(place, where)
        holder = self.holder(place)
        if holder is not None:
            yield from self._called(holder, "which holds it")
        for server in self.servers:
            if server is not holder and server.finds(credential.kind, place.variable, where, self.policy.servers):
                yield from self._called(server, f"which finds it in {where}")

    def holder(self, place: Evidence) -> Serving | None:
        """The server of this agent in whose entry a secret stands."""
        if not self._entries:
            return None
        key = place.key or ""
        for _ in range(BELOW):
            if (place.path, key) in self._entries:
                return self._entries[place.path, key]
            key = key.rpartition(".")[0]
        return None

    def _called(self, server: Serving, why: str) -> Iterator[Decision]:
        """By a server that has it: neither a file nor a command is needed, only a call.

        A server that is known opens what its tools do, each by its own gate. Of another what decides about tools that
        no rule names counts; where none of those can be called, the ones that can.
        """
        for tool in self._of(Channel.CALL):
            how = f"calls {printable(server.name)}, {why}, with {tool.name}"
            for ruling, names in server.groups(tool).items():
                yield self._decision(ruling, how, classes=server.classes(names))
            if not server.tools:
                ruling = server.call(tool, SAMPLE)
                if _shut(ruling):
                    calls = [each for rule in tool.rules for each in _tools_of(server.name, rule.pattern)]
                    ruling = min((ruling, *(server.call(tool, each) for each in calls)), key=_rank)
                yield self._decision(ruling, how)

    def _carried(self, place: Evidence, where: str) -> Iterator[Decision]:
        """Read with the agent's own tool, then handed to a program that sends it."""
        reading = [self._told(tool, str(place.path), f"reads {where}") for tool in self._of(Channel.READ)]
        reading += self._served(READ_FILES, f"reads {where}", str(place.path))
        if not reading:
            return
        read = self._weakest(reading)
        yield from (replace(each, partial=True) for each in reading if each.of_rule and each.gate in STOPPING)
        for tool, found in self._program(LIFTER, "and sends it by"):
            if tool.sandbox is None:
                strong = max(read, found, key=_rank)
                yield Decision(
                    strong.gate,
                    strong.rule,
                    f"{read.channel} {found.channel}",
                    strong.stand_in,
                    evidence=strong.evidence,
                    factor=strong.factor,
                )

    def _held(
        self, sandbox: Sandbox | None, place: Evidence, hosts: tuple[str, ...], *, local: bool, handle: str
    ) -> bool:
        """Whether a sandbox keeps a thing at that place from being read, or from being used against the hosts.

        `handle` is how a handle is used, empty for what is none.
        """
        if sandbox is None:
            return False
        if handle:
            held = _is_closed(sandbox, handle)
        elif place.path is not None:
            held = not sandbox.reads(str(place.path))
        else:
            held = self._hidden(sandbox, place)
        return held or (not local and not _reaches(sandbox, hosts))

    def reads(self, credential: CredentialNode) -> Decision | None:
        """What stands before the secret's own text, which goes to the model; None for what has no text to read."""
        if credential.kind.startswith("handle.") or credential.protection not in READABLE:
            return None
        found = [each for place in usable(credential).places for each in self._shows(place)]
        return self._weakest(found) if found else None

    def _shows(self, place: Evidence) -> Iterator[Decision]:
        if place.path is not None:
            yield from self._reading(str(place.path))
            return
        if place.variable is not None and not self._dropped(place):
            yield from self._printed(f"echo ${place.variable}")
        for lane in self.lanes:
            if lane.sandbox is not None and self._hidden(lane.sandbox, place):
                yield _stopped(lane.sandbox, "prints it")
            else:
                yield self._seen(lane, place, "prints it")

    def _printed(self, line: str) -> Iterator[Decision]:
        """By a command that an agent takes to be harmless; one in a sandbox counts among the lanes."""
        for tool in self._of(Channel.EXECUTE):
            if tool.sandbox is None and _is_named(self._deciding(tool, line)):
                told = self._told(tool, line, f"runs {line}")
                if not _shut(tool.decide(line)):
                    yield replace(told, of_rule=False)

    def _seen(self, lane: Lane, place: Evidence, what: str) -> Decision:
        """A command that needs a variable; where the agent takes that away, its own process still shows it."""
        found = self._by(lane, what)
        inherited = lane.inherited
        if place.variable is None or inherited.passes(place.variable) or not found.passable:
            return found
        rule = self._rule(Ruling(Gate.RULE_ONLY, inherited.rule, inherited.evidence))
        how = f"{found.channel}, which reads the environment of the agent's own process"
        return Decision(Gate.RULE_ONLY, rule, how, None, None, inherited.evidence)

    def _dropped(self, place: Evidence) -> bool:
        """Whether what it starts does not inherit the variable, so that no program finds it by itself."""
        return place.variable is not None and not self.policy.commands.passes(place.variable)

    def _hidden(self, sandbox: Sandbox, place: Evidence) -> bool:
        """Whether what is no file is kept from what runs in a sandbox."""
        if place.variable is not None:
            return self._dropped(place) or not sandbox.sees(place.variable)
        return not sandbox.sockets  # of another process, or in a keychain that is asked over a socket

    # --- the whole

    def autonomy(self) -> Autonomy:
        """How much it does unasked: runs and connects, asks, or only reads and suggests."""
        if self._autonomy is None:
            self._autonomy = self._free()
        return self._autonomy

    def _free(self) -> Autonomy:
        lanes = [lane for lane in self.lanes if not _shut(lane.ruling)]
        if any(map(_roams, lanes)):
            return Autonomy.FULL
        inside = self._folder() + "/" + SAMPLE
        acts = any(lane.sandbox is None or lane.sandbox.hosts or lane.sandbox.writes(inside) for lane in lanes)
        writes = any(not _shut(tool.decide(inside)) for tool in self._of(Channel.WRITE))
        return Autonomy.SUPERVISED if acts or writes else Autonomy.RESTRICTED

    def is_sure(self) -> bool:
        """Whether its autonomy rests on what is known, not on what stands in for it."""
        lanes = [lane for lane in self.lanes if not _shut(lane.ruling)]
        telling = [lane for lane in lanes if _roams(lane)] or lanes
        return not telling or any(lane.ruling.gate is not Gate.UNKNOWN for lane in telling)

    def channels(self, commands: Sequence[str] = ()) -> dict[str, Decision]:
        """What stands before the usual acts, by name: what a reader asks first; and before these command lines."""
        inside, outside = self._folder() + "/" + SAMPLE, (self.machine.home / ".config" / SAMPLE / SAMPLE).as_posix()
        acts = {
            "read the workspace": (Channel.READ, inside),
            "read the home": (Channel.READ, outside),
            "change the workspace": (Channel.WRITE, inside),
            "change the home": (Channel.WRITE, outside),
            "run any command": (Channel.EXECUTE, SAMPLE),
            "fetch from the web": (Channel.CONNECT, ANY_HOST),
            "call an MCP tool": (Channel.CALL, ANY_TOOL),
        }
        found = {name: self.decide(*act) for name, act in acts.items()}
        confined = [self._by(lane, "runs it") for lane in self.lanes if lane.sandbox is not None]
        if confined:
            open_ = list(self._by_any_command())
            found["run any command"] = self._weakest(open_) if open_ else Decision(Gate.OS_BLOCKED, ONLY_CONFINED, "")
            found["run any command in the sandbox"] = self._weakest(confined)
        for line in commands:
            found.update(self._asked(line))
        return found

    def _asked(self, line: str) -> Iterator[tuple[str, Decision]]:
        """What its tools say of a command line, and how it gets round that where it does."""
        direct = min(self._directly(line), key=_order, default=None)
        around = self.decide(Channel.EXECUTE, line)
        if direct is not None:
            yield asked(line), direct
        if direct is None or _rank(around) < _rank(direct):
            yield f"{asked(line)}{AROUND}", around

    # --- joining

    def _weakest(self, found: Sequence[Decision]) -> Decision:
        """Of several ways the weakest; where it gets round a rule that stops another, it is by that rule only."""
        whole = [each for each in found if not each.partial]
        if not whole:
            return Decision(Gate.REFUSED, "it has no tool for that", "")
        best = min(whole, key=_order)
        if best.gate in {Gate.REFUSED, Gate.OS_BLOCKED}:
            return next((told for each in sorted(whole, key=_order) if (told := self._rewritten(each))), best)
        walked = [each for each in found if each.of_rule and each.gate in STOPPING]
        if walked and best.effective in {Gate.NONE, Gate.CLASSIFIER}:
            held = min(walked, key=_order)
            if best.gate is Gate.UNKNOWN:
                return replace(best, stand_in=Gate.RULE_ONLY)
            rule = f"{held.rule} holds one way only; {best.rule}" if best.rule else f"{held.rule} holds one way only"
            return Decision(Gate.RULE_ONLY, rule, best.channel, None, best.classes, held.evidence)
        return best

    def _rewritten(self, found: Decision) -> Decision | None:
        """What a rule that refuses amounts to where the agent itself may change it unasked; None where it may not."""
        told = found.evidence
        if found.gate is not Gate.REFUSED or told is None or told.path is None:
            return None
        path = told.path.as_posix()
        changing = [self._told(tool, path, "changes the file") for tool in self._of(Channel.WRITE)]
        changing += self._served(WRITE_FILES, "changes the file", path)
        changing += [
            self._by(lane, "changes the file")
            for lane in self.lanes
            if lane.sandbox is None or lane.sandbox.writes(path)
        ]
        if any(each.gate is not Gate.UNKNOWN and each.passable for each in changing):
            return Decision(Gate.RULE_ONLY, f"{found.rule}, which it may rewrite", found.channel, None, found.classes)
        return None


def asked(line: str) -> str:
    """The name of the act of running a command line."""
    return f"run {printable(line)}"


READABLE = frozenset({Protection.PLAINTEXT, Protection.OBFUSCATED})
AROUND = ", round that"
ONLY_CONFINED = "commands run in the sandbox only"
SOCKETS = frozenset({"unix", "pipe"})
STOPPING = frozenset({Gate.REFUSED, Gate.PROMPT})  # what a rule says that another tool can get round


def _is_all(pattern: Pattern) -> bool:
    """Whether a rule is about whatever the tool could be asked."""
    match pattern:
        case Everything():
            return True
        case Command(text):
            return not text.strip("* ") and _goes_on(pattern)
        case _:
            return False


def _is_chained(pattern: Pattern) -> bool:
    """Whether a rule is of an agent that does not take a command line apart."""
    return isinstance(pattern, Command) and pattern.chained


def _by_program(rules: Sequence[Rule]) -> dict[str, list[tuple[int, Rule]]]:
    """Rules with their places, by the program that a command has to begin with; under "" those that name none."""
    found: dict[str, list[tuple[int, Rule]]] = {}
    for place, rule in enumerate(rules):
        found.setdefault(_program_of(rule.pattern), []).append((place, rule))
    return found


def _reads_by(reader: Tool, tool: Tool, command: str) -> bool:
    """Whether a command is one by which a tool that reads does so: one of that shell, with nothing filled in."""
    program = command.split(maxsplit=1)[0] if command.split() else ""
    return program in reader.programs and reader.name.startswith(f"{tool.name},") and not set("$<>`") & set(command)


def _program_of(pattern: Pattern) -> str:
    """The first word of every command that a pattern means, empty where that may be any."""
    if not isinstance(pattern, Command) or pattern.text[:1].isspace():
        return ""
    word = (pattern.text.split(maxsplit=1) or [""])[0]
    return "" if "*" in word else word


def _roams(lane: Lane) -> bool:
    """Whether commands run unasked and connect to whatever they like."""
    return gates()[lane.ruling.effective].passable and (lane.sandbox is None or Name("*") in lane.sandbox.hosts)


def needed(asset: AssetNode, kind: str) -> tuple[str, ...]:
    """The hosts that acting on an asset with a kind of credential needs one of; none for what is used on the spot."""
    return () if use_of(kind).local else _hosts(asset.asset.kind, asset.asset.name, kind)


@lru_cache(maxsize=16384)
def _hosts(asset_kind: str, asset_name: str, kind: str) -> tuple[str, ...]:
    return hosts_of(asset_kind, asset_name, kind)


def _host(url: str) -> str:
    """The host of a server's address, which has no user part."""
    return url.partition("//")[2].partition("/")[0].partition(":")[0].casefold()


def _tools_of(server: str, pattern: Pattern) -> Iterator[str]:
    """The tools of a server that a rule names."""
    if isinstance(pattern, Name):
        whose, _, tools = pattern.glob.partition("/")
        if Name(whose).matches(server):
            yield tools.replace("*", SAMPLE)


def _is_named(rule: Rule | None) -> bool:
    """Whether a rule that names the target decides, not one for everything or what holds otherwise."""
    return rule is not None and not _is_all(rule.pattern)


def _is_own(rule: Rule | None) -> bool:
    """Whether a rule for this decides: one that names the target, or that somebody wrote to stop the whole tool."""
    if rule is None:
        return False
    return _is_named(rule) or (rule.ruling.gate in STOPPING and rule.ruling.evidence is not None)


def _sample(pattern: Command) -> str:
    return pattern.text.replace("*", SAMPLE) + (f" {SAMPLE}" if pattern.open else "")


def _goes_on(pattern: Command) -> bool:
    """Whether a rule for commands lets arguments follow."""
    return pattern.open or "*" in pattern.text


def _is_closed(sandbox: Sandbox, channel: str) -> bool:
    """Whether a sandbox keeps a handle from being used; what is no address is asked over some socket."""
    act, _, address = channel.partition(" ")
    kind, _, path = address.partition(":")
    if act == "connect" and kind in SOCKETS:
        return not sandbox.opens(path)
    return act != "connect" and not sandbox.sockets


def _answered(told: Decision, habit: Habit) -> Decision:
    """A prompt as observed use shows it: where the answer is always yes, nobody is asked."""
    rule = f"{told.rule}; {habit.words}" if told.rule else habit.words
    if not habit.is_yes:
        return replace(told, rule=rule, factor=habit.factor)
    if told.gate is Gate.UNKNOWN:
        return replace(told, rule=rule, stand_in=Gate.NONE)
    return replace(told, rule=rule, gate=Gate.NONE, stand_in=None)


def _confined(sandbox: Sandbox | None) -> str:
    """What a sandbox lets through, in words, as they are added to the way of a command."""
    if sandbox is None:
        return ""
    hosts = "any host" if Name("*") in sandbox.hosts else f"{len(sandbox.hosts)} hosts" if sandbox.hosts else "no host"
    return f", confined: it connects to {hosts}"


def _stopped(sandbox: Sandbox, what: str) -> Decision:
    return Decision(Gate.OS_BLOCKED, f"the sandbox ({sandbox.name}): {sandbox.rule}", f"{what} in the sandbox")


def _reaches(sandbox: Sandbox, hosts: Sequence[str]) -> bool:
    """Whether any of the hosts can be reached from inside; where none is known, only a sandbox open to all does."""
    if not hosts:
        return Name("*") in sandbox.hosts
    return any(_connects(sandbox.hosts, sandbox.barred, host) for host in hosts)


@lru_cache(maxsize=4096)
def _connects(opened: tuple[Name, ...], barred: tuple[Name, ...], host: str) -> bool:
    """Whether a host can be reached, or one that `host` means as a glob; many credentials are for the same one."""
    sandbox = Sandbox("", hosts=opened, barred=barred)
    means = Name(host)
    return sandbox.connects(host) or any(means.matches(each.glob) and sandbox.connects(each.glob) for each in opened)


def _where(place: Evidence, machine: Machine) -> str:
    """A place as the table of uses writes it, and as a reader does."""
    if place.path is not None:
        return printable(_shown(str(place.path), place.path, machine.home))
    if place.variable is not None:
        return f"${printable(place.variable)}"
    return printable(place.process or "")


@lru_cache(maxsize=16384)
def _shown(text: str, path: PurePath, home: PurePath) -> str:
    """The path as a reader writes it, kept by its `text`, since paths of Windows that differ in case are equal."""
    return shown(path, home)


def _rank(told: Ruling | Decision) -> tuple[float, int]:
    """How much it holds back: the smaller its factor the stronger."""
    gate = told.effective
    return (-gates()[gate].factor, PLACE[gate])


def _order(told: Decision) -> tuple[float, bool, int, bool, str, str]:
    """Sort key, weakest first; what the system stops before what the agent refuses, the known before the unknown."""
    factor, index = _rank(told)
    return (factor, told.gate is not Gate.OS_BLOCKED, index, told.gate is Gate.UNKNOWN, told.channel, told.rule)


def _weaker(one: Ruling, other: Ruling) -> bool:
    return _rank(one) < _rank(other)


def _strongest(one: Ruling, other: Ruling) -> Ruling:
    return max(one, other, key=_rank)


def _shut(ruling: Ruling) -> bool:
    return gates()[ruling.effective].factor == 0
