"""Files that other users may read: by the mode of the file, and by those of the folders above it."""

import pytest

from probes.modes import readable_by_others
from scanner.host import FileKind
from scanner.model import Platform
from scanner.testing import FakeFile, FakeHost

PATH = "~/.tool/token"


def folder(mode):
    return FakeFile(kind=FileKind.FOLDER, mode=mode)


def found(platform, mode, folders=None, path=PATH, **more):
    files = {path: FakeFile("x", mode=mode, **more), **{at: folder(bits) for at, bits in (folders or {}).items()}}
    host = FakeHost(platform, files)
    [place] = host.places(path)
    return [*readable_by_others(host, place)]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize(("mode", "open_to_all"), [(0o644, True), (0o604, True), (0o600, False), (0o622, False)])
def test_the_mode_of_the_file_says_who_may_read_it(platform, mode, open_to_all):
    assert bool(found(platform, mode)) is open_to_all


def test_a_group_is_the_user_s_own_but_on_macos_where_all_are_in_it():
    assert [bool(found(each, 0o640)) for each in (Platform.LINUX, Platform.MACOS)] == [False, True]


@pytest.mark.parametrize("platform", Platform)
@pytest.mark.parametrize("at", ["~", "~/.tool"])
def test_one_closed_folder_above_keeps_others_out(platform, at):
    home = str(FakeHost(platform).home)
    for mode, inside in [(0o700, False), (0o711, True), (0o755, True), (None, True)]:
        assert bool(found(platform, 0o644, {at.replace("~", home): mode})) is inside


def test_a_home_for_its_group_is_closed_on_linux_and_open_on_macos():
    assert not found(Platform.LINUX, 0o644, {"/home/ada": 0o750})
    assert found(Platform.MACOS, 0o644, {"/Users/ada": 0o750})


@pytest.mark.parametrize(("link_s", "target_s", "inside"), [(0o700, 0o755, True), (0o755, 0o700, False)])
def test_where_a_link_led_its_own_folders_count(link_s, target_s, inside):
    files = {
        "~/.shared/token": FakeFile("x", mode=0o644),
        "~/.tool": folder(link_s),
        "~/.shared": folder(target_s),
    }
    host = FakeHost(files={**files, PATH: FakeFile(link="/home/ada/.shared/token")})
    assert bool([*readable_by_others(host, next(host.places(PATH)))]) is inside


def test_what_is_another_s_or_of_no_mode_is_no_weakness_of_this_user_s():
    assert not found(Platform.LINUX, 0o644, mine=False)
    assert not found(Platform.LINUX, None)


def test_the_mend_is_for_a_shell():
    [weakness] = found(Platform.LINUX, 0o644, path="~/a b;c")
    assert weakness.fix.commands == ("chmod 600 ~/'a b;c'",)
