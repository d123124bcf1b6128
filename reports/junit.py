"""The checklist as JUnit's XML: a test case for each clause, for pipelines that show such results."""

from collections.abc import Sequence
from xml.etree import ElementTree as Xml

from reports import checklist as terminal
from reports import words
from reports.page import Page
from scanner.model.checklist import CheckedClause, CheckedItem, Checklist
from scanner.model.moments import utc
from scanner.model.terms import GapKind
from scanner.patterns import Pattern
from scanner.text import printable

NO_CHARACTER = Pattern("[\ufffe\uffff]")  # XML 1.0 has none of these, not even as a reference
SUITE = "armslength check"
TEXT = 480
PLACES = 50


def render(checklist: Checklist, page: Page) -> bytes:
    """One suite; what fails is a failure, what is unknown is skipped, with the step that would decide it."""
    counts = checklist.counts
    contract = checklist.contract
    numbers = {"tests": len(checklist.clauses), "failures": counts.failed, "skipped": counts.unknown}
    if contract is None:
        numbers = {"tests": 1, "failures": int(checklist.result == "fail"), "skipped": int(checklist.result != "fail")}
    told = {name: str(number) for name, number in numbers.items()} | {"errors": "0", "time": "0"}
    suites = Xml.Element("testsuites", {"name": SUITE, "tests": told["tests"], "failures": told["failures"]})
    suites.set("errors", "0")
    named = contract.name if contract is not None else "contract"
    moment = utc(checklist.judged_at).replace(tzinfo=None, microsecond=0).isoformat()
    suite = Xml.SubElement(suites, "testsuite", {"name": _safe(named), **told, "timestamp": moment})
    suite.set("hostname", _safe(checklist.host.name))
    _properties(suite, checklist)
    for clause in checklist.clauses:
        _case(suite, clause, named)
    if contract is None:
        _in_numbers(suite, checklist)
    _unseen(suite, checklist)
    Xml.indent(suites)
    written: bytes = Xml.tostring(suites, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _safe(text: str) -> str:
    """Text that XML can hold: every other character as its escape."""
    return NO_CHARACTER.sub(lambda match: f"\\u{ord(match[0]):04x}", printable(text))


def _text(parent: Xml.Element, tag: str, lines: Sequence[str], **attributes: str) -> None:
    """An element with lines of text, each made safe by itself."""
    child = Xml.SubElement(parent, tag, {name: _safe(value) for name, value in attributes.items()})
    child.text = "\n".join(map(_safe, lines))


def _properties(suite: Xml.Element, checklist: Checklist) -> None:
    contract, excess = checklist.contract, checklist.figures.excess
    told = {
        "result": checklist.result,
        "armslength": checklist.tool.version,
        "contract.digest": contract.digest if contract is not None else "",
        "excess.items": str(excess.items) if excess is not None else "",
        "excess.score": str(excess.score) if excess is not None else "",
        "excess.urgent": str(checklist.figures.urgent),
        "coverage.percent": str(checklist.not_looked_at.coverage),
        "check.again": str(checklist.basis.again) if terminal.is_little(checklist) else "",
        "without": ", ".join(each.id for each in checklist.what_if.gone) if checklist.what_if is not None else "",
    }
    properties = Xml.SubElement(suite, "properties")
    for name, value in told.items():
        if value:
            Xml.SubElement(properties, "property", {"name": name, "value": _safe(value)})


def _case(suite: Xml.Element, clause: CheckedClause, contract: str) -> None:
    name = f"{clause.id}: {words.cut(clause.text, TEXT)}"
    case = Xml.SubElement(suite, "testcase", {"classname": _safe(contract), "name": _safe(name), "time": "0"})
    mend = words.cut(clause.mend.summary, TEXT) if clause.mend is not None else ""
    match clause.state:
        case "fail":
            worst = max((item.severity for item in clause.items), key=lambda each: each.rank, default="fail")
            message = f"{words.count(len(clause.items), 'item')}; mend: {mend}" if clause.items else mend
            _text(case, "failure", _failed(clause), message=message, type=str(worst))
        case "unknown":
            _text(case, "skipped", (), message="; ".join(filter(None, (clause.why, mend))) or "not known")
    out = _out(clause)
    if out:
        _text(case, "system-out", out)


def _failed(clause: CheckedClause) -> list[str]:
    """What breaks it, each by where it lies, or in words where a report does not tell."""
    return [_item(item) for item in clause.items] or [clause.why]


def _item(item: CheckedItem) -> str:
    urgent = ", urgent" if item.urgent else ""
    way = f"; {item.way}" if item.way else ""
    place = words.place(item.place)
    return f"{item.severity}{urgent}: {item.title}, {place} ({item.id}, step {item.step}){way}"


def _out(clause: CheckedClause) -> list[str]:
    """The line of the contract, and what to do in its turn."""
    lines = [clause.where] if clause.where else []
    if clause.state == "pass" and clause.why:
        lines.append(clause.why)
    if clause.mend is not None:
        steps = words.listed([str(each) for each in clause.steps])
        lines.append(f"{'step' if len(clause.steps) == 1 else 'steps'} {steps}, first: {clause.mend.summary}")
        commands = (clause.mend.command, *clause.mend.more)
        lines += [f"$ {command}" for command in commands if command]
    return lines


def _in_numbers(suite: Xml.Element, checklist: Checklist) -> None:
    """The one case of a check without clauses."""
    count, why = terminal.in_numbers(checklist)
    case = Xml.SubElement(suite, "testcase", {"classname": "contract", "name": "contract", "time": "0"})
    if checklist.result == "fail":
        _text(case, "failure", [why], message=count, type="fail")
    else:
        _text(case, "skipped", (), message=f"{count} {why}")


def _unseen(suite: Xml.Element, checklist: Checklist) -> None:
    """Where nobody looked, what broke or was cut short first."""
    places = sorted(checklist.not_looked_at.places, key=lambda gap: gap.kind is GapKind.REFUSED)
    lines = [f"not looked at: {each.place or each.probe} ({each.why})" for each in places[:PLACES]]
    if len(places) > PLACES:
        lines.append(f"and {len(places) - PLACES} more")
    if lines:
        _text(suite, "system-err", lines)
