"""What each agent does with one command line: run it, ask, refuse; by which rule, and how it gets round that."""

from reports import words
from reports.page import Page
from reports.sheet import Sheet, Styled
from scanner.errors import ScannerError
from scanner.model.report import Agent, Before, Report
from scanner.text import printable

NAME, RULE = 60, 240
AROUND = ", round that"


def runs(report: Report, line: str, agent: str | None, page: Page) -> bytes:
    """What the agents of a report do with a line that they were asked about, one or all.

    Raises ScannerError where the one that is named is not here.
    """
    act = f"run {printable(line)}"
    shown = [each for each in report.agents if agent in {None, each.id, each.id.partition("@")[0]}]
    if not shown:
        here = ", ".join(each.id for each in report.agents) or "none"
        raise ScannerError(f"{printable(agent or 'an agent')} was not found on this machine", f"found: {here}")
    sheet = Sheet(page)
    sheet.line(Styled(words.clipped(printable(line), RULE), "bold"))
    for each in shown:
        sheet.gap()
        _agent(sheet, each, act)
    return sheet.written()


def _agent(sheet: Sheet, each: Agent, act: str) -> None:
    direct, around = each.why.get(act), each.why.get(act + AROUND)
    version = f" {words.clipped(each.version, NAME)}" if each.version else ""
    notional = " (not installed: as its vendor ships it)" if each.notional else ""
    name = Styled(words.clipped(each.title, NAME), "bold")
    sheet.line(name, f"{version}{notional}", Styled(f"  {words.clipped(each.id, NAME)}", "dim"), indent=2)
    if direct is None:
        sheet.line("has no tool that runs commands", indent=4)
    else:
        _before(sheet, "runs it", direct)
        sheet.field("how", words.cut(direct.channel, RULE), column=COLUMN)
    if around is not None:
        _before(sheet, "gets round", around)
        sheet.field("how", words.cut(around.channel, RULE), column=COLUMN)


COLUMN = 12


def _before(sheet: Sheet, label: str, told: Before) -> None:
    sheet.field(label, words.before(told.gate, told.stands_for), column=COLUMN)
    if told.rule:
        sheet.field("decided by", words.clipped(told.rule, RULE), column=COLUMN)
