"""Whether a person still decides where an agent asks: what its own records tell of the answers that it was given."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from scanner.data.gates import gates
from scanner.data.records import table
from scanner.model import Gate, Observation, UseKind, UseSeen


class Habit(Struct, frozen=True):
    """How often an agent asked a person, how often they said yes, and in how many sessions."""

    asked: int
    approved: int
    sessions: int

    @property
    def is_known(self) -> bool:
        """Whether there are enough answers to tell a habit; a few tell none."""
        least = table().habit
        return self.asked >= least.asked and self.sessions >= least.sessions

    @property
    def is_yes(self) -> bool:
        """Whether the answer is yes, so that asking holds nothing back."""
        return self.is_known and self.approved * 100 > self.asked * table().habit.percent

    @property
    def factor(self) -> float | None:
        """What a prompt leaves of a way, None where that is what the table of gates says."""
        rate = self.approved / self.asked if self.is_known else 0.0
        return rate if rate > gates()[Gate.PROMPT].factor else None

    @property
    def words(self) -> str:
        """It in words, as a rule is told."""
        return f"a person said yes to {self.approved} of {self.asked} prompts"


def habits(observations: Iterable[Observation]) -> Mapping[str, Habit]:
    """The habit of answering each agent, by its id, over all folders and whatever it asked about."""
    told = [
        each
        for each in observations
        if isinstance(each, UseSeen) and each.what is UseKind.PROMPT and each.approved is not None and each.count > 0
    ]
    sessions: dict[str, dict[str | None, int]] = {}
    for each in told:  # one session asks about several things
        folders = sessions.setdefault(each.agent, {})
        folders[each.folder] = max(folders.get(each.folder, 0), each.sessions)
    return {
        agent: Habit(
            asked=sum(each.count for each in told if each.agent == agent),
            approved=sum(min(each.approved or 0, each.count) for each in told if each.agent == agent),
            sessions=sum(folders.values()),
        )
        for agent, folders in sorted(sessions.items())
    }
