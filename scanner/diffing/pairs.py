"""Who is who in two reports: ids are stable, and where one is not, place, kind and fingerprint tell."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from msgspec import Struct

from scanner.model.report import (
    Clause,
    Credential,
    Finding,
    GapInfo,
    GuardrailInfo,
    Location,
    Principal,
    Report,
    Server,
    Waiver,
)

Thing = TypeVar("Thing")
Pair = tuple[Thing | None, Thing | None]
Keys = Callable[[Thing], Iterable[Hashable]]

CONTRACT = "contract"  # the tag of what a contract found
DEMAND = "require"


class Pairs(Struct, frozen=True):
    """Two reports and their things side by side, None where one has it not.

    `same` are the ids of old credentials, `named` those of old principals, each by what the new report calls it.
    """

    old: Report
    new: Report
    credentials: Sequence[Pair[Credential]]
    principals: Sequence[Pair[Principal]]
    servers: Sequence[Pair[Server]]
    findings: Sequence[Pair[Finding]]
    same: Mapping[str, str]
    named: Mapping[str, str]


def pairs(old: Report, new: Report) -> Pairs:
    """The two reports, side by side."""
    credentials = paired(old.credentials, new.credentials, _id, _fingerprint, _places, _secret, _named)
    principals = paired(old.principals, new.principals, _in_folder, _agent)
    same = {one.id: other.id for one, other in credentials if one is not None and other is not None}
    named = {one.id: other.id for one, other in principals if one is not None and other is not None}

    def item(each: Finding) -> Iterable[Hashable]:
        """An item of the contract by its cause: the credential, else who it is about."""
        if CONTRACT not in each.tags:
            return ()
        if each.credential is not None:
            return ((same.get(each.credential, each.credential),),)
        who = sorted({name.partition("@")[0] for name in each.principals})
        return ((each.rule, tuple(who), each.evidence.path),)

    servers = paired(old.servers, new.servers, _id, _entry)
    findings = paired(old.findings, new.findings, _id, item, _weakness)
    return Pairs(
        old=old,
        new=new,
        credentials=credentials,
        principals=principals,
        servers=servers,
        findings=findings,
        same=same,
        named=named,
    )


def paired(old: Sequence[Thing], new: Sequence[Thing], *keys: Keys[Thing]) -> list[Pair[Thing]]:
    """Each thing with its counterpart: by equal place and value, then by the first key that means one on either side.

    It does not matter which of the two is called old.
    """
    partner = {number: number for number, (one, other) in enumerate(zip(old, new, strict=False)) if one == other}
    left = {number: each for number, each in enumerate(old) if number not in partner}
    right = {number: each for number, each in enumerate(new) if number not in partner}
    for key in keys:
        mine, theirs = _by_key(left, key), _by_key(right, key)
        for shared in sorted(mine.keys() & theirs.keys(), key=repr):
            ones, others = [each for each in mine[shared] if each in left], [n for n in theirs[shared] if n in right]
            if len(ones) == 1 and len(others) == 1:
                partner[ones[0]] = others[0]
                del left[ones[0]], right[others[0]]
    found: list[Pair[Thing]] = [(each, new[partner[n]] if n in partner else None) for n, each in enumerate(old)]
    return found + [(None, each) for each in right.values()]


def either(pair: Pair[Thing]) -> Thing:
    """The newer of two that stand side by side, else the older. Raises ValueError where there is neither."""
    for each in reversed(pair):
        if each is not None:
            return each
    raise ValueError("a pair of nothing")


def _by_key(things: Mapping[int, Thing], key: Keys[Thing]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = {}
    for number, each in things.items():
        for one in dict.fromkeys(key(each)):
            found.setdefault(one, []).append(number)
    return found


def place_of(location: Location) -> tuple[str, str]:
    """A place without its line, which moves when another is written above it."""
    process = (location.process or "").partition(" (pid ")[0]
    return location.path or location.variable or process, location.key or ""


def clauses(old: Report, new: Report) -> list[Pair[Clause]]:
    """The clauses: by what they say; the numbers of lines move, the names of demands do not."""
    mine, theirs = (each.contract.clauses if each.contract is not None else () for each in (old, new))
    digests = {each.contract.digest for each in (old, new) if each.contract is not None}
    return paired(
        mine,
        theirs,
        lambda each: ((each.id, each.text),),
        lambda each: (each.text,),
        lambda each: (each.id,) if len(digests) == 1 or each.id.startswith(DEMAND) else (),
    )


def waivers(old: Report, new: Report) -> list[Pair[Waiver]]:
    """The waivers, by what they accept."""
    return paired(
        old.waivers,
        new.waivers,
        lambda each: ((each.finding, each.owner, each.until),),
        lambda each: ((each.finding, each.owner),),
        lambda each: (each.finding,),
    )


def guardrails(old: Report, new: Report) -> list[Pair[GuardrailInfo]]:
    """The protections, by rule and place."""
    return paired(
        old.guardrails,
        new.guardrails,
        lambda each: ((each.rule, each.title, place_of(each.evidence)),),
        lambda each: ((each.rule, place_of(each.evidence)),),
        lambda each: (each.rule,),
    )


def gaps(old: Report, new: Report) -> list[Pair[GapInfo]]:
    """The places that were not looked at; one that is refused for another reason is still the same gap."""
    return paired(old.gaps, new.gaps, lambda each: (each,), lambda each: ((each.probe, each.place),))


def _id(each: Credential | Server | Finding) -> Iterable[Hashable]:
    return (each.id,)


def _fingerprint(each: Credential) -> Iterable[Hashable]:
    return ((each.kind, each.fingerprint),) if each.fingerprint is not None else ()


def _places(each: Credential) -> Iterable[Hashable]:
    return [(each.kind, *place_of(location)) for location in each.locations]


def _secret(each: Credential) -> Iterable[Hashable]:
    """The same secret, which is known as another kind now."""
    return (each.fingerprint,) if each.fingerprint is not None else ()


def _named(each: Credential) -> Iterable[Hashable]:
    return [(each.public_id, *place_of(location)) for location in each.locations if each.public_id is not None]


def _in_folder(each: Principal) -> Iterable[Hashable]:
    return ((each.agent or each.id, each.workspace),)


def _agent(each: Principal) -> Iterable[Hashable]:
    return (each.agent or each.id,)


def _entry(each: Server) -> Iterable[Hashable]:
    return ((each.client, each.name, each.evidence.path, each.folder), (each.client, each.name, each.evidence.path))


def _weakness(each: Finding) -> Iterable[Hashable]:
    where = (each.rule, *place_of(each.evidence))
    return () if CONTRACT in each.tags else ((*where, each.title), where, (each.rule, where[1]))
