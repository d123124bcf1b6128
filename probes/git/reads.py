"""What the git probe reads."""

SYSTEM = (
    "$GIT_CONFIG_SYSTEM",
    "/etc/gitconfig",
    "/usr/local/etc/gitconfig",
    "/opt/homebrew/etc/gitconfig",
    "/Library/Developer/CommandLineTools/usr/share/git-core/gitconfig",
    "/Applications/Xcode.app/Contents/Developer/usr/share/git-core/gitconfig",
    "C:/Program Files/Git/etc/gitconfig",
    "$PROGRAMDATA/Git/config",
)
USER = ("$GIT_CONFIG_GLOBAL", "$XDG_CONFIG_HOME/git/config", "~/.gitconfig")
STORES = ("~/.git-credentials", "$XDG_CONFIG_HOME/git/credentials")
NETRC = ("$NETRC", "~/.netrc", "~/_netrc", "~/.authinfo")
SOCKETS = ("$XDG_CACHE_HOME/git/credential/socket", "~/.git-credential-cache/socket")
MANAGER = (
    "$GCM_PLAINTEXT_STORE_PATH/git/*/*/*.credential",
    "~/.gcm/store/git/*/*/*.credential",
    "~/.gcm/store/git/*/*/*/*.credential",
)
MANAGER_SEALED = (
    "$GCM_DPAPI_STORE_PATH/git/*/*/*.credential",
    "~/.gcm/dpapi_store/git/*/*/*.credential",
)
MANAGER_PASS = (
    "$PASSWORD_STORE_DIR/git/*/*/*.gpg",
    "~/.password-store/git/*/*/*.gpg",
)
FILES = (*USER, *STORES, *NETRC, *SOCKETS, *MANAGER, *MANAGER_SEALED, *MANAGER_PASS)
REPOSITORY = "./.git"
ENCLOSING = "<.git of a folder above>"
GIT_FOLDER = "<git folder>"
WORKFLOWS = "./.github/workflows/*.{yml,yaml}"
STORE_FILE = "<credential store --file>"
CACHE_SOCKET = "<credential cache --socket>"
COOKIES = "<http.cookieFile>"
CLIENT_KEY = "<http.sslKey>"
MANAGER_FILE = "<credential.plaintextStorePath>"
NAMED = (ENCLOSING, GIT_FOLDER, STORE_FILE, CACHE_SOCKET, COOKIES, CLIENT_KEY, MANAGER_FILE)
