"""Crush's policy: tools that it never asks for, commands that it takes to be harmless, and some that it never runs.

A harmless command is told by the beginning of the line, which is not taken apart: a line break or a single `&` starts
another one behind it, and `env`, `nice`, `nohup`, `time` and `timeout`, which are in the list, start whatever follows.
"""

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from scanner.model import Channel, Command, Evidence, Gate, Inheritance, Name, Paths, Policy, Rule, Ruling, Tool

HARMLESS = (
    *("cal", "date", "df", "du", "echo", "env", "free", "groups", "hostname", "id", "kill", "killall", "ls", "nice"),
    *("nohup", "printenv", "ps", "pwd", "set", "time", "timeout", "top", "type", "uname", "unset", "uptime", "whatis"),
    *("whereis", "which", "whoami", "git blame", "git branch", "git config --get", "git config --list"),
    *("git describe", "git diff", "git grep", "git log", "git ls-files", "git ls-remote", "git remote"),
    *("git rev-parse", "git shortlog", "git show", "git status", "git tag"),
)
HARMLESS_ON_WINDOWS = ("ipconfig", "nslookup", "ping", "systeminfo", "tasklist", "where")
BANNED = (
    *("alias", "aria2c", "axel", "chrome", "curl", "curlie", "firefox", "http-prompt", "httpie", "links", "lynx", "nc"),
    *(
        "safari",
        "scp",
        "ssh",
        "telnet",
        "w3m",
        "wget",
        "xh",
        "doas",
        "su",
        "sudo",
        "apk",
        "apt",
        "apt-cache",
        "apt-get",
    ),
    *("dnf", "dpkg", "emerge", "home-manager", "makepkg", "opkg", "pacman", "paru", "pkg", "pkg_add"),
    *(
        "pkg_delete",
        "portage",
        "rpm",
        "yay",
        "yum",
        "zypper",
        "at",
        "batch",
        "chkconfig",
        "crontab",
        "fdisk",
        "mkfs",
        "mount",
    ),
    *("parted", "service", "systemctl", "umount", "firewall-cmd", "ifconfig", "ip", "iptables", "netstat", "pfctl"),
    *("route", "ufw", "brew install", "cargo install", "gem install", "go install"),
)
TOOLS = (  # its tools that ask, the action that each asks for, and what they do
    ("edit", "write", Channel.WRITE),
    ("multiedit", "write", Channel.WRITE),
    ("write", "write", Channel.WRITE),
    ("download", "download", Channel.WRITE),
    ("fetch", "fetch", Channel.CONNECT),
    ("agentic_fetch", "fetch", Channel.CONNECT),
    ("download", "download", Channel.CONNECT),
)
SERVERS = "mcp_"
INHERITED = Inheritance(rule="its commands and servers inherit its whole environment")


class Allowed(Struct, frozen=True):
    """A tool that is never asked for, in the words of the setting, and where it stands."""

    tool: str
    words: str
    evidence: Evidence


class Setting(Struct, frozen=True):
    """All that the policy is made of; `unasked` is a process that asks for nothing, `doubt` what may allow more."""

    workspace: str
    allowed: tuple[Allowed, ...] = ()
    disabled: frozenset[str] = frozenset()
    servers: tuple[str, ...] = ()
    unasked: str = ""
    doubt: str = ""
    windows: bool = False


def policy(told: Setting) -> Policy:
    """What decides in the workspace."""
    tools = (tool for tool in _tools(told) if tool.name not in told.disabled)
    return Policy("asks for nothing" if told.unasked else "asks", tuple(tools), INHERITED, INHERITED)


def _tools(told: Setting) -> Iterator[Tool]:
    inside = Rule(Paths(told.workspace, told.windows), Ruling(Gate.NONE, "files of the workspace are read unasked"))
    yield Tool("view", Channel.READ, _asked(told, "view", "read"), (inside,))
    yield Tool("grep", Channel.READ, Ruling(Gate.NONE, "grep searches any file unasked"))
    for name, action, channel in TOOLS:
        yield Tool(name, channel, _asked(told, name, action))
    host = Rule(Name("sourcegraph.com"), Ruling(Gate.NONE, "sourcegraph searches unasked"))
    yield Tool("sourcegraph", Channel.CONNECT, Ruling(Gate.REFUSED, "sourcegraph asks one host only"), (host,))
    yield _bash(told)
    yield Tool("MCP tools", Channel.CALL, _asked(told, "", ""), tuple(_of_servers(told)))


def _asked(told: Setting, tool: str, action: str) -> Ruling:
    """What stands before a tool that asks unless it is in the list, whole or for that action."""
    if told.unasked:
        return Ruling(Gate.NONE, f"the running {told.unasked} asks for nothing", Evidence(process=told.unasked))
    for each in told.allowed:
        if tool and each.tool in {tool, f"{tool}:{action}"}:
            return Ruling(Gate.NONE, each.words, each.evidence)
    if told.doubt:
        return Ruling(Gate.UNKNOWN, f"it asks unless {told.doubt} says otherwise", None, Gate.PROMPT)
    return Ruling(Gate.PROMPT, "it asks by default")


def _bash(told: Setting) -> Tool:
    refused = Ruling(Gate.REFUSED, "a command that Crush never runs by its name")
    harmless = Ruling(Gate.NONE, "a command that Crush takes to be harmless")
    names = (*HARMLESS, *(HARMLESS_ON_WINDOWS if told.windows else ()))
    rules = (
        *(Rule(Command(name, open=True), refused) for name in BANNED),
        *(Rule(Command(name, open=True, chained=True), harmless) for name in names),
    )
    return Tool("bash", Channel.EXECUTE, _asked(told, "bash", "execute"), rules)


def _of_servers(told: Setting) -> Iterator[Rule]:
    """The rules for tools of MCP servers, which are named `mcp_<server>_<tool>`."""
    for each in told.allowed:
        name = each.tool.removesuffix(":execute")
        if name.startswith(SERVERS):
            ruling = Ruling(Gate.NONE, each.words, each.evidence)
            yield from (Rule(Name(glob), ruling) for glob in _named(name.removeprefix(SERVERS), told.servers))


def _named(name: str, servers: Iterable[str]) -> Iterator[str]:
    """The tools that a name may mean, as "server/tool"."""
    found = [each for each in servers if name.startswith(f"{each}_")]
    for server in found:
        yield f"{_escaped(server)}/{_escaped(name.removeprefix(f'{server}_'))}"
    if not found:
        yield _escaped(name).replace("_", "[_/]")


def _escaped(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)
