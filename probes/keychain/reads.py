"""What the keychain probe reads."""

GNOME = "$XDG_DATA_HOME/keyrings/*.keyring"
GNOME_TEXT = "<keyring without a password>"
KWALLET = "$XDG_DATA_HOME/kwalletd/*.kwl"
MACOS = "~/Library/Keychains/*.keychain-db"
WINDOWS = (
    "$LOCALAPPDATA/Microsoft/Credentials",
    "$APPDATA/Microsoft/Credentials",
    "$LOCALAPPDATA/Microsoft/Vault",
)
PASS = ("$PASSWORD_STORE_DIR/.gpg-id", "~/.password-store/.gpg-id")
PASS_ENTRIES = tuple(
    f"{folder}/{depth}*.gpg" for folder in ("$PASSWORD_STORE_DIR", "~/.password-store") for depth in ("", "*/", "*/*/")
)
PYTHON = ("$XDG_DATA_HOME/python_keyring/keyring_pass.cfg", "$LOCALAPPDATA/Python Keyring/keyring_pass.cfg")
PYTHON_SETTINGS = (
    *("$XDG_CONFIG_HOME/python_keyring/keyringrc.cfg", "$XDG_DATA_HOME/python_keyring/keyringrc.cfg"),
    "$LOCALAPPDATA/Python Keyring/keyringrc.cfg",
)
DAEMON = "$XDG_RUNTIME_DIR/keyring/control"
BUS = "$XDG_RUNTIME_DIR/bus"
BUS_VARIABLE = "env:DBUS_SESSION_BUS_ADDRESS"
GH_HOSTS = ("$GH_CONFIG_DIR/hosts.yml", "$XDG_CONFIG_HOME/gh/hosts.yml", "$APPDATA/GitHub CLI/hosts.yml")
CODEX = ("$CODEX_HOME", "~/.codex")
STORES = (GNOME, KWALLET, MACOS, *WINDOWS, *PASS, *PYTHON, *PYTHON_SETTINGS)
READS = (
    *(*STORES, GNOME_TEXT, *PASS_ENTRIES, DAEMON, BUS, BUS_VARIABLE),
    *(*GH_HOSTS, *CODEX, "keychain"),
)
