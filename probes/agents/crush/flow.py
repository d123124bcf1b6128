"""Crush: what it does unasked in the workspace, what its settings run, and what of that cannot be told."""

from collections.abc import Iterator
from itertools import islice

from probes.agents.crush.policy import Allowed, Setting, policy
from probes.agents.crush.sources import AGENT, Script, Sources, sources, texts
from probes.agents.installed import Installed
from probes.agents.layers import PROJECT, Found, Layer, Layers
from probes.agents.shown import shown
from probes.agents.tree import Node
from scanner.host import Host, Process
from scanner.model import Evidence, Fix, Gap, GapKind, Observation, Platform, SettingSeen, Weakness
from scanner.text import printable

BEARING = (("permissions", "allowed_tools"), ("options", "disabled_tools"), ("hooks", "PreToolUse"), ("lsp",), ("env",))
UNASKED = frozenset({"--yolo", "-y", "--yolo=true"})
WORDS = 200  # of one command line
NAMES = 500  # of one list
WITH_VALUE = frozenset({"-c", "--cwd", "-D", "--data-dir", "-H", "--host", "-s", "--session"})
SCRIPT = "settings that a script makes: it is run at every start, and is not run here"
BROKEN = "a settings file is broken, so that it does not start; it is judged by its default"
ASKS = Fix("Take what it asks for out of permissions.allowed_tools, and start it without --yolo.")
TRUST = Fix("Look at crush.json and crushrc before you start it in somebody else's repository.")


def told(host: Host, each: Installed) -> Iterator[Observation]:
    """The agent, its settings, what is weak in them, and every gap once."""
    read = sources(host)
    layers = Layers(read.documents, tuple(Layer(file.scope, file.document) for file in reversed(read.files)))
    setting = _setting(host, each, read, layers)
    yield each.seen(host, policy(setting))
    for keys in BEARING:
        yield from (found.seen(AGENT, _value(found)) for found in islice(layers.each(*keys), NAMES))
    yield from (SettingSeen(AGENT, "crushrc", SCRIPT, each.scope, each.evidence) for each in read.scripts)
    if read.broken:
        yield SettingSeen(AGENT, "settings", BROKEN, "in force", each.evidence)
    yield from _weaknesses(setting, read, layers)
    yield from dict.fromkeys((*read.documents.gaps, *layers.notes))
    for script in read.scripts:
        place = host.shown(script.evidence.path) if script.evidence.path is not None else "crushrc"
        yield Gap(GapKind.REFUSED, place, "a script makes settings at every start; what they are is not known")


def _value(found: Found) -> str | None:
    if found.key not in {"permissions.allowed_tools", "options.disabled_tools"}:
        return None
    names = [shown(text) or "a name that is not shown" for text in found.node.texts()[:12]]
    return printable(", ".join(names)) or None


def _setting(host: Host, each: Installed, read: Sources, layers: Layers) -> Setting:
    workspace = (host.workspace or host.home).as_posix()
    windows = host.platform is Platform.WINDOWS
    unasked = next((_named(process) for process in each.processes if asks_nothing(process)), "")
    if read.broken:
        return Setting(workspace, unasked=unasked, windows=windows)
    disabled = frozenset(found.node.text for found in layers.entries("options", "disabled_tools"))
    return Setting(
        workspace,
        tuple(_allowed(read, layers)),
        disabled,
        tuple(name for found in layers.each("mcp") for name, _ in found.node.pairs[:NAMES]),
        unasked,
        _doubt(read.scripts, layers),
        windows,
    )


def _allowed(read: Sources, layers: Layers) -> Iterator[Allowed]:
    """The lists of all files together, and what scripts name outright."""
    for found in islice(layers.entries("permissions", "allowed_tools"), NAMES):
        if found.node.text:
            yield Allowed(found.node.text, found.words, found.evidence)
    for script in read.scripts:
        for tool, place in script.allows[:NAMES]:
            yield Allowed(tool, f'permissions allow "{tool}"', place)


def _doubt(scripts: tuple[Script, ...], layers: Layers) -> str:
    """What may allow more, and is not known."""
    if scripts:
        return "a crushrc script"
    return "a hook" if next(_hooks(layers), None) is not None else ""


def _hooks(layers: Layers) -> Iterator[Found]:
    return (each for each in layers.each("hooks", "PreToolUse") if each.node.items)


def _named(process: Process) -> str:
    return f"{process.name} (pid {process.pid})"


def asks_nothing(process: Process) -> bool:
    """Whether a running one approves everything: told so, or started as `crush run`, which has nobody to ask."""
    words = process.argv[1:WORDS]
    if not UNASKED.isdisjoint(words):
        return True
    plain = [word for at, word in enumerate(words) if not word.startswith("-") and words[at - 1] not in WITH_VALUE]
    return plain[:1] == ["run"]


# --- what is weak


def _weaknesses(setting: Setting, read: Sources, layers: Layers) -> Iterator[Weakness]:
    if setting.unasked:
        why = "It was started so that nobody is asked: only commands that it never runs by their names are held back."
        place = Evidence(process=setting.unasked)
        yield Weakness("agent.asks-nothing", "Crush runs and writes without asking", place, why, ASKS, ("autonomy",))
    given = (each for each in layers.each("permissions", "allowed_tools") if each.layer.scope == PROJECT)
    listed = next((each for each in given if each.node.items), None)
    if listed is not None:
        yield _of_repository(listed.evidence, "tools that a project allows are never asked for")
    run = next(_run(read, layers), None)
    if run is not None:
        yield _of_repository(run[0], run[1])


def _run(read: Sources, layers: Layers) -> Iterator[tuple[Evidence, str]]:
    """What of a project is run: scripts and `$(...)` when Crush starts, programs and hooks as they are needed."""
    for script in read.scripts:
        if script.scope == PROJECT:
            yield script.evidence, "its crushrc is a script that runs at the start"
    for layer in layers.layers:
        if layer.scope != PROJECT:
            continue
        for node in texts(layer.document.root):
            if "$(" in node.text or "`" in node.text:
                yield (
                    layer.document.at("$(...)", node.line),
                    "a value in its crush.json is a command that is run",
                )
        for key in ("mcp", "lsp", "hooks"):
            named = layer.document.root.get(key)
            if named is not None and _starts(named):
                yield (
                    layer.document.at(key, named.line),
                    f"{key} in its crush.json names programs that are started",
                )


def _starts(node: Node) -> bool:
    """Whether something below names a command."""
    inner = [each for _, part in node.pairs for each in (part, *(part.items or ()))]
    return any(each.get("command") is not None for each in inner)


def _of_repository(place: Evidence, what: str) -> Weakness:
    why = f"Crush does not ask whether a folder is trusted: {what}, and who commits to it decides."
    title = "A project gives Crush more rights than you do"
    return Weakness("agent.rights-from-repository", title, place, why, TRUST, ("repository",))
