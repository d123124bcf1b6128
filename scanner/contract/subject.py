"""What a contract is held against, and what its clauses say of it."""

from collections.abc import Mapping, Sequence, Set

from msgspec import Struct

from scanner.graph import Graph
from scanner.host import Machine
from scanner.model import AgentSeen, Evidence, Fix, Gate, Guardrail, ServerSeen
from scanner.model.report import Before, Exposure, UndecidedStep
from scanner.principals import Acting


class Subject(Struct, frozen=True):
    """All that was found of one machine: `acting` are the agents that are judged, `opened` exposures by credential.

    `exposures`, and `counting` by credential, are those that count: of what has not ended, and not on what agents run
    on. `unread` are agents that are here and of whose rules nothing is known, `unfinished` how many probes did not come
    to their end. `settled` are clauses, each with a cause that is thought to be mended and breaks them no more.
    `job`: by the contract no person works here.
    """

    machine: Machine
    graph: Graph
    exposures: Sequence[Exposure]
    opened: Mapping[str, Sequence[Exposure]]
    acting: Sequence[Acting]
    readings: Mapping[str, Mapping[str, Before]]
    steps: Mapping[str, UndecidedStep]
    servers: Sequence[ServerSeen]
    guardrails: Sequence[Guardrail]
    unread: Sequence[AgentSeen] = ()
    counting: Mapping[str, Sequence[Exposure]] = {}
    unfinished: int = 0
    settled: Set[tuple[str, str]] = frozenset()
    job: bool = False

    @property
    def judged(self) -> tuple[str, ...]:
        """The principals that are judged."""
        return tuple(each.id for each in self.acting)

    @property
    def installed(self) -> list[Acting]:
        """The agents that are here; one that is only thought of has no settings to mend."""
        return [each for each in self.acting if not each.seen.notional]

    def doubt(self, why: str = "") -> str:
        """Why a clause about agents' settings is not known to hold: for its own reason, or that of all such."""
        names = sorted({each.title or each.agent for each in self.unread})
        rules = f"the rules of {', '.join(names)} are not known" if names else ""
        nobody = "" if self.acting or self.unread else "no agent was judged"
        return "; ".join(filter(None, (why, rules, nobody)))


class Broken(Struct, frozen=True):
    """One clause that does not hold, and by what.

    `cause` groups what one change mends: a credential's id, an agent's, or the clause itself. `exposure` is there
    where an exposure breaks it, `principal` with the gate that its way has, and `wanted` the gate that would do. `mend`
    is what an agent's settings lack (`ask`, `sandbox`, ...), `fix` how anything else is mended. `layer` is the number
    of the contract that it breaks, `also` those of further ones that demand it in the same words; `parts` name what a
    waiver has to name to accept it, where the clause's own name does not tell that it grew.
    """

    clause: str
    cause: str
    why: str
    exposure: Exposure | None = None
    principal: str | None = None
    gate: Gate | None = None
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    mend: str = ""
    wanted: Gate | None = None
    layer: int = 0
    also: tuple[int, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def is_way(self) -> bool:
        """Whether it is a way to something, and no demand on a credential, an agent or the machine."""
        return self.exposure is not None and self.principal is not None

    @property
    def accepted_as(self) -> tuple[str, ...]:
        """What a waiver names to accept it, where it is no way to something."""
        return self.parts or (self.clause,)

    @property
    def layers(self) -> frozenset[int]:
        """The numbers of all contracts that it breaks."""
        return frozenset((self.layer, *self.also))


class Held(Struct, frozen=True):
    """One clause and what came of it: `broken` by what, `open` why it could not be decided, `fix` what would decide it.

    `about` are the credentials of which more would have to be known.
    """

    id: str
    text: str
    where: str
    broken: tuple[Broken, ...] = ()
    open: str = ""
    fix: Fix | None = None
    about: tuple[str, ...] = ()
