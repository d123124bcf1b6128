"""Codex's gate: what is read for it, and whether it is here at all."""

from collections.abc import Iterator

from scanner.host import Host
from scanner.model import Observation

PROJECT_FILE = "<project file>"
NAMED_PACKAGE = "<package of the program>"


def _homes(name: str) -> tuple[str, str]:
    return f"$CODEX_HOME/{name}", f"~/.codex/{name}"


FOLDER = ("$CODEX_HOME", "~/.codex")
CONFIG = _homes("config.toml")
PROFILES = _homes("*.config.toml")
RULES = _homes("rules/*.rules")
HOOKS = _homes("hooks.json")
CLOUD = _homes("cloud-config-bundle-cache.json")
MANAGED = ("/etc/codex/managed_config.toml", "~/.codex/managed_config.toml")  # the second on Windows only
SYSTEM = ("/etc/codex/config.toml", "$PROGRAMDATA/OpenAI/Codex/config.toml")
SYSTEM_HOOKS = ("/etc/codex/hooks.json", "$PROGRAMDATA/OpenAI/Codex/hooks.json")
SYSTEM_RULES = ("/etc/codex/rules/*.rules", "$PROGRAMDATA/OpenAI/Codex/rules/*.rules")
REQUIREMENTS = ("/etc/codex/requirements.toml", "$PROGRAMDATA/OpenAI/Codex/requirements.toml")
PREFERENCES = (
    "/Library/Managed Preferences/com.openai.codex.plist",
    "/Library/Managed Preferences/*/com.openai.codex.plist",
)
PROGRAMS = (
    *("~/.local/bin/codex", "~/.npm-global/bin/codex", "~/.bun/bin/codex", "~/.nvm/versions/node/*/bin/codex"),
    *("/usr/local/bin/codex", "/usr/bin/codex", "/opt/homebrew/bin/codex", "$APPDATA/npm/codex.cmd"),
    *("/Applications/Codex.app", "~/Applications/Codex.app"),
    "~/{.vscode,.vscode-insiders,.vscode-server,.cursor,.windsurf}/extensions/openai.chatgpt-*",
)
PACKAGES = ("$APPDATA/npm/node_modules/@openai/codex/package.json",)
NAMESPACES = ("/proc/sys/user/max_user_namespaces", "/proc/sys/kernel/unprivileged_userns_clone")
VARIABLES = ("CODEX_HOME", "TMPDIR", "TEMP", "TMP")
SIGNS = (*FOLDER, *PROGRAMS, *MANAGED, *SYSTEM, *REQUIREMENTS)
READS = (
    *(
        *SIGNS,
        *CONFIG,
        *PROFILES,
        *RULES,
        *HOOKS,
        *CLOUD,
        *SYSTEM_RULES,
        *SYSTEM_HOOKS,
        *PREFERENCES,
        *NAMESPACES,
        PROJECT_FILE,
    ),
    *(NAMED_PACKAGE, *PACKAGES, "processes"),
    *(f"env:{name}" for name in VARIABLES),
)


def is_here(host: Host) -> bool:
    """Whether Codex is installed or has been run. A repository's `.codex` folder is no sign of that."""
    return next(host.places(*SIGNS), None) is not None


def seen(host: Host) -> Iterator[Observation]:
    """What it may do in the workspace, and the settings that say so."""
    from probes.agents.codex.flow import told

    yield from told(host)
