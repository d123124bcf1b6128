"""Aider: what it asks, and what its settings have it run."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import Process
from scanner.model import Autonomy, Gate, Platform, Weakness
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CONNECT,
    EXECUTE,
    FREE,
    HOME,
    MOSTLY_ASKED,
    READ,
    REFUSED,
    WORK,
    WRITE,
    Found,
)

AGENT = "aider"
USER, PROJECT, DOTENV = "~/.aider.conf.yml", f"{APP}/.aider.conf.yml", f"{APP}/.env"


def look(user="", project=None, dotenv=None, **more):
    files = {USER: user, PROJECT: project, DOTENV: dotenv}
    return Found(AGENT, {path: text for path, text in files.items() if text is not None}, **more)


RULES = [
    pytest.param("", WRITE, f"{WORK}/a", FREE, id="files in the chat are changed unasked"),
    pytest.param("", WRITE, f"{HOME}/.bashrc", ASKED, id="other files are confirmed"),
    pytest.param("", READ, f"{WORK}/a", ASKED, id="files are added by a person"),
    pytest.param("", EXECUTE, "ls", ASKED, id="suggested commands are confirmed"),
    pytest.param("", CONNECT, "a.example", ASKED, id="addresses are confirmed"),
    pytest.param("yes-always: true", WRITE, f"{HOME}/.bashrc", FREE, id="yes to every file"),
    pytest.param("yes-always: true", READ, f"{WORK}/a", FREE, id="yes to files that are named"),
    pytest.param("yes-always: true", EXECUTE, "ls", REFUSED, id="but never yes to a suggested command"),
    pytest.param("yes-always: yes", WRITE, f"{HOME}/.bashrc", FREE, id="yes is a switch"),
    pytest.param("yes-always: 'on'", WRITE, f"{HOME}/.bashrc", FREE, id="quoted too"),
    pytest.param("yes-always: false", WRITE, f"{HOME}/.bashrc", ASKED, id="switched off"),
    pytest.param("yes-always: maybe", WRITE, f"{HOME}/.bashrc", ASKED, id="what is no switch counts for nothing"),
    pytest.param("yes_always: true", WRITE, f"{HOME}/.bashrc", ASKED, id="keys are written with a hyphen"),
    pytest.param("suggest-shell-commands: false", EXECUTE, "ls", REFUSED, id="nothing is suggested"),
    pytest.param("lint-cmd: ruff check", EXECUTE, "ruff check a.py", FREE, id="a linter runs after each change"),
    pytest.param("lint-cmd: ['python: ruff check']", EXECUTE, "ruff check a.py", FREE, id="one for a language"),
    pytest.param("lint-cmd: 'run for: ruff'", EXECUTE, "run for: ruff a.py", FREE, id="only its beginning names one"),
    pytest.param("lint-cmd: ruff\nauto-lint: false", EXECUTE, "ruff a.py", ASKED, id="unless it is switched off"),
    pytest.param("test-cmd: pytest -q", EXECUTE, "pytest -q", ASKED, id="tests do not run by themselves"),
    pytest.param("test-cmd: pytest -q\nauto-test: true", EXECUTE, "pytest -q", FREE, id="unless they are switched on"),
    pytest.param("test-cmd: pytest -q\nauto-test: true", EXECUTE, "pytest -x", ASKED, id="in these words only"),
]


@pytest.mark.parametrize(("user", "channel", "target", "gates"), RULES)
def test_a_rule(user, channel, target, gates):
    assert look(user).gates(channel, target) == gates


def test_the_nearest_file_counts_and_is_named():
    found = look("yes-always: false", "# ours\nyes-always: true\n")
    assert found.place(WRITE, "/etc/a") == (PROJECT, 2, "yes-always")
    assert found.weak() == ["agent.asks-nothing", "agent.rights-from-repository"]


def test_the_file_at_the_root_of_the_repository_counts_too():
    files = {USER: "", f"{APP}/.git/HEAD": "ref", PROJECT: "yes-always: true"}
    assert Found(AGENT, files, workspace=f"{APP}/sub").place(WRITE, "/etc/a")[0] == PROJECT


def test_one_between_them_does_not():
    files = {USER: "", "~/src/.git/HEAD": "ref", PROJECT: "yes-always: true"}
    assert Found(AGENT, files, workspace=f"{APP}/sub").gates(WRITE, "/etc/a") == ASKED


@pytest.mark.parametrize(
    "text",
    ["yes-always: true", "test-cmd: CANARY-CANARY", "lint-cmd: make", "notifications-command: make", "load: commands"],
)
def test_what_a_repository_has_it_run_is_told(text):
    assert "agent.rights-from-repository" in look("", text.replace("CANARY-CANARY", "make")).weak()


@pytest.mark.parametrize("text", ["model: big", "yes-always: false", "read: CONVENTIONS.md", ""])
def test_what_runs_nothing_is_not(text):
    assert look("", text).weak() == []


def test_the_user_s_own_commands_are_not_of_a_repository():
    assert look("test-cmd: make").weak() == []


def test_variables_come_before_files():
    assert look("yes-always: false", env={"AIDER_YES_ALWAYS": "true"}).gates(WRITE, "/etc/a") == FREE


def test_the_folder_s_dotenv_comes_before_all_and_nothing_else_of_it_is_looked_at():
    found = look("", None, "OPENAI_API_KEY=CANARY\nexport AIDER_YES_ALWAYS='true'\n", env={"AIDER_YES_ALWAYS": "false"})
    assert found.place(WRITE, "/etc/a") == (DOTENV, 2, "yes-always")
    assert "agent.rights-from-repository" in found.weak()


@pytest.mark.parametrize(
    ("option", "channel", "gates"),
    [
        ("--yes-always", WRITE, FREE),
        ("--yes", WRITE, FREE),
        ("--yes-always", EXECUTE, REFUSED),
        ("--model", WRITE, ASKED),
    ],
)
def test_an_option_of_a_running_one(option, channel, gates):
    process = Process(7, 1, "aider", ("aider", option))
    assert look(processes=[process]).gates(channel, "/etc/a") == gates


def test_an_option_switches_the_tests_on():
    found = look("test-cmd: make test", processes=[Process(7, 1, "aider", ("aider", "--auto-test"))])
    assert found.gates(EXECUTE, "make test") == FREE


def test_how_much_it_does_unasked():
    assert look().judge.autonomy() is Autonomy.SUPERVISED
    assert look("yes-always: true").judge.autonomy() is Autonomy.SUPERVISED
    assert (
        look("test-cmd: make test\nauto-test: true").judge.autonomy() is Autonomy.FULL
    )  # of a file that it may change


def test_a_broken_file_is_a_gap_and_the_default_is_judged():
    found = look("yes-always: true\nread: [a")
    assert found.gaps()
    assert found.gates(WRITE, "/etc/a") == MOSTLY_ASKED


def test_a_command_that_may_hold_a_secret_is_not_shown():
    found = look("", """test-cmd: "curl -H 'Authorization: Bearer CANARY-CANARY-CANARY' x"\nauto-test: true""")
    assert found.gates(EXECUTE, "curl x")[1] is Gate.NONE
    assert found.only(Weakness)


def test_windows():
    found = Found(AGENT, {USER: "yes-always: true"}, platform=Platform.WINDOWS, workspace="C:/src/app")
    assert found.gates(WRITE, "C:/x") == FREE


SHREDS = st.sampled_from(["yes-always", "test-cmd", ":", " ", "true", "\n", "- a", "[", "]", "{", "'", "&a", "*a", "|"])


@example(["yes-always", ":", " ", "[", "]"])
@given(st.lists(SHREDS, max_size=25).map("".join))
def test_no_file_breaks_it(text):
    look(text, text, text).gates(EXECUTE, "x")
