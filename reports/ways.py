"""Every way to do one thing: who gets there, through what, how, and what stands before it."""

from collections.abc import Mapping
from datetime import datetime

from reports import words
from reports.agents import titles
from reports.lookup import BLOCKED, Lookup, look_up, rank
from reports.page import Page
from reports.sheet import Sheet, Styled
from scanner.errors import ScannerError
from scanner.model.report import ANY_AGENT, Exposure, Report
from scanner.model.terms import Capability, Environment, Gate

NAME = 120
RULE = 240
PLACES = 3
PRINCIPALS = 5


def ways(report: Report, capability: Capability, environment: Environment | None, page: Page) -> bytes:
    """All exposures of a class, in one environment or in all, worst first, with the way of each principal.

    Raises ScannerError where the report withholds its details.
    """
    if report.host.withheld is not None:
        raise ScannerError(f"this report withholds its details: {words.clipped(report.host.withheld, NAME)}")
    sheet, found = Sheet(page), look_up(report)
    meant = [each for each in report.exposures if each.class_ is capability]
    meant = [each for each in meant if environment is None or each.environment is environment]
    where = f" on {environment}" if environment is not None else ""
    if not meant:
        gaps = f"; {words.count(len(report.gaps), 'place')} could not be looked at" if report.gaps else ""
        sheet.line(f"Nothing was found by which an agent could {words.does(capability)}{where}{gaps}.", hang=2)
    else:
        told = words.count(len(meant), "way")
        sheet.line(Styled(f"{told} to {words.does(capability)}{where} ({capability})", "bold"), hang=2)
    known = titles(report)
    for exposure in sorted(meant, key=rank):
        _exposure(sheet, exposure, found, known, report.host.judged_at)
    _elsewhere(sheet, report, capability, environment)
    return sheet.written()


def _exposure(sheet: Sheet, exposure: Exposure, found: Lookup, known: Mapping[str, str], now: datetime) -> None:
    """One exposure, its places, and each principal's way."""
    sheet.gap()
    credential, asset = found.by_id.get(exposure.credential), found.assets.get(exposure.asset)
    named = words.clipped(words.credential(credential), NAME) if credential is not None else exposure.credential
    on = words.clipped(words.asset(asset), NAME) if asset is not None else exposure.asset
    sheet.line(Styled(named, "bold"), f" → {on}", Styled(f"  {exposure.id}", "dim"), indent=2, hang=2)
    urgent = ", urgent" if exposure.urgent else ""
    sheet.field("is", f"{exposure.severity}{urgent}, {exposure.confidence}, {words.environment(exposure.environment)}")
    if exposure.used is not None:
        sheet.field("used", f"{words.used(exposure.used, now)}: {words.cut(exposure.used.how, NAME)}")
    for number, location in enumerate(credential.locations[:PLACES] if credential is not None else ()):
        sheet.field("" if number else "lies in", words.place(location))
    _ways(sheet, exposure, known)


def _ways(sheet: Sheet, exposure: Exposure, known: Mapping[str, str]) -> None:
    """How each principal gets there; those who are held alike, on the same way, are named together."""
    alike: dict[tuple[Gate, Gate | None, str, str], list[str]] = {}
    for principal, way in exposure.ways.items():
        alike.setdefault((way.gate, way.stands_for, way.rule, way.channel), []).append(principal)
    for (gate, stands_for, rule, channel), principals in alike.items():
        who = words.some(words.once(known.get(each, words.clipped(each, NAME)) for each in principals), PRINCIPALS)
        because = f"; since {words.clipped(rule, RULE)}" if rule and principals != [ANY_AGENT] else ""
        before = Styled(words.before(gate, stands_for), "dim" if gate in BLOCKED else "bold")
        sheet.line(f"{who}: ", before, because, indent=4, hang=2)
        if channel and gate not in BLOCKED:
            sheet.line(words.cut(channel, RULE), indent=8, hang=2)


def _elsewhere(sheet: Sheet, report: Report, capability: Capability, environment: Environment | None) -> None:
    """Where else the class was found, so that nobody takes a narrow question for the whole answer."""
    if environment is None:
        return
    others: dict[Environment, int] = {}
    for each in report.exposures:
        if each.class_ is capability and each.environment is not environment:
            others[each.environment] = others.get(each.environment, 0) + 1
    if others:
        told = words.listed([f"{number} on {where}" for where, number in sorted(others.items())])
        sheet.gap()
        sheet.line(Styled(f"Besides: {told}.", "dim"))
