"""The demands of a contract on credentials: their life, their keeping, their place, their bounds."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta

from msgspec import Struct

from scanner.contract.exposures import ENDED, place
from scanner.contract.plain import span
from scanner.contract.subject import Broken, Held, Subject
from scanner.contract.weaknesses import of_weaknesses
from scanner.data.clauses import demands
from scanner.data.gates import gates
from scanner.data.weights import weights
from scanner.gates import READABLE
from scanner.graph import CredentialNode
from scanner.host.paths import shown, within
from scanner.model import Capability, Confidence, Environment, LifetimeKind, Protection
from scanner.model.contract import ByEnvironment, Contract, TokenDemands, Where
from scanner.model.report import Exposure
from scanner.principals import ANY_AGENT

# How well a secret is kept, by what lies between a reader of the place and itself.
KEPT = {
    Protection.PLAINTEXT: 0,
    Protection.OBFUSCATED: 1,
    Protection.ENCRYPTED: 2,
    Protection.AGENT: 2,
    Protection.KEYCHAIN: 3,
    Protection.HARDWARE: 4,
    Protection.REFERENCE: 4,
}
FAR = tuple(timedelta(days=each) for each in (7, 30, 90, 365))
ENDLESS = "without end"
UNPLACED = "the environment of what it opens"  # as it is told why a clause is not known to hold
STAGED = frozenset({Environment.DEVELOPMENT, Environment.SANDBOX, Environment.STAGING})


class Fault(Struct, frozen=True):
    """What is wrong with a credential; where it is not `sure`, what would have to be known.

    `degrees` say how wrong it is: what is worse has all that is less so, and more.
    """

    why: str
    sure: bool = True
    degrees: tuple[str, ...] = ()

    def parts(self, clause: str) -> tuple[str, ...]:
        """What a waiver names to accept it."""
        return (clause, *(f"{clause} {degree}" for degree in self.degrees))


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """What came of `lifetime`, `protection`, `in_workspace`, `private_keys` and `tokens`."""
    require = contract.require
    for row in require.lifetime:
        if row.longest is not None:
            yield _lifetime(row, row.longest, subject)
    for row in require.protection:
        if row.protection is not None:
            yield _protection(row, row.protection, subject)
    for row in require.in_workspace:
        if row.allowed is False:
            text = "lie outside every workspace"
            yield _of_credentials("in_workspace", text, row, subject, lambda node: _in_workspace(node, subject))
    if require.private_keys is not None and require.private_keys.on:
        yield _private_keys(require.private_keys.where, subject)
    if require.tokens is not None:
        yield from _tokens(require.tokens, subject)


# --- by what they open


def in_environment(exposure: Exposure, environment: Environment) -> bool:
    """Whether an exposure is there; what cannot be undone counts as production where its environment is not known."""
    return exposure.environment is environment or (
        environment is Environment.PRODUCTION
        and exposure.environment is Environment.UNKNOWN
        and exposure.class_ in weights().unknown_is_production
        and exposure.confidence is not Confidence.POSSIBLE
    )


def _of_credentials(
    demand: str, text: str, row: ByEnvironment, subject: Subject, wrong: Callable[[CredentialNode], Fault | None]
) -> Held:
    """A demand on every credential that opens something in an environment."""
    name = f"require.{demand}.{row.environment}"
    broken, doubts = [], dict[str, list[CredentialNode]]()
    for credential in _proofs(subject):
        fault = wrong(credential)
        opened = _opened(credential, row.environment, subject) if fault is not None else []
        if fault is None or not opened:
            continue
        sure = [each for each in opened if each.confidence is not Confidence.POSSIBLE or demand == "lifetime"]
        there = [each for each in sure if in_environment(each, row.environment)]
        if there and fault.sure:
            parts = fault.parts(name)
            broken.append(Broken(name, credential.id, fault.why, max(there, key=_gravity), parts=parts))
        else:
            doubts.setdefault(_unknown(opened, there, fault), []).append(credential)
    told = f"credentials that open {row.environment} {text}"
    return Held(name, told, place(row.where), tuple(broken), _counted(doubts), about=_about(doubts))


def _proofs(subject: Subject) -> list[CredentialNode]:
    """The credentials that count: no handles, which hold no secret, and nothing that has ended."""
    nodes = subject.graph.credentials.values()
    return [each for each in nodes if not each.kind.startswith("handle.") and each.state not in ENDED]


def _opened(credential: CredentialNode, environment: Environment, subject: Subject) -> list[Exposure]:
    """What a credential opens there, or may: names of repositories tell no environment, since source is no system."""
    there = {environment, Environment.UNKNOWN}
    return [
        each
        for each in live_of(credential, subject)
        if each.class_ is not Capability.DISCOVER
        and each.environment in there
        and not demands().is_source(subject.graph.assets[each.asset].asset.kind)
    ]


def live_of(credential: CredentialNode, subject: Subject) -> Sequence[Exposure]:
    """The exposures of a credential that count."""
    return subject.counting.get(credential.id, ())


def _unknown(opened: Sequence[Exposure], there: Sequence[Exposure], fault: Fault) -> str:
    """What would have to be known of a credential."""
    if there:
        return fault.why
    if any(each.confidence is not Confidence.POSSIBLE for each in opened):
        return UNPLACED
    return "its rights"


def _counted(doubts: dict[str, list[CredentialNode]]) -> str:
    """Why a clause is not known to hold, with how many credentials each reason is about."""
    told = []
    for why, nodes in doubts.items():
        whose = nodes[0].title if len(nodes) == 1 else f"{len(nodes)} credentials"
        told.append(f"of {whose} it is not known: {why}")
    return "; ".join(told)


def _about(doubts: dict[str, list[CredentialNode]]) -> tuple[str, ...]:
    return tuple(sorted(node.id for nodes in doubts.values() for node in nodes))


def gravest(credential: CredentialNode, subject: Subject) -> Exposure | None:
    """The worst that a credential opens, None for one that opens nothing known."""
    return max(subject.opened.get(credential.id, ()), key=_gravity, default=None)


def _gravity(exposure: Exposure) -> tuple[int, float, str]:
    """Sort key: how bad it would be, and of the equally bad what an unrestricted process has most of."""
    return (exposure.severity.rank, exposure.ways[ANY_AGENT].score, exposure.id)


# --- how long they live


def _lifetime(row: ByEnvironment, longest: timedelta, subject: Subject) -> Held:
    text = f"end within {span(longest)}"
    return _of_credentials("lifetime", text, row, subject, lambda node: _outlives(node, longest, subject))


def _outlives(credential: CredentialNode, longest: timedelta, subject: Subject) -> Fault | None:
    """Why a credential lives too long; what a person must be there for, or ends with a session, may."""
    kind = credential.lifetime.kind
    if _is_guarded(credential) or kind is LifetimeKind.SESSION:
        return None
    end = credential.lifetime.ends()
    if end is not None:
        left = end - subject.machine.now
        far = tuple(f"for {span(each)}" for each in FAR if each < left)
        return Fault(f"it ends in {span(left)}", degrees=far) if left > longest else None
    unsure = kind in {LifetimeKind.UNKNOWN, LifetimeKind.EXPIRES}
    return Fault("when it ends", sure=False) if unsure else Fault("it has no end", degrees=(ENDLESS,))


def _lasts(credential: CredentialNode, longest: timedelta, subject: Subject) -> Fault | None:
    """The same for a token, of which some kinds do not tell their end, which is far off as a rule."""
    found = _outlives(credential, longest, subject)
    if found is not None and not found.sure and demands().is_lasting(credential.kind):
        return Fault("its end is not told, and far off as a rule", degrees=(ENDLESS,))
    return found


def _is_guarded(credential: CredentialNode) -> bool:
    """Whether its use needs a person each time, or a thing that nobody can copy."""
    barrier = credential.barrier.gate
    return credential.protection is Protection.HARDWARE or not gates()[barrier].passable


# --- how they are kept, and where


def _protection(row: ByEnvironment, least: Protection, subject: Subject) -> Held:
    def wrong(node: CredentialNode) -> Fault | None:
        if KEPT[node.protection] >= KEPT[least]:
            return None
        worse = (each for each, kept in KEPT.items() if KEPT[node.protection] <= kept < KEPT[least])
        return Fault(f"it lies in {node.protection}", degrees=tuple(sorted(f"in {each}" for each in worse)))

    return _of_credentials("protection", f"are kept at least {least}", row, subject, wrong)


def _in_workspace(credential: CredentialNode, subject: Subject) -> Fault | None:
    projects = subject.machine.projects
    paths = [told.path for told in credential.locations if told.path is not None]
    home = subject.machine.home
    inside = sorted({shown(folder, home) for path in paths for folder in projects if within(path, folder)})
    return Fault("it lies in a workspace", degrees=tuple(inside)) if inside else None


def _private_keys(where: Where, subject: Subject) -> Held:
    held = of_weaknesses("private_keys", "", where, subject)
    bare = [
        Broken(held.id, each.id, "it has no passphrase", gravest(each, subject))
        for each in _proofs(subject)
        if demands().is_key(each.kind) and each.protection in READABLE
    ]
    text = "private keys have a passphrase or lie in hardware, and are lent to no other machine"
    return Held(held.id, text, held.where, (*bare, *held.broken))


# --- tokens


def _goes_beyond(token: CredentialNode, subject: Subject) -> bool:
    """Whether it opens more than what is meant to be broken and made again."""
    return any(each.environment not in STAGED for each in live_of(token, subject))


def _tokens(demand: TokenDemands, subject: Subject) -> Iterator[Held]:
    tokens = [each for each in _proofs(subject) if demands().is_token(each.kind) and _goes_beyond(each, subject)]
    if demand.scoped:
        text = "tokens are bound to chosen repositories, packages or zones"
        yield _of_tokens("scoped", text, demand.where, ((each, _unbound(each)) for each in tokens), subject)
    longest = demand.longest
    if longest is not None:
        text = f"tokens of forges, registries and clouds end within {span(longest)}"
        found = ((each, _lasts(each, longest, subject)) for each in tokens)
        yield _of_tokens("lifetime", text, demand.where, found, subject)


def _of_tokens(
    word: str,
    text: str,
    where: Where,
    found: Iterable[tuple[CredentialNode, Fault | None]],
    subject: Subject,
) -> Held:
    name = f"require.tokens.{word}"
    broken, doubts = [], dict[str, list[CredentialNode]]()
    for credential, fault in found:
        if fault is not None and fault.sure:
            parts = fault.parts(name)
            broken.append(Broken(name, credential.id, fault.why, gravest(credential, subject), parts=parts))
        elif fault is not None:
            doubts.setdefault(fault.why, []).append(credential)
    return Held(name, text, place(where), tuple(broken), _counted(doubts), about=_about(doubts))


def _unbound(credential: CredentialNode) -> Fault | None:
    if demands().is_unscoped(credential.kind):
        return Fault("it is bound to no repository")
    return Fault("what it is bound to", sure=False) if demands().is_untold(credential.kind) else None
