"""A report by id: what belongs to what, and the order in which lists are read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from reports import words
from reports.page import Page
from scanner.model.report import ANY_AGENT, AssetInfo, Credential, Exposure, Finding, IdentityInfo, Report, Way
from scanner.model.terms import Capability, Confidence, CredentialState, Environment, Gate, Severity

OPEN_ENDED = ("ssh.", "handle.ssh-")  # keys that may open more than the hosts that are known here

SAVED = "~/report.json"  # outside of any workspace, where an agent would meet it
CONTRACT = "contract"
BLOCKED = frozenset({Gate.REFUSED, Gate.OS_BLOCKED})
STRENGTH = {gate: place for place, gate in enumerate(Gate)}
SURENESS = {each: place for place, each in enumerate(Confidence)}
ENDED = frozenset({CredentialState.EXPIRED, CredentialState.REVOKED})


class Lookup(Struct, frozen=True):
    """The nodes of a report by id, its exposures by credential and by id, and the credentials worst first and by id."""

    assets: Mapping[str, AssetInfo]
    identities: Mapping[str, IdentityInfo]
    exposures: Mapping[str, Sequence[Exposure]]
    credentials: Sequence[Credential]
    by_id: Mapping[str, Credential]
    by_exposure: Mapping[str, Exposure]
    undecided: frozenset[str]
    shared: frozenset[str]  # titles that several credentials have
    recorded: Sequence[str] = ()  # ids of the agents whose own records were read

    def opened(self, credential: Credential) -> Sequence[Exposure]:
        """What a credential opens, worst first."""
        return self.exposures.get(credential.id, ())

    def usable(self, credential: Credential) -> bool:
        """Whether it still opens anything that is not refused outright."""
        return credential.state not in ENDED and any(way_of(each) is not None for each in self.opened(credential))

    def reaches_production(self, credential: Credential) -> bool:
        """Whether something in production is open to it, more surely than possibly."""
        return any(
            each.environment is Environment.PRODUCTION and each.confidence is not Confidence.POSSIBLE
            for each in self.opened(credential)
        )

    def is_undecided(self, credential: Credential) -> bool:
        """Whether its rights, or the environment of something that it opens, are not known."""
        opened = self.opened(credential)
        if any(each.environment in {Environment.UNKNOWN, Environment.PRODUCTION} for each in opened):
            return True
        return credential.id in self.undecided and (not opened or credential.kind.startswith(OPEN_ENDED))


def look_up(report: Report) -> Lookup:
    """The report, ready to be asked."""
    exposures: dict[str, list[Exposure]] = {}
    for exposure in sorted(report.exposures, key=rank):
        exposures.setdefault(exposure.credential, []).append(exposure)
    worst = {credential: rank(found[0]) for credential, found in exposures.items()}
    titles = Counter(node.title for node in report.credentials)
    return Lookup(
        assets={node.id: node for node in report.assets},
        identities={node.id: node for node in report.identities},
        exposures=exposures,
        credentials=sorted(
            report.credentials, key=lambda node: (node.id not in worst, worst.get(node.id, ()), node.state in ENDED)
        ),
        by_id={node.id: node for node in reversed(report.credentials)},
        by_exposure={each.id: each for each in reversed(report.exposures)},
        undecided=frozenset(step.subject for step in report.figures.undecided.steps),
        shared=frozenset(title for title, count in titles.items() if count > 1),
        recorded=sorted({use.agent for use in report.uses if use.agent}),
    )


def way_of(exposure: Exposure) -> Way | None:
    """The way of an unrestricted process, else the weakest-gated one; None where every way is blocked."""
    ways = [way for way in exposure.ways.values() if way.gate not in BLOCKED]
    mine = exposure.ways.get(ANY_AGENT)
    return mine if mine in ways else min(ways, key=lambda way: strength(way.gate), default=None)


def strength(gate: Gate) -> int:
    """How much a gate holds back, weakest 0."""
    return STRENGTH[gate]


def rank(exposure: Exposure) -> tuple[bool, int, int, int, float, str]:
    """Lists are read by urgent, severity, gate, confidence; then by what weighs more."""
    way = way_of(exposure)
    gate = strength(way.gate) if way is not None else len(Gate)
    sure = SURENESS[exposure.confidence]
    impact = _impact(exposure)
    return (not exposure.urgent, -exposure.severity.rank, gate, sure, -impact, exposure.id)


def strongest_first(exposures: Iterable[Exposure]) -> list[Exposure]:
    """By how bad the class is, whatever the environment."""
    order = list(Capability)

    def weight(exposure: Exposure) -> tuple[float, int]:
        return (-_impact(exposure), order.index(exposure.class_))

    return sorted(exposures, key=weight)


def _impact(exposure: Exposure) -> float:
    """How bad its class is: the same for every way."""
    terms = next((way.terms for way in exposure.ways.values() if way.terms is not None), None)
    return terms.impact if terms is not None else 0.0


def weaknesses(report: Report) -> list[Finding]:
    """The findings that are no item of the contract, worst first; not those that an item of the contract tells."""
    told = {each.evidence for each in beyond(report)}
    found = [each for each in report.findings if each.exposure is None and CONTRACT not in each.tags]
    found = [each for each in found if each.evidence not in told]
    return sorted(found, key=lambda each: -each.severity.rank)


def beyond(report: Report) -> list[Finding]:
    """The findings that a contract made, worst first."""
    return [each for each in report.findings if CONTRACT in each.tags]


def to_see(report: Report, page: Page) -> str:
    """What a command ends with to see this report: its options, or its file where it is not of this machine."""
    return page.same if report.host.source == "live" else f" {SAVED}"


def by_severity(severities: Iterable[Severity]) -> list[tuple[Severity, int]]:
    """How many of each, worst first, none left out but those that do not occur."""
    found = list(severities)
    return [(level, found.count(level)) for level in reversed(Severity) if level in found]


def gate_before(opened: Sequence[Exposure]) -> str:
    """What stands before it: before all of it, or before a part."""
    ways = [way_of(exposure) for exposure in opened]
    gated = [way for way in ways if way is not None and way.gate is not Gate.NONE]
    if not gated:
        return "" if any(ways) or not ways else "blocked"
    weakest = min(gated, key=lambda way: strength(way.gate))
    part = "" if len(gated) == len(ways) else f", before {len(gated)} of {len(ways)} exposures"
    rule = f": {words.clipped(weakest.rule, 120)}" if weakest.rule else ""
    return f"{weakest.gate}{part}{rule}"
