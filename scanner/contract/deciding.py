"""What would decide a clause that is not known to hold: one step, from what it is that nothing here tells."""

from collections.abc import Iterable

from msgspec.structs import replace

from scanner.contract.credentials import UNPLACED
from scanner.contract.plain import some
from scanner.contract.subject import Held, Subject
from scanner.data.clauses import agent_mend, demands
from scanner.graph import CredentialNode
from scanner.mends import quoted
from scanner.model import Confidence, Environment, Fix, Gate
from scanner.principals import Acting
from scanner.undecided import UNSHOWN

CONNECTORS = "handle.connectors"
LIVE = {"github": "GitHub", "kubernetes": "the cluster", "docker": "the engine"}  # whom --live asks what one may do
# What an agent's settings lack where it is not known whether they do, by the clause.
LACKS = {
    "files.never": "never-files",
    "commands.never": "never-commands",
    "network": "network",
    "require.sandbox": "sandbox",
}
NOT_LOOKED = Fix("Check without --no-env, or name the environment that agents start from with --env-file FILE.")
NO_AGENT = Fix("Install the agents that the contract is for, and check again.")
NO_PATH = Fix("Write the glob in the contract so that it names a folder, such as ~/src/**.")
UNFINISHED = Fix("Give it more time: --time-limit 120, or leave out with --skip-probe what never ends.")


def stepped(held: Held, subject: Subject) -> Held:
    """The clause with the step that would decide it, where it is open and names none itself."""
    if not held.open or held.fix is not None:
        return held
    return replace(held, fix=_step(held, subject))


def _step(held: Held, subject: Subject) -> Fix:
    if held.about:
        if UNPLACED in held.open and (label := _of_environments(held, subject)) is not None:
            return label
        return _of_credential(subject.graph.credentials[held.about[0]], subject)
    if held.id == "mcp" and (kept := _connectors(subject)) is not None:
        return kept
    if held.id == "environment" and not subject.machine.launch.values:
        return NOT_LOOKED
    if subject.unread:
        return _of_unread(subject)
    if not subject.acting:
        return NO_AGENT
    unsure = [each for each in subject.installed if _is_unsure(each)]
    if unsure:
        return _of_agents(held.id, unsure, subject)
    return NO_PATH if held.id.startswith("files.") and not subject.unfinished else UNFINISHED


# --- agents


def _is_unsure(each: Acting) -> bool:
    """Whether something that an agent's settings would say is not known."""
    rulings = [lane.ruling for lane in each.judge.lanes]
    for tool in each.judge.policy.tools:
        rulings += [tool.otherwise, *(rule.ruling for rule in tool.rules)]
    return any(ruling.gate is Gate.UNKNOWN for ruling in rulings)


def _of_agents(clause: str, unsure: Iterable[Acting], subject: Subject) -> Fix:
    """How to settle it in the settings of the first of them, which then say it."""
    first = next(iter(unsure))
    mend = agent_mend(first.seen.agent, [LACKS.get(clause, "ask")], subject.machine.platform)
    return Fix(f"See it in {first.title} itself, or settle it there. {mend.summary}", mend.commands)


def _of_unread(subject: Subject) -> Fix:
    names = list(dict.fromkeys(each.title or each.agent for each in subject.unread))
    told = f"The rules of {some(sorted(names))} are not known here: see in its own settings what it does unasked"
    known = sorted({each.seen.agent for each in subject.installed})
    alone = f", or judge the others alone with {' '.join(f'--agent {each}' for each in known)}" if known else ""
    return Fix(f"{told}{alone}.")


def _connectors(subject: Subject) -> Fix | None:
    """Where to see what a vendor keeps on its side."""
    kept = (each.undecided for each in subject.graph.credentials.values() if each.kind == CONNECTORS)
    told = sorted(step.action for step in kept if step is not None)
    return Fix(f"See which connectors there are: {told[0]}.") if told else None


# --- credentials


def _of_credential(node: CredentialNode, subject: Subject) -> Fix:
    """What tells the rights of a credential, or what it opens, or its end."""
    family = node.kind.partition(".")[0]
    if subject.machine.source == "live" and family in LIVE:
        return Fix(f"Check with --live={family}, which asks {LIVE[family]} what the credentials that lie here may do.")
    named = _named(node)
    step = subject.steps.get(node.id)
    if step is not None:
        return Fix(f"Of {named}: {step.action}")
    asset = _unplaced(node.id, subject)
    if asset is not None:
        return _label(asset, subject)
    return Fix(f"Of {named}: see where it was made what it is bound to and when it ends, or make one that says so.")


def _of_environments(held: Held, subject: Subject) -> Fix | None:
    """How to say which environment it is that the first of them opens, where nothing but a label says that."""
    found = (_unplaced(name, subject) for name in held.about)
    asset = next((each for each in found if each is not None), None)
    return _label(asset, subject) if asset is not None else None


def _unplaced(credential: str, subject: Subject) -> str | None:
    """The first asset that it surely opens and whose environment is not known."""
    for exposure in subject.opened.get(credential, ()):
        kind = subject.graph.assets[exposure.asset].asset.kind
        known = exposure.confidence is not Confidence.POSSIBLE and not demands().is_source(kind)
        if known and exposure.environment is Environment.UNKNOWN:
            return exposure.asset
    return None


def _label(asset: str, subject: Subject) -> Fix:
    """How to say which environment something is."""
    told = subject.graph.assets[asset].asset
    name = quoted(f"{told.kind}:{told.name}", subject.machine.platform)
    if name is None or UNSHOWN.search(told.name):  # one label would be for whatever else is not shown
        return Fix(f"Find out which environment the {told.kind} is that it opens, and label it by name.")
    summary = f"Say which environment {told.kind}:{told.name} is: production, staging, development or sandbox."
    return Fix(summary, (f"armslength label {name} ENVIRONMENT",))


def _named(node: CredentialNode) -> str:
    word = next(iter(node.names), node.public_id)
    return f"{node.title}, {word}" if word else node.title
