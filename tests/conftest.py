"""What every test shares: a home that is nobody's, and how hypothesis runs."""

import gc
import os
import shutil
from pathlib import Path

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


SHARED = pytest.StashKey[Path]()  # the home of all tests that ask for none
STAY = 50_000  # objects made before the collector looks: thousands of tests make many that stay

gc.disable()  # collecting tests makes nothing else


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """From here on the collector looks only at what tests make."""
    gc.freeze()
    gc.set_threshold(STAY)
    gc.enable()


def moved_in(folder, patch):
    """The folder, once it is the home of this process."""
    folder.mkdir(parents=True)
    for name in ("HOME", "USERPROFILE"):
        patch.setenv(name, str(folder))
    for name, below in FOLDERS.items():
        patch.setenv(name, str(folder / below))
    return folder


@pytest.fixture(autouse=True, scope="session")
def shared_home(tmp_path_factory, pytestconfig):
    """An empty home for all tests that ask for none, so that none reads or writes that of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        folder = moved_in(tmp_path_factory.mktemp("shared") / "ada", patch)
        pytestconfig.stash[SHARED] = folder
        yield folder


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty home for this test alone, which it may write to."""
    return moved_in(tmp_path / "home" / "ada", monkeypatch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """Makes what a test leaves in the home of all a failure of that test."""
    done = yield
    shared = item.config.stash.get(SHARED, None)
    if shared is not None and (left := os.listdir(shared)):
        shutil.rmtree(shared)
        shared.mkdir()
        pytest.fail(f"{item.nodeid} writes to a home, so it has to ask for one: the fixture `home`. Left: {left}")
    return done


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
