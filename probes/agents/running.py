"""Agents that run now, by what the process table shows: also those whose files lie nowhere that is read."""

from collections.abc import Iterator, Mapping, Sequence

from scanner.data.agents import marks_of
from scanner.host import Host, Process
from scanner.model import AgentSeen, Evidence, Gap, GapKind, Observation

WHY = "an agent runs whose rules are not read: what it does unasked is not known"


def running(host: Host) -> Mapping[str, Sequence[Process]]:
    """The agents that run as this user, by their ids; an editor is none, since people type in it too."""
    found: dict[str, list[Process]] = {}
    for process in host.processes():
        marks = marks_of(process) if isinstance(process, Process) and process.mine else None
        if marks is not None and marks.ancestor and isinstance(process, Process):
            found.setdefault(marks.id, []).append(process)
    return found


def of_unknown_rules(processes: Sequence[Process]) -> Iterator[Observation]:
    """An agent that runs and of whose rules nothing is known."""
    marks = marks_of(processes[0])
    if marks is None:
        return
    place = f"{processes[0].name} (pid {processes[0].pid})"
    yield AgentSeen(marks.id, Evidence(process=place), running=True, title=marks.title)
    yield Gap(GapKind.REFUSED, f"{marks.title}, {place}", WHY)
