"""Droid's sandbox: off as shipped; where it cannot start, commands are blocked rather than run outside of it."""

from msgspec import Struct
from msgspec.structs import replace

from probes.agents.basis import Basis, literal
from probes.agents.layers import MANAGED, Found
from scanner.host import Place
from scanner.model import Gate, Name, Paths, Platform, Rule, Ruling, Sandbox, Tool

NAMES = {Platform.LINUX: "bubblewrap", Platform.MACOS: "Seatbelt", Platform.WINDOWS: "none"}
OWN = ("factory.ai", "*.factory.ai")  # always reached
SETTINGS = ("**/.factory/settings.json", "**/.factory/settings.local.json")


class Wanted(Struct, frozen=True):
    """The sandbox as the settings have it; `missing` says what it needs and does not have, empty where it starts."""

    found: Found
    missing: str
    box: Sandbox | None

    @property
    def shut(self) -> str:
        """What stands before a command where it cannot start."""
        return f"{self.found.key} true: commands are blocked, since {self.missing}"

    def reading(self, tool: Tool) -> Tool:
        """Its own tool that reads: what may not be read is asked for."""
        if self.box is None:
            return tool
        asked = Ruling(Gate.PROMPT, "sandbox.filesystem.denyRead", self.found.evidence)
        return replace(tool, rules=(*(Rule(path, asked) for path in self.box.unreadable), *tool.rules))

    def writing(self, tool: Tool) -> Tool:
        """Its own tools that write: what lies outside is asked for."""
        if self.box is None:
            return tool
        asked = Ruling(Gate.PROMPT, "the sandbox, which lets nothing else be written", self.found.evidence)
        held = tuple(Rule(path, asked) for path in self.box.unwritable)
        return replace(
            tool, rules=(*held, *(Rule(path, tool.otherwise) for path in self.box.writable)), otherwise=asked
        )


def wanted(basis: Basis) -> Wanted | None:
    """The sandbox of a session, None where commands run without one. The organisation's word comes first."""
    told = [each for each in basis.layers.each("sandbox", "enabled") if each.node.flag is not None]
    managed = [each for each in told if each.layer.scope == MANAGED]
    found = next(iter(managed or told), None)
    if found is None or not found.node.flag:
        return None
    missing = _missing(basis)
    return Wanted(found, missing, None if missing else _box(basis, found))


def _missing(basis: Basis) -> str:
    if basis.host.platform is Platform.WINDOWS:
        return "there is none on native Windows"
    if basis.host.platform is Platform.MACOS:
        return ""
    there = any(isinstance(each, Place) for each in basis.host.places(*basis.each.row.files["parts"]))
    return "" if there else "bwrap is not installed"


def _box(basis: Basis, found: Found) -> Sandbox:
    """Lists of all scopes add up; a repository's own widen it as well."""
    network = ("sandbox", "network")
    hosts = [each.node.text for each in basis.layers.entries(*network, "allowedDomains") if each.node.text]
    every = basis.layers.is_on(*network, "allowAllUnixSockets")
    sockets = (Paths("**"),) if every else _paths(basis, *network, "allowUnixSockets")
    return Sandbox(
        name=NAMES[basis.host.platform],
        rule=f"{found.key} true",
        evidence=found.evidence,
        unreadable=_paths(basis, "sandbox", "filesystem", "denyRead"),
        writable=(basis.inside(), *_paths(basis, "sandbox", "filesystem", "allowWrite")),
        hosts=tuple(Name(each) for each in (*OWN, *hosts)),
        sockets=sockets,
        unwritable=(
            *_paths(basis, "sandbox", "filesystem", "denyWrite"),
            *(Paths(glob, basis.fold) for glob in SETTINGS),
        ),
    )


def _paths(basis: Basis, *keys: str) -> tuple[Paths, ...]:
    texts = (each.node.text for each in basis.layers.entries(*keys) if each.node.text)
    found = (basis.host.resolve(text, basis.workspace) for text in texts)
    return tuple(Paths(literal(path), basis.fold) for path in found if path is not None)
