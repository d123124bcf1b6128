"""The lines of a contract about exposures: what it never lets be, and what is beyond all that it allows."""

from collections.abc import Iterator, Mapping, Sequence, Set

from scanner.contract.match import matches, shut, strong_enough
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.gates import gates
from scanner.data.verdicts import questions
from scanner.graph import AssetNode
from scanner.model import Confidence, CredentialState, Gate
from scanner.model.contract import Clause, Contract, Where
from scanner.model.report import Exposure, Way
from scanner.principals import ANY_AGENT

ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
REST = "allow"


def held(contract: Contract, subject: Subject) -> Iterator[Held]:
    """Each line of `never`, each of `allow` that asks for a gate, and last what nothing allows."""
    bans = {f"never.{number}": clause for number, clause in enumerate(contract.never, start=1)}
    allowances = {f"allow.{number}": clause for number, clause in enumerate(contract.allow, start=1)}
    broken: dict[str, list[Broken]] = {}
    doubtful: dict[str, set[str]] = {}
    for exposure in _live(subject):
        asset = subject.graph.assets[exposure.asset]
        for each in _broken(bans, allowances, exposure, asset, subject):
            if exposure.confidence is Confidence.POSSIBLE:
                doubtful.setdefault(each.clause, set()).add(exposure.credential)
            else:
                broken.setdefault(each.clause, []).append(each)
    for name, clause in (*bans.items(), *((n, c) for n, c in allowances.items() if c.gate is not None)):
        prefix = "never" if name in bans else "allowed"
        yield Held(
            name,
            f"{prefix}: {clause.text}",
            place(clause.where),
            tuple(broken.get(name, ())),
            _doubt(doubtful.get(name, set()), subject),
        )
    rest = _doubt(doubtful.get(REST, set()), subject)
    yield Held(REST, "nothing beyond what is allowed", contract.source, tuple(broken.get(REST, ())), rest)


def unused(contract: Contract, subject: Subject) -> tuple[str, ...]:
    """The lines of `allow` that allow nothing which is here, in the contract's own file; what it extends is shared."""
    live = [(exposure, subject.graph.assets[exposure.asset]) for exposure in _live(subject)]
    return tuple(
        clause.text
        for clause in contract.allow
        if clause.where.file == contract.source and not any(_about(clause, *each) for each in live)
    )


def place(where: Where) -> str:
    """A line of a contract as a reader finds it."""
    return f"{where.file}:{where.line}" if where.line else where.file


def _live(subject: Subject) -> Iterator[Exposure]:
    """The exposures that count: of what has not ended, and not on what the agent itself runs on."""
    for exposure in subject.exposures:
        ended = subject.graph.credentials[exposure.credential].state in ENDED
        if not ended and subject.graph.assets[exposure.asset].asset.kind not in questions().aside:
            yield exposure


def _doubt(credentials: Set[str], subject: Subject) -> str:
    """Why a line cannot be decided: what credentials might do, and the step that settles the first of them."""
    if not credentials:
        return ""
    many = "a credential's rights are" if len(credentials) == 1 else f"the rights of {len(credentials)} credentials are"
    step = next((subject.steps[node].action for node in sorted(credentials) if node in subject.steps), "")
    return f"{many} not known" + (f"; {step}" if step else "")


def _broken(
    bans: Mapping[str, Clause],
    allowances: Mapping[str, Clause],
    exposure: Exposure,
    asset: AssetNode,
    subject: Subject,
) -> Iterator[Broken]:
    """The lines that one exposure breaks: every ban, and the allowance that it misses."""
    banned = False
    for name, clause in bans.items():
        if _about(clause, exposure, asset):
            found = _weakest(exposure, (*subject.judged, ANY_AGENT))
            if found is not None and (clause.gate is None or not strong_enough(found[1].effective, clause.gate)):
                banned = True
                yield _by(name, f"never: {clause.text}", exposure, found)
    found = _weakest(exposure, subject.judged)
    if banned or found is None:
        return
    near = ""
    for name, clause in allowances.items():
        if _about(clause, exposure, asset):
            if strong_enough(found[1].effective, clause.gate):
                return
            near = near or name
    if near:
        yield _by(near, f"allowed only: {allowances[near].text}", exposure, found)
    else:
        yield _by(REST, "nothing in the contract allows it", exposure, found)


def _by(clause: str, why: str, exposure: Exposure, found: tuple[str, Way]) -> Broken:
    return Broken(clause, exposure.credential, why, exposure, found[0], found[1].gate)


def _about(clause: Clause, exposure: Exposure, asset: AssetNode) -> bool:
    return matches(clause, exposure.class_, f"{asset.asset.kind}:{asset.asset.name}", exposure.environment)


def _weakest(exposure: Exposure, principals: Sequence[str]) -> tuple[str, Way] | None:
    """Who gets there with the least in the way, the first of equals; None where nobody does."""
    ways = [(each, exposure.ways[each]) for each in principals if each in exposure.ways]
    open_ways = [each for each in ways if not shut(each[1].effective)]
    return max(open_ways, key=lambda each: (_factor(each[1].effective), -ways.index(each)), default=None)


def _factor(gate: Gate) -> float:
    return gates()[gate].factor
