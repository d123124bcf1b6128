"""What hygiene is given of one agent in one folder, and how its findings are worded."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import PurePath

from msgspec import Struct

from scanner.assembly import location
from scanner.data.hygiene import OfAgent, hygiene
from scanner.hygiene.entries import Entry, entries
from scanner.judgement import Judged
from scanner.model import Evidence, Fix, SettingSeen, UseSeen, Weakness
from scanner.principals import Acting

NAMED = 6  # of one list


class Around(Struct, frozen=True, dict=True):
    """One agent in one folder, with what was seen of its settings and of its use there.

    `stores` are the files with credentials that are worth keeping from it.
    """

    acting: Acting
    judged: Judged
    settings: tuple[SettingSeen, ...] = ()
    uses: tuple[UseSeen, ...] = ()
    stores: tuple[PurePath, ...] = ()

    @property
    def title(self) -> str:
        """The agent's name for a reader."""
        return self.acting.title

    @property
    def known(self) -> OfAgent:
        """What the data says of the agent."""
        return hygiene().of(self.acting.seen.agent)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of its settings."""
        return entries(self.acting.judge.policy)

    def shown(self, path: PurePath) -> str:
        """A path as a report writes it."""
        return location(Evidence(path), self.acting.judge.machine).path or ""

    def place(self, evidence: Evidence) -> str:
        """A place in words: the file and its line."""
        name = self.shown(evidence.path) if evidence.path is not None else evidence.process or evidence.variable or ""
        return f"{name}:{evidence.line}" if evidence.line is not None else name

    def weakness(self, rule: str, what: str, evidence: Evidence, why: str, mend: Fix) -> Weakness:
        """One finding of hygiene about this agent."""
        return Weakness(f"hygiene.{rule}", f"{self.title} {what}", evidence, why, mend, ("hygiene",))


def listed(items: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    some = list(dict.fromkeys(items))
    more = [f"and {len(some) - NAMED} more"] if len(some) > NAMED else []
    return "; ".join([*some[:NAMED], *more])


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
