"""What GitHub Copilot CLI does by itself, as its program 1.0.102 showed: `bench/oracle/RESULTS-copilot.md`."""

from scanner.host import Host
from scanner.model import Paths, Platform

AGENT, TITLE = "copilot-cli", "GitHub Copilot CLI"

# An approval names a command by its first word, and those of these programs by two.
TWO_WORDS = frozenset(
    {
        *("git", "gh", "glab", "npm", "npx", "pnpm", "yarn", "pip", "pipenv", "poetry", "conda", "cargo", "go"),
        *("dotnet", "mvn", "gradle", "gradlew", "bundle", "composer", "flutter", "sbt", "mix", "cabal"),
    }
)

# Commands that run unasked in every mode; but for the last two rows they say nothing of what may be reached by them.
LOOKING = (
    *("ls", "cat", "head", "tail", "grep", "wc", "stat", "du", "df", "file", "uniq", "cut", "tr", "diff", "nl"),
    *("basename", "dirname", "realpath", "readlink", "pwd", "echo", "whoami", "id", "groups", "hostname", "uname"),
    *("date", "uptime", "ps", "free", "which", "printenv", "set"),
    *("git status", "git log", "git diff", "git show", "git blame", "git branch", "git tag", "git remote -v"),
    *("git ls-files", "git rev-parse", "git describe", "git shortlog"),
    *("gh pr list", "gh pr view", "gh pr diff", "gh pr checks", "gh pr status", "gh issue list", "gh issue view"),
    *("gh repo view", "gh repo list", "gh run list", "gh run view", "gh workflow list", "gh release list"),
    *("gh release view", "gh search code", "gh gist list", "gh gist view", "gh status"),
)
LOOKS = "commands that only read run unasked (default)"
HOME = "commands that only read run unasked, also for ~/...: the check of paths takes that for a name in the folder"
INSIDE = "files of the working folders are read unasked (default)"
BEYOND = "files outside of the working folders are asked for (default)"
ASKS = "asks before commands, changes and connections (default)"
CALLS = "a tool that says of itself that it only reads runs unasked, others after a yes (default)"
TEMPORARY = {
    Platform.LINUX: ("/tmp",),  # noqa: S108 - named, not used
    Platform.MACOS: ("/tmp", "/private/tmp", "/var/folders", "/private/var/folders"),  # noqa: S108
    Platform.WINDOWS: (),
}


def temporary(host: Host) -> tuple[Paths, ...]:
    """The folders for what is temporary, which are working folders too."""
    fold = host.platform is not Platform.LINUX
    local = () if host.platform is not Platform.WINDOWS else (f"{host.home.as_posix()}/AppData/Local/Temp",)
    return tuple(Paths(path, fold) for path in (*TEMPORARY[host.platform], *local))
