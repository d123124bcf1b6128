"""What is shipped: the wheel holds everything, the version stands once, the locks fit what is declared."""

import re
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.version import Version

from scanner.version import __version__

ROOT = Path(__file__).parent.parent
PACKAGES = ("scanner", "probes", "reports")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    built = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path_factory.mktemp("wheel")), versions=["standard"]))
    with ZipFile(built) as archive:
        yield archive


def test_the_wheel_holds_every_file_of_the_three_packages(wheel):
    lie_here = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert any(name.endswith(".toml") for name in lie_here)
    assert lie_here - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_but_the_packages_and_its_own_card(wheel):
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {*PACKAGES, f"armslength-{__version__}.dist-info"}


def test_the_wheel_makes_one_command(wheel):
    [entry_points] = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert wheel.read(entry_points).decode().split() == ["[console_scripts]", "armslength", "=", "scanner.cli:main"]


def test_the_version_stands_in_one_place():
    assert "version" not in PROJECT["project"]
    assert PROJECT["tool"]["hatch"]["version"]["path"] == "scanner/version.py"
    said = [
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"^__version__\s*=", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert said == ["scanner/version.py"]


def pinned(lock):
    return {name: Version(version) for name, version in PINNED.findall((ROOT / lock).read_text(encoding="utf-8"))}


LOCKED = [
    *(("requirements.lock", wanted) for wanted in PROJECT["project"]["dependencies"]),
    *(("requirements.lock", wanted) for wanted in PROJECT["project"]["optional-dependencies"]["live"]),
    *(("requirements-dev.lock", wanted) for wanted in PROJECT["project"]["dependencies"]),
    *(("requirements-dev.lock", wanted) for wanted in PROJECT["dependency-groups"]["dev"]),
    *(("requirements-dev.lock", wanted) for wanted in PROJECT["build-system"]["requires"]),
]


@pytest.mark.parametrize(("lock", "wanted"), LOCKED)
def test_a_lock_holds_what_is_declared(lock, wanted):
    requirement = Requirement(wanted)
    assert pinned(lock)[requirement.name] in requirement.specifier


def test_both_locks_name_the_same_versions():
    run, development = pinned("requirements.lock"), pinned("requirements-dev.lock")
    common = run.keys() & development.keys()
    assert common
    assert {name: development[name] for name in common} == {name: run[name] for name in common}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_entry_of_a_lock_is_hashed_and_none_names_where_it_came_from(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [
        entry for entry in entries if not re.fullmatch(r"[^\n]+ \\(\n    --hash=sha256:\w{64}( \\)?)+", entry)
    ] == []
    assert "://" not in text
    assert "@" not in text
