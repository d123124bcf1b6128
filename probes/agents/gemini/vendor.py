"""What stands in Gemini CLI's program, of version 0.61: commands that it takes for safe, files that it asks about."""

# Commands that run unasked where the shell asks before others. Of these the first kind may name any text, variables
# too; the second only paths inside of the workspace.
SAYING = ("echo", "expr", "false", "id", "pwd", "seq", "tr", "true", "uname", "which", "whoami")
READING = (
    "cat",
    "cut",
    "grep",
    "head",
    "ls",
    "nl",
    "numfmt",
    "paste",
    "rev",
    "stat",
    "tac",
    "tail",
    "uniq",
    "wc",
    "base64",
)
GIT = ("git status", "git log", "git diff", "git show")
# It takes every variable for empty when it looks whether a path leads out, so that `cat ${X:-/any/file}` passes.
UNSEEN = "commands that it takes for safe read any file whose path a variable hides from it: cat ${X:-/path}"
# Commands that ask though an allowance of the whole shell covers them.
DANGEROUS = ("rm -f", "rm -rf", "rm -fr", "ln -s", "git -c")

BUILD_FILES = (
    *("BUILD", "BUILD.bazel", "WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel", ".bazelrc", ".blazerc"),
    *("Makefile", "makefile", "GNUmakefile", "CMakeLists.txt", "package.json", "package-lock.json", "pnpm-lock.yaml"),
    *("yarn.lock", "bun.lockb", "setup.py", "setup.cfg", "pyproject.toml", "go.mod", "go.sum", "Cargo.toml"),
    *("Cargo.lock", "pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"),
    *("Dockerfile", "Containerfile", "Dockerfile.*", "Containerfile.*"),
    *("*.bzl", "*.bazel", "*.bzlmod", "*.mk", "*.cmake"),
)

# Variables that are kept from children where redaction is on.
SECRET_NAMES = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "AUTH", "CREDENTIAL", "CREDS", "PRIVATE", "CERT")
SECRET_VARIABLES = (
    *("CLIENT_ID", "DB_URI", "CONNECTION_STRING", "AWS_DEFAULT_REGION", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
    *("SLACK_WEBHOOK_URL", "TWILIO_ACCOUNT_SID", "DATABASE_URL", "GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_ACCOUNT"),
    "FIREBASE_PROJECT_ID",
)
# All that children get where it runs in a workflow of GitHub.
KEPT = (
    *("PATH", "SYSTEMROOT", "COMSPEC", "PATHEXT", "WINDIR", "TEMP", "TMP", "USERPROFILE", "SYSTEMDRIVE", "HOME"),
    *("LANG", "SHELL", "TMPDIR", "USER", "LOGNAME", "TERM", "COLORTERM", "ADDITIONAL_CONTEXT", "AVAILABLE_LABELS"),
    *("BRANCH_NAME", "DESCRIPTION", "EVENT_NAME", "GITHUB_ENV", "IS_PULL_REQUEST", "ISSUES_TO_TRIAGE", "ISSUE_BODY"),
    *("ISSUE_NUMBER", "ISSUE_TITLE", "PULL_REQUEST_NUMBER", "REPOSITORY", "TITLE", "TRIGGERING_ACTOR"),
    *("GEMINI_CLI_*", "GIT_CONFIG_*"),
)
# All that its container is given of them.
IN_CONTAINER = (
    *("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GEMINI_BASE_URL", "GOOGLE_VERTEX_BASE_URL", "GOOGLE_CLOUD_PROJECT"),
    *("GOOGLE_CLOUD_LOCATION", "GOOGLE_GENAI_USE_*", "GOOGLE_APPLICATION_CREDENTIALS", "GEMINI_MODEL", "TERM"),
    *("COLORTERM", "GEMINI_CLI_*", "TERM_PROGRAM", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "HOME", "PATH"),
)
