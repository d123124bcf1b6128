"""What agents and you really used, by their records: what was used most, and how much of the records was read."""

from collections.abc import Sequence

from reports import words
from reports.agents import titles
from reports.sheet import Sheet
from scanner.model.report import Report, Use
from scanner.model.terms import UseKind

MOST = 8
NAME = 80
ASKED = {
    "execute": "commands",
    "write": "changes to files",
    "read": "reading",
    "connect": "connections",
    "call": "tools",
}


def uses(sheet: Sheet, report: Report) -> None:
    """The things that were used most, and how a person answered."""
    known, now = titles(report), report.host.judged_at
    used = [each for each in report.uses if each.what not in {UseKind.PROMPT, UseKind.RECORDS}]
    asked = [each for each in report.uses if each.what == UseKind.PROMPT and each.approved is not None]
    notes = [each for each in report.uses if each.what == UseKind.RECORDS]
    if not (used or asked or notes):
        return
    yours = any(not each.agent for each in report.uses)
    sheet.head(
        f"What agents {'and you used, by their records and your shells' if yours else 'used, by their own records'}"
    )
    for each in sorted(used, key=lambda one: (-one.count, one.what, one.subject))[:MOST]:
        who = words.clipped(known.get(each.agent, each.agent) if each.agent else each.how, NAME)
        sheet.line(f"{words.clipped(each.subject, NAME)}: {words.used(each, now)}, by {who}", indent=2, hang=2)
    if len(used) > MOST:
        sheet.line(f"and {len(used) - MOST} more", indent=2)
    for each in asked:
        sheet.line(_answered(each, known.get(each.agent, each.agent)), indent=2, hang=2)
    for line in _notes(notes):
        sheet.line(line, indent=2, hang=2)


def _answered(each: Use, who: str) -> str:
    """How a person answered what an agent asked."""
    what = ASKED.get(each.subject, each.subject)
    return f"{words.clipped(who, NAME)} asked about {what} {each.count} times; a person said yes {each.approved} times"


def _notes(notes: Sequence[Use]) -> list[str]:
    return [words.clipped(f"{each.subject}: {each.how}", 4 * NAME) for each in notes[:MOST]]
