"""MSAL's token caches -> refresh tokens and access tokens, apart, and whose they are."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from msgspec import Struct

from probes.azure.rights import audience, by_claims, of_management, on_tenant, roles_step, state, who
from probes.modes import readable_by_others
from probes.objects import Fields, claims_of, once, parsed
from scanner.host import Host, TextFile
from scanner.model import (
    Confidence,
    CredentialSeen,
    Gap,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
)
from scanner.shapes import label, moment


class Holder(Struct, frozen=True):
    """An account of the cache: the login, and the tenant it is at home in."""

    name: str
    home: str


class Cache(Struct, frozen=True):
    """One cache, its accounts by id and the end of the last access token of each."""

    file: Fields
    holders: Mapping[str, Holder]
    ends: Mapping[str, datetime]


def tokens(host: Host, patterns: Iterable[str], subscribed: frozenset[Identity]) -> Iterator[Observation]:
    """The tokens of every cache that the patterns name."""
    for file in once(host.read(*patterns)):
        yield from [file] if isinstance(file, Gap) else in_file(file, subscribed, host)


def in_file(file: TextFile, subscribed: frozenset[Identity], host: Host) -> Iterator[Observation]:
    """The tokens of one file, and whether others may read it."""
    for found in parsed(file, host):
        seen = [found] if isinstance(found, Gap) else list(of_cache(found, subscribed, host))
        yield from seen
        if any(isinstance(each, CredentialSeen) for each in seen):
            yield from readable_by_others(host, file.place)


def of_cache(found: Fields, subscribed: frozenset[Identity], host: Host) -> Iterator[Observation]:
    """The tokens of one cache; id tokens open nothing and are only kept from view."""
    holders: dict[str, Holder] = {}
    for each in found.members("Account", host):
        if isinstance(each, Gap):
            yield each
        else:
            number = each.label("home_account_id")
            home = number.rpartition(".")[2] or each.label("realm")
            holders[number] = Holder(each.label("username") or each.label("local_account_id"), home)
    for each in found.members("IdToken", host):
        if isinstance(each, Fields):
            host.keep(each.text("secret"))
    access = list(found.members("AccessToken", host))
    cache = Cache(found, holders, _last([each for each in access if isinstance(each, Fields)]))
    for each in found.members("RefreshToken", host):
        yield from [each] if isinstance(each, Gap) else _refresh(each, cache, subscribed, host)
    for each in access:
        yield each if isinstance(each, Gap) else _access(each, cache, host)


def _last(rows: Iterable[Fields]) -> dict[str, datetime]:
    """The latest end among the access tokens of each account."""
    ends: dict[str, datetime] = {}
    for row in rows:
        end = moment(row.values.get("expires_on"))
        number = row.label("home_account_id")
        if end is not None and end > ends.get(number, datetime.min.replace(tzinfo=UTC)):
            ends[number] = end
    return ends


def _refresh(row: Fields, cache: Cache, subscribed: frozenset[Identity], host: Host) -> Iterator[Observation]:
    secret, number = row.text("secret"), row.label("home_account_id")
    if not secret:
        yield row.faulty("secret", "is no text", host)
        return
    holder = cache.holders.get(number, Holder(number, number.rpartition(".")[2]))
    identity = who(holder.home, holder.name)
    tenants = [each for each in subscribed if each.name == identity.name]
    family = "renews itself for other Microsoft applications too" if row.label("family_id") else ""
    yield CredentialSeen(
        kind="azure.refresh-token",
        evidence=row.at("secret"),
        secret=host.keep(secret),
        identity=identity,
        grants=on_tenant("azure.refresh-token", identity, subscribed=bool(tenants)),
        lifetime=Lifetime(LifetimeKind.REFRESHABLE, cache.ends.get(number)),
        names=tuple(text for text in (f"sign-in of {identity.name}" if identity.name else "", family) if text),
        undecided=roles_step(identity),
    )
    for each in sorted(tenants, key=lambda other: other.account):
        if each != identity:
            yield IdentityLink(identity, each, "signs in to", row.at("home_account_id"), Confidence.INFERRED)


def _access(row: Fields, cache: Cache, host: Host) -> CredentialSeen | Gap:
    secret = row.text("secret")
    if not secret:
        return row.faulty("secret", "is no text", host)
    holder = cache.holders.get(row.label("home_account_id"))
    name = holder.name if holder is not None else row.label("client_id")
    end = moment(row.values.get("expires_on"))
    return access_token(row, "secret", Told(row.label("realm"), name, row.text("target"), end), host)


class Told(Struct, frozen=True):
    """What a cache says of an access token: tenant, login or client id, scopes and end; its claims come first."""

    tenant: str
    name: str
    scopes: str
    end: datetime | None


def access_token(row: Fields, key: str, told: Told, host: Host) -> CredentialSeen:
    """An access token, whose claims say whose it is, for what, and until when."""
    secret = row.text(key)
    claims = claims_of(secret)
    tenant = label(claims.get("tid")) or told.tenant
    name = told.name or next((label(claims[each]) for each in NAMES if label(claims.get(each))), "")
    aim = audience(told.scopes, claims)
    lifetime = Lifetime(LifetimeKind.EXPIRES, moment(claims.get("exp")) or told.end)
    identity = who(tenant, name if of_management(aim) else f"{name} (only {aim})")
    object_id, scopes = label(claims.get("oid")), label(claims.get("scp"))
    shown = (
        f"for {aim}" if aim else "",
        f"object {object_id}" if object_id else "",
        f"scopes {scopes}" if scopes else "",
    )
    return CredentialSeen(
        kind="azure.access-token",
        evidence=row.at(key),
        secret=host.keep(secret),
        identity=identity,
        grants=by_claims(aim, identity.account, claims),
        lifetime=lifetime,
        state=state(lifetime, host),
        names=tuple(text for text in shown if text),
        undecided=roles_step(who(tenant, name)),
    )


NAMES = ("upn", "unique_name", "preferred_username", "appid", "azp", "oid", "sub")
