"""The sections of the report, from the graph and from what was seen: words and places as a reader takes them."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath

from msgspec.structs import replace

from scanner import freedom, reach, score
from scanner.data.known_servers import servers as known_servers
from scanner.data.known_servers import table, unasked
from scanner.data.severities import weaknesses
from scanner.graph import AssetNode, CredentialNode, Graph, ident
from scanner.host import Machine
from scanner.host.paths import shown
from scanner.judgement import Judged
from scanner.mends import mend_of
from scanner.model import (
    Capability,
    Confidence,
    Evidence,
    Gap,
    Guardrail,
    Observation,
    ServerSeen,
    Severity,
    Tracking,
    TrackingSeen,
    UseSeen,
    Weakness,
)
from scanner.model.report import (
    AssetInfo,
    Coverage,
    Credential,
    EdgeInfo,
    Exposure,
    Figures,
    Finding,
    FixInfo,
    GapInfo,
    GuardrailInfo,
    HostInfo,
    IdentityInfo,
    LifetimeInfo,
    Location,
    Server,
    SeverityCounts,
    Undecided,
    Use,
)
from scanner.principals import ANY_AGENT
from scanner.text import printable


def host(machine: Machine, depth: str) -> HostInfo:
    """The machine and home that were judged."""
    return HostInfo(
        name=printable(machine.name),
        platform=machine.platform,
        user=printable(machine.user),
        home=printable(str(machine.home)),
        workspace=printable(shown(machine.workspace, machine.home)) if machine.workspace is not None else None,
        neighbours=len(machine.neighbours),
        source=machine.source,
        depth=depth,
        judged_at=machine.now,
    )


def figures(judged: Judged, findings: Sequence[Finding], coverage: Coverage) -> Figures:
    """The numbers, and what is undecided."""
    found = judged.exposures
    crowds, principals = reach.crowds(judged.graph, found), (ANY_AGENT, *(each.id for each in judged.acting))
    counted = [finding for finding in findings if finding.waived is None]
    return Figures(
        excess=judged.judgement.excess if judged.judgement is not None else None,
        radius={each: score.radius(reach.weighed(crowds, each)) for each in principals},
        undecided=Undecided(len(judged.steps), judged.steps),
        coverage=coverage.percent,
        exposures=_counts([each.severity for each in found], sum(each.urgent for each in found)),
        findings=_counts([each.severity for each in counted], sum(each.urgent for each in counted)),
        gates=freedom.counts(found),
    )


def _counts(levels: Sequence[Severity], urgent: int) -> SeverityCounts:
    return SeverityCounts(
        critical=levels.count(Severity.CRITICAL),
        high=levels.count(Severity.HIGH),
        medium=levels.count(Severity.MEDIUM),
        low=levels.count(Severity.LOW),
        urgent=urgent,
    )


def credentials(judged: Judged, machine: Machine) -> tuple[Credential, ...]:
    """Every credential and handle, worst first."""
    nodes = _by_exposure(judged.graph, judged.exposures)
    tracking = {seen.evidence.path: seen.git for seen in judged.model.observations if isinstance(seen, TrackingSeen)}
    return tuple(_credential(node, judged, machine, tracking) for node in nodes)


def identities(graph: Graph) -> tuple[IdentityInfo, ...]:
    """Who can be acting."""
    return tuple(
        IdentityInfo(node, printable(who.provider), printable(who.account), printable(who.name))
        for node, who in sorted(graph.identities.items())
    )


def assets(graph: Graph) -> tuple[AssetInfo, ...]:
    """What can be reached."""
    return tuple(_asset(node) for _, node in sorted(graph.assets.items()))


def _by_exposure(graph: Graph, found: Sequence[Exposure]) -> list[CredentialNode]:
    """Worst first, by the order of their exposures; those that open nothing last."""
    order: dict[str, int] = {}
    for place, exposure in enumerate(found):
        order.setdefault(exposure.credential, place)
    return sorted(graph.credentials.values(), key=lambda node: (order.get(node.id, len(found)), node.id))


def _credential(
    node: CredentialNode, judged: Judged, machine: Machine, tracking: Mapping[PurePath | None, Tracking]
) -> Credential:
    mend = mend_of(node, machine, judged.graph.identities.get(node.identity or ""))
    return Credential(
        id=node.id,
        kind=node.kind,
        title=node.title,
        public_id=printable(node.public_id) if node.public_id is not None else None,
        fingerprint=node.fingerprint,
        identity=node.identity,
        names=node.names,
        lifetime=LifetimeInfo(node.lifetime.kind, node.lifetime.expires_at, node.lifetime.refresh_until),
        protection=node.protection,
        state=node.state,
        why=node.why,
        narrow=node.narrow,
        locations=tuple(replace(location(each, machine), git=tracking.get(each.path)) for each in node.locations),
        readings=judged.readings.get(node.id, {}),
        account_wide=node.account_wide,
        mend=FixInfo(printable(mend.summary), tuple(map(printable, mend.commands))) if mend.commands else None,
    )


def location(evidence: Evidence, machine: Machine) -> Location:
    """A place as a report writes it."""
    return Location(
        path=_written(str(evidence.path), evidence.path, machine.home) if evidence.path is not None else None,
        variable=printable(evidence.variable) if evidence.variable is not None else None,
        process=printable(evidence.process) if evidence.process is not None else None,
        line=evidence.line,
        key=printable(evidence.key) if evidence.key is not None else None,
    )


@lru_cache(maxsize=8192)
def _written(text: str, path: PurePath, home: PurePath) -> str:
    """A path as a report writes it, kept by its `text`, since paths of Windows that differ in case are equal."""
    return printable(shown(path, home))


def _asset(node: AssetNode) -> AssetInfo:
    return AssetInfo(
        id=node.id,
        kind=node.asset.kind,
        name=printable(node.asset.name),
        environment=node.judged.environment,
        environment_rule=printable(node.judged.rule),
        crown_jewel=node.crown_jewel,
    )


def edges(graph: Graph, machine: Machine) -> tuple[EdgeInfo, ...]:
    """Every step that a way can take."""
    found = [
        EdgeInfo(
            link.source,
            link.target,
            link.how,
            link.barrier.gate,
            printable(link.barrier.rule),
            link.confidence,
            location(link.evidence, machine) if link.evidence is not None else None,
        )
        for links in graph.links.values()
        for link in links
    ]
    found += [
        EdgeInfo(
            right.source,
            right.target,
            _may(right.capabilities),
            right.barrier.gate,
            printable(right.barrier.rule),
            right.confidence,
            location(right.evidence, machine) if right.evidence is not None else None,
        )
        for rights in graph.rights.values()
        for right in rights
    ]
    return tuple(sorted(found, key=lambda edge: (edge.source, edge.target, edge.how, edge.gate, edge.rule)))


@lru_cache(maxsize=1024)
def _may(capabilities: frozenset[Capability]) -> str:
    return "may " + ", ".join(capability for capability in Capability if capability in capabilities)


def servers(observations: Sequence[Observation], machine: Machine) -> tuple[Server, ...]:
    """The MCP servers by client and name: each place once, apart where folders do not say the same of it."""
    found: dict[str, dict[str | None, Server]] = {}
    for seen in observations:
        if isinstance(seen, ServerSeen):
            server = _server(seen, machine)
            found.setdefault(server.id, {})[server.folder] = server
    told = [
        server if len(by_folder) == 1 else replace(server, id=ident("m", server.id, server.folder or ""))
        for by_folder in found.values()
        for server in by_folder.values()
    ]
    return tuple(sorted(told, key=lambda each: (each.client, each.name, each.id)))


def _server(seen: ServerSeen, machine: Machine) -> Server:
    place = location(seen.evidence, machine)
    known = known_servers().get(seen.known) if seen.known else None
    acts = known.left(seen.narrowed).values() if known is not None else ()
    words = table().words if known is not None else {}
    return Server(
        id=ident("m", seen.client, seen.scope, seen.name, place.path or "", place.key or ""),
        name=printable(seen.name),
        client=seen.client,
        launcher=printable(seen.launcher),
        enabled=seen.enabled,
        evidence=place,
        scope=printable(seen.scope),
        transport=seen.transport,
        url=printable(seen.url) if seen.url is not None else None,
        package=printable(seen.package) if seen.package is not None else None,
        pinned=seen.pinned,
        variables=tuple(map(printable, seen.variables)),
        headers=tuple(map(printable, seen.headers)),
        roots=tuple(map(printable, seen.roots)),
        approved=tuple(map(printable, seen.approved)),
        from_repository=seen.from_repository,
        folder=seen.folder,
        known=known.title if known is not None else "",
        does=tuple(dict.fromkeys(words[act] for act in acts)),
        unasked={words[act]: tuple(names) for act, names in unasked(seen.known, seen.approved, seen.narrowed).items()},
    )


def findings(weak: Sequence[Weakness], machine: Machine) -> tuple[Finding, ...]:
    """The weaknesses, each place once, worst first."""
    severities = weaknesses()
    found: dict[str, Finding] = {}
    for seen in weak:
        place = location(seen.evidence, machine)
        named = str(place.path or place.variable or place.process)
        node = ident("f", seen.rule, named, str(place.line or ""), place.key or "")
        found[node] = Finding(
            id=node,
            rule=seen.rule,
            title=printable(seen.title),
            severity=severities.get(seen.rule, Severity.LOW),
            confidence=Confidence.VERIFIED,
            principal=None,
            exposure=None,
            evidence=place,
            why=printable(seen.why),
            fix=FixInfo(printable(seen.fix.summary), tuple(printable(command) for command in seen.fix.commands)),
            tags=seen.tags,
        )
    return tuple(sorted(found.values(), key=lambda each: (-each.severity.rank, each.rule, each.id)))


def guardrails(seen: Iterable[Guardrail], machine: Machine) -> tuple[GuardrailInfo, ...]:
    """The protections that are in place or begun, each once."""
    found = {
        GuardrailInfo(each.rule, printable(each.title), location(each.evidence, machine), each.in_force)
        for each in seen
    }
    return tuple(sorted(found, key=lambda each: (each.rule, each.title, str(each.evidence))))


def uses(seen: Iterable[UseSeen], machine: Machine) -> tuple[Use, ...]:
    """The section of the report: by agent and folder, most used first."""
    found = [
        Use(
            subject=printable(each.subject),
            what=each.what,
            count=each.count,
            last=each.last,
            evidence=location(each.evidence, machine),
            agent=printable(each.agent),
            folder=printable(each.folder) if each.folder is not None else None,
            first=each.first,
            sessions=each.sessions,
            approved=each.approved,
            how=printable(each.how),
        )
        for each in seen
    ]
    return tuple(sorted(found, key=lambda use: (use.agent, use.folder or "", use.what, -use.count, use.subject)))


def gaps(told: Iterable[tuple[str, Gap]], machine: Machine) -> tuple[GapInfo, ...]:
    """Every place that was not looked at, each once, from (probe, gap) pairs."""
    found = {GapInfo(gap.kind, probe, _place(gap.place, machine), printable(gap.why)) for probe, gap in told}
    return tuple(sorted(found, key=lambda gap: (gap.probe, gap.place, gap.why, gap.kind)))


def _place(place: str, machine: Machine) -> str:
    """A gap's place, relative to the home where it lies in it."""
    home = str(machine.home)
    inside = place == home or place.startswith((home + "/", home + "\\"))
    return printable("~" + place[len(home) :].replace("\\", "/") if inside else place)
