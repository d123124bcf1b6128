"""What is read to tell how Claude Code may act."""

from scanner.model import Platform

PROJECT_FILE = "<project file>"
NAMED_SETTINGS = "<settings of a running agent>"
NAMED_PROGRAM = "<sandbox program>"
NAMED_PACKAGE = "<package of the program>"
GIT_INDEX = "./.git/index"

CONFIG_VARIABLE = "CLAUDE_CONFIG_DIR"
CONFIG = ("$CLAUDE_CONFIG_DIR", "~/.claude")
USER = tuple(f"{folder}/settings.json" for folder in CONFIG)
REMOTE = tuple(f"{folder}/remote-settings.json" for folder in CONFIG)
LOGIN = tuple(f"{folder}/.credentials.json" for folder in CONFIG)
STATE = ("$CLAUDE_CONFIG_DIR/.claude.json", "~/.claude.json")

MANAGED_FOLDERS = {
    Platform.LINUX: "/etc/claude-code",
    Platform.MACOS: "/Library/Application Support/ClaudeCode",
    Platform.WINDOWS: "C:/Program Files/ClaudeCode",
}
MANAGED = {platform: f"{folder}/managed-settings.json" for platform, folder in MANAGED_FOLDERS.items()}
DROP_INS = {platform: f"{folder}/managed-settings.d/*.json" for platform, folder in MANAGED_FOLDERS.items()}
DEVICE = (
    "/Library/Managed Preferences/com.anthropic.claudecode.plist",
    "/Library/Managed Preferences/*/com.anthropic.claudecode.plist",
)
WSL = "/proc/sys/fs/binfmt_misc/WSLInterop{,-late}"
WINDOWS_POLICY = "/mnt/c/Program Files/ClaudeCode/managed-settings.json"  # as WSL sees it
MACHINE_POLICY = "HKLM/SOFTWARE/Policies/ClaudeCode"
USER_POLICY = "HKCU/SOFTWARE/Policies/ClaudeCode"

PROGRAMS = (
    "~/.local/bin/claude{,.exe}",
    "~/.claude/local/claude",
    "~/.npm-global/bin/claude",
    "~/.nvm/versions/node/*/bin/claude",
    "/usr/local/bin/claude",
    "/usr/bin/claude",
    "/opt/homebrew/bin/claude",
    "$APPDATA/npm/claude.cmd",
)
PACKAGES = (  # where no link leads from the program to its package
    "~/.claude/local/node_modules/@anthropic-ai/claude-code/package.json",
    "$APPDATA/npm/node_modules/@anthropic-ai/claude-code/package.json",
)
VERSIONS = "~/.local/share/claude/versions/*"
EXTENSIONS = (
    "~/{.vscode,.vscode-insiders,.vscode-oss,.vscode-server,.cursor,.windsurf}/extensions/anthropic.claude-code-*"
)
EDITORS = tuple(
    f"{base}/{editor}/User/settings.json"
    for base in ("$XDG_CONFIG_HOME", "~/Library/Application Support", "$APPDATA")
    for editor in ("Code", "Code - Insiders", "VSCodium", "Cursor", "Windsurf")
)
SIGNS = (*USER, *STATE, *PROGRAMS, VERSIONS, EXTENSIONS)

BUBBLEWRAP = "{/usr/bin,/usr/local/bin,/bin,/home/linuxbrew/.linuxbrew/bin,/run/current-system/sw/bin}/bwrap"
SOCAT = "{/usr/bin,/usr/local/bin,/bin,/home/linuxbrew/.linuxbrew/bin,/run/current-system/sw/bin}/socat"

SCRUB = "CLAUDE_CODE_SUBPROCESS_ENV_SCRUB"
ALLOWLIST = "CLAUDE_CODE_MCP_ALLOWLIST_ENV"
PREFIX = "CLAUDE_CODE_SHELL_PREFIX"
METERED = (
    *("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"),
    *("CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY"),
)
VARIABLES = (CONFIG_VARIABLE, SCRUB, ALLOWLIST, PREFIX, *METERED)

FILES = (
    *SIGNS,
    *REMOTE,
    *LOGIN,
    *MANAGED.values(),
    *DROP_INS.values(),
    *DEVICE,
    WSL,
    WINDOWS_POLICY,
    *EDITORS,
    BUBBLEWRAP,
    SOCAT,
)
READS = (
    *FILES,
    *(GIT_INDEX, PROJECT_FILE, NAMED_SETTINGS, NAMED_PROGRAM, NAMED_PACKAGE, *PACKAGES, "processes"),
    *(f"env:{name}" for name in VARIABLES),
    *(f"registry:{key}" for key in (MACHINE_POLICY, USER_POLICY)),
)
