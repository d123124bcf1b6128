"""YAML: compose files, manifests, pipelines, values, settings; a template that is no YAML is read line by line."""

from pathlib import PurePath

from probes.anywhere import assigned
from probes.anywhere.documents import read_trees
from probes.anywhere.naming import leftover
from probes.anywhere.reading import Read
from probes.yaml_text import parse


def read(text: str, path: PurePath) -> Read:
    """The pairs of every document; of what is no YAML the lines that assign."""
    told = parse(text)
    whole = read_trees(text, path, told.documents)
    if not told.faults:
        return whole
    first = min(fault.line for fault in told.faults)
    below = tuple(each for each in assigned.pairs(text, path) if (each.evidence.line or 0) >= first)
    met = {(each.evidence.line, each.value) for each in whole.pairs}
    pairs = (*whole.pairs, *(each for each in below if (each.evidence.line, each.value) not in met))
    return Read(pairs, leftover(text, pairs))
