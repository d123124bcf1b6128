"""AWS: whom a key acts as. The one question that every key may ask; nothing is assumed, minted or renewed."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec.structs import replace

from probes.aws.rights import ROOT, Actor, account_asset, by_role, of_arn
from probes.live.calls import CALLER_IDENTITY
from probes.live.client import Answer, Client
from probes.live.question import Question, where
from scanner.data.kinds import implied
from scanner.host import Host
from scanner.model import Confidence, CredentialSeen, CredentialState, Gap, GapKind

KINDS = frozenset({"aws.access-key", "aws.session-key", "aws.login-session"})
DEFAULT, GOVERNMENT, CHINA, EUROPEAN = CALLER_IDENTITY.hosts
PARTITIONS = (("us-gov-", GOVERNMENT), ("cn-", CHINA), ("eusc-", EUROPEAN))
KEY_ID = re.compile(r"A[A-Z0-9]{15,127}", re.ASCII)
ARN = re.compile(rb"<Arn>([^<]{20,2048})</Arn>")
CODE = re.compile(rb"<Code>([A-Za-z.]{1,64})</Code>")
SKEW = timedelta(minutes=5)  # what AWS allows between its clock and the signature's
INSTALL = "needs botocore: pip install 'armslength[live]'"
STATES = {
    "InvalidClientTokenId": CredentialState.REVOKED,
    "SignatureDoesNotMatch": CredentialState.REVOKED,
    "ExpiredToken": CredentialState.EXPIRED,
    "ExpiredTokenException": CredentialState.EXPIRED,
}


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


def answered(put: Question, client: Client, host: Host) -> CredentialSeen | Gap:
    """What AWS says of the key."""
    secret = host.vault.value(put.seen.secret) if put.seen.secret is not None else None
    beside = next((seen.beside for seen in put.sightings if seen.beside is not None), None)
    token = host.vault.value(beside) if beside is not None else None
    if secret is None or (beside is not None and token is None):
        return Gap(GapKind.LIMIT, where(put.seen), "not asked: it is longer than any key")
    headers = _signed(put, client, (put.seen.public_id or "", secret, token))
    if isinstance(headers, Gap):
        return headers
    found = client.ask(put.call, put.host, headers)
    return found if isinstance(found, Gap) else _judged(put, found)


def _signed(put: Question, client: Client, key: tuple[str, str, str | None]) -> dict[str, str] | Gap:
    """The headers of the request with its signature. Only botocore's signer is used, none of its connections."""
    try:
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]  # has no types
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # has no types
        from botocore.credentials import Credentials  # type: ignore[import-untyped]  # has no types
    except ImportError:
        return Gap(GapKind.REFUSED, put.call.name, INSTALL)
    if not all(part.isascii() and part.isprintable() for part in key if part is not None):
        return Gap(GapKind.REFUSED, where(put.seen), "the credential holds characters that no key has; it was not sent")
    request = AWSRequest(
        method=put.call.method,
        url=client.place(put.call, put.host).url + put.call.path,
        data=put.call.body,
        headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
    )
    SigV4Auth(Credentials(*key), "sts", put.host.split(".")[1]).add_auth(request)
    return {str(name): str(value) for name, value in request.headers.items()}


def _judged(put: Question, answer: Answer) -> CredentialSeen | Gap:
    place = f"{put.host}{put.call.path}"
    if answer.status == 200:
        match = ARN.search(answer.body)
        arn = match[1].decode("utf-8", "replace") if match else ""
        actor = of_arn(arn)
        return _known(put, actor) if actor is not None else _federated(put, arn, place)
    code = CODE.search(answer.body)
    told = code[1].decode() if code else ""
    if told in STATES:
        if told != "InvalidClientTokenId" and _clocks_differ(answer):
            return Gap(GapKind.FAILED, place, "the clock of this machine is off by more than AWS allows")
        return _bare(put, STATES[told])
    if answer.status == 429 or told.startswith("Throttling"):
        return Gap(GapKind.LIMIT, place, "the provider wants no more questions for now")
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


def _bare(put: Question, state: CredentialState) -> CredentialSeen:
    seen = put.seen
    return CredentialSeen(
        kind=seen.kind,
        evidence=seen.evidence,
        secret=seen.secret,
        public_id=seen.public_id,
        lifetime=seen.lifetime,
        protection=seen.protection,
        state=state,
        barrier=seen.barrier,
    )


def _federated(put: Question, arn: str, place: str) -> CredentialSeen | Gap:
    """A caller that is neither user nor role is live all the same."""
    if not arn.startswith("arn:aws"):
        return Gap(GapKind.FAILED, place, "the answer does not say who the key is")
    return _bare(put, CredentialState.LIVE)


def _known(put: Question, actor: Actor) -> CredentialSeen:
    """Who it is. The root user may do everything; a role's name tells what it did before, a user's nothing."""
    live = replace(_bare(put, CredentialState.LIVE), identity=actor.identity)
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
