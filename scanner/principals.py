"""Who acts: the agents that are here, each with what decides its gates, and the unrestricted one above them all."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from msgspec import Struct
from msgspec.structs import replace

from scanner.gates import Judge
from scanner.habits import habits
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.model import AgentSeen, Autonomy, Observation, ServerSeen
from scanner.model.report import ANY_AGENT

__all__ = ["ANY_AGENT", "UPPER_BOUND", "Acting", "acting"]

CLIENTS = {"cursor-agent": "cursor", "cline-cli": "cline"}  # agents that take their servers from another's files
UPPER_BOUND = "any agent: an unrestricted process of this user"


class Acting(Struct, frozen=True):
    """One agent in one folder: its id among the principals, what was seen of it, and its judge."""

    id: str
    seen: AgentSeen
    judge: Judge

    @property
    def title(self) -> str:
        """Its name for a reader."""
        return self.seen.title or self.seen.agent

    @property
    def autonomy(self) -> Autonomy:
        """How much it does unasked."""
        return self.judge.autonomy()


def acting(observations: Sequence[Observation], machine: Machine) -> list[Acting]:
    """The agents whose rules are known, each (agent, folder) once, sorted; those that are not installed only alone."""
    seen = {(each.agent, each.folder or ""): each for each in observations if isinstance(each, AgentSeen)}
    servers: dict[str, list[ServerSeen]] = {}
    for each in observations:
        if isinstance(each, ServerSeen) and each.enabled is not False:
            servers.setdefault(each.client, []).append(each)
    answers = habits(observations)
    folders = {shown(each, machine.home): each for each in reversed(machine.workspaces)}
    known = [each for _, each in sorted(seen.items()) if each.policy is not None]
    installed = [each for each in known if not each.notional] or known
    alone = {each.agent for each in installed if sum(other.agent == each.agent for other in installed) == 1}
    return [
        Acting(
            each.agent if each.agent in alone else f"{each.agent}@{each.folder or '~'}",
            each,
            Judge(
                each.policy,
                _placed(machine, folders.get(each.folder or "")),
                _served(each, servers),
                answers.get(each.agent),
            ),
        )
        for each in installed
        if each.policy is not None
    ]


def _served(seen: AgentSeen, servers: Mapping[str, Sequence[ServerSeen]]) -> list[ServerSeen]:
    """The servers of an agent that hold in its folder."""
    found = servers.get(CLIENTS.get(seen.agent, seen.agent), ())
    return [each for each in found if each.folder in {None, seen.folder}]


def _placed(machine: Machine, folder: PurePath | None) -> Machine:
    """The machine with the folder that the agent works in as the workspace."""
    return machine if folder in {None, machine.workspace} else replace(machine, workspace=folder)
