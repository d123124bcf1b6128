"""How Kiro may act: by the capability rules of its newer versions, and by the settings of the older ones.

Which version runs no file tells for sure. Where the newer rules are there, what the older settings allow is not known
to count any more; where they are not, the older ones decide.
"""

from collections.abc import Iterator
from hashlib import sha256

from msgspec.structs import replace

from probes.agents.amazon_q.active import DEFAULT, Active, active
from probes.agents.amazon_q.flow import settings_seen, weaknesses
from probes.agents.amazon_q.tools import TRUST, Names
from probes.agents.amazon_q.tools import tools as of_agent
from probes.agents.basis import Basis, Option, asks_nothing, basis, from_repository, read
from probes.agents.documents import Document, Documents
from probes.agents.installed import Installed
from probes.agents.kiro.capabilities import Told
from probes.agents.kiro.capabilities import told as listed_in
from probes.agents.kiro.capabilities import tools as of_capabilities
from probes.agents.kiro.editor import KEYS, TRUSTED, highest
from probes.agents.kiro.editor import tools as of_editor
from probes.agents.layers import LOCAL, PROJECT, USER, layered
from scanner.host import Host, Place
from scanner.model import (
    Channel,
    Evidence,
    Gap,
    GapKind,
    Gate,
    Observation,
    Policy,
    Ruling,
    SettingSeen,
    Tool,
)

NAMES = Names(
    ("read", "fs_read"),
    ("write", "fs_write"),
    ("shell", "execute_bash", "execute_cmd"),
    ("aws", "use_aws"),
    lax=True,
)
TRUST_ALL = ("--trust-all-tools", "-a")
FIX = "Take the allow rules for shell and for all out of permissions.yaml and the settings, and name single commands."
PROJECT_FIX = (
    "Take kiroAgent.trustedCommands out of the project's .vscode/settings.json, and keep it in your own settings."
)


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with all generations of its settings, and what a project's files give it."""
    documents = Documents(host)
    rules = _rules(host, each, documents)
    editor = read(host, each, ((PROJECT, "project_editor"), (USER, "editor")), documents)
    agents = read(host, each, ((PROJECT, "project_agents"), (USER, "agents")), documents)
    settings = read(host, each, ((USER, "settings"),), documents)
    trusting = agents.option(*TRUST_ALL)
    used = active(agents, settings, strict=False)
    listed = listed_in(rules)
    tools = tuple(dict.fromkeys(_tools((rules, editor, agents), listed, used, trusting)))
    yield each.seen(host, Policy("rules" if rules.layers.layers else "ask", tools))
    yield from rules.seen("rules")
    yield from _editor_seen(editor)
    yield from settings.seen(DEFAULT)
    for agent in used:
        yield from settings_seen(agent, each.row.id, (*NAMES.shell, *NAMES.read, *NAMES.write, *NAMES.aws))
    yield from weaknesses(agents, used, NAMES.shell, trusting)
    yield from _weak(editor, tools, trusting)
    yield from _hooks(host, each)
    yield from _unread(host, each)
    yield from dict.fromkeys((*rules.gaps, *editor.gaps, *agents.gaps, *settings.gaps))


def _rules(host: Host, each: Installed, documents: Documents) -> Basis:
    """The user's rules and those for the workspace, which lie in the home under a name made of its path."""
    user = tuple(documents.read(each.row.files["permissions"]))[:1]
    name = sha256(str(host.workspace).encode()).hexdigest()[:16] if host.workspace is not None else ""
    here = [one for one in documents.read(each.row.files["local_permissions"]) if _is_of(one, name)][:1]
    return basis(host, each, layered(documents, [(LOCAL, here), (USER, user)]))


def _is_of(document: Document, name: str) -> bool:
    return document.path is not None and bool(name) and document.path.parent.name == name


def _tools(
    read_: tuple[Basis, Basis, Basis], listed: tuple[Told, ...], used: tuple[Active, ...], trusting: Option | None
) -> Iterator[Tool]:
    rules, editor, agents = read_
    newer = bool(rules.layers.layers)
    if newer:
        yield from of_capabilities(rules, listed)
    older = any(highest(editor, key) is not None for key in KEYS)
    if older or not newer:
        found = of_editor(editor)
        yield from (_doubted(tool) for tool in found) if newer else found
    told = trusting is not None or agents.option(TRUST) is not None
    if any(agent.root is not None for agent in used) or not newer or told:
        for agent in used:
            line = (
                replace(tool, name=f"command line, {tool.name}") for tool in of_agent(agents, agent, NAMES, trusting)
            )
            yield from (_doubted(tool) for tool in line) if newer and not told else line


def _doubted(tool: Tool) -> Tool:
    """A tool of older settings where newer rules are there: what it is asked for says nothing of them."""
    rules = tuple(replace(rule, ruling=_doubt(rule.ruling)) for rule in tool.rules)
    return replace(tool, otherwise=_doubt(tool.otherwise), rules=rules)


def _doubt(ruling: Ruling) -> Ruling:
    return replace(ruling, gate=Gate.UNKNOWN, stand_in=ruling.effective)


# --- told


def _editor_seen(editor: Basis) -> Iterator[SettingSeen]:
    for key in KEYS:
        for found in editor.layers.each(key):
            yield found.seen(editor.each.row.id)


def _weak(editor: Basis, tools: tuple[Tool, ...], trusting: Option | None) -> Iterator[Observation]:
    free = next((ruling for tool in tools if (ruling := _all(tool)) is not None), None)
    if free is not None and trusting is None:
        yield asks_nothing(editor.title, free, editor.each.evidence, FIX)
    trusted = highest(editor, TRUSTED)
    if trusted is not None and trusted.layer.from_project and trusted.node.items:
        what = f"{trusted.key} in the project's .vscode/settings.json takes the place of yours"
        yield from_repository(editor.title, trusted.evidence, what, PROJECT_FIX)


def _all(tool: Tool) -> Ruling | None:
    """The ruling of a tool that runs any command unasked, by a rule for all of them."""
    if tool.channel is not Channel.EXECUTE or tool.name.startswith("command line"):
        return None
    ruling = tool.decide("x")
    return ruling if ruling.gate is Gate.NONE else None


def _hooks(host: Host, each: Installed) -> Iterator[SettingSeen]:
    """Files of hooks, which run commands or have the agent act by themselves."""
    for place in host.places(*each.row.files["hooks"]):
        top = place.path.parent.parent.parent if isinstance(place, Place) else None
        if isinstance(place, Place) and top in {host.workspace, host.home}:
            scope = USER if top == host.home else PROJECT
            yield SettingSeen(each.row.id, "hooks", "acts by itself", scope, Evidence(place.path))


def _unread(host: Host, each: Installed) -> Iterator[Gap]:
    for place in host.places(*each.row.files["written_agents"]):
        top = place.path.parent.parent.parent if isinstance(place, Place) else None
        if isinstance(place, Place) and top in {host.workspace, host.home}:
            yield Gap(GapKind.REFUSED, host.shown(place.path), "an agent in Markdown, whose permissions are not read")
    why = "rules of an organization and those that a person gave for a session lie where nothing is read"
    yield Gap(GapKind.REFUSED, f"{each.row.title}'s other rules", why)
