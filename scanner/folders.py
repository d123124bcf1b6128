"""Where this user's configuration and state of ours lie."""

import os
import sys
from pathlib import Path

NAME = "armslength"


def configuration() -> Path:
    """The folder of the configuration."""
    told = _by_xdg("XDG_CONFIG_HOME", ".config")
    if told is not None:
        return told
    import platformdirs

    return Path(platformdirs.user_config_dir(NAME, appauthor=False))


def state() -> Path:
    """The folder of the state."""
    told = _by_xdg("XDG_STATE_HOME", ".local/state")
    if told is not None:
        return told
    import platformdirs

    return Path(platformdirs.user_state_dir(NAME, appauthor=False))


def managed() -> Path:
    """The folder of what an administrator settles for this machine; only they may write there."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA") or r"C:\\ProgramData", NAME)
    return Path("/Library/Application Support" if sys.platform == "darwin" else "/etc", NAME)


def _by_xdg(variable: str, default: str) -> Path | None:
    """What a variable or the home says on Linux, as platformdirs takes it; None where only platformdirs can tell.

    To load that costs as much as to look at an empty home.
    """
    if sys.platform != "linux":
        return None
    named, home = os.environ.get(variable, ""), os.environ.get("HOME", "")
    if named.startswith("/"):
        return Path(named, NAME)
    return Path(home, default, NAME) if home.startswith("/") else None
