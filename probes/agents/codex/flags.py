"""Command lines of running Codex processes: what they set over all files."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import ClassVar

from probes.agents.codex.layers import Layer
from probes.agents.tree import Node, parse
from scanner.host import Host, Process
from scanner.model import Gap
from scanner.model.value import Value

PROGRAMS = frozenset({"codex", "codex.exe", "codex.js", "codex-exec"})
OPTIONS = {
    "-c": "config",
    "--config": "config",
    "-s": "sandbox_mode",
    "--sandbox": "sandbox_mode",
    "-a": "approval_policy",
    "--ask-for-approval": "approval_policy",
    "-p": "profile",
    "--profile": "profile",
    "-P": "default_permissions",
    "--permission-profile": "default_permissions",
    "-C": "folder",
    "--cd": "folder",
    "--add-dir": "root",
}
SWITCHES: dict[str, tuple[tuple[str, str], ...]] = {
    "--full-auto": (("sandbox_mode", "workspace-write"), ("approval_policy", "on-request")),
    "--dangerously-bypass-approvals-and-sandbox": (
        ("sandbox_mode", "danger-full-access"),
        ("approval_policy", "never"),
    ),
    "--yolo": (("sandbox_mode", "danger-full-access"), ("approval_policy", "never")),
    "--approve-for-me": (
        ("sandbox_mode", "workspace-write"),
        ("approval_policy", "on-request"),
        ("approvals_reviewer", "auto_review"),
    ),
    "--search": (("web_search", "live"),),
}
UNREAD_HOOKS = "--dangerously-bypass-hook-trust"
WORDS = 200  # of one command line


class Launch(Value, frozen=True):
    """How one process was started: its settings as layers, the profile it names, its folder and further roots.

    `unread`: hooks run in it that nobody has read.
    """

    concealed: ClassVar[frozenset[str]] = frozenset({"profile", "folder", "roots"})

    process: str
    layers: tuple[Layer, ...] = ()
    profile: str | None = None
    folder: str | None = None
    roots: tuple[str, ...] = ()
    unread: bool = False


def launches(host: Host) -> Iterator[Launch | Gap]:
    """The Codex processes of this user that may work in the workspace."""
    for process in host.processes():
        if isinstance(process, Gap):
            yield process
        elif process.mine:
            start = _start(process)
            if start is not None:
                yield launch(f"codex (pid {process.pid})", process.argv[start:])


def elsewhere(told: Launch, host: Host) -> bool:
    """Whether it was started for another folder and keeps to that; one without a sandbox is at home in all."""
    folder = host.resolve(told.folder) if told.folder is not None else None
    return folder is not None and folder != host.workspace and not _roams(told)


def _roams(told: Launch) -> bool:
    modes = [node.text for layer in told.layers if (node := layer.root.get("sandbox_mode")) is not None]
    return modes[:1] == ["danger-full-access"]


def launch(process: str, words: Sequence[str]) -> Launch:
    """A command line as settings, later words first; what stands behind `--` is for the model."""
    made = Launch(process)
    layers: list[Layer] = []
    profile, folder, roots, executes, unread = made.profile, made.folder, list(made.roots), False, False
    for name, value in _options(words[:WORDS]):
        match OPTIONS.get(name):
            case "profile":
                profile = value
            case "folder":
                folder = value
            case "root":
                roots.append(value)
            case "config":
                key, _, told = value.partition("=")
                layers.append(_layer(process, key.strip(), _value(told.strip())))
            case str() as key:
                layers.append(_layer(process, key, Node(1, value)))
            case None:
                executes = executes or name in {"exec", "e"}
                unread = unread or name == UNREAD_HOOKS
                layers.extend(_layer(process, key, Node(1, word)) for key, word in SWITCHES.get(name, ()))
    if executes and not any(layer.root.get("approval_policy") for layer in layers):
        layers.append(_layer(process, "approval_policy", Node(1, "never")))  # it has nobody to ask
    return Launch(process, tuple(reversed(layers)), profile, folder, tuple(roots), unread)


def _start(process: Process) -> int | None:
    """Where the words behind the program begin, None for another program."""
    for index, word in enumerate(process.argv[:2]):
        if _base(word) in PROGRAMS:
            return index + 1
    return len(process.argv[:1]) if _base(process.name) in PROGRAMS else None


def _base(text: str) -> str:
    return PurePath(text.replace("\\", "/")).name.casefold()


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(words) and words[at] != "--":
        word = words[at]
        at += 1
        name, equals, value = word.partition("=")
        if word in OPTIONS:
            if at < len(words):
                yield word, words[at]
                at += 1
        elif equals and name in OPTIONS:
            yield name, value
        elif word[:2] in OPTIONS and not word.startswith("--"):
            yield word[:2], word[2:].removeprefix("=")
        else:
            yield word, ""


def _value(text: str) -> Node:
    """The value as TOML, or the text itself where it is none."""
    parsed = parse(f"v = {text}", "toml")
    node = parsed.root.get("v") if parsed.root is not None and not parsed.faults else None
    return node if node is not None else Node(1, text)


def _layer(process: str, key: str, node: Node) -> Layer:
    for name in reversed(key.split(".")[:16]):
        node = Node(1, members=((name, node),))
    return Layer("command line", node, process=process)
