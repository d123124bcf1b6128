"""What a report shows of opencode's settings, what they run, and what is weak in them."""

import re
from collections.abc import Iterator
from itertools import islice

from probes.agents.above import PROJECT_FILE
from probes.agents.layers import PROJECT, Found, Layer, Layers
from probes.agents.opencode.flags import LOOPBACK, Running
from probes.agents.opencode.merged import ALLOW, Merged, Permission, Said
from probes.agents.opencode.policy import Setting, flats_of
from probes.agents.opencode.rules import is_all, last
from probes.agents.opencode.sources import AGENT, CONFIG_FOLDER, PASSWORD, Sources
from probes.agents.tree import Node
from scanner.host import Host
from scanner.model import Evidence, Fix, Gap, Observation, SettingSeen, Weakness
from scanner.text import printable

BEARING = (
    *("permission", "tools", "default_agent", "share", "autoshare", "plugin", "formatter", "lsp", "shell"),
    *("instructions", "references"),
)
WORDS = {"share": ("manual", "auto", "disabled"), "default_agent": ("build", "plan")}
CODE = (
    "plugin/*.js",
    "plugin/*.ts",
    "plugins/*.js",
    "plugins/*.ts",
    "tool/*.js",
    "tool/*.ts",
    "tools/*.js",
    "tools/*.ts",
)
NETWORK = ("--hostname", "server.hostname")
SHOWN = 200  # settings of one kind
REFERENCE = re.compile(r"\{file:([^}]{1,400})\}")
TEXTS = 20_000  # values of one text that are looked at
ASKS = Fix(
    'Set "permission": {"*": "ask", "read": "allow"} in ~/.config/opencode/opencode.json, and start it without --auto.'
)
TRUST = Fix(
    "Look at opencode.json and .opencode before you start it in somebody else's repository, or set "
    "OPENCODE_DISABLE_PROJECT_CONFIG=1."
)


def layered(told: Sources) -> Layers:
    """The same sources, strongest first, for single settings."""
    return Layers(told.documents, tuple(Layer(each.scope, each.document) for each in reversed(told.layers)))


def settings_seen(layers: Layers, merged: Merged) -> Iterator[SettingSeen]:
    """Each setting that bears on what it does, whoever made it."""
    for key in BEARING:
        for found in islice(layers.each(key), SHOWN):
            yield found.seen(AGENT, _value(found))
    for key in ("hostname", "mdns"):
        for found in layers.each("server", key):
            yield found.seen(AGENT, None if found.node.flag is not None else "set")
    for name, agent in islice(merged.agents.items(), SHOWN):
        for said in _firsts(agent.permission):
            yield SettingSeen(
                AGENT, printable(f"agent.{name}.permission"), _counted(agent.permission), said.scope, said.evidence
            )


def _value(found: Found) -> str | None:
    """A value in a word; None where its own may be shown."""
    text, key = found.node.text, found.key
    if not text or text in WORDS.get(key, ()) or (key == "permission" and text in {"allow", "ask", "deny"}):
        return None
    return "set"


def _firsts(permission: Permission) -> Iterator[Said]:
    """The first rule of each file."""
    met: set[object] = set()
    for said in _all(permission):
        if said.evidence.path not in met:
            met.add(said.evidence.path)
            yield said


def _all(permission: Permission) -> Iterator[Said]:
    for value in permission.values():
        if isinstance(value, Said):
            yield value
        else:
            yield from value.values()


def _counted(permission: Permission) -> str:
    count = sum(1 for _ in _all(permission))
    return f"{count} {'rule' if count == 1 else 'rules'}"


def code(host: Host, told: Sources) -> Iterator[tuple[str, Evidence] | Gap]:
    """Plugins and tools that lie in its folders: they are loaded at every start."""
    for scope, folder in told.own:
        declared = PROJECT_FILE if scope == PROJECT else CONFIG_FOLDER
        for name in CODE:
            for path in islice(host.matches_named(declared, folder / name), SHOWN):
                yield path if isinstance(path, Gap) else (scope, Evidence(path))


# --- what is weak


def weaknesses(host: Host, told: Sources, setting: Setting, runs: tuple[Running, ...]) -> Iterator[Observation]:
    """What is wrong whatever can be reached, and the code that is loaded."""
    layers = layered(told)
    yield from _unasked(setting)
    yield from _listening(host, layers, runs)
    loaded = [*code(host, told)]
    for each in loaded:
        if isinstance(each, Gap):
            yield each
        else:
            scope, place = each
            yield SettingSeen(AGENT, "plugins and tools", "code that is loaded at its start", scope, place)
    yield from _widened(setting)
    yield from _run(
        layers, [place for each in loaded if not isinstance(each, Gap) for scope, place in (each,) if scope == PROJECT]
    )
    yield from _pulled(layers)


def _unasked(setting: Setting) -> Iterator[Weakness]:
    """That nothing is asked because somebody said so; the default, which asks as little, is a matter of gates."""
    title = "opencode runs, writes and connects without asking"
    if setting.answers.unasked:
        place = Evidence(process=setting.answers.unasked)
        why = "--auto approves whatever is not denied: nobody sees what it does before it is done."
        yield Weakness("agent.asks-nothing", title, place, why, ASKS, ("autonomy",))
        return
    for name in setting.agents:
        flat = last(flats_of(setting, name), "bash", "x")
        if flat.said is not None and flat.action == ALLOW and is_all(flat.pattern):
            why = f"{flat.words}: nobody sees a command before it runs, and rules that deny hold its own tools only."
            yield Weakness("agent.asks-nothing", title, flat.said.evidence, printable(why), ASKS, ("autonomy",))
            return


def _listening(host: Host, layers: Layers, runs: tuple[Running, ...]) -> Iterator[Weakness]:
    """A server that others in the network reach; settings of projects do not count for it."""
    if host.variable(PASSWORD):
        return
    place = next((Evidence(process=each.process) for each in runs if each.listens), None)
    if place is None:
        own = [each for each in layers.each("server", "hostname") if each.layer.scope != PROJECT]
        found = next(iter(own), None)
        if found is None:
            mdns = (each for each in layers.each("server", "mdns") if each.layer.scope != PROJECT)
            found = next((each for each in mdns if each.node.flag is True), None)
        elif found.node.text in LOOPBACK:
            found = None
        place = found.evidence if found is not None else None
    if place is not None:
        yield Weakness(
            "agent.listens",
            "opencode's server is open to the network",
            place,
            "Whoever reaches it can have it run commands as you: its server asks for no password.",
            Fix("Leave server.hostname at 127.0.0.1 and server.mdns off, or set OPENCODE_SERVER_PASSWORD."),
            ("network",),
        )


def _widened(setting: Setting) -> Iterator[Weakness]:
    """A rule of a project that allows, or a folder outside of it that it opens."""
    permissions = [setting.merged.permission, *(each.permission for each in setting.merged.agents.values())]
    given = (said for each in permissions for said in _all(each) if said.scope == PROJECT and said.action == ALLOW)
    said = next(given, None) or next(_opened(setting), None)
    if said is not None:
        yield _of_repository(said.evidence, f"{said.words} of a project counts for more than your own rules")


def _opened(setting: Setting) -> Iterator[Said]:
    inside = setting.where.inside.as_posix()
    for pattern, said in setting.merged.references.items():
        if said.scope == PROJECT and not pattern.startswith(f"{inside}/"):
            yield said


def _run(layers: Layers, loaded: list[Evidence]) -> Iterator[Weakness]:
    """What of a project is run or loaded at the start, with no question whether the folder is trusted."""
    place = next(iter(loaded), None)
    if place is not None:
        yield _of_repository(place, "its plugins and tools are code that is loaded at the start")
        return
    for found in (found for key in ("plugin", "mcp", "formatter", "lsp", "shell") for found in layers.each(key)):
        if found.layer.scope == PROJECT and _runs(found.key, found.node):
            yield _of_repository(found.evidence, f"{found.key} of a project names programs that are started")
            return


def _runs(key: str, node: Node) -> bool:
    """Whether a setting names a program, or a package that is fetched."""
    if key == "plugin":
        return bool(node.items)
    if key == "shell":
        return bool(node.text)
    return any(inner.get("command") is not None for _, inner in (*node.pairs, *_below(node, "servers")))


def _below(node: Node, key: str) -> tuple[tuple[str, Node], ...]:
    inner = node.get(key)
    return inner.pairs if inner is not None else ()


def _pulled(layers: Layers) -> Iterator[Weakness]:
    """A project's setting that takes in a file from outside of it, which may then go to a server of its choice."""
    for layer in layers.layers:
        if layer.scope != PROJECT:
            continue
        for node in islice(_texts(layer.document.root), TEXTS):
            named = REFERENCE.search(node.text)
            if named is not None and named[1].strip().startswith(("/", "~", "..")):
                place = layer.document.at("{file:...}", node.line)
                yield _of_repository(place, "a setting of a project takes in a file that lies outside of it")
                return


def _texts(node: Node) -> Iterator[Node]:
    todo = [node]
    while todo:
        each = todo.pop()
        if each.text:
            yield each
        todo += (*(each.items or ()), *(inner for _, inner in each.pairs))


def _of_repository(place: Evidence, what: str) -> Weakness:
    why = f"opencode does not ask whether a folder is trusted: {what}, and who commits to it decides."
    title = "A project gives opencode more rights than you do"
    return Weakness("agent.rights-from-repository", title, place, printable(why), TRUST, ("repository",))
