"""The permission rules of Qwen Code: denied, then asked, then allowed, over all sources together."""

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from probes.agents.claude.vendor import GLOB_SIGNS, literal
from probes.agents.documents import Document
from probes.agents.layers import COMMAND, Found, layered
from probes.agents.qwen.settings import Settings
from probes.agents.shown import holds_secret
from probes.agents.tree import Node
from scanner.model import Command, Everything, Evidence, Name, Paths, Pattern

SHELL, READ, EDIT, WRITE, WEB = "run_shell_command", "read_file", "edit", "write_file", "web_fetch"
ALIASES = {
    **dict.fromkeys(("Bash", "Shell", "ShellTool"), SHELL),
    **dict.fromkeys(("Read", "ReadFile", "ReadFileTool"), READ),
    **dict.fromkeys(("Edit", "EditTool", "replace"), EDIT),
    **dict.fromkeys(("Write", "WriteFile", "WriteFileTool"), WRITE),
    **dict.fromkeys(("WebFetch", "WebFetchTool"), WEB),
}
RULE = re.compile(r"([^()\s]{1,200})(?:\((.{0,4000})\))?", re.DOTALL)
# Programs that run what they are told: allowances for them do not count while a model judges.
INTERPRETERS = frozenset(
    {
        *("bash", "sh", "zsh", "fish", "csh", "tcsh", "dash", "ksh", "cmd", "pwsh", "powershell", "python", "python3"),
        *("python2", "node", "deno", "tsx", "bun", "ruby", "perl", "php", "lua", "julia", "r", "rscript", "groovy"),
        *(
            "awk",
            "gawk",
            "cargo",
            "npm",
            "pnpm",
            "yarn",
            "make",
            "gmake",
            "gradle",
            "mvn",
            "rake",
            "task",
            "just",
            "go",
        ),
        *("npx", "bunx", "pnpx", "uvx", "pipx", "dlx", "ssh", "eval", "exec", "source"),
    }
)


class Kind(StrEnum):
    """What a rule says, in the order in which they are tried."""

    DENY = "deny"
    ASK = "ask"
    ALLOW = "allow"


LISTS: dict[Kind, tuple[tuple[str, ...], ...]] = {
    Kind.DENY: (("permissions", "deny"), ("tools", "exclude")),
    Kind.ASK: (("permissions", "ask"),),
    Kind.ALLOW: (("permissions", "allow"), ("tools", "allowed")),
}
OPTIONS = {Kind.DENY: "excluded", Kind.ALLOW: "allowed"}


class Listed(Struct, frozen=True):
    """One rule as it stands in a list: the tool, and what of it (None: all)."""

    kind: Kind
    tool: str
    spec: str | None
    words: str
    evidence: Evidence

    @property
    def dangerous(self) -> bool:
        """Whether it allows an interpreter or every command, and so does not count while a model judges."""
        if self.kind is not Kind.ALLOW or self.tool != SHELL:
            return False
        text = (self.spec or "*").strip().casefold()
        first = re.split(r"[/\\]", (text.split() or ["*"])[0].rstrip("*").partition(":")[0])[-1].removesuffix(".exe")
        return not first or (first in INTERPRETERS and ("*" in text or text == first))


def listed(settings: Settings) -> tuple[Listed, ...]:
    """All rules, in the order in which they are tried."""
    found = (
        rule
        for kind in Kind
        for each in (*_given(settings, kind), *_stand(settings, kind))
        if (rule := rule_of(kind, each)) is not None
    )
    return tuple(found)


def _stand(settings: Settings, kind: Kind) -> Iterator[Found]:
    """What stands in files; older names of the lists are joined, each with the highest list alone but for one."""
    for keys in LISTS[kind]:
        if keys == ("tools", "allowed"):
            found = next(iter(settings.layers.each(*keys)), None)
            yield from settings.layers.listed(found) if found is not None else ()
        else:
            yield from settings.layers.entries(*keys)


def _given(settings: Settings, kind: Kind) -> Iterator[Found]:
    run = settings.run
    texts = run.listed(OPTIONS[kind]) if run is not None and kind in OPTIONS else None
    for text in texts or ():
        document = Document(Node(1), variable=run.process if run is not None else "")
        [layer] = layered(settings.layers.documents, [(COMMAND, [document])]).layers
        yield Found(Node(1, text), layer, f"--{OPTIONS[kind]}-tools")


def rule_of(kind: Kind, found: Found) -> Listed | None:
    """A rule from its text, None where the text is none."""
    match = RULE.fullmatch(found.node.text.strip())
    if match is None:
        return None
    source = found.layer.document.variable if found.layer.scope == COMMAND else None
    evidence = Evidence(process=source, key=found.key) if source else found.evidence
    return Listed(kind, ALIASES.get(match[1], match[1]), match[2] or None, found.words, evidence)


Translation = Callable[[Listed], Pattern | None]


def command(rule: Listed) -> Pattern | None:
    """The command lines that a rule names: what stands in `$(...)` is not looked at, so that any may follow."""
    if rule.spec is None:
        return Everything()
    text = re.sub(r":(\*)", r" \1", rule.spec).strip()
    wide = rule.kind is Kind.ALLOW
    if text == "*":
        return Everything()
    if holds_secret(text):
        word = text.split(maxsplit=1)[0]
        return (Command("*") if holds_secret(word) else Command(word, open=True, chained=True)) if wide else None
    if text.endswith(" *") and "*" not in text[:-1]:
        return Command(text[:-2].rstrip(), open=True, chained=wide)
    opened = "*" not in text
    return Command(text.replace(" *", "*") if wide else text, open=opened, chained=wide)


def paths(settings: Settings) -> Translation:
    """The files that a rule names: `//` from the root, `~/` from the home, else from the folder."""

    def made(rule: Listed) -> Pattern | None:
        spec = rule.spec
        if spec is None:
            return Everything()
        wide = rule.kind is Kind.ALLOW
        if holds_secret(spec) or any(sign in spec for sign in "{!@+\\"):  # shapes that no glob here knows
            return Everything() if wide else None
        if spec.startswith("//"):
            return Paths(spec[1:], settings.fold)
        base = settings.host.home if spec.startswith("~/") else settings.cwd
        return Paths(f"{literal(base)}/{spec.removeprefix('~/').removeprefix('./').lstrip('/')}", settings.fold)

    return made


def host(rule: Listed) -> tuple[Pattern, ...]:
    """The hosts that a rule names, and those below them."""
    if rule.spec is None:
        return (Everything(),)
    name = rule.spec.removeprefix("domain:").strip()
    if not name or holds_secret(name):
        return ()
    plain = name.translate(GLOB_SIGNS)
    return (Name(plain), Name(f"*.{plain}"))


def server_tool(rule: Listed) -> Pattern | None:
    """The tools of MCP servers that a rule names, "mcp__server" or "mcp__server__tool"."""
    if not rule.tool.startswith("mcp__") or rule.spec is not None:
        return None
    server, _, tool = rule.tool.removeprefix("mcp__").partition("__")
    if rule.tool == "mcp__*":
        return Everything()
    if server.endswith("*"):
        return Name(f"{server[:-1].translate(GLOB_SIGNS)}*")
    star = "*" if tool.endswith("*") or not tool else ""
    return Name(f"{server.translate(GLOB_SIGNS)}/{tool.removesuffix('*').translate(GLOB_SIGNS)}{star}")


def of_tools(rules: Iterable[Listed], tools: frozenset[str]) -> Iterator[Listed]:
    """The rules about any of these tools."""
    return (rule for rule in rules if rule.tool in tools)
