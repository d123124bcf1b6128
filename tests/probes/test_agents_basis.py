"""What the readers of small agents share: whose files count, which could be read, and what runs."""

import pytest

from probes.agents.basis import Basis, globs, literal
from probes.agents.documents import Documents
from probes.agents.installed import Installed
from probes.agents.layers import layered
from scanner.data.agent_places import places_of
from scanner.host import Process
from scanner.model import Gap, GapKind, Gate, Platform
from scanner.testing import HOMES, FakeFile, FakeHost
from tests.probes.agent_cases import APP, ASKED, EXECUTE, HOME, TAKEN, WRITE, Found

SETTINGS = {
    "aider": ("~/.aider.conf.yml", "model: x\n"),
    "amazon-q": ("~/.local/share/amazon-q/settings.json", "{}"),
    "continue": ("~/.continue/permissions.yaml", "allow: []\n"),
    "goose": ("~/.config/goose/config.yaml", "GOOSE_MODE: approve\n"),
    "junie": ("~/.junie/allowlist.json", "{}"),
    "kiro": ("~/.kiro/settings/permissions.yaml", "rules: []\n"),
    "openhands": ("~/.openhands/settings.json", "{}"),
    "warp": ("~/.config/warp-terminal/settings.toml", ""),
    "zed": ("~/.config/zed/settings.json", "{}"),
}


@pytest.mark.parametrize("agent", sorted(SETTINGS))
def test_it_is_judged_without_a_workspace(agent):
    path, text = SETTINGS[agent]
    found = Found(agent, {path: text}, workspace=None)
    assert found.seen.policy is not None
    assert found.seen.folder is None


@pytest.mark.parametrize("agent", sorted(SETTINGS))
def test_a_file_that_may_not_be_read_is_a_gap_and_makes_no_default_sure(agent):
    path, _ = SETTINGS[agent]
    found = Found(agent, {path: None})
    assert any(gap.kind is GapKind.REFUSED and "permission" in gap.why for gap in found.only(Gap))
    assert found.gates(EXECUTE, "x")[0] is Gate.UNKNOWN


@pytest.mark.parametrize("agent", sorted(SETTINGS))
def test_its_row_names_a_reader_and_its_files(agent):
    row = places_of(agent)
    assert row.reader
    assert all(patterns for patterns in row.files.values())


def test_a_neighbour_s_broken_file_changes_nothing():
    files = {"~/.config/Kiro/User/settings.json": "{}", "~/src/other/.vscode/settings.json": "{"}
    found = Found("kiro", files, neighbours=["~/src/other"])
    assert found.gates(EXECUTE, "x") == (Gate.PROMPT, Gate.PROMPT)
    assert found.gaps() == []


def test_a_neighbour_s_settings_count_for_nothing():
    files = {
        "~/.config/Kiro/User/settings.json": "{}",
        "~/src/other/.vscode/settings.json": {"kiroAgent.trustedCommands": ["*"]},
    }
    found = Found("kiro", files, neighbours=["~/src/other"])
    assert found.gates(EXECUTE, "x") == (Gate.PROMPT, Gate.PROMPT)
    assert found.weak() == []


def test_a_link_out_of_the_project_gives_nothing():
    files = {
        "~/.aider.conf.yml": "",
        "/srv/evil.yml": "yes-always: true",
        f"{APP}/.aider.conf.yml": FakeFile(link="/srv/evil.yml"),
    }
    found = Found("aider", files)
    assert found.gates(WRITE, "/etc/a")[1] is Gate.PROMPT


def test_a_process_of_another_user_says_nothing():
    process = Process(7, 1, "aider", ("aider", "--yes-always"), mine=False)
    assert Found("aider", {"~/.aider.conf.yml": ""}, processes=[process]).weak() == []


def test_a_large_file_is_a_gap():
    found = Found("goose", {"~/.config/goose/config.yaml": "GOOSE_MODE: approve\n" + "#\n" * 20_000_000})
    assert any(gap.kind is GapKind.LIMIT for gap in found.only(Gap))
    assert found.gates(EXECUTE, "x") == TAKEN


def test_a_key_that_stands_twice_leaves_the_file_whole():
    assert (
        Found("goose", {"~/.config/goose/config.yaml": "GOOSE_MODE: auto\nGOOSE_MODE: approve\n"}).gates(EXECUTE, "x")
        == ASKED
    )


def basis(platform=Platform.LINUX, workspace=APP):
    host = FakeHost(platform, workspace=workspace)
    return Basis(host, Installed(places_of("zed"), ()), layered(Documents(host), []))


GLOBS = [
    ("~/.ssh", [f"{HOME}/.ssh"], f"{HOME}/.ssh/id_rsa", True),
    ("~", [HOME], f"{HOME}/a", True),
    ("src", [f"{HOME}/src/app/src"], f"{HOME}/src/app/src/a", True),
    ("./src/", [f"{HOME}/src/app/src"], f"{HOME}/src/app/other", False),
    ("/etc/*.conf", ["/etc/**/*.conf"], "/etc/a/b.conf", True),
    ("/etc/*", ["/etc/**"], "/etc/a/b", True),
    ("**/.env", [f"{HOME}/src/app/**/.env"], f"{HOME}/src/app/a/.env", True),
    ("/a/{b,c}", ["/a/b", "/a/c"], "/a/c", True),
    ("/a/[x]", ["/a/[x]"], "/a/x", True),
]


@pytest.mark.parametrize(("text", "patterns", "path", "meant"), GLOBS)
def test_a_path_as_settings_write_it(text, patterns, path, meant):
    found = globs(basis(), text)
    assert [each.glob for each in found] == patterns
    assert any(each.matches(path) for each in found) is meant


@pytest.mark.parametrize("text", ["", "$HOME/x", "../x", "/a/../b", "!x", "x" * 2000, "{a,b}{a,b}{a,b}{a,b}"])
def test_a_path_that_cannot_be_told(text):
    assert globs(basis(), text) is None


def test_a_path_of_windows():
    [found] = globs(basis(Platform.WINDOWS, "C:/src/app"), "C:\\Users\\ada\\.ssh")
    assert found.matches("c:/users/ADA/.ssh/id_rsa")


def test_a_path_that_looks_like_a_glob_means_only_itself():
    assert literal(HOMES[Platform.LINUX] / "a*[b]") == f"{HOME}/a[*][[]b]"
