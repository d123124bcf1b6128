"""Machines in, reports out: the scan of one command with its key, its guard, its outputs and its exit code."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from reports import REPORT, Forms, Page
from scanner.cli import consent, guard, keeping, outputs, progress
from scanner.cli.console import Console, ExitCode
from scanner.cli.options import Looking, Printing
from scanner.errors import ScannerError
from scanner.model import GapKind, Severity
from scanner.model.report import GapInfo, Report
from scanner.text import printable
from scanner.vault import KEY_BYTES, Vault

if TYPE_CHECKING:
    from probes.live.ask import Live
    from scanner.config import Config
    from scanner.engine import Looked
    from scanner.host import Machine
    from scanner.model.contract import Contract
    from scanner.probe import Probe

KEY_LIMIT = 4096
MASKED = GapInfo(GapKind.FAILED, "mask", "output", "a secret was about to be printed and was masked")


class Task(Struct, frozen=True):
    """All that is settled before the first look: the machines, the probes, the words of the user, and the key.

    `agent` is the title of the agent that the machines of `guarded` are withheld from, `again` the options of the look,
    `narrower` the contracts of each machine's repositories, which an agent may have written, and `commands` the command
    lines that every agent is asked about.
    """

    machines: tuple["Machine", ...]
    probes: tuple["Probe", ...]
    config: "Config"
    vault: Vault
    agent: str | None = None
    guarded: frozenset[int] = frozenset()
    depth: str = "standard"
    time_limit: float = 60.0
    cross: bool = False
    live: "Live | None" = None
    contracts: tuple["Contract", ...] = ()
    narrower: tuple[tuple["Contract", ...], ...] = ()
    agents: frozenset[str] = frozenset()
    again: str = ""
    commands: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    @property
    def mask(self) -> outputs.Mask:
        """What every output passes last."""
        from scanner.cli.own_words import own_words

        return outputs.Mask(self.vault, lambda: own_words(self.probes))

    def withheld(self, index: int) -> bool:
        """Whether the details of that machine are not for whoever started us."""
        return self.agent is not None and index in self.guarded


def task(options: Looking, console: Console) -> Task:
    """What a scan with these options is to do. Raises ScannerError for what cannot be."""
    from scanner import config, registry
    from scanner.cli import contracts
    from scanner.host.opening import open_machines

    opening = options.opening()
    settled = config.load(config.default_path())
    today = (options.now or datetime.now(UTC)).date()
    held = contracts.in_effect(options.baseline, today)
    probes = registry.chosen(registry.probes(settled), options.probe, options.skip_probe)
    live = consent.live(options.live, options.dry_run)
    machines = tuple(open_machines(opening))
    guarded = frozenset(index for index, each in enumerate(machines) if guard.guarded(each, opening))
    agent = guard.unlifted(console.facts, settled) if guarded else None
    consent.refuse(machines, options.consents, agent)
    _by_whose_contract(held, options.baseline, agent)
    narrower = tuple(contracts.of_repositories(each, today) if agent is None else () for each in machines)
    console.vault = Vault(_key(options.fingerprint_key, any(each.source == "live" for each in machines), console))
    return Task(
        machines=machines,
        probes=probes,
        config=settled,
        vault=console.vault,
        agent=agent,
        guarded=guarded,
        depth=options.depth,
        time_limit=options.time_limit,
        cross=options.cross_mounts,
        live=live,
        contracts=held,
        narrower=narrower,
        agents=known_agents(options.agent),
        again=options.again,
    )


def _by_whose_contract(held: "Sequence[Contract]", named: str | None, agent: str | None) -> None:
    """Raises ScannerError for a contract of an agent's own choice: its counts would tell what is withheld."""
    from scanner.data import contracts

    if agent is not None and named is not None and held[-1].source not in contracts.names():
        raise ScannerError(
            f"{agent} is among the programs that started this, and the contract is a person's to choose",
            "run it in a terminal of your own, or set agents_may_read = true in config.toml",
        )


def known_agents(names: Sequence[str]) -> frozenset[str]:
    """The agents that were named. Raises ScannerError for one whose rules are not known."""
    from scanner.config import did_you_mean
    from scanner.data.clauses import agents_with_rules

    known = agents_with_rules()
    for name in names:
        if name not in known:
            mean = did_you_mean(name, known)
            raise ScannerError(
                f"--agent {printable(name)}: no such agent is judged{mean}", f"one of {', '.join(known)}"
            )
    return frozenset(names)


def look(task: Task, console: Console, *, shown: bool) -> list[Report]:
    """The report of each machine, without its details where they are withheld."""
    found = []
    for index, machine in enumerate(task.machines):
        report = tell(task, taken_look(task, machine, console, shown=shown), index)
        found.append(guard.withheld(report, task.agent) if task.agent and task.withheld(index) else report)
    return found


def taken_look(task: Task, machine: "Machine", console: Console, *, shown: bool) -> "Looked":
    """One look at one machine, before anything is judged."""
    from scanner import engine
    from scanner.cli import remembering
    from scanner.host.swept import UNKNOWN

    clean = remembering.remembered(machine, task.probes)
    total, home = len(task.probes) + (task.live is not None), str(machine.home) if task.agent is None else None
    with progress.told(console, total, home, shown=shown) as far:
        looked = engine.look(
            machine,
            task.probes,
            task.vault,
            depth=task.depth,
            time_limit=task.time_limit,
            progress=far,
            ask=task.live,
            cross=task.cross,
            clean=clean or UNKNOWN,
        )
    if clean is not None:
        clean.keep(looked, task.time_limit)
    _say_what_was_asked(task, console)
    return looked


def tell(task: Task, looked: "Looked", index: int = 0) -> Report:
    """The report of a look at that machine, with every detail: whether these may be told is for who calls this."""
    from scanner.engine import Judging
    from scanner.engine import tell as told

    if task.without:
        from scanner.cli import whatif

        return whatif.tell(task, looked)

    contracts = task.contracts + (task.narrower[index] if task.narrower else ())
    return told(looked, task.vault, Judging(task.config, contracts, task.agents, task.commands))


def _say_what_was_asked(task: Task, console: Console) -> None:
    """With -v each question and what came of it; and always when it went elsewhere than to its provider."""
    if task.live is None:
        return
    for provider, place in task.live.overrides.items():
        if provider in task.live.providers and not task.live.dry:
            console.say(f"{provider} was asked at {place.url}, as a variable says")
    for each in task.live.record if console.verbose else ():
        console.say(f"asked {each.method} {each.url}: {each.outcome}")


def planned(task: Task, console: Console) -> bytes:
    """What `--live` would ask, after a look that asks nothing."""
    [report] = look(task, console, shown=True)
    if task.live is None:
        return b""
    text = consent.plan(task.live, task.machines[0], task.config)
    gaps = [f"{gap.place}: {gap.why}" for gap in report.gaps if gap.probe == "live"]
    return task.mask.over((text + "".join(f"\n{each}\n" for each in gaps)).encode(), "terminal")[0]


def printed(task: Task, options: Printing, console: Console) -> tuple[list[Report], int]:
    """Looks, and writes the reports where the options say. All outputs are tried before the first look."""
    places = placed(options, [machine.user for machine in task.machines], task.again)
    keep = keeping.keeper(task.machines, task.agent) if options.keep else None
    reports = look(task, console, shown=not options.quiet)
    final, everything = [], []
    for report, targets in zip(reports, places, strict=True):
        whole, written = without_secrets(report, [keeping.DOCUMENT, *targets] if keep else targets, task.mask)
        final.append(whole)
        everything += written
    try:
        if keep is not None:
            keep(everything.pop(0).data)
    finally:  # a report that could not be kept is printed all the same
        outputs.write(everything)
    if keep is not None and not options.quiet:
        console.say("the report is kept, sealed; armslength explain --kept ID reads it")
    if task.agent is not None:
        console.say(
            f"{task.agent} is among the programs that started this, so details are withheld; a person lifts that by "
            "running it in a terminal and saying yes, or by agents_may_read = true in config.toml"
        )
    return final, code_of(final, options.fail_on)


def placed(
    options: Printing, names: Sequence[str], again: str = "", *, forms: Forms = REPORT
) -> list[list[outputs.Target]]:
    """The targets of each document of these forms. Raises ScannerError for what cannot be written."""
    named = outputs.known_format(options.format or "terminal", forms)
    stdout, color = None if options.quiet else named, outputs.wants_color(options.no_color)
    return outputs.targets(options.output, stdout, color, names, again, forms=forms)


def without_secrets(
    report: Report, targets: Sequence[outputs.Target], mask: outputs.Mask
) -> tuple[Report, list[outputs.Written]]:
    """The final bytes; where a secret had to be masked in any of them, every one of them says so.

    A run that prints nothing is judged by the document, so that it ends as it would have with an output.
    """
    written, hit = outputs.rendered(report, targets, mask)
    if not targets:
        hit = outputs.rendered(report, [outputs.Target(outputs.JSON, Page())], mask)[1]
    if not hit:
        return report, written
    from msgspec.structs import replace

    report = replace(report, gaps=(*report.gaps, MASKED))
    return report, outputs.rendered(report, targets, mask)[0]


def code_of(reports: Sequence[Report], threshold: str) -> ExitCode:
    """The exit code that these reports call for."""
    bad = threshold != "never" and any(_reaches(report, Severity(threshold)) for report in reports)
    incomplete = any(gap.kind in (GapKind.FAILED, GapKind.LIMIT) for report in reports for gap in report.gaps)
    if bad:
        return ExitCode.BOTH if incomplete else ExitCode.FINDINGS
    return ExitCode.INCOMPLETE if incomplete else ExitCode.FINE


def _reaches(report: Report, threshold: Severity) -> bool:
    """Whether something that goes beyond the contract, or a weakness, is that severe; what is waived does not count."""
    counts = report.figures.findings
    counted = {
        Severity.LOW: counts.low,
        Severity.MEDIUM: counts.medium,
        Severity.HIGH: counts.high,
        Severity.CRITICAL: counts.critical,
    }
    return any(count and severity.rank >= threshold.rank for severity, count in counted.items())


def _key(named: str | None, live: bool, console: Console) -> bytes:
    """The key of this run: the named one, this machine's, or one that no other run will have."""
    if named is not None:
        return _named_key(named)
    from scanner import state

    place = state.folder()
    try:
        saved = state.key(place) if live else state.saved_key(place)
    except state.StateError as error:
        console.say(f"warning: {error}; fingerprints of this run match no other")
        saved = None
    return saved if saved is not None else os.urandom(KEY_BYTES)


def _named_key(named: str) -> bytes:
    shown = f"--fingerprint-key {printable(named)}"
    try:
        if not os.path.isfile(named):
            raise ScannerError(f"{shown}: there is no such file")
        with open(named, "rb") as stream:
            data = stream.read(KEY_LIMIT)
    except OSError as error:
        raise ScannerError(f"{shown}: {error.strerror}") from None
    if len(data) < KEY_BYTES:
        raise ScannerError(f"{shown}: a key has at least {KEY_BYTES} bytes", "head -c 32 /dev/urandom makes one")
    return data
