"""What Roo Code is allowed in one editor: its switches in the editor's database, and lists from there and settings."""

from collections.abc import Iterator

from msgspec import Struct

from probes.agents.documents import Document, Documents
from probes.agents.editors.database import kept
from probes.agents.editors.seats import Asked, Files, Seat
from probes.agents.layers import USER, Found, Layers, layered
from scanner.model import Gap, Ruling
from scanner.model.terms import Gate

KEPT = ("RooVeterinaryInc.roo-cline", "rooveterinaryinc.roo-cline")  # its entry; names of extensions ignore case
MASTER = "autoApprovalEnabled"
READS, READS_OUTSIDE = "alwaysAllowReadOnly", "alwaysAllowReadOnlyOutsideWorkspace"
WRITES, WRITES_OUTSIDE = "alwaysAllowWrite", "alwaysAllowWriteOutsideWorkspace"
PROTECTED = "alwaysAllowWriteProtected"
RUNS, CALLS, BROWSES = "alwaysAllowExecute", "alwaysAllowMcp", "alwaysAllowBrowser"
SWITCHES = (MASTER, READS, READS_OUTSIDE, WRITES, WRITES_OUTSIDE, PROTECTED, RUNS, CALLS, BROWSES)
ALLOWED, DENIED = "allowedCommands", "deniedCommands"
SETTINGS = {ALLOWED: "roo-cline.allowedCommands", DENIED: "roo-cline.deniedCommands"}
ASKED = Asked(frozenset(SETTINGS.values()), {})
OFF = "Roo Code asks before each act (default)"


class State(Struct, frozen=True):
    """What one editor's database keeps; `known` is false where it could not be read."""

    layers: Layers
    known: bool = True


class Switches(Struct, frozen=True):
    """What counts in one editor."""

    seat: Seat
    state: State

    def flag(self, name: str) -> Found | None:
        """A switch that is on, None for one that is off."""
        found = self.state.layers.flag(name)
        return found if found is not None and found.node.flag else None

    def ruling(self, *names: str) -> Ruling:
        """Open where the main switch and all of these are on; else a person is asked, for all that is known."""
        found = [self.flag(name) for name in (MASTER, *names)]
        last = found[-1]
        if last is not None and None not in found:
            return Ruling(Gate.NONE, f"{last.key} true", last.evidence)
        off = next(name for name, each in zip((MASTER, *names), found, strict=True) if each is None)
        told = self.state.layers.flag(off)
        if not self.state.known:
            return Ruling(Gate.UNKNOWN, OFF, None, Gate.PROMPT)
        return Ruling(Gate.PROMPT, f"{off} false", told.evidence) if told is not None else Ruling(Gate.PROMPT, OFF)

    def listed(self, name: str) -> Iterator[Found]:
        """The entries of a list: the database's, and those of the highest settings that have it."""
        yield from self.state.layers.entries(name)
        told = next(self.seat.wide.each(SETTINGS[name]), None)
        if told is not None:
            yield from self.seat.wide.listed(told)

    def has(self, name: str) -> bool:
        """Whether any settings of the editor have a list."""
        return next(self.seat.wide.each(SETTINGS[name]), None) is not None


def states(documents: Documents, files: Files, gaps: list[Gap]) -> dict[str, State]:
    """What the database of each editor keeps, by the editor; under "" what holds where none could be read."""
    found: dict[str, State] = {}
    broken = False
    for entry in kept(documents.host, files["state"], *KEPT):
        if isinstance(entry, Gap):
            broken = True
            gaps.append(entry)
        elif entry.parsed is not None:
            root = entry.parsed.root
            told = [Document(root, entry.evidence.path)] if root is not None else []
            found.setdefault(entry.editor, State(layered(documents, [(USER, told)]), known=not entry.parsed.faults))
    found[""] = State(Layers(documents), known=not broken)
    return found
