"""What comparing two reports of a large machine costs: CPU seconds of loading both, and of comparing and telling them.

    python bench/difference.py [--rounds N] [--shape NAME] [--change NAME] [--profile]

The machines are those of `bench/judgement.py`: `large` with two agents, and `crowd` with forty principals; 500
credentials, 20,000 edges. The changes: `none`, where only lines moved; `settings`, after which every
agent runs what it asked for; `half`, of whose credentials each second is another. Prints a table, and exits 1 where
comparing in memory and writing the result for a terminal is over its budget of 2 s.
"""

import argparse
import cProfile
import gc
import json
import pstats
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import TypeVar

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bench")]

from judgement import MACHINE, contract, large  # noqa: E402
from msgspec.structs import replace  # noqa: E402

from reports.difference import render as told  # noqa: E402
from reports.difference_document import render as written  # noqa: E402
from reports.document import load, render  # noqa: E402
from reports.page import Page  # noqa: E402
from scanner.cli import YOUNG  # noqa: E402
from scanner.cli.contracts import chosen  # noqa: E402
from scanner.config import Config  # noqa: E402
from scanner.diff import compared  # noqa: E402
from scanner.engine import scan  # noqa: E402
from scanner.host import Host  # noqa: E402
from scanner.model import AgentSeen, CredentialSeen, Evidence, Gate, Observation, Ruling  # noqa: E402
from scanner.probe import probe  # noqa: E402
from scanner.testing import TEST_KEY  # noqa: E402
from scanner.vault import Vault  # noqa: E402

BUDGET = 2.0
Result = TypeVar("Result")


def moved(seen: Iterable[Observation]) -> Iterator[Observation]:
    """Each credential a line further down."""
    for each in seen:
        if isinstance(each, CredentialSeen):
            yield replace(each, evidence=Evidence(each.evidence.path, (each.evidence.line or 0) + 1))
        else:
            yield each


def unasked(seen: Iterable[Observation]) -> Iterator[Observation]:
    """Each agent runs what it asked for."""
    for each in seen:
        if isinstance(each, AgentSeen) and each.policy is not None:
            run = Ruling(Gate.NONE, "bypass")
            tools = tuple(replace(tool, otherwise=run, rules=()) for tool in each.policy.tools)
            yield replace(each, policy=replace(each.policy, tools=tools))
        else:
            yield each


def half(seen: Iterable[Observation]) -> Iterator[Observation]:
    """Each second credential is another, in another place."""
    for number, each in enumerate(seen):
        if isinstance(each, CredentialSeen) and number % 2:
            place = Evidence(MACHINE.home / f"other-{number}", 1)
            yield replace(each, evidence=place, public_id=f"{each.public_id}-new")
        else:
            yield each


SHAPES: dict[str, Callable[[], Iterator[Observation]]] = {"large": large, "crowd": contract}
CHANGES: dict[str, Callable[[Iterable[Observation]], Iterator[Observation]]] = {
    "none": moved,
    "settings": unasked,
    "half": half,
}


def document(seen: Iterable[Observation]) -> bytes:
    """The report of a machine, as it is saved."""
    observations = list(seen)

    @probe(id="bench.machine", title="A machine", reads=())
    def machine(host: Host) -> Iterator[Observation]:
        """Says what the shape is."""
        yield from observations

    laptop = chosen(None, date(2026, 11, 21))
    return render(scan(MACHINE, [machine], Vault(TEST_KEY), Config(), contracts=(laptop,)), Page())


def measured(shape: str, change: str, *, profile: bool) -> None:
    """Loads and compares once in this process, and prints what it cost as one line of JSON."""
    gc.set_threshold(YOUNG)  # as the command line does
    saved = document(SHAPES[shape]()), document(CHANGES[change](SHAPES[shape]()))
    loading, (old, new) = timed(lambda: [load(each) for each in saved])
    if profile:
        profiler = cProfile.Profile()
        profiler.runcall(compared, old, new)
        pstats.Stats(profiler, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    gc.freeze()  # so too
    comparing, found = timed(lambda: compared(old, new))
    telling, _ = timed(lambda: told(found, Page()))
    cost = {
        "loading": loading,
        "comparing": comparing,
        "telling": telling,
        "edges": len(new.edges),
        "ways": sum(len(each.ways) for each in new.exposures),
        "moved": found.tally.ways,
        "causes": len(found.causes),
        "written": len(written(found, Page())) / 1e6,
    }
    print(json.dumps(cost))


def timed(call: Callable[[], Result]) -> tuple[float, Result]:
    """CPU seconds that a call took, and what it gave."""
    start = time.process_time()
    found = call()
    return time.process_time() - start, found


def cost_of(shape: str, change: str) -> dict[str, float]:
    """One round in a process of its own."""
    command = [sys.executable, __file__, "--inside", "--shape", shape, "--change", change]
    cost: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return cost


def main() -> int:
    parser = argparse.ArgumentParser(description="What comparing two reports of a large machine costs.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shape", choices=SHAPES, help="this one alone")
    parser.add_argument("--change", choices=CHANGES, help="this one alone")
    parser.add_argument("--profile", action="store_true", help="where the time of one goes")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    shapes = [options.shape] if options.shape else list(SHAPES)
    changes = [options.change] if options.change else list(CHANGES)
    if options.inside or options.profile:
        measured(shapes[0], changes[0], profile=options.profile)
        return 0
    print("| shape | change   |  edges |    ways |  moved | causes | load s | compare s | tell s | MB out |")
    print("| ----- | -------- | -----: | ------: | -----: | -----: | -----: | --------: | -----: | -----: |")
    over = False
    for shape in shapes:
        for change in changes:
            rounds = [cost_of(shape, change) for _ in range(options.rounds)]
            cost = {name: median(each[name] for each in rounds) for name in rounds[0]}
            over = over or cost["comparing"] + cost["telling"] > BUDGET
            print(
                f"| {shape} | {change:8} | {cost['edges']:6.0f} | {cost['ways']:7.0f} | {cost['moved']:6.0f}"
                f" | {cost['causes']:6.0f} | {cost['loading']:6.2f} | {cost['comparing']:9.2f} | {cost['telling']:6.2f}"
                f" | {cost['written']:6.1f} |"
            )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
