"""What is read to know how git stands to a file."""

from probes.git.reads import GIT_FOLDER, SYSTEM, USER

HOLDER = "<file with a secret>"
ABOVE = "<.git of a folder above a secret>"
INDEX = "<index of a git folder>"
IGNORE = "<.gitignore and .gitattributes of a folder above a secret>"
EXCLUDES = "<core.excludesFile>"
DEFAULT_EXCLUDES = "$XDG_CONFIG_HOME/git/ignore"
# Where people keep the index of a repository whose work tree is the whole home: bare ones, and those of yadm and vcsh.
OF_THE_HOME = (
    "~/{.dotfiles,.dotfiles.git,dotfiles.git,.cfg,.dots,.yadm/repo.git}/index",
    "$XDG_DATA_HOME/yadm/repo.git/index",
    "$XDG_CONFIG_HOME/{yadm/repo.git,vcsh/repo.d/*.git}/index",
)
READS = (
    *(HOLDER, ABOVE, GIT_FOLDER, INDEX, IGNORE, EXCLUDES, DEFAULT_EXCLUDES),
    *(*OF_THE_HOME, *SYSTEM, *USER, "<include.path>", "env:*"),
)
