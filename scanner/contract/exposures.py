"""The lines of a contract about exposures: what it never lets be, and what is beyond all that it allows."""

from collections.abc import Iterator, Mapping, Sequence, Set

from scanner.contract.match import concerns, includes, matches, strong_enough
from scanner.contract.plain import allowed, banned
from scanner.contract.subject import Broken, Held, Subject
from scanner.data.contracts import names
from scanner.data.gates import gates
from scanner.data.verdicts import questions
from scanner.graph import AssetNode, Graph
from scanner.model import Capability, Confidence, CredentialState, Environment, Gate
from scanner.model.contract import Clause, Contract, Where
from scanner.model.report import Exposure, Way
from scanner.principals import ANY_AGENT

ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})
REST = "allow"


def held(contract: Contract, subject: Subject, *, narrows: bool = False) -> Iterator[Held]:
    """Each line of `never`, each of `allow` that asks for a gate, and last what nothing allows.

    One that only narrows another and allows nothing at all leaves that to the other.
    """
    silent = narrows and not contract.allow
    bans = {f"never.{number}": clause for number, clause in enumerate(contract.never, start=1)}
    allowances = {f"allow.{number}": clause for number, clause in enumerate(contract.allow, start=1)}
    broken: dict[str, list[Broken]] = {}
    doubtful: dict[str, set[str]] = {}
    lines = Lines(bans, allowances if not silent else None, subject)
    for exposure in subject.exposures:
        for line, why, principal, gate in lines.broken(exposure):
            if exposure.confidence is Confidence.POSSIBLE:
                doubtful.setdefault(line, set()).add(exposure.credential)
            else:
                told = Broken(line, exposure.credential, why, exposure, principal, gate, wanted=lines.wanted(line))
                broken.setdefault(line, []).append(told)
    gated = {name: clause for name, clause in allowances.items() if clause.gate not in {None, Gate.NONE}}
    for name, clause in (*bans.items(), *gated.items()):
        yield Held(
            name,
            banned(clause) if name in bans else allowed(clause),
            place(clause.where),
            tuple(broken.get(name, ())),
            _doubt(doubtful.get(name, set()), lines.resting.get(name, set())),
            about=tuple(sorted(doubtful.get(name, ()))),
        )
    if silent:
        return
    rest = _doubt(doubtful.get(REST, set()), lines.resting.get(REST, set()))
    about = tuple(sorted(doubtful.get(REST, ())))
    yield Held(REST, "nothing beyond what is allowed", contract.source, tuple(broken.get(REST, ())), rest, about=about)


def unused(contract: Contract, subject: Subject) -> tuple[str, ...]:
    """The lines of `allow` that allow nothing which is here, in the contract's own file; what it extends is shared."""
    own = [clause for clause in contract.allow if clause.where.file == contract.source]
    if not own or contract.source in names():  # what comes with the tool is for every machine
        return ()
    met = {(each.class_, each.asset): each for each in subject.exposures}
    there = [(exposure, subject.graph.assets[exposure.asset]) for exposure in met.values()]
    return tuple(clause.text for clause in own if not any(_about(clause, *each) for each in there))


def place(where: Where) -> str:
    """A line of a contract as a reader finds it."""
    return f"{where.file}:{where.line}" if where.line else where.file


def dead(graph: Graph) -> frozenset[str]:
    """The ids of the credentials that have ended, and of the assets that agents run on."""
    ended = (node.id for node in graph.credentials.values() if node.state in ENDED)
    aside = (node.id for node in graph.assets.values() if node.asset.kind in questions().aside)
    return frozenset((*ended, *aside))


def rights_unknown(credentials: Set[str]) -> str:
    """Why a line cannot be decided: what credentials might do."""
    if not credentials:
        return ""
    one = len(credentials) == 1
    many = "a credential's rights are" if one else f"the rights of {len(credentials)} credentials are"
    return f"{many} not known"


def _doubt(credentials: Set[str], agents: Set[str]) -> str:
    """The same, where it may also be that agents ask less than is known of them."""
    gates_unknown = f"whether {', '.join(sorted(agents))} asks is not known" if agents else ""
    return "; ".join(filter(None, (rights_unknown(credentials), gates_unknown)))


# A line that is broken, why in words, by whom, and the gate before it.
Breach = tuple[str, str, str, Gate]
Names = tuple[str, ...]


class Lines:
    """The lines of a contract about exposures; what many exposures have in common is judged once.

    Without `allowances` (None) nothing is said of what is allowed.
    """

    def __init__(self, bans: Mapping[str, Clause], allowances: Mapping[str, Clause] | None, subject: Subject) -> None:
        self.bans = bans
        self.allowances = allowances or {}
        self._silent = allowances is None
        self.subject = subject
        self._judged = subject.judged
        self._everyone = (*subject.judged, ANY_AGENT)
        self._said = {name: banned(clause) for name, clause in bans.items()}
        self._said |= {name: allowed(clause) for name, clause in self.allowances.items()}
        self._candidates: dict[tuple[Capability, Environment], tuple[Names, Names]] = {}
        self._known: dict[tuple[str, str], tuple[Names, Names]] = {}
        self._breaches: dict[tuple[Names, Names, int], list[Breach]] = {}
        self._unread = {each.title or each.agent for each in subject.unread}
        self.resting: dict[str, set[str]] = {}  # agents of which it is not known that they keep a line, by the line

    def wanted(self, name: str) -> Gate | None:
        """The gate that a line wants, None where none would do."""
        line = self.bans.get(name) or self.allowances.get(name)
        return line.gate if line is not None else None

    def broken(self, exposure: Exposure) -> list[Breach]:
        """The lines that one exposure breaks: every ban, and the allowance that it misses.

        Exposures that differ by their asset alone share their ways, so that the ways tell which were judged before.
        """
        bans, allowances = self._about(exposure)
        key = (bans, allowances, id(exposure.ways))
        if key not in self._breaches:
            self._breaches[key] = list(self._breached(bans, allowances, exposure))
        return self._breaches[key]

    def _breached(self, bans: Names, allowances: Names, exposure: Exposure) -> Iterator[Breach]:
        found = _weakest(exposure, self._everyone)
        broken = [name for name in bans if found is not None and not _holds(self.bans[name], found[1])]
        if found is not None and broken:
            yield from ((name, self._said[name], found[0], found[1].gate) for name in broken)
            return
        if self._silent:
            return
        self._rest(allowances, exposure)
        found = _weakest(exposure, self._judged)
        if found is None or any(strong_enough(found[1].effective, self.allowances[name].gate) for name in allowances):
            return
        near = allowances[0] if allowances else REST
        yield near, self._said.get(near, "nothing in the contract allows it"), found[0], found[1].gate

    def _rest(self, allowances: Sequence[str], exposure: Exposure) -> None:
        """Notes whose gate is not known before what is allowed only behind one, or not at all."""
        wanted = [self.allowances[name].gate for name in allowances]
        if None in wanted or Gate.NONE in wanted:
            return
        ways = ((each, exposure.ways.get(each.id)) for each in self.subject.acting)
        unknown = {each.title for each, way in ways if way is not None and way.gate is Gate.UNKNOWN}
        anyone = exposure.ways[ANY_AGENT].effective
        if self._unread and gates()[anyone].factor and not any(strong_enough(anyone, gate) for gate in wanted):
            unknown |= self._unread
        if unknown:
            self.resting.setdefault(allowances[0] if allowances else REST, set()).update(unknown)

    def _about(self, exposure: Exposure) -> tuple[Names, Names]:
        key = (exposure.class_, exposure.asset)
        if key not in self._known:
            asset, (bans, allowances) = self.subject.graph.assets[exposure.asset].asset, self._may_be_about(exposure)
            name = f"{asset.kind}:{asset.name}"
            self._known[key] = (
                tuple([each for each in bans if concerns(self.bans[each], name)]),
                tuple([each for each in allowances if concerns(self.allowances[each], name)]),
            )
        return self._known[key]

    def _may_be_about(self, exposure: Exposure) -> tuple[Names, Names]:
        """The lines about its class and environment, whichever assets they name."""
        key = (exposure.class_, exposure.environment)
        if key not in self._candidates:
            self._candidates[key] = (
                tuple([name for name, clause in self.bans.items() if includes(clause, *key)]),
                tuple([name for name, clause in self.allowances.items() if includes(clause, *key)]),
            )
        return self._candidates[key]


def _holds(ban: Clause, way: Way) -> bool:
    """Whether what stands before a way is enough for a ban not to count."""
    return ban.gate is not None and strong_enough(way.effective, ban.gate)


def _about(clause: Clause, exposure: Exposure, asset: AssetNode) -> bool:
    return matches(clause, exposure.class_, f"{asset.asset.kind}:{asset.asset.name}", exposure.environment)


def _weakest(exposure: Exposure, principals: Sequence[str]) -> tuple[str, Way] | None:
    """Who gets there with the least in the way, the first of equals; None where nobody does."""
    best: tuple[str, Way] | None = None
    least = 0.0
    for principal in principals:
        way = exposure.ways.get(principal)
        factor = gates()[way.effective].factor if way is not None else 0.0
        if way is not None and factor > least:
            best, least = (principal, way), factor
    return best
