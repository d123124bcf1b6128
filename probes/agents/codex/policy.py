"""Codex's policy for the workspace: its tools, put together from what the settings say."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.codex import environment, servers
from probes.agents.codex.approval import Approval, approval
from probes.agents.codex.confinement import Confinement, Ground, confinement
from probes.agents.codex.layers import Found, Settings
from probes.agents.codex.starlark import DECISIONS, PrefixRule
from scanner.host import Host
from scanner.model import Channel, Command, Gate, Policy, Rule, Ruling, Tool

INSIDE, OUTSIDE = "shell in the sandbox", "shell outside the sandbox"
SEARCH = ("disabled", "cached", "indexed", "live")
# Commands that only read, as Codex has them; further ones of git, find and base64 depend on their options.
SAFE = (
    *("cat", "cd", "cut", "echo", "expr", "false", "grep", "head", "id", "ls", "nl", "paste", "pwd", "rev", "seq"),
    *("stat", "tail", "tr", "true", "uname", "uniq", "wc", "which", "whoami", "rg", "find", "base64"),
    *("git branch", "git status", "git log", "git diff", "git show", "sed -n"),
)
FORCE = (
    "rm -f",
    "rm -rf",
    "rm -fr",
    "rm -r -f",
    "rm --force",
)  # asked for in every mode, unless a rule has a word on it
SAFE_RULE = "commands that Codex knows only to read"


class Judged(Struct, frozen=True):
    """A policy, and the parts that decided it."""

    policy: Policy
    approval: Approval
    confinement: Confinement

    @property
    def rank(self) -> tuple[int, int]:
        """How much it lets through unasked, for choosing the loosest of several."""
        asks = 0 if self.approval.word == "untrusted" else 1
        gates = (Gate.REFUSED, Gate.PROMPT, Gate.CLASSIFIER, Gate.NONE)
        gate = self.approval.ask(may=self.approval.commands).effective
        return self.confinement.rank, asks * (1 + (gates.index(gate) if gate in gates else 1))


def judged(host: Host, ground: Ground, trusted: Found | None, rules: Sequence[PrefixRule]) -> Judged:
    """The policy that these settings make."""
    settings, requirements = ground.settings, ground.requirements
    asking = approval(settings, requirements, trusted, ground.hook)
    confined = confinement(host, ground)
    tools = (
        *_shells(asking, confined, rules),
        _patch(asking, confined),
        _search(settings, requirements, confined),
        servers.calls(servers.Ground(settings, requirements, asking, confined.free)),
    )
    policy = Policy(
        f"{asking.word}, {confined.word}", tools, environment.commands(settings), environment.servers(host, settings)
    )
    return Judged(doubted(policy, confined.doubt) if confined.doubt else policy, asking, confined)


def doubted(policy: Policy, why: str, *, commands_only: bool = False, stand_in: Gate | None = None) -> Policy:
    """The policy with every ruling unknown, or those on commands; what it would be, or a gate, as a stand-in."""
    return replace(
        policy,
        tools=tuple(
            tool if commands_only and tool.channel is not Channel.EXECUTE else _doubted(tool, why, stand_in)
            for tool in policy.tools
        ),
    )


def _doubted(tool: Tool, why: str, stand_in: Gate | None) -> Tool:
    rules = tuple(Rule(rule.pattern, _unsure(rule.ruling, why, stand_in)) for rule in tool.rules)
    return replace(tool, otherwise=_unsure(tool.otherwise, why, stand_in), rules=rules)


def _unsure(ruling: Ruling, why: str, stand_in: Gate | None = None) -> Ruling:
    if ruling.gate is Gate.UNKNOWN and stand_in is None:
        return ruling
    return Ruling(Gate.UNKNOWN, f"{ruling.rule} (not certain: {why})", ruling.evidence, stand_in or ruling.gate)


# --- commands


def _shells(asking: Approval, confined: Confinement, rules: Sequence[PrefixRule]) -> Iterable[Tool]:
    """Commands in the sandbox, and those outside of it; where there is no sandbox, only the latter."""
    careful = asking.word == "untrusted"
    ruled = (*_ruled(asking, rules), *(Rule(Command(text, open=True), asking.ask()) for text in FORCE))
    reads = tuple(Rule(Command(text, open=True), _reading(asking)) for text in SAFE) if careful else ()
    if confined.sandbox is not None:
        inside = asking.ask() if careful else Ruling(Gate.NONE, confined.rule, confined.evidence)
        yield Tool(INSIDE, Channel.EXECUTE, inside, (*ruled, *reads), confined.sandbox)
        yield Tool(OUTSIDE, Channel.EXECUTE, asking.ask(may=asking.commands), ruled)
        return
    yield Tool(OUTSIDE, Channel.EXECUTE, _unconfined(asking, confined), (*ruled, *reads))


def _reading(asking: Approval) -> Ruling:
    """What only reads, under `untrusted`: run unasked where that is set, which 0.169 takes no longer.

    For a project without trust 0.169 asks for most of it, and older releases do not.
    """
    if asking.rule.startswith("approval_policy"):
        return Ruling(Gate.NONE, SAFE_RULE, asking.evidence)
    return Ruling(Gate.UNKNOWN, SAFE_RULE, asking.evidence, Gate.NONE)


def _unconfined(asking: Approval, confined: Confinement) -> Ruling:
    """Any command where nothing confines it, by intent or because the platform's sandbox is not set up."""
    if asking.word == "untrusted":
        return asking.ask()
    if confined.missing:
        # Whether Codex then asks, or reads only, was not verified.
        return Ruling(Gate.UNKNOWN, f"no sandbox: {confined.missing}", confined.evidence, Gate.NONE)
    return Ruling(Gate.NONE, confined.rule, confined.evidence)


def _ruled(asking: Approval, rules: Sequence[PrefixRule]) -> Iterable[Rule]:
    """The rules for commands, strictest first."""
    for decision in DECISIONS:
        for rule in rules:
            if rule.decision == decision:
                ruling = _decided(asking, rule)
                yield from (Rule(Command(text, open=True), ruling) for text in rule.spellings)


def _decided(asking: Approval, rule: PrefixRule) -> Ruling:
    words = f'prefix_rule "{rule.spellings[0]}" {rule.decision}'
    match rule.decision:
        case "forbidden":
            return Ruling(Gate.REFUSED, words, rule.evidence)
        case "allow":
            return Ruling(Gate.NONE, words, rule.evidence)
    gate = asking.ask(may=asking.rules)
    return Ruling(gate.gate, words, rule.evidence, gate.stand_in)


# --- the other tools


def _patch(asking: Approval, confined: Confinement) -> Tool:
    """Changes to files by the agent itself."""
    outside = asking.ask(may=asking.commands)
    if asking.word == "untrusted":
        return Tool("apply_patch", Channel.WRITE, asking.ask())
    if confined.sandbox is None:
        return Tool("apply_patch", Channel.WRITE, _unconfined(asking, confined))
    inside = Ruling(Gate.NONE, confined.rule, confined.evidence)
    if confined.assumed:
        inside = Ruling(Gate.UNKNOWN, confined.rule, confined.evidence, Gate.NONE)
    rules = [Rule(each, outside) for each in confined.sandbox.unwritable]
    rules += [Rule(each, inside) for each in confined.sandbox.writable]
    return Tool("apply_patch", Channel.WRITE, outside, tuple(rules))


def _search(settings: Settings, requirements: Settings, confined: Confinement) -> Tool:
    """The search of the web: only a live one opens pages, the others answer from what the vendor holds."""
    found = settings.word(SEARCH, "web_search")
    word = found.node.text if found is not None else ("live" if confined.free else "cached")
    rule = f'web_search = "{word}"' if found is not None else f"Codex's default for web_search: {word}"
    evidence = found.evidence if found is not None else None
    gate = {"live": Gate.NONE, "indexed": Gate.UNKNOWN}.get(word, Gate.REFUSED)
    ruling = Ruling(gate, rule, evidence, Gate.REFUSED if gate is Gate.UNKNOWN else None)
    allowed = requirements.texts("allowed_web_search_modes")
    if allowed is not None and word not in (*allowed.node.texts(), "disabled"):
        ruling = Ruling(Gate.UNKNOWN, "allowed_web_search_modes", allowed.evidence, Gate.REFUSED)
    return Tool("web_search", Channel.CONNECT, ruling)
