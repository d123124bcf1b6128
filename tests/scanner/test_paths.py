"""What a declared pattern stands for on each platform."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from scanner.host.paths import braces, expand, shown, within
from scanner.model import Platform
from scanner.testing import HOMES

LINUX, MACOS, WINDOWS = Platform.LINUX, Platform.MACOS, Platform.WINDOWS
WORKSPACES = {platform: home / "src" / "app" for platform, home in HOMES.items()}

TABLE = [
    (LINUX, "~", {}, ["/home/ada"]),
    (LINUX, "~/.npmrc", {}, ["/home/ada/.npmrc"]),
    (WINDOWS, "~/.npmrc", {}, ["C:/Users/ada/.npmrc"]),
    (LINUX, "./.env", {}, ["/home/ada/src/app/.env"]),
    (LINUX, "/etc/passwd", {}, ["/etc/passwd"]),
    (WINDOWS, "/etc/passwd", {}, []),
    (WINDOWS, "C:/ProgramData/x", {}, ["C:/ProgramData/x"]),
    (LINUX, "C:/ProgramData/x", {}, []),
    (WINDOWS, "//./pipe/docker_engine", {}, ["//./pipe/docker_engine"]),
    (MACOS, "//./pipe/docker_engine", {}, []),
    (LINUX, "~/{.a,.b/c}/d", {}, ["/home/ada/.a/d", "/home/ada/.b/c/d"]),
    (LINUX, "$XDG_CONFIG_HOME/x", {}, ["/home/ada/.config/x"]),
    (LINUX, "$XDG_CONFIG_HOME/x", {"XDG_CONFIG_HOME": "/cfg"}, ["/cfg/x"]),
    (LINUX, "$XDG_CONFIG_HOME/x", {"XDG_CONFIG_HOME": ""}, ["/home/ada/.config/x"]),
    (LINUX, "$XDG_RUNTIME_DIR/x", {}, ["/run/user/1000/x"]),
    (MACOS, "$XDG_RUNTIME_DIR/x", {}, []),
    (WINDOWS, "$APPDATA/x", {}, ["C:/Users/ada/AppData/Roaming/x"]),
    (WINDOWS, "$APPDATA/x", {"APPDATA": "D:/roaming"}, ["D:/roaming/x"]),
    (LINUX, "$APPDATA/x", {}, []),
    (LINUX, "$KUBECONFIG", {}, []),
    (LINUX, "$KUBECONFIG", {"KUBECONFIG": "/a:~/b::c"}, ["/a", "/home/ada/b", "/home/ada/src/app/c"]),
    (WINDOWS, "$KUBECONFIG", {"KUBECONFIG": "C:/a;~/b"}, ["C:/a", "C:/Users/ada/b"]),
    (LINUX, "$KUBECONFIG", {"KUBECONFIG": "/a:/a"}, ["/a"]),
]


@pytest.mark.parametrize(("platform", "pattern", "variables", "paths"), TABLE)
def test_a_pattern_stands_for_these_paths(platform, pattern, variables, paths):
    found = expand(
        pattern,
        platform=platform,
        home=HOMES[platform],
        projects=(WORKSPACES[platform],),
        variables=variables,
        uid=None if platform is WINDOWS else 1000,
    )
    assert found == [type(HOMES[platform])(path) for path in paths]


@pytest.mark.parametrize("pattern", ["./.env", "$KUBECONFIG"])
def test_without_a_workspace_nothing_lies_in_it(pattern):
    home = HOMES[LINUX]
    assert expand(pattern, platform=LINUX, home=home, projects=(), variables={"KUBECONFIG": "config"}, uid=None) == []


def test_braces_give_each_choice():
    assert list(braces("{a,b}{1,2}")) == ["a1", "a2", "b1", "b2"]
    assert list(braces("plain")) == ["plain"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (PurePosixPath("/home/ada"), "~"),
        (PurePosixPath("/home/ada/x y"), "~/x y"),
        (PurePosixPath("/home/ada2/x"), "/home/ada2/x"),
        (PurePosixPath("/home/ada/\udcff\x1b"), r"~/\xff\x1b"),
    ],
)
def test_a_path_is_shown_relative_to_its_home_and_printable(path, told):
    assert shown(path, PurePosixPath("/home/ada")) == told


def test_a_windows_path_is_shown_with_forward_slashes_whatever_its_case():
    assert shown(PureWindowsPath(r"c:\users\ADA\x\y"), PureWindowsPath("C:/Users/ada")) == "~/x/y"
    assert within(PureWindowsPath("c:/USERS/ada"), PureWindowsPath("C:/Users"))
