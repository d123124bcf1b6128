"""What the guardrails probe reads."""

PROJECT_FILE = "<project file>"  # of a workspace's repository, wherever in it the workspace lies
GIT_FOLDER = "<git folder>"
HOOK = "<hook>"

# What says that there is a repository, or something to read in a workspace that is none.
PROJECT = (
    *("./.git", "./.github", "./.gitlab-ci.yml", "./.circleci", "./.devcontainer", "./.devcontainer.json"),
    *("./.pre-commit-config.yaml", "./lefthook.yml", "./.husky", "./Jenkinsfile", "./azure-pipelines.yml"),
)
PRE_COMMIT = (".pre-commit-config.yaml", ".pre-commit-config.yml")
LEFTHOOK = tuple(
    f"{dot}lefthook{local}.{form}"
    for dot in ("", ".")
    for local in ("", "-local")
    for form in ("yml", "yaml", "toml", "json")
)
HUSKY = ".husky"
HOOKS = ("pre-commit", "pre-push", "commit-msg")

# Files that say what runs on a server when somebody pushes; `*` in a name alone.
CI = (
    *(".github/workflows/*.yml", ".github/workflows/*.yaml", ".gitlab-ci.yml", ".gitlab-ci.yaml"),
    *(".circleci/config.yml", ".circleci/config.yaml", "azure-pipelines.yml", "azure-pipelines.yaml", "Jenkinsfile"),
    *("bitbucket-pipelines.yml", ".buildkite/pipeline.yml", ".buildkite/pipeline.yaml", ".woodpecker.yml"),
    *(
        ".woodpecker/*.yml",
        ".woodpecker/*.yaml",
        ".woodpecker.yaml",
        ".drone.yml",
        ".travis.yml",
        ".semaphore/semaphore.yml",
    ),
    *(".forgejo/workflows/*.yml", ".forgejo/workflows/*.yaml", ".gitea/workflows/*.yml", ".gitea/workflows/*.yaml"),
    *("buildspec.yml", "cloudbuild.yaml", "cloudbuild.json"),
)
OWNERS = (
    "CODEOWNERS",
    ".github/CODEOWNERS",
    ".gitlab/CODEOWNERS",
    "docs/CODEOWNERS",
    ".gitea/CODEOWNERS",
    ".forgejo/CODEOWNERS",
)
CONTAINERS = (".devcontainer/devcontainer.json", ".devcontainer.json", ".devcontainer/*/devcontainer.json")
INSIDE = ("/.dockerenv", "/run/.containerenv")

GIT_CONFIG = ("$GIT_CONFIG_GLOBAL", "~/.gitconfig", "$XDG_CONFIG_HOME/git/config", "/etc/gitconfig")

CLAUDE = ("$CLAUDE_CONFIG_DIR/settings.json", "~/.claude/settings.json")
CLAUDE_MANAGED = (
    *("/etc/claude-code/managed-settings.json", "/Library/Application Support/ClaudeCode/managed-settings.json"),
    "C:/Program Files/ClaudeCode/managed-settings.json",
)
CODEX = ("$CODEX_HOME/config.toml", "~/.codex/config.toml")
CODEX_MANAGED = (
    "/etc/codex/requirements.toml",
    "/etc/codex/managed_config.toml",
    "$PROGRAMDATA/OpenAI/Codex/requirements.toml",
)
GEMINI = ("~/.gemini/settings.json",)
GEMINI_MANAGED = (
    *("/etc/gemini-cli/settings.json", "/Library/Application Support/GeminiCli/settings.json"),
    "$PROGRAMDATA/gemini-cli/settings.json",
)
TELEMETRY = ("CLAUDE_CODE_ENABLE_TELEMETRY", "OTEL_LOGS_EXPORTER")
MANAGED = (*CLAUDE_MANAGED, *CODEX_MANAGED, *GEMINI_MANAGED)
TRAILS = (*CLAUDE, *CODEX, *GEMINI, *MANAGED)

AWS = ("$AWS_CONFIG_FILE", "~/.aws/config")
GCLOUD = tuple(
    f"{folder}/configurations/config_*" for folder in ("$CLOUDSDK_CONFIG", "~/.config/gcloud", "$APPDATA/gcloud")
)
TELEPORT = ("~/.tsh/*.yaml", "$TELEPORT_HOME/*.yaml")
TELEPORT_CLUSTERS = ("~/.tsh/keys/*/*-kube/*/*", "$TELEPORT_HOME/keys/*/*-kube/*/*")
TELEPORT_DATABASES = ("~/.tsh/keys/*/*-db/*/*", "$TELEPORT_HOME/keys/*/*-db/*/*")

# Gateways of which nothing but their own files tells: the id, the title, and what they lead to as kinds of assets.
GATEWAYS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("hoop", "hoop", ("~/.hoop/config.toml",), ("database", "kubernetes-cluster", "ssh-host")),
    (
        "boundary",
        "HashiCorp Boundary",
        ("~/.boundary", "~/.password-store/HashiCorp_Boundary"),
        ("database", "ssh-host"),
    ),
    ("strongdm", "StrongDM", ("~/.sdm",), ("database", "kubernetes-cluster", "ssh-host")),
    ("aws-vault", "aws-vault", ("~/.awsvault", "~/Library/Keychains/aws-vault.keychain-db"), ("aws-account",)),
    ("granted", "Granted", ("~/.granted/config", "$XDG_CONFIG_HOME/granted/config"), ("aws-account",)),
    ("cloudflared-access", "Cloudflare Access", ("~/.cloudflared/*-token",), ()),
    ("doppler", "Doppler", ("~/.doppler/.doppler.yaml",), ()),
    ("infisical", "Infisical", ("~/.infisical/infisical-config.json",), ()),
    ("1password", "1Password's command line", ("$XDG_CONFIG_HOME/op/config", "~/.op/config"), ()),
)
SIGNS = (
    *(sign for _, _, signs, _ in GATEWAYS for sign in signs),
    *(*AWS, *GCLOUD, *TELEPORT, *TRAILS),
)
READS = tuple(
    dict.fromkeys(
        (
            *(*SIGNS, *PROJECT, *GIT_CONFIG, *INSIDE, *TELEPORT_CLUSTERS, *TELEPORT_DATABASES),
            *(PROJECT_FILE, GIT_FOLDER, HOOK, *(f"env:{name}" for name in TELEMETRY)),
        )
    )
)
