"""What changes are meant where a reader names one thing by its id, as it stands in a report."""

from collections.abc import Callable, Iterator

from scanner import assembly
from scanner.advice import advised
from scanner.contract.judge import Item
from scanner.judgement import Judged
from scanner.whatif import (
    AgentGone,
    AgentMended,
    Change,
    CredentialGone,
    IdentityGone,
    Mended,
    RightGone,
    ServerGone,
)


def supposed(judged: Judged, id: str) -> tuple[Change, ...]:
    """What thinking a thing away changes, by its whole id: it is gone, or what it asks for is done.

    A credential, identity, agent or server is gone; of an asset or exposure the rights are, that lead there; a finding
    or clause is mended, and a step of the plan is done. Nothing is changed for what cannot be thought away.
    """
    for meant in MEANT:
        found = tuple(meant(judged, id))
        if found:
            return found
    return ()


def _credential(judged: Judged, id: str) -> Iterator[Change]:
    if id in judged.graph.credentials:
        yield CredentialGone(id)


def _identity(judged: Judged, id: str) -> Iterator[Change]:
    if id in judged.graph.identities:
        yield IdentityGone(id)


def _asset(judged: Judged, id: str) -> Iterator[Change]:
    for holder, rights in sorted(judged.graph.rights.items()) if id in judged.graph.assets else ():
        if any(each.target == id for each in rights):
            yield RightGone(holder, id)


def _exposure(judged: Judged, id: str) -> Iterator[Change]:
    """The rights that its ways end in: of whoever stands last before the asset."""
    rows = dict.fromkeys(each.path[-2:] for each in judged.model.reached.judged if each.id == id)
    yield from (RightGone(holder, asset) for holder, asset in rows)


def _agent(judged: Judged, id: str) -> Iterator[Change]:
    named = dict.fromkeys(each.seen.agent for each in judged.acting if id in {each.id, each.seen.agent})
    yield from map(AgentGone, named)


def _server(judged: Judged, id: str) -> Iterator[Change]:
    for seen in judged.subject.servers:
        if any(told.id == id for told in assembly.servers([seen], judged.model.machine)):
            yield ServerGone(seen.client, seen.name)
            return


def _finding(judged: Judged, id: str) -> Iterator[Change]:
    items = judged.judgement.items if judged.judgement is not None else ()
    for item in items:
        if item.id == id:
            yield from _mended(judged, item)


def _clause(judged: Judged, id: str) -> Iterator[Change]:
    """All that breaks a clause."""
    items = judged.judgement.items if judged.judgement is not None else ()
    yield from dict.fromkeys(change for item in items if id in item.clauses for change in _mended(judged, item))


def _weakness(judged: Judged, id: str) -> Iterator[Change]:
    for seen in judged.graph.weaknesses:
        if any(told.id == id for told in assembly.findings([seen], judged.model.machine)):
            yield Mended(id, (), (seen.evidence,))


def _step(judged: Judged, id: str) -> Iterator[Change]:
    for step in advised(judged):
        if step.draft.id == id:
            yield from step.draft.changes


def _mended(judged: Judged, item: Item) -> Iterator[Change]:
    """What the mend of an item changes."""
    if item.credential is not None:
        yield CredentialGone(item.credential.id)
        return
    agents = {name: each.seen.agent for each in judged.acting for name in (each.id, each.seen.agent)}
    for cause in dict.fromkeys(each.cause for each in item.broken):
        own = [each for each in item.broken if each.cause == cause]
        if cause in agents:
            yield AgentMended(agents[cause], tuple(dict.fromkeys(each.mend for each in own if each.mend)))
        else:
            places = tuple(dict.fromkeys(place for each in own for place in each.evidence))
            yield Mended(cause, tuple(dict.fromkeys(each.clause for each in own)), places)


MEANT: tuple[Callable[[Judged, str], Iterator[Change]], ...] = (
    *(_credential, _identity, _asset, _exposure, _agent, _server),
    *(_finding, _clause, _weakness, _step),
)
