"""What the vendor fixes: files and commands with rules of their own, and the words that say so."""

from pathlib import PurePath

AGENT, TITLE = "claude-code", "Claude Code"
READING_COMMANDS = "Bash, reading commands"

# Files that no allow rule opens for writing, wherever they lie, and folders with all in them.
PROTECTED = (
    *(".git", ".vscode", ".idea", ".claude", ".husky", ".cargo", ".devcontainer", ".yarn", ".mvn", ".config/git"),
    *(".gitconfig", ".gitmodules", ".bashrc", ".bash_profile", ".zshrc", ".zprofile", ".profile", ".zshenv"),
    *(".zlogin", ".zlogout", ".bash_login", ".bash_aliases", ".bash_logout", ".envrc", ".ripgreprc", ".mcp.json"),
    *(".claude.json", ".npmrc", ".yarnrc", ".yarnrc.yml", ".pnp.cjs", ".pnp.loader.mjs", ".pnpmfile.cjs"),
    *("bunfig.toml", ".bunfig.toml", ".bazelrc", ".bazelversion", ".bazeliskrc", ".pre-commit-config.yaml"),
    *("lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", "gradle-wrapper.properties"),
    *("maven-wrapper.properties", ".devcontainer.json", "pyrightconfig.json"),
)
LOOKING = ("docker ps", "docker logs", "docker inspect")  # run unasked in every mode

WORKING = "in its working folders Claude Code reads unasked"
PROTECTS = "a file that Claude Code protects"
LOOKS = "a command that only looks, which runs unasked"
LAST_RESORT = "Claude Code asks before it removes the whole disk or home"
BUILT_IN = "the built-in mode: auto for Pro, Max and Team plans; which plan is not told here"
NO_PLAN = "which plan is not told"

GLOB_SIGNS = str.maketrans({sign: f"[{sign}]" for sign in "*?["})


def literal(folder: PurePath) -> str:
    """A folder as a glob that means it alone."""
    return folder.as_posix().rstrip("/").translate(GLOB_SIGNS)


def last_resorts(home: PurePath) -> tuple[str, ...]:
    """The command lines that ask in spite of every rule and mode."""
    return tuple(f"rm -rf {target}" for target in ("/", "~", "~/", home.as_posix()))
