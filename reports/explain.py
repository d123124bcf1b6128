"""One thing of a report in full: how it is reached, where to see it, what would cut it, what its score is made of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from reports import agents, words
from reports.answers import UNCLEAR, asks, kind_of
from reports.excess import acting
from reports.lookup import Lookup, by_severity, gate_before, look_up, rank
from reports.page import Page
from reports.sheet import Sheet, Styled
from scanner.data.capabilities import capabilities
from scanner.data.gates import terms_of
from scanner.data.uses import use_of
from scanner.errors import ScannerError
from scanner.model.report import (
    ANY_AGENT,
    AdviceStep,
    Agent,
    AssetInfo,
    Before,
    Clause,
    Credential,
    EdgeInfo,
    Exposure,
    Finding,
    FixInfo,
    IdentityInfo,
    Principal,
    Radius,
    Report,
    Server,
    Setting,
    Supposed,
    Used,
    Way,
    title_of,
)
from scanner.model.terms import Gate
from scanner.text import printable

CANDIDATES = 5
PARALLEL = 3  # edges between the same two nodes
FIRST = 10  # exposures of a principal
NAMED = 5  # principals in a list

Thing = Exposure | Credential | AssetInfo | IdentityInfo | Finding | Server | Principal | Clause | AdviceStep

# What each is, in a word.
KINDS: dict[type[Thing], str] = {
    Exposure: "exposure",
    Credential: "credential",
    AssetInfo: "asset",
    IdentityInfo: "identity",
    Finding: "finding",
    Server: "MCP server",
    Principal: "agent",
    Clause: "clause",
    AdviceStep: "step",
}
# How much a waiver lifts, by its state.
WAIVED = {
    "in force": "",
    "grown": "in part,",
    "covers nothing": "not at all, since it does not say what,",
    "expired": "no more,",
}


class Told(Struct, frozen=True):
    """What each part of an explanation needs: the report, its look-up, where to write, and whether with scores."""

    report: Report
    found: Lookup
    sheet: Sheet
    score: bool


def explain(report: Report, id_prefix: str, page: Page, score: bool = False) -> bytes:
    """All that the report knows of the one thing whose id begins so.

    Raises ScannerError where none or several do, or where the report withholds its details.
    """
    if report.host.withheld is not None:
        raise ScannerError(f"this report withholds its details: {words.clipped(report.host.withheld, 120)}")
    told = Told(report, look_up(report), Sheet(page), score)
    match _the_one(report, id_prefix):
        case Exposure() as thing:
            _exposure(told, thing)
        case Credential() as thing:
            _credential(told, thing)
        case AssetInfo() as thing:
            _asset(told, thing)
        case IdentityInfo() as thing:
            _identity(told, thing)
        case Finding() as thing:
            _finding(told, thing)
        case Server() as thing:
            _server(told, thing)
        case Principal() as thing:
            _principal(told, thing)
        case Clause() as thing:
            _clause(told, thing)
        case AdviceStep() as thing:
            _step(told, thing)
    return told.sheet.written()


def named(report: Report, prefix: str) -> Supposed:
    """The one thing whose id begins so, as something to think away. Raises ScannerError where none or several do."""
    thing = _the_one(report, prefix)
    return Supposed(thing.id, KINDS[type(thing)], _called(thing))


def _the_one(report: Report, prefix: str) -> Thing:
    """The only thing whose id begins so, or whose whole id it is; an asset also by the name it is shown with."""
    things: dict[str, Thing] = {}
    for thing in _things(report):
        things.setdefault(thing.id, thing)
    whole = {words.asset(asset): asset for asset in report.assets} | things
    if prefix in whole:
        return whole[prefix]
    found = [thing for thing in things.values() if prefix and thing.id.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    if not found:
        first = [_candidate(thing) for thing in list(things.values())[:CANDIDATES]]
        raise ScannerError(
            f"nothing in this report has an id that begins with {printable(prefix)}",
            _such_as("there are, among others", first),
        )
    few = [_candidate(thing) for thing in found[:CANDIDATES]]
    raise ScannerError(f"{len(found)} ids begin with {printable(prefix)}", _such_as("write more of it", few))


def _things(report: Report) -> Iterator[Thing]:
    """Everything with an id, in the order in which a reader looks for it."""
    yield from report.credentials
    yield from report.exposures
    yield from report.findings
    yield from report.servers
    yield from report.assets
    yield from report.identities
    yield from report.principals
    yield from (Principal(each.id, each.title, each.id, notional=each.notional) for each in report.agents)
    yield from report.contract.clauses if report.contract is not None else ()
    yield from report.advice


def _such_as(told: str, candidates: Sequence[str]) -> str:
    return f"{told}: {'; '.join(candidates)}" if candidates else "the report is empty"


def _candidate(thing: Thing) -> str:
    return f"{words.clipped(thing.id, 40)} ({words.clipped(_called(thing), 40)})"


def _called(thing: Thing) -> str:
    """A thing as a person names it."""
    match thing:
        case Exposure():
            return thing.class_.value
        case Credential():
            return words.credential(thing)
        case AssetInfo():
            return words.asset(thing)
        case IdentityInfo():
            return _who(thing)
        case Server():
            return thing.name
        case Finding() | Principal():
            return thing.title
        case Clause():
            return thing.text
        case AdviceStep():
            return title_of(thing)


def _who(node: IdentityInfo) -> str:
    """An identity as a person names it."""
    return " ".join(part for part in (node.provider, node.account, node.name) if part)


def _named(told: Told, node: str) -> str:
    """A node of a way by what it is."""
    if node in told.found.assets:
        return words.asset(told.found.assets[node])
    if node in told.found.identities:
        return _who(told.found.identities[node])
    credential = told.found.by_id.get(node)
    return words.credential(credential) if credential is not None else "something"


def _title(told: Told, kind: str, named: str, node: str) -> None:
    told.sheet.line(Styled(named, "bold"), Styled(f"  {kind} {node}", "dim"), hang=2)


def _field(told: Told, label: str, *lines: str) -> None:
    """A label with what belongs to it, a line each; nothing where nothing does."""
    kept = [line for line in lines if line]
    for number, line in enumerate(kept):
        told.sheet.field("" if number else label, line, indent=2)


# exposures


def _exposure(told: Told, exposure: Exposure) -> None:
    asset = told.found.assets.get(exposure.asset)
    klass = capabilities().classes[exposure.class_]
    _title(told, "exposure", f"{exposure.class_} on {_named(told, exposure.asset)}", exposure.id)
    _field(told, "means", klass.means)
    _field(told, "severity", f"{exposure.severity}, urgent" if exposure.urgent else exposure.severity)
    _field(told, "sure", exposure.confidence)
    _field(told, "because", exposure.why)
    rule = f" ({asset.environment_rule})" if asset is not None and asset.environment_rule else ""
    _field(told, "where", words.environment(exposure.environment) + rule)
    _field(told, "undone", words.UNDONE[exposure.reversibility])
    _field(told, "attack", ", ".join(klass.techniques))
    credential = told.found.by_id.get(exposure.credential)
    _field(told, "used", _used(told, exposure.used, credential.kind if credential is not None else ""))
    _way(told, exposure)
    _before(told, exposure)
    if told.score:
        _scores(told, [exposure])
    _cut(told, exposure)
    _decide(told, {exposure.credential, *exposure.path, exposure.asset})


def _used(told: Told, used: Used | None, kind: str) -> str:
    """How often agents' own records show it in use; that they never do is told where they would show it."""
    if used is not None:
        return f"{words.used(used, told.report.host.judged_at)}: {used.how}"
    known = use_of(kind)
    if not told.found.recorded or not (known.programs or known.hosts):
        return ""
    titles = {each.id: each.title for each in told.report.agents}
    whose = words.some([titles.get(each, each) for each in told.found.recorded], NAMED)
    return f"never seen used in the records of {whose}"


def _way(told: Told, exposure: Exposure) -> None:
    """Each step with what is known of it."""
    told.sheet.head("The way")
    for number, node in enumerate(exposure.path, start=1):
        if number > 1:
            _edges(told, exposure, exposure.path[number - 2], node)
        told.sheet.line(f"{number}. {_named(told, node)}", Styled(f"  {node}", "dim"), indent=2, hang=3)
        if number == 1:
            _lies_in(told, node)


def _lies_in(told: Told, node: str) -> None:
    for credential in told.report.credentials:
        if credential.id == node:
            for location in credential.locations:
                told.sheet.line(f"lies in {words.place(location)}{words.by_git(location)}", indent=5, hang=2)


def _edges(told: Told, exposure: Exposure, source: str, target: str) -> None:
    """The edges between two nodes; of several, those that give the class itself."""
    between = [edge for edge in told.report.edges if (edge.source, edge.target) == (source, target)]
    direct = [edge for edge in between if exposure.class_ in edge.how.replace(",", " ").split()]
    for edge in (direct or between)[:PARALLEL]:
        told.sheet.line(f"→ {_edge(edge)}", indent=5, hang=2)


def _edge(edge: EdgeInfo) -> str:
    """A step in words: how, how sure, what stands before it and where that is written."""
    gate = "" if edge.gate is Gate.NONE else f"; gate {edge.gate}{_because(edge.rule)}"
    seen = f"; seen in {words.place(edge.evidence)}" if edge.evidence is not None else ""
    return f"{edge.how} ({edge.confidence}){gate}{seen}"


def _because(rule: str) -> str:
    return f", {rule}" if rule else ""


def _before(told: Told, exposure: Exposure) -> None:
    """The gate of each principal, how it would go about it, and the rule that decides it."""
    told.sheet.head("What stands before it")
    _gates(told, exposure.ways)


def _gates(told: Told, ways: Mapping[str, Way] | Mapping[str, Before]) -> None:
    """What stands before each principal; those who are held alike, on the same way, are named together."""
    known = agents.titles(told.report)
    alike: dict[tuple[Gate, Gate | None, str, str], list[str]] = {}
    for principal, way in ways.items():
        alike.setdefault((way.gate, way.stands_for, way.rule, way.channel), []).append(principal)
    for (gate, stands_for, rule, channel), principals in alike.items():
        who = words.some(words.once(known.get(each, each) for each in principals), NAMED)
        plain = principals == [ANY_AGENT] and gate is Gate.NONE  # whose rule is that there is none
        told.sheet.line(f"{who}: ", *_gate(gate, stands_for, "" if plain else rule), indent=2, hang=2)
        if channel:
            told.sheet.line(channel, indent=6, hang=2)


def _gate(gate: Gate, stands_for: Gate | None, rule: str) -> list[str | Styled]:
    """A gate in words and by its name, and the rule that decides it."""
    return [Styled(words.before(gate, stands_for), "bold"), f" ({gate})", f"; since {rule}" if rule else ""]


def _cut(told: Told, exposure: Exposure) -> None:
    """What ends this way: the credential's mend, advice that names it, the links on it."""
    cuts = [each.narrow for each in told.report.credentials if each.id == exposure.credential and each.narrow]
    advice = [step.summary for step in told.report.advice if exposure.id in step.removes]
    cuts += [each for each in advice if not each.endswith(tuple(cuts))]  # which names the credential before its mend
    cuts += [cut for source, target in pairwise(exposure.path) for cut in _unlinked(told, source, target)]
    if not cuts:
        return
    told.sheet.head("Any one of these cuts it" if len(cuts) > 1 else "What would cut it")
    for cut in dict.fromkeys(cuts):
        told.sheet.line(f"- {cut}", indent=2, hang=2)


def _unlinked(told: Told, source: str, target: str) -> Iterator[str]:
    """The links by which one identity becomes another, as something to end."""
    if source not in told.found.identities or target not in told.found.identities:
        return
    for edge in told.report.edges:
        if (edge.source, edge.target) == (source, target):
            seen = f", {words.place(edge.evidence)}" if edge.evidence is not None else ""
            yield f'End the step "{edge.how}" from {_named(told, source)} to {_named(told, target)}{seen}.'


def _decide(told: Told, nodes: Iterable[str]) -> None:
    """The steps that would settle what is not known of these nodes."""
    wanted = set(nodes)
    steps = [step for step in told.report.figures.undecided.steps if step.subject in wanted]
    if not steps:
        return
    told.sheet.head("Undecided, and what would decide it")
    for step in steps:
        told.sheet.line(step.why, indent=2, hang=2)
        told.sheet.line(f"→ {step.action}", indent=4, hang=2)


def _scores(told: Told, exposures: Sequence[Exposure], only: str | None = None) -> None:
    """Each way's score, or those of one principal, with every term: the product of five factors."""
    told.sheet.head("Score, from 0 to 100")
    known = agents.titles(told.report)
    for exposure in exposures:
        for principal, way in exposure.ways.items():
            if only not in {None, principal}:
                continue
            who = "" if principal == ANY_AGENT else f"{known.get(principal, principal)}: "
            told.sheet.line(f"{who}{_score(exposure, way)}", Styled(f"  {exposure.id}", "dim"), indent=2, hang=4)
    told.sheet.line(f"weights version {told.report.weights_version}", indent=2)


def _score(exposure: Exposure, way: Way) -> str:
    terms = terms_of(exposure, way)
    if terms is None:
        return f"{exposure.class_} {100 * way.score:.0f}, gate {_scored(way)}"
    return (
        f"{exposure.class_} {100 * way.score:.0f} = impact {terms.impact:.2f}"
        f" x environment {exposure.environment} {terms.environment:.2f} x gate {_scored(way)} {terms.gate:.2f}"
        f" x lifetime {terms.lifetime:.2f} x confidence {exposure.confidence} {terms.confidence:.2f}"
    )


def _scored(way: Way) -> str:
    return str(way.gate) if way.stands_for is None else f"{way.gate}, reckoned as {way.stands_for},"


# the other things


def _credential(told: Told, credential: Credential) -> None:
    opened, wide = told.found.opened(credential), credential.account_wide
    lifetime = words.lifetime(credential.lifetime, credential.state, told.report.host.judged_at)
    _title(told, "credential", words.credential(credential), credential.id)
    _field(told, "kind", credential.kind)
    _field(told, "known as", *credential.names)
    _field(told, "acts as", _named(told, credential.identity) if credential.identity is not None else "")
    _field(told, "lifetime", lifetime)
    _field(told, "kept", credential.protection)
    _field(told, "state", credential.state)
    _field(told, "digest", credential.fingerprint or "")
    _field(told, "lies in", *(words.place(each) + words.by_git(each) for each in credential.locations))
    _field(told, "used", _used(told, credential.used, credential.kind))
    _field(told, "why", credential.why)
    _field(told, "gate", gate_before(opened))
    _field(told, "reaches", "every environment of its account: its provider cannot narrow it" if wide else "")
    if credential.mend is not None:
        _fix(told, credential.mend)
    else:
        _field(told, "mend", credential.narrow)
    _items(told, credential)
    if credential.readings:
        told.sheet.head("Who can read its text")
        _gates(told, credential.readings)
    if opened:
        told.sheet.head("What stands before its use, at its worst")
        _gates(told, opened[0].ways)
    _opens(told, opened, by_asset=True)
    if told.score and opened:
        _scores(told, opened)
    _decide(told, {credential.id, *(exposure.asset for exposure in opened)})


def _opens(told: Told, exposures: Sequence[Exposure], *, by_asset: bool) -> None:
    """Exposures under the assets they are on, or under the credentials that open them; worst first."""
    grouped: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        grouped.setdefault(exposure.asset if by_asset else exposure.credential, []).append(exposure)
    for node, here in grouped.items():
        where = f", {words.environment(here[0].environment)}" if by_asset else ""
        told.sheet.head(f"{'On' if by_asset else 'Through'} {_named(told, node)}{where}")
        for exposure in here:
            urgent = ", urgent" if exposure.urgent else ""
            used = (
                f", used {words.used(exposure.used, told.report.host.judged_at)}" if exposure.used is not None else ""
            )
            told.sheet.line(
                f"{exposure.severity:<9} {exposure.class_:<16} {exposure.confidence}{urgent}{used}",
                Styled(f"  {exposure.id}", "dim"),
                indent=2,
                hang=10,
            )


def _asset(told: Told, asset: AssetInfo) -> None:
    reached = sorted((each for each in told.report.exposures if each.asset == asset.id), key=rank)
    _title(told, "asset", words.asset(asset), asset.id)
    rule = f" ({asset.environment_rule})" if asset.environment_rule else ""
    _field(told, "where", words.environment(asset.environment) + rule)
    _field(told, "jewel", "yes, the configuration says so" if asset.crown_jewel else "")
    if not reached:
        told.sheet.line("Nothing that was found opens it.", indent=2)
    _opens(told, reached, by_asset=False)
    if told.score and reached:
        _scores(told, reached)
    _decide(told, {asset.id})


def _identity(told: Told, identity: IdentityInfo) -> None:
    _title(told, "identity", _who(identity), identity.id)
    into = [edge for edge in told.report.edges if edge.target == identity.id]
    out = [edge for edge in told.report.edges if edge.source == identity.id]
    for heading, edges in (("Who can act as it", into), ("What it leads to", out)):
        if edges:
            told.sheet.head(heading)
        for edge in edges:
            node = edge.source if edges is into else edge.target
            told.sheet.line(_named(told, node), Styled(f"  {node}", "dim"), indent=2, hang=2)
            told.sheet.line(f"→ {_edge(edge)}", indent=4, hang=2)
    through = sorted((each for each in told.report.exposures if identity.id in each.path), key=rank)
    if through:
        told.sheet.gap()
        told.sheet.line(f"Ways through it: {words.count(len(through), 'exposure')}, {_counted(through)}.")
    if told.score and through:
        _scores(told, through)


def _counted(exposures: Iterable[Exposure]) -> str:
    return words.listed([f"{number} {level}" for level, number in by_severity(each.severity for each in exposures)])


def _items(told: Told, credential: Credential) -> None:
    """The items of the contract that it is the cause of."""
    items = [each for each in told.report.findings if each.credential == credential.id]
    _field(told, "items", *(f"{each.id}  {words.clipped(each.title, 60)}" for each in items))


def _finding(told: Told, finding: Finding) -> None:
    """A weakness, or an item of the contract with every clause that it breaks and every exposure that it is about."""
    known = agents.titles(told.report)
    _title(told, "finding", finding.title, finding.id)
    _field(told, "severity", f"{finding.severity}, urgent" if finding.urgent else finding.severity)
    _field(told, "sure", _sure(finding))
    _field(told, "of", *(known.get(each, each) for each in finding.principals or _one(finding.principal)))
    _field(told, "lies in", words.place(finding.evidence))
    _field(told, "cause", finding.credential or "")
    _field(told, "way", finding.way)
    if finding.gate is not None:
        _, way = acting(finding, told.found)
        told.sheet.field(
            "gate", *_gate(finding.gate, way.stands_for if way else None, way.rule if way else ""), indent=2
        )
    _breaks(told, finding)
    if not finding.clauses:
        _field(told, "rule", finding.rule)
        _field(told, "why", finding.why)
    _fix(told, finding.fix)
    _field(told, "tags", ", ".join(finding.tags))
    waived = next((each for each in told.report.waivers if each.finding == finding.id), None)
    if waived is not None:
        state = WAIVED.get(waived.state, waived.state)
        _field(told, "waived", f"{state} by {waived.owner} until {waived.until}: {waived.reason}".strip())
    elif finding.waived is not None:
        _field(told, "waived", f"by {finding.waived}")
    _about(told, finding)


def _sure(finding: Finding) -> str:
    """How sure it is, and what that means: of what an agent can do, or of what was found to lie there."""
    means = words.SURE if finding.exposures or finding.exposure is not None else words.SEEN
    return f"{finding.confidence}: {means[finding.confidence]}"


def _one(principal: str | None) -> Sequence[str]:
    return () if principal is None else (principal,)


def _breaks(told: Told, finding: Finding) -> None:
    """Each clause that it breaks, in plain words and with its line in the contract."""
    contract = told.report.contract
    texts = {each.id: each for each in contract.clauses} if contract is not None else {}
    lines = [
        (texts[each].text, texts[each].where, each) if each in texts else (each, "", "") for each in finding.clauses
    ]
    for number, (text, where, clause) in enumerate(lines):
        at = f"  {' '.join(part for part in (where, clause) if part)}"
        told.sheet.field("" if number else "breaks", text, Styled(at, "dim"), indent=2)


def _about(told: Told, finding: Finding) -> None:
    """Every exposure with the ways of its principals; the worst with all that is known of it."""
    worst = told.found.by_exposure.get(finding.exposure or "")
    if worst is not None:
        told.sheet.gap()
        _exposure(told, worst)
    rest = [told.found.by_exposure.get(each) for each in finding.exposures if each != finding.exposure]
    alike: dict[tuple[str, tuple[object, ...]], list[Exposure]] = {}
    for each in rest:
        if each is not None:
            held = tuple((who, way.gate, way.channel, way.rule) for who, way in each.ways.items())
            alike.setdefault((each.asset, held), []).append(each)
    for (asset, _), exposures in alike.items():
        told.sheet.head(f"Also on {_named(told, asset)}, {words.environment(exposures[0].environment)}")
        for each in exposures:
            can = f"{words.does(each.class_)} ({each.confidence})"
            told.sheet.line(can, Styled(f"  {each.id}", "dim"), indent=2, hang=2)
        _gates(told, exposures[0].ways)


def _clause(told: Told, clause: Clause) -> None:
    """One line of the contract: whether it holds, and what breaks it."""
    _title(told, "clause", clause.text, clause.id)
    _field(told, "state", clause.state)
    _field(told, "written", clause.where)
    _field(told, "why", clause.why)
    findings = {each.id: each for each in told.report.findings}
    _field(
        told,
        "broken by",
        *(f"{each}  {words.place(findings[each].evidence) if each in findings else ''}" for each in clause.findings),
    )
    if clause.fix is not None:
        _fix(told, clause.fix)


def _step(told: Told, step: AdviceStep) -> None:
    """One step of the plan: what to do, what it takes, what it settles, and what is left after it."""
    _title(told, "step", step.summary, step.id)
    _field(told, "effort", f"{step.effort}{', which waits for a person elsewhere' if step.elsewhere else ''}")
    _field(told, "breaks", step.breaks)
    _field(told, "do", *(f"$ {command}" for command in step.commands))
    titles = {each.id: each.title for each in told.report.findings}
    _field(told, "settles", *(f"{each}  {words.clipped(titles.get(each, ''), 60)}" for each in step.settles))
    if step.removes:
        _field(told, "ends", words.count(len(step.removes), "way"))
    number = next(place for place, each in enumerate(told.report.advice, start=1) if each.id == step.id)
    if step.after is not None:
        before = "" if number == 1 else f" and the {words.count(number - 1, 'step')} before it"
        left = f"{words.count(step.after.items, 'item')}, score {step.after.score}"
        _field(told, "leaves", f"{left}, once it{before} {'is' if number == 1 else 'are'} done")


def _server(told: Told, server: Server) -> None:
    """How an MCP server is configured, and what lies open in its configuration."""
    _title(told, "MCP server", words.clipped(server.name, 60), server.id)
    _field(told, "of", f"{server.client}, {server.scope}{f', in {server.folder}' if server.folder else ''}")
    _field(told, "lies in", words.place(server.evidence))
    _field(told, "known as", server.known)
    _field(told, "its tools", ", ".join(server.does))
    _field(told, "starts", words.starts(server))
    _field(told, "package", server.package or "")
    _field(told, "gets", ", ".join([*server.variables, *(f"header {name}" for name in server.headers)]))
    _field(told, "roots", ", ".join(server.roots))
    _field(told, "notable", words.listed(words.remarks(server)))
    _field(told, "used", words.used(server.used, told.report.host.judged_at) if server.used is not None else "")
    _field(told, "unasked", ", ".join(server.approved) if "*" not in server.approved else "every tool")
    _field(told, "", *(f"{does}: {', '.join(tools)}" for does, tools in server.unasked.items()))
    if not server.does and server.transport == "stdio":
        _field(told, "unknown", f"what its tools do; armslength mcp-tools {words.clipped(server.name, 60)} asks it")


def _fix(told: Told, fix: FixInfo) -> None:
    _field(told, "mend", fix.summary, *(f"$ {command}" for command in fix.commands))


def _principal(told: Told, principal: Principal) -> None:
    """What one principal is set to, does, could do and reaches; with scores, how each class enters its radius."""
    _title(told, "principal", principal.title, principal.id)
    agent = agents.agent_of(principal, told.report)
    notional = principal.notional or (agent is not None and agent.notional)
    _field(told, "is", "not installed: judged as its vendor ships it" if notional else "")
    if agent is not None:
        _field(told, "version", agent.version or "")
        _field(told, "runs", "now" if agent.running else "")
        _field(told, "lies in", "" if notional else words.place(agent.evidence))
    _field(told, "works in", principal.workspace or "")
    _field(told, "mode", principal.mode)
    _field(told, "freedom", words.AUTONOMY[principal.autonomy] if principal.autonomy is not None else "")
    if agent is not None:
        _settings(told, agent.settings)
        _acts(told, agent)
    _answers(told, principal)
    _reach(told, principal)


def _settings(told: Told, settings: Sequence[Setting]) -> None:
    """Each setting with its value and where it stands."""
    if settings:
        told.sheet.head("Settings that decide")
    for each in settings:
        place = words.place(replace(each.evidence, key=None))
        told.sheet.line(f"{each.key} = {each.value}  ({each.scope}) {place}", indent=2, hang=2)


def _acts(told: Told, agent: Agent) -> None:
    """Each kind of act, what stands before it, how it goes about it and what decides."""
    if agent.channels:
        told.sheet.head("What it does, and what stands before it")
    for act, gate in agents.in_order(agent.channels):
        before = agent.why.get(act)
        stands_for, rule = (before.stands_for, before.rule) if before is not None else (None, "")
        told.sheet.line(f"{act}: ", *_gate(gate, stands_for, rule), indent=2, hang=2)
        if before is not None and before.channel:
            told.sheet.line(before.channel, indent=6, hang=2)


def _answers(told: Told, principal: Principal) -> None:
    """Each question with its answer and what the answer rests on."""
    found = [each for each in told.report.verdicts if each.principal == principal.id]
    if found:
        told.sheet.head("Could it ...?")
    for each in found:
        rests = each.exposure or each.credential or ""
        reach = f", {words.count(each.ways, 'way')}" if each.ways else ""
        said = words.clipped(each.answer, 40) if kind_of(each) == UNCLEAR else kind_of(each)
        told.sheet.line(
            f"{asks(each.verdict)}: ", Styled(said, "bold"), reach, Styled(f"  {rests}", "dim"), indent=2, hang=4
        )


def _reach(told: Told, principal: Principal) -> None:
    """How far it reaches, and the worst of that."""
    reached = sorted((each for each in told.report.exposures if principal.id in each.ways), key=rank)
    told.sheet.gap()
    _field(told, "reaches", f"{words.count(len(reached), 'exposure')}{', ' if reached else ''}{_counted(reached)}")
    radius = told.report.figures.radius.get(principal.id)
    if radius is not None:
        _field(told, "radius", f"{radius.score} of 100; {radius.ceiling} with every unknown at its worst")
    if told.score and radius is not None:
        _radius(told, radius)
    _opens(told, reached[:FIRST], by_asset=True)
    if told.score and reached:
        _scores(told, reached[:FIRST], principal.id)
    if len(reached) > FIRST:
        told.sheet.line(f"and {len(reached) - FIRST} more", indent=2)


def _radius(told: Told, radius: Radius) -> None:
    """How each class enters it."""
    told.sheet.head("Radius by class, from 0 to 1")
    for term in radius.terms:
        told.sheet.line(
            f"{term.class_:<16} {term.value:.2f}  strongest of {words.count(term.ways, 'way')} {term.strongest}",
            indent=2,
            hang=4,
        )
    told.sheet.line(
        "The strongest class counts in full; of what it leaves up to 100, the others fill a share. "
        f"Weights version {told.report.weights_version}.",
        indent=2,
    )
