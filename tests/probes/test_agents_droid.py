"""Factory droid: autonomy level, lists of commands, sandbox, and whose settings come first."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scanner.host import Process
from scanner.model import Autonomy, Gate
from tests.probes.agent_cases import (
    APP,
    ASKED,
    CALL,
    CONNECT,
    EXECUTE,
    FREE,
    HOME,
    JUDGED,
    MOSTLY_ASKED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "droid"
USER, OWN = "~/.factory/settings.json", "~/.factory/settings.local.json"
PROJECT, LOCAL = f"{APP}/.factory/settings.json", f"{APP}/.factory/settings.local.json"
MANAGED = "/etc/factory/settings.json"
GIT = {f"{APP}/.git/HEAD": ""}
BWRAP = {"/usr/bin/bwrap": ""}


def level(name, **more):
    return {"sessionDefaultSettings": {"autonomyLevel": name}, **more}


def look(user=None, *, running=(), files=None, **more):
    processes = [Process(9, 1, "droid", ("droid", *words), mine=True) for words in running]
    return Found(AGENT, {USER: user or {}, **GIT, **(files or {})}, processes=processes, **more)


RULES = [
    # autonomy off, which is the default
    pytest.param({}, READ, f"{HOME}/.ssh/id", FREE, id="files are read unasked"),
    pytest.param({}, WRITE, f"{WORK}/a", ASKED, id="changes are asked for"),
    pytest.param({}, EXECUTE, "npm test", ASKED, id="commands are asked for"),
    pytest.param({}, EXECUTE, "git status -s", FREE, id="commands that only read are not"),
    pytest.param({}, CONNECT, "example.com", ASKED, id="pages are asked for"),
    pytest.param({}, CALL, "a/b", ASKED, id="tools of servers are asked for"),
    # levels
    pytest.param(level("low"), WRITE, f"{WORK}/a", FREE, id="low changes files"),
    pytest.param(level("low"), EXECUTE, "npm test", JUDGED, id="low: the model rates a command"),
    pytest.param(level("medium"), EXECUTE, "npm test", JUDGED, id="medium: so it does"),
    pytest.param(level("high"), EXECUTE, "npm test", FREE, id="high runs commands"),
    pytest.param(level("high"), EXECUTE, "rm -rf /", ASKED, id="high asks for what is on the list"),
    pytest.param(level("low"), CONNECT, "example.com", FREE, id="low reads pages"),
    pytest.param(level("high"), CALL, "a/b", FREE, id="high calls tools"),
    pytest.param(level("bold"), WRITE, f"{WORK}/a", ASKED, id="an unknown level is none"),
    pytest.param(
        {"sessionDefaultSettings": {"autonomyMode": "auto-high"}}, WRITE, f"{WORK}/a", FREE, id="the older name"
    ),
    # lists
    pytest.param({"commandAllowlist": ["npm test"]}, EXECUTE, "npm test", FREE, id="allowed"),
    pytest.param({"commandAllowlist": ["npm test"]}, EXECUTE, "npm test x", TAKEN, id="allowed, with arguments"),
    pytest.param(
        {"commandAllowlist": ["npm test"]}, EXECUTE, "git status", ASKED, id="an own list replaces the default"
    ),
    pytest.param({"commandAllowlist": ["a"], "commandDenylist": ["a"]}, EXECUTE, "a", ASKED, id="deny beats allow"),
    pytest.param({"commandDenylist": ["a"], "commandBlocklist": ["a"]}, EXECUTE, "a b", REFUSED, id="block beats deny"),
    pytest.param(level("high", commandDenylist=["kubectl"]), EXECUTE, "kubectl x", ASKED, id="deny asks at high"),
    pytest.param(
        level("high", commandBlocklist=["kubectl"]), EXECUTE, "kubectl x", REFUSED, id="block refuses at high"
    ),
    pytest.param('{"commandAllowlist": [', EXECUTE, "npm test", MOSTLY_ASKED, id="a broken file is told"),
]


@pytest.mark.parametrize(("user", "channel", "target", "wanted"), RULES)
def test_settings_of_the_user_decide(user, channel, target, wanted):
    assert look(user).gates(channel, target) == wanted


SCOPES = [
    pytest.param({PROJECT: level("high")}, FREE, id="a project's level stands before the user's"),
    pytest.param({LOCAL: level("high"), PROJECT: level("off")}, FREE, id="a local one before the project's"),
    pytest.param({OWN: level("high")}, FREE, id="a user's local one before the user's"),
    pytest.param({MANAGED: level("high")}, ASKED, id="the organisation's is the last"),
    pytest.param({MANAGED: {"maxAutonomyLevel": "low"}, PROJECT: level("high")}, JUDGED, id="but its cap holds"),
    pytest.param({PROJECT: {"maxAutonomyLevel": "off"}, LOCAL: level("high")}, FREE, id="a cap is the organisation's"),
    pytest.param({PROJECT: {"commandAllowlist": ["npm test"]}}, FREE, id="a project's list is added"),
    pytest.param({PROJECT: {"commandBlocklist": ["npm"]}}, REFUSED, id="and so is what it blocks"),
]


@pytest.mark.parametrize(("files", "wanted"), SCOPES)
def test_scopes_stand_in_the_order_of_the_program(files, wanted):
    assert look(level("off"), files=files).gates(EXECUTE, "npm test") == wanted


def test_what_a_repository_gives_is_told():
    assert "agent.rights-from-repository" in look(files={PROJECT: level("low")}).weak()
    assert look(files={PROJECT: {"commandAllowlist": ["x"]}}).weak() == ["agent.rights-from-repository"]
    assert look(files={PROJECT: level("off")}).weak() == []


def test_a_folder_stands_before_its_project():
    found = look(
        files={f"{APP}/lib/.factory/settings.json": level("high"), PROJECT: level("off")}, workspace=f"{APP}/lib"
    )
    assert found.gates(WRITE, f"{WORK}/lib/a") == FREE


RUNNING = [
    pytest.param(("exec", "--auto", "high"), EXECUTE, "npm test", FREE, id="an option"),
    pytest.param(("exec", "--auto=low"), EXECUTE, "npm test", JUDGED, id="a lower one"),
    pytest.param(("exec", "--skip-permissions-unsafe"), EXECUTE, "rm -rf /", FREE, id="all checks skipped"),
    pytest.param(("exec", "--skip-permissions-unsafe"), EXECUTE, "shred x", REFUSED, id="but what is blocked"),
    pytest.param(("exec", "--skip-permissions-unsafe"), CALL, "a/b", FREE, id="and for servers"),
]


@pytest.mark.parametrize(("words", "channel", "target", "wanted"), RUNNING)
def test_a_running_one_does_what_it_was_told(words, channel, target, wanted):
    assert look({"commandBlocklist": ["shred"]}, running=[words]).gates(channel, target) == wanted


def test_of_several_that_run_the_laxest_counts():
    assert look(running=[("--auto", "low"), ("--auto", "high")]).gates(EXECUTE, "npm test") == FREE


# --- the sandbox


def box(found):
    [tool] = [tool for tool in found.seen.policy.tools if tool.sandbox is not None]
    return tool.sandbox


def test_the_sandbox_reads_all_and_writes_the_workspace():
    inside = box(look(level("high", sandbox={"enabled": True}), files=BWRAP))
    assert inside.reads(f"{HOME}/.ssh/id")
    assert inside.writes(f"{WORK}/a")
    assert not inside.writes(f"{HOME}/a")
    assert not inside.writes(f"{WORK}/.factory/settings.json")
    assert not inside.connects("example.com")
    assert inside.connects("api.factory.ai")
    assert not inside.opens("/run/docker.sock")


def test_its_settings_narrow_and_widen_it():
    files = {"allowWrite": ["~/out"], "denyWrite": ["~/out/no"], "denyRead": ["~/.ssh"]}
    told = {"enabled": True, "filesystem": files, "network": {"allowedDomains": ["*.example.com"]}}
    found = look(level("high", sandbox=told), files=BWRAP)
    inside = box(found)
    assert inside.writes(f"{HOME}/out/a")
    assert not inside.writes(f"{HOME}/out/no/a")
    assert not inside.reads(f"{HOME}/.ssh/id")
    assert inside.connects("a.example.com")
    assert found.gates(READ, f"{HOME}/.ssh/id") == ASKED
    assert found.gates(WRITE, f"{HOME}/a") == ASKED
    assert found.gates(WRITE, f"{WORK}/a") == FREE


def test_where_it_cannot_start_commands_are_blocked():
    found = look(level("high", sandbox={"enabled": True}))
    assert found.gates(EXECUTE, "ls") == REFUSED
    assert "agent.sandbox-cannot-start" in found.weak()


def test_the_organisation_switches_it_on_for_all():
    found = look(level("high", sandbox={"enabled": False}), files={MANAGED: {"sandbox": {"enabled": True}}, **BWRAP})
    assert box(found) is not None


# --- what is told


def test_the_place_that_decides_is_named():
    found = look('{\n "sessionDefaultSettings": {\n  "autonomyLevel": "high"}}')
    assert found.place(EXECUTE, "x") == (USER, 3, "sessionDefaultSettings.autonomyLevel")
    assert found.weak() == ["agent.asks-nothing"]
    assert found.set(AGENT)["sessionDefaultSettings.autonomyLevel"] == ("high", "user")


def test_as_shipped_it_is_supervised():
    found = look()
    assert found.judge.autonomy() is Autonomy.SUPERVISED
    assert found.seen.policy.mode == "off"
    assert found.weak() == []


def test_secrets_in_lists_are_not_shown():
    found = look({"commandAllowlist": ["curl -H Authorization:Bearer-CANARY-CANARY-CANARY"]})
    assert "CANARY" not in repr(found.all)


SHREDS = st.sampled_from(
    [
        *'{}[],:"',
        "true",
        '"sessionDefaultSettings"',
        '"autonomyLevel"',
        '"high"',
        '"sandbox"',
        '"enabled"',
        '"commandAllowlist"',
    ]
)


@example('{"sandbox": {"enabled": true, "filesystem": [], "network": {"allowedDomains": {}}}, "hooks": []}')
@example('{"sessionDefaultSettings": [], "commandBlocklist": [1, [], ""], "maxAutonomyLevel": 3}')
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    found = look(text, running=[("--auto", text)], files={PROJECT: text, MANAGED: text, **BWRAP})
    assert found.ruling(EXECUTE, "ls").effective in Gate
