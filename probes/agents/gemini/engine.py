"""The rules of Gemini CLI's policy engine as values, in the order in which it tries them."""

from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct

from scanner.model import Evidence

SHELL = "run_shell_command"
SHELLS = frozenset({SHELL, "ShellTool"})  # in settings; a rule of a policy file takes the first alone
MCP = "mcp_"
ALWAYS = 950  # the priority that "always allow" is saved with


class Decision(StrEnum):
    """What a rule decides."""

    ALLOW = "allow"
    DENY = "deny"
    ASK = "ask_user"


class Mode(StrEnum):
    """How much it asks, by the names that rules use."""

    PLAN = "plan"
    DEFAULT = "default"
    EDIT = "autoEdit"
    YOLO = "yolo"


BUT_PLAN = frozenset({Mode.DEFAULT, Mode.EDIT, Mode.YOLO})


class Told(Struct, frozen=True):
    """One rule, of a file, a setting or the vendor; `words` and `evidence` say how and where a report shows it.

    Of what the tool is called with it looks at one thing at most: `prefix` is how a command line begins, `command` a
    regular expression for that, `arguments` one for all that stands in the call. `claims`: it holds for tools of
    servers that say something of themselves. `unsure`: its text holds a variable, which nobody resolves here.
    """

    tool: str
    decision: Decision
    priority: float
    words: str
    evidence: Evidence | None = None
    server: str | None = None
    prefix: str | None = None
    command: str | None = None
    arguments: str | None = None
    modes: frozenset[str] = frozenset()
    interactive: bool | None = None
    claims: bool = False
    subagent: bool = False
    redirects: bool = False
    unsure: bool = False

    @property
    def limited(self) -> bool:
        """Whether it looks at what the tool is called with."""
        return not (self.prefix is None and self.command is None and self.arguments is None)

    @property
    def saved(self) -> bool:
        """Whether a person's "always allow" is kept in it."""
        return round(self.priority % 1 * 1000) == ALWAYS

    def names(self, tool: str) -> bool:
        """Whether it is about a tool of Gemini CLI's own."""
        return self.server is None and self.tool in {"*", tool}

    def counts(self, mode: Mode, *, interactive: bool) -> bool:
        """Whether it counts in such a session; what restricts one kind of helper restricts nobody else."""
        if self.modes and mode not in self.modes:
            return False
        if self.subagent and self.decision is not Decision.ALLOW:
            return False
        return self.interactive is None or self.interactive is interactive


def ordered(told: Iterable[Told]) -> tuple[Told, ...]:
    """The rules, highest first; of equals the one that was read first."""
    return tuple(sorted(told, key=lambda each: -each.priority))


def _shipped() -> Iterator[Told]:
    """What the vendor ships, of version 0.61, as far as it bears on reading, writing, running and connecting."""
    acting = ("replace", "write_file", SHELL, "web_fetch")
    for tool in ("read_file", "grep_search", "glob", "list_directory", "google_web_search"):
        yield Told(tool, Decision.ALLOW, 1.050, f"{tool} asks nobody, by default")
    for tool in acting:
        yield Told(tool, Decision.ASK, 1.010, f"{tool} asks, by default", interactive=True)
        yield Told(tool, Decision.DENY, 1.010, f"{tool} is refused where nobody can be asked", interactive=False)
    edit, plan, yolo = (frozenset({mode}) for mode in (Mode.EDIT, Mode.PLAN, Mode.YOLO))
    for tool in ("replace", "write_file", "web_fetch"):
        yield Told(tool, Decision.ALLOW, 1.015, "", modes=edit)
    yield Told("*", Decision.ALLOW, 1.998, "", modes=yolo, redirects=True)
    yield Told("*", Decision.ASK, 1.050, "", server="*", modes=plan, claims=True, interactive=True)
    yield Told("web_fetch", Decision.ASK, 1.050, "", modes=plan, interactive=True)
    yield Told("*", Decision.DENY, 1.040, "", modes=plan)
    for tool in ("replace", "write_file"):
        yield Told(tool, Decision.DENY, 1.065, "", modes=plan)


SHIPPED = tuple(_shipped())
