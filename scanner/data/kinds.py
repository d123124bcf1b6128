"""What each kind of credential is, what it implies, and how to narrow it: `kinds/*.toml`."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec import Struct

from scanner.data import files
from scanner.errors import DataError
from scanner.model import Asset, Capability, Confidence, Grant, Hint, LifetimeKind, Platform, Protection


class Implied(Struct, frozen=True):
    """Capabilities that the kind alone implies, how surely, and on which kind of asset."""

    asset: str
    capabilities: frozenset[Capability]
    confidence: Confidence
    why: str


class Mend(Struct, frozen=True):
    """One command that takes something away, with placeholders for what the machine tells (scanner/mends.py).

    It is right only where the credential lies in a file that a glob of `within` names (and none that begins with a
    bang), on one of these `platforms`, and with one of these kinds of `protection`; an empty one says nothing.
    """

    run: str
    within: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    protection: tuple[Protection, ...] = ()


class Kind(Struct, frozen=True):
    """One kind of credential or handle.

    `why` says what it opens, `narrow` how to hold less and `mend` by which commands, in the order in which they are
    run; `guessable` kinds get no fingerprint; `step` is the one action that would settle what is only possible.
    `account_wide`: the provider cannot narrow it, so that it reaches every environment of its account.
    """

    id: str
    title: str
    provider: str
    grants: tuple[Implied, ...]
    lifetime: LifetimeKind
    why: str
    narrow: str
    guessable: bool
    step: str
    account_wide: bool = False
    mend: tuple[Mend, ...] = ()


# Assets that probes name and no kind of credential opens as such: they lie within those that it does.
NARROWER = {
    *(
        "aws-account",
        "azure-subscription",
        "azure-resource-group",
        "container-registry",
        "deployment",
        "git-host",
        "git-repository",
    ),
    *("github-repository", "gitlab-project", "kubernetes-namespace", "setting", "ssh-host", "terraform-workspace"),
}
REQUIRED = {"id", "title", "provider", "why", "narrow"}
OPTIONAL = {"account_wide", "asset", "capabilities", "confidence", "grants", "lifetime", "guessable", "step", "mend"}


@cache
def kinds() -> dict[str, Kind]:
    """Every kind by id. Raises DataError that names file and id of a faulty entry."""
    found: dict[str, Kind] = {}
    for name in files.names("kinds"):
        for entry in files.table(name).get("kind", ()):
            kind = _kind(name, entry)
            if kind.id in found:
                raise DataError(f"{name}: kind {kind.id} stands twice")
            found[kind.id] = kind
    return found


def asset_kinds() -> set[str]:
    """The kinds of asset that credentials open."""
    of_grants = {each.asset for kind in kinds().values() for each in kind.grants}
    return of_grants | NARROWER


def implied(kind: str, asset_name: str, hints: Iterable[Hint] = ()) -> tuple[Grant, ...]:
    """The grants that a kind implies on an asset of that name; none for a kind that is not in the data."""
    known = kinds().get(kind)
    if known is None:
        return ()
    hints = tuple(hints)
    return tuple(
        Grant(Asset(each.asset, asset_name, hints), each.capabilities, each.confidence, why=each.why)
        for each in known.grants
    )


def _kind(file: str, entry: dict[str, Any]) -> Kind:
    place = f"{file}: kind {entry.get('id', '?')}"
    wrong = (REQUIRED - entry.keys()) | (entry.keys() - REQUIRED - OPTIONAL)
    if wrong:
        raise DataError(f"{place}: missing or unknown {', '.join(sorted(wrong))}")
    try:
        rows = list(entry.get("grants", []))
        if "capabilities" in entry:
            rows.insert(0, entry)
        grants = tuple(_implied(row, entry) for row in rows)
        return Kind(
            id=str(entry["id"]),
            title=str(entry["title"]),
            provider=str(entry["provider"]),
            grants=grants,
            lifetime=LifetimeKind(entry.get("lifetime", "static")),
            why=str(entry["why"]),
            narrow=str(entry["narrow"]),
            guessable=bool(entry.get("guessable", False)),
            step=str(entry.get("step", "")),
            mend=tuple(_mend(row) for row in entry.get("mend", ())),
            account_wide=bool(entry.get("account_wide", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{place}: {error}") from error


def _mend(row: str | dict[str, Any]) -> Mend:
    """A command as it stands, or with what it is right for."""
    if isinstance(row, str):
        return Mend(row)
    return Mend(
        run=str(row["run"]),
        within=tuple(str(glob) for glob in row.get("within", ())),
        platforms=tuple(Platform(each) for each in row.get("platforms", ())),
        protection=tuple(Protection(each) for each in row.get("protection", ())),
    )


def _implied(row: dict[str, Any], entry: dict[str, Any]) -> Implied:
    names = row["capabilities"]
    if not isinstance(names, list):
        raise TypeError("capabilities is a list")
    return Implied(
        asset=str(row.get("asset", entry.get("asset", entry["provider"]))),
        capabilities=frozenset(Capability(name) for name in names),
        confidence=Confidence(row.get("confidence", "inferred")),
        why=str(row.get("why", entry["why"])),
    )
