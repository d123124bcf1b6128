"""The questions for opencode: settings of the user unless a name says otherwise, one command a line."""

import json
from typing import Any

from model import Call
from rig import Case

USER, PROJECT, OWN = "{home}/.config/opencode/opencode.json", "{repo}/opencode.json", "{repo}/.opencode/opencode.json"


MARKDOWN = """---
mode: primary
permission:
  bash:
    "*": deny
    "git *": allow
---
Hi
"""


def bash(command: str) -> Call:
    return Call("bash", {"command": command, "description": "look"})


def lines(text: str) -> tuple[Call, ...]:
    return tuple(bash(line.strip()) for line in text.strip().splitlines())


def read(path: str) -> Call:
    return Call("read", {"filePath": path})


def grep(path: str) -> Call:
    return Call("grep", {"pattern": "MARKER", "path": path})


def write(path: str) -> Call:
    return Call("write", {"filePath": path, "content": "MARKER\n"})


def task(agent: str, call: Call) -> Call:
    """Work for another agent, which makes that one call; `model.py`'s counterpart reads it from the prompt."""
    given = "SUB " + json.dumps({"tool": call.tool, "input": call.input})
    return Call("task", {"description": "look", "prompt": given, "subagent_type": agent})


def user(permission: Any, **more: Any) -> dict[str, str]:
    return {USER: json.dumps({"permission": permission, **more})}


def project(permission: Any, **more: Any) -> dict[str, str]:
    return {PROJECT: json.dumps({"permission": permission, **more})}


FILES = (
    *(read("{repo}/inside.txt"), read("{repo}/.env"), grep("{repo}/.env"), read("{outside}/file"), grep("{outside}")),
    *(write("{repo}/new.txt"), write("{outside}/new")),
)
USUAL = lines(
    """
    cat inside.txt
    cat {outside}/file
    head -1 {outside}/file
    cat .env
    echo $GITHUB_TOKEN
    git status
    python3 -c 'print(1)'
    """
)
COMPOUND = lines(
    """
    git status
    git
    gitk
    git status; touch made1
    git status && touch made2
    git status | tee made3
    git status $(touch made4)
    git status `touch made5`
    git status <(touch made6)
    git status & touch made7
    (touch made8)
    if true; then touch made9; fi
    FOO=1 git status
    git status > made10
    git status > {outside}/made11
    > made12
    FOO=1
    export FOO=1
    cd {outside}
    cd {outside} && git status
    sh -c 'git status'
    """
)
CASES = (
    Case("no settings", (*USUAL, *FILES)),
    Case("no settings, no repository", (*USUAL[:3], *FILES), git=False),
    Case(
        "strict: everything is denied but reading and git",
        (*USUAL, *FILES),
        user({"*": "deny", "read": "allow", "bash": {"git *": "allow"}}),
    ),
    Case("supervised: everything asks", (*USUAL, *FILES), user("ask")),
    Case("permissive: everything is allowed", (*USUAL, *FILES), user("allow")),
    Case("everything asks, --auto", (*USUAL, *FILES), user("ask"), arguments=("--auto",)),
    Case(
        "everything is denied but git, --auto",
        USUAL,
        user({"bash": {"*": "deny", "git *": "allow"}}),
        arguments=("--auto",),
    ),
    Case("git is allowed, all else asks", COMPOUND, user({"bash": {"*": "ask", "git *": "allow"}})),
    Case(
        "git is allowed and nothing else is said", lines("git status\ntouch made"), user({"bash": {"git *": "allow"}})
    ),
    Case(
        "echo is allowed, all else asks",
        (*lines("echo hi > made\necho hi > {outside}/made"), write("{outside}/new")),
        user({"*": "ask", "bash": {"echo *": "allow"}}),
    ),
    Case("the broad rule last", lines("git status\ntouch made"), user({"bash": {"git *": "allow", "*": "ask"}})),
    Case(
        "absolute deny rules for files",
        (read("{home}/secret/x"), write("{home}/secret/y"), read("{repo}/inside.txt")),
        user(
            {
                "external_directory": "allow",
                "read": {"{home}/secret/*": "deny", "~/secret/*": "deny", "{repo}/*": "deny"},
                "edit": {"~/secret/*": "deny"},
            }
        ),
    ),
    Case(
        "relative deny rules for files",
        (
            read("{home}/secret/x"),
            write("{home}/secret/y"),
            read("{repo}/inside.txt"),
            read("{repo}/.env"),
            read("{outside}/file"),
        ),
        user(
            {
                "external_directory": "allow",
                "read": {"*/secret/*": "deny", "inside*": "deny", ".env": "allow"},
                "edit": {"../secret/*": "deny"},
            }
        ),
    ),
    Case(
        "folders outside",
        (
            read("{home}/secret/x"),
            read("{outside}/file"),
            write("{outside}/new"),
            bash("cat {outside}/file"),
            bash("cat {home}/secret/x"),
            bash("head -1 {home}/secret/x"),
        ),
        user({"external_directory": {"{outside}/*": "allow", "~/secret/*": "deny"}}),
    ),
    Case(
        "a project allows what the user denies",
        lines("touch made\ngit status"),
        user({"bash": {"*": "deny", "git *": "allow"}}) | project({"bash": {"*": "allow"}}),
    ),
    Case(
        "a project's star behind the user's rule", lines("touch made"), user({"bash": "deny"}) | project({"*": "allow"})
    ),
    Case(
        "a project's agent build",
        lines("touch made"),
        user({"bash": "deny"}) | {PROJECT: json.dumps({"agent": {"build": {"permission": {"bash": "allow"}}}})},
    ),
    Case(
        ".opencode before the project's file",
        lines("touch made"),
        project({"bash": "deny"}) | {OWN: json.dumps({"permission": {"bash": "allow"}})},
    ),
    Case(
        "OPENCODE_PERMISSION",
        lines("touch made"),
        user({"bash": "deny"}),
        variables={"OPENCODE_PERMISSION": '{"bash": "allow"}'},
    ),
    Case(
        "tools switched off, and a star allowed",
        (bash("touch made"), write("{repo}/new.txt")),
        user({"*": "allow"}, tools={"bash": False, "write": False}),
    ),
    Case(
        "build may run nothing, others may",
        (bash("touch made1"), task("general", bash("touch made2")), task("plan", bash("touch made3"))),
        {USER: json.dumps({"agent": {"build": {"permission": {"bash": "deny"}}}})},
    ),
    Case(
        "plan may write nothing, build may",
        (write("{repo}/new.txt"), task("build", write("{repo}/new2.txt"))),
        {USER: json.dumps({"default_agent": "plan"})},
    ),
    Case(".env by the agent explore", (read("{repo}/.env"), task("explore", read("{repo}/.env"))), {}),
    Case(
        "a Markdown agent by default",
        (bash("touch made"), bash("git status")),
        {
            USER: json.dumps({"default_agent": "team/rev"}),
            "{repo}/.opencode/agent/team/rev.md": MARKDOWN,
        },
    ),
    Case(
        "a project's references to folders outside",
        (read("{home}/secret/x"), read("{outside}/file"), write("{outside}/new"), bash("cat {outside}/file")),
        {PROJECT: json.dumps({"references": {"one": {"path": "~/secret"}, "two": "{outside}"}})},
    ),
)
