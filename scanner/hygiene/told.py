"""All that hygiene finds: one finding for each agent, folder and kind, and the agents' own rules as protections."""

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from scanner.hygiene.around import Around
from scanner.hygiene.entries import shadows
from scanner.hygiene.files import commands, rewritable
from scanner.hygiene.rules import broad, leftovers, own_rules, used_here, useless
from scanner.hygiene.stores import stores, unasked
from scanner.judgement import Judged
from scanner.model import Guardrail, Observation, SettingSeen, UseSeen, Weakness


def told(judged: Judged, observations: Sequence[Observation]) -> list[Weakness | Guardrail]:
    """What is found over all agents and folders, each once."""
    found: dict[Weakness | Guardrail, list[str]] = {}
    for around in _around(judged, observations):
        for seen in _of(around):
            found.setdefault(seen, []).append(around.acting.seen.folder or "~")
    if len({each.seen.folder for each in judged.acting}) < 2:
        return list(found)
    return [_placed(seen, folders) for seen, folders in found.items()]


def _of(around: Around) -> Iterator[Weakness | Guardrail]:
    shadowed = shadows(around.entries)
    yield from leftovers(around)
    yield from useless(around, shadowed)
    yield from own_rules(around, shadowed)
    yield from broad(around)
    yield from unasked(around)
    yield from commands(around)
    yield from rewritable(around)


def _around(judged: Judged, observations: Sequence[Observation]) -> Iterator[Around]:
    settings: dict[str, list[SettingSeen]] = {}
    uses: list[UseSeen] = []
    for seen in observations:
        if isinstance(seen, SettingSeen):
            settings.setdefault(seen.agent, []).append(seen)
        elif isinstance(seen, UseSeen):
            uses.append(seen)
    files = stores(judged)
    for each in judged.acting:
        if not each.seen.notional:
            agent, folder = each.seen.agent, each.seen.folder
            mine = {told for told in settings.get(agent, ()) if told.folder in {None, folder}}
            yield Around(each, judged, tuple(sorted(mine, key=_order)), used_here(uses, agent, folder), files)


def _order(told: SettingSeen) -> tuple[str, int, str]:
    return (str(told.evidence.path), told.evidence.line or 0, told.key)


def _placed(seen: Weakness | Guardrail, folders: Sequence[str]) -> Weakness | Guardrail:
    """A finding where there are several folders: what is the same in some of them is told once, with their names.

    A place tells findings apart, so that one about another folder says so in its key.
    """
    if isinstance(seen, Guardrail):
        return seen
    here = f"in {folders[0]}" if len(folders) == 1 else f"in {len(folders)} folders"
    key = f"{seen.evidence.key} {here}" if seen.evidence.key else here
    return replace(seen, title=f"{seen.title} {here}", evidence=replace(seen.evidence, key=key))
