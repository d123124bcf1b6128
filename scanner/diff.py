"""Two reports compared: what came, went, rose, fell or was replaced, each change under one cause."""

from collections.abc import Iterator, Mapping, Sequence

from scanner.diffing import pairs as side_by_side
from scanner.diffing.bundles import UP, Row, Told, breaking, folders, gathered
from scanner.diffing.causes import Causes
from scanner.diffing.facts import digest, facts, same_key, versions
from scanner.diffing.looking import Reads, view
from scanner.diffing.pairs import Pairs
from scanner.diffing.things import Things, answer, graver
from scanner.model.difference import (
    DOCUMENT,
    SCHEMA_VERSION,
    Cause,
    Difference,
    Figure,
    Increase,
    Move,
    Origin,
    Side,
    Subject,
    Tally,
)
from scanner.model.report import ANY_AGENT, HostInfo, Report

ANSWERS = ("yes", "likely", "if approved", "undecided")
NOBODY: frozenset[str] = frozenset()


def compared(old: Report, new: Report, reads: Reads | None = None, only: frozenset[str] = NOBODY) -> Difference:
    """The difference of two reports.

    `reads` are the declared reads of probes, which tell what one that was left out could have seen; `only` the agents
    that the newer look was asked to judge. Where either report is withheld only figures are compared.
    """
    pairs = side_by_side.pairs(old, new)
    causes = () if _withheld(old, new) else _causes(pairs, reads or {}, only)
    return Difference(
        schema_version=SCHEMA_VERSION,
        document=DOCUMENT,
        tool=new.tool,
        before=_side(old),
        after=_side(new),
        same=_home(old.host) == _home(new.host),
        names=_titles(old, new),
        withheld=_withheld(old, new),
        notes=() if _withheld(old, new) else tuple(_notes(pairs)),
        figures=tuple(_figures(pairs)),
        tally=sum((each.tally for each in causes), Tally()),
        increases=tuple(_increases(pairs, causes)),
        causes=tuple(causes),
    )


def _causes(pairs: Pairs, reads: Reads, only: frozenset[str]) -> Sequence[Cause]:
    then, now = view(pairs.old, pairs.new, reads, only), view(pairs.new, pairs.old, reads)
    differing = facts(pairs, then, now)
    causes = Causes(differing)
    rows = gathered(pairs, causes)
    by_exposure: dict[str, list[Row]] = {}
    for row in rows:
        for each in (row.met.old, row.met.new):
            if each is not None:
                by_exposure.setdefault(each.id, []).append(row)
    changes = list(Things(differing, causes, by_exposure).all())
    contract = pairs.new.contract
    judged = frozenset(contract.judged) if contract is not None else NOBODY
    reports = (pairs.old, pairs.new)
    return Told(causes, *reports, breaking(pairs.new), judged, folders(reports)).all(rows, changes)


# --- what stands above the causes


def _withheld(old: Report, new: Report) -> str | None:
    return new.host.withheld or old.host.withheld


def _titles(old: Report, new: Report) -> dict[str, str]:
    """Principals by name, with their folder where an agent has several; none where they are withheld."""
    if _withheld(old, new):
        return {}
    found: dict[str, str] = {}
    for each in (*old.principals, *new.principals):
        where = each.id.partition("@")[2]
        title = "any process of yours" if each.id == ANY_AGENT else each.title
        found[each.id] = f"{title} in {where}" if where else title
        found.setdefault(each.agent or each.id, title)
    return found


def _side(report: Report) -> Side:
    host, contract = report.host, report.contract
    return Side(
        scan=report.scan.id,
        judged_at=host.judged_at,
        host=host.name,
        user=host.user,
        home=host.home,
        workspace=host.workspace,
        depth=host.depth,
        versions=versions(report),
        contract=contract.name if contract is not None else None,
        digest=digest(report),
    )


def _home(host: HostInfo) -> tuple[str, str, str]:
    return host.name, host.user, host.home


def _notes(pairs: Pairs) -> Iterator[str]:
    """What could not be compared."""
    both = [(one, other) for one, other in pairs.credentials if one is not None and other is not None]
    known = [pair for pair in both if pair[0].fingerprint is not None and pair[1].fingerprint is not None]
    apart = sum(not same_key(one, other) for one, other in known)
    if apart:
        of = "1 credential" if apart == 1 else f"{apart} credentials"
        why = "so that it cannot be told whether their secrets were replaced"
        yield f"the fingerprints of {of} were made with different keys, {why}"
    if (pairs.old.contract is None) is not (pairs.new.contract is None):
        yield "only one of the reports was judged by a contract"


def _figures(pairs: Pairs) -> Iterator[Figure]:
    """Every number of both, the headline first."""
    numbers = [_numbers(report) for report in (pairs.old, pairs.new)]
    for name in dict.fromkeys([*numbers[0], *numbers[1]]):
        yield Figure(name, numbers[0].get(name), numbers[1].get(name))
    if _withheld(pairs.old, pairs.new):
        return
    for one, other in pairs.principals:
        name = other.id if other is not None else one.id if one is not None else ""
        before = pairs.old.figures.radius.get(one.id) if one is not None else None
        after = pairs.new.figures.radius.get(other.id) if other is not None else None
        scores = [each.score if each is not None else None for each in (before, after)]
        ceilings = [each.ceiling if each is not None else None for each in (before, after)]
        yield Figure("radius", scores[0], scores[1], name)
        yield Figure("ceiling", ceilings[0], ceilings[1], name)


def _numbers(report: Report) -> dict[str, int]:
    figures = report.figures
    told = {"excess items": figures.excess.items, "excess score": figures.excess.score} if figures.excess else {}
    told |= {
        "undecided": figures.undecided.items,
        "coverage": figures.coverage,
        "gaps": len(report.gaps),
        "urgent ways": figures.exposures.urgent,
        "critical ways": figures.exposures.critical,
        "high ways": figures.exposures.high,
        "findings": sum(
            (figures.findings.critical, figures.findings.high, figures.findings.medium, figures.findings.low)
        ),
    }
    agents = [answer(each) for each in report.verdicts if each.principal != ANY_AGENT]
    return told | {f'answers "{word}"': agents.count(word) for word in ANSWERS}


# --- --fail-on-increase


def _increases(pairs: Pairs, causes: Sequence[Cause]) -> Iterator[Increase]:
    """Why this counts as an increase; what another version of ours tells otherwise does not."""
    alike = versions(pairs.old) == versions(pairs.new)
    before, after = (report.figures.excess for report in (pairs.old, pairs.new))
    if alike and before is not None and after is not None:
        if after.items > before.items:
            yield Increase("items", f"{before.items} to {after.items} items beyond the contract")
        if after.score > before.score:
            yield Increase("score", f"the score of what is beyond the contract: {before.score} to {after.score}")
    if _withheld(pairs.old, pairs.new):
        yield from _graver(pairs.old, pairs.new) if alike else ()
        return
    yield from _of_changes(causes, _titles(pairs.old, pairs.new), judged=pairs.old.contract is not None)
    ways = (way for each in causes if each.origin is not Origin.VERSION for way in each.ways)
    beyond = sum(way.move in UP and way.beyond for way in ways)
    if beyond:
        yield Increase("ways", f"{beyond} {'way' if beyond == 1 else 'ways'} beyond the contract came or got easier")


def _of_changes(causes: Sequence[Cause], names: Mapping[str, str], *, judged: bool) -> Iterator[Increase]:
    """Answers that got graver, and clauses that fail and did not."""
    for each in (change for cause in causes if cause.origin is not Origin.VERSION for change in cause.changes):
        if each.subject is Subject.VERDICT and each.move is Move.ROSE:
            yield Increase("answer", f"{names.get(each.id, each.id)}: {each.title}: {each.before} to {each.after}")
        if each.subject is Subject.CLAUSE and each.after == "fail" and each.move in UP and judged:
            yield Increase("clause", f"fails now: {each.title}")


def _graver(old: Report, new: Report) -> Iterator[Increase]:
    """Answers by question, of whichever agent it is: a withheld report does not tell which one."""
    before, after = _gravest(old), _gravest(new)
    for question, told in after.items():
        if graver(before.get(question, answer(None)), told):
            yield Increase("answer", f"{question}: {before.get(question, answer(None))} to {told}")


def _gravest(report: Report) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for each in report.verdicts:
        known = found.get(each.verdict)
        if each.principal != ANY_AGENT and (known is None or graver(known, answer(each))):
            found[each.verdict] = answer(each)
    return found
