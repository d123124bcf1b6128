"""What a start costs, as a ratio to the bare interpreter on the same machine in the same run.

    python bench/startup.py [--rounds N]

Prints a table and exits 1 when a start is over its budget. CPU time of the child (user and system) is what counts:
wall time says more of the other work on the machine. The commands are run in turn, one round after another, so that
a slow minute falls on all of them.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Start:
    """One command, and how many times the bare interpreter it may cost."""

    name: str
    arguments: tuple[str, ...]
    budget: float | None


BARE = Start("python -c pass", ("-c", "pass"), None)
STARTS = (
    BARE,
    Start("armslength --help", ("-m", "scanner", "--help"), 7),
    Start("armslength scan --format json", ("-m", "scanner", "scan", "--format", "json"), 12),
)


def cpu_seconds(start: Start, environment: dict[str, str], folder: Path) -> float:
    child = subprocess.Popen(
        [sys.executable, *start.arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    complaint = child.stderr.read() if child.stderr else b""
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.stderr:
        child.stderr.close()
    if child.returncode not in {0, 3}:  # 3: this machine keeps something from the scan
        sys.exit(f"{start.name} ended with {child.returncode}\n{complaint.decode(errors='replace')}")
    return usage.ru_utime + usage.ru_stime


def measured(rounds: int) -> dict[Start, float]:
    """The median CPU seconds of each, after one round to warm up, in a home that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        environment = {
            "HOME": str(home),
            "PATH": os.environ.get("PATH", ""),
            "ARMSLENGTH_STATE": str(Path(folder, "state")),
            "PYTHONPATH": str(ROOT),
        }
        figures: dict[Start, list[float]] = {start: [] for start in STARTS}
        for number in range(rounds + 1):
            for start in STARTS:
                seconds = cpu_seconds(start, environment, home)
                if number:
                    figures[start].append(seconds)
    return {start: median(seconds) for start, seconds in figures.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description="What a start costs, as a ratio to the bare interpreter.")
    parser.add_argument("--rounds", type=int, default=9)
    figures = measured(parser.parse_args().rounds)
    print(f"| {'start':30} | CPU ms | ratio | budget |")
    print(f"| {'-' * 30} | -----: | ----: | -----: |")
    over = False
    for start, seconds in figures.items():
        ratio = seconds / figures[BARE]
        budget = "" if start.budget is None else f"{start.budget:.0f}"
        over = over or (start.budget is not None and ratio > start.budget)
        print(f"| {start.name:30} | {seconds * 1000:6.1f} | {ratio:5.1f} | {budget:>6} |")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
