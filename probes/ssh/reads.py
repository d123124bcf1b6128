"""Where SSH's keys, settings, agents and connections lie."""

USER_CONFIG = "~/.ssh/config"
SPARE_CONFIGS = "~/.ssh/config.d/*"
SYSTEM_CONFIGS = ("/etc/ssh/ssh_config", "$PROGRAMDATA/ssh/ssh_config")
INCLUDED = "<Include>"

LISTED = "~/.ssh/*"
KEY_FILE = "<file in ~/.ssh>"
NAMED_KEY = "<IdentityFile>"

KNOWN_HOSTS = (
    "~/.ssh/known_hosts",
    "~/.ssh/known_hosts2",
    "/etc/ssh/ssh_known_hosts",
    "$PROGRAMDATA/ssh/ssh_known_hosts",
)

SOCKETS = (
    "$XDG_RUNTIME_DIR/ssh-agent.socket",
    "$XDG_RUNTIME_DIR/keyring/ssh",
    "$XDG_RUNTIME_DIR/gcr/ssh",
    "~/.1password/agent.sock",
    "~/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock",
    "~/.ssh/agent/*",
    "/tmp/ssh-*/agent.*",  # noqa: S108 - looked at, never written
)
PIPES = ("//./pipe/openssh-ssh-agent",)
AGENT_VARIABLE = "env:SSH_AUTH_SOCK"
BY_VARIABLE = "<SSH_AUTH_SOCK>"
BY_CONFIG = "<IdentityAgent>"

CONTROL_NAMED = "<ControlPath>"

READS = (
    LISTED,
    KEY_FILE,
    NAMED_KEY,
    USER_CONFIG,
    SPARE_CONFIGS,
    *SYSTEM_CONFIGS,
    INCLUDED,
    *KNOWN_HOSTS,
    CONTROL_NAMED,
    AGENT_VARIABLE,
    "env:SSH_CONNECTION",
    "env:SSH_AGENT_PID",
    BY_VARIABLE,
    BY_CONFIG,
    *SOCKETS,
    *PIPES,
    "socket:ssh-agent",
)
