"""Texts of our own that stand in every output: a password that happens to be one of them must not blank it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.probe import Probe


def own_words(probes: "Iterable[Probe]") -> frozenset[str]:
    """The names of the document's fields, the words of the model, the data's and the probes' titles."""
    return frozenset((*_of_the_document(), *_of_the_data(), *_of_the_probes(probes)))


def _of_the_document() -> Iterator[str]:
    from msgspec import Struct

    from scanner.model import report, terms

    for each in vars(report).values():
        if isinstance(each, type) and issubclass(each, Struct):
            yield from each.__struct_encode_fields__
    for each in vars(terms).values():
        if isinstance(each, type) and issubclass(each, StrEnum):
            yield from (word.value for word in each)


def _of_the_data() -> Iterator[str]:
    from scanner.data.agents import agents
    from scanner.data.kinds import kinds
    from scanner.data.severities import weaknesses

    for kind in kinds().values():
        yield from (kind.id, kind.title, kind.provider, kind.why, kind.narrow, kind.step)
        for grant in kind.grants:
            yield from (grant.asset, grant.why)
    yield from weaknesses()
    for agent in agents():
        yield from (agent.id, agent.title)


def _of_the_probes(probes: "Iterable[Probe]") -> Iterator[str]:
    for probe in probes:
        yield from (probe.id, probe.title, *probe.reads)
