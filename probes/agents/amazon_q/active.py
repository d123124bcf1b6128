"""Which of the agents that files describe are used: those that running ones name, and the default one."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.basis import Basis
from probes.agents.layers import Found, Layer
from probes.agents.tree import Node
from scanner.model import Evidence

DEFAULT = "chat.defaultAgent"
KNOWN = frozenset(
    {
        *(
            "$schema",
            "name",
            "description",
            "prompt",
            "mcpServers",
            "tools",
            "toolAliases",
            "allowedTools",
            "resources",
        ),
        *("hooks", "toolsSettings", "useLegacyMcpJson", "model"),
    }
)
NAMED = ("--agent", "--profile")
NAMES = 20


class Active(Struct, frozen=True):
    """An agent that is used: its file, None for the one that is built in."""

    layer: Layer | None = None

    @property
    def root(self) -> Node | None:
        """What stands in its file."""
        return self.layer.document.root if self.layer is not None else None

    @property
    def named(self) -> str:
        """How a report tells its tools from those of others."""
        path = self.layer.document.path if self.layer is not None else None
        return f" of the agent {path.stem}" if path is not None else ""

    def found(self, *keys: str) -> Found | None:
        """What its file says under a key."""
        node = self.root.at(*keys) if self.root is not None else None
        return Found(node, self.layer, ".".join(keys)) if node is not None and self.layer is not None else None

    def evidence(self) -> Evidence | None:
        """Its file."""
        return self.layer.document.at("name") if self.layer is not None else None


def active(agents: Basis, settings: Basis, *, strict: bool) -> tuple[Active, ...]:
    """The agents in use, each once. `strict`: a file with a key that is not known is left out as a whole."""
    usable = [layer for layer in agents.layers.layers if _is_usable(agents, layer, strict=strict)]
    chosen = settings.layers.word(DEFAULT)
    names = [option.value for option in agents.options(*NAMED)][:NAMES]
    found = [_named(usable, name) for name in (*names, chosen.node.text if chosen is not None else "")]
    return tuple(dict.fromkeys(Active(layer) for layer in found))


def _named(usable: list[Layer], name: str) -> Layer | None:
    """The first agent of that name: the workspace's come before the user's."""
    return next((layer for layer in usable if name and layer.document.root.said("name") == name), None)


def _is_usable(agents: Basis, layer: Layer, *, strict: bool) -> bool:
    root = layer.document.root
    wrong = next(_wrong(root, strict=strict), None)
    if wrong is not None:
        agents.layers.note(Found(root, layer, "name"), f"{wrong}: the agent is left out as a whole")
    return wrong is None


def _wrong(root: Node, *, strict: bool) -> Iterator[str]:
    if not root.said("name"):
        yield "is missing"
    if strict and not KNOWN.issuperset(name for name, _ in root.pairs):
        yield "stands beside a key that is not known"
