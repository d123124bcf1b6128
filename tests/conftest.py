"""What every test shares: a home of its own, and how hypothesis runs."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.skips import may_skip

settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

FOLDERS = {
    "XDG_CONFIG_HOME": ".config",
    "XDG_DATA_HOME": ".local/share",
    "XDG_STATE_HOME": ".local/state",
    "XDG_CACHE_HOME": ".cache",
    "XDG_RUNTIME_DIR": "run",
    "ARMSLENGTH_STATE": ".state/armslength",
    "APPDATA": "AppData/Roaming",
    "LOCALAPPDATA": "AppData/Local",
}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """An empty home for each test, so that none reads or writes that of whoever runs it."""
    folder = tmp_path / "home" / "ada"
    folder.mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    for name, below in FOLDERS.items():
        monkeypatch.setenv(name, str(folder / below))
    return folder


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Makes a skip for a reason that tests/skips.py does not list a failure."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if not may_skip(reason):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: tests/skips.py does not allow to skip for this reason: {reason}"
    return report
