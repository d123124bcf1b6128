"""opencode's policy: what its agent does unasked by itself, and by handing work to agents that it may call."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.opencode.merged import ALLOW, ASK, DENY, PRIMARY, SUBAGENT, Agent, Merged
from probes.agents.opencode.rules import (
    STRENGTH,
    Answers,
    Files,
    Flat,
    addresses,
    commands,
    files,
    flattened,
    last,
    laxest,
    outside,
    tools_of_servers,
)
from scanner.model import Channel, Command, Gate, Inheritance, Name, Paths, Pattern, Policy, Rule, Ruling, Tool

BUILD, PLAN, GENERAL, EXPLORE = "build", "plan", "general", "explore"
OWN = (BUILD, PLAN, GENERAL, EXPLORE)  # but for three that are hidden, and may do nothing
CALLED = 50  # agents that work may be handed to
REDIRECTED = " > x"
BY_REDIRECTION = " with a redirection"
SAMPLES = 100  # rules that two tools are compared by
EVERY = (  # what each of its own agents begins with
    Flat("*", "*", ALLOW),
    Flat("doom_loop", "*", ASK),
    Flat("external_directory", "*", ASK),
    Flat("read", "*", ALLOW),
    Flat("read", "*.env", ASK),
    Flat("read", "*.env.*", ASK),
    Flat("read", "*.env.example", ALLOW),
)
MORE = {
    PLAN: (Flat("task", GENERAL, DENY), Flat("edit", "*", DENY), Flat("edit", ".opencode/plans/*.md", ALLOW)),
    EXPLORE: (
        Flat("*", "*", DENY),
        *(Flat(key, "*", ALLOW) for key in ("grep", "glob", "list", "bash", "webfetch", "websearch", "read")),
        Flat("external_directory", "*", ASK),
    ),
}
INHERITED = Inheritance(rule="its commands and servers inherit its whole environment")


class Setting(Struct, frozen=True):
    """All that the policy is made of; `agents` are those that people talk with: the default, and any that run."""

    merged: Merged
    where: Files
    agents: tuple[str, ...]
    servers: tuple[str, ...] = ()
    answers: Answers = Answers()


def policy(told: Setting) -> Policy:
    """What decides in the workspace; the weakest of the agents that run counts."""
    tools = tuple(tool for name in told.agents for tool in _all(told, name))
    mode = "--auto" if told.answers.unasked else ", ".join(told.agents)
    return Policy(mode, tuple(dict.fromkeys(tools)), INHERITED, INHERITED)


def default_agent(merged: Merged) -> str:
    """The agent that people talk with unless they choose another: the first that is neither hidden nor called."""
    for name in (merged.default_agent, *OWN[:2], *merged.agents):
        agent = merged.agents.get(name, Agent())
        known = name in OWN or name in merged.agents
        mode = agent.mode or (SUBAGENT if name in OWN[2:] else PRIMARY)
        if name and known and not agent.disabled and mode != SUBAGENT and agent.hidden is not True:
            return name
    return BUILD


def flats_of(told: Setting, name: str) -> tuple[Flat, ...]:
    """The rules of one agent, in their order: its own come behind all others."""
    home = told.where.home
    own = told.merged.agents.get(name, Agent())
    return (
        *EVERY,
        *MORE.get(name, ()),
        *(Flat("external_directory", pattern, ALLOW, said) for pattern, said in told.merged.references.items()),
        *flattened(told.merged.permission, home),
        *flattened(own.permission, home),
    )


def _all(told: Setting, name: str) -> Iterator[Tool]:
    """The tools of an agent, and those of the agents that it may call where they have other rules."""
    flats = flats_of(told, name)
    mine = tuple(_tools(told, flats, ""))
    yield from mine
    for other in islice(_others(told, name), CALLED):
        leave = told.answers.ruling(last(flats, "task", other))
        if leave.gate is not Gate.REFUSED:
            theirs = (_behind(tool, leave) for tool in _tools(told, flats_of(told, other), other))
            yield from _gained(tuple(theirs), mine, told.where)


def _gained(theirs: Sequence[Tool], mine: Sequence[Tool], where: Files) -> Iterator[Tool]:
    """The tools of an agent that is called which do anything that one's own do not."""
    own = {(tool.channel, at): tool for at, tool in enumerate(each for each in mine if not _writes_by(each))}
    gained: set[Channel] = set()
    for at, tool in enumerate(each for each in theirs if not _writes_by(each)):
        if _is_weaker(tool, own[tool.channel, at], where):
            gained.add(tool.channel)
            yield tool
    if Channel.EXECUTE in gained:
        yield from (tool for tool in theirs if _writes_by(tool))


def _is_weaker(tool: Tool, own: Tool, where: Files) -> bool:
    """Whether it does something unasked, or asked, that the other one does not; by the usual acts and all rules."""
    if (tool.otherwise, tool.rules) == (own.otherwise, own.rules):
        return False
    usual = (f"{where.inside.as_posix()}/x/x", f"{where.home.as_posix()}/.x/x", "x", "x/x")
    named = (sample(rule.pattern) for rule in islice((*tool.rules, *own.rules), SAMPLES))
    return any(STRENGTH[tool.decide(each).gate] < STRENGTH[own.decide(each).gate] for each in (*usual, *named))


def sample(pattern: Pattern) -> str:
    """Something that a rule is about."""
    match pattern:
        case Command(text, opened):
            return text.replace("*", "x") + (" x" if opened else "")
        case Paths(glob) | Name(glob):
            text = re.sub(r"\[[^]]{1,20}\]", "_", glob).replace("**", "x").replace("*", "x")
            return f"{text}x" if text.endswith("/") else text
        case _:
            return "x"


def _writes_by(tool: Tool) -> bool:
    return tool.name.endswith(BY_REDIRECTION)


def _others(told: Setting, name: str) -> Iterator[str]:
    names = dict.fromkeys((GENERAL, EXPLORE, BUILD, PLAN, *told.merged.agents))
    return (each for each in names if each != name and not told.merged.agents.get(each, Agent()).disabled)


def _behind(tool: Tool, leave: Ruling) -> Tool:
    """A tool of an agent that is called, perhaps with somebody's leave only."""
    if leave.gate is Gate.NONE:
        return tool
    rules = tuple(replace(rule, ruling=_stronger(rule.ruling, leave)) for rule in tool.rules)
    return replace(tool, otherwise=_stronger(tool.otherwise, leave), rules=rules)


def _stronger(ruling: Ruling, leave: Ruling) -> Ruling:
    return leave if ruling.gate in {Gate.NONE, Gate.UNKNOWN} else ruling


def _tools(told: Setting, flats: tuple[Flat, ...], of: str) -> Iterator[Tool]:
    """An agent's tools; `of` is its name where it is another than the one that people talk with."""
    answers, where = told.answers, told.where
    named = f" of the agent {of}" if of else ""
    rules, otherwise = commands(flats, answers)
    bash = Tool(f"bash{named}", Channel.EXECUTE, otherwise, rules)
    yield _tool(f"read{named}", Channel.READ, files(flats, "read", where, answers))
    search = replace(laxest(flats, "grep"), pattern="*")  # what is matched is the text to look for
    yield _tool(f"grep{named}", Channel.READ, outside(flats, (search,), where, answers))
    yield _tool(f"edit{named}", Channel.WRITE, files(flats, "edit", where, answers))
    yield bash
    yield from _redirected(bash)
    yield _tool(f"webfetch{named}", Channel.CONNECT, addresses(flats, answers))
    yield _tool(f"MCP tools{named}", Channel.CALL, tools_of_servers(flats, told.servers, answers))


def _tool(name: str, channel: Channel, told: tuple[tuple[Rule, ...], Ruling]) -> Tool:
    rules, otherwise = told
    return Tool(name, channel, otherwise, rules)


def _redirected(bash: Tool) -> Iterator[Tool]:
    """What a command writes by a redirection: its target is matched with the command alone, as part of its text."""
    for rule in bash.rules:
        if not isinstance(rule.pattern, Command) or rule.ruling.gate not in {Gate.NONE, Gate.UNKNOWN}:
            continue
        sample = rule.pattern.text.replace("*", "x") + REDIRECTED
        if rule.pattern.matches(sample) and bash.decide(sample) == rule.ruling:
            yield Tool(f"{bash.name}{BY_REDIRECTION}", Channel.WRITE, rule.ruling)
            return
