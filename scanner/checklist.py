"""From a report to a checklist: what to do in which order, and the clauses in the order in which that settles them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import asdict, replace

from scanner.model.checklist import (
    CHECKLIST,
    CHECKLIST_VERSION,
    Basis,
    CheckedAgent,
    CheckedClause,
    CheckedContract,
    CheckedFigures,
    CheckedHost,
    CheckedItem,
    CheckedWaiver,
    Checklist,
    Counts,
    Mend,
    NotLookedAt,
    Step,
)
from scanner.model.contract import Scope
from scanner.model.moments import utc
from scanner.model.report import AdviceStep, Clause, ContractInfo, Finding, FixInfo, GapInfo, Report, title_of
from scanner.model.terms import GapKind, UseKind

STATES = ("fail", "unknown", "pass")
BROKE = frozenset({GapKind.FAILED, GapKind.LIMIT})
DECLARED = ("require.recovery.", "ticket", "stop_if")  # what someone says and no machine shows
SCOPES = tuple(f"{scope}." for scope in Scope)
HANDLE = "handle."
MONTH = timedelta(days=30)
FEW_CREDENTIALS = 3
FEW_DAYS = 7
NOTHING = FixInfo("Nothing here can tell: ask who wrote the contract.")


def checklist(report: Report) -> Checklist:
    """What the report says of each clause; of a report whose details are withheld the counts alone."""
    contract = report.contract
    clauses, steps = _guided(report, contract) if contract is not None else ((), ())
    states = [each.state for each in clauses]
    counts = Counts(states.count("pass"), states.count("fail"), states.count("unknown"))
    return Checklist(
        schema_version=CHECKLIST_VERSION,
        document=CHECKLIST,
        tool=report.tool,
        host=_host(report),
        judged_at=report.host.judged_at,
        result=_result(report, counts),
        contract=_contract(contract) if contract is not None else None,
        agents=_agents(report),
        counts=counts,
        figures=CheckedFigures(report.figures.excess, sum(each.urgent for each in _counted(report))),
        basis=emptiness(report),
        next=steps[0] if steps else None,
        steps=steps,
        clauses=clauses,
        not_looked_at=NotLookedAt(report.gaps, report.coverage.percent),
        waivers=_waivers(report),
        unused_allowance=contract.unused_allowance if contract is not None else (),
        what_if=report.what_if,
    )


def emptiness(report: Report) -> Basis:
    """How much there was to judge, and the day to check again: what is new keeps every contract."""
    proofs = sum(not each.kind.startswith(HANDLE) for each in report.credentials)
    agents = len({each.agent for each in report.principals if each.agent and not each.notional})
    used = (each for each in report.uses if each.agent and each.what != UseKind.RECORDS)
    moments = [utc(moment) for each in used for moment in (each.first, each.last) if moment is not None]
    days = (max(moments) - min(moments)).days + 1 if moments else 0
    little = proofs < FEW_CREDENTIALS or not agents or days < FEW_DAYS
    return Basis(proofs, agents, days, little, _in_a_month(utc(report.host.judged_at)))


def state_of(clause: Clause) -> str:
    """The state of a clause; one that this version does not know is unknown, and never passed."""
    return clause.state if clause.state in STATES else "unknown"


def _in_a_month(now: datetime) -> date:
    try:
        return (now + MONTH).date()
    except OverflowError:
        return date.max


def _waivers(report: Report) -> tuple[CheckedWaiver, ...]:
    """The waivers, each with the title of its finding where that is still there."""
    titles = {each.id: each.title for each in report.findings}
    return tuple(CheckedWaiver(**asdict(each), title=titles.get(each.finding, "")) for each in report.waivers)


def _host(report: Report) -> CheckedHost:
    host = report.host
    return CheckedHost(host.name, host.platform, host.user, host.workspace, host.source, host.withheld)


def _contract(contract: ContractInfo) -> CheckedContract:
    return CheckedContract(contract.name, contract.digest, contract.source, contract.until, contract.layers)


def _agents(report: Report) -> tuple[CheckedAgent, ...]:
    """Whom the contract was held against, each by its title."""
    titles = {each.id: CheckedAgent(each.id, each.title, each.notional) for each in report.principals}
    judged = report.contract.judged if report.contract is not None else ()
    return tuple(titles.get(each, CheckedAgent(each, each)) for each in judged)


def _result(report: Report, counts: Counts) -> str:
    beyond = report.figures.excess is not None and report.figures.excess.items > 0
    if counts.failed or (report.contract is None and beyond):
        return "fail"
    if is_incomplete(report.gaps):
        return "incomplete"
    return "unknown" if counts.unknown or report.contract is None else "pass"


def is_incomplete(places: Iterable[GapInfo]) -> bool:
    """Whether something broke, or was cut short: what was refused is only told."""
    return any(gap.kind in BROKE for gap in places)


def _counted(report: Report) -> list[Finding]:
    """The items beyond the contract that nobody accepts."""
    contract = report.contract
    broken = {each for clause in contract.clauses for each in clause.findings} if contract is not None else set()
    return [each for each in report.findings if each.id in broken]


# --- the order


class _Task(Struct, frozen=True):
    """A step before it has its number, the clauses that wait for it, and the advice that it follows."""

    kind: str
    fix: FixInfo
    clauses: tuple[str, ...]
    items: tuple[str, ...] = ()
    advice: AdviceStep | None = None
    title: str = ""


def _guided(report: Report, contract: ContractInfo) -> tuple[tuple[CheckedClause, ...], tuple[Step, ...]]:
    """The clauses in the order of the steps that settle them, those that are kept last, and the steps."""
    findings = {each.id: each for each in report.findings}
    tasks = [*_mends(report, contract), *_decisions(contract)]
    waiting: dict[str, list[int]] = {}
    for number, task in enumerate(tasks, start=1):
        for clause in task.clauses:
            waiting.setdefault(clause, []).append(number)
    turn = {item: number for number, task in enumerate(tasks, start=1) for item in task.items}
    steps = tuple(_step(number, task, waiting) for number, task in enumerate(tasks, start=1))
    told = [_clause(each, waiting.get(each.id, []), steps, findings, turn) for each in contract.clauses]
    last = len(tasks) + 1
    told.sort(key=lambda each: (STATES.index(each.state), each.steps[0] if each.steps else last))
    return tuple(told), steps


def _mends(report: Report, contract: ContractInfo) -> list[_Task]:
    """What breaks clauses: first the steps of the advice, each with all that it settles, then what that leaves."""
    broken: dict[str, list[str]] = {}
    for clause in contract.clauses:
        if state_of(clause) == "fail":
            for each in clause.findings:
                broken.setdefault(each, []).append(clause.id)
    found = {each.id: each for each in report.findings if each.id in broken}
    # A saved report may lack what breaks a clause.
    lost = [each for each in contract.clauses if state_of(each) == "fail" and not found.keys() & set(each.findings)]
    advised = _advised(report.advice, found, broken)
    done = {item for task in advised for item in task.items}
    left = [each for name, each in found.items() if name not in done]
    left.sort(key=lambda each: _haste(each, len(broken[each.id])))
    return [*advised, *_once(left, broken), *(_Task("mend", each.fix or NOTHING, (each.id,)) for each in lost)]


def _advised(
    advice: Sequence[AdviceStep], found: Mapping[str, Finding], broken: Mapping[str, Sequence[str]]
) -> list[_Task]:
    """The steps of the advice: each mends what it was made for, and settles more."""
    tasks: list[_Task] = []
    done: set[str] = set()
    for step in advice:
        items = [each for each in dict.fromkeys((step.finding, *step.settles)) if each in found and each not in done]
        if items:
            done.update(items)
            tasks.append(_of_advice(step, found[items[0]], _clauses_of(items, broken), items))
    return tasks


def _of_advice(step: AdviceStep, first: Finding, clauses: tuple[str, ...], items: Sequence[str]) -> _Task:
    """One step of the advice; one that mends something else than what it settles goes by its own name."""
    if first.id == step.finding:
        return _Task("mend", first.fix, clauses, tuple(items), step)
    title = title_of(step) if ": " in step.summary else ""
    fix = FixInfo(step.summary.removeprefix(f"{title}: "), step.commands)
    return _Task("mend", fix, clauses, tuple(items), step, title)


def _once(order: Iterable[Finding], broken: Mapping[str, Sequence[str]]) -> list[_Task]:
    """A task for each item; those that the same command mends are one."""
    groups: dict[object, list[Finding]] = {}
    for each in order:
        groups.setdefault(each.fix if each.fix.commands else each.id, []).append(each)
    told = [(group[0].fix, [each.id for each in group]) for group in groups.values()]
    return [_Task("mend", fix, _clauses_of(items, broken), tuple(items)) for fix, items in told]


def _clauses_of(items: Iterable[str], broken: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clause for each in items for clause in broken[each]))


def _haste(each: Finding, clauses: int) -> tuple[bool, int, bool, int]:
    """What is urgent first, then the grave, of these what a command does, and what settles most."""
    return (not each.urgent, -each.severity.rank, not each.fix.commands, -clauses)


def _decisions(contract: ContractInfo) -> list[_Task]:
    """What would decide what is not known: one step with all that wait for it, what only a person can say last."""
    groups: dict[tuple[bool, FixInfo], list[str]] = {}
    for clause in contract.clauses:
        if state_of(clause) == "unknown":
            groups.setdefault((is_declared(clause.id), clause.fix or NOTHING), []).append(clause.id)
    tasks = [
        _Task("confirm" if declared else "decide", fix, tuple(clauses)) for (declared, fix), clauses in groups.items()
    ]
    return sorted(tasks, key=lambda task: (task.kind == "confirm", task.fix == NOTHING, -len(task.clauses)))


def is_declared(clause: str) -> bool:
    """Whether a clause is what somebody says and nothing here can show."""
    for scope in SCOPES:
        clause = clause.removeprefix(scope)
    return clause.startswith(DECLARED)


def _step(number: int, task: _Task, waiting: Mapping[str, Sequence[int]]) -> Step:
    advice = task.advice
    return Step(
        number=number,
        kind=task.kind,
        mend=_mend(task.fix),
        clauses=task.clauses,
        settles=tuple(each for each in task.clauses if waiting[each][-1] == number),
        items=task.items,
        effort=advice.effort if advice is not None else "",
        breaks=advice.breaks if advice is not None else "",
        after=advice.after if advice is not None else None,
        title=task.title,
    )


def _mend(fix: FixInfo) -> Mend:
    return Mend(fix.summary, fix.commands[0] if fix.commands else "", fix.commands[1:])


def _clause(
    clause: Clause,
    waits: Sequence[int],
    steps: Sequence[Step],
    findings: Mapping[str, Finding],
    turn: Mapping[str, int],
) -> CheckedClause:
    state = state_of(clause)
    broken: Iterable[Finding] = (findings[each] for each in clause.findings if each in turn) if state == "fail" else ()
    told = CheckedClause(clause.id, clause.text, state, clause.where, clause.why, steps=tuple(waits))
    if not waits:
        return told
    items = sorted((_item(each, turn[each.id]) for each in broken), key=lambda item: item.step)
    return replace(told, items=tuple(items), mend=steps[waits[0] - 1].mend)


def _item(each: Finding, step: int) -> CheckedItem:
    return CheckedItem(each.id, each.title, each.severity, each.evidence, step, each.urgent, each.way)
