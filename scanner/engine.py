"""The flow in one function: look, judge, report. One broken probe never takes the others down."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from threading import Thread
from time import monotonic
from typing import Protocol

from msgspec import Struct
from msgspec.structs import replace

from scanner import answers, assembly, usage
from scanner.config import Config
from scanner.data.capabilities import capabilities
from scanner.data.sweep import groups
from scanner.data.weights import weights
from scanner.environments import rules
from scanner.errors import place_of
from scanner.graph import ident
from scanner.host import DeadlinePassed, Host, Machine, UndeclaredRead
from scanner.host.machine import SWEEP, Ledger
from scanner.host.paths import braces
from scanner.host.swept import UNKNOWN, Cleared
from scanner.hygiene.look import hygiene
from scanner.judgement import Judged, judge_all
from scanner.model import CredentialSeen, Gap, GapKind, Observation, Platform, Weakness
from scanner.model.contract import Contract
from scanner.model.report import (
    SCHEMA_VERSION,
    Coverage,
    Finding,
    ProbeCoverage,
    ProbeRun,
    Report,
    ScanInfo,
    ToolInfo,
    WalkInfo,
)
from scanner.probe import Probe
from scanner.progress import SILENT, Progress
from scanner.scrub import scrubbed
from scanner.sweep.walk import Search, walk
from scanner.vault import Vault
from scanner.version import __version__

WALK_SHARE = 0.5  # of the time limit that the walk may take
OBSERVATION_LIMIT = 100_000  # taken from one probe
GRACE = 5.0  # seconds that a probe may overrun its deadline before it is left behind


class Ask(Protocol):
    """What makes the probe that puts questions to providers; `asked` names those to whom one really went."""

    @property
    def asked(self) -> tuple[str, ...]:
        """The providers, known when the probe has run."""

    def __call__(self, observations: Sequence[Observation]) -> Probe:
        """The probe that asks about these observations."""


class Run(Struct):
    """One probe's run: what it saw, how long it took, and whether it came to its end."""

    probe: Probe
    host: Host
    observations: list[Observation]
    duration_ms: int = 0
    finished: bool = False


class Looked(Struct, frozen=True):
    """One look at a machine: all that probes saw of it, and what they could not, before anything is judged.

    `told` are the gaps, each with the probe that tells of it; `asked` the providers to whom a question went.
    """

    machine: Machine
    runs: tuple[Run, ...]
    observations: tuple[Observation, ...]
    told: tuple[tuple[str, Gap], ...]
    depth: str
    started: datetime
    begun: float
    asked: tuple[str, ...] = ()
    walk: WalkInfo | None = None


class Judging(Struct, frozen=True):
    """By what a look is judged: contracts, of which each can only narrow those before it, and over which agents.

    `agents` are the ids of the only ones that are judged, empty for all; of each is told what stands before the
    `commands` too.
    """

    config: Config
    contracts: tuple[Contract, ...] = ()
    agents: frozenset[str] = frozenset()
    commands: tuple[str, ...] = ()


def scan(
    machine: Machine,
    probes: Sequence[Probe],
    vault: Vault,
    config: Config,
    *,
    contracts: Sequence[Contract] = (),
    depth: str = "standard",
    time_limit: float = 60.0,
    ask: Ask | None = None,
    commands: Sequence[str] = (),
) -> Report:
    """Looks at the machine with these probes and judges what was seen, against contracts where there are any.

    `time_limit` is in seconds; what was not looked at by then is a Gap. `ask` makes the probe that puts questions to
    providers. Of each agent is told what stands before the `commands` too. Never raises for what a probe does.
    """
    looked = look(machine, probes, vault, depth=depth, time_limit=time_limit, ask=ask)
    return tell(looked, vault, Judging(config, tuple(contracts), commands=tuple(commands)))


def look(
    machine: Machine,
    probes: Sequence[Probe],
    vault: Vault,
    *,
    depth: str = "standard",
    time_limit: float = 60.0,
    progress: Progress = SILENT,
    ask: Ask | None = None,
    clean: Cleared = UNKNOWN,
    cross: bool = False,
) -> Looked:
    """Looks at the machine with these probes.

    `ask` is given all that they saw and makes the probe that puts questions to providers about it; it runs last.
    `time_limit` is in seconds; what was not looked at by then is a Gap. `progress` is told how far it is. Files that
    `clean` knows are not read again; with `cross`, file systems that begin below the home are walked too. Never raises
    for what a probe does.
    """
    started, begun = datetime.now(UTC), monotonic()
    if depth == "quick":
        machine = replace(machine, neighbours=machine.workspaces[1:])
    search = _search(probes, depth, cross=cross)
    walked = walk(machine, search, _roots(machine, depth), begun + time_limit * WALK_SHARE, progress)
    view = Host(machine, vault, None, walked.matches, begun + time_limit, progress=progress)
    runs = _run_all(view, [each for each in probes if not (each.last or each.follows)])
    sweeping = replace(view, candidates=walked.candidates, clean=clean)
    runs += _without_told(_run_all(sweeping, [each for each in probes if each.last]), runs)
    following = replace(view, seen=tuple(_seen(runs)))
    runs += _run_all(following, [each for each in probes if each.follows])
    told = [("walk", gap) for gap in walked.gaps]
    if ask is not None:
        runs += _run_all(view, [ask(_seen(runs))])
    told += ((run.probe.id, seen) for run in runs for seen in run.observations if isinstance(seen, Gap))
    return Looked(
        machine=machine,
        runs=tuple(runs),
        observations=tuple(_seen(runs)),
        told=tuple(told),
        depth=depth,
        started=started,
        begun=begun,
        asked=ask.asked if ask is not None else (),
        walk=WalkInfo(walked.folders, walked.pruned, walked.entries, walked.chosen) if walked.folders else None,
    )


def tell(looked: Looked, vault: Vault, judging: Judging) -> Report:
    """The report of one look, judged; the machine is not touched again, so that one look serves several judgements."""
    judged = judge_all(looked.observations, looked.machine, judging.config, judging.contracts, judging.agents)
    return told(looked, judged, vault, judging)


def told(looked: Looked, judged: Judged, vault: Vault, judging: Judging) -> Report:
    """The report of one look that has been judged."""
    machine, observations = looked.machine, looked.observations
    graph, judgement = judged.graph, judged.judgement
    gaps = (*looked.told, *(("judgement", gap) for gap in judged.gaps))
    tidied, used = hygiene(judged, observations), usage.joined(graph, observations, machine)
    findings = _findings(judged, tidied.weaknesses, machine)
    coverage = _coverage(looked.runs, machine, walked_all=all(source != "walk" for source, _ in gaps))
    report = Report(
        schema_version=SCHEMA_VERSION,
        weights_version=weights().version,
        data_versions=_versions(),
        tool=ToolInfo("armslength", __version__),
        scan=_info(looked),
        host=assembly.host(machine, looked.depth),
        verdicts=judged.verdicts,
        figures=assembly.figures(judged, findings, coverage),
        principals=answers.principals(judged, machine),
        agents=answers.agents(judged.acting, observations, machine, judging.commands),
        servers=used.told_servers(assembly.servers(observations, machine)),
        credentials=used.credentials(assembly.credentials(judged, machine)),
        identities=assembly.identities(graph),
        assets=assembly.assets(graph),
        edges=assembly.edges(graph, machine),
        exposures=used.exposures(judged.exposures),
        findings=findings,
        contract=answers.contract(judgement, judged.subject.unread) if judgement is not None else None,
        waivers=answers.waivers(judgement) if judgement is not None else (),
        guardrails=assembly.guardrails((*judged.guardrails, *tidied.guardrails), machine),
        uses=assembly.uses(used.seen, machine),
        advice=answers.advice(judged) if judgement is not None else (),
        gaps=assembly.gaps(gaps, machine),
        coverage=coverage,
    )
    return scrubbed(report, vault)


def _seen(runs: Sequence[Run]) -> list[Observation]:
    return [seen for run in runs for seen in run.observations]


def _findings(judged: Judged, tidied: Sequence[Weakness], machine: Machine) -> tuple[Finding, ...]:
    """What is beyond the contract, then what is weak whatever it says."""
    beyond = answers.findings(judged.judgement, machine) if judged.judgement is not None else ()
    return (*beyond, *assembly.findings((*judged.graph.weaknesses, *tidied), machine))


def _versions() -> dict[str, str]:
    return {"capabilities": capabilities().version, "environments": rules().version}


def _info(looked: Looked) -> ScanInfo:
    """The run itself, which ends here."""
    machine = looked.machine
    return ScanInfo(
        id=ident("s", machine.name, str(machine.home), looked.started.isoformat()),
        started_at=looked.started,
        finished_at=datetime.now(UTC),
        duration_ms=round((monotonic() - looked.begun) * 1000),
        probes=tuple(
            ProbeRun(run.probe.id, len(run.observations), run.duration_ms, run.probe.distribution)
            for run in looked.runs
        ),
        asked=looked.asked,
        walk=looked.walk,
    )


def _search(probes: Sequence[Probe], depth: str, *, cross: bool) -> Search:
    """What the walk looks for: the names that probes declare, and the files to read where one of them reads those."""
    patterns = {read for probe in probes for read in probe.reads if read.startswith("**/")}
    sweeps = any(SWEEP in probe.reads for probe in probes)
    chosen = groups("deep" if depth == "deep" else "standard") if sweeps else ()
    return Search(tuple(sorted(patterns)), chosen, whole=depth == "deep", cross=cross)


def _roots(machine: Machine, depth: str) -> list[PurePath]:
    """Where the walk begins: in the home, and in what is worked on outside of it."""
    return [*machine.projects] if depth == "quick" else [machine.home, *machine.projects]


def _without_told(runs: list[Run], before: Sequence[Run]) -> list[Run]:
    """The runs without what others told before: the secrets of a file that a probe knows better."""
    told = {key for seen in _seen(before) for key in _places(seen)}
    return [
        replace(run, observations=[seen for seen in run.observations if told.isdisjoint(_places(seen))]) for run in runs
    ]


def _places(seen: Observation) -> Iterator[tuple[PurePath, str, int]]:
    """By what one sighting of a secret in a file is another's: the line, or the secret wherever in the file it is."""
    if isinstance(seen, CredentialSeen) and seen.evidence.path is not None:
        yield seen.evidence.path, "line", seen.evidence.line or 0
        if seen.secret is not None:
            yield seen.evidence.path, "secret", seen.secret.index


def _run_all(view: Host, probes: Sequence[Probe]) -> list[Run]:
    """Runs the probes side by side, each with a view of its own."""
    runs = [Run(probe, replace(view, reads=frozenset(probe.reads), ledger=Ledger()), []) for probe in probes]
    return _side_by_side(runs, view.deadline or 0.0, view.progress)


def _side_by_side(runs: list[Run], deadline: float, progress: Progress) -> list[Run]:
    """Runs each probe in its own thread, and leaves behind what does not come back."""
    threads = [Thread(target=_run, args=(run, progress), name=run.probe.id, daemon=True) for run in runs]
    for thread in threads:
        thread.start()
    for place, thread in enumerate(threads):
        thread.join(max(0.0, deadline + GRACE - monotonic()))
        if thread.is_alive():  # the report takes a copy of what it saw so far
            run = runs[place]
            late = Gap(GapKind.LIMIT, "", "it did not come back in time")
            runs[place] = Run(run.probe, run.host, [*run.observations, late])
    return runs


def _run(run: Run, progress: Progress) -> None:
    begun = monotonic()
    try:
        run.finished = _collect(run)
    except DeadlinePassed:
        run.observations.append(Gap(GapKind.LIMIT, "", "the time was spent"))
    except UndeclaredRead:  # what it asked for is not said: a probe may have made it of what it read
        run.observations.append(Gap(GapKind.FAILED, "", "a defect: it asked for what it does not declare"))
    except BaseException as error:  # a probe's defect, whatever it is, must not take the others down
        run.observations.append(Gap(GapKind.FAILED, "", f"a defect: {place_of(error)}"))
    run.duration_ms = round((monotonic() - begun) * 1000)
    progress.ended(run.probe.id, len(run.observations))


def _collect(run: Run) -> bool:
    """Takes what the probe sees; False where it says more than any machine holds. Raises what it or its host raises."""
    for seen in run.probe.look(run.host):
        if not isinstance(seen, Observation):
            raise TypeError("a probe yields observations")
        if len(run.observations) == OBSERVATION_LIMIT:
            run.observations.append(Gap(GapKind.LIMIT, "", f"it saw more than {OBSERVATION_LIMIT} things"))
            return False
        run.observations.append(seen)
        run.host.check_time()
    return True


def _coverage(runs: Sequence[Run], machine: Machine, *, walked_all: bool) -> Coverage:
    """Of every probe's declared reads that apply here, how many were tried and answered.

    A probe that came to its end has tried all that it needed; one that did not leaves what it never came to. What the
    walk was to find is answered when nothing of it was left out.
    """
    probes = []
    for run in runs:
        declared = [read for read in run.probe.reads if _applies(read, machine)]
        ledger = run.host.ledger
        open_reads = tuple(
            read
            for read in declared
            if read in ledger.unanswered
            or not (run.finished or read in ledger.tried)
            or (read.startswith("**/") and not walked_all)
        )
        probes.append(ProbeCoverage(run.probe.id, len(declared), len(declared) - len(open_reads), open_reads))
    total = sum(each.declared for each in probes)
    answered = sum(each.answered for each in probes)
    return Coverage(100 * answered // total if total else 100, tuple(probes))


def _applies(read: str, machine: Machine) -> bool:
    """Whether a declared read means anything on this machine."""
    if read.startswith("registry:"):
        return machine.platform is Platform.WINDOWS
    if read.startswith(("**/", "<", "env:", "processes", "socket:", "keychain")) or read == SWEEP:
        return True
    return any(machine.paths(each) for each in braces(read))
