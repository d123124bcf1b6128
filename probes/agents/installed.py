"""Which coding agents are here: by their programs, extensions, folders and processes, as `agent_places.toml` says."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from scanner.data.agent_places import AgentPlaces, agent_places, owner, programs
from scanner.host import Host, Place, Process
from scanner.model import AgentSeen, Channel, Evidence, Gap, GapKind, Gate, Observation, Policy, Ruling, Tool

NAMED_PACKAGE = "<package of the program>"
ACTS = {
    Channel.READ: "reads a file",
    Channel.WRITE: "changes a file",
    Channel.EXECUTE: "runs a command",
    Channel.CONNECT: "connects to a host",
    Channel.CALL: "calls a tool of an MCP server",
}


class Installed(Struct, frozen=True):
    """An agent that is here: what the table says of it, the signs that were found, and its processes of this user."""

    row: AgentPlaces
    signs: tuple[Place | Gap, ...]
    processes: tuple[Process, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """Where one sees that it is here."""
        place = next((each for each in self.signs if isinstance(each, Place)), None)
        if place is not None:
            return Evidence(place.path)
        process = next(iter(self.processes), None)
        return Evidence(process=f"{process.name} (pid {process.pid})" if process is not None else None)

    def version(self, host: Host) -> str | None:
        """Its version, as the names of its folders or its package say."""
        from probes.agents.versions import of_extension, of_program  # reads packages, which most starts need not

        places = [each for each in self.signs if isinstance(each, Place)]
        return of_program(host, NAMED_PACKAGE, places) or of_extension(
            place for place in places if place.path.parent.name == "extensions"
        )

    def seen(self, host: Host, policy: Policy | None = None) -> AgentSeen:
        """It as an observation, in the workspace."""
        return AgentSeen(
            agent=self.row.id,
            evidence=self.evidence,
            running=bool(self.processes),
            title=self.row.title,
            version=self.version(host),
            folder=host.shown(host.workspace) if host.workspace is not None else None,
            policy=policy,
            starts=self.row.starts,
        )


def installed(host: Host, running: Mapping[str, Sequence[Process]]) -> Iterator[Installed]:
    """The agents of the table that are here, or run as this user."""
    found: dict[str, list[Place | Gap]] = {}
    for place in host.places(*programs()):
        row = owner(place.path.name) if isinstance(place, Place) else None
        if row is not None:
            found.setdefault(row.id, []).append(place)
    for row in agent_places():
        signs = (*found.get(row.id, ()), *host.places(*row.used))
        processes = tuple(running.get(row.id, ()))
        if signs or processes:
            yield Installed(row, signs, processes)


def of_defaults(host: Host, each: Installed) -> Iterator[Observation]:
    """An agent of whose settings nothing is read: judged as its vendor ships it, which is told as not known."""
    yield each.seen(host, shipped(each.row))
    yield Gap(GapKind.REFUSED, each.row.title, "its settings are not read; it is judged as its vendor ships it")


def shipped(row: AgentPlaces) -> Policy | None:
    """What an agent does as its vendor ships it, as far as that is known; None where nothing is."""
    tools = tuple(
        Tool(row.title, channel, Ruling(Gate.UNKNOWN, f"{row.title} {ACTS[channel]}, by default", None, gate))
        for channel, gate in row.default.items()
    )
    return Policy(row.mode or "not known", tools) if tools else None
