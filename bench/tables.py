"""What `bench/sweep.py` measured, as Markdown."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

import msgspec

from bench.peers import AGAIN, FD, SWEEP
from bench.running import Row
from bench.scoring import Planted, Scored, by, scored, shared

LIMITS = (  # the issue's: one tool against another, at most so many times its wall time
    (SWEEP.name, FD.name, 0.35),
    ("armslength standard", FD.name, 2.0),
    ("armslength standard, repeat", FD.name, 0.4),
    ("armslength standard", "kingfisher", 1 / 15),
    ("armslength standard", "betterleaks", 1 / 15),
    ("armslength deep", "kingfisher", 1 / 3),
    ("armslength deep", "betterleaks", 1 / 3),
)
ALARMS = 0.01
PEAK = 96
SHOWN = 20


class Looked(msgspec.Struct, frozen=True):
    """All tools on one home."""

    home: Path
    files: int
    folders: int
    rows: tuple[Row, ...]
    failures: tuple[str, ...]
    unsteady: tuple[str, ...]
    planted: tuple[Planted, ...]

    def row(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.tool.name == name), None)

    def repeats(self, row: Row) -> bool:
        first = self.row(row.tool.name.removesuffix(AGAIN))
        return first is not None and first is not row and set(first.claims or ()) == set(row.claims or ())

    def scores(self) -> dict[str, Scored]:
        """By the name of the tool; a repeat that claims what the first scan claims is left out."""
        rows = [row for row in self.rows if row.claims is not None and not self.repeats(row)]
        return {row.tool.name: scored(self.planted, row.claims or ()) for row in rows}


def spread(figures: Iterable[float]) -> str:
    """The least, the median and the most."""
    ordered = sorted(figures)
    return f"{ordered[0]:.2f} - **{median(ordered):.2f}** - {ordered[-1]:.2f}"


def ratio(row: Row, base: Row | None, what: str) -> float | None:
    """The median ratio, run by run of the same round; of medians where one ran fewer rounds."""
    if base is None or not base.costs or not row.costs:
        return None
    ours, theirs = ([getattr(cost, what) for cost in each.costs] for each in (row, base))
    if len(ours) != len(theirs):
        return float(median(ours) / median(theirs))
    return float(median(one / other for one, other in zip(ours, theirs, strict=True)))


def shortly(figure: float | None) -> str:
    return "" if figure is None else f"{figure:.2f}"


def table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table: the first column is words, the others figures."""
    yield "| " + " | ".join(head) + " |"
    yield "| --- |" + " ---: |" * (len(head) - 1)
    for line in lines:
        yield "| " + " | ".join(map(str, line)) + " |"
    yield ""


def times(looked: Looked) -> Iterator[str]:
    base = looked.row(FD.name)
    head = ("tool", "runs", "wall s: least, median, most", "CPU s", "wall, x fd", "CPU, x fd", "peak MB")
    yield from table(
        head,
        (
            (
                row.tool.name,
                len(row.costs),
                spread(cost.wall for cost in row.costs),
                spread(cost.cpu for cost in row.costs),
                shortly(ratio(row, base, "wall")),
                shortly(ratio(row, base, "cpu")),
                round(max(cost.peak_kb for cost in row.costs) / 1024),
            )
            for row in looked.rows
            if row.costs
        ),
    )


def held(looked: Looked) -> Iterator[str]:
    """What must hold, and whether it does."""
    yield from table(("must hold", "at most", "wall", "CPU", "held"), limits(looked))


def limits(looked: Looked) -> Iterator[Sequence[object]]:
    for name, other, most in LIMITS:
        row = looked.row(name)
        wall, cpu = (ratio(row, looked.row(other), what) if row else None for what in ("wall", "cpu"))
        if wall is not None:
            yield f"{name} / {other}", f"{most:.3f}", f"{wall:.3f}", f"{cpu:.3f}", "yes" if wall <= most else "**no**"
    for row in looked.rows:
        if row.tool.name.startswith("armslength standard") and row.costs:
            peak = max(cost.peak_kb for cost in row.costs) / 1024
            yield f"peak of {row.tool.name}", f"{PEAK} MB", f"{peak:.0f} MB", "", "yes" if peak <= PEAK else "**no**"


def recalls(scores: dict[str, Scored]) -> Iterator[str]:
    head = ("tool", "found", "of", "recall", "named without a line", "look-alikes flagged", "of", "share", "elsewhere")
    lines = (
        (
            name,
            len(each.found),
            len(each.found) + len(each.missed),
            f"{each.recall():.1%}",
            len(each.unplaced),
            len(each.false),
            len(each.false) + len(each.silent),
            f"{each.alarms():.1%}",
            len(each.elsewhere),
        )
        for name, each in scores.items()
    )
    yield from table(head, lines)


def found_by(what: str, scores: dict[str, Scored]) -> Iterator[str]:
    """How many of each place or kind every tool found."""
    first = next(iter(scores.values()))
    planted = by((*first.found, *first.missed), lambda each: str(getattr(each, what)))
    counts = [by(each.found, lambda planted: str(getattr(planted, what))) for each in scores.values()]
    head = (what, "planted", *(name.removeprefix("armslength ") for name in scores))
    yield from table(head, ((name, of, *(each.get(name, 0) for each in counts)) for name, of in planted.items()))


def alarmed(scores: dict[str, Scored]) -> Iterator[str]:
    """Which look-alikes were flagged, by why they are no secrets."""
    first = next(iter(scores.values()))
    alike = by((*first.false, *first.silent), lambda each: str(each.why))
    counts = [by(each.false, lambda planted: str(planted.why)) for each in scores.values()]
    head = ("look-alike", "planted", *(name.removeprefix("armslength ") for name in scores))
    lines = ((name, of, *(each.get(name, 0) for each in counts)) for name, of in alike.items())
    yield from table(head, (line for line in lines if any(line[2:])))


def against(scores: dict[str, Scored]) -> Iterator[str]:
    """Ours beside each peer over the places in which both found something."""
    ours = [name for name in scores if name.startswith("armslength") and not name.endswith(AGAIN)]
    lines = (
        (f"{mine} / {peer}", *shared(scores[mine], scores[peer]))
        for mine in ours
        for peer in scores
        if not peer.startswith("armslength")
    )
    yield from table(("on the places that both read", "planted", "ours", "theirs"), lines)


def strange(scores: dict[str, Scored]) -> Iterator[str]:
    for name, each in scores.items():
        if name.startswith("armslength") and each.elsewhere:
            yield f"{name}, on lines of which the key knows nothing ({len(each.elsewhere)}, the first {SHOWN}):"
            yield ""
            for claim in each.elsewhere[:SHOWN]:
                yield f"- {claim.path!r}, line {claim.line}"
            yield ""


def section(looked: Looked, kinds: bool) -> Iterator[str]:
    """All that is told of one home; `kinds`: also of each kind of secret."""
    yield f"### {looked.home.name}: {looked.files} files, {looked.folders} folders"
    yield ""
    yield from times(looked)
    yield from held(looked)
    for failure in looked.failures:
        yield f"- FAILED: {failure}"
    for name in looked.unsteady:
        yield f"- {name} did not claim the same in each round"
    if looked.failures or looked.unsteady:
        yield ""
    scores = looked.scores()
    if looked.planted and scores:
        yield from recalls(scores)
        yield from against(scores)
        for what in ("place", "kind") if kinds else ("place",):
            yield from found_by(what, scores)
        yield from alarmed(scores)
        yield from strange(scores)


def growth(homes: Sequence[Looked]) -> Iterator[str]:
    """How the cost grows with the home: CPU seconds of each tool for 100,000 files."""
    names = [row.tool.name for row in homes[0].rows]
    head = ("CPU s for 100,000 files", *(f"{looked.files} files" for looked in homes))
    yield from table(head, ((name, *(each_file(looked, name) for looked in homes)) for name in names))


def each_file(looked: Looked, name: str) -> str:
    row = looked.row(name)
    if row is None or not row.costs:
        return ""
    return f"{median(cost.cpu for cost in row.costs) / looked.files * 100_000:.2f}"


def misses(homes: Sequence[Looked]) -> Iterator[str]:
    """One line of JSON for each secret that a tool missed; never its value."""
    for looked in homes:
        for name, each in looked.scores().items():
            for planted in each.missed:
                told = {what: getattr(planted, what) for what in ("path", "line", "kind", "provider", "place")}
                yield json.dumps({"home": looked.home.name, "tool": name, **told})
