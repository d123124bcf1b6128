"""GitHub Copilot CLI: rules of its program 1.0.102 that bear on gates and stand in no other table."""

import pytest

from scanner.host import Process
from scanner.model import Gate
from tests.probes.agent_cases import APP, ASKED, CALL, EXECUTE, FREE, HOME, TAKEN, WORK, WRITE, Found

USER, STATE, SAVED = (f"~/.copilot/{name}.json" for name in ("settings", "config", "permissions-config"))
GIT = {f"{APP}/.git/HEAD": "ref: refs/heads/main\n"}
PARTS = {f"/usr/bin/{name}": "" for name in ("bwrap", "slirp4netns", "unshare", "nsenter", "iptables", "ip6tables")}
HOOK = {"hooks": {"preToolUse": [{"type": "command", "bash": "./check"}]}}
KINDS = (
    *("mcp-sampling", "memory", "custom-tool", "extension-management", "extension-permission-access"),
    *("workflow", "extension-env-access", "read", "write"),
)


def look(files, *words, **more):
    runs = [Process(7, 1, "MainThread", ("/opt/copilot/copilot", *words))] if words else []
    return Found("copilot-cli", {USER: {}, **GIT, **files}, processes=runs, **more)


def saved(*entries):
    return {SAVED: {"locations": {WORK: {"tool_approvals": list(entries)}}}}


RM = {"kind": "commands", "commandIdentifiers": ["rm"]}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_approval_that_it_writes_is_known(kind):
    """One that is not known voids all of that folder in 1.0.102, which other versions may not do."""
    assert look(saved(RM, {"kind": kind})).gates(EXECUTE, "rm x") == FREE
    assert look(saved(RM, {"kind": f"{kind}-2"})).gates(EXECUTE, "rm x") == TAKEN


@pytest.mark.parametrize("kind", ["memory", "custom-tool", "workflow", "mcp-sampling"])
def test_kinds_that_are_about_nothing_that_is_judged_open_nothing(kind):
    found = look(saved({"kind": kind}))
    assert found.gates(EXECUTE, "rm x") == ASKED
    assert found.gates(WRITE, f"{WORK}/a") == ASKED


@pytest.mark.parametrize(
    ("files", "words", "weak"),
    [
        ({STATE: {"trustedFolders": [WORK]}}, (), True),
        ({STATE: {"trusted_folders": [WORK]}}, (), True),  # as older versions wrote it
        ({STATE: {"trustedFolders": [f"{HOME}/other"]}}, (), False),
        ({USER: {"trustedFolders": [WORK]}}, (), False),  # counts in config.json alone
        ({}, ("--trust-folder",), True),
    ],
)
def test_hooks_of_a_project_run_once_its_folder_is_trusted(files, words, weak):
    found = look({**files, f"{APP}/.github/copilot/settings.json": HOOK}, *words)
    assert ("agent.rights-from-repository" in found.weak()) is weak


@pytest.mark.parametrize(
    ("settings", "path", "reads"),
    [
        ({}, f"{WORK}/a", True),
        ({"addCurrentWorkingDirectory": False}, f"{WORK}/a", False),
        (
            {"addCurrentWorkingDirectory": False, "userPolicy": {"filesystem": {"readonlyPaths": [WORK]}}},
            f"{WORK}/a",
            True,
        ),
        ({}, f"{HOME}/.npmrc", True),
        ({"allowDevToolAccess": False}, f"{HOME}/.npmrc", False),
        ({}, f"{HOME}/.aws/credentials", False),
    ],
)
def test_what_its_sandbox_reads(settings, path, reads):
    found = look({USER: {"sandbox": {"enabled": True, **settings}}, **PARTS})
    [box] = {tool.sandbox for tool in found.seen.policy.tools if tool.sandbox is not None}
    assert box.reads(path) is reads


@pytest.mark.parametrize(
    "words",
    [("--available-tools", "view"), ("--excluded-tools", "bash"), ("--autopilot",), ("--available-tools=view",)],
)
def test_options_about_other_things_lift_no_prompt(words):
    """Which tools there are in one session says nothing of the next; going on by itself answers no question."""
    assert look({}, *words).gates(EXECUTE, "npm test") == ASKED


def test_settings_that_run_or_keep_something_are_told():
    settings = {"statusLine": {"command": "CANARY"}, "storeTokenPlaintext": True}
    told = look({USER: settings}).set("copilot-cli")
    assert told["statusLine.command"] == ("a command", "user")
    assert told["storeTokenPlaintext"] == ("true", "user")


def test_a_tool_that_only_reads_by_its_own_word_is_the_reason_why_servers_count_as_open():
    assert look({}).gates(CALL, "git/push")[1] is Gate.NONE
