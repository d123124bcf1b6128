"""The settings of VS Code that bear on its agent, and the policies that decide some of them."""

from probes.agents.editors.seats import Asked

AGENT = "vscode-copilot"
TITLE = "VS Code agent mode"
MODE = "chat.permissions.default"
SESSIONS = "chat.defaultConfiguration"
GLOBAL = "chat.tools.global.autoApprove"
TERMINAL = "chat.tools.terminal.autoApprove"
TERMINAL_ON = "chat.tools.terminal.enableAutoApprove"
TERMINAL_OWN = "chat.tools.terminal.ignoreDefaultAutoApproveRules"
SCRIPTS = "chat.tools.terminal.autoApproveWorkspaceNpmScripts"
BLOCK = "chat.tools.terminal.blockDetectedFileWrites"
EDITS = "chat.tools.edits.autoApprove"
URLS = "chat.tools.urls.autoApprove"
ELIGIBLE = "chat.tools.eligibleForAutoApproval"
READS = "github.copilot.chat.additionalReadAccessFolders"
CLAUDE = "github.copilot.chat.claudeAgent.allowDangerouslySkipPermissions"
FILTER = "chat.agent.networkFilter"
HOSTS = ("chat.agent.allowedNetworkDomains", "chat.agent.sandbox.allowedNetworkDomains")
BARRED = ("chat.agent.deniedNetworkDomains", "chat.agent.sandbox.deniedNetworkDomains")
BOX = ("chat.agent.sandbox.enabled", "chat.agent.sandbox")  # the second in older builds
BOX_WINDOWS = "chat.agent.sandbox.enabledWindows"
BOX_NETWORK = ("chat.agent.sandbox.allowNetwork", "chat.agent.sandbox.network.allowNetwork")
BOX_UNASKED = "chat.agent.sandbox.allowAutoApprove"
BOX_FILES = "chat.agent.sandbox.fileSystem"
SYSTEMS = ("linux", "mac", "windows")
# Of builds from before these settings had their names.
OLD_GLOBAL = ("chat.tools.autoApprove", "chat.agent.autoApprove")
OLD_TERMINAL = "chat.agent.terminal.autoApprove"

POLICIES = {
    "ChatToolsAutoApprove": GLOBAL,
    "ChatToolsTerminalEnableAutoApprove": TERMINAL_ON,
    "ChatToolsEligibleForAutoApproval": ELIGIBLE,
    "ChatAgentSandboxEnabled": BOX[0],
    "ChatAgentSandboxAllowNetwork": BOX_NETWORK[0],
    "ChatAgentSandboxAllowAutoApprove": BOX_UNASKED,
    "ChatAgentNetworkFilter": FILTER,
    "ChatAgentAllowedNetworkDomains": HOSTS[0],
    "ChatAgentDeniedNetworkDomains": BARRED[0],
}
# Each as it is told: by its value, or by the number of its entries.
BEARING = (
    *(
        MODE,
        SESSIONS,
        GLOBAL,
        *OLD_GLOBAL,
        TERMINAL_ON,
        TERMINAL,
        OLD_TERMINAL,
        TERMINAL_OWN,
        SCRIPTS,
        BLOCK,
        EDITS,
        URLS,
    ),
    *(ELIGIBLE, READS, CLAUDE, FILTER, *HOSTS, *BARRED, *BOX, BOX_WINDOWS, *BOX_NETWORK, BOX_UNASKED),
    *(f"{BOX_FILES}.{system}" for system in SYSTEMS),
)
ASKED = Asked(frozenset(BEARING), POLICIES)
# What VS Code keeps in its database: that a person let commands run by rules, and tools and servers that ask no more.
ACCEPTED = "chat.tools.terminal.autoApprove.warningAccepted"
TOOLS = "chat/autoconfirm"
SERVERS = "chat/servers/autoconfirm"
