"""What `bench/sweep.py` runs side by side: how each is called, how it may end, and what its report claims.

`{home}` is the home that is looked at, `{report}` where the report goes, `{planted}` a list of the files that the key
names, `{python}` and `{source}` ours. No peer may ask a provider: each is told so, and the network is cut off where the
machine allows it.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from bench.scoring import Claim

AGAIN = ", repeat"
Reader = Callable[[bytes, Path], Iterable[Claim]]


class Tool(msgspec.Struct, frozen=True):
    """One command.

    `ends` are the exit codes of a run that went well. `at_home`: HOME is the home that is looked at. `state` is a
    folder of ours that is `fresh` in each run or `kept` from one to the next.
    """

    name: str
    programs: tuple[str, ...]
    arguments: tuple[str, ...]
    ends: tuple[int, ...] = (0,)
    reads: Reader | None = None
    at_home: bool = False
    state: str | None = None
    version: tuple[str, ...] = ("--version",)

    def program(self, path: str) -> str | None:
        """The first of its programs that stands on this search path; a name in braces is filled in later."""
        return next((found for name in self.programs if (found := braced(name) or shutil.which(name, path=path))), None)


def braced(name: str) -> str | None:
    return name if name.startswith("{") else None


def kingfisher(report: bytes, home: Path) -> Iterator[Claim]:
    """Kingfisher's JSON, redacted: a path and the line at which a finding begins."""
    for each in json.loads(report)["findings"]:
        found = each["finding"]
        yield Claim(below(found["path"], home), found["line"])


def betterleaks(report: bytes, home: Path) -> Iterator[Claim]:
    """Betterleaks' JSON: lines and the value."""
    for each in json.loads(report)["findings"] or ():
        place = each["location"]
        yield Claim(below(place["path"], home), place["start_line"], place["end_line"], each["match"]["value"])


def gitleaks(report: bytes, home: Path) -> Iterator[Claim]:
    """Gitleaks' JSON: a list, null where there is nothing."""
    for each in json.loads(report) or ():
        yield Claim(below(each["File"], home), each["StartLine"], each["EndLine"], each["Secret"])


def agent_bom(report: bytes, home: Path) -> Iterator[Claim]:
    """What `agent-bom secrets` writes, personal data left out. It ends with 2 where it did not read all."""
    for each in json.loads(report)["findings"]:
        if each["category"] != "pii":
            yield Claim(below(each["file"], home), each["line"])


def detect_secrets(report: bytes, home: Path) -> Iterator[Claim]:
    """detect-secrets' baseline: lines, and hashes that tell no value."""
    for path, found in json.loads(report)["results"].items():
        for each in found:
            yield Claim(below(path, home), each["line_number"])


def armslength(report: bytes, home: Path) -> Iterator[Claim]:
    """Our report: where credentials lie, and findings that one causes. A handle's secret lies elsewhere."""
    document = json.loads(report)
    for each in document["credentials"]:
        if not each["kind"].startswith("handle."):
            for place in each["locations"]:
                yield from ours(place)
    for each in document["findings"]:
        if "credential" in each:
            yield from ours(each["evidence"])


def ours(place: dict[str, object]) -> Iterator[Claim]:
    path, line = place.get("path"), place.get("line")
    if isinstance(path, str):
        yield Claim(path.removeprefix("~/"), line if isinstance(line, int) else None)


def below(path: str, home: Path) -> str:
    """The path as the key has it: relative to the home, whichever of the three ways it was written."""
    return path.removeprefix(f"{home}/").removeprefix("./")


def scan(depth: str, state: str, *more: str) -> Tool:
    """Our scan at a depth; it never ends for want of time, so that a time is that of a whole look."""
    again = AGAIN if state == "kept" else ""
    return Tool(
        name=f"armslength {depth}{again}",
        programs=("{python}",),
        arguments=("-m", "scanner", "scan", "--format", "json", "--depth", depth, "--time-limit", "3600", *more),
        ends=(0, 3),
        reads=armslength,
        at_home=True,
        state=state,
        version=("-m", "scanner", "version"),
    )


FD = Tool("fd -u", ("fd", "fdfind"), ("-u", "-tf", ".", "{home}"), ends=(0, 1))
SWEEP = Tool("armslength, sweep alone", ("{python}",), ("{source}/bench/sweep_only.py", "{home}"), at_home=True)
WALKERS = (FD, Tool("find", ("find",), ("{home}", "-type", "f"), ends=(0, 1)), SWEEP)
OURS = (
    scan("quick", "fresh"),
    scan("standard", "fresh"),
    scan("standard", "kept"),
    scan("deep", "fresh"),
    scan("deep", "kept"),
)
PEERS = (
    Tool(
        "kingfisher",
        ("kingfisher",),
        (
            *("scan", "{home}", "--no-validate", "--redact", "--git-history", "none", "--no-dedup"),
            *("--no-update-check", "--format", "json", "-o", "{report}"),
        ),
        ends=(0, 200),
        reads=kingfisher,
    ),
    Tool(
        "betterleaks",
        ("betterleaks",),
        ("fs", "{home}", "--no-banner", "--silent", "-o", "{report}"),
        ends=(0, 1),
        reads=betterleaks,
    ),
    Tool(
        "gitleaks",
        ("gitleaks",),
        ("dir", "{home}", "--no-banner", "--report-format", "json", "--report-path", "{report}"),
        ends=(0, 1),
        reads=gitleaks,
    ),
    Tool(
        "agent-bom secrets",
        ("agent-bom",),
        ("secrets", "{home}", "--offline", "-q", "--format", "json", "-o", "{report}"),
        ends=(0, 1, 2),
        reads=agent_bom,
    ),
    Tool(
        "agent-bom scan",
        ("agent-bom",),
        ("scan", "--offline", "--no-scan", "-q", "--format", "json", "-o", "{report}"),
        ends=(0, 1, 2),
        at_home=True,
    ),
)
TOLD = Tool(
    "detect-secrets, told where",
    ("{python}",),
    ("{source}/bench/told.py", "{home}", "{planted}"),
    reads=detect_secrets,
)
