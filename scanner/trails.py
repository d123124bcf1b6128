"""The ways worth having from an identity to what it opens, found once for all credentials that prove it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct

from scanner.data.capabilities import capabilities
from scanner.data.weights import weights
from scanner.graph import CredentialNode, Graph, Link, Right
from scanner.model import Barrier, Capability, Confidence

DEEPEST = 12  # identities along one way
STEPS = 200_000  # links and rights that are followed on one machine; a large one needs some twenty thousand
LEAST_STEPS = 100  # of those, for each identity that a credential proves
Edge = TypeVar("Edge", Link, Right)
DEGREES = {confidence: index for index, confidence in enumerate(Confidence)}


class Trail(Struct, frozen=True):
    """A way so far: the nodes passed, the strongest gate on it, and the weakest confidence."""

    nodes: tuple[str, ...]
    barrier: Barrier
    confidence: Confidence
    why: str = ""

    def through(self, node: str, barrier: Barrier, confidence: Confidence, why: str = "") -> "Trail":
        """The way with one more step."""
        return Trail((*self.nodes, node), stronger(self.barrier, barrier), doubtful(self.confidence, confidence), why)


Row = dict[Capability, list[Trail]]
Opened = dict[str, Row]  # by asset and class all ways of which no other is better, the best first


class Start(Struct, frozen=True):
    """Where credentials begin: an identity that they prove, or a credential itself, and what stands before it."""

    node: str
    barrier: Barrier
    confidence: Confidence


class Finder:
    """Finds the ways over one graph; `cut` says whether there was more to follow than any machine has."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.cut = False
        self._found: dict[Start, Opened] = {}

    def opened(self) -> Iterator[tuple[CredentialNode, Opened]]:
        """What each credential opens; those that begin alike share one table."""
        starts = {node.id: self._starts(node) for node in self.graph.credentials.values()}
        self._find({start for group in starts.values() for start in group})
        for node in self.graph.credentials.values():
            first, *others = [self._found[start] for start in starts[node.id]]
            yield node, _joined(first, others) if others else first

    def _starts(self, node: CredentialNode) -> list[Start]:
        proved = [
            Start(link.target, stronger(node.barrier, link.barrier), link.confidence)
            for link in self.graph.links.get(node.id, ())
        ]
        own = Start(node.id, node.barrier, Confidence.VERIFIED)
        return [own, *proved] if not proved or node.id in self.graph.rights else proved

    def _find(self, starts: Iterable[Start]) -> None:
        """Those with few edges first: what they leave of the steps, the others may take."""
        links, rights = self.graph.links, self.graph.rights

        def size(start: Start) -> tuple[int, str, str, str, int]:
            edges = len(links.get(start.node, ())) + len(rights.get(start.node, ()))
            return edges, start.node, start.barrier.gate, start.barrier.rule, DEGREES[start.confidence]

        left, ordered = STEPS, sorted(starts, key=size)
        for place, start in enumerate(ordered):
            most = max(LEAST_STEPS, left // (len(ordered) - place))
            walk = _Walk(self.graph, most)
            self._found[start] = walk.opened(start)
            left -= most - walk.left
            self.cut |= walk.cut


class _Walk:
    """One search from one start, of so many steps at most; `cut` says that there were more."""

    def __init__(self, graph: Graph, most: int) -> None:
        self.graph = graph
        self.left = most
        self.cut = False

    def opened(self, start: Start) -> Opened:
        """All that is opened from there, implied classes included; the nearest first, where the steps run out."""
        found: Opened = {}
        for trail in self._trails(start):
            # A way is told from what the credential proves; what it holds itself lies right behind it.
            passed = trail.nodes if start.node in self.graph.identities else ()
            for right in self._taken(self.graph.rights.get(trail.nodes[-1], ())):
                row = found.setdefault(right.target, {})
                confidence = doubtful(trail.confidence, right.confidence)
                barrier = stronger(trail.barrier, right.barrier)
                nodes = (*passed, right.target)
                for told in brought(right.capabilities, confidence, right.why):
                    step = Trail(nodes, barrier, told.confidence, told.why)
                    for capability in told.classes:
                        _add(row, capability, step)
        return found

    def _taken(self, edges: Sequence[Edge]) -> Sequence[Edge]:
        """The edges, or as many of them as there are steps left."""
        self.left -= len(edges)
        if self.left >= 0:
            return edges
        self.cut, first = True, max(0, len(edges) + self.left)
        self.left = 0
        return edges[:first]

    def _trails(self, start: Start) -> Iterator[Trail]:
        """Every way worth having to an identity, by its length: of those with one gate and confidence the shortest."""
        beaten: dict[str, list[Trail]] = {}
        layer = [Trail((start.node,), start.barrier, start.confidence)]
        yield from layer
        if start.node not in self.graph.identities:
            return  # what a credential proves is a start of its own
        for _ in range(DEEPEST - 1):
            for trail in layer:
                beaten.setdefault(trail.nodes[-1], []).append(trail)
            layer = self._next(layer, beaten)
            yield from layer

    def _next(self, layer: Sequence[Trail], beaten: Mapping[str, Sequence[Trail]]) -> list[Trail]:
        """One link further, wherever no shorter way is as good."""
        found: dict[tuple[str, float, Confidence], Trail] = {}
        for trail in layer:
            for link in self._taken(self.graph.links.get(trail.nodes[-1], ())):
                step = _further(trail, link, beaten.get(link.target, ()))
                if step is not None:
                    key = (link.target, weights().gate[step.barrier.gate], step.confidence)
                    if key not in found or _named(step) < _named(found[key]):
                        found[key] = step
        return list(found.values())


def _further(trail: Trail, link: Link, others: Sequence[Trail]) -> Trail | None:
    """The way over one more link; None where it leads back, or another is as good."""
    barrier, confidence = stronger(trail.barrier, link.barrier), doubtful(trail.confidence, link.confidence)
    factor, degree = weights().gate[barrier.gate], DEGREES[confidence]
    for other in others:
        if weights().gate[other.barrier.gate] >= factor and DEGREES[other.confidence] <= degree:
            return None
    return Trail((*trail.nodes, link.target), barrier, confidence)


def _joined(first: Opened, others: Sequence[Opened]) -> Opened:
    """What several starts of one credential open together."""
    found = {asset: dict(row) for asset, row in first.items()}
    for other in others:
        for asset, row in other.items():
            here = found.setdefault(asset, {})
            for capability, trails in row.items():
                for trail in trails:
                    _add(here, capability, trail)
    return found


def _add(row: Row, capability: Capability, step: Trail) -> None:
    """Adds a way unless another is as good, and drops those that it betters; a row's lists are never changed."""
    there = row.get(capability)
    if there is None:
        row[capability] = [step]
    elif not any(_beats(other, step) for other in there):
        row[capability] = sorted([step, *(other for other in there if not _beats(step, other))], key=order)


def _beats(one: Trail, other: Trail) -> bool:
    """Whether a way is better than another in gate or confidence and worse in neither; of equals the first by name."""
    factor = weights().gate[one.barrier.gate] - weights().gate[other.barrier.gate]
    degree = DEGREES[one.confidence] - DEGREES[other.confidence]
    if factor or degree:
        return factor >= 0 and degree <= 0
    return _named(one) <= _named(other)


def _named(trail: Trail) -> tuple[int, tuple[str, ...], str, str]:
    return (len(trail.nodes), trail.nodes, trail.barrier.rule, trail.why)


def order(trail: Trail) -> tuple[float, int, tuple[str, ...], str, str]:
    """Sort key, best way first: the greatest product of gate and confidence, then the fewest steps."""
    return (-weights().gate[trail.barrier.gate] * weights().confidence[trail.confidence], *_named(trail))


def stronger(one: Barrier, other: Barrier) -> Barrier:
    """The one that holds back more: the smaller its factor the stronger, then by its rule."""
    if one is other:
        return one
    mine, others = weights().gate[one.gate], weights().gate[other.gate]
    if mine == others:
        return one if one.rule >= other.rule else other
    return one if mine < others else other


def doubtful(one: Confidence, other: Confidence) -> Confidence:
    """The less sure of two degrees."""
    return one if DEGREES[one] >= DEGREES[other] else other


# --- what classes bring along


class Brought(Struct, frozen=True):
    """Classes that a right gives for one reason, and how surely."""

    confidence: Confidence
    why: str
    classes: tuple[Capability, ...]


@lru_cache(maxsize=65536)
def brought(held: frozenset[Capability], confidence: Confidence, why: str) -> tuple[Brought, ...]:
    """The classes of a right and all that they bring along on the same asset, until nothing more comes.

    A class that comes in several ways is as sure as by the surest; of equals the first reason by name is told.
    """
    found = dict.fromkeys(held, (DEGREES[confidence], why))
    changed = True
    while changed:
        changed = False
        for rule in capabilities().implications:
            if rule.source not in found:
                continue
            degrees = list(Confidence)
            told = (DEGREES[rule.carried.of(degrees[found[rule.source][0]])], rule.why)
            for target in rule.targets:
                if target not in found or told < found[target]:
                    found[target] = told
                    changed = True
    reasons: dict[tuple[int, str], list[Capability]] = {}
    for capability in Capability:
        if capability in found:
            reasons.setdefault(found[capability], []).append(capability)
    return tuple(
        Brought(list(Confidence)[degree], reason, tuple(classes)) for (degree, reason), classes in reasons.items()
    )
