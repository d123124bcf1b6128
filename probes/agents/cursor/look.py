"""Cursor: what of it is read, and whether it is here."""

from collections.abc import Iterator

from probes.agents.above import PROJECT_FILE
from scanner.host import Host
from scanner.model import Observation

PERMISSIONS = ("~/.cursor/permissions.json", "./.cursor/permissions.json")
SANDBOX = ("~/.cursor/sandbox.json", "./.cursor/sandbox.json")
HOOKS = (
    *("~/.cursor/hooks.json", "./.cursor/hooks.json", "/etc/cursor/hooks.json", "$PROGRAMDATA/Cursor/hooks.json"),
    "/Library/Application Support/Cursor/hooks.json",
)
CLI_CONFIG = (
    "$CURSOR_CONFIG_DIR/cli-config.json",
    "$XDG_CONFIG_HOME/cursor/cli-config.json",
    "~/.cursor/cli-config.json",
)
CLI_PROJECT = "./.cursor/cli.json"

# The editor keeps its run mode in this database.
DATABASE = (
    "$XDG_CONFIG_HOME/Cursor/User/globalStorage/state.vscdb",
    "~/Library/Application Support/Cursor/User/globalStorage/state.vscdb",
    "$APPDATA/Cursor/User/globalStorage/state.vscdb",
)
IDE = (
    *DATABASE,
    *("$XDG_CONFIG_HOME/Cursor/User", "~/Library/Application Support/Cursor/User", "$APPDATA/Cursor/User"),
    *("/Applications/Cursor.app", "~/.cursor-server", "~/.cursor/extensions", "~/.cursor/permissions.json"),
)
CLI = (
    *("~/.local/bin/cursor-agent", "~/.local/share/cursor-agent", *CLI_CONFIG),
    "$XDG_CONFIG_HOME/cursor/auth.json",
)
SHARED = ("~/.cursor/mcp.json", "~/.cursor/sandbox.json", "~/.cursor/hooks.json")
VARIABLES = ("CURSOR_CONFIG_DIR", "XDG_CONFIG_HOME")

READS = tuple(
    dict.fromkeys(
        (
            *(*IDE, *CLI, *SHARED, *PERMISSIONS, *SANDBOX, *HOOKS, CLI_PROJECT, PROJECT_FILE),
            *("processes", *(f"env:{name}" for name in VARIABLES)),
        )
    )
)


def is_here(host: Host) -> bool:
    """Whether the editor or the command line tool is on this machine; a repository's own files do not tell."""
    return next(host.places(*IDE, *CLI, *SHARED), None) is not None


def seen(host: Host) -> Iterator[Observation]:
    """All that is told of Cursor."""
    # The readers cost more to load than a look at whether there is anything for them.
    from probes.agents.cursor.flow import told

    yield from told(host)
