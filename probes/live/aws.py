"""AWS: whom a key acts as. The one question that every key may ask; nothing is assumed, minted or renewed."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec.structs import replace

from probes.aws.rights import ROOT, Actor, account_asset, by_role, of_arn
from probes.live.calls import CALLER_IDENTITY
from probes.live.client import PATIENCE, Answer, Client
from probes.live.question import Question, bare, where
from probes.live.sts import CallerIdentity
from scanner.data.kinds import implied
from scanner.host import Host
from scanner.model import Confidence, CredentialSeen, CredentialState, Gap, GapKind, Observation

KINDS = frozenset({"aws.access-key", "aws.session-key", "aws.login-session"})
DEFAULT, GOVERNMENT, CHINA, EUROPEAN = CALLER_IDENTITY.hosts
PARTITIONS = (("us-gov-", GOVERNMENT), ("cn-", CHINA), ("eusc-", EUROPEAN))
KEY_ID = re.compile(r"A[A-Z0-9]{15,127}", re.ASCII)
SKEW = timedelta(minutes=5)  # what AWS allows between its clock and the signature's
INSTALL = "needs botocore: pip install 'armslength[live]'"
STATES = {
    "InvalidClientTokenId": CredentialState.REVOKED,
    "SignatureDoesNotMatch": CredentialState.REVOKED,
    "ExpiredToken": CredentialState.EXPIRED,
    "ExpiredTokenException": CredentialState.EXPIRED,
}


def questions(groups: Iterable[tuple[CredentialSeen, ...]], host: Host) -> Iterator[Question | Gap]:
    """One question for each key."""
    return (question(sightings, host) for sightings in groups)


def question(sightings: tuple[CredentialSeen, ...], host: Host) -> Question | Gap:
    """The call for a key, at the partition of AWS that its region says."""
    sightings = tuple(sorted(sightings, key=lambda seen: seen.public_id is None))
    first = sightings[0]
    if first.public_id is None or KEY_ID.fullmatch(first.public_id) is None:
        return Gap(GapKind.REFUSED, where(first), "not asked: the id of the key is not known")
    temporary = first.kind != "aws.access-key" or first.public_id.startswith("ASIA")
    if temporary and all(seen.beside is None for seen in sightings):
        return Gap(GapKind.REFUSED, where(first), "not asked: the session token of the key is not known")
    regions = [
        hint.text for seen in sightings for grant in seen.grants for hint in grant.asset.hints if hint.what == "region"
    ]
    for prefix, endpoint in PARTITIONS:
        if any(region.startswith(prefix) for region in regions):
            return Question(CALLER_IDENTITY, endpoint, sightings)
    return Question(CALLER_IDENTITY, DEFAULT, sightings)


def answered(put: Question, client: Client, host: Host) -> Iterator[Observation]:
    """What AWS says of the key."""
    yield _asked(put, client, host)


def _asked(put: Question, client: Client, host: Host) -> CredentialSeen | Gap:
    secret = host.vault.value(put.seen.secret) if put.seen.secret is not None else None
    beside = next((seen.beside for seen in put.sightings if seen.beside is not None), None)
    token = host.vault.value(beside) if beside is not None else None
    if secret is None or (beside is not None and token is None):
        return Gap(GapKind.LIMIT, where(put.seen), "not asked: it is longer than any key")
    if not all(part.isascii() and part.isprintable() for part in (secret, token or "")):
        return Gap(GapKind.REFUSED, where(put.seen), "the credential holds characters that no key has; it was not sent")
    try:
        asked = CallerIdentity(client.place(put.call, put.host).url, put.host.split(".")[1])
    except ImportError:
        return Gap(GapKind.REFUSED, put.call.name, INSTALL)
    if asked.body != put.call.body:
        return Gap(GapKind.FAILED, put.call.name, "not asked: botocore would ask what does not stand in the table")
    found = client.ask(put.call, put.host, asked.signed(put.seen.public_id or "", secret, token))
    if isinstance(found, Gap):
        return found
    arn, code = asked.read(found.status, found.body)
    return _judged(put, found, arn, code)


def _judged(put: Question, answer: Answer, arn: str, told: str) -> CredentialSeen | Gap:
    place = f"{put.host}{put.call.path}"
    if answer.status == 200:
        actor = of_arn(arn)
        return _known(put, actor) if actor is not None else _federated(put, arn, place)
    if told in STATES:
        if told != "InvalidClientTokenId" and _clocks_differ(answer):
            return Gap(GapKind.FAILED, place, "the clock of this machine is off by more than AWS allows")
        return bare(put, STATES[told])
    if answer.status == 429 or told.startswith("Throttling"):
        return Gap(GapKind.LIMIT, place, PATIENCE)
    if answer.status in (401, 403):
        return Gap(GapKind.REFUSED, place, f"the provider refused the question ({answer.status})")
    return Gap(GapKind.FAILED, place, f"an answer that is none ({answer.status})")


def _clocks_differ(answer: Answer) -> bool:
    """Whether a wrong clock here, and not a wrong key, may be why the signature did not fit."""
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
        return abs(there - datetime.now(UTC)) > SKEW
    except (ValueError, TypeError):
        return False


def _federated(put: Question, arn: str, place: str) -> CredentialSeen | Gap:
    """A caller that is neither user nor role is live all the same."""
    if not arn.startswith("arn:aws"):
        return Gap(GapKind.FAILED, place, "the answer does not say who the key is")
    return bare(put, CredentialState.LIVE)


def _known(put: Question, actor: Actor) -> CredentialSeen:
    """Who it is. The root user may do everything; a role's name tells what it did before, a user's nothing."""
    live = replace(bare(put, CredentialState.LIVE), identity=actor.identity)
    asset = account_asset(actor.account)
    if actor.role == ROOT:
        why = "AWS says that it is the root user of the account, which no policy of the account holds back"
        grants = tuple(
            replace(grant, identity=None, confidence=Confidence.VERIFIED, why=why) for grant in by_role(asset, actor)
        )
        return replace(live, settled=True, grants=grants)
    if actor.role:
        return replace(live, grants=by_role(asset, actor))
    known = {grant.asset for seen in put.sightings for grant in seen.grants}
    return live if asset in known else replace(live, grants=implied(put.seen.kind, actor.account))
