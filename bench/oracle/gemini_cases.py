"""The questions for Gemini CLI and Qwen Code: settings of the user unless a name says otherwise, one command a line."""

import json
from typing import Any

from model import Call
from rig import Case

USER, PROJECT = "{home}/.gemini/settings.json", "{repo}/.gemini/settings.json"
RULE = '[[rule]]\ntoolName = "run_shell_command"\n'
POLICY = "{home}/.gemini/policies/mine.toml"


def shell(command: str) -> Call:
    return Call("run_shell_command", {"command": command, "description": "look"})


def lines(text: str) -> tuple[Call, ...]:
    return tuple(shell(line.strip()) for line in text.strip().splitlines())


def read(path: str) -> Call:
    return Call("read_file", {"file_path": path})


def write(path: str) -> Call:
    return Call("write_file", {"file_path": path, "content": "MARKER"})


def user(settings: dict[str, Any]) -> dict[str, str]:
    return {USER: json.dumps(settings)}


USUAL = lines(
    """
    ls
    cat {home}/secret/x
    cat ${{NOTHING:-{home}/secret/x}}
    echo $GITHUB_TOKEN
    git status
    git -c core.pager=x status
    ls; touch made
    echo hi > made
    touch made
    python3 -c 'print(1)'
    """.replace("{{", "{").replace("}}", "}")
)
FILES = (read("{repo}/inside.txt"), read("{home}/secret/x"), write("{repo}/new.txt"), write("{home}/secret/y"))
BUILD = write("{repo}/package.json")
GIT = lines(
    """
    git status
    git log --oneline
    git status; touch made
    git status $(touch made)
    FOO=1 git status
    git status > made
    gitk
    touch made
    """
)


CASES = (
    Case("default", (*USUAL, *FILES, BUILD)),
    Case("untrusted folder", (*USUAL[:5], *FILES[:1]), trusted=False),
    Case(
        "started with --approval-mode auto_edit",
        (*USUAL[4:9], *FILES, BUILD),
        arguments=("--approval-mode", "auto_edit"),
    ),
    Case("started with --yolo", (*USUAL[1:9], *FILES, BUILD), arguments=("--yolo",)),
    Case(
        "started with --approval-mode plan",
        (*USUAL[:3], *FILES[:3], write("README.md")),
        arguments=("--approval-mode", "plan"),
    ),
    Case("defaultApprovalMode yolo in a file", USUAL[8:], user({"general": {"defaultApprovalMode": "yolo"}})),
    Case(
        "tools.allowed run_shell_command(git)",
        (*GIT, FILES[2]),
        user({"tools": {"allowed": ["run_shell_command(git)"]}}),
    ),
    Case("tools.allowed run_shell_command", USUAL[5:], user({"tools": {"allowed": ["run_shell_command"]}})),
    Case(
        "tools.core with run_shell_command",
        (*USUAL[6:], *FILES),
        user({"tools": {"core": ["run_shell_command", "read_file"]}}),
    ),
    Case(
        "tools.exclude run_shell_command(touch)",
        USUAL[8:9],
        user({"tools": {"exclude": ["run_shell_command(touch)"]}}),
        arguments=("--yolo",),
    ),
    Case(
        "tools.exclude run_shell_command",
        USUAL[:1],
        user({"tools": {"exclude": ["run_shell_command"]}}),
        arguments=("--yolo",),
    ),
    Case(
        "policy: commandPrefix git allowed, the rest refused",
        GIT,
        {
            POLICY: f'{RULE}commandPrefix = "git"\ndecision = "allow"\npriority = 100\n'
            f'{RULE}decision = "deny"\npriority = 50\n'
        },
    ),
    Case(
        "policy: argsPattern git allowed",
        (Call("run_shell_command", {"command": "touch made", "description": "git"}), shell("touch made")),
        {POLICY: f'{RULE}argsPattern = "git"\ndecision = "allow"\npriority = 100\n'},
    ),
    Case(
        "policy: touch denied, under --yolo",
        lines(
            "touch made\n/usr/bin/touch made\nbash -c 'touch made'\nls; touch made\necho $(touch made)\nenv touch made"
        ),
        {POLICY: f'{RULE}commandPrefix = "touch"\ndecision = "deny"\npriority = 100\n'},
        arguments=("--yolo",),
    ),
    Case(
        "project: tools.allowed run_shell_command, trusted",
        USUAL[8:],
        {PROJECT: json.dumps({"tools": {"allowed": ["run_shell_command"]}})},
    ),
    Case(
        "project: policyPaths, trusted, over a refusal of the user",
        USUAL[8:],
        {
            PROJECT: json.dumps({"adminPolicyPaths": ["{repo}/x.toml"]}),
            "{repo}/x.toml": f'{RULE}decision = "allow"\npriority = 1\n',
            POLICY: f'{RULE}decision = "deny"\npriority = 999\n',
        },
    ),
    Case(
        "project: policies/x.toml allows all",
        USUAL[8:],
        {"{repo}/.gemini/policies/x.toml": '[[rule]]\ntoolName = "*"\ndecision = "allow"\npriority = 999\n'},
    ),
)
QWEN = "{home}/.qwen/settings.json"
QWEN_PROJECT = "{repo}/.qwen/settings.json"
ASKING = {"tools": {"approvalMode": "default"}}


def qwen(settings: dict[str, Any], path: str = QWEN) -> dict[str, str]:
    return {path: json.dumps(settings)}


QWEN_CASES = (
    Case("mode default", (*USUAL[:2], *USUAL[3:9], *FILES), qwen(ASKING)),
    Case("mode auto", FILES),
    Case(
        "permissions.allow Bash(git status)",
        GIT,
        qwen({**ASKING, "permissions": {"allow": ["Bash(git status)"], "deny": ["Bash(gitk)"]}}),
    ),
    Case(
        "permissions.deny Bash(touch:*) and Read(~/secret/**), under yolo",
        (
            *lines("touch made\nls; touch made\nbash -c 'touch made'\necho $(touch made)\ncat {home}/secret/x"),
            *lines("python3 -c \"print(open('{home}/secret/x').read())\""),
            FILES[1],
        ),
        qwen({"permissions": {"deny": ["Bash(touch:*)", "Read(~/secret/**)"], "ask": ["Bash(ls)"]}}),
        arguments=("--yolo",),
    ),
    Case(
        "project: tools.approvalMode yolo, nobody asked about trust",
        (USUAL[8], FILES[2]),
        qwen({"tools": {"approvalMode": "yolo"}}, QWEN_PROJECT),
        trusted=None,
    ),
)
