"""GitHub: who a token is, which scopes it has, and when it ends."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from msgspec.structs import replace

from probes.live.calls import GITHUB_API, INSTALLATION, USER
from probes.live.client import NAME, PATIENCE, Answer, Client
from probes.live.question import Question, bare, where
from scanner.data.families import family_of
from scanner.data.github_scopes import allowed
from scanner.data.kinds import kinds
from scanner.host import Host
from scanner.model import (
    STATIC,
    Asset,
    Capability,
    Confidence,
    CredentialSeen,
    CredentialState,
    Gap,
    GapKind,
    Grant,
    Identity,
    Lifetime,
    LifetimeKind,
    Observation,
)

GITHUB = "github.com"
KINDS = frozenset({"github.token", *(f"github.{name}-token" for name in ("classic", "oauth", "fine-grained", "app"))})
WITHOUT_END = frozenset({"github.classic-token", "github.oauth-token", "github.fine-grained-token"})
LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,98}(?:\[bot\])?", re.ASCII)
SCOPE = re.compile(r"[a-z][a-z_:]{0,60}", re.ASCII)
SCOPE_LIMIT = 60
EXPIRIES = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%z")


def questions(groups: Iterable[tuple[CredentialSeen, ...]], host: Host) -> Iterator[Question | Gap]:
    """One question for each token."""
    return (question(sightings, host) for sightings in groups)


def question(sightings: tuple[CredentialSeen, ...], host: Host) -> Question | Gap:
    """Which call fits a token, and the one host that it belongs to."""
    belongs = _host(sightings)
    if isinstance(belongs, Gap):
        return belongs
    secret = sightings[0].secret
    value = host.vault.value(secret) if secret is not None else None
    family = family_of(value) if value is not None else None
    call = INSTALLATION if family is not None and family.id == "github-installation" else USER
    if belongs == GITHUB:
        return Question(call, GITHUB_API, sightings)
    if belongs.endswith(".ghe.com"):
        return Question(call, f"api.{belongs}", sightings)
    return Question(call, belongs, sightings, "/api/v3")


def _host(sightings: tuple[CredentialSeen, ...]) -> str | Gap:
    """The host that a token is for: as its places say, github.com where none does.

    Another host is asked only where gh itself keeps this token for it: any other file could name a thief's.
    """
    place = where(sightings[0])
    named = _named(sightings)
    if GITHUB in named or not named:
        if all(_is_enterprise(seen) for seen in sightings):
            return Gap(GapKind.REFUSED, place, "not asked: it is for a GitHub server that nothing here names")
        return GITHUB
    kept = [each for each in named if any(_is_of_gh(seen, each) for seen in sightings)]
    if not kept or NAME.fullmatch(kept[0]) is None:
        return Gap(GapKind.REFUSED, place, "not asked: only gh's own file may name another host than github.com")
    return kept[0]


def _named(sightings: tuple[CredentialSeen, ...]) -> list[str]:
    """The hosts by the identities, else by the assets."""
    of_identity = [seen.identity.account for seen in sightings if seen.identity and seen.identity.provider == "github"]
    of_assets = [grant.asset.name for seen in sightings for grant in seen.grants]
    for names in (of_identity, of_assets):
        hosts = [_canonical(name.partition("/")[0].lower()) for name in names]
        found = [each for each in dict.fromkeys(hosts) if "." in each]
        if found:
            return found
    return []


def _canonical(host: str) -> str:
    return GITHUB if host.endswith("." + GITHUB) else host


def _is_of_gh(seen: CredentialSeen, host: str) -> bool:
    """Whether gh keeps the token for that host, in its file or in the keychain."""
    told = seen.evidence
    if told.process == f"keychain entry gh:{host}":
        return True
    who = seen.identity
    return told.path is not None and told.path.name == "hosts.yml" and who is not None and who.account.lower() == host


def _is_enterprise(seen: CredentialSeen) -> bool:
    return any("ENTERPRISE" in (name or "").upper() for name in (seen.evidence.variable, seen.evidence.key))


def answered(put: Question, client: Client, host: Host) -> Iterator[Observation]:
    """What GitHub says of the token."""
    yield _asked(put, client, host)


def _asked(put: Question, client: Client, host: Host) -> CredentialSeen | Gap:
    secret = put.seen.secret
    value = host.vault.value(secret) if secret is not None else None
    if value is None:
        return Gap(GapKind.LIMIT, where(put.seen), "not asked: it is longer than any token")
    headers = {
        "Authorization": f"Bearer {value}",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    found = client.ask(put.call, put.host, headers, put.base)
    return found if isinstance(found, Gap) else _judged(put, found, host)


def _judged(put: Question, answer: Answer, host: Host) -> CredentialSeen | Gap:
    place = f"{put.host}{put.base}{put.call.path}"
    match answer.status:
        case 200 if put.call is INSTALLATION:
            return _installation(put, answer)
        case 200:
            return _user(put, answer, place)
        case 401:
            ended = any(seen.lifetime.ended(host.now) for seen in put.sightings)
            return bare(put, CredentialState.EXPIRED if ended else CredentialState.REVOKED)
        case 403 | 429 if answer.status == 429 or _is_throttled(answer):
            return Gap(GapKind.LIMIT, place, PATIENCE)
        case 403 | 404:
            return Gap(GapKind.REFUSED, place, f"the provider refused the question ({answer.status})")
        case status:
            return Gap(GapKind.FAILED, place, f"an answer that is none ({status})")


def _is_throttled(answer: Answer) -> bool:
    return answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers


def _installation(put: Question, answer: Answer) -> CredentialSeen:
    told = _json(answer.body)
    count = told.get("total_count")
    known = isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 10**9
    names = (f"reaches {count} repositor{'y' if count == 1 else 'ies'}",) if known else ()
    return replace(bare(put, CredentialState.LIVE), names=names)


def _user(put: Question, answer: Answer, place: str) -> CredentialSeen | Gap:
    login = _json(answer.body).get("login")
    if not isinstance(login, str) or LOGIN.fullmatch(login) is None:
        return Gap(GapKind.FAILED, place, "the answer does not say who the token is")
    account = GITHUB if put.host == GITHUB_API else put.host.removeprefix("api.")
    live = replace(
        bare(put, CredentialState.LIVE),
        identity=Identity("github", account, login),
        lifetime=_lifetime(put.seen.kind, answer.headers.get("github-authentication-token-expiration")),
    )
    told = answer.headers.get("x-oauth-scopes")
    if told is None:
        return live
    return replace(live, settled=True, grants=_grants(put, account, told))


def _json(body: bytes) -> dict[str, object]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _lifetime(kind: str, told: str | None) -> Lifetime:
    """Its end as the header says it; without one the token has none, an application's aside."""
    if told is None:
        return STATIC if kind in WITHOUT_END else Lifetime()
    for form in EXPIRIES:
        try:
            moment = datetime.strptime(told.replace(" UTC", " +0000"), form)
            return Lifetime(LifetimeKind.EXPIRES, moment.astimezone(UTC))
        except (ValueError, OverflowError):
            continue
    return Lifetime()


def _grants(put: Question, account: str, told: str) -> tuple[Grant, ...]:
    """What the scopes allow, on what the token was seen to open."""
    named = [scope.strip() for scope in told.split(",")][:SCOPE_LIMIT]
    rights = allowed(scope for scope in named if scope)
    scopes = ", ".join(scope for scope in named if SCOPE.fullmatch(scope)) or "none"
    grants = []
    for asset in _assets(put, account):
        grants.append(Grant(asset, rights.told, Confidence.VERIFIED, why=f"GitHub says that its scopes are: {scopes}"))
        if rights.possible:
            why = "with these scopes, where its owner administers the repository"
            grants.append(Grant(asset, rights.possible, Confidence.POSSIBLE, why=why))
        if rights.unknown:
            why = "GitHub names a scope that armslength does not know"
            grants.append(Grant(asset, _every(put.seen.kind), Confidence.POSSIBLE, why=why))
    return tuple(grants)


def _assets(put: Question, account: str) -> list[Asset]:
    found = [grant.asset for seen in put.sightings for grant in seen.grants if grant.asset.kind == "github-account"]
    return list(dict.fromkeys(found)) or [Asset("github-account", account)]


def _every(kind: str) -> frozenset[Capability]:
    known = kinds().get(kind)
    return frozenset(each for grant in known.grants for each in grant.capabilities) if known else frozenset()
