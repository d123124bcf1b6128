"""The variables that Gemini CLI hands on: all of them to commands unless it is told otherwise, never all to servers."""

from collections.abc import Iterable

from probes.agents.gemini.settings import Settings
from probes.agents.gemini.vendor import KEPT, SECRET_NAMES, SECRET_VARIABLES
from probes.agents.mcp.hiding import variable_name
from scanner.model import INHERITS_ALL, Evidence, Inheritance, Name

KEYS = ("security", "environmentVariableRedaction")
ON_GITHUB = "it runs in a workflow of GitHub"


def of_commands(settings: Settings) -> Inheritance:
    """What commands inherit; an exception for a name that is taken away by itself does not hold for them."""
    strict = of_workflow(settings)
    switch = settings.layers.flag(*KEYS, "enabled")
    if strict is not None:
        return strict
    if switch is None or not switch.node.flag:
        return INHERITS_ALL
    return Inheritance(None, (*_dropped(()), *_listed(settings, "blocked")), switch.key, switch.evidence)


def of_servers(settings: Settings) -> Inheritance:
    """What MCP servers inherit besides the variables of their own entries."""
    strict = of_workflow(settings)
    if strict is not None:
        return strict
    kept = tuple(name.glob.upper() for name in _listed(settings, "allowed"))
    return Inheritance(None, (*_dropped(kept), *_listed(settings, "blocked")), "MCP servers get no secrets, by default")


def of_workflow(settings: Settings) -> Inheritance | None:
    """The few that are left in a workflow of GitHub, as two variables tell it."""
    host = settings.host
    name = "GITHUB_SHA" if host.variable("GITHUB_SHA") else "SURFACE" if host.variable("SURFACE") == "Github" else ""
    if not name:
        return None
    kept = (*map(Name, KEPT), *_listed(settings, "allowed"))
    return Inheritance(kept, tuple(map(Name, SECRET_VARIABLES)), ON_GITHUB, Evidence(variable=name))


def _dropped(kept: Iterable[str]) -> tuple[Name, ...]:
    """What is taken away; of what an exception covers in part nothing is."""
    names = tuple(kept)
    shapes = (f"*{word}*" for word in SECRET_NAMES if not any(word in name for name in names))
    return (*map(Name, shapes), *(Name(name) for name in SECRET_VARIABLES if name not in names))


def _listed(settings: Settings, key: str) -> tuple[Name, ...]:
    names = (variable_name(found.node.text) for found in settings.listed(*KEYS, key) or ())
    return tuple(Name(name) for name in names if name)
