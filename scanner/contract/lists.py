"""The lists of a contract against what agents may do: variables, files, commands, hosts and tools of MCP servers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from scanner.contract import mending, samples
from scanner.contract.exposures import place
from scanner.contract.plain import some
from scanner.contract.samples import SAMPLE
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.gates import gates
from scanner.gates import Decision, Judge
from scanner.model import Channel, Command, Evidence, Gate, Name, Paths, Platform, ServerSeen
from scanner.model.contract import Contract, Listed
from scanner.principals import Acting

CONNECTORS = "handle.connectors"
FILES = (Channel.READ, Channel.WRITE)
ANY = {"commands.allow": "any command", "network": "any host"}  # what has all else of a list in it


class Said(Struct, frozen=True):
    """What one agent does beyond a list, in words; `doubt` says why that is not known where it does nothing that is.

    `parts` name each thing that it does beyond, as a waiver has to.
    """

    why: str = ""
    doubt: str = ""
    parts: tuple[str, ...] = ()


def _first(found: Sequence[tuple[str, str, Decision]]) -> Said:
    """What is told of all that an agent does beyond a list: the act, the words for it, what stands before it."""
    parts = (part for act, _, gate in found for part in ((act, f"{act} unasked") if gate.passable else (act,)))
    return Said(found[0][1], parts=tuple(dict.fromkeys(parts)))


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What came of each list."""
    yield from _environment(contract, subject)
    yield from _files(contract, subject)
    yield from _commands(contract, subject)
    if contract.network is not None:
        hosts = contract.network
        text = f"agents connect unasked only to {some(hosts.items)}"
        yield _of_agents("network", text, hosts, subject, lambda each: _connecting(each, hosts))
    yield from _mcp(contract, subject)


def _of_agents(name: str, text: str, listed: Listed, subject: Subject, ask: Callable[[Acting], Said]) -> Held:
    """One list against each agent that is here."""
    told = [(each, ask(each)) for each in subject.installed]
    broken = [
        Broken(
            name,
            each.id,
            said.why,
            principal=each.id,
            evidence=(each.seen.evidence,),
            mend=MENDS.get(name, "ask"),
            parts=tuple(f"{name} {part}" for part in said.parts),
        )
        for each, said in told
        if said.why
    ]
    doubts = [said.doubt for _, said in told if said.doubt]
    return Held(name, text, place(listed.where), tuple(broken), subject.doubt("; ".join(dict.fromkeys(doubts))))


MENDS = {"files.never": "never-files", "commands.never": "never-commands", "network": "network"}


def _weakest(found: Iterable[Decision]) -> Decision:
    return max(found, key=lambda each: (gates()[each.effective].factor, each.gate is not Gate.UNKNOWN))


def _is_possible(found: Decision) -> bool:
    return gates()[found.effective].factor > 0


def _told(found: Decision) -> str:
    return f"gate {found.gate}" + (f", {found.rule}" if found.rule else "")


# --- files


def _files(contract: Contract, subject: Subject) -> Iterator[Held]:
    rules = contract.files
    if rules.read is not None:
        yield _confined("files.read", rules.read, Channel.READ, subject)
    if rules.write is not None:
        yield _confined("files.write", rules.write, Channel.WRITE, subject)
    if rules.ask is not None:
        text = f"agents ask before they change {some(rules.ask.items)}"
        yield _on_files("files.ask", text, rules.ask, subject, lambda found: found.passable)
    if rules.never is not None:
        text = f"agents neither read nor change {some(rules.never.items)}"
        yield _on_files("files.never", text, rules.never, subject, _is_possible)


def _on_files(name: str, text: str, listed: Listed, subject: Subject, wrong: Callable[[Decision], bool]) -> Held:
    """Each glob of a list, by paths that it means."""
    meant = {item: samples.inside(item, subject) for item in listed.items}
    acts = FILES if name == "files.never" else (Channel.WRITE,)

    def ask(each: Acting) -> Said:
        doubt, beyond = "", []
        for item, paths in meant.items():
            for channel in acts if paths else ():
                found = _weakest(each.judge.decide(channel, path) for path in paths)
                if wrong(found):
                    act = f"{channel} {item}"
                    beyond.append((act, f"{each.title} may {act}: {_told(found)}", found))
                doubt = doubt or _unsure(each, f"{channel} {item}", channel, paths)
            doubt = doubt or (f"no file that {item} means could be thought of" if not paths else "")
        return _first(beyond) if beyond else Said(doubt=doubt)

    return _of_agents(name, text, listed, subject, ask)


def _unsure(each: Acting, act: str, channel: Channel, targets: Iterable[str]) -> str:
    """Why a list is not known to hold though nothing is seen to break it: a gate on some way there is not known."""
    own = [tool for tool in each.judge.policy.tools if tool.channel is channel]
    rulings = [tool.decide(target) for tool in own for target in targets]
    if channel is not Channel.CALL:
        rulings += [lane.ruling for lane in each.judge.lanes if lane.sandbox is None or channel is Channel.EXECUTE]
    unknown = next((ruling for ruling in rulings if ruling.gate is Gate.UNKNOWN), None)
    return f"whether {each.title} may {act} is not known: {unknown.rule}" if unknown is not None else ""


def _confined(name: str, listed: Listed, channel: Channel, subject: Subject) -> Held:
    """Nothing outside of what is listed is read, or changed, unasked."""

    def ask(each: Acting) -> Said:
        paths = samples.outside(listed.items, _opened_paths(each.judge, channel), subject)
        found = [(path, each.judge.decide(channel, path)) for path in paths]
        beyond = [
            (_below_home(path, subject), f"{each.title} may {channel} {_shown(path, subject)} too: {_told(gate)}", gate)
            for path, gate in found
            if gate.passable
        ]
        if beyond:
            return _first(beyond)
        return Said(doubt=_unsure(each, f"{channel} what is not listed", channel, paths))

    return _of_agents(name, f"agents {channel} unasked only {some(listed.items)}", listed, subject, ask)


def _shown(path: str, subject: Subject) -> str:
    text = _below_home(path, subject)
    return "files elsewhere" if SAMPLE in text.split("/") else text


def _below_home(path: str, subject: Subject) -> str:
    home = subject.machine.home.as_posix() + "/"
    return f"~/{path.removeprefix(home)}" if path.startswith(home) else path


def _opened_paths(judge: Judge, channel: Channel) -> Iterator[Paths]:
    """What an agent's own rules and sandboxes open, as they write it."""
    for tool in judge.policy.tools:
        if tool.channel is channel:
            yield from (rule.pattern for rule in tool.rules if isinstance(rule.pattern, Paths))
        if tool.sandbox is not None and channel is Channel.WRITE:
            yield from tool.sandbox.writable


# --- commands


def _commands(contract: Contract, subject: Subject) -> Iterator[Held]:
    rules = contract.commands
    if rules.allow is not None:
        allowed = rules.allow
        text = f"agents run unasked only {some(allowed.items)}, and what their vendors take for harmless"
        yield _of_agents("commands.allow", text, allowed, subject, lambda each: _further(each, allowed))
    if rules.ask is not None:
        text = f"agents ask before {some(rules.ask.items)}"
        yield _on_commands("commands.ask", text, rules.ask, subject, lambda found: found.passable)
    if rules.never is not None:
        text = f"agents never run {some(rules.never.items)}"
        yield _on_commands("commands.never", text, rules.never, subject, _is_possible)


def _on_commands(name: str, text: str, listed: Listed, subject: Subject, wrong: Callable[[Decision], bool]) -> Held:
    """Each beginning of a list, by command lines that begin so."""

    def ask(each: Acting) -> Said:
        doubt, beyond = "", []
        for item in listed.items:
            found = _weakest(run for command in samples.commands(item) for run in _running(each.judge, command))
            if wrong(found):
                beyond.append((item, f"{each.title} may run {item}: {_told(found)}", found))
            doubt = doubt or _unsure(each, f"run {item}", Channel.EXECUTE, samples.commands(item))
        return _first(beyond) if beyond else Said(doubt=doubt)

    return _of_agents(name, text, listed, subject, ask)


def _running(judge: Judge, command: str) -> Iterator[Decision]:
    """What stands before a command: itself, or another that runs it, in a sandbox too."""
    yield judge.decide(Channel.EXECUTE, command)
    for lane in judge.lanes:
        if lane.sandbox is not None:
            told = lane.ruling
            words = f"{told.rule}; another command of {lane.tool} may run it"
            yield Decision(told.gate, words, lane.tool, told.stand_in)


def _further(each: Acting, allowed: Listed) -> Said:
    """Any command at all, or one that a setting lets run and the list does not."""
    doubt, beyond = "", dict[tuple[str, bool], str]()
    for tool in each.judge.policy.tools:
        if tool.channel is not Channel.EXECUTE:
            continue
        every = tool.decide(SAMPLE)
        if gates()[every.effective].passable and not samples.begins(allowed.items, SAMPLE):
            return Said(
                f"{each.title} runs any command: gate {every.gate}, {every.rule}", parts=(ANY["commands.allow"],)
            )
        if every.gate is Gate.UNKNOWN:
            doubt = f"what {each.title} runs unasked is not known: {every.rule}"
        for rule in tool.rules:
            if not isinstance(rule.pattern, Command) or rule.ruling.evidence is None:
                continue
            command = samples.spelled(rule.pattern)
            if gates()[tool.decide(command).effective].passable and not samples.begins(allowed.items, command):
                words = rule.pattern.text.rstrip(" *")
                key = (rule.pattern.text, rule.pattern.open)
                beyond.setdefault(key, f"{each.title} runs {words} unasked: {rule.ruling.rule}")
    parts = tuple(dict.fromkeys(part for text, more in beyond for part in (text, f"{text} *")[: 1 + more]))
    return Said(next(iter(beyond.values())), parts=parts) if beyond else Said(doubt=doubt)


# --- hosts


def _connecting(each: Acting, listed: Listed) -> Said:
    """Any host at all, or one that a setting opens and the list does not."""
    if not samples.named(listed.items, "*"):
        host = f"{SAMPLE}.example"
        anywhere = each.judge.decide(Channel.CONNECT, host)
        if anywhere.passable:
            return Said(f"{each.title} connects to any host unasked: {_told(anywhere)}", parts=(ANY["network"],))
        doubt = _unsure(each, "connect to what is not listed", Channel.CONNECT, [host])
    else:
        doubt = ""
    opened = [glob for glob in _opened_hosts(each.judge) if not samples.named(listed.items, glob)]
    beyond = [glob for glob in opened if each.judge.decide(Channel.CONNECT, glob.replace("*", SAMPLE)).passable]
    if beyond:
        hosts = tuple(dict.fromkeys(beyond))
        return Said(f"{each.title} connects to {some(hosts)} unasked", parts=hosts)
    return Said(doubt=doubt)


def _opened_hosts(judge: Judge) -> Iterator[str]:
    """The hosts that an agent's own rules and sandboxes name."""
    for tool in judge.policy.tools:
        if tool.channel is Channel.CONNECT:
            yield from (rule.pattern.glob for rule in tool.rules if isinstance(rule.pattern, Name))
        if tool.sandbox is not None:
            yield from (host.glob for host in tool.sandbox.hosts)


# --- variables


def _environment(contract: Contract, subject: Subject) -> Iterator[Held]:
    listed = contract.environment
    if listed is None:
        return
    fold = str.upper if subject.machine.platform is Platform.WINDOWS else str
    names = sorted(subject.machine.launch.values)
    beyond = [name for name in names if not any(fnmatchcase(fold(name), fold(item)) for item in listed.items)]
    heirs = [each for each in subject.installed if any(_inherits(each, name, subject) for name in beyond)]
    passed = [name for name in beyond if any(_inherits(each, name, subject) for each in heirs)]
    broken: tuple[Broken, ...] = ()
    if passed:
        who = some([each.title for each in heirs])
        fix = mending.inherited(passed, subject.machine.platform)
        evidence = tuple(Evidence(variable=name) for name in passed)
        who_and_what = (*(f"by {each.seen.agent}" for each in heirs), *passed)
        parts = tuple(dict.fromkeys(f"environment {each}" for each in who_and_what))
        why = f"{who} inherit {some(passed)}"
        broken = (Broken("environment", "environment", why, evidence=evidence, fix=fix, parts=parts),)
    unseen = "" if names else "the environment that agents start from was not looked at"
    text = f"agents inherit only {some(listed.items)}"
    yield Held("environment", text, place(listed.where), broken, subject.doubt(unseen))


def _inherits(each: Acting, variable: str, subject: Subject) -> bool:
    """Whether a variable gets to the commands of an agent, or to an MCP server that it starts."""
    policy = each.judge.policy
    starts = any(server.client == each.seen.agent and server.transport == "stdio" for server in _on(subject))
    return policy.commands.passes(variable) or (starts and policy.servers.passes(variable))


def _on(subject: Subject) -> list[ServerSeen]:
    """The MCP servers that are not switched off, of the agents that are judged."""
    judged = {each.seen.agent for each in subject.acting}
    return [each for each in subject.servers if each.enabled is not False and each.client in judged]


# --- MCP


def _mcp(contract: Contract, subject: Subject) -> Iterator[Held]:
    if contract.mcp is None:
        return
    where = place(contract.mcp_where) if contract.mcp_where is not None else contract.source
    text = f"MCP servers are only {some(sorted(contract.mcp)) or 'none'}"
    yield Held("mcp", text, where, tuple(_strange(contract.mcp, subject)), _connectors(subject))
    for name, tools in sorted(contract.mcp.items()):
        servers = [each for each in _on(subject) if each.name == name]
        text = f"of {name} agents call unasked only {some(tools) or 'nothing'}"
        told = [_calling(each, name, tools) for each in subject.installed if _has(each, servers)]
        beyond = [*(said for said in told if said.why), *_approved(servers, tools)]
        broken = _of_server(name, tools, beyond, servers) if beyond else ()
        yield Held(f"mcp.{name}", text, where, broken, "; ".join(filter(None, (said.doubt for said in told))))


def _strange(known: dict[str, tuple[str, ...]], subject: Subject) -> Iterator[Broken]:
    beyond = [each for each in _on(subject) if each.name not in known]
    names = sorted({each.name for each in beyond})
    if names:
        fix = mending.strange(beyond, subject.machine.platform)
        evidence = tuple(each.evidence for each in beyond)
        parts = tuple(f"mcp {name}" for name in names)
        yield Broken(
            "mcp", "mcp", f"further servers are set up: {some(names)}", evidence=evidence, fix=fix, parts=parts
        )


def _connectors(subject: Subject) -> str:
    """Why it is not known which servers there are, where a vendor may keep some on its side."""
    kept = any(each.kind == CONNECTORS for each in subject.graph.credentials.values())
    return subject.doubt("connectors that a vendor keeps on its side leave no file here" if kept else "")


def _has(each: Acting, servers: Sequence[ServerSeen]) -> bool:
    return any(server.client == each.seen.agent for server in servers)


def _calling(each: Acting, name: str, tools: Sequence[str]) -> Said:
    """What stands before the tools of a server that are not listed."""
    if samples.named(tools, "*"):
        return Said()
    ruled = [
        rule.pattern.glob.partition("/")[2]
        for tool in each.judge.policy.tools
        if tool.channel is Channel.CALL
        for rule in tool.rules
        if isinstance(rule.pattern, Name) and fnmatchcase(name, rule.pattern.glob.partition("/")[0])
    ]
    others = [glob.replace("*", SAMPLE) for glob in ruled if not samples.named(tools, glob)]
    found = [(tool, each.judge.decide(Channel.CALL, f"{name}/{tool}")) for tool in (*others, f"{SAMPLE}-{SAMPLE}")]
    wrong = [("any tool" if SAMPLE in tool.split("-") else tool, told) for tool, told in found if told.passable]
    if wrong:
        which, gate = wrong[0]
        parts = tuple(f"{each.seen.agent} calls {tool}" for tool, _ in wrong)
        return Said(f"{each.title} calls {which} of {name}: {_told(gate)}", parts=parts)
    targets = [f"{name}/{tool}" for tool, _ in found]
    return Said(doubt=_unsure(each, f"call further tools of {name}", Channel.CALL, targets))


def _approved(servers: Sequence[ServerSeen], tools: Sequence[str]) -> list[Said]:
    """Tools that a server's own entry lets run unasked, and the list does not name."""
    beyond = [tool for each in servers for tool in each.approved if not samples.named(tools, tool)]
    several = tuple(dict.fromkeys(beyond))
    return [Said(f"its entry approves {some(several)}", parts=several)] if several else []


def _of_server(
    server: str, tools: Sequence[str], beyond: Sequence[Said], servers: Sequence[ServerSeen]
) -> tuple[Broken, ...]:
    name, fix = f"mcp.{server}", mending.tools_of(server, tools)
    evidence = tuple(each.evidence for each in servers)
    why = "; ".join(dict.fromkeys(said.why for said in beyond))
    parts = tuple(dict.fromkeys(f"{name} {part}" for said in beyond for part in said.parts))
    return (Broken(name, name, why, evidence=evidence, fix=fix, parts=parts),)
