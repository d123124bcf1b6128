"""Notebooks: the sources of their cells are code, and of all they printed only shapes count."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from pathlib import PurePath

from probes.anywhere import assigned
from probes.anywhere.json_document import tree
from probes.anywhere.naming import leftover
from probes.anywhere.plain import plain
from probes.anywhere.reading import Read
from probes.yaml_text import Node
from scanner.secrets import Pair

IMAGE = re.compile(
    r'("(?:image|application|video|audio)/[\w.+-]{1,80}"\s{0,4}:\s{0,4})'
    r'(?:"[^"]*+(?:"|\Z)|\[[^\]]*+(?:\]|\Z))'
)
CELLS_LIMIT = 2_000


def read(text: str, path: PurePath) -> Read:
    """What the cells assign; pictures are left out of the rest."""
    pairs = tuple(found for root in tree(text)[:1] for found in _cells(root, path))
    return Read(pairs, plain(leftover(IMAGE.sub(_blanked, text), pairs)))


def _blanked(match: re.Match[str]) -> str:
    return match[1] + "\n" * match[0].count("\n", match.end(1) - match.start())


def _cells(root: Node, path: PurePath) -> Iterator[Pair]:
    cells = root.get("cells")
    for cell in cells.elements()[:CELLS_LIMIT] if cells is not None else ():
        source = cell.get("source")
        if source is not None and cell.said("cell_type") != "raw":
            yield from _code(source, path)


def _code(source: Node, path: PurePath) -> Iterator[Pair]:
    """The pairs of one cell, each at the line of the file that holds it."""
    written = [each for each in (source.elements() or (source,)) if each.text]
    breaks = list(accumulate(each.text.count("\n") for each in written))
    for found in assigned.pairs("".join(each.text for each in written), path.with_name("cell.py")):
        inner = (found.evidence.line or 1) - 1
        line = written[min(bisect_right(breaks, inner), len(written) - 1)].line
        yield Pair(found.name, found.value, assigned.moved(found.evidence, path, line))
