"""Runs our scan and every peer that is found on the same generated home, in turn, and holds each against the key.

    python bench/sweep.py HOME... [--rounds N] [--peers-path DIR] [--misses FILE] [--only NAME]... [--limit SECONDS]

The key is HOME.key.jsonl, as `bench/home.py` writes it; without one only times are measured. Prints Markdown. Start it
as root with a home that belongs to another user: each command is then run as that user, who may not read all, with no
network and with a home that nothing can write to. What was not possible of that is said. A run that ends as it should
not, or whose report cannot be read, is an error of the bench and no time: it is listed and we end with 1.
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import msgspec  # noqa: E402

from bench.peers import OURS, PEERS, SWEEP, TOLD, WALKERS, Tool, scan  # noqa: E402
from bench.running import PARTS, Bench, Turns, apart, copied, ids, own, read_only, repository, run, timed  # noqa: E402
from bench.scoring import key  # noqa: E402
from bench.tables import SHOWN, Looked, growth, misses, section  # noqa: E402


def look(tools: Sequence[Tool], bench: Bench, rounds: int) -> Looked:
    """All rounds on one home."""
    keyed = Path(f"{bench.home}.key.jsonl")
    planted = key(keyed) if keyed.exists() else ()
    listed = sorted({each.path for each in planted})
    (bench.work / "planted.json").write_text("\n".join(map(json.dumps, listed)))
    own(bench.work / "planted.json", bench.ids)
    turns = Turns([tool for tool in tools if planted or tool is not TOLD], bench)
    for number in range(rounds + 1):
        turns.round(number)
    files, folders = counted(bench.home)
    return Looked(
        home=bench.home,
        files=files,
        folders=folders,
        rows=tuple(turns.rows()),
        failures=tuple(turns.failures),
        unsteady=tuple(sorted(turns.unsteady)),
        planted=planted,
    )


def counted(home: Path) -> tuple[int, int]:
    """Files and folders of a home, links not followed."""
    files = folders = 0
    for _, below, names in os.walk(home):
        files += len(names)
        folders += len(below)
    return files, folders


def hurried(bench: Bench, seconds: int) -> Iterator[str]:
    """Whether a scan with a limit of time ends in time and says what it left out."""
    tool = scan("standard", "fresh")
    limited = msgspec.structs.replace(tool, arguments=(*tool.arguments, "--time-limit", str(seconds)))
    cost = run(limited, bench)
    gaps = [gap for gap in json.loads(bench.output().read_bytes())["gaps"] if gap["kind"] == "limit"]
    yield f"With `--time-limit {seconds}` on {bench.home.name}: {cost.wall:.2f} s, exit code {cost.code},"
    yield f"{len(gaps)} gaps of the kind limit. The first:"
    yield ""
    for gap in gaps[:SHOWN]:
        yield f"- {gap['probe']}, {gap['place']}: {gap['why']}"
    yield ""


def facts(bench: Bench, tools: Sequence[Tool], source: Path, guarded: bool) -> Iterator[str]:
    """The command, the machine and what stood in the way of the tools."""
    words = " ".join(word for word in sys.argv[1:] if word != "--apart")
    yield f"`python bench/sweep.py {words}`, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {commit(source)}."
    yield ""
    yield f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start, {platform.system()}"
    yield f"{platform.release()}; run as the home's owner, no root; network {'' if bench.apart else 'NOT '}cut off;"
    yield f"home {'' if guarded else 'NOT '}read-only. {'; '.join(versions(bench, tools))}."
    yield ""


def commit(source: Path) -> str:
    """Which state of ours it is."""
    git = ("git", "-C", str(source))
    name = subprocess.run((*git, "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=False).stdout
    changed = (*git, "status", "--porcelain", "--", *PARTS)
    dirty = subprocess.run(changed, capture_output=True, text=True, check=False).stdout
    return f"commit {name.strip() or 'unknown'}" + (" and uncommitted changes" if dirty else "")


def versions(bench: Bench, tools: Sequence[Tool]) -> Iterator[str]:
    told: dict[str, str] = {}
    for tool in tools:
        program = tool.program(bench.path)
        if program and program not in told and tool is not SWEEP and tool is not TOLD:
            timed([bench.filled(program), *tool.version], tool, bench)
            lines = bench.output().read_text(errors="replace").splitlines()
            told[program] = f"{tool.name.split(',')[0]}: {lines[0].strip() if lines else 'unknown'}"
    yield from told.values()


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Our scan and its peers on the same home, in turn.")
    parser.add_argument("homes", nargs="+", type=Path, metavar="HOME")
    parser.add_argument("--rounds", type=int, default=5, help="counted rounds after one to warm up; 5")
    parser.add_argument("--peers-path", type=Path, action="append", default=[], metavar="DIR", help="where peers lie")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="tools whose name begins so")
    parser.add_argument("--source", type=Path, default=ROOT, metavar="DIR", help="the checkout of ours to measure")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs ours")
    parser.add_argument(
        "--misses", type=Path, metavar="FILE", help="write what each tool missed, one line of JSON each"
    )
    parser.add_argument("--kinds", action="store_true", help="also tell what was found of each kind")
    parser.add_argument("--limit", type=int, metavar="SECONDS", help="also scan the last home with this limit of time")
    parser.add_argument("--most", type=int, default=1800, help="seconds after which a run is killed; 1800")
    parser.add_argument("--apart", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def chosen(bench: Bench, only: Sequence[str]) -> list[Tool]:
    """The tools that are here and wanted."""
    here = [tool for tool in (*WALKERS, *OURS, *PEERS, TOLD) if tool.program(bench.path)]
    if not (ROOT / "bench/sweep_only.py").exists():
        here.remove(SWEEP)
    return [tool for tool in here if not only or any(tool.name.startswith(name) for name in only)]


def prepared(home: Path, work: Path, asked: argparse.Namespace) -> Bench:
    """A place to run on this home; the interpreter must be one that its user may start."""
    folder = work / home.name
    folder.mkdir()
    own(folder, ids(home))
    path = os.pathsep.join([*(str(each.resolve()) for each in asked.peers_path), os.environ.get("PATH", os.defpath)])
    bench = Bench(
        home=home,
        work=folder,
        source=work / "source",
        python=asked.python,
        path=path,
        folder=repository(home),
        ids=ids(home),
        most=asked.most,
        apart=asked.apart,
    )
    if timed([asked.python, "-c", "pass"], scan("quick", "fresh"), bench).code:
        sys.exit(f"the user of {home} may not start {asked.python}: name another with --python")
    return bench


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # tidy up, as after Ctrl-C
    asked = options()
    asked.apart = apart()
    homes = [home.resolve() for home in asked.homes]
    with tempfile.TemporaryDirectory(prefix="sweep-") as name:
        work = Path(name)
        work.chmod(0o755)  # each home's user has a folder of its own in it
        copied(asked.source, work)
        benches = [prepared(home, work, asked) for home in homes]
        guarded = asked.apart and all(map(read_only, homes))
        tools = chosen(benches[0], asked.only)
        print("\n".join(facts(benches[0], tools, asked.source, guarded)))
        looked = []
        for bench in benches:
            looked.append(look(tools, bench, asked.rounds))
            print("\n".join(section(looked[-1], asked.kinds)), flush=True)
        if len(looked) > 1:
            print("\n".join(growth(looked)))
        if asked.limit:
            print("\n".join(hurried(benches[-1], asked.limit)))
        if asked.misses:
            asked.misses.write_text("".join(f"{line}\n" for line in misses(looked)))
    return 1 if any(each.failures for each in looked) else 0


if __name__ == "__main__":
    sys.exit(main())
