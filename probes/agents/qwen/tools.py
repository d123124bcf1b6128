"""The policy of Qwen Code: its rules and its mode as each of its tools meets them."""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import PurePath

from msgspec import Struct

from probes.agents.claude.vendor import literal
from probes.agents.layers import Found
from probes.agents.qwen.rules import (
    ALIASES,
    EDIT,
    READ,
    SHELL,
    WEB,
    WRITE,
    Kind,
    Listed,
    Translation,
    command,
    host,
    of_tools,
    paths,
    server_tool,
)
from probes.agents.qwen.settings import Settings
from scanner.model import Channel, Command, Everything, Evidence, Gate, Name, Paths, Policy, Rule, Ruling, Tool

LOOKS = "a command that only looks, which runs unasked"
NEAR = "files of the workspace are read unasked"
# Commands that it takes for ones that only look, wherever they look.
LOOKING = (
    *("basename", "cat", "cd", "column", "cut", "df", "dirname", "du", "echo", "grep", "head", "ls", "printenv", "ps"),
    *("pwd", "stat", "tail", "tree", "uniq", "wc", "which", "where", "whoami"),
    *("git status", "git log", "git diff", "git show", "git blame", "git ls-files", "git rev-parse", "git describe"),
)
# Files that a model judges though they lie in the workspace.
GUARDED = (
    *(
        ".git",
        ".husky",
        "package.json",
        ".npmrc",
        "[Mm]akefile",
        ".github/workflows",
        ".qwen/settings*.json",
        ".mcp.json",
    ),
    *("QWEN.md", "AGENTS.md", ".qwen/rules", ".qwen/commands", ".qwen/agents", ".qwen/skills", ".qwen/hooks"),
)


class Mode(StrEnum):
    """How much it asks, by the vendor's names."""

    PLAN = "plan"
    DEFAULT = "default"
    EDIT = "auto-edit"
    AUTO = "auto"
    YOLO = "yolo"


class Basis(Struct, frozen=True):
    """All that is known of one session. `mode_rule` and `mode_place` say where its mode comes from.

    `core` are the tools that are kept, None for all; `judges` a switch by which a model judges every command.
    """

    settings: Settings
    mode: Mode
    mode_rule: str
    mode_place: Evidence | None
    rules: tuple[Listed, ...]
    folders: tuple[PurePath, ...]
    core: tuple[Found, ...] | None = None
    judges: bool = False
    servers: tuple[str, ...] | None = None
    excluded: tuple[Found, ...] = ()

    def mode_ruling(self, gate: Gate) -> Ruling:
        """What the mode says."""
        return Ruling(gate, self.mode_rule, self.mode_place)

    @property
    def acting(self) -> Ruling:
        """What stands before a command, a connection or a call that no rule names."""
        match self.mode:
            case Mode.YOLO:
                return self.mode_ruling(Gate.NONE)
            case Mode.AUTO:
                return self.mode_ruling(Gate.CLASSIFIER)
            case Mode.PLAN:
                return self.mode_ruling(Gate.REFUSED)
            case _:
                return self.mode_ruling(Gate.PROMPT)

    def ruling(self, rule: Listed) -> Ruling:
        """What a rule says: in yolo nobody is asked, and a plan changes nothing that a rule allows."""
        match rule.kind:
            case Kind.DENY:
                return Ruling(Gate.REFUSED, rule.words, rule.evidence)
            case Kind.ASK:
                return Ruling(Gate.PROMPT, rule.words, rule.evidence)
            case Kind.ALLOW:
                return Ruling(Gate.NONE, rule.words, rule.evidence)

    def counting(self) -> Iterator[Listed]:
        """The rules that count in the mode."""
        for rule in self.rules:
            void = (rule.kind is Kind.ASK and self.mode is Mode.YOLO) or (rule.dangerous and self.mode is Mode.AUTO)
            if not void and not (rule.kind is Kind.ALLOW and self.mode is Mode.PLAN):
                yield rule

    def made(self, tools: frozenset[str], translation: Translation) -> Iterator[Rule]:
        """The rules about some tools, in their order."""
        for rule in of_tools(self.counting(), tools):
            pattern = translation(rule)
            if pattern is not None:
                yield Rule(pattern, self.ruling(rule))

    def shut(self, *tools: str) -> Iterator[Rule]:
        """That a tool is not there at all, since others alone are kept."""
        if self.core and not any(_named(each.node.text) in tools for each in self.core):
            first = self.core[0]
            yield Rule(Everything(), Ruling(Gate.REFUSED, f"{first.key} names other tools alone", first.evidence))


def _named(text: str) -> str:
    tool = text.partition("(")[0].strip()
    return ALIASES.get(tool, tool)


def policy(basis: Basis) -> Policy:
    """All that decides what it may do; it hands all of its variables on, to servers too."""
    tools = (
        _reading(basis),
        *_looking(basis),
        _writing(basis, WRITE),
        _writing(basis, EDIT),
        _shell(basis),
        _web(basis),
    )
    return Policy(basis.mode.value, (*tools, _servers(basis)))


def _shell(basis: Basis) -> Tool:
    rules = [*basis.shut(SHELL), *basis.made(frozenset({SHELL}), command)]
    if not (basis.judges and basis.mode is Mode.AUTO):
        asked = Ruling(Gate.PROMPT, "what a command writes to a file, or has another command put in, is asked about")
        if basis.mode is Mode.DEFAULT:
            rules += (Rule(Command(f"*{sign}*"), asked) for sign in (">", "$(", "`", ";", "|", "&"))
        rules += (Rule(Command(text, open=True), Ruling(Gate.NONE, LOOKS)) for text in LOOKING)
    return Tool(SHELL, Channel.EXECUTE, basis.acting, tuple(rules))


def _inside(basis: Basis, ruling: Ruling) -> Iterator[Rule]:
    for folder in basis.folders:
        yield Rule(Paths(literal(folder), basis.settings.fold), ruling)


def _reading(basis: Basis) -> Tool:
    """Reading: a model that judges is not asked about it, so that every file is open in that mode."""
    rules = [*basis.shut(READ), *basis.made(frozenset({READ}), paths(basis.settings))]
    if basis.mode in {Mode.AUTO, Mode.YOLO}:
        return Tool(READ, Channel.READ, basis.mode_ruling(Gate.NONE), tuple(rules))
    rules += _inside(basis, Ruling(Gate.NONE, NEAR))
    return Tool(READ, Channel.READ, basis.mode_ruling(Gate.PROMPT), tuple(rules))


def _looking(basis: Basis) -> Iterator[Tool]:
    """Commands that only look read every file that no rule for reading forbids."""
    if next(basis.shut(SHELL), None) is None and _shell(basis).decide("cat").gate is Gate.NONE:
        rules = (
            rule for rule in basis.made(frozenset({READ}), paths(basis.settings)) if rule.ruling.gate is not Gate.NONE
        )
        yield Tool(f"{SHELL} of cat", Channel.READ, Ruling(Gate.NONE, LOOKS), tuple(rules))


def _writing(basis: Basis, tool: str) -> Tool:
    rules = [*basis.shut(tool), *basis.made(frozenset({EDIT, tool}), paths(basis.settings))]
    outside = basis.mode_ruling(Gate.NONE if basis.mode in {Mode.YOLO, Mode.EDIT} else Gate.PROMPT)
    match basis.mode:
        case Mode.PLAN:
            return Tool(tool, Channel.WRITE, basis.acting, tuple(rules))
        case Mode.AUTO:
            judged = basis.mode_ruling(Gate.CLASSIFIER)
            fold = basis.settings.fold
            rules += (
                Rule(Paths(f"{literal(each)}/**/{name}", fold), judged) for each in basis.folders for name in GUARDED
            )
            rules += _inside(basis, basis.mode_ruling(Gate.NONE))
    return Tool(tool, Channel.WRITE, outside, tuple(rules))


def _web(basis: Basis) -> Tool:
    rules = [*basis.shut(WEB)]
    for rule in of_tools(basis.counting(), frozenset({WEB})):
        rules += (Rule(pattern, basis.ruling(rule)) for pattern in host(rule))
    otherwise = basis.mode_ruling(Gate.NONE) if basis.mode is Mode.EDIT else basis.acting
    if basis.mode is Mode.PLAN:
        otherwise = basis.mode_ruling(Gate.PROMPT)
    return Tool(WEB, Channel.CONNECT, otherwise, tuple(rules))


def _servers(basis: Basis) -> Tool:
    """The tools of MCP servers: of one that is trusted all, but for what a rule denies or asks about."""
    shut = (
        Rule(Name(f"{each.node.text}/*"), Ruling(Gate.REFUSED, each.words, each.evidence)) for each in basis.excluded
    )
    rules = [*shut]
    for rule in basis.counting():
        pattern = server_tool(rule)
        if pattern is not None:
            rules.append(Rule(pattern, basis.ruling(rule)))
    if basis.mode is not Mode.PLAN:
        rules += _trusted(basis)
    if basis.servers is not None:
        rules += (Rule(Name(f"{name}/*"), basis.acting) for name in basis.servers)
        rules.append(Rule(Everything(), Ruling(Gate.REFUSED, "mcp.allowed names other servers alone")))
    return Tool("MCP tools", Channel.CALL, basis.acting, tuple(rules))


def _trusted(basis: Basis) -> Iterator[Rule]:
    for name, server in basis.settings.servers() if basis.settings.trusted else ():
        trusts = server.node.get("trust")
        if trusts is not None and trusts.flag:
            given = Found(trusts, server.layer, f"{server.key}.trust")
            yield Rule(Name(f"{name}/*"), Ruling(Gate.NONE, given.words, given.evidence))
