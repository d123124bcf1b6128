"""What of a generated home's key a tool found, and what it took for a secret that is none.

A planted secret is found by a claim on its file and one of its lines, or by a claim that shows its value. A look-alike
so met is a false alarm, unless a secret stands on the same line. A claim on lines of which the key knows nothing is
counted too, as one elsewhere.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from scanner.text import printable

SHOWN = 8  # a value that shows less than this of a planted one does not tell which it means


class Planted(msgspec.Struct, frozen=True):
    """One line of the key: a secret, or a look-alike and `why` it is none. `path` is relative to the home."""

    path: str
    line: int | None
    kind: str
    provider: str | None
    place: str
    secret: bool
    value: str = ""
    why: str | None = None
    end_line: int | None = None

    def lines(self) -> range:
        if self.line is None:
            return range(0)
        return range(self.line, (self.end_line or self.line + self.value.strip("\n").count("\n")) + 1)

    def __repr__(self) -> str:
        return f"Planted({self.path!r}, {self.line}, {self.kind!r})"


class Claim(msgspec.Struct, frozen=True):
    """What a tool says is a secret: where, and its value where the tool shows one."""

    path: str
    line: int | None = None
    last: int | None = None
    value: str = ""

    def lines(self) -> range:
        return range(0) if self.line is None else range(self.line, (self.last or self.line) + 1)

    def place(self) -> tuple[str, int | None]:
        return self.path, self.line


class Scored(msgspec.Struct, frozen=True):
    """One tool held against the key.

    `unplaced` are missed secrets whose file was named without a line, `beside` look-alikes whose line a secret shares.
    """

    found: tuple[Planted, ...]
    missed: tuple[Planted, ...]
    unplaced: tuple[Planted, ...]
    false: tuple[Planted, ...]
    silent: tuple[Planted, ...]
    beside: tuple[Planted, ...]
    elsewhere: tuple[Claim, ...]

    def recall(self) -> float:
        return len(self.found) / max(1, len(self.found) + len(self.missed))

    def alarms(self) -> float:
        """The share of look-alikes that were taken for secrets."""
        return len(self.false) / max(1, len(self.false) + len(self.silent))


class Claims:
    """The claims of one tool, by file and by value."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self.by_path: dict[str, list[Claim]] = defaultdict(list)
        self.values: set[str] = set()
        for claim in claims:
            self.by_path[printable(claim.path)].append(claim)
            self.values.add(claim.value)
        self.values.discard("")

    def meets(self, planted: Planted) -> bool:
        shown = planted.secret and planted.value in self.values  # a secret is unique in the home, "changeme" is not
        return shown or any(on(claim, planted) for claim in self.of(planted))

    def unplaced(self, planted: Planted) -> bool:
        return any(claim.line is None for claim in self.of(planted))

    def of(self, planted: Planted) -> list[Claim]:
        """Those on its file. Our report writes odd names with escapes, so names are compared as it writes them."""
        return self.by_path.get(printable(planted.path), [])


def key(path: Path) -> tuple[Planted, ...]:
    """The key that `bench/home.py` wrote; odd names stand in it with lone surrogates, which only `json` takes."""
    lines = path.read_text().splitlines()
    return tuple(msgspec.convert(json.loads(line), Planted) for line in lines if line)


def on(claim: Claim, planted: Planted) -> bool:
    """Whether a claim on the same file means what was planted: by its lines, or by a value that overlaps."""
    ours, theirs = planted.lines(), claim.lines()
    if planted.line is None or (theirs and ours.start < theirs.stop and theirs.start < ours.stop):
        return True
    shorter, longer = sorted((claim.value, planted.value), key=len)
    return len(shorter) >= SHOWN and shorter in longer


def scored(planted: Sequence[Planted], claims: Iterable[Claim]) -> Scored:
    """Holds the claims of one tool against the key."""
    claimed = list(claims)
    met = Claims(claimed)
    secrets = [each for each in planted if each.secret]
    taken = {(each.path, line) for each in secrets for line in each.lines()}
    apart: list[Planted] = []
    beside: list[Planted] = []
    for each in planted:
        if not each.secret:
            shares = any((each.path, line) in taken for line in each.lines())
            (beside if shares else apart).append(each)
    missed = tuple(each for each in secrets if not met.meets(each))
    return Scored(
        found=tuple(each for each in secrets if met.meets(each)),
        missed=missed,
        unplaced=tuple(each for each in missed if met.unplaced(each)),
        false=tuple(each for each in apart if met.meets(each)),
        silent=tuple(each for each in apart if not met.meets(each)),
        beside=tuple(beside),
        elsewhere=elsewhere(planted, claimed),
    )


def elsewhere(planted: Sequence[Planted], claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """One claim for each place of which the key knows nothing, in the order of paths."""
    known: dict[str, list[Planted]] = defaultdict(list)
    for each in planted:
        known[printable(each.path)].append(each)
    values = {each.value for each in planted if each.secret}
    strange: dict[tuple[str, int | None], Claim] = {}
    for claim in claims:
        there = known.get(printable(claim.path), [])
        whole = claim.line is None and there  # told apart as `unplaced` already
        if claim.value not in values and not whole and not any(on(claim, each) for each in there):
            strange.setdefault(claim.place(), claim)
    return tuple(sorted(strange.values(), key=lambda claim: (claim.path, claim.line or 0)))


def by(planted: Iterable[Planted], what: Callable[[Planted], str]) -> dict[str, int]:
    """How many there are of each place, kind or reason, in order."""
    counts: dict[str, int] = defaultdict(int)
    for each in planted:
        counts[what(each)] += 1
    return dict(sorted(counts.items()))


def shared(one: Scored, other: Scored) -> tuple[int, int, int]:
    """Over the places in which both tools found something: how many were planted there, and what each found."""
    places = {each.place for each in one.found} & {each.place for each in other.found}
    planted = sum(each.place in places for each in (*one.found, *one.missed))
    ours, theirs = (sum(each.place in places for each in scored.found) for scored in (one, other))
    return planted, ours, theirs
