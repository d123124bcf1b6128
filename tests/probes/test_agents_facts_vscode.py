"""VS Code agent mode: settings of its pages that bear on gates and stand in no other table."""

import pytest

from scanner.model import Platform
from scanner.testing import database
from tests.probes.agent_cases import APP, ASKED, EXECUTE, FREE, TAKEN, Found

EXTENSION = "~/.vscode/extensions/github.copilot-chat-0.42.0/package.json"
ACCEPTED = "chat.tools.terminal.autoApprove.warningAccepted"
TERMINAL = "chat.tools.terminal.autoApprove"
CODE = "~/.config/Code/User"


def look(files, folder=CODE, **more):
    table = "CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)"
    state = database([table, f"INSERT INTO ItemTable VALUES ('{ACCEPTED}', 'true')"])
    return Found("vscode-copilot", {EXTENSION: "", f"{folder}/globalStorage/state.vscdb": state, **files}, **more)


@pytest.mark.parametrize("key", ["chat.agent.autoApprove", "chat.tools.autoApprove"])
def test_older_switches_for_everything_may_still_count(key):
    found = look({f"{CODE}/settings.json": {key: True}})
    assert found.gates(EXECUTE, "terraform apply") == TAKEN
    assert look({f"{CODE}/settings.json": {key: False}}).gates(EXECUTE, "terraform apply") == ASKED
    project = look({f"{APP}/.vscode/settings.json": {key: True}})
    assert project.gates(EXECUTE, "terraform apply") == ASKED
    assert project.set("vscode-copilot")[key] == ("true, ignored in a project", "project")


def test_leave_for_the_agent_of_another_vendor_to_ask_nothing_is_told():
    key = "github.copilot.chat.claudeAgent.allowDangerouslySkipPermissions"
    assert look({f"{CODE}/settings.json": {key: True}}).set("vscode-copilot")[key] == ("true", "user")


@pytest.mark.parametrize(
    ("platform", "folder"),
    [
        (Platform.LINUX, "~/.config/Code/User"),
        (Platform.LINUX, "~/.config/Code - Insiders/User"),
        (Platform.MACOS, "~/Library/Application Support/Code/User"),
        (Platform.WINDOWS, "~/AppData/Roaming/Code/User"),
    ],
)
def test_where_its_settings_lie_on_each_platform(platform, folder):
    settings = {f"{folder}/settings.json": {TERMINAL: {"make": True}}}
    extension = {EXTENSION.replace(".vscode/", ".vscode-insiders/"): ""} if "Insiders" in folder else {}
    assert look({**settings, **extension}, folder, platform=platform).gates(EXECUTE, "make all") == FREE


@pytest.mark.parametrize(
    ("rules", "command", "gates"),
    [
        ({"/^(npm|yarn) run (build|test)$/": True}, "yarn run test", FREE),
        ({"/^(npm|yarn) run (build|test)$/": True}, "npm run evil", ASKED),
        ({"/(^|\\s)--force(\\s|$)/": False, "git": True}, "git push --force", ASKED),
        ({"/(^|\\s)--force(\\s|$)/": False, "git": True}, "git push", FREE),
        ({"/^git push\\b(?!.*--force)/": True}, "git push", TAKEN),  # what it leaves out is not told
        ({"/^KUBECTL get/i": True}, "kubectl get pods", FREE),
        ({"/^KUBECTL get/": True}, "kubectl get pods", ASKED),
        ({"/^a$|^b$/": True}, "b", FREE),
        ({"/^a$|^b$/": True}, "b c", ASKED),
        ({"make": None}, "make all", ASKED),
    ],
)
def test_regular_expressions_of_its_rules(rules, command, gates):
    assert look({f"{CODE}/settings.json": {TERMINAL: rules}}).gates(EXECUTE, command) == gates
