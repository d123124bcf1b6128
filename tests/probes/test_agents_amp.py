"""Amp: its rules, tried in turn over whole texts, and the vendor's own behind them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from probes.agents.amp.builtin import COMMANDS
from scanner.gates import Judge
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
    MOSTLY_ASKED,
    READ,
    REFUSED,
    TAKEN,
    WORK,
    WRITE,
    Found,
)

AGENT = "amp"
USER, PROJECT, MANAGED = (
    "~/.config/amp/settings.json",
    f"{APP}/.amp/settings.json",
    "/etc/ampcode/managed-settings.json",
)
GIT = {f"{APP}/.git/HEAD": ""}
ON = {"amp.dangerouslyAllowAll": False}


def bash(action, *texts, **more):
    return {"tool": "Bash", "action": action, "matches": {"cmd": list(texts)}, **more}


def rules(*entries):
    return {"amp.permissions": list(entries)}


def look(user=None, *, running=(), files=None, **more):
    processes = [Process(9, 1, "amp", ("amp", *words), mine=True) for words in running]
    return Found(AGENT, {USER: user or {}, **GIT, **(files or {})}, processes=processes, **more)


RULES = [
    # as shipped
    pytest.param({}, EXECUTE, "git push", FREE, id="without a setting no rule is tried, not even for git push"),
    pytest.param({}, READ, f"{HOME}/.ssh/id", FREE, id="all files are read unasked"),
    pytest.param({}, WRITE, f"{HOME}/.bashrc", FREE, id="guarded files are not guarded"),
    pytest.param({}, CALL, "a/b", FREE, id="tools of servers run unasked"),
    # permissions are on
    pytest.param(ON, EXECUTE, "git push", ASKED, id="git push is asked for"),
    pytest.param(ON, EXECUTE, "curl x", ASKED, id="a command that no rule allows"),
    pytest.param(ON, EXECUTE, "ls -la", FREE, id="a command that Amp allows by itself"),
    pytest.param(ON, EXECUTE, "kubectl get pods", FREE, id="kubectl get too"),
    pytest.param(ON, EXECUTE, "kubectl delete x", ASKED, id="not kubectl delete"),
    pytest.param(ON, EXECUTE, "echo a | bash", FREE, id="a line is not taken apart"),
    pytest.param(ON, WRITE, f"{WORK}/a", FREE, id="files are changed unasked"),
    pytest.param(ON, WRITE, f"{WORK}/.env", ASKED, id="a guarded file is asked for"),
    pytest.param(ON, WRITE, f"{HOME}/.bashrc", ASKED, id="so is one of the home"),
    pytest.param(ON, WRITE, "/etc/hosts", ASKED, id="and one of the system"),
    pytest.param(ON, READ, f"{HOME}/.ssh/id", FREE, id="reading is not guarded"),
    pytest.param(ON, CONNECT, "example.com", FREE, id="pages are read unasked"),
    pytest.param(ON, CALL, "a/b", FREE, id="tools of servers as well"),
    # what switches them on
    pytest.param(rules(), EXECUTE, "curl x", ASKED, id="an empty list of rules switches them on"),
    pytest.param({"amp.guardedFiles.allowlist": []}, EXECUTE, "curl x", ASKED, id="a list of guarded files too"),
    pytest.param({"amp.dangerouslyAllowAll": True, **rules(bash("reject", "*"))}, EXECUTE, "x", FREE, id="all allowed"),
    pytest.param({"amp.guardedFiles.allowlist": [f"{WORK}/.env"]}, WRITE, f"{WORK}/.env", TAKEN, id="let out"),
    # rules
    pytest.param(rules(bash("allow", "git *")), EXECUTE, "git push", FREE, id="an own rule comes before Amp's"),
    pytest.param(rules(bash("allow", "git *")), EXECUTE, "git", ASKED, id="a star needs the blank before it"),
    pytest.param(rules(bash("allow", "git status")), EXECUTE, "git status -s", FREE, id="Amp's rules follow"),
    pytest.param(rules(bash("allow", "make")), EXECUTE, "make x", ASKED, id="without a star it is the whole line"),
    pytest.param(rules(bash("reject", "*curl*")), EXECUTE, "x; curl y", REFUSED, id="anywhere in the line"),
    pytest.param(rules(bash("ask", "ls *")), EXECUTE, "ls x", ASKED, id="what Amp allows may be asked for"),
    pytest.param(rules(bash("allow", "ls *"), bash("reject", "ls *")), EXECUTE, "ls x", FREE, id="the first decides"),
    pytest.param(rules(bash("reject", "ls *"), bash("allow", "ls *")), EXECUTE, "ls x", REFUSED, id="in their order"),
    pytest.param(rules({"tool": "Bash", "action": "allow"}), EXECUTE, "x", FREE, id="a whole tool"),
    pytest.param(rules({"tool": "*", "action": "reject"}), EXECUTE, "x", REFUSED, id="every tool"),
    pytest.param(rules({"tool": "*", "action": "ask"}), READ, f"{WORK}/a", ASKED, id="every tool that reads"),
    pytest.param(
        rules({"tool": "shell_command", "action": "reject"}), EXECUTE, "x", REFUSED, id="the shell's other name"
    ),
    pytest.param(rules(bash("reject", "/^npm (run|test)/")), EXECUTE, "npm run x", REFUSED, id="an expression"),
    pytest.param(rules(bash("reject", "/(?=x)y/")), EXECUTE, "xy", ASKED, id="an expression that is not understood"),
    pytest.param(rules(bash("allow", "/(?=x)y/")), EXECUTE, "xy", TAKEN, id="which may allow anything"),
    pytest.param(rules(bash("reject", "ls *", context="subagent")), EXECUTE, "ls x", FREE, id="not for all contexts"),
    pytest.param(rules({"tool": "mcp__a__*", "action": "reject"}), CALL, "a/b", REFUSED, id="a server"),
    pytest.param(rules({"tool": "mcp__a__b", "action": "ask"}), CALL, "a/c", FREE, id="another of its tools"),
    pytest.param(rules({"tool": "mcp__*", "action": "ask"}), CALL, "a/b", ASKED, id="all servers"),
    pytest.param(rules({"tool": "Bash", "action": "delegate", "to": "/bin/x"}), EXECUTE, "y", TAKEN, id="a program"),
    pytest.param(rules({"tool": "Bash", "action": "delegate"}), EXECUTE, "curl x", ASKED, id="no program, no rule"),
    pytest.param(rules({"tool": "edit_file", "action": "reject"}), WRITE, f"{WORK}/a", FREE, id="create_file is left"),
    pytest.param(
        rules({"tool": "*", "action": "reject", "matches": {"path": "*.key"}}),
        *(WRITE, f"{WORK}/x/a.key", REFUSED),
        id="paths of every tool",
    ),
    pytest.param('{"amp.permissions": [', EXECUTE, "x", TAKEN, id="a broken file leaves the default"),
    pytest.param('// c\n{"amp.dangerouslyAllowAll": false,}', EXECUTE, "curl x", ASKED, id="comments and commas"),
]


@pytest.mark.parametrize(("user", "channel", "target", "wanted"), RULES)
def test_settings_of_the_user_decide(user, channel, target, wanted):
    assert look(user).gates(channel, target) == wanted


SCOPES = [
    pytest.param(
        {PROJECT: {"amp.dangerouslyAllowAll": True}}, FREE, "agent.asks-nothing", id="a project's switch wins"
    ),
    pytest.param(
        {PROJECT: rules(bash("allow", "curl *"))}, FREE, "agent.rights-from-repository", id="its rules are first"
    ),
    pytest.param({PROJECT: rules(bash("ask", "curl *"))}, ASKED, "", id="it may ask for more"),
    pytest.param(
        {MANAGED: ON, PROJECT: {"amp.dangerouslyAllowAll": True}}, ASKED, "", id="the organisation's stands first"
    ),
    pytest.param({MANAGED: rules(bash("reject", "curl *"))}, REFUSED, "", id="so do its rules"),
    pytest.param({f"{APP}/lib/.amp/settings.json": rules(bash("allow", "curl *"))}, ASKED, "", id="not from below"),
]


@pytest.mark.parametrize(("files", "wanted", "weakness"), SCOPES)
def test_scopes_stand_in_the_vendors_order(files, wanted, weakness):
    found = look(ON, files=files)
    assert found.gates(EXECUTE, "curl x") == wanted
    assert (weakness in found.weak()) is bool(weakness)


def test_what_a_project_opens_is_told_as_its_own():
    found = look(ON, files={PROJECT: {"amp.dangerouslyAllowAll": True}})
    assert found.weak() == ["agent.asks-nothing", "agent.rights-from-repository"]
    assert found.place(EXECUTE, "x") == (PROJECT, 1, "amp.dangerouslyAllowAll")


def test_settings_of_the_root_hold_below_it():
    found = look(ON, files={PROJECT: rules(bash("allow", "curl *"))}, workspace=f"{APP}/lib")
    assert found.gates(EXECUTE, "curl x") == FREE


def test_an_option_lets_all_through_unless_the_organisation_forbids():
    assert look(ON, running=[("--dangerously-allow-all",)]).gates(EXECUTE, "rm x") == FREE
    bound = look(running=[("--dangerously-allow-all",)], files={MANAGED: ON})
    assert bound.gates(EXECUTE, "curl x") == ASKED


def test_a_variable_names_other_settings():
    found = look({"amp.dangerouslyAllowAll": True}, files={"~/a.json": ON}, env={"AMP_SETTINGS_FILE": f"{HOME}/a.json"})
    assert found.gates(EXECUTE, "curl x") == ASKED


def test_amps_own_rules_amount_to_a_shell():
    found = look(ON)
    assert found.judge.autonomy() is Autonomy.FULL
    assert Judge(found.seen.policy, found.host.machine).decide(EXECUTE, "rm -r x").effective is Gate.NONE


def test_amps_own_rules_end_with_a_question():
    assert COMMANDS[-1] == ("ask", ("*",))
    assert COMMANDS[0] == ("ask", ("*git*push*",))


def test_rules_are_told_without_what_they_hold():
    found = look(rules(bash("allow", "curl -H 'Authorization: CANARY-CANARY-CANARY' *")))
    assert found.set(AGENT)["amp.permissions"] == ("allow Bash", "user")
    program = look(rules({"tool": "Bash", "action": "delegate", "to": "/opt/check"}))
    assert program.set(AGENT)["amp.permissions"] == ("delegate Bash, which runs a program", "user")


def test_an_entry_that_is_no_rule_is_told():
    assert look(rules({"tool": "Bash"}, 3)).gaps() != []


SHREDS = st.sampled_from(
    [
        *'{}[],:"*/(\\',
        "true",
        '"amp.permissions"',
        '"tool"',
        '"Bash"',
        '"action"',
        '"allow"',
        '"matches"',
        '"cmd"',
        '"/(a|b*)+/"',
    ]
)


@example('{"amp.permissions": [{"tool": "mcp__", "action": "ask", "matches": {"cmd": {"a": []}}}]}')
@example('{"amp.permissions": {"tool": []}, "amp.guardedFiles.allowlist": [1, {}], "amp.dangerouslyAllowAll": "no"}')
@given(st.lists(SHREDS, max_size=30).map("".join))
def test_no_text_breaks_it(text):
    found = look(text, files={PROJECT: text, MANAGED: text})
    assert found.ruling(EXECUTE, "ls").effective in Gate


def test_a_broken_file_beside_a_whole_one_makes_the_default_unsure():
    found = look(ON, files={PROJECT: "{"})
    assert found.gates(EXECUTE, "curl x") == MOSTLY_ASKED
