"""Key pairs in INI files: who they act as, how long they live and what is wrong with keeping them there."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from msgspec import Struct

from probes.aws.around import Around, moment
from probes.aws.profiles import ID, SECRET, Block, Setting, Settings
from probes.aws.rights import account_asset, account_number, by_profile, user_step, whoami_step
from probes.modes import readable_by_others
from scanner.aws_keys import identity_of
from scanner.data.kinds import implied
from scanner.model import (
    STATIC,
    CredentialSeen,
    Fix,
    Hint,
    Identity,
    Lifetime,
    LifetimeKind,
    Observation,
    Weakness,
)

KEY_ID = re.compile(r"(AKIA|ASIA|A3T[A-Z0-9])[A-Z0-9]{16}", re.ASCII)
LONGEST_SESSION = timedelta(hours=36)  # of sts:GetSessionToken; assumed roles live 12 hours at most
PLACEHOLDER = re.compile(
    r"[$%<{].*|x+|\*+|\.+|changeme|placeholder|todo|none|null|your[-_ ].*|(op|vault)://.*|enc\[.*", re.IGNORECASE
)
EXAMPLE_KEY_ID = re.compile(r"A(KIA|SIA)I44QH8DHBEXAMPLE|A(KIA|SIA).*EXAMPLE|A(KIA|SIA)X{8,}")


class Pair(Struct, frozen=True):
    """A key id with its secret, perhaps a session token, and the settings beside them."""

    id: Setting
    secret: Setting
    token: Setting | None
    ends: Setting | None

    @property
    def temporary(self) -> bool:
        """Whether it is a session's: such a key does nothing without its token, and ends."""
        return self.id.word.startswith("ASIA")

    @property
    def of_aws(self) -> bool:
        """Whether the id has AWS's format; other stores that speak S3 keep their keys in the same files."""
        return KEY_ID.fullmatch(self.id.word) is not None


def key_pairs(settings: Settings, around: Around) -> Iterator[Observation]:
    """Every whole key pair of a profile, also one that another shadows, and a Gap for a half without its other half."""
    whole = [block for block in settings.blocks if block.get(ID) and block.get(SECRET)]
    for block in whole:
        yield from _observed(Settings(settings.name, settings.label, (block,)), settings, around)
    key_id, secret = settings.get(ID), settings.get(SECRET)
    if not whole and key_id and secret:  # one half in either file: some of the SDKs join them
        yield from _observed(settings, settings, around)
        return
    for block in settings.blocks:
        if not (block.get(ID) and block.get(SECRET)):
            yield from _half(block, settings, around)


def _name_hint(settings: Settings) -> Hint:
    return Hint("section" if settings.profile is None else "profile", settings.name)


def acts_as(settings: Settings) -> Identity | None:
    """Who a profile is by its own key pair, None where it has none."""
    key_id, secret = settings.get(ID), settings.get(SECRET)
    if key_id is None or secret is None:
        return None
    if KEY_ID.fullmatch(key_id.word):
        return identity_of(key_id.word, account_number(settings.text("aws_account_id")))
    return Identity("object-store", _store(settings), settings.label)


def _store(settings: Settings) -> str:
    """The host of a store that is not AWS's, else the profile that speaks of it."""
    return endpoint_host(settings.text("endpoint_url") or settings.text("host_base")) or f"of {settings.label}"


def _half(block: Block, settings: Settings, around: Around) -> Iterator[Observation]:
    for key, other in ((ID, SECRET), (SECRET, ID)):
        half = block.get(key)
        if half is not None and not PLACEHOLDER.fullmatch(half.value):
            if key == SECRET:
                around.hide(half.word)
            yield around.failed(half.evidence, f"{settings.label} has {half.entry.key} without {block.spelling(other)}")


def _observed(here: Settings, settings: Settings, around: Around) -> Iterator[Observation]:
    key_id, secret = here.get(ID), here.get(SECRET)
    if key_id is None or secret is None:
        return
    if PLACEHOLDER.fullmatch(secret.value) or PLACEHOLDER.fullmatch(key_id.value) or EXAMPLE_KEY_ID.match(key_id.word):
        return
    token = here.get("aws_session_token") or here.get("aws_security_token")
    pair = Pair(key_id, secret, token, _end(here))
    yield _aws_key(pair, settings, around) if pair.of_aws else _other_key(pair, settings, around)
    yield from readable_by_others(around.host, secret.file.place)
    if pair.of_aws and not pair.temporary:
        yield long_lived(pair, settings)


def _aws_key(pair: Pair, settings: Settings, around: Around) -> CredentialSeen:
    key_id = pair.id.word
    told = account_number(settings.text("aws_account_id"))
    identity = identity_of(key_id, told)
    asset = account_asset(identity.account, _name_hint(settings), around.region_hint(settings.text("region")))
    lifetime = _lifetime(pair)
    return CredentialSeen(
        kind="aws.session-key" if pair.temporary else "aws.access-key",
        evidence=pair.secret.evidence,
        secret=around.host.keep(pair.secret.word),
        public_id=key_id,
        identity=identity,
        grants=by_profile(asset, settings.name),
        lifetime=lifetime,
        state=around.state(lifetime),
        names=around.names(settings.label, settings.name),
        undecided=(whoami_step(settings.profile) if pair.temporary else user_step(identity.account, settings.profile)),
        beside=around.host.keep(pair.token.word) if pair.token is not None else None,
    )


def _other_key(pair: Pair, settings: Settings, around: Around) -> CredentialSeen:
    """A key of another store; its id is not shown, since two lines that were swapped would show the secret."""
    around.hide(pair.id.word)
    host, kind = _store(settings), "aws.s3-compatible-key"
    return CredentialSeen(
        kind=kind,
        evidence=pair.secret.evidence,
        secret=around.host.keep(pair.secret.word),
        identity=Identity("object-store", host, settings.label),
        grants=implied(kind, host, (_name_hint(settings),)),
        lifetime=STATIC,
        names=around.names(settings.label, settings.name),
    )


def _end(here: Settings) -> Setting | None:
    """The date that tools which write session keys put beside them, under names of their own."""
    keys = (entry.key for block in here.blocks for entry in block.section.entries if "expir" in entry.key)
    return next((here.get(key) for key in keys), None)


def _lifetime(pair: Pair) -> Lifetime:
    """A session without a date ends at the latest when the longest one written with the file would."""
    if not pair.temporary:
        return STATIC
    end = moment(pair.ends.value) if pair.ends is not None else None
    written = pair.secret.file.place.modified
    if end is None and written is not None:
        try:
            end = written + LONGEST_SESSION
        except OverflowError:  # a file time at the calendar's end
            end = None
    return Lifetime(LifetimeKind.EXPIRES, expires_at=end)


def long_lived(pair: Pair, settings: Settings) -> Weakness:
    """That a key without an end lies in plain text."""
    return Weakness(
        rule="aws.long-lived-key",
        title="An AWS key without an end lies in plain text",
        evidence=pair.secret.evidence,
        why=f"The key of {settings.label} works from anywhere until someone deletes it; a copy is never missed.",
        fix=Fix(
            "Sign in with IAM Identity Center, which hands out keys that end, and delete this one.",
            ("aws configure sso",),
        ),
    )


def endpoint_host(text: str) -> str:
    """The host of an address, with or without its scheme; empty where there is none."""
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:  # "[" opens an address and never closes it
        return ""
