"""Agents that run now, by what the process table shows: also those whose files lie nowhere that is read."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from scanner.data.agents import AgentMarks, marks_of
from scanner.host import Host, Process
from scanner.model import AgentSeen, Evidence, Gap, GapKind, Observation

WHY = "an agent runs whose rules are not read: what it does unasked is not known"


class Runs(Struct, frozen=True):
    """An agent that runs, and one of its processes."""

    marks: AgentMarks
    process: Process

    @property
    def place(self) -> str:
        """How the process is told."""
        return f"{self.process.name} (pid {self.process.pid})"


def running(host: Host) -> Mapping[str, Runs]:
    """The agents that run as this user, by their ids; an editor is none, since people type in it too."""
    found: dict[str, Runs] = {}
    for process in host.processes():
        marks = marks_of(process) if isinstance(process, Process) and process.mine else None
        if marks is not None and marks.ancestor and isinstance(process, Process):
            found.setdefault(marks.id, Runs(marks, process))
    return found


def of_unknown_rules(each: Runs) -> Iterator[Observation]:
    """An agent that runs and of whose rules nothing is known."""
    yield AgentSeen(each.marks.id, Evidence(process=each.place), running=True, title=each.marks.title)
    yield Gap(GapKind.REFUSED, f"{each.marks.title}, {each.place}", WHY)
