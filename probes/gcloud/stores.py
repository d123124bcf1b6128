"""gcloud's two databases: sign-ins and keys in one, cached access tokens in the other."""

from collections.abc import Iterator
from pathlib import PurePath

from probes.gcloud.documents import About, proofs
from probes.gcloud.near import Near
from probes.gcloud.reads import CREDENTIALS, PENDING, TOKENS
from probes.gcloud.who import Actor, account, roles_step
from probes.modes import readable_by_others
from scanner.host.ports import Content, Place
from scanner.host.sqlite import Row, rows
from scanner.model import (
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Lifetime,
    LifetimeKind,
    Observation,
)
from scanner.shapes import filler, moment


def stored(near: Near, current: frozenset[str]) -> Iterator[Observation]:
    """Every sign-in and key that gcloud keeps, and every token; `current` are the accounts in use."""
    for seen in _rows(near, CREDENTIALS, "credentials"):
        if isinstance(seen, Gap):
            yield seen
        else:
            yield from _credential(*seen, near, current)
    for seen in _rows(near, TOKENS, "access_tokens"):
        if isinstance(seen, Gap):
            yield seen
        else:
            yield from _token(*seen, near)
    yield from _pending(near)


def _rows(near: Near, patterns: tuple[str, ...], table: str) -> Iterator[tuple[Content, Row] | Gap]:
    met: set[PurePath] = set()
    for found in near.host.read_bytes(*patterns):
        if isinstance(found, Gap):
            yield found
        elif found.place.path not in met:
            met.add(found.place.path)
            for row in rows(found.data, near.host.shown(found.place.path), table):
                yield row if isinstance(row, Gap) else (found, row)


def _who(row: Row) -> tuple[Actor | None, str]:
    """Whose row it is, and the address; behind `#` stands the universe of a cloud that is not the public one."""
    told = (row.text("account_id") or "").partition("#")[0]
    who = account(told)
    return who, told if who is not None else ""


def _credential(file: Content, row: Row, near: Near, current: frozenset[str]) -> Iterator[Observation]:
    who, name = _who(row)
    path = file.place.path
    at = Evidence(path, key=name or None)
    text = row.text("value")
    if text is None:
        yield near.failed(at, "has a row without a credential in it")
        return
    names = ((f"account {name}",) if name else ()) + (("current account",) if name in current else ())
    about = About(label=f"a row of {path.name}", names=names, account=who.email if who is not None else "")
    for found in near.parsed(text, at):
        if isinstance(found, Gap):
            yield found
        else:
            yield from proofs(found, about, near)
    yield from readable_by_others(near.host, file.place)


def _token(file: Content, row: Row, near: Near) -> Iterator[Observation]:
    who, name = _who(row)
    path = file.place.path
    token = row.text("access_token")
    near.hide(row.text("rapt_token"), row.text("id_token"))
    at = Evidence(path, key=name or None)
    if who is None:
        near.hide(token)
        yield near.failed(at, "has a token of what is no account")
        return
    if token is None or filler(token) is not None:
        return
    lifetime = Lifetime(LifetimeKind.EXPIRES, moment(row.text("token_expiry")))
    yield CredentialSeen(
        kind="gcp.access-token",
        evidence=at,
        secret=near.host.keep(token),
        identity=who.identity,
        grants=who.grants("gcp.access-token"),
        lifetime=lifetime,
        state=near.state(lifetime),
        names=(f"account {name}",),
        undecided=roles_step(who),
    )
    yield from readable_by_others(near.host, file.place)


def _pending(near: Near) -> Iterator[Gap]:
    """A Gap where SQLite keeps changes in a file beside a database."""
    met: set[PurePath] = set()
    for place in near.host.places(*PENDING):
        if isinstance(place, Gap):
            yield place
        elif isinstance(place, Place) and place.size and place.path not in met:
            met.add(place.path)
            yield Gap(GapKind.LIMIT, near.host.shown(place.path), "changes that wait beside the database were not read")
