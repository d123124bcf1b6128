"""What the probe of container engines reads."""

ENGINES = (
    *("/var/run/docker.sock", "/run/docker.sock", "$XDG_RUNTIME_DIR/docker.sock"),
    *("/run/podman/podman.sock", "$XDG_RUNTIME_DIR/podman/podman.sock"),
    *("~/.docker/run/docker.sock", "~/.docker/desktop/docker.sock"),
    *("~/.colima/docker.sock", "~/.colima/*/docker.sock", "$XDG_CONFIG_HOME/colima/*/docker.sock"),
    *("$COLIMA_HOME/*/docker.sock", "$LIMA_HOME/*/sock/{docker,podman}.sock", "~/.lima/*/sock/{docker,podman}.sock"),
    *("~/.orbstack/run/docker.sock", "~/.rd/docker.sock"),
    *("~/.local/share/containers/podman/machine/*/podman.sock", "$TMPDIR/podman/podman-machine-*-api.sock"),
)
# These speak gRPC and not HTTP/1, so that they are not asked.
UNASKED = (
    *("/run/containerd/containerd.sock", "/run/crio/crio.sock", "/run/buildkit/buildkitd.sock"),
    *("$XDG_RUNTIME_DIR/buildkit/buildkitd.sock", "~/.colima/*/containerd.sock", "~/.lima/*/sock/containerd.sock"),
)
PIPES = ("//./pipe/docker_engine", "//./pipe/dockerDesktopLinuxEngine", "//./pipe/podman-machine-default")
SOCKETS = (*ENGINES, *UNASKED)
RUNTIME = "<the runtime folder of this user>"
NAMED = "<the socket of an engine's address>"
MARKS = ("/.dockerenv", "/run/.containerenv")
MARKED_BY = ("container", "DEVCONTAINER", "REMOTE_CONTAINERS")  # variables that only a container's process has
ACCOUNTS = ("/etc/passwd", "/etc/group")

DOCKER_CONFIGS = ("$DOCKER_CONFIG/config.json", "~/.docker/config.json")
LEGACY_CONFIG = "~/.dockercfg"
PODMAN_LOGINS = (
    *("$REGISTRY_AUTH_FILE", "$XDG_RUNTIME_DIR/containers/auth.json", "$XDG_CONFIG_HOME/containers/auth.json"),
    "~/.config/containers/auth.json",
)
HELM_LOGINS = (
    *("$HELM_REGISTRY_CONFIG", "$HELM_CONFIG_HOME/registry/config.json", "$XDG_CONFIG_HOME/helm/registry/config.json"),
    *("~/Library/Preferences/helm/registry/config.json", "$APPDATA/helm/registry/config.json"),
)
RUN_LOGINS = "<the logins of this user in /run/containers>"
CONTEXTS = ("$DOCKER_CONFIG/contexts/meta/*/meta.json", "~/.docker/contexts/meta/*/meta.json")
TLS_FOLDER = "<the TLS files of an address>"
PODMAN_CONNECTIONS = ("$PODMAN_CONNECTIONS_CONF", "$XDG_CONFIG_HOME/containers/podman-connections.json")
CONTAINERS_CONF = (
    *("$CONTAINERS_CONF", "$CONTAINERS_CONF_OVERRIDE", "$XDG_CONFIG_HOME/containers/containers.conf"),
    "/etc/containers/containers.conf",
)
WINDOWS_PODMAN = ("$APPDATA/containers/podman-connections.json", "$APPDATA/containers/containers.conf")
FILES = (
    *(*DOCKER_CONFIGS, LEGACY_CONFIG, *PODMAN_LOGINS, *HELM_LOGINS, *CONTEXTS),
    *(*PODMAN_CONNECTIONS, *CONTAINERS_CONF, *WINDOWS_PODMAN),
)
VARIABLES = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONFIG"),
    *("CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY", "DOCKER_AUTH_CONFIG"),
)
READS = (
    *(*FILES, *SOCKETS, *PIPES, *MARKS, *ACCOUNTS, RUNTIME, NAMED, RUN_LOGINS, TLS_FOLDER),
    *("socket:container-engine", *(f"env:{name}" for name in (*VARIABLES, *MARKED_BY, "XDG_RUNTIME_DIR"))),
)

# Groups whose members are root through an engine or a manager of virtual machines that runs as root.
GROUPS = ("docker", "lxd", "incus-admin", "incus", "libvirt")
