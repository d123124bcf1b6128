"""The questions for Codex. One command a line; keys of the user's config.toml above a line of dashes, tables below."""

from typing import Any

from codex import CONFIG
from model import Call
from rig import Case

PROJECT, RULES, PROJECT_RULES = (
    "{repo}/.codex/config.toml",
    "{home}/.codex/rules/default.rules",
    "{repo}/.codex/rules/x.rules",
)
WEB = "http://127.0.0.1:{port}/page"
SOCKET = (
    "python3 -c \"import socket; s = socket.socket(socket.AF_UNIX); s.connect('{outside}/sock'); print(s.recv(9))\""
)
NAMES = "echo VARIABLES $(env | cut -d= -f1 | grep -v CODEX)"
SERVER = """[mcp_servers.person]
command = "/usr/bin/python3"
args = ["{home}/person.py"]
"""
PREFIXES = """prefix_rule(pattern=["touch"], decision="allow")
prefix_rule(pattern=["mytool"], decision="prompt")
prefix_rule(pattern=["curl"], decision="forbidden")
prefix_rule(pattern=["git", ["push", "pull"]], decision="forbidden")
"""
DANGER = 'sandbox_mode = "danger-full-access"\n'
WRITE = 'sandbox_mode = "workspace-write"\n'
NEVER = 'approval_policy = "never"\n'
MINE = 'default_permissions = "mine"\n---\n[permissions.mine]\nextends = ":workspace"\n'


def run(command: str) -> Call:
    return Call("exec_command", {"cmd": command})


def escalated(command: str) -> Call:
    """A command that the model wants outside the sandbox."""
    more = {"sandbox_permissions": "require_escalated", "justification": "needed"}
    return Call("exec_command", {"cmd": command, **more})


def added(path: str) -> Call:
    """A patch that adds a file."""
    return run(f"apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: {path}\n+x\n*** End Patch\nEOF")


def served(tool: str, **given: str) -> Call:
    return Call(tool, given, "mcp__person")


def lines(text: str) -> tuple[Call, ...]:
    """A command a line."""
    return tuple(run(line.strip()) for line in text.strip().splitlines())


def case(name: str, calls: tuple[Call, ...], config: str = "", **more: Any) -> Case:
    """A case with that config; the folder is on record only where `trusted` says so."""
    files = {CONFIG: config, **more.pop("files", {})}
    return Case(name, calls, files, **{"trusted": None, **more})


SHORT = (
    *lines(f"""
    cat {{outside}}/file
    touch inside2
    touch {{outside}}/w
    python3 -c 'print(1)'
    curl -s -m 5 {WEB}
    {SOCKET}
    """),
    escalated("touch {outside}/e"),
    added("{outside}/p.txt"),
)
LONG = (
    *SHORT,
    *lines("""
    cat ~/secret/x
    touch ~/w
    touch /tmp/oracle-w
    echo x >> .git/config
    echo x > .git/hooks/pre-commit
    mkdir -p .codex && touch .codex/x
    mkdir -p .agents && touch .agents/x
    mkdir -p .claude && touch .claude/x
    echo x > .envrc
    rm -rf {repo}/nothing
    kubectl get pods
    """),
    added("{repo}/p.txt"),
    added("{repo}/.git/p.txt"),
    escalated("cat inside.txt"),
)
RULED = (
    *lines("""
    touch {outside}/w1
    touch {outside}/w2; touch {outside}/w3
    /usr/bin/touch {outside}/w4
    touch {outside}/w5 && echo ok
    bash -lc 'touch {outside}/w6'
    env touch {outside}/w7
    timeout 5 touch {outside}/w8
    A=1 touch {outside}/w9
    touch {outside}/w10 > out
    touch $HOME/w11
    mytool x
    ls && mytool x
    ./mytool x
    bash -c 'mytool x'
    env mytool x
    curl -s x
    ls; curl -s x
    /usr/bin/curl -s x
    bash -c 'curl -s x'
    bash -lc 'curl -s x'
    env curl -s x
    timeout 5 curl -s x
    echo $(curl -s x)
    curl -s x > out
    git push origin
    git -C . push
    git status
    """),
    escalated("touch {outside}/e"),
    escalated("touch {outside}/e && echo ok"),
    escalated("curl x"),
)
FOLDER = lines("touch {outside}/w1\nls {outside}")
SERVED = (served("look"), served("change"), served("plain"))

DEFAULTS = (
    case("nothing set, git, trusted", LONG, trusted=True),
    case("nothing set, git, nothing on record", SHORT),
    case("nothing set, git, untrusted", SHORT, trusted=False),
    case("nothing set, no git, nothing on record", SHORT, git=False),
    case("nothing set, no git, trusted", SHORT, git=False, trusted=True),
    case("exec, git, nothing on record", SHORT, arguments=("exec", "go")),
    case("exec, git, trusted", SHORT, arguments=("exec", "go"), trusted=True),
    case("exec, git, untrusted", SHORT, arguments=("exec", "go"), trusted=False),
    case("exec, no git, nothing on record", SHORT[:2], arguments=("exec", "go"), git=False),
    case(
        "exec, on-request, workspace-write", SHORT, 'approval_policy = "on-request"\n' + WRITE, arguments=("exec", "go")
    ),
    case("exec, danger-full-access", SHORT, DANGER, arguments=("exec", "go")),
)
MODES = (
    case("read-only", SHORT, 'sandbox_mode = "read-only"\n'),
    case("workspace-write, network_access", SHORT, WRITE + "---\n[sandbox_workspace_write]\nnetwork_access = true\n"),
    case("workspace-write, never", LONG, WRITE + NEVER),
    case("danger-full-access", LONG, DANGER),
    case("danger-full-access, never", LONG, DANGER + NEVER),
    *(
        case(f"workspace-write, {word}", SHORT, f'{WRITE}approval_policy = "{word}"\n')
        for word in ("untrusted", "on-failure")
    ),
    case(
        "workspace-write, granular, all false",
        SHORT,
        WRITE
        + "approval_policy = { granular = { sandbox_approval = false, rules = false, mcp_elicitations = false } }\n",
    ),
    case(
        "workspace-write, writable_roots outside",
        SHORT[2:3],
        WRITE + '---\n[sandbox_workspace_write]\nwritable_roots = ["{outside}"]\n',
    ),
    case("workspace-write, no bwrap on PATH", SHORT[:3], WRITE, missing=("bwrap",)),
    case("approvals_reviewer auto_review", SHORT[6:7], 'approvals_reviewer = "auto_review"\n', trusted=True),
)
PROFILES = (
    *(
        case(f"profile {name}", SHORT, f'default_permissions = "{name}"\n')
        for name in (":read-only", ":workspace", ":danger-full-access")
    ),
    case(
        "profile that denies ~/secret",
        (*lines("cat ~/secret/x\npython3 -c \"print(open('{home}/secret/x').read())\""), escalated("cat ~/secret/x")),
        MINE + '[permissions.mine.filesystem]\n"{home}/secret" = "deny"\n',
    ),
    case("profile with network", SHORT[4:6], MINE + "[permissions.mine.network]\nenabled = true\n"),
    case(
        "profile with a unix socket",
        SHORT[5:6],
        MINE + '[permissions.mine.network.unix_sockets]\n"{outside}/sock" = "allow"\n',
    ),
    case(
        "profile with network and another domain",
        SHORT[4:5],
        MINE
        + "[permissions.mine.network]\nenabled = true\n"
        + '[permissions.mine.network.domains]\n"docs.example.com" = "allow"\n',
    ),
    case(
        "profile :danger-full-access, sandbox_mode workspace-write",
        SHORT[:3],
        WRITE + 'default_permissions = ":danger-full-access"\n',
    ),
    case(
        "profile :read-only, sandbox_mode danger-full-access",
        SHORT[:3],
        DANGER + 'default_permissions = ":read-only"\n',
    ),
    case(
        "user sandbox_mode read-only, project profile :danger-full-access",
        SHORT[:3],
        'sandbox_mode = "read-only"\n',
        files={PROJECT: 'default_permissions = ":danger-full-access"\n'},
        trusted=True,
    ),
    case(
        "user profile :read-only, project sandbox_mode danger-full-access",
        SHORT[:3],
        'default_permissions = ":read-only"\n',
        files={PROJECT: DANGER},
        trusted=True,
    ),
)
PREFIX_RULES = (
    case("rules, workspace-write", RULED, WRITE, files={RULES: PREFIXES}),
    case("rules, workspace-write, never", RULED, WRITE + NEVER, files={RULES: PREFIXES}),
    case("rules, danger-full-access", RULED, DANGER, files={RULES: PREFIXES}),
    *(
        case(
            f"exec, rules of the project, {word}",
            FOLDER,
            WRITE,
            files={PROJECT_RULES: PREFIXES},
            arguments=("exec", "go"),
            trusted=trusted,
        )
        for word, trusted in (("trusted", True), ("untrusted", False), ("nothing on record", None))
    ),
    case("rules of the project, nothing on record, workspace-write", FOLDER, WRITE, files={PROJECT_RULES: PREFIXES}),
    case("rules of the project, nothing on record", FOLDER, files={PROJECT_RULES: PREFIXES}),
)
LAYERS = tuple(
    case(
        f"project config danger-full-access and never, {word}",
        SHORT[:3],
        files={PROJECT: DANGER + NEVER},
        trusted=trusted,
    )
    for word, trusted in (("trusted", True), ("untrusted", False), ("nothing on record", None))
)
VARIABLES = tuple(
    case(
        f"variables, {policy.replace(chr(10), '; ') or 'nothing set'}",
        lines(NAMES),
        f"---\n[shell_environment_policy]\n{policy}\n",
        trusted=True,
    )
    for policy in (
        "",
        'inherit = "core"',
        "ignore_default_excludes = false",
        "ignore_default_excludes = true",
        'exclude = ["AWS_*", "*token*"]',
        'include_only = ["PATH", "HOME"]',
        'exclude = ["GITHUB_TOKEN"]\nset = { GITHUB_TOKEN = "x" }',
    )
)
SERVERS = (
    *(
        case(
            f"MCP, {mode}, {name}", SERVED, f'{keys}---\n{SERVER}default_tools_approval_mode = "{mode}"\n', trusted=True
        )
        for mode in ("auto", "writes", "prompt", "approve")
        for name, keys in (
            ("on-request", ""),
            ("never", NEVER),
            ("danger-full-access", DANGER),
            ("danger-full-access and never", DANGER + NEVER),
        )
    ),
    case("MCP, nothing set", SERVED, f"---\n{SERVER}", trusted=True),
    case(
        "MCP, prompt, look approve",
        SERVED,
        f'---\n{SERVER}default_tools_approval_mode = "prompt"\n'
        '[mcp_servers.person.tools.look]\napproval_mode = "approve"\n',
        trusted=True,
    ),
    case("MCP, disabled_tools change", SERVED, f'---\n{SERVER}disabled_tools = ["change"]\n', trusted=True),
    case("MCP, enabled_tools look", SERVED, f'---\n{SERVER}enabled_tools = ["look"]\n', trusted=True),
    case(
        "MCP, its process and the sandbox",
        (served("write", path="{outside}/m"), served("variables"), run("cat {outside}/m")),
        f"---\n{SERVER}",
        trusted=True,
    ),
    case("MCP of the project, nothing on record", SERVED[:1], files={PROJECT: SERVER}),
)
CASES = (*DEFAULTS, *MODES, *PROFILES, *PREFIX_RULES, *LAYERS, *VARIABLES, *SERVERS)
