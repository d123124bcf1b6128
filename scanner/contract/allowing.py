"""The rules in an agent's settings that let it act unasked: what is taken out for it to ask, as they stand there."""

from collections.abc import Iterable, Iterator, Sequence

from scanner.contract.subject import Subject
from scanner.data.gates import gates
from scanner.data.shells import shell_of
from scanner.data.uses import use_of
from scanner.data.verbs import opened_by
from scanner.gates import LIFTER, SAMPLE
from scanner.host.paths import shown
from scanner.model import Channel, Command, Everything, Name, Rule, Ruling, Tool
from scanner.principals import Acting
from scanner.text import printable

DOING = frozenset({Channel.EXECUTE, Channel.WRITE, Channel.CONNECT, Channel.CALL})
RULES = 2000  # of one tool that are looked at
TOLD = 40


def taken_out(agents: Iterable[Acting], words: Sequence[str], subject: Subject) -> str:
    """The sentence that names them and where each stands; empty where no rule keeps the agent from being mended."""
    if {"ask", "restrict"}.isdisjoint(words):
        return ""
    programs = _programs(subject)
    found: dict[str, None] = {}
    for each in agents:
        letting = _every(each) if "restrict" in words else _letting(each, programs)
        found.update(dict.fromkeys(_told(ruling, subject) for ruling in letting))
    if not found:
        return ""
    named = list(found)[:TOLD]
    more = f"; and {len(found) - TOLD} more like them" if len(found) > TOLD else ""
    return f"Take out what lets it act unasked all the same: {'; '.join(named)}{more}."


def _told(ruling: Ruling, subject: Subject) -> str:
    """The words of a rule and where it stands; one that may not be shown is told by its place."""
    place = ruling.evidence
    if place is None or place.path is None:
        return printable(ruling.rule)
    line = f":{place.line}" if place.line is not None else ""
    return printable(f"{ruling.rule} in {shown(place.path, subject.machine.home)}{line}")


# --- which


def _rules(each: Acting, *channels: Channel) -> Iterator[tuple[Tool, Rule]]:
    """The rules that somebody wrote beside the mode, by which nobody is asked about what they name."""
    for tool in each.judge.policy.tools:
        mode = (tool.otherwise.rule, tool.otherwise.evidence)
        for rule in tool.rules[:RULES] if tool.channel in channels else ():
            own = rule.ruling.evidence is not None and (rule.ruling.rule, rule.ruling.evidence) != mode
            if own and _is_passable(rule.ruling) and _is_in_force(rule, tool):
                yield tool, rule


def _is_passable(ruling: Ruling) -> bool:
    return gates()[ruling.effective].passable


def _is_in_force(rule: Rule, tool: Tool) -> bool:
    """Whether no rule before it asks about all that it names."""
    return not isinstance(rule.pattern, Command) or _is_passable(tool.decide(_sample(rule.pattern)))


def _sample(pattern: Command) -> str:
    return pattern.text.replace("*", SAMPLE) + (f" {SAMPLE}" if pattern.open else "")


def _every(each: Acting) -> Iterator[Ruling]:
    """All of them, for an agent that is to do nothing by itself."""
    for tool, rule in _rules(each, *DOING):
        if tool.channel is not Channel.CALL or _servers(each, rule):
            yield rule.ruling


def _letting(each: Acting, programs: Iterable[str]) -> Iterator[Ruling]:
    """Those that amount to a shell, run a program that uses what lies here, or let servers act."""
    edits = False
    for _, rule in _rules(each, Channel.EXECUTE):
        shell = shell_of(rule.pattern) if isinstance(rule.pattern, Command) else None
        edits = edits or (shell is not None and shell.edited)
        if isinstance(rule.pattern, Everything) or (shell is not None and not shell.edited) or _runs(rule, programs):
            yield rule.ruling
    inside = f"{(each.judge.machine.workspace or each.judge.machine.home).as_posix()}/{SAMPLE}"
    for _, rule in _rules(each, Channel.WRITE):
        if edits and rule.pattern.matches(inside):  # what a command of the workspace runs is written unasked
            yield rule.ruling
    yield from (rule.ruling for _, rule in _rules(each, Channel.CALL) if _servers(each, rule))


def _servers(each: Acting, rule: Rule) -> bool:
    """Whether a rule is about a server that is here."""
    if not isinstance(rule.pattern, Name):
        return bool(each.judge.servers)
    whose = Name(rule.pattern.glob.partition("/")[0])
    return any(whose.matches(server.name) for server in each.judge.servers)


def _programs(subject: Subject) -> frozenset[str]:
    """The programs that use what lies here, and the one that carries away what was read."""
    kinds = {node.kind for node in subject.graph.credentials.values()}
    return frozenset((LIFTER, *(program for kind in kinds for program in use_of(kind).programs)))


def _runs(rule: Rule, programs: Iterable[str]) -> bool:
    """Whether a rule for commands opens something with one of the programs."""
    words = rule.pattern.text.partition("*")[0].split() if isinstance(rule.pattern, Command) else []
    if not words:
        return False
    program = words[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe")
    if opened_by(program, words[1:]) == frozenset():
        return False
    line = " ".join((program, *words[1:]))
    return any(f"{line} ".startswith(f"{each} ") or each.startswith(f"{line} ") for each in programs)
