"""What Codex's commands and MCP servers inherit of its own environment."""

from collections.abc import Iterable

from probes.agents.codex.layers import Found, Settings
from scanner.host import Host
from scanner.model import Inheritance, Name, Platform
from scanner.model.agents import INHERITS_ALL

TABLE = "shell_environment_policy"
KINDS = ("all", "core", "none")
CORE = (
    *("PATH", "SHELL", "TMPDIR", "TEMP", "TMP", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "LOGNAME", "USER"),
    *("USERNAME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "COMSPEC", "PATHEXT"),
)
EXCLUDED = ("*KEY*", "*SECRET*", "*TOKEN*")  # by default only since some release of 2025, and no longer
SERVERS = ("HOME", "LOGNAME", "PATH", "SHELL", "USER", "LANG", "LC_ALL", "TERM", "TMPDIR", "TZ")
SERVERS_WINDOWS = (
    *("PATH", "PATHEXT", "COMSPEC", "SYSTEMROOT", "SYSTEMDRIVE", "USERNAME", "USERDOMAIN", "USERPROFILE"),
    *("HOMEDRIVE", "HOMEPATH", "PROGRAMFILES", "PROGRAMDATA", "LOCALAPPDATA", "APPDATA", "TEMP", "TMP"),
)
SERVER_RULE = "Codex hands MCP servers a short list, and what env_vars names"


def commands(settings: Settings) -> Inheritance:
    """What commands inherit: the whole, the core or nothing, less what is excluded, and of that what is listed."""
    if settings.find(TABLE) is None:
        return INHERITS_ALL
    inherit = settings.word(KINDS, TABLE, "inherit")
    keeps = settings.flag(TABLE, "ignore_default_excludes")
    excluded = settings.texts(TABLE, "exclude")
    listed = settings.texts(TABLE, "include_only")
    dropped = (EXCLUDED if keeps is not None and keeps.node.flag is False else ()) + _texts(excluded)
    only = _only(inherit, settings.names(TABLE, "set"))
    if listed is not None and listed.node.items:  # an empty list lets all through
        names = _texts(listed)
        only = names if only is None else tuple(each for each in only if any(Name(one).matches(each) for one in names))
    decisive = next((each for each in (listed, inherit, excluded, keeps) if each is not None), None)
    if only is None and not dropped:
        return INHERITS_ALL
    rule = decisive.key if decisive is not None else TABLE
    return Inheritance(_names(only), _names(dropped) or (), rule, decisive.evidence if decisive is not None else None)


def servers(host: Host, settings: Settings) -> Inheritance:
    """What MCP servers inherit: a fixed list, and the variables that any of them names."""
    names = list(SERVERS_WINDOWS if host.platform is Platform.WINDOWS else SERVERS)
    first: Found | None = None
    for server in settings.names("mcp_servers"):
        found = settings.find("mcp_servers", server, "env_vars")
        for node in found.node.items or () if found is not None else ():
            names.append(node.text or node.said("name"))
            first = first or found
    evidence = first.evidence if first is not None else None
    return Inheritance(_names([each for each in names if each]), (), SERVER_RULE, evidence)


def _only(inherit: Found | None, given: Iterable[str]) -> tuple[str, ...] | None:
    match inherit.node.text if inherit is not None else "all":
        case "core":
            return (*CORE, *given)
        case "none":
            return tuple(given)
        case _:
            return None


def _texts(found: Found | None) -> tuple[str, ...]:
    return found.node.texts() if found is not None else ()


def _names(names: Iterable[str] | None) -> tuple[Name, ...] | None:
    return None if names is None else tuple(map(Name, dict.fromkeys(names)))
