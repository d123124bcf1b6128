"""What listings tell of places that are not there, held against a look at each place."""

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.host import FileKind
from scanner.host.ports import Entry
from scanner.model import Platform
from scanner.testing import HOMES, FakeFile, FakeHost, fake_machine

FILES = {
    "~/.kube/config": "x",
    "~/.config/gh/hosts.yml": "x",
    "~/.docker": FakeFile(link="/elsewhere"),
    "/elsewhere/config.json": "x",
    "~/w/.mcp.json": "x",
    "~/v/.git/config": "x",
}
PARTS = st.sampled_from(
    [".kube", "config", ".config", "gh", "hosts.yml", ".docker", "config.json", ".mcp.json", "*", ""]
)


class Counted:
    """Files that count how often each folder was listed and each place looked at."""

    def __init__(self, files):
        self.files, self.listed, self.looked = files, [], []

    def entries(self, folder):
        self.listed.append(folder)
        return self.files.entries(folder)

    def place(self, path, inside=()):
        self.looked.append(path)
        return self.files.place(path, inside)

    def content(self, path, limit, inside=()):
        return self.files.content(path, limit, inside)


def machine(platform=Platform.LINUX, **more):
    return fake_machine(platform, FILES, workspace="~/w", neighbours=["~/v"], **more)


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(
    ("pattern", "lacking"),
    [
        ("~/.kube/config", False),
        ("~/.kube/*", False),
        ("~/.aws/config", True),
        ("~/.config/gh/hosts.yml", False),
        ("~/.config/gh/config.yml", True),
        ("~/.config/gcloud/x/y", True),
        ("~/.kube/config/below-a-file", False),  # left to the look itself
        ("~/.docker/config.json", False),  # behind a link
        ("./.mcp.json", False),
        ("./.git/config", False),  # of a neighbour
        ("./.vscode/mcp.json", True),
        ("$NOT_SET/x", True),
        ("$XDG_CONFIG_HOME/gh/hosts.yml", False),
        ("$XDG_CONFIG_HOME/glab/hosts.yml", True),
    ],
)
def test_what_a_listing_tells(platform, pattern, lacking):
    assert machine(platform).lacks(pattern) is lacking


def test_letters_of_another_case_are_the_same_name_where_the_platform_says_so():
    assert machine(Platform.LINUX).lacks("~/.KUBE/config")
    assert not machine(Platform.MACOS).lacks("~/.KUBE/config")


def test_a_folder_that_may_not_be_listed_tells_nothing():
    locked = fake_machine(files={"/home/ada": FakeFile(None, kind=FileKind.FOLDER), "~/.kube/config": "x"})
    assert not locked.lacks("~/.aws/config")


@pytest.mark.parametrize("platform", sorted(Platform))
@given(parts=st.lists(PARTS, min_size=1, max_size=4))
def test_what_it_calls_absent_is_absent(platform, parts):
    """The same places are found with and without the listings."""
    pattern = "~/" + "/".join(parts)
    host = FakeHost(platform, FILES)
    if host.machine.lacks(pattern):
        assert [path for path in host.machine.paths(pattern) for _ in found(host, path)] == []


def found(host, path: PurePath):
    """Every place the path stands for, by the long way."""
    return [place for place in host._globbed(path, len(HOMES[host.platform].parts)) if host.machine.files.place(place)]


def test_many_absent_places_cost_one_listing_and_no_look():
    from msgspec.structs import replace

    from scanner.host import Host
    from scanner.testing import TEST_KEY
    from scanner.vault import Vault

    plain = machine()
    counted = Counted(plain.files)
    host = Host(replace(plain, files=counted), Vault(TEST_KEY))
    assert list(host.places(*(f"~/.tool-{number}/config" for number in range(50)))) == []
    assert (counted.listed, counted.looked) == ([plain.home], [])


def test_a_name_met_twice_by_folding_is_not_lost():
    class Odd:
        def entries(self, folder):
            return [Entry(".Kube", FileKind.FILE), Entry(".kube", FileKind.FOLDER)]

    from scanner.host.absence import Absence

    assert not Absence(Odd(), Platform.MACOS, HOMES[Platform.MACOS]).tells("~/.kube/config")
