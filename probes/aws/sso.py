"""IAM Identity Center: the sign-ins that profiles name, and the roles behind them."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cached_property
from urllib.parse import urlsplit

from msgspec import Struct

from probes.aws.around import Around
from probes.aws.profiles import Setting, Settings, Shared
from probes.aws.rights import Actor, account_number, of_sso_role
from probes.aws.roles import role_grants
from scanner.model import (
    Barrier,
    Confidence,
    CredentialSeen,
    Gap,
    Gate,
    Identity,
    IdentityLink,
    Lifetime,
    LifetimeKind,
    Observation,
    Protection,
)


class SignIn(Struct, frozen=True, dict=True):
    """One way to sign in: a session or a profile with its portal, and the role a profile picks there.

    `cached_as` is what the name of the token's file is a digest of: the session's name, else the address as written.
    """

    label: str
    portal: str
    cached_as: str
    by_session: bool
    start: Setting
    profile: Settings | None = None
    actor: Actor | None = None
    picked: Setting | None = None

    @cached_property
    def token_file(self) -> str:
        """The stem of the file that keeps the token."""
        return _digest(self.cached_as)

    @cached_property
    def role_file(self) -> str | None:
        """The stem of the file in which the CLI keeps the role's keys."""
        if self.actor is None:
            return None
        how = "sessionName" if self.by_session else "startUrl"
        told = {"accountId": self.actor.account, "roleName": self.actor.role, how: self.cached_as}
        return _digest(json.dumps(told, sort_keys=True, separators=(",", ":")))


def sign_ins(shared: Shared, around: Around) -> Iterator[SignIn | Gap]:
    """Every sign-in that sessions and profiles name."""
    for session in shared.sessions.values():
        start = session.get("sso_start_url")
        if start is None:
            yield around.failed(session.blocks[0].evidence, f"{session.label} has no sso_start_url")
        else:
            yield _portal(session.label, start, session.name, around)
    for profile in shared.profiles.values():
        yield from _of_profile(profile, shared, around)


def _of_profile(profile: Settings, shared: Shared, around: Around) -> Iterator[SignIn | Gap]:
    named = profile.get("sso_session")
    if named is not None:
        session = shared.sessions.get(named.value)
        if session is None:
            yield around.failed(named.evidence, f"sso_session of {profile.label} is not defined")
            return
        start = session.get("sso_start_url")
    else:
        start = profile.get("sso_start_url")
    if start is None:
        return
    found = _portal(profile.label, start, named.value if named is not None else None, around)
    if isinstance(found, Gap):
        yield found
        return
    yield from _with_role(found, profile, around)


def _with_role(found: SignIn, profile: Settings, around: Around) -> Iterator[SignIn | Gap]:
    account, role = profile.get("sso_account_id"), profile.get("sso_role_name")
    actor = None
    if account is not None and role is not None:
        number = account_number(account.value)
        if number is None:
            yield around.failed(account.evidence, f"sso_account_id of {profile.label} is no account number")
        else:
            actor = of_sso_role(number, role.value)
    yield SignIn(found.label, found.portal, found.cached_as, found.by_session, found.start, profile, actor, role)


def _portal(label: str, start: Setting, session: str | None, around: Around) -> SignIn | Gap:
    url = portal_url(start.value)
    if url is None:
        return around.failed(start.evidence, f"sso_start_url of {label} is no address")
    return SignIn(label, url, start.value if session is None else session, session is not None, start)


def portal_url(text: str) -> str | None:
    """A portal's address in one spelling, without user, query and fragment; None for what is no web address."""
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:  # "[" opens an address and never closes it, or the port is no number
        return None
    if url.scheme not in ("http", "https") or not host:
        return None
    return f"{url.scheme}://{host}{f':{port}' if port is not None else ''}{url.path.rstrip('/')}"


def portal_identity(url: str) -> Identity:
    """The person who is signed in to a portal."""
    return Identity("aws-sso", url)


def sso_roles(found: Iterable[SignIn], around: Around) -> Iterator[Observation]:
    """A link and the role's rights for each profile that picks a role."""
    for each in found:
        if each.actor is not None and each.picked is not None and each.profile is not None:
            link = (portal_identity(each.portal), each.actor.identity, "signs in to", each.picked.evidence)
            yield IdentityLink(*link, Confidence.INFERRED)
            yield from role_grants(each.actor, each.profile, each.picked, around)


def signed_out(found: Iterable[SignIn], live: set[str], blind: bool) -> Iterator[CredentialSeen]:
    """One observation for each portal without a live token: its roles wait for a person to sign in.

    `blind` says that a cache could not be read, so that a token may well lie there.
    """
    portals: dict[str, list[SignIn]] = {}
    for each in found:
        if each.portal not in live:
            portals.setdefault(each.portal, []).append(each)
    for url, same in portals.items():
        yield CredentialSeen(
            kind="aws.sso-profile",
            evidence=same[0].start.evidence,
            identity=portal_identity(url),
            lifetime=Lifetime(LifetimeKind.SESSION),
            protection=Protection.REFERENCE,
            barrier=(
                Barrier(Gate.UNKNOWN, "a token cache could not be read")
                if blind
                else Barrier(Gate.PRESENCE, f"needs a new sign-in at {url}: no live token was found")
            ),
            names=tuple(dict.fromkeys(each.label for each in same)),
        )


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
