"""The report on a terminal: the answer on the first screen, then what it rests on."""

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote

from msgspec.structs import replace

from reports import agents, excess, verdicts, words
from reports.answers import NONE_FOUND, Answers, answers, asks, headline, kind_of
from reports.lookup import (
    SAVED,
    Lookup,
    beyond,
    by_severity,
    gate_before,
    look_up,
    strongest_first,
    to_see,
    weaknesses,
)
from reports.page import Page
from reports.sheet import Sheet, Styled, Words
from reports.uses import uses
from scanner.data.verdicts import questions
from scanner.model.report import (
    Credential,
    Excess,
    Exposure,
    Finding,
    GapInfo,
    HostInfo,
    Location,
    Report,
    Server,
    UndecidedStep,
    WhatIf,
)
from scanner.model.terms import Confidence, GapKind, Severity

OVERVIEW = 8  # credentials on the first screen of a report without verdicts
IN_FULL = 12
IN_SHORT = 40
PLACES = 4
GROUPS = 3  # of assets that a credential opens, in a credential's own lines
NAMED = 3  # assets or names in one list
STEPS = 5
WEAKNESSES = 12
GAPS = 12
SERVERS = 12
WIDE = 60  # columns from which the overview has columns of its own
EVERYTHING = 12  # classes from which a list of them says no more than "everything"
NAME = 60  # characters of a name
SHORT = 24  # characters of a name beside others
PATH = 180  # characters of a path

STYLES = {Severity.CRITICAL: "bold red", Severity.HIGH: "red", Severity.MEDIUM: "yellow", Severity.LOW: "cyan"}
MARKS = {Severity.CRITICAL: "◆", Severity.HIGH: "▲", Severity.MEDIUM: "●", Severity.LOW: "○"}
SOURCES = {"live": "", "image": "files of another machine or home", "sample": "sample"}
WHERE = {
    "image": "started on the machine these files are from",
    "sample": "started on this sample machine",
}
KEPT_OUT = {
    GapKind.REFUSED: "refused",
    GapKind.FAILED: "failed",
    GapKind.LIMIT: "cut short",
}
# What is not said in everyday words, once.
MEANS = {
    "yes": "sure, and no person is asked",
    "likely": "no person is asked, but what it may do, or where it leads, is not sure",
    "if approved": "only after a person says yes, signs in or touches a key",
    "undecided": "what it may do, or where it leads, is not known from here",
    "gate": "what stands between the agent and the act",
    "urgent": "critical or high, sure, and no person is asked",
    **{str(degree): means for degree, means in words.SURE.items()},
    "contract": "how far agents may reach",
    "ids": "c-..., f-... and others: armslength explain ID tells all about one",
}


def render(report: Report, page: Page) -> bytes:
    """The whole report in plain words; a withheld one in counts and verdicts only."""
    sheet = Sheet(page)
    if report.host.withheld is not None:
        _withheld(sheet, report)
        return sheet.written()
    _host(sheet, report.host)
    if report.what_if is not None:
        _what_if(sheet, report.what_if, report.figures.excess)
    found, told = look_up(report), answers(report)
    _answer(sheet, report, found, told)
    if report.verdicts:
        verdicts.verdicts(sheet, report, found, told)
    else:
        _overview(sheet, found)
    excess.wins(sheet, report)
    excess.excess(sheet, report, found)
    excess.plan(sheet, report)
    agents.agents(sheet, report, told)
    _undecided(sheet, report, found)
    _credentials(sheet, report, found)
    _weaknesses(sheet, weaknesses(report))
    _servers(sheet, report.servers)
    uses(sheet, report)
    _guardrails(sheet, report)
    _gaps(sheet, report.gaps)
    _words(sheet, report)
    _last(sheet, report, found, told)
    return sheet.written()


def _host(sheet: Sheet, host: HostInfo) -> None:
    """What was judged, and when."""
    parts = [
        f"{words.clipped(host.user, SHORT)} on {words.clipped(host.name, SHORT)} ({host.platform})",
        words.clipped(host.workspace, NAME) if host.workspace is not None else "no workspace",
        SOURCES.get(host.source, words.clipped(host.source, SHORT)),
        words.day(host.judged_at),
    ]
    told = " · ".join(part for part in parts if part)
    sheet.line(Styled("armslength", "bold"), " · ", Styled(told, "dim"), hang=2)


def _what_if(sheet: Sheet, told: WhatIf, now: Excess | None) -> None:
    """That this is only supposed, before anything else is said of it."""
    from reports.checklist import supposed

    sheet.gap()
    sheet.line(Styled(supposed(told, now), "bold"), hang=2)


def _withheld(sheet: Sheet, report: Report) -> None:
    """Numbers and verdicts, and why there is no more: no name, no place and no id."""
    host = report.host
    sheet.line(Styled("armslength", "bold"), " · ", Styled(f"{host.platform} · {words.day(host.judged_at)}", "dim"))
    sheet.gap()
    sheet.line(f"Details are withheld: {words.clipped(host.withheld or '', 4 * NAME)}")
    _numbered(sheet, report)
    sheet.head("In numbers")
    counts = report.figures.exposures
    levels = ("critical", "high", "medium", "low")
    told = [f"{number} {level}" for level in levels if (number := getattr(counts, level))]
    if report.figures.excess is not None:
        sheet.field("excess", f"{words.count(report.figures.excess.items, 'item')} beyond the contract", indent=2)
    sheet.field("exposures", f"{', '.join(told) or 'none'}; {counts.urgent} urgent", indent=2)
    sheet.field("undecided", str(report.figures.undecided.items), indent=2)
    sheet.field("coverage", f"{report.figures.coverage} %, {words.count(len(report.gaps), 'gap')}", indent=2)


def _answer(sheet: Sheet, report: Report, found: Lookup, told: Answers) -> None:
    """The question of the tool, answered in a sentence or two."""
    sheet.gap()
    unanswered = bool(report.verdicts and told.untold)
    if not report.credentials and not report.findings and not told.blocks and not unanswered:
        _nothing(sheet, report)
        return
    sheet.line(Styled(headline(told) if report.verdicts else _sentence(report, found), "bold"))
    for more in (_also(report), _unasked(report)):
        if more:
            sheet.line(more)


def _nothing(sheet: Sheet, report: Report) -> None:
    looked = f"{report.figures.coverage} % of the places that the probes read"
    sheet.line(Styled(f"Nothing was found in what was looked at: {looked}.", "bold"))
    if report.gaps:
        sheet.line(f"{words.count(len(report.gaps), 'place')} could not be looked at, see below.")
    if unasked := _unasked(report):
        sheet.line(unasked)
    if report.host.source != "sample":
        sheet.line("armslength demo shows what a report of a working laptop looks like.")


def _unasked(report: Report) -> str:
    """What could not be looked for, for want of a folder to look in."""
    return (
        "" if report.host.workspace is not None else "No .env file was looked for: name a project with --workspace DIR."
    )


def _sentence(report: Report, found: Lookup) -> str:
    """How many credentials an unrestricted agent could use, and how far they reach."""
    usable = [each for each in found.credentials if found.usable(each)]
    started = WHERE.get(report.host.source, "started here")
    if not usable:
        return f"An unrestricted agent {started} could use no credential that opens anything."
    production = [each for each in usable if found.reaches_production(each)]
    rest = [each for each in usable if not found.reaches_production(each)]
    undecided = sum(found.is_undecided(each) for each in rest)
    told = _reach(len(production), undecided, len(rest) - undecided)
    return f"An unrestricted agent {started} could use {words.count(len(usable), 'credential')}: {told}."


def _reach(production: int, undecided: int, outside: int) -> str:
    """How many reach production, may do so, and do not."""
    if production + undecided + outside == 1:
        return (
            "it reaches production"
            if production
            else "it may or may not reach production"
            if undecided
            else "it stays outside production"
        )
    if not undecided + outside:
        return "all of them reach production"
    parts = [f"{production} {'reaches' if production == 1 else 'reach'} production"]
    if not production:
        parts = ["none is known to reach production"]
    if undecided:
        parts.append(f"{undecided} may or may not")
    if outside:
        parts.append(f"{outside} {'stays' if outside == 1 else 'stay'} outside production")
    return words.listed(parts)


def _also(report: Report) -> str:
    """What else there is to read, in numbers."""
    excess = report.figures.excess
    items = words.count(excess.items, "item") if excess is not None and excess.items else "nothing"
    parts = [
        f"{items} beyond the contract" if excess is not None else "",
        words.count(found, "weakness", "weaknesses") if (found := len(weaknesses(report))) else "",
        f"{words.count(len(report.gaps), 'place')} not looked at" if report.gaps else "",
    ]
    told = ", ".join(part for part in parts if part)
    return f"Besides: {told}." if told else ""


def _numbered(sheet: Sheet, report: Report) -> None:
    """Each principal's questions and answers, without a way."""
    titles = {each.id: words.titled(each) for each in report.principals}
    known = {row.id for row in questions().rows}
    for principal in dict.fromkeys(verdict.principal for verdict in report.verdicts):
        sheet.head(titles.get(principal, "another agent"))
        for verdict in report.verdicts:
            if verdict.principal == principal:
                reach = f" ({words.count(verdict.assets, 'production asset')})" if verdict.assets else ""
                asked = asks(verdict.verdict) if verdict.verdict in known else "another question"
                sheet.line(f"{asked:<40}", Styled(kind_of(verdict), "bold"), reach, indent=2, hang=4)


def _overview(sheet: Sheet, found: Lookup) -> None:
    """The worst credentials, a line or two each, so that one screen holds them."""
    if len(found.credentials) < 2:
        return
    sheet.head("Worst first")
    for number, credential in enumerate(found.credentials[:OVERVIEW], start=1):
        _short(sheet, number, credential, found)
    left = len(found.credentials) - OVERVIEW
    if left > 0:
        sheet.row(f"{left} more below", indent=4)


def _short(sheet: Sheet, number: int, credential: Credential, found: Lookup) -> None:
    """One credential in one line; on a narrow page in two."""
    opened = found.opened(credential)
    level = _level(opened[0]) if opened else [Styled(f"- {'opens nothing':<28}", "dim")]
    named = _known_by(credential, found)
    if sheet.width < WIDE:
        sheet.row(f"{number:>3} ", *level)
        sheet.row(named, indent=6)
        return
    gives = f": {_classes(_on_asset(opened[0], opened))}" if opened else ""
    sheet.row(f"{number:>3} ", *level, named, Styled(gives, "dim"))


def _where(sheet: Sheet, credential: Credential) -> None:
    """The place of one that is shown in short, and the id that explains it, on one line where the page is wide."""
    others = len(credential.locations) - 1
    rest = f"  and {others} more" if others > 0 else ""
    named = words.clipped(credential.id, NAME)
    room = max(sheet.width - 6 - len(rest) - 2 - len(named), SHORT)
    place = words.clipped(words.place(replace(credential.locations[0], key=None)), room) if others >= 0 else ""
    sheet.line(place, rest, Styled(f"  {named}", "dim"), indent=6)


def _level(worst: Exposure) -> list[Words]:
    """Severity, urgency and environment, each in its column."""
    return [
        Styled(f"{MARKS[worst.severity]} {worst.severity:<8}", STYLES[worst.severity]),
        " ",
        Styled(f"{'urgent' if worst.urgent else '':<6}", "bold"),
        f" {worst.environment:<12}",
    ]


def _known_by(credential: Credential, found: Lookup) -> str:
    """Its title and the one word that tells it best from others of its kind: a name, else what it opens."""
    word = next(iter(credential.names), credential.public_id)
    if not word and credential.title in found.shared:
        opened = found.opened(credential)
        asset = found.assets.get(opened[0].asset) if opened else None
        word = asset.name if asset is not None else None
    title = words.clipped(credential.title, NAME)
    return f"{title}, {words.clipped(word, SHORT)}" if word else title


def _on_asset(worst: Exposure, opened: Sequence[Exposure]) -> list[Exposure]:
    return [each for each in opened if each.asset == worst.asset]


def _credentials(sheet: Sheet, report: Report, found: Lookup) -> None:
    """Every credential: in full where no item of a contract tells of any, else in two lines each."""
    if not found.credentials:
        return
    full = 0 if beyond(report) else IN_FULL
    number = len(found.credentials)
    sheet.head("Credentials within reach" if full else f"All {words.count(number, 'credential')} within reach")
    for place, credential in enumerate(found.credentials[:full], start=1):
        sheet.gap()
        _in_full(sheet, place, credential, report, found)
    more = found.credentials[full : IN_FULL + IN_SHORT]
    if more and full:
        sheet.gap()
    for place, credential in enumerate(more, start=full + 1):
        _short(sheet, place, credential, found)
        _where(sheet, credential)
    left = number - IN_FULL - IN_SHORT
    if left > 0:
        sheet.line(f"and {left} more; -o {SAVED} holds them all", indent=4)


def _in_full(sheet: Sheet, number: int, credential: Credential, report: Report, found: Lookup) -> None:
    """All that a reader needs to judge and mend one credential."""
    opened = found.opened(credential)
    sheet.line(f"{number:>2}. ", *_title(credential), hang=4)
    sheet.field("severity", *_severity(opened))
    for label, text in zip(["can", *[""] * GROUPS], _gives(opened, to_see(report, sheet.page), found), strict=False):
        sheet.field(label, text)
    gate = gate_before(opened)
    if gate:
        sheet.field("gate", gate)
    sheet.field("lifetime", words.lifetime(credential.lifetime, credential.state, report.host.judged_at))
    if credential.used is not None:
        told = words.used(credential.used, report.host.judged_at)
        sheet.field("used", f"{told}: {words.cut(credential.used.how, 2 * NAME)}")
    for label, text in zip(["lies in", *[""] * PLACES], _places(credential, to_see(report, sheet.page)), strict=False):
        sheet.field(label, text)
    if credential.narrow:
        sheet.field("mend", credential.narrow)


def _title(credential: Credential) -> list[Words]:
    """What it is, the names it is known by, and its id."""
    named = [words.clipped(name, NAME) for name in credential.names[:NAMED]]
    if len(credential.names) > NAMED:
        named.append(f"and {len(credential.names) - NAMED} more")
    title: list[Words] = [Styled(words.clipped(credential.title, NAME), "bold")]
    if credential.public_id:
        title.append(f" {words.clipped(credential.public_id, NAME)}")
    if named:
        title.append(f", {', '.join(named)}")
    return [*title, Styled(f"  {words.clipped(credential.id, NAME)}", "dim")]


def _severity(opened: Sequence[Exposure]) -> list[Words]:
    """The worst of what it opens, and whether that is urgent."""
    if not opened:
        return ["none: it opens nothing that is known"]
    worst = opened[0]
    told: list[Words] = [Styled(f"{MARKS[worst.severity]} {worst.severity}", STYLES[worst.severity])]
    return [*told, ", ", Styled("urgent", "bold"), ": sure, and no person is asked"] if worst.urgent else told


def _gives(opened: Sequence[Exposure], same: str, found: Lookup) -> list[str]:
    """What it can do where, the worst place first; places of which the same can be said share a line."""
    groups: dict[str, list[str]] = {}
    for asset in dict.fromkeys(exposure.asset for exposure in opened):
        there = [exposure for exposure in opened if exposure.asset == asset]
        node = found.assets.get(asset)
        named = words.clipped(words.asset(node), 2 * NAME) if node is not None else asset
        where = f"{named} ({words.environment(there[0].environment)})"
        groups.setdefault(_classes(there), []).append(where)
    lines = [f"{classes} on {_some(assets)}" for classes, assets in groups.items()]
    left = len(lines) - GROUPS
    return lines if left <= 0 else [*lines[:GROUPS], f"and {left} more; {_explain(opened[0].credential, same)}"]


def _some(names: Sequence[str]) -> str:
    shown = list(names[:NAMED])
    return words.listed([*shown, f"{len(names) - NAMED} more"] if len(names) > NAMED else shown)


def _classes(exposures: Sequence[Exposure]) -> str:
    """The classes in words, surest first and among equals the strongest: "publish (granted), read data (possible)"."""
    parts: list[str] = []
    for confidence in Confidence:
        here = dict.fromkeys(each.class_ for each in strongest_first(exposures) if each.confidence is confidence)
        if here:
            every = "everything else" if parts else "everything"
            told = every if len(here) >= EVERYTHING else ", ".join(words.does(each) for each in here)
            parts.append(f"{told} ({confidence})")
    return "; ".join(parts)


def _places(credential: Credential, same: str) -> list[str]:
    """Every place where it lies, a long list folded."""
    places = [_place(location) + words.by_git(location) for location in credential.locations]
    left = len(places) - PLACES
    if left <= 1:  # a fold would take the line that the last place needs
        return places
    return [*places[:PLACES], f"and {left} more; {_explain(credential.id, same)}"]


def _place(location: Location) -> str:
    """A place, its middle left out where it is very long: what file and which line always stays."""
    name = words.place(location)
    if len(name) <= PATH or location.path is None:
        return words.clipped(name, PATH)
    tail = name[len(location.path) :]
    kept = max(PATH - len(tail), len(location.path.replace("\\", "/").rpartition("/")[2]) * 3 // 2 + 2)
    return words.clipped(location.path, kept) + words.clipped(tail, PATH)


def _weaknesses(sheet: Sheet, found: Sequence[Finding]) -> None:
    """Bad arrangements that are no exposure by themselves, each kind once, with its places and its mend."""
    if not found:
        return
    sheet.head("Weaknesses")
    groups: dict[tuple[Severity, str, str], list[Finding]] = {}
    for finding in found:
        groups.setdefault((finding.severity, finding.title, finding.fix.summary), []).append(finding)
    for (severity, title, mend), group in list(groups.items())[:WEAKNESSES]:
        sheet.gap()
        level = Styled(f"{MARKS[severity]} {severity}", STYLES[severity])
        sheet.line(level, "  ", Styled(words.clipped(title, 2 * NAME), "bold"), indent=1, hang=3)
        _weak_places(sheet, group)
        sheet.field("mend", words.cut(mend, 4 * NAME))
        for command in dict.fromkeys(command for finding in group[:PLACES] for command in finding.fix.commands):
            sheet.field("", Styled(f"$ {command}", "cyan"))
    _left(sheet, len(groups) - WEAKNESSES)


def _weak_places(sheet: Sheet, group: Sequence[Finding]) -> None:
    for finding, label in zip(group[:PLACES], ["lies in", *[""] * PLACES], strict=False):
        sheet.field(label, _place(finding.evidence), Styled(f"  {words.clipped(finding.id, NAME)}", "dim"))
    if len(group) > PLACES:
        sheet.field("", f"and {len(group) - PLACES} more; -o {SAVED} holds them all")


def _left(sheet: Sheet, number: int) -> None:
    if number > 0:
        sheet.line(f"and {number} more; -o {SAVED} holds them all", indent=2, hang=2)


def _servers(sheet: Sheet, servers: Sequence[Server]) -> None:
    """The MCP servers that agents start or speak to, those that want a look first."""
    if not servers:
        return
    sheet.head("MCP servers")
    ordered = sorted(servers, key=lambda server: (server.enabled is False, -len(words.remarks(server))))
    for server in ordered[:SERVERS]:
        name = Styled(words.clipped(server.name, SHORT), "bold")
        of = f"  {words.clipped(server.client, SHORT)}, {words.clipped(server.scope, NAME)}"
        sheet.line(name, of, Styled(f"  {words.clipped(server.id, NAME)}", "dim"), indent=2, hang=2)
        remarks = words.remarks(server)
        sheet.line(words.starts(server), f"; {words.listed(remarks)}" if remarks else "", indent=4, hang=2)
    _left(sheet, len(servers) - SERVERS)


def _guardrails(sheet: Sheet, report: Report) -> None:
    """What already protects."""
    for head, in_force in (("Protections in place", True), ("Protections begun, or gone around", False)):
        here = [each for each in report.guardrails if each.in_force is in_force]
        titles = list(dict.fromkeys(words.clipped(each.title, NAME) for each in here))
        if titles:
            sheet.head(head)
            for title in titles[:NAMED]:
                sheet.line(title, indent=2, hang=2)
            _left(sheet, len(titles) - NAMED)


def _undecided(sheet: Sheet, report: Report, found: Lookup) -> None:
    """What is not known, each with the one step that would tell."""
    steps = report.figures.undecided.steps
    if not steps:
        return
    sheet.head("Undecided, and what would decide it")
    named = {credential.id: f"{_known_by(credential, found)}: " for credential in report.credentials}
    asked: dict[tuple[str, str], list[UndecidedStep]] = {}
    for step in steps:
        asked.setdefault((step.why, step.action), []).append(step)
    for alike in list(asked.values())[:STEPS]:
        _step(sheet, alike, named)
    _left(sheet, len(asked) - STEPS)


def _step(sheet: Sheet, alike: Sequence[UndecidedStep], named: Mapping[str, str]) -> None:
    """One question, for everything that it is open for."""
    step = alike[0]
    subject = Styled(f"  {words.clipped(step.subject, NAME)}", "dim")
    more = f" (and for {words.count(len(alike) - 1, 'other')})" if len(alike) > 1 else ""
    sheet.line(named.get(step.subject, ""), words.clipped(step.why, 4 * NAME), more, subject, indent=2, hang=2)
    sheet.line("→ ", step.action, indent=4, hang=2)


def _gaps(sheet: Sheet, gaps: Sequence[GapInfo]) -> None:
    """Where nobody looked, by kind and probe."""
    if not gaps:
        return
    sheet.head("Not looked at")
    groups: dict[tuple[GapKind, str, str], list[str]] = {}
    for gap in sorted(gaps, key=lambda gap: list(GapKind).index(gap.kind)):
        groups.setdefault((gap.kind, gap.probe, gap.why), []).append(words.clipped(gap.place, PATH))
    for (kind, probe, why), places in list(groups.items())[:GAPS]:
        named = [place for place in dict.fromkeys(places) if place]
        by = f" {words.clipped(probe, NAME)}" if probe else ""
        where = f"; {_some(named)}" if named else ""
        sheet.line(Styled(KEPT_OUT[kind], "bold"), f"{by}: {words.clipped(why, 2 * NAME)}{where}", indent=2, hang=2)
    _left(sheet, len(groups) - GAPS)


def _words(sheet: Sheet, report: Report) -> None:
    """The words that are not everyday ones, each once."""
    if not report.credentials:
        return
    sheet.head("How to read this")
    source = report.contract.source if report.contract is not None else ""
    shown = f"; armslength baseline show {quote(words.clipped(source, PATH))} prints it" if source else ""
    for word, means in MEANS.items():
        sheet.field(word, means + shown if word == "contract" else means, indent=2, column=12)


def _last(sheet: Sheet, report: Report, found: Lookup, told: Answers) -> None:
    """The answer again, for whoever sees the end first, and what to do next."""
    sheet.gap()
    severities = [opened[0].severity for each in found.credentials if (opened := found.opened(each))]
    parts = [
        f"coverage {report.figures.coverage} %",
        f"credentials: {_counts(severities)}; {words.count(report.figures.exposures.urgent, 'exposure')} urgent"
        if found.credentials
        else "credentials: none",
        f"weaknesses: {_counts([each.severity for each in weaknesses(report)])}",
    ]
    if found.credentials:
        sheet.line(Styled(headline(told) if report.verdicts else _sentence(report, found), "bold"))
    sheet.line(Styled(" · ".join(parts), "bold"), hang=2)
    for number, command in enumerate(_next(report, found, to_see(report, sheet.page))):
        sheet.field("" if number else "next", command, indent=0)


def _next(report: Report, found: Lookup, same: str) -> list[str]:
    """What to run next, as it fits what was judged, so that it sees the same."""
    if not found.credentials:
        return []
    items = [each.id for each in beyond(report) if each.waived is None]
    explain = _explain(items[0] if items else found.credentials[0].id, same)
    ways = [f"armslength explain --can {can}{same}" for can in _worst_way(report, found)]
    match report.host.source:
        case "live":
            check = [f"armslength check{same}"] if report.contract is not None else []
            return [explain, *ways, *check, f"armslength scan{same} -o {SAVED}"]
        case "sample":
            return [f"armslength demo -o {SAVED}", explain, *ways, "armslength scan"]
        case _:
            return [f"the same with -o {SAVED}", explain, *ways]


def _worst_way(report: Report, found: Lookup) -> list[str]:
    """The class and environment to ask every way to: what the gravest answer rests on."""
    rests = (found.by_exposure.get(each.exposure or "") for each in report.verdicts if kind_of(each) != NONE_FOUND)
    worst = next((each for each in rests if each is not None), None)
    return [f"{worst.class_} --on {worst.environment}"] if worst is not None else []


def _explain(node: str, same: str) -> str:
    """The command that tells more; what is not this machine can only be told from a saved report."""
    return f"armslength explain {words.clipped(node, NAME)}{same}"


def _counts(levels: Iterable[Severity]) -> str:
    return ", ".join(f"{number} {level}" for level, number in by_severity(levels)) or "none"
