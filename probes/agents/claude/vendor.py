"""What the vendor fixes: files and commands with rules of their own, and the words that say so."""

from pathlib import PurePath

AGENT, TITLE = "claude-code", "Claude Code"
READING_COMMANDS = "Bash, reading commands"
SEARCHING_COMMANDS = "Bash, commands that search"
# A rule that allows one of these lifts nothing: they run unasked as far as they only read in the working folders,
# and ask beyond that in spite of the rule.
READING = (*("cat", "cd", "diff", "du", "echo", "find", "grep", "head", "ls", "pwd", "stat", "tail", "wc", "which"),)

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
# These run unasked in every mode.
LOOKING = ("docker ps", "docker logs", "docker inspect", "git status", "git log", "git diff", "git show")
# Hosts of documentation that are fetched from unasked; parts of some more are.
DOCUMENTATION = (
    *("platform.claude.com", "code.claude.com", "claude.dev", "www.claude.dev", "modelcontextprotocol.io"),
    *("agentskills.io", "docs.python.org", "en.cppreference.com", "docs.oracle.com", "learn.microsoft.com"),
    *("developer.mozilla.org", "www.php.net", "docs.swift.org", "kotlinlang.org", "ruby-doc.org"),
    *("doc.rust-lang.org", "www.typescriptlang.org", "react.dev", "angular.io", "vuejs.org", "nextjs.org"),
    *("expressjs.com", "nodejs.org", "bun.sh", "jquery.com", "getbootstrap.com", "tailwindcss.com", "d3js.org"),
    *("threejs.org", "redux.js.org", "webpack.js.org", "jestjs.io", "reactrouter.com", "docs.djangoproject.com"),
    *("flask.palletsprojects.com", "fastapi.tiangolo.com", "pandas.pydata.org", "numpy.org"),
    *("www.tensorflow.org", "pytorch.org", "scikit-learn.org", "matplotlib.org", "requests.readthedocs.io"),
    *("jupyter.org", "laravel.com", "symfony.com", "docs.spring.io", "hibernate.org", "tomcat.apache.org"),
    *("gradle.org", "maven.apache.org", "asp.net", "dotnet.microsoft.com", "blazor.net", "reactnative.dev"),
    *("docs.flutter.dev", "developer.apple.com", "developer.android.com", "keras.io", "spark.apache.org"),
    *("www.mongodb.com", "redis.io", "www.postgresql.org", "dev.mysql.com", "www.sqlite.org", "graphql.org"),
    *("prisma.io", "docs.getdbt.com", "docs.aws.amazon.com", "cloud.google.com", "kubernetes.io"),
    *("www.docker.com", "www.terraform.io", "www.ansible.com", "docs.stripe.com", "docs.netlify.com"),
    *("devcenter.heroku.com", "cypress.io", "selenium.dev", "docs.unity.com", "docs.unrealengine.com"),
    *("git-scm.com", "nginx.org", "httpd.apache.org"),
)

DOCUMENTS = "a host of documentation that Claude Code fetches from unasked"
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
