"""The demands of a contract on how freely agents act: by default, isolated, by environment, and in a sandbox."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from scanner.contract.credentials import in_environment
from scanner.contract.exposures import place, rights_unknown
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.gates import gates
from scanner.model import Autonomy, Capability, Confidence, Environment, Evidence, Gate
from scanner.model.contract import Autonomies, Contract, Where
from scanner.model.report import Exposure
from scanner.principals import Acting

HARMLESS = frozenset({Capability.DISCOVER, Capability.DATA_READ})
# The least that stands before a change, of an agent that is this free.
LEAST = {Autonomy.RESTRICTED: Gate.PRESENCE, Autonomy.SUPERVISED: Gate.PROMPT, Autonomy.FULL: Gate.NONE}
DOING = {
    Autonomy.FULL: "runs commands and connects unasked",
    Autonomy.SUPERVISED: "runs commands once a person says yes",
}
WHOSE = {"default": "agents are", "isolated": "agents in a container are"}


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What came of `autonomy` and of `sandbox`."""
    demand = contract.require.autonomy
    if demand is not None:
        yield from _at_most(demand, subject)
        for environment, most in demand.by_environment.items():
            yield _on(environment, most, demand.where, subject)
    if contract.require.sandbox is not None and contract.require.sandbox.on:
        yield _sandbox(contract.require.sandbox.where, subject)


# --- by default, and isolated


def _at_most(demand: Autonomies, subject: Subject) -> Iterator[Held]:
    """The clause about agents as they are, and the one about those in a container, where it demands anything."""
    apart = [each for each in subject.installed if each.seen.isolated and demand.isolated is not None]
    if demand.default is not None:
        others = [each for each in subject.installed if each not in apart]
        held = _freedom("default", demand.default, others, demand.where, subject)
        yield replace(held, text=f"{held.text}{_apart(apart, f'may be {demand.isolated}')}")
    if demand.isolated is not None and demand.isolated is not Autonomy.FULL:
        yield _freedom("isolated", demand.isolated, apart, demand.where, subject)


def _apart(agents: Sequence[Acting], what: str) -> str:
    """What is to be said of agents that a clause leaves aside, since they live in a container."""
    return f"; {', '.join(each.title for each in agents)}, in a container here, {what}" if agents else ""


def _freedom(word: str, most: Autonomy, agents: Sequence[Acting], where: Where, subject: Subject) -> Held:
    name = f"require.autonomy.{word}"
    broken = [
        Broken(
            name,
            each.id,
            f"{each.title} {DOING[each.autonomy]}{_as_shipped(each)}",
            principal=each.id,
            evidence=(_deciding(each),),
            mend="restrict" if most is Autonomy.RESTRICTED else "ask",
            parts=(name, f"{name} full") if each.autonomy is Autonomy.FULL else (name,),
        )
        for each in agents
        if each.autonomy.rank > most.rank
    ]
    unsure = [each.title for each in agents if each.autonomy.rank <= most.rank and _may_be_freer(each)]
    doubt = f"how much {', '.join(unsure)} may do unasked is not known" if unsure and most is not Autonomy.FULL else ""
    return Held(name, f"{WHOSE[word]} at most {most}", place(where), tuple(broken), subject.doubt(doubt))


def _may_be_freer(each: Acting) -> bool:
    """Whether what stands in for an unknown gate is all that holds its commands back."""
    return any(lane.ruling.gate is Gate.UNKNOWN for lane in each.judge.lanes)


def _deciding(each: Acting) -> Evidence:
    """Where it stands that an agent asks so little; where nothing stands, the agent itself."""
    told = min((lane.ruling for lane in each.judge.lanes), key=lambda ruling: -gates()[ruling.effective].factor)
    return told.evidence or each.seen.evidence


def _as_shipped(each: Acting) -> str:
    """What is to be added where no setting says so."""
    return "" if each.judge.is_sure() else ", as far as its vendor's default goes: nothing here sets its mode"


# --- by environment


def _on(environment: Environment, most: Autonomy, where: Where, subject: Subject) -> Held:
    """The changes in an environment that an agent gets to with less in the way than its autonomy there allows."""
    name = f"require.autonomy.{environment}"
    text = f"agents are at most {most} on {environment}"
    broken: list[Broken] = []
    rights: set[str] = set()
    gate_unknown = False
    freer: dict[int, str | None] = {}  # by the ways, which many exposures share
    for exposure in subject.exposures:
        if exposure.class_ in HARMLESS or not in_environment(exposure, environment):
            continue
        ways = id(exposure.ways)
        if ways not in freer:
            freer[ways] = _freer(exposure, LEAST[most], subject)
            gate_unknown |= freer[ways] is None and _rests_on_stand_in(exposure, LEAST[most], subject)
        principal = freer[ways]
        if principal is None:
            continue
        if exposure.confidence is Confidence.POSSIBLE:
            rights.add(exposure.credential)
        else:
            way = exposure.ways[principal]
            broken.append(Broken(name, exposure.credential, text, exposure, principal, way.gate, wanted=LEAST[most]))
    unknown = "what stands before some ways of an agent there is not known" if gate_unknown else ""
    doubt = "; ".join(filter(None, (rights_unknown(rights), unknown)))
    return Held(name, text, place(where), tuple(broken), subject.doubt(doubt), about=tuple(sorted(rights)))


def _freer(exposure: Exposure, least: Gate, subject: Subject) -> str | None:
    """The first agent that gets there with less in the way."""
    most = gates()[least].factor
    ways = ((each, exposure.ways.get(each)) for each in subject.judged)
    return next((each for each, way in ways if way is not None and gates()[way.effective].factor > most), None)


def _rests_on_stand_in(exposure: Exposure, least: Gate, subject: Subject) -> bool:
    """Whether an agent stays below only as far as an unknown gate is what its vendor ships."""
    ways = (exposure.ways.get(each) for each in subject.judged)
    return least is not Gate.NONE and any(way is not None and way.gate is Gate.UNKNOWN for way in ways)


# --- in a sandbox


def _sandbox(where: Where, subject: Subject) -> Held:
    name = "require.sandbox"
    agents = [each for each in subject.installed if not each.seen.isolated]
    apart = [each for each in subject.installed if each.seen.isolated]
    broken = [
        Broken(
            name,
            each.id,
            f"{each.title} runs commands unasked and outside of any sandbox",
            principal=each.id,
            evidence=(_deciding(each),),
            mend="sandbox",
        )
        for each in agents
        if _is_loose(each)
    ]
    unsure = [each.title for each in agents if not _is_loose(each) and _may_be_loose(each)]
    doubt = f"whether {', '.join(unsure)} runs commands unasked is not known" if unsure else ""
    text = "an agent that runs any command unasked does so in a sandbox that really starts"
    text += _apart(apart, "needs no other")
    return Held(name, text, place(where), tuple(broken), subject.doubt(doubt))


def _is_loose(each: Acting) -> bool:
    """Whether commands run unasked and outside of any sandbox."""
    return any(lane.sandbox is None and gates()[lane.ruling.effective].passable for lane in each.judge.lanes)


def _may_be_loose(each: Acting) -> bool:
    return any(lane.sandbox is None and lane.ruling.gate is Gate.UNKNOWN for lane in each.judge.lanes)
