"""Runs one tool on one home as its user, and all of them in turn, round by round."""

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from bench.peers import Tool
from bench.scoring import Claim

ROOT = Path(__file__).parent.parent
PATIENCE = 60  # seconds of wall time; what takes longer to warm up is counted by that one run
PARTS = ("scanner", "probes", "reports")


class Failed(Exception):
    """A run that ended as it should not."""


class Cost(msgspec.Struct, frozen=True):
    """What one run took, as `bench/timed.py` says it."""

    wall: float
    cpu: float
    peak_kb: int
    code: int


class Bench(msgspec.Struct, frozen=True):
    """Where and as whom the tools are run. `apart`: in namespaces of our own, the network cut off."""

    home: Path
    work: Path
    source: Path
    python: str
    path: str
    folder: Path
    ids: tuple[int, int]
    most: float
    apart: bool

    def filled(self, text: str) -> str:
        named = {"home": self.home, "work": self.work, "source": self.source, "python": self.python}
        for name, value in {**named, "report": self.report(), "planted": self.work / "planted.json"}.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def report(self) -> Path:
        return self.work / "report.json"

    def output(self) -> Path:
        return self.work / "stdout"


class Row(msgspec.Struct, frozen=True):
    """One tool on one home: what each counted run took and what it claimed."""

    tool: Tool
    costs: tuple[Cost, ...]
    claims: tuple[Claim, ...] | None


def environment(tool: Tool, bench: Bench) -> dict[str, str]:
    """Nothing of ours but the search path, and for what looks at HOME that home."""
    state = {"ARMSLENGTH_STATE": str(bench.work / f"state-{tool.state}")} if tool.state else {}
    ours = {"PYTHONPATH": str(bench.source)} if "{python}" in tool.programs else {}
    home = bench.home if tool.at_home else bench.work
    return {"PATH": bench.path, "HOME": str(home), "LANG": "C.UTF-8", **state, **ours}


def timed(command: Sequence[str], tool: Tool, bench: Bench) -> Cost:
    runner = [sys.executable, "-I", "-S", str(ROOT / "bench/timed.py")]
    options = (*bench.ids, bench.folder, bench.output(), bench.work / "stderr", bench.most)
    started = [*runner, *map(str, options), *command]
    with subprocess.Popen(started, env=environment(tool, bench), stdout=subprocess.PIPE) as running:
        try:
            told, _ = running.communicate()
        finally:
            running.terminate()  # what we were interrupted in must not go on
    return msgspec.json.decode(told, type=Cost)


def run(tool: Tool, bench: Bench) -> Cost:
    """One run; `Failed` when it did not end as it should."""
    program = tool.program(bench.path)
    if program is None:
        raise Failed(f"{tool.name}: not found")
    if tool.state == "fresh":
        shutil.rmtree(bench.work / "state-fresh", ignore_errors=True)
    bench.report().unlink(missing_ok=True)
    cost = timed([bench.filled(part) for part in (program, *tool.arguments)], tool, bench)
    if cost.code not in tool.ends:
        complaint = (bench.work / "stderr").read_text(errors="replace").strip()[-300:]
        raise Failed(f"{tool.name}: ended with {cost.code} after {cost.wall:.1f} s: {complaint}")
    return cost


def claims(tool: Tool, bench: Bench) -> tuple[Claim, ...] | None:
    """What the run just ended claims; None of a tool that claims nothing."""
    if tool.reads is None:
        return None
    report = bench.report() if bench.report().exists() else bench.output()
    try:
        return tuple(tool.reads(report.read_bytes(), bench.home))
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"{tool.name}: its report cannot be read: {error!r}") from error


class Turns:
    """The tools in turn, round by round; one that fails drops out."""

    def __init__(self, tools: Sequence[Tool], bench: Bench) -> None:
        self.bench = bench
        self.tools = list(tools)
        self.first: dict[str, Cost] = {}
        self.costs: dict[str, list[Cost]] = {tool.name: [] for tool in tools}
        self.claims: dict[str, tuple[Claim, ...] | None] = {}
        self.failures: list[str] = []
        self.unsteady: set[str] = set()

    def round(self, number: int) -> None:
        """Every tool once. The first round warms up, and what is claimed in it counts."""
        for tool in list(self.tools):
            if number and self.first[tool.name].wall > PATIENCE:
                continue
            try:
                self.turn(tool, number)
            except Failed as failure:
                self.failures.append(str(failure))
                self.tools.remove(tool)
                print(f"round {number}: {failure}", file=sys.stderr)

    def turn(self, tool: Tool, number: int) -> None:
        cost = run(tool, self.bench)
        print(f"round {number}: {tool.name}: {cost.wall:.2f} s, CPU {cost.cpu:.2f} s", file=sys.stderr)
        claimed = claims(tool, self.bench)
        if number == 0:
            self.first[tool.name] = cost
            self.claims[tool.name] = claimed
        elif set(claimed or ()) != set(self.claims[tool.name] or ()):
            self.unsteady.add(tool.name)
        if number or cost.wall > PATIENCE:
            self.costs[tool.name].append(cost)

    def rows(self) -> Iterator[Row]:
        for tool in self.tools:
            yield Row(tool, tuple(self.costs[tool.name]), self.claims[tool.name])


def apart() -> bool:
    """Begins anew in namespaces of our own, where the machine allows it; whether we are in them."""
    if "--apart" in sys.argv:
        return True
    own_user = () if os.getuid() == 0 else ("--user", "--map-current-user")
    unshare = ("unshare", "--net", "--mount", *own_user)
    if shutil.which("unshare") and subprocess.run((*unshare, "true"), capture_output=True, check=False).returncode == 0:
        os.execvp("unshare", [*unshare, sys.executable, *sys.argv, "--apart"])
    return False


def read_only(home: Path) -> bool:
    """Lets nothing write to the home while it is measured; only root in a mount namespace can."""
    mounts = (("mount", "--bind", home, home), ("mount", "-o", "remount,ro,bind", home))
    return all(subprocess.run(mount, capture_output=True, check=False).returncode == 0 for mount in mounts)


def own(path: Path, ids: tuple[int, int]) -> None:
    if os.getuid() == 0:
        os.chown(path, *ids)


def ids(home: Path) -> tuple[int, int]:
    """Whose home it is: the user as whom all is run."""
    found = home.stat()
    if found.st_uid == 0:
        sys.exit(f"{home} belongs to root, who may read all: give it to another user")
    if os.getuid() not in (0, found.st_uid):
        sys.exit(f"{home} belongs to another user")
    return found.st_uid, found.st_gid


def repository(home: Path) -> Path:
    """The first repository in the home, by name and depth: where an agent would work."""
    level = [home]
    while level:
        below = [Path(each.path) for folder in level for each in folders(folder)]
        found = [folder for folder in below if (folder / ".git").exists()]
        if found:
            return min(found)
        level = [folder for folder in below if not folder.name.startswith(".") and folder.name != "node_modules"]
    return home


def folders(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []


def copied(source: Path, work: Path) -> None:
    """Our code as it is now, compiled: the checkout may change while we measure."""
    target = work / "source"
    for part in (*(source / part for part in PARTS), ROOT / "bench"):
        shutil.copytree(part, target / part.name, ignore=shutil.ignore_patterns("__pycache__", "oracle"))
    compileall.compile_dir(target, quiet=2)
