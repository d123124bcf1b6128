"""The difference of two reports in Markdown, for a comment on a pull request: nothing of a report is markup in it."""

import re
from collections.abc import Iterator

from reports.difference import (
    IN_FULL,
    IN_SHORT,
    answer,
    between,
    capital,
    changed_figures,
    increases,
    lines,
    mark,
    mend,
    remarks,
    summary,
)
from reports.page import Page
from scanner.model.difference import Cause, Difference
from scanner.text import printable

SIGNED = frozenset("@#-")
SIGNS = {"up": "🔺", "down": "✅", "unseen": "❔", "other": "•"}
# What is markup, or makes a link, wherever it stands; and what makes a mention or a reference of the text that is
# shown, which an entity does not stop.
SPECIAL = re.compile(r"[\\`*_{}\[\]()!|~<>&$]|:(?=\S)|(?<=www)\.", re.IGNORECASE)
MENTION = re.compile(r"([@#]|(?<=gh)-(?=\d))", re.IGNORECASE)


def render(difference: Difference, page: Page) -> bytes:
    """The answer, the figures as a table, and each cause as a list."""
    return ("\n".join(_text(difference)) + "\n").encode()


def escaped(text: str) -> str:
    """Text that means itself wherever it stands: no markup, HTML, mention, issue number or link."""
    parts = MENTION.split(printable(text).replace("\n", " "))
    return "".join(f"{part}<!-- -->" if part in SIGNED else _plain(part) for part in parts)


def _plain(text: str) -> str:
    return SPECIAL.sub(lambda found: f"&#{ord(found[0])};", text)


def _text(difference: Difference) -> Iterator[str]:
    yield f"### armslength: {escaped(answer(difference))}"
    yield ""
    yield f"<sub>{escaped(between(difference))}</sub>"
    for remark in remarks(difference):
        yield ""
        yield f"> {escaped(remark)}"
    yield from _figures(difference)
    for cause in difference.causes[:IN_FULL]:
        yield ""
        yield from _cause(cause, difference)
    others = difference.causes[IN_FULL : IN_FULL + IN_SHORT]
    if others:
        yield ""
    for cause in others:
        yield f"- {SIGNS[mark(cause)]} {_titled(cause)}"
    left = len(difference.causes) - IN_FULL - IN_SHORT
    if left > 0:
        yield f"- and {left} more"
    if difference.increases:
        yield ""
        yield "**More than before:**"
        yield ""
        yield from (f"- {escaped(text)}" for text in increases(difference))


def _figures(difference: Difference) -> Iterator[str]:
    shown = [each for each in difference.figures if each.name.startswith("excess") and not each.principal]
    shown += [each for each in changed_figures(difference) if each not in shown and not each.principal]
    if not shown:
        return
    yield ""
    yield "| figure | before | after |"
    yield "| --- | ---: | ---: |"
    for each in shown:
        before, after = ("none" if number is None else str(number) for number in (each.before, each.after))
        yield f"| {escaped(each.name)} | {before} | {after} |"


def _cause(cause: Cause, difference: Difference) -> Iterator[str]:
    yield f"{SIGNS[mark(cause)]} **{_titled(cause)}**"
    yield ""
    label = ""
    for each in lines(cause, difference):
        label = each.label or label
        yield f"- {label}: {escaped(each.text)}"
    if cause.mend is not None:
        yield f"- mend: {escaped(mend(cause.mend))}"
    if cause.explain:
        yield f"- more: <code>armslength explain {escaped(cause.explain[0])}</code>"


def _titled(cause: Cause) -> str:
    told = summary(cause.tally)
    title = capital(cause.title)
    return escaped(f"{title}: {told}" if told else title)
