"""Codex's hooks: commands of certain moments. One for PermissionRequest answers in the place of a person, or a model.

Those of a user or a project run once somebody has read them, which the user's own settings have on record by a digest.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from msgspec import Struct

from probes.agents.codex.layers import Layer, Settings
from probes.agents.tree import Node, parse
from scanner.host import Host, TextFile
from scanner.model import Evidence, Gap, GapKind, Gate, Ruling

ANSWERS = "PermissionRequest"
LABEL = "permission_request"  # as the record writes it
RECORD = "state"  # the record stands among the events
HOOKS = 500  # of one file
ADMINISTRATOR = frozenset({"managed", "system", "requirements"})
RECORDING = frozenset({"user", "command line", "profile"})


class Hook(Struct, frozen=True):
    """A hook that answers; `allows`: it is reckoned to say yes. It is never run to see."""

    scope: str
    evidence: Evidence
    allows: bool

    def before(self, asked: Ruling) -> Ruling:
        """What stands where somebody would be asked, and this is asked first."""
        rule = f"{asked.rule}; a hook for {ANSWERS} of {self.scope} settings answers first"
        return Ruling(Gate.UNKNOWN, rule, self.evidence, Gate.NONE if self.allows else asked.effective)


def answering(settings: Settings, requirements: Settings, *, unread: bool = False) -> Hook | None:
    """The hook that lets most through of those that answer; `unread`: they run without anybody having read them."""
    found = [hook for layer in requirements.layers for hook in _of(layer, settings, unread=True)]
    if not _is_on(requirements, "allow_managed_hooks_only") and not _is_off(settings, "features", "hooks"):
        found += [hook for layer in settings.layers for hook in _of(layer, settings, unread=unread)]
    return max(found, key=lambda each: each.allows, default=None)


def events(layer: Layer) -> Node | None:
    """The moments for which a layer has hooks, None where it has none."""
    node = layer.root.get("hooks")
    told = tuple((name, each) for name, each in node.pairs if name != RECORD and each.items) if node is not None else ()
    return Node(node.line, members=told) if node is not None and told else None


def awaits_reading(layer: Layer, settings: Settings) -> bool:
    """Whether there is no word on record for any hook of a layer, so that none of them runs."""
    if layer.scope in ADMINISTRATOR:
        return False
    return not any(name.startswith(f"{layer.path}:") for name in _recorded(settings))


def beside(host: Host, files: Iterable[TextFile | Gap], scope: str) -> Iterator[Layer | Gap]:
    """Files of hooks as layers of nothing else. Codex passes over a broken one."""
    for file in files:
        if isinstance(file, Gap):
            yield file
            continue
        parsed = parse(file.text, "json", host.check_time)
        place = host.shown(file.path)
        yield from (Gap(each.kind, f"{place}, line {each.line}", each.why) for each in parsed.faults)
        node = parsed.root.get("hooks") if parsed.root is not None else None
        whole = not any(each.kind is GapKind.FAILED for each in parsed.faults)
        if node is not None and whole:
            yield Layer(scope, Node(node.line, members=(("hooks", node),)), file.path)


def _of(layer: Layer, settings: Settings, *, unread: bool) -> Iterator[Hook]:
    recorded = frozenset(_recorded(settings))
    node = layer.root.at("hooks", ANSWERS)
    for at, group in enumerate(islice(node.items or (), HOOKS) if node is not None else ()):
        inner = group.get("hooks")
        for number, each in enumerate(islice(inner.items or (), HOOKS) if inner is not None else ()):
            known = f"{layer.path}:{LABEL}:{at}:{number}" in recorded
            if unread or known or layer.scope in ADMINISTRATOR:
                allows = layer.scope == "project" or "allow" in each.said("command").casefold()
                yield Hook(layer.scope, layer.at(f"hooks.{ANSWERS}", each.line), allows)


def _recorded(settings: Settings) -> Iterator[str]:
    """The hooks that somebody has read and left switched on. No project can say so of its own."""
    for layer in settings.layers:
        node = layer.root.at("hooks", RECORD) if layer.scope in RECORDING else None
        for name, each in islice(node.pairs, HOOKS) if node is not None else ():
            enabled = each.get("enabled")
            if each.said("trusted_hash") and not (enabled is not None and enabled.flag is False):
                yield name


def _is_on(settings: Settings, *keys: str) -> bool:
    found = settings.find(*keys)
    return found is not None and found.node.flag is True


def _is_off(settings: Settings, *keys: str) -> bool:
    found = settings.find(*keys)
    return found is not None and found.node.flag is False
