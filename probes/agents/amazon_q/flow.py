"""How Amazon Q Developer CLI may act in the workspace, by the agent that is active there."""

from collections.abc import Iterator

from probes.agents.amazon_q.active import DEFAULT, Active, active
from probes.agents.amazon_q.tools import Q_ON_WINDOWS, TRUST, Q, tools, trusted
from probes.agents.basis import Basis, Option, asks_nothing, from_repository, of_option, read
from probes.agents.documents import Documents
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT, USER
from scanner.host import Host
from scanner.model import Gate, Observation, Platform, Policy, Ruling, SettingSeen, Weakness

TRUST_ALL = ("--trust-all-tools", "-a")
FIX = "Take it out of allowedTools, and name single commands in toolsSettings.execute_bash.allowedCommands."
AGENTS_FIX = (
    "Name your own agent otherwise than those of projects, and look at a project's agents before you start one."
)


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """It with the rules of its active agent, the settings these come from, and what is weak in them."""
    documents = Documents(host)
    agents = read(host, each, ((PROJECT, "project_agents"), (USER, "agents")), documents)
    settings = read(host, each, ((USER, "settings"),), documents)
    used = active(agents, settings, strict=True)
    trusting = agents.option(*TRUST_ALL)
    names = Q_ON_WINDOWS if host.platform is Platform.WINDOWS else Q
    found = tuple(dict.fromkeys(tool for agent in used for tool in tools(agents, agent, names, trusting)))
    mode = "trust all tools" if trusting is not None else "ask"
    yield each.seen(host, Policy(mode, found))
    yield from settings.seen(DEFAULT)
    if trusting is not None:
        yield SettingSeen(each.row.id, trusting.name, "true", "command line", trusting.evidence)
    for option in agents.options(TRUST):
        yield SettingSeen(each.row.id, TRUST, "some tools", "command line", option.evidence)
    for agent in used:
        yield from settings_seen(agent, each.row.id, (*names.shell, *names.read, *names.write, *names.aws))
    yield from weaknesses(agents, used, names.shell, trusting)
    yield from dict.fromkeys((*agents.gaps, *settings.gaps))


def settings_seen(agent: Active, named: str, called: tuple[str, ...]) -> Iterator[SettingSeen]:
    """What of an agent's file bears on its gates, hooks too, which run commands."""
    for key in ("tools", "allowedTools"):
        found = agent.found(key)
        if found is not None:
            yield found.seen(named)
    for tool in called:
        told = agent.found("toolsSettings", tool)
        for key, _ in told.node.pairs if told is not None else ():
            found = agent.found("toolsSettings", tool, key)
            if found is not None and key.startswith(("allowed", "denied", "auto", "deny")):
                yield found.seen(named)
    hooks = agent.found("hooks")
    for event, _ in hooks.node.pairs if hooks is not None else ():
        found = agent.found("hooks", event)
        if found is not None and event.isalpha():
            yield found.seen(named)


def weaknesses(
    basis: Basis, used: tuple[Active, ...], shell: tuple[str, ...], trusting: Option | None
) -> Iterator[Weakness]:
    """What is wrong whatever can be reached."""
    free = _free(basis, used, shell, trusting)
    if free is not None:
        yield asks_nothing(basis.title, free, basis.each.evidence, FIX)
    for agent in used:
        name = agent.found("name")
        if agent.layer is not None and agent.layer.from_project and name is not None:
            what = "The active agent is one of the project, with its tools, its hooks and its servers"
            yield from_repository(basis.title, name.evidence, what, AGENTS_FIX)


def _free(basis: Basis, used: tuple[Active, ...], shell: tuple[str, ...], trusting: Option | None) -> Ruling | None:
    if trusting is not None:
        return of_option(trusting, Gate.NONE)
    return next((found for agent in used if (found := trusted(basis, agent, shell)) is not None), None)
