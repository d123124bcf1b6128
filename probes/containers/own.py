"""Places of this user whose path holds the account's number, for when no variable names their folder."""

from pathlib import PurePath

from scanner.host import Host
from scanner.host.paths import pure
from scanner.model import Platform


def own_logins(host: Host) -> tuple[PurePath, ...]:
    """Where Podman keeps logins without XDG_RUNTIME_DIR."""
    uid = host.machine.uid
    if host.platform is not Platform.LINUX or uid is None or host.variable("XDG_RUNTIME_DIR"):
        return ()
    return (pure(host.platform, f"/run/containers/{uid}/auth.json"),)


def own_sockets(host: Host) -> tuple[PurePath, ...]:
    """Where rootless engines listen by custom, if XDG_RUNTIME_DIR leads elsewhere."""
    folder = f"/run/user/{host.machine.uid}"
    if host.platform is not Platform.LINUX or host.variable("XDG_RUNTIME_DIR") in {None, "", folder}:
        return ()
    return tuple(pure(host.platform, f"{folder}/{name}") for name in ("docker.sock", "podman/podman.sock"))
