"""What was looked at: a thing that is not seen any more because nobody looked there is not gone."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from scanner.host.paths import braces
from scanner.model.difference import Origin
from scanner.model.report import GapInfo, Location, ProbeCoverage, Report
from scanner.patterns import Pattern

DEPTHS = ("quick", "standard", "deep")
LIVE = ("<", "env:", "processes", "socket:", "keychain", "registry:")  # reads that are no paths
LINE = Pattern(r", line \d+$")
FOLDERS = ("$XDG_CONFIG_HOME", "$XDG_DATA_HOME", "$APPDATA", "$LOCALAPPDATA")  # that hold the files of many programs
Reads = Mapping[str, Sequence[str]]


class Reason(Struct, frozen=True):
    """Why a thing was not seen: the cause that it stands under, what that is about, and in words."""

    origin: Origin
    subject: str
    told: str


class View(Struct, frozen=True):
    """What `other` did not look at of what `seen` did; `reads` are the declared reads of probes, by their ids.

    `only` are the agents that `other` was asked to judge, none for all.
    """

    seen: Report
    other: Report
    reads: Reads
    only: frozenset[str]
    places: Mapping[str, str]
    unfinished: Mapping[str, str]
    areas: Sequence[str]
    kept: Sequence[str]
    named: frozenset[str]

    def of_thing(self, locations: Iterable[Location], kind: str = "") -> Reason | None:
        """Why something at these places may still be there: for one place that nobody looked at."""
        found = [self._of_place(each, kind) for each in locations]
        return next((each for each in found if each is not None), None)

    def of_agent(self, agent: str, workspace: str | None) -> Reason | None:
        """Why an agent was not judged in a folder."""
        if self.only and agent not in self.only:
            return Reason(Origin.LOOK, "agent", f"only {', '.join(sorted(self.only))} was judged")
        agents = {each.agent for each in self.other.principals if not each.notional}
        if agent in agents and workspace is not None and workspace not in self.named:
            return self._narrower(workspace)
        if agent not in agents and "agents" in self.unfinished:
            return self._skipped("agents")
        return None

    def asks_less(self) -> Reason | None:
        """That a provider was asked when the one report was made and not when the other was."""
        missed = [each for each in self.seen.scan.asked if each not in self.other.scan.asked]
        return Reason(Origin.LOOK, "live", f"{', '.join(missed)} was asked with --live") if missed else None

    def _of_place(self, location: Location, kind: str) -> Reason | None:
        if location.path is None:
            return self._of_variable(location)
        path = location.path.replace("\\", "/")
        for gap, why in self.places.items():
            if _within(path, [gap]):
                return Reason(Origin.PLACE, gap, why)
        probe = next((each for each in self.unfinished if self._may_read(each, path, kind)), None)
        if probe is not None:
            return self._skipped(probe)
        if not _within(path, self.areas):
            return None
        if not _within(path, self.kept):
            return self._narrower(path)
        return self._shallower()

    def _of_variable(self, location: Location) -> Reason | None:
        """A variable, or a running process: whether such were looked at is known of the probe that does."""
        probe = "environment"
        if probe in self.unfinished:
            return self._skipped(probe)
        mine, theirs = _coverage(self.seen, probe), _coverage(self.other, probe)
        if mine is None or theirs is None:
            return None
        missed = [each for each in theirs.unanswered if each not in mine.unanswered and each.startswith(LIVE)]
        if missed or (self.seen.host.source, self.other.host.source) == ("live", "image"):
            return Reason(Origin.LOOK, "environment", "the environment was looked at")
        return None

    def _may_read(self, probe: str, path: str, kind: str) -> bool:
        """Whether that probe could have seen a thing of that kind there; where its reads are not known, it could."""
        patterns = self.reads.get(probe)
        return patterns is None or kind.startswith(f"{probe}.") or any(_fits(path, each) for each in patterns)

    def _skipped(self, probe: str) -> Reason:
        return Reason(Origin.LOOK, f"probe {probe}", f"the probe {probe} {self.unfinished[probe]}")

    def _narrower(self, path: str) -> Reason:
        there = self.other.host.workspace
        where = f"the workspace was {there}" if there is not None else "there was no workspace"
        return Reason(Origin.LOOK, "workspace", f"{path} lies outside of what was looked at: {where}")

    def _shallower(self) -> Reason | None:
        mine, theirs = self.seen.host.depth, self.other.host.depth
        if _depth(theirs) < _depth(mine):
            return Reason(Origin.LOOK, "depth", f"--depth was {theirs} in place of {mine}")
        return None


def view(seen: Report, other: Report, reads: Reads, only: frozenset[str] = frozenset()) -> View:
    """What the other report did not look at of what this one did."""
    known = {(gap.probe, gap.place) for gap in seen.gaps}
    fresh = [gap for gap in other.gaps if (gap.probe, gap.place) not in known]
    unfinished = {gap.probe: f"did not come to its end: {gap.why}" for gap in fresh if not gap.place}
    ran = {each.id for each in other.scan.probes} | {each.probe for each in other.coverage.probes}
    before = {each.id: None for each in seen.scan.probes} | {each.probe: None for each in seen.coverage.probes}
    unfinished |= {each: "was left out" for each in before if each not in ran} if ran else {}
    return View(
        seen=seen,
        other=other,
        reads=reads,
        only=only,
        places={place_of_gap(gap): gap.why for gap in fresh if gap.place},
        unfinished={name: why for name, why in unfinished.items() if name != "live"},
        areas=_areas(seen),
        kept=_areas(other),
        named=frozenset(_workspaces(other)),
    )


def place_of_gap(gap: GapInfo) -> str:
    """The path of a gap, without the line at which a file breaks."""
    return LINE.sub("", gap.place).rstrip("/")


def _areas(report: Report) -> list[str]:
    """The folders that were walked: workspaces, and what lies beside them."""
    host = report.host
    folders = [each for each in _workspaces(report) if each != "~"]
    if host.neighbours and host.depth != DEPTHS[0]:
        folders += [each.rpartition("/")[0] for each in folders if each.count("/") > 1]
    return folders


def _workspaces(report: Report) -> list[str]:
    """The folders in which agents were judged."""
    named = [report.host.workspace, *(each.workspace for each in report.principals)]
    return [each for each in dict.fromkeys(named) if each is not None]


def _within(path: str, folders: Sequence[str]) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in folders)


def _fits(path: str, pattern: str) -> bool:
    """Whether a declared read means a path; one that stands for whatever a variable or a file names means none."""
    variable, _, below = pattern.partition("/")
    if pattern.startswith("$") and ("/" in below or (below and variable in FOLDERS)):
        pattern = f"**/{below}"
    if pattern.startswith("$") or pattern.endswith(">"):
        return False
    if pattern.startswith(("**/", "./")):
        pattern = f"*{pattern.lstrip('.*')}"
    tail = pattern.partition(">")[2]
    glob = f"*{tail}" if pattern.startswith("<") else pattern
    return any(fnmatchcase(path, each) for each in braces(glob))


def _coverage(report: Report, probe: str) -> ProbeCoverage | None:
    return next((each for each in report.coverage.probes if each.probe == probe), None)


def _depth(word: str) -> int:
    return DEPTHS.index(word) if word in DEPTHS else 1
