"""One line for an agent that stands the same in all its folders: what a document says of many workspaces at once."""

from collections.abc import Mapping
from typing import TypeVar

from msgspec.structs import replace

from scanner.model.report import Report

Told = TypeVar("Told")
Groups = Mapping[str, tuple[str, ...]]


def folded(report: Report) -> Report:
    """The report as it is written: under an agent's id what holds for it in every folder that it is judged in."""
    groups = _groups(report)
    if not groups:
        return report
    return replace(
        report,
        exposures=tuple(replace(each, ways=_fold(each.ways, groups)) for each in report.exposures),
        credentials=tuple(replace(each, readings=_fold(each.readings, groups)) for each in report.credentials),
    )


def unfolded(report: Report) -> Report:
    """The inverse: each principal with its own."""
    groups = _groups(report)
    if not groups:
        return report
    return replace(
        report,
        exposures=tuple(replace(each, ways=_unfold(each.ways, groups)) for each in report.exposures),
        credentials=tuple(replace(each, readings=_unfold(each.readings, groups)) for each in report.credentials),
    )


def _groups(report: Report) -> Groups:
    """The principals of each agent that is judged in several folders; none where its id is that of a principal."""
    found: dict[str, dict[str, None]] = {}
    for each in report.principals:
        if each.agent is not None:
            found.setdefault(each.agent, {})[each.id] = None
    return {agent: tuple(ids) for agent, ids in found.items() if len(ids) > 1 and agent not in ids}


def _fold(told: Mapping[str, Told], groups: Groups) -> dict[str, Told]:
    rest = dict(told)
    for agent, ids in groups.items():
        same = rest.get(ids[0])
        if same is not None and agent not in rest and all(rest.get(each) == same for each in ids):
            for each in ids:
                del rest[each]
            rest[agent] = same
    return rest


def _unfold(told: Mapping[str, Told], groups: Groups) -> dict[str, Told]:
    rest = dict(told)
    for agent, ids in groups.items():
        same = rest.pop(agent, None)
        if same is not None:
            rest.update((each, same) for each in ids if each not in rest)
    return rest
