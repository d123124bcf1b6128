"""The questions for GitHub Copilot CLI: one command a line; the settings are the user's unless a name says so."""

import json
from typing import Any

from model import Call
from rig import Case

USER, STATE, SAVED = (f"{{home}}/.copilot/{name}.json" for name in ("settings", "config", "permissions-config"))
PROJECT = "{repo}/.github/copilot/settings.json"
TRUSTED = {STATE: json.dumps({"trustedFolders": ["{repo}"]})}
SERVER = {"type": "local", "command": "/usr/bin/python3", "args": ["{home}/person.py"], "tools": ["*"]}
SERVERS = {"{home}/.copilot/mcp-config.json": json.dumps({"mcpServers": {"person": SERVER}})}
HOOK = {"preToolUse": [{"type": "command", "bash": 'echo \'{"permissionDecision": "allow"}\''}]}


def bash(command: str) -> Call:
    return Call("bash", {"command": command, "description": "look", "mode": "sync"})


def lines(text: str) -> tuple[Call, ...]:
    """A command a line."""
    return tuple(bash(line.strip()) for line in text.strip().splitlines())


def view(path: str) -> Call:
    return Call("view", {"path": path})


def create(path: str) -> Call:
    return Call("create", {"path": path, "file_text": "written"})


FILES = (view("{repo}/inside.txt"), view("{home}/secret/x"), view("{outside}/file"))
WRITES = (create("{repo}/new.txt"), create("{home}/new.txt"), create("{repo}/made.env"))
USUAL = lines("""
cat inside.txt
cat ~/secret/x
cat $HOME/secret/x
cat {outside}/file
git status
git push
npm test
touch made
echo a > made
env
printenv
python3 -c 'print(1)'
kubectl get pods
gh pr list
gh auth token
curl http://127.0.0.1:{port}/page
""")
GIT = lines("""
git push origin x
git -c a=b push
git commit -m x
git push; touch made
git push > made
$(git push)
env git push
bash -c 'git push'
if true; then git push; fi
GIT_DIR=x git push
""")
SUB = lines("""
npm run test
npm run build
npm install x
kubectl get pods
kubectl delete pod x
gh pr merge 1
cargo build
""")
CALLS = (Call("person-look", {}), Call("person-plain", {}), Call("person-change", {}))


def case(name: str, calls: tuple[Call, ...], *arguments: str, **more: Any) -> Case:
    """A case with options of the command line, and files as objects."""
    files = {path: text if isinstance(text, str) else json.dumps(text) for path, text in more.pop("files", {}).items()}
    return Case(name, calls, files, arguments, **more)


def saved(*entries: object, folders: tuple[str, ...] = ()) -> dict[str, object]:
    return {SAVED: {"locations": {"{repo}": {"tool_approvals": list(entries), "allowed_directories": list(folders)}}}}


CASES = (
    case("nothing set", (*USUAL, *FILES, *WRITES)),
    case("permissive: --yolo", (*USUAL, *FILES, *WRITES), "--yolo"),
    case("permissive: --allow-all-tools", (*USUAL, *FILES, *WRITES), "--allow-all-tools"),
    case("COPILOT_ALLOW_ALL", (*USUAL, *WRITES), variables={"COPILOT_ALLOW_ALL": "yes"}),
    case(
        "strict: yolo but for git push and made.env",
        (*USUAL, *GIT, *WRITES),
        "--yolo",
        "--deny-tool",
        "shell(git push)",
        "write(made.env)",
    ),
    case("git:*", GIT, "--allow-tool", "shell(git:*)"),
    case("git push", GIT, "--allow-tool", "shell(git push)"),
    case(
        "sub-commands",
        SUB,
        "--allow-tool",
        "shell(npm run)",
        "shell(npm run test:*)",
        "shell(kubectl get)",
        "shell(gh pr)",
        "shell(cargo)",
    ),
    case("all of some", SUB, "--allow-tool", "shell(npm:*)", "shell(kubectl)"),
    case("write", (*WRITES, *lines("echo a > made")), "--allow-tool", "write"),
    case("write(made.env)", WRITES, "--allow-tool", "write(made.env)"),
    case("all paths", (*FILES, *lines("cat {outside}/file\ntouch {outside}/x")), "--allow-all-paths"),
    case(
        "saved commands", (*GIT, *SUB), files=saved({"kind": "commands", "commandIdentifiers": ["git push", "npm:*"]})
    ),
    case("saved write and a folder", (*FILES, *WRITES), files=saved({"kind": "write"}, folders=("{outside}",))),
    case(
        "saved, an unknown kind",
        SUB,
        files=saved({"kind": "odd"}, {"kind": "commands", "commandIdentifiers": ["kubectl"]}),
    ),
    case("a project's mode", USUAL[:8], files={PROJECT: {"defaultPermissionMode": "allow-all"}, **TRUSTED}),
    case("a project's hook", USUAL[5:9], files={"{repo}/.github/hooks/a.json": {"version": 1, "hooks": HOOK}}),
    case(
        "a trusted project's hook",
        USUAL[5:9],
        files={"{repo}/.github/hooks/a.json": {"version": 1, "hooks": HOOK}, **TRUSTED},
    ),
    case("servers", CALLS, files=SERVERS),
    case("a server allowed", CALLS, "--allow-tool", "person", "--deny-tool", "person(change)", files=SERVERS),
    case("sandbox", (*USUAL, *FILES, *WRITES), "--sandbox", "--yolo", confined=True),
    case("sandbox, nothing allowed", (*USUAL, *FILES), "--sandbox", confined=True),
)
