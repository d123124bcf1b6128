"""A session bus with a real secret service, for one program; the keyring lies in the program's home."""

import shutil

import pytest

UNLOCKED = "printf pw | gnome-keyring-daemon --unlock --components=secrets"
LOCKED = "gnome-keyring-daemon --start --components=secrets"  # what was unlocked before; without a keyring, nothing
BUS_ALONE = "true"

daemon = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")),
    reason="gnome-keyring is not installed",
)


def launcher(start, *program):
    """The words before a program's arguments that give it a session of its own."""
    return ["dbus-run-session", "--", "sh", "-c", f'{start} >/dev/null 2>&1; exec "$0" "$@"', *map(str, program)]


def variables(home):
    """The environment that such a session needs, and nothing that would lead to another."""
    run = home / "run"
    run.mkdir(mode=0o700, exist_ok=True)
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "XDG_RUNTIME_DIR": str(run)}
