"""Every way to do one thing: who gets there, through what, how, and what stands before it."""

from collections.abc import Sequence

from reports import words
from reports.lookup import BLOCKED, Lookup, look_up, rank
from reports.page import Page
from reports.sheet import Sheet, Styled
from scanner.errors import ScannerError
from scanner.model.report import Exposure, Report, Way
from scanner.model.terms import Capability, Environment

NAME = 120


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
        sheet.line(f"Nothing was found by which an agent could {words.does(capability)}{where}.")
    else:
        told = words.count(len(meant), "way")
        sheet.line(Styled(f"{told} to {words.does(capability)}{where} ({capability})", "bold"), hang=2)
    for exposure in sorted(meant, key=rank):
        _exposure(sheet, exposure, found)
    _elsewhere(sheet, report, capability, environment)
    return sheet.written()


def _exposure(sheet: Sheet, exposure: Exposure, found: Lookup) -> None:
    """One exposure, its places, and each principal's way."""
    sheet.gap()
    credential, asset = found.by_id.get(exposure.credential), found.assets.get(exposure.asset)
    named = words.clipped(words.credential(credential), NAME) if credential is not None else exposure.credential
    on = words.clipped(words.asset(asset), NAME) if asset is not None else exposure.asset
    sheet.line(Styled(named, "bold"), f" → {on}", Styled(f"  {exposure.id}", "dim"), indent=2, hang=2)
    urgent = ", urgent" if exposure.urgent else ""
    sheet.field("is", f"{exposure.severity}{urgent}, {exposure.confidence}, {words.environment(exposure.environment)}")
    for number, location in enumerate(credential.locations[:3] if credential is not None else ()):
        sheet.field("" if number else "lies in", words.place(location))
    for principal, way in exposure.ways.items():
        sheet.line(Styled(f"{words.clipped(principal, NAME)}: ", "dim"), *_way(way), indent=4, hang=2)


def _way(way: Way) -> Sequence[str | Styled]:
    gate = f"{way.gate}" + (f", reckoned as {way.stands_for}" if way.stands_for is not None else "")
    style = "dim" if way.gate in BLOCKED else "bold"
    because = f": {words.clipped(way.rule, NAME)}" if way.rule else ""
    return [Styled(gate, style), because, f"; {words.clipped(way.channel, NAME)}" if way.channel else ""]


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
