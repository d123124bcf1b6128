"""How the agent in Cursor's editor may act. Its run mode lies in a database, so that the vendor's default stands in."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.cursor.confine import Confinement, Network, evidence_of, folder, folders, protected, sandbox
from probes.agents.cursor.entries import INHERITED, Entry, allowed, of_terminal, of_tool
from probes.agents.cursor.look import PERMISSIONS
from probes.agents.cursor.settings import Files, entries
from scanner.model import Channel, Gate, Policy, Rule, Ruling, Tool

AGENT = "cursor"
MODE = "auto-review (assumed)"
ASSUMED = "run mode Auto-review (the default since Cursor 3.6; the chosen one lies in its database)"
LISTS = ("terminalAllowlist", "mcpAllowlist")


class Lists(Struct, frozen=True):
    """The lists of both permissions.json together; `here` names those that stand there and replace the editor's own."""

    terminal: tuple[Entry, ...]
    tools: tuple[Entry, ...]
    here: frozenset[str]


def lists(files: Files) -> Lists:
    """The user's entries and the workspace's, one behind the other."""
    documents = files.pair(PERMISSIONS)
    terminal, tools = (
        tuple(entry for document in documents for entry in entries(files, document, key)) for key in LISTS
    )
    here = frozenset(key for key in LISTS for document in documents if document.root.get(key) is not None)
    return Lists(terminal, tools, here)


def policy(files: Files, told: Lists, confined: Confinement) -> Policy:
    """All that decides what the editor's agent may do."""
    return Policy(
        mode=MODE,
        tools=(
            _reading(files, confined),
            _writing(files),
            *_terminal(files, told, confined),
            Tool("MCP tools", Channel.CALL, _reviewed(), allowed(told.tools, of_tool)),
            Tool("Fetch", Channel.CONNECT, _reviewed()),
        ),
        commands=INHERITED,
        servers=INHERITED,
    )


def _assumed(gate: Gate, rule: str) -> Ruling:
    """A gate that the vendor's default makes, where the setting itself is not read."""
    return Ruling(Gate.UNKNOWN, rule, stand_in=gate)


def _reviewed() -> Ruling:
    return _assumed(Gate.CLASSIFIER, f"{ASSUMED}: a model judges what is neither allowed nor sandboxed")


def _reading(files: Files, confined: Confinement) -> Tool:
    """Inside of the workspace nothing asks; outside the read boundary decides, which is open by default."""
    inside = Rule(folder(files.workspace, files.host), Ruling(Gate.NONE, "files are read unasked (default)"))
    if not confined.near:
        rule = 'Read Access "System" (default; another choice lies in Cursor\'s database)'
        return Tool("Read", Channel.READ, _assumed(Gate.NONE, rule), (inside,))
    extra = [*folders(files.host, confined.readwrite), *folders(files.host, confined.readable)]
    unasked = Ruling(Gate.NONE, "additional paths of sandbox.json", evidence_of(confined.boundary))
    asks = Ruling(Gate.UNKNOWN, 'readBoundary "workspace"', evidence_of(confined.boundary), Gate.PROMPT)
    return Tool("Read", Channel.READ, asks, (inside, *(Rule(path, unasked) for path in extra)))


def _writing(files: Files) -> Tool:
    """The workspace is changed unasked, but for what configures it; outside a protection asks by default."""
    asks = _assumed(Gate.PROMPT, "Cursor asks before it changes configuration files (default)")
    unasked = Ruling(Gate.NONE, "files of the workspace are changed unasked (default)")
    return Tool(
        "Write",
        Channel.WRITE,
        _assumed(Gate.PROMPT, "External-File Protection (on by default; its switch lies in Cursor's database)"),
        (*(Rule(path, asks) for path in protected(files)), Rule(folder(files.workspace, files.host), unasked)),
    )


def _terminal(files: Files, told: Lists, confined: Confinement) -> Iterator[Tool]:
    """Allowed commands run outside of the sandbox, others inside; what it cannot hold is judged by a model."""
    yield Tool("terminal", Channel.EXECUTE, _reviewed(), allowed(told.terminal, of_terminal))
    if not confined.off:
        yield Tool(
            "terminal, sandboxed",
            Channel.EXECUTE,
            _assumed(Gate.NONE, f"{ASSUMED}: commands in the sandbox run unasked"),
            sandbox=sandbox(files, confined, Network(), near=confined.near),
        )
