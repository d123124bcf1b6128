"""What the github probe reads."""

GH_HOSTS = ("$GH_CONFIG_DIR/hosts.yml", "$XDG_CONFIG_HOME/gh/hosts.yml", "$APPDATA/GitHub CLI/hosts.yml")
HUB = ("$HUB_CONFIG", "$XDG_CONFIG_HOME/hub")
COPILOT = ("$XDG_CONFIG_HOME/github-copilot/{hosts,apps}.json", "$LOCALAPPDATA/github-copilot/{hosts,apps}.json")
DESKTOP = (
    "~/Library/Application Support/GitHub Desktop/Local Storage",
    "$APPDATA/GitHub Desktop/Local Storage",
    "$XDG_CONFIG_HOME/GitHub Desktop/Local Storage",
)
RUNNER_FOLDERS = ("~/actions-runner", "/actions-runner", "/opt/actions-runner", "C:/actions-runner")
RUNNER_KEYS = tuple(f"{folder}/.credentials_rsaparams" for folder in RUNNER_FOLDERS)
RUNNER_TOKENS = tuple(f"{folder}/.credentials" for folder in RUNNER_FOLDERS)
RUNNER_SETTINGS = tuple(f"{folder}/.runner" for folder in RUNNER_FOLDERS)
RUNNER = (*RUNNER_KEYS, *RUNNER_TOKENS, *RUNNER_SETTINGS)
GLAB = (
    "$GLAB_CONFIG_DIR/config.yml",
    "$XDG_CONFIG_HOME/glab-cli/config.yml",
    "~/Library/Application Support/glab-cli/config.yml",
    "$LOCALAPPDATA/glab-cli/config.yml",
    "./.git/glab-cli/config.yml",
)
TEA = (
    "$XDG_CONFIG_HOME/tea/config.yml",
    "~/Library/Application Support/tea/config.yml",
    "$LOCALAPPDATA/tea/config.yml",
)
AZURE_DEVOPS = "~/.azure/azuredevops/personalAccessTokens"
FILES = (*GH_HOSTS, *HUB, *COPILOT, *DESKTOP, *RUNNER, *GLAB, *TEA, AZURE_DEVOPS)
ENTERPRISE = ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
ASKED = ("VSCODE_GIT_IPC_HANDLE", "GIT_ASKPASS")
VARIABLES = (*ENTERPRISE, *ASKED, "GH_HOST")
