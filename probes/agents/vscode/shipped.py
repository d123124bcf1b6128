"""The rules that VS Code ships: commands that run unasked and files that are not changed unasked, by their keys.

A rule of the settings with the same key takes the place of one of these. Each carries the commands that it stands
for, as far as they are told by a beginning; none where what it lets through is told by its arguments.
"""

from msgspec import Struct


class Shipped(Struct, frozen=True):
    """A rule as its settings have it, and the beginnings of the commands that it is about."""

    key: str
    approves: bool
    commands: tuple[str, ...] = ()


PLAIN = (
    *("cd", "echo", "ls", "dir", "pwd", "cat", "head", "tail", "findstr", "wc", "tr", "cut", "cmp", "which"),
    *("basename", "dirname", "realpath", "readlink", "stat", "file", "od", "du", "df", "sleep", "nl", "grep"),
    *("column", "date", "tree", "Get-ChildItem", "Get-Content", "Get-Date", "Get-Random", "Get-Location"),
    *("Set-Location", "Write-Host", "Write-Output", "Out-String", "Split-Path", "Join-Path", "Start-Sleep"),
    *("Where-Object", "Select-Object", "Select-String", "Measure-Object", "Compare-Object", "Format-List"),
    *("Format-Table", "Sort-Object"),
)
ASKED = (
    *("rm", "rmdir", "del", "Remove-Item", "ri", "rd", "erase", "dd", "kill", "ps", "top", "Stop-Process", "spps"),
    *("taskkill", "taskkill.exe", "curl", "wget", "Invoke-RestMethod", "Invoke-WebRequest", "irm", "iwr", "chmod"),
    *("chown", "Set-ItemProperty", "sp", "Set-Acl", "jq", "xargs", "eval", "Invoke-Expression", "iex"),
)
GIT = r"/^git(\s+(-(?-i:C)\s+\S+|--no-pager))*\s+%s\b/"
OF_GIT = ("status", "log", "show", "diff", "ls-files", "branch")
OF_DOCKER = ("ps", "images", "info", "version", "inspect", "logs", "top", "stats", "port", "diff", "search", "events")
OF_COMPOSE = ("ps", "ls", "top", "logs", "images", "config", "version", "port", "events")
OF_NPM = ("ls", "list", "outdated", "view", "info", "show", "explain", "why", "root", "prefix", "bin", "search", "fund")
OF_YARN = ("list", "outdated", "info", "why", "bin", "help", "versions")
OF_PNPM = ("ls", "list", "outdated", "why", "root", "bin", "doctor")
# These run what a package's files say.
INSTALLS = (
    Shipped("npm ci", approves=True, commands=("npm ci",)),
    Shipped(r"/^yarn\s+install\s+--frozen-lockfile\b/", approves=True, commands=("yarn install --frozen-lockfile",)),
    Shipped(r"/^pnpm\s+install\s+--frozen-lockfile\b/", approves=True, commands=("pnpm install --frozen-lockfile",)),
)
# Programs that rules let run but for the arguments with which they run others. Held so, they only read; without the
# rules that hold them they are shells.
GUARDED = {
    "find": (r"/^find\b.*\s-(delete|exec|execdir|fprint|fprintf|fls|ok|okdir)\b/",),
    "rg": (r"/^rg\b.*\s(--pre|--hostname-bin)\b/",),
    "sed": (
        r"/^sed\b.*\s(-[a-zA-Z]*(e|f)[a-zA-Z]*|--expression|--file)\b/",
        r"/^sed\b.*s\/.*\/.*\/[ew]/",
    ),
}


def _of(program: str, words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{program} {word}" for word in words)


RULES = (
    *(Shipped(text, approves=True, commands=(text,)) for text in PLAIN),
    *(Shipped(GIT % word, approves=True, commands=(f"git {word}", f"git --no-pager {word}")) for word in OF_GIT),
    Shipped(rf"/^docker\s+({'|'.join(OF_DOCKER)})\b/", approves=True, commands=_of("docker", OF_DOCKER)),
    Shipped(
        rf"/^docker\s+compose\s+({'|'.join(OF_COMPOSE)})\b/", approves=True, commands=_of("docker compose", OF_COMPOSE)
    ),
    Shipped("npm, to look", approves=True, commands=_of("npm", OF_NPM)),
    Shipped(rf"/^yarn\s+({'|'.join(OF_YARN)})\b/", approves=True, commands=_of("yarn", OF_YARN)),
    Shipped(rf"/^pnpm\s+({'|'.join(OF_PNPM)})\b/", approves=True, commands=_of("pnpm", OF_PNPM)),
    *(Shipped(text, approves=False, commands=(text,)) for text in ASKED),
)
# Files that are changed only when a person says yes, whatever the settings allow, and those of the default settings.
ALWAYS_ASKED = (
    *("**/.vscode/*.json", "**/.github/agents/**", "**/.github/hooks/**", "**/.claude/agents/**"),
    *("**/.claude/settings.json", "**/.claude/settings.local.json"),
)
FILES = (
    *("**/.git/**", "**/{package.json,server.xml,build.rs,web.config,.gitattributes,.env,Cargo.toml}"),
    "**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.js,.pnpmfile.cjs,.pnpmfile.mjs,pnpm-workspace.yaml}",
    "**/*.{code-workspace,csproj,fsproj,vbproj,vcxproj,proj,targets,props,gradle,gradle.kts}",
    *("**/gradle.properties", "**/ruby_lsp/*/addon", "**/*.lock", "**/*-lock.{yaml,json}"),
)
EVERY_FILE = "**/*"
# Pages of the vendor that are fetched unasked.
HOST = "code.visualstudio.com"
# Built-in commands of package managers, which are no scripts of a package.
NO_SCRIPTS = frozenset(
    (
        *("add", "audit", "bin", "cache", "config", "create", "dedupe", "dlx", "exec", "explain", "fetch", "global"),
        *("help", "import", "info", "init", "install", "licenses", "link", "list", "login", "logout", "ls", "node"),
        *(
            "outdated",
            "pack",
            "patch",
            "plugin",
            "prune",
            "publish",
            "rebuild",
            "remove",
            "rm",
            "root",
            "run",
            "search",
        ),
        *("set", "setup", "store", "uninstall", "unlink", "up", "update", "upgrade", "version", "versions", "why"),
        *("workspace", "workspaces"),
    )
)
LIFECYCLE = ("test", "start", "stop", "restart")
