"""Warp: what its default profile lets the agent do unasked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.model import Autonomy, Platform
from scanner.testing import FakeFile
from tests.probes.agent_cases import (
    ASKED,
    CALL,
    EXECUTE,
    FREE,
    HOME,
    JUDGED,
    MOSTLY_ASKED,
    MOSTLY_JUDGED,
    READ,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "warp"
FILE = "~/.config/warp-terminal/settings.toml"


def look(text="", **more):
    return Found(AGENT, {FILE: text}, **more)


def profile(text):
    return f"[agents.execution_profiles.default]\n{text}\n"


RULES = [
    pytest.param("", READ, f"{WORK}/a", TAKEN, id="no file tells how it reads"),
    pytest.param("", WRITE, f"{WORK}/a", MOSTLY_JUDGED, id="nor how it changes files"),
    pytest.param("", EXECUTE, "ls", MOSTLY_ASKED, id="nor what it runs"),
    pytest.param("", CALL, "a/b", MOSTLY_JUDGED, id="nor what it calls"),
    pytest.param("", EXECUTE, "curl x", ASKED, id="but the list that is built in"),
    pytest.param(profile('execute_commands = "always_ask"'), EXECUTE, "ls", ASKED, id="asks"),
    pytest.param(profile('execute_commands = "always_allow"'), EXECUTE, "ls", FREE, id="runs all"),
    pytest.param(profile('execute_commands = "always_allow"'), EXECUTE, "bash x", ASKED, id="but for shells"),
    pytest.param(profile('execute_commands = "agent_decides"'), EXECUTE, "ls", JUDGED, id="a model judges"),
    pytest.param(profile('execute_commands = "never"'), EXECUTE, "ls", JUDGED, id="a word that is not known"),
    pytest.param(
        profile('execute_commands = "always_allow"\ncommand_denylist = ["git push.*"]'),
        *(EXECUTE, "bash x", FREE),
        id="a list of one's own takes the place of the built-in one",
    ),
    pytest.param(
        profile('execute_commands = "always_allow"\ncommand_denylist = ["git push.*"]'),
        *(EXECUTE, "git push -f", ASKED),
        id="and asks",
    ),
    pytest.param(
        profile('execute_commands = "always_allow"\ncommand_denylist = ["push"]'),
        *(EXECUTE, "git push", FREE),
        id="for whole commands",
    ),
    pytest.param(
        profile('execute_commands = "always_allow"\ncommand_denylist = ["[a-z]+"]'),
        *(EXECUTE, "x", FREE),
        id="what is not sure stops nothing",
    ),
    pytest.param(
        profile('execute_commands = "always_ask"\ncommand_allowlist = ["ls(\\\\s.*)?"]'),
        EXECUTE,
        "ls -l",
        FREE,
        id="allowed",
    ),
    pytest.param(
        profile('execute_commands = "always_ask"\ncommand_allowlist = ["git .*"]\ncommand_denylist = ["git push.*"]'),
        *(EXECUTE, "git push", ASKED),
        id="the deny list comes first",
    ),
    pytest.param(
        profile('execute_commands = "always_ask"\ncommand_allowlist = ["[a-z]+"]'),
        EXECUTE,
        "x",
        TAKEN,
        id="perhaps wider",
    ),
    pytest.param(profile('read_files = "always_ask"'), READ, f"{HOME}/a", ASKED, id="asks for reading"),
    pytest.param(
        profile('read_files = "always_ask"\ndirectory_allowlist = ["~/notes"]'),
        READ,
        f"{HOME}/notes/a",
        FREE,
        id="a folder",
    ),
    pytest.param(profile('apply_code_diffs = "always_allow"'), WRITE, f"{WORK}/a", FREE, id="changes files"),
    pytest.param(profile('mcp_permissions = "always_ask"'), CALL, "a/b", ASKED, id="asks for tools"),
    pytest.param(
        '[agents.profiles]\nagent_mode_command_execution_allowlist = ["make"]',
        EXECUTE,
        "make",
        TAKEN,
        id="an older list",
    ),
    pytest.param(
        '[agents.profiles]\nagent_mode_coding_permissions = "always_ask_before_reading"',
        *(READ, f"{WORK}/a", MOSTLY_ASKED),
        id="an older word for reading",
    ),
]


@pytest.mark.parametrize(("text", "channel", "target", "gates"), RULES)
def test_a_rule(text, channel, target, gates):
    assert look(text).gates(channel, target) == gates


def test_the_place_that_decides_is_named():
    found = look(profile('execute_commands = "always_allow"'))
    assert found.place(EXECUTE, "x") == (FILE, 2, "agents.execution_profiles.default.execute_commands")
    assert found.weak() == ["agent.asks-nothing"]


def test_a_line_is_taken_apart_so_that_an_open_rule_is_no_shell():
    text = profile('execute_commands = "always_ask"\ncommand_allowlist = ["git status(\\\\s.*)?"]')
    assert look(text).judge.autonomy() is Autonomy.SUPERVISED


def test_another_profile_is_not_the_default_one():
    assert (
        look('[agents.execution_profiles.yolo]\nexecute_commands = "always_allow"').gates(EXECUTE, "x") == MOSTLY_ASKED
    )


def test_its_command_line_has_settings_of_its_own():
    files = {
        FILE: profile('execute_commands = "always_ask"'),
        "~/.config/warp-terminal/cli/settings.toml": profile('execute_commands = "always_allow"'),
    }
    assert Found(AGENT, files).gates(EXECUTE, "x") == FREE


def test_where_oz_is_installed_nobody_can_be_asked():
    files = {FILE: profile('execute_commands = "always_ask"'), "~/.local/bin/oz": FakeFile("", mode=0o755)}
    assert Found(AGENT, files).gates(EXECUTE, "x") == TAKEN


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        (Platform.LINUX, FILE),
        (Platform.MACOS, "~/.warp/settings.toml"),
        (Platform.WINDOWS, "~/AppData/Local/warp/Warp/config/settings.toml"),
    ],
)
def test_where_its_settings_lie(platform, path):
    work = "C:/src/app" if platform is Platform.WINDOWS else "/src/app"
    found = Found(AGENT, {path: profile('execute_commands = "always_ask"')}, platform=platform, workspace=work)
    assert found.gates(EXECUTE, "x") == ASKED


def test_a_broken_file_is_a_gap_and_the_default_is_judged():
    found = look('[agents.execution_profiles.default]\nexecute_commands = "always_allow"\n[[')
    assert found.gaps()
    assert found.gates(EXECUTE, "x") == MOSTLY_ASKED


def test_no_secret_of_a_rule_is_shown():
    command = "curl -H 'Authorization: Bearer CANARY-CANARY-CANARY'"
    found = look(profile(f'execute_commands = "always_ask"\ncommand_allowlist = ["{command}"]'))
    assert found.gates(EXECUTE, "make") == ASKED


SHREDS = st.sampled_from(
    ["[agents.", "execution_profiles.default]", "\n", "execute_commands", " = ", '"always_allow"', "[", "]", '"(']
)


@example(["[agents.", "execution_profiles.default]", "\n", "execute_commands", " = ", "[", "]"])
@given(st.lists(SHREDS, max_size=20).map("".join))
def test_no_file_breaks_it(text):
    look(text).gates(EXECUTE, "x")
