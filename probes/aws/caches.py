"""The JSON files in which AWS's tools keep tokens and session keys, and when these end."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from probes.aws.around import Around, moment
from probes.aws.keys import KEY_ID
from probes.aws.profiles import Setting, Settings, read_once
from probes.aws.reads import LOGIN_CACHES, ROLE_CACHES, SSO_CACHE
from probes.aws.rights import Actor, account_asset, account_number, by_profile, by_role, of_arn, user_step
from probes.aws.sso import SignIn, portal_identity, portal_url
from probes.modes import readable_by_others
from scanner.aws_keys import identity_of
from scanner.data.kinds import implied
from scanner.host import TextFile
from scanner.model import (
    CredentialSeen,
    Evidence,
    Gap,
    GapKind,
    Hint,
    Lifetime,
    LifetimeKind,
    Observation,
    Step,
)
from scanner.model.value import Value


class Fields(Value, frozen=True):
    """A JSON object of a file; a value of a type that nobody expects counts as absent."""

    concealed: ClassVar[frozenset[str]] = frozenset({"values"})

    file: TextFile
    values: Mapping[str, object]

    def text(self, name: str) -> str | None:
        """A text that is there and not empty; a lone surrogate is no text, since no output takes it."""
        value = self.values.get(name)
        if not isinstance(value, str) or any("\ud800" <= char <= "\udfff" for char in value):
            return None
        return value or None

    def object(self, name: str) -> "Fields | None":
        """An object within this one."""
        value = self.values.get(name)
        return Fields(self.file, value) if isinstance(value, dict) else None

    def at(self, key: str) -> Evidence:
        """The place of one of its values."""
        return Evidence(self.file.path, key=key)


def json_files(around: Around, *patterns: str) -> Iterator[Fields | Gap]:
    """The JSON objects that the patterns name; a Gap for what is none."""
    for found in read_once(around.host, *patterns):
        yield found if isinstance(found, Gap) else _parsed(found, around)


def _parsed(file: TextFile, around: Around) -> Fields | Gap:
    place = around.host.shown(file.path)
    try:
        data = json.loads(file.text)
    except RecursionError:
        return Gap(GapKind.LIMIT, place, "nested too deeply to read")
    except ValueError:  # its text quotes the file
        return Gap(GapKind.FAILED, place, "is no JSON")
    return Fields(file, data) if isinstance(data, dict) else Gap(GapKind.FAILED, place, "is no JSON object")


def sso_tokens(around: Around, configured: Iterable[SignIn]) -> Iterator[tuple[Observation, str | None]]:
    """What the sign-in cache holds, each with the portal that it opens now, if it does."""
    by_file: dict[str, list[SignIn]] = {}
    for each in configured:
        by_file.setdefault(each.token_file, []).append(each)
    for found in json_files(around, SSO_CACHE):
        if isinstance(found, Gap):
            yield found, None
            continue
        seen = _sso_file(found, by_file.get(found.file.path.stem, []), around)
        if seen is None:
            continue
        opens = seen.identity.account if isinstance(seen, CredentialSeen) and seen.identity is not None else None
        ended = isinstance(seen, CredentialSeen) and seen.lifetime.ended(around.host.now)
        yield seen, None if ended else opens
        for weakness in readable_by_others(around.host, found.file.place):
            yield weakness, None


def _sso_file(found: Fields, serves: list[SignIn], around: Around) -> CredentialSeen | Gap | None:
    around.hide(found.text("refreshToken"), found.text("clientSecret"))
    if found.text("accessToken") is not None:
        return _sso_token(found, serves, around)
    if "accessToken" in found.values:
        return around.failed(Evidence(found.file.path), "accessToken is no text")
    secret = found.text("clientSecret")
    if secret is None:
        return None  # another tool's file
    lifetime = Lifetime(LifetimeKind.EXPIRES, moment(found.values.get("expiresAt")))
    return CredentialSeen(
        kind="aws.sso-client",
        evidence=found.at("clientSecret"),
        secret=around.host.keep(secret),
        lifetime=lifetime,
        state=around.state(lifetime),
    )


def _sso_token(found: Fields, serves: list[SignIn], around: Around) -> CredentialSeen:
    url = portal_url(found.text("startUrl") or "")
    portal = url or (serves[0].portal if serves else f"of {found.file.path.name}")
    lifetime = _sso_lifetime(found)
    return CredentialSeen(
        kind="aws.sso-session",
        evidence=found.at("accessToken"),
        secret=around.host.keep(found.text("accessToken") or ""),
        identity=portal_identity(portal),
        grants=implied(
            "aws.sso-session", portal, [Hint("session", each.cached_as) for each in serves if each.by_session]
        ),
        lifetime=lifetime,
        state=around.state(lifetime),
        names=tuple(dict.fromkeys(each.label for each in serves)),
        undecided=Step(
            "the token opens each account and role assigned to the user; no file lists them",
            f"open {portal if url or serves else 'the access portal'} and see which accounts and roles it lists",
        ),
    )


def _sso_lifetime(found: Fields) -> Lifetime:
    """With a refresh token it lives as long as the registration, and never shorter than the access token."""
    access = moment(found.values.get("expiresAt"))
    if found.text("refreshToken") is None:
        return Lifetime(LifetimeKind.EXPIRES, access)
    registration = moment(found.values.get("registrationExpiresAt"))
    if registration is not None and access is not None:
        registration = max(registration, access)
    return Lifetime(LifetimeKind.REFRESHABLE, access, registration)


def session_keys(around: Around, configured: Iterable[SignIn]) -> Iterator[Observation]:
    """Keys of assumed roles that the CLI and boto keep until they end."""
    by_file = {each.role_file: each.actor for each in configured if each.role_file is not None}
    for found in json_files(around, *ROLE_CACHES):
        if isinstance(found, Gap):
            yield found
            continue
        keys = found.object("Credentials")
        if keys is None:
            yield around.failed(Evidence(found.file.path), "holds no Credentials")
            continue
        user = found.object("AssumedRoleUser")
        actor = of_arn((user.text("Arn") if user is not None else None) or "") or by_file.get(found.file.path.stem)
        yield from _session_key(keys, actor, around)


def _session_key(keys: Fields, actor: Actor | None, around: Around) -> Iterator[Observation]:
    key_id, secret, token = keys.text("AccessKeyId"), keys.text("SecretAccessKey"), keys.text("SessionToken")
    around.hide(secret, token)
    if key_id is None or secret is None or KEY_ID.fullmatch(key_id) is None:
        yield around.failed(Evidence(keys.file.path), "holds half a key pair, or a key id of another format")
        return
    lifetime = Lifetime(LifetimeKind.EXPIRES, moment(keys.values.get("Expiration")))
    identity = (
        actor.identity if actor is not None else identity_of(key_id, account_number(keys.text("AccountId") or ""))
    )
    asset = account_asset(identity.account, Hint("role", actor.role) if actor is not None else None)
    yield CredentialSeen(
        kind="aws.session-key",
        evidence=keys.at("Credentials.SecretAccessKey"),
        secret=around.host.keep(secret),
        public_id=key_id,
        identity=identity,
        grants=by_role(asset, actor) if actor is not None else implied("aws.session-key", identity.account),
        lifetime=lifetime,
        state=around.state(lifetime),
        beside=around.host.keep(token) if token is not None else None,
    )
    yield from readable_by_others(around.host, keys.file.place)


def login_sessions(around: Around, profiles: Iterable[Settings]) -> Iterator[Observation]:
    """Console sign-ins (`aws login`), tied to their profiles by the digest in the file's name."""
    by_file = {
        hashlib.sha256(setting.value.encode()).hexdigest(): (profile, setting)
        for profile in profiles
        if (setting := profile.get("login_session")) is not None
    }
    for found in json_files(around, *LOGIN_CACHES):
        match found:
            case Gap():
                yield found
            case Fields():
                yield from _login_session(found, by_file.get(found.file.path.stem), around)


def _login_session(found: Fields, serves: tuple[Settings, Setting] | None, around: Around) -> Iterator[Observation]:
    around.hide(found.text("refreshToken"), found.text("dpopKey"), found.text("idToken"))
    keys = found.object("accessToken")
    key_id = keys.text("accessKeyId") if keys is not None else None
    secret = keys.text("secretAccessKey") if keys is not None else None
    if keys is None or key_id is None or secret is None or KEY_ID.fullmatch(key_id) is None:
        yield around.failed(Evidence(found.file.path), "holds no whole key pair")
        return
    token = keys.text("sessionToken")
    profile, actor = (serves[0], of_arn(serves[1].value)) if serves is not None else (None, None)
    name = profile.name if profile is not None else ""
    identity = (
        actor.identity if actor is not None else identity_of(key_id, account_number(keys.text("accountId") or ""))
    )
    ends = moment(keys.values.get("expiresAt"))
    renewed = found.text("refreshToken") is not None
    lifetime = Lifetime(LifetimeKind.REFRESHABLE if renewed else LifetimeKind.EXPIRES, ends)
    asset = account_asset(identity.account, Hint("profile", name) if name else None)
    yield CredentialSeen(
        kind="aws.login-session",
        evidence=found.at("accessToken.secretAccessKey"),
        secret=around.host.keep(secret),
        public_id=key_id,
        identity=identity,
        grants=by_role(asset, actor) if actor is not None and actor.role else by_profile(asset, name),
        lifetime=lifetime,
        state=around.state(lifetime),
        names=around.names(profile.label, name) if profile is not None else (),
        undecided=user_step(identity.account, name or None),
        beside=around.host.keep(token) if token is not None else None,
    )
    yield from readable_by_others(around.host, found.file.place)
