"""Our own folders lie where platformdirs says, whether it was asked or not."""

from pathlib import Path

import platformdirs
import pytest

from scanner import folders

CASES = [
    {},
    {"XDG_CONFIG_HOME": "/x/config", "XDG_STATE_HOME": "/x/state/"},
    {"XDG_CONFIG_HOME": "relative", "XDG_STATE_HOME": ""},
    {"XDG_CONFIG_HOME": "~/x"},
    {"HOME": "/"},
    {"HOME": "/home/ada/"},
    {"HOME": ""},
    {"HOME": "relative"},
    {"HOME": None},
]


@pytest.mark.parametrize("variables", CASES, ids=str)
def test_they_lie_where_platformdirs_says(variables, monkeypatch):
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    assert folders.configuration() == Path(platformdirs.user_config_dir("armslength", appauthor=False))
    assert folders.state() == Path(platformdirs.user_state_dir("armslength", appauthor=False))


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_elsewhere_platformdirs_alone_is_asked(platform, monkeypatch):
    monkeypatch.setattr(folders.sys, "platform", platform)
    monkeypatch.setattr(platformdirs, "user_config_dir", lambda name, appauthor: "/asked/config")
    monkeypatch.setattr(platformdirs, "user_state_dir", lambda name, appauthor: "/asked/state")
    assert folders.configuration() == Path("/asked/config")
    assert folders.state() == Path("/asked/state")
